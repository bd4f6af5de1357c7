// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `own.shift`: verification, definition, import.

#include "OwnDialect.h"

using namespace own;

OwnDialect::OwnDialect(mlir::MLIRContext *context)
    : Dialect("own", context, mlir::TypeID::get<OwnDialect>()) {
  addOperations<ShiftOp>();
}

ShiftOp ShiftOp::create(mlir::OpBuilder &builder, mlir::Location location,
                        mlir::Value input, int64_t by) {
  mlir::OperationState state(location, getOperationName());
  state.addOperands(input);
  state.addTypes(input.getType());
  state.addAttribute("by", builder.getI64IntegerAttr(by));
  return mlir::cast<ShiftOp>(builder.create(state));
}

mlir::LogicalResult ShiftOp::verify() {
  auto by = (*this)->getAttrOfType<mlir::IntegerAttr>("by");
  if (!by || by.getInt() < 0 || by.getInt() > 7)
    return emitOpError() << "shifts by 0 to 7 bits";
  if (getOperand().getType() != (*this)->getResult(0).getType())
    return emitOpError() << "takes and gives the same type";
  return mlir::success();
}

llvm::LogicalResult
ShiftOp::interpret(llvm::ArrayRef<qcc::reference::RefTensor> operands,
                   llvm::MutableArrayRef<qcc::reference::RefTensor> results) {
  for (auto [from, to] : llvm::zip(operands[0].ints(), results[0].ints()))
    to = from >> getBy();
  return mlir::success();
}

mlir::FailureOr<llvm::SmallVector<mlir::Value>>
own::importShift(mlir::OpBuilder &builder, const qcc::TFLiteCustomOp &op) {
  if (op.operands.size() != 1 || !op.operands[0] || op.options.size() != 1 ||
      op.options[0] > 7)
    return op.emitError()
           << "takes one operand, and a byte of options from 0 to 7";
  auto shift =
      ShiftOp::create(builder, op.location, op.operands[0], op.options[0]);
  return llvm::SmallVector<mlir::Value>{shift->getResult(0)};
}
