// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Division by the norm on literals. Expected values: tflite-runtime 2.14, BUILTIN_REF.

// RUN: qcc-test-interpret %s

// A 3-4-5 triangle, and a zero norm.
func.func @int8() -> tensor<4x2x!quant.uniform<i8:f32, 0.0078125>>
    attributes {expect = [dense<[[77, 102], [0, 0], [-91, 90], [127, 0]]> : tensor<4x2xi8>]} {
  %0 = qnn.constant dense<[[3, 4], [0, 0], [-128, 127], [1, 0]]> : tensor<4x2xi8> as tensor<4x2x!quant.uniform<i8:f32, 0.30000001192092896>>
  %r = qnn.l2_normalize %0 : (tensor<4x2x!quant.uniform<i8:f32, 0.30000001192092896>>) -> tensor<4x2x!quant.uniform<i8:f32, 0.0078125>>
  return %r : tensor<4x2x!quant.uniform<i8:f32, 0.0078125>>
}

// Large sums take the other shift.
func.func @int8_zero_point() -> tensor<1x4x!quant.uniform<i8:f32, 0.0078125>>
    attributes {expect = [dense<[[0, 95, 85, 10]]> : tensor<1x4xi8>]} {
  %0 = qnn.constant dense<[[-128, 127, 100, -100]]> : tensor<1x4xi8> as tensor<1x4x!quant.uniform<i8:f32, 0.30000001192092896:-128>>
  %r = qnn.l2_normalize %0 : (tensor<1x4x!quant.uniform<i8:f32, 0.30000001192092896:-128>>) -> tensor<1x4x!quant.uniform<i8:f32, 0.0078125>>
  return %r : tensor<1x4x!quant.uniform<i8:f32, 0.0078125>>
}

func.func @uint8() -> tensor<3x2x!quant.uniform<u8:f32, 0.0078125:128>>
    attributes {expect = [dense<[[205, 230], [128, 128], [37, 218]]> : tensor<3x2xi8>]} {
  %0 = qnn.constant dense<[[131, 132], [128, 128], [0, 255]]> : tensor<3x2xi8> as tensor<3x2x!quant.uniform<u8:f32, 0.30000001192092896:128>>
  %r = qnn.l2_normalize %0 : (tensor<3x2x!quant.uniform<u8:f32, 0.30000001192092896:128>>) -> tensor<3x2x!quant.uniform<u8:f32, 0.0078125:128>>
  return %r : tensor<3x2x!quant.uniform<u8:f32, 0.0078125:128>>
}

func.func @float() -> tensor<2x2xf32>
    attributes {expect = [dense<[[0.6000000238418579, -0.800000011920929], [0.0, 0.0]]> : tensor<2x2xf32>]} {
  %0 = qnn.constant dense<[[3.0, -4.0], [0.0, 0.0]]> : tensor<2x2xf32> as tensor<2x2xf32>
  %r = qnn.l2_normalize %0 : (tensor<2x2xf32>) -> tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}
