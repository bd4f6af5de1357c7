// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiles the harness with clang and links it with lld: Debian's cross C
// libraries serve the other Linux targets, no cross gcc is needed.

#include "qcc/Target/ProgramLinker.h"
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

Error makeError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

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
      << "_info;\n\n"
      << "int harness_run(void *const *in, void *const *out, void *state, void "
         "*arena) {\n  (void)in;\n  (void)out;\n  (void)state;\n";
  if (abi.parallel)
    // One after the other: the harness has no threads.
    out << "  static const struct qcc_parallel serial = {harness_serial, 1, "
           "0};\n";
  out << "  return " << abi.name << "_run(";
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
  if (abi.parallel)
    out << comma << "&serial";
  out << ");\n}\n\nint harness_reset(void *state) {\n";
  if (abi.stateBytes)
    out << "  return " << abi.name << "_reset(state);\n}\n";
  else
    out << "  (void)state;\n  return QCC_OK;\n}\n";
  if (!abi.parallel)
    return text;
  std::string serial =
      "static void harness_serial(const struct qcc_parallel *self, void "
      "(*body)(void *, uint32_t), void *context, uint32_t count) {\n"
      "  uint32_t i;\n  (void)self;\n"
      "  for (i = 0; i < count; i++) body(context, i);\n}\n\n";
  return text.insert(text.find("const struct qcc_model_info"), serial);
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
  bool isCortexM = target.facts.isa == IsaFamily::Thumb && target.isBareMetal;
  if (target.isBareMetal && !isCortexM)
    return makeError("no program can be linked for '" + target.triple.str() +
                     "': --emit=exe knows Linux targets and "
                     "thumbv7em-none-eabi(hf); use --emit=obj or lib");
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
  std::vector<std::string> arguments = {"--target=" + target.triple.str(),
                                        "-std=gnu99",
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
  if (isCortexM) {
    std::string cpu = target.cpu == "generic" ? "cortex-m4" : target.cpu;
    for (std::string option :
         {"-mcpu=" + cpu, std::string("-ffreestanding"),
          std::string("-fno-builtin"), std::string("-nostdlib"),
          std::string("-Wl,-T,") + harness + "cortex_m.ld",
          harness + "platform_cortex_m.c"})
      arguments.push_back(option);
  } else {
    arguments.push_back(harness + "platform_posix.c");
    if (!target.abi.empty())
      arguments.push_back("-mabi=" + target.abi);
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
