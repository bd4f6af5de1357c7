// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Constants of an .onnx file as attributes: element types, the ways a file
// stores elements, external files, and what all of them may take in memory.

#ifndef QCC_LIB_IMPORT_ONNX_TENSORREADER_H
#define QCC_LIB_IMPORT_ONNX_TENSORREADER_H

#include "qcc/Import/ONNX.h"

#include "onnx/onnx.pb.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"

namespace qcc::onnximport {

using EmitError = llvm::function_ref<mlir::InFlightDiagnostic()>;

/// A name in quotes for messages, cut where it is very long, without control
/// characters.
std::string quoted(llvm::StringRef name);
/// "[1, 2]".
std::string shapeText(llvm::ArrayRef<int64_t> shape);
/// "FLOAT", "INT4", …, or "the element type 99".
std::string elementText(int32_t type);

/// The element type that stands for an ONNX type, or null for those that have
/// none. FLOAT16, BFLOAT16 and DOUBLE are read as f32.
mlir::Type elementTypeFor(mlir::MLIRContext *context, int32_t type);

class TensorReader {
public:
  TensorReader(mlir::MLIRContext *context, const ONNXImportOptions &options,
               llvm::StringRef directory, uint64_t budget)
      : context(context), options(options), directory(directory.str()),
        budget(budget) {}

  /// What all constants together may take; reports when it is used up.
  mlir::LogicalResult charge(uint64_t bytes, EmitError emitError);

  struct Constant {
    mlir::RankedTensorType type;
    mlir::DenseElementsAttr value;
  };
  /// A constant with the type that holds it: 4-bit integers are quantized ones
  /// of scale 1.
  mlir::FailureOr<Constant> read(const onnx::TensorProto &tensor,
                                 EmitError emitError);

private:
  mlir::FailureOr<llvm::ArrayRef<char>>
  externalData(const onnx::TensorProto &tensor, EmitError emitError);

  mlir::MLIRContext *context;
  const ONNXImportOptions &options;
  std::string directory;
  uint64_t budget;
  llvm::StringMap<std::unique_ptr<llvm::MemoryBuffer>> files;
};

} // namespace qcc::onnximport

#endif // QCC_LIB_IMPORT_ONNX_TENSORREADER_H
