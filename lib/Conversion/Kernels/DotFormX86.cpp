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

  /// Beside accumulators and what there is less of, weights or activations, one
  /// operand of the others is in registers at a time.
  bool fits(const DotForm &form, int64_t pixels,
            int64_t vectors) const override {
    int64_t registers = form.accumulators > 12 ? 32 : 16;
    return pixels * vectors <= form.accumulators &&
           pixels * vectors + 2 * std::min(pixels, vectors) + 2 <= registers;
  }

  /// Two multiplications and two additions, and three operations for a pixel's
  /// activations, on three ports (with 512 bits two); loads mostly go beside
  /// them.
  double groupCycles(const DotForm &form, int64_t pixels,
                     int64_t vectors) const override {
    auto operations = static_cast<double>(pixels * (4 * vectors + 3));
    auto loads = static_cast<double>(pixels + 2 * vectors);
    return std::max(operations / (form.lanes > 8 ? 2 : 3) + loads / 4, 4.0);
  }

  void reduceTile(LayerEmitter &e, const DotForm &form, const DotTile &tile,
                  MutableArrayRef<Value> state,
                  const DotOperands &operands) const override {
    for (int64_t k = 0; k < operands.count; k += form.group) {
      int64_t valid = std::min(form.group, operands.count - k);
      SmallVector<SmallVector<Value, 2>> x(tile.pixels), w(tile.vectors);
      bool byVector = tile.vectors > tile.pixels;
      int64_t outer = byVector ? tile.vectors : tile.pixels,
              inner = byVector ? tile.pixels : tile.vectors;
      for (int64_t i = 0; i < outer; ++i)
        for (int64_t j = 0; j < inner; ++j) {
          int64_t p = byVector ? j : i, v = byVector ? i : j;
          int64_t number = k / form.group * tile.vectors + v;
          if (x[p].empty())
            x[p] =
                prepare(e, form, operands.memref, e.add(operands.pixels[p], k),
                        valid, operands.isSigned);
          if (w[v].empty())
            w[v] = loadWeights(
                e, form, operands.table,
                e.add(operands.weights, number * form.weightsPerStep()));
          Value &acc = state[p * tile.vectors + v];
          acc = step(e, form, acc, x[p], w[v], operands.isSigned);
        }
    }
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
    form.overlapsTails = true;
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
  form.overlapsTails = true;
  return form;
}

} // namespace qcc
