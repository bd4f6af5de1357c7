// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bits recovered from the values of weights.

#include "qcc/Arithmetic/WeightCodes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

using namespace qcc::arith;

namespace {

using Weights = std::vector<int16_t>;

WeightCodes codesOf(const Weights &weights, size_t channels) {
  return WeightCodes::of(weights.data(), channels, weights.size() / channels);
}

TEST(WeightCodes, BitsTellValuesApart) {
  EXPECT_EQ(bitsFor(1), 1);
  EXPECT_EQ(bitsFor(2), 1);
  EXPECT_EQ(bitsFor(3), 2);
  EXPECT_EQ(bitsFor(16), 4);
  EXPECT_EQ(bitsFor(17), 5);
  EXPECT_EQ(bitsFor(uint64_t(1) << 16), 16);
}

TEST(WeightCodes, BipolarChannelsOfDifferentScalesHaveOneBit) {
  WeightCodes codes = codesOf({2, -2, 2, -6, -6, 6, 1, 1, -1}, 3);
  EXPECT_EQ(codes.steps, (std::vector<int32_t>{2, 6, 1}));
  EXPECT_EQ(codes.codebook, (std::vector<int32_t>{-1, 1}));
  EXPECT_EQ(codes.bits(), 1);
  EXPECT_EQ(codes.progression().first, -1);
  EXPECT_EQ(codes.progression().stride, 2);
  EXPECT_EQ(codes.progression().bits(), 1);
  EXPECT_FALSE(codes.hasOneStep());
}

TEST(WeightCodes, OneStepIsTakenWhereOthersSaveNothing) {
  // {1, 3} and {1, 2} would be {1, 3, 2}.
  WeightCodes codes = codesOf({3, 9, 6, 3, 6, 6}, 2);
  EXPECT_EQ(codes.steps, (std::vector<int32_t>{3, 3}));
  EXPECT_EQ(codes.codebook, (std::vector<int32_t>{1, 2, 3}));
  EXPECT_TRUE(codes.hasOneStep());
  EXPECT_FALSE(codes.isPlain());
}

TEST(WeightCodes, StepsThatMakeMoreValuesAreNotTaken) {
  // {1, 3} beside {2, 6, 7} has five values, not three.
  WeightCodes codes = codesOf({2, 6, 6, 2, 6, 7}, 2);
  EXPECT_TRUE(codes.isPlain());
  EXPECT_EQ(codes.codebook, (std::vector<int32_t>{2, 6, 7}));
  EXPECT_EQ(codes.bits(), 2);
  EXPECT_EQ(codes.progression().bits(), 3);
}

TEST(WeightCodes, ZerosAreAnything) {
  WeightCodes codes = codesOf({0, 0, 0, 0, 4, -4}, 3);
  EXPECT_EQ(codes.steps, (std::vector<int32_t>{4, 4, 4}));
  EXPECT_EQ(codes.codebook, (std::vector<int32_t>{-1, 0, 1}));
  codes = codesOf({0, 0}, 1);
  EXPECT_EQ(codes.steps, (std::vector<int32_t>{1}));
  EXPECT_EQ(codes.codebook, (std::vector<int32_t>{0}));
  EXPECT_EQ(codes.bits(), 1);
}

TEST(WeightCodes, TheEndsOf16BitsAreValues) {
  WeightCodes codes = codesOf({INT16_MIN, INT16_MAX}, 1);
  EXPECT_EQ(codes.codebook, (std::vector<int32_t>{INT16_MIN, INT16_MAX}));
  EXPECT_EQ(codes.progression().last(), INT16_MAX);
  codes = codesOf({INT16_MIN, INT16_MIN}, 1);
  EXPECT_EQ(codes.codebook, (std::vector<int32_t>{-1}));
  EXPECT_EQ(codes.steps, (std::vector<int32_t>{-INT16_MIN}));
}

TEST(WeightCodes, WeightsComeBack) {
  std::mt19937 rng(11);
  std::set<int> bitsSeen;
  for (int round = 0; round < 400; ++round) {
    size_t channels = 1 + rng() % 5, depth = 1 + rng() % 20;
    int range = 1 << rng() % 8;
    bool hasSteps = rng() % 2;
    Weights weights;
    for (size_t c = 0; c < channels; ++c) {
      int step = hasSteps ? 1 + static_cast<int>(rng() % 9) : 1;
      for (size_t k = 0; k < depth; ++k)
        weights.push_back(static_cast<int16_t>(
            step * (static_cast<int>(rng() % (2 * range)) - range)));
    }
    WeightCodes codes = codesOf(weights, channels);
    bitsSeen.insert(codes.bits());
    Progression progression = codes.progression();
    ASSERT_TRUE(std::is_sorted(codes.codebook.begin(), codes.codebook.end()));
    ASSERT_LE(codes.codebook.size(), size_t(1) << codes.bits());
    ASSERT_LE(codes.bits(), progression.bits());
    ASSERT_EQ(progression.last(), codes.codebook.back());
    for (size_t i = 0; i < weights.size(); ++i) {
      int32_t step = codes.steps[i / depth], v = weights[i] / step;
      ASSERT_EQ(v * step, weights[i]);
      ASSERT_EQ(codes.codebook[codes.indexOf(v)], v);
      ASSERT_EQ((v - progression.first) % progression.stride, 0);
    }
  }
  EXPECT_GE(bitsSeen.size(), 6u);
}

} // namespace
