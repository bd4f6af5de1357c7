// A multiplication that is proved to round like the division by the scale takes its place; one product where the scale is a
// power of two, and the quotient itself without fused multiply-add.
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=x86-64-v3 --emit=asm -o - | FileCheck %s --check-prefix=FMA
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=x86-64 --emit=asm -o - | FileCheck %s --check-prefix=SSE

// FMA-LABEL: quantize_0:
// FMA-NOT:   vdiv
// FMA:       vfmadd{{.*}}ps
// FMA-NOT:   vdiv
// FMA-LABEL: quantize_1:
// FMA-NOT:   {{vdiv|vfmadd}}
// FMA:       vmulps
// FMA:       .size {{.*}}quantize_1

// SSE-LABEL: quantize_0:
// SSE:       divps
// SSE-LABEL: quantize_1:
// SSE-NOT:   divps
// SSE:       mulps

func.func @main(%x: tensor<8x64xf32>) -> (tensor<8x64x!quant.uniform<i8:f32, 0.1:3>>, tensor<8x64x!quant.uniform<u8:f32, 0.125:3>>) {
  %0 = qnn.quantize %x : (tensor<8x64xf32>) -> tensor<8x64x!quant.uniform<i8:f32, 0.1:3>>
  %1 = qnn.quantize %x : (tensor<8x64xf32>) -> tensor<8x64x!quant.uniform<u8:f32, 0.125:3>>
  return %0, %1 : tensor<8x64x!quant.uniform<i8:f32, 0.1:3>>, tensor<8x64x!quant.uniform<u8:f32, 0.125:3>>
}
