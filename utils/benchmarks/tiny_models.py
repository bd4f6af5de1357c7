# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   tiny_models.py DIRECTORY
#
# Writes .tflite models of one operator: one on a single element (empty.tflite), and the
# single layers that are held against the machine's ceiling. Runs in LiteRT's virtual
# environment, which has the schema of these files.

import os
import sys

import flatbuffers
import numpy
from ai_edge_litert import schema_py_generated as schema

# Convolutions of int8 models: rows, columns, input channels, output channels, kernel, stride.
LAYERS = {
    "resnet8 3x3": (16, 16, 32, 32, 3, 1),
    "resnet8 3x3 of 8x8": (8, 8, 64, 64, 3, 1),
    "vww 1x1": (6, 6, 128, 128, 1, 1),
    "kws 1x1, twice as large": (25, 10, 64, 64, 1, 1),
    "mobilenet_v2 1x1 of 28x28": (28, 28, 192, 32, 1, 1),
    "mobilenet_v2 1x1 expand": (14, 14, 96, 576, 1, 1),
    "mobilenet_v2 1x1 project": (14, 14, 576, 96, 1, 1),
    "mobilenet_v2 1x1 of 7x7": (7, 7, 960, 320, 1, 1),
    "mobilenet_v1 1x1": (14, 14, 512, 512, 1, 1),
    "resnet50 1x1": (56, 56, 64, 256, 1, 1),
    "resnet50 3x3 of 56x56": (56, 56, 64, 64, 3, 1),
    "resnet50 3x3 of 28x28": (28, 28, 128, 128, 3, 1),
    "resnet50 3x3 of 14x14": (14, 14, 256, 256, 3, 1),
    "resnet50 3x3 of 7x7": (7, 7, 512, 512, 3, 1),
    "resnet50 3x3, stride 2": (56, 56, 128, 128, 3, 2),
}


class _Model:
    """A model of one graph in the making."""

    def __init__(self):
        self.model, self.graph = schema.ModelT(), schema.SubGraphT()
        self.model.version, self.model.subgraphs, self.model.buffers = 3, [self.graph], [schema.BufferT()]
        self.graph.tensors, self.graph.operators = [], []

    def tensor(self, name, dtype, shape, scales, zeroPoint=0, data=None):
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(shape), dtype, 0
        tensor.quantization = schema.QuantizationParametersT()
        tensor.quantization.scale = [float(s) for s in scales]
        tensor.quantization.zeroPoint = [zeroPoint] * len(scales)
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = numpy.frombuffer(data.tobytes(), numpy.uint8)
            tensor.buffer = len(self.model.buffers)
            self.model.buffers.append(buffer)
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def finish(self, builtin, version, optionsType, options, inputs, output, graphInputs):
        code, operator = schema.OperatorCodeT(), schema.OperatorT()
        code.builtinCode = code.deprecatedBuiltinCode = builtin
        code.version = version
        operator.opcodeIndex, operator.inputs, operator.outputs = 0, inputs, [output]
        operator.builtinOptionsType, operator.builtinOptions = optionsType, options
        self.model.operatorCodes, self.graph.operators = [code], [operator]
        self.graph.inputs, self.graph.outputs = graphInputs, [output]
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def empty():
    """x + x, of one element."""
    made = _Model()
    x = made.tensor("x", schema.TensorType.INT8, [1], [1.0])
    y = made.tensor("y", schema.TensorType.INT8, [1], [1.0])
    return made.finish(schema.BuiltinOperator.ADD, 2, schema.BuiltinOptions.AddOptions, schema.AddOptionsT(), [x, x], y, [x])


def convolution(rows, columns, inputChannels, outputChannels, kernel, stride):
    """int8 with a scale for each channel, weights as a normal distribution leaves them, padding SAME, ReLU."""
    random = numpy.random.default_rng(0)
    weights = numpy.clip(numpy.rint(random.normal(0, 35, (outputChannels, kernel, kernel, inputChannels))), -127, 127)
    bias = random.integers(-2000, 2000, outputChannels)
    scales = 0.003 * random.uniform(0.5, 2, outputChannels)
    deviation = 35 * 60 * 0.003 * 0.02 * (kernel * kernel * inputChannels) ** 0.5
    made = _Model()
    x = made.tensor("x", schema.TensorType.INT8, [1, rows, columns, inputChannels], [0.02], -3)
    w = made.tensor("w", schema.TensorType.INT8, weights.shape, scales, 0, weights.astype(numpy.int8))
    b = made.tensor("b", schema.TensorType.INT32, [outputChannels], scales * 0.02, 0, bias.astype(numpy.int32))
    shape = [1, -(-rows // stride), -(-columns // stride), outputChannels]
    y = made.tensor("y", schema.TensorType.INT8, shape, [deviation / 60], -128)
    options = schema.Conv2DOptionsT()
    options.padding, options.strideH, options.strideW = schema.Padding.SAME, stride, stride
    options.dilationHFactor = options.dilationWFactor = 1
    options.fusedActivationFunction = schema.ActivationFunctionType.RELU
    return made.finish(schema.BuiltinOperator.CONV_2D, 3, schema.BuiltinOptions.Conv2DOptions, options, [x, w, b], y, [x])


def main():
    for name, content in [("empty", empty())] + [(name, convolution(*shape)) for name, shape in LAYERS.items()]:
        with open(os.path.join(sys.argv[1], name + ".tflite"), "wb") as file:
            file.write(content)


if __name__ == "__main__":
    main()
