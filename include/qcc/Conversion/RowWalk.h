// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where a result may lie over the input that it is made of: the least distance
// between the two buffers that keeps what is still to be read, from the rows
// that a kernel says it reads and the geometry of both buffers.

#ifndef QCC_CONVERSION_ROWWALK_H
#define QCC_CONVERSION_ROWWALK_H

#include "qcc/Conversion/Kernel.h"

#include "mlir/IR/BuiltinTypes.h"

namespace qcc {

/// Spare elements [top, bottom, left, right].
using Padding = std::array<int64_t, 4>;

Padding maxOf(const Padding &a, const Padding &b);

/// No buffer that a machine has is larger. What would be (a dilated filter over
/// a padded pixel) counts as this, so that sums do not overflow.
constexpr int64_t kMostBytes = int64_t(1) << 40;

/// A tensor and, if it has four axes, the spare elements in its buffer.
struct PaddedTensor {
  mlir::RankedTensorType type;
  Padding pad = {0, 0, 0, 0};
  /// Of bits; 0: bytes.
  int64_t planes = 0;
  /// Rows are packed at this many bits; 0: they are not.
  int64_t rowBits = 0;

  /// Of the whole buffer, kMostBytes at most.
  int64_t bytes() const;
};

/// Distances in bytes, >= 0, that leave every unread element alone.
struct OverlapDistance {
  /// Taking rows upwards, the result starts at least so far before the input.
  int64_t before = 0;
  /// Taking rows downwards, it starts at least so far behind the input's start.
  int64_t behind = 0;
};

/// Nothing where the tensors are not what `walk` speaks of.
std::optional<OverlapDistance> getOverlapDistance(const RowWalk &walk,
                                                  const PaddedTensor &input,
                                                  const PaddedTensor &result);

} // namespace qcc

#endif // QCC_CONVERSION_ROWWALK_H
