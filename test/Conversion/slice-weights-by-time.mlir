// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Weights from memory are sliced where what slices save takes longer to come than their calls and the joining of results: half
// the channels of one bit, half of 8. A short product is not worth it, and no product in a model that caches keep is.
//
// RUN: %python -c "import numpy as np; r = np.random.RandomState(5); h = lambda k: np.concatenate([r.choice([-1, 1], (64, k)), r.choice(range(-128, 128), (64, k))]).astype(np.int8).tobytes().hex().upper(); print(open('%s').read().replace('LONG', h(512)).replace('SHORT', h(16)))" > %t.mlir
// RUN: sed s/EXTENT/1100000/g %t.mlir > %t.far.mlir && sed s/EXTENT/100000/g %t.mlir > %t.near.mlir
// RUN: %qcc %t.far.mlir --target=x86_64-linux-gnu --mcpu=x86-64-v4 --mattr=+avx512vnni --remarks --stop-after=select -o - 2>&1 | FileCheck %s
// RUN: %qcc %t.near.mlir --target=x86_64-linux-gnu --mcpu=x86-64-v4 --mattr=+avx512vnni --stop-after=select -o - | FileCheck %s --check-prefix=NEAR
// RUN: %qcc %t.far.mlir --kernel=int8 --stop-after=select -o - | FileCheck %s --check-prefix=NEAR
// RUN: %qcc diff %t.far.mlir interpret native

!x = !quant.uniform<i8:f32, 0.5:3>
!w = !quant.uniform<i8:f32, 0.25>
!y = !quant.uniform<i8:f32, 8.0>

// CHECK: remark: fully_connected_{{[0-9]}}: fully_connected.container {{.*}} weights in 4096 of 32768 bytes
// CHECK: remark: fully_connected_{{[0-9]}}: fully_connected.gemm
// CHECK: remark: concat
// CHECK: remark: fully_connected_{{[0-9]}}: fully_connected.gemm
// CHECK-NOT: remark: fully_connected_{{[0-9]}}: fully_connected
// NEAR-NOT: qnn.concat
func.func @main(%x: tensor<1x512x!x>, %s: tensor<1x16x!x>) -> (tensor<1x128x!y>, tensor<1x128x!y>, tensor<EXTENTxi8>) {
  %m = qnn.constant dense<"0xLONG"> : tensor<128x512xi8> as tensor<128x512x!w>
  %f = qnn.constant dense<"0xSHORT"> : tensor<128x16xi8> as tensor<128x16x!w>
  %z = qnn.constant dense<1> : tensor<EXTENTxi8> as tensor<EXTENTxi8>
  %0 = qnn.fully_connected %x, %m : (tensor<1x512x!x>, tensor<128x512x!w>) -> tensor<1x128x!y>
  %1 = qnn.fully_connected %s, %f : (tensor<1x16x!x>, tensor<128x16x!w>) -> tensor<1x128x!y>
  return %0, %1, %z : tensor<1x128x!y>, tensor<1x128x!y>, tensor<EXTENTxi8>
}
