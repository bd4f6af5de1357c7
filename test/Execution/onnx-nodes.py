#!/usr/bin/python3
# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Runs ONNX's backend tests of single operators: the first input is the data, all others
# are bound as constants. Those listed in onnx-nodes.txt must give what they should; all
# others must be refused with one error, so that the list says what works.
#
#   onnx-nodes.py --qcc=build/bin/qcc --work=DIR [--way=native|interpret] [--only=NAME] [--write]
#   [--part=K/N]

import argparse
import os
import shutil
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "lib"))
import host

LIST = os.path.join(here, "onnx-nodes.txt")

# TensorProto.DataType: what NumPy calls it, and the field of a TensorProto that may hold it.
TYPES = {1: np.float32, 2: np.uint8, 3: np.int8, 4: np.uint16, 5: np.int16, 6: np.int32, 7: np.int64,
         9: np.bool_, 10: np.float16, 11: np.float64, 12: np.uint32, 13: np.uint64}
NIBBLES = {21: np.uint8, 22: np.int8}


# These expect results that wrap where they leave int8, but the operator is defined to
# saturate: −236 is −128, not 20.
WRAPPED = {f"test_qlinearmatmul_{rank}_int8_{kind}" for rank in ("2D", "3D")
           for kind in ("float16", "float32")}


class Unknown(Exception):
    """An element type that NumPy has no name for."""


def fields(data):
    """The (number, value) pairs of a protobuf message: integers or bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = varint()
        kind = key & 7
        if kind == 0:
            yield key >> 3, varint()
        else:
            size = {1: 8, 5: 4}.get(kind) or varint()
            yield key >> 3, data[at:at + size]
            at += size


def varints(value):
    if isinstance(value, int):
        return [value]
    numbers, number, shift = [], 0, 0
    for byte in value:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(number)
            number = shift = 0
    return numbers


def readTensor(path):
    """Name and elements of a TensorProto file."""
    shape, kind, name, raw, typed = [], 0, "", None, []
    with open(path, "rb") as file:
        for number, value in fields(file.read()):
            if number == 1:
                shape += varints(value)
            elif number == 2:
                kind = value
            elif number == 8:
                name = value.decode()
            elif number == 9:
                raw = value
            elif number == 4:
                typed += [x[0] for x in struct.iter_unpack("<f", value)]
            elif number in (5, 7, 11):
                typed += [x - (1 << 64) if x >> 63 else x for x in varints(value)]
    if kind in NIBBLES:
        packed = np.frombuffer(raw, np.uint8) if raw is not None else np.array(typed).astype(np.uint8)
        nibbles = np.stack([packed & 15, packed >> 4], -1).reshape(-1)[:int(np.prod(shape))]
        if kind == 22:
            nibbles = nibbles.astype(np.int8) - 16 * (nibbles > 7).astype(np.int8)
        return name, nibbles.astype(NIBBLES[kind]).reshape(shape)
    if kind not in TYPES:
        raise Unknown(f"element type {kind}")
    array = np.frombuffer(raw, TYPES[kind]) if raw is not None else np.array(typed, TYPES[kind])
    array = array.reshape(shape)
    return name, array.astype(np.float32) if kind in (10, 11) else array


def outputNames(path):
    """The names of a model's outputs."""
    names = []
    with open(path, "rb") as file:
        for number, value in fields(file.read()):
            if number == 7:
                names += [dict(fields(v)).get(1, b"").decode() for n, v in fields(value) if n == 12]
    return names


def differs(actual, expected):
    if actual.size != expected.size:
        return f"{actual.shape} instead of {expected.shape}"
    actual = actual.reshape(expected.shape)
    if expected.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            error = np.abs(actual.astype(np.float64) - expected)
            good = (error <= 1e-4 * np.maximum(1, np.abs(expected))) | (actual == expected)
    else:
        good = actual == expected
    return "" if good.all() else f"{int((~good).sum())} of {good.size} elements differ"


def runTest(options, folder, work):
    """"passed", or why not: "refused …" is an error message."""
    name = os.path.basename(folder)
    os.makedirs(work)
    arguments = []
    sets = os.path.join(folder, "test_data_set_0")
    try:
        inputs = sorted((f for f in os.listdir(sets) if f.startswith("input_")),
                        key=lambda f: int(f[6:-3]))
        for i, file in enumerate(inputs):
            tensor, array = readTensor(os.path.join(sets, file))
            path = os.path.join(work, f"input{i}.npy")
            np.save(path, array)
            arguments.append(f"--{'bind' if i else 'input'}={tensor}={path}")
        outputs = outputNames(os.path.join(folder, "model.onnx"))
        expected = []
        for i, tensor in enumerate(outputs):
            expected.append(readTensor(os.path.join(sets, f"output_{i}.pb"))[1])
            arguments.append(f"--output={tensor}={os.path.join(work, f'output{i}.npy')}")
    except Unknown as unknown:
        return f"refused: {unknown}"
    way = ["--interpret"] if options.way == "interpret" else ["--guard"]
    result = subprocess.run([options.qcc, "run", os.path.join(folder, "model.onnx")] + way + arguments,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, timeout=120)
    if result.returncode == 1 and "error: " in result.stdout:
        return "refused: " + result.stdout.split("error: ", 1)[1].split("\n")[0]
    if result.returncode != 0:
        return f"exit status {result.returncode}: {result.stdout[-500:]}"
    for i, tensor in enumerate(outputs):
        difference = differs(np.load(os.path.join(work, f"output{i}.npy")), expected[i])
        if difference:
            return f"'{tensor}': {difference}"
    return "passed"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--qcc", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--way", default="native", choices=("native", "interpret"))
    parser.add_argument("--only", default="")
    parser.add_argument("--part", default="0/1", help="every N-th test from the K-th on")
    parser.add_argument("--write", action="store_true", help="write the list from what passes")
    options = parser.parse_args()
    data = host.dataDirectory(os.path.join(here, "..", ".."))
    tests = os.path.join(data or "", "onnx_node_tests")
    if not os.path.isdir(tests):
        print(f"SKIPPED no shared data at {data}; set QCC_DATA")
        sys.exit(77)
    names = sorted(n for n in os.listdir(tests) if options.only in n)
    first, step = map(int, options.part.split("/"))
    names = names[first::step]
    shutil.rmtree(options.work, ignore_errors=True)
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda n: runTest(options, os.path.join(tests, n),
                                                   os.path.join(options.work, n)), names))
    passed = [n for n, outcome in zip(names, outcomes) if outcome == "passed"]
    if options.write:
        with open(LIST, "w", encoding="utf-8") as file:
            file.writelines(n + "\n" for n in passed)
    with open(LIST, encoding="utf-8") as file:
        listed = set(file.read().split())
    listed -= WRAPPED
    wrong = 0
    for name, outcome in zip(names, outcomes):
        good = outcome == "passed" if name in listed else outcome.startswith("refused")
        good |= name in WRAPPED and "elements differ" in outcome
        wrong += not good
        print(("" if good else "WRONG ") + f"{name}: {outcome}")
    print(f"{len(passed)} of {len(names)} passed, {wrong} not as listed")
    shutil.rmtree(options.work, ignore_errors=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
