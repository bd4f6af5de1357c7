// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RUN: %qcc-opt %s --qnn-move-transposes | FileCheck %s

// Past a sum of two transposed tensors, a constant per channel, a relu and a pad, to the transpose back.
// CHECK-LABEL: func.func @cancel
// CHECK-NOT: qnn.transpose
// CHECK: qnn.pad %{{.*}} {high = array<i64: 0, 1, 2, 0>, low = array<i64: 0, 0, 1, 0>}
// CHECK-NEXT: return
func.func @cancel(%a: tensor<1x2x3x4xf32>, %b: tensor<1x2x3x4xf32>) -> tensor<1x3x6x4xf32> {
  %c = qnn.constant dense<[[[1.0]], [[2.0]], [[3.0]], [[4.0]]]> : tensor<4x1x1xf32> as tensor<4x1x1xf32>
  %s = qnn.transpose %a {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x2x3x4xf32>) -> tensor<1x4x2x3xf32>
  %t = qnn.transpose %b {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x2x3x4xf32>) -> tensor<1x4x2x3xf32>
  %u = qnn.add %s, %t : (tensor<1x4x2x3xf32>, tensor<1x4x2x3xf32>) -> tensor<1x4x2x3xf32>
  %v = qnn.mul %u, %c : (tensor<1x4x2x3xf32>, tensor<4x1x1xf32>) -> tensor<1x4x2x3xf32>
  %w = qnn.clip %v {clamp = #qnn.clamp<0.0, inf>} : (tensor<1x4x2x3xf32>) -> tensor<1x4x2x3xf32>
  %x = qnn.pad %w {low = array<i64: 0, 0, 0, 1>, high = array<i64: 0, 0, 1, 2>} : (tensor<1x4x2x3xf32>) -> tensor<1x4x3x6xf32>
  %y = qnn.transpose %x {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x4x3x6xf32>) -> tensor<1x3x6x4xf32>
  return %y : tensor<1x3x6x4xf32>
}

// Axes of 1 move for nothing; a mean takes its axes along.
// CHECK-LABEL: func.func @mean
// CHECK: qnn.mean %arg0 {axes = array<i64: 1, 2>, keep_dims}
// CHECK-NEXT: qnn.reshape
// CHECK-NEXT: return
func.func @mean(%a: tensor<1x2x3x4xf32>) -> tensor<1x4x1x1xf32> {
  %s = qnn.transpose %a {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x2x3x4xf32>) -> tensor<1x4x2x3xf32>
  %m = qnn.mean %s {axes = array<i64: 2, 3>, keep_dims} : (tensor<1x4x2x3xf32>) -> tensor<1x4x1x1xf32>
  return %m : tensor<1x4x1x1xf32>
}

// Flattened before a matrix product: the columns of its filter change places.
// CHECK-LABEL: func.func @into_filter
// CHECK: qnn.constant dense<{{\[\[}}1.000000e+00, 3.000000e+00, 2.000000e+00, 4.000000e+00]]>
// CHECK-NOT: qnn.transpose
// CHECK: qnn.fully_connected
func.func @into_filter(%a: tensor<1x1x2x2xf32>) -> tensor<1x1xf32> {
  %f = qnn.constant dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32> as tensor<1x4xf32>
  %s = qnn.transpose %a {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x1x2x2xf32>) -> tensor<1x2x1x2xf32>
  %r = qnn.reshape %s : (tensor<1x2x1x2xf32>) -> tensor<1x4xf32>
  %y = qnn.fully_connected %r, %f : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// A softmax knows its axis; an operand that is not transposed stays where it is.
// CHECK-LABEL: func.func @stay
// CHECK: qnn.transpose
// CHECK: qnn.softmax
// CHECK: qnn.transpose
// CHECK: qnn.add
func.func @stay(%a: tensor<2x3xf32>, %b: tensor<3x2xf32>) -> (tensor<3x2xf32>, tensor<3x2xf32>) {
  %s = qnn.transpose %a {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %x = qnn.softmax %s : (tensor<3x2xf32>) -> tensor<3x2xf32>
  %t = qnn.transpose %a {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %y = qnn.add %t, %b : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  return %x, %y : tensor<3x2xf32>, tensor<3x2xf32>
}

// -----

// A window of one dimension is reshaped to two and back: axes of 1 come and go before the transpose.
// CHECK-LABEL: func @unit_axes
// CHECK-NOT:   qnn.transpose
// CHECK:       qnn.transpose %arg0
// CHECK:       %[[A:.*]] = qnn.max_pool2d
// CHECK-NOT:   qnn.transpose
// CHECK:       qnn.abs
// CHECK-NOT:   qnn.transpose
// CHECK:       qnn.max_pool2d
// CHECK:       qnn.transpose {{.*}} -> tensor<1x6x4xf32>
func.func @unit_axes(%x: tensor<1x6x8x1xf32>) -> tensor<1x6x4xf32> {
  %0 = qnn.transpose %x {permutation = array<i64: 0, 3, 2, 1>} : (tensor<1x6x8x1xf32>) -> tensor<1x1x8x6xf32>
  %1 = qnn.max_pool2d %0 {kernel = array<i64: 1, 2>, strides = array<i64: 1, 1>, padding = array<i64: 0, 0, 0, 1>} : (tensor<1x1x8x6xf32>) -> tensor<1x1x8x6xf32>
  %2 = qnn.transpose %1 {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x1x8x6xf32>) -> tensor<1x6x1x8xf32>
  %3 = qnn.reshape %2 : (tensor<1x6x1x8xf32>) -> tensor<1x6x8xf32>
  %4 = qnn.abs %3 : (tensor<1x6x8xf32>) -> tensor<1x6x8xf32>
  %5 = qnn.reshape %4 : (tensor<1x6x8xf32>) -> tensor<1x6x1x8xf32>
  %6 = qnn.transpose %5 {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x6x1x8xf32>) -> tensor<1x1x8x6xf32>
  %7 = qnn.max_pool2d %6 {kernel = array<i64: 1, 2>, strides = array<i64: 1, 2>} : (tensor<1x1x8x6xf32>) -> tensor<1x1x4x6xf32>
  %8 = qnn.transpose %7 {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x1x4x6xf32>) -> tensor<1x6x1x4xf32>
  %9 = qnn.reshape %8 : (tensor<1x6x1x4xf32>) -> tensor<1x6x4xf32>
  return %9 : tensor<1x6x4xf32>
}

// -----

// A reshape that joins axes stays where it is.
// CHECK-LABEL: func @joined_axes
// CHECK:       %[[T:.*]] = qnn.transpose
// CHECK:       qnn.reshape %[[T]]
func.func @joined_axes(%x: tensor<1x4x8x6xf32>) -> tensor<1x6x32xf32> {
  %0 = qnn.transpose %x {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x4x8x6xf32>) -> tensor<1x6x4x8xf32>
  %1 = qnn.reshape %0 : (tensor<1x6x4x8xf32>) -> tensor<1x6x32xf32>
  return %1 : tensor<1x6x32xf32>
}
