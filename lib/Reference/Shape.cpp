// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Constants and operations that only move elements.

#include "OpModels.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

using namespace mlir;

namespace qcc::reference {

namespace {

LogicalResult interpretConstant(qnn::ConstantOp op, ArrayRef<RefTensor>,
                                MutableArrayRef<RefTensor> results) {
  std::optional<RefTensor> tensor =
      RefTensor::fromAttr(op.getValue(), results[0].getType());
  if (!tensor)
    return op.emitOpError("has a value that cannot be read");
  results[0] = *tensor;
  return success();
}

/// Copies `input` into `output`, its first element going to position `origin`.
template <typename T>
void copyInto(ArrayRef<int64_t> inputShape, ArrayRef<T> input,
              ArrayRef<int64_t> outputShape, MutableArrayRef<T> output,
              ArrayRef<int64_t> origin) {
  SmallVector<int64_t> index(inputShape.size(), 0);
  for (T value : input) {
    int64_t at = 0;
    for (size_t axis = 0; axis < index.size(); ++axis)
      at = at * outputShape[axis] + index[axis] + origin[axis];
    output[at] = value;
    for (size_t axis = index.size(); axis-- > 0;) {
      if (++index[axis] < inputShape[axis])
        break;
      index[axis] = 0;
    }
  }
}

void copyInto(const RefTensor &input, RefTensor &output,
              ArrayRef<int64_t> origin) {
  if (output.isFloat())
    copyInto(input.getShape(), input.floats(), output.getShape(),
             output.floats(), origin);
  else
    copyInto(input.getShape(), input.ints(), output.getShape(), output.ints(),
             origin);
}

LogicalResult interpretPad(qnn::PadOp op, ArrayRef<RefTensor> operands,
                           MutableArrayRef<RefTensor> results) {
  if (qnn::quantizedAxisOf(results[0].getType()))
    return op.emitOpError("is not defined for types quantized per axis");
  if (!results[0].isFloat())
    llvm::fill(results[0].ints(), qnn::zeroPointOf(results[0].getType()));
  copyInto(operands[0], results[0], op.getLow());
  return success();
}

LogicalResult interpretReshape(qnn::ReshapeOp op, ArrayRef<RefTensor> operands,
                               MutableArrayRef<RefTensor> results) {
  results[0] = operands[0].withType(results[0].getType());
  return success();
}

LogicalResult interpretCopy(qnn::CopyOp op, ArrayRef<RefTensor> operands,
                            MutableArrayRef<RefTensor> results) {
  results[0] = operands[0];
  return success();
}

LogicalResult interpretConcat(qnn::ConcatOp op, ArrayRef<RefTensor> operands,
                              MutableArrayRef<RefTensor> results) {
  size_t axis = static_cast<size_t>(op.getAxis());
  SmallVector<int64_t> origin(results[0].getShape().size(), 0);
  for (const RefTensor &operand : operands) {
    copyInto(operand, results[0], origin);
    origin[axis] += operand.getShape()[axis];
  }
  return success();
}

} // namespace

void attachShapeModels(MLIRContext *context) {
  attach<qnn::ConcatOp, interpretConcat>(context);
  attach<qnn::ConstantOp, interpretConstant>(context);
  attach<qnn::CopyOp, interpretCopy>(context);
  attach<qnn::PadOp, interpretPad>(context);
  attach<qnn::ReshapeOp, interpretReshape>(context);
}

} // namespace qcc::reference
