// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// PAD, RESHAPE, SQUEEZE, EXPAND_DIMS and CONCATENATION.

#include "OpTable.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::tflite;

namespace {

/// The operand's elements in the shape `shape`, which has as many of them.
LogicalResult makeReshape(OpImport &op, const TensorInfo &input,
                          llvm::ArrayRef<int64_t> shape) {
  if (failed(op.requireSameElements(input)) || failed(op.checkShape(shape)))
    return failure();
  FailureOr<Value> value = op.value(0);
  if (failed(value))
    return failure();
  return op.setResult(
      qnn::ReshapeOp::create(op.builder(), op.loc(), op.resultType(), *value));
}

/// The shape that RESHAPE is asked for, -1 unresolved: its second operand, else
/// its options, else the result's own shape.
FailureOr<llvm::SmallVector<int64_t>> wantedShape(OpImport &op) {
  if (op.hasInput(1))
    return op.integers(1, "the new shape");
  if (op.hasOptions()) {
    const auto *options = op.options<ReshapeOptions>();
    if (!options)
      return failure();
    if (const auto *shape = options->new_shape()) {
      constexpr unsigned limit = 64;
      if (shape->size() > limit)
        return op.error() << "the new shape has rank " << shape->size();
      return llvm::SmallVector<int64_t>(shape->begin(), shape->end());
    }
  }
  return llvm::SmallVector<int64_t>(op.result().shape);
}

} // namespace

LogicalResult qcc::tflite::importPad(OpImport &op) {
  FailureOr<const TensorInfo *> input = op.input(0);
  if (failed(input) || failed(op.requireOneKind(*input, allKinds)) ||
      failed(op.requireSameElements(**input)))
    return failure();
  FailureOr<const TensorInfo *> amounts = op.input(1);
  if (failed(amounts))
    return failure();
  int64_t rank = (*input)->shape.size();
  if ((*amounts)->shape != llvm::ArrayRef<int64_t>({rank, 2}))
    return op.error() << "the paddings of a tensor of rank " << rank
                      << " must have the shape " << shapeText({rank, 2})
                      << ", but have " << shapeText((*amounts)->shape);
  FailureOr<llvm::SmallVector<int64_t>> numbers =
      op.integers(1, "the paddings");
  if (failed(numbers))
    return failure();
  llvm::SmallVector<int64_t> low, high;
  for (int64_t i = 0; i < rank; ++i) {
    low.push_back((*numbers)[2 * i]);
    high.push_back((*numbers)[2 * i + 1]);
  }
  FailureOr<Value> value = op.value(0);
  if (failed(value))
    return failure();
  return op.setResult(qnn::PadOp::create(op.builder(), op.loc(),
                                         op.resultType(), *value, low, high));
}

LogicalResult qcc::tflite::importReshape(OpImport &op) {
  FailureOr<const TensorInfo *> input = op.input(0);
  if (failed(input))
    return failure();
  FailureOr<llvm::SmallVector<int64_t>> wanted = wantedShape(op);
  if (failed(wanted))
    return failure();
  // Old converters wrote [0] for a scalar.
  if (*wanted == llvm::ArrayRef<int64_t>(0))
    wanted->clear();
  int64_t elements = (*input)->elements(), known = 1, unknown = -1;
  for (auto [i, extent] : llvm::enumerate(*wanted)) {
    bool isOpen = extent == -1 && unknown == -1;
    if (isOpen)
      unknown = i;
    if (!isOpen && (extent < 1 || known > elements / extent))
      return op.error() << "the new shape " << shapeText(*wanted)
                        << " does not fit " << elements << " elements";
    known *= isOpen ? 1 : extent;
  }
  if (unknown >= 0 && elements % known == 0)
    (*wanted)[unknown] = elements / known;
  else if (known != elements)
    return op.error() << "the new shape " << shapeText(*wanted)
                      << " does not fit " << elements << " elements";
  return makeReshape(op, **input, *wanted);
}

LogicalResult qcc::tflite::importSqueeze(OpImport &op) {
  FailureOr<const TensorInfo *> input = op.input(0);
  if (failed(input))
    return failure();
  llvm::ArrayRef<int64_t> shape = (*input)->shape;
  llvm::SmallVector<int64_t> axes;
  if (op.hasOptions()) {
    const auto *options = op.options<SqueezeOptions>();
    if (!options)
      return failure();
    if (const auto *raw = options->squeeze_dims()) {
      if (raw->size() > shape.size())
        return op.error() << "names " << raw->size()
                          << " axes of a tensor of rank " << shape.size();
      FailureOr<llvm::SmallVector<int64_t>> found = op.axes(
          llvm::SmallVector<int64_t>(raw->begin(), raw->end()), shape.size());
      if (failed(found))
        return failure();
      axes = *found;
    }
  }
  // No axes: all of extent 1.
  llvm::SmallVector<int64_t> squeezed;
  for (auto [i, extent] : llvm::enumerate(shape)) {
    bool isNamed = llvm::is_contained(axes, static_cast<int64_t>(i));
    if (isNamed && extent != 1)
      return op.error() << "axis " << i << " of " << quoted((*input)->name)
                        << " has extent " << extent << ", not 1";
    if (!isNamed && (extent != 1 || !axes.empty()))
      squeezed.push_back(extent);
  }
  return makeReshape(op, **input, squeezed);
}

LogicalResult qcc::tflite::importExpandDims(OpImport &op) {
  FailureOr<const TensorInfo *> input = op.input(0);
  if (failed(input))
    return failure();
  FailureOr<llvm::SmallVector<int64_t>> raw = op.integers(1, "the axis");
  if (failed(raw))
    return failure();
  if (raw->size() != 1)
    return op.error() << "needs 1 axis, but has " << raw->size();
  llvm::SmallVector<int64_t> shape((*input)->shape);
  FailureOr<llvm::SmallVector<int64_t>> axis = op.axes(*raw, shape.size() + 1);
  if (failed(axis))
    return failure();
  shape.insert(shape.begin() + axis->front(), 1);
  return makeReshape(op, **input, shape);
}

LogicalResult qcc::tflite::importConcatenation(OpImport &op) {
  const auto *options = op.options<ConcatenationOptions>();
  if (!options)
    return failure();
  // TFLite's kernel has no activation either.
  if (options->fused_activation_function() != Activation::NONE)
    return op.error() << "a fused activation is not supported";
  llvm::SmallVector<Value> values;
  for (unsigned i = 0; i < op.numInputs(); ++i) {
    FailureOr<const TensorInfo *> input = op.input(i);
    if (failed(input) || failed(op.requireOneKind(*input, allKinds)))
      return failure();
    // TFLite's kernel for uint8 brings operands of another scale to the
    // result's; the others copy bytes.
    bool isRescaled = op.result().kind == ElementKind::UInt8 &&
                      (*input)->elementType != op.result().elementType;
    if (!isRescaled && failed(op.requireSameElements(**input)))
      return failure();
    FailureOr<Value> value = op.value(i);
    if (failed(value))
      return failure();
    if (isRescaled)
      value =
          qnn::RequantizeOp::create(
              op.builder(), op.loc(),
              RankedTensorType::get((*input)->shape, op.result().elementType),
              *value, qnn::ClampAttr(), qnn::Rounding::TfliteDouble,
              /*single_scale_quotient=*/false, /*float_affine=*/true)
              .getResult();
    values.push_back(*value);
  }
  FailureOr<llvm::SmallVector<int64_t>> axis =
      op.axes(int64_t(options->axis()), (*op.input(0))->shape.size());
  if (failed(axis))
    return failure();
  return op.setResult(qnn::ConcatOp::create(
      op.builder(), op.loc(), op.resultType(), values, axis->front()));
}
