# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# A product whose input is annotated as UINT4 and whose weights have a bit width for each output, run against
# NumPy: mixed.py QCC SOURCE FOLDER [--option of qcc run …]

import os
import subprocess
import sys

import numpy as np

qcc, source, folder = sys.argv[1:4]
random = np.random.default_rng(11)
depth, outputs, samples = 96, 128, 5
bits = np.repeat([2, 4, 3, 7], outputs // 4)
w = random.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (depth, outputs)) * 0.5


def tensor(name, array):
    dims = " ".join(f"dims: {d}" for d in array.shape)
    return f'initializer {{ name: "{name}" {dims} data_type: 1 float_data: [{", ".join(map(str, array.flat))}] }}\n'


# Weights beyond what their bits hold are clamped.
beyond = np.where(random.random(w.shape) < 0.01, w * 200, w)
text = tensor("w", beyond) + tensor("s", np.array(0.5))
text += tensor("z", np.array(0.0)) + tensor("b", bits.reshape(1, outputs).astype(float))
text += '''
node { input: "w" input: "s" input: "z" input: "b" output: "q" op_type: "Quant" domain: "qonnx.custom_op.general" }
node { input: "x" input: "q" output: "y" op_type: "MatMul" }
quantization_annotation { tensor_name: "x" quant_parameter_tensor_names { key: "finn_datatype" value: "UINT4" } }
output { name: "y" type { tensor_type { elem_type: 1 } } }
''' + f'input {{ name: "x" type {{ tensor_type {{ elem_type: 1 shape {{ dim {{ dim_value: 1 }} dim {{ dim_value: {depth} }} }} }} }} }}'
text = ('ir_version: 8 opset_import { version: 13 } opset_import { domain: "qonnx.custom_op.general" version: 1 }\n'
        f"graph {{ {text} }}")
encoded = subprocess.run(["protoc", f"--proto_path={source}/third_party/onnx", "--encode=onnx.ModelProto", "onnx.proto"],
                         input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
os.makedirs(folder, exist_ok=True)
model = os.path.join(folder, "model.onnx")
with open(model, "wb") as file:
    file.write(encoded)
# What the annotation rules out is rounded and clamped.
x = random.integers(0, 16, (samples, depth)).astype(np.float32)
x[-1] += random.choice([0, 0.25, -20, 30], depth).astype(np.float32)
np.save(os.path.join(folder, "x.npy"), x)
subprocess.run([qcc, "run", model, "--strict", f"--input={folder}/x.npy", f"--output={folder}/y.npy", *sys.argv[4:]],
               check=True)
clamped = np.clip(np.rint(beyond / 0.5), -(2.0 ** (bits - 1)), 2.0 ** (bits - 1) - 1) * 0.5
expected = np.clip(np.rint(x), 0, 15).astype(np.float64) @ clamped
actual = np.load(f"{folder}/y.npy").reshape(expected.shape)
print("equal" if np.array_equal(actual, expected) else f"{(actual != expected).sum()} of {actual.size} differ")
sys.exit(not np.array_equal(actual, expected))
