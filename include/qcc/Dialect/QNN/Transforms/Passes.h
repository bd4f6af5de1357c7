// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Optimizing passes on `qnn`, every one bit-exact. Passes.td says what each
// does.

#ifndef QCC_DIALECT_QNN_TRANSFORMS_PASSES_H
#define QCC_DIALECT_QNN_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace qcc::qnn {

#define GEN_PASS_DECL
#include "qcc/Dialect/QNN/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "qcc/Dialect/QNN/Transforms/Passes.h.inc"

} // namespace qcc::qnn

#endif // QCC_DIALECT_QNN_TRANSFORMS_PASSES_H
