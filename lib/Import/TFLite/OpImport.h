// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the function that imports one operator sees of the file: its operands,
// attributes and results, each checked on the way, and an error that names the
// operator and its tensors.

#ifndef QCC_LIB_IMPORT_TFLITE_OPIMPORT_H
#define QCC_LIB_IMPORT_TFLITE_OPIMPORT_H

#include "TensorTable.h"

#include "qcc/Reference/RefTensor.h"

#include "mlir/IR/Builders.h"

namespace qcc::tflite {

class GraphImporter;

/// Padding [top, bottom, left, right] or strides [h, w], as qnn takes them.
using Numbers = llvm::SmallVector<int64_t, 4>;

class OpImport {
public:
  OpImport(GraphImporter &graph, const Operator &op, BuiltinOperator code,
           unsigned index, llvm::ArrayRef<TensorInfo *> results);

  mlir::OpBuilder &builder();
  /// The place of the operator, named after its result `i`.
  mlir::Location loc(unsigned i = 0) const;
  qnn::Rounding rounding() const;

  /// "operator 3 (CONV_2D of 'x', 'w'; makes 'y'): ", to be continued.
  mlir::InFlightDiagnostic error() const;

  /// \name Operands
  /// @{
  unsigned numInputs() const { return op.inputs()->size(); }
  /// False when operand `i` is left out or -1, which optional ones may be.
  bool hasInput(unsigned i) const;
  /// The checked tensor of operand `i`.
  mlir::FailureOr<const TensorInfo *> input(unsigned i) const;
  /// The SSA value of operand `i`: produced before, an argument, or a constant.
  mlir::FailureOr<mlir::Value> value(unsigned i) const;
  /// Operand `i` as int32 or int64 numbers known at compile time: a constant,
  /// or what operators make of constants and shapes. `what` names it in errors.
  mlir::FailureOr<llvm::SmallVector<int64_t>>
  integers(unsigned i, llvm::StringRef what) const;
  /// The elements of operand `i` where they are few and follow from constants.
  std::optional<reference::RefTensor> evaluate(unsigned i) const;
  /// `integers` as axes of a tensor of rank `rank`: negative ones count from
  /// the end; sorted, each once.
  mlir::FailureOr<llvm::SmallVector<int64_t>> axes(llvm::ArrayRef<int64_t> raw,
                                                   int64_t rank) const;
  /// The variable of which operand `i` is a handle, to be read or assigned as
  /// `type`.
  mlir::FailureOr<qnn::VariableOp>
  variable(unsigned i, mlir::RankedTensorType type, bool isRead);
  /// The variable that operand `i` itself is. It keeps what TFLite resets it
  /// to: zero points for int8, zeros else.
  mlir::FailureOr<qnn::VariableOp> variableTensor(unsigned i);
  /// Takes the first values of variables from subgraph `graphIndex`.
  mlir::LogicalResult runOnce(unsigned graphIndex);
  /// Makes the result a handle of the variable that the options name.
  mlir::LogicalResult makeHandle();
  /// @}

  /// The checked intermediate tensor `i`: what the operator keeps for itself.
  mlir::FailureOr<const TensorInfo *> intermediate(unsigned i) const;

  /// The options table, or null after an error when the operator has none.
  template <typename Options> const Options *options() const {
    const Options *table = op.template builtin_options_as<Options>();
    if (!table)
      error() << "has no options of its kind, but those of kind "
              << static_cast<unsigned>(op.builtin_options_type());
    return table;
  }
  bool hasOptions() const {
    return op.builtin_options_type() != BuiltinOptions::NONE;
  }

  /// \name Custom operators
  /// @{
  llvm::StringRef customName() const;
  llvm::ArrayRef<uint8_t> customOptions() const;
  /// @}

  /// \name Results
  /// Most operators have one; what takes no number is about result 0.
  /// @{
  unsigned numResults() const { return resultInfos.size(); }
  const TensorInfo &result(unsigned i = 0) const { return *resultInfos[i]; }
  /// The type of result `i` with the shape that the file gives.
  mlir::RankedTensorType resultType(unsigned i = 0) const;
  /// Makes the only result of `made` the operator's result `i`: takes the shape
  /// that the operands give where the file leaves it open, and reports any
  /// other difference. To be called for every result.
  mlir::LogicalResult setResult(unsigned i, mlir::Operation *made);
  mlir::LogicalResult setResult(mlir::Operation *made) {
    return setResult(0, made);
  }
  /// The same where no operation is made.
  mlir::LogicalResult setValue(unsigned i, mlir::Value value);
  mlir::LogicalResult setValue(mlir::Value value) { return setValue(0, value); }
  /// Whether `shape`, which the operands give, is that of result `i` in the
  /// file or may replace it; reports when not.
  mlir::LogicalResult checkShape(llvm::ArrayRef<int64_t> shape, unsigned i = 0);
  /// @}

  /// \name Checks and attributes that several operators share
  /// @{
  mlir::LogicalResult requireRank(const TensorInfo &tensor,
                                  unsigned rank) const;
  /// All `tensors` and the result are of one and the same of `kinds`.
  mlir::LogicalResult requireOneKind(llvm::ArrayRef<const TensorInfo *> tensors,
                                     KindSet kinds = floatOrBytes) const;
  /// `tensor` is of one of `kinds`.
  mlir::LogicalResult requireKind(const TensorInfo &tensor,
                                  KindSet kinds) const;
  /// Where they are int16, `tensors` and the result have the zero point 0, as
  /// TFLite's kernels that use symmetric int16 want it.
  mlir::LogicalResult
  requireSymmetricInt16(llvm::ArrayRef<const TensorInfo *> tensors) const;
  /// Result `i` has the element type of `tensor`, quantization included.
  mlir::LogicalResult requireSameElements(const TensorInfo &tensor,
                                          unsigned i = 0) const;
  /// The bounds of a fused activation on the result, null for none. For stored
  /// integers: TFLite's CalculateActivationRangeQuantized, zero point +
  /// round(bound / scale) in float32, within the type's range.
  mlir::FailureOr<qnn::ClampAttr> clampFor(Activation activation) const;
  /// The same for real bounds `lo`, `hi`.
  mlir::FailureOr<qnn::ClampAttr> clampFor(float lo, float hi) const;
  /// Explicit padding [top, bottom, left, right] of TFLite's ComputePadding:
  /// SAME makes ceil(in / stride) outputs, the odd one of the padding goes to
  /// the end. `in`, `kernel`, `strides`, `dilations`: [h, w], positive.
  mlir::FailureOr<Numbers> paddingFor(Padding padding,
                                      llvm::ArrayRef<int64_t> in,
                                      llvm::ArrayRef<int64_t> kernel,
                                      llvm::ArrayRef<int64_t> strides,
                                      llvm::ArrayRef<int64_t> dilations) const;
  /// All `values` are at least 1; `what` names them.
  mlir::LogicalResult requirePositive(llvm::ArrayRef<int64_t> values,
                                      llvm::StringRef what) const;
  /// @}

private:
  /// Runs a check of the dialect and reports its complaint in the file's terms.
  mlir::LogicalResult
  guarded(llvm::function_ref<mlir::LogicalResult()> check) const;

  GraphImporter &graph;
  const Operator &op;
  BuiltinOperator code;
  unsigned index;
  llvm::SmallVector<TensorInfo *> resultInfos;
};

/// Imports one operator: makes operations and calls `setResult` for each
/// result. On failure it has reported one error.
using ImportFunction = mlir::LogicalResult (*)(OpImport &);

} // namespace qcc::tflite

#endif // QCC_LIB_IMPORT_TFLITE_OPIMPORT_H
