// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The steps of an exact requantization, and the proof that a form has the same.

#include "qcc/Arithmetic/RequantizeForm.h"

#include <algorithm>
#include <cmath>

using namespace qcc::arith;

namespace {

constexpr int64_t int32Min = std::numeric_limits<int32_t>::min();
constexpr int64_t int32Max = std::numeric_limits<int32_t>::max();

bool isMonotone(const ChannelSpec &spec) {
  const Requantization &exact = spec.exact;
  if (exact.rounding == Rounding::HalfEvenFloat)
    return exact.scale >= 0 && std::isfinite(exact.scale);
  if (exact.rounding == Rounding::Onnx)
    return true;
  int shift = exact.multiplier.shift;
  if (exact.multiplier.multiplier < 0 || shift < -31)
    return false;
  if (exact.rounding == Rounding::TfliteSingle)
    return shift <= 30;
  if (shift <= 0)
    return true;
  return shift <= 31 && spec.acc.lo >= (int32Min >> shift) &&
         spec.acc.hi <= (int32Max >> shift);
}

/// The real multiplier, to guess where the next step is.
double realScale(const Requantization &exact) {
  if (exact.rounding == Rounding::HalfEvenFloat)
    return exact.scale;
  if (exact.rounding == Rounding::Onnx)
    return exact.ratio.real();
  return std::ldexp(exact.multiplier.multiplier, exact.multiplier.shift - 31);
}

/// The first argument in (below, last] with exact(at) >= value, when
/// exact(below) < value <= exact(last). Gallops from `guess`.
template <typename Exact>
int64_t firstReaching(const Exact &exact, int32_t value, int64_t below,
                      int64_t last, int64_t guess) {
  int64_t lo = below, hi = last; // exact(lo) < value <= exact(hi)
  guess = std::clamp(guess, lo, hi);
  int64_t stride = 2;
  if (exact(static_cast<int32_t>(guess)) < value) {
    lo = guess;
    for (int64_t at = guess + stride; at < hi; at += stride, stride *= 2) {
      if (exact(static_cast<int32_t>(at)) >= value) {
        hi = at;
        break;
      }
      lo = at;
    }
  } else {
    hi = guess;
    for (int64_t at = guess - stride; at > lo; at -= stride, stride *= 2) {
      if (exact(static_cast<int32_t>(at)) < value) {
        lo = at;
        break;
      }
      hi = at;
    }
  }
  while (hi - lo > 1) {
    int64_t middle = lo + (hi - lo) / 2;
    (exact(static_cast<int32_t>(middle)) < value ? lo : hi) = middle;
  }
  return hi;
}

/// Equality of two functions, `form` monotone on [lo, hi], by the steps in it.
template <typename Form>
bool equalsOn(const Form &form, const StepFunction &steps, int64_t lo,
              int64_t hi) {
  if (lo > hi)
    return true;
  const auto &all = steps.getSteps();
  auto next = std::upper_bound(
      all.begin(), all.end(), lo,
      [](int64_t at, const StepFunction::Step &step) { return at < step.at; });
  int32_t value =
      next == all.begin() ? steps.firstValue() : std::prev(next)->value;
  if (form(static_cast<int32_t>(lo)) != value)
    return false;
  for (; next != all.end() && next->at <= hi; ++next) {
    if (form(next->at - 1) != value || form(next->at) != next->value)
      return false;
    value = next->value;
  }
  return form(static_cast<int32_t>(hi)) == value;
}

/// Splits [lo, hi] at `threshold`, which is in terms of acc.
template <typename Form>
bool equalsOnPieces(const Form &form, const StepFunction &steps,
                    int64_t threshold) {
  int64_t lo = steps.lo(), hi = steps.hi();
  return equalsOn(form, steps, lo, std::min(hi, threshold - 1)) &&
         equalsOn(form, steps, std::max(lo, threshold), hi);
}

bool fitsInt32(double y) { return y >= -2147483648.0 && y < 2147483648.0; }

/// The conversion to int32 overflows nowhere if not at the ends of the pieces.
template <typename Form>
bool convertsOnPieces(const Form &form, const StepFunction &steps,
                      int64_t threshold) {
  for (int64_t acc :
       {int64_t{steps.lo()}, threshold - 1, threshold, int64_t{steps.hi()}})
    if (acc >= steps.lo() && acc <= steps.hi() &&
        !fitsInt32(form.affine(static_cast<int32_t>(acc))))
      return false;
  return true;
}

} // namespace

template <typename Exact>
std::optional<StepFunction>
StepFunction::build(const Exact &exact, IntRange range, int32_t lo, int32_t hi,
                    double scale, int32_t zeroPoint) {
  if (range.lo > range.hi || range.lo < int32Min || range.hi > int32Max ||
      lo > hi)
    return std::nullopt;
  StepFunction result;
  result.begin = static_cast<int32_t>(range.lo);
  result.end = static_cast<int32_t>(range.hi);
  result.minValue = lo;
  result.maxValue = hi;
  result.first = exact(result.begin);
  int32_t last = exact(result.end), value = result.first;
  if (static_cast<int64_t>(last) - value > 65536)
    return std::nullopt;

  int64_t at = range.lo;
  while (value < last) {
    double where = (value + 0.5 - zeroPoint) / scale;
    where = std::clamp(where, static_cast<double>(int32Min),
                       static_cast<double>(int32Max));
    at = firstReaching(exact, value + 1, at, range.hi,
                       static_cast<int64_t>(where));
    value = exact(static_cast<int32_t>(at));
    result.steps.push_back({static_cast<int32_t>(at), value});
  }
  return result;
}

std::optional<StepFunction> StepFunction::of(const ChannelSpec &spec) {
  const Requantization &exact = spec.exact;
  if (!isMonotone(spec))
    return std::nullopt;
  return build(exact, spec.acc, exact.lo, exact.hi, realScale(exact),
               exact.zeroPoint);
}

std::optional<StepFunction>
StepFunction::ofAverage(int64_t count, IntRange range, int32_t lo, int32_t hi) {
  if (count <= 0)
    return std::nullopt;
  auto average = [=](int32_t sum) {
    int64_t half = count / 2;
    int64_t q = (sum > 0 ? sum + half : sum - half) / count;
    return static_cast<int32_t>(std::clamp<int64_t>(q, lo, hi));
  };
  return build(average, range, lo, hi, 1.0 / static_cast<double>(count), 0);
}

bool qcc::arith::prove(const FloatForm &form, const StepFunction &steps) {
  // Denormal constants are not the same on machines that flush them to zero.
  for (float constant : {form.s, form.sLow, form.c, form.cBelow})
    if (constant != 0 && !std::isnormal(constant))
      return false;
  // Monotone: every operation is in x, whose coefficients are not negative.
  if (!(form.s >= 0 && form.sLow >= 0) || form.lo > form.hi)
    return false;
  int64_t lo = static_cast<int64_t>(steps.lo()) + form.accOffset;
  int64_t hi = static_cast<int64_t>(steps.hi()) + form.accOffset;
  if (lo < int32Min || hi > int32Max)
    return false;
  int64_t threshold =
      form.isSplit() ? static_cast<int64_t>(form.threshold) - form.accOffset
                     : int32Min;
  return convertsOnPieces(form, steps, threshold) &&
         equalsOnPieces(form, steps, threshold);
}

bool qcc::arith::prove(const DoubleForm &form, const StepFunction &steps) {
  if (!(form.s >= 0) || form.lo > form.hi)
    return false;
  int64_t threshold = form.isSplit() ? form.threshold : int32Min;
  return convertsOnPieces(form, steps, threshold) &&
         equalsOnPieces(form, steps, threshold);
}

bool qcc::arith::prove(const FixedForm &form, const StepFunction &steps) {
  if (form.m < 0 || form.shift < 0 || form.shift > 63 || form.lo > form.hi)
    return false;
  for (int32_t acc : {steps.lo(), steps.hi()})
    for (int64_t r : {form.r, form.rBelow}) {
      int64_t sum;
      if (__builtin_add_overflow(static_cast<int64_t>(acc) * form.m, r, &sum))
        return false;
    }
  return equalsOnPieces(form, steps,
                        form.isSplit() ? form.threshold : int32Min);
}

bool qcc::arith::prove(const HighWordForm &form, const StepFunction &steps) {
  int64_t unit = std::abs(int64_t{form.accFactor});
  // Increasing all in all.
  if (unit == 0 || (form.accFactor < 0) != (form.m < 0) || form.below < 0 ||
      form.shift < 0 || form.shift > 31 || form.lo > form.hi)
    return false;
  for (int64_t acc : {steps.lo(), steps.hi()}) {
    int64_t scaled = acc * form.accFactor + form.accOffset;
    int64_t lowered = scaled - (scaled < 0 ? form.below : 0);
    if (std::min(scaled, lowered) < int32Min ||
        std::max(scaled, lowered) > int32Max)
      return false;
    int64_t result = (lowered * form.m) >> (32 + form.shift);
    if (form.outOffset != 0 && (result < INT16_MIN || result > INT16_MAX ||
                                result + form.outOffset < INT16_MIN ||
                                result + form.outOffset > INT16_MAX))
      return false;
  }
  return equalsOn(form, steps, steps.lo(), steps.hi());
}

float FloatForm::affine(int32_t acc) const {
  int32_t a = acc + accOffset;
  auto x = static_cast<float>(a);
  float constant = isSplit() && a < threshold ? cBelow : c;
  if (!fused) {
    float product = x * s;
    return product + constant;
  }
  if (twoTerms)
    constant = std::fmaf(x, sLow, constant);
  return std::fmaf(x, s, constant);
}

int32_t FloatForm::operator()(int32_t acc) const {
  float y = affine(acc);
  if (convert == Convert::NearestEven)
    y = roundHalfEven(y);
  int64_t q = static_cast<int64_t>(y) + outOffset;
  return static_cast<int32_t>(std::clamp<int64_t>(q, lo, hi));
}

double DoubleForm::affine(int32_t acc) const {
  double product = acc * s;
  return product + (isSplit() && acc < threshold ? cBelow : c);
}

int32_t DoubleForm::operator()(int32_t acc) const {
  int64_t q = static_cast<int64_t>(affine(acc)) + outOffset;
  return static_cast<int32_t>(std::clamp<int64_t>(q, lo, hi));
}

int32_t FixedForm::operator()(int32_t acc) const {
  int64_t addend = isSplit() && acc < threshold ? rBelow : r;
  int64_t q = (static_cast<int64_t>(acc) * m + addend) >> shift;
  return static_cast<int32_t>(std::clamp<int64_t>(q, lo, hi));
}

int32_t HighWordForm::operator()(int32_t acc) const {
  int64_t scaled = int64_t{acc} * accFactor + accOffset;
  if (scaled < 0)
    scaled -= below;
  auto high = static_cast<int32_t>((scaled * m) >> 32);
  return std::clamp((high >> shift) + outOffset, lo, hi);
}

bool qcc::arith::prove(const HalfEvenForm &form, const StepFunction &steps,
                       int32_t zeroPoint) {
  auto clamped = [&](int32_t acc) {
    return static_cast<int32_t>(std::clamp<int64_t>(
        form(acc) + zeroPoint, steps.clampLo(), steps.clampHi()));
  };
  return equalsOn(clamped, steps, steps.lo(), steps.hi());
}
