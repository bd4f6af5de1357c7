// Between bit-serial layers of two bits C takes bytes to a pool, since it compares no planes side by side; one bit stays
// an or of words.
// RUN: %qcc %s --target=generic --kernel=bitserial --name=m --stop-after=schedule -o - | FileCheck %s
// RUN: %qcc %s --target=generic --kernel=bitserial --name=m -o %t.c --header=%t.h

!two = !quant.uniform<u8<0:3>:f32, 1.0>
!one = !quant.uniform<u8<0:1>:f32, 1.0>
!wgt = !quant.uniform<i8<-1:1>:f32, 0.25>

// CHECK: qnn.layer "max_pool2d_1"
// CHECK-SAME: buffers = [#qnn.buffer<arena, 0, {{[0-9]+}}>]
// CHECK: qnn.layer "max_pool2d_3"
// CHECK-SAME: buffers = [#qnn.buffer<arena, 0, {{[0-9]+}} planes 1>]
func.func @main(%x: tensor<1x8x8x32x!two>) -> tensor<1x2x2x32x!two> {
  %w = qnn.constant dense<1> : tensor<32x1x1x32xi8> as tensor<32x1x1x32x!wgt>
  %a = qnn.conv2d %x, %w : (tensor<1x8x8x32x!two>, tensor<32x1x1x32x!wgt>) -> tensor<1x8x8x32x!two>
  %b = qnn.max_pool2d %a {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>} : (tensor<1x8x8x32x!two>) -> tensor<1x4x4x32x!two>
  %c = qnn.conv2d %b, %w : (tensor<1x4x4x32x!two>, tensor<32x1x1x32x!wgt>) -> tensor<1x4x4x32x!one>
  %d = qnn.max_pool2d %c {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>} : (tensor<1x4x4x32x!one>) -> tensor<1x2x2x32x!one>
  %e = qnn.conv2d %d, %w : (tensor<1x2x2x32x!one>, tensor<32x1x1x32x!wgt>) -> tensor<1x2x2x32x!two>
  return %e : tensor<1x2x2x32x!two>
}
