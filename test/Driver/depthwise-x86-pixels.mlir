// Where pixels have fewer channels than a register has bytes, several fill it: with stride 1 a row of 24 channels is three
// registers for eight pixels; with stride 2 the pieces of four pixels are inserted from memory, and every other pixel
// of 8 channels by one shuffle. No tap goes alone.
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=sapphirerapids --stop-after=select -o - | FileCheck %s --check-prefix=SELECT
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=sapphirerapids --emit=asm -o - | FileCheck %s --check-prefix=VNNI
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=x86-64-v3 --stop-after=select -o - | FileCheck %s --check-prefix=SELECT3

// SELECT: qnn.layer "depthwise_conv2d_0" {{.*}}#qnn.kernel<"depthwise_conv2d.columns", {{.*}}lanes = 16 : i64, {{.*}}piece = 64 : i64
// SELECT: qnn.layer "depthwise_conv2d_1" {{.*}}#qnn.kernel<"depthwise_conv2d.columns", {{.*}}lanes = 16 : i64, {{.*}}piece = 16 : i64
// SELECT: qnn.layer "depthwise_conv2d_2" {{.*}}#qnn.kernel<"depthwise_conv2d.columns", {{.*}}lanes = 16 : i64, {{.*}}piece = 8 : i64
// SELECT3-COUNT-3: #qnn.kernel<"depthwise_conv2d.columns", {{.*}}lanes = 8 : i64

// VNNI-LABEL: depthwise_conv2d_0:
// VNNI-NOT:   vpmulld
// VNNI:       vpdpbusd {{.*}}%zmm
// VNNI-LABEL: depthwise_conv2d_1:
// VNNI-NOT:   vpmulld
// VNNI:       vinserti{{(32x4|128)}} $1, {{-?[0-9]*}}(%r
// VNNI:       vpdpbusd {{.*}}%zmm
// VNNI-LABEL: depthwise_conv2d_2:
// VNNI-NOT:   vpmulld
// VNNI:       vpermt2q {{.*}}%zmm
// VNNI:       vpdpbusd {{.*}}%zmm

!act = !quant.uniform<i8:f32, 0.05:3>
!wgt = !quant.uniform<i8:f32, 0.02>

func.func @main(%x: tensor<1x17x17x24x!act>, %y: tensor<1x17x17x16x!act>, %z: tensor<1x17x17x8x!act>) ->
    (tensor<1x17x17x24x!act>, tensor<1x9x9x16x!act>, tensor<1x9x9x8x!act>) {
  %w0 = qnn.constant dense<7> : tensor<1x3x3x24xi8> as tensor<1x3x3x24x!wgt>
  %0 = qnn.depthwise_conv2d %x, %w0 {padding = array<i64: 1, 1, 1, 1>} :
      (tensor<1x17x17x24x!act>, tensor<1x3x3x24x!wgt>) -> tensor<1x17x17x24x!act>
  %w1 = qnn.constant dense<7> : tensor<1x3x3x16xi8> as tensor<1x3x3x16x!wgt>
  %1 = qnn.depthwise_conv2d %y, %w1 {padding = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} :
      (tensor<1x17x17x16x!act>, tensor<1x3x3x16x!wgt>) -> tensor<1x9x9x16x!act>
  %w2 = qnn.constant dense<7> : tensor<1x3x3x8xi8> as tensor<1x3x3x8x!wgt>
  %2 = qnn.depthwise_conv2d %z, %w2 {padding = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} :
      (tensor<1x17x17x8x!act>, tensor<1x3x3x8x!wgt>) -> tensor<1x9x9x8x!act>
  return %0, %1, %2 : tensor<1x17x17x24x!act>, tensor<1x9x9x16x!act>, tensor<1x9x9x8x!act>
}
