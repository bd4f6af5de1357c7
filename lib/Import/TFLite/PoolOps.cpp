// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// AVERAGE_POOL_2D, L2_POOL_2D and MAX_POOL_2D.

#include "OpTable.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::tflite;

namespace {

constexpr KindSet poolKinds = {ElementKind::Float32, ElementKind::Int8,
                               ElementKind::UInt8, ElementKind::Int16};

template <typename PoolOp>
LogicalResult importPool(OpImport &op, KindSet kinds = poolKinds) {
  const auto *options = op.options<Pool2DOptions>();
  if (!options)
    return failure();
  FailureOr<const TensorInfo *> input = op.input(0);
  if (failed(input) || failed(op.requireOneKind(*input, kinds)) ||
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

LogicalResult qcc::tflite::importL2Pool2D(OpImport &op) {
  return importPool<qnn::L2Pool2DOp>(op, ElementKind::Float32);
}

LogicalResult qcc::tflite::importMaxPool2D(OpImport &op) {
  return importPool<qnn::MaxPool2DOp>(op);
}
