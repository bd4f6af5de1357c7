// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shape inference, verification and folding of element-wise operations.

#include "OpSupport.h"

using namespace mlir;
using namespace qcc::qnn;

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

/// Functions that TFLite computes on 16 bits by one table, whose scales are
/// fixed.
static LogicalResult verifySigmoidal(Operation *op) {
  Value input = op->getOperand(0), result = op->getResult(0);
  if (failed(verifySameKind(op, {input, result}, /*allowInteger=*/false)) ||
      failed(verifyPerTensor(op)))
    return failure();
  if (isQuantized(result.getType()) && bytesPerElement(result.getType()) == 2 &&
      (scaleOf(result.getType()) != 0x1p-15 ||
       zeroPointOf(result.getType()) != 0 || zeroPointOf(input.getType()) != 0))
    return op->emitOpError()
           << "with 16 bits the zero points must be 0 and the "
              "result's scale 2^-15, but got "
           << input.getType() << " and " << result.getType();
  // The argument of the table is x times a multiplier of 16 bits.
  if (isQuantized(result.getType()) && bytesPerElement(result.getType()) == 2 &&
      static_cast<double>(scaleOf(input.getType())) * 12288 >= 32768)
    return op->emitOpError()
           << "with 16 bits the operand's scale must be less than 8/3, but got "
           << input.getType();
  return verifyInferredShape(op);
}

LogicalResult LogisticOp::verify() { return verifySigmoidal(*this); }
LogicalResult TanhOp::verify() { return verifySigmoidal(*this); }

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
  if (getFloatAffine() && failed(verifyStorageBits(*this, 8)))
    return failure();
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
