// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reading a multiply-accumulate layer. See the header.

#include "MacLayer.h"

#include "qcc/Dialect/QNN/IR/ExactScales.h"
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

/// Every accumulator that each channel can reach: inputs range over their
/// storage type, and so do weights and biases that are no constants.
void findReach(MacLayer &mac) {
  auto [lo, hi] = qnn::storageRange(mac.input.getType());
  int64_t xLo = lo - mac.inputZero, xHi = hi - mac.inputZero;
  constexpr qcc::arith::IntRange whole = {INT32_MIN, INT32_MAX};
  for (int64_t o = 0; o < mac.outChannels; ++o) {
    // No sum of products leaves 2^61.
    constexpr int64_t limit = int64_t(1) << 61;
    int64_t low = std::clamp(mac.biases[o], -limit, limit), high = low;
    if (mac.hasConstantFilter) {
      for (int64_t k = 0; k < mac.depth(); ++k) {
        int64_t w = mac.weight(o, k) - mac.weightZeros[o];
        low += std::min(w * xLo, w * xHi);
        high += std::max(w * xLo, w * xHi);
      }
    } else {
      auto [wLo, wHi] = qnn::storageRange(mac.filter.getType());
      wLo -= mac.weightZeros[o], wHi -= mac.weightZeros[o];
      low +=
          mac.depth() * std::min({xLo * wLo, xLo * wHi, xHi * wLo, xHi * wHi});
      high +=
          mac.depth() * std::max({xLo * wLo, xLo * wHi, xHi * wLo, xHi * wHi});
    }
    if (mac.bias && !constantOf(mac.bias))
      low = INT64_MIN, high = INT64_MAX;
    mac.reach = {std::min(mac.reach.lo, low), std::max(mac.reach.hi, high)};
    // Beyond 32 bits it wraps.
    bool fits = low >= whole.lo && high <= whole.hi;
    mac.requant[o].acc = fits ? qcc::arith::IntRange{low, high} : whole;
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

/// Biases, scales and requantization of the channels.
template <typename OpTy> void readChannels(OpTy op, MacLayer &mac) {
  DenseElementsAttr bias = constantOf(mac.bias);
  Type input = mac.input.getType(), weightType = mac.filter.getType(),
       result = op.getType();
  for (int64_t o = 0; o < mac.outChannels; ++o) {
    mac.weightZeros.push_back(qnn::zeroPointOf(weightType, o));
    mac.weightScales.push_back(static_cast<float>(
        mac.isHybrid ? qnn::scaleOf(weightType, o)
                     : qnn::scaleOf(input) * qnn::scaleOf(weightType, o)));
  }
  if (mac.isFloat || mac.sumsToFloats) {
    mac.floatBias =
        bias ? floatsOf(bias) : std::vector<float>(mac.outChannels, 0.0f);
    // Of the sums of integers.
    mac.biases.assign(mac.outChannels, 0);
    return;
  }
  mac.biases = bias ? integersOf<int64_t>(bias, true)
                    : std::vector<int64_t>(mac.outChannels, 0);
  qcc::arith::Requantization common;
  common.rounding = toArith(op.getRounding());
  common.zeroPoint = static_cast<int32_t>(qnn::zeroPointOf(result));
  auto [lo, hi] = qnn::integerClamp(op.getClampAttr(), result);
  common.lo = static_cast<int32_t>(lo), common.hi = static_cast<int32_t>(hi);
  for (int64_t o = 0; o < mac.outChannels; ++o) {
    qcc::arith::ChannelSpec channel{common, {}};
    channel.exact.multiplier = qcc::arith::quantizeMultiplier(
        qnn::effectiveScale(input, weightType, result, o,
                            op.getSingleScaleProduct()),
        mac.isWide ? qcc::arith::Rounding::TfliteDouble : common.rounding);
    channel.exact.scale = qcc::arith::xnnpackScale(
        static_cast<float>(qnn::scaleOf(input)),
        static_cast<float>(qnn::scaleOf(weightType, o)),
        static_cast<float>(qnn::scaleOf(result)));
    if (common.rounding == qcc::arith::Rounding::Onnx)
      channel.exact.ratio = qnn::exactScale(input, weightType, result, o);
    mac.requant.push_back(channel);
  }
  findReach(mac);
}

/// Everything but the geometry. `outputsLast`: the filter is [i][j][o], or [k,
/// n] of a matrix product.
template <typename OpTy>
FailureOr<MacLayer> readOperands(OpTy op, MacLayer mac, bool outputsLast,
                                 bool withConstants, std::string &why) {
  DenseElementsAttr filter = constantOf(mac.filter);
  auto isReadable = [&](Value value) {
    return !value || isa<BlockArgument>(value) || constantOf(value);
  };
  if (!isReadable(mac.input) || !isReadable(mac.filter) ||
      !isReadable(mac.bias)) {
    why = "an operand is a constant that cannot be read";
    return failure();
  }
  mac.hasConstantFilter = static_cast<bool>(filter);
  Type input = mac.input.getType(), weightType = mac.filter.getType(),
       result = op.getType();
  auto bitsOf = [](Type type) {
    return static_cast<int64_t>(
        qnn::storageTypeOf(type).getIntOrFloatBitWidth());
  };
  mac.inputBits = bitsOf(input), mac.weightBits = bitsOf(weightType),
  mac.resultBits = bitsOf(result);
  mac.isHybrid = qnn::isFloat(input) && qnn::isQuantized(weightType);
  mac.isFloat = qnn::isFloat(input) && !mac.isHybrid;
  mac.sumsToFloats = qnn::isFloat(result) && qnn::isQuantized(weightType);
  mac.isWide = qnn::hasWideAccumulator(op);
  if (!mac.isFloat &&
      ((!mac.isHybrid && mac.inputBits > 16) ||
       (!mac.sumsToFloats && mac.resultBits > 16) || mac.weightBits > 16)) {
    why = "integers of more than 16 bits";
    return failure();
  }
  if (!mac.isFloat && !mac.sumsToFloats && mac.resultBits > 8 &&
      op.getRounding() == qnn::Rounding::Onnx) {
    why = "the rounding 'onnx' is for results of 8 bits";
    return failure();
  }
  mac.inputSigned = mac.isHybrid || qnn::isSignedStorage(input);
  mac.weightsSigned = qnn::isSignedStorage(weightType);
  mac.inputZero = mac.isHybrid ? 0 : qnn::zeroPointOf(input);
  std::tie(mac.clampLo, mac.clampHi) = mac.isFloat || mac.sumsToFloats
                                           ? qnn::floatClamp(op.getClampAttr())
                                           : std::pair<float, float>(0, 0);
  if (!withConstants) {
    // Enough to know the rounding.
    mac.requant.resize(1);
    mac.requant[0].exact.rounding = toArith(op.getRounding());
    return mac;
  }
  if (filter && mac.isFloat) {
    mac.floatWeights = floatsOf(filter);
    if (outputsLast)
      mac.floatWeights =
          channelsFirst(mac.floatWeights, mac.depth(), mac.outChannels);
  } else if (filter) {
    mac.weights = integersOf<int16_t>(filter, mac.weightsSigned);
    if (outputsLast)
      mac.weights = channelsFirst(mac.weights, mac.depth(), mac.outChannels);
  }
  readChannels(op, mac);
  return mac;
}

} // namespace

std::array<int64_t, 2> MacAxis::padding(int64_t extent) const {
  if (outputs == 0 || taps == 0)
    return {0, 0};
  int64_t lastTap = (taps - 1) * inputPerTap;
  int64_t low = firstInput + std::min<int64_t>(lastTap, 0);
  int64_t high =
      firstInput + (outputs - 1) * inputStep + std::max<int64_t>(lastTap, 0);
  return {std::max<int64_t>(-low, 0), std::max<int64_t>(high - extent + 1, 0)};
}

FailureOr<MacLayer> MacLayer::read(qnn::LayerOp layer, std::string &why,
                                   bool withConstants) {
  Operation *anchor = getAnchorOp(layer);
  MacLayer mac;
  mac.input = anchor->getOperand(0);
  mac.filter = anchor->getOperand(1);
  mac.bias = anchor->getNumOperands() > 2 ? anchor->getOperand(2) : Value();
  auto shapeOf = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getShape();
  };
  ArrayRef<int64_t> filter = shapeOf(mac.filter);
  if (auto conv = dyn_cast<qnn::Conv2DOp>(anchor)) {
    readWindow(conv, mac, filter[1], filter[2]);
    mac.groups = static_cast<int64_t>(conv.getGroups());
    mac.isAsymmetric = conv.getAsymmetricInputs();
    return readOperands(conv, mac, false, withConstants, why);
  }
  if (auto conv = dyn_cast<qnn::DepthwiseConv2DOp>(anchor)) {
    readWindow(conv, mac, filter[1], filter[2]);
    mac.depthwise = true;
    mac.groups = mac.inChannels;
    mac.isAsymmetric = conv.getAsymmetricInputs();
    return readOperands(conv, mac, true, withConstants, why);
  }
  if (auto conv = dyn_cast<qnn::TransposeConv2DOp>(anchor)) {
    ArrayRef<int64_t> in = shapeOf(mac.input), out = shapeOf(conv.getResult());
    mac.batch = in[0], mac.inHeight = in[1], mac.inWidth = in[2],
    mac.inChannels = in[3];
    mac.outHeight = out[1], mac.outWidth = out[2], mac.outChannels = out[3];
    mac.kernelHeight = filter[1], mac.kernelWidth = filter[2];
    return readOperands(conv, mac, false, withConstants, why);
  }
  if (auto matmul = dyn_cast<qnn::FullyConnectedOp>(anchor)) {
    mac.isMatrix = true;
    mac.inChannels = filter[1], mac.outChannels = filter[0];
    mac.inWidth = mac.outWidth =
        cast<ShapedType>(matmul.getInput().getType()).getNumElements() /
        filter[1];
    mac.isAsymmetric = matmul.getAsymmetricInputs();
    return readOperands(matmul, mac, false, withConstants, why);
  }
  if (auto matmul = dyn_cast<qnn::BatchMatMulOp>(anchor)) {
    ArrayRef<int64_t> in = shapeOf(mac.input),
                      out = shapeOf(matmul.getResult());
    mac.isMatrix = true;
    mac.inChannels = in.take_back(2)[matmul.getTransposeLhs() ? 0 : 1];
    mac.outChannels = out.back();
    mac.inWidth = mac.outWidth = out.take_back(2)[0];
    for (int64_t extent : out.drop_back(2))
      mac.batch *= extent;
    mac.isAsymmetric = matmul.getAsymmetricInputs();
    // The rhs is read where it lies, constant or not: it is a stack.
    FailureOr<MacLayer> read =
        readOperands(matmul, mac, false, /*withConstants=*/false, why);
    if (failed(read) || !withConstants)
      return read;
    read->hasConstantFilter = false;
    read->requant.clear();
    readChannels(matmul, *read);
    return read;
  }
  why = "the anchor is no multiply-accumulate operation";
  return failure();
}

SmallVector<RowWalk> MacLayer::rowWalks(const TargetFacts &facts) const {
  auto argument = dyn_cast_if_present<BlockArgument>(input);
  // A hybrid layer reads all of a sample before it computes.
  if (!facts.prefersSmallMemory() || isMatrix || batch != 1 || !argument ||
      isHybrid)
    return {};
  return {{argument.getArgNumber(), strideHeight, -padding[0],
           (kernelHeight - 1) * dilationHeight + 1,
           static_cast<int64_t>(llvm::divideCeil(pixelsPerStep, outWidth))}};
}

bool MacLayer::isPlain(std::string &why, bool allow16Bit,
                       bool allowHybrid) const {
  if (!hasConstantFilter || !isa<BlockArgument>(input) ||
      (bias && isa<BlockArgument>(bias))) {
    why = "filter and bias must be constants";
    return false;
  }
  if (isHybrid && !allowHybrid) {
    why = "the input is float and the filter quantized";
    return false;
  }
  if (isWide && !(allow16Bit && inputBits == 16 && reach.lo >= INT32_MIN &&
                  reach.hi <= INT32_MAX)) {
    why = "accumulators of 64 bits";
    return false;
  }
  int64_t most = allow16Bit ? 16 : 8;
  if (!isFloat && !isHybrid &&
      (inputBits > most || weightBits > 8 ||
       (!sumsToFloats && resultBits > most))) {
    why = "input, filter and result must be stored in at most " +
          std::to_string(most) + ", 8 and " + std::to_string(most) + " bits";
    return false;
  }
  // Dot products of 16 bits take both operands with a sign.
  if (!isFloat && !isHybrid &&
      qnn::storageRange(getElementTypeOrSelf(input)).second > INT16_MAX) {
    why = "activations above 32767";
    return false;
  }
  if (!depthwise && groups != 1) {
    why = "groups other than 1";
    return false;
  }
  return true;
}
