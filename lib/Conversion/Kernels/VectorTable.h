// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tables of bytes looked up by whole vectors, where the instruction set has
// byte permutations: of 256 entries where these are wide enough, and of 16.

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

/// Entries of the short tables.
inline constexpr size_t kBytesLookedUp = 16;
/// Whether the target has them: pshufb, tbl, vtbl, vrgather.
bool hasByteLookups(const TargetFacts &facts);
/// Per lane the entry of `table`, which has 16 bytes in each 16 lanes and those
/// of a register at most, that an index below 16 says.
mlir::Value permuteBytes(LayerEmitter &e, mlir::Value table,
                         mlir::Value indices);
/// The same of any number of lanes and up to 16 constant entries.
mlir::Value lookUpBytes(LayerEmitter &e, llvm::ArrayRef<int8_t> entries,
                        mlir::Value indices);

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_VECTORTABLE_H
