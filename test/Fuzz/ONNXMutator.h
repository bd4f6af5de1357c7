// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Damages .onnx files where it hurts: in the messages that they are made of, so
// that most come past the parser. Wires (cycles, names that are missing or
// twice), operators, attributes, types, shapes, bit widths, external data.

#ifndef QCC_TEST_FUZZ_ONNXMUTATOR_H
#define QCC_TEST_FUZZ_ONNXMUTATOR_H

#include "Mutator.h"

namespace qcc::fuzz {

class ONNXMutator : public Mutator {
public:
  explicit ONNXMutator(llvm::ArrayRef<uint8_t> file) : Mutator(file) {}

  /// Of any bytes; those that are no message are changed as such.
  using Mutator::mutate;
  Mutant mutate(llvm::ArrayRef<uint8_t> bytes, Random &random) const override;
};

} // namespace qcc::fuzz

#endif // QCC_TEST_FUZZ_ONNXMUTATOR_H
