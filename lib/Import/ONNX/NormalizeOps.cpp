// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Normalizations and softmax.

#include "OpTable.h"
#include "Window.h"

#include <numeric>

using namespace mlir;
using namespace qcc;
using namespace qcc::onnximport;

Value qcc::onnximport::batchNormalize(NodeImport &op, int64_t axis) {
  Value x = op.in(0);
  for (unsigned i = 0; i < 5; ++i)
    if (!op.requireFloat(op.in(i)))
      return {};
  int64_t channels = op.extent(x, axis);
  if (op.integer("training_mode", 0) != 0 || op.wants(1)) {
    op.error() << "is supported for inference only";
    return {};
  }
  auto parameter = [&](unsigned i) -> Value {
    if (op.typeOf(op.in(i)).getNumElements() != channels) {
      op.error() << "the parameter " << op.typeOf(op.in(i)) << " must have "
                 << channels << " elements";
      return op.in(i);
    }
    Numbers shape(std::max<int64_t>(op.rankOf(x) - axis, 0), 1);
    if (!shape.empty())
      shape[0] = channels;
    return op.reshape(op.in(i), shape);
  };
  Value factor = op.div(
      parameter(1),
      op.make<qnn::SqrtOp>(
          op.f32(),
          op.add(parameter(4), op.constantFloat(op.real("epsilon", 1e-5f)))));
  Value offset = op.sub(parameter(2), op.mul(parameter(3), factor));
  Value scaled = op.mul(x, factor);
  op.namePart(scaled, "scaled");
  return op.add(scaled, offset);
}

LogicalResult qcc::onnximport::importBatchNormalization(NodeImport &op) {
  Value result = batchNormalize(op, 1);
  return result ? op.setResult(result) : failure();
}

LogicalResult qcc::onnximport::importLayerNormalization(NodeImport &op) {
  Value x = op.in(0);
  if (!op.requireFloat(x) || !op.requireFloat(op.in(1)))
    return failure();
  int64_t rank = op.rankOf(x), axis = op.axis(op.integer("axis", -1), rank);
  if (op.hasFailed())
    return failure();
  Numbers axes(rank - axis);
  std::iota(axes.begin(), axes.end(), axis);
  Value mean = op.mean(x, axes, true);
  Value centred = op.sub(x, mean);
  Value variance = op.mean(op.mul(centred, centred), axes, true);
  Value deviation = op.make<qnn::SqrtOp>(
      op.f32(), op.add(variance, op.constantFloat(op.real("epsilon", 1e-5f))));
  Value inverse = op.div(op.constantFloat(1.0f), deviation);
  Value result = op.mul(op.mul(centred, inverse), op.in(1));
  if (op.has(2))
    result = op.add(result, op.in(2));
  if (failed(op.setResult(0, result)) || failed(op.setResult(1, mean)))
    return failure();
  return op.setResult(2, inverse);
}

namespace {

/// A function of the last axis along the node's `axis`, as operator set
/// `version` has it; null after an error.
template <typename Function>
Value alongAxis(NodeImport &op, Value x, int64_t version, Function function) {
  if (!op.requireFloat(x))
    return {};
  int64_t rank = op.rankOf(x);
  bool isOld = version < 13;
  int64_t axis =
      op.axis(op.integer("axis", isOld ? 1 : -1), std::max<int64_t>(rank, 1));
  if (op.hasFailed())
    return {};
  Numbers shape(op.shapeOf(x));
  if (rank == 0)
    return op.reshape(function(op.reshape(x, ArrayRef<int64_t>{1})), shape);
  if (isOld) {
    // All axes from this one on are one.
    int64_t rows = 1, columns = 1;
    for (int64_t i = 0; i < rank; ++i)
      (i < axis ? rows : columns) *= shape[i];
    return op.reshape(function(op.reshape(x, {rows, columns})), shape);
  }
  Numbers exchange(rank);
  std::iota(exchange.begin(), exchange.end(), 0);
  std::swap(exchange[axis], exchange[rank - 1]);
  return op.transpose(function(op.transpose(x, exchange)), exchange);
}

} // namespace

Value qcc::onnximport::softmax(NodeImport &op, Value x, int64_t version) {
  return alongAxis(op, x, version, [&](Value v) {
    return op.make<qnn::SoftmaxOp>(op.f32(), v, llvm::APFloat(1.0f),
                                   qnn::Rounding::Onnx);
  });
}

LogicalResult qcc::onnximport::importSoftmax(NodeImport &op) {
  Value result = softmax(op, op.in(0), op.version());
  return result ? op.setResult(result) : failure();
}

LogicalResult qcc::onnximport::importLogSoftmax(NodeImport &op) {
  Value result = alongAxis(op, op.in(0), op.version(), [&](Value v) {
    return op.make<qnn::LogSoftmaxOp>(op.f32(), v);
  });
  return result ? op.setResult(result) : failure();
}
