// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Element-wise operations on quantized tensors, by the definitions' own
// fixed-point arithmetic, in lanes of 32 bits.

#include "PointwiseKernel.h"

#include "qcc/Arithmetic/FixedPoint.h"
#include "qcc/Dialect/QNN/IR/ExactScales.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace qcc {

namespace {

constexpr arith::IntRange any32 = {INT32_MIN, INT32_MAX};

arith::IntRange wrapped(arith::IntRange range) {
  return range.lo < any32.lo || range.hi > any32.hi ? any32 : range;
}

arith::IntRange unite(arith::IntRange a, arith::IntRange b) {
  return {std::min(a.lo, b.lo), std::max(a.hi, b.hi)};
}

Type typeOf(Operation *op, unsigned operand) {
  return op->getOperand(operand).getType();
}
Type resultOf(Operation *op) { return op->getResult(0).getType(); }

arith::Rounding roundingOf(Operation *op) {
  return toArith(op->getAttrOfType<qnn::RoundingAttr>("rounding").getValue());
}

/// Quantized operands and result of at most 16 bits under one of TFLite's
/// roundings.
template <int cycles>
std::optional<PointwiseChoice>
matchFixedPoint(Operation *op, const TargetFacts &facts, std::string &why) {
  for (Type type :
       llvm::concat<const Type>(op->getOperandTypes(), op->getResultTypes()))
    if (!qnn::isQuantized(type) || qnn::bytesPerElement(type) > 2) {
      why = "operands and result are not all quantized with at most 16 bits";
      return std::nullopt;
    }
  if (!roundsInFixedPoint(op, why))
    return std::nullopt;
  return PointwiseChoice{lanesFor(facts, 4), cycles};
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

/// x << amount, wrapping, in the range that this gives.
RangedValue shiftLeft(LayerEmitter &e, RangedValue x, int amount) {
  int64_t factor = int64_t{1} << amount;
  return {mlir::arith::ShLIOp::create(e.b, x.value,
                                      e.constant(x.value.getType(), amount)),
          wrapped({x.range.lo * factor, x.range.hi * factor})};
}

RangedValue negate(LayerEmitter &e, RangedValue x) {
  return {mlir::arith::SubIOp::create(e.b, e.constant(x.value.getType(), 0),
                                      x.value),
          {-x.range.hi, -x.range.lo}};
}

RangedValue sum(LayerEmitter &e, RangedValue a, RangedValue b) {
  return {mlir::arith::AddIOp::create(e.b, a.value, b.value),
          wrapped({a.range.lo + b.range.lo, a.range.hi + b.range.hi})};
}

/// x / 2^amount, half away from zero; of at most 16 bits.
RangedValue divideByPOT(LayerEmitter &e, RangedValue x, int amount) {
  if (amount == 0)
    return x;
  Type type = x.value.getType();
  Value sign = mlir::arith::ShRSIOp::create(e.b, x.value, e.constant(type, 31));
  Value biased = mlir::arith::AddIOp::create(
      e.b, mlir::arith::AddIOp::create(e.b, x.value, sign),
      e.constant(type, int64_t{1} << (amount - 1)));
  auto divide = [&](int64_t v) -> int64_t {
    return arith::roundingDivideByPOT(static_cast<int32_t>(v), amount);
  };
  return {mlir::arith::ShRSIOp::create(e.b, biased, e.constant(type, amount)),
          {divide(x.range.lo), divide(x.range.hi)}};
}

/// The ranges that the operands are prepared into, which `combine` needs.
struct Prepared {
  arith::IntRange ranges[2];
};

PointwiseBody emitSum(LayerEmitter &e, Operation *op, bool isSubtraction) {
  Type out = resultOf(op);
  bool isPowerOfTwo = op->hasAttr("power_of_two");
  auto clamp = op->getAttrOfType<qnn::ClampAttr>("clamp");
  arith::Rounding rounding = roundingOf(op);
  double lhs = qnn::scaleOf(typeOf(op, 0)), rhs = qnn::scaleOf(typeOf(op, 1));
  double common = 2 * std::max(lhs, rhs);
  int shift = qnn::sumLeftShift(out);
  auto prepared = std::make_shared<Prepared>();
  PointwiseBody body;
  for (unsigned k = 0; k < 2; ++k) {
    Type type = typeOf(op, k);
    double scale = qnn::scaleOf(type);
    body.prepare.push_back([=, &e](Value stored) {
      RangedValue x = emitCentred(e, stored, type);
      if (k == 1 && isSubtraction)
        x = negate(e, x);
      if (isPowerOfTwo)
        x = divideByPOT(e, x, std::ilogb(qnn::scaleOf(out) / scale));
      else
        x = emitMultiply(e, shiftLeft(e, x, shift),
                         arith::quantizeMultiplier(scale / common, rounding),
                         rounding);
      prepared->ranges[k] = x.range;
      return x.value;
    });
  }
  body.combine = [=, &e](ArrayRef<Value> values) {
    RangedValue x = sum(e, {values[0], prepared->ranges[0]},
                        {values[1], prepared->ranges[1]});
    if (!isPowerOfTwo)
      x = emitMultiply(
          e, x,
          arith::quantizeMultiplier(
              common / (std::ldexp(1.0, shift) * qnn::scaleOf(out)), rounding),
          rounding);
    return emitFinish(e, x, out, clamp);
  };
  return body;
}

PointwiseBody emitAdd(LayerEmitter &e, Operation *op) {
  return emitSum(e, op, /*isSubtraction=*/false);
}
PointwiseBody emitSub(LayerEmitter &e, Operation *op) {
  return emitSum(e, op, /*isSubtraction=*/true);
}

/// 8-bit additions have kernels of their own.
std::optional<PointwiseChoice>
matchWideAdd(Operation *op, const TargetFacts &facts, std::string &why) {
  std::optional<PointwiseChoice> choice = matchFixedPoint<20>(op, facts, why);
  if (choice && qnn::bytesPerElement(resultOf(op)) == 1) {
    why = "the result has 8 bits";
    return std::nullopt;
  }
  return choice;
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// What both operands are less their zero points.
PointwiseBody centreBoth(LayerEmitter &e, Operation *op) {
  PointwiseBody body;
  for (unsigned k = 0; k < 2; ++k)
    body.prepare.push_back([&e, type = typeOf(op, k)](Value stored) {
      return emitCentred(e, stored, type).value;
    });
  return body;
}

RangedValue product(LayerEmitter &e, RangedValue a, RangedValue b) {
  int64_t corners[] = {a.range.lo * b.range.lo, a.range.lo * b.range.hi,
                       a.range.hi * b.range.lo, a.range.hi * b.range.hi};
  return {mlir::arith::MulIOp::create(e.b, a.value, b.value),
          wrapped({*std::min_element(corners, corners + 4),
                   *std::max_element(corners, corners + 4)})};
}

std::optional<PointwiseChoice> matchMul(Operation *op, const TargetFacts &facts,
                                        std::string &why) {
  for (Type type :
       llvm::concat<const Type>(op->getOperandTypes(), op->getResultTypes()))
    if (!qnn::isQuantized(type) || qnn::bytesPerElement(type) > 2) {
      why = "operands and result are not all quantized with at most 16 bits";
      return std::nullopt;
    }
  bool isFloat = roundingOf(op) == arith::Rounding::HalfEvenFloat;
  if (isFloat && !hasFloats(facts, why))
    return std::nullopt;
  if (roundingOf(op) == arith::Rounding::Onnx) {
    auto reach = [&](unsigned k) {
      int64_t zero = qnn::zeroPointOf(typeOf(op, k));
      auto [lo, hi] = qnn::storageRange(typeOf(op, k));
      return std::max(std::abs(lo - zero), std::abs(hi - zero));
    };
    int64_t most = reach(0) * reach(1);
    if (!isHalfEvenExact(
            qnn::exactScale(typeOf(op, 0), typeOf(op, 1), resultOf(op), 0),
            {-most, most}, why))
      return std::nullopt;
  }
  return PointwiseChoice{lanesFor(facts, 4, isFloat), 16};
}

PointwiseBody emitMul(LayerEmitter &e, Operation *op) {
  Type lhs = typeOf(op, 0), rhs = typeOf(op, 1), out = resultOf(op);
  arith::Requantization requantize;
  double scale = qnn::productScale(lhs, rhs, out);
  requantize.rounding = roundingOf(op);
  requantize.multiplier = arith::quantizeMultiplier(scale, requantize.rounding);
  requantize.scale = static_cast<float>(scale);
  requantize.ratio = qnn::exactScale(lhs, rhs, out, 0);
  requantize.zeroPoint = static_cast<int32_t>(qnn::zeroPointOf(out));
  auto [lo, hi] =
      qnn::integerClamp(op->getAttrOfType<qnn::ClampAttr>("clamp"), out);
  requantize.lo = static_cast<int32_t>(lo);
  requantize.hi = static_cast<int32_t>(hi);
  PointwiseBody body = centreBoth(e, op);
  body.combine = [=, &e](ArrayRef<Value> values) {
    RangedValue x = product(e, {values[0], centredRange(lhs)},
                            {values[1], centredRange(rhs)});
    return emitRequantize(e, x, requantize, memoryTypeOf(out));
  };
  return body;
}

PointwiseBody emitSquaredDifference(LayerEmitter &e, Operation *op) {
  constexpr int leftShift = 7;
  Type out = resultOf(op);
  auto clamp = op->getAttrOfType<qnn::ClampAttr>("clamp");
  arith::Rounding rounding = roundingOf(op);
  double lhs = qnn::scaleOf(typeOf(op, 0)), rhs = qnn::scaleOf(typeOf(op, 1));
  double common = 2 * std::max(lhs, rhs);
  PointwiseBody body;
  for (unsigned k = 0; k < 2; ++k)
    body.prepare.push_back([=, &e, type = typeOf(op, k)](Value stored) {
      return emitMultiply(e,
                          shiftLeft(e, emitCentred(e, stored, type), leftShift),
                          arith::quantizeMultiplier(qnn::scaleOf(type) / common,
                                                    rounding),
                          rounding)
          .value;
    });
  body.combine = [=, &e](ArrayRef<Value> values) {
    Value difference = mlir::arith::SubIOp::create(e.b, values[0], values[1]);
    // At most 255 · 2^7, half of it from either operand.
    constexpr int64_t most = 255 << leftShift;
    RangedValue square = {
        mlir::arith::MulIOp::create(e.b, difference, difference),
        {0, most * most}};
    auto multiplier = arith::quantizeMultiplier(
        common * common / ((1 << 2 * leftShift) * qnn::scaleOf(out)), rounding);
    return emitFinish(e, emitMultiply(e, square, multiplier, rounding), out,
                      clamp);
  };
  return body;
}

/// x scaled by `identity` where it is not negative, else `below`.
Value emitRectified(LayerEmitter &e, Value x, arith::IntRange range,
                    arith::QuantizedMultiplier identity, RangedValue negative,
                    arith::QuantizedMultiplier below, arith::Rounding rounding,
                    Type out) {
  RangedValue positive = emitMultiply(
      e, {x, {std::min<int64_t>(0, range.hi), range.hi}}, identity, rounding);
  RangedValue rest = emitMultiply(e, negative, below, rounding);
  Value isPositive = mlir::arith::CmpIOp::create(
      e.b, mlir::arith::CmpIPredicate::sge, x, e.constant(x.getType(), 0));
  return emitFinish(e,
                    {emitSelect(e, isPositive, positive.value, rest.value),
                     unite(positive.range, rest.range)},
                    out);
}

PointwiseBody emitPrelu(LayerEmitter &e, Operation *op) {
  Type input = typeOf(op, 0), slope = typeOf(op, 1), out = resultOf(op);
  arith::Rounding rounding = roundingOf(op);
  auto identity = arith::quantizeMultiplier(
      qnn::requantizeScale(qnn::scaleOf(input), qnn::scaleOf(out), true),
      rounding);
  auto below =
      arith::quantizeMultiplier(qnn::productScale(input, slope, out), rounding);
  PointwiseBody body = centreBoth(e, op);
  body.combine = [=, &e](ArrayRef<Value> values) {
    RangedValue scaled = product(e, {values[0], centredRange(input)},
                                 {values[1], centredRange(slope)});
    // Also what a vector computes in lanes that it will not take.
    return emitRectified(e, values[0], centredRange(input), identity, scaled,
                         below, rounding, out);
  };
  return body;
}

//===----------------------------------------------------------------------===//
// Functions of one operand with 16 bits
//===----------------------------------------------------------------------===//

PointwiseBody emitLeakyRelu(LayerEmitter &e, Operation *op) {
  Type input = typeOf(op, 0), out = resultOf(op);
  arith::Rounding rounding = roundingOf(op);
  auto inputScale = static_cast<float>(qnn::scaleOf(input));
  auto scale = static_cast<float>(qnn::scaleOf(out));
  float alpha = cast<qnn::LeakyReluOp>(op).getAlpha().convertToFloat();
  auto identity = arith::quantizeMultiplier(
      static_cast<double>(inputScale / scale), rounding);
  // A negative multiplier is a positive one of the negated value.
  auto below = arith::quantizeMultiplier(
      static_cast<double>(inputScale * std::abs(alpha) / scale), rounding);
  PointwiseBody body;
  body.combine = [=, &e](ArrayRef<Value> values) {
    RangedValue x = emitCentred(e, values[0], input);
    return emitRectified(e, x.value, x.range, identity,
                         alpha < 0 ? negate(e, x) : x, below, rounding, out);
  };
  return body;
}

PointwiseBody emitAbs(LayerEmitter &e, Operation *op) {
  Type input = typeOf(op, 0), out = resultOf(op);
  arith::Rounding rounding = roundingOf(op);
  auto inputScale = static_cast<float>(qnn::scaleOf(input));
  auto scale = static_cast<float>(qnn::scaleOf(out));
  PointwiseBody body;
  body.combine = [=, &e](ArrayRef<Value> values) {
    RangedValue x = emitCentred(e, values[0], input);
    Value negative = negate(e, x).value;
    x.value = mlir::arith::MaxSIOp::create(e.b, x.value, negative);
    x.range = {0, std::max(-x.range.lo, x.range.hi)};
    if (inputScale != scale)
      x = emitMultiply(e, x,
                       arith::quantizeMultiplier(
                           static_cast<double>(inputScale / scale), rounding),
                       rounding);
    return emitFinish(e, x, out);
  };
  return body;
}

//===----------------------------------------------------------------------===//
// Comparison of 8 bits
//===----------------------------------------------------------------------===//

std::optional<PointwiseChoice>
matchCompare(Operation *op, const TargetFacts &facts, std::string &why) {
  for (Type type : op->getOperandTypes())
    if (!qnn::isQuantized(type) || qnn::bytesPerElement(type) != 1) {
      why = "the operands are not quantized with 8 bits";
      return std::nullopt;
    }
  return PointwiseChoice{lanesFor(facts, 4), 20};
}

} // namespace

mlir::arith::CmpIPredicate integerPredicate(qnn::Predicate predicate,
                                            bool isSigned) {
  using P = mlir::arith::CmpIPredicate;
  switch (predicate) {
  case qnn::Predicate::Equal:
    return P::eq;
  case qnn::Predicate::NotEqual:
    return P::ne;
  case qnn::Predicate::Less:
    return isSigned ? P::slt : P::ult;
  case qnn::Predicate::LessEqual:
    return isSigned ? P::sle : P::ule;
  case qnn::Predicate::Greater:
    return isSigned ? P::sgt : P::ugt;
  case qnn::Predicate::GreaterEqual:
    return isSigned ? P::sge : P::uge;
  }
  llvm_unreachable("covered switch");
}

namespace {

PointwiseBody emitCompare(LayerEmitter &e, Operation *op) {
  constexpr int leftShift = 8;
  PointwiseBody body;
  for (unsigned k = 0; k < 2; ++k)
    body.prepare.push_back([&e, type = typeOf(op, k)](Value stored) {
      RangedValue x = shiftLeft(e, emitCentred(e, stored, type), leftShift);
      return emitMultiply(e, x, arith::quantizeMultiplier(qnn::scaleOf(type)),
                          arith::Rounding::TfliteDouble)
          .value;
    });
  auto predicate = cast<qnn::CompareOp>(op).getPredicate();
  body.combine = [=, &e](ArrayRef<Value> values) {
    Value holds = mlir::arith::CmpIOp::create(
        e.b, integerPredicate(predicate, true), values[0], values[1]);
    return e.extend(holds, e.b.getI8Type(), /*isSigned=*/false);
  };
  return body;
}

constexpr PointwiseRule rules[] = {
    {"abs", "fixedpoint", matchFixedPoint<14>, emitAbs},
    {"add", "fixedpoint16", matchWideAdd, emitAdd},
    {"compare", "fixedpoint", matchCompare, emitCompare},
    {"leaky_relu", "fixedpoint", matchFixedPoint<30>, emitLeakyRelu},
    {"mul", "fixedpoint", matchMul, emitMul},
    {"prelu", "fixedpoint", matchFixedPoint<30>, emitPrelu},
    {"squared_difference", "fixedpoint", matchFixedPoint<30>,
     emitSquaredDifference},
    {"sub", "fixedpoint", matchFixedPoint<24>, emitSub},
};

} // namespace

ArrayRef<PointwiseRule> fixedPointRules() { return rules; }

} // namespace qcc
