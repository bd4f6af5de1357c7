# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Turns the examples in the documentation of operations into functions that qcc-opt can
# parse and verify: values that an example uses but does not define become arguments, with
# the types of its own signature. Fails when an operation has no example.
#   doc_examples.py [--variants] DIRECTORY > examples.mlir
# DIRECTORY: where the QNN*Ops.td are.
# --variants: each example twice, as <op>__i8 and <op>__f32, with the element types
# exchanged; whoever reads them has to expect that not every op exists in both.

import pathlib
import re
import sys

# Shown in the example of the operation that holds it; no operation of models.
WITHOUT_EXAMPLE = {"yield", "share_end"}

# What kernels want to be known at compile time.
CONSTANTS = {"%w", "%b", "%wf", "%wg", "%wo", "%rf", "%rg", "%ro", "%bf", "%bg", "%bo", "%f", "%t", "%on", "%off"}


def split(types):
    """At commas outside of <>."""
    parts, depth = [""], 0
    for char in types:
        depth += (char == "<") - (char == ">")
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts if part.strip()]


def constant(value, type):
    """The weights of an example: kernels want them known."""
    storage = re.sub(r"x!quant\.uniform<(\w+):[^>]*>>", r"x\1>", type)
    number = "1.0" if storage.endswith("f32>") else "1"
    return f"  {value} = qnn.constant dense<{number}> : {storage} as {type}\n"


def wrap(name, example, constants=()):
    # Symbols stand beside functions.
    lines = example.splitlines(keepends=True)
    symbols = "".join(line for line in lines if line.lstrip().startswith("qnn.variable "))
    example = "".join(line for line in lines if not line.lstrip().startswith("qnn.variable "))
    if not example.strip():
        return symbols + "// -----\n"
    if symbols:
        return f"{symbols}func.func @{name}() {{\n{example}  return\n}}\n// -----\n"
    head = example.split("{\n")[0]  # of an op with a region: its operands and signature
    signature = re.search(r" : \((.*?)\)\s*->", head, re.S)
    operands = re.findall(r"%\w+", head.split(" : (")[0].split(" = ", 1)[1])
    if re.search(r"\(%\w+ = ", head.split(" : (")[0]):  # (%inner = %outer, …)
        operands = re.findall(r"%\w+ = (%\w+)", head)
    types = split(signature.group(1)) if signature else []
    if len(types) != len(operands):
        sys.exit(f"{name}: {len(operands)} operands, {len(types)} types in the example")
    arguments = ", ".join(f"{o}: {t}" for o, t in zip(operands, types) if o not in constants)
    body = "".join(constant(o, t) for o, t in zip(operands, types) if o in constants) + example
    return f"func.func @{name}({arguments}) {{\n{body}  return\n}}\n// -----\n"


def variants(example):
    """The example on quantized int8 and on float32 tensors."""
    quantized = example
    if "!quant" not in example:
        quantized = re.sub(r"xf32>", "x!quant.uniform<i8:f32, 0.5>>", example)
    real = re.sub(r"x!quant\.uniform<[^>]*>>", "xf32>", example).replace("xi32>", "xf32>")
    return (("i8", quantized), ("f32", real))


def main(arguments):
    text = ""
    for path in sorted(pathlib.Path(arguments[-1]).glob("QNN*Ops.td")):
        text += path.read_text()
    for definition in re.split(r"^(?=def )", text, flags=re.M):
        op = re.match(r'def QNN_\w+Op *: *\w+<(?:QNN_Dialect, )?"(\w+)"', definition)
        if not op or op.group(1) in WITHOUT_EXAMPLE:
            continue
        examples = re.findall(r"```mlir\n(.*?)```", definition, re.S)
        if not examples:
            sys.exit(f"qnn.{op.group(1)}: no example in its documentation")
        for example in examples:
            if f"qnn.{op.group(1)} " not in example:
                sys.exit(f"qnn.{op.group(1)}: the example is of another operation")
            if "--variants" in arguments:
                for form, text in variants(example):
                    print(wrap(f"{op.group(1)}__{form}", text, CONSTANTS))
            else:
                print(wrap(op.group(1), example))


if __name__ == "__main__":
    main(sys.argv[1:])
