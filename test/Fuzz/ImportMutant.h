// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One damaged file through the importer, the verifier, the interpreter and, of
// .onnx, the passes that make integers of it.

#ifndef QCC_TEST_FUZZ_IMPORTMUTANT_H
#define QCC_TEST_FUZZ_IMPORTMUTANT_H

#include "Mutator.h"

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <string>

namespace qcc::fuzz {

enum Outcome : int {
  /// A module that verifies.
  Imported = 0,
  /// One error, which is in `message`.
  Refused = 3, // A sanitizer ends a process with 1.
  /// No error and no module, several errors, or a module that is not sound.
  WrongErrors = 2
};

Outcome importMutant(llvm::ArrayRef<uint8_t> bytes, Format format,
                     std::string &message);

} // namespace qcc::fuzz

#endif // QCC_TEST_FUZZ_IMPORTMUTANT_H
