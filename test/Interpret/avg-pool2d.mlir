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
    attributes {expect = [dense<[[[[-20, 23], [-33, -9]], [[14, 75], [-67, 55]]]]> : tensor<1x2x2x2xi8>]} {
  %0 = qnn.constant dense<[[[[-87, -40], [-122, -3], [38, 41], [-74, -86]], [[16, 34], [113, 101], [-31, -87], [-64, 97]], [[-12, 126], [40, 24], [-103, 23], [-31, 87]]]]> : tensor<1x3x4x2xi8> as tensor<1x3x4x2x!q0>
  %r = qnn.avg_pool2d %0 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, padding = array<i64: 0, 1, 0, 0>} : (tensor<1x3x4x2x!q0>) -> tensor<1x2x2x2x!q0>
  return %r : tensor<1x2x2x2x!q0>
}

// uint8.
func.func @uint8() -> tensor<1x1x2x2x!q1>
    attributes {expect = [dense<[[[[106, 140], [106, 122]]]]> : tensor<1x1x2x2xi8>]} {
  %0 = qnn.constant dense<[[[[34, 49], [169, 174], [212, 134], [96, 78]], [[95, 169], [138, 75], [55, 181], [63, 53]], [[84, 218], [117, 152], [20, 88], [192, 197]]]]> : tensor<1x3x4x2xi8> as tensor<1x3x4x2x!q1>
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
    attributes {expect = [dense<[[[[-18], [-9], [9], [8]], [[-20], [-20], [5], [4]], [[-20], [-20], [8], [19]], [[-20], [-20], [-3], [-14]]]]> : tensor<1x4x4x1xi8>]} {
  %0 = qnn.constant dense<[[[[20], [96], [-52], [-86]], [[-109], [-77], [67], [103]], [[-95], [0], [-94], [88]], [[-95], [35], [-108], [60]]]]> : tensor<1x4x4x1xi8> as tensor<1x4x4x1x!q3>
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
