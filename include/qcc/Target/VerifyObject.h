// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A check of finished objects against what docs/ABI.md promises.

#ifndef QCC_TARGET_VERIFYOBJECT_H
#define QCC_TARGET_VERIFYOBJECT_H

#include "qcc/Target/TargetDescription.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace qcc {

/// Checks an ELF object of generated code: undefined symbols are at most
/// memcpy, memset and memmove; no .data, .bss or other writable contents
/// (.data.rel.ro, where constants with pointers would lie, included); nothing
/// runs at start-up; with `target.facts.integerOnly` no floating-point
/// instruction. The error names each offending symbol, section or instruction.
llvm::Error verifyObject(llvm::StringRef object,
                         const TargetDescription &target);

} // namespace qcc

#endif // QCC_TARGET_VERIFYOBJECT_H
