// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of weights and activations of few bits, as networks have them that
// come by way of ONNX: weights are multiples of a step of their channel, from a
// few values; biases are odd; results have few values, or are floats.

#include "Generator.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace qcc::fuzz {

/// 1 to 8 bits, signed or not, narrow or not, and −1 … 1; zero points are 0 but
/// for some of 8 bits.
Element Generator::lowBitActivation() {
  Element e = quantized(8, rng.chance(50));
  if (rng.chance(15))
    return e;
  e.zero = 0;
  if (rng.chance(25)) {
    e.isSigned = true;
    e.least = -1, e.most = 1;
    e.isBipolar = rng.chance(60);
    return e;
  }
  int64_t bits = rng.chance(70) ? rng.in(1, 4) : rng.in(5, 8);
  int64_t half = int64_t{1} << (bits - 1);
  if (e.isSigned) {
    e.least = bits > 1 && rng.chance(50) ? 1 - half : -half;
    e.most = std::max<int64_t>(half - 1, e.least + 1);
  } else {
    e.most = 2 * half - 1;
  }
  return e;
}

/// [channel][k], or [k][channel] if `last`: a codebook of the layer times a
/// step of each channel.
std::vector<int64_t> Generator::lowBitWeights(int64_t outputs, int64_t depth,
                                              bool last) {
  std::vector<int64_t> codebook;
  int64_t bits = rng.in(1, 8), half = int64_t{1} << (bits - 1);
  if (rng.chance(30)) {
    codebook = {-1, 1};
  } else if (rng.chance(20)) {
    codebook = {-1, 0, 1};
  } else if (rng.chance(15)) {
    // Any few values.
    std::set<int64_t> values;
    for (int64_t i = 0; i < std::min<int64_t>(2 * half, 16); ++i)
      values.insert(rng.in(-127, 127));
    codebook.assign(values.begin(), values.end());
  } else {
    bool isNarrow = bits == 8 || rng.chance(50);
    for (int64_t v = isNarrow && bits > 1 ? 1 - half : -half; v < half; ++v)
      codebook.push_back(v);
  }
  int64_t largest = 1;
  for (int64_t v : codebook)
    largest = std::max(largest, std::abs(v));
  bool hasSteps = rng.chance(60), hasSigns = rng.chance(30);
  std::vector<int64_t> weights(static_cast<size_t>(outputs * depth));
  for (int64_t o = 0; o < outputs; ++o) {
    int64_t step =
        hasSteps ? rng.in(1, std::max<int64_t>(127 / largest, 1)) : 1;
    if (largest == 128)
      step = 1;
    bool isZero = rng.chance(2), isConstant = rng.chance(2);
    for (int64_t k = 0; k < depth; ++k) {
      int64_t v = codebook[static_cast<size_t>(
          rng.in(0, static_cast<int64_t>(codebook.size()) - 1))];
      if (isConstant)
        v = codebook.front();
      int64_t w = isZero ? 0 : v * step;
      if (hasSigns && o % 2 == 1)
        w = std::max<int64_t>(-w, -127);
      weights[static_cast<size_t>(last ? k * outputs + o : o * depth + k)] =
          std::clamp<int64_t>(w, -128, 127);
    }
  }
  return weights;
}

void Generator::emitLowBitMac(const std::string &op, const Shape &filterShape,
                              int axis, int64_t taps, const std::string &attrs,
                              const Shape &shape) {
  int64_t outputs = filterShape[static_cast<size_t>(axis)];
  int64_t depth = countOf(filterShape) / outputs;
  Element in = current.element, result = lowBitActivation(), weight;
  weight.scale = scale();
  std::vector<int64_t> values = lowBitWeights(outputs, depth, axis == 3);
  // What is never 0: odd sums, of even weights and odd biases.
  if (result.isBipolar)
    for (int64_t &w : values)
      w = w / 2 * 2;
  bool perAxis =
      rng.chance(60) && *std::min_element(values.begin(), values.end()) >= -127;
  std::string filterType =
      tensorType(filterShape,
                 perAxis ? printPerAxis(weight, axis, outputs) : print(weight));
  std::string filter = constant(filterShape, "i8", filterType, values, 1);
  double square = 0;
  for (int64_t w : values)
    square += static_cast<double>(w * w);
  // Of a sum, about.
  double spread = std::sqrt(square / static_cast<double>(values.size()) *
                            static_cast<double>(taps)) *
                      static_cast<double>(in.hi() - in.lo()) / 2 +
                  1;
  bool isFloat = rng.chance(10), hasBias = rng.chance(85);
  std::string bias, biasElement = isFloat ? "f32" : "i32", extra;
  std::string biasType = tensorType({outputs}, biasElement);
  if (isFloat) {
    result = real();
    bias = floatConstant({outputs}, 2);
    extra = clamp(result);
  } else {
    auto range = static_cast<int64_t>(spread) + 1;
    std::vector<int64_t> biases;
    for (int64_t i = 0; i < outputs; ++i)
      biases.push_back(rng.in(-range, range) | (rng.chance(50) ? 1 : 0));
    result.scale = static_cast<double>(
        static_cast<float>(in.scale * weight.scale * 2 * spread /
                           static_cast<double>(result.hi() - result.lo()) *
                           std::exp(rng.real(-1, 1))));
    if (rng.chance(30)) {
      // Sums next to half-way points.
      result.scale = std::exp2(std::round(std::log2(result.scale)));
    }
    if (result.isBipolar) {
      for (int64_t &value : biases)
        value |= 1;
      hasBias = true;
      result.scale = static_cast<double>(
          static_cast<float>(in.scale * weight.scale * std::exp(-1.5)));
    }
    bias = constant({outputs}, biasElement, biasType, biases, 4);
    extra = result.isBipolar ? "" : clamp(result);
  }
  extra += rng.chance(90) || isFloat || result.isBipolar
               ? ", rounding = #qnn.rounding<onnx>"
               : rounding();
  emitProduct(op, {filter, filterType}, {hasBias ? bias : "", biasType}, attrs,
              extra, Tensor{fresh(), shape, result});
}

} // namespace qcc::fuzz
