// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What kernels that are no convolutions share. See the header.

#include "KernelSupport.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Reference/InterpretableOpInterface.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>
#include <functional>

using namespace mlir;

namespace qcc {

int64_t lanesFor(const TargetFacts &facts, int64_t bytes, bool isFloat) {
  if (isFloat && !facts.hasVectorFloat)
    return 1;
  return std::max<int64_t>(1, facts.vectorBytes() / bytes);
}

bool isSingleOp(qnn::LayerOp layer, std::string &why) {
  Operation *anchor = getAnchorOp(layer);
  for (Operation &op : layer.getBody().front())
    if (&op != anchor && !isa<qnn::ConstantOp, qnn::YieldOp>(op)) {
      why = "another operation is fused to the layer";
      return false;
    }
  if (layer->getNumResults() != 1) {
    why = "the layer has several results";
    return false;
  }
  return true;
}

bool isStateLayer(qnn::LayerOp layer, Operation *anchor, std::string &why) {
  Block &body = layer.getBody().front();
  for (Operation &op : body)
    if (&op != anchor && !isa<qnn::ConstantOp, qnn::YieldOp>(op)) {
      why = "another operation is fused to the layer";
      return false;
    }
  if (!llvm::equal(body.getTerminator()->getOperands(), anchor->getResults())) {
    why = "the layer does not yield all of the operation's results";
    return false;
  }
  return true;
}

bool hasFloats(const TargetFacts &facts, std::string &why) {
  if (facts.hasFloat && !facts.integerOnly)
    return true;
  why = facts.hasFloat ? "float arithmetic, but code is to be integer-only; "
                         "see --integer-only"
                       : "float arithmetic, but the target has no "
                         "floating-point unit";
  return false;
}

Type memoryTypeOf(Type type) {
  Type storage = qnn::storageTypeOf(type);
  if (isa<FloatType>(storage))
    return storage;
  return IntegerType::get(
      type.getContext(), static_cast<unsigned>(qnn::bytesPerElement(type) * 8));
}

KernelChoice makeElementwiseChoice(qnn::LayerOp layer, int64_t lanes,
                                   double cyclesPerVector) {
  KernelChoice choice;
  auto type = cast<RankedTensorType>(layer.getResult(0).getType());
  choice.cycles = 20 + cyclesPerVector *
                           static_cast<double>(type.getNumElements()) /
                           static_cast<double>(lanes);
  choice.producesPadding = type.getRank() == 4;
  for (BlockArgument input : layer.getBody().getArguments()) {
    auto inputType = cast<RankedTensorType>(input.getType());
    choice.inputs.push_back({inputType.getRank() == 4, {0, 0, 0, 0}});
    auto goesByElements = [](Operation *user) {
      return isa<qnn::InPlaceOpInterface>(user);
    };
    if (inputType.getShape() == type.getShape() &&
        qnn::isFloat(inputType) == qnn::isFloat(type) &&
        qnn::bytesPerElement(inputType) == qnn::bytesPerElement(type) &&
        llvm::all_of(input.getUsers(), goesByElements))
      choice.inPlaceInputs.push_back(input.getArgNumber());
  }
  return choice;
}

KernelChoice makeRowwiseChoice(qnn::LayerOp layer, const TargetFacts &facts,
                               int64_t lanes, double cyclesPerVector) {
  KernelChoice choice = makeElementwiseChoice(layer, lanes, cyclesPerVector);
  auto result = cast<RankedTensorType>(layer.getResult(0).getType());
  if (!facts.prefersSmallMemory() || result.getRank() != 4 ||
      result.getDimSize(0) != 1)
    return choice;
  for (auto [number, input] : llvm::enumerate(layer.getInputs()))
    if (cast<RankedTensorType>(input.getType()).getShape() == result.getShape())
      choice.walks.push_back({static_cast<int64_t>(number)});
  return choice;
}

TensorView viewOperand(LayerEmitter &e, Value operand, StringRef suffix) {
  if (auto argument = dyn_cast<BlockArgument>(operand))
    return e.inputs[argument.getArgNumber()];
  auto constant = operand.getDefiningOp<qnn::ConstantOp>();
  TensorView view;
  view.type = cast<RankedTensorType>(operand.getType());
  view.strides.resize(static_cast<size_t>(view.type.getRank()));
  int64_t stride = 1;
  for (size_t axis = view.strides.size(); axis-- > 0;) {
    view.strides[axis] = stride;
    stride *= view.shape()[axis];
  }
  auto values = reference::RefTensor::fromAttr(constant.getValue(), view.type);
  assert(values && "kernels match only constants that can be read");
  Type memory = memoryTypeOf(view.type);
  auto type = RankedTensorType::get({values->getNumElements()}, memory);
  if (values->isFloat()) {
    view.memref =
        e.table(suffix, DenseElementsAttr::get(type, values->floats()));
    return view;
  }
  SmallVector<APInt> integers;
  for (int64_t value : values->ints())
    integers.emplace_back(memory.getIntOrFloatBitWidth(),
                          static_cast<uint64_t>(value), /*isSigned=*/true,
                          /*implicitTrunc=*/true);
  view.memref = e.table(suffix, DenseElementsAttr::get(type, integers));
  return view;
}

TensorView broadcastView(const TensorView &view, RankedTensorType type) {
  TensorView result = view;
  result.type = qnn::withShape(view.type, type.getShape());
  size_t rank = static_cast<size_t>(type.getRank());
  size_t missing = rank - view.shape().size();
  result.strides.assign(rank, 0);
  for (size_t axis = missing; axis < rank; ++axis)
    if (view.shape()[axis - missing] != 1)
      result.strides[axis] = view.strides[axis - missing];
  return result;
}

void forEachBroadcastRun(
    LayerEmitter &e, ArrayRef<const TensorView *> views,
    function_ref<void(ArrayRef<Value>, ArrayRef<bool>, int64_t)> body) {
  ArrayRef<int64_t> shape = views.front()->shape();
  SmallVector<bool> isRepeated(views.size(), false);
  int64_t run = 1;
  size_t outer = shape.size();
  // Rows of a result that lies over an input stay apart.
  size_t least = e.isRowWise ? 2 : 0;
  for (; outer > least; --outer) {
    size_t axis = outer - 1;
    if (shape[axis] == 1)
      continue;
    bool fits = true;
    for (auto [view, repeated] : llvm::zip(views, isRepeated)) {
      if (run == 1)
        repeated = view->strides[axis] == 0;
      fits &= view->strides[axis] == (repeated ? 0 : run);
    }
    if (!fits)
      break;
    run *= shape[axis];
  }
  if (run == 1)
    isRepeated.assign(views.size(), false);
  SmallVector<Value> bases;
  for (const TensorView *view : views)
    bases.push_back(e.index(view->base));
  std::function<void(size_t, SmallVector<Value>)> nest =
      [&](size_t axis, SmallVector<Value> at) {
        if (axis == outer)
          return body(at, isRepeated, run);
        auto each = [&](Value iv) {
          SmallVector<Value> inner;
          for (auto [view, offset] : llvm::zip(views, at))
            inner.push_back(
                view->strides[axis] == 0
                    ? offset
                    : e.add(e.mul(iv, view->strides[axis]), offset));
          nest(axis + 1, inner);
        };
        if (e.isRowWise && axis == 1)
          e.forEachRow(shape[axis], each);
        else
          e.splitLoop(shape[axis], each);
      };
  e.inParallel([&] { nest(0, bases); });
}

std::optional<unsigned> getTabulatedOperand(Operation *op) {
  std::optional<unsigned> varying;
  for (auto [number, operand] : llvm::enumerate(op->getOperands())) {
    auto type = cast<RankedTensorType>(operand.getType());
    if (operand.getDefiningOp<qnn::ConstantOp>()) {
      if (type.getNumElements() != 1)
        return std::nullopt;
      continue;
    }
    if (varying || qnn::bytesPerElement(type) != 1 || qnn::isFloat(type))
      return std::nullopt;
    varying = static_cast<unsigned>(number);
  }
  return varying;
}

std::optional<UnaryTable> tabulateUnary(Operation *op) {
  std::optional<unsigned> varying = getTabulatedOperand(op);
  if (!varying)
    return std::nullopt;
  auto from = cast<RankedTensorType>(op->getOperand(*varying).getType());
  auto to = cast<RankedTensorType>(op->getResult(0).getType());
  int64_t first = qnn::isSignedStorage(from) ? -128 : 0;
  auto [lo, hi] = qnn::storageRange(from);
  reference::RefTensor input(qnn::withShape(from, {256}));
  for (int64_t i = 0; i < 256; ++i)
    input.ints()[static_cast<size_t>(i)] = std::clamp(first + i, lo, hi);

  // The same operation on a tensor of all values.
  Block block;
  OperationState state(op->getLoc(), op->getName());
  SmallVector<reference::RefTensor> operands;
  for (auto [number, operand] : llvm::enumerate(op->getOperands())) {
    operands.push_back(input);
    if (auto constant = operand.getDefiningOp<qnn::ConstantOp>()) {
      auto type = cast<RankedTensorType>(operand.getType());
      auto value = reference::RefTensor::fromAttr(constant.getValue(), type);
      if (!value)
        return std::nullopt;
      operands.back() = value->withType(qnn::withShape(type, {1}));
    }
    state.addOperands(
        block.addArgument(operands.back().getType(), op->getLoc()));
  }
  state.addTypes(qnn::withShape(to, {256}));
  state.addAttributes(op->getAttrs());
  OpBuilder builder(op->getContext());
  builder.setInsertionPointToEnd(&block);
  Operation *onAll = builder.create(state);
  auto interpretable = dyn_cast<reference::InterpretableOpInterface>(onAll);
  reference::RefTensor result(qnn::withShape(to, {256}));
  if (!interpretable || failed(interpretable.interpret(operands, result)))
    return std::nullopt;
  UnaryTable table;
  if (result.isFloat())
    table.floats = result.floats().vec();
  else
    table.integers = result.ints().vec();
  return table;
}

void emitUnary(LayerEmitter &e, int64_t lanes,
               llvm::function_ref<Value(Value)> convert) {
  emitUnary(e, lanes, 0, convert);
}

void emitUnary(LayerEmitter &e, int64_t lanes, unsigned operand,
               llvm::function_ref<Value(Value)> convert) {
  TensorView in =
      viewOperand(e, getAnchorOp(e.layer)->getOperand(operand), "input");
  const TensorView &out = e.outputs[0];
  e.inParallel([&] {
    e.forEachRun({&in, &out}, [&](ArrayRef<Value> at, int64_t count) {
      e.forEachVector(count, lanes, [&](Value offset, int64_t width) {
        Value value = e.load(in.memref, e.add(at[0], offset), width);
        e.store(convert(value), out.memref, e.add(at[1], offset));
      });
    });
  });
}

Value maxFloat(LayerEmitter &e, Value a, Value b) {
  Value less =
      mlir::arith::CmpFOp::create(e.b, mlir::arith::CmpFPredicate::OLT, a, b);
  return mlir::arith::SelectOp::create(e.b, less, b, a);
}

Value minFloat(LayerEmitter &e, Value a, Value b) {
  Value less =
      mlir::arith::CmpFOp::create(e.b, mlir::arith::CmpFPredicate::OLT, b, a);
  return mlir::arith::SelectOp::create(e.b, less, b, a);
}

Value clampFloat(LayerEmitter &e, Value value, float lo, float hi) {
  if (lo != -INFINITY)
    value = maxFloat(e, value, e.constantFloat(value.getType(), lo));
  if (hi != INFINITY)
    value = minFloat(e, value, e.constantFloat(value.getType(), hi));
  return value;
}

Value clampInteger(LayerEmitter &e, Value value, int64_t lo, int64_t hi,
                   int64_t knownLo, int64_t knownHi, bool isSigned) {
  if (knownLo < lo) {
    Value bound = e.constant(value.getType(), lo);
    value = isSigned ? Value(mlir::arith::MaxSIOp::create(e.b, value, bound))
                     : Value(mlir::arith::MaxUIOp::create(e.b, value, bound));
  }
  if (knownHi > hi) {
    Value bound = e.constant(value.getType(), hi);
    value = isSigned ? Value(mlir::arith::MinSIOp::create(e.b, value, bound))
                     : Value(mlir::arith::MinUIOp::create(e.b, value, bound));
  }
  return value;
}

Value resizeInteger(LayerEmitter &e, Value value, Type element, bool isSigned) {
  unsigned have = getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth();
  if (have < element.getIntOrFloatBitWidth())
    return e.extend(value, element, isSigned);
  if (have == element.getIntOrFloatBitWidth())
    return value;
  return mlir::arith::TruncIOp::create(
      e.b, LayerEmitter::withElement(value.getType(), element), value);
}

} // namespace qcc
