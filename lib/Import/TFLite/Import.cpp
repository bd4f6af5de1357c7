// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The entry point: proves that the bytes are a .tflite file whose tables lie
// inside them, then imports its only subgraph and verifies the module.

#include "GraphImporter.h"

#include "qcc/Reference/Interpreter.h"

#include "mlir/IR/Verifier.h"
#include "llvm/Support/Alignment.h"

#include <algorithm>
#include <cstring>

using namespace mlir;
using namespace qcc;
using namespace qcc::tflite;

namespace {

/// FlatBuffers' 32-bit offsets are signed where tables refer to vtables. Larger
/// files have their tables within these first bytes, and weights behind them.
constexpr size_t maxTableBytes = (size_t(1) << 31) - 1;

/// The schema nests tables five deep.
constexpr unsigned maxDepth = 16;
constexpr unsigned maxTables = 1000000;

const Model *readModel(llvm::ArrayRef<uint8_t> bytes,
                       llvm::function_ref<InFlightDiagnostic()> emitError) {
  constexpr size_t identifierEnd = 8;
  if (bytes.size() < identifierEnd ||
      std::memcmp(bytes.data() + 4, ModelIdentifier(), 4) != 0) {
    emitError() << "not a .tflite file: the identifier 'TFL3' is missing at "
                   "byte 4";
    return nullptr;
  }
  flatbuffers::Verifier verifier(
      bytes.data(), std::min(bytes.size(), maxTableBytes), maxDepth, maxTables);
  if (!VerifyModelBuffer(verifier)) {
    emitError() << "the .tflite file is damaged or cut short: its tables reach "
                   "outside its "
                << bytes.size() << " bytes";
    return nullptr;
  }
  const Model *model = GetModel(bytes.data());
  if (model->version() != 3) {
    emitError() << "the .tflite file has format version " << model->version()
                << ", supported is 3";
    return nullptr;
  }
  if (!model->subgraphs() || model->subgraphs()->size() == 0) {
    emitError() << "the .tflite file has no subgraph";
    return nullptr;
  }
  return model;
}

} // namespace

OwningOpRef<ModuleOp> qcc::importTFLite(MLIRContext *context,
                                        llvm::MemoryBufferRef buffer,
                                        const TFLiteImportOptions &options) {
  // Shapes that operators compute are evaluated.
  DialectRegistry registry;
  reference::registerReferenceInterfaces(registry);
  context->appendDialectRegistry(registry);
  context
      ->loadDialect<func::FuncDialect, qnn::QNNDialect, quant::QuantDialect>();
  llvm::StringRef fileName = buffer.getBufferIdentifier();
  Location location = FileLineColLoc::get(context, fileName, 0, 0);
  llvm::ArrayRef<uint8_t> bytes(
      reinterpret_cast<const uint8_t *>(buffer.getBufferStart()),
      buffer.getBufferSize());
  // Offsets are aligned relative to the start of the file.
  llvm::SmallVector<uint64_t> aligned;
  if (!llvm::isAddrAligned(llvm::Align(alignof(uint64_t)), bytes.data())) {
    aligned.resize(bytes.size() / sizeof(uint64_t) + 1);
    std::memcpy(aligned.data(), bytes.data(), bytes.size());
    bytes = {reinterpret_cast<const uint8_t *>(aligned.data()), bytes.size()};
  }

  const Model *model = readModel(bytes, [&] { return emitError(location); });
  if (!model)
    return {};
  OwningOpRef<ModuleOp> module = ModuleOp::create(location);
  GraphImporter importer(*module, *model, *model->subgraphs()->Get(0), fileName,
                         bytes, options);
  if (failed(importer.run()) || failed(verify(*module)))
    return {};
  return module;
}
