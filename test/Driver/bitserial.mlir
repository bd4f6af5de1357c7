// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bit-serial layers: what lies between two of them, through a pooling layer too, is bits, with the padding that the
// reader wants; the caller's bytes are packed by a copy.

// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=icelake-server --stop-after=schedule -o - | FileCheck %s --check-prefix=PLAN
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=icelake-server --emit=asm --name=m -o - | FileCheck %s --check-prefix=AVX512
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=x86-64-v3 --emit=asm --name=m -o - | FileCheck %s --check-prefix=AVX2
// RUN: %qcc %s --target=aarch64-linux-gnu --emit=asm --name=m -o - | FileCheck %s --check-prefix=NEON
// RUN: %qcc %s --target=armv7-linux-gnueabihf --mcpu=cortex-a7 --emit=asm --name=m -o - | FileCheck %s --check-prefix=NEON7
// RUN: %qcc %s --target=riscv64-linux-gnu --mattr=+v,+zvl256b --emit=asm --name=m -o - | FileCheck %s --check-prefix=RVV
// RUN: %qcc %s --target=thumbv7em-none-eabihf --mcpu=cortex-m4 --emit=asm --name=m -o - | FileCheck %s --check-prefix=M4
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=icelake-server --stop-after=loops --name=m -o - | FileCheck %s --check-prefix=LOOPS
// RUN: %qcc diff %s

// 64 channels of a 10 by 10 buffer take 8 bytes each.
// PLAN-LABEL: func.func @main
// PLAN-SAME:  qnn.arena_bytes = 1312
// PLAN:       qnn.layer "copy_3"
// PLAN-SAME:  #qnn.buffer<arena, 0, {{[0-9]+}}, [1, 1, 1, 1] planes 1>
// PLAN-SAME:  "copy.planes"
// PLAN:       qnn.layer "conv2d_0"
// PLAN-SAME:  #qnn.buffer<arena, 0, {{[0-9]+}} planes 1>
// PLAN-SAME:  "conv2d.bitserial"
// PLAN:       qnn.layer "max_pool2d_1"
// PLAN-SAME:  #qnn.buffer<arena, 0, {{[0-9]+}} planes 1>
// PLAN:       qnn.layer "fully_connected_2"
// PLAN-SAME:  #qnn.buffer<output, 0, 0>
// PLAN-SAME:  "fully_connected.bitserial"

// Two words at a time are added to what is left of those before, and the carry is counted. Comparisons give the bits of
// 16 channels each, which are stored as such; nothing is widened to bytes. What is left of words is counted once, and
// added to twice the carries at once.
// AVX512-LABEL: m.conv2d_0:
// AVX512-NOT:   vpxor{{[dq]}} {{.*}}(%
// AVX512:       vpternlogd $150
// AVX512:       vpternlogd $150
// AVX512:       vpternlogd ${{92|116}}
// AVX512:       vpopcntd %zmm
// AVX512:       vpaddd {{.*}}%zmm
// AVX512-NOT:   vpmov{{[sz]}}x
// AVX512:       vpdpwssd
// AVX512:       vpcmp{{[gl]}}td {{.*}}%zmm{{[0-9]+}}, %k[[#K:]]
// AVX512:       kmovw %k[[#K]], {{.*}}(%r
// AVX512-NOT:   kunpckwd

// What 4 bits and 4 weights make together is looked up: 2 weights of each of 32 channels lie in a vector.
// AVX2-LABEL: m.conv2d_0:
// AVX2:       vpsrlw $4, %ymm
// AVX2:       vbroadcasti128
// AVX2-NEXT:  vpshufb %ymm
// AVX2-NEXT:  vpaddb %ymm

// Rows of taps above and below the image are not counted.
// LOOPS-LABEL: @m.conv2d_0
// LOOPS:       %[[FIRST:.*]] = arith.maxsi
// LOOPS:       %[[END:.*]] = arith.minsi
// LOOPS:       scf.for %{{.*}} = %[[FIRST]] to %[[END]]

// NEON-LABEL: m.conv2d_0:
// NEON:       eor v[[#]].16b
// NEON:       cnt v[[#]].16b
// NEON:       add v[[#]].16b
// NEON:       uaddlp v[[#]].8h
// NEON:       saddlp v[[#]].4s

// NEON7-LABEL: m.conv2d_0:
// NEON7:       vcnt.8
// NEON7:       vpaddl.u8

// 5 bits of activations choose a table, in which those of 32 channels' weights are looked up, which lie ready in bytes.
// RVV-LABEL: m.conv2d_0:
// RVV:       vsetvli {{.*}}e8, m1
// RVV-NOT:   vand.vi
// RVV:       vrgather.vv
// RVV:       vadd.vv
// RVV:       vmslt.vv

// M4-LABEL: m.conv2d_0:
// M4-NOT:   {{mul|mla}}
// M4:       eor
// M4-NOT:   {{mul|mla}}
// M4:       .size m.conv2d_0

!b = !qnn.bipolar<!quant.uniform<i8<-1:1>:f32, 1.0>>
!w = !quant.uniform<i8:f32, 2.0>
!y = !quant.uniform<i8:f32, 4.0>

func.func @main(%x: tensor<1x8x8x64x!b>) -> tensor<1x10x!y> {
  %w0 = qnn.constant dense<2> : tensor<64x3x3x64xi8> as tensor<64x3x3x64x!w>
  %b0 = qnn.constant dense<-37> : tensor<64xi32> as tensor<64xi32>
  %0 = qnn.conv2d %x, %w0 bias %b0 {padding = array<i64: 1, 1, 1, 1>, rounding = #qnn.rounding<onnx>}
    : (tensor<1x8x8x64x!b>, tensor<64x3x3x64x!w>, tensor<64xi32>) -> tensor<1x8x8x64x!b>
  %1 = qnn.max_pool2d %0 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>}
    : (tensor<1x8x8x64x!b>) -> tensor<1x4x4x64x!b>
  %2 = qnn.reshape %1 : (tensor<1x4x4x64x!b>) -> tensor<1x1024x!b>
  %w3 = qnn.constant dense<-3> : tensor<10x1024xi8> as tensor<10x1024x!w>
  %3 = qnn.fully_connected %2, %w3 {rounding = #qnn.rounding<onnx>} : (tensor<1x1024x!b>, tensor<10x1024x!w>) -> tensor<1x10x!y>
  return %3 : tensor<1x10x!y>
}
