// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The integer softmax of TFLite's reference kernels for 8 and 16 bits, its
// logarithm for 8 bits, and the fixed-point exponential under them; the softmax
// in floats of its optimized kernels. Qn.m below
// means n integer bits, m fractional bits and a sign in an int32.

#ifndef QCC_ARITHMETIC_SOFTMAX_H
#define QCC_ARITHMETIC_SOFTMAX_H

#include "qcc/Arithmetic/FixedPoint.h"

#include <array>
#include <cstdint>
#include <optional>

namespace qcc::arith {

/// exp(a / 2^26) as Q0.31 for a Q5.26 argument a <= 0: a fourth-order Taylor
/// polynomial about -1/8 on [-1/4, 0), times one factor exp(-2^k) per set bit.
int32_t expOnNegativeValues(int32_t a);

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

/// A difference to the row's maximum as a Q5.26 exponent.
int32_t scaleSoftmaxDifference(const SoftmaxScaling &scaling,
                               int32_t difference);

/// The exponential of a difference as Q12.19, a summand of the denominator; 0
/// below diffMin.
int32_t getSoftmaxTerm(const SoftmaxScaling &scaling, int32_t difference);

/// softmax of `size` values into an output of scale 1/256 and zero point -128
/// (int8) or 0 (uint8).
void softmaxRow(const SoftmaxScaling &scaling, const int8_t *input,
                int8_t *output, int64_t size);
void softmaxRow(const SoftmaxScaling &scaling, const uint8_t *input,
                uint8_t *output, int64_t size);

/// \name Softmax of 8 bits in floats, as TFLite's optimized kernels compute it
/// @{

/// exp(−inputScale · beta · d) for each difference d of a row's maximum and a
/// value of it. Terms are summed up in the order of the row.
std::array<float, 256> getSoftmaxFloatTerms(float beta, float inputScale);
/// What terms are multiplied with: 1 / (sum / 256).
float getSoftmaxFloatInverse(float sum);
/// term · inverse, rounded half away from zero, at most 255; above the result's
/// least value.
int32_t getSoftmaxFloatResult(float term, float inverse);

/// @}

/// \name Logarithm of the softmax, 8 bits, results of scale 1/16
/// @{

struct LogSoftmaxScaling {
  SoftmaxScaling forward;
  /// From Q5.26 back to input differences.
  QuantizedMultiplier reverse;
};

/// Nothing when inputScale <= 2^-26, as for the softmax.
std::optional<LogSoftmaxScaling> preprocessLogSoftmaxScaling(double inputScale);

/// Differences up to this one give the least result: below it the exponent
/// minus the logarithm of the sum (Q5.26) leaves the range.
int32_t getLogSoftmaxBound(const LogSoftmaxScaling &scaling, int32_t logOfSum);

/// Right shift from Q5.26 to the result's scale of 1/16.
constexpr int logSoftmaxShift = 22;

/// Stored integers of either sign; results in [least, greatest], `greatest`
/// being the zero point.
void logSoftmaxRow(const LogSoftmaxScaling &scaling, const int32_t *input,
                   int32_t *output, int64_t size, int32_t least,
                   int32_t greatest);

/// @}
/// \name Softmax of 16 bits, results of scale 1/32768
/// @{

/// `function` on [lo, hi], whose values lie in [−1, 1], at 513 points as Q0.15,
/// each moved by half the error in the middle of its interval.
std::array<int16_t, 513> tabulate16(double (*function)(double), double lo,
                                    double hi);

/// The table at x in [−32768, 32767], which spans its interval, interpolated.
int32_t lookUp16(const std::array<int16_t, 513> &table, int32_t x);

/// exp on [−10, 0] and 1/(1 + x) on [0, 1].
const std::array<int16_t, 513> &getSoftmax16Exponentials();
const std::array<int16_t, 513> &getSoftmax16Reciprocals();

/// From differences of input values to the table of exponentials.
QuantizedMultiplier getSoftmax16Multiplier(double beta, double inputScale);

void softmaxRow16(QuantizedMultiplier multiplier, const int32_t *input,
                  int32_t *output, int64_t size);

/// @}

} // namespace qcc::arith

#endif // QCC_ARITHMETIC_SOFTMAX_H
