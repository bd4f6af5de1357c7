// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Between floats and stored integers (quantize, dequantize), and clip.

#include "ElementwiseKernels.h"
#include "PointwiseKernel.h"

#include "qcc/Arithmetic/QuotientForm.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace qcc {

namespace {

//===----------------------------------------------------------------------===//
// result = clamp(zero point + round(x / scale))
//===----------------------------------------------------------------------===//

std::optional<PointwiseChoice>
matchQuantize(Operation *op, const TargetFacts &facts, std::string &why) {
  if (!hasFloats(facts, why))
    return std::nullopt;
  if (qnn::bytesPerElement(op->getResult(0).getType()) > 2) {
    why = "the result is wider than 16 bits";
    return std::nullopt;
  }
  return PointwiseChoice{lanesFor(facts, 4, true), 12};
}

/// x / scale, or what rounds like it.
Value emitQuotient(LayerEmitter &e, Value x, float scale,
                   const std::optional<arith::QuotientForm> &form) {
  auto constant = [&](float value) {
    return e.constantFloat(x.getType(), value);
  };
  if (!form)
    return mlir::arith::DivFOp::create(e.b, x, constant(scale));
  Value product = mlir::arith::MulFOp::create(
      e.b, x, constant(form->low ? form->low : form->high));
  if (form->low == 0)
    return product;
  return math::FmaOp::create(e.b, x, constant(form->high), product);
}

Value clampNaNToLow(LayerEmitter &e, Value x, double lo, double hi) {
  Value low = e.constantFloat(x.getType(), lo);
  Value above =
      mlir::arith::CmpFOp::create(e.b, mlir::arith::CmpFPredicate::OGT, x, low);
  x = mlir::arith::SelectOp::create(e.b, above, x, low);
  return minFloat(e, x, e.constantFloat(x.getType(), hi));
}

PointwiseBody emitQuantize(LayerEmitter &e, Operation *operation) {
  auto op = cast<qnn::QuantizeOp>(operation);
  Type type = op.getType();
  bool halfEven = op.getRounding() == qnn::Rounding::HalfEvenFloat ||
                  op.getRounding() == qnn::Rounding::Onnx;
  auto [lo, hi] = qnn::storageRange(type);
  int64_t zero = qnn::zeroPointOf(type);
  auto scale = static_cast<float>(qnn::scaleOf(type));
  // Few results are worth a proof.
  std::optional<arith::QuotientForm> form;
  if (hi - lo < 256)
    form = arith::fitQuotient({scale, static_cast<int32_t>(lo - zero),
                               static_cast<int32_t>(hi - zero), halfEven});
  if (form && form->low != 0 && !e.facts.hasFMA)
    form.reset();
  PointwiseBody body;
  body.combine = [=, &e, lo = lo, hi = hi](ArrayRef<Value> values) -> Value {
    Value scaled = emitQuotient(e, values[0], scale, form);
    // Bounds are integers, so clamping before rounding is the same, and what is
    // converted fits. NaN becomes the least value.
    scaled = clampNaNToLow(e, scaled, static_cast<double>(lo - zero),
                           static_cast<double>(hi - zero));
    Value rounded =
        halfEven ? emitRoundHalfEven(e, scaled) : emitRoundHalfAway(e, scaled);
    if (zero != 0)
      rounded = mlir::arith::AddIOp::create(
          e.b, rounded, e.constant(rounded.getType(), zero));
    return resizeInteger(e, rounded, memoryTypeOf(type), true);
  };
  return body;
}

//===----------------------------------------------------------------------===//
// result = scale · (q − zero point), rounded to float32 once. In float32 where
// that is exact before the one rounding: the difference below 2^24 and the
// scale a float32; else in double.
//===----------------------------------------------------------------------===//

bool isFloatEnough(Type from) {
  double scale = qnn::scaleOf(from);
  return qnn::bytesPerElement(from) <= 2 &&
         static_cast<double>(static_cast<float>(scale)) == scale;
}

std::optional<PointwiseChoice>
matchDequantize(Operation *op, const TargetFacts &facts, std::string &why) {
  if (!hasFloats(facts, why))
    return std::nullopt;
  Type from = op->getOperand(0).getType();
  if (qnn::quantizedAxisOf(from)) {
    why = "the operand is quantized per axis";
    return std::nullopt;
  }
  bool single = isFloatEnough(from);
  if (!single && !facts.hasDouble) {
    why = "the result is not exact without double precision";
    return std::nullopt;
  }
  if (qnn::bytesPerElement(from) > 4) {
    why = "the operand is wider than 32 bits";
    return std::nullopt;
  }
  return PointwiseChoice{single ? lanesFor(facts, 4, true) : 1, 3};
}

PointwiseBody emitDequantize(LayerEmitter &e, Operation *op) {
  Type from = op->getOperand(0).getType();
  bool isSigned = qnn::isSignedStorage(from);
  int64_t zero = qnn::zeroPointOf(from);
  bool single = isFloatEnough(from);
  // Wide storage less its zero point may need more than 32 bits.
  Type integer =
      qnn::bytesPerElement(from) <= 2 ? e.b.getI32Type() : e.b.getI64Type();
  Type real = single ? Type(e.b.getF32Type()) : Type(e.b.getF64Type());
  PointwiseBody body;
  body.combine = [=, &e](ArrayRef<Value> values) -> Value {
    Value x = e.extend(values[0], integer, isSigned);
    if (zero != 0)
      x = mlir::arith::SubIOp::create(e.b, x, e.constant(x.getType(), zero));
    Type type = LayerEmitter::withElement(x.getType(), real);
    x = mlir::arith::SIToFPOp::create(e.b, type, x);
    x = mlir::arith::MulFOp::create(e.b, x,
                                    e.constantFloat(type, qnn::scaleOf(from)));
    if (single)
      return x;
    return mlir::arith::TruncFOp::create(
        e.b, LayerEmitter::withElement(type, e.b.getF32Type()), x);
  };
  return body;
}

//===----------------------------------------------------------------------===//
// Clamp of floats or integers
//===----------------------------------------------------------------------===//

std::optional<PointwiseChoice>
matchClip(Operation *op, const TargetFacts &facts, std::string &why) {
  Type type = op->getResult(0).getType();
  bool isFloat = qnn::isFloat(type);
  if (isFloat && !hasFloats(facts, why))
    return std::nullopt;
  return PointwiseChoice{lanesFor(facts, qnn::bytesPerElement(type), isFloat),
                         2};
}

PointwiseBody emitClip(LayerEmitter &e, Operation *operation) {
  auto op = cast<qnn::ClipOp>(operation);
  PointwiseBody body;
  if (qnn::isFloat(op.getType())) {
    auto [lo, hi] = qnn::floatClamp(op.getClampAttr());
    body.combine = [&e, lo = lo, hi = hi](ArrayRef<Value> values) {
      return clampFloat(e, values[0], lo, hi);
    };
    return body;
  }
  auto [lo, hi] = qnn::integerClamp(op.getClampAttr(), op.getType());
  auto [least, greatest] = qnn::storageRange(op.getType());
  bool isSigned = qnn::isSignedStorage(op.getType());
  body.combine = [=, &e, lo = lo, hi = hi, least = least,
                  greatest = greatest](ArrayRef<Value> values) {
    return clampInteger(e, values[0], lo, hi, least, greatest, isSigned);
  };
  return body;
}

constexpr PointwiseRule rules[] = {
    {"clip", "direct", matchClip, emitClip},
    {"dequantize", "float", matchDequantize, emitDequantize},
    {"quantize", "float", matchQuantize, emitQuantize},
};

} // namespace

ArrayRef<PointwiseRule> quantizeRules() { return rules; }

/// Truncates and moves one away from zero where half or more is left, which
/// float subtraction gives exactly.
// Adds the greatest float below 1/2 away from zero and truncates: equal for
// every |x| < 2^22. The sum of n + 1/2 and it rounds to n + 1, that of the next
// smaller float does not.
Value emitRoundHalfAway(LayerEmitter &e, Value x) {
  // RISC-V has the rounding mode.
  if (e.facts.hasRVV && isa<VectorType>(x.getType()))
    return emitVectorRounding(e, "llvm.lround", x);
  Value half = math::CopySignOp::create(
      e.b, e.constantFloat(x.getType(), 0x1.fffffep-2), x);
  return mlir::arith::FPToSIOp::create(
      e.b, LayerEmitter::withElement(x.getType(), e.b.getI32Type()),
      mlir::arith::AddFOp::create(e.b, x, half));
}

} // namespace qcc
