// The spare rows around one element that a dilated filter reads: more than any machine addresses, and no number that wraps.
// RUN: not %qcc %s --mcpu=x86-64-v3 -o %t.o 2>&1 | FileCheck %s
// CHECK: error: the arena takes at least {{10995116[0-9]+}} bytes, more than the 1099511627775 that the target addresses
!q = !quant.uniform<i8:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.01>
!b = !quant.uniform<i32:f32, 0.005>
func.func @main(%x: tensor<1x1x1x1x!q>) -> tensor<1x1x1x1x!q> {
  %y = qnn.logistic %x : (tensor<1x1x1x1x!q>) -> tensor<1x1x1x1x!q>
  %w = qnn.constant dense<1> : tensor<1x3x3x1xi8> as tensor<1x3x3x1x!w>
  %b = qnn.constant dense<0> : tensor<1xi32> as tensor<1x!b>
  %z = qnn.conv2d %y, %w bias %b {dilations = array<i64: 2147483647, 2147483647>,
    padding = array<i64: 2147483647, 2147483647, 2147483647, 2147483647>}
    : (tensor<1x1x1x1x!q>, tensor<1x3x3x1x!w>, tensor<1x!b>) -> tensor<1x1x1x1x!q>
  return %z : tensor<1x1x1x1x!q>
}
