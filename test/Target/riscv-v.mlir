// RISC-V V: a scalar activation times weights of two registers, nothing extended in the loop; depthwise, bytes
// multiplied as they are; the high half of a product, narrowed twice.
// RUN: %qcc %s --target=riscv64-linux-gnu --mcpu=spacemit-x60 --emit=asm -o - --name=m | FileCheck %s

!act = !quant.uniform<i8:f32, 0.5:-128>
!wgt = !quant.uniform<i8:f32, 0.25>

// CHECK-LABEL: m.depthwise_conv2d_0:
// CHECK-NOT: vsext
// CHECK-DAG: e8, m1, ta
// CHECK-DAG: vwmul.vv
// CHECK-DAG: vwmacc.vv
// CHECK:     vwadd.vv
// CHECK:     vmadd.vx
// CHECK:     vmulh.vv
// CHECK:     vnclip.wi
// CHECK:     vnclip.wi
// CHECK-LABEL: m.conv2d_1:
// CHECK-NOT: vsext
// CHECK:     e16, m2, ta
// CHECK-COUNT-6: vwmacc.vx
// CHECK-NOT: vsext
// CHECK:     vmulh.vv
// CHECK:     vnclip.wi
func.func @main(%x: tensor<1x8x8x32x!act>) -> tensor<1x6x6x32x!act> {
  %w = qnn.constant dense<100> : tensor<1x3x3x32xi8> as tensor<1x3x3x32x!wgt>
  %y = qnn.depthwise_conv2d %x, %w : (tensor<1x8x8x32x!act>, tensor<1x3x3x32x!wgt>) -> tensor<1x6x6x32x!act>
  %v = qnn.constant dense<1> : tensor<32x1x1x32xi8> as tensor<32x1x1x32x!wgt>
  %z = qnn.conv2d %y, %v : (tensor<1x6x6x32x!act>, tensor<32x1x1x32x!wgt>) -> tensor<1x6x6x32x!act>
  return %z : tensor<1x6x6x32x!act>
}
