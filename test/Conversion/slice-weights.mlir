// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RUN: %python -c "import numpy as np; r = np.random.RandomState(5); h = lambda *w: np.concatenate([r.choice(v, (n, k)) for n, k, v in w]).astype(np.int8).tobytes().hex().upper(); print(open('%s').read().replace('MIXED', h((32, 80, [-1, 1]), (64, 80, range(-128, 128)), (32, 80, range(-2, 2)))).replace('EVEN', h((96, 80, range(-8, 8)))).replace('WINDOWS', h((64, 72, [-3, 3]), (32, 72, range(-7, 8)))))" > %t.mlir
// RUN: %qcc-opt %t.mlir --qnn-slice-weights=goal=size | FileCheck %s
// RUN: not %qcc-opt %t.mlir --qnn-slice-weights=goal=speed 2>&1 | FileCheck %s --check-prefix=BAD
// RUN: %qcc %t.mlir --kernel=container --remarks --target=x86_64-linux-gnu --mcpu=x86-64-v3 --stop-after=select -o - 2>&1 | FileCheck %s --check-prefix=BYTES
// RUN: %qcc %t.mlir --remarks --stop-after=select -o - 2>&1 | FileCheck %s --check-prefix=AUTO
// RUN: %qcc diff %t.mlir interpret x86-64-v3 --kernel=container
// RUN: %qcc diff %t.mlir interpret native --kernel=container

!x = !quant.uniform<i8:f32, 0.5:3>
!w = !quant.uniform<i8:f32, 0.25>
!c = !quant.uniform<i8:f32:0, {0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5}>
!y = !quant.uniform<i8:f32, 8.0>

// Slices of 1, 8 and 2 bits; a convolution with scales per channel; what needs the same bits everywhere stays one.
// CHECK-LABEL: func.func @main
// CHECK: %[[A:.*]] = qnn.fully_connected {{.*}} -> tensor<2x32x!
// CHECK: %[[B:.*]] = qnn.fully_connected {{.*}} -> tensor<2x64x!
// CHECK: %[[C:.*]] = qnn.fully_connected {{.*}} -> tensor<2x32x!
// CHECK: qnn.concat %[[A]], %[[B]], %[[C]] {axis = 1 : i64}
// CHECK: qnn.fully_connected {{.*}} -> tensor<2x96x!
// CHECK-NOT: qnn.concat
// CHECK: qnn.conv2d {{.*}}padding = array<i64: 1, 1, 1, 1>{{.*}} -> tensor<1x5x4x64x!
// CHECK: qnn.conv2d {{.*}}padding = array<i64: 1, 1, 1, 1>{{.*}} tensor<32x3x3x8x!quant.uniform<i8:f32:0, {5.000000e-01,{{.*}} -> tensor<1x5x4x32x!
// CHECK: qnn.concat {{.*}} {axis = 3 : i64}
// BYTES: remark: fully_connected_2: {{.*}} weights in 320 of 2560 bytes
// BYTES: remark: fully_connected_3: {{.*}}for want of another: fully_connected.container: weights have 8 bits
// BYTES: remark: fully_connected_4: {{.*}} weights in 640 of 2560 bytes
// BYTES: remark: fully_connected_6: {{.*}} weights in 3840 of 7680 bytes
// BYTES: remark: conv2d_7: {{.*}} weights in 576 of 4608 bytes
// BYTES: remark: conv2d_8: {{.*}} weights in 1152 of 2304 bytes
// AUTO-NOT: concat
// BAD: error: goal is 'speed', expected time or size

func.func @main(%x: tensor<2x80x!x>, %i: tensor<1x5x4x8x!x>) -> (tensor<2x128x!y>, tensor<2x96x!y>, tensor<1x5x4x96x!y>) {
  %m = qnn.constant dense<"0xMIXED"> : tensor<128x80xi8> as tensor<128x80x!w>
  %e = qnn.constant dense<"0xEVEN"> : tensor<96x80xi8> as tensor<96x80x!w>
  %f = qnn.constant dense<"0xWINDOWS"> : tensor<96x3x3x8xi8> as tensor<96x3x3x8x!c>
  %b = qnn.constant dense<7> : tensor<96xi32> as tensor<96xi32>
  %0 = qnn.fully_connected %x, %m : (tensor<2x80x!x>, tensor<128x80x!w>) -> tensor<2x128x!y>
  %1 = qnn.fully_connected %x, %e : (tensor<2x80x!x>, tensor<96x80x!w>) -> tensor<2x96x!y>
  %2 = qnn.conv2d %i, %f bias %b {padding = array<i64: 1, 1, 1, 1>} : (tensor<1x5x4x8x!x>, tensor<96x3x3x8x!c>, tensor<96xi32>) -> tensor<1x5x4x96x!y>
  return %0, %1, %2 : tensor<2x128x!y>, tensor<2x96x!y>, tensor<1x5x4x96x!y>
}
