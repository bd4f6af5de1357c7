// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Matrix product on literals. Expected values: tflite-runtime 2.14, BUILTIN_REF, unless a comment
// gives the sum.

// RUN: qcc-test-interpret %s

!q0 = !quant.uniform<i8:f32, 0.25:-9>
!q1 = !quant.uniform<i8:f32, 0.05000000074505806:4>
!q2 = !quant.uniform<i8:f32, 0.029999999329447746>
!q3 = !quant.uniform<i8:f32, 0.05000000074505806:-128>
!q4 = !quant.uniform<u8:f32, 0.09000000357627869:128>
!q5 = !quant.uniform<u8:f32, 0.05000000074505806:128>
!q6 = !quant.uniform<u8:f32, 0.029999999329447746:77>
!q7 = !quant.uniform<i8:f32, 0.10000000149011612>
!q8 = !quant.uniform<i8:f32:0, {0.029999999329447746, 0.07000000029802322}>

// Two rows; per tensor, so s_in·s_w is a float32 product.
func.func @int8() -> tensor<2x3x!q0>
    attributes {expect = [dense<[[-24, -30, 41], [3, -60, 18]]> : tensor<2x3xi8>]} {
  %0 = qnn.constant dense<[[-32, -50, -33, 41, 10], [-53, -73, 53, -65, -75]]> : tensor<2x5xi8> as tensor<2x5x!q1>
  %1 = qnn.constant dense<[[-44, 90, -11, 24, -108], [-40, 64, 69, 20, 96], [-52, -86, -109, -77, 67]]> : tensor<3x5xi8> as tensor<3x5x!q2>
  %2 = qnn.constant dense<[100, -200, 300]> : tensor<3xi32> as tensor<3xi32>
  %r = qnn.fully_connected %0, %1 bias %2 {single_scale_product} : (tensor<2x5x!q1>, tensor<3x5x!q2>, tensor<3xi32>) -> tensor<2x3x!q0>
  return %r : tensor<2x3x!q0>
}

// No bias; fused relu; zero points at the lower end.
func.func @no_bias_relu() -> tensor<1x2x!q3>
    attributes {expect = [dense<[[127, 127]]> : tensor<1x2xi8>]} {
  %0 = qnn.constant dense<[[103, -95, 0, -94]]> : tensor<1x4xi8> as tensor<1x4x!q3>
  %1 = qnn.constant dense<[[88, -95, 35, -108], [60, 104, 59, -60]]> : tensor<2x4xi8> as tensor<2x4x!q2>
  %r = qnn.fully_connected %0, %1 {clamp = #qnn.clamp<-128, 127>, single_scale_product} : (tensor<1x4x!q3>, tensor<2x4x!q2>) -> tensor<1x2x!q3>
  return %r : tensor<1x2x!q3>
}

// Sums leave as floats: 4·(-3) + 2·5 = -2 and 4·7 + 2·(-1) = 26 in units of 0.25 · 0.5 and 0.25 · 2, plus the bias,
// clamped. Of no origin: by hand.
func.func @float_result() -> tensor<1x2xf32>
    attributes {expect = [dense<[[0.0, 13.125]]> : tensor<1x2xf32>]} {
  %0 = qnn.constant dense<[[7, 5]]> : tensor<1x2xi8> as tensor<1x2x!quant.uniform<u8<0:7>:f32, 0.25:3>>
  %1 = qnn.constant dense<[[-3, 5], [7, -1]]> : tensor<2x2xi8> as tensor<2x2x!quant.uniform<i8:f32:0, {0.5, 2.0}>>
  %2 = qnn.constant dense<[0.125, 0.125]> : tensor<2xf32> as tensor<2xf32>
  %r = qnn.fully_connected %0, %1 bias %2 {clamp = #qnn.clamp<0.0, inf>, rounding = #qnn.rounding<onnx>} : (tensor<1x2x!quant.uniform<u8<0:7>:f32, 0.25:3>>, tensor<2x2x!quant.uniform<i8:f32:0, {0.5, 2.0}>>, tensor<2xf32>) -> tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}

// The input is read as rows of 4, whatever its shape.
func.func @uint8_rank_three() -> tensor<1x3x!q4>
    attributes {expect = [dense<[[237, 190, 255]]> : tensor<1x3xi8>]} {
  %0 = qnn.constant dense<[[[215, 78], [192, 213]]]> : tensor<1x2x2xi8> as tensor<1x2x2x!q5>
  %1 = qnn.constant dense<[[124, 158, 218, 47], [5, 111, 46, 226], [221, 96, 79, 181]]> : tensor<3x4xi8> as tensor<3x4x!q6>
  %2 = qnn.constant dense<[0, 1000, -1000]> : tensor<3xi32> as tensor<3xi32>
  %r = qnn.fully_connected %0, %1 bias %2 {single_scale_product} : (tensor<1x2x2x!q5>, tensor<3x4x!q6>, tensor<3xi32>) -> tensor<1x3x!q4>
  return %r : tensor<1x3x!q4>
}

// Per channel: s_in·s_w in double.
func.func @per_channel() -> tensor<1x2x!q7>
    attributes {expect = [dense<[[127, -128]]> : tensor<1x2xi8>]} {
  %0 = qnn.constant dense<[[-12, -104, 41]]> : tensor<1x3xi8> as tensor<1x3x!q1>
  %1 = qnn.constant dense<[[58, -111, 70], [8, 83, 89]]> : tensor<2x3xi8> as tensor<2x3x!q8>
  %2 = qnn.constant dense<[10, -20]> : tensor<2xi32> as tensor<2xi32>
  %r = qnn.fully_connected %0, %1 bias %2 : (tensor<1x3x!q1>, tensor<2x3x!q8>, tensor<2xi32>) -> tensor<1x2x!q7>
  return %r : tensor<1x2x!q7>
}

// Floats.
func.func @float() -> tensor<2x2xf32>
    attributes {expect = [dense<[[-1.25, 3.75], [-0.75, -12.4375]]> : tensor<2x2xf32>]} {
  %0 = qnn.constant dense<[[1.0, 2.0], [-3.0, 0.5]]> : tensor<2x2xf32> as tensor<2x2xf32>
  %1 = qnn.constant dense<[[0.25, -1.0], [4.0, 0.125]]> : tensor<2x2xf32> as tensor<2x2xf32>
  %2 = qnn.constant dense<[0.5, -0.5]> : tensor<2xf32> as tensor<2xf32>
  %r = qnn.fully_connected %0, %1 bias %2 : (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}
