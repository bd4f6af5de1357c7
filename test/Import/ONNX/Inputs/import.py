# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Writes a graph given in protobuf's text form, with what every model has around it, as
# .onnx, and shows what qcc imports: import.py QCC SOURCE GRAPH ['old => new' …] [--option …]

import os
import subprocess
import sys

qcc, source, graph = sys.argv[1:4]
options = [a for a in sys.argv[4:] if a.startswith("--")]
with open(graph, encoding="utf-8") as file:
    text = file.read()
if "ir_version" not in text:
    text = "ir_version: 8 opset_import { version: 13 }\n" + \
           "opset_import { domain: 'qonnx.custom_op.general' version: 1 }\n" + "graph {" + text + "}"
for change in sys.argv[4:]:
    if change.startswith("--"):
        continue
    old, new = change.split(" => ")
    assert old in text, f"nothing to replace: {old}"
    text = text.replace(old, new)
encoded = subprocess.run(["protoc", f"--proto_path={source}/third_party/onnx", "--encode=onnx.ModelProto",
                          "onnx.proto"], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
path = graph + ".onnx"
with open(path, "wb") as file:
    file.write(encoded)
stage = [] if any(o.startswith("--stop-after") for o in options) else ["--stop-after=import"]
sys.exit(subprocess.run([qcc, os.path.basename(path), *stage, "-o", "-", *options],
                        cwd=os.path.dirname(path), check=False).returncode)
