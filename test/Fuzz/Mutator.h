// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Damages model files where it hurts. What that means depends on the format.

#ifndef QCC_TEST_FUZZ_MUTATOR_H
#define QCC_TEST_FUZZ_MUTATOR_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace qcc::fuzz {

enum class Format { TFLite, ONNX };

/// By the end of a file's name.
inline Format formatOf(llvm::StringRef path) {
  return path.ends_with(".onnx") ? Format::ONNX : Format::TFLite;
}

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

/// One damaged copy of a file.
struct Mutant {
  std::vector<uint8_t> bytes;
  /// Number of changes, and how many of them hit structure rather than data.
  unsigned changes = 0, structural = 0;
  /// For people: "Length at 0x1f4: 64 -> 4294967295; cut to 1200 bytes".
  std::string description;
};

class Mutator {
public:
  virtual ~Mutator() = default;

  /// Makes one to four changes, four of five in the structure, to `bytes`: the
  /// sound file, or what earlier changes made of it.
  virtual Mutant mutate(llvm::ArrayRef<uint8_t> bytes,
                        Random &random) const = 0;
  Mutant mutate(Random &random) const { return mutate(file, random); }

  llvm::ArrayRef<uint8_t> soundFile() const { return file; }

protected:
  explicit Mutator(llvm::ArrayRef<uint8_t> soundFile) : file(soundFile) {}

  llvm::ArrayRef<uint8_t> file;
};

/// For a sound file, which has to live as long.
std::unique_ptr<Mutator> createMutator(Format format,
                                       llvm::ArrayRef<uint8_t> file);

/// Changes of `mutant`'s bytes that know nothing of its format.
void changeBytes(Mutant &mutant, Random &random);

} // namespace qcc::fuzz

#endif // QCC_TEST_FUZZ_MUTATOR_H
