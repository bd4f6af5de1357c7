// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integer softmax from its formulae: every product is a saturating rounding
// doubling high multiply, every scaling a rounding shift, so that each bit is
// the one TFLite's reference kernels give.

#include "qcc/Arithmetic/Softmax.h"

#include "qcc/Arithmetic/FixedPoint.h"

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

/// x * 2^amount, saturating.
int32_t saturatingShiftLeft(int32_t x, int amount) {
  return saturateToInt32(static_cast<int64_t>(x) * (int64_t{1} << amount));
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

/// The sum of a row's exponentials as a reciprocal: Q0.31 scale and the bits by
/// which the sum exceeds one.
struct Reciprocal {
  int32_t scale;
  int bitsOverUnit;
};

Reciprocal reciprocal(int32_t sum) {
  auto bits = static_cast<uint32_t>(sum);
  int leadingZeros = 0;
  while (leadingZeros < 31 && !(bits >> (31 - leadingZeros) & 1))
    ++leadingZeros;
  auto fraction = static_cast<int32_t>((bits << leadingZeros) - (1u << 31));
  return {oneOverOnePlusX(fraction), sumIntegerBits - leadingZeros};
}

template <typename T>
void softmaxRowImpl(const SoftmaxScaling &scaling, const T *input, T *output,
                    int64_t size) {
  constexpr int32_t min = std::numeric_limits<T>::min();
  constexpr int32_t max = std::numeric_limits<T>::max();
  if (size <= 0)
    return;
  int32_t rowMax = *std::max_element(input, input + size);
  auto exponential = [&](T value) {
    int32_t shifted = wrappingShiftLeft(value - rowMax, scaling.leftShift);
    return expOnNegativeValues(mul(shifted, scaling.multiplier));
  };

  // Q12.19. Up to 4096 terms of one fit; beyond, the origin overflows as well.
  uint32_t sum = 0;
  for (int64_t i = 0; i < size; ++i)
    if (input[i] - rowMax >= scaling.diffMin)
      sum += static_cast<uint32_t>(
          roundingDivideByPOT(exponential(input[i]), sumIntegerBits));
  Reciprocal inverse = reciprocal(static_cast<int32_t>(sum));

  constexpr int outputBits = 8;
  int shift = inverse.bitsOverUnit + 31 - outputBits;
  for (int64_t i = 0; i < size; ++i) {
    if (input[i] - rowMax < scaling.diffMin) {
      output[i] = static_cast<T>(min);
      continue;
    }
    int32_t q = roundingDivideByPOT(mul(inverse.scale, exponential(input[i])),
                                    std::min(shift, 31));
    output[i] = static_cast<T>(std::clamp(q + min, min, max));
  }
}

} // namespace

int32_t qcc::arith::expOnNegativeValues(int32_t a) {
  if (a == 0)
    return std::numeric_limits<int32_t>::max();
  constexpr int32_t quarter = 1 << (diffFractionBits - 2);
  int32_t lastQuarter = (a & (quarter - 1)) - quarter;
  int32_t result =
      expOnLastQuarter(saturatingShiftLeft(lastQuarter, diffIntegerBits));
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

int32_t qcc::arith::oneOverOnePlusX(int32_t a) {
  // Works on d/2 = (1 + a) / 2, rounded half away from zero, in Q0.31 and on
  // x ~ 2/d in Q2.29.
  int64_t one = std::numeric_limits<int32_t>::max();
  auto halfDenominator = static_cast<int32_t>((a + one + 1) / 2);
  constexpr int32_t c48over17 = 1515870810;     // round(2^29 * 48 / 17)
  constexpr int32_t cNeg32over17 = -1010580540; // round(2^29 * -32 / 17)
  int32_t x = c48over17 + mul(halfDenominator, cNeg32over17);
  for (int step = 0; step < 3; ++step) {
    int32_t error = (1 << 29) - mul(halfDenominator, x);
    x += saturatingShiftLeft(mul(x, error), 2);
  }
  // 2/d in Q2.29 is 1/d in Q1.30.
  return saturatingShiftLeft(x, 1);
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
