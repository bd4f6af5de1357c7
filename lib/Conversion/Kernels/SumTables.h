// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products by lookup (T-MAC, DeepGEMM; LUT-GEMM, arXiv 2206.09557): of four
// activations there is a table of the 16 sums that weights of one bit can make
// of them, and four bits of an output's weights choose one. A register of
// outputs is looked up at once: one byte permutation for 4 products of each.
// Sums of four bytes have 10 bits, so that a table is two, of 5 bits each:
// eight of them add up in a byte, which makes them exact without a carry.

#ifndef QCC_LIB_CONVERSION_KERNELS_SUMTABLES_H
#define QCC_LIB_CONVERSION_KERNELS_SUMTABLES_H

#include "qcc/Conversion/LayerEmitter.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <vector>

namespace qcc {

/// Weights of `planes` bits, of `vectors` registers of outputs at a time. Codes
/// lie by chunks of eight activations, by plane, by register; a byte has the
/// bits of one output.
class SumTables {
public:
  static constexpr int64_t group = 4, chunkDepth = 2 * group;
  static constexpr int64_t mostPlanes = 4;

  /// Whether `facts` have byte permutations of vectors.
  static bool isPossible(const TargetFacts &facts);
  /// For as many as `outputs` outputs.
  SumTables(const TargetFacts &facts, int64_t planes, int64_t outputs);

  /// Outputs that are summed up together.
  int64_t outputs() const { return vectors * lanes; }
  int64_t chunkBytes() const { return planes * vectors * lanes; }
  /// Estimated cycles of a chunk, and of making its tables.
  double chunkCycles(const TargetFacts &facts) const;
  static constexpr double tableCycles = 15;

  /// Appends a chunk of codes of up to `planes` bits; `code(output, k)`.
  void pack(llvm::function_ref<uint8_t(int64_t, int64_t)> code,
            std::vector<int8_t> &out) const;

  /// Bytes of the tables of `count` activations, with what is read beyond them.
  static int64_t bytesFor(int64_t count);
  /// Where in them those of activation `first` begin, a multiple of a chunk.
  static mlir::Value placeOf(LayerEmitter &e, mlir::Value first) {
    return e.mul(first, bytesPerTable / group);
  }
  /// Makes them of the `count` bytes of `memref` from `from` on, whole chunks,
  /// at `to` of scratch memory.
  void build(LayerEmitter &e, mlir::Value memref, mlir::Value from,
             mlir::Value to, int64_t count, bool isSigned) const;

  /// Σ activation · code, one i32 for each output, of `chunks` chunks from
  /// `codesAt` and `tablesAt` on. `ahead`: codes come from memory.
  mlir::Value sum(LayerEmitter &e, mlir::Value codes, mlir::Value codesAt,
                  mlir::Value tablesAt, int64_t chunks, bool isSigned,
                  bool ahead) const;

private:
  static constexpr int64_t bytesPerTable = 32, halfBits = 5;
  /// 5-bit halves that fit a byte, sums of 10 bits that fit 16.
  static constexpr int64_t chunksPerByte = 4, chunksPerWord = 16;

  /// Which byte of a register belongs to output `o`: whose halves are widened
  /// within 16 bytes on x86.
  int64_t byteOf(int64_t output) const;
  mlir::Value loadTable(LayerEmitter &e, mlir::Value at) const;
  mlir::Value lookUp(LayerEmitter &e, mlir::Value table,
                     mlir::Value indices) const;
  /// Adds low + 32 · high to sums of 16 bits, of which there are
  /// `wordsPerVector`.
  void widen(LayerEmitter &e, mlir::Value low, mlir::Value high,
             llvm::MutableArrayRef<mlir::Value> words) const;
  llvm::SmallVector<mlir::Value> sumWords(LayerEmitter &e, mlir::Value codes,
                                          mlir::Value codesAt,
                                          mlir::Value tablesAt, int64_t chunks,
                                          bool isSigned, bool ahead) const;

  IsaFamily isa;
  int64_t planes, vectors = 1, lanes = 16, wordsPerVector = 1;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_SUMTABLES_H
