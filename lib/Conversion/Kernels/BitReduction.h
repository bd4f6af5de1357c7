// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums of products of few bits: what is counted of a register tile, and the
// weights in the order in which it reads them.

#ifndef QCC_LIB_CONVERSION_KERNELS_BITREDUCTION_H
#define QCC_LIB_CONVERSION_KERNELS_BITREDUCTION_H

#include "BitTables.h"

namespace qcc {

/// Pixels by groups of 32 output channels.
struct BitTile {
  int64_t pixels = 1, groups = 1;
};

class BitReduction {
protected:
  BitReduction(LayerEmitter &e, BitLayer layer);

  /// Elements (words of planes) from one batch, row or pixel to the next.
  int64_t stride(const TensorView &view, size_t axis) const;
  int64_t totalWords() const { return mac.kernelHeight * columns * runWords; }
  /// Elements of the table of weights that a group of channels has.
  int64_t groupWeights() const;

  /// Sums from tables are left in 16 bits, since nothing but bits is made of
  /// them.
  bool comparesHalves() const;

  /// Rows of taps that lie outside the image are left out of D.
  bool leavesRowsOut() const;
  /// Of a window that begins `row` rows below the padding's first.
  void setWindow(mlir::Value row);
  /// D of `vectors` vectors of channels of each pixel, [pixel][vector].
  llvm::SmallVector<mlir::Value> reduce(llvm::ArrayRef<mlir::Value> starts,
                                        mlir::Value weights, int64_t vectors);

  LayerEmitter &e;
  BitLayer bits;
  const MacLayer &mac;
  std::shared_ptr<const BitCounter> counter;
  /// Instead of all of `counter` but its lanes.
  std::optional<BitTables> tables;
  BitTile tile;
  /// Vectors of a pixel's group of channels that are in registers at once.
  int64_t lanes = 1, vectorsAtOnce = 1;
  /// Output channels with what fills the last group.
  int64_t slots = 0;
  /// Bits that are 1 of planes of weights: [channel][row of taps][plane].
  std::vector<int64_t> ones;

private:
  using Values = llvm::SmallVector<mlir::Value>;
  using States = llvm::MutableArrayRef<mlir::Value>;
  using Starts = llvm::ArrayRef<mlir::Value>;
  /// Adds `count` words from `inAt` on to states, with the weights at
  /// `weightAt`.
  using CountStep = llvm::function_ref<void(
      States states, mlir::Value inAt, mlir::Value weightAt, int64_t count)>;
  /// Planes of activations that are looked up together.
  struct Term {
    int64_t in, planes;
    bool isNegative;
  };

  /// Bits of plane `j` of the 32 weights of channel `o` from number `word` on.
  uint32_t weightWord(int64_t o, int64_t j, int64_t tap, int64_t word) const;
  /// [block of channels][plane][row][column][word][vector][lane]; bytes for
  /// tables: [block][row][column][word][byte of it][plane][vector][lane].
  void packWeights();
  /// Of the planes of activations those that are looked up together: neighbours
  /// whose weights have one sign.
  void makeTables();
  void shiftSums(States sums, int64_t places);
  /// Adds counts or takes them away.
  void addCounts(Values &sums, llvm::ArrayRef<mlir::Value> counts,
                 bool isNegative);
  /// One plane of activations with one of weights after the other.
  Values reduceByPairs(Starts starts, mlir::Value weights, int64_t vectors);
  /// All planes of weights with one or two of activations after the other.
  Values reduceByTables(Starts starts, mlir::Value weights, int64_t vectors);
  /// Counts `count` words of each pixel, spread to all lanes, with those of the
  /// weights.
  void countWords(States states, Starts starts, mlir::Value inAt,
                  mlir::Value weightAt, int64_t vectors, int64_t count);
  /// The same of one word by tables: a few bits of activations, of each plane,
  /// choose a table, in which those of the weights are looked up.
  void lookUpWord(States states, Starts starts, mlir::Value inAt,
                  mlir::Value weightAt, int64_t vectors, int64_t planes);
  /// Sums of `size` states after all words of a window, the weights of each of
  /// which are `perWord` elements; a state holds those of `mostWords` words.
  Values countAll(int64_t size, int64_t perWord, int64_t mostWords,
                  mlir::Value weights, CountStep countStep);

  /// Bits of weights in a byte of a table of them: two indices of 4, or one;
  /// and bytes of a word.
  int64_t bitsPerByte() const { return indexBits == 4 ? 8 : indexBits; }
  int64_t wordBytes() const;

  /// Bits that a table is looked up by.
  int64_t indexBits = 4;
  int64_t runWords = 1, columns = 1, columnStride = 0;
  llvm::SmallVector<Term> terms;
  /// Of the window's rows of taps those that are inside, unless all count.
  mlir::Value firstTaps, endTaps;
  /// Sums need no widening before all planes are added up.
  bool isNarrow = true;
  std::array<mlir::Value, 2> countTables;
  mlir::Value weightTable;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_BITREDUCTION_H
