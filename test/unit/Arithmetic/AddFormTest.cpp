// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Quantized addition and averages: the exact formulae by known values, the
// fitted forms on every pair or sum, wrong constants refused.

#include "qcc/Arithmetic/AddForm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

using namespace qcc::arith;

namespace {

constexpr IntRange int8Range{-128, 127};

TEST(QuantizedAdd, KnownValues) {
  auto same = QuantizedAdd::make(Rounding::TfliteDouble, 0.5, 3, 0.5, -4, 0.5,
                                 1, -128, 127);
  ASSERT_TRUE(same.has_value());
  EXPECT_EQ((*same)(3, -4), 1);
  EXPECT_EQ((*same)(13, 16), 31);
  EXPECT_EQ((*same)(127, 127), 127);
  EXPECT_EQ((*same)(-128, -128), -128);
  // Half of the sum: TFLite rounds half away from zero, XNNPACK half up.
  auto halved =
      QuantizedAdd::make(Rounding::TfliteDouble, 1, 0, 1, 0, 2, 0, -128, 127);
  EXPECT_EQ((*halved)(1, 0), 1);
  EXPECT_EQ((*halved)(-1, 0), -1);
  EXPECT_EQ((*halved)(-2, -1), -2);
  auto halfUp =
      QuantizedAdd::make(Rounding::HalfEvenFloat, 1, 0, 1, 0, 2, 0, -128, 127);
  EXPECT_EQ((*halfUp)(1, 0), 1);
  EXPECT_EQ((*halfUp)(-1, 0), 0);
  EXPECT_EQ((*halfUp)(-2, -1), -1);
  EXPECT_FALSE(
      QuantizedAdd::make(Rounding::TfliteDouble, 0, 0, 1, 0, 1, 0, -128, 127)
          .has_value());
}

TEST(QuantizedAdd, IsCloseToTheRealSum) {
  auto add = QuantizedAdd::make(Rounding::TfliteDouble, 0.0317, 5, 0.0521, -9,
                                0.0613, -12, -128, 127);
  for (int a = -128; a < 128; ++a)
    for (int b = -128; b < 128; ++b) {
      double real = ((a - 5) * 0.0317 + (b + 9) * 0.0521) / 0.0613 - 12;
      ASSERT_NEAR((*add)(a, b), std::clamp(real, -128.0, 127.0), 0.5001);
    }
}

QuantizedAdd randomAdd(std::mt19937 &rng, Rounding rounding) {
  std::uniform_real_distribution<> scale(0.01, 0.08);
  std::uniform_int_distribution<int32_t> zero(-128, 127);
  int32_t resultZero = zero(rng);
  return *QuantizedAdd::make(rounding, scale(rng), zero(rng), scale(rng),
                             zero(rng), scale(rng), resultZero,
                             rng() % 2 ? -128 : resultZero, 127);
}

template <typename Form>
bool equalsEverywhere(const Form &form, const QuantizedAdd &exact) {
  for (int a = -128; a < 128; ++a)
    for (int b = -128; b < 128; ++b)
      if (form(a, b) != exact(a, b))
        return false;
  return true;
}

TEST(AddForm, FittedFormsAreExactOnEveryPair) {
  std::mt19937 rng(21);
  int floats = 0, unfused = 0, narrow = 0, wide = 0;
  constexpr int count = 24;
  for (int i = 0; i < count; ++i) {
    QuantizedAdd exact = randomAdd(rng, i % 3 == 2 ? Rounding::HalfEvenFloat
                                                   : Rounding::TfliteDouble);
    if (auto form = fitAddFloat(exact, int8Range, int8Range)) {
      ++floats;
      ASSERT_TRUE(equalsEverywhere(*form, exact));
    }
    if (auto form = fitAddFloat(exact, int8Range, int8Range, false)) {
      ++unfused;
      ASSERT_TRUE(equalsEverywhere(*form, exact));
    }
    if (auto form = fitAddFixed(exact, int8Range, int8Range, true)) {
      ++narrow;
      ASSERT_TRUE(equalsEverywhere(*form, exact));
    }
    if (auto form = fitAddFixed(exact, int8Range, int8Range, false)) {
      ++wide;
      ASSERT_TRUE(equalsEverywhere(*form, exact));
    }
  }
  EXPECT_GT(floats, 0);
  EXPECT_GT(unfused, 0);
  EXPECT_GT(narrow, 0);
  EXPECT_GT(wide, count / 2);
  RecordProperty("floats", floats);
  RecordProperty("unfused", unfused);
  RecordProperty("narrow", narrow);
  RecordProperty("wide", wide);
}

TEST(AddForm, WrongConstantsAreRefused) {
  std::mt19937 rng(22);
  int refused = 0;
  for (int i = 0; i < 12; ++i) {
    QuantizedAdd exact = randomAdd(rng, Rounding::TfliteDouble);
    auto form = fitAddFixed(exact, int8Range, int8Range, false);
    if (!form)
      continue;
    for (int64_t delta : {int64_t{1}, int64_t{1} << (form->shift / 2),
                          int64_t{1} << (form->shift - 3)}) {
      AddFixedForm wrong = *form;
      wrong.r += delta;
      bool equal = equalsEverywhere(wrong, exact);
      EXPECT_EQ(prove(wrong, exact, int8Range, int8Range), equal);
      refused += !equal;
    }
    AddFixedForm overflowing = *form;
    overflowing.narrow = true;
    EXPECT_FALSE(prove(overflowing, exact, int8Range, int8Range));
  }
  EXPECT_GT(refused, 5);
}

TEST(AddForm, TiesAwayFromZero) {
  auto exact =
      QuantizedAdd::make(Rounding::TfliteDouble, 1, 0, 1, 0, 2, 0, -128, 127);
  auto fixed = fitAddFixed(*exact, int8Range, int8Range, true);
  ASSERT_TRUE(fixed.has_value());
  EXPECT_TRUE(equalsEverywhere(*fixed, *exact));
  EXPECT_FALSE(fitAddFloat(*exact, int8Range, int8Range).has_value());
  // With no negative sums there is one way to round a half.
  IntRange positive{0, 127};
  EXPECT_TRUE(fitAddFloat(*exact, positive, positive).has_value());
}

TEST(Average, FittedFormsAreExactOnEverySum) {
  struct {
    IntRange values;
    int32_t lo, hi;
  } cases[] = {
      {{-128, 127}, -128, 127}, {{0, 255}, 0, 255}, {{-128, 127}, -3, 90}};
  for (int64_t count :
       {1, 2, 3, 4, 5, 7, 9, 12, 16, 25, 36, 49, 64, 125, 256, 3136})
    for (const auto &c : cases) {
      IntRange sums{c.values.lo * count, c.values.hi * count};
      auto steps = StepFunction::ofAverage(count, sums, c.lo, c.hi);
      ASSERT_TRUE(steps.has_value());
      for (bool narrow : {false, true}) {
        auto form = fitAverage(count, *steps, narrow);
        if (!form) {
          EXPECT_TRUE(narrow && count > 64) << count;
          continue;
        }
        EXPECT_EQ(form->shift >= 32, !narrow && count >= 3);
        for (int64_t sum = sums.lo; sum <= sums.hi; ++sum) {
          // Half away from zero, from the real quotient.
          auto want = static_cast<int64_t>(std::round(
              static_cast<double>(sum) / static_cast<double>(count)));
          ASSERT_EQ((*form)(static_cast<int32_t>(sum)),
                    std::clamp<int64_t>(want, c.lo, c.hi))
              << sum << " / " << count;
        }
      }
    }
  EXPECT_FALSE(StepFunction::ofAverage(0, {0, 1}, 0, 1).has_value());
}

TEST(AddForm, ReachedTiesGoToTheEvenResult) {
  struct Case {
    double lhs, rhs, result;
    int32_t lhsZero, rhsZero;
  };
  // With 0.13 only rows of b = rhsZero are half-way.
  for (Case c : {Case{0.125, 0.125, 0.25, 0, 0}, Case{0.125, 0.25, 0.5, 3, -7},
                 Case{0.1, 0.13, 0.2, 0, 0}, Case{0.1, 0.13, 0.2, -128, 5}}) {
    auto exact = QuantizedAdd::make(Rounding::Onnx, c.lhs, c.lhsZero, c.rhs,
                                    c.rhsZero, c.result, 0, -128, 127);
    ASSERT_TRUE(exact.has_value());
    auto wide = fitAddFixed(*exact, int8Range, int8Range, false);
    ASSERT_TRUE(wide.has_value());
    EXPECT_TRUE(wide->halfEven);
    EXPECT_TRUE(equalsEverywhere(*wide, *exact));
    AddFixedForm halfUp = *wide;
    halfUp.halfEven = false;
    halfUp.r += int64_t{1} << (halfUp.shift - 1);
    EXPECT_FALSE(prove(halfUp, *exact, int8Range, int8Range));
  }
}

} // namespace
