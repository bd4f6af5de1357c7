// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products by lookup. See the header.

#include "SumTables.h"

#include "DotForm.h"
#include "VectorTable.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {

bool SumTables::isPossible(const TargetFacts &facts) {
  return hasByteLookups(facts);
}

SumTables::SumTables(const TargetFacts &facts, int64_t planes, int64_t outputs)
    : isa(facts.isa), planes(planes) {
  if (facts.isa == IsaFamily::X86)
    lanes = facts.vectorBits >= 512 && facts.hasAVX512BW ? 64
            : facts.vectorBits >= 256 && facts.hasAVX2   ? 32
                                                         : 16;
  else if (facts.hasRVV)
    lanes = std::min<int64_t>(facts.vectorBytes(), 64);
  wordsPerVector = facts.isa == IsaFamily::X86 ? 2 : 1;
  // Two sums of bytes for each; what is left holds tables and codes, and of
  // 32 registers sums of 16 bits too.
  int64_t most = facts.numVectorRegisters >= 32 ? 4 : 2;
  while (2 * vectors * planes <= most && vectors * lanes < outputs)
    vectors *= 2;
}

double SumTables::chunkCycles(const TargetFacts &facts) const {
  // Of each vector and plane: two permutations and two additions for either
  // table, what makes indices, and sums of more bits now and then.
  double operations = static_cast<double>(planes * vectors) * 14.5;
  double perCycle = facts.isa == IsaFamily::X86 ? (lanes > 32 ? 1.3 : 2.6)
                    : facts.hasRVV              ? 0.26
                    : facts.hasDotProd          ? 3.2
                    : facts.isARM32()           ? 0.95
                                                : 1.3;
  // Sums of more are spilled.
  if (facts.isARM32() && planes * vectors > 2)
    perCycle /= 1.4;
  return operations / perCycle;
}

int64_t SumTables::byteOf(int64_t output) const {
  int64_t inHalf = output % (lanes / 2);
  return wordsPerVector == 1
             ? output
             : inHalf / 8 * 16 + output / (lanes / 2) * 8 + inHalf % 8;
}

void SumTables::pack(function_ref<uint8_t(int64_t, int64_t)> code,
                     std::vector<int8_t> &out) const {
  size_t first = out.size();
  out.resize(first + static_cast<size_t>(chunkBytes()));
  for (int64_t output = 0; output < outputs(); ++output)
    for (int64_t k = 0; k < chunkDepth; ++k)
      for (int64_t plane = 0, bits = code(output, k); plane < planes; ++plane) {
        int64_t at =
            (plane * vectors + output / lanes) * lanes + byteOf(output % lanes);
        int8_t &byte = out[first + static_cast<size_t>(at)];
        byte = static_cast<int8_t>(byte | (bits >> plane & 1) << k);
      }
}

int64_t SumTables::bytesFor(int64_t count) {
  return count / group * bytesPerTable + 64;
}

void SumTables::build(LayerEmitter &e, Value memref, Value from, Value to,
                      int64_t count, bool isSigned) const {
  Type i16 = e.b.getI16Type();
  auto words = VectorType::get({16}, i16);
  auto bytes = VectorType::get({16}, e.b.getI8Type());
  SmallVector<Value> masks;
  for (int64_t k = 0; k < group; ++k) {
    SmallVector<int16_t> mask;
    for (int64_t entry = 0; entry < 16; ++entry)
      mask.push_back(static_cast<int16_t>(-(entry >> k & 1)));
    masks.push_back(mlir::arith::ConstantOp::create(
        e.b, DenseElementsAttr::get(words, ArrayRef<int16_t>(mask))));
  }
  auto constant = [&](int64_t value) { return e.constant(words, value); };
  e.loop(count / group, [&](Value t) {
    Value at = e.add(from, e.mul(t, group)), sum;
    for (int64_t k = 0; k < group; ++k) {
      Value x =
          e.splat(e.extend(e.load(memref, e.add(at, k), 1), i16, isSigned), 16);
      Value part = mlir::arith::AndIOp::create(e.b, x, masks[k]);
      sum = sum ? Value(mlir::arith::AddIOp::create(e.b, sum, part)) : part;
    }
    // Not below 0: 10 bits.
    if (isSigned)
      sum = mlir::arith::AddIOp::create(e.b, sum, constant(-group * INT8_MIN));
    Value low = mlir::arith::AndIOp::create(e.b, sum,
                                            constant((1 << halfBits) - 1)),
          high = mlir::arith::ShRUIOp::create(e.b, sum, constant(halfBits)),
          place = e.add(to, e.mul(t, bytesPerTable));
    e.store(mlir::arith::TruncIOp::create(e.b, bytes, low), e.scratch, place);
    e.store(mlir::arith::TruncIOp::create(e.b, bytes, high), e.scratch,
            e.add(place, 16));
  });
}

Value SumTables::loadTable(LayerEmitter &e, Value at) const {
  // Entries from the 16th on are not looked at.
  if (isa != IsaFamily::X86)
    return e.load(e.scratch, at, lanes, 16);
  Value table = e.load(e.scratch, at, 16, 16);
  if (lanes == 16)
    return table;
  SmallVector<int64_t> repeated;
  for (int64_t lane = 0; lane < lanes; ++lane)
    repeated.push_back(lane % 16);
  return vector::ShuffleOp::create(e.b, table, table, repeated);
}

Value SumTables::lookUp(LayerEmitter &e, Value table, Value indices) const {
  return permuteBytes(e, table, indices);
}

void SumTables::widen(LayerEmitter &e, Value low, Value high,
                      MutableArrayRef<Value> words) const {
  auto addTo = [&](Value &sum, Value part) {
    sum = mlir::arith::AddIOp::create(e.b, sum, part);
  };
  if (isa != IsaFamily::X86) {
    Type i16 = e.b.getI16Type();
    Value wide = e.extend(high, i16, /*isSigned=*/false);
    addTo(words[0], e.extend(low, i16, /*isSigned=*/false));
    addTo(words[0], mlir::arith::ShLIOp::create(
                        e.b, wide, e.constant(wide.getType(), halfBits)));
    return;
  }
  // Unpacked into each other, one multiplication adds them up.
  SmallVector<int8_t> factors;
  for (int64_t i = 0; i < lanes; ++i)
    factors.push_back(i % 2 ? 1 << halfBits : 1);
  Value weights = mlir::arith::ConstantOp::create(
      e.b, DenseElementsAttr::get(cast<VectorType>(low.getType()),
                                  ArrayRef<int8_t>(factors)));
  for (int64_t half = 0; half < 2; ++half) {
    SmallVector<int64_t> order;
    for (int64_t i = 0; i < lanes; ++i)
      order.push_back(i / 16 * 16 + half * 8 + i % 16 / 2 +
                      (i % 2 ? lanes : 0));
    Value pairs = vector::ShuffleOp::create(e.b, low, high, order);
    addTo(words[half],
          callIntrinsic(e,
                        lanes == 64   ? "llvm.x86.avx512.pmaddubs.w.512"
                        : lanes == 32 ? "llvm.x86.avx2.pmadd.ub.sw"
                                      : "llvm.x86.ssse3.pmadd.ub.sw.128",
                        words[half].getType(), {pairs, weights}));
  }
}

SmallVector<Value> SumTables::sumWords(LayerEmitter &e, Value codes,
                                       Value codesAt, Value tablesAt,
                                       int64_t chunks, bool isSigned,
                                       bool ahead) const {
  constexpr int64_t bytesAhead = 4096, lineBytes = 64;
  int64_t registers = planes * vectors;
  auto type = VectorType::get({lanes / wordsPerVector}, e.b.getI16Type());
  // What tables are above sums.
  int64_t above = isSigned ? -group * INT8_MIN * 2 * chunks : 0;
  SmallVector<Value> words(registers * wordsPerVector,
                           e.constant(type, -above));
  auto addChunks = [&](SmallVector<Value> sums, Value first, int64_t count) {
    SmallVector<Value> low(registers), high(registers);
    auto addTo = [&](Value &sum, Value part) {
      sum = sum ? Value(mlir::arith::AddIOp::create(e.b, sum, part)) : part;
    };
    // Tables come one behind another, where a pointer for each is one too many.
    Value tablesFrom = e.add(tablesAt, e.mul(first, 2 * bytesPerTable));
    if (e.facts.isARM32())
      tablesFrom = e.hide(tablesFrom);
    for (int64_t c = 0; c < count; ++c) {
      Value chunk = e.add(first, c);
      Value from = e.add(codesAt, e.mul(chunk, chunkBytes()));
      if (ahead)
        for (int64_t at = 0; at < chunkBytes(); at += lineBytes)
          memref::PrefetchOp::create(e.b, codes,
                                     ValueRange{e.add(from, bytesAhead + at)},
                                     /*isWrite=*/false, /*localityHint=*/3,
                                     /*isDataCache=*/true);
      SmallVector<Value> bytes;
      for (int64_t r = 0; r < registers; ++r)
        bytes.push_back(e.load(codes, e.add(from, r * lanes), lanes, lanes));
      for (int64_t t = 0; t < 2; ++t) {
        Value place = e.add(tablesFrom, (2 * c + t) * bytesPerTable);
        Value lowTable = loadTable(e, place),
              highTable = loadTable(e, e.add(place, 16));
        for (int64_t r = 0; r < registers; ++r) {
          Type ofBytes = bytes[r].getType();
          Value indices = t == 0 ? Value(mlir::arith::AndIOp::create(
                                       e.b, bytes[r], e.constant(ofBytes, 15)))
                                 : Value(mlir::arith::ShRUIOp::create(
                                       e.b, bytes[r], e.constant(ofBytes, 4)));
          addTo(low[r], lookUp(e, lowTable, indices));
          addTo(high[r], lookUp(e, highTable, indices));
        }
      }
    }
    for (int64_t r = 0; r < registers; ++r)
      widen(e, low[r], high[r],
            MutableArrayRef(sums).slice(r * wordsPerVector, wordsPerVector));
    return sums;
  };
  int64_t full = chunks / chunksPerByte;
  words = e.loop(full, words, [&](Value i, ValueRange carried) {
    return addChunks(SmallVector<Value>(carried), e.mul(i, chunksPerByte),
                     chunksPerByte);
  });
  if (int64_t rest = chunks % chunksPerByte)
    words = addChunks(words, e.index(full * chunksPerByte), rest);
  return words;
}

Value SumTables::sum(LayerEmitter &e, Value codes, Value codesAt,
                     Value tablesAt, int64_t chunks, bool isSigned,
                     bool ahead) const {
  Type i32 = e.b.getI32Type();
  auto sumSpan = [&](Value first, int64_t count) {
    SmallVector<Value> words =
        sumWords(e, codes, e.add(codesAt, e.mul(first, chunkBytes())),
                 e.add(tablesAt, e.mul(first, 2 * bytesPerTable)), count,
                 isSigned, ahead);
    SmallVector<Value> wide;
    for (Value sums : words)
      wide.push_back(e.extend(sums, i32, /*isSigned=*/true));
    return wide;
  };
  SmallVector<Value> sums;
  int64_t spans = chunks / chunksPerWord;
  if (chunks <= chunksPerWord) {
    sums = sumSpan(e.index(0), chunks);
  } else {
    auto add = [&](ValueRange carried, ArrayRef<Value> span) {
      SmallVector<Value> next;
      for (auto [sum, part] : llvm::zip(carried, span))
        next.push_back(mlir::arith::AddIOp::create(e.b, sum, part));
      return next;
    };
    sums.assign(planes * vectors * wordsPerVector,
                e.constant(VectorType::get({lanes / wordsPerVector}, i32), 0));
    sums = e.loop(spans, sums, [&](Value i, ValueRange carried) {
      return add(carried, sumSpan(e.mul(i, chunksPerWord), chunksPerWord));
    });
    if (int64_t rest = chunks % chunksPerWord)
      sums = add(sums, sumSpan(e.index(spans * chunksPerWord), rest));
  }
  int64_t perPlane = vectors * wordsPerVector;
  SmallVector<Value> total(sums.begin(), sums.begin() + perPlane);
  for (int64_t plane = 1; plane < planes; ++plane)
    for (int64_t v = 0; v < perPlane; ++v) {
      Value part = sums[plane * perPlane + v];
      total[v] = mlir::arith::AddIOp::create(
          e.b, total[v],
          mlir::arith::ShLIOp::create(e.b, part,
                                      e.constant(part.getType(), plane)));
    }
  return e.concat(total);
}

} // namespace qcc
