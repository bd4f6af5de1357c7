// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Verification and shape inference of recurrent layers.

#include "OpSupport.h"

#include <cmath>

using namespace mlir;
using namespace qcc::qnn;

FailureOr<SmallVector<int64_t>> LstmOp::inferShape() {
  ArrayRef<int64_t> shape = shapeOf(getInput());
  if (shape.size() != 3)
    return emitOpError() << "input must have rank 3, but has shape [" << shape
                         << "]";
  if (getBiases().empty() || shapeOf(getBiases().front()).size() != 1)
    return emitOpError() << "must have biases of rank 1";
  return SmallVector<int64_t>{shape[0], shape[1], getCells()};
}

int64_t LstmOp::getMacs() {
  return static_cast<int64_t>(getInputWeights().size()) * getBatch() *
         getTime() * getCells() * (getFeatures() + getCells());
}

int64_t LstmOp::getCellExponent() {
  return std::ilogb(scaleOf(getCellState().getType()));
}

/// An integer type quantized per tensor by the storage `bits`.
static bool isPerTensor(Type type, unsigned bits) {
  auto quantized = dyn_cast<quant::UniformQuantizedType>(elementTypeOf(type));
  return quantized && quantized.isSigned() &&
         quantized.getStorageTypeIntegralWidth() == bits;
}

LogicalResult LstmOp::verify() {
  FailureOr<SmallVector<int64_t>> shape = inferShape();
  if (failed(shape))
    return failure();
  size_t gates = getBiases().size();
  if ((gates != 3 && gates != 4) || getInputWeights().size() != gates ||
      getRecurrentWeights().size() != gates)
    return emitOpError() << "has " << getInputWeights().size() << " input and "
                         << getRecurrentWeights().size()
                         << " recurrent weights and " << gates
                         << " biases, but must have three or four of each";
  int64_t cells = getCells();
  auto requireShape = [&](ValueRange values, ArrayRef<int64_t> wanted,
                          StringRef what) -> LogicalResult {
    for (Value value : values)
      if (shapeOf(value) != wanted)
        return emitOpError() << what << " must have the shape [" << wanted
                             << "], but have [" << shapeOf(value) << "]";
    return success();
  };
  if (failed(requireShape(getInputWeights(), {cells, getFeatures()},
                          "input weights")) ||
      failed(requireShape(getRecurrentWeights(), {cells, cells},
                          "recurrent weights")) ||
      failed(requireShape(getBiases(), {cells}, "biases")) ||
      failed(requireShape(getResult(), *shape, "results")))
    return failure();
  for (Value state : {getOutputState(), getCellState()})
    if (cast<RankedTensorType>(state.getType()).getNumElements() !=
        getBatch() * cells)
      return emitOpError() << "a state has shape [" << shapeOf(state)
                           << "], but must have " << getBatch() << " times "
                           << cells << " elements";
  if (getNextOutputState().getType() != getOutputState().getType() ||
      getNextCellState().getType() != getCellState().getType() ||
      elementTypeOf(getResult().getType()) !=
          elementTypeOf(getOutputState().getType()))
    return emitOpError() << "states keep their types, and the result has the "
                            "output state's element type";
  if (!(getCellClip().convertToFloat() >= 0) || !getCellClip().isFinite())
    return emitOpError() << "cell_clip must be finite and not negative";
  if (isFloat(getInput().getType())) {
    for (Value operand : getOperands())
      if (!isFloat(operand.getType()))
        return emitOpError() << "mixes floats with " << operand.getType();
    if (getHiddenAttr())
      return emitOpError() << "on floats has no 'hidden' type";
    return success();
  }
  if (!isPerTensor(getInput().getType(), 8) ||
      !isPerTensor(getOutputState().getType(), 8) ||
      !isPerTensor(getCellState().getType(), 16))
    return emitOpError() << "takes floats, or int8 with an int16 cell state";
  double scale = scaleOf(getCellState().getType());
  if (zeroPointOf(getCellState().getType()) != 0 ||
      scale != std::ldexp(1.0, static_cast<int>(getCellExponent())) ||
      getCellExponent() < -15 || getCellExponent() > -9)
    return emitOpError() << "the cell state must have a scale of 2^-15 to 2^-9 "
                            "and zero point 0, but is "
                         << elementTypeOf(getCellState().getType());
  for (Value weights :
       llvm::concat<Value>(SmallVector<Value>(getInputWeights()),
                           SmallVector<Value>(getRecurrentWeights())))
    if (!isPerTensor(weights.getType(), 8) ||
        zeroPointOf(weights.getType()) != 0)
      return emitOpError() << "weights must be int8 per tensor with zero point "
                              "0, but are "
                           << elementTypeOf(weights.getType());
  for (Value bias : getBiases())
    if (!storageTypeOf(bias.getType()).isInteger(32))
      return emitOpError() << "biases must be int32, but are "
                           << elementTypeOf(bias.getType());
  if (!getHiddenAttr() || !isPerTensor(*getHidden(), 8))
    return emitOpError() << "must have an int8 type 'hidden'";
  return success();
}

FailureOr<SmallVector<int64_t>> SvdfOp::inferShape() {
  if (shapeOf(getInput()).size() != 2 ||
      shapeOf(getFeatureWeights()).size() != 2 ||
      shapeOf(getTimeWeights()).size() != 2)
    return emitOpError() << "input and weights must have rank 2";
  auto rank = static_cast<int64_t>(getRank());
  if (rank < 1 || getFilters() % rank != 0)
    return emitOpError() << "rank " << rank << " does not divide "
                         << getFilters() << " filters";
  return SmallVector<int64_t>{getBatch(), getUnits()};
}

int64_t SvdfOp::getMacs() {
  return getBatch() * getFilters() * (getDepth() + getMemory());
}

LogicalResult SvdfOp::verify() {
  FailureOr<SmallVector<int64_t>> shape = inferShape();
  if (failed(shape))
    return failure();
  int64_t filters = getFilters();
  auto requireShape = [&](Value value, ArrayRef<int64_t> wanted,
                          StringRef what) -> LogicalResult {
    if (!value || shapeOf(value) == wanted)
      return success();
    return emitOpError() << what << " must have the shape [" << wanted
                         << "], but has [" << shapeOf(value) << "]";
  };
  if (failed(requireShape(getFeatureWeights(), {filters, getDepth()},
                          "feature_weights")) ||
      failed(requireShape(getTimeWeights(), {filters, getMemory()},
                          "time_weights")) ||
      failed(requireShape(getBias(), {getUnits()}, "bias")) ||
      failed(requireShape(getResult(), *shape, "result")))
    return failure();
  if (cast<RankedTensorType>(getState().getType()).getNumElements() !=
      getBatch() * filters * getMemory())
    return emitOpError() << "state has shape [" << shapeOf(getState())
                         << "], but must have " << getBatch() << " times "
                         << filters << " times " << getMemory() << " elements";
  if (getNextState().getType() != getState().getType())
    return emitOpError() << "the state keeps its type";
  if (failed(verifyClamp(*this, getClampAttr(), getResult().getType())))
    return failure();
  if (!isQuantized()) {
    for (Value value : llvm::concat<Value>(SmallVector<Value>(getOperands()),
                                           SmallVector<Value>(getResults())))
      if (!isFloat(value.getType()))
        return emitOpError() << "mixes floats with " << value.getType();
    return success();
  }
  auto require = [&](Value value, unsigned bits, bool isSymmetric,
                     StringRef what) -> LogicalResult {
    if (isPerTensor(value.getType(), bits) &&
        (!isSymmetric || zeroPointOf(value.getType()) == 0))
      return success();
    return emitOpError() << what << " must be int" << bits << " per tensor"
                         << (isSymmetric ? " with zero point 0" : "")
                         << ", but is " << elementTypeOf(value.getType());
  };
  if (failed(require(getInput(), 8, false, "input")) ||
      failed(require(getState(), 16, true, "state")) ||
      failed(require(getFeatureWeights(), 8, true, "feature_weights")) ||
      failed(require(getTimeWeights(), 16, true, "time_weights")) ||
      failed(require(getResult(), 8, false, "result")))
    return failure();
  if (getBias() && !storageTypeOf(getBias().getType()).isInteger(32))
    return emitOpError() << "bias must be int32, but is "
                         << elementTypeOf(getBias().getType());
  return success();
}
