// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Verification of variables and of the operations that read and assign them.

#include "OpSupport.h"

using namespace mlir;
using namespace qcc::qnn;

LogicalResult VariableOp::verify() {
  return verifyStoredValue(*this, getValue(), getTensorType(), "the variable");
}

/// The variable that `op` names has the type `type`.
static LogicalResult verifyVariable(Operation *op, FlatSymbolRefAttr symbol,
                                    Type type, SymbolTableCollection &symbols,
                                    StringRef what) {
  auto variable = symbols.lookupNearestSymbolFrom<VariableOp>(op, symbol);
  if (!variable)
    return op->emitOpError() << "names " << symbol << ", which is no variable";
  if (variable.getType() == type)
    return success();
  InFlightDiagnostic diag = op->emitOpError()
                            << what << " " << type << ", but the variable is "
                            << variable.getType();
  diag.attachNote(variable.getLoc()) << "the variable is here";
  return diag;
}

LogicalResult ReadVariableOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyVariable(*this, getVariableAttr(), getType(), symbols,
                        "reads a");
}

LogicalResult
AssignVariableOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyVariable(*this, getVariableAttr(), getValue().getType(), symbols,
                        "assigns a");
}
