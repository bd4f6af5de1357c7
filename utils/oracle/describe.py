# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# A case in a few lines, to read.

import numpy as np


def tensorText(tensor):
    text = f"t{tensor.index} {tensor.dtype}{tensor.shape}"
    if tensor.scale is not None:
        if len(tensor.scale) > 1:
            text += f" {len(tensor.scale)} scales {np.array2string(tensor.scale[:3], precision=6)}"
        else:
            text += f" {float(tensor.scale[0]):.9g}*(q{-int(tensor.zeroPoint[0]):+d})"
    if tensor.isVariable:
        text += " variable"
    if tensor.data is not None:
        data = np.asarray(tensor.data).reshape(-1)
        text += " = " + (str(np.asarray(tensor.data).tolist()) if data.size <= 8 else f"{data[:6].tolist()}…")
    return text


def describe(case):
    graph, lines = case.graph, []
    for name, operator in zip(case.operators, graph.operators):
        lines.append(f"  {name} {operator.fields}")
        for label, indices in (("of", operator.inputs), ("makes", operator.outputs)):
            for index in indices:
                lines.append(f"    {label} " + ("none" if index < 0 else tensorText(graph.tensors[index])))
    lines.append("  inputs " + " ".join(f"t{t.index}" for t in graph.inputs) + "; outputs " +
                 " ".join(f"t{t.index}" for t in case.outputs))
    return "\n".join(lines)
