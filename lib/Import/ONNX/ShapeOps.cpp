// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operators that move elements, and shape arithmetic, which folds.

#include "OpTable.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"

#include "llvm/ADT/STLExtras.h"

#include <numeric>

using namespace mlir;
using namespace qcc;
using namespace qcc::onnximport;

namespace {

/// Axes from an attribute, or from input `at` in newer versions; nothing when
/// there are none.
bool readAxes(NodeImport &op, unsigned at, int64_t rank, Numbers &axes,
              bool &isGiven) {
  std::optional<Numbers> raw = op.integerList("axes");
  if (!raw && at < op.numInputs() && op.has(at)) {
    raw = op.integers(at, "the axes");
    if (!raw)
      return false;
  }
  isGiven = raw.has_value();
  for (int64_t axis : raw.value_or(Numbers()))
    axes.push_back(op.axis(axis, rank));
  llvm::sort(axes);
  if (!op.hasFailed() &&
      std::adjacent_find(axes.begin(), axes.end()) != axes.end()) {
    op.error() << "an axis is listed twice";
    return false;
  }
  return !op.hasFailed();
}

int64_t product(ArrayRef<int64_t> shape) {
  int64_t n = 1;
  for (int64_t extent : shape)
    n *= extent;
  return n;
}

Numbers identity(int64_t rank) {
  Numbers axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

} // namespace

LogicalResult qcc::onnximport::importConstant(NodeImport &op) {
  if (const onnx::TensorProto *tensor = op.tensor("value"))
    return op.setConstant(*tensor);
  if (op.hasAttribute("value_float"))
    return op.setResult(op.constantFloat(op.real("value_float", 0)));
  if (op.hasAttribute("value_int"))
    return op.setResult(
        op.constantIntegers({op.integer("value_int", 0)}, {}, op.i64()));
  if (std::optional<Numbers> values = op.integerList("value_ints");
      values && !values->empty())
    return op.setResult(op.constantIntegers(
        *values, {static_cast<int64_t>(values->size())}, op.i64()));
  if (std::vector<float> values = op.realList("value_floats"); !values.empty())
    return op.setResult(
        op.constantFloats(values, {static_cast<int64_t>(values.size())}));
  return op.error() << "has no value of a kind that is supported";
}

LogicalResult qcc::onnximport::importConstantOfShape(NodeImport &op) {
  std::optional<Numbers> shape = op.integers(0, "the shape");
  if (!shape)
    return failure();
  for (int64_t extent : *shape)
    if (extent <= 0)
      return op.error() << "the shape " << shapeText(*shape)
                        << " has no elements";
  Value value = op.constantFloat(0.0f);
  if (const onnx::TensorProto *tensor = op.tensor("value")) {
    value = op.readTensor(*tensor);
    if (!value)
      return failure();
    value = op.reshape(value, {});
  }
  return op.setResult(op.broadcast(value, *shape));
}

LogicalResult qcc::onnximport::importShape(NodeImport &op) {
  ArrayRef<int64_t> shape = op.shapeOf(op.in(0));
  auto rank = static_cast<int64_t>(shape.size());
  auto clamped = [&](int64_t at) {
    return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  int64_t start = clamped(op.integer("start", 0)),
          end = clamped(op.integer("end", rank));
  if (start >= end)
    return op.error() << "makes a list without numbers, which is not supported";
  Numbers part(shape.slice(start, end - start));
  return op.setResult(op.constantIntegers(part, {end - start}, op.i64()));
}

LogicalResult qcc::onnximport::importSize(NodeImport &op) {
  return op.setResult(op.constantIntegers(
      {op.typeOf(op.in(0)).getNumElements()}, {}, op.i64()));
}

LogicalResult qcc::onnximport::importReshape(NodeImport &op) {
  Value x = op.in(0);
  std::optional<Numbers> shape = op.integerList("shape");
  if (!shape)
    shape = op.integers(1, "the shape");
  if (!shape)
    return failure();
  int64_t known = 1, open = -1;
  for (auto [i, extent] : llvm::enumerate(*shape)) {
    if (extent == 0 && op.integer("allowzero", 0) == 0)
      extent = op.extent(x, static_cast<int64_t>(i));
    if (extent < -1 || extent == 0 || (extent == -1 && open >= 0))
      return op.error() << "the shape " << shapeText(*shape) << " is none for "
                        << op.typeOf(x);
    if (extent == -1)
      open = static_cast<int64_t>(i);
    else if (known > op.typeOf(x).getNumElements() / extent)
      return op.error() << "the shape " << shapeText(*shape)
                        << " has more elements than " << op.typeOf(x);
    else
      known *= extent;
  }
  int64_t count = op.typeOf(x).getNumElements();
  if (open >= 0)
    (*shape)[open] = count / known;
  if (product(*shape) != count)
    return op.error() << "the shape " << shapeText(*shape)
                      << " does not have the elements of " << op.typeOf(x);
  return op.setResult(op.reshape(x, *shape));
}

LogicalResult qcc::onnximport::importFlatten(NodeImport &op) {
  Value x = op.in(0);
  int64_t rank = op.rankOf(x), axis = op.integer("axis", 1);
  if (axis < -rank || axis > rank)
    return op.error() << "the axis " << axis << " is none of " << rank;
  axis = axis < 0 ? axis + rank : axis;
  ArrayRef<int64_t> shape = op.shapeOf(x);
  return op.setResult(op.reshape(
      x, {product(shape.take_front(axis)), product(shape.drop_front(axis))}));
}

LogicalResult qcc::onnximport::importSqueeze(NodeImport &op) {
  Value x = op.in(0);
  Numbers axes, shape;
  bool isGiven = false;
  if (!readAxes(op, 1, op.rankOf(x), axes, isGiven))
    return failure();
  for (auto [i, extent] : llvm::enumerate(op.shapeOf(x))) {
    bool goes = isGiven ? llvm::is_contained(axes, static_cast<int64_t>(i))
                        : extent == 1;
    if (goes && extent != 1)
      return op.error() << "axis " << i << " of " << op.typeOf(x)
                        << " has more than one element";
    if (!goes)
      shape.push_back(extent);
  }
  return op.setResult(op.reshape(x, shape));
}

LogicalResult qcc::onnximport::importUnsqueeze(NodeImport &op) {
  Value x = op.in(0);
  std::optional<Numbers> raw = op.integerList("axes");
  if (!raw && op.has(1))
    raw = op.integers(1, "the axes");
  if (!raw)
    return op.hasFailed() ? failure() : op.error() << "has no axes";
  int64_t rank = op.rankOf(x) + static_cast<int64_t>(raw->size());
  Numbers shape(rank, 0);
  for (int64_t axis : *raw) {
    int64_t at = op.axis(axis, rank);
    if (op.hasFailed())
      return failure();
    if (shape[at] == 1)
      return op.error() << "an axis is listed twice";
    shape[at] = 1;
  }
  size_t next = 0;
  for (int64_t &extent : shape)
    if (extent == 0)
      extent = op.shapeOf(x)[next++];
  return op.setResult(op.reshape(x, shape));
}

LogicalResult qcc::onnximport::importTranspose(NodeImport &op) {
  Value x = op.in(0);
  Numbers permutation = identity(op.rankOf(x));
  std::reverse(permutation.begin(), permutation.end());
  if (std::optional<Numbers> given = op.integerList("perm"))
    permutation = *given;
  Numbers sorted = permutation;
  llvm::sort(sorted);
  if (sorted != identity(op.rankOf(x)))
    return op.error() << "the permutation " << shapeText(permutation)
                      << " is none of the axes of " << op.typeOf(x);
  return op.setResult(op.transpose(x, permutation));
}

LogicalResult qcc::onnximport::importConcat(NodeImport &op) {
  SmallVector<Value> parts;
  for (unsigned i = 0; i < op.numInputs(); ++i)
    parts.push_back(op.in(i));
  int64_t axis = op.axis(op.integer("axis", 0), op.rankOf(parts[0]));
  bool sameType = llvm::all_of(parts, [&](Value v) {
    return op.elementOf(v) == op.elementOf(parts[0]);
  });
  if (!sameType)
    for (Value &part : parts)
      part = op.plain(part);
  if (op.hasFailed())
    return failure();
  return op.setResult(op.concat(parts, axis));
}

LogicalResult qcc::onnximport::importSplit(NodeImport &op) {
  Value x = op.in(0);
  int64_t axis = op.axis(op.integer("axis", 0), op.rankOf(x));
  if (op.hasFailed())
    return failure();
  int64_t extent = op.extent(x, axis);
  auto count = static_cast<int64_t>(op.numOutputs());
  std::optional<Numbers> sizes = op.integerList("split");
  if (!sizes && op.has(1)) {
    sizes = op.integers(1, "the sizes");
    if (!sizes)
      return failure();
  }
  if (!sizes) {
    sizes = Numbers();
    // Equal parts, the last one smaller.
    int64_t size = (extent + count - 1) / count;
    for (int64_t i = 0, left = extent; i < count; ++i, left -= size)
      sizes->push_back(std::min(size, left));
  }
  int64_t sum = 0;
  for (int64_t size : *sizes)
    sum += size > 0 && size <= extent ? size : 2 * extent + 1;
  if (static_cast<int64_t>(sizes->size()) != count || sum != extent)
    return op.error() << "the sizes " << shapeText(*sizes)
                      << " do not divide the " << extent << " elements into "
                      << count << " parts";
  Numbers starts(op.rankOf(x), 0), shape(op.shapeOf(x)), steps(op.rankOf(x), 1);
  for (int64_t i = 0; i < count; ++i) {
    shape[axis] = (*sizes)[i];
    if (failed(op.setResult(static_cast<unsigned>(i),
                            op.slice(x, starts, shape, steps))))
      return failure();
    starts[axis] += (*sizes)[i];
  }
  return success();
}

LogicalResult qcc::onnximport::importSlice(NodeImport &op) {
  Value x = op.in(0);
  int64_t rank = op.rankOf(x);
  std::optional<Numbers> from, to, axes, by;
  if (op.version() < 10) {
    from = op.integerList("starts");
    to = op.integerList("ends");
    axes = op.integerList("axes");
  } else {
    from = op.integers(1, "the starts");
    if (from)
      to = op.integers(2, "the ends");
    if (to && op.has(3)) {
      axes = op.integers(3, "the axes");
      if (!axes)
        return failure();
    }
    if (to && op.has(4)) {
      by = op.integers(4, "the steps");
      if (!by)
        return failure();
    }
  }
  if (!from || !to)
    return op.hasFailed() ? failure() : op.error() << "has no starts and ends";
  if (!axes)
    axes = identity(static_cast<int64_t>(from->size()));
  if (!by)
    by = Numbers(from->size(), 1);
  if (to->size() != from->size() || axes->size() != from->size() ||
      by->size() != from->size())
    return op.error() << "starts, ends, axes and steps are not as many";
  Numbers starts(rank, 0), sizes(op.shapeOf(x)), steps(rank, 1);
  for (size_t i = 0; i < from->size(); ++i) {
    int64_t axis = op.axis((*axes)[i], rank);
    if (op.hasFailed())
      return failure();
    int64_t extent = op.shapeOf(x)[axis], step = (*by)[i];
    constexpr int64_t most = int64_t(1) << 32;
    step = std::clamp(step, -most, most);
    if (step == 0)
      return op.error() << "a step is 0";
    auto place = [&](int64_t at, int64_t lo, int64_t hi) {
      at = std::clamp(at, -most, most);
      return std::clamp(at < 0 ? at + extent : at, lo, hi);
    };
    int64_t start = step > 0 ? place((*from)[i], 0, extent)
                             : place((*from)[i], 0, extent - 1);
    int64_t end =
        step > 0 ? place((*to)[i], 0, extent) : place((*to)[i], -1, extent - 1);
    int64_t count = step > 0 ? (end - start + step - 1) / step
                             : (start - end - step - 1) / -step;
    if (count <= 0)
      return op.error() << "takes no elements of axis " << axis
                        << ", which is not supported";
    starts[axis] = start;
    sizes[axis] = count;
    steps[axis] = step;
  }
  return op.setResult(op.slice(x, starts, sizes, steps));
}

LogicalResult qcc::onnximport::importGather(NodeImport &op) {
  Value x = op.in(0), indices = op.in(1);
  int64_t axis = op.axis(op.integer("axis", 0), op.rankOf(x));
  if (op.hasFailed())
    return failure();
  int64_t extent = op.extent(x, axis);
  if (op.isConstant(1)) {
    std::optional<Numbers> numbers = op.integers(1, "the indices");
    if (!numbers)
      return failure();
    for (int64_t &index : *numbers) {
      if (index < -extent || index >= extent)
        return op.error() << "the index " << index << " is outside axis "
                          << axis << " of " << op.typeOf(x);
      index = index < 0 ? index + extent : index;
    }
    indices = op.constantIntegers(*numbers, Numbers(op.shapeOf(indices)),
                                  op.builder().getIntegerType(32));
  } else {
    // Negative ones count from the end.
    Value wrapped = op.add(
        indices, op.constantIntegers({extent}, {}, op.elementOf(indices)));
    Value isNegative = op.make<qnn::CompareOp>(
        op.builder().getIntegerType(1), indices,
        op.constantIntegers({0}, {}, op.elementOf(indices)),
        qnn::Predicate::Less);
    indices = op.make<qnn::SelectOp>(op.elementOf(indices), isNegative, wrapped,
                                     indices);
  }
  return op.setResult(op.make<qnn::GatherOp>(op.elementOf(x), x, indices, axis,
                                             /*batchDims=*/0));
}

LogicalResult qcc::onnximport::importExpand(NodeImport &op) {
  std::optional<Numbers> shape = op.integers(1, "the shape");
  if (!shape)
    return failure();
  Value x = op.in(0);
  // Either side may have the longer or the larger shape.
  Numbers result(*shape);
  while (static_cast<int64_t>(result.size()) < op.rankOf(x))
    result.insert(result.begin(), 1);
  for (int64_t i = 0; i < op.rankOf(x); ++i) {
    int64_t own = op.shapeOf(x)[op.rankOf(x) - 1 - i];
    int64_t &wanted = result[result.size() - 1 - i];
    if (wanted == 1)
      wanted = own;
    if (wanted != own && own != 1)
      return op.error() << op.typeOf(x) << " does not expand to "
                        << shapeText(*shape);
  }
  for (int64_t extent : result)
    if (extent <= 0)
      return op.error() << "the shape " << shapeText(*shape)
                        << " has no elements";
  return op.setResult(op.broadcast(x, result));
}

LogicalResult qcc::onnximport::importTile(NodeImport &op) {
  Value x = op.in(0);
  std::optional<Numbers> repeats = op.integers(1, "the repeats");
  if (!repeats)
    return failure();
  if (static_cast<int64_t>(repeats->size()) != op.rankOf(x))
    return op.error() << "has " << repeats->size() << " repeats for "
                      << op.typeOf(x);
  // [a, b] becomes [1, a, 1, b], is repeated and put together again.
  Numbers spread, wide, result;
  for (auto [extent, count] : llvm::zip(op.shapeOf(x), *repeats)) {
    constexpr int64_t most = 1 << 24;
    if (count <= 0 || count > most)
      return op.error() << "repeats an axis " << count << " times";
    llvm::append_values(spread, 1, extent);
    llvm::append_values(wide, count, extent);
    result.push_back(extent * count);
  }
  return op.setResult(
      op.reshape(op.broadcast(op.reshape(x, spread), wide), result));
}

LogicalResult qcc::onnximport::importPad(NodeImport &op) {
  Value x = op.in(0);
  int64_t rank = op.rankOf(x);
  std::optional<Numbers> pads = op.integerList("pads");
  std::optional<double> value = op.real("value", 0.0f);
  if (!pads) {
    pads = op.integers(1, "the pads");
    if (!pads)
      return failure();
    if (op.has(2)) {
      std::optional<reference::RefTensor> given = op.constantValue(op.in(2));
      if (!given || given->getNumElements() != 1)
        return op.error() << "the value must be known when the model is read";
      value = given->isFloat() ? static_cast<double>(given->floats()[0])
                               : static_cast<double>(given->ints()[0]);
    }
  }
  Numbers axes = identity(rank);
  if (op.has(3)) {
    std::optional<Numbers> given = op.integers(3, "the axes");
    if (!given)
      return failure();
    axes = *given;
  }
  if (pads->size() != 2 * axes.size())
    return op.error() << "has " << pads->size() << " pads for " << axes.size()
                      << " axes";
  Numbers low(rank, 0), high(rank, 0);
  for (size_t i = 0; i < axes.size(); ++i) {
    int64_t axis = op.axis(axes[i], rank);
    if (op.hasFailed())
      return failure();
    low[axis] = (*pads)[i];
    high[axis] = (*pads)[i + axes.size()];
  }
  constexpr int64_t most = 1 << 24;
  Numbers starts(rank, 0), sizes(op.shapeOf(x)), steps(rank, 1);
  for (int64_t i = 0; i < rank; ++i) {
    for (int64_t *side : {&low[i], &high[i]})
      if (*side < -most || *side > most)
        return op.error() << "pads axis " << i << " by " << *side;
    // Negative ones cut away.
    starts[i] = std::max<int64_t>(-low[i], 0);
    sizes[i] -= starts[i] + std::max<int64_t>(-high[i], 0);
    if (sizes[i] <= 0)
      return op.error() << "leaves nothing of axis " << i;
    low[i] = std::max<int64_t>(low[i], 0);
    high[i] = std::max<int64_t>(high[i], 0);
  }
  x = op.slice(x, starts, sizes, steps);
  std::string mode = op.string("mode", "constant");
  if (mode == "constant") {
    // Of what is stored, 0 is not the zero point.
    if (isa<quant::UniformQuantizedType>(op.elementOf(x))) {
      auto [lo, hi] = qnn::storageRange(x.getType());
      if (!(*value >= static_cast<double>(lo)) ||
          !(*value <= static_cast<double>(hi)))
        x = op.plain(x);
      else if (*value == static_cast<double>(qnn::zeroPointOf(x.getType())))
        value.reset();
    } else if (qnn::isQuantized(x.getType())) {
      x = op.plain(x);
    }
    return op.setResult(op.pad(x, low, high, value));
  }
  if (mode == "reflect")
    return op.setResult(
        op.make<qnn::MirrorPadOp>(op.elementOf(x), x, low, high, false));
  if (mode != "edge")
    return op.error() << "the mode " << quoted(mode)
                      << " is not supported, only constant, reflect and edge";
  for (int64_t axis = 0; axis < rank; ++axis) {
    if (low[axis] == 0 && high[axis] == 0)
      continue;
    Numbers indices;
    for (int64_t i = -low[axis]; i < sizes[axis] + high[axis]; ++i)
      indices.push_back(std::clamp<int64_t>(i, 0, sizes[axis] - 1));
    x = op.gather(x, indices, axis);
  }
  return op.setResult(x);
}

LogicalResult qcc::onnximport::importDepthToSpace(NodeImport &op) {
  Value x = op.in(0);
  int64_t block = op.integer("blocksize", 0);
  if (!op.requireRank(x, 4, 4))
    return failure();
  Numbers s(op.shapeOf(x));
  if (block < 1 || block > s[1] || s[1] % (block * block) != 0)
    return op.error() << "the block size " << block << " does not divide the "
                      << s[1] << " channels";
  int64_t depth = s[1] / (block * block);
  bool isCRD = op.string("mode", "DCR") == "CRD";
  x = isCRD ? op.reshape(x, {s[0], depth, block, block, s[2], s[3]})
            : op.reshape(x, {s[0], block, block, depth, s[2], s[3]});
  x = op.transpose(x, isCRD ? ArrayRef<int64_t>({0, 1, 4, 2, 5, 3})
                            : ArrayRef<int64_t>({0, 3, 4, 1, 5, 2}));
  return op.setResult(op.reshape(x, {s[0], depth, s[2] * block, s[3] * block}));
}

LogicalResult qcc::onnximport::importSpaceToDepth(NodeImport &op) {
  Value x = op.in(0);
  int64_t block = op.integer("blocksize", 0);
  if (!op.requireRank(x, 4, 4))
    return failure();
  Numbers s(op.shapeOf(x));
  if (block < 1 || s[2] % block != 0 || s[3] % block != 0)
    return op.error() << "the block size " << block << " does not divide "
                      << op.typeOf(x);
  x = op.reshape(x, {s[0], s[1], s[2] / block, block, s[3] / block, block});
  x = op.transpose(x, {0, 3, 5, 1, 2, 4});
  return op.setResult(
      op.reshape(x, {s[0], s[1] * block * block, s[2] / block, s[3] / block}));
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

namespace {

/// The axes to reduce; all where none are given, unless the node says that
/// then nothing is done (`isNoop`).
bool readReduction(NodeImport &op, Numbers &axes, bool &isNoop) {
  bool isGiven = false;
  int64_t rank = op.rankOf(op.in(0));
  if (!readAxes(op, 1, rank, axes, isGiven))
    return false;
  isNoop = axes.empty() && op.integer("noop_with_empty_axes", 0) != 0;
  if (axes.empty())
    axes = identity(rank);
  return true;
}

template <typename OpTy, bool isRounding = false>
LogicalResult importReduction(NodeImport &op) {
  Numbers axes;
  bool isNoop = false;
  if (!readReduction(op, axes, isNoop))
    return failure();
  Value x = op.plain(op.in(0));
  bool keepDims = op.integer("keepdims", 1) != 0;
  if (isNoop)
    return op.setResult(x);
  if constexpr (isRounding)
    return op.setResult(
        op.make<OpTy>(op.elementOf(x), x, axes, keepDims, qnn::Rounding::Onnx));
  else
    return op.setResult(op.make<OpTy>(op.elementOf(x), x, axes, keepDims));
}

template <typename OpTy> LogicalResult importArg(NodeImport &op) {
  Value x = op.plain(op.in(0));
  int64_t axis = op.axis(op.integer("axis", 0), op.rankOf(x));
  if (op.hasFailed())
    return failure();
  Numbers shape(op.shapeOf(x));
  int64_t last = shape[axis] - 1;
  bool isLast = op.integer("select_last_index", 0) != 0;
  if (isLast) {
    // The first one from the end.
    Numbers starts(shape.size(), 0), steps(shape.size(), 1);
    starts[axis] = last;
    steps[axis] = -1;
    if (last > 0)
      x = op.make<qnn::SliceOp>(op.elementOf(x), x, starts, shape, steps);
  }
  Value found = op.make<OpTy>(op.i64(), x, axis);
  if (isLast)
    found = op.sub(op.constantIntegers({last}, {}, op.i64()), found);
  shape[axis] = 1;
  if (op.integer("keepdims", 1) != 0)
    found = op.reshape(found, shape);
  return op.setResult(found);
}

} // namespace

LogicalResult qcc::onnximport::importReduceMean(NodeImport &op) {
  return importReduction<qnn::MeanOp, true>(op);
}
LogicalResult qcc::onnximport::importReduceSum(NodeImport &op) {
  return importReduction<qnn::SumOp, true>(op);
}
LogicalResult qcc::onnximport::importReduceMax(NodeImport &op) {
  return importReduction<qnn::ReduceMaxOp>(op);
}
LogicalResult qcc::onnximport::importReduceMin(NodeImport &op) {
  return importReduction<qnn::ReduceMinOp>(op);
}
LogicalResult qcc::onnximport::importReduceProd(NodeImport &op) {
  return importReduction<qnn::ReduceProdOp>(op);
}
LogicalResult qcc::onnximport::importArgMax(NodeImport &op) {
  return importArg<qnn::ArgMaxOp>(op);
}
LogicalResult qcc::onnximport::importArgMin(NodeImport &op) {
  return importArg<qnn::ArgMinOp>(op);
}

LogicalResult qcc::onnximport::importTopK(NodeImport &op) {
  Value x = op.plain(op.in(0));
  int64_t rank = op.rankOf(x);
  int64_t axis = op.axis(op.integer("axis", -1), rank);
  std::optional<Numbers> count;
  if (op.hasAttribute("k"))
    count = Numbers{op.integer("k", 0)};
  else if (op.numInputs() > 1)
    count = op.integers(1, "the number of elements");
  if (!count || op.hasFailed())
    return op.hasFailed() ? failure() : op.error() << "does not say how many";
  if (axis != rank - 1 || op.integer("largest", 1) == 0 || count->size() != 1)
    return op.error() << "is supported for the largest elements of the last "
                         "axis";
  Value indices =
      op.make<qnn::TopKOp>(op.builder().getIntegerType(32), x, count->front());
  if (op.wants(0)) {
    if (rank != 1 && product(op.shapeOf(x).drop_back()) != 1)
      return op.error() << "gives values of one row only";
    Value flat = op.reshape(x, {op.extent(x, rank - 1)});
    Value values = op.make<qnn::GatherOp>(
        op.elementOf(x), flat, op.reshape(indices, {count->front()}), 0, 0);
    if (failed(op.setResult(0, op.reshape(values, op.shapeOf(indices)))))
      return failure();
  }
  return op.setResult(1, op.convert(indices, op.i64()));
}
