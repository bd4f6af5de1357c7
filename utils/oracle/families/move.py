# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Operators that move elements and compute nothing.

import numpy as np
from draw import Reject
from families.elementwise import alike

ALL = ("int8", "float32", "uint8", "int16", "int32", "int64", "bool")
MOST = ("int8", "float32", "uint8", "int16", "int32", "int64")


def concatenation(g):
    d = g.draw
    first = g.operand(("int8", "float32", "uint8", "int16", "int32", "int64", "bool"))
    axis = d.below(len(first.shape))
    operands = [first]
    for _ in range(d.integer(1, 3) if d.chance(0.9) else 0):
        shape = list(first.shape)
        shape[axis] = g.extent(5)
        if d.chance(0.1):
            operands.append(first)
        elif first.dtype == "uint8" and d.chance(0.2):
            operands.append(g.input(shape, "uint8"))  # requantized by the operator
        else:
            operands.append(alike(g, first, shape, 0.2))
    shape = list(first.shape)
    shape[axis] = sum(t.shape[axis] for t in operands)
    g.op("CONCATENATION", operands, g.like(first, shape), "ConcatenationOptions", 2,
         Axis=axis - len(shape) if d.chance(0.3) else axis, FusedActivationFunction=0)


def split(g):
    d = g.draw
    x = g.operand(("float32", "int8", "uint8", "int16", "int32"), most=8)
    axis = d.below(len(x.shape))
    count = d.choice([n for n in range(1, x.shape[axis] + 1) if x.shape[axis] % n == 0])
    shape = list(x.shape)
    shape[axis] //= count
    given = axis - len(shape) if d.chance(0.3) else axis
    g.op("SPLIT", [g.ints(given if d.chance() else [given]), x], [g.like(x, shape) for _ in range(count)],
         "SplitOptions", 2, NumSplits=count)


def splitV(g):
    d = g.draw
    x = g.operand(("float32", "int8", "uint8", "int16", "int32", "int64"), most=8)
    axis = d.below(len(x.shape))
    sizes, rest = [], x.shape[axis]
    while rest:
        sizes.append(d.integer(1, rest))
        rest -= sizes[-1]
    results = []
    for size in sizes:
        shape = list(x.shape)
        shape[axis] = size
        results.append(g.like(x, shape))
    if d.chance(0.2):
        sizes[d.below(len(sizes))] = -1
    given = axis - len(x.shape) if d.chance(0.3) else axis
    g.op("SPLIT_V", [x, g.ints(sizes), g.ints(given)], results, "SplitVOptions", 2, NumSplits=len(sizes))


def pack(g):
    d = g.draw
    first = g.operand(("float32", "int8", "uint8", "int16", "int32", "int64"), (0, 3))
    count, axis = d.integer(1, 4), d.below(len(first.shape) + 1)
    operands = [first] + [alike(g, first, list(first.shape), 0.2) for _ in range(count - 1)]
    shape = first.shape[:axis] + [count] + first.shape[axis:]
    g.op("PACK", operands, g.like(first, shape), "PackOptions", 2, ValuesCount=count,
         Axis=axis - len(shape) if d.chance(0.3) else axis)


def unpack(g):
    d = g.draw
    x = g.operand(("float32", "int8", "uint8", "int16", "int32", "bool"), (1, 4))
    axis = d.below(len(x.shape))
    shape = x.shape[:axis] + x.shape[axis + 1:]
    g.op("UNPACK", [x], [g.like(x, shape) for _ in range(x.shape[axis])], "UnpackOptions", 2, Num=x.shape[axis],
         Axis=axis - len(x.shape) if d.chance(0.3) else axis)


def paddings(g, rank, most=3):
    return np.array([[g.draw.integer(0, most), g.draw.integer(0, most)] for _ in range(rank)], np.int64).reshape(rank, 2)


def pad(g):
    x = g.operand(MOST, (1, 4))
    amounts = paddings(g, len(x.shape))
    y = g.like(x, [n + int(a.sum()) for n, a in zip(x.shape, amounts)])
    g.op("PAD", [x, g.ints(amounts, g.draw.choice(("int32", "int64")))], y, "PadOptions", 2)


def padV2(g):
    x = g.operand(MOST, (1, 4))
    amounts = paddings(g, len(x.shape))
    y = g.like(x, [n + int(a.sum()) for n, a in zip(x.shape, amounts)])
    value = alike(g, x, [] if g.draw.chance() else [1], 1.0)
    g.op("PADV2", [x, g.ints(amounts), value], y, "PadV2Options", 2)


def mirrorPad(g):
    d = g.draw
    x = g.operand(MOST, (1, 4))
    symmetric = d.chance()
    amounts = np.array([[d.integer(0, n - (not symmetric)), d.integer(0, n - (not symmetric))] for n in x.shape], np.int64)
    y = g.like(x, [n + int(a.sum()) for n, a in zip(x.shape, amounts)])
    g.op("MIRROR_PAD", [x, g.ints(amounts, d.choice(("int32", "int64")))], y, "MirrorPadOptions", 2, Mode=int(symmetric))


def transpose(g):
    x = g.operand(ALL, (1, 5))
    order = g.draw.permutation(len(x.shape))
    y = g.like(x, [x.shape[i] for i in order])
    g.op("TRANSPOSE", [x, g.ints(order)], y, "TransposeOptions", 2)


def slices(g):
    d = g.draw
    x = g.operand(ALL, (1, 5), most=8)
    begin = [d.below(n) for n in x.shape]
    size = [d.integer(1, n - b) for n, b in zip(x.shape, begin)]
    y = g.like(x, size)
    given = [-1 if b + s == n and d.chance(0.3) else s for n, b, s in zip(x.shape, begin, size)]
    kind = d.choice(("int32", "int64"))
    g.op("SLICE", [x, g.ints(begin, kind), g.ints(given, kind)], y, "SliceOptions", 2)


def stridedSlice(g):
    d = g.draw
    x = g.operand(ALL, (1, 4), most=8)
    begin, end, strides, shape = [], [], [], []
    masks = dict(BeginMask=0, EndMask=0, EllipsisMask=0, NewAxisMask=0, ShrinkAxisMask=0)
    cut = d.integer(1, len(x.shape)) if d.chance(0.2) else len(x.shape)
    ellipsis = d.below(len(x.shape)) if cut == len(x.shape) and d.chance(0.1) else None
    bit = 0
    for i, n in enumerate(x.shape):
        if i >= cut:
            shape.append(n)
            continue
        if len(x.shape) < 4 and d.chance(0.1):
            for values, value in ((begin, 0), (end, 0), (strides, 1)):
                values.append(value)
            shape.append(1)
            masks["NewAxisMask"] |= 1 << bit
            bit += 1
        if i == ellipsis:
            for values, value in ((begin, 0), (end, 0), (strides, 1)):
                values.append(value)
            shape.append(n)
            masks["EllipsisMask"] |= 1 << bit
            bit += 1
            continue
        stride = d.choice((1, 2, 3, -1, -2), [0.5, 0.15, 0.1, 0.15, 0.1])
        first, last = d.below(n), d.below(n)
        if (last - first) * stride < 0:
            first, last = last, first
        if d.chance(0.2):
            masks["ShrinkAxisMask"] |= 1 << bit
            stride = 1
            begin.append(first - n if d.chance(0.3) else first)
            end.append(first + 1)
        else:
            if d.chance(0.2):
                masks["BeginMask"] |= 1 << bit
                first = 0 if stride > 0 else n - 1
            stop = last + (1 if stride > 0 else -1)
            if d.chance(0.2) or stop < 0:
                masks["EndMask"] |= 1 << bit
                stop = n if stride > 0 else -1
            count = max(0, -(-(stop - first) // stride))
            shape.append(count)
            begin.append(first - n if d.chance(0.3) else first)
            end.append(stop - n if 0 <= stop < n and d.chance(0.3) else stop + d.choice((0, 5)) if stop == n else stop)
        strides.append(stride)
        bit += 1
    if 0 in shape:
        raise Reject("nothing is left")
    g.op("STRIDED_SLICE", [x, g.ints(begin), g.ints(end), g.ints(strides)], g.like(x, shape), "StridedSliceOptions", 2,
         **masks)


def gather(g):
    d = g.draw
    x = g.operand(ALL, (1, 4), most=8)
    axis = d.below(len(x.shape))
    batch = d.integer(0, axis) if d.chance(0.2) else 0
    shape = x.shape[:batch] + g.shape(0, 2, 5)
    kind, span = d.choice(("int32", "int64")), (0, x.shape[axis] - 1)
    if span[1] and d.chance():
        indices = g.operand(kind, shape=shape, span=span)
    else:
        indices = g.constant(g.rng().integers(0, x.shape[axis], shape), kind)
    y = g.like(x, x.shape[:axis] + shape[batch:] + x.shape[axis + 1:])
    g.op("GATHER", [x, indices], y, "GatherOptions", 5 if batch else 2, Axis=axis - len(x.shape) if d.chance(0.3) else axis,
         BatchDims=batch)


def gatherNd(g):
    d = g.draw
    x = g.operand(("float32", "int8", "uint8", "int16", "int32", "int64"), (1, 4), most=8)
    depth = d.integer(1, len(x.shape))
    shape = g.shape(0, 2, 5)
    rng = g.rng()
    indices = np.stack([rng.integers(0, n, shape) for n in x.shape[:depth]], axis=-1)
    kind = d.choice(("int32", "int64"))
    if d.chance():
        indices = g.constant(indices, kind)
    else:
        span = (0, min(x.shape[:depth]) - 1)
        if not span[1]:
            raise Reject("one index alone")
        indices = g.operand(kind, shape=shape + [depth], span=span)
    g.op("GATHER_ND", [x, indices], g.like(x, shape + x.shape[depth:]), "GatherNdOptions", 2)


def spaceToDepth(g):
    d = g.draw
    x = g.operand(("float32", "int8", "uint8", "int32", "int64"), (4, 4), most=8)
    blocks = [b for b in range(1, 5) if x.shape[1] % b == 0 and x.shape[2] % b == 0]
    b = d.choice(blocks)
    y = g.like(x, [x.shape[0], x.shape[1] // b, x.shape[2] // b, x.shape[3] * b * b])
    g.op("SPACE_TO_DEPTH", [x], y, "SpaceToDepthOptions", 2, BlockSize=b)


def depthToSpace(g):
    d = g.draw
    b = d.choice((1, 2, 3))
    x = g.operand(("float32", "int8", "uint8", "int32", "int64"), shape=g.shape(3, 3, 5) + [b * b * d.integer(1, 4)])
    y = g.like(x, [x.shape[0], x.shape[1] * b, x.shape[2] * b, x.shape[3] // (b * b)])
    g.op("DEPTH_TO_SPACE", [x], y, "DepthToSpaceOptions", 1, BlockSize=b)


def spaceToBatch(g):
    d = g.draw
    x = g.operand(("float32", "int8", "uint8", "int32", "int64"), (3, 4), most=6)
    spatial = len(x.shape) - 2
    block, pads, shape = [], [], [x.shape[0]]
    for n in x.shape[1:1 + spatial]:
        b = d.integer(1, 3)
        before = d.below(3)
        after = -(n + before) % b + b * d.below(2)
        block.append(b)
        pads.append([before, after])
        shape.append((n + before + after) // b)
        shape[0] *= b
    g.op("SPACE_TO_BATCH_ND", [x, g.ints(block), g.ints(pads)], g.like(x, shape + x.shape[-1:]),
         "SpaceToBatchNDOptions", 2)


def batchToSpace(g):
    d = g.draw
    spatial = d.integer(1, 2)
    block = [d.integer(1, 3) for _ in range(spatial)]
    batch = d.integer(1, 2)
    x = g.operand(("float32", "int8", "uint8", "int32", "int64"),
                  shape=[batch * int(np.prod(block))] + g.shape(spatial + 1, spatial + 1, 4))
    crops, shape = [], [batch]
    for n, b in zip(x.shape[1:], block):
        size = n * b
        before = d.below(min(3, size))
        after = d.below(min(3, size - before))
        crops.append([before, after])
        shape.append(size - before - after)
    g.op("BATCH_TO_SPACE_ND", [x, g.ints(block), g.ints(crops)], g.like(x, shape + x.shape[-1:]),
         "BatchToSpaceNDOptions", 2)


def tile(g):
    d = g.draw
    x = g.operand(("float32", "int8", "uint8", "int32", "int64", "bool"), (1, 4), most=5)
    times = [d.integer(1, 3) for _ in x.shape]
    g.op("TILE", [x, g.ints(times, d.choice(("int32", "int64")))], g.like(x, [n * t for n, t in zip(x.shape, times)]),
         "TileOptions", 2)


def broadcastTo(g):
    d = g.draw
    x = g.operand(ALL, (1, 4), most=5)
    shape = g.shape(0, 2, 3) + [d.integer(1, 4) if n == 1 else n for n in x.shape]
    g.op("BROADCAST_TO", [x, g.ints(shape, d.choice(("int32", "int64")))], g.like(x, shape), "BroadcastToOptions", 2)


def reverse(g):
    d = g.draw
    x = g.operand(ALL, (1, 4))
    axis = d.below(len(x.shape))
    g.op("REVERSE_V2", [x, g.ints([axis])], g.like(x), "ReverseV2Options", 2)


def factored(g, count, rank):
    """Extents that multiply to `count`."""
    shape = []
    for _ in range(rank - 1):
        shape.append(g.draw.choice([n for n in range(1, count + 1) if count % n == 0]))
        count //= shape[-1]
    return shape + [count]


def reshape(g):
    d = g.draw
    x = g.operand(ALL, (1, 5))
    shape = factored(g, int(np.prod(x.shape)), d.integer(1, 5))
    given = list(shape)
    if d.chance(0.3):
        given[d.below(len(given))] = -1
    if d.chance(0.2):
        g.op("RESHAPE", [x], g.like(x, shape), "ReshapeOptions", 1, NewShape=given)
    else:
        g.op("RESHAPE", [x, g.ints(given)], g.like(x, shape), "ReshapeOptions", 1)


def squeeze(g):
    d = g.draw
    x = g.operand(ALL, (1, 5), most=3)
    ones = [i for i, n in enumerate(x.shape) if n == 1]
    chosen = [i for i in ones if d.chance(0.6)]
    gone = chosen or ones
    shape = [n for i, n in enumerate(x.shape) if i not in gone]
    given = [i - len(x.shape) if d.chance(0.3) else i for i in chosen]
    g.op("SQUEEZE", [x], g.like(x, shape), "SqueezeOptions", 1, SqueezeDims=given)


def expandDims(g):
    d = g.draw
    x = g.operand(ALL, (0, 4))
    axis = d.below(len(x.shape) + 1)
    shape = x.shape[:axis] + [1] + x.shape[axis:]
    given = axis - len(shape) if d.chance(0.3) else axis
    g.op("EXPAND_DIMS", [x, g.ints(given if d.chance() else [given])], g.like(x, shape), "ExpandDimsOptions", 1)


def resize(name, options, kinds):
    def generate(g):
        d = g.draw
        x = g.operand(kinds, (4, 4), most=7)
        size = [d.integer(1, 12), d.integer(1, 12)]
        mode = d.choice(("plain", "align", "half"))
        y = g.like(x, [x.shape[0]] + size + [x.shape[3]])
        g.op(name, [x, g.ints(size)], y, options, 3, exact=name != "RESIZE_BILINEAR", AlignCorners=mode == "align",
             HalfPixelCenters=mode == "half")
    return generate


def oneHot(g):
    d = g.draw
    depth = d.integer(1, 6)
    indices = g.operand(d.choice(("int32", "int64")), (1, 3), span=(-1, depth))
    axis = d.below(len(indices.shape) + 1)
    shape = indices.shape[:axis] + [depth] + indices.shape[axis:]
    kind = d.choice(("float32", "int8", "uint8", "int32", "int64", "bool"))
    on, off = g.tensor([], kind), None
    off = g.like(on)
    g.asConstant(on)
    g.asConstant(off)
    y = g.like(on, shape)
    g.op("ONE_HOT", [indices, g.ints(depth), on, off], y, "OneHotOptions", Axis=-1 if axis == len(indices.shape) and d.chance()
         else axis)


def fill(g):
    d = g.draw
    shape = g.shape(1, 4)
    value = g.operand(("float32", "int8", "int16", "int32", "int64", "bool"), shape=[])
    g.op("FILL", [g.ints(shape, d.choice(("int32", "int64"))), value], g.like(value, shape), "FillOptions", 1)


def ranges(g):
    d = g.draw
    kind = d.choice(("int32", "float32"))
    start, delta, count = d.signed(9), d.choice((1, 2, 3, -1, -2)), d.integer(1, 12)
    stop = start + delta * count
    if kind == "float32":
        start, delta, stop = start / 4, delta / 4, stop / 4 - delta / 8
    y = g.tensor([count], kind)
    operands = [g.constant(np.asarray(v), kind) for v in (start, stop, delta)]
    result = g.op("RANGE", operands, y, "RangeOptions")
    # A model needs an input: the numbers are added to it.
    other = g.input([count], kind, span=(-100, 100))
    g.op("ADD", [result, other], g.tensor([count], kind), "AddOptions", 1, FusedActivationFunction=0)


def shapeOf(g):
    d = g.draw
    x = g.operand(ALL, (1, 5))
    kind = d.choice(("int32", "int64"))
    g.op("SHAPE", [x], g.tensor([len(x.shape)], kind), "ShapeOptions", OutType={"int32": 2, "int64": 4}[kind])


def topK(g):
    d = g.draw
    x = g.operand(("float32", "int8", "uint8", "int32", "int64"), (1, 3), most=9, exact=True)
    k = d.integer(1, x.shape[-1])
    shape = x.shape[:-1] + [k]
    g.op("TOPK_V2", [x, g.ints(k)], [g.like(x, shape), g.tensor(shape, "int32")], "TopKV2Options", 2)


def dynamicUpdateSlice(g):
    d = g.draw
    x = g.operand(("float32", "int8", "int32", "int64", "bool"), (1, 4))
    update = alike(g, x, [d.integer(1, n) for n in x.shape], 0.2)
    starts = g.operand("int32", shape=[len(x.shape)], span=(-2, 6))
    g.op("DYNAMIC_UPDATE_SLICE", [x, update, starts], g.like(x), "DynamicUpdateSliceOptions", 1)


def zerosLike(g):
    x = g.operand(("float32", "int32", "int64"))
    g.op("ZEROS_LIKE", [x], g.tensor(x.shape, x.dtype), "ZerosLikeOptions")


def rankOf(g):
    x = g.operand(ALL, (1, 5))
    g.op("RANK", [x], g.tensor([], "int32"), "RankOptions")


def embedding(g):
    d = g.draw
    rows, width = d.integer(2, 20), d.integer(1, 20)
    indices = g.operand("int32", shape=[d.integer(1, 5)], span=(0, rows - 1))
    if d.chance(0.4):
        table = g.asConstant(g.tensor([rows, width], "int8", zeroPoint=0))
    else:
        table = g.operand("float32", shape=[rows, width], constant=0.5)
    g.op("EMBEDDING_LOOKUP", [indices, table], g.tensor([indices.shape[0], width], "float32"))


def shapeChain(g):
    """RESHAPE to [SHAPE(x)[0], -1], as converters write it."""
    x = g.operand(MOST, (2, 4))
    kind = g.draw.choice(("int32", "int64"))
    code = {"int32": 2, "int64": 4}[kind]
    shape = g.op("SHAPE", [x], g.tensor([len(x.shape)], kind), "ShapeOptions", OutType=code)
    if kind == "int64":
        shape = g.op("CAST", [shape], g.tensor([len(x.shape)], "int32"), "CastOptions", InDataType=4, OutDataType=2)
    first = g.op("STRIDED_SLICE", [shape, g.ints([0]), g.ints([1]), g.ints([1])], g.tensor([], "int32"),
                 "StridedSliceOptions", ShrinkAxisMask=1)
    new = g.op("PACK", [first, g.ints(-1)], g.tensor([2], "int32"), "PackOptions", ValuesCount=2, Axis=0)
    g.op("RESHAPE", [x, new], g.like(x, [x.shape[0], int(np.prod(x.shape[1:]))]), "ReshapeOptions")


OPERATORS = {
    "BATCH_TO_SPACE_ND": batchToSpace,
    "BROADCAST_TO": broadcastTo,
    "CONCATENATION": concatenation,
    "DEPTH_TO_SPACE": depthToSpace,
    "DYNAMIC_UPDATE_SLICE": dynamicUpdateSlice,
    "EMBEDDING_LOOKUP": embedding,
    "EXPAND_DIMS": expandDims,
    "FILL": fill,
    "GATHER": gather,
    "GATHER_ND": gatherNd,
    "MIRROR_PAD": mirrorPad,
    "ONE_HOT": oneHot,
    "PACK": pack,
    "PAD": pad,
    "PADV2": padV2,
    "RANGE": ranges,
    "RANK": rankOf,
    "RESHAPE": reshape,
    "RESIZE_BILINEAR": resize("RESIZE_BILINEAR", "ResizeBilinearOptions", ("float32", "int8", "uint8", "int16")),
    "RESIZE_NEAREST_NEIGHBOR": resize("RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighborOptions",
                                      ("float32", "int8", "uint8", "int16")),
    "REVERSE_V2": reverse,
    "SHAPE": shapeOf,
    "SHAPE+RESHAPE": shapeChain,
    "SLICE": slices,
    "SPACE_TO_BATCH_ND": spaceToBatch,
    "SPACE_TO_DEPTH": spaceToDepth,
    "SPLIT": split,
    "SPLIT_V": splitV,
    "SQUEEZE": squeeze,
    "STRIDED_SLICE": stridedSlice,
    "TILE": tile,
    "TOPK_V2": topK,
    "TRANSPOSE": transpose,
    "UNPACK": unpack,
    "ZEROS_LIKE": zerosLike,
}
