// RUN: %qcc-opt --qnn-form-layers --qnn-select-kernels --split-input-file %s | FileCheck %s

!a = !quant.uniform<i8:f32, 0.5:3>
!b = !quant.uniform<i8:f32, 0.30000001192092896:-7>
!c = !quant.uniform<i8:f32, 0.699999988079071:11>

// Vectors of floats: two proved multiply-adds. Both operands may be overwritten.
// CHECK-LABEL: func.func @add_vectors
// CHECK:         #qnn.kernel<"add.float", {{{.*}}in_place = array<i64: 0, 1>
module attributes {qnn.target = {isa = "x86", vector_bits = 256 : i64, vector_registers = 16 : i64, scalar_registers = 14 : i64,
    index_bits = 64 : i64, float, vector_float, fma, sse41, avx2}} {
  func.func @add_vectors(%x: tensor<1x4x4x8x!a>, %y: tensor<1x4x4x8x!b>) -> tensor<1x4x4x8x!c> {
    %z = qnn.add %x, %y : (tensor<1x4x4x8x!a>, tensor<1x4x4x8x!b>) -> tensor<1x4x4x8x!c>
    return %z : tensor<1x4x4x8x!c>
  }
}

// -----

!a = !quant.uniform<i8:f32, 0.5:3>
!b = !quant.uniform<i8:f32, 0.30000001192092896:-7>
!c = !quant.uniform<i8:f32, 0.699999988079071:11>

// No floats: proved integers. An operand that is repeated keeps its memory.
// CHECK-LABEL: func.func @add_integers
// CHECK:         #qnn.kernel<"add.int{{(32|64)}}", {{{.*}}in_place = array<i64: 0>
module attributes {qnn.target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 13 : i64,
    index_bits = 32 : i64, dsp, integer_only}} {
  func.func @add_integers(%x: tensor<1x4x4x8x!a>, %y: tensor<8x!b>) -> tensor<1x4x4x8x!c> {
    %z = qnn.add %x, %y : (tensor<1x4x4x8x!a>, tensor<8x!b>) -> tensor<1x4x4x8x!c>
    return %z : tensor<1x4x4x8x!c>
  }
}

// -----

!a = !quant.uniform<i16:f32, 0.5>
!c = !quant.uniform<i16:f32, 0.699999988079071>

// 2^32 pairs are not tried: the definition's own arithmetic.
// CHECK-LABEL: func.func @add_wide
// CHECK:         #qnn.kernel<"add.fixedpoint16"
module attributes {qnn.target = {isa = "x86", vector_bits = 256 : i64, vector_registers = 16 : i64, scalar_registers = 14 : i64,
    index_bits = 64 : i64, float, vector_float, fma, sse41, avx2}} {
  func.func @add_wide(%x: tensor<1x4x4x8x!a>) -> tensor<1x4x4x8x!c> {
    %z = qnn.add %x, %x : (tensor<1x4x4x8x!a>, tensor<1x4x4x8x!a>) -> tensor<1x4x4x8x!c>
    return %z : tensor<1x4x4x8x!c>
  }
}

// -----

!u = !quant.uniform<u8:f32, 0.5:128>
!i = !quant.uniform<i8:f32, 0.5>
!n = !quant.uniform<i8:f32, 0.30000001192092896>

// One addition of bytes between the signs, vectors of an affine form between scales, a table for a function.
// CHECK-LABEL: func.func @unary
// CHECK:         #qnn.kernel<"requantize.affine", {{{.*}}cycles = 68 : i64
// CHECK:         #qnn.kernel<"requantize.affine", {{{.*}}cycles = 916 : i64
// CHECK:         #qnn.kernel<"logistic.table"
module attributes {qnn.target = {isa = "x86", vector_bits = 512 : i64, vector_registers = 32 : i64, scalar_registers = 14 : i64,
    index_bits = 64 : i64, float, vector_float, fma, sse41, avx2, avx512bw, avx512vl}} {
  func.func @unary(%x: tensor<1x16x16x8x!u>) -> tensor<1x16x16x8x!n> {
    %0 = qnn.requantize %x : (tensor<1x16x16x8x!u>) -> tensor<1x16x16x8x!i>
    %1 = qnn.requantize %0 : (tensor<1x16x16x8x!i>) -> tensor<1x16x16x8x!n>
    %2 = qnn.logistic %1 : (tensor<1x16x16x8x!n>) -> tensor<1x16x16x8x!n>
    return %2 : tensor<1x16x16x8x!n>
  }
}
