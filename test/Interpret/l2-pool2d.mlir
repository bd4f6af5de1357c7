// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Root of the mean square over windows, worked out by hand.

// RUN: qcc-test-interpret %s

// sqrt((1 + 49)/2) = 5; the last window holds one element, for padding does not count.
func.func @padded() -> tensor<1x1x2x1xf32>
    attributes {expect = [dense<[[[[5.0], [3.0]]]]> : tensor<1x1x2x1xf32>]} {
  %x = qnn.constant dense<[[[[1.0], [-7.0], [3.0]]]]> : tensor<1x1x3x1xf32> as tensor<1x1x3x1xf32>
  %r = qnn.l2_pool2d %x {kernel = array<i64: 1, 2>, strides = array<i64: 1, 2>, padding = array<i64: 0, 0, 0, 1>} : (tensor<1x1x3x1xf32>) -> tensor<1x1x2x1xf32>
  return %r : tensor<1x1x2x1xf32>
}
