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
    attributes {expect = [dense<[[-84, -21, -6], [-104, -128, -128]]> : tensor<2x3xi8>]} {
  %0 = qnn.constant dense<[[-80, 66, 19, -32, -118], [-68, 77, -9, 117, 102]]> : tensor<2x5xi8> as tensor<2x5x!q1>
  %1 = qnn.constant dense<[[90, -124, -116, 20, -42], [87, -47, -89, -100, -51], [32, -96, 76, -51, -48]]> : tensor<3x5xi8> as tensor<3x5x!q2>
  %2 = qnn.constant dense<[100, -200, 300]> : tensor<3xi32> as tensor<3xi32>
  %r = qnn.fully_connected %0, %1 bias %2 {single_scale_product} : (tensor<2x5x!q1>, tensor<3x5x!q2>, tensor<3xi32>) -> tensor<2x3x!q0>
  return %r : tensor<2x3x!q0>
}

// No bias; fused relu; zero points at the lower end.
func.func @no_bias_relu() -> tensor<1x2x!q3>
    attributes {expect = [dense<[[-128, 127]]> : tensor<1x2xi8>]} {
  %0 = qnn.constant dense<[[41, 92, -17, 76]]> : tensor<1x4xi8> as tensor<1x4x!q3>
  %1 = qnn.constant dense<[[-50, -95, 84, 68], [64, 97, -1, -78]]> : tensor<2x4xi8> as tensor<2x4x!q2>
  %r = qnn.fully_connected %0, %1 {clamp = #qnn.clamp<-128, 127>, single_scale_product} : (tensor<1x4x!q3>, tensor<2x4x!q2>) -> tensor<1x2x!q3>
  return %r : tensor<1x2x!q3>
}

// The input is read as rows of 4, whatever its shape.
func.func @uint8_rank_three() -> tensor<1x3x!q4>
    attributes {expect = [dense<[[54, 255, 232]]> : tensor<1x3xi8>]} {
  %0 = qnn.constant dense<[[[149, 146], [98, 163]]]> : tensor<1x2x2xi8> as tensor<1x2x2x!q5>
  %1 = qnn.constant dense<[[67, 155, 203, 24], [116, 169, 13, 161], [233, 210, 175, 205]]> : tensor<3x4xi8> as tensor<3x4x!q6>
  %2 = qnn.constant dense<[0, 1000, -1000]> : tensor<3xi32> as tensor<3xi32>
  %r = qnn.fully_connected %0, %1 bias %2 {single_scale_product} : (tensor<1x2x2x!q5>, tensor<3x4x!q6>, tensor<3xi32>) -> tensor<1x3x!q4>
  return %r : tensor<1x3x!q4>
}

// Per channel: s_in·s_w in double.
func.func @per_channel() -> tensor<1x2x!q7>
    attributes {expect = [dense<[[-128, 127]]> : tensor<1x2xi8>]} {
  %0 = qnn.constant dense<[[-36, -45, -107]]> : tensor<1x3xi8> as tensor<1x3x!q1>
  %1 = qnn.constant dense<[[56, -48, 94], [-9, 100, -93]]> : tensor<2x3xi8> as tensor<2x3x!q8>
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
