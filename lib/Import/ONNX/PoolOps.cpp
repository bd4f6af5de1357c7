// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pools.

#include "OpTable.h"
#include "Window.h"

#include <numeric>

using namespace mlir;
using namespace qcc;
using namespace qcc::onnximport;

namespace {

/// The window of a pool; false after an error.
bool readPool(NodeImport &op, Value x, Window &window) {
  if (!op.requireRank(x, 3, 4, "the input"))
    return false;
  std::optional<Numbers> kernel = op.integerList("kernel_shape");
  bool good =
      kernel && static_cast<int64_t>(kernel->size()) == op.rankOf(x) - 2;
  for (int64_t extent : kernel.value_or(Numbers()))
    good &= extent > 0 && extent <= INT32_MAX / 4;
  if (!good) {
    op.error() << "the kernel_shape does not fit " << op.typeOf(x);
    return false;
  }
  return readWindow(op, x, *kernel, window);
}

/// Pads of an NHWC tensor as such.
Value padSpatial(NodeImport &op, Value x, ArrayRef<int64_t> padding,
                 std::optional<double> value) {
  return op.pad(x, {0, padding[0], padding[2], 0},
                {0, padding[1], padding[3], 0}, value);
}

/// The least value of an element type.
double leastOf(NodeImport &op, Value x) {
  if (op.elementOf(x).isF32())
    return -std::numeric_limits<double>::infinity();
  return static_cast<double>(qnn::storageRange(x.getType()).first);
}

bool fitsOp(const Window &w) {
  return w.dilations == Numbers({1, 1}) && w.padding[0] < w.kernel[0] &&
         w.padding[1] < w.kernel[0] && w.padding[2] < w.kernel[1] &&
         w.padding[3] < w.kernel[1];
}

/// Combines the taps of a window one by one: what dilated pools are made of.
template <typename Combine>
Value combineTaps(NodeImport &op, Value padded, const Window &w,
                  Combine combine) {
  constexpr int64_t most = 1024;
  if (w.kernel[0] * w.kernel[1] > most) {
    op.error() << "has a dilated window of more than " << most << " elements";
    return {};
  }
  Value result;
  Numbers sizes(op.shapeOf(padded));
  for (int64_t i = 0; i < 2; ++i) {
    int64_t room = sizes[i + 1] - ((w.kernel[i] - 1) * w.dilations[i] + 1);
    if (room < 0) {
      op.error() << "the window does not fit the padded input";
      return {};
    }
    sizes[i + 1] = room / w.strides[i] + 1;
  }
  for (int64_t y = 0; y < w.kernel[0]; ++y)
    for (int64_t x = 0; x < w.kernel[1]; ++x) {
      Value tap =
          op.slice(padded, {0, y * w.dilations[0], x * w.dilations[1], 0},
                   sizes, {1, w.strides[0], w.strides[1], 1});
      result = result ? combine(result, tap) : tap;
    }
  return result;
}

} // namespace

Value qcc::onnximport::maxPool(NodeImport &op, Value x) {
  if (op.wants(1) || op.integer("storage_order", 0) != 0) {
    op.error() << "the second output, where the largest elements lie, is not "
                  "supported";
    return {};
  }
  Window window;
  if (!readPool(op, x, window))
    return {};
  Value input = toNHWC(op, x), result;
  if (fitsOp(window)) {
    result = op.make<qnn::MaxPool2DOp>(op.elementOf(x), input, window.kernel,
                                       window.strides, window.padding,
                                       qnn::ClampAttr());
  } else {
    result = combineTaps(
        op, padSpatial(op, input, window.padding, leastOf(op, input)), window,
        [&](Value a, Value b) { return op.maximum(a, b); });
    if (!result)
      return {};
  }
  return fromNHWC(op, result, op.rankOf(x));
}

LogicalResult qcc::onnximport::importMaxPool(NodeImport &op) {
  Value result = maxPool(op, op.in(0));
  return result ? op.setResult(result) : failure();
}

Value qcc::onnximport::averagePool(NodeImport &op, Value x) {
  Window window;
  if (!op.requireFloat(x) || !readPool(op, x, window))
    return {};
  Value input = toNHWC(op, x), result;
  int64_t rank = op.rankOf(x);
  if (op.integer("count_include_pad", 0) != 0) {
    // The padding counts, but for what rounding up adds.
    Numbers counted = window.padding;
    counted[1] -= window.excess[0];
    counted[3] -= window.excess[1];
    input = padSpatial(op, input, counted, 0.0);
    window.padding = {0, window.excess[0], 0, window.excess[1]};
  }
  bool isWhole = window.kernel[0] == op.extent(input, 1) &&
                 window.kernel[1] == op.extent(input, 2) &&
                 window.padding == Numbers({0, 0, 0, 0}) &&
                 window.dilations == Numbers({1, 1});
  if (isWhole) {
    result = op.mean(input, {1, 2}, true);
  } else if (fitsOp(window)) {
    result = op.make<qnn::AvgPool2DOp>(op.f32(), input, window.kernel,
                                       window.strides, window.padding,
                                       qnn::ClampAttr());
  } else {
    auto add = [&](Value a, Value b) { return op.add(a, b); };
    Value sum = combineTaps(op, padSpatial(op, input, window.padding, 0.0),
                            window, add);
    if (!sum)
      return {};
    // How many elements each window has inside the input.
    Numbers shape(op.shapeOf(input));
    shape[0] = shape[3] = 1;
    Value ones =
        op.constantFloats(std::vector<float>(shape[1] * shape[2], 1.0f), shape);
    Value count =
        combineTaps(op, padSpatial(op, ones, window.padding, 0.0), window, add);
    if (!count)
      return {};
    result = op.div(sum, count);
  }
  return fromNHWC(op, result, rank);
}

LogicalResult qcc::onnximport::importAveragePool(NodeImport &op) {
  Value result = averagePool(op, op.in(0));
  return result ? op.setResult(result) : failure();
}

namespace {
Numbers spatialAxes(NodeImport &op, Value x) {
  Numbers axes(std::max<int64_t>(op.rankOf(x) - 2, 0));
  std::iota(axes.begin(), axes.end(), 2);
  return axes;
}
} // namespace

LogicalResult qcc::onnximport::importGlobalAveragePool(NodeImport &op) {
  if (!op.requireFloat(op.in(0)) || !op.requireRank(op.in(0), 3, 8))
    return failure();
  return op.setResult(op.mean(op.in(0), spatialAxes(op, op.in(0)), true));
}

LogicalResult qcc::onnximport::importGlobalMaxPool(NodeImport &op) {
  if (!op.requireRank(op.in(0), 3, 8))
    return failure();
  return op.setResult(op.make<qnn::ReduceMaxOp>(
      op.elementOf(op.in(0)), op.in(0), spatialAxes(op, op.in(0)), true));
}
