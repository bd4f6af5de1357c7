// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Between floats and stored integers (quantize, dequantize), and clip.

#include "ElementwiseKernels.h"
#include "FixedPoint.h"
#include "KernelSupport.h"

#include "qcc/Arithmetic/QuotientForm.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace qcc {

namespace {

/// result = clamp(zero point + round(x / scale)).
class QuantizeKernel : public Kernel {
public:
  StringRef getName() const override { return "quantize.float"; }
  StringRef getAnchor() const override { return "qnn.quantize"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    auto op = cast<qnn::QuantizeOp>(getAnchorOp(layer));
    if (!isSingleOp(layer, why) || !hasFloats(facts, why))
      return failure();
    if (qnn::bytesPerElement(op.getType()) > 2) {
      why = "the result is wider than 16 bits";
      return failure();
    }
    return makeRowwiseChoice(layer, facts, lanesFor(facts, 4, true), 12);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::QuantizeOp>(getAnchorOp(e.layer));
    bool halfEven = op.getRounding() == qnn::Rounding::HalfEvenFloat ||
                    op.getRounding() == qnn::Rounding::Onnx;
    auto [lo, hi] = qnn::storageRange(op.getType());
    int64_t zero = qnn::zeroPointOf(op.getType());
    auto scale = static_cast<float>(qnn::scaleOf(op.getType()));
    // Few results are worth a proof.
    std::optional<arith::QuotientForm> form;
    if (hi - lo < 256)
      form = arith::fitQuotient({scale, static_cast<int32_t>(lo - zero),
                                 static_cast<int32_t>(hi - zero), halfEven});
    if (form && form->low != 0 && !e.facts.hasFMA)
      form.reset();
    emitUnary(
        e, lanesFor(e.facts, 4, true), [&, lo = lo, hi = hi](Value x) -> Value {
          Value scaled = emitQuotient(e, x, scale, form);
          // Bounds are integers, so clamping before rounding is the same, and
          // what is converted fits. NaN becomes the least value.
          scaled = clampNaNToLow(e, scaled, static_cast<double>(lo - zero),
                                 static_cast<double>(hi - zero));
          Value rounded = halfEven ? emitRoundHalfEven(e, scaled)
                                   : emitRoundHalfAway(e, scaled);
          if (zero != 0)
            rounded = mlir::arith::AddIOp::create(
                e.b, rounded, e.constant(rounded.getType(), zero));
          return resizeInteger(e, rounded, memoryTypeOf(op.getType()), true);
        });
    return success();
  }

private:
  /// x / scale, or what rounds like it.
  static Value emitQuotient(LayerEmitter &e, Value x, float scale,
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

  static Value clampNaNToLow(LayerEmitter &e, Value x, double lo, double hi) {
    Value low = e.constantFloat(x.getType(), lo);
    Value above = mlir::arith::CmpFOp::create(
        e.b, mlir::arith::CmpFPredicate::OGT, x, low);
    x = mlir::arith::SelectOp::create(e.b, above, x, low);
    return minFloat(e, x, e.constantFloat(x.getType(), hi));
  }
};

/// result = scale · (q − zero point), rounded to float32 once. In float32 where
/// that is exact before the one rounding: the difference below 2^24 and the
/// scale a float32; else in double.
class DequantizeKernel : public Kernel {
public:
  StringRef getName() const override { return "dequantize.float"; }
  StringRef getAnchor() const override { return "qnn.dequantize"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    auto op = cast<qnn::DequantizeOp>(getAnchorOp(layer));
    if (!isSingleOp(layer, why) || !hasFloats(facts, why))
      return failure();
    Type from = op.getInput().getType();
    if (qnn::quantizedAxisOf(from)) {
      why = "the operand is quantized per axis";
      return failure();
    }
    if (!isFloatEnough(from) && !facts.hasDouble) {
      why = "the result is not exact without double precision";
      return failure();
    }
    if (qnn::bytesPerElement(from) > 4) {
      why = "the operand is wider than 32 bits";
      return failure();
    }
    return makeRowwiseChoice(layer, facts, lanesFor(facts, 4, true), 3);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::DequantizeOp>(getAnchorOp(e.layer));
    Type from = op.getInput().getType();
    bool isSigned = qnn::isSignedStorage(from);
    int64_t zero = qnn::zeroPointOf(from);
    bool single = isFloatEnough(from);
    // Wide storage less its zero point may need more than 32 bits.
    Type integer =
        qnn::bytesPerElement(from) <= 2 ? e.b.getI32Type() : e.b.getI64Type();
    Type real = single ? Type(e.b.getF32Type()) : Type(e.b.getF64Type());
    int64_t lanes = single ? lanesFor(e.facts, 4, true) : 1;
    emitUnary(e, lanes, [&](Value value) -> Value {
      Value x = e.extend(value, integer, isSigned);
      if (zero != 0)
        x = mlir::arith::SubIOp::create(e.b, x, e.constant(x.getType(), zero));
      Type type = LayerEmitter::withElement(x.getType(), real);
      x = mlir::arith::SIToFPOp::create(e.b, type, x);
      x = mlir::arith::MulFOp::create(
          e.b, x, e.constantFloat(type, qnn::scaleOf(from)));
      if (single)
        return x;
      return mlir::arith::TruncFOp::create(
          e.b, LayerEmitter::withElement(type, e.b.getF32Type()), x);
    });
    return success();
  }

private:
  static bool isFloatEnough(Type from) {
    double scale = qnn::scaleOf(from);
    return qnn::bytesPerElement(from) <= 2 &&
           static_cast<double>(static_cast<float>(scale)) == scale;
  }
};

/// Clamp of floats or integers.
class ClipKernel : public Kernel {
public:
  StringRef getName() const override { return "clip.direct"; }
  StringRef getAnchor() const override { return "qnn.clip"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    auto op = cast<qnn::ClipOp>(getAnchorOp(layer));
    if (!isSingleOp(layer, why))
      return failure();
    bool isFloat = qnn::isFloat(op.getType());
    if (isFloat && !hasFloats(facts, why))
      return failure();
    int64_t bytes = qnn::bytesPerElement(op.getType());
    return makeRowwiseChoice(layer, facts, lanesFor(facts, bytes, isFloat), 2);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::ClipOp>(getAnchorOp(e.layer));
    int64_t bytes = qnn::bytesPerElement(op.getType());
    if (qnn::isFloat(op.getType())) {
      auto [lo, hi] = qnn::floatClamp(op.getClampAttr());
      emitUnary(
          e, lanesFor(e.facts, bytes, true),
          [&, lo = lo, hi = hi](Value x) { return clampFloat(e, x, lo, hi); });
      return success();
    }
    auto [lo, hi] = qnn::integerClamp(op.getClampAttr(), op.getType());
    auto [least, greatest] = qnn::storageRange(op.getType());
    bool isSigned = qnn::isSignedStorage(op.getType());
    emitUnary(
        e, lanesFor(e.facts, bytes),
        [&, lo = lo, hi = hi, least = least, greatest = greatest](Value x) {
          return clampInteger(e, x, lo, hi, least, greatest, isSigned);
        });
    return success();
  }
};

} // namespace

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

void populateQuantizeKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<QuantizeKernel>());
  kernels.add(std::make_unique<DequantizeKernel>());
  kernels.add(std::make_unique<ClipKernel>());
}

} // namespace qcc
