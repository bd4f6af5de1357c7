// Activations of 16 bits without a sign: above 32767 they are no operands of dot products, which take both with one.
// RUN: %qcc diff %s interpret native | FileCheck %s
// RUN: %qcc diff %s interpret x86-64-v2 | FileCheck %s
// RUN: %qcc %s --target=aarch64-linux-gnu --stop-after=select -o - | FileCheck %s --check-prefix=KERNEL
// CHECK: no difference in 3 tensors
// KERNEL-NOT: gemm
// KERNEL: "conv2d.direct_mac"
// KERNEL-NOT: gemm

!x = !quant.uniform<u16:f32, 0.25:32768>
!w = !quant.uniform<i8:f32:0, {0.5,0.25,0.125}>
!d = !quant.uniform<i8:f32:3, {0.5,0.25}>

func.func @main(%x: tensor<1x5x5x2x!x>) -> (tensor<1x3x3x3xf32>, tensor<1x4x4x2xf32>, tensor<25x3xf32>) {
  %f = qnn.constant dense<[[[[1, -2], [3, 4]], [[5, -6], [7, -8]]], [[[9, 10], [-11, 12]], [[13, 14], [15, -16]]], [[[17, 18], [19, 20]], [[-21, 22], [23, 24]]]]> : tensor<3x2x2x2xi8> as tensor<3x2x2x2x!w>
  %0 = qnn.conv2d %x, %f {dilations = array<i64: 2, 2>, rounding = #qnn.rounding<onnx>} : (tensor<1x5x5x2x!x>, tensor<3x2x2x2x!w>) -> tensor<1x3x3x3xf32>
  %g = qnn.constant dense<[[[[1, -2], [3, 4]], [[5, -6], [7, -8]]]]> : tensor<1x2x2x2xi8> as tensor<1x2x2x2x!d>
  %1 = qnn.depthwise_conv2d %x, %g {rounding = #qnn.rounding<onnx>} : (tensor<1x5x5x2x!x>, tensor<1x2x2x2x!d>) -> tensor<1x4x4x2xf32>
  %h = qnn.constant dense<[[1, -2], [3, 4], [-5, 6]]> : tensor<3x2xi8> as tensor<3x2x!w>
  %r = qnn.reshape %x : (tensor<1x5x5x2x!x>) -> tensor<25x2x!x>
  %2 = qnn.fully_connected %r, %h {rounding = #qnn.rounding<onnx>} : (tensor<25x2x!x>, tensor<3x2x!w>) -> tensor<25x3xf32>
  return %0, %1, %2 : tensor<1x3x3x3xf32>, tensor<1x4x4x2xf32>, tensor<25x3xf32>
}
