// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From the bytes of a .tflite file to a module of the `qnn` dialect. The bytes
// are taken as hostile: whatever they hold, the outcome is a verified module or
// one error diagnostic, in bounded time and memory.

#ifndef QCC_IMPORT_TFLITE_H
#define QCC_IMPORT_TFLITE_H

#include "qcc/Dialect/QNN/IR/QNN.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/MemoryBufferRef.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace qcc {

/// A custom operator of the file, as somebody who knows its name sees it.
struct TFLiteCustomOp {
  /// What the file calls it.
  llvm::StringRef name;
  /// Its options as they lie in the file; TensorFlow writes FlexBuffers.
  llvm::ArrayRef<uint8_t> options;
  /// In the file's order; null for optional operands that are left out.
  llvm::ArrayRef<mlir::Value> operands;
  /// Types of the results; free axes of the file are 1.
  llvm::ArrayRef<mlir::RankedTensorType> resultTypes;
  mlir::Location location;
  /// Begins an error that names the operator and its tensors.
  llvm::function_ref<mlir::InFlightDiagnostic()> emitError;
};

/// Makes operations for a custom operator and returns its results, one value
/// for each of `resultTypes`, with the element types given there. Operations of
/// a dialect other than `qnn` must define what they compute by
/// InterpretableOpInterface (see isGraphOp), and need a kernel to be compiled.
/// Failure after an error, from `emitError`.
using TFLiteCustomOpImporter =
    std::function<mlir::FailureOr<llvm::SmallVector<mlir::Value>>(
        mlir::OpBuilder &builder, const TFLiteCustomOp &op)>;

/// What a caller may decide about an import.
struct TFLiteImportOptions {
  /// How accumulators are requantized; set on every operation that has a
  /// `rounding`. TFLite's reference kernels round twice.
  qnn::Rounding rounding = qnn::Rounding::TfliteDouble;

  /// Shapes that fix the free axes (-1 in the file) of graph inputs, by tensor
  /// name. An input with free axes that is not listed keeps the shape that the
  /// file gives beside them, with 1 for what is still free; a remark tells.
  std::vector<std::pair<std::string, std::vector<int64_t>>> inputShapes;

  /// Custom operators that the caller lowers, by name. All others are refused.
  std::map<std::string, TFLiteCustomOpImporter> customOps;

  /// A tensor of more bytes than this is refused.
  uint64_t maxTensorBytes = uint64_t(1) << 31;

  /// A graph of more operators than this is refused. The largest networks in
  /// use have a few thousand; code of 10,000 layers takes minutes to make.
  uint64_t maxOperators = 10000;

  /// More inputs, or more outputs, than this are refused: each is a parameter
  /// of a C function.
  uint64_t maxParameters = 1000;
};

/// Imports the main subgraph of a .tflite file as `func.func @main`.
///
/// - Arguments are the graph's inputs in subgraph order, less those that carry
///   data (they become constants); results are its outputs. Both carry their
///   tensor's name as the attribute `qnn.name`.
/// - An operation's location is NameLoc(name of its result tensor,
///   FileLineColLoc(name of the buffer, operator index, 0)); a constant's holds
///   the index of the first operator that uses it.
/// - Module attributes: `qnn.origin` = "tflite", and where the file has them
///   `qnn.description`, `qnn.metadata` (name and bytes of each entry) and
///   `qnn.signatures` (key, inputs and outputs by name and number).
///
/// Returns null after one error through the context's diagnostic engine when
/// the file is damaged, or holds what qcc does not support; the message names
/// the operator, its index and its tensors. Loads the dialects that it needs.
mlir::OwningOpRef<mlir::ModuleOp>
importTFLite(mlir::MLIRContext *context, llvm::MemoryBufferRef buffer,
             const TFLiteImportOptions &options = {});

/// Names of the operators that `importTFLite` knows, sorted, as TFLite spells
/// them.
std::vector<llvm::StringRef> supportedTFLiteOperators();

} // namespace qcc

#endif // QCC_IMPORT_TFLITE_H
