#!/usr/bin/python3
# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Prints a convolution and a fully connected layer for each width of weights from 1 to 7 bits, of 64 channels and in that order;
# or checks the weights in the code for them, read from standard input: their true size and 2 % is the most.
#
#   weight_widths.py
#   weight_widths.py --check < loops.mlir

import random
import re
import sys

LAYERS = {"conv2d": (64, 3, 3, 64), "fully_connected": (64, 256)}
BITS = range(1, 8)


def weightsOf(shape):
    count = 1
    for extent in shape:
        count *= extent
    return count


def check():
    sizes = {op: set() for op in LAYERS}
    for op, number, count, bits in re.findall(r"(conv2d|fully_connected)_(\d+)\.weights : memref<(\d+)xi(\d+)>", sys.stdin.read()):
        sizes[op].add((int(number), int(count) * int(bits) // 8))
    for op, shape in LAYERS.items():
        assert len(sizes[op]) == len(BITS), (op, sizes[op])
        for bits, (_, size) in zip(BITS, sorted(sizes[op])):
            assert size <= weightsOf(shape) * bits / 8 * 1.02, f"{op} of {bits} bits: {size} bytes for {weightsOf(shape)} weights"


def write():
    rng = random.Random(1)
    print("!act = !quant.uniform<i8:f32, 1.0:3>\n!wgt = !quant.uniform<i8<-127:127>:f32, 0.02>")
    print("func.func @main(%x: tensor<1x6x6x64x!act>, %v: tensor<1x256x!act>) -> (" + ", ".join(
        ["tensor<1x6x6x64x!act>, tensor<1x64x!act>"] * len(BITS)) + ") {")
    results = []
    for bits in BITS:
        values = [-1, 1] if bits == 1 else range(-(1 << (bits - 1)), 1 << (bits - 1))
        for op, shape in LAYERS.items():
            data = bytes(rng.choice(values) & 0xFF for _ in range(weightsOf(shape))).hex()
            type, w = "x".join(map(str, shape)), f"%w{op}{bits}"
            ends, attributes = ("1x6x6x64", "1x6x6x64"), " {padding = array<i64: 1, 1, 1, 1>}"
            if op == "fully_connected":
                ends, attributes = ("1x256", "1x64"), ""
            print(f'  {w} = qnn.constant dense<"0x{data}"> : tensor<{type}xi8> as tensor<{type}x!wgt>')
            print(f"  %{op}{bits} = qnn.{op} {'%x' if op == 'conv2d' else '%v'}, {w}{attributes}"
                  f" : (tensor<{ends[0]}x!act>, tensor<{type}x!wgt>) -> tensor<{ends[1]}x!act>")
            results.append((f"%{op}{bits}", f"tensor<{ends[1]}x!act>"))
    print(f"  return {', '.join(r for r, _ in results)} : {', '.join(t for _, t in results)}\n}}")


check() if sys.argv[1:] == ["--check"] else write()
