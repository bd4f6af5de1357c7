// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// pad on literals. Expected values: tflite-runtime 2.14, BUILTIN_REF, unless a comment gives the
// sum.

// RUN: qcc-test-interpret %s

!q0 = !quant.uniform<i8:f32, 0.5:7>

// The zero point fills.
func.func @int8() -> tensor<3x5x!q0>
    attributes {expect = [dense<[[7, 1, 2, 7, 7], [7, 3, 4, 7, 7], [7, 7, 7, 7, 7]]> : tensor<3x5xi8>]} {
  %0 = qnn.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8> as tensor<2x2x!q0>
  %r = qnn.pad %0 {low = array<i64: 0, 1>, high = array<i64: 1, 2>} : (tensor<2x2x!q0>) -> tensor<3x5x!q0>
  return %r : tensor<3x5x!q0>
}

// By hand: zeros fill.
func.func @float() -> tensor<4xf32>
    attributes {expect = [dense<[0.0, 1.5, -2.0, 0.0]> : tensor<4xf32>]} {
  %0 = qnn.constant dense<[1.5, -2.0]> : tensor<2xf32> as tensor<2xf32>
  %r = qnn.pad %0 {low = array<i64: 1>, high = array<i64: 1>} : (tensor<2xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
