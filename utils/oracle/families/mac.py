# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Convolutions, fully connected layers and matrix products.

import numpy as np
from draw import Reject

ACTIVATIONS = [0, 1, 3, 2]  # none, relu, relu6, relu_n1_to_1
ACTIVATION_WEIGHTS = [0.4, 0.25, 0.25, 0.1]
KINDS = ("int8", "float32", "uint8", "int16")


def activation(g):
    return g.draw.choice(ACTIVATIONS, ACTIVATION_WEIGHTS)


def depthOf(shape, channelAxis):
    return int(np.prod(shape)) // shape[channelAxis]


def weights(g, x, shape, axis, perAxis=True, int4=True, hybrid=True):
    """Constant weights for activations `x`. Those of a depthwise convolution (axis 3) must have scales per channel
    beside float activations."""
    d = g.draw
    channels, depth = shape[axis], depthOf(shape, axis)
    if x.dtype == "float32":
        form = d.choice(("float32", "int8", "int4"), [0.7, 0.2, 0.1 if int4 else 0]) if hybrid else "float32"
        if form == "float32":
            w = g.tensor(shape, "float32")
            w.data = (g.rng().normal(size=shape) / np.sqrt(depth)).astype(np.float32)
            return w
        g.unlessExact(x)
        scale = 2.0 ** d.real(-8, -5, -7)
        scales = [scale * 2.0 ** d.real(-2, 2, 0) for _ in range(channels)] if perAxis and (d.chance() or axis == 3) else scale
        w = g.constant(np.zeros(shape, np.int8), form, scales, 0, axis)
        return g.asConstant(w)
    if x.dtype == "uint8":
        w = g.asConstant(g.constant(np.zeros(shape), "uint8", g.scale(-9, -3), g.zeroPoint("uint8")))
        if d.chance():
            # As networks have them: near the zero point, but for a few.
            rng = g.rng()
            near = np.clip(w.zeroPoint[0] + rng.normal(0, 25, shape), 0, 255).astype(np.uint8)
            w.data = np.where(rng.random(shape) < 0.01, w.data, near)
        return w
    form = "int4" if int4 and x.dtype == "int8" and d.chance(0.15) else "int8"
    if perAxis and d.chance(0.8):
        scale = g.scale(-9, -3)
        scales = [np.float32(scale * 2.0 ** d.real(-2, 2, 0)) for _ in range(channels)]
    else:
        scales = g.scale(-9, -3)
    return g.asConstant(g.constant(np.zeros(shape, np.int8), form, scales, 0, axis))


def bias(g, x, w, channels, depth, wide=("int64", "int32"), needed=False):
    """Of the scale that the accumulators have; sometimes none. `wide`: its types for int16."""
    if not needed and g.draw.chance(0.15):
        return None
    rng = g.rng()
    if x.dtype == "float32":
        return g.constant(rng.normal(size=channels).astype(np.float32), "float32")
    scale = (x.scale * w.scale).astype(np.float32)
    size = 50 * np.sqrt(depth) * (100 if x.dtype != "int16" else 10000)
    data = rng.integers(-size, size, channels)
    dtype = g.draw.choice(wide) if x.dtype == "int16" else "int32"
    return g.constant(data, dtype, scale, np.zeros(len(scale), np.int64))


def result(g, x, w, shape, depth):
    """Scaled so that accumulators mostly spread over its range; now and then far off."""
    if x.dtype == "float32":
        return g.tensor(shape, "float32")
    width = 32768 if x.dtype == "int16" else 128
    spread = float(x.scale[0]) * float(np.median(w.scale)) * np.sqrt(depth) * 5000 * (width / 128)
    return g.tensor(shape, x.dtype, np.float32(spread / width * 2.0 ** g.draw.real(-3, 3, 0)))


def window(g, extents, kernel, strides, dilations):
    """Padding (0 SAME, 1 VALID) and the extents of the result."""
    padding = g.draw.choice((1, 0))
    out = []
    for extent, k, s, dilation in zip(extents, kernel, strides, dilations):
        span = (k - 1) * dilation + 1
        if padding and span > extent:
            raise Reject("the window does not fit")
        out.append((extent - span) // s + 1 if padding else -(-extent // s))
    return padding, out


def spatial(g, kinds=KINDS):
    """An image, window, strides and dilations."""
    d = g.draw
    x = g.operand(kinds, (4, 4), most=9)
    kernel = [d.integer(1, min(4, x.shape[1] + 1)), d.integer(1, min(5, x.shape[2] + 1))]
    strides = [1, 1] if d.chance(0.5) else [d.integer(1, 3), d.integer(1, 3)]
    dilations = [d.integer(1, 3), d.integer(1, 3)] if strides == [1, 1] and d.chance(0.3) else [1, 1]
    return x, kernel, strides, dilations


def windowFields(padding, strides, dilations):
    return dict(Padding=padding, StrideH=strides[0], StrideW=strides[1], DilationHFactor=dilations[0],
                DilationWFactor=dilations[1])


def conv2d(g):
    d = g.draw
    x, kernel, strides, dilations = spatial(g)
    groups = 1
    if d.chance(0.15):
        groups = d.choice([n for n in range(1, x.shape[3] + 1) if x.shape[3] % n == 0])
    channels = groups * d.integer(1, 24 // groups if groups < 24 else 1)
    shape = [channels] + kernel + [x.shape[3] // groups]
    padding, out = window(g, x.shape[1:3], kernel, strides, dilations)
    w = weights(g, x, shape, 0)
    if groups > 1 and w.dtype != "float32" and x.dtype == "float32" and len(w.scale) == 1:
        # TFLite's EvalHybrid asks for temporary tensors that Prepare has not made.
        raise Reject("hybrid in groups with one scale")
    if w.dtype == "int4" and x.dtype == "float32":
        # TFLite's EvalHybrid reads beyond the weights that it unpacked.
        raise Reject("hybrid with int4 weights")
    depth = depthOf(shape, 0)
    b = bias(g, x, w, channels, depth, needed=True)
    y = result(g, x, w, [x.shape[0]] + out + [channels], depth)
    g.op("CONV_2D", [x, w] if b is None else [x, w, b], y, "Conv2DOptions", 3, exact=False, FusedActivationFunction=activation(g),
         **windowFields(padding, strides, dilations))


def depthwiseConv2d(g):
    d = g.draw
    x, kernel, strides, dilations = spatial(g)
    multiplier = d.choice((1, 2, 3), [0.6, 0.2, 0.2])
    shape = [1] + kernel + [x.shape[3] * multiplier]
    padding, out = window(g, x.shape[1:3], kernel, strides, dilations)
    w = weights(g, x, shape, 3, int4=x.dtype != "float32")
    depth = depthOf(shape, 3)
    b = bias(g, x, w, shape[3], depth, ["int64"])
    y = result(g, x, w, [x.shape[0]] + out + [shape[3]], depth)
    g.op("DEPTHWISE_CONV_2D", [x, w] if b is None else [x, w, b], y, "DepthwiseConv2DOptions", 3, exact=False,
         DepthMultiplier=multiplier, FusedActivationFunction=activation(g), **windowFields(padding, strides, dilations))


def fullyConnected(g):
    d = g.draw
    x = g.operand(KINDS, (1, 4), most=d.choice((6, 40)), where=lambda t: int(np.prod(t.shape)) <= 3000)
    keep = d.chance(0.3)
    depth = x.shape[-1]
    if not keep and len(x.shape) > 2 and d.chance(0.3):
        depth = int(np.prod(x.shape[1:]))
    units = d.integer(1, 20)
    if units * depth > 6000:
        raise Reject("too large")
    w = weights(g, x, [units, depth], 0)
    if w.dtype != x.dtype and x.dtype in ("float32", "int8") and len(w.scale) > 1:
        # TFLite 2.14 takes no scales per channel here: int4 weights get the first, hybrid ones 0.
        w.scale, w.zeroPoint = w.scale[:1], w.zeroPoint[:1]
    if keep and len(x.shape) != 2 and x.dtype != "float32" and len(w.scale) > 1:
        # TFLite's FullyConnectedPerChannel takes the result's first two extents for batches and units.
        raise Reject("per channel with a result that is no matrix")
    b = bias(g, x, w, units, depth)
    shape = x.shape[:-1] + [units] if keep else [int(np.prod(x.shape)) // depth, units]
    y = result(g, x, w, shape, depth)
    fields = {}
    if w.dtype != x.dtype and x.dtype == "float32":
        fields["AsymmetricQuantizeInputs"] = d.chance()
    g.op("FULLY_CONNECTED", [x, w] if b is None and d.chance() else [x, w, b], y, "FullyConnectedOptions", 9 if
         x.dtype == "float32" and w.dtype != "float32" else 4, exact=False, FusedActivationFunction=activation(g),
         KeepNumDims=keep, **fields)


def transposeConv(g):
    d = g.draw
    x = g.operand(KINDS, (4, 4), most=6)
    kernel, strides = [d.integer(1, 4), d.integer(1, 4)], [d.integer(1, 3), d.integer(1, 3)]
    padding, channels, extents = d.choice((1, 0)), d.integer(1, 10), []
    for extent, k, s in zip(x.shape[1:3], kernel, strides):
        # Every extent whose forward convolution gives the operand's.
        least = (extent - 1) * s + (k if padding else 1)
        extents.append(least + d.below(s))
    shape = [channels] + kernel + [x.shape[3]]
    w = weights(g, x, shape, 0, int4=False, hybrid=False)
    depth = depthOf(shape, 0)
    b = bias(g, x, w, channels, depth)
    size = [x.shape[0]] + extents + [channels]
    y = result(g, x, w, size, depth)
    g.op("TRANSPOSE_CONV", [g.ints(size), w, x] + ([] if b is None else [b]), y, "TransposeConvOptions",
         3 if b is not None else 1, exact=False, Padding=padding, StrideH=strides[0], StrideW=strides[1])


def batchMatmul(g):
    d = g.draw
    a = g.operand(("int8", "float32", "int16"), (2, 4), most=7)
    adjX, adjY = d.chance(0.3), d.chance(0.3)
    rows, inner = (a.shape[-1], a.shape[-2]) if adjX else (a.shape[-2], a.shape[-1])
    columns = d.integer(1, 8)
    batch = a.shape[:-2]
    other = [n if d.chance(0.8) else 1 for n in batch][d.below(len(batch) + 1):]
    if adjX and other != batch[len(batch) - len(other):]:
        # TFLite transposes as many matrices of the lhs as the rhs has.
        raise Reject("a transposed lhs and a repeated rhs")
    shape = other + ([columns, inner] if adjY else [inner, columns])
    fields = {}
    if a.dtype == "float32" and d.chance(0.2):
        g.unlessExact(a)
        if sum(n > 1 for n in batch) > 1:
            # TFLite finds a row's factor by the sum of the indices of its matrix, not by its number.
            raise Reject("hybrid with a stack of several axes")
        b = g.asConstant(g.constant(np.zeros(shape, np.int8), "int8", g.scale(-8, -5), 0))
        fields["AsymmetricQuantizeInputs"] = d.chance()
    else:
        b = g.operand(a.dtype, shape=shape, constant=0.4)
    if a.dtype == "float32":
        y = g.tensor(batch + [rows, columns], "float32")
    else:
        y = result(g, a, b, batch + [rows, columns], inner)
    g.op("BATCH_MATMUL", [a, b], y, "BatchMatMulOptions", 3 if fields else 2, exact=False, AdjX=adjX, AdjY=adjY, **fields)


OPERATORS = {
    "BATCH_MATMUL": batchMatmul,
    "CONV_2D": conv2d,
    "DEPTHWISE_CONV_2D": depthwiseConv2d,
    "FULLY_CONNECTED": fullyConnected,
    "TRANSPOSE_CONV": transposeConv,
}
