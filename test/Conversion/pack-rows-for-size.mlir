// For the size tensors of few bits lie in packed rows also where that takes much of the time, as in pointwise layers of 16
// channels, unless something else is asked for.
// RUN: %qcc %s --target=thumbv7em-none-eabihf --mcpu=cortex-m4 --stop-after=schedule -o - | FileCheck %s --check-prefix=BYTES
// RUN: %qcc %s --optimize=size --target=thumbv7em-none-eabihf --mcpu=cortex-m4 --stop-after=schedule -o - | FileCheck %s --check-prefix=SIZE
// RUN: %qcc %s --optimize=size --pack-activations=never --target=thumbv7em-none-eabihf --mcpu=cortex-m4 --stop-after=schedule -o - | FileCheck %s --check-prefix=BYTES
// Never where the arena gets larger: rows of 7 bits and the windows for them take more than bytes.
// RUN: sed 's/<0:15>/<0:127>/' %s > %t.mlir
// RUN: %qcc %t.mlir --pack-activations=always --target=thumbv7em-none-eabihf --mcpu=cortex-m4 --stop-after=schedule -o - | FileCheck %s --check-prefix=ALWAYS
// RUN: %qcc %t.mlir --optimize=size --target=thumbv7em-none-eabihf --mcpu=cortex-m4 --stop-after=schedule -o - | FileCheck %s --check-prefix=BYTES

// BYTES: qnn.arena_bytes = 4224
// BYTES-NOT: row_bits
// SIZE: qnn.arena_bytes = 2688
// SIZE: row_bits 4>
// SIZE: row_bits 4>
// ALWAYS: qnn.arena_bytes = 4{{[3-9]}}
// ALWAYS: row_bits 7>

!in = !quant.uniform<u8:f32, 1.0>
!act = !quant.uniform<u8<0:15>:f32, 1.0>
!wgt = !quant.uniform<i8<-127:127>:f32, 0.01>
func.func @main(%x: tensor<1x16x16x4x!in>) -> tensor<1x16x16x8x!in> {
  %w0 = qnn.constant dense<3> : tensor<16x1x1x4xi8> as tensor<16x1x1x4x!wgt>
  %w1 = qnn.constant dense<2> : tensor<16x1x1x16xi8> as tensor<16x1x1x16x!wgt>
  %w2 = qnn.constant dense<1> : tensor<8x1x1x16xi8> as tensor<8x1x1x16x!wgt>
  %a = qnn.conv2d %x, %w0 : (tensor<1x16x16x4x!in>, tensor<16x1x1x4x!wgt>) -> tensor<1x16x16x16x!act>
  %b = qnn.conv2d %a, %w1 : (tensor<1x16x16x16x!act>, tensor<16x1x1x16x!wgt>) -> tensor<1x16x16x16x!act>
  %c = qnn.conv2d %b, %w2 : (tensor<1x16x16x16x!act>, tensor<8x1x1x16x!wgt>) -> tensor<1x16x16x8x!in>
  return %c : tensor<1x16x16x8x!in>
}
