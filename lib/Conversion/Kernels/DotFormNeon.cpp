// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NEON without dot products (Cortex-A53, A72; A7, A9): s8 activations and
// weights, lanes are four channels by two values of the reduction. A pair of
// activations in every 16-bit lane meets weights in smull and smlal, whose
// 16-bit sums sadalp widens and adds up in pairs: three instructions for 16
// products, less where the weights prove that more than two fit 16 bits.

#include "DotForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {
namespace {

/// Values of the reduction in one 32-bit accumulator's lane.
constexpr int64_t pair = 2;

class NeonInstructions final : public DotInstructions {
public:
  bool flipsSign(bool activationsSigned) const override {
    return !activationsSigned;
  }

  /// Pairs of four channels, one after another.
  void forEachWeight(
      const DotForm &form,
      function_ref<void(int64_t lane, int64_t k)> next) const override {
    for (int64_t first = 0; first < form.group; first += pair)
      for (int64_t lane = 0; lane < form.lanes; ++lane)
        for (int64_t k = 0; k < pair; ++k)
          next(lane, first + k);
  }

  SmallVector<Value, 2> prepare(LayerEmitter &e, const DotForm &form,
                                Value memref, Value offset, int64_t valid,
                                bool isSigned) const override {
    SmallVector<Value, 2> pairs;
    for (int64_t k = 0; k < valid; k += pair)
      pairs.push_back(
          loadSplat(e, form, memref, e.add(offset, k), valid - k, isSigned));
    return pairs;
  }

  SmallVector<Value, 2> loadWeights(LayerEmitter &e, const DotForm &form,
                                    const WeightTable &table,
                                    WeightPlace at) const override {
    SmallVector<Value, 2> weights;
    for (int64_t k = 0; k < form.group; k += pair)
      weights.push_back(loadPair(e, form, table, at, k));
    return weights;
  }

  Value step(LayerEmitter &e, const DotForm &form, Value acc,
             ArrayRef<Value> activations, ArrayRef<Value> weights,
             bool isSigned) const override {
    for (auto [x, w] : llvm::zip(activations, weights))
      acc = addPairs(e, acc, multiplyBytes(e, x, w));
    return acc;
  }

  /// Products of a lane meet in 16 bits until the proof ends. One sum follows
  /// the other, since LLVM's scheduler interleaves what is in order but spills
  /// what is not.
  void reduceTile(LayerEmitter &e, const DotForm &form, const DotTile &tile,
                  MutableArrayRef<Value> state,
                  const DotOperands &operands) const override {
    int64_t positions =
        static_cast<int64_t>(llvm::divideCeil(operands.count, pair));
    SmallVector<SmallVector<Value>> pixels;
    for (Value pixel : operands.pixels)
      pixels.push_back(loadActivations(e, form, pixel, operands));
    for (int64_t first = 0, end; first < positions; first = end) {
      end = first + 1;
      while (end < positions && !(form.sumEnds >> (end - 1) & 1))
        ++end;
      SmallVector<SmallVector<Value>> x(tile.pixels), w(tile.vectors);
      auto addUp = [&](int64_t p, int64_t v) {
        if (x[p].empty())
          x[p] = splatPairs(e, form, pixels[p], operands.pixels[p], operands,
                            first, end);
        if (w[v].empty())
          for (int64_t position = first; position < end; ++position) {
            int64_t group = position * pair / form.group;
            WeightPlace at = operands.weights +
                             (group * tile.vectors + v) * form.weightsPerStep();
            w[v].push_back(loadPairs(e, form, operands, at, position));
          }
        Value sum;
        for (auto [a, b] : llvm::zip(x[p], w[v])) {
          Value product = multiplyBytes(e, a, b);
          sum = sum ? Value(mlir::arith::AddIOp::create(e.b, sum, product))
                    : product;
        }
        Value &acc = state[p * tile.vectors + v];
        acc = addPairs(e, acc, sum);
      };
      // What there is more of stays in registers no longer than it must.
      bool byVector = end - first > 2;
      int64_t outer = byVector ? tile.vectors : tile.pixels,
              inner = byVector ? tile.pixels : tile.vectors;
      for (int64_t i = 0; i < outer; ++i)
        for (int64_t j = 0; j < inner; ++j)
          addUp(byVector ? j : i, byVector ? i : j);
    }
    if (tile.sumsActivations)
      for (int64_t p = 0; p < tile.pixels; ++p)
        addActivations(e, form, state[tile.accumulators() + p],
                       operands.pixels[p], operands);
  }

  /// A pixel's activations were summed up in lanes.
  SmallVector<Value> endTile(LayerEmitter &e, const DotForm &form,
                             const DotTile &tile, ArrayRef<Value> biases,
                             ArrayRef<Value> state) const override {
    SmallVector<Value> sums(state);
    for (Value &sum : MutableArrayRef(sums).drop_front(tile.accumulators()))
      sum = e.splat(
          vector::ReductionOp::create(e.b, vector::CombiningKind::ADD, sum),
          form.lanes);
    return sums;
  }

  /// Ends a sum of 16 bits where a further product could leave them, whatever
  /// the activations are.
  void prove(DotForm &form,
             ArrayRef<SmallVector<int16_t>> chunks) const override {
    int64_t sumLanes = form.lanes * pair,
            positions = form.chunk * form.group / pair;
    auto fits = [&](int64_t first, int64_t end) {
      for (const SmallVector<int16_t> &chunk : chunks)
        for (int64_t lane = 0; lane < sumLanes; ++lane) {
          int64_t lo = 0, hi = 0;
          for (int64_t position = first; position < end; ++position) {
            size_t at = static_cast<size_t>(position * sumLanes + lane);
            int64_t w = at < chunk.size() ? chunk[at] : 0;
            lo += std::min(w * INT8_MIN, w * INT8_MAX);
            hi += std::max(w * INT8_MIN, w * INT8_MAX);
          }
          if (lo < INT16_MIN || hi > INT16_MAX)
            return false;
        }
      return true;
    };
    // Sums end with a group, unless not even one fits.
    form.sumEnds = 0;
    int64_t perGroup = form.group / pair;
    for (int64_t first = 0; first < positions;) {
      int64_t end = first + perGroup;
      if (fits(first, end))
        while (end < positions && fits(first, end + perGroup))
          end += perGroup;
      else
        end = first + 1;
      form.sumEnds |= uint32_t(1) << (end - 1);
      first = end;
    }
  }

private:
  /// Weights `k` and `k` + 1 of a group, of each channel.
  static Value loadPair(LayerEmitter &e, const DotForm &form,
                        const WeightTable &table, WeightPlace at, int64_t k) {
    int64_t count = form.lanes * pair;
    return table.load(e, at + k * form.lanes, count, count);
  }

  /// Two activations (or one, twice) in every pair of lanes.
  static Value loadSplat(LayerEmitter &e, const DotForm &form, Value memref,
                         Value offset, int64_t valid, bool isSigned) {
    Value x;
    if (valid == 1) {
      x = e.splat(e.load(memref, offset, 1), form.lanes * pair);
    } else {
      Value word =
          bitcastLanes(e, e.load(memref, offset, pair), 1, e.b.getI16Type());
      x = e.splat(vector::ExtractOp::create(e.b, word, ArrayRef<int64_t>{0}),
                  form.lanes);
      x = bitcastLanes(e, x, form.lanes * pair, e.b.getI8Type());
    }
    return flip(e, form, x, isSigned);
  }

  /// One pixel's activations in registers of up to 16, as far as there are
  /// whole groups.
  static SmallVector<Value> loadActivations(LayerEmitter &e,
                                            const DotForm &form, Value pixel,
                                            const DotOperands &operands) {
    SmallVector<Value> result;
    int64_t groups = operands.count / form.group;
    for (int64_t g = 0, together; g < groups; g += together) {
      together = groups - g >= 4 ? 4 : groups - g >= 2 ? 2 : 1;
      Value x = flip(e, form,
                     e.load(operands.memref, e.add(pixel, g * form.group),
                            together * form.group),
                     operands.isSigned);
      result.append(together, x);
    }
    return result;
  }

  /// The activations of positions `first` … `end` - 1: each pair in every pair
  /// of lanes. One table lookup makes the two of a group.
  static SmallVector<Value> splatPairs(LayerEmitter &e, const DotForm &form,
                                       ArrayRef<Value> loaded, Value pixel,
                                       const DotOperands &operands,
                                       int64_t first, int64_t end) {
    SmallVector<Value> result;
    int64_t bytes = form.weightsPerStep();
    auto type = VectorType::get({bytes}, e.b.getI8Type());
    Value lookedUp;
    for (int64_t position = first; position < end; ++position) {
      int64_t k = position * pair, group = k / form.group;
      if (group >= static_cast<int64_t>(loaded.size())) {
        result.push_back(loadSplat(e, form, operands.memref, e.add(pixel, k),
                                   operands.count - k, operands.isSigned));
        continue;
      }
      if (position == first || k % form.group == 0) {
        Value x = loaded[group];
        int64_t count = e.lanesIn(x.getType()), at = 0;
        for (int64_t g = group; g > 0 && loaded[g - 1] == x; --g)
          at += form.group;
        SmallVector<int64_t> order, widen;
        for (int64_t byte = 0; byte < bytes; ++byte) {
          order.push_back(at + byte / (bytes / 2) * pair + byte % pair);
          widen.push_back(byte % count);
        }
        if (e.facts.isARM32()) {
          lookedUp = vector::ShuffleOp::create(e.b, x, x, order);
        } else {
          if (count != bytes)
            x = vector::ShuffleOp::create(e.b, x, x, widen);
          Value table = mlir::arith::ConstantOp::create(
              e.b,
              DenseElementsAttr::get(type, ArrayRef<int8_t>(SmallVector<int8_t>(
                                               order.begin(), order.end()))));
          lookedUp =
              callIntrinsic(e, "llvm.aarch64.neon.tbl1", type, {x, table});
        }
      }
      result.push_back(half(e, lookedUp, position % pair));
    }
    return result;
  }

  /// The weights of one position of a group that lies at `at`.
  static Value loadPairs(LayerEmitter &e, const DotForm &form,
                         const DotOperands &operands, WeightPlace at,
                         int64_t position) {
    int64_t bytes = form.weightsPerStep(), k = position * pair;
    if (k / form.group * form.group + form.group > operands.count)
      return loadPair(e, form, operands.table, at, k % form.group);
    return half(e, operands.table.load(e, at, bytes, bytes), position % pair);
  }

  /// The lower or the upper half of a vector.
  static Value half(LayerEmitter &e, Value value, int64_t which) {
    int64_t count = e.lanesIn(value.getType()) / 2;
    return vector::ExtractStridedSliceOp::create(
        e.b, value, ArrayRef<int64_t>{which * count}, ArrayRef<int64_t>{count},
        ArrayRef<int64_t>{1});
  }

  static Value flip(LayerEmitter &e, const DotForm &form, Value x,
                    bool isSigned) {
    return form.flipsSign(isSigned)
               ? Value(mlir::arith::XOrIOp::create(
                     e.b, x, e.constant(x.getType(), -128)))
               : x;
  }

  /// Adds a stretch of one pixel's activations to lanes, 8 at a time, then to
  /// the first lane.
  static void addActivations(LayerEmitter &e, const DotForm &form, Value &sum,
                             Value pixel, const DotOperands &operands) {
    int64_t many = form.lanes * pair, k = 0;
    for (; k + many <= operands.count; k += many) {
      Value x = flip(e, form, e.load(operands.memref, e.add(pixel, k), many),
                     operands.isSigned);
      sum = addPairs(e, sum, e.extend(x, e.b.getI16Type(), true));
    }
    for (; k < operands.count; k += pair) {
      int64_t valid = std::min(pair, operands.count - k);
      SmallVector<int8_t> pattern(static_cast<size_t>(many), 0);
      std::fill_n(pattern.begin(), valid, 1);
      Value ones = mlir::arith::ConstantOp::create(
          e.b, DenseElementsAttr::get(VectorType::get({many}, e.b.getI8Type()),
                                      ArrayRef<int8_t>(pattern)));
      sum = addPairs(
          e, sum,
          multiplyBytes(e,
                        loadSplat(e, form, operands.memref, e.add(pixel, k),
                                  valid, operands.isSigned),
                        ones));
    }
  }
};

} // namespace

std::optional<DotForm> chooseNeonForm(const TargetFacts &facts, bool is16Bit) {
  static const NeonInstructions neon;
  if (is16Bit || !facts.hasNEON || facts.vectorBits == 0)
    return std::nullopt;
  DotForm form;
  form.instructions = &neon;
  form.memoryBytes = 4;
  form.lanes = form.minLanes = 4;
  form.group = 4;
  form.chunk = 4;
  form.accumulators = facts.numVectorRegisters >= 32 ? 12 : 4;
  form.stepCycles = 3;
  form.activationCycles = 1.75;
  return form;
}

} // namespace qcc
