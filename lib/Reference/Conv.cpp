// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Convolution, depthwise convolution and matrix product. Loops stand in the
// order of the definition; the only concession to speed is that operands are
// first copied to int32 with their zero points subtracted.

#include "OpModels.h"
#include "RoundedSample.h"
#include "qcc/Dialect/QNN/IR/ExactScales.h"
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

/// The operands of a multiply-accumulate operation, whatever it calls them.
template <typename OpTy> Type inputTypeOf(OpTy op) {
  return op.getInput().getType();
}
Type inputTypeOf(qnn::BatchMatMulOp op) { return op.getLhs().getType(); }
template <typename OpTy> Type filterTypeOf(OpTy op) {
  return op.getFilter().getType();
}
Type filterTypeOf(qnn::BatchMatMulOp op) { return op.getRhs().getType(); }
template <typename OpTy> bool isAsymmetric(OpTy op) {
  return op.getAsymmetricInputs();
}
bool isAsymmetric(qnn::TransposeConv2DOp) { return false; }

/// What becomes of an accumulator: per output channel the bias and the
/// requantization to the result's type.
class QuantizedEpilogue {
public:
  template <typename OpTy>
  QuantizedEpilogue(OpTy op, std::optional<RefTensor> biasTensor,
                    int64_t channels) {
    if (biasTensor)
      bias.append(biasTensor->ints().begin(), biasTensor->ints().end());
    else
      bias.assign(static_cast<size_t>(channels), 0);

    Type input = inputTypeOf(op), filter = filterTypeOf(op);
    Type result = op.getResult().getType();
    arith::Requantization common;
    common.rounding = toArithmetic(op.getRounding());
    common.zeroPoint = wrapToInt32(qnn::zeroPointOf(result));
    auto [lo, hi] = qnn::integerClamp(op.getClampAttr(), result);
    common.lo = arith::saturateToInt32(lo);
    common.hi = arith::saturateToInt32(hi);
    // The multiplier of 64-bit accumulators is no matter of the rounding.
    arith::Rounding rounding = qnn::hasWideAccumulator(op)
                                   ? arith::Rounding::TfliteDouble
                                   : common.rounding;
    for (int64_t channel = 0; channel < channels; ++channel) {
      common.multiplier = arith::quantizeMultiplier(
          qnn::effectiveScale(input, filter, result, channel,
                              op.getSingleScaleProduct()),
          rounding);
      common.scale =
          arith::xnnpackScale(static_cast<float>(qnn::scaleOf(input)),
                              static_cast<float>(qnn::scaleOf(filter, channel)),
                              static_cast<float>(qnn::scaleOf(result)));
      if (common.rounding == arith::Rounding::Onnx)
        common.ratio = qnn::exactScale(input, filter, result, channel);
      requantizations.push_back(common);
    }
  }

  int64_t operator()(uint32_t accumulator, int64_t channel) const {
    uint32_t sum = accumulator + static_cast<uint32_t>(bias[channel]);
    return requantizations[channel](static_cast<int32_t>(sum));
  }
  int64_t operator()(uint64_t accumulator, int64_t channel) const {
    uint64_t sum = accumulator + static_cast<uint64_t>(bias[channel]);
    return requantizations[channel].requantizeWide(static_cast<int64_t>(sum));
  }

private:
  SmallVector<int64_t> bias;
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

/// Products are summed modulo 2^32 or 2^64, or in float32 in the order of the
/// loops.
uint32_t multiplyAdd(uint32_t sum, int32_t a, int32_t b) {
  return sum + static_cast<uint32_t>(a) * static_cast<uint32_t>(b);
}
uint64_t multiplyAdd(uint64_t sum, int32_t a, int32_t b) {
  return sum + static_cast<uint64_t>(static_cast<int64_t>(a) * b);
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

template <typename Sum, typename In, typename Out, typename Epilogue>
void convolveTransposed(const ConvShape &s, ArrayRef<In> input,
                        ArrayRef<In> filter, MutableArrayRef<Out> result,
                        const Epilogue &epilogue) {
  int64_t inputChannels = s.input[3], outputChannels = s.filter[0];
  ArrayRef<int64_t> strides = s.window.strides, padding = s.window.padding;
  Out *out = result.data();
  for (int64_t n = 0; n < s.result[0]; ++n)
    for (int64_t y = 0; y < s.result[1]; ++y)
      for (int64_t x = 0; x < s.result[2]; ++x)
        for (int64_t o = 0; o < outputChannels; ++o) {
          Sum sum = 0;
          // The input elements whose windows hold (y, x), in their order.
          for (int64_t i = s.filter[1]; i-- > 0;) {
            int64_t row = y + padding[0] - i;
            if (row < 0 || row % strides[0] != 0 ||
                (row /= strides[0]) >= s.input[1])
              continue;
            for (int64_t j = s.filter[2]; j-- > 0;) {
              int64_t column = x + padding[1] - j;
              if (column < 0 || column % strides[1] != 0 ||
                  (column /= strides[1]) >= s.input[2])
                continue;
              const In *from =
                  &input[((n * s.input[1] + row) * s.input[2] + column) *
                         inputChannels];
              const In *weights =
                  &filter[((o * s.filter[1] + i) * s.filter[2] + j) *
                          inputChannels];
              for (int64_t c = 0; c < inputChannels; ++c)
                sum = multiplyAdd(sum, from[c], weights[c]);
            }
          }
          *out++ = epilogue(sum, o);
        }
}

std::optional<RefTensor> getBias(ArrayRef<RefTensor> operands) {
  if (operands.size() < 3)
    return std::nullopt;
  return operands[2];
}

/// TFLite's PortableAsymmetricQuantizeFloats, less the zero point; NaN is the
/// least value.
RoundedSample roundAsymmetric(ArrayRef<float> in) {
  float least = 0, greatest = 0;
  for (float x : in) {
    least = std::min(least, x);
    greatest = std::max(greatest, x);
  }
  RoundedSample result{std::vector<int32_t>(in.size(), 0), 1};
  if (least == greatest)
    return result;
  double lo = least, hi = greatest, scale = (hi - lo) / 255.0;
  // The zero point from the end that gives the smaller error.
  double fromLo = -128.0 - lo / scale, fromHi = 127.0 - hi / scale;
  double zero = 128.0 + std::fabs(lo / scale) < 127.0 + std::fabs(hi / scale)
                    ? fromLo
                    : fromHi;
  // An infinite sample leaves no zero point, of which the origin makes nothing
  // defined: it is the least.
  zero = std::round(zero > -128.0 ? std::min(zero, 127.0) : -128.0);
  result.factor = static_cast<float>(scale);
  float inverse = 1.0f / result.factor;
  for (auto [to, x] : llvm::zip_equal(result.values, in)) {
    float rounded = std::round(static_cast<float>(zero) + x * inverse);
    rounded = rounded > -128.0f ? std::min(rounded, 127.0f) : -128.0f;
    to = static_cast<int32_t>(rounded) - static_cast<int32_t>(zero);
  }
  return result;
}

/// Runs `run(Sum(), input, filter, result, epilogue)` with the operands as the
/// operation's element types want them: floats, or integers less their zero
/// points; in the hybrid form once for each sample of `sampleSize` elements.
template <typename OpTy, typename Run>
LogicalResult interpretMac(OpTy op, ArrayRef<RefTensor> operands,
                           RefTensor &result, int64_t channels,
                           int64_t sampleSize, Run run) {
  if (result.isFloat() && operands[1].isFloat()) {
    run(float(), operands[0].floats(), operands[1].floats(), result.floats(),
        FloatEpilogue(op, getBias(operands), channels));
    return success();
  }
  std::vector<int32_t> filter = subtractZeroPoint(operands[1]);
  if (result.isFloat() && !operands[0].isFloat()) {
    FloatEpilogue epilogue(op, getBias(operands), channels);
    double scale = qnn::scaleOf(operands[0].getType());
    std::vector<int32_t> input = subtractZeroPoint(operands[0]);
    run(uint32_t(), ArrayRef<int32_t>(input), ArrayRef<int32_t>(filter),
        result.floats(), [&](uint32_t sum, int64_t channel) {
          auto factor = static_cast<float>(
              scale * qnn::scaleOf(operands[1].getType(), channel));
          return epilogue(
              static_cast<float>(static_cast<int32_t>(sum)) * factor, channel);
        });
    return success();
  }
  if (result.isFloat()) {
    FloatEpilogue epilogue(op, getBias(operands), channels);
    int64_t samples = operands[0].getNumElements() / sampleSize;
    if (samples == 0)
      return success();
    int64_t resultSize = result.getNumElements() / samples;
    for (int64_t n = 0; n < samples; ++n) {
      ArrayRef<float> in =
          operands[0].floats().slice(n * sampleSize, sampleSize);
      RoundedSample sample =
          isAsymmetric(op) ? roundAsymmetric(in) : roundSymmetric(in);
      run(uint32_t(), ArrayRef<int32_t>(sample.values),
          ArrayRef<int32_t>(filter),
          result.floats().slice(n * resultSize, resultSize),
          [&](uint32_t sum, int64_t channel) {
            auto scale = static_cast<float>(
                qnn::scaleOf(operands[1].getType(), channel));
            return epilogue(static_cast<float>(static_cast<int32_t>(sum)) *
                                (sample.factor * scale),
                            channel);
          });
    }
    return success();
  }
  std::vector<int32_t> input = subtractZeroPoint(operands[0]);
  QuantizedEpilogue epilogue(op, getBias(operands), channels);
  if (qnn::hasWideAccumulator(op))
    run(uint64_t(), ArrayRef<int32_t>(input), ArrayRef<int32_t>(filter),
        result.ints(), epilogue);
  else
    run(uint32_t(), ArrayRef<int32_t>(input), ArrayRef<int32_t>(filter),
        result.ints(), epilogue);
  return success();
}

/// The shape of one sample of a hybrid convolution, or the whole.
ConvShape shapeOfRun(const ConvShape &shape, bool isHybrid,
                     SmallVectorImpl<int64_t> &input,
                     SmallVectorImpl<int64_t> &result) {
  ConvShape one = shape;
  if (!isHybrid)
    return one;
  input.assign(shape.input.begin(), shape.input.end());
  result.assign(shape.result.begin(), shape.result.end());
  input[0] = result[0] = 1;
  one.input = input;
  one.result = result;
  return one;
}

bool isHybrid(ArrayRef<RefTensor> operands) {
  return operands[0].isFloat() && !operands[1].isFloat();
}

int64_t productOf(ArrayRef<int64_t> extents) {
  int64_t product = 1;
  for (int64_t extent : extents)
    product *= extent;
  return product;
}

/// Runs `run(shape, Sum(), input, filter, result, epilogue)` for the whole
/// convolution, or for each of its samples.
template <typename OpTy, typename Run>
LogicalResult interpretConvolution(OpTy op, ArrayRef<RefTensor> operands,
                                   RefTensor &result, Run run) {
  SmallVector<int64_t> oneInput, oneResult;
  ConvShape shape =
      shapeOfRun(getConvShape(op), isHybrid(operands), oneInput, oneResult);
  return interpretMac(
      op, operands, result, shape.result[3],
      productOf(shape.input.drop_front()),
      [&](const auto &...arguments) { run(shape, arguments...); });
}

LogicalResult interpretConv2D(qnn::Conv2DOp op, ArrayRef<RefTensor> operands,
                              MutableArrayRef<RefTensor> results) {
  return interpretConvolution(
      op, operands, results[0],
      [&](const ConvShape &shape, auto sum, auto input, auto filter,
          auto result, const auto &epilogue) {
        convolve<decltype(sum)>(shape, static_cast<int64_t>(op.getGroups()),
                                input, filter, result, epilogue);
      });
}

LogicalResult interpretDepthwise(qnn::DepthwiseConv2DOp op,
                                 ArrayRef<RefTensor> operands,
                                 MutableArrayRef<RefTensor> results) {
  return interpretConvolution(
      op, operands, results[0],
      [&](const ConvShape &shape, auto sum, auto input, auto filter,
          auto result, const auto &epilogue) {
        convolveDepthwise<decltype(sum)>(shape, input, filter, result,
                                         epilogue);
      });
}

LogicalResult interpretFullyConnected(qnn::FullyConnectedOp op,
                                      ArrayRef<RefTensor> operands,
                                      MutableArrayRef<RefTensor> results) {
  ArrayRef<int64_t> shape = operands[1].getShape();
  return interpretMac(op, operands, results[0], shape[0], shape[1],
                      [&](auto sum, auto input, auto filter, auto result,
                          const auto &epilogue) {
                        multiplyMatrix<decltype(sum)>(shape[0], shape[1], input,
                                                      filter, result, epilogue);
                      });
}

LogicalResult interpretTransposeConv(qnn::TransposeConv2DOp op,
                                     ArrayRef<RefTensor> operands,
                                     MutableArrayRef<RefTensor> results) {
  ConvShape shape;
  shape.input = operands[0].getShape();
  shape.filter = operands[1].getShape();
  shape.result = results[0].getShape();
  shape.window.strides = op.getStrides();
  shape.window.padding = op.getPadding();
  return interpretMac(op, operands, results[0], shape.result[3],
                      productOf(shape.input.drop_front()),
                      [&](auto sum, auto input, auto filter, auto result,
                          const auto &epilogue) {
                        convolveTransposed<decltype(sum)>(shape, input, filter,
                                                          result, epilogue);
                      });
}

/// The stack of `tensor`'s matrices with the last two axes exchanged.
RefTensor transposeMatrices(const RefTensor &tensor) {
  ArrayRef<int64_t> shape = tensor.getShape();
  SmallVector<int64_t> exchanged(shape);
  std::swap(exchanged[shape.size() - 2], exchanged[shape.size() - 1]);
  RefTensor result(qnn::withShape(tensor.getType(), exchanged));
  int64_t rows = exchanged[shape.size() - 2], columns = exchanged.back();
  int64_t size = rows * columns;
  for (int64_t i = 0; i < result.getNumElements(); ++i) {
    int64_t from =
        i / size * size + i % size % columns * rows + i % size / columns;
    if (tensor.isFloat())
      result.floats()[i] = tensor.floats()[from];
    else
      result.ints()[i] = tensor.ints()[from];
  }
  return result;
}

/// The stack of `tensor`'s matrices repeated as `outer`, the axes before the
/// last two, asks for.
RefTensor broadcastMatrices(const RefTensor &tensor, ArrayRef<int64_t> outer) {
  ArrayRef<int64_t> own = tensor.getShape().drop_back(2);
  SmallVector<int64_t> shape(outer);
  llvm::append_range(shape, tensor.getShape().take_back(2));
  if (ArrayRef<int64_t>(shape) == tensor.getShape())
    return tensor;
  RefTensor result(qnn::withShape(tensor.getType(), shape));
  int64_t size = productOf(tensor.getShape().take_back(2));
  for (int64_t at = 0, e = productOf(outer); at < e; ++at) {
    int64_t from = 0, stride = size, rest = at;
    for (size_t k = 0; k < own.size(); ++k) {
      int64_t place = rest % outer[outer.size() - 1 - k];
      int64_t extent = own[own.size() - 1 - k];
      rest /= outer[outer.size() - 1 - k];
      from += extent == 1 ? 0 : place * stride;
      stride *= extent;
    }
    if (tensor.isFloat())
      llvm::copy(tensor.floats().slice(from, size),
                 result.floats().slice(at * size, size).begin());
    else
      llvm::copy(tensor.ints().slice(from, size),
                 result.ints().slice(at * size, size).begin());
  }
  return result;
}

LogicalResult interpretBatchMatMul(qnn::BatchMatMulOp op,
                                   ArrayRef<RefTensor> operands,
                                   MutableArrayRef<RefTensor> results) {
  ArrayRef<int64_t> out = results[0].getShape(), outer = out.drop_back(2);
  // As [outer, M, K] and [outer, N, K].
  RefTensor lhs = broadcastMatrices(
      op.getTransposeLhs() ? transposeMatrices(operands[0]) : operands[0],
      outer);
  RefTensor rhs = broadcastMatrices(
      op.getTransposeRhs() ? operands[1] : transposeMatrices(operands[1]),
      outer);
  int64_t rows = out[out.size() - 2], columns = out.back();
  int64_t depth = lhs.getShape().back();
  if (depth == 0)
    return op.emitOpError("reduces no elements");
  // In the hybrid form each row is a sample.
  int64_t rowsPerRun = isHybrid(operands) ? 1 : lhs.getNumElements() / depth;
  int64_t row = 0;
  return interpretMac(
      op, {lhs, rhs}, results[0], columns, depth,
      [&](auto sum, auto input, auto filter, auto result,
          const auto &epilogue) {
        for (int64_t k = 0; k < rowsPerRun; ++k, ++row)
          multiplyMatrix<decltype(sum)>(
              columns, depth, input.slice(k * depth, depth),
              filter.slice(row / rows * columns * depth, columns * depth),
              result.slice(k * columns, columns), epilogue);
      });
}

} // namespace

void attachConvModels(MLIRContext *context) {
  attach<qnn::BatchMatMulOp, interpretBatchMatMul>(context);
  attach<qnn::Conv2DOp, interpretConv2D>(context);
  attach<qnn::DepthwiseConv2DOp, interpretDepthwise>(context);
  attach<qnn::FullyConnectedOp, interpretFullyConnected>(context);
  attach<qnn::TransposeConv2DOp, interpretTransposeConv>(context);
}

} // namespace qcc::reference
