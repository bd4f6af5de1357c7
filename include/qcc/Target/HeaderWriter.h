// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C header of a compiled model, and static archives.

#ifndef QCC_TARGET_HEADERWRITER_H
#define QCC_TARGET_HEADERWRITER_H

#include "qcc/Target/ModelABI.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>

namespace qcc {

/// The text of the header: C99 and C++, freestanding, self-contained. It
/// declares
/// `<name>_run`, `<name>_info` and the sizes as macros; docs/ABI.md explains
/// it.
std::string writeHeader(const ModelABI &abi);

/// A static library with one member `memberName`, with symbol table and without
/// time stamps: same input, same bytes.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
makeArchive(llvm::StringRef object, llvm::StringRef memberName);

} // namespace qcc

#endif // QCC_TARGET_HEADERWRITER_H
