// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// slice, transpose, broadcast, mirror_pad and pad with a value on literals. Expected values by hand.

// RUN: qcc-test-interpret %s

!q0 = !quant.uniform<i8:f32, 0.5:7>

// Backwards along axis 1 by two, from column 3.
func.func @slice() -> tensor<1x2x!q0> attributes {expect = [dense<[[8, 6]]> : tensor<1x2xi8>]} {
  %0 = qnn.constant dense<[[1, 2, 3, 4], [5, 6, 7, 8]]> : tensor<2x4xi8> as tensor<2x4x!q0>
  %r = qnn.slice %0 {starts = array<i64: 1, 3>, sizes = array<i64: 1, 2>, steps = array<i64: 1, -2>} : (tensor<2x4x!q0>) -> tensor<1x2x!q0>
  return %r : tensor<1x2x!q0>
}

// Axis 0 of the result is axis 2 of the operand, and so on: element (k, i, j) is (i, j, k).
func.func @transpose() -> tensor<2x1x3xi64> attributes {expect = [dense<[[[1, 3, 5]], [[2, 4, 6]]]> : tensor<2x1x3xi64>]} {
  %0 = qnn.constant dense<[[[1, 2], [3, 4], [5, 6]]]> : tensor<1x3x2xi64> as tensor<1x3x2xi64>
  %r = qnn.transpose %0 {permutation = array<i64: 2, 0, 1>} : (tensor<1x3x2xi64>) -> tensor<2x1x3xi64>
  return %r : tensor<2x1x3xi64>
}

func.func @broadcast() -> tensor<2x3xi1> attributes {expect = [dense<[[true, true, true], [false, false, false]]> : tensor<2x3xi1>]} {
  %0 = qnn.constant dense<[[true], [false]]> : tensor<2x1xi1> as tensor<2x1xi1>
  %r = qnn.broadcast %0 : (tensor<2x1xi1>) -> tensor<2x3xi1>
  return %r : tensor<2x3xi1>
}

// The mirror lies on the edge: 3 2 | 1 2 3 | 2.
func.func @reflect() -> tensor<6xf32> attributes {expect = [dense<[3.0, 2.0, 1.0, 2.0, 3.0, 2.0]> : tensor<6xf32>]} {
  %0 = qnn.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32> as tensor<3xf32>
  %r = qnn.mirror_pad %0 {low = array<i64: 2>, high = array<i64: 1>} : (tensor<3xf32>) -> tensor<6xf32>
  return %r : tensor<6xf32>
}

// The edge is repeated, in both axes: the corner is the mirror's mirror.
func.func @symmetric() -> tensor<3x4xi32> attributes {expect = [dense<[[2, 1, 1, 2], [4, 3, 3, 4], [4, 3, 3, 4]]> : tensor<3x4xi32>]} {
  %0 = qnn.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi32> as tensor<2x2xi32>
  %r = qnn.mirror_pad %0 {low = array<i64: 0, 2>, high = array<i64: 1, 0>, symmetric} : (tensor<2x2xi32>) -> tensor<3x4xi32>
  return %r : tensor<3x4xi32>
}

func.func @pad_value() -> (tensor<4x!q0>, tensor<2xf32>)
    attributes {expect = [dense<[-9, 1, 2, -9]> : tensor<4xi8>, dense<[1.0, -0.5]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[1, 2]> : tensor<2xi8> as tensor<2x!q0>
  %r = qnn.pad %0 {low = array<i64: 1>, high = array<i64: 1>, value = -9 : i64} : (tensor<2x!q0>) -> tensor<4x!q0>
  %1 = qnn.constant dense<1.0> : tensor<1xf32> as tensor<1xf32>
  %s = qnn.pad %1 {low = array<i64: 0>, high = array<i64: 1>, value = -0.5 : f32} : (tensor<1xf32>) -> tensor<2xf32>
  return %r, %s : tensor<4x!q0>, tensor<2xf32>
}
