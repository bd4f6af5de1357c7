// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What bit-serial kernels are made of: weights as planes of bits, and how an
// instruction set counts the bits of words of 32, one output channel to a lane.

#ifndef QCC_LIB_CONVERSION_KERNELS_BITPLANES_H
#define QCC_LIB_CONVERSION_KERNELS_BITPLANES_H

#include "MacLayer.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

namespace qcc {

/// Channels in a word of bits.
constexpr int64_t kWord = 32;

/// Weights of few values: w[c][k] = steps[c] · Σ_j weight(j) · bit, where the
/// bit counts as −1 or 1 (`isXor`) or as 0 or 1.
///
/// With activations a = base + unit · Σ_i ±2^i x_i and either kind of bits,
///   xor: Σ (2y − 1) x = popcount(y) − popcount(x ^ y)
///   and: Σ y x = popcount(x & y)
/// so that a sum of products is a constant per channel (`base` and popcount(y)
/// are known) and ∓unit · D, D = Σ_ij ±2^(i+j) popcount(x_i op y_j).
struct WeightPlanes {
  bool isXor = false;
  int64_t bits = 1;
  /// The last bit of the kind 0 or 1 has a negative weight.
  bool isTwosComplement = false;
  /// 0 for a channel whose weights are all 0, and all of its bits too.
  std::vector<int32_t> steps;
  /// Of a weight less its zero point and divided by the step.
  int64_t encode(int64_t v) const {
    int64_t code = isXor ? (v + (int64_t(1) << bits) - 1) / 2 : v;
    return code & ((int64_t(1) << bits) - 1);
  }
  bool isNegative(int64_t j) const { return isTwosComplement && j == bits - 1; }

  /// Nothing where it would take more than `most` bits.
  static std::optional<WeightPlanes> of(const MacLayer &mac, int64_t most);
};

/// How the bits of words are counted: lanes of 32 bits, each of which is a
/// channel's. Counts are first gathered in a form that is cheap to add to
/// (states), then added up in one that holds those of several planes (sums).
class BitCounter {
public:
  virtual ~BitCounter() = default;
  /// Of a vector of 32-bit sums; 1: scalars.
  int64_t lanes = 1;
  /// Vectors of accumulators that fit into the registers beside the rest, and
  /// of one pixel's how many a tile of several pixels takes at once.
  int64_t mostAccumulators = 1, vectorsAtOnce = INT64_MAX;
  /// Groups of channels of a tile, at most.
  int64_t mostGroups = 2;
  /// Tiles of a row have equally many pixels rather than the last few.
  bool balances = false;
  /// Words whose counts fit into a state, and words that are best taken
  /// together.
  int64_t mostWords = INT64_MAX, together = 1;
  /// Words times weights of planes that fit into a sum.
  int64_t mostWeights = INT64_MAX;
  /// Words of straight-line code; more tempts the scheduler to spill.
  int64_t unroll = 2;
  /// Estimated cycles to combine two words and to count the bits, and for what
  /// ends a gathering.
  double cyclesPerWord = 3, cyclesPerFlush = 0;
  /// Counts are looked up by four bits of weights in tables that those of
  /// activations choose, two planes at a time. Then a state is of bytes.
  bool looksUp = false;
  /// Bits of weights that a table is looked up by, for activations of `planes`:
  /// a register of bytes may have room for 5, and the first cache for the
  /// tables of one plane.
  int64_t indexBits(int64_t planes) const {
    return lanes >= 32 && planes == 1 ? 5 : 4;
  }

  /// What counts of nothing are gathered in.
  virtual llvm::SmallVector<mlir::Value> begin(LayerEmitter &e) const;
  /// Adds the bits of up to `together` words.
  virtual void count(LayerEmitter &e, llvm::MutableArrayRef<mlir::Value> state,
                     llvm::ArrayRef<mlir::Value> words) const;
  /// A state as sums.
  virtual mlir::Value flush(LayerEmitter &e,
                            llvm::ArrayRef<mlir::Value> state) const;
  /// Sums as lanes of 32 bits.
  virtual mlir::Value widen(LayerEmitter &e, mlir::Value sums) const;
  /// The entries of a table that `indices` say.
  virtual mlir::Value lookUp(LayerEmitter &e, mlir::Value table,
                             mlir::Value indices) const;

  static std::shared_ptr<const BitCounter> choose(const TargetFacts &facts);
};

/// For `planes` planes of activations: a table of 2^`bits` counts for each so
/// many bits of activations (of two planes: the first plane's below), by as
/// many of weights; the second plane counts twice.
mlir::Value makeCountTables(LayerEmitter &e, int64_t planes, int64_t bits,
                            bool isXor);

/// Which of `bytes`, stored values of a type of zero point `zero`, have each
/// bit of their codes set: i1, or vectors of it, per plane.
llvm::SmallVector<mlir::Value> planesOf(LayerEmitter &e, mlir::Value bytes,
                                        const qnn::BitCode &code, int64_t zero);

/// The bits of each plane of a result from `lo` to `hi` (less the zero point),
/// i1 or vectors of it: `reaches(m)` says where it is `lo` + m and more.
llvm::SmallVector<mlir::Value>
planesFrom(LayerEmitter &e, const qnn::BitCode &code, int64_t lo, int64_t hi,
           llvm::function_ref<mlir::Value(int64_t m)> reaches);

/// Packs stored values of `from` to the planes of `to`, views of one shape, of
/// which they begin at these elements beyond their bases.
void packPlanes(LayerEmitter &e, const TensorView &from, const TensorView &to,
                mlir::Value fromAt, mlir::Value toAt);

/// Stores 32 stored values, of the channels from `channel` on of the pixel of
/// output 0 whose words begin at `pixel`.
void storePlanes(LayerEmitter &e, mlir::Value bytes, mlir::Value pixel,
                 mlir::Value channel);

/// The bits of `isSet` (a vector of 32 lanes of i1, or fewer) as a word of as
/// many, and as a vector of one, to store: a mask register is stored as it is,
/// and not first gathered with others in a vector.
mlir::Value wordVectorOf(LayerEmitter &e, mlir::Value isSet);
mlir::Value wordOf(LayerEmitter &e, mlir::Value isSet);

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_BITPLANES_H
