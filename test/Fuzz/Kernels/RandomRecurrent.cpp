// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Recurrent layers. Their states are inputs of the model, and their next states
// results of it.

#include "Generator.h"

#include <cmath>

namespace qcc::fuzz {

bool Generator::needSequence(size_t rank, const std::function<Shape()> &shape) {
  return need(
      [&](const Tensor &t) {
        return t.shape.size() == rank && isByteOrFloat(t) &&
               (t.element.isFloat || t.element.isSigned) &&
               t.shape.back() <= 400;
      },
      [&] {
        return input(shape(), rng.chance(70) ? quantized(8, true) : real());
      });
}

Tensor Generator::weights(const Shape &shape, const Element &element) {
  Tensor t{"", shape, element};
  if (element.isFloat) {
    t.name =
        floatConstant(shape, 1 / std::sqrt(static_cast<double>(shape.back())));
    return t;
  }
  // Extreme ones now and then, which reach the ends of accumulators.
  bool extreme = rng.chance(15);
  std::vector<int64_t> values;
  for (int64_t i = 0; i < countOf(shape); ++i)
    values.push_back(extreme ? (rng.chance(50) ? element.lo() : element.hi())
                             : rng.in(element.lo(), element.hi()));
  t.name = constant(shape, "i" + std::to_string(element.bits), typeOf(t),
                    values, element.bits / 8);
  return t;
}

/// An integer type of zero point 0.
static Element symmetric(int bits, double scale) {
  Element e;
  e.bits = bits;
  e.scale = static_cast<double>(static_cast<float>(scale));
  return e;
}

bool Generator::makeLstm() {
  if (!needSequence(
          3, [&] { return Shape{rng.in(1, 3), rng.in(1, 5), channels()}; }))
    return false;
  Tensor in = current;
  bool isFloat = in.element.isFloat, timeMajor = rng.chance(50);
  int64_t batch = in.shape[timeMajor ? 1 : 0], features = in.shape[2],
          cells = channels();
  if (countOf(in.shape) / features * cells * (features + cells) > 1000000)
    return false;
  Element state = real(), cell = real(), hidden;
  if (!isFloat) {
    state = quantized(8, true);
    state.scale = static_cast<double>(
        static_cast<float>(std::exp(rng.real(-1, 1)) / 128));
    cell = symmetric(16, std::ldexp(1.0, -static_cast<int>(rng.in(9, 15))));
    // The origin's files have the same type twice.
    hidden = rng.chance(70) ? state : quantized(8, true);
  }
  Tensor oldState = input({batch, cells}, state),
         oldCell = input({batch, cells}, cell);
  // Arguments of the gates around -8 ... 8, where their functions bend.
  auto weightOf = [&](const Element &of, int64_t columns) {
    double reach = of.scale * 5000 * std::sqrt(static_cast<double>(columns));
    return isFloat ? real()
                   : symmetric(8, 3 * std::exp(rng.real(-1, 1)) / reach);
  };
  std::vector<Tensor> groups[3];
  int64_t gates = rng.chance(75) ? 4 : 3;
  for (int64_t gate = 0; gate < gates; ++gate) {
    groups[0].push_back(
        weights({cells, features}, weightOf(in.element, features)));
    groups[1].push_back(weights({cells, cells}, weightOf(state, cells)));
    Tensor bias{"", {cells}, isFloat ? real() : plain(32)};
    if (isFloat) {
      bias.name = floatConstant(bias.shape, 1);
    } else {
      std::vector<int64_t> values;
      for (int64_t i = 0; i < cells; ++i)
        values.push_back(rng.in(-3000, 3000));
      bias.name = constant(bias.shape, "i32", typeOf(bias), values, 4);
    }
    groups[2].push_back(bias);
  }
  std::string names = in.name + ", " + oldState.name + ", " + oldCell.name,
              types =
                  typeOf(in) + ", " + typeOf(oldState) + ", " + typeOf(oldCell);
  for (const std::vector<Tensor> &group : groups) {
    std::string list;
    for (const Tensor &t : group) {
      list += (list.empty() ? "" : ", ") + t.name;
      types += ", " + typeOf(t);
    }
    names += ", (" + list + ")";
  }
  std::string attrs;
  if (timeMajor)
    attrs += ", time_major";
  if (rng.chance(40))
    attrs += ", cell_clip = " + number(rng.real(0.05, 4)) + " : f32";
  if (!isFloat)
    attrs += ", hidden = " + print(hidden);
  Shape shape = in.shape;
  shape.back() = cells;
  emitWithStates("lstm", names, attributes(attrs), types,
                 {{fresh(), shape, state},
                  {fresh(), oldState.shape, state},
                  {fresh(), oldCell.shape, cell}});
  isExact &= !isFloat;
  return true;
}

bool Generator::makeSvdf() {
  if (!needSequence(2, [&] { return Shape{rng.in(1, 3), channels()}; }))
    return false;
  Tensor in = current;
  bool isFloat = in.element.isFloat;
  int64_t batch = in.shape[0], depth = in.shape[1], rank = rng.in(1, 3),
          units = rng.in(1, 24), filters = units * rank, memory = rng.in(1, 12);
  Element state = real(), feature = real(), time = real(), result = real();
  if (!isFloat) {
    feature = symmetric(8, scale());
    time = symmetric(16, std::ldexp(1.0, -static_cast<int>(rng.in(10, 15))));
    state = symmetric(16, in.element.scale * feature.scale *
                              std::sqrt(static_cast<double>(depth)) * 5000 /
                              16384 * std::exp(rng.real(-1, 1)));
    result = quantized(8, true);
    result.scale = static_cast<double>(
        static_cast<float>(state.scale * time.scale *
                           std::sqrt(static_cast<double>(memory * rank)) *
                           3.6e8 / 60 * std::exp(rng.real(-1, 1))));
  }
  std::vector<Tensor> operands = {in, input({batch, filters * memory}, state),
                                  weights({filters, depth}, feature),
                                  weights({filters, memory}, time)};
  std::string names, types;
  for (const Tensor &t : operands) {
    names += (names.empty() ? "" : ", ") + t.name;
    types += (types.empty() ? "" : ", ") + typeOf(t);
  }
  if (rng.chance(70)) {
    Tensor bias{"", {units}, isFloat ? real() : plain(32)};
    if (isFloat) {
      bias.name = floatConstant(bias.shape, 1);
    } else {
      std::vector<int64_t> values;
      for (int64_t i = 0; i < units; ++i)
        values.push_back(rng.in(-100000, 100000));
      bias.name = constant(bias.shape, "i32", typeOf(bias), values, 4);
    }
    names += " bias " + bias.name;
    types += ", " + typeOf(bias);
  }
  Tensor oldState = operands[1];
  emitWithStates(
      "svdf", names,
      "rank = " + std::to_string(rank) + " : i64" + clamp(result), types,
      {{fresh(), {batch, units}, result}, {fresh(), oldState.shape, state}});
  isExact &= !isFloat;
  return true;
}

} // namespace qcc::fuzz
