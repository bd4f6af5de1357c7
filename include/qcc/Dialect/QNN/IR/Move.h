// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an operation that only moves elements says of itself: boxes of its
// result, and for each where the elements come from.

#ifndef QCC_DIALECT_QNN_IR_MOVE_H
#define QCC_DIALECT_QNN_IR_MOVE_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <vector>

namespace qcc::qnn {

/// A box of a result. Its element `origin` + (i0, i1, …) is the operand's
/// element at `start` + Σ_k i_k · `steps`[k] along the operand's axis
/// `axes`[k]. A step of 0 repeats, a negative one reverses, and `axes` in
/// another order transposes.
struct Move {
  /// Instead of an operand: the element that MoveOpInterface::getFill() gives.
  static constexpr int64_t fill = -1;

  int64_t operand = fill;
  llvm::SmallVector<int64_t> origin, shape;
  /// One per axis of the operand; empty when filled.
  llvm::SmallVector<int64_t> start;
  /// One per axis of the result; empty when filled.
  llvm::SmallVector<int64_t> axes, steps;

  /// A box at `origin` that holds all of `operand`, which has `shape`.
  static Move whole(int64_t operand, llvm::ArrayRef<int64_t> origin,
                    llvm::ArrayRef<int64_t> shape);
  bool isEmpty() const;
};

} // namespace qcc::qnn

#endif // QCC_DIALECT_QNN_IR_MOVE_H
