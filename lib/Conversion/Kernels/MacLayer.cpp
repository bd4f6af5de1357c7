// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reading a multiply-accumulate layer. See the header.

#include "MacLayer.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

using namespace mlir;
using namespace qcc;

namespace {

/// The constant behind `value`, or null.
DenseElementsAttr constantOf(Value value) {
  auto constant = value ? value.getDefiningOp<qnn::ConstantOp>() : nullptr;
  return constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : nullptr;
}

/// Stored integers of `values`, sign- or zero-extended.
template <typename T>
std::vector<T> integersOf(DenseElementsAttr values, bool isSigned) {
  std::vector<T> result;
  result.reserve(values.getNumElements());
  for (const APInt &v : values.getValues<APInt>())
    result.push_back(static_cast<T>(
        isSigned ? v.getSExtValue() : static_cast<int64_t>(v.getZExtValue())));
  return result;
}

std::vector<float> floatsOf(DenseElementsAttr values) {
  auto range = values.getValues<float>();
  return std::vector<float>(range.begin(), range.end());
}

/// [i][j][o] to [o][i][j].
template <typename T>
std::vector<T> channelsFirst(const std::vector<T> &values, int64_t taps,
                             int64_t channels) {
  std::vector<T> result(values.size());
  for (int64_t t = 0; t < taps; ++t)
    for (int64_t o = 0; o < channels; ++o)
      result[o * taps + t] = values[t * channels + o];
  return result;
}

/// Every accumulator that channel `o` can reach: inputs range over their
/// storage type.
void findReach(MacLayer &mac, Type inputType) {
  auto [lo, hi] = qnn::storageRange(inputType);
  int64_t xLo = lo - mac.inputZero, xHi = hi - mac.inputZero;
  for (int64_t o = 0; o < mac.outChannels; ++o) {
    int64_t low = mac.bias[o], high = low;
    for (int64_t k = 0; k < mac.depth(); ++k) {
      int64_t w = mac.weight(o, k) - mac.weightZeros[o];
      low += std::min(w * xLo, w * xHi);
      high += std::max(w * xLo, w * xHi);
    }
    mac.requant[o].acc = {low, high};
  }
}

template <typename OpTy>
void readWindow(OpTy op, MacLayer &mac, int64_t kernelHeight,
                int64_t kernelWidth) {
  auto in = cast<RankedTensorType>(op.getInput().getType()).getShape();
  auto out = cast<RankedTensorType>(op.getType()).getShape();
  mac.batch = in[0], mac.inHeight = in[1], mac.inWidth = in[2],
  mac.inChannels = in[3];
  mac.outHeight = out[1], mac.outWidth = out[2], mac.outChannels = out[3];
  mac.kernelHeight = kernelHeight, mac.kernelWidth = kernelWidth;
  mac.strideHeight = op.getStrides()[0], mac.strideWidth = op.getStrides()[1];
  mac.dilationHeight = op.getDilations()[0],
  mac.dilationWidth = op.getDilations()[1];
  llvm::copy(op.getPadding(), mac.padding.begin());
}

template <typename OpTy>
FailureOr<MacLayer> readOperands(OpTy op, MacLayer mac, std::string &why) {
  DenseElementsAttr filter = constantOf(op.getFilter());
  DenseElementsAttr bias = constantOf(op.getBias());
  if (!filter || (op.getBias() && !bias)) {
    why = "filter and bias must be constants";
    return failure();
  }
  Type input = op.getInput().getType(), weightType = op.getFilter().getType(),
       result = op.getType();
  mac.isFloat = qnn::isFloat(input);
  if (mac.isFloat && qnn::isQuantized(weightType)) {
    why = "the input is float and the filter quantized";
    return failure();
  }
  if (mac.isFloat) {
    mac.floatWeights = floatsOf(filter);
    mac.floatBias =
        bias ? floatsOf(bias) : std::vector<float>(mac.outChannels, 0.0f);
    if (mac.depthwise)
      mac.floatWeights =
          channelsFirst(mac.floatWeights, mac.taps(), mac.outChannels);
    std::tie(mac.clampLo, mac.clampHi) = qnn::floatClamp(op.getClampAttr());
    return mac;
  }
  if (qnn::storageTypeOf(input).getIntOrFloatBitWidth() > 8 ||
      qnn::storageTypeOf(weightType).getIntOrFloatBitWidth() > 8 ||
      qnn::storageTypeOf(result).getIntOrFloatBitWidth() > 8) {
    why = "input, filter and result must be stored in at most 8 bits";
    return failure();
  }
  if (bias && !bias.getElementType().isInteger(32)) {
    why = "bias must be stored as i32";
    return failure();
  }
  mac.inputSigned = qnn::isSignedStorage(input);
  mac.weightsSigned = qnn::isSignedStorage(weightType);
  mac.inputZero = qnn::zeroPointOf(input);
  mac.weights = integersOf<int16_t>(filter, mac.weightsSigned);
  if (mac.depthwise)
    mac.weights = channelsFirst(mac.weights, mac.taps(), mac.outChannels);
  mac.bias = bias ? integersOf<int32_t>(bias, true)
                  : std::vector<int32_t>(mac.outChannels, 0);
  qcc::arith::Requantization common;
  common.rounding = toArith(op.getRounding());
  common.zeroPoint = static_cast<int32_t>(qnn::zeroPointOf(result));
  auto [lo, hi] = qnn::integerClamp(op.getClampAttr(), result);
  common.lo = static_cast<int32_t>(lo), common.hi = static_cast<int32_t>(hi);
  for (int64_t o = 0; o < mac.outChannels; ++o) {
    mac.weightZeros.push_back(qnn::zeroPointOf(weightType, o));
    qcc::arith::ChannelSpec channel{common, {}};
    channel.exact.multiplier = qcc::arith::quantizeMultiplier(
        qnn::effectiveScale(input, weightType, result, o,
                            op.getSingleScaleProduct()),
        common.rounding);
    channel.exact.scale = qcc::arith::xnnpackScale(
        static_cast<float>(qnn::scaleOf(input)),
        static_cast<float>(qnn::scaleOf(weightType, o)),
        static_cast<float>(qnn::scaleOf(result)));
    mac.requant.push_back(channel);
  }
  findReach(mac, input);
  return mac;
}

} // namespace

FailureOr<MacLayer> MacLayer::read(qnn::LayerOp layer, std::string &why) {
  Operation *anchor = getAnchorOp(layer);
  MacLayer mac;
  if (auto conv = dyn_cast<qnn::Conv2DOp>(anchor)) {
    if (conv.getGroups() != 1) {
      why = "groups other than 1";
      return failure();
    }
    auto filter = cast<RankedTensorType>(conv.getFilter().getType()).getShape();
    readWindow(conv, mac, filter[1], filter[2]);
    return readOperands(conv, mac, why);
  }
  if (auto conv = dyn_cast<qnn::DepthwiseConv2DOp>(anchor)) {
    auto filter = cast<RankedTensorType>(conv.getFilter().getType()).getShape();
    readWindow(conv, mac, filter[1], filter[2]);
    mac.depthwise = true;
    return readOperands(conv, mac, why);
  }
  if (auto matmul = dyn_cast<qnn::FullyConnectedOp>(anchor)) {
    auto filter =
        cast<RankedTensorType>(matmul.getFilter().getType()).getShape();
    mac.isMatrix = true;
    mac.inChannels = filter[1], mac.outChannels = filter[0];
    mac.inWidth = mac.outWidth =
        cast<ShapedType>(matmul.getInput().getType()).getNumElements() /
        filter[1];
    return readOperands(matmul, mac, why);
  }
  why = "the anchor is no multiply-accumulate operation";
  return failure();
}
