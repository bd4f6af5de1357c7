// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Damages .tflite files where it hurts: knows which bytes of a file are
// offsets, vtables, lengths, enums, indices and sizes, and which are weights or
// text.

#ifndef QCC_TEST_FUZZ_TFLITEMUTATOR_H
#define QCC_TEST_FUZZ_TFLITEMUTATOR_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <string>
#include <vector>

namespace qcc::fuzz {

/// Random numbers that are the same everywhere (splitmix64).
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}
  uint64_t next();
  /// In [0, bound); bound > 0.
  uint64_t below(uint64_t bound) { return next() % bound; }

private:
  uint64_t state;
};

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

/// One damaged copy of a file.
struct Mutant {
  std::vector<uint8_t> bytes;
  /// Number of changes, and how many of them hit structure rather than data.
  unsigned changes = 0, structural = 0;
  /// For people: "Length at 0x1f4: 64 -> 4294967295; cut to 1200 bytes".
  std::string description;
};

class TFLiteMutator {
public:
  /// Maps a sound file.
  explicit TFLiteMutator(llvm::ArrayRef<uint8_t> file);

  /// Makes one to four changes, four of five in the structure.
  Mutant mutate(Random &random) const { return mutate(file, random); }

  /// The same on `bytes`, as many as the sound file has and laid out like it,
  /// but for what was changed in them.
  Mutant mutate(llvm::ArrayRef<uint8_t> bytes, Random &random) const;

  size_t structuralSites() const { return structure.size(); }

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
  void changeFile(Mutant &mutant, Random &random) const;

  llvm::ArrayRef<uint8_t> file;
  /// `values` are the scalars and elements among `structure`.
  std::vector<Site> structure, values, data;
};

} // namespace qcc::fuzz

#endif // QCC_TEST_FUZZ_TFLITEMUTATOR_H
