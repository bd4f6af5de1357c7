// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The 16-bit logistic function and tanh against double arithmetic, over all
// arguments: gemmlowp's polynomials are good to a dozen units of 2^-15. That
// they are gemmlowp's on every bit is checked by the live oracle, through
// LSTMs.

#include "qcc/Arithmetic/Activation16.h"
#include "qcc/Arithmetic/Recurrent.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace qcc::arith;

namespace {

class Activation16Test : public testing::TestWithParam<int> {
protected:
  IntegerOps ops;
  Activation16<IntegerOps> functions{ops};
};

TEST_P(Activation16Test, TanhIsNearAndOdd) {
  int bits = GetParam();
  for (int x = -32768; x <= 32767; ++x) {
    int32_t y = functions.tanh(x, bits);
    double real = std::tanh(std::ldexp(x, bits - 15));
    ASSERT_NEAR(y / 32768.0, real, 13 / 32768.0) << x;
    ASSERT_TRUE(y >= -32768 && y <= 32767) << x;
    if (x > -32768) {
      ASSERT_EQ(functions.tanh(-x, bits), -y) << x;
    }
  }
  EXPECT_EQ(functions.tanh(0, bits), 0);
}

INSTANTIATE_TEST_SUITE_P(AllFormats, Activation16Test, testing::Range(0, 7));

TEST(Activation16, LogisticIsNear) {
  IntegerOps ops;
  Activation16<IntegerOps> functions(ops);
  for (int x = -32768; x <= 32767; ++x) {
    int32_t y = functions.logistic(x, 3);
    ASSERT_NEAR(y / 32768.0, 1 / (1 + std::exp(-x / 4096.0)), 7 / 32768.0) << x;
    // What the LSTM kernel's ranges rely on.
    ASSERT_TRUE(y >= 0 && y <= 32767) << x;
  }
  EXPECT_EQ(functions.logistic(0, 3), 1 << 14);
}

TEST(Activation16, DividesHalfAwayFromZero) {
  IntegerOps ops;
  Activation16<IntegerOps> functions(ops);
  EXPECT_EQ(functions.divideByPOT(3, 1), 2);
  EXPECT_EQ(functions.divideByPOT(-3, 1), -2);
  EXPECT_EQ(functions.divideByPOT(-2, 2), -1);
  EXPECT_EQ(functions.divideByPOT(-1, 2), 0);
  EXPECT_EQ(functions.divideByPOT(7, 0), 7);
  for (int x = -3000; x <= 3000; ++x)
    EXPECT_EQ(functions.divideByPOT(x, 4), roundingDivideByPOT(x, 4)) << x;
}

TEST(Lstm, ClipsTowardsZeroWithinSixteenBits) {
  EXPECT_EQ(lstmCellClip(0, 0.25), 0);
  EXPECT_EQ(lstmCellClip(1.9f, 0.5), 3);
  EXPECT_EQ(lstmCellClip(1e9f, 0.5), 32767);
}

TEST(Lstm, MultipliersAreFloat32) {
  // 0.1 and 0.3 in float32 give a product that double arithmetic does not.
  EXPECT_EQ(lstmGateMultiplier(0.1f, 0.3f),
            quantizeMultiplier(static_cast<double>(0.1f * 0.3f) * 4096));
  EXPECT_FALSE(lstmGateMultiplier(0.1f, 0.3f) ==
               quantizeMultiplier(static_cast<double>(0.1f) *
                                  static_cast<double>(0.3f) * 4096));
  EXPECT_EQ(lstmHiddenMultiplier(0x1p-7), quantizeMultiplier(0x1p-23));
}

} // namespace
