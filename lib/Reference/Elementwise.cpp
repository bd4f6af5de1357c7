// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Clamp, and the unary functions that models end in. Conversions between types
// are in Quantize.cpp, other functions of one operand in Unary.cpp.

#include "OpModels.h"
#include "qcc/Arithmetic/Functions.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include <cmath>

using namespace mlir;

namespace qcc::reference {

namespace {

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
/// reciprocal of the result's scale, round half away from zero, clamp. 16 bits
/// follow its interpolated table.
template <typename OpTy, typename Function, typename FloatFunction>
LogicalResult applyUnary(OpTy op, const RefTensor &input, RefTensor &result,
                         Function function, FloatFunction floatFunction) {
  if (result.isFloat()) {
    for (auto [out, in] : llvm::zip_equal(result.floats(), input.floats()))
      out = floatFunction(in);
    return success();
  }
  Type from = input.getElementType(), to = result.getElementType();
  if (qnn::bytesPerElement(from) == 2 && qnn::bytesPerElement(to) == 2 &&
      qnn::isSignedStorage(from) && qnn::isSignedStorage(to)) {
    arith::SigmoidTable table(static_cast<float>(qnn::scaleOf(from)),
                              std::is_same_v<OpTy, qnn::TanhOp>);
    for (auto [out, in] : llvm::zip_equal(result.ints(), input.ints()))
      out = table(static_cast<int16_t>(in));
    return success();
  }
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
    // As in quantize: what no integer holds saturates, NaN is the least value.
    rounded = std::fmin(std::fmax(rounded, -0x1p31f), 0x1p31f);
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
  attach<qnn::ClipOp, interpretClip>(context);
  attach<qnn::LogisticOp, interpretLogistic>(context);
  attach<qnn::TanhOp, interpretTanh>(context);
}

} // namespace qcc::reference
