# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Tables for the terminal and for docs/Benchmarks.md, and the writing of the latter.

import unicodedata


def _width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class Table:
    """Rows of strings below headings; the first column is aligned to the left, the others to the right."""

    def __init__(self, *headings):
        self.rows = [list(headings)]

    def add(self, *cells):
        row = ["" if cell is None else str(cell) for cell in cells]
        if len(row) != len(self.rows[0]):
            raise ValueError(f"{len(row)} cells below {len(self.rows[0])} headings")
        self.rows.append(row)

    def text(self):
        """Columns that are empty in all rows are left out."""
        columns = [k for k in range(len(self.rows[0])) if any(row[k] for row in self.rows[1:])]
        widths = [max(_width(row[k]) for row in self.rows) for k in columns]
        lines = []
        for row in self.rows:
            cells = [row[k] for k in columns]
            pads = [" " * (width - _width(cell)) for width, cell in zip(widths, cells)]
            lines.append("  ".join(cell + pad if k == 0 else pad + cell
                                   for k, (cell, pad) in enumerate(zip(cells, pads))).rstrip())
        return "\n".join(lines) + "\n"

    def markdown(self):
        columns = [k for k in range(len(self.rows[0])) if any(row[k] for row in self.rows[1:])]
        lines = [[row[k] for k in columns] for row in self.rows]
        lines.insert(1, ["---"] + ["---:"] * (len(columns) - 1))
        return "".join("| " + " | ".join(line) + " |\n" for line in lines).replace("| --- |", "|---|").replace(
            " ---: |", "---:|")


def replaceBetween(text, name, content):
    """The text with what lies between the markers of `name` replaced."""
    begin, end = f"<!-- utils/bench writes: {name} -->\n", f"<!-- end of {name} -->\n"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"the document has no pair of markers '{name}'")
    before, rest = text.split(begin)
    return before + begin + "\n" + content.strip("\n") + "\n\n" + end + rest.split(end)[1]
