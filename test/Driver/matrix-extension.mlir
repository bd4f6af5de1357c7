// With AArch64's matrix extension activations have any sign: unsigned ones are multiplied as they are. What three rows of
// nine values have beyond a group of eight shares one; sums begin with what is loaded, not copied; narrowing shifts and
// rounds.
// RUN: %qcc %s --target=aarch64-linux-gnu --mcpu=neoverse-n2 --emit=asm --name=m -o - | FileCheck %s

// CHECK-LABEL: m.conv2d_0:
// CHECK-NOT:   {{eor|mov.*16b|[^u]smmla|sdot}}
// CHECK:       ldp q{{[0-9]+}}, q{{[0-9]+}}, [x
// CHECK-NOT:   {{eor|mov.*16b|[^u]smmla|sdot}}
// CHECK:       usmmla
// CHECK-NOT:   {{eor|mov.*16b|[^u]smmla|sdot}}
// CHECK:       ld1 { v{{[0-9]+}}.b }[10]
// CHECK-NOT:   {{eor|mov.*16b|[^u]smmla|sdot}}
// CHECK:       sqrshrn
// CHECK-NOT:   {{eor|mov.*16b|[^u]smmla|sdot}}
// CHECK-LABEL: m.depthwise_conv2d_1:
// CHECK-NOT:   {{eor|[^u]sdot}}
// CHECK:       usdot
// CHECK-NOT:   {{eor|[^u]sdot}}
// CHECK:       .size m.depthwise_conv2d_1

!act = !quant.uniform<u8:f32, 0.05>
!wgt = !quant.uniform<i8:f32, 0.02>

func.func @main(%x: tensor<1x9x9x3x!act>) -> tensor<1x4x4x16x!act> {
  %w = qnn.constant dense<3> : tensor<16x3x3x3xi8> as tensor<16x3x3x3x!wgt>
  %b = qnn.constant dense<[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]> : tensor<16xi32> as tensor<16xi32>
  %d = qnn.constant dense<5> : tensor<1x3x3x16xi8> as tensor<1x3x3x16x!wgt>
  %0 = qnn.conv2d %x, %w bias %b {strides = array<i64: 2, 2>} : (tensor<1x9x9x3x!act>, tensor<16x3x3x3x!wgt>, tensor<16xi32>) -> tensor<1x4x4x16x!act>
  %1 = qnn.depthwise_conv2d %0, %d {padding = array<i64: 1, 1, 1, 1>} : (tensor<1x4x4x16x!act>, tensor<1x3x3x16x!wgt>) -> tensor<1x4x4x16x!act>
  return %1 : tensor<1x4x4x16x!act>
}
