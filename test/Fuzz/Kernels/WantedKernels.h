// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which kernels models must be run by: in the table of tiles all that are for a
// machine, or those that are forced.

#ifndef QCC_TEST_FUZZ_WANTEDKERNELS_H
#define QCC_TEST_FUZZ_WANTEDKERNELS_H

#include "qcc/Conversion/Kernel.h"
#include "qcc/Support/TargetFacts.h"

#include <memory>

namespace qcc::fuzz {

/// Whether kernel `name` is for machines with `facts`.
bool isKernelFor(llvm::StringRef name, const TargetFacts &facts);

/// Whether kernel `name` is "<operation>.<method>".
bool isOfMethod(llvm::StringRef name, llvm::StringRef method);

/// Those of `all`, which must live as long, that leave operations with a kernel
/// `method` no other one; null where none has.
std::shared_ptr<const KernelSet> forceKernels(const KernelSet &all,
                                              llvm::StringRef method);

} // namespace qcc::fuzz

#endif // QCC_TEST_FUZZ_WANTEDKERNELS_H
