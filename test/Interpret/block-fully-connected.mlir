// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of floats with weights in blocks. Expected values: sums in the comments. The greatest magnitude of a row is 127
// (or 254), so that values are rounded to themselves (or to their half).

// RUN: qcc-test-interpret %s

!u4 = !quant.uniform<u4:f32, 1.0:8>

// q = 127 -3 10 0 -127, in blocks of 2, 2, 1. Row 0: 121 · 0.5 + 30 · 2 + 635 · 1 + 0.5; row 1: −1037 · 0.25 + 0 · 1 −
// 127 · 4 − 1.
func.func @blocks() -> tensor<1x2xf32> attributes {expect = [dense<[[756.0, -768.25]]> : tensor<1x2xf32>]} {
  %x = qnn.constant dense<[[127.0, -2.5, 10.0, 0.4, -127.0]]> : tensor<1x5xf32> as tensor<1x5xf32>
  %w = qnn.constant dense<[[1, 2, 3, 4, -5], [-8, 7, 0, 1, 1]]> : tensor<2x5xi4> as tensor<2x5xi4>
  %s = qnn.constant dense<[[0.5, 2.0, 1.0], [0.25, 1.0, 4.0]]> : tensor<2x3xf32> as tensor<2x3xf32>
  %b = qnn.constant dense<[0.5, -1.0]> : tensor<2xf32> as tensor<2xf32>
  %y = qnn.block_fully_connected %x, %w scales %s bias %b {block = 2}
    : (tensor<1x5xf32>, tensor<2x5xi4>, tensor<2x3xf32> bias tensor<2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// The same filter around the type's zero point 8, and zero points 1, 0, −1 and 2, 2, 2 beside it. Row 0: −3 · 0.5 + 30 · 2
// + 508, clamped to 400; row 1: (−1270 − 15) · 0.25 − 20 · 1 + 127 · 4.
func.func @zero_points() -> tensor<1x2xf32> attributes {expect = [dense<[[400.0, 166.75]]> : tensor<1x2xf32>]} {
  %x = qnn.constant dense<[[127.0, -2.5, 10.0, 0.4, -127.0]]> : tensor<1x5xf32> as tensor<1x5xf32>
  %w = qnn.constant dense<[[9, 10, 11, 12, 3], [0, 15, 8, 9, 9]]> : tensor<2x5xi4> as tensor<2x5x!u4>
  %s = qnn.constant dense<[[0.5, 2.0, 1.0], [0.25, 1.0, 4.0]]> : tensor<2x3xf32> as tensor<2x3xf32>
  %z = qnn.constant dense<[[1, 0, -1], [2, 2, 2]]> : tensor<2x3xi8> as tensor<2x3xi8>
  %y = qnn.block_fully_connected %x, %w scales %s zero_points %z {block = 2, clamp = #qnn.clamp<-200, 400>}
    : (tensor<1x5xf32>, tensor<2x5x!u4>, tensor<2x3xf32> zero_points tensor<2x3xi8>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Rows have ranges of their own; a row of zeros leaves the bias. q = 127 1 of a row with twice the range.
func.func @rows() -> tensor<2x1xf32> attributes {expect = [dense<[[259.0], [3.0]]> : tensor<2x1xf32>]} {
  %x = qnn.constant dense<[[254.0, 2.0], [0.0, 0.0]]> : tensor<2x2xf32> as tensor<2x2xf32>
  %w = qnn.constant dense<1> : tensor<1x2xi8> as tensor<1x2xi8>
  %s = qnn.constant dense<1.0> : tensor<1x1xf32> as tensor<1x1xf32>
  %b = qnn.constant dense<3.0> : tensor<1xf32> as tensor<1xf32>
  %y = qnn.block_fully_connected %x, %w scales %s bias %b {block = 128}
    : (tensor<2x2xf32>, tensor<1x2xi8>, tensor<1x1xf32> bias tensor<1xf32>) -> tensor<2x1xf32>
  return %y : tensor<2x1xf32>
}
