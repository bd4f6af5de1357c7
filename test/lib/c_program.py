# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Programs from the portable C that `qcc --emit=c` writes, by whatever compiler: the
# harness of --emit=exe around it, with a glue file that reads the model's header.

import os
import re
import subprocess

HARNESS = ("harness.c", "npy.c", "platform_posix.c")


def glue(header):
    """The C file that ties the harness, which knows no names, to a model by its header."""
    with open(header) as file:
        text = file.read()
    name, parameters = re.search(r"^int (\w+)_run\(([^)]*)\);", text, re.M).groups()
    arguments = []
    for parameter in parameters.split(","):
        word = parameter.replace("*", " ").split()[-1]
        number = re.match(r"(in|out)(\d+)$", word)
        arguments.append(f"{number.group(1)}[{number.group(2)}]" if number else word)
    reset = f"{name}_reset(state)" if f"int {name}_reset(" in text else "((void)state, 0)"
    return (f'#include "harness.h"\n#include "{os.path.basename(header)}"\n'
            f"const struct qcc_model_info *const harness_model = &{name}_info;\n"
            "const uint32_t harness_threads = 1;\n"
            "int harness_run(void *const *in, void *const *out, void *state, void *arena) {\n"
            f"  (void)in; (void)out; (void)state;\n  return {name}_run({', '.join(arguments)});\n}}\n"
            f"int harness_reset(void *state) {{ return {reset}; }}\n")


def build(source, program, compiler=("gcc", "-std=c99", "-O2"), share=None, warnings=()):
    """Compiles `source` (its header beside it) and links it with the harness. Raises
    CalledProcessError with the compiler's output."""
    folder = os.path.dirname(os.path.abspath(source))
    stem = os.path.join(folder, os.path.splitext(os.path.basename(source))[0])
    with open(stem + "_glue.c", "w") as file:
        file.write(glue(stem + ".h"))
    include = ["-I" + folder, "-I" + os.path.join(share, "include"),
               "-I" + os.path.join(share, "harness")]
    quiet = dict(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                 text=True, check=True)
    compiler = list(compiler)
    subprocess.run(compiler + list(warnings) + ["-c", source, "-o", stem + ".o"], **quiet)
    rest = [flag for flag in compiler if not flag.startswith("-std=")]
    files = [os.path.join(share, "harness", name) for name in HARNESS] + [stem + "_glue.c"]
    subprocess.run(rest + ["-std=gnu99", "-w"] + include + files + [stem + ".o", "-o", program],
                   **quiet)
