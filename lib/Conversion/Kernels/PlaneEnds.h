// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Results of few bits straight from accumulators: a requantization that is
// monotone and has few values is a few comparisons, and what these give are the
// bits of the result's planes.

#ifndef QCC_LIB_CONVERSION_KERNELS_PLANEENDS_H
#define QCC_LIB_CONVERSION_KERNELS_PLANEENDS_H

#include "BitPlanes.h"

namespace qcc {

class PlaneEnds {
public:
  /// More comparisons take longer than the requantization.
  static constexpr int64_t mostCompared = 3;

  /// Whether results of `type` from these channels are compared.
  static bool fits(llvm::ArrayRef<arith::ChannelSpec> channels,
                   mlir::Type type);

  /// Makes the tables, of slots that have a channel each; the others get any
  /// result.
  PlaneEnds(LayerEmitter &e, const RequantSpec &spec);

  /// Stores the planes of 32 accumulators of consecutive slots from `slot` on,
  /// the channels from `channel` on of the pixel of output 0 whose words begin
  /// at `pixel`.
  void store(mlir::Value accs, mlir::Value slot, mlir::Value pixel,
             mlir::Value channel);

private:
  LayerEmitter &e;
  qnn::BitCode code;
  int64_t lo, hi;
  int64_t slots;
  /// Accumulators from which results reach each value above the least, slots
  /// innermost.
  mlir::Value thresholds;
};

/// Result 0, of [batch, rows, columns, channels], made a row at a time as bytes
/// in scratch memory, which are packed to planes as soon as all are there.
class PlaneRows {
public:
  /// Bytes of scratch memory for a result of `type`.
  static int64_t scratchBytes(mlir::Type type);

  /// From here on output 0 is the row.
  explicit PlaneRows(LayerEmitter &e);

  /// All rows, in steps of one where rows are walked.
  void emit(llvm::function_ref<void(mlir::Value n, mlir::Value y)> emitRow);

private:
  LayerEmitter &e;
  TensorView result;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_PLANEENDS_H
