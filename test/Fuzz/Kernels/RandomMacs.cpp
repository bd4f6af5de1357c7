// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations that multiply and accumulate.

#include "Generator.h"

#include <algorithm>
#include <cmath>

namespace qcc::fuzz {

/// 8 bits of a zero point per channel, and a scale up to that of `weight`.
std::string Generator::printPerAxis(const Element &weight, int axis,
                                    const std::vector<int64_t> &zeros) {
  std::string element = std::string("!quant.uniform<") +
                        (weight.isSigned ? "i8<-127:127>" : "u8") +
                        ":f32:" + std::to_string(axis) + ", {";
  const char *separator = "";
  for (int64_t zero : zeros) {
    element += separator + number(static_cast<double>(static_cast<float>(
                               weight.scale * std::exp(rng.real(-1.5, 0)))));
    if (zero != 0)
      element += ":" + std::to_string(zero);
    separator = ",";
  }
  return element + "}>";
}

/// Weights of `weightBits`: all codes, or −1 and 1 for one bit, or
/// three values for two; in steps that differ from channel to channel, now and
/// then.
std::vector<int64_t> Generator::fewBits(const Element &weight, int64_t count,
                                        int64_t outputs, int axis) {
  int64_t bits = options.weightBits;
  int64_t lo = -(int64_t(1) << (bits - 1)), hi = -lo - 1, stride = 1;
  if (bits == 1 && rng.chance(70))
    lo = -1, hi = 1, stride = 2;
  else if (bits > 1 && rng.chance(30))
    lo = -hi;
  bool hasSteps = rng.chance(40);
  std::vector<int64_t> steps, values;
  for (int64_t o = 0; o < outputs; ++o)
    steps.push_back(hasSteps ? rng.in(1, 120 / (1 << bits) + 1) : 1);
  for (int64_t i = 0; i < count; ++i) {
    int64_t o = axis == 0 ? i / (count / outputs) : i % outputs;
    int64_t value = lo + stride * rng.in(0, (hi - lo) / stride);
    values.push_back(
        std::clamp(weight.zero + steps[static_cast<size_t>(o)] * value,
                   std::max<int64_t>(weight.lo(), -127), weight.hi()));
  }
  return values;
}

void Generator::emitMac(const std::string &op, const Shape &filterShape,
                        int axis, int64_t taps, const std::string &attrs,
                        const Shape &shape) {
  if (options.isLowBit && !current.element.isFloat)
    return emitLowBitMac(op, filterShape, axis, taps, attrs, shape);
  int64_t outputs = filterShape[static_cast<size_t>(axis)];
  Element in = current.element, result = in;
  std::vector<int64_t> noZeros(static_cast<size_t>(outputs));
  std::string filter, bias, filterType, biasType, extra = clamp(in);
  if (in.isFloat) {
    // Rounding to 8 bits makes much of a small difference, so the hybrid form
    // comes where there is none; it and depthwise convolution leave none.
    if (isHybrid.value_or(op != "transpose_conv2d" && isExact &&
                          rng.chance(60))) {
      Element weight = quantized(8, true);
      weight.zero = 0;
      bool extreme = rng.chance(15), perAxis = rng.chance(50);
      int64_t least = perAxis ? -127 : weight.lo();
      std::vector<int64_t> values;
      for (int64_t i = 0; i < countOf(filterShape); ++i)
        values.push_back(extreme ? (rng.chance(50) ? least : weight.hi())
                                 : rng.in(least, weight.hi()));
      if (options.weightBits)
        values = fewBits(weight, countOf(filterShape), outputs, axis);
      filterType =
          tensorType(filterShape, perAxis ? printPerAxis(weight, axis, noZeros)
                                          : print(weight));
      filter = constant(filterShape, "i8", filterType, values, 1);
      if (rng.chance(50))
        extra += ", asymmetric_inputs";
    } else {
      // With one input channel it may run as a matrix product.
      isExact &= op == "depthwise_conv2d" && current.shape[3] != 1;
      filter = floatConstant(filterShape, 1);
      filterType = tensorType(filterShape, "f32");
    }
    bias = floatConstant({outputs}, 2);
    biasType = tensorType({outputs}, "f32");
  } else {
    bool perAxis = in.isSigned && rng.chance(60), isWide = in.bits == 16;
    Element weight = quantized(8, in.isSigned);
    if (in.isSigned && (isWide || rng.chance(80)))
      weight.zero = 0;
    int64_t least = perAxis ? -127 : weight.lo();
    // Extreme weights now and then, which reach the ends of accumulators.
    bool extreme = rng.chance(15);
    // Or near the zero point, as networks have them, but for a few.
    int64_t near = rng.chance(50) ? rng.pick<int64_t>({10, 100, 127}) : 255;
    auto draw = [&] {
      if (extreme)
        return rng.chance(50) ? least : weight.hi();
      if (near == 255 || rng.chance(1))
        return rng.in(least, weight.hi());
      return std::clamp(weight.zero + rng.in(-near, near), least, weight.hi());
    };
    std::vector<int64_t> values;
    for (int64_t i = 0; i < countOf(filterShape); ++i)
      values.push_back(draw());
    if (options.weightBits)
      values = fewBits(weight, countOf(filterShape), outputs, axis);
    filterType =
        tensorType(filterShape, perAxis ? printPerAxis(weight, axis, noZeros)
                                        : print(weight));
    filter = constant(filterShape, "i8", filterType, values, 1);
    std::vector<int64_t> biases;
    int64_t range = 1000 * (1 + taps / 4) * (isWide ? 256 : 1);
    for (int64_t i = 0; i < outputs; ++i)
      biases.push_back(rng.in(-range, range));
    // Beside 16 bits, sums of 64.
    int bits = isWide && hasWideSums.value_or(rng.chance(60)) ? 64 : 32;
    std::string biasElement = "i" + std::to_string(bits);
    biasType = tensorType({outputs}, biasElement);
    bias = constant({outputs}, biasElement, biasType, biases, bits / 8);
    // Spread the accumulators over the result's range.
    result = quantized(in.bits, in.isSigned);
    double spread = 5000 * std::sqrt(static_cast<double>(taps));
    result.scale = static_cast<double>(static_cast<float>(
        in.scale * weight.scale * spread / 50 * std::exp(rng.real(-1, 1))));
    extra = clamp(result) + rounding();
    if (!perAxis && rng.chance(40))
      extra += ", single_scale_product";
  }
  bool hasBias = rng.chance(80);
  emitProduct(op, {filter, filterType}, {hasBias ? bias : "", biasType}, attrs,
              extra, Tensor{fresh(), shape, result});
}

void Generator::emitProduct(const std::string &op, const Typed &filter,
                            const Typed &bias, const std::string &attrs,
                            const std::string &extra, const Tensor &result) {
  bool hasBias = !bias.name.empty();
  std::string all = attributes((attrs.empty() ? "" : ", " + attrs) + extra);
  body += "  " + result.name + " = qnn." + op + " " + current.name + ", " +
          filter.name + (hasBias ? " bias " + bias.name : "") +
          (all.empty() ? "" : " {" + all + "}") + " : (" + typeOf(current) +
          ", " + filter.type + (hasBias ? ", " + bias.type : "") + ") -> " +
          typeOf(result) + "\n";
  current = result;
  tensors.push_back(current);
}

/// An image, of 16 bits now and then.
bool Generator::needMacImage() {
  return need(
      [](const Tensor &t) {
        return t.shape.size() == 4 &&
               (isByteOrFloat(t) ||
                (t.element.bits == 16 && !t.element.isPlain));
      },
      [&] {
        return input(imageShape(), rng.chance(20)   ? real()
                                   : rng.chance(15) ? quantized(16, true)
                                                    : quantized());
      });
}

bool Generator::makeConvolution(bool depthwise) {
  if (!needMacImage())
    return false;
  Shape in = current.shape, kernel, strides, dilations, padding(4, 0);
  Shape shape = in;
  bool pointwise = rng.chance(30) && !depthwise;
  for (size_t axis = 0; axis < 2; ++axis) {
    int64_t extent = in[axis + 1];
    int64_t k = pointwise ? 1 : rng.in(1, 5);
    int64_t dilation = rng.chance(80) ? 1 : rng.in(2, 3);
    int64_t stride = rng.chance(60) ? 1 : rng.in(1, 3);
    int64_t effective = (k - 1) * dilation + 1;
    int64_t before = rng.chance(60) ? (effective - 1) / 2 : rng.in(0, 3);
    int64_t after = rng.chance(60) ? effective / 2 : rng.in(0, 3);
    if (pointwise && rng.chance(90))
      before = after = 0;
    after = std::max(after, effective - extent - before);
    kernel.push_back(k);
    strides.push_back(stride);
    dilations.push_back(dilation);
    padding[2 * axis] = before;
    padding[2 * axis + 1] = after;
    shape[axis + 1] = (extent + before + after - effective) / stride + 1;
  }
  std::string attrs = "strides = " + array(strides) +
                      ", padding = " + array(padding) +
                      ", dilations = " + array(dilations);
  int64_t multiplier = rng.chance(70) ? 1 : rng.in(2, 4), groups = 1;
  shape[3] = depthwise ? in[3] * multiplier : channels();
  // The hybrid form knows no groups.
  if (!depthwise && !current.element.isFloat && rng.chance(15))
    for (int64_t n = rng.in(2, 8); n > 1; --n)
      if (in[3] % n == 0) {
        groups = n;
        shape[3] = n * rng.in(1, 9);
        attrs += ", groups = " + std::to_string(groups) + " : i64";
        break;
      }
  int64_t taps = kernel[0] * kernel[1] * (depthwise ? 1 : in[3] / groups);
  // Keep the interpreter's time in bounds.
  if (countOf(shape) * taps > 3000000)
    return false;
  if (depthwise)
    emitMac("depthwise_conv2d", {1, kernel[0], kernel[1], shape[3]}, 3, taps,
            attrs, shape);
  else
    emitMac("conv2d", {shape[3], kernel[0], kernel[1], in[3] / groups}, 0, taps,
            attrs, shape);
  return true;
}

bool Generator::makeTransposeConv() {
  if (!needMacImage())
    return false;
  Shape in = current.shape, kernel, strides, padding, shape = in;
  for (size_t axis = 0; axis < 2; ++axis) {
    kernel.push_back(rng.in(1, 4));
    strides.push_back(rng.in(1, 3));
    int64_t whole = (in[axis + 1] - 1) * strides[axis] + kernel[axis];
    padding.push_back(rng.in(0, std::min<int64_t>(kernel[axis], whole) - 1));
    // Cut, or longer than what the last window reaches.
    shape[axis + 1] =
        std::max<int64_t>(1, whole - padding[axis] - rng.in(-1, 2));
  }
  shape[3] = rng.in(1, 20);
  int64_t taps = kernel[0] * kernel[1] * in[3];
  if (countOf(shape) * taps > 1000000)
    return false;
  emitMac("transpose_conv2d", {shape[3], kernel[0], kernel[1], in[3]}, 0, taps,
          "strides = " + array(strides) + ", padding = " + array(padding),
          shape);
  return true;
}

bool Generator::makeBatchMatMul() {
  auto isWide = [](const Element &e) { return e.bits == 16 && !e.isFloat; };
  if (!need(
          [&](const Tensor &t) {
            return t.shape.size() >= 2 && !t.element.isPlain &&
                   (t.element.isFloat || t.element.isSigned);
          },
          [&] {
            Shape shape = {rng.in(1, 12), rng.in(1, 40)};
            for (int64_t i = rng.in(0, 2); i > 0; --i)
              shape.insert(shape.begin(), rng.in(1, 3));
            return input(shape, rng.chance(20)   ? real()
                                : rng.chance(20) ? quantized(16, true)
                                                 : quantized(8, true));
          }))
    return false;
  Tensor lhs = current, rhs = current;
  bool transposeLhs = rng.chance(25), transposeRhs = rng.chance(50);
  size_t rank = lhs.shape.size();
  int64_t rows = lhs.shape[rank - 2], depth = lhs.shape[rank - 1],
          columns = rng.in(1, 40);
  if (transposeLhs)
    std::swap(rows, depth);
  Shape shape = lhs.shape;
  rhs.shape[rank - 2] = transposeRhs ? columns : depth;
  rhs.shape[rank - 1] = transposeRhs ? depth : columns;
  shape[rank - 2] = rows;
  shape[rank - 1] = columns;
  // Stacks repeat, on either side.
  for (size_t axis = 0; axis + 2 < rank; ++axis)
    if (shape[axis] == 1)
      rhs.shape[axis] = shape[axis] = rng.in(1, 3);
    else if (rng.chance(30))
      rhs.shape[axis] = 1;
  if (countOf(shape) * depth > 1000000)
    return false;
  std::string attrs;
  Element result = lhs.element;
  if (!result.isFloat) {
    rhs.element = quantized(result.bits, true);
    result = quantized(result.bits, true);
    result.scale = static_cast<double>(static_cast<float>(
        lhs.element.scale * rhs.element.scale *
        std::sqrt(static_cast<double>(depth)) * 100 *
        std::ldexp(1.0, result.bits - 8) * std::exp(rng.real(-1, 1))));
    attrs = clamp(result) + rounding();
    if (isWide(result))
      attrs += ", wide";
  } else {
    attrs = clamp(result);
    isExact = false;
  }
  rhs = rng.chance(50) ? weights(rhs.shape, rhs.element)
                       : input(rhs.shape, rhs.element);
  if (transposeLhs)
    attrs += ", transpose_lhs";
  if (transposeRhs)
    attrs += ", transpose_rhs";
  emit("batch_matmul", {lhs, rhs}, attributes(attrs), shape, result);
  return true;
}

bool Generator::makeFullyConnected() {
  if (!need(
          [](const Tensor &t) {
            return (isByteOrFloat(t) ||
                    (t.element.bits == 16 && !t.element.isPlain)) &&
                   t.shape.size() >= 2 && t.shape.back() <= 400;
          },
          [&] {
            int64_t rows = rng.chance(70) ? 1 : rng.in(2, 9),
                    inputs = rng.in(1, 150);
            // Whole groups of the dot instructions.
            if (options.weightBits && rng.chance(70))
              inputs = (inputs + 7) / 8 * 8;
            if (options.isLowBit)
              inputs = channels();
            return input({rows, inputs}, rng.chance(20)   ? real()
                                         : rng.chance(15) ? quantized(16, true)
                                                          : quantized());
          }))
    return false;
  int64_t depth = current.shape.back();
  int64_t rows = countOf(current.shape) / depth;
  int64_t outputs =
      options.isLowBit ? channels() : rng.in(1, options.weightBits ? 300 : 70);
  emitMac("fully_connected", {outputs, depth}, 0, depth, "", {rows, outputs});
  return true;
}

} // namespace qcc::fuzz
