// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Static memory planning: offsets for buffers of known size and lifetime, so
// that an arena holds them all in as few bytes as possible (dynamic storage
// allocation, NP-hard). Knows nothing of the IR.

#ifndef QCC_SCHEDULE_ARENAPLANNER_H
#define QCC_SCHEDULE_ARENAPLANNER_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace qcc {

struct ArenaBuffer {
  /// Bytes, >= 0. A buffer of 0 bytes gets offset 0 and conflicts with nothing.
  int64_t size = 0;
  /// The offset is a multiple of this power of two.
  int64_t align = 1;
  /// Steps of the program, both inclusive, during which the bytes must not be
  /// shared; firstUse <= lastUse.
  int64_t firstUse = 0;
  int64_t lastUse = 0;
};

/// Two buffers that live together in one step, in which `result` is made of
/// `input` in such an order that it may lie over what has been read.
struct ArenaOverlap {
  std::size_t result = 0, input = 0;
  /// Beside lying apart: the result starts at least `before` bytes before the
  /// input, or at least `behind` bytes behind its start.
  int64_t before = 0, behind = 0;
};

struct ArenaPlan {
  /// Bytes from the start of the arena, one per buffer.
  std::vector<int64_t> offsets;
  /// max(offset + size).
  int64_t total = 0;
  /// No plan can be smaller: the largest sum of sizes, rounded up to the
  /// alignment, that are live in one step, less what overlaps may save there.
  int64_t lowerBound = 0;
  /// `total` is the optimum: it equals the lower bound, or the search was
  /// exhausted.
  bool optimal = false;
};

/// Plans `buffers`, of which `overlaps` may share bytes. Deterministic: what
/// bounds the search is not time but `workBudget`, the number of steps of
/// lifetimes that it may look at (about a nanosecond each). Without a search:
/// O(n² log n).
ArenaPlan planArena(const std::vector<ArenaBuffer> &buffers,
                    const std::vector<ArenaOverlap> &overlaps = {},
                    int64_t workBudget = 20000000);

/// A plan for code that several cores make buffers with, each its share of
/// every buffer from the start to the end: buffers take places one after the
/// other in such a way that the middles of all that a place holds coincide, and
/// a core that writes its share finds the addresses in its own cache rather
/// than in another's. Takes more bytes than planArena; `optimal` is never set.
ArenaPlan planCentred(const std::vector<ArenaBuffer> &buffers);

/// Lays apart in `plan` what overlaps without saving anything: code is free to
/// reorder its accesses to memory that is known to lie apart.
void separateForFree(const std::vector<ArenaBuffer> &buffers,
                     std::vector<ArenaOverlap> overlaps, ArenaPlan &plan);

} // namespace qcc

#endif // QCC_SCHEDULE_ARENAPLANNER_H
