// Weights with a zero point, as uint8 networks have them: stored less it, as bytes, no activations are summed up. What an
// extreme weight has more than a byte is one more group, for the block of channels that it is in.
// RUN: %qcc %s --target=x86_64-linux-gnu --kernel=int8 --mcpu=x86-64-v4 --mattr=+avx512vnni --stop-after=loops -o - | FileCheck %s --check-prefix=LOOPS
// RUN: %qcc %s --target=x86_64-linux-gnu --kernel=int8 --mcpu=x86-64-v4 --mattr=+avx512vnni --emit=asm -o - | FileCheck %s --check-prefix=VNNI
// RUN: %qcc %s --target=aarch64-linux-gnu --kernel=int8 --mcpu=cortex-a76 --emit=asm -o - | FileCheck %s --check-prefix=SDOT
// RUN: %qcc %s --target=aarch64-linux-gnu --kernel=int8 --mcpu=cortex-a53 --emit=asm -o - | FileCheck %s --check-prefix=NEON

// Of the two groups of the reduction the second has a rest: 250 - 100 is 127 + 23, the second value of channel 2.
// LOOPS-NOT: conv2d_0.weight_zeros
// LOOPS:     conv2d_0.rest_weights : memref<64xi8> = dense<[0, 0, 0, 0, 0, 0, 0, 0, 0, 23, 0, 0, {{[0, ]*}}]>
// LOOPS:     conv2d_0.rest_offsets : memref<1xi32> = dense<4>
// LOOPS-NOT: conv2d_1.rest_
// LOOPS:     conv2d_1.weight_zeros
// LOOPS-NOT: conv2d_1.rest_

// Four pixels by two groups and one more; with sums by four.
// VNNI-LABEL:    conv2d_0:
// VNNI-COUNT-12: vpdpbusd
// VNNI-NOT:      vpdpbusd
// VNNI-LABEL:    conv2d_1:
// VNNI-COUNT-32: vpdpbusd
// VNNI-NOT:      vpdpbusd
// VNNI:          .size

// Four pixels by four vectors by two groups, and the rest of one vector.
// SDOT-LABEL:    conv2d_1:
// SDOT-COUNT-40: sdot
// SDOT-NOT:      sdot
// SDOT-LABEL:    conv2d_2:

// NEON-LABEL:    conv2d_1:
// NEON-NOT:      addv
// NEON-LABEL:    conv2d_2:
// NEON:          addv

!act = !quant.uniform<u8:f32, 0.05:3>
!wgt = !quant.uniform<u8:f32, 0.02:100>

func.func @main(%x: tensor<1x1x4x8x!act>) -> tensor<1x1x4x16x!act> {
  %few = qnn.constant dense<"0x909090909090909090909090909090909090909090FA90909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090909090"> : tensor<16x1x1x8xi8> as tensor<16x1x1x8x!wgt>
  %many = qnn.constant dense<-1> : tensor<16x1x1x16xi8> as tensor<16x1x1x16x!wgt>
  %0 = qnn.conv2d %x, %few : (tensor<1x1x4x8x!act>, tensor<16x1x1x8x!wgt>) -> tensor<1x1x4x16x!act>
  %1 = qnn.conv2d %0, %many : (tensor<1x1x4x16x!act>, tensor<16x1x1x16x!wgt>) -> tensor<1x1x4x16x!act>
  return %1 : tensor<1x1x4x16x!act>
}
