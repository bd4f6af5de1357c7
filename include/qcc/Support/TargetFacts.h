// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What kernel selection, scheduling and the cost model may know of a machine: a
// plain struct of derived facts. It lies in Support, free of LLVM, so that
// every layer can read it; lib/Target fills it from LLVM's own subtarget
// tables, so that there is one source of truth per instruction set.

#ifndef QCC_SUPPORT_TARGETFACTS_H
#define QCC_SUPPORT_TARGETFACTS_H

namespace qcc {

/// Families that differ in which instructions a microkernel may name. Generic
/// has none to name: portable C, whose compiler chooses.
enum class IsaFamily { X86, AArch64, ARM, Thumb, RISCV32, RISCV64, Generic };

/// More threads than a network has use for.
inline constexpr unsigned mostThreads = 32;

/// Facts of one resolved target (triple + CPU + features). Every flag says that
/// the instructions may be *used*, not merely that the silicon might have them.
struct TargetFacts {
  IsaFamily isa = IsaFamily::X86;
  /// Threads of the caller that layers may be divided among, 1 … mostThreads.
  unsigned threads = 1;

  /// Width in bits of the widest vector register code should use; 0: no vector
  /// unit, keep to scalars. For RISC-V V this is the *least* VLEN.
  unsigned vectorBits = 0;
  /// Architectural vector registers of that width (0 without a vector unit).
  unsigned numVectorRegisters = 0;
  /// General-purpose registers a kernel can hope to keep live.
  unsigned numScalarRegisters = 0;
  /// Width in bits of index arithmetic and of a pointer: 32 or 64.
  unsigned indexBits = 64;
  /// Instructions begin in their order: such a core has one unit for vectors,
  /// in which a multiplication of bytes takes no longer than an addition.
  bool issuesInOrder = false;
  /// In order, several in a cycle.
  bool issuesSeveral = false;
  /// Loads and stores need no natural alignment to be correct and fast.
  bool unalignedAccess = true;
  /// 32 x 32 bits multiply to 64, and 64-bit values shift by any amount, in a
  /// few instructions; otherwise each is a call of a helper.
  bool hasLongMultiply = true;
  /// Divides integers of 32 bits (and of `indexBits`) in hardware.
  bool hasDivide = true;
  /// Counts leading zeros without a helper.
  bool hasCountLeadingZeros = true;

  /// Single-precision arithmetic in hardware.
  bool hasFloat = false;
  /// Double-precision arithmetic in hardware.
  bool hasDouble = false;
  /// Single-precision arithmetic on vectors in hardware.
  bool hasVectorFloat = false;
  /// Fused multiply-add on floats: without it an `fma` becomes a library call.
  bool hasFMA = false;
  /// roundeven, floor, ceil, trunc and round on floats in a few instructions.
  bool hasRounding = false;
  /// Generated code must contain no floating-point instruction.
  bool integerOnly = false;

  // x86
  bool hasSSE41 = false;
  bool hasAVX2 = false;
  bool hasAVX512BW = false; ///< With F; prefer 512-bit vectors.
  bool hasAVX512VL = false;
  bool hasAVXVNNI = false;    ///< vpdpbusd on ymm, VEX encoded.
  bool hasAVX512VNNI = false; ///< vpdpbusd on zmm.
  bool hasAVX512VBMI = false; ///< vpermb, vpermi2b.
  bool hasAVX512VPOPCNTDQ = false;

  // ARM
  bool hasNEON = false;
  bool hasDotProd = false; ///< sdot, udot.
  bool hasI8MM = false;    ///< smmla, usdot.
  bool hasDSP = false;     ///< smlad, sxtb16 (Cortex-M4, M7).

  // RISC-V
  bool hasRVV = false; ///< V 1.0; code is VLEN-agnostic above `vectorBits`.
  bool hasZbb = false; ///< min, max, cpop, sext.

  /// A machine without vectors is a microcontroller: it has little memory, and
  /// no caches that an order of loops could please.
  bool prefersSmallMemory() const { return vectorBits == 0; }
  /// What a byte of weights costs in cycles that a load from the first-level
  /// cache does not, in a model of `bytes` of constants, of which each
  /// inference reads all. By cores' classes, of streams that prefetchers
  /// follow:
  ///
  /// | a byte in a cycle from         | L1 | L2 | L3 | memory |
  /// |--------------------------------|----|----|----|--------|
  /// | x86 (measured: Sapphire Rapids)| 48 | 48 | 10 | 4      |
  /// | ARM, RISC-V out of order       | 16 | 8  |    | 3      |
  /// | the same in order              | 8  | 4  |    | 2      |
  ///
  /// The second and third are what cores such as Cortex-A72 and A53 are known
  /// for, rounded; nobody here has measured them.
  double cyclesPerByte(long long bytes) const {
    if (vectorBits == 0 || bytes <= firstCacheConstants)
      return 0;
    bool isX86 = isa == IsaFamily::X86;
    if (bytes <= secondCacheConstants)
      return isX86 ? 0 : issuesInOrder ? 1.0 / 8 : 1.0 / 16;
    if (isX86)
      return bytes <= thirdCacheConstants ? 1.0 / 8 : 1.0 / 4;
    return issuesInOrder ? 3.0 / 8 : 1.0 / 4;
  }
  /// Bytes of constants that stay in a core's caches beside activations from
  /// one inference to the next.
  static constexpr long long firstCacheConstants = 24 << 10,
                             secondCacheConstants = 1 << 20,
                             thirdCacheConstants = 16 << 20;
  /// Bytes in the widest vector register; 0 without one.
  unsigned vectorBytes() const { return vectorBits / 8; }
  bool isARM32() const {
    return isa == IsaFamily::ARM || isa == IsaFamily::Thumb;
  }
  bool isRISCV() const {
    return isa == IsaFamily::RISCV32 || isa == IsaFamily::RISCV64;
  }
};

} // namespace qcc

#endif // QCC_SUPPORT_TARGETFACTS_H
