// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// 32-bit Arm: smlad of Armv7E-M.

#include "DotForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace qcc {
namespace {

/// smlad on one channel: two accumulating products of 16-bit halves.
class SmladInstructions : public DotInstructions {
public:
  Value step(LayerEmitter &e, const DotForm &form, Value acc,
             ArrayRef<Value> activations, ArrayRef<Value> weights,
             bool isSigned) const override {
    for (auto [x, w] : llvm::zip(activations, weights))
      acc = callIntrinsic(e, "llvm.arm.smlad", acc.getType(), {x, w, acc});
    return acc;
  }

protected:
  ~SmladInstructions() = default;
};

/// s8 or u8 activations, s8 weights, groups of 4: the even bytes and the odd
/// ones of a word.
class SmladBytes final : public SmladInstructions {
public:
  /// A mask takes them out by twos, where bytes are extended by twos.
  bool takesCodes() const override { return true; }
  double codeCycles(const DotForm &form, const WeightPacking &packing,
                    int64_t pixels) const override {
    // For each pair one mask, or with a second plane three instructions, rather
    // than an extension, and less to load. The mask takes a register. Layers of
    // 1 to 4 bits come out within 6 % of what simulated cycles say of them
    // beside bytes.
    auto masks = static_cast<double>(4 * packing.planeCount() - 2);
    return form.maskCycles * masks +
           0.5 * (static_cast<double>(packing.bits()) / 8 - 3) +
           (pixels > 1 ? 0.6 : 0.2);
  }

  SmallVector<Value, 2> prepare(LayerEmitter &e, const DotForm &form,
                                Value memref, Value offset, int64_t valid,
                                bool isSigned) const override {
    return extendBytes(e, loadWord(e, memref, offset, valid), isSigned);
  }

  SmallVector<Value, 2> loadWeights(LayerEmitter &e, const DotForm &form,
                                    const WeightTable &table,
                                    WeightPlace at) const override {
    if (table.hasCodes()) {
      std::array<Value, 2> pairs = table.loadCodePairs(e, at);
      return {pairs[0], pairs[1]};
    }
    return extendBytes(e, table.loadWord(e, at), /*isSigned=*/true);
  }

  SmallVector<Value, 2> ones(LayerEmitter &e, const DotForm &form,
                             int64_t valid) const override {
    Type i32 = e.b.getI32Type();
    return {e.constant(i32, valid > 2 ? 0x00010001 : 1),
            e.constant(i32, valid > 3   ? 0x00010001
                            : valid > 1 ? 1
                                        : 0)};
  }

private:
  /// sxtb16 or uxtb16 of the bytes 0 and 2, and of 1 and 3.
  static SmallVector<Value, 2> extendBytes(LayerEmitter &e, Value word,
                                           bool isSigned) {
    StringRef name = isSigned ? "llvm.arm.sxtb16" : "llvm.arm.uxtb16";
    Type i32 = e.b.getI32Type();
    Value rotated =
        callIntrinsic(e, "llvm.fshr", i32, {word, word, e.constant(i32, 8)});
    return {callIntrinsic(e, name, i32, word),
            callIntrinsic(e, name, i32, rotated)};
  }
};

/// 16-bit activations and weights in pairs; weights less their zero point.
class SmladWords final : public SmladInstructions {
public:
  bool subtractsWeightZero() const override { return true; }
  int64_t weightBits() const override { return 16; }

  SmallVector<Value, 2> prepare(LayerEmitter &e, const DotForm &form,
                                Value memref, Value offset, int64_t valid,
                                bool isSigned) const override {
    return {loadPair(e, memref, offset, valid)};
  }

  SmallVector<Value, 2> loadWeights(LayerEmitter &e, const DotForm &form,
                                    const WeightTable &table,
                                    WeightPlace at) const override {
    return {table.loadPair(e, at)};
  }
};

} // namespace

std::optional<DotForm> chooseArmForm(const TargetFacts &facts, bool is16Bit) {
  static const SmladBytes smladBytes;
  static const SmladWords smladWords;
  DotForm form;
  if (facts.isARM32() && facts.hasDSP && facts.vectorBits == 0) {
    form.accumulators = 4;
    if (is16Bit) {
      form.instructions = &smladWords;
      form.group = 2;
      form.stepCycles = 2;
    } else {
      form.instructions = &smladBytes;
      form.group = 4;
      form.stepCycles = 2;
      form.activationCycles = form.weightCycles = 3;
      // Two instructions a cycle begin where no operand is shifted.
      form.maskCycles = facts.issuesSeveral ? 0.8 : 0.5;
    }
    return form;
  }
  return std::nullopt;
}

} // namespace qcc
