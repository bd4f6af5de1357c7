// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Weights less their zero point have 9 bits, and nearly all of them fit 8: the
// extreme weights of a network are few. What the others have more than a byte
// is a rest; a block of channels goes through the few groups of the reduction
// where it has some twice. So weights with zero points need no sums of
// activations.

#ifndef QCC_LIB_CONVERSION_KERNELS_WEIGHTRESTS_H
#define QCC_LIB_CONVERSION_KERNELS_WEIGHTRESTS_H

#include "MacLayer.h"
#include "MatrixBlocks.h"

namespace qcc {

class WeightRests {
public:
  /// The rests of a layer; nothing where sums of activations cost less.
  static std::optional<WeightRests> find(const MacLayer &mac,
                                         llvm::ArrayRef<ChannelBlock> blocks,
                                         const Runs &runs);
  /// Of a weight less its zero point, what is stored among the others.
  static int64_t byteOf(int64_t weight) {
    return std::clamp<int64_t>(weight, INT8_MIN, INT8_MAX);
  }

  /// Makes the tables; the weights of each vector by the groups that `emit`
  /// reduces are added to `chunks`.
  void pack(LayerEmitter &e, const MacLayer &mac,
            llvm::SmallVectorImpl<llvm::SmallVector<int16_t>> &chunks);

  /// Reduces `count` values of a pixel's window from `window` on into the state
  /// of a tile of `vectors`.
  using Reduce = llvm::function_ref<void(
      llvm::MutableArrayRef<mlir::Value> state, int64_t vectors,
      mlir::Value window, mlir::Value table, mlir::Value weights,
      int64_t count)>;
  /// Reduces the rests of the `index`th of the blocks `number` into `state`.
  llvm::SmallVector<mlir::Value> emit(LayerEmitter &e, size_t number,
                                      mlir::Value index,
                                      llvm::ArrayRef<mlir::Value> state,
                                      Reduce reduce) const;

private:
  /// Consecutive values of one run, of which those from `from` on have their
  /// rests here.
  struct Rest {
    int64_t run = 0, begin = 0, from = 0;
    /// Vectors of the block that have any.
    llvm::SmallVector<int64_t, 2> vectors;
  };

  int64_t windowOf(const Rest &rest) const {
    return rest.run / runs.columns * runs.rowStride +
           rest.run % runs.columns * runs.columnStride + rest.begin;
  }

  /// Stretches of `length` values, none beyond the end of its run, that hold
  /// each of the values that `exceeds` a byte once.
  void cover(llvm::function_ref<bool(int64_t k)> exceeds,
             llvm::SmallVectorImpl<Rest> &rests) const;

  llvm::SmallVector<ChannelBlock> blocks;
  Runs runs;
  int64_t length = 0;
  llvm::SmallVector<llvm::SmallVector<Rest, 2>> rests; ///< by block
  /// The first rest of each of `blocks`, and where its weights begin; and the
  /// end.
  struct Start {
    int64_t rest = 0, byte = 0;
  };
  llvm::SmallVector<Start> starts;
  mlir::Value weights, offsets, firsts;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_WEIGHTRESTS_H
