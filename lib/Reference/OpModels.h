// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How the files of this directory, one per family of operations, attach their
// definitions. An operation's definition is a function
//
//   LogicalResult f(OpTy op, ArrayRef<RefTensor> operands,
//                   MutableArrayRef<RefTensor> results);
//
// and one line attach<OpTy, f>(context) in its family's function below.
#ifndef QCC_LIB_REFERENCE_OPMODELS_H
#define QCC_LIB_REFERENCE_OPMODELS_H

#include "qcc/Arithmetic/FixedPoint.h"
#include "qcc/Dialect/QNN/IR/QNN.h"
#include "qcc/Reference/InterpretableOpInterface.h"

namespace qcc::reference {

template <typename OpTy>
using Definition = llvm::LogicalResult (*)(OpTy, llvm::ArrayRef<RefTensor>,
                                           llvm::MutableArrayRef<RefTensor>);

template <typename OpTy, Definition<OpTy> definition>
struct OpModel
    : InterpretableOpInterface::ExternalModel<OpModel<OpTy, definition>, OpTy> {
  llvm::LogicalResult
  interpret(mlir::Operation *op, llvm::ArrayRef<RefTensor> operands,
            llvm::MutableArrayRef<RefTensor> results) const {
    return definition(llvm::cast<OpTy>(op), operands, results);
  }
};

template <typename OpTy, Definition<OpTy> definition>
void attach(mlir::MLIRContext *context) {
  OpTy::template attachInterface<OpModel<OpTy, definition>>(*context);
}

void attachBinaryModels(mlir::MLIRContext *context);
void attachBlockMatrixModels(mlir::MLIRContext *context);
void attachCompareModels(mlir::MLIRContext *context);
void attachConvModels(mlir::MLIRContext *context);
void attachElementwiseModels(mlir::MLIRContext *context);
void attachIndexModels(mlir::MLIRContext *context);
void attachPoolModels(mlir::MLIRContext *context);
void attachQuantizeModels(mlir::MLIRContext *context);
void attachReduceModels(mlir::MLIRContext *context);
void attachRecurrentModels(mlir::MLIRContext *context);
void attachShapeModels(mlir::MLIRContext *context);
void attachSoftmaxModels(mlir::MLIRContext *context);
void attachUnaryModels(mlir::MLIRContext *context);

/// The dialect's rounding attribute as the arithmetic library's.
arith::Rounding toArithmetic(qnn::Rounding rounding);

/// x * scale under `rounding`, before any zero point is added, not clamped.
/// Not for half_even_float, which has no integer multiplier.
int32_t scaleInteger(int32_t x, arith::QuantizedMultiplier multiplier,
                     arith::Rounding rounding);

/// A value of at most 64 bits reduced to the 32 that the origin computes with.
inline int32_t wrapToInt32(int64_t x) {
  return static_cast<int32_t>(static_cast<uint32_t>(x));
}

} // namespace qcc::reference

#endif // QCC_LIB_REFERENCE_OPMODELS_H
