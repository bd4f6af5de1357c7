// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lines through the half-way points that a function's steps leave. See the
// header.

#include "ThresholdLine.h"

#include "qcc/Arithmetic/FixedPoint.h"

#include <algorithm>
#include <cmath>

namespace qcc::reference {

std::optional<Line> fitLine(const Steps &steps, qcc::arith::IntRange reach,
                            int64_t zero, Bounds clamp, double in, double out,
                            int64_t most) {
  if (steps.values.size() == 1) {
    // One value, whatever the sum.
    Line line;
    line.bias = steps.values[0] - zero;
    line.scale = static_cast<float>(out / in);
    return line;
  }
  // y(at) must be at least, or below, a half-way point.
  struct Point {
    double at, y;
  };
  std::vector<Point> above, below;
  auto half = [&](int64_t value) {
    return static_cast<double>(value - zero) - 0.5;
  };
  auto between = [&](double first, double last, int64_t value) {
    if (value > clamp.lo)
      above.push_back({first, half(value)});
    if (value < clamp.hi)
      below.push_back({last, half(value + 1)});
  };
  for (size_t k = 0; k < steps.values.size(); ++k) {
    int64_t end =
        k + 1 < steps.starts.size() ? steps.starts[k + 1] - 1 : reach.hi;
    between(static_cast<double>(steps.starts[k]), static_cast<double>(end),
            steps.values[k]);
  }
  auto rangeAt = [&](double slope) {
    double lo = -1e30, hi = 1e30;
    for (const Point &p : above)
      lo = std::max(lo, p.y - slope * p.at);
    for (const Point &p : below)
      hi = std::min(hi, p.y - slope * p.at);
    return std::make_pair(lo, hi);
  };
  auto margin = [&](double slope) {
    auto [lo, hi] = rangeAt(slope);
    return hi - lo;
  };
  // Concave in the slope: golden section, on a scale of logarithms, for slopes
  // from nearly flat to one that leaves every bound at the next sum.
  double left = std::log2(1e-9), right = std::log2(1024.0);
  for (int i = 0; i < 200; ++i) {
    double a = left + (right - left) / 3, b = right - (right - left) / 3;
    (margin(std::exp2(a)) < margin(std::exp2(b)) ? left : right) =
        margin(std::exp2(a)) < margin(std::exp2(b)) ? a : b;
  }
  double slope = std::exp2((left + right) / 2);
  auto [lo, hi] = rangeAt(slope);
  if (!(hi > lo))
    return std::nullopt;
  for (int64_t factor = 1; factor <= most; ++factor) {
    Line line;
    line.factor = factor;
    line.scale =
        static_cast<float>(slope * out / (in * static_cast<double>(factor)));
    double unit = static_cast<double>(line.scale) * in / out;
    double bias = std::nearbyint((lo + hi) / 2 / unit);
    if (!(std::fabs(bias) < 0x1p30))
      continue;
    line.bias = static_cast<int64_t>(bias);
    qcc::arith::ExactScale scale = qcc::arith::ExactScale::of(
        static_cast<float>(in), line.scale, static_cast<float>(out));
    // Monotone as the steps are: their ends decide.
    auto valueAt = [&](int64_t sum) {
      int64_t acc = sum * factor + line.bias;
      return std::clamp(qcc::arith::multiplyHalfEven(acc, scale) + zero,
                        clamp.lo, clamp.hi);
    };
    bool isSame = std::fabs(static_cast<double>(reach.lo * factor)) +
                          std::fabs(static_cast<double>(reach.hi * factor)) <
                      0x1p30 &&
                  scale.real() < 0x1p20;
    for (size_t k = 0; isSame && k < steps.values.size(); ++k) {
      int64_t end =
          k + 1 < steps.starts.size() ? steps.starts[k + 1] - 1 : reach.hi;
      isSame = valueAt(steps.starts[k]) == steps.values[k] &&
               valueAt(end) == steps.values[k];
    }
    if (isSame)
      return line;
  }
  return std::nullopt;
}

} // namespace qcc::reference
