// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shape inference, verification and folding of data movement, and the boxes
// that each operation moves.

#include "OpSupport.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace qcc::qnn;

Move Move::whole(int64_t operand, ArrayRef<int64_t> origin,
                 ArrayRef<int64_t> shape) {
  Move move;
  move.operand = operand;
  move.origin.assign(origin.begin(), origin.end());
  move.shape.assign(shape.begin(), shape.end());
  move.start.assign(shape.size(), 0);
  move.axes = llvm::to_vector(llvm::seq<int64_t>(0, shape.size()));
  move.steps.assign(shape.size(), 1);
  return move;
}

bool Move::isEmpty() const { return llvm::is_contained(shape, 0); }

namespace {

bool isZero(int64_t v) { return v == 0; }

LogicalResult verifyMove(Operation *op) {
  return failed(verifySameElementType(op,
                                      SmallVector<Value>(op->getOperands()))) ||
                 failed(verifyNoAxis(op))
             ? failure()
             : verifyInferredShape(op);
}

/// Extents of `input` with `low` and `high` more.
FailureOr<SmallVector<int64_t>> paddedShape(Operation *op, Value input,
                                            ArrayRef<int64_t> low,
                                            ArrayRef<int64_t> high) {
  ArrayRef<int64_t> in = shapeOf(input);
  if (failed(verifyNumbers(op, "low", low, in.size(), 0)) ||
      failed(verifyNumbers(op, "high", high, in.size(), 0)))
    return failure();
  SmallVector<int64_t> shape;
  for (auto [extent, before, after] : llvm::zip(in, low, high))
    shape.push_back(extent + before + after);
  return shape;
}

/// reshape(reshape(x)) is one reshape of x.
struct FoldReshapeOfReshape : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto producer = op.getInput().getDefiningOp<ReshapeOp>();
    if (!producer)
      return rewriter.notifyMatchFailure(op, "operand is not a reshape");
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(),
                                           producer.getInput());
    return success();
  }
};

/// transpose(transpose(x)) is one transpose of x.
struct FoldTransposeOfTranspose : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto producer = op.getInput().getDefiningOp<TransposeOp>();
    if (!producer)
      return rewriter.notifyMatchFailure(op, "operand is not a transpose");
    SmallVector<int64_t> permutation;
    for (int64_t axis : op.getPermutation())
      permutation.push_back(producer.getPermutation()[axis]);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getType(),
                                             producer.getInput(), permutation);
    return success();
  }
};

/// A transpose that only moves axes of extent 1 keeps the order of elements.
struct TransposeToReshape : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    ArrayRef<int64_t> in = shapeOf(op.getInput());
    SmallVector<int64_t> moved;
    for (int64_t axis : op.getPermutation())
      if (in[axis] != 1)
        moved.push_back(axis);
    if (!llvm::is_sorted(moved))
      return rewriter.notifyMatchFailure(op, "the order of elements changes");
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), op.getInput());
    return success();
  }
};

} // namespace

//===----------------------------------------------------------------------===//
// broadcast
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> BroadcastOp::inferShape() {
  ArrayRef<int64_t> in = shapeOf(getInput()), out = shapeOf(getResult());
  bool fits = in.size() == out.size();
  for (size_t i = 0; fits && i < in.size(); ++i)
    fits = in[i] == out[i] || in[i] == 1;
  if (!fits)
    return emitOpError() << "shape [" << in << "] does not broadcast to ["
                         << out << "]";
  return llvm::to_vector(out);
}

LogicalResult BroadcastOp::verify() { return verifyMove(*this); }

OpFoldResult BroadcastOp::fold(FoldAdaptor) {
  return getInput().getType() == getType() ? OpFoldResult(getInput())
                                           : OpFoldResult();
}

std::vector<Move> BroadcastOp::getMoves() {
  ArrayRef<int64_t> in = shapeOf(getInput()), out = shapeOf(getResult());
  Move move = Move::whole(0, SmallVector<int64_t>(out.size(), 0), out);
  for (size_t i = 0; i < in.size(); ++i)
    move.steps[i] = in[i] == 1 ? 0 : 1;
  return {move};
}

//===----------------------------------------------------------------------===//
// concat, copy
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> ConcatOp::inferShape() {
  if (getInputs().empty())
    return emitOpError() << "needs at least one operand";
  SmallVector<int64_t> shape = llvm::to_vector(shapeOf(getInputs().front()));
  int64_t axis = getAxis();
  if (failed(verifyAxis(*this, axis, static_cast<int64_t>(shape.size()))))
    return failure();
  shape[axis] = 0;
  for (Value input : getInputs()) {
    SmallVector<int64_t> other = llvm::to_vector(shapeOf(input));
    if (other.size() != shape.size())
      return emitOpError() << "operands have ranks " << shape.size() << " and "
                           << other.size();
    shape[axis] += other[axis];
    other[axis] = shape[axis];
    if (other != shape)
      return emitOpError() << "operands disagree in an axis other than " << axis
                           << ": " << getInputs()[0].getType() << " and "
                           << input.getType();
  }
  return shape;
}

LogicalResult ConcatOp::verify() {
  return failed(verifySameElementType(*this, SmallVector<Value>(getInputs())))
             ? failure()
             : verifyInferredShape(*this);
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  return getInputs().size() == 1 && getInputs()[0].getType() == getType()
             ? OpFoldResult(getInputs()[0])
             : OpFoldResult();
}

std::vector<Move> ConcatOp::getMoves() {
  std::vector<Move> moves;
  SmallVector<int64_t> origin(shapeOf(getResult()).size(), 0);
  for (auto [number, input] : llvm::enumerate(getInputs())) {
    moves.push_back(
        Move::whole(static_cast<int64_t>(number), origin, shapeOf(input)));
    origin[getAxis()] += shapeOf(input)[getAxis()];
  }
  return moves;
}

FailureOr<SmallVector<int64_t>> CopyOp::inferShape() {
  return llvm::to_vector(shapeOf(getInput()));
}

LogicalResult CopyOp::verify() {
  if (getInput().getType() != getType())
    return emitOpError()
           << "operand and result must have the same type, but got "
           << getInput().getType() << " and " << getType();
  return success();
}

std::vector<Move> CopyOp::getMoves() {
  ArrayRef<int64_t> shape = shapeOf(getInput());
  return {Move::whole(0, SmallVector<int64_t>(shape.size(), 0), shape)};
}

//===----------------------------------------------------------------------===//
// mirror_pad, pad
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> MirrorPadOp::inferShape() {
  auto shape = paddedShape(*this, getInput(), getLow(), getHigh());
  if (failed(shape))
    return failure();
  for (auto [axis, extent] : llvm::enumerate(shapeOf(getInput()))) {
    int64_t most = getSymmetric() ? extent : extent - 1;
    int64_t wanted = std::max(getLow()[axis], getHigh()[axis]);
    if (wanted > most)
      return emitOpError() << "axis " << axis << " of extent " << extent
                           << " has a mirror of at most " << most
                           << " elements, but is to be padded by " << wanted;
  }
  return shape;
}

LogicalResult MirrorPadOp::verify() { return verifyMove(*this); }

std::vector<Move> MirrorPadOp::getMoves() {
  ArrayRef<int64_t> in = shapeOf(getInput());
  int64_t edge = getSymmetric() ? 1 : 0;
  // Axis by axis, each box becomes up to three.
  std::vector<Move> moves = {
      Move::whole(0, SmallVector<int64_t>(in.size(), 0), in)};
  for (size_t axis = 0; axis < in.size(); ++axis) {
    int64_t low = getLow()[axis], high = getHigh()[axis];
    std::vector<Move> next;
    for (const Move &move : moves) {
      auto add = [&](int64_t origin, int64_t extent, int64_t start,
                     int64_t step) {
        if (extent == 0)
          return;
        Move part = move;
        part.origin[axis] = origin;
        part.shape[axis] = extent;
        part.start[axis] = start;
        part.steps[axis] = step;
        next.push_back(part);
      };
      add(0, low, low - edge, -1);
      add(low, in[axis], 0, 1);
      add(low + in[axis], high, in[axis] - 2 + edge, -1);
    }
    moves = std::move(next);
  }
  return moves;
}

FailureOr<SmallVector<int64_t>> PadOp::inferShape() {
  return paddedShape(*this, getInput(), getLow(), getHigh());
}

LogicalResult PadOp::verify() {
  if (std::optional<Attribute> value = getValue()) {
    auto number = dyn_cast<IntegerAttr>(*value);
    if (static_cast<bool>(number) == isFloat(getType()))
      return emitOpError() << "'value' " << *value
                           << " is no element of the result " << getType();
    auto [lo, hi] = storageRange(getType());
    if (number && (number.getInt() < lo || number.getInt() > hi))
      return emitOpError() << "'value' " << number.getInt()
                           << " lies outside the storage range [" << lo << ", "
                           << hi << "]";
  }
  if (!getValue() && isBipolar(getType()) &&
      !llvm::equal(shapeOf(getInput()), shapeOf(getResult())))
    return emitOpError() << "pads with the zero point, which is no value of "
                         << getType();
  return failed(verifySameElementType(*this, {getInput()}))
             ? failure()
             : verifyInferredShape(*this);
}

OpFoldResult PadOp::fold(FoldAdaptor) {
  if (llvm::all_of(getLow(), isZero) && llvm::all_of(getHigh(), isZero) &&
      getInput().getType() == getType())
    return getInput();
  return {};
}

std::vector<Move> PadOp::getMoves() {
  // Before and after the input along axis 0, then within it along axis 1, and
  // so on; what is left is the interior.
  ArrayRef<int64_t> in = shapeOf(getInput());
  std::vector<Move> moves;
  SmallVector<int64_t> origin(in.size(), 0);
  SmallVector<int64_t> shape(shapeOf(getResult()));
  auto fill = [&] {
    Move move;
    move.origin = origin;
    move.shape = shape;
    if (!move.isEmpty())
      moves.push_back(move);
  };
  for (size_t axis = 0; axis < in.size(); ++axis) {
    int64_t low = getLow()[axis];
    shape[axis] = low;
    fill();
    origin[axis] = low + in[axis];
    shape[axis] = getHigh()[axis];
    fill();
    origin[axis] = low;
    shape[axis] = in[axis];
  }
  moves.push_back(Move::whole(0, origin, in));
  return moves;
}

TypedAttr PadOp::getFill() {
  return cast_if_present<TypedAttr>(getValue().value_or(Attribute()));
}

//===----------------------------------------------------------------------===//
// reshape
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> ReshapeOp::inferShape() {
  auto in = cast<RankedTensorType>(getInput().getType()),
       out = cast<RankedTensorType>(getType());
  if (in.getNumElements() != out.getNumElements())
    return emitOpError() << "operand has " << in.getNumElements()
                         << " elements, but the result "
                         << out.getNumElements();
  return llvm::to_vector(out.getShape());
}

LogicalResult ReshapeOp::verify() {
  return failed(verifySameElementType(*this, {getInput()}))
             ? failure()
             : verifyInferredShape(*this);
}

bool ReshapeOp::mayRunInPlace(unsigned) { return true; }

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (getInput().getType() == getType())
    return getInput();
  if (auto value = dyn_cast_if_present<DenseElementsAttr>(adaptor.getInput()))
    return value.reshape(
        cast<RankedTensorType>(getType()).clone(value.getElementType()));
  return {};
}

void ReshapeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                            MLIRContext *context) {
  patterns.add<FoldReshapeOfReshape>(context);
}

//===----------------------------------------------------------------------===//
// slice
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> SliceOp::inferShape() {
  ArrayRef<int64_t> in = shapeOf(getInput());
  if (failed(verifyNumbers(*this, "starts", getStarts(), in.size(), 0)) ||
      failed(verifyNumbers(*this, "sizes", getSizes(), in.size(), 1)) ||
      failed(verifyNumbers(*this, "steps", getSteps(), in.size(), INT32_MIN)))
    return failure();
  for (size_t i = 0; i < in.size(); ++i) {
    int64_t first = getStarts()[i],
            last = first + (getSizes()[i] - 1) * getSteps()[i];
    if (first >= in[i] || last < 0 || last >= in[i])
      return emitOpError() << "takes the elements " << first << " to " << last
                           << " of axis " << i << ", which has extent "
                           << in[i];
  }
  return llvm::to_vector(getSizes());
}

LogicalResult SliceOp::verify() { return verifyMove(*this); }

OpFoldResult SliceOp::fold(FoldAdaptor) {
  auto isOne = [](int64_t v) { return v == 1; };
  if (getInput().getType() == getType() && llvm::all_of(getSteps(), isOne))
    return getInput();
  return {};
}

std::vector<Move> SliceOp::getMoves() {
  ArrayRef<int64_t> out = getSizes();
  Move move = Move::whole(0, SmallVector<int64_t>(out.size(), 0), out);
  move.start.assign(getStarts().begin(), getStarts().end());
  move.steps.assign(getSteps().begin(), getSteps().end());
  return {move};
}

//===----------------------------------------------------------------------===//
// transpose
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> TransposeOp::inferShape() {
  ArrayRef<int64_t> in = shapeOf(getInput());
  SmallVector<int64_t> shape, sorted(getPermutation());
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(0, in.size())))
    return emitOpError() << "'permutation' [" << getPermutation()
                         << "] is none of " << in.size() << " axes";
  for (int64_t axis : getPermutation())
    shape.push_back(in[axis]);
  return shape;
}

LogicalResult TransposeOp::verify() { return verifyMove(*this); }

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  if (getInput().getType() == getType() && llvm::is_sorted(getPermutation()))
    return getInput();
  return {};
}

void TransposeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<FoldTransposeOfTranspose, TransposeToReshape>(context);
}

std::vector<Move> TransposeOp::getMoves() {
  ArrayRef<int64_t> out = shapeOf(getResult());
  Move move = Move::whole(0, SmallVector<int64_t>(out.size(), 0), out);
  move.axes.assign(getPermutation().begin(), getPermutation().end());
  return {move};
}
