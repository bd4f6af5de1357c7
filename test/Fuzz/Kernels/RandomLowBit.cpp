// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of weights and activations of few bits, as networks have them that
// come by way of ONNX: weights are multiples of a step of their channel, from a
// few values; biases are odd; results have few values, or are floats.

#include "Generator.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace qcc::fuzz {

namespace {

/// What a product's operands have.
struct BitPair {
  int64_t weight, activation;
  bool isWeightSigned, isActivationSigned;
};

/// A pair for every seed: all 256 in any 257 in a row, with seeds odd and even
/// and modulo 5, of which other things depend.
BitPair getPair(uint64_t seed) {
  uint64_t i = seed * 101 % 257 % 256;
  return {static_cast<int64_t>(1 + i % 8), static_cast<int64_t>(1 + i / 8 % 8),
          i / 64 % 2 == 0, i / 128 == 0};
}

int64_t bitsOf(int64_t lo, int64_t hi) {
  int64_t bits = 1;
  while (hi - lo >= int64_t{1} << bits)
    ++bits;
  return bits;
}

std::string nameOf(char what, int64_t bits, bool isSigned) {
  return what + std::to_string(bits) + (isSigned ? 's' : 'u');
}

} // namespace

/// 1 to 8 bits, signed or not, narrow or not, and −1 … 1; zero points are 0 but
/// for some of 8 bits.
Element Generator::lowBitActivation(bool isFirst) {
  int64_t bits = rng.chance(70) ? rng.in(1, 4) : rng.in(5, 8);
  bool isSigned = rng.chance(50);
  if (isFirst) {
    bits = getPair(seed).activation;
    isSigned = getPair(seed).isActivationSigned;
  }
  Element e = quantized(8, isSigned);
  if (bits == 8 && rng.chance(50))
    return e;
  e.zero = 0;
  int64_t half = int64_t{1} << (bits - 1);
  if (isSigned && bits <= 2 && rng.chance(60)) {
    // Two values or three.
    e.least = -1, e.most = 1;
    e.isBipolar = bits == 1;
  } else if (isSigned) {
    e.least = bits > 1 && rng.chance(50) ? 1 - half : -half;
    e.most = std::max<int64_t>(half - 1, e.least + 1);
  } else {
    e.most = 2 * half - 1;
  }
  return e;
}

/// Stored values [channel][k], or [k][channel] if `last`: a codebook of the
/// layer times a step of each channel.
Generator::LowBitWeights Generator::lowBitWeights(int64_t outputs,
                                                  int64_t depth, bool last,
                                                  bool isFirst) {
  LowBitWeights weights;
  int64_t bits = isFirst ? getPair(seed).weight : rng.in(1, 8);
  bool isSigned = isFirst ? getPair(seed).isWeightSigned : rng.chance(75);
  weights.bits = bits;
  weights.isSigned = isSigned;
  int64_t half = int64_t{1} << (bits - 1), least = isSigned ? -half : 0;
  std::vector<int64_t> codebook;
  if (isSigned && bits == 1 && rng.chance(70)) {
    codebook = {-1, 1};
  } else if (bits == 2 && rng.chance(40)) {
    codebook = {least + 1, least + 2, least + 3};
  } else if (isSigned && bits > 2 && rng.chance(15)) {
    // Any few values.
    std::set<int64_t> values;
    for (int64_t i = 0; i < std::min<int64_t>(2 * half, 16); ++i)
      values.insert(rng.in(-127, 127));
    codebook.assign(values.begin(), values.end());
  } else {
    bool isNarrow = bits > 1 && ((isSigned && bits == 8) || rng.chance(50));
    for (int64_t v = least + isNarrow; v < least + 2 * half; ++v)
      codebook.push_back(v);
  }
  int64_t largest = 1, limit = isSigned ? 127 : 255;
  for (int64_t v : codebook)
    largest = std::max(largest, std::abs(v));
  bool hasSteps = rng.chance(60), hasSigns = isSigned && rng.chance(30);
  // Without sign there is a zero point, of the layer or of each channel; now
  // and then none of the values that there are.
  bool isMiddle = rng.chance(50), hasZeros = rng.chance(40);
  int64_t zero = isMiddle ? half : rng.in(0, 2 * half - 1);
  weights.values.resize(static_cast<size_t>(outputs * depth));
  for (int64_t o = 0; o < outputs; ++o) {
    int64_t step =
        hasSteps ? rng.in(1, std::max<int64_t>(limit / largest, 1)) : 1;
    if (largest == 128 && isSigned)
      step = 1;
    bool isZero = rng.chance(2), isConstant = rng.chance(2);
    int64_t own = hasZeros ? rng.in(0, 2 * half - 1) * step : zero;
    weights.zeros.push_back(isSigned ? 0 : std::min(own, limit));
    for (int64_t k = 0; k < depth; ++k) {
      int64_t v = codebook[static_cast<size_t>(
          rng.in(0, static_cast<int64_t>(codebook.size()) - 1))];
      if (isConstant)
        v = codebook.front();
      int64_t w = isZero ? weights.zeros.back() : v * step;
      if (hasSigns && o % 2 == 1)
        w = std::max<int64_t>(-w, -127);
      weights
          .values[static_cast<size_t>(last ? k * outputs + o : o * depth + k)] =
          std::clamp<int64_t>(w, isSigned ? -128 : 0, limit);
    }
  }
  return weights;
}

void Generator::emitLowBitMac(const std::string &op, const Shape &filterShape,
                              int axis, int64_t taps, const std::string &attrs,
                              const Shape &shape) {
  int64_t outputs = filterShape[static_cast<size_t>(axis)];
  int64_t depth = countOf(filterShape) / outputs;
  Element in = current.element, result = lowBitActivation(false), weight;
  LowBitWeights weights = lowBitWeights(outputs, depth, axis == 3,
                                        inputs.back().name == current.name);
  std::vector<int64_t> &values = weights.values, &zeros = weights.zeros;
  pairs.push_back(
      nameOf('w', weights.bits, weights.isSigned) + " " +
      nameOf('a', bitsOf(in.lo(), in.hi()) - in.isBipolar, in.isSigned));
  weight.isSigned = weights.isSigned;
  weight.scale = scale();
  weight.zero = zeros.front();
  // What is never 0: odd sums, of even weights and odd biases.
  if (result.isBipolar)
    for (std::vector<int64_t> *all : {&values, &zeros})
      for (int64_t &w : *all)
        w = w / 2 * 2;
  bool perAxis = !std::equal(zeros.begin() + 1, zeros.end(), zeros.begin()) ||
                 (rng.chance(60) &&
                  (!weight.isSigned ||
                   *std::min_element(values.begin(), values.end()) >= -127));
  std::string filterType = tensorType(
      filterShape, perAxis ? printPerAxis(weight, axis, zeros) : print(weight));
  std::string filter = constant(filterShape, "i8", filterType, values, 1);
  double square = 0;
  for (auto [i, w] : llvm::enumerate(values)) {
    auto at = static_cast<int64_t>(i);
    int64_t zero =
        zeros[static_cast<size_t>(axis == 3 ? at % outputs : at / depth)];
    square += static_cast<double>((w - zero) * (w - zero));
  }
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
