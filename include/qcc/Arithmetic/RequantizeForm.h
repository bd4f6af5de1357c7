// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The requantization prover. A channel's exact requantization is a monotone
// step function of the accumulator with at most 2^bits steps; over the interval
// of accumulators that the channel can reach it is known completely by its
// steps. A cheaper monotone formula equals it everywhere as soon as it equals
// it on both sides of every step and at the ends of the interval. This file
// holds the cheaper formulae ("forms"), each a struct of constants whose
// operator() is, operation for operation, what generated code executes;
// functions that fit constants; and the proof. docs/Rounding.md explains method
// and results.

#ifndef QCC_ARITHMETIC_REQUANTIZEFORM_H
#define QCC_ARITHMETIC_REQUANTIZEFORM_H

#include "qcc/Arithmetic/FixedPoint.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace qcc::arith {

/// One channel: its exact requantization and every accumulator it can see.
struct ChannelSpec {
  Requantization exact;
  /// Within int32, not empty.
  IntRange acc;
};

/// A monotone function on an interval, by its steps.
class StepFunction {
public:
  /// From `at` on, the value is `value`.
  struct Step {
    int32_t at;
    int32_t value;
  };

  /// The steps of `spec`; nothing when monotony is not certain (a negative
  /// multiplier, a left shift that wraps) or there are more than 2^16 values.
  static std::optional<StepFunction> of(const ChannelSpec &spec);

  /// The steps of clamp(round(sum / count)), half away from zero, for all sums
  /// in `range`: TFLite's average of stored values, in which the zero point
  /// takes no part. count > 0; nothing when the range is no int32 interval.
  static std::optional<StepFunction> ofAverage(int64_t count, IntRange range,
                                               int32_t lo, int32_t hi);

  int32_t lo() const { return begin; }
  int32_t hi() const { return end; }
  /// The value at lo().
  int32_t firstValue() const { return first; }
  int32_t lastValue() const {
    return steps.empty() ? first : steps.back().value;
  }
  /// Strictly increasing in both members; every `at` in (lo, hi].
  const std::vector<Step> &getSteps() const { return steps; }
  /// The bounds of the values: at these, a form may run over before its clamp.
  int32_t clampLo() const { return minValue; }
  int32_t clampHi() const { return maxValue; }

private:
  template <typename Exact>
  static std::optional<StepFunction> build(const Exact &exact, IntRange range,
                                           int32_t lo, int32_t hi, double scale,
                                           int32_t zeroPoint);

  int32_t begin = 0, end = 0, first = 0, minValue = 0, maxValue = 0;
  std::vector<Step> steps;
};

/// Float to int32.
enum class Convert {
  NearestEven, ///< cvtps2dq, fcvtns, vfcvt.x.f.v with RNE
  TowardZero   ///< cvttps2dq, fcvtzs, vfcvt.rtz.x.f.v
};

/// a = acc + accOffset
/// c = a < threshold ? cBelow : c
/// x = float(a), nearest even
/// y = fused: twoTerms ? fma(x, s, fma(x, sLow, c)) : fma(x, s, c)
///     else:  x * s + c, two roundings
/// clamp(convert(y) + outOffset, lo, hi)
///
/// accOffset may be added to the bias. Neither a nor the conversion overflows
/// on the interval for which the form was proved. In the integer domain the
/// clamp may be replaced by any saturating narrowing that has the same bounds.
struct FloatForm {
  bool fused = true;
  bool twoTerms = false;
  Convert convert = Convert::NearestEven;
  int32_t accOffset = 0;
  int32_t threshold = std::numeric_limits<int32_t>::min();
  float s = 0, sLow = 0, c = 0, cBelow = 0;
  int32_t outOffset = 0;
  int32_t lo = 0, hi = 0;

  bool isSplit() const {
    return threshold != std::numeric_limits<int32_t>::min();
  }
  /// y, for an accumulator of the proved interval.
  float affine(int32_t acc) const;
  int32_t operator()(int32_t acc) const;
};

/// x = double(acc), exact
/// y = x * s + (acc < threshold ? cBelow : c), two roundings to double
/// clamp(int32 towards zero(y) + outOffset, lo, hi)
///
/// For targets with double-precision vectors and no fused multiply-add.
struct DoubleForm {
  int32_t threshold = std::numeric_limits<int32_t>::min();
  double s = 0, c = 0, cBelow = 0;
  int32_t outOffset = 0;
  int32_t lo = 0, hi = 0;

  bool isSplit() const {
    return threshold != std::numeric_limits<int32_t>::min();
  }
  double affine(int32_t acc) const;
  int32_t operator()(int32_t acc) const;
};

/// ((int64(acc) * m + (acc < threshold ? rBelow : r)) >> shift), clamped to
/// [lo, hi]; an arithmetic shift, so a floor. The zero point is in r. Where
/// shift >= 32 the high word of the sum, shifted by shift - 32, is the same.
struct FixedForm {
  int32_t m = 0;
  int shift = 0;
  int32_t threshold = std::numeric_limits<int32_t>::min();
  int64_t r = 0, rBelow = 0;
  int32_t lo = 0, hi = 0;

  bool isSplit() const {
    return threshold != std::numeric_limits<int32_t>::min();
  }
  int32_t operator()(int32_t acc) const;
};

/// The multiply and the narrowing shift of RISC-V V (vmulh, vnclip):
/// a = acc * accFactor + accOffset, less `below` where that is negative; the
/// high word of int64(a) * m, shifted right by `shift`, plus outOffset, clamped
/// to [lo, hi]. All roundings are floors, so it is one line (or two) with one
/// floor; every rounding is in accOffset, whose unit is the finer the larger
/// the factor is, and the zero point where outOffset is 0. The factor is plus
/// or minus a power of two, which costs nothing: kernels multiply their weights
/// by it. Before the clamp a form with an outOffset fits 16 bits.
struct HighWordForm {
  int32_t accFactor = 1, accOffset = 0, below = 0;
  int32_t m = 0;
  int shift = 0;
  int32_t outOffset = 0;
  int32_t lo = 0, hi = 0;

  int32_t operator()(int32_t acc) const;
};

/// The definition of Onnx in 64 bits: with y = (acc * m + 2^(shift - 1)) >>
/// shift, which misses by at most one, the difference 2 acc p - 2 y q, taken
/// modulo 2^64, says whether y is the nearest integer to acc * p / q, the even
/// one of two. Where |acc * p / q| < 2^30.
struct HalfEvenForm {
  int64_t p = 0, q = 1;
  int32_t m = 0;
  int shift = 31;
  /// p / q is the scale itself, not a near one.
  bool isScale = false;

  int64_t operator()(int64_t acc) const;
};

/// The form of `scale`. Where p and q themselves have too many bits it is a
/// near p and a power of two, of 60 bits: `isScale` is false, and whoever wants
/// it compares. Nothing when the scale is 2^30 or more.
std::optional<HalfEvenForm> makeHalfEven(const ExactScale &scale);
/// A form that is the definition for all accumulators in `range`, by trying
/// them where need be; nothing where that is too many.
std::optional<HalfEvenForm> fitHalfEven(const ExactScale &scale,
                                        IntRange range);

/// Whether the form is monotone on the pieces of the interval, overflows
/// nowhere and equals the steps everywhere. Complete: refuses every form that
/// differs in at least one accumulator, accepts every monotone form that does
/// not (monotone are: s >= 0, sLow >= 0, m >= 0).
bool prove(const FloatForm &form, const StepFunction &steps);
bool prove(const HalfEvenForm &form, const StepFunction &steps,
           int32_t zeroPoint);
bool prove(const DoubleForm &form, const StepFunction &steps);
bool prove(const FixedForm &form, const StepFunction &steps);
bool prove(const HighWordForm &form, const StepFunction &steps);

/// Which FloatForm to look for.
struct FloatVariant {
  bool fused = true;
  bool twoTerms = false;
  /// A second constant for negative accumulators.
  bool split = false;
  Convert convert = Convert::TowardZero;
  /// Added after the conversion. The nearer the converted values are to 0 the
  /// more fraction bits are left; TowardZero without split needs it <= lo.
  int32_t outOffset = 0;
  /// accOffset may be other than 0, which makes c small and so precise.
  bool shiftAcc = true;
};

/// The variants worth trying for channels that share zero point, clamp and
/// rounding, cheapest first; `fused`: the target has a fused multiply-add.
std::vector<FloatVariant> getFloatVariants(const Requantization &common,
                                           bool fused);

/// Constants of a FloatForm of this variant that are proved for `spec`: the
/// line of greatest margin between the points that must lie above and those
/// that must lie below (a linear program in s and c), rounded to floats.
/// Nothing when none of the floats tried near it passes the proof.
std::optional<FloatForm> fitFloat(const ChannelSpec &spec,
                                  const StepFunction &steps,
                                  const FloatVariant &variant);

/// A proved DoubleForm, split by sign unless one constant does for both.
std::optional<DoubleForm> fitDouble(const ChannelSpec &spec,
                                    const StepFunction &steps,
                                    int32_t outOffset);

/// A proved FixedForm with the spec's own multiplier: one constant r if there
/// is one, else one for each sign. Where the zero point leaves no room in 64
/// bits the multiplier gives up low bits. Nothing for HalfEvenFloat, a negative
/// multiplier or a left shift that wraps.
std::optional<FixedForm> fitFixed(const ChannelSpec &spec,
                                  const StepFunction &steps);

/// A proved FixedForm with the shift `shift` and constants of at most 32 bits
/// above `zeroBits` zeros, so that channels may share the shift and take less
/// memory. Nothing if no multiplier near the spec's has one.
std::optional<FixedForm> fitFixedAt(const ChannelSpec &spec,
                                    const StepFunction &steps, int shift,
                                    int zeroBits);

/// A proved multiply-shift for the average of `count` values (see ofAverage),
/// with a shift of at least 32 from 3 values on; when `narrow` all is within
/// int32, which windows of up to 64 8-bit values allow.
std::optional<FixedForm> fitAverage(int64_t count, const StepFunction &steps,
                                    bool narrow);

/// The `shift` with which the spec's multiplier is m itself: the largest that
/// fitHighWord can take.
int highWordShift(const Requantization &exact, int accShift);

/// A proved HighWordForm with these shifts: the multiplier near the exact one
/// (less bits of it where `shift` is smaller than highWordShift) that leaves
/// the widest choice of accOffset, and the factor 2^accShift. With `split` the
/// multiplier as it is and the factor, both negated, `below` as needed and the
/// zero point as outOffset; else `below` and outOffset are 0.
/// Nothing for HalfEvenFloat.
std::optional<HighWordForm> fitHighWord(const ChannelSpec &spec,
                                        const StepFunction &steps, int accShift,
                                        int shift, bool split);

} // namespace qcc::arith

#endif // QCC_ARITHMETIC_REQUANTIZEFORM_H
