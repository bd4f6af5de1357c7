// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// x86: vpdpbusd where there is VNNI, pmaddwd everywhere.

#include "DotForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace qcc {
namespace {

/// vpdpbusd: u8 activations, s8 weights, groups of 4.
class VnniInstructions final : public DotInstructions {
public:
  bool flipsSign(bool activationsSigned) const override {
    return activationsSigned;
  }

  /// Five cycles until an accumulator may be added to again.
  double groupCycles(const DotForm &form, int64_t pixels,
                     int64_t vectors) const override {
    return std::max(DotInstructions::groupCycles(form, pixels, vectors), 5.0);
  }

  SmallVector<Value, 2> prepare(LayerEmitter &e, const DotForm &form,
                                Value memref, Value offset, int64_t valid,
                                bool isSigned) const override {
    return {splatWord(e, form, loadWord(e, memref, offset, valid), isSigned)};
  }

  Value step(LayerEmitter &e, const DotForm &form, Value acc,
             ArrayRef<Value> activations, ArrayRef<Value> weights,
             bool isSigned) const override {
    StringRef name = form.lanes == 16  ? "llvm.x86.avx512.vpdpbusd.512"
                     : form.lanes == 8 ? "llvm.x86.avx512.vpdpbusd.256"
                                       : "llvm.x86.avx512.vpdpbusd.128";
    return callIntrinsic(e, name, acc.getType(),
                         {acc, activations[0], weights[0]});
  }

  SmallVector<Value, 2> ones(LayerEmitter &e, const DotForm &form,
                             int64_t valid) const override {
    return {onesOfBytes(e, form, valid)};
  }
};

/// pmaddwd: what both forms over it share. Weights less their zero point, in 16
/// bits.
class MaddInstructions : public DotInstructions {
public:
  bool subtractsWeightZero() const override { return true; }
  int64_t weightBits() const override { return 16; }

  Value step(LayerEmitter &e, const DotForm &form, Value acc,
             ArrayRef<Value> activations, ArrayRef<Value> weights,
             bool isSigned) const override {
    StringRef name = form.lanes == 16  ? "llvm.x86.avx512.pmaddw.d.512"
                     : form.lanes == 8 ? "llvm.x86.avx2.pmadd.wd"
                                       : "llvm.x86.sse2.pmadd.wd";
    for (auto [x, w] : llvm::zip(activations, weights))
      acc = mlir::arith::AddIOp::create(
          e.b, acc, callIntrinsic(e, name, acc.getType(), {x, w}));
    return acc;
  }

protected:
  ~MaddInstructions() = default;
};

/// 8-bit activations in groups of 4: the even bytes and the odd ones of a word,
/// widened where they are.
class MaddBytes final : public MaddInstructions {
public:
  void forEachWeight(const DotForm &form,
                     function_ref<void(int64_t, int64_t)> next) const override {
    for (int64_t half = 0; half < 2; ++half)
      for (int64_t lane = 0; lane < form.lanes; ++lane) {
        next(lane, half);
        next(lane, half + 2);
      }
  }

  SmallVector<Value, 2> prepare(LayerEmitter &e, const DotForm &form,
                                Value memref, Value offset, int64_t valid,
                                bool isSigned) const override {
    Value halves =
        bitcastLanes(e, e.splat(loadWord(e, memref, offset, valid), form.lanes),
                     form.lanes * 2, e.b.getI16Type());
    Value eight = e.constant(halves.getType(), 8);
    if (isSigned) {
      Value low = mlir::arith::ShRSIOp::create(
          e.b, mlir::arith::ShLIOp::create(e.b, halves, eight), eight);
      return {low, mlir::arith::ShRSIOp::create(e.b, halves, eight)};
    }
    Value low = mlir::arith::AndIOp::create(e.b, halves,
                                            e.constant(halves.getType(), 0xff));
    return {low, mlir::arith::ShRUIOp::create(e.b, halves, eight)};
  }

  SmallVector<Value, 2> loadWeights(LayerEmitter &e, const DotForm &form,
                                    Value table, Value offset) const override {
    int64_t count = form.lanes * 2;
    return {e.load(table, offset, count, count * 2),
            e.load(table, e.add(offset, count), count, count * 2)};
  }
};

/// 16-bit activations in pairs.
class MaddWords final : public MaddInstructions {
public:
  SmallVector<Value, 2> prepare(LayerEmitter &e, const DotForm &form,
                                Value memref, Value offset, int64_t valid,
                                bool isSigned) const override {
    Value pair = loadPair(e, memref, offset, valid);
    return {bitcastLanes(e, e.splat(pair, form.lanes), form.lanes * 2,
                         e.b.getI16Type())};
  }
};

} // namespace

std::optional<DotForm> chooseX86Form(const TargetFacts &facts, bool is16Bit) {
  static const VnniInstructions vnni;
  static const MaddBytes maddBytes;
  static const MaddWords maddWords;
  if (facts.isa != IsaFamily::X86)
    return std::nullopt;
  bool has32Registers = facts.numVectorRegisters >= 32;
  DotForm form;
  form.streamBytes = 32;
  if (!is16Bit && (facts.hasAVX512VNNI || facts.hasAVXVNNI)) {
    form.instructions = &vnni;
    form.lanes = facts.hasAVX512VNNI && facts.vectorBits >= 512 ? 16 : 8;
    form.minLanes = facts.hasAVX512VL || facts.hasAVXVNNI ? 4 : 16;
    form.group = 4;
    form.accumulators = has32Registers ? 24 : 12;
    return form;
  }
  if (facts.vectorBits < 128)
    return std::nullopt;
  form.lanes = facts.hasAVX512BW && facts.vectorBits >= 512 ? 16
               : facts.hasAVX2 && facts.vectorBits >= 256   ? 8
                                                            : 4;
  form.minLanes = 4;
  // Below AVX an instruction overwrites an operand, which copies cost
  // registers.
  form.accumulators = has32Registers ? 24 : facts.hasAVX2 ? 12 : 8;
  if (is16Bit) {
    form.instructions = &maddWords;
    form.group = 2;
    return form;
  }
  form.instructions = &maddBytes;
  form.group = 4;
  // Two multiplications and two additions, on three ports; an activation takes
  // three more operations, while weights come as operands from memory.
  form.stepCycles = 2.7;
  form.activationCycles = 2;
  form.weightCycles = 0.5;
  return form;
}

} // namespace qcc
