// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Activations of one bit have so few tables that all are constant: of rows is kept only which tables they have.

// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=x86-64-v3 --remarks --emit=asm --name=m -o - 2>&1 | FileCheck %s
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=x86-64-v3 --name=m --stop-after=schedule -o - | FileCheck %s --check-prefix=SCRATCH
// RUN: %qcc diff %s --mcpu=x86-64-v3

// CHECK: conv2d_0: conv2d.bitserial

// A byte for each nibble of a pixel, 16 times that; two vectors of channels look up in each table.
// CHECK-LABEL: m.conv2d_0:
// CHECK:       vpunpcklbw
// CHECK-NOT:   vpshufb
// CHECK:       movzbl
// CHECK:       vbroadcasti128 (%r{{.*}}), %[[TABLE:ymm[0-9]+]]
// CHECK:       vpshufb %ymm{{[0-9]+}}, %[[TABLE]], %
// CHECK:       vpshufb %ymm{{[0-9]+}}, %[[TABLE]], %
// CHECK-LABEL: m.conv2d_1:

// Three rows of 18 pixels, each 16 times 4 channels.
// SCRATCH:     scratch = 864

!a = !qnn.bipolar<!quant.uniform<i8<-1:1>:f32, 1.0>>
!w = !quant.uniform<i8:f32, 2.0>

func.func @main(%x: tensor<1x16x16x64x!a>) -> tensor<1x16x16x64x!a> {
  %w0 = qnn.constant dense<2> : tensor<64x3x3x64xi8> as tensor<64x3x3x64x!w>
  %b0 = qnn.constant dense<-37> : tensor<64xi32> as tensor<64xi32>
  %0 = qnn.conv2d %x, %w0 bias %b0 {padding = array<i64: 1, 1, 1, 1>, rounding = #qnn.rounding<onnx>}
    : (tensor<1x16x16x64x!a>, tensor<64x3x3x64x!w>, tensor<64xi32>) -> tensor<1x16x16x64x!a>
  %1 = qnn.conv2d %0, %w0 bias %b0 {padding = array<i64: 1, 1, 1, 1>, rounding = #qnn.rounding<onnx>}
    : (tensor<1x16x16x64x!a>, tensor<64x3x3x64x!w>, tensor<64xi32>) -> tensor<1x16x16x64x!a>
  return %1 : tensor<1x16x16x64x!a>
}
