// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pooling over windows.

#include "OpModels.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <limits>

using namespace mlir;

namespace qcc::reference {

namespace {

/// For every output in order: calls begin(), tap(input index) for each element
/// of its window inside the input, row by row, and end(output index, taps).
template <typename OpTy, typename Begin, typename Tap, typename End>
void forEachWindow(OpTy op, Begin begin, Tap tap, End end) {
  ArrayRef<int64_t> in = op.getInput().getType().getShape();
  ArrayRef<int64_t> out = op.getType().getShape();
  ArrayRef<int64_t> kernel = op.getKernel(), strides = op.getStrides();
  ArrayRef<int64_t> padding = op.getPadding();
  int64_t at = 0;
  for (int64_t n = 0; n < out[0]; ++n)
    for (int64_t y = 0; y < out[1]; ++y)
      for (int64_t x = 0; x < out[2]; ++x) {
        int64_t top = y * strides[0] - padding[0];
        int64_t left = x * strides[1] - padding[2];
        int64_t firstRow = std::max<int64_t>(top, 0);
        int64_t lastRow = std::min(top + kernel[0], in[1]);
        int64_t firstColumn = std::max<int64_t>(left, 0);
        int64_t lastColumn = std::min(left + kernel[1], in[2]);
        for (int64_t c = 0; c < out[3]; ++c) {
          begin();
          for (int64_t row = firstRow; row < lastRow; ++row)
            for (int64_t column = firstColumn; column < lastColumn; ++column)
              tap(((n * in[1] + row) * in[2] + column) * in[3] + c);
          int64_t taps = std::max<int64_t>(lastRow - firstRow, 0) *
                         std::max<int64_t>(lastColumn - firstColumn, 0);
          end(at++, taps);
        }
      }
}

/// A window of padding alone has no average and no maximum.
template <typename OpTy> LogicalResult checkWindows(OpTy op) {
  bool empty = false;
  forEachWindow(
      op, [] {}, [](int64_t) {},
      [&](int64_t, int64_t taps) { empty |= taps == 0; });
  if (empty)
    return op.emitOpError("has a window that lies in the padding altogether");
  return success();
}

LogicalResult interpretAvgPool(qnn::AvgPool2DOp op,
                               ArrayRef<RefTensor> operands,
                               MutableArrayRef<RefTensor> results) {
  if (failed(checkWindows(op)))
    return failure();
  if (results[0].isFloat()) {
    auto [lo, hi] = qnn::floatClamp(op.getClampAttr());
    ArrayRef<float> in = operands[0].floats();
    MutableArrayRef<float> out = results[0].floats();
    float sum = 0;
    forEachWindow(
        op, [&] { sum = 0; }, [&](int64_t i) { sum += in[i]; },
        [&, lo = lo, hi = hi](int64_t at, int64_t taps) {
          out[at] = std::min(std::max(sum / static_cast<float>(taps), lo), hi);
        });
    return success();
  }
  auto [lo, hi] = qnn::integerClamp(op.getClampAttr(), results[0].getType());
  ArrayRef<int64_t> in = operands[0].ints();
  MutableArrayRef<int64_t> out = results[0].ints();
  int64_t sum = 0;
  forEachWindow(
      op, [&] { sum = 0; }, [&](int64_t i) { sum += in[i]; },
      [&, lo = lo, hi = hi](int64_t at, int64_t taps) {
        // Stored values, divided half away from zero; the zero point takes no
        // part, so the rounding is not symmetric about real 0.
        int64_t average = (sum > 0 ? sum + taps / 2 : sum - taps / 2) / taps;
        out[at] = std::clamp(average, lo, hi);
      });
  return success();
}

LogicalResult interpretMaxPool(qnn::MaxPool2DOp op,
                               ArrayRef<RefTensor> operands,
                               MutableArrayRef<RefTensor> results) {
  if (failed(checkWindows(op)))
    return failure();
  if (results[0].isFloat()) {
    auto [lo, hi] = qnn::floatClamp(op.getClampAttr());
    ArrayRef<float> in = operands[0].floats();
    MutableArrayRef<float> out = results[0].floats();
    float best = 0;
    forEachWindow(
        op, [&] { best = std::numeric_limits<float>::lowest(); },
        [&](int64_t i) { best = std::max(best, in[i]); },
        [&, lo = lo, hi = hi](int64_t at, int64_t) {
          out[at] = std::min(std::max(best, lo), hi);
        });
    return success();
  }
  auto [lo, hi] = qnn::integerClamp(op.getClampAttr(), results[0].getType());
  ArrayRef<int64_t> in = operands[0].ints();
  MutableArrayRef<int64_t> out = results[0].ints();
  int64_t best = 0;
  forEachWindow(
      op, [&] { best = std::numeric_limits<int64_t>::min(); },
      [&](int64_t i) { best = std::max(best, in[i]); },
      [&, lo = lo, hi = hi](int64_t at, int64_t) {
        out[at] = std::clamp(best, lo, hi);
      });
  return success();
}

LogicalResult interpretL2Pool(qnn::L2Pool2DOp op, ArrayRef<RefTensor> operands,
                              MutableArrayRef<RefTensor> results) {
  if (failed(checkWindows(op)))
    return failure();
  auto [lo, hi] = qnn::floatClamp(op.getClampAttr());
  ArrayRef<float> in = operands[0].floats();
  MutableArrayRef<float> out = results[0].floats();
  float sum = 0;
  forEachWindow(
      op, [&] { sum = 0; }, [&](int64_t i) { sum += in[i] * in[i]; },
      [&, lo = lo, hi = hi](int64_t at, int64_t taps) {
        float root = std::sqrt(sum / static_cast<float>(taps));
        out[at] = std::min(std::max(root, lo), hi);
      });
  return success();
}

} // namespace

void attachPoolModels(MLIRContext *context) {
  attach<qnn::AvgPool2DOp, interpretAvgPool>(context);
  attach<qnn::L2Pool2DOp, interpretL2Pool>(context);
  attach<qnn::MaxPool2DOp, interpretMaxPool>(context);
}

} // namespace qcc::reference
