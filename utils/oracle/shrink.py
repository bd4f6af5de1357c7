# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Makes a list of decisions simpler while a case fails: fewer of them, zeros, smaller
# ones. What they decide does not matter here.

import time


def candidates(choices):
    """Simpler lists, the boldest first."""
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


def shrink(choices, fails, seconds=20.0):
    """The simplest list found for which `fails` (given a list, returns the decisions that were taken, or
    None when the case does not fail in the same manner)."""
    best, end, tried = list(choices), time.monotonic() + seconds, set()
    improved = True
    while improved and time.monotonic() < end:
        improved = False
        for candidate in candidates(best):
            key = tuple(candidate)
            if key in tried:
                continue
            tried.add(key)
            if time.monotonic() > end:
                break
            taken = fails(candidate)
            if taken is not None and (len(taken), sum(taken), taken) < (len(best), sum(best), best):
                best, improved = list(taken), True
                break
    return best
