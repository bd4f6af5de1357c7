// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the elements of a resized axis lie in the original one, as TensorFlow
// Lite's reference kernels compute it. All of it is known at compile time.

#ifndef QCC_ARITHMETIC_RESIZE_H
#define QCC_ARITHMETIC_RESIZE_H

#include <cstdint>
#include <vector>

namespace qcc::arith {

/// How the positions of an axis of `in` elements resized to `out` are counted.
struct ResizeAxis {
  int64_t in, out;
  bool alignCorners, halfPixelCenters;
};

/// Fractional bits of a position in the fixed-point interpolation.
inline constexpr int kResizeBits = 10;

/// A position between two elements, `fraction` of the way from `lower` to
/// `upper`.
template <typename T> struct ResizeSample {
  int64_t lower, upper;
  T fraction;
};

/// One per element of the resized axis. Where rounding of the scale leads past
/// the end, which the origin would read, the last element is taken.
std::vector<ResizeSample<float>> interpolateFloat(const ResizeAxis &axis);

/// The same with fractions in units of 2^−kResizeBits; 0 where both elements
/// are one, which makes no difference to the sum.
std::vector<ResizeSample<int32_t>> interpolateFixed(const ResizeAxis &axis);

/// The nearest element for each element of the resized axis.
std::vector<int64_t> findNearest(const ResizeAxis &axis);

} // namespace qcc::arith

#endif // QCC_ARITHMETIC_RESIZE_H
