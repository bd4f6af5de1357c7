// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The exact requantization in the instructions of 64-bit NEON: sqrdmulh and
// srshl are the two roundings of TFLite's definition. See Requantize.h.

#include "DotForm.h"
#include "Requantize.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace qcc;
namespace ar = qcc::arith;
namespace ir = mlir::arith;

void Requantizer::makeNeonTables(StringRef prefix) {
  // Narrow vectors are computed in whole registers, which read beyond.
  size_t count = spec.size() + 3;
  std::vector<int32_t> multiplier(count, 0), left(count, 0), shift(count, 0);
  bool isFirst = true;
  for (size_t slot = 0; slot < spec.size(); ++slot)
    if (spec[slot]) {
      const ar::Requantization &exact = spec[slot]->exact;
      multiplier[slot] = exact.multiplier.multiplier;
      left[slot] = std::max(exact.multiplier.shift, 0);
      shift[slot] = std::min(exact.multiplier.shift, 0);
      hasLeftShift |= left[slot] != 0;
      hasUnshifted |= multiplier[slot] != 0 && shift[slot] == 0;
      for (int64_t acc : {spec[slot]->acc.lo, spec[slot]->acc.hi}) {
        int64_t q = ar::multiplyByQuantizedMultiplier(static_cast<int32_t>(acc),
                                                      exact.multiplier);
        for (int64_t value : {q, q + exact.zeroPoint})
          fitsHalf &= value >= INT16_MIN && value <= INT16_MAX;
      }
      auto keepCommon = [&](std::optional<int32_t> &value, int32_t next) {
        if (isFirst)
          value = next;
        else if (value && *value != next)
          value.reset();
      };
      keepCommon(commonMultiplier, multiplier[slot]);
      keepCommon(commonShift, shift[slot]);
      isFirst = false;
    }
  // A shift that wraps is not monotone.
  fitsHalf &= !hasLeftShift;
  auto name = [&](StringRef suffix) { return (prefix + "." + suffix).str(); };
  if (!commonMultiplier)
    multiplierTable =
        e.table(name("multiplier"), ArrayRef<int32_t>(multiplier));
  if (!commonShift)
    shiftTable = e.table(name("shift"), ArrayRef<int32_t>(shift));
  if (hasLeftShift)
    leftTable = e.table(name("left"), ArrayRef<int32_t>(left));
}

/// The exact result less the zero point, of four lanes: of four slots, or of
/// two twice. Where all slots are shifted alike, narrowing `toBytes` does that.
Value Requantizer::emitNeonQuarter(Value acc, Value slot, bool isPair,
                                   bool toBytes) {
  auto &b = e.b;
  Type type = acc.getType();
  auto lanes4 = [&](Value table, const std::optional<int32_t> &value) -> Value {
    if (!table)
      return e.constant(type, *value);
    if (!isPair)
      return e.load(table, slot, 4, 4);
    Value two = e.load(table, slot, 2, 4);
    return vector::ShuffleOp::create(b, two, two,
                                     ArrayRef<int64_t>{0, 1, 0, 1});
  };
  if (leftTable)
    acc = callIntrinsic(e, "llvm.aarch64.neon.sshl", type,
                        {acc, lanes4(leftTable, std::nullopt)});
  Value high = callIntrinsic(e, "llvm.aarch64.neon.sqrdmulh", type,
                             {acc, lanes4(multiplierTable, commonMultiplier)});
  Value shift = lanes4(shiftTable, commonShift);
  // srshl rounds half up: one less makes it half away from zero for negatives,
  // which a rectifier cuts off either way.
  if (common.lo < common.zeroPoint) {
    Value sign =
        hasUnshifted ? Value(ir::AndIOp::create(b, high, shift)) : high;
    high = ir::AddIOp::create(
        b, high, ir::ShRSIOp::create(b, sign, e.constant(type, 31)));
  }
  if (toBytes && narrowsByShift())
    return high;
  return callIntrinsic(e, "llvm.aarch64.neon.srshl", type, {high, shift});
}

std::array<Value, 2> Requantizer::emitPairs(ArrayRef<Value> accs, Value slot) {
  SmallVector<Value> quarters;
  for (auto [i, acc] : llvm::enumerate(accs))
    quarters.push_back(emitNeonQuarter(
        acc, e.add(slot, 2 * static_cast<int64_t>(i)), /*isPair=*/true,
        /*toBytes=*/true));
  // Pairs of bytes, of one pixel and the other in turn.
  Value bytes = narrowNeon(quarters);
  std::array<Value, 2> result;
  for (int64_t pixel : {0, 1}) {
    SmallVector<int64_t> lanesOfPixel;
    for (int64_t lane = 0; lane < e.lanesIn(bytes.getType()); ++lane)
      if (lane / 2 % 2 == pixel)
        lanesOfPixel.push_back(lane);
    result[static_cast<size_t>(pixel)] =
        vector::ShuffleOp::create(e.b, bytes, bytes, lanesOfPixel);
  }
  return result;
}

/// The definition in NEON's instructions, register by register.
Value Requantizer::emitNeon(Value acc, Value slot, Type element) {
  auto &b = e.b;
  int64_t count = e.lanesIn(acc.getType());
  SmallVector<Value> quarters;
  for (int64_t first = 0; first < count; first += 4) {
    SmallVector<int64_t> lanes4;
    for (int64_t lane = first; lane < first + 4; ++lane)
      lanes4.push_back(std::min(lane, count - 1));
    Value part = count == 4 ? acc
                 : count == 1
                     ? e.splat(acc, 4)
                     : Value(vector::ShuffleOp::create(b, acc, acc, lanes4));
    quarters.push_back(emitNeonQuarter(part, e.add(slot, first),
                                       /*isPair=*/false, element.isInteger(8)));
  }
  if (!element.isInteger(8)) {
    Value q = e.firstLanes(e.concat(quarters), count);
    if (common.zeroPoint != 0)
      q = ir::AddIOp::create(b, q, e.constant(q.getType(), common.zeroPoint));
    return e.clampAndNarrow(q, common.lo, common.hi, element);
  }
  return e.firstLanes(narrowNeon(quarters), count);
}

/// Results less the zero point, clamped and narrowed to bytes: the zero point
/// is added to 16 bits, and saturation to 8 bits is most of the clamp.
Value Requantizer::narrowNeon(ArrayRef<Value> quarters) {
  auto &b = e.b;
  // A result that is cut off at the least zero point is an unsigned byte whose
  // highest bit changes.
  bool flips = common.zeroPoint == INT8_MIN && common.lo == INT8_MIN;
  int64_t zeroPoint = common.zeroPoint, lo = common.lo, hi = common.hi;
  if (flips)
    zeroPoint = 0, lo = 0, hi += 128;
  bool isSigned = lo < 0;
  Type i16 = b.getI16Type(), i8 = b.getI8Type();
  auto half = VectorType::get({8}, i16), byte = VectorType::get({8}, i8);
  SmallVector<Value> bytes;
  for (size_t i = 0; i < quarters.size(); i += 2) {
    Value low = quarters[i],
          high = quarters[std::min(i + 1, quarters.size() - 1)], q;
    if (narrowsByShift()) {
      auto narrow = [&](Value v) {
        return callIntrinsic(e, "llvm.aarch64.neon.sqrshrn",
                             VectorType::get({4}, i16),
                             {v, e.constant(b.getI32Type(), -*commonShift)});
      };
      q = e.concat({narrow(low), narrow(high)});
    } else if (fitsHalf) {
      q = ir::TruncIOp::create(b, half, e.concat({low, high}));
    } else {
      auto narrow = [&](Value v) {
        return callIntrinsic(e, "llvm.aarch64.neon.sqxtn",
                             VectorType::get({4}, i16), v);
      };
      q = e.concat({narrow(low), narrow(high)});
    }
    if (zeroPoint != 0) {
      Value zero = e.constant(half, zeroPoint);
      q = fitsHalf ? Value(ir::AddIOp::create(b, q, zero))
                   : callIntrinsic(e, "llvm.sadd.sat", half, {q, zero});
    }
    bytes.push_back(callIntrinsic(
        e, isSigned ? "llvm.aarch64.neon.sqxtn" : "llvm.aarch64.neon.sqxtun",
        byte, q));
  }
  Value result = e.concat(bytes);
  Type type = result.getType();
  auto constant = [&](int64_t value) {
    return e.constant(type, static_cast<int8_t>(value));
  };
  if (isSigned) {
    if (lo > INT8_MIN)
      result = ir::MaxSIOp::create(b, result, constant(lo));
    if (hi < INT8_MAX)
      result = ir::MinSIOp::create(b, result, constant(hi));
  } else {
    if (lo > 0)
      result = ir::MaxUIOp::create(b, result, constant(lo));
    if (hi < UINT8_MAX)
      result = ir::MinUIOp::create(b, result, constant(hi));
  }
  if (flips)
    result = ir::XOrIOp::create(b, result, constant(INT8_MIN));
  return result;
}
