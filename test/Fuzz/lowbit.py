#!/usr/bin/python3
# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Random networks of few bits: compiled code equals the interpreter, for every pair of weight and
# activation bits, signed, unsigned and bipolar, with odd channels, strides, padding and pooling.
#
#   lowbit.py --qcc=build/bin/qcc --work=DIR [--count=N] [--seed=N] [--cpu=native] [--way=…] [--options=…]
#   lowbit.py --bench=w1,b,56,64 > model.mlir     three 3x3 convolutions of 64 channels

import argparse
import os
import random
import shutil
import subprocess
import sys

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
sys.path += [here, os.path.join(here, "..", "Execution"), os.path.join(here, "..", "lib")]
import compiled
import golden
import host

# Element types and their values less the zero point.
ACTIVATIONS = {
    "b": ("!qnn.bipolar<!quant.uniform<i8<-1:1>:f32, 1.0>>", [-1, 1]),
    "u1": ("!quant.uniform<u8<0:1>:f32, 1.0>", [0, 1]),
    "t": ("!quant.uniform<i8<-1:1>:f32, 1.0>", [-1, 0, 1]),
    "u2": ("!quant.uniform<u8<0:3>:f32, 1.0>", [0, 1, 2, 3]),
    "s2": ("!quant.uniform<i8<-2:1>:f32, 1.0>", [-2, -1, 0, 1]),
    "o2": ("!quant.uniform<i8<-1:2>:f32, 1.0>", [-1, 0, 1, 2]),
    "u3": ("!quant.uniform<u8<0:7>:f32, 1.0>", list(range(8))),
    "s3": ("!quant.uniform<i8<-4:3>:f32, 1.0>", list(range(-4, 4))),
    "i8": ("!quant.uniform<i8:f32, 1.0>", list(range(-128, 128))),
}
LOW = [name for name in ACTIVATIONS if name != "i8"]
WEIGHTS = {
    "w1": [-1, 1], "u1": [0, 1], "t": [-1, 0, 1], "w2": [-2, -1, 0, 1], "odd2": [-3, -1, 1, 3],
    "u2": [0, 1, 2, 3], "w3": list(range(-4, 4)), "w4": list(range(-8, 8)),
}


def text_of(shape, kind):
    return f"tensor<{'x'.join(map(str, shape))}x{ACTIVATIONS[kind][0]}>"


class Model:
    """A chain of layers from one argument."""

    def __init__(self, seed, shape, kind):
        self.random = random.Random(seed)
        self.argument, self.inputs = text_of(shape, kind), ACTIVATIONS[kind][1]
        self.value, self.shape, self.kind = "%x", shape, kind
        self.body, self.names = "", 0

    def name(self):
        self.names += 1
        return f"%v{self.names}"

    def constant(self, values, shape, storage, size, element):
        name, extents = self.name(), "".join(f"{extent}x" for extent in shape)
        data = b"".join(int(v).to_bytes(size, "little", signed=True) for v in values)
        dense = str(values[0]) if len(set(values)) == 1 else f'"0x{data.hex().upper()}"'
        kind = f"tensor<{extents}{element}>"
        self.body += f"  {name} = qnn.constant dense<{dense}> : tensor<{extents}{storage}> as {kind}\n"
        return name, kind

    def append(self, op, operands, attributes, shape, kind):
        name = self.name()
        types = ", ".join([text_of(self.shape, self.kind)] + [t for _, t in operands])
        names = ", ".join([self.value] + [n for n, _ in operands[:1]])
        bias = f" bias {operands[1][0]}" if len(operands) > 1 else ""
        self.body += f"  {name} = qnn.{op} {names}{bias} {attributes} : ({types}) -> {text_of(shape, kind)}\n"
        self.value, self.shape, self.kind = name, shape, kind

    def product(self, weights, outputs, kind, window=None, stride=1, padding=(0, 0, 0, 0), steps=(1,)):
        """A convolution, or (without a window) a matrix product. A bipolar result is never 0: its
        weights are even and its biases odd."""
        draw = self.random
        depth = self.shape[-1] * (window[0] * window[1] if window else 1)
        most = max(abs(v) for v in ACTIVATIONS[self.kind][1])
        values, biases = [], []
        for _ in range(outputs):
            step = draw.choice(steps) * (2 if kind == "b" else 1)
            isZero = draw.random() < 0.05
            values += [0 if isZero else step * draw.choice(WEIGHTS[weights]) for _ in range(depth)]
            spread = max(1, int(depth ** 0.5 * step * most))
            biases.append(draw.randint(-spread, spread) | (kind == "b"))
        count = len(ACTIVATIONS[kind][1])
        scale = {"b": 2.0, "i8": 0.37}.get(kind, round(count / (2 * depth ** 0.5 * most * max(steps)), 6))
        shape = (outputs, *(window or ()), self.shape[-1])
        filters = self.constant(values, shape, "i8", 1, f"!quant.uniform<i8<-127:127>:f32, {scale}>")
        bias = self.constant(biases, (outputs,), "i32", 4, "i32")
        if not window:
            self.append("fully_connected", [filters, bias], "{rounding = #qnn.rounding<onnx>}",
                        (self.shape[0], outputs), kind)
            return
        height = (self.shape[1] + padding[0] + padding[1] - window[0]) // stride + 1
        width = (self.shape[2] + padding[2] + padding[3] - window[1]) // stride + 1
        self.append("conv2d", [filters, bias],
                    f"{{padding = array<i64: {', '.join(map(str, padding))}>, "
                    f"strides = array<i64: {stride}, {stride}>, rounding = #qnn.rounding<onnx>}}",
                    (self.shape[0], height, width, outputs), kind)

    def pool(self):
        n, height, width, channels = self.shape
        self.append("max_pool2d", [], "{kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>}",
                    (n, height // 2, width // 2, channels), self.kind)

    def flatten(self):
        n, height, width, channels = self.shape
        self.append("reshape", [], "", (n, height * width * channels), self.kind)

    def text(self):
        result = text_of(self.shape, self.kind)
        return (f"func.func @main(%x: {self.argument}) -> {result} {{\n{self.body}"
                f"  return {self.value} : {result}\n}}\n")


def draw_model(seed):
    draw = random.Random(seed)
    window = (draw.randint(1, 3), draw.randint(1, 3))
    padding = tuple(draw.randint(0, 1) if draw.random() < 0.6 else 0 for _ in range(4))
    extent = [max(draw.randint(1, 9), window[i] - padding[2 * i] - padding[2 * i + 1]) for i in range(2)]
    steps = draw.choice([(1,), (1,), (1, 2), (1, 3, 5), (2,)])
    model = Model(seed, (draw.choice([1, 1, 2]), *extent, draw.choice([1, 3, 17, 32, 63, 64, 65, 130])),
                  draw.choice(LOW if draw.random() < 0.7 else ["i8"]))
    model.product(draw.choice(list(WEIGHTS)), draw.choice([1, 3, 17, 32, 63, 64, 65, 96, 130]), draw.choice(LOW),
                  window, draw.choice([1, 1, 2]), padding, steps)
    if draw.random() < 0.4 and model.shape[1] > 1 and model.shape[2] > 1:
        model.pool()
    weights, last = draw.choice(list(WEIGHTS)), draw.choice(list(ACTIVATIONS))
    outputs = draw.choice([1, 10, 33, 64, 128])
    if draw.random() < 0.3:
        model.flatten()
        model.product(weights, outputs, last, steps=steps)
    else:
        second = tuple(min(3, model.shape[i] + 2) for i in (1, 2))
        model.product(weights, outputs, last, second, draw.choice([1, 2]), (1, 1, 1, 1), steps)
    return model


def problem_of(qcc, path, model, options, way):
    """What is wrong with the code for the model in `path`, or nothing."""
    if way:
        def draw(info, target, random):
            np.save(target, random.choice(model.inputs, info["shape"]).astype(info["type"]))
        try:
            compiled.emulate(qcc, path, way, path + ".run", draw)
            shutil.rmtree(path + ".run")
        except (compiled.Trouble, compiled.Refused) as problem:
            return str(problem)
        return None
    run = subprocess.run([qcc, "diff", path, "interpret", options.cpu, *options.options.split()],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         timeout=300, check=False)
    return run.stdout.decode(errors="replace")[:500] if run.returncode else None


def benchmark(spec):
    weights, kind, extent, channels = spec.split(",")
    model = Model(1, (1, int(extent), int(extent), int(channels)), kind)
    for _ in range(3):
        model.product(weights, int(channels), kind, (3, 3), 1, (1, 1, 1, 1))
    return model.text()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--qcc")
    parser.add_argument("--work", default=".")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cpu", default="native")
    parser.add_argument("--way", choices=golden.WAYS, help="under an emulator, as golden.py says")
    parser.add_argument("--options", default="", help="more options of qcc, separated by spaces")
    parser.add_argument("--bench", help="WEIGHTS,ACTIVATIONS,EXTENT,CHANNELS")
    options = parser.parse_args()
    if options.bench:
        sys.stdout.write(benchmark(options.bench))
        return
    way = golden.WAYS[options.way] if options.way else None
    features = host.features(host.dataDirectory(os.path.join(here, "..", "..")))
    for feature in way.needs if way else ():
        if feature not in features:
            golden.skip(f"{options.way}: this machine has no {feature}")
    os.makedirs(options.work, exist_ok=True)
    finds = 0
    for seed in range(options.seed, options.seed + options.count):
        path = os.path.join(os.path.abspath(options.work), f"{seed}-{options.way or options.cpu}.mlir")
        model = draw_model(seed)
        with open(path, "w", encoding="utf-8") as file:
            file.write(model.text())
        problem = problem_of(os.path.abspath(options.qcc), path, model, options, way)
        if problem is None:
            os.remove(path)
            continue
        finds += 1
        print(f"FIND {path}: {problem}")
    print(f"{options.count} models on {options.way or options.cpu}, {finds} finds")
    sys.exit(1 if finds else 0)


if __name__ == "__main__":
    main()
