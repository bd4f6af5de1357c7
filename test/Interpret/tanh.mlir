// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tanh on literals. Expected values: tflite-runtime 2.14, BUILTIN_REF, unless a comment gives the
// sum.

// RUN: qcc-test-interpret %s

!q0 = !quant.uniform<i8:f32, 0.0078125>
!q1 = !quant.uniform<i8:f32, 0.05000000074505806:3>
!q2 = !quant.uniform<i8:f32, 0.20000000298023224>
!q3 = !quant.uniform<u8:f32, 0.0078125:128>
!q4 = !quant.uniform<u8:f32, 0.05999999865889549:128>

// A coarse walk through the table.
func.func @int8() -> tensor<15x!q0>
    attributes {expect = [dense<[-128, -128, -128, -119, -73, -49, -25, -19, -13, 13, 43, 112, 127, 127, 127]> : tensor<15xi8>]} {
  %0 = qnn.constant dense<[-128, -100, -60, -30, -10, -5, -1, 0, 1, 5, 10, 30, 60, 100, 127]> : tensor<15xi8> as tensor<15x!q1>
  %r = qnn.tanh %0 : (tensor<15x!q1>) -> tensor<15x!q0>
  return %r : tensor<15x!q0>
}

// A wide input: the table saturates at both ends.
func.func @int8_saturates() -> tensor<15x!q0>
    attributes {expect = [dense<[-128, -128, -128, -128, -123, -97, -25, 0, 25, 97, 123, 127, 127, 127, 127]> : tensor<15xi8>]} {
  %0 = qnn.constant dense<[-128, -100, -60, -30, -10, -5, -1, 0, 1, 5, 10, 30, 60, 100, 127]> : tensor<15xi8> as tensor<15x!q2>
  %r = qnn.tanh %0 : (tensor<15x!q2>) -> tensor<15x!q0>
  return %r : tensor<15x!q0>
}

// uint8.
func.func @uint8() -> tensor<15x!q3>
    attributes {expect = [dense<[0, 0, 0, 7, 59, 91, 120, 128, 136, 165, 197, 249, 255, 255, 255]> : tensor<15xi8>]} {
  %0 = qnn.constant dense<[0, 28, 68, 98, 118, 123, 127, 128, 129, 133, 138, 158, 188, 228, 255]> : tensor<15xi8> as tensor<15x!q4>
  %r = qnn.tanh %0 : (tensor<15x!q4>) -> tensor<15x!q3>
  return %r : tensor<15x!q3>
}

// Floats, with the ends that TFLite treats apart.
func.func @float() -> tensor<8xf32>
    attributes {expect = [dense<[-1.0, -1.0, -0.9950547814369202, -0.46211716532707214, 0.0, 0.46211716532707214, 0.9950547814369202, 1.0]> : tensor<8xf32>]} {
  %0 = qnn.constant dense<[-20.0, -9.5, -3.0, -0.5, 0.0, 0.5, 3.0, 17.0]> : tensor<8xf32> as tensor<8xf32>
  %r = qnn.tanh %0 : (tensor<8xf32>) -> tensor<8xf32>
  return %r : tensor<8xf32>
}
