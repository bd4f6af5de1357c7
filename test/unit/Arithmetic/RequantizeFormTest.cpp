// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The prover against brute force. For hundreds of random channels every fitted
// form is evaluated on every accumulator, and forms with disturbed constants
// must be refused exactly when brute force finds a difference.

#include "qcc/Arithmetic/RequantizeForm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace qcc::arith;

namespace {

constexpr int32_t int32Min = std::numeric_limits<int32_t>::min();
constexpr int32_t int32Max = std::numeric_limits<int32_t>::max();

template <typename Form>
bool equalsEverywhere(const Form &form, const ChannelSpec &spec) {
  for (int64_t acc = spec.acc.lo; acc <= spec.acc.hi; ++acc)
    if (form(static_cast<int32_t>(acc)) !=
        spec.exact(static_cast<int32_t>(acc)))
      return false;
  return true;
}

ChannelSpec randomChannel(std::mt19937 &rng, Rounding rounding) {
  auto pick = [&](int lo, int hi) {
    return std::uniform_int_distribution<int>(lo, hi)(rng);
  };
  ChannelSpec spec;
  spec.exact.rounding = rounding;
  double real =
      std::ldexp(std::uniform_real_distribution<>(0.5, 1)(rng), pick(-7, 1));
  spec.exact.multiplier = quantizeMultiplier(real, rounding);
  spec.exact.scale = static_cast<float>(real);
  bool isUnsigned = pick(0, 1);
  int32_t qmin = isUnsigned ? 0 : -128;
  int32_t zeroPoints[] = {qmin, qmin + pick(0, 255), qmin + 255};
  spec.exact.zeroPoint = zeroPoints[pick(0, 2)];
  spec.exact.lo = pick(0, 2) ? qmin : spec.exact.zeroPoint;
  spec.exact.hi = pick(0, 2)
                      ? qmin + 255
                      : std::max(spec.exact.lo, qmin + 255 - pick(0, 90));
  int a = pick(-6000, 6000), b = pick(-6000, 6000);
  spec.acc = {std::min(a, b), std::max(a, b)};
  return spec;
}

const Rounding roundings[] = {Rounding::TfliteDouble, Rounding::TfliteSingle,
                              Rounding::HalfEvenFloat};

std::vector<FloatVariant> variantsOf(const ChannelSpec &spec) {
  std::vector<FloatVariant> variants;
  for (bool fused : {true, false})
    for (bool twoTerms : {false, true})
      for (bool split : {false, true})
        for (bool shiftAcc : {false, true}) {
          for (int32_t offset : {0, spec.exact.zeroPoint})
            variants.push_back({fused, twoTerms, split, Convert::NearestEven,
                                offset, shiftAcc});
          for (int32_t offset : {spec.exact.lo, spec.exact.zeroPoint})
            variants.push_back({fused, twoTerms, split, Convert::TowardZero,
                                offset, shiftAcc});
        }
  return variants;
}

TEST(StepFunction, IsTheFunction) {
  std::mt19937 rng(11);
  for (int i = 0; i < 300; ++i) {
    ChannelSpec spec = randomChannel(rng, roundings[i % 3]);
    auto steps = StepFunction::of(spec);
    ASSERT_TRUE(steps.has_value());
    int32_t value = steps->firstValue();
    auto step = steps->getSteps().begin();
    for (int64_t acc = spec.acc.lo; acc <= spec.acc.hi; ++acc) {
      if (step != steps->getSteps().end() && step->at == acc)
        value = step++->value;
      ASSERT_EQ(value, spec.exact(static_cast<int32_t>(acc))) << acc;
    }
    EXPECT_EQ(step, steps->getSteps().end());
    EXPECT_EQ(steps->lastValue(), value);
  }
}

TEST(StepFunction, RefusesWhatIsNotMonotone) {
  ChannelSpec spec;
  spec.acc = {-1000, 1000};
  spec.exact.multiplier = {-(1 << 30), 0};
  EXPECT_FALSE(StepFunction::of(spec).has_value());
  // 2^30 << 2 wraps.
  spec.exact.multiplier = {1 << 30, 2};
  EXPECT_TRUE(StepFunction::of(spec).has_value());
  spec.acc.hi = 1 << 30;
  EXPECT_FALSE(StepFunction::of(spec).has_value());
  spec.acc = {1, 0};
  EXPECT_FALSE(StepFunction::of(spec).has_value());
  spec.acc = {0, int64_t{1} << 31};
  EXPECT_FALSE(StepFunction::of(spec).has_value());
}

TEST(RequantizeForm, EveryFittedFormIsExactEverywhere) {
  std::mt19937 rng(12);
  int fitted = 0, tried = 0, atShift = 0, highWords = 0, splitHighWords = 0;
  for (int i = 0; i < 240; ++i) {
    ChannelSpec spec = randomChannel(rng, roundings[i % 3]);
    auto steps = StepFunction::of(spec);
    ASSERT_TRUE(steps.has_value());
    for (const FloatVariant &variant : variantsOf(spec)) {
      ++tried;
      if (auto form = fitFloat(spec, *steps, variant)) {
        ++fitted;
        ASSERT_TRUE(equalsEverywhere(*form, spec)) << "channel " << i;
      }
    }
    if (auto form = fitFixed(spec, *steps)) {
      ASSERT_TRUE(equalsEverywhere(*form, spec)) << "channel " << i;
    }
    int shift = 31 - spec.exact.multiplier.shift - static_cast<int>(i % 5);
    if (auto form = fitFixedAt(spec, *steps, shift, shift - 23)) {
      ++atShift;
      EXPECT_EQ(form->shift, shift);
      for (int64_t r : {form->r, form->rBelow})
        EXPECT_EQ(int64_t{static_cast<int32_t>(r >> (shift - 23))}
                      << (shift - 23),
                  r);
      ASSERT_TRUE(equalsEverywhere(*form, spec)) << "channel " << i;
    }
    if (auto form = fitDouble(spec, *steps, spec.exact.zeroPoint)) {
      ASSERT_TRUE(equalsEverywhere(*form, spec)) << "channel " << i;
    }
    for (int accShift = 1; accShift <= 12; ++accShift)
      for (int less : {0, 3})
        for (bool split : {false, true}) {
          int shift = highWordShift(spec.exact, accShift) - less;
          if (auto form = fitHighWord(spec, *steps, accShift, shift, split)) {
            ASSERT_TRUE(equalsEverywhere(*form, spec)) << "channel " << i;
            ++(split ? splitHighWords : highWords);
          }
        }
  }
  EXPECT_GT(highWords, 1000);
  EXPECT_GT(splitHighWords, 500);
  // So small a channel seldom resists; the point is that many were compared.
  EXPECT_GT(fitted, tried / 2);
  EXPECT_GT(atShift, 120);
}

TEST(RequantizeForm, FixedAndSplitFormsAlwaysFitSmallChannels) {
  std::mt19937 rng(13);
  for (int i = 0; i < 300; ++i) {
    ChannelSpec spec = randomChannel(rng, roundings[i % 2]);
    auto steps = StepFunction::of(spec);
    ASSERT_TRUE(steps.has_value());
    EXPECT_TRUE(fitFixed(spec, *steps).has_value()) << "channel " << i;
    EXPECT_TRUE(fitDouble(spec, *steps, spec.exact.zeroPoint).has_value());
    FloatVariant variant;
    variant.split = true;
    variant.shiftAcc = false;
    variant.outOffset = spec.exact.zeroPoint;
    EXPECT_TRUE(fitFloat(spec, *steps, variant).has_value()) << "channel " << i;
  }
}

/// The proof says what brute force says, of right and wrong forms alike.
template <typename Form>
void expectVerdict(const Form &form, const ChannelSpec &spec,
                   const StepFunction &steps, int (&verdicts)[2]) {
  bool equal = equalsEverywhere(form, spec);
  ++verdicts[equal];
  ASSERT_EQ(prove(form, steps), equal);
}

TEST(RequantizeForm, WrongConstantsAreRefused) {
  std::mt19937 rng(14);
  int floats[2] = {}, fixeds[2] = {}, doubles[2] = {};
  std::uniform_real_distribution<> spread(-1.5, 1.5);
  for (int i = 0; i < 150; ++i) {
    ChannelSpec spec = randomChannel(rng, roundings[i % 3]);
    auto steps = StepFunction::of(spec);
    ASSERT_TRUE(steps.has_value());
    FloatVariant variant;
    variant.split = i % 2;
    variant.outOffset = spec.exact.zeroPoint;
    if (auto fit = fitFloat(spec, *steps, variant))
      for (int k = 0; k < 12; ++k) {
        FloatForm form = *fit;
        if (k % 3 == 0)
          form.c += static_cast<float>(spread(rng)) * form.s;
        else if (k % 3 == 1)
          form.s *= 1 + static_cast<float>(spread(rng)) * 1e-3f;
        else
          form.accOffset += k - 6;
        expectVerdict(form, spec, *steps, floats);
      }
    if (auto fit = fitFixed(spec, *steps))
      for (int k = -4; k <= 4; ++k) {
        FixedForm form = *fit;
        form.r += k * (int64_t{form.m} / 3);
        expectVerdict(form, spec, *steps, fixeds);
      }
    if (auto fit = fitDouble(spec, *steps, spec.exact.zeroPoint))
      for (int k = -4; k <= 4; ++k) {
        DoubleForm form = *fit;
        form.cBelow += k * form.s / 3;
        form.c += k * form.s / 3;
        expectVerdict(form, spec, *steps, doubles);
      }
  }
  for (auto *verdicts : {floats, fixeds, doubles}) {
    EXPECT_GT(verdicts[0], 50);
    EXPECT_GT(verdicts[1], 50);
  }
}

/// Double rounding of 2^-2: 1/4 goes up twice, -1/2 goes down to -1.
ChannelSpec quarter(IntRange acc) {
  ChannelSpec spec;
  spec.exact.multiplier = quantizeMultiplier(0.25);
  spec.acc = acc;
  return spec;
}

TEST(RequantizeForm, NegativeHalvesNeedASplit) {
  ChannelSpec spec = quarter({-100, 100});
  EXPECT_EQ(spec.exact(1), 1);
  EXPECT_EQ(spec.exact(-2), -1);
  auto steps = StepFunction::of(spec);
  auto fixed = fitFixed(spec, *steps);
  ASSERT_TRUE(fixed.has_value());
  EXPECT_TRUE(fixed->isSplit());
  EXPECT_FALSE(fitFloat(spec, *steps,
                        {true, false, false, Convert::NearestEven, 0, true})
                   .has_value());
  EXPECT_TRUE(
      fitFloat(spec, *steps, {true, false, true, Convert::NearestEven, 0, true})
          .has_value());

  // Where a relu cuts the negative results, one constant is enough.
  spec.exact.lo = 0;
  steps = StepFunction::of(spec);
  fixed = fitFixed(spec, *steps);
  ASSERT_TRUE(fixed.has_value());
  EXPECT_FALSE(fixed->isSplit());
}

TEST(RequantizeForm, ProofSeesASingleDifferingAccumulator) {
  // rint(acc / 4) differs from rounding half up in ties alone.
  ChannelSpec spec = quarter({-511, 507});
  spec.exact.rounding = Rounding::TfliteSingle;
  auto steps = StepFunction::of(spec);
  FloatForm form;
  form.s = 0.25f;
  form.lo = -128;
  form.hi = 127;
  EXPECT_FALSE(prove(form, *steps));
  form.c = 0.125f;
  EXPECT_TRUE(prove(form, *steps));
  // In [3, 5] the one tie is 0.5 + 0.5, which goes up either way … not: 2 is.
  spec.acc = {3, 5};
  form.c = 0;
  EXPECT_TRUE(prove(form, *StepFunction::of(spec)));
  spec.acc = {2, 5};
  EXPECT_FALSE(prove(form, *StepFunction::of(spec)));
}

TEST(RequantizeForm, IntervalsUpToTheEndsOfInt32) {
  std::mt19937 rng(15);
  std::uniform_int_distribution<int32_t> any(int32Min, int32Max);
  for (double real : {std::ldexp(0.9, -23), 1e-9, 0.3}) {
    ChannelSpec spec;
    spec.exact.multiplier = quantizeMultiplier(real);
    spec.exact.zeroPoint = -3;
    spec.acc = {int32Min, int32Max};
    auto steps = StepFunction::of(spec);
    ASSERT_TRUE(steps.has_value());
    // 2^31 accumulators, 2 steps: a multiplier cut to 24 bits cannot tell
    // which.
    auto fixed = fitFixed(spec, *steps);
    ASSERT_EQ(fixed.has_value(), real > 1e-8);
    FloatVariant variant;
    variant.split = true;
    variant.twoTerms = true;
    variant.shiftAcc = false;
    variant.outOffset = -3;
    auto floating = fitFloat(spec, *steps, variant);
    auto wide = fitDouble(spec, *steps, -3);
    ASSERT_TRUE(wide.has_value());
    for (int i = 0; i < 200000; ++i) {
      int32_t acc = i == 0 ? int32Min : i == 1 ? int32Max : any(rng);
      if (i & 1)
        acc >>= i % 23;
      if (fixed) {
        ASSERT_EQ((*fixed)(acc), spec.exact(acc)) << acc;
      }
      ASSERT_EQ((*wide)(acc), spec.exact(acc)) << acc;
      if (floating) {
        ASSERT_EQ((*floating)(acc), spec.exact(acc)) << acc;
      }
    }
  }
}

TEST(RequantizeForm, RefusesOverflow) {
  ChannelSpec spec = quarter({int32Min, int32Max});
  auto steps = StepFunction::of(spec);
  FloatForm form;
  form.s = 0.25f;
  form.lo = -128;
  form.hi = 127;
  form.accOffset = 1;
  EXPECT_FALSE(prove(form, *steps));
  // y beyond int32: what the conversion gives is the machine's secret.
  spec.exact.multiplier = {1 << 30, 1};
  spec.acc = {0, (1 << 30) - 1};
  steps = StepFunction::of(spec);
  form = FloatForm();
  form.lo = -128;
  form.hi = 127;
  form.s = 1;
  EXPECT_TRUE(prove(form, *steps));
  form.s = 2;
  EXPECT_FALSE(prove(form, *steps));
  FixedForm fixed;
  fixed.m = int32Max;
  fixed.shift = 31;
  fixed.r = std::numeric_limits<int64_t>::max();
  EXPECT_FALSE(prove(fixed, *steps));
}

TEST(RequantizeForm, RefusesConstantsThatAreNotNormal) {
  ChannelSpec spec = quarter({3, 4});
  auto steps = StepFunction::of(spec);
  FloatForm form;
  form.s = 0.25f;
  form.lo = -128;
  form.hi = 127;
  EXPECT_TRUE(prove(form, *steps));
  for (float c : {1e-40f, std::numeric_limits<float>::infinity(),
                  std::numeric_limits<float>::quiet_NaN()}) {
    form.c = c;
    EXPECT_FALSE(prove(form, *steps)) << c;
  }
}

TEST(RequantizeForm, ConstantChannels) {
  // Pruned filters leave nothing but a bias.
  ChannelSpec spec = quarter({1 << 30, 1 << 30});
  auto steps = StepFunction::of(spec);
  ASSERT_TRUE(steps.has_value());
  EXPECT_TRUE(steps->getSteps().empty());
  FloatVariant variant;
  variant.outOffset = -128;
  auto form = fitFloat(spec, *steps, variant);
  ASSERT_TRUE(form.has_value());
  EXPECT_EQ((*form)(1 << 30), spec.exact(1 << 30));
  spec.exact.multiplier = quantizeMultiplier(1e-9);
  spec.exact.zeroPoint = -128;
  steps = StepFunction::of(spec);
  EXPECT_TRUE(fitFixed(spec, *steps).has_value());
}

TEST(RequantizeForm, OneOfTheVariantsFits) {
  std::mt19937 rng(17);
  for (int i = 0; i < 300; ++i) {
    ChannelSpec spec = randomChannel(rng, roundings[i % 3]);
    auto steps = StepFunction::of(spec);
    for (bool fused : {false, true}) {
      bool any = false;
      for (const FloatVariant &variant : getFloatVariants(spec.exact, fused)) {
        EXPECT_EQ(variant.fused, fused);
        any |= fitFloat(spec, *steps, variant).has_value();
      }
      EXPECT_TRUE(any) << "channel " << i;
    }
  }
}

TEST(RequantizeForm, HalfEvenFloatIsItsOwnForm) {
  std::mt19937 rng(16);
  for (int i = 0; i < 100; ++i) {
    ChannelSpec spec = randomChannel(rng, Rounding::HalfEvenFloat);
    auto steps = StepFunction::of(spec);
    FloatForm form;
    form.s = spec.exact.scale;
    form.outOffset = spec.exact.zeroPoint;
    form.lo = spec.exact.lo;
    form.hi = spec.exact.hi;
    EXPECT_TRUE(prove(form, *steps));
    EXPECT_TRUE(equalsEverywhere(form, spec));
    if (steps->getSteps().empty())
      continue;
    for (const FloatVariant &variant : getFloatVariants(spec.exact, i % 2)) {
      auto fit = fitFloat(spec, *steps, variant);
      ASSERT_TRUE(fit.has_value());
      EXPECT_EQ(fit->s, form.s);
      EXPECT_EQ(fit->c, 0);
    }
  }
}

} // namespace
