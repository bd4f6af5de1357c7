// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// dequantize on literals. Expected values: tflite-runtime 2.14, BUILTIN_REF, unless a comment
// gives the sum.

// RUN: qcc-test-interpret %s

!q0 = !quant.uniform<i8:f32, 0.023499999195337296:-3>
!q1 = !quant.uniform<u8:f32, 0.5:255>
!q2 = !quant.uniform<i8:f32:0, {0.5, 0.25:1}>

// int8.
func.func @int8() -> tensor<4xf32>
    attributes {expect = [dense<[-2.9375, 0.0, 0.07050000131130219, 3.054999828338623]> : tensor<4xf32>]} {
  %0 = qnn.constant dense<[-128, -3, 0, 127]> : tensor<4xi8> as tensor<4x!q0>
  %r = qnn.dequantize %0 : (tensor<4x!q0>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// uint8, zero point at the upper end.
func.func @uint8() -> tensor<4xf32>
    attributes {expect = [dense<[-127.5, -63.5, -0.5, 0.0]> : tensor<4xf32>]} {
  %0 = qnn.constant dense<[0, 128, 254, 255]> : tensor<4xi8> as tensor<4x!q1>
  %r = qnn.dequantize %0 : (tensor<4x!q1>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// By hand: the second row has scale 0.25 and zero point 1.
func.func @per_axis() -> tensor<2x2xf32>
    attributes {expect = [dense<[[0.5, -1.0], [0.5, 1.0]]> : tensor<2x2xf32>]} {
  %0 = qnn.constant dense<[[1, -2], [3, 5]]> : tensor<2x2xi8> as tensor<2x2x!q2>
  %r = qnn.dequantize %0 : (tensor<2x2x!q2>) -> tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}
