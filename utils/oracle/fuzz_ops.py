# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Random models, run by TensorFlow Lite's reference kernels, by qcc's interpreter and
# as compiled code, compared element by element. See utils/fuzz-ops.

import argparse
import collections
import itertools
import multiprocessing
import multiprocessing.connection
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from case import NETWORK, Server, drawCase, judge, judgeElsewhere
from describe import describe
from emulator import MACHINES, missing
from families import OPERATORS
from shrink import shrink

VERDICTS = ("equal", "differ", "crashed", "refused", "unsupported", "oracle failed")
BAD = ("differ", "crashed")
CPUS = ("native", "x86-64-v2", "x86-64-v3", "x86-64-v4")
SECONDS = 60  # for one case


def hostCPUs():
    """Those of CPUS that this machine has."""
    flags = set()
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("flags"):
                flags = set(line.split())
                break
    needs = {"native": (), "x86-64-v2": ("sse4_2", "popcnt"), "x86-64-v3": ("avx2", "fma", "bmi2"),
             "x86-64-v4": ("avx512f", "avx512bw", "avx512dq", "avx512vl")}
    return [cpu for cpu in CPUS if flags.issuperset(needs[cpu])]


def waysOf(options, number):
    """The interpreter, and compiled code for a machine that the case's number draws."""
    rng = np.random.default_rng([options.seed, number, 1 << 20])
    cpus = options.cpus or hostCPUs()
    compiled = dict(mcpu=cpus[int(rng.integers(len(cpus)))], ioInArena=bool(rng.random() < 0.2), guard=True)
    ways = [dict(interpret=True), compiled]
    if rng.random() >= options.compiled and "interpret" in options.ways:
        return [dict(ways[0], rounding=options.rounding)]
    return [dict(way, rounding=options.rounding) for way, name in zip(ways, ("interpret", "compile")) if name in options.ways]


def choicesText(choices):
    """What follows the last is 0."""
    text = ".".join(map(str, choices))
    while text.endswith(".0"):
        text = text[:-2]
    return text


def nameOf(way):
    return way.get("mcpu", "interpret")


def work(options, pipe, folder):
    """A worker: gets (numbers, decisions or None, way or None), gives the verdicts."""
    os.makedirs(folder, exist_ok=True)
    log = os.open(f"{folder}/stderr", os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    os.dup2(log, 2)
    server = Server(options.serve)
    while True:
        numbers, choices, only = pipe.recv()
        try:
            results = workOn(options, server, folder, numbers, choices, only)
        except Exception:  # the tool's own
            problem = "utils/oracle: " + traceback.format_exc()
            results = [dict(verdict="crashed", text=problem, name="(tool)", choices=[], number=n) for n in numbers]
        pipe.send(results)


# What XNNPACK computes with 8 bits in place of TensorFlow Lite's own kernels; docs/Rounding.md tells what is left out.
XNNPACK = ("ADD", "AVERAGE_POOL_2D", "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "SOFTMAX")


def isJudged(options, case):
    """Whether the oracle is the one whose rounding it is: XNNPACK leaves what is not of 8 bits to others."""
    return case is not None and (options.rounding == "tflite" or
                                 all(t.dtype in ("int8", "uint8", "int32") for t in case.graph.tensors))


def workOn(options, server, folder, numbers, choices, only):
    cases = [drawCase(options.seed, number, options.only, choices, options.networks) for number in numbers]
    cases = [case if isJudged(options, case) else None for case in cases]
    results = [dict(verdict="none", text="no model", name="", choices=[], number=n) for n in numbers]
    there = [i for i, case in enumerate(cases) if case is not None]
    if options.isa:
        machine = options.isa[numbers[0] // options.batch % len(options.isa)]
        judged = judgeElsewhere(server, folder, [cases[i] for i in there], machine)
    else:
        judged = []
        for i in there:
            ways = waysOf(options, numbers[i])
            judged.append(judge(server, folder, cases[i], [way for way in ways if only in (None, nameOf(way))]))
    for i, result in zip(there, judged):
        results[i].update(result)
    return results


class Worker:
    """A process, for the oracle may take it down."""

    def __init__(self, options, folder):
        self.options, self.folder, self.process = options, folder, None
        self.start()

    def start(self):
        self.close()
        self.pipe, end = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=work, args=(self.options, end, self.folder), daemon=True)
        self.process.start()
        end.close()

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.join()

    def send(self, numbers, choices=None, way=None):
        self.numbers, self.choices, self.deadline = numbers, choices, time.monotonic() + SECONDS * len(numbers)
        self.pipe.send((numbers, choices, way))

    def receive(self):
        try:
            return self.pipe.recv()
        except EOFError:
            self.process.join()
            text = f"the oracle took the process down: {self.process.exitcode}"
            self.start()
            return self.lost(text)

    def lost(self, text):
        """Of several cases nobody knows which it was: each again."""
        if len(self.numbers) > 1:
            return [self.ask(number, None) for number in self.numbers]
        number = self.numbers[0]
        case = drawCase(self.options.seed, number, self.options.only, self.choices, self.options.networks)
        return [dict(verdict="oracle failed", text=text, name=case.name, choices=case.choices, spans=[],
                     operators=case.operators, number=number, way="")]

    def isLate(self):
        return time.monotonic() > self.deadline

    def ask(self, number, choices, way=None):
        self.send([number], choices, way)
        if self.pipe.poll(SECONDS):
            return self.receive()[0]
        self.start()
        return self.lost(f"no end after {SECONDS} s")[0]


class Campaign:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.counts = collections.defaultdict(collections.Counter)
        self.inNetworks = collections.defaultdict(collections.Counter)
        self.reasons = collections.Counter()
        self.failures, self.told = [], collections.Counter()

    def run(self):
        options = self.options
        numbers = iter([options.case] if options.case is not None else range(options.first, options.first + options.count))
        workers = [Worker(options, f"{self.folder}/{i}") for i in range(1 if options.case is not None else options.jobs)]
        busy, start, done = {}, time.monotonic(), 0
        for worker in workers:
            self.next(worker, numbers, busy)
        while busy:
            for pipe in multiprocessing.connection.wait(list(busy), 5):
                worker = busy.pop(pipe)
                for result in worker.receive():
                    self.take(worker, result)
                    done += 1
                if options.seconds and time.monotonic() - start > options.seconds:
                    continue
                self.next(worker, numbers, busy)
            for pipe, worker in list(busy.items()):
                if worker.isLate():
                    del busy[pipe]
                    worker.start()
                    for result in worker.lost(f"no end after {SECONDS} s"):
                        self.take(worker, result)
                    self.next(worker, numbers, busy)
            sys.stdout.flush()
            if sys.stderr.isatty():
                print(f"\r{done} cases, {len(self.failures)} failures", end="", file=sys.stderr, flush=True)
        for worker in workers:
            worker.close()
        return done, time.monotonic() - start

    def next(self, worker, numbers, busy):
        chosen = list(itertools.islice(numbers, self.options.batch))
        if chosen:
            worker.send(chosen, self.options.choices)
            busy[worker.pipe] = worker

    def take(self, worker, result):
        if result["verdict"] == "none":
            return
        if result["verdict"] in BAD and result["name"] != "(tool)":
            again = worker.ask(result["number"], result["choices"])
            if again["verdict"] != result["verdict"]:
                result = dict(result, verdict="oracle failed", text=f"not the same twice: {result['text']}, {again['text']}")
        name, verdict = result["name"], result["verdict"]
        self.counts[name][verdict] += 1
        if name == NETWORK:
            for operator in set(result["operators"]):
                self.inNetworks[operator][verdict] += 1
        if verdict in ("refused", "oracle failed"):
            self.reasons[(verdict, name, result["text"])] += 1
        if verdict in BAD:
            self.fail(worker, result)

    def fail(self, worker, result):
        options, number = self.options, result["number"]
        kind = (result["name"], result["verdict"], result.get("way") if options.isa else result.get("way") == "interpret")
        self.told[kind] += 1
        self.failures.append(result)
        if self.told[kind] > options.show:
            return
        choices = result["choices"]
        if options.shrink and result["name"] != "(tool)":
            def fails(candidate):
                tried = worker.ask(number, candidate, result["way"])
                return (tried["choices"], tried["spans"]) if tried["verdict"] == result["verdict"] else None
            choices = shrink(choices, result["spans"], fails, options.shrink)
            result = worker.ask(number, choices)
        only = "" if not options.only else " --only=" + ",".join(options.only)
        networks = f" --networks={options.networks:g}" if options.networks != DEFAULT_NETWORKS else ""
        if options.compiled != 1:
            networks += f" --compiled={options.compiled:g}"
        isa = f" --isa={result.get('way')}" if options.isa else ""
        if options.rounding != "tflite":
            isa += f" --rounding={options.rounding}"
        command = f"utils/fuzz-ops --seed={options.seed} --case={number}{only}{networks}{isa}"
        print(f"\nFAILED {'+'.join(result.get('operators', [])) or result['name']} {result['verdict']} ({result.get('way')}): "
              f"{result['text']}")
        print(f"  repeat: {command} --choices={choicesText(choices)}", flush=True)
        if result["name"] == "(tool)":
            return
        print(describe(drawCase(options.seed, number, options.only, choices, options.networks)), flush=True)
        if options.keep:
            target = os.path.join(options.keep, f"{options.seed}-{number}")
            shutil.copytree(worker.folder, target, dirs_exist_ok=True)
            print(f"  files: {target}")

    def report(self, done, seconds):
        print(f"\n{'operator':32}" + "".join(f"{v:>14}" for v in ("run",) + VERDICTS))
        total = collections.Counter()
        for name in sorted(self.counts):
            self.line(name, self.counts[name])
            total.update(self.counts[name])
        self.line("total", total)
        if self.options.networks and self.inNetworks:
            print("\nnetworks by the operators in them:")
            for name in sorted(self.inNetworks):
                self.line(name, self.inNetworks[name])
        for wanted in ("refused", "oracle failed"):
            lines = [(name, text, n) for (verdict, name, text), n in self.reasons.items() if verdict == wanted]
            if lines:
                print("\n" + {"refused": "refused, though the operator is supported"}.get(wanted, wanted) + ":")
            for name, text, n in sorted(lines, key=lambda line: (line[0], -line[2])):
                print(f"  {n:5} {name}: {text}")
        print(f"\n{done} cases in {seconds:.0f} s ({done / max(seconds, 1e-9):.1f} per second), {total['equal']} equal, "
              f"{len(self.failures)} failures")

    @staticmethod
    def line(name, counts):
        print(f"{name:32}{sum(counts.values()):14}" + "".join(f"{counts[v] or '·':>14}" for v in VERDICTS))


DEFAULT_NETWORKS = 0.35


def parse():
    parser = argparse.ArgumentParser(prog="fuzz-ops", description="TensorFlow Lite's reference kernels against qcc")
    parser.add_argument("count", nargs="?", type=int, default=300, help="cases")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--case", type=int, help="this one alone")
    parser.add_argument("--choices", help="with --case: its decisions, as a failure prints them")
    parser.add_argument("--only", help="operators to draw, of: " + " ".join(OPERATORS))
    parser.add_argument("--networks", type=float, default=DEFAULT_NETWORKS, help="the share of models of several operators")
    parser.add_argument("--ways", default="interpret,compile", help="interpret, compile, or both")
    parser.add_argument("--compiled", type=float, default=1, help="the share of cases that is compiled too, which takes longest")
    parser.add_argument("--cpus", help="to compile for (default: drawn from what this machine has)")
    parser.add_argument("--rounding", default="tflite", choices=("tflite", "xnnpack"),
                        help="whose: the oracle is TensorFlow Lite's reference kernels, or LiteRT with XNNPACK")
    parser.add_argument("--isa", help="code for other machines under an emulator instead: all, or of: " + " ".join(MACHINES))
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1))
    parser.add_argument("--seconds", type=float, default=0, help="stop after so many")
    parser.add_argument("--shrink", type=float, default=20, help="seconds to spend on making a failure simpler")
    parser.add_argument("--show", type=int, default=3, help="failures of one kind to show")
    parser.add_argument("--write", help="write the models to this directory, 0.tflite, 1.tflite, ..., and run nothing")
    parser.add_argument("--keep", help="directory for the files of failures")
    parser.add_argument("--build", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "build"))
    options = parser.parse_args()
    if options.rounding == "xnnpack" and not options.only:
        options.only = ",".join(XNNPACK)
    if options.only:
        options.only = options.only.split(",")
        unknown = [name for name in options.only if name not in OPERATORS]
        if unknown:
            parser.error(f"no such operator: {' '.join(unknown)}; there are: {' '.join(OPERATORS)}")
    if options.choices is not None:
        options.choices = [int(c) for c in options.choices.split(".") if c]
    if options.isa and options.rounding != "tflite":
        parser.error("--rounding is for this machine, without --isa")
    options.ways = options.ways.split(",")
    options.cpus = options.cpus.split(",") if options.cpus else None
    if options.isa:
        options.isa = list(MACHINES) if options.isa == "all" else options.isa.split(",")
        for name in options.isa:
            if name not in MACHINES:
                parser.error(f"no such machine: {name}; there are: {' '.join(MACHINES)}")
            if missing(MACHINES[name]):
                print(f"SKIPPED {name}: there is no {missing(MACHINES[name])}")
        options.isa = [name for name in options.isa if not missing(MACHINES[name])]
        if not options.isa:
            sys.exit(77)
    options.batch = 16 if options.isa and options.case is None else 1
    options.serve = os.path.join(options.build, "bin", "qcc-serve")
    if not options.write and not os.path.exists(options.serve):
        parser.error(f"{options.serve} is not there: utils/build makes it")
    if options.case is not None:
        options.shrink = options.shrink if options.choices is None else 0
    return options


def writeModels(options):
    os.makedirs(options.write, exist_ok=True)
    for number in range(options.first, options.first + options.count):
        case = drawCase(options.seed, number, options.only, networks=options.networks)
        with open(os.path.join(options.write, f"{number}.tflite"), "wb") as file:
            file.write(case.model)


def main():
    options = parse()
    if options.write:
        writeModels(options)
        return 0
    with tempfile.TemporaryDirectory(prefix="fuzz-ops-") as folder:
        campaign = Campaign(options, folder)
        done, seconds = campaign.run()
        campaign.report(done, seconds)
    if campaign.failures or not any(c["equal"] for c in campaign.counts.values()) and options.case is None:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
