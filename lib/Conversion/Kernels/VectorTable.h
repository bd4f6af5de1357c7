// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tables of 256 bytes looked up by whole vectors, where the instruction set has
// byte permutations wide enough.

#ifndef QCC_LIB_CONVERSION_KERNELS_VECTORTABLE_H
#define QCC_LIB_CONVERSION_KERNELS_VECTORTABLE_H

#include "qcc/Conversion/LayerEmitter.h"

#include <array>

namespace qcc {

/// A table in registers.
class VectorTable {
public:
  /// Bytes looked up at once on a target: 64 by AVX512-VBMI's vpermi2b, 16 by
  /// AArch64's tbl; 0 where there is nothing better than scalar loads.
  static int64_t lanesFor(const TargetFacts &facts);

  /// Loads the `memref<256xi8>` table into registers.
  VectorTable(LayerEmitter &e, mlir::Value table);

  /// The entries of a vector of at most lanesFor(facts) indices, bytes without
  /// sign.
  mlir::Value lookUp(mlir::Value indices);

private:
  mlir::Value call(llvm::StringRef intrinsic, mlir::Type type,
                   mlir::ValueRange operands);

  LayerEmitter &e;
  llvm::SmallVector<mlir::Value> parts;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_VECTORTABLE_H
