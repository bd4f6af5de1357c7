// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shape inference, costs and verification of convolutions, matrix products and
// pooling.

#include "OpSupport.h"

using namespace mlir;
using namespace qcc::qnn;

namespace {

/// The element types of a multiply-accumulate operation: all quantized or all
/// float; hybrid, where the filter alone is quantized; or quantized operands
/// and a float result. Input and result have one scale.
LogicalResult verifyMacTypes(Operation *op, Value input, Value filter,
                             Value result, bool isAsymmetric) {
  bool isHybrid = isFloat(input.getType()) && isQuantized(filter.getType());
  if (isHybrid) {
    auto type = dyn_cast<quant::QuantizedType>(elementTypeOf(filter.getType()));
    bool hasZero = false;
    int64_t channels = 1;
    if (std::optional<int64_t> axis = quantizedAxisOf(filter.getType()))
      channels = shapeOf(filter)[*axis];
    for (int64_t c = 0; c < channels; ++c)
      hasZero |= zeroPointOf(filter.getType(), c) != 0;
    if (isa<quant::UniformQuantizedSubChannelType>(type) || !type.isSigned() ||
        type.getStorageTypeIntegralWidth() > 8 || hasZero)
      return op->emitOpError() << "beside a float input, a quantized filter "
                                  "must have signed storage of at most 8 bits "
                                  "with zero point 0, but is "
                               << filter.getType();
    if (failed(verifySameKind(op, {input, result}, /*allowInteger=*/false)))
      return failure();
  } else if (isFloat(result.getType()) && isQuantized(input.getType())) {
    if (failed(verifySameKind(op, {input, filter}, /*allowInteger=*/false)))
      return failure();
  } else if (failed(verifySameKind(op, {input, filter, result},
                                   /*allowInteger=*/false))) {
    return failure();
  }
  if (isAsymmetric && !isHybrid)
    return op->emitOpError() << "asymmetric_inputs goes with a float input "
                                "and a quantized filter";
  if (quantizedAxisOf(input.getType()) || quantizedAxisOf(result.getType()))
    return op->emitOpError() << "input and result must be quantized per tensor";
  return success();
}

/// The scales of a quantized multiply-accumulate operation fit its arithmetic;
/// `isWide`: 64-bit accumulators.
LogicalResult verifyMacScales(Operation *op, Type input, Type filter,
                              Type result, int64_t channels, bool isWide) {
  if (!isQuantized(result))
    return success();
  if (isWide && (zeroPointOf(input) != 0 || zeroPointOf(result) != 0))
    return op->emitOpError()
           << "has an accumulator of 64 bits, so the zero "
              "points of input and result must be 0, but are "
           << zeroPointOf(input) << " and " << zeroPointOf(result);
  for (int64_t c = 0, e = quantizedAxisOf(filter) ? channels : 1; c < e; ++c) {
    double scale = effectiveScale(input, filter, result, c, false);
    if (failed(verifyMultiplier(op, scale)))
      return failure();
    if (isWide && !(scale < 0x1p14))
      return op->emitOpError() << "has an accumulator of 64 bits, so s_in·s_w/"
                                  "s_out must be less than 2^14";
  }
  return success();
}

/// Bias and per-axis parameters of a filter whose output channels are its axis
/// `axis`.
LogicalResult verifyFilter(Operation *op, Value input, Value filter, Value bias,
                           Value result, int64_t axis, int64_t channels,
                           bool isAsymmetric) {
  if (failed(verifyMacTypes(op, input, filter, result, isAsymmetric)))
    return failure();
  if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(
          elementTypeOf(filter.getType()))) {
    if (perAxis.getQuantizedDimension() != axis)
      return op->emitOpError() << "filter must be quantized along axis " << axis
                               << ", its output channels, but is along "
                               << perAxis.getQuantizedDimension();
    if (static_cast<int64_t>(perAxis.getScales().size()) != channels)
      return op->emitOpError()
             << "filter has " << perAxis.getScales().size() << " scales for "
             << channels << " output channels";
  }
  if (failed(verifyMacScales(
          op, input.getType(), filter.getType(), result.getType(), channels,
          bias && storageTypeOf(bias.getType()).isInteger(64))))
    return failure();
  if (bias) {
    auto type = cast<RankedTensorType>(bias.getType());
    Type storage = storageTypeOf(type);
    bool matches = isFloat(result.getType())
                       ? storage.isF32()
                       : storage.isInteger(32) || storage.isInteger(64);
    if (type.getNumElements() != channels || type.getRank() != 1 || !matches)
      return op->emitOpError()
             << "bias must have " << channels << " elements of "
             << (isFloat(result.getType()) ? "f32" : "i32") << ", but is "
             << type;
  }
  return success();
}

struct Window {
  ArrayRef<int64_t> kernel, strides, padding, dilations;
};

/// [N, H', W', channels] of a window that slides over an NHWC tensor.
FailureOr<SmallVector<int64_t>> slide(Operation *op, ArrayRef<int64_t> in,
                                      const Window &w, int64_t channels) {
  if (failed(verifyNumbers(op, "strides", w.strides, 2, 1)) ||
      failed(verifyNumbers(op, "padding", w.padding, 4, 0)) ||
      failed(verifyNumbers(op, "dilations", w.dilations, 2, 1)))
    return failure();
  FailureOr<int64_t> h =
      windowExtent(op, "height", in[1], w.padding[0], w.padding[1], w.kernel[0],
                   w.strides[0], w.dilations[0]);
  if (failed(h))
    return failure();
  FailureOr<int64_t> width =
      windowExtent(op, "width", in[2], w.padding[2], w.padding[3], w.kernel[1],
                   w.strides[1], w.dilations[1]);
  if (failed(width))
    return failure();
  return SmallVector<int64_t>{in[0], *h, *width, channels};
}

template <typename OpTy>
LogicalResult verifyLayout(OpTy op, FilterLayout expected) {
  if (op.getFilterLayout() != expected)
    return op.emitOpError()
           << "filter layout must be " << stringifyFilterLayout(expected)
           << ", but is " << stringifyFilterLayout(op.getFilterLayout());
  return success();
}

template <typename OpTy>
FailureOr<SmallVector<int64_t>> inferPoolShape(OpTy op) {
  if (failed(verifyNumbers(op, "kernel", op.getKernel(), 2, 1)))
    return failure();
  ArrayRef<int64_t> in = shapeOf(op.getInput());
  return slide(op, in,
               {op.getKernel(), op.getStrides(), op.getPadding(), {1, 1}},
               in[3]);
}

template <typename OpTy> LogicalResult verifyPool(OpTy op) {
  if (elementTypeOf(op.getInput().getType()) != elementTypeOf(op.getType()))
    return op.emitOpError()
           << "operand and result must have the same element type, but got "
           << op.getInput().getType() << " and " << op.getType();
  if (failed(verifyInferredShape(op)) ||
      failed(verifyClamp(op, op.getClampAttr(), op.getType())))
    return failure();
  ArrayRef<int64_t> pad = op.getPadding(), kernel = op.getKernel();
  if (pad[0] >= kernel[0] || pad[1] >= kernel[0] || pad[2] >= kernel[1] ||
      pad[3] >= kernel[1])
    return op.emitOpError()
           << "padding [" << pad << "] must be less than the kernel [" << kernel
           << "]";
  return success();
}

} // namespace

//===----------------------------------------------------------------------===//
// conv2d
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> Conv2DOp::inferShape() {
  ArrayRef<int64_t> in = shapeOf(getInput()), filter = shapeOf(getFilter());
  int64_t groups = getGroups();
  if (groups < 1 || in[3] % groups != 0 || in[3] / groups != filter[3] ||
      filter[0] % groups != 0)
    return emitOpError() << "input has " << in[3] << " channels in " << groups
                         << " groups, but the filter takes " << filter[3]
                         << " and makes " << filter[0];
  return slide(*this, in,
               {filter.slice(1, 2), getStrides(), getPadding(), getDilations()},
               filter[0]);
}

LogicalResult Conv2DOp::verify() {
  if (failed(verifyLayout(*this, FilterLayout::OHWI)) ||
      failed(verifyInferredShape(*this)) ||
      failed(verifyClamp(*this, getClampAttr(), getType())))
    return failure();
  return verifyFilter(*this, getInput(), getFilter(), getBias(), getResult(), 0,
                      shapeOf(getFilter())[0], getAsymmetricInputs());
}

int64_t Conv2DOp::getMacs() {
  ArrayRef<int64_t> filter = shapeOf(getFilter());
  return cast<ShapedType>(getType()).getNumElements() * filter[1] * filter[2] *
         filter[3];
}

//===----------------------------------------------------------------------===//
// depthwise_conv2d
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> DepthwiseConv2DOp::inferShape() {
  ArrayRef<int64_t> in = shapeOf(getInput()), filter = shapeOf(getFilter());
  if (filter[0] != 1 || in[3] == 0 || filter[3] % in[3] != 0)
    return emitOpError() << "filter must be [1, H, W, a multiple of " << in[3]
                         << "], but is [" << filter << "]";
  return slide(*this, in,
               {filter.slice(1, 2), getStrides(), getPadding(), getDilations()},
               filter[3]);
}

LogicalResult DepthwiseConv2DOp::verify() {
  if (failed(verifyLayout(*this, FilterLayout::IHWO)) ||
      failed(verifyInferredShape(*this)) ||
      failed(verifyClamp(*this, getClampAttr(), getType())))
    return failure();
  return verifyFilter(*this, getInput(), getFilter(), getBias(), getResult(), 3,
                      shapeOf(getFilter())[3], getAsymmetricInputs());
}

int64_t DepthwiseConv2DOp::getMacs() {
  ArrayRef<int64_t> filter = shapeOf(getFilter());
  return cast<ShapedType>(getType()).getNumElements() * filter[1] * filter[2];
}

//===----------------------------------------------------------------------===//
// fully_connected
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> FullyConnectedOp::inferShape() {
  return matrixProductShape(*this, getInput(), getFilter(), getResult());
}

LogicalResult FullyConnectedOp::verify() {
  if (failed(verifyLayout(*this, FilterLayout::OI)) ||
      failed(verifyInferredShape(*this)) ||
      failed(verifyClamp(*this, getClampAttr(), getType())))
    return failure();
  return verifyFilter(*this, getInput(), getFilter(), getBias(), getResult(), 0,
                      shapeOf(getFilter())[0], getAsymmetricInputs());
}

int64_t FullyConnectedOp::getMacs() {
  return cast<ShapedType>(getType()).getNumElements() * shapeOf(getFilter())[1];
}

//===----------------------------------------------------------------------===//
// batch_matmul
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> BatchMatMulOp::inferShape() {
  ArrayRef<int64_t> lhs = shapeOf(getLhs()), rhs = shapeOf(getRhs());
  if (lhs.size() < 2 || rhs.size() < 2)
    return emitOpError() << "operands must be at least matrices, but are "
                         << getLhs().getType() << " and " << getRhs().getType();
  ArrayRef<int64_t> l = lhs.take_back(2), r = rhs.take_back(2);
  if (l[getTransposeLhs() ? 0 : 1] != r[getTransposeRhs() ? 1 : 0])
    return emitOpError() << "reduces " << l[getTransposeLhs() ? 0 : 1]
                         << " elements of the lhs with "
                         << r[getTransposeRhs() ? 1 : 0] << " of the rhs";
  size_t rank = std::max(lhs.size(), rhs.size());
  SmallVector<int64_t> shape(rank, 1);
  for (ArrayRef<int64_t> operand : {lhs, rhs})
    for (size_t axis = 0; axis + 2 < operand.size(); ++axis) {
      int64_t &extent = shape[rank - operand.size() + axis];
      if (operand[axis] == 1 || operand[axis] == extent)
        continue;
      if (extent != 1)
        return emitOpError() << "the shapes [" << lhs << "] and [" << rhs
                             << "] do not broadcast";
      extent = operand[axis];
    }
  shape[rank - 2] = l[getTransposeLhs() ? 1 : 0];
  shape[rank - 1] = r[getTransposeRhs() ? 0 : 1];
  return shape;
}

LogicalResult BatchMatMulOp::verify() {
  if (failed(verifyInferredShape(*this)) ||
      failed(verifyClamp(*this, getClampAttr(), getType())) ||
      failed(verifyMacTypes(*this, getLhs(), getRhs(), getResult(),
                            getAsymmetricInputs())))
    return failure();
  if (quantizedAxisOf(getRhs().getType()))
    return emitOpError() << "rhs must be quantized per tensor, but is "
                         << getRhs().getType();
  if (getWide() &&
      (!isQuantized(getType()) || !isQuantized(getLhs().getType()) ||
       zeroPointOf(getRhs().getType()) != 0))
    return emitOpError() << "wide goes with quantized operands of zero point 0";
  return verifyMacScales(*this, getLhs().getType(), getRhs().getType(),
                         getType(), 1, getWide());
}

int64_t BatchMatMulOp::getMacs() {
  return cast<ShapedType>(getType()).getNumElements() *
         shapeOf(getLhs()).take_back(2)[getTransposeLhs() ? 0 : 1];
}

//===----------------------------------------------------------------------===//
// transpose_conv2d
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> TransposeConv2DOp::inferShape() {
  ArrayRef<int64_t> in = shapeOf(getInput()), filter = shapeOf(getFilter());
  ArrayRef<int64_t> out = shapeOf(getResult());
  if (failed(verifyNumbers(*this, "strides", getStrides(), 2, 1)) ||
      failed(verifyNumbers(*this, "padding", getPadding(), 2, 0)))
    return failure();
  if (in[3] != filter[3])
    return emitOpError() << "input has " << in[3]
                         << " channels, but the filter takes " << filter[3];
  return SmallVector<int64_t>{in[0], out[1], out[2], filter[0]};
}

LogicalResult TransposeConv2DOp::verify() {
  if (failed(verifyLayout(*this, FilterLayout::OHWI)) ||
      failed(verifyInferredShape(*this)) ||
      failed(verifyClamp(*this, getClampAttr(), getType())))
    return failure();
  if (isFloat(getInput().getType()) && isQuantized(getFilter().getType()))
    return emitOpError() << "input, filter and result must be all quantized or "
                            "all float";
  return verifyFilter(*this, getInput(), getFilter(), getBias(), getResult(), 0,
                      shapeOf(getFilter())[0], /*isAsymmetric=*/false);
}

int64_t TransposeConv2DOp::getMacs() {
  ArrayRef<int64_t> filter = shapeOf(getFilter());
  return cast<ShapedType>(getInput().getType()).getNumElements() * filter[0] *
         filter[1] * filter[2];
}

//===----------------------------------------------------------------------===//
// pooling
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> AvgPool2DOp::inferShape() {
  return inferPoolShape(*this);
}
LogicalResult AvgPool2DOp::verify() { return verifyPool(*this); }
FailureOr<SmallVector<int64_t>> MaxPool2DOp::inferShape() {
  return inferPoolShape(*this);
}
LogicalResult MaxPool2DOp::verify() { return verifyPool(*this); }
FailureOr<SmallVector<int64_t>> L2Pool2DOp::inferShape() {
  return inferPoolShape(*this);
}
LogicalResult L2Pool2DOp::verify() {
  if (!isFloat(getType()))
    return emitOpError() << "operand and result must be float, but are "
                         << getType();
  return verifyPool(*this);
}
