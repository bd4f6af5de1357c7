#!/usr/bin/python3
# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Runs one model one way and compares every output element with what the program
# that defines the model's arithmetic computed: integers equal, floats within
# 1e-4 * max(1, |b|). One call is one ctest test; it exits with 77 and says SKIPPED
# and why, when this machine lacks the data, the emulator or the instruction set.
#
#   golden.py --qcc=build/bin/qcc --model=mlperf_tiny/ad01_int8 --way=aarch64-a53
#             --work=DIR [--set=golden|kws01|ic01|shipped|layers] [--rounding=xnnpack]
#             [--samples=N]

import argparse
import os
import shutil
import subprocess
import sys

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "lib"))
import c_program
import host

SKIPPED = 77


class Way:
    """How a model is run: on the host by `qcc run`, or as a program under an emulator."""

    def __init__(self, options, needs=(), emulator=None, compiler=None):
        self.options = options  # of qcc
        self.compiler = compiler  # of the portable C, or None for objects
        self.needs = needs  # features of the machine
        self.emulator = emulator  # the command before the program, or None for qcc run


def _riscv(vlen):
    return ["qemu-riscv64", "-cpu", f"rv64,v=true,vext_spec=v1.0,vlen={vlen}"]


def _cortexM(triple, machine, *options):
    return Way([f"--target={triple}", *options], ["qemu-system-arm"], ["qemu-system-arm", "-M", machine])


def _bareRiscv(bits, *options):
    emulator = f"qemu-system-riscv{bits}"
    return Way([f"--target=riscv{bits}-unknown-elf", *options], [emulator],
               [emulator, "-M", "virt", "-bios", "none"])


def _armv7(cpu, *options):
    return Way(["--target=armv7-linux-gnueabihf", f"--mcpu={cpu}", *options], ["qemu-arm"],
               ["qemu-arm", "-cpu", cpu])


_ARM64 = ["--target=aarch64-linux-gnu"]
_RISCV64 = ["--target=riscv64-linux-gnu"]

WAYS = {
    "interpret": Way(["--interpret"]),
    "x86-64-v2": Way(["--mcpu=x86-64-v2"], ["x86-64-v2"]),
    "x86-64-v3": Way(["--mcpu=x86-64-v3"], ["x86-64-v3"]),
    "x86-64-v4": Way(["--mcpu=x86-64-v4"], ["x86-64-v4"]),
    "native": Way(["--mcpu=native"]),
    # The parts of layers on threads; and in turn, each from the same memory (see IsolatedParts.h).
    "threads-2": Way(["--threads=2"]),
    "threads-3": Way(["--threads=3"]),
    "threads-3-guard": Way(["--threads=3", "--guard"]),
    "x86-64-v3-threads-2-guard": Way(["--mcpu=x86-64-v3", "--threads=2", "--guard"], ["x86-64-v3"]),
    "aarch64-threads-2": Way(_ARM64 + ["--mcpu=cortex-a53", "--threads=2"], ["qemu-aarch64"],
                             ["qemu-aarch64", "-cpu", "cortex-a53"]),
    "riscv64-threads-3": Way(_RISCV64 + ["--mattr=+v", "--threads=3"], ["qemu-riscv64"], _riscv(256)),
    "aarch64-cortex-a53": Way(_ARM64 + ["--mcpu=cortex-a53"], ["qemu-aarch64"],
                              ["qemu-aarch64", "-cpu", "cortex-a53"]),
    "aarch64-dotprod": Way(_ARM64 + ["--mattr=+dotprod"], ["qemu-aarch64"],
                           ["qemu-aarch64", "-cpu", "max"]),
    "riscv64-scalar": Way(_RISCV64, ["qemu-riscv64"], ["qemu-riscv64", "-cpu", "rv64,v=false"]),
    "riscv64-v128": Way(_RISCV64 + ["--mattr=+v"], ["qemu-riscv64"], _riscv(128)),
    "riscv64-v256": Way(_RISCV64 + ["--mattr=+v"], ["qemu-riscv64"], _riscv(256)),
    "riscv64-v512": Way(_RISCV64 + ["--mattr=+v"], ["qemu-riscv64"], _riscv(512)),
    "aarch64-i8mm": Way(_ARM64 + ["--mattr=+dotprod,+i8mm"], ["qemu-aarch64"],
                        ["qemu-aarch64", "-cpu", "max"]),
    "riscv64-zbb": Way(_RISCV64 + ["--mattr=+zbb"], ["qemu-riscv64"],
                       ["qemu-riscv64", "-cpu", "rv64,v=false,zbb=true"]),
    "armv7-cortex-a7": _armv7("cortex-a7"),
    "armv7-cortex-a9": _armv7("cortex-a9"),
    # No machine has a Cortex-M0+ and the memory for a model: a Cortex-M3 that faults on what
    # the smaller core lacks, unaligned accesses, and qcc checks each instruction itself.
    "cortex-m0plus": _cortexM("thumbv6m-none-eabi", "mps2-an385"),
    "cortex-m3": _cortexM("thumbv7m-none-eabi", "mps2-an385"),
    "cortex-m4": _cortexM("thumbv7em-none-eabihf", "mps2-an386", "--mcpu=cortex-m4"),
    "cortex-m7": _cortexM("thumbv7em-none-eabihf", "mps2-an500", "--mcpu=cortex-m7"),
    "cortex-m33": _cortexM("thumbv8m.main-none-eabihf", "mps2-an505"),
    "cortex-m55": _cortexM("thumbv8.1m.main-none-eabihf", "mps3-an547"),
    # "soft": floats do not go through registers of their own.
    "cortex-m4-soft": _cortexM("thumbv7em-none-eabi", "mps2-an386"),
    "cortex-m23": _cortexM("thumbv8m.base-none-eabi", "mps2-an505"),
    "cortex-m33-soft": _cortexM("thumbv8m.main-none-eabi", "mps2-an505"),
    "riscv32-imc": _bareRiscv(32),
    "riscv32-imac-zbb": _bareRiscv(32, "--mattr=+a,+zbb"),
    "riscv64-imc": _bareRiscv(64),
    "generic-c": Way(["--emit=c"], ["gcc"], [],
                     ["gcc", "-std=c99", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion",
                      "-Wno-sign-conversion",
                      "-Wshadow", "-Wcast-align", "-Werror"]),
    "generic-c-sanitized": Way(["--emit=c"], ["gcc"], [],
                               ["gcc", "-std=c99", "-O1", "-fsanitize=undefined,address",
                                "-fno-sanitize-recover=all"]),
}


def skip(reason):
    print(f"SKIPPED {reason}")
    sys.exit(SKIPPED)


def fail(reason):
    print(f"FAILED {reason}")
    sys.exit(1)


def run(command, timeout, directory=None):
    print("+", " ".join(command), flush=True)
    try:
        result = subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        fail(f"no end after {timeout} s")
    if result.returncode != 0:
        fail(f"exit status {result.returncode}\n{result.stdout[-4000:]}")
    return result.stdout


def emulate(way, program, arguments):
    """The command that runs a program for another machine with these arguments."""
    if not way.emulator:
        return [os.path.join(".", program)] + arguments
    if not way.emulator[0].startswith("qemu-system-"):
        return way.emulator + [program] + arguments
    # Semihosting hands the arguments over; the image opens host files itself.
    semihosting = ",".join(["enable=on", "target=native", f"arg={program}"] +
                           [f"arg={a}" for a in arguments])
    return way.emulator + ["-nographic", "-monitor", "none", "-serial", "none",
                           "-semihosting-config", semihosting, "-kernel", program]


def guard(way):
    """Compiled code runs between guard pages; programs do so by themselves, and parts of layers in turn then, not on
    threads, so that a way with threads says which of the two it is."""
    return [] if "--interpret" in way.options or any(o.startswith("--threads") for o in way.options) else ["--guard"]


# Data's README: variables are reset before every sample for these, once before the first for all others.
RESET_EACH = ("rnn/",)
# Samples that follow each other: what a few of them give depends on those before.
SEQUENCES = ("speech/mww_", "speech/dtln_")


def shareDirectory(qcc):
    return os.path.join(os.path.dirname(os.path.realpath(qcc)), "..", "share", "qcc")


def compute(options, way, model, inputPath, outputPath):
    """Runs the model on all samples of one .npy, writes the other."""
    reset = ["--reset-each"] if options.model.startswith(RESET_EACH) else []
    if way.emulator is None:
        run([options.qcc, "run", model] + way.options + guard(way) +
            [f"--input={inputPath}", f"--output={outputPath}"] + reset, options.timeout)
        return
    program = os.path.join(options.work, "program")
    if way.compiler:
        source = os.path.join(options.work, "model.c")
        run([options.qcc, model] + way.options + ["-o", source], options.timeout)
        print("+", " ".join(way.compiler), source, flush=True)
        try:
            c_program.build(source, program, way.compiler, shareDirectory(options.qcc))
        except subprocess.CalledProcessError as error:
            fail(error.stdout[-4000:])
    else:
        run([options.qcc, model] + way.options + ["--emit=exe", "-o", program], options.timeout)
    # Short names: the semihosting command line is a buffer of fixed size.
    names = [os.path.basename(path) for path in (inputPath, outputPath)]
    run(emulate(way, "program", [f"--input={names[0]}", f"--output={names[1]}"] + reset),
        options.timeout, options.work)


def compare(actual, expected, what, halfway=0.0):
    """Every element: integers equal, floats within the bound that the data states. Of quantizers
    that the origin evaluates in float32, a share of `halfway` may be one step away."""
    if actual.size != expected.size:
        fail(f"{what}: {actual.size} elements {actual.shape}, expected {expected.size} "
             f"{expected.shape}")
    if actual.dtype != expected.dtype:
        fail(f"{what}: type {actual.dtype}, expected {expected.dtype}")
    actual = actual.reshape(expected.shape)
    if expected.dtype.kind == "f":
        error = np.abs(actual.astype(np.float64) - expected)
        wrong = ~(error <= 1e-4 * np.maximum(1, np.abs(expected)))  # NaN is wrong
    else:
        error = np.abs(actual.astype(np.int64) - expected.astype(np.int64))
        wrong = error != 0
    if 0 < wrong.sum() <= halfway * wrong.size:
        step = np.abs(np.diff(np.unique(expected))).min()
        if error.max() <= 1.001 * step:
            print(f"{what}: {int(wrong.sum())} of {wrong.size} elements are one step away")
            return
    if wrong.any():
        first = tuple(int(i) for i in np.argwhere(wrong)[0])
        fail(f"{what}: {int(wrong.sum())} of {wrong.size} elements differ, by up to "
             f"{error.max()}; the first at {first}: {actual[first]}, expected {expected[first]}")
    print(f"{what}: all {expected.size} elements agree")


def load(options, data):
    """The model's path and its (inputs, expected outputs)."""
    if options.set == "shipped":
        folder = os.path.join(here, "..", "data")
        pixels = np.load(os.path.join(folder, "cifar10_100_images.npy"))
        inputs = (pixels.astype(np.int16) - 128).astype(np.int8)
        expected = np.load(os.path.join(folder, "cifar10_100_expected.npy"))
        return os.path.join(folder, options.model + ".tflite"), inputs, expected
    if options.model.endswith(".onnx"):
        # ONNX Runtime's results, or those of QONNX's own executor.
        model = os.path.join(data, options.model)
        stem = os.path.join(data, "golden", os.path.basename(model))
        outputs = [stem + suffix for suffix in (".output_ort.npy", ".output_qonnx.npy")]
        return model, np.load(stem + ".input.npy"), np.load(next(filter(os.path.exists, outputs)))
    model = os.path.join(data, options.model + ".tflite")
    if options.set == "kws01":
        inputs = np.load(os.path.join(data, "eval/kws01/kws01_x.npy")).reshape(-1, 49, 10, 1)
        whose = "_other_kernels" if options.rounding == "xnnpack" else ""
        return model, inputs, np.load(os.path.join(data, f"eval/kws01/kws01_expected_int8{whose}.npy"))
    if options.set == "ic01":
        pixels = np.load(os.path.join(data, "eval/ic01/ic01_partial_x.npy"))
        inputs = (pixels.astype(np.int16) - 128).astype(np.int8)
        return model, inputs, np.load(os.path.join(data, "eval/ic01/ic01_partial_expected_int8.npy"))
    stem = os.path.join(data, "golden", os.path.basename(model))
    suffix = ".output_xnnpack.npy" if options.rounding == "xnnpack" else ".output.npy"
    return model, np.load(stem + ".input.npy"), np.load(stem + suffix)


def overwritten(layers, keys, position):
    """TensorFlow Lite's ADD works in place, so that where its operand was recorded there is the sum."""
    following = keys[position + 1:position + 2]
    return bool(following and following[0].endswith("_ADD") and
                np.array_equal(layers[keys[position]], layers[following[0]]))


def compareLayers(options, way, data):
    """Every operator's result for sample 0, through --dump-tensors."""
    model, inputs, _ = load(options, data)
    layers = np.load(os.path.join(data, "golden", os.path.basename(model) + ".sample0_tensors.npz"))
    inputPath = os.path.join(options.work, "input.npy")
    np.save(inputPath, inputs[:1])
    dump = os.path.join(options.work, "tensors")
    shutil.rmtree(dump, ignore_errors=True)
    os.makedirs(dump)
    run([options.qcc, "run", model] + way.options + guard(way) +
        [f"--input={inputPath}", f"--output={options.work}/output.npy", f"--dump-tensors={dump}"],
        options.timeout)
    files = sorted(f for f in os.listdir(dump) if f.endswith(".npy"))
    compared, keys = 0, list(layers.keys())
    for position, key in enumerate(keys):
        index = key.split("_")[0]
        if overwritten(layers, keys, position):
            print(f"{key}: not compared, the recording holds the ADD that overwrote it")
            continue
        matches = [f for f in files if f.split("_")[0] == index]
        if not matches:
            if options.every:
                fail(f"{key}: no such tensor among {' '.join(files)}")
            continue
        compare(np.load(os.path.join(dump, matches[0])), layers[key], f"{key} ({matches[0]})")
        compared += 1
    print(f"{compared} of {len(layers)} layers compared")
    if compared * 2 < len(layers):
        fail("fewer than half of the layers were dumped")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--qcc", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--way", required=True, choices=WAYS)
    parser.add_argument("--work", required=True)
    parser.add_argument("--set", default="golden",
                        choices=("golden", "kws01", "ic01", "shipped", "layers"))
    parser.add_argument("--rounding", default="tflite", choices=("tflite", "xnnpack"))
    parser.add_argument("--samples", type=int, default=0, help="so many, from first to last; 0: all")
    parser.add_argument("--every", action="store_true", help="layers: each must be there")
    parser.add_argument("--halfway", type=float, default=0.0,
                        help="share of the elements that may be one step away")
    parser.add_argument("--timeout", type=int, default=280)
    options = parser.parse_args()

    data = host.dataDirectory(os.path.join(here, "..", ".."))
    features = host.features(data)
    if options.set != "shipped" and "data" not in features:
        skip(f"{options.model} {options.way}: no shared data at {data}; set QCC_DATA")
    way = WAYS[options.way]
    way.options = way.options + [f"--rounding={options.rounding}"]
    for feature in way.needs:
        if feature not in features:
            skip(f"{options.model} {options.way}: this machine has no {feature}")

    shutil.rmtree(options.work, ignore_errors=True)
    os.makedirs(options.work)
    if options.set == "layers":
        compareLayers(options, way, data)
    else:
        model, inputs, expected = load(options, data)
        if options.samples:
            # Real samples come first in the golden files, random ones last: take both.
            chosen = np.unique(np.linspace(0, len(inputs) - 1, options.samples).astype(int))
            if options.model.startswith(SEQUENCES):
                chosen = np.arange(min(options.samples, len(inputs)))
            inputs, expected = inputs[chosen], expected[chosen]
        inputPath = os.path.join(options.work, "input.npy")
        outputPath = os.path.join(options.work, "output.npy")
        np.save(inputPath, inputs)
        compute(options, way, model, inputPath, outputPath)
        compare(np.load(outputPath), expected, f"{options.model} {options.way}", options.halfway)
    shutil.rmtree(options.work, ignore_errors=True)  # kept only where something failed


if __name__ == "__main__":
    main()
