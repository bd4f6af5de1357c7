// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Weights that no first cache keeps: planes of bits save as many bytes as other packed weights do, which take longer.

// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=icelake-server --remarks --stop-after=select -o - 2>&1 | FileCheck %s

// CHECK: fully_connected_0: fully_connected.bitserial (est. {{.*}} cycles), weights in 32768 of 262144 bytes, over
// CHECK-SAME: fully_connected.container

!b = !qnn.bipolar<!quant.uniform<i8<-1:1>:f32, 1.0>>
!w = !quant.uniform<i8:f32, 2.0>

func.func @main(%x: tensor<1x512x!b>) -> tensor<1x512x!b> {
  %w = qnn.constant dense<2> : tensor<512x512xi8> as tensor<512x512x!w>
  %b = qnn.constant dense<-37> : tensor<512xi32> as tensor<512xi32>
  %0 = qnn.fully_connected %x, %w bias %b {rounding = #qnn.rounding<onnx>} : (tensor<1x512x!b>, tensor<512x512x!w>, tensor<512xi32>) -> tensor<1x512x!b>
  return %0 : tensor<1x512x!b>
}
