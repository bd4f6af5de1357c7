// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions of one operand on literals. The expected values are computed by hand, or by a calculator
// to six digits.

// RUN: qcc-test-interpret %s

!half = !quant.uniform<i8:f32, 0.5:3>
!one = !quant.uniform<i8:f32, 1.0>
!tenth = !quant.uniform<i8:f32, 0.1:-100>
!wide = !quant.uniform<i16:f32, 0.5>
!wider = !quant.uniform<i16:f32, 0.25>
!q12 = !quant.uniform<i16:f32, 0.000244140625>
!q15 = !quant.uniform<i16:f32, 0.000030517578125>

// |−2| = 2, 2.5 to 3, the least stored value: |−65.5| to 66.
func.func @abs() -> tensor<3x!one>
    attributes {expect = [dense<[2, 3, 66]> : tensor<3xi8>]} {
  %0 = qnn.constant dense<[-1, 8, -128]> : tensor<3xi8> as tensor<3x!half>
  %r = qnn.abs %0 : (tensor<3x!half>) -> tensor<3x!one>
  return %r : tensor<3x!one>
}

func.func @abs16_saturates() -> tensor<2x!wider>
    attributes {expect = [dense<[32767, 14]> : tensor<2xi16>]} {
  %0 = qnn.constant dense<[-32768, -7]> : tensor<2xi16> as tensor<2x!wide>
  %r = qnn.abs %0 : (tensor<2x!wide>) -> tensor<2x!wider>
  return %r : tensor<2x!wider>
}

func.func @neg() -> tensor<3xi32>
    attributes {expect = [dense<[-5, 7, -2147483648]> : tensor<3xi32>]} {
  %0 = qnn.constant dense<[5, -7, -2147483648]> : tensor<3xi32> as tensor<3xi32>
  %r = qnn.neg %0 : (tensor<3xi32>) -> tensor<3xi32>
  return %r : tensor<3xi32>
}

// 4 stays 4; −2·0.25 = −0.5 away from zero.
func.func @leaky_relu() -> tensor<2x!one>
    attributes {expect = [dense<[4, -1]> : tensor<2xi8>]} {
  %0 = qnn.constant dense<[11, -1]> : tensor<2xi8> as tensor<2x!half>
  %r = qnn.leaky_relu %0 {alpha = 0.25 : f32} : (tensor<2x!half>) -> tensor<2x!one>
  return %r : tensor<2x!one>
}

func.func @leaky_relu16() -> tensor<2x!wider>
    attributes {expect = [dense<[200, -25]> : tensor<2xi16>]} {
  %0 = qnn.constant dense<[100, -50]> : tensor<2xi16> as tensor<2x!wide>
  %r = qnn.leaky_relu %0 {alpha = 0.25 : f32} : (tensor<2x!wide>) -> tensor<2x!wider>
  return %r : tensor<2x!wider>
}

// 0 below −3, x above 3.
func.func @hard_swish() -> tensor<4x!one>
    attributes {expect = [dense<[0, 0, 6, 62]> : tensor<4xi8>]} {
  %0 = qnn.constant dense<[-128, 3, 15, 127]> : tensor<4xi8> as tensor<4x!half>
  %r = qnn.hard_swish %0 : (tensor<4x!half>) -> tensor<4x!one>
  return %r : tensor<4x!one>
}

func.func @hard_swish_f32() -> tensor<4xf32>
    attributes {expect = [dense<[0.0, -0.333333, 0.666667, 7.0]> : tensor<4xf32>]} {
  %0 = qnn.constant dense<[-4.0, -1.0, 1.0, 7.0]> : tensor<4xf32> as tensor<4xf32>
  %r = qnn.hard_swish %0 : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// exp(0) = 1 is 10 tenths, exp(1) 27, exp(−2) 1.
func.func @exp() -> tensor<3x!tenth>
    attributes {expect = [dense<[-90, -73, -99]> : tensor<3xi8>]} {
  %0 = qnn.constant dense<[3, 5, -1]> : tensor<3xi8> as tensor<3x!half>
  %r = qnn.exp %0 : (tensor<3x!half>) -> tensor<3x!tenth>
  return %r : tensor<3x!tenth>
}

// 1/sqrt(4) = 0.5 is 5 tenths; 0 and less give the greatest value.
func.func @rsqrt() -> tensor<3x!tenth>
    attributes {expect = [dense<[-95, 127, 127]> : tensor<3xi8>]} {
  %0 = qnn.constant dense<[11, 3, 0]> : tensor<3xi8> as tensor<3x!half>
  %r = qnn.rsqrt %0 : (tensor<3x!half>) -> tensor<3x!tenth>
  return %r : tensor<3x!tenth>
}

// exp(−1) − 1 = −0.632 is −6 tenths.
func.func @elu() -> tensor<2x!tenth>
    attributes {expect = [dense<[-106, -80]> : tensor<2xi8>]} {
  %0 = qnn.constant dense<[1, 7]> : tensor<2xi8> as tensor<2x!half>
  %r = qnn.elu %0 : (tensor<2x!half>) -> tensor<2x!tenth>
  return %r : tensor<2x!tenth>
}

// 2·0.97725 and −1·0.158655; by tanh 1.954598 and −0.158808.
func.func @gelu() -> tensor<2xf32>
    attributes {expect = [dense<[1.954500, -0.158655]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[2.0, -1.0]> : tensor<2xf32> as tensor<2xf32>
  %r = qnn.gelu %0 : (tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

func.func @gelu_approximate() -> tensor<2xf32>
    attributes {expect = [dense<[1.954598, -0.158808]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[2.0, -1.0]> : tensor<2xf32> as tensor<2xf32>
  %r = qnn.gelu %0 {approximate} : (tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

// 0.5; logistic(1) = 0.731059 is 23955.3 of 2^15, of which the table's bend makes one more (expected
// values: tflite-runtime 2.14, BUILTIN_REF); its complement.
func.func @logistic16() -> tensor<3x!q15>
    attributes {expect = [dense<[16384, 23956, 8812]> : tensor<3xi16>]} {
  %0 = qnn.constant dense<[0, 4096, -4096]> : tensor<3xi16> as tensor<3x!q12>
  %r = qnn.logistic %0 : (tensor<3x!q12>) -> tensor<3x!q15>
  return %r : tensor<3x!q15>
}

func.func @round() -> tensor<4xf32>
    attributes {expect = [dense<[-2.0, 0.0, 2.0, 2.0]> : tensor<4xf32>]} {
  %0 = qnn.constant dense<[-2.4, 0.5, 1.5, 2.5]> : tensor<4xf32> as tensor<4xf32>
  %r = qnn.round %0 : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

func.func @floor() -> tensor<2xf32>
    attributes {expect = [dense<[-3.0, 2.0]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[-2.4, 2.9]> : tensor<2xf32> as tensor<2xf32>
  %r = qnn.floor %0 : (tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

func.func @ceil() -> tensor<2xf32>
    attributes {expect = [dense<[-2.0, 3.0]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[-2.4, 2.1]> : tensor<2xf32> as tensor<2xf32>
  %r = qnn.ceil %0 : (tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

func.func @sign() -> tensor<3xi32>
    attributes {expect = [dense<[-1, 0, 1]> : tensor<3xi32>]} {
  %0 = qnn.constant dense<[-7, 0, 9]> : tensor<3xi32> as tensor<3xi32>
  %r = qnn.sign %0 : (tensor<3xi32>) -> tensor<3xi32>
  return %r : tensor<3xi32>
}

func.func @log() -> tensor<2xf32>
    attributes {expect = [dense<[0.0, 0.693147]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[1.0, 2.0]> : tensor<2xf32> as tensor<2xf32>
  %r = qnn.log %0 : (tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

func.func @sin() -> tensor<2xf32>
    attributes {expect = [dense<[0.841471, -0.909297]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[1.0, -2.0]> : tensor<2xf32> as tensor<2xf32>
  %r = qnn.sin %0 : (tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

func.func @cos() -> tensor<2xf32>
    attributes {expect = [dense<[0.540302, -0.416147]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[1.0, -2.0]> : tensor<2xf32> as tensor<2xf32>
  %r = qnn.cos %0 : (tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

func.func @sqrt() -> tensor<2xf32>
    attributes {expect = [dense<[3.0, 1.5]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[9.0, 2.25]> : tensor<2xf32> as tensor<2xf32>
  %r = qnn.sqrt %0 : (tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

func.func @square() -> tensor<2xf32>
    attributes {expect = [dense<[9.0, 2.25]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[-3.0, 1.5]> : tensor<2xf32> as tensor<2xf32>
  %r = qnn.square %0 : (tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

// Integers wrap, floats are truncated and held, NaN is 0; a scale plays no part.
func.func @cast_wraps() -> tensor<3xi8>
    attributes {expect = [dense<[44, -1, 0]> : tensor<3xi8>]} {
  %0 = qnn.constant dense<[300, 65535, 256]> : tensor<3xi32> as tensor<3xi32>
  %r = qnn.cast %0 : (tensor<3xi32>) -> tensor<3xi8>
  return %r : tensor<3xi8>
}

func.func @cast_to_float() -> tensor<2xf32>
    attributes {expect = [dense<[255.0, 1.0]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[255, 1]> : tensor<2xi8> as tensor<2xui8>
  %r = qnn.cast %0 : (tensor<2xui8>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

func.func @cast_stored() -> tensor<2xf32>
    attributes {expect = [dense<[-128.0, 3.0]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[-128, 3]> : tensor<2xi8> as tensor<2x!half>
  %r = qnn.cast %0 : (tensor<2x!half>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

func.func @cast_to_integer() -> tensor<4xi32>
    attributes {expect = [dense<[-1, 2147483647, -2147483648, 0]> : tensor<4xi32>]} {
  %0 = qnn.constant dense<[-1.9, 3.0e9, -3.0e9, 0x7FC00000]> : tensor<4xf32> as tensor<4xf32>
  %r = qnn.cast %0 : (tensor<4xf32>) -> tensor<4xi32>
  return %r : tensor<4xi32>
}

func.func @cast_to_unsigned() -> tensor<2xui8>
    attributes {expect = [dense<[255, 0]> : tensor<2xi8>]} {
  %0 = qnn.constant dense<[255.9, -1.0]> : tensor<2xf32> as tensor<2xf32>
  %r = qnn.cast %0 : (tensor<2xf32>) -> tensor<2xui8>
  return %r : tensor<2xui8>
}

func.func @cast_to_bool() -> tensor<3xi1>
    attributes {expect = [dense<[true, false, true]> : tensor<3xi1>]} {
  %0 = qnn.constant dense<[0.25, 0.0, -3.0]> : tensor<3xf32> as tensor<3xf32>
  %r = qnn.cast %0 : (tensor<3xf32>) -> tensor<3xi1>
  return %r : tensor<3xi1>
}

func.func @cast_from_bool() -> tensor<2xi32>
    attributes {expect = [dense<[1, 0]> : tensor<2xi32>]} {
  %0 = qnn.constant dense<[true, false]> : tensor<2xi1> as tensor<2xi1>
  %r = qnn.cast %0 : (tensor<2xi1>) -> tensor<2xi32>
  return %r : tensor<2xi32>
}
