// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What --target, --mcpu and --mattr may say: the triples that qcc is tested
// for, and the names nearest to one that does not exist.

#include "qcc/Target/TargetDescription.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

using namespace llvm;

namespace qcc {

ArrayRef<KnownTarget> getKnownTargets() {
  static constexpr KnownTarget targets[] = {
      {"x86_64-linux-gnu", "SSE2; more by --mcpu=x86-64-v2 to -v4, znver4, …",
       "natively"},
      {"aarch64-linux-gnu", "NEON; --mattr=+dotprod,+i8mm", "qemu-aarch64"},
      {"armv7-linux-gnueabihf", "VFP; NEON by --mcpu=cortex-a7, -a9, …",
       "qemu-arm"},
      {"riscv64-linux-gnu", "rv64gc; --mattr=+zbb, +v of any length",
       "qemu-riscv64"},
      {"thumbv6m-none-eabi", "Cortex-M0, M0+",
       "qemu-system-arm -M mps2-an385, faulting on unaligned accesses"},
      {"thumbv7m-none-eabi", "Cortex-M3", "qemu-system-arm -M mps2-an385"},
      {"thumbv7em-none-eabi", "Cortex-M4; --mcpu=cortex-m7",
       "qemu-system-arm -M mps2-an386"},
      {"thumbv7em-none-eabihf", "the same, with hard floats",
       "qemu-system-arm -M mps2-an386, mps2-an500"},
      {"thumbv8m.base-none-eabi", "Cortex-M23",
       "qemu-system-arm -M mps2-an505"},
      {"thumbv8m.main-none-eabi", "Cortex-M33",
       "qemu-system-arm -M mps2-an505"},
      {"thumbv8m.main-none-eabihf", "the same, with hard floats",
       "qemu-system-arm -M mps2-an505"},
      {"thumbv8.1m.main-none-eabihf", "Cortex-M55, without MVE",
       "qemu-system-arm -M mps3-an547"},
      {"riscv32-unknown-elf", "rv32imc; --mattr=+a,+zbb",
       "qemu-system-riscv32 -M virt"},
      {"riscv64-unknown-elf", "rv64imc", "qemu-system-riscv64 -M virt"}};
  return targets;
}

std::string suggestNames(StringRef wrong, ArrayRef<StringRef> names,
                         unsigned farthest) {
  if (farthest == 0)
    // Farther ones are no typing errors.
    farthest = std::min<unsigned>(2, static_cast<unsigned>(wrong.size() / 3));
  SmallVector<std::pair<unsigned, StringRef>> near;
  for (StringRef name : names) {
    unsigned distance = wrong.edit_distance(name, true, farthest);
    if (distance <= farthest)
      near.push_back({distance, name});
  }
  llvm::sort(near);
  if (near.empty())
    return "";
  if (near.size() > 3)
    near.resize(3);
  std::string text = "; did you mean ";
  for (auto [i, candidate] : enumerate(near)) {
    text += i == 0 ? "" : i + 1 == near.size() ? " or " : ", ";
    text += "'" + candidate.second.str() + "'";
  }
  return text + "?";
}

} // namespace qcc
