# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Writes .tflite models of a few operators and runs them with TensorFlow Lite's
# reference kernels: the program that defines their arithmetic, as a live oracle.
# Needs the Python that utils/oracle/environment makes; where that has LiteRT
# instead, the kernels are XNNPACK's.

import flatbuffers
import numpy as np
import tflite

try:
    from tflite_runtime.interpreter import Interpreter, OpResolverType
    KERNELS = OpResolverType.BUILTIN_REF
except ImportError:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
    KERNELS = OpResolverType.BUILTIN

Builtin = tflite.BuiltinOperator
Options = tflite.BuiltinOptions
_TYPES = {
    "float32": tflite.TensorType.FLOAT32,
    "int8": tflite.TensorType.INT8,
    "uint8": tflite.TensorType.UINT8,
    "int16": tflite.TensorType.INT16,
    "int32": tflite.TensorType.INT32,
    "int64": tflite.TensorType.INT64,
    "uint16": tflite.TensorType.UINT16,
    "uint32": tflite.TensorType.UINT32,
    "bool": tflite.TensorType.BOOL,
    "float16": tflite.TensorType.FLOAT16,
    "int4": tflite.TensorType.INT4,
    "resource": tflite.TensorType.RESOURCE,
}


class Tensor:
    """A tensor of the model: a constant if it has data. Several scales quantize along `axis`.
    A variable keeps its value from one run to the next and starts with zeros."""

    def __init__(self, shape, dtype, scale=None, zeroPoint=0, data=None, axis=0, isVariable=False):
        self.shape = [int(d) for d in shape]
        self.dtype = dtype if dtype in ("int4", "resource") else np.dtype(dtype).name
        self.data = data
        self.axis = axis
        self.isVariable = isVariable
        self.scale = self.zeroPoint = None
        if scale is not None:
            self.scale = np.atleast_1d(np.asarray(scale, np.float32))
            self.zeroPoint = np.broadcast_to(np.asarray(zeroPoint, np.int64), self.scale.shape)

    def limits(self):
        if self.dtype == "bool":
            return 0, 1
        if self.dtype == "int4":
            return -8, 7
        info = np.iinfo(self.dtype)
        return info.min, info.max

    def raw(self):
        """The constant's bytes as the file holds them: two int4 in a byte, the first one low."""
        if self.dtype != "int4":
            return np.ascontiguousarray(self.data, self.dtype).tobytes()
        values = np.asarray(self.data, np.int8).reshape(-1).astype(np.uint8) & 15
        values = np.append(values, np.zeros(len(values) % 2, np.uint8))
        return (values[0::2] | values[1::2] << 4).astype(np.uint8).tobytes()


class Operator:
    """An operator: builtin code, its operands and results by index, and its options table by name."""

    def __init__(self, code, inputs, outputs, options=None, version=1, **fields):
        self.code, self.inputs, self.outputs = code, inputs, outputs
        self.options, self.version, self.fields = options, version, fields
        self.intermediates = []  # tensors that only the operator itself uses


def _vector(b, values, size, prepend):
    b.StartVector(size, len(values), size)
    for value in reversed(values):
        prepend(value)
    return b.EndVector()


def _ints(b, values):
    return _vector(b, [int(v) for v in values], 4, b.PrependInt32)


def _offsets(b, values):
    return _vector(b, values, 4, b.PrependUOffsetTRelative)


def _buffer(b, raw):
    if raw is None:
        tflite.BufferStart(b)
        return tflite.BufferEnd(b)
    b.StartVector(1, len(raw), 16)
    b.head -= len(raw)
    b.Bytes[b.head:b.head + len(raw)] = raw
    vector = b.EndVector()
    tflite.BufferStart(b)
    tflite.BufferAddData(b, vector)
    return tflite.BufferEnd(b)


def _quantization(b, tensor):
    scales = _vector(b, [float(s) for s in tensor.scale], 4, b.PrependFloat32)
    zeros = _vector(b, [int(z) for z in tensor.zeroPoint], 8, b.PrependInt64)
    tflite.QuantizationParametersStart(b)
    tflite.QuantizationParametersAddScale(b, scales)
    tflite.QuantizationParametersAddZeroPoint(b, zeros)
    tflite.QuantizationParametersAddQuantizedDimension(b, tensor.axis)
    return tflite.QuantizationParametersEnd(b)


def _tensor(b, index, tensor, buffer):
    quantization = None if tensor.scale is None else _quantization(b, tensor)
    name = b.CreateString(f"t{index}")
    shape = _ints(b, tensor.shape)
    tflite.TensorStart(b)
    tflite.TensorAddShape(b, shape)
    tflite.TensorAddType(b, _TYPES[tensor.dtype])
    tflite.TensorAddBuffer(b, buffer)
    tflite.TensorAddName(b, name)
    if quantization is not None:
        tflite.TensorAddQuantization(b, quantization)
    if tensor.isVariable:
        tflite.TensorAddIsVariable(b, True)
    return tflite.TensorEnd(b)


def _options(b, operator):
    if operator.options is None:
        return None
    fields = {key: _ints(b, value) if isinstance(value, (list, tuple)) else
              b.CreateString(value) if isinstance(value, str) else value
              for key, value in operator.fields.items()}
    getattr(tflite, operator.options + "Start")(b)
    for key, value in fields.items():
        getattr(tflite, f"{operator.options}Add{key}")(b, value)
    return getattr(tflite, operator.options + "End")(b)


def _operator(b, operator, codeIndex):
    inputs, outputs = _ints(b, operator.inputs), _ints(b, operator.outputs)
    options = _options(b, operator)
    intermediates = _ints(b, operator.intermediates) if operator.intermediates else None
    tflite.OperatorStart(b)
    tflite.OperatorAddOpcodeIndex(b, codeIndex)
    tflite.OperatorAddInputs(b, inputs)
    tflite.OperatorAddOutputs(b, outputs)
    if intermediates is not None:
        tflite.OperatorAddIntermediates(b, intermediates)
    if options is not None:
        tflite.OperatorAddBuiltinOptionsType(b, getattr(Options, operator.options))
        tflite.OperatorAddBuiltinOptions(b, options)
    return tflite.OperatorEnd(b)


def _graph(b, tensors, operators, inputs, outputs, name, buffers, codes, codeOffsets):
    tensorOffsets, operatorOffsets = [], []
    for index, tensor in enumerate(tensors):
        buffer = 0
        if tensor.data is not None:
            buffer = len(buffers)
            buffers.append(_buffer(b, tensor.raw()))
        tensorOffsets.append(_tensor(b, index, tensor, buffer))
    for operator in operators:
        code = (operator.code, operator.version)
        if code not in codes:
            codes.append(code)
            tflite.OperatorCodeStart(b)
            tflite.OperatorCodeAddBuiltinCode(b, operator.code)
            tflite.OperatorCodeAddDeprecatedBuiltinCode(b, min(operator.code, 127))
            tflite.OperatorCodeAddVersion(b, operator.version)
            codeOffsets.append(tflite.OperatorCodeEnd(b))
        operatorOffsets.append(_operator(b, operator, codes.index(code)))
    fields = (_offsets(b, tensorOffsets), _ints(b, inputs), _ints(b, outputs),
              _offsets(b, operatorOffsets), b.CreateString(name))
    tflite.SubGraphStart(b)
    for add, value in zip((tflite.SubGraphAddTensors, tflite.SubGraphAddInputs, tflite.SubGraphAddOutputs,
                           tflite.SubGraphAddOperators, tflite.SubGraphAddName), fields):
        add(b, value)
    return tflite.SubGraphEnd(b)


def buildGraphs(graphs):
    """The bytes of a .tflite file; each graph is its tensors and operators, and the indices of the tensors
    that are its inputs and outputs. The first is the model."""
    b = flatbuffers.Builder(1024)
    buffers, codes, codeOffsets = [_buffer(b, None)], [], []
    offsets = [_graph(b, *graph, f"graph{i}" if i else "main", buffers, codes, codeOffsets)
               for i, graph in enumerate(graphs)]
    vector, bufferVector, codeVector = _offsets(b, offsets), _offsets(b, buffers), _offsets(b, codeOffsets)
    tflite.ModelStart(b)
    tflite.ModelAddVersion(b, 3)
    tflite.ModelAddOperatorCodes(b, codeVector)
    tflite.ModelAddSubgraphs(b, vector)
    tflite.ModelAddBuffers(b, bufferVector)
    b.Finish(tflite.ModelEnd(b), b"TFL3")
    return bytes(b.Output())


def build(tensors, operators, inputs, outputs):
    """A model of one graph."""
    return buildGraphs([(tensors, operators, inputs, outputs)])


def runSequence(model, samples, isOptimized=False):
    """The model's outputs as the reference kernels compute them, for samples (lists of inputs) one
    after the other: what the model keeps in variables, it keeps.
    With `isOptimized` the kernels are those of a usual build: a few operators have no others."""
    resolver = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES if isOptimized else KERNELS
    interpreter = Interpreter(model_content=model, num_threads=1, experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    results = []
    for inputs in samples:
        for details, value in zip(interpreter.get_input_details(), inputs):
            interpreter.set_tensor(details["index"], value)
        interpreter.invoke()
        results.append([interpreter.get_tensor(details["index"]) for details in interpreter.get_output_details()])
    return results


def run(model, inputs):
    """The outputs for one sample."""
    return runSequence(model, [inputs])[0]


def buildSingle(code, operands, result, options=None, version=1, **fields):
    """A model of one operator; operands that hold no data are its inputs."""
    tensors = operands + [result]
    operator = Operator(code, list(range(len(operands))), [len(operands)], options, version, **fields)
    return build(tensors, [operator], [i for i, t in enumerate(operands) if t.data is None], [len(operands)])
