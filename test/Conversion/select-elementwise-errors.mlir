// RUN: %qcc-opt --qnn-form-layers --qnn-select-kernels --split-input-file --verify-diagnostics %s

!a = !quant.uniform<i8:f32, 0.5:3>

module attributes {qnn.target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 13 : i64,
    index_bits = 32 : i64, dsp, integer_only}} {
  func.func @floats(%x: tensor<4xf32>) -> tensor<4x!a> {
    // expected-error @+2 {{has no kernel for this target: it computes in floats, but the target has no floating-point unit}}
    // expected-note @+1 {{the model takes floats; with a quantized input and output it may be integers throughout}}
    %y = qnn.quantize %x : (tensor<4xf32>) -> tensor<4x!a>
    return %y : tensor<4x!a>
  }
}

// -----

!a = !quant.uniform<i8:f32, 0.5:3>
!s = !quant.uniform<i8:f32, 0.25:-128>

module attributes {qnn.target = {isa = "riscv64", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 28 : i64,
    index_bits = 64 : i64, float}} {
  func.func @softmax_scale(%x: tensor<1x8x!a>) -> tensor<1x8x!s> {
    // expected-error @+1 {{(softmax.table: the result's scale is not 1/256 from its least value on; softmax.float_table: the result's scale is not 1/256 from its least value on; softmax.float: the operand is quantized; softmax.table16: the types are not 16 bits per tensor)}}
    %y = qnn.softmax %x : (tensor<1x8x!a>) -> tensor<1x8x!s>
    return %y : tensor<1x8x!s>
  }
}

// -----

// A choice between floats is float arithmetic, too.
module attributes {qnn.target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 13 : i64,
    index_bits = 32 : i64, dsp, float, integer_only}} {
  func.func @one_hot(%i: tensor<3xi32>, %on: tensor<f32>, %off: tensor<f32>) -> tensor<3x4xf32> {
    // expected-error @+2 {{has no kernel for this target: it computes in floats, but code is to be integer-only; --integer-only=false allows floats}}
    // expected-note @+1 {{the model takes and returns floats}}
    %y = qnn.one_hot %i, %on, %off {axis = 1 : i64, depth = 4 : i64} : (tensor<3xi32>, tensor<f32>, tensor<f32>) -> tensor<3x4xf32>
    return %y : tensor<3x4xf32>
  }
}

// -----

// One error for all layers of floats, beside those of other layers; floats in the middle alone need no other ends.
!a = !quant.uniform<i8:f32, 0.5:3>
!w = !quant.uniform<i32:f32, 1.0>

module attributes {qnn.target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 13 : i64,
    index_bits = 32 : i64, dsp, float, integer_only}} {
  func.func @middle(%x: tensor<4x!a>, %m: tensor<2x2x!w>) -> (tensor<4x!a>, tensor<2x2x!w>) {
    %0 = qnn.dequantize %x : (tensor<4x!a>) -> tensor<4xf32>
    // expected-error @+1 {{'qnn.div' op has no kernel for this target: it computes in floats}}
    %1 = qnn.div %0, %0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    // expected-error @+1 {{has no kernel for this target (batch_matmul.direct_mac: integers of more than 16 bits)}}
    %2 = qnn.batch_matmul %m, %m : (tensor<2x2x!w>, tensor<2x2x!w>) -> tensor<2x2x!w>
    // expected-note @+1 {{the last of 2 layers that do so}}
    %3 = qnn.quantize %1 : (tensor<4xf32>) -> tensor<4x!a>
    return %3, %2 : tensor<4x!a>, tensor<2x2x!w>
  }
}
