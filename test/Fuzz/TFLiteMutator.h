// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Damages .tflite files where it hurts: knows which bytes of a file are
// offsets, vtables, lengths, enums, indices and sizes, and which are weights or
// text.

#ifndef QCC_TEST_FUZZ_TFLITEMUTATOR_H
#define QCC_TEST_FUZZ_TFLITEMUTATOR_H

#include "Mutator.h"

namespace qcc::fuzz {

/// What the bytes at a place of the file mean.
enum class Role {
  TableOffset,  ///< from a field or vector element to a table, vector or string
  VTableOffset, ///< from a table to its vtable
  VTableEntry,  ///< vtable size, table size, or position of a field
  Length,       ///< of a vector or string
  Scalar,       ///< a field: enum, index, stride, version, …
  Element,      ///< of a shape, an index list, scales, zero points
  Data          ///< weights and text
};

class TFLiteMutator : public Mutator {
public:
  /// Maps a sound file.
  explicit TFLiteMutator(llvm::ArrayRef<uint8_t> file);

  /// Of bytes that are as many as the sound file has, laid out like it but for
  /// what was changed in them.
  using Mutator::mutate;
  Mutant mutate(llvm::ArrayRef<uint8_t> bytes, Random &random) const override;

private:
  struct Site {
    uint32_t offset;
    uint8_t size;
    Role role;
  };

  void walkTable(size_t table, unsigned type);
  void walkVector(size_t vector, unsigned field, unsigned type);
  void add(size_t offset, unsigned size, Role role);
  uint64_t read(llvm::ArrayRef<uint8_t> bytes, const Site &site) const;
  void changeSite(Mutant &mutant, const Site &site, Random &random) const;

  /// `values` are the scalars and elements among `structure`.
  std::vector<Site> structure, values, data;
};

} // namespace qcc::fuzz

#endif // QCC_TEST_FUZZ_TFLITEMUTATOR_H
