// Inner loops of the matrix kernel on x86.
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=x86-64-v3 --kernel=int8 --emit=asm --name=m -o - | FileCheck %s --check-prefix=MADD
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=x86-64-v4 --mattr=+avx512vnni --emit=asm --name=m -o - | FileCheck %s --check-prefix=VNNI
// RUN: %qcc %shipped/ic_pretrainedResnet_quant.tflite --target=x86_64-linux-gnu --mcpu=x86-64-v4 --mattr=+avx512vnni --emit=asm -o - | FileCheck %s --check-prefix=SIGN

// What rounds by the sign compares floats, by another port than conversions take.
// SIGN-NOT: vpmovd2m %zmm
// SIGN:     vcmpltps %zmm
// SIGN-NOT: vpmovd2m %zmm

// Two pixels by five vectors, each two products: what there is less of, activations, stays in registers.
// MADD-LABEL:    m.conv2d_0:
// MADD:          vpbroadcastd
// MADD:          vpsrlw $8
// MADD:          vpmaddwd {{.*}}%ymm
// MADD:          jne
// Nine taps of three channels are three rows of nine bytes: the last word of a row lies over the one before, and no byte
// is loaded alone.
// MADD-LABEL: m.conv2d_1:
// MADD-NOT:   {{movzbl|vpinsrb}}
// MADD:       .size
// VNNI-LABEL: m.conv2d_1:
// VNNI-NOT:   {{movzbl|vpinsrb}}
// VNNI:       .size

// 24 channels are three registers of two groups each, read by eight bytes; what comes out is one stream of 64 bytes each.
// VNNI-LABEL:    m.conv2d_2:
// VNNI:          vpbroadcastq {{.*}}%zmm
// VNNI-NOT:      %ymm
// VNNI:          jne
// VNNI-NOT:      vpmovdb
// VNNI-COUNT-2:  vpackssdw {{.*}}%zmm
// VNNI-NEXT:     vpackuswb {{.*}}%zmm
// VNNI:          vmovdqu64 %zmm{{[0-9]+}}, {{.*}}(%rsi

!act = !quant.uniform<u8:f32, 0.05:3>
!wgt = !quant.uniform<i8:f32, 0.02>

func.func @main(%x: tensor<1x8x8x64x!act>, %y: tensor<1x8x8x3x!act>) 
    -> (tensor<1x8x8x40x!act>, tensor<1x8x8x40x!act>, tensor<1x8x8x24x!act>) {
  %w = qnn.constant dense<7> : tensor<40x1x1x64xi8> as tensor<40x1x1x64x!wgt>
  %v = qnn.constant dense<7> : tensor<40x3x3x3xi8> as tensor<40x3x3x3x!wgt>
  %u = qnn.constant dense<7> : tensor<24x1x1x64xi8> as tensor<24x1x1x64x!wgt>
  %0 = qnn.conv2d %x, %w : (tensor<1x8x8x64x!act>, tensor<40x1x1x64x!wgt>) -> tensor<1x8x8x40x!act>
  %1 = qnn.conv2d %y, %v {padding = array<i64: 1, 1, 1, 1>} :
      (tensor<1x8x8x3x!act>, tensor<40x3x3x3x!wgt>) -> tensor<1x8x8x40x!act>
  %2 = qnn.conv2d %x, %u : (tensor<1x8x8x64x!act>, tensor<24x1x1x64x!wgt>) -> tensor<1x8x8x24x!act>
  return %0, %1, %2 : tensor<1x8x8x40x!act>, tensor<1x8x8x40x!act>, tensor<1x8x8x24x!act>
}
