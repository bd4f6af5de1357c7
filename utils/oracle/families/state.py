# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Operators that remember: the runs of a case are a sequence.

import numpy as np
from tflite_model import Tensor

RUNS = 6


def variable(g, shape, dtype, scale=None, zeroPoint=0):
    return g.add(Tensor(shape, dtype, scale, zeroPoint, isVariable=True))


def svdf(g):
    d = g.draw
    g.sequence = RUNS
    kind = d.choice(("int8", "float32", "hybrid"))
    rank, units, memory = d.integer(1, 3), d.integer(1, 6), d.integer(1, 8)
    filters = rank * units
    x = g.operand("int8" if kind == "int8" else "float32", (2, 2), most=8, exact=kind == "hybrid")
    batch, depth = x.shape
    fields = dict(Rank=rank, FusedActivationFunction=d.choice((0, 1)))
    rng = g.rng()
    if kind == "int8":
        feature = g.asConstant(g.tensor([filters, depth], "int8", g.scale(-8, -4), 0))
        time = g.asConstant(g.tensor([filters, memory], "int16", np.float32(2.0 ** d.real(-16, -12, -14)), 0))
        state = variable(g, [batch, memory * filters], "int16", np.float32(
            x.scale[0] * feature.scale[0] * np.sqrt(depth) * 5000 / 32768 * 2.0 ** d.real(-2, 2, 0)), 0)
        product = np.float32(float(state.scale[0]) * float(time.scale[0]))
        bias = g.constant(rng.integers(-100000, 100000, units), "int32", product, 0)
        y = g.tensor([batch, units], "int8", np.float32(float(product) * 2e8 * np.sqrt(memory * rank) / 128 *
                                                        2.0 ** d.real(-2, 2, 0)))
        fields["FusedActivationFunction"] = 1  # the kernel knows no other
    else:
        feature = g.tensor([filters, depth], "float32") if kind == "float32" else \
            g.tensor([filters, depth], "int8", np.float32(2.0 ** d.real(-8, -5)), 0)
        g.asConstant(feature)
        if kind == "float32":
            time = g.asConstant(g.tensor([filters, memory], "float32"))
        else:
            time = g.asConstant(g.tensor([filters, memory], "int8", np.float32(2.0 ** d.real(-8, -5)), 0))
            fields["AsymmetricQuantizeInputs"] = d.chance()
        state = variable(g, [batch, memory * filters], "float32")
        bias = g.constant(rng.normal(size=units).astype(np.float32), "float32") if d.chance(0.7) else None
        y = g.tensor([batch, units], "float32")
    g.op("SVDF", [x, feature, time, bias, state], y, "SVDFOptions", 3 if kind == "int8" else 2, exact=False, **fields)


def lstm(g):
    d = g.draw
    g.sequence = 3
    kind = d.choice(("int8", "float32"))
    timeMajor, coupled = d.chance(), d.chance(0.2)
    projected = kind == "float32" and d.chance(0.2)
    peephole = kind == "float32" and d.chance(0.2)
    normalized = kind == "float32" and d.chance(0.2)
    x = g.operand(kind, (3, 3), most=6)
    steps, batch = (x.shape[0], x.shape[1]) if timeMajor else (x.shape[1], x.shape[0])
    depth, cells = x.shape[2], d.integer(1, 7)
    width = d.integer(1, 5) if projected else cells
    rng = g.rng()
    quantized = kind == "int8"

    def matrix(rows, columns):
        if not quantized:
            return g.constant((rng.normal(size=(rows, columns)) / np.sqrt(columns)).astype(np.float32), "float32")
        return g.constant(rng.integers(-127, 128, (rows, columns)), "int8", np.float32(2.0 ** d.real(-9, -6, -8)), 0)

    gates = range(1 if coupled else 0, 4)
    toInput = [matrix(cells, depth) if i in gates else None for i in range(4)]
    toOutput = [matrix(cells, width) if i in gates else None for i in range(4)]

    def vector(low=-1.0, high=1.0):
        return g.constant(rng.uniform(low, high, cells).astype(np.float32), "float32")

    peepholes = [None if not peephole or (i == 0 and coupled) else vector(-0.3, 0.3) for i in range(3)]
    if quantized:
        hidden = g.tensor([batch, width], "int8", 1 / 128, d.choice((0, -3, 5)))
        hidden.isVariable = True
        cell = variable(g, [batch, cells], "int16", np.float32(2.0 ** -d.integer(10, 13)), 0)
        biases = [None if i not in gates else g.constant(rng.integers(-3000, 3000, cells), "int32", np.float32(
            float(x.scale[0]) * float(toInput[i].scale[0])), 0) for i in range(4)]
        y = g.like(hidden, (x.shape[:2]) + [width])
    else:
        hidden, cell = variable(g, [batch, width], "float32"), variable(g, [batch, cells], "float32")
        biases = [vector() if i in gates else None for i in range(4)]
        y = g.tensor(x.shape[:2] + [width], "float32")
    y.isVariable = False
    projection = matrix(width, cells) if projected else None
    projectionBias = g.constant(rng.normal(size=width).astype(np.float32), "float32") if projected and d.chance() else None
    norms = [None if not normalized or i not in gates else vector(0.3, 1.0) for i in range(4)]
    operands = [x] + toInput + toOutput + peepholes + biases + [projection, projectionBias, hidden, cell] + norms
    fields = dict(FusedActivationFunction=4, CellClip=d.choice((0.0, 2.0, 10.0)), ProjClip=0.0, TimeMajor=timeMajor)
    if projected and d.chance(0.3):
        fields["ProjClip"] = 0.5
    g.op("UNIDIRECTIONAL_SEQUENCE_LSTM", operands, y, "UnidirectionalSequenceLSTMOptions", 3, exact=False, **fields)
    if quantized:
        # What layer normalization would use, and the scale of the hidden state before projection.
        middle = [g.add(Tensor([1], "int16", np.float32(2.0 ** -12), 0)).index for _ in range(4)]
        middle.append(g.add(Tensor([1], "int8", hidden.scale, hidden.zeroPoint)).index)
        g.operators[-1].intermediates = middle


def variables(g):
    """A ring of the last inputs: read, drop the oldest, append, write back."""
    d = g.draw
    g.sequence = RUNS
    x = g.operand(("int8", "float32", "int16", "uint8", "int32"), (1, 4))
    axis = d.below(len(x.shape))
    shape = list(x.shape)
    shape[axis] += d.integer(0, 3)
    start = g.like(x, shape)
    g.asConstant(start)
    handle = g.initialized(start, f"state{start.index}")
    old = g.op("READ_VARIABLE", [handle], g.like(x, shape), "ReadVariableOptions")
    total = list(shape)
    total[axis] += x.shape[axis]
    joined = g.op("CONCATENATION", [old, x], g.like(x, total), "ConcatenationOptions", 2, Axis=axis,
                  FusedActivationFunction=0)
    begin = [0] * len(shape)
    begin[axis] = x.shape[axis]
    fresh = g.op("SLICE", [joined, g.ints(begin), g.ints(shape)], g.like(x, shape), "SliceOptions", 2)
    g.op("ASSIGN_VARIABLE", [handle, fresh], [], "AssignVariableOptions")
    if d.chance(0.3):
        g.op("READ_VARIABLE", [handle], g.like(x, shape), "ReadVariableOptions")


OPERATORS = {
    "SVDF": svdf,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": lstm,
    "VAR_HANDLE": variables,
}
