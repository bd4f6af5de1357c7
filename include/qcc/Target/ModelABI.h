// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C interface of one compiled model as plain data: what the header writer,
// the `<name>_info` constant and the test harness need to know. Filled by the
// pipeline from the scheduled module; the ABI itself is in docs/ABI.md.

#ifndef QCC_TARGET_MODELABI_H
#define QCC_TARGET_MODELABI_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <string>

namespace qcc {

/// How one element lies in memory. Sub-byte quantized types travel in the
/// smallest of these that holds them. Values are those of `enum qcc_type`.
enum class ElementType : uint32_t {
  Int8 = 1,
  UInt8 = 2,
  Int16 = 3,
  UInt16 = 4,
  Int32 = 5,
  UInt32 = 6,
  Int64 = 7,
  Float32 = 8,
  Bool = 9,
};

/// Bytes of one element: 1, 2, 4 or 8.
unsigned elementBytes(ElementType type);
/// C99 spelling: `int8_t`, …, `float`.
llvm::StringRef elementCType(ElementType type);

/// One input or output.
struct TensorABI {
  /// Name in the model file; any bytes.
  std::string name;
  ElementType type = ElementType::Int8;
  llvm::SmallVector<int64_t, 4> shape;
  /// real = scale * (stored - zeroPoint). Empty: not quantized. One entry: per
  /// tensor. Several: one per slice along `quantizedDimension`.
  llvm::SmallVector<double, 1> scales;
  llvm::SmallVector<int64_t, 1> zeroPoints;
  int32_t quantizedDimension = -1;
  /// Least and greatest stored value of a quantized tensor.
  int64_t storageMin = 0, storageMax = 0;
  /// No value is the zero point.
  bool isBipolar = false;
  /// With ModelABI::ioInArena: byte offset in the arena.
  uint64_t arenaOffset = 0;

  uint64_t numElements() const;
  uint64_t bytes() const { return numElements() * elementBytes(type); }
};

/// The interface of one compiled model.
struct ModelABI {
  /// C prefix; a valid identifier (see makeCIdentifier).
  std::string name;
  /// What was compiled and for what, for the header's first comment.
  std::string origin, target;
  llvm::SmallVector<TensorABI, 1> inputs, outputs;
  /// --io=arena: `<name>_run` takes no input or output pointers.
  bool ioInArena = false;
  uint64_t arenaBytes = 0, arenaAlign = 1;
  /// Non-zero: `<name>_run` takes a state pointer and `<name>_reset` exists.
  uint64_t stateBytes = 0, stateAlign = 1;
  /// Upper bound of the stack `<name>_run` uses; see computeStackBound.
  uint64_t stackBytes = 0;
  /// --threads, what layers are divided among at most; above 1 a last parameter
  /// is `const struct qcc_parallel *`.
  int64_t threads = 1;
  bool isParallel() const { return threads > 1; }
};

/// One parameter of `<name>_run` or `<name>_reset`.
struct ParameterABI {
  std::string name;
  /// How C declares it, up to the name: `const int8_t *`, `void *`.
  std::string cType;
  /// Unset: untyped memory.
  std::optional<ElementType> element;
  bool isConst = false;
  /// What the caller promises; alignment as a pointer of the target's has it,
  /// or a number of bytes.
  static constexpr uint64_t alignOfPointer = 0;
  uint64_t align = 1, bytes = 1;
};

/// In the order of the C prototype.
llvm::SmallVector<ParameterABI> describeRunParameters(const ModelABI &abi);
llvm::SmallVector<ParameterABI> describeResetParameters(const ModelABI &abi);

/// `text` as a C identifier: other characters become '_', a leading digit and C
/// or C++ keywords get a '_' in front, empty becomes "model".
std::string makeCIdentifier(llvm::StringRef text);

/// `text` fit for the inside of a C comment, on one line.
std::string inComment(llvm::StringRef text);

/// The C prefix for an output path: its stem without `lib`, made an identifier.
std::string cPrefixForOutput(llvm::StringRef outputPath);

} // namespace qcc

#endif // QCC_TARGET_MODELABI_H
