// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integer operations that a machine lacks, as code of our own.

#ifndef QCC_LIB_TARGET_EXPANDINTEGERS_H
#define QCC_LIB_TARGET_EXPANDINTEGERS_H

#include "qcc/Support/TargetFacts.h"
#include "llvm/IR/Module.h"

namespace qcc {

/// Multiplications, shifts, divisions and counts of leading zeros that the
/// back end would send to the compiler's run-time library become calls of
/// functions private to `module`. Bit-exact. To be run behind optimizations,
/// which would put the operations together again.
void expandIntegers(llvm::Module &module, const TargetFacts &facts);

} // namespace qcc

#endif // QCC_LIB_TARGET_EXPANDINTEGERS_H
