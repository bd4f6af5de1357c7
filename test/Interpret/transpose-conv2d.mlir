// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Transposed convolutions on literals, worked out by hand.

// RUN: qcc-test-interpret %s

!q = !quant.uniform<i8:f32, 1.0:1>
!w = !quant.uniform<i8:f32, 1.0>
!s = !quant.uniform<i16:f32, 1.0>

// Windows that do not overlap: each input spreads the filter.
func.func @spread() -> tensor<1x2x4x1xf32>
    attributes {expect = [dense<[[[[1.5], [2.5], [10.5], [20.5]], [[3.5], [4.5], [30.5], [40.5]]]]> : tensor<1x2x4x1xf32>]} {
  %x = qnn.constant dense<[[[[1.0], [10.0]]]]> : tensor<1x1x2x1xf32> as tensor<1x1x2x1xf32>
  %w = qnn.constant dense<[[[[1.0], [2.0]], [[3.0], [4.0]]]]> : tensor<1x2x2x1xf32> as tensor<1x2x2x1xf32>
  %b = qnn.constant dense<[0.5]> : tensor<1xf32> as tensor<1xf32>
  %r = qnn.transpose_conv2d %x, %w bias %b {strides = array<i64: 2, 2>} : (tensor<1x1x2x1xf32>, tensor<1x2x2x1xf32>, tensor<1xf32>) -> tensor<1x2x4x1xf32>
  return %r : tensor<1x2x4x1xf32>
}

// One row 1, 10 spread over 3 with stride 1: 1·(1 2 3) + 10·(0 1 2 3), its first cut away; the
// zero point takes no part.
func.func @overlap() -> tensor<1x1x3x1x!q>
    attributes {expect = [dense<[[[[13], [24], [31]]]]> : tensor<1x1x3x1xi8>]} {
  %x = qnn.constant dense<[[[[2], [11]]]]> : tensor<1x1x2x1xi8> as tensor<1x1x2x1x!q>
  %w = qnn.constant dense<[[[[1], [2], [3]]]]> : tensor<1x1x3x1xi8> as tensor<1x1x3x1x!w>
  %r = qnn.transpose_conv2d %x, %w {padding = array<i64: 0, 1>} : (tensor<1x1x2x1x!q>, tensor<1x1x3x1x!w>) -> tensor<1x1x3x1x!q>
  return %r : tensor<1x1x3x1x!q>
}

// A stride beyond the filter leaves the bias alone.
func.func @gaps() -> tensor<1x1x5x1x!s>
    attributes {expect = [dense<[[[[105], [100], [100], [107], [100]]]]> : tensor<1x1x5x1xi16>]} {
  %x = qnn.constant dense<[[[[5], [7]]]]> : tensor<1x1x2x1xi16> as tensor<1x1x2x1x!s>
  %w = qnn.constant dense<1> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!w>
  %b = qnn.constant dense<100> : tensor<1xi64> as tensor<1xi64>
  %r = qnn.transpose_conv2d %x, %w bias %b {strides = array<i64: 1, 3>} : (tensor<1x1x2x1x!s>, tensor<1x1x1x1x!w>, tensor<1xi64>) -> tensor<1x1x5x1x!s>
  return %r : tensor<1x1x5x1x!s>
}
