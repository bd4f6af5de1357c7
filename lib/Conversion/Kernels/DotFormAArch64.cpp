// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// AArch64 with the dot product extension: sdot by element, so that one load of
// 16 activations of a pixel serves four groups. With the matrix extension:
// smmla, two pixels by two channels by eight values of the reduction; and
// activations have any sign (usdot, usmmla).

#include "DotForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {
namespace {

Value constantBytes(LayerEmitter &e, ArrayRef<int8_t> bytes) {
  auto type =
      VectorType::get({static_cast<int64_t>(bytes.size())}, e.b.getI8Type());
  return mlir::arith::ConstantOp::create(e.b,
                                         DenseElementsAttr::get(type, bytes));
}

/// sdot, or usdot for u8 activations where there is one: groups of 4, s8
/// weights. Where a tile sums its activations the state holds partial sums, 16
/// activations to a step, which are added up in the end.
class SdotInstructions final : public DotInstructions {
public:
  explicit SdotInstructions(bool mixesSigns) : mixesSigns(mixesSigns) {}

  bool takesAnyBytes() const override { return true; }

  bool flipsSign(bool activationsSigned) const override {
    return !activationsSigned && !mixesSigns;
  }

  SmallVector<Value, 2> prepare(LayerEmitter &e, const DotForm &form,
                                Value memref, Value offset, int64_t valid,
                                bool isSigned) const override {
    return {splatWord(e, form, loadWord(e, memref, offset, valid), isSigned)};
  }

  /// The splat goes last: there the instruction can take one lane of it.
  Value step(LayerEmitter &e, const DotForm &form, Value acc,
             ArrayRef<Value> activations, ArrayRef<Value> weights,
             bool isSigned) const override {
    return dot(e, acc, weights[0], activations[0], isSigned);
  }

  SmallVector<Value, 2> ones(LayerEmitter &e, const DotForm &form,
                             int64_t valid) const override {
    return {onesOfBytes(e, form, valid)};
  }

  bool fits(const DotForm &form, int64_t pixels,
            int64_t vectors) const override {
    return pixels * vectors <= 24 && pixels * vectors + pixels + vectors <= 31;
  }

  /// Two products a cycle, or three of all instructions: a register of
  /// activations for four groups takes two places in issue, as do two of
  /// weights and a third.
  double groupCycles(const DotForm &form, int64_t pixels,
                     int64_t vectors) const override {
    auto dots = static_cast<double>(pixels * vectors);
    double others =
        0.5 * static_cast<double>(pixels) + 1.5 * static_cast<double>(vectors);
    double ports = dots / 2, issue = (dots + others) / 3;
    // The two get in each other's way where they are close; and sums take three
    // cycles to the next product.
    return std::max(3.0, ports + std::max(0.1, 1.6 * (issue - ports + 0.5)));
  }

  void reduceTile(LayerEmitter &e, const DotForm &form, const DotTile &tile,
                  MutableArrayRef<Value> state,
                  const DotOperands &operands) const override {
    for (int64_t k = 0; k < operands.count;) {
      // Registers of 16 bytes or 8; less than that word by word.
      int64_t rest = operands.count - k;
      int64_t bytes = rest >= 16  ? 16
                      : rest >= 8 ? 8
                                  : std::min<int64_t>(rest, 4);
      reducePart(e, form, tile, state, operands, k, bytes);
      k += bytes;
    }
  }

  SmallVector<Value> endTile(LayerEmitter &e, const DotForm &form,
                             const DotTile &tile, ArrayRef<Value> biases,
                             ArrayRef<Value> state) const override {
    SmallVector<Value> result(state);
    for (Value &sum :
         MutableArrayRef<Value>(result).drop_front(tile.accumulators()))
      sum = e.splat(
          vector::ReductionOp::create(e.b, vector::CombiningKind::ADD, sum),
          form.lanes);
    return result;
  }

private:
  Value dot(LayerEmitter &e, Value acc, Value weights, Value activations,
            bool isSigned) const {
    if (mixesSigns && !isSigned)
      return callIntrinsic(e, "llvm.aarch64.neon.usdot", acc.getType(),
                           {acc, activations, weights});
    return callIntrinsic(e, "llvm.aarch64.neon.sdot", acc.getType(),
                         {acc, weights, activations});
  }

  /// `bytes` (16, 8, 4 or less) activations of each pixel from number `k` on.
  void reducePart(LayerEmitter &e, const DotForm &form, const DotTile &tile,
                  MutableArrayRef<Value> state, const DotOperands &operands,
                  int64_t k, int64_t bytes) const {
    Type i8 = e.b.getI8Type(), i32 = e.b.getI32Type();
    int64_t groups = llvm::divideCeil(bytes, form.group);
    // Words of each pixel, in one register.
    SmallVector<Value> words;
    for (int64_t p = 0; p < tile.pixels; ++p) {
      Value at = e.add(operands.pixels[p], k);
      Value x = groups > 1 ? bitcastLanes(e, e.load(operands.memref, at, bytes),
                                          groups, i32)
                           : loadWord(e, operands.memref, at, bytes);
      if (form.flipsSign(operands.isSigned))
        x = mlir::arith::XOrIOp::create(
            e.b, x, e.constant(x.getType(), static_cast<int32_t>(0x80808080)));
      words.push_back(x);
    }
    for (int64_t g = 0; g < groups; ++g) {
      SmallVector<Value> weights;
      for (int64_t v = 0; v < tile.vectors; ++v)
        weights.push_back(loadWeights(
            e, form, operands.table,
            operands.weights + ((k / form.group + g) * tile.vectors + v) *
                                   form.weightsPerStep())[0]);
      for (int64_t p = 0; p < tile.pixels; ++p) {
        Value x = groups > 1 ? Value(vector::ShuffleOp::create(
                                   e.b, words[p], words[p],
                                   SmallVector<int64_t>(form.lanes, g)))
                             : e.splat(words[p], form.lanes);
        x = bitcastLanes(e, x, form.lanes * form.group, i8);
        for (int64_t v = 0; v < tile.vectors; ++v) {
          Value &acc = state[p * tile.vectors + v];
          acc = dot(e, acc, weights[v], x, operands.isSigned);
        }
        if (!tile.sumsActivations || (groups == 4 && g > 0))
          continue;
        Value &sum = state[tile.accumulators() + p];
        if (groups == 4)
          sum = dot(e, sum, onesUpTo(e, 16), bitcastLanes(e, words[p], 16, i8),
                    operands.isSigned);
        else
          sum = dot(e, sum, onesUpTo(e, std::min(bytes, form.group)), x,
                    operands.isSigned);
      }
    }
  }

  /// 16 bytes, the first `count` 1 and the others 0.
  static Value onesUpTo(LayerEmitter &e, int64_t count) {
    SmallVector<int8_t> pattern(16, 0);
    std::fill_n(pattern.begin(), count, 1);
    return constantBytes(e, pattern);
  }

  bool mixesSigns;
};

/// smmla, or usmmla for u8 activations: 2x2 blocks of two pixels by two
/// channels, groups of 8.
class SmmlaInstructions final : public DotInstructions {
public:
  bool pairsPixels() const override { return true; }

  SmallVector<Value, 2> prepare(LayerEmitter &e, const DotForm &form,
                                Value memref, Value offset, int64_t valid,
                                bool isSigned) const override {
    llvm_unreachable("there is no step on less than two pixels");
  }
  Value step(LayerEmitter &e, const DotForm &form, Value acc,
             ArrayRef<Value> activations, ArrayRef<Value> weights,
             bool isSigned) const override {
    llvm_unreachable("there is no step on less than two pixels");
  }

  bool fits(const DotForm &form, int64_t pixels,
            int64_t vectors) const override {
    auto pairs = static_cast<int64_t>(llvm::divideCeil(pixels, 2));
    return pairs * 2 * vectors <= 24 && pairs * 2 * (vectors + 1) + 3 <= 32;
  }

  /// Two instructions a cycle: the products, and what puts two pixels side by
  /// side.
  double groupCycles(const DotForm &form, int64_t pixels,
                     int64_t vectors) const override {
    auto pairs = static_cast<double>(llvm::divideCeil(pixels, 2));
    // A single pair waits for its weights.
    return pairs * (static_cast<double>(vectors) + 0.5) +
           (pairs == 1 ? 0.07 * static_cast<double>(vectors) : 0);
  }

  SmallVector<Value> beginTile(LayerEmitter &e, const DotForm &form,
                               const DotTile &tile,
                               ArrayRef<Value> biases) const override {
    SmallVector<Value> state;
    for (Value bias : biases) {
      state.push_back(shuffle(e, bias, bias, {0, 1, 2, 3}));
      state.push_back(shuffle(e, bias, bias, {4, 5, 6, 7}));
    }
    if (tile.sumsActivations)
      state.append(pairsOf(tile), e.constant(state[0].getType(), 0));
    return state;
  }

  void reduceTile(LayerEmitter &e, const DotForm &form, const DotTile &tile,
                  MutableArrayRef<Value> state,
                  const DotOperands &operands) const override {
    for (int64_t k = 0; k < operands.count;) {
      int64_t rest = operands.count - k;
      int64_t bytes = rest >= 16 ? 16 : std::min<int64_t>(rest, 8);
      SmallVector<SmallVector<Value>> halves =
          loadPairs(e, tile, operands, k, bytes);
      for (auto [h, pairs] : llvm::enumerate(halves))
        reduceGroup(e, form, tile, state, operands, k + 8 * int64_t(h),
                    std::min<int64_t>(bytes, 8), pairs);
      k += bytes;
    }
  }

  SmallVector<Value> endTile(LayerEmitter &e, const DotForm &form,
                             const DotTile &tile, ArrayRef<Value> biases,
                             ArrayRef<Value> state) const override {
    SmallVector<Value> result;
    for (int64_t p = 0; p < tile.pixels; ++p)
      for (int64_t v = 0; v < tile.vectors; ++v) {
        size_t at = static_cast<size_t>(((p / 2) * tile.vectors + v) * 2);
        result.push_back(
            p % 2 == 0 ? shuffle(e, state[at], state[at + 1], {0, 1, 4, 5})
                       : shuffle(e, state[at], state[at + 1], {2, 3, 6, 7}));
      }
    if (tile.sumsActivations)
      for (int64_t p = 0; p < tile.pixels; ++p) {
        Value sum = state[static_cast<size_t>(pairsOf(tile) * tile.vectors * 2 +
                                              p / 2)];
        int64_t lane = 2 * (p % 2);
        result.push_back(shuffle(e, sum, sum, {lane, lane, lane, lane}));
      }
    return result;
  }

private:
  static int64_t pairsOf(const DotTile &tile) {
    return static_cast<int64_t>(llvm::divideCeil(tile.pixels, 2));
  }

  static Value shuffle(LayerEmitter &e, Value a, Value b,
                       ArrayRef<int64_t> lanes) {
    return vector::ShuffleOp::create(e.b, a, b, lanes);
  }

  static Value multiply(LayerEmitter &e, Value acc, Value pixels,
                        Value channels, bool isSigned) {
    return callIntrinsic(
        e, isSigned ? "llvm.aarch64.neon.smmla" : "llvm.aarch64.neon.usmmla",
        acc.getType(), {acc, pixels, channels});
  }

  /// Eight activations of one pixel beside eight of the next, for each pair of
  /// pixels; twice that where there are 16.
  static SmallVector<SmallVector<Value>> loadPairs(LayerEmitter &e,
                                                   const DotTile &tile,
                                                   const DotOperands &operands,
                                                   int64_t k, int64_t bytes) {
    Type i8 = e.b.getI8Type(), i32 = e.b.getI32Type(), i64 = e.b.getI64Type();
    auto load = [&](int64_t p) -> Value {
      Value at = e.add(operands.pixels[p], k);
      if (bytes >= 8)
        return bitcastLanes(e, e.load(operands.memref, at, bytes), bytes / 8,
                            i64);
      // Less than eight: words, with zeros behind them.
      Value words = e.constant(VectorType::get({2}, i32), 0);
      for (int64_t i = 0; i < bytes; i += 4)
        words =
            vector::InsertOp::create(e.b,
                                     loadWord(e, operands.memref, e.add(at, i),
                                              std::min<int64_t>(4, bytes - i)),
                                     words, ArrayRef<int64_t>{i / 4});
      return bitcastLanes(e, words, 1, i64);
    };
    SmallVector<SmallVector<Value>> halves(bytes > 8 ? 2 : 1);
    if (!operands.pieces.empty()) {
      for (int64_t p = 0; p < tile.pixels; p += 2)
        halves[0].push_back(gatherPair(e, tile, operands, p));
      return halves;
    }
    for (int64_t p = 0; p < tile.pixels; p += 2) {
      Value first = load(p), second = p + 1 < tile.pixels ? load(p + 1) : first;
      for (auto [h, pairs] : llvm::enumerate(halves)) {
        int64_t lane = static_cast<int64_t>(h), width = bytes > 8 ? 2 : 1;
        pairs.push_back(bitcastLanes(
            e, shuffle(e, first, second, {lane, lane + width}), 16, i8));
      }
    }
    return halves;
  }

  /// The same of pieces that lie apart, byte by byte.
  static Value gatherPair(LayerEmitter &e, const DotTile &tile,
                          const DotOperands &operands, int64_t first) {
    auto length = operands.count / static_cast<int64_t>(operands.pieces.size());
    Value pair = e.constant(VectorType::get({16}, e.b.getI8Type()), 0);
    for (int64_t half = 0; half < 2; ++half) {
      Value pixel = operands.pixels[std::min(first + half, tile.pixels - 1)];
      for (int64_t i = 0; i < operands.count; ++i)
        pair = vector::InsertOp::create(
            e.b,
            e.load(operands.memref,
                   e.add(pixel, operands.pieces[i / length] + i % length), 1),
            pair, ArrayRef<int64_t>{8 * half + i});
    }
    return pair;
  }

  /// One group from number `k` on, of which `valid` are there.
  static void reduceGroup(LayerEmitter &e, const DotForm &form,
                          const DotTile &tile, MutableArrayRef<Value> state,
                          const DotOperands &operands, int64_t k, int64_t valid,
                          ArrayRef<Value> pairs) {
    for (int64_t c = 0; c < 2 * tile.vectors; ++c) {
      Value weights = operands.table.load(
          e, operands.weights + (k / 8 * tile.vectors * 2 + c) * 16, 16, 16);
      for (auto [pair, x] : llvm::enumerate(pairs)) {
        Value &acc = state[pair * 2 * static_cast<size_t>(tile.vectors) +
                           static_cast<size_t>(c)];
        acc = multiply(e, acc, x, weights, operands.isSigned);
      }
    }
    if (!tile.sumsActivations)
      return;
    SmallVector<int8_t> ones;
    for (int64_t i = 0; i < 16; ++i)
      ones.push_back(i % 8 < valid ? 1 : 0);
    for (auto [pair, x] : llvm::enumerate(pairs)) {
      Value &sum =
          state[pairs.size() * 2 * static_cast<size_t>(tile.vectors) + pair];
      sum = multiply(e, sum, x, constantBytes(e, ones), operands.isSigned);
    }
  }
};

} // namespace

std::optional<DotForm> chooseAArch64Form(const TargetFacts &facts,
                                         bool is16Bit) {
  static const SdotInstructions sdot(/*mixesSigns=*/false),
      usdot(/*mixesSigns=*/true);
  if (is16Bit || facts.isa != IsaFamily::AArch64 || !facts.hasDotProd)
    return std::nullopt;
  DotForm form;
  form.instructions = facts.hasI8MM ? &usdot : &sdot;
  form.prefersUnsigned = facts.hasI8MM;
  form.memoryBytes = 4;
  form.accumulators = 12;
  form.lanes = form.minLanes = 4;
  form.group = 4;
  form.chunk = 4;
  form.knowsTiles = form.overlapsTails = form.loadsStarts = true;
  return form;
}

std::optional<DotForm> chooseAArch64MatrixForm(const TargetFacts &facts,
                                               bool is16Bit) {
  static const SmmlaInstructions smmla;
  if (is16Bit || facts.isa != IsaFamily::AArch64 || !facts.hasI8MM)
    return std::nullopt;
  DotForm form;
  form.instructions = &smmla;
  form.memoryBytes = 4;
  form.lanes = form.minLanes = 4;
  form.group = 8;
  form.chunk = 2;
  form.gathersTails = true;
  form.knowsTiles = form.overlapsTails = form.loadsStarts = true;
  return form;
}

} // namespace qcc
