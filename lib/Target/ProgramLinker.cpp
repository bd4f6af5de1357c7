// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiles the harness with clang and links it with lld: Debian's cross C
// libraries serve the other Linux targets, no cross gcc is needed.

#include "qcc/Target/ProgramLinker.h"
#include "qcc/Support/Error.h"
#include "qcc/Support/File.h"
#include "qcc/Target/HeaderWriter.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace qcc {
namespace {

/// A directory of temporary files that goes away with its owner.
class TemporaryDirectory {
public:
  TemporaryDirectory() = default;
  TemporaryDirectory(const TemporaryDirectory &) = delete;
  ~TemporaryDirectory() {
    if (!path.empty())
      sys::fs::remove_directories(path);
  }
  Error create() {
    if (std::error_code code = sys::fs::createUniqueDirectory("qcc", path))
      return makeError("no temporary directory can be made: " + code.message());
    return Error::success();
  }
  std::string file(StringRef name) const {
    SmallString<128> full(path);
    sys::path::append(full, name);
    return full.str().str();
  }

private:
  SmallString<128> path;
};

/// The C file that ties the harness, which knows no names, to one model.
std::string makeGlue(const ModelABI &abi) {
  std::string text;
  raw_string_ostream out(text);
  out << "#include \"harness.h\"\n#include \"model.h\"\n\n"
      << "const struct qcc_model_info *const harness_model = &" << abi.name
      << "_info;\nconst uint32_t harness_threads = " << abi.threads << ";\n\n"
      << "int harness_run(void *const *in, void *const *out, void *state, void "
         "*arena) {\n  (void)in;\n  (void)out;\n  (void)state;\n"
      << "  return " << abi.name << "_run(";
  ListSeparator comma(", ");
  if (!abi.ioInArena) {
    for (size_t i = 0; i < abi.inputs.size(); ++i)
      out << comma << "in[" << i << "]";
    for (size_t i = 0; i < abi.outputs.size(); ++i)
      out << comma << "out[" << i << "]";
  }
  if (abi.stateBytes)
    out << comma << "state";
  out << comma << "arena";
  if (abi.isParallel())
    out << comma << "harness_parallel";
  out << ");\n}\n\nint harness_reset(void *state) {\n";
  if (abi.stateBytes)
    out << "  return " << abi.name << "_reset(state);\n}\n";
  else
    out << "  (void)state;\n  return QCC_OK;\n}\n";
  return text;
}

/// A bare machine that programs are linked for, by what emulators call it.
struct BareMachine {
  StringRef name;
  /// The linker script and the platform's source in the harness.
  StringRef script, platform;
  /// What clang compiles the harness for: the machine's core may be a larger
  /// one than the model's.
  std::vector<std::string> options;
};

std::optional<BareMachine> bareMachineFor(const TargetDescription &target) {
  if (target.facts.isRISCV()) {
    bool wide = target.facts.isa == IsaFamily::RISCV64;
    std::string floats = target.facts.hasDouble  ? "fd"
                         : target.facts.hasFloat ? "f"
                                                 : "";
    return BareMachine{"virt",
                       "riscv_virt.ld",
                       "platform_riscv.c",
                       {std::string(wide ? "--target=riscv64-unknown-elf"
                                         : "--target=riscv32-unknown-elf"),
                        std::string(wide ? "-march=rv64im" : "-march=rv32im") +
                            floats + "c_zicsr",
                        "-mabi=" + target.abi, "-mcmodel=medany"}};
  }
  if (target.facts.isa != IsaFamily::Thumb)
    return std::nullopt;
  // Each machine has one core: the least that runs the model's code.
  auto cortexM = [&](StringRef name, StringRef script, StringRef core) {
    BareMachine machine = {name,
                           script,
                           "platform_cortex_m.c",
                           {"--target=thumb-none-eabi", ("-mcpu=" + core).str(),
                            "-mfloat-abi=soft"}};
    if (!target.facts.unalignedAccess)
      llvm::append_range(machine.options,
                         std::array<std::string, 2>{"-mno-unaligned-access",
                                                    "-DHARNESS_STRICT_ALIGN"});
    return machine;
  };
  StringRef cpu = target.cpu;
  Triple::SubArchType arch = target.triple.getSubArch();
  if (cpu == "cortex-m55" || cpu == "cortex-m85" || cpu == "cortex-m52" ||
      arch == Triple::ARMSubArch_v8_1m_mainline)
    return cortexM("mps3-an547", "mps3_an547.ld", "cortex-m55");
  if (cpu == "cortex-m33" || cpu == "cortex-m35p" || cpu == "cortex-m23" ||
      arch == Triple::ARMSubArch_v8m_mainline ||
      arch == Triple::ARMSubArch_v8m_baseline)
    return cortexM("mps2-an505", "mps2_an505.ld", "cortex-m33");
  if (cpu == "cortex-m7")
    return cortexM("mps2-an500", "mps2_an500.ld", "cortex-m7");
  if (target.facts.hasDSP || target.facts.hasFloat)
    return cortexM("mps2-an386", "mps2_an385.ld", "cortex-m4");
  return cortexM("mps2-an385", "mps2_an385.ld", "cortex-m3");
}

/// Runs clang; its messages become part of the error.
Error runCompiler(StringRef program, ArrayRef<std::string> arguments,
                  const TemporaryDirectory &directory) {
  SmallVector<StringRef> argv = {program};
  argv.append(arguments.begin(), arguments.end());
  std::string log = directory.file("log");
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(log),
                                          StringRef(log)};
  std::string message;
  int status =
      sys::ExecuteAndWait(program, argv, std::nullopt, redirects,
                          /*SecondsToWait=*/120, /*MemoryLimit=*/0, &message);
  if (status == 0)
    return Error::success();
  if (auto text = MemoryBuffer::getFile(log))
    message += (*text)->getBuffer().substr(0, 2000).str();
  return makeError("linking the program failed: " + StringRef(message).trim());
}

} // namespace

Expected<std::string> findShareDirectory(StringRef programPath) {
  SmallString<256> real;
  if (sys::fs::real_path(programPath, real))
    real = programPath;
  SmallString<256> share(sys::path::parent_path(real));
  sys::path::append(share, "..", "share", "qcc");
  sys::path::remove_dots(share, /*remove_dot_dot=*/true);
  SmallString<256> probe(share);
  sys::path::append(probe, "harness", "harness.c");
  if (!sys::fs::exists(probe))
    return makeError("no harness at '" + share +
                     "': is the installation complete?");
  return share.str().str();
}

Error linkProgram(StringRef object, const ModelABI &abi,
                  const TargetDescription &target, StringRef outputPath,
                  const LinkOptions &options) {
  std::optional<BareMachine> machine;
  if (target.isBareMetal) {
    machine = bareMachineFor(target);
    if (!machine)
      return makeError("no program can be linked for '" + target.triple.str() +
                       "': --emit=exe knows Linux targets, bare Cortex-M and "
                       "bare RISC-V; use --emit=obj or lib");
  }
  auto clang = sys::findProgramByName(options.clang);
  if (!clang)
    return makeError("'" + options.clang +
                     "' is needed to link a program and was not found");
  TemporaryDirectory directory;
  if (Error error = directory.create())
    return error;
  for (auto [name, contents] :
       {std::pair<StringRef, std::string>{"model.o", object.str()},
        {"model.h", writeHeader(abi)},
        {"glue.c", makeGlue(abi)}})
    if (Error error = writeFileAtomically(directory.file(name), contents))
      return error;

  std::string harness = options.shareDirectory + "/harness/";
  std::string program = directory.file("program");
  std::vector<std::string> arguments = {"-std=gnu99",
                                        "-O2",
                                        "-w",
                                        "-fuse-ld=lld",
                                        "-static",
                                        "-I" + options.shareDirectory +
                                            "/include",
                                        "-I" + harness,
                                        harness + "harness.c",
                                        harness + "npy.c",
                                        directory.file("glue.c"),
                                        directory.file("model.o"),
                                        "-o",
                                        program};
  auto add = [&](const Twine &argument) {
    arguments.push_back(argument.str());
  };
  if (machine) {
    for (StringRef option : {"-ffreestanding", "-fno-builtin", "-nostdlib"})
      add(option);
    add("-Wl,-L," + harness);
    add("-Wl,-T," + harness + machine->script);
    add(harness + "semihosting.c");
    add(harness + machine->platform);
    llvm::append_range(arguments, machine->options);
  } else {
    add("--target=" + target.triple.str());
    add(harness + "platform_posix.c");
    add("-pthread");
    if (!target.abi.empty())
      add("-mabi=" + target.abi);
  }
  if (Error error = runCompiler(*clang, arguments, directory))
    return error;
  auto bytes = MemoryBuffer::getFile(program, /*IsText=*/false,
                                     /*RequiresNullTerminator=*/false);
  if (!bytes)
    return makeError("the linked program cannot be read: " +
                     bytes.getError().message());
  return writeFileAtomically(outputPath, (*bytes)->getBuffer(),
                             FileKind::Program);
}

} // namespace qcc
