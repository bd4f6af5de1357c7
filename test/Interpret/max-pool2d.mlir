// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// max_pool2d on literals. Expected values: tflite-runtime 2.14, BUILTIN_REF, unless a comment
// gives the sum.

// RUN: qcc-test-interpret %s

!q0 = !quant.uniform<i8:f32, 0.10000000149011612:-5>
!q1 = !quant.uniform<u8:f32, 0.10000000149011612:7>
!q2 = !quant.uniform<i8:f32, 0.10000000149011612>
!q3 = !quant.uniform<i8:f32, 0.10000000149011612:-20>

// A window over the lower edge has fewer elements.
func.func @int8_same() -> tensor<1x2x2x2x!q0>
    attributes {expect = [dense<[[[[107, 75], [84, 109]], [[126, -42], [83, 105]]]]> : tensor<1x2x2x2xi8>]} {
  %0 = qnn.constant dense<[[[[12, -123], [56, 69], [-31, -120], [84, -64]], [[107, -35], [-29, 75], [-93, -121], [66, 109]], [[126, -96], [-91, -42], [54, 105], [83, -33]]]]> : tensor<1x3x4x2xi8> as tensor<1x3x4x2x!q0>
  %r = qnn.max_pool2d %0 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, padding = array<i64: 0, 1, 0, 0>} : (tensor<1x3x4x2x!q0>) -> tensor<1x2x2x2x!q0>
  return %r : tensor<1x2x2x2x!q0>
}

// uint8.
func.func @uint8() -> tensor<1x1x2x2x!q1>
    attributes {expect = [dense<[[[[235, 218], [252, 243]]]]> : tensor<1x1x2x2xi8>]} {
  %0 = qnn.constant dense<[[[[235, 65], [31, 111], [23, 173], [252, 27]], [[29, 45], [45, 136], [147, 243], [114, 237]], [[192, 218], [48, 116], [234, 192], [55, 216]]]]> : tensor<1x3x4x2xi8> as tensor<1x3x4x2x!q1>
  %r = qnn.max_pool2d %0 {kernel = array<i64: 3, 2>, strides = array<i64: 1, 2>} : (tensor<1x3x4x2x!q1>) -> tensor<1x1x2x2x!q1>
  return %r : tensor<1x1x2x2x!q1>
}

// Sums of two with odd totals, negative and positive.
func.func @half_way() -> tensor<1x1x6x1x!q2>
    attributes {expect = [dense<[[[[0], [0], [1], [3], [-127], [127]]]]> : tensor<1x1x6x1xi8>]} {
  %0 = qnn.constant dense<[[[[-3], [-1], [1], [3], [-128], [127]], [[0], [0], [0], [0], [-127], [126]]]]> : tensor<1x2x6x1xi8> as tensor<1x2x6x1x!q2>
  %r = qnn.max_pool2d %0 {kernel = array<i64: 2, 1>} : (tensor<1x2x6x1x!q2>) -> tensor<1x1x6x1x!q2>
  return %r : tensor<1x1x6x1x!q2>
}

// Overlapping windows padded on all sides; fused relu6.
func.func @overlapping_relu6() -> tensor<1x4x4x1x!q3>
    attributes {expect = [dense<[[[[40], [40], [-20], [-20]], [[40], [40], [-14], [-14]], [[40], [40], [40], [40]], [[40], [40], [40], [40]]]]> : tensor<1x4x4x1xi8>]} {
  %0 = qnn.constant dense<[[[[68], [-91], [-111], [-62]], [[-7], [-89], [-120], [-100]], [[-48], [-29], [-49], [-14]], [[56], [-65], [-12], [58]]]]> : tensor<1x4x4x1xi8> as tensor<1x4x4x1x!q3>
  %r = qnn.max_pool2d %0 {kernel = array<i64: 3, 3>, padding = array<i64: 1, 1, 1, 1>, clamp = #qnn.clamp<-20, 40>} : (tensor<1x4x4x1x!q3>) -> tensor<1x4x4x1x!q3>
  return %r : tensor<1x4x4x1x!q3>
}

// Floats.
func.func @float() -> tensor<1x2x3x1xf32>
    attributes {expect = [dense<[[[[5.0], [5.0], [3.0]], [[5.0], [5.0], [-6.5]]]]> : tensor<1x2x3x1xf32>]} {
  %0 = qnn.constant dense<[[[[1.0], [-2.0], [3.0]], [[-4.0], [5.0], [-6.5]]]]> : tensor<1x2x3x1xf32> as tensor<1x2x3x1xf32>
  %r = qnn.max_pool2d %0 {kernel = array<i64: 2, 2>, padding = array<i64: 0, 1, 0, 1>} : (tensor<1x2x3x1xf32>) -> tensor<1x2x3x1xf32>
  return %r : tensor<1x2x3x1xf32>
}
