// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reductions over axes on literals. Expected values: tflite-runtime 2.14, BUILTIN_REF, unless a comment
// gives the sum.

// RUN: qcc-test-interpret %s

// Another scale; the last saturates.
func.func @sum_uint8() -> tensor<3x!quant.uniform<u8:f32, 0.10999999940395355:10>>
    attributes {expect = [dense<[11, 159, 255]> : tensor<3xi8>]} {
  %0 = qnn.constant dense<[[3, 200, 255], [7, 9, 255], [0, 128, 255]]> : tensor<3x3xi8> as tensor<3x3x!quant.uniform<u8:f32, 0.05000000074505806:3>>
  %r = qnn.sum %0 {axes = array<i64: 0>} : (tensor<3x3x!quant.uniform<u8:f32, 0.05000000074505806:3>>) -> tensor<3x!quant.uniform<u8:f32, 0.10999999940395355:10>>
  return %r : tensor<3x!quant.uniform<u8:f32, 0.10999999940395355:10>>
}

// 16 bits: modulo 2^16, as the origin.
func.func @sum_int16_wraps() -> tensor<2x!quant.uniform<i16:f32, 0.0010000000474974513>>
    attributes {expect = [dense<[-5536, -2]> : tensor<2xi16>]} {
  %0 = qnn.constant dense<[[30000, 5], [30000, -7]]> : tensor<2x2xi16> as tensor<2x2x!quant.uniform<i16:f32, 0.0010000000474974513>>
  %r = qnn.sum %0 {axes = array<i64: 0>} : (tensor<2x2x!quant.uniform<i16:f32, 0.0010000000474974513>>) -> tensor<2x!quant.uniform<i16:f32, 0.0010000000474974513>>
  return %r : tensor<2x!quant.uniform<i16:f32, 0.0010000000474974513>>
}

func.func @sum_int32() -> tensor<1x2xi32>
    attributes {expect = [dense<[[-2147483648, -2]]> : tensor<1x2xi32>]} {
  %0 = qnn.constant dense<[[2147483647, 5], [1, -7]]> : tensor<2x2xi32> as tensor<2x2xi32>
  %r = qnn.sum %0 {axes = array<i64: 0>, keep_dims} : (tensor<2x2xi32>) -> tensor<1x2xi32>
  return %r : tensor<1x2xi32>
}

func.func @sum_float() -> tensor<2xf32>
    attributes {expect = [dense<[-1.75, 12.0]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[[0.5, -2.25], [4.0, 8.0]]> : tensor<2x2xf32> as tensor<2x2xf32>
  %r = qnn.sum %0 {axes = array<i64: 1>} : (tensor<2x2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

func.func @reduce_max_int8() -> tensor<2x!quant.uniform<i8:f32, 0.10000000149011612:-7>>
    attributes {expect = [dense<[5, 127]> : tensor<2xi8>]} {
  %0 = qnn.constant dense<[[-128, 5, 3], [127, -5, 2]]> : tensor<2x3xi8> as tensor<2x3x!quant.uniform<i8:f32, 0.10000000149011612:-7>>
  %r = qnn.reduce_max %0 {axes = array<i64: 1>} : (tensor<2x3x!quant.uniform<i8:f32, 0.10000000149011612:-7>>) -> tensor<2x!quant.uniform<i8:f32, 0.10000000149011612:-7>>
  return %r : tensor<2x!quant.uniform<i8:f32, 0.10000000149011612:-7>>
}

// All negative.
func.func @reduce_max_float() -> tensor<f32>
    attributes {expect = [dense<-2.0> : tensor<f32>]} {
  %0 = qnn.constant dense<[[-3.0, -5.0], [-2.0, -8.0]]> : tensor<2x2xf32> as tensor<2x2xf32>
  %r = qnn.reduce_max %0 {axes = array<i64: 0, 1>} : (tensor<2x2xf32>) -> tensor<f32>
  return %r : tensor<f32>
}

func.func @reduce_min_uint8() -> tensor<2x1x!quant.uniform<u8:f32, 0.10000000149011612:9>>
    attributes {expect = [dense<[[3], [127]]> : tensor<2x1xi8>]} {
  %0 = qnn.constant dense<[[255, 5, 3], [127, 200, 128]]> : tensor<2x3xi8> as tensor<2x3x!quant.uniform<u8:f32, 0.10000000149011612:9>>
  %r = qnn.reduce_min %0 {axes = array<i64: 1>, keep_dims} : (tensor<2x3x!quant.uniform<u8:f32, 0.10000000149011612:9>>) -> tensor<2x1x!quant.uniform<u8:f32, 0.10000000149011612:9>>
  return %r : tensor<2x1x!quant.uniform<u8:f32, 0.10000000149011612:9>>
}

func.func @reduce_min_int64() -> tensor<2xi64>
    attributes {expect = [dense<[-9000000000, 4]> : tensor<2xi64>]} {
  %0 = qnn.constant dense<[[-9000000000, 5], [3, 4]]> : tensor<2x2xi64> as tensor<2x2xi64>
  %r = qnn.reduce_min %0 {axes = array<i64: 0>} : (tensor<2x2xi64>) -> tensor<2xi64>
  return %r : tensor<2xi64>
}

// Modulo 2^32.
func.func @reduce_prod_int32() -> tensor<2xi32>
    attributes {expect = [dense<[65536, -21]> : tensor<2xi32>]} {
  %0 = qnn.constant dense<[[65536, -3], [65537, 7]]> : tensor<2x2xi32> as tensor<2x2xi32>
  %r = qnn.reduce_prod %0 {axes = array<i64: 0>} : (tensor<2x2xi32>) -> tensor<2xi32>
  return %r : tensor<2xi32>
}

func.func @reduce_prod_float() -> tensor<2xf32>
    attributes {expect = [dense<[-3.0, 1.0]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[[1.5, -2.0], [4.0, 0.25]]> : tensor<2x2xf32> as tensor<2x2xf32>
  %r = qnn.reduce_prod %0 {axes = array<i64: 1>} : (tensor<2x2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

func.func @reduce_any() -> tensor<2xi1>
    attributes {expect = [dense<[true, false]> : tensor<2xi1>]} {
  %0 = qnn.constant dense<[[true, false], [false, false]]> : tensor<2x2xi1> as tensor<2x2xi1>
  %r = qnn.reduce_any %0 {axes = array<i64: 1>} : (tensor<2x2xi1>) -> tensor<2xi1>
  return %r : tensor<2xi1>
}

func.func @reduce_all() -> tensor<2xi1>
    attributes {expect = [dense<[true, false]> : tensor<2xi1>]} {
  %0 = qnn.constant dense<[[true, true], [true, false]]> : tensor<2x2xi1> as tensor<2x2xi1>
  %r = qnn.reduce_all %0 {axes = array<i64: 1>} : (tensor<2x2xi1>) -> tensor<2xi1>
  return %r : tensor<2xi1>
}

// 8 bits with a sign: (10 − 2) + (−5 − 2) = 1, times 0.5/0.25, plus 3. TensorFlow Lite 2.14 reads these bytes without
// their sign (docs/Rounding.md).
func.func @sum_int8() -> tensor<1x!quant.uniform<i8:f32, 0.25:3>>
    attributes {expect = [dense<[5]> : tensor<1xi8>]} {
  %0 = qnn.constant dense<[[10, -5]]> : tensor<1x2xi8> as tensor<1x2x!quant.uniform<i8:f32, 0.5:2>>
  %r = qnn.sum %0 {axes = array<i64: 1>} : (tensor<1x2x!quant.uniform<i8:f32, 0.5:2>>) -> tensor<1x!quant.uniform<i8:f32, 0.25:3>>
  return %r : tensor<1x!quant.uniform<i8:f32, 0.25:3>>
}
