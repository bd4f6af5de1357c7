// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random models, pooling and reshapes. Shapes, strides and channel counts are
// drawn so that vector remainders, clipped windows and padded buffers all
// occur; scales so that results neither vanish nor all saturate.

#include "Generator.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>

namespace qcc::fuzz {

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

const std::map<std::string, Generator::Maker> &Generator::getMakers() {
  static const std::map<std::string, Maker> makers = [] {
    std::map<std::string, Maker> all = {
        {"requantize", &Generator::makeRequantize},
        {"clip", &Generator::makeClip},
        {"quantize", &Generator::makeQuantize},
        {"dequantize", &Generator::makeDequantize},
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
        {"slice", &Generator::makeSlice},
        {"transpose", &Generator::makeTranspose},
        {"cumsum", &Generator::makeCumsum},
        {"dynamic_update_slice", &Generator::makeDynamicUpdateSlice},
        {"gather_nd", &Generator::makeGatherND},
        {"one_hot", &Generator::makeOneHot},
        {"top_k", &Generator::makeTopK},
        {"conv2d", [](Generator &g) { return g.makeConvolution(false); }},
        {"depthwise_conv2d",
         [](Generator &g) { return g.makeConvolution(true); }},
        {"fully_connected", &Generator::makeFullyConnected},
        {"transpose_conv2d", &Generator::makeTransposeConv},
        {"batch_matmul", &Generator::makeBatchMatMul},
        {"lstm", &Generator::makeLstm},
        {"svdf", &Generator::makeSvdf},
    };
    auto addAll = [&](std::initializer_list<const char *> names,
                      bool (Generator::*make)(const std::string &)) {
      for (std::string name : names)
        all[name] = [=](Generator &g) { return (g.*make)(name); };
    };
    addAll({"add", "div", "maximum", "minimum", "mul", "prelu",
            "squared_difference", "sub"},
           &Generator::makeBinary);
    addAll({"abs", "ceil", "elu", "exp", "floor", "gelu", "hard_swish",
            "leaky_relu", "neg", "round", "rsqrt", "sign", "sqrt", "square",
            "table"},
           &Generator::makeUnary);
    addAll({"logistic", "tanh"}, &Generator::makeFunction);
    addAll({"avg_pool2d", "max_pool2d"}, &Generator::makePool);
    addAll({"resize_bilinear", "resize_nearest"}, &Generator::makeResize);
    addAll({"arg_max", "arg_min"}, &Generator::makeArg);
    return all;
  }();
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
  // Bit-planes lie between layers.
  int64_t length =
      rng.chance(options.isLowBit ? 15 : 50) ? 1 : rng.in(1, options.maxLength);
  RandomModel model;
  static const std::vector<std::string> lowBit = {
      "conv2d", "depthwise_conv2d", "fully_connected", "max_pool2d", "reshape"};
  const std::vector<std::string> &known =
      options.isLowBit ? lowBit : getKnownOps();
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
    if (!getMakers().at(op)(*this)) {
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
    if (options.isLowBit && current.element.isFloat)
      break;
  }
  return finish(model.description);
}

RandomModel Generator::finish(const std::string &description) {
  RandomModel model;
  model.description = description;
  model.pairs = pairs;
  // A function by itself has a bound of its own; sums in another order do not.
  bool isFunction = description == "logistic" || description == "tanh" ||
                    description == "softmax";
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
