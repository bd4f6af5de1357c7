// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads an object back through llvm::object and, for integer-only code, through
// the disassembler. It is run on every object qcc makes: a libm call that
// slipped in is our error, and better told than linked.

#include "qcc/Target/VerifyObject.h"
#include "qcc/Support/Error.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/MC/MCAsmInfo.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCDisassembler/MCDisassembler.h"
#include "llvm/MC/MCInst.h"
#include "llvm/MC/MCInstPrinter.h"
#include "llvm/MC/MCInstrInfo.h"
#include "llvm/MC/MCRegisterInfo.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ELFObjectFile.h"

using namespace llvm;
using namespace llvm::object;

namespace qcc {
namespace {

/// Is this x86 mnemonic arithmetic on floats? Moves, shuffles and bit
/// operations in the float domain (movaps, xorps, …) touch no float as such.
bool isX86Float(StringRef mnemonic) {
  mnemonic.consume_front("v");
  for (StringRef prefix :
       {"add",   "sub",     "mul",    "div",     "sqrt",   "min",
        "max",   "round",   "rsqrt",  "rcp",     "hadd",   "hsub",
        "dp",    "fmadd",   "fmsub",  "fnmadd",  "fnmsub", "rndscale",
        "cmp",   "scalef",  "getexp", "getmant", "addsub", "reduce",
        "range", "fixupimm"})
    if (mnemonic.starts_with(prefix) &&
        (mnemonic.ends_with("ps") || mnemonic.ends_with("pd") ||
         mnemonic.ends_with("ss") || mnemonic.ends_with("sd")))
      return true;
  if (mnemonic.starts_with("cvt") || mnemonic.contains("comis"))
    return true;
  // x87.
  return mnemonic.starts_with("f") && mnemonic != "fence" &&
         !mnemonic.starts_with("fx");
}

bool isFloatInstruction(IsaFamily isa, StringRef mnemonic) {
  switch (isa) {
  case IsaFamily::X86:
    return isX86Float(mnemonic);
  case IsaFamily::AArch64:
    // fmov moves bits between register files.
    return (mnemonic.starts_with("f") && mnemonic != "fmov") ||
           mnemonic.starts_with("scvtf") || mnemonic.starts_with("ucvtf");
  case IsaFamily::ARM:
  case IsaFamily::Thumb:
    return mnemonic.starts_with("v") &&
           (mnemonic.contains(".f16") || mnemonic.contains(".f32") ||
            mnemonic.contains(".f64"));
  case IsaFamily::RISCV32:
  case IsaFamily::RISCV64:
    return (mnemonic.starts_with("f") && !mnemonic.starts_with("fence")) ||
           (mnemonic.starts_with("c.f")) ||
           (mnemonic.starts_with("vf") && !mnemonic.starts_with("vfirst")) ||
           mnemonic.starts_with("vmf");
  case IsaFamily::Generic:
    return false;
  }
  llvm_unreachable("covered switch");
}

/// LLVM's disassembler for one target, with all the objects it hangs on.
class Disassembler {
public:
  static Expected<std::unique_ptr<Disassembler>>
  create(const TargetDescription &target) {
    std::string message;
    const Target *backend =
        TargetRegistry::lookupTarget(target.triple, message);
    if (!backend)
      return makeError(message);
    auto result = std::unique_ptr<Disassembler>(new Disassembler());
    result->registers.reset(backend->createMCRegInfo(target.triple));
    result->assembler.reset(backend->createMCAsmInfo(
        *result->registers, target.triple, MCTargetOptions()));
    result->subtarget.reset(backend->createMCSubtargetInfo(
        target.triple, target.cpu, target.features));
    result->instructions.reset(backend->createMCInstrInfo());
    result->context = std::make_unique<MCContext>(
        target.triple, result->assembler.get(), result->registers.get(),
        result->subtarget.get());
    result->decoder.reset(
        backend->createMCDisassembler(*result->subtarget, *result->context));
    result->printer.reset(backend->createMCInstPrinter(
        target.triple, 0, *result->assembler, *result->instructions,
        *result->registers));
    if (!result->decoder || !result->printer)
      return makeError("no disassembler for target '" + target.triple.str() +
                       "'");
    return std::move(result);
  }

  /// Decodes the instruction at `bytes`; `size` is set either way.
  /// Empty when the bytes are none.
  std::string mnemonicAt(ArrayRef<uint8_t> bytes, uint64_t address,
                         uint64_t &size) {
    MCInst instruction;
    auto status =
        decoder->getInstruction(instruction, size, bytes, address, nulls());
    if (status == MCDisassembler::Fail) {
      size = std::max<uint64_t>(size, 1);
      return "";
    }
    std::string text;
    raw_string_ostream stream(text);
    printer->printInst(&instruction, address, "", *subtarget, stream);
    return StringRef(text).trim().split('\t').first.split(' ').first.str();
  }

private:
  Disassembler() = default;
  std::unique_ptr<MCRegisterInfo> registers;
  std::unique_ptr<MCAsmInfo> assembler;
  std::unique_ptr<MCSubtargetInfo> subtarget;
  std::unique_ptr<MCInstrInfo> instructions;
  std::unique_ptr<MCContext> context;
  std::unique_ptr<MCDisassembler> decoder;
  std::unique_ptr<MCInstPrinter> printer;
};

Error checkSymbols(const ELFObjectFileBase &file, std::string &problems) {
  for (const ELFSymbolRef &symbol : file.symbols()) {
    Expected<uint32_t> flags = symbol.getFlags();
    Expected<StringRef> name = symbol.getName();
    if (!flags)
      return flags.takeError();
    if (!name)
      return name.takeError();
    if (!(*flags & SymbolRef::SF_Undefined) || name->empty())
      continue;
    // The linker makes this one.
    if (*name == "_GLOBAL_OFFSET_TABLE_")
      continue;
    if (*name != "memcpy" && *name != "memset" && *name != "memmove")
      problems += ", undefined symbol '" + name->str() + "'";
  }
  return Error::success();
}

Error checkSections(const ELFObjectFileBase &file, std::string &problems) {
  for (const ELFSectionRef section : file.sections()) {
    Expected<StringRef> name = section.getName();
    if (!name)
      return name.takeError();
    uint64_t flags = section.getFlags();
    if (section.getType() == ELF::SHT_INIT_ARRAY ||
        section.getType() == ELF::SHT_FINI_ARRAY)
      problems += ", start-up code in '" + name->str() + "'";
    if ((flags & ELF::SHF_ALLOC) && (flags & ELF::SHF_WRITE) &&
        section.getSize() != 0)
      problems += ", writable section '" + name->str() + "' of " +
                  std::to_string(section.getSize()) + " bytes";
  }
  return Error::success();
}

/// Code ranges of a section: ARM marks literal pools by $d, code by $t and $a.
struct MappingSymbol {
  uint64_t address;
  bool isCode;
};

Error checkInstructions(const ELFObjectFileBase &file,
                        const TargetDescription &target,
                        std::string &problems) {
  auto disassembler = Disassembler::create(target);
  if (!disassembler)
    return disassembler.takeError();
  StringSet<> reported;
  for (const SectionRef &section : file.sections()) {
    if (!section.isText() || section.getSize() == 0)
      continue;
    Expected<StringRef> contents = section.getContents();
    if (!contents)
      return contents.takeError();
    SmallVector<MappingSymbol> marks;
    for (const ELFSymbolRef &symbol : file.symbols()) {
      Expected<section_iterator> where = symbol.getSection();
      Expected<StringRef> name = symbol.getName();
      Expected<uint64_t> address = symbol.getAddress();
      if (!where || !name || !address) {
        consumeError(where.takeError());
        consumeError(name.takeError());
        consumeError(address.takeError());
        continue;
      }
      if (*where != file.section_end() && **where == section &&
          name->starts_with("$"))
        marks.push_back({*address, !name->starts_with("$d")});
    }
    llvm::sort(marks, [](const MappingSymbol &a, const MappingSymbol &b) {
      return a.address < b.address;
    });
    ArrayRef<uint8_t> bytes(reinterpret_cast<const uint8_t *>(contents->data()),
                            contents->size());
    size_t nextMark = 0;
    bool isCode = true;
    for (uint64_t at = 0; at < bytes.size();) {
      while (nextMark < marks.size() && marks[nextMark].address <= at)
        isCode = marks[nextMark++].isCode;
      if (!isCode) {
        at = nextMark < marks.size() ? marks[nextMark].address : bytes.size();
        continue;
      }
      uint64_t size = 1;
      std::string mnemonic =
          (*disassembler)->mnemonicAt(bytes.drop_front(at), at, size);
      if (mnemonic.empty())
        problems +=
            ", bytes that are no instruction at offset " + std::to_string(at);
      else if (isFloatInstruction(target.facts.isa, mnemonic) &&
               reported.insert(mnemonic).second)
        problems += ", floating-point instruction '" + mnemonic + "'";
      at += size;
    }
  }
  return Error::success();
}

} // namespace

Error verifyObject(StringRef object, const TargetDescription &target) {
  auto file =
      ObjectFile::createObjectFile(MemoryBufferRef(object, "generated object"));
  if (!file)
    return file.takeError();
  auto *elf = dyn_cast<ELFObjectFileBase>(file->get());
  if (!elf)
    return makeError("generated object is not ELF");
  std::string problems;
  if (Error error = checkSymbols(*elf, problems))
    return error;
  if (Error error = checkSections(*elf, problems))
    return error;
  if (target.facts.integerOnly)
    if (Error error = checkInstructions(*elf, target, problems))
      return error;
  if (!problems.empty())
    return makeError("generated object breaks the interface: " +
                     problems.substr(2));
  return Error::success();
}

} // namespace qcc
