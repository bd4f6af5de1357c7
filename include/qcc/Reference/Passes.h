// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes that need the definition of an operation's arithmetic. See Passes.td.

#ifndef QCC_REFERENCE_PASSES_H
#define QCC_REFERENCE_PASSES_H

#include "qcc/Dialect/QNN/IR/QNN.h"

#include "mlir/Pass/Pass.h"

namespace qcc::reference {

#define GEN_PASS_DECL
#include "qcc/Reference/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "qcc/Reference/Passes.h.inc"

} // namespace qcc::reference

#endif // QCC_REFERENCE_PASSES_H
