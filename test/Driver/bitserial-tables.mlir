// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Activations of more than one bit: on x86, sums of products of a few channels are looked up. So many channels have their tables in memory
// (of fewer: bitserial-scatter.mlir).

// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=icelake-server --remarks --emit=asm --name=m -o - 2>&1 | FileCheck %s --check-prefix=VBMI
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=x86-64-v3 --emit=asm --name=m -o - | FileCheck %s --check-prefix=AVX2
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=x86-64-v3 --threads=2 --name=m --stop-after=loops -o - | FileCheck %s --check-prefix=THREADS
// RUN: %qcc diff %s
// RUN: %qcc diff %s --mcpu=x86-64-v3

// VBMI: conv2d_0: conv2d.bitserial

// The table of a pixel's 6 channels is the sum of one for each plane; 4 times 64 indices of 6 bits lie in 3 vectors.
// VBMI-LABEL: m.conv2d_0:
// VBMI:       vmovdqa64 (%[[PLANE0:r[a-z0-9]+]],%[[TABLES:r[a-z0-9]+]]), %[[TABLE:zmm[0-9]+]]
// VBMI:       vpaddb 4096(%{{r[a-z0-9]+}},%[[TABLES]]), %[[TABLE]], %[[TABLE]]
// VBMI:       vmovdqu64 %[[TABLE]],
// Additions that would saturate are kept off the port of lookups.
// VBMI:       vpermb {{.*}}(%
// VBMI-NEXT:  vpaddusb %zmm
// VBMI-COUNT-30: vpermb {{.*}}(%

// Sums of 32 channels are compared in 16 bits where bits are made of them, with each of 3 thresholds; bytes take 32.
// VBMI:       vpcmp{{[gl]}}tw {{.*}}%zmm
// VBMI-NOT:   vpcmp{{[gl]}}td
// VBMI-LABEL: m.conv2d_1:
// VBMI:       vpcmp{{[gl]}}td {{.*}}%zmm

// AVX2-LABEL: m.conv2d_0:
// AVX2:       vpaddb 256({{.*}}), %[[TABLE:xmm[0-9]+]], %[[TABLE]]
// AVX2:       vmovdqu %[[TABLE]],
// AVX2-COUNT-16: vpshufb %ymm
// AVX2:       vpcmpgtw {{.*}}%ymm
// AVX2-NOT:   vpcmpgtd
// AVX2-LABEL: m.conv2d_1:

// Threads have all tables made before any looks up.
// THREADS-LABEL: func.func private @m.conv2d_0
// THREADS:       scf.parallel
// THREADS-NOT:   llvm.x86.avx2.pshuf.b
// THREADS:       scf.parallel
// THREADS:       llvm.x86.avx2.pshuf.b

!a = !quant.uniform<u8<0:3>:f32, 1.0>
!w = !quant.uniform<i8:f32, 2.0>

func.func @main(%x: tensor<1x8x8x128x!a>) -> tensor<1x8x8x128x!a> {
  %w0 = qnn.constant dense<2> : tensor<128x3x3x128xi8> as tensor<128x3x3x128x!w>
  %b0 = qnn.constant dense<-75> : tensor<128xi32> as tensor<128xi32>
  %0 = qnn.conv2d %x, %w0 bias %b0 {padding = array<i64: 1, 1, 1, 1>, rounding = #qnn.rounding<onnx>}
    : (tensor<1x8x8x128x!a>, tensor<128x3x3x128x!w>, tensor<128xi32>) -> tensor<1x8x8x128x!a>
  %1 = qnn.conv2d %0, %w0 bias %b0 {padding = array<i64: 1, 1, 1, 1>, rounding = #qnn.rounding<onnx>}
    : (tensor<1x8x8x128x!a>, tensor<128x3x3x128x!w>, tensor<128xi32>) -> tensor<1x8x8x128x!a>
  return %1 : tensor<1x8x8x128x!a>
}
