// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Turns the graph into `func.func @main`: arguments, nodes in the file's order,
// results. Every value has one producer and is produced before it is used,
// which also rules out cycles.

#ifndef QCC_LIB_IMPORT_ONNX_GRAPHIMPORTER_H
#define QCC_LIB_IMPORT_ONNX_GRAPHIMPORTER_H

#include "OpTable.h"
#include "TensorReader.h"

#include "qcc/Reference/RefTensor.h"

#include "NodeImport.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

namespace qcc::onnximport {

class GraphImporter {
public:
  GraphImporter(mlir::ModuleOp module, const onnx::ModelProto &model,
                llvm::StringRef fileName, uint64_t fileBytes,
                const ONNXImportOptions &options);

  mlir::LogicalResult run();

private:
  friend class NodeImport;

  /// What a name stands for.
  struct Entry {
    /// Null until a constant is asked for.
    mlir::Value value;
    std::optional<TensorReader::Constant> constant;
    const onnx::TensorProto *initializer = nullptr;
  };

  mlir::Location locationOf(unsigned line) const;
  mlir::InFlightDiagnostic fileError() const;
  std::string describe(unsigned index) const;

  mlir::LogicalResult checkVersions();
  mlir::LogicalResult checkSupported();
  mlir::LogicalResult readInitializers();
  mlir::LogicalResult readInputs();
  /// Inputs of floats that annotations say are integers of few bits are read as
  /// such.
  mlir::LogicalResult quantizeInputs();
  mlir::LogicalResult readNode(unsigned index);
  mlir::LogicalResult readOutputs();
  /// Plain integer arguments whose only use gives them a scale have it.
  void nameScales();
  /// Arguments and results of four axes to [N, H, W, C].
  void moveChannelsLast();

  /// The constant that `entry` is, if it is one.
  mlir::FailureOr<const TensorReader::Constant *> constantOf(Entry &entry,
                                                             EmitError error);
  mlir::Value valueOf(llvm::StringRef name, Entry &entry, unsigned line,
                      EmitError error);
  /// The constant that `op` computes from constants, if that is little work.
  mlir::Value fold(mlir::Operation *op);

  mlir::ModuleOp module;
  mlir::MLIRContext *context;
  mlir::OpBuilder builder;
  const onnx::ModelProto &model;
  const onnx::GraphProto &graph;
  llvm::StringRef fileName;
  const ONNXImportOptions &options;
  TensorReader reader;
  mlir::func::FuncOp function;
  llvm::StringMap<Entry> entries;
  /// By domain; "" is ONNX's own.
  llvm::StringMap<int64_t> versions;
  double workLeft;
  llvm::DenseMap<mlir::Value, DequantizedBlocks> dequantizedBlocks;
};

} // namespace qcc::onnximport

#endif // QCC_LIB_IMPORT_ONNX_GRAPHIMPORTER_H
