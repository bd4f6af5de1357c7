// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Dot products of 8-bit activations with small unsigned codes, which streams of
// packed weights are unpacked to: what instruction sets do about them. Unlike
// in a DotForm, weights are made in registers and have few bits, so that more
// products fit narrow sums, and bytes of either sign will do.

#ifndef QCC_LIB_CONVERSION_KERNELS_CODEDOT_H
#define QCC_LIB_CONVERSION_KERNELS_CODEDOT_H

#include "qcc/Conversion/LayerEmitter.h"

namespace qcc {

/// One step takes `group` consecutive activations times codes of `lanes`
/// outputs: a vector of `lanes` · `group` bytes, by output, then by activation.
/// Codes of up to 7 bits are 0 … 2^bits − 1, those of 8 bits the same or less
/// 128 (`signedBytes`). Stateless.
class CodeDot {
public:
  int64_t lanes = 1, group = 1;
  /// Codes of 8 bits are signed bytes.
  bool signedBytes = true;
  /// Codes may lie anywhere within so many low bits of their byte, the whole of
  /// which is multiplied; 0: they must be the lowest. Of one bit each, and of
  /// more.
  int64_t bitPlaces = 0, codePlaces = 0;
  /// Elements of codes are shifted in lanes of so many bits.
  int64_t shiftBits = 8;
  /// Independent sums that hide an instruction's latency.
  int64_t chains = 1;
  /// Rows of activations that codes serve at once.
  int64_t rows = 1;
  /// Estimated cycles of a step, and of one that unpacks it.
  double stepCycles = 1, unpackCycles = 1;

  /// The best for `facts`.
  static const CodeDot &choose(const TargetFacts &facts);

  /// `group` activations at `offset`, made ready.
  virtual mlir::Value activations(LayerEmitter &e, mlir::Value memref,
                                  mlir::Value offset) const = 0;
  /// `sum` (null: none yet) + the products of one step; `isSigned`: of codes of
  /// 8 bits.
  virtual mlir::Value step(LayerEmitter &e, mlir::Value sum, mlir::Value codes,
                           mlir::Value activations, bool isSigned) const = 0;
  /// So many steps may be summed up where no code's magnitude exceeds
  /// `greatest`; 0: any number.
  virtual int64_t mostSteps(int64_t greatest) const { return 0; }
  /// `acc` (null: 0) + what steps summed up, one i32 per output.
  virtual mlir::Value finish(LayerEmitter &e, mlir::Value acc,
                             mlir::Value sum) const;

protected:
  ~CodeDot() = default;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_CODEDOT_H
