// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// concat on literals. Expected values: tflite-runtime 2.14, BUILTIN_REF, unless a comment gives
// the sum.

// RUN: qcc-test-interpret %s

!q0 = !quant.uniform<i8:f32, 0.5:7>

// Along the middle axis.
func.func @axis_one() -> tensor<1x3x2x!q0>
    attributes {expect = [dense<[[[1, 2], [3, 4], [-1, -2]]]> : tensor<1x3x2xi8>]} {
  %0 = qnn.constant dense<[[[1, 2], [3, 4]]]> : tensor<1x2x2xi8> as tensor<1x2x2x!q0>
  %1 = qnn.constant dense<[[[-1, -2]]]> : tensor<1x1x2xi8> as tensor<1x1x2x!q0>
  %r = qnn.concat %0, %1 {axis = 1 : i64} : (tensor<1x2x2x!q0>, tensor<1x1x2x!q0>) -> tensor<1x3x2x!q0>
  return %r : tensor<1x3x2x!q0>
}

// Along the last axis.
func.func @last_axis() -> tensor<2x3xf32>
    attributes {expect = [dense<[[1.0, 3.0, 4.0], [2.0, 5.0, 6.0]]> : tensor<2x3xf32>]} {
  %0 = qnn.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32> as tensor<2x1xf32>
  %1 = qnn.constant dense<[[3.0, 4.0], [5.0, 6.0]]> : tensor<2x2xf32> as tensor<2x2xf32>
  %r = qnn.concat %0, %1 {axis = 1 : i64} : (tensor<2x1xf32>, tensor<2x2xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}
