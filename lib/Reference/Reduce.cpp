// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reductions over axes, and the norm over the last axis.

#include "OpModels.h"
#include "qcc/Arithmetic/FixedPointFunctions.h"
#include "qcc/Arithmetic/Mean.h"
#include "qcc/Dialect/QNN/IR/ExactScales.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include <cmath>

using namespace mlir;

namespace qcc::reference {

namespace {

/// Calls body(input index, output index) for every input element in order, the
/// output being the input without `axes`.
template <typename Body>
void forEachReduced(ArrayRef<int64_t> shape, ArrayRef<int64_t> axes,
                    Body body) {
  SmallVector<int64_t> strides(shape.size(), 0), index(shape.size(), 0);
  int64_t stride = 1;
  for (size_t axis = shape.size(); axis-- > 0;)
    if (!llvm::is_contained(axes, static_cast<int64_t>(axis))) {
      strides[axis] = stride;
      stride *= shape[axis];
    }
  int64_t at = 0;
  for (int64_t i = 0, end = ShapedType::getNumElements(shape); i < end; ++i) {
    body(i, at);
    for (size_t axis = shape.size(); axis-- > 0;) {
      at += strides[axis];
      if (++index[axis] < shape[axis])
        break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
}

/// out[i] = combine(out[i], in[j]) for every element in order, from `start`.
template <typename T, typename Combine>
void reduce(ArrayRef<int64_t> shape, ArrayRef<int64_t> axes, ArrayRef<T> in,
            MutableArrayRef<T> out, T start, Combine combine) {
  llvm::fill(out, start);
  forEachReduced(shape, axes, [&](int64_t i, int64_t at) {
    out[at] = combine(out[at], in[i]);
  });
}

/// The integer modulo 2^width, of the sign that plain integers have.
int64_t wrapTo(Type elementType, uint64_t value) {
  unsigned width = qnn::storageTypeOf(elementType).getIntOrFloatBitWidth();
  return width >= 64 ? static_cast<int64_t>(value)
                     : llvm::SignExtend64(value, width);
}

/// clamp(z_out + (q − n·z_in)·multiplier) of sums of stored values.
LogicalResult requantizeSums(Operation *op, qnn::Rounding rounding, int64_t n,
                             arith::QuantizedMultiplier multiplier,
                             double scale, const arith::ExactScale &ratio,
                             RefTensor &result) {
  Type from = op->getOperand(0).getType(), to = result.getType();
  if (qnn::quantizedAxisOf(from) || qnn::quantizedAxisOf(to))
    return op->emitOpError("is not defined for types quantized per axis");
  arith::Requantization requantize;
  requantize.rounding = toArithmetic(rounding);
  requantize.multiplier = multiplier;
  requantize.scale = static_cast<float>(scale);
  requantize.ratio = ratio;
  requantize.zeroPoint = wrapToInt32(qnn::zeroPointOf(to));
  auto [lo, hi] = qnn::storageRange(to);
  requantize.lo = arith::saturateToInt32(lo);
  requantize.hi = arith::saturateToInt32(hi);
  for (int64_t &value : result.ints())
    value = requantize(wrapToInt32(value - qnn::zeroPointOf(from) * n));
  return success();
}

int64_t countReduced(ArrayRef<int64_t> shape, ArrayRef<int64_t> axes) {
  int64_t n = 1;
  for (int64_t axis : axes)
    n *= shape[axis];
  return n;
}

LogicalResult interpretMean(qnn::MeanOp op, ArrayRef<RefTensor> operands,
                            MutableArrayRef<RefTensor> results) {
  ArrayRef<int64_t> shape = operands[0].getShape(), axes = op.getAxes();
  int64_t n = countReduced(shape, axes);
  if (n == 0)
    return op.emitOpError("has no elements to take the mean of");

  if (results[0].isFloat()) {
    reduce<float>(shape, axes, operands[0].floats(), results[0].floats(), 0,
                  std::plus<float>());
    for (float &value : results[0].floats())
      value /= static_cast<float>(n);
    return success();
  }

  reduce<int64_t>(shape, axes, operands[0].ints(), results[0].ints(), 0,
                  std::plus<int64_t>());
  Type from = operands[0].getType(), to = results[0].getType();
  if (!qnn::isQuantized(to)) {
    for (int64_t &value : results[0].ints())
      value /= n;
    return success();
  }
  double scale = qnn::scaleOf(from) / qnn::scaleOf(to);
  return requantizeSums(
      op, op.getRounding(), n,
      arith::getMeanMultiplier(scale, n, toArithmetic(op.getRounding())),
      qnn::scaleOf(from) / (qnn::scaleOf(to) * static_cast<double>(n)),
      qnn::exactScale(qnn::scaleOf(from), qnn::scaleOf(to), n), results[0]);
}

LogicalResult interpretSum(qnn::SumOp op, ArrayRef<RefTensor> operands,
                           MutableArrayRef<RefTensor> results) {
  ArrayRef<int64_t> shape = operands[0].getShape(), axes = op.getAxes();
  RefTensor &result = results[0];
  if (result.isFloat()) {
    reduce<float>(shape, axes, operands[0].floats(), result.floats(), 0,
                  std::plus<float>());
    return success();
  }
  Type from = operands[0].getType(), to = result.getType();
  reduce<int64_t>(shape, axes, operands[0].ints(), result.ints(), 0,
                  [&](int64_t a, int64_t b) {
                    return wrapTo(IntegerType::get(op.getContext(), 64),
                                  static_cast<uint64_t>(a) +
                                      static_cast<uint64_t>(b));
                  });
  if (!qnn::isQuantized(to) || qnn::bytesPerElement(to) > 1) {
    for (int64_t &value : result.ints())
      value = wrapTo(to, static_cast<uint64_t>(value));
    return success();
  }
  double scale = qnn::scaleOf(from) / qnn::scaleOf(to);
  return requantizeSums(
      op, op.getRounding(), countReduced(shape, axes),
      arith::quantizeMultiplier(scale, toArithmetic(op.getRounding())), scale,
      qnn::exactScale(qnn::scaleOf(from), qnn::scaleOf(to)), result);
}

/// Maximum, minimum, product, or, and: `combine` on floats and on integers.
template <typename OpTy, typename Float, typename Integer>
LogicalResult combineElements(OpTy op, ArrayRef<RefTensor> operands,
                              RefTensor &result, float floatStart,
                              Float combineFloats, int64_t start,
                              Integer combine) {
  ArrayRef<int64_t> shape = operands[0].getShape();
  if (result.isFloat())
    reduce<float>(shape, op.getAxes(), operands[0].floats(), result.floats(),
                  floatStart, combineFloats);
  else
    reduce<int64_t>(shape, op.getAxes(), operands[0].ints(), result.ints(),
                    start, combine);
  return success();
}

LogicalResult interpretMax(qnn::ReduceMaxOp op, ArrayRef<RefTensor> operands,
                           MutableArrayRef<RefTensor> results) {
  return combineElements(
      op, operands, results[0], std::numeric_limits<float>::lowest(),
      [](float a, float b) { return b > a ? b : a; },
      std::numeric_limits<int64_t>::min(),
      [](int64_t a, int64_t b) { return std::max(a, b); });
}

LogicalResult interpretMin(qnn::ReduceMinOp op, ArrayRef<RefTensor> operands,
                           MutableArrayRef<RefTensor> results) {
  return combineElements(
      op, operands, results[0], std::numeric_limits<float>::max(),
      [](float a, float b) { return b < a ? b : a; },
      std::numeric_limits<int64_t>::max(),
      [](int64_t a, int64_t b) { return std::min(a, b); });
}

LogicalResult interpretProd(qnn::ReduceProdOp op, ArrayRef<RefTensor> operands,
                            MutableArrayRef<RefTensor> results) {
  Type element = results[0].getElementType();
  return combineElements(op, operands, results[0], 1, std::multiplies<float>(),
                         1, [&](int64_t a, int64_t b) {
                           return wrapTo(element, static_cast<uint64_t>(a) *
                                                      static_cast<uint64_t>(b));
                         });
}

LogicalResult interpretAny(qnn::ReduceAnyOp op, ArrayRef<RefTensor> operands,
                           MutableArrayRef<RefTensor> results) {
  reduce<int64_t>(operands[0].getShape(), op.getAxes(), operands[0].ints(),
                  results[0].ints(), 0,
                  [](int64_t a, int64_t b) { return a | b; });
  return success();
}

LogicalResult interpretAll(qnn::ReduceAllOp op, ArrayRef<RefTensor> operands,
                           MutableArrayRef<RefTensor> results) {
  reduce<int64_t>(operands[0].getShape(), op.getAxes(), operands[0].ints(),
                  results[0].ints(), 1,
                  [](int64_t a, int64_t b) { return a != 0 && b != 0; });
  return success();
}

LogicalResult interpretL2Normalize(qnn::L2NormalizeOp op,
                                   ArrayRef<RefTensor> operands,
                                   MutableArrayRef<RefTensor> results) {
  RefTensor &result = results[0];
  int64_t depth = result.getShape().back();
  if (result.getNumElements() == 0)
    return success();
  if (result.isFloat()) {
    for (int64_t row = 0; row < result.getNumElements(); row += depth) {
      ArrayRef<float> in = operands[0].floats().slice(row, depth);
      float squares = 0;
      for (float x : in)
        squares += x * x;
      float norm = std::max(std::sqrt(squares), 1e-6f);
      for (auto [to, x] :
           llvm::zip_equal(result.floats().slice(row, depth), in))
        to = x / norm;
    }
    return success();
  }
  arith::Int32Ops ops;
  int64_t zeroIn = qnn::zeroPointOf(operands[0].getType());
  int64_t zero = qnn::zeroPointOf(result.getType());
  auto [lo, hi] = qnn::storageRange(result.getType());
  // The origin multiplies by 128 = 1/s_out before it shifts right for uint8,
  // and works 2^7 into the shift for int8.
  bool isSigned = qnn::isSignedStorage(result.getType());
  for (int64_t row = 0; row < result.getNumElements(); row += depth) {
    ArrayRef<int64_t> in = operands[0].ints().slice(row, depth);
    int64_t squares = 0;
    for (int64_t q : in)
      squares += (q - zeroIn) * (q - zeroIn);
    auto [multiplier, right] =
        arith::inverseSquareRoot(ops, wrapToInt32(squares));
    for (auto [to, q] : llvm::zip_equal(result.ints().slice(row, depth), in)) {
      int left = isSigned ? std::max(7 - right, 0) : 7;
      int32_t high = arith::saturatingRoundingDoublingHighMul(
          wrapToInt32((q - zeroIn) * (1 << left)), multiplier);
      int64_t scaled =
          arith::roundingDivideByPOT(high, isSigned ? right - 7 + left : right);
      to = std::clamp(scaled + zero, lo, hi);
    }
  }
  return success();
}

} // namespace

void attachReduceModels(MLIRContext *context) {
  attach<qnn::L2NormalizeOp, interpretL2Normalize>(context);
  attach<qnn::MeanOp, interpretMean>(context);
  attach<qnn::ReduceAllOp, interpretAll>(context);
  attach<qnn::ReduceAnyOp, interpretAny>(context);
  attach<qnn::ReduceMaxOp, interpretMax>(context);
  attach<qnn::ReduceMinOp, interpretMin>(context);
  attach<qnn::ReduceProdOp, interpretProd>(context);
  attach<qnn::SumOp, interpretSum>(context);
}

} // namespace qcc::reference
