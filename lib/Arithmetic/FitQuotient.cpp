// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Proves that a multiplication rounds like a division. See the header.

#include "qcc/Arithmetic/QuotientForm.h"

#include "qcc/Arithmetic/FixedPoint.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace qcc::arith {
namespace {

/// Floats by their order: number 0 is 0, infinities are the ends.
float floatOf(int32_t number) {
  uint32_t bits = number < 0 ? 0x80000000u - static_cast<uint32_t>(number)
                             : static_cast<uint32_t>(number);
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
constexpr int32_t numberOfInfinity = 0x7f800000;

} // namespace

int32_t FloatQuotient::round(float quotient) const {
  // Bounds are integers, so that the clamp may come first.
  quotient = std::min(std::max(quotient, static_cast<float>(lo)),
                      static_cast<float>(hi));
  return static_cast<int32_t>(halfEven ? roundHalfEven(quotient)
                                       : std::round(quotient));
}

float QuotientForm::operator()(float x) const {
  return low == 0 ? x * high : std::fma(x, high, x * low);
}

bool isEqual(const QuotientForm &form, const FloatQuotient &exact) {
  if (!(form.high > 0) || !(form.low >= 0) || !std::isfinite(form.high))
    return false;
  int32_t from = -numberOfInfinity;
  for (int32_t value = exact.lo + 1; value <= exact.hi; ++value) {
    // The least float that rounds to `value` or more.
    int32_t below = from, at = numberOfInfinity;
    if (exact(floatOf(below)) >= value)
      return false;
    while (at - static_cast<int64_t>(below) > 1) {
      auto middle = static_cast<int32_t>(
          (static_cast<int64_t>(below) + static_cast<int64_t>(at)) / 2);
      (exact(floatOf(middle)) >= value ? at : below) = middle;
    }
    if (exact.round(form(floatOf(at))) < value ||
        exact.round(form(floatOf(below))) >= value)
      return false;
    from = below;
  }
  return true;
}

std::optional<QuotientForm> fitQuotient(const FloatQuotient &exact) {
  double inverse = 1.0 / static_cast<double>(exact.scale);
  auto high = static_cast<float>(inverse);
  if (static_cast<double>(high) > inverse)
    high = std::nextafter(high, 0.0f);
  auto low = static_cast<float>(inverse - static_cast<double>(high));
  constexpr float least = std::numeric_limits<float>::min();
  QuotientForm form{high, low};
  if (!(high >= least) || (low != 0 && !(low >= least)) ||
      !isEqual(form, exact))
    return std::nullopt;
  return form;
}

} // namespace qcc::arith
