// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// --emit=exe: a program around a model, static, for this machine, for an
// emulator or for a bare Cortex-M board with semihosting.

#ifndef QCC_TARGET_PROGRAMLINKER_H
#define QCC_TARGET_PROGRAMLINKER_H

#include "qcc/Target/ModelABI.h"
#include "qcc/Target/TargetDescription.h"
#include "llvm/Support/Error.h"

namespace qcc {

struct LinkOptions {
  /// Directory with harness/ and include/qcc-rt/; see findShareDirectory.
  std::string shareDirectory;
  /// The C compiler driver, a path or a name to be found in PATH.
  std::string clang = "clang-22";
};

/// The share directory of the program at `programPath` (argv[0] resolved, or
/// /proc/self/exe): ../share/qcc from it, installed or in the build tree.
/// Error when it is not there.
llvm::Expected<std::string> findShareDirectory(llvm::StringRef programPath);

/// Links `object` with the harness and writes the program to `outputPath`
/// atomically. Errors: no compiler, no C library for the target, a target
/// without a harness (hosted Linux and Cortex-M have one).
llvm::Error linkProgram(llvm::StringRef object, const ModelABI &abi,
                        const TargetDescription &target,
                        llvm::StringRef outputPath, const LinkOptions &options);

} // namespace qcc

#endif // QCC_TARGET_PROGRAMLINKER_H
