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

!act = !quant.uniform<i8:f32, 0.5:3>
!wgt = !quant.uniform<i8:f32, 0.25>

module attributes {qnn.target = {isa = "riscv64", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 28 : i64,
    index_bits = 64 : i64}} {
  func.func @grouped(%x: tensor<1x4x4x8x!act>) -> tensor<1x4x4x8x!act> {
    %w = qnn.constant dense<1> : tensor<8x1x1x4xi8> as tensor<8x1x1x4x!wgt>
    // expected-error @+1 {{has no kernel for this target (conv2d.gemm: groups other than 1; conv2d.hybrid: not a float input with a quantized filter)}}
    %y = qnn.conv2d %x, %w {groups = 2 : i64} : (tensor<1x4x4x8x!act>, tensor<8x1x1x4x!wgt>) -> tensor<1x4x4x8x!act>
    return %y : tensor<1x4x4x8x!act>
  }
}
