// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// UNIDIRECTIONAL_SEQUENCE_LSTM. Its two state tensors are variables: they are
// read before the layer and assigned after it.

#include "OpTable.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::tflite;

namespace {

/// Operands by number; four in a row are in the order input gate, forget gate,
/// cell, output gate.
enum Operands : unsigned {
  Input = 0,
  InputWeights = 1,
  RecurrentWeights = 5,
  Peephole = 9,
  Biases = 12,
  Projection = 16,
  ProjectionBias = 17,
  OutputState = 18,
  CellState = 19,
  LayerNorm = 20,
};

struct Weights {
  llvm::SmallVector<Value, 4> input, recurrent, biases;
};

LogicalResult refuseUnsupported(OpImport &op,
                                const UnidirectionalSequenceLSTMOptions &lstm) {
  auto any = [&](unsigned first, unsigned count) {
    for (unsigned i = first; i < first + count; ++i)
      if (op.hasInput(i))
        return true;
    return false;
  };
  if (any(Peephole, 3))
    return op.error() << "has peephole weights, which are not supported";
  if (any(Projection, 2))
    return op.error() << "has a projection, which is not supported";
  if (any(LayerNorm, 4))
    return op.error() << "has layer normalization, which is not supported";
  if (lstm.diagonal_recurrent_tensors())
    return op.error()
           << "has diagonal recurrent weights, which are not supported";
  if (lstm.fused_activation_function() != Activation::TANH)
    return op.error() << "has the activation "
                      << EnumNameActivation(lstm.fused_activation_function())
                      << "; supported is TANH";
  if (op.rounding() == qnn::Rounding::TfliteSingle)
    return op.error() << "is defined under double rounding only";
  return success();
}

/// All four of a group, or three without the input gate.
LogicalResult readGroup(OpImport &op, unsigned first, bool isCoupled,
                        llvm::SmallVectorImpl<Value> &values) {
  for (unsigned gate = isCoupled ? 1 : 0; gate < 4; ++gate) {
    FailureOr<Value> value = op.value(first + gate);
    if (failed(value))
      return failure();
    values.push_back(*value);
  }
  if (isCoupled && op.hasInput(first))
    return op.error() << "has operand " << first
                      << " of the input gate, but not all of them";
  return success();
}

/// The type of the hidden state, which TFLite keeps as the fifth intermediate
/// tensor; null for floats.
FailureOr<TypeAttr> readHidden(OpImport &op, const TensorInfo &input) {
  if (input.kind == ElementKind::Float32)
    return TypeAttr();
  FailureOr<const TensorInfo *> hidden = op.intermediate(4);
  if (failed(hidden))
    return failure();
  if ((*hidden)->kind != ElementKind::Int8 || (*hidden)->isPerAxis())
    return op.error() << "the intermediate tensor " << quoted((*hidden)->name)
                      << " is " << (*hidden)->typeText
                      << ", but must be int8 with one scale";
  return TypeAttr::get((*hidden)->elementType);
}

} // namespace

LogicalResult qcc::tflite::importUnidirectionalSequenceLSTM(OpImport &op) {
  const auto *options = op.options<UnidirectionalSequenceLSTMOptions>();
  if (!options || failed(refuseUnsupported(op, *options)))
    return failure();
  FailureOr<const TensorInfo *> input = op.input(Input);
  if (failed(input) || failed(op.requireOneKind(*input)) ||
      failed(op.requireRank(**input, 3)))
    return failure();
  if ((*input)->kind != ElementKind::Float32 &&
      (*input)->kind != ElementKind::Int8)
    return op.error() << quoted((*input)->name) << " is " << (*input)->typeText
                      << "; supported are float32 and int8";
  bool isCoupled = !op.hasInput(InputWeights);
  for (unsigned i : {InputWeights + 1, RecurrentWeights + 1}) {
    FailureOr<const TensorInfo *> weights = op.input(i);
    if (failed(weights))
      return failure();
    if ((*weights)->kind != (*input)->kind)
      return op.error() << quoted((*input)->name) << " is "
                        << (*input)->typeText << " and the weights "
                        << quoted((*weights)->name) << " "
                        << (*weights)->typeText
                        << ": hybrid LSTMs are not supported";
  }
  Weights weights;
  FailureOr<Value> value = op.value(Input);
  if (failed(value) ||
      failed(readGroup(op, InputWeights, isCoupled, weights.input)) ||
      failed(readGroup(op, RecurrentWeights, isCoupled, weights.recurrent)) ||
      failed(readGroup(op, Biases, isCoupled, weights.biases)))
    return failure();
  FailureOr<qnn::VariableOp> output = op.variableTensor(OutputState);
  if (failed(output))
    return failure();
  FailureOr<qnn::VariableOp> cell = op.variableTensor(CellState);
  if (failed(cell))
    return failure();
  FailureOr<TypeAttr> hidden = readHidden(op, **input);
  if (failed(hidden))
    return failure();

  OpBuilder &builder = op.builder();
  auto read = [&](qnn::VariableOp variable) -> Value {
    return qnn::ReadVariableOp::create(builder, variable.getLoc(),
                                       variable.getTensorType(),
                                       variable.getSymName());
  };
  Value outputState = read(*output), cellState = read(*cell);
  auto lstm = qnn::LstmOp::create(
      builder, op.loc(), op.resultType(), outputState.getType(),
      cellState.getType(), *value, outputState, cellState, weights.input,
      weights.recurrent, weights.biases, options->time_major(),
      llvm::APFloat(options->cell_clip()), *hidden);
  if (failed(op.setResult(lstm)))
    return failure();
  qnn::AssignVariableOp::create(builder, output->getLoc(), output->getSymName(),
                                lstm.getNextOutputState());
  qnn::AssignVariableOp::create(builder, cell->getLoc(), cell->getSymName(),
                                lstm.getNextCellState());
  return success();
}
