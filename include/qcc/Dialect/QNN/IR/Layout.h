// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where an operation's tensor has its axes in another order than the model's
// tensor of the same name, its location says in which: networks written for
// NCHW are computed in NHWC, and what shows tensors by name shows the model's.

#ifndef QCC_DIALECT_QNN_IR_LAYOUT_H
#define QCC_DIALECT_QNN_IR_LAYOUT_H

#include "mlir/IR/Location.h"

#include <optional>

namespace qcc::qnn {

/// How the model's tensor comes of what an operation makes. Axes of extent 1
/// come and go on the way, so that only the others are counted: axis i of the
/// model's tensor is axis `order[i]`.
struct Layout {
  llvm::ArrayRef<int64_t> order;
  /// The shape of the model's tensor.
  llvm::ArrayRef<int64_t> shape;
};

/// Nothing: it is the model's tensor.
std::optional<Layout> layoutOf(mlir::Location location);

/// The location of an operation whose result, of `shape`, transposed by
/// `permutation` is that of one at `location`.
mlir::Location beforeTranspose(mlir::Location location,
                               llvm::ArrayRef<int64_t> permutation,
                               llvm::ArrayRef<int64_t> shape);

/// The location of an operation that makes no tensor of the model.
mlir::Location withoutTensor(mlir::Location location);
/// `op` makes the tensor of `location` from now on. What computes its operands
/// under its old name made parts of a tensor that there is no more.
void renameTensor(mlir::Operation *op, mlir::Location location);

} // namespace qcc::qnn

#endif // QCC_DIALECT_QNN_IR_LAYOUT_H
