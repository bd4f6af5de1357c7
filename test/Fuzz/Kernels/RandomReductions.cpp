// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reductions over axes and functions over the last axis.

#include "Generator.h"

#include <cmath>

namespace qcc::fuzz {

bool Generator::makeMean() { return makeReduction("mean", true); }
bool Generator::makeSum() { return makeReduction("sum", true); }
bool Generator::makeReduceMax() { return makeReduction("reduce_max", false); }
bool Generator::makeReduceMin() { return makeReduction("reduce_min", false); }

/// `rescales`: the result has a scale and the operation a rounding.
bool Generator::makeReduction(const std::string &name, bool rescales) {
  if (!need(
          [](const Tensor &t) { return !t.shape.empty() && isByteOrFloat(t); },
          [&] {
            Shape shape = anyShape();
            if (shape.empty())
              shape = {rng.in(1, 30)};
            return input(shape, rng.chance(80) ? quantized() : real());
          }))
    return false;
  Shape axes, shape;
  bool keep = rng.chance(50);
  bool spatial = current.shape.size() == 4 && rng.chance(60);
  for (size_t axis = 0; axis < current.shape.size(); ++axis) {
    bool reduced = spatial ? axis == 1 || axis == 2 : rng.chance(40);
    if (axis + 1 == current.shape.size() && axes.empty() && !spatial)
      reduced = true;
    if (reduced)
      axes.push_back(static_cast<int64_t>(axis));
    if (!reduced || keep)
      shape.push_back(reduced ? 1 : current.shape[axis]);
  }
  Element result = current.element;
  std::string attrs = "axes = " + array(axes) + (keep ? ", keep_dims" : "");
  if (!rescales) {
    // Elements are taken as they are.
  } else if (!result.isFloat) {
    if (rng.chance(60)) {
      result = quantized(8, result.isSigned);
      result.scale = static_cast<double>(static_cast<float>(
          current.element.scale * std::exp(rng.real(-1.5, 0.5))));
    }
    attrs += rounding();
  } else {
    isExact = false;
  }
  emit(name, {current}, attrs, shape, result);
  return true;
}

/// Something for a function over the last axis.
bool Generator::needRows() {
  return need(
      [](const Tensor &t) { return !t.shape.empty() && isByteOrFloat(t); },
      [&] {
        Shape shape = anyShape();
        if (shape.empty() || rng.chance(50))
          shape = {rng.in(1, 3), rng.in(1, 300)};
        return input(shape, rng.chance(80) ? quantized() : real());
      });
}

bool Generator::makeSoftmax() {
  if (!needRows())
    return false;
  Element result = current.element;
  if (!result.isFloat) {
    if (rng.chance(20))
      result.isSigned = !result.isSigned;
    result.scale = 1.0 / 256;
    result.zero = result.lo();
  } else {
    isExact = false;
  }
  std::string attrs =
      rng.chance(70) ? "" : "beta = " + number(rng.real(0.1, 2)) + " : f32";
  emit("softmax", {current}, attrs, current.shape, result);
  return true;
}

bool Generator::makeLogSoftmax() {
  return makeNormalization("log_softmax", 1.0 / 16);
}
bool Generator::makeL2Normalize() {
  return makeNormalization("l2_normalize", 1.0 / 128);
}

/// A function over the last axis whose result's type is built in.
bool Generator::makeNormalization(const std::string &name, double scale) {
  if (!needRows())
    return false;
  Element result = current.element;
  if (!result.isFloat) {
    if (rng.chance(20))
      result.isSigned = !result.isSigned;
    result.scale = scale;
    // The top of the range, or its middle.
    int64_t top = result.isSigned ? 127 : 255;
    result.zero = name == "log_softmax" ? top : top - 127;
  } else {
    isExact = false;
  }
  emit(name, {current}, "", current.shape, result);
  return true;
}

} // namespace qcc::fuzz
