// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// AVERAGE_POOL_2D, MAX_POOL_2D, MEAN and SOFTMAX.

#include "OpTable.h"

#include <cmath>

using namespace mlir;
using namespace qcc;
using namespace qcc::tflite;

namespace {

template <typename PoolOp> LogicalResult importPool(OpImport &op) {
  const auto *options = op.options<Pool2DOptions>();
  if (!options)
    return failure();
  FailureOr<const TensorInfo *> input = op.input(0);
  if (failed(input) || failed(op.requireOneKind(*input)) ||
      failed(op.requireSameElements(**input)) ||
      failed(op.requireRank(**input, 4)) ||
      failed(op.requireRank(op.result(), 4)))
    return failure();
  Numbers kernel = {options->filter_height(), options->filter_width()};
  Numbers strides = {options->stride_h(), options->stride_w()};
  if (failed(op.requirePositive(kernel, "window extents [h, w]")) ||
      failed(op.requirePositive(strides, "strides [h, w]")))
    return failure();
  FailureOr<Numbers> padding = op.paddingFor(
      options->padding(), llvm::ArrayRef<int64_t>((*input)->shape).slice(1, 2),
      kernel, strides, {1, 1});
  if (failed(padding))
    return failure();
  FailureOr<qnn::ClampAttr> clamp =
      op.clampFor(options->fused_activation_function());
  if (failed(clamp))
    return failure();
  FailureOr<Value> value = op.value(0);
  if (failed(value))
    return failure();
  return op.setResult(PoolOp::create(op.builder(), op.loc(), op.resultType(),
                                     *value, kernel, strides, *padding,
                                     *clamp));
}

} // namespace

LogicalResult qcc::tflite::importAveragePool2D(OpImport &op) {
  return importPool<qnn::AvgPool2DOp>(op);
}

LogicalResult qcc::tflite::importMaxPool2D(OpImport &op) {
  return importPool<qnn::MaxPool2DOp>(op);
}

LogicalResult qcc::tflite::importMean(OpImport &op) {
  const auto *options = op.options<ReducerOptions>();
  if (!options)
    return failure();
  FailureOr<const TensorInfo *> input = op.input(0);
  if (failed(input) || failed(op.requireOneKind(*input)))
    return failure();
  FailureOr<llvm::SmallVector<int64_t>> raw = op.integers(1, "the axes");
  if (failed(raw))
    return failure();
  FailureOr<llvm::SmallVector<int64_t>> axes =
      op.axes(*raw, (*input)->shape.size());
  if (failed(axes))
    return failure();
  if (axes->empty())
    return op.error() << "has no axes to take the mean over";
  FailureOr<Value> value = op.value(0);
  if (failed(value))
    return failure();
  return op.setResult(qnn::MeanOp::create(op.builder(), op.loc(),
                                          op.resultType(), *value, *axes,
                                          options->keep_dims(), op.rounding()));
}

LogicalResult qcc::tflite::importSoftmax(OpImport &op) {
  const auto *options = op.options<SoftmaxOptions>();
  if (!options)
    return failure();
  FailureOr<const TensorInfo *> input = op.input(0);
  if (failed(input) || failed(op.requireOneKind(*input)))
    return failure();
  if (!std::isfinite(options->beta()) || options->beta() <= 0)
    return op.error() << "beta is " << numberText(options->beta())
                      << ", but must be finite and positive";
  // The kernels have this scale and zero point built in.
  const TensorInfo &result = op.result();
  if (result.kind != ElementKind::Float32) {
    int64_t zeroPoint = result.kind == ElementKind::Int8 ? -128 : 0;
    if (result.scale() != 1.0f / 256 || result.zeroPoint() != zeroPoint)
      return op.error() << "the result has the scale "
                        << numberText(result.scale()) << " and zero point "
                        << result.zeroPoint() << ", but must have 1/256 and "
                        << zeroPoint;
  }
  FailureOr<Value> value = op.value(0);
  if (failed(value))
    return failure();
  return op.setResult(qnn::SoftmaxOp::create(op.builder(), op.loc(),
                                             op.resultType(), *value,
                                             llvm::APFloat(options->beta())));
}
