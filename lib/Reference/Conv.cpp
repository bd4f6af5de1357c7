// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Convolution, depthwise convolution and matrix product. Loops stand in the
// order of the definition; the only concession to speed is that operands are
// first copied to int32 with their zero points subtracted.

#include "OpModels.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include <cmath>

using namespace mlir;

namespace qcc::reference {

namespace {

/// A sliding window over an NHWC tensor, and what it meets at one output.
struct Window {
  int64_t inputHeight, inputWidth, kernelHeight, kernelWidth;
  ArrayRef<int64_t> strides, padding, dilations;

  /// Calls body(input row, input column, kernel row, kernel column) for every
  /// tap of output (y, x) that lies inside the input, row by row.
  template <typename Body>
  void forEachTap(int64_t y, int64_t x, Body body) const {
    for (int64_t i = 0; i < kernelHeight; ++i) {
      int64_t row = y * strides[0] - padding[0] + i * dilations[0];
      if (row < 0 || row >= inputHeight)
        continue;
      for (int64_t j = 0; j < kernelWidth; ++j) {
        int64_t column = x * strides[1] - padding[2] + j * dilations[1];
        if (column >= 0 && column < inputWidth)
          body(row, column, i, j);
      }
    }
  }
};

/// Stored integers less their zero points, modulo 2^32. The channel of element
/// i is i / inner % channels.
std::vector<int32_t> subtractZeroPoint(const RefTensor &tensor) {
  Type type = tensor.getType();
  ArrayRef<int64_t> values = tensor.ints();
  std::vector<int32_t> result(values.size());
  std::optional<int64_t> axis = qnn::quantizedAxisOf(type);
  int64_t inner = 1, channels = 1;
  if (axis) {
    channels = tensor.getShape()[*axis];
    for (int64_t dim : tensor.getShape().drop_front(*axis + 1))
      inner *= dim;
  }
  for (size_t i = 0; i < values.size(); ++i)
    result[i] =
        wrapToInt32(values[i] - qnn::zeroPointOf(type, static_cast<int64_t>(i) /
                                                           inner % channels));
  return result;
}

/// What becomes of an accumulator: per output channel the bias and the
/// requantization to the result's type.
class QuantizedEpilogue {
public:
  template <typename OpTy>
  QuantizedEpilogue(OpTy op, std::optional<RefTensor> biasTensor,
                    int64_t channels) {
    if (biasTensor)
      for (int64_t value : biasTensor->ints())
        bias.push_back(wrapToInt32(value));
    else
      bias.assign(static_cast<size_t>(channels), 0);

    Type input = op.getInput().getType(), filter = op.getFilter().getType();
    Type result = op.getResult().getType();
    arith::Requantization common;
    common.rounding = toArithmetic(op.getRounding());
    common.zeroPoint = wrapToInt32(qnn::zeroPointOf(result));
    auto [lo, hi] = qnn::integerClamp(op.getClampAttr(), result);
    common.lo = arith::saturateToInt32(lo);
    common.hi = arith::saturateToInt32(hi);
    for (int64_t channel = 0; channel < channels; ++channel) {
      common.multiplier = arith::quantizeMultiplier(
          qnn::effectiveScale(input, filter, result, channel,
                              op.getSingleScaleProduct()),
          common.rounding);
      common.scale =
          arith::xnnpackScale(static_cast<float>(qnn::scaleOf(input)),
                              static_cast<float>(qnn::scaleOf(filter, channel)),
                              static_cast<float>(qnn::scaleOf(result)));
      requantizations.push_back(common);
    }
  }

  int64_t operator()(uint32_t accumulator, int64_t channel) const {
    uint32_t sum = accumulator + static_cast<uint32_t>(bias[channel]);
    return requantizations[channel](static_cast<int32_t>(sum));
  }

private:
  SmallVector<int32_t> bias;
  SmallVector<arith::Requantization> requantizations;
};

/// The same for floats: bias, then the clamp.
class FloatEpilogue {
public:
  template <typename OpTy>
  FloatEpilogue(OpTy op, std::optional<RefTensor> biasTensor,
                int64_t channels) {
    if (biasTensor)
      bias.assign(biasTensor->floats().begin(), biasTensor->floats().end());
    else
      bias.assign(static_cast<size_t>(channels), 0.0f);
    std::tie(lo, hi) = qnn::floatClamp(op.getClampAttr());
  }

  float operator()(float accumulator, int64_t channel) const {
    return std::min(std::max(accumulator + bias[channel], lo), hi);
  }

private:
  SmallVector<float> bias;
  float lo, hi;
};

/// Products are summed modulo 2^32, or in float32 in the order of the loops.
uint32_t multiplyAdd(uint32_t sum, int32_t a, int32_t b) {
  return sum + static_cast<uint32_t>(a) * static_cast<uint32_t>(b);
}
float multiplyAdd(float sum, float a, float b) { return sum + a * b; }

struct ConvShape {
  ArrayRef<int64_t> input, filter, result;
  Window window;
};

template <typename OpTy> ConvShape getConvShape(OpTy op) {
  ConvShape s;
  s.input = op.getInput().getType().getShape();
  s.filter = op.getFilter().getType().getShape();
  s.result = op.getResult().getType().getShape();
  s.window = {s.input[1],      s.input[2],      s.filter[1],      s.filter[2],
              op.getStrides(), op.getPadding(), op.getDilations()};
  return s;
}

template <typename Sum, typename In, typename Out, typename Epilogue>
void convolve(const ConvShape &s, int64_t groups, ArrayRef<In> input,
              ArrayRef<In> filter, MutableArrayRef<Out> result,
              const Epilogue &epilogue) {
  int64_t inputChannels = s.input[3], filterChannels = s.filter[3];
  int64_t outputChannels = s.filter[0];
  int64_t channelsPerGroup = outputChannels / groups;
  Out *out = result.data();
  for (int64_t n = 0; n < s.result[0]; ++n)
    for (int64_t y = 0; y < s.result[1]; ++y)
      for (int64_t x = 0; x < s.result[2]; ++x)
        for (int64_t o = 0; o < outputChannels; ++o) {
          int64_t firstChannel = o / channelsPerGroup * filterChannels;
          Sum sum = 0;
          s.window.forEachTap(
              y, x, [&](int64_t row, int64_t column, int64_t i, int64_t j) {
                const In *from =
                    &input[((n * s.input[1] + row) * s.input[2] + column) *
                               inputChannels +
                           firstChannel];
                const In *weights =
                    &filter[((o * s.filter[1] + i) * s.filter[2] + j) *
                            filterChannels];
                for (int64_t c = 0; c < filterChannels; ++c)
                  sum = multiplyAdd(sum, from[c], weights[c]);
              });
          *out++ = epilogue(sum, o);
        }
}

template <typename Sum, typename In, typename Out, typename Epilogue>
void convolveDepthwise(const ConvShape &s, ArrayRef<In> input,
                       ArrayRef<In> filter, MutableArrayRef<Out> result,
                       const Epilogue &epilogue) {
  int64_t inputChannels = s.input[3], outputChannels = s.filter[3];
  int64_t depthMultiplier = outputChannels / inputChannels;
  Out *out = result.data();
  for (int64_t n = 0; n < s.result[0]; ++n)
    for (int64_t y = 0; y < s.result[1]; ++y)
      for (int64_t x = 0; x < s.result[2]; ++x)
        for (int64_t o = 0; o < outputChannels; ++o) {
          Sum sum = 0;
          s.window.forEachTap(
              y, x, [&](int64_t row, int64_t column, int64_t i, int64_t j) {
                sum = multiplyAdd(
                    sum,
                    input[((n * s.input[1] + row) * s.input[2] + column) *
                              inputChannels +
                          o / depthMultiplier],
                    filter[(i * s.filter[2] + j) * outputChannels + o]);
              });
          *out++ = epilogue(sum, o);
        }
}

template <typename Sum, typename In, typename Out, typename Epilogue>
void multiplyMatrix(int64_t outputs, int64_t depth, ArrayRef<In> input,
                    ArrayRef<In> filter, MutableArrayRef<Out> result,
                    const Epilogue &epilogue) {
  int64_t rows = static_cast<int64_t>(input.size()) / depth;
  Out *out = result.data();
  for (int64_t m = 0; m < rows; ++m)
    for (int64_t o = 0; o < outputs; ++o) {
      Sum sum = 0;
      for (int64_t k = 0; k < depth; ++k)
        sum = multiplyAdd(sum, input[m * depth + k], filter[o * depth + k]);
      *out++ = epilogue(sum, o);
    }
}

std::optional<RefTensor> getBias(ArrayRef<RefTensor> operands) {
  if (operands.size() < 3)
    return std::nullopt;
  return operands[2];
}

/// A float input beside an int8 filter: TFLite's
/// PortableSymmetricQuantizeFloats on each sample, an integer convolution, and
/// one float factor per sample.
void interpretHybrid(qnn::Conv2DOp op, ArrayRef<RefTensor> operands,
                     RefTensor &result) {
  ConvShape shape = getConvShape(op);
  FloatEpilogue epilogue(op, getBias(operands), shape.result[3]);
  std::vector<int32_t> filter = subtractZeroPoint(operands[1]);
  auto filterScale = static_cast<float>(qnn::scaleOf(operands[1].getType()));
  int64_t samples = shape.input[0];
  if (samples == 0)
    return;
  int64_t inputSize = operands[0].getNumElements() / samples;
  int64_t resultSize = result.getNumElements() / samples;
  SmallVector<int64_t> oneInput(shape.input), oneResult(shape.result);
  oneInput[0] = oneResult[0] = 1;
  shape.input = oneInput;
  shape.result = oneResult;
  for (int64_t n = 0; n < samples; ++n) {
    ArrayRef<float> in = operands[0].floats().slice(n * inputSize, inputSize);
    float range = 0;
    for (float x : in)
      range = std::max(range, std::fabs(x));
    float factor = range == 0 ? 1.0f : range / 127.0f;
    float inverse = range == 0 ? 0.0f : 127.0f / range;
    std::vector<int32_t> stored(in.size());
    for (auto [to, x] : llvm::zip_equal(stored, in)) {
      // Written so that NaN, of which the origin makes nothing defined, is
      // -127.
      float rounded = std::round(x * inverse);
      to = rounded > -127.0f ? static_cast<int32_t>(std::min(rounded, 127.0f))
                             : -127;
    }
    factor *= filterScale;
    convolve<uint32_t>(
        shape, static_cast<int64_t>(op.getGroups()), ArrayRef(stored),
        ArrayRef(filter), result.floats().slice(n * resultSize, resultSize),
        [&](uint32_t sum, int64_t channel) {
          return epilogue(
              static_cast<float>(static_cast<int32_t>(sum)) * factor, channel);
        });
  }
}

LogicalResult interpretConv2D(qnn::Conv2DOp op, ArrayRef<RefTensor> operands,
                              MutableArrayRef<RefTensor> results) {
  if (results[0].isFloat() && !operands[1].isFloat()) {
    interpretHybrid(op, operands, results[0]);
    return success();
  }
  ConvShape shape = getConvShape(op);
  int64_t groups = static_cast<int64_t>(op.getGroups());
  if (results[0].isFloat()) {
    FloatEpilogue epilogue(op, getBias(operands), shape.result[3]);
    convolve<float>(shape, groups, operands[0].floats(), operands[1].floats(),
                    results[0].floats(), epilogue);
    return success();
  }
  QuantizedEpilogue epilogue(op, getBias(operands), shape.result[3]);
  std::vector<int32_t> input = subtractZeroPoint(operands[0]);
  std::vector<int32_t> filter = subtractZeroPoint(operands[1]);
  convolve<uint32_t>(shape, groups, ArrayRef(input), ArrayRef(filter),
                     results[0].ints(), epilogue);
  return success();
}

LogicalResult interpretDepthwise(qnn::DepthwiseConv2DOp op,
                                 ArrayRef<RefTensor> operands,
                                 MutableArrayRef<RefTensor> results) {
  ConvShape shape = getConvShape(op);
  if (results[0].isFloat()) {
    FloatEpilogue epilogue(op, getBias(operands), shape.result[3]);
    convolveDepthwise<float>(shape, operands[0].floats(), operands[1].floats(),
                             results[0].floats(), epilogue);
    return success();
  }
  QuantizedEpilogue epilogue(op, getBias(operands), shape.result[3]);
  std::vector<int32_t> input = subtractZeroPoint(operands[0]);
  std::vector<int32_t> filter = subtractZeroPoint(operands[1]);
  convolveDepthwise<uint32_t>(shape, ArrayRef(input), ArrayRef(filter),
                              results[0].ints(), epilogue);
  return success();
}

LogicalResult interpretFullyConnected(qnn::FullyConnectedOp op,
                                      ArrayRef<RefTensor> operands,
                                      MutableArrayRef<RefTensor> results) {
  ArrayRef<int64_t> shape = operands[1].getShape();
  if (results[0].isFloat()) {
    FloatEpilogue epilogue(op, getBias(operands), shape[0]);
    multiplyMatrix<float>(shape[0], shape[1], operands[0].floats(),
                          operands[1].floats(), results[0].floats(), epilogue);
    return success();
  }
  QuantizedEpilogue epilogue(op, getBias(operands), shape[0]);
  std::vector<int32_t> input = subtractZeroPoint(operands[0]);
  std::vector<int32_t> filter = subtractZeroPoint(operands[1]);
  multiplyMatrix<uint32_t>(shape[0], shape[1], ArrayRef(input),
                           ArrayRef(filter), results[0].ints(), epilogue);
  return success();
}

} // namespace

void attachConvModels(MLIRContext *context) {
  attach<qnn::Conv2DOp, interpretConv2D>(context);
  attach<qnn::DepthwiseConv2DOp, interpretDepthwise>(context);
  attach<qnn::FullyConnectedOp, interpretFullyConnected>(context);
}

} // namespace qcc::reference
