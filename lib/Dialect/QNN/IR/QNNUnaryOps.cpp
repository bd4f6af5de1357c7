// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shape inference and verification of functions of one operand.

#include "OpSupport.h"

using namespace mlir;
using namespace qcc::qnn;

namespace {

/// Both quantized per tensor with at most `bits` bits (none for 0), or both
/// float; or, if allowed, of one integer type other than i1.
LogicalResult verifyFunction(Operation *op, unsigned bits,
                             bool allowInteger = false) {
  Value input = op->getOperand(0), result = op->getResult(0);
  if (failed(verifySameKind(op, {input, result}, allowInteger)) ||
      failed(verifyPerTensor(op)))
    return failure();
  if (bits == 0 && isQuantized(input.getType()))
    return op->emitOpError()
           << "is not defined on quantized types, but got " << input.getType();
  if (failed(verifyStorageBits(op, bits)))
    return failure();
  if (isQuantized(input.getType()) &&
      bytesPerElement(input.getType()) != bytesPerElement(result.getType()))
    return op->emitOpError()
           << "operand and result must be as wide as each other, but got "
           << input.getType() << " and " << result.getType();
  if (!isQuantized(input.getType())) {
    if (elementTypeOf(input.getType()).isInteger(1))
      return op->emitOpError() << "is not defined on truth values";
    if (failed(verifySameElementType(op)))
      return failure();
  }
  return verifyInferredShape(op);
}

} // namespace

#define QCC_UNARY(OpName, ...)                                                 \
  FailureOr<SmallVector<int64_t>> OpName::inferShape() {                       \
    return llvm::to_vector(shapeOf(getInput()));                               \
  }                                                                            \
  bool OpName::mayRunInPlace(unsigned) {                                       \
    return sameExtentAndSize(getInput(), getResult());                         \
  }
#define QCC_FUNCTION(OpName, ...)                                              \
  QCC_UNARY(OpName)                                                            \
  LogicalResult OpName::verify() { return verifyFunction(*this, __VA_ARGS__); }
QCC_UNARY(AbsOp)
QCC_UNARY(CastOp)
QCC_FUNCTION(CeilOp, 0)
QCC_FUNCTION(CosOp, 0)
QCC_FUNCTION(EluOp, 8)
QCC_FUNCTION(ExpOp, 16)
QCC_FUNCTION(FloorOp, 0)
QCC_FUNCTION(GeluOp, 8)
QCC_UNARY(HardSwishOp)
QCC_UNARY(LeakyReluOp)
QCC_FUNCTION(LogOp, 0)
QCC_UNARY(LogicalNotOp)
QCC_FUNCTION(NegOp, 0, /*allowInteger=*/true)
QCC_FUNCTION(RoundOp, 0)
QCC_FUNCTION(RsqrtOp, 8)
QCC_FUNCTION(SignOp, 0, /*allowInteger=*/true)
QCC_FUNCTION(SinOp, 0)
QCC_FUNCTION(SqrtOp, 0)
QCC_FUNCTION(SquareOp, 0)
QCC_UNARY(TableOp)
#undef QCC_FUNCTION
#undef QCC_UNARY

LogicalResult AbsOp::verify() {
  if (failed(
          verifyMultiplier(*this, requantizeScale(scaleOf(getInput().getType()),
                                                  scaleOf(getType()), true))))
    return failure();
  return verifyFunction(*this, 16, /*allowInteger=*/true);
}

LogicalResult LeakyReluOp::verify() {
  if (!getAlpha().isFinite())
    return emitOpError() << "'alpha' must be finite";
  for (double slope : {1.0, std::abs(double(getAlpha().convertToFloat()))})
    if (failed(verifyMultiplier(
            *this, slope * requantizeScale(scaleOf(getInput().getType()),
                                           scaleOf(getType()), true))))
      return failure();
  return verifyFunction(*this, 16);
}

LogicalResult HardSwishOp::verify() {
  // TFLite shifts the result right by the quotient's exponent.
  if (isQuantized(getType()) &&
      scaleOf(getInput().getType()) / 128 >= scaleOf(getType()))
    return emitOpError() << "the operand's scale must be less than 128 of the "
                            "result's";
  return verifyFunction(*this, 8);
}

LogicalResult LogicalNotOp::verify() {
  if (!elementTypeOf(getType()).isInteger(1))
    return emitOpError() << "operand and result must be of i1, but got "
                         << getType();
  return failed(verifySameElementType(*this)) ? failure()
                                              : verifyInferredShape(*this);
}

LogicalResult TableOp::verify() {
  for (Type type : {Type(getInput().getType()), Type(getType())})
    if (!isa_and_nonnull<quant::UniformQuantizedType>(quantizedTypeOf(type)) ||
        storageTypeOf(type).getIntOrFloatBitWidth() > 8)
      return emitOpError() << "operand and result must be quantized per tensor "
                              "with at most 8 bits, but got "
                           << type;
  auto table = dyn_cast<DenseIntElementsAttr>(getTable());
  if (!table || table.getNumElements() != 256 ||
      !table.getElementType().isUnsignedInteger(8))
    return emitOpError() << "the table must have 256 unsigned bytes";
  auto [lo, hi] = storageRange(getType());
  int64_t first = isSignedStorage(getType()) ? INT8_MIN : 0;
  for (const APInt &entry : table.getValues<APInt>()) {
    int64_t value = first + static_cast<int64_t>(entry.getZExtValue());
    if (value < lo || value > hi)
      return emitOpError() << "the table has " << value << ", outside " << lo
                           << " to " << hi;
  }
  return verifyInferredShape(*this);
}

LogicalResult CastOp::verify() {
  for (Type type : {Type(getInput().getType()), Type(getType())})
    if (storageTypeOf(type).getIntOrFloatBitWidth() > 64)
      return emitOpError() << "is defined for at most 64 bits, but got "
                           << type;
  return verifyInferredShape(*this);
}
