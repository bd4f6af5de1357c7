// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Accumulators of 64 bits, transposed convolutions, stacks of matrix products:
// what their verifiers refuse.

// RUN: %qcc-opt -split-input-file -verify-diagnostics --verify-roundtrip %s

!x = !quant.uniform<i16:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.25>

func.func @wide(%x: tensor<1x3x!x>, %w: tensor<2x3x!w>, %b: tensor<2xi64>) -> tensor<1x2x!x> {
  %y = qnn.fully_connected %x, %w bias %b : (tensor<1x3x!x>, tensor<2x3x!w>, tensor<2xi64>) -> tensor<1x2x!x>
  return %y : tensor<1x2x!x>
}

// -----

!x = !quant.uniform<i16:f32, 0.5>
!z = !quant.uniform<i16:f32, 0.5:3>
!w = !quant.uniform<i8:f32, 0.25>

func.func @wide_zero_point(%x: tensor<1x3x!z>, %w: tensor<2x3x!w>, %b: tensor<2xi64>) -> tensor<1x2x!x> {
  // expected-error @below {{has an accumulator of 64 bits, so the zero points of input and result must be 0, but are 3 and 0}}
  %y = qnn.fully_connected %x, %w bias %b : (tensor<1x3x!z>, tensor<2x3x!w>, tensor<2xi64>) -> tensor<1x2x!x>
  return %y : tensor<1x2x!x>
}

// -----

!x = !quant.uniform<i16:f32, 0.5>
!y = !quant.uniform<i16:f32, 0.000001>

func.func @wide_scale(%x: tensor<3x3x!x>) -> tensor<3x3x!y> {
  // expected-error @below {{has an accumulator of 64 bits, so s_in·s_w/s_out must be less than 2^14}}
  %y = qnn.batch_matmul %x, %x {wide} : (tensor<3x3x!x>, tensor<3x3x!x>) -> tensor<3x3x!y>
  return %y : tensor<3x3x!y>
}

// -----

func.func @wide_float(%x: tensor<3x3xf32>) -> tensor<3x3xf32> {
  // expected-error @below {{wide goes with quantized operands of zero point 0}}
  %y = qnn.batch_matmul %x, %x {wide} : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xf32>
  return %y : tensor<3x3xf32>
}

// -----

func.func @depth(%x: tensor<3x4xf32>) -> tensor<3x3xf32> {
  // expected-error @below {{reduces 4 elements of the lhs with 3 of the rhs}}
  %y = qnn.batch_matmul %x, %x : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x3xf32>
  return %y : tensor<3x3xf32>
}

// -----

func.func @broadcast(%x: tensor<2x3x4xf32>, %y: tensor<3x4x3xf32>) -> tensor<3x3x3xf32> {
  // expected-error @below {{the shapes [2, 3, 4] and [3, 4, 3] do not broadcast}}
  %z = qnn.batch_matmul %x, %y : (tensor<2x3x4xf32>, tensor<3x4x3xf32>) -> tensor<3x3x3xf32>
  return %z : tensor<3x3x3xf32>
}

// -----

func.func @vector(%x: tensor<4xf32>, %y: tensor<4x3xf32>) -> tensor<1x3xf32> {
  // expected-error @below {{operands must be at least matrices, but are}}
  %z = qnn.batch_matmul %x, %y : (tensor<4xf32>, tensor<4x3xf32>) -> tensor<1x3xf32>
  return %z : tensor<1x3xf32>
}

// -----

func.func @rhs_per_axis(%x: tensor<2x2xf32>, %y: tensor<2x2x!quant.uniform<i8:f32:0, {0.5, 0.25}>>) -> tensor<2x2xf32> {
  // expected-error @below {{rhs must be quantized per tensor}}
  %z = qnn.batch_matmul %x, %y : (tensor<2x2xf32>, tensor<2x2x!quant.uniform<i8:f32:0, {0.5, 0.25}>>) -> tensor<2x2xf32>
  return %z : tensor<2x2xf32>
}

// -----

func.func @transposed_channels(%x: tensor<1x2x2x3xf32>, %w: tensor<1x1x1x2xf32>) -> tensor<1x2x2x1xf32> {
  // expected-error @below {{input has 3 channels, but the filter takes 2}}
  %y = qnn.transpose_conv2d %x, %w : (tensor<1x2x2x3xf32>, tensor<1x1x1x2xf32>) -> tensor<1x2x2x1xf32>
  return %y : tensor<1x2x2x1xf32>
}

// -----

func.func @transposed_padding(%x: tensor<1x2x2x3xf32>, %w: tensor<1x1x1x3xf32>) -> tensor<1x2x2x1xf32> {
  // expected-error @below {{padding}}
  %y = qnn.transpose_conv2d %x, %w {padding = array<i64: 0, 0, 0, 0>} : (tensor<1x2x2x3xf32>, tensor<1x1x1x3xf32>) -> tensor<1x2x2x1xf32>
  return %y : tensor<1x2x2x1xf32>
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @l2_pool(%x: tensor<1x2x2x3x!q>) -> tensor<1x1x1x3x!q> {
  // expected-error @below {{operand and result must be float}}
  %y = qnn.l2_pool2d %x {kernel = array<i64: 2, 2>} : (tensor<1x2x2x3x!q>) -> tensor<1x1x1x3x!q>
  return %y : tensor<1x1x1x3x!q>
}

// -----

// Quantized operands with a float result have a float bias.
func.func @float_result(%x: tensor<1x3x!quant.uniform<u8:f32, 0.5>>, %w: tensor<2x3x!quant.uniform<i8:f32, 0.5>>, %b: tensor<2xf32>, %i: tensor<2xi32>) -> tensor<1x2xf32> {
  %y = qnn.fully_connected %x, %w bias %b : (tensor<1x3x!quant.uniform<u8:f32, 0.5>>, tensor<2x3x!quant.uniform<i8:f32, 0.5>>, tensor<2xf32>) -> tensor<1x2xf32>
  // expected-error @below {{bias must have 2 elements of f32, but is 'tensor<2xi32>'}}
  %z = qnn.fully_connected %x, %w bias %i : (tensor<1x3x!quant.uniform<u8:f32, 0.5>>, tensor<2x3x!quant.uniform<i8:f32, 0.5>>, tensor<2xi32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
