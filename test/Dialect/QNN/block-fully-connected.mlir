// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of floats with weights in blocks: what is refused.

// RUN: %qcc-opt -split-input-file -verify-diagnostics %s

func.func @filter(%x: tensor<1x4xf32>, %w: tensor<2x4x!quant.uniform<i8:f32, 0.5>>, %s: tensor<2x1xf32>) {
  // expected-error @below {{filter must be integers of at most 8 bits, plain or of the scale 1, but is 'tensor<2x4x!quant.uniform<i8:f32, 5.000000e-01>>'}}
  %y = qnn.block_fully_connected %x, %w scales %s {block = 4}
    : (tensor<1x4xf32>, tensor<2x4x!quant.uniform<i8:f32, 0.5>>, tensor<2x1xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @wide(%x: tensor<1x4xf32>, %w: tensor<2x4xi16>, %s: tensor<2x1xf32>) {
  // expected-error @below {{filter must be integers of at most 8 bits}}
  %y = qnn.block_fully_connected %x, %w scales %s {block = 4}
    : (tensor<1x4xf32>, tensor<2x4xi16>, tensor<2x1xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @block(%x: tensor<1x4xf32>, %w: tensor<2x4xi8>, %s: tensor<2x1xf32>) {
  // expected-error @below {{block must be 1 to 32768, but is 0}}
  %y = qnn.block_fully_connected %x, %w scales %s {block = 0}
    : (tensor<1x4xf32>, tensor<2x4xi8>, tensor<2x1xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @scales(%x: tensor<1x5xf32>, %w: tensor<2x5xi8>, %s: tensor<2x2xf32>) {
  // expected-error @below {{scales must be f32 of shape [2, 3], but are 'tensor<2x2xf32>'}}
  %y = qnn.block_fully_connected %x, %w scales %s {block = 2}
    : (tensor<1x5xf32>, tensor<2x5xi8>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @zero_points(%x: tensor<1x4xf32>, %w: tensor<2x4xi8>, %s: tensor<2x1xf32>, %z: tensor<2x1xi32>) {
  // expected-error @below {{zero points must be integers of at most 8 bits and shape [2, 1], but are 'tensor<2x1xi32>'}}
  %y = qnn.block_fully_connected %x, %w scales %s zero_points %z {block = 4}
    : (tensor<1x4xf32>, tensor<2x4xi8>, tensor<2x1xf32> zero_points tensor<2x1xi32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @input(%x: tensor<1x4xi8>, %w: tensor<2x4xi8>, %s: tensor<2x1xf32>) {
  // expected-error @below {{input and result must be f32, but are 'tensor<1x4xi8>' and 'tensor<1x2xf32>'}}
  %y = qnn.block_fully_connected %x, %w scales %s {block = 4}
    : (tensor<1x4xi8>, tensor<2x4xi8>, tensor<2x1xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @bias(%x: tensor<1x4xf32>, %w: tensor<2x4xi8>, %s: tensor<2x1xf32>, %b: tensor<3xf32>) {
  // expected-error @below {{bias must have 2 elements of f32, but is 'tensor<3xf32>'}}
  %y = qnn.block_fully_connected %x, %w scales %s bias %b {block = 4}
    : (tensor<1x4xf32>, tensor<2x4xi8>, tensor<2x1xf32> bias tensor<3xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @rows(%x: tensor<1x5xf32>, %w: tensor<2x4xi8>, %s: tensor<2x1xf32>) {
  // expected-error @below {{input has 5 elements, which is no multiple of the filter's 4}}
  %y = qnn.block_fully_connected %x, %w scales %s {block = 4}
    : (tensor<1x5xf32>, tensor<2x4xi8>, tensor<2x1xf32>) -> tensor<1x2xf32>
  return
}
