// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Element-wise operators: arithmetic, comparisons, activations, casts.

#include "OpTable.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"

#include <cmath>

using namespace mlir;
using namespace qcc;
using namespace qcc::onnximport;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Both operands as plain numbers of one type.
bool readBoth(NodeImport &op, Value &a, Value &b) {
  a = op.plain(op.in(0));
  b = op.plain(op.in(1));
  if (op.elementOf(a) == op.elementOf(b))
    return true;
  op.error() << "the operands are " << op.typeOf(a) << " and " << op.typeOf(b)
             << ", but must have the same element type";
  return false;
}

template <Value (NodeImport::*function)(Value, Value)>
LogicalResult importBinary(NodeImport &op) {
  Value a, b;
  if (!readBoth(op, a, b))
    return failure();
  return op.setResult((op.*function)(a, b));
}

template <Value (NodeImport::*function)(Value, Value)>
LogicalResult importVariadic(NodeImport &op) {
  Value result = op.plain(op.in(0));
  for (unsigned i = 1; i < op.numInputs(); ++i) {
    Value next = op.plain(op.in(i));
    if (op.elementOf(next) != op.elementOf(result))
      return op.error() << "the operands have different element types";
    result = (op.*function)(result, next);
  }
  return op.setResult(result);
}

template <typename OpTy> LogicalResult importUnary(NodeImport &op) {
  Value x = op.plain(op.in(0));
  return op.setResult(op.make<OpTy>(op.elementOf(x), x));
}

template <typename OpTy> LogicalResult importFloatUnary(NodeImport &op) {
  if (!op.requireFloat(op.in(0)))
    return failure();
  return op.setResult(op.make<OpTy>(op.f32(), op.in(0)));
}

LogicalResult importCompare(NodeImport &op, qnn::Predicate predicate) {
  Value a, b;
  if (!readBoth(op, a, b))
    return failure();
  return op.setResult(
      op.make<qnn::CompareOp>(op.builder().getIntegerType(1), a, b, predicate));
}

} // namespace

LogicalResult qcc::onnximport::importAdd(NodeImport &op) {
  return importBinary<&NodeImport::add>(op);
}
LogicalResult qcc::onnximport::importSub(NodeImport &op) {
  return importBinary<&NodeImport::sub>(op);
}
LogicalResult qcc::onnximport::importMul(NodeImport &op) {
  return importBinary<&NodeImport::mul>(op);
}
LogicalResult qcc::onnximport::importDiv(NodeImport &op) {
  return importBinary<&NodeImport::div>(op);
}
LogicalResult qcc::onnximport::importMax(NodeImport &op) {
  return importVariadic<&NodeImport::maximum>(op);
}
LogicalResult qcc::onnximport::importMin(NodeImport &op) {
  return importVariadic<&NodeImport::minimum>(op);
}
LogicalResult qcc::onnximport::importSum(NodeImport &op) {
  return importVariadic<&NodeImport::add>(op);
}
LogicalResult qcc::onnximport::importPow(NodeImport &op) {
  Value a = op.in(0), b = op.in(1);
  if (!op.requireFloat(a))
    return failure();
  return op.setResult(
      op.make<qnn::PowOp>(op.f32(), a, op.convert(b, op.f32())));
}
LogicalResult qcc::onnximport::importAbs(NodeImport &op) {
  Value x = op.plain(op.in(0));
  return op.setResult(
      op.make<qnn::AbsOp>(op.elementOf(x), x, qnn::Rounding::Onnx));
}
LogicalResult qcc::onnximport::importNeg(NodeImport &op) {
  return importUnary<qnn::NegOp>(op);
}
LogicalResult qcc::onnximport::importSign(NodeImport &op) {
  return importUnary<qnn::SignOp>(op);
}
LogicalResult qcc::onnximport::importSqrt(NodeImport &op) {
  return importFloatUnary<qnn::SqrtOp>(op);
}
LogicalResult qcc::onnximport::importExp(NodeImport &op) {
  return importFloatUnary<qnn::ExpOp>(op);
}
LogicalResult qcc::onnximport::importLog(NodeImport &op) {
  return importFloatUnary<qnn::LogOp>(op);
}
LogicalResult qcc::onnximport::importSin(NodeImport &op) {
  return importFloatUnary<qnn::SinOp>(op);
}
LogicalResult qcc::onnximport::importCos(NodeImport &op) {
  return importFloatUnary<qnn::CosOp>(op);
}
LogicalResult qcc::onnximport::importFloor(NodeImport &op) {
  return importFloatUnary<qnn::FloorOp>(op);
}
LogicalResult qcc::onnximport::importCeil(NodeImport &op) {
  return importFloatUnary<qnn::CeilOp>(op);
}
LogicalResult qcc::onnximport::importRound(NodeImport &op) {
  return importFloatUnary<qnn::RoundOp>(op);
}
LogicalResult qcc::onnximport::importSigmoid(NodeImport &op) {
  return importFloatUnary<qnn::LogisticOp>(op);
}
LogicalResult qcc::onnximport::importTanh(NodeImport &op) {
  return importFloatUnary<qnn::TanhOp>(op);
}
LogicalResult qcc::onnximport::importHardSwish(NodeImport &op) {
  return importFloatUnary<qnn::HardSwishOp>(op);
}
LogicalResult qcc::onnximport::importReciprocal(NodeImport &op) {
  if (!op.requireFloat(op.in(0)))
    return failure();
  return op.setResult(op.div(op.constantFloat(1.0f), op.in(0)));
}
LogicalResult qcc::onnximport::importGelu(NodeImport &op) {
  if (!op.requireFloat(op.in(0)))
    return failure();
  return op.setResult(op.make<qnn::GeluOp>(
      op.f32(), op.in(0), op.string("approximate", "none") == "tanh"));
}
LogicalResult qcc::onnximport::importElu(NodeImport &op) {
  if (op.real("alpha", 1.0f) != 1.0f)
    return op.error() << "is supported with alpha 1 only";
  return importFloatUnary<qnn::EluOp>(op);
}
Value qcc::onnximport::leakyRelu(NodeImport &op, Value x) {
  float alpha = op.real("alpha", 0.01f);
  if (!op.requireFloat(x))
    return {};
  if (!std::isfinite(alpha)) {
    op.error() << "has an alpha that is no number";
    return {};
  }
  return op.make<qnn::LeakyReluOp>(op.f32(), x, llvm::APFloat(alpha),
                                   qnn::Rounding::Onnx);
}
LogicalResult qcc::onnximport::importLeakyRelu(NodeImport &op) {
  Value result = leakyRelu(op, op.in(0));
  return result ? op.setResult(result) : failure();
}
LogicalResult qcc::onnximport::importPRelu(NodeImport &op) {
  if (!op.requireFloat(op.in(0)) || !op.requireFloat(op.in(1), "the slope"))
    return failure();
  return op.setResult(
      op.make<qnn::PreluOp>(op.f32(), op.in(0), op.in(1), qnn::Rounding::Onnx));
}
LogicalResult qcc::onnximport::importHardSigmoid(NodeImport &op) {
  if (!op.requireFloat(op.in(0)))
    return failure();
  Value x = op.mul(op.in(0), op.constantFloat(op.real("alpha", 0.2f)));
  x = op.add(x, op.constantFloat(op.real("beta", 0.5f)));
  return op.setResult(op.clip(x, 0.0, 1.0));
}
LogicalResult qcc::onnximport::importRelu(NodeImport &op) {
  return op.setResult(op.clip(op.plain(op.in(0)), 0.0, infinity));
}

/// A clip of stored integers is a narrower range of them: Quantize, Clip,
/// Dequantize is how fewer bits than a type has are said. Null where it is not.
static Value narrow(NodeImport &op, double lo, double hi) {
  Value x = op.in(0);
  auto type = dyn_cast<quant::UniformQuantizedType>(op.elementOf(x));
  if (!type)
    return {};
  auto [least, most] = qnn::storageRange(type);
  auto first =
      static_cast<int64_t>(std::max(std::ceil(lo), static_cast<double>(least)));
  auto last =
      static_cast<int64_t>(std::min(std::floor(hi), static_cast<double>(most)));
  if (first >= last)
    return {};
  Type narrower = quant::UniformQuantizedType::get(
      type.getFlags(), type.getStorageType(), type.getExpressedType(),
      type.getScale(), type.getZeroPoint(), first, last);
  if (auto quantize = x.getDefiningOp<qnn::QuantizeOp>())
    return op.make<qnn::QuantizeOp>(narrower, quantize.getInput(),
                                    qnn::Rounding::Onnx);
  std::optional<reference::RefTensor> known = op.constantValue(x);
  if (!known || known->isFloat())
    return {};
  Numbers stored(known->ints());
  for (int64_t &value : stored)
    value = std::clamp(value, first, last);
  return op.constantIntegers(stored, op.shapeOf(x), narrower);
}

LogicalResult qcc::onnximport::importClip(NodeImport &op) {
  // The bounds were attributes up to version 10.
  if (op.version() < 11)
    return op.setResult(op.clip(op.plain(op.in(0)), op.real("min", -infinity),
                                op.real("max", infinity)));
  auto known = [&](unsigned i, double otherwise) -> std::optional<double> {
    if (!op.has(i))
      return otherwise;
    std::optional<reference::RefTensor> value = op.constantValue(op.in(i));
    if (!value || value->getNumElements() != 1)
      return std::nullopt;
    return value->isFloat() ? static_cast<double>(value->floats()[0])
                            : static_cast<double>(value->ints()[0]);
  };
  std::optional<double> lo = known(1, -infinity), hi = known(2, infinity);
  bool isNaN = (lo && std::isnan(*lo)) || (hi && std::isnan(*hi));
  if (lo && hi && !isNaN)
    if (Value narrower = narrow(op, *lo, *hi))
      return op.setResult(narrower);
  Value x = op.plain(op.in(0));
  if (lo && hi && !isNaN)
    return op.setResult(op.clip(x, *lo, *hi));
  if (op.has(1))
    x = op.maximum(x, op.plain(op.in(1)));
  if (op.has(2))
    x = op.minimum(x, op.plain(op.in(2)));
  return op.setResult(x);
}

LogicalResult qcc::onnximport::importEqual(NodeImport &op) {
  return importCompare(op, qnn::Predicate::Equal);
}
LogicalResult qcc::onnximport::importLess(NodeImport &op) {
  return importCompare(op, qnn::Predicate::Less);
}
LogicalResult qcc::onnximport::importLessOrEqual(NodeImport &op) {
  return importCompare(op, qnn::Predicate::LessEqual);
}
LogicalResult qcc::onnximport::importGreater(NodeImport &op) {
  return importCompare(op, qnn::Predicate::Greater);
}
LogicalResult qcc::onnximport::importGreaterOrEqual(NodeImport &op) {
  return importCompare(op, qnn::Predicate::GreaterEqual);
}
LogicalResult qcc::onnximport::importAnd(NodeImport &op) {
  return op.setResult(
      op.make<qnn::LogicalAndOp>(op.elementOf(op.in(0)), op.in(0), op.in(1)));
}
LogicalResult qcc::onnximport::importOr(NodeImport &op) {
  return op.setResult(
      op.make<qnn::LogicalOrOp>(op.elementOf(op.in(0)), op.in(0), op.in(1)));
}
LogicalResult qcc::onnximport::importNot(NodeImport &op) {
  return importUnary<qnn::LogicalNotOp>(op);
}
LogicalResult qcc::onnximport::importWhere(NodeImport &op) {
  Value a = op.plain(op.in(1)), b = op.plain(op.in(2));
  return op.setResult(op.make<qnn::SelectOp>(op.elementOf(a), op.in(0), a, b));
}

LogicalResult qcc::onnximport::importCast(NodeImport &op) {
  int64_t to = op.integer("to", 0);
  Type element =
      elementTypeFor(op.builder().getContext(), static_cast<int32_t>(to));
  if (!element)
    return op.error() << "casts to " << elementText(static_cast<int32_t>(to))
                      << ", which is not supported";
  return op.setResult(op.convert(op.in(0), element));
}

LogicalResult qcc::onnximport::importIdentity(NodeImport &op) {
  if (op.wants(1))
    return op.error() << "is supported with one output only";
  return op.setResult(op.in(0));
}
