#!/usr/bin/python3
# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Same input, same bytes: one model is compiled to every kind of output that a target has, several
# times at once, from different directories, by relative and absolute paths, to
# different places, and with an environment that has nothing in common. Addresses
# differ from process to process, so that an order of pointers would show.
# With --objects that is the object and, of its stages, the loops, which all others end in.
#
#   determinism.py QCC MODEL TARGET WORK-DIRECTORY [--objects]

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import host

SKIPPED = 77
KINDS = {"obj": "net.o", "lib": "libnet.a", "asm": "net.s", "llvm-ir": "net.ll", "bitcode": "net.bc",
         "mlir": "net.mlir"}
STAGES = ["import", "optimize", "select", "schedule", "loops"]


def jobs(isObjects):
    """Options and output file of everything that is made of a model."""
    if isObjects:
        yield ["--emit=obj"], KINDS["obj"]
        yield ["--stop-after=loops"], "loops.mlir"
        return
    for kind, output in KINDS.items():
        yield [f"--emit={kind}"], output
    for stage in STAGES:
        yield [f"--stop-after={stage}"], f"{stage}.mlir"
    yield ["--io=arena"], "arena.o"


def portableJobs(isObjects):
    yield ["--emit=c"], "net.c"
    if isObjects:
        return
    yield ["--emit=c", "--io=arena"], "arena.c"


def main(qcc, model, target, work, *options):
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    folders = [os.path.join(source, "test", "data"), host.dataDirectory(source)]
    found = [path for path in (os.path.join(folder, model + ".tflite") for folder in folders)
             if os.path.exists(path)]
    if not found:
        print(f"SKIPPED {model}: no shared data; set QCC_DATA")
        sys.exit(SKIPPED)
    model = os.path.abspath(found[0])
    shutil.rmtree(work, ignore_errors=True)
    name = os.path.basename(model)
    # Where it is run, how the model is called, where the output goes, and the environment.
    places = []
    for number, (called, prefix) in enumerate(
            [(name, ""), (os.path.join("..", "1", name), "out"), (model, os.path.join(work, "deep", "er"))]):
        directory = os.path.join(work, str(number))
        os.makedirs(directory)
        os.makedirs(os.path.join(directory, prefix), exist_ok=True)
        shutil.copy(model, directory)
        environment = [dict(os.environ), {"PATH": "/usr/bin", "LC_ALL": "C"},
                       dict(os.environ, HOME="/nowhere", TZ="Asia/Tokyo", COLUMNS="40")][number]
        places.append((directory, called, os.path.join(directory, prefix), environment))

    different = 0
    compared = 0
    isObjects = "--objects" in options
    wanted = list(portableJobs(isObjects) if target == "generic" else jobs(isObjects))
    for options, output in wanted:
        running = []
        for directory, called, to, environment in places:
            # The locations in MLIR are what the model was called.
            command = [qcc, name if output.endswith(".mlir") else called, f"--target={target}", "--name=net", "-o", os.path.join(to, output)]
            running.append((to, subprocess.Popen(command + options, cwd=directory, env=environment,
                                                 stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)))
        contents = []
        for to, process in running:
            message = process.communicate(timeout=200)[1].decode()
            if process.returncode != 0:
                sys.exit(f"FAILED {options}: {message}")
            files = [output]
            header = os.path.splitext(output.replace("libnet", "net"))[0] + ".h"
            if os.path.exists(os.path.join(to, header)):
                files.append(header)
            contents.append({})
            for file in files:
                with open(os.path.join(to, file), "rb") as made:
                    contents[-1][file] = made.read()
        for other in contents[1:]:
            compared += len(other)
            for file in sorted(set(other) | set(contents[0])):
                if other.get(file) != contents[0].get(file):
                    print(f"FAILED {file} ({' '.join(options)}) is not the same")
                    different += 1
    print(f"{compared} files compared, {different} differ")
    if different or compared < 2 * len(wanted):
        sys.exit(1)
    shutil.rmtree(work)


if __name__ == "__main__":
    main(*sys.argv[1:])
