// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RUN: %qcc-opt %s --qnn-fuse-thresholds --split-input-file | FileCheck %s

!x = !quant.uniform<i8<-1:1>:f32, 1.0>

// The sign of a sum and a threshold: weights are multiplied so that sums of ±1 lie between two thresholds.
// CHECK-LABEL: func.func @sign
// CHECK-NOT: qnn.select
// CHECK: qnn.fully_connected %arg0, %{{.*}} bias %{{.*}} {rounding = #qnn.rounding<onnx>} : (tensor<1x4x!quant.uniform<i8<-1:1>:f32, 1.000000e+00>>, tensor<2x4x!quant.uniform<i8<-127:127>:f32:0,
// CHECK-NEXT: return
func.func @sign(%q: tensor<1x4x!x>) -> tensor<1x2x!x> {
  %x = qnn.dequantize %q : (tensor<1x4x!x>) -> tensor<1x4xf32>
  %wq = qnn.constant dense<[[1, -1, 1, 1], [-1, -1, 1, 1]]> : tensor<2x4xi8> as tensor<2x4x!x>
  %w = qnn.dequantize %wq : (tensor<2x4x!x>) -> tensor<2x4xf32>
  %b = qnn.constant dense<[0.5, -1.0]> : tensor<2xf32> as tensor<2xf32>
  %zero = qnn.constant dense<0.0> : tensor<f32> as tensor<f32>
  %one = qnn.constant dense<1.0> : tensor<f32> as tensor<f32>
  %minus = qnn.constant dense<-1.0> : tensor<f32> as tensor<f32>
  %s = qnn.fully_connected %x, %w bias %b : (tensor<1x4xf32>, tensor<2x4xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %c = qnn.compare %s, %zero {predicate = #qnn.predicate<greater_equal>} : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xi1>
  %r = qnn.select %c, %one, %minus : (tensor<1x2xi1>, tensor<f32>, tensor<f32>) -> tensor<1x2xf32>
  %y = qnn.quantize %r {rounding = #qnn.rounding<onnx>} : (tensor<1x2xf32>) -> tensor<1x2x!x>
  return %y : tensor<1x2x!x>
}

// -----

!x = !quant.uniform<u8<0:7>:f32, 2.500000e-01>
!w = !quant.uniform<i8<-3:3>:f32, 1.250000e-01>
!y = !quant.uniform<u8<0:7>:f32, 5.000000e-01>

// Batch normalization with a factor that is negative in the second channel: its weights change their sign.
// CHECK-LABEL: func.func @normalized
// CHECK: qnn.constant dense<{{\[\[}}[[A:[0-9]+]], -[[A]], 0], [-[[B:[0-9]+]], -[[B]], -{{[0-9]+}}]]>
// CHECK-NOT: qnn.mul
// CHECK: qnn.fully_connected
// CHECK-NEXT: return
func.func @normalized(%q: tensor<1x3x!x>) -> tensor<1x2x!y> {
  %x = qnn.dequantize %q : (tensor<1x3x!x>) -> tensor<1x3xf32>
  %wq = qnn.constant dense<[[1, -1, 0], [1, 1, 3]]> : tensor<2x3xi8> as tensor<2x3x!w>
  %w = qnn.dequantize %wq : (tensor<2x3x!w>) -> tensor<2x3xf32>
  %f = qnn.constant dense<[[1.37, -0.71]]> : tensor<1x2xf32> as tensor<1x2xf32>
  %o = qnn.constant dense<[[0.3, 2.1]]> : tensor<1x2xf32> as tensor<1x2xf32>
  %s = qnn.fully_connected %x, %w : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  %m = qnn.mul %s, %f : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %n = qnn.add %m, %o : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %r = qnn.clip %n {clamp = #qnn.clamp<0.0, inf>} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = qnn.quantize %r {rounding = #qnn.rounding<onnx>} : (tensor<1x2xf32>) -> tensor<1x2x!y>
  return %y : tensor<1x2x!y>
}

// -----

!x = !quant.uniform<u8<0:7>:f32, 2.500000e-01>
!w = !quant.uniform<i8<-3:3>:f32, 1.250000e-01>
!y = !quant.uniform<u8<0:7>:f32, 1.250000e-01>

// A parabola neither rises nor falls; another reader wants the floats.
// CHECK-LABEL: func.func @stay
// CHECK-COUNT-2: qnn.fully_connected {{.*}} -> tensor<1x1xf32>
func.func @stay(%q: tensor<1x3x!x>) -> (tensor<1x1x!y>, tensor<1x1x!y>, tensor<1x1xf32>) {
  %x = qnn.dequantize %q : (tensor<1x3x!x>) -> tensor<1x3xf32>
  %wq = qnn.constant dense<[[2, -3, 2]]> : tensor<1x3xi8> as tensor<1x3x!w>
  %w = qnn.dequantize %wq : (tensor<1x3x!w>) -> tensor<1x3xf32>
  %s = qnn.fully_connected %x, %w : (tensor<1x3xf32>, tensor<1x3xf32>) -> tensor<1x1xf32>
  %m = qnn.square %s : (tensor<1x1xf32>) -> tensor<1x1xf32>
  %y = qnn.quantize %m {rounding = #qnn.rounding<onnx>} : (tensor<1x1xf32>) -> tensor<1x1x!y>
  %t = qnn.fully_connected %x, %w : (tensor<1x3xf32>, tensor<1x3xf32>) -> tensor<1x1xf32>
  %z = qnn.quantize %t {rounding = #qnn.rounding<onnx>} : (tensor<1x1xf32>) -> tensor<1x1x!y>
  return %y, %z, %t : tensor<1x1x!y>, tensor<1x1x!y>, tensor<1x1xf32>
}

// -----

!x = !quant.uniform<i8<-1:1>:f32, 1.0>

// One pixel may be reshaped on the way; thresholds added up rise.
// CHECK-LABEL: func.func @reshaped
// CHECK: %[[SUM:.*]] = qnn.conv2d %arg0, {{.*}} -> tensor<1x1x1x2x!quant.uniform<i8<-1:1>:f32, 1.000000e+00>>
// CHECK-NEXT: %[[Y:.*]] = qnn.reshape %[[SUM]]
// CHECK-NEXT: return %[[Y]]
func.func @reshaped(%q: tensor<1x1x1x4x!x>) -> tensor<1x2x1x1x!x> {
  %x = qnn.dequantize %q : (tensor<1x1x1x4x!x>) -> tensor<1x1x1x4xf32>
  %wq = qnn.constant dense<[[[[1, -1, 1, 1]]], [[[-1, -1, 1, 1]]]]> : tensor<2x1x1x4xi8> as tensor<2x1x1x4x!x>
  %w = qnn.dequantize %wq : (tensor<2x1x1x4x!x>) -> tensor<2x1x1x4xf32>
  %low = qnn.constant dense<[[[[-1.5]], [[-3.0]]]]> : tensor<1x2x1x1xf32> as tensor<1x2x1x1xf32>
  %high = qnn.constant dense<[[[[1.5, 2.0]]]]> : tensor<1x1x1x2xf32> as tensor<1x1x1x2xf32>
  %minus = qnn.constant dense<-1.0> : tensor<f32> as tensor<f32>
  %s = qnn.conv2d %x, %w : (tensor<1x1x1x4xf32>, tensor<2x1x1x4xf32>) -> tensor<1x1x1x2xf32>
  %n = qnn.reshape %s : (tensor<1x1x1x2xf32>) -> tensor<1x2x1x1xf32>
  %c = qnn.compare %n, %low {predicate = #qnn.predicate<greater_equal>} : (tensor<1x2x1x1xf32>, tensor<1x2x1x1xf32>) -> tensor<1x2x1x1xi1>
  %d = qnn.compare %s, %high {predicate = #qnn.predicate<greater_equal>} : (tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>) -> tensor<1x1x1x2xi1>
  %e = qnn.cast %c : (tensor<1x2x1x1xi1>) -> tensor<1x2x1x1xf32>
  %f = qnn.cast %d : (tensor<1x1x1x2xi1>) -> tensor<1x1x1x2xf32>
  %g = qnn.reshape %f : (tensor<1x1x1x2xf32>) -> tensor<1x2x1x1xf32>
  %h = qnn.add %e, %g {rounding = #qnn.rounding<onnx>} : (tensor<1x2x1x1xf32>, tensor<1x2x1x1xf32>) -> tensor<1x2x1x1xf32>
  %i = qnn.add %h, %minus {rounding = #qnn.rounding<onnx>} : (tensor<1x2x1x1xf32>, tensor<f32>) -> tensor<1x2x1x1xf32>
  %y = qnn.quantize %i {rounding = #qnn.rounding<onnx>} : (tensor<1x2x1x1xf32>) -> tensor<1x2x1x1x!x>
  return %y : tensor<1x2x1x1x!x>
}

// -----

!x = !quant.uniform<i8:f32, 1.0>

// The floor of an average is a sum of ones with half a step less.
// CHECK-LABEL: func.func @average
// CHECK: qnn.constant dense<2> : tensor<1x2x2x3xi8>
// CHECK: qnn.depthwise_conv2d %arg0, %{{.*}} bias %{{.*}} {rounding = #qnn.rounding<onnx>, strides = array<i64: 2, 2>}
// CHECK-NEXT: return
func.func @average(%q: tensor<1x4x4x3x!x>) -> tensor<1x2x2x3x!x> {
  %x = qnn.dequantize %q : (tensor<1x4x4x3x!x>) -> tensor<1x4x4x3xf32>
  %a = qnn.avg_pool2d %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, padding = array<i64: 0, 0, 0, 0>} : (tensor<1x4x4x3xf32>) -> tensor<1x2x2x3xf32>
  %f = qnn.floor %a : (tensor<1x2x2x3xf32>) -> tensor<1x2x2x3xf32>
  %y = qnn.quantize %f {rounding = #qnn.rounding<onnx>} : (tensor<1x2x2x3xf32>) -> tensor<1x2x2x3x!x>
  return %y : tensor<1x2x2x3x!x>
}
