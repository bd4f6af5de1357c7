// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums that lie half-way between two results, by a ratio of scales that is a power of two, have a kernel on every target.

// RUN: %qcc diff %s
// RUN: %qcc diff %s interpret x86-64-v2
// RUN: %qcc %s --stop-after=schedule -o - --target=x86_64-linux-gnu --mcpu=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,FLOAT
// RUN: %qcc %s --stop-after=schedule -o - --target=thumbv7em-none-eabihf --mcpu=cortex-m4 | FileCheck %s --check-prefixes=CHECK,INT
// RUN: %qcc %s --stop-after=schedule -o - --target=riscv64-linux-gnu --mattr=+v | FileCheck %s --check-prefixes=CHECK,INT
// RUN: %qcc %s --stop-after=schedule -o - --target=generic | FileCheck %s --check-prefixes=CHECK,INT

// FLOAT: "add.float"
// INT:   "add.int32", {{.*}}half_even
// CHECK: "add.int{{32|64}}", {{.*}}half_even

!a = !quant.uniform<i8:f32, 0.125>
!b = !quant.uniform<i8:f32, 0.25>
!c = !quant.uniform<i8:f32, 0.1:-5>
!d = !quant.uniform<u8:f32, 0.13:77>
!e = !quant.uniform<i8:f32, 0.2:3>

func.func @main(%x: tensor<1x4x4x16x!a>, %y: tensor<1x4x4x16x!a>, %p: tensor<1x1024x!c>, %q: tensor<1x1024x!d>) -> (tensor<1x4x4x16x!b>, tensor<1x1024x!e>) {
  %0 = qnn.add %x, %y {rounding = #qnn.rounding<onnx>} : (tensor<1x4x4x16x!a>, tensor<1x4x4x16x!a>) -> tensor<1x4x4x16x!b>
  %1 = qnn.add %p, %q {rounding = #qnn.rounding<onnx>} : (tensor<1x1024x!c>, tensor<1x1024x!d>) -> tensor<1x1024x!e>
  return %0, %1 : tensor<1x4x4x16x!b>, tensor<1x1024x!e>
}
