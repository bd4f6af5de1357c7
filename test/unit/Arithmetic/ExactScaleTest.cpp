// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rounding `onnx`: the definition by what an exact rounding is, its form of
// 64 bits against the definition, and proved forms against it accumulator by
// accumulator.

#include "qcc/Arithmetic/AddForm.h"
#include "qcc/Arithmetic/RequantizeForm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace qcc::arith;

namespace {

using Wide = __int128;

/// |x n/d 2^e - r| <= 1/2, and r is even where that is equal. For exponents
/// that leave room in 128 bits.
bool isNearestEven(int64_t x, const ExactScale &s, int64_t r) {
  Wide numerator = Wide{x} * static_cast<Wide>(s.numerator);
  auto denominator = static_cast<Wide>(s.denominator);
  for (int e = s.exponent; e > 0; --e)
    numerator *= 2;
  for (int e = s.exponent; e < 0; ++e)
    denominator *= 2;
  Wide twice = 2 * (numerator - Wide{r} * denominator);
  Wide size = twice < 0 ? -twice : twice;
  return size < denominator || (size == denominator && r % 2 == 0);
}

TEST(ExactScale, KnownValues) {
  ExactScale half = ExactScale::of(0.5f, 0.25f, 0.25f);
  EXPECT_EQ(half.real(), 0.5);
  EXPECT_EQ(multiplyHalfEven(1, half), 0);
  EXPECT_EQ(multiplyHalfEven(3, half), 2);
  EXPECT_EQ(multiplyHalfEven(5, half), 2);
  EXPECT_EQ(multiplyHalfEven(-1, half), 0);
  EXPECT_EQ(multiplyHalfEven(-3, half), -2);
  EXPECT_EQ(multiplyHalfEven(-5, half), -2);
  // The mean of six: thirds and halves.
  ExactScale sixth = ExactScale::of(1.0f, 1.0f, 1.0f, 6);
  EXPECT_EQ(multiplyHalfEven(3, sixth), 0);
  EXPECT_EQ(multiplyHalfEven(9, sixth), 2);
  EXPECT_EQ(multiplyHalfEven(15, sixth), 2);
  EXPECT_EQ(multiplyHalfEven(-9, sixth), -2);
  EXPECT_EQ(multiplyHalfEven(10, sixth), 2);
  // Far from 1 it saturates, or is 0.
  EXPECT_EQ(multiplyHalfEven(-1, ExactScale::of(1e30f, 1, 1e-30f)),
            -(int64_t{1} << 40));
  EXPECT_EQ(multiplyHalfEven(1 << 30, ExactScale::of(1e-30f, 1, 1e30f)), 0);
}

TEST(ExactScale, IsTheNearestEven) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> scales(0.001f, 2.0f);
  std::uniform_int_distribution<int32_t> accs(-(1 << 24), 1 << 24);
  std::uniform_int_distribution<int> counts(1, 130);
  int ties = 0;
  for (int i = 0; i < 200000; ++i) {
    float a = scales(random), b = scales(random), c = scales(random);
    if (i % 3 == 0) {
      // Few bits, so that there are ties.
      a = std::ldexp(std::rint(a * 8) + 1, -4);
      b = std::ldexp(1.0f, counts(random) % 5);
      c = 1;
    }
    ExactScale scale = ExactScale::of(a, b, c, i % 2 == 0 ? 1 : counts(random));
    int64_t acc = accs(random) >> (i % 17);
    int64_t r = multiplyHalfEven(acc, scale);
    ASSERT_TRUE(isNearestEven(acc, scale, r)) << a << " " << b << " " << c;
    ties += !isNearestEven(acc, scale, r + 1) && r % 2 == 0 &&
            std::fabs(static_cast<double>(acc) * scale.real() -
                      static_cast<double>(r)) == 0.5;
  }
  EXPECT_GT(ties, 100);
}

TEST(ExactScale, FormOf64BitsIsTheDefinition) {
  std::mt19937 random(2);
  std::uniform_real_distribution<float> scales(0.0001f, 1.0f);
  std::uniform_int_distribution<int32_t> accs(-(1 << 22), 1 << 22);
  int exact = 0;
  for (int i = 0; i < 300; ++i) {
    bool isPower = i % 3 == 0;
    float a = isPower ? std::ldexp(1.0f, -(i % 12)) : scales(random);
    ExactScale scale = i % 2 == 0 ? ExactScale::of(a, 1.0f, scales(random))
                                  : ExactScale::of(a, scales(random),
                                                   scales(random), 1 + i % 7);
    std::optional<HalfEvenForm> form = makeHalfEven(scale);
    ASSERT_TRUE(form.has_value());
    exact += form->isScale;
    for (int k = 0; k < 2000; ++k) {
      int64_t acc = accs(random);
      ASSERT_EQ((*form)(acc), multiplyHalfEven(acc, scale)) << scale.real();
    }
  }
  EXPECT_GT(exact, 100);
  EXPECT_FALSE(makeHalfEven(ExactScale::of(1e20f, 1, 1)).has_value());
}

TEST(ExactScale, ProvedFormsAreTheDefinition) {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> scales(0.001f, 0.1f);
  int floats = 0, fixed = 0, ties = 0;
  for (int i = 0; i < 60; ++i) {
    ChannelSpec spec;
    spec.exact.rounding = Rounding::Onnx;
    bool isPower = i % 3 == 0;
    spec.exact.ratio =
        isPower
            ? ExactScale::of(std::ldexp(1.0f, -(2 + i % 9)), 1, 1)
            : ExactScale::of(scales(random), scales(random), scales(random));
    spec.exact.multiplier = quantizeMultiplier(spec.exact.ratio.real());
    spec.exact.scale = static_cast<float>(spec.exact.ratio.real());
    spec.exact.zeroPoint = i % 5 - 2;
    spec.acc = {-20000, 20000};
    std::optional<StepFunction> steps = StepFunction::of(spec);
    ASSERT_TRUE(steps.has_value());
    auto check = [&](const auto &form) {
      for (int64_t acc = spec.acc.lo; acc <= spec.acc.hi; ++acc)
        ASSERT_EQ(form(static_cast<int32_t>(acc)),
                  spec.exact(static_cast<int32_t>(acc)));
    };
    bool isFound = false;
    for (const FloatVariant &variant : getFloatVariants(spec.exact, true))
      if (auto form = fitFloat(spec, *steps, variant)) {
        check(*form);
        isFound = true;
        ties += isPower;
        break;
      }
    floats += isFound;
    if (auto form = fitFixed(spec, *steps)) {
      check(*form);
      ++fixed;
    }
    std::optional<HalfEvenForm> halfEven = makeHalfEven(spec.exact.ratio);
    ASSERT_TRUE(halfEven.has_value());
    EXPECT_TRUE(prove(*halfEven, *steps, spec.exact.zeroPoint));
    // A form with another scale is refused.
    halfEven->p += halfEven->q / 50 + 1;
    EXPECT_FALSE(prove(*halfEven, *steps, spec.exact.zeroPoint));
  }
  EXPECT_EQ(floats, 60);
  EXPECT_GT(fixed, 30);
  EXPECT_EQ(ties, 20);
}

TEST(ExactScale, Additions) {
  // Ties everywhere: halves of integers.
  EXPECT_EQ(addHalfEven(1, 1, 0, 1, 2), 0);
  EXPECT_EQ(addHalfEven(1, 1, 2, 1, 2), 2);
  EXPECT_EQ(addHalfEven(-1, 1, -2, 1, 2), -2);
  EXPECT_EQ(addHalfEven(3, 1, 2, 1, 2), 2);
  // An operand far below decides about a tie, whatever its size.
  for (float tiny : {0x1p-20f, 0x1p-60f, 0x1p-100f}) {
    EXPECT_EQ(addHalfEven(1, 1, 1, tiny, 2), 1);
    EXPECT_EQ(addHalfEven(1, 1, -1, tiny, 2), 0);
    EXPECT_EQ(addHalfEven(1, tiny, -1, 1, 2), 0);
    EXPECT_EQ(addHalfEven(-1, tiny, -1, 1, 2), -1);
  }
  std::mt19937 random(4);
  std::uniform_real_distribution<float> scales(0.01f, 0.1f);
  constexpr IntRange bytes{-128, 127};
  int proved = 0;
  for (int i = 0; i < 6; ++i) {
    float a = i < 2 ? 0.5f : scales(random), b = i < 2 ? 0.25f : scales(random);
    float c = i < 2 ? 0.5f : scales(random);
    auto add = QuantizedAdd::make(Rounding::Onnx, a, i, b, -i, c, 3, -128, 127);
    ASSERT_TRUE(add.has_value());
    EXPECT_EQ((*add)(i, -i), 3);
    proved += fitAddFloat(*add, bytes, bytes).has_value();
  }
  EXPECT_GE(proved, 3);
}

} // namespace
