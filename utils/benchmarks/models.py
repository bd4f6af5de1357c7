# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The models that are measured, and where they lie.

import glob
import json
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHARED = os.environ.get("QCC_SHARED") or os.path.join(ROOT, "..", "shared")
DATA = os.environ.get("QCC_DATA") or os.path.join(SHARED, "data")

TINY = ["mlperf_tiny/ad01_int8", "mlperf_tiny/ic_pretrainedResnet_quant", "mlperf_tiny/kws_ref_model",
        "mlperf_tiny/vww_96_int8", "mlperf_tiny/str_ww_ref_model"]
NATIVE = TINY + ["imagenet/mobilenet_v1_0.25_128_quant", "imagenet/mobilenet_v1_0.75_192_quant",
                 "imagenet/mobilenet_v2_1.0_224_quant", "imagenet/tf2_mobilenet_v2_1.0_224_ptq",
                 "har/ivannp39_har_int8"]
EMULATED = TINY + ["imagenet/mobilenet_v1_0.25_128_quant", "imagenet/tf2_mobilenet_v2_1.0_224_ptq",
                   "imagenet/mobilenet_v2_1.0_224_quant"]
# The same networks, quantized and in float.
FLOAT_TWINS = {"mlperf_tiny/ad01_int8": "mlperf_tiny/ad01_fp32", "mlperf_tiny/vww_96_int8": "mlperf_tiny/vww_96_float",
               "mlperf_tiny/ic_pretrainedResnet_quant": "mlperf_tiny/ic_pretrainedResnet_float"}
# The same networks with QuantizeLinear and DequantizeLinear, for runtimes that read ONNX.
ONNX_TWINS = {"kws_ref_model": "onnx_qdq/kws_ref_model_qdq.onnx",
              "ic_pretrainedResnet_quant": "onnx_qdq/ic_resnet8_qdq.onnx"}


class Model:
    def __init__(self, path, name=None):
        self.path = path
        self.name = name or os.path.splitext(os.path.basename(path))[0]

    def info(self, qcc):
        """What `qcc info` knows, or an error as text: some of the shared files are made to be refused."""
        run = subprocess.run([qcc, "info", self.path, "--json"], text=True, capture_output=True)
        return json.loads(run.stdout) if run.returncode == 0 else run.stderr.strip()

    def isQuantized(self, qcc):
        """Whether any tensor is: a hybrid model's weights alone are."""
        run = subprocess.run([qcc, self.path, "--stop-after=import", "-o", "-"], text=True, capture_output=True)
        return run.returncode == 0 and "!quant.uniform" in run.stdout

    def onnxTwin(self):
        twin = ONNX_TWINS.get(self.name)
        path = twin and os.path.join(DATA, twin)
        return path if path and os.path.exists(path) else None


def find(names, skipped):
    """Models by path, by place below the shared data or by name alone; what is missing is called `skipped`."""
    found = []
    for name in names:
        places = [name, os.path.join(DATA, name), os.path.join(DATA, name + ".tflite")]
        places += sorted(glob.glob(os.path.join(DATA, "*", name + ".tflite")))
        path = next((place for place in places if os.path.isfile(place)), None)
        if path:
            found.append(Model(path))
        else:
            skipped(f"{name}: no such model here")
    return found


def everyModel():
    """Every .tflite of the shared data but those that are damaged on purpose. Single layers are called by their folder, too."""
    found = []
    for path in sorted(glob.glob(os.path.join(DATA, "**", "*.tflite"), recursive=True)):
        folders = os.path.relpath(os.path.splitext(path)[0], DATA).split(os.sep)[1:]
        if not folders[-1].startswith("bad_"):
            found.append(Model(path, "/".join(folders)))
    return found
