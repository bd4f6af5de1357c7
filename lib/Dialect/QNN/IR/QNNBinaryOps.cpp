// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shape inference and verification of element-wise operations with
// broadcasting: arithmetic, comparisons, logic, selection.

#include "OpSupport.h"

#include "mlir/Dialect/Traits.h"

using namespace mlir;
using namespace qcc::qnn;

namespace {

FailureOr<SmallVector<int64_t>> inferBroadcast(Operation *op) {
  SmallVector<int64_t> shape = llvm::to_vector(shapeOf(op->getOperand(0)));
  for (Value operand : op->getOperands().drop_front()) {
    SmallVector<int64_t> both;
    if (!OpTrait::util::getBroadcastedShape(shape, shapeOf(operand), both))
      return op->emitOpError() << "shapes [" << shape << "] and ["
                               << shapeOf(operand) << "] do not broadcast";
    shape = both;
  }
  return shape;
}

/// All quantized per tensor, with at most `bits` bits; or of one integer type
/// other than i1, or of one float type.
LogicalResult verifyArithmetic(Operation *op, unsigned bits,
                               bool allowInteger = true) {
  SmallVector<Value> values(op->getOperands());
  values.push_back(op->getResult(0));
  if (failed(verifySameKind(op, values, allowInteger)) ||
      failed(verifyPerTensor(op)) || failed(verifyStorageBits(op, bits)))
    return failure();
  Type type = elementTypeOf(op->getResult(0).getType());
  if (isQuantized(type))
    return success();
  if (type.isInteger(1))
    return op->emitOpError() << "is not defined on truth values";
  return verifySameElementType(op);
}

LogicalResult verifyUnquantized(Operation *op, Type type) {
  if (isQuantized(type))
    return op->emitOpError()
           << "is not defined on quantized types, but got " << type;
  return success();
}

float floatScale(Value value) {
  return static_cast<float>(scaleOf(value.getType()));
}

/// (C2) to (C4) of additions.
template <typename OpTy> LogicalResult verifySum(OpTy op) {
  Type lhs = op.getLhs().getType(), rhs = op.getRhs().getType(),
       out = op.getType();
  if (failed(verifyArithmetic(op, 16)) ||
      failed(verifyClamp(op, op.getClampAttr(), out)))
    return failure();
  double greater = std::max(scaleOf(lhs), scaleOf(rhs));
  if (op.getPowerOfTwo()) {
    for (Type type : {lhs, rhs, out})
      if (!isQuantized(type) || bytesPerElement(type) != 2 ||
          !isSignedStorage(type) || zeroPointOf(type) != 0)
        return op.emitOpError()
               << "'power_of_two' needs 16 bits and zero points 0, but got "
               << type;
    double lesser = std::min(scaleOf(lhs), scaleOf(rhs));
    int exponent = 0;
    if (greater != scaleOf(out) ||
        std::frexp(lesser / greater, &exponent) != 0.5)
      return op.emitOpError() << "'power_of_two' needs one operand of the "
                                 "result's scale and one "
                                 "of a power of two of it that is not greater";
    return verifyInferredShape(op);
  }
  // TFLite stops the program at a multiplier of 1 or more.
  int shift = sumLeftShift(out);
  if (isQuantized(out) && 2 * greater >= scaleOf(out) * std::ldexp(1, shift))
    return op.emitOpError() << "the result's scale must be more than 2^-"
                            << shift - 1 << " of the operands' larger one";
  return verifyInferredShape(op);
}

} // namespace

#define QCC_BROADCAST(OpName)                                                  \
  FailureOr<SmallVector<int64_t>> OpName::inferShape() {                       \
    return inferBroadcast(*this);                                              \
  }                                                                            \
  bool OpName::mayRunInPlace(unsigned operand) {                               \
    return sameExtentAndSize(getOperand(operand), getResult());                \
  }
QCC_BROADCAST(AddOp)
QCC_BROADCAST(CompareOp)
QCC_BROADCAST(DivOp)
QCC_BROADCAST(FloorDivOp)
QCC_BROADCAST(FloorModOp)
QCC_BROADCAST(LogicalAndOp)
QCC_BROADCAST(LogicalOrOp)
QCC_BROADCAST(MaximumOp)
QCC_BROADCAST(MinimumOp)
QCC_BROADCAST(MulOp)
QCC_BROADCAST(PowOp)
QCC_BROADCAST(PreluOp)
QCC_BROADCAST(SelectOp)
QCC_BROADCAST(SquaredDifferenceOp)
QCC_BROADCAST(SubOp)
#undef QCC_BROADCAST

LogicalResult AddOp::verify() { return verifySum(*this); }
LogicalResult SubOp::verify() { return verifySum(*this); }

LogicalResult MulOp::verify() {
  if (failed(verifyArithmetic(*this, 16)) ||
      failed(verifyClamp(*this, getClampAttr(), getType())) ||
      failed(
          verifyMultiplier(*this, productScale(getLhs().getType(),
                                               getRhs().getType(), getType()))))
    return failure();
  return verifyInferredShape(*this);
}

LogicalResult DivOp::verify() {
  if (failed(verifyArithmetic(*this, 8)) ||
      failed(verifyClamp(*this, getClampAttr(), getType())))
    return failure();
  return verifyInferredShape(*this);
}

LogicalResult SquaredDifferenceOp::verify() {
  if (failed(verifyArithmetic(*this, 8)) ||
      failed(verifyClamp(*this, getClampAttr(), getType())))
    return failure();
  double twice =
      2 * std::max(scaleOf(getLhs().getType()), scaleOf(getRhs().getType()));
  if (isQuantized(getType()) && twice * twice >= 0x1p14 * scaleOf(getType()))
    return emitOpError() << "the result's scale must be more than 2^-12 of the "
                            "square of the operands' larger one";
  return verifyInferredShape(*this);
}

LogicalResult MinimumOp::verify() {
  return failed(verifyPerTensor(*this)) || failed(verifySameElementType(*this))
             ? failure()
             : verifyInferredShape(*this);
}

LogicalResult MaximumOp::verify() {
  return failed(verifyPerTensor(*this)) || failed(verifySameElementType(*this))
             ? failure()
             : verifyInferredShape(*this);
}

LogicalResult FloorDivOp::verify() {
  return failed(verifyUnquantized(*this, getType())) ||
                 failed(verifyArithmetic(*this, 32))
             ? failure()
             : verifyInferredShape(*this);
}

LogicalResult FloorModOp::verify() {
  return failed(verifyUnquantized(*this, getType())) ||
                 failed(verifyArithmetic(*this, 32))
             ? failure()
             : verifyInferredShape(*this);
}

LogicalResult PowOp::verify() {
  if (failed(verifyUnquantized(*this, getType())) ||
      failed(verifyArithmetic(*this, 32)))
    return failure();
  Type element = elementTypeOf(getType());
  if (!element.isF32() && !element.isSignlessInteger(32))
    return emitOpError() << "is defined for f32 and i32, but got " << getType();
  return verifyInferredShape(*this);
}

LogicalResult PreluOp::verify() {
  if (failed(verifyArithmetic(*this, 8, /*allowInteger=*/false)))
    return failure();
  float identity = floatScale(getLhs()) / floatScale(getResult());
  if (failed(verifyMultiplier(*this, identity)) ||
      failed(
          verifyMultiplier(*this, productScale(getLhs().getType(),
                                               getRhs().getType(), getType()))))
    return failure();
  if (shapeOf(getLhs()) != shapeOf(getResult()))
    return emitOpError() << "the second operand of shape [" << shapeOf(getRhs())
                         << "] must broadcast to the first of shape ["
                         << shapeOf(getLhs()) << "]";
  return verifyInferredShape(*this);
}

LogicalResult CompareOp::verify() {
  Type lhs = getLhs().getType(), rhs = getRhs().getType();
  if (!elementTypeOf(getType()).isInteger(1))
    return emitOpError() << "the result must be of i1, but got " << getType();
  if (failed(verifyPerTensor(*this)))
    return failure();
  bool areBytes = isQuantized(lhs) && isQuantized(rhs) &&
                  bytesPerElement(lhs) == 1 && bytesPerElement(rhs) == 1;
  if (!areBytes && elementTypeOf(lhs) != elementTypeOf(rhs))
    return emitOpError()
           << "operands must be quantized with 8 bits or have the "
              "same element type, but got "
           << lhs << " and " << rhs;
  for (Type type : {lhs, rhs})
    if (areBytes && scaleOf(type) >= 1)
      return emitOpError()
             << "8-bit operands must have scales less than 1, but "
                "got "
             << type;
  return verifyInferredShape(*this);
}

static LogicalResult verifyTruthValues(Operation *op) {
  if (!elementTypeOf(op->getResult(0).getType()).isInteger(1))
    return op->emitOpError() << "operands and result must be of i1, but got "
                             << op->getResult(0).getType();
  return failed(verifySameElementType(op)) ? failure()
                                           : verifyInferredShape(op);
}

LogicalResult LogicalAndOp::verify() { return verifyTruthValues(*this); }
LogicalResult LogicalOrOp::verify() { return verifyTruthValues(*this); }

LogicalResult SelectOp::verify() {
  if (!elementTypeOf(getCondition().getType()).isInteger(1))
    return emitOpError() << "the condition must be of i1, but got "
                         << getCondition().getType();
  for (Value operand : {getLhs(), getRhs()})
    if (elementTypeOf(operand.getType()) != elementTypeOf(getType()))
      return emitOpError()
             << "operand and result must have the same element type, but got "
             << operand.getType() << " and " << getType();
  return failed(verifyPerTensor(*this)) ? failure()
                                        : verifyInferredShape(*this);
}
