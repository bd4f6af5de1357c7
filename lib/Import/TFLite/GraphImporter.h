// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Turns one subgraph into `func.func @main`: arguments, operators in the file's
// order, results. Every value has one producer and is produced before it is
// used, which also rules out cycles.

#ifndef QCC_LIB_IMPORT_TFLITE_GRAPHIMPORTER_H
#define QCC_LIB_IMPORT_TFLITE_GRAPHIMPORTER_H

#include "OpTable.h"

#include "qcc/Reference/RefTensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SmallSet.h"
#include "llvm/ADT/StringMap.h"

namespace qcc::tflite {

class GraphImporter {
public:
  GraphImporter(mlir::ModuleOp module, const Model &model,
                const SubGraph &graph, llvm::StringRef fileName,
                llvm::ArrayRef<uint8_t> file,
                const TFLiteImportOptions &options);

  /// Imports the graph and what the model says about it.
  mlir::LogicalResult run();

private:
  friend class OpImport;

  mlir::Location locationOf(unsigned line) const;
  mlir::InFlightDiagnostic fileError() const;

  mlir::LogicalResult readInputs();
  mlir::LogicalResult fixShape(TensorInfo &info);
  mlir::FailureOr<BuiltinOperator> codeOf(unsigned index, const Operator &op);
  mlir::LogicalResult checkSupported();
  mlir::LogicalResult checkSubgraphs();
  mlir::LogicalResult readOperator(unsigned index, const Operator &op);
  mlir::LogicalResult readOutputs();
  mlir::LogicalResult readMetadata();
  mlir::LogicalResult readSignatures();

  llvm::SmallVector<mlir::DictionaryAttr>
  nameAttributes(llvm::ArrayRef<mlir::StringAttr> names);

  /// The name of a custom operator; empty when it has none.
  llvm::StringRef customName(const Operator &op) const;
  /// Who lowers `op`, when it is a custom operator that somebody lowers.
  const TFLiteCustomOpImporter *findCustom(BuiltinOperator code,
                                           const Operator &op) const;

  /// "CONV_2D of 'x', 'w'; makes 'y'".
  std::string describe(BuiltinOperator code, const Operator &op) const;

  /// The value of tensor `info`; a constant is made when it is first asked for,
  /// at `line`. Null after an error when nothing produced it yet.
  mlir::Value valueOf(const TensorInfo &info, unsigned line,
                      TensorTable::EmitError emitError);
  mlir::FailureOr<mlir::RankedTensorType>
  typeOf(const TensorInfo &info, TensorTable::EmitError emitError) const;

  /// The data of a constant, of the storage type of `type`.
  static mlir::DenseElementsAttr dataOf(const TensorInfo &info,
                                        mlir::RankedTensorType type);
  /// The elements of `value` where they follow from constants alone and are
  /// few: shapes that operators compute from shapes. Up to `depth` operations
  /// are looked at in a row.
  std::optional<reference::RefTensor> evaluate(mlir::Value value,
                                               unsigned depth);
  static bool isSmall(mlir::RankedTensorType type);
  /// \name State; StateOps.cpp
  /// @{
  /// What is known of a variable that handles refer to.
  struct Variable {
    qnn::VariableOp op;
    /// The first value, from the graph that CALL_ONCE runs.
    ElementType type = ElementType::FLOAT32;
    llvm::SmallVector<int64_t> shape;
    std::optional<llvm::ArrayRef<uint8_t>> initial;
    bool isAccessed = false;
  };
  mlir::LogicalResult runOnce(unsigned graphIndex,
                              TensorTable::EmitError emitError);
  /// The variable's key in `variables`: its container and name.
  mlir::FailureOr<std::string> keyOf(const Operator &op,
                                     TensorTable::EmitError emitError) const;
  qnn::VariableOp makeVariable(llvm::StringRef name, mlir::Location loc,
                               mlir::RankedTensorType type,
                               mlir::DenseElementsAttr value);
  /// @}

  mlir::ModuleOp module;
  mlir::MLIRContext *context;
  mlir::OpBuilder builder;
  const Model &model;
  const SubGraph &graph;
  llvm::StringRef fileName;
  const TFLiteImportOptions &options;
  TensorTable tensors;
  mlir::func::FuncOp function;
  /// By tensor index; null where nothing is known yet.
  std::vector<mlir::Value> values;
  /// What `evaluate` found.
  llvm::DenseMap<mlir::Value, reference::RefTensor> knownValues;
  llvm::ArrayRef<uint8_t> file;
  llvm::StringMap<Variable> variables;
  /// From the index of a handle's tensor to the key of its variable.
  llvm::DenseMap<unsigned, std::string> handles;
  /// Variables of tensors that are variables themselves, by their index.
  llvm::DenseMap<unsigned, qnn::VariableOp> variableTensors;
  /// Subgraphs that CALL_ONCE has run.
  llvm::SmallSet<unsigned, 4> initializers;
  /// From a tensor's index to its number among arguments or results.
  llvm::DenseMap<int64_t, unsigned> argumentNumbers, resultNumbers;
};

} // namespace qcc::tflite

#endif // QCC_LIB_IMPORT_TFLITE_GRAPHIMPORTER_H
