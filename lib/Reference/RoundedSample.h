// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Floats that a layer rounds to 8 bits by the range that they have.

#ifndef QCC_LIB_REFERENCE_ROUNDEDSAMPLE_H
#define QCC_LIB_REFERENCE_ROUNDEDSAMPLE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace qcc::reference {

/// A sample rounded to 8 bits by its own range: x = factor · values.
struct RoundedSample {
  std::vector<int32_t> values;
  float factor = 1;
};

/// TFLite's PortableSymmetricQuantizeFloats. Written so that NaN, of which the
/// origin makes nothing defined, is -127.
inline RoundedSample roundSymmetric(llvm::ArrayRef<float> in) {
  float range = 0;
  for (float x : in)
    range = std::max(range, std::fabs(x));
  RoundedSample result{std::vector<int32_t>(in.size()),
                       range == 0 ? 1.0f : range / 127.0f};
  float inverse = range == 0 ? 0.0f : 127.0f / range;
  for (auto [to, x] : llvm::zip_equal(result.values, in)) {
    float rounded = std::round(x * inverse);
    to = rounded > -127.0f ? static_cast<int32_t>(std::min(rounded, 127.0f))
                           : -127;
  }
  return result;
}

} // namespace qcc::reference

#endif // QCC_LIB_REFERENCE_ROUNDEDSAMPLE_H
