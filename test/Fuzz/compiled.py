#!/usr/bin/python3
# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Damaged models that are imported after all go through the whole compiler: their
# shapes, scales and zero points are ones that no converter writes. Each is either
# compiled to code that equals the interpreter on random input, or refused with
# one error; never a crash, a hang or a different result. An error of the back end
# or of the object check comes too late: it is a failure.
#
#   compiled.py --fuzz=build/test/Fuzz/fuzz-import --qcc=build/bin/qcc --work=DIR
#               [--count=N] [--seed=N] [--way=cortex-m0plus] model.tflite ...
#
# --way: one of test/Execution/golden.py; those with an emulator link a program for
# each model and run it there.

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(here, "..", "Execution"), os.path.join(here, "..", "lib")]
import golden
import host

SECONDS = 60  # for one command; --seconds
BYTES = 6 << 30  # of address space: LLVM's libraries alone take one


def limitMemory():
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))


LATE = ("generated object breaks", "code generation failed", "invalid LLVM IR",
        "cannot be translated", "the back end")


class Trouble(Exception):
    """What is wrong with qcc."""


class Refused(Exception):
    """qcc refused the model with one error."""


def call(command, directory=None):
    """Standard output; else raises what happened."""
    try:
        run = subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, timeout=SECONDS, preexec_fn=limitMemory)
    except subprocess.TimeoutExpired:
        raise Trouble("takes longer than %d s: %s" % (SECONDS, " ".join(command)))
    errors = run.stderr.decode(errors="replace")
    count = errors.count("error: ")
    if run.returncode == 0 and count == 0:
        return run.stdout.decode(errors="replace")
    what = "status %d, %d errors: %s" % (run.returncode, count, errors[-600:])
    if run.returncode == 1 and count == 1 and not any(late in errors for late in LATE):
        raise Refused(what)
    raise Trouble(what)


def makeInput(info, path, random):
    """Values of a model's input over all that its type can hold."""
    shape, kind = info["shape"], info["type"]
    if kind.startswith("float"):
        values = random.uniform(-4, 4, shape).astype(np.float32)
    elif kind == "bool":
        values = random.integers(0, 2, shape).astype(bool)
    else:
        limits = np.iinfo(kind)
        values = random.integers(limits.min, limits.max, shape, dtype=kind, endpoint=True)
    np.save(path, values)


def equal(a, b):
    if a.dtype.kind != "f":
        return a.dtype == b.dtype and np.array_equal(a.ravel(), b.ravel())
    a, b = a.astype(np.float64).ravel(), b.astype(np.float64).ravel()
    with np.errstate(invalid="ignore"):
        close = np.abs(a - b) <= 1e-4 * np.maximum(1, np.abs(b))
    return bool(np.all(close | (a == b) | (np.isnan(a) & np.isnan(b))))


def emulate(qcc, model, way, work, draw=makeInput):
    """Runs the interpreter here and the code there, and compares. draw(info, path, random) makes an input."""
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    described = json.loads(call([qcc, "info", model, "--json"]))
    inputs, outputs = described["inputs"], described["outputs"]
    random = np.random.default_rng(len(inputs) + len(described["operations"]))
    for i, info in enumerate(inputs):
        draw(info, os.path.join(work, "i%d.npy" % i), random)
    reads = ["--input=i%d.npy" % i for i in range(len(inputs))]
    call([qcc, "run", os.path.abspath(model), "--interpret"] + reads +
         ["--output=e%d.npy" % i for i in range(len(outputs))], work)
    call([qcc, model] + way.options + ["--emit=exe", "-o", os.path.join(work, "program")])
    try:
        call(golden.emulate(way, "program", reads + ["--output=a%d.npy" % i for i in range(len(outputs))]),
             work)
    except Refused as problem:
        raise Trouble("the program stopped: %s" % problem)
    for i in range(len(outputs)):
        expected, actual = (np.load(os.path.join(work, "%s%d.npy" % (which, i))) for which in "ea")
        if not equal(actual, expected):
            raise Trouble("output %d differs from the interpreter's" % i)


def verdict(qcc, model, way, work):
    """None when all is well, else what is wrong; and whether it was compiled."""
    try:
        if way is None or way.emulator is None:
            call([qcc, "diff", model, "interpret", "native"] + (way.options if way else []))
        else:
            emulate(qcc, model, way, work)
    except Refused:
        return None, False
    except Trouble as problem:
        return str(problem), False
    return None, True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fuzz", required=True)
    parser.add_argument("--qcc", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--count", default="400")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--way", choices=golden.WAYS)
    parser.add_argument("--seconds", type=int, default=SECONDS, help="for one command")
    parser.add_argument("models", nargs="+")
    args = parser.parse_args()
    globals()["SECONDS"] = args.seconds
    way = golden.WAYS[args.way] if args.way else None
    features = host.features(host.dataDirectory(os.path.join(here, "..", "..")))
    for feature in way.needs if way else ():
        if feature not in features:
            golden.skip("%s: this machine has no %s" % (args.way, feature))

    shutil.rmtree(args.work, ignore_errors=True)
    os.makedirs(args.work)
    subprocess.run([args.fuzz, "--count=" + args.count, "--seed=" + args.seed,
                    "--keep=" + args.work, "--save=" + args.work] + args.models,
                   check=True)
    models = sorted(os.listdir(args.work))
    compiled = failed = 0
    qcc = os.path.abspath(args.qcc)
    for name in models:
        problem, isCompiled = verdict(qcc, os.path.join(args.work, name), way,
                                      os.path.join(args.work, "run"))
        compiled += isCompiled
        if problem:
            failed += 1
            print("FAILED: %s: %s" % (name, problem))
    print("%d of them compiled and equal to the interpreter, %d refused, %d failed"
          % (compiled, len(models) - compiled - failed, failed))
    # A test that compiles next to nothing proves next to nothing.
    sys.exit(failed != 0 or compiled * 2 < len(models) or not models)


if __name__ == "__main__":
    main()
