// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Memory that betrays whoever reads or writes outside of it: each buffer has
// exactly the bytes that were asked for and lies against a page that nobody may
// touch. An access beside a buffer ends the call that made it with an error
// that names the buffer.

#ifndef QCC_DRIVER_GUARDEDMEMORY_H
#define QCC_DRIVER_GUARDEDMEMORY_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace qcc {

class GuardedMemory {
public:
  /// Which end of a buffer lies against a forbidden page. What alignment leaves
  /// between the other kind of end and its page holds known bytes, which are
  /// compared after each call.
  enum class Placement { Low, High };

  explicit GuardedMemory(Placement bufferPlacement)
      : placement(bufferPlacement) {}
  ~GuardedMemory();
  GuardedMemory(const GuardedMemory &) = delete;
  GuardedMemory &operator=(const GuardedMemory &) = delete;

  /// `bytes` bytes (none is fine), a multiple of `align` from zero, filled with
  /// a pattern that differs between the placements. `what` names them in
  /// errors. Fails when there is no memory.
  llvm::Expected<void *> allocate(std::string what, uint64_t bytes,
                                  uint64_t align);

  /// Forbids or allows to write into a buffer.
  void protect(void *buffer, bool readOnly);

  /// Calls `body`, which must own nothing that wants a destructor: at a
  /// forbidden access it is left there and then. `where`, if given, is asked
  /// for the place in the code, for the error. Takes over SIGSEGV and SIGBUS of
  /// the process meanwhile, so that one such call runs at a time; others wait.
  llvm::Error call(llvm::function_ref<void()> body,
                   llvm::function_ref<std::string()> where = nullptr);

private:
  struct Buffer {
    std::string what;
    /// The mapping: a forbidden page, `usable` bytes, a forbidden page.
    char *mapping;
    uint64_t usable;
    char *start;
    uint64_t bytes;
  };

  std::string describeAccess(const void *address) const;
  llvm::Error checkPatterns(const std::string &place) const;

  Placement placement;
  std::vector<Buffer> buffers;
};

} // namespace qcc

#endif // QCC_DRIVER_GUARDEDMEMORY_H
