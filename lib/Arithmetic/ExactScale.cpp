// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of integers and float32 scales without rounding error, and the one
// rounding at their end. This is the definition of the rounding `onnx`: plain,
// in 128-bit integers.

#include "qcc/Arithmetic/FixedPoint.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

using namespace qcc::arith;

namespace {

using Wide = __int128;

/// A positive finite float as an odd mantissa and an exponent.
struct Parts {
  uint64_t mantissa;
  int exponent;
};

/// `mantissa` without its factors of two, which go to `exponent`.
void makeOdd(uint64_t &mantissa, int &exponent) {
  while (mantissa != 0 && mantissa % 2 == 0) {
    mantissa /= 2;
    ++exponent;
  }
}

Parts split(float x) {
  int exponent = 0;
  // 24 bits of a float are an integer.
  auto mantissa = static_cast<uint64_t>(
      std::ldexp(std::frexp(static_cast<double>(x), &exponent), 24));
  exponent -= 24;
  makeOdd(mantissa, exponent);
  return {mantissa, exponent};
}

constexpr int64_t saturated = int64_t{1} << 40;

/// numerator / denominator * 2^exponent, half to even. |numerator| < 2^121,
/// denominator in [1, 2^49).
int64_t divideHalfEven(Wide numerator, Wide denominator, int exponent) {
  bool isNegative = numerator < 0;
  Wide magnitude = isNegative ? -numerator : numerator;
  if (magnitude == 0)
    return 0;
  auto sign = [&](int64_t x) { return isNegative ? -x : x; };
  auto bits = [](Wide x) {
    int count = 0;
    for (; x != 0; x >>= 1)
      ++count;
    return count;
  };
  // The quotient has at least so many bits, and at most one more.
  int size = bits(magnitude) - bits(denominator) + exponent;
  if (size > 41)
    return sign(saturated);
  if (size < -2)
    return 0;
  // What is left fits: the shorter side is at most 2^43 times the longer one.
  for (; exponent > 0; --exponent)
    magnitude *= 2;
  for (; exponent < 0; ++exponent)
    denominator *= 2;
  Wide quotient = magnitude / denominator;
  Wide twice = 2 * (magnitude % denominator);
  if (twice > denominator || (twice == denominator && quotient % 2 != 0))
    ++quotient;
  return sign(std::min(
      static_cast<int64_t>(std::min<Wide>(quotient, saturated)), saturated));
}

} // namespace

ExactScale ExactScale::of(float lhs, float rhs, float result, int64_t count) {
  Parts l = split(lhs), r = split(rhs), d = split(result);
  ExactScale scale;
  scale.numerator = l.mantissa * r.mantissa;
  scale.denominator = d.mantissa * static_cast<uint64_t>(count);
  scale.exponent = l.exponent + r.exponent - d.exponent;
  int halves = 0;
  makeOdd(scale.denominator, halves);
  scale.exponent -= halves;
  uint64_t common = std::gcd(scale.numerator, scale.denominator);
  if (common > 1) {
    scale.numerator /= common;
    scale.denominator /= common;
  }
  return scale;
}

int64_t qcc::arith::multiplyHalfEven(int64_t x, const ExactScale &scale) {
  return divideHalfEven(Wide{x} * static_cast<Wide>(scale.numerator),
                        static_cast<Wide>(scale.denominator), scale.exponent);
}

int64_t qcc::arith::addHalfEven(int64_t a, float lhs, int64_t b, float rhs,
                                float result) {
  Parts l = split(lhs), r = split(rhs), d = split(result);
  // On the lesser exponent. An operand that lies 2^76 below the last bit of the
  // other decides about nothing but the side of a half-way point.
  Wide left = Wide{a} * static_cast<Wide>(l.mantissa),
       right = Wide{b} * static_cast<Wide>(r.mantissa);
  constexpr int most = 76;
  int distance = l.exponent - r.exponent;
  Wide &greater = distance > 0 ? left : right;
  Wide &lesser = distance > 0 ? right : left;
  int exponent = std::min(l.exponent, r.exponent);
  int by = std::abs(distance);
  if (by > most) {
    lesser = lesser == 0 ? 0 : lesser < 0 ? -1 : 1;
    exponent += by - most;
    by = most;
  }
  greater *= Wide{1} << by;
  return divideHalfEven(left + right, static_cast<Wide>(d.mantissa),
                        exponent - d.exponent);
}
