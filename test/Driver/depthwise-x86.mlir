// Columns of the window are unpacked into each other and multiplied by dot instructions; results are packed with
// saturation, 64 at a time with 512-bit registers, and no lane is narrowed on its own.
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=sapphirerapids --emit=asm -o - | FileCheck %s --check-prefix=VNNI
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=x86-64-v3 --emit=asm -o - | FileCheck %s --check-prefix=MADD
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=sapphirerapids --stop-after=select -o - | FileCheck %s --check-prefix=SELECT

// SELECT: qnn.layer {{.*}}#qnn.kernel<"depthwise_conv2d.columns"

// VNNI-LABEL: depthwise_conv2d_0:
// VNNI:       vpunpcklbw {{.*}}%zmm
// VNNI:       vpunpcklwd {{.*}}%zmm
// VNNI:       vpdpbusd {{.*}}%zmm
// VNNI-NOT:   vpmovdb
// VNNI-NOT:   vpmovsdb
// VNNI:       vpackssdw {{.*}}%zmm
// VNNI:       vpack{{[su]}}swb {{.*}}%zmm

// MADD-LABEL: depthwise_conv2d_0:
// MADD:       vpunpck{{[lh]}}wd {{.*}}%ymm
// MADD:       vpmaddwd {{.*}}%ymm
// MADD:       vpackssdw {{.*}}%ymm
// MADD:       vpack{{[su]}}swb {{.*}}%ymm

!act = !quant.uniform<i8:f32, 0.05:3>
!wgt = !quant.uniform<i8:f32, 0.02>

func.func @main(%x: tensor<1x9x9x64x!act>) -> tensor<1x9x9x64x!act> {
  %w = qnn.constant dense<7> : tensor<1x3x3x64xi8> as tensor<1x3x3x64x!wgt>
  %0 = qnn.depthwise_conv2d %x, %w {padding = array<i64: 1, 1, 1, 1>} :
      (tensor<1x9x9x64x!act>, tensor<1x3x3x64x!wgt>) -> tensor<1x9x9x64x!act>
  return %0 : tensor<1x9x9x64x!act>
}
