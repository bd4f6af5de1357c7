// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-fold-pad: exporters write a convolution with explicit padding as PAD and
// a VALID convolution. Merged, the padded tensor need not be written: its
// producer writes into the interior of the convolution's padded buffer.

#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Dialect/QNN/Transforms/Passes.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace qcc::qnn {
#define GEN_PASS_DEF_FOLDPAD
#include "qcc/Dialect/QNN/Transforms/Passes.h.inc"
} // namespace qcc::qnn

using namespace mlir;
using namespace qcc::qnn;

namespace {

/// conv(pad(x)) = conv(x) with more padding.
template <typename OpTy> struct FoldIntoConvolution : OpRewritePattern<OpTy> {
  FoldIntoConvolution(MLIRContext *context, Pass::Statistic &count)
      : OpRewritePattern<OpTy>(context), count(count) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    auto pad = op.getInput().template getDefiningOp<PadOp>();
    if (!pad)
      return rewriter.notifyMatchFailure(op, "input is not padded by qnn.pad");
    if (pad.getValue())
      return rewriter.notifyMatchFailure(op, "the pad has a value of its own");
    ArrayRef<int64_t> low = pad.getLow(), high = pad.getHigh();
    if (low[0] != 0 || high[0] != 0 || low[3] != 0 || high[3] != 0)
      return rewriter.notifyMatchFailure(
          op, "the pad extends the batch or the channels");
    ArrayRef<int64_t> old = op.getPadding();
    SmallVector<int64_t> padding = {old[0] + low[1], old[1] + high[1],
                                    old[2] + low[2], old[3] + high[2]};
    if (llvm::any_of(padding, [](int64_t p) { return p > INT32_MAX; }))
      return rewriter.notifyMatchFailure(
          op, "the paddings add up to more than 31 bits");
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(pad.getInput());
      op.setPadding(padding);
    });
    ++count;
    return success();
  }

  Pass::Statistic &count;
};

/// pad(pad(x)) is one pad of x.
struct FoldPadOfPad : OpRewritePattern<PadOp> {
  FoldPadOfPad(MLIRContext *context, Pass::Statistic &count)
      : OpRewritePattern(context), count(count) {}

  LogicalResult matchAndRewrite(PadOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<PadOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "operand is not a pad");
    if (inner.getValue() || op.getValue())
      return rewriter.notifyMatchFailure(op, "a pad has a value of its own");
    auto sum = [](ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
      SmallVector<int64_t> result;
      for (auto [x, y] : llvm::zip_equal(a, b))
        result.push_back(x + y);
      return result;
    };
    rewriter.replaceOpWithNewOp<PadOp>(op, op.getType(), inner.getInput(),
                                       sum(op.getLow(), inner.getLow()),
                                       sum(op.getHigh(), inner.getHigh()));
    ++count;
    return success();
  }

  Pass::Statistic &count;
};

struct FoldPadPass : qcc::qnn::impl::FoldPadBase<FoldPadPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldIntoConvolution<Conv2DOp>,
                 FoldIntoConvolution<DepthwiseConv2DOp>, FoldPadOfPad>(
        &getContext(), numFolded);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns)))) {
      getOperation()->emitError() << "qnn-fold-pad did not come to an end";
      signalPassFailure();
    }
  }
};

} // namespace
