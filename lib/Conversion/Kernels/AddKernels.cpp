// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn.add of quantized operands with broadcasting: by a cheaper formula where
// it equals the definition for every pair of stored values, else by the
// definition's own fixed-point arithmetic.

#include "ElementwiseKernels.h"
#include "FixedPoint.h"
#include "KernelSupport.h"

#include "qcc/Arithmetic/AddForm.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

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

/// Lanes of 32 bits. AArch64 takes as many vectors as make one of bytes: they
/// hide each other's latency where instructions run in order, and results
/// leave together.
int64_t wordLanes(const TargetFacts &facts) {
  int64_t lanes = lanesFor(facts, 4);
  return facts.isa == IsaFamily::AArch64 ? lanes * 4 : lanes;
}

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

/// What `op` adds; nothing when its scales are too far apart.
std::optional<arith::QuantizedAdd> getExactAdd(qnn::AddOp op) {
  auto zero = [](Value v) {
    return static_cast<int32_t>(qnn::zeroPointOf(v.getType()));
  };
  auto [lo, hi] = qnn::integerClamp(op.getClampAttr(), op.getType());
  return arith::QuantizedAdd::make(
      toArith(op.getRounding()), qnn::scaleOf(op.getLhs().getType()),
      zero(op.getLhs()), qnn::scaleOf(op.getRhs().getType()), zero(op.getRhs()),
      qnn::scaleOf(op.getType()), zero(op.getResult()),
      arith::saturateToInt32(lo), arith::saturateToInt32(hi));
}

/// The same where a proof can try all pairs of stored values.
std::optional<arith::QuantizedAdd> getProvableAdd(qnn::AddOp op,
                                                  std::string &why) {
  for (Value v : {op.getLhs(), op.getRhs(), op.getResult()})
    if (!qnn::isQuantized(v.getType()) ||
        qnn::bytesPerElement(v.getType()) != 1) {
      why = "operands and result are not of 8 bits";
      return std::nullopt;
    }
  std::optional<arith::QuantizedAdd> exact = getExactAdd(op);
  if (!exact)
    why = "the scales are too far apart";
  return exact;
}

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
    if (op.getRounding() != qnn::Rounding::HalfEvenFloat &&
        qnn::bytesPerElement(op.getType()) > 1) {
      why = "the result has more than 8 bits";
      return failure();
    }
    if (op.getRounding() == qnn::Rounding::Onnx) {
      why = "the rounding 'onnx' has no fixed point";
      return failure();
    }
    if (!getExactAdd(op)) {
      why = "the scales are too far apart";
      return failure();
    }
    if (op.getRounding() == qnn::Rounding::HalfEvenFloat) {
      for (Value v : {op.getLhs(), op.getRhs(), op.getResult()})
        if (qnn::bytesPerElement(v.getType()) > 2) {
          why = "storage wider than 16 bits";
          return failure();
        }
    }
    return makeRowwiseChoice(layer, facts, lanesFor(facts, 4), 20);
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

  /// The operands' shift in TFLite's addition.
  static constexpr int leftShift = 20;

  static void emitTflite(LayerEmitter &e, qnn::AddOp op) {
    arith::QuantizedAdd add = *getExactAdd(op);
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
            e.b, x.value, e.constant(x.value.getType(), leftShift));
        x.range = within(
            {x.range.lo * (1 << leftShift), x.range.hi * (1 << leftShift)});
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
    emitAdd(e, wordLanes(e.facts), {prepare(0, add.lhs), prepare(1, add.rhs)},
            [&](Value a, Value b) {
              Value sum = mlir::arith::AddIOp::create(e.b, a, b);
              arith::IntRange range = within(
                  {ranges[0].lo + ranges[1].lo, ranges[0].hi + ranges[1].hi});
              return emitRequantize(e, {sum, range}, requantize,
                                    memoryTypeOf(op.getType()));
            });
  }

  static void emitXnnpack(LayerEmitter &e, qnn::AddOp op) {
    arith::QuantizedAdd add = *getExactAdd(op);
    int64_t half = int64_t{1} << (add.shift - 1);
    // In 32 bits when no sum can leave them.
    auto reach = [&](Value operand, int64_t multiplier) {
      auto [lo, hi] = qnn::storageRange(operand.getType());
      int64_t zero = qnn::zeroPointOf(operand.getType());
      return std::max(std::abs(lo - zero), std::abs(hi - zero)) * multiplier;
    };
    bool narrow = add.shift < 32 && reach(op.getLhs(), add.lhsFactor) +
                                            reach(op.getRhs(), add.rhsFactor) +
                                            half <=
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
            {prepare(0, add.lhsFactor), prepare(1, add.rhsFactor)},
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

arith::IntRange rangeOf(Value operand) {
  auto [lo, hi] = qnn::storageRange(operand.getType());
  return {lo, hi};
}

/// Clamps and narrows what a form computed less `offset`.
Value finishForm(LayerEmitter &e, qnn::AddOp op, Value sum, int64_t offset) {
  auto [lo, hi] = qnn::integerClamp(op.getClampAttr(), op.getType());
  sum = clampInteger(e, sum, lo - offset, hi - offset, INT64_MIN, INT64_MAX);
  if (offset != 0)
    sum = mlir::arith::AddIOp::create(e.b, sum,
                                      e.constant(sum.getType(), offset));
  return resizeInteger(e, sum, memoryTypeOf(op.getType()), true);
}

/// Quantized, by two multiply-adds of floats that are proved equal.
class AddFloatKernel : public Kernel {
public:
  StringRef getName() const override { return "add.float"; }
  StringRef getAnchor() const override { return "qnn.add"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    auto op = cast<qnn::AddOp>(getAnchorOp(layer));
    if (!isSingleOp(layer, why) || !hasFloats(facts, why))
      return failure();
    if (!facts.hasVectorFloat || facts.hasRVV) {
      why = facts.hasRVV ? "widening multiplications are as cheap"
                         : "the target has no vectors of floats";
      return failure();
    }
    std::optional<arith::QuantizedAdd> exact = getProvableAdd(op, why);
    if (!exact)
      return failure();
    auto form = arith::fitAddFloat(*exact, rangeOf(op.getLhs()),
                                   rangeOf(op.getRhs()), facts.hasFMA);
    if (!form) {
      why = "no float form equals the definition";
      return failure();
    }
    Builder b(layer.getContext());
    KernelChoice choice =
        makeRowwiseChoice(layer, facts, lanesFor(facts, 4), 10);
    auto add = [&](StringRef name, Attribute value) {
      choice.config.push_back(b.getNamedAttr(name, value));
    };
    add("lhs_scale", b.getF32FloatAttr(form->sLhs));
    add("rhs_scale", b.getF32FloatAttr(form->sRhs));
    add("offset", b.getF32FloatAttr(form->c));
    add("result_offset", b.getI64IntegerAttr(form->outOffset));
    add("fused", b.getI64IntegerAttr(form->fused));
    add("nearest",
        b.getI64IntegerAttr(form->convert == arith::Convert::NearestEven));
    return choice;
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::AddOp>(getAnchorOp(e.layer));
    auto scale = [&](StringRef name) {
      return cast<FloatAttr>(e.layer.getKernel()->getConfig().get(name))
          .getValueAsDouble();
    };
    auto toFloat = [&e](Type type) {
      return [&e, type](Value value) -> Value {
        Value wide =
            e.extend(value, e.b.getI32Type(), qnn::isSignedStorage(type));
        return mlir::arith::SIToFPOp::create(
            e.b, LayerEmitter::withElement(wide.getType(), e.b.getF32Type()),
            wide);
      };
    };
    bool fused = e.getConfig("fused"), nearest = e.getConfig("nearest");
    auto multiplyAdd = [&](Value x, double factor, Value addend) -> Value {
      Value constant = e.constantFloat(x.getType(), factor);
      if (fused)
        return math::FmaOp::create(e.b, x, constant, addend);
      return mlir::arith::AddFOp::create(
          e.b, mlir::arith::MulFOp::create(e.b, x, constant), addend);
    };
    emitAdd(e, wordLanes(e.facts),
            {toFloat(op.getLhs().getType()), toFloat(op.getRhs().getType())},
            [&](Value a, Value b) {
              Value sum =
                  multiplyAdd(b, scale("rhs_scale"),
                              e.constantFloat(b.getType(), scale("offset")));
              sum = multiplyAdd(a, scale("lhs_scale"), sum);
              Value integer =
                  nearest ? emitRoundHalfEven(e, sum)
                          : Value(mlir::arith::FPToSIOp::create(
                                e.b,
                                LayerEmitter::withElement(sum.getType(),
                                                          e.b.getI32Type()),
                                sum));
              return finishForm(e, op, integer, e.getConfig("result_offset"));
            });
    return success();
  }
};

/// Quantized, by two integer multiplications that are proved equal: of 32 bits,
/// or with a 64-bit sum. For targets that have no vectors of floats.
class AddIntegerKernel : public Kernel {
public:
  explicit AddIntegerKernel(bool isNarrow) : narrow(isNarrow) {}
  StringRef getName() const override {
    return narrow ? "add.int32" : "add.int64";
  }
  StringRef getAnchor() const override { return "qnn.add"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    auto op = cast<qnn::AddOp>(getAnchorOp(layer));
    if (!isSingleOp(layer, why))
      return failure();
    std::optional<arith::QuantizedAdd> exact = getProvableAdd(op, why);
    if (!exact)
      return failure();
    // Of ONNX's sums some have no form in floats, and no definition in fixed
    // point to fall back on.
    if (facts.hasVectorFloat && !facts.integerOnly && !facts.hasRVV &&
        (op.getRounding() != qnn::Rounding::Onnx ||
         arith::fitAddFloat(*exact, rangeOf(op.getLhs()), rangeOf(op.getRhs()),
                            facts.hasFMA))) {
      why = "floats are cheaper on the target's vectors";
      return failure();
    }
    auto form = arith::fitAddFixed(*exact, rangeOf(op.getLhs()),
                                   rangeOf(op.getRhs()), narrow);
    if (!form) {
      why = "no integer form of this width equals the definition";
      return failure();
    }
    Builder b(layer.getContext());
    KernelChoice choice = makeRowwiseChoice(
        layer, facts, lanesFor(facts, narrow ? 4 : 8), narrow ? 10 : 13);
    auto add = [&](StringRef name, int64_t value) {
      choice.config.push_back(b.getNamedAttr(name, b.getI64IntegerAttr(value)));
    };
    add("lhs_factor", form->mLhs);
    add("rhs_factor", form->mRhs);
    add("offset", form->r);
    add("shift", form->shift);
    add("result_offset", form->outOffset);
    if (form->halfEven)
      choice.config.push_back(b.getNamedAttr("half_even", b.getUnitAttr()));
    return choice;
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::AddOp>(getAnchorOp(e.layer));
    Type sumType = narrow ? e.b.getI32Type() : e.b.getI64Type();
    auto multiply = [&](Type type, StringRef factor) {
      return [&e, sumType, type, factor](Value value) -> Value {
        Value x = e.extend(value, sumType, qnn::isSignedStorage(type));
        return mlir::arith::MulIOp::create(
            e.b, x, e.constant(x.getType(), e.getConfig(factor)));
      };
    };
    emitAdd(e, lanesFor(e.facts, narrow ? 4 : 8),
            {multiply(op.getLhs().getType(), "lhs_factor"),
             multiply(op.getRhs().getType(), "rhs_factor")},
            [&](Value a, Value b) {
              Value sum = mlir::arith::AddIOp::create(e.b, a, b);
              sum = mlir::arith::AddIOp::create(
                  e.b, sum, e.constant(sum.getType(), e.getConfig("offset")));
              int64_t shift = e.getConfig("shift");
              if (e.hasConfig("half_even"))
                sum = toHalfEven(e, sum, shift);
              sum = mlir::arith::ShRSIOp::create(
                  e.b, sum, e.constant(sum.getType(), shift));
              return finishForm(e, op,
                                resizeInteger(e, sum, e.b.getI32Type(),
                                              /*isSigned=*/true),
                                e.getConfig("result_offset"));
            });
    return success();
  }

private:
  /// What rounds half to even when `shift` places are dropped.
  static Value toHalfEven(LayerEmitter &e, Value sum, int64_t shift) {
    auto number = [&](int64_t v) { return e.constant(sum.getType(), v); };
    Value odd = mlir::arith::AndIOp::create(
        e.b, mlir::arith::ShRSIOp::create(e.b, sum, number(shift)), number(1));
    Value half = number((int64_t{1} << (shift - 1)) - 1);
    return mlir::arith::AddIOp::create(
        e.b, mlir::arith::AddIOp::create(e.b, sum, half), odd);
  }

  bool narrow;
};

} // namespace

void populateAddKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<AddFloatKernel>());
  kernels.add(std::make_unique<AddIntegerKernel>(/*isNarrow=*/true));
  kernels.add(std::make_unique<AddIntegerKernel>(/*isNarrow=*/false));
  kernels.add(std::make_unique<AddFixedPointKernel>());
}

} // namespace qcc
