// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products for quotients: proved ones on floats around every tie, wrong ones
// refused.

#include "qcc/Arithmetic/QuotientForm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

using namespace qcc::arith;

namespace {

/// Every value's tie and the floats around it, and what has no neighbours.
template <typename Check>
void forEachEdge(const FloatQuotient &exact, Check check) {
  for (int value = exact.lo - 2; value <= exact.hi + 2; ++value) {
    float x = (static_cast<float>(value) + 0.5f) * exact.scale;
    for (int i = 0; i < 4; ++i)
      x = std::nextafter(x, -std::numeric_limits<float>::infinity());
    for (int i = 0; i < 9; ++i) {
      check(x);
      x = std::nextafter(x, std::numeric_limits<float>::infinity());
    }
  }
  for (float x : {0.0f, -0.0f, 1e-45f, -1e-45f, 3e38f, -3e38f,
                  std::numeric_limits<float>::infinity(),
                  -std::numeric_limits<float>::infinity()})
    check(x);
}

TEST(QuotientForm, ProvedFormsRoundLikeTheQuotient) {
  std::mt19937 rng(7);
  std::uniform_real_distribution<double> exponent(-20, 20);
  int proved = 0;
  for (int i = 0; i < 300; ++i) {
    FloatQuotient exact;
    exact.scale = static_cast<float>(std::exp2(exponent(rng)));
    int zero = static_cast<int>(rng() % 256) - 128;
    exact.lo = -128 - zero, exact.hi = 127 - zero;
    exact.halfEven = i % 2;
    std::optional<QuotientForm> form = fitQuotient(exact);
    if (!form)
      continue;
    ++proved;
    forEachEdge(exact, [&](float x) {
      EXPECT_EQ(exact.round((*form)(x)), exact(x)) << x << " / " << exact.scale;
    });
  }
  EXPECT_GT(proved, 290);
}

TEST(QuotientForm, OneProductIsRefusedWhereItDiffers) {
  std::mt19937 rng(8);
  std::uniform_real_distribution<double> exponent(-20, 20);
  int refused = 0, equal = 0;
  for (int i = 0; i < 300; ++i) {
    FloatQuotient exact;
    exact.scale = static_cast<float>(std::exp2(exponent(rng)));
    QuotientForm single{1.0f / exact.scale, 0};
    bool differs = false;
    forEachEdge(
        exact, [&](float x) { differs |= exact.round(single(x)) != exact(x); });
    EXPECT_EQ(isEqual(single, exact), !differs) << exact.scale;
    ++(differs ? refused : equal);
  }
  EXPECT_GT(refused, 100);
}

TEST(QuotientForm, PowersOfTwoNeedOneProduct) {
  for (float scale : {0.25f, 1.0f, 0x1p-8f, 16.0f}) {
    std::optional<QuotientForm> form = fitQuotient({scale, -128, 127, false});
    ASSERT_TRUE(form.has_value());
    EXPECT_EQ(form->high, 1 / scale);
    EXPECT_EQ(form->low, 0);
  }
}

TEST(QuotientForm, ScalesWithoutAnInverseAreRefused) {
  EXPECT_FALSE(fitQuotient({1e-42f, -128, 127, false}).has_value());
  EXPECT_FALSE(fitQuotient({3e38f, -128, 127, false}).has_value());
}

} // namespace
