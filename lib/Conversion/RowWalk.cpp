// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Distances between a result and the input it lies over. See the header.

#include "qcc/Conversion/RowWalk.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

using namespace mlir;
using namespace qcc;

namespace {

/// Bytes of a row (or pixel) with its spare elements, and of those
/// above the first.
struct Pitch {
  int64_t row = 0, top = 0, total = 0;

  explicit Pitch(const PaddedTensor &tensor) {
    ArrayRef<int64_t> shape = tensor.type.getShape();
    if (tensor.rowBits > 0) {
      row = qnn::packedRowBytes(tensor.type);
      total = shape[1] * row;
      return;
    }
    row = (shape[2] + tensor.pad[2] + tensor.pad[3]) *
          qnn::pixelBytes(tensor.type, tensor.planes);
    top = tensor.pad[0] * row;
    total = (shape[1] + tensor.pad[0] + tensor.pad[1]) * row;
  }
};

bool isDense(const PaddedTensor &tensor) {
  return tensor.rowBits == 0 &&
         llvm::all_of(tensor.pad, [](int64_t p) { return p == 0; });
}

} // namespace

Padding qcc::maxOf(const Padding &a, const Padding &b) {
  Padding result;
  for (size_t i = 0; i < 4; ++i)
    result[i] = std::max(a[i], b[i]);
  return result;
}

int64_t PaddedTensor::bytes() const {
  if (rowBits > 0)
    return type.getDimSize(1) * qnn::packedRowBytes(type);
  auto bytes = static_cast<double>(qnn::pixelBytes(type, planes));
  if (type.getRank() == 0)
    return static_cast<int64_t>(bytes);
  for (auto [axis, extent] : llvm::enumerate(type.getShape().drop_back())) {
    bool isSpatial = type.getRank() == 4 && (axis == 1 || axis == 2);
    int64_t spare = isSpatial ? pad[axis * 2 - 2] + pad[axis * 2 - 1] : 0;
    bytes *= static_cast<double>(extent + spare);
  }
  return static_cast<int64_t>(std::min(bytes, static_cast<double>(kMostBytes)));
}

/// Upwards: the rows of the result up to a step's last end before the first row
/// that this step or a later one reads. (Spare elements beside a row are
/// written with it, those above the first row before all, those below the last
/// one after all reading.) Downwards the same from the other end.
std::optional<OverlapDistance>
qcc::getOverlapDistance(const RowWalk &walk, const PaddedTensor &input,
                        const PaddedTensor &result) {
  if (input.type.getRank() != 4 || result.type.getRank() != 4 ||
      input.type.getDimSize(0) != 1 || result.type.getDimSize(0) != 1 ||
      input.type.getNumElements() == 0 || result.type.getNumElements() == 0 ||
      input.bytes() == kMostBytes || result.bytes() == kMostBytes ||
      walk.stride < 0 || walk.count < 1 || walk.rows < 1)
    return std::nullopt;
  Pitch from(input), to(result);
  int64_t height = result.type.getDimSize(1);
  RowWalk rows = walk;
  if (walk.pixels > 0 && isDense(input) && isDense(result)) {
    int64_t width = result.type.getDimSize(2);
    from.row /= input.type.getDimSize(2);
    to.row /= width;
    height *= width;
    rows.rows = walk.pixels;
  }
  OverlapDistance distance;
  for (int64_t y = 0; y < height; y += rows.rows) {
    int64_t last = std::min(y + rows.rows, height) - 1;
    auto read = [&](int64_t row) {
      return std::clamp<int64_t>(from.top + row * from.row, 0, from.total);
    };
    int64_t readBegin = read(rows.stride * y + rows.first),
            readEnd = read(rows.stride * last + rows.first + rows.count);
    int64_t writeBegin = to.top + y * to.row,
            writeEnd = to.top + (last + 1) * to.row;
    distance.before = std::max(distance.before, writeEnd - readBegin);
    distance.behind = std::max(distance.behind, readEnd - writeBegin);
  }
  return distance;
}
