// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every stray access is caught and told: the tests stray on purpose.

#include "qcc/Driver/GuardedMemory.h"

#include "gtest/gtest.h"

#include <cstring>

using qcc::GuardedMemory;
using Placement = GuardedMemory::Placement;

namespace {

struct Guarded {
  explicit Guarded(Placement placement, uint64_t bytes = 100,
                   uint64_t align = 1)
      : memory(placement) {
    data = static_cast<volatile char *>(
        llvm::cantFail(memory.allocate("input 'x'", bytes, align)));
    other = static_cast<volatile char *>(
        llvm::cantFail(memory.allocate("arena", 64, 64)));
  }
  std::string call(llvm::function_ref<void()> body) {
    return llvm::toString(
        memory.call(body, [] { return std::string("layer 'a'"); }));
  }
  GuardedMemory memory;
  volatile char *data, *other;
};

TEST(GuardedMemory, LeavesGoodCodeAlone) {
  for (Placement placement : {Placement::Low, Placement::High}) {
    Guarded guarded(placement);
    EXPECT_EQ(guarded.call([&] {
      guarded.data[0] = 1;
      guarded.data[99] = 2;
      guarded.other[63] = guarded.data[0];
    }),
              "");
    EXPECT_EQ(guarded.other[63], 1);
  }
}

TEST(GuardedMemory, Reads) {
  Guarded high(Placement::High), low(Placement::Low);
  EXPECT_EQ(high.call([&] { (void)high.data[100]; }),
            "layer 'a' accesses memory 1 byte behind the end of the input 'x' "
            "of 100 bytes");
  EXPECT_EQ(high.call([&] { (void)high.data[115]; }),
            "layer 'a' accesses memory 16 bytes behind the end of the input "
            "'x' of 100 bytes");
  EXPECT_EQ(low.call([&] { (void)low.data[-4]; }),
            "layer 'a' accesses memory 4 bytes before the input 'x' of 100 "
            "bytes");
  EXPECT_EQ(low.call([&] { (void)low.other[-1]; }),
            "layer 'a' accesses memory 1 byte before the arena of 64 bytes");
}

TEST(GuardedMemory, Writes) {
  Guarded high(Placement::High), low(Placement::Low);
  EXPECT_EQ(high.call([&] { high.data[-1] = 1; }),
            "layer 'a' wrote beside the input 'x' of 100 bytes");
  EXPECT_EQ(low.call([&] { low.data[100] = 1; }),
            "layer 'a' wrote beside the input 'x' of 100 bytes");
  Guarded third(Placement::High);
  third.memory.protect(const_cast<char *>(third.data), true);
  EXPECT_EQ(third.call([&] { third.data[5] = 1; }),
            "layer 'a' writes into the input 'x', which it may only read");
  EXPECT_EQ(third.call([&] { (void)third.data[5]; }), "");
  third.memory.protect(const_cast<char *>(third.data), false);
  EXPECT_EQ(third.call([&] { third.data[5] = 1; }), "");
}

TEST(GuardedMemory, AlignsAndTakesNoBytes) {
  Guarded aligned(Placement::High, 100, 64), none(Placement::High, 0, 64);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(aligned.data) % 64, 0u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(none.data) % 64, 0u);
  EXPECT_EQ(none.call([&] { (void)none.data[0]; }),
            "layer 'a' accesses memory 1 byte behind the end of the input 'x' "
            "of 0 bytes");
  // What alignment leaves is watched, too, though only for writes.
  EXPECT_EQ(aligned.call([&] { aligned.data[101] = 1; }),
            "layer 'a' wrote beside the input 'x' of 100 bytes");
}

TEST(GuardedMemory, ForeignAddresses) {
  Guarded guarded(Placement::High);
  volatile char *nowhere = nullptr;
  EXPECT_EQ(llvm::toString(guarded.memory.call([&] { (void)nowhere[8]; })),
            "the code accesses memory that it does not have");
}

} // namespace
