// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The fixed-point primitives against exact rational arithmetic written another
// way (128-bit floor division), against values worked out by hand, and at the
// ends of int32.

#include "qcc/Arithmetic/FixedPoint.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

using namespace qcc::arith;

namespace {

constexpr int32_t int32Min = std::numeric_limits<int32_t>::min();
constexpr int32_t int32Max = std::numeric_limits<int32_t>::max();

__int128 floorDiv(__int128 a, __int128 b) {
  __int128 q = a / b;
  return a % b < 0 ? q - 1 : q;
}

/// floor(x / d + 1/2): nearest, ties up.
__int128 nearestTiesUp(__int128 x, __int128 d) {
  return floorDiv(2 * x + d, 2 * d);
}

/// Nearest, ties away from zero.
__int128 nearestTiesAway(__int128 x, __int128 d) {
  return x < 0 ? -nearestTiesUp(-x, d) : nearestTiesUp(x, d);
}

TEST(FixedPoint, DoublingHighMulRoundsTiesUp) {
  EXPECT_EQ(saturatingRoundingDoublingHighMul(1, 1 << 30), 1);   //  0.5
  EXPECT_EQ(saturatingRoundingDoublingHighMul(-1, 1 << 30), 0);  // -0.5
  EXPECT_EQ(saturatingRoundingDoublingHighMul(3, 1 << 30), 2);   //  1.5
  EXPECT_EQ(saturatingRoundingDoublingHighMul(-3, 1 << 30), -1); // -1.5
  EXPECT_EQ(saturatingRoundingDoublingHighMul(int32Min, int32Min), int32Max);
  EXPECT_EQ(saturatingRoundingDoublingHighMul(int32Min, int32Max), -int32Max);
  EXPECT_EQ(saturatingRoundingDoublingHighMul(int32Max, int32Max),
            int32Max - 1);
}

TEST(FixedPoint, DoublingHighMulIsTheExactQuotient) {
  std::mt19937 rng(1);
  std::uniform_int_distribution<int32_t> any(int32Min, int32Max);
  for (int i = 0; i < 100000; ++i) {
    int32_t a = any(rng) >> (i % 31), b = any(rng) >> (i % 7);
    if (a == int32Min && b == int32Min)
      continue;
    auto want = static_cast<int64_t>(
        nearestTiesUp(static_cast<__int128>(a) * b, __int128{1} << 31));
    ASSERT_EQ(saturatingRoundingDoublingHighMul(a, b), want) << a << " " << b;
  }
}

TEST(FixedPoint, DivideByPOTRoundsTiesAway) {
  EXPECT_EQ(roundingDivideByPOT(5, 1), 3);
  EXPECT_EQ(roundingDivideByPOT(-5, 1), -3);
  EXPECT_EQ(roundingDivideByPOT(-6, 2), -2);
  EXPECT_EQ(roundingDivideByPOT(-5, 2), -1);
  EXPECT_EQ(roundingDivideByPOT(int32Min, 0), int32Min);
  EXPECT_EQ(roundingDivideByPOT(int32Min, 31), -1);
  EXPECT_EQ(roundingDivideByPOT(int32Max, 31), 1);
  EXPECT_EQ(roundingDivideByPOT(1 << 30, 31), 1);
  EXPECT_EQ(roundingDivideByPOT((1 << 30) - 1, 31), 0);
  EXPECT_EQ(roundingDivideByPOT(-(1 << 30), 31), -1);
  for (int exponent = 0; exponent <= 12; ++exponent)
    for (int32_t x = -5000; x <= 5000; ++x)
      ASSERT_EQ(
          roundingDivideByPOT(x, exponent),
          static_cast<int64_t>(nearestTiesAway(x, __int128{1} << exponent)));
}

TEST(FixedPoint, QuantizeMultiplierEdges) {
  EXPECT_EQ(quantizeMultiplier(0.0), (QuantizedMultiplier{0, 0}));
  EXPECT_EQ(quantizeMultiplier(1.0), (QuantizedMultiplier{1 << 30, 1}));
  EXPECT_EQ(quantizeMultiplier(0.5), (QuantizedMultiplier{1 << 30, 0}));
  EXPECT_EQ(quantizeMultiplier(0.75), (QuantizedMultiplier{3 << 29, 0}));
  EXPECT_EQ(quantizeMultiplier(-0.75), (QuantizedMultiplier{-(3 << 29), 0}));
  // q * 2^31 rounds to 2^31 and is renormalised.
  EXPECT_EQ(quantizeMultiplier(std::nextafter(1.0, 0.0)),
            (QuantizedMultiplier{1 << 30, 1}));
  // 2^-32 is the smallest power that is kept; below, all is zero.
  EXPECT_EQ(quantizeMultiplier(std::ldexp(1.0, -32)),
            (QuantizedMultiplier{1 << 30, -31}));
  EXPECT_EQ(quantizeMultiplier(std::ldexp(0.75, -32)),
            (QuantizedMultiplier{0, 0}));
  EXPECT_EQ(quantizeMultiplier(1e-30), (QuantizedMultiplier{0, 0}));
  // A multiplier that renormalises from just below 2^-32 stays.
  EXPECT_EQ(quantizeMultiplier(std::nextafter(std::ldexp(1.0, -32), 0.0)),
            (QuantizedMultiplier{1 << 30, -31}));
  EXPECT_EQ(quantizeMultiplier(std::ldexp(1.0, 31), Rounding::TfliteSingle),
            (QuantizedMultiplier{int32Max, 30}));
  EXPECT_EQ(quantizeMultiplier(std::ldexp(1.0, 31)),
            (QuantizedMultiplier{1 << 30, 32}));
}

TEST(FixedPoint, DoubleAndSingleRoundingDiffer) {
  // 5 * 0.25 * ... : acc * 2^-2 via multiplier 2^30, shift -1.
  QuantizedMultiplier quarter = quantizeMultiplier(0.25);
  ASSERT_EQ(quarter, (QuantizedMultiplier{1 << 30, -1}));
  // 1 * 0.25: high mul gives 0.5 -> 1, then 0.5 -> 1; single rounding gives 0.
  EXPECT_EQ(multiplyByQuantizedMultiplier(1, quarter), 1);
  EXPECT_EQ(multiplyByQuantizedMultiplierSingle(1, quarter), 0);
  // -2 * 0.25 = -0.5: -1 exactly, then half away from zero; single goes up.
  EXPECT_EQ(multiplyByQuantizedMultiplier(-2, quarter), -1);
  EXPECT_EQ(multiplyByQuantizedMultiplierSingle(-2, quarter), 0);
  EXPECT_EQ(multiplyByQuantizedMultiplier(2, quarter), 1);
  EXPECT_EQ(multiplyByQuantizedMultiplierSingle(2, quarter), 1);
}

TEST(FixedPoint, MultiplyEqualsTheComposedExactRoundings) {
  std::mt19937 rng(2);
  std::uniform_int_distribution<int32_t> any(int32Min, int32Max);
  std::uniform_int_distribution<int32_t> mantissa(1 << 30, int32Max);
  for (int i = 0; i < 100000; ++i) {
    QuantizedMultiplier m{mantissa(rng), -(i % 32)};
    int32_t x = any(rng) >> (i % 29);
    __int128 high = nearestTiesUp(static_cast<__int128>(x) * m.multiplier,
                                  __int128{1} << 31);
    auto want =
        static_cast<int64_t>(nearestTiesAway(high, __int128{1} << -m.shift));
    ASSERT_EQ(multiplyByQuantizedMultiplier(x, m), want);
    auto single = static_cast<int64_t>(
        nearestTiesUp(static_cast<__int128>(x) * m.multiplier,
                      __int128{1} << (31 - m.shift)));
    ASSERT_EQ(multiplyByQuantizedMultiplierSingle(x, m), single);
  }
  // Left shifts come before the product.
  EXPECT_EQ(multiplyByQuantizedMultiplier(100, quantizeMultiplier(3.5)), 350);
  EXPECT_EQ(multiplyByQuantizedMultiplier(-3, quantizeMultiplier(2.5)), -7);
  EXPECT_EQ(multiplyByQuantizedMultiplierSingle(-3, quantizeMultiplier(2.5)),
            -7);
  // … and wrap, as the origin's machines do.
  EXPECT_EQ(multiplyByQuantizedMultiplier(1 << 30, {1 << 30, 2}), 0);
}

TEST(FixedPoint, WideMultiplierKeeps16Bits) {
  // Half up in the 16th bit, and no carry beyond 15 bits.
  WideMultiplier m = reduceMultiplier({0x40008000, 0});
  EXPECT_EQ(m.multiplier, 0x4001);
  EXPECT_EQ(m.shift, 15);
  EXPECT_EQ(reduceMultiplier({0x40007fff, -3}).multiplier, 0x4000);
  EXPECT_EQ(reduceMultiplier({0x40007fff, -3}).shift, 18);
  EXPECT_EQ(reduceMultiplier({0x7ffeffff, 0}).multiplier, 0x7fff);
  EXPECT_EQ(reduceMultiplier({0x7fff0000, 0}).multiplier, 0x7fff);
  EXPECT_EQ(reduceMultiplier({int32Max, 0}).multiplier, 0x7fff);
  EXPECT_EQ(reduceMultiplier({}).multiplier, 0);
}

TEST(FixedPoint, WideMultiplyRoundsHalfUp) {
  WideMultiplier half = {0x4000, 15};
  EXPECT_EQ(multiplyByWideMultiplier(1, half), 1);   //  0.5
  EXPECT_EQ(multiplyByWideMultiplier(-1, half), 0);  // -0.5
  EXPECT_EQ(multiplyByWideMultiplier(-3, half), -1); // -1.5
  // 2^40 · 2^-14 is 2^26.
  EXPECT_EQ(multiplyByWideMultiplier(int64_t{1} << 40, {0x4000, 28}), 1 << 26);
  std::mt19937_64 random(5);
  for (int i = 0; i < 20000; ++i) {
    QuantizedMultiplier m = {
        static_cast<int32_t>(0x40000000 + (random() & 0x3fffffff)),
        -static_cast<int>(random() % 32)};
    WideMultiplier wide = reduceMultiplier(m);
    // Results stay within 31 bits.
    int bits = std::min(47, 30 - m.shift);
    int64_t acc = static_cast<int64_t>(random() >> (64 - bits)) -
                  (int64_t{1} << (bits - 1));
    __int128 product = static_cast<__int128>(acc) * wide.multiplier;
    EXPECT_EQ(multiplyByWideMultiplier(acc, wide),
              static_cast<int64_t>(nearestTiesUp(
                  product, static_cast<__int128>(1) << wide.shift)));
  }
  Requantization r;
  r.multiplier = {1 << 30, 0};
  r.lo = -5, r.hi = 7;
  EXPECT_EQ(r.requantizeWide(13), 7); // 6.5
  EXPECT_EQ(r.requantizeWide(-9), -4);
  EXPECT_EQ(r.requantizeWide(-100), -5);
}

TEST(FixedPoint, HalfEvenFloatTiesAndLimits) {
  EXPECT_EQ(requantizeHalfEven(1, 0.5f, 0, -128, 127), 0);
  EXPECT_EQ(requantizeHalfEven(3, 0.5f, 0, -128, 127), 2);
  EXPECT_EQ(requantizeHalfEven(-1, 0.5f, 0, -128, 127), 0);
  EXPECT_EQ(requantizeHalfEven(-3, 0.5f, 0, -128, 127), -2);
  // The zero point is added after rounding: 1.5 -> 2, + 1.
  EXPECT_EQ(requantizeHalfEven(3, 0.5f, 1, -128, 127), 3);
  EXPECT_EQ(requantizeHalfEven(int32Max, 1e20f, 3, -128, 127), 127);
  EXPECT_EQ(requantizeHalfEven(int32Min, 1e20f, 3, -128, 127), -128);
  EXPECT_EQ(requantizeHalfEven(int32Min, 1.0f, 0, int32Min, int32Max),
            int32Min);
  // float(acc) rounds: 2^24 + 1 is 2^24.
  EXPECT_EQ(requantizeHalfEven((1 << 24) + 1, 1.0f, 0, int32Min, int32Max),
            1 << 24);
}

TEST(FixedPoint, RequantizationAddsZeroPointWithoutOverflow) {
  Requantization r;
  r.multiplier = {int32Max, 1};
  r.zeroPoint = 127;
  EXPECT_EQ(r((1 << 30) - 1), 127);
  EXPECT_EQ(r(-(1 << 30)), -128);
  EXPECT_EQ(r(-127), -127 * 2 + 127);
  EXPECT_EQ(r(-128), -128);
}

TEST(FixedPoint, ActivationRanges) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(*activationRange(-inf, inf, 0.1f, 5, -128, 127),
            (IntRange{-128, 127}));
  EXPECT_EQ(*activationRange(0, inf, 0.1f, 5, -128, 127), (IntRange{5, 127}));
  EXPECT_EQ(*activationRange(0, 6, 0.0625f, -128, -128, 127),
            (IntRange{-128, -32}));
  EXPECT_EQ(*activationRange(-1, 1, 0.4f, 0, -128, 127), (IntRange{-3, 3}));
  // 6 / 4 = 1.5 rounds away from zero.
  EXPECT_EQ(*activationRange(-6, 6, 4.0f, 0, -128, 127), (IntRange{-2, 2}));
  EXPECT_FALSE(activationRange(0, 6, 1e-30f, 0, -128, 127).has_value());
}

} // namespace
