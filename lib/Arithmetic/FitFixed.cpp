// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Fits the integer forms. The multiplier is the exact one, so for either sign
// of the accumulator the steps leave an interval of rounding constants; double
// rounding moves it up by the first rounding's half for positive results and
// down for negative ones.

#include "qcc/Arithmetic/RequantizeForm.h"

#include <algorithm>

using namespace qcc::arith;

namespace {

using Wide = __int128;

/// The constants r with (acc * m + r) >> shift equal to the steps on a piece.
struct Constants {
  Wide lo = -(Wide{1} << 100);
  Wide hi = Wide{1} << 100;
  /// The accumulators that bind.
  int64_t atLo = 0, atHi = 0;
};

Constants constantsOn(const StepFunction &steps, const FixedForm &form,
                      int64_t pieceLo, int64_t pieceHi) {
  Constants result;
  Wide m = form.m, unit = Wide{1} << form.shift;
  if (pieceLo > pieceHi)
    return result;
  auto atLeast = [&](int64_t acc, int32_t value) {
    if (value <= steps.clampLo())
      return;
    if (Wide lo = value * unit - acc * m; lo > result.lo)
      result.lo = lo, result.atLo = acc;
  };
  auto atMost = [&](int64_t acc, int32_t value) {
    if (value >= steps.clampHi())
      return;
    if (Wide hi = (Wide{value} + 1) * unit - acc * m - 1; hi < result.hi)
      result.hi = hi, result.atHi = acc;
  };
  int32_t value = steps.firstValue();
  auto step = steps.getSteps().begin(), end = steps.getSteps().end();
  for (; step != end && step->at <= pieceLo; ++step)
    value = step->value;
  atLeast(pieceLo, value);
  for (; step != end && step->at <= pieceHi; ++step) {
    atMost(step->at - 1, value);
    value = step->value;
    atLeast(step->at, value);
  }
  atMost(pieceHi, value);
  return result;
}

/// A constant in the middle, with so many zeros as its low bits; within one
/// multiplier of a lone bound.
std::optional<int64_t> pick(Constants constants, int32_t m, int zeroBits) {
  constexpr Wide unbounded = Wide{1} << 100, limit = Wide{1} << 62;
  Wide lo = constants.lo, hi = constants.hi;
  if (lo == -unbounded && hi == unbounded)
    return 0;
  if (lo == -unbounded)
    lo = hi - m;
  if (hi == unbounded)
    hi = lo + m;
  lo = std::max(lo, -limit);
  hi = std::min(hi, limit);
  if (lo > hi)
    return std::nullopt;
  Wide middle = lo + (hi - lo) / 2, unit = Wide{1} << zeroBits;
  Wide below = (middle >> zeroBits) * unit;
  for (Wide r : {below, below + unit})
    if (r >= lo && r <= hi)
      return static_cast<int64_t>(r);
  return std::nullopt;
}

/// Sets r, and the threshold if it takes one constant for either sign.
bool fitConstants(FixedForm &form, const StepFunction &steps,
                  int zeroBits = 0) {
  Constants below =
      constantsOn(steps, form, steps.lo(), std::min(steps.hi(), -1));
  Constants above =
      constantsOn(steps, form, std::max(steps.lo(), 0), steps.hi());
  Constants both{std::max(below.lo, above.lo), std::min(below.hi, above.hi)};
  form.threshold = std::numeric_limits<int32_t>::min();
  if (auto r = pick(both, form.m, zeroBits)) {
    form.r = form.rBelow = *r;
    if (prove(form, steps))
      return true;
  }
  auto r = pick(above, form.m, zeroBits),
       rBelow = pick(below, form.m, zeroBits);
  if (!r || !rBelow)
    return false;
  form.threshold = 0;
  form.r = *r;
  form.rBelow = *rBelow;
  return prove(form, steps);
}

} // namespace

std::optional<FixedForm> qcc::arith::fitFixed(const ChannelSpec &spec,
                                              const StepFunction &steps) {
  const Requantization &exact = spec.exact;
  if (exact.rounding == Rounding::HalfEvenFloat ||
      exact.multiplier.multiplier < 0 || exact.multiplier.shift > 31)
    return std::nullopt;
  FixedForm form;
  form.m = exact.multiplier.multiplier;
  form.shift = 31 - exact.multiplier.shift;
  form.lo = exact.lo;
  form.hi = exact.hi;
  if (steps.getSteps().empty()) {
    form.m = 0;
    form.shift = 32;
    form.r = form.rBelow = int64_t{steps.firstValue()} * (int64_t{1} << 32);
    if (prove(form, steps))
      return form;
    return std::nullopt;
  }
  // Leave 9 bits above the shift for a result of 8 bits with its zero point.
  for (; form.shift > 54; --form.shift)
    form.m >>= 1;
  if (fitConstants(form, steps))
    return form;
  return std::nullopt;
}

std::optional<FixedForm> qcc::arith::fitFixedAt(const ChannelSpec &spec,
                                                const StepFunction &steps,
                                                int shift, int zeroBits) {
  const Requantization &exact = spec.exact;
  if (exact.rounding == Rounding::HalfEvenFloat ||
      exact.multiplier.multiplier < 0 || shift > 54)
    return std::nullopt;
  FixedForm form;
  form.shift = shift;
  form.lo = exact.lo;
  form.hi = exact.hi;
  auto fits = [&](int64_t r) {
    return r >> zeroBits == static_cast<int32_t>(r >> zeroBits);
  };
  if (steps.getSteps().empty()) {
    form.r = form.rBelow = int64_t{steps.firstValue()} * (int64_t{1} << shift);
    if (fits(form.r) && prove(form, steps))
      return form;
    return std::nullopt;
  }
  // Bits that the multiplier gives up.
  int lost = 31 - exact.multiplier.shift - shift;
  if (lost < 0 || lost > 30)
    return std::nullopt;
  int64_t half = lost > 0 ? int64_t{1} << (lost - 1) : 0;
  int64_t nearest = (exact.multiplier.multiplier + half) >> lost;
  // Its neighbours err at other accumulators. Two constants are the last
  // resort.
  std::optional<FixedForm> twoConstants;
  for (int64_t delta : {0, 1, -1, 2, -2, 3, -3}) {
    int64_t m = nearest + delta;
    if (m < 0 || m > std::numeric_limits<int32_t>::max() ||
        (lost == 0 && delta != 0))
      continue;
    form.m = static_cast<int32_t>(m);
    if (!fitConstants(form, steps, zeroBits) || !fits(form.r) ||
        !fits(form.rBelow))
      continue;
    if (!form.isSplit())
      return form;
    if (!twoConstants)
      twoConstants = form;
  }
  return twoConstants;
}

std::optional<FixedForm>
qcc::arith::fitAverage(int64_t count, const StepFunction &steps, bool narrow) {
  if (count <= 0)
    return std::nullopt;
  FixedForm form;
  form.lo = steps.clampLo();
  form.hi = steps.clampHi();
  int64_t reach =
      std::max<int64_t>(std::max<int64_t>(steps.hi(), -int64_t{steps.lo()}), 1);
  // The largest shift whose products, with a rounding constant of up to a unit,
  // fit; a wide one keeps the multiplier within int32.
  int shift = narrow ? 30 : 62;
  auto multiplier = [&] { return ((Wide{1} << shift) + count / 2) / count; };
  Wide limit = narrow ? (Wide{1} << 31) - 1 : (Wide{1} << 62) - 1;
  while (shift > 0 && (multiplier() >= (Wide{1} << 31) ||
                       multiplier() * reach + (Wide{1} << shift) > limit))
    --shift;
  if (shift < 1)
    return std::nullopt;
  form.shift = shift;
  form.m = static_cast<int32_t>(multiplier());
  if (!fitConstants(form, steps))
    return std::nullopt;
  // The proof is about int64; a narrow form has to stay within int32 as well.
  for (int64_t r : {form.r, form.rBelow})
    for (int64_t sum : {steps.lo(), steps.hi()})
      if (narrow &&
          (r != static_cast<int32_t>(r) ||
           sum * form.m + r != static_cast<int32_t>(sum * form.m + r)))
        return std::nullopt;
  return form;
}

int qcc::arith::highWordShift(const Requantization &exact, int accShift) {
  return accShift - exact.multiplier.shift - 1;
}

std::optional<HighWordForm> qcc::arith::fitHighWord(const ChannelSpec &spec,
                                                    const StepFunction &steps,
                                                    int accShift, int shift,
                                                    bool split) {
  const Requantization &exact = spec.exact;
  int lost = highWordShift(exact, accShift) - shift;
  if (exact.rounding == Rounding::HalfEvenFloat ||
      exact.multiplier.multiplier < 0 || shift < 0 || shift > 31 || lost < 0 ||
      lost > 30)
    return std::nullopt;
  HighWordForm form;
  form.accFactor = 1 << accShift;
  form.shift = shift;
  form.outOffset = split ? exact.zeroPoint : 0;
  form.lo = exact.lo;
  form.hi = exact.hi;
  // In units of an unshifted accumulator times m.
  FixedForm line;
  line.shift = 32 + shift - accShift;
  // An accOffset from the middle of those with floor(accOffset * m /
  // 2^accShift) within [r.lo, r.hi].
  auto offsetFor = [&](Constants r) -> std::optional<int64_t> {
    auto divideUp = [](Wide a, Wide b) {
      return a >= 0 ? (a + b - 1) / b : -(-a / b);
    };
    constexpr Wide unbounded = Wide{1} << 100;
    Wide m = form.m, unit = Wide{1} << accShift,
         zero = Wide{form.outOffset} * (Wide{1} << line.shift);
    if (r.lo == -unbounded && r.hi == unbounded)
      r.lo = zero, r.hi = zero + m;
    else if (r.lo == -unbounded)
      r.lo = r.hi - m;
    else if (r.hi == unbounded)
      r.hi = r.lo + m;
    Wide lo = divideUp((r.lo - zero) * unit, m);
    Wide hi = divideUp((r.hi - zero + 1) * unit, m) - 1;
    Wide offset = lo + (hi - lo) / 2;
    if (lo > hi || offset != static_cast<int32_t>(offset))
      return std::nullopt;
    return static_cast<int64_t>(offset);
  };
  int64_t nominal = exact.multiplier.multiplier >> lost;
  if (nominal == 0)
    return std::nullopt;
  if (split) {
    line.m = form.m = static_cast<int32_t>(nominal);
    auto on = [&](int64_t lo, int64_t hi) {
      return offsetFor(constantsOn(steps, line, lo, hi));
    };
    // Double rounding moves both ways from zero, so that the sum of a negative
    // value decides, which is zero where the first result below zero is near.
    // Turned round, those that are to be moved are the negative ones.
    std::optional<int64_t> below =
        on(steps.lo(), std::min<int64_t>(steps.hi(), -1));
    if (!below)
      return std::nullopt;
    int64_t first = -(*below >> accShift);
    std::optional<int64_t> above =
        on(std::max<int64_t>(steps.lo(), first), steps.hi());
    if (!above || *above - *below != static_cast<int32_t>(*above - *below) ||
        *below == std::numeric_limits<int32_t>::min())
      return std::nullopt;
    form.accFactor = -form.accFactor;
    form.m = -form.m;
    form.accOffset = static_cast<int32_t>(-*below);
    form.below = static_cast<int32_t>(*above - *below);
    if (prove(form, steps))
      return form;
    return std::nullopt;
  }
  // The range of constants is a concave function of the multiplier, so its
  // slope says on which side more are left.
  int64_t least = nominal - nominal / 64,
          most = std::min<int64_t>(nominal + nominal / 64,
                                   std::numeric_limits<int32_t>::max());
  for (int64_t m = nominal; least <= most; m = (least + most) / 2) {
    line.m = form.m = static_cast<int32_t>(m);
    Constants r = constantsOn(steps, line, steps.lo(), steps.hi());
    if (std::optional<int64_t> offset = offsetFor(r)) {
      form.accOffset = static_cast<int32_t>(*offset);
      if (prove(form, steps))
        return form;
    }
    if (r.atLo == r.atHi)
      break;
    if (r.atLo > r.atHi)
      least = m + 1;
    else
      most = m - 1;
  }
  return std::nullopt;
}
