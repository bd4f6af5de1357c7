// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Steps and codebooks of constant weights. See the header.

#include "qcc/Arithmetic/WeightCodes.h"

#include <algorithm>
#include <numeric>

namespace qcc::arith {
namespace {

/// Which 16-bit values occur.
class ValueSet {
public:
  void add(int32_t value) {
    size_t index = static_cast<size_t>(value - INT16_MIN);
    words[index / 64] |= uint64_t(1) << (index % 64);
  }
  std::vector<int32_t> sorted() const {
    std::vector<int32_t> values;
    for (size_t word = 0; word < words.size(); ++word)
      for (size_t bit = 0; words[word] >> bit != 0;) {
        if (words[word] >> bit & 1)
          values.push_back(static_cast<int32_t>(word * 64 + bit) + INT16_MIN);
        if (++bit == 64)
          break;
      }
    return values;
  }

private:
  std::vector<uint64_t> words = std::vector<uint64_t>(1024);
};

} // namespace

int bitsFor(uint64_t count) {
  int bits = 1;
  while (bits < 63 && uint64_t(1) << bits < count)
    ++bits;
  return bits;
}

WeightCodes WeightCodes::of(const int16_t *weights, size_t channels,
                            size_t depth) {
  WeightCodes each, all;
  ValueSet values, stepped;
  int32_t common = 0;
  for (size_t c = 0; c < channels; ++c) {
    const int16_t *row = weights + c * depth;
    int32_t step = 0;
    for (size_t k = 0; k < depth && step != 1; ++k)
      step = std::gcd(step, static_cast<int32_t>(row[k]));
    common = std::gcd(common, step);
    each.steps.push_back(std::max(step, 1));
    for (size_t k = 0; k < depth; ++k) {
      values.add(row[k]);
      stepped.add(row[k] / each.steps.back());
    }
  }
  each.codebook = stepped.sorted();
  all.steps.assign(channels, std::max(common, 1));
  all.codebook = values.sorted();
  for (int32_t &value : all.codebook)
    value /= all.steps.front();
  // Steps of their own must save bits.
  bool saves = each.bits() < all.bits() ||
               (each.bits() == all.bits() &&
                each.progression().bits() < all.progression().bits());
  return saves ? each : all;
}

Progression WeightCodes::progression() const {
  Progression result;
  result.first = codebook.front();
  int32_t stride = 0;
  for (int32_t value : codebook)
    stride = std::gcd(stride, value - result.first);
  result.stride = std::max(stride, 1);
  result.count = static_cast<uint32_t>(
      (codebook.back() - result.first) / result.stride + 1);
  return result;
}

bool WeightCodes::hasOneStep() const {
  return std::equal(steps.begin() + 1, steps.end(), steps.begin());
}

bool WeightCodes::isPlain() const {
  return std::all_of(steps.begin(), steps.end(),
                     [](int32_t step) { return step == 1; });
}

size_t WeightCodes::indexOf(int32_t v) const {
  return static_cast<size_t>(
      std::lower_bound(codebook.begin(), codebook.end(), v) - codebook.begin());
}

} // namespace qcc::arith
