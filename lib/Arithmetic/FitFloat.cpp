// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Fits the floating-point forms. Where y = s * acc + c must reach the next
// value at accumulator t and must not at t - 1, the point (t, h) has to lie on
// or below the line and (t - 1, h) above it, h being the smallest real that the
// final rounding to float and the conversion take to that value. The line with
// the greatest margin is the maximum over s of a concave, piecewise linear
// function, found by Kelley's cutting planes in a few steps.

#include "qcc/Arithmetic/RequantizeForm.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace qcc::arith;

namespace {

struct Point {
  double x, y;
};

/// What one piece of the interval asks of the line.
struct Piece {
  std::vector<Point> below; ///< the line passes on or above these
  std::vector<Point> above; ///< and under these
};

constexpr double unbounded = 1e30;

/// The constants c that suit slope s, and the points that bind.
struct ConstantRange {
  double lo = -unbounded, hi = unbounded;
  double slope = 0; ///< of hi - lo as a function of s

  /// A constant inside; within one accumulator's step of a lone bound.
  double middle(double s) const {
    if (lo == -unbounded && hi == unbounded)
      return 0;
    if (lo == -unbounded)
      return hi - s / 2;
    if (hi == unbounded)
      return lo + s / 2;
    return (lo + hi) / 2;
  }
};

ConstantRange constantsFor(const Piece &piece, double s) {
  ConstantRange range;
  double xLo = 0, xHi = 0;
  for (Point p : piece.below)
    if (double c = p.y - s * p.x; c > range.lo) {
      range.lo = c;
      xLo = p.x;
    }
  for (Point p : piece.above)
    if (double c = p.y - s * p.x; c < range.hi) {
      range.hi = c;
      xHi = p.x;
    }
  range.slope = xLo - xHi;
  return range;
}

/// The float `steps` places further from zero.
float awayFromZero(float f, int32_t steps) {
  uint32_t bits;
  std::memcpy(&bits, &f, sizeof bits);
  bits += static_cast<uint32_t>(steps);
  std::memcpy(&f, &bits, sizeof f);
  return f;
}

/// Spacing of floats from y upwards and downwards; y is a float other than 0.
double spacingAbove(double y) {
  auto f = static_cast<float>(y);
  return static_cast<double>(awayFromZero(f, y > 0 ? 1 : -1)) - y;
}
double spacingBelow(double y) {
  auto f = static_cast<float>(y);
  return y - static_cast<double>(awayFromZero(f, y > 0 ? -1 : 1));
}

/// The least real y with convert(float(y)) >= n, but for ties of float(y).
double leastReaching(int64_t n, Convert convert) {
  auto value = static_cast<double>(n);
  if (convert == Convert::NearestEven) {
    double tie = value - 0.5;
    return n % 2 == 0 ? tie - spacingBelow(tie) / 2
                      : tie + spacingAbove(tie) / 2;
  }
  if (n >= 1)
    return value - spacingBelow(value) / 2;
  // n = 0 begins just above -1, n = -1 just above -2, ….
  return value - 1 + spacingAbove(value - 1) / 2;
}

/// `least`(n): the least real that is converted to n or more.
template <typename Least>
Piece makePiece(const StepFunction &steps, int64_t lo, int64_t hi,
                int32_t outOffset, Least least) {
  Piece piece;
  if (lo > hi)
    return piece;
  auto mustReach = [&](int64_t acc, int32_t value) {
    if (value > steps.clampLo())
      piece.below.push_back(
          {static_cast<double>(acc), least(int64_t{value} - outOffset)});
  };
  auto mustNotPass = [&](int64_t acc, int32_t value) {
    if (value < steps.clampHi())
      piece.above.push_back(
          {static_cast<double>(acc), least(int64_t{value} + 1 - outOffset)});
  };
  int32_t value = steps.firstValue();
  auto step = steps.getSteps().begin(), end = steps.getSteps().end();
  for (; step != end && step->at <= lo; ++step)
    value = step->value;
  mustReach(lo, value);
  for (; step != end && step->at <= hi; ++step) {
    mustNotPass(step->at - 1, value);
    value = step->value;
    mustReach(step->at, value);
  }
  mustNotPass(hi, value);
  return piece;
}

double realScale(const Requantization &exact) {
  if (exact.rounding == Rounding::HalfEvenFloat)
    return exact.scale;
  if (exact.rounding == Rounding::Onnx)
    return exact.ratio.real();
  return std::ldexp(exact.multiplier.multiplier, exact.multiplier.shift - 31);
}

class Fitter {
public:
  Fitter(const ChannelSpec &spec, const StepFunction &stepFunction,
         const FloatVariant &wanted)
      : steps(stepFunction), variant(wanted), nominal(realScale(spec.exact)) {
    const Requantization &exact = spec.exact;
    definesItself = (exact.rounding == Rounding::HalfEvenFloat ||
                     exact.rounding == Rounding::Onnx) &&
                    variant.convert == Convert::NearestEven &&
                    variant.outOffset == exact.zeroPoint;
    form.fused = variant.fused;
    form.twoTerms = variant.twoTerms && variant.fused;
    form.convert = variant.convert;
    form.outOffset = variant.outOffset;
    form.lo = exact.lo;
    form.hi = exact.hi;
    auto addPiece = [&](int32_t lo, int32_t hi) {
      pieces.push_back(
          makePiece(steps, lo, hi, variant.outOffset, [&](int64_t n) {
            return leastReaching(n, variant.convert);
          }));
    };
    if (variant.split) {
      addPiece(std::max(steps.lo(), 0), steps.hi());
      addPiece(steps.lo(), std::min(steps.hi(), -1));
      form.threshold = 0;
    } else {
      addPiece(steps.lo(), steps.hi());
    }
  }

  std::optional<FloatForm> run() {
    if (steps.getSteps().empty())
      return constantForm();
    // HalfEvenFloat is a form itself, Onnx where the scale is a float.
    form.s = static_cast<float>(nominal);
    if (definesItself && prove(form, steps))
      return form;
    // Most channels are content with the slope as it is.
    auto plain = static_cast<float>(nominal);
    if (!form.twoTerms && marginAt(plain).hi > 0 && attempt(plain, 0))
      return form;
    double best = bestSlope();
    if (!(marginAt(best).hi > 0))
      return std::nullopt;
    if (form.twoTerms) {
      auto s = static_cast<float>(best);
      if (s > best)
        s = std::nextafterf(s, 0.0f);
      if (attempt(s, static_cast<float>(best - s)))
        return form;
      return std::nullopt;
    }
    // Floats on both sides of the best slope while the margin is positive.
    auto up = static_cast<float>(best), down = up;
    for (int tries = 0; tries < 24; ++tries) {
      bool upFeasible = marginAt(up).hi > 0,
           downFeasible = marginAt(down).hi > 0;
      if (upFeasible && attempt(up, 0))
        return form;
      if (tries > 0 && downFeasible && attempt(down, 0))
        return form;
      if (tries > 0 && !upFeasible && !downFeasible)
        return std::nullopt;
      up = std::nextafterf(up, std::numeric_limits<float>::infinity());
      down = std::nextafterf(down, 0.0f);
    }
    return std::nullopt;
  }

private:
  struct Margin {
    double hi; ///< the width of the narrowest range of constants
    double slope;
  };

  Margin marginAt(double s) const {
    Margin margin{unbounded, 0};
    for (const Piece &piece : pieces) {
      ConstantRange range = constantsFor(piece, s);
      if (range.hi - range.lo < margin.hi)
        margin = {range.hi - range.lo, range.slope};
    }
    return margin;
  }

  /// The slope of greatest margin, near the nominal one.
  double bestSlope() const {
    double left = nominal * 0.75, right = nominal * 1.25;
    Margin atLeft = marginAt(left), atRight = marginAt(right);
    if (atLeft.slope <= 0)
      return left;
    if (atRight.slope >= 0)
      return right;
    double s = nominal;
    for (int i = 0; i < 64; ++i) {
      Margin here = marginAt(s);
      if (here.slope == 0)
        return s;
      (here.slope > 0 ? left : right) = s;
      (here.slope > 0 ? atLeft : atRight) = here;
      // Where the tangents at both ends meet is the next candidate.
      double next = (atRight.hi - atLeft.hi + atLeft.slope * left -
                     atRight.slope * right) /
                    (atLeft.slope - atRight.slope);
      if (!(next > left && next < right))
        break;
      double bound = atLeft.hi + atLeft.slope * (next - left);
      s = next;
      if (bound - marginAt(s).hi < 1e-13)
        break;
    }
    return s;
  }

  /// Proves the form with these slopes and constants from the middle of what
  /// they allow, or from its quarters: two roundings may favour one side.
  bool attempt(float s, float sLow) {
    form.s = s;
    form.sLow = sLow;
    double slope = static_cast<double>(s) + sLow;
    double middle[2] = {0, 0}, width[2] = {0, 0};
    for (size_t i = 0; i < pieces.size(); ++i) {
      ConstantRange range = constantsFor(pieces[i], slope);
      middle[i] = range.middle(slope);
      width[i] = std::min(range.hi - range.lo, slope);
    }
    // An offset of the accumulator takes the bulk of c, so that the rest has
    // all its fraction bits.
    double offset = variant.shiftAcc ? std::nearbyint(middle[0] / slope) : 0;
    if (std::fabs(offset) > 1e9)
      offset = 0;
    form.accOffset = static_cast<int32_t>(offset);
    form.threshold =
        variant.split ? form.accOffset : std::numeric_limits<int32_t>::min();
    size_t last = pieces.size() - 1;
    for (double at : {0.0, 0.25, -0.25})
      for (double atBelow : {0.0, 0.25, -0.25}) {
        if (!variant.split && atBelow != at)
          continue;
        form.c = static_cast<float>(middle[0] + at * width[0] - slope * offset);
        form.cBelow = static_cast<float>(middle[last] + atBelow * width[last] -
                                         slope * offset);
        if (prove(form, steps))
          return true;
      }
    return false;
  }

  std::optional<FloatForm> constantForm() {
    form.c = form.cBelow =
        static_cast<float>(int64_t{steps.firstValue()} - form.outOffset);
    if (prove(form, steps))
      return form;
    return std::nullopt;
  }

  const StepFunction &steps;
  const FloatVariant &variant;
  double nominal;
  FloatForm form;
  std::vector<Piece> pieces;
  bool definesItself;
};

} // namespace

std::vector<FloatVariant>
qcc::arith::getFloatVariants(const Requantization &common, bool fused) {
  FloatVariant variant;
  variant.fused = fused;
  variant.shiftAcc = false;
  std::vector<FloatVariant> variants;
  if (common.rounding == Rounding::HalfEvenFloat) {
    // The definition itself.
    variant.convert = Convert::NearestEven;
    variant.outOffset = common.zeroPoint;
    return {variant};
  }
  if (common.rounding == Rounding::Onnx) {
    // Ties are what this alone treats as the definition does.
    variant.convert = Convert::NearestEven;
    variant.outOffset = common.zeroPoint;
    variants.push_back(variant);
    variant.shiftAcc = true;
    variants.push_back(variant);
    variant.shiftAcc = false;
  }
  // Truncation is floor above 0: with the lowest result at 0, and for double
  // rounding only where the results that negative accumulators have are
  // clamped.
  variant.convert = Convert::TowardZero;
  variant.outOffset = common.lo;
  variants.push_back(variant);
  // Half away from zero: about the zero point truncation has the symmetry that
  // the exact formula has.
  FloatVariant split = variant;
  split.split = true;
  split.outOffset = common.zeroPoint;
  variants.push_back(split);
  if (!fused) {
    // Two roundings lose a bit, which values about 0 can spare best.
    split.convert = Convert::NearestEven;
    split.outOffset = 0;
    split.shiftAcc = true;
    variants.push_back(split);
    split.convert = Convert::TowardZero;
    split.outOffset = common.lo;
    variants.push_back(split);
    return variants;
  }
  variant.twoTerms = split.twoTerms = true;
  variants.push_back(variant);
  variants.push_back(split);
  split.shiftAcc = true;
  split.outOffset = common.lo;
  variants.push_back(split);
  return variants;
}

std::optional<FloatForm> qcc::arith::fitFloat(const ChannelSpec &spec,
                                              const StepFunction &steps,
                                              const FloatVariant &variant) {
  return Fitter(spec, steps, variant).run();
}

std::optional<DoubleForm> qcc::arith::fitDouble(const ChannelSpec &spec,
                                                const StepFunction &steps,
                                                int32_t outOffset) {
  DoubleForm form;
  form.outOffset = outOffset;
  form.lo = spec.exact.lo;
  form.hi = spec.exact.hi;
  if (steps.getSteps().empty()) {
    form.c = form.cBelow =
        static_cast<double>(int64_t{steps.firstValue()} - outOffset);
    if (prove(form, steps))
      return form;
    return std::nullopt;
  }
  form.s = realScale(spec.exact);
  // 2^-45 of a step is lost in rounding, which the middle of the range and the
  // proof take care of.
  auto towardZero = [](int64_t n) {
    return static_cast<double>(n >= 1 ? n : n - 1);
  };
  auto constants = [&](int32_t lo, int32_t hi) {
    return constantsFor(makePiece(steps, lo, hi, outOffset, towardZero),
                        form.s);
  };
  ConstantRange above = constants(std::max(steps.lo(), 0), steps.hi());
  ConstantRange below = constants(steps.lo(), std::min(steps.hi(), -1));
  ConstantRange both{std::max(above.lo, below.lo),
                     std::min(above.hi, below.hi)};
  form.c = form.cBelow = both.middle(form.s);
  if (prove(form, steps))
    return form;
  form.threshold = 0;
  form.c = above.middle(form.s);
  form.cBelow = below.middle(form.s);
  if (prove(form, steps))
    return form;
  return std::nullopt;
}
