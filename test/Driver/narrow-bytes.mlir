// Where weights and activations are so small that products add up in bytes, whole registers of them are multiplied: on NEON
// without dot products where an instruction of each kind takes as long, eight channels by two values of the reduction, and on
// RISC-V V a scalar by the weights of a register of channels.
// RUN: %python -c "print(open('%s').read().replace('SMALL', 'FEFF0001' * 9216).replace('GREAT', '2BD51107' * 9216))" > %t.mlir
// RUN: %qcc %t.mlir --target=aarch64-linux-gnu --mcpu=cortex-a53 --kernel=narrow --remarks --emit=asm --name=m -o - 2>&1 | FileCheck %s --check-prefixes=CHOICE,NEON
// RUN: %qcc %t.mlir --target=armv7-linux-gnueabihf --mcpu=cortex-a7 --kernel=narrow --remarks --emit=asm --name=m -o - 2>&1 | FileCheck %s --check-prefixes=CHOICE,NEON32
// RUN: %qcc %t.mlir --target=riscv64-linux-gnu --mcpu=spacemit-x60 --kernel=narrow --remarks --emit=asm --name=m -o - 2>&1 | FileCheck %s --check-prefixes=CHOICE,RVV
// A core that begins two additions in a cycle but one multiplication counts bits.
// RUN: %qcc %t.mlir --target=aarch64-linux-gnu --mcpu=cortex-a72 --remarks --stop-after=select -o /dev/null 2>&1 | FileCheck %s --check-prefix=COUNTS

// COUNTS: conv2d_0: conv2d.bitserial
// CHOICE: conv2d_0: conv2d.narrow
// CHOICE-NOT: conv2d_1: conv2d.narrow

// Products are at most 6: 21 of them in a byte.
// NEON-LABEL:    m.conv2d_0:
// NEON:          ld1r { v[[#]].8h }
// NEON-COUNT-32: mla v[[#]].16b
// NEON:          sadalp v[[#]].8h, v[[#]].16b
// NEON-NOT:      smlal
// NEON-LABEL:    m.conv2d_1:
// NEON-NOT:      mla v[[#]].16b

// With 16 registers a loop takes two groups at a time, which are not spilled.
// NEON32-LABEL:    m.conv2d_0:
// NEON32:          vld1.16 {d[[#]][], d[[#]][]}
// NEON32-COUNT-12: {{vmla|vmul}}.i8 q
// NEON32:          b{{[a-z]*}} .LBB
// NEON32:          vpadal.s8 q
// NEON32-NOT:      vmlal
// NEON32-LABEL:    m.conv2d_1:
// NEON32-NOT:      vmla.i8 q

// RVV-LABEL:    m.conv2d_0:
// RVV:          vsetvli {{.*}}e8, m1
// RVV-COUNT-8:  {{vmacc|vmadd}}.vx
// RVV-NOT:      vsetvli
// RVV:          vwadd.wv
// RVV:          vwmacc.vx
// RVV-LABEL:    m.conv2d_1:
// RVV-NOT:      vwadd.wv

!a = !quant.uniform<u8<0:3>:f32, 1.0>
!b = !quant.uniform<u8<0:7>:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.02>
!v = !quant.uniform<i8:f32, 0.002>

func.func @main(%x: tensor<1x16x16x64x!a>) -> tensor<1x16x16x64x!b> {
  %w0 = qnn.constant dense<"0xSMALL"> : tensor<64x3x3x64xi8> as tensor<64x3x3x64x!w>
  %0 = qnn.conv2d %x, %w0 {padding = array<i64: 1, 1, 1, 1>, rounding = #qnn.rounding<onnx>}
    : (tensor<1x16x16x64x!a>, tensor<64x3x3x64x!w>) -> tensor<1x16x16x64x!a>
  // Two products of 43 by 3 are more than a byte holds.
  %w1 = qnn.constant dense<"0xGREAT"> : tensor<64x3x3x64xi8> as tensor<64x3x3x64x!v>
  %1 = qnn.conv2d %0, %w1 {padding = array<i64: 1, 1, 1, 1>, rounding = #qnn.rounding<onnx>}
    : (tensor<1x16x16x64x!a>, tensor<64x3x3x64x!v>) -> tensor<1x16x16x64x!b>
  return %1 : tensor<1x16x16x64x!b>
}
