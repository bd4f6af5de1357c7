// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shape inference, costs and verification of matrix products whose weights are
// quantized in blocks.

#include "OpSupport.h"

using namespace mlir;
using namespace qcc::qnn;

FailureOr<SmallVector<int64_t>> BlockFullyConnectedOp::inferShape() {
  return matrixProductShape(*this, getInput(), getFilter(), getResult());
}

/// Integers of 8 bits at most, without a scale that would mean something.
static bool isCode(Type type) {
  if (isFloat(type) || storageTypeOf(type).getIntOrFloatBitWidth() > 8)
    return false;
  auto uniform = dyn_cast<quant::UniformQuantizedType>(elementTypeOf(type));
  return !isQuantized(type) || (uniform && uniform.getScale() == 1.0);
}

LogicalResult BlockFullyConnectedOp::verify() {
  if (failed(verifyInferredShape(*this)) ||
      failed(verifyClamp(*this, getClampAttr(), getType())))
    return failure();
  if (!isCode(getFilter().getType()))
    return emitOpError() << "filter must be integers of at most 8 bits, plain "
                            "or of the scale 1, but is "
                         << getFilter().getType();
  auto block = static_cast<int64_t>(getBlock());
  constexpr int64_t mostBlock = 32768;
  if (block < 1 || block > mostBlock)
    return emitOpError() << "block must be 1 to " << mostBlock << ", but is "
                         << block;
  ArrayRef<int64_t> filter = shapeOf(getFilter());
  SmallVector<int64_t> blocks = {filter[0], (filter[1] + block - 1) / block};
  if (shapeOf(getScales()) != ArrayRef<int64_t>(blocks) ||
      !isFloat(getScales().getType()))
    return emitOpError() << "scales must be f32 of shape [" << blocks
                         << "], but are " << getScales().getType();
  if (Value zeros = getZeroPoints())
    if (shapeOf(zeros) != ArrayRef<int64_t>(blocks) ||
        !isCode(zeros.getType()) || isQuantized(zeros.getType()))
      return emitOpError() << "zero points must be integers of at most 8 bits "
                              "and shape ["
                           << blocks << "], but are " << zeros.getType();
  if (!isFloat(getInput().getType()) || !isFloat(getType()))
    return emitOpError() << "input and result must be f32, but are "
                         << getInput().getType() << " and " << getType();
  if (Value bias = getBias())
    if (shapeOf(bias) != filter.take_front() || !isFloat(bias.getType()))
      return emitOpError() << "bias must have " << filter[0]
                           << " elements of f32, but is " << bias.getType();
  return success();
}

int64_t BlockFullyConnectedOp::getMacs() {
  return cast<ShapedType>(getType()).getNumElements() * shapeOf(getFilter())[1];
}
