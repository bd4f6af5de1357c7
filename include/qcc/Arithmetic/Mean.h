// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The multiplier of TFLite's quantized mean: one definition for the interpreter
// and for the generated code. Standard library only.

#ifndef QCC_ARITHMETIC_MEAN_H
#define QCC_ARITHMETIC_MEAN_H

#include "qcc/Arithmetic/FixedPoint.h"

#include <algorithm>

namespace qcc::arith {

/// s_in/s_out (`scale`) over `n` > 0 summands: 1/n is worked into the
/// multiplier after a shift by floor(log2 n), which restores the bits,
/// truncated.
inline QuantizedMultiplier getMeanMultiplier(double scale, int64_t n,
                                             Rounding rounding) {
  QuantizedMultiplier m = quantizeMultiplier(scale, rounding);
  int log2 = 0;
  while (log2 < 62 && (n >> (log2 + 1)) != 0)
    ++log2;
  int shift = std::min({log2, 32, 31 + m.shift});
  m.multiplier = static_cast<int32_t>((int64_t(m.multiplier) << shift) / n);
  m.shift -= shift;
  return m;
}

} // namespace qcc::arith

#endif // QCC_ARITHMETIC_MEAN_H
