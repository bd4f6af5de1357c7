// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// mean on literals. Expected values: tflite-runtime 2.14, BUILTIN_REF, unless a comment gives the
// sum.

// RUN: qcc-test-interpret %s

!q0 = !quant.uniform<i8:f32, 0.03099999949336052:-9>
!q1 = !quant.uniform<i8:f32, 0.05000000074505806:4>
!q2 = !quant.uniform<i8:f32, 0.10000000149011612>
!q3 = !quant.uniform<i8:f32, 0.5:-128>
!q4 = !quant.uniform<u8:f32, 0.05000000074505806:128>
!q5 = !quant.uniform<u8:f32, 0.05000000074505806:255>

// Nine elements, another scale.
func.func @int8() -> tensor<1x1x1x2x!q0>
    attributes {expect = [dense<[[[[-45, 1]]]]> : tensor<1x1x1x2xi8>]} {
  %0 = qnn.constant dense<[[[[-114, 112], [126, -54], [99, -64]], [[106, 40], [-65, -113], [-28, 62]], [[-70, 3], [-97, -20], [-120, 124]]]]> : tensor<1x3x3x2xi8> as tensor<1x3x3x2x!q1>
  %r = qnn.mean %0 {axes = array<i64: 1, 2>, keep_dims} : (tensor<1x3x3x2x!q1>) -> tensor<1x1x1x2x!q0>
  return %r : tensor<1x1x1x2x!q0>
}

// Sums of -10 and 10 over four: the zero point takes part, and 1/4 is exact.
func.func @int8_same_type() -> tensor<1x2x!q1>
    attributes {expect = [dense<[[-3, 2]]> : tensor<1x2xi8>]} {
  %0 = qnn.constant dense<[[[-3, 3], [-2, 2], [-3, 3], [-2, 2]]]> : tensor<1x4x2xi8> as tensor<1x4x2x!q1>
  %r = qnn.mean %0 {axes = array<i64: 1>} : (tensor<1x4x2x!q1>) -> tensor<1x2x!q1>
  return %r : tensor<1x2x!q1>
}

// Saturation at the upper end.
func.func @int8_saturates() -> tensor<3x!q2>
    attributes {expect = [dense<[127, 127, 0]> : tensor<3xi8>]} {
  %0 = qnn.constant dense<[[127, 0, -128], [127, 10, -128]]> : tensor<2x3xi8> as tensor<2x3x!q3>
  %r = qnn.mean %0 {axes = array<i64: 0>} : (tensor<2x3x!q3>) -> tensor<3x!q2>
  return %r : tensor<3x!q2>
}

// uint8.
func.func @uint8() -> tensor<1x1x1x2x!q4>
    attributes {expect = [dense<[[[[0, 13]]]]> : tensor<1x1x1x2xi8>]} {
  %0 = qnn.constant dense<[[[[128, 215], [31, 42], [45, 145]], [[220, 155], [123, 241], [47, 42]]]]> : tensor<1x2x3x2xi8> as tensor<1x2x3x2x!q5>
  %r = qnn.mean %0 {axes = array<i64: 1, 2>, keep_dims} : (tensor<1x2x3x2x!q5>) -> tensor<1x1x1x2x!q4>
  return %r : tensor<1x1x1x2x!q4>
}

// Floats.
func.func @float() -> tensor<2x1xf32>
    attributes {expect = [dense<[[2.3333332538604736], [-0.1666666716337204]]> : tensor<2x1xf32>]} {
  %0 = qnn.constant dense<[[1.0, 2.0, 4.0], [-1.0, 0.5, 0.0]]> : tensor<2x3xf32> as tensor<2x3xf32>
  %r = qnn.mean %0 {axes = array<i64: 1>, keep_dims} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return %r : tensor<2x1xf32>
}
