# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Windows, reductions and normalizations.

import numpy as np
from draw import Reject
from families.mac import activation, window


def pool(name, kinds):
    def generate(g):
        d = g.draw
        x = g.operand(kinds, (4, 4), most=9)
        kernel, strides = [d.integer(1, 5), d.integer(1, 5)], [d.integer(1, 3), d.integer(1, 3)]
        padding, out = window(g, x.shape[1:3], kernel, strides, [1, 1])
        y = g.like(x, [x.shape[0]] + out + [x.shape[3]])
        g.op(name, [x], y, "Pool2DOptions", 3 if x.dtype == "int16" else 1, exact=name == "MAX_POOL_2D", Padding=padding,
             StrideH=strides[0], StrideW=strides[1], FilterHeight=kernel[0], FilterWidth=kernel[1],
             FusedActivationFunction=activation(g) if name != "L2_POOL_2D" else 0)
    return generate


def reduction(name, kinds, rescales=False, span=None):
    def generate(g):
        d = g.draw
        if span is not None and d.chance(0.9):
            x = g.operand([k for k in kinds if k in ("int32", "int64", "float32")], (1, 4), most=8, span=span)
        else:
            x = g.operand(kinds, (1, 4), most=8)
        if x.dtype in ("int32", "int64") and name in ("SUM", "REDUCE_PROD", "MEAN") and span is None:
            if x not in g.inputs or x.span not in (None, (-9000, 9000)):
                raise Reject("sums may overflow")
            x.span = (-9000, 9000)
        if name == "SUM" and x.dtype == "int8":
            g.useUnsigned()  # the reference kernel takes the bytes for uint8
        axes = d.subset(len(x.shape), 1)
        keep = d.chance()
        shape = [1 if i in axes else n for i, n in enumerate(x.shape) if keep or i not in axes]
        # Any order, from either end, repeated.
        given = [axes[i] for i in d.permutation(len(axes))]
        given = [a - len(x.shape) if d.chance(0.3) else a for a in given]
        if d.chance(0.05):
            given.append(given[0])
        scalar = len(given) == 1 and d.chance(0.3)
        if x.scale is None:
            y = g.tensor(shape, x.dtype)
        elif rescales and not (name == "SUM" and x.dtype == "int16") and d.chance():
            y = g.tensor(shape, x.dtype, np.float32(x.scale[0] * 2.0 ** d.real(-2, 3, 0)))
        else:
            y = g.like(x, shape)
        g.op(name, [x, g.ints(given[0] if scalar else given)], y, "ReducerOptions", 1,
             exact=name in ("REDUCE_MAX", "REDUCE_MIN"), KeepDims=keep)
    return generate


def l2Normalization(g):
    x = g.operand(("int8", "float32", "uint8"), (1, 4), most=12)
    if x.dtype == "float32":
        y = g.tensor(x.shape, "float32")
    else:
        y = g.tensor(x.shape, x.dtype, 1 / 128, 128 if x.dtype == "uint8" else 0)
    g.op("L2_NORMALIZATION", [x], y, "L2NormOptions", 2, exact=False, FusedActivationFunction=0)


def localResponseNormalization(g):
    d = g.draw
    x = g.operand("float32", (4, 4), most=9)
    g.op("LOCAL_RESPONSE_NORMALIZATION", [x], g.tensor(x.shape, "float32"), "LocalResponseNormalizationOptions",
         exact=False, Radius=d.integer(1, 5), Bias=d.choice((1.0, 2.0, 0.5)), Alpha=d.choice((1.0, 0.1, 1e-4)),
         Beta=d.choice((0.5, 0.75, 1.0)))


def softmax(g):
    x = g.operand(("int8", "float32", "uint8", "int16"), (1, 4), most=12)
    if x.dtype == "float32":
        y = g.tensor(x.shape, "float32")
    elif x.dtype == "int16":
        y = g.tensor(x.shape, "int16", 1 / 32768, 0)
    else:
        y = g.tensor(x.shape, x.dtype, 1 / 256, -128 if x.dtype == "int8" else 0)
    g.op("SOFTMAX", [x], y, "SoftmaxOptions", 3 if x.dtype == "int16" else 2, exact=False,
         Beta=g.draw.choice((1.0, 0.5, 2.0)))


def logSoftmax(g):
    x = g.operand(("int8", "float32", "uint8"), (1, 4), most=12)
    if x.dtype == "float32":
        y = g.tensor(x.shape, "float32")
    else:
        y = g.tensor(x.shape, x.dtype, 16 / 256, 127 if x.dtype == "int8" else 255)
    g.op("LOG_SOFTMAX", [x], y, "LogSoftmaxOptions", 2, exact=False)


def argument(name, options):
    def generate(g):
        d = g.draw
        x = g.operand(("int8", "float32", "uint8", "int32", "bool"), (1, 4), most=8, exact=True)
        axis = d.below(len(x.shape))
        shape = x.shape[:axis] + x.shape[axis + 1:]
        kind = d.choice(("int32", "int64"))
        given = axis - len(x.shape) if d.chance(0.3) else axis
        axis = g.constant(np.asarray(given if d.chance() else [given], np.int32), "int32")
        g.op(name, [x, axis], g.tensor(shape, kind), options, 2, OutputType={"int32": 2, "int64": 4}[kind])
    return generate


def cumsum(g):
    d = g.draw
    g.useOptimized()
    x = g.operand(("float32", "int32", "int64"), (1, 4), most=8, span=g.draw.choice(((-9000, 9000), None)))
    if x.dtype != "float32" and x.span is None:
        raise Reject("sums may overflow")
    if x.dtype == "float32" and x.span is not None:
        x.span = (-3.0, 3.0)
    axis = d.below(len(x.shape))
    given = axis - len(x.shape) if d.chance(0.3) else axis
    g.op("CUMSUM", [x, g.ints(given)], g.tensor(x.shape, x.dtype), "CumsumOptions", exact=False, Exclusive=d.chance(),
         Reverse=d.chance())


SUMMED = ("float32", "int8", "uint8", "int16", "int32", "int64")
OPERATORS = {
    "ARG_MAX": argument("ARG_MAX", "ArgMaxOptions"),
    "ARG_MIN": argument("ARG_MIN", "ArgMinOptions"),
    "AVERAGE_POOL_2D": pool("AVERAGE_POOL_2D", ("int8", "float32", "uint8", "int16")),
    "CUMSUM": cumsum,
    "L2_NORMALIZATION": l2Normalization,
    "L2_POOL_2D": pool("L2_POOL_2D", ("float32",)),
    "LOCAL_RESPONSE_NORMALIZATION": localResponseNormalization,
    "LOG_SOFTMAX": logSoftmax,
    "MAX_POOL_2D": pool("MAX_POOL_2D", ("int8", "float32", "uint8", "int16")),
    "MEAN": reduction("MEAN", SUMMED, rescales=True),
    "REDUCE_ALL": reduction("REDUCE_ALL", ("bool",)),
    "REDUCE_ANY": reduction("REDUCE_ANY", ("bool",)),
    "REDUCE_MAX": reduction("REDUCE_MAX", SUMMED),
    "REDUCE_MIN": reduction("REDUCE_MIN", SUMMED),
    "REDUCE_PROD": reduction("REDUCE_PROD", ("float32", "int32", "int64", "int8", "int16"), rescales=True, span=(-1, 1)),
    "SOFTMAX": softmax,
    "SUM": reduction("SUM", SUMMED, rescales=True),
}
