// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RUN: %qcc-opt %s --qnn-sum-integers=unfused=warn --split-input-file 2>%t | FileCheck %s
// RUN: FileCheck %s --check-prefix=WARN --input-file=%t
// RUN: not qcc-opt %s --qnn-sum-integers=unfused=error --split-input-file 2>&1 | FileCheck %s --check-prefix=ERROR

!x = !quant.uniform<u8:f32, 5.000000e-01:3>
!w = !quant.uniform<i8<-127:127>:f32, 2.500000e-01>

// Logits: what follows the sum is part of its scales and its bias; a negative factor negates the channel's weights.
// CHECK-LABEL: func.func @logits
// CHECK-DAG: %[[W:.*]] = qnn.constant dense<{{\[\[}}1, 2, 3], [-4, 5, -6]]> : tensor<2x3xi8> as tensor<2x3x!quant.uniform<i8<-127:127>:f32:0, {2.500000e-01,1.250000e-01}>>
// CHECK-DAG: %[[BIAS:.*]] = qnn.constant dense<[1.000000e+00, 2.500000e+00]> : tensor<2xf32>
// CHECK: %[[Y:.*]] = qnn.fully_connected %arg0, %[[W]] bias %[[BIAS]] {clamp = #qnn.clamp<0, inf>, rounding = #qnn.rounding<onnx>} : {{.*}} -> tensor<1x2xf32>
// CHECK-NEXT: return %[[Y]]
func.func @logits(%q: tensor<1x3x!x>) -> tensor<1x2xf32> {
  %x = qnn.dequantize %q : (tensor<1x3x!x>) -> tensor<1x3xf32>
  %wq = qnn.constant dense<[[1, 2, 3], [4, -5, 6]]> : tensor<2x3xi8> as tensor<2x3x!w>
  %w = qnn.dequantize %wq : (tensor<2x3x!w>) -> tensor<2x3xf32>
  %f = qnn.constant dense<[[2.0, -1.0]]> : tensor<1x2xf32> as tensor<1x2xf32>
  %two = qnn.constant dense<2.0> : tensor<f32> as tensor<f32>
  %b = qnn.constant dense<[0.5, 2.0]> : tensor<2xf32> as tensor<2xf32>
  %c = qnn.constant dense<[-0.5, -0.5]> : tensor<2xf32> as tensor<2xf32>
  %s = qnn.fully_connected %x, %w {rounding = #qnn.rounding<onnx>} : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  %m = qnn.mul %s, %f {rounding = #qnn.rounding<onnx>} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %d = qnn.div %m, %two : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %a = qnn.add %b, %d {rounding = #qnn.rounding<onnx>} : (tensor<2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = qnn.sub %a, %c {clamp = #qnn.clamp<0.0, inf>} : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

!x = !quant.uniform<u8:f32, 5.000000e-01:3>

// Two tensors that are known at run time.
// CHECK-LABEL: func.func @product_of_tensors
// CHECK: qnn.batch_matmul %arg0, %arg1 {rounding = #qnn.rounding<onnx>} : {{.*}} -> tensor<2x2xf32>
func.func @product_of_tensors(%p: tensor<2x3x!x>, %q: tensor<3x2x!x>) -> tensor<2x2xf32> {
  %x = qnn.dequantize %p : (tensor<2x3x!x>) -> tensor<2x3xf32>
  %y = qnn.dequantize %q : (tensor<3x2x!x>) -> tensor<3x2xf32>
  %s = qnn.batch_matmul %x, %y {rounding = #qnn.rounding<onnx>} : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>
  return %s : tensor<2x2xf32>
}

// -----

!x = !quant.uniform<i8:f32, 5.000000e-01>
!w = !quant.uniform<i8:f32, 2.500000e-01>

// A factor of 0 is no scale, weights of -128 have no negative, the sum itself is a result: these stay behind it.
// CHECK-LABEL: func.func @stay
// CHECK: qnn.mul
// CHECK: qnn.mul
// CHECK: qnn.add
func.func @stay(%q: tensor<1x3x!x>) -> (tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>) {
  %x = qnn.dequantize %q : (tensor<1x3x!x>) -> tensor<1x3xf32>
  %wq = qnn.constant dense<[[1, 2, 3], [4, -5, -128]]> : tensor<2x3xi8> as tensor<2x3x!w>
  %w = qnn.dequantize %wq : (tensor<2x3x!w>) -> tensor<2x3xf32>
  %zero = qnn.constant dense<[0.0, 1.0]> : tensor<2xf32> as tensor<2xf32>
  %minus = qnn.constant dense<-1.0> : tensor<f32> as tensor<f32>
  %r = qnn.fully_connected %x, %w {rounding = #qnn.rounding<onnx>} : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  %s = qnn.fully_connected %x, %w {rounding = #qnn.rounding<onnx>} : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  %t = qnn.fully_connected %x, %w {rounding = #qnn.rounding<onnx>} : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  %a = qnn.mul %r, %zero : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %b = qnn.mul %s, %minus : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %c = qnn.add %t, %minus : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  return %a, %b, %c, %t : tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>
}

// -----

!x = !quant.uniform<i8:f32, 5.000000e-01>

// A filter of any floats: that is said. TFLite's roundings are left alone.
// CHECK-LABEL: func.func @floats
// CHECK-COUNT-2: qnn.fully_connected %{{.*}} : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
// WARN: warning: 'qnn.fully_connected' has a quantized input, but stays in floats: its filter is not quantized
// ERROR: error: 'qnn.fully_connected' has a quantized input, but stays in floats: its filter is not quantized
func.func @floats(%q: tensor<1x3x!x>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  %x = qnn.dequantize %q : (tensor<1x3x!x>) -> tensor<1x3xf32>
  %v = qnn.constant dense<[[0.3, 0.7, 0.1], [0.2, 0.5, 0.9]]> : tensor<2x3xf32> as tensor<2x3xf32>
  %wq = qnn.constant dense<1> : tensor<2x3xi8> as tensor<2x3x!x>
  %w = qnn.dequantize %wq : (tensor<2x3x!x>) -> tensor<2x3xf32>
  %s = qnn.fully_connected %x, %v {rounding = #qnn.rounding<onnx>} : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  %t = qnn.fully_connected %x, %w : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  return %s, %t : tensor<1x2xf32>, tensor<1x2xf32>
}

// -----

!x = !quant.uniform<i8:f32, 5.000000e-01>
!y = !quant.uniform<i8:f32, 3.000000e-01>

// So is an input that is quantized with one scale here, another there.
// CHECK-LABEL: func.func @joined
// CHECK: qnn.fully_connected %{{.*}} : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
// WARN: warning: 'qnn.fully_connected' has a quantized input, but stays in floats: its input joins values of different scales
func.func @joined(%p: tensor<1x2x!x>, %q: tensor<1x1x!y>) -> tensor<1x2xf32> {
  %a = qnn.dequantize %p : (tensor<1x2x!x>) -> tensor<1x2xf32>
  %b = qnn.dequantize %q : (tensor<1x1x!y>) -> tensor<1x1xf32>
  %x = qnn.concat %a, %b {axis = 1 : i64} : (tensor<1x2xf32>, tensor<1x1xf32>) -> tensor<1x3xf32>
  %wq = qnn.constant dense<1> : tensor<2x3xi8> as tensor<2x3x!x>
  %w = qnn.dequantize %wq : (tensor<2x3x!x>) -> tensor<2x3xf32>
  %s = qnn.fully_connected %x, %w {rounding = #qnn.rounding<onnx>} : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  return %s : tensor<1x2xf32>
}

// -----

!x = !quant.uniform<i8:f32, 5.000000e-01>

// Whatever lies between: the sum of two is not quantized again, nor is what a function makes of it. What comes of the product is
// another matter.
// CHECK-LABEL: func.func @between
// CHECK-COUNT-2: qnn.fully_connected {{.*}} : (tensor<1x3xf32>
// WARN: warning: 'qnn.fully_connected' has a quantized input, but stays in floats: between lies 'qnn.add', whose result is not quantized
// WARN: warning: 'qnn.fully_connected' has quantized weights, but stays in floats: its input is not quantized
func.func @between(%p: tensor<1x3x!x>, %q: tensor<1x3x!x>) -> tensor<1x3xf32> {
  %a = qnn.dequantize %p : (tensor<1x3x!x>) -> tensor<1x3xf32>
  %b = qnn.dequantize %q : (tensor<1x3x!x>) -> tensor<1x3xf32>
  %s = qnn.add %a, %b : (tensor<1x3xf32>, tensor<1x3xf32>) -> tensor<1x3xf32>
  %e = qnn.exp %s : (tensor<1x3xf32>) -> tensor<1x3xf32>
  %wq = qnn.constant dense<1> : tensor<3x3xi8> as tensor<3x3x!x>
  %w = qnn.dequantize %wq : (tensor<3x3x!x>) -> tensor<3x3xf32>
  %y = qnn.fully_connected %e, %w {rounding = #qnn.rounding<onnx>} : (tensor<1x3xf32>, tensor<3x3xf32>) -> tensor<1x3xf32>
  %z = qnn.fully_connected %y, %w {rounding = #qnn.rounding<onnx>} : (tensor<1x3xf32>, tensor<3x3xf32>) -> tensor<1x3xf32>
  return %z : tensor<1x3xf32>
}

// -----

!x = !quant.uniform<i8:f32, 5.000000e-01>

// A scale for each channel of an activation; and an image of bytes, which nobody quantized.
// CHECK-LABEL: func.func @channels
// WARN: warning: 'qnn.fully_connected' has a quantized input, but stays in floats: its input has several scales, or such as only a run tells
// WARN: warning: 'qnn.fully_connected' has quantized weights, but stays in floats: its input is not quantized
// WARN-NOT: warning
func.func @channels(%p: tensor<1x3xf32>, %s: tensor<3xf32>, %image: tensor<1x3xui8>) -> (tensor<1x3xf32>, tensor<1x3xf32>) {
  %d = qnn.div %p, %s : (tensor<1x3xf32>, tensor<3xf32>) -> tensor<1x3xf32>
  %q = qnn.cast %d : (tensor<1x3xf32>) -> tensor<1x3xi8>
  %r = qnn.reshape %q : (tensor<1x3xi8>) -> tensor<1x3xi8>
  %f = qnn.cast %r : (tensor<1x3xi8>) -> tensor<1x3xf32>
  %m = qnn.mul %f, %s : (tensor<1x3xf32>, tensor<3xf32>) -> tensor<1x3xf32>
  %i = qnn.cast %image : (tensor<1x3xui8>) -> tensor<1x3xf32>
  %wq = qnn.constant dense<1> : tensor<3x3xi8> as tensor<3x3x!x>
  %w = qnn.dequantize %wq : (tensor<3x3x!x>) -> tensor<3x3xf32>
  %y = qnn.fully_connected %m, %w {rounding = #qnn.rounding<onnx>} : (tensor<1x3xf32>, tensor<3x3xf32>) -> tensor<1x3xf32>
  %z = qnn.fully_connected %i, %w {rounding = #qnn.rounding<onnx>} : (tensor<1x3xf32>, tensor<3x3xf32>) -> tensor<1x3xf32>
  return %y, %z : tensor<1x3xf32>, tensor<1x3xf32>
}
