# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# What this machine can run, as the names that tests require: the shared data,
# the emulators, and the levels of the host's instruction set. Used by lit and
# by the execution tests, so that both skip for the same reasons.

import os
import platform
import shutil

# The CPU flags that each x86-64 level adds to the one before (x86-64 psABI, 3.1.1).
_X86_LEVELS = {
    "x86-64-v2": {"cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"},
    "x86-64-v3": {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"},
    "x86-64-v4": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"},
}

_PROGRAMS = ("gcc", "qemu-aarch64", "qemu-riscv64", "qemu-system-arm",
             "qemu-system-riscv32", "qemu-system-riscv64", "qemu-arm")


def dataDirectory(sourceDir):
    """The shared models and golden outputs: QCC_DATA, else beside the source."""
    default = os.path.join(sourceDir, "..", "shared", "data")
    return os.path.normpath(os.environ.get("QCC_DATA") or default)


def _cpuFlags():
    try:
        with open("/proc/cpuinfo") as info:
            for line in info:
                if line.startswith("flags"):
                    return set(line.split(":", 1)[1].split())
    except OSError:
        pass
    return set()


def features(dataDir):
    """The set of feature names that hold on this machine."""
    found = set()
    if os.path.isdir(os.path.join(dataDir, "golden")):
        found.add("data")
    if os.path.isdir(os.path.join(dataDir, "..", "tools", "simcycles")):
        found.add("simcycles")
    found.update(p for p in _PROGRAMS if shutil.which(p))
    if platform.machine() == "x86_64":
        found.add("x86-64")
        flags = _cpuFlags()
        for level, added in _X86_LEVELS.items():
            if not added <= flags:
                break
            found.add(level)
        found.update(f for f in ("avx512_vnni", "avx_vnni", "avx512_vbmi") if f in flags)
    return found
