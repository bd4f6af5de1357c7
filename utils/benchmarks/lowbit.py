# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Networks and layers of few bits beside themselves in 8: the same model, compiled with --kernel=int8. The peer
# is our own 8-bit code, which is held against other runtimes elsewhere.

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile

import models
from native import Native
from peers import Worker
from program import Failure, compileModel, link
from rounds import Ratio

NETWORKS = ["qonnx/CNV_1W1A_cifar10.onnx", "qonnx/CNV_1W2A_cifar10.onnx", "qonnx/LFC_1W1A_mnist.onnx", "qonnx/TFC_1W1A.onnx",
            "qonnx/TFC_2W2A.onnx", "qonnx/kwsmlp_w3a3_mlperf_v0.7.onnx", "qonnx/ai8x_cifar10_w4a8.onnx"]
# Three convolutions of 3x3, from values in bytes: weights, activations, extent, channels.
KINDS = {"w1a1": "w1,b", "w1a2": "w1,u2", "w2a2": "w2,u2"}
SHAPES = [(56, 64), (28, 128), (14, 256)]
CPUS = {"this core": [], "x86-64-v3": ["--mcpu=x86-64-v3"]}
# How many times as fast as 8 bits; networks by their share of the time.
SPEEDUPS = {"this core": {"w1a1": 3.5, "w1a2": 1.8, "w2a2": 1.0}, "x86-64-v3": {"w1a1": 4.0, "w1a2": 2.2, "w2a2": 1.5}}
SHARES = {"CNV_1W1A_cifar10": 0.35}


def writeLayers(directory):
    script = os.path.join(models.ROOT, "test", "Fuzz", "lowbit.py")
    for kind, types in KINDS.items():
        for extent, channels in SHAPES:
            path = os.path.join(directory, f"{kind} {extent}x{extent}x{channels}.mlir")
            with open(path, "w") as file:
                subprocess.run(["/usr/bin/python3", script, f"--bench={types},{extent},{channels}"], check=True, stdout=file)
            yield kind, models.Model(path)


def compare(options, model, cpu, cores):
    """Rounds of both in alternation, and the bytes of their arenas."""
    with contextlib.ExitStack() as stack:
        workers, arenas = {}, {}
        for family in ("auto", "int8"):
            place = stack.enter_context(tempfile.TemporaryDirectory(prefix="qcc-bench"))
            interface = compileModel(options.qcc, model, [*CPUS[cpu], f"--kernel={family}", *options.qccOptions], place)
            program = link(place, "native.c", "native", ["-pthread"])
            workers[family] = stack.enter_context(contextlib.closing(Worker([program, "1"], cores, f"{model.name}: {family}")))
            arenas[family] = interface.bytes["arena"]
        times = {family: [] for family in workers}
        for _ in range(options.rounds):
            for family, worker in workers.items():
                times[family].append(worker.measure(options.seconds))
    return times, arenas


def measure(options, skipped):
    options.peers = []
    native = Native(options, skipped)
    cores = native.cores(1)
    rows = []
    with tempfile.TemporaryDirectory(prefix="qcc-bench") as directory:
        chosen = [(None, model) for model in models.find(NETWORKS, skipped)] + list(writeLayers(directory))
        for cpu in CPUS:
            for kind, model in chosen:
                try:
                    times, arenas = compare(options, model, cpu, cores)
                except Failure as failure:
                    skipped(f"{model.name}, {cpu}: {failure}")
                    continue
                rows.append({"model": model.name, "kind": kind, "cpu": cpu, "us": {who: statistics.median(all) for who, all in times.items()},
                             "speedup": Ratio(times["int8"], times["auto"]).json(), "share": Ratio(times["auto"], times["int8"]).json(),
                             "arena": arenas})
                print(f"{model.name}, {cpu}: {rows[-1]['speedup']['median']:.2f} times as fast", file=sys.stderr, flush=True)
    return {"rows": rows, "rounds": options.rounds}
