// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions of one and of two operands, element by element.

#include "Generator.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace qcc::fuzz {

/// The result's element type, so that values fill its range.
Element Generator::resultOf(const std::string &op, const Element &lhs,
                            const Element &rhs) {
  if (lhs.isFloat || op == "maximum" || op == "minimum")
    return lhs;
  bool isSum = op == "add" || op == "sub";
  if (isSum && rng.chance(10) && print(lhs) == print(rhs))
    return lhs;
  Element result = quantized(lhs.bits, lhs.isSigned);
  double steps = std::ldexp(1.0, lhs.bits - 8);
  double larger = std::max(lhs.scale, rhs.scale);
  double scale = larger * std::exp(rng.real(-0.7, 1.5));
  if (op == "mul")
    scale = lhs.scale * rhs.scale * steps * 30 * std::exp(rng.real(-1, 1.5));
  else if (op == "squared_difference")
    scale = larger * larger * 60 * std::exp(rng.real(-1, 1.5));
  else if (op == "div")
    scale = lhs.scale / rhs.scale / 30 * std::exp(rng.real(-1.5, 1.5));
  else if (op == "prelu")
    scale = lhs.scale * std::exp(rng.real(-0.7, 1.5));
  result.scale = static_cast<double>(static_cast<float>(scale));
  return result;
}

bool Generator::makeBinary(const std::string &op) {
  bool isArithmetic = op != "maximum" && op != "minimum" && op != "prelu";
  // These have a form for 16 bits, too.
  bool mayBeWide = op == "add" || op == "sub" || op == "mul" || !isArithmetic;
  mayBeWide &= op != "prelu";
  auto fits = [&](const Tensor &t) {
    return isByteOrFloat(t) ||
           (mayBeWide && t.element.bits == 16 && !t.element.isPlain);
  };
  if (!need(fits, [&] {
        return input(anyShape(), rng.chance(20) ? real()
                                 : mayBeWide && rng.chance(15)
                                     ? quantized(16, true)
                                     : quantized());
      }))
    return false;
  Tensor lhs = current, rhs = current;
  if (!lhs.element.isFloat && (isArithmetic || op == "prelu") &&
      !rng.chance(10)) {
    rhs.element = quantized(lhs.element.bits, lhs.element.isSigned);
    // Usual ratios of scales; extreme ones now and then.
    double near = rng.chance(90) ? 1.5 : 8;
    rhs.element.scale = static_cast<double>(static_cast<float>(
        lhs.element.scale * std::exp(rng.real(-near, near))));
  }
  // The other operand: the same shape, or broadcast, or this tensor itself.
  const Tensor *other = earlier([&](const Tensor &t) {
    return t.shape == lhs.shape && t.element.isFloat == lhs.element.isFloat &&
           t.element.bits == lhs.element.bits && !t.element.isPlain &&
           t.element.isSigned == lhs.element.isSigned &&
           (op == "add" || print(t.element) == print(rhs.element));
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
      rhs.name = constant(rhs.shape, "i" + std::to_string(rhs.element.bits),
                          typeOf(rhs), values, rhs.element.bits / 8);
    }
  } else if (rng.chance(10) && rhs.shape == lhs.shape) {
    rhs = lhs;
  } else {
    rhs = input(rhs.shape, rhs.element);
  }
  Element result = resultOf(op, lhs.element, rhs.element);
  std::string attrs = isArithmetic ? clamp(result) : "";
  if (!result.isFloat && op != "maximum" && op != "minimum")
    attrs += rounding();
  std::vector<Tensor> operands = {lhs, rhs};
  if (rng.chance(30) && op != "prelu" && op != "div")
    std::swap(operands[0], operands[1]);
  emit(op, operands, attributes(attrs), lhs.shape, result);
  return true;
}

/// Functions of one operand that are exact, or nearly so, in floats.
bool Generator::makeUnary(const std::string &op) {
  static const std::set<std::string> onlyFloat = {
      "ceil", "floor", "neg", "round", "sign", "sqrt", "square"};
  static const std::set<std::string> wide = {"abs", "leaky_relu"};
  static const std::set<std::string> isInexact = {"elu", "exp", "gelu", "rsqrt",
                                                  "sqrt"};
  static const std::set<std::string> jumps = {"ceil", "floor", "round", "sign",
                                              "table"};
  // What grows fast, or jumps, is not for what is only nearly equal.
  bool isWild = op == "exp" || op == "square" || op == "rsqrt";
  if ((jumps.count(op) && !isExact) || (isWild && !current.name.empty()))
    return false;
  auto fits = [&](const Tensor &t) {
    if (t.element.isFloat)
      return op != "table";
    return !onlyFloat.count(op) && !t.element.isPlain &&
           (t.element.bits == 8 || wide.count(op));
  };
  if (!need(fits, [&] {
        return input(anyShape(),
                     onlyFloat.count(op) || (op != "table" && rng.chance(40))
                         ? real()
                     : wide.count(op) && rng.chance(30) ? quantized(16, true)
                                                        : quantized());
      }))
    return false;
  Element result = current.element;
  std::string attrs;
  if (op == "leaky_relu")
    attrs += ", alpha = " + number(rng.real(-0.3, 1.2)) + " : f32";
  if (op == "gelu" && rng.chance(50))
    attrs += ", approximate";
  if (op == "table") {
    result = quantized();
    std::string bytes;
    for (int i = 0; i < 256; ++i) {
      static constexpr char digits[] = "0123456789ABCDEF";
      int64_t byte = rng.in(0, 255);
      bytes += {digits[byte / 16], digits[byte % 16]};
    }
    attrs += ", table = dense<\"0x" + bytes + "\"> : tensor<256xui8>";
  } else if (!result.isFloat) {
    if (!rng.chance(20)) {
      result = quantized(result.bits, result.isSigned);
      result.scale = static_cast<double>(static_cast<float>(
          current.element.scale * std::exp(rng.real(-1, 1.5))));
    }
    if (op == "abs" || op == "leaky_relu" || op == "rsqrt")
      attrs += rounding();
  }
  isExact &= !result.isFloat || !isInexact.count(op);
  emit(op, {current}, attributes(attrs), current.shape, result);
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

} // namespace qcc::fuzz
