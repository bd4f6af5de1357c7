// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-move-transposes: a network that was written for NCHW has a transpose
// before and behind each window. Moved towards the results they meet and
// cancel.

#include "ConstantSupport.h"
#include "qcc/Dialect/QNN/IR/Layout.h"
#include "qcc/Dialect/QNN/Transforms/Passes.h"

#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

namespace qcc::qnn {
#define GEN_PASS_DEF_MOVETRANSPOSES
#include "qcc/Dialect/QNN/Transforms/Passes.h.inc"
} // namespace qcc::qnn

using namespace mlir;
using namespace qcc::qnn;

namespace {

using Axes = SmallVector<int64_t>;

bool isIdentity(ArrayRef<int64_t> permutation) {
  for (auto [i, axis] : llvm::enumerate(permutation))
    if (axis != static_cast<int64_t>(i))
      return false;
  return true;
}

Axes inverse(ArrayRef<int64_t> permutation) {
  Axes result(permutation.size());
  for (auto [i, axis] : llvm::enumerate(permutation))
    result[axis] = static_cast<int64_t>(i);
  return result;
}

/// values[i] is about axis i of the transposed tensor: the same about the axes
/// of the tensor before.
Axes before(ArrayRef<int64_t> permutation, ArrayRef<int64_t> values) {
  Axes result(values.size());
  for (auto [i, axis] : llvm::enumerate(permutation))
    result[axis] = values[i];
  return result;
}

Axes after(ArrayRef<int64_t> permutation, ArrayRef<int64_t> values) {
  Axes result;
  for (int64_t axis : permutation)
    result.push_back(values[axis]);
  return result;
}

/// The elements of a dense constant with its axes in another order.
DenseElementsAttr permute(DenseElementsAttr value,
                          ArrayRef<int64_t> permutation) {
  ArrayRef<int64_t> from = value.getType().getShape();
  Axes to = after(permutation, from);
  auto type = RankedTensorType::get(to, value.getElementType());
  if (value.isSplat())
    return value.reshape(type);
  Axes strides(from.size(), 1);
  for (size_t i = from.size(); i-- > 1;)
    strides[i - 1] = strides[i] * from[i];
  SmallVector<Attribute> elements(value.getValues<Attribute>().begin(),
                                  value.getValues<Attribute>().end());
  SmallVector<Attribute> moved;
  moved.reserve(elements.size());
  Axes at(to.size(), 0);
  for (size_t n = 0; n < elements.size(); ++n) {
    int64_t place = 0;
    for (auto [i, axis] : llvm::enumerate(permutation))
      place += at[i] * strides[axis];
    moved.push_back(elements[place]);
    for (size_t i = to.size(); i-- > 0;) {
      if (++at[i] < to[i])
        break;
      at[i] = 0;
    }
  }
  return DenseElementsAttr::get(type, moved);
}

/// Two transposes as one; none where it is the identity; a reshape where only
/// axes of extent 1 move.
struct Simplify : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    if (isIdentity(op.getPermutation())) {
      rewriter.replaceOp(op, op.getInput());
      return success();
    }
    if (auto first = op.getInput().getDefiningOp<TransposeOp>()) {
      rewriter.replaceOpWithNewOp<TransposeOp>(
          op, op.getType(), first.getInput(),
          after(op.getPermutation(), first.getPermutation()));
      return success();
    }
    Axes moved;
    for (int64_t axis : op.getPermutation())
      if (typeOf(op.getInput()).getDimSize(axis) != 1)
        moved.push_back(axis);
    if (!llvm::is_sorted(moved) || quantizedAxisOf(op.getType()))
      return rewriter.notifyMatchFailure(op, "moves elements");
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), op.getInput());
    return success();
  }
};

/// Constants are transposed here: they may be dequantized ones.
struct TransposeConstant : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto constant = op.getInput().getDefiningOp<ConstantOp>();
    auto value =
        constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : nullptr;
    if (!value || quantizedAxisOf(op.getType()))
      return rewriter.notifyMatchFailure(op, "no dense constant");
    rewriter.replaceOpWithNewOp<ConstantOp>(
        op, op.getType(), permute(value, op.getPermutation()));
    return success();
  }
};

/// Moves an operation before the transposes of its operands.
class MovePast : public RewritePattern {
public:
  MovePast(MLIRContext *context, Pass::Statistic &statistic)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context), count(statistic) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (op->getNumResults() != 1 || op->getNumOperands() == 0 ||
        op->getNumRegions() != 0 || isa<TransposeOp>(op))
      return failure();
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    TransposeOp first;
    for (Value operand : op->getOperands())
      if (auto transpose = operand.getDefiningOp<TransposeOp>();
          transpose && !first &&
          (!type || typeOf(operand).getRank() >= type.getRank()))
        first = transpose;
    if (!first || !type)
      return rewriter.notifyMatchFailure(op, "no operand is transposed");
    for (Type each :
         llvm::concat<const Type>(op->getOperandTypes(), op->getResultTypes()))
      if (quantizedAxisOf(each))
        return rewriter.notifyMatchFailure(op, "quantized per axis");
    Axes permutation(first.getPermutation());
    NamedAttrList attributes(op->getAttrDictionary());
    Builder b(op->getContext());
    auto mapped = [&](StringRef name) {
      auto values = op->getAttrOfType<DenseI64ArrayAttr>(name);
      attributes.set(name, b.getDenseI64ArrayAttr(
                               before(permutation, values.asArrayRef())));
    };
    auto mapAxis = [&] {
      int64_t axis = op->getAttrOfType<IntegerAttr>("axis").getInt();
      attributes.set("axis", b.getI64IntegerAttr(permutation[axis]));
    };
    Axes resultPermutation = permutation;
    unsigned moving = op->getNumOperands();
    if (isa<PadOp, MirrorPadOp>(op)) {
      mapped("low");
      mapped("high");
    } else if (isa<SliceOp>(op)) {
      for (StringRef name : {"starts", "sizes", "steps"})
        mapped(name);
    } else if (isa<ConcatOp>(op)) {
      mapAxis();
    } else if (auto gather = dyn_cast<GatherOp>(op)) {
      if (gather.getBatchDims() != 0 ||
          !op->getOperand(0).getDefiningOp<TransposeOp>() ||
          typeOf(gather.getIndices()).getRank() != 1)
        return rewriter.notifyMatchFailure(op, "gathers more than slices");
      mapAxis();
      moving = 1;
    } else if (isa<MeanOp, SumOp, ReduceMaxOp, ReduceMinOp>(op)) {
      Axes axes;
      for (int64_t axis :
           op->getAttrOfType<DenseI64ArrayAttr>("axes").asArrayRef())
        axes.push_back(permutation[axis]);
      llvm::sort(axes);
      attributes.set("axes", b.getDenseI64ArrayAttr(axes));
      if (!op->hasAttr("keep_dims")) {
        // What is left, numbered anew.
        Axes left;
        for (int64_t axis : permutation)
          if (!llvm::is_contained(axes, axis))
            left.push_back(axis);
        resultPermutation.clear();
        for (int64_t axis : left)
          resultPermutation.push_back(
              llvm::count_if(left, [&](int64_t a) { return a < axis; }));
      }
    } else if (!isElementwise(op)) {
      return rewriter.notifyMatchFailure(op, "knows its axes");
    }
    SmallVector<Value> operands;
    for (auto [k, operand] : llvm::enumerate(op->getOperands())) {
      if (k >= moving) {
        operands.push_back(operand);
        continue;
      }
      Value moved = sourceOf(operand, permutation, rewriter);
      if (!moved)
        return rewriter.notifyMatchFailure(op,
                                           "another operand is not transposed");
      operands.push_back(moved);
    }
    Axes shape(resultPermutation.size());
    for (auto [i, axis] : llvm::enumerate(resultPermutation))
      shape[axis] = type.getDimSize(static_cast<unsigned>(i));
    OperationState state(
        beforeTranspose(op->getLoc(), resultPermutation, shape), op->getName());
    state.addOperands(operands);
    state.addAttributes(attributes);
    state.addTypes(RankedTensorType::get(shape, type.getElementType()));
    Operation *made = rewriter.create(state);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, type, made->getResult(0),
                                             resultPermutation);
    ++count;
    return success();
  }

private:
  static bool isElementwise(Operation *op) {
    return isa<InPlaceOpInterface>(op) && !isa<ReshapeOp>(op);
  }

  /// What `operand` is the transpose of: constants, which may have fewer axes,
  /// are transposed back.
  static Value sourceOf(Value operand, ArrayRef<int64_t> permutation,
                        PatternRewriter &rewriter) {
    if (auto transpose = operand.getDefiningOp<TransposeOp>())
      return transpose.getPermutation() == permutation ? transpose.getInput()
                                                       : Value();
    RankedTensorType type = typeOf(operand);
    if (type.getNumElements() == 1 &&
        type.getRank() <= static_cast<int64_t>(permutation.size())) {
      if (type.getRank() == 0)
        return operand;
      if (operand.getDefiningOp<ConstantOp>() == nullptr)
        return {};
    }
    auto constant = operand.getDefiningOp<ConstantOp>();
    auto value =
        constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : nullptr;
    if (!value || quantizedAxisOf(type) ||
        type.getRank() > static_cast<int64_t>(permutation.size()))
      return {};
    Axes shape(permutation.size() - type.getRank(), 1);
    llvm::append_range(shape, type.getShape());
    DenseElementsAttr moved = permute(
        value.reshape(RankedTensorType::get(shape, value.getElementType())),
        inverse(permutation));
    return ConstantOp::create(rewriter, operand.getLoc(),
                              RankedTensorType::get(moved.getType().getShape(),
                                                    type.getElementType()),
                              moved);
  }

  Pass::Statistic &count;
};

/// A function of single elements goes before the reshape of a transposed
/// tensor, so that the reshape meets what reads it.
struct MoveReshape : RewritePattern {
  MoveReshape(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (op->getNumOperands() != 1 || op->getNumResults() != 1 ||
        !isa<InPlaceOpInterface>(op) || isa<ReshapeOp>(op))
      return failure();
    auto reshape = op->getOperand(0).getDefiningOp<ReshapeOp>();
    if (!reshape || !reshape.getInput().getDefiningOp<TransposeOp>())
      return rewriter.notifyMatchFailure(op, "no transpose is reshaped");
    RankedTensorType type = typeOf(op->getResult(0));
    if (quantizedAxisOf(type) || quantizedAxisOf(reshape.getType()))
      return rewriter.notifyMatchFailure(op, "quantized per axis");
    OperationState state(op->getLoc(), op->getName());
    state.addOperands(reshape.getInput());
    state.addAttributes(op->getAttrs());
    state.addTypes(withShape(type, typeOf(reshape.getInput()).getShape()));
    Operation *made = rewriter.create(state);
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, type, made->getResult(0));
    return success();
  }
};

/// Axes of extent 1 come and go before the transpose: windows of one dimension
/// are reshaped to two and back.
struct MoveUnitAxes : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getInput().getDefiningOp<TransposeOp>();
    if (!transpose || quantizedAxisOf(op.getType()))
      return rewriter.notifyMatchFailure(op, "no transpose is reshaped");
    auto longAxes = [](ArrayRef<int64_t> shape) {
      Axes axes;
      for (auto [i, extent] : llvm::enumerate(shape))
        if (extent != 1)
          axes.push_back(static_cast<int64_t>(i));
      return axes;
    };
    ArrayRef<int64_t> permutation = transpose.getPermutation(),
                      shape = typeOf(op).getShape(),
                      source = typeOf(transpose.getInput()).getShape();
    Axes own = longAxes(shape), read = longAxes(typeOf(transpose).getShape());
    if (own.empty() || own.size() != read.size() ||
        llvm::any_of(llvm::zip(own, read), [&](auto axes) {
          return shape[std::get<0>(axes)] !=
                 typeOf(transpose).getDimSize(std::get<1>(axes));
        }))
      return rewriter.notifyMatchFailure(op, "joins or divides axes");
    // Axes of 1 first, the others in the order before the transpose.
    int64_t units = static_cast<int64_t>(shape.size() - own.size());
    Axes before(units, 1), moved(shape.size());
    for (int64_t axis : longAxes(source)) {
      size_t at = llvm::find(read, llvm::find(permutation, axis) -
                                       permutation.begin()) -
                  read.begin();
      moved[own[at]] = static_cast<int64_t>(before.size());
      before.push_back(source[axis]);
    }
    int64_t unit = 0;
    for (auto [i, extent] : llvm::enumerate(shape))
      if (extent == 1)
        moved[i] = unit++;
    Value reshaped =
        ReshapeOp::create(rewriter, beforeTranspose(op.getLoc(), moved, before),
                          withShape(typeOf(op), before), transpose.getInput());
    rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getType(), reshaped, moved);
    return success();
  }
};

/// A matrix product of what is transposed and flattened: the filter's columns
/// take the other order.
struct IntoFilter : OpRewritePattern<FullyConnectedOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(FullyConnectedOp op,
                                PatternRewriter &rewriter) const override {
    auto reshape = op.getInput().getDefiningOp<ReshapeOp>();
    auto transpose =
        reshape ? reshape.getInput().getDefiningOp<TransposeOp>() : nullptr;
    ConstantOp constant = constantBehind(op.getFilter());
    auto value =
        constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : nullptr;
    if (!transpose || !value)
      return rewriter.notifyMatchFailure(op, "no transpose is flattened");
    ArrayRef<int64_t> permutation = transpose.getPermutation();
    ArrayRef<int64_t> shape = typeOf(transpose).getShape();
    int64_t depth = typeOf(op.getFilter()).getDimSize(1), columns = 1;
    for (int64_t extent : shape.drop_front())
      columns *= extent;
    std::optional<int64_t> axis = quantizedAxisOf(constant.getType());
    if (permutation.empty() || permutation[0] != 0 || columns != depth ||
        (axis && *axis != 0))
      return rewriter.notifyMatchFailure(op, "rows are not whole samples");
    int64_t outputs = typeOf(op.getFilter()).getDimSize(0);
    Axes split = {outputs};
    llvm::append_range(split, shape.drop_front());
    DenseElementsAttr moved =
        permute(
            value.reshape(RankedTensorType::get(split, value.getElementType())),
            inverse(permutation))
            .reshape(value.getType());
    Value filter = ConstantOp::create(rewriter, constant.getLoc(),
                                      constant.getType(), moved);
    if (auto dequantize = op.getFilter().getDefiningOp<DequantizeOp>())
      filter = DequantizeOp::create(rewriter, dequantize.getLoc(),
                                    dequantize.getType(), filter);
    Value input = ReshapeOp::create(rewriter, withoutTensor(reshape.getLoc()),
                                    reshape.getType(), transpose.getInput());
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(input);
      op.getFilterMutable().assign(filter);
    });
    return success();
  }
};

struct MoveTransposesPass
    : qcc::qnn::impl::MoveTransposesBase<MoveTransposesPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Simplify, TransposeConstant, IntoFilter, MoveReshape,
                 MoveUnitAxes>(&getContext());
    patterns.add<MovePast>(&getContext(), numMoved);
    GreedyRewriteConfig config = withoutFolding();
    // Each moves past every operation once.
    config.setMaxIterations(GreedyRewriteConfig::kNoLimit);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns),
                                     config))) {
      getOperation()->emitError()
          << "qnn-move-transposes did not come to an end";
      signalPassFailure();
    }
  }
};

} // namespace
