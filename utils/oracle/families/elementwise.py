# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Operators of two or three operands, element by element, with broadcasting.

import numpy as np
from draw import Reject
from families.mac import activation


def second(g, a, **how):
    """A partner for `a`: of its shape, or one that broadcasts with it, of any quantization."""
    d = g.draw
    shape = list(a.shape)
    if shape and d.chance(0.4):
        shape = [n if d.chance() else 1 for n in shape]
        if d.chance():
            shape = shape[d.below(len(shape) + 1):]
    return g.operand(a.dtype, shape=shape, constant=0.3, **how)


def broadcast(a, b, most=4):
    """The result's shape. Most of TFLite's kernels abort where they broadcast more than four axes."""
    if a.shape != b.shape and max(len(a.shape), len(b.shape)) > most:
        raise Reject("broadcasts too many axes")
    return list(np.broadcast_shapes(tuple(a.shape), tuple(b.shape)))


def pair(g, kinds, rank=(0, 5), most5=(), **how):
    a = g.operand(kinds, rank, **how)
    b = second(g, a, **how)
    if g.draw.chance(0.3):
        a, b = b, a
    return a, b, broadcast(a, b, 5 if a.dtype in most5 else 4)


def arithmetic(name, kinds, options, scaleOf, fused=True):
    def generate(g):
        a, b, shape = pair(g, kinds, most5=() if name == "MUL" else kinds)
        fields = {}
        if a.dtype == "int16":
            pot = name in ("ADD", "SUB") and g.draw.chance(0.3)
            if name in ("ADD", "SUB"):
                fields["PotScaleInt16"] = pot
            if pot and not all(float(np.log2(t.scale[0])).is_integer() for t in (a, b)):
                raise Reject("no powers of two")
            y = g.tensor(shape, a.dtype, np.float32(2.0 ** np.round(np.log2(scaleOf(a, b)) + g.draw.integer(0, 2)) if pot
                                                    else scaleOf(a, b) * 2.0 ** g.draw.real(-2, 3, 0)))
        elif a.scale is not None:
            y = g.tensor(shape, a.dtype, np.float32(scaleOf(a, b) * 2.0 ** g.draw.real(-2, 3, 0)))
        else:
            y = g.tensor(shape, a.dtype)
        # Overflow of plain integers is no arithmetic that anyone defines.
        if a.dtype in ("int32", "int64"):
            for t in (a, b):
                if t.span is None:
                    if t in g.inputs or t.data is not None:
                        t.span = (-30000, 30000)
                        if t.data is not None:
                            t.data = g.values(t, g.rng(), 0)
                    else:
                        raise Reject("the range of the operand is not known")
        if fused:
            fields["FusedActivationFunction"] = activation(g) if a.dtype != "int64" else 0
        g.op(name, [a, b], y, options, {"int16": 3 if name in ("ADD", "SUB", "MUL") else 1}.get(a.dtype, 2), **fields)
    return generate


def widest(a, b):
    return max(float(a.scale[0]), float(b.scale[0]))


def product(a, b):
    width = 32768 if a.dtype == "int16" else 128
    return float(a.scale[0]) * float(b.scale[0]) * width / 3


def division(g):
    d = g.draw
    # TFLite's kernel for uint8 shifts by more than 31 bits where the dividend is small.
    a = g.operand(("float32", "int32"))
    if a.dtype == "float32":
        b = second(g, a, span=(0.3, 4.0))
    elif a.dtype == "int32":
        b = second(g, a, span=(1, 3000))
    else:
        b = second(g, a)
    shape = broadcast(a, b)
    if a.dtype == "uint8":
        # A divisor of 0 is an error, and for a dividend of 0 TFLite shifts by more than 31 bits.
        for t in (a, b):
            if t.zeroPoint[0] not in (0, 255):
                raise Reject("an operand may be zero")
            limits = (1, 255) if t.zeroPoint[0] == 0 else (0, 254)
            if t.span is None and (t in g.inputs or t.data is not None):
                t.span = limits
                if t.data is not None:
                    t.data = g.values(t, g.rng(), 0)
            if t.span != limits:
                raise Reject("an operand may be zero")
        y = g.tensor(shape, "uint8", np.float32(float(a.scale[0]) / float(b.scale[0]) * 2.0 ** d.real(-5, 2, 0)))
    else:
        y = g.tensor(shape, a.dtype)
    g.op("DIV", [a, b], y, "DivOptions", 2, exact=False, FusedActivationFunction=activation(g))


def extremum(name):
    def generate(g):
        a = g.operand(("int8", "float32", "uint8", "int16", "int32", "int64"), (0, 5))
        b = alike(g, a)
        shape = broadcast(a, b)
        g.op(name, [a, b], g.like(a, shape), "MaximumMinimumOptions", 2)
    return generate


def alike(g, a, shape=None, constant=0.3):
    """A partner for `a` of the same element type, quantization included."""
    d = g.draw
    if shape is None:
        shape = list(a.shape)
        if shape and d.chance(0.4):
            shape = [n if d.chance() else 1 for n in shape][d.below(len(shape) + 1):]
    if g.isNetwork:
        for t in g.produced:
            if t is not a and t.shape == shape and sameElements(t, a) and d.chance(0.5):
                return t
    b = g.like(a, shape)
    return g.asConstant(b) if d.chance(constant) else g.asInput(b)


def sameElements(a, b):
    return a.dtype == b.dtype and (a.scale is None) == (b.scale is None) and (
        a.scale is None or (np.array_equal(a.scale, b.scale) and np.array_equal(a.zeroPoint, b.zeroPoint)))


def squaredDifference(g):
    kinds = ("float32", "int8", "int32")
    a, b, shape = pair(g, kinds, span=(-20000, 20000)) if g.draw.chance(0.2) else pair(g, ("float32", "int8"))
    if a.dtype == "int8":
        y = g.tensor(shape, "int8", np.float32(widest(a, b) ** 2 * 100 * 2.0 ** g.draw.real(-3, 3, 0)))
    else:
        y = g.tensor(shape, a.dtype)
    g.op("SQUARED_DIFFERENCE", [a, b], y, "SquaredDifferenceOptions", 2)


def power(g):
    if g.draw.chance(0.7):
        a = g.operand("float32", exact=True, span=(0.1, 3.0))
        b = second(g, a, exact=True, span=(-2.0, 3.0))
    else:
        a = g.operand("int32", span=(-9, 9))
        b = second(g, a, span=(0, 6))
    shape = broadcast(a, b)
    g.op("POW", [a, b], g.tensor(shape, a.dtype), "PowOptions", exact=False)


def floored(name, options, kinds):
    def generate(g):
        a = g.operand(kinds, (0, 5), exact=True)
        if a.dtype != "float32":
            if a.span is None and a in g.inputs:
                a.span = (-2**31 + 1, 2**31 - 1)  # the least number has no quotient by -1
            if a.span is None:
                raise Reject("the range of the operand is not known")
        if a.dtype == "float32":
            b = second(g, a, exact=True, span=(0.5, 5.0))
        else:
            top = 100 if a.dtype in ("int8", "int16") else 3000
            b = second(g, a, span=g.draw.choice(((1, top), (-top, -1))))
        shape = broadcast(a, b)
        g.op(name, [a, b], g.tensor(shape, a.dtype), options, 1)
    return generate


def plain(kinds):
    return lambda t: t.scale is None


def comparison(name, options):
    def generate(g):
        kinds = ["int8", "float32", "uint8", "int32", "int64"] + (["bool"] if name in ("EQUAL", "NOT_EQUAL") else [])
        # TFLite's kernel aborts when a scale is 1 or more (QuantizeMultiplierSmallerThanOneExp).
        small = lambda t: t.scale is None or t.scale[0] < 1
        a = g.operand(kinds, (0, 5), exact=True, where=small)
        b = alike(g, a) if g.draw.chance(0.4) else second(g, a, exact=True, where=small)
        if g.draw.chance(0.3):
            a, b = b, a
        shape = broadcast(a, b)
        g.op(name, [a, b], g.tensor(shape, "bool"), options, 2)
    return generate


def logical(name, options):
    def generate(g):
        a, b, shape = pair(g, "bool")
        g.op(name, [a, b], g.tensor(shape, "bool"), options)
    return generate


def logicalNot(g):
    a = g.operand("bool")
    g.op("LOGICAL_NOT", [a], g.tensor(a.shape, "bool"), "LogicalNotOptions")


def select(g):
    d = g.draw
    a = g.operand(("int8", "float32", "uint8", "int16", "int32", "int64", "bool"), (0, 5))
    b = alike(g, a, a.shape)
    shape = a.shape[:1] if d.chance(0.3) and a.shape else a.shape
    c = g.operand("bool", shape=shape, constant=0.2)
    g.op("SELECT", [c, a, b], g.like(a), "SelectOptions", 2)


def selectV2(g):
    d = g.draw
    a = g.operand(("int8", "float32", "uint8", "int16", "int32", "int64", "bool"), (0, 5))
    b = alike(g, a)
    if d.chance(0.3):
        a, b = b, a
    shape = broadcast(a, b)
    if d.chance(0.4):
        shape = [n if d.chance() else 1 for n in shape][d.below(len(shape) + 1):]
    c = g.operand("bool", shape=shape, constant=0.2)
    shape = list(np.broadcast_shapes(tuple(a.shape), tuple(b.shape), tuple(c.shape)))
    g.op("SELECT_V2", [c, a, b], g.like(a, shape), "SelectV2Options")


def prelu(g):
    d = g.draw
    x = g.operand(("int8", "float32", "uint8"), (1, 4))
    shape = [1] * (len(x.shape) - 2) + x.shape[-1:] if d.chance() else [n if d.chance() else 1 for n in x.shape][1:]
    alpha = g.asConstant(g.tensor(shape, x.dtype, None if x.dtype == "float32" else g.scale(-9, -3)))
    y = g.tensor(x.shape, x.dtype, None if x.scale is None else np.float32(x.scale[0] * 2.0 ** d.real(-2, 2, 0)))
    g.op("PRELU", [x, alpha], y)


OPERATORS = {
    "ADD": arithmetic("ADD", ("int8", "float32", "uint8", "int16", "int32", "int64"), "AddOptions", widest),
    "DIV": division,
    "EQUAL": comparison("EQUAL", "EqualOptions"),
    "FLOOR_DIV": floored("FLOOR_DIV", "FloorDivOptions", ("float32", "int32")),
    "FLOOR_MOD": floored("FLOOR_MOD", "FloorModOptions", ("float32", "int32", "int64")),
    "GREATER": comparison("GREATER", "GreaterOptions"),
    "GREATER_EQUAL": comparison("GREATER_EQUAL", "GreaterEqualOptions"),
    "LESS": comparison("LESS", "LessOptions"),
    "LESS_EQUAL": comparison("LESS_EQUAL", "LessEqualOptions"),
    "LOGICAL_AND": logical("LOGICAL_AND", "LogicalAndOptions"),
    "LOGICAL_NOT": logicalNot,
    "LOGICAL_OR": logical("LOGICAL_OR", "LogicalOrOptions"),
    "MAXIMUM": extremum("MAXIMUM"),
    "MINIMUM": extremum("MINIMUM"),
    "MUL": arithmetic("MUL", ("int8", "float32", "uint8", "int16", "int32", "int64"), "MulOptions", product),
    "NOT_EQUAL": comparison("NOT_EQUAL", "NotEqualOptions"),
    "POW": power,
    "PRELU": prelu,
    "SELECT": select,
    "SELECT_V2": selectV2,
    "SQUARED_DIFFERENCE": squaredDifference,
    "SUB": arithmetic("SUB", ("int8", "float32", "uint8", "int16", "int32", "int64"), "SubOptions", widest),
}
