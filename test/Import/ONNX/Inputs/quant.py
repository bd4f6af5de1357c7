# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# QONNX's Quant under every rounding mode, about zero points, of 1 bit and more, against its
# definition in NumPy: quant.py QCC SOURCE FOLDER [--option of qcc run …]

import os
import subprocess
import sys

import numpy as np

qcc, source, folder = sys.argv[1:4]


def awayFromZero(function):
    return lambda v: np.sign(v) * function(np.abs(v))


def dpu(v):
    return np.where((v < 0) & (v - np.floor(v) == 0.5), np.ceil(v), np.rint(v))


MODES = {
    "ROUND": np.rint, "round": np.rint, "HALF_EVEN": np.rint, "half_even": np.rint, "CEIL": np.ceil, "ceil": np.ceil,
    "FLOOR": np.floor, "floor": np.floor, "UP": awayFromZero(np.ceil), "down": np.trunc, "ROUND_TO_ZERO": np.trunc,
    "round_to_zero": np.trunc, "half_up": awayFromZero(lambda v: np.floor(v + 0.5)),
    "HALF_DOWN": awayFromZero(lambda v: np.ceil(v - 0.5)), "DPU": dpu, "dpu": dpu,
}


def quant(x, scale, zero, bits, signed, narrow, mode):
    y = x / np.float32(scale) + np.float32(zero)
    if bits == 1 and signed:
        y = np.where(y >= 0, np.float32(1), np.float32(-1))
    else:
        low = (narrow - 2 ** (bits - 1)) if signed else 0
        high = 2 ** (bits - 1) - 1 if signed else 2 ** bits - 1 - narrow
        y = MODES[mode](np.clip(y, low, high))
    return (y - np.float32(zero)) * np.float32(scale)


os.makedirs(folder, exist_ok=True)
# Half-way points, quarters and what lies beyond the ends, either side of 0.
x = (np.arange(-40, 41) / 4 * 0.125).astype(np.float32)
cases = [(0.125, zero, 4, signed, 0, mode) for mode in MODES for zero in (0, 1) for signed in (0, 1)]
cases += [(0.125, 2, 4, 1, 0, mode) for mode in ("ROUND", "UP")]
cases += [(1, 0, bits, signed, narrow, "ROUND") for bits in (1, 2, 3) for signed in (0, 1) for narrow in (0, 1)
          if not (bits == 1 and narrow and not signed)]
text, expected = "", {}
domains = ["qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general", "finn", "qonnx", "brevitas", ""]
for i, (scale, zero, bits, signed, narrow, mode) in enumerate(cases):
    # A scale of 1 as an integer: so the converter from Keras writes it.
    kind, field = ("7", "int64_data") if scale == 1 else ("1", "float_data")
    text += f'initializer {{ name: "s{i}" data_type: {kind} {field}: {scale} }}\n'
    text += f'initializer {{ name: "z{i}" data_type: 1 float_data: {zero} }}\n'
    text += f'initializer {{ name: "b{i}" data_type: 1 float_data: {bits} }}\n'
    text += (f'node {{ op_type: "{"IntQuant" if i % 5 == 4 else "Quant"}" domain: "{domains[i % len(domains)]}" '
             f'input: "x" input: "s{i}" input: "z{i}" input: "b{i}" output: "y{i}" '
             f'attribute {{ name: "signed" type: INT i: {signed} }} attribute {{ name: "narrow" type: INT i: {narrow} }} '
             f'attribute {{ name: "rounding_mode" type: STRING s: "{mode}" }} }}\n')
    text += f'output {{ name: "y{i}" type {{ tensor_type {{ elem_type: 1 }} }} }}\n'
    expected[f"y{i}"] = quant(x, scale, zero, bits, signed, narrow, mode)
# Pools of integers of 4 bits, with channels first and last: sums less their excess bits.
image = np.random.default_rng(3).integers(0, 16, (1, 6, 8, 4)).astype(np.float32)
for layout, pools in (("NHWC", 2), ("NCHW", 1)):
    data = image if layout == "NHWC" else image.transpose(0, 3, 1, 2)
    text += (f'input {{ name: "{layout}" type {{ tensor_type {{ elem_type: 1 shape {{ '
             + "".join(f"dim {{ dim_value: {d} }} " for d in data.shape) + "} } } }\n")
    for kind in ("QuantAvgPool2d", "MaxPoolNHWC")[:pools]:
        i, size = len(expected), 3 if kind == "QuantAvgPool2d" else 2
        attributes = {"kernel": size, "stride": size, "ibits": 4, "obits": 5, "signed": 0}
        if kind == "MaxPoolNHWC":
            attributes = {"kernel_shape": [size, size], "strides": [size, size], "pads": [0, 0, 0, 0]}
        text += (f'node {{ op_type: "{kind}" domain: "qonnx.custom_op.general" input: "{layout}" output: "y{i}" '
                 + "".join(f'attribute {{ name: "{k}" type: {"INTS ints" if isinstance(v, list) else "INT i"}: {v} }} '
                           for k, v in attributes.items())
                 + (f'attribute {{ name: "data_layout" type: STRING s: "{layout}" }} ' if len(attributes) == 5 else "")
                 + f'}}\noutput {{ name: "y{i}" type {{ tensor_type {{ elem_type: 1 }} }} }}\n')
        n, h, v, c = image.shape
        blocks = image[:, :h // size * size, :v // size * size].reshape(n, h // size, size, v // size, size, c)
        pooled = blocks.max((2, 4)) if kind == "MaxPoolNHWC" else blocks.sum((2, 4)) // 2 ** ((15 * 9).bit_length() - 5)
        cases.append((1, 0, 4, 0, 0, f"{kind} {layout}"))
        expected[f"y{i}"] = (pooled if layout == "NHWC" else pooled.transpose(0, 3, 1, 2)).reshape(-1)
    np.save(os.path.join(folder, f"{layout}.npy"), data)
opsets = "".join(f'opset_import {{ domain: "{domain}" version: {1 if domain else 17} }} ' for domain in domains)
text = (f'ir_version: 8 {opsets} graph {{\n{text}'
        f'input {{ name: "x" type {{ tensor_type {{ elem_type: 1 shape {{ dim {{ dim_value: {x.size} }} }} }} }} }}\n}}')
encoded = subprocess.run(["protoc", f"--proto_path={source}/third_party/onnx", "--encode=onnx.ModelProto", "onnx.proto"],
                         input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
model = os.path.join(folder, "model.onnx")
with open(model, "wb") as file:
    file.write(encoded)
np.save(os.path.join(folder, "x.npy"), x)
outputs = [f"--output={name}={folder}/{name}.npy" for name in expected]
subprocess.run([qcc, "run", model, *(f"--input={name}={folder}/{name}.npy" for name in ("x", "NHWC", "NCHW")),
                *outputs, *sys.argv[4:]], check=True)
wrong = [case for case, (name, want) in zip(cases, expected.items())
         if not np.array_equal(np.load(f"{folder}/{name}.npy").reshape(-1), want)]
for case in wrong:
    print("differs: scale {}, zero point {}, {} bits, signed {}, narrow {}, {}".format(*case))
print(f"{len(cases) - len(wrong)} of {len(cases)} quantizers equal")
sys.exit(bool(wrong))
