// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RUN: %qcc-opt %s --qnn-fuse-functions --split-input-file | FileCheck %s

!x = !quant.uniform<i8<-2:1>:f32, 1.0>
!y = !quant.uniform<u8:f32, 1.250000e-01:3>

// 2 - x, of the four values that the operand may have: 4, 3, 2, 1, eight units each and 3. What is outside is the
// nearest's.
// CHECK-LABEL: func.func @four
// CHECK-NEXT: %[[T:.*]] = qnn.table %arg0 {table = dense<"0x{{(23){127}1B13(0B)+}}"> : tensor<256xui8>}
// CHECK-NEXT: return %[[T]]
func.func @four(%q: tensor<1x4x!x>) -> tensor<1x4x!y> {
  %x = qnn.dequantize %q : (tensor<1x4x!x>) -> tensor<1x4xf32>
  %two = qnn.constant dense<2.0> : tensor<1x1xf32> as tensor<1x1xf32>
  %s = qnn.sub %two, %x {rounding = #qnn.rounding<onnx>} : (tensor<1x1xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %y = qnn.quantize %s {rounding = #qnn.rounding<onnx>} : (tensor<1x4xf32>) -> tensor<1x4x!y>
  return %y : tensor<1x4x!y>
}

// -----

!x = !quant.uniform<i8:f32, 1.250000e-01>
!s = !quant.uniform<u8:f32, 3.906250e-03>

// x · sigmoid(x), whose sigmoid is quantized in between, is one table; a reshape in between goes before it.
// CHECK-LABEL: func.func @silu
// CHECK-NEXT: %[[R:.*]] = qnn.reshape %arg0
// CHECK-NEXT: %[[T:.*]] = qnn.table %[[R]]
// CHECK-NEXT: return %[[T]]
func.func @silu(%q: tensor<2x4x!x>) -> tensor<8x!x> {
  %x = qnn.dequantize %q : (tensor<2x4x!x>) -> tensor<2x4xf32>
  %l = qnn.logistic %x : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %s = qnn.quantize %l {rounding = #qnn.rounding<onnx>} : (tensor<2x4xf32>) -> tensor<2x4x!s>
  %m = qnn.mul %q, %s {rounding = #qnn.rounding<onnx>} : (tensor<2x4x!x>, tensor<2x4x!s>) -> tensor<2x4x!x>
  %f = qnn.dequantize %m : (tensor<2x4x!x>) -> tensor<2x4xf32>
  %r = qnn.reshape %f : (tensor<2x4xf32>) -> tensor<8xf32>
  %t = qnn.tanh %r : (tensor<8xf32>) -> tensor<8xf32>
  %y = qnn.quantize %t {rounding = #qnn.rounding<onnx>} : (tensor<8xf32>) -> tensor<8x!x>
  return %y : tensor<8x!x>
}

// -----

!x = !quant.uniform<i8:f32, 1.250000e-01>
!h = !quant.uniform<i16:f32, 1.250000e-01>
!y = !quant.uniform<i8:f32, 2.500000e-01>

// Two tensors, a constant per channel, 16 bits, another rounding, a requantization, and one operation: no tables.
// CHECK-LABEL: func.func @stay
// CHECK-NOT: qnn.table
func.func @stay(%p: tensor<2x4x!x>, %q: tensor<2x4x!x>, %h: tensor<2x4x!h>)
    -> (tensor<2x4x!y>, tensor<2x4x!y>, tensor<2x4x!y>, tensor<2x4x!y>, tensor<2x4x!y>, tensor<2x4x!y>) {
  %x = qnn.dequantize %p : (tensor<2x4x!x>) -> tensor<2x4xf32>
  %w = qnn.dequantize %q : (tensor<2x4x!x>) -> tensor<2x4xf32>
  %d = qnn.div %x, %w {rounding = #qnn.rounding<onnx>} : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %0 = qnn.quantize %d {rounding = #qnn.rounding<onnx>} : (tensor<2x4xf32>) -> tensor<2x4x!y>
  %c = qnn.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32> as tensor<4xf32>
  %a = qnn.add %x, %c {rounding = #qnn.rounding<onnx>} : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %1 = qnn.quantize %a {rounding = #qnn.rounding<onnx>} : (tensor<2x4xf32>) -> tensor<2x4x!y>
  %k = qnn.dequantize %h : (tensor<2x4x!h>) -> tensor<2x4xf32>
  %e = qnn.exp %k : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %2 = qnn.quantize %e {rounding = #qnn.rounding<onnx>} : (tensor<2x4xf32>) -> tensor<2x4x!y>
  %g = qnn.exp %x : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %3 = qnn.quantize %g : (tensor<2x4xf32>) -> tensor<2x4x!y>
  %4 = qnn.quantize %x {rounding = #qnn.rounding<onnx>} : (tensor<2x4xf32>) -> tensor<2x4x!y>
  %5 = qnn.mul %p, %p {rounding = #qnn.rounding<onnx>} : (tensor<2x4x!x>, tensor<2x4x!x>) -> tensor<2x4x!y>
  return %0, %1, %2, %3, %4, %5 : tensor<2x4x!y>, tensor<2x4x!y>, tensor<2x4x!y>, tensor<2x4x!y>, tensor<2x4x!y>, tensor<2x4x!y>
}

// -----

!x = !quant.uniform<u8:f32, 1.250000e-01>

// A function of a table that nothing else reads is one table.
// CHECK-LABEL: func.func @composed
// CHECK-NEXT: %[[T:.*]] = qnn.table %arg0
// CHECK-NEXT: return %[[T]]
func.func @composed(%q: tensor<4x!x>) -> tensor<4x!x> {
  %0 = qnn.dequantize %q : (tensor<4x!x>) -> tensor<4xf32>
  %1 = qnn.tanh %0 : (tensor<4xf32>) -> tensor<4xf32>
  %2 = qnn.quantize %1 {rounding = #qnn.rounding<onnx>} : (tensor<4xf32>) -> tensor<4x!x>
  %3 = qnn.dequantize %2 : (tensor<4x!x>) -> tensor<4xf32>
  %4 = qnn.exp %3 : (tensor<4xf32>) -> tensor<4xf32>
  %5 = qnn.quantize %4 {rounding = #qnn.rounding<onnx>} : (tensor<4xf32>) -> tensor<4x!x>
  return %5 : tensor<4x!x>
}
