# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Compiles a model with qcc and links a measuring program around it.

import os
import re
import shutil
import subprocess

from models import ROOT

HERE = os.path.dirname(os.path.abspath(__file__))


class Failure(Exception):
    """Something of one model's that does not work; the others are still measured."""


def run(command, what):
    done = subprocess.run(command, text=True, capture_output=True)
    if done.returncode != 0:
        raise Failure(f"{what}: {(done.stderr or done.stdout).strip()[:1000] or done.returncode}")
    return done.stdout


def clang():
    return next(filter(None, map(shutil.which, ("clang-22", "clang"))), None)


class Interface:
    """What the header of a compiled model says."""

    def __init__(self, text):
        self.target = re.search(r"^ \* for (.*)$", text, re.M)[1]
        self.inputs = re.findall(r'^/\* Input \d+ .*": (\w+)', text, re.M)
        self.outputs = re.findall(r'^/\* Output \d+ .*": (\w+)', text, re.M)
        self.hasState = not re.search(r"_STATE_BYTES 0$", text, re.M)
        self.isParallel = "struct qcc_parallel *" in text
        self.ioInArena = "_INPUT0_OFFSET" in text
        stack = re.search(r"_STACK_BYTES (\d+)", text)
        self.bytes = {"arena": int(re.search(r"_ARENA_BYTES (\d+)", text)[1]),
                      "state": int(re.search(r"_STATE_BYTES (\d+)", text)[1]),
                      "stack": int(stack[1]) if stack else None}

    def glue(self):
        """C that ties glue.h to this model."""
        def memory(name, size, align):
            return f"static unsigned char {name}[{size} + 1] __attribute__((aligned({align})));\n"

        text = '#include "glue.h"\n#include "model.h"\n\n'
        text += memory("arena", "MODEL_ARENA_BYTES", "MODEL_ARENA_ALIGN")
        text += memory("state", "MODEL_STATE_BYTES", "MODEL_STATE_ALIGN")
        arguments, inputs = [], []
        for kind, types in (("in", self.inputs), ("out", self.outputs)):
            for k in range(len(types)):
                upper = f"MODEL_{kind.upper()}PUT{k}"
                place = f"{kind}{k}"
                if self.ioInArena:
                    place = f"arena + {upper}_OFFSET"
                else:
                    text += memory(place, f"{upper}_BYTES", 64)
                    arguments.append(f"(void *){place}")
                if kind == "in":
                    inputs.append(f"{{{place}, {upper}_BYTES, {int(types[k] == 'float')}}}")
        arguments += ["state"] * self.hasState + ["arena"] + ["parallel"] * self.isParallel
        text += f"\nconst struct bench_input bench_inputs[] = {{{', '.join(inputs)}}};\n"
        text += f"const uint32_t bench_num_inputs = {len(inputs)};\n\n"
        text += f"int bench_reset(void) {{ return {'model_reset(state)' if self.hasState else '0'}; }}\n\n"
        text += "int bench_run(const struct qcc_parallel *parallel) {\n  (void)parallel;\n  (void)state;\n"
        return text + f"  return model_run({', '.join(arguments)});\n}}\n"


def compileModel(qcc, model, options, directory):
    """Writes model.o, model.h and glue.c into the directory."""
    run([qcc, model.path, *options, "--name=model", "-o", os.path.join(directory, "model.o")], "qcc")
    with open(os.path.join(directory, "model.h")) as header:
        interface = Interface(header.read())
    with open(os.path.join(directory, "glue.c"), "w") as glue:
        glue.write(interface.glue())
    return interface


def link(directory, source, output, options):
    path = os.path.join(directory, output)
    run([clang(), "-O2", f"-I{directory}", f"-I{HERE}", f"-I{os.path.join(ROOT, 'include')}",
         os.path.join(HERE, source), os.path.join(directory, "glue.c"), os.path.join(directory, "model.o"),
         "-o", path, *options], "clang")
    return path
