// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Stacks of matrix products on literals, worked out by hand.

// RUN: qcc-test-interpret %s

!q = !quant.uniform<i8:f32, 1.0:1>
!r = !quant.uniform<i8:f32, 2.0:-1>
!s = !quant.uniform<i16:f32, 1.0>
!t = !quant.uniform<i16:f32, 2.0>

// [1 2; 3 4]·[5 6; 7 8] and the same rhs for the second lhs, [1 0; 0 1].
func.func @broadcast() -> tensor<2x2x2xf32>
    attributes {expect = [dense<[[[19.0, 22.0], [43.0, 50.0]], [[5.0, 6.0], [7.0, 8.0]]]> : tensor<2x2x2xf32>]} {
  %a = qnn.constant dense<[[[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [0.0, 1.0]]]> : tensor<2x2x2xf32> as tensor<2x2x2xf32>
  %b = qnn.constant dense<[[5.0, 6.0], [7.0, 8.0]]> : tensor<2x2xf32> as tensor<2x2xf32>
  %r = qnn.batch_matmul %a, %b : (tensor<2x2x2xf32>, tensor<2x2xf32>) -> tensor<2x2x2xf32>
  return %r : tensor<2x2x2xf32>
}

// [1 3; 2 4]·[5 7; 6 8], and a clamp.
func.func @transposed() -> tensor<2x2xf32>
    attributes {expect = [dense<[[23.0, 31.0], [34.0, 40.0]]> : tensor<2x2xf32>]} {
  %a = qnn.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32> as tensor<2x2xf32>
  %b = qnn.constant dense<[[5.0, 6.0], [7.0, 8.0]]> : tensor<2x2xf32> as tensor<2x2xf32>
  %r = qnn.batch_matmul %a, %b {transpose_lhs, transpose_rhs, clamp = #qnn.clamp<0.0, 40.0>} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}

// Zero points 1: (2·4 + 3·5)/2 = 11.5 and (2·(−4) + 3·(−5))/2 = −11.5. A multiplier of 1/2 needs no shift, so that the
// first rounding decides, half up; less 1.
func.func @int8() -> tensor<1x2x!r>
    attributes {expect = [dense<[[11, -12]]> : tensor<1x2xi8>]} {
  %a = qnn.constant dense<[[3, 4]]> : tensor<1x2xi8> as tensor<1x2x!q>
  %b = qnn.constant dense<[[5, -3], [6, -4]]> : tensor<2x2xi8> as tensor<2x2x!q>
  %r = qnn.batch_matmul %a, %b : (tensor<1x2x!q>, tensor<2x2x!q>) -> tensor<1x2x!r>
  return %r : tensor<1x2x!r>
}

// The same sums, 23 and −23, over 64 bits: half up; and 5·32767/2 is cut.
func.func @int16() -> tensor<1x3x!t>
    attributes {expect = [dense<[[12, -11, 32767]]> : tensor<1x3xi16>]} {
  %a = qnn.constant dense<[[2, 3]]> : tensor<1x2xi16> as tensor<1x2x!s>
  %b = qnn.constant dense<[[4, -4, 32767], [5, -5, 32767]]> : tensor<2x3xi16> as tensor<2x3x!s>
  %r = qnn.batch_matmul %a, %b {wide} : (tensor<1x2x!s>, tensor<2x3x!s>) -> tensor<1x3x!t>
  return %r : tensor<1x3x!t>
}

// Each row by its own range: 127 steps of 1, then of 2.
func.func @hybrid() -> tensor<2x1xf32>
    attributes {expect = [dense<[[64.5], [129.0]]> : tensor<2x1xf32>]} {
  %a = qnn.constant dense<[[127.0, 2.0], [254.0, 4.0]]> : tensor<2x2xf32> as tensor<2x2xf32>
  %b = qnn.constant dense<[[1], [1]]> : tensor<2x1xi8> as tensor<2x1x!quant.uniform<i8:f32, 0.5>>
  %r = qnn.batch_matmul %a, %b : (tensor<2x2xf32>, tensor<2x1x!quant.uniform<i8:f32, 0.5>>) -> tensor<2x1xf32>
  return %r : tensor<2x1xf32>
}
