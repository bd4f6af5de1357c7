// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-fuse-bias: what is added to a float convolution or matrix product, a
// constant per channel, becomes its bias.

#include "ConstantSupport.h"
#include "qcc/Dialect/QNN/Transforms/Passes.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace qcc::qnn {
#define GEN_PASS_DEF_FUSEBIAS
#include "qcc/Dialect/QNN/Transforms/Passes.h.inc"
} // namespace qcc::qnn

using namespace mlir;
using namespace qcc::qnn;

namespace {

template <typename OpTy> struct FuseIntoProducer : OpRewritePattern<OpTy> {
  FuseIntoProducer(MLIRContext *context, Pass::Statistic &count)
      : OpRewritePattern<OpTy>(context), count(count) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!isFloat(op.getType()))
      return rewriter.notifyMatchFailure(op, "not of floats");
    // A difference has its constant on the right.
    constexpr bool isDifference = std::is_same_v<OpTy, SubOp>;
    for (unsigned k = 0; k < (isDifference ? 1u : 2u); ++k)
      if (succeeded(fuse(op, op->getOperand(k), op->getOperand(1 - k),
                         isDifference, rewriter)))
        return success();
    return rewriter.notifyMatchFailure(
        op, "no product without a bias and a constant per channel");
  }

  LogicalResult fuse(OpTy op, Value sum, Value addend, bool isDifference,
                     PatternRewriter &rewriter) const {
    Operation *mac = sum.getDefiningOp();
    if (!mac || !isa<Conv2DOp, DepthwiseConv2DOp, FullyConnectedOp>(mac) ||
        mac->getNumOperands() != 2 || mac->hasAttr("clamp") ||
        !sum.hasOneUse() || sum.getType() != op.getType())
      return failure();
    auto type = cast<RankedTensorType>(addend.getType());
    int64_t channels = cast<RankedTensorType>(sum.getType()).getShape().back();
    std::optional<std::vector<float>> values = floatsOf(addend);
    if (!values ||
        (type.getNumElements() != 1 && (type.getNumElements() != channels ||
                                        type.getShape().back() != channels)))
      return failure();
    // Integers stay what they are: they may become an integer bias.
    Value bias;
    auto dequantize = addend.getDefiningOp<DequantizeOp>();
    auto biasType = RankedTensorType::get({channels}, rewriter.getF32Type());
    rewriter.setInsertionPoint(mac);
    if (dequantize && !isDifference && type.getNumElements() == channels &&
        !quantizedAxisOf(dequantize.getInput().getType())) {
      auto stored = dequantize.getInput().template getDefiningOp<ConstantOp>();
      auto constant = ConstantOp::create(
          rewriter, addend.getLoc(),
          RankedTensorType::get({channels}, elementTypeOf(stored.getType())),
          cast<DenseElementsAttr>(stored.getValue())
              .reshape(RankedTensorType::get({channels},
                                             storageTypeOf(stored.getType()))));
      bias = DequantizeOp::create(rewriter, addend.getLoc(), biasType,
                                  constant.getResult());
    } else {
      values->resize(channels, values->front());
      if (isDifference)
        for (float &value : *values)
          value = -value;
      bias = ConstantOp::create(
          rewriter, addend.getLoc(), biasType,
          DenseElementsAttr::get(biasType, ArrayRef<float>(*values)));
    }
    rewriter.modifyOpInPlace(mac, [&] {
      mac->insertOperands(2, bias);
      mac->setLoc(op.getLoc());
      if (op.getClampAttr())
        mac->setAttr("clamp", op.getClampAttr());
    });
    rewriter.replaceOp(op, sum);
    ++count;
    return success();
  }

  Pass::Statistic &count;
};

struct FuseBiasPass : qcc::qnn::impl::FuseBiasBase<FuseBiasPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseIntoProducer<AddOp>, FuseIntoProducer<SubOp>>(
        &getContext(), numFused);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns),
                                     withoutFolding()))) {
      getOperation()->emitError() << "qnn-fuse-bias did not come to an end";
      signalPassFailure();
    }
  }
};

} // namespace
