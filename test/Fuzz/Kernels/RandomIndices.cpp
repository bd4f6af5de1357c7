// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations that take or make indices.

#include "Generator.h"

#include <algorithm>

namespace qcc::fuzz {

bool Generator::makeArg(const std::string &op) {
  if (!needAxes())
    return false;
  auto axis = rng.in(0, static_cast<int64_t>(current.shape.size()) - 1);
  Shape shape = current.shape;
  shape.erase(shape.begin() + axis);
  emit(op, {current}, "axis = " + std::to_string(axis) + " : i64", shape,
       plain(rng.chance(70) ? 32 : 64));
  return true;
}

bool Generator::makeTopK() {
  if (!needAxes())
    return false;
  Shape shape = current.shape;
  shape.back() = rng.in(1, std::min<int64_t>(shape.back(), 8));
  emit("top_k", {current}, "k = " + std::to_string(shape.back()) + " : i64",
       shape, plain(32));
  return true;
}

bool Generator::makeCumsum() {
  auto isSummed = [](const Element &e) { return e.isFloat || e.isPlain; };
  if (!need(
          [&](const Tensor &t) {
            return !t.shape.empty() && isSummed(t.element);
          },
          [&] {
            Shape shape = anyShape();
            if (shape.empty())
              shape = {rng.in(1, 30)};
            return input(shape,
                         rng.chance(50) ? real() : plain(rng.pick({32, 64})));
          }))
    return false;
  auto axis = rng.in(0, static_cast<int64_t>(current.shape.size()) - 1);
  isExact &= !current.element.isFloat;
  emit("cumsum", {current},
       "axis = " + std::to_string(axis) + " : i64" +
           (rng.chance(50) ? ", exclusive" : "") +
           (rng.chance(50) ? ", reverse" : ""),
       current.shape, current.element);
  return true;
}

bool Generator::makeOneHot() {
  // Indices that anything made would hardly ever hit.
  if (current.name.empty() && !makeArg("arg_max"))
    return false;
  if (!current.element.isPlain)
    return false;
  Tensor indices = current;
  auto axis = rng.in(0, static_cast<int64_t>(indices.shape.size()));
  Shape shape = indices.shape;
  shape.insert(shape.begin() + axis, rng.in(1, 12));
  Element element = rng.chance(50)   ? quantized()
                    : rng.chance(50) ? real()
                                     : plain(32);
  if (oneHotElement)
    element = *oneHotElement;
  Tensor on = input({}, element), off = input({}, element);
  emit("one_hot", {indices, on, off},
       "axis = " + std::to_string(axis) + " : i64, depth = " +
           std::to_string(shape[static_cast<size_t>(axis)]) + " : i64",
       shape, element);
  return true;
}

bool Generator::makeGatherND() {
  if (!needAxes())
    return false;
  auto width = rng.in(1, static_cast<int64_t>(current.shape.size())),
       count = rng.in(1, 9);
  // Outside, too.
  std::vector<int64_t> numbers;
  for (int64_t i = 0; i < count * width; ++i)
    numbers.push_back(
        rng.in(-1, current.shape[static_cast<size_t>(i % width)]));
  Shape shape(current.shape.begin() + width, current.shape.end());
  shape.insert(shape.begin(), count);
  Tensor indices{"", {count, width}, plain(32)};
  indices.name = constant(indices.shape, "i32", typeOf(indices), numbers, 4);
  emit("gather_nd", {current, indices}, "", shape, current.element);
  return true;
}

bool Generator::makeDynamicUpdateSlice() {
  if (!needAxes())
    return false;
  Tensor whole = current, update{"", {}, whole.element};
  std::vector<int64_t> numbers;
  for (int64_t extent : whole.shape) {
    update.shape.push_back(rng.in(1, extent));
    // The box is moved inside.
    numbers.push_back(rng.in(-2, extent + 1));
  }
  update = input(update.shape, update.element);
  Tensor starts{"", {static_cast<int64_t>(numbers.size())}, plain(32)};
  starts.name = constant(starts.shape, "i32", typeOf(starts), numbers, 4);
  emit("dynamic_update_slice", {whole, update, starts}, "", whole.shape,
       whole.element);
  return true;
}

} // namespace qcc::fuzz
