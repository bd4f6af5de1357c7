# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# qcc beside other runtimes on this machine. Everything that is compared is prepared once
# and then measured in turn, round after round, on the same cores.

import contextlib
import json
import math
import os
import resource
import statistics
import subprocess
import tempfile

from models import ROOT
from peers import PEERS, PLACE, Worker
from program import HERE, Failure, clang, compileModel, link, run
from rounds import Ratio

# Integer sequences by the features that code needs for them, the fastest first. vpmaddubsw is
# none of them: it saturates with most real weights, and is open only to layers that prove otherwise.
_INTEGER = [("vpdpbusd zmm", "avx512vnni"), ("vpdpbusd ymm", "avxvnni"), ("vpmaddwd zmm", "avx512bw"), ("vpmaddwd ymm", "avx2")]


class Probe:
    """The ceilings of a core, measured by a program of intrinsic sequences."""

    def __init__(self):
        self.program = os.path.join(PLACE, "probe")
        run([clang(), "-O2", os.path.join(HERE, "probe.c"), "-o", self.program], "clang")
        self.work = json.loads(run([self.program], "probe"))

    def worker(self, sequence, cores):
        return Worker([self.program, sequence], cores, f"probe {sequence}")

    def measureAll(self, cores, seconds, rounds=3):
        """Billions of multiply-accumulates in a second, by sequence."""
        best = {}
        for sequence, work in self.work.items():
            with contextlib.closing(self.worker(sequence, cores)) as worker:
                best[sequence] = work / statistics.median(worker.measure(seconds) for _ in range(rounds)) / 1e3
        return best

    def speed(self, core):
        """Of one core at this moment, in units of its own."""
        sequence, work = next(iter(self.work.items()))
        with contextlib.closing(self.worker(sequence, {core})) as worker:
            return work / statistics.median(worker.measure(0.02) for _ in range(5))

    def ceilingFor(self, target):
        """The fastest integer sequence that code for this target may use."""
        features = target.split()
        return next((name for name, feature in _INTEGER if feature in features and name in self.work), None)


def _cpuinfo(key):
    with open("/proc/cpuinfo") as info:
        return next((line.split(":", 1)[1].strip() for line in info if line.startswith(key)), "unknown")


def describeMachine():
    flags = _cpuinfo("flags").split()
    known = [flag for flag in ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "amx_int8") if flag in flags]
    return f"{_cpuinfo('model name')}, {os.cpu_count()} cores, {' '.join(known)}"


def describeCommit():
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], text=True, capture_output=True)
    return commit.stdout.strip() or "unknown"


class Native:
    """A run of the benchmark: options, probe and the costs of the peers' calls."""

    def __init__(self, options, skipped):
        self.options, self.skipped = options, skipped
        names = list(options.peers)
        if "litert-xnnpack" in names and "amx_int8" in _cpuinfo("flags").split():
            names.insert(names.index("litert-xnnpack") + 1, "litert-xnnpack-no-amx")
        os.makedirs(PLACE, exist_ok=True)
        self.peers = []
        for peer in (PEERS[name] for name in dict.fromkeys(names)):
            try:
                peer.environment()
                self.peers.append(peer)
            except Failure as failure:
                skipped(f"{peer.name}: {failure}")
        self.probe = Probe()
        self.knowsThreads = "--threads" in run([options.qcc, "--help"], "qcc")

    def cores(self, threads):
        allowed = sorted(os.sched_getaffinity(0))
        first = self.options.core if self.options.core is not None else allowed[-1]
        following = allowed[allowed.index(first):] + allowed[:allowed.index(first)]
        if len(following) < threads:
            raise Failure(f"{threads} threads on {len(following)} cores say nothing")
        if threads > 1 and self.options.core is None:
            # Threads wait for the slowest: the cores that other programs, or other machines, disturb least now.
            following.sort(key=self.probe.speed, reverse=True)
        return set(following[:threads])

    def overheads(self, threads):
        """What a call of each peer costs that does next to nothing, in microseconds."""
        costs = {}
        for peer in self.peers:
            try:
                with contextlib.closing(Worker(peer.command("empty", threads), self.cores(threads), peer.name)) as worker:
                    costs[peer.name] = statistics.median(worker.measure(self.options.seconds) for _ in range(3))
            except Failure as failure:
                self.skipped(f"{peer.name} on an empty model: {failure}")
        return costs

    def build(self, model, threads, directory):
        options = list(self.options.qccOptions)
        if threads > 1 and self.knowsThreads:
            options.append(f"--threads={threads}")
        start = resource.getrusage(resource.RUSAGE_CHILDREN)
        interface = compileModel(self.options.qcc, model, options, directory)
        end = resource.getrusage(resource.RUSAGE_CHILDREN)
        # Processor time, which other programs do not add to.
        interface.compileSeconds = end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime
        return interface, link(directory, "native.c", f"native{threads}", ["-pthread"])

    def measure(self, model, threads):
        """One row: times of all rounds, by who."""
        with contextlib.ExitStack() as stack:
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="qcc-bench"))
            cores = self.cores(threads)
            interface, program = self.build(model, threads, directory)

            def start(who, command, where=cores):
                workers[who] = stack.enter_context(contextlib.closing(Worker(command, where, f"{model.name}: {who}")))

            workers = {}
            ceiling = self.probe.ceilingFor(interface.target)
            if ceiling:
                workers["probe"] = stack.enter_context(contextlib.closing(
                    self.probe.worker(ceiling, self.cores(1))))
            if threads == 1:
                start("qcc", [program, "1"])
            elif interface.isParallel:
                start("qcc", [program, str(threads)])
                # On each of the cores: they are not equally fast.
                single = [self.build(model, 1, directory)[1], "1", "wall"]
                for core in cores:
                    start(f"qcc, 1 thread on core {core}", single, {core})
            else:
                self.skipped(f"{model.name}: qcc has no code for {threads} threads")
            for peer in self.peers:
                path = peer.file(model)
                if path is None:
                    continue
                try:
                    start(peer.name, peer.command(path, threads))
                except Failure as failure:
                    self.skipped(str(failure))
            times = {who: [] for who in workers}
            for _ in range(self.options.rounds):
                for who, worker in list(workers.items()):
                    try:
                        times[who].append(worker.measure(min(self.options.seconds, 0.05) if who == "probe" else
                                                         self.options.seconds))
                    except Failure as failure:
                        if who == "qcc":
                            raise
                        self.skipped(str(failure))
                        del workers[who], times[who]
        return self.row(model, threads, interface, ceiling, times)

    def row(self, model, threads, interface, ceiling, times):
        info = model.info(self.options.qcc)
        row = {"model": model.name, "threads": threads, "target": interface.target, "macs": info["macs"],
               "options": self.options.qccOptions, "compile_seconds": interface.compileSeconds,
               "median_us": {who: statistics.median(all) for who, all in times.items() if who != "probe"},
               "rounds_us": {who: all for who, all in times.items() if who != "probe"}}
        operations = [operation for operation in info["operations"] if operation["macs"]]
        # Models of one layer are held against the ceiling.
        if len(operations) == 1 == len(info["operations"]):
            elements = math.prod(operations[0]["results"][0]["shape"])
            row["layer"] = {"operation": operations[0]["operation"], "reduction": info["macs"] // elements}
        if "qcc" not in times:
            return row
        micros = row["median_us"]["qcc"]
        row["gmacs_per_s"] = info["macs"] / micros / 1e3
        if alone := [times[who] for who in times if who.startswith("qcc, 1 thread")]:
            # By the cores' mean speed, so that n cores that are used to the full are n times faster.
            mean = [statistics.harmonic_mean(round) for round in zip(*alone)]
            row["speedup"] = Ratio(mean, times["qcc"]).json()
        row["ratios"] = {peer.name: Ratio(times["qcc"], times[peer.name]).json()
                         for peer in self.peers if peer.name in times}
        if ceiling and "probe" in times:
            work = self.probe.work[ceiling] * threads
            row["ceiling"] = {
                "sequence": ceiling, "gmacs_per_s": work / statistics.median(times["probe"]) / 1e3,
                "fraction": statistics.median(info["macs"] / ours / (work / probe)
                                              for ours, probe in zip(times["qcc"], times["probe"]))}
        return row

    def layers(self, model):
        """The layers that multiply, as `qcc bench` times them."""
        command = ["taskset", "-c", str(min(self.cores(1))), self.options.qcc, "bench", model.path, "--json",
                   *self.options.qccOptions]
        return [layer for layer in json.loads(run(command, f"{model.name}: qcc bench"))["layers"] if layer["macs"]]

    def compareLayers(self, model, twin):
        """Each layer beside that of the float twin: rows of times, round by round."""
        rounds = [(self.layers(model), self.layers(twin)) for _ in range(self.options.rounds)]
        ours, theirs = rounds[0]
        if [layer["macs"] for layer in ours] != [layer["macs"] for layer in theirs]:
            raise Failure(f"{model.name}: its layers are not those of {twin.name}")
        rows = []
        for k, layer in enumerate(ours):
            quantized, floats = ([each[which][k]["median_us"] for each in rounds] for which in (0, 1))
            rows.append({"model": model.name, "layer": layer["name"], "kernel": layer["kernel"], "macs": layer["macs"],
                         "median_us": statistics.median(quantized), "float_us": statistics.median(floats),
                         "ratio": Ratio(quantized, floats).json()})
        return rows
