// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integer sums of blocks: rounded activations times codes of few bits, for a
// register or a few of outputs. Two ways: codes are unpacked into a dot
// product, or look sums of activations up.

#ifndef QCC_LIB_CONVERSION_KERNELS_BLOCKPRODUCTS_H
#define QCC_LIB_CONVERSION_KERNELS_BLOCKPRODUCTS_H

#include "qcc/Conversion/LayerEmitter.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <memory>
#include <vector>

namespace qcc {

class BlockProducts {
public:
  virtual ~BlockProducts() = default;

  /// Outputs, and rows of activations, that are summed up together.
  int64_t lanes = 1, rows = 1;
  /// Activations of a chunk, of which a block is whole ones, and the bytes of
  /// its codes.
  int64_t chunkDepth = 1, chunkBytes = 1;
  /// Codes are signed bytes.
  bool isSigned = false;
  /// Estimated cycles of a chunk of one row, of its codes, and of getting ready
  /// as many activations.
  double chunkCycles = 1, codeCycles = 0, readyCycles = 0;

  /// Appends a chunk; `code(lane, k)`.
  virtual void pack(llvm::function_ref<uint8_t(int64_t, int64_t)> code,
                    std::vector<int8_t> &out) const = 0;
  /// Scratch memory that is wanted for `count` rounded activations.
  virtual int64_t scratchBytes(int64_t count) const { return 0; }
  /// Gets ready the `count` signed bytes that scratch memory begins with, whole
  /// chunks; there is scratch memory at `at`.
  virtual void prepare(LayerEmitter &e, int64_t count, int64_t at) {}
  /// Σ activation · code of `chunks` chunks of codes from element `at` of
  /// `table`, for each row, whose activations are those from `x` on.
  virtual llvm::SmallVector<mlir::Value> sum(LayerEmitter &e, mlir::Value table,
                                             mlir::Value at,
                                             llvm::ArrayRef<mlir::Value> x,
                                             int64_t chunks) const = 0;

  /// Codes of `bits` bits in dot products.
  static std::unique_ptr<BlockProducts> ofCodes(const TargetFacts &facts,
                                                int bits);
  /// In tables, for as many as `outputs` outputs; null where there is no way,
  /// with the reason in `why`.
  static std::unique_ptr<BlockProducts> ofTables(const TargetFacts &facts,
                                                 int bits, int64_t outputs,
                                                 std::string &why);
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_BLOCKPRODUCTS_H
