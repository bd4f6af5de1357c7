// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From 32-bit accumulators to stored results: the cheapest form that
// lib/Arithmetic proved equal to the exact one over every accumulator that each
// channel can reach, emitted on whole vectors of channels. One variant serves a
// layer, with constants per channel; vectors with a channel that it does not
// fit take the exact formula.

#ifndef QCC_LIB_CONVERSION_KERNELS_REQUANTIZE_H
#define QCC_LIB_CONVERSION_KERNELS_REQUANTIZE_H

#include "qcc/Arithmetic/RequantizeForm.h"
#include "qcc/Conversion/LayerEmitter.h"

namespace qcc {

/// One entry per channel slot of the kernel's vectors; empty slots (fillers)
/// may get any result.
using RequantSpec = std::vector<std::optional<arith::ChannelSpec>>;

/// The attribute's rounding as lib/Arithmetic names it.
arith::Rounding toArith(qnn::Rounding rounding);

class Requantizer {
public:
  /// Chooses forms and makes their tables in the generated code, named from
  /// `prefix`. `lanes`: of the widest vector that `emit` will see. `isWide`: by
  /// the formula of 64-bit accumulators, whose values may be i32 or i64.
  /// `maxAccShift`: the kernel can multiply its accumulators by plus or minus 2
  /// to this for nothing, in its weights.
  Requantizer(LayerEmitter &e, llvm::StringRef prefix, RequantSpec spec,
              int64_t lanes, bool isWide = false, int maxAccShift = 0);

  /// What the kernel must multiply its accumulators by, before `accOffset`:
  /// plus or minus 2 to at most `maxAccShift`.
  int32_t accFactor() const { return factorOfAcc; }

  /// What the kernel must add to the bias of a slot: forms may be proved for
  /// shifted accumulators.
  int32_t accOffset(int64_t slot) const { return accOffsets[slot]; }

  /// Lanes that are worth putting together before `emit`.
  int64_t preferredLanes() const {
    return method == Method::Neon ? std::max<int64_t>(lanes, 16) : lanes;
  }

  /// Requantizes the accumulators of consecutive slots from `slot` (a multiple
  /// of the vector's lanes, or of `lanes` for more of them), clamps, and
  /// narrows to `element`.
  mlir::Value emit(mlir::Value acc, mlir::Value slot, mlir::Type element);
  /// The same of four vectors of 8-bit results, with the first slot of each,
  /// packed into one vector of bytes in the order of a lane group
  /// (LaneGroup.h).
  mlir::Value emitGroup(llvm::ArrayRef<mlir::Value> accs,
                        llvm::ArrayRef<mlir::Value> slots);

  /// Whether `emitPairs` is there.
  bool takesPairs() const { return method == Method::Neon; }
  /// Requantizes the accumulators of two pixels, two channels of either to a
  /// vector, from channel slot `slot` on; to one vector of i8 for each pixel.
  std::array<mlir::Value, 2> emitPairs(llvm::ArrayRef<mlir::Value> accs,
                                       mlir::Value slot);

private:
  enum class Method { Exact, Float, Double, Fixed, HighWord, Wide, Neon };
  struct Trial;

  Trial tryFloat(const arith::FloatVariant &variant) const;
  Trial tryDouble() const;
  Trial tryFixed() const;
  Trial tryCompact() const;
  Trial tryHighWord(int accShift, bool wantsTwo, bool multiplies) const;
  void addHighWordTrials(std::vector<Trial> &trials, int maxAccShift) const;
  void makeHighWordTables(llvm::StringRef prefix, const Trial &trial);
  template <typename Form, typename Fit>
  void fitAll(Trial &trial, std::vector<std::optional<Form>> &forms,
              Fit fit) const;
  int64_t countSlow(const std::vector<bool> &proved) const;
  void makeTables(llvm::StringRef prefix, const Trial &trial);
  void makeExactTables(llvm::StringRef prefix);
  void makeHalfEvenTables(llvm::StringRef prefix);
  void makeWideTables(llvm::StringRef prefix);
  void remark(const Trial &trial);

  mlir::Value lanesAt(mlir::Value table, mlir::Value slot, mlir::Value like);
  /// As i32, not clamped.
  mlir::Value requantize(mlir::Value acc, mlir::Value slot);
  mlir::Value emitFast(mlir::Value acc, mlir::Value slot);
  mlir::Value emitFloat(mlir::Value acc, mlir::Value slot);
  mlir::Value emitDouble(mlir::Value acc, mlir::Value slot);
  mlir::Value emitFixed(mlir::Value acc, mlir::Value slot);
  mlir::Value emitCompact(mlir::Value acc, mlir::Value slot);
  mlir::Value emitHighWord(mlir::Value acc, mlir::Value slot,
                           mlir::Type element);
  mlir::Value emitConstant(mlir::Value acc, mlir::Value slot,
                           mlir::Value x = {});
  mlir::Value emitExact(mlir::Value acc, mlir::Value slot);
  mlir::Value emitExactFloat(mlir::Value acc, mlir::Value slot);
  mlir::Value emitWide(mlir::Value acc, mlir::Value slot);
  void makeNeonTables(llvm::StringRef prefix);
  mlir::Value emitNeonQuarter(mlir::Value acc, mlir::Value slot, bool isPair,
                              bool toBytes);
  /// Narrowing to 16 bits can shift and round as well.
  bool narrowsByShift() const {
    return commonShift && *commonShift < 0 && *commonShift >= -16;
  }
  mlir::Value narrowNeon(llvm::ArrayRef<mlir::Value> quarters);
  mlir::Value emitNeon(mlir::Value acc, mlir::Value slot, mlir::Type element);

  LayerEmitter &e;
  RequantSpec spec;
  std::vector<std::optional<arith::StepFunction>> steps;
  int64_t lanes = 1;
  arith::Requantization common;

  Method method = Method::Exact;
  arith::FloatVariant variant;
  /// Of all fixed forms, whose constants are then of 32 bits; 0: each its own.
  int sharedShift = 0;
  bool split = false, splitsAtZero = false, wideShift = false,
       hasLeftShift = false, hasAccOffset = false;
  int32_t factorOfAcc = 1;
  std::optional<int32_t> ownFactor;
  int highShift = 0;
  std::vector<int32_t> accOffsets;
  /// Per slot: the vector that begins there has a channel that needs the exact
  /// formula.
  std::vector<uint8_t> slow;
  bool anySlow = false;

  mlir::Value slowTable, accOffsetTable;
  mlir::Value scaleTable, scaleLowTable, constantTable, belowTable,
      thresholdTable;
  mlir::Value multiplierTable, shiftTable, outOffsetTable;
  mlir::Value exactMultiplierTable, leftTable, rightTable;
  /// Of arith::HalfEvenForm.
  mlir::Value numeratorTable, denominatorTable;

  /// Of the exact formula in NEON's instructions: what all channels have in
  /// common needs no table; a channel without a right shift rounds once only;
  /// results less the zero point, and with it, are of 16 bits.
  std::optional<int32_t> commonMultiplier, commonShift;
  bool hasUnshifted = false, fitsHalf = true;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_REQUANTIZE_H
