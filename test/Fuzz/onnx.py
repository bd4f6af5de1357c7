#!/usr/bin/python3
# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Damaged .onnx models: whatever a file holds, the outcome is a module, or exit status 1 after
# one error. What a seed finds is kept in the work directory.
#
#   onnx.py --qcc=build/bin/qcc --work=DIR --count=100 --seed=1 MODEL …

import argparse
import os
import random
import subprocess
import sys


def damage(data):
    """A few changes of the kinds that files suffer, and some that nobody makes by accident."""
    for _ in range(random.choice([1, 1, 2, 3, 5])):
        if len(data) < 9:
            break
        kind, at = random.random(), random.randrange(len(data))
        if kind < 0.5:
            data[at] = random.randrange(256)
        elif kind < 0.7:
            data[at] ^= 1 << random.randrange(8)
        elif kind < 0.8:
            del data[at:at + random.randrange(1, 9)]
        elif kind < 0.9:
            data[at:at] = bytes(random.randrange(256) for _ in range(random.randrange(1, 9)))
        elif kind < 0.95:
            del data[at + 1:]
        else:
            other = random.randrange(len(data))
            data[at:at + 8] = data[other:other + 8]
    return data


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--qcc", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("models", nargs="*")
    options = parser.parse_args()
    if not options.models:
        print("SKIPPED no shared data: there are no models to damage")
        sys.exit(77)
    os.makedirs(options.work, exist_ok=True)
    random.seed(options.seed)
    finds, refused = 0, 0
    for number in range(options.count):
        model = random.choice(sorted(options.models))
        with open(model, "rb") as file:
            data = damage(bytearray(file.read()))
        path = os.path.join(options.work, f"{options.seed}-{number}.onnx")
        with open(path, "wb") as file:
            file.write(data)
        stage = random.choice(["import", "optimize"])
        try:
            result = subprocess.run([options.qcc, path, f"--stop-after={stage}", "-o", os.devnull],
                                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                    stderr=subprocess.PIPE, timeout=60, check=False)
            errors = result.stderr.decode(errors="replace")
            good = result.returncode == 0 or (result.returncode == 1 and errors.count("error: ") == 1)
            outcome = f"exit status {result.returncode}: {errors[:500]}"
            refused += result.returncode == 1
        except subprocess.TimeoutExpired:
            good, outcome = False, "no end after 60 s"
        if good:
            os.remove(path)
            continue
        finds += 1
        print(f"FIND {path} from {os.path.basename(os.path.dirname(model))}: {outcome}")
    print(f"{options.count} damaged models, {refused} refused, {finds} finds")
    sys.exit(1 if finds else 0)


if __name__ == "__main__":
    main()
