// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// AArch64 with the dot product extension: sdot by element, so that one load of
// 16 activations of a pixel serves four groups.

#include "DotForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {
namespace {

/// sdot: s8 activations and weights, groups of 4. Where a tile sums its
/// activations the state holds partial sums, 16 activations to a step, which
/// are added up in the end.
class SdotInstructions final : public DotInstructions {
public:
  bool flipsSign(bool activationsSigned) const override {
    return !activationsSigned;
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
    return dot(e, acc, weights[0], activations[0]);
  }

  SmallVector<Value, 2> ones(LayerEmitter &e, const DotForm &form,
                             int64_t valid) const override {
    return {onesOfBytes(e, form, valid)};
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
  static Value dot(LayerEmitter &e, Value acc, Value a, Value b) {
    return callIntrinsic(e, "llvm.aarch64.neon.sdot", acc.getType(),
                         {acc, a, b});
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
            e.add(operands.weights, ((k / form.group + g) * tile.vectors + v) *
                                        form.weightsPerStep()))[0]);
      for (int64_t p = 0; p < tile.pixels; ++p) {
        Value x = groups > 1 ? Value(vector::ShuffleOp::create(
                                   e.b, words[p], words[p],
                                   SmallVector<int64_t>(form.lanes, g)))
                             : e.splat(words[p], form.lanes);
        x = bitcastLanes(e, x, form.lanes * form.group, i8);
        for (int64_t v = 0; v < tile.vectors; ++v) {
          Value &acc = state[p * tile.vectors + v];
          acc = dot(e, acc, weights[v], x);
        }
        if (!tile.sumsActivations || (groups == 4 && g > 0))
          continue;
        Value &sum = state[tile.accumulators() + p];
        if (groups == 4)
          sum = dot(e, sum, bitcastLanes(e, words[p], 16, i8), onesUpTo(e, 16));
        else
          sum = dot(e, sum, x, onesUpTo(e, std::min(bytes, form.group)));
      }
    }
  }

  /// 16 bytes, the first `count` 1 and the others 0.
  static Value onesUpTo(LayerEmitter &e, int64_t count) {
    SmallVector<int8_t> pattern(16, 0);
    std::fill_n(pattern.begin(), count, 1);
    return mlir::arith::ConstantOp::create(
        e.b, DenseElementsAttr::get(VectorType::get({16}, e.b.getI8Type()),
                                    ArrayRef<int8_t>(pattern)));
  }
};

} // namespace

std::optional<DotForm> chooseAArch64Form(const TargetFacts &facts,
                                         bool is16Bit) {
  static const SdotInstructions sdot;
  if (is16Bit || facts.isa != IsaFamily::AArch64 || !facts.hasDotProd)
    return std::nullopt;
  DotForm form;
  form.instructions = &sdot;
  form.lanes = form.minLanes = 4;
  form.group = 4;
  form.chunk = 4;
  form.accumulators = 24;
  form.registers = 31;
  // Two steps a cycle. A register of activations is read for four groups; a
  // pair of registers of weights takes the place of a step in issue.
  form.activationCycles = 0.15;
  form.weightCycles = 0.5;
  return form;
}

} // namespace qcc
