# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Turns the text form of a .tflite model into the binary one with flatc and our
# description of the format, and imports it. Replacements 'OLD => NEW' change the
# text before, so that one model serves for all that may be wrong with it.
# usage: import.py <qcc-translate> <source dir> <model.json> [OLD => NEW ...]

import os
import subprocess
import sys
import tempfile


def main():
    translate, source, model = sys.argv[1:4]
    with open(model) as file:
        text = file.read()
    for replacement in sys.argv[4:]:
        old, new = replacement.split(" => ")
        if old not in text:
            sys.exit("'%s' does not occur in the model" % old)
        text = text.replace(old, new)
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "model.json")
        with open(path, "w") as file:
            file.write(text)
        schema = os.path.join(source, "third_party", "tflite", "tflite.fbs")
        subprocess.run(["flatc", "-b", "-o", directory, schema, path], check=True)
        run = subprocess.run(
            [translate, "--tflite-to-qnn", "model.tflite"],
            cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = run.stdout.decode()
    sys.stdout.write(output)
    # Whatever is wrong with a file, there is one error, and the status is 1.
    errors = output.count(": error: ")
    if errors != (run.returncode != 0) or run.returncode not in (0, 1):
        print("status %d with %d errors" % (run.returncode, errors))
        sys.exit(2)
    sys.exit(run.returncode)


main()
