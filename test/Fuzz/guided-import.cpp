// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Damaged models chosen by coverage (libFuzzer). Arguments as libFuzzer takes
// them; the models in the last directory are the sound ones whose layout the
// mutator knows, all of one format, by the ends of their names. A file that
// takes long or much memory, or that neither gives a module nor one error, ends
// the run and is kept.

#include "ImportMutant.h"
#include "Mutator.h"

#include "qcc/Support/File.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <vector>

using namespace qcc;
using namespace qcc::fuzz;

extern "C" {
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maxSize,
                               unsigned seed);
}

namespace {

/// The sound models and their maps, by size: what was changed in place still
/// has its model's layout.
struct Seeds {
  std::vector<std::unique_ptr<llvm::MemoryBuffer>> files;
  std::multimap<size_t, std::unique_ptr<Mutator>> bySize;
  Format format = Format::TFLite;
};

Seeds &seeds() {
  static Seeds all;
  return all;
}

} // namespace

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  std::string directory;
  for (int i = 1; i < *argc; ++i)
    if ((*argv)[i][0] != '-') {
      directory = (*argv)[i];
      seeds().format = formatOf(directory);
    }
  std::error_code error;
  for (llvm::sys::fs::directory_iterator at(directory, error), end;
       at != end && !error; at.increment(error)) {
    auto file = readFile(at->path());
    if (!file) {
      llvm::errs() << toString(file.takeError()) << "\n";
      return 1;
    }
    llvm::StringRef bytes = (*file)->getBuffer();
    seeds().format = formatOf(at->path());
    seeds().bySize.emplace(
        bytes.size(),
        createMutator(
            seeds().format,
            {reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()}));
    seeds().files.push_back(std::move(*file));
  }
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string message;
  if (importMutant({data, size}, seeds().format, message) != WrongErrors)
    return 0;
  llvm::errs() << "is not refused with one error: " << message << "\n";
  std::abort();
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maxSize,
                               unsigned seed) {
  Random random(seed);
  // Messages of .onnx are changed whatever their layout is.
  auto &all = seeds().bySize;
  auto [first, last] = seeds().format == Format::ONNX
                           ? std::make_pair(all.begin(), all.end())
                           : all.equal_range(size);
  if (first == last || random.below(16) == 0)
    return LLVMFuzzerMutate(data, size, maxSize);
  auto count = static_cast<uint64_t>(std::distance(first, last));
  std::advance(first, random.below(count));
  Mutant mutant = first->second->mutate({data, size}, random);
  if (mutant.bytes.size() > maxSize)
    mutant.bytes.resize(maxSize);
  std::memcpy(data, mutant.bytes.data(), mutant.bytes.size());
  return mutant.bytes.size();
}
