# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# What is made of the times of several rounds. Ratios are taken within a round, so that a
# change of clock or load between rounds cancels.

import math
import statistics


class Ratio:
    """The median of the ratios of each round, and their range."""

    def __init__(self, ours, theirs):
        ratios = sorted(a / b for a, b in zip(ours, theirs))
        self.median = statistics.median(ratios)
        self.least, self.greatest = ratios[0], ratios[-1]

    def __str__(self):
        return f"{self.median:.2f} ({self.least:.2f}–{self.greatest:.2f})"

    def json(self):
        return {"median": self.median, "least": self.least, "greatest": self.greatest}


def geometricMean(values):
    values = list(values)
    return math.exp(math.fsum(map(math.log, values)) / len(values)) if values else None


def significant(value, digits=3):
    """A number as people read it: three digits count, none of them in powers of ten."""
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:.{places}f}"
