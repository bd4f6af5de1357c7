// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Packing weights at compile time, and the code that unpacks them. See the
// header.

#include "WeightTable.h"

#include "DotForm.h"
#include "MacLayer.h"
#include "VectorTable.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {

std::optional<WeightPacking>
WeightPacking::find(const MacLayer &mac, bool needsZero, bool mayLookUp) {
  std::vector<int16_t> weights(mac.weights);
  int64_t depth = mac.depth();
  for (int64_t o = 0; o < mac.outChannels; ++o)
    if (int64_t zero = mac.weightZeros[o])
      for (int64_t k = 0; k < depth; ++k)
        weights[o * depth + k] -= static_cast<int16_t>(zero);
  WeightPacking result;
  result.codes = arith::WeightCodes::of(weights.data(),
                                        static_cast<size_t>(mac.outChannels),
                                        static_cast<size_t>(depth));
  std::vector<int32_t> &values = result.codes.codebook;
  if (auto at = std::lower_bound(values.begin(), values.end(), 0);
      needsZero && (at == values.end() || *at != 0))
    values.insert(at, 0);
  arith::Progression progression = result.codes.progression();
  if (progression.first < INT8_MIN || progression.last() > INT8_MAX)
    return std::nullopt;
  // Codes are shifted where they are masked.
  while (progression.stride % (2 << result.shift) == 0)
    ++result.shift;
  progression.count =
      (progression.count - 1) *
          static_cast<uint32_t>(progression.stride >> result.shift) +
      1;
  result.first = progression.first;
  result.codeBits = arith::bitsFor(progression.count);
  if (mayLookUp && values.size() <= kBytesLookedUp &&
      result.codes.bits() < result.codeBits) {
    result.codeBits = result.codes.bits();
    result.first = result.shift = 0;
    result.looksUp = true;
  }
  if (result.codeBits > 7)
    return std::nullopt;
  return result.withBits(result.codeBits);
}

WeightPacking WeightPacking::withBits(int64_t bits) const {
  WeightPacking result = *this;
  result.codeBits = bits;
  result.planes.clear();
  for (int64_t plane : {4, 2, 1})
    if (bits & plane)
      result.planes.push_back(plane);
  return result;
}

int64_t WeightPacking::operations() const {
  auto count = static_cast<int64_t>(planes.size());
  return 3 * count - 1 + (first != 0 || looksUp ? 1 : 0);
}

void WeightPacking::pack(ArrayRef<int16_t> values, int64_t perStep, CodeUse use,
                         std::vector<int8_t> &bytes) const {
  int64_t perUnit = stepsPerUnit() * perStep;
  for (; !values.empty(); values = values.drop_front(perUnit)) {
    int64_t lower = 0;
    for (int64_t plane : planes) {
      int64_t perByte = 8 / plane, mask = (1 << plane) - 1;
      for (int64_t step = 0; step < stepsPerUnit(); step += perByte)
        for (int64_t lane = 0; lane < perStep; ++lane) {
          int64_t byte = 0;
          for (int64_t i = 0; i < perByte; ++i) {
            int64_t code = codeOf(values[(step + i) * perStep + lane]);
            // As a number with a sign, less half of its range.
            if (use == CodeUse::InPlace && isHighest(step + i))
              code ^= highestBit();
            byte |= (code >> lower & mask) << (i * plane);
          }
          bytes.push_back(static_cast<int8_t>(byte));
        }
      lower += plane;
    }
  }
}

Value WeightPacking::unpack(LayerEmitter &e, Value memref, Value base,
                            int64_t step, int64_t perStep, bool asWord,
                            CodeUse use) const {
  // A constant of bytes, whatever holds them.
  auto constant = [&](Type type, int64_t byte) {
    return e.constant(type,
                      asWord ? static_cast<int32_t>(0x01010101U * (byte & 0xff))
                             : static_cast<int8_t>(byte));
  };
  Value unpacked;
  int64_t lower = shift, planeBegin = 0;
  for (int64_t plane : planes) {
    int64_t perByte = 8 / plane, from = step % perByte * plane;
    Value at = e.add(base, planeBegin + step / perByte * perStep);
    Value part = asWord ? loadWord(e, memref, at, 4)
                        : e.load(memref, at, perStep, perStep);
    Type type = part.getType();
    auto distance = [&](int64_t places) {
      return asWord ? e.constant(type, places) : constant(type, places);
    };
    if (use == CodeUse::InPlace)
      return mlir::arith::AndIOp::create(
          e.b, part, constant(type, ((1 << plane) - 1) << from));
    if (from > lower)
      part = mlir::arith::ShRUIOp::create(e.b, part, distance(from - lower));
    else if (from < lower)
      part = mlir::arith::ShLIOp::create(e.b, part, distance(lower - from));
    part = mlir::arith::AndIOp::create(
        e.b, part, constant(type, ((1 << plane) - 1) << lower));
    unpacked = unpacked ? Value(mlir::arith::OrIOp::create(e.b, unpacked, part))
                        : part;
    planeBegin += stepsPerUnit() / perByte * perStep;
    lower += plane;
  }
  if (looksUp)
    return lookUpBytes(
        e, SmallVector<int8_t>(codes.codebook.begin(), codes.codebook.end()),
        unpacked);
  if (first == 0)
    return unpacked;
  Type type = unpacked.getType();
  if (!asWord)
    return mlir::arith::AddIOp::create(e.b, unpacked, constant(type, first));
  // Bytes of a word: nothing is borrowed beyond the highest bit of each, since
  // codes have seven.
  Value high = constant(type, 0x80);
  Value sum = mlir::arith::OrIOp::create(e.b, unpacked, high);
  sum =
      first < 0
          ? Value(mlir::arith::SubIOp::create(e.b, sum, constant(type, -first)))
          : Value(mlir::arith::AddIOp::create(e.b, sum, constant(type, first)));
  return mlir::arith::XOrIOp::create(e.b, sum, high);
}

std::array<Value, 2> WeightPacking::unpackPairs(LayerEmitter &e, Value memref,
                                                Value base,
                                                int64_t step) const {
  constexpr int64_t perStep = 4;
  std::array<Value, 2> pairs;
  int64_t lower = 0, planeBegin = 0;
  for (int64_t plane : planes) {
    int64_t perByte = 8 / plane, from = step % perByte * plane;
    Value word = loadWord(
        e, memref, e.add(base, planeBegin + step / perByte * perStep), 4);
    Type i32 = word.getType();
    for (auto [half, pair] : llvm::enumerate(pairs)) {
      Value part = word;
      if (int64_t distance = from + 8 * static_cast<int64_t>(half))
        part =
            mlir::arith::ShRUIOp::create(e.b, part, e.constant(i32, distance));
      part = mlir::arith::AndIOp::create(
          e.b, part, e.constant(i32, 0x00010001 * ((1 << plane) - 1)));
      if (lower > 0)
        part = mlir::arith::ShLIOp::create(e.b, part, e.constant(i32, lower));
      pair = pair ? Value(mlir::arith::OrIOp::create(e.b, pair, part)) : part;
    }
    planeBegin += stepsPerUnit() / perByte * perStep;
    lower += plane;
  }
  return pairs;
}

void WeightTable::prefetch(LayerEmitter &e, Value base, int64_t elements,
                           unsigned locality) const {
  memref::PrefetchOp::create(e.b, memref, e.add(base, elements),
                             /*isWrite=*/false, locality, /*isDataCache=*/true);
}

Value WeightTable::load(LayerEmitter &e, WeightPlace at, int64_t count,
                        int64_t align) const {
  auto askAhead = [&](Value from) {
    auto type = cast<MemRefType>(memref.getType());
    int64_t elements = bytesAhead * 8 / type.getElementTypeBitWidth();
    prefetch(e, from, elements, /*locality=*/3);
  };
  if (!packing) {
    Value from = e.add(at.base, at.number);
    if (bytesAhead)
      askAhead(from);
    return e.load(memref, from, count, align);
  }
  int64_t perUnit = packing->stepsPerUnit() * perStep,
          unit = at.number / perUnit * perUnit;
  Value base = e.add(at.base, packing->bytesOf(unit));
  // A unit has as many registers as a code has bits.
  if (bytesAhead && at.number == unit)
    for (int64_t i = 0; i < packing->bytesOf(perUnit); i += perStep)
      askAhead(e.add(base, i));
  Value values = packing->unpack(e, memref, base, at.number % perUnit / perStep,
                                 perStep, /*asWord=*/false, use);
  if (count != perStep)
    values = vector::ExtractStridedSliceOp::create(
        e.b, values, ArrayRef<int64_t>{at.number % perStep},
        ArrayRef<int64_t>{count}, ArrayRef<int64_t>{1});
  return e.extend(values, e.b.getIntegerType(static_cast<unsigned>(bits)),
                  /*isSigned=*/true);
}

void WeightTable::unpackTo(LayerEmitter &e, Value to, Value first,
                           int64_t count) const {
  int64_t perUnit = packing->stepsPerUnit() * perStep;
  e.loop(count / perUnit, [&](Value unit) {
    Value at = e.add(first, e.mul(unit, elementsOf(perUnit)));
    for (int64_t k = 0; k < perUnit; k += perStep)
      e.store(load(e, {at, k}, perStep, perStep), to,
              e.add(e.mul(unit, perUnit), k));
  });
}

Value WeightTable::loadWord(LayerEmitter &e, WeightPlace at) const {
  if (!packing)
    return qcc::loadWord(e, memref, e.add(at.base, at.number), 4);
  int64_t perUnit = packing->stepsPerUnit() * perStep;
  return packing->unpack(
      e, memref,
      e.add(at.base, packing->bytesOf(at.number / perUnit * perUnit)),
      at.number % perUnit / perStep, perStep, /*asWord=*/true, use);
}

std::array<Value, 2> WeightTable::loadCodePairs(LayerEmitter &e,
                                                WeightPlace at) const {
  int64_t perUnit = packing->stepsPerUnit() * perStep;
  return packing->unpackPairs(
      e, memref,
      e.add(at.base, packing->bytesOf(at.number / perUnit * perUnit)),
      at.number % perUnit / perStep);
}

Value WeightTable::loadPair(LayerEmitter &e, WeightPlace at) const {
  if (!packing)
    return qcc::loadPair(e, memref, e.add(at.base, at.number), 2);
  Value pair = load(e, at, 2, 1);
  return vector::ExtractOp::create(
      e.b, bitcastLanes(e, pair, 1, e.b.getI32Type()), ArrayRef<int64_t>{0});
}

} // namespace qcc
