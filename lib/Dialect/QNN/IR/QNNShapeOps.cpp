// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shape inference, verification and folding of constants and data movement, and
// the checks that all operation families share.

#include "OpSupport.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace qcc::qnn;

LogicalResult qcc::qnn::verifyInferredShape(Operation *op) {
  // Types may be per block, and constants may hold them, but no operation
  // defines its arithmetic on blocks yet.
  for (Type type :
       llvm::concat<const Type>(op->getOperandTypes(), op->getResultTypes()))
    if (isa<quant::UniformQuantizedSubChannelType>(elementTypeOf(type)))
      return op->emitOpError()
             << "is not defined on types quantized per block, but got " << type;
  FailureOr<SmallVector<int64_t>> inferred =
      cast<ShapeOpInterface>(op).inferShape();
  if (failed(inferred))
    return failure();
  ArrayRef<int64_t> actual = shapeOf(op->getResult(0));
  if (actual != ArrayRef<int64_t>(*inferred))
    return op->emitOpError()
           << "result has shape [" << actual << "], but the operands give ["
           << *inferred << "]";
  return success();
}

LogicalResult qcc::qnn::verifySameKind(Operation *op, ArrayRef<Value> values,
                                       bool allowInteger) {
  auto kindOf = [](Value v) {
    return isQuantized(v.getType()) ? 0 : isFloat(v.getType()) ? 1 : 2;
  };
  int kind = kindOf(values.front());
  for (Value v : values)
    if (kindOf(v) != kind || (kind == 2 && !allowInteger))
      return op->emitOpError()
             << "operands and result must be all quantized or all float"
             << (allowInteger ? " or all integer" : "") << ", but got "
             << values.front().getType() << " and " << v.getType();
  return success();
}

LogicalResult qcc::qnn::verifyNumbers(Operation *op, StringRef name,
                                      ArrayRef<int64_t> values, size_t count,
                                      int64_t least) {
  if (values.size() != count)
    return op->emitOpError() << "'" << name << "' must have " << count
                             << " numbers, but has " << values.size();
  for (int64_t v : values)
    if (v < least || v > INT32_MAX)
      return op->emitOpError()
             << "'" << name << "' must hold numbers in [" << least << ", "
             << INT32_MAX << "], but holds " << v;
  return success();
}

FailureOr<int64_t> qcc::qnn::windowExtent(Operation *op, StringRef axis,
                                          int64_t in, int64_t padLow,
                                          int64_t padHigh, int64_t kernel,
                                          int64_t stride, int64_t dilation) {
  int64_t effective = (kernel - 1) * dilation + 1;
  int64_t room = in + padLow + padHigh - effective;
  if (kernel <= 0 || room < 0)
    return op->emitOpError()
           << "window of extent " << effective << " does not fit the padded "
           << axis << " of extent " << in + padLow + padHigh;
  return room / stride + 1;
}

LogicalResult qcc::qnn::verifyClamp(Operation *op, ClampAttr clamp, Type type) {
  if (!clamp || isFloat(type))
    return success();
  auto [lo, hi] = storageRange(type);
  if (clamp.getLo() > static_cast<double>(hi) ||
      clamp.getHi() < static_cast<double>(lo))
    return op->emitOpError()
           << "clamp " << clamp << " lies outside the storage range [" << lo
           << ", " << hi << "]";
  return success();
}

LogicalResult qcc::qnn::verifyPerTensor(Operation *op) {
  for (Type type :
       llvm::concat<const Type>(op->getOperandTypes(), op->getResultTypes()))
    if (isQuantized(type) &&
        !isa<quant::UniformQuantizedType>(elementTypeOf(type)))
      return op->emitOpError()
             << "operands and result must be quantized per tensor, but got "
             << type;
  return success();
}

LogicalResult qcc::qnn::verifyStorageBits(Operation *op, unsigned bits) {
  for (Type type :
       llvm::concat<const Type>(op->getOperandTypes(), op->getResultTypes()))
    if (isQuantized(type) && storageTypeOf(type).getIntOrFloatBitWidth() > bits)
      return op->emitOpError() << "is defined for quantized types of at most "
                               << bits << " bits, but got " << type;
  return success();
}

LogicalResult qcc::qnn::verifySameElementType(Operation *op) {
  Type expected = elementTypeOf(op->getResult(0).getType());
  for (Value operand : op->getOperands())
    if (elementTypeOf(operand.getType()) != expected)
      return op->emitOpError()
             << "operand and result must have the same element type, but got "
             << operand.getType() << " and " << op->getResult(0).getType();
  return success();
}

bool qcc::qnn::sameExtentAndSize(Value operand, Value result) {
  return shapeOf(operand) == shapeOf(result) &&
         bytesPerElement(operand.getType()) ==
             bytesPerElement(result.getType());
}

LogicalResult qcc::qnn::verifyMultiplier(Operation *op, double multiplier) {
  if (multiplier < 0x1p31)
    return success();
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", multiplier);
  return op->emitOpError() << "the scales give the multiplier " << text
                           << ", which must be less than 2^31";
}

//===----------------------------------------------------------------------===//
// constant
//===----------------------------------------------------------------------===//

LogicalResult ConstantOp::verify() {
  auto type = cast<RankedTensorType>(getType());
  ShapedType valueType = getValue().getShapedType();
  if (valueType.getShape() != type.getShape())
    return emitOpError() << "value has shape [" << valueType.getShape()
                         << "], but the result [" << type.getShape() << "]";
  if (valueType.getElementType() != storageTypeOf(type))
    return emitOpError() << "value has elements of "
                         << valueType.getElementType()
                         << ", but the result is stored as "
                         << storageTypeOf(type);
  if (std::optional<int64_t> axis = quantizedAxisOf(type)) {
    auto perAxis =
        cast<quant::UniformQuantizedPerAxisType>(type.getElementType());
    if (*axis < 0 || *axis >= type.getRank() ||
        type.getDimSize(*axis) !=
            static_cast<int64_t>(perAxis.getScales().size()))
      return emitOpError() << "has " << perAxis.getScales().size()
                           << " scales on axis " << *axis << " of " << type;
  }
  auto [lo, hi] = storageRange(type);
  if (!isQuantized(type) ||
      hi - lo + 1 == int64_t(1) << storageTypeOf(type).getIntOrFloatBitWidth())
    return success();
  bool isSigned = isSignedStorage(type);
  for (const APInt &v : getValue().getValues<APInt>()) {
    int64_t q =
        isSigned ? v.getSExtValue() : static_cast<int64_t>(v.getZExtValue());
    if (q < lo || q > hi)
      return emitOpError() << "value " << q
                           << " lies outside the storage range [" << lo << ", "
                           << hi << "]";
  }
  return success();
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

//===----------------------------------------------------------------------===//
// pad, reshape, concat, copy
//===----------------------------------------------------------------------===//

namespace {

/// reshape(reshape(x)) is one reshape of x.
struct FoldReshapeOfReshape : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto producer = op.getInput().getDefiningOp<ReshapeOp>();
    if (!producer)
      return rewriter.notifyMatchFailure(op, "operand is not a reshape");
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(),
                                           producer.getInput());
    return success();
  }
};

} // namespace

FailureOr<SmallVector<int64_t>> PadOp::inferShape() {
  ArrayRef<int64_t> in = shapeOf(getInput());
  if (failed(verifyNumbers(*this, "low", getLow(), in.size(), 0)) ||
      failed(verifyNumbers(*this, "high", getHigh(), in.size(), 0)))
    return failure();
  SmallVector<int64_t> shape;
  for (auto [extent, low, high] : llvm::zip(in, getLow(), getHigh()))
    shape.push_back(extent + low + high);
  return shape;
}

LogicalResult PadOp::verify() {
  return failed(verifySameElementType(*this)) ? failure()
                                              : verifyInferredShape(*this);
}

OpFoldResult PadOp::fold(FoldAdaptor) {
  auto isZero = [](int64_t v) { return v == 0; };
  if (llvm::all_of(getLow(), isZero) && llvm::all_of(getHigh(), isZero) &&
      getInput().getType() == getType())
    return getInput();
  return {};
}

FailureOr<SmallVector<int64_t>> ReshapeOp::inferShape() {
  auto in = cast<RankedTensorType>(getInput().getType()),
       out = cast<RankedTensorType>(getType());
  if (in.getNumElements() != out.getNumElements())
    return emitOpError() << "operand has " << in.getNumElements()
                         << " elements, but the result "
                         << out.getNumElements();
  return llvm::to_vector(out.getShape());
}

LogicalResult ReshapeOp::verify() {
  return failed(verifySameElementType(*this)) ? failure()
                                              : verifyInferredShape(*this);
}

bool ReshapeOp::mayRunInPlace(unsigned) { return true; }

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (getInput().getType() == getType())
    return getInput();
  if (auto value = dyn_cast_if_present<DenseElementsAttr>(adaptor.getInput()))
    return value.reshape(
        cast<RankedTensorType>(getType()).clone(value.getElementType()));
  return {};
}

void ReshapeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                            MLIRContext *context) {
  patterns.add<FoldReshapeOfReshape>(context);
}

FailureOr<SmallVector<int64_t>> ConcatOp::inferShape() {
  if (getInputs().empty())
    return emitOpError() << "needs at least one operand";
  SmallVector<int64_t> shape = llvm::to_vector(shapeOf(getInputs().front()));
  int64_t axis = getAxis();
  if (axis < 0 || axis >= static_cast<int64_t>(shape.size()))
    return emitOpError() << "axis " << axis << " lies outside [0, "
                         << shape.size() << ")";
  shape[axis] = 0;
  for (Value input : getInputs()) {
    SmallVector<int64_t> other = llvm::to_vector(shapeOf(input));
    if (other.size() != shape.size())
      return emitOpError() << "operands have ranks " << shape.size() << " and "
                           << other.size();
    shape[axis] += other[axis];
    other[axis] = shape[axis];
    if (other != shape)
      return emitOpError() << "operands disagree in an axis other than " << axis
                           << ": " << getInputs()[0].getType() << " and "
                           << input.getType();
  }
  return shape;
}

LogicalResult ConcatOp::verify() {
  return failed(verifySameElementType(*this)) ? failure()
                                              : verifyInferredShape(*this);
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  return getInputs().size() == 1 && getInputs()[0].getType() == getType()
             ? OpFoldResult(getInputs()[0])
             : OpFoldResult();
}

FailureOr<SmallVector<int64_t>> CopyOp::inferShape() {
  return llvm::to_vector(shapeOf(getInput()));
}

LogicalResult CopyOp::verify() {
  if (getInput().getType() != getType())
    return emitOpError()
           << "operand and result must have the same type, but got "
           << getInput().getType() << " and " << getType();
  return success();
}
