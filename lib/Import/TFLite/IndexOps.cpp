// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operators that take or make indices, running sums, and resizing.

#include "OpTable.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::tflite;

namespace {

FailureOr<Value> noValue() { return failure(); }
FailureOr<const TensorInfo *> noTensor() { return failure(); }
FailureOr<llvm::SmallVector<int64_t>> noNumbers() { return failure(); }

constexpr KindSet indexKinds = {ElementKind::PlainInt16, ElementKind::Int32,
                                ElementKind::Int64};
constexpr KindSet sumKinds = {ElementKind::Float32, ElementKind::Int32,
                              ElementKind::Int64};

/// Operand `i`, whose elements go into the result as they are.
FailureOr<Value> movable(OpImport &op, unsigned i) {
  FailureOr<const TensorInfo *> input = op.input(i);
  if (failed(input) || failed(op.requireKind(**input, allKinds)) ||
      failed(op.requireSameElements(**input)))
    return failure();
  if ((*input)->isPerAxis())
    return op.error() << quoted((*input)->name)
                      << " is quantized per axis, which is not supported here";
  return op.value(i);
}

FailureOr<Value> indexOperand(OpImport &op, unsigned i) {
  FailureOr<const TensorInfo *> input = op.input(i);
  if (failed(input) || failed(op.requireKind(**input, indexKinds)))
    return failure();
  return op.value(i);
}

/// Operand `i` as one axis of a tensor of rank `rank`.
FailureOr<int64_t> axisOperand(OpImport &op, unsigned i, int64_t rank) {
  FailureOr<llvm::SmallVector<int64_t>> raw = op.integers(i, "the axis");
  if (failed(raw))
    return failure();
  if (raw->size() != 1)
    return op.error() << "needs 1 axis, but has " << raw->size();
  FailureOr<llvm::SmallVector<int64_t>> axes = op.axes(*raw, rank);
  if (failed(axes))
    return failure();
  return axes->front();
}

/// Indices that are known lie in [0, extent), those of run time are clamped.
LogicalResult checkIndices(OpImport &op, unsigned i, int64_t extent,
                           int64_t first = 0, int64_t step = 1) {
  std::optional<reference::RefTensor> known = op.evaluate(i);
  for (int64_t k = first; known && k < known->getNumElements(); k += step)
    if (int64_t index = known->ints()[k]; index < 0 || index >= extent)
      return op.error() << "the index " << index << " lies outside an axis of "
                        << extent << " elements";
  return success();
}

template <typename OpTy> LogicalResult importArg(OpImport &op) {
  FailureOr<const TensorInfo *> input = op.input(0);
  constexpr KindSet kinds =
      floatOrBytes | KindSet{ElementKind::PlainInt8, ElementKind::PlainUInt8,
                             ElementKind::Int32, ElementKind::Bool};
  if (failed(input) || failed(op.requireKind(**input, kinds)) ||
      failed(op.requireKind(op.result(),
                            {ElementKind::Int32, ElementKind::Int64})))
    return failure();
  FailureOr<int64_t> axis =
      axisOperand(op, 1, static_cast<int64_t>((*input)->shape.size()));
  FailureOr<Value> value = failed(axis) ? noValue() : op.value(0);
  if (failed(value))
    return failure();
  return op.setResult(
      OpTy::create(op.builder(), op.loc(), op.resultType(), *value, *axis));
}

template <typename OpTy, typename Options>
LogicalResult importResize(OpImport &op, KindSet kinds) {
  const auto *options = op.options<Options>();
  FailureOr<const TensorInfo *> input = options ? op.input(0) : noTensor();
  if (failed(input) || failed(op.requireOneKind(*input, kinds)) ||
      failed(op.requireRank(**input, 4)))
    return failure();
  FailureOr<Value> value = movable(op, 0);
  FailureOr<llvm::SmallVector<int64_t>> size =
      failed(value) ? noNumbers() : op.integers(1, "the size");
  if (failed(size))
    return failure();
  return op.setResult(OpTy::create(op.builder(), op.loc(), op.resultType(),
                                   *value, *size, options->align_corners(),
                                   options->half_pixel_centers()));
}

} // namespace

LogicalResult qcc::tflite::importArgMax(OpImport &op) {
  return importArg<qnn::ArgMaxOp>(op);
}

LogicalResult qcc::tflite::importArgMin(OpImport &op) {
  return importArg<qnn::ArgMinOp>(op);
}

LogicalResult qcc::tflite::importCumsum(OpImport &op) {
  const auto *options = op.options<CumsumOptions>();
  FailureOr<const TensorInfo *> input = options ? op.input(0) : noTensor();
  if (failed(input) || failed(op.requireOneKind(*input, sumKinds)))
    return failure();
  FailureOr<int64_t> axis =
      axisOperand(op, 1, static_cast<int64_t>((*input)->shape.size()));
  FailureOr<Value> value = failed(axis) ? noValue() : op.value(0);
  if (failed(value))
    return failure();
  return op.setResult(
      qnn::CumsumOp::create(op.builder(), op.loc(), op.resultType(), *value,
                            *axis, options->exclusive(), options->reverse()));
}

LogicalResult qcc::tflite::importGather(OpImport &op) {
  const auto *options = op.options<GatherOptions>();
  FailureOr<Value> value = options ? movable(op, 0) : noValue();
  FailureOr<Value> indices = failed(value) ? noValue() : indexOperand(op, 1);
  if (failed(indices))
    return failure();
  llvm::ArrayRef<int64_t> shape = (*op.input(0))->shape;
  FailureOr<llvm::SmallVector<int64_t>> axis =
      op.axes(int64_t(options->axis()), static_cast<int64_t>(shape.size()));
  if (failed(axis) || failed(checkIndices(op, 1, shape[axis->front()])))
    return failure();
  int64_t batchDims = options->batch_dims();
  if (batchDims < 0)
    batchDims += static_cast<int64_t>((*op.input(1))->shape.size());
  return op.setResult(qnn::GatherOp::create(op.builder(), op.loc(),
                                            op.resultType(), *value, *indices,
                                            axis->front(), batchDims));
}

LogicalResult qcc::tflite::importGatherND(OpImport &op) {
  FailureOr<Value> value = movable(op, 0);
  FailureOr<Value> indices = failed(value) ? noValue() : indexOperand(op, 1);
  if (failed(indices))
    return failure();
  llvm::ArrayRef<int64_t> shape = (*op.input(0))->shape,
                          tuples = (*op.input(1))->shape;
  int64_t width = tuples.empty() ? 0 : tuples.back();
  for (int64_t k = 0; k < std::min(width, static_cast<int64_t>(shape.size()));
       ++k)
    if (failed(checkIndices(op, 1, shape[k], k, width)))
      return failure();
  return op.setResult(qnn::GatherNDOp::create(
      op.builder(), op.loc(), op.resultType(), *value, *indices));
}

LogicalResult qcc::tflite::importEmbeddingLookup(OpImport &op) {
  FailureOr<Value> indices = indexOperand(op, 0);
  FailureOr<const TensorInfo *> table =
      failed(indices) ? noTensor() : op.input(1);
  if (failed(table))
    return failure();
  if ((*table)->shape.empty())
    return op.error() << quoted((*table)->name) << " is a scalar";
  if (failed(op.requireRank(**op.input(0), 1)) ||
      failed(checkIndices(op, 0, (*table)->shape[0])))
    return failure();
  // Rows of 8 bits are made floats.
  bool isHybrid = (*table)->kind == ElementKind::Int8 &&
                  op.result().kind == ElementKind::Float32;
  if (isHybrid && ((*table)->isPerAxis() || (*table)->zeroPoint() != 0))
    return op.error() << quoted((*table)->name)
                      << " must have one scale and the zero point 0";
  FailureOr<Value> value = isHybrid ? op.value(1) : movable(op, 1);
  if (failed(value))
    return failure();
  if (!isHybrid)
    return op.setResult(qnn::GatherOp::create(op.builder(), op.loc(),
                                              op.resultType(), *value, *indices,
                                              /*axis=*/0, /*batchDims=*/0));
  llvm::SmallVector<int64_t> shape((*table)->shape);
  shape[0] = (*op.input(0))->shape[0];
  auto rows = qnn::GatherOp::create(
      op.builder(), op.loc(),
      RankedTensorType::get(shape, (*table)->elementType), *value, *indices,
      /*axis=*/0, /*batchDims=*/0);
  return op.setResult(
      qnn::DequantizeOp::create(op.builder(), op.loc(), op.resultType(), rows));
}

LogicalResult qcc::tflite::importOneHot(OpImport &op) {
  const auto *options = op.options<OneHotOptions>();
  FailureOr<Value> indices = options ? indexOperand(op, 0) : noValue();
  FailureOr<llvm::SmallVector<int64_t>> depth =
      failed(indices) ? noNumbers() : op.integers(1, "the depth");
  if (failed(depth))
    return failure();
  if (depth->size() != 1)
    return op.error() << "needs 1 depth, but has " << depth->size();
  FailureOr<Value> on = movable(op, 2);
  FailureOr<Value> off = failed(on) ? noValue() : movable(op, 3);
  if (failed(off))
    return failure();
  FailureOr<llvm::SmallVector<int64_t>> axis =
      op.axes(int64_t(options->axis()),
              static_cast<int64_t>((*op.input(0))->shape.size()) + 1);
  if (failed(axis))
    return failure();
  return op.setResult(
      qnn::OneHotOp::create(op.builder(), op.loc(), op.resultType(), *indices,
                            *on, *off, axis->front(), depth->front()));
}

LogicalResult qcc::tflite::importResizeBilinear(OpImport &op) {
  return importResize<qnn::ResizeBilinearOp, ResizeBilinearOptions>(
      op, floatOrBytes | ElementKind::Int16);
}

LogicalResult qcc::tflite::importResizeNearest(OpImport &op) {
  return importResize<qnn::ResizeNearestOp, ResizeNearestNeighborOptions>(
      op, allKinds);
}

LogicalResult qcc::tflite::importDynamicUpdateSlice(OpImport &op) {
  FailureOr<Value> value = movable(op, 0);
  FailureOr<Value> update = failed(value) ? noValue() : movable(op, 1);
  FailureOr<Value> starts = failed(update) ? noValue() : indexOperand(op, 2);
  if (failed(starts))
    return failure();
  return op.setResult(qnn::DynamicUpdateSliceOp::create(
      op.builder(), op.loc(), op.resultType(), *value, *update, *starts));
}

LogicalResult qcc::tflite::importTopK(OpImport &op) {
  if (op.numResults() != 2)
    return op.error() << "has 1 output, but makes 2";
  constexpr KindSet kinds =
      floatOrBytes | KindSet{ElementKind::Int32, ElementKind::Int64};
  FailureOr<const TensorInfo *> input = op.input(0);
  if (failed(input) || failed(op.requireOneKind(*input, kinds)))
    return failure();
  if (op.result(1).kind != ElementKind::Int32)
    return op.error() << "the indices " << quoted(op.result(1).name) << " are "
                      << op.result(1).typeText << ": supported is int32";
  FailureOr<Value> value = movable(op, 0);
  FailureOr<llvm::SmallVector<int64_t>> count =
      failed(value) ? noNumbers() : op.integers(1, "the number of elements");
  if (failed(count))
    return failure();
  if (count->size() != 1)
    return op.error() << "needs 1 number of elements, but has "
                      << count->size();
  auto indices = qnn::TopKOp::create(op.builder(), op.loc(1), op.resultType(1),
                                     *value, count->front());
  if (failed(op.setResult(1, indices)))
    return failure();
  auto last = static_cast<int64_t>((*input)->shape.size()) - 1;
  return op.setResult(0, qnn::GatherOp::create(op.builder(), op.loc(),
                                               op.resultType(), *value, indices,
                                               /*axis=*/last,
                                               /*batchDims=*/last));
}
