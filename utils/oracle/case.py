# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# One case: from its number to a model, and from the model to a verdict.

import glob
import json
import os
import re
import subprocess

import numpy as np
from draw import Draw, Reject
from families import FREQUENT, OPERATORS
from graph import Graph
from tflite_model import runSequence

ATTEMPTS = 40
NETWORK = "(network)"
# These have no reference kernels. Only alone, for other operators' kernels are not those that count here.
WITHOUT_REFERENCE = {"CEIL", "CUMSUM", "ELU", "ROUND"}


class Case:
    """What was drawn: the model, the inputs of its runs, and the decisions that lead to it."""

    def __init__(self, name, graph, outputs):
        self.name, self.choices = name, graph.draw.taken
        self.graph, self.outputs = graph, outputs
        self.samples = graph.samples()
        self.isSequence = any(t.isVariable for t in graph.tensors) or bool(graph.initializers)
        self.operators = [operatorName(op.code) for op in graph.operators]
        self.model = graph.build(outputs)
        ranks = [t.shape for t in graph.inputs + outputs]
        if not all(ranks) and not self.isSequence:
            self.samples = self.samples[:1]


def operatorName(code):
    from tflite_model import Builtin
    return next(name for name, value in vars(Builtin).items() if value == code and name.isupper())


def drawNetwork(graph, names):
    d = graph.draw
    names = [name for name in names if name not in WITHOUT_REFERENCE] or names
    frequent = [name for name in FREQUENT if name in names] or names
    for _ in range(d.integer(2, 9)):
        pool = frequent if d.chance(0.6) else names
        name = pool[d.below(len(pool))]
        before = (len(graph.tensors), len(graph.operators), len(graph.inputs), len(graph.produced),
                  len(graph.initializers), [t.span for t in graph.tensors])
        try:
            OPERATORS[name](graph)
        except Reject:
            # As if it had not been drawn.
            for kept, size in zip((graph.tensors, graph.operators, graph.inputs, graph.produced, graph.initializers), before):
                del kept[size:]
            for tensor, span in zip(graph.tensors, before[-1]):
                tensor.span = span
    read = {i for op in graph.operators for i in op.inputs}
    outputs = [t for t in graph.produced if t.index not in read and t not in graph.inputs]
    if d.chance(0.2):
        outputs.append(graph.produced[d.below(len(graph.produced))])
    if outputs and d.chance(0.1):
        outputs.append(outputs[d.below(len(outputs))])
    return outputs


def drawCase(seed, number, only=None, given=None, networks=0.35):
    """The case of a number; None when no attempt makes a model. `given` replaces its decisions."""
    names = [name for name in OPERATORS if not only or name in only]
    for attempt in range(1 if given is not None else ATTEMPTS):
        draw = Draw(np.random.default_rng([seed, number, attempt]), given)
        isNetwork = draw.chance(networks)
        graph = Graph(draw, [seed, number], isNetwork)
        try:
            if isNetwork:
                name, outputs = NETWORK, drawNetwork(graph, names)
            else:
                # Each in its turn, so that none is forgotten.
                name = names[number % len(names)]
                OPERATORS[name](graph)
                read = {i for op in graph.operators for i in op.inputs}
                outputs = [t for t in graph.produced if t.index not in read and t not in graph.inputs]
            if not graph.inputs or not outputs:
                raise Reject("nothing goes in or comes out")
            return Case(name, graph, outputs)
        except Reject:
            continue
    return None


def differs(actual, expected):
    """Why `actual` is not `expected`, or nothing."""
    if actual.dtype != expected.dtype or actual.size != expected.size:
        return f"{actual.dtype} {actual.shape} instead of {expected.dtype} {expected.shape}"
    actual = actual.reshape(expected.shape)
    if expected.dtype.kind == "f":
        with np.errstate(all="ignore"):
            near = np.abs(actual - expected) <= 1e-4 * np.maximum(1, np.abs(expected))
        wrong = ~(near | (actual == expected) | (np.isnan(actual) & np.isnan(expected)))
    else:
        wrong = actual != expected
    if not wrong.any():
        return None
    first = tuple(int(i) for i in np.argwhere(wrong)[0])
    return f"{int(wrong.sum())} of {wrong.size} differ, first at {first}: {actual[first]} instead of {expected[first]}"


class Server:
    """qcc-serve: qcc without the time that its start takes."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if len(answer) != 2:
            raise RuntimeError("qcc-serve is gone")
        return answer[0], int(answer[1])


NOT_SUPPORTED = " is not supported"


def readLog(path):
    with open(path, errors="replace") as file:
        return file.read()


def reasonOf(log):
    """An error of qcc without what is particular to the case."""
    lines = [line for line in log.splitlines() if "error: " in line]
    text = lines[0].split("error: ", 1)[1] if lines else log.strip()[:200]
    match = re.match(r"operator \d+ \((\w+) of .*\) is not supported; supported are", text)
    if match:
        return match[1] + NOT_SUPPORTED
    text = re.sub(r"^operator \d+ \((\w+) of [^)]*\): ", r"\1: ", text)
    text = re.sub(r"^operator \d+ \(tensor '[^']*'\): ", "", text)
    text = re.sub(r"'t\d+'|tensor \d+|'qcc_\w+'", "'t'", text)
    text = re.sub(r"'[^']*[<\[][^']*'|!quant[^ ,]*<[^>]*>(:[^>]*>)?|\[[-\d, ]*\]", "…", text)
    return re.sub(r"-?\b\d+(\.\d+)?(e[-+]\d+)?\b", "N", text)[:160]


def save(work, case):
    """The case's files; the requests that name them."""
    for old in glob.glob(f"{work}/*.npy"):
        os.remove(old)
    with open(f"{work}/model.tflite", "wb") as file:
        file.write(case.model)
    inputs = []
    for index in range(len(case.samples[0])):
        values = [sample[index] for sample in case.samples]
        path = f"{work}/input{index}.npy"
        np.save(path, values[0] if len(values) == 1 else np.concatenate(
            [v.reshape(1) if v.ndim == 0 else v for v in values]))
        inputs.append(path)
    return inputs


def runQCC(server, work, case, inputs, way, expected):
    """(verdict, text) of one way of running it: equal, differ, refused or crashed."""
    outputs = [f"{work}/output{i}.npy" for i in range(len(case.outputs))]
    for path in outputs:
        if os.path.exists(path):
            os.remove(path)
    kind, status = server.ask(command="run", model=f"{work}/model.tflite", inputs=inputs, outputs=outputs,
                              log=f"{work}/log", **way)
    log = readLog(f"{work}/log")
    if kind == "signal":
        return "crashed", f"signal {status} {log[-300:].strip()}"
    if status != 0:
        if status != 1 or "error: " not in log:
            return "crashed", f"exit status {status} {log[-300:].strip()}"
        reason = reasonOf(log)
        return "unsupported" if reason.endswith(NOT_SUPPORTED) else "refused", reason
    for index, path in enumerate(outputs):
        together = [sample[index] for sample in expected]
        together = np.concatenate([v.reshape(1) if v.ndim == 0 else v for v in together])
        try:
            actual = np.load(path)
        except (OSError, ValueError) as error:
            return "crashed", f"output {index}: {error}"
        problem = differs(actual, together)
        if problem:
            return "differ", f"output {index}: {problem}"
    return "equal", ""


def judge(server, work, case, ways):
    """One dictionary about the case: `verdict`, `text`, and the way that gave it."""
    result = dict(name=case.name, operators=case.operators, choices=case.choices)
    try:
        expected = runSequence(case.model, case.samples, WITHOUT_REFERENCE.intersection(case.operators))
    except (RuntimeError, ValueError) as error:
        return dict(result, verdict="oracle failed", text=re.sub(r"\d+", "N", str(error).splitlines()[0])[:160])
    inputs = save(work, case)
    for way in ways:
        verdict, text = runQCC(server, work, case, inputs, way, expected)
        if verdict != "equal":
            break
    return dict(result, verdict=verdict, text=text, way=way.get("mcpu") or "interpret",
                kinds=sorted({str(v.dtype) for sample in expected for v in sample}))
