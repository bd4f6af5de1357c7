// RUN: %qcc-opt --qnn-form-layers --qnn-select-kernels --split-input-file --verify-diagnostics %s

// expected-error @+1 {{module has no 'qnn.target'; run 'qnn-attach-target' first}}
module {
}

// -----

// expected-error @+1 {{'qnn.target' needs 'isa', one of x86, aarch64, arm, thumb, riscv32, riscv64}}
module attributes {qnn.target = {isa = "vax"}} {
}

// -----

// expected-error @+1 {{'qnn.target' needs the number 'vector_bits'}}
module attributes {qnn.target = {isa = "x86"}} {
}

// -----

!wgt = !quant.uniform<i8:f32, 0.25>

module attributes {qnn.target = {isa = "riscv64", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 28 : i64,
    index_bits = 64 : i64}} {
  func.func @hybrid(%x: tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32> {
    %w = qnn.constant dense<1> : tensor<8x1x1x8xi8> as tensor<8x1x1x8x!wgt>
    // expected-error @+2 {{has no kernel for this target: it computes in floats, but the target has no floating-point unit}}
    // expected-note @+1 {{the model takes and returns floats}}
    %y = qnn.conv2d %x, %w : (tensor<1x4x4x8xf32>, tensor<8x1x1x8x!wgt>) -> tensor<1x4x4x8xf32>
    return %y : tensor<1x4x4x8xf32>
  }
}

// -----

!wgt = !quant.uniform<i8:f32, 0.25>

module attributes {qnn.target = {isa = "riscv64", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 28 : i64,
    index_bits = 64 : i64, float}} {
  func.func @asymmetric(%x: tensor<1x8xf32>) -> tensor<1x4xf32> {
    %w = qnn.constant dense<1> : tensor<4x8xi8> as tensor<4x8x!wgt>
    // expected-error @+1 {{fully_connected.direct_mac: the zero points of asymmetric inputs are computed in double precision, which the target does not have}}
    %y = qnn.fully_connected %x, %w {asymmetric_inputs} : (tensor<1x8xf32>, tensor<4x8x!wgt>) -> tensor<1x4xf32>
    return %y : tensor<1x4xf32>
  }
}

// -----

module attributes {qnn.target = {isa = "riscv64", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 28 : i64,
    index_bits = 64 : i64}} {
  func.func @wide_integers(%x: tensor<2x2x!quant.uniform<i32:f32, 1.0>>) -> tensor<2x2x!quant.uniform<i32:f32, 1.0>> {
    // expected-error @+1 {{has no kernel for this target (batch_matmul.direct_mac: integers of more than 16 bits)}}
    %y = qnn.batch_matmul %x, %x : (tensor<2x2x!quant.uniform<i32:f32, 1.0>>, tensor<2x2x!quant.uniform<i32:f32, 1.0>>) -> tensor<2x2x!quant.uniform<i32:f32, 1.0>>
    return %y : tensor<2x2x!quant.uniform<i32:f32, 1.0>>
  }
}
