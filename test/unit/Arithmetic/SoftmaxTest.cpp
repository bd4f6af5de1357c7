// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The integer softmax: its fixed-point functions against the C library over
// their whole domain, whole rows against the real softmax.

#include "qcc/Arithmetic/Softmax.h"
#include "qcc/Arithmetic/FixedPointFunctions.h"

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
  Int32Ops ops;
  for (int64_t a = 0; a <= std::numeric_limits<int32_t>::max(); a += 99991) {
    double want = 1 / (1 + std::ldexp(static_cast<double>(a), -31));
    double got = std::ldexp(oneOverOnePlus(ops, static_cast<int32_t>(a)), -31);
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

TEST(FixedPointFunctions, LogarithmIsCloseEverywhere) {
  Int32Ops ops;
  for (int64_t x = 1 << 19; x <= std::numeric_limits<int32_t>::max();
       x += 99991) {
    double want = std::log(std::ldexp(static_cast<double>(x), -19));
    double got = std::ldexp(naturalLog(ops, static_cast<int32_t>(x)), -26);
    ASSERT_NEAR(got, want, 2e-7) << x;
  }
}

TEST(FixedPointFunctions, InverseSquareRootIsCloseEverywhere) {
  Int32Ops ops;
  auto check = [&](int64_t x) {
    auto [multiplier, shift] = inverseSquareRoot(ops, static_cast<int32_t>(x));
    double want = 1 / std::sqrt(static_cast<double>(std::max<int64_t>(x, 1)));
    // Five steps from 1 end just short of the limit.
    ASSERT_NEAR(std::ldexp(multiplier, -31 - shift), want, want * 0x1p-18) << x;
  };
  for (int64_t x = 0; x < 100000; ++x)
    check(x);
  for (int64_t x = 100000; x <= std::numeric_limits<int32_t>::max(); x += 99991)
    check(x);
}

TEST(FixedPointFunctions, RoundingShiftIsHalfAwayFromZero) {
  Int32Ops ops;
  for (int n = 0; n <= 8; ++n)
    for (int x = -2000; x <= 2000; ++x)
      ASSERT_EQ(roundingShiftRight(ops, x, n),
                static_cast<int32_t>(std::round(std::ldexp(x, -n))))
          << x << " / 2^" << n;
}

TEST(FixedPointFunctions, SaturatingShifts) {
  Int32Ops ops;
  for (int n = 0; n <= 31; ++n)
    for (int64_t x :
         {-2147483648LL, -1073741825LL, -1073741824LL, -5LL, -1LL, 0LL, 1LL,
          7LL, 1073741823LL, 1073741824LL, 2147483647LL}) {
      auto a = static_cast<int32_t>(x);
      int32_t want =
          saturateToInt32(x < -(1LL << 32) >> n || x > (1LL << 32) >> n
                              ? (x < 0 ? INT64_MIN : INT64_MAX)
                              : x * (int64_t{1} << n));
      ASSERT_EQ(saturatingShiftLeft(ops, a, n), want) << x << " << " << n;
      if (a >= 0)
        ASSERT_EQ(saturatingShiftLeftPositive(ops, a, n), want);
    }
}

TEST(LogSoftmax, RowsAreClose) {
  std::mt19937 rng(7);
  std::uniform_int_distribution<int> any(-128, 127);
  for (double scale : {0.01, 0.0625, 0.15, 0.5, 3.0}) {
    auto scaling = preprocessLogSoftmaxScaling(scale);
    ASSERT_TRUE(scaling.has_value());
    for (int row = 0; row < 200; ++row) {
      std::vector<int32_t> in(1 + row % 40), out(in.size());
      std::generate(in.begin(), in.end(), [&] { return any(rng); });
      logSoftmaxRow(*scaling, in.data(), out.data(),
                    static_cast<int64_t>(in.size()), -128, 127);
      double max = *std::max_element(in.begin(), in.end()), sum = 0;
      for (int32_t x : in)
        sum += std::exp(scale * (x - max));
      for (size_t i = 0; i < in.size(); ++i) {
        double want = 16 * (scale * (in[i] - max) - std::log(sum));
        // Differences beyond the exponent's range give the least value early.
        if (in[i] - max >= scaling->forward.diffMin)
          ASSERT_NEAR(out[i], std::max(-128.0, 127 + want), 0.51);
        else
          ASSERT_EQ(out[i], -128);
      }
    }
  }
}

TEST(Softmax16, RowsAreClose) {
  std::mt19937 rng(9);
  std::uniform_int_distribution<int> any(-32768, 32767);
  for (double scale : {1e-5, 1e-4, 1e-3}) {
    for (int row = 0; row < 200; ++row) {
      std::vector<int32_t> in(1 + row % 40), out(in.size());
      std::generate(in.begin(), in.end(), [&] { return any(rng); });
      softmaxRow16(getSoftmax16Multiplier(1, scale), in.data(), out.data(),
                   static_cast<int64_t>(in.size()));
      double max = *std::max_element(in.begin(), in.end()), sum = 0;
      for (int32_t x : in)
        sum += std::exp(scale * (x - max));
      for (size_t i = 0; i < in.size(); ++i)
        // The tables are good to 2^-10, and no summand is below exp(-10).
        ASSERT_NEAR(out[i], 32768 * std::exp(scale * (in[i] - max)) / sum,
                    32 + 1.5 * static_cast<double>(in.size()));
    }
  }
}

} // namespace
