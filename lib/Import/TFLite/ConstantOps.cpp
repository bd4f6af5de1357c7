// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operators whose results follow from shapes and constants: they become
// constants.

#include "OpTable.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include <cmath>

using namespace mlir;
using namespace qcc;
using namespace qcc::tflite;
using llvm::ArrayRef;
using Extents = llvm::SmallVector<int64_t>;

namespace {

/// A constant result.
LogicalResult setConstant(OpImport &op, DenseElementsAttr values) {
  auto shape = values.getType().getShape();
  if (failed(op.checkShape(shape)))
    return failure();
  auto made =
      qnn::ConstantOp::create(op.builder(), op.loc(), op.resultType(), values);
  return op.setValue(made);
}

/// Stored integers of the result's type.
DenseElementsAttr integerElements(OpImport &op, ArrayRef<int64_t> shape,
                                  ArrayRef<int64_t> values) {
  Type storage = qnn::storageTypeOf(op.resultType());
  llvm::SmallVector<APInt> integers;
  for (int64_t value : values)
    integers.emplace_back(storage.getIntOrFloatBitWidth(),
                          static_cast<uint64_t>(value), /*isSigned=*/true,
                          /*implicitTrunc=*/true);
  return DenseElementsAttr::get(RankedTensorType::get(shape, storage),
                                integers);
}

} // namespace

LogicalResult qcc::tflite::importBroadcastArgs(OpImport &op) {
  FailureOr<Extents> a = op.integers(0, "the first shape");
  FailureOr<Extents> b = failed(a) ? FailureOr<Extents>(failure())
                                   : op.integers(1, "the second shape");
  if (failed(b) || failed(op.requireKind(
                       op.result(), {ElementKind::Int32, ElementKind::Int64})))
    return failure();
  Extents shape = a->size() > b->size() ? *a : *b,
          other = a->size() > b->size() ? *b : *a;
  size_t missing = shape.size() - other.size();
  for (size_t i = 0; i < other.size(); ++i) {
    int64_t &extent = shape[i + missing];
    if (extent != other[i] && extent != 1 && other[i] != 1)
      return op.error() << "the shapes " << shapeText(*a) << " and "
                        << shapeText(*b) << " do not broadcast";
    extent = extent == 1 ? other[i] : extent;
  }
  return setConstant(
      op, integerElements(op, {static_cast<int64_t>(shape.size())}, shape));
}

LogicalResult qcc::tflite::importFill(OpImport &op) {
  FailureOr<Extents> shape = op.integers(0, "the shape");
  FailureOr<const TensorInfo *> input =
      failed(shape) ? FailureOr<const TensorInfo *>(failure()) : op.input(1);
  if (failed(input) || failed(op.requireOneKind(*input, allKinds)) ||
      failed(op.requireSameElements(**input)) || failed(op.checkShape(*shape)))
    return failure();
  if ((*input)->elements() != 1)
    return op.error() << "needs one value to fill with";
  if (std::optional<reference::RefTensor> known = op.evaluate(1)) {
    if (!known->isFloat())
      return setConstant(op, integerElements(op, *shape, known->ints()));
    return setConstant(
        op, DenseElementsAttr::get(
                RankedTensorType::get(*shape, op.builder().getF32Type()),
                known->floats()[0]));
  }
  FailureOr<Value> value = op.value(1);
  if (failed(value))
    return failure();
  auto one = qnn::ReshapeOp::create(
      op.builder(), op.loc(),
      RankedTensorType::get(Extents(shape->size(), 1), (*input)->elementType),
      *value);
  return op.setResult(
      qnn::BroadcastOp::create(op.builder(), op.loc(), op.resultType(), one));
}

LogicalResult qcc::tflite::importShape(OpImport &op) {
  FailureOr<const TensorInfo *> input = op.input(0);
  if (failed(input) ||
      failed(op.requireKind(op.result(),
                            {ElementKind::Int32, ElementKind::Int64})))
    return failure();
  if ((*input)->shape.empty())
    return op.error() << "the shape of the scalar " << quoted((*input)->name)
                      << " has no elements";
  auto rank = static_cast<int64_t>((*input)->shape.size());
  return setConstant(op, integerElements(op, {rank}, (*input)->shape));
}

LogicalResult qcc::tflite::importRank(OpImport &op) {
  FailureOr<const TensorInfo *> input = op.input(0);
  if (failed(input) || failed(op.requireKind(op.result(), ElementKind::Int32)))
    return failure();
  return setConstant(
      op,
      integerElements(op, {}, static_cast<int64_t>((*input)->shape.size())));
}

LogicalResult qcc::tflite::importZerosLike(OpImport &op) {
  FailureOr<const TensorInfo *> input = op.input(0);
  constexpr KindSet kinds = {ElementKind::Float32, ElementKind::Int32,
                             ElementKind::Int64};
  if (failed(input) || failed(op.requireOneKind(*input, kinds)))
    return failure();
  Builder &builder = op.builder();
  Type storage = qnn::storageTypeOf(op.resultType());
  return setConstant(op, DenseElementsAttr::get(
                             RankedTensorType::get((*input)->shape, storage),
                             builder.getZeroAttr(storage)));
}

LogicalResult qcc::tflite::importRange(OpImport &op) {
  constexpr KindSet kinds = {ElementKind::Float32, ElementKind::Int32,
                             ElementKind::Int64};
  std::optional<reference::RefTensor> bounds[3];
  for (unsigned i = 0; i < 3; ++i) {
    FailureOr<const TensorInfo *> input = op.input(i);
    if (failed(input) || failed(op.requireOneKind(*input, kinds)))
      return failure();
    bounds[i] = op.evaluate(i);
    if (!bounds[i] || bounds[i]->getNumElements() != 1)
      return op.error() << quoted((*input)->name)
                        << " must be one number known at compile time";
  }
  // TFLite adds the step again and again, which floats show. Thousands of
  // operators may each ask for as many numbers in a few bytes.
  constexpr int64_t most = int64_t(1) << 14;
  auto countOf = [&](double start, double limit, double delta) -> int64_t {
    double count = std::ceil(std::abs((limit - start) / delta));
    bool goesThere = delta != 0 && (limit > start) == (delta > 0);
    return goesThere && count <= static_cast<double>(most)
               ? static_cast<int64_t>(count)
               : 0;
  };
  int64_t count = 0;
  DenseElementsAttr values;
  if (bounds[0]->isFloat()) {
    float start = bounds[0]->floats()[0], limit = bounds[1]->floats()[0],
          delta = bounds[2]->floats()[0];
    count = countOf(0, std::abs((limit - start) / delta),
                    (limit > start) == (delta > 0) ? 1 : 0);
    std::vector<float> numbers;
    for (int64_t i = 0; i < count; ++i, start += delta)
      numbers.push_back(start);
    if (count > 0)
      values = DenseElementsAttr::get(
          RankedTensorType::get({count}, op.builder().getF32Type()),
          ArrayRef<float>(numbers));
  } else {
    int64_t start = bounds[0]->ints()[0], delta = bounds[2]->ints()[0];
    count = countOf(static_cast<double>(start),
                    static_cast<double>(bounds[1]->ints()[0]),
                    static_cast<double>(delta));
    Extents numbers;
    for (int64_t i = 0; i < count; ++i)
      numbers.push_back(start + i * delta);
    if (count > 0)
      values = integerElements(op, {count}, numbers);
  }
  if (count == 0)
    return op.error() << "the range has no elements, or more than " << most;
  return setConstant(op, values);
}
