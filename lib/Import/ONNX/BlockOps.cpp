// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// MatMulNBits, and other products of floats with weights that are quantized in
// blocks, where activations may be rounded to 8 bits: ONNX means floats, so
// that a node (accuracy_level) or the user has to say so.

#include "BlockWeights.h"
#include "OpTable.h"
#include "Quantizer.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"

#include <cmath>

using namespace mlir;
using namespace qcc;
using namespace qcc::onnximport;

/// What the operation takes.
static constexpr int64_t mostBlock = 32768;

std::optional<BlockWeights>
qcc::onnximport::findBlockWeights(NodeImport &op, Value filter,
                                  bool isTransposed, std::string &why) {
  auto refuse = [&](const Twine &reason) {
    why = reason.str();
    return std::nullopt;
  };
  const DequantizedBlocks *noted = op.blocksOf(filter);
  auto dequantize = filter.getDefiningOp<qnn::DequantizeOp>();
  Value stored = noted        ? noted->codes
                 : dequantize ? dequantize.getInput()
                              : Value();
  auto constant = stored ? stored.getDefiningOp<qnn::ConstantOp>() : nullptr;
  if (!constant)
    return std::nullopt;
  if (op.rankOf(stored) != 2)
    return refuse("they have " + Twine(op.rankOf(stored)) + " axes");
  if (qnn::storageTypeOf(op.elementOf(stored)).getIntOrFloatBitWidth() > 8)
    return refuse("they have more than 8 bits");
  BlockWeights w;
  int64_t depthAxis = isTransposed ? 0 : 1;
  w.depth = op.extent(stored, depthAxis);
  w.outputs = op.extent(stored, 1 - depthAxis);
  w.isSigned = qnn::isSignedStorage(op.elementOf(stored));
  std::optional<reference::RefTensor> scale, zero;
  if (noted) {
    scale = op.constantValue(noted->scales);
    if (noted->zeros)
      zero = op.constantValue(noted->zeros);
    if (!scale || (noted->zeros && !zero))
      return refuse(
          "their scales or zero points are known when the model runs");
    if (noted->axis != depthAxis)
      return refuse("their blocks run along the outputs");
    w.block = noted->block;
    // Of each block and each output, and no others.
    Numbers shape = {w.outputs, w.outputs};
    shape[static_cast<size_t>(depthAxis)] = w.block > 0 ? w.blocks() : 0;
    if (scale->getShape() != ArrayRef<int64_t>(shape) ||
        (zero && (zero->isFloat() || zero->getShape() != scale->getShape())))
      return refuse("their scales and zero points are not one for each block");
  } else {
    // A scale for each output, or one.
    std::optional<int64_t> axis = qnn::quantizedAxisOf(op.elementOf(stored));
    if (axis && *axis != 1 - depthAxis)
      return refuse("their scales run along the sums");
    w.block = w.depth;
  }
  if (w.depth == 0 || w.block < 1 || w.block > mostBlock)
    return refuse("their blocks have " + Twine(w.block) + " weights");
  std::optional<reference::RefTensor> codes = op.constantValue(stored);
  if (!codes)
    return std::nullopt;
  w.codes.reserve(codes->ints().size());
  w.zeros.clear();
  for (int64_t n = 0; n < w.outputs; ++n) {
    for (int64_t k = 0; k < w.depth; ++k)
      w.codes.push_back(static_cast<uint8_t>(
          codes->ints()[isTransposed ? k * w.outputs + n : n * w.depth + k]));
    for (int64_t g = 0; g < w.blocks(); ++g) {
      int64_t at = isTransposed ? g * w.outputs + n : n * w.blocks() + g;
      w.scales.push_back(
          scale ? scale->floats()[at]
                : static_cast<float>(qnn::scaleOf(op.elementOf(stored), n)));
      w.zeros.push_back(zero    ? zero->ints()[at]
                        : noted ? 0
                                : qnn::zeroPointOf(op.elementOf(stored), n));
    }
  }
  return w;
}

void qcc::onnximport::warnOfFloats(NodeImport &op, int64_t weights) {
  op.complaint()
      << "quantized weights in blocks become "
      << weights * static_cast<int64_t>(sizeof(float))
      << " bytes of floats, as the model means it; "
         "--dynamic-activations=int8 keeps their bits and rounds the "
         "activations to 8";
}

std::optional<BlockWeights>
qcc::onnximport::weightsToRoundFor(NodeImport &op, Value x, int64_t depth,
                                   Value filter, bool isTransposed) {
  if (op.hasFailed() || op.rankOf(x) == 0)
    return std::nullopt;
  bool isBlocked = op.blocksOf(filter) != nullptr;
  std::string why;
  if (x.getDefiningOp<qnn::DequantizeOp>()) {
    if (isBlocked)
      why = "a quantizer says how activations are rounded";
  } else if (isBlocked || op.roundsActivations()) {
    std::optional<BlockWeights> weights =
        findBlockWeights(op, filter, isTransposed, why);
    if (weights && weights->depth == depth && op.roundsActivations())
      return weights;
    if (weights && isBlocked)
      warnOfFloats(op, op.typeOf(filter).getNumElements());
  }
  if (!why.empty())
    op.complaint() << "quantized weights become floats: " << why;
  return std::nullopt;
}

Value qcc::onnximport::multiplyBlocks(NodeImport &op, Value x,
                                      const BlockWeights &w, Value bias,
                                      ArrayRef<int64_t> shape) {
  Builder &b = op.builder();
  bool isUniform = llvm::all_of(
      w.zeros, [&](int64_t zero) { return zero == w.zeros.front(); });
  Type element = quantizedType(op,
                               w.isSigned ? Range{8, true, INT8_MIN, INT8_MAX}
                                          : Range{8, false, 0, UINT8_MAX},
                               {{1.0}, {isUniform ? w.zeros.front() : 0}, 0});
  if (!element)
    return {};
  auto storage = RankedTensorType::get({w.outputs, w.depth}, b.getI8Type());
  Value filter = op.constant(
      RankedTensorType::get(storage.getShape(), element),
      DenseElementsAttr::getFromRawBuffer(
          storage,
          ArrayRef<char>(reinterpret_cast<const char *>(w.codes.data()),
                         w.codes.size())));
  Numbers blocks = {w.outputs, w.blocks()};
  Value scales = op.constantFloats(w.scales, blocks), zeros;
  if (!isUniform) {
    bool isSigned = llvm::all_of(w.zeros, [](int64_t zero) {
      return zero >= INT8_MIN && zero <= INT8_MAX;
    });
    zeros = op.constantIntegers(
        w.zeros, blocks,
        isSigned ? b.getI8Type() : b.getIntegerType(8, /*isSigned=*/false));
  }
  return op.makeTyped<qnn::BlockFullyConnectedOp>(
      RankedTensorType::get(shape, op.f32()), x, filter, scales, zeros, bias,
      b.getI64IntegerAttr(w.block), qnn::ClampAttr());
}

namespace {

/// Integers of `bits` bits, each row of `perRow` beginning at a byte, the
/// lowest bits of a byte first.
std::vector<uint8_t> unpackBits(ArrayRef<int64_t> bytes, int64_t bits,
                                int64_t perRow) {
  int64_t rowBytes = (perRow * bits + 7) / 8;
  int64_t rows = static_cast<int64_t>(bytes.size()) / rowBytes;
  std::vector<uint8_t> values;
  values.reserve(static_cast<size_t>(rows * perRow));
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t i = 0; i < perRow; ++i)
      values.push_back(static_cast<uint8_t>(
          bytes[row * rowBytes + i * bits / 8] >> i * bits % 8 &
          ((1 << bits) - 1)));
  return values;
}

/// Zero points of MatMulNBits: packed like weights, or as floats.
bool readZeros(NodeImport &op, int64_t bits, BlockWeights &w) {
  if (!op.has(3)) {
    w.zeros = {int64_t{1} << (bits - 1)};
    return true;
  }
  std::optional<reference::RefTensor> given = op.constantValue(op.in(3));
  int64_t count = w.outputs * w.blocks();
  if (!given) {
    op.error() << "the zero points must be known when the model is read";
    return false;
  }
  w.zeros.clear();
  if (given->isFloat()) {
    for (float zero : given->floats()) {
      if (zero != std::floor(zero) || zero < 0 || zero > UINT8_MAX) {
        op.error() << "has the zero point " << zero
                   << ", supported are integers of 8 bits";
        return false;
      }
      w.zeros.push_back(static_cast<int64_t>(zero));
    }
  } else {
    for (uint8_t zero : unpackBits(given->ints(), bits, w.blocks()))
      w.zeros.push_back(zero);
  }
  if (static_cast<int64_t>(w.zeros.size()) == count)
    return true;
  op.error() << "the zero points " << op.typeOf(op.in(3)) << " do not fit "
             << w.outputs << " outputs in " << w.blocks() << " blocks";
  return false;
}

/// The same product in floats.
Value multiplyFloats(NodeImport &op, Value x, const BlockWeights &w, Value bias,
                     ArrayRef<int64_t> shape) {
  std::vector<float> real(w.codes.size());
  for (int64_t n = 0; n < w.outputs; ++n)
    for (int64_t k = 0; k < w.depth; ++k) {
      int64_t at = n * w.blocks() + k / w.block;
      int64_t zero = w.zeros.size() == 1 ? w.zeros.front() : w.zeros[at];
      real[n * w.depth + k] =
          static_cast<float>(w.codes[n * w.depth + k] - zero) * w.scales[at];
    }
  return op.makeTyped<qnn::FullyConnectedOp>(
      RankedTensorType::get(shape, op.f32()), x,
      op.constantFloats(real, {w.outputs, w.depth}), bias,
      qnn::FilterLayout::OI, qnn::ClampAttr(), qnn::Rounding::Onnx, false,
      false);
}

} // namespace

LogicalResult qcc::onnximport::importMatMulNBits(NodeImport &op) {
  Value x = op.in(0);
  if (!op.requireFloat(x) || !op.requireRank(x, 1, 16))
    return failure();
  int64_t bits = op.integer("bits", 4), level = op.integer("accuracy_level", 0);
  BlockWeights w;
  w.depth = op.integer("K", 0);
  w.outputs = op.integer("N", 0);
  w.block = op.integer("block_size", 0);
  if (bits != 2 && bits != 4 && bits != 8)
    return op.error() << "has weights of " << bits
                      << " bits, supported are 2, 4 and 8";
  if (w.block < 16 || w.block > mostBlock || (w.block & (w.block - 1)) != 0)
    return op.error() << "has the block size " << w.block
                      << ", which is no power of two of 16 to " << mostBlock;
  if (op.extent(x, op.rankOf(x) - 1) != w.depth || w.depth < 1 || w.outputs < 1)
    return op.error() << "multiplies " << op.typeOf(x)
                      << " by weights of K = " << w.depth
                      << " and N = " << w.outputs;
  if (op.has(4))
    return op.error() << "has weights in another order (g_idx), which is not "
                         "supported";
  std::optional<reference::RefTensor> packed = op.constantValue(op.in(1));
  std::optional<std::vector<float>> scales = op.floats(2, "the scales");
  if (!scales)
    return failure();
  if (!packed || packed->isFloat())
    return op.error() << "the weights must be integers that are known when the "
                         "model is read";
  constexpr int64_t mostWeights = int64_t{1} << 31;
  if (w.outputs > mostWeights / (w.depth + w.block))
    return op.error() << "has " << w.outputs << " times " << w.depth
                      << " weights";
  int64_t padded = w.blocks() * w.block;
  if (packed->getNumElements() != w.outputs * padded * bits / 8 ||
      static_cast<int64_t>(scales->size()) != w.outputs * w.blocks())
    return op.error() << op.typeOf(op.in(1)) << " and scales "
                      << op.typeOf(op.in(2)) << " do not fit " << w.outputs
                      << " outputs in " << w.blocks() << " blocks of "
                      << w.block << " weights of " << bits << " bits";
  if (!readZeros(op, bits, w))
    return failure();
  w.scales = std::move(*scales);
  for (float scale : w.scales)
    if (!std::isfinite(scale))
      return op.error() << "has the scale " << scale;
  std::vector<uint8_t> all = unpackBits(packed->ints(), bits, padded);
  w.codes.reserve(static_cast<size_t>(w.outputs * w.depth));
  for (int64_t n = 0; n < w.outputs; ++n)
    w.codes.insert(w.codes.end(), all.begin() + n * padded,
                   all.begin() + n * padded + w.depth);
  Value bias;
  if (op.has(5)) {
    bias = op.in(5);
    if (!op.requireFloat(bias, "the bias"))
      return failure();
    if (op.typeOf(bias).getNumElements() != w.outputs)
      return op.error() << "the bias " << op.typeOf(bias) << " does not fit "
                        << w.outputs << " outputs";
    bias = op.reshape(bias, {w.outputs});
  }
  Numbers shape(op.shapeOf(x).drop_back());
  shape.push_back(w.outputs);
  // Levels: 1 to 3 are kinds of floats, 4 is int8.
  bool rounds = level == 4 || op.roundsActivations();
  if (!rounds)
    warnOfFloats(op, w.outputs * w.depth);
  Value result = rounds ? multiplyBlocks(op, x, w, bias, shape)
                        : multiplyFloats(op, x, w, bias, shape);
  return result ? op.setResult(result) : failure();
}
