// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Verification and folding of constants, and the checks that all operation
// families share.

#include "OpSupport.h"

#include "mlir/IR/Builders.h"
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

LogicalResult qcc::qnn::verifyAxis(Operation *op, int64_t axis, int64_t rank) {
  if (axis >= 0 && axis < rank)
    return success();
  return op->emitOpError() << "axis " << axis << " lies outside [0, " << rank
                           << ")";
}

LogicalResult qcc::qnn::verifySameElementType(Operation *op,
                                              ArrayRef<Value> operands) {
  Type expected = elementTypeOf(op->getResult(0).getType());
  for (Value operand : operands)
    if (elementTypeOf(operand.getType()) != expected)
      return op->emitOpError()
             << "operand and result must have the same element type, but got "
             << operand.getType() << " and " << op->getResult(0).getType();
  return success();
}

LogicalResult qcc::qnn::verifyNoAxis(Operation *op) {
  for (Type type : op->getOperandTypes())
    if (quantizedAxisOf(type))
      return op->emitOpError()
             << "is not defined on types quantized per axis, but got " << type;
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
        !isa_and_nonnull<quant::UniformQuantizedType>(quantizedTypeOf(type)))
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
  // Memory that is an output has one type of elements.
  return shapeOf(operand) == shapeOf(result) &&
         isFloat(operand.getType()) == isFloat(result.getType()) &&
         bytesPerElement(operand.getType()) ==
             bytesPerElement(result.getType());
}

FailureOr<SmallVector<int64_t>> qcc::qnn::matrixProductShape(Operation *op,
                                                             Value input,
                                                             Value filter,
                                                             Value result) {
  ArrayRef<int64_t> weights = shapeOf(filter), out = shapeOf(result);
  if (weights.size() != 2)
    return op->emitOpError()
           << "filter must be a matrix, but is " << filter.getType();
  int64_t elements = cast<ShapedType>(input.getType()).getNumElements();
  int64_t results = cast<ShapedType>(result.getType()).getNumElements();
  if (weights[1] == 0 || elements % weights[1] != 0)
    return op->emitOpError()
           << "input has " << elements
           << " elements, which is no multiple of the filter's " << weights[1];
  int64_t rows = elements / weights[1];
  if (out.empty() || out.back() != weights[0] || results != rows * weights[0])
    return op->emitOpError() << "result must have " << rows << " rows of "
                             << weights[0] << ", but is " << result.getType();
  return llvm::to_vector(out);
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

LogicalResult qcc::qnn::verifyStoredValue(Operation *op, ElementsAttr value,
                                          RankedTensorType type,
                                          StringRef what) {
  ShapedType valueType = value.getShapedType();
  if (valueType.getShape() != type.getShape())
    return op->emitOpError()
           << "value has shape [" << valueType.getShape() << "], but " << what
           << " [" << type.getShape() << "]";
  if (valueType.getElementType() != storageTypeOf(type))
    return op->emitOpError()
           << "value has elements of " << valueType.getElementType() << ", but "
           << what << " is stored as " << storageTypeOf(type);
  if (std::optional<int64_t> axis = quantizedAxisOf(type)) {
    auto perAxis =
        cast<quant::UniformQuantizedPerAxisType>(type.getElementType());
    if (*axis < 0 || *axis >= type.getRank() ||
        type.getDimSize(*axis) !=
            static_cast<int64_t>(perAxis.getScales().size()))
      return op->emitOpError() << "has " << perAxis.getScales().size()
                               << " scales on axis " << *axis << " of " << type;
  }
  auto [lo, hi] = storageRange(type);
  if (!isQuantized(type) ||
      hi - lo + 1 == int64_t(1) << storageTypeOf(type).getIntOrFloatBitWidth())
    return success();
  bool isSigned = isSignedStorage(type);
  for (const APInt &v : value.getValues<APInt>()) {
    int64_t q =
        isSigned ? v.getSExtValue() : static_cast<int64_t>(v.getZExtValue());
    if (q < lo || q > hi)
      return op->emitOpError()
             << "value " << q << " lies outside the storage range [" << lo
             << ", " << hi << "]";
  }
  return success();
}

LogicalResult ConstantOp::verify() {
  return verifyStoredValue(*this, getValue(), cast<RankedTensorType>(getType()),
                           "the result");
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }
