// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Parts of a layer, each from the same memory. See the header.

#include "qcc/Target/IsolatedParts.h"

#include <algorithm>
#include <cstring>

namespace qcc {

IsolatedParts::IsolatedParts(std::vector<std::pair<char *, size_t>> writable)
    : parallel{run, 1, this}, regions(std::move(writable)) {
  size_t bytes = 0;
  for (auto [start, size] : regions)
    bytes += size;
  before.resize(bytes);
  merged.resize(bytes);
  changed.resize(bytes);
}

void IsolatedParts::run(const qcc_parallel *self,
                        void (*body)(void *, uint32_t, uint32_t), void *context,
                        uint32_t count) {
  auto &parts = *static_cast<IsolatedParts *>(self->user);
  auto copy = [&](auto move) {
    size_t at = 0;
    for (auto [start, size] : parts.regions) {
      move(start, at, size);
      at += size;
    }
  };
  copy([&](char *start, size_t at, size_t size) {
    std::memcpy(parts.before.data() + at, start, size);
  });
  parts.merged = parts.before;
  parts.changed.assign(parts.changed.size(), false);
  ++parts.calls;
  // Ranges of many sizes, and backwards: code that only works in order is found
  // out as well.
  uint32_t pieces = std::min(count, static_cast<uint32_t>(2 + parts.calls % 3));
  auto begin = [&](uint32_t piece) {
    return static_cast<uint32_t>(uint64_t{count} * piece * piece /
                                 (uint64_t{pieces} * pieces));
  };
  for (uint32_t i = pieces; i-- > 0;) {
    if (begin(i) == begin(i + 1))
      continue;
    body(context, begin(i), begin(i + 1));
    copy([&](char *start, size_t at, size_t size) {
      for (size_t k = 0; k < size; ++k) {
        if (start[k] == parts.before[at + k])
          continue;
        parts.conflict |= parts.changed[at + k];
        parts.changed[at + k] = true;
        parts.merged[at + k] = start[k];
      }
      std::memcpy(start, parts.before.data() + at, size);
    });
  }
  copy([&](char *start, size_t at, size_t size) {
    std::memcpy(start, parts.merged.data() + at, size);
  });
}

} // namespace qcc
