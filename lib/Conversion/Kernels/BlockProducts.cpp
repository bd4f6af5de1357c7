// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The two ways of summing up a block. See the header.

#include "BlockProducts.h"

#include "PackedCodes.h"
#include "SumTables.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/bit.h"

using namespace mlir;

namespace qcc {
namespace {

/// Codes in `table` come from memory: what hardware foresees ends with a page.
bool comesFromMemory(const TargetFacts &facts, Value table) {
  constexpr int64_t fewBytes = 1 << 18;
  return !facts.prefersSmallMemory() &&
         cast<MemRefType>(table.getType()).getNumElements() >= fewBytes;
}

class CodeProducts final : public BlockProducts {
public:
  CodeProducts(const TargetFacts &facts, int bits)
      : dot(CodeDot::choose(facts)), packed(dot, bits) {
    lanes = dot.lanes, rows = dot.rows;
    chunkDepth = packed.steps * dot.group;
    chunkBytes = packed.chunkBytes;
    isSigned = bits == 8 && dot.signedBytes;
    auto steps = static_cast<double>(packed.steps);
    chunkCycles = steps * dot.stepCycles;
    codeCycles =
        steps * dot.unpackCycles * llvm::popcount(static_cast<unsigned>(bits));
  }

  void pack(function_ref<uint8_t(int64_t, int64_t)> code,
            std::vector<int8_t> &out) const override {
    packed.pack([&](int64_t step, int64_t lane,
                    int64_t i) { return code(lane, step * dot.group + i); },
                out);
  }

  SmallVector<Value> sum(LayerEmitter &e, Value table, Value at,
                         ArrayRef<Value> x, int64_t chunks) const override {
    auto rows = static_cast<int64_t>(x.size());
    int64_t places = rows == 1 ? packed.places() : 1;
    int64_t chains = std::max(rows > 1 ? 1 : dot.chains, places);
    int64_t greatest = isSigned ? 128 : (int64_t(1) << packed.bits) - 1;
    int64_t most =
        chains * dot.mostSteps(greatest << (places - 1) * packed.bits);
    // Codes that were left in different places are summed up apart.
    auto join = [&](ArrayRef<Value> sums) {
      Value total;
      for (auto [c, sum] : llvm::enumerate(sums)) {
        if (!sum)
          continue;
        Value part = sum;
        if (int64_t place = static_cast<int64_t>(c) % places * packed.bits)
          part = mlir::arith::ShRSIOp::create(e.b, sum,
                                              e.constant(sum.getType(), place));
        total =
            total ? Value(mlir::arith::AddIOp::create(e.b, total, part)) : part;
      }
      return total;
    };
    // Narrow sums are joined before they are widened.
    int64_t wide = most ? 1 : chains;

    // As many chunks in straight line as make some 32 products.
    int64_t straight = 1;
    if (!e.facts.prefersSmallMemory())
      for (int64_t c = 1; c <= chunks; ++c)
        if (chunks % c == 0 && c * packed.steps * rows <= 64)
          straight = c;
    bool loops = straight < chunks;

    auto run = [&](Value first, SmallVector<Value> accs) {
      SmallVector<Value> partial(rows * chains);
      if (!most)
        partial.swap(accs);
      int64_t summed = 0;
      auto flush = [&] {
        for (int64_t r = 0; r < rows; ++r)
          if (Value sum =
                  join(ArrayRef<Value>(partial).slice(r * chains, chains)))
            accs[r] = dot.finish(e, accs[r], sum);
        partial.assign(partial.size(), Value());
        summed = 0;
      };
      for (int64_t c = 0; c < straight; ++c) {
        Value chunk = e.add(first, c);
        Value from = e.add(at, e.mul(chunk, packed.chunkBytes));
        SmallVector<Value> vectors = packed.load(e, table, from);
        prefetch(e, table, from);
        for (int64_t s = 0; s < packed.steps; ++s) {
          Value codes = packed.unpack(e, vectors, s, places);
          for (int64_t r = 0; r < rows; ++r) {
            Value activations = dot.activations(
                e, e.scratch,
                e.add(e.add(x[r], e.mul(chunk, packed.steps * dot.group)),
                      s * dot.group));
            Value &sum = partial[r * chains + (c * packed.steps + s) % chains];
            sum = dot.step(e, sum, codes, activations, isSigned);
          }
          if (++summed == most)
            flush();
        }
      }
      if (!most)
        return partial;
      flush();
      return accs;
    };

    SmallVector<Value> accs(rows * wide);
    if (loops) {
      auto type = LayerEmitter::lanesOf(e.b.getI32Type(), dot.lanes);
      accs.assign(rows * wide, e.constant(type, 0));
      accs = e.loop(chunks / straight, accs, [&](Value i, ValueRange carried) {
        return run(e.mul(i, straight), SmallVector<Value>(carried));
      });
    } else {
      accs = run(e.index(0), accs);
    }
    SmallVector<Value> results;
    for (int64_t r = 0; r < rows; ++r)
      results.push_back(
          most ? accs[r] : join(ArrayRef<Value>(accs).slice(r * wide, wide)));
    return results;
  }

private:
  void prefetch(LayerEmitter &e, Value table, Value from) const {
    constexpr int64_t ahead = 4096, lineBytes = 64;
    if (!comesFromMemory(e.facts, table))
      return;
    for (int64_t at = 0; at < packed.chunkBytes; at += lineBytes)
      memref::PrefetchOp::create(e.b, table,
                                 ValueRange{e.add(from, ahead + at)},
                                 /*isWrite=*/false, /*localityHint=*/3,
                                 /*isDataCache=*/true);
  }

  const CodeDot &dot;
  PackedCodes packed;
};

class TableProducts final : public BlockProducts {
public:
  TableProducts(const TargetFacts &facts, int bits, int64_t outputs)
      : tables(facts, bits, outputs) {
    lanes = tables.outputs();
    chunkDepth = SumTables::chunkDepth;
    chunkBytes = tables.chunkBytes();
    chunkCycles = tables.chunkCycles(facts);
    readyCycles = 2 * SumTables::tableCycles;
  }

  void pack(function_ref<uint8_t(int64_t, int64_t)> code,
            std::vector<int8_t> &out) const override {
    tables.pack(code, out);
  }

  int64_t scratchBytes(int64_t count) const override {
    return SumTables::bytesFor(count);
  }

  void prepare(LayerEmitter &e, int64_t count, int64_t at) override {
    tablesAt = at;
    tables.build(e, e.scratch, e.index(0), e.index(at), count,
                 /*isSigned=*/true);
  }

  SmallVector<Value> sum(LayerEmitter &e, Value table, Value at,
                         ArrayRef<Value> x, int64_t chunks) const override {
    SmallVector<Value> sums;
    for (Value first : x)
      sums.push_back(tables.sum(
          e, table, at, e.add(SumTables::placeOf(e, first), tablesAt), chunks,
          /*isSigned=*/true, comesFromMemory(e.facts, table)));
    return sums;
  }

private:
  SumTables tables;
  int64_t tablesAt = 0;
};

} // namespace

std::unique_ptr<BlockProducts> BlockProducts::ofCodes(const TargetFacts &facts,
                                                      int bits) {
  return std::make_unique<CodeProducts>(facts, bits);
}

std::unique_ptr<BlockProducts> BlockProducts::ofTables(const TargetFacts &facts,
                                                       int bits,
                                                       int64_t outputs,
                                                       std::string &why) {
  if (bits > SumTables::mostPlanes) {
    why = "weights have " + std::to_string(bits) + " bits";
    return nullptr;
  }
  if (!SumTables::isPossible(facts)) {
    why = "no lookup of bytes in registers";
    return nullptr;
  }
  return std::make_unique<TableProducts>(facts, bits, outputs);
}

} // namespace qcc
