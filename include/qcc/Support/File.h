// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reading and writing whole files the way every tool of qcc does it: a size
// limit and a plain message on the way in; a temporary file in the same
// directory and a rename on the way out, so that nothing half-written is ever
// seen. LLVM's own helpers map files (a truncation under our feet is SIGBUS),
// read devices without end and abort on a full disk; these do not.
#ifndef QCC_SUPPORT_FILE_H
#define QCC_SUPPORT_FILE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstdint>
#include <memory>

namespace llvm {
class raw_fd_ostream;
} // namespace llvm

namespace qcc {

/// No tensor, and no model but one whose weights lie behind its tables, comes
/// near this many bytes; what is larger is refused before it is read.
constexpr uint64_t defaultMaxFileBytes = uint64_t(2) << 30;

/// The same for pipes and devices, whose size is not known beforehand.
constexpr uint64_t maxStreamBytes = uint64_t(256) << 20;

/// Reads the file `path` ("-": standard input) into memory, 16-byte aligned and
/// NUL-terminated. Errors, each naming the path: missing or unreadable, a
/// directory, empty, more than `maxBytes` bytes.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
readFile(llvm::StringRef path, uint64_t maxBytes = defaultMaxFileBytes);

/// The file `path` as readFile gives it, but mapped and not NUL-terminated
/// where it has more than `defaultMaxFileBytes` bytes: a .tflite file whose
/// weights lie behind its tables. What is not one of those is refused as
/// readFile does.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
readModelFile(llvm::StringRef path);

/// What a written file is, for its permission bits.
enum class FileKind { Data, Program };

/// Runs `writer` on a temporary file beside `path`, then renames it to `path`.
/// When `writer` or any system call fails, `path` is as it was before and the
/// temporary is gone; a stream that could not take all counts as a failure of
/// the writer. A symbolic link is followed; a device or pipe, and "-"
/// for standard output, are written directly. Errors name the path.
llvm::Error writeFileAtomically(
    llvm::StringRef path,
    llvm::function_ref<llvm::Error(llvm::raw_fd_ostream &)> writer,
    FileKind kind = FileKind::Data);

/// The same for contents that are already in memory.
llvm::Error writeFileAtomically(llvm::StringRef path, llvm::StringRef contents,
                                FileKind kind = FileKind::Data);

} // namespace qcc

#endif // QCC_SUPPORT_FILE_H
