// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the verifiers of reductions and of functions over the last axis refuse.
//
// RUN: qcc-opt %s -split-input-file -verify-diagnostics

func.func @axes(%x: tensor<2x4xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{axes must be distinct and in [0, 2), but got [1, 1]}}
  %y = qnn.sum %x {axes = array<i64: 1, 1>} : (tensor<2x4xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// -----

func.func @shape(%x: tensor<2x4xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{result has shape [2], but the operands give [2, 1]}}
  %y = qnn.reduce_max %x {axes = array<i64: 1>, keep_dims} : (tensor<2x4xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// -----

func.func @kinds(%x: tensor<2x4xi32>) -> tensor<2xf32> {
  // expected-error @+1 {{operand and result must have the same element type, but got 'tensor<2x4xi32>' and 'tensor<2xf32>'}}
  %y = qnn.reduce_min %x {axes = array<i64: 1>} : (tensor<2x4xi32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// -----

func.func @sum16(%x: tensor<2x4x!quant.uniform<i16:f32, 0.5>>) -> tensor<2x!quant.uniform<i16:f32, 0.25>> {
  // expected-error @+1 {{operand and result must have the same element type}}
  %y = qnn.sum %x {axes = array<i64: 1>} : (tensor<2x4x!quant.uniform<i16:f32, 0.5>>) -> tensor<2x!quant.uniform<i16:f32, 0.25>>
  return %y : tensor<2x!quant.uniform<i16:f32, 0.25>>
}

// -----

func.func @nothing(%x: tensor<2x0xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{axis 1 has no elements to take one of}}
  %y = qnn.reduce_max %x {axes = array<i64: 1>} : (tensor<2x0xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// -----

!q = !quant.uniform<i8:f32, 0.5>
func.func @product(%x: tensor<2x4x!q>) -> tensor<2x!q> {
  // expected-error @+1 {{is not defined on quantized types}}
  %y = qnn.reduce_prod %x {axes = array<i64: 1>} : (tensor<2x4x!q>) -> tensor<2x!q>
  return %y : tensor<2x!q>
}

// -----

func.func @any(%x: tensor<2x4xi8>) -> tensor<2xi8> {
  // expected-error @+1 {{needs elements of type i1, but got 'tensor<2x4xi8>'}}
  %y = qnn.reduce_any %x {axes = array<i64: 1>} : (tensor<2x4xi8>) -> tensor<2xi8>
  return %y : tensor<2xi8>
}

// -----

!q = !quant.uniform<i8:f32, 0.5>
func.func @norm_scale(%x: tensor<2x4x!q>) -> tensor<2x4x!q> {
  // expected-error @+1 {{the result must have the scale 0.0078125 and zero point 0, but is}}
  %y = qnn.l2_normalize %x : (tensor<2x4x!q>) -> tensor<2x4x!q>
  return %y : tensor<2x4x!q>
}

// -----

!q = !quant.uniform<i8:f32, 0.5>
!r = !quant.uniform<i8:f32, 0.0625:126>
func.func @log_zero_point(%x: tensor<2x4x!q>) -> tensor<2x4x!r> {
  // expected-error @+1 {{the result must have the scale 0.0625 and zero point 127, but is}}
  %y = qnn.log_softmax %x : (tensor<2x4x!q>) -> tensor<2x4x!r>
  return %y : tensor<2x4x!r>
}

// -----

!q = !quant.uniform<i8:f32, 0.5>
!r = !quant.uniform<i16:f32, 0.000030517578125>
func.func @softmax_widths(%x: tensor<2x4x!q>) -> tensor<2x4x!r> {
  // expected-error @+1 {{needs 8-bit or 16-bit storage on both sides}}
  %y = qnn.softmax %x : (tensor<2x4x!q>) -> tensor<2x4x!r>
  return %y : tensor<2x4x!r>
}

// -----

func.func @scalar(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @+1 {{needs an axis, but the operand is a scalar}}
  %y = qnn.log_softmax %x : (tensor<f32>) -> tensor<f32>
  return %y : tensor<f32>
}
