// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From the "loops" stage (func, scf, arith, math, vector, memref on flat static
// memrefs) to the LLVM dialect: the last MLIR pipeline before LLVM itself.

#ifndef QCC_TARGET_LOWERTOLLVM_H
#define QCC_TARGET_LOWERTOLLVM_H

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/PassManager.h"

namespace qcc {

/// Fills `pm` (on builtin.module) with the lowering of a loops-stage module to
/// the LLVM dialect, for the machine that its `qnn.target` describes. Memref
/// arguments become bare pointers, index arithmetic has the machine's width,
/// and no math operation is left that would call libm. Kernels' `llvm` dialect
/// operations pass through.
void buildLowerLoopsToLLVMPipeline(mlir::OpPassManager &pm);

/// Registers the dialects of the loops and LLVM stages and the translation of
/// the latter to LLVM IR.
void registerTargetDialects(mlir::DialectRegistry &registry);

} // namespace qcc

#endif // QCC_TARGET_LOWERTOLLVM_H
