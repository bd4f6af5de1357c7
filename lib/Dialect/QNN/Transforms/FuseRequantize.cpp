// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-fuse-requantize: requantizations between types of one scale. They stand
// where exporters changed int8 to uint8 at the ends of a graph, and where a
// RELU came with a zero point of its own.

#include "ClampSupport.h"
#include "qcc/Dialect/QNN/Transforms/Passes.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace qcc::qnn {
#define GEN_PASS_DEF_FUSEREQUANTIZE
#include "qcc/Dialect/QNN/Transforms/Passes.h.inc"
} // namespace qcc::qnn

using namespace mlir;
using namespace qcc::qnn;

namespace {

using Range = std::pair<int64_t, int64_t>;

Range shifted(Range range, int64_t shift) {
  return {range.first + shift, range.second + shift};
}

/// What `op` adds to every stored value before it clamps, if it does only that.
/// Up to 16 bits every rounding rule multiplies by exactly 1.
std::optional<int64_t> getShift(RequantizeOp op) {
  Type from = op.getInput().getType(), to = op.getType();
  if (op.getFloatAffine() ||
      !isa<quant::UniformQuantizedType>(elementTypeOf(from)) ||
      !isa<quant::UniformQuantizedType>(elementTypeOf(to)) ||
      scaleOf(from) != scaleOf(to) ||
      storageTypeOf(from) != storageTypeOf(to) ||
      storageTypeOf(from).getIntOrFloatBitWidth() > 16)
    return std::nullopt;
  return zeroPointOf(to) - zeroPointOf(from);
}

/// No value that the operand can hold is clamped.
bool isLossless(RequantizeOp op, int64_t shift) {
  Range in = shifted(storageRange(op.getInput().getType()), shift),
        out = integerClamp(op.getClampAttr(), op.getType());
  return in.first >= out.first && in.second <= out.second;
}

/// The user depends on stored value minus zero point of this operand alone.
bool readsDifference(OpOperand &use) {
  Operation *user = use.getOwner();
  if (isa<Conv2DOp, DepthwiseConv2DOp, FullyConnectedOp, TransposeConv2DOp>(
          user))
    return use.getOperandNumber() == 0 && !hasWideAccumulator(user);
  if (auto requantize = dyn_cast<RequantizeOp>(user))
    return !requantize.getFloatAffine();
  return isa<AddOp, DequantizeOp, EluOp, GeluOp, HardSwishOp, LeakyReluOp,
             LogisticOp, MeanOp, MulOp, PreluOp, SoftmaxOp, SubOp, TanhOp>(
      user);
}

/// The requantization moves into the operation that made its operand.
struct FuseIntoProducer : OpRewritePattern<RequantizeOp> {
  FuseIntoProducer(MLIRContext *context, Pass::Statistic &count)
      : OpRewritePattern(context), count(count) {}

  LogicalResult matchAndRewrite(RequantizeOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<int64_t> shift = getShift(op);
    if (!shift)
      return rewriter.notifyMatchFailure(op,
                                         "the scale or the storage changes");
    Operation *producer = op.getInput().getDefiningOp();
    if (!producer || !op.getInput().hasOneUse())
      return rewriter.notifyMatchFailure(
          op, "the operand is an argument or has other uses");
    if (hasWideAccumulator(producer))
      return rewriter.notifyMatchFailure(
          op, "the operand's producer needs the zero point 0");
    Type from = op.getInput().getType(), to = op.getType();
    // Clamped before the shift and after it: as one clamp after it.
    auto rangeOf = [&](ClampAttr clamp) {
      return compose(shifted(integerClamp(clamp, from), *shift),
                     integerClamp(op.getClampAttr(), to));
    };
    ClampAttr clamp;
    if (isa<Conv2DOp, DepthwiseConv2DOp, FullyConnectedOp, TransposeConv2DOp,
            AddOp, MulOp, SubOp, RequantizeOp>(producer))
      clamp =
          makeIntegerClamp(rangeOf(producer->getAttrOfType<ClampAttr>(kClamp)),
                           to, /*isRequired=*/false);
    else if (!isa<LogisticOp, TanhOp, SoftmaxOp, MeanOp, QuantizeOp>(producer))
      return rewriter.notifyMatchFailure(
          op, "the operand's producer cannot make the other type");
    else if (rangeOf({}) != storageRange(to))
      return rewriter.notifyMatchFailure(op,
                                         "the operand's producer has no clamp");
    rewriter.modifyOpInPlace(producer, [&] {
      if (clamp)
        producer->setAttr(kClamp, clamp);
      else if (hasClamp(producer))
        producer->removeAttr(kClamp);
      producer->getResult(0).setType(to);
      producer->setLoc(op.getLoc());
    });
    rewriter.replaceOp(op, producer->getResult(0));
    ++count;
    return success();
  }

  Pass::Statistic &count;
};

/// Users that do not care read the operand.
struct FuseIntoUsers : OpRewritePattern<RequantizeOp> {
  FuseIntoUsers(MLIRContext *context, Pass::Statistic &count)
      : OpRewritePattern(context), count(count) {}

  LogicalResult matchAndRewrite(RequantizeOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<int64_t> shift = getShift(op);
    if (!shift || !isLossless(op, *shift))
      return rewriter.notifyMatchFailure(
          op, "the scale or the storage changes, or values are clamped");
    // Users behind a pad or a reshape count: these then work on the old type.
    auto movesData = [](OpOperand &use) {
      auto pad = dyn_cast<PadOp>(use.getOwner());
      return isa<ReshapeOp>(use.getOwner()) || (pad && !pad.getValue());
    };
    for (OpOperand &use : op->getUses())
      if (!readsDifference(use) &&
          !(movesData(use) &&
            llvm::all_of(use.getOwner()->getUses(),
                         [](OpOperand &u) { return readsDifference(u); })))
        return rewriter.notifyMatchFailure(op, [&](Diagnostic &d) {
          d << "'" << use.getOwner()->getName() << "' needs the new type";
        });
    for (OpOperand &use : llvm::make_early_inc_range(op->getUses())) {
      Operation *user = use.getOwner();
      rewriter.modifyOpInPlace(user, [&] { use.set(op.getInput()); });
      if (!isa<PadOp, ReshapeOp>(user))
        continue;
      auto type = cast<RankedTensorType>(user->getResult(0).getType());
      rewriter.modifyOpInPlace(user, [&] {
        user->getResult(0).setType(RankedTensorType::get(
            type.getShape(), elementTypeOf(op.getInput().getType())));
      });
    }
    rewriter.eraseOp(op);
    ++count;
    return success();
  }

  Pass::Statistic &count;
};

struct FuseRequantizePass
    : qcc::qnn::impl::FuseRequantizeBase<FuseRequantizePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseIntoProducer>(&getContext(), numIntoProducer);
    patterns.add<FuseIntoUsers>(&getContext(), numIntoUsers);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns)))) {
      getOperation()->emitError()
          << "qnn-fuse-requantize did not come to an end";
      signalPassFailure();
    }
  }
};

} // namespace
