// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The operators that are known, and the functions that import them.

#ifndef QCC_LIB_IMPORT_ONNX_OPTABLE_H
#define QCC_LIB_IMPORT_ONNX_OPTABLE_H

#include "NodeImport.h"

namespace qcc::onnximport {

struct OpEntry {
  const char *name;
  unsigned minInputs, maxInputs;
  ImportFunction import;
  /// "" is ONNX's own domain; "qonnx" all those that QONNX's operators have
  /// been written in.
  const char *domain = "";
  /// A required input may be a list without numbers.
  bool takesEmpty = false;
};

/// The entry of operator `name` of a domain, or null.
const OpEntry *findOp(llvm::StringRef domain, llvm::StringRef name);

#define ONNX_OP(name, fewest, most, function)                                  \
  mlir::LogicalResult import##function(NodeImport &op);
#include "OpTable.def"

/// The product of two tensors under MatMul's rules; null after an error.
Value multiply(NodeImport &op, Value a, Value b);

/// The node's LeakyRelu of floats; null after an error.
Value leakyRelu(NodeImport &op, Value x);

} // namespace qcc::onnximport

#endif // QCC_LIB_IMPORT_ONNX_OPTABLE_H
