// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Memory for the arguments of code that may be wrong.

#ifndef QCC_TEST_FUZZ_KERNELS_GUARDEDBUFFER_H
#define QCC_TEST_FUZZ_KERNELS_GUARDEDBUFFER_H

#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace qcc::fuzz {

/// Memory that ends where an unmapped page begins, so that reading or writing
/// behind the end stops the program, with a known pattern in front.
class GuardedBuffer {
public:
  GuardedBuffer(size_t size, size_t alignment) : bytes(size) {
    auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    size_t padded = (size + alignment - 1) / alignment * alignment;
    mapped = (padded + front + page - 1) / page * page + page;
    base = static_cast<char *>(mmap(nullptr, mapped, PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (base == MAP_FAILED) {
      llvm::errs() << "out of memory\n";
      _exit(1);
    }
    char *end = base + mapped - page;
    mprotect(end, page, PROT_NONE);
    memory = end - padded;
    std::memset(base, pattern, static_cast<size_t>(end - base));
  }
  ~GuardedBuffer() { munmap(base, mapped); }
  GuardedBuffer(const GuardedBuffer &) = delete;

  char *data() { return memory; }
  size_t size() const { return bytes; }
  bool isFrontIntact() const {
    return std::all_of(base, memory, [](char c) { return c == pattern; });
  }

private:
  static constexpr size_t front = 256;
  static constexpr char pattern = 0x5a;
  size_t bytes, mapped;
  char *base, *memory;
};

} // namespace qcc::fuzz

#endif // QCC_TEST_FUZZ_KERNELS_GUARDEDBUFFER_H
