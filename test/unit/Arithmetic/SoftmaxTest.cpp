// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The integer softmax: its fixed-point functions against the C library over
// their whole domain, whole rows against the real softmax.

#include "qcc/Arithmetic/Softmax.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace qcc::arith;

namespace {

TEST(Softmax, ExponentialIsCloseEverywhere) {
  EXPECT_EQ(expOnNegativeValues(0), std::numeric_limits<int32_t>::max());
  for (int64_t a = -1; a >= std::numeric_limits<int32_t>::min(); a -= 99991) {
    double want = std::exp(std::ldexp(static_cast<double>(a), -26));
    double got = std::ldexp(expOnNegativeValues(static_cast<int32_t>(a)), -31);
    ASSERT_NEAR(got, want, 3e-7) << a;
  }
}

TEST(Softmax, ReciprocalIsCloseEverywhere) {
  for (int64_t a = 0; a <= std::numeric_limits<int32_t>::max(); a += 99991) {
    double want = 1 / (1 + std::ldexp(static_cast<double>(a), -31));
    double got = std::ldexp(oneOverOnePlusX(static_cast<int32_t>(a)), -31);
    ASSERT_NEAR(got, want, 1e-8) << a;
  }
}

TEST(Softmax, ScalingOfADifference) {
  // beta * scale = 1/8: 2^23 = 2^30/2^31 * 2^24, radius 31 * 2^26 / 2^24.
  auto scaling = preprocessSoftmaxScaling(1.0, 0.125);
  ASSERT_TRUE(scaling.has_value());
  EXPECT_EQ(scaling->multiplier, 1 << 30);
  EXPECT_EQ(scaling->leftShift, 24);
  EXPECT_EQ(scaling->diffMin, -124);
  // The product saturates below 2^31.
  auto large = preprocessSoftmaxScaling(1.0, 1e6);
  ASSERT_TRUE(large.has_value());
  EXPECT_EQ(large->multiplier, std::numeric_limits<int32_t>::max());
  EXPECT_EQ(large->leftShift, 31);
  EXPECT_EQ(large->diffMin, 0);
  EXPECT_FALSE(preprocessSoftmaxScaling(1.0, 1e-9).has_value());
  EXPECT_FALSE(preprocessSoftmaxScaling(1.0, 0.0).has_value());
}

template <typename T> void checkRows(double scale) {
  auto scaling = preprocessSoftmaxScaling(1.0, scale);
  ASSERT_TRUE(scaling.has_value());
  std::mt19937 rng(3);
  std::uniform_int_distribution<int> any(std::numeric_limits<T>::min(),
                                         std::numeric_limits<T>::max());
  for (int row = 0; row < 200; ++row) {
    std::vector<T> in(1 + row % 40), out(in.size());
    std::generate(in.begin(), in.end(),
                  [&] { return static_cast<T>(any(rng)); });
    softmaxRow(*scaling, in.data(), out.data(),
               static_cast<int64_t>(in.size()));
    // exp(3 * 255) is no double: take the differences to the maximum.
    double max = *std::max_element(in.begin(), in.end()), sum = 0;
    for (T x : in)
      sum += std::exp(scale * (x - max));
    for (size_t i = 0; i < in.size(); ++i) {
      double want =
          std::min(255.0, 256 * std::exp(scale * (in[i] - max)) / sum);
      ASSERT_NEAR(out[i] - std::numeric_limits<T>::min(), want, 0.51);
    }
  }
}

TEST(Softmax, RowsOfInt8) {
  for (double scale : {0.01, 0.0625, 0.15, 0.5, 3.0})
    checkRows<int8_t>(scale);
}

TEST(Softmax, RowsOfUint8) {
  for (double scale : {0.01, 0.0625, 0.15, 0.5, 3.0})
    checkRows<uint8_t>(scale);
}

TEST(Softmax, ASingleElementIsCertain) {
  auto scaling = preprocessSoftmaxScaling(1.0, 0.1);
  int8_t in = -7, out = 0;
  softmaxRow(*scaling, &in, &out, 1);
  EXPECT_EQ(out, 127);
}

} // namespace
