// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Checks that the verifiers of several operation families share.

#ifndef QCC_LIB_DIALECT_QNN_IR_OPSUPPORT_H
#define QCC_LIB_DIALECT_QNN_IR_OPSUPPORT_H

#include "qcc/Dialect/QNN/IR/Quantization.h"

namespace qcc::qnn {

inline llvm::ArrayRef<int64_t> shapeOf(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType()).getShape();
}

/// The result has the shape that the op infers.
mlir::LogicalResult verifyInferredShape(mlir::Operation *op);

/// Operands and results are all quantized or all float (or, if allowed, all
/// plain integers).
mlir::LogicalResult verifySameKind(mlir::Operation *op,
                                   llvm::ArrayRef<mlir::Value> values,
                                   bool allowInteger);

/// `axis` lies in [0, rank).
mlir::LogicalResult verifyAxis(mlir::Operation *op, int64_t axis, int64_t rank);

/// `operands` have the result's element type.
mlir::LogicalResult verifySameElementType(mlir::Operation *op,
                                          llvm::ArrayRef<mlir::Value> operands);

/// No operand is quantized per axis.
mlir::LogicalResult verifyNoAxis(mlir::Operation *op);

/// `values` has `count` numbers, each at least `least`; `name` is the
/// attribute's.
mlir::LogicalResult verifyNumbers(mlir::Operation *op, llvm::StringRef name,
                                  llvm::ArrayRef<int64_t> values, size_t count,
                                  int64_t least);

/// Output extent of a window: (in + padding − effective kernel)/stride + 1, or
/// a diagnostic when the window does not fit.
mlir::FailureOr<int64_t> windowExtent(mlir::Operation *op, llvm::StringRef axis,
                                      int64_t in, int64_t padLow,
                                      int64_t padHigh, int64_t kernel,
                                      int64_t stride, int64_t dilation);

/// The shape of `result`, whose rows are the products of `input`'s with the
/// matrix `filter` ([outputs][depth]), or a diagnostic when they do not fit.
mlir::FailureOr<llvm::SmallVector<int64_t>>
matrixProductShape(mlir::Operation *op, mlir::Value input, mlir::Value filter,
                   mlir::Value result);

/// `value` holds stored elements of `type`: same shape, the storage type, and
/// no integer outside the storage range. `what` names the tensor of `type`.
mlir::LogicalResult verifyStoredValue(mlir::Operation *op,
                                      mlir::ElementsAttr value,
                                      mlir::RankedTensorType type,
                                      llvm::StringRef what);

/// Clamp bounds lie where the element type can go.
mlir::LogicalResult verifyClamp(mlir::Operation *op, ClampAttr clamp,
                                mlir::Type type);

/// Operands and result are not quantized per axis.
mlir::LogicalResult verifyPerTensor(mlir::Operation *op);

/// Operands and result are stored in at most `bits` bits.
mlir::LogicalResult verifyStorageBits(mlir::Operation *op, unsigned bits);

/// Operands and result have the same element type.
mlir::LogicalResult verifySameElementType(mlir::Operation *op);

/// An element-wise op may overwrite an operand with as many elements of the
/// same size.
bool sameExtentAndSize(mlir::Value operand, mlir::Value result);

/// A multiplier that scales give is less than 2^31, where the origins'
/// fixed-point arithmetic (a shift of 32 bits) ends.
mlir::LogicalResult verifyMultiplier(mlir::Operation *op, double multiplier);

} // namespace qcc::qnn

#endif // QCC_LIB_DIALECT_QNN_IR_OPSUPPORT_H
