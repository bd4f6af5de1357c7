// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Quantized addition: the exact formulae, and cheaper ones that are proved
// equal on every pair of operands. Two 8-bit operands have 65,536 pairs, so the
// proof is to try them all.

#ifndef QCC_ARITHMETIC_ADDFORM_H
#define QCC_ARITHMETIC_ADDFORM_H

#include "qcc/Arithmetic/RequantizeForm.h"

namespace qcc::arith {

/// The exact addition of two stored values.
struct QuantizedAdd {
  /// TfliteDouble, TfliteSingle: both operands, less their zero points, times
  /// 2^20, are brought to the scale 2 max(lhs, rhs) / 2^20, added, brought to
  /// the result's scale. HalfEvenFloat: XNNPACK's fixed point, of about 20 bits
  /// and one rounding, half up. Onnx: exact, half to even.
  Rounding rounding = Rounding::TfliteDouble;
  QuantizedMultiplier lhs, rhs, result;
  /// XNNPACK's multipliers and shift.
  int64_t lhsFactor = 0, rhsFactor = 0;
  int shift = 0;
  int32_t lhsZero = 0, rhsZero = 0, resultZero = 0;
  int32_t lo = -128, hi = 127;
  /// The scales over the result's, for fitting.
  double lhsReal = 0, rhsReal = 0;
  /// Of operands and result, for Onnx.
  float lhsScale = 0, rhsScale = 0, resultScale = 0;

  /// Nothing when a scale is not positive and finite, or where XNNPACK's form
  /// is not defined (ratios beyond 2^±20).
  static std::optional<QuantizedAdd> make(Rounding rounding, double lhsScale,
                                          int32_t lhsZero, double rhsScale,
                                          int32_t rhsZero, double resultScale,
                                          int32_t resultZero, int32_t lo,
                                          int32_t hi);

  int32_t operator()(int32_t a, int32_t b) const;
};

/// y = fma(float(a), sLhs, fma(float(b), sRhs, c)), the inner one first;
/// without `fused`: a * sLhs + (b * sRhs + c), every operation rounded.
/// clamp(convert(y) + outOffset, lo, hi)
struct AddFloatForm {
  bool fused = true;
  Convert convert = Convert::TowardZero;
  float sLhs = 0, sRhs = 0, c = 0;
  int32_t outOffset = 0;
  int32_t lo = 0, hi = 0;

  int32_t operator()(int32_t a, int32_t b) const;
};

/// t = a * mLhs + b * mRhs + r
/// halfEven: t += 2^(shift - 1) - 1 + (t >> shift & 1)
/// clamp((t >> shift) + outOffset, lo, hi)
/// Everything stays within int32 (`narrow`) or int64.
struct AddFixedForm {
  bool narrow = true;
  /// Half-way cases can be reached, and go to the even result.
  bool halfEven = false;
  int32_t mLhs = 0, mRhs = 0;
  int64_t r = 0;
  int shift = 0;
  int32_t outOffset = 0;
  int32_t lo = 0, hi = 0;

  int32_t operator()(int32_t a, int32_t b) const;
};

/// Whether the form equals `exact` on all pairs of the ranges and overflows
/// nowhere. Ranges wider than 2^12 values are refused.
bool prove(const AddFloatForm &form, const QuantizedAdd &exact, IntRange lhs,
           IntRange rhs);
bool prove(const AddFixedForm &form, const QuantizedAdd &exact, IntRange lhs,
           IntRange rhs);

/// A proved form, or nothing: floats near the real scales, c in the middle of
/// what the pairs next to a step leave.
std::optional<AddFloatForm> fitAddFloat(const QuantizedAdd &exact, IntRange lhs,
                                        IntRange rhs, bool fused = true);
/// A proved integer form, of 32 bits (`narrow`) or 64.
std::optional<AddFixedForm> fitAddFixed(const QuantizedAdd &exact, IntRange lhs,
                                        IntRange rhs, bool narrow);

} // namespace qcc::arith

#endif // QCC_ARITHMETIC_ADDFORM_H
