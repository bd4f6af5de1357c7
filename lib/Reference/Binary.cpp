// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arithmetic of two operands with broadcasting. The quantized definitions are
// those of TFLite's reference kernels.

#include "Broadcast.h"
#include "OpModels.h"
#include "qcc/Arithmetic/FixedPointFunctions.h"
#include "qcc/Arithmetic/Functions.h"
#include "qcc/Dialect/QNN/IR/ExactScales.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include <cmath>

using namespace mlir;

namespace qcc::reference {

namespace {

/// A result of plain integers wraps at its width; unsigned ones stay positive.
class Wrap {
public:
  explicit Wrap(Type type)
      : bits(qnn::storageTypeOf(type).getIntOrFloatBitWidth()),
        isSigned(qnn::isSignedStorage(type)) {}
  int64_t operator()(uint64_t x) const {
    uint64_t low = x & llvm::maskTrailingOnes<uint64_t>(bits);
    return isSigned ? llvm::SignExtend64(low, bits) : static_cast<int64_t>(low);
  }

private:
  unsigned bits;
  bool isSigned;
};

/// Zero points and clamp of a quantized or integer operation.
struct Bounds {
  int64_t lhsZero, rhsZero, zero, lo, hi;

  template <typename OpTy>
  explicit Bounds(OpTy op, qnn::ClampAttr clamp = {})
      : lhsZero(qnn::zeroPointOf(op.getLhs().getType())),
        rhsZero(qnn::zeroPointOf(op.getRhs().getType())),
        zero(qnn::zeroPointOf(op.getType())) {
    std::tie(lo, hi) = qnn::integerClamp(clamp, op.getType());
  }
  int64_t finish(int64_t x) const { return std::clamp(x + zero, lo, hi); }
};

/// Floats and plain integers: `onFloats`, or `onIntegers` on numbers without
/// sign, wrapped; then the clamp. Failure for quantized types.
template <typename OpTy, typename OnFloats, typename OnIntegers>
LogicalResult applyPlain(OpTy op, qnn::ClampAttr clamp,
                         ArrayRef<RefTensor> operands, RefTensor &result,
                         OnFloats onFloats, OnIntegers onIntegers) {
  if (result.isFloat()) {
    auto [lo, hi] = qnn::floatClamp(clamp);
    mapFloats(operands, result, [&, lo = lo, hi = hi](float a, float b) {
      return std::min(std::max(float(onFloats(a, b)), lo), hi);
    });
    return success();
  }
  if (qnn::isQuantized(result.getElementType()))
    return failure();
  Wrap wrap(result.getElementType());
  auto [lo, hi] = qnn::integerClamp(clamp, result.getType());
  mapIntegers(operands, result, [&, lo = lo, hi = hi](int64_t a, int64_t b) {
    return std::clamp(
        wrap(onIntegers(static_cast<uint64_t>(a), static_cast<uint64_t>(b))),
        lo, hi);
  });
  return success();
}

/// What is defined by TFLite's fixed point alone.
template <typename OpTy> LogicalResult requireFixedPoint(OpTy op) {
  if (op.getRounding() == qnn::Rounding::HalfEvenFloat ||
      op.getRounding() == qnn::Rounding::Onnx)
    return op.emitOpError("is not defined for ")
           << qnn::stringifyRounding(op.getRounding());
  return success();
}

//===----------------------------------------------------------------------===//
// Addition and subtraction
//===----------------------------------------------------------------------===//

/// TFLite's quantized addition: both operands, less their zero points, are
/// shifted left by L = 20 (15 for 16 bits) and brought to the scale
/// 2·max(s_lhs, s_rhs) / 2^L, added there, and brought to the result's scale.
class FixedPointAdd {
public:
  template <typename OpTy>
  explicit FixedPointAdd(OpTy op)
      : leftShift(qnn::sumLeftShift(op.getType())),
        rounding(toArithmetic(op.getRounding())) {
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
  int leftShift;
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

/// TFLite's older addition of 16 bits: the operand of the smaller scale is
/// shifted right and added with saturation.
class PowerOfTwoAdd {
public:
  template <typename OpTy>
  explicit PowerOfTwoAdd(OpTy op)
      : lhsShift(shiftOf(op.getLhs().getType(), op.getType())),
        rhsShift(shiftOf(op.getRhs().getType(), op.getType())) {}

  int64_t operator()(int64_t lhs, int64_t rhs) const {
    return shifted(lhs, lhsShift) + shifted(rhs, rhsShift);
  }

private:
  static int shiftOf(Type operand, Type result) {
    return std::ilogb(qnn::scaleOf(result) / qnn::scaleOf(operand));
  }
  static int64_t shifted(int64_t x, int shift) {
    return arith::roundingDivideByPOT(static_cast<int32_t>(x), shift);
  }
  int lhsShift, rhsShift;
};

/// Addition of quantized operands, or of the negated second one for `sign` −1.
template <typename OpTy, typename Sum>
void addQuantized(OpTy op, int64_t sign, ArrayRef<RefTensor> operands,
                  RefTensor &result, Sum sum) {
  Bounds b(op, op.getClampAttr());
  mapIntegers(operands, result, [&](int64_t x, int64_t y) {
    return b.finish(sum(x - b.lhsZero, sign * (y - b.rhsZero)));
  });
}

template <typename OpTy>
LogicalResult interpretSum(OpTy op, int64_t sign, ArrayRef<RefTensor> operands,
                           RefTensor &result) {
  if (!qnn::isQuantized(result.getElementType()))
    return applyPlain(
        op, op.getClampAttr(), operands, result,
        [&](float a, float b) { return sign < 0 ? a - b : a + b; },
        [&](uint64_t a, uint64_t b) { return sign < 0 ? a - b : a + b; });
  if (op.getPowerOfTwo()) {
    addQuantized(op, sign, operands, result, PowerOfTwoAdd(op));
    return success();
  }
  if (op.getRounding() == qnn::Rounding::Onnx) {
    auto scale = [](Value v) {
      return static_cast<float>(qnn::scaleOf(v.getType()));
    };
    float lhs = scale(op.getLhs()), rhs = scale(op.getRhs()),
          to = scale(op.getResult());
    addQuantized(op, sign, operands, result, [=](int64_t a, int64_t b) {
      return arith::addHalfEven(a, lhs, b, rhs, to);
    });
    return success();
  }
  if (op.getRounding() != qnn::Rounding::HalfEvenFloat) {
    addQuantized(op, sign, operands, result, FixedPointAdd(op));
    return success();
  }
  if constexpr (std::is_same_v<OpTy, qnn::AddOp>) {
    XnnpackAdd add(op);
    if (!add.isDefined())
      return op.emitOpError("has scales too far apart for half_even_float");
    addQuantized(op, sign, operands, result, add);
    return success();
  }
  return requireFixedPoint(op);
}

LogicalResult interpretAdd(qnn::AddOp op, ArrayRef<RefTensor> operands,
                           MutableArrayRef<RefTensor> results) {
  return interpretSum(op, 1, operands, results[0]);
}

LogicalResult interpretSub(qnn::SubOp op, ArrayRef<RefTensor> operands,
                           MutableArrayRef<RefTensor> results) {
  return interpretSum(op, -1, operands, results[0]);
}

//===----------------------------------------------------------------------===//
// Multiplication and its kin
//===----------------------------------------------------------------------===//

LogicalResult interpretMul(qnn::MulOp op, ArrayRef<RefTensor> operands,
                           MutableArrayRef<RefTensor> results) {
  RefTensor &result = results[0];
  if (!qnn::isQuantized(result.getElementType()))
    return applyPlain(
        op, op.getClampAttr(), operands, result,
        [](float a, float b) { return a * b; },
        [](uint64_t a, uint64_t b) { return a * b; });
  Bounds b(op, op.getClampAttr());
  arith::Requantization requantize;
  double scale = qnn::productScale(op.getLhs().getType(), op.getRhs().getType(),
                                   op.getType());
  requantize.rounding = toArithmetic(op.getRounding());
  requantize.multiplier = arith::quantizeMultiplier(scale, requantize.rounding);
  requantize.scale = static_cast<float>(scale);
  requantize.ratio = qnn::exactScale(op.getLhs().getType(),
                                     op.getRhs().getType(), op.getType(), 0);
  requantize.zeroPoint = wrapToInt32(b.zero);
  requantize.lo = arith::saturateToInt32(b.lo);
  requantize.hi = arith::saturateToInt32(b.hi);
  mapIntegers(operands, result, [&](int64_t x, int64_t y) -> int64_t {
    return requantize(wrapToInt32((x - b.lhsZero) * (y - b.rhsZero)));
  });
  return success();
}

LogicalResult interpretSquaredDifference(qnn::SquaredDifferenceOp op,
                                         ArrayRef<RefTensor> operands,
                                         MutableArrayRef<RefTensor> results) {
  RefTensor &result = results[0];
  if (!qnn::isQuantized(result.getElementType()))
    return applyPlain(
        op, op.getClampAttr(), operands, result,
        [](float a, float b) { return (a - b) * (a - b); },
        [](uint64_t a, uint64_t b) { return (a - b) * (a - b); });
  if (failed(requireFixedPoint(op)))
    return failure();
  constexpr int leftShift = 7;
  arith::Rounding rounding = toArithmetic(op.getRounding());
  double lhs = qnn::scaleOf(op.getLhs().getType());
  double rhs = qnn::scaleOf(op.getRhs().getType());
  double common = 2 * std::max(lhs, rhs);
  auto lhsMultiplier = arith::quantizeMultiplier(lhs / common, rounding);
  auto rhsMultiplier = arith::quantizeMultiplier(rhs / common, rounding);
  auto multiplier = arith::quantizeMultiplier(
      common * common / ((1 << 2 * leftShift) * qnn::scaleOf(op.getType())),
      rounding);
  Bounds b(op, op.getClampAttr());
  mapIntegers(operands, result, [&](int64_t x, int64_t y) {
    int32_t left = scaleInteger(wrapToInt32((x - b.lhsZero) * (1 << leftShift)),
                                lhsMultiplier, rounding);
    int32_t right =
        scaleInteger(wrapToInt32((y - b.rhsZero) * (1 << leftShift)),
                     rhsMultiplier, rounding);
    int64_t difference = int64_t(left) - right;
    return b.finish(scaleInteger(wrapToInt32(difference * difference),
                                 multiplier, rounding));
  });
  return success();
}

LogicalResult interpretPrelu(qnn::PreluOp op, ArrayRef<RefTensor> operands,
                             MutableArrayRef<RefTensor> results) {
  RefTensor &result = results[0];
  if (result.isFloat()) {
    mapFloats(operands, result,
              [](float x, float slope) { return x >= 0 ? x : x * slope; });
    return success();
  }
  if (failed(requireFixedPoint(op)))
    return failure();
  arith::Rounding rounding = toArithmetic(op.getRounding());
  Type input = op.getLhs().getType(), slope = op.getRhs().getType();
  auto identity = arith::quantizeMultiplier(
      qnn::requantizeScale(qnn::scaleOf(input), qnn::scaleOf(op.getType()),
                           /*singleQuotient=*/true),
      rounding);
  auto product = arith::quantizeMultiplier(
      qnn::productScale(input, slope, op.getType()), rounding);
  Bounds b(op);
  mapIntegers(operands, result, [&](int64_t x, int64_t y) {
    int64_t value = x - b.lhsZero;
    return b.finish(value >= 0
                        ? scaleInteger(wrapToInt32(value), identity, rounding)
                        : scaleInteger(wrapToInt32(value * (y - b.rhsZero)),
                                       product, rounding));
  });
  return success();
}

//===----------------------------------------------------------------------===//
// Division
//===----------------------------------------------------------------------===//

/// a / b towards zero or down; 0 for b = 0; wraps where it overflows.
int64_t divide(int64_t a, int64_t b, bool isFloor) {
  if (b == 0)
    return 0;
  if (b == -1)
    return static_cast<int64_t>(-static_cast<uint64_t>(a));
  int64_t quotient = a / b;
  return isFloor && a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

/// TFLite's quantized quotient: the divisor's reciprocal in 31 bits, the
/// dividend shifted up as far as it goes.
class FixedPointDivide {
public:
  explicit FixedPointDivide(qnn::DivOp op)
      : multiplier(arith::quantizeMultiplier(qnn::quotientScale(
            op.getLhs().getType(), op.getRhs().getType(), op.getType()))) {}

  int64_t operator()(int32_t x, int32_t y) const {
    if (y == 0)
      return 0;
    if (y < 0) {
      x = -x;
      y = -y;
    }
    arith::Int32Ops ops;
    auto inverse = arith::reciprocal(ops, y, /*integerBits=*/31);
    int headroom = arith::signBitsOf(x);
    int32_t quotient = arith::saturatingRoundingDoublingHighMul(
        arith::wrappingShiftLeft(x, headroom), inverse.scale);
    return arith::multiplyByQuantizedMultiplier(
        quotient, {multiplier.multiplier,
                   multiplier.shift - inverse.bitsOverUnit - headroom});
  }

private:
  arith::QuantizedMultiplier multiplier;
};

LogicalResult interpretDiv(qnn::DivOp op, ArrayRef<RefTensor> operands,
                           MutableArrayRef<RefTensor> results) {
  RefTensor &result = results[0];
  if (!qnn::isQuantized(result.getElementType()))
    return applyPlain(
        op, op.getClampAttr(), operands, result,
        [](float a, float b) { return a / b; },
        [](uint64_t a, uint64_t b) {
          return divide(static_cast<int64_t>(a), static_cast<int64_t>(b),
                        /*isFloor=*/false);
        });
  if (failed(requireFixedPoint(op)))
    return failure();
  Bounds b(op, op.getClampAttr());
  FixedPointDivide divideFixed(op);
  mapIntegers(operands, result, [&](int64_t x, int64_t y) {
    return b.finish(
        divideFixed(wrapToInt32(x - b.lhsZero), wrapToInt32(y - b.rhsZero)));
  });
  return success();
}

LogicalResult interpretFloorDiv(qnn::FloorDivOp op,
                                ArrayRef<RefTensor> operands,
                                MutableArrayRef<RefTensor> results) {
  return applyPlain(
      op, {}, operands, results[0],
      [](float a, float b) { return std::floor(a / b); },
      [](uint64_t a, uint64_t b) {
        return divide(static_cast<int64_t>(a), static_cast<int64_t>(b),
                      /*isFloor=*/true);
      });
}

LogicalResult interpretFloorMod(qnn::FloorModOp op,
                                ArrayRef<RefTensor> operands,
                                MutableArrayRef<RefTensor> results) {
  auto onFloats = [](float a, float b) {
    float remainder = std::fmod(a, b);
    return remainder != 0 && (b < 0) != (remainder < 0) ? remainder + b
                                                        : remainder;
  };
  auto onIntegers = [](uint64_t a, uint64_t b) {
    auto quotient = static_cast<uint64_t>(divide(
        static_cast<int64_t>(a), static_cast<int64_t>(b), /*isFloor=*/true));
    return b == 0 ? 0 : a - quotient * b;
  };
  return applyPlain(op, {}, operands, results[0], onFloats, onIntegers);
}

//===----------------------------------------------------------------------===//
// Powers, the lesser and the greater
//===----------------------------------------------------------------------===//

LogicalResult interpretPow(qnn::PowOp op, ArrayRef<RefTensor> operands,
                           MutableArrayRef<RefTensor> results) {
  auto onIntegers = [](uint64_t base, uint64_t exponent) {
    uint64_t power = 1;
    if (static_cast<int64_t>(exponent) < 0)
      return power;
    for (; exponent != 0; exponent >>= 1, base *= base)
      power *= exponent & 1 ? base : 1;
    return power;
  };
  return applyPlain(
      op, {}, operands, results[0],
      [](float a, float b) { return std::pow(a, b); }, onIntegers);
}

template <typename OpTy, typename Less>
LogicalResult interpretExtremum(OpTy, ArrayRef<RefTensor> operands,
                                RefTensor &result, Less isSecond) {
  auto choose = [&](auto a, auto b) { return isSecond(a, b) ? b : a; };
  if (result.isFloat())
    mapFloats(operands, result, choose);
  else
    mapIntegers(operands, result, choose);
  return success();
}

LogicalResult interpretMinimum(qnn::MinimumOp op, ArrayRef<RefTensor> operands,
                               MutableArrayRef<RefTensor> results) {
  return interpretExtremum(op, operands, results[0],
                           [](auto a, auto b) { return b < a; });
}

LogicalResult interpretMaximum(qnn::MaximumOp op, ArrayRef<RefTensor> operands,
                               MutableArrayRef<RefTensor> results) {
  return interpretExtremum(op, operands, results[0],
                           [](auto a, auto b) { return a < b; });
}

} // namespace

void attachBinaryModels(MLIRContext *context) {
  attach<qnn::AddOp, interpretAdd>(context);
  attach<qnn::DivOp, interpretDiv>(context);
  attach<qnn::FloorDivOp, interpretFloorDiv>(context);
  attach<qnn::FloorModOp, interpretFloorMod>(context);
  attach<qnn::MaximumOp, interpretMaximum>(context);
  attach<qnn::MinimumOp, interpretMinimum>(context);
  attach<qnn::MulOp, interpretMul>(context);
  attach<qnn::PowOp, interpretPow>(context);
  attach<qnn::PreluOp, interpretPrelu>(context);
  attach<qnn::SquaredDifferenceOp, interpretSquaredDifference>(context);
  attach<qnn::SubOp, interpretSub>(context);
}

} // namespace qcc::reference
