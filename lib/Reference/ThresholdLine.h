// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Steps of a function of integer sums, and a line that has the same values.

#ifndef QCC_LIB_REFERENCE_THRESHOLDLINE_H
#define QCC_LIB_REFERENCE_THRESHOLDLINE_H

#include "qcc/Arithmetic/FixedPoint.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace qcc::reference {

/// What a channel makes of its sums: `values[k]` from `starts[k]` on.
struct Steps {
  std::vector<int64_t> starts, values;

  bool isMonotone(int sign) const {
    for (size_t k = 1; k < values.size(); ++k)
      if ((values[k] - values[k - 1]) * sign < 0)
        return false;
    return true;
  }
};

/// round((sum · factor + bias) · s_in · scale / s_out).
struct Line {
  int64_t factor = 0, bias = 0;
  float scale = 1;
};

struct Bounds {
  int64_t lo, hi;
};

/// A line that has the values of `steps` (which rise) on `reach` after rounding
/// and the clamp; proved by trying every sum. `most`: of |factor|.
std::optional<Line> fitLine(const Steps &steps, qcc::arith::IntRange reach,
                            int64_t zero, Bounds clamp, double in, double out,
                            int64_t most);

} // namespace qcc::reference

#endif // QCC_LIB_REFERENCE_THRESHOLDLINE_H
