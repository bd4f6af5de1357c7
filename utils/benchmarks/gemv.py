# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Products of a matrix and a vector of floats with weights of 1 to 8 bits in blocks: how near to the
# memory's bandwidth, beside our own 8 bits and ONNX Runtime's MatMulNBits. Weights come from memory: as many
# copies of an object as no cache holds are linked together under different names, and called in turn.

import os
import random
import shutil
import statistics
import struct

import models
from peers import PEERS, PLACE
from program import HERE, Failure, clang, run

DEPTH, OUTPUTS, BLOCK = 4096, 4096, 128
MEMORY = 128 << 20
WIDTHS = (8, 4, 3, 2, 1)
# How often as fast as our own 8 bits, and the peer's time at as many bits (its fewest for 1) that is allowed.
FLOORS = {4: 1.7, 3: 2.1, 2: 2.8, 1: 4.0}
PEER_FLOORS = {4: 0.9, 2: 0.9, 1: 0.5}
STREAM_FLOORS = {8: 0.8}


def writeModel(path, bits):
    """Weights of all values of so many bits, or of -1 and 1; scales as float16 has them."""
    rng = random.Random(bits)
    count = 1 << bits
    values = bytes(v % 256 for v in ((-1, 1) if bits == 1 else range(-count // 2, count // 2)))
    table = bytes(values[i % count] for i in range(256))
    weights = rng.randbytes(DEPTH * OUTPUTS).translate(table).hex()
    blocks = DEPTH // BLOCK
    scales = b"".join(struct.pack("<f", struct.unpack("<e", struct.pack("<e", rng.uniform(0.005, 0.015)))[0])
                      for _ in range(OUTPUTS * blocks)).hex()
    with open(path, "w") as file:
        file.write(f"""func.func @main(%x: tensor<1x{DEPTH}xf32>) -> tensor<1x{OUTPUTS}xf32> {{
  %w = qnn.constant dense<"0x{weights}"> : tensor<{OUTPUTS}x{DEPTH}xi8> as tensor<{OUTPUTS}x{DEPTH}xi8>
  %s = qnn.constant dense<"0x{scales}"> : tensor<{OUTPUTS}x{blocks}xf32> as tensor<{OUTPUTS}x{blocks}xf32>
  %y = qnn.block_fully_connected %x, %w scales %s {{block = {BLOCK}}}
    : (tensor<1x{DEPTH}xf32>, tensor<{OUTPUTS}x{DEPTH}xi8>, tensor<{OUTPUTS}x{blocks}xf32>) -> tensor<1x{OUTPUTS}xf32>
  return %y : tensor<1x{OUTPUTS}xf32>
}}
""")


def build(options, bits):
    """The measuring program, and the bytes of one object's weights."""
    place = os.path.join(PLACE, "gemv", f"w{bits}")
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(place)
    model, first = os.path.join(place, "model.mlir"), os.path.join(place, "m0.o")
    writeModel(model, bits)
    run([options.qcc, model, "-o", first, "--name=m0", *options.qccOptions], f"qcc, {bits} bits")
    os.remove(model)
    size = os.path.getsize(first)
    copies = MEMORY // size + 1
    objects = [first]
    for i in range(1, copies):
        objects.append(os.path.join(place, f"m{i}.o"))
        run(["llvm-objcopy-22", f"--redefine-sym=m0_run=m{i}_run", f"--redefine-sym=m0_info=m{i}_info", first, objects[-1]],
            "llvm-objcopy-22")
    with open(os.path.join(place, "calls.h"), "w") as file:
        file.write(f"#define DEPTH {DEPTH}\n#define OUTPUTS {OUTPUTS}\n#define CALLS {copies}\n")
        for i in range(copies):
            file.write(f"int m{i}_run(const float *, float *, void *);\n")
        names = ", ".join(f"m{i}_run" for i in range(copies))
        file.write(f"static int (*const functions[])(const float *, float *, void *) = {{{names}}};\n")
    program = os.path.join(place, "gemv")
    run([clang(), "-O2", "-I", place, os.path.join(HERE, "gemv.c"), *objects, "-o", program], "clang")
    for path in objects:
        os.remove(path)
    return program, size


def buildStream():
    place = os.path.join(PLACE, "gemv")
    os.makedirs(place, exist_ok=True)
    program = os.path.join(place, "stream")
    run([clang(), "-O3", "-march=native", f"-DSTREAM={MEMORY}", os.path.join(HERE, "gemv.c"), "-o", program], "clang")
    return program


def measure(options, skipped):
    """Rounds of all programs in alternation; medians of rounds."""
    core = options.core if options.core is not None else os.cpu_count() - 1
    pin = ["taskset", "-c", str(core)]
    seconds = str(options.seconds)
    programs, sizes = {"stream": [buildStream(), seconds]}, {}
    for bits in WIDTHS:
        path, sizes[bits] = build(options, bits)
        programs[bits] = [path, seconds]
    try:
        python = os.path.join(PEERS["ort"].environment(), "bin", "python")
        for bits in (4, 2):
            programs["ort", bits] = [python, os.path.join(HERE, "gemv_peer.py"), str(bits), str(DEPTH), str(OUTPUTS),
                                     str(BLOCK), seconds, str(MEMORY)]
    except Failure as failure:
        skipped(f"ONNX Runtime: {failure}")
    rounds = []
    for _ in range(options.rounds):
        rounds.append({name: float(run(pin + command, str(name))) for name, command in programs.items()})

    def ratio(a, b):
        return statistics.median(r[a] / r[b] for r in rounds)

    rows = []
    for bits in WIDTHS:
        peer = ("ort", 4 if bits > 2 else 2)
        rows.append({
            "bits": bits, "us": statistics.median(r[bits] for r in rounds), "bytes": sizes[bits],
            "bandwidth": statistics.median(sizes[bits] / r[bits] / (MEMORY / r["stream"]) for r in rounds),
            "speedup": ratio(8, bits), "peer_us": statistics.median(r[peer] for r in rounds) if peer in rounds[0] else None,
            "to_peer": ratio(bits, peer) if peer in rounds[0] else None})
    return {"rows": rows, "rounds": options.rounds,
            "stream_gb_per_s": statistics.median(MEMORY / r["stream"] for r in rounds) * 1e-3}
