// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Small models in a table instead of at random: for each kernel the remainders
// of its tile, pixels, channels, products of a sum, windows that hang over the
// edge, strides and element types. Extents go through the table with steps that
// have no common divisor, so that each meets all of its remainders, and each
// remainder of one those of the others.

#ifndef QCC_TEST_FUZZ_TILEMODELS_H
#define QCC_TEST_FUZZ_TILEMODELS_H

#include "RandomModel.h"

#include <functional>

namespace qcc::fuzz {

class Generator;

struct TileCase {
  /// What the case is about, for messages: "conv2d int8 1x5x7 to 9".
  std::string name;
  std::function<bool(Generator &)> make;
  /// Of weights, as in ModelOptions.
  int64_t weightBits = 0;
};

/// The table. Of each of its families every `slice`th case, and the first.
std::vector<TileCase> makeTileCases(int64_t slice);

/// Draws what the case leaves open (weights, scales, zero points) from `seed`.
RandomModel makeTileModel(const TileCase &tileCase, uint64_t seed);

} // namespace qcc::fuzz

#endif // QCC_TEST_FUZZ_TILEMODELS_H
