// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shape inference and verification of reductions and of the functions over the
// last axis.

#include "OpSupport.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace qcc::qnn;

namespace {

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

template <typename OpTy> FailureOr<SmallVector<int64_t>> inferReduced(OpTy op) {
  ArrayRef<int64_t> in = shapeOf(op.getInput());
  SmallVector<bool> reduced(in.size(), false);
  for (int64_t axis : op.getAxes()) {
    if (axis < 0 || axis >= static_cast<int64_t>(in.size()) || reduced[axis])
      return op.emitOpError()
             << "axes must be distinct and in [0, " << in.size()
             << "), but got [" << op.getAxes() << "]";
    reduced[axis] = true;
  }
  SmallVector<int64_t> shape;
  for (auto [i, extent] : llvm::enumerate(in))
    if (!reduced[i])
      shape.push_back(extent);
    else if (op.getKeepDims())
      shape.push_back(1);
  return shape;
}

template <typename OpTy> LogicalResult verifySameElements(OpTy op) {
  Type from = elementTypeOf(op.getInput().getType());
  if (from != elementTypeOf(op.getType()))
    return op.emitOpError()
           << "operand and result must have the same element type, but got "
           << op.getInput().getType() << " and " << op.getType();
  return success();
}

/// reduce_max and reduce_min have no value of nothing.
template <typename OpTy> LogicalResult verifyExtremum(OpTy op) {
  if (failed(verifySameElements(op)) || failed(verifyInferredShape(op)))
    return failure();
  for (int64_t axis : op.getAxes())
    if (shapeOf(op.getInput())[axis] == 0)
      return op.emitOpError()
             << "axis " << axis << " has no elements to take one of";
  return success();
}

template <typename OpTy> LogicalResult verifyLogical(OpTy op) {
  if (failed(verifySameElements(op)))
    return failure();
  if (!elementTypeOf(op.getType()).isInteger(1))
    return op.emitOpError()
           << "needs elements of type i1, but got " << op.getInput().getType();
  return verifyInferredShape(op);
}

bool isQuantizedWith(Type type, unsigned bits) {
  return isQuantized(type) &&
         storageTypeOf(type).getIntOrFloatBitWidth() == bits;
}

//===----------------------------------------------------------------------===//
// Functions over the last axis
//===----------------------------------------------------------------------===//

template <typename OpTy> LogicalResult verifyLastAxis(OpTy op) {
  if (failed(verifySameKind(op, {op.getInput(), op.getResult()},
                            /*allowInteger=*/false)))
    return failure();
  if (shapeOf(op.getInput()).empty())
    return op.emitOpError() << "needs an axis, but the operand is a scalar";
  return verifyInferredShape(op);
}

/// 8 bits on both sides and the result's type that the origin has built in.
template <typename OpTy>
LogicalResult verifyBuiltIn(OpTy op, double scale, int64_t zeroOfSigned,
                            int64_t zeroOfUnsigned) {
  for (Value v : {op.getInput(), op.getResult()})
    if (isQuantized(v.getType()) && !isQuantizedWith(v.getType(), 8))
      return op.emitOpError() << "needs 8-bit storage, but got " << v.getType();
  Type type = op.getType();
  if (!isQuantized(type))
    return success();
  int64_t zero = isSignedStorage(type) ? zeroOfSigned : zeroOfUnsigned;
  if (quantizedAxisOf(type) || scaleOf(type) != scale ||
      zeroPointOf(type) != zero) {
    std::string text;
    llvm::raw_string_ostream(text) << llvm::format("%g", scale);
    return op.emitOpError()
           << "the result must have the scale " << text << " and zero point "
           << zero << ", but is " << type;
  }
  return success();
}

} // namespace

FailureOr<SmallVector<int64_t>> MeanOp::inferShape() {
  return inferReduced(*this);
}
FailureOr<SmallVector<int64_t>> SumOp::inferShape() {
  return inferReduced(*this);
}
FailureOr<SmallVector<int64_t>> ReduceMaxOp::inferShape() {
  return inferReduced(*this);
}
FailureOr<SmallVector<int64_t>> ReduceMinOp::inferShape() {
  return inferReduced(*this);
}
FailureOr<SmallVector<int64_t>> ReduceProdOp::inferShape() {
  return inferReduced(*this);
}
FailureOr<SmallVector<int64_t>> ReduceAnyOp::inferShape() {
  return inferReduced(*this);
}
FailureOr<SmallVector<int64_t>> ReduceAllOp::inferShape() {
  return inferReduced(*this);
}

LogicalResult MeanOp::verify() {
  if (failed(verifySameKind(*this, {getInput(), getResult()},
                            /*allowInteger=*/true)))
    return failure();
  if (!isQuantized(getInput().getType()) && failed(verifySameElements(*this)))
    return failure();
  if (failed(
          verifyMultiplier(*this, requantizeScale(scaleOf(getInput().getType()),
                                                  scaleOf(getType()), false))))
    return failure();
  return verifyInferredShape(*this);
}

LogicalResult SumOp::verify() {
  bool isRescaled =
      isQuantizedWith(getInput().getType(), 8) && isQuantizedWith(getType(), 8);
  if (!isRescaled && failed(verifySameElements(*this)))
    return failure();
  if (isRescaled && failed(verifyMultiplier(
                        *this, requantizeScale(scaleOf(getInput().getType()),
                                               scaleOf(getType()), false))))
    return failure();
  return verifyInferredShape(*this);
}

LogicalResult ReduceMaxOp::verify() { return verifyExtremum(*this); }
LogicalResult ReduceMinOp::verify() { return verifyExtremum(*this); }

LogicalResult ReduceProdOp::verify() {
  if (isQuantized(getType()))
    return emitOpError() << "is not defined on quantized types, but got "
                         << getInput().getType();
  if (failed(verifySameElements(*this)))
    return failure();
  return verifyInferredShape(*this);
}

LogicalResult ReduceAnyOp::verify() { return verifyLogical(*this); }
LogicalResult ReduceAllOp::verify() { return verifyLogical(*this); }

FailureOr<SmallVector<int64_t>> SoftmaxOp::inferShape() {
  return llvm::to_vector(shapeOf(getInput()));
}
FailureOr<SmallVector<int64_t>> LogSoftmaxOp::inferShape() {
  return llvm::to_vector(shapeOf(getInput()));
}
FailureOr<SmallVector<int64_t>> L2NormalizeOp::inferShape() {
  return llvm::to_vector(shapeOf(getInput()));
}

LogicalResult SoftmaxOp::verify() {
  if (failed(verifyLastAxis(*this)))
    return failure();
  Type from = getInput().getType(), to = getType();
  if (isQuantized(to) &&
      !(isQuantizedWith(from, 8) && isQuantizedWith(to, 8)) &&
      !(isQuantizedWith(from, 16) && isQuantizedWith(to, 16)))
    return emitOpError() << "needs 8-bit or 16-bit storage on both sides, but "
                            "got "
                         << from << " and " << to;
  if (!getBeta().isFinite())
    return emitOpError() << "'beta' must be finite";
  return success();
}

LogicalResult LogSoftmaxOp::verify() {
  if (failed(verifyLastAxis(*this)))
    return failure();
  return verifyBuiltIn(*this, 1.0 / 16, 127, 255);
}

LogicalResult L2NormalizeOp::verify() {
  if (failed(verifyLastAxis(*this)))
    return failure();
  return verifyBuiltIn(*this, 1.0 / 128, 0, 128);
}
