// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Buffers between forbidden pages. Signal handlers belong to the process, so
// this is the one place that has anything to share: a lock, and the call that
// the handler speaks for. Both serve only those who ask for guards.

#include "qcc/Driver/GuardedMemory.h"

#include "qcc/Support/Error.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/MathExtras.h"

#include <csetjmp>
#include <csignal>
#include <cstring>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>

namespace qcc {
namespace {

/// The call that is being watched, in the thread that makes it.
struct WatchedCall {
  sigjmp_buf escape;
  void *volatile address = nullptr;
};
thread_local WatchedCall *watched = nullptr;

std::mutex signalsMutex;
struct sigaction formerSegv, formerBus;

void onFault(int signal, siginfo_t *info, void *) {
  if (watched) {
    watched->address = info->si_addr;
    siglongjmp(watched->escape, 1);
  }
  // Of another thread: what would have happened without us happens on return.
  sigaction(signal, signal == SIGSEGV ? &formerSegv : &formerBus, nullptr);
}

uint64_t pageSize() { return static_cast<uint64_t>(sysconf(_SC_PAGESIZE)); }

} // namespace

GuardedMemory::~GuardedMemory() {
  for (const Buffer &buffer : buffers)
    munmap(buffer.mapping, buffer.usable + 2 * pageSize());
}

llvm::Expected<void *> GuardedMemory::allocate(std::string what, uint64_t bytes,
                                               uint64_t align) {
  uint64_t page = pageSize();
  auto fail = [&] {
    return makeError("no memory for the " + what + " of " + llvm::Twine(bytes) +
                     " bytes");
  };
  if (align > page || bytes > (uint64_t(1) << 46))
    return fail();
  Buffer buffer;
  buffer.what = std::move(what);
  buffer.usable = llvm::alignTo(std::max<uint64_t>(bytes, 1), page);
  buffer.bytes = bytes;
  void *mapping = mmap(nullptr, buffer.usable + 2 * page, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED)
    return fail();
  buffer.mapping = static_cast<char *>(mapping);
  char *first = buffer.mapping + page;
  if (mprotect(first, buffer.usable, PROT_READ | PROT_WRITE) != 0) {
    munmap(mapping, buffer.usable + 2 * page);
    return fail();
  }
  buffer.start = placement == Placement::Low
                     ? first
                     : first + llvm::alignDown(buffer.usable - bytes, align);
  // Code must not count on zeros: what is read before it is written shows.
  std::memset(first, placement == Placement::Low ? 0xa5 : 0x5a, buffer.usable);
  buffers.push_back(std::move(buffer));
  return buffers.back().start;
}

void GuardedMemory::protect(void *start, bool readOnly) {
  for (const Buffer &buffer : buffers)
    if (buffer.start == start)
      mprotect(buffer.mapping + pageSize(), buffer.usable,
               readOnly ? PROT_READ : PROT_READ | PROT_WRITE);
}

std::string GuardedMemory::describeAccess(const void *address) const {
  const auto *at = static_cast<const char *>(address);
  for (const Buffer &buffer : buffers) {
    if (at < buffer.mapping ||
        at >= buffer.mapping + buffer.usable + 2 * pageSize())
      continue;
    if (at >= buffer.start && at < buffer.start + buffer.bytes)
      return "writes into the " + buffer.what + ", which it may only read";
    bool before = at < buffer.start;
    int64_t distance =
        before ? buffer.start - at : at - (buffer.start + buffer.bytes) + 1;
    return "accesses memory " + std::to_string(distance) +
           (distance == 1 ? " byte" : " bytes") +
           (before ? " before the " : " behind the end of the ") + buffer.what +
           " of " + std::to_string(buffer.bytes) + " bytes";
  }
  return "accesses memory that it does not have";
}

llvm::Error GuardedMemory::checkPatterns(const std::string &place) const {
  char pattern = static_cast<char>(placement == Placement::Low ? 0xa5 : 0x5a);
  for (const Buffer &buffer : buffers) {
    const char *first = buffer.mapping + pageSize();
    for (const char *at = first; at < first + buffer.usable; ++at) {
      if (at == buffer.start)
        at += buffer.bytes;
      if (at < first + buffer.usable && *at != pattern)
        return makeError(place + "wrote beside the " + buffer.what + " of " +
                         llvm::Twine(buffer.bytes) + " bytes");
    }
  }
  return llvm::Error::success();
}

llvm::Error GuardedMemory::call(llvm::function_ref<void()> body,
                                llvm::function_ref<std::string()> where) {
  std::lock_guard<std::mutex> lock(signalsMutex);
  struct sigaction action = {};
  action.sa_sigaction = onFault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGSEGV, &action, &formerSegv);
  sigaction(SIGBUS, &action, &formerBus);
  llvm::scope_exit restore([] {
    watched = nullptr;
    sigaction(SIGSEGV, &formerSegv, nullptr);
    sigaction(SIGBUS, &formerBus, nullptr);
  });
  WatchedCall state;
  bool faulted = sigsetjmp(state.escape, /*savemask=*/1) != 0;
  if (!faulted) {
    watched = &state;
    body();
  }
  watched = nullptr;
  std::string place = where ? where() + " " : "the code ";
  if (faulted)
    return makeError(place + describeAccess(state.address));
  return checkPatterns(place);
}

} // namespace qcc
