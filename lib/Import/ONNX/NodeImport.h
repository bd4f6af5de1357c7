// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the function that imports one node sees: its operands and attributes, an
// error that names it, and builders of `qnn` operations that infer shapes and
// fold what is constant. The first thing that goes wrong is kept, and nothing
// is made after it: functions need not look after every step.

#ifndef QCC_LIB_IMPORT_ONNX_NODEIMPORT_H
#define QCC_LIB_IMPORT_ONNX_NODEIMPORT_H

#include "TensorReader.h"

#include "qcc/Dialect/QNN/IR/QNN.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Reference/RefTensor.h"

#include "mlir/IR/Builders.h"

namespace qcc::onnximport {

class GraphImporter;

using mlir::Type;
using mlir::Value;
using Numbers = llvm::SmallVector<int64_t>;

/// What DequantizeLinear makes floats of in blocks along an axis.
struct DequantizedBlocks {
  Value codes, scales, zeros;
  int64_t axis = 0, block = 0;
};

class NodeImport {
public:
  NodeImport(GraphImporter &graph, const onnx::NodeProto &node, unsigned index,
             int64_t version);

  mlir::OpBuilder &builder();
  mlir::Location loc() const;
  /// The version of the operator set that the node is of.
  int64_t version() const { return opset; }
  llvm::StringRef opType() const { return node.op_type(); }

  /// Begins the node's error: "node 3 (Conv of 'x', 'w'; makes 'y'): ". To be
  /// continued and returned. Only the first is reported.
  mlir::InFlightDiagnostic error();
  /// The same for what goes on.
  mlir::InFlightDiagnostic warning();
  /// A warning, which the user may want to be an error.
  mlir::InFlightDiagnostic complaint();
  /// Keeps an error without text of its own after `error` was called.
  bool hasFailed() const { return failed; }

  /// \name Operands
  /// @{
  unsigned numInputs() const { return inputs.size(); }
  bool has(unsigned i) const { return i < inputs.size() && inputs[i]; }
  /// Operand `i`, which must be there (the table says how many are).
  Value in(unsigned i) const { return inputs[i]; }
  /// Operand `i` as integers known now; nothing, after an error, when they are
  /// not. `what` names it.
  std::optional<Numbers> integers(unsigned i, llvm::StringRef what);
  std::optional<std::vector<float>> floats(unsigned i, llvm::StringRef what);
  /// Whether operand `i` is known now.
  bool isConstant(unsigned i) const;
  /// @}

  /// What `v` was made of, if that was noted; null otherwise.
  const DequantizedBlocks *blocksOf(Value v) const;
  void noteBlocks(Value v, const DequantizedBlocks &blocks);
  /// Activations are to be rounded to 8 bits where weights have as few.
  bool roundsActivations() const;

  /// \name Attributes
  /// @{
  bool hasAttribute(llvm::StringRef name) const;
  int64_t integer(llvm::StringRef name, int64_t otherwise) const;
  float real(llvm::StringRef name, float otherwise) const;
  std::string string(llvm::StringRef name, llvm::StringRef otherwise) const;
  std::optional<Numbers> integerList(llvm::StringRef name) const;
  std::vector<float> realList(llvm::StringRef name) const;
  const onnx::TensorProto *tensor(llvm::StringRef name) const;
  /// A tensor of an attribute as a value; null after an error.
  Value readTensor(const onnx::TensorProto &tensor);
  /// Axis `axis` of a tensor of rank `rank`, negative ones from the end;
  /// reports when it is outside.
  int64_t axis(int64_t axis, int64_t rank);
  /// @}

  /// \name Results
  /// @{
  unsigned numOutputs() const { return node.output_size(); }
  bool wants(unsigned i) const {
    return i < numOutputs() && !node.output(static_cast<int>(i)).empty();
  }
  /// Makes `value` the node's output `i`. Failure when something went wrong.
  mlir::LogicalResult setResult(unsigned i, Value value);
  mlir::LogicalResult setResult(Value value) { return setResult(0, value); }
  /// Says what `value` is among the node's operations, which have the name of
  /// its output otherwise.
  void namePart(Value value, llvm::StringRef part);
  /// Makes the node's output a constant, which may have no elements.
  mlir::LogicalResult setConstant(const onnx::TensorProto &tensor);
  /// @}

  /// \name Types
  /// @{
  static mlir::RankedTensorType typeOf(Value v) {
    return llvm::cast<mlir::RankedTensorType>(v.getType());
  }
  static llvm::ArrayRef<int64_t> shapeOf(Value v) {
    return typeOf(v).getShape();
  }
  static int64_t rankOf(Value v) { return typeOf(v).getRank(); }
  static Type elementOf(Value v) { return typeOf(v).getElementType(); }
  /// Extent `i`, 1 where there is no such axis.
  static int64_t extent(Value v, int64_t i) {
    return i >= 0 && i < rankOf(v) ? shapeOf(v)[i] : 1;
  }
  Type f32() { return builder().getF32Type(); }
  Type i64() { return builder().getIntegerType(64); }
  /// Reports unless operand `v`, called `what`, is f32.
  bool requireFloat(Value v, llvm::StringRef what = "the operand");
  bool requireRank(Value v, int64_t least, int64_t most,
                   llvm::StringRef what = "the operand");
  /// @}

  /// \name Builders
  /// @{
  /// Makes an operation whose shape follows from its operands.
  template <typename OpTy, typename... Args>
  Value make(Type element, Args &&...args) {
    return makeShaped<OpTy>(mlir::RankedTensorType::get({}, element), true,
                            std::forward<Args>(args)...);
  }
  /// Makes an operation of type `type`.
  template <typename OpTy, typename... Args>
  Value makeTyped(mlir::RankedTensorType type, Args &&...args) {
    return makeShaped<OpTy>(type, false, std::forward<Args>(args)...);
  }
  Value constant(mlir::RankedTensorType type, mlir::DenseElementsAttr value);
  Value constantFloats(llvm::ArrayRef<float> values,
                       llvm::ArrayRef<int64_t> shape);
  Value constantFloat(float value) { return constantFloats({value}, {}); }
  Value constantIntegers(llvm::ArrayRef<int64_t> values,
                         llvm::ArrayRef<int64_t> shape, Type element);
  Value reshape(Value v, llvm::ArrayRef<int64_t> shape);
  Value transpose(Value v, llvm::ArrayRef<int64_t> permutation);
  Value slice(Value v, llvm::ArrayRef<int64_t> starts,
              llvm::ArrayRef<int64_t> sizes, llvm::ArrayRef<int64_t> steps);
  Value concat(llvm::ArrayRef<Value> parts, int64_t axis);
  /// To `shape` under ONNX's (NumPy's) rules.
  Value broadcast(Value v, llvm::ArrayRef<int64_t> shape);
  Value gather(Value v, llvm::ArrayRef<int64_t> indices, int64_t axis);
  Value pad(Value v, llvm::ArrayRef<int64_t> low, llvm::ArrayRef<int64_t> high,
            std::optional<double> value);
  Value clip(Value v, double lo, double hi);
  Value convert(Value v, Type element);
  Value add(Value a, Value b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value div(Value a, Value b);
  Value maximum(Value a, Value b);
  Value minimum(Value a, Value b);
  Value mean(Value v, llvm::ArrayRef<int64_t> axes, bool keepDims);
  /// The elements of a constant, or of what is dequantized from one.
  std::optional<reference::RefTensor> constantValue(Value v) const;
  /// Plain integers of what is stored in quantized ones.
  Value plain(Value v);
  /// @}

private:
  friend class GraphImporter;

  template <typename OpTy, typename... Args>
  Value makeShaped(mlir::RankedTensorType type, bool infers, Args &&...args) {
    if (failed)
      return poison(type.getElementType());
    return finish(
        OpTy::create(builder(), loc(), type, std::forward<Args>(args)...),
        infers);
  }
  Value finish(mlir::Operation *op, bool infers);
  /// Of `made`, the elements of `from` moved, what was noted of `from`, moved
  /// by `move` as well; its axis is `axis` then.
  template <typename Move>
  void moveBlocks(Value from, Value made, int64_t axis, Move move);
  Value poison(Type element);
  /// The location of what makes output `i`.
  mlir::Location locOf(int i) const;
  void nameResult(Value result, int i);
  const onnx::AttributeProto *attribute(llvm::StringRef name) const;

  GraphImporter &graph;
  const onnx::NodeProto &node;
  unsigned index;
  int64_t opset;
  llvm::SmallVector<Value> inputs;
  bool failed = false;
};

/// Imports one node: makes operations and calls `setResult` for each result
/// that is wanted. On failure one error was reported.
using ImportFunction = mlir::LogicalResult (*)(NodeImport &);

} // namespace qcc::onnximport

#endif // QCC_LIB_IMPORT_ONNX_NODEIMPORT_H
