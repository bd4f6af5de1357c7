// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The `qnn` dialect: dialect class, attributes, interfaces and operations. See
// QNN*Ops.td for what each means.

#ifndef QCC_DIALECT_QNN_IR_QNN_H
#define QCC_DIALECT_QNN_IR_QNN_H

#include "qcc/Dialect/QNN/IR/Move.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "qcc/Dialect/QNN/IR/QNNDialect.h.inc"
#include "qcc/Dialect/QNN/IR/QNNEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "qcc/Dialect/QNN/IR/QNNAttributes.h.inc"
#define GET_TYPEDEF_CLASSES
#include "qcc/Dialect/QNN/IR/QNNInterfaces.h.inc"
#include "qcc/Dialect/QNN/IR/QNNTypes.h.inc"

namespace qcc::qnn {
/// The memory that variables live in.
struct StateResource : mlir::SideEffects::Resource::Base<StateResource> {
  llvm::StringRef getName() final { return "State"; }
};
} // namespace qcc::qnn

#define GET_OP_CLASSES
#include "qcc/Dialect/QNN/IR/QNNOps.h.inc"

#endif // QCC_DIALECT_QNN_IR_QNN_H
