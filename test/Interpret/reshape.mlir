// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations that only rename elements. Expected values: by hand.

// RUN: qcc-test-interpret %s

!q0 = !quant.uniform<i8:f32, 0.5:3>

func.func @reshape() -> tensor<3x2x!q0> attributes {expect = [dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi8>]} {
  %0 = qnn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8> as tensor<2x3x!q0>
  %r = qnn.reshape %0 : (tensor<2x3x!q0>) -> tensor<3x2x!q0>
  return %r : tensor<3x2x!q0>
}

func.func @copy() -> tensor<2xf32> attributes {expect = [dense<[1.5, -2.0]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[1.5, -2.0]> : tensor<2xf32> as tensor<2xf32>
  %r = qnn.copy %0 : (tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}
