// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reductions over axes (MEAN, SUM, REDUCE_*) and the functions over the last
// axis: SOFTMAX, LOG_SOFTMAX, L2_NORMALIZATION.

#include "OpTable.h"

#include <cmath>

using namespace mlir;
using namespace qcc;
using namespace qcc::tflite;

namespace {

struct Reduction {
  const TensorInfo *input;
  Value value;
  llvm::SmallVector<int64_t> axes;
  bool keepDims;
};

/// The operands and options that every reduction has. `kinds`: what the input
/// may be; the result is of the same kind.
FailureOr<Reduction> readReduction(OpImport &op, KindSet kinds) {
  const auto *options = op.options<ReducerOptions>();
  if (!options)
    return failure();
  FailureOr<const TensorInfo *> input = op.input(0);
  if (failed(input) || failed(op.requireOneKind(*input, kinds)) ||
      failed(op.requireSymmetricInt16(*input)))
    return failure();
  FailureOr<llvm::SmallVector<int64_t>> raw = op.integers(1, "the axes");
  if (failed(raw))
    return failure();
  FailureOr<llvm::SmallVector<int64_t>> axes =
      op.axes(*raw, (*input)->shape.size());
  if (failed(axes))
    return failure();
  if (axes->empty())
    return op.error() << "has no axes to reduce";
  FailureOr<Value> value = op.value(0);
  if (failed(value))
    return failure();
  return Reduction{*input, *value, *axes, options->keep_dims()};
}

/// A reduction whose result has the elements of its operand.
template <typename QnnOp>
LogicalResult importUnscaled(OpImport &op, KindSet kinds) {
  FailureOr<Reduction> r = readReduction(op, kinds);
  if (failed(r) || failed(op.requireSameElements(*r->input)))
    return failure();
  return op.setResult(QnnOp::create(op.builder(), op.loc(), op.resultType(),
                                    r->value, r->axes, r->keepDims));
}

/// The result's scale 1/`steps` and zero point that an origin's kernel has
/// built in.
LogicalResult requireResult(OpImport &op, int steps, int64_t zeroPoint) {
  const TensorInfo &result = op.result();
  if (result.scale() == 1.0f / static_cast<float>(steps) &&
      result.zeroPoint() == zeroPoint)
    return success();
  return op.error() << "the result has the scale " << numberText(result.scale())
                    << " and zero point " << result.zeroPoint()
                    << ", but must have 1/" << steps << " and " << zeroPoint;
}

constexpr KindSet floatOrIntegers = {ElementKind::Float32, ElementKind::Int32,
                                     ElementKind::Int64};

} // namespace

LogicalResult qcc::tflite::importMean(OpImport &op) {
  FailureOr<Reduction> r = readReduction(op, floatOrBytes | floatOrIntegers |
                                                 KindSet(ElementKind::Int16));
  if (failed(r))
    return failure();
  return op.setResult(qnn::MeanOp::create(op.builder(), op.loc(),
                                          op.resultType(), r->value, r->axes,
                                          r->keepDims, op.rounding()));
}

LogicalResult qcc::tflite::importSum(OpImport &op) {
  FailureOr<Reduction> r = readReduction(op, floatOrBytes | floatOrIntegers |
                                                 KindSet(ElementKind::Int16));
  // TFLite rescales 8 bits only.
  if (failed(r) || (op.result().kind == ElementKind::Int16 &&
                    failed(op.requireSameElements(*r->input))))
    return failure();
  return op.setResult(qnn::SumOp::create(op.builder(), op.loc(),
                                         op.resultType(), r->value, r->axes,
                                         r->keepDims, op.rounding()));
}

LogicalResult qcc::tflite::importReduceMax(OpImport &op) {
  return importUnscaled<qnn::ReduceMaxOp>(op, floatOrBytes | floatOrIntegers |
                                                  KindSet(ElementKind::Int16));
}

LogicalResult qcc::tflite::importReduceMin(OpImport &op) {
  return importUnscaled<qnn::ReduceMinOp>(op, floatOrBytes | floatOrIntegers |
                                                  KindSet(ElementKind::Int16));
}

LogicalResult qcc::tflite::importReduceProd(OpImport &op) {
  return importUnscaled<qnn::ReduceProdOp>(op, floatOrIntegers);
}

LogicalResult qcc::tflite::importReduceAny(OpImport &op) {
  return importUnscaled<qnn::ReduceAnyOp>(op, ElementKind::Bool);
}

LogicalResult qcc::tflite::importReduceAll(OpImport &op) {
  return importUnscaled<qnn::ReduceAllOp>(op, ElementKind::Bool);
}

LogicalResult qcc::tflite::importSoftmax(OpImport &op) {
  const auto *options = op.options<SoftmaxOptions>();
  if (!options)
    return failure();
  FailureOr<const TensorInfo *> input = op.input(0);
  if (failed(input) ||
      failed(op.requireOneKind(*input,
                               floatOrBytes | KindSet(ElementKind::Int16))) ||
      failed(op.requireSymmetricInt16(*input)))
    return failure();
  if (!std::isfinite(options->beta()) || options->beta() <= 0)
    return op.error() << "beta is " << numberText(options->beta())
                      << ", but must be finite and positive";
  ElementKind kind = op.result().kind;
  if (kind == ElementKind::Int16
          ? failed(requireResult(op, 32768, 0))
          : kind != ElementKind::Float32 &&
                failed(requireResult(op, 256,
                                     kind == ElementKind::Int8 ? -128 : 0)))
    return failure();
  FailureOr<Value> value = op.value(0);
  if (failed(value))
    return failure();
  return op.setResult(
      qnn::SoftmaxOp::create(op.builder(), op.loc(), op.resultType(), *value,
                             llvm::APFloat(options->beta()), op.rounding()));
}

LogicalResult qcc::tflite::importLogSoftmax(OpImport &op) {
  FailureOr<const TensorInfo *> input = op.input(0);
  if (failed(input) || failed(op.requireOneKind(*input)))
    return failure();
  ElementKind kind = op.result().kind;
  if (kind != ElementKind::Float32 &&
      failed(requireResult(op, 16, kind == ElementKind::Int8 ? 127 : 255)))
    return failure();
  FailureOr<Value> value = op.value(0);
  if (failed(value))
    return failure();
  return op.setResult(qnn::LogSoftmaxOp::create(op.builder(), op.loc(),
                                                op.resultType(), *value));
}

LogicalResult qcc::tflite::importL2Normalization(OpImport &op) {
  if (op.hasOptions()) {
    const auto *options = op.options<L2NormOptions>();
    if (!options)
      return failure();
    if (options->fused_activation_function() != Activation::NONE)
      return op.error() << "has the fused activation "
                        << EnumNameActivation(
                               options->fused_activation_function())
                        << ", which TensorFlow Lite does not define for it";
  }
  FailureOr<const TensorInfo *> input = op.input(0);
  if (failed(input) || failed(op.requireOneKind(*input)))
    return failure();
  ElementKind kind = op.result().kind;
  if (kind != ElementKind::Float32 &&
      failed(requireResult(op, 128, kind == ElementKind::Int8 ? 0 : 128)))
    return failure();
  FailureOr<Value> value = op.value(0);
  if (failed(value))
    return failure();
  return op.setResult(qnn::L2NormalizeOp::create(op.builder(), op.loc(),
                                                 op.resultType(), *value));
}
