// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random models. Shapes, strides and channel counts are drawn so that vector
// remainders, clipped windows and padded buffers all occur; scales so that
// results neither vanish nor all saturate.

#include "Generator.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>

namespace qcc::fuzz {

bool Generator::makeAdd() {
  if (!need(isByteOrFloat, [&] {
        return input(anyShape(), rng.chance(80) ? quantized() : real());
      }))
    return false;
  Tensor lhs = current, rhs = current;
  Element result = lhs.element;
  if (!result.isFloat) {
    rhs.element = quantized(8, lhs.element.isSigned);
    // Usual ratios of scales; extreme ones now and then.
    double near = rng.chance(90) ? 1.5 : 8;
    rhs.element.scale = static_cast<double>(static_cast<float>(
        lhs.element.scale * std::exp(rng.real(-near, near))));
    result = quantized(8, lhs.element.isSigned);
    result.scale = static_cast<double>(
        static_cast<float>(std::max(lhs.element.scale, rhs.element.scale) *
                           std::exp(rng.real(-0.7, 1.5))));
    if (rng.chance(10))
      rhs.element = result = lhs.element;
  }
  // The other operand: the same shape, or broadcast, or this tensor itself.
  const Tensor *other = earlier([&](const Tensor &t) {
    return t.shape == lhs.shape && isByteOrFloat(t) &&
           t.element.isFloat == lhs.element.isFloat;
  });
  if (other)
    rhs = *other;
  else if (rng.chance(35))
    for (int64_t &extent : rhs.shape)
      if (rng.chance(50))
        extent = 1;
  while (!other && rng.chance(15) && !rhs.shape.empty())
    rhs.shape.erase(rhs.shape.begin());
  if (other) {
    // Nothing to make.
  } else if (rng.chance(25)) {
    int64_t count = countOf(rhs.shape);
    if (rhs.element.isFloat) {
      rhs.name = floatConstant(rhs.shape, 4);
    } else {
      std::vector<int64_t> values;
      for (int64_t i = 0; i < count; ++i)
        values.push_back(rng.in(rhs.element.lo(), rhs.element.hi()));
      rhs.name = constant(rhs.shape, "i8", typeOf(rhs), values, 1);
    }
  } else if (rng.chance(10) && rhs.shape == lhs.shape) {
    rhs = lhs;
  } else {
    rhs = input(rhs.shape, rhs.element);
  }
  std::string attrs = clamp(result);
  if (!result.isFloat)
    attrs += rounding();
  std::vector<Tensor> operands = {lhs, rhs};
  if (rng.chance(30))
    std::swap(operands[0], operands[1]);
  emit("add", operands, attributes(attrs), lhs.shape, result);
  return true;
}

bool Generator::makeRequantize() {
  auto make = [&] {
    return rng.chance(90) ? quantized() : quantized(16, true);
  };
  if (!needQuantized([](const Element &) { return true; }, make))
    return false;
  Element result = make();
  result.scale =
      rng.chance(30)
          ? current.element.scale
          : static_cast<double>(static_cast<float>(
                current.element.scale * std::exp(rng.real(-1, 1.5))));
  std::string attrs = clamp(result) + rounding();
  if (rng.chance(20))
    attrs += ", single_scale_quotient";
  emit("requantize", {current}, attributes(attrs), current.shape, result);
  return true;
}

bool Generator::makeFunction(const std::string &op) {
  if (!need(isByteOrFloat, [&] {
        return input(anyShape(), rng.chance(75) ? quantized() : real());
      }))
    return false;
  Element result = current.element;
  if (!result.isFloat)
    result = quantized(8, result.isSigned);
  else
    isExact = false;
  emit(op, {current}, "", current.shape, result);
  return true;
}

bool Generator::makeClip() {
  if (!need([](const Tensor &t) { return !t.element.isPlain; },
            [&] {
              return input(anyShape(), rng.chance(50) ? quantized() : real());
            }))
    return false;
  std::string attrs = clamp(current.element);
  if (attrs.empty())
    attrs = current.element.isFloat ? ", clamp = #qnn.clamp<-1.0, 1.0>"
                                    : ", clamp = #qnn.clamp<3, inf>";
  emit("clip", {current}, attributes(attrs), current.shape, current.element);
  return true;
}

bool Generator::makeQuantize() {
  // Rounding what is only nearly equal may differ by one.
  if (!isExact || !need([](const Tensor &t) { return t.element.isFloat; },
                        [&] { return input(anyShape(), real()); }))
    return false;
  Element result = rng.chance(90) ? quantized() : quantized(16, true);
  std::string attrs =
      rng.chance(20) ? "rounding = #qnn.rounding<half_even_float>" : "";
  emit("quantize", {current}, attrs, current.shape, result);
  return true;
}

bool Generator::makeDequantize() {
  auto make = [&] {
    return rng.chance(90) ? quantized() : quantized(16, true);
  };
  if (!needQuantized([](const Element &) { return true; }, make))
    return false;
  emit("dequantize", {current}, "", current.shape, real());
  return true;
}

bool Generator::makePool(const std::string &op) {
  if (!needImage())
    return false;
  Shape kernel, strides, padding(4, 0), shape = current.shape;
  bool global = rng.chance(25);
  for (size_t axis = 0; axis < 2; ++axis) {
    int64_t extent = current.shape[axis + 1];
    int64_t k = global ? extent : rng.in(1, std::min<int64_t>(extent + 2, 5));
    int64_t stride = rng.in(1, 3);
    int64_t before = 0, after = 0;
    if (k > extent || (k > 1 && rng.chance(50))) {
      before = rng.in(0, k - 1);
      after = rng.in(0, k - 1);
      after = std::max<int64_t>(after, k - extent - before);
      if (after >= k) {
        before = after = k - 1;
      }
    }
    kernel.push_back(k);
    strides.push_back(stride);
    padding[2 * axis] = before;
    padding[2 * axis + 1] = after;
    shape[axis + 1] = (extent + before + after - k) / stride + 1;
  }
  std::string attrs = "kernel = " + array(kernel) +
                      ", strides = " + array(strides) +
                      ", padding = " + array(padding) + clamp(current.element);
  emit(op, {current}, attrs, shape, current.element);
  return true;
}

bool Generator::makeReshape() {
  // Alone it would be a model that computes nothing.
  if (current.name.empty())
    return false;
  Shape shape = {1, countOf(current.shape)};
  if (rng.chance(30))
    shape = {1, 1, 1, countOf(current.shape)};
  emit("reshape", {current}, "", shape, current.element);
  return true;
}

void Generator::emitMac(const std::string &op, const Shape &filterShape,
                        int axis, int64_t taps, const std::string &attrs,
                        const Shape &shape) {
  int64_t outputs = filterShape[static_cast<size_t>(axis)];
  Element in = current.element, result = in;
  std::string filter, bias, filterType, biasType, extra = clamp(in);
  if (in.isFloat) {
    // Rounding to 8 bits makes much of a small difference, so the hybrid form
    // comes where there is none; it and depthwise convolution leave none.
    if (op == "conv2d" && isExact && rng.chance(50)) {
      Element weight = quantized(8, true);
      weight.zero = 0;
      std::vector<int64_t> values;
      for (int64_t i = 0; i < countOf(filterShape); ++i)
        values.push_back(rng.in(weight.lo(), weight.hi()));
      filterType = tensorType(filterShape, print(weight));
      filter = constant(filterShape, "i8", filterType, values, 1);
    } else {
      // With one input channel it may run as a matrix product.
      isExact &= op == "depthwise_conv2d" && current.shape[3] != 1;
      filter = floatConstant(filterShape, 1);
      filterType = tensorType(filterShape, "f32");
    }
    bias = floatConstant({outputs}, 2);
    biasType = tensorType({outputs}, "f32");
  } else {
    bool perAxis = in.isSigned && rng.chance(60);
    Element weight = quantized(8, in.isSigned);
    if (in.isSigned && rng.chance(80))
      weight.zero = 0;
    int64_t least = perAxis ? -127 : weight.lo();
    // Extreme weights now and then, which reach the ends of accumulators.
    bool extreme = rng.chance(15);
    std::vector<int64_t> values;
    for (int64_t i = 0; i < countOf(filterShape); ++i)
      values.push_back(extreme ? (rng.chance(50) ? least : weight.hi())
                               : rng.in(least, weight.hi()));
    std::string element = print(weight);
    if (perAxis) {
      element =
          "!quant.uniform<i8<-127:127>:f32:" + std::to_string(axis) + ", {";
      for (int64_t i = 0; i < outputs; ++i)
        element +=
            (i ? "," : "") + number(static_cast<double>(static_cast<float>(
                                 weight.scale * std::exp(rng.real(-1.5, 0)))));
      element += "}>";
    }
    filterType = tensorType(filterShape, element);
    filter = constant(filterShape, "i8", filterType, values, 1);
    std::vector<int64_t> biases;
    int64_t range = 1000 * (1 + taps / 4);
    for (int64_t i = 0; i < outputs; ++i)
      biases.push_back(rng.in(-range, range));
    biasType = tensorType({outputs}, "i32");
    bias = constant({outputs}, "i32", biasType, biases, 4);
    // Spread the accumulators over the result's range.
    result = quantized(8, in.isSigned);
    double spread = 5000 * std::sqrt(static_cast<double>(taps));
    result.scale = static_cast<double>(static_cast<float>(
        in.scale * weight.scale * spread / 50 * std::exp(rng.real(-1, 1))));
    extra = clamp(result) + rounding();
    if (!perAxis && rng.chance(40))
      extra += ", single_scale_product";
  }
  bool hasBias = rng.chance(80);
  Tensor out{fresh(), shape, result};
  std::string all = attributes((attrs.empty() ? "" : ", " + attrs) + extra);
  body += "  " + out.name + " = qnn." + op + " " + current.name + ", " +
          filter + (hasBias ? " bias " + bias : "") +
          (all.empty() ? "" : " {" + all + "}") + " : (" + typeOf(current) +
          ", " + filterType + (hasBias ? ", " + biasType : "") + ") -> " +
          typeOf(out) + "\n";
  current = out;
  tensors.push_back(current);
}

bool Generator::makeConvolution(bool depthwise) {
  if (!needImage())
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
  int64_t multiplier = rng.chance(70) ? 1 : rng.in(2, 4);
  shape[3] = depthwise ? in[3] * multiplier : channels();
  int64_t taps = kernel[0] * kernel[1] * (depthwise ? 1 : in[3]);
  // Keep the interpreter's time in bounds.
  if (countOf(shape) * taps > 3000000)
    return false;
  if (depthwise)
    emitMac("depthwise_conv2d", {1, kernel[0], kernel[1], shape[3]}, 3, taps,
            attrs, shape);
  else
    emitMac("conv2d", {shape[3], kernel[0], kernel[1], in[3]}, 0, taps, attrs,
            shape);
  return true;
}

bool Generator::makeFullyConnected() {
  if (!need(
          [](const Tensor &t) {
            return isByteOrFloat(t) && t.shape.size() >= 2 &&
                   t.shape.back() <= 400;
          },
          [&] {
            return input({rng.chance(70) ? 1 : rng.in(2, 9), rng.in(1, 150)},
                         rng.chance(80) ? quantized() : real());
          }))
    return false;
  int64_t depth = current.shape.back();
  int64_t rows = countOf(current.shape) / depth;
  int64_t outputs = rng.in(1, 70);
  emitMac("fully_connected", {outputs, depth}, 0, depth, "", {rows, outputs});
  return true;
}

const std::map<std::string, Generator::Maker> &Generator::getMakers() {
  static const std::map<std::string, Maker> makers = {
      {"add", &Generator::makeAdd},
      {"requantize", &Generator::makeRequantize},
      {"logistic", &Generator::makeLogistic},
      {"tanh", &Generator::makeTanh},
      {"clip", &Generator::makeClip},
      {"quantize", &Generator::makeQuantize},
      {"dequantize", &Generator::makeDequantize},
      {"avg_pool2d", &Generator::makeAvgPool},
      {"max_pool2d", &Generator::makeMaxPool},
      {"mean", &Generator::makeMean},
      {"sum", &Generator::makeSum},
      {"reduce_max", &Generator::makeReduceMax},
      {"reduce_min", &Generator::makeReduceMin},
      {"softmax", &Generator::makeSoftmax},
      {"log_softmax", &Generator::makeLogSoftmax},
      {"l2_normalize", &Generator::makeL2Normalize},
      {"pad", &Generator::makePad},
      {"concat", &Generator::makeConcat},
      {"reshape", &Generator::makeReshape},
      {"broadcast", &Generator::makeBroadcast},
      {"gather", &Generator::makeGather},
      {"mirror_pad", &Generator::makeMirrorPad},
      {"resize_bilinear", &Generator::makeResizeBilinear},
      {"resize_nearest", &Generator::makeResizeNearest},
      {"slice", &Generator::makeSlice},
      {"transpose", &Generator::makeTranspose},
      {"arg_max", &Generator::makeArgMax},
      {"arg_min", &Generator::makeArgMin},
      {"cumsum", &Generator::makeCumsum},
      {"dynamic_update_slice", &Generator::makeDynamicUpdateSlice},
      {"gather_nd", &Generator::makeGatherND},
      {"one_hot", &Generator::makeOneHot},
      {"top_k", &Generator::makeTopK},
      {"lstm", &Generator::makeLstm},
      {"svdf", &Generator::makeSvdf},
      {"conv2d", &Generator::makeConv},
      {"depthwise_conv2d", &Generator::makeDepthwise},
      {"fully_connected", &Generator::makeFullyConnected},
  };
  return makers;
}

/// What no operation reads, and now and then more.
std::vector<Tensor> Generator::chooseResults() {
  std::vector<Tensor> results;
  if (!options.isGraph) {
    results = states;
    results.insert(results.begin(), current);
    return results;
  }
  for (const Tensor &t : tensors) {
    int uses = -1; // The definition is no use.
    for (size_t at = body.find(t.name); at != std::string::npos;
         at = body.find(t.name, at + 1))
      uses += !std::isdigit(body[at + t.name.size()]);
    bool isInput = t.name[1] == 'i';
    if (isInput ? rng.chance(5) : uses == 0 || rng.chance(20))
      results.push_back(t);
  }
  if (results.empty())
    results.push_back(current);
  if (rng.chance(10))
    results.push_back(results.front());
  if (rng.chance(10)) {
    Tensor constant{"", {rng.in(1, 9), rng.in(1, 9)}, real()};
    constant.name = floatConstant(constant.shape, 4);
    results.push_back(constant);
  }
  return results;
}

RandomModel Generator::make() {
  int64_t length = rng.chance(50) ? 1 : rng.in(1, options.maxLength);
  RandomModel model;
  const std::vector<std::string> &known = getKnownOps();
  auto any = [&](const std::vector<std::string> &ops) {
    return ops[static_cast<size_t>(
        rng.in(0, static_cast<int64_t>(ops.size()) - 1))];
  };
  for (int64_t done = 0, tries = 0; done < length && tries < 50; ++tries) {
    bool first = done == 0;
    std::string op = any(first && !options.ops.empty() ? options.ops : known);
    Generator saved = *this;
    if (!tensors.empty())
      if (const Tensor *start = earlier([](const Tensor &) { return true; }))
        current = *start;
    if (!(this->*getMakers().at(op))()) {
      // Keep the random state: the next try must differ.
      Random next = rng;
      body = saved.body;
      inputs = saved.inputs;
      tensors = saved.tensors;
      current = saved.current;
      states = saved.states;
      counter = saved.counter;
      isExact = saved.isExact;
      rng = next;
      continue;
    }
    model.description += (first ? "" : " ") + op;
    ++done;
  }
  // A function by itself has a bound of its own; sums in another order do not.
  bool isFunction = model.description == "logistic" ||
                    model.description == "tanh" ||
                    model.description == "softmax";
  if (!isExact)
    model.tolerance =
        isFunction ? Tolerance{1e-6, 1e-37} : Tolerance{1e-4, 1e-4};
  std::string arguments;
  for (const Tensor &t : inputs)
    arguments += (arguments.empty() ? "" : ", ") + t.name + ": " + typeOf(t);
  std::string names, types;
  for (const Tensor &t : chooseResults()) {
    names += (names.empty() ? "" : ", ") + t.name;
    types += (types.empty() ? "" : ", ") + typeOf(t);
  }
  model.text = "func.func @model(" + arguments + ") -> (" + types + ") {\n" +
               body + "  return " + names + " : " + types + "\n}\n";
  return model;
}

RandomModel makeRandomModel(uint64_t seed, const ModelOptions &options) {
  return Generator(seed, options).make();
}

const std::vector<std::string> &getKnownOps() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto &entry : Generator::getMakers())
      all.push_back(entry.first);
    return all;
  }();
  return names;
}

} // namespace qcc::fuzz
