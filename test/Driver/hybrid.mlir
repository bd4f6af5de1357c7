// Samples of the hybrid form are rounded in whole vectors and multiplied by the dot instructions of quantized layers:
// no sample is rounded, or product made, in scalars.
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=sapphirerapids --emit=asm -o - | FileCheck %s --check-prefix=VNNI
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=x86-64-v3 --emit=asm -o - | FileCheck %s --check-prefix=MADD
// RUN: %qcc %s --target=aarch64-linux-gnu --mcpu=cortex-a76 --emit=asm -o - | FileCheck %s --check-prefix=SDOT
// RUN: %qcc %s --target=riscv64-linux-gnu --mattr=+v --emit=asm -o - | FileCheck %s --check-prefix=RVV

// VNNI-LABEL: conv2d_0:
// VNNI-NOT:   cvttss2si
// VNNI:       vmaxps {{.*}}%zmm
// VNNI-NOT:   cvttss2si
// VNNI:       vcvttps2dq {{.*}}%zmm
// VNNI-NOT:   {{cvttss2si|vpmov}}
// VNNI:       vpackssdw {{.*}}%zmm
// VNNI:       vpacksswb {{.*}}%zmm
// VNNI:       vpdpbusd {{.*}}%zmm
// VNNI:       vcvtdq2ps {{.*}}%zmm

// MADD-LABEL: conv2d_0:
// MADD:       vmaxps {{.*}}%ymm
// MADD-NOT:   cvttss2si
// MADD:       vcvttps2dq {{.*}}%ymm
// MADD-NOT:   cvttss2si
// MADD:       vpackssdw {{.*}}%ymm
// MADD:       vpacksswb {{.*}}%ymm
// MADD:       vpmaddwd {{.*}}%ymm
// MADD:       vcvtdq2ps {{.*}}%ymm

// SDOT-LABEL: conv2d_0:
// SDOT:       fcvtzs v{{[0-9]+}}.4s
// SDOT:       sqxtn
// SDOT:       sdot v{{[0-9]+}}.4s, v{{[0-9]+}}.16b, v{{[0-9]+}}.4b
// SDOT:       scvtf v{{[0-9]+}}.4s

// RVV-LABEL:  conv2d_0:
// RVV:        vfcvt.x.f.v
// RVV:        vnsrl.wi
// RVV:        vwmacc.v
// RVV:        vfcvt.f.x.v

func.func @main(%x: tensor<1x8x8x64xf32>) -> tensor<1x8x8x64xf32> {
  %w = qnn.constant dense<7> : tensor<64x3x3x64xi8> as tensor<64x3x3x64x!quant.uniform<i8:f32, 0.25>>
  %0 = qnn.conv2d %x, %w {padding = array<i64: 1, 1, 1, 1>} :
      (tensor<1x8x8x64xf32>, tensor<64x3x3x64x!quant.uniform<i8:f32, 0.25>>) -> tensor<1x8x8x64xf32>
  return %0 : tensor<1x8x8x64xf32>
}
