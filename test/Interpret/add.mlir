// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Addition on literals. Expected values: tflite-runtime 2.14, BUILTIN_REF, unless a comment gives
// the sum.

// RUN: qcc-test-interpret %s

!q0 = !quant.uniform<i8:f32, 0.04100000113248825:5>
!q1 = !quant.uniform<i8:f32, 0.04729999974370003:-128>
!q2 = !quant.uniform<i8:f32, 0.013100000098347664:127>
!q3 = !quant.uniform<i8:f32, 2.0>
!q4 = !quant.uniform<i8:f32, 1.0>
!q5 = !quant.uniform<i8:f32, 0.05000000074505806>
!q6 = !quant.uniform<i8:f32, 0.05000000074505806:3>
!q7 = !quant.uniform<i8:f32, 0.019999999552965164:-4>
!q8 = !quant.uniform<u8:f32, 0.10000000149011612:128>
!q9 = !quant.uniform<u8:f32, 0.05000000074505806:255>
!q10 = !quant.uniform<u8:f32, 0.20000000298023224>
!q11 = !quant.uniform<i8:f32, 0.5>
!q12 = !quant.uniform<i8:f32, 0.25>

// Zero points at both ends, saturation at both ends of the sum.
func.func @int8() -> tensor<1x9x!q0>
    attributes {expect = [dense<[[-76, 5, 127, 127, 112, 113, 111, 127, 86]]> : tensor<1x9xi8>]} {
  %0 = qnn.constant dense<[[-128, -128, 127, 127, 0, 1, -1, 50, -50]]> : tensor<1x9xi8> as tensor<1x9x!q1>
  %1 = qnn.constant dense<[[-128, 127, -128, 127, 0, -1, 1, -100, 100]]> : tensor<1x9xi8> as tensor<1x9x!q2>
  %r = qnn.add %0, %1 : (tensor<1x9x!q1>, tensor<1x9x!q2>) -> tensor<1x9x!q0>
  return %r : tensor<1x9x!q0>
}

// Halves: the result is (a + b)/2.
func.func @half_way() -> tensor<8x!q3>
    attributes {expect = [dense<[-4, -3, -2, -1, 1, 2, 3, 4]> : tensor<8xi8>]} {
  %0 = qnn.constant dense<[-7, -5, -3, -1, 1, 3, 5, 7]> : tensor<8xi8> as tensor<8x!q4>
  %1 = qnn.constant dense<[0, 0, 0, 0, 0, 0, 0, 0]> : tensor<8xi8> as tensor<8x!q4>
  %r = qnn.add %0, %1 : (tensor<8x!q4>, tensor<8x!q4>) -> tensor<8x!q3>
  return %r : tensor<8x!q3>
}

// [2, 1, 3] and [2, 1] make [2, 2, 3].
func.func @broadcast() -> tensor<2x2x3x!q5>
    attributes {expect = [dense<[[[-128, -103, -53], [-51, -1, 49]], [[-3, 47, 74], [99, 127, 127]]]> : tensor<2x2x3xi8>]} {
  %0 = qnn.constant dense<[[[-100, -50, 0]], [[50, 100, 127]]]> : tensor<2x1x3xi8> as tensor<2x1x3x!q6>
  %1 = qnn.constant dense<[[-128], [127]]> : tensor<2x1xi8> as tensor<2x1x!q7>
  %r = qnn.add %0, %1 : (tensor<2x1x3x!q6>, tensor<2x1x!q7>) -> tensor<2x2x3x!q5>
  return %r : tensor<2x2x3x!q5>
}

// uint8, clamped to [0, 6].
func.func @uint8_relu6() -> tensor<6x!q8>
    attributes {expect = [dense<[128, 128, 128, 141, 188, 128]> : tensor<6xi8>]} {
  %0 = qnn.constant dense<[0, 255, 100, 200, 255, 1]> : tensor<6xi8> as tensor<6x!q9>
  %1 = qnn.constant dense<[0, 0, 10, 20, 255, 40]> : tensor<6xi8> as tensor<6x!q10>
  %r = qnn.add %0, %1 {clamp = #qnn.clamp<128, 188>} : (tensor<6x!q9>, tensor<6x!q10>) -> tensor<6x!q8>
  return %r : tensor<6x!q8>
}

// Floats, clamped to [-1, 1].
func.func @float_n1_to_1() -> tensor<4xf32>
    attributes {expect = [dense<[-1.0, -0.25, 0.5, 1.0]> : tensor<4xf32>]} {
  %0 = qnn.constant dense<[-3.0, -0.5, 0.25, 3.0]> : tensor<4xf32> as tensor<4xf32>
  %1 = qnn.constant dense<[0.25]> : tensor<1xf32> as tensor<1xf32>
  %r = qnn.add %0, %1 {clamp = #qnn.clamp<-1.0, 1.0>} : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// By hand: plain integers wrap.
func.func @integers() -> tensor<3xi32>
    attributes {expect = [dense<[6, -9, -2147483648]> : tensor<3xi32>]} {
  %0 = qnn.constant dense<[1, -2, 2147483647]> : tensor<3xi32> as tensor<3xi32>
  %1 = qnn.constant dense<[5, -7, 1]> : tensor<3xi32> as tensor<3xi32>
  %r = qnn.add %0, %1 : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
  return %r : tensor<3xi32>
}

// By hand: one fixed-point rounding, half up: 0.5 is 1, -0.5 is 0, 1.5 + 0.5 and its negative are
// exact.
func.func @half_even_float() -> tensor<4x!q4>
    attributes {expect = [dense<[1, 0, 2, -2]> : tensor<4xi8>]} {
  %0 = qnn.constant dense<[1, -1, 3, -3]> : tensor<4xi8> as tensor<4x!q11>
  %1 = qnn.constant dense<[0, 0, 2, -2]> : tensor<4xi8> as tensor<4x!q12>
  %r = qnn.add %0, %1 {rounding = #qnn.rounding<half_even_float>} : (tensor<4x!q11>, tensor<4x!q12>) -> tensor<4x!q4>
  return %r : tensor<4x!q4>
}
