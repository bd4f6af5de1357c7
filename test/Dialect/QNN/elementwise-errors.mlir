// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The numbered constraints of element-wise operations.

// RUN: qcc-opt %s -split-input-file -verify-diagnostics

func.func @c1_mul(%a: tensor<4xf32>, %b: tensor<3xf32>) {
  // expected-error@+1 {{'qnn.mul' op shapes [4] and [3] do not broadcast}}
  %0 = qnn.mul %a, %b : (tensor<4xf32>, tensor<3xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @c2_mul(%a: tensor<4xf32>, %b: tensor<4xi32>) {
  // expected-error@+1 {{'qnn.mul' op operands and result must be all quantized or all float or all integer}}
  %0 = qnn.mul %a, %b : (tensor<4xf32>, tensor<4xi32>) -> tensor<4xf32>
  return
}

// -----

func.func @c2_mul_bits(%a: tensor<4x!quant.uniform<i32:f32, 0.5>>, %b: tensor<4x!quant.uniform<i32:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.mul' op is defined for quantized types of at most 16 bits}}
  %0 = qnn.mul %a, %b : (tensor<4x!quant.uniform<i32:f32, 0.5>>, tensor<4x!quant.uniform<i32:f32, 0.5>>) -> tensor<4x!quant.uniform<i32:f32, 0.5>>
  return
}

// -----

func.func @c2_mul_bool(%a: tensor<4xi1>, %b: tensor<4xi1>) {
  // expected-error@+1 {{'qnn.mul' op is not defined on truth values}}
  %0 = qnn.mul %a, %b : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  return
}

// -----

func.func @c2_mul_axis(%a: tensor<4x!quant.uniform<i8:f32, 0.5>>, %b: tensor<4x!quant.uniform<i8:f32:0, {1.0, 1.0, 1.0, 1.0}>>) {
  // expected-error@+1 {{'qnn.mul' op operands and result must be quantized per tensor}}
  %0 = qnn.mul %a, %b : (tensor<4x!quant.uniform<i8:f32, 0.5>>, tensor<4x!quant.uniform<i8:f32:0, {1.0, 1.0, 1.0, 1.0}>>) -> tensor<4x!quant.uniform<i8:f32, 0.5>>
  return
}

// -----

func.func @c3_mul(%a: tensor<4x!quant.uniform<i8:f32, 0.5>>, %b: tensor<4x!quant.uniform<i8:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.mul' op the scales give the multiplier}}
  %0 = qnn.mul %a, %b : (tensor<4x!quant.uniform<i8:f32, 0.5>>, tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4x!quant.uniform<i8:f32, 1.0e-11>>
  return
}

// -----

func.func @result_shape(%a: tensor<2x4xf32>, %b: tensor<4xf32>) {
  // expected-error@+1 {{'qnn.sub' op result has shape [4], but the operands give [2, 4]}}
  %0 = qnn.sub %a, %b : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @c3_sub(%a: tensor<4x!quant.uniform<i8:f32, 0.5>>, %b: tensor<4x!quant.uniform<i8:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.sub' op the result's scale must be more than 2^-19 of the operands' larger one}}
  %0 = qnn.sub %a, %b : (tensor<4x!quant.uniform<i8:f32, 0.5>>, tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4x!quant.uniform<i8:f32, 9.0e-7>>
  return
}

// -----

func.func @c3_sub16(%a: tensor<4x!quant.uniform<i16:f32, 0.5>>, %b: tensor<4x!quant.uniform<i16:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.sub' op the result's scale must be more than 2^-14 of the operands' larger one}}
  %0 = qnn.sub %a, %b : (tensor<4x!quant.uniform<i16:f32, 0.5>>, tensor<4x!quant.uniform<i16:f32, 0.5>>) -> tensor<4x!quant.uniform<i16:f32, 3.0e-5>>
  return
}

// -----

func.func @c4_bits(%a: tensor<4x!quant.uniform<i8:f32, 0.5>>, %b: tensor<4x!quant.uniform<i8:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.add' op 'power_of_two' needs 16 bits and zero points 0}}
  %0 = qnn.add %a, %b {power_of_two} : (tensor<4x!quant.uniform<i8:f32, 0.5>>, tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4x!quant.uniform<i8:f32, 0.5>>
  return
}

// -----

func.func @c4_scale(%a: tensor<4x!quant.uniform<i16:f32, 0.5>>, %b: tensor<4x!quant.uniform<i16:f32, 0.3>>) {
  // expected-error@+1 {{'qnn.add' op 'power_of_two' needs one operand of the result's scale}}
  %0 = qnn.add %a, %b {power_of_two} : (tensor<4x!quant.uniform<i16:f32, 0.5>>, tensor<4x!quant.uniform<i16:f32, 0.3>>) -> tensor<4x!quant.uniform<i16:f32, 0.5>>
  return
}

// -----

func.func @c2_div(%a: tensor<4x!quant.uniform<i16:f32, 0.5>>, %b: tensor<4x!quant.uniform<i16:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.div' op is defined for quantized types of at most 8 bits}}
  %0 = qnn.div %a, %b : (tensor<4x!quant.uniform<i16:f32, 0.5>>, tensor<4x!quant.uniform<i16:f32, 0.5>>) -> tensor<4x!quant.uniform<i16:f32, 0.5>>
  return
}

// -----

func.func @c3_squared_difference(%a: tensor<4x!quant.uniform<i8:f32, 0.5>>, %b: tensor<4x!quant.uniform<i8:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.squared_difference' op the result's scale must be more than 2^-12}}
  %0 = qnn.squared_difference %a, %b : (tensor<4x!quant.uniform<i8:f32, 0.5>>, tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4x!quant.uniform<i8:f32, 0.00001>>
  return
}

// -----

func.func @c2_minimum(%a: tensor<4x!quant.uniform<i8:f32, 0.5>>, %b: tensor<4x!quant.uniform<i8:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.minimum' op operand and result must have the same element type}}
  %0 = qnn.minimum %a, %b : (tensor<4x!quant.uniform<i8:f32, 0.5>>, tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4x!quant.uniform<i8:f32, 2.0>>
  return
}

// -----

func.func @c2_maximum(%a: tensor<4xf32>, %b: tensor<4xf32>) {
  // expected-error@+1 {{'qnn.maximum' op operand and result must have the same element type}}
  %0 = qnn.maximum %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi32>
  return
}

// -----

func.func @c2_floor_div(%a: tensor<4x!quant.uniform<i8:f32, 0.5>>, %b: tensor<4x!quant.uniform<i8:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.floor_div' op is not defined on quantized types}}
  %0 = qnn.floor_div %a, %b : (tensor<4x!quant.uniform<i8:f32, 0.5>>, tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4x!quant.uniform<i8:f32, 0.5>>
  return
}

// -----

func.func @c2_floor_mod(%a: tensor<4x!quant.uniform<i8:f32, 0.5>>, %b: tensor<4x!quant.uniform<i8:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.floor_mod' op is not defined on quantized types}}
  %0 = qnn.floor_mod %a, %b : (tensor<4x!quant.uniform<i8:f32, 0.5>>, tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4x!quant.uniform<i8:f32, 0.5>>
  return
}

// -----

func.func @c2_pow(%a: tensor<4xi64>, %b: tensor<4xi64>) {
  // expected-error@+1 {{'qnn.pow' op is defined for f32 and i32}}
  %0 = qnn.pow %a, %b : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
  return
}

// -----

func.func @c1_prelu(%a: tensor<4xf32>, %b: tensor<2x4xf32>) {
  // expected-error@+1 {{'qnn.prelu' op the second operand of shape [2, 4] must broadcast to the first of shape [4]}}
  %0 = qnn.prelu %a, %b : (tensor<4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @c2_compare(%a: tensor<4x!quant.uniform<i16:f32, 0.5>>, %b: tensor<4x!quant.uniform<i8:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.compare' op operands must be quantized with 8 bits or have the same element type}}
  %0 = qnn.compare %a, %b {predicate = #qnn.predicate<less>} : (tensor<4x!quant.uniform<i16:f32, 0.5>>, tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4xi1>
  return
}

// -----

func.func @c2_compare_result(%a: tensor<4xf32>, %b: tensor<4xf32>) {
  // expected-error@+1 {{'qnn.compare' op the result must be of i1}}
  %0 = qnn.compare %a, %b {predicate = #qnn.predicate<less>} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @c3_compare(%a: tensor<4x!quant.uniform<i8:f32, 0.5>>, %b: tensor<4x!quant.uniform<i8:f32, 2.0>>) {
  // expected-error@+1 {{'qnn.compare' op 8-bit operands must have scales less than 1}}
  %0 = qnn.compare %a, %b {predicate = #qnn.predicate<equal>} : (tensor<4x!quant.uniform<i8:f32, 0.5>>, tensor<4x!quant.uniform<i8:f32, 2.0>>) -> tensor<4xi1>
  return
}

// -----

func.func @c2_and(%a: tensor<4xi32>, %b: tensor<4xi32>) {
  // expected-error@+1 {{'qnn.logical_and' op operands and result must be of i1}}
  %0 = qnn.logical_and %a, %b : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  return
}

// -----

func.func @c2_or(%a: tensor<4xi32>, %b: tensor<4xi1>) {
  // expected-error@+1 {{'qnn.logical_or' op operand and result must have the same element type}}
  %0 = qnn.logical_or %a, %b : (tensor<4xi32>, tensor<4xi1>) -> tensor<4xi1>
  return
}

// -----

func.func @c1_not(%a: tensor<4xi32>) {
  // expected-error@+1 {{'qnn.logical_not' op operand and result must be of i1}}
  %0 = qnn.logical_not %a : (tensor<4xi32>) -> tensor<4xi32>
  return
}

// -----

func.func @c2_select(%a: tensor<4xf32>, %b: tensor<4xf32>, %c: tensor<4xf32>) {
  // expected-error@+1 {{'qnn.select' op the condition must be of i1}}
  %0 = qnn.select %a, %b, %c : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @c2_select_types(%a: tensor<4xi1>, %b: tensor<4xf32>, %c: tensor<4xi32>) {
  // expected-error@+1 {{'qnn.select' op operand and result must have the same element type}}
  %0 = qnn.select %a, %b, %c : (tensor<4xi1>, tensor<4xf32>, tensor<4xi32>) -> tensor<4xf32>
  return
}

// -----

func.func @c1_abs(%a: tensor<4x!quant.uniform<i8:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.abs' op operand and result must be as wide as each other}}
  %0 = qnn.abs %a : (tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4x!quant.uniform<i16:f32, 0.5>>
  return
}

// -----

func.func @c1_sqrt(%a: tensor<4x!quant.uniform<i8:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.sqrt' op is not defined on quantized types}}
  %0 = qnn.sqrt %a : (tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4x!quant.uniform<i8:f32, 0.5>>
  return
}

// -----

func.func @c1_exp(%a: tensor<4xi32>) {
  // expected-error@+1 {{'qnn.exp' op operands and result must be all quantized or all float}}
  %0 = qnn.exp %a : (tensor<4xi32>) -> tensor<4xi32>
  return
}

// -----

func.func @c1_elu(%a: tensor<4x!quant.uniform<i16:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.elu' op is defined for quantized types of at most 8 bits}}
  %0 = qnn.elu %a : (tensor<4x!quant.uniform<i16:f32, 0.5>>) -> tensor<4x!quant.uniform<i16:f32, 0.5>>
  return
}

// -----

func.func @c2_leaky_relu(%a: tensor<4x!quant.uniform<i8:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.leaky_relu' op the scales give the multiplier}}
  %0 = qnn.leaky_relu %a {alpha = 1.0e10 : f32} : (tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4x!quant.uniform<i8:f32, 0.5>>
  return
}

// -----

func.func @alpha(%a: tensor<4xf32>) {
  // expected-error@+1 {{'qnn.leaky_relu' op 'alpha' must be finite}}
  %0 = qnn.leaky_relu %a {alpha = 0x7F800000 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @c2_hard_swish(%a: tensor<4x!quant.uniform<i8:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.hard_swish' op the operand's scale must be less than 128 of the result's}}
  %0 = qnn.hard_swish %a : (tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4x!quant.uniform<i8:f32, 0.001>>
  return
}

// -----

func.func @c2_logistic(%a: tensor<4x!quant.uniform<i16:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.logistic' op with 16 bits the zero points must be 0 and the result's scale 2^-15}}
  %0 = qnn.logistic %a : (tensor<4x!quant.uniform<i16:f32, 0.5>>) -> tensor<4x!quant.uniform<i16:f32, 0.5>>
  return
}

// -----

func.func @c3_requantize(%a: tensor<4x!quant.uniform<i16:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.requantize' op is defined for quantized types of at most 8 bits}}
  %0 = qnn.requantize %a {float_affine} : (tensor<4x!quant.uniform<i16:f32, 0.5>>) -> tensor<4x!quant.uniform<i8:f32, 0.5>>
  return
}

// -----

func.func @c2_logistic_scale(%a: tensor<4x!quant.uniform<i16:f32, 2.75>>) {
  // expected-error@+1 {{'qnn.logistic' op with 16 bits the operand's scale must be less than 8/3}}
  %0 = qnn.logistic %a : (tensor<4x!quant.uniform<i16:f32, 2.75>>) -> tensor<4x!quant.uniform<i16:f32, 3.0517578125E-5>>
  return
}

// -----

func.func @c1_table(%a: tensor<4x!quant.uniform<i16:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.table' op operand and result must be quantized per tensor with at most 8 bits, but got 'tensor<4x!quant.uniform<i16:f32, 5.000000e-01>>'}}
  %0 = qnn.table %a {table = dense<7> : tensor<256xui8>} : (tensor<4x!quant.uniform<i16:f32, 0.5>>) -> tensor<4x!quant.uniform<i8:f32, 0.5>>
  return
}

// -----

func.func @c2_table(%a: tensor<4x!quant.uniform<i8:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.table' op the table must have 256 unsigned bytes}}
  %0 = qnn.table %a {table = dense<7> : tensor<255xui8>} : (tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4x!quant.uniform<i8:f32, 0.5>>
  return
}

// -----

func.func @c2_table_range(%a: tensor<4x!quant.uniform<i8:f32, 0.5>>) {
  // expected-error@+1 {{'qnn.table' op the table has -121, outside -8 to 7}}
  %0 = qnn.table %a {table = dense<7> : tensor<256xui8>} : (tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4x!quant.uniform<i8<-8:7>:f32, 0.5>>
  return
}
