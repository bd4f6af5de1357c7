// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the Requantizer's choice passes on to the making of its tables.

#ifndef QCC_LIB_CONVERSION_KERNELS_REQUANTIZETRIAL_H
#define QCC_LIB_CONVERSION_KERNELS_REQUANTIZETRIAL_H

#include "Requantize.h"

namespace qcc {

/// One way tried on all channels: the forms that passed, per slot.
struct Requantizer::Trial {
  Method method = Method::Exact;
  arith::FloatVariant variant;
  std::vector<std::optional<arith::FloatForm>> floats;
  std::vector<std::optional<arith::DoubleForm>> doubles;
  std::vector<std::optional<arith::FixedForm>> fixed;
  int sharedShift = 0;
  std::vector<std::optional<arith::HighWordForm>> highWords;
  int accShift = 0, shift = 0;
  bool split = false, multiplies = false;
  std::vector<bool> proved;
  int64_t slowVectors = 0;

  int64_t numProved() const { return llvm::count(proved, true); }
};

/// Counts the vectors that hold a channel without a proved form.
inline int64_t Requantizer::countSlow(const std::vector<bool> &proved) const {
  int64_t count = 0;
  for (size_t slot = 0; slot < spec.size(); slot += lanes) {
    bool whole = true;
    for (size_t k = slot; k < std::min(spec.size(), slot + lanes); ++k)
      whole &= !spec[k] || proved[k];
    count += !whole;
  }
  return count;
}

template <typename Form, typename Fit>
void Requantizer::fitAll(Trial &trial, std::vector<std::optional<Form>> &forms,
                         Fit fit) const {
  forms.resize(spec.size());
  trial.proved.assign(spec.size(), false);
  for (size_t slot = 0; slot < spec.size(); ++slot)
    if (spec[slot] && steps[slot]) {
      forms[slot] = fit(*spec[slot], *steps[slot]);
      trial.proved[slot] = forms[slot].has_value();
    }
  trial.slowVectors = countSlow(trial.proved);
}

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_REQUANTIZETRIAL_H
