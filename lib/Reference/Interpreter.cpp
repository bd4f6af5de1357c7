// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Walks a function in order and evaluates each operation through its
// InterpretableOpInterface. The structure (blocks, constants, `qnn.layer`,
// variables) is handled here; arithmetic lives with the operations' models.

#include "qcc/Reference/Interpreter.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Reference/InterpretableOpInterface.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::reference;

#include "qcc/Reference/InterpretableOpInterface.cpp.inc"

/// Whether the elements are at most maxInterpretedElements; the product of a
/// hostile shape may not fit into 64 bits.
static bool hasBoundedSize(RankedTensorType type) {
  int64_t elements = 1;
  for (int64_t dim : type.getShape())
    if (dim == 0)
      return true;
  for (int64_t dim : type.getShape())
    if (llvm::MulOverflow(elements, dim, elements) ||
        elements > maxInterpretedElements)
      return false;
  return true;
}

bool qcc::reference::isGraphOp(Operation *op) {
  return isa_and_nonnull<qnn::QNNDialect>(op->getDialect()) ||
         isa<InterpretableOpInterface>(op);
}

FailureOr<SmallVector<RefTensor>> Interpreter::run(ArrayRef<RefTensor> inputs,
                                                   Observer observer) {
  FunctionType type = function.getFunctionType();
  if (function.isExternal() || !function.getBody().hasOneBlock())
    return function.emitError(
        "cannot be interpreted: expected a body of one block");
  if (type.getNumInputs() != inputs.size())
    return function.emitError("is called with ")
           << inputs.size() << " inputs, expected " << type.getNumInputs();
  for (auto [index, input] : llvm::enumerate(inputs))
    if (input.getType() != type.getInput(index))
      return function.emitError("input ")
             << index << " has type " << input.getType() << ", expected "
             << type.getInput(index);
  return runBlock(function.getBody().front(), inputs, observer);
}

FailureOr<SmallVector<RefTensor>>
Interpreter::runBlock(Block &block, ArrayRef<RefTensor> arguments,
                      Observer observer) {
  Values values;
  for (auto [argument, tensor] :
       llvm::zip_equal(block.getArguments(), arguments))
    values[argument] = tensor;
  for (Operation &op : block.without_terminator())
    if (failed(runOp(op, values, observer)))
      return failure();
  SmallVector<RefTensor> results;
  for (Value value : block.getTerminator()->getOperands()) {
    auto constant = constants.find(value);
    results.push_back(constant != constants.end() ? constant->second
                                                  : values.lookup(value));
  }
  return results;
}

FailureOr<RefTensor> Interpreter::readVariable(Operation &op, StringAttr name) {
  auto assigned = variables.find(name);
  if (assigned != variables.end())
    return assigned->second;
  auto variable =
      SymbolTable::lookupNearestSymbolFrom<qnn::VariableOp>(&op, name);
  if (!variable)
    return op.emitOpError("names @") << name.getValue() << ", no variable";
  if (!hasBoundedSize(variable.getTensorType()))
    return op.emitOpError("cannot be interpreted: the variable has more than ")
           << maxInterpretedElements << " elements";
  std::optional<RefTensor> value =
      RefTensor::fromAttr(variable.getValue(), variable.getTensorType());
  if (!value)
    return variable.emitOpError(
        "cannot be interpreted: its value is in a form that cannot be read");
  return *value;
}

LogicalResult Interpreter::runOp(Operation &op, Values &values,
                                 Observer observer) {
  bool isConstant = op.hasTrait<OpTrait::ConstantLike>();
  if (isConstant && constants.contains(op.getResult(0)))
    return success();

  SmallVector<RefTensor> operands;
  for (Value operand : op.getOperands()) {
    auto constant = constants.find(operand);
    auto value = values.find(operand);
    if (constant == constants.end() && value == values.end())
      return op.emitOpError("uses a value that is defined outside its region");
    operands.push_back(constant != constants.end() ? constant->second
                                                   : value->second);
  }

  SmallVector<RefTensor> results;
  if (auto layer = dyn_cast<qnn::LayerOp>(op)) {
    FailureOr<SmallVector<RefTensor>> yielded =
        runBlock(layer.getBody().front(), operands, observer);
    if (failed(yielded))
      return failure();
    results = std::move(*yielded);
  } else if (auto read = dyn_cast<qnn::ReadVariableOp>(op)) {
    FailureOr<RefTensor> value =
        readVariable(op, read.getVariableAttr().getAttr());
    if (failed(value))
      return failure();
    results.push_back(std::move(*value));
  } else if (auto assign = dyn_cast<qnn::AssignVariableOp>(op)) {
    variables[assign.getVariableAttr().getAttr()] = operands.front();
  } else {
    auto interpretable = dyn_cast<InterpretableOpInterface>(op);
    if (!interpretable)
      return op.emitOpError("cannot be interpreted: it has no definition in "
                            "the reference interpreter");
    for (Type type : op.getResultTypes()) {
      auto tensorType = dyn_cast<RankedTensorType>(type);
      if (!tensorType || !tensorType.hasStaticShape())
        return op.emitOpError("cannot be interpreted: result type ")
               << type << " is not a static tensor";
      if (!hasBoundedSize(tensorType))
        return op.emitOpError("cannot be interpreted: result type ")
               << type << " has more than " << maxInterpretedElements
               << " elements";
      results.emplace_back(tensorType);
    }
    if (failed(interpretable.interpret(operands, results)))
      return failure();
  }

  for (const RefTensor &tensor : results)
    if (qnn::isBipolar(tensor.getType()) &&
        llvm::is_contained(tensor.ints(), qnn::zeroPointOf(tensor.getType())))
      return op.emitOpError("cannot be interpreted: it makes the zero point, "
                            "which is no value of ")
             << tensor.getElementType();
  for (auto [value, tensor] : llvm::zip_equal(op.getResults(), results)) {
    assert(tensor.getType() == value.getType());
    (isConstant ? constants : values)[value] = tensor;
  }
  if (observer && !isConstant)
    observer(&op, results);
  return success();
}
