#!/usr/bin/python3
# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The single layers cut out of uint8 networks, against TensorFlow Lite's reference
# kernels, on this machine; and the layers that are damaged, which must be refused.
# Exits with 77 and says SKIPPED where the shared data are missing.
#
#   single-op.py --qcc=build/bin/qcc --way=x86-64-v3 --work=DIR

import argparse
import glob
import os
import re
import subprocess
import sys

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "lib"))
sys.path.insert(0, here)
import golden
import host

# Shapes that do not fit each other.
DAMAGED = ["bad_fully_connected"]
# The other three files of that folder that are called bad are sound: what these two inputs give was recorded from
# tflite-runtime 2.14's reference kernels.
SOUND_INPUTS = [np.array([[20], [230]], np.uint8), np.array([[10, 200], [128, 3]], np.uint8)]
SOUND = {"bad_broadcast_add": [[0, 92], [230, 105]], "bad_broadcast_mul": [[255, 0], [128, 0]],
         "bad_broadcast_sub": [[138, 0], [230, 255]]}


def compareOne(options, way, model, stem):
    """True when the model's outputs equal the recorded ones."""
    def recorded(kind):
        files = glob.glob(f"{glob.escape(stem)}.{kind}[0-9]*.npy")
        return sorted(files, key=lambda f: int(re.search(r"(\d+)\.npy$", f).group(1)))
    outputs = [os.path.join(options.work, f"output{i}.npy")
               for i in range(len(recorded("output")))]
    golden.run([options.qcc, "run", model] + way.options + golden.guard(way) +
               [f"--input={f}" for f in recorded("input")] +
               [f"--output={f}" for f in outputs], options.timeout)
    for got, want in zip(outputs, recorded("output")):
        golden.compare(np.load(got), np.load(want), os.path.basename(want))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--qcc", required=True)
    parser.add_argument("--way", required=True, choices=golden.WAYS)
    parser.add_argument("--work", required=True)
    parser.add_argument("--timeout", type=int, default=60)
    options = parser.parse_args()
    data = host.dataDirectory(os.path.join(here, "..", ".."))
    if "data" not in host.features(data):
        golden.skip(f"single_op_uint8: no shared data at {data}; set QCC_DATA")
    way = golden.WAYS[options.way]
    for feature in way.needs:
        if feature not in host.features(data):
            golden.skip(f"single_op_uint8 {options.way}: this machine has no {feature}")
    os.makedirs(options.work, exist_ok=True)

    compared = 0
    for model in sorted(glob.glob(os.path.join(data, "single_op_uint8", "*", "*.tflite"))):
        folder, name = model.split(os.sep)[-2:]
        stem = os.path.join(data, "golden", "single_op", f"{folder}__{name}")
        if glob.glob(f"{glob.escape(stem)}.output*"):
            compareOne(options, way, model, stem)
            compared += 1
        elif os.path.splitext(name)[0] in SOUND:
            inputs = [os.path.join(options.work, f"input{i}.npy") for i in range(2)]
            output = os.path.join(options.work, "output0.npy")
            for path, values in zip(inputs, SOUND_INPUTS):
                np.save(path, values)
            golden.run([options.qcc, "run", model] + way.options + golden.guard(way) +
                       [f"--input={path}" for path in inputs] + [f"--output={output}"], options.timeout)
            golden.compare(np.load(output), np.array(SOUND[os.path.splitext(name)[0]], np.uint8), name)
            compared += 1
        elif os.path.splitext(name)[0] in DAMAGED:
            result = subprocess.run([options.qcc, "run", model, "--output=/dev/null"] + way.options,
                                    stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if result.returncode != 1 or result.stderr.count("error:") != 1:
                golden.fail(f"{name} is not refused with one error: {result.stderr}")
            print(f"{name}: refused: {result.stderr.strip()}")
    print(f"{compared} layers agree")
    if compared < 82:
        golden.fail("82 layers have recorded outputs")


if __name__ == "__main__":
    main()
