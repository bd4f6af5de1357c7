# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The runtimes that qcc is measured beside: Python packages in these versions, each
# installed into a virtual environment of its own below build/ when it is asked for.

import glob
import os
import subprocess
import sys
import tempfile
import venv

from models import ROOT
from program import HERE, Failure, clang, run

PLACE = os.path.join(ROOT, "build", "bench")


class Peer:
    def __init__(self, name, title, packages, readsONNX=False):
        self.name, self.title, self.packages = name, title, packages
        self.readsONNX = readsONNX

    def file(self, model):
        """What this peer reads for the model; nothing where there is no twin in its format."""
        return model.onnxTwin() if self.readsONNX else model.path

    def environment(self):
        """The virtual environment, made when first needed."""
        place = os.path.join(PLACE, self.packages[0].split("==")[0])
        done = os.path.join(place, "installed")
        want = " ".join(self.packages)
        if not os.path.exists(done) or open(done).read() != want:
            print(f"bench: installing {want}", file=sys.stderr)
            venv.create(place, with_pip=True, clear=True)
            run([os.path.join(place, "bin", "python"), "-m", "pip", "install", "--quiet", "--no-input",
                 "--disable-pip-version-check", *self.packages], "pip")
            with open(done, "w") as file:
                file.write(want)
        return place

    def command(self, path, threads):
        """The worker's command line; the path "empty" stands for one operator on one element."""
        python = os.path.join(self.environment(), "bin", "python")
        return [python, os.path.join(HERE, "peer_worker.py"), self.name, str(threads), path]

    def version(self):
        package = self.packages[0].split("==")[0].replace("-", "_")
        found = glob.glob(os.path.join(self.environment(), "lib", "python3*", "site-packages", f"{package}-*.dist-info"))
        return os.path.basename(found[0])[len(package) + 1:-len(".dist-info")] if found else "unknown version"


class OpenVINO(Peer):
    """Called through its C interface."""

    def command(self, path, threads):
        place = self.environment()
        libraries = glob.glob(os.path.join(place, "lib", "python3*", "site-packages", "openvino", "libs", "libopenvino_c.so*"))
        if not libraries:
            raise Failure("openvino: the package has no C library")
        program = os.path.join(PLACE, "openvino_runner")
        run([clang(), "-O2", os.path.join(HERE, "openvino.c"), "-ldl", "-o", program], "clang")
        if path == "empty":
            path = os.path.join(writeTinyModels(), "empty.tflite")
        return [program, libraries[0], path, str(threads)]


_LITERT = ["ai-edge-litert==2.3.*", "numpy"]
PEERS = {peer.name: peer for peer in (
    Peer("litert-xnnpack", "LiteRT+XNNPACK", _LITERT),
    # XNNPACK takes AMX where it finds it, which is slower on most of the models here: they are measured with both.
    Peer("litert-xnnpack-no-amx", "LiteRT+XNNPACK without AMX", _LITERT),
    Peer("litert", "LiteRT", _LITERT),
    Peer("litert-reference", "LiteRT reference", _LITERT),
    Peer("ort", "ONNX Runtime", ["onnxruntime==1.31.*", "onnx==1.23.*", "numpy"], readsONNX=True),
    OpenVINO("openvino", "OpenVINO", ["openvino==2026.4.*"]),
    Peer("iree", "IREE", ["iree-base-compiler==3.13.*", "iree-base-runtime==3.13.*", "onnx==1.23.*", "numpy"],
         readsONNX=True),
)}
# For networks and layers of few bits, which they are given in their own ways.
LOW_BIT_PEERS = {peer.name: peer for peer in (
    Peer("ort-float", "ONNX Runtime in floats", ["onnxruntime==1.31.*", "onnx==1.23.*", "numpy"], readsONNX=True),
    Peer("tvm", "TVM", ["apache-tvm==0.27.*", "numpy"]),
    # Its last release, for Python up to 3.11.
    Peer("larq", "Larq Compute Engine", ["larq-compute-engine==0.16.*", "larq==0.13.*", "tensorflow-cpu==2.12.*", "setuptools<70"]),
)}


def version(peers):
    return ", ".join(dict.fromkeys(f"{peer.packages[0].split('==')[0]} {peer.version()}" for peer in peers))


def writeTinyModels():
    """The directory of the models of one operator that tiny_models.py makes."""
    place = os.path.join(PLACE, "tiny_models")
    os.makedirs(place, exist_ok=True)
    python = os.path.join(PEERS["litert"].environment(), "bin", "python")
    run([python, os.path.join(HERE, "tiny_models.py"), place], "the models of one operator")
    return place


class Worker:
    """A process that holds one model ready and measures it on demand; asleep otherwise."""

    def __init__(self, command, cores, what):
        self.what = what
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
                                        text=True, preexec_fn=lambda: os.sched_setaffinity(0, cores))
        line = self.process.stdout.readline()
        while line and line.strip() != "ready":
            line = self.process.stdout.readline()
        if not line:
            raise self.failure()

    def failure(self):
        self.process.wait()
        self.errors.seek(0)
        lines = [line for line in self.errors.read().splitlines() if line.strip() and not line.startswith("INFO:")]
        status = self.process.returncode
        return Failure(f"{self.what}: {lines[-1] if lines and status >= 0 else f'exit status {status}'}")

    def measure(self, seconds):
        """Median microseconds of a run."""
        try:
            self.process.stdin.write(f"measure {seconds}\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise self.failure()
        return float(line)

    def close(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()
