// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where registers hold the tables of a pixel and indices are few, each pixel adds to the sums of the windows around it.

// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=icelake-server --emit=asm --name=m -o - | FileCheck %s
// RUN: %qcc diff %s --kernel=bitserial

// Indices are unpacked once; tables stay where they are made, and every tap looks up in them.
// CHECK-LABEL: m.conv2d_0:
// CHECK:       vpternlog
// CHECK-NOT:   vpermb
// CHECK:       vpaddb 4096(%{{r[a-z0-9]+}},%[[TABLES:r[a-z0-9]+]]), %{{zmm[0-9]+}}, %[[TABLE:zmm[0-9]+]]
// CHECK:       vpermb %[[TABLE]], %
// CHECK-COUNT-9: vpermb %zmm
// CHECK-NOT:   vpternlog
// CHECK:       vpaddw (%[[SUMS:r[a-z0-9]+]]),
// CHECK:       vpaddw 64(%[[SUMS]]),
// CHECK-LABEL: m.conv2d_1:

!a = !quant.uniform<u8<0:3>:f32, 1.0>
!w = !quant.uniform<i8:f32, 2.0>
!v = !quant.uniform<i8:f32, 0.25>

func.func @main(%x: tensor<1x8x8x64x!a>, %z: tensor<1x4x37x3x!a>) -> (tensor<1x8x8x64x!a>, tensor<1x4x37x7x!a>) {
  %w0 = qnn.constant dense<2> : tensor<64x3x3x64xi8> as tensor<64x3x3x64x!w>
  %b0 = qnn.constant dense<-37> : tensor<64xi32> as tensor<64xi32>
  %0 = qnn.conv2d %x, %w0 bias %b0 {padding = array<i64: 1, 1, 1, 1>, rounding = #qnn.rounding<onnx>}
    : (tensor<1x8x8x64x!a>, tensor<64x3x3x64x!w>, tensor<64xi32>) -> tensor<1x8x8x64x!a>

  // Two strips of unequal width; few channels.
  %w1 = qnn.constant dense<"0xFFFF0101FFFF0101FFFF010101FFFFFF01FFFFFFFF01FF010101010101FF01FFFFFF01FF01010101010101FF01FF01FF01FFFF0101FFFF0101FF01FF01FFFF010101FFFFFF010101FFFF01FFFFFFFFFF010101FFFF010101FF01010101FF0101FF0101010101FF0101FF01FFFF010101010101FFFFFF0101010101FF01FF0101010101FFFFFF01"> : tensor<5x3x3x3xi8> as tensor<5x3x3x3x!v>
  %b1 = qnn.constant dense<[1, 4, 7, -2, 9]> : tensor<5xi32> as tensor<5xi32>
  %1 = qnn.conv2d %z, %w1 bias %b1 {padding = array<i64: 1, 1, 1, 1>, rounding = #qnn.rounding<onnx>}
    : (tensor<1x4x37x3x!a>, tensor<5x3x3x3x!v>, tensor<5xi32>) -> tensor<1x4x37x5x!a>
  %w2 = qnn.constant dense<"0xFF01FF01FF01FFFF0101FF01FFFF01FF0101FFFFFFFF01FF0101FF01FF010101010101010101FF01FFFFFF0101FFFF010101FFFF01FFFFFFFFFF01FFFF01FFFF01FFFF01FFFF01FF0101FF01FFFFFFFFFFFF01FFFF0101FF01FF0101FF0101FFFFFFFFFFFFFF01FFFF0101FF01FF010101010101FF0101FFFFFF01FFFFFF010101FF01FF010101010101FFFFFF01FF01FF01FFFF010101FF01FF01FF01FFFF01FFFF01FFFFFF01FFFF01FFFFFF010101FFFFFFFFFFFF01FFFFFFFFFF01010101010101FF01FF01FF0101FF01FFFFFF010101FFFF01FFFF01FF010101FF01FF010101FFFF01FF0101FF0101FF01FF01FF01FF01FFFFFFFF01FFFF01FFFFFF01FFFF01FF01FFFFFFFF0101FF010101FFFF0101010101FFFF0101FF01FF01FF01FF0101FF0101010101FF01FF0101FF01FFFFFF0101FFFFFF010101FF"> : tensor<7x3x3x5xi8> as tensor<7x3x3x5x!v>
  %b2 = qnn.constant dense<[3, 1, 7, 8, 2, 5, 11]> : tensor<7xi32> as tensor<7xi32>
  %2 = qnn.conv2d %1, %w2 bias %b2 {padding = array<i64: 1, 1, 1, 1>, rounding = #qnn.rounding<onnx>}
    : (tensor<1x4x37x5x!a>, tensor<7x3x3x5x!v>, tensor<7xi32>) -> tensor<1x4x37x7x!a>
  return %0, %2 : tensor<1x8x8x64x!a>, tensor<1x4x37x7x!a>
}
