# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# A model that grows operator by operator. A generator asks for operands by what it
# can take: alone they are new inputs, in a graph they are often what an operator before
# made, so that the same generator draws single operators and networks.

import numpy as np
from draw import Reject
from tflite_model import Builtin, Operator, Tensor, buildGraphs

QUANTIZED = ("int8", "uint8", "int16")
MOST_ELEMENTS = 6000
SAMPLES = 3


def kindOf(tensor):
    """Its type; "qint32" is int32 with a scale, "plain int8" is int8 without: few operators take them."""
    if tensor.dtype == "int32" and tensor.scale is not None:
        return "qint32"
    return f"plain {tensor.dtype}" if tensor.dtype in QUANTIZED and tensor.scale is None else tensor.dtype


class Graph:
    def __init__(self, draw, seed, isNetwork=False):
        self.draw, self.seed, self.isNetwork = draw, seed, isNetwork
        self.tensors, self.operators, self.inputs, self.produced = [], [], [], []
        self.initializers = []  # (variable's name, constant, its tensors' shape)
        self.fills = 0
        self.isOptimized = self.isUnsigned = False
        self.sequence = SAMPLES  # runs of one case, one after the other

    def rng(self):
        """For bulk data, which is no decision: the same for the same case."""
        self.fills += 1
        return np.random.default_rng([*self.seed, self.fills])

    # Scales and zero points.

    def scale(self, low=-7, high=0):
        """Mostly ordinary; now and then tiny or above 1."""
        kind = self.draw.choice(("usual", "exact", "tiny", "great"), [0.76, 0.1, 0.07, 0.07])
        if kind == "exact":
            return np.float32(2.0 ** self.draw.integer(low, high))
        if kind == "tiny":
            return np.float32(2.0 ** self.draw.real(-16, low))
        if kind == "great":
            return np.float32(2.0 ** self.draw.real(high, 4))
        return np.float32(2.0 ** self.draw.real(low, high, -4))

    def zeroPoint(self, dtype):
        if dtype == "int16":
            return 0
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        kind = self.draw.choice(("middle", "low", "high", "any"))
        if kind == "any":
            return low + self.draw.below(256)
        return {"middle": low + 128, "low": low, "high": high}[kind]

    # Tensors.

    def add(self, tensor):
        if np.prod(tensor.shape, dtype=np.int64) > MOST_ELEMENTS:
            raise Reject("too large")
        tensor.index = len(self.tensors)
        tensor.exact = True
        tensor.huge = False  # floats that may be beyond 32 bits
        tensor.span = None
        self.tensors.append(tensor)
        return tensor

    def tensor(self, shape, dtype, scale=None, zeroPoint=None):
        """A new tensor that an operator will make; quantized types get random parameters."""
        if dtype not in QUANTIZED:
            return self.add(Tensor(shape, dtype))
        return self.add(Tensor(shape, dtype, self.scale() if scale is None else scale,
                               self.zeroPoint(dtype) if zeroPoint is None else zeroPoint))

    def like(self, tensor, shape=None, dtype=None):
        """A new tensor with the element type of another."""
        return self.add(Tensor(tensor.shape if shape is None else shape, dtype or tensor.dtype, tensor.scale,
                               0 if tensor.scale is None else tensor.zeroPoint, axis=tensor.axis))

    def input(self, shape, dtype, scale=None, zeroPoint=None, span=None):
        """A new input; `span` holds its values, stored integers or floats, to a range."""
        tensor = self.tensor(shape, dtype, scale, zeroPoint)
        return self.asInput(tensor, span)

    def asInput(self, tensor, span=None):
        tensor.span = span
        self.inputs.append(tensor)
        self.produced.append(tensor)
        return tensor

    def constant(self, data, dtype, scale=None, zeroPoint=0, axis=0):
        data = np.asarray(data)
        tensor = Tensor(data.shape, dtype, scale, zeroPoint, data, axis)
        return self.add(tensor)

    def ints(self, values, dtype="int32"):
        return self.constant(np.asarray(values, dtype), dtype)

    def asConstant(self, tensor, span=None):
        """Gives a new tensor random data."""
        tensor.span = span
        tensor.data = self.values(tensor, self.rng(), 0)
        return tensor

    def shape(self, low, high, most=6):
        """Of a rank from low to high; extents of 1 are frequent."""
        return [self.extent(most) for _ in range(self.draw.integer(low, high))]

    def extent(self, most=6):
        return 1 if self.draw.chance(0.25) else self.draw.integer(1, most)

    def operand(self, kinds, rank=(1, 4), shape=None, most=6, where=None, exact=False, span=None,
                constant=0.0):
        """An operand of one of these element types: something there already, or a new input, or
        with probability `constant` a constant."""
        kinds = [kinds] if isinstance(kinds, str) else list(kinds)

        def fits(t):
            return (kindOf(t) in kinds and (rank[0] <= len(t.shape) <= rank[1] if shape is None
                                          else list(t.shape) == list(shape)) and
                    (t.exact or not exact) and (where is None or where(t)) and
                    (span is None or t.span == span))

        if self.isNetwork and self.produced:
            there = [t for t in self.produced[::-1] if fits(t)]
            if there and self.draw.chance(0.85):
                return there[self.draw.below(min(len(there), 3))]
        if shape is None:
            shape = self.shape(rank[0], rank[1], most)
        kind = self.draw.choice(kinds)
        tensor = self.add(Tensor(shape, "int32", self.scale(-14, -8), 0)) if kind == "qint32" else self.tensor(shape, kind)
        if where is not None and not where(tensor):
            raise Reject("a new operand does not fit")
        if constant and self.draw.chance(constant):
            return self.asConstant(tensor, span)
        return self.asInput(tensor, span)

    # Operators.

    def op(self, name, operands, results, options=None, version=1, exact=True, **fields):
        """Adds an operator; operands may be None. With `exact` false floats of the results may differ
        in their last bits."""
        results = [results] if isinstance(results, Tensor) else list(results)
        self.operators.append(Operator(getattr(Builtin, name), [-1 if t is None else t.index for t in operands],
                                       [t.index for t in results], options, version, **fields))
        sure = exact and all(t is None or t.exact for t in operands)
        for result in results:
            result.exact = sure or result.dtype != "float32"
            result.huge = result.dtype == "float32" and any(t is not None and t.huge for t in operands)
            self.produced.append(result)
        return results[0] if len(results) == 1 else results

    def initialized(self, start, name):
        """The handle of a variable that is set to a constant before the first run."""
        self.initializers.append((name, start))
        handle = self.add(Tensor([], "resource"))
        self.operators.append(Operator(Builtin.VAR_HANDLE, [], [handle.index], "VarHandleOptions", SharedName=name))
        return handle

    def useOptimized(self):
        """There is no reference kernel, or none that is right: TensorFlow Lite's usual one is the measure. Only
        alone, for other operators' usual kernels are not those that count here."""
        if self.isNetwork:
            raise Reject("no reference kernel")
        self.isOptimized = True

    def useUnsigned(self):
        """The reference kernel is right for uint8, but not for int8: the oracle gets the model moved by 128."""
        if self.isNetwork:
            raise Reject("no reference kernel")
        self.isUnsigned = True

    def unlessExact(self, tensor):
        """Refuses operands whose last bits may differ where they would become a jump."""
        if not tensor.exact:
            raise Reject("the operand is not exact")

    # Data.

    def values(self, tensor, rng, sample):
        """Random contents: uniform, then the ends of the range, then near the zero point."""
        shape = tensor.shape
        if tensor.dtype == "bool":
            return rng.random(shape) < (0.5, 0.9, 0.1)[sample % 3]
        if tensor.dtype in ("float32", "float16"):
            if tensor.span is not None:
                return rng.uniform(*tensor.span, shape).astype(tensor.dtype)
            spread = (3, 6, 0.05)[sample % 3]
            return (rng.normal(size=shape) * spread).astype(tensor.dtype)
        low, high = tensor.limits() if tensor.span is None else tensor.span
        if tensor.span is None and tensor.dtype in ("int32", "int64"):
            low, high = ((-1000, 1000), (-2**31, 2**31 - 1), (-3, 3))[sample % 3]
        dtype = "int8" if tensor.dtype == "int4" else tensor.dtype
        if sample % 3 == 1:
            return np.where(rng.random(shape) < 0.5, low, high).astype(dtype)
        if sample % 3 == 2 and tensor.span is None:
            zero = 0 if tensor.zeroPoint is None else int(tensor.zeroPoint[0])
            return np.clip(zero + rng.integers(-3, 4, shape), low, high).astype(dtype)
        return rng.integers(low, high, shape, dtype=np.int64, endpoint=True).astype(dtype)

    def samples(self):
        """The inputs of each run."""
        rng = self.rng()
        return [[self.values(t, rng, sample) for t in self.inputs] for sample in range(self.sequence)]

    def buildUnsigned(self, outputs):
        """The same model with uint8 for int8."""
        moved = [t for t in self.tensors if t.dtype == "int8"]
        for sign, dtype in ((1, "uint8"), (-1, "int8")):
            for t in moved:
                t.zeroPoint, t.dtype = t.zeroPoint + sign * 128, dtype
            if sign == 1:
                model = self.build(outputs)
        return model

    def build(self, outputs):
        operators, more = self.operators, []
        if self.initializers:
            tensors, initial = [], []
            for name, start in self.initializers:
                tensors += [Tensor([], "resource"), start]
                handle = len(tensors) - 2
                initial += [Operator(Builtin.VAR_HANDLE, [], [handle], "VarHandleOptions", SharedName=name),
                            Operator(Builtin.ASSIGN_VARIABLE, [handle, handle + 1], [], "AssignVariableOptions")]
            operators = [Operator(Builtin.CALL_ONCE, [], [], "CallOnceOptions", InitSubgraphIndex=1)] + operators
            more.append((tensors, initial, [], []))
        main = (self.tensors, operators, [t.index for t in self.inputs], [t.index for t in outputs])
        return buildGraphs([main] + more)
