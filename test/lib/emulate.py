#!/usr/bin/python3
# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# emulate.py QCC MODEL WORK WAY [--option of qcc …]: runs a model in the interpreter here, and
# compiled in the emulator of WAY (one of test/Execution/golden.py), on random inputs. Fails unless
# both have the same results.

import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(here, "..", folder) for folder in ("Execution", "Fuzz")]
import compiled
import golden

qcc, model, work, name = sys.argv[1:5]
way = golden.WAYS[name]
way = golden.Way(way.options + sys.argv[5:], way.needs, way.emulator, way.compiler)
try:
    compiled.emulate(qcc, model, way, os.path.abspath(work))
except (compiled.Refused, compiled.Trouble) as problem:
    sys.exit(f"{name}: {problem}")
print(f"{name}: equal")
