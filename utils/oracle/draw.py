# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Random decisions that are written down. Every decision is a number from 0, the
# simplest, to n - 1: whoever has the list can repeat the case, and a case is shrunk
# by making numbers of the list smaller, whatever they decide.

import numpy as np


class Reject(Exception):
    """What was drawn makes no model."""


class Draw:
    """Draws decisions from `rng`, or takes those of `given`, then zeros."""

    def __init__(self, rng=None, given=None):
        self.rng, self.given, self.taken = rng, given, []
        self.spans = []  # from, to: what belongs together

    def below(self, count, weights=None):
        if self.given is not None:
            at = len(self.taken)
            value = min(self.given[at], count - 1) if at < len(self.given) else 0
        elif weights is not None:
            value = int(self.rng.choice(count, p=np.asarray(weights) / np.sum(weights)))
        else:
            value = int(self.rng.integers(count))
        self.taken.append(value)
        return value

    def integer(self, low, high):
        """low … high; low is the simplest."""
        return low + self.below(high - low + 1)

    def signed(self, limit):
        """-limit … limit; 0 is the simplest."""
        k = self.below(2 * limit + 1)
        return (k + 1) // 2 * (1 if k % 2 else -1)

    def choice(self, values, weights=None):
        """The first is the simplest."""
        return values[self.below(len(values), weights)]

    def chance(self, probability=0.5):
        """False is the simplest."""
        return self.below(2, [1 - probability, probability]) == 1

    def real(self, low, high, simple=None):
        """A float32 of [low, high] from 4096; `simple` (default: low) or what is near is the simplest."""
        steps = 4096
        start = 0 if simple is None else int(round((simple - low) / (high - low) * (steps - 1)))
        return float(np.float32(low + (high - low) * ((start + self.below(steps)) % steps) / (steps - 1)))

    def subset(self, count, least=0):
        """Indices of 0 … count - 1, ascending, at least `least` of them."""
        chosen = [i for i in range(count) if self.chance()]
        for i in range(count):
            if len(chosen) >= least:
                break
            if i not in chosen:
                chosen.append(i)
        return sorted(chosen)

    def permutation(self, count):
        rest, result = list(range(count)), []
        while rest:
            result.append(rest.pop(self.below(len(rest))))
        return result
