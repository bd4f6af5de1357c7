# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ONNX Runtime's MatMulNBits, called from as many sessions in turn as memory is to hold weights of:
# gemv_peer.py BITS DEPTH OUTPUTS BLOCK SECONDS BYTES prints the median in µs.

import sys
import time

import numpy as np
import onnx
import onnxruntime as ort
from onnx import helper

bits, depth, outputs, block = map(int, sys.argv[1:5])
seconds, most = float(sys.argv[5]), int(sys.argv[6])
rng = np.random.default_rng(1)
blocks = depth // block
packed = rng.integers(0, 256, (outputs, blocks, block * bits // 8), dtype=np.uint8)
scales = ((rng.random(outputs * blocks) + 0.5) * 0.01).astype(np.float32)
node = helper.make_node("MatMulNBits", ["x", "w", "s"], ["y"], domain="com.microsoft", K=depth, N=outputs, bits=bits,
                        block_size=block, accuracy_level=4)
graph = helper.make_graph(
    [node], "g", [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, depth])],
    [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1, outputs])],
    [helper.make_tensor("w", onnx.TensorProto.UINT8, packed.shape, packed.tobytes(), raw=True),
     helper.make_tensor("s", onnx.TensorProto.FLOAT, scales.shape, scales.tobytes(), raw=True)])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)])
model.ir_version = 9
blob = model.SerializeToString()
options = ort.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
x = rng.standard_normal((1, depth)).astype(np.float32)
bindings = []
for _ in range(most // (packed.nbytes + scales.nbytes) + 1):
    session = ort.InferenceSession(blob, options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    binding.bind_cpu_input("x", x)
    binding.bind_output("y")
    session.run_with_iobinding(binding)
    bindings.append((session, binding))
times, end = [], time.perf_counter() + seconds
while time.perf_counter() < end or len(times) < 3 * len(bindings):
    for session, binding in bindings:
        start = time.perf_counter_ns()
        session.run_with_iobinding(binding)
        times.append((time.perf_counter_ns() - start) / 1e3)
print(f"{np.median(times):.3f}")
