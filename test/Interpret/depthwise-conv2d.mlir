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
    attributes {expect = [dense<[[[[-97, 38], [9, -77], [-1, -66]], [[22, 37], [-128, 53], [38, 39]], [[-82, 11], [127, -53], [-16, -50]], [[24, -48], [-2, -122], [67, -30]]]]> : tensor<1x4x3x2xi8>]} {
  %0 = qnn.constant dense<[[[[-78, 104], [-36, -101], [-83, -27]], [[-40, -49], [114, 93], [18, 124]], [[-41, -93], [-59, -106], [115, -72]], [[-15, -77], [122, -88], [3, 115]]]]> : tensor<1x4x3x2xi8> as tensor<1x4x3x2x!q1>
  %1 = qnn.constant dense<[[[[5, 102], [101, 68], [62, 19]], [[20, 84], [-19, 114], [96, -33]], [[-23, 54], [108, -104], [-111, -65]]]]> : tensor<1x3x3x2xi8> as tensor<1x3x3x2x!q2>
  %2 = qnn.constant dense<[10, -250]> : tensor<2xi32> as tensor<2xi32>
  %r = qnn.depthwise_conv2d %0, %1 bias %2 {padding = array<i64: 1, 1, 1, 1>} : (tensor<1x4x3x2x!q1>, tensor<1x3x3x2x!q2>, tensor<2xi32>) -> tensor<1x4x3x2x!q0>
  return %r : tensor<1x4x3x2x!q0>
}

// Depth multiplier 2: channels 0 and 1 of the result read channel 0; stride remainder.
func.func @multiplier_two() -> tensor<1x2x2x4x!q3>
    attributes {expect = [dense<[[[[-53, -53, -128, -128], [-53, -115, -128, -128]], [[-53, -126, -128, -128], [-126, -68, -128, -128]]]]> : tensor<1x2x2x4xi8>]} {
  %0 = qnn.constant dense<[[[[-18, -87], [4, 10], [115, 62], [-64, 73]], [[78, 46], [45, -49], [55, -94], [33, 107]], [[120, -52], [-43, 30], [-27, 59], [-77, -85]], [[-116, -8], [-74, -52], [106, 80], [87, 23]], [[-100, 63], [26, 104], [-6, -84], [24, -12]]]]> : tensor<1x5x4x2xi8> as tensor<1x5x4x2x!q4>
  %1 = qnn.constant dense<[[[[40, -32, -50, -96], [118, 65, -9, -68]], [[32, -23, 34, -105], [-81, 60, -113, 45]]]]> : tensor<1x2x2x4xi8> as tensor<1x2x2x4x!q5>
  %2 = qnn.constant dense<[10, -250, 3, -4000]> : tensor<4xi32> as tensor<4xi32>
  %r = qnn.depthwise_conv2d %0, %1 bias %2 {strides = array<i64: 2, 2>, clamp = #qnn.clamp<-128, -53>} : (tensor<1x5x4x2x!q4>, tensor<1x2x2x4x!q5>, tensor<4xi32>) -> tensor<1x2x2x4x!q3>
  return %r : tensor<1x2x2x4x!q3>
}

// Dilation 2, padding on one side alone.
func.func @dilated() -> tensor<1x4x4x1x!q6>
    attributes {expect = [dense<[[[[-95], [109], [123], [117]], [[-128], [-128], [127], [127]], [[100], [127], [127], [127]], [[127], [127], [86], [15]]]]> : tensor<1x4x4x1xi8>]} {
  %0 = qnn.constant dense<[[[[-23], [-128], [67], [51]], [[80], [101], [58], [87]], [[-100], [107], [105], [49]], [[77], [61], [96], [99]]]]> : tensor<1x4x4x1xi8> as tensor<1x4x4x1x!q6>
  %1 = qnn.constant dense<[[[[5], [80]], [[106], [-52]]]]> : tensor<1x2x2x1xi8> as tensor<1x2x2x1x!q7>
  %2 = qnn.constant dense<[0]> : tensor<1xi32> as tensor<1xi32>
  %r = qnn.depthwise_conv2d %0, %1 bias %2 {padding = array<i64: 1, 1, 1, 1>, dilations = array<i64: 2, 2>} : (tensor<1x4x4x1x!q6>, tensor<1x2x2x1x!q7>, tensor<1xi32>) -> tensor<1x4x4x1x!q6>
  return %r : tensor<1x4x4x1x!q6>
}

// uint8, filter zero point at the upper end.
func.func @uint8() -> tensor<1x3x3x2x!q8>
    attributes {expect = [dense<[[[[255, 0], [255, 0], [255, 0]], [[255, 255], [255, 255], [255, 255]], [[255, 27], [255, 0], [255, 0]]]]> : tensor<1x3x3x2xi8>]} {
  %0 = qnn.constant dense<[[[[11, 43], [7, 111], [5, 66]], [[64, 180], [63, 243], [48, 248]], [[145, 62], [9, 78], [151, 27]]]]> : tensor<1x3x3x2xi8> as tensor<1x3x3x2x!q9>
  %1 = qnn.constant dense<[[[[42, 29], [173, 22], [5, 116]], [[79, 145], [240, 219], [137, 164]], [[207, 111], [168, 55], [156, 60]]]]> : tensor<1x3x3x2xi8> as tensor<1x3x3x2x!q10>
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
