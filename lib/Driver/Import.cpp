// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads a model of any format that qcc knows, and turns inputs that the user
// gives a value for into constants.

#include "qcc/Conversion/Passes.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Driver/Compiler.h"
#include "qcc/Driver/ModelRunner.h"
#include "qcc/Driver/TensorFiles.h"
#include "qcc/Import/ONNX.h"
#include "qcc/Import/TFLite.h"
#include "qcc/Support/Error.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;

namespace qcc {
namespace {

/// Is this a text that could be MLIR: no control characters where it begins?
bool looksLikeText(StringRef bytes) {
  return llvm::all_of(bytes.take_front(512), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\r' ||
           c == '\t';
  });
}

OwningOpRef<ModuleOp> parseMLIR(MLIRContext *context,
                                llvm::MemoryBufferRef buffer) {
  llvm::SourceMgr sources;
  // The parser wants a terminating NUL, which a reference does not promise.
  sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBufferCopy(buffer.getBuffer(),
                                           buffer.getBufferIdentifier()),
      SMLoc());
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, context);
  if (module && failed(verifyStage(*module, Stage::Import)))
    return nullptr;
  return module;
}

/// Replaces argument `index` by a constant.
LogicalResult bindArgument(func::FuncOp func, unsigned index,
                           const std::string &name, const NpyArray &array) {
  auto type = cast<RankedTensorType>(func.getArgumentTypes()[index]);
  TensorABI tensor = describeTensor(name, type);
  if (array.type != getNpyType(tensor.type))
    return func.emitError("the constant for input '")
           << name << "' is " << getNpyTypeName(array.type) << ", expected "
           << getNpyTypeName(getNpyType(tensor.type));
  if (array.getNumElements() != type.getNumElements())
    return func.emitError("the constant for input '")
           << name << "' has shape " << formatShape(array.shape)
           << ", expected " << formatShape(type.getShape());
  Type storage = qnn::storageTypeOf(type.getElementType());
  auto attrType = RankedTensorType::get(type.getShape(), storage);
  DenseElementsAttr value;
  if (isFloatNpyType(array.type)) {
    value = DenseElementsAttr::get(attrType, array.as<float>());
  } else {
    SmallVector<llvm::APInt> elements;
    unsigned bits = storage.getIntOrFloatBitWidth();
    for (int64_t i = 0, e = array.getNumElements(); i < e; ++i) {
      int64_t element = array.getInteger(i);
      if (!tensor.scales.empty() &&
          (element < tensor.storageMin || element > tensor.storageMax))
        return func.emitError("the constant for input '")
               << name << "' holds " << element << ", outside "
               << tensor.storageMin << " to " << tensor.storageMax;
      elements.emplace_back(bits, element, /*isSigned=*/true,
                            /*implicitTrunc=*/true);
    }
    value = DenseElementsAttr::get(attrType, elements);
  }
  Block &body = func.getBody().front();
  OpBuilder builder(&body, body.begin());
  auto constant = qnn::ConstantOp::create(
      builder, body.getArgument(index).getLoc(), type, value);
  body.getArgument(index).replaceAllUsesWith(constant);
  return func.eraseArgument(index);
}

LogicalResult bindInputs(ModuleOp module, const ImportOptions &options) {
  if (options.bindings.empty())
    return success();
  func::FuncOp func = getModelFunction(module);
  if (!func)
    return failure();
  for (const auto &[name, array] : options.bindings) {
    unsigned index = 0, count = func.getNumArguments();
    while (index < count && getArgumentName(func, index) != name)
      ++index;
    if (index == count) {
      InFlightDiagnostic diag = func.emitError("the model has no input '")
                                << name << "' to bind; it has ";
      for (unsigned i = 0; i < count; ++i)
        diag << (i ? ", '" : "'") << getArgumentName(func, i) << "'";
      return diag;
    }
    if (failed(bindArgument(func, index, name, array)))
      return failure();
  }
  return success();
}

} // namespace

llvm::Expected<std::pair<std::string, std::vector<int64_t>>>
parseInputShape(StringRef text) {
  auto [name, dims] = text.rsplit('=');
  std::vector<int64_t> shape;
  SmallVector<StringRef> parts;
  dims.split(parts, ',');
  bool good = !name.empty() && name.size() != text.size();
  for (StringRef part : parts) {
    int64_t extent = 0;
    good &= !part.trim().getAsInteger(10, extent) && extent > 0;
    shape.push_back(extent);
  }
  if (!good)
    return makeError("expected NAME=N,N,… with positive numbers");
  return std::make_pair(name.str(), shape);
}

OwningOpRef<ModuleOp> importModel(MLIRContext *context,
                                  llvm::MemoryBufferRef buffer,
                                  const ImportOptions &options) {
  StringRef bytes = buffer.getBuffer();
  OwningOpRef<ModuleOp> module;
  bool isTFLite = bytes.size() >= 8 && bytes.substr(4, 4) == "TFL3";
  StringRef fileName = buffer.getBufferIdentifier();
  bool isONNX =
      !isTFLite && (fileName.ends_with(".onnx") ||
                    (!fileName.ends_with(".tflite") && looksLikeONNX(bytes)));
  if (isONNX) {
    ONNXImportOptions onnx;
    onnx.inputShapes = options.inputShapes;
    onnx.roundActivations = options.roundActivations;
    onnx.strict = options.strict;
    onnx.hasNHWCInterface = options.hasNHWCInterface;
    // Shapes may follow from them: they are bound while the graph is read.
    onnx.bindings = options.bindings;
    return importONNX(context, buffer, onnx);
  }
  if (!isTFLite && !fileName.ends_with(".tflite") &&
      (bytes.starts_with("ML\xEFR") || looksLikeText(bytes))) {
    module = parseMLIR(context, buffer);
  } else if (isTFLite || fileName.ends_with(".tflite")) {
    TFLiteImportOptions tflite;
    tflite.rounding = options.rounding;
    tflite.inputShapes = options.inputShapes;
    tflite.customOps = options.customOps;
    module = importTFLite(context, buffer, tflite);
  } else {
    emitError(FileLineColLoc::get(context, fileName, 0, 0))
        << "is neither a .tflite model (identifier 'TFL3' at byte 4), nor an "
           ".onnx model, nor MLIR in text or bytecode";
  }
  if (!module || failed(bindInputs(*module, options)))
    return nullptr;
  return module;
}

} // namespace qcc
