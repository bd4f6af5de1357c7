// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations that only move elements, gather and resizing.

#include "Generator.h"

#include <algorithm>

namespace qcc::fuzz {

bool Generator::makePad() {
  if (!need(isByteOrFloat, [&] {
        return input(anyShape(), rng.chance(80) ? quantized() : real());
      }))
    return false;
  Shape low, high, shape;
  for (int64_t extent : current.shape) {
    low.push_back(rng.chance(50) ? rng.in(0, 3) : 0);
    high.push_back(rng.chance(50) ? rng.in(0, 3) : 0);
    shape.push_back(extent + low.back() + high.back());
  }
  if (shape.empty())
    return false;
  std::string value;
  if (rng.chance(30))
    value = current.element.isFloat
                ? ", value = 1.5 : f32"
                : ", value = " +
                      std::to_string(
                          rng.in(current.element.lo(), current.element.hi())) +
                      " : i64";
  emit("pad", {current},
       "low = " + array(low) + ", high = " + array(high) + value, shape,
       current.element);
  return true;
}

bool Generator::makeBroadcast() {
  if (!needAxes())
    return false;
  // Where no axis repeats, a new one does.
  Shape shape = current.shape;
  auto isOne = [](int64_t extent) { return extent == 1; };
  if (std::none_of(shape.begin(), shape.end(), isOne)) {
    shape.insert(shape.begin() + rng.in(0, static_cast<int64_t>(shape.size())),
                 1);
    emit("reshape", {current}, "", shape, current.element);
  }
  for (int64_t &extent : shape)
    if (extent == 1)
      extent = rng.in(1, 5);
  emit("broadcast", {current}, "", shape, current.element);
  return true;
}

bool Generator::makeGather() {
  if (!needAxes())
    return false;
  auto axis = rng.in(0, static_cast<int64_t>(current.shape.size()) - 1);
  int64_t extent = current.shape[static_cast<size_t>(axis)];
  // Outside, too.
  std::vector<int64_t> numbers;
  for (int64_t i = rng.in(1, 9); i > 0; --i)
    numbers.push_back(rng.in(-1, extent));
  Shape shape = current.shape,
        indexShape = {static_cast<int64_t>(numbers.size())};
  shape[static_cast<size_t>(axis)] = indexShape[0];
  std::string type = tensorType(indexShape, "i32"),
              indices = constant(indexShape, "i32", type, numbers, 4);
  Tensor result{fresh(), shape, current.element};
  body += "  " + result.name + " = qnn.gather " + current.name + ", " +
          indices + " {axis = " + std::to_string(axis) + " : i64} : (" +
          typeOf(current) + ", " + type + ") -> " + typeOf(result) + "\n";
  current = result;
  tensors.push_back(current);
  return true;
}

bool Generator::makeMirrorPad() {
  if (!needAxes())
    return false;
  bool symmetric = rng.chance(50);
  Shape low, high, shape;
  for (int64_t extent : current.shape) {
    int64_t most = std::min<int64_t>(symmetric ? extent : extent - 1, 4);
    low.push_back(rng.chance(50) ? rng.in(0, most) : 0);
    high.push_back(rng.chance(50) ? rng.in(0, most) : 0);
    shape.push_back(extent + low.back() + high.back());
  }
  emit("mirror_pad", {current},
       "low = " + array(low) + ", high = " + array(high) +
           (symmetric ? ", symmetric" : ""),
       shape, current.element);
  return true;
}

bool Generator::makeResize(const std::string &op) {
  if (!needImage())
    return false;
  Shape size = {rng.in(1, 16), rng.in(1, 16)};
  emit(op, {current},
       "size = " + array(size) +
           (rng.chance(33)   ? ", align_corners"
            : rng.chance(50) ? ", half_pixel_centers"
                             : ""),
       {current.shape[0], size[0], size[1], current.shape[3]}, current.element);
  return true;
}

bool Generator::makeSlice() {
  if (!needAxes())
    return false;
  Shape starts, sizes, steps;
  for (int64_t extent : current.shape) {
    int64_t step = rng.chance(60) ? 1 : rng.in(1, 3);
    int64_t size = rng.in(1, (extent - 1) / step + 1), span = (size - 1) * step;
    bool backwards = rng.chance(20);
    starts.push_back(rng.in(0, extent - 1 - span) + (backwards ? span : 0));
    sizes.push_back(size);
    steps.push_back(backwards ? -step : step);
  }
  emit("slice", {current},
       "starts = " + array(starts) + ", sizes = " + array(sizes) +
           ", steps = " + array(steps),
       sizes, current.element);
  return true;
}

bool Generator::makeTranspose() {
  if (!needAxes())
    return false;
  Shape permutation, shape;
  for (size_t i = 0; i < current.shape.size(); ++i)
    permutation.push_back(static_cast<int64_t>(i));
  for (size_t i = permutation.size(); i-- > 1;)
    std::swap(
        permutation[i],
        permutation[static_cast<size_t>(rng.in(0, static_cast<int64_t>(i)))]);
  for (int64_t axis : permutation)
    shape.push_back(current.shape[static_cast<size_t>(axis)]);
  emit("transpose", {current}, "permutation = " + array(permutation), shape,
       current.element);
  return true;
}

bool Generator::makeConcat() {
  if (!needAxes())
    return false;
  auto axis = static_cast<size_t>(
      rng.chance(60)
          ? static_cast<int64_t>(current.shape.size()) - 1
          : rng.in(0, static_cast<int64_t>(current.shape.size()) - 1));
  std::vector<Tensor> operands = {current};
  Shape shape = current.shape;
  for (int64_t i = rng.in(1, 3); i > 0; --i) {
    Shape other = current.shape;
    other[axis] = rng.in(1, 9);
    const Tensor *known = earlier([&](const Tensor &t) {
      other[axis] = t.shape.size() > axis ? t.shape[axis] : 0;
      return t.shape == other && print(t.element) == print(current.element);
    });
    other[axis] = known ? known->shape[axis] : rng.in(1, 9);
    shape[axis] += other[axis];
    operands.push_back(known ? *known : input(other, current.element));
  }
  if (rng.chance(30))
    std::swap(operands.front(), operands.back());
  emit("concat", operands, "axis = " + std::to_string(axis) + " : i64", shape,
       current.element);
  return true;
}

} // namespace qcc::fuzz
