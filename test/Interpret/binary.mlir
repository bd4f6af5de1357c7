// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arithmetic with broadcasting on literals. The expected values are computed by hand from the
// definitions: scales are powers of two, so that each product is exact up to its last rounding.

// RUN: qcc-test-interpret %s

!half = !quant.uniform<i8:f32, 0.5:3>
!quarter = !quant.uniform<i8:f32, 0.25:-2>
!one = !quant.uniform<i8:f32, 1.0>
!fine = !quant.uniform<i8:f32, 0.125:10>
!wide = !quant.uniform<i16:f32, 0.5>
!wider = !quant.uniform<i16:f32, 0.25>

// (13 − 3)/2 − (2 + 2)/4 = 5 − 1 = 4; (−5 − 3)/2 − (−6 + 2)/4 = −4 + 1 = −3; 1.5 − 0 rounds away from zero.
func.func @sub() -> tensor<3x!one>
    attributes {expect = [dense<[4, -3, 2]> : tensor<3xi8>]} {
  %0 = qnn.constant dense<[13, -5, 6]> : tensor<3xi8> as tensor<3x!half>
  %1 = qnn.constant dense<[2, -6, -2]> : tensor<3xi8> as tensor<3x!quarter>
  %r = qnn.sub %0, %1 : (tensor<3x!half>, tensor<3x!quarter>) -> tensor<3x!one>
  return %r : tensor<3x!one>
}

// 16 bits: 100·0.5 − 60·0.25 = 35; the shift of the older form rounds −7/2 to −4, and saturates.
func.func @sub16() -> tensor<2x!wider>
    attributes {expect = [dense<[140, 8]> : tensor<2xi16>]} {
  %0 = qnn.constant dense<[100, 2]> : tensor<2xi16> as tensor<2x!wide>
  %1 = qnn.constant dense<[60, -4]> : tensor<2xi16> as tensor<2x!wider>
  %r = qnn.sub %0, %1 : (tensor<2x!wide>, tensor<2x!wider>) -> tensor<2x!wider>
  return %r : tensor<2x!wider>
}

func.func @add16_power_of_two() -> tensor<3x!wide>
    attributes {expect = [dense<[-4, 32767, 101]> : tensor<3xi16>]} {
  %0 = qnn.constant dense<[0, 32767, 100]> : tensor<3xi16> as tensor<3x!wide>
  %1 = qnn.constant dense<[-7, 9, 2]> : tensor<3xi16> as tensor<3x!wider>
  %r = qnn.add %0, %1 {power_of_two} : (tensor<3x!wide>, tensor<3x!wider>) -> tensor<3x!wide>
  return %r : tensor<3x!wide>
}

// (7 − 3)·(6 + 2)·0.125 = 4, ·1; −3·8·0.125 = −3; 1·4·0.125 = 0.5 to 1; −0.5 to −1; one operand of one element.
func.func @mul() -> tensor<2x!one>
    attributes {expect = [dense<[4, -3]> : tensor<2xi8>]} {
  %0 = qnn.constant dense<[7, 0]> : tensor<2xi8> as tensor<2x!half>
  %1 = qnn.constant dense<[6]> : tensor<1xi8> as tensor<1x!quarter>
  %r = qnn.mul %0, %1 : (tensor<2x!half>, tensor<1x!quarter>) -> tensor<2x!one>
  return %r : tensor<2x!one>
}

func.func @mul_half_away() -> tensor<2x!one>
    attributes {expect = [dense<[1, -1]> : tensor<2xi8>]} {
  %0 = qnn.constant dense<[4, 2]> : tensor<2xi8> as tensor<2x!half>
  %1 = qnn.constant dense<[2]> : tensor<1xi8> as tensor<1x!quarter>
  %r = qnn.mul %0, %1 : (tensor<2x!half>, tensor<1x!quarter>) -> tensor<2x!one>
  return %r : tensor<2x!one>
}

// 30000·30000·0.125 saturates; the clamp of a relu.
func.func @mul16() -> tensor<3x!wide>
    attributes {expect = [dense<[32767, 3, 0]> : tensor<3xi16>]} {
  %0 = qnn.constant dense<[30000, 2, -2]> : tensor<3xi16> as tensor<3x!wide>
  %1 = qnn.constant dense<[30000, 6, 6]> : tensor<3xi16> as tensor<3x!wider>
  %r = qnn.mul %0, %1 {clamp = #qnn.clamp<0, 32767>} : (tensor<3x!wide>, tensor<3x!wider>) -> tensor<3x!wide>
  return %r : tensor<3x!wide>
}

// Plain integers wrap.
func.func @mul_wraps() -> tensor<2xi32>
    attributes {expect = [dense<[-2, 0]> : tensor<2xi32>]} {
  %0 = qnn.constant dense<[2147483647, 65536]> : tensor<2xi32> as tensor<2xi32>
  %1 = qnn.constant dense<[2, 65536]> : tensor<2xi32> as tensor<2xi32>
  %r = qnn.mul %0, %1 : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
  return %r : tensor<2xi32>
}

// (1.5 − 0.5)² = 1 is 8 eighths above the zero point.
func.func @squared_difference() -> tensor<3x!fine>
    attributes {expect = [dense<[18, 10, 127]> : tensor<3xi8>]} {
  %0 = qnn.constant dense<[6, 4, 100]> : tensor<3xi8> as tensor<3x!half>
  %1 = qnn.constant dense<[0]> : tensor<1xi8> as tensor<1x!quarter>
  %r = qnn.squared_difference %0, %1 : (tensor<3x!half>, tensor<1x!quarter>) -> tensor<3x!fine>
  return %r : tensor<3x!fine>
}

// 2 stays 2; −2·(−1.5) = 3.
func.func @prelu() -> tensor<2x!one>
    attributes {expect = [dense<[2, 3]> : tensor<2xi8>]} {
  %0 = qnn.constant dense<[7, -1]> : tensor<2xi8> as tensor<2x!half>
  %1 = qnn.constant dense<[-8]> : tensor<1xi8> as tensor<1x!quarter>
  %r = qnn.prelu %0, %1 : (tensor<2x!half>, tensor<1x!quarter>) -> tensor<2x!one>
  return %r : tensor<2x!one>
}

// Towards zero; down; what has the divisor's sign; 0 for what TFLite stops at.
func.func @div() -> tensor<5xi32>
    attributes {expect = [dense<[3, -3, -3, 0, -2147483648]> : tensor<5xi32>]} {
  %0 = qnn.constant dense<[7, -7, 7, 5, -2147483648]> : tensor<5xi32> as tensor<5xi32>
  %1 = qnn.constant dense<[2, 2, -2, 0, -1]> : tensor<5xi32> as tensor<5xi32>
  %r = qnn.div %0, %1 : (tensor<5xi32>, tensor<5xi32>) -> tensor<5xi32>
  return %r : tensor<5xi32>
}

func.func @floor_div() -> tensor<5xi32>
    attributes {expect = [dense<[3, -4, -4, 3, 0]> : tensor<5xi32>]} {
  %0 = qnn.constant dense<[7, -7, 7, -7, 5]> : tensor<5xi32> as tensor<5xi32>
  %1 = qnn.constant dense<[2, 2, -2, -2, 0]> : tensor<5xi32> as tensor<5xi32>
  %r = qnn.floor_div %0, %1 : (tensor<5xi32>, tensor<5xi32>) -> tensor<5xi32>
  return %r : tensor<5xi32>
}

func.func @floor_mod() -> tensor<5xi32>
    attributes {expect = [dense<[1, 1, -1, -1, 0]> : tensor<5xi32>]} {
  %0 = qnn.constant dense<[7, -7, 7, -7, 5]> : tensor<5xi32> as tensor<5xi32>
  %1 = qnn.constant dense<[2, 2, -2, -2, 0]> : tensor<5xi32> as tensor<5xi32>
  %r = qnn.floor_mod %0, %1 : (tensor<5xi32>, tensor<5xi32>) -> tensor<5xi32>
  return %r : tensor<5xi32>
}

func.func @floor_mod_f32() -> tensor<2xf32>
    attributes {expect = [dense<[1.5, 0.5]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[5.5, -5.5]> : tensor<2xf32> as tensor<2xf32>
  %1 = qnn.constant dense<[2.0]> : tensor<1xf32> as tensor<1xf32>
  %r = qnn.floor_mod %0, %1 : (tensor<2xf32>, tensor<1xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

func.func @pow() -> tensor<4xi32>
    attributes {expect = [dense<[81, -27, 1, 1]> : tensor<4xi32>]} {
  %0 = qnn.constant dense<[3, -3, 5, 5]> : tensor<4xi32> as tensor<4xi32>
  %1 = qnn.constant dense<[4, 3, 0, -2]> : tensor<4xi32> as tensor<4xi32>
  %r = qnn.pow %0, %1 : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  return %r : tensor<4xi32>
}

func.func @minimum() -> tensor<2x2x!one>
    attributes {expect = [dense<[[1, 1], [1, -4]]> : tensor<2x2xi8>]} {
  %0 = qnn.constant dense<[[1], [9]]> : tensor<2x1xi8> as tensor<2x1x!one>
  %1 = qnn.constant dense<[[5, 2], [1, -4]]> : tensor<2x2xi8> as tensor<2x2x!one>
  %r = qnn.minimum %0, %1 : (tensor<2x1x!one>, tensor<2x2x!one>) -> tensor<2x2x!one>
  return %r : tensor<2x2x!one>
}

// Six axes.
func.func @maximum() -> tensor<1x1x2x1x1x2xi32>
    attributes {expect = [dense<[[[[[[3, 7]]], [[[5, 7]]]]]]> : tensor<1x1x2x1x1x2xi32>]} {
  %0 = qnn.constant dense<[[[[[[3]]], [[[5]]]]]]> : tensor<1x1x2x1x1x1xi32> as tensor<1x1x2x1x1x1xi32>
  %1 = qnn.constant dense<[-1, 7]> : tensor<2xi32> as tensor<2xi32>
  %r = qnn.maximum %0, %1 : (tensor<1x1x2x1x1x1xi32>, tensor<2xi32>) -> tensor<1x1x2x1x1x2xi32>
  return %r : tensor<1x1x2x1x1x2xi32>
}
