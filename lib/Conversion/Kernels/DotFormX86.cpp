// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// x86: vpdpbusd where there is VNNI, pmaddwd everywhere, and before it
// pmaddubsw where operands are small enough for sums of 16 bits.

#include "DotForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {
namespace {

/// vpdpbusd: u8 activations, s8 weights.
class VnniInstructions : public DotInstructions {
public:
  bool flipsSign(bool activationsSigned) const override {
    return activationsSigned;
  }

  /// Five cycles until an accumulator may be added to again.
  double groupCycles(const DotForm &form, int64_t pixels,
                     int64_t vectors) const override {
    return std::max(DotInstructions::groupCycles(form, pixels, vectors), 5.0);
  }

  Value step(LayerEmitter &e, const DotForm &form, Value acc,
             ArrayRef<Value> activations, ArrayRef<Value> weights,
             bool isSigned) const override {
    int64_t lanes = LayerEmitter::lanesIn(acc.getType());
    StringRef name = lanes == 16  ? "llvm.x86.avx512.vpdpbusd.512"
                     : lanes == 8 ? "llvm.x86.avx512.vpdpbusd.256"
                                  : "llvm.x86.avx512.vpdpbusd.128";
    return callIntrinsic(e, name, acc.getType(),
                         {acc, activations[0], weights[0]});
  }

  SmallVector<Value, 2> ones(LayerEmitter &e, const DotForm &form,
                             int64_t valid) const override {
    return {onesOfBytes(e, form, valid)};
  }

protected:
  ~VnniInstructions() = default;
};

/// Groups of 4.
class VnniWords final : public VnniInstructions {
public:
  bool takesAnyBytes() const override { return true; }

  SmallVector<Value, 2> prepare(LayerEmitter &e, const DotForm &form,
                                Value memref, Value offset, int64_t valid,
                                bool isSigned) const override {
    return {splatWord(e, form, loadWord(e, memref, offset, valid), isSigned)};
  }
};

/// Groups of 8, half of them in the lane beside the other half's: an
/// accumulator has half as many channels, so that 8 of them fill a register of
/// 16 lanes. Lanes are added up in the end.
class VnniPairs final : public VnniInstructions {
public:
  /// Where half a register would be left over, and is a part that counts.
  bool suits(const DotForm &form, int64_t channels) const override {
    auto vectors = static_cast<int64_t>(llvm::divideCeil(channels, form.lanes));
    return vectors % 2 == 1 && vectors <= 7;
  }

  SmallVector<Value, 2> prepare(LayerEmitter &e, const DotForm &form,
                                Value memref, Value offset, int64_t valid,
                                bool isSigned) const override {
    Type i64 = e.b.getI64Type();
    Value words;
    if (valid == 8) {
      words = vector::ExtractOp::create(
          e.b, bitcastLanes(e, e.load(memref, offset, 8), 1, i64),
          ArrayRef<int64_t>{0});
    } else {
      words = e.extend(loadWord(e, memref, offset, std::min<int64_t>(valid, 4)),
                       i64, /*isSigned=*/false);
      if (valid > 4) {
        Value high = e.extend(loadWord(e, memref, e.add(offset, 4), valid - 4),
                              i64, /*isSigned=*/false);
        words = mlir::arith::OrIOp::create(
            e.b, words,
            mlir::arith::ShLIOp::create(e.b, high, e.constant(i64, 32)));
      }
    }
    words = e.splat(words, form.lanes);
    if (form.flipsSign(isSigned))
      words = mlir::arith::XOrIOp::create(
          e.b, words,
          e.constant(words.getType(),
                     static_cast<int64_t>(0x8080808080808080)));
    return {bitcastLanes(e, words, form.lanes * 8, e.b.getI8Type())};
  }

  SmallVector<Value> beginTile(LayerEmitter &e, const DotForm &form,
                               const DotTile &tile,
                               ArrayRef<Value> biases) const override {
    auto type = VectorType::get({2 * form.lanes}, e.b.getI32Type());
    int64_t sums = tile.sumsActivations ? tile.pixels : 0;
    return SmallVector<Value>(tile.accumulators() + sums, e.constant(type, 0));
  }

  SmallVector<Value> endTile(LayerEmitter &e, const DotForm &form,
                             const DotTile &tile, ArrayRef<Value> biases,
                             ArrayRef<Value> state) const override {
    SmallVector<Value> sums;
    for (auto [i, acc] : llvm::enumerate(state)) {
      Value sum = sumOf(e, form, acc);
      if (static_cast<int64_t>(i) < tile.accumulators())
        sum = mlir::arith::AddIOp::create(e.b, sum, biases[i % biases.size()]);
      sums.push_back(sum);
    }
    return sums;
  }

  bool joinsVectors() const override { return true; }
  /// Of each 16 bytes of two vectors one shuffle takes the even lanes, one the
  /// odd ones.
  int64_t joinedValue(const DotForm &form, int64_t lane) const override {
    int64_t first = lane / 4 * 2 + lane % 2;
    return lane % 4 < 2 ? first : form.lanes + first;
  }
  SmallVector<Value> endJoined(LayerEmitter &e, const DotForm &form,
                               ArrayRef<Value> state) const override {
    SmallVector<int64_t> even, odd;
    for (int64_t lane = 0; lane < 2 * form.lanes; ++lane) {
      even.push_back(2 * joinedValue(form, lane));
      odd.push_back(2 * joinedValue(form, lane) + 1);
    }
    SmallVector<Value> sums;
    for (size_t i = 0; i < state.size(); i += 2) {
      Value second = state[std::min(i + 1, state.size() - 1)];
      sums.push_back(mlir::arith::AddIOp::create(
          e.b, vector::ShuffleOp::create(e.b, state[i], second, even),
          vector::ShuffleOp::create(e.b, state[i], second, odd)));
    }
    return sums;
  }

private:
  /// Neighbouring lanes added up.
  static Value sumOf(LayerEmitter &e, const DotForm &form, Value acc) {
    Value pairs = bitcastLanes(e, acc, form.lanes, e.b.getI64Type());
    Value high = mlir::arith::ShRUIOp::create(e.b, pairs,
                                              e.constant(pairs.getType(), 32));
    return mlir::arith::TruncIOp::create(
        e.b, VectorType::get({form.lanes}, e.b.getI32Type()),
        mlir::arith::AddIOp::create(e.b, pairs, high));
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
            w[v] =
                loadWeights(e, form, operands.table,
                            operands.weights + number * form.weightsPerStep());
          Value &acc = state[p * tile.vectors + v];
          acc = step(e, form, acc, x[p], w[v], operands.isSigned);
        }
    }
  }

  SmallVector<Value, 2> loadWeights(LayerEmitter &e, const DotForm &form,
                                    const WeightTable &table,
                                    WeightPlace at) const override {
    int64_t count = form.lanes * 2;
    return {table.load(e, at, count, count * 2),
            table.load(e, at + count, count, count * 2)};
  }
};

/// pmaddubsw: u8 activations, s8 weights less their zero point, groups of 4. As
/// many groups as prove to fit are summed up in 16 bits, which pmaddwd widens.
class MaddUbs final : public DotInstructions {
public:
  bool flipsSign(bool activationsSigned) const override {
    return activationsSigned;
  }
  bool subtractsWeightZero() const override { return true; }
  bool hasNarrowSums() const override { return true; }

  /// It saturates.
  bool suits(const DotForm &form, int64_t channels) const override {
    return mostGroups(form) > 0;
  }

  /// Beside 16-bit sums operands are in registers; accumulators may be in
  /// memory.
  bool fits(const DotForm &form, int64_t pixels,
            int64_t vectors) const override {
    int64_t registers = form.accumulators > 12 ? 32 : 16;
    return pixels * vectors <= form.accumulators &&
           pixels * vectors + 2 * std::min(pixels, vectors) + 4 <= registers;
  }

  double groupCycles(const DotForm &form, int64_t pixels,
                     int64_t vectors) const override {
    auto sums = static_cast<double>(pixels * vectors);
    int64_t groups = std::min(mostGroups(form), form.chunk);
    double operations = 2 * sums + sums / static_cast<double>(groups) +
                        static_cast<double>(pixels) * form.activationCycles;
    double loads = static_cast<double>(pixels + vectors) +
                   2 * sums / static_cast<double>(groups);
    return std::max(operations / (form.lanes > 8 ? 2 : 3) + loads / 4, 4.0);
  }

  SmallVector<Value, 2> prepare(LayerEmitter &e, const DotForm &form,
                                Value memref, Value offset, int64_t valid,
                                bool isSigned) const override {
    return {splatWord(e, form, loadWord(e, memref, offset, valid), isSigned)};
  }

  Value step(LayerEmitter &e, const DotForm &form, Value acc,
             ArrayRef<Value> activations, ArrayRef<Value> weights,
             bool isSigned) const override {
    return addTo(e, acc,
                 widen(e, form, multiply(e, form, activations[0], weights[0])));
  }

  void reduceTile(LayerEmitter &e, const DotForm &form, const DotTile &tile,
                  MutableArrayRef<Value> state,
                  const DotOperands &operands) const override {
    int64_t groups =
        static_cast<int64_t>(llvm::divideCeil(operands.count, form.group));
    for (int64_t g = 0; g < groups;) {
      SmallVector<Value> sums(tile.accumulators());
      bool ends = false;
      for (; g < groups && !ends; ++g) {
        ends = form.sumEnds >> g & 1;
        int64_t k = g * form.group;
        SmallVector<Value> x(tile.pixels), w(tile.vectors);
        // What there is less of stays in registers.
        bool byVector = tile.vectors > tile.pixels;
        int64_t outer = byVector ? tile.vectors : tile.pixels,
                inner = byVector ? tile.pixels : tile.vectors;
        for (int64_t i = 0; i < outer; ++i)
          for (int64_t j = 0; j < inner; ++j) {
            int64_t p = byVector ? j : i, v = byVector ? i : j;
            if (!x[p])
              x[p] = prepare(e, form, operands.memref,
                             e.add(operands.pixels[p], k),
                             std::min(form.group, operands.count - k),
                             operands.isSigned)[0];
            if (!w[v])
              w[v] =
                  loadWeights(e, form, operands.table,
                              operands.weights + (g * tile.vectors + v) *
                                                     form.weightsPerStep())[0];
            Value &sum = sums[p * tile.vectors + v];
            Value products = multiply(e, form, x[p], w[v]);
            sum = sum ? addTo(e, sum, products) : products;
          }
      }
      for (auto [acc, sum] : llvm::zip(state, sums))
        acc = addTo(e, acc, widen(e, form, sum));
    }
  }

  /// Ends a sum of 16 bits where a further pair of products could leave them,
  /// whatever the activations are.
  void prove(DotForm &form,
             ArrayRef<SmallVector<int16_t>> chunks) const override {
    int64_t greatest = 1;
    for (const SmallVector<int16_t> &chunk : chunks)
      for (size_t i = 0; i + 1 < chunk.size(); i += 2) {
        int64_t lo = 0, hi = 0;
        for (int64_t w : {chunk[i], chunk[i + 1]})
          lo -= std::min<int64_t>(w, 0), hi += std::max<int64_t>(w, 0);
        greatest = std::max({greatest, lo, hi});
      }
    int64_t groups =
        std::max<int64_t>(1, INT16_MAX / (greatest * form.greatestActivation));
    form.sumEnds = 0;
    for (int64_t end = groups; end < form.chunk; end += groups)
      form.sumEnds |= uint32_t(1) << (end - 1);
  }

private:
  /// Groups whose products fit 16 bits in any case.
  static int64_t mostGroups(const DotForm &form) {
    return INT16_MAX / std::max<int64_t>(1, 2 * form.greatestActivation *
                                                form.greatestWeight);
  }
  static Value addTo(LayerEmitter &e, Value sum, Value part) {
    return mlir::arith::AddIOp::create(e.b, sum, part);
  }
  static Value multiply(LayerEmitter &e, const DotForm &form, Value x,
                        Value w) {
    return callIntrinsic(e,
                         form.lanes == 16  ? "llvm.x86.avx512.pmaddubs.w.512"
                         : form.lanes == 8 ? "llvm.x86.avx2.pmadd.ub.sw"
                                           : "llvm.x86.ssse3.pmadd.ub.sw.128",
                         VectorType::get({form.lanes * 2}, e.b.getI16Type()),
                         {x, w});
  }
  static Value widen(LayerEmitter &e, const DotForm &form, Value sum) {
    return callIntrinsic(e,
                         form.lanes == 16  ? "llvm.x86.avx512.pmaddw.d.512"
                         : form.lanes == 8 ? "llvm.x86.avx2.pmadd.wd"
                                           : "llvm.x86.sse2.pmadd.wd",
                         VectorType::get({form.lanes}, e.b.getI32Type()),
                         {sum, e.constant(sum.getType(), 1)});
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

std::optional<DotForm> chooseX86PairForm(const TargetFacts &facts,
                                         bool is16Bit) {
  static const VnniPairs pairs;
  std::optional<DotForm> form = chooseX86Form(facts, is16Bit);
  if (!form || is16Bit || !(facts.hasAVX512VNNI || facts.hasAVXVNNI))
    return std::nullopt;
  form->instructions = &pairs;
  form->lanes /= 2;
  form->minLanes = form->lanes;
  form->group = 8;
  return form;
}

std::optional<DotForm> chooseX86NarrowForm(const TargetFacts &facts,
                                           bool is16Bit) {
  static const MaddUbs maddUbs;
  std::optional<DotForm> form = chooseX86Form(facts, is16Bit);
  if (!form || is16Bit || !facts.hasSSE41 || facts.hasAVX512VNNI ||
      facts.hasAVXVNNI)
    return std::nullopt;
  form->instructions = &maddUbs;
  form->activationCycles = 0;
  form->chunk = 8;
  return form;
}

std::optional<DotForm> chooseX86Form(const TargetFacts &facts, bool is16Bit) {
  static const VnniWords vnni;
  static const MaddBytes maddBytes;
  static const MaddWords maddWords;
  if (facts.isa != IsaFamily::X86)
    return std::nullopt;
  bool has32Registers = facts.numVectorRegisters >= 32;
  DotForm form;
  form.streamBytes = 32;
  form.memoryBytes = 8;
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
