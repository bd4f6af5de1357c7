// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tensors whose rows lie packed at fewer than 8 bits (see `RowCode`), for
// kernels that know of bytes alone. A kernel that promises a RowWalk makes rows
// in steps: before each, the rows that it reads are unpacked to a window in
// scratch memory, and behind it those that it has made are packed. What the
// kernel sees is a tensor of bytes; where it reads and writes is moved into the
// window.

#ifndef QCC_LIB_CONVERSION_PACKEDROWS_H
#define QCC_LIB_CONVERSION_PACKEDROWS_H

#include "qcc/Conversion/LayerEmitter.h"
#include "qcc/Conversion/RowWalk.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

namespace qcc {

/// The rows of bytes of one tensor that a step has.
struct RowWindow {
  /// How many, and bytes from one to the next.
  int64_t rows = 0, pitch = 0;
  /// Bytes before the first value of a row, which the left padding ends.
  int64_t base = 0;

  RowWindow(mlir::RankedTensorType type, int64_t rows, const Padding &pad);
  int64_t bytes() const { return rows * pitch; }
};

/// Whether rows of `type` can lie packed.
bool canPackRows(mlir::RankedTensorType type);

/// The walk of `choice` over input `input`, or null.
const RowWalk *findWalk(const KernelChoice &choice, int64_t input);

RowWindow windowOfInput(qnn::LayerOp layer, const KernelChoice &choice,
                        const RowWalk &walk);
RowWindow windowOfResult(qnn::LayerOp layer, const KernelChoice &choice);

/// Where a layer's windows begin in its scratch memory: behind the kernel's.
int64_t windowsOffset(int64_t kernelScratch);

/// Bytes of scratch memory of `layer` whose kernel wants `kernelScratch` of
/// them: with the windows over what `isPacked` says lies so.
int64_t scratchWithWindows(qnn::LayerOp layer, const KernelChoice &choice,
                           int64_t kernelScratch,
                           llvm::function_ref<bool(mlir::Value)> isPacked);

/// Estimated cycles to unpack what `layer` reads through `walk`, and to pack
/// its result.
double cyclesToUnpack(qnn::LayerOp layer, const RowWalk &walk);
double cyclesToPack(qnn::LayerOp layer);

/// Emits what goes on between one tensor and its window.
class PackedRows {
public:
  /// Of an input, which `walk` reads; of the result without. `view` becomes
  /// what the kernel sees; `offset`: of the window in scratch memory.
  PackedRows(LayerEmitter &e, TensorView &view, const RowWindow &window,
             int64_t offset, const RowWalk *walk, const Padding &pad);

  /// The zero point into margins that no row is unpacked to.
  void fillMargins();
  /// The rows of the input that the `perStep` rows of the result from `first`
  /// on take.
  void unpack(mlir::Value first, int64_t perStep);
  /// The result's rows first … first + size − 1.
  void pack(mlir::Value first, mlir::Value size);
  /// Moves the kernel's accesses into the window: those behind `start`, which
  /// is in the block of the step that begins with row `first`.
  void redirect(mlir::Value first, mlir::Operation *start);
  /// Whether none is left that no step has moved.
  bool isRedirected() const { return placeholder.use_empty(); }
  void erasePlaceholder();

private:
  /// `memref`, which holds bytes, in pieces.
  mlir::Value inPieces(mlir::Value memref);
  /// `bits` in each byte of a piece.
  mlir::Value inBytes(int64_t bits);
  mlir::Value masked(mlir::Value value, int64_t bits);
  void unpackRow(mlir::Value from, mlir::Value to);
  void packRow(mlir::Value from, mlir::Value to);
  void redirect(mlir::Value from, mlir::Value to, mlir::Value first,
                mlir::Operation *start);
  /// Calls `body(i, groups)` for the pieces of a segment: how many segments of
  /// the smallest field have values there.
  void forPieces(llvm::function_ref<void(mlir::Value i, int64_t groups)> body);

  LayerEmitter &e;
  RowWindow window;
  int64_t offset;
  /// Bytes that are handled at once: a word, but one byte in C, where an array
  /// of bytes has no words.
  int64_t unit;
  std::optional<RowWalk> walk;
  qnn::RowCode code;
  /// Values of a row, rows, bytes of a packed row, pieces of a segment.
  int64_t count, height, rowBytes, segment;
  int64_t zero;
  bool hasMargins;
  mlir::Value packed, placeholder;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_PACKEDROWS_H
