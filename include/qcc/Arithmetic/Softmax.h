// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The integer softmax of TFLite's reference kernels, for int8 and uint8, and
// the fixed-point exponential and reciprocal under it. Qn.m below means n
// integer bits, m fractional bits and a sign in an int32.

#ifndef QCC_ARITHMETIC_SOFTMAX_H
#define QCC_ARITHMETIC_SOFTMAX_H

#include <cstdint>
#include <optional>

namespace qcc::arith {

/// exp(a / 2^26) as Q0.31 for a Q5.26 argument a <= 0: a fourth-order Taylor
/// polynomial about -1/8 on [-1/4, 0), times one factor exp(-2^k) per set bit.
int32_t expOnNegativeValues(int32_t a);

/// 1 / (1 + a / 2^31) as Q0.31 for a Q0.31 argument a >= 0: three
/// Newton-Raphson steps from 48/17 - 32/17 d.
int32_t oneOverOnePlusX(int32_t a);

/// How an input difference becomes a Q5.26 exponent.
struct SoftmaxScaling {
  int32_t multiplier = 0;
  int leftShift = 0;
  /// Differences to the row's maximum below this give zero.
  int32_t diffMin = 0;
};

/// The scaling for beta * inputScale. Nothing when beta * inputScale <= 2^-26,
/// which TFLite refuses.
std::optional<SoftmaxScaling> preprocessSoftmaxScaling(double beta,
                                                       double inputScale);

/// softmax of `size` values into an output of scale 1/256 and zero point -128
/// (int8) or 0 (uint8).
void softmaxRow(const SoftmaxScaling &scaling, const int8_t *input,
                int8_t *output, int64_t size);
void softmaxRow(const SoftmaxScaling &scaling, const uint8_t *input,
                uint8_t *output, int64_t size);

} // namespace qcc::arith

#endif // QCC_ARITHMETIC_SOFTMAX_H
