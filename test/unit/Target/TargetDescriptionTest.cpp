// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Resolution of targets: defaults, facts per CPU, and diagnostics that list
// what is known.

#include "qcc/Target/TargetDescription.h"
#include "gtest/gtest.h"

using namespace qcc;

namespace {

TargetDescription resolve(TargetRequest request) {
  auto desc = resolveTarget(request);
  EXPECT_TRUE(bool(desc)) << llvm::toString(desc.takeError());
  return desc ? *desc : TargetDescription();
}

std::string resolveError(TargetRequest request) {
  auto desc = resolveTarget(request);
  EXPECT_FALSE(bool(desc));
  return desc ? "" : llvm::toString(desc.takeError());
}

bool contains(const std::string &text, const char *part) {
  return text.find(part) != std::string::npos;
}

TEST(TargetDescription, HostIsNativeByDefault) {
  TargetDescription desc = resolve({});
  EXPECT_TRUE(desc.isNative);
  EXPECT_FALSE(desc.isBareMetal);
  EXPECT_FALSE(desc.dataLayout.empty());
  EXPECT_FALSE(resolve({"", "x86-64-v2", "", {}}).isNative);
}

TEST(TargetDescription, X86Levels) {
  TargetFacts base = resolve({"x86_64-linux-gnu", "", "", {}}).facts;
  EXPECT_EQ(base.vectorBits, 128u);
  EXPECT_FALSE(base.hasSSE41);
  TargetFacts v2 = resolve({"x86_64-linux-gnu", "x86-64-v2", "", {}}).facts;
  EXPECT_TRUE(v2.hasSSE41);
  EXPECT_FALSE(v2.hasAVX2);
  EXPECT_FALSE(v2.hasFMA);
  TargetFacts v3 = resolve({"x86_64-linux-gnu", "x86-64-v3", "", {}}).facts;
  EXPECT_TRUE(v3.hasAVX2);
  EXPECT_TRUE(v3.hasFMA);
  EXPECT_EQ(v3.vectorBits, 256u);
  EXPECT_EQ(v3.numVectorRegisters, 16u);
  TargetFacts v4 = resolve({"x86_64-linux-gnu", "x86-64-v4", "", {}}).facts;
  EXPECT_EQ(v4.vectorBits, 512u);
  EXPECT_EQ(v4.numVectorRegisters, 32u);
  EXPECT_FALSE(v4.hasAVX512VNNI);
  EXPECT_FALSE(v4.integerOnly);
  TargetFacts zen = resolve({"x86_64-linux-gnu", "znver4", "", {}}).facts;
  EXPECT_TRUE(zen.hasAVX512VNNI);
  EXPECT_TRUE(zen.hasAVX512VBMI);
  EXPECT_TRUE(resolve({"x86_64-linux-gnu", "x86-64-v3", "+avxvnni", {}})
                  .facts.hasAVXVNNI);
}

TEST(TargetDescription, AArch64) {
  TargetFacts base = resolve({"aarch64-linux-gnu", "", "", {}}).facts;
  EXPECT_TRUE(base.hasNEON);
  EXPECT_TRUE(base.hasFMA);
  EXPECT_FALSE(base.hasDotProd);
  EXPECT_EQ(base.vectorBits, 128u);
  EXPECT_FALSE(
      resolve({"aarch64-linux-gnu", "cortex-a53", "", {}}).facts.hasDotProd);
  EXPECT_TRUE(
      resolve({"aarch64-linux-gnu", "cortex-a76", "", {}}).facts.hasDotProd);
  TargetFacts plus =
      resolve({"aarch64-linux-gnu", "", "+dotprod,+i8mm", {}}).facts;
  EXPECT_TRUE(plus.hasDotProd);
  EXPECT_TRUE(plus.hasI8MM);
}

TEST(TargetDescription, RISCV) {
  TargetDescription scalar = resolve({"riscv64-linux-gnu", "", "", {}});
  EXPECT_EQ(scalar.facts.vectorBits, 0u);
  EXPECT_TRUE(scalar.facts.hasDouble);
  EXPECT_EQ(scalar.abi, "lp64d");
  TargetFacts v = resolve({"riscv64-linux-gnu", "", "+v", {}}).facts;
  EXPECT_TRUE(v.hasRVV);
  EXPECT_EQ(v.vectorBits, 128u);
  EXPECT_EQ(
      resolve({"riscv64-linux-gnu", "", "+v,+zvl256b", {}}).facts.vectorBits,
      256u);
  TargetDescription mcu = resolve({"riscv32-unknown-elf", "", "+zbb", {}});
  EXPECT_TRUE(mcu.isBareMetal);
  EXPECT_TRUE(mcu.facts.hasZbb);
  EXPECT_TRUE(mcu.facts.integerOnly);
  EXPECT_EQ(mcu.facts.indexBits, 32u);
  EXPECT_EQ(mcu.abi, "ilp32");
}

TEST(TargetDescription, CortexM4) {
  TargetDescription m4 =
      resolve({"thumbv7em-none-eabihf", "cortex-m4", "", {}});
  EXPECT_EQ(m4.facts.isa, IsaFamily::Thumb);
  EXPECT_TRUE(m4.facts.hasDSP);
  EXPECT_TRUE(m4.facts.hasFloat);
  EXPECT_FALSE(m4.facts.hasDouble);
  EXPECT_TRUE(m4.facts.integerOnly);
  EXPECT_EQ(m4.facts.vectorBits, 0u);
  EXPECT_FALSE(resolve({"thumbv7em-none-eabihf", "cortex-m4", "", false})
                   .facts.integerOnly);
}

TEST(TargetDescription, CortexMWithoutDSP) {
  TargetFacts m0 = resolve({"thumbv6m-none-eabi", "", "", {}}).facts;
  EXPECT_FALSE(m0.hasLongMultiply);
  EXPECT_FALSE(m0.hasDivide);
  EXPECT_FALSE(m0.hasCountLeadingZeros);
  EXPECT_FALSE(m0.unalignedAccess);
  EXPECT_TRUE(m0.integerOnly);
  TargetFacts m3 = resolve({"thumbv7m-none-eabi", "", "", {}}).facts;
  EXPECT_TRUE(m3.hasLongMultiply);
  EXPECT_TRUE(m3.hasDivide);
  EXPECT_FALSE(m3.hasDSP);
  // Armv8-M Baseline divides, and has no long multiplication either.
  TargetFacts m23 = resolve({"thumbv8m.base-none-eabi", "", "", {}}).facts;
  EXPECT_FALSE(m23.hasLongMultiply);
  EXPECT_TRUE(m23.hasDivide);
  EXPECT_TRUE(resolve({"thumbv8m.main-none-eabihf", "cortex-m33", "", {}})
                  .facts.hasDSP);
  EXPECT_EQ(resolve({"thumbv8.1m.main-none-eabihf", "", "", {}}).cpu,
            "cortex-m55");
}

TEST(TargetDescription, ARMv7) {
  // The triple promises no NEON, a core's name does.
  EXPECT_FALSE(resolve({"armv7-linux-gnueabihf", "", "", {}}).facts.hasNEON);
  TargetFacts a9 =
      resolve({"armv7-linux-gnueabihf", "cortex-a9", "", {}}).facts;
  EXPECT_TRUE(a9.hasNEON);
  EXPECT_FALSE(a9.hasDivide);
  EXPECT_TRUE(
      resolve({"armv7-linux-gnueabihf", "cortex-a7", "", {}}).facts.hasDivide);
  // Of one there is a model, of the other only itineraries.
  EXPECT_FALSE(a9.issuesInOrder);
  EXPECT_TRUE(resolve({"armv7-linux-gnueabihf", "cortex-a7", "", {}})
                  .facts.issuesInOrder);
  EXPECT_FALSE(resolve({"armv7-linux-gnueabihf", "cortex-a9", "-neon", {}})
                   .facts.hasNEON);
}

// A resolved target is said in full by its triple, CPU and features: that is
// what passes are told, so that they and code generation mean the same machine.
TEST(TargetDescription, ResolvesAgainToTheSame) {
  for (const TargetRequest &request :
       {TargetRequest{"", "native", "", {}},
        TargetRequest{"x86_64-linux-gnu", "x86-64-v4", "-avx512vbmi", {}},
        TargetRequest{"riscv64-linux-gnu", "", "+v", {}},
        TargetRequest{"armv7-linux-gnueabihf", "cortex-a7", "-neon", {}},
        TargetRequest{"thumbv7em-none-eabi", "", "", {}}}) {
    TargetDescription first = resolve(request);
    TargetDescription second =
        resolve({first.triple.str(), first.cpu, first.features, {}});
    EXPECT_EQ(describeTarget(first), describeTarget(second));
  }
}

TEST(TargetDescription, ErrorsListTheKnown) {
  EXPECT_TRUE(contains(resolveError({"vax-linux-gnu", "", "", {}}),
                       "unknown target 'vax-linux-gnu'"));
  EXPECT_TRUE(contains(resolveError({"x86_64-apple-darwin", "", "", {}}),
                       "does not use ELF"));
  std::string cpu = resolveError({"aarch64-linux-gnu", "cortex-a999", "", {}});
  EXPECT_TRUE(contains(cpu, "unknown cpu 'cortex-a999'"));
  EXPECT_TRUE(contains(resolveError({"aarch64-linux-gnu", "cortex-a5", "", {}}),
                       "did you mean 'cortex-a"));
  EXPECT_TRUE(contains(resolveError({"aarch64-linux-gnu", "", "+dotprd", {}}),
                       "did you mean 'dotprod'? (--mattr=help"));
  EXPECT_TRUE(contains(cpu, "--mcpu=help lists all"));
  EXPECT_TRUE(contains(resolveError({"aarch65-linux", "", "", {}}),
                       "did you mean 'aarch64-linux-gnu'"));
  EXPECT_TRUE(contains(resolveError({"aarch64-linx-gnu", "", "", {}}),
                       "did you mean 'aarch64-linux-gnu'"));
  EXPECT_TRUE(contains(resolveError({"thumbv7em-none-ebi", "", "", {}}),
                       "did you mean 'thumbv7em-none-eabi'"));
  EXPECT_TRUE(
      contains(resolveError({"", "nativ", "", {}}), "did you mean 'native'?"));
  EXPECT_TRUE(contains(resolveError({"aarch64-linux-gnu", "help", "", {}}),
                       "unknown cpu"));
  EXPECT_TRUE(contains(resolveError({"aarch64-linux-gnu", "native", "", {}}),
                       "name a cpu"));
  std::string feature = resolveError({"riscv64-linux-gnu", "", "+avx2", {}});
  EXPECT_TRUE(contains(feature, "unknown feature 'avx2'"));
  EXPECT_TRUE(contains(resolveError({"riscv64-linux-gnu", "", "+zvl25b", {}}),
                       "zvl256b"));
  EXPECT_TRUE(contains(resolveError({"riscv64-linux-gnu", "", "v", {}}),
                       "leading + or -"));
  EXPECT_TRUE(
      contains(resolveError({"x86_64-linux-gnu", "i686", "", {}}), "32-bit"));
}

TEST(TargetDescription, TheKnownResolve) {
  for (const KnownTarget &known : getKnownTargets())
    resolve({known.triple.str(), "", "", {}});
  auto cpus = getUsableCPUs("thumbv6m-none-eabi");
  ASSERT_TRUE(bool(cpus));
  EXPECT_TRUE(llvm::is_contained(*cpus, "cortex-m0plus"));
  EXPECT_FALSE(llvm::is_contained(*cpus, "cortex-a7"));
  auto features = getKnownFeatures("riscv32-unknown-elf");
  ASSERT_TRUE(bool(features));
  EXPECT_TRUE(llvm::any_of(*features, [](const NamedFeature &feature) {
    return feature.name == "zbb" && !feature.description.empty();
  }));
}

TEST(TargetDescription, CombinationsWithoutCodeAreRefused) {
  struct Case {
    TargetRequest request;
    const char *message;
  };
  for (const Case &c :
       {Case{{"x86_64-linux-gnu", "", "-sse2", {}}, "SSE2 is part of"},
        Case{{"x86_64-linux-gnu", "", "-sse", {}}, "SSE2 is part of"},
        Case{{"x86_64-linux-gnu", "", "+soft-float", {}},
             "is not to be chosen"},
        Case{{"riscv64-linux-gnu", "", "+zvl256b", {}}, "'zvl*b' requires"},
        Case{{"riscv64-linux-gnu", "", "+32bit", {}}, "is not to be chosen"},
        Case{{"riscv64-linux-gnu", "", "+e", {}}, "is not to be chosen"},
        Case{{"riscv32-unknown-elf", "generic-rv64", "", {}}, "64-bit one"},
        Case{{"riscv64-linux-gnu", "rocket-rv64", "", {}}, "cannot multiply"},
        Case{{"thumbv7em-none-eabihf", "", "-thumb2", {}},
             "is not to be chosen"},
        Case{{"thumbv7em-none-eabi", "cortex-a7", "", {}},
             "no microcontroller's"},
        Case{{"armv7-linux-gnueabihf", "cortex-m4", "", {}}, "M profile"},
        Case{{"thumbv5-none-eabi", "", "", {}}, "older than ARMv6-M"},
        Case{{"arm-none-eabi", "", "", {}}, "older than ARMv6-M"}}) {
    std::string message = resolveError(c.request);
    EXPECT_TRUE(contains(message, c.message)) << message;
  }
}

} // namespace
