// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The entry point: parses the bytes as a protobuf message, within limits, then
// imports the graph and verifies the module.

#include "GraphImporter.h"

#include "qcc/Import/ONNX.h"
#include "qcc/Reference/Interpreter.h"

#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/IR/Verifier.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/logging.h>

using namespace mlir;
using namespace qcc;
using namespace qcc::onnximport;

/// Messages nest six deep where no graph is within a node.
static constexpr int maxDepth = 16;

bool qcc::looksLikeONNX(llvm::StringRef bytes) {
  // Field 1, a varint: the IR version, which writers put first; then another
  // field of a model.
  return bytes.size() > 4 && bytes[0] == 0x08 && bytes[1] > 0 &&
         bytes[1] < 0x40;
}

/// Reads `bytes`; false where they are no such message.
static bool parse(llvm::StringRef bytes, onnx::ModelProto &model) {
  google::protobuf::io::CodedInputStream stream(
      reinterpret_cast<const uint8_t *>(bytes.data()),
      static_cast<int>(bytes.size()));
  stream.SetRecursionLimit(maxDepth);
  return model.ParseFromCodedStream(&stream) && stream.ConsumedEntireMessage();
}

OwningOpRef<ModuleOp> qcc::importONNX(MLIRContext *context,
                                      llvm::MemoryBufferRef buffer,
                                      const ONNXImportOptions &options) {
  DialectRegistry registry;
  reference::registerReferenceInterfaces(registry);
  context->appendDialectRegistry(registry);
  context
      ->loadDialect<func::FuncDialect, qnn::QNNDialect, quant::QuantDialect>();
  llvm::StringRef fileName = buffer.getBufferIdentifier();
  Location location = FileLineColLoc::get(context, fileName, 0, 0);
  constexpr size_t most = (size_t(1) << 31) - 1;
  if (buffer.getBufferSize() > most) {
    emitError(location)
        << "the .onnx file has more than 2 GB, which its format "
           "does not allow; weights go into external files";
    return {};
  }
  onnx::ModelProto model;
  // The library would write to stderr.
  google::protobuf::LogSilencer silencer;
  if (!parse(buffer.getBuffer(), model)) {
    emitError(location) << "the .onnx file is damaged or cut short: it is no "
                           "protobuf message of a model";
    return {};
  }
  OwningOpRef<ModuleOp> module = ModuleOp::create(location);
  GraphImporter importer(*module, model, fileName, buffer.getBufferSize(),
                         options);
  if (failed(importer.run()) || failed(verify(*module)))
    return {};
  return module;
}
