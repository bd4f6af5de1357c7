// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of floats with a filter that alone is quantized.

// RUN: %qcc-opt -split-input-file -verify-diagnostics --verify-roundtrip %s

func.func @hybrid(%x: tensor<1x2x2x1xf32>, %w: tensor<1x1x1x1x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x2x2x1xf32> {
  %y = qnn.conv2d %x, %w {asymmetric_inputs} : (tensor<1x2x2x1xf32>, tensor<1x1x1x1x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x2x2x1xf32>
  return %y : tensor<1x2x2x1xf32>
}

// -----

func.func @per_channel(%x: tensor<2x3xf32>, %w: tensor<2x3x!quant.uniform<i4:f32:0, {0.5, 0.25}>>) -> tensor<2x2xf32> {
  %y = qnn.fully_connected %x, %w : (tensor<2x3xf32>, tensor<2x3x!quant.uniform<i4:f32:0, {0.5, 0.25}>>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// -----

func.func @zero_point(%x: tensor<1x2x2x1xf32>, %w: tensor<1x1x1x1x!quant.uniform<i8:f32, 0.5:1>>) -> tensor<1x2x2x1xf32> {
  // expected-error @below {{beside a float input, a quantized filter must have signed storage of at most 8 bits with zero point 0, but is 'tensor<1x1x1x1x!quant.uniform<i8:f32, 5.000000e-01:1>>'}}
  %y = qnn.conv2d %x, %w : (tensor<1x2x2x1xf32>, tensor<1x1x1x1x!quant.uniform<i8:f32, 0.5:1>>) -> tensor<1x2x2x1xf32>
  return %y : tensor<1x2x2x1xf32>
}

// -----

func.func @unsigned(%x: tensor<1x3xf32>, %w: tensor<2x3x!quant.uniform<u8:f32, 0.5>>) -> tensor<1x2xf32> {
  // expected-error @below {{must have signed storage of at most 8 bits}}
  %y = qnn.fully_connected %x, %w : (tensor<1x3xf32>, tensor<2x3x!quant.uniform<u8:f32, 0.5>>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

func.func @not_hybrid(%x: tensor<1x2x2x1xf32>, %w: tensor<1x1x1x1xf32>) -> tensor<1x2x2x1xf32> {
  // expected-error @below {{asymmetric_inputs goes with a float input and a quantized filter}}
  %y = qnn.depthwise_conv2d %x, %w {asymmetric_inputs} : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>) -> tensor<1x2x2x1xf32>
  return %y : tensor<1x2x2x1xf32>
}

// -----

func.func @transposed(%x: tensor<1x2x2x1xf32>, %w: tensor<1x1x1x1x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x2x2x1xf32> {
  // expected-error @below {{input, filter and result must be all quantized or all float}}
  %y = qnn.transpose_conv2d %x, %w : (tensor<1x2x2x1xf32>, tensor<1x1x1x1x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x2x2x1xf32>
  return %y : tensor<1x2x2x1xf32>
}
