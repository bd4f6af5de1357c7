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
from emulator import MACHINES, execute
from families import FREQUENT, OPERATORS
from graph import Graph
from tflite_model import runSequence

ATTEMPTS = 40
NETWORK = "(network)"


class Case:
    """What was drawn: the model, the inputs of its runs, and the decisions that lead to it."""

    def __init__(self, name, graph, outputs):
        self.name, self.choices, self.spans = name, graph.draw.taken, graph.draw.spans
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
    frequent = [name for name in FREQUENT if name in names] or names
    for _ in range(d.integer(1, 9)):
        start = len(d.taken)
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
        d.spans.append((start, len(d.taken)))
    if not graph.operators:
        raise Reject("no operator is left")
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
            # docs/Rounding.md: clamping where there is no activation makes infinities finite.
            clamped = np.isinf(actual) & (expected == np.copysign(np.finfo(expected.dtype).max, actual))
        wrong = ~(near | clamped | (actual == expected) | (np.isnan(actual) & np.isnan(expected)))
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
    match = re.match(r"operator \d+ \((\w+) of .*\) is not supported; ", text)
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


# What guard pages find is no refusal.
STRAY = "accesses memory|writes into the|wrote beside|depends on where buffers lie"


def complaint(kind, status, log):
    """(verdict, text) of a request that was not served."""
    if kind == "signal":
        return "crashed", f"signal {status} {log[-300:].strip()}"
    if status != 1 or "error: " not in log or re.search(STRAY, log):
        return "crashed", f"exit status {status} {log[-300:].strip()}"
    reason = reasonOf(log)
    return "unsupported" if re.fullmatch(r"\w+" + NOT_SUPPORTED, reason) else "refused", reason


def together(arrays):
    """The samples of one tensor along its first axis."""
    return np.concatenate([v.reshape(1) if v.ndim == 0 else v for v in arrays])


def compare(outputs, expected):
    """(verdict, text) of outputs, each with all samples."""
    for index, actual in enumerate(outputs):
        problem = differs(actual, together([sample[index] for sample in expected]))
        if problem:
            return "differ", f"output {index}: {problem}"
    return "equal", ""


def runQCC(server, work, case, inputs, way, expected):
    """(verdict, text) of one way of running it on this machine."""
    outputs = [f"{work}/output{i}.npy" for i in range(len(case.outputs))]
    for path in outputs:
        if os.path.exists(path):
            os.remove(path)
    kind, status = server.ask(command="run", model=f"{work}/model.tflite", inputs=inputs, outputs=outputs,
                              log=f"{work}/log", **way)
    if kind == "signal" or status:
        return complaint(kind, status, readLog(f"{work}/log"))
    try:
        return compare([np.load(path) for path in outputs], expected)
    except (OSError, ValueError) as error:
        return "crashed", str(error)


def moved(values):
    """int8 as uint8 and back."""
    if values.dtype == np.int8:
        return (values.astype(np.int16) + 128).astype(np.uint8)
    return (values.astype(np.int16) - 128).astype(np.int8) if values.dtype == np.uint8 else values


def consult(case):
    """What the oracle says, or None and why not."""
    try:
        if case.graph.isUnsigned:
            results = runSequence(case.graph.buildUnsigned(case.outputs), [[moved(v) for v in sample] for sample in case.samples])
            return [[moved(v) for v in sample] for sample in results], ""
        return runSequence(case.model, case.samples, case.graph.isOptimized), ""
    except (RuntimeError, ValueError) as error:
        return None, re.sub(r"\d+", "N", str(error).splitlines()[0])[:160]


def summary(case):
    return dict(name=case.name, operators=case.operators, choices=case.choices, spans=case.spans)


def judge(server, work, case, ways):
    """One dictionary about the case: `verdict`, `text`, and the way that gave it."""
    result = summary(case)
    expected, text = consult(case)
    if expected is None:
        return dict(result, verdict="oracle failed", text=text)
    inputs = save(work, case)
    for way in ways:
        verdict, text = runQCC(server, work, case, inputs, way, expected)
        if verdict != "equal":
            break
    return dict(result, verdict=verdict, text=text, way=way.get("mcpu", "interpret"))


def judgeElsewhere(server, work, cases, name):
    """The same for several cases as one program for another machine."""
    machine = MACHINES[name]
    results, compiled = [], []
    for case in cases:
        result = dict(summary(case), way=name)
        results.append(result)
        expected, text = consult(case)
        if expected is None:
            result.update(verdict="oracle failed", text=text)
            continue
        save(work, case)
        stem = f"m{len(compiled)}"
        kind, status = server.ask(command="compile", model=f"{work}/model.tflite", output=f"{work}/{stem}.o", name=stem,
                                  log=f"{work}/log", **machine.request)
        if kind == "signal" or status:
            result["verdict"], result["text"] = complaint(kind, status, readLog(f"{work}/log"))
            continue
        compiled.append((case, expected, result))
    if compiled:
        outputs, problem = execute(machine, work, [(case, expected) for case, expected, _ in compiled])
        lost = [entry for entry, output in zip(compiled, outputs) if output is None]
        for (case, expected, result), output in zip(compiled, outputs):
            if output is not None:
                result["verdict"], result["text"] = compare([together(arrays) for arrays in output], expected)
        if lost:
            # The first took the program down; the rest get another.
            if "decode_save_opc" in problem:
                # qemu 7.2 stops at vfcvt.rtz.x.f.v when no floating-point instruction was before it in its block.
                lost[0][2].update(verdict="oracle failed", text="qemu: assertion in decode_save_opc")
            else:
                lost[0][2].update(verdict="crashed", text=problem)
            again = judgeElsewhere(server, work, [case for case, _, _ in lost[1:]], name)
            for (_, _, result), other in zip(lost[1:], again):
                result.update(other)
    return results
