// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How the matrix kernel divides a layer: blocks of output channels, and the
// runs of activations that a pixel reads.

#ifndef QCC_LIB_CONVERSION_KERNELS_MATRIXBLOCKS_H
#define QCC_LIB_CONVERSION_KERNELS_MATRIXBLOCKS_H

#include "DotForm.h"
#include "LaneGroup.h"
#include "MacLayer.h"

#include <numeric>

namespace qcc {

/// A register tile.
struct Tile {
  int64_t pixels = 1, vectors = 1;
};

/// Blocks of output channels: `count` of them, each `vectors` vectors of
/// `form`; only the last may be partly filled.
struct ChannelBlock {
  DotForm form;
  int64_t vectors = 1, count = 1;
  int64_t firstChannel = 0,
          channels = 0;     ///< real ones, over all `count` blocks
  int64_t firstSlot = 0;    ///< channels rounded up to whole vectors
  int64_t firstNumber = 0;  ///< of its blocks, among those of all forms
  int64_t firstElement = 0; ///< of its weights, in their table
  /// Every four vectors are in the order of a lane group.
  bool isGrouped = false;
  /// Results of consecutive pixels follow each other without a gap, so that
  /// vectors of twice the lanes hold those of several; constants of channels
  /// are repeated until they begin with such a vector again.
  bool isStream = false;
  /// What of packed weights is multiplied.
  CodeUse codeUse = CodeUse::Values;

  int64_t lanes() const { return form.lanes * vectors; }
  /// Places for constants of channels, of all `count` blocks.
  int64_t slots() const {
    return isStream ? std::lcm(lanes(), 2 * form.lanes) : lanes() * count;
  }
  /// Weights of `groups` groups, in whole units of steps.
  int64_t weightsOf(int64_t groups, int64_t stepsPerUnit) const {
    return static_cast<int64_t>(llvm::alignTo(groups * vectors, stepsPerUnit)) *
           form.weightsPerStep();
  }
  /// Which of the block's channels is in lane `lane` of vector `v` of the
  /// `number`th of `count`; there is none from `channels` on.
  int64_t channelOf(int64_t number, int64_t v, int64_t lane) const {
    int64_t inBlock = isGrouped
                          ? v / 4 * 4 * form.lanes + valueInGroup(v % 4, lane)
                          : v * form.lanes + lane;
    return number * lanes() + inBlock;
  }
  /// Which of the block's channels has the constants at place `slot`.
  int64_t channelAt(int64_t slot) const {
    int64_t vector = slot / form.lanes, lane = slot % (2 * form.lanes);
    if (!isStream)
      return channelOf(vector / vectors, vector % vectors, slot % form.lanes);
    return (slot - lane + form.instructions->joinedValue(form, lane)) % lanes();
  }
};

/// The channels of a layer: blocks of `tile.vectors` vectors, whole vectors of
/// what is left, and a vector of fewer lanes.
llvm::SmallVector<ChannelBlock> divideChannels(int64_t channels,
                                               const DotForm &form, Tile tile);

/// One contiguous stretch of activations that a pixel reads: `count` repeats,
/// `stride` elements apart.
struct Runs {
  int64_t length = 1;
  /// Repeats along kernel height, and along kernel width where pixels are
  /// apart.
  int64_t rows = 1, rowStride = 0, columns = 1, columnStride = 0;

  int64_t count() const { return rows * columns; }
  /// Groups of one run; without its tail where runs share a group for those.
  int64_t groups(int64_t group, bool gathersTails = false) const {
    return gathersTails ? length / group
                        : static_cast<int64_t>(llvm::divideCeil(length, group));
  }
  /// Where in its run group `g` begins: a tail may lie over what is before it.
  int64_t groupBegin(int64_t g, int64_t group, bool overlapsTails) const {
    bool isTail = (g + 1) * group > length;
    return isTail && overlapsTails ? length - group : g * group;
  }
  /// Which value of the reduction is number `k` of the `index`th group of all
  /// runs; none: -1.
  int64_t valueAt(int64_t index, int64_t k, int64_t group, bool gathersTails,
                  bool overlapsTails) const;
  /// Where in a pixel's window the last `tail` values of each run begin.
  llvm::SmallVector<int64_t> tails(int64_t tail) const;
};

/// What the accumulators of a tile begin with, by pixel or pair of pixels, then
/// by vector: zeros, or the biases of the channels from `slot` on.
llvm::SmallVector<mlir::Value>
loadStarts(LayerEmitter &e, const ChannelBlock &block, mlir::Value biasTable,
           mlir::Value slot, const DotTile &tile, bool areZero);
/// A sum, which may be of 16 bits, shifted right by `place`, times `steps` (1
/// if null) and `step`, and with its bias.
mlir::Value addBias(LayerEmitter &e, mlir::Value sum, int64_t place,
                    mlir::Value steps, int16_t step, mlir::Value bias);
/// Biases as pairs of pixels want them: two values, the same again, the next
/// two, …
std::vector<int32_t> twiceByTwos(llvm::ArrayRef<int32_t> values);

/// The runs of a pixel of `mac` where rows and columns of its input are so many
/// elements apart.
Runs findRuns(const MacLayer &mac, int64_t rowStride, int64_t columnStride);

/// Estimated cycles of one row of `pixels`: loads of activations and weights,
/// and the dot steps they feed.
double estimateRow(const MacLayer &mac, const DotForm &form, Tile tile,
                   int64_t pixels, int64_t channels);

/// Estimated cycles until the weights of a layer have come at all, from beyond
/// the caches; 0 where these hold them.
double estimateStream(const MacLayer &mac, const DotForm &form,
                      int64_t bitsInMemory);

/// The packing of a layer's weights; nothing where they take 8 bits. Where a
/// run ends within a group, weights of 0 meet what lies there.
std::optional<WeightPacking> findMatrixPacking(const MacLayer &mac,
                                               const DotForm &form,
                                               const TargetFacts &facts);
/// `form` with what it has to know of the operands of a layer, whose weights
/// are packed or not.
DotForm withRanges(DotForm form, const MacLayer &mac,
                   const std::optional<WeightPacking> &packing);
/// What of packed weights tiles of so many vectors multiply.
CodeUse codeUseOf(const WeightPacking &packing, const MacLayer &mac,
                  const DotForm &form, int64_t vectors);
/// Weights may be unpacked into scratch memory first, a block of channels at a
/// time: where in it they begin, and the bytes that they take, whatever runs
/// the layer's buffers make.
int64_t unpackedAt(const MacLayer &mac);
int64_t unpackedBytes(const MacLayer &mac, const DotForm &form, int64_t vectors,
                      const WeightPacking &packing);

mlir::Value viewUnpacked(LayerEmitter &e, const MacLayer &mac, int64_t count,
                         int64_t bits);

/// Where weights do not stay in the second-level cache from one inference to
/// the next, each tile asks for some of those that come behind its block of
/// `weights`, in the next one or the next layer: how far behind a weight that
/// it reads a vector of them lies, another one in each tile. Null
/// where weights stay, or blocks are long.
mlir::Value placeOfNext(LayerEmitter &e, const ChannelBlock &block,
                        int64_t weights, mlir::Value firstPixel,
                        int64_t pixels);

/// The whole layer by tiles of the size that its kernel attribute says.
void emitMatrixLayer(LayerEmitter &e, MacLayer mac, bool isPacked);

/// Emits `tiles` full tiles of row `y` of sample `n` from tile `first` on, of
/// block number `index`; or (`tiles` null) what is left of the row.
using EmitTiles = llvm::function_ref<void(
    const ChannelBlock &block, mlir::Value index, mlir::Value n, mlir::Value y,
    mlir::Value first, mlir::Value tiles)>;

/// The whole layer of `input` inside LayerEmitter::inParallel, by `height` rows
/// of `full` tiles and a rest: divided by rows or tiles of pixels, whose
/// windows each thread then finds where it has made them; by channels where the
/// weights are most of what is read, or that is far more even. What makes no
/// equal parts one way goes the other.
void emitMatrixParts(LayerEmitter &e, const MacLayer &mac,
                     llvm::ArrayRef<ChannelBlock> blocks, Tile tile,
                     const TensorView &input, int64_t height, int64_t full,
                     EmitTiles emitTiles);

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_MATRIXBLOCKS_H
