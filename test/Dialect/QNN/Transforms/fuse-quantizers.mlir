// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RUN: %qcc-opt %s --qnn-fuse-quantizers --split-input-file | FileCheck %s

!x = !quant.uniform<i8:f32, 5.000000e-01:3>
!w = !quant.uniform<i8:f32:0, {2.500000e-01, 1.250000e-01}>
!b = !quant.uniform<i32:f32:0, {1.250000e-01, 6.250000e-02}>
!y = !quant.uniform<i8:f32, 1.000000e+00:-128>

// A bipolar tensor is padded as the type that stores it, which has 0.
// CHECK-LABEL: func.func @bipolar
// CHECK: %[[CAST:.*]] = qnn.cast %arg0 : {{.*}} -> tensor<1x3x!quant.uniform<i8<-1:1>:f32, 5.000000e-01>>
// CHECK: qnn.pad %[[CAST]]
// CHECK: qnn.dequantize
func.func @bipolar(%q: tensor<1x3x!qnn.bipolar<!quant.uniform<i8<-1:1>:f32, 0.5>>>) -> tensor<1x5xf32> {
  %x = qnn.dequantize %q : (tensor<1x3x!qnn.bipolar<!quant.uniform<i8<-1:1>:f32, 0.5>>>) -> tensor<1x3xf32>
  %y = qnn.pad %x {low = array<i64: 0, 1>, high = array<i64: 0, 1>} : (tensor<1x3xf32>) -> tensor<1x5xf32>
  return %y : tensor<1x5xf32>
}

// -----

!x = !quant.uniform<i8:f32, 5.000000e-01:3>
!w = !quant.uniform<i8:f32:0, {2.500000e-01, 1.250000e-01}>
!b = !quant.uniform<i32:f32:0, {1.250000e-01, 6.250000e-02}>
!y = !quant.uniform<i8:f32, 1.000000e+00:-128>

// A relu between becomes a clamp at what 0 is stored as.
// CHECK-LABEL: func.func @product
// CHECK: %[[BIAS:.*]] = qnn.constant dense<[5, -6]> : tensor<2xi32> as tensor<2xi32>
// CHECK: qnn.fully_connected %arg0, %{{.*}} bias %[[BIAS]] {rounding = #qnn.rounding<onnx>}
// CHECK-NOT: qnn.clip
func.func @product(%q: tensor<1x3x!x>) -> tensor<1x2x!y> {
  %x = qnn.dequantize %q : (tensor<1x3x!x>) -> tensor<1x3xf32>
  %wq = qnn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8> as tensor<2x3x!w>
  %w = qnn.dequantize %wq : (tensor<2x3x!w>) -> tensor<2x3xf32>
  %bq = qnn.constant dense<[5, -6]> : tensor<2xi32> as tensor<2x!b>
  %b = qnn.dequantize %bq : (tensor<2x!b>) -> tensor<2xf32>
  %s = qnn.fully_connected %x, %w bias %b : (tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %r = qnn.clip %s {clamp = #qnn.clamp<0.0, inf>} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = qnn.quantize %r {rounding = #qnn.rounding<onnx>} : (tensor<1x2xf32>) -> tensor<1x2x!y>
  return %y : tensor<1x2x!y>
}

// -----

!x = !quant.uniform<i8:f32, 5.000000e-01:3>
!w = !quant.uniform<i8:f32, 2.500000e-01>
!y = !quant.uniform<i8:f32, 1.000000e+00>

// A bias that lies between two accumulators would be rounded: it stays in floats.
// CHECK-LABEL: func.func @odd_bias
// CHECK: qnn.fully_connected {{.*}} -> tensor<1x2xf32>
func.func @odd_bias(%q: tensor<1x3x!x>) -> tensor<1x2x!y> {
  %x = qnn.dequantize %q : (tensor<1x3x!x>) -> tensor<1x3xf32>
  %wq = qnn.constant dense<1> : tensor<2x3xi8> as tensor<2x3x!w>
  %w = qnn.dequantize %wq : (tensor<2x3x!w>) -> tensor<2x3xf32>
  %b = qnn.constant dense<[0.3, 0.25]> : tensor<2xf32> as tensor<2xf32>
  %s = qnn.fully_connected %x, %w bias %b : (tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %y = qnn.quantize %s {rounding = #qnn.rounding<onnx>} : (tensor<1x2xf32>) -> tensor<1x2x!y>
  return %y : tensor<1x2x!y>
}

// -----

!x = !quant.uniform<i8:f32, 5.000000e-01:3>
!y = !quant.uniform<i8:f32, 1.000000e+00>

// TFLite's quantize rounds otherwise: it does not fuse.
// CHECK-LABEL: func.func @other_rounding
// CHECK: qnn.add {{.*}} -> tensor<4xf32>
func.func @other_rounding(%p: tensor<4x!x>, %q: tensor<4x!x>) -> tensor<4x!y> {
  %a = qnn.dequantize %p : (tensor<4x!x>) -> tensor<4xf32>
  %b = qnn.dequantize %q : (tensor<4x!x>) -> tensor<4xf32>
  %s = qnn.add %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %y = qnn.quantize %s : (tensor<4xf32>) -> tensor<4x!y>
  return %y : tensor<4x!y>
}

// -----

!x = !quant.uniform<i8:f32, 5.000000e-01:3>
!y = !quant.uniform<i8:f32, 1.000000e+00>

// CHECK-LABEL: func.func @sum
// CHECK: qnn.add %arg0, %arg1 {rounding = #qnn.rounding<onnx>}
// CHECK: qnn.mean %{{.*}} {axes = array<i64: 0>, rounding = #qnn.rounding<onnx>}
func.func @sum(%p: tensor<4x!x>, %q: tensor<4x!x>) -> tensor<!y> {
  %a = qnn.dequantize %p : (tensor<4x!x>) -> tensor<4xf32>
  %b = qnn.dequantize %q : (tensor<4x!x>) -> tensor<4xf32>
  %s = qnn.add %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %y = qnn.quantize %s {rounding = #qnn.rounding<onnx>} : (tensor<4xf32>) -> tensor<4x!y>
  %z = qnn.dequantize %y : (tensor<4x!y>) -> tensor<4xf32>
  %m = qnn.mean %z {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<f32>
  %r = qnn.quantize %m {rounding = #qnn.rounding<onnx>} : (tensor<f32>) -> tensor<!y>
  return %r : tensor<!y>
}

// -----

!x = !quant.uniform<i8:f32, 5.000000e-01:3>

// What only moves elements is done on stored ones; equal types need nothing.
// CHECK-LABEL: func.func @moves
// CHECK-NEXT: qnn.max_pool2d %arg0 {{.*}}!quant.uniform<i8:f32, 5.000000e-01:3>
// CHECK-NEXT: qnn.reshape
// CHECK-NEXT: return
func.func @moves(%q: tensor<1x2x2x1x!x>) -> tensor<1x!x> {
  %a = qnn.dequantize %q : (tensor<1x2x2x1x!x>) -> tensor<1x2x2x1xf32>
  %p = qnn.max_pool2d %a {kernel = array<i64: 2, 2>} : (tensor<1x2x2x1xf32>) -> tensor<1x1x1x1xf32>
  %r = qnn.reshape %p : (tensor<1x1x1x1xf32>) -> tensor<1xf32>
  %y = qnn.quantize %r {rounding = #qnn.rounding<onnx>} : (tensor<1xf32>) -> tensor<1x!x>
  return %y : tensor<1x!x>
}

// -----

!x = !quant.uniform<u8<0:3>:f32, 5.000000e-01>
!y = !quant.uniform<i8:f32, 7.500000e-01>

// Floats that are multiples of 0.75 are integers; of 0.3 and 0.123 they are none.
// CHECK-LABEL: func.func @float_filter
// CHECK-DAG: %[[W:.*]] = qnn.constant dense<{{\[\[}}1, -2, 0], [3, 1, 1]]> : tensor<2x3xi8> as tensor<2x3x!quant.uniform<i8<-127:127>:f32, 7.500000e-01>>
// CHECK-DAG: qnn.fully_connected %arg0, %[[W]] {rounding = #qnn.rounding<onnx>}
// CHECK-DAG: qnn.fully_connected %{{.*}} -> tensor<1x2xf32>
func.func @float_filter(%q: tensor<1x3x!x>) -> (tensor<1x2x!y>, tensor<1x2x!y>) {
  %x = qnn.dequantize %q : (tensor<1x3x!x>) -> tensor<1x3xf32>
  %w = qnn.constant dense<[[0.75, -1.5, 0.0], [2.25, 0.75, 0.75]]> : tensor<2x3xf32> as tensor<2x3xf32>
  %v = qnn.constant dense<[[0.3, 0.123, 0.1], [0.2, 0.571, 0.9]]> : tensor<2x3xf32> as tensor<2x3xf32>
  %s = qnn.fully_connected %x, %w {rounding = #qnn.rounding<onnx>} : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  %t = qnn.fully_connected %x, %v {rounding = #qnn.rounding<onnx>} : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  %y = qnn.quantize %s {rounding = #qnn.rounding<onnx>} : (tensor<1x2xf32>) -> tensor<1x2x!y>
  %z = qnn.quantize %t {rounding = #qnn.rounding<onnx>} : (tensor<1x2xf32>) -> tensor<1x2x!y>
  return %y, %z : tensor<1x2x!y>, tensor<1x2x!y>
}
