// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Conversions between element types: quantize, dequantize, requantize. All
// three take types quantized per axis.

#include "OpModels.h"
#include "qcc/Dialect/QNN/IR/ExactScales.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include <cmath>

using namespace mlir;

namespace qcc::reference {

namespace {

/// The channel of each element under a type, in order; 0 for per-tensor types.
class ChannelOf {
public:
  ChannelOf(RankedTensorType type) {
    if (std::optional<int64_t> axis = qnn::quantizedAxisOf(type)) {
      channels = type.getShape()[*axis];
      for (int64_t dim : type.getShape().drop_front(*axis + 1))
        inner *= dim;
    }
  }
  int64_t count() const { return channels; }
  int64_t operator()(size_t element) const {
    return static_cast<int64_t>(element) / inner % channels;
  }

private:
  int64_t inner = 1, channels = 1;
};

LogicalResult interpretQuantize(qnn::QuantizeOp op,
                                ArrayRef<RefTensor> operands,
                                MutableArrayRef<RefTensor> results) {
  RankedTensorType type = results[0].getType();
  ChannelOf channelOf(type);
  bool halfEven = op.getRounding() == qnn::Rounding::HalfEvenFloat ||
                  op.getRounding() == qnn::Rounding::Onnx;
  auto [lo, hi] = qnn::storageRange(type);
  ArrayRef<float> in = operands[0].floats();
  MutableArrayRef<int64_t> out = results[0].ints();
  for (size_t i = 0; i < out.size(); ++i) {
    int64_t zero = qnn::zeroPointOf(type, channelOf(i));
    float scaled = in[i] / static_cast<float>(qnn::scaleOf(type, channelOf(i)));
    float rounded =
        halfEven ? arith::roundHalfEven(scaled) : std::round(scaled);
    // Infinities and what no int64 holds saturate; NaN becomes the least value.
    auto fLo = static_cast<float>(lo - zero),
         fHi = static_cast<float>(hi - zero);
    if (!(rounded > fLo))
      out[i] = lo;
    else if (rounded >= fHi)
      out[i] = hi;
    else
      out[i] = static_cast<int64_t>(rounded) + zero;
  }
  return success();
}

LogicalResult interpretDequantize(qnn::DequantizeOp op,
                                  ArrayRef<RefTensor> operands,
                                  MutableArrayRef<RefTensor> results) {
  RankedTensorType type = operands[0].getType();
  ChannelOf channelOf(type);
  ArrayRef<int64_t> in = operands[0].ints();
  MutableArrayRef<float> out = results[0].floats();
  // The product is taken in double and rounded once, as TFLite does.
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<float>(
        qnn::scaleOf(type, channelOf(i)) *
        static_cast<double>(in[i] - qnn::zeroPointOf(type, channelOf(i))));
  return success();
}

LogicalResult interpretRequantize(qnn::RequantizeOp op,
                                  ArrayRef<RefTensor> operands,
                                  MutableArrayRef<RefTensor> results) {
  RankedTensorType from = operands[0].getType(), to = results[0].getType();
  ChannelOf fromChannel(from), toChannel(to);
  arith::Rounding rounding = toArithmetic(op.getRounding());
  auto [lo, hi] = qnn::integerClamp(op.getClampAttr(), to);
  ArrayRef<int64_t> in = operands[0].ints();
  MutableArrayRef<int64_t> out = results[0].ints();
  if (op.getFloatAffine()) {
    float ratio = static_cast<float>(qnn::scaleOf(from)) *
                  (1.0f / static_cast<float>(qnn::scaleOf(to)));
    float bias = -static_cast<float>(qnn::zeroPointOf(from)) * ratio;
    for (size_t i = 0; i < out.size(); ++i) {
      float rounded = std::round(static_cast<float>(in[i]) * ratio + bias);
      auto zero = static_cast<float>(qnn::zeroPointOf(to));
      out[i] = static_cast<int64_t>(std::clamp(
          rounded + zero, static_cast<float>(lo), static_cast<float>(hi)));
    }
    return success();
  }
  for (size_t i = 0; i < out.size(); ++i) {
    double inScale = qnn::scaleOf(from, fromChannel(i));
    double outScale = qnn::scaleOf(to, toChannel(i));
    int64_t centred = in[i] - qnn::zeroPointOf(from, fromChannel(i));
    int64_t zero = qnn::zeroPointOf(to, toChannel(i));
    arith::Requantization requantize;
    requantize.rounding = rounding;
    requantize.multiplier = arith::quantizeMultiplier(
        qnn::requantizeScale(inScale, outScale, op.getSingleScaleQuotient()),
        rounding);
    requantize.scale =
        static_cast<float>(inScale) / static_cast<float>(outScale);
    if (rounding == arith::Rounding::Onnx)
      requantize.ratio = qnn::exactScale(inScale, outScale);
    requantize.zeroPoint = wrapToInt32(zero);
    requantize.lo = arith::saturateToInt32(lo);
    requantize.hi = arith::saturateToInt32(hi);
    out[i] = requantize(wrapToInt32(centred));
  }
  return success();
}

} // namespace

void attachQuantizeModels(MLIRContext *context) {
  attach<qnn::QuantizeOp, interpretQuantize>(context);
  attach<qnn::DequantizeOp, interpretDequantize>(context);
  attach<qnn::RequantizeOp, interpretRequantize>(context);
}

} // namespace qcc::reference
