// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Emission of requantization. See the header.

#include "Requantize.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace qcc;
namespace ar = qcc::arith;

ar::Rounding qcc::toArith(qnn::Rounding rounding) {
  switch (rounding) {
  case qnn::Rounding::TfliteDouble:
    return ar::Rounding::TfliteDouble;
  case qnn::Rounding::TfliteSingle:
    return ar::Rounding::TfliteSingle;
  case qnn::Rounding::HalfEvenFloat:
    return ar::Rounding::HalfEvenFloat;
  }
  llvm_unreachable("unknown rounding");
}

Requantizer::Requantizer(LayerEmitter &emitter, StringRef prefix, RequantSpec wanted)
    : e(emitter), spec(std::move(wanted)) {
  std::vector<int32_t> multiplier, left, right;
  std::vector<float> scale;
  for (const ChannelRequant &channel : spec.channels) {
    ar::QuantizedMultiplier q = ar::quantizeMultiplier(channel.scale);
    multiplier.push_back(q.multiplier);
    left.push_back(std::max(q.shift, 0));
    right.push_back(std::max(-q.shift, 0));
    scale.push_back(static_cast<float>(channel.scale));
    hasLeftShift |= q.shift > 0;
  }
  if (spec.rounding == ar::Rounding::HalfEvenFloat) {
    scales = e.table((prefix + ".scale").str(), ArrayRef<float>(scale));
    return;
  }
  multipliers = e.table((prefix + ".multiplier").str(), ArrayRef<int32_t>(multiplier));
  rightShifts = e.table((prefix + ".right").str(), ArrayRef<int32_t>(right));
  if (hasLeftShift)
    leftShifts = e.table((prefix + ".left").str(), ArrayRef<int32_t>(left));
}

Value Requantizer::tableLanes(Value table, Value channel, Value like) {
  int64_t lanes = e.lanesIn(like.getType());
  return e.load(table, channel, lanes, lanes * 4);
}

/// The defining formula: saturating rounding doubling high multiply, then a rounding shift (half away from zero); or,
/// for single rounding, one 64-bit product with one rounding.
Value Requantizer::emitExact(Value acc, Value channel) {
  auto &b = e.b;
  Type i32 = acc.getType(), i64 = e.withElement(i32, b.getI64Type());
  Value multiplier = tableLanes(multipliers, channel, acc), right = tableLanes(rightShifts, channel, acc);
  Value left = hasLeftShift ? tableLanes(leftShifts, channel, acc) : Value();
  if (spec.rounding == ar::Rounding::TfliteSingle) {
    Value product = mlir::arith::MulIOp::create(b, e.extend(acc, b.getI64Type(), true),
                                          e.extend(multiplier, b.getI64Type(), true));
    Value shift = mlir::arith::AddIOp::create(b, right, e.constant(i32, 31));
    if (left)
      shift = mlir::arith::SubIOp::create(b, shift, left);
    shift = e.extend(shift, b.getI64Type(), true);
    Value half = mlir::arith::ShLIOp::create(b, e.constant(i64, 1), mlir::arith::SubIOp::create(b, shift, e.constant(i64, 1)));
    Value rounded = mlir::arith::ShRSIOp::create(b, mlir::arith::AddIOp::create(b, product, half), shift);
    return mlir::arith::TruncIOp::create(b, i32, rounded);
  }
  if (left)
    acc = mlir::arith::ShLIOp::create(b, acc, left);
  Value product =
      mlir::arith::MulIOp::create(b, e.extend(acc, b.getI64Type(), true), e.extend(multiplier, b.getI64Type(), true));
  Value nudged = mlir::arith::AddIOp::create(b, product, e.constant(i64, int64_t(1) << 30));
  Value high = mlir::arith::TruncIOp::create(b, i32, mlir::arith::ShRSIOp::create(b, nudged, e.constant(i64, 31)));
  // Rounding shift: the remainder against half, one more for negatives.
  Value one = e.constant(i32, 1), zero = e.constant(i32, 0);
  Value mask = mlir::arith::SubIOp::create(b, mlir::arith::ShLIOp::create(b, one, right), one);
  Value remainder = mlir::arith::AndIOp::create(b, high, mask);
  Value negative = e.extend(mlir::arith::CmpIOp::create(b, mlir::arith::CmpIPredicate::slt, high, zero), b.getI32Type(), false);
  Value threshold = mlir::arith::AddIOp::create(b, mlir::arith::ShRSIOp::create(b, mask, one), negative);
  Value up = e.extend(mlir::arith::CmpIOp::create(b, mlir::arith::CmpIPredicate::sgt, remainder, threshold), b.getI32Type(), false);
  return mlir::arith::AddIOp::create(b, mlir::arith::ShRSIOp::create(b, high, right), up);
}

Value Requantizer::emit(Value acc, Value channel, Type element) {
  auto &b = e.b;
  Value result;
  if (spec.rounding == ar::Rounding::HalfEvenFloat) {
    Type f32 = e.withElement(acc.getType(), b.getF32Type());
    Value scaled = mlir::arith::MulFOp::create(b, mlir::arith::SIToFPOp::create(b, f32, acc), tableLanes(scales, channel, acc));
    result = mlir::arith::FPToSIOp::create(b, acc.getType(), math::RoundEvenOp::create(b, scaled));
  } else {
    result = emitExact(acc, channel);
  }
  if (spec.zeroPoint != 0)
    result = mlir::arith::AddIOp::create(b, result, e.constant(result.getType(), spec.zeroPoint));
  return e.clampAndNarrow(result, spec.lo, spec.hi, element);
}
