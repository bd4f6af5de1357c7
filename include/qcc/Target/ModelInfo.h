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

/// Alignment in bytes that `<name>_info` needs.
constexpr unsigned modelInfoAlign = 8;

} // namespace qcc

#endif // QCC_TARGET_MODELINFO_H
