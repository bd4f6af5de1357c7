// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RUN: %qcc-opt %s --qnn-fuse-bias | FileCheck %s

// CHECK-LABEL: func.func @subtracted
// CHECK: %[[B:.*]] = qnn.constant dense<[-1.000000e+00, 2.000000e+00]>
// CHECK: qnn.fully_connected %arg0, %arg1 bias %[[B]]
// CHECK-NOT: qnn.sub
func.func @subtracted(%x: tensor<1x3xf32>, %w: tensor<2x3xf32>) -> tensor<1x2xf32> {
  %c = qnn.constant dense<[[1.0, -2.0]]> : tensor<1x2xf32> as tensor<1x2xf32>
  %s = qnn.fully_connected %x, %w : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  %y = qnn.sub %s, %c : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// A number for all channels, on the left.
// CHECK-LABEL: func.func @one_number
// CHECK: %[[B:.*]] = qnn.constant dense<5.000000e-01> : tensor<2xf32>
// CHECK: qnn.fully_connected %arg0, %arg1 bias %[[B]]
func.func @one_number(%x: tensor<1x3xf32>, %w: tensor<2x3xf32>) -> tensor<1x2xf32> {
  %c = qnn.constant dense<0.5> : tensor<f32> as tensor<f32>
  %s = qnn.fully_connected %x, %w : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  %y = qnn.add %c, %s : (tensor<f32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// A constant that varies along the rows, a result with another use, a difference the wrong way round.
// CHECK-LABEL: func.func @stay
// CHECK-COUNT-2: qnn.add
// CHECK: qnn.sub
func.func @stay(%x: tensor<2x3xf32>, %w: tensor<2x3xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) {
  %rows = qnn.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32> as tensor<2x1xf32>
  %c = qnn.constant dense<[1.0, -2.0]> : tensor<2xf32> as tensor<2xf32>
  %s = qnn.fully_connected %x, %w : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x2xf32>
  %a = qnn.add %s, %rows : (tensor<2x2xf32>, tensor<2x1xf32>) -> tensor<2x2xf32>
  %t = qnn.fully_connected %x, %w : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x2xf32>
  %b = qnn.add %t, %c : (tensor<2x2xf32>, tensor<2xf32>) -> tensor<2x2xf32>
  %u = qnn.fully_connected %x, %w : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x2xf32>
  %d = qnn.sub %c, %u : (tensor<2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %a, %b, %t, %d : tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>
}
