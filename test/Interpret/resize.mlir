// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// resize_bilinear and resize_nearest on literals. Expected values by hand.

// RUN: qcc-test-interpret %s

!s = !quant.uniform<i8:f32, 0.5>
!u = !quant.uniform<u8:f32, 0.5>

// Scale 2/3 = 683/1024: positions 0, 683, 1366 of 1024. 10·341/1024 = 3.33 and −10·341/1024 = −3.33, then beyond the
// last element its value.
func.func @fixed() -> tensor<1x1x3x2x!s> attributes {expect = [dense<[[[[10, -10], [3, -3], [0, 0]]]]> : tensor<1x1x3x2xi8>]} {
  %0 = qnn.constant dense<[[[[10, -10], [0, 0]]]]> : tensor<1x1x2x2xi8> as tensor<1x1x2x2x!s>
  %r = qnn.resize_bilinear %0 {size = array<i64: 1, 3>} : (tensor<1x1x2x2x!s>) -> tensor<1x1x3x2x!s>
  return %r : tensor<1x1x3x2x!s>
}

// Halves: away from zero, for unsigned elements up. (1 + 2)/2 and (−1 − 2)/2.
func.func @half() -> (tensor<1x1x3x2x!s>, tensor<1x3x1x1x!u>)
    attributes {expect = [dense<[[[[1, -1], [2, -2], [2, -2]]]]> : tensor<1x1x3x2xi8>, dense<[[[[1]], [[2]], [[2]]]]> : tensor<1x3x1x1xi8>]} {
  %0 = qnn.constant dense<[[[[1, -1], [2, -2]]]]> : tensor<1x1x2x2xi8> as tensor<1x1x2x2x!s>
  %r = qnn.resize_bilinear %0 {size = array<i64: 1, 3>, align_corners} : (tensor<1x1x2x2x!s>) -> tensor<1x1x3x2x!s>
  %1 = qnn.constant dense<[[[[1]], [[2]]]]> : tensor<1x2x1x1xi8> as tensor<1x2x1x1x!u>
  %s = qnn.resize_bilinear %1 {size = array<i64: 3, 1>, align_corners} : (tensor<1x2x1x1x!u>) -> tensor<1x3x1x1x!u>
  return %r, %s : tensor<1x1x3x2x!s>, tensor<1x3x1x1x!u>
}

// Pixel centres of 2 to 4: at −1/4 and 5/4 the edges, between them quarters.
func.func @float() -> tensor<1x4x1x1xf32> attributes {expect = [dense<[[[[4.0]], [[5.0]], [[7.0]], [[8.0]]]]> : tensor<1x4x1x1xf32>]} {
  %0 = qnn.constant dense<[[[[4.0]], [[8.0]]]]> : tensor<1x2x1x1xf32> as tensor<1x2x1x1xf32>
  %r = qnn.resize_bilinear %0 {size = array<i64: 4, 1>, half_pixel_centers} : (tensor<1x2x1x1xf32>) -> tensor<1x4x1x1xf32>
  return %r : tensor<1x4x1x1xf32>
}

// 3 to 2: at 0 and ⌊1.5⌋; with aligned corners at 0 and 2; by centres at ⌊0.75⌋ and ⌊2.25⌋.
func.func @nearest() -> (tensor<1x1x2x1xi32>, tensor<1x1x2x1xi32>, tensor<1x1x2x1xi32>)
    attributes {expect = [dense<[[[[1], [2]]]]> : tensor<1x1x2x1xi32>, dense<[[[[1], [3]]]]> : tensor<1x1x2x1xi32>,
                          dense<[[[[1], [3]]]]> : tensor<1x1x2x1xi32>]} {
  %0 = qnn.constant dense<[[[[1], [2], [3]]]]> : tensor<1x1x3x1xi32> as tensor<1x1x3x1xi32>
  %r = qnn.resize_nearest %0 {size = array<i64: 1, 2>} : (tensor<1x1x3x1xi32>) -> tensor<1x1x2x1xi32>
  %s = qnn.resize_nearest %0 {size = array<i64: 1, 2>, align_corners} : (tensor<1x1x3x1xi32>) -> tensor<1x1x2x1xi32>
  %t = qnn.resize_nearest %0 {size = array<i64: 1, 2>, half_pixel_centers} : (tensor<1x1x3x1xi32>) -> tensor<1x1x2x1xi32>
  return %r, %s, %t : tensor<1x1x2x1xi32>, tensor<1x1x2x1xi32>, tensor<1x1x2x1xi32>
}
