// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operators that only move elements, as chains of the dialect's slice,
// transpose, broadcast, pad and concat with reshapes between them, which cost
// nothing.

#include "OpTable.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace mlir;
using namespace qcc;
using namespace qcc::tflite;
using llvm::ArrayRef;
using llvm::StringRef;
using Extents = llvm::SmallVector<int64_t>;

namespace {

FailureOr<Value> noValue() { return failure(); }
FailureOr<const TensorInfo *> noTensor() { return failure(); }
FailureOr<Extents> noNumbers() { return failure(); }

Extents shapeOf(Value value) {
  return Extents(cast<RankedTensorType>(value.getType()).getShape());
}

RankedTensorType withShape(Value value, ArrayRef<int64_t> shape) {
  return qnn::withShape(cast<RankedTensorType>(value.getType()), shape);
}

Value reshape(OpImport &op, Value value, ArrayRef<int64_t> shape) {
  if (ArrayRef<int64_t>(shapeOf(value)) == shape)
    return value;
  return qnn::ReshapeOp::create(op.builder(), op.loc(), withShape(value, shape),
                                value);
}

Value transpose(OpImport &op, Value value, ArrayRef<int64_t> permutation) {
  Extents in = shapeOf(value), out;
  for (int64_t axis : permutation)
    out.push_back(in[axis]);
  return qnn::TransposeOp::create(op.builder(), op.loc(), withShape(value, out),
                                  value, permutation);
}

Value broadcast(OpImport &op, Value value, ArrayRef<int64_t> shape) {
  if (ArrayRef<int64_t>(shapeOf(value)) == shape)
    return value;
  return qnn::BroadcastOp::create(op.builder(), op.loc(),
                                  withShape(value, shape), value);
}

Value slice(OpImport &op, Value value, ArrayRef<int64_t> starts,
            ArrayRef<int64_t> sizes, ArrayRef<int64_t> steps) {
  auto isOne = [](int64_t v) { return v == 1; };
  if (ArrayRef<int64_t>(shapeOf(value)) == sizes && llvm::all_of(steps, isOne))
    return value;
  return qnn::SliceOp::create(op.builder(), op.loc(), withShape(value, sizes),
                              value, starts, sizes, steps);
}

/// Elements [first, first + size) along `axis`.
Value sliceAxis(OpImport &op, Value value, int64_t axis, int64_t first,
                int64_t size) {
  Extents sizes = shapeOf(value), starts(sizes.size(), 0),
          steps(sizes.size(), 1);
  starts[axis] = first;
  sizes[axis] = size;
  return slice(op, value, starts, sizes, steps);
}

/// Makes `value` result `i`.
LogicalResult finish(OpImport &op, Value value, unsigned i = 0) {
  return failed(op.checkShape(shapeOf(value), i)) ? failure()
                                                  : op.setValue(i, value);
}

/// The elements of operand `i` may go into result `result` as they are.
LogicalResult requireMovable(OpImport &op, unsigned i, unsigned result = 0) {
  FailureOr<const TensorInfo *> input = op.input(i);
  if (failed(input) || failed(op.requireKind(**input, allKinds)) ||
      failed(op.requireSameElements(**input, result)))
    return failure();
  if ((*input)->isPerAxis())
    return op.error() << quoted((*input)->name)
                      << " is quantized per axis, which is not supported here";
  return success();
}

FailureOr<Value> movable(OpImport &op, unsigned i) {
  return failed(requireMovable(op, i)) ? noValue() : op.value(i);
}

/// Operand `i` as `count` numbers.
FailureOr<Extents> numbers(OpImport &op, unsigned i, StringRef what,
                           size_t count) {
  FailureOr<Extents> found = op.integers(i, what);
  if (succeeded(found) && found->size() != count)
    return op.error() << what << " must have " << count << " numbers, but has "
                      << found->size();
  return found;
}

/// Operand `i` as one axis of a tensor of rank `rank`.
FailureOr<int64_t> axisOperand(OpImport &op, unsigned i, int64_t rank) {
  FailureOr<Extents> raw = numbers(op, i, "the axis", 1);
  if (failed(raw))
    return failure();
  FailureOr<Extents> axes = op.axes(*raw, rank);
  if (failed(axes))
    return failure();
  return axes->front();
}

FailureOr<int64_t> axisOption(OpImport &op, int64_t axis, int64_t rank) {
  FailureOr<Extents> axes = op.axes(axis, rank);
  if (failed(axes))
    return failure();
  return axes->front();
}

/// The amounts before and after each of `rank` axes.
LogicalResult readPaddings(OpImport &op, unsigned i, int64_t rank, Extents &low,
                           Extents &high) {
  FailureOr<const TensorInfo *> amounts = op.input(i);
  if (failed(amounts))
    return failure();
  if ((*amounts)->shape != ArrayRef<int64_t>({rank, 2}))
    return op.error() << "the paddings of " << rank
                      << " axes must have the shape " << shapeText({rank, 2})
                      << ", but have " << shapeText((*amounts)->shape);
  FailureOr<Extents> pairs = op.integers(i, "the paddings");
  if (failed(pairs))
    return failure();
  for (int64_t k = 0; k < rank; ++k) {
    low.push_back((*pairs)[2 * k]);
    high.push_back((*pairs)[2 * k + 1]);
  }
  for (int64_t amount : *pairs)
    if (amount < 0 || amount > INT32_MAX)
      return op.error() << "the paddings must not be negative, but are "
                        << shapeText(*pairs);
  return success();
}

} // namespace

//===----------------------------------------------------------------------===//
// Slices
//===----------------------------------------------------------------------===//

LogicalResult qcc::tflite::importSplit(OpImport &op) {
  FailureOr<Value> value = movable(op, 1);
  if (failed(value))
    return failure();
  Extents shape = shapeOf(*value);
  FailureOr<int64_t> axis =
      axisOperand(op, 0, static_cast<int64_t>(shape.size()));
  if (failed(axis))
    return failure();
  int64_t count = op.numResults();
  if (shape[*axis] % count != 0)
    return op.error() << "axis " << *axis << " of extent " << shape[*axis]
                      << " does not split into " << count << " equal parts";
  int64_t size = shape[*axis] / count;
  for (unsigned i = 0; i < count; ++i)
    if (failed(requireMovable(op, 1, i)) ||
        failed(finish(op, sliceAxis(op, *value, *axis, i * size, size), i)))
      return failure();
  return success();
}

LogicalResult qcc::tflite::importSplitV(OpImport &op) {
  FailureOr<Value> value = movable(op, 0);
  if (failed(value))
    return failure();
  Extents shape = shapeOf(*value);
  FailureOr<int64_t> axis =
      axisOperand(op, 2, static_cast<int64_t>(shape.size()));
  FailureOr<Extents> sizes =
      failed(axis) ? noNumbers() : numbers(op, 1, "the sizes", op.numResults());
  if (failed(sizes))
    return failure();
  // One of them may be open.
  int64_t total = 0, open = -1;
  for (auto [i, size] : llvm::enumerate(*sizes)) {
    if (size == -1 && open == -1)
      open = static_cast<int64_t>(i);
    else if (size < 1 || size > shape[*axis])
      return op.error() << "the sizes " << shapeText(*sizes)
                        << " do not split axis " << *axis << " of extent "
                        << shape[*axis];
    else
      total += size;
  }
  if (open >= 0 ? total >= shape[*axis] : total != shape[*axis])
    return op.error() << "the sizes " << shapeText(*sizes)
                      << " do not split axis " << *axis << " of extent "
                      << shape[*axis];
  if (open >= 0)
    (*sizes)[open] = shape[*axis] - total;
  int64_t first = 0;
  for (unsigned i = 0; i < op.numResults(); ++i) {
    if (failed(requireMovable(op, 0, i)) ||
        failed(finish(op, sliceAxis(op, *value, *axis, first, (*sizes)[i]), i)))
      return failure();
    first += (*sizes)[i];
  }
  return success();
}

LogicalResult qcc::tflite::importUnpack(OpImport &op) {
  const auto *options = op.options<UnpackOptions>();
  FailureOr<Value> value = options ? movable(op, 0) : noValue();
  if (failed(value))
    return failure();
  Extents shape = shapeOf(*value);
  FailureOr<int64_t> axis =
      axisOption(op, options->axis(), static_cast<int64_t>(shape.size()));
  if (failed(axis))
    return failure();
  if (shape[*axis] != op.numResults())
    return op.error() << "axis " << *axis << " has extent " << shape[*axis]
                      << ", but there are " << op.numResults() << " results";
  Extents rest(shape);
  rest.erase(rest.begin() + *axis);
  for (unsigned i = 0; i < op.numResults(); ++i)
    if (failed(requireMovable(op, 0, i)) ||
        failed(finish(op, reshape(op, sliceAxis(op, *value, *axis, i, 1), rest),
                      i)))
      return failure();
  return success();
}

LogicalResult qcc::tflite::importSlice(OpImport &op) {
  FailureOr<Value> value = movable(op, 0);
  if (failed(value))
    return failure();
  Extents shape = shapeOf(*value);
  FailureOr<Extents> begin = numbers(op, 1, "the begin", shape.size());
  FailureOr<Extents> sizes =
      failed(begin) ? begin : numbers(op, 2, "the size", shape.size());
  if (failed(begin) || failed(sizes))
    return failure();
  for (auto [axis, extent] : llvm::enumerate(shape)) {
    int64_t first = (*begin)[axis], &size = (*sizes)[axis];
    if (size == -1)
      size = extent - first;
    if (first < 0 || first >= extent || size < 1 || size > extent - first)
      return op.error() << "the slice at " << shapeText(*begin) << " of size "
                        << shapeText(*sizes) << " leaves the shape "
                        << shapeText(shape);
  }
  return finish(op,
                slice(op, *value, *begin, *sizes, Extents(shape.size(), 1)));
}

LogicalResult qcc::tflite::importStridedSlice(OpImport &op) {
  const auto *options = op.options<StridedSliceOptions>();
  FailureOr<Value> value = options ? movable(op, 0) : noValue();
  if (failed(value))
    return failure();
  Extents shape = shapeOf(*value);
  auto rank = static_cast<int64_t>(shape.size());
  FailureOr<Extents> begin = op.integers(1, "the begin");
  if (failed(begin))
    return failure();
  size_t count = begin->size();
  FailureOr<Extents> end = numbers(op, 2, "the end", count);
  FailureOr<Extents> strides =
      failed(end) ? end : numbers(op, 3, "the strides", count);
  if (failed(end) || failed(strides))
    return failure();
  auto isSet = [](int32_t mask, size_t i) {
    return i < 32 && ((static_cast<uint32_t>(mask) >> i) & 1) != 0;
  };
  int64_t named = 0;
  for (size_t i = 0; i < count; ++i)
    named += !isSet(options->ellipsis_mask(), i) &&
             !isSet(options->new_axis_mask(), i);
  if (named > rank)
    return op.error() << "takes slices of " << named
                      << " axes of a tensor of rank " << rank;

  Extents starts, sizes, steps, result;
  auto whole = [&] {
    sizes.push_back(shape[starts.size()]);
    result.push_back(sizes.back());
    starts.push_back(0);
    steps.push_back(1);
  };
  bool hasEllipsis = false;
  for (size_t i = 0; i < count; ++i) {
    if (isSet(options->ellipsis_mask(), i)) {
      if (hasEllipsis)
        return op.error() << "has several ellipses";
      hasEllipsis = true;
      for (int64_t k = named; k < rank; ++k)
        whole();
      continue;
    }
    if (isSet(options->new_axis_mask(), i)) {
      result.push_back(1);
      continue;
    }
    int64_t axis = static_cast<int64_t>(starts.size()), extent = shape[axis],
            step = (*strides)[i], first = (*begin)[i], last = (*end)[i];
    bool shrinks = isSet(options->shrink_axis_mask(), i);
    if (step == 0 || step < INT32_MIN || step > INT32_MAX)
      return op.error() << "the stride of axis " << axis << " is " << step;
    // From the first element taken to the one behind the last.
    int64_t low = step > 0 ? 0 : -1, high = step > 0 ? extent : extent - 1;
    if (options->offset())
      last += first;
    auto bounded = [&](int64_t position) {
      return std::clamp(position < 0 ? position + extent : position, low, high);
    };
    bool fromEdge = isSet(options->begin_mask(), i);
    first = fromEdge ? (step > 0 ? 0 : extent - 1) : bounded(first);
    last = isSet(options->end_mask(), i) ? (step > 0 ? extent : -1)
                                         : bounded(last);
    int64_t size = shrinks    ? 1
                   : step > 0 ? llvm::divideCeilSigned(last - first, step)
                              : llvm::divideCeilSigned(first - last, -step);
    if (size < 1 || first < 0 || first >= extent)
      return op.error() << "takes no elements of axis " << axis << " of extent "
                        << extent;
    starts.push_back(first);
    sizes.push_back(size);
    steps.push_back(size == 1 ? 1 : step);
    if (!shrinks)
      result.push_back(size);
  }
  while (static_cast<int64_t>(starts.size()) < rank)
    whole();
  return finish(op,
                reshape(op, slice(op, *value, starts, sizes, steps), result));
}

LogicalResult qcc::tflite::importReverse(OpImport &op) {
  FailureOr<Value> value = movable(op, 0);
  FailureOr<Extents> raw =
      failed(value) ? noNumbers() : op.integers(1, "the axes");
  if (failed(raw))
    return failure();
  Extents shape = shapeOf(*value), starts(shape.size(), 0),
          steps(shape.size(), 1);
  FailureOr<Extents> axes = op.axes(*raw, static_cast<int64_t>(shape.size()));
  if (failed(axes))
    return failure();
  for (int64_t axis : *axes) {
    starts[axis] = shape[axis] - 1;
    steps[axis] = -1;
  }
  return finish(op, slice(op, *value, starts, shape, steps));
}

//===----------------------------------------------------------------------===//
// Padding and joining
//===----------------------------------------------------------------------===//

LogicalResult qcc::tflite::importPack(OpImport &op) {
  const auto *options = op.options<PackOptions>();
  FailureOr<const TensorInfo *> first = options ? op.input(0) : noTensor();
  if (failed(first))
    return failure();
  FailureOr<int64_t> axis = axisOption(
      op, options->axis(), static_cast<int64_t>((*first)->shape.size()) + 1);
  if (failed(axis))
    return failure();
  llvm::SmallVector<Value> values;
  for (unsigned i = 0; i < op.numInputs(); ++i) {
    FailureOr<Value> value = movable(op, i);
    if (failed(value))
      return failure();
    Extents shape = shapeOf(*value);
    if (shape != (*first)->shape)
      return op.error() << "operands have the shapes "
                        << shapeText((*first)->shape) << " and "
                        << shapeText(shape);
    shape.insert(shape.begin() + *axis, 1);
    values.push_back(reshape(op, *value, shape));
  }
  if (values.size() == 1)
    return finish(op, values.front());
  return op.setResult(qnn::ConcatOp::create(op.builder(), op.loc(),
                                            op.resultType(), values, *axis));
}

LogicalResult qcc::tflite::importPadV2(OpImport &op) {
  FailureOr<Value> value = movable(op, 0);
  if (failed(value) || failed(requireMovable(op, 2)))
    return failure();
  Extents low, high;
  if (failed(readPaddings(op, 1, static_cast<int64_t>(shapeOf(*value).size()),
                          low, high)))
    return failure();
  std::optional<reference::RefTensor> constant = op.evaluate(2);
  if (!constant || constant->getNumElements() != 1)
    return op.error() << "the value to pad with must be one number known at "
                         "compile time";
  Attribute number;
  if (constant->isFloat())
    number = op.builder().getF32FloatAttr(constant->floats()[0]);
  else
    number = op.builder().getI64IntegerAttr(constant->ints()[0]);
  // Padding with the zero point says so, for others to fold it.
  bool isZero =
      constant->isFloat()
          ? constant->floats()[0] == 0 && !std::signbit(constant->floats()[0])
          : constant->ints()[0] == qnn::zeroPointOf(constant->getType());
  return op.setResult(qnn::PadOp::create(op.builder(), op.loc(),
                                         op.resultType(), *value, low, high,
                                         isZero ? Attribute() : number));
}

LogicalResult qcc::tflite::importMirrorPad(OpImport &op) {
  const auto *options = op.options<MirrorPadOptions>();
  FailureOr<Value> value = options ? movable(op, 0) : noValue();
  if (failed(value))
    return failure();
  auto rank = static_cast<int64_t>(shapeOf(*value).size());
  Extents low, high;
  if (failed(readPaddings(op, 1, rank, low, high)))
    return failure();
  if (options->mode() != MirrorMode::REFLECT &&
      options->mode() != MirrorMode::SYMMETRIC)
    return op.error() << "the mode " << static_cast<int>(options->mode())
                      << " is unknown; REFLECT is 0, SYMMETRIC 1";
  return op.setResult(qnn::MirrorPadOp::create(
      op.builder(), op.loc(), op.resultType(), *value, low, high,
      options->mode() == MirrorMode::SYMMETRIC));
}

//===----------------------------------------------------------------------===//
// Repetition
//===----------------------------------------------------------------------===//

LogicalResult qcc::tflite::importBroadcastTo(OpImport &op) {
  FailureOr<Value> value = movable(op, 0);
  FailureOr<Extents> wanted =
      failed(value) ? noNumbers() : op.integers(1, "the new shape");
  if (failed(wanted))
    return failure();
  Extents shape = shapeOf(*value);
  bool fits = shape.size() <= wanted->size();
  if (fits)
    shape.insert(shape.begin(), wanted->size() - shape.size(), 1);
  for (size_t i = 0; fits && i < shape.size(); ++i)
    fits = (*wanted)[i] > 0 && (shape[i] == 1 || shape[i] == (*wanted)[i]);
  if (!fits)
    return op.error() << "the shape " << shapeText(shapeOf(*value))
                      << " does not broadcast to " << shapeText(*wanted);
  return finish(op, broadcast(op, reshape(op, *value, shape), *wanted));
}

LogicalResult qcc::tflite::importTile(OpImport &op) {
  FailureOr<Value> value = movable(op, 0);
  if (failed(value))
    return failure();
  Extents shape = shapeOf(*value), split, repeated, result;
  FailureOr<Extents> multiples = numbers(op, 1, "the multiples", shape.size());
  if (failed(multiples))
    return failure();
  for (auto [extent, times] : llvm::zip(shape, *multiples)) {
    if (times < 1 || times > INT32_MAX)
      return op.error() << "the multiples must be positive, but are "
                        << shapeText(*multiples);
    // [extent] as [1, extent], repeated along the 1.
    if (times != 1 && extent != 1) {
      split.push_back(1);
      repeated.push_back(times);
    }
    split.push_back(extent);
    repeated.push_back(extent == 1 ? times : extent);
    result.push_back(extent * times);
  }
  if (failed(op.checkShape(result)))
    return failure();
  return finish(
      op,
      reshape(op, broadcast(op, reshape(op, *value, split), repeated), result));
}

//===----------------------------------------------------------------------===//
// Transpositions
//===----------------------------------------------------------------------===//

LogicalResult qcc::tflite::importTranspose(OpImport &op) {
  FailureOr<Value> value = movable(op, 0);
  if (failed(value))
    return failure();
  auto rank = static_cast<int64_t>(shapeOf(*value).size());
  FailureOr<Extents> permutation =
      numbers(op, 1, "the permutation", static_cast<size_t>(rank));
  if (failed(permutation))
    return failure();
  for (int64_t &axis : *permutation)
    axis += axis < 0 ? rank : 0;
  return op.setResult(qnn::TransposeOp::create(
      op.builder(), op.loc(), op.resultType(), *value, *permutation));
}

LogicalResult qcc::tflite::importSpaceToDepth(OpImport &op) {
  const auto *options = op.options<SpaceToDepthOptions>();
  FailureOr<Value> value = options ? movable(op, 0) : noValue();
  if (failed(value) || failed(op.requireRank(**op.input(0), 4)))
    return failure();
  Extents shape = shapeOf(*value);
  int64_t block = options->block_size();
  if (block < 1 || shape[1] % block != 0 || shape[2] % block != 0)
    return op.error() << "blocks of " << block << " do not divide the shape "
                      << shapeText(shape);
  int64_t height = shape[1] / block, width = shape[2] / block;
  Value blocks =
      reshape(op, *value, {shape[0], height, block, width, block, shape[3]});
  return finish(op,
                reshape(op, transpose(op, blocks, {0, 1, 3, 2, 4, 5}),
                        {shape[0], height, width, block * block * shape[3]}));
}

LogicalResult qcc::tflite::importDepthToSpace(OpImport &op) {
  const auto *options = op.options<DepthToSpaceOptions>();
  FailureOr<Value> value = options ? movable(op, 0) : noValue();
  if (failed(value) || failed(op.requireRank(**op.input(0), 4)))
    return failure();
  Extents shape = shapeOf(*value);
  int64_t block = options->block_size();
  if (block < 1 || shape[3] % (block * block) != 0)
    return op.error() << "blocks of " << block << " times " << block
                      << " do not divide the " << shape[3] << " channels";
  int64_t channels = shape[3] / (block * block);
  Value blocks = reshape(
      op, *value, {shape[0], shape[1], shape[2], block, block, channels});
  return finish(
      op, reshape(op, transpose(op, blocks, {0, 1, 3, 2, 4, 5}),
                  {shape[0], shape[1] * block, shape[2] * block, channels}));
}

namespace {

/// The operands of SPACE_TO_BATCH_ND and its inverse.
struct Blocks {
  Value value;
  Extents shape;
  /// One per axis behind the batch, and what is padded or cropped there.
  Extents blocks, low, high;

  int64_t count() const { return static_cast<int64_t>(blocks.size()); }
};

FailureOr<Blocks> readBlocks(OpImport &op) {
  FailureOr<Value> value = movable(op, 0);
  if (failed(value))
    return failure();
  FailureOr<Extents> blocks = op.integers(1, "the block shape");
  if (failed(blocks) ||
      failed(op.requirePositive(*blocks, "the block extents")))
    return failure();
  Blocks result{*value, shapeOf(*value), *blocks, {}, {}};
  if (blocks->size() >= result.shape.size())
    return op.error() << "has blocks of " << blocks->size()
                      << " axes, but a tensor of rank " << result.shape.size();
  for (int64_t block : *blocks)
    if (block > INT32_MAX)
      return op.error() << "has blocks of " << block << " elements";
  if (failed(readPaddings(op, 2, result.count(), result.low, result.high)))
    return failure();
  return result;
}

} // namespace

LogicalResult qcc::tflite::importSpaceToBatchND(OpImport &op) {
  FailureOr<Blocks> read = readBlocks(op);
  if (failed(read))
    return failure();
  auto &[value, shape, blocks, low, high] = *read;
  int64_t count = read->count();
  low.insert(low.begin(), 0);
  high.insert(high.begin(), 0);
  low.resize(shape.size(), 0);
  high.resize(shape.size(), 0);
  for (size_t i = 0; i < shape.size(); ++i)
    shape[i] += low[i] + high[i];
  // [n, h, w, c] as [n, h/b, b, w/b, b, c] to [b, b, n, h/b, w/b, c].
  Extents split = {shape[0]}, result(shape), permutation;
  for (int64_t i = 0; i < count; ++i) {
    int64_t block = blocks[i];
    if (shape[i + 1] % block != 0)
      return op.error() << "blocks of " << block << " do not divide axis "
                        << i + 1 << " of the padded shape " << shapeText(shape);
    split.append({shape[i + 1] / block, block});
    permutation.push_back(2 * i + 2);
    result[i + 1] /= block;
    if (result[0] > INT32_MAX / block)
      return op.error() << "the blocks " << shapeText(blocks)
                        << " make too large a batch";
    result[0] *= block;
  }
  permutation.push_back(0);
  for (int64_t i = 0; i < count; ++i)
    permutation.push_back(2 * i + 1);
  for (size_t i = static_cast<size_t>(count) + 1; i < shape.size(); ++i) {
    permutation.push_back(static_cast<int64_t>(split.size()));
    split.push_back(shape[i]);
  }
  if (failed(op.checkShape(result)))
    return failure();
  Value padded = value;
  if (shape != shapeOf(value))
    padded = qnn::PadOp::create(op.builder(), op.loc(), withShape(value, shape),
                                value, low, high);
  return finish(
      op, reshape(op, transpose(op, reshape(op, padded, split), permutation),
                  result));
}

LogicalResult qcc::tflite::importBatchToSpaceND(OpImport &op) {
  FailureOr<Blocks> read = readBlocks(op);
  if (failed(read))
    return failure();
  auto &[value, shape, blocks, low, high] = *read;
  int64_t count = read->count();
  // [b·b·n, h, w, c] as [b, b, n, h, w, c] to [n, h, b, w, b, c].
  Extents split(blocks), joined(shape), permutation;
  for (int64_t block : blocks) {
    if (joined[0] % block != 0)
      return op.error() << "the blocks " << shapeText(blocks)
                        << " do not divide the batch of " << shape[0];
    joined[0] /= block;
  }
  split.push_back(joined[0]);
  permutation.push_back(count);
  for (int64_t i = 0; i < count; ++i) {
    split.push_back(shape[i + 1]);
    permutation.append({count + 1 + i, i});
    joined[i + 1] *= blocks[i];
  }
  for (size_t i = static_cast<size_t>(count) + 1; i < shape.size(); ++i) {
    permutation.push_back(static_cast<int64_t>(split.size()));
    split.push_back(shape[i]);
  }
  Extents starts(shape.size(), 0), sizes(joined);
  for (int64_t i = 0; i < count; ++i) {
    starts[i + 1] = low[i];
    sizes[i + 1] -= low[i] + high[i];
    if (sizes[i + 1] < 1)
      return op.error() << "the crops leave nothing of axis " << i + 1;
  }
  Value whole = reshape(
      op, transpose(op, reshape(op, value, split), permutation), joined);
  return finish(op, slice(op, whole, starts, sizes, Extents(shape.size(), 1)));
}
