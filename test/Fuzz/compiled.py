#!/usr/bin/python3
# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Damaged models that are imported after all go through the whole compiler: their
# shapes, scales and zero points are ones that no converter writes. Each is either
# compiled to code that equals the interpreter on random input, or refused with
# one error; never a crash, a hang or a different result.
#
#   compiled.py --fuzz=build/test/Fuzz/fuzz-import --qcc=build/bin/qcc --work=DIR
#               [--count=N] [--seed=N] model.tflite ...

import argparse
import os
import resource
import shutil
import subprocess
import sys

SECONDS = 60
BYTES = 6 << 30  # of address space: LLVM's libraries alone take one


def limitMemory():
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))


def verdict(qcc, model):
    """None when all is well, else what is wrong; and whether it was compiled."""
    try:
        run = subprocess.run([qcc, "diff", model, "interpret", "native"],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             timeout=SECONDS, preexec_fn=limitMemory)
    except subprocess.TimeoutExpired:
        return "takes longer than %d s" % SECONDS, False
    output = run.stdout.decode(errors="replace")
    errors = output.count("error: ")
    if run.returncode == 0 and errors == 0:
        return None, True
    if run.returncode == 1 and errors == 1:
        return None, False
    return "status %d, %d errors: %s" % (run.returncode, errors, output[-600:]), False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fuzz", required=True)
    parser.add_argument("--qcc", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--count", default="400")
    parser.add_argument("--seed", default="1")
    parser.add_argument("models", nargs="+")
    args = parser.parse_args()

    shutil.rmtree(args.work, ignore_errors=True)
    os.makedirs(args.work)
    subprocess.run([args.fuzz, "--count=" + args.count, "--seed=" + args.seed,
                    "--keep=" + args.work, "--save=" + args.work] + args.models,
                   check=True)
    models = sorted(os.listdir(args.work))
    compiled = failed = 0
    for name in models:
        problem, isCompiled = verdict(args.qcc, os.path.join(args.work, name))
        compiled += isCompiled
        if problem:
            failed += 1
            print("FAILED: %s: %s" % (name, problem))
    print("%d of them compiled and equal to the interpreter, %d refused, %d failed"
          % (compiled, len(models) - compiled - failed, failed))
    # A test that compiles next to nothing proves next to nothing.
    sys.exit(failed != 0 or compiled * 2 < len(models) or not models)


main()
