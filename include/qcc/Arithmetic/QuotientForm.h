// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Floats to stored integers: the exact quotient by the scale, and a product
// that is proved to round to the same integer for every float.

#ifndef QCC_ARITHMETIC_QUOTIENTFORM_H
#define QCC_ARITHMETIC_QUOTIENTFORM_H

#include <cstdint>
#include <optional>

namespace qcc::arith {

/// clamp(round(x / scale), lo, hi), half away from zero or to even.
struct FloatQuotient {
  float scale = 1;
  int32_t lo = -128, hi = 127;
  bool halfEven = false;

  /// The same of a quotient.
  int32_t round(float quotient) const;
  int32_t operator()(float x) const { return round(x / scale); }
};

/// fma(x, high, x · low) for the quotient; without a `low`, a power of two's,
/// x · high. Both parts are not negative, so that it is monotone in x.
struct QuotientForm {
  float high = 1, low = 0;

  float operator()(float x) const;
};

/// Whether the form gives `exact`'s integer for every float that is no NaN: two
/// monotone functions are equal if each step of the one is where the other's
/// is.
bool isEqual(const QuotientForm &form, const FloatQuotient &exact);

/// A form that is equal, or nothing.
std::optional<QuotientForm> fitQuotient(const FloatQuotient &exact);

} // namespace qcc::arith

#endif // QCC_ARITHMETIC_QUOTIENTFORM_H
