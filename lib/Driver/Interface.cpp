// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The description of a model's C interface, read from its function.

#include "qcc/Conversion/Passes.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Driver/Compiler.h"
#include "qcc/Driver/ModelRunner.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace qcc {

NpyType getNpyType(ElementType type) {
  switch (type) {
  case ElementType::Int8:
    return NpyType::Int8;
  case ElementType::UInt8:
    return NpyType::UInt8;
  case ElementType::Int16:
    return NpyType::Int16;
  case ElementType::UInt16:
    return NpyType::UInt16;
  case ElementType::Int32:
    return NpyType::Int32;
  case ElementType::UInt32:
    return NpyType::UInt32;
  case ElementType::Int64:
    return NpyType::Int64;
  case ElementType::Float32:
    return NpyType::Float32;
  case ElementType::Bool:
    return NpyType::Bool;
  }
  llvm_unreachable("covered switch");
}

ElementType getElementType(Type type) {
  Type element = qnn::elementTypeOf(type);
  if (qnn::isFloat(element))
    return ElementType::Float32;
  if (!qnn::isQuantized(element) && element.isInteger(1))
    return ElementType::Bool;
  bool isSigned = qnn::isSignedStorage(element);
  unsigned bits = qnn::storageTypeOf(element).getIntOrFloatBitWidth();
  if (bits <= 8)
    return isSigned ? ElementType::Int8 : ElementType::UInt8;
  if (bits <= 16)
    return isSigned ? ElementType::Int16 : ElementType::UInt16;
  if (bits <= 32)
    return isSigned ? ElementType::Int32 : ElementType::UInt32;
  return ElementType::Int64;
}

TensorABI describeTensor(StringRef name, RankedTensorType type) {
  TensorABI tensor;
  tensor.name = name.str();
  tensor.type = getElementType(type);
  tensor.shape.assign(type.getShape().begin(), type.getShape().end());
  Type element = type.getElementType();
  if (!qnn::isQuantized(element))
    return tensor;
  std::tie(tensor.storageMin, tensor.storageMax) = qnn::storageRange(element);
  tensor.isBipolar = qnn::isBipolar(element);
  std::optional<int64_t> axis = qnn::quantizedAxisOf(element);
  tensor.quantizedDimension = axis ? static_cast<int32_t>(*axis) : -1;
  int64_t channels = axis ? type.getDimSize(*axis) : 1;
  for (int64_t channel = 0; channel < channels; ++channel) {
    tensor.scales.push_back(qnn::scaleOf(element, channel));
    tensor.zeroPoints.push_back(qnn::zeroPointOf(element, channel));
  }
  return tensor;
}

func::FuncOp getModelFunction(ModuleOp module) {
  func::FuncOp found;
  for (auto func : module.getOps<func::FuncOp>()) {
    if (!func.isPublic() || func.isDeclaration())
      continue;
    if (found) {
      InFlightDiagnostic diag = func.emitError("function '")
                                << func.getName()
                                << "' is a second public function; a model has "
                                   "one, make the others private";
      diag.attachNote(found.getLoc())
          << "the first is '" << found.getName() << "'";
      return nullptr;
    }
    found = func;
  }
  if (!found)
    module.emitError("the model has no public function");
  return found;
}

std::string getArgumentName(func::FuncOp func, unsigned index) {
  auto name = func.getArgAttrOfType<StringAttr>(index, attr::name);
  return name ? name.str() : "input" + std::to_string(index);
}

std::string getResultName(func::FuncOp func, unsigned index) {
  auto name = func.getResultAttrOfType<StringAttr>(index, attr::name);
  return name ? name.str() : "output" + std::to_string(index);
}

FailureOr<ModelABI> describeInterface(ModuleOp module,
                                      const CodeOptions &options) {
  func::FuncOp func = getModelFunction(module);
  if (!func)
    return failure();
  ModelABI abi;
  abi.name = options.name;
  abi.origin = options.origin;
  abi.target = describeTarget(options.target);
  abi.ioInArena = options.ioInArena;
  abi.threads = options.threads;
  auto add = [&](Type type, std::string name, qnn::BufferAttr buffer,
                 SmallVectorImpl<TensorABI> &tensors) {
    tensors.push_back(describeTensor(name, cast<RankedTensorType>(type)));
    if (buffer && buffer.getSpace() == qnn::MemorySpace::Arena)
      tensors.back().arenaOffset = buffer.getOffset();
  };
  for (auto [index, type] : llvm::enumerate(func.getArgumentTypes()))
    add(type, getArgumentName(func, index),
        func.getArgAttrOfType<qnn::BufferAttr>(index, attr::buffer),
        abi.inputs);
  for (auto [index, type] : llvm::enumerate(func.getResultTypes()))
    add(type, getResultName(func, index),
        func.getResultAttrOfType<qnn::BufferAttr>(index, attr::buffer),
        abi.outputs);
  if (auto bytes = func->getAttrOfType<IntegerAttr>(attr::arenaBytes))
    abi.arenaBytes = bytes.getInt();
  abi.arenaAlign = arenaAlign(options.target.facts);
  if (auto bytes = func->getAttrOfType<IntegerAttr>(attr::stateBytes)) {
    abi.stateBytes = bytes.getInt();
    abi.stateAlign = abi.arenaAlign;
  }
  return abi;
}

} // namespace qcc
