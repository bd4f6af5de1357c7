// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// SVDF. Its state tensor is a variable: it is read before the layer and
// assigned after it.

#include "OpTable.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::tflite;

namespace {

enum Operands : unsigned { Input, Feature, Time, Bias, State };

/// The clamp of the activation. TFLite's integer kernel takes RELU alone, and
/// leaves it to the result's zero point.
FailureOr<qnn::ClampAttr> readClamp(OpImport &op, bool isFloat,
                                    Activation activation) {
  if (isFloat)
    return op.clampFor(activation);
  if (activation != Activation::RELU)
    return op.error() << "has the activation " << EnumNameActivation(activation)
                      << "; on int8 supported is RELU";
  return qnn::ClampAttr();
}

} // namespace

LogicalResult qcc::tflite::importSvdf(OpImport &op) {
  const auto *options = op.options<SVDFOptions>();
  if (!options)
    return failure();
  FailureOr<const TensorInfo *> input = op.input(Input);
  if (failed(input) || failed(op.requireOneKind(*input)) ||
      failed(op.requireRank(**input, 2)))
    return failure();
  bool isFloat = (*input)->kind == ElementKind::Float32;
  if (!isFloat && (*input)->kind != ElementKind::Int8)
    return op.error() << quoted((*input)->name) << " is " << (*input)->typeText
                      << "; supported are float32 and int8";
  FailureOr<const TensorInfo *> feature = op.input(Feature);
  if (failed(feature))
    return failure();
  if ((*feature)->kind != (*input)->kind)
    return op.error() << quoted((*input)->name) << " is " << (*input)->typeText
                      << " and the weights " << quoted((*feature)->name) << " "
                      << (*feature)->typeText
                      << ": hybrid SVDF is not supported";
  if (op.rounding() == qnn::Rounding::TfliteSingle)
    return op.error() << "is defined under double rounding only";
  FailureOr<qnn::ClampAttr> clamp =
      readClamp(op, isFloat, options->fused_activation_function());
  if (failed(clamp))
    return failure();
  Value values[4];
  for (unsigned i : {Input, Feature, Time, Bias}) {
    if (i == Bias && !op.hasInput(i))
      continue;
    FailureOr<Value> value = op.value(i);
    if (failed(value))
      return failure();
    values[i] = *value;
  }
  FailureOr<qnn::VariableOp> variable = op.variableTensor(State);
  if (failed(variable))
    return failure();
  OpBuilder &builder = op.builder();
  Value state = qnn::ReadVariableOp::create(builder, variable->getLoc(),
                                            variable->getTensorType(),
                                            variable->getSymName());
  auto svdf = qnn::SvdfOp::create(
      builder, op.loc(), op.resultType(), state.getType(), values[Input], state,
      values[Feature], values[Time], values[Bias],
      static_cast<int64_t>(options->rank()), *clamp);
  if (failed(op.setResult(svdf)))
    return failure();
  qnn::AssignVariableOp::create(builder, variable->getLoc(),
                                variable->getSymName(), svdf.getNextState());
  return success();
}
