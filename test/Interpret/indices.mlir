// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// gather, gather_nd, arg_max, arg_min, top_k, one_hot, cumsum and dynamic_update_slice on literals. Expected values by hand.

// RUN: qcc-test-interpret %s

!q0 = !quant.uniform<u8:f32, 0.5:7>

// Columns 2, 0, 2.
func.func @gather() -> tensor<2x3x!q0> attributes {expect = [dense<[[3, 1, 3], [6, 4, 6]]> : tensor<2x3xi8>]} {
  %0 = qnn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8> as tensor<2x3x!q0>
  %i = qnn.constant dense<[2, 0, 2]> : tensor<3xi32> as tensor<3xi32>
  %r = qnn.gather %0, %i {axis = 1 : i64} : (tensor<2x3x!q0>, tensor<3xi32>) -> tensor<2x3x!q0>
  return %r : tensor<2x3x!q0>
}

// Each row has an index of its own.
func.func @batch() -> tensor<2xf32> attributes {expect = [dense<[2.0, 4.0]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32> as tensor<2x3xf32>
  %i = qnn.constant dense<[1, 0]> : tensor<2xi64> as tensor<2xi64>
  %r = qnn.gather %0, %i {axis = 1 : i64, batch_dims = 1 : i64} : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

// Indices outside take the nearest element.
func.func @outside() -> (tensor<2xi32>, tensor<1xi32>)
    attributes {expect = [dense<[10, 30]> : tensor<2xi32>, dense<30> : tensor<1xi32>]} {
  %0 = qnn.constant dense<[10, 20, 30]> : tensor<3xi32> as tensor<3xi32>
  %i = qnn.constant dense<[-1, 2147483647]> : tensor<2xi32> as tensor<2xi32>
  %r = qnn.gather %0, %i {axis = 0 : i64} : (tensor<3xi32>, tensor<2xi32>) -> tensor<2xi32>
  %j = qnn.constant dense<[[7]]> : tensor<1x1xi32> as tensor<1x1xi32>
  %s = qnn.gather_nd %0, %j : (tensor<3xi32>, tensor<1x1xi32>) -> tensor<1xi32>
  return %r, %s : tensor<2xi32>, tensor<1xi32>
}

// (1, 0) and (0, 1) of the first two axes.
func.func @gather_nd() -> tensor<2x2xi16> attributes {expect = [dense<[[5, 6], [3, 4]]> : tensor<2x2xi16>]} {
  %0 = qnn.constant dense<[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]> : tensor<2x2x2xi16> as tensor<2x2x2xi16>
  %i = qnn.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xi32> as tensor<2x2xi32>
  %r = qnn.gather_nd %0, %i : (tensor<2x2x2xi16>, tensor<2x2xi32>) -> tensor<2x2xi16>
  return %r : tensor<2x2xi16>
}

// 200 is more than 100 only unsigned; of equal ones the first.
func.func @arg() -> (tensor<2xi32>, tensor<3xi64>)
    attributes {expect = [dense<[1, 0]> : tensor<2xi32>, dense<[1, 1, 0]> : tensor<3xi64>]} {
  %1 = qnn.constant dense<[[100, -56, -56], [9, 9, 9]]> : tensor<2x3xi8> as tensor<2x3x!q0>
  %r = qnn.arg_max %1 {axis = 1 : i64} : (tensor<2x3x!q0>) -> tensor<2xi32>
  %2 = qnn.constant dense<[[4.0, 3.0, 2.0], [1.0, 2.0, 2.0]]> : tensor<2x3xf32> as tensor<2x3xf32>
  %s = qnn.arg_min %2 {axis = 0 : i64} : (tensor<2x3xf32>) -> tensor<3xi64>
  return %r, %s : tensor<2xi32>, tensor<3xi64>
}

// An index that is none leaves all off.
func.func @one_hot() -> tensor<2x3xf32> attributes {expect = [dense<[[0.5, 0.5, 2.0], [0.5, 0.5, 0.5]]> : tensor<2x3xf32>]} {
  %i = qnn.constant dense<[2, 3]> : tensor<2xi32> as tensor<2xi32>
  %on = qnn.constant dense<2.0> : tensor<f32> as tensor<f32>
  %off = qnn.constant dense<0.5> : tensor<f32> as tensor<f32>
  %r = qnn.one_hot %i, %on, %off {axis = 1 : i64, depth = 3 : i64} : (tensor<2xi32>, tensor<f32>, tensor<f32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// Sums wrap; exclusive ones begin at 0; reverse ones at the end.
func.func @cumsum() -> (tensor<3xi32>, tensor<3xi32>, tensor<3xf32>)
    attributes {expect = [dense<[2147483647, -2147483648, -2147483646]> : tensor<3xi32>,
                          dense<[3, 2, 0]> : tensor<3xi32>, dense<[1.0, 3.0, 6.0]> : tensor<3xf32>]} {
  %0 = qnn.constant dense<[2147483647, 1, 2]> : tensor<3xi32> as tensor<3xi32>
  %r = qnn.cumsum %0 {axis = 0 : i64} : (tensor<3xi32>) -> tensor<3xi32>
  %s = qnn.cumsum %0 {axis = 0 : i64, exclusive, reverse} : (tensor<3xi32>) -> tensor<3xi32>
  %1 = qnn.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32> as tensor<3xf32>
  %t = qnn.cumsum %1 {axis = 0 : i64} : (tensor<3xf32>) -> tensor<3xf32>
  return %r, %s, %t : tensor<3xi32>, tensor<3xi32>, tensor<3xf32>
}

// The largest first; of equal ones the first; 200 is more than 100 only unsigned.
func.func @top_k() -> (tensor<2x2xi32>, tensor<3xi32>)
    attributes {expect = [dense<[[1, 2], [0, 1]]> : tensor<2x2xi32>, dense<[2, 0, 1]> : tensor<3xi32>]} {
  %0 = qnn.constant dense<[[100, -56, -56], [9, 9, 9]]> : tensor<2x3xi8> as tensor<2x3x!q0>
  %r = qnn.top_k %0 {k = 2 : i64} : (tensor<2x3x!q0>) -> tensor<2x2xi32>
  %1 = qnn.constant dense<[-1.0, -2.0, 5.0]> : tensor<3xf32> as tensor<3xf32>
  %s = qnn.top_k %1 {k = 3 : i64} : (tensor<3xf32>) -> tensor<3xi32>
  return %r, %s : tensor<2x2xi32>, tensor<3xi32>
}

// The box at (1, 5) does not fit: it is moved to (1, 1).
func.func @update() -> tensor<2x3xi32> attributes {expect = [dense<[[1, 2, 3], [4, 8, 9]]> : tensor<2x3xi32>]} {
  %0 = qnn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32> as tensor<2x3xi32>
  %u = qnn.constant dense<[[8, 9]]> : tensor<1x2xi32> as tensor<1x2xi32>
  %i = qnn.constant dense<[1, 5]> : tensor<2xi32> as tensor<2xi32>
  %r = qnn.dynamic_update_slice %0, %u, %i : (tensor<2x3xi32>, tensor<1x2xi32>, tensor<2xi32>) -> tensor<2x3xi32>
  return %r : tensor<2x3xi32>
}
