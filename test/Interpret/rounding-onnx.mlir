// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rounding `onnx` on literals: exact, half to even. Expected values by hand.

// RUN: qcc-test-interpret %s

!half = !quant.uniform<i8:f32, 5.000000e-01:1>
!one = !quant.uniform<i8:f32, 1.000000e+00:-2>
!two = !quant.uniform<i8:f32, 2.000000e+00>

// (q − 1)/2 − 2: ties at even q.
func.func @requantize() -> tensor<7x!one>
    attributes {expect = [dense<[-4, -4, -2, -2, 0, 0, 61]> : tensor<7xi8>]} {
  %0 = qnn.constant dense<[-4, -2, 0, 2, 4, 6, 127]> : tensor<7xi8> as tensor<7x!half>
  %r = qnn.requantize %0 {rounding = #qnn.rounding<onnx>} : (tensor<7x!half>) -> tensor<7x!one>
  return %r : tensor<7x!one>
}

// ((a − 1)/2 + 2b)/1 − 2.
func.func @add() -> tensor<4x!one>
    attributes {expect = [dense<[-2, 0, 2, -128]> : tensor<4xi8>]} {
  %0 = qnn.constant dense<[2, 2, 4, 1]> : tensor<4xi8> as tensor<4x!half>
  %1 = qnn.constant dense<[0, 1, 1, -100]> : tensor<4xi8> as tensor<4x!two>
  %r = qnn.add %0, %1 {rounding = #qnn.rounding<onnx>} : (tensor<4x!half>, tensor<4x!two>) -> tensor<4x!one>
  return %r : tensor<4x!one>
}

// The mean of six values of one scale: sums of 3, 9 and −3 more than six zero points.
func.func @mean() -> tensor<3x!two>
    attributes {expect = [dense<[0, 2, 0]> : tensor<3xi8>]} {
  %0 = qnn.constant dense<[[3, 0, 0, 0, 0, 0], [9, 0, 0, 0, 0, 0], [0, 0, -3, 0, 0, 0]]> : tensor<3x6xi8> as tensor<3x6x!two>
  %r = qnn.mean %0 {axes = array<i64: 1>, rounding = #qnn.rounding<onnx>} : (tensor<3x6x!two>) -> tensor<3x!two>
  return %r : tensor<3x!two>
}

// Σ (x − 1)·w · 0.5·1/2: −1.5, 0.5, 1.5, 2.5 become −2, 0, 2, 2.
func.func @fully_connected() -> tensor<1x4x!two>
    attributes {expect = [dense<[[-2, 0, 2, 2]]> : tensor<1x4xi8>]} {
  %0 = qnn.constant dense<[[3, 2]]> : tensor<1x2xi8> as tensor<1x2x!half>
  %1 = qnn.constant dense<[[-3, 0], [1, 0], [3, 0], [5, 0]]> : tensor<4x2xi8> as tensor<4x2x!quant.uniform<i8:f32, 1.0>>
  %r = qnn.fully_connected %0, %1 {rounding = #qnn.rounding<onnx>}
    : (tensor<1x2x!half>, tensor<4x2x!quant.uniform<i8:f32, 1.0>>) -> tensor<1x4x!two>
  return %r : tensor<1x4x!two>
}

func.func @quantize() -> tensor<5x!one>
    attributes {expect = [dense<[-4, -2, -2, 0, 0]> : tensor<5xi8>]} {
  %0 = qnn.constant dense<[-1.5, -0.5, 0.5, 1.5, 2.5]> : tensor<5xf32> as tensor<5xf32>
  %r = qnn.quantize %0 {rounding = #qnn.rounding<onnx>} : (tensor<5xf32>) -> tensor<5x!one>
  return %r : tensor<5x!one>
}
