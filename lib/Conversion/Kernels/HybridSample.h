// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The hybrid form: a float sample is rounded to 8 bits by its own range in
// scratch memory, multiplied with 8-bit weights there like any other
// activations, and the sums become floats again. What kernels share of it is
// the preparation of the samples and the way back.

#ifndef QCC_LIB_CONVERSION_KERNELS_HYBRIDSAMPLE_H
#define QCC_LIB_CONVERSION_KERNELS_HYBRIDSAMPLE_H

#include "MacLayer.h"

#include <array>

namespace qcc {

/// The values of a sample are factor · (q − zero); `zero` is null where it is
/// 0 by definition, both are for inputs that are quantized already.
struct SampleScale {
  mlir::Value factor, zero;
};

/// Rounds the samples of one layer: images, or rows of a matrix.
class HybridSamples {
public:
  /// `padding`: [top, bottom, left, right] elements that windows read around a
  /// sample. `isSigned`: q is stored as it is, else q + 128.
  HybridSamples(LayerEmitter &e, const MacLayer &mac,
                std::array<int64_t, 4> padding, bool isSigned);

  /// Whether the target computes in what the form is defined in; else why.
  static bool isPossible(const MacLayer &mac, const TargetFacts &facts,
                         std::string &why);
  /// Bytes of one rounded sample; of all and their scales.
  static int64_t sampleBytes(const MacLayer &mac,
                             const std::array<int64_t, 4> &padding);
  static int64_t layerBytes(const MacLayer &mac,
                            const std::array<int64_t, 4> &padding);
  /// Estimated cycles for all samples.
  static double cycles(const MacLayer &mac, const TargetFacts &facts);

  /// Distances of elements.
  struct Strides {
    int64_t row = 0, column = 0, channel = 1;
  };
  /// Rounds the sample that begins at `from` to scratch memory from `to` on,
  /// with its padding.
  SampleScale round(mlir::Value memref, mlir::Value from, Strides strides,
                    mlir::Value to);
  /// Rounded elements, and where the first lies behind `to`.
  Strides roundedStrides() const;
  int64_t roundedOrigin() const;

  /// Rounds all samples of `input` and returns them as a view. What they are
  /// multiplied by is kept beside them.
  TensorView roundAll(const TensorView &input);
  SampleScale scaleOf(mlir::Value sample);

private:
  using LoopBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      mlir::Value at, mlir::Value to, mlir::ValueRange carried)>;
  /// A stretch of elements, contiguous in the input or if `both` in scratch
  /// memory too.
  struct Run {
    int64_t rows, columns, length;
  };
  Run findRun(Strides strides, bool both) const;
  llvm::SmallVector<mlir::Value> forEachRun(const Run &run, Strides strides,
                                            mlir::Value from, mlir::Value to,
                                            mlir::ValueRange init,
                                            LoopBody body);
  llvm::SmallVector<mlir::Value> emitRange(mlir::Value memref, mlir::Value from,
                                           Strides strides);
  SampleScale emitSymmetric(mlir::Value range);
  SampleScale emitAsymmetric(mlir::Value low, mlir::Value high);
  mlir::Value roundHalfAwayDouble(mlir::Value value);
  void fillPadding(mlir::Value zero, mlir::Value to);
  void roundRun(mlir::Value memref, mlir::Value at, int64_t channelStride,
                mlir::Value to, int64_t length);
  mlir::Value emitRound(mlir::Value x);
  mlir::Value scaleTable(bool ofZeros);

  LayerEmitter &e;
  const MacLayer &mac;
  std::array<int64_t, 4> padding;
  bool isSigned;
  int64_t rows, columns, channels;
  /// Of the sample at hand.
  mlir::Value inverse, least, zeroFloat;
};

/// Sums back to floats: float(acc) · (factor · scale) + bias, clamped; without
/// the factor where the input was quantized.
class HybridEpilogue {
public:
  /// `channels`: that of each slot, or −1.
  HybridEpilogue(LayerEmitter &e, const MacLayer &mac,
                 llvm::ArrayRef<int64_t> channels);

  /// A vector of accumulators from `slot` on. `bias`, `sum`: where they are no
  /// constants.
  mlir::Value finish(mlir::Value acc, mlir::Value slot,
                     const SampleScale &scale, mlir::Value bias = {},
                     mlir::Value sum = {}) const;

private:
  LayerEmitter &e;
  float lo, hi;
  mlir::Value scales, biases, sumTable;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_HYBRIDSAMPLE_H
