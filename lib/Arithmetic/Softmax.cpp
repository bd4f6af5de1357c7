// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integer softmax from its formulae: every product is a saturating rounding
// doubling high multiply, every scaling a rounding shift, so that each bit is
// the one TFLite's reference kernels give.

#include "qcc/Arithmetic/Softmax.h"

#include "qcc/Arithmetic/FixedPointFunctions.h"

#include <algorithm>
#include <cassert>
#include <cmath>

using namespace qcc::arith;

namespace {

constexpr int diffIntegerBits = 5;
constexpr int diffFractionBits = 31 - diffIntegerBits;
constexpr int sumIntegerBits = 12;

int32_t mul(int32_t a, int32_t b) {
  return saturatingRoundingDoublingHighMul(a, b);
}

/// exp on [-1/4, 0), Q0.31 to Q0.31: with x = a + 1/8,
/// exp(-1/8) (1 + x + x^2/2 + x^3/6 + x^4/24).
int32_t expOnLastQuarter(int32_t a) {
  constexpr int32_t expOfMinusEighth = 1895147668; // round(2^31 exp(-1/8))
  constexpr int32_t oneThird = 715827883;          // round(2^31 / 3)
  int32_t x = a + (1 << 28);
  int32_t x2 = mul(x, x);
  int32_t x3 = mul(x2, x);
  int32_t x4 = mul(x2, x2);
  int32_t cubicAndQuartic = mul(roundingDivideByPOT(x4, 2) + x3, oneThird);
  int32_t highTerms = roundingDivideByPOT(cubicAndQuartic + x2, 1);
  return expOfMinusEighth + mul(expOfMinusEighth, x + highTerms);
}

/// exp of a difference to the row's maximum, which is at least diffMin.
int32_t exponential(const SoftmaxScaling &scaling, int32_t difference) {
  return expOnNegativeValues(scaleSoftmaxDifference(scaling, difference));
}

template <typename T>
void softmaxRowImpl(const SoftmaxScaling &scaling, const T *input, T *output,
                    int64_t size) {
  constexpr int32_t min = std::numeric_limits<T>::min();
  constexpr int32_t max = std::numeric_limits<T>::max();
  if (size <= 0)
    return;
  int32_t rowMax = *std::max_element(input, input + size);
  // Q12.19. Up to 4096 terms of one fit; beyond, the origin overflows as well.
  uint32_t sum = 0;
  for (int64_t i = 0; i < size; ++i)
    sum += static_cast<uint32_t>(getSoftmaxTerm(scaling, input[i] - rowMax));
  Int32Ops ops;
  Reciprocal<Int32Ops> inverse =
      reciprocal(ops, static_cast<int32_t>(sum), sumIntegerBits);

  constexpr int outputBits = 8;
  int shift = inverse.bitsOverUnit + 31 - outputBits;
  for (int64_t i = 0; i < size; ++i) {
    if (input[i] - rowMax < scaling.diffMin) {
      output[i] = static_cast<T>(min);
      continue;
    }
    int32_t q = roundingDivideByPOT(
        mul(inverse.scale, exponential(scaling, input[i] - rowMax)),
        std::min(shift, 31));
    output[i] = static_cast<T>(std::clamp(q + min, min, max));
  }
}

} // namespace

int32_t qcc::arith::expOnNegativeValues(int32_t a) {
  if (a == 0)
    return std::numeric_limits<int32_t>::max();
  Int32Ops ops;
  constexpr int32_t quarter = 1 << (diffFractionBits - 2);
  int32_t lastQuarter = (a & (quarter - 1)) - quarter;
  int32_t result =
      expOnLastQuarter(saturatingShiftLeft(ops, lastQuarter, diffIntegerBits));
  // round(2^31 exp(-2^k)) for k = -2 … 4.
  constexpr int32_t factors[] = {1672461947, 1302514674, 790015084, 290630308,
                                 39332535,   720401,     242};
  auto remainder =
      static_cast<uint32_t>(lastQuarter) - static_cast<uint32_t>(a);
  for (int k = -2; k < diffIntegerBits; ++k)
    if (remainder >> (diffFractionBits + k) & 1)
      result = mul(result, factors[k + 2]);
  return result;
}

int32_t qcc::arith::scaleSoftmaxDifference(const SoftmaxScaling &scaling,
                                           int32_t difference) {
  return mul(wrappingShiftLeft(difference, scaling.leftShift),
             scaling.multiplier);
}

int32_t qcc::arith::getSoftmaxTerm(const SoftmaxScaling &scaling,
                                   int32_t difference) {
  return difference < scaling.diffMin
             ? 0
             : roundingDivideByPOT(exponential(scaling, difference),
                                   sumIntegerBits);
}

std::optional<SoftmaxScaling>
qcc::arith::preprocessSoftmaxScaling(double beta, double inputScale) {
  double real =
      std::min(beta * inputScale * (1 << diffFractionBits), 2147483648.0 - 1.0);
  if (!(real > 1.0))
    return std::nullopt;
  QuantizedMultiplier m = quantizeMultiplier(real);
  double largest = static_cast<double>((1 << diffIntegerBits) - 1) *
                   (1 << diffFractionBits) /
                   static_cast<double>(int64_t{1} << m.shift);
  return SoftmaxScaling{m.multiplier, m.shift,
                        -static_cast<int32_t>(std::floor(largest))};
}

void qcc::arith::softmaxRow(const SoftmaxScaling &scaling, const int8_t *input,
                            int8_t *output, int64_t size) {
  softmaxRowImpl(scaling, input, output, size);
}

void qcc::arith::softmaxRow(const SoftmaxScaling &scaling, const uint8_t *input,
                            uint8_t *output, int64_t size) {
  softmaxRowImpl(scaling, input, output, size);
}

//===----------------------------------------------------------------------===//
// Softmax in floats
//===----------------------------------------------------------------------===//

std::array<float, 256> qcc::arith::getSoftmaxFloatTerms(float beta,
                                                        float inputScale) {
  std::array<float, 256> terms;
  float scale = -inputScale * beta;
  for (size_t difference = 0; difference < terms.size(); ++difference)
    terms[difference] = std::exp(scale * static_cast<float>(difference));
  return terms;
}

float qcc::arith::getSoftmaxFloatInverse(float sum) {
  return 1.0f / (sum * (1.0f / 256));
}

int32_t qcc::arith::getSoftmaxFloatResult(float term, float inverse) {
  return std::min(static_cast<int32_t>(std::round(term * inverse)), 255);
}

//===----------------------------------------------------------------------===//
// Logarithm of the softmax
//===----------------------------------------------------------------------===//

std::optional<LogSoftmaxScaling>
qcc::arith::preprocessLogSoftmaxScaling(double inputScale) {
  std::optional<SoftmaxScaling> forward =
      preprocessSoftmaxScaling(/*beta=*/1, inputScale);
  if (!forward)
    return std::nullopt;
  double reverse = std::ldexp(1.0, 31 - forward->leftShift) /
                   static_cast<double>(forward->multiplier);
  return LogSoftmaxScaling{*forward, quantizeMultiplier(reverse)};
}

int32_t qcc::arith::getLogSoftmaxBound(const LogSoftmaxScaling &scaling,
                                       int32_t logOfSum) {
  int32_t shifted =
      Int32Ops::add(logOfSum, std::numeric_limits<int32_t>::min());
  return std::max(scaling.forward.diffMin - 1,
                  multiplyByQuantizedMultiplier(shifted, scaling.reverse));
}

void qcc::arith::logSoftmaxRow(const LogSoftmaxScaling &scaling,
                               const int32_t *input, int32_t *output,
                               int64_t size, int32_t least, int32_t greatest) {
  if (size <= 0)
    return;
  Int32Ops ops;
  int32_t rowMax = *std::max_element(input, input + size);
  int32_t sum = 0;
  for (int64_t i = 0; i < size; ++i)
    sum =
        Int32Ops::add(sum, getSoftmaxTerm(scaling.forward, input[i] - rowMax));
  int32_t logOfSum = naturalLog(ops, sum);
  int32_t bound = getLogSoftmaxBound(scaling, logOfSum);
  for (int64_t i = 0; i < size; ++i) {
    int32_t difference = input[i] - rowMax;
    if (difference <= bound) {
      output[i] = least;
      continue;
    }
    int32_t q = Int32Ops::sub(
        scaleSoftmaxDifference(scaling.forward, difference), logOfSum);
    output[i] = std::clamp(roundingDivideByPOT(q, logSoftmaxShift) + greatest,
                           least, greatest);
  }
}

//===----------------------------------------------------------------------===//
// 16 bits
//===----------------------------------------------------------------------===//

namespace {

int32_t roundTo16(double x) {
  return static_cast<int32_t>(std::clamp(std::round(x), -32768.0, 32767.0));
}

} // namespace

std::array<int16_t, 513> qcc::arith::tabulate16(double (*function)(double),
                                                double lo, double hi) {
  constexpr double unit = 32768;
  std::array<int16_t, 513> table{};
  double step = (hi - lo) / 512;
  for (int i = 0; i < 512; ++i) {
    double x = lo + i * step;
    double value = std::round(function(x) * unit);
    double middle = std::round(function(x + step / 2) * unit);
    double interpolated = std::round((function(x + step) * unit + value) / 2);
    table[static_cast<size_t>(i)] = static_cast<int16_t>(
        roundTo16(value - std::round((interpolated - middle) / 2)));
  }
  table[512] = static_cast<int16_t>(roundTo16(function(hi) * unit));
  return table;
}

int32_t qcc::arith::lookUp16(const std::array<int16_t, 513> &table, int32_t x) {
  auto at = static_cast<size_t>(256 + (x >> 7));
  int32_t slope = table[at + 1] - table[at];
  return table[at] + ((slope * (x & 127) + 64) >> 7);
}

const std::array<int16_t, 513> &qcc::arith::getSoftmax16Exponentials() {
  static const std::array<int16_t, 513> table =
      tabulate16([](double x) { return std::exp(x); }, -10, 0);
  return table;
}

const std::array<int16_t, 513> &qcc::arith::getSoftmax16Reciprocals() {
  static const std::array<int16_t, 513> table =
      tabulate16([](double x) { return 1 / (1 + x); }, 0, 1);
  return table;
}

QuantizedMultiplier qcc::arith::getSoftmax16Multiplier(double beta,
                                                       double inputScale) {
  return quantizeMultiplier(inputScale * beta / (10.0 / 65535.0));
}

void qcc::arith::softmaxRow16(QuantizedMultiplier multiplier,
                              const int32_t *input, int32_t *output,
                              int64_t size) {
  if (size <= 0)
    return;
  int32_t rowMax = *std::max_element(input, input + size);
  uint32_t sum = 0;
  for (int64_t i = 0; i < size; ++i) {
    int64_t scaled =
        int64_t{multiplyByQuantizedMultiplier(input[i] - rowMax, multiplier)} +
        32767;
    output[i] = lookUp16(
        getSoftmax16Exponentials(),
        static_cast<int32_t>(std::clamp<int64_t>(scaled, -32768, 32767)));
    sum += static_cast<uint32_t>(output[i]);
  }
  int zeros = Int32Ops::countLeadingZeros(static_cast<int32_t>(sum));
  auto normalized =
      static_cast<int32_t>(((sum << (zeros - 1)) + (1u << 13)) >> 14);
  int32_t scale =
      lookUp16(getSoftmax16Reciprocals(),
               std::clamp(normalized - (1 << 15) - (1 << 16), -32768, 32767));
  int right = 31 - zeros;
  for (int64_t i = 0; i < size; ++i)
    output[i] =
        std::clamp((output[i] * scale + (1 << (right - 1))) >> right, 0, 32767);
}
