// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From what a user types (--target, --mcpu, --mattr) to a machine: the one
// place where triples, CPUs and features are resolved, defaulted and checked,
// and where TargetFacts come from. Everything is asked of LLVM's subtarget
// tables.

#ifndef QCC_TARGET_TARGETDESCRIPTION_H
#define QCC_TARGET_TARGETDESCRIPTION_H

#include "qcc/Support/TargetFacts.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>
#include <optional>
#include <string>

namespace qcc {

/// What the user asked for; empty fields take defaults.
struct TargetRequest {
  /// LLVM triple (`aarch64-linux-gnu`). Empty: this machine.
  std::string triple;
  /// CPU name (`cortex-a72`, `x86-64-v3`) or `native`. Empty: `native` for
  /// this machine, the triple's baseline for any other.
  std::string cpu;
  /// Comma separated, each `+name` or `-name`.
  std::string features;
  /// Forbid floating-point instructions. Unset: forbidden where the target has
  /// no FPU or, as on Cortex-M4, only a scalar single-precision one.
  std::optional<bool> integerOnly;
};

/// A resolved target. A value: copy it, keep it, use it from any thread.
struct TargetDescription {
  llvm::Triple triple;
  std::string cpu;
  /// Complete feature string for LLVM: the baseline's and the user's.
  std::string features;
  /// ABI name for LLVM (RISC-V: `lp64d`, `ilp32`, …), empty for its default.
  std::string abi;
  /// LLVM data layout string.
  std::string dataLayout;
  /// The CPU was detected on this machine.
  bool isNative = false;
  /// No operating system: static relocation, no dynamic linker, no mmap.
  bool isBareMetal = false;
  TargetFacts facts;

  /// A fresh machine (one per thread) set up for qcc: ELF, PIC on hosted
  /// targets, static on bare metal, `.stack_sizes` emitted, no fused
  /// multiply-adds that the code does not spell out. Fails only if LLVM lacks
  /// the back end.
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createTargetMachine(
      llvm::CodeGenOptLevel optLevel = llvm::CodeGenOptLevel::Default) const;
};

/// Resolves `request`. Errors name what is unknown and list what is known.
llvm::Expected<TargetDescription> resolveTarget(const TargetRequest &request);

/// A triple that qcc is tested for.
struct KnownTarget {
  llvm::StringLiteral triple;
  /// What the triple alone promises, and what can be added.
  llvm::StringLiteral what;
  /// What runs its code in the tests.
  llvm::StringLiteral testedBy;
};
llvm::ArrayRef<KnownTarget> getKnownTargets();

/// The CPUs that `triple` can be used with, by LLVM's table; the empty triple
/// is this machine.
llvm::Expected<std::vector<std::string>>
getUsableCPUs(const std::string &triple);

/// A feature that --mattr takes, and what it is.
struct NamedFeature {
  std::string name, description;
};
/// Those of `triple`, by LLVM's table.
llvm::Expected<std::vector<NamedFeature>>
getKnownFeatures(const std::string &triple);

/// "; did you mean 'a', 'b' or 'c'?" of at most three `names` within `farthest`
/// edits (0: as many as a typing error has); empty if there are none.
std::string suggestNames(llvm::StringRef wrong,
                         llvm::ArrayRef<llvm::StringRef> names,
                         unsigned farthest = 0);

/// Lower-case name of a family (`x86`, `aarch64`, …) for remarks and reports.
llvm::StringRef stringifyIsaFamily(IsaFamily isa);

/// One line for `-v` and reports: `x86_64-pc-linux-gnu, znver5, 512-bit vectors
/// × 32, avx512bw avx512vnni`.
std::string describeTarget(const TargetDescription &target);

} // namespace qcc

#endif // QCC_TARGET_TARGETDESCRIPTION_H
