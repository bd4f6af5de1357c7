#!/usr/bin/python3
# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Prints a fully connected layer, or a convolution of 3x3, whose int8 weights have few bits.
#
#   low_bit_layer.py <bits> [--inputs=N] [--outputs=N] [--extent=N]

import argparse
import random

parser = argparse.ArgumentParser()
parser.add_argument("bits", type=int)
parser.add_argument("--inputs", type=int, default=64)
parser.add_argument("--outputs", type=int, default=64)
parser.add_argument("--extent", type=int, help="rows and columns of a convolution")
options = parser.parse_args()

# One bit is -1 and 1; more are all codes.
low = -(1 << (options.bits - 1))
values = [-1, 1] if options.bits == 1 else list(range(max(low, -127), -low))
rng = random.Random(options.bits)
n, k, extent = options.outputs, options.inputs, options.extent
shape = f"{n}x3x3x{k}" if extent else f"{n}x{k}"
count = n * k * (9 if extent else 1)
data = bytes(rng.choice(values) & 0xFF for _ in range(count)).hex()
image = f"1x{extent}x{extent}x" if extent else "1x"
op = "conv2d" if extent else "fully_connected"
attributes = " {padding = array<i64: 1, 1, 1, 1>}" if extent else ""
print(f"""!act = !quant.uniform<i8:f32, 1.0:3>
!res = !quant.uniform<i8:f32, {0.5 * len(values)}:-5>
!wgt = !quant.uniform<i8<-127:127>:f32, 0.02>
func.func @main(%x: tensor<{image}{k}x!act>) -> tensor<{image}{n}x!res> {{
  %w = qnn.constant dense<"0x{data}"> : tensor<{shape}xi8> as tensor<{shape}x!wgt>
  %y = qnn.{op} %x, %w{attributes} : (tensor<{image}{k}x!act>, tensor<{shape}x!wgt>) -> tensor<{image}{n}x!res>
  return %y : tensor<{image}{n}x!res>
}}""")
