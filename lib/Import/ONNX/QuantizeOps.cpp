// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// QuantizeLinear, DequantizeLinear, and what leaves integers: ConvInteger,
// MatMulInteger, DynamicQuantizeLinear. Each is a float operation between
// quantizers here; qnn-fuse-quantizers knows the integer operations.

#include "OpTable.h"
#include "Quantizer.h"
#include "Window.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"

#include <cmath>

using namespace mlir;
using namespace qcc;
using namespace qcc::onnximport;
using onnx::TensorProto;

Type qcc::onnximport::quantizedType(NodeImport &op, const Range &range,
                                    const Scales &scales) {
  for (double scale : scales.scales)
    if (!(scale > 0x1p-120) || !(scale < 0x1p120)) {
      op.error() << "has the scale " << scale
                 << ", which is not positive and finite";
      return {};
    }
  for (int64_t zero : scales.zeroPoints)
    if (zero < INT32_MIN || zero > INT32_MAX) {
      op.error() << "has the zero point " << zero;
      return {};
    }
  Builder &b = op.builder();
  Type storage = b.getIntegerType(range.bits);
  unsigned flags = range.isSigned ? quant::QuantizationFlags::Signed : 0;
  if (!scales.isPerAxis())
    return quant::UniformQuantizedType::get(
        flags, storage, b.getF32Type(), scales.scales.front(),
        scales.zeroPoints.front(), range.lo, range.hi);
  return quant::UniformQuantizedPerAxisType::get(
      flags, storage, b.getF32Type(), scales.scales, scales.zeroPoints,
      static_cast<int32_t>(scales.axis), range.lo, range.hi);
}

Value qcc::onnximport::quantize(NodeImport &op, Value x, Type type) {
  if (!isa<quant::UniformQuantizedPerAxisType>(type))
    return op.make<qnn::QuantizeOp>(type, x, qnn::Rounding::Onnx);
  std::optional<reference::RefTensor> known = op.constantValue(x);
  auto full = RankedTensorType::get(op.shapeOf(x), type);
  int64_t axis = *qnn::quantizedAxisOf(type);
  if (!known || axis >= op.rankOf(x)) {
    op.error() << "is quantized per axis, which constants alone may be";
    return op.constantFloat(0);
  }
  int64_t inner = 1;
  for (int64_t extent : op.shapeOf(x).drop_front(axis + 1))
    inner *= extent;
  auto [lo, hi] = qnn::storageRange(type);
  Numbers stored;
  for (auto [i, value] : llvm::enumerate(known->floats())) {
    int64_t channel = static_cast<int64_t>(i) / inner % op.extent(x, axis);
    auto scale = static_cast<float>(qnn::scaleOf(type, channel));
    auto zero = static_cast<double>(qnn::zeroPointOf(type, channel));
    double q = static_cast<double>(std::nearbyint(value / scale)) + zero;
    stored.push_back(
        q > static_cast<double>(lo)
            ? static_cast<int64_t>(std::min(q, static_cast<double>(hi)))
            : lo);
  }
  return op.constantIntegers(stored, full.getShape(), type);
}

Value qcc::onnximport::reinterpret(NodeImport &op, Value q, Type type) {
  if (op.elementOf(q) == type || op.hasFailed())
    return q;
  if (auto constant = q.getDefiningOp<qnn::ConstantOp>()) {
    auto value = dyn_cast<DenseElementsAttr>(constant.getValue());
    std::optional<reference::RefTensor> known = op.constantValue(q);
    if (value && known) {
      auto [lo, hi] = qnn::storageRange(type);
      for (int64_t v : known->ints())
        if (v < lo || v > hi) {
          op.error() << "a constant holds " << v << ", outside " << lo << " to "
                     << hi;
          return q;
        }
      return op.constantIntegers(Numbers(known->ints()), op.shapeOf(q), type);
    }
  }
  return op.make<qnn::CastOp>(type, q);
}

Value qcc::onnximport::dequantize(NodeImport &op, Value q, Type type) {
  return op.make<qnn::DequantizeOp>(op.f32(), reinterpret(op, q, type));
}

namespace {

/// The integers of an ONNX element type, for quantizers.
std::optional<Range> rangeOfType(int64_t type) {
  switch (type) {
  case TensorProto::INT8:
    return Range{8, true, -128, 127};
  case TensorProto::UINT8:
    return Range{8, false, 0, 255};
  case TensorProto::INT16:
    return Range{16, true, -32768, 32767};
  case TensorProto::UINT16:
    return Range{16, false, 0, 65535};
  case TensorProto::INT4:
    return Range{4, true, -8, 7};
  case TensorProto::UINT4:
    return Range{4, false, 0, 15};
  case TensorProto::INT2:
    return Range{2, true, -2, 1};
  case TensorProto::UINT2:
    return Range{2, false, 0, 3};
  case TensorProto::INT32:
    return Range{32, true, INT32_MIN, INT32_MAX};
  default:
    return std::nullopt;
  }
}

} // namespace

std::optional<Range> qcc::onnximport::rangeOf(Value v) {
  Type element = NodeImport::elementOf(v);
  if (element.isF32() || element.isInteger(1) || element.isInteger(64))
    return std::nullopt;
  auto [lo, hi] = qnn::storageRange(element);
  unsigned bits = qnn::storageTypeOf(element).getIntOrFloatBitWidth();
  if (bits > 32 || (bits == 32 && !qnn::isSignedStorage(element)))
    return std::nullopt;
  return Range{bits, qnn::isSignedStorage(element), lo, hi};
}

bool qcc::onnximport::readParameters(NodeImport &op, unsigned at, int64_t axis,
                                     Parameters &p) {
  p.scale = op.in(at);
  if (!op.requireFloat(p.scale, "the scale"))
    return false;
  p.zeroPoint = op.has(at + 1) ? op.in(at + 1) : Value();
  if (p.zeroPoint && op.shapeOf(p.zeroPoint) != op.shapeOf(p.scale) &&
      op.typeOf(p.zeroPoint).getNumElements() !=
          op.typeOf(p.scale).getNumElements()) {
    op.error() << "scale and zero point are " << op.typeOf(p.scale) << " and "
               << op.typeOf(p.zeroPoint) << ", but must have the same shape";
    return false;
  }
  std::optional<reference::RefTensor> scale = op.constantValue(p.scale), zero;
  if (p.zeroPoint)
    zero = op.constantValue(p.zeroPoint);
  if (!scale || (p.zeroPoint && !zero) || op.rankOf(p.scale) > 1)
    return true;
  p.known.emplace();
  p.known->axis = axis;
  for (float s : scale->floats())
    p.known->scales.push_back(static_cast<double>(s));
  if (zero && !zero->isFloat())
    p.known->zeroPoints.assign(zero->ints().begin(), zero->ints().end());
  else
    p.known->zeroPoints.assign(p.known->scales.size(), 0);
  return true;
}

bool qcc::onnximport::fitsType(NodeImport &op, const Parameters &p, Value x) {
  return p.known && (!p.known->isPerAxis() ||
                     static_cast<int64_t>(p.known->scales.size()) ==
                         op.extent(x, p.known->axis));
}

namespace {

/// `v` (a scale or zero point) in a shape that broadcasts to `x`: one number,
/// one per index of an axis, or one per block of it.
Value spread(NodeImport &op, Value v, Value x, int64_t axis, int64_t block) {
  // One error is enough.
  if (op.hasFailed())
    return v;
  if (op.typeOf(v).getNumElements() == 1)
    return op.reshape(v, {});
  int64_t rank = op.rankOf(x);
  if (op.rankOf(v) == 1) {
    Numbers shape(rank - axis, 1);
    shape[0] = op.extent(v, 0);
    return op.reshape(v, shape);
  }
  if (op.rankOf(v) != rank || block <= 0) {
    op.error() << op.typeOf(v) << " does not fit " << op.typeOf(x);
    return v;
  }
  int64_t extent = op.extent(x, axis);
  Numbers indices, blocks(op.shapeOf(x));
  blocks[axis] = (extent + block - 1) / block;
  if (op.shapeOf(v) != ArrayRef<int64_t>(blocks)) {
    op.error() << op.typeOf(v) << " does not fit " << op.typeOf(x)
               << " in blocks of " << block << " along axis " << axis;
    return v;
  }
  for (int64_t i = 0; i < extent; ++i)
    indices.push_back(i / block);
  return op.gather(v, indices, axis);
}

int64_t readAxis(NodeImport &op, Value x, unsigned scaleAt) {
  // Of one scale the axis means nothing.
  if (op.typeOf(op.in(scaleAt)).getNumElements() == 1 &&
      op.integer("block_size", 0) == 0)
    return 0;
  return op.axis(op.integer("axis", 1), op.rankOf(x));
}

} // namespace

LogicalResult qcc::onnximport::importQuantizeLinear(NodeImport &op) {
  Value x = op.in(0);
  if (!op.requireFloat(x))
    return failure();
  int64_t axis = readAxis(op, x, 1);
  Parameters p;
  if (op.hasFailed() || !readParameters(op, 1, axis, p))
    return failure();
  int64_t type = op.integer("output_dtype", 0);
  std::optional<Range> range = p.zeroPoint ? rangeOf(p.zeroPoint)
                               : type != 0 ? rangeOfType(type)
                                           : rangeOfType(TensorProto::UINT8);
  if (!range)
    return op.error() << "quantizes to an element type that is not supported";
  bool isConstant = op.constantValue(x).has_value();
  if (fitsType(op, p, x) && (!p.known->isPerAxis() || isConstant)) {
    Type element = quantizedType(op, *range, *p.known);
    return element ? op.setResult(quantize(op, x, element)) : failure();
  }
  // Scales that differ along the way, or that are not known: as written.
  Value scaled =
      op.div(x, spread(op, p.scale, x, axis, op.integer("block_size", 0)));
  Value rounded = op.make<qnn::RoundOp>(op.f32(), scaled);
  if (p.zeroPoint)
    rounded =
        op.add(rounded, op.convert(spread(op, op.plain(p.zeroPoint), x, axis,
                                          op.integer("block_size", 0)),
                                   op.f32()));
  rounded = op.clip(rounded, static_cast<double>(range->lo),
                    static_cast<double>(range->hi));
  if (range->bits == 8 || range->bits == 16)
    return op.setResult(op.convert(
        rounded, range->isSigned
                     ? op.builder().getIntegerType(range->bits)
                     : op.builder().getIntegerType(range->bits, false)));
  // Narrower integers have a type with a scale only.
  return op.setResult(
      quantize(op, rounded, quantizedType(op, *range, {{1.0}, {0}, 0})));
}

LogicalResult qcc::onnximport::importDequantizeLinear(NodeImport &op) {
  Value x = op.in(0);
  std::optional<Range> range = rangeOf(x);
  if (!range)
    return op.error() << "dequantizes " << op.typeOf(x)
                      << ", which is not supported";
  int64_t axis = readAxis(op, x, 1);
  Parameters p;
  if (op.hasFailed() || !readParameters(op, 1, axis, p))
    return failure();
  bool isConstant = x.getDefiningOp<qnn::ConstantOp>() != nullptr;
  if (fitsType(op, p, x) && (!p.known->isPerAxis() || isConstant)) {
    Type element = quantizedType(op, *range, *p.known);
    return element ? op.setResult(dequantize(op, x, element)) : failure();
  }
  int64_t block = op.integer("block_size", 0);
  Value real = op.convert(op.plain(x), op.f32());
  if (p.zeroPoint)
    real = op.sub(real,
                  op.convert(spread(op, op.plain(p.zeroPoint), x, axis, block),
                             op.f32()));
  real = op.mul(real, spread(op, p.scale, x, axis, block));
  if (op.hasFailed())
    return failure();
  if (isConstant && block > 0)
    op.noteBlocks(real, {x, p.scale, p.zeroPoint, axis, block});
  return op.setResult(real);
}

//===----------------------------------------------------------------------===//
// Integer results
//===----------------------------------------------------------------------===//

namespace {

/// Integers less a zero point (operand `zeroAt`, if it is there) as floats;
/// null after an error. `largest` becomes the greatest magnitude.
Value centre(NodeImport &op, unsigned at, unsigned zeroAt, double &largest) {
  Value x = op.in(at);
  std::optional<Range> range = rangeOf(x);
  if (!range || range->bits > 8) {
    op.error() << "input " << at << " must be integers of 8 bits";
    return {};
  }
  largest = static_cast<double>(range->hi - range->lo);
  Value real = op.convert(op.plain(x), op.f32());
  if (!op.has(zeroAt))
    return real;
  Value zero = op.convert(op.plain(op.in(zeroAt)), op.f32());
  if (op.typeOf(zero).getNumElements() == 1)
    zero = op.reshape(zero, {});
  return op.sub(real, zero);
}

/// Sums of integers are exact in float32 up to 2^24.
bool isExactInFloat(NodeImport &op, double a, double b, int64_t depth) {
  if (a * b * static_cast<double>(depth) <= 0x1p24)
    return true;
  op.error() << "adds up " << depth << " products, which may leave the "
             << "integers that are supported; use QLinear operators";
  return false;
}

} // namespace

LogicalResult qcc::onnximport::importConvInteger(NodeImport &op) {
  double a = 0, b = 0;
  Value x = centre(op, 0, 2, a), w = x ? centre(op, 1, 3, b) : Value();
  if (!w || op.typeOf(w).getNumElements() == 0 ||
      !isExactInFloat(op, a, b,
                      op.typeOf(w).getNumElements() / op.extent(w, 0)))
    return failure();
  Value sum = convolve(op, x, w, {});
  return sum ? op.setResult(op.convert(sum, op.builder().getIntegerType(32)))
             : failure();
}

LogicalResult qcc::onnximport::importMatMulInteger(NodeImport &op) {
  double a = 0, b = 0;
  Value x = centre(op, 0, 2, a), w = x ? centre(op, 1, 3, b) : Value();
  if (!w || !isExactInFloat(op, a, b, op.extent(x, op.rankOf(x) - 1)))
    return failure();
  Value sum = multiply(op, x, w);
  return sum ? op.setResult(op.convert(sum, op.builder().getIntegerType(32)))
             : failure();
}

LogicalResult qcc::onnximport::importDynamicQuantizeLinear(NodeImport &op) {
  Value x = op.in(0);
  if (!op.requireFloat(x))
    return failure();
  Numbers axes;
  for (int64_t i = 0; i < op.rankOf(x); ++i)
    axes.push_back(i);
  Value zero = op.constantFloat(0);
  Value most =
      op.maximum(op.make<qnn::ReduceMaxOp>(op.f32(), x, axes, false), zero);
  Value least =
      op.minimum(op.make<qnn::ReduceMinOp>(op.f32(), x, axes, false), zero);
  Value scale = op.div(op.sub(most, least), op.constantFloat(255));
  auto round = [&](Value v) { return op.make<qnn::RoundOp>(op.f32(), v); };
  Value zeroPoint = round(op.clip(op.sub(zero, op.div(least, scale)), 0, 255));
  Value q = op.clip(op.add(round(op.div(x, scale)), zeroPoint), 0, 255);
  Type u8 = op.builder().getIntegerType(8, /*isSigned=*/false);
  if (failed(op.setResult(0, op.convert(q, u8))) ||
      failed(op.setResult(1, scale)))
    return failure();
  return op.setResult(2, op.convert(zeroPoint, u8));
}
