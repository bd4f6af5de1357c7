// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations that take or make indices, running sums, and resizing.

#include "OpModels.h"
#include "qcc/Arithmetic/Resize.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace qcc::reference {

namespace {

/// A shape around an axis: [outer, extent, inner].
struct AroundAxis {
  int64_t outer = 1, extent = 1, inner = 1;

  AroundAxis(ArrayRef<int64_t> shape, int64_t axis) {
    for (auto [i, n] : llvm::enumerate(shape)) {
      auto at = static_cast<int64_t>(i);
      (at < axis ? outer : at == axis ? extent : inner) *= n;
    }
  }
};

void copyElement(const RefTensor &from, int64_t source, RefTensor &to,
                 int64_t at) {
  if (to.isFloat())
    to.floats()[at] = from.floats()[source];
  else
    to.ints()[at] = from.ints()[source];
}

template <typename T, typename Better>
void findExtreme(ArrayRef<T> input, const AroundAxis &around,
                 MutableArrayRef<int64_t> result, Better better) {
  for (int64_t o = 0; o < around.outer; ++o)
    for (int64_t i = 0; i < around.inner; ++i) {
      int64_t first = o * around.extent * around.inner + i, best = 0;
      for (int64_t k = 1; k < around.extent; ++k)
        if (better(input[first + k * around.inner],
                   input[first + best * around.inner]))
          best = k;
      result[o * around.inner + i] = best;
    }
}

template <typename OpTy, typename Better>
LogicalResult interpretArg(OpTy op, ArrayRef<RefTensor> operands,
                           MutableArrayRef<RefTensor> results, Better better) {
  AroundAxis around(operands[0].getShape(), op.getAxis());
  if (operands[0].isFloat())
    findExtreme<float>(operands[0].floats(), around, results[0].ints(), better);
  else
    findExtreme<int64_t>(operands[0].ints(), around, results[0].ints(), better);
  return success();
}

LogicalResult interpretArgMax(qnn::ArgMaxOp op, ArrayRef<RefTensor> operands,
                              MutableArrayRef<RefTensor> results) {
  return interpretArg(op, operands, results,
                      [](auto a, auto b) { return a > b; });
}

LogicalResult interpretArgMin(qnn::ArgMinOp op, ArrayRef<RefTensor> operands,
                              MutableArrayRef<RefTensor> results) {
  return interpretArg(op, operands, results,
                      [](auto a, auto b) { return a < b; });
}

/// `add` sums two elements.
template <typename T, typename Add>
void sumAlong(qnn::CumsumOp op, ArrayRef<T> input, MutableArrayRef<T> result,
              Add add) {
  AroundAxis around(cast<RankedTensorType>(op.getType()).getShape(),
                    op.getAxis());
  for (int64_t o = 0; o < around.outer; ++o)
    for (int64_t i = 0; i < around.inner; ++i) {
      T sum = 0;
      for (int64_t k = 0; k < around.extent; ++k) {
        int64_t along = op.getReverse() ? around.extent - 1 - k : k;
        int64_t at = (o * around.extent + along) * around.inner + i;
        T next = add(sum, input[at]);
        result[at] = op.getExclusive() ? sum : next;
        sum = next;
      }
    }
}

LogicalResult interpretCumsum(qnn::CumsumOp op, ArrayRef<RefTensor> operands,
                              MutableArrayRef<RefTensor> results) {
  if (results[0].isFloat()) {
    sumAlong<float>(op, operands[0].floats(), results[0].floats(),
                    [](float a, float b) { return a + b; });
    return success();
  }
  unsigned bits = qnn::storageTypeOf(op.getType()).getIntOrFloatBitWidth();
  sumAlong<int64_t>(
      op, operands[0].ints(), results[0].ints(), [&](int64_t a, int64_t b) {
        return llvm::SignExtend64(
            static_cast<uint64_t>(a) + static_cast<uint64_t>(b), bits);
      });
  return success();
}

LogicalResult interpretDynamicUpdateSlice(qnn::DynamicUpdateSliceOp op,
                                          ArrayRef<RefTensor> operands,
                                          MutableArrayRef<RefTensor> results) {
  const RefTensor &input = operands[0], &update = operands[1];
  for (int64_t i = 0; i < input.getNumElements(); ++i)
    copyElement(input, i, results[0], i);
  ArrayRef<int64_t> in = input.getShape(), box = update.getShape();
  SmallVector<int64_t> index(box.size(), 0);
  for (int64_t i = 0; i < update.getNumElements(); ++i) {
    int64_t at = 0;
    for (size_t axis = 0; axis < box.size(); ++axis)
      at = at * in[axis] + index[axis] +
           std::clamp<int64_t>(operands[2].ints()[axis], 0,
                               in[axis] - box[axis]);
    copyElement(update, i, results[0], at);
    for (size_t axis = box.size(); axis-- > 0;) {
      if (++index[axis] < box[axis])
        break;
      index[axis] = 0;
    }
  }
  return success();
}

/// Element after element: the best of those that come after the one before.
template <typename T>
void findLargest(ArrayRef<T> row, MutableArrayRef<int64_t> result) {
  for (size_t i = 0; i < result.size(); ++i) {
    int64_t best = -1;
    for (size_t j = 0; j < row.size(); ++j) {
      bool comesAfter = i == 0 || row[j] < row[result[i - 1]] ||
                        (row[j] == row[result[i - 1]] &&
                         static_cast<int64_t>(j) > result[i - 1]);
      if (comesAfter && row[j] == row[j] && (best < 0 || row[j] > row[best]))
        best = static_cast<int64_t>(j);
    }
    result[i] = std::max<int64_t>(best, 0);
  }
}

LogicalResult interpretTopK(qnn::TopKOp op, ArrayRef<RefTensor> operands,
                            MutableArrayRef<RefTensor> results) {
  const RefTensor &input = operands[0];
  int64_t extent = input.getShape().back();
  auto k = static_cast<int64_t>(op.getK());
  for (int64_t row = 0; row < input.getNumElements() / extent; ++row) {
    MutableArrayRef<int64_t> result = results[0].ints().slice(row * k, k);
    if (input.isFloat())
      findLargest<float>(input.floats().slice(row * extent, extent), result);
    else
      findLargest<int64_t>(input.ints().slice(row * extent, extent), result);
  }
  return success();
}

LogicalResult interpretGather(qnn::GatherOp op, ArrayRef<RefTensor> operands,
                              MutableArrayRef<RefTensor> results) {
  const RefTensor &input = operands[0], &indices = operands[1];
  AroundAxis around(input.getShape(), op.getAxis());
  int64_t batches = 1;
  for (int64_t extent : input.getShape().take_front(op.getBatchDims()))
    batches *= extent;
  int64_t perBatch = around.outer / batches,
          count = indices.getNumElements() / batches, at = 0;
  for (int64_t o = 0; o < around.outer; ++o)
    for (int64_t n = 0; n < count; ++n) {
      int64_t index = std::clamp<int64_t>(
          indices.ints()[o / perBatch * count + n], 0, around.extent - 1);
      for (int64_t i = 0; i < around.inner; ++i)
        copyElement(input, (o * around.extent + index) * around.inner + i,
                    results[0], at++);
    }
  return success();
}

LogicalResult interpretGatherND(qnn::GatherNDOp op,
                                ArrayRef<RefTensor> operands,
                                MutableArrayRef<RefTensor> results) {
  const RefTensor &input = operands[0], &indices = operands[1];
  int64_t width = indices.getShape().back(), inner = 1;
  for (int64_t extent : input.getShape().drop_front(width))
    inner *= extent;
  int64_t at = 0, tuples = results[0].getNumElements() / inner;
  for (int64_t n = 0; n < tuples; ++n) {
    int64_t from = 0;
    for (int64_t k = 0; k < width; ++k) {
      int64_t extent = input.getShape()[k];
      from = from * extent +
             std::clamp<int64_t>(indices.ints()[n * width + k], 0, extent - 1);
    }
    for (int64_t i = 0; i < inner; ++i)
      copyElement(input, from * inner + i, results[0], at++);
  }
  return success();
}

LogicalResult interpretOneHot(qnn::OneHotOp op, ArrayRef<RefTensor> operands,
                              MutableArrayRef<RefTensor> results) {
  AroundAxis around(results[0].getShape(), op.getAxis());
  int64_t at = 0;
  for (int64_t o = 0; o < around.outer; ++o)
    for (int64_t d = 0; d < around.extent; ++d)
      for (int64_t i = 0; i < around.inner; ++i) {
        bool isOn = operands[0].ints()[o * around.inner + i] == d;
        copyElement(operands[isOn ? 1 : 2], 0, results[0], at++);
      }
  return success();
}

template <typename OpTy>
arith::ResizeAxis resizeAxis(OpTy op, ArrayRef<int64_t> shape, int64_t axis) {
  return {shape[axis], op.getSize()[axis - 1], op.getAlignCorners(),
          op.getHalfPixelCenters()};
}

/// Calls `body(to, y, x, at)` for each element of the result: `to` is its
/// position, y and x its height and width, and `at(y, x)` the position of an
/// element of the operand in the same batch and channel.
template <typename Body>
void forEachResized(const RefTensor &input, const RefTensor &result,
                    Body body) {
  ArrayRef<int64_t> in = input.getShape(), out = result.getShape();
  int64_t to = 0;
  for (int64_t n = 0; n < out[0]; ++n)
    for (int64_t y = 0; y < out[1]; ++y)
      for (int64_t x = 0; x < out[2]; ++x)
        for (int64_t c = 0; c < out[3]; ++c)
          body(to++, y, x, [&](int64_t row, int64_t column) {
            return ((n * in[1] + row) * in[2] + column) * in[3] + c;
          });
}

LogicalResult interpretResizeNearest(qnn::ResizeNearestOp op,
                                     ArrayRef<RefTensor> operands,
                                     MutableArrayRef<RefTensor> results) {
  ArrayRef<int64_t> in = operands[0].getShape();
  std::vector<int64_t> rows = arith::findNearest(resizeAxis(op, in, 1)),
                       columns = arith::findNearest(resizeAxis(op, in, 2));
  forEachResized(
      operands[0], results[0], [&](int64_t to, int64_t y, int64_t x, auto at) {
        copyElement(operands[0], at(rows[y], columns[x]), results[0], to);
      });
  return success();
}

LogicalResult interpretResizeBilinear(qnn::ResizeBilinearOp op,
                                      ArrayRef<RefTensor> operands,
                                      MutableArrayRef<RefTensor> results) {
  const RefTensor &input = operands[0];
  RefTensor &result = results[0];
  ArrayRef<int64_t> in = input.getShape();
  arith::ResizeAxis height = resizeAxis(op, in, 1),
                    width = resizeAxis(op, in, 2);
  if (!input.isFloat() && qnn::isSignedStorage(input.getType())) {
    auto rows = arith::interpolateFixed(height),
         columns = arith::interpolateFixed(width);
    constexpr int64_t one = int64_t(1) << arith::kResizeBits,
                      half = one * one / 2;
    forEachResized(
        input, result, [&](int64_t to, int64_t y, int64_t x, auto at) {
          auto [y0, y1, dy] = rows[y];
          auto [x0, x1, dx] = columns[x];
          ArrayRef<int64_t> q = input.ints();
          int64_t sum = q[at(y0, x0)] * (one - dy) * (one - dx) +
                        q[at(y1, x0)] * dy * (one - dx) +
                        q[at(y0, x1)] * (one - dy) * dx +
                        q[at(y1, x1)] * dy * dx;
          result.ints()[to] = (sum + (sum > 0 ? half : -half)) / (one * one);
        });
    return success();
  }
  auto rows = arith::interpolateFloat(height),
       columns = arith::interpolateFloat(width);
  forEachResized(input, result, [&](int64_t to, int64_t y, int64_t x, auto at) {
    auto [y0, y1, dy] = rows[y];
    auto [x0, x1, dx] = columns[x];
    auto value = [&](int64_t row, int64_t column) {
      int64_t from = at(row, column);
      return input.isFloat() ? input.floats()[from]
                             : static_cast<float>(input.ints()[from]);
    };
    float sum = value(y0, x0) * (1 - dy) * (1 - dx) +
                value(y1, x0) * dy * (1 - dx) + value(y0, x1) * (1 - dy) * dx +
                value(y1, x1) * dy * dx;
    if (result.isFloat())
      result.floats()[to] = sum;
    else
      result.ints()[to] = static_cast<int64_t>(sum + 0.5f);
  });
  return success();
}

} // namespace

void attachIndexModels(MLIRContext *context) {
  attach<qnn::ArgMaxOp, interpretArgMax>(context);
  attach<qnn::ArgMinOp, interpretArgMin>(context);
  attach<qnn::CumsumOp, interpretCumsum>(context);
  attach<qnn::DynamicUpdateSliceOp, interpretDynamicUpdateSlice>(context);
  attach<qnn::GatherNDOp, interpretGatherND>(context);
  attach<qnn::GatherOp, interpretGather>(context);
  attach<qnn::OneHotOp, interpretOneHot>(context);
  attach<qnn::ResizeBilinearOp, interpretResizeBilinear>(context);
  attach<qnn::ResizeNearestOp, interpretResizeNearest>(context);
  attach<qnn::TopKOp, interpretTopK>(context);
}

} // namespace qcc::reference
