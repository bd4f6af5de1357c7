// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A first layer whose packed weights are unpacked before all rows, and whose rows are packed as bit-planes: both have their own scratch memory.

// RUN: %qcc %s --optimize=size --target=riscv64-linux-gnu --mattr=+v,+zvl256b --stop-after=schedule -o - | FileCheck %s
// RUN: %qcc %s --optimize=size --target=riscv64-linux-gnu --mattr=+v,+zvl128b --stop-after=schedule -o - | FileCheck %s --check-prefix=BLOCKS

// CHECK:      qnn.layer "conv2d_0"
// CHECK-SAME: planes 1>
// CHECK-SAME: "conv2d.container"
// CHECK-SAME: packs_rows
// CHECK-SAME: plane_scratch = 960
// CHECK-SAME: scratch = 4608 : i64
// CHECK-SAME: unpacks_first
// CHECK-NOT: copy.planes

// Half the channels at once would be unpacked anew for every row.
// BLOCKS:    "conv2d.container"
// BLOCKS-NOT: packs_rows
// BLOCKS:    copy.planes

!x = !quant.uniform<i8:f32, 1.0>
!a = !qnn.bipolar<!quant.uniform<i8<-1:1>:f32, 1.0>>
!w = !quant.uniform<i8:f32, 2.0>

func.func @main(%x: tensor<1x17x17x3x!x>) -> tensor<1x15x15x64x!a> {
  %w0 = qnn.constant dense<2> : tensor<64x3x3x3xi8> as tensor<64x3x3x3x!w>
  %b0 = qnn.constant dense<1> : tensor<64xi32> as tensor<64xi32>
  %0 = qnn.conv2d %x, %w0 bias %b0 {padding = array<i64: 0, 0, 0, 0>, rounding = #qnn.rounding<onnx>}
    : (tensor<1x17x17x3x!x>, tensor<64x3x3x3x!w>, tensor<64xi32>) -> tensor<1x15x15x64x!a>
  %w1 = qnn.constant dense<2> : tensor<64x3x3x64xi8> as tensor<64x3x3x64x!w>
  %1 = qnn.conv2d %0, %w1 bias %b0 {padding = array<i64: 1, 1, 1, 1>, rounding = #qnn.rounding<onnx>}
    : (tensor<1x15x15x64x!a>, tensor<64x3x3x64x!w>, tensor<64xi32>) -> tensor<1x15x15x64x!a>
  return %1 : tensor<1x15x15x64x!a>
}
