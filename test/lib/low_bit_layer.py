#!/usr/bin/python3
# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Prints a fully connected layer, or a convolution of 3x3, whose int8 weights have few bits.
#
#   low_bit_layer.py <bits> [--inputs=N] [--outputs=N] [--extent=N] [--constants=BYTES] [--powers]

import argparse
import random

parser = argparse.ArgumentParser()
parser.add_argument("bits", type=int)
parser.add_argument("--inputs", type=int, default=64)
parser.add_argument("--outputs", type=int, default=64)
parser.add_argument("--extent", type=int, help="rows and columns of a convolution")
parser.add_argument("--constants", type=int, default=0, help="bytes of constants in all: one more is returned that has the rest")
parser.add_argument("--powers", action="store_true", help="weights are powers of two, or 0")
options = parser.parse_args()

# One bit is -1 and 1; more are all codes.
low = -(1 << (options.bits - 1))
values = [-1, 1] if options.bits == 1 else list(range(max(low, -127), -low))
if options.powers:
    values = [0] + [sign << i for i in range(2 ** (options.bits - 1) - 1) for sign in (1, -1)]
rng = random.Random(options.bits)
n, k, extent = options.outputs, options.inputs, options.extent
shape = f"{n}x3x3x{k}" if extent else f"{n}x{k}"
count = n * k * (9 if extent else 1)
data = bytes(rng.choice(values) & 0xFF for _ in range(count)).hex()
image = f"1x{extent}x{extent}x" if extent else "1x"
op = "conv2d" if extent else "fully_connected"
attributes = " {padding = array<i64: 1, 1, 1, 1>}" if extent else ""
rest = max(options.constants - count, 0)
more = (f"tensor<{rest}xi8>", f"  %z = qnn.constant dense<1> : tensor<{rest}xi8> as tensor<{rest}xi8>\n", ", %z") if rest else ("", "", "")
result = f"tensor<{image}{n}x!res>"
results = f"{result}, {more[0]}" if rest else result
print(f"""!act = !quant.uniform<i8:f32, 1.0:3>
!res = !quant.uniform<i8:f32, {0.5 * len(values)}:-5>
!wgt = !quant.uniform<i8<-127:127>:f32, 0.02>
func.func @main(%x: tensor<{image}{k}x!act>) -> ({results}) {{
  %w = qnn.constant dense<"0x{data}"> : tensor<{shape}xi8> as tensor<{shape}x!wgt>
  %y = qnn.{op} %x, %w{attributes} : (tensor<{image}{k}x!act>, tensor<{shape}x!wgt>) -> {result}
{more[1]}  return %y{more[2]} : {results}
}}""")
