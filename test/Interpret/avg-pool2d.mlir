// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// avg_pool2d on literals. Expected values: tflite-runtime 2.14, BUILTIN_REF, unless a comment
// gives the sum.

// RUN: qcc-test-interpret %s

!q0 = !quant.uniform<i8:f32, 0.10000000149011612:-5>
!q1 = !quant.uniform<u8:f32, 0.10000000149011612:7>
!q2 = !quant.uniform<i8:f32, 0.10000000149011612>
!q3 = !quant.uniform<i8:f32, 0.10000000149011612:-20>

// A window over the lower edge has fewer elements.
func.func @int8_same() -> tensor<1x2x2x2x!q0>
    attributes {expect = [dense<[[[[-1, 9], [-40, 8]], [[82, 25], [-89, -8]]]]> : tensor<1x2x2x2xi8>]} {
  %0 = qnn.constant dense<[[[[44, -43], [-34, 57], [-112, -69], [4, 113]], [[65, 80], [-80, -57], [-60, 63], [9, -74]], [[63, 35], [101, 15], [-96, 99], [-81, -114]]]]> : tensor<1x3x4x2xi8> as tensor<1x3x4x2x!q0>
  %r = qnn.avg_pool2d %0 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, padding = array<i64: 0, 1, 0, 0>} : (tensor<1x3x4x2x!q0>) -> tensor<1x2x2x2x!q0>
  return %r : tensor<1x2x2x2x!q0>
}

// uint8.
func.func @uint8() -> tensor<1x1x2x2x!q1>
    attributes {expect = [dense<[[[[172, 108], [188, 122]]]]> : tensor<1x1x2x2xi8>]} {
  %0 = qnn.constant dense<[[[[204, 115], [164, 33], [184, 103], [255, 162]], [[240, 202], [215, 22], [198, 154], [101, 79]], [[164, 50], [47, 223], [194, 151], [193, 82]]]]> : tensor<1x3x4x2xi8> as tensor<1x3x4x2x!q1>
  %r = qnn.avg_pool2d %0 {kernel = array<i64: 3, 2>, strides = array<i64: 1, 2>} : (tensor<1x3x4x2x!q1>) -> tensor<1x1x2x2x!q1>
  return %r : tensor<1x1x2x2x!q1>
}

// Sums of two with odd totals, negative and positive.
func.func @half_way() -> tensor<1x1x6x1x!q2>
    attributes {expect = [dense<[[[[-2], [-1], [1], [2], [-128], [127]]]]> : tensor<1x1x6x1xi8>]} {
  %0 = qnn.constant dense<[[[[-3], [-1], [1], [3], [-128], [127]], [[0], [0], [0], [0], [-127], [126]]]]> : tensor<1x2x6x1xi8> as tensor<1x2x6x1x!q2>
  %r = qnn.avg_pool2d %0 {kernel = array<i64: 2, 1>} : (tensor<1x2x6x1x!q2>) -> tensor<1x1x6x1x!q2>
  return %r : tensor<1x1x6x1x!q2>
}

// Overlapping windows padded on all sides; fused relu6.
func.func @overlapping_relu6() -> tensor<1x4x4x1x!q3>
    attributes {expect = [dense<[[[[-20], [-20], [-20], [-20]], [[-20], [-20], [-20], [-11]], [[-20], [-20], [-6], [22]], [[-20], [-20], [3], [40]]]]> : tensor<1x4x4x1xi8>]} {
  %0 = qnn.constant dense<[[[[56], [-76], [-15], [-91]], [[-32], [-41], [-21], [-7]], [[-120], [-41], [88], [-18]], [[10], [-102], [-29], [120]]]]> : tensor<1x4x4x1xi8> as tensor<1x4x4x1x!q3>
  %r = qnn.avg_pool2d %0 {kernel = array<i64: 3, 3>, padding = array<i64: 1, 1, 1, 1>, clamp = #qnn.clamp<-20, 40>} : (tensor<1x4x4x1x!q3>) -> tensor<1x4x4x1x!q3>
  return %r : tensor<1x4x4x1x!q3>
}

// Floats.
func.func @float() -> tensor<1x2x3x1xf32>
    attributes {expect = [dense<[[[[0.0], [-0.125], [-1.75]], [[0.5], [-0.75], [-6.5]]]]> : tensor<1x2x3x1xf32>]} {
  %0 = qnn.constant dense<[[[[1.0], [-2.0], [3.0]], [[-4.0], [5.0], [-6.5]]]]> : tensor<1x2x3x1xf32> as tensor<1x2x3x1xf32>
  %r = qnn.avg_pool2d %0 {kernel = array<i64: 2, 2>, padding = array<i64: 0, 1, 0, 1>} : (tensor<1x2x3x1xf32>) -> tensor<1x2x3x1xf32>
  return %r : tensor<1x2x3x1xf32>
}
