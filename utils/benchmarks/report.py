# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Measurements as tables, beside what recorded.json has of peers, and the floors that the
# project has set itself.

import json
import os

import emulated
import gemv
import lowbit
from peers import PEERS
from program import HERE
from rounds import geometricMean, significant
from table import Table

with open(os.path.join(HERE, "recorded.json")) as file:
    RECORDED = json.load(file)

# The five models of MLPerf Tiny have a floor together, too.
TINY = ("ad01_int8", "ic_pretrainedResnet_quant", "kws_ref_model", "vww_96_int8", "str_ww_ref_model")


class Section:
    """A part of the document that one command writes."""

    def __init__(self, *parts):
        self.parts = [part for part in parts if part]

    def terminal(self):
        return "\n".join(part.text() if isinstance(part, Table) else part + "\n" for part in self.parts)

    def markdown(self):
        return "\n".join(part.markdown() if isinstance(part, Table) else part + "\n" for part in self.parts)


def verdict(value, floor):
    """How a value stands to its floor, the greatest that is allowed."""
    if floor is None or value is None:
        return ""
    return f"≤ {floor:g} " + ("met" if value <= floor else "missed")


def countFloors(*tables):
    """How many of the cells that name a floor say that it is met."""
    cells = [cell for table in tables for row in table.rows[1:] for cell in row if cell.startswith(("≤", "≥", "met", "missed"))]
    met = sum("missed" not in cell or "but ≥" in cell for cell in cells)
    return f"Floors met: {met} of {len(cells)}." if cells else ""


def micros(value):
    return significant(value)


def nativeRatio(row):
    """qcc to XNNPACK in the configuration that is the faster one for this model."""
    ratios = [row["ratios"][name]["median"] for name in ("litert-xnnpack", "litert-xnnpack-no-amx")
              if name in row.get("ratios", {})]
    return max(ratios) if ratios else None


def nativeFloor(row):
    """Each row's own floor. One that runs near the machine's ceiling passes in any case."""
    recorded = RECORDED["native"]
    if "speedup" in row and row["model"] in recorded["floor_two_threads"] and row["threads"] == 2:
        least = recorded["floor_two_threads"][row["model"]]
        return f"≥ {least:g} times " + ("met" if row["speedup"]["median"] >= least else "missed")
    if row["threads"] != 1:
        return ""
    ratio, fraction = nativeRatio(row), row.get("ceiling", {}).get("fraction", 0)
    # Another instruction set than the peer's own choice is no match.
    floor = recorded["floor"].get(row["model"], recorded["floor_of_others"]) if ratio and not row.get("options") else None
    layer = row.get("layer", {})
    if layer.get("operation") == "conv2d" and layer["reduction"] >= 64 and row["macs"] >= 1e6:
        return f"≥ {recorded['floor_ceiling']:.0%} of the ceiling " + ("met" if fraction >= recorded["floor_ceiling"] else "missed") + (
            ", slower than XNNPACK" if floor and ratio > floor else "")
    if floor and ratio > floor and fraction >= recorded["floor_ceiling"]:
        return f"≤ {floor:g} missed, but ≥ {recorded['floor_ceiling']:.0%} of the ceiling"
    return verdict(ratio, floor)


def ratioText(ratio):
    return f"{ratio['median']:.2f} ({ratio['least']:.2f}–{ratio['greatest']:.2f})"


def nativeLine(row):
    parts = [f"{who} {micros(value)} µs" for who, value in row["median_us"].items()]
    parts += [f"qcc/{who} {ratioText(ratio)}" for who, ratio in row.get("ratios", {}).items()]
    return f"{row['model']}, {row['threads']} thread{'s' * (row['threads'] > 1)}: " + ", ".join(parts)


def nativeTable(rows):
    peers = [name for name in PEERS if any(name in row["median_us"] for row in rows)]
    headings = ["model", "MACs", "qcc µs", "GMAC/s", "of ceiling"]
    for name in peers:
        headings += [f"{PEERS[name].title} µs", f"qcc / {PEERS[name].title}"]
    table = Table(*headings, "1 thread / this", "compiled in s", "floor")
    for row in rows:
        median, ratios, ceiling = row["median_us"], row.get("ratios", {}), row.get("ceiling")
        cells = [row["model"], f"{row['macs']:,}", micros(median["qcc"]) if "qcc" in median else "–",
                 significant(row["gmacs_per_s"]) if row.get("gmacs_per_s") else "",
                 f"{ceiling['fraction']:.0%}" if ceiling and row["macs"] else ""]
        for name in peers:
            cells += [micros(median[name]) if name in median else "–", ratioText(ratios[name]) if name in ratios else "–"]
        speedup = row.get("speedup")
        table.add(*cells, ratioText(speedup) if speedup else "",
                  significant(row["compile_seconds"], 2) if "compile_seconds" in row else "", nativeFloor(row))
    return table


def nativeSummary(rows):
    """Geometric means over MLPerf Tiny's five."""
    lines = []
    rows = [row for row in rows if not row.get("options")]
    best = [nativeRatio(row) for row in rows if row["model"] in TINY and nativeRatio(row) and row["threads"] == 1]
    if len(best) == len(TINY):
        floor = RECORDED["native"]["floor_tiny_mean"]
        lines.append(f"Geometric mean of qcc / the faster XNNPACK over the five of MLPerf Tiny: {geometricMean(best):.2f}, "
                     f"{verdict(geometricMean(best), floor)}.")
    for name, peer in PEERS.items():
        five = [row["ratios"][name]["median"] for row in rows if row["model"] in TINY and name in row.get("ratios", {})]
        if len(five) == len(TINY):
            lines.append(f"Geometric mean of qcc / {peer.title} over the five of MLPerf Tiny: {geometricMean(five):.2f}.")
    return " ".join(lines)


def skippedText(result):
    return "\n".join(f"- SKIPPED: {reason}" for reason in result["skipped"])


def nativeSections(result, name):
    if not result["rows"]:
        return {}
    about = (f"{result['machine']}; load {result['load']:.1f} at the start; {result['peers']}; qcc {result['commit']}; "
             f"{result['rounds']} rounds in alternation.")
    parts = [about]
    for threads, options in sorted({(row["threads"], " ".join(row["options"])) for row in result["rows"]}):
        rows = [row for row in result["rows"] if (row["threads"], " ".join(row["options"])) == (threads, options)]
        ceilings = sorted({row["ceiling"]["sequence"] for row in rows if "ceiling" in row})
        parts.append(f"{threads} thread{'s' * (threads > 1)}{', ' * bool(options)}{options}" + (
            f"; the ceiling is that of {' and '.join(ceilings)}:" if ceilings else ":"))
        table = nativeTable(rows)
        parts += [table, " ".join(filter(None, (countFloors(table), nativeSummary(rows))))]
        calls = result["calls"].get(threads)
        if calls and not options:
            parts.append("What a call costs on a model of one operator on one element, which is inside the times above: " + ", ".join(
                f"{PEERS[who].title} {micros(value)} µs" for who, value in calls.items()) + ".")
    ceilings = Table("sequence, one core", "G/s")
    for sequence, value in result["ceilings"].items():
        ceilings.add(sequence, significant(value))
    parts += [ceilings if name == "native" else "", skippedText(result)]
    return {name: Section(*parts)}


def floatSections(result):
    if not result["rows"]:
        return {}
    table = Table("model, layer", "MACs", "µs", "float µs", "ratio", "floor")
    for row in result["rows"]:
        table.add(f"{row['model']}, {row['layer']}", f"{row['macs']:,}", micros(row["median_us"]), micros(row["float_us"]),
                  ratioText(row["ratio"]), verdict(row["ratio"]["median"], RECORDED["native"]["floor_own_float"]))
    about = f"{result['machine']}; qcc {result['commit']}; {result['rounds']} rounds in alternation."
    return {"own float": Section(about, table, countFloors(table), skippedText(result))}


def gemvSections(result):
    table = Table("weights", "MB", "µs", "of the stream's bandwidth", "floor", "as fast as 8 bits", "floor", "ONNX Runtime µs",
                  "ratio", "floor")
    for row in result["rows"]:
        bits, peer = row["bits"], row["to_peer"]
        table.add(f"{bits} bits" if bits > 1 else "1 bit", f"{row['bytes'] * 1e-6:.2f}", micros(row["us"]), f"{row['bandwidth']:.0%}",
                  atLeast(row["bandwidth"], gemv.STREAM_FLOORS.get(bits)), f"{row['speedup']:.2f}",
                  atLeast(row["speedup"], gemv.FLOORS.get(bits)), peer and micros(row["peer_us"]), peer and f"{peer:.2f}",
                  verdict(peer, gemv.PEER_FLOORS.get(bits)))
    about = (f"{result['machine']}; qcc {result['commit']}; {gemv.OUTPUTS}×{gemv.DEPTH}, a scale for each {gemv.BLOCK} weights, one "
             f"thread; {result['rounds']} rounds in alternation. Copies of an object, {gemv.MEMORY >> 20} MiB of them, are called in "
             f"turn; a loop that adds up as much memory reads {result['stream_gb_per_s']:.1f} GB/s. ONNX Runtime is MatMulNBits at "
             "accuracy_level 4, with 4 bits beside 8 to 3 and 2 beside 2 and 1.")
    return {"gemv": Section(about, table, countFloors(table), skippedText(result))}


def lowBitSections(result):
    table = Table("model", "for", "µs", "8 bits µs", "as fast as 8 bits", "floor", "arena", "of 8 bits'", "floor",
                  "of xor+vpopcntq", "floor")
    for row in result["rows"]:
        speedup, arena = row["speedup"], row["arena"]
        if row["kind"]:
            floor = atLeast(speedup["median"], lowbit.SPEEDUPS[row["cpu"]][row["kind"]])
        else:
            least = lowbit.SHARES.get(row["model"])
            floor = atLeast(speedup["median"], least and round(1 / least, 2))
        counted = row.get("counted")
        table.add(row["model"], row["cpu"], micros(row["us"]["auto"]), micros(row["us"]["int8"]),
                  "1 (same code)" if row["isSameCode"] else ratioText(speedup), floor,
                  *arenaCells(row["model"], arena), counted and f"{counted:.0%}", counted and f"≥ {lowbit.COUNTING_SHARE:.0%} " + (
                      "met" if counted >= lowbit.COUNTING_SHARE else "missed"))
    about = f"{result['machine']}; qcc {result['commit']}; one thread; {result['rounds']} rounds in alternation."
    others = Table("model", "beside", "µs", "theirs", "ratio", "floor")
    for row in result["others"]:
        others.add(row["model"], row["peer"], micros(row["us"]["qcc"]), micros(row["us"]["peer"]), ratioText(row["ratio"]),
                   verdict(row["ratio"]["median"], row["most"]))
    return {"low bit": Section(about, table, countFloors(table), skippedText(result)),
            "low bit, others": Section(about, others, countFloors(others))}


def arenaCells(model, arena):
    """Bytes, their share of those of 8 bits, and how that stands to the floor."""
    share = arena["auto"] / arena["int8"] if arena["int8"] else None
    floor = lowbit.ARENA_SHARES.get(model) if share else None
    return (f"{arena['auto']:,}", "" if share is None else f"{share:.0%}",
            "" if floor is None else f"≤ {floor:.0%} " + ("met" if share <= floor else "missed"))


def lowBitEmulatedSections(result):
    table = Table("model", "for", "M instructions", "M cycles", "8 bits' M instructions", "8 bits' M cycles", "fewer cycles",
                  "fewer instructions", "floor")
    for row in result["rows"]:
        own, other = row["auto"], row["int8"]
        ratios = [f"{other[unit] / own[unit]:.2f}" for unit in ("cycles", "instructions")]
        table.add(row["model"], row["core"], *(significant(of[unit] * 1e-6) for of in (own, other) for unit in ("instructions", "cycles")),
                  *ratios, atLeast(row["speedup"], row["floor"]))
    arenas = Table("model", "for", "arena", "8 bits' arena", "of 8 bits'", "floor")
    for row in result["arenas"]:
        own, share, floor = arenaCells(row["model"], row["arena"])
        arenas.add(row["model"], row["core"], own, f"{row['arena']['int8']:,}", share, floor)
    return {"low bit, emulated": Section(f"qcc {result['commit']}.", table, countFloors(table), skippedText(result)),
            "low bit, emulated arenas": Section(f"qcc {result['commit']}.", arenas, countFloors(arenas))}


def atLeast(value, floor):
    return "" if floor is None else f"≥ {floor:g} " + ("met" if value >= floor else "missed")


def emulatedPeer(cell, cells):
    """Instructions and cycles of the peer for the same work, or nothing."""
    if cell["core"] == "neoverse-n2":
        other = next((c for c in cells if c["core"] == "neoverse-n2 without i8mm" and c["model"] == cell["model"]), None)
        return other and (other["instructions"], other["cycles"])
    return RECORDED.get(cell["core"], {}).get("instructions_cycles", {}).get(cell["model"])


def emulatedLine(cell):
    return f"{cell['model']} on {cell['core']}: {cell['instructions']:,.0f} instructions, {cell['cycles']:,.0f} cycles" + (
        "" if cell["priced"] >= emulated.PRICED else f" (only {cell['priced']:.0%} priced)") + "".join(
        f"\n  {layer['layer']:32} {layer['instructions']:12,.0f} {layer['cycles']:12,.0f} {layer['cycles'] / cell['cycles']:6.1%}"
        for layer in cell.get("layers", ()))


def emulatedTable(cells):
    table = Table("core, model", "M instructions", "M cycles", "peer's M instructions", "peer's M cycles",
                  "instructions / peer's", "cycles / peer's", "floor")
    for cell in cells:
        peer = emulatedPeer(cell, cells)
        instructions, cycles = cell["instructions"], cell["cycles"]
        doubt = "" if cell["priced"] >= emulated.PRICED else f" ({cell['priced']:.0%} priced)"
        floors = RECORDED.get(cell["core"], {}).get("floor", {})
        floor = floors.get(cell["model"], floors.get("*"))
        row = [f"{cell['core']}, {cell['model']}", significant(instructions / 1e6), significant(cycles / 1e6) + doubt]
        if peer:
            ratios = [instructions / peer[0], cycles / peer[1]]
            # On microcontrollers both are held to the floor.
            held = max(ratios) if cell["core"].startswith("cortex-m") else ratios[1]
            row += [significant(value / 1e6) for value in peer] + [f"{value:.2f}" for value in ratios] + [verdict(held, floor)]
        else:
            row += [""] * 5
        table.add(*row)
    return table


def footprintTables(footprints):
    ram = Table("model", "arena", "stack", "TFLM's arena", "TFLM's stack", "arena / TFLM's", "both / TFLM's", "floor")
    flash = Table("model", "flash", "weights and biases", "8 bytes a channel", "code and tables", "TFLM's flash",
                  "code and tables / TFLM's", "floor", "most allowed in all", "flash")
    ratios = []
    for row in footprints:
        recorded = RECORDED[row["core"]]
        if row["model"] not in recorded["arena_stack_flash"]:
            continue
        arena, stack, theirs = recorded["arena_stack_flash"][row["model"]]
        ratio, both = row["arena"] / arena, (row["arena"] + row["stack"]) / (arena + stack)
        ratios.append(ratio)
        ram.add(row["model"], f"{row['arena']:,}", f"{row['stack']:,}", f"{arena:,}", f"{stack:,}", f"{ratio:.2f}", f"{both:.2f}",
                verdict(max(ratio, 0 if both <= 1 else both), recorded["floor_arena"]))
        total, most = recorded["floor_total_flash"], ""
        allowed = total["factor"] * (row["constants"] + 8 * row["channels"]) + total["bytes"]
        if row["model"] in total["models"]:
            most = "met" if row["flash"] <= allowed else f"missed by {row['flash'] - allowed:,.0f}"
        flash.add(row["model"], f"{row['flash']:,}", f"{row['constants']:,}", f"{8 * row['channels']:,}", f"{row['code']:,}",
                  f"{theirs:,}", f"{row['code'] / theirs:.2f}", verdict(row["code"] / theirs, recorded["floor_flash"]),
                  f"{allowed:,.0f}" if most else "", most)
    mean = f"Geometric mean of arena / TFLM's: {geometricMean(ratios):.2f}." if ratios else ""
    return [ram, mean, flash] if ratios else []


def emulatedSections(result):
    cells = result["cells"]
    mobile = [cell for cell in cells if not cell["core"].startswith("cortex-m")]
    micro = [cell for cell in cells if cell["core"].startswith("cortex-m")]
    peers = [f"{core}: {recorded['peer']}, {recorded['origin']}" for core, recorded in RECORDED.items() if "peer" in recorded]

    def about(chosen):
        return f"qcc {result['commit']}. The peers:\n\n" + "\n".join(
            f"- {line}." for line in peers if any(line.startswith(cell["core"] + ":") for cell in chosen))

    sections = {}
    if mobile:
        table = emulatedTable(sortByCore(mobile))
        sections["emulated"] = Section(about(mobile), table, countFloors(table), skippedText(result))
    if micro:
        table, footprints = emulatedTable(sortByCore(micro)), footprintTables(result["footprints"])
        floors = countFloors(table, *(part for part in footprints if isinstance(part, Table)))
        sections["microcontrollers"] = Section(about(micro), table, *footprints, floors)
    return sections


def sortByCore(cells):
    order = list(dict.fromkeys(cell["core"] for cell in cells))
    return sorted(cells, key=lambda cell: order.index(cell["core"]))
