// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What mutators of all formats have in common.

#include "Mutator.h"

#include "ONNXMutator.h"
#include "TFLiteMutator.h"

#include "llvm/Support/raw_ostream.h"

#include <algorithm>

using namespace qcc::fuzz;

uint64_t Random::next() {
  uint64_t z = (state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

std::unique_ptr<Mutator>
qcc::fuzz::createMutator(Format format, llvm::ArrayRef<uint8_t> file) {
  if (format == Format::ONNX)
    return std::make_unique<ONNXMutator>(file);
  return std::make_unique<TFLiteMutator>(file);
}

void qcc::fuzz::changeBytes(Mutant &mutant, Random &random) {
  llvm::raw_string_ostream os(mutant.description);
  os << (mutant.changes ? "; " : "");
  std::vector<uint8_t> &bytes = mutant.bytes;
  if (bytes.empty())
    return;
  size_t at = random.below(bytes.size());
  size_t span = 1 + random.below(std::min<size_t>(bytes.size() - at, 64));
  switch (random.below(4)) {
  case 0:
    bytes.resize(at);
    os << "cut to " << at << " bytes";
    break;
  case 1:
    std::fill_n(bytes.begin() + at, span, random.below(2) ? 0xff : 0);
    os << span << " bytes blanked at " << at;
    break;
  case 2:
    bytes.erase(bytes.begin() + at, bytes.begin() + at + span);
    os << span << " bytes missing at " << at;
    break;
  default: {
    size_t from = random.below(bytes.size() - span + 1);
    std::vector<uint8_t> copy(bytes.begin() + from,
                              bytes.begin() + from + span);
    std::copy(copy.begin(), copy.end(), bytes.begin() + at);
    os << span << " bytes copied from " << from << " to " << at;
    break;
  }
  }
  ++mutant.changes;
}
