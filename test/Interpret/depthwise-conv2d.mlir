// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Depthwise convolution on literals. Expected values: tflite-runtime 2.14, BUILTIN_REF, unless a
// comment gives the sum.

// RUN: qcc-test-interpret %s

!q0 = !quant.uniform<i8:f32, 0.20000000298023224:-5>
!q1 = !quant.uniform<i8:f32, 0.05000000074505806:-7>
!q2 = !quant.uniform<i8:f32:3, {0.019999999552965164, 0.013000000268220901}>
!q3 = !quant.uniform<i8:f32, 0.07999999821186066:-128>
!q4 = !quant.uniform<i8:f32, 0.05000000074505806:-128>
!q5 = !quant.uniform<i8:f32:3, {0.019999999552965164, 0.013000000268220901, 0.05000000074505806, 0.0010000000474974513}>
!q6 = !quant.uniform<i8:f32, 0.05000000074505806:5>
!q7 = !quant.uniform<i8:f32, 0.019999999552965164>
!q8 = !quant.uniform<u8:f32, 0.05999999865889549:255>
!q9 = !quant.uniform<u8:f32, 0.04699999839067459:128>
!q10 = !quant.uniform<u8:f32, 0.013100000098347664:255>

// Padding with the zero point, -7.
func.func @per_channel_same() -> tensor<1x4x3x2x!q0>
    attributes {expect = [dense<[[[[-39, 19], [-11, -32], [52, -11]], [[58, -20], [-18, 67], [-9, 8]], [[-85, 51], [-128, 4], [-35, -36]], [[-47, 13], [-72, -20], [-128, -47]]]]> : tensor<1x4x3x2xi8>]} {
  %0 = qnn.constant dense<[[[[34, -105], [-81, 60], [-113, 45]], [[-23, -128], [67, 51], [80, 101]], [[58, 87], [-100, 107], [105, 49]], [[77, 61], [96, 99], [5, 80]]]]> : tensor<1x4x3x2xi8> as tensor<1x4x3x2x!q1>
  %1 = qnn.constant dense<[[[[106, -52], [-117, -85], [-121, -17]], [[-123, -62], [-64, 52], [-65, 115]], [[-80, 120], [17, -66], [-119, -50]]]]> : tensor<1x3x3x2xi8> as tensor<1x3x3x2x!q2>
  %2 = qnn.constant dense<[10, -250]> : tensor<2xi32> as tensor<2xi32>
  %r = qnn.depthwise_conv2d %0, %1 bias %2 {padding = array<i64: 1, 1, 1, 1>} : (tensor<1x4x3x2x!q1>, tensor<1x3x3x2x!q2>, tensor<2xi32>) -> tensor<1x4x3x2x!q0>
  return %r : tensor<1x4x3x2x!q0>
}

// Depth multiplier 2: channels 0 and 1 of the result read channel 0; stride remainder.
func.func @multiplier_two() -> tensor<1x2x2x4x!q3>
    attributes {expect = [dense<[[[[-53, -128, -53, -124], [-53, -128, -53, -124]], [[-53, -107, -53, -128], [-53, -105, -62, -126]]]]> : tensor<1x2x2x4xi8>]} {
  %0 = qnn.constant dense<[[[[23, -101], [-86, -99], [45, -106], [-123, -12]], [[-49, 17], [112, 91], [9, 36], [79, -17]], [[40, -73], [28, -68], [-80, 66], [19, -32]], [[-118, -68], [77, -9], [117, 102], [90, -124]], [[-116, 20], [-42, 87], [-47, -89], [-100, -51]]]]> : tensor<1x5x4x2xi8> as tensor<1x5x4x2x!q4>
  %1 = qnn.constant dense<[[[[32, -96, 76, -51], [-48, 41, 92, -17]], [[76, -50, -95, 84], [68, 64, 97, -1]]]]> : tensor<1x2x2x4xi8> as tensor<1x2x2x4x!q5>
  %2 = qnn.constant dense<[10, -250, 3, -4000]> : tensor<4xi32> as tensor<4xi32>
  %r = qnn.depthwise_conv2d %0, %1 bias %2 {strides = array<i64: 2, 2>, clamp = #qnn.clamp<-128, -53>} : (tensor<1x5x4x2x!q4>, tensor<1x2x2x4x!q5>, tensor<4xi32>) -> tensor<1x2x2x4x!q3>
  return %r : tensor<1x2x2x4x!q3>
}

// Dilation 2, padding on one side alone.
func.func @dilated() -> tensor<1x4x4x1x!q6>
    attributes {expect = [dense<[[[[127], [-69], [-85], [-15]], [[30], [-111], [127], [-7]], [[-128], [-128], [-128], [-30]], [[17], [-128], [65], [60]]]]> : tensor<1x4x4x1xi8>]} {
  %0 = qnn.constant dense<[[[[-78], [21], [18], [-30]], [[35], [-61], [27], [75]], [[-104], [-12], [41], [-115]], [[33], [105], [82], [47]]]]> : tensor<1x4x4x1xi8> as tensor<1x4x4x1x!q6>
  %1 = qnn.constant dense<[[[[77], [-36]], [[-45], [-107]]]]> : tensor<1x2x2x1xi8> as tensor<1x2x2x1x!q7>
  %2 = qnn.constant dense<[0]> : tensor<1xi32> as tensor<1xi32>
  %r = qnn.depthwise_conv2d %0, %1 bias %2 {padding = array<i64: 1, 1, 1, 1>, dilations = array<i64: 2, 2>} : (tensor<1x4x4x1x!q6>, tensor<1x2x2x1x!q7>, tensor<1xi32>) -> tensor<1x4x4x1x!q6>
  return %r : tensor<1x4x4x1x!q6>
}

// uint8, filter zero point at the upper end.
func.func @uint8() -> tensor<1x3x3x2x!q8>
    attributes {expect = [dense<[[[[111, 255], [119, 255], [188, 255]], [[255, 255], [255, 255], [0, 97]], [[255, 255], [255, 255], [108, 95]]]]> : tensor<1x3x3x2xi8>]} {
  %0 = qnn.constant dense<[[[[184, 80], [222, 119], [228, 35]], [[41, 88], [6, 125], [166, 169]], [[54, 42], [144, 162], [241, 229]]]]> : tensor<1x3x3x2xi8> as tensor<1x3x3x2x!q9>
  %1 = qnn.constant dense<[[[[97, 41], [64, 225], [116, 254]], [[168, 152], [25, 151], [97, 215]], [[34, 49], [169, 174], [212, 134]]]]> : tensor<1x3x3x2xi8> as tensor<1x3x3x2x!q10>
  %2 = qnn.constant dense<[1000, -1000]> : tensor<2xi32> as tensor<2xi32>
  %r = qnn.depthwise_conv2d %0, %1 bias %2 {padding = array<i64: 1, 1, 1, 1>, single_scale_product} : (tensor<1x3x3x2x!q9>, tensor<1x3x3x2x!q10>, tensor<2xi32>) -> tensor<1x3x3x2x!q8>
  return %r : tensor<1x3x3x2x!q8>
}

// Floats, clamped to [-1, 1].
func.func @float_n1_to_1() -> tensor<1x1x1x2xf32>
    attributes {expect = [dense<[[[[-1.0, -1.0]]]]> : tensor<1x1x1x2xf32>]} {
  %0 = qnn.constant dense<[[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]]> : tensor<1x2x2x2xf32> as tensor<1x2x2x2xf32>
  %1 = qnn.constant dense<[[[[0.5, -0.25], [0.125, 1.0]], [[-1.0, 0.0625], [0.25, 0.5]]]]> : tensor<1x2x2x2xf32> as tensor<1x2x2x2xf32>
  %2 = qnn.constant dense<[0.5, -20.0]> : tensor<2xf32> as tensor<2xf32>
  %r = qnn.depthwise_conv2d %0, %1 bias %2 {clamp = #qnn.clamp<-1.0, 1.0>} : (tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>, tensor<2xf32>) -> tensor<1x1x1x2xf32>
  return %r : tensor<1x1x1x2xf32>
}
