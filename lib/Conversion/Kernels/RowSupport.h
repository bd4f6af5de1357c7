// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What kernels share that work row by row over the last axis.

#ifndef QCC_LIB_CONVERSION_KERNELS_ROWSUPPORT_H
#define QCC_LIB_CONVERSION_KERNELS_ROWSUPPORT_H

#include "KernelSupport.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace qcc {

/// Calls `body` with the offsets of each row of input and output.
void forEachRow(
    LayerEmitter &e, const TensorView &in, const TensorView &out,
    llvm::function_ref<void(mlir::Value from, mlir::Value to)> body);

/// Folds the `count` > 0 elements from `from` on: `combine` two accumulators or
/// an accumulator and `prepare`d elements, lane by lane and then across lanes.
mlir::Value
reduceRow(LayerEmitter &e, mlir::Value memref, mlir::Value from, int64_t count,
          int64_t lanes, mlir::vector::CombiningKind kind,
          llvm::function_ref<mlir::Value(mlir::Value)> prepare,
          llvm::function_ref<mlir::Value(mlir::Value, mlir::Value)> combine);

/// The largest of `count` integers from `from` on.
mlir::Value emitRowMax(LayerEmitter &e, mlir::Value memref, mlir::Value from,
                       int64_t count, bool isSigned);

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_ROWSUPPORT_H
