// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Resize and Upsample. Axes are resized one after the other: nearest elements
// are gathered, everything else is a product with a constant matrix whose row i
// has the weights of result i.

#include "OpTable.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using namespace qcc;
using namespace qcc::onnximport;

namespace {

struct Resizing {
  std::string transformation, mode, nearestMode;
  bool antialias = false, excludeOutside = false;
  double cubicA = -0.75;
};

/// Where result `x` of an axis lies in the input.
double originOf(const Resizing &r, int64_t x, int64_t in, int64_t out,
                double scale) {
  auto at = static_cast<double>(x);
  double length = scale * static_cast<double>(in);
  if (r.transformation == "align_corners")
    return length == 1 ? 0 : at * (static_cast<double>(in) - 1) / (length - 1);
  if (r.transformation == "asymmetric")
    return at / scale;
  if (r.transformation == "pytorch_half_pixel" && out == 1)
    return 0;
  double origin = (at + 0.5) / scale - 0.5;
  if (r.transformation == "half_pixel_symmetric") {
    double adjustment = static_cast<double>(out) / length;
    origin += static_cast<double>(in) / 2 * (1 - adjustment);
  }
  return origin;
}

int64_t nearestOf(const Resizing &r, double x) {
  if (r.nearestMode == "floor")
    return static_cast<int64_t>(std::floor(x));
  if (r.nearestMode == "ceil")
    return static_cast<int64_t>(std::ceil(x));
  return static_cast<int64_t>(r.nearestMode == "round_prefer_ceil"
                                  ? std::floor(x + 0.5)
                                  : std::ceil(x - 0.5));
}

double weightOf(const Resizing &r, double x) {
  x = std::fabs(x);
  if (r.mode == "linear")
    return std::max(0.0, 1 - x);
  double a = r.cubicA;
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2)
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

/// The matrix [out, in] of one axis.
std::vector<float> matrixOf(const Resizing &r, int64_t in, int64_t out,
                            double scale) {
  std::vector<float> matrix(static_cast<size_t>(in * out), 0.0f);
  double reach = r.mode == "linear" ? 1 : 2;
  // Without antialiasing weights do not widen when the result is smaller.
  double narrow = r.antialias ? std::min(scale, 1.0) : 1.0;
  for (int64_t i = 0; i < out; ++i) {
    double origin = originOf(r, i, in, out, scale);
    double base = std::floor(origin);
    // The element on the left is preferred.
    if (base == origin)
      base -= 1;
    double ratio = origin - base;
    auto start = static_cast<int64_t>(std::floor(-reach / narrow) + 1);
    std::vector<std::pair<int64_t, double>> taps;
    double sum = 0;
    for (int64_t k = start; k < 2 - start; ++k) {
      int64_t at = static_cast<int64_t>(base) + k;
      double weight = weightOf(r, (static_cast<double>(k) - ratio) * narrow);
      if (r.excludeOutside && (at < 0 || at >= in))
        continue;
      taps.emplace_back(std::clamp<int64_t>(at, 0, in - 1), weight);
      sum += weight;
    }
    if (!r.antialias && !r.excludeOutside)
      sum = 1;
    for (auto [at, weight] : taps)
      matrix[static_cast<size_t>(i * in + at)] +=
          static_cast<float>(weight / sum);
  }
  return matrix;
}

Value resizeAxis(NodeImport &op, Value x, int64_t axis, int64_t out,
                 double scale, const Resizing &r) {
  int64_t in = op.extent(x, axis), rank = op.rankOf(x);
  if (in == out && scale == 1.0)
    return x;
  if (r.mode == "nearest") {
    Numbers indices;
    for (int64_t i = 0; i < out; ++i)
      indices.push_back(std::clamp<int64_t>(
          nearestOf(r, originOf(r, i, in, out, scale)), 0, in - 1));
    return op.gather(x, indices, axis);
  }
  Numbers exchange(rank);
  std::iota(exchange.begin(), exchange.end(), 0);
  std::swap(exchange[axis], exchange[rank - 1]);
  x = op.transpose(x, exchange);
  Numbers shape(op.shapeOf(x));
  shape.back() = out;
  Value result = op.makeTyped<qnn::FullyConnectedOp>(
      RankedTensorType::get(shape, op.f32()), x,
      op.constantFloats(matrixOf(r, in, out, scale), {out, in}), Value(),
      qnn::FilterLayout::OI, qnn::ClampAttr(), qnn::Rounding::Onnx, false,
      false);
  return op.transpose(result, exchange);
}

/// Resizes by `scales` or to `sizes`, one of which is given, per axis.
LogicalResult resize(NodeImport &op, const Resizing &r,
                     std::optional<std::vector<float>> scales,
                     std::optional<Numbers> sizes) {
  Value x = op.in(0);
  int64_t rank = op.rankOf(x);
  bool isKnown = r.mode == "nearest" || r.mode == "linear" || r.mode == "cubic";
  if (!isKnown)
    return op.error() << "the mode " << quoted(r.mode) << " is not supported";
  if (r.mode != "nearest" && !op.requireFloat(x))
    return failure();
  if (r.transformation != "half_pixel" &&
      r.transformation != "pytorch_half_pixel" &&
      r.transformation != "align_corners" && r.transformation != "asymmetric" &&
      r.transformation != "half_pixel_symmetric")
    return op.error() << "the transformation " << quoted(r.transformation)
                      << " is not supported";
  Numbers axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  if (std::optional<Numbers> given = op.integerList("axes")) {
    axes.clear();
    for (int64_t axis : *given)
      axes.push_back(op.axis(axis, rank));
  }
  size_t count = scales ? scales->size() : sizes ? sizes->size() : 0;
  if (op.hasFailed() || count != axes.size())
    return op.hasFailed() ? failure()
                          : op.error()
                                << "has " << count << " scales or sizes for "
                                << axes.size() << " axes";
  constexpr double most = 1 << 20;
  std::vector<double> factors;
  Numbers extents;
  for (size_t i = 0; i < count; ++i) {
    auto in = static_cast<double>(op.extent(x, axes[i]));
    double scale = scales ? static_cast<double>((*scales)[i])
                          : static_cast<double>((*sizes)[i]) / in;
    if (!(scale > 0) || scale * in > most || scale * in < 1 ||
        in / scale > most * most)
      return op.error() << "resizes axis " << axes[i] << " of " << op.typeOf(x)
                        << " by " << scale;
    factors.push_back(scale);
    extents.push_back(scales ? static_cast<int64_t>(std::floor(in * scale))
                             : (*sizes)[i]);
  }
  std::string policy = op.string("keep_aspect_ratio_policy", "stretch");
  if (sizes && policy != "stretch" && count > 0) {
    double scale = policy == "not_larger"
                       ? *std::min_element(factors.begin(), factors.end())
                       : *std::max_element(factors.begin(), factors.end());
    for (size_t i = 0; i < count; ++i) {
      factors[i] = scale;
      extents[i] = static_cast<int64_t>(
          std::floor(scale * static_cast<double>(op.extent(x, axes[i])) + 0.5));
    }
  }
  for (size_t i = 0; i < count; ++i)
    x = resizeAxis(op, x, axes[i], extents[i], factors[i], r);
  return op.setResult(x);
}

} // namespace

LogicalResult qcc::onnximport::importResize(NodeImport &op) {
  Resizing r;
  r.mode = op.string("mode", "nearest");
  std::optional<std::vector<float>> scales;
  std::optional<Numbers> sizes;
  if (op.version() < 11) {
    if (!op.has(1))
      return op.error() << "has no scales";
    r.transformation = "asymmetric";
    r.nearestMode = "floor";
    scales = op.floats(1, "the scales");
    return scales ? resize(op, r, scales, sizes) : failure();
  }
  r.transformation = op.string("coordinate_transformation_mode", "half_pixel");
  r.nearestMode = op.string("nearest_mode", "round_prefer_floor");
  r.antialias = op.integer("antialias", 0) != 0;
  r.excludeOutside = op.integer("exclude_outside", 0) != 0;
  r.cubicA = static_cast<double>(op.real("cubic_coeff_a", -0.75f));
  if (op.has(3))
    sizes = op.integers(3, "the sizes");
  else if (op.has(2))
    scales = op.floats(2, "the scales");
  else
    return op.error() << "has neither scales nor sizes";
  return scales || sizes ? resize(op, r, scales, sizes) : failure();
}

LogicalResult qcc::onnximport::importUpsample(NodeImport &op) {
  Resizing r;
  r.mode = op.string("mode", "nearest");
  r.transformation = "asymmetric";
  r.nearestMode = "floor";
  std::optional<std::vector<float>> scales;
  if (op.version() < 9)
    scales = op.realList("scales");
  else if (op.has(1))
    scales = op.floats(1, "the scales");
  else
    return op.error() << "has no scales";
  return scales ? resize(op, r, scales, std::nullopt) : failure();
}
