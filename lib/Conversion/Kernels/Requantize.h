// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From 32-bit accumulators to stored results: per channel the cheapest form that lib/Arithmetic proved equal to the
// exact one over every accumulator the layer can reach, emitted on whole vectors of channels.

#ifndef QCC_LIB_CONVERSION_KERNELS_REQUANTIZE_H
#define QCC_LIB_CONVERSION_KERNELS_REQUANTIZE_H

#include "qcc/Arithmetic/FixedPoint.h"
#include "qcc/Conversion/LayerEmitter.h"

namespace qcc {

/// What one output channel needs.
struct ChannelRequant {
  double scale = 1;
  /// Every accumulator that the channel can reach.
  int64_t accLo = 0, accHi = 0;
};

/// What all channels of a layer share.
struct RequantSpec {
  arith::Rounding rounding = arith::Rounding::TfliteDouble;
  int64_t zeroPoint = 0, lo = -128, hi = 127;
  /// One per (padded) channel slot.
  std::vector<ChannelRequant> channels;
};

/// The attribute's rounding as lib/Arithmetic names it.
arith::Rounding toArith(qnn::Rounding rounding);

class Requantizer {
public:
  /// Makes the tables of `spec` in the generated code; table names start with `prefix`.
  Requantizer(LayerEmitter &e, llvm::StringRef prefix, RequantSpec spec);

  /// Requantizes the accumulators of consecutive channels from slot `channel` (a multiple of the vector's lanes),
  /// clamps, and narrows to `element`.
  mlir::Value emit(mlir::Value acc, mlir::Value channel, mlir::Type element);

private:
  mlir::Value tableLanes(mlir::Value table, mlir::Value channel, mlir::Value like);
  mlir::Value emitExact(mlir::Value acc, mlir::Value channel);

  LayerEmitter &e;
  RequantSpec spec;
  bool hasLeftShift = false;
  mlir::Value multipliers, leftShifts, rightShifts, scales;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_REQUANTIZE_H
