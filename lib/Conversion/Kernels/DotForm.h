// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How one instruction set multiplies and accumulates: `group` consecutive
// values of the reduction axis times the weights of `lanes` output channels.
// The matrix kernel is written once over this; each instruction set's
// instructions are named in DotForm.cpp alone.

#ifndef QCC_LIB_CONVERSION_KERNELS_DOTFORM_H
#define QCC_LIB_CONVERSION_KERNELS_DOTFORM_H

#include "qcc/Conversion/LayerEmitter.h"

namespace qcc {

class DotForm {
public:
  enum class Kind {
    Vnni,    ///< x86 vpdpbusd: u8 activations, s8 weights, groups of 4
    Pmaddwd, ///< x86 pmaddwd: 16-bit weights (less their zero point), groups of
             ///< 4 in two halves
    Sdot,    ///< AArch64 sdot: s8, s8, groups of 4
    Widening, ///< any vector unit or none: 16-bit weights (less their zero
              ///< point), one k at a time
    Smlad,    ///< Armv7E-M: s8 or u8 activations, s8 weights, groups of 4, one
              ///< channel
    Words, ///< 16-bit activations and weights in pairs: x86 pmaddwd, Armv7E-M
           ///< smlad
    Float  ///< float32, one k at a time
  };

  /// The best form for 8-bit activations (or `isFloat`, or 16-bit ones) on
  /// `facts`.
  static DotForm choose(const TargetFacts &facts, bool isFloat,
                        bool is16Bit = false);

  /// The same instructions on `lanes` channels.
  DotForm withLanes(int64_t lanes) const;
  /// Channels worth a narrower vector: the least supported lane count that
  /// holds `channels`.
  int64_t fitLanes(int64_t channels) const;

  Kind kind = Kind::Widening;
  int64_t lanes = 1;
  int64_t minLanes = 1;
  int64_t group = 1;
  /// Accumulator vectors that leave room for operands.
  int64_t accumulators = 4;
  bool hasFMA = false;
  /// Which instruction set's Words.
  bool isX86 = false;
  /// Average cost in cycles of one step of one accumulator, for estimates.
  double stepCycles = 1;

  /// The weight zero point is subtracted in storage, so no correction is
  /// needed.
  bool subtractsWeightZero() const {
    return kind == Kind::Pmaddwd || kind == Kind::Widening ||
           kind == Kind::Words;
  }
  /// Sign of activations that the instruction wants; Pmaddwd, Widening and
  /// Smlad take either.
  bool flipsSign(bool activationsSigned) const {
    return (kind == Kind::Vnni && activationsSigned) ||
           (kind == Kind::Sdot && !activationsSigned);
  }
  /// Bits of one stored weight.
  int64_t weightBits() const;
  int64_t weightsPerStep() const { return lanes * group; }

  /// Appends the weights of one step in the order that `step` reads;
  /// `weight(lane, k)`, k in [0, group).
  template <typename T>
  void pack(llvm::function_ref<T(int64_t, int64_t)> weight,
            std::vector<T> &out) const;

  /// Loads `valid` (1 … group) consecutive activations and makes them ready for
  /// `step`; missing ones are anything.
  llvm::SmallVector<mlir::Value, 2> prepare(LayerEmitter &e, mlir::Value memref,
                                            mlir::Value offset, int64_t valid,
                                            bool isSigned) const;
  /// Loads the weights of one step from a packed table.
  llvm::SmallVector<mlir::Value, 2>
  loadWeights(LayerEmitter &e, mlir::Value table, mlir::Value offset) const;
  /// acc + Σ_k activation_k · weight_k per lane.
  mlir::Value step(LayerEmitter &e, mlir::Value acc,
                   llvm::ArrayRef<mlir::Value> activations,
                   llvm::ArrayRef<mlir::Value> weights, bool isSigned) const;
  /// Weights of value 1 for the first `valid` of a group and 0 beyond, in every
  /// lane.
  llvm::SmallVector<mlir::Value, 2> ones(LayerEmitter &e, int64_t valid) const;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_DOTFORM_H
