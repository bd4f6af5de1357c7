// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A parallel-for that shows whether the parts of a layer depend on each other:
// each starts from the memory as it was before any, and no two may write the
// same byte.

#ifndef QCC_TARGET_ISOLATEDPARTS_H
#define QCC_TARGET_ISOLATEDPARTS_H

#include "qcc-rt/qcc.h"
#include <cstddef>
#include <utility>
#include <vector>

namespace qcc {

/// Runs one call at a time; must stay where it is while code uses it.
class IsolatedParts {
public:
  /// `regions`: all memory that the code writes, as start and size.
  explicit IsolatedParts(std::vector<std::pair<char *, size_t>> regions);
  IsolatedParts(const IsolatedParts &) = delete;

  /// What `<name>_run` takes.
  const qcc_parallel &get() const { return parallel; }
  /// Whether two parts have changed the same byte so far.
  bool sawConflict() const { return conflict; }
  /// How often there was something to divide so far.
  size_t getNumCalls() const { return calls; }

private:
  static void run(const qcc_parallel *self,
                  void (*body)(void *, uint32_t, uint32_t), void *context,
                  uint32_t count);

  qcc_parallel parallel;
  std::vector<std::pair<char *, size_t>> regions;
  /// Of all regions: what was there before, what all parts have made of it so
  /// far, and which bytes they have changed.
  std::vector<char> before, merged;
  std::vector<bool> changed;
  bool conflict = false;
  size_t calls = 0;
};

} // namespace qcc

#endif // QCC_TARGET_ISOLATEDPARTS_H
