# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   peer_worker.py PEER THREADS MODEL
#
# Measures a model in another runtime whenever its input asks, as measure.h does. Runs in
# the peer's own virtual environment. MODEL "empty" is one operator on one element, whose
# time is what a call costs.

import ctypes
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy

RANDOM = numpy.random.default_rng(0)


def _random(shape, dtype):
    if numpy.issubdtype(dtype, numpy.floating):
        return RANDOM.uniform(-1, 1, shape).astype(dtype)
    if dtype == numpy.bool_:
        return RANDOM.integers(0, 2, shape).astype(dtype)
    limits = numpy.iinfo(dtype)
    return RANDOM.integers(limits.min, limits.max, shape, dtype, endpoint=True)


def _refuseAMX():
    """Makes the kernel refuse this process the use of AMX tiles: a runtime that asks takes its AVX-512 kernels."""
    load, ifEqual, answer, allowed, eperm = 0x20, 0x15, 0x06, 0x7fff0000, 0x00050001
    archPrctl, requestPermission = 158, 0x1023
    steps = [(load, 0, 0, 0), (ifEqual, 0, 3, archPrctl), (load, 0, 0, 16), (ifEqual, 0, 1, requestPermission),
             (answer, 0, 0, eperm), (answer, 0, 0, allowed)]

    class Step(ctypes.Structure):
        _fields_ = [("code", ctypes.c_uint16), ("ifTrue", ctypes.c_uint8), ("ifFalse", ctypes.c_uint8), ("k", ctypes.c_uint32)]

    class Filter(ctypes.Structure):
        _fields_ = [("count", ctypes.c_uint16), ("steps", ctypes.POINTER(Step))]

    rules = Filter(len(steps), (Step * len(steps))(*steps))
    setNoNewPrivileges, setFilter, filterMode = 38, 22, 2
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(setNoNewPrivileges, 1, 0, 0, 0) or libc.prctl(setFilter, filterMode, ctypes.byref(rules)):
        sys.exit(f"AMX cannot be refused: {os.strerror(ctypes.get_errno())}")


def _isConstant(content, index):
    """Whether a tensor of the model has a value in the file; single layers list their weights among the inputs."""
    from ai_edge_litert import schema_py_generated as schema
    model = schema.Model.GetRootAs(content)
    return model.Buffers(model.Subgraphs(0).Tensors(index).Buffer()).DataLength() > 0


def _litert(resolver):
    def prepare(path, threads):
        from ai_edge_litert.interpreter import Interpreter, OpResolverType
        if path == "empty":
            import tiny_models
            content = tiny_models.empty()
        else:
            with open(path, "rb") as file:
                content = file.read()
        interpreter = Interpreter(model_content=content, num_threads=threads,
                                  experimental_op_resolver_type=OpResolverType[resolver])
        interpreter.allocate_tensors()
        for detail in interpreter.get_input_details():
            if not _isConstant(content, detail["index"]):
                interpreter.set_tensor(detail["index"], _random(detail["shape"], detail["dtype"]))
        interpreter.invoke()
        return interpreter.invoke
    return prepare


def _emptyONNX():
    from onnx import TensorProto, helper
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "empty", [x], [y])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


def _ort(path, threads):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(_emptyONNX() if path == "empty" else path, options,
                                           providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    for value in session.get_inputs():
        shape = [d if isinstance(d, int) else 1 for d in value.shape]
        dtype = {"tensor(float)": numpy.float32, "tensor(int8)": numpy.int8, "tensor(uint8)": numpy.uint8}[value.type]
        binding.bind_cpu_input(value.name, _random(shape, dtype))
    for value in session.get_outputs():
        binding.bind_output(value.name)
    return lambda: session.run_with_iobinding(binding)


def _inFloats(path):
    """A QONNX model with its quantizers as float operations, which the runtime knows; those of constants are computed."""
    import onnx
    from onnx import helper, numpy_helper
    model = onnx.load(path)
    graph = model.graph
    known = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    nodes = []

    def constant(name, value):
        graph.initializer.append(numpy_helper.from_array(numpy.asarray(value, numpy.float32), name))
        return name

    def add(kind, inputs, output):
        nodes.append(helper.make_node(kind, inputs, [output]))
        return output

    for node in graph.node:
        x, *operands, y = *node.input, node.output[0]
        if node.op_type == "BipolarQuant":
            scale = known[operands[0]]
            if x in known:
                constant(y, numpy.where(known[x] >= 0, scale, -scale))
                continue
            isLess = add("Less", [x, constant(y + " zero", 0)], y + " is less")
            add("Where", [isLess, constant(y + " least", -scale), operands[0]], y)
        elif node.op_type == "Quant":
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            isSigned, half = attributes["signed"], 2 ** (known[operands[2]].item() - 1)
            quotient = add("Add", [add("Div", [x, operands[0]], y + " / scale"), operands[1]], y + " + zero point")
            clipped = add("Clip", [add(attributes["rounding_mode"].decode().capitalize(), [quotient], y + " rounded"),
                                   constant(y + " least", attributes["narrow"] - half if isSigned else 0),
                                   constant(y + " most", half - 1 if isSigned else 2 * half - 1 - attributes["narrow"])], y + " clipped")
            add("Mul", [add("Sub", [clipped, operands[1]], y + " - zero point"), operands[0]], y)
        elif node.domain in ("", "ai.onnx"):
            nodes.append(node)
        else:
            raise ValueError(f"{node.op_type} is not known here")
    del graph.node[:]
    graph.node.extend(nodes)
    return model.SerializeToString()


def _ortFloat(path, threads):
    return _ort(_inFloats(path), threads)


def _tvm(bits, threads):
    """A bit-serial convolution of 3x3 under the default schedule; weights of one bit are -1 and 1."""
    import tvm
    from tvm import te, topi
    bits = int(bits)
    x = te.placeholder((1, 56, 56, 64), "uint8", name="x")
    w = te.placeholder((3, 3, 64, 64), "uint8", name="w")
    y = topi.nn.bitserial_conv2d_nhwc(x, w, 1, [1, 1, 1, 1], bits, bits, pack_dtype="uint64", out_dtype="int16", unipolar=bits == 1)
    cpu = tvm.target.codegen.llvm_get_system_cpu()
    library = tvm.compile(tvm.IRModule({"main": te.create_prim_func([x, w, y])}), target=tvm.target.Target({"kind": "llvm", "mcpu": cpu}))
    tensors = [tvm.runtime.tensor(RANDOM.integers(0, 1 << bits, shape, numpy.uint8)) for shape in ((1, 56, 56, 64), (3, 3, 64, 64))]
    tensors.append(tvm.runtime.tensor(numpy.zeros((1, 56, 56, 64), numpy.int16)))
    function = library["main"]
    return lambda: function(*tensors)


def _larq(extent, threads):
    """One binary convolution: what two more of them add to a network of one."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import larq
    import larq_compute_engine
    import tensorflow
    from larq_compute_engine.tflite.python import interpreter_wrapper_lite
    extent, interpreters = int(extent), []
    x = _random((1, extent, extent, 64), numpy.float32)
    for depth in (1, 3):
        value = first = tensorflow.keras.Input(x.shape[1:], batch_size=1)
        for i in range(depth):
            if i:
                value = tensorflow.keras.layers.BatchNormalization()(value)
            value = larq.layers.QuantConv2D(64, 3, padding="same", pad_values=1.0, use_bias=False, input_quantizer="ste_sign",
                                            kernel_quantizer="ste_sign", kernel_constraint="weight_clip")(value)
        content = larq_compute_engine.convert_keras_model(tensorflow.keras.Model(first, value))
        # Not the reference kernels; indirect ones, which are faster; not XNNPACK.
        interpreters.append(interpreter_wrapper_lite.LiteInterpreter(content, threads, False, True, False))

    def measure(seconds):
        one, three = (_measure(lambda: interpreter.predict([x]), seconds / 2, time.process_time) for interpreter in interpreters)
        return (three - one) / 2
    return measure


def _timeBatch(invoke, batch, clock):
    rounds = range(batch)
    start = clock()
    for _ in rounds:
        invoke()
    return (clock() - start) / batch * 1e6


def _measure(invoke, seconds, clock):
    each = _timeBatch(invoke, 1, clock)
    warm = time.perf_counter() + seconds / 5
    while time.perf_counter() < warm:
        each = _timeBatch(invoke, int(50 / each) + 1, clock)
    batch, samples = int(50 / each) + 1, []
    end = time.perf_counter() + seconds
    while len(samples) < 3 or time.perf_counter() < end:
        samples.append(_timeBatch(invoke, batch, clock))
    return statistics.median(samples)


def _iree(path, threads):
    """The runtime's own benchmark program measures, a process each time."""
    import onnx
    folder = tempfile.mkdtemp()
    tools = os.path.dirname(sys.executable)
    if path == "empty":
        path = os.path.join(folder, "empty.onnx")
        with open(path, "wb") as file:
            file.write(_emptyONNX())
    graph = onnx.load(path).graph
    imported, module = os.path.join(folder, "model.mlir"), os.path.join(folder, "model.vmfb")
    subprocess.run([os.path.join(tools, "iree-import-onnx"), path, "-o", imported, "--opset-version=17"], check=True)
    subprocess.run([os.path.join(tools, "iree-compile"), imported, "--iree-hal-target-device=local",
                    "--iree-hal-local-target-device-backends=llvm-cpu", "--iree-llvmcpu-target-cpu=host",
                    "-o", module], check=True)
    inputs = []
    for value in graph.input:
        shape = "x".join(str(d.dim_value or 1) for d in value.type.tensor_type.shape.dim)
        inputs.append(f"--input={shape}xf32=0.5")
    device = ["--device=local-sync"] if threads == 1 else [
        "--device=local-task", f"--task_topology_group_count={threads}"]

    def measure(seconds):
        output = subprocess.run([os.path.join(tools, "iree-benchmark-module"), f"--module={module}", *device, *inputs,
                                 f"--function={graph.name}", f"--benchmark_min_time={seconds}s",
                                 "--benchmark_format=json"],
                                check=True, text=True, stdout=subprocess.PIPE).stdout
        result = json.loads(output[output.index("{"):])["benchmarks"][0]
        return result["cpu_time" if threads == 1 else "real_time"] * {"ns": 1e-3, "us": 1, "ms": 1e3, "s": 1e6}[result["time_unit"]]
    return measure


PREPARE = {
    "litert-xnnpack": _litert("BUILTIN"),
    "litert-xnnpack-no-amx": _litert("BUILTIN"),
    "litert": _litert("BUILTIN_WITHOUT_DEFAULT_DELEGATES"),
    "litert-reference": _litert("BUILTIN_REF"),
    "ort": _ort,
    "ort-float": _ortFloat,
    "tvm": _tvm,
}
# Those that measure by themselves.
MEASURE = {"iree": _iree, "larq": _larq}


def main():
    peer, threads, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    if peer == "litert-xnnpack-no-amx":
        _refuseAMX()
    if peer in MEASURE:
        measure = MEASURE[peer](path, threads)
    else:
        invoke = PREPARE[peer](path, threads)
        clock = time.process_time if threads == 1 else time.perf_counter

        def measure(seconds):
            return _measure(invoke, seconds, clock)
    print("ready", flush=True)
    for line in sys.stdin:
        word, seconds = line.split()
        if word == "measure":
            print(f"{measure(float(seconds)):.6f}", flush=True)


if __name__ == "__main__":
    main()
