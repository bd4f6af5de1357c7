// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Element-wise operations on one type: addition with broadcasting, clamp, and
// the unary functions. Conversions between types are in Quantize.cpp.

#include "OpModels.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include <cmath>

using namespace mlir;

namespace qcc::reference {

namespace {

/// Calls body(result index, lhs index, rhs index) for every element of a result
/// to whose shape both operands broadcast under NumPy's rules.
template <typename Body>
void forEachBroadcast(ArrayRef<int64_t> result, ArrayRef<int64_t> lhs,
                      ArrayRef<int64_t> rhs, Body body) {
  size_t rank = result.size();
  // Strides along the result's axes: 0 where an operand is repeated.
  auto stridesOf = [&](ArrayRef<int64_t> shape) {
    SmallVector<int64_t> strides(rank, 0);
    int64_t stride = 1;
    for (size_t axis = shape.size(); axis-- > 0;) {
      if (shape[axis] != 1)
        strides[axis + rank - shape.size()] = stride;
      stride *= shape[axis];
    }
    return strides;
  };
  SmallVector<int64_t> lhsStrides = stridesOf(lhs), rhsStrides = stridesOf(rhs);
  SmallVector<int64_t> index(rank, 0);
  int64_t elements = ShapedType::getNumElements(result);
  int64_t lhsAt = 0, rhsAt = 0;
  for (int64_t at = 0; at < elements; ++at) {
    body(at, lhsAt, rhsAt);
    for (size_t axis = rank; axis-- > 0;) {
      lhsAt += lhsStrides[axis];
      rhsAt += rhsStrides[axis];
      if (++index[axis] < result[axis])
        break;
      lhsAt -= lhsStrides[axis] * result[axis];
      rhsAt -= rhsStrides[axis] * result[axis];
      index[axis] = 0;
    }
  }
}

/// TFLite's quantized addition: both operands, less their zero points, are
/// shifted left by 20 and brought to the scale 2·max(s_lhs, s_rhs) / 2^20,
/// added there, and brought to the result's scale.
class FixedPointAdd {
public:
  explicit FixedPointAdd(qnn::AddOp op)
      : rounding(toArithmetic(op.getRounding())) {
    double lhs = qnn::scaleOf(op.getLhs().getType());
    double rhs = qnn::scaleOf(op.getRhs().getType());
    double common = 2 * std::max(lhs, rhs);
    double result = qnn::scaleOf(op.getType());
    lhsMultiplier = arith::quantizeMultiplier(lhs / common, rounding);
    rhsMultiplier = arith::quantizeMultiplier(rhs / common, rounding);
    resultMultiplier = arith::quantizeMultiplier(
        common / ((1 << leftShift) * result), rounding);
  }

  int64_t operator()(int64_t lhs, int64_t rhs) const {
    int32_t a = scaleInteger(wrapToInt32(lhs * (1 << leftShift)), lhsMultiplier,
                             rounding);
    int32_t b = scaleInteger(wrapToInt32(rhs * (1 << leftShift)), rhsMultiplier,
                             rounding);
    return scaleInteger(wrapToInt32(int64_t(a) + b), resultMultiplier,
                        rounding);
  }

private:
  static constexpr int leftShift = 20;
  arith::Rounding rounding;
  arith::QuantizedMultiplier lhsMultiplier, rhsMultiplier, resultMultiplier;
};

/// XNNPACK's quantized addition: multipliers of about 20 bits, one rounding,
/// half up. Source of the formula: XNNPACK's add microparams; checked against
/// recorded outputs of LiteRT 2.3.
class XnnpackAdd {
public:
  explicit XnnpackAdd(qnn::AddOp op) {
    auto result = static_cast<float>(qnn::scaleOf(op.getType()));
    float lhs =
        static_cast<float>(qnn::scaleOf(op.getLhs().getType())) / result;
    float rhs =
        static_cast<float>(qnn::scaleOf(op.getRhs().getType())) / result;
    shift = 20 - std::ilogb(std::max(lhs, rhs));
    lhsMultiplier = std::llrint(std::ldexp(static_cast<double>(lhs), shift));
    rhsMultiplier = std::llrint(std::ldexp(static_cast<double>(rhs), shift));
  }

  bool isDefined() const { return shift >= 1 && shift <= 40; }

  int64_t operator()(int64_t lhs, int64_t rhs) const {
    return (lhs * lhsMultiplier + rhs * rhsMultiplier +
            (int64_t(1) << (shift - 1))) >>
           shift;
  }

private:
  int shift;
  int64_t lhsMultiplier, rhsMultiplier;
};

template <typename Sum>
void addQuantized(qnn::AddOp op, ArrayRef<RefTensor> operands,
                  RefTensor &result, Sum sum) {
  int64_t lhsZero = qnn::zeroPointOf(operands[0].getType());
  int64_t rhsZero = qnn::zeroPointOf(operands[1].getType());
  int64_t zero = qnn::zeroPointOf(result.getType());
  auto [lo, hi] = qnn::integerClamp(op.getClampAttr(), result.getType());
  ArrayRef<int64_t> lhs = operands[0].ints(), rhs = operands[1].ints();
  MutableArrayRef<int64_t> out = result.ints();
  forEachBroadcast(
      result.getShape(), operands[0].getShape(), operands[1].getShape(),
      [&, lo = lo, hi = hi](int64_t at, int64_t i, int64_t j) {
        out[at] =
            std::clamp(sum(lhs[i] - lhsZero, rhs[j] - rhsZero) + zero, lo, hi);
      });
}

LogicalResult interpretAdd(qnn::AddOp op, ArrayRef<RefTensor> operands,
                           MutableArrayRef<RefTensor> results) {
  RefTensor &result = results[0];
  if (result.isFloat()) {
    auto [lo, hi] = qnn::floatClamp(op.getClampAttr());
    ArrayRef<float> lhs = operands[0].floats(), rhs = operands[1].floats();
    MutableArrayRef<float> out = result.floats();
    forEachBroadcast(result.getShape(), operands[0].getShape(),
                     operands[1].getShape(),
                     [&, lo = lo, hi = hi](int64_t at, int64_t i, int64_t j) {
                       out[at] = std::min(std::max(lhs[i] + rhs[j], lo), hi);
                     });
    return success();
  }
  if (!qnn::isQuantized(result.getElementType())) {
    // Plain integers wrap at their width, then are clamped.
    unsigned width = result.getElementType().getIntOrFloatBitWidth();
    auto wrap = [&](int64_t a, int64_t b) {
      uint64_t sum = static_cast<uint64_t>(a) + static_cast<uint64_t>(b);
      return width == 1 ? static_cast<int64_t>(sum & 1)
                        : llvm::SignExtend64(sum, width);
    };
    addQuantized(op, operands, result, wrap);
    return success();
  }
  for (Value value : {op.getLhs(), op.getRhs(), op.getResult()})
    if (qnn::quantizedAxisOf(value.getType()))
      return op.emitOpError("is not defined for types quantized per axis");
  if (op.getRounding() != qnn::Rounding::HalfEvenFloat) {
    addQuantized(op, operands, result, FixedPointAdd(op));
    return success();
  }
  XnnpackAdd add(op);
  if (!add.isDefined())
    return op.emitOpError("has scales too far apart for half_even_float");
  addQuantized(op, operands, result, add);
  return success();
}

LogicalResult interpretClip(qnn::ClipOp op, ArrayRef<RefTensor> operands,
                            MutableArrayRef<RefTensor> results) {
  RefTensor &result = results[0];
  if (result.isFloat()) {
    auto [lo, hi] = qnn::floatClamp(op.getClampAttr());
    for (auto [out, in] :
         llvm::zip_equal(result.floats(), operands[0].floats()))
      out = std::min(std::max(in, lo), hi);
    return success();
  }
  auto [lo, hi] = qnn::integerClamp(op.getClampAttr(), result.getType());
  for (auto [out, in] : llvm::zip_equal(result.ints(), operands[0].ints()))
    out = std::clamp(in, lo, hi);
  return success();
}

/// A function of one value. Quantized storage of up to 8 bits follows TFLite's
/// lookup tables, computed in float32: dequantize, apply, multiply by the
/// reciprocal of the result's scale, round half away from zero, clamp.
template <typename OpTy, typename Function, typename FloatFunction>
LogicalResult applyUnary(OpTy op, const RefTensor &input, RefTensor &result,
                         Function function, FloatFunction floatFunction) {
  if (result.isFloat()) {
    for (auto [out, in] : llvm::zip_equal(result.floats(), input.floats()))
      out = floatFunction(in);
    return success();
  }
  Type from = input.getElementType(), to = result.getElementType();
  for (Type type : {from, to})
    if (qnn::quantizedAxisOf(type) ||
        qnn::storageTypeOf(type).getIntOrFloatBitWidth() > 8)
      return op.emitOpError("is defined for quantized types of up to 8 bits "
                            "per tensor, but got ")
             << type;
  auto inputScale = static_cast<float>(qnn::scaleOf(from));
  float inverseScale = 1.0f / static_cast<float>(qnn::scaleOf(to));
  int64_t inputZero = qnn::zeroPointOf(from), zero = qnn::zeroPointOf(to);
  auto [lo, hi] = qnn::storageRange(to);
  for (auto [out, in] : llvm::zip_equal(result.ints(), input.ints())) {
    float real = inputScale * static_cast<float>(in - inputZero);
    float rounded = std::round(function(real) * inverseScale);
    out = std::clamp(static_cast<int64_t>(rounded) + zero, lo, hi);
  }
  return success();
}

LogicalResult interpretLogistic(qnn::LogisticOp op,
                                ArrayRef<RefTensor> operands,
                                MutableArrayRef<RefTensor> results) {
  auto logistic = [](float x) { return 1.0f / (1.0f + std::exp(-x)); };
  // TFLite's float kernel returns 1 above the argument from which 1/(1+exp(-x))
  // is 1 in float32, and exp(x) where that is as good.
  auto floatLogistic = [&](float x) {
    if (x > 16.619047164916992188f)
      return 1.0f;
    return x < -9.0f ? std::exp(x) : logistic(x);
  };
  return applyUnary(op, operands[0], results[0], logistic, floatLogistic);
}

LogicalResult interpretTanh(qnn::TanhOp op, ArrayRef<RefTensor> operands,
                            MutableArrayRef<RefTensor> results) {
  auto tanh = [](float x) { return std::tanh(x); };
  return applyUnary(op, operands[0], results[0], tanh, tanh);
}

} // namespace

void attachElementwiseModels(MLIRContext *context) {
  attach<qnn::AddOp, interpretAdd>(context);
  attach<qnn::ClipOp, interpretClip>(context);
  attach<qnn::LogisticOp, interpretLogistic>(context);
  attach<qnn::TanhOp, interpretTanh>(context);
}

} // namespace qcc::reference
