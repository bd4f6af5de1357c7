# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Code for other machines, run by qemu's user mode: many models in one program, for
# linking and starting it takes longer than running them.

import os
import shutil
import subprocess

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SECONDS = 60


class Machine:
    """How to compile for it (`request` of qcc-serve), and how to link and run a program of such code."""

    def __init__(self, triple, emulator, host=None, flags=(), **request):
        self.emulator = emulator
        self.host = host or triple  # Linux that executes the same instructions
        self.flags = list(flags)  # of clang, for the program around the models
        self.request = dict(request, triple=triple)


def _riscvVector(vlen):
    return ["qemu-riscv64", "-cpu", f"rv64,v=true,vext_spec=v1.0,elen=64,vlen={vlen}"]


_ARM = ["qemu-arm", "-cpu", "max"]
_THUMB = "armv7-linux-gnueabihf"
MACHINES = {
    "aarch64": Machine("aarch64-linux-gnu", ["qemu-aarch64", "-cpu", "cortex-a53"], mcpu="cortex-a53"),
    "aarch64-dotprod": Machine("aarch64-linux-gnu", ["qemu-aarch64", "-cpu", "max"], mattr="+dotprod"),
    "aarch64-i8mm": Machine("aarch64-linux-gnu", ["qemu-aarch64", "-cpu", "max"], mattr="+dotprod,+i8mm"),
    "armv7-a9": Machine("armv7-linux-gnueabihf", _ARM, mcpu="cortex-a9"),
    "armv7": Machine("armv7-linux-gnueabihf", _ARM, mcpu="cortex-a7"),
    "armv7-integer": Machine("armv7-linux-gnueabihf", _ARM, mcpu="cortex-a7", integerOnly=True),
    "cortex-m0": Machine("thumbv6m-none-eabi", _ARM, _THUMB, mcpu="cortex-m0plus"),
    "cortex-m3": Machine("thumbv7m-none-eabi", _ARM, _THUMB, mcpu="cortex-m3"),
    "cortex-m4": Machine("thumbv7em-none-eabihf", _ARM, _THUMB, mcpu="cortex-m4"),
    "cortex-m7": Machine("thumbv7em-none-eabihf", _ARM, _THUMB, mcpu="cortex-m7"),
    "cortex-m33": Machine("thumbv8m.main-none-eabihf", _ARM, _THUMB, mcpu="cortex-m33"),
    "riscv32": Machine("riscv32-unknown-elf", ["qemu-riscv32", "-cpu", "rv32"], "riscv32-linux-gnu", ["-mabi=ilp32", "-march=rv32imac"],
                       mattr="+m,+c"),
    "riscv32-zbb": Machine("riscv32-unknown-elf", ["qemu-riscv32", "-cpu", "rv32,zbb=true"], "riscv32-linux-gnu",
                           ["-mabi=ilp32", "-march=rv32imac"], mattr="+m,+c,+a,+zbb"),
    "riscv64-zbb": Machine("riscv64-linux-gnu", ["qemu-riscv64", "-cpu", "rv64,v=false,zbb=true"], mattr="+zbb"),
    "riscv64": Machine("riscv64-linux-gnu", ["qemu-riscv64", "-cpu", "rv64,v=false"]),
    "riscv64-v128": Machine("riscv64-linux-gnu", _riscvVector(128), mattr="+v"),
    "riscv64-v256": Machine("riscv64-linux-gnu", _riscvVector(256), mattr="+v"),
    "riscv64-v512": Machine("riscv64-linux-gnu", _riscvVector(512), mattr="+v"),
    "riscv64-zvl256": Machine("riscv64-linux-gnu", _riscvVector(256), mattr="+v,+zvl256b"),
    "riscv64-zvl256-v512": Machine("riscv64-linux-gnu", _riscvVector(512), mattr="+v,+zvl256b"),
    "x86-64": Machine("x86_64-linux-gnu", [], mcpu="x86-64"),
}


def missing(machine):
    """A tool that this machine lacks, or nothing."""
    tools = ["clang-22", "ld.lld-22"] + machine.emulator[:1]
    return next((tool for tool in tools if shutil.which(tool) is None), None)


def _memory(name, array):
    # Off any greater alignment than the element type's.
    size = array.dtype.itemsize
    return (f"  static _Alignas(64) unsigned char {name}Memory[{array.nbytes + 64 + size}];\n"
            f"  void *{name} = {name}Memory + {size};\n")


def _model(index, case, expected):
    """C that runs model `index` on all of its samples."""
    inputs, outputs, name, upper = case.samples[0], expected[0], f"m{index}", f"M{index}"
    text = f'#include "{name}.h"\nstatic void run{index}(void) {{\n'
    parameters = []
    for k, array in enumerate(inputs):
        text += _memory(f"in{k}", array)
        parameters.append(f"in{k}")
    for k, array in enumerate(outputs):
        text += _memory(f"out{k}", array)
        parameters.append(f"out{k}")
    text += f"  static _Alignas(64) unsigned char arena[{upper}_ARENA_BYTES + 64];\n"
    text += (f"#if {upper}_STATE_BYTES\n  static _Alignas(64) unsigned char state[{upper}_STATE_BYTES];\n"
             f"  fill(state, sizeof(state));\n  if ({name}_reset(state))\n    finish({100 + index});\n#endif\n")
    text += f"  for (int sample = 0; sample < {len(case.samples)}; sample++) {{\n    fill(arena, sizeof(arena));\n"
    for k, array in enumerate(inputs):
        text += f"    take({index}, in{k}, {array.nbytes});\n"
    for k, array in enumerate(outputs):
        text += f"    fill(out{k}, {array.nbytes});\n"
    text += (f"    if ({name}_run({', '.join(parameters)},\n#if {upper}_STATE_BYTES\n      state,\n#endif\n"
             f"      arena))\n      finish({100 + index});\n")
    for k, array in enumerate(outputs):
        text += f"    give({index}, out{k}, {array.nbytes});\n"
    return text + "  }\n}\n\n"


def execute(machine, work, models):
    """Runs the program of `models`, a list of (case, expected); m<index>.o and m<index>.h lie in `work`.
    The outputs of each as a list by output of all samples together, None from the first model on that
    did not run, and what went wrong."""
    with open(f"{work}/main.c", "w") as file:
        file.write('#include "emulated.c"\n')
        for index, (case, expected) in enumerate(models):
            file.write(_model(index, case, expected))
        file.write("int run(void) {\n" + "".join(f"  run{i}();\n" for i in range(len(models))) + "  return 0;\n}\n")
    objects = [f"{work}/m{i}.o" for i in range(len(models))]
    include = os.path.join(HERE, "..", "..", "include")
    command = ["clang-22", f"--target={machine.host}", *machine.flags, "-O1", "-w", "-ffreestanding", "-fno-builtin", "-nostdlib", "-static",
               "-fuse-ld=lld-22", "-fno-stack-protector", "-fno-pic", "-no-pie", f"-I{HERE}", f"-I{include}", f"{work}/main.c",
               *objects, "-o", f"{work}/main"]
    link = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if link.returncode:
        raise RuntimeError(f"the program does not link: {link.stdout[-2000:]}")
    data = b"".join(np.ascontiguousarray(array).tobytes() for case, _ in models for sample in case.samples for array in sample)
    problem = ""
    try:
        result = subprocess.run(machine.emulator + [f"{work}/main"], input=data, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, timeout=SECONDS)
        out = result.stdout
        if result.returncode:
            problem = f"exit status {result.returncode} {result.stderr.decode(errors='replace')[-200:]}"
    except subprocess.TimeoutExpired as error:
        out, problem = error.stdout or b"", f"no end after {SECONDS} s"
    results, at = [], 0
    for case, expected in models:
        size = sum(array.nbytes for sample in expected for array in sample)
        if at + size > len(out):
            results.append(None)
            at = len(out) + 1
            continue
        outputs = [[] for _ in expected[0]]
        for sample in expected:
            for k, array in enumerate(sample):
                outputs[k].append(np.frombuffer(out, array.dtype, array.size, at).reshape(array.shape))
                at += array.nbytes
        results.append(outputs)
    return results, problem
