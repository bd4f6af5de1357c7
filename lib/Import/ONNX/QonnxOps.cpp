// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// QONNX's operators: Quant (IntQuant), BipolarQuant, Trunc, MultiThreshold, and
// convolutions whose channels are last. Quantizers become qnn.quantize and
// qnn.dequantize with as narrow a range as they say.

#include "OpTable.h"
#include "Quantizer.h"
#include "Window.h"

#include <cmath>

using namespace mlir;
using namespace qcc;
using namespace qcc::onnximport;

namespace {

/// The node's rounding mode; QONNX does not tell capitals from small letters.
std::string roundingMode(NodeImport &op, StringRef otherwise) {
  return StringRef(op.string("rounding_mode", otherwise)).upper();
}

/// `x` to integers under one of the rounding modes of QONNX and Brevitas; null
/// after an error.
Value roundBy(NodeImport &op, Value x, StringRef mode) {
  auto unary = [&](auto make) { return make(x); };
  auto floor = [&](Value v) { return op.make<qnn::FloorOp>(op.f32(), v); };
  auto ceil = [&](Value v) { return op.make<qnn::CeilOp>(op.f32(), v); };
  if (mode == "ROUND" || mode == "HALF_EVEN")
    return op.make<qnn::RoundOp>(op.f32(), x);
  if (mode == "FLOOR")
    return unary(floor);
  if (mode == "CEIL")
    return unary(ceil);
  if (mode == "DPU") {
    // Half to even, but upwards below 0.
    Type i1 = op.builder().getIntegerType(1);
    auto compare = [&](Value a, float b, qnn::Predicate predicate) {
      return op.make<qnn::CompareOp>(i1, a, op.constantFloat(b), predicate);
    };
    Value isHalf = compare(op.sub(x, floor(x)), 0.5f, qnn::Predicate::Equal);
    Value isUp = op.make<qnn::LogicalAndOp>(
        i1, compare(x, 0, qnn::Predicate::Less), isHalf);
    return op.make<qnn::SelectOp>(op.f32(), isUp, ceil(x),
                                  op.make<qnn::RoundOp>(op.f32(), x));
  }
  if (mode != "UP" && mode != "DOWN" && mode != "ROUND_TO_ZERO" &&
      mode != "HALF_UP" && mode != "HALF_DOWN") {
    op.error() << "the rounding mode " << quoted(mode) << " is not supported";
    return {};
  }
  Value sign = op.make<qnn::SignOp>(op.f32(), x);
  Value size = op.make<qnn::AbsOp>(op.f32(), x, qnn::Rounding::Onnx);
  Value half = op.constantFloat(0.5f);
  size = mode == "UP"          ? ceil(size)
         : mode == "HALF_UP"   ? floor(op.add(size, half))
         : mode == "HALF_DOWN" ? ceil(op.sub(size, half))
                               : floor(size);
  return op.mul(sign, size);
}

/// `x` less `zero` to integers, where QONNX rounds with the zero point added,
/// which takes half-way points and signs elsewhere; null after an error.
Value roundAround(NodeImport &op, Value x, double zero, StringRef mode) {
  bool isEven = std::fmod(zero, 2) == 0;
  if (mode == "FLOOR" || mode == "CEIL" || zero == 0 ||
      (isEven && (mode == "ROUND" || mode == "HALF_EVEN")))
    return roundBy(op, x, mode);
  Value offset = op.constantFloat(static_cast<float>(zero));
  Value rounded = roundBy(op, op.add(x, offset), mode);
  return rounded ? op.sub(rounded, offset) : Value();
}

/// Operand 1, the scale; converters from Keras write integers where it is one.
Value scaleOf(NodeImport &op) {
  return op.convert(op.plain(op.in(1)), op.f32());
}

/// The scales `from` for `x`: one, or one per index of one axis;
/// nothing where they vary otherwise or are not known.
std::optional<Scales> readScales(NodeImport &op, Value x, Value from) {
  std::optional<reference::RefTensor> scale = op.constantValue(from);
  if (!scale || !scale->isFloat())
    return std::nullopt;
  Scales scales;
  for (float s : scale->floats())
    scales.scales.push_back(static_cast<double>(s));
  int64_t rank = op.rankOf(from);
  for (int64_t i = 0; i < rank && scales.isPerAxis(); ++i)
    if (op.extent(from, i) == static_cast<int64_t>(scales.scales.size()))
      scales.axis = op.rankOf(x) - rank + i;
  if (scales.isPerAxis() &&
      (scales.axis < 0 ||
       op.extent(x, scales.axis) != static_cast<int64_t>(scales.scales.size())))
    return std::nullopt;
  return scales;
}

/// The scales for `x` with the zero points `from`, of which one axis has one
/// for each index; nothing where they are no such integers.
std::optional<Scales> withZeroPoints(NodeImport &op, Value x, Scales scales,
                                     Value from) {
  std::optional<Scales> zeros = readScales(op, x, op.convert(from, op.f32()));
  if (!zeros || (scales.isPerAxis() && scales.axis != zeros->axis))
    return std::nullopt;
  for (double zero : zeros->scales) {
    if (zero != std::floor(zero) || !(std::fabs(zero) <= 65536))
      return std::nullopt;
    scales.zeroPoints.push_back(static_cast<int64_t>(zero));
  }
  if (!scales.isPerAxis())
    scales.scales.resize(zeros->scales.size(), scales.scales.front());
  scales.axis = zeros->axis;
  return scales;
}

/// Operand `at` as one number that is known; nothing after an error.
std::optional<double> readNumber(NodeImport &op, unsigned at, StringRef what) {
  std::optional<std::vector<float>> values = op.floats(at, what);
  if (!values)
    return std::nullopt;
  for (float v : *values)
    if (v != values->front() || !std::isfinite(v)) {
      op.error() << what << " must be one number";
      return std::nullopt;
    }
  return static_cast<double>(values->front());
}

/// `rounded` (integers less the zero point, as floats) under the scales.
/// `isBipolar`: -1 or 1, each of them.
Value store(NodeImport &op, Value rounded, const Range &range,
            const Scales &scales, bool isBipolar = false) {
  Scales unit{{1.0}, {scales.zeroPoints.front()}, 0};
  if (!llvm::all_equal(scales.zeroPoints)) {
    unit = scales;
    unit.scales.assign(scales.scales.size(), 1.0);
  }
  Type one = quantizedType(op, range, unit),
       type = one ? quantizedType(op, range, scales) : Type();
  if (!type)
    return {};
  if (auto stored = dyn_cast<quant::UniformQuantizedType>(type);
      isBipolar && stored)
    type = qnn::BipolarType::get(stored);
  return dequantize(op, quantize(op, rounded, one), type);
}

/// What `width` bits hold by the node's attributes.
Range rangeOfBits(NodeImport &op, unsigned width) {
  bool isSigned = op.integer("signed", 1) != 0;
  int64_t narrow = op.integer("narrow", 0) != 0 ? 1 : 0;
  int64_t half = int64_t(1) << (width - 1);
  return {width <= 8    ? 8u
          : width <= 16 ? 16u
                        : 32u,
          isSigned, isSigned ? narrow - half : 0,
          isSigned ? half - 1 : 2 * half - 1 - narrow};
}

/// `rounded` (integers less the zero point) within what each of `widths`, the
/// elements of operand 3, holds.
Value clampTo(NodeImport &op, Value rounded, ArrayRef<float> widths,
              double zero) {
  std::vector<float> least, greatest;
  for (float bits : widths) {
    Range range = rangeOfBits(op, static_cast<unsigned>(bits));
    least.push_back(static_cast<float>(static_cast<double>(range.lo) - zero));
    greatest.push_back(
        static_cast<float>(static_cast<double>(range.hi) - zero));
  }
  ArrayRef<int64_t> shape =
      cast<RankedTensorType>(op.in(3).getType()).getShape();
  rounded = op.make<qnn::MaximumOp>(op.f32(), rounded,
                                    op.constantFloats(least, shape));
  return op.make<qnn::MinimumOp>(op.f32(), rounded,
                                 op.constantFloats(greatest, shape));
}

} // namespace

LogicalResult qcc::onnximport::importQuant(NodeImport &op) {
  Value x = op.in(0), scale = scaleOf(op);
  if (!op.requireFloat(x) || !op.requireFloat(scale, "the scale"))
    return failure();
  std::optional<std::vector<float>> widths = op.floats(3, "the bit width");
  if (!widths)
    return failure();
  for (float bits : *widths)
    if (!(bits >= 1) || !(bits <= 32) || bits != std::floor(bits))
      return op.error() << "has the bit width " << static_cast<double>(bits)
                        << ", supported are 1 to 32";
  auto width = static_cast<unsigned>(*llvm::max_element(*widths));
  Range range = rangeOfBits(op, width);
  bool isMixed = !llvm::all_equal(*widths);
  std::string mode = roundingMode(op, "ROUND");
  std::optional<Scales> scales = readScales(op, x, scale);
  std::optional<std::vector<float>> zeros = op.floats(2, "the zero point");
  if (!zeros)
    return failure();
  float zero = zeros->front();
  bool isUniform = llvm::all_of(*zeros, [&](float z) { return z == zero; }) &&
                   zero == std::floor(zero) && std::fabs(zero) <= 65536;
  bool isConstant = op.constantValue(x).has_value();
  // One bit and a sign are −1 and 1 in QONNX, not −1 and 0.
  if (range.isSigned && llvm::is_contained(*widths, 1.0f)) {
    if (isMixed || !isUniform || zero != 0)
      return op.error() << "has one bit with a sign, which is supported "
                           "without a zero point, and without other widths";
    return importBipolarQuant(op);
  }
  if (isMixed && !(isConstant && scales && isUniform && width <= 16))
    return op.error() << "has several bit widths, which are supported of "
                         "constants with a scale, or one per channel, and "
                         "one zero point";
  // A type says one scale; of constants one per index of an axis, too.
  if (scales && isUniform && (!scales->isPerAxis() || isConstant) &&
      width <= 16) {
    scales->zeroPoints.assign(scales->scales.size(),
                              static_cast<int64_t>(zero));
    bool isPlain = zero == 0 || std::fmod(zero, 2.0f) == 0;
    if ((mode == "ROUND" || mode == "HALF_EVEN") && isPlain &&
        !scales->isPerAxis() && !isMixed) {
      Type type = quantizedType(op, range, *scales);
      if (!type)
        return failure();
      return op.setResult(dequantize(op, quantize(op, x, type), type));
    }
    Value rounded =
        roundAround(op, op.div(x, scale), static_cast<double>(zero), mode);
    if (isMixed && rounded)
      rounded = clampTo(op, rounded, *widths, static_cast<double>(zero));
    Value result = rounded ? store(op, rounded, range, *scales) : Value();
    return result ? op.setResult(result) : failure();
  }
  Value offset = op.convert(op.in(2), op.f32());
  Value scaled = op.add(op.div(x, scale), offset);
  if (std::optional<Scales> own =
          isConstant && scales && !isMixed && width <= 16
              ? withZeroPoints(op, x, *scales, op.in(2))
              : std::nullopt) {
    Value rounded = roundBy(op, scaled, mode);
    Value result =
        rounded ? store(op, op.sub(rounded, offset), range, *own) : Value();
    return result ? op.setResult(result) : failure();
  }
  scaled = op.clip(scaled, static_cast<double>(range.lo),
                   static_cast<double>(range.hi));
  Value rounded = roundBy(op, scaled, mode);
  if (!rounded)
    return failure();
  return op.setResult(op.mul(op.sub(rounded, offset), scale));
}

LogicalResult qcc::onnximport::importBipolarQuant(NodeImport &op) {
  Value x = op.in(0), scale = scaleOf(op);
  if (!op.requireFloat(x) || !op.requireFloat(scale, "the scale"))
    return failure();
  Value isPositive = op.make<qnn::CompareOp>(op.builder().getIntegerType(1), x,
                                             op.constantFloat(0),
                                             qnn::Predicate::GreaterEqual);
  Value sign = op.make<qnn::SelectOp>(op.f32(), isPositive, op.constantFloat(1),
                                      op.constantFloat(-1));
  std::optional<Scales> scales = readScales(op, x, scale);
  bool isConstant = op.constantValue(x).has_value();
  if (!scales || (scales->isPerAxis() && !isConstant))
    return op.setResult(op.mul(sign, scale));
  scales->zeroPoints.assign(scales->scales.size(), 0);
  Value result = store(op, sign, {8, true, -1, 1}, *scales,
                       /*isBipolar=*/!isConstant);
  return result ? op.setResult(result) : failure();
}

LogicalResult qcc::onnximport::importTrunc(NodeImport &op) {
  Value x = op.in(0);
  if (!op.requireFloat(x) || !op.requireFloat(op.in(1), "the scale"))
    return failure();
  // Version 2 has a scale of its own for the result before its width.
  bool hasScale = op.numInputs() == 6;
  std::optional<double> from = readNumber(op, 3, "the bit width"), to, in, out,
                        zero;
  if (from)
    to = readNumber(op, hasScale ? 5 : 4, "the new bit width");
  if (!to)
    return failure();
  if (!(*from >= 1) || !(*to >= 1) || !(*from <= 32) || !(*to <= 32) ||
      *from != std::floor(*from) || *to != std::floor(*to) ||
      (!hasScale && *from < *to))
    return op.error() << "truncates " << *from << " bits to " << *to;
  double shift = *from - *to;
  if (hasScale) {
    in = readNumber(op, 1, "the scale");
    out = in ? readNumber(op, 4, "the new scale") : std::nullopt;
    zero = out ? readNumber(op, 2, "the zero point") : std::nullopt;
    if (!zero)
      return failure();
    shift = std::nearbyint(std::log2(*out / *in));
    if (!(*in > 0) || !(*out > 0) || !(std::fabs(shift) <= 32))
      return op.error() << "has the scales " << *in << " and " << *out;
  }
  Value power = op.constantFloat(
      static_cast<float>(std::ldexp(1.0, -static_cast<int>(shift))));
  Value offset = op.convert(op.in(2), op.f32());
  Value q = op.mul(
      op.make<qnn::RoundOp>(op.f32(), op.add(op.div(x, op.in(1)), offset)),
      power);
  Range range = rangeOfBits(op, static_cast<unsigned>(*to));
  if (hasScale)
    q = op.clip(q, static_cast<double>(range.lo),
                static_cast<double>(range.hi));
  q = roundBy(op, q, roundingMode(op, "FLOOR"));
  if (!q)
    return failure();
  if (!hasScale)
    return op.setResult(op.mul(op.sub(q, offset), op.in(1)));
  double newZero = std::ldexp(*zero, -static_cast<int>(shift));
  if (range.bits <= 16 && newZero == std::floor(newZero) &&
      std::fabs(newZero) <= 65536) {
    auto whole = static_cast<int64_t>(newZero);
    Value result =
        store(op, op.sub(q, op.constantFloat(static_cast<float>(newZero))),
              range, {{*out}, {whole}, 0});
    return result ? op.setResult(result) : failure();
  }
  return op.setResult(op.mul(op.sub(q, op.mul(offset, power)), op.in(4)));
}

LogicalResult qcc::onnximport::importMultiThreshold(NodeImport &op) {
  Value x = op.in(0), thresholds = op.in(1);
  if (!op.requireFloat(x) || !op.requireFloat(thresholds, "the thresholds") ||
      !op.requireRank(thresholds, 2, 2, "the thresholds"))
    return failure();
  std::string layout = op.string("data_layout", "NCHW");
  int64_t rank = op.rankOf(x);
  int64_t axis = StringRef(layout).ends_with("C") ? rank - 1 : 1;
  int64_t channels = op.extent(thresholds, 0), count = op.extent(thresholds, 1);
  constexpr int64_t most = 255;
  if (axis >= rank || (channels != 1 && channels != op.extent(x, axis)) ||
      count > most)
    return op.error() << "the thresholds " << op.typeOf(thresholds)
                      << " do not fit " << op.typeOf(x) << " of layout "
                      << quoted(layout);
  Numbers shape(rank - axis, 1);
  shape[0] = channels;
  Value sum;
  for (int64_t i = 0; i < count; ++i) {
    Value level =
        op.reshape(op.slice(thresholds, {0, i}, {channels, 1}, {1, 1}), shape);
    Value reaches =
        op.convert(op.make<qnn::CompareOp>(op.builder().getIntegerType(1), x,
                                           level, qnn::Predicate::GreaterEqual),
                   op.f32());
    sum = sum ? op.add(sum, reaches) : reaches;
  }
  float scale = op.real("out_scale", 1.0f), bias = op.real("out_bias", 0.0f);
  if (scale != 1.0f)
    sum = op.mul(sum, op.constantFloat(scale));
  if (bias != 0.0f)
    sum = op.add(sum, op.constantFloat(bias));
  // Integers of 8 bits, where scale and bias are multiples of one step.
  for (float unit : {scale, scale / 2}) {
    float first = bias / unit, step = scale / unit;
    float last = first + step * static_cast<float>(count);
    bool fits = unit > 0 && first == std::floor(first) && first >= -128 &&
                last <= (first < 0 ? 127.0f : 255.0f);
    if (!fits)
      continue;
    Range range{8, first < 0, static_cast<int64_t>(first),
                static_cast<int64_t>(last)};
    if (count == 1 && first == -1 && last == 1) {
      Value sign = op.constantFloat(unit);
      Value result = store(op, op.div(sum, sign), range,
                           {{static_cast<double>(unit)}, {0}, 0},
                           /*isBipolar=*/true);
      return result ? op.setResult(result) : failure();
    }
    Type type = quantizedType(op, range, {{static_cast<double>(unit)}, {0}, 0});
    if (!type)
      return failure();
    return op.setResult(dequantize(op, quantize(op, sum, type), type));
  }
  return op.setResult(sum);
}

LogicalResult qcc::onnximport::importQuantAvgPool2d(NodeImport &op) {
  Value x = op.in(0);
  if (!op.requireFloat(x) || !op.requireRank(x, 4, 4, "the input"))
    return failure();
  int64_t size = op.integer("kernel", 1), stride = op.integer("stride", 1);
  int64_t from = op.integer("ibits", 8), to = op.integer("obits", 8);
  std::string layout = op.string("data_layout", "NCHW");
  bool isSigned = op.integer("signed", 0) != 0, isLast = layout == "NHWC";
  constexpr int64_t mostSize = 1024;
  if (size < 1 || size > mostSize || stride < 1 || stride > mostSize ||
      from < 1 || from > 16 || to < 2 || to > 16 ||
      (!isLast && layout != "NCHW"))
    return op.error() << "has a window of " << size << ", steps of " << stride
                      << ", " << from << " bits in, " << to
                      << " bits out and the layout " << quoted(layout);
  // The sum of a window, less what its bits are more than those of the result.
  int64_t most = ((int64_t(1) << from) - 1) * size * size;
  auto shift = std::max<int64_t>(llvm::Log2_64(most) + 1 - to, 0);
  Numbers window = {size, size}, strides = {stride, stride};
  Value average =
      op.make<qnn::AvgPool2DOp>(op.f32(), isLast ? x : toNHWC(op, x), window,
                                strides, Numbers{0, 0, 0, 0}, qnn::ClampAttr());
  Value sum = op.make<qnn::RoundOp>(
      op.f32(),
      op.mul(average, op.constantFloat(static_cast<float>(size * size))));
  Value kept = op.make<qnn::FloorOp>(
      op.f32(), op.mul(sum, op.constantFloat(static_cast<float>(
                                std::ldexp(1.0, -static_cast<int>(shift))))));
  int64_t half = int64_t(1) << (to - 1);
  Value result = store(op, kept,
                       {to <= 8 ? 8u : 16u, isSigned, isSigned ? -half : 0,
                        isSigned ? half - 1 : 2 * half - 1},
                       {{1.0}, {0}, 0});
  if (!result)
    return failure();
  return op.setResult(isLast ? result : fromNHWC(op, result, 4));
}

//===----------------------------------------------------------------------===//
// Channels last
//===----------------------------------------------------------------------===//

namespace {

/// `x` with its channels last as the node's result; failure when there is none.
LogicalResult setChannelsLast(NodeImport &op, Value x) {
  if (!x)
    return failure();
  return op.setResult(toChannelsLast(op, x));
}

} // namespace

LogicalResult qcc::onnximport::importChannelsLastConv(NodeImport &op) {
  if (!op.requireFloat(op.in(0), "the input") ||
      !op.requireFloat(op.in(1), "the filter") ||
      !op.requireRank(op.in(0), 3, 4, "the input") ||
      !op.requireRank(op.in(1), op.rankOf(op.in(0)), op.rankOf(op.in(0)),
                      "the filter"))
    return failure();
  return setChannelsLast(op, convolve(op, toChannelsFirst(op, op.in(0)),
                                      toChannelsFirst(op, op.in(1)),
                                      op.has(2) ? op.in(2) : Value()));
}

LogicalResult qcc::onnximport::importChannelsLastMaxPool(NodeImport &op) {
  if (!op.requireRank(op.in(0), 3, 4, "the input"))
    return failure();
  return setChannelsLast(op, maxPool(op, toChannelsFirst(op, op.in(0))));
}

LogicalResult
qcc::onnximport::importChannelsLastBatchNormalization(NodeImport &op) {
  if (!op.requireRank(op.in(0), 2, 8))
    return failure();
  Value result = batchNormalize(op, op.rankOf(op.in(0)) - 1);
  return result ? op.setResult(result) : failure();
}
