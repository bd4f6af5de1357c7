// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-fuse-clamp: an activation that only clamps becomes part of the operation
// before it, where it costs nothing.

#include "ClampSupport.h"
#include "qcc/Dialect/QNN/IR/Layout.h"
#include "qcc/Dialect/QNN/Transforms/Passes.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace qcc::qnn {
#define GEN_PASS_DEF_FUSECLAMP
#include "qcc/Dialect/QNN/Transforms/Passes.h.inc"
} // namespace qcc::qnn

using namespace mlir;
using namespace qcc::qnn;

namespace {

/// The clamp of `first`, then `second`, on results of `type`.
ClampAttr composeClamps(ClampAttr first, ClampAttr second, Type type,
                        bool isRequired) {
  if (!isFloat(type))
    return makeIntegerClamp(
        compose(integerClamp(first, type), integerClamp(second, type)), type,
        isRequired);
  auto range = [](ClampAttr clamp) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    return clamp ? std::pair(clamp.getLo(), clamp.getHi())
                 : std::pair(-infinity, infinity);
  };
  auto [lo, hi] = compose(range(first), range(second));
  return ClampAttr::get(type.getContext(), lo, hi);
}

template <typename OpTy> struct FuseIntoProducer : OpRewritePattern<OpTy> {
  FuseIntoProducer(MLIRContext *context, Pass::Statistic &count)
      : OpRewritePattern<OpTy>(context), count(count) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (op.getInput().getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "changes the type");
    Type type = op.getType();
    if (!isFloat(type) && storageTypeOf(type).getIntOrFloatBitWidth() > 32)
      return rewriter.notifyMatchFailure(
          op, "bounds of more than 32 bits are not exact in double");
    if (isa<RequantizeOp>(op) &&
        storageTypeOf(type).getIntOrFloatBitWidth() > 16)
      return rewriter.notifyMatchFailure(
          op, "values of more than 16 bits may be rounded");
    Operation *producer = op.getInput().getDefiningOp();
    if (!hasClamp(producer))
      return rewriter.notifyMatchFailure(op,
                                         "the operand's producer has no clamp");
    if (!op.getInput().hasOneUse())
      return rewriter.notifyMatchFailure(op, "the operand has other uses");
    ClampAttr clamp = composeClamps(producer->getAttrOfType<ClampAttr>(kClamp),
                                    op.getClampAttr(), type,
                                    /*isRequired=*/isa<ClipOp>(producer));
    rewriter.modifyOpInPlace(producer, [&] {
      if (clamp)
        producer->setAttr(kClamp, clamp);
      else
        producer->removeAttr(kClamp);
      // The value is now the one that the activation named.
      renameTensor(producer, op.getLoc());
    });
    rewriter.replaceOp(op, op.getInput());
    ++count;
    return success();
  }

  Pass::Statistic &count;
};

struct FuseClampPass : qcc::qnn::impl::FuseClampBase<FuseClampPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseIntoProducer<ClipOp>, FuseIntoProducer<RequantizeOp>>(
        &getContext(), numFused);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns)))) {
      getOperation()->emitError() << "qnn-fuse-clamp did not come to an end";
      signalPassFailure();
    }
  }
};

} // namespace
