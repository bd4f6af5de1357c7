// Where weights are small, pmaddubsw multiplies bytes, and as many pairs as are proved to fit are summed up in 16 bits before pmaddwd
// widens them: eight groups of weights from -8 to 7 here, and one of weights that go to 64.
// RUN: %python %source/test/lib/low_bit_layer.py 4 --extent=28 > %t.w4.mlir
// RUN: %qcc %t.w4.mlir --target=x86_64-linux-gnu --mcpu=x86-64-v3 --kernel=narrow --remarks --stop-after=select -o /dev/null 2>&1 | FileCheck %s --check-prefix=CHOICE
// RUN: %qcc %t.w4.mlir --target=x86_64-linux-gnu --mcpu=x86-64-v3 --kernel=narrow --emit=asm --name=m -o - | FileCheck %s --check-prefix=W4
// RUN: %qcc %t.w4.mlir --target=x86_64-linux-gnu --mcpu=x86-64-v2 --kernel=narrow --emit=asm --name=m -o - | FileCheck %s --check-prefix=SSE
// Bytes of any value have none of this, and VNNI no use for it.
// RUN: %qcc %t.w4.mlir --target=x86_64-linux-gnu --mcpu=x86-64-v3 --kernel=int8 --emit=asm --name=m -o - | FileCheck %s --check-prefix=BYTES
// RUN: %qcc %t.w4.mlir --target=x86_64-linux-gnu --mcpu=alderlake --kernel=narrow --emit=asm --name=m -o - | FileCheck %s --check-prefix=BYTES

// CHOICE: conv2d_{{[01]}}: conv2d.narrow
// W4-LABEL:    m.conv2d_1:
// W4-COUNT-64: vpmaddubsw {{.*}}%ymm
// W4-NOT:      vpmaddubsw
// W4-COUNT-8:  vpmaddwd {{.*}}%ymm
// SSE:         pmaddubsw {{.*}}%xmm
// BYTES-NOT:   pmaddubsw
// BYTES:       .size m.conv2d_{{[01]}},
// BYTES-NOT:   pmaddubsw

// The greatest sums that there can be.
// RUN: %python -c "print(open('%s').read().replace('WEIGHTS', ('40' * 96 + 'C0' * 96 + '40C0' * 48 + '4040C0C0' * 24) * 16))" > %t.mlir
// RUN: %python -c "import numpy; x = numpy.zeros((4, 1, 96), numpy.uint8); x[0] = 255; x[1, :, ::2] = 255; x[2, :, 1::2] = 255; numpy.save('%t.x.npy', x)"
// RUN: %qcc %t.mlir --mcpu=x86-64-v3 --kernel=narrow --remarks --emit=asm --name=m -o %t.s 2>&1 | FileCheck %s --check-prefix=GREATEST
// RUN: %qcc run %t.mlir --mcpu=x86-64-v3 --kernel=narrow --input=%t.x.npy --output=%t.y.npy
// RUN: %qcc run %t.mlir --interpret --input=%t.x.npy --output=%t.z.npy && cmp %t.y.npy %t.z.npy
// GREATEST: fully_connected_0: fully_connected.narrow

// Weights that are no bytes, less their zero point of 20: not so, however small activations are.
// RUN: %python -c "print(open('%t.mlir').read().replace('act = !quant.uniform<u8', 'act = !quant.uniform<u8<0:31>').replace('i8<-127:127>:f32, 1.0', 'u8:f32, 1.0:20'))" > %t.zero.mlir
// RUN: %qcc %t.zero.mlir --mcpu=x86-64-v3 --remarks --emit=asm --name=m -o %t.s 2>&1 | FileCheck %s --check-prefix=ZERO
// ZERO: fully_connected_0: fully_connected.gemm
!act = !quant.uniform<u8:f32, 1.0>
!res = !quant.uniform<i8:f32, 16000.0>
!wgt = !quant.uniform<i8<-127:127>:f32, 1.0>
func.func @main(%x: tensor<1x96x!act>) -> tensor<1x64x!res> {
  %w = qnn.constant dense<"0xWEIGHTS"> : tensor<64x96xi8> as tensor<64x96x!wgt>
  %y = qnn.fully_connected %x, %w : (tensor<1x96x!act>, tensor<64x96x!wgt>) -> tensor<1x64x!res>
  return %y : tensor<1x64x!res>
}
