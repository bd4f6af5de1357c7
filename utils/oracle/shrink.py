# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Makes a list of decisions simpler while a case fails: fewer of them, zeros, smaller
# ones. What they decide does not matter here.

import time


def candidates(choices, spans):
    """Simpler lists, the boldest first. `spans` are the decisions of one operator each; the second
    decision of all is how many operators there are."""
    for start, end in spans[::-1]:
        if choices[1] > 0:
            yield choices[:1] + [choices[1] - 1] + choices[2:start] + choices[end:]
    size = len(choices)
    chunk = size // 2
    while chunk:
        for start in range(0, size, chunk):
            if any(choices[start:start + chunk]):
                yield choices[:start] + [0] * min(chunk, size - start) + choices[start + chunk:]
            if size > chunk:
                yield choices[:start] + choices[start + chunk:]
        chunk //= 2
    for i, value in enumerate(choices):
        for less in (value // 2, value - 1):
            if 0 < less < value:
                yield choices[:i] + [less] + choices[i + 1:]


def shrink(choices, spans, fails, seconds=20.0):
    """The simplest list found for which `fails` (given a list, returns the decisions that were taken and
    their spans, or None when the case does not fail in the same manner)."""
    best, end, tried = list(choices), time.monotonic() + seconds, set()
    improved = True
    while improved and time.monotonic() < end:
        improved = False
        for candidate in candidates(best, spans):
            key = tuple(candidate)
            if key in tried:
                continue
            tried.add(key)
            if time.monotonic() > end:
                break
            taken = fails(candidate)
            if taken is not None and (len(taken[0]), sum(taken[0]), taken[0]) < (len(best), sum(best), best):
                best, spans, improved = list(taken[0]), taken[1], True
                break
    return best
