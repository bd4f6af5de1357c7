// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-sum-integers: a product of dequantized operands whose result stays float
// is a sum of integers times a scale. What follows, a factor or an addend per
// channel, becomes part of that scale or of the bias.

#include "ConstantSupport.h"
#include "qcc/Dialect/QNN/Transforms/Passes.h"

#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/STLExtras.h"

#include <cmath>

namespace qcc::qnn {
#define GEN_PASS_DEF_SUMINTEGERS
#include "qcc/Dialect/QNN/Transforms/Passes.h.inc"
} // namespace qcc::qnn

using namespace mlir;
using namespace qcc::qnn;

namespace {

bool isProduct(Operation *op) {
  return isa_and_nonnull<Conv2DOp, DepthwiseConv2DOp, FullyConnectedOp,
                         BatchMatMulOp>(op) &&
         isFloat(op->getResult(0).getType());
}

bool hasOnnxRounding(Operation *op) {
  auto rounding = op->getAttrOfType<RoundingAttr>("rounding");
  return rounding && rounding.getValue() == Rounding::Onnx;
}

/// The axis of a filter's output channels.
int64_t channelAxis(Operation *op) {
  return isa<DepthwiseConv2DOp>(op) ? 3 : 0;
}

Value storedOf(Value value) {
  auto dequantize = value.getDefiningOp<DequantizeOp>();
  return dequantize ? dequantize.getInput() : Value();
}

/// The greatest magnitude of stored value minus zero point.
int64_t magnitude(Type type, int64_t channel = 0) {
  auto [lo, hi] = storageRange(type);
  int64_t zero = zeroPointOf(type, channel);
  return std::max(std::abs(lo - zero), std::abs(hi - zero));
}

/// The greatest sum that `op` reaches, of any channel.
double reachOf(Operation *op, Value input, Value filter) {
  auto most = static_cast<double>(magnitude(input.getType()));
  if (auto matmul = dyn_cast<BatchMatMulOp>(op)) {
    ArrayRef<int64_t> lhs = typeOf(input).getShape();
    int64_t depth = lhs.take_back(2)[matmul.getTransposeLhs() ? 0 : 1];
    return most * static_cast<double>(magnitude(filter.getType())) *
           static_cast<double>(depth);
  }
  auto type = typeOf(filter);
  int64_t axis = channelAxis(op), channels = type.getDimSize(axis), inner = 1;
  for (int64_t extent : type.getShape().drop_front(axis + 1))
    inner *= extent;
  std::vector<double> sums(static_cast<size_t>(channels), 0);
  auto values = integersOf(filter.getDefiningOp<ConstantOp>());
  for (auto [i, q] : llvm::enumerate(values)) {
    int64_t channel = static_cast<int64_t>(i) / inner % channels;
    sums[static_cast<size_t>(channel)] +=
        std::fabs(static_cast<double>(q - zeroPointOf(type, channel)));
  }
  return sums.empty() ? 0 : most * *llvm::max_element(sums);
}

/// Why `op`, a product of floats, is none of stored integers; empty if it is.
std::string whyNot(Operation *op) {
  Value input = storedOf(op->getOperand(0)),
        filter = storedOf(op->getOperand(1));
  if (!input)
    return "its input is not quantized";
  if (!filter)
    return "its filter is not quantized";
  bool isMatMul = isa<BatchMatMulOp>(op);
  auto constant = filter.getDefiningOp<ConstantOp>();
  if (!isMatMul && !(constant && isa<DenseElementsAttr>(constant.getValue())))
    return "its filter is no constant";
  auto isPerTensor = [](Value v) {
    return isa_and_nonnull<quant::UniformQuantizedType>(
        quantizedTypeOf(v.getType()));
  };
  auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(
      elementTypeOf(filter.getType()));
  if (!isPerTensor(input))
    return "its input is not quantized with one scale";
  if (!isPerTensor(filter) &&
      (isMatMul || !perAxis ||
       perAxis.getQuantizedDimension() != channelAxis(op)))
    return "its filter is not quantized along the output channels";
  if (bytesPerElement(input.getType()) > 2 ||
      bytesPerElement(filter.getType()) > (isMatMul ? 2 : 1))
    return "input and filter have more than 16 and 8 bits";
  if (!(reachOf(op, input, filter) < 0x1p31))
    return "its sums have more than 32 bits";
  return {};
}

struct SumIntegers : RewritePattern {
  SumIntegers(MLIRContext *context, Pass::Statistic &statistic)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context), count(statistic) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isProduct(op) || !hasOnnxRounding(op))
      return rewriter.notifyMatchFailure(op, "no product of floats");
    std::string why = whyNot(op);
    if (!why.empty())
      return rewriter.notifyMatchFailure(op, why);
    rewriter.modifyOpInPlace(op, [&] {
      op->setOperand(0, storedOf(op->getOperand(0)));
      op->setOperand(1, storedOf(op->getOperand(1)));
    });
    ++count;
    return success();
  }

  Pass::Statistic &count;
};

/// The sum of integers that makes `v` and nothing else reads, or null.
Operation *sumBehind(Value v) {
  Operation *op = v.getDefiningOp();
  bool isSum = op && isProduct(op) && !isa<BatchMatMulOp>(op) &&
               hasOnnxRounding(op) && isQuantized(op->getOperand(0).getType());
  return isSum && v.hasOneUse() && !op->hasAttr("clamp") ? op : nullptr;
}

/// The constant `v` for each of `channels`, the last axis.
std::optional<std::vector<float>> perChannel(Value v, int64_t channels) {
  std::optional<std::vector<float>> values = floatsOf(v);
  auto type = typeOf(v);
  bool fits =
      type.getNumElements() == 1 ||
      (type.getNumElements() == channels && type.getShape().back() == channels);
  if (!values || !fits)
    return std::nullopt;
  values->resize(static_cast<size_t>(channels), values->front());
  return values;
}

/// The bias of `op` after `change`(channel, bias); nothing if it is unknown.
template <typename Change>
std::optional<Value> changeBias(Operation *op, int64_t channels, Change change,
                                PatternRewriter &rewriter) {
  std::vector<float> bias(static_cast<size_t>(channels), 0);
  if (op->getNumOperands() > 2) {
    std::optional<std::vector<float>> old = floatsOf(op->getOperand(2));
    if (!old)
      return std::nullopt;
    bias = *old;
  }
  for (int64_t c = 0; c < channels; ++c)
    bias[c] = static_cast<float>(change(c, static_cast<double>(bias[c])));
  auto type = RankedTensorType::get({channels}, rewriter.getF32Type());
  return ConstantOp::create(rewriter, op->getLoc(), type,
                            DenseElementsAttr::get(type, ArrayRef<float>(bias)))
      .getResult();
}

/// `op`, which reads the sum `mac`, is done by it.
LogicalResult absorb(Operation *op, Operation *mac, Value filter, Value bias,
                     PatternRewriter &rewriter) {
  rewriter.modifyOpInPlace(mac, [&] {
    mac->setOperand(1, filter);
    if (mac->getNumOperands() > 2)
      mac->setOperand(2, bias);
    else
      mac->insertOperands(2, bias);
    mac->setLoc(op->getLoc());
    if (auto clamp = op->getAttrOfType<ClampAttr>("clamp"))
      mac->setAttr("clamp", clamp);
  });
  rewriter.replaceOp(op, mac->getResult(0));
  return success();
}

/// (sum · s + b) · f = sum · (s·f) + b·f; a negative factor negates weights.
template <typename OpTy> struct AbsorbFactor : OpRewritePattern<OpTy> {
  AbsorbFactor(MLIRContext *context, Pass::Statistic &statistic)
      : OpRewritePattern<OpTy>(context), count(statistic) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    constexpr bool isQuotient = std::is_same_v<OpTy, DivOp>;
    unsigned at = 0;
    Operation *mac = sumBehind(op->getOperand(0));
    if (!mac && !isQuotient)
      mac = sumBehind(op->getOperand(at = 1));
    if (!mac || mac->getResult(0).getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "not of a sum of integers");
    int64_t channels = typeOf(mac->getResult(0)).getShape().back();
    auto factors = perChannel(op->getOperand(1 - at), channels);
    if (!factors)
      return rewriter.notifyMatchFailure(op, "no constant per channel");
    auto constant = mac->getOperand(1).getDefiningOp<ConstantOp>();
    auto type = typeOf(mac->getOperand(1));
    bool isSigned = isSignedStorage(type);
    auto [least, most] = storageRange(type);
    std::vector<double> scales;
    SmallVector<int64_t> zeros;
    for (int64_t c = 0; c < channels; ++c) {
      double f = static_cast<double>((*factors)[c]);
      double scale = scaleOf(type, c) * std::fabs(isQuotient ? 1 / f : f);
      // What a type can say, and far from the ends of what floats can.
      if (!(scale > 0x1p-100 && scale < 0x1p100))
        return rewriter.notifyMatchFailure(op, "a factor that is no scale");
      if (f < 0 && (!isSigned || zeroPointOf(type, c) != 0 || -least > most))
        return rewriter.notifyMatchFailure(op, "weights cannot be negated");
      scales.push_back(scale);
      zeros.push_back(zeroPointOf(type, c));
    }
    rewriter.setInsertionPoint(mac);
    auto bias = changeBias(
        mac, channels,
        [&](int64_t c, double b) {
          auto f = static_cast<double>((*factors)[c]);
          return isQuotient ? b / f : b * f;
        },
        rewriter);
    if (!bias)
      return rewriter.notifyMatchFailure(op, "the bias is no constant");
    int64_t axis = channelAxis(mac);
    auto old = cast<quant::QuantizedType>(type.getElementType());
    auto element = quant::UniformQuantizedPerAxisType::get(
        old.getFlags(), old.getStorageType(), old.getExpressedType(), scales,
        zeros, static_cast<int32_t>(axis), least, most);
    auto values = cast<DenseElementsAttr>(constant.getValue());
    if (llvm::any_of(*factors, [](float f) { return f < 0; })) {
      ChannelOf channelOf(RankedTensorType::get(type.getShape(), element));
      SmallVector<APInt> negated;
      for (auto [i, v] : llvm::enumerate(values.getValues<APInt>()))
        negated.push_back(
            (*factors)[static_cast<size_t>(channelOf(i))] < 0 ? -v : v);
      values =
          DenseElementsAttr::get(cast<ShapedType>(values.getType()), negated);
    }
    Value filter = ConstantOp::create(
        rewriter, constant.getLoc(),
        RankedTensorType::get(type.getShape(), element), values);
    ++count;
    return absorb(op, mac, filter, *bias, rewriter);
  }

  Pass::Statistic &count;
};

template <typename OpTy> struct AbsorbAddend : OpRewritePattern<OpTy> {
  AbsorbAddend(MLIRContext *context, Pass::Statistic &statistic)
      : OpRewritePattern<OpTy>(context), count(statistic) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    constexpr bool isDifference = std::is_same_v<OpTy, SubOp>;
    unsigned at = 0;
    Operation *mac = sumBehind(op->getOperand(0));
    if (!mac && !isDifference)
      mac = sumBehind(op->getOperand(at = 1));
    if (!mac || mac->getResult(0).getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "not of a sum of integers");
    int64_t channels = typeOf(mac->getResult(0)).getShape().back();
    auto addends = perChannel(op->getOperand(1 - at), channels);
    if (!addends)
      return rewriter.notifyMatchFailure(op, "no constant per channel");
    rewriter.setInsertionPoint(mac);
    auto bias = changeBias(
        mac, channels,
        [&](int64_t c, double b) {
          auto a = static_cast<double>((*addends)[c]);
          return isDifference ? b - a : b + a;
        },
        rewriter);
    if (!bias)
      return rewriter.notifyMatchFailure(op, "the bias is no constant");
    ++count;
    return absorb(op, mac, mac->getOperand(1), *bias, rewriter);
  }

  Pass::Statistic &count;
};

struct SumIntegersPass : qcc::qnn::impl::SumIntegersBase<SumIntegersPass> {
  using SumIntegersBase::SumIntegersBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<SumIntegers>(&getContext(), numSums);
    patterns.add<AbsorbFactor<MulOp>, AbsorbFactor<DivOp>, AbsorbAddend<AddOp>,
                 AbsorbAddend<SubOp>>(&getContext(), numAbsorbed);
    GreedyRewriteConfig config = withoutFolding();
    config.setMaxIterations(GreedyRewriteConfig::kNoLimit);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns),
                                     config))) {
      getOperation()->emitError() << "qnn-sum-integers did not come to an end";
      return signalPassFailure();
    }
    if (unfused != "ignore" && failed(reportUnfused()))
      signalPassFailure();
  }

  /// Tells of products of quantized operands that are left in floats. Operands
  /// are quantized as well where other operations lie between, up to the last
  /// product.
  LogicalResult reportUnfused() {
    bool isError = unfused == "error";
    LogicalResult result = success();
    // Floats that come of stored integers: what made them. And integers of few
    // bits that come of floats: quantized ones where no type could say how.
    llvm::DenseMap<Value, Operation *> origins;
    llvm::DenseSet<Value> rounded;
    auto isRounded = [&](Operation *op) {
      auto cast = dyn_cast<CastOp>(op);
      return llvm::any_of(op->getOperands(), [&](Value v) {
        return rounded.contains(v) || (cast && isFloat(v.getType()));
      });
    };
    getOperation()->walk([&](Operation *op) {
      Operation *origin = nullptr;
      bool isStored = false;
      for (Value operand : op->getOperands()) {
        Value stored = storedOf(operand);
        if (stored && !stored.getDefiningOp<ConstantOp>())
          isStored = true;
        else if (Operation *before = origins.lookup(operand))
          origin = before;
      }
      if (!isProduct(op)) {
        bool makesFew = isRounded(op);
        if (isStored || (makesFew && isa<CastOp>(op)))
          origin = op;
        for (Value value : op->getResults()) {
          if (!isa<RankedTensorType>(value.getType()))
            continue;
          if (!isFloat(value.getType())) {
            if (makesFew && bytesPerElement(value.getType()) <= 2)
              rounded.insert(value);
          } else if (origin) {
            origins[value] = origin;
          }
        }
        return;
      }
      bool hasWeights =
          op->getNumOperands() > 1 && storedOf(op->getOperand(1)) && !isStored;
      if (!hasOnnxRounding(op) || !(isStored || origin || hasWeights))
        return;
      InFlightDiagnostic diag = isError ? mlir::emitError(op->getLoc())
                                        : mlir::emitWarning(op->getLoc());
      diag << "'" << op->getName().getStringRef() << "' has "
           << (isStored || origin ? "a quantized input" : "quantized weights")
           << ", but stays in floats: ";
      if (!isStored && !origin)
        diag << "its input is not quantized";
      else if (!origin || storedOf(op->getOperand(0)))
        diag << whyNot(op);
      else if (isa<CastOp>(origin))
        diag << "its input has several scales, or such as only a run tells";
      else if (isa<ConcatOp>(origin))
        diag << "its input joins values of different scales";
      else
        diag << "between lies '" << origin->getName().getStringRef()
             << "', whose result is not quantized";
      if (isError)
        result = failure();
    });
    return result;
  }
};

} // namespace
