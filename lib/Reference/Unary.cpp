// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions of one operand: arithmetic, transcendental functions, activations,
// casts.

#include "OpModels.h"
#include "qcc/Arithmetic/FixedPointFunctions.h"
#include "qcc/Arithmetic/Functions.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include <cmath>

using namespace mlir;

namespace qcc::reference {

namespace {

template <typename Function>
LogicalResult mapFloats(ArrayRef<RefTensor> operands, RefTensor &result,
                        Function function) {
  for (auto [out, in] : llvm::zip_equal(result.floats(), operands[0].floats()))
    out = function(in);
  return success();
}

template <typename Function>
LogicalResult mapIntegers(ArrayRef<RefTensor> operands, RefTensor &result,
                          Function function) {
  for (auto [out, in] : llvm::zip_equal(result.ints(), operands[0].ints()))
    out = function(in);
  return success();
}

template <typename OpTy> float inputScaleOf(OpTy op) {
  return static_cast<float>(qnn::scaleOf(op.getInput().getType()));
}
template <typename OpTy> float resultScaleOf(OpTy op) {
  return static_cast<float>(qnn::scaleOf(op.getType()));
}

/// A stored integer of the result, wrapped to its width.
int64_t wrapTo(Type type, uint64_t x) {
  unsigned bits = qnn::storageTypeOf(type).getIntOrFloatBitWidth();
  uint64_t low = x & llvm::maskTrailingOnes<uint64_t>(bits);
  return qnn::isSignedStorage(type) ? llvm::SignExtend64(low, bits)
                                    : static_cast<int64_t>(low);
}

/// clamp(z_out + function(q - z_in)).
template <typename OpTy, typename Function>
LogicalResult mapCentred(OpTy op, ArrayRef<RefTensor> operands,
                         RefTensor &result, Function function) {
  int64_t inputZero = qnn::zeroPointOf(op.getInput().getType());
  int64_t zero = qnn::zeroPointOf(op.getType());
  auto [lo, hi] = qnn::storageRange(op.getType());
  return mapIntegers(operands, result,
                     [&, lo = lo, hi = hi](int64_t q) -> int64_t {
                       int64_t x = function(wrapToInt32(q - inputZero));
                       return std::clamp(x + zero, lo, hi);
                     });
}

template <typename OpTy> LogicalResult requireFixedPoint(OpTy op) {
  if (op.getRounding() == qnn::Rounding::HalfEvenFloat ||
      op.getRounding() == qnn::Rounding::Onnx)
    return op.emitOpError("is not defined for ")
           << qnn::stringifyRounding(op.getRounding());
  return success();
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

LogicalResult interpretAbs(qnn::AbsOp op, ArrayRef<RefTensor> operands,
                           MutableArrayRef<RefTensor> results) {
  RefTensor &result = results[0];
  if (result.isFloat())
    return mapFloats(operands, result, [](float x) { return std::abs(x); });
  if (!qnn::isQuantized(op.getType()))
    return mapIntegers(operands, result, [&](int64_t x) {
      return wrapTo(op.getType(), x < 0 ? -static_cast<uint64_t>(x)
                                        : static_cast<uint64_t>(x));
    });
  float inputScale = inputScaleOf(op), scale = resultScaleOf(op);
  if (inputScale == scale)
    return mapCentred(op, operands, result,
                      [](int32_t x) { return std::abs(x); });
  if (failed(requireFixedPoint(op)))
    return failure();
  arith::Rounding rounding = toArithmetic(op.getRounding());
  auto multiplier = arith::quantizeMultiplier(
      static_cast<double>(inputScale / scale), rounding);
  return mapCentred(op, operands, result, [&](int32_t x) {
    return scaleInteger(std::abs(x), multiplier, rounding);
  });
}

LogicalResult interpretNeg(qnn::NegOp op, ArrayRef<RefTensor> operands,
                           MutableArrayRef<RefTensor> results) {
  if (results[0].isFloat())
    return mapFloats(operands, results[0], [](float x) { return -x; });
  return mapIntegers(operands, results[0], [&](int64_t x) {
    return wrapTo(op.getType(), -static_cast<uint64_t>(x));
  });
}

LogicalResult interpretSign(qnn::SignOp, ArrayRef<RefTensor> operands,
                            MutableArrayRef<RefTensor> results) {
  auto sign = [](auto x) { return x < 0 ? -1 : x > 0 ? 1 : 0; };
  return results[0].isFloat() ? mapFloats(operands, results[0], sign)
                              : mapIntegers(operands, results[0], sign);
}

//===----------------------------------------------------------------------===//
// Functions of floats alone
//===----------------------------------------------------------------------===//

/// Half to even, whatever the rounding mode of the process.
float roundHalfEven(float x) {
  float down = std::floor(x), rest = x - down;
  if (rest == 0.5f)
    return std::fmod(down, 2.0f) == 0 ? down : down + 1.0f;
  return rest < 0.5f ? down : down + 1.0f;
}

#define QCC_FLOAT_FUNCTION(OpName, expression)                                 \
  LogicalResult interpret##OpName(qnn::OpName##Op,                             \
                                  ArrayRef<RefTensor> operands,                \
                                  MutableArrayRef<RefTensor> results) {        \
    return mapFloats(operands, results[0],                                     \
                     [](float x) -> float { return expression; });             \
  }
QCC_FLOAT_FUNCTION(Ceil, std::ceil(x))
QCC_FLOAT_FUNCTION(Cos, std::cos(x))
QCC_FLOAT_FUNCTION(Floor, std::floor(x))
QCC_FLOAT_FUNCTION(Log, std::log(x))
QCC_FLOAT_FUNCTION(Round, roundHalfEven(x))
QCC_FLOAT_FUNCTION(Sin, std::sin(x))
QCC_FLOAT_FUNCTION(Sqrt, std::sqrt(x))
QCC_FLOAT_FUNCTION(Square, x *x)
#undef QCC_FLOAT_FUNCTION

//===----------------------------------------------------------------------===//
// Functions with quantized forms
//===----------------------------------------------------------------------===//

/// 8-bit values by TFLite's tables, computed in float32: dequantize, apply,
/// multiply by the reciprocal of the result's scale, round half away from zero,
/// clamp. What no int32 holds saturates.
template <typename OpTy, typename Function>
LogicalResult mapReal(OpTy op, ArrayRef<RefTensor> operands, RefTensor &result,
                      Function function) {
  float inputScale = inputScaleOf(op), inverse = 1.0f / resultScaleOf(op);
  auto zero = static_cast<float>(qnn::zeroPointOf(op.getType()));
  int64_t inputZero = qnn::zeroPointOf(op.getInput().getType());
  auto [lo, hi] = qnn::storageRange(op.getType());
  return mapIntegers(operands, result, [&, lo = lo, hi = hi](int64_t q) {
    float real = inputScale * static_cast<float>(q - inputZero);
    float stored = std::round(function(real) * inverse) + zero;
    return static_cast<int64_t>(
        std::clamp(stored, static_cast<float>(lo), static_cast<float>(hi)));
  });
}

LogicalResult interpretElu(qnn::EluOp op, ArrayRef<RefTensor> operands,
                           MutableArrayRef<RefTensor> results) {
  auto elu = [](float x) { return x < 0 ? std::expm1(x) : x; };
  return results[0].isFloat() ? mapFloats(operands, results[0], elu)
                              : mapReal(op, operands, results[0], elu);
}

LogicalResult interpretGelu(qnn::GeluOp op, ArrayRef<RefTensor> operands,
                            MutableArrayRef<RefTensor> results) {
  bool isApproximate = op.getApproximate();
  auto gelu = [&](float x) -> float {
    constexpr float sqrtHalf = 0.70710678118654752440f;
    constexpr float twoOverSqrtPi = 1.12837916709551257390f;
    if (isApproximate)
      return 0.5f * x *
             (1 + std::tanh(twoOverSqrtPi * sqrtHalf *
                            (x + 0.044715f * x * x * x)));
    return 0.5f * x * (1 + std::erf(x * sqrtHalf));
  };
  return results[0].isFloat() ? mapFloats(operands, results[0], gelu)
                              : mapReal(op, operands, results[0], gelu);
}

LogicalResult interpretExp(qnn::ExpOp op, ArrayRef<RefTensor> operands,
                           MutableArrayRef<RefTensor> results) {
  auto exponential = [](float x) { return std::exp(x); };
  if (results[0].isFloat())
    return mapFloats(operands, results[0], exponential);
  if (qnn::bytesPerElement(op.getType()) == 1)
    return mapReal(op, operands, results[0], exponential);
  if (!qnn::isSignedStorage(op.getInput().getType()) ||
      !qnn::isSignedStorage(op.getType()))
    return op.emitOpError("is not defined for unsigned types of 16 bits");
  arith::InterpolatedTable table(
      exponential, inputScaleOf(op),
      wrapToInt32(qnn::zeroPointOf(op.getInput().getType())), resultScaleOf(op),
      wrapToInt32(qnn::zeroPointOf(op.getType())));
  return mapIntegers(operands, results[0],
                     [&](int64_t x) { return table(static_cast<int16_t>(x)); });
}

LogicalResult interpretRsqrt(qnn::RsqrtOp op, ArrayRef<RefTensor> operands,
                             MutableArrayRef<RefTensor> results) {
  if (results[0].isFloat())
    return mapFloats(operands, results[0],
                     [](float x) { return 1.0f / std::sqrt(x); });
  if (failed(requireFixedPoint(op)))
    return failure();
  // 20 fraction bits keep the inverse root an integer.
  constexpr int shift = 20;
  arith::Rounding rounding = toArithmetic(op.getRounding());
  double scale = 1.0 / static_cast<double>(std::sqrt(inputScaleOf(op)) *
                                           resultScaleOf(op));
  auto multiplier = arith::quantizeMultiplier(scale, rounding);
  multiplier.shift -= shift;
  int64_t greatest = qnn::storageRange(op.getType()).second;
  return mapCentred(op, operands, results[0], [&](int32_t x) -> int64_t {
    if (x <= 0)
      return greatest - qnn::zeroPointOf(op.getType());
    arith::Int32Ops ops;
    auto root = arith::inverseSquareRoot(ops, x);
    int32_t scaled =
        scaleInteger(1, {root.multiplier, shift - root.rightShift}, rounding);
    return scaleInteger(scaled, multiplier, rounding);
  });
}

LogicalResult interpretLeakyRelu(qnn::LeakyReluOp op,
                                 ArrayRef<RefTensor> operands,
                                 MutableArrayRef<RefTensor> results) {
  float alpha = op.getAlpha().convertToFloat();
  if (results[0].isFloat())
    return mapFloats(operands, results[0],
                     [&](float x) { return x > 0 ? x : x * alpha; });
  if (failed(requireFixedPoint(op)))
    return failure();
  arith::Rounding rounding = toArithmetic(op.getRounding());
  float inputScale = inputScaleOf(op), scale = resultScaleOf(op);
  auto identity = arith::quantizeMultiplier(
      static_cast<double>(inputScale / scale), rounding);
  auto slope = arith::quantizeMultiplier(
      static_cast<double>(inputScale * alpha / scale), rounding);
  return mapCentred(op, operands, results[0], [&](int32_t x) {
    return scaleInteger(x, x >= 0 ? identity : slope, rounding);
  });
}

LogicalResult interpretHardSwish(qnn::HardSwishOp op,
                                 ArrayRef<RefTensor> operands,
                                 MutableArrayRef<RefTensor> results) {
  if (results[0].isFloat())
    return mapFloats(operands, results[0], [](float x) {
      return x * std::min(6.0f, std::max(0.0f, x + 3)) / 6;
    });
  return mapCentred(op, operands, results[0],
                    arith::HardSwish(inputScaleOf(op), resultScaleOf(op)));
}

LogicalResult interpretNot(qnn::LogicalNotOp, ArrayRef<RefTensor> operands,
                           MutableArrayRef<RefTensor> results) {
  return mapIntegers(operands, results[0], [](int64_t x) { return x == 0; });
}

LogicalResult interpretTable(qnn::TableOp op, ArrayRef<RefTensor> operands,
                             MutableArrayRef<RefTensor> results) {
  auto first = [](Type type) {
    return qnn::isSignedStorage(type) ? INT8_MIN : 0;
  };
  SmallVector<int64_t> table;
  for (const APInt &entry :
       cast<DenseIntElementsAttr>(op.getTable()).getValues<APInt>())
    table.push_back(static_cast<int64_t>(entry.getZExtValue()) +
                    first(op.getType()));
  return mapIntegers(operands, results[0], [&](int64_t q) {
    return table[static_cast<size_t>(q - first(op.getInput().getType()))];
  });
}

//===----------------------------------------------------------------------===//
// Casts
//===----------------------------------------------------------------------===//

LogicalResult interpretCast(qnn::CastOp op, ArrayRef<RefTensor> operands,
                            MutableArrayRef<RefTensor> results) {
  const RefTensor &input = operands[0];
  RefTensor &result = results[0];
  if (input.isFloat() && result.isFloat())
    return mapFloats(operands, result, [](float x) { return x; });
  bool isBool = qnn::storageTypeOf(op.getType()).isInteger(1);
  if (!input.isFloat() && !result.isFloat())
    return mapIntegers(operands, result, [&](int64_t x) -> int64_t {
      return isBool ? x != 0 : wrapTo(op.getType(), static_cast<uint64_t>(x));
    });
  if (!input.isFloat()) {
    for (auto [out, in] : llvm::zip_equal(result.floats(), input.ints()))
      out = static_cast<float>(in);
    return success();
  }
  auto [lo, hi] = qnn::storageRange(op.getType());
  for (auto [out, in] : llvm::zip_equal(result.ints(), input.floats())) {
    if (isBool)
      out = in != 0;
    else if (std::isnan(in))
      out = 0;
    else if (in < static_cast<float>(lo))
      out = lo;
    else if (in >= -2.0f * static_cast<float>(INT64_MIN / 2) ||
             (hi != INT64_MAX && in >= static_cast<float>(hi)))
      out = hi;
    else
      out = static_cast<int64_t>(in);
  }
  return success();
}

} // namespace

void attachUnaryModels(MLIRContext *context) {
  attach<qnn::AbsOp, interpretAbs>(context);
  attach<qnn::CastOp, interpretCast>(context);
  attach<qnn::CeilOp, interpretCeil>(context);
  attach<qnn::CosOp, interpretCos>(context);
  attach<qnn::EluOp, interpretElu>(context);
  attach<qnn::ExpOp, interpretExp>(context);
  attach<qnn::FloorOp, interpretFloor>(context);
  attach<qnn::GeluOp, interpretGelu>(context);
  attach<qnn::HardSwishOp, interpretHardSwish>(context);
  attach<qnn::LeakyReluOp, interpretLeakyRelu>(context);
  attach<qnn::LogOp, interpretLog>(context);
  attach<qnn::LogicalNotOp, interpretNot>(context);
  attach<qnn::NegOp, interpretNeg>(context);
  attach<qnn::RoundOp, interpretRound>(context);
  attach<qnn::RsqrtOp, interpretRsqrt>(context);
  attach<qnn::SignOp, interpretSign>(context);
  attach<qnn::SinOp, interpretSin>(context);
  attach<qnn::SqrtOp, interpretSqrt>(context);
  attach<qnn::SquareOp, interpretSquare>(context);
  attach<qnn::TableOp, interpretTable>(context);
}

} // namespace qcc::reference
