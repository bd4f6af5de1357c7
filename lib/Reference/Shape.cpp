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

/// Calls `body(to, from)` with the row-major positions of each element of
/// `move` in the result and in its operand.
void forEachElement(const qnn::Move &move, ArrayRef<int64_t> resultShape,
                    ArrayRef<int64_t> operandShape,
                    function_ref<void(int64_t, int64_t)> body) {
  if (move.isEmpty())
    return;
  SmallVector<int64_t> index(move.shape.size(), 0);
  while (true) {
    int64_t to = 0, from = 0;
    for (size_t axis = 0; axis < index.size(); ++axis)
      to = to * resultShape[axis] + move.origin[axis] + index[axis];
    SmallVector<int64_t> source(move.start);
    for (size_t axis = 0; axis < move.axes.size(); ++axis)
      source[move.axes[axis]] += index[axis] * move.steps[axis];
    for (size_t axis = 0; axis < source.size(); ++axis)
      from = from * operandShape[axis] + source[axis];
    body(to, from);
    size_t axis = index.size();
    while (axis-- > 0) {
      if (++index[axis] < move.shape[axis])
        break;
      index[axis] = 0;
    }
    if (axis == static_cast<size_t>(-1))
      return;
  }
}

template <typename OpTy>
LogicalResult interpretMove(OpTy op, ArrayRef<RefTensor> operands,
                            MutableArrayRef<RefTensor> results) {
  auto move = cast<qnn::MoveOpInterface>(op.getOperation());
  RefTensor &result = results[0];
  std::vector<qnn::Move> boxes = move.getMoves();
  bool isFilled = llvm::any_of(boxes, [](const qnn::Move &box) {
    return box.operand == qnn::Move::fill;
  });
  if (isFilled && qnn::quantizedAxisOf(result.getType()))
    return op.emitOpError("is not defined for types quantized per axis");
  float real = 0;
  int64_t integer = result.isFloat() ? 0 : qnn::zeroPointOf(result.getType());
  if (auto value = dyn_cast_if_present<FloatAttr>(move.getFill()))
    real = value.getValue().convertToFloat();
  if (auto value = dyn_cast_if_present<IntegerAttr>(move.getFill()))
    integer = value.getInt();
  for (const qnn::Move &box : boxes) {
    bool isFill = box.operand == qnn::Move::fill;
    const RefTensor *from = isFill ? nullptr : &operands[box.operand];
    forEachElement(
        box, result.getShape(), from ? from->getShape() : ArrayRef<int64_t>(),
        [&](int64_t at, int64_t source) {
          if (result.isFloat())
            result.floats()[at] = from ? from->floats()[source] : real;
          else
            result.ints()[at] = from ? from->ints()[source] : integer;
        });
  }
  return success();
}

LogicalResult interpretReshape(qnn::ReshapeOp op, ArrayRef<RefTensor> operands,
                               MutableArrayRef<RefTensor> results) {
  results[0] = operands[0].withType(results[0].getType());
  return success();
}

} // namespace

void attachShapeModels(MLIRContext *context) {
  attach<qnn::BroadcastOp, interpretMove>(context);
  attach<qnn::ConcatOp, interpretMove>(context);
  attach<qnn::ConstantOp, interpretConstant>(context);
  attach<qnn::CopyOp, interpretMove>(context);
  attach<qnn::MirrorPadOp, interpretMove>(context);
  attach<qnn::PadOp, interpretMove>(context);
  attach<qnn::ReshapeOp, interpretReshape>(context);
  attach<qnn::SliceOp, interpretMove>(context);
  attach<qnn::TransposeOp, interpretMove>(context);
}

} // namespace qcc::reference
