// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// quantize on literals. Expected values: tflite-runtime 2.14, BUILTIN_REF, unless a comment gives
// the sum.

// RUN: qcc-test-interpret %s

!q0 = !quant.uniform<i8:f32, 0.5:-3>
!q1 = !quant.uniform<u8:f32, 0.023499999195337296:128>
!q2 = !quant.uniform<i8:f32, 0.5>

// Half-way cases go away from zero; both ends saturate.
func.func @int8() -> tensor<10x!q0>
    attributes {expect = [dense<[-128, -128, -6, -5, -4, -3, -2, -1, 0, 127]> : tensor<10xi8>]} {
  %0 = qnn.constant dense<[-1000.0, -64.0, -1.25, -0.75, -0.25, 0.0, 0.25, 0.75, 1.25, 1000.0]> : tensor<10xf32> as tensor<10xf32>
  %r = qnn.quantize %0 : (tensor<10xf32>) -> tensor<10x!q0>
  return %r : tensor<10x!q0>
}

// uint8.
func.func @uint8() -> tensor<6x!q1>
    attributes {expect = [dense<[0, 107, 128, 128, 149, 255]> : tensor<6xi8>]} {
  %0 = qnn.constant dense<[-5.0, -0.5, 0.0, 0.009999999776482582, 0.5, 5.0]> : tensor<6xf32> as tensor<6xf32>
  %r = qnn.quantize %0 : (tensor<6xf32>) -> tensor<6x!q1>
  return %r : tensor<6x!q1>
}

// By hand: x/0.5 = -2.5 -1.5 -0.5 0.5 1.5 2.5, half to even.
func.func @half_even_float() -> tensor<6x!q2>
    attributes {expect = [dense<[-2, -2, 0, 0, 2, 2]> : tensor<6xi8>]} {
  %0 = qnn.constant dense<[-1.25, -0.75, -0.25, 0.25, 0.75, 1.25]> : tensor<6xf32> as tensor<6xf32>
  %r = qnn.quantize %0 {rounding = #qnn.rounding<half_even_float>} : (tensor<6xf32>) -> tensor<6x!q2>
  return %r : tensor<6x!q2>
}

// What does not fit into 32 bits saturates, too; the origin does not define it.
func.func @huge() -> tensor<4x!q0>
    attributes {expect = [dense<[-128, -128, 127, 127]> : tensor<4xi8>]} {
  %0 = qnn.constant dense<[-3.0e38, -4.0e9, 4.0e9, 3.0e38]> : tensor<4xf32> as tensor<4xf32>
  %r = qnn.quantize %0 : (tensor<4xf32>) -> tensor<4x!q0>
  return %r : tensor<4x!q0>
}
