// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How many bits constant weights are worth. Quantizers of few bits leave values
// like ±1, or, where thresholds made the layer an integer one, multiples of a
// step that differs from channel to channel: the bits are recovered from the
// values.

#ifndef QCC_ARITHMETIC_WEIGHTCODES_H
#define QCC_ARITHMETIC_WEIGHTCODES_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace qcc::arith {

/// The least bits (one at least) that tell `count` values apart.
int bitsFor(uint64_t count);

/// first + stride · code, for the codes 0 … count − 1.
struct Progression {
  int32_t first = 0, stride = 1;
  uint32_t count = 1;

  int32_t last() const {
    return first + stride * static_cast<int32_t>(count - 1);
  }
  int bits() const { return bitsFor(count); }
};

/// w[c][k] = steps[c] · v[c][k], where every v is in the codebook.
struct WeightCodes {
  /// Above 0. All the same where that costs no bits; otherwise of each channel
  /// the greatest that divides its weights (1 where these are all 0).
  std::vector<int32_t> steps;
  /// The distinct v of all channels, from the least to the greatest.
  std::vector<int32_t> codebook;

  /// Of `channels` times `depth` weights; O(channels · depth).
  static WeightCodes of(const int16_t *weights, size_t channels, size_t depth);

  /// Bits of an index into the codebook.
  int bits() const { return bitsFor(codebook.size()); }
  /// The shortest progression that has all of the codebook; as many bits as
  /// that where the codebook has no gaps.
  Progression progression() const;
  bool hasOneStep() const;
  /// Whether all steps are 1.
  bool isPlain() const;
  /// The index of the value `v`, which is in the codebook.
  size_t indexOf(int32_t v) const;
};

} // namespace qcc::arith

#endif // QCC_ARITHMETIC_WEIGHTCODES_H
