// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The dialect `own` with one operation, `own.shift`: stored integers, shifted
// right by `by` bits with the sign.

#ifndef OWN_DIALECT_H
#define OWN_DIALECT_H

#include "qcc/Conversion/Kernel.h"
#include "qcc/Import/TFLite.h"
#include "qcc/Reference/InterpretableOpInterface.h"

#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace own {

class OwnDialect : public mlir::Dialect {
public:
  explicit OwnDialect(mlir::MLIRContext *context);
  static llvm::StringRef getDialectNamespace() { return "own"; }
};

class ShiftOp
    : public mlir::Op<ShiftOp, mlir::OpTrait::OneOperand,
                      mlir::OpTrait::OneResult, mlir::OpTrait::ZeroRegions,
                      mlir::OpTrait::ZeroSuccessors,
                      mlir::MemoryEffectOpInterface::Trait,
                      qcc::reference::InterpretableOpInterface::Trait> {
public:
  using Op::Op;
  static llvm::StringRef getOperationName() { return "own.shift"; }
  static llvm::ArrayRef<llvm::StringRef> getAttributeNames() {
    static const llvm::StringRef names[] = {"by"};
    return names;
  }
  static ShiftOp create(mlir::OpBuilder &builder, mlir::Location location,
                        mlir::Value input, int64_t by);

  int64_t getBy() {
    return (*this)->getAttrOfType<mlir::IntegerAttr>("by").getInt();
  }
  mlir::LogicalResult verify();
  void
  getEffects(llvm::SmallVectorImpl<mlir::MemoryEffects::EffectInstance> &) {}
  /// What the operation computes, for the reference interpreter.
  llvm::LogicalResult
  interpret(llvm::ArrayRef<qcc::reference::RefTensor> operands,
            llvm::MutableArrayRef<qcc::reference::RefTensor> results);
};

/// Lowers the custom operator "OwnShift"; its one byte of options is the number
/// of bits.
mlir::FailureOr<llvm::SmallVector<mlir::Value>>
importShift(mlir::OpBuilder &builder, const qcc::TFLiteCustomOp &op);

/// The kernel of `own.shift`.
std::unique_ptr<qcc::Kernel> makeShiftKernel();

} // namespace own

#endif // OWN_DIALECT_H
