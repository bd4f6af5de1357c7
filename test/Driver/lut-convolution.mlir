// Convolutions that look sums of four activations up: windows with strides, dilated ones, padding on some sides, channels over whole registers.
// RUN: %python -c "import random; r = random.Random(1); w = lambda n: ''.join(r.choice(['FE', 'FF', '00', '01']) for _ in range(n)); s = open('%s').read(); print(s.replace('WEIGHTS0', w(40*9*8)).replace('WEIGHTS1', w(72*9*40)).replace('WEIGHTS2', w(24*72)))" > %t.mlir
// RUN: %python -c "import numpy; numpy.save('%t.x.npy', numpy.random.default_rng(1).integers(-128, 128, (2, 11, 9, 8), numpy.int8))"
// RUN: %qcc run %t.mlir --interpret --input=%t.x.npy --output=%t.z.npy
// RUN: %qcc run %t.mlir --kernel=lut --mcpu=x86-64-v3 --guard --input=%t.x.npy --output=%t.y.npy && cmp %t.y.npy %t.z.npy
// RUN: %qcc run %t.mlir --kernel=lut --mcpu=x86-64-v2 --input=%t.x.npy --output=%t.y.npy && cmp %t.y.npy %t.z.npy
// RUN: %qcc %t.mlir --kernel=lut --target=aarch64-linux-gnu --mcpu=cortex-a53 --remarks --emit=asm --name=m -o - 2>&1 | FileCheck %s
// RUN: %qcc %t.mlir --kernel=lut --target=armv7-linux-gnueabihf --mcpu=cortex-a7 --remarks --emit=asm --name=m -o - 2>&1 | FileCheck %s --check-prefix=VTBL
// Rows of tables belong to one thread.
// RUN: %qcc %t.mlir --kernel=lut --target=aarch64-linux-gnu --threads=2 --remarks --stop-after=select -o - 2>&1 | FileCheck %s --check-prefix=SHARED

// CHECK-COUNT-3: conv2d.lut
// CHECK:         m.conv2d_0:
// CHECK:         tbl v{{[0-9]+}}.16b, { v{{[0-9]+}}.16b }, v{{[0-9]+}}.16b
// VTBL-COUNT-3: conv2d.lut
// VTBL:         m.conv2d_0:
// Tables follow each other behind one pointer.
// VTBL:         vld1.8 {{{d[0-9]+, d[0-9]+}}}, [r[[AT:[0-9]+]]:128]!
// VTBL:         vtbl.8 d{{[0-9]+}}, {d{{[0-9]+, d[0-9]+}}}, d{{[0-9]+}}
// SHARED:        conv2d_0: conv2d.gemm {{.*}}, for want of another: conv2d.lut: rows of tables are of one thread
!x = !quant.uniform<i8:f32, 1.0:3>
!y = !quant.uniform<i8:f32, 12.0:-5>
!w = !quant.uniform<i8:f32, 1.0>
func.func @main(%x: tensor<1x11x9x8x!x>) -> tensor<1x6x6x24x!y> {
  %w0 = qnn.constant dense<"0xWEIGHTS0"> : tensor<40x3x3x8xi8> as tensor<40x3x3x8x!w>
  %w1 = qnn.constant dense<"0xWEIGHTS1"> : tensor<72x3x3x40xi8> as tensor<72x3x3x40x!w>
  %w2 = qnn.constant dense<"0xWEIGHTS2"> : tensor<24x1x1x72xi8> as tensor<24x1x1x72x!w>
  %0 = qnn.conv2d %x, %w0 {padding = array<i64: 1, 1, 0, 2>, strides = array<i64: 2, 1>}
    : (tensor<1x11x9x8x!x>, tensor<40x3x3x8x!w>) -> tensor<1x6x9x40x!x>
  %1 = qnn.conv2d %0, %w1 {padding = array<i64: 2, 2, 0, 1>, dilations = array<i64: 2, 2>}
    : (tensor<1x6x9x40x!x>, tensor<72x3x3x40x!w>) -> tensor<1x6x6x72x!x>
  %2 = qnn.conv2d %1, %w2 : (tensor<1x6x6x72x!x>, tensor<24x1x1x72x!w>) -> tensor<1x6x6x24x!y>
  return %2 : tensor<1x6x6x24x!y>
}
