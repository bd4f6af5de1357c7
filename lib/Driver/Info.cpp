// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qcc info: what is in a model and what its code needs, as a table or JSON.

#include "Session.h"
#include "Table.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Driver/Layers.h"
#include "qcc/Driver/TensorFiles.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/JSON.h"

using namespace mlir;

namespace qcc {
namespace {

struct Totals {
  int64_t macs = 0, constantBytes = 0;
};

Totals addUp(ModuleOp module, ArrayRef<LayerInfo> layers) {
  Totals totals;
  for (const LayerInfo &layer : layers)
    totals.macs += layer.macs;
  // A constant that two operations read lies in the object once.
  module.walk([&](qnn::ConstantOp constant) {
    totals.constantBytes += qnn::bytesOf(constant.getType());
  });
  return totals;
}

/// An input or output in one line.
std::string describeEnd(const std::string &name, Type type) {
  std::string text = "'" + name + "' " + describeType(type);
  std::string quantization = describeQuantization(type);
  return quantization.empty() ? text : text + " = " + quantization;
}

void printModel(ModuleOp module, ArrayRef<LayerInfo> layers, Totals totals) {
  raw_ostream &os = llvm::outs();
  func::FuncOp func = getModelFunction(module);
  for (auto [index, type] : llvm::enumerate(func.getArgumentTypes()))
    os << "input   " << describeEnd(getArgumentName(func, index), type) << "\n";
  for (auto [index, type] : llvm::enumerate(func.getResultTypes()))
    os << "output  " << describeEnd(getResultName(func, index), type) << "\n";
  os << "\n";
  Table table("rlllrrl", {"op", "operation", "result", "quantization", "MACs",
                          "constants", "tensor"});
  for (const LayerInfo &layer : layers) {
    for (auto [index, result] : llvm::enumerate(layer.results)) {
      bool first = index == 0;
      table.add(
          {first && layer.op >= 0 ? std::to_string(layer.op) : "",
           first ? layer.operation : "", describeType(result.type),
           describeQuantization(result.type),
           first && layer.macs ? formatCount(layer.macs) : "",
           first && layer.constantBytes ? formatCount(layer.constantBytes) : "",
           shorten(result.name, 48)});
    }
  }
  table.print(os);
  os << "\n"
     << layers.size() << " operations, " << formatCount(totals.macs)
     << " MACs, " << formatCount(totals.constantBytes)
     << " bytes of constants\n";
}

/// Bytes of the constants in compiled code: weights as they are packed, and
/// every other table.
int64_t tableBytesOf(ModuleOp module) {
  int64_t bytes = 0;
  module.walk([&](Operation *op) {
    if (auto global = dyn_cast<LLVM::GlobalOp>(op)) {
      if (!global.getConstant())
        return;
      int64_t count = 1;
      Type type = global.getGlobalType();
      while (auto array = dyn_cast<LLVM::LLVMArrayType>(type)) {
        count *= static_cast<int64_t>(array.getNumElements());
        type = array.getElementType();
      }
      if (type.isIntOrFloat())
        bytes += count * ((type.getIntOrFloatBitWidth() + 7) / 8);
    } else if (auto global = dyn_cast<memref::GlobalOp>(op)) {
      MemRefType type = global.getType();
      if (global.getConstant() && type.getElementType().isIntOrFloat())
        bytes +=
            type.getNumElements() * ((type.getElementTypeBitWidth() + 7) / 8);
    }
  });
  return bytes;
}

void printCode(const ModelABI &abi, int64_t tableBytes) {
  raw_ostream &os = llvm::outs();
  os << "compiled for " << abi.target << ":\n"
     << "  arena " << formatCount(abi.arenaBytes) << " bytes";
  if (abi.ioInArena) {
    os << ", inputs and outputs in it";
  } else {
    uint64_t io = 0;
    for (ArrayRef<TensorABI> tensors :
         {ArrayRef<TensorABI>(abi.inputs), ArrayRef<TensorABI>(abi.outputs)})
      for (const TensorABI &tensor : tensors)
        io += tensor.bytes();
    os << ", besides " << formatCount(io) << " of inputs and outputs";
  }
  if (abi.stateBytes)
    os << "; state " << formatCount(abi.stateBytes) << " bytes";
  if (abi.stackBytes)
    os << "; stack at most " << formatCount(abi.stackBytes) << " bytes";
  os << "; constants of " << formatCount(tableBytes) << " bytes";
  os << "\n";
}

llvm::json::Array shapeOf(RankedTensorType type) {
  llvm::json::Array shape;
  for (int64_t extent : type.getShape())
    shape.push_back(extent);
  return shape;
}

llvm::json::Object describeTensorJson(const std::string &name, Type type) {
  auto tensor = cast<RankedTensorType>(type);
  llvm::json::Object object{
      {"name", llvm::json::fixUTF8(name)},
      {"type", getNpyTypeName(getNpyType(getElementType(type)))},
      {"shape", shapeOf(tensor)},
      {"bytes", qnn::bytesOf(tensor)}};
  TensorABI description = describeTensor(name, tensor);
  if (description.scales.size() == 1) {
    object["scale"] = description.scales[0];
    object["zero_point"] = description.zeroPoints[0];
  }
  return object;
}

void printJson(const std::string &model, ModuleOp module,
               ArrayRef<LayerInfo> layers, Totals totals, const ModelABI &abi,
               int64_t tableBytes) {
  func::FuncOp func = getModelFunction(module);
  llvm::json::Array inputs, outputs, operations;
  for (auto [index, type] : llvm::enumerate(func.getArgumentTypes()))
    inputs.push_back(describeTensorJson(getArgumentName(func, index), type));
  for (auto [index, type] : llvm::enumerate(func.getResultTypes()))
    outputs.push_back(describeTensorJson(getResultName(func, index), type));
  for (const LayerInfo &layer : layers) {
    llvm::json::Array results;
    for (const LayerTensor &result : layer.results)
      results.push_back(describeTensorJson(result.name, result.type));
    operations.push_back(
        llvm::json::Object{{"op", layer.op},
                           {"operation", layer.operation},
                           {"macs", layer.macs},
                           {"constant_bytes", layer.constantBytes},
                           {"results", std::move(results)}});
  }
  llvm::json::Object root{{"model", llvm::json::fixUTF8(model)},
                          {"inputs", std::move(inputs)},
                          {"outputs", std::move(outputs)},
                          {"operations", std::move(operations)},
                          {"macs", totals.macs},
                          {"constant_bytes", totals.constantBytes}};
  root["target"] = llvm::json::fixUTF8(abi.target);
  root["arena_bytes"] = static_cast<int64_t>(abi.arenaBytes);
  root["state_bytes"] = static_cast<int64_t>(abi.stateBytes);
  root["table_bytes"] = tableBytes;
  root["stack_bytes"] = static_cast<int64_t>(abi.stackBytes);
  llvm::outs() << llvm::formatv("{0:2}", llvm::json::Value(std::move(root)))
               << "\n";
}

} // namespace

int runInfo(const InfoCommand &command) {
  Session session(command);
  OwningOpRef<ModuleOp> module = session.load();
  if (!module || !getModelFunction(*module))
    return 1;
  std::vector<LayerInfo> layers = collectLayers(*module);
  Totals totals = addUp(*module, layers);

  FailureOr<CodeOptions> code = session.resolve();
  if (failed(code))
    return 1;

  // What the code needs is known once it is there; what the model is, even when
  // no code can be made.
  if (!command.json) {
    printModel(*module, layers, totals);
    llvm::outs().flush();
  }
  ModelABI abi;
  OwningOpRef<ModuleOp> compiled(module->clone());
  OutputKind kind = code->target.facts.isa == IsaFamily::Generic
                        ? OutputKind::C
                        : OutputKind::Object;
  if (failed(generateOutput(*compiled, kind, Stage::LLVM, *code,
                            session.observe(), abi)))
    return 1;
  if (command.json)
    printJson(session.getModelName(), *module, layers, totals, abi,
              tableBytesOf(*compiled));
  else
    printCode(abi, tableBytesOf(*compiled));
  return 0;
}

} // namespace qcc
