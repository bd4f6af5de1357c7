// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bipolar type and buffers of bit-planes: their printed form and what is refused.

// RUN: %qcc-opt -split-input-file -verify-diagnostics --verify-roundtrip %s

!b = !qnn.bipolar<!quant.uniform<u8<127:129>:f32, 0.5:128>>

func.func @pool(%x: tensor<1x4x4x8x!b> {qnn.buffer = #qnn.buffer<arena, 0, 64, [1, 1, 1, 1] planes 1>}) -> tensor<1x2x2x8x!b> {
  %y = qnn.max_pool2d %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>} : (tensor<1x4x4x8x!b>) -> tensor<1x2x2x8x!b>
  return %y : tensor<1x2x2x8x!b>
}

// -----

// expected-error @+1 {{a bipolar type is stored in 8 bits as its zero point plus or minus 1, but got}}
func.func @range(%x: tensor<4x!qnn.bipolar<!quant.uniform<i8<-2:1>:f32, 0.5>>>)

// -----

// expected-error @+1 {{a bipolar type is stored in 8 bits as its zero point plus or minus 1, but got}}
func.func @width(%x: tensor<4x!qnn.bipolar<!quant.uniform<i16<-1:1>:f32, 0.5>>>)
