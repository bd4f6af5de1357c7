// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// TargetFacts as a module attribute, so that passes need no option and no
// global to know the machine.

#ifndef QCC_CONVERSION_TARGETATTR_H
#define QCC_CONVERSION_TARGETATTR_H

#include "qcc/Support/TargetFacts.h"

#include "mlir/IR/BuiltinOps.h"

namespace qcc {

/// Writes `facts` as the dictionary `qnn.target` of `module`.
void attachTargetFacts(mlir::ModuleOp module, const TargetFacts &facts);

/// Reads `qnn.target`; failure after a diagnostic when it is missing or
/// malformed.
mlir::FailureOr<TargetFacts> readTargetFacts(mlir::ModuleOp module);

} // namespace qcc

#endif // QCC_CONVERSION_TARGETATTR_H
