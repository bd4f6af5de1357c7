#!/usr/bin/python3
# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# What compiling costs: MobileNetV2 to an object within 1 GB, and at all. How long it takes is printed, and is in
# docs/Benchmarks.md: machines differ, and this bound only ends what runs away.
#   compile-cost.py QCC MODEL OBJECT      (the model's path is below the shared data)

import os
import resource
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "lib"))
import host

MAX_SECONDS = 60
MAX_BYTES = 1 << 30


def main(qcc, model, output):
    data = host.dataDirectory(os.path.join(here, "..", ".."))
    if "data" not in host.features(data):
        print(f"SKIPPED compile-cost: no shared data at {data}; set QCC_DATA")
        sys.exit(77)
    subprocess.run([qcc, os.path.join(data, model), "--mcpu=x86-64-v3", "-o", output], check=True,
                   stdin=subprocess.DEVNULL)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
    print(f"{seconds:.1f} s of processor time, {peak / 1e6:.0f} MB")
    if seconds > MAX_SECONDS or peak > MAX_BYTES:
        sys.exit(f"FAILED: allowed are {MAX_SECONDS} s and {MAX_BYTES / 1e6:.0f} MB")


if __name__ == "__main__":
    main(*sys.argv[1:])
