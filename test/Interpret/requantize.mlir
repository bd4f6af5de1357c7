// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// requantize on literals. Expected values: tflite-runtime 2.14, BUILTIN_REF, unless a comment
// gives the sum.

// RUN: qcc-test-interpret %s

!q0 = !quant.uniform<i8:f32, 0.020999999716877937:10>
!q1 = !quant.uniform<i8:f32, 0.05000000074505806:-3>
!q2 = !quant.uniform<i8:f32, 1.0>
!q3 = !quant.uniform<i8:f32, 0.25>
!q4 = !quant.uniform<u8:f32, 0.05000000074505806>
!q5 = !quant.uniform<i8:f32, 0.05000000074505806:-128>
!q6 = !quant.uniform<i8:f32, 0.10000000149011612:127>
!q7 = !quant.uniform<u8:f32, 0.05000000074505806:128>
!q8 = !quant.uniform<i8:f32, 0.05000000074505806:-10>
!q9 = !quant.uniform<i8:f32, 0.10000000149011612:-10>
!q10 = !quant.uniform<i8:f32, 0.20000000298023224:-10>
!q11 = !quant.uniform<i8:f32, 0.5:-10>

// A finer scale saturates.
func.func @int8() -> tensor<9x!q0>
    attributes {expect = [dense<[-128, -126, 8, 10, 12, 17, 89, 127, 127]> : tensor<9xi8>]} {
  %0 = qnn.constant dense<[-128, -60, -4, -3, -2, 0, 30, 60, 127]> : tensor<9xi8> as tensor<9x!q1>
  %r = qnn.requantize %0 : (tensor<9x!q1>) -> tensor<9x!q0>
  return %r : tensor<9x!q0>
}

// A quarter: half-way cases after the double rounding.
func.func @half_way() -> tensor<8x!q2>
    attributes {expect = [dense<[-2, -2, -1, -1, 1, 1, 2, 2]> : tensor<8xi8>]} {
  %0 = qnn.constant dense<[-7, -6, -3, -2, 2, 3, 6, 7]> : tensor<8xi8> as tensor<8x!q3>
  %r = qnn.requantize %0 : (tensor<8x!q3>) -> tensor<8x!q2>
  return %r : tensor<8x!q2>
}

// Equal scales: only the zero point moves.
func.func @to_unsigned() -> tensor<4x!q4>
    attributes {expect = [dense<[0, 127, 128, 255]> : tensor<4xi8>]} {
  %0 = qnn.constant dense<[-128, -1, 0, 127]> : tensor<4xi8> as tensor<4x!q5>
  %r = qnn.requantize %0 : (tensor<4x!q5>) -> tensor<4x!q4>
  return %r : tensor<4x!q4>
}

// uint8 to int8 of twice the scale.
func.func @from_unsigned() -> tensor<4x!q6>
    attributes {expect = [dense<[63, 127, 127, 127]> : tensor<4xi8>]} {
  %0 = qnn.constant dense<[0, 127, 128, 255]> : tensor<4xi8> as tensor<4x!q7>
  %r = qnn.requantize %0 : (tensor<4x!q7>) -> tensor<4x!q6>
  return %r : tensor<4x!q6>
}

// A RELU on one type.
func.func @relu() -> tensor<6x!q8>
    attributes {expect = [dense<[-10, -10, -10, -9, 0, 127]> : tensor<6xi8>]} {
  %0 = qnn.constant dense<[-128, -11, -10, -9, 0, 127]> : tensor<6xi8> as tensor<6x!q8>
  %r = qnn.requantize %0 {clamp = #qnn.clamp<-10, 127>} : (tensor<6x!q8>) -> tensor<6x!q8>
  return %r : tensor<6x!q8>
}

// RELU6 with another scale.
func.func @relu6() -> tensor<6x!q8>
    attributes {expect = [dense<[-10, -10, -10, -8, 100, 110]> : tensor<6xi8>]} {
  %0 = qnn.constant dense<[-128, -11, -10, -9, 45, 127]> : tensor<6xi8> as tensor<6x!q9>
  %r = qnn.requantize %0 {clamp = #qnn.clamp<-10, 110>} : (tensor<6x!q9>) -> tensor<6x!q8>
  return %r : tensor<6x!q8>
}

// TFLite divides the scales of RELU in float32: 2.5 exactly, and half-way cases go up.
func.func @relu_float_quotient() -> tensor<6x!q10>
    attributes {expect = [dense<[-7, -2, 3, 38, 43, 127]> : tensor<6xi8>]} {
  %0 = qnn.constant dense<[-9, -7, -5, 9, 11, 127]> : tensor<6xi8> as tensor<6x!q11>
  %r = qnn.requantize %0 {clamp = #qnn.clamp<-10, 127>, single_scale_quotient} : (tensor<6x!q11>) -> tensor<6x!q10>
  return %r : tensor<6x!q10>
}

// The same scales in QUANTIZE, divided in double: just below 2.5.
func.func @double_quotient() -> tensor<6x!q10>
    attributes {expect = [dense<[-8, -3, 2, 37, 42, 127]> : tensor<6xi8>]} {
  %0 = qnn.constant dense<[-9, -7, -5, 9, 11, 127]> : tensor<6xi8> as tensor<6x!q11>
  %r = qnn.requantize %0 : (tensor<6x!q11>) -> tensor<6x!q10>
  return %r : tensor<6x!q10>
}
