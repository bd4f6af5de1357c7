// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Between planes of two to four channels and pixels of them elements are interleaved, in the instructions for that where
// there are any.

// RUN: %qcc diff %s
// RUN: %qcc diff %s interpret x86-64-v2
// RUN: %qcc %s --target=aarch64-linux-gnu --emit=asm --name=m -o - | FileCheck %s --check-prefix=NEON
// RUN: %qcc %s --target=armv7-linux-gnueabihf --mcpu=cortex-a7 --emit=asm --name=m -o - | FileCheck %s --check-prefix=NEON7
// RUN: %qcc %s --target=riscv64-linux-gnu --mattr=+v --emit=asm --name=m -o - | FileCheck %s --check-prefix=RVV
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=x86-64-v2 --emit=asm --name=m -o - | FileCheck %s --check-prefix=SSE

// NEON-LABEL:  m.transpose_0:
// NEON:        st3 { v{{[0-9]+}}.16b
// NEON-LABEL:  m.transpose_1:
// NEON:        ld3 { v{{[0-9]+}}.16b
// NEON-LABEL:  m.transpose_2:
// NEON:        st4 { v{{[0-9]+}}.16b
// NEON-LABEL:  m.transpose_3:
// NEON:        ld2 { v{{[0-9]+}}.4s
// NEON7-LABEL: m.transpose_0:
// NEON7:       vst3.8
// RVV-LABEL:   m.transpose_0:
// RVV:         vsseg3e8.v
// RVV-LABEL:   m.transpose_1:
// RVV:         vlseg3e8.v
// SSE-LABEL:   m.transpose_0:
// SSE:         pshufb

!a = !quant.uniform<i8:f32, 1.0>

func.func @main(%a: tensor<1x3x5x7x!a>, %b: tensor<2x37x3x!a>, %c: tensor<4x3x11x!a>, %d: tensor<1x21x2xf32>)
    -> (tensor<1x5x7x3x!a>, tensor<2x3x37x!a>, tensor<3x11x4x!a>, tensor<1x2x21xf32>) {
  %0 = qnn.transpose %a {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x3x5x7x!a>) -> tensor<1x5x7x3x!a>
  %1 = qnn.transpose %b {permutation = array<i64: 0, 2, 1>} : (tensor<2x37x3x!a>) -> tensor<2x3x37x!a>
  %2 = qnn.transpose %c {permutation = array<i64: 1, 2, 0>} : (tensor<4x3x11x!a>) -> tensor<3x11x4x!a>
  %3 = qnn.transpose %d {permutation = array<i64: 0, 2, 1>} : (tensor<1x21x2xf32>) -> tensor<1x2x21xf32>
  return %0, %1, %2, %3 : tensor<1x5x7x3x!a>, tensor<2x3x37x!a>, tensor<3x11x4x!a>, tensor<1x2x21xf32>
}
