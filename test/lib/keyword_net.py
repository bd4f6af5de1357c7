#!/usr/bin/python3
# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# A binary keyword-spotting network as QONNX, with weights drawn at random:
#
#   keyword_net.py TARGET.onnx [--float-ends]
#
# 64 features of 10 frames, 0 or 1 each; one-dimensional convolutions 64 to 64, 64 to 128 (stride 2), 128 to 128
# and 128 to 128 (stride 2) of three taps, a fully connected layer of 12 words, batch normalization and sign
# between. Input and output are 8-bit integers unless floats are asked for.

import os
import random
import subprocess
import sys

PROTO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "third_party", "onnx")
LAYERS = [(64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 128, 2)]
FRAMES, TAPS, WORDS = 10, 3, 12


class Graph:
    """A graph in protobuf's text form."""

    def __init__(self):
        self.nodes, self.initializers = [], []

    def node(self, kind, inputs, *attributes, domain=""):
        name = f"{kind.lower()}{len(self.nodes)}"
        inputs = " ".join(f'input: "{value}"' for value in inputs)
        attributes = " ".join(f"attribute {{ {attribute} }}" for attribute in attributes)
        self.nodes.append(f'node {{ op_type: "{kind}" domain: "{domain}" {inputs} output: "{name}" {attributes} }}')
        return name

    def constant(self, shape, values, kind=1, field="float_data"):
        name = f"c{len(self.initializers)}"
        dims = " ".join(f"dims: {extent}" for extent in shape)
        self.initializers.append(f'initializer {{ name: "{name}" {dims} data_type: {kind} '
                                 f'{field}: [{", ".join(map(str, values))}] }}')
        return name

    def sign(self, value, scale):
        return self.node("BipolarQuant", [value, self.constant((), [scale])], domain="qonnx.custom_op.general")

    def text(self, inputs, outputs):
        def info(role, name, kind, shape):
            dims = " ".join(f"dim {{ dim_value: {extent} }}" for extent in shape)
            return f'{role} {{ name: "{name}" type {{ tensor_type {{ elem_type: {kind} shape {{ {dims} }} }} }} }}'
        parts = self.nodes + self.initializers + [info("input", *inputs), info("output", *outputs)]
        return ("ir_version: 8 opset_import { version: 13 }\n"
                "opset_import { domain: 'qonnx.custom_op.general' version: 1 }\n"
                "graph { name: 'keywords'\n" + "\n".join(parts) + "\n}\n")


def integer(name, value):
    return f'name: "{name}" type: INT i: {value}'


def ints(name, values):
    return f'name: "{name}" type: INTS ints: [{", ".join(map(str, values))}]'


def keywordNet(hasFloatEnds=False, seed=1):
    draw = random.Random(seed)
    graph = Graph()
    weightsOf = lambda count: [draw.choice((-1, 1)) * round(draw.uniform(0.1, 1), 3) for _ in range(count)]
    value, frames, kind = "x", FRAMES, 1 if hasFloatEnds else 3
    if not hasFloatEnds:
        value = graph.node("DequantizeLinear", ["x", graph.constant((), [1.0]), graph.constant((), [0], 3, "int32_data")])
    value = graph.node("Quant", [value] + [graph.constant((), [number]) for number in (1.0, 0.0, 1.0)], integer("signed", 0),
                       integer("narrow", 0), 'name: "rounding_mode" type: STRING s: "ROUND"', domain="qonnx.custom_op.general")
    for inputs, outputs, stride in LAYERS:
        weights = graph.sign(graph.constant((outputs, inputs, TAPS), weightsOf(outputs * inputs * TAPS)), 0.125)
        value = graph.node("Conv", [value, weights], ints("kernel_shape", [TAPS]), ints("pads", [1, 1]), ints("strides", [stride]))
        spread = (inputs * TAPS) ** 0.5 / 8
        drawn = lambda lo, hi: graph.constant((outputs,), [round(draw.uniform(lo, hi), 4) for _ in range(outputs)])
        value = graph.node("BatchNormalization", [value, drawn(0.5, 1.5), drawn(-0.5, 0.5), drawn(-spread, spread), drawn(0.5, 2)],
                           'name: "epsilon" type: FLOAT f: 1e-5')
        value = graph.sign(value, 1.0)
        frames = (frames + 2 - TAPS) // stride + 1
    depth = LAYERS[-1][1] * frames
    value = graph.node("Flatten", [value])
    value = graph.node("MatMul", [value, graph.sign(graph.constant((depth, WORDS), weightsOf(depth * WORDS)), 0.125)])
    if not hasFloatEnds:
        value = graph.node("QuantizeLinear", [value, graph.constant((), [0.25]), graph.constant((), [0], 3, "int32_data")])
    return graph.text(("x", kind, (1, LAYERS[0][0], FRAMES)), (value, kind, (1, WORDS)))


def write(path, hasFloatEnds=False):
    encoded = subprocess.run(["protoc", f"--proto_path={PROTO}", "--encode=onnx.ModelProto", "onnx.proto"],
                             input=keywordNet(hasFloatEnds).encode(), stdout=subprocess.PIPE, check=True).stdout
    with open(path, "wb") as file:
        file.write(encoded)


if __name__ == "__main__":
    write(sys.argv[1], "--float-ends" in sys.argv[2:])
