// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Positions of resized elements. See the header.

#include "qcc/Arithmetic/Resize.h"

#include <algorithm>
#include <cmath>

namespace qcc::arith {

namespace {

/// Whether distances are measured between the first and the last element.
bool spansCorners(const ResizeAxis &axis) {
  return axis.alignCorners && axis.out > 1;
}

float scaleOf(const ResizeAxis &axis) {
  return spansCorners(axis)
             ? static_cast<float>(axis.in - 1) /
                   static_cast<float>(axis.out - 1)
             : static_cast<float>(axis.in) / static_cast<float>(axis.out);
}

} // namespace

std::vector<ResizeSample<float>> interpolateFloat(const ResizeAxis &axis) {
  float scale = scaleOf(axis);
  std::vector<ResizeSample<float>> samples;
  for (int64_t i = 0; i < axis.out; ++i) {
    auto value = static_cast<float>(i);
    float position =
        axis.halfPixelCenters ? (value + 0.5f) * scale - 0.5f : value * scale;
    int64_t lower = std::clamp<int64_t>(
        static_cast<int64_t>(std::floor(position)), 0, axis.in - 1);
    int64_t upper = std::clamp<int64_t>(
        static_cast<int64_t>(std::ceil(position)), 0, axis.in - 1);
    samples.push_back({lower, upper, position - static_cast<float>(lower)});
  }
  return samples;
}

std::vector<ResizeSample<int32_t>> interpolateFixed(const ResizeAxis &axis) {
  constexpr int64_t one = int64_t(1) << kResizeBits;
  int64_t from = axis.in, to = axis.out;
  if (spansCorners(axis)) {
    --from;
    --to;
  }
  int64_t scale = (one * from + to / 2) / to;
  std::vector<ResizeSample<int32_t>> samples;
  for (int64_t i = 0; i < axis.out; ++i) {
    int64_t position =
        i * scale + (axis.halfPixelCenters ? scale / 2 - one / 2 : 0);
    // Quotients that are truncated towards zero, as the origin's.
    int64_t lower = std::clamp<int64_t>(position / one, 0, axis.in - 1);
    int64_t upper =
        std::clamp<int64_t>((position + one - 1) / one, 0, axis.in - 1);
    samples.push_back(
        {lower, upper,
         lower == upper ? 0 : static_cast<int32_t>(position - one * lower)});
  }
  return samples;
}

std::vector<int64_t> findNearest(const ResizeAxis &axis) {
  float scale = scaleOf(axis);
  float offset = axis.halfPixelCenters ? 0.5f : 0.0f;
  std::vector<int64_t> nearest;
  for (int64_t i = 0; i < axis.out; ++i) {
    float position = (static_cast<float>(i) + offset) * scale;
    float rounded =
        axis.alignCorners ? std::round(position) : std::floor(position);
    nearest.push_back(
        std::clamp<int64_t>(static_cast<int64_t>(rounded), 0, axis.in - 1));
  }
  return nearest;
}

} // namespace qcc::arith
