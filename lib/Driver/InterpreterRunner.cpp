// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A model in the reference interpreter, behind the interface of all runners.

#include "qcc/Driver/Diagnostics.h"
#include "qcc/Driver/ModelRunner.h"
#include "qcc/Reference/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace qcc {
namespace {

class InterpreterRunner : public ModelRunner {
public:
  InterpreterRunner(OwningOpRef<ModuleOp> ownedModule, func::FuncOp func,
                    ModelABI interface)
      : module(std::move(ownedModule)), function(func), interpreter(func) {
    abi = std::move(interface);
  }

  FailureOr<std::vector<NpyArray>> run(ArrayRef<NpyArray> inputs,
                                       Sink sink) override {
    SmallVector<reference::RefTensor> arguments;
    for (auto [input, type] : llvm::zip(inputs, function.getArgumentTypes())) {
      llvm::Expected<reference::RefTensor> tensor =
          reference::RefTensor::fromNpy(input, cast<RankedTensorType>(type));
      if (!tensor)
        return function.emitError(llvm::toString(tensor.takeError()));
      arguments.push_back(std::move(*tensor));
    }
    auto observe = [&](Operation *op, ArrayRef<reference::RefTensor> results) {
      OpOrigin origin = getOpOrigin(op->getLoc());
      for (auto [result, tensor] : llvm::zip(op->getResults(), results)) {
        // What the importer put in makes no tensor that the model has.
        std::string name = getTensorName(result);
        if (name.empty())
          continue;
        if (std::optional<NpyArray> value =
                inModelLayout(tensor.toNpy(), origin.layout))
          sink({origin.op, std::move(name), "", std::move(*value)});
      }
    };
    FailureOr<SmallVector<reference::RefTensor>> results =
        sink ? interpreter.run(arguments, observe) : interpreter.run(arguments);
    if (failed(results))
      return failure();
    std::vector<NpyArray> outputs;
    for (const reference::RefTensor &result : *results)
      outputs.push_back(result.toNpy());
    return outputs;
  }

  void reset() override { interpreter.reset(); }

private:
  OwningOpRef<ModuleOp> module;
  func::FuncOp function;
  reference::Interpreter interpreter;
};

} // namespace

FailureOr<std::unique_ptr<ModelRunner>>
createInterpreterRunner(OwningOpRef<ModuleOp> module) {
  if (failed(fuseQuantizers(*module)))
    return failure();
  func::FuncOp func = getModelFunction(*module);
  if (!func)
    return failure();
  ModelABI abi;
  for (auto [index, type] : llvm::enumerate(func.getArgumentTypes()))
    abi.inputs.push_back(describeTensor(getArgumentName(func, index),
                                        cast<RankedTensorType>(type)));
  for (auto [index, type] : llvm::enumerate(func.getResultTypes()))
    abi.outputs.push_back(describeTensor(getResultName(func, index),
                                         cast<RankedTensorType>(type)));
  return std::unique_ptr<ModelRunner>(std::make_unique<InterpreterRunner>(
      std::move(module), func, std::move(abi)));
}

} // namespace qcc
