// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a quantized element type means. See the header.

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cmath>

using namespace mlir;

namespace qcc::qnn {

Type elementTypeOf(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  return shaped ? shaped.getElementType() : type;
}

quant::QuantizedType quantizedTypeOf(Type type) {
  Type element = elementTypeOf(type);
  if (auto bipolar = dyn_cast<BipolarType>(element))
    return bipolar.getStored();
  return dyn_cast<quant::QuantizedType>(element);
}

bool isBipolar(Type type) { return isa<BipolarType>(elementTypeOf(type)); }

std::optional<BitCode> bitCodeOf(Type type) {
  auto uniform =
      dyn_cast_or_null<quant::UniformQuantizedType>(quantizedTypeOf(type));
  if (!uniform)
    return std::nullopt;
  if (isBipolar(type))
    return BitCode{-1, 2, 1, false};
  constexpr int64_t most = 3;
  int64_t lo = uniform.getStorageTypeMin() - uniform.getZeroPoint(),
          hi = uniform.getStorageTypeMax() - uniform.getZeroPoint();
  auto bitsFor = [](int64_t count) {
    int64_t bits = 1;
    while (int64_t(1) << bits < count)
      ++bits;
    return bits;
  };
  if (hi - lo >= int64_t(1) << most)
    return std::nullopt;
  int64_t bits = bitsFor(hi - lo + 1);
  if (lo >= 0 && hi < int64_t(1) << bits)
    return BitCode{0, 1, bits, false};
  int64_t half = int64_t(1) << (bits - 1);
  if (bits > 1 && lo >= -half && hi < half)
    return BitCode{0, 1, bits, true};
  return BitCode{lo, 1, bits, false};
}

int64_t planeWords(RankedTensorType type, int64_t planes) {
  int64_t channels = type.getRank() == 0 ? 1 : type.getShape().back();
  return static_cast<int64_t>(llvm::divideCeil(channels, 32)) * planes;
}

int64_t pixelBytes(RankedTensorType type, int64_t planes) {
  if (planes > 0)
    return planeWords(type, planes) * 4;
  return (type.getRank() == 0 ? 1 : type.getShape().back()) *
         bytesPerElement(type);
}

llvm::SmallVector<int64_t, 3> RowCode::fields() const {
  llvm::SmallVector<int64_t, 3> result;
  for (int64_t field : {4, 2, 1})
    if (bits & field)
      result.push_back(field);
  return result;
}

int64_t RowCode::segmentBytes(int64_t count) const {
  return static_cast<int64_t>(llvm::divideCeil(count, 4 * segments())) * 4;
}

int64_t RowCode::read(const char *row, int64_t count, int64_t v) const {
  int64_t segment = segmentBytes(count), smallest = fields().back(), place = 0,
          value = lo;
  for (int64_t field : fields()) {
    int64_t bytes = segment * field / smallest;
    auto byte = static_cast<uint8_t>(row[v % bytes]);
    value += (byte >> (field * (v / bytes)) & ((1 << field) - 1)) << place;
    row += bytes;
    place += field;
  }
  return value;
}

std::optional<RowCode> rowCodeOf(Type type) {
  Type element = elementTypeOf(type);
  if (isa<FloatType>(element) || isBipolar(type) || bytesPerElement(type) != 1)
    return std::nullopt;
  auto [lo, hi] = storageRange(type);
  auto bits = static_cast<int64_t>(
      llvm::Log2_64_Ceil(static_cast<uint64_t>(hi - lo) + 1));
  if (hi <= lo || bits > 7)
    return std::nullopt;
  return RowCode{lo, bits};
}

int64_t packedRowBytes(RankedTensorType type) {
  ArrayRef<int64_t> shape = type.getShape();
  return rowCodeOf(type)->rowBytes(shape[2] * shape[3]);
}

bool isQuantized(Type type) { return static_cast<bool>(quantizedTypeOf(type)); }
bool isFloat(Type type) { return isa<FloatType>(elementTypeOf(type)); }

Type storageTypeOf(Type type) {
  Type element = elementTypeOf(type);
  if (auto quantized = quantizedTypeOf(type))
    return IntegerType::get(type.getContext(),
                            quantized.getStorageTypeIntegralWidth());
  if (element.isUnsignedInteger())
    return IntegerType::get(type.getContext(), element.getIntOrFloatBitWidth());
  return element;
}

int64_t bytesPerElement(Type type) {
  unsigned bits = storageTypeOf(type).getIntOrFloatBitWidth();
  int64_t bytes = 1;
  while (bytes * 8 < static_cast<int64_t>(bits))
    bytes *= 2;
  return bytes;
}

int64_t bytesOf(Type tensorType) {
  return cast<ShapedType>(tensorType).getNumElements() *
         bytesPerElement(tensorType);
}

bool isSignedStorage(Type type) {
  Type element = elementTypeOf(type);
  if (auto quantized = quantizedTypeOf(type))
    return quantized.isSigned();
  return !element.isUnsignedInteger() && !element.isInteger(1);
}

std::pair<int64_t, int64_t> storageRange(Type type) {
  Type element = elementTypeOf(type);
  if (auto quantized = quantizedTypeOf(type))
    return {quantized.getStorageTypeMin(), quantized.getStorageTypeMax()};
  unsigned bits = element.getIntOrFloatBitWidth();
  if (bits == 1)
    return {0, 1};
  if (element.isUnsignedInteger())
    return {0, static_cast<int64_t>(llvm::maskTrailingOnes<uint64_t>(bits))};
  if (bits >= 64)
    return {INT64_MIN, INT64_MAX};
  return {-(int64_t(1) << (bits - 1)), (int64_t(1) << (bits - 1)) - 1};
}

double scaleOf(Type type, int64_t channel) {
  quant::QuantizedType element = quantizedTypeOf(type);
  if (auto uniform = dyn_cast_or_null<quant::UniformQuantizedType>(element))
    return uniform.getScale();
  if (auto perAxis =
          dyn_cast_or_null<quant::UniformQuantizedPerAxisType>(element))
    return perAxis.getScales()[channel];
  return 1.0;
}

int64_t zeroPointOf(Type type, int64_t channel) {
  quant::QuantizedType element = quantizedTypeOf(type);
  if (auto uniform = dyn_cast_or_null<quant::UniformQuantizedType>(element))
    return uniform.getZeroPoint();
  if (auto perAxis =
          dyn_cast_or_null<quant::UniformQuantizedPerAxisType>(element))
    return perAxis.getZeroPoints()[channel];
  return 0;
}

std::optional<int64_t> quantizedAxisOf(Type type) {
  if (auto perAxis =
          dyn_cast<quant::UniformQuantizedPerAxisType>(elementTypeOf(type)))
    return perAxis.getQuantizedDimension();
  return std::nullopt;
}

std::pair<int64_t, int64_t> integerClamp(ClampAttr clamp, Type type) {
  auto [lo, hi] = storageRange(type);
  if (clamp) {
    if (clamp.getLo() > static_cast<double>(lo))
      lo = static_cast<int64_t>(std::ceil(clamp.getLo()));
    if (clamp.getHi() < static_cast<double>(hi))
      hi = static_cast<int64_t>(std::floor(clamp.getHi()));
  }
  return {lo, hi};
}

std::pair<float, float> floatClamp(ClampAttr clamp) {
  if (!clamp)
    return {-INFINITY, INFINITY};
  return {static_cast<float>(clamp.getLo()), static_cast<float>(clamp.getHi())};
}

double effectiveScale(Type input, Type filter, Type result, int64_t channel,
                      bool singleProduct) {
  double in = scaleOf(input), weight = scaleOf(filter, channel),
         out = scaleOf(result);
  if (singleProduct)
    return static_cast<double>(static_cast<float>(in) *
                               static_cast<float>(weight)) /
           out;
  return in * weight / out;
}

bool hasWideAccumulator(Operation *op) {
  if (auto matmul = dyn_cast<BatchMatMulOp>(op))
    return matmul.getWide();
  return isa<Conv2DOp, DepthwiseConv2DOp, FullyConnectedOp, TransposeConv2DOp>(
             op) &&
         op->getNumOperands() == 3 &&
         storageTypeOf(op->getOperand(2).getType()).isInteger(64);
}

double requantizeScale(double inScale, double outScale, bool singleQuotient) {
  if (singleQuotient)
    return static_cast<double>(static_cast<float>(inScale) /
                               static_cast<float>(outScale));
  return inScale / outScale;
}

double productScale(Type lhs, Type rhs, Type result) {
  float product =
      static_cast<float>(scaleOf(lhs)) * static_cast<float>(scaleOf(rhs));
  return static_cast<double>(product / static_cast<float>(scaleOf(result)));
}

double quotientScale(Type lhs, Type rhs, Type result) {
  float product =
      static_cast<float>(scaleOf(rhs)) * static_cast<float>(scaleOf(result));
  return static_cast<double>(static_cast<float>(scaleOf(lhs)) / product);
}

int sumLeftShift(Type result) { return bytesPerElement(result) > 1 ? 15 : 20; }

RankedTensorType withShape(RankedTensorType type, ArrayRef<int64_t> shape) {
  return RankedTensorType::get(shape, type.getElementType(),
                               type.getEncoding());
}

} // namespace qcc::qnn
