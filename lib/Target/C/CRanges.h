// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What values integers can have: an operation that cannot overflow is plain
// signed arithmetic in C, any other is unsigned.

#ifndef QCC_TARGET_C_CRANGES_H
#define QCC_TARGET_C_CRANGES_H

#include "mlir/Analysis/DataFlowFramework.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"
#include <memory>

namespace qcc::c {

/// Bits of an integer; an index has 32, as on the smallest machines.
unsigned widthOf(mlir::Type type);

class Ranges {
public:
  /// Analyses the functions of `module`, each for itself, tables of constants
  /// included.
  explicit Ranges(mlir::ModuleOp module);

  struct Interval {
    int64_t lo, hi;
    bool isNonNegative() const { return lo >= 0; }
  };
  /// Bounds of an integer's signed reading.
  Interval of(mlir::Value value) const;
  /// Whether an addition, subtraction, multiplication or left shift may leave
  /// the range of its type, read as signed.
  bool mayOverflow(mlir::Operation *op) const;

private:
  llvm::DenseMap<mlir::Operation *, std::unique_ptr<mlir::DataFlowSolver>>
      solvers;
};

} // namespace qcc::c

#endif // QCC_TARGET_C_CRANGES_H
