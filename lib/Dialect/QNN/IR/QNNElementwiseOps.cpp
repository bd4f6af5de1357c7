// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shape inference, verification and folding of element-wise operations.

#include "OpSupport.h"

#include "mlir/Dialect/Traits.h"

using namespace mlir;
using namespace qcc::qnn;

namespace {

/// An element-wise op may overwrite an operand with as many elements of the
/// same size.
bool sameExtentAndSize(Value operand, Value result) {
  return shapeOf(operand) == shapeOf(result) &&
         bytesPerElement(operand.getType()) ==
             bytesPerElement(result.getType());
}

LogicalResult verifyPerTensor(Operation *op) {
  for (Value v : llvm::concat<Value>(SmallVector<Value>(op->getOperands()),
                                     SmallVector<Value>(op->getResults())))
    if (isQuantized(v.getType()) &&
        !isa<quant::UniformQuantizedType>(elementTypeOf(v.getType())))
      return op->emitOpError()
             << "operands and result must be quantized per tensor, but got "
             << v.getType();
  return success();
}

} // namespace

FailureOr<SmallVector<int64_t>> AddOp::inferShape() {
  SmallVector<int64_t> shape;
  if (!OpTrait::util::getBroadcastedShape(shapeOf(getLhs()), shapeOf(getRhs()),
                                          shape))
    return emitOpError() << "shapes [" << shapeOf(getLhs()) << "] and ["
                         << shapeOf(getRhs()) << "] do not broadcast";
  return shape;
}

LogicalResult AddOp::verify() {
  if (failed(verifySameKind(*this, {getLhs(), getRhs(), getResult()},
                            /*allowInteger=*/true)) ||
      failed(verifyPerTensor(*this)) ||
      failed(verifyClamp(*this, getClampAttr(), getType())))
    return failure();
  // TFLite stops the program at a multiplier of 1 or more.
  double sum =
             std::max(scaleOf(getLhs().getType()), scaleOf(getRhs().getType())),
         out = scaleOf(getType());
  if (isQuantized(getType()) && 2 * sum >= out * 0x1p20)
    return emitOpError() << "the result's scale must be more than 2^-19 of the "
                            "operands' larger one";
  return verifyInferredShape(*this);
}

bool AddOp::mayRunInPlace(unsigned operand) {
  return sameExtentAndSize(getOperand(operand), getResult());
}

// The unary operations differ in what they accept.
#define QCC_UNARY(OpName)                                                      \
  FailureOr<SmallVector<int64_t>> OpName::inferShape() {                       \
    return llvm::to_vector(shapeOf(getInput()));                               \
  }                                                                            \
  bool OpName::mayRunInPlace(unsigned) {                                       \
    return sameExtentAndSize(getInput(), getResult());                         \
  }
QCC_UNARY(LogisticOp)
QCC_UNARY(TanhOp)
QCC_UNARY(ClipOp)
QCC_UNARY(RequantizeOp)
QCC_UNARY(QuantizeOp)
QCC_UNARY(DequantizeOp)
#undef QCC_UNARY

LogicalResult LogisticOp::verify() {
  if (failed(verifySameKind(*this, {getInput(), getResult()},
                            /*allowInteger=*/false)) ||
      failed(verifyPerTensor(*this)))
    return failure();
  return verifyInferredShape(*this);
}

LogicalResult TanhOp::verify() {
  if (failed(verifySameKind(*this, {getInput(), getResult()},
                            /*allowInteger=*/false)) ||
      failed(verifyPerTensor(*this)))
    return failure();
  return verifyInferredShape(*this);
}

LogicalResult ClipOp::verify() {
  if (getInput().getType() != getType())
    return emitOpError()
           << "operand and result must have the same type, but got "
           << getInput().getType() << " and " << getType();
  return verifyClamp(*this, getClamp(), getType());
}

LogicalResult RequantizeOp::verify() {
  if (!isQuantized(getInput().getType()) || !isQuantized(getType()))
    return emitOpError() << "operand and result must be quantized, but got "
                         << getInput().getType() << " and " << getType();
  if (failed(verifyPerTensor(*this)) ||
      failed(verifyClamp(*this, getClampAttr(), getType())) ||
      failed(
          verifyMultiplier(*this, requantizeScale(scaleOf(getInput().getType()),
                                                  scaleOf(getType()), false))))
    return failure();
  return verifyInferredShape(*this);
}

OpFoldResult RequantizeOp::fold(FoldAdaptor) {
  if (getInput().getType() != getType())
    return {};
  auto [lo, hi] = integerClamp(getClampAttr(), getType());
  return std::make_pair(lo, hi) == storageRange(getType())
             ? OpFoldResult(getInput())
             : OpFoldResult();
}

LogicalResult QuantizeOp::verify() {
  if (!isFloat(getInput().getType()) || !isQuantized(getType()))
    return emitOpError()
           << "operand must be float and result quantized, but got "
           << getInput().getType() << " and " << getType();
  if (failed(verifyPerTensor(*this)))
    return failure();
  return verifyInferredShape(*this);
}

LogicalResult DequantizeOp::verify() {
  if (!isQuantized(getInput().getType()) || !isFloat(getType()))
    return emitOpError()
           << "operand must be quantized and result float, but got "
           << getInput().getType() << " and " << getType();
  return verifyInferredShape(*this);
}

OpFoldResult DequantizeOp::fold(FoldAdaptor adaptor) {
  auto stored = dyn_cast_or_null<DenseElementsAttr>(adaptor.getInput());
  if (!stored)
    return {};
  auto type = cast<RankedTensorType>(getInput().getType());
  bool isSigned = isSignedStorage(type);
  int64_t inner = 1, channels = 1;
  if (std::optional<int64_t> axis = quantizedAxisOf(type)) {
    channels = type.getDimSize(*axis);
    for (int64_t extent : type.getShape().drop_front(*axis + 1))
      inner *= extent;
  }
  std::vector<float> values;
  values.reserve(type.getNumElements());
  for (const APInt &v : stored.getValues<APInt>()) {
    int64_t q =
        isSigned ? v.getSExtValue() : static_cast<int64_t>(v.getZExtValue());
    int64_t channel = static_cast<int64_t>(values.size()) / inner % channels;
    values.push_back(static_cast<float>(
        scaleOf(type, channel) *
        static_cast<double>(q - zeroPointOf(type, channel))));
  }
  return DenseElementsAttr::get(cast<ShapedType>(getType()),
                                ArrayRef<float>(values));
}
