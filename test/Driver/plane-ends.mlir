// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A first layer of bytes whose results are of one or two bits: sums are compared with thresholds, and what the comparisons
// give is stored as planes. Nothing is requantized.

// RUN: %python -c "import numpy as np; r = np.random.RandomState(3); print(open('%s').read().replace('dense<1> : tensor<64x3x3x3', 'dense<\"0x' + r.randint(-128, 128, 1728).astype(np.int8).tobytes().hex() + '\"> : tensor<64x3x3x3').replace('dense<1> : tensor<32x1x1x64', 'dense<\"0x' + r.choice([-1, 1], 2048).astype(np.int8).tobytes().hex() + '\"> : tensor<32x1x1x64').replace('dense<0> : tensor<64xi32', 'dense<\"0x' + r.randint(-9999, 9999, 64).astype(np.int32).tobytes().hex() + '\"> : tensor<64xi32'))" > %t.mlir
// RUN: %qcc %t.mlir --kernel=bitserial --target=x86_64-linux-gnu --mcpu=icelake-server --emit=asm --name=m -o - | FileCheck %s
// RUN: %qcc %t.mlir --kernel=bitserial --target=x86_64-linux-gnu --mcpu=x86-64-v3 --stop-after=schedule -o - | FileCheck %s --check-prefix=ROWS
// RUN: %qcc %t.mlir --kernel=bitserial --target=aarch64-linux-gnu --stop-after=schedule -o - | FileCheck %s --check-prefix=ROWS
// RUN: %qcc %t.mlir --kernel=bitserial --target=thumbv7em-none-eabihf --mcpu=cortex-m4 --stop-after=schedule -o - | FileCheck %s --check-prefix=ROWS
// RUN: %qcc %t.mlir --kernel=bitserial --target=aarch64-linux-gnu --threads=2 --stop-after=schedule -o - | FileCheck %s --check-prefix=THREADS
// RUN: %qcc %t.mlir --kernel=bitserial --target=x86_64-linux-gnu --remarks --stop-after=select -o - 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: %qcc diff %t.mlir --kernel=bitserial
// RUN: %qcc diff %t.mlir interpret x86-64-v3 --kernel=bitserial

// CHECK-LABEL: m.conv2d_1:
// CHECK-NOT:   vcvt
// CHECK:       vpcmp{{n?l[te]}}d {{.*}}%k
// CHECK-NOT:   vcvt
// CHECK:       kmovd %k{{[0-9]}}, {{.*}}(%r
// CHECK-NOT:   vcvt
// CHECK-LABEL: m.conv2d_2:

// Where tiles are no words, rows of bytes are packed: the arena holds one of them. Several threads would need as many.
// ROWS:          qnn.layer "conv2d_1"
// ROWS-SAME:     planes 1>
// ROWS-SAME:     plane_scratch = 1920
// ROWS-NOT:      copy.planes
// A family that was asked for and does not fit is told of.
// REMARK: remark: conv2d_1: conv2d.gemm ({{.*}}), {{.*}}, for want of another: conv2d.bitserial: activations are of more than 3 bits
// THREADS:       qnn.layer "conv2d_1"
// THREADS-NOT:   packs_rows
// THREADS:       "copy.planes"

!x = !quant.uniform<i8:f32, 1.0:-3>
!w = !quant.uniform<i8:f32, 1.0>
!bipolar = !qnn.bipolar<!quant.uniform<i8<-1:1>:f32, 1.0>>
!ternary = !quant.uniform<i8<-1:1>:f32, 7000.0>
!unsigned = !quant.uniform<u8<0:3>:f32, 5000.0>
!signed = !quant.uniform<i8<-2:1>:f32, 5000.0>
!y = !quant.uniform<i8:f32, 1.0>

func.func @main(%x: tensor<1x5x32x3x!x>) -> (tensor<1x3x30x32x!y>, tensor<1x3x30x32x!y>, tensor<1x3x30x32x!y>, tensor<1x3x30x32x!y>) {
  // The caller's tensor has its own sign.
  %v = qnn.max_pool2d %x {kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x5x32x3x!x>) -> tensor<1x5x32x3x!x>
  %w = qnn.constant dense<1> : tensor<64x3x3x3xi8> as tensor<64x3x3x3x!w>
  %b = qnn.constant dense<0> : tensor<64xi32> as tensor<64xi32>
  %u = qnn.constant dense<1> : tensor<32x1x1x64xi8> as tensor<32x1x1x64x!w>
  %a0 = qnn.conv2d %v, %w bias %b {rounding = #qnn.rounding<onnx>} : (tensor<1x5x32x3x!x>, tensor<64x3x3x3x!w>, tensor<64xi32>) -> tensor<1x3x30x64x!bipolar>
  %y0 = qnn.conv2d %a0, %u {rounding = #qnn.rounding<onnx>} : (tensor<1x3x30x64x!bipolar>, tensor<32x1x1x64x!w>) -> tensor<1x3x30x32x!y>
  %a1 = qnn.conv2d %v, %w bias %b {rounding = #qnn.rounding<onnx>} : (tensor<1x5x32x3x!x>, tensor<64x3x3x3x!w>, tensor<64xi32>) -> tensor<1x3x30x64x!ternary>
  %y1 = qnn.conv2d %a1, %u {rounding = #qnn.rounding<onnx>} : (tensor<1x3x30x64x!ternary>, tensor<32x1x1x64x!w>) -> tensor<1x3x30x32x!y>
  %a2 = qnn.conv2d %v, %w bias %b {rounding = #qnn.rounding<onnx>} : (tensor<1x5x32x3x!x>, tensor<64x3x3x3x!w>, tensor<64xi32>) -> tensor<1x3x30x64x!unsigned>
  %y2 = qnn.conv2d %a2, %u {rounding = #qnn.rounding<onnx>} : (tensor<1x3x30x64x!unsigned>, tensor<32x1x1x64x!w>) -> tensor<1x3x30x32x!y>
  %a3 = qnn.conv2d %v, %w bias %b {rounding = #qnn.rounding<onnx>} : (tensor<1x5x32x3x!x>, tensor<64x3x3x3x!w>, tensor<64xi32>) -> tensor<1x3x30x64x!signed>
  %y3 = qnn.conv2d %a3, %u {rounding = #qnn.rounding<onnx>} : (tensor<1x3x30x64x!signed>, tensor<32x1x1x64x!w>) -> tensor<1x3x30x32x!y>
  return %y0, %y1, %y2, %y3 : tensor<1x3x30x32x!y>, tensor<1x3x30x32x!y>, tensor<1x3x30x32x!y>, tensor<1x3x30x32x!y>
}
