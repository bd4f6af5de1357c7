# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Functions of one operand, element by element, and changes of type.

import numpy as np
from draw import Reject
from tflite_model import Tensor


def rectifier(name):
    def generate(g):
        x = g.operand(("int8", "float32", "uint8") + (("int16",) if name in ("RELU", "RELU6") else ()), (0, 5))
        if x.scale is None or g.draw.chance(0.3):
            y = g.like(x)
        else:
            y = g.tensor(x.shape, x.dtype, np.float32(x.scale[0] * 2.0 ** g.draw.real(-3, 3, 0)))
        g.op(name, [x], y, version=1 if name in ("RELU_N1_TO_1", "RELU_0_TO_1") else 2)
    return generate


def fixedScale(name, scale8, scale16, offset, kinds=("int8", "float32", "uint8", "int16")):
    """The result's scale and zero point are the operator's; `offset` from the middle."""
    def generate(g):
        # From 8/3 on TFLite's multiplier of 16 bits overflows.
        x = g.operand(kinds, (0, 5), where=lambda t: t.dtype != "int16" or t.scale[0] * 12288 < 32768)
        if x.dtype == "float32":
            y = g.tensor(x.shape, "float32")
        elif x.dtype == "int16":
            y = g.tensor(x.shape, "int16", scale16, 0)
        else:
            y = g.tensor(x.shape, x.dtype, scale8, offset + (128 if x.dtype == "uint8" else 0))
        g.op(name, [x], y, version=3 if x.dtype == "int16" else 2, exact=False)
    return generate


def function(name, kinds, options=None, span=None, fields=None, exact=False, amplifies=False):
    """Any scale of the result; `span` is where floats come from, or for stored integers the side of the
    zero point that real operands may be on."""
    def generate(g):
        d = g.draw
        if name in ("CEIL", "ELU", "ROUND"):
            g.useOptimized()
        x = g.operand(kinds, (0, 5), exact=amplifies)
        if span is not None:
            if x not in g.inputs:
                raise Reject("the operand's range is not known")
            if x.dtype == "float32":
                wanted = span
            else:
                low, high = x.limits()
                zero = int(x.zeroPoint[0])
                wanted = (max(low, zero + 1 if span[0] > 0 else zero), high) if span[0] >= 0 else None
                if wanted and wanted[0] >= wanted[1]:
                    raise Reject("no such values")
            if wanted is not None:
                if x.span not in (None, wanted):
                    raise Reject("the operand has another range")
                x.span = wanted
        if name == "EXP" and x.scale is not None and float(x.scale[0]) * (x.limits()[1] - int(x.zeroPoint[0])) > 12:
            raise Reject("what overflows int32 is not defined")
        y = g.tensor(x.shape, x.dtype, None if x.scale is None else
                     np.float32(2.0 ** d.real(-8, 0, -4)) if d.chance(0.5) else
                     np.float32(x.scale[0] * 2.0 ** d.real(-2, 2, 0)))
        g.op(name, [x], y, options, 1 if x.scale is None or name in ("ELU", "LOG") else 2, exact=exact, **(fields(d) if fields else {}))
    return generate


def hardSwish(g):
    x = g.operand(("int8", "float32", "uint8"), (0, 5))
    y = g.tensor(x.shape, x.dtype, None if x.scale is None else np.float32(x.scale[0] * 2.0 ** g.draw.real(-2, 2, 0)))
    g.op("HARD_SWISH", [x], y, "HardSwishOptions")


def negate(g):
    x = g.operand(("float32", "int32", "int64"), (0, 5))
    if x.span is None and x in g.inputs and x.dtype != "float32":
        x.span = (-2**31 + 1, 2**31 - 1)
    g.op("NEG", [x], g.tensor(x.shape, x.dtype), "NegOptions")


def absolute(g):
    x = g.operand(("float32", "int8", "int16", "int32"), (0, 5))
    if x.dtype == "int32":
        if x.span is None and x in g.inputs:
            x.span = (-2**31 + 1, 2**31 - 1)
        y = g.tensor(x.shape, "int32")
    elif x.scale is None or g.draw.chance(0.3):
        y = g.like(x)
    else:
        y = g.tensor(x.shape, x.dtype, np.float32(x.scale[0] * 2.0 ** g.draw.real(-2, 2, 0)))
    g.op("ABS", [x], y, "AbsOptions", 3 if x.dtype == "int16" else 2)


TYPES = {"float32": 0, "int8": 9, "uint8": 3, "int16": 7, "int32": 2, "int64": 4, "bool": 6, "float16": 1}


def cast(g):
    kinds = ("float32", "int32", "int64", "bool", "int8", "uint8", "int16")
    x = g.operand(kinds, (0, 5), exact=True)
    to = g.draw.choice(kinds)
    if x.dtype == "float32" and to != "bool" and to != "float32":
        # What does not fit is not defined.
        if x not in g.inputs or x.span is not None:
            raise Reject("the operand's range is not known")
        x.span = (0, 120) if to == "uint8" else (-120, 120)
    y = g.add(Tensor(x.shape, to))
    g.op("CAST", [x], y, "CastOptions", 1, InDataType=TYPES[x.dtype], OutDataType=TYPES[to])
    y.huge = y.huge or to == "float32" and x.dtype in ("int32", "int64")


def quantize(g):
    # TFLite converts to int32 before it saturates: what that does not hold is not defined.
    x = g.operand(("float32", "int8", "uint8", "int16", "qint32"), (0, 5), exact=True, where=lambda t: not t.huge)
    to = {"float32": ("int8", "uint8", "int16"), "int8": ("int8", "uint8"), "uint8": ("int8", "uint8"),
          "int16": ("int8", "int16", "int32"), "int32": ("int8", "int16")}[x.dtype]
    to = g.draw.choice(to)
    if to == "int32":
        y = g.add(Tensor(x.shape, "int32", np.float32(x.scale[0] * 2.0 ** g.draw.real(-6, 2, 0)), 0))
    else:
        y = g.tensor(x.shape, to)
    g.op("QUANTIZE", [x], y, "QuantizeOptions", 2)


def dequantize(g):
    if g.draw.chance(0.1):
        x = g.constant(g.rng().normal(size=g.shape(1, 4)).astype(np.float16), "float16")
    else:
        x = g.operand(("int8", "uint8", "int16"), (0, 5))
    g.op("DEQUANTIZE", [x], g.tensor(x.shape, "float32"), "DequantizeOptions", 3)


def exponential(g):
    x = g.operand(("float32", "int8", "int16"), exact=True)
    y = g.tensor(x.shape, x.dtype, None if x.scale is None else np.float32(x.scale[0] * 2.0 ** g.draw.real(-2, 4, 0)))
    if x.dtype == "int8":
        # TFLite converts to int32 before it saturates: what that does not hold is not defined.
        top = float(x.scale[0]) * (127 - int(x.zeroPoint[0]))
        if np.exp(min(top, 99)) / float(y.scale[0]) > 2**30:
            raise Reject("a power that int32 does not hold")
    g.op("EXP", [x], y, "ExpOptions", 1 if x.scale is None else 2, exact=False)


FLOAT = ("float32",)
OPERATORS = {
    "ABS": absolute,
    "CAST": cast,
    "CEIL": function("CEIL", FLOAT, exact=True, amplifies=True),
    "COS": function("COS", FLOAT, "CosOptions", span=(-20.0, 20.0)),
    "DEQUANTIZE": dequantize,
    "ELU": function("ELU", ("float32", "int8")),
    "EXP": exponential,
    "FLOOR": function("FLOOR", FLOAT, exact=True, amplifies=True),
    "GELU": function("GELU", ("float32", "int8", "uint8"), "GeluOptions", fields=lambda d: {"Approximate": d.chance()}),
    "HARD_SWISH": hardSwish,
    "LEAKY_RELU": function("LEAKY_RELU", ("int8", "float32", "uint8", "int16"), "LeakyReluOptions", exact=True,
                           fields=lambda d: {"Alpha": d.choice((0.1, 0.01, 0.3, -0.5, 1.5))}),
    "LOG": function("LOG", ("float32",), span=(0.01, 9.0), amplifies=True),
    "LOGISTIC": fixedScale("LOGISTIC", 1 / 256, 1 / 32768, -128),
    "NEG": negate,
    "QUANTIZE": quantize,
    "RELU": rectifier("RELU"),
    "RELU6": rectifier("RELU6"),
    "RELU_0_TO_1": rectifier("RELU_0_TO_1"),
    "RELU_N1_TO_1": rectifier("RELU_N1_TO_1"),
    "ROUND": function("ROUND", FLOAT, exact=True, amplifies=True),
    "RSQRT": function("RSQRT", ("float32", "int8"), span=(0.01, 9.0), amplifies=True),
    "SIN": function("SIN", FLOAT, span=(-20.0, 20.0)),
    "SQRT": function("SQRT", ("float32",), span=(0.0, 9.0), amplifies=True),
    "SQUARE": function("SQUARE", FLOAT, "SquareOptions", exact=True),
    "TANH": fixedScale("TANH", 1 / 128, 1 / 32768, 0),
}
