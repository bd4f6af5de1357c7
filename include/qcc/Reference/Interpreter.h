// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reference interpreter: runs a function of `qnn` operations on literal
// tensors. It is the definition of what compiled code must compute, so it takes
// the IR after any stage with value semantics and shares nothing with the
// lowering but the integer helpers of qcc/Arithmetic.
#ifndef QCC_REFERENCE_INTERPRETER_H
#define QCC_REFERENCE_INTERPRETER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "qcc/Reference/RefTensor.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace qcc::reference {

/// Attaches InterpretableOpInterface to every operation of `qnn` that has a
/// definition, when the dialect is loaded.
void registerReferenceInterfaces(mlir::DialectRegistry &registry);

/// Whether `op` computes something in a model's graph: an operation of `qnn`,
/// or one of another dialect that says what by InterpretableOpInterface.
bool isGraphOp(mlir::Operation *op);

/// Elements of the largest tensor that is interpreted. Each takes 8 bytes, so a
/// model that asks for more is refused rather than left to exhaust the memory.
constexpr int64_t maxInterpretedElements = int64_t(1) << 28;

/// Runs one function, any number of times. The function must not change while
/// the interpreter lives: constants are read once. Variables keep their values
/// from run to run.
class Interpreter {
public:
  /// Called after each operation but constants and terminators, inside
  /// `qnn.layer` too, with its results.
  using Observer = llvm::function_ref<void(mlir::Operation *op,
                                           llvm::ArrayRef<RefTensor> results)>;

  explicit Interpreter(mlir::func::FuncOp func) : function(func) {}

  /// The function's results on `inputs`, whose types must be the function's.
  /// Failure after a diagnostic on the operation that cannot be interpreted.
  mlir::FailureOr<llvm::SmallVector<RefTensor>>
  run(llvm::ArrayRef<RefTensor> inputs, Observer observer = nullptr);

  /// Gives all variables their initial values back.
  void reset() { variables.clear(); }

private:
  using Values = llvm::DenseMap<mlir::Value, RefTensor>;

  mlir::FailureOr<llvm::SmallVector<RefTensor>>
  runBlock(mlir::Block &block, llvm::ArrayRef<RefTensor> arguments,
           Observer observer);
  llvm::LogicalResult runOp(mlir::Operation &op, Values &values,
                            Observer observer);
  mlir::FailureOr<RefTensor> readVariable(mlir::Operation &op,
                                          mlir::StringAttr name);

  mlir::func::FuncOp function;
  Values constants;
  /// What was assigned since the last reset.
  llvm::DenseMap<mlir::StringAttr, RefTensor> variables;
};

} // namespace qcc::reference

#endif // QCC_REFERENCE_INTERPRETER_H
