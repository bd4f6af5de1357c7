// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shape inference and verification of operations that take or make indices, and
// of resizing.

#include "OpSupport.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace qcc::qnn;

namespace {

/// A plain integer with a sign; a bool has none.
bool isPlainInteger(Type type) {
  Type element = elementTypeOf(type);
  return element.isSignlessInteger() && !element.isInteger(1);
}

LogicalResult verifyIndices(Operation *op, Value indices) {
  if (isPlainInteger(indices.getType()))
    return success();
  return op->emitOpError() << "indices must be plain signed integers, but got "
                           << indices.getType();
}

LogicalResult verifyArg(Operation *op) {
  Type element = elementTypeOf(op->getResult(0).getType());
  if (!element.isInteger(32) && !element.isInteger(64))
    return op->emitOpError()
           << "the result's elements must be i32 or i64, but are " << element;
  return failed(verifyNoAxis(op)) ? failure() : verifyInferredShape(op);
}

FailureOr<SmallVector<int64_t>> withoutAxis(Operation *op, int64_t axis) {
  SmallVector<int64_t> shape(shapeOf(op->getOperand(0)));
  if (failed(verifyAxis(op, axis, static_cast<int64_t>(shape.size()))))
    return failure();
  shape.erase(shape.begin() + axis);
  return shape;
}

/// Positions are computed in 32 bits, 10 of them fractional.
constexpr int64_t kMostResized = int64_t(1) << 20;

FailureOr<SmallVector<int64_t>> resizedShape(Operation *op, Value input,
                                             ArrayRef<int64_t> size) {
  SmallVector<int64_t> shape(shapeOf(input));
  if (failed(verifyNumbers(op, "size", size, 2, 1)))
    return failure();
  for (int64_t extent : {shape[1], shape[2], size[0], size[1]})
    if (extent > kMostResized)
      return op->emitOpError() << "resizes extents of at most " << kMostResized
                               << ", but got " << extent;
  shape[1] = size[0];
  shape[2] = size[1];
  return shape;
}

} // namespace

FailureOr<SmallVector<int64_t>> ArgMaxOp::inferShape() {
  return withoutAxis(*this, getAxis());
}
LogicalResult ArgMaxOp::verify() { return verifyArg(*this); }

FailureOr<SmallVector<int64_t>> ArgMinOp::inferShape() {
  return withoutAxis(*this, getAxis());
}
LogicalResult ArgMinOp::verify() { return verifyArg(*this); }

FailureOr<SmallVector<int64_t>> CumsumOp::inferShape() {
  ArrayRef<int64_t> shape = shapeOf(getInput());
  if (failed(verifyAxis(*this, getAxis(), static_cast<int64_t>(shape.size()))))
    return failure();
  return llvm::to_vector(shape);
}

LogicalResult CumsumOp::verify() {
  if (!isFloat(getType()) && !isPlainInteger(getType()))
    return emitOpError()
           << "is defined on f32 and plain signed integers, but got "
           << getType();
  return failed(verifySameElementType(*this, {getInput()}))
             ? failure()
             : verifyInferredShape(*this);
}

FailureOr<SmallVector<int64_t>> DynamicUpdateSliceOp::inferShape() {
  ArrayRef<int64_t> in = shapeOf(getInput()), update = shapeOf(getUpdate()),
                    starts = shapeOf(getStarts());
  bool fits = in.size() == update.size();
  for (size_t i = 0; fits && i < in.size(); ++i)
    fits = update[i] <= in[i];
  if (!fits)
    return emitOpError() << "an update of shape [" << update
                         << "] does not fit into [" << in << "]";
  if (starts.size() != 1 || starts[0] != static_cast<int64_t>(in.size()))
    return emitOpError() << "'starts' must have the shape [" << in.size()
                         << "], but has [" << starts << "]";
  return llvm::to_vector(in);
}

LogicalResult DynamicUpdateSliceOp::verify() {
  return failed(verifyIndices(*this, getStarts())) ||
                 failed(
                     verifySameElementType(*this, {getInput(), getUpdate()})) ||
                 failed(verifyNoAxis(*this))
             ? failure()
             : verifyInferredShape(*this);
}

FailureOr<SmallVector<int64_t>> TopKOp::inferShape() {
  SmallVector<int64_t> shape(shapeOf(getInput()));
  auto k = static_cast<int64_t>(getK());
  if (shape.empty() || k < 1 || k > shape.back())
    return emitOpError() << "has no " << k
                         << " elements along the last axis of ["
                         << ArrayRef<int64_t>(shape) << "]";
  shape.back() = k;
  return shape;
}

LogicalResult TopKOp::verify() {
  if (!elementTypeOf(getType()).isInteger(32))
    return emitOpError() << "the result's elements must be i32, but are "
                         << elementTypeOf(getType());
  return failed(verifyNoAxis(*this)) ? failure() : verifyInferredShape(*this);
}

FailureOr<SmallVector<int64_t>> GatherOp::inferShape() {
  ArrayRef<int64_t> in = shapeOf(getInput()), indices = shapeOf(getIndices());
  int64_t axis = getAxis(), batch = getBatchDims();
  if (failed(verifyAxis(*this, axis, static_cast<int64_t>(in.size()))))
    return failure();
  if (batch < 0 || batch > axis || batch > static_cast<int64_t>(indices.size()))
    return emitOpError() << "'batch_dims' " << batch << " lies outside [0, "
                         << std::min<int64_t>(axis, indices.size()) << "]";
  if (in.take_front(batch) != indices.take_front(batch))
    return emitOpError() << "the first " << batch
                         << " extents of input and indices must be equal, but "
                            "got ["
                         << in << "] and [" << indices << "]";
  SmallVector<int64_t> shape(in.take_front(axis));
  llvm::append_range(shape, indices.drop_front(batch));
  llvm::append_range(shape, in.drop_front(axis + 1));
  return shape;
}

LogicalResult GatherOp::verify() {
  return failed(verifyIndices(*this, getIndices())) ||
                 failed(verifySameElementType(*this, {getInput()})) ||
                 failed(verifyNoAxis(*this))
             ? failure()
             : verifyInferredShape(*this);
}

FailureOr<SmallVector<int64_t>> GatherNDOp::inferShape() {
  ArrayRef<int64_t> in = shapeOf(getInput()), indices = shapeOf(getIndices());
  if (indices.empty() || indices.back() > static_cast<int64_t>(in.size()))
    return emitOpError() << "indices of shape [" << indices
                         << "] do not address a tensor of rank " << in.size();
  SmallVector<int64_t> shape(indices.drop_back());
  llvm::append_range(shape, in.drop_front(indices.back()));
  return shape;
}

LogicalResult GatherNDOp::verify() {
  return failed(verifyIndices(*this, getIndices())) ||
                 failed(verifySameElementType(*this, {getInput()})) ||
                 failed(verifyNoAxis(*this))
             ? failure()
             : verifyInferredShape(*this);
}

FailureOr<SmallVector<int64_t>> OneHotOp::inferShape() {
  SmallVector<int64_t> shape(shapeOf(getIndices()));
  if (failed(verifyAxis(*this, getAxis(),
                        static_cast<int64_t>(shape.size()) + 1)) ||
      failed(verifyNumbers(*this, "depth", {static_cast<int64_t>(getDepth())},
                           1, 1)))
    return failure();
  shape.insert(shape.begin() + static_cast<int64_t>(getAxis()), getDepth());
  return shape;
}

LogicalResult OneHotOp::verify() {
  for (Value value : {getOn(), getOff()})
    if (cast<RankedTensorType>(value.getType()).getNumElements() != 1)
      return emitOpError() << "'on' and 'off' must have one element, but got "
                           << value.getType();
  return failed(verifyIndices(*this, getIndices())) ||
                 failed(verifySameElementType(*this, {getOn(), getOff()})) ||
                 failed(verifyNoAxis(*this))
             ? failure()
             : verifyInferredShape(*this);
}

FailureOr<SmallVector<int64_t>> ResizeBilinearOp::inferShape() {
  return resizedShape(*this, getInput(), getSize());
}

LogicalResult ResizeBilinearOp::verify() {
  if (getAlignCorners() && getHalfPixelCenters())
    return emitOpError()
           << "'align_corners' and 'half_pixel_centers' exclude each other";
  unsigned bits = storageTypeOf(getType()).getIntOrFloatBitWidth();
  bool isDefined = isFloat(getType()) ||
                   (isQuantized(getType()) &&
                    (bits == 8 || (bits == 16 && isSignedStorage(getType()))));
  if (!isDefined)
    return emitOpError() << "is defined on f32 and on 8-bit and signed 16-bit "
                            "quantized types, but got "
                         << getType();
  return failed(verifySameElementType(*this, {getInput()})) ||
                 failed(verifyNoAxis(*this))
             ? failure()
             : verifyInferredShape(*this);
}

FailureOr<SmallVector<int64_t>> ResizeNearestOp::inferShape() {
  return resizedShape(*this, getInput(), getSize());
}

LogicalResult ResizeNearestOp::verify() {
  return failed(verifySameElementType(*this, {getInput()})) ||
                 failed(verifyNoAxis(*this))
             ? failure()
             : verifyInferredShape(*this);
}
