// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-fuse-quantizers: ONNX says integer arithmetic by float operations between
// dequantize and quantize. What these compute in exact arithmetic, rounded
// once, is an operation on stored integers under the rounding `onnx`.

#include "ClampSupport.h"
#include "ConstantSupport.h"
#include "qcc/Arithmetic/AddForm.h"
#include "qcc/Dialect/QNN/Transforms/Passes.h"

#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

namespace qcc::qnn {
#define GEN_PASS_DEF_FUSEQUANTIZERS
#include "qcc/Dialect/QNN/Transforms/Passes.h.inc"
} // namespace qcc::qnn

using namespace mlir;
using namespace qcc::qnn;

namespace {

/// The stored integers of one scale that `value` is dequantized from, or null.
Value storedOf(Value value) {
  auto dequantize = value.getDefiningOp<DequantizeOp>();
  if (!dequantize || !isa_and_nonnull<quant::UniformQuantizedType>(
                         quantizedTypeOf(dequantize.getInput().getType())))
    return {};
  return dequantize.getInput();
}

bool isByte(Type type) { return bytesPerElement(type) == 1; }

/// The stored integer that a real bound becomes: what quantize makes of it, so
/// that clamping before and after it are the same.
double quantizedBound(double bound, Type type) {
  if (std::isinf(bound))
    return bound;
  float scaled = static_cast<float>(bound) / static_cast<float>(scaleOf(type));
  return static_cast<double>(std::nearbyint(scaled)) +
         static_cast<double>(zeroPointOf(type));
}

/// The clamp of stored integers of `type` that `clamp` on reals means.
ClampAttr toStored(ClampAttr clamp, Type type) {
  if (!clamp)
    return {};
  auto [lo, hi] = storageRange(type);
  double least = std::max(quantizedBound(clamp.getLo(), type),
                          static_cast<double>(lo)),
         most = std::min(quantizedBound(clamp.getHi(), type),
                         static_cast<double>(hi));
  // Beyond the storage range there is the nearest end.
  least = std::min(least, static_cast<double>(hi));
  most = std::max(most, static_cast<double>(lo));
  if (least <= static_cast<double>(lo) && most >= static_cast<double>(hi))
    return {};
  return ClampAttr::get(type.getContext(), least, most);
}

/// Clamps `first`, then `second`; either may be null.
ClampAttr compose(ClampAttr first, ClampAttr second) {
  if (!first || !second)
    return first ? first : second;
  auto into = [&](double x) {
    return std::min(std::max(x, second.getLo()), second.getHi());
  };
  return ClampAttr::get(first.getContext(), into(first.getLo()),
                        into(first.getHi()));
}

//===----------------------------------------------------------------------===//
// Multiply-accumulate
//===----------------------------------------------------------------------===//

/// The real bias `bias`[channel] in units of the accumulators, rounded; nothing
/// where that would change a result by more than 2^-16 of its last bit.
std::optional<SmallVector<int64_t>> toAccumulators(Value bias, Value input,
                                                   Value filter, Type result,
                                                   int64_t channels,
                                                   std::string &why) {
  SmallVector<int64_t> units;
  double out = scaleOf(result);
  ConstantOp constant = constantBehind(bias);
  std::optional<std::vector<float>> reals = floatsOf(bias);
  if (!constant || !reals || static_cast<int64_t>(reals->size()) != channels) {
    why = "the bias is no constant";
    return std::nullopt;
  }
  bool isStored = isQuantized(constant.getType());
  std::vector<int64_t> stored;
  if (isStored)
    stored = integersOf(constant);
  for (int64_t c = 0; c < channels; ++c) {
    double scale = scaleOf(input.getType()) * scaleOf(filter.getType(), c);
    double exact = static_cast<double>((*reals)[c]) / scale;
    if (isStored) {
      double ratio = scaleOf(constant.getType(), c) / scale;
      int64_t zero = zeroPointOf(constant.getType(), c);
      // The scale of the product, rounded to a float.
      if (std::fabs(ratio - 1) < 0x1p-20)
        ratio = 1;
      exact = static_cast<double>(stored[c] - zero) * ratio;
    }
    double rounded = std::nearbyint(exact);
    if (!(std::fabs(exact - rounded) * scale <= 0x1p-16 * out)) {
      why = "the bias is no multiple of the scale of the products";
      return std::nullopt;
    }
    if (!(std::fabs(rounded) < 0x1p31)) {
      why = "the bias has more than 32 bits";
      return std::nullopt;
    }
    units.push_back(static_cast<int64_t>(rounded));
  }
  return units;
}

/// Makes the integer operation that `op`, quantized to `type`, means; null with
/// the reason in `why`.
Value fuseMac(Operation *op, ClampAttr clamp, RankedTensorType type,
              OpBuilder &builder, std::string &why) {
  auto isRefused = [&](bool refuses, const char *reason) {
    if (refuses)
      why = reason;
    return refuses;
  };
  auto matmul = dyn_cast<BatchMatMulOp>(op);
  Value input = storedOf(op->getOperand(0)), filter;
  if (matmul) {
    filter = storedOf(op->getOperand(1));
  } else if (auto dequantize =
                 op->getOperand(1).getDefiningOp<DequantizeOp>()) {
    filter = dequantize.getInput();
  }
  if (isRefused(!input, "its input is not quantized with one scale") ||
      isRefused(!filter, "its filter is not quantized") ||
      isRefused(!matmul && !filter.getDefiningOp<ConstantOp>(),
                "its filter is no constant") ||
      isRefused(!isByte(input.getType()) || !isByte(filter.getType()) ||
                    !isByte(type),
                "input, filter and result do not all have 8 bits or less") ||
      isRefused(quantizedAxisOf(type).has_value(),
                "its result is quantized per axis"))
    return {};
  int64_t axis = isa<DepthwiseConv2DOp>(op) ? 3 : 0;
  std::optional<int64_t> filterAxis = quantizedAxisOf(filter.getType());
  if (isRefused(filterAxis && *filterAxis != axis,
                "its filter is not quantized along the output channels"))
    return {};
  int64_t channels =
      matmul ? 1 : typeOf(filter).getDimSize(static_cast<unsigned>(axis));
  for (int64_t c = 0; c < (filterAxis ? channels : 1); ++c)
    if (isRefused(scaleOf(input.getType()) * scaleOf(filter.getType(), c) /
                          scaleOf(type) >=
                      0x1p20,
                  "the result's scale is too small"))
      return {};
  SmallVector<int64_t> bias;
  bool hasBias = !matmul && op->getNumOperands() > 2;
  if (hasBias) {
    std::optional<SmallVector<int64_t>> units =
        toAccumulators(op->getOperand(2), input, filter, type, channels, why);
    if (!units)
      return {};
    bias = *units;
  }
  SmallVector<Value> operands = {input, filter};
  if (hasBias) {
    auto biasType = RankedTensorType::get({channels}, builder.getI32Type());
    SmallVector<int32_t> narrow(bias.begin(), bias.end());
    operands.push_back(ConstantOp::create(
        builder, op->getOperand(2).getLoc(), biasType,
        DenseElementsAttr::get(biasType, ArrayRef<int32_t>(narrow))));
  }
  OperationState state(op->getLoc(), op->getName());
  state.addOperands(operands);
  NamedAttrList attributes(op->getAttrDictionary());
  attributes.set("rounding",
                 RoundingAttr::get(op->getContext(), Rounding::Onnx));
  attributes.erase("clamp");
  auto own = op->getAttrOfType<ClampAttr>("clamp");
  if (ClampAttr stored = toStored(compose(own, clamp), type))
    attributes.set("clamp", stored);
  state.addAttributes(attributes);
  state.addTypes(withShape(type, typeOf(op->getResult(0)).getShape()));
  return builder.create(state)->getResult(0);
}

bool isMac(Operation *op) {
  return op &&
         isa<Conv2DOp, DepthwiseConv2DOp, FullyConnectedOp, BatchMatMulOp>(op);
}

//===----------------------------------------------------------------------===//
// quantize(f(dequantize))
//===----------------------------------------------------------------------===//

/// The integer form of the float operation `op`, clamped by `clamp` and
/// quantized to `type`; null where there is none.
Value fuseOperation(Operation *op, ClampAttr clamp, RankedTensorType type,
                    OpBuilder &b, std::string &why) {
  if (isMac(op))
    return fuseMac(op, clamp, type, b, why);
  auto own = op->getAttrOfType<ClampAttr>("clamp");
  ClampAttr stored = toStored(compose(own, clamp), type);
  if (auto dequantize = dyn_cast<DequantizeOp>(op)) {
    Value from = storedOf(dequantize.getResult());
    if (!from || bytesPerElement(from.getType()) > 2 ||
        bytesPerElement(type) > 2) {
      why = "is not of one scale and up to 16 bits";
      return {};
    }
    if (from.getType() == type && !stored)
      return from;
    return RequantizeOp::create(b, op->getLoc(), type, from, stored,
                                Rounding::Onnx, false, false);
  }
  SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    Value from = storedOf(operand);
    if (!from || !isByte(from.getType())) {
      why = "not all operands are quantized with one scale and 8 bits";
      return {};
    }
    operands.push_back(from);
  }
  if (!isByte(type)) {
    why = "the result has more than 8 bits";
    return {};
  }
  if (isa<AddOp>(op)) {
    auto zero = [](Type t) { return static_cast<int32_t>(zeroPointOf(t)); };
    auto range = [](Value v) {
      auto [lo, hi] = storageRange(v.getType());
      return qcc::arith::IntRange{lo, hi};
    };
    auto [lo, hi] = integerClamp(stored, type);
    auto exact = qcc::arith::QuantizedAdd::make(
        qcc::arith::Rounding::Onnx, scaleOf(operands[0].getType()),
        zero(operands[0].getType()), scaleOf(operands[1].getType()),
        zero(operands[1].getType()), scaleOf(type), zero(type),
        static_cast<int32_t>(lo), static_cast<int32_t>(hi));
    // The form that any target can compute.
    if (!exact || !qcc::arith::fitAddFixed(*exact, range(operands[0]),
                                           range(operands[1]), false)) {
      why = "no form of the addition is proved exact";
      return {};
    }
    return AddOp::create(b, op->getLoc(), type, operands[0], operands[1],
                         stored, Rounding::Onnx, false);
  }
  if (isa<MulOp>(op)) {
    if (scaleOf(operands[0].getType()) * scaleOf(operands[1].getType()) /
            scaleOf(type) >=
        0x1p20) {
      why = "the result's scale is too small";
      return {};
    }
    return MulOp::create(b, op->getLoc(), type, operands[0], operands[1],
                         stored, Rounding::Onnx);
  }
  if (auto mean = dyn_cast<MeanOp>(op)) {
    int64_t count = typeOf(operands[0]).getNumElements() /
                    std::max<int64_t>(type.getNumElements(), 1);
    constexpr int64_t most = 1 << 20;
    if (stored || count > most) {
      why = stored ? "is clamped" : "has too many elements";
      return {};
    }
    return MeanOp::create(b, op->getLoc(), type, operands[0], mean.getAxes(),
                          mean.getKeepDims(), Rounding::Onnx);
  }
  why = "has no integer form";
  return {};
}

struct FuseIntoInteger : OpRewritePattern<QuantizeOp> {
  FuseIntoInteger(MLIRContext *context, Pass::Statistic &statistic)
      : OpRewritePattern(context), count(statistic) {}

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getRounding() != Rounding::Onnx)
      return rewriter.notifyMatchFailure(op, "not ONNX's rounding");
    if (quantizedAxisOf(op.getType()))
      return rewriter.notifyMatchFailure(op, "quantized per axis");
    Value from = op.getInput();
    ClampAttr clamp;
    while (auto clip = from.getDefiningOp<ClipOp>()) {
      clamp = compose(clip.getClamp(), clamp);
      from = clip.getInput();
    }
    Operation *producer = from.getDefiningOp();
    if (!producer)
      return rewriter.notifyMatchFailure(op, "an argument is quantized");
    // What has other uses is computed twice: not where that is much.
    if (isMac(producer) && !from.hasOneUse())
      return rewriter.notifyMatchFailure(op, "the product has other uses");
    std::string why;
    Value fused = fuseOperation(
        producer, clamp, cast<RankedTensorType>(op.getType()), rewriter, why);
    if (!fused)
      return rewriter.notifyMatchFailure(op, why);
    if (Operation *made = fused.getDefiningOp();
        made && fused != storedOf(from))
      made->setLoc(op.getLoc());
    rewriter.replaceOp(op, fused);
    ++count;
    return success();
  }

  Pass::Statistic &count;
};

//===----------------------------------------------------------------------===//
// Moving elements of dequantized tensors
//===----------------------------------------------------------------------===//

/// dequantize goes behind what only moves or compares elements.
class MoveDequantize : public RewritePattern {
public:
  MoveDequantize(MLIRContext *context, Pass::Statistic &statistic)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context), count(statistic) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isa<TransposeOp, ReshapeOp, SliceOp, BroadcastOp, ConcatOp, PadOp,
             MirrorPadOp, GatherOp, MaxPool2DOp, ReduceMaxOp, ReduceMinOp,
             ResizeNearestOp>(op))
      return failure();
    if (!isFloat(op->getResult(0).getType()))
      return rewriter.notifyMatchFailure(op, "not of floats");
    unsigned moving = isa<ConcatOp>(op) ? op->getNumOperands() : 1;
    SmallVector<Value> operands;
    for (auto [k, operand] : llvm::enumerate(op->getOperands())) {
      Value stored = k < moving ? storedOf(operand) : operand;
      if (!stored ||
          (k < moving && elementTypeOf(stored.getType()) !=
                             elementTypeOf(k == 0 ? stored.getType()
                                                  : operands[0].getType())))
        return rewriter.notifyMatchFailure(op, "not dequantized, or not alike");
      // Constants that are moved are no work.
      operands.push_back(stored);
    }
    NamedAttrList attributes(op->getAttrDictionary());
    if (auto pad = dyn_cast<PadOp>(op)) {
      auto value = dyn_cast_or_null<FloatAttr>(pad.getValueAttr());
      if (value && !value.getValue().isZero())
        return rewriter.notifyMatchFailure(op, "pads with other than 0");
      attributes.erase("value");
      auto [lo, hi] = storageRange(operands[0].getType());
      int64_t zero = zeroPointOf(operands[0].getType());
      if (zero < lo || zero > hi)
        return rewriter.notifyMatchFailure(op, "0 is not stored");
      // A bipolar tensor has no 0, but the type that stores it has.
      if (isBipolar(operands[0].getType()))
        operands[0] = CastOp::create(
            rewriter, op->getLoc(),
            RankedTensorType::get(typeOf(operands[0]).getShape(),
                                  quantizedTypeOf(operands[0].getType())),
            operands[0]);
    }
    if (auto pool = dyn_cast<MaxPool2DOp>(op); pool && pool.getClampAttr())
      return rewriter.notifyMatchFailure(op, "is clamped");
    OperationState state(op->getLoc(), op->getName());
    state.addOperands(operands);
    state.addAttributes(attributes);
    state.addTypes(RankedTensorType::get(typeOf(op->getResult(0)).getShape(),
                                         elementTypeOf(operands[0].getType())));
    Operation *made = rewriter.create(state);
    rewriter.replaceOpWithNewOp<DequantizeOp>(op, op->getResult(0).getType(),
                                              made->getResult(0));
    ++count;
    return success();
  }

private:
  Pass::Statistic &count;
};

//===----------------------------------------------------------------------===//
// Filters of floats that are integers
//===----------------------------------------------------------------------===//

/// The greatest step of which all of `values` are multiples by at most 127, and
/// these; nothing if there is none.
std::optional<std::pair<float, SmallVector<int8_t>>>
integersIn(ArrayRef<float> values) {
  float least = INFINITY;
  for (float x : values)
    if (x != 0)
      least = std::min(least, std::fabs(x));
  if (!std::isfinite(least))
    return std::nullopt;
  SmallVector<int8_t> integers(values.size());
  constexpr int most = 127;
  for (int part = 1; part <= most; ++part) {
    float step = least / static_cast<float>(part);
    // NaN is no multiple.
    auto isMultiple = [&](size_t i) {
      float multiple = std::nearbyint(values[i] / step);
      if (!(std::fabs(multiple) <= most) || multiple * step != values[i])
        return false;
      integers[i] = static_cast<int8_t>(multiple);
      return true;
    };
    if (llvm::all_of(llvm::seq<size_t>(0, values.size()), isMultiple))
      return std::make_pair(step, integers);
  }
  return std::nullopt;
}

/// The filter of a product with a dequantized input may be a constant of floats
/// that are all multiples of one number: such exporters know integers only by
/// their values.
struct QuantizeFilter : RewritePattern {
  QuantizeFilter(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isMac(op) || !storedOf(op->getOperand(0)))
      return rewriter.notifyMatchFailure(op, "no product of a quantized input");
    auto rounding = op->getAttrOfType<RoundingAttr>("rounding");
    auto constant = op->getOperand(1).getDefiningOp<ConstantOp>();
    if (!constant || !isFloat(constant.getType()) || !rounding ||
        rounding.getValue() != Rounding::Onnx)
      return rewriter.notifyMatchFailure(op, "no constant filter of floats");
    std::optional<std::vector<float>> values = floatsOf(constant.getResult());
    auto found = values ? integersIn(*values) : std::nullopt;
    if (!found)
      return rewriter.notifyMatchFailure(op, "weights are no integers");
    auto &[step, integers] = *found;
    Type i8 = rewriter.getI8Type();
    ArrayRef<int64_t> shape = typeOf(constant.getResult()).getShape();
    auto element = quant::UniformQuantizedType::get(
        quant::QuantizationFlags::Signed, i8, rewriter.getF32Type(),
        static_cast<double>(step), 0, -127, 127);
    Value stored = ConstantOp::create(
        rewriter, constant.getLoc(), RankedTensorType::get(shape, element),
        DenseElementsAttr::get(RankedTensorType::get(shape, i8),
                               ArrayRef<int8_t>(integers)));
    Value filter = DequantizeOp::create(rewriter, constant.getLoc(),
                                        constant.getType(), stored);
    rewriter.modifyOpInPlace(op, [&] { op->setOperand(1, filter); });
    return success();
  }
};

/// The same stored integers under another type are a constant of that type.
struct CastConstant : OpRewritePattern<CastOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(CastOp op,
                                PatternRewriter &rewriter) const override {
    auto constant = op.getInput().getDefiningOp<ConstantOp>();
    if (!constant || !isQuantized(op.getType()) ||
        storageTypeOf(op.getType()) != storageTypeOf(constant.getType()) ||
        storageRange(op.getType()) != storageRange(constant.getType()))
      return rewriter.notifyMatchFailure(op, "no constant stored alike");
    rewriter.replaceOpWithNewOp<ConstantOp>(op, op.getType(),
                                            constant.getValue());
    return success();
  }
};

struct FuseQuantizersPass
    : qcc::qnn::impl::FuseQuantizersBase<FuseQuantizersPass> {
  using FuseQuantizersBase::FuseQuantizersBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseIntoInteger>(&getContext(), numFused);
    patterns.add<MoveDequantize>(&getContext(), numMoved);
    patterns.add<CastConstant, QuantizeFilter>(&getContext());
    GreedyRewriteConfig config = withoutFolding();
    config.setMaxIterations(GreedyRewriteConfig::kNoLimit);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns),
                                     config))) {
      getOperation()->emitError()
          << "qnn-fuse-quantizers did not come to an end";
      return signalPassFailure();
    }
  }
};

} // namespace
