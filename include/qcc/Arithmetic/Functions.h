// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions of one stored value as TFLite's reference kernels compute them:
// hard swish, and the tables that they interpolate for 16-bit values. What they
// are made of is in FixedPointFunctions.h.

#ifndef QCC_ARITHMETIC_FUNCTIONS_H
#define QCC_ARITHMETIC_FUNCTIONS_H

#include "qcc/Arithmetic/FixedPoint.h"

#include <array>
#include <functional>

namespace qcc::arith {

/// log2(x) where it is an integer up to 1e-3: TFLite's CheckedLog2, which takes
/// such scales as powers of two.
std::optional<int> nearPowerOfTwo(float x);

/// Bits below the sign bit that repeat it: 31 for 0 and -1.
int signBitsOf(int32_t x);

/// TFLite's hard swish of an 8-bit value, in 16-bit arithmetic.
class HardSwish {
public:
  HardSwish(float inputScale, float resultScale);
  /// Of the stored value less its zero point; the result's zero point is still
  /// to be added.
  int32_t operator()(int32_t x) const;

private:
  int16_t outputMultiplier, reluMultiplier;
  int outputShift, reluShift;
};

/// A function of 16 bits by 512 intervals of 128 values each, TFLite's
/// LUTPopulate and LUTLookup: values at the ends of the intervals, half of the
/// error in the middle taken off, and linear interpolation.
class InterpolatedTable {
public:
  static constexpr int intervals = 512;

  InterpolatedTable(const std::function<float(float)> &function,
                    float inputScale, int32_t inputZero, float resultScale,
                    int32_t resultZero);

  int16_t operator()(int16_t x) const {
    int index = (x >> 7) + intervals / 2;
    auto slope = static_cast<int16_t>(values[index + 1] - values[index]);
    return static_cast<int16_t>(values[index] +
                                ((slope * (x & 127) + 64) >> 7));
  }

  std::array<int16_t, intervals + 1> values;
};

/// The logistic function and tanh of 16 bits, results in Q0.15, from one table
/// of logistic(i/24) in 16 bits, linearly interpolated: TFLite's
/// sigmoid_table_uint16.
class SigmoidTable {
public:
  /// x * multiplier, shifted right with half up, is the argument of logistic in
  /// units of 1/(24 * 512), or that of tanh in units of 1/(24 * 512) of half.
  SigmoidTable(float inputScale, bool isTanh);

  int16_t operator()(int16_t x) const {
    return isTanh ? tanh(argument(x)) : logistic(argument(x));
  }

  static const std::array<uint16_t, 256> &values();

  bool isTanh;
  int32_t multiplier;
  int shift;

private:
  int32_t argument(int16_t x) const {
    int32_t half = shift > 0 ? int32_t{1} << (shift - 1) : 0;
    return (x * multiplier + half) >> shift;
  }
  static int16_t logistic(int32_t x);
  static int16_t tanh(int32_t x);
};

} // namespace qcc::arith

#endif // QCC_ARITHMETIC_FUNCTIONS_H
