// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the interpreter and its test program refuse, and that a wrong expectation
// is noticed.

// RUN: not qcc-test-interpret %s 2>&1 | FileCheck %s

!q0 = !quant.uniform<i8:f32, 0.5>
!q1 = !quant.uniform<i32:f32, 0.5>

// CHECK: error: result 0 differs in 1 of 3 elements, first at element 1: got 2, expected 3
func.func @wrong_integer() -> tensor<3x!q0> attributes {expect = [dense<[1, 3, 3]> : tensor<3xi8>]} {
  %0 = qnn.constant dense<[1, 2, 3]> : tensor<3xi8> as tensor<3x!q0>
  return %0 : tensor<3x!q0>
}

// CHECK: error: result 0 differs in 1 of 2 elements, first at element 0: got 1.000000e+00, expected 1.000200e+00
func.func @wrong_float() -> tensor<2xf32> attributes {expect = [dense<[1.0002, 2.00001]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[1.0, 2.0]> : tensor<2xf32> as tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK: error: result 0 has type {{.*}}, which expectation {{.*}} does not fit
func.func @wrong_shape() -> tensor<2xf32> attributes {expect = [dense<1.0> : tensor<3xf32>]} {
  %0 = qnn.constant dense<[1.0, 2.0]> : tensor<2xf32> as tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK: error: needs an attribute 'expect' with one literal per result
func.func @no_expectation() -> tensor<2xf32> {
  %0 = qnn.constant dense<[1.0, 2.0]> : tensor<2xf32> as tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK: error: 'tensor.empty' op cannot be interpreted: it has no definition in the reference interpreter
func.func @no_definition() -> tensor<2xf32> attributes {expect = [dense<1.0> : tensor<2xf32>]} {
  %0 = tensor.empty() : tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK: error: 'qnn.tanh' op is defined for quantized types of up to 8 bits per tensor, but got '!quant.uniform<i32:f32, 5.000000e-01>'
func.func @tanh_32_bits() -> tensor<1x!q1> attributes {expect = [dense<1> : tensor<1xi32>]} {
  %0 = qnn.constant dense<1> : tensor<1xi32> as tensor<1x!q1>
  %r = qnn.tanh %0 : (tensor<1x!q1>) -> tensor<1x!q1>
  return %r : tensor<1x!q1>
}

// CHECK: error: 'qnn.softmax' op is defined for a result of scale 1/256 and zero point -128, but got scale 5.000000e-01 and zero point 0
func.func @softmax_scale() -> tensor<1x!q0> attributes {expect = [dense<1> : tensor<1xi8>]} {
  %0 = qnn.constant dense<1> : tensor<1xi8> as tensor<1x!q0>
  %r = qnn.softmax %0 : (tensor<1x!q0>) -> tensor<1x!q0>
  return %r : tensor<1x!q0>
}
