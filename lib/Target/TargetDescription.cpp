// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Resolution of --target, --mcpu and --mattr against LLVM's subtarget tables,
// and the derivation of TargetFacts from them. Names are checked before LLVM
// sees them, because LLVM itself only warns on stderr and goes on.

#include "qcc/Target/TargetDescription.h"
#include "qcc/Support/Error.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/MCInstrItineraries.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/ARMTargetParser.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/RISCVISAInfo.h"
#include <mutex>

using namespace llvm;

namespace qcc {
namespace {

/// LLVM's registry of back ends is process-wide and filling it is idempotent.
void initializeBackends() {
  static std::once_flag once;
  std::call_once(once, [] {
    InitializeAllTargetInfos();
    InitializeAllTargets();
    InitializeAllTargetMCs();
    InitializeAllAsmPrinters();
    InitializeAllAsmParsers();
    InitializeAllDisassemblers();
  });
}

std::optional<IsaFamily> familyOf(const Triple &triple) {
  switch (triple.getArch()) {
  case Triple::x86_64:
    return IsaFamily::X86;
  case Triple::aarch64:
    return IsaFamily::AArch64;
  case Triple::arm:
    return IsaFamily::ARM;
  case Triple::thumb:
    return IsaFamily::Thumb;
  case Triple::riscv32:
    return IsaFamily::RISCV32;
  case Triple::riscv64:
    return IsaFamily::RISCV64;
  default:
    return std::nullopt;
  }
}

/// The CPU and features that a bare triple promises.
struct Baseline {
  StringRef cpu, features;
};

Baseline baselineOf(const Triple &triple, IsaFamily isa) {
  switch (isa) {
  case IsaFamily::X86:
    return {"x86-64", ""};
  case IsaFamily::AArch64:
    return {"generic", "+neon"};
  case IsaFamily::ARM:
    // Debian's armhf has VFPv3-D16 only; NEON has to be asked for.
    return {"generic", ""};
  case IsaFamily::Thumb:
    switch (triple.getSubArch()) {
    case Triple::ARMSubArch_v6m:
      return {"cortex-m0plus", ""};
    case Triple::ARMSubArch_v7m:
      return {"cortex-m3", ""};
    case Triple::ARMSubArch_v7em:
      return {"cortex-m4", ""};
    case Triple::ARMSubArch_v8m_baseline:
      return {"cortex-m23", ""};
    case Triple::ARMSubArch_v8m_mainline:
      return {"cortex-m33", ""};
    case Triple::ARMSubArch_v8_1m_mainline:
      return {"cortex-m55", ""};
    default:
      return {"generic", ""};
    }
  case IsaFamily::RISCV32:
    return {"generic-rv32", "+m,+c"};
  case IsaFamily::Generic:
    break;
  case IsaFamily::RISCV64:
    // The Linux distributions' baseline, RVA20 without its counters.
    if (triple.isOSLinux())
      return {"generic-rv64", "+m,+a,+f,+d,+c,+zicsr,+zifencei"};
    return {"generic-rv64", "+m,+c"};
  }
  llvm_unreachable("covered switch");
}

/// Names near `wrong` in a subtarget table, and where all are listed.
template <typename Table>
std::string suggestKeys(const Table &table, StringRef wrong, StringRef option) {
  SmallVector<StringRef> names;
  for (const auto &entry : table)
    names.push_back(entry.Key);
  if (option == "--mcpu")
    names.push_back("native");
  return suggestNames(wrong, names) + " (" + option.str() + "=help lists all)";
}

/// Features that the triple or the CPU decides.
bool isFixedFeature(StringRef name) {
  return is_contained({"32bit", "64bit", "16bit-mode", "32bit-mode",
                       "64bit-mode", "thumb-mode", "thumb2", "soft-float", "e"},
                      name);
}

Error unknownTarget(StringRef named) {
  SmallVector<StringRef> triples;
  for (const KnownTarget &known : getKnownTargets())
    triples.push_back(known.triple);
  return makeError(
      "unknown target '" + named + "'" +
      suggestNames(named, triples, std::max<size_t>(3, named.size() / 2 - 1)) +
      " (--target=help lists all)");
}

/// LLVM takes a name that it does not know for a machine without an operating
/// system or for no particular convention.
bool hasUnknownPart(const Triple &triple) {
  auto isNothing = [](StringRef name) {
    return is_contained({"", "unknown", "none", "elf"}, name);
  };
  if (triple.getEnvironment() == Triple::UnknownEnvironment &&
      !isNothing(triple.getEnvironmentName()))
    return true;
  if (triple.getOS() != Triple::UnknownOS)
    return false;
  // A misspelt system may be taken for the vendor, of whom any name is right.
  return !isNothing(triple.getOSName()) ||
         (triple.getVendor() == Triple::UnknownVendor &&
          !isNothing(triple.getVendorName()));
}

/// Splits `features` at commas and checks each against `sti`.
Error checkFeatureNames(const MCSubtargetInfo &sti, StringRef features,
                        StringRef triple) {
  SmallVector<StringRef> parts;
  if (!features.empty())
    features.split(parts, ',');
  for (StringRef part : parts) {
    if (part.empty())
      return makeError("feature list '" + features + "' has an empty name");
    if (part.front() != '+' && part.front() != '-')
      return makeError("feature '" + part +
                       "' needs a leading + or -, as in +" + part);
    StringRef name = part.drop_front();
    if (isFixedFeature(name))
      return makeError("feature '" + name +
                       "' is not to be chosen: the target decides it");
    bool known = any_of(sti.getAllProcessorFeatures(), [&](const auto &entry) {
      return StringRef(entry.Key) == name;
    });
    if (!known)
      return makeError(
          "unknown feature '" + name + "' for target '" + triple + "'" +
          suggestKeys(sti.getAllProcessorFeatures(), name, "--mattr"));
  }
  return Error::success();
}

std::string joinFeatures(StringRef first, StringRef second) {
  if (first.empty() || second.empty())
    return (first + second).str();
  return (first + "," + second).str();
}

/// In which features this very machine is not what the name of its CPU
/// promises: some of a family lack them, and virtual machines hide them.
std::string hostFeatureString(const MCSubtargetInfo &promised) {
  SmallVector<std::string> parts;
  StringMap<bool, MallocAllocator> host = sys::getHostCPUFeatures();
  for (const SubtargetFeatureKV &entry : promised.getAllProcessorFeatures()) {
    auto found = host.find(entry.Key);
    if (found != host.end() &&
        found->second != promised.checkFeatures("+" + std::string(entry.Key)))
      parts.push_back((found->second ? "+" : "-") + std::string(entry.Key));
  }
  // A StringMap's order is not the alphabet's: same input, same bytes out.
  llvm::sort(parts);
  return llvm::join(parts, ",");
}

unsigned leastVlen(const MCSubtargetInfo &sti) {
  for (unsigned vlen : {4096u, 2048u, 1024u, 512u, 256u, 128u, 64u, 32u})
    if (sti.checkFeatures("+zvl" + std::to_string(vlen) + "b"))
      return vlen;
  return 0;
}

void fillX86(const MCSubtargetInfo &sti, TargetFacts &facts) {
  auto has = [&](StringRef name) { return sti.checkFeatures(name); };
  facts.indexBits = 64;
  facts.numScalarRegisters = 14;
  facts.hasFloat = facts.hasDouble = facts.hasVectorFloat = true;
  facts.hasSSE41 = has("+sse4.1");
  facts.hasRounding = facts.hasSSE41;
  facts.hasAVX2 = has("+avx2");
  facts.hasFMA = has("+fma") || has("+avx512f");
  facts.hasAVX512BW = has("+avx512f") && has("+avx512bw");
  facts.hasAVX512VL = facts.hasAVX512BW && has("+avx512vl");
  facts.hasAVXVNNI = has("+avxvnni");
  facts.hasAVX512VNNI = facts.hasAVX512BW && has("+avx512vnni");
  facts.hasAVX512VBMI = facts.hasAVX512BW && has("+avx512vbmi");
  facts.hasAVX512VPOPCNTDQ = facts.hasAVX512BW && has("+avx512vpopcntdq");
  bool wide = facts.hasAVX512BW && facts.hasAVX512VL;
  facts.vectorBits = wide ? 512 : facts.hasAVX2 ? 256 : 128;
  facts.numVectorRegisters = wide ? 32 : 16;
}

void fillARM(const MCSubtargetInfo &sti, TargetFacts &facts) {
  auto has = [&](StringRef name) { return sti.checkFeatures(name); };
  facts.indexBits = 32;
  facts.numScalarRegisters = 12;
  facts.unalignedAccess = !has("+strict-align");
  // Armv6-M and Armv8-M Baseline have Thumb-1 with little beside it.
  bool isThumb1 = facts.isa == IsaFamily::Thumb && !has("+thumb2");
  facts.hasLongMultiply = facts.hasCountLeadingZeros = !isThumb1;
  facts.hasDivide =
      has(facts.isa == IsaFamily::Thumb ? "+hwdiv" : "+hwdiv-arm");
  facts.hasDSP = has("+dsp");
  facts.hasFloat = !has("+soft-float") && has("+vfp2sp");
  facts.hasDouble = facts.hasFloat && has("+fp64");
  facts.hasFMA = facts.hasFloat && has("+vfp4d16sp");
  // NEON's vrintn came with ARMv8; FPv5 (Cortex-M7) has the scalar form.
  facts.hasRounding = has("+fp-armv8d16sp");
  facts.hasNEON = has("+neon");
  // On 32-bit ARM vectors of floats flush denormals to zero: floats stay
  // scalar.
  facts.hasVectorFloat = false;
  facts.hasDotProd = facts.hasNEON && has("+dotprod");
  facts.hasI8MM = facts.hasNEON && has("+i8mm");
  facts.vectorBits = facts.hasNEON ? 128 : 0;
  facts.numVectorRegisters = facts.hasNEON ? 16 : 0;
}

void fillAArch64(const MCSubtargetInfo &sti, TargetFacts &facts) {
  auto has = [&](StringRef name) { return sti.checkFeatures(name); };
  facts.indexBits = 64;
  facts.numScalarRegisters = 28;
  facts.unalignedAccess = !has("+strict-align");
  facts.hasNEON = has("+neon");
  facts.hasFloat = facts.hasDouble = facts.hasFMA = has("+fp-armv8");
  facts.hasRounding = facts.hasFloat;
  facts.hasVectorFloat = facts.hasNEON;
  facts.hasDotProd = facts.hasNEON && has("+dotprod");
  facts.hasI8MM = facts.hasNEON && has("+i8mm");
  facts.vectorBits = facts.hasNEON ? 128 : 0;
  facts.numVectorRegisters = facts.hasNEON ? 32 : 0;
}

void fillRISCV(const MCSubtargetInfo &sti, TargetFacts &facts) {
  auto has = [&](StringRef name) { return sti.checkFeatures(name); };
  facts.indexBits = facts.isa == IsaFamily::RISCV64 ? 64 : 32;
  facts.numScalarRegisters = 28;
  facts.unalignedAccess = has("+unaligned-scalar-mem");
  facts.hasFloat = facts.hasFMA = has("+f");
  facts.hasDouble = has("+d");
  facts.hasRounding = facts.hasFloat;
  facts.hasZbb = has("+zbb");
  // Only the full V counts: the embedded Zve subsets lack vwmacc on 64 bits and
  // much of what the kernels assume.
  facts.hasRVV = has("+v");
  facts.hasVectorFloat = facts.hasRVV;
  facts.vectorBits = facts.hasRVV ? leastVlen(sti) : 0;
  facts.numVectorRegisters = facts.hasRVV ? 32 : 0;
}

TargetFacts deriveFacts(const MCSubtargetInfo &sti, IsaFamily isa) {
  TargetFacts facts;
  facts.isa = isa;
  switch (isa) {
  case IsaFamily::X86:
    fillX86(sti, facts);
    break;
  case IsaFamily::AArch64:
    fillAArch64(sti, facts);
    break;
  case IsaFamily::ARM:
  case IsaFamily::Thumb:
    fillARM(sti, facts);
    break;
  case IsaFamily::RISCV32:
  case IsaFamily::RISCV64:
    fillRISCV(sti, facts);
    break;
  case IsaFamily::Generic:
    break;
  }
  // Of no core in particular LLVM has the model of some core.
  const MCSchedModel &model = sti.getSchedModel();
  // Of Cortex-A7 and A8 it has itineraries, the older kind.
  bool isModelled = model.hasInstrSchedModel() ||
                    !sti.getInstrItineraryForCPU(sti.getCPU()).isEmpty();
  facts.issuesInOrder = !sti.getCPU().starts_with("generic") && isModelled &&
                        model.MicroOpBufferSize <= 1;
  facts.issuesSeveral = facts.issuesInOrder && model.IssueWidth > 1;
  return facts;
}

/// Refuses combinations for which LLVM has no code: it would end the process.
Error checkSubtarget(const MCSubtargetInfo &sti, IsaFamily isa,
                     const Triple &triple, StringRef cpu, StringRef target) {
  auto has = [&](StringRef name) { return sti.checkFeatures(name); };
  auto refuse = [&](const Twine &why) {
    return makeError("cpu '" + cpu +
                     "' with these features cannot be used for "
                     "target '" +
                     target + "': " + why);
  };
  switch (isa) {
  case IsaFamily::X86:
    if (!has("+64bit"))
      return refuse("it is a 32-bit one; try x86-64");
    if (!has("+sse2"))
      return refuse("SSE2 is part of every x86-64");
    break;
  case IsaFamily::AArch64:
  case IsaFamily::Generic:
    break;
  case IsaFamily::ARM:
  case IsaFamily::Thumb:
    if (!has("+v6m") && !has("+v7"))
      return refuse("it is older than ARMv6-M and ARMv7; try cortex-m0plus, "
                    "cortex-m3, cortex-m4 or cortex-a7");
    if (triple.isArmMClass() != has("+mclass") &&
        triple.getArchName() != "thumb")
      return refuse(has("+mclass") ? "it is a microcontroller's (M profile); "
                                     "try thumbv7em-none-eabi"
                                   : "it is no microcontroller's (M profile)");
    break;
  case IsaFamily::RISCV32:
  case IsaFamily::RISCV64: {
    bool wide = isa == IsaFamily::RISCV64;
    if (has("+64bit") != wide)
      return refuse(wide ? "it is a 32-bit one; try generic-rv64"
                         : "it is a 64-bit one; try generic-rv32");
    if (!has("+m"))
      return refuse("it cannot multiply; add the extension with +m");
    std::vector<std::string> enabled;
    for (const SubtargetFeatureKV &feature : sti.getAllProcessorFeatures())
      if (has("+" + std::string(feature.Key)))
        enabled.push_back("+" + std::string(feature.Key));
    auto extensions = RISCVISAInfo::parseFeatures(wide ? 64 : 32, enabled);
    if (!extensions)
      return refuse(toString(extensions.takeError()));
    break;
  }
  }
  return Error::success();
}

Error genericHasNone() {
  return makeError("target 'generic' is portable C and has neither CPUs nor "
                   "features: leave --mcpu and --mattr out");
}

/// What every C99 compiler with the integers of 8 to 64 bits has: scalars, and
/// floats whose operations round once (the generated file checks it).
Expected<TargetDescription> describeGeneric(const TargetRequest &request) {
  if (!request.cpu.empty() || !request.features.empty())
    return genericHasNone();
  TargetDescription desc;
  desc.triple = Triple("generic");
  desc.isBareMetal = true;
  TargetFacts &facts = desc.facts;
  facts.isa = IsaFamily::Generic;
  facts.indexBits = 32;
  facts.numScalarRegisters = 12;
  facts.unalignedAccess = false;
  facts.hasFloat = facts.hasDouble = true;
  facts.integerOnly = request.integerOnly.value_or(false);
  return desc;
}

/// The calling convention's name: RISC-V passes floats in the widest registers
/// there are on Linux, and embedded toolchains follow the extension as well.
std::string abiOf(const TargetFacts &facts) {
  if (!facts.isRISCV())
    return "";
  std::string abi = facts.isa == IsaFamily::RISCV64 ? "lp64" : "ilp32";
  if (facts.hasDouble)
    return abi + "d";
  return facts.hasFloat ? abi + "f" : abi;
}

} // namespace

Expected<std::unique_ptr<TargetMachine>>
TargetDescription::createTargetMachine(CodeGenOptLevel optLevel) const {
  if (facts.isa == IsaFamily::Generic)
    return makeError("target 'generic' is portable C: use --emit=c, or name "
                     "another target");
  initializeBackends();
  std::string message;
  const Target *target = TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return makeError("no back end for target '" + triple.str() +
                     "': " + message);
  TargetOptions options;
  options.EmitStackSizeSection = true;
  // Bits must not depend on what the back end finds profitable to fuse.
  options.AllowFPOpFusion = FPOpFusion::Strict;
  options.MCOptions.ABIName = abi;
  // Bare RISC-V memory often starts at 2 GB, beyond what the small model
  // reaches.
  std::optional<CodeModel::Model> codeModel;
  if (isBareMetal && facts.isRISCV())
    codeModel = CodeModel::Medium;
  std::unique_ptr<TargetMachine> machine(target->createTargetMachine(
      triple, cpu, features, options, isBareMetal ? Reloc::Static : Reloc::PIC_,
      codeModel, optLevel));
  if (!machine)
    return makeError("cannot create a back end for target '" + triple.str() +
                     "'");
  return std::move(machine);
}

Expected<TargetDescription> resolveTarget(const TargetRequest &request) {
  if (request.triple == "generic")
    return describeGeneric(request);
  initializeBackends();
  TargetDescription desc;
  bool thisMachine = request.triple.empty();
  desc.triple = Triple(Triple::normalize(
      thisMachine ? sys::getDefaultTargetTriple() : request.triple));
  std::string named = thisMachine ? desc.triple.str() : request.triple;

  std::optional<IsaFamily> isa = familyOf(desc.triple);
  if (!isa || hasUnknownPart(desc.triple))
    return unknownTarget(named);
  if (!desc.triple.isOSBinFormatELF())
    return makeError("target '" + named +
                     "' does not use ELF objects (--target=help lists those "
                     "that qcc is tested for)");
  desc.isBareMetal = !desc.triple.isOSLinux();

  std::string message;
  const Target *target = TargetRegistry::lookupTarget(desc.triple, message);
  if (!target)
    return unknownTarget(named);

  Triple host(sys::getDefaultTargetTriple());
  bool native = request.cpu == "native" || (thisMachine && request.cpu.empty());
  if (native && host.getArch() != desc.triple.getArch())
    return makeError("cpu 'native' is this machine's (" + host.str() +
                     ") and cannot be used for target '" + named +
                     "': name a cpu");

  Baseline baseline = baselineOf(desc.triple, *isa);
  std::string baseFeatures;
  if (native) {
    desc.isNative = true;
    desc.cpu = sys::getHostCPUName().str();
  } else if (request.cpu.empty()) {
    desc.cpu = baseline.cpu.str();
    baseFeatures = baseline.features.str();
  } else {
    desc.cpu = request.cpu;
    // RISC-V's generic CPUs are empty shells: the triple's baseline fills them.
    if (StringRef(desc.cpu).starts_with("generic"))
      baseFeatures = baseline.features.str();
  }

  // LLVM's tables say for A-profile cores what every licensee has; NEON is what
  // all but a few built in, and what C compilers take from the name.
  if (*isa == IsaFamily::ARM && ARM::getFPUNeonSupportLevel(ARM::getDefaultFPU(
                                    desc.cpu, ARM::parseCPUArch(desc.cpu))) ==
                                    ARM::NeonSupportLevel::Neon)
    baseFeatures = joinFeatures(baseFeatures, "+neon");

  std::unique_ptr<MCSubtargetInfo> tables(
      target->createMCSubtargetInfo(desc.triple, "", ""));
  if (!tables)
    return makeError("no back end for target '" + named + "'");
  if (!tables->isCPUStringValid(desc.cpu)) {
    if (!native)
      return makeError("unknown cpu '" + desc.cpu + "' for target '" + named +
                       "'" +
                       suggestKeys(tables->getAllProcessorDescriptions(),
                                   desc.cpu, "--mcpu"));
    desc.cpu = baseline.cpu.str();
  }
  if (native) {
    std::unique_ptr<MCSubtargetInfo> promised(
        target->createMCSubtargetInfo(desc.triple, desc.cpu, baseFeatures));
    baseFeatures = joinFeatures(baseFeatures, hostFeatureString(*promised));
  }
  if (Error error = checkFeatureNames(*tables, request.features, named))
    return std::move(error);
  desc.features = joinFeatures(baseFeatures, request.features);

  std::unique_ptr<MCSubtargetInfo> sti(
      target->createMCSubtargetInfo(desc.triple, desc.cpu, desc.features));
  if (Error error = checkSubtarget(*sti, *isa, desc.triple, desc.cpu, named))
    return std::move(error);

  desc.facts = deriveFacts(*sti, *isa);
  bool weakFloat = desc.facts.isa == IsaFamily::Thumb && !desc.facts.hasDouble;
  desc.facts.integerOnly =
      request.integerOnly.value_or(!desc.facts.hasFloat || weakFloat);
  desc.abi = abiOf(desc.facts);

  auto machine = desc.createTargetMachine();
  if (!machine)
    return machine.takeError();
  desc.dataLayout = (*machine)->createDataLayout().getStringRepresentation();
  return desc;
}

Expected<std::vector<std::string>> getUsableCPUs(const std::string &triple) {
  if (triple == "generic")
    return genericHasNone();
  // Whatever CPU the triple promises, the table is the same.
  auto desc = resolveTarget({triple, "", "", {}});
  if (!desc)
    return desc.takeError();
  auto machine = desc->createTargetMachine();
  if (!machine)
    return machine.takeError();
  std::vector<std::string> names;
  for (const auto &entry :
       (*machine)->getMCSubtargetInfo()->getAllProcessorDescriptions()) {
    auto usable = resolveTarget({triple, entry.Key, "", {}});
    if (usable)
      names.push_back(entry.Key);
    else
      consumeError(usable.takeError());
  }
  return names;
}

Expected<std::vector<NamedFeature>>
getKnownFeatures(const std::string &triple) {
  if (triple == "generic")
    return genericHasNone();
  auto desc = resolveTarget({triple, "", "", {}});
  if (!desc)
    return desc.takeError();
  auto machine = desc->createTargetMachine();
  if (!machine)
    return machine.takeError();
  std::vector<NamedFeature> features;
  for (const auto &entry :
       (*machine)->getMCSubtargetInfo()->getAllProcessorFeatures())
    if (!isFixedFeature(entry.Key))
      features.push_back({entry.Key, entry.Desc});
  return features;
}

StringRef stringifyIsaFamily(IsaFamily isa) {
  switch (isa) {
  case IsaFamily::X86:
    return "x86";
  case IsaFamily::AArch64:
    return "aarch64";
  case IsaFamily::ARM:
    return "arm";
  case IsaFamily::Thumb:
    return "thumb";
  case IsaFamily::RISCV32:
    return "riscv32";
  case IsaFamily::RISCV64:
    return "riscv64";
  case IsaFamily::Generic:
    return "generic";
  }
  llvm_unreachable("covered switch");
}

std::string describeTarget(const TargetDescription &target) {
  const TargetFacts &f = target.facts;
  std::string text = target.triple.str() + ", " + target.cpu;
  if (f.isa == IsaFamily::Generic)
    text = "generic C99";
  if (f.vectorBits)
    text += ", " + std::to_string(f.vectorBits) + "-bit vectors x " +
            std::to_string(f.numVectorRegisters);
  else
    text += ", scalar";
  auto add = [&](bool present, const char *name) {
    if (present)
      text += std::string(" ") + name;
  };
  text += f.hasFloat ? ", float" : ", no float";
  add(f.integerOnly, "(integer only)");
  add(f.hasFMA, "fma");
  add(f.hasSSE41, "sse4.1");
  add(f.hasAVX2, "avx2");
  add(f.hasAVX512BW, "avx512bw");
  add(f.hasAVXVNNI, "avxvnni");
  add(f.hasAVX512VNNI, "avx512vnni");
  add(f.hasAVX512VBMI, "avx512vbmi");
  add(f.hasNEON, "neon");
  add(f.hasDotProd, "dotprod");
  add(f.hasI8MM, "i8mm");
  add(f.hasDSP, "dsp");
  add(f.hasRVV, "v");
  add(f.hasZbb, "zbb");
  return text;
}

} // namespace qcc
