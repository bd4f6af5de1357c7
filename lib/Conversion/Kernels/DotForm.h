// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How one instruction set multiplies and accumulates: `group` consecutive
// values of the reduction axis times the weights of `lanes` output channels.
// The matrix kernel is written once over this. Each instruction set's
// instructions are named in its DotForm*.cpp alone, as a class derived from
// DotInstructions that says as much as differs: one step, or a whole register
// tile where accumulators are not simply one vector per pixel.

#ifndef QCC_LIB_CONVERSION_KERNELS_DOTFORM_H
#define QCC_LIB_CONVERSION_KERNELS_DOTFORM_H

#include "WeightTable.h"

#include "qcc/Conversion/LayerEmitter.h"

namespace qcc {

class DotForm;

/// A register tile of `pixels` by `vectors` vectors of output channels.
struct DotTile {
  int64_t pixels = 1, vectors = 1;
  /// The activations of each pixel are summed up too, for weights that keep
  /// their zero point.
  bool sumsActivations = false;

  int64_t accumulators() const { return pixels * vectors; }
};

/// What one stretch of a tile's reduction reads.
struct DotOperands {
  /// Activations, and the first element of each pixel of the tile.
  mlir::Value memref;
  llvm::ArrayRef<mlir::Value> pixels;
  bool isSigned = true;
  /// Weights, by group, then by vector.
  const WeightTable &table;
  WeightPlace weights;
  /// Values of the reduction: whole groups (`chunk` of them at most), or less
  /// than one.
  int64_t count = 0;
  /// Where not consecutive: pieces of one length behind the pixel's first
  /// element, a group in all at most.
  llvm::ArrayRef<int64_t> pieces = {};
};

/// The instructions. Stateless: what a layer decides is in its DotForm.
class DotInstructions {
public:
  /// The weight zero point is subtracted in storage, so no correction is
  /// needed.
  virtual bool subtractsWeightZero() const { return false; }
  /// Activations of this sign must be read as of the other, by their highest
  /// bit.
  virtual bool flipsSign(bool activationsSigned) const { return false; }
  /// Sums are of few bits, so that it depends on how great operands are whether
  /// the form is possible.
  virtual bool hasNarrowSums() const { return false; }
  /// Tiles begin with zeros: biases are added behind `endTile`, whose sums may
  /// be of 16 bits.
  virtual bool addsBiasesLast() const { return false; }
  /// Whether it is for layers of so many channels.
  virtual bool suits(const DotForm &form, int64_t channels) const {
    return true;
  }
  /// A tile of this size needs no more registers than there are.
  virtual bool fits(const DotForm &form, int64_t pixels, int64_t vectors) const;
  /// Estimated cycles of one group of a tile.
  virtual double groupCycles(const DotForm &form, int64_t pixels,
                             int64_t vectors) const;
  /// Bits of one stored weight.
  virtual int64_t weightBits() const { return 8; }
  /// Products are added up in 32 bits from the start, one accumulator a vector,
  /// so that weights may be any bytes; and there are `ones`.
  virtual bool takesAnyBytes() const { return false; }
  /// Packed weights are multiplied as their codes, and there are `ones`.
  virtual bool takesCodes() const { return false; }
  /// Estimated cycles that a step's codes take more than its weights, for so
  /// many pixels.
  virtual double codeCycles(const DotForm &form, const WeightPacking &packing,
                            int64_t pixels) const {
    return 0;
  }
  /// Calls `next(lane, k)` for the weights of one step in the order that `step`
  /// reads.
  virtual void
  forEachWeight(const DotForm &form,
                llvm::function_ref<void(int64_t lane, int64_t k)> next) const;

  //===--- one step -------------------------------------------------------===//

  /// Loads `valid` (1 … group) consecutive activations and makes them ready for
  /// `step`; missing ones are anything.
  virtual llvm::SmallVector<mlir::Value, 2>
  prepare(LayerEmitter &e, const DotForm &form, mlir::Value memref,
          mlir::Value offset, int64_t valid, bool isSigned) const = 0;
  /// Loads the weights of one step.
  virtual llvm::SmallVector<mlir::Value, 2>
  loadWeights(LayerEmitter &e, const DotForm &form, const WeightTable &table,
              WeightPlace at) const;
  /// acc + Σ_k activation_k · weight_k per lane.
  virtual mlir::Value step(LayerEmitter &e, const DotForm &form,
                           mlir::Value acc,
                           llvm::ArrayRef<mlir::Value> activations,
                           llvm::ArrayRef<mlir::Value> weights,
                           bool isSigned) const = 0;
  /// Weights of value 1 for the first `valid` of a group and 0 beyond, in every
  /// lane.
  virtual llvm::SmallVector<mlir::Value, 2>
  ones(LayerEmitter &e, const DotForm &form, int64_t valid) const;

  //===--- a register tile ------------------------------------------------===//

  /// The state is by pair of pixels, then by two channels: vectors [p0c0, p0c1,
  /// p1c0, p1c1], and behind them for each pair its sums, [p0, p0, p1, p1]. An
  /// odd last pixel is its own partner.
  virtual bool pairsPixels() const { return false; }

  /// What a tile keeps in registers while it reduces, from the biases of the
  /// accumulators. Where pixels are paired those are by pair of pixels, each
  /// two channels for both twice: [c0, c1, c0, c1, c2, c3, c2, c3].
  virtual llvm::SmallVector<mlir::Value>
  beginTile(LayerEmitter &e, const DotForm &form, const DotTile &tile,
            llvm::ArrayRef<mlir::Value> biases) const;
  /// Reduces `operands.count` further values into `state`.
  virtual void reduceTile(LayerEmitter &e, const DotForm &form,
                          const DotTile &tile,
                          llvm::MutableArrayRef<mlir::Value> state,
                          const DotOperands &operands) const;
  /// Takes note in `form` of what the weights of a layer prove. `chunks`: the
  /// packed weights of one vector that a tile reduces together.
  virtual void prove(DotForm &form,
                     llvm::ArrayRef<llvm::SmallVector<int16_t>> chunks) const {}
  /// The accumulators by pixel, then by vector, as vectors of `lanes`; behind
  /// them, where the tile sums activations, each pixel's sum in every lane.
  virtual llvm::SmallVector<mlir::Value>
  endTile(LayerEmitter &e, const DotForm &form, const DotTile &tile,
          llvm::ArrayRef<mlir::Value> biases,
          llvm::ArrayRef<mlir::Value> state) const;

  /// Whether two vectors of channels come out as one.
  virtual bool joinsVectors() const { return false; }
  /// Of two vectors' channels, which one comes out in `lane`.
  virtual int64_t joinedValue(const DotForm &form, int64_t lane) const {
    return lane;
  }
  /// The accumulators without their biases two by two, as vectors of twice the
  /// lanes; an odd last one with itself.
  virtual llvm::SmallVector<mlir::Value>
  endJoined(LayerEmitter &e, const DotForm &form,
            llvm::ArrayRef<mlir::Value> state) const;

protected:
  ~DotInstructions() = default;
};

/// Instructions and the sizes that a layer uses them with.
class DotForm {
public:
  /// The best form for 8-bit activations (or `isFloat`, or 16-bit ones) on
  /// `facts`.
  static DotForm choose(const TargetFacts &facts, bool isFloat,
                        bool is16Bit = false);
  /// The same and the forms that compete with it in tiles of several pixels,
  /// which have no single steps; always in the same order.
  static llvm::SmallVector<DotForm, 2>
  getCandidates(const TargetFacts &facts, bool isFloat, bool is16Bit);

  /// The same instructions on `lanes` channels; where an accumulator takes
  /// several registers, with as many more accumulators as are left free.
  DotForm withLanes(int64_t lanes) const;
  /// The same on weights that are packed.
  DotForm withPacking(const WeightPacking &packing,
                      const TargetFacts &facts) const;
  /// Channels worth a narrower vector: the least supported lane count that
  /// holds `channels`.
  int64_t fitLanes(int64_t channels) const;

  const DotInstructions *instructions = nullptr;
  int64_t lanes = 1;
  int64_t minLanes = 1;
  /// Accumulators in one register, where an accumulator may take several.
  std::optional<int64_t> registerLanes;
  /// Consecutive values of the reduction that a step takes.
  int64_t group = 1;
  /// Groups that a tile reduces together where there are as many.
  int64_t chunk = 1;
  /// Where a form adds up products in few bits first: bit i is set if a sum
  /// ends behind product i of a chunk.
  uint32_t sumEnds = ~uint32_t(0);
  /// What a layer's activations, as they are multiplied, and weights are at
  /// most in magnitude, where sums are narrow.
  int64_t greatestActivation = 255, greatestWeight = 128;
  /// The same of any part of a sum of their products.
  int64_t greatestSum = INT64_MAX;
  /// Accumulator vectors that leave room for operands.
  int64_t accumulators = 4;
  /// Costs are known for each size of a tile; elsewhere for whole ones on
  /// average.
  bool knowsTiles = false;
  /// A word of activations is read at once wherever it lies, so that less than
  /// a group is best read with what lies before it.
  bool overlapsTails = false;
  /// Biases are loaded for each accumulator: a copy of a register costs as much
  /// as a step.
  bool loadsStarts = false;
  /// Either sign is multiplied, and unsigned results are made faster: those of
  /// rectifiers begin at 0.
  bool prefersUnsigned = false;
  /// What several runs have beyond whole groups may be gathered in one.
  bool gathersTails = false;
  /// Average cost in cycles of one step of one accumulator, for estimates, and
  /// of a group of one pixel's activations and of one vector's weights.
  double stepCycles = 1, activationCycles = 1, weightCycles = 1;
  /// Of an instruction that takes a pair of codes out of a word.
  double maskCycles = 0.5;
  /// Bits of a weight in memory where it is packed, and estimated cycles to
  /// unpack those of a step.
  std::optional<int64_t> packedBits;
  double unpackCycles = 0;
  /// Bytes of weights that come in a cycle where the first-level cache does not
  /// hold those of a tile; 0: as many as are wanted.
  double streamBytes = 0;
  /// The same where weights are more than caches of one core hold, which is a
  /// megabyte.
  double memoryBytes = 0;

  bool subtractsWeightZero() const {
    return instructions->subtractsWeightZero();
  }
  bool flipsSign(bool activationsSigned) const {
    return instructions->flipsSign(activationsSigned);
  }
  int64_t weightBits() const { return instructions->weightBits(); }
  /// Bits of a weight in memory.
  int64_t storedBits() const { return packedBits.value_or(weightBits()); }
  int64_t weightsPerStep() const { return lanes * group; }
  /// Whether `count` runs of values share a last group.
  bool gathers(int64_t count, int64_t length) const {
    int64_t tail = length % group;
    return gathersTails && !packedBits && count > 1 && length > group &&
           tail > 0 && tail * count <= group;
  }
  /// Appends the weights of one step; `weight(lane, k)`, k in [0, group).
  template <typename T>
  void pack(llvm::function_ref<T(int64_t, int64_t)> weight,
            std::vector<T> &out) const {
    instructions->forEachWeight(*this, [&](int64_t lane, int64_t k) {
      out.push_back(weight(lane, k));
    });
  }

  llvm::SmallVector<mlir::Value, 2> prepare(LayerEmitter &e, mlir::Value memref,
                                            mlir::Value offset, int64_t valid,
                                            bool isSigned) const {
    return instructions->prepare(e, *this, memref, offset, valid, isSigned);
  }
  llvm::SmallVector<mlir::Value, 2>
  loadWeights(LayerEmitter &e, const WeightTable &table, WeightPlace at) const {
    return instructions->loadWeights(e, *this, table, at);
  }
  mlir::Value step(LayerEmitter &e, mlir::Value acc,
                   llvm::ArrayRef<mlir::Value> activations,
                   llvm::ArrayRef<mlir::Value> weights, bool isSigned) const {
    return instructions->step(e, *this, acc, activations, weights, isSigned);
  }
};

/// The instruction sets, each in its own file. Nothing where `facts` have none
/// of them; `is16Bit`: of the activations.
std::optional<DotForm> chooseX86Form(const TargetFacts &facts, bool is16Bit);
/// Two groups of each channel beside each other.
std::optional<DotForm> chooseX86PairForm(const TargetFacts &facts,
                                         bool is16Bit);
std::optional<DotForm> chooseAArch64Form(const TargetFacts &facts,
                                         bool is16Bit);
/// 16-bit sums of products with few bits.
std::optional<DotForm> chooseX86NarrowForm(const TargetFacts &facts,
                                           bool is16Bit);
/// 8-bit sums of products with fewer.
std::optional<DotForm> chooseByteForm(const TargetFacts &facts, bool is16Bit);
/// Matrix products of several pixels.
std::optional<DotForm> chooseAArch64MatrixForm(const TargetFacts &facts,
                                               bool is16Bit);
std::optional<DotForm> chooseArmForm(const TargetFacts &facts, bool is16Bit);
std::optional<DotForm> chooseNeonForm(const TargetFacts &facts, bool is16Bit);
std::optional<DotForm> chooseRISCVForm(const TargetFacts &facts);

//===--- for the instruction sets' files
//------------------------------------===//

/// `valid` consecutive bytes as a little-endian i32; the bytes beyond are 0.
/// Never reads beyond them.
mlir::Value loadWord(LayerEmitter &e, mlir::Value memref, mlir::Value offset,
                     int64_t valid);
/// One or two consecutive 16-bit values as an i32; a missing second one is 0.
mlir::Value loadPair(LayerEmitter &e, mlir::Value memref, mlir::Value offset,
                     int64_t valid);
/// The LLVM intrinsic `name`.
mlir::Value callIntrinsic(LayerEmitter &e, llvm::StringRef name,
                          mlir::Type result, mlir::ValueRange operands);
mlir::Value bitcastLanes(LayerEmitter &e, mlir::Value value, int64_t lanes,
                         mlir::Type element);
/// NEON's smull of half a register of bytes, and with an addition smlal.
mlir::Value multiplyBytes(LayerEmitter &e, mlir::Value x, mlir::Value y);
/// NEON's sadalp: adds neighbouring lanes of `sum` to lanes of twice the bits.
mlir::Value addPairs(LayerEmitter &e, mlir::Value acc, mlir::Value sum);
/// An i32 of four activations in every lane of bytes, of the other sign where
/// the instruction wants that.
mlir::Value splatWord(LayerEmitter &e, const DotForm &form, mlir::Value word,
                      bool isSigned);
/// Bytes of 1 for the first `valid` of each group, as `lanes` groups.
mlir::Value onesOfBytes(LayerEmitter &e, const DotForm &form, int64_t valid);

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_DOTFORM_H
