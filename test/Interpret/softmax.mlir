// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Softmax on literals. Expected values: tflite-runtime 2.14, BUILTIN_REF, unless a comment gives
// the sum.

// RUN: qcc-test-interpret %s

!q0 = !quant.uniform<i8:f32, 0.00390625:-128>
!q1 = !quant.uniform<i8:f32, 0.10000000149011612:4>
!q2 = !quant.uniform<i8:f32, 0.004000000189989805>
!q3 = !quant.uniform<i8:f32, 0.10000000149011612>
!q4 = !quant.uniform<i8:f32, 0.30000001192092896>
!q5 = !quant.uniform<i8:f32, 8.0>
!q6 = !quant.uniform<u8:f32, 0.00390625>
!q7 = !quant.uniform<u8:f32, 0.07999999821186066:128>

// Two rows, one of equal values.
func.func @int8() -> tensor<2x5x!q0>
    attributes {expect = [dense<[[-128, -128, -128, -128, 127], [-77, -77, -77, -77, -77]]> : tensor<2x5xi8>]} {
  %0 = qnn.constant dense<[[-128, -3, 0, 20, 127], [7, 7, 7, 7, 7]]> : tensor<2x5xi8> as tensor<2x5x!q1>
  %r = qnn.softmax %0 : (tensor<2x5x!q1>) -> tensor<2x5x!q0>
  return %r : tensor<2x5x!q0>
}

// In floats, which round two elements otherwise than fixed point. Expected values: LiteRT 2.3.
!q30 = !quant.uniform<i8:f32, 0.0204228051>
!q31 = !quant.uniform<u8:f32, 0.0204228051>
func.func @half_even_float() -> tensor<2x6x!q0>
    attributes {expect = [dense<[[-126, 60, -114, -90, -122, -120], [-126, -110, -95, -89, 30, -122]]> : tensor<2x6xi8>]} {
  %0 = qnn.constant dense<[[-122, 104, -23, 25, -63, -50], [-111, 11, 40, 49, 117, -47]]> : tensor<2x6xi8> as tensor<2x6x!q30>
  %r = qnn.softmax %0 {rounding = #qnn.rounding<half_even_float>} : (tensor<2x6x!q30>) -> tensor<2x6x!q0>
  return %r : tensor<2x6x!q0>
}
// Stored 184 is written as -72.
func.func @half_even_float_uint8() -> tensor<2x6x!q6>
    attributes {expect = [dense<[[10, 16, -58, 6, 16, 10], [6, 5, 8, -77, 16, 40]]> : tensor<2x6xi8>]} {
  %0 = qnn.constant dense<[[37, 62, -72, 11, 62, 39], [14, 3, 27, -79, 59, 104]]> : tensor<2x6xi8> as tensor<2x6x!q31>
  %r = qnn.softmax %0 {rounding = #qnn.rounding<half_even_float>} : (tensor<2x6x!q31>) -> tensor<2x6x!q6>
  return %r : tensor<2x6x!q6>
}

// A small scale: all differences count.
func.func @int8_small_scale() -> tensor<1x6x!q0>
    attributes {expect = [dense<[[-102, -99, -93, -85, -76, -57]]> : tensor<1x6xi8>]} {
  %0 = qnn.constant dense<[[-128, -100, -50, 0, 50, 127]]> : tensor<1x6xi8> as tensor<1x6x!q2>
  %r = qnn.softmax %0 : (tensor<1x6x!q2>) -> tensor<1x6x!q0>
  return %r : tensor<1x6x!q0>
}

// A single value has probability 1, which saturates.
func.func @int8_one() -> tensor<1x1x!q0>
    attributes {expect = [dense<[[127]]> : tensor<1x1xi8>]} {
  %0 = qnn.constant dense<[[5]]> : tensor<1x1xi8> as tensor<1x1x!q3>
  %r = qnn.softmax %0 : (tensor<1x1x!q3>) -> tensor<1x1x!q0>
  return %r : tensor<1x1x!q0>
}

// beta = 0.5.
func.func @int8_beta() -> tensor<1x4x!q0>
    attributes {expect = [dense<[[19, -95, -121, -59]]> : tensor<1x4xi8>]} {
  %0 = qnn.constant dense<[[10, 0, -10, 5]]> : tensor<1x4xi8> as tensor<1x4x!q4>
  %r = qnn.softmax %0 {beta = 0.5 : f32} : (tensor<1x4x!q4>) -> tensor<1x4x!q0>
  return %r : tensor<1x4x!q0>
}

// A large scale: all but the maximum vanish.
func.func @int8_large_scale() -> tensor<1x4x!q0>
    attributes {expect = [dense<[[127, -128, -128, -128]]> : tensor<1x4xi8>]} {
  %0 = qnn.constant dense<[[10, 9, -10, 5]]> : tensor<1x4xi8> as tensor<1x4x!q5>
  %r = qnn.softmax %0 : (tensor<1x4x!q5>) -> tensor<1x4x!q0>
  return %r : tensor<1x4x!q0>
}

// uint8.
func.func @uint8() -> tensor<1x2x3x!q6>
    attributes {expect = [dense<[[[0, 0, 255], [31, 70, 155]]]> : tensor<1x2x3xi8>]} {
  %0 = qnn.constant dense<[[[0, 128, 255], [100, 110, 120]]]> : tensor<1x2x3xi8> as tensor<1x2x3x!q7>
  %r = qnn.softmax %0 : (tensor<1x2x3x!q7>) -> tensor<1x2x3x!q6>
  return %r : tensor<1x2x3x!q6>
}

// Floats.
func.func @float() -> tensor<2x3xf32>
    attributes {expect = [dense<[[0.09003057330846786, 0.2447284758090973, 0.6652409434318542], [0.0, 3.783505853677006e-44, 1.0]]> : tensor<2x3xf32>]} {
  %0 = qnn.constant dense<[[1.0, 2.0, 3.0], [-100.0, 0.0, 100.0]]> : tensor<2x3xf32> as tensor<2x3xf32>
  %r = qnn.softmax %0 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}
