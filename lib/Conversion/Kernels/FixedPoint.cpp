// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Exact fixed-point arithmetic as IR. See the header.

#include "FixedPoint.h"

#include "KernelSupport.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <limits>

using namespace mlir;

namespace qcc {

arith::Rounding toArith(qnn::Rounding rounding) {
  switch (rounding) {
  case qnn::Rounding::TfliteDouble:
    return arith::Rounding::TfliteDouble;
  case qnn::Rounding::TfliteSingle:
    return arith::Rounding::TfliteSingle;
  case qnn::Rounding::HalfEvenFloat:
    return arith::Rounding::HalfEvenFloat;
  case qnn::Rounding::Onnx:
    return arith::Rounding::Onnx;
  }
  llvm_unreachable("unknown rounding");
}

static constexpr arith::IntRange int32Range = {
    std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};

namespace {

/// Shorthand for lane-wise integer operations with constants.
class IntegerEmitter {
public:
  explicit IntegerEmitter(LayerEmitter &emitter) : e(emitter) {}

  Value add(Value x, int64_t c) {
    return c == 0 ? x
                  : Value(mlir::arith::AddIOp::create(
                        e.b, x, e.constant(x.getType(), c)));
  }
  Value add(Value x, Value y) { return mlir::arith::AddIOp::create(e.b, x, y); }
  Value mul(Value x, int64_t c) {
    return mlir::arith::MulIOp::create(e.b, x, e.constant(x.getType(), c));
  }
  Value shl(Value x, int64_t amount) {
    return amount == 0 ? x
                       : Value(mlir::arith::ShLIOp::create(
                             e.b, x, e.constant(x.getType(), amount)));
  }
  Value ashr(Value x, int64_t amount) {
    return amount == 0 ? x
                       : Value(mlir::arith::ShRSIOp::create(
                             e.b, x, e.constant(x.getType(), amount)));
  }
  Value to(Value x, Type element) {
    return resizeInteger(e, x, element, /*isSigned=*/true);
  }
  /// The low 32 bits of a 64-bit x >> amount.
  Value shiftDownTo32(Value x, int64_t amount) {
    // Below 33 the sign never arrives: a logical shift, which more machines
    // have on vectors, gives the same 32 bits.
    if (amount > 32)
      return ashr(shiftDownTo32(x, 32), amount - 32);
    return to(
        mlir::arith::ShRUIOp::create(e.b, x, e.constant(x.getType(), amount)),
        e.b.getI32Type());
  }

private:
  LayerEmitter &e;
};

RangedValue emitMultiplyDouble(LayerEmitter &e, RangedValue x,
                               arith::QuantizedMultiplier m) {
  IntegerEmitter ints(e);
  int left = std::max(m.shift, 0), right = std::max(-m.shift, 0);
  if (left > 31)
    return {e.constant(x.value.getType(), 0), {0, 0}};
  Value shifted = ints.shl(x.value, left);
  int64_t factor = int64_t{1} << left;
  arith::IntRange range = {x.range.lo * factor, x.range.hi * factor};
  if (range.lo < int32Range.lo || range.hi > int32Range.hi)
    range = int32Range; // The origin wraps here, and so does the shift.

  // A saturating rounding doubling high multiply; a multiplier that is not
  // INT32_MIN cannot saturate.
  Value high;
  if (hasHighMulInstruction(e, shifted)) {
    high = emitHighMul(e, shifted, e.constant(shifted.getType(), m.multiplier));
  } else {
    Value product = ints.mul(ints.to(shifted, e.b.getI64Type()), m.multiplier);
    high = ints.shiftDownTo32(ints.add(product, int64_t{1} << 30), 31);
  }
  auto highMul = [&](int64_t value) -> int64_t {
    return arith::saturatingRoundingDoublingHighMul(static_cast<int32_t>(value),
                                                    m.multiplier);
  };
  range = {highMul(range.lo), highMul(range.hi)};
  if (right == 0)
    return {high, range};

  // A rounding right shift, half away from zero: the bias is one less for
  // negative values.
  int64_t half = int64_t{1} << (right - 1);
  Value biased = range.lo < 0 ? ints.add(high, ints.ashr(high, 31)) : high;
  bool overflows =
      range.hi + half > int32Range.hi || range.lo - 1 < int32Range.lo;
  Value result =
      overflows
          ? ints.to(ints.ashr(ints.add(ints.add(ints.to(high, e.b.getI64Type()),
                                                ints.to(ints.ashr(high, 31),
                                                        e.b.getI64Type())),
                                       half),
                              right),
                    e.b.getI32Type())
          : ints.ashr(ints.add(biased, half), right);
  auto divide = [&](int64_t value) -> int64_t {
    return arith::roundingDivideByPOT(static_cast<int32_t>(value), right);
  };
  return {result, {divide(range.lo), divide(range.hi)}};
}

RangedValue emitMultiplySingle(LayerEmitter &e, RangedValue x,
                               arith::QuantizedMultiplier m) {
  IntegerEmitter ints(e);
  int total = 31 - m.shift;
  int64_t half = int64_t{1} << (total - 1);
  Value product = ints.mul(ints.to(x.value, e.b.getI64Type()), m.multiplier);
  Value rounded = ints.add(product, half);
  auto exact = [&](int64_t value) {
    return (value * m.multiplier + half) >> total;
  };
  arith::IntRange range = {exact(x.range.lo), exact(x.range.hi)};
  if (range.lo >= int32Range.lo && range.hi <= int32Range.hi)
    return {ints.shiftDownTo32(rounded, total), range};
  Value wide = clampInteger(e, ints.ashr(rounded, total), int32Range.lo,
                            int32Range.hi, range.lo, range.hi);
  return {ints.to(wide, e.b.getI32Type()),
          {arith::saturateToInt32(range.lo), arith::saturateToInt32(range.hi)}};
}

} // namespace

RangedValue emitMultiply(LayerEmitter &e, RangedValue x,
                         arith::QuantizedMultiplier m,
                         arith::Rounding rounding) {
  assert(m.multiplier >= 0 && rounding != arith::Rounding::HalfEvenFloat &&
         rounding != arith::Rounding::Onnx);
  return rounding == arith::Rounding::TfliteDouble
             ? emitMultiplyDouble(e, x, m)
             : emitMultiplySingle(e, x, m);
}

bool hasHighMulInstruction(const LayerEmitter &e, Value value) {
  return e.facts.isARM32() && e.facts.hasNEON &&
         isa<VectorType>(value.getType());
}

/// NEON's vqrdmulh takes two or four lanes.
static Value emitNeonHighMul(LayerEmitter &e, Value a, Value b) {
  int64_t lanes = LayerEmitter::lanesIn(a.getType());
  if (lanes > 4) {
    auto part = [&](Value v, int64_t from, int64_t count) -> Value {
      return vector::ShuffleOp::create(
          e.b, v, v, llvm::to_vector(llvm::seq<int64_t>(from, from + count)));
    };
    Value low =
        emitNeonHighMul(e, part(a, 0, lanes / 2), part(b, 0, lanes / 2));
    Value high = emitNeonHighMul(e, part(a, lanes / 2, lanes / 2),
                                 part(b, lanes / 2, lanes / 2));
    return vector::ShuffleOp::create(
        e.b, low, high, llvm::to_vector(llvm::seq<int64_t>(0, lanes)));
  }
  return LLVM::CallIntrinsicOp::create(
             e.b, a.getType(), e.b.getStringAttr("llvm.arm.neon.vqrdmulh"),
             ValueRange{a, b})
      .getResults();
}

Value emitHighMul(LayerEmitter &e, Value a, Value b) {
  if (hasHighMulInstruction(e, a))
    return emitNeonHighMul(e, a, b);
  Type i64 = e.b.getI64Type();
  Type wide = LayerEmitter::withElement(a.getType(), i64);
  Value product = mlir::arith::MulIOp::create(e.b, e.extend(a, i64, true),
                                              e.extend(b, i64, true));
  product = mlir::arith::AddIOp::create(e.b, product,
                                        e.constant(wide, int64_t{1} << 30));
  product = mlir::arith::ShRUIOp::create(e.b, product, e.constant(wide, 31));
  return resizeInteger(e, product, e.b.getI32Type(), true);
}

EmittedInt32Ops::EmittedInt32Ops(LayerEmitter &emitter, int64_t lanes)
    : e(emitter), type(LayerEmitter::lanesOf(e.b.getI32Type(), lanes)) {}

Value EmittedInt32Ops::constant(int32_t c) { return e.constant(type, c); }
Value EmittedInt32Ops::add(Value a, Value b) {
  return mlir::arith::AddIOp::create(e.b, a, b);
}
Value EmittedInt32Ops::sub(Value a, Value b) {
  return mlir::arith::SubIOp::create(e.b, a, b);
}
Value EmittedInt32Ops::shiftLeft(Value a, Value n) {
  return mlir::arith::ShLIOp::create(e.b, a, n);
}
Value EmittedInt32Ops::shiftRight(Value a, Value n) {
  return mlir::arith::ShRSIOp::create(e.b, a, n);
}
Value EmittedInt32Ops::shiftRightLogical(Value a, Value n) {
  return mlir::arith::ShRUIOp::create(e.b, a, n);
}
Value EmittedInt32Ops::min(Value a, Value b) {
  return mlir::arith::MinSIOp::create(e.b, a, b);
}
Value EmittedInt32Ops::max(Value a, Value b) {
  return mlir::arith::MaxSIOp::create(e.b, a, b);
}
Value EmittedInt32Ops::countLeadingZeros(Value a) {
  return math::CountLeadingZerosOp::create(e.b, a);
}
Value EmittedInt32Ops::isGreater(Value a, Value b) {
  return mlir::arith::CmpIOp::create(e.b, mlir::arith::CmpIPredicate::sgt, a,
                                     b);
}
Value EmittedInt32Ops::select(Value condition, Value a, Value b) {
  return mlir::arith::SelectOp::create(e.b, condition, a, b);
}

Value emitVectorRounding(LayerEmitter &e, StringRef intrinsic, Value value) {
  Type type = LayerEmitter::withElement(value.getType(), e.b.getI32Type());
  return LLVM::CallIntrinsicOp::create(e.b, type, e.b.getStringAttr(intrinsic),
                                       ValueRange{value})
      .getResults();
}

Value emitRoundHalfEven(LayerEmitter &e, Value value) {
  // One instruction on vectors nearly everywhere; of a scalar a call on some
  // targets.
  if (isa<VectorType>(value.getType()) && !e.facts.isARM32())
    return emitVectorRounding(e, "llvm.lrint", value);
  Value rounded = math::RoundEvenOp::create(e.b, value);
  return mlir::arith::FPToSIOp::create(
      e.b, LayerEmitter::withElement(value.getType(), e.b.getI32Type()),
      rounded);
}

Value emitHalfEven(LayerEmitter &e, Value acc, const HalfEvenConstants &c) {
  namespace ir = mlir::arith;
  auto &b = e.b;
  Value x = e.extend(acc, b.getI64Type(), /*isSigned=*/true);
  auto constant = [&](int64_t value) { return e.constant(x.getType(), value); };
  Value one = constant(1);
  Value half = ir::ShLIOp::create(
      b, one, ir::SubIOp::create(b, c.shift, one).getResult());
  Value y = ir::ShRSIOp::create(
      b, ir::AddIOp::create(b, ir::MulIOp::create(b, x, c.m), half), c.shift);
  // 2 acc p - 2 y q, modulo 2^64.
  Value difference =
      ir::SubIOp::create(b, ir::MulIOp::create(b, x, c.p).getResult(),
                         ir::MulIOp::create(b, y, c.q).getResult());
  difference = ir::ShLIOp::create(b, difference, one);
  Value odd = ir::AndIOp::create(b, y, one);
  Value bound = ir::SubIOp::create(b, c.q, odd);
  Value up = ir::CmpIOp::create(b, ir::CmpIPredicate::sgt, difference, bound);
  Value down = ir::CmpIOp::create(b, ir::CmpIPredicate::slt, difference,
                                  ir::SubIOp::create(b, constant(0), bound));
  y = ir::AddIOp::create(
      b, y, ir::SelectOp::create(b, up, one, constant(0)).getResult());
  y = ir::SubIOp::create(
      b, y, ir::SelectOp::create(b, down, one, constant(0)).getResult());
  // Room for the zero point.
  y = clampInteger(e, y, int32Range.lo / 2, int32Range.hi / 2, INT64_MIN,
                   INT64_MAX);
  return resizeInteger(e, y, b.getI32Type(), /*isSigned=*/true);
}

bool isHalfEvenExact(const arith::ExactScale &scale, arith::IntRange range,
                     std::string &why) {
  if (arith::fitHalfEven(scale, range))
    return true;
  why = "the scales have too many bits for an exact form of 64";
  return false;
}

Value emitRequantize(LayerEmitter &e, RangedValue acc,
                     const arith::Requantization &r, Type element) {
  int64_t zero = r.zeroPoint;
  // Clamping before the zero point is added cannot overflow.
  int64_t lo = int64_t{r.lo} - zero, hi = int64_t{r.hi} - zero;
  RangedValue scaled;
  if (r.rounding == arith::Rounding::HalfEvenFloat) {
    Type type =
        LayerEmitter::withElement(acc.value.getType(), e.b.getF32Type());
    Value real = mlir::arith::SIToFPOp::create(e.b, type, acc.value);
    real =
        mlir::arith::MulFOp::create(e.b, real, e.constantFloat(type, r.scale));
    real = clampFloat(e, real, static_cast<float>(lo), static_cast<float>(hi));
    scaled = {emitRoundHalfEven(e, real), {lo, hi}};
  } else if (r.rounding == arith::Rounding::Onnx) {
    // Kernels have asked isHalfEvenExact.
    std::optional<arith::HalfEvenForm> form = arith::makeHalfEven(r.ratio);
    Type type =
        LayerEmitter::withElement(acc.value.getType(), e.b.getI64Type());
    Value y = emitHalfEven(e, acc.value,
                           {e.constant(type, form ? form->p : 0),
                            e.constant(type, form ? form->q : 1),
                            e.constant(type, form ? form->m : 0),
                            e.constant(type, form ? form->shift : 31)});
    lo = std::max<int64_t>(lo, int32Range.lo / 2);
    hi = std::min<int64_t>(hi, int32Range.hi / 2);
    scaled = {clampInteger(e, y, lo, hi, INT64_MIN, INT64_MAX), {lo, hi}};
  } else {
    scaled = emitMultiply(e, acc, r.multiplier, r.rounding);
    lo = std::max<int64_t>(lo, int32Range.lo);
    hi = std::min<int64_t>(hi, int32Range.hi);
    scaled.value =
        clampInteger(e, scaled.value, lo, hi, scaled.range.lo, scaled.range.hi);
  }
  IntegerEmitter ints(e);
  return ints.to(ints.add(scaled.value, zero), element);
}

} // namespace qcc
