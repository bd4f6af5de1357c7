// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Logarithm of the softmax on literals. Expected values: tflite-runtime 2.14, BUILTIN_REF.

// RUN: qcc-test-interpret %s

// Equal values: −16 ln 2 from the top.
func.func @int8() -> tensor<3x2x!quant.uniform<i8:f32, 0.0625:127>>
    attributes {expect = [dense<[[116, 116], [-128, 127], [113, 118]]> : tensor<3x2xi8>]} {
  %0 = qnn.constant dense<[[7, 7], [-128, 127], [0, 3]]> : tensor<3x2xi8> as tensor<3x2x!quant.uniform<i8:f32, 0.10000000149011612:4>>
  %r = qnn.log_softmax %0 : (tensor<3x2x!quant.uniform<i8:f32, 0.10000000149011612:4>>) -> tensor<3x2x!quant.uniform<i8:f32, 0.0625:127>>
  return %r : tensor<3x2x!quant.uniform<i8:f32, 0.0625:127>>
}

// Differences from 125 on have no exponential in range.
func.func @int8_cut() -> tensor<2x3x!quant.uniform<i8:f32, 0.0625:127>>
    attributes {expect = [dense<[[127, -128, -128], [127, -103, -128]]> : tensor<2x3xi8>]} {
  %0 = qnn.constant dense<[[39, -101, -87], [122, 7, -3]]> : tensor<2x3xi8> as tensor<2x3x!quant.uniform<i8:f32, 0.125>>
  %r = qnn.log_softmax %0 : (tensor<2x3x!quant.uniform<i8:f32, 0.125>>) -> tensor<2x3x!quant.uniform<i8:f32, 0.0625:127>>
  return %r : tensor<2x3x!quant.uniform<i8:f32, 0.0625:127>>
}

func.func @uint8() -> tensor<2x3x!quant.uniform<u8:f32, 0.0625:255>>
    attributes {expect = [dense<[[209, 230, 250], [237, 237, 237]]> : tensor<2x3xi8>]} {
  %0 = qnn.constant dense<[[0, 128, 255], [9, 9, 9]]> : tensor<2x3xi8> as tensor<2x3x!quant.uniform<u8:f32, 0.009999999776482582:128>>
  %r = qnn.log_softmax %0 : (tensor<2x3x!quant.uniform<u8:f32, 0.009999999776482582:128>>) -> tensor<2x3x!quant.uniform<u8:f32, 0.0625:255>>
  return %r : tensor<2x3x!quant.uniform<u8:f32, 0.0625:255>>
}

func.func @float() -> tensor<2x3xf32>
    attributes {expect = [dense<[[-2.4076099395751953, -1.4076100587844849, -0.40760600566864014], [-2000.0, -1000.0, 0.0]]> : tensor<2x3xf32>]} {
  %0 = qnn.constant dense<[[1.0, 2.0, 3.0], [-1000.0, 0.0, 1000.0]]> : tensor<2x3xf32> as tensor<2x3xf32>
  %r = qnn.log_softmax %0 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}
