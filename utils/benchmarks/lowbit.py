# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Networks and layers of few bits beside themselves in 8: the same model, compiled with --kernel=int8. That peer
# is our own 8-bit code, which is held against other runtimes elsewhere. And beside what others have for few bits.

import concurrent.futures
import contextlib
import os
import random
import statistics
import subprocess
import sys
import tempfile

import emulated
import models
from native import Native
from peers import LOW_BIT_PEERS, Worker
from program import Failure, compileModel, link
from rounds import Ratio

NETWORKS = ["qonnx/CNV_1W1A_cifar10.onnx", "qonnx/CNV_1W2A_cifar10.onnx", "qonnx/LFC_1W1A_mnist.onnx", "qonnx/TFC_1W1A.onnx",
            "qonnx/TFC_2W2A.onnx", "qonnx/kwsmlp_w3a3_mlperf_v0.7.onnx", "qonnx/ai8x_cifar10_w4a8.onnx"]
# Three convolutions of 3x3 of extent and channels: values of weights, those of activations and their type.
KINDS = {"w1a1": ([-1, 1], [-1, 1], "!qnn.bipolar<!quant.uniform<i8<-1:1>:f32, 1.0>>"),
         "w1a2": ([-1, 1], [0, 1, 2, 3], "!quant.uniform<u8<0:3>:f32, 1.0>"),
         "w2a2": ([-2, -1, 0, 1], [0, 1, 2, 3], "!quant.uniform<u8<0:3>:f32, 1.0>")}
SHAPES = [(56, 64), (28, 128), (14, 256)]
CPUS = {"this core": [], "x86-64-v3": ["--mcpu=x86-64-v3"]}
# Beside other compilers and runtimes: of which types, one convolution of 56x56x64 is theirs, and what share of their time is
# the most that ours may take. TVM's packs activations of bytes, as ours does; Larq's is the slope over networks of more layers.
PEER_LAYERS = [
    ("w1a1, activations 0 and 1", ([-1, 1], [0, 1], "!quant.uniform<u8<0:1>:f32, 1.0>"), "tvm", "1", 0.75),
    ("w2a2, unsigned", ([0, 1, 2, 3], [0, 1, 2, 3], "!quant.uniform<u8<0:3>:f32, 1.0>"), "tvm", "2", 0.75),
    ("w1a1, activations -1 and 1", KINDS["w1a1"], "larq", "56", 0.1),
]
PEER_NETWORKS = [("qonnx/CNV_1W1A_cifar10.onnx", "ort-float", 0.08)]
# How many times as fast as 8 bits; networks by their share of the time.
SPEEDUPS = {"this core": {"w1a1": 3.5, "w1a2": 1.8, "w2a2": 1.0}, "x86-64-v3": {"w1a1": 4.0, "w1a2": 2.2, "w2a2": 1.5}}
SHARES = {"CNV_1W1A_cifar10": 0.35}
# The arena beside that of 8 bits, at most, here and on other machines.
ARENA_NETWORK, ARENA_SHARES = "qonnx/CNV_1W1A_cifar10.onnx", {"CNV_1W1A_cifar10": 1 / 6}
# Layers of one bit against what a core counts of registers alone: the probe's sequence, and the least share.
COUNTING, COUNTING_SHARE, COUNTED_KIND = "vpopcntq zmm (bits)", 0.5, "w1a1"
# By estimated cycles of other machines; of microcontrollers a whole network, by instructions.
EMULATED = {"cortex-a53": {"w1a1": 4.0, "w1a2": 2.5, "w2a2": 1.6}, "cortex-a72": {"w1a1": 4.0, "w1a2": 2.5, "w2a2": 1.6},
            "spacemit-x60": {"w1a1": 2.5, "w1a2": 1.5, "w2a2": 1.0}, "cortex-m4": {}, "rv32imc": {}, "rv32imc_zbb": {}}
KEYWORD_FLOORS = {"cortex-m4": 4.0, "rv32imc": 4.0}


LAYERS = 3


def layersOf(types, extent, channels, count=LAYERS):
    """The text of `count` convolutions. A bipolar result is never 0: weights are even there, biases odd."""
    weights, activations, element = types
    draw, depth = random.Random(1), 9 * channels
    isBipolar, most = 0 not in activations, max(map(abs, activations))
    scale = 2.0 if isBipolar else round(len(activations) / (2 * depth ** 0.5 * most), 6)
    tensor = f"tensor<1x{extent}x{extent}x{channels}x{element}>"
    text, value = f"func.func @main(%x: {tensor}) -> {tensor} {{\n", "%x"

    def constant(name, values, size, shape, storage, type):
        data = b"".join(v.to_bytes(size, "little", signed=True) for v in values).hex().upper()
        return f'  {name} = qnn.constant dense<"0x{data}"> : tensor<{shape}x{storage}> as tensor<{shape}x{type}>\n'

    filter = f"{channels}x3x3x{channels}", f"!quant.uniform<i8<-127:127>:f32, {scale}>"
    middle = round(depth * statistics.mean(weights) * statistics.mean(activations))
    for i in range(count):
        step = 2 if isBipolar else 1
        values = [step * draw.choice(weights) for _ in range(channels * depth)]
        spread = int(depth ** 0.5 * most)
        biases = [draw.randint(-spread, spread) - middle | isBipolar for _ in range(channels)]
        text += constant(f"%w{i}", values, 1, filter[0], "i8", filter[1]) + constant(f"%b{i}", biases, 4, channels, "i32", "i32")
        text += (f"  %y{i} = qnn.conv2d {value}, %w{i} bias %b{i} {{padding = array<i64: 1, 1, 1, 1>, rounding = #qnn.rounding<onnx>}}"
                 f" : ({tensor}, tensor<{filter[0]}x{filter[1]}>, tensor<{channels}xi32>) -> {tensor}\n")
        value = f"%y{i}"
    return f"{text}  return {value} : {tensor}\n}}\n"


def writeLayers(directory):
    for kind in KINDS:
        for extent, channels in SHAPES:
            path = os.path.join(directory, f"{kind} {extent}x{extent}x{channels}.mlir")
            with open(path, "w") as file:
                file.write(layersOf(KINDS[kind], extent, channels))
            yield kind, models.Model(path), LAYERS * (extent * channels * 3) ** 2


def compare(options, model, cpu, cores, probe):
    """Rounds of both in alternation, and of the counting probe if there is one, and the bytes of their arenas. Of
    families that give the same code one is measured."""
    with contextlib.ExitStack() as stack:
        workers, arenas, objects = {}, {}, {}
        for family in ("auto", "int8"):
            place = stack.enter_context(tempfile.TemporaryDirectory(prefix="qcc-bench"))
            interface = compileModel(options.qcc, model, [*CPUS[cpu], f"--kernel={family}", *options.qccOptions], place)
            arenas[family] = interface.bytes["arena"]
            with open(os.path.join(place, "model.o"), "rb") as object:
                objects[family] = object.read()
            if family == "int8" and objects["auto"] == objects["int8"]:
                continue
            program = link(place, "native.c", "native", ["-pthread"])
            workers[family] = stack.enter_context(contextlib.closing(Worker([program, "1"], cores, f"{model.name}: {family}")))
        if probe:
            workers["probe"] = stack.enter_context(contextlib.closing(probe.worker(COUNTING, cores)))
        times = {family: [] for family in workers}
        for _ in range(options.rounds):
            for family, worker in workers.items():
                times[family].append(worker.measure(options.seconds))
    times.setdefault("int8", times["auto"])
    return times, arenas


def besideOthers(options, cores, directory, skipped):
    jobs = []
    for name, types, peer, spec, most in PEER_LAYERS:
        path = os.path.join(directory, f"{name}.mlir")
        with open(path, "w") as file:
            file.write(layersOf(types, 56, 64, count=1))
        jobs.append((models.Model(path), LOW_BIT_PEERS[peer], spec, most))
    for name, peer, most in PEER_NETWORKS:
        jobs += [(model, LOW_BIT_PEERS[peer], model.path, most) for model in models.find([name], skipped)]
    rows = []
    for model, peer, spec, most in jobs:
        try:
            with contextlib.ExitStack() as stack:
                place = stack.enter_context(tempfile.TemporaryDirectory(prefix="qcc-bench"))
                compileModel(options.qcc, model, options.qccOptions, place)
                program = link(place, "native.c", "native", ["-pthread"])
                commands = {"qcc": [program, "1"], "peer": peer.command(spec, 1)}
                workers = {who: stack.enter_context(contextlib.closing(Worker(command, cores, f"{model.name}: {who}")))
                           for who, command in commands.items()}
                times = {who: [] for who in workers}
                for _ in range(options.rounds):
                    for who, worker in workers.items():
                        times[who].append(worker.measure(options.seconds))
        except Failure as failure:
            skipped(f"{model.name} beside {peer.title}: {failure}")
            continue
        rows.append({"model": model.name, "peer": f"{peer.title} {peer.version()}", "most": most,
                     "us": {who: statistics.median(all) for who, all in times.items()},
                     "ratio": Ratio(times["qcc"], times["peer"]).json()})
        print(f"{model.name}: {rows[-1]['ratio']['median']:.3f} of {peer.title}", file=sys.stderr, flush=True)
    return rows


def measure(options, skipped):
    options.peers = []
    native = Native(options, skipped)
    cores = native.cores(1)
    rows = []
    with tempfile.TemporaryDirectory(prefix="qcc-bench") as directory:
        chosen = [(None, model, None) for model in models.find(NETWORKS, skipped)] + list(writeLayers(directory))
        for cpu in CPUS:
            for kind, model, macs in chosen:
                canCount = cpu == "this core" and kind == COUNTED_KIND and COUNTING in native.probe.work
                try:
                    times, arenas = compare(options, model, cpu, cores, native.probe if canCount else None)
                except Failure as failure:
                    skipped(f"{model.name}, {cpu}: {failure}")
                    continue
                rows.append({"model": model.name, "kind": kind, "cpu": cpu, "us": {who: statistics.median(all) for who, all in times.items()},
                             "speedup": Ratio(times["int8"], times["auto"]).json(), "share": Ratio(times["auto"], times["int8"]).json(),
                             "arena": arenas, "isSameCode": times["int8"] is times["auto"]})
                if canCount:
                    macsPerProbe = native.probe.work[COUNTING] / macs
                    rows[-1]["counted"] = 1 / (macsPerProbe * Ratio(times["auto"], times["probe"]).median)
                print(f"{model.name}, {cpu}: {rows[-1]['speedup']['median']:.2f} times as fast", file=sys.stderr, flush=True)
        others = besideOthers(options, cores, directory, skipped)
    return {"rows": rows, "others": others, "rounds": options.rounds}


def measureEmulated(options, skipped):
    """The same layers, and a binary keyword network on microcontrollers, on machines that are not here; and what memory
    a network takes there."""
    rows, arenas = [], []
    for model in models.find([ARENA_NETWORK], skipped):
        # Its images are floats, which the smallest have no unit for.
        for core in (core for core in emulated.LOW_BIT_CORES.values() if core.architecture != "riscv32"):
            arena = {}
            for family in ("auto", "int8"):
                with tempfile.TemporaryDirectory(prefix="qcc-bench") as place:
                    interface = compileModel(options.qcc, model, [*core.options, "--integer-only=false", f"--kernel={family}",
                                                                  *options.qccOptions], place)
                    arena[family] = interface.bytes["arena"]
            arenas.append({"model": model.name, "core": core.name, "arena": arena})
    with tempfile.TemporaryDirectory(prefix="qcc-bench") as directory:
        words = models.Model(os.path.join(directory, "keyword network.onnx"))
        subprocess.run([sys.executable, os.path.join(models.ROOT, "test", "lib", "keyword_net.py"), words.path], check=True)
        layers = [(kind, model) for kind, model, _ in writeLayers(directory)]
        cores = []
        for name in EMULATED:
            lacking = emulated.missing(emulated.LOW_BIT_CORES[name])
            if lacking:
                skipped(f"{name}: {lacking}")
            else:
                cores.append(name)
        if cores:
            emulated.prepare()

        def one(kind, model, core):
            estimates = {family: emulated.estimate(options.qcc, model, emulated.LOW_BIT_CORES[core],
                                                   [f"--kernel={family}", *options.qccOptions]).json(False)
                         for family in ("auto", "int8")}
            unit = "cycles" if kind else "instructions"
            return {"model": model.name, "kind": kind, "core": core, "speedup": estimates["int8"][unit] / estimates["auto"][unit],
                    "floor": EMULATED[core].get(kind) if kind else KEYWORD_FLOORS.get(core), **estimates}

        work = [(kind, model, core) for core in cores for kind, model in (layers if EMULATED[core] else [(None, words)])]
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for job in [pool.submit(one, *item) for item in work]:
                try:
                    rows.append(job.result())
                    print(f"{rows[-1]['model']}, {rows[-1]['core']}: {rows[-1]['speedup']:.2f}", file=sys.stderr, flush=True)
                except Failure as failure:
                    skipped(str(failure))
    return {"rows": rows, "arenas": arenas}
