// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-slice-weights: the weights of a layer are packed at the bits that its
// widest output channel needs. Where slices of channels need fewer, each
// becomes a layer of its own, and the results are joined.

#include "qcc/Arithmetic/WeightCodes.h"
#include "qcc/Conversion/Kernel.h"
#include "qcc/Conversion/Passes.h"
#include "qcc/Conversion/TargetAttr.h"
#include "qcc/Dialect/QNN/IR/Layout.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

namespace qcc {
#define GEN_PASS_DEF_SLICEWEIGHTS
#include "qcc/Conversion/Passes.h.inc"
} // namespace qcc

using namespace mlir;
using namespace qcc;

namespace {

/// Slices begin at multiples of this, the widest vectors of bytes.
constexpr int64_t kChannels = 32;
/// More would be more calls than bytes are worth.
constexpr size_t kMostSlices = 4;

/// Output channels from `first` on, whose weights need `bits`.
struct Slice {
  int64_t first = 0, count = 0;
  int bits = 8;
  int64_t size() const { return count * bits; }
};

/// What slices are worth in time: cycles until a byte of weights has come, and
/// what unpacking a weight takes.
struct SlicePrice {
  double perByte = 0, perUnpacked = 0;

  /// Cycles that packing saves of `slice`, of so many weights a channel.
  double savedBy(const Slice &slice, int64_t depth) const {
    double perWeight = (8 - slice.bits) / 8.0 * perByte - perUnpacked;
    return slice.bits < 8 ? std::max(0.0, perWeight) *
                                static_cast<double>(slice.count * depth)
                          : 0;
  }
};

/// What a range of channels of one filter needs.
class Widths {
public:
  explicit Widths(qnn::ConstantOp filter) {
    auto type = cast<RankedTensorType>(filter.getType());
    auto dense = cast<DenseIntElementsAttr>(filter.getValue());
    bool isSigned = qnn::isSignedStorage(type);
    channels = type.getShape()[0];
    depth = channels ? type.getNumElements() / channels : 0;
    for (auto [i, value] : llvm::enumerate(dense.getValues<APInt>())) {
      int64_t stored = isSigned ? value.getSExtValue()
                                : static_cast<int64_t>(value.getZExtValue());
      int64_t channel = static_cast<int64_t>(i) / depth;
      weights.push_back(
          static_cast<int16_t>(stored - qnn::zeroPointOf(type, channel)));
    }
  }

  int bitsOf(int64_t first, int64_t count) const {
    auto codes = qcc::arith::WeightCodes::of(weights.data() + first * depth,
                                             static_cast<size_t>(count),
                                             static_cast<size_t>(depth));
    auto progression = codes.progression();
    bool isByte =
        progression.first >= INT8_MIN && progression.last() <= INT8_MAX;
    return isByte ? std::min(progression.bits(), 8) : 8;
  }

  /// Slices of the least bits together, and as few as that takes.
  SmallVector<Slice> divide() const {
    SmallVector<Slice> slices;
    for (int64_t first = 0; first < channels; first += kChannels) {
      int64_t count = std::min(kChannels, channels - first);
      slices.push_back({first, count, bitsOf(first, count)});
    }
    // The two neighbours that lose least by it become one.
    while (slices.size() > 1) {
      size_t best = 0;
      int64_t leastLoss = INT64_MAX;
      Slice joined;
      for (size_t i = 0; i + 1 < slices.size(); ++i) {
        const Slice &a = slices[i], &b = slices[i + 1];
        Slice both{a.first, a.count + b.count, 8};
        both.bits = bitsOf(both.first, both.count);
        int64_t loss = both.size() - a.size() - b.size();
        if (loss < leastLoss)
          leastLoss = loss, best = i, joined = both;
      }
      if (leastLoss > 0 && slices.size() <= kMostSlices)
        break;
      slices[best] = joined;
      slices.erase(slices.begin() + static_cast<ptrdiff_t>(best) + 1);
    }
    return slices;
  }

  int64_t channels = 0, depth = 0;

private:
  std::vector<int16_t> weights;
};

/// `type` for channels [first, first + count) of axis 0, with their scales.
RankedTensorType sliceOf(RankedTensorType type, const Slice &slice) {
  SmallVector<int64_t> shape(type.getShape());
  shape[0] = slice.count;
  Type element = type.getElementType();
  if (auto axis = dyn_cast<quant::UniformQuantizedPerAxisType>(element)) {
    auto part = [&](auto values) {
      return values.slice(static_cast<size_t>(slice.first),
                          static_cast<size_t>(slice.count));
    };
    element = quant::UniformQuantizedPerAxisType::get(
        axis.getFlags(), axis.getStorageType(), axis.getExpressedType(),
        part(axis.getScales()), part(axis.getZeroPoints()),
        axis.getQuantizedDimension(), axis.getStorageTypeMin(),
        axis.getStorageTypeMax());
  }
  return RankedTensorType::get(shape, element);
}

/// The same of a constant.
Value sliceOf(OpBuilder &b, qnn::ConstantOp constant, const Slice &slice) {
  auto type = cast<RankedTensorType>(constant.getType());
  auto dense = cast<DenseElementsAttr>(constant.getValue());
  RankedTensorType part = sliceOf(type, slice);
  auto stored = RankedTensorType::get(part.getShape(), dense.getElementType());
  DenseElementsAttr values;
  if (dense.isSplat()) {
    values = dense.resizeSplat(stored);
  } else {
    ArrayRef<char> raw = dense.getRawData();
    size_t row = raw.size() / static_cast<size_t>(type.getShape()[0]);
    values = DenseElementsAttr::getFromRawBuffer(
        stored, raw.slice(static_cast<size_t>(slice.first) * row,
                          static_cast<size_t>(slice.count) * row));
  }
  return qnn::ConstantOp::create(b, constant.getLoc(), part, values);
}

struct SliceWeightsPass : qcc::impl::SliceWeightsBase<SliceWeightsPass> {
  using SliceWeightsBase::SliceWeightsBase;

  KernelGoal wanted = KernelGoal::Time;

  LogicalResult initialize(MLIRContext *context) override {
    std::optional<KernelGoal> parsed = parseKernelGoal(goal);
    if (!parsed)
      return emitError(UnknownLoc::get(context), "goal is '")
             << goal << "', expected " << kKernelGoals;
    wanted = *parsed;
    return success();
  }

  void runOnOperation() override {
    std::optional<KernelFamily> only = parseKernelFamily(family);
    if (only && *only != KernelFamily::Container)
      return;
    if (wanted == KernelGoal::Time) {
      FailureOr<TargetFacts> facts = readTargetFacts(getOperation());
      if (failed(facts))
        return signalPassFailure();
      perByte = facts->cyclesPerByte(countConstantBytes(getOperation()));
      if (perByte == 0)
        return;
    }
    SmallVector<Operation *> products;
    getOperation()->walk([&](Operation *op) {
      if (isa<qnn::Conv2DOp, qnn::FullyConnectedOp>(op))
        products.push_back(op);
    });
    for (Operation *op : products)
      slice(op);
  }

  /// The constant of bytes, or for a bias of anything, with a channel to each
  /// index of axis 0.
  static qnn::ConstantOp constantOf(Value value, int64_t channels) {
    auto constant = value.getDefiningOp<qnn::ConstantOp>();
    if (!constant || !isa<DenseElementsAttr>(constant.getValue()))
      return {};
    auto type = cast<RankedTensorType>(constant.getType());
    std::optional<int64_t> axis = qnn::quantizedAxisOf(type);
    return type.getRank() > 0 && type.getShape()[0] == channels &&
                   axis.value_or(0) == 0
               ? constant
               : qnn::ConstantOp();
  }

  /// Whether `slices` are to be had for `whole`, of so many weights a channel
  /// and results in all.
  bool pays(const Slice &whole, ArrayRef<Slice> slices, int64_t depth,
            int64_t results) const {
    if (wanted == KernelGoal::Size) {
      int64_t bits = 0;
      for (const Slice &part : slices)
        bits += part.size();
      return bits * 8 <= whole.size() * 7;
    }
    // One pixel unpacks in registers while it waits; more of them read what was
    // unpacked into memory, 16 weights in a cycle. A call, and joining results.
    constexpr double perSlice = 100, perResult = 1.0 / 8;
    SlicePrice price{perByte, results > whole.count ? 1.0 / 16 : 0};
    double saved = -price.savedBy(whole, depth) -
                   perSlice * static_cast<double>(slices.size()) -
                   perResult * static_cast<double>(results);
    for (const Slice &part : slices)
      saved += price.savedBy(part, depth);
    return saved > 0;
  }

  double perByte = 0;

  void slice(Operation *op) {
    Value result = op->getResult(0);
    auto type = cast<RankedTensorType>(result.getType());
    if (op->getNumResults() != 1 || type.getRank() == 0 ||
        qnn::quantizedAxisOf(type))
      return;
    int64_t channels = type.getShape().back();
    SmallVector<qnn::ConstantOp> constants;
    for (Value operand : llvm::drop_begin(op->getOperands())) {
      constants.push_back(constantOf(operand, channels));
      if (!constants.back())
        return;
    }
    // Several groups of a convolution read different channels.
    auto filter = constants.empty()
                      ? RankedTensorType()
                      : cast<RankedTensorType>(constants[0].getType());
    auto input = cast<RankedTensorType>(op->getOperand(0).getType());
    if (!filter || !qnn::isQuantized(filter) ||
        qnn::bytesPerElement(filter) != 1 ||
        (isa<qnn::Conv2DOp>(op) &&
         filter.getShape().back() != input.getShape().back()))
      return;
    Widths widths(constants[0]);
    SmallVector<Slice> slices = widths.divide();
    if (slices.size() < 2)
      return;
    Slice whole{0, channels, widths.bitsOf(0, channels)};
    if (!pays(whole, slices, widths.depth, type.getNumElements()))
      return;
    OpBuilder b(op);
    Location unnamed = qnn::withoutTensor(op->getLoc());
    SmallVector<Value> parts;
    for (const Slice &part : slices) {
      SmallVector<Value> operands = {op->getOperand(0)};
      for (qnn::ConstantOp constant : constants)
        operands.push_back(sliceOf(b, constant, part));
      SmallVector<int64_t> shape(type.getShape());
      shape.back() = part.count;
      OperationState state(
          unnamed, op->getName(), operands,
          {RankedTensorType::get(shape, type.getElementType())},
          op->getAttrs());
      state.propertiesAttr = op->getPropertiesAsAttribute();
      parts.push_back(b.create(state)->getResult(0));
    }
    Value joined =
        qnn::ConcatOp::create(b, op->getLoc(), type, parts, type.getRank() - 1);
    result.replaceAllUsesWith(joined);
    op->erase();
    ++numSliced;
  }
};

} // namespace
