// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rounding `onnx` in 64 bits: what code falls back on where no cheaper form
// is proved.

#include "qcc/Arithmetic/RequantizeForm.h"

#include <algorithm>
#include <cmath>

using namespace qcc::arith;

int64_t HalfEvenForm::operator()(int64_t acc) const {
  int64_t y = (acc * m + (int64_t{1} << (shift - 1))) >> shift;
  auto difference = static_cast<int64_t>(
      2 * static_cast<uint64_t>(acc) * static_cast<uint64_t>(p) -
      2 * static_cast<uint64_t>(y) * static_cast<uint64_t>(q));
  // Ties go to the even one: an odd y gives way.
  int64_t odd = y & 1;
  if (difference > q - odd)
    return y + 1;
  if (difference < odd - q)
    return y - 1;
  return y;
}

std::optional<HalfEvenForm> qcc::arith::makeHalfEven(const ExactScale &scale) {
  double real = scale.real();
  constexpr int most = 60;
  if (!(real < 0x1p30))
    return std::nullopt;
  HalfEvenForm form;
  // 31 bits of the scale, or less where it is too small for a shift of 62: y
  // is then 0, and right.
  int exponent = 0;
  double fraction = std::frexp(real, &exponent);
  form.shift = std::min(31 - exponent, 62);
  form.m = static_cast<int32_t>(std::min<double>(
      std::round(std::ldexp(fraction, form.shift + exponent)), 2147483647.0));
  auto bits = [](uint64_t x) {
    int count = 0;
    for (; x != 0; x >>= 1)
      ++count;
    return count;
  };
  int up = std::max(scale.exponent, 0), down = std::max(-scale.exponent, 0);
  form.isScale = bits(scale.numerator) + up <= most &&
                 bits(scale.denominator) + down <= most;
  if (form.isScale) {
    form.p = static_cast<int64_t>(scale.numerator << up);
    form.q = static_cast<int64_t>(scale.denominator << down);
    return form;
  }
  // numerator / denominator * 2^(exponent + power), rounded to an integer.
  int power = std::min(most, most - std::max(exponent, 0));
  int shift = scale.exponent + power;
  form.q = int64_t{1} << power;
  auto numerator = static_cast<__int128>(scale.numerator);
  auto denominator = static_cast<__int128>(scale.denominator);
  if (shift >= 0 && bits(scale.numerator) + shift < 126)
    numerator <<= shift;
  else if (shift < 0 && bits(scale.denominator) - shift < 126)
    denominator <<= -shift;
  else
    return std::nullopt;
  form.p = static_cast<int64_t>((numerator + denominator / 2) / denominator);
  return form;
}

std::optional<HalfEvenForm> qcc::arith::fitHalfEven(const ExactScale &scale,
                                                    IntRange range) {
  constexpr int64_t mostTried = 1 << 18;
  std::optional<HalfEvenForm> form = makeHalfEven(scale);
  if (!form || form->isScale)
    return form;
  if (range.hi - range.lo >= mostTried)
    return std::nullopt;
  for (int64_t acc = range.lo; acc <= range.hi; ++acc)
    if ((*form)(acc) != multiplyHalfEven(acc, scale))
      return std::nullopt;
  return form;
}
