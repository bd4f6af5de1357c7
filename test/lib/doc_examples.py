# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Turns the examples in the documentation of operations into functions that qcc-opt can
# parse and verify: values that an example uses but does not define become arguments, with
# the types of its own signature. Fails when an operation has no example.
#   doc_examples.py OPS.td > examples.mlir

import re
import sys

# A terminator, shown in the example of the operation that holds it.
WITHOUT_EXAMPLE = {"yield"}


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


def wrap(name, example):
    head = example.split("{\n")[0]  # of an op with a region: its operands and signature
    signature = re.search(r" : \((.*?)\)\s*->", head, re.S)
    operands = re.findall(r"%\w+", head.split(" : (")[0].split(" = ", 1)[1])
    if "(%" in head.split(" : (")[0]:  # (%inner = %outer, …)
        operands = re.findall(r"%\w+ = (%\w+)", head)
    types = split(signature.group(1)) if signature else []
    if len(types) != len(operands):
        sys.exit(f"{name}: {len(operands)} operands, {len(types)} types in the example")
    arguments = ", ".join(f"{o}: {t}" for o, t in zip(operands, types))
    return f"func.func @{name}({arguments}) {{\n{example}  return\n}}\n// -----\n"


def main(path):
    with open(path) as file:
        text = file.read()
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
            print(wrap(op.group(1), example))


if __name__ == "__main__":
    main(sys.argv[1])
