// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From the bytes of an .onnx file to a module of the `qnn` dialect. The bytes
// are taken as hostile: whatever they hold, the outcome is a verified module or
// one error diagnostic, in bounded time and memory.

#ifndef QCC_IMPORT_ONNX_H
#define QCC_IMPORT_ONNX_H

#include "qcc/Dialect/QNN/IR/QNN.h"
#include "qcc/Support/Npy.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/MemoryBufferRef.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace qcc {

/// What a caller may decide about an import.
struct ONNXImportOptions {
  /// Shapes that fix the symbolic axes of graph inputs, by name. An input that
  /// is not listed has 1 for each of them; a remark tells.
  std::vector<std::pair<std::string, std::vector<int64_t>>> inputShapes;

  /// Inputs that are constants, by name: known while the graph is read, so that
  /// shapes may follow from them.
  std::vector<std::pair<std::string, NpyArray>> bindings;

  /// Activations that meet constant weights of 8 bits or less in a matrix
  /// product are rounded to 8 bits by their own range, a row at a time. ONNX
  /// means floats.
  bool roundActivations = false;

  /// Quantized weights in blocks that become floats are an error rather than a
  /// warning.
  bool strict = false;

  /// Arguments and results of four axes have the channels last, [N, H, W, C],
  /// where the file has [N, C, H, W].
  bool hasNHWCInterface = false;

  /// Where files with external data lie; empty: the directory of the buffer's
  /// name. Nothing outside it is read.
  std::string directory;

  /// A tensor of more bytes than this is refused.
  uint64_t maxTensorBytes = uint64_t(1) << 31;

  /// A graph of more nodes than this is refused.
  uint64_t maxNodes = 20000;

  /// More inputs, or more outputs, than this are refused.
  uint64_t maxParameters = 1000;
};

/// Whether `bytes` could be an .onnx file: a protobuf message that begins with
/// the fields of a model.
bool looksLikeONNX(llvm::StringRef bytes);

/// Imports the graph of an .onnx file as `func.func @main`.
///
/// - Arguments are the graph's inputs without those that have an initializer or
///   are bound; results are its outputs. Both carry their names as `qnn.name`,
///   and both have the file's layouts (NCHW) unless the options say otherwise.
/// - An operation's location is NameLoc(name of the node's first output,
///   FileLineColLoc(name of the buffer, index of the node, 0)).
/// - Quantization, whichever dialect of ONNX says it, becomes `qnn.quantize`
///   and `qnn.dequantize` around float operations; qnn-fuse-quantizers makes
///   integer operations of them.
///
/// Returns null after one error through the context's diagnostic engine when
/// the file is damaged, or holds what qcc does not support; the message names
/// the node, its index and its tensors. Loads the dialects that it needs.
mlir::OwningOpRef<mlir::ModuleOp>
importONNX(mlir::MLIRContext *context, llvm::MemoryBufferRef buffer,
           const ONNXImportOptions &options = {});

/// Names of the operators that `importONNX` knows, sorted; those outside the
/// default domain as "domain:Name".
std::vector<std::string> supportedONNXOperators();

} // namespace qcc

#endif // QCC_IMPORT_ONNX_H
