// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Serialization of a ModelABI as the `struct qcc_model_info` of qcc-rt/qcc.h.

#ifndef QCC_TARGET_MODELINFO_H
#define QCC_TARGET_MODELINFO_H

#include "qcc/Target/ModelABI.h"

namespace qcc {

/// The bytes of the constant `<name>_info`: little-endian, to be 4-byte
/// aligned, free of pointers. The size does not depend on `abi.stackBytes`, so
/// that the constant can be laid out before the stack bound is known.
llvm::SmallVector<char, 0> serializeModelInfo(const ModelABI &abi);

/// A run of `<name>_info` of one C type: 32-bit words, floats or characters.
struct ModelInfoPart {
  enum class Kind { Words, Floats, Text };
  Kind kind = Kind::Words;
  /// The one that `kind` says is filled.
  llvm::SmallVector<uint32_t> words;
  llvm::SmallVector<float> floats;
  std::string text;

  size_t size() const { return words.size() + floats.size() + text.size(); }
};

/// The same constant in parts, for a back end that writes C: without gaps, each
/// part at its natural alignment, so that a struct of them has the same layout.
llvm::SmallVector<ModelInfoPart> describeModelInfo(const ModelABI &abi);

/// Alignment in bytes that `<name>_info` needs.
constexpr unsigned modelInfoAlign = 8;

} // namespace qcc

#endif // QCC_TARGET_MODELINFO_H
