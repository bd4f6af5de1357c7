// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The portable C back end (--emit=c): a loops-stage module of a scalar target
// as one C99 source file, for toolchains that are not LLVM's. docs/ABI.md says
// what the file promises and what it takes for granted.

#ifndef QCC_TARGET_CEMITTER_H
#define QCC_TARGET_CEMITTER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/LLVM.h"
#include "qcc/Target/ModelABI.h"
#include <string>

namespace qcc {

struct CEmitOptions {
  /// File name of the header that the source includes.
  std::string header;
  /// --section: where GNU-compatible compilers put the constants; empty: where
  /// they put constants anyway.
  std::string section;
};

/// Fills `pm` (on builtin.module) with what stands between loops and C: math
/// becomes additions, multiplications and bit operations, by the same
/// definitions as on the way to LLVM.
void buildLowerLoopsToCPipeline(mlir::OpPassManager &pm);

/// The text of the C source of `module`, which the pipeline above left.
/// Contract as for translateToLLVM: `<abi.name>_run` takes pointers in the
/// order of the C prototype and returns i32. Fails after a diagnostic that
/// names the first operation or type that has no C form.
mlir::FailureOr<std::string> emitC(mlir::ModuleOp module, const ModelABI &abi,
                                   const CEmitOptions &options);

} // namespace qcc

#endif // QCC_TARGET_CEMITTER_H
