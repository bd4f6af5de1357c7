// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Expands math operations so that none becomes a call into libm: generated code
// links against nothing. Upstream's approximations are used for transcendental
// functions; the rounding functions are our own, because upstream's go through
// integer conversions that overflow.

#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "qcc/Conversion/TargetAttr.h"
#include "qcc/Target/Passes.h"

using namespace mlir;

namespace qcc {

#define GEN_PASS_DEF_EXPANDMATH
#include "qcc/Target/Passes.h.inc"

namespace {

Value makeConstant(OpBuilder &builder, Location loc, Type type, double value) {
  auto element = cast<FloatType>(getElementTypeOrSelf(type));
  llvm::APFloat number(value);
  bool lossy = false;
  number.convert(element.getFloatSemantics(),
                 llvm::APFloat::rmNearestTiesToEven, &lossy);
  TypedAttr attr = FloatAttr::get(element, number);
  if (auto shaped = dyn_cast<ShapedType>(type))
    attr = DenseElementsAttr::get(shaped, attr);
  return arith::ConstantOp::create(builder, loc, type, attr);
}

/// Builds the five roundings out of one trick: adding and subtracting 2^p, p
/// the number of stored mantissa bits, leaves no room for fraction bits. Values
/// from 2^p on have none, and pass unchanged, as do infinities and NaN.
struct RoundingBuilder {
  OpBuilder &builder;
  Location loc;
  Type type;
  Value x;
  Value magnitude, limit;

  RoundingBuilder(OpBuilder &opBuilder, Location where, Value input)
      : builder(opBuilder), loc(where), type(input.getType()), x(input) {
    auto element = cast<FloatType>(getElementTypeOrSelf(type));
    magnitude = math::AbsFOp::create(builder, loc, x);
    limit = makeConstant(builder, loc, type,
                         std::ldexp(1.0, element.getFPMantissaWidth() - 1));
  }

  Value constant(double value) {
    return makeConstant(builder, loc, type, value);
  }
  Value add(Value a, Value b) {
    return arith::AddFOp::create(builder, loc, a, b);
  }
  Value sub(Value a, Value b) {
    return arith::SubFOp::create(builder, loc, a, b);
  }
  Value selectIf(arith::CmpFPredicate predicate, Value a, Value b, Value yes,
                 Value no) {
    Value condition = arith::CmpFOp::create(builder, loc, predicate, a, b);
    return arith::SelectOp::create(builder, loc, condition, yes, no);
  }
  /// |x| rounded to nearest, ties to even.
  Value nearestMagnitude() { return sub(add(magnitude, limit), limit); }
  /// |x| rounded towards zero.
  Value truncatedMagnitude() {
    Value near = nearestMagnitude();
    return selectIf(arith::CmpFPredicate::OGT, near, magnitude,
                    sub(near, constant(1)), near);
  }
  /// Gives `rounded` (of |x|) the sign of x; x itself when it has no fraction.
  Value finish(Value rounded) {
    Value signedValue = math::CopySignOp::create(builder, loc, rounded, x);
    return selectIf(arith::CmpFPredicate::OLT, magnitude, limit, signedValue,
                    x);
  }
  /// Truncated x moved by one towards `step` where that is not past x.
  Value directed(arith::CmpFPredicate wrongSide, double step) {
    Value truncated =
        math::CopySignOp::create(builder, loc, truncatedMagnitude(), x);
    Value moved = selectIf(wrongSide, truncated, x,
                           add(truncated, constant(step)), truncated);
    // ceil(-0.5) is -0.0: the sum loses that sign.
    Value fixed = math::CopySignOp::create(builder, loc, moved, x);
    Value zero = constant(0);
    Value result =
        selectIf(arith::CmpFPredicate::OEQ, moved, zero, fixed, moved);
    return selectIf(arith::CmpFPredicate::OLT, magnitude, limit, result, x);
  }
};

template <typename OpTy> Value expandRounding(RoundingBuilder &b);

template <> Value expandRounding<math::RoundEvenOp>(RoundingBuilder &b) {
  return b.finish(b.nearestMagnitude());
}
template <> Value expandRounding<math::TruncOp>(RoundingBuilder &b) {
  return b.finish(b.truncatedMagnitude());
}
template <> Value expandRounding<math::RoundOp>(RoundingBuilder &b) {
  Value truncated = b.truncatedMagnitude();
  Value up = b.add(truncated, b.constant(1));
  return b.finish(b.selectIf(arith::CmpFPredicate::OGE,
                             b.sub(b.magnitude, truncated), b.constant(0.5), up,
                             truncated));
}
template <> Value expandRounding<math::FloorOp>(RoundingBuilder &b) {
  return b.directed(arith::CmpFPredicate::OGT, -1);
}
template <> Value expandRounding<math::CeilOp>(RoundingBuilder &b) {
  return b.directed(arith::CmpFPredicate::OLT, 1);
}

template <typename OpTy> struct ExpandRounding : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    Type element = getElementTypeOrSelf(op.getType());
    if (!element.isF32() && !element.isF64())
      return rewriter.notifyMatchFailure(op, "neither f32 nor f64");
    RoundingBuilder builder(rewriter, op.getLoc(), op.getOperand());
    rewriter.replaceOp(op, expandRounding<OpTy>(builder));
    return success();
  }
};

/// a * b + c with two roundings, for code whose bound allows it.
Value makeMulAdd(OpBuilder &builder, Location loc, Value a, Value b, Value c) {
  Value product = arith::MulFOp::create(builder, loc, a, b);
  return arith::AddFOp::create(builder, loc, product, c);
}

struct ExpandFma : OpRewritePattern<math::FmaOp> {
  using OpRewritePattern<math::FmaOp>::OpRewritePattern;
  LogicalResult matchAndRewrite(math::FmaOp op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOp(
        op, makeMulAdd(rewriter, op.getLoc(), op.getA(), op.getB(), op.getC()));
    return success();
  }
};

/// vector.fma would become llvm.fmuladd, and leave it to the back end whether
/// to fuse: we decide here.
struct DecideVectorFma : OpRewritePattern<vector::FMAOp> {
  DecideVectorFma(MLIRContext *context, bool targetHasFma)
      : OpRewritePattern(context), fma(targetHasFma) {}
  LogicalResult matchAndRewrite(vector::FMAOp op,
                                PatternRewriter &rewriter) const override {
    Value a = op.getLhs(), b = op.getRhs(), c = op.getAcc();
    Value result =
        fma ? math::FmaOp::create(rewriter, op.getLoc(), a, b, c).getResult()
            : makeMulAdd(rewriter, op.getLoc(), a, b, c);
    rewriter.replaceOp(op, result);
    return success();
  }
  bool fma;
};

class ExpandMathPass : public impl::ExpandMathBase<ExpandMathPass> {
public:
  using ExpandMathBase::ExpandMathBase;

  void runOnOperation() override {
    Operation *root = getOperation();
    if (fromTarget) {
      auto module = dyn_cast<ModuleOp>(root);
      if (!module) {
        root->emitError("qnn.target is an attribute of modules");
        return signalPassFailure();
      }
      FailureOr<TargetFacts> facts = readTargetFacts(module);
      if (failed(facts))
        return signalPassFailure();
      fma = facts->hasFMA;
      rounding = facts->hasRounding;
    }
    if (!fma) {
      WalkResult found = root->walk([](math::FmaOp op) {
        op.emitOpError("has no instruction on this target, and a product and a "
                       "sum would round twice");
        return WalkResult::interrupt();
      });
      if (found.wasInterrupted())
        return signalPassFailure();
    }
    // Approximations first: they make floor and fma operations themselves.
    if (failed(apply([](RewritePatternSet &patterns) {
          auto every = [](StringRef) { return true; };
          populateMathF32ExpansionPatterns(patterns, every);
          populateMathPolynomialApproximationPatterns(patterns, every);
          math::populateExpansionPatterns(
              patterns, {"sinh", "cosh", "tan", "asinh", "acosh", "atanh",
                         "powf", "fpowi", "exp2", "rsqrt", "clampf"});
        })))
      return signalPassFailure();
    if (failed(apply([this](RewritePatternSet &patterns) {
          if (!rounding)
            patterns.add<
                ExpandRounding<math::RoundEvenOp>,
                ExpandRounding<math::TruncOp>, ExpandRounding<math::RoundOp>,
                ExpandRounding<math::FloorOp>, ExpandRounding<math::CeilOp>>(
                &getContext());
          if (!fma)
            patterns.add<ExpandFma>(&getContext());
          patterns.add<DecideVectorFma>(&getContext(), fma);
        })))
      signalPassFailure();
  }

private:
  LogicalResult apply(llvm::function_ref<void(RewritePatternSet &)> populate) {
    RewritePatternSet patterns(&getContext());
    populate(patterns);
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }
};

} // namespace
} // namespace qcc
