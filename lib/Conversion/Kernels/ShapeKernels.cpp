// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations that only move elements: one kernel copies the boxes that
// MoveOpInterface names. Runs that are contiguous on both sides are copied in
// vectors, repeated elements are splat, reversed ones shuffled, and where the
// fastest axes differ, square tiles are transposed in registers.

#include "KernelSupport.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <functional>

using namespace mlir;

namespace qcc {

namespace {

/// Lanes of integers of the same size move any element, floats too; a target
/// without vectors of floats still moves them in lanes of its vector unit only
/// if it has one.
int64_t getMoveLanes(const TargetFacts &facts, Type type) {
  return lanesFor(facts, qnn::bytesPerElement(type), qnn::isFloat(type));
}

/// `view` seen through `shape` with `strides`, from its element `base` on.
TensorView reshaped(const TensorView &view, int64_t base,
                    ArrayRef<int64_t> shape, ArrayRef<int64_t> strides) {
  TensorView part = view;
  part.type = qnn::withShape(view.type, shape);
  part.strides.assign(strides.begin(), strides.end());
  part.base = base;
  return part;
}

/// The part of `view` that starts at `origin` and has `shape`.
TensorView subview(const TensorView &view, ArrayRef<int64_t> origin,
                   ArrayRef<int64_t> shape) {
  int64_t base = view.base;
  for (auto [stride, first] : llvm::zip_equal(view.strides, origin))
    base += stride * first;
  return reshaped(view, base, shape, view.strides);
}

/// What `move` reads of its operand, with the shape of its box.
TensorView sourceView(const TensorView &operand, const qnn::Move &move) {
  SmallVector<int64_t> strides;
  for (auto [axis, step] : llvm::zip_equal(move.axes, move.steps))
    strides.push_back(step * operand.strides[axis]);
  TensorView first = subview(operand, move.start, operand.shape());
  return reshaped(operand, first.base, move.shape, strides);
}

/// Leaves axes of extent 1 out of two views of one shape and makes axes one
/// that follow each other in both.
void mergeAxes(TensorView &from, TensorView &to) {
  SmallVector<int64_t> shape, fromStrides, toStrides;
  for (auto [axis, extent] : llvm::enumerate(to.shape())) {
    if (extent == 1)
      continue;
    int64_t in = from.strides[axis], out = to.strides[axis];
    if (!shape.empty() && fromStrides.back() == in * extent &&
        toStrides.back() == out * extent) {
      shape.back() *= extent;
      fromStrides.back() = in;
      toStrides.back() = out;
      continue;
    }
    shape.push_back(extent);
    fromStrides.push_back(in);
    toStrides.push_back(out);
  }
  from = reshaped(from, from.base, shape, fromStrides);
  to = reshaped(to, to.base, shape, toStrides);
}

/// Calls `body(from, to)` with the offsets of each element of the outer axes,
/// all but those in `inner`.
void forEachOuter(LayerEmitter &e, const TensorView &from, const TensorView &to,
                  ArrayRef<size_t> inner,
                  function_ref<void(Value, Value)> body) {
  std::function<void(size_t, Value, Value)> nest = [&](size_t axis, Value in,
                                                       Value out) {
    if (axis == to.shape().size())
      return body(in, out);
    if (llvm::is_contained(inner, axis))
      return nest(axis + 1, in, out);
    e.splitLoop(to.shape()[axis], [&](Value iv) {
      nest(axis + 1, e.add(e.mul(iv, from.strides[axis]), in),
           e.add(e.mul(iv, to.strides[axis]), out));
    });
  };
  nest(0, e.index(from.base), e.index(to.base));
}

/// The rows of a square matrix become its columns: log2(n) rounds of
/// interleaving row i with row i + n/2.
SmallVector<Value> transposeRows(LayerEmitter &e, SmallVector<Value> rows) {
  auto n = static_cast<int64_t>(rows.size());
  SmallVector<int64_t> low, high;
  for (int64_t i = 0; i < n / 2; ++i) {
    low.append({i, i + n});
    high.append({n / 2 + i, n / 2 + i + n});
  }
  for (int64_t round = 1; round < n; round *= 2) {
    SmallVector<Value> next;
    for (int64_t i = 0; i < n / 2; ++i)
      for (ArrayRef<int64_t> lanes : {low, high})
        next.push_back(
            vector::ShuffleOp::create(e.b, rows[i], rows[i + n / 2], lanes));
    rows = std::move(next);
  }
  return rows;
}

/// Copies where `from` is contiguous along `rows` and `to` along the last axis:
/// tiles of `size`, then what is left element by element.
void emitTransposed(LayerEmitter &e, const TensorView &from,
                    const TensorView &to, size_t rows, int64_t size) {
  size_t columns = to.shape().size() - 1;
  int64_t fullRows = to.shape()[rows] / size * size,
          fullColumns = to.shape()[columns] / size * size;
  forEachOuter(e, from, to, {rows, columns}, [&](Value in, Value out) {
    auto offset = [&](const TensorView &view, Value base, Value r, Value c) {
      return e.add(e.add(base, e.mul(r, view.strides[rows])),
                   e.mul(c, view.strides[columns]));
    };
    auto emitTile = [&](Value r, Value c) {
      SmallVector<Value> tile;
      for (int64_t i = 0; i < size; ++i)
        tile.push_back(
            e.load(from.memref, offset(from, in, r, e.add(c, i)), size));
      tile = transposeRows(e, tile);
      for (int64_t i = 0; i < size; ++i)
        e.store(tile[i], to.memref, offset(to, out, e.add(r, i), c));
    };
    e.splitLoop(fullRows / size, [&](Value row) {
      e.splitLoop(fullColumns / size, [&](Value column) {
        e.once([&] { emitTile(e.mul(row, size), e.mul(column, size)); });
      });
    });
    auto rest = [&](int64_t firstRow, int64_t countRows, int64_t firstColumn,
                    int64_t countColumns) {
      if (countRows == 0 || countColumns == 0)
        return;
      e.splitLoop(countRows, [&](Value row) {
        Value r = e.add(row, firstRow);
        e.splitLoop(countColumns, [&](Value column) {
          Value c = e.add(column, firstColumn);
          e.once([&] {
            Value value = e.load(from.memref, offset(from, in, r, c), 1);
            e.store(value, to.memref, offset(to, out, r, c));
          });
        });
      });
    };
    rest(0, fullRows, fullColumns, to.shape()[columns] - fullColumns);
    rest(fullRows, to.shape()[rows] - fullRows, 0, to.shape()[columns]);
  });
}

/// Most vectors that are interleaved: what instruction sets do while they load
/// and store (st3, vsseg3e8), or in a few shuffles.
constexpr int64_t kMostInterleaved = 4;

/// Two to four vectors of one type as one, element by element in turn.
Value interleave(LayerEmitter &e, ArrayRef<Value> parts) {
  auto n = e.lanesIn(parts[0].getType());
  auto count = static_cast<int64_t>(parts.size());
  SmallVector<int64_t> order, both, first;
  for (int64_t i = 0; i < 2 * n; ++i) {
    both.push_back(i);
    first.push_back(i < n ? i : vector::ShuffleOp::kPoisonIndex);
  }
  for (int64_t i = 0; i < n; ++i)
    for (int64_t part = 0; part < count; ++part)
      order.push_back(part * n + i);
  auto shuffle = [&](Value a, Value b, ArrayRef<int64_t> lanes) -> Value {
    return vector::ShuffleOp::create(e.b, a, b, lanes);
  };
  if (count == 2)
    return shuffle(parts[0], parts[1], order);
  return shuffle(shuffle(parts[0], parts[1], both),
                 shuffle(parts[2], parts.back(), count == 3 ? first : both),
                 order);
}

/// Copies where one view is contiguous along the long axis `along` and the
/// other has the few elements of axis `across` beside each other: what is
/// between images and planes of colours.
void emitInterleaved(LayerEmitter &e, const TensorView &from,
                     const TensorView &to, size_t along, size_t across,
                     int64_t size) {
  int64_t length = to.shape()[along], count = to.shape()[across];
  bool joins = to.strides[across] == 1;
  forEachOuter(e, from, to, {along, across}, [&](Value in, Value out) {
    auto at = [&](const TensorView &view, Value base, Value i, int64_t part) {
      return e.add(e.add(base, e.mul(i, view.strides[along])),
                   part * view.strides[across]);
    };
    auto emit = [&](Value i, int64_t width) {
      if (width == 1) {
        for (int64_t part = 0; part < count; ++part)
          e.store(e.load(from.memref, at(from, in, i, part), 1), to.memref,
                  at(to, out, i, part));
        return;
      }
      SmallVector<Value> parts;
      if (joins) {
        for (int64_t part = 0; part < count; ++part)
          parts.push_back(e.load(from.memref, at(from, in, i, part), width));
        e.store(interleave(e, parts), to.memref, at(to, out, i, 0));
        return;
      }
      Value all = e.load(from.memref, at(from, in, i, 0), width * count);
      for (int64_t part = 0; part < count; ++part) {
        SmallVector<int64_t> lanes;
        for (int64_t lane = 0; lane < width; ++lane)
          lanes.push_back(lane * count + part);
        e.store(vector::ShuffleOp::create(e.b, all, all, lanes), to.memref,
                at(to, out, i, part));
      }
    };
    e.splitLoop(length / size,
                [&](Value i) { e.once([&] { emit(e.mul(i, size), size); }); });
    e.splitLoop(length % size, [&](Value i) {
      e.once([&] { emit(e.add(i, length / size * size), 1); });
    });
  });
}

/// Tiles to transpose: the shuffles of wider vectors cross their halves.
constexpr int64_t kTileBytes = 16;

/// Copies all elements of `from` to `to`, views of one shape.
void emitCopy(LayerEmitter &e, TensorView from, TensorView to) {
  mergeAxes(from, to);
  ArrayRef<int64_t> shape = to.shape();
  int64_t lanes = getMoveLanes(e.facts, to.type);
  if (shape.empty()) {
    return e.once([&] {
      e.store(e.load(from.memref, e.index(from.base), 1), to.memref,
              e.index(to.base));
    });
  }
  size_t last = shape.size() - 1;
  int64_t step = from.strides[last];
  int64_t tile = std::min(lanes, kTileBytes / qnn::bytesPerElement(to.type));
  if (to.strides[last] != 1)
    lanes = 1;
  if (lanes > 1 && tile > 1 && step != 1 && step != 0)
    for (size_t axis = 0; axis < last; ++axis)
      if (from.strides[axis] == 1 && shape[axis] >= tile && shape[last] >= tile)
        return emitTransposed(e, from, to, axis, tile);
  if (lanes > 1 && tile > 1)
    for (size_t along = 0; along <= last; ++along)
      for (size_t across = 0; across <= last; ++across)
        if (along != across && shape[along] >= tile &&
            shape[across] <= kMostInterleaved &&
            ((from.strides[along] == 1 && to.strides[across] == 1 &&
              to.strides[along] == shape[across]) ||
             (to.strides[along] == 1 && from.strides[across] == 1 &&
              from.strides[along] == shape[across])))
          return emitInterleaved(e, from, to, along, across, tile);
  if (step != 1 && step != 0 && step != -1)
    lanes = 1;
  forEachOuter(e, from, to, {last}, [&](Value in, Value out) {
    if (lanes == 1) {
      e.splitLoop(shape[last], [&](Value i) {
        e.once([&] {
          Value value = e.load(from.memref, e.add(e.mul(i, step), in), 1);
          e.store(value, to.memref, e.add(e.mul(i, to.strides[last]), out));
        });
      });
      return;
    }
    Value repeated = step == 0 ? e.load(from.memref, in, 1) : Value();
    e.forEachVector(shape[last], lanes, [&](Value offset, int64_t width) {
      Value value;
      if (repeated) {
        value = e.splat(repeated, width);
      } else if (step == 1) {
        value = e.load(from.memref, e.add(in, offset), width);
      } else {
        value = e.load(from.memref,
                       e.add(e.add(e.mul(offset, -1), in), 1 - width), width);
        if (width > 1)
          value = vector::ShuffleOp::create(
              e.b, value, value,
              llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(0, width))));
      }
      e.store(value, to.memref, e.add(out, offset));
    });
  });
}

/// `value` in every element of `view`; null for the zero point.
void emitFill(LayerEmitter &e, const TensorView &view, TypedAttr value) {
  Type element = memoryTypeOf(view.type);
  int64_t lanes = getMoveLanes(e.facts, view.type);
  auto number = dyn_cast_if_present<IntegerAttr>(value);
  auto real = dyn_cast_if_present<FloatAttr>(value);
  int64_t integer = number ? number.getInt() : qnn::zeroPointOf(view.type);
  e.forEachRun({&view}, [&](ArrayRef<Value> at, int64_t count) {
    e.forEachVector(count, lanes, [&](Value offset, int64_t width) {
      Type type = LayerEmitter::lanesOf(element, width);
      Value filling =
          isa<FloatType>(element)
              ? e.constantFloat(type, real ? real.getValueAsDouble() : 0)
              : e.constant(type, integer);
      e.store(filling, view.memref, e.add(at[0], offset));
    });
  });
}

/// Copies the boxes of a MoveOpInterface.
class MoveKernel : public Kernel {
public:
  explicit MoveKernel(StringRef op, StringRef method = "copy")
      : anchor(("qnn." + op).str()), name((op + "." + method).str()) {}
  StringRef getName() const override { return name; }
  StringRef getAnchor() const override { return anchor; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    if (!isSingleOp(layer, why))
      return failure();
    Operation *op = getAnchorOp(layer);
    int64_t lanes = getMoveLanes(facts, op->getResult(0).getType());
    KernelChoice choice = isa<qnn::CopyOp>(op)
                              ? makeRowwiseChoice(layer, facts, lanes, 1.5)
                              : makeElementwiseChoice(layer, lanes, 1.5);
    choice.inPlaceInputs.clear();
    return choice;
  }

  LogicalResult emit(LayerEmitter &e) const override {
    Operation *op = getAnchorOp(e.layer);
    auto move = cast<qnn::MoveOpInterface>(op);
    if (e.isRowWise) {
      emitUnary(e, getMoveLanes(e.facts, e.outputs[0].type),
                [](Value value) { return value; });
      return success();
    }
    SmallVector<TensorView> operands;
    for (auto [number, operand] : llvm::enumerate(op->getOperands()))
      operands.push_back(
          viewOperand(e, operand, "input" + std::to_string(number)));
    e.inParallel([&] {
      for (const qnn::Move &box : move.getMoves()) {
        if (box.isEmpty())
          continue;
        TensorView to = subview(e.outputs[0], box.origin, box.shape);
        if (box.operand == qnn::Move::fill)
          emitFill(e, to, move.getFill());
        else
          emitCopy(e, sourceView(operands[box.operand], box), to);
      }
    });
    return success();
  }

private:
  std::string anchor, name;
};

} // namespace

void populateShapeKernels(KernelSet &kernels) {
  for (StringRef op :
       {"broadcast", "concat", "mirror_pad", "pad", "slice", "transpose"})
    kernels.add(std::make_unique<MoveKernel>(op));
  kernels.add(std::make_unique<MoveKernel>("copy", "direct"));
}

} // namespace qcc
