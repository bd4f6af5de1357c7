# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The parts of utils/bench that need neither time nor peers: prints what they make.

import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
source, qcc, model = sys.argv[1:]
sys.path.insert(0, os.path.join(source, "utils", "benchmarks"))

import emulated
import models
import program
import report
from rounds import Ratio, geometricMean, significant
from table import Table, replaceBetween

# The ratios of the rounds are 2, 0.5 and 3: their median, not the ratio of the medians.
ratio = Ratio([2, 10, 30], [1, 20, 10])
print("ratio", ratio, ratio.json())
print("mean", f"{geometricMean([0.5, 2, 8]):.3f}", geometricMean([]))
print("digits", [significant(value) for value in (0, 0.01234, 1.996, 12.34, 123.4, 12345)])

table = Table("model", "µs", "unused", "ratio")
table.add("kws", 18.04, "", ratio)
table.add("ad01_int8", "–", None, "")
print(table.text().replace(" ", "."))
print(table.markdown())
try:
    table.add("too", "few")
except ValueError as error:
    print("error", error)

text = "before\n<!-- utils/bench writes: x -->\nold\n<!-- end of x -->\nafter\n"
once = replaceBetween(text, "x", "new\n")
print(once, replaceBetween(once, "x", "new\n") == once)
for broken in (text.replace("end of x", "end"), text + text):
    try:
        replaceBetween(broken, "x", "new")
    except ValueError as error:
        print("error", error)
with open(os.path.join(source, "docs", "Benchmarks.md")) as document:
    document = document.read()
print("document", [len(replaceBetween(document, name, "")) > 0 for name in ("native", "every model", "single layers", "own float", "emulated", "microcontrollers")])

print("verdicts", report.verdict(0.9, 0.9), "|", report.verdict(0.91, 0.9), "|", report.verdict(0.5, None), "|")
row = {"model": "kws_ref_model", "threads": 1, "macs": 1000, "gmacs_per_s": 2.0, "median_us": {"qcc": 0.5, "litert-xnnpack": 0.4},
       "ratios": {"litert-xnnpack": {"median": 1.25, "least": 1.2, "greatest": 1.3}},
       "ceiling": {"fraction": 0.7, "sequence": "vpdpbusd zmm"}}
print(report.nativeTable([row]).markdown())
row["ceiling"]["fraction"] = 0.5
print(report.nativeFloor(row))
floors = Table("model", "floor", "flash")
for cell in ("≤ 0.9 met", "≤ 0.9 missed", "≤ 0.9 missed, but ≥ 60% of the ceiling", "≥ 60% of the ceiling missed", ""):
    floors.add("x", cell, "missed by 5" if not cell else "")
print(report.countFloors(floors, floors))

# Two blocks lie in a layer, one in the next; prices are printed with one decimal.
estimate = emulated.Estimate("""instructions: 2000
priced: 0.9990
cycles (core): 1000
   60.0%  0x1004  x100  4.0 cycles  10 instructions
   30.0%  0x1010  x200  1.0 cycles  2 instructions
   10.0%  0x2000  x100  2.0 cycles  3 instructions, entry None
      vadd.vv v1, v2, v3
""", [(0x1000, "conv2d_2"), (0x2000, "add_10")])
print("estimate", estimate.json(withLayers=True))
cells = [dict(estimate.json(False), core=core, model="ic_pretrainedResnet_quant")
         for core in ("cortex-a53", "neoverse-n2", "neoverse-n2 without i8mm", "cortex-m4")]
cells[1]["cycles"] = 250
print(report.emulatedTable(cells).markdown())

# A model becomes a program that measures it.
with tempfile.TemporaryDirectory() as directory:
    for options in ([], ["--io=arena"]):
        interface = program.compileModel(qcc, models.Model(model), options, directory)
        native = program.link(directory, "native.c", "native", ["-pthread", "-Wall", "-Werror", "-fsanitize=undefined"])
        output = subprocess.run([native, "1"], input="measure 0.002\nmeasure 0.002\n", text=True, capture_output=True, check=True).stdout
        ready, *times = output.split()
        print("program", interface.inputs, interface.outputs, interface.ioInArena, ready, [float(time) > 0 for time in times])

# The threads of a measurement do each part of the work once, and wait for the next measurement.
with tempfile.TemporaryDirectory() as directory:
    benchmarks = os.path.join(source, "utils", "benchmarks")
    threads = os.path.join(directory, "threads")
    program.run([program.clang(), "-O2", "-Wall", "-Werror", "-pthread", f"-I{benchmarks}", f"-I{os.path.join(source, 'include')}",
                 os.path.join(benchmarks, "native.c"),
                 os.path.join(source, "test", "Tools", "Inputs", "parallel_glue.c"), "-o", threads], "clang")
    for arguments in (["1"], ["1", "wall"], ["3"], ["6"]):
        output = subprocess.run([threads, *arguments], input="measure 0.002\nmeasure 0.002\n", text=True, capture_output=True, check=True).stdout
        ready, *times = output.split()
        print("threads", *arguments, ready, [float(time) > 0 for time in times])
