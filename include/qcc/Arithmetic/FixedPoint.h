// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The fixed-point arithmetic that defines quantized inference: how a real
// multiplier becomes (int32, shift), and how an int32 accumulator is multiplied
// by it under each rounding rule. The reference interpreter computes with these
// functions and the requantization prover (RequantizeForm.h) compares with
// them, so there is one definition. Standard library only.

#ifndef QCC_ARITHMETIC_FIXEDPOINT_H
#define QCC_ARITHMETIC_FIXEDPOINT_H

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

namespace qcc::arith {

/// Which program's requantization is meant.
enum class Rounding {
  /// TFLite reference kernels and TFLite Micro: saturating rounding doubling
  /// high multiply (half up), then rounding right shift (half away from zero).
  TfliteDouble,
  /// TFLITE_SINGLE_ROUNDING: one 64-bit product, one rounding, half up.
  TfliteSingle,
  /// XNNPACK: rint(float(acc) * scale) in float32, half to even.
  HalfEvenFloat,
  /// ONNX: the exact product of acc and the float32 scales, half to even.
  Onnx
};

/// A real multiplier as multiplier * 2^(shift - 31), |multiplier| in
/// [2^30, 2^31) unless zero.
struct QuantizedMultiplier {
  int32_t multiplier = 0;
  int shift = 0;

  bool operator==(const QuantizedMultiplier &o) const {
    return multiplier == o.multiplier && shift == o.shift;
  }
};

/// A closed interval of integers; empty when lo > hi.
struct IntRange {
  int64_t lo = 0;
  int64_t hi = 0;

  bool contains(int64_t x) const { return lo <= x && x <= hi; }
  bool operator==(const IntRange &o) const { return lo == o.lo && hi == o.hi; }
};

/// x cut to int32.
inline int32_t saturateToInt32(int64_t x) {
  if (x > std::numeric_limits<int32_t>::max())
    return std::numeric_limits<int32_t>::max();
  if (x < std::numeric_limits<int32_t>::min())
    return std::numeric_limits<int32_t>::min();
  return static_cast<int32_t>(x);
}

/// x * 2^amount modulo 2^32, as the two's complement machines that define the
/// result compute it; 0 for amount > 31.
inline int32_t wrappingShiftLeft(int32_t x, int amount) {
  if (amount > 31)
    return 0;
  return static_cast<int32_t>(static_cast<uint32_t>(x) << amount);
}

/// round(a * b / 2^31), half-way cases towards plus infinity; the one overflow,
/// INT32_MIN * INT32_MIN, saturates. Equals gemmlowp's function of that name
/// and ARM's sqrdmulh.
inline int32_t saturatingRoundingDoublingHighMul(int32_t a, int32_t b) {
  constexpr int32_t min = std::numeric_limits<int32_t>::min();
  if (a == min && b == min)
    return std::numeric_limits<int32_t>::max();
  int64_t product = static_cast<int64_t>(a) * b;
  return static_cast<int32_t>((product + (int64_t{1} << 30)) >> 31);
}

/// round(x / 2^exponent), half-way cases away from zero. exponent in [0, 31].
inline int32_t roundingDivideByPOT(int32_t x, int exponent) {
  int64_t half = exponent == 0 ? 0 : int64_t{1} << (exponent - 1);
  int64_t bias = x < 0 && exponent != 0 ? half - 1 : half;
  return static_cast<int32_t>((x + bias) >> exponent);
}

/// The nearest (multiplier, shift) to a finite `real`: round(q * 2^31) with
/// |q| in [0.5, 1), half away from zero; a product of 2^31 is renormalised;
/// below 2^-32 the result is {0, 0}. As TFLite's QuantizeMultiplier. With
/// Rounding::TfliteSingle a shift above 30 saturates to the largest multiplier.
inline QuantizedMultiplier
quantizeMultiplier(double real, Rounding rounding = Rounding::TfliteDouble) {
  QuantizedMultiplier result;
  if (real == 0.0 || !std::isfinite(real))
    return result;
  double q = std::frexp(real, &result.shift);
  auto fixed = static_cast<int64_t>(std::round(q * 2147483648.0));
  if (fixed == (int64_t{1} << 31)) {
    fixed /= 2;
    ++result.shift;
  }
  if (result.shift < -31)
    return {};
  if (rounding == Rounding::TfliteSingle && result.shift > 30) {
    result.shift = 30;
    fixed = std::numeric_limits<int32_t>::max();
  }
  result.multiplier = static_cast<int32_t>(fixed);
  return result;
}

/// x * m under TfliteDouble. A positive shift multiplies x first, modulo 2^32.
inline int32_t multiplyByQuantizedMultiplier(int32_t x, QuantizedMultiplier m) {
  int left = m.shift > 0 ? m.shift : 0;
  int right = m.shift > 0 ? 0 : -m.shift;
  return roundingDivideByPOT(saturatingRoundingDoublingHighMul(
                                 wrappingShiftLeft(x, left), m.multiplier),
                             right);
}

/// x * m under TfliteSingle: round half up of the exact 64-bit product. Results
/// outside int32, which the origin leaves undefined, saturate. m.multiplier
/// must not be negative, m.shift in [-31, 30].
inline int32_t multiplyByQuantizedMultiplierSingle(int32_t x,
                                                   QuantizedMultiplier m) {
  int total = 31 - m.shift;
  int64_t product = static_cast<int64_t>(x) * m.multiplier;
  return saturateToInt32((product + (int64_t{1} << (total - 1))) >> total);
}

/// The multiplier of 64-bit accumulators: x * multiplier * 2^-shift with a
/// multiplier of at most 15 bits, rounded once, half up.
struct WideMultiplier {
  int32_t multiplier = 0;
  int shift = 0;
};

/// `m` cut to its upper 16 bits, rounded half up, as TFLite's
/// MultiplyByQuantizedMultiplier cuts it for 64-bit accumulators. m.multiplier
/// must not be negative, m.shift in [-31, 14].
inline WideMultiplier reduceMultiplier(QuantizedMultiplier m) {
  int32_t reduced = m.multiplier < 0x7fff0000
                        ? (m.multiplier + (int32_t{1} << 15)) >> 16
                        : 0x7fff;
  return {reduced, 15 - m.shift};
}

/// acc * m, rounded half up, modulo 2^64 and then modulo 2^32: for
/// |acc| < 2^47 and results within int32 exact.
inline int32_t multiplyByWideMultiplier(int64_t acc, WideMultiplier m) {
  uint64_t sum = static_cast<uint64_t>(acc) *
                     static_cast<uint64_t>(static_cast<int64_t>(m.multiplier)) +
                 (uint64_t{1} << (m.shift - 1));
  return static_cast<int32_t>(
      static_cast<uint32_t>(static_cast<int64_t>(sum) >> m.shift));
}

/// Round to the nearest integer, ties to even, whatever the value's size. Needs
/// the round-to-nearest mode, as all of qcc's floating point does.
inline float roundHalfEven(float x) { return std::nearbyintf(x); }

/// XNNPACK's scale of convolution and fully connected, evaluated in float32 in
/// this order: (input * weight) / output.
inline float xnnpackScale(float inputScale, float weightScale,
                          float outputScale) {
  float product = inputScale * weightScale;
  return product / outputScale;
}

/// clamp(rint(float(acc) * scale) + zeroPoint, lo, hi) under HalfEvenFloat.
inline int32_t requantizeHalfEven(int32_t acc, float scale, int32_t zeroPoint,
                                  int32_t lo, int32_t hi) {
  float scaled = static_cast<float>(acc) * scale;
  // Clamp first: the conversion to int of a large float is undefined. Bounds
  // are integers, so clamping before or after rint is the same.
  auto fLo = static_cast<float>(static_cast<int64_t>(lo) - zeroPoint);
  auto fHi = static_cast<float>(static_cast<int64_t>(hi) - zeroPoint);
  if (!(scaled > fLo))
    scaled = fLo;
  if (scaled > fHi)
    scaled = fHi;
  int64_t q = static_cast<int64_t>(roundHalfEven(scaled)) + zeroPoint;
  return static_cast<int32_t>(q < lo ? lo : q > hi ? hi : q);
}

/// numerator / denominator * 2^exponent: a product and quotient of float32
/// scales, without any rounding. The numerator has at most 48 bits, the
/// denominator at most 48; both are odd unless 0.
struct ExactScale {
  uint64_t numerator = 0;
  uint64_t denominator = 1;
  int exponent = 0;

  /// lhs * rhs / (result * count); the scales are positive and finite, count is
  /// in [1, 2^24]. Reduced to lowest terms.
  static ExactScale of(float lhs, float rhs, float result, int64_t count = 1);

  double real() const {
    return std::ldexp(static_cast<double>(numerator) /
                          static_cast<double>(denominator),
                      exponent);
  }
};

/// x * scale, rounded half to even; beyond 2^40 it saturates. |x| < 2^40.
int64_t multiplyHalfEven(int64_t x, const ExactScale &scale);

/// (a * lhs + b * rhs) / result for float32 scales, rounded half to even, for
/// |a|, |b| < 2^20; beyond 2^40 it saturates.
int64_t addHalfEven(int64_t a, float lhs, int64_t b, float rhs, float result);

/// A channel's requantization, complete: what the generated code must equal.
/// `multiplier` counts for the TFLite roundings, `scale` for HalfEvenFloat,
/// `ratio` for Onnx, where `multiplier` is the nearest to it.
struct Requantization {
  Rounding rounding = Rounding::TfliteDouble;
  QuantizedMultiplier multiplier;
  float scale = 0;
  ExactScale ratio;
  int32_t zeroPoint = 0;
  /// The clamp, zero point included: the storage range cut by the activation.
  int32_t lo = -128;
  int32_t hi = 127;

  /// clamp(zeroPoint + acc * multiplier). The sum is taken without overflow.
  int32_t operator()(int32_t acc) const {
    if (rounding == Rounding::HalfEvenFloat)
      return requantizeHalfEven(acc, scale, zeroPoint, lo, hi);
    if (rounding == Rounding::Onnx) {
      int64_t q = multiplyHalfEven(acc, ratio) + zeroPoint;
      return static_cast<int32_t>(q < lo ? lo : q > hi ? hi : q);
    }
    int64_t q = rounding == Rounding::TfliteDouble
                    ? multiplyByQuantizedMultiplier(acc, multiplier)
                    : multiplyByQuantizedMultiplierSingle(acc, multiplier);
    q += zeroPoint;
    return static_cast<int32_t>(q < lo ? lo : q > hi ? hi : q);
  }

  /// The same for a 64-bit accumulator, whatever `rounding` is: one rounding
  /// under a multiplier of 16 bits.
  int32_t requantizeWide(int64_t acc) const {
    int64_t q = multiplyByWideMultiplier(acc, reduceMultiplier(multiplier));
    q += zeroPoint;
    return static_cast<int32_t>(q < lo ? lo : q > hi ? hi : q);
  }
};

/// zeroPoint + round(x / scale) in float32, half away from zero; nothing when
/// the quotient is no int32. How TFLite quantizes the bounds of an activation.
inline std::optional<int32_t> quantizeBound(float x, float scale,
                                            int32_t zeroPoint) {
  float q = std::round(x / scale);
  if (!(q >= -2147483648.0f && q < 2147483648.0f))
    return std::nullopt;
  return saturateToInt32(static_cast<int64_t>(q) + zeroPoint);
}

/// The clamp of an activation that cuts to the reals [realLo, realHi] (an
/// infinity where there is no bound), within the storage range [qmin, qmax]:
/// relu is (0, inf), relu6 (0, 6), relu_n1_to_1 (-1, 1). Nothing when a bound
/// cannot be represented, which TFLite refuses too.
inline std::optional<IntRange> activationRange(float realLo, float realHi,
                                               float scale, int32_t zeroPoint,
                                               int32_t qmin, int32_t qmax) {
  IntRange range{qmin, qmax};
  if (!std::isinf(realLo)) {
    auto q = quantizeBound(realLo, scale, zeroPoint);
    if (!q)
      return std::nullopt;
    range.lo = *q > qmin ? *q : qmin;
  }
  if (!std::isinf(realHi)) {
    auto q = quantizeBound(realHi, scale, zeroPoint);
    if (!q)
      return std::nullopt;
    range.hi = *q < qmax ? *q : qmax;
  }
  return range;
}

} // namespace qcc::arith

#endif // QCC_ARITHMETIC_FIXEDPOINT_H
