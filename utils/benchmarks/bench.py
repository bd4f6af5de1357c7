# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The command line of utils/bench, and what is made of the measurements.

import argparse
import concurrent.futures
import itertools
import json
import os
import sys

import emulated
import gemv
import lowbit
import models
import report
from native import Native, describeCommit, describeMachine
from peers import PEERS, version, writeTinyModels
from program import Failure, clang
from table import replaceBetween

DOCUMENT = os.path.join(models.ROOT, "docs", "Benchmarks.md")


def parse():
    parser = argparse.ArgumentParser(prog="utils/bench", description="Measures qcc: beside other runtimes on this "
                                     "machine, or on other machines by emulation.")
    add = parser.add_argument
    add("models", nargs="*", help="paths of .tflite files, or names below the shared data (default: the list of docs/Benchmarks.md)")
    add("--all", action="store_true", help="every quantized .tflite of the shared data")
    add("--single-layers", action="store_true", dest="singleLayers", help="convolutions alone, held against the machine's ceiling")
    add("--own-float", action="store_true", dest="ownFloat", help="layer by layer beside our own code of the float twins")
    add("--gemv", action="store_true", help="products of a matrix and a vector with weights of few bits from memory")
    add("--low-bit", action="store_true", dest="lowBit", help="networks and layers of few bits beside themselves in 8; with --emulated: on other machines")
    add("--peers", default="litert-xnnpack,litert", help="of " + ",".join(PEERS) + "; installed when asked for")
    add("--threads", default="1", help="numbers of threads, as 1,2")
    add("--rounds", type=int, default=7, help="at least 5")
    add("--seconds", type=float, default=0.3, help="that each takes in a round")
    add("--core", type=int, help="run on this core and those after it (default: the last)")
    add("--emulated", action="store_true", help="ARM, RISC-V and Cortex-M by emulation instead")
    add("--cores", default=",".join(emulated.CORES), help="of these, for --emulated")
    add("--layers", action="store_true", help="with --emulated: each layer too")
    add("--jobs", type=int, default=max(1, os.cpu_count() // 2), help="with --emulated: how many at once")
    add("--json", metavar="FILE", help="write everything that was measured")
    add("--write", action="store_true", help="write the tables into docs/Benchmarks.md")
    add("--qcc", default=os.path.join(models.ROOT, "build", "bin", "qcc"), help="the compiler to measure")
    add("--option", action="append", default=[], dest="qccOptions", metavar="OPTION",
        help="of qcc, as --option=--mcpu=x86-64-v3; may be repeated")
    options = parser.parse_args()
    if options.rounds < 5:
        parser.error("fewer than 5 rounds say nothing about the spread")
    if options.write and (options.models or options.qccOptions):
        parser.error("--write writes the tables of the default models and options alone")
    try:
        options.threads = [int(count) for count in options.threads.split(",")]
    except ValueError:
        parser.error(f"--threads={options.threads} is not a list of numbers")
    options.peers = [name for name in options.peers.split(",") if name]
    options.cores = options.cores.split(",")
    for name, known in [(name, PEERS) for name in options.peers] + [(name, emulated.CORES) for name in options.cores]:
        if name not in known:
            parser.error(f"'{name}' is none of {', '.join(known)}")
    return options


class Skipped:
    """Calls out what could not be measured, and keeps it for the report."""

    def __init__(self):
        self.reasons = []

    def __call__(self, reason):
        self.reasons.append(reason)
        print(f"SKIPPED: {reason}", file=sys.stderr, flush=True)


def writeDocument(sections):
    with open(DOCUMENT) as file:
        text = file.read()
    for name, content in sections.items():
        text = replaceBetween(text, name, content)
    with open(DOCUMENT, "w") as file:
        file.write(text)


def chosenModels(options, default, skipped):
    if options.singleLayers:
        place = writeTinyModels()
        return [models.Model(os.path.join(place, name)) for name in sorted(os.listdir(place)) if name != "empty.tflite"]
    if options.all:
        return [model for model in models.everyModel() if model.isQuantized(options.qcc)]
    return models.find(options.models or default, skipped)


def measureNative(options, skipped):
    native = Native(options, skipped)
    load = os.getloadavg()[0]
    cores = native.cores(1)
    result = {"machine": describeMachine(), "load": load, "commit": describeCommit(), "rounds": options.rounds,
              "peers": version(native.peers), "ceilings": native.probe.measureAll(cores, 0.1), "calls": {}, "rows": []}
    own = options.qccOptions
    # Single layers are of interest with AVX2, too.
    variants = [own, ["--mcpu=x86-64-v3"]] if options.singleLayers and not own and "vpmaddwd ymm" in native.probe.work else [own]
    chosen = chosenModels(options, models.NATIVE, skipped)
    peers = native.peers
    for threads, options.qccOptions in itertools.product(options.threads, variants):
        native.peers = peers if options.qccOptions is own else []
        if threads not in result["calls"]:
            result["calls"][threads] = native.overheads(threads)
        for model in chosen:
            try:
                row = native.measure(model, threads)
                result["rows"].append(row)
                print(report.nativeLine(row), file=sys.stderr, flush=True)
            except Failure as failure:
                skipped(str(failure))
    return result


def measureFloatTwins(options, skipped):
    options.peers = []
    native = Native(options, skipped)
    result = {"machine": describeMachine(), "commit": describeCommit(), "rounds": options.rounds, "rows": []}
    for names in models.FLOAT_TWINS.items():
        try:
            pair = models.find(names, skipped)
            if len(pair) == len(names):
                result["rows"] += native.compareLayers(*pair)
        except Failure as failure:
            skipped(str(failure))
    return result


def measureEmulated(options, skipped):
    result = {"commit": describeCommit(), "cells": [], "footprints": []}
    for name in list(options.cores):
        lacking = emulated.missing(emulated.CORES[name])
        if lacking:
            skipped(f"{name}: {lacking}")
            options.cores.remove(name)
    if options.cores:
        emulated.prepare()
    chosen = chosenModels(options, models.EMULATED, skipped)
    tiny = {os.path.basename(name) for name in models.TINY}

    def one(model, core):
        estimate = emulated.estimate(options.qcc, model, core, options.qccOptions)
        return dict(estimate.json(options.layers), model=model.name, core=core.name)

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        # The dearest first.
        jobs = [pool.submit(one, model, emulated.CORES[name])
                for model in sorted(chosen, key=lambda model: -os.path.getsize(model.path)) for name in options.cores
                if options.models or not name.startswith("cortex-m") or model.name in tiny]
        for job in concurrent.futures.as_completed(jobs):
            try:
                cell = job.result()
                result["cells"].append(cell)
                print(report.emulatedLine(cell), file=sys.stderr, flush=True)
            except Failure as failure:
                skipped(str(failure))
    for name in options.cores:
        for model in chosen if name == "cortex-m4" else ():
            if model.name in tiny:
                try:
                    result["footprints"].append(dict(emulated.footprint(options.qcc, model, emulated.CORES[name]),
                                                     model=model.name, core=name))
                except Failure as failure:
                    skipped(str(failure))
    names = [model.name for model in chosen]
    result["cells"].sort(key=lambda cell: (names.index(cell["model"]), options.cores.index(cell["core"])))
    return result


def main():
    options = parse()
    if not os.path.exists(options.qcc):
        sys.exit(f"bench: error: no {options.qcc}; run utils/build")
    if clang() is None:
        sys.exit("bench: error: clang-22 is needed to link the measured programs")
    skipped = Skipped()
    if options.emulated and options.lowBit:
        result = dict(lowbit.measureEmulated(options, skipped), commit=describeCommit(), skipped=skipped.reasons)
        sections = report.lowBitEmulatedSections(result)
    elif options.emulated:
        result = dict(measureEmulated(options, skipped), skipped=skipped.reasons)
        sections = report.emulatedSections(result)
    elif options.gemv:
        result = dict(gemv.measure(options, skipped), machine=describeMachine(), commit=describeCommit(), skipped=skipped.reasons)
        sections = report.gemvSections(result)
    elif options.lowBit:
        result = dict(lowbit.measure(options, skipped), machine=describeMachine(), commit=describeCommit(), skipped=skipped.reasons)
        sections = report.lowBitSections(result)
    elif options.ownFloat:
        result = dict(measureFloatTwins(options, skipped), skipped=skipped.reasons)
        sections = report.floatSections(result)
    else:
        result = dict(measureNative(options, skipped), skipped=skipped.reasons)
        sections = report.nativeSections(result, "every model" if options.all else "single layers" if options.singleLayers else "native")
    for section in sections.values():
        print(section.terminal())
    if options.json:
        with open(options.json, "w") as file:
            json.dump(result, file, indent=1)
            file.write("\n")
    if options.write and not sections:
        sys.exit("bench: error: nothing was measured, docs/Benchmarks.md stays as it is")
    if options.write:
        writeDocument({name: section.markdown() for name, section in sections.items()})


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"bench: error: {failure}")
