// Sums of bytes that end after three groups cost more than products of 16 bits; four are worth it.
// RUN: %python -c "print(open('%s').read().replace('WEIGHTS', 'FC010300' * 512).replace('LEAST', '-8'))" > %t.three.mlir && sed s/-8:7/-7:7/ %t.three.mlir > %t.four.mlir
// RUN: %qcc %t.three.mlir --target=aarch64-linux-gnu --mcpu=cortex-a53 --stop-after=select -o - | FileCheck %s --check-prefix=THREE
// RUN: %qcc %t.three.mlir --target=armv7-linux-gnueabihf --mcpu=cortex-a7 --stop-after=select -o - | FileCheck %s --check-prefix=THREE
// RUN: %qcc %t.four.mlir --target=aarch64-linux-gnu --mcpu=cortex-a53 --stop-after=select -o - | FileCheck %s --check-prefix=FOUR
// RUN: %qcc %t.four.mlir --target=armv7-linux-gnueabihf --mcpu=cortex-a7 --stop-after=select -o - | FileCheck %s --check-prefix=FOUR
// Nor does a core that is in no order add bytes.
// RUN: %qcc %t.four.mlir --target=armv7-linux-gnueabihf --mcpu=cortex-a9 --stop-after=select -o - | FileCheck %s --check-prefix=THREE

// THREE: #qnn.kernel<"conv2d.gemm"
// FOUR: #qnn.kernel<"conv2d.narrow"
!x = !quant.uniform<i8<LEAST:7>:f32, 1.0>
!y = !quant.uniform<i8:f32, 8.0>
!w = !quant.uniform<i8<-4:3>:f32, 1.0>
func.func @main(%x: tensor<1x8x8x64x!x>) -> tensor<1x8x8x32x!y> {
  %w = qnn.constant dense<"0xWEIGHTS"> : tensor<32x1x1x64xi8> as tensor<32x1x1x64x!w>
  %y = qnn.conv2d %x, %w : (tensor<1x8x8x64x!x>, tensor<32x1x1x64x!w>) -> tensor<1x8x8x32x!y>
  return %y : tensor<1x8x8x32x!y>
}
