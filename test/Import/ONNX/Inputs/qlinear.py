# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The QLinear operators of com.microsoft against what they are defined as, evaluated by
# NumPy in float64: qlinear.py QCC SOURCE FOLDER [--option of qcc run …]

import os
import subprocess
import sys

import numpy as np

qcc, source, folder = sys.argv[1:4]
INT = {np.uint8: (2, 0, 255), np.int8: (3, -128, 127), np.int32: (6, 0, 0)}
random = np.random.default_rng(7)


def tensor(name, array):
    kind = 1 if array.dtype == np.float32 else 9 if array.dtype == bool else INT[array.dtype.type][0]
    field = "float_data" if kind == 1 else "int32_data"
    values = ", ".join(str(v) for v in array.astype(float if kind == 1 else int).flat)
    dims = " ".join(f"dims: {d}" for d in array.shape)
    return f'initializer {{ name: "{name}" {dims} data_type: {kind} {field}: [{values}] }}\n'


class Graph:
    """Nodes with what their results must be; a tensor is (name, integers, scale, zero point)."""

    def __init__(self, kind):
        self.kind, self.text, self.expected, self.count = kind, "", {}, 0

    def constant(self, array):
        name = f"c{self.count}"
        self.count += 1
        self.text += tensor(name, array)
        return name

    def parameters(self, scale, zero):
        return [self.constant(np.array(scale, np.float32)), self.constant(np.array(zero, self.kind))]

    def add(self, name, inputs, attributes, real, scale, zero):
        """The node NAME, whose result is `real`, quantized."""
        result = f"y{len(self.expected)}"
        parts = "".join(f' input: "{i}"' for i in inputs)
        for key, value in attributes.items():
            kind = "FLOAT f" if isinstance(value, float) else "INTS ints" if isinstance(value, list) else "INT i"
            kind, field = kind.split()
            parts += f' attribute {{ name: "{key}" type: {kind} {field}: {value} }}'
        self.text += f'node {{ op_type: "{name}" domain: "com.microsoft" output: "{result}"{parts} }}\n'
        self.text += f'output {{ name: "{result}" type {{ tensor_type {{ elem_type: {INT[self.kind][0]} }} }} }}\n'
        exact = np.asarray(real, np.float64) / np.float64(np.float32(scale))
        low, high = INT[self.kind][1:]
        stored = np.clip(np.rint(exact) + zero, low, high)
        # Next to a half-way point either neighbour will do: sigmoid and softmax are not exact.
        loose = np.abs(np.abs(exact - np.floor(exact)) - 0.5) < 1e-4
        self.expected[result] = (name, stored.astype(self.kind), loose)
        return (result, stored, scale, zero)


def real(q, scale, zero):
    return (q.astype(np.float64) - zero) * np.float64(np.float32(scale))


def windows(x, size, stride):
    rows, columns = ((extent - size) // stride + 1 for extent in x.shape[2:])
    return np.array([[x[:, :, i * stride:i * stride + size, j * stride:j * stride + size].mean((2, 3))
                      for j in range(columns)] for i in range(rows)]).transpose(2, 3, 0, 1)


status = 0
for kind, zero in ((np.uint8, 120), (np.int8, -9)):
    g = Graph(kind)
    scale = 0.0373
    # Every value, in images of four channels.
    x = (np.arange(256) + INT[kind][1]).astype(kind).reshape(1, 4, 8, 8)
    r = real(x, scale, zero)
    of = ["x"] + g.parameters(scale, zero)
    result = g.parameters(1 / 256, INT[kind][1])
    s = 1 / (1 + np.exp(-r))
    sigmoid = g.add("QLinearSigmoid", of + result, {}, s, 1 / 256, INT[kind][1])
    # x · sigmoid(x): one table.
    g.add("QLinearMul", of + [sigmoid[0]] + result + g.parameters(0.02, zero), {},
          r * real(sigmoid[1], *sigmoid[2:]), 0.02, zero)
    g.add("QLinearLeakyRelu", of + g.parameters(0.029, zero + 3), {"alpha": 0.15},
          np.where(r < 0, r * np.float64(np.float32(0.15)), r), 0.029, zero + 3)
    g.add("QLinearAveragePool", of + g.parameters(0.031, zero), {"kernel_shape": [2, 2], "strides": [2, 2]},
          windows(r, 2, 2), 0.031, zero)
    g.add("QLinearAveragePool", of + g.parameters(0.031, zero),
          {"kernel_shape": [2, 2], "strides": [2, 2], "channels_last": 1},
          windows(r.transpose(0, 3, 1, 2), 2, 2).transpose(0, 2, 3, 1), 0.031, zero)
    g.add("QLinearGlobalAveragePool", of + g.parameters(0.011, zero), {}, r.mean((2, 3), keepdims=True), 0.011, zero)
    g.add("QLinearConcat", g.parameters(0.05, zero + 1) + of + [sigmoid[0]] + result, {"axis": 1},
          np.concatenate([r, real(sigmoid[1], *sigmoid[2:])], 1), 0.05, zero + 1)
    exponents = np.exp(r - r.max(-1, keepdims=True))
    g.add("QLinearSoftmax", of + result, {"axis": -1, "opset": 13},
          exponents / exponents.sum(-1, keepdims=True), 1 / 256, INT[kind][1])
    condition = random.random((1, 4, 8, 8)) < 0.5
    g.add("QLinearWhere", [g.constant(condition)] + of + [sigmoid[0]] + result + g.parameters(0.041, zero), {},
          np.where(condition, r, real(sigmoid[1], *sigmoid[2:])), 0.041, zero)
    # Rows of the image by a matrix, with a scale for each output and alpha.
    rows = real(x.reshape(32, 8), scale, zero)
    w = random.integers(-127, 128, (5, 8)).astype(np.int8)
    scales = random.uniform(0.01, 0.02, 5).astype(np.float32)
    bias = random.integers(-2000, 2000, 5).astype(np.int32)
    shape = g.constant(np.array([32, 8], np.int32))
    g.text = g.text.replace(f'name: "{shape}" dims: 2 data_type: 6 int32_data', f'name: "{shape}" dims: 2 data_type: 7 int64_data')
    g.text += f'node {{ op_type: "Reshape" input: "x" input: "{shape}" output: "rows" }}\n'
    product = 0.5 * (rows @ (w * scales[:, None].astype(np.float64)).T + bias * scales.astype(np.float64) *
                     np.float64(np.float32(scale)))
    g.add("QGemm", ["rows"] + of[1:] + [g.constant(w), g.constant(scales), g.constant(np.zeros(5, np.int8)),
                                        g.constant(bias)] + g.parameters(0.3, zero), {"alpha": 0.5, "transB": 1},
          product, 0.3, zero)
    text = ('ir_version: 8 opset_import { version: 17 } opset_import { domain: "com.microsoft" version: 1 } graph {\n'
            + g.text + f'input {{ name: "x" type {{ tensor_type {{ elem_type: {INT[kind][0]} shape {{ dim {{ dim_value: 1 }} '
            'dim { dim_value: 4 } dim { dim_value: 8 } dim { dim_value: 8 } } } } }\n}')
    encoded = subprocess.run(["protoc", f"--proto_path={source}/third_party/onnx", "--encode=onnx.ModelProto",
                              "onnx.proto"], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
    os.makedirs(folder, exist_ok=True)
    model = os.path.join(folder, "model.onnx")
    with open(model, "wb") as file:
        file.write(encoded)
    np.save(os.path.join(folder, "x.npy"), x)
    outputs = [f"--output={name}={folder}/{name}.npy" for name in g.expected]
    subprocess.run([qcc, "run", model, "--strict", f"--input=x={folder}/x.npy", *outputs, *sys.argv[4:]], check=True)
    for name, (op, stored, loose) in g.expected.items():
        actual = np.load(f"{folder}/{name}.npy").reshape(stored.shape)
        difference = np.abs(actual.astype(int) - stored.astype(int))
        wrong = int(((difference > loose) | (difference > 1)).sum())
        print(f"{op} {kind.__name__}: {'equal' if wrong == 0 else f'{wrong} of {stored.size} differ'}")
        status |= wrong != 0 or loose.mean() > 0.05
sys.exit(int(status))
