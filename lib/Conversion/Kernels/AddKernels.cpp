// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn.add with broadcasting: floats and plain integers lane by lane; quantized
// operands by a cheaper formula where it equals the definition for every pair
// of stored values, else by the definition's own fixed-point arithmetic.

#include "ElementwiseKernels.h"
#include "FixedPoint.h"
#include "KernelSupport.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;

namespace qcc {

namespace {

/// One operand along a run: where it is read, or the splat it is.
class AddOperand {
public:
  /// `prepare` is applied to each vector read, and once to a repeated element.
  AddOperand(LayerEmitter &emitter, const TensorView &operandView,
             Value runOffset, bool repeated,
             std::function<Value(Value)> prepareValue)
      : e(emitter), view(operandView), offset(runOffset),
        prepare(std::move(prepareValue)) {
    if (repeated)
      scalar = prepare(e.load(view.memref, offset, 1));
  }

  Value get(Value at, int64_t lanes) {
    if (scalar)
      return e.splat(scalar, lanes);
    return prepare(e.load(view.memref, e.add(offset, at), lanes));
  }

private:
  LayerEmitter &e;
  const TensorView &view;
  Value offset;
  std::function<Value(Value)> prepare;
  Value scalar;
};

/// Emits the loops of an addition: `prepare[k]` takes operand k's elements to
/// the type that is added, `combine` makes the result's elements of two of
/// them.
void emitAdd(LayerEmitter &e, int64_t lanes,
             std::array<std::function<Value(Value)>, 2> prepare,
             llvm::function_ref<Value(Value, Value)> combine) {
  auto op = cast<qnn::AddOp>(getAnchorOp(e.layer));
  const TensorView &out = e.outputs[0];
  TensorView lhs =
      broadcastView(viewOperand(e, op.getLhs(), "lhs"), op.getType());
  TensorView rhs =
      broadcastView(viewOperand(e, op.getRhs(), "rhs"), op.getType());
  forEachBroadcastRun(
      e, {&out, &lhs, &rhs},
      [&](ArrayRef<Value> at, ArrayRef<bool> repeated, int64_t count) {
        AddOperand a(e, lhs, at[1], repeated[1], prepare[0]);
        AddOperand b(e, rhs, at[2], repeated[2], prepare[1]);
        e.forEachVector(count, lanes, [&](Value offset, int64_t width) {
          Value sum = combine(a.get(offset, width), b.get(offset, width));
          e.store(sum, out.memref, e.add(at[0], offset));
        });
      });
}

/// Floats and plain integers.
class AddPlainKernel : public Kernel {
public:
  StringRef getName() const override { return "add.plain"; }
  StringRef getAnchor() const override { return "qnn.add"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    auto op = cast<qnn::AddOp>(getAnchorOp(layer));
    if (!isSingleOp(layer, why))
      return failure();
    if (qnn::isQuantized(op.getType())) {
      why = "the operands are quantized";
      return failure();
    }
    bool isFloat = qnn::isFloat(op.getType());
    if (isFloat && !hasFloats(facts, why))
      return failure();
    int64_t bytes = qnn::bytesPerElement(op.getType());
    if (qnn::storageTypeOf(op.getType()).getIntOrFloatBitWidth() !=
        static_cast<unsigned>(bytes * 8)) {
      why = "integers narrower than their memory wrap earlier";
      return failure();
    }
    return makeElementwiseChoice(layer, lanesFor(facts, bytes, isFloat), 2);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::AddOp>(getAnchorOp(e.layer));
    auto same = [](Value value) { return value; };
    int64_t bytes = qnn::bytesPerElement(op.getType());
    if (qnn::isFloat(op.getType())) {
      auto [lo, hi] = qnn::floatClamp(op.getClampAttr());
      emitAdd(e, lanesFor(e.facts, bytes, /*isFloat=*/true), {same, same},
              [&, lo = lo, hi = hi](Value a, Value b) {
                return clampFloat(e, mlir::arith::AddFOp::create(e.b, a, b), lo,
                                  hi);
              });
      return success();
    }
    auto [lo, hi] = qnn::integerClamp(op.getClampAttr(), op.getType());
    auto [least, greatest] = qnn::storageRange(op.getType());
    emitAdd(e, lanesFor(e.facts, bytes), {same, same},
            [&, lo = lo, hi = hi, least = least, greatest = greatest](Value a,
                                                                      Value b) {
              return clampInteger(e, mlir::arith::AddIOp::create(e.b, a, b), lo,
                                  hi, least, greatest);
            });
    return success();
  }
};

/// The multipliers of TFLite's fixed-point addition.
struct FixedPointAdd {
  static constexpr int leftShift = 20;
  arith::QuantizedMultiplier lhs, rhs, result;

  explicit FixedPointAdd(qnn::AddOp op) {
    arith::Rounding rounding = toArith(op.getRounding());
    double lhsScale = qnn::scaleOf(op.getLhs().getType());
    double rhsScale = qnn::scaleOf(op.getRhs().getType());
    double common = 2 * std::max(lhsScale, rhsScale);
    double resultScale = qnn::scaleOf(op.getType());
    lhs = arith::quantizeMultiplier(lhsScale / common, rounding);
    rhs = arith::quantizeMultiplier(rhsScale / common, rounding);
    result = arith::quantizeMultiplier(
        common / ((1 << leftShift) * resultScale), rounding);
  }
};

/// The multipliers of XNNPACK's: about 20 bits, one rounding, half up.
struct XnnpackAdd {
  int64_t lhs, rhs;
  int shift;

  explicit XnnpackAdd(qnn::AddOp op) {
    auto result = static_cast<float>(qnn::scaleOf(op.getType()));
    float a = static_cast<float>(qnn::scaleOf(op.getLhs().getType())) / result;
    float b = static_cast<float>(qnn::scaleOf(op.getRhs().getType())) / result;
    shift = 20 - std::ilogb(std::max(a, b));
    lhs = std::llrint(std::ldexp(static_cast<double>(a), shift));
    rhs = std::llrint(std::ldexp(static_cast<double>(b), shift));
  }
};

/// Quantized, by the definition's arithmetic.
class AddFixedPointKernel : public Kernel {
public:
  StringRef getName() const override { return "add.fixedpoint"; }
  StringRef getAnchor() const override { return "qnn.add"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    auto op = cast<qnn::AddOp>(getAnchorOp(layer));
    if (!isSingleOp(layer, why))
      return failure();
    if (!qnn::isQuantized(op.getType())) {
      why = "the operands are not quantized";
      return failure();
    }
    if (op.getRounding() == qnn::Rounding::HalfEvenFloat) {
      XnnpackAdd add(op);
      if (add.shift < 1 || add.shift > 40) {
        why = "the scales are too far apart for half_even_float";
        return failure();
      }
      for (Value v : {op.getLhs(), op.getRhs(), op.getResult()})
        if (qnn::bytesPerElement(v.getType()) > 2) {
          why = "storage wider than 16 bits";
          return failure();
        }
    }
    return makeElementwiseChoice(layer, lanesFor(facts, 4), 20);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::AddOp>(getAnchorOp(e.layer));
    if (op.getRounding() == qnn::Rounding::HalfEvenFloat)
      emitXnnpack(e, op);
    else
      emitTflite(e, op);
    return success();
  }

private:
  /// A stored value less its zero point, as i32, and its range.
  static RangedValue center(LayerEmitter &e, Value value, Type type) {
    int64_t zero = qnn::zeroPointOf(type);
    auto [lo, hi] = qnn::storageRange(type);
    Value wide = e.extend(value, e.b.getI32Type(), qnn::isSignedStorage(type));
    if (zero != 0)
      wide = mlir::arith::SubIOp::create(e.b, wide,
                                         e.constant(wide.getType(), zero));
    return {wide, {lo - zero, hi - zero}};
  }

  static void emitTflite(LayerEmitter &e, qnn::AddOp op) {
    FixedPointAdd add(op);
    arith::Rounding rounding = toArith(op.getRounding());
    constexpr arith::IntRange any = {INT32_MIN, INT32_MAX};
    auto within = [&](arith::IntRange range) {
      return range.lo < any.lo || range.hi > any.hi ? any : range;
    };
    std::array<arith::IntRange, 2> ranges;
    auto prepare = [&](unsigned k, arith::QuantizedMultiplier m) {
      Type type = op->getOperand(k).getType();
      return [&e, &ranges, k, m, type, rounding, within](Value value) -> Value {
        RangedValue x = center(e, value, type);
        x.value = mlir::arith::ShLIOp::create(
            e.b, x.value,
            e.constant(x.value.getType(), FixedPointAdd::leftShift));
        x.range = within({x.range.lo * (1 << FixedPointAdd::leftShift),
                          x.range.hi * (1 << FixedPointAdd::leftShift)});
        RangedValue scaled = emitMultiply(e, x, m, rounding);
        ranges[k] = scaled.range;
        return scaled.value;
      };
    };
    arith::Requantization requantize;
    requantize.rounding = rounding;
    requantize.multiplier = add.result;
    requantize.zeroPoint = static_cast<int32_t>(qnn::zeroPointOf(op.getType()));
    auto [lo, hi] = qnn::integerClamp(op.getClampAttr(), op.getType());
    requantize.lo = arith::saturateToInt32(lo);
    requantize.hi = arith::saturateToInt32(hi);
    emitAdd(e, lanesFor(e.facts, 4), {prepare(0, add.lhs), prepare(1, add.rhs)},
            [&](Value a, Value b) {
              Value sum = mlir::arith::AddIOp::create(e.b, a, b);
              arith::IntRange range = within(
                  {ranges[0].lo + ranges[1].lo, ranges[0].hi + ranges[1].hi});
              return emitRequantize(e, {sum, range}, requantize,
                                    memoryTypeOf(op.getType()));
            });
  }

  static void emitXnnpack(LayerEmitter &e, qnn::AddOp op) {
    XnnpackAdd add(op);
    int64_t half = int64_t{1} << (add.shift - 1);
    // In 32 bits when no sum can leave them.
    auto reach = [&](Value operand, int64_t multiplier) {
      auto [lo, hi] = qnn::storageRange(operand.getType());
      int64_t zero = qnn::zeroPointOf(operand.getType());
      return std::max(std::abs(lo - zero), std::abs(hi - zero)) * multiplier;
    };
    bool narrow =
        add.shift < 32 &&
        reach(op.getLhs(), add.lhs) + reach(op.getRhs(), add.rhs) + half <=
            INT32_MAX;
    Type type = narrow ? e.b.getI32Type() : e.b.getI64Type();
    auto prepare = [&](unsigned k, int64_t multiplier) {
      Type operandType = op->getOperand(k).getType();
      return [&e, type, operandType, multiplier](Value value) -> Value {
        Value x = e.extend(center(e, value, operandType).value, type,
                           /*isSigned=*/true);
        return mlir::arith::MulIOp::create(e.b, x,
                                           e.constant(x.getType(), multiplier));
      };
    };
    auto [lo, hi] = qnn::integerClamp(op.getClampAttr(), op.getType());
    int64_t zero = qnn::zeroPointOf(op.getType());
    emitAdd(e, lanesFor(e.facts, narrow ? 4 : 8),
            {prepare(0, add.lhs), prepare(1, add.rhs)},
            [&, lo = lo, hi = hi](Value a, Value b) -> Value {
              Value sum = mlir::arith::AddIOp::create(e.b, a, b);
              sum = mlir::arith::AddIOp::create(
                  e.b, sum, e.constant(sum.getType(), half));
              sum = mlir::arith::ShRSIOp::create(
                  e.b, sum, e.constant(sum.getType(), add.shift));
              sum = clampInteger(e, sum, lo - zero, hi - zero, INT64_MIN,
                                 INT64_MAX);
              sum = mlir::arith::AddIOp::create(
                  e.b, sum, e.constant(sum.getType(), zero));
              return resizeInteger(e, sum, memoryTypeOf(op.getType()), true);
            });
  }
};

} // namespace

void populateAddKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<AddPlainKernel>());
  kernels.add(std::make_unique<AddFixedPointKernel>());
}

} // namespace qcc
