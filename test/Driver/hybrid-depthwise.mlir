// Rounded samples go through the depthwise kernels of quantized layers, whose sums become floats as whole vectors.
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=sapphirerapids --emit=asm -o - | FileCheck %s --check-prefix=VNNI
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=x86-64-v3 --emit=asm -o - | FileCheck %s --check-prefix=MADD
// RUN: %qcc %s --target=aarch64-linux-gnu --mcpu=cortex-a53 --emit=asm -o - | FileCheck %s --check-prefix=NEON
// RUN: %qcc %s --target=riscv64-linux-gnu --mattr=+v --emit=asm -o - | FileCheck %s --check-prefix=RVV

// VNNI-LABEL: depthwise_conv2d_0:
// VNNI:       vcvttps2dq {{.*}}%zmm
// VNNI:       vpacksswb {{.*}}%zmm
// VNNI:       vpunpcklbw {{.*}}%zmm
// VNNI:       vpdpbusd {{.*}}%zmm
// VNNI:       vcvtdq2ps {{.*}}%zmm
// VNNI-NOT:   vmovss
// VNNI:       .size {{.*}}depthwise_conv2d_0

// MADD-LABEL: depthwise_conv2d_0:
// MADD:       vpacksswb {{.*}}%ymm
// MADD:       vpmaddwd {{.*}}%ymm
// MADD:       vcvtdq2ps {{.*}}%ymm

// NEON-LABEL: depthwise_conv2d_0:
// NEON:       sqxtn
// NEON:       smull v{{[0-9]+}}.8h
// NEON:       scvtf v{{[0-9]+}}.4s

// RVV-LABEL:  depthwise_conv2d_0:
// RVV:        vfcvt.x.f.v
// RVV:        vwmacc{{(su)?}}.vv
// RVV:        vfcvt.f.x.v

func.func @main(%x: tensor<1x9x9x64xf32>) -> tensor<1x9x9x64xf32> {
  %w = qnn.constant dense<7> : tensor<1x3x3x64xi8> as tensor<1x3x3x64x!quant.uniform<i8:f32, 0.02>>
  %0 = qnn.depthwise_conv2d %x, %w {padding = array<i64: 1, 1, 1, 1>} :
      (tensor<1x9x9x64xf32>, tensor<1x3x3x64x!quant.uniform<i8:f32, 0.02>>) -> tensor<1x9x9x64xf32>
  return %0 : tensor<1x9x9x64xf32>
}
