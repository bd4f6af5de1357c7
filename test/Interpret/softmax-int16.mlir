// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Softmax of 16 bits on literals. Expected values: tflite-runtime 2.14, BUILTIN_REF.

// RUN: qcc-test-interpret %s

func.func @equal() -> tensor<2x2x!quant.uniform<i16:f32, 3.0517578125e-05>>
    attributes {expect = [dense<[[16384, 16384], [2, 32766]]> : tensor<2x2xi16>]} {
  %0 = qnn.constant dense<[[5, 5], [-32768, 32767]]> : tensor<2x2xi16> as tensor<2x2x!quant.uniform<i16:f32, 0.0010000000474974513>>
  %r = qnn.softmax %0 : (tensor<2x2x!quant.uniform<i16:f32, 0.0010000000474974513>>) -> tensor<2x2x!quant.uniform<i16:f32, 3.0517578125e-05>>
  return %r : tensor<2x2x!quant.uniform<i16:f32, 3.0517578125e-05>>
}

func.func @small_scale() -> tensor<1x5x!quant.uniform<i16:f32, 3.0517578125e-05>>
    attributes {expect = [dense<[[1252, 3402, 3402, 7202, 17510]]> : tensor<1x5xi16>]} {
  %0 = qnn.constant dense<[[-20000, 0, 1, 15000, 32767]]> : tensor<1x5xi16> as tensor<1x5x!quant.uniform<i16:f32, 4.999999873689376e-05>>
  %r = qnn.softmax %0 : (tensor<1x5x!quant.uniform<i16:f32, 4.999999873689376e-05>>) -> tensor<1x5x!quant.uniform<i16:f32, 3.0517578125e-05>>
  return %r : tensor<1x5x!quant.uniform<i16:f32, 3.0517578125e-05>>
}
