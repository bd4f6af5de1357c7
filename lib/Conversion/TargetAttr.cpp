// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// TargetFacts as a module attribute: numbers as i64, flags as unit attributes.

#include "qcc/Conversion/TargetAttr.h"

#include "qcc/Conversion/Passes.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace qcc;

namespace {

constexpr StringLiteral kFamilies[] = {"x86",     "aarch64", "arm",    "thumb",
                                       "riscv32", "riscv64", "generic"};

struct Number {
  StringLiteral name;
  unsigned TargetFacts::*member;
};
constexpr Number kNumbers[] = {
    {"vector_bits", &TargetFacts::vectorBits},
    {"vector_registers", &TargetFacts::numVectorRegisters},
    {"scalar_registers", &TargetFacts::numScalarRegisters},
    {"index_bits", &TargetFacts::indexBits}};

/// Left out when it is 1.
constexpr StringLiteral kThreads = "threads";

struct Flag {
  StringLiteral name;
  bool TargetFacts::*member;
};
constexpr Flag kFlags[] = {
    {"in_order", &TargetFacts::issuesInOrder},
    {"several_issues", &TargetFacts::issuesSeveral},
    {"unaligned_access", &TargetFacts::unalignedAccess},
    {"long_multiply", &TargetFacts::hasLongMultiply},
    {"divide", &TargetFacts::hasDivide},
    {"count_leading_zeros", &TargetFacts::hasCountLeadingZeros},
    {"float", &TargetFacts::hasFloat},
    {"double", &TargetFacts::hasDouble},
    {"vector_float", &TargetFacts::hasVectorFloat},
    {"fma", &TargetFacts::hasFMA},
    {"rounding", &TargetFacts::hasRounding},
    {"integer_only", &TargetFacts::integerOnly},
    {"sse41", &TargetFacts::hasSSE41},
    {"avx2", &TargetFacts::hasAVX2},
    {"avx512bw", &TargetFacts::hasAVX512BW},
    {"avx512vl", &TargetFacts::hasAVX512VL},
    {"avxvnni", &TargetFacts::hasAVXVNNI},
    {"avx512vnni", &TargetFacts::hasAVX512VNNI},
    {"avx512vbmi", &TargetFacts::hasAVX512VBMI},
    {"avx512vpopcntdq", &TargetFacts::hasAVX512VPOPCNTDQ},
    {"neon", &TargetFacts::hasNEON},
    {"dotprod", &TargetFacts::hasDotProd},
    {"i8mm", &TargetFacts::hasI8MM},
    {"dsp", &TargetFacts::hasDSP},
    {"rvv", &TargetFacts::hasRVV},
    {"zbb", &TargetFacts::hasZbb}};

} // namespace

void qcc::attachTargetFacts(ModuleOp module, const TargetFacts &facts) {
  Builder b(module.getContext());
  SmallVector<NamedAttribute> entries;
  entries.push_back(b.getNamedAttr(
      "isa", b.getStringAttr(kFamilies[static_cast<int>(facts.isa)])));
  for (const Number &number : kNumbers)
    entries.push_back(
        b.getNamedAttr(number.name, b.getI64IntegerAttr(facts.*number.member)));
  if (facts.threads > 1)
    entries.push_back(
        b.getNamedAttr(kThreads, b.getI64IntegerAttr(facts.threads)));
  for (const Flag &flag : kFlags)
    if (facts.*flag.member)
      entries.push_back(b.getNamedAttr(flag.name, b.getUnitAttr()));
  module->setAttr(attr::target, b.getDictionaryAttr(entries));
}

FailureOr<TargetFacts> qcc::readTargetFacts(ModuleOp module) {
  auto dict = module->getAttrOfType<DictionaryAttr>(attr::target);
  if (!dict)
    return module.emitError() << "module has no '" << attr::target
                              << "'; run 'qnn-attach-target' first";
  TargetFacts facts;
  auto isa = dict.getAs<StringAttr>("isa");
  const auto *family =
      isa ? llvm::find(kFamilies, isa.getValue()) : std::end(kFamilies);
  if (family == std::end(kFamilies))
    return module.emitError() << "'" << attr::target
                              << "' needs 'isa', one of x86, aarch64, arm, "
                                 "thumb, riscv32, riscv64, generic";
  facts.isa = static_cast<IsaFamily>(family - std::begin(kFamilies));
  for (const Number &number : kNumbers) {
    auto value = dict.getAs<IntegerAttr>(number.name);
    if (!value || value.getValue().getActiveBits() > 31)
      return module.emitError() << "'" << attr::target << "' needs the number '"
                                << number.name << "'";
    facts.*number.member = static_cast<unsigned>(value.getInt());
  }
  if (Attribute threads = dict.get(kThreads)) {
    auto value = dyn_cast<IntegerAttr>(threads);
    if (!value || value.getValue().slt(1) ||
        value.getValue().sgt(static_cast<int64_t>(mostThreads)))
      return module.emitError()
             << "'" << attr::target << "' has '" << kThreads
             << "' = " << threads << ", expected 1 to " << mostThreads;
    facts.threads = static_cast<unsigned>(value.getInt());
  }
  for (const Flag &flag : kFlags)
    facts.*flag.member = dict.contains(flag.name);
  return facts;
}
