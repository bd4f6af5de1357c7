// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A layer of the matrix kernel as its code finds it: divided into blocks of
// output channels, whose weights are packed in the order that tiles read them
// and whose constants lie in tables. MatrixPacking.cpp makes that,
// MatrixLayer.cpp the code.

#ifndef QCC_LIB_CONVERSION_KERNELS_MATRIXLAYER_H
#define QCC_LIB_CONVERSION_KERNELS_MATRIXLAYER_H

#include "HybridSample.h"
#include "MatrixBlocks.h"
#include "PlaneEnds.h"
#include "WeightRests.h"

namespace qcc {

class MatrixLayer {
protected:
  /// Reads the layer's choice and makes the tables.
  MatrixLayer(LayerEmitter &e, MacLayer mac, bool isPacked);

  llvm::SmallVector<int64_t> spatialStrides(const TensorView &view) const;

  /// Results are packed from vectors of accumulators by four.
  bool packs() const;

  /// Runs share a last group.
  bool gathersTails() const {
    return !packing && base.gathers(runs.count(), runs.length);
  }
  int64_t groupsPerRun() const {
    return runs.groups(base.group, gathersTails());
  }
  int64_t totalGroups() const {
    return groupsPerRun() * runs.count() + int64_t(gathersTails());
  }
  /// Less than a group at the end of a run is read with what lies before it, by
  /// weights of 0, where nobody sums the activations.
  bool overlapsTails() const {
    return base.overlapsTails && runs.length >= base.group &&
           !keepsWeightZeros();
  }

  /// Weights of one run of a block, with what fills the last unit.
  int64_t runWeights(const ChannelBlock &block) const {
    return block.weightsOf(groupsPerRun(),
                           packing ? packing->stepsPerUnit() : 1);
  }
  WeightTable packedTableOf(const ChannelBlock &block) const;
  /// Where the weights of the `index`th of a block's begin in the packed table.
  mlir::Value packedWeights(const ChannelBlock &block, mlir::Value index) const;
  /// Unpacked weights of one block, in scratch memory.
  mlir::Value unpackedTable(const ChannelBlock &block) const;

  LayerEmitter &e;
  MacLayer mac;
  DotForm base;
  Tile tile;
  Runs runs;
  llvm::SmallVector<ChannelBlock> blocks;
  /// Weights are stored as bytes less their zero point.
  std::optional<WeightRests> rests;
  /// What all sums are multiplied by, unless each has a step of its own.
  int16_t commonStep = 1;
  std::optional<WeightPacking> packing;
  bool unpacksFirst = false;
  /// By slot, but for the weights; null where they would say nothing.
  mlir::Value weightTable, biasTable, zeroTable, stepTable;
  std::optional<Requantizer> requantizer;
  std::optional<PlaneEnds> planeEnds;
  std::optional<PlaneRows> planeRows;
  /// What is multiplied: the layer's input, or its rounded samples.
  TensorView input;
  std::optional<HybridSamples> samples;
  std::optional<HybridEpilogue> epilogue;

private:
  /// Constants by slot.
  struct SlotConstants {
    std::vector<int32_t> bias, zeros, steps;
    std::vector<float> floatBias;
    /// Of the layer's; -1 where there is none.
    llvm::SmallVector<int64_t> channels;
    RequantSpec spec;
  };

  void prepareSamples();
  void makeBlocks();
  void joinPixels();
  void makeTables();
  SlotConstants readConstants();
  void makeFloatTables(const SlotConstants &constants);
  /// Makes the requantizer, which may want all sums multiplied, and biases of
  /// it.
  void makeRequantizer(SlotConstants &constants, int maxShift);
  /// What `weightOf(channel, value of the reduction)` says in the order that
  /// tiles read it, 0 where there is nothing.
  template <typename T>
  std::vector<T>
  inOrder(llvm::function_ref<T(int64_t o, int64_t k)> weightOf) const;
  mlir::Value makeWeightTable(llvm::ArrayRef<int16_t> packed);
  mlir::Value packUnits(llvm::ArrayRef<int16_t> packed);
  void proveSums(llvm::ArrayRef<int16_t> packed);

  int64_t storedWeight(int64_t o, int64_t k) const;
  bool subtractsWeightZeros() const {
    return rests || packing || base.subtractsWeightZero();
  }
  int64_t storedWeightZero(int64_t o) const;
  bool keepsWeightZeros() const;
  int maxAccShift() const;

  int64_t slots = 0;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_MATRIXLAYER_H
