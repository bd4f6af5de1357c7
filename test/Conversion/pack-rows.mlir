// Tensors of few bits lie in packed rows where kernels go by rows and the arena gets smaller so.
// RUN: %qcc %s --target=thumbv7em-none-eabihf --mcpu=cortex-m4 --stop-after=schedule -o - | FileCheck %s
// RUN: %qcc %s --target=thumbv7em-none-eabihf --mcpu=cortex-m4 --pack-activations=never --stop-after=schedule -o - | FileCheck %s --check-prefix=NEVER
// Where there are vectors kernels do not go by rows.
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=x86-64-v3 --pack-activations=always --stop-after=schedule -o - | FileCheck %s --check-prefix=NEVER
// RUN: not %qcc %s --pack-activations=often -o - 2>&1 | FileCheck %s --check-prefix=OPTION
// RUN: not %qcc-opt %s --qnn-plan-memory=pack-rows=often 2>&1 | FileCheck %s --check-prefix=PASS
// Fields of 4 bits are masked out of words of eight values, four to a store.
// RUN: %qcc %s --target=thumbv7em-none-eabihf --mcpu=cortex-m4 --emit=asm --name=m -o - | FileCheck %s --check-prefix=ASM
// C has no words in arrays of bytes: there a byte is unpacked at a time.
// RUN: %qcc %s --target=generic --name=m -o %t.c --header=%t.h
// RUN: FileCheck %s --check-prefix=C --input-file=%t.c

// C: & 15

// OPTION: --pack-activations=often: expected auto, always or never
// PASS: pack-rows is 'often', expected auto, smaller, always or never

!in = !quant.uniform<u8:f32, 1.0>
!act = !quant.uniform<u8<0:15>:f32, 1.0>
!mid = !quant.uniform<i8<-8:7>:f32, 1.0>
!wgt = !quant.uniform<i8<-127:127>:f32, 0.01>

// Half the bytes of 16x16x32 from layer to layer, and windows of three rows; the result of the last layer is the
// caller's.
// CHECK-LABEL: func.func @main
// CHECK: qnn.layer "conv2d_0"
// CHECK-SAME: row_bits 4>
// CHECK: qnn.layer "conv2d_1"
// CHECK-SAME: row_bits 4>
// CHECK: qnn.layer "conv2d_2"
// CHECK-NOT: row_bits
// NEVER-LABEL: func.func @main
// NEVER-NOT: row_bits

// ASM-LABEL: m.conv2d_1:
// ASM: bic{{.*}}#-252645136
// ASM: and.w{{.*}}lsr #4
// ASM: smlad

func.func @main(%x: tensor<1x16x16x4x!in>) -> tensor<1x16x16x8x!in> {
  %w0 = qnn.constant dense<3> : tensor<32x3x3x4xi8> as tensor<32x3x3x4x!wgt>
  %w1 = qnn.constant dense<2> : tensor<32x3x3x32xi8> as tensor<32x3x3x32x!wgt>
  %w2 = qnn.constant dense<1> : tensor<8x1x1x32xi8> as tensor<8x1x1x32x!wgt>
  %a = qnn.conv2d %x, %w0 {padding = array<i64: 1, 1, 1, 1>} : (tensor<1x16x16x4x!in>, tensor<32x3x3x4x!wgt>) -> tensor<1x16x16x32x!act>
  %b = qnn.conv2d %a, %w1 {padding = array<i64: 1, 1, 1, 1>} : (tensor<1x16x16x32x!act>, tensor<32x3x3x32x!wgt>) -> tensor<1x16x16x32x!mid>
  %c = qnn.conv2d %b, %w2 : (tensor<1x16x16x32x!mid>, tensor<8x1x1x32x!wgt>) -> tensor<1x16x16x8x!in>
  return %c : tensor<1x16x16x8x!in>
}
