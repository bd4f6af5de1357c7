// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Scales whose quotient leaves the fixed-point arithmetic of the origins.

// RUN: qcc-opt %s -split-input-file -verify-diagnostics

!q = !quant.uniform<i8:f32, 1.0>
!big = !quant.uniform<i8:f32, 4294967296.0>
!fits = !quant.uniform<i8:f32, 2147483520.0>

func.func @fits(%x: tensor<4x!fits>) -> tensor<4x!q> {
  %y = qnn.requantize %x : (tensor<4x!fits>) -> tensor<4x!q>
  return %y : tensor<4x!q>
}

func.func @requantize(%x: tensor<4x!big>) -> tensor<4x!q> {
  // expected-error @+1 {{the scales give the multiplier 4.29497e+09, which must be less than 2^31}}
  %y = qnn.requantize %x : (tensor<4x!big>) -> tensor<4x!q>
  return %y : tensor<4x!q>
}

// -----

!q = !quant.uniform<i8:f32, 1.0>
!w = !quant.uniform<i8:f32:0, {1.0, 4294967296.0}>

func.func @per_channel(%x: tensor<1x4x!q>, %w: tensor<2x4x!w>) -> tensor<1x2x!q> {
  // expected-error @+1 {{the scales give the multiplier 4.29497e+09}}
  %y = qnn.fully_connected %x, %w : (tensor<1x4x!q>, tensor<2x4x!w>) -> tensor<1x2x!q>
  return %y : tensor<1x2x!q>
}

// -----

!q = !quant.uniform<i8:f32, 1.0>
!big = !quant.uniform<i8:f32, 4294967296.0>

func.func @mean(%x: tensor<4x4x!big>) -> tensor<4x!q> {
  // expected-error @+1 {{the scales give the multiplier 4.29497e+09}}
  %y = qnn.mean %x {axes = array<i64: 1>} : (tensor<4x4x!big>) -> tensor<4x!q>
  return %y : tensor<4x!q>
}

// -----

!q = !quant.uniform<i8:f32, 1.0>
!a = !quant.uniform<i8:f32, 524288.0>

func.func @add(%a: tensor<4x!a>, %b: tensor<4x!q>) -> tensor<4x!q> {
  // expected-error @+1 {{the result's scale must be more than 2^-19 of the operands' larger one}}
  %y = qnn.add %a, %b : (tensor<4x!a>, tensor<4x!q>) -> tensor<4x!q>
  return %y : tensor<4x!q>
}
