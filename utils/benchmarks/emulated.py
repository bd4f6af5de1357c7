# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Instructions and estimated cycles of one inference on machines that are not here:
# simcycles counts the blocks that a program executes under qemu-user and llvm-mca prices
# each. Three inferences minus one, divided by two, so that starting costs nothing.

import bisect
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile

from models import SHARED
from program import Failure, compileModel, link, run

SIMCYCLES = os.path.join(SHARED, "tools", "simcycles")
LLVM = "/usr/lib/llvm-22/bin"
# Below this share of priced instructions an estimate is not to be trusted.
PRICED = 0.985
# qemu's plugin sees an instruction that crosses a page cut in two, and its block cannot
# be priced: the code is linked at other places until no hot one does.
PADDINGS = (0, 16, 48, 112, 240, 496, 1008)


class Core:
    def __init__(self, name, architecture, options, price, machine=None, tool="simcycles"):
        self.name, self.architecture = name, architecture
        self.triple = {"aarch64": "aarch64-linux-gnu", "riscv64": "riscv64-linux-gnu",
                       "riscv32": "riscv32-unknown-elf", "thumb": "thumbv7em-none-eabihf"}[architecture]
        self.options = [f"--target={self.triple}", *options]
        self.tool = [os.path.join(SIMCYCLES, tool)] + (
            ["--arch", architecture] if tool == "simcycles" else []) + ["--mcpu", price]
        if machine:
            self.tool += ["--qemu-cpu", machine]

    def flags(self):
        own = {"aarch64": [], "riscv64": ["-march=rv64gc", "-mabi=lp64d"],
               "riscv32": ["-march=rv32imfc", "-mabi=ilp32"],
               "thumb": ["-mcpu=cortex-m4", "-mfloat-abi=hard"]}[self.architecture]
        return [f"--target={self.triple}", *own, "-ffreestanding", "-fno-builtin", "-nostdlib", "-static", "-fuse-ld=lld"]


# cortex-a76 has no price table of its own design in LLVM but neoverse-n1's. The emulator has no Zicond.
CORES = {core.name: core for core in (
    Core("cortex-a53", "aarch64", ["--mcpu=cortex-a53"], "cortex-a53", "cortex-a53"),
    Core("cortex-a72", "aarch64", ["--mcpu=cortex-a72"], "cortex-a72", "cortex-a72"),
    Core("cortex-a76", "aarch64", ["--mcpu=cortex-a76"], "neoverse-n1", "cortex-a76"),
    Core("neoverse-n2", "aarch64", ["--mcpu=neoverse-n2"], "neoverse-n2", "max"),
    Core("neoverse-n2 without i8mm", "aarch64", ["--mcpu=neoverse-n2", "--mattr=-i8mm"], "neoverse-n2", "max"),
    Core("spacemit-x60", "riscv64", ["--mcpu=spacemit-x60", "--mattr=-zicond"], "spacemit-x60", tool="rvvcycles.py"),
    Core("cortex-m4", "thumb", ["--mcpu=cortex-m4"], "cortex-m4"),
    Core("cortex-m7", "thumb", ["--mcpu=cortex-m7"], "cortex-m7"),
)}
# More for networks of few bits.
LOW_BIT_CORES = {core.name: core for core in (
    *(CORES[name] for name in ("cortex-a53", "cortex-a72", "spacemit-x60", "cortex-m4")),
    Core("rv32imc", "riscv32", [], "sifive-e31"),
    Core("rv32imc_zbb", "riscv32", ["--mattr=+zbb"], "sifive-e31"),
)}

# A line of --top: share, address, executions, cycles and instructions of one.
_BLOCK = re.compile(r"\s+[\d.]+%\s+(0x[0-9a-f]+)\s+x(\d+)\s+([\d.]+) cycles\s+(\d+) instr")


def missing(core):
    """What this machine lacks to measure the core, or nothing."""
    emulator = {"aarch64": "qemu-aarch64", "riscv64": "qemu-riscv64", "riscv32": "qemu-riscv32", "thumb": "qemu-arm"}[core.architecture]
    if not os.path.isdir(SIMCYCLES):
        return f"no simcycles at {SIMCYCLES}; set QCC_SHARED"
    if not os.path.exists(os.path.join(LLVM, "llvm-mca")):
        return f"no llvm-mca in {LLVM}"
    return next((f"no {tool}" for tool in (emulator, "cc", "ld.lld-22") if shutil.which(tool) is None), None)


def prepare():
    """Has simcycles build its counting plugin, before many want it at once. What it counts here does not matter."""
    subprocess.run([sys.executable, os.path.join(SIMCYCLES, "simcycles"), "--arch", "aarch64", "--mcpu", "cortex-a53", "--",
                    os.devnull], capture_output=True)


class Estimate:
    """Instructions, cycles and the share of the instructions that was priced; the same by layer."""

    def __init__(self, text, symbols):
        self.instructions = int(re.search(r"^instructions: (\d+)", text, re.M)[1]) / 2
        self.cycles = int(re.search(r"^cycles .*: (\d+)", text, re.M)[1]) / 2
        self.priced = float(re.search(r"^priced: ([\d.]+)", text, re.M)[1])
        layers = collections.defaultdict(lambda: [0, 0])
        addresses = [address for address, _ in symbols]
        for block in filter(None, map(_BLOCK.match, text.splitlines())):
            at = bisect.bisect_right(addresses, int(block[1], 16) & ~1) - 1
            layer = layers[symbols[max(at, 0)][1]]
            layer[0] += int(block[2]) * int(block[4]) / 2
            layer[1] += int(block[2]) * float(block[3]) / 2
        # Prices are printed with one decimal: the sum is made right again.
        factor = self.cycles / max(sum(cycles for _, cycles in layers.values()), 1)
        self.layers = [{"layer": name, "instructions": instructions, "cycles": cycles * factor}
                       for name, (instructions, cycles) in sorted(layers.items(), key=lambda item: _order(item[0]))]

    def json(self, withLayers):
        result = {"instructions": self.instructions, "cycles": self.cycles, "priced": self.priced}
        return dict(result, layers=self.layers) if withLayers else result


def _order(name):
    number = re.search(r"_(\d+)$", name)
    return (int(number[1]) if number else 1 << 30, name)


def _symbols(program):
    """Functions of the model by address: each layer is one."""
    found = []
    for line in run([os.path.join(LLVM, "llvm-nm"), "-n", program], "llvm-nm").splitlines():
        fields = line.split(None, 2)
        if len(fields) == 3 and fields[1] in "tT" and (fields[2].startswith("model") or fields[2] == "start"):
            found.append((int(fields[0], 16) & ~1, fields[2].replace("model.", "", 1)))
    return sorted(found)


def estimate(qcc, model, core, options):
    """One inference of the model on the core."""
    with tempfile.TemporaryDirectory(prefix="qcc-bench") as directory:
        compileModel(qcc, model, core.options + options, directory)
        best = None
        for padding in PADDINGS:
            program = link(directory, "emulated.c", f"emulated{padding}",
                           [*core.flags(), f'-DMODEL_PADDING="{padding}"'])
            done = subprocess.run([sys.executable, *core.tool, "--top", "1000000", "--minus", f"{program} 1", "--",
                                   program, "3"], text=True, capture_output=True)
            if done.returncode != 0:
                raise Failure(f"{model.name} on {core.name}: exit status {done.returncode} {done.stderr.strip()[:300]}")
            found = Estimate(done.stdout, _symbols(program))
            if best is None or found.priced > best.priced:
                best = found
            if best.priced >= PRICED:
                break
        return best


def footprint(qcc, model, core):
    """Bytes of RAM and flash with --io=arena, and of them what the model's own numbers take."""
    with tempfile.TemporaryDirectory(prefix="qcc-bench") as directory:
        interface = compileModel(qcc, model, core.options + ["--io=arena"], directory)
        sizes = run([os.path.join(LLVM, "llvm-size"), "-A", os.path.join(directory, "model.o")], "llvm-size")
        sections = dict(re.findall(r"^(\.\S+)\s+(\d+)", sizes, re.M))
        flash = sum(int(size) for name, size in sections.items()
                    if name.startswith((".text", ".rodata", ".ARM.ex")))
        info = model.info(qcc)
        channels = sum(operation["results"][0]["shape"][-1] for operation in info["operations"] if operation["macs"])
        return {"arena": interface.bytes["arena"] + interface.bytes["state"], "stack": interface.bytes["stack"],
                "flash": flash, "constants": info["constant_bytes"], "channels": channels,
                "code": flash - info["constant_bytes"] - 8 * channels}
