// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Exact quantized addition, its cheaper forms, their fit and their exhaustive
// proof.

#include "qcc/Arithmetic/AddForm.h"

#include <algorithm>
#include <cmath>

using namespace qcc::arith;

namespace {

constexpr int tfliteLeftShift = 20;

bool isSmall(IntRange range) {
  return range.lo <= range.hi && range.lo >= -65536 && range.hi <= 65536 &&
         range.hi - range.lo < 4096;
}

template <typename Body>
bool forAllPairs(IntRange lhs, IntRange rhs, Body body) {
  for (int64_t a = lhs.lo; a <= lhs.hi; ++a)
    for (int64_t b = rhs.lo; b <= rhs.hi; ++b)
      if (!body(static_cast<int32_t>(a), static_cast<int32_t>(b)))
        return false;
  return true;
}

template <typename Form>
bool equalsOnAllPairs(const Form &form, const QuantizedAdd &exact, IntRange lhs,
                      IntRange rhs) {
  return forAllPairs(lhs, rhs, [&](int32_t a, int32_t b) {
    return form(a, b) == exact(a, b);
  });
}

int32_t clampTo(int64_t q, int32_t lo, int32_t hi) {
  return static_cast<int32_t>(std::clamp<int64_t>(q, lo, hi));
}

int32_t scaled(int32_t x, QuantizedMultiplier m, Rounding rounding) {
  return rounding == Rounding::TfliteSingle
             ? multiplyByQuantizedMultiplierSingle(x, m)
             : multiplyByQuantizedMultiplier(x, m);
}

/// A pair near a step, with the exact result there.
struct NearPair {
  int32_t a, b, value;
};

/// The pairs whose real result is within `distance` of a half-way case: all
/// that decide about constants which are that close to the real ones.
std::vector<NearPair> nearSteps(const QuantizedAdd &exact, IntRange lhs,
                                IntRange rhs, double distance) {
  std::vector<NearPair> pairs;
  forAllPairs(lhs, rhs, [&](int32_t a, int32_t b) {
    double y = (a - exact.lhsZero) * exact.lhsReal +
               (b - exact.rhsZero) * exact.rhsReal;
    if (std::fabs(y - std::floor(y) - 0.5) < distance)
      pairs.push_back({a, b, exact(a, b)});
    return true;
  });
  return pairs;
}

/// Offsets 0, 1, -1, 2, -2, … of two numbers, nearest first.
std::vector<std::pair<int, int>> neighbourhood(int radius) {
  std::vector<std::pair<int, int>> offsets;
  for (int i = -radius; i <= radius; ++i)
    for (int j = -radius; j <= radius; ++j)
      offsets.push_back({i, j});
  auto key = [](std::pair<int, int> x) {
    return std::make_pair(x.first * x.first + x.second * x.second, x);
  };
  std::sort(offsets.begin(), offsets.end(),
            [&](auto x, auto y) { return key(x) < key(y); });
  return offsets;
}

float moved(float f, int places) {
  for (; places > 0; --places)
    f = std::nextafterf(f, std::numeric_limits<float>::infinity());
  for (; places < 0; ++places)
    f = std::nextafterf(f, 0.0f);
  return f;
}

} // namespace

std::optional<QuantizedAdd>
QuantizedAdd::make(Rounding rounding, double lhsScale, int32_t lhsZero,
                   double rhsScale, int32_t rhsZero, double resultScale,
                   int32_t resultZero, int32_t lo, int32_t hi) {
  for (double scale : {lhsScale, rhsScale, resultScale})
    if (!(scale > 0) || !std::isfinite(scale))
      return std::nullopt;
  QuantizedAdd add;
  add.rounding = rounding;
  add.lhsZero = lhsZero;
  add.rhsZero = rhsZero;
  add.resultZero = resultZero;
  add.lo = lo;
  add.hi = hi;
  add.lhsReal = lhsScale / resultScale;
  add.rhsReal = rhsScale / resultScale;
  if (rounding == Rounding::HalfEvenFloat) {
    float a = static_cast<float>(lhsScale) / static_cast<float>(resultScale);
    float b = static_cast<float>(rhsScale) / static_cast<float>(resultScale);
    add.shift = 20 - std::ilogb(std::max(a, b));
    if (add.shift < 1 || add.shift > 40)
      return std::nullopt;
    add.lhsFactor = std::llrint(std::ldexp(static_cast<double>(a), add.shift));
    add.rhsFactor = std::llrint(std::ldexp(static_cast<double>(b), add.shift));
    return add;
  }
  if (rounding == Rounding::Onnx) {
    add.lhsScale = static_cast<float>(lhsScale);
    add.rhsScale = static_cast<float>(rhsScale);
    add.resultScale = static_cast<float>(resultScale);
    add.lhsReal = double{add.lhsScale} / double{add.resultScale};
    add.rhsReal = double{add.rhsScale} / double{add.resultScale};
    return add;
  }
  double common = 2 * std::max(lhsScale, rhsScale);
  add.lhs = quantizeMultiplier(lhsScale / common, rounding);
  add.rhs = quantizeMultiplier(rhsScale / common, rounding);
  add.result = quantizeMultiplier(
      common / ((1 << tfliteLeftShift) * resultScale), rounding);
  return add;
}

int32_t QuantizedAdd::operator()(int32_t a, int32_t b) const {
  int32_t x = a - lhsZero, y = b - rhsZero;
  if (rounding == Rounding::HalfEvenFloat) {
    int64_t sum = x * lhsFactor + y * rhsFactor + (int64_t{1} << (shift - 1));
    return clampTo((sum >> shift) + resultZero, lo, hi);
  }
  if (rounding == Rounding::Onnx)
    return clampTo(
        addHalfEven(x, this->lhsScale, y, this->rhsScale, this->resultScale) +
            resultZero,
        lo, hi);
  int32_t left = scaled(wrappingShiftLeft(x, tfliteLeftShift), lhs, rounding);
  int32_t right = scaled(wrappingShiftLeft(y, tfliteLeftShift), rhs, rounding);
  auto sum = static_cast<int32_t>(static_cast<uint32_t>(left) +
                                  static_cast<uint32_t>(right));
  return clampTo(int64_t{scaled(sum, result, rounding)} + resultZero, lo, hi);
}

int32_t AddFloatForm::operator()(int32_t a, int32_t b) const {
  auto x = static_cast<float>(a), y = static_cast<float>(b);
  float sum;
  if (fused) {
    sum = std::fmaf(x, sLhs, std::fmaf(y, sRhs, c));
  } else {
    float right = y * sRhs;
    right = right + c;
    float left = x * sLhs;
    sum = left + right;
  }
  if (convert == Convert::NearestEven)
    sum = roundHalfEven(sum);
  return clampTo(static_cast<int64_t>(sum) + outOffset, lo, hi);
}

int32_t AddFixedForm::operator()(int32_t a, int32_t b) const {
  int64_t t = int64_t{a} * mLhs + int64_t{b} * mRhs + r;
  if (halfEven)
    t += (int64_t{1} << (shift - 1)) - 1 + (t >> shift & 1);
  return clampTo((t >> shift) + outOffset, lo, hi);
}

bool qcc::arith::prove(const AddFloatForm &form, const QuantizedAdd &exact,
                       IntRange lhs, IntRange rhs) {
  if (!isSmall(lhs) || !isSmall(rhs))
    return false;
  // The conversion cannot overflow: |a|, |b| <= 2^16.
  for (float constant : {form.sLhs, form.sRhs, form.c})
    if (!(std::fabs(constant) < 8192.0f))
      return false;
  return equalsOnAllPairs(form, exact, lhs, rhs);
}

bool qcc::arith::prove(const AddFixedForm &form, const QuantizedAdd &exact,
                       IntRange lhs, IntRange rhs) {
  if (!isSmall(lhs) || !isSmall(rhs) || form.shift < 1 || form.shift > 62)
    return false;
  // Partial sums in the order written, and in the other.
  int64_t limit = form.narrow ? int64_t{1} << 31 : int64_t{1} << 62;
  int64_t left = std::max(std::llabs(lhs.lo), std::llabs(lhs.hi)) *
                 std::llabs(int64_t{form.mLhs});
  int64_t right = std::max(std::llabs(rhs.lo), std::llabs(rhs.hi)) *
                  std::llabs(int64_t{form.mRhs});
  int64_t half = form.halfEven ? int64_t{1} << (form.shift - 1) : 0;
  if (form.r <= -limit || form.r >= limit ||
      left + right + std::llabs(form.r) + half >= limit)
    return false;
  return equalsOnAllPairs(form, exact, lhs, rhs);
}

std::optional<AddFloatForm> qcc::arith::fitAddFloat(const QuantizedAdd &exact,
                                                    IntRange lhs, IntRange rhs,
                                                    bool fused) {
  if (!isSmall(lhs) || !isSmall(rhs))
    return std::nullopt;
  AddFloatForm form;
  form.fused = fused;
  form.lo = exact.lo;
  form.hi = exact.hi;
  // Where the constants are within 2^-12, no other pair can go wrong.
  std::vector<NearPair> pairs = nearSteps(exact, lhs, rhs, 0x1p-9);
  auto sLhs = static_cast<float>(exact.lhsReal);
  auto sRhs = static_cast<float>(exact.rhsReal);
  for (Convert convert : {Convert::TowardZero, Convert::NearestEven}) {
    bool truncates = convert == Convert::TowardZero;
    form.convert = convert;
    form.outOffset = truncates ? exact.lo : 0;
    // What is converted is y = result - outOffset (+ 1/2 for the floor).
    double base = exact.resultZero - form.outOffset + (truncates ? 0.5 : 0.0);
    for (auto [i, j] : neighbourhood(3)) {
      form.sLhs = moved(sLhs, i);
      form.sRhs = moved(sRhs, j);
      double nominal = base - exact.lhsZero * static_cast<double>(form.sLhs) -
                       exact.rhsZero * static_cast<double>(form.sRhs);
      double cLo = nominal - 0x1p-12, cHi = nominal + 0x1p-12;
      for (const NearPair &pair : pairs) {
        double y = pair.a * static_cast<double>(form.sLhs) +
                   pair.b * static_cast<double>(form.sRhs);
        double low = pair.value - form.outOffset - (truncates ? 0.0 : 0.5);
        if (pair.value > exact.lo)
          cLo = std::max(cLo, low - y);
        if (pair.value < exact.hi)
          cHi = std::min(cHi, low + 1 - y);
      }
      // The roundings of y are worth a few 2^-17: let the proof decide.
      if (cHi - cLo < -0x1p-16)
        continue;
      for (double at : {0.5, 0.25, 0.75}) {
        form.c = static_cast<float>(cLo + at * (cHi - cLo));
        if (prove(form, exact, lhs, rhs))
          return form;
      }
    }
  }
  return std::nullopt;
}

std::optional<AddFixedForm> qcc::arith::fitAddFixed(const QuantizedAdd &exact,
                                                    IntRange lhs, IntRange rhs,
                                                    bool narrow) {
  if (!isSmall(lhs) || !isSmall(rhs))
    return std::nullopt;
  AddFixedForm form;
  form.narrow = narrow;
  form.outOffset = exact.resultZero;
  form.lo = exact.lo;
  form.hi = exact.hi;
  std::vector<NearPair> pairs = nearSteps(exact, lhs, rhs, 0x1p-6);
  double reach = 1;
  for (double a : {lhs.lo - exact.lhsZero, lhs.hi - exact.lhsZero})
    for (double b : {rhs.lo - exact.rhsZero, rhs.hi - exact.rhsZero})
      reach = std::max(reach, std::fabs(a) * exact.lhsReal +
                                  std::fabs(b) * exact.rhsReal);
  // The most fraction bits that fit, and a few less: an int32's 22 or so leave
  // the multipliers little choice.
  int bits = (narrow ? 30 : 54) - std::max(0, std::ilogb(reach) + 1);
  double largest = std::max(exact.lhsReal, exact.rhsReal);
  bits = std::min(bits, 30 - std::max(0, std::ilogb(largest) + 1));
  for (int shift = bits; shift >= std::max(bits - 3, 8); --shift)
    for (auto [i, j] : neighbourhood(narrow ? 3 : 1)) {
      form.shift = shift;
      form.mLhs = static_cast<int32_t>(
          std::llrint(std::ldexp(exact.lhsReal, shift)) + i);
      form.mRhs = static_cast<int32_t>(
          std::llrint(std::ldexp(exact.rhsReal, shift)) + j);
      int64_t unit = int64_t{1} << shift;
      int64_t middle = unit / 2 - int64_t{exact.lhsZero} * form.mLhs -
                       int64_t{exact.rhsZero} * form.mRhs;
      // r may move until a pair near a step changes sides.
      int64_t rLo = middle - (unit >> 6), rHi = middle + (unit >> 6);
      for (const NearPair &pair : pairs) {
        int64_t t = int64_t{pair.a} * form.mLhs + int64_t{pair.b} * form.mRhs;
        int64_t value = int64_t{pair.value} - form.outOffset;
        if (pair.value > exact.lo)
          rLo = std::max(rLo, value * unit - t);
        if (pair.value < exact.hi)
          rHi = std::min(rHi, (value + 1) * unit - t - 1);
      }
      if (rLo > rHi)
        continue;
      form.r = rLo + (rHi - rLo) / 2;
      if (prove(form, exact, lhs, rhs))
        return form;
    }
  if (exact.rounding != Rounding::Onnx)
    return std::nullopt;
  // No offset rounds all half-way cases to the even side.
  form.halfEven = true;
  for (int shift = bits; shift >= std::max(bits - 3, 8); --shift) {
    form.shift = shift;
    form.mLhs =
        static_cast<int32_t>(std::llrint(std::ldexp(exact.lhsReal, shift)));
    form.mRhs =
        static_cast<int32_t>(std::llrint(std::ldexp(exact.rhsReal, shift)));
    form.r = -int64_t{exact.lhsZero} * form.mLhs -
             int64_t{exact.rhsZero} * form.mRhs;
    if (prove(form, exact, lhs, rhs))
      return form;
  }
  return std::nullopt;
}
