// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qcc MODEL -o FILE: what to make is clear from the suffix or --emit; the
// header and the output appear together or not at all.

#include "Session.h"

#include "qcc/Support/File.h"
#include "qcc/Target/HeaderWriter.h"
#include "qcc/Target/ProgramLinker.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"

using namespace mlir;

namespace qcc {
namespace {

class Compilation {
public:
  explicit Compilation(const CompileCommand &compileCommand)
      : command(withTarget(compileCommand)), session(command),
        output(command.output) {}

  int run();

private:
  /// The session needs the target before anything is settled.
  static CompileCommand withTarget(CompileCommand command) {
    bool isC = command.emit ? *command.emit == OutputKind::C
                            : !command.stopAfter &&
                                  StringRef(command.output).ends_with(".c");
    if (isC)
      command.request = getRequestFor(OutputKind::C, command.request);
    return command;
  }
  /// Settles what to make and where; false after a diagnostic.
  bool decide();
  int emit(ModuleOp module, const CodeOptions &code);
  llvm::Error link(StringRef object, const ModelABI &abi,
                   const TargetDescription &target);

  bool isText() const {
    return kind == OutputKind::Assembly || kind == OutputKind::LLVMIR ||
           kind == OutputKind::C || kind == OutputKind::MLIR;
  }
  /// Path of the header, or empty for none.
  std::string headerPath() const;

  const CompileCommand command;
  Session session;
  std::string output;
  OutputKind kind = OutputKind::Object;
};

bool Compilation::decide() {
  StringRef suffix = llvm::sys::path::extension(output);
  auto bySuffix = llvm::StringSwitch<std::optional<OutputKind>>(suffix)
                      .Cases({".o", ".obj"}, OutputKind::Object)
                      .Case(".a", OutputKind::Library)
                      .Cases({".s", ".S", ".asm"}, OutputKind::Assembly)
                      .Case(".ll", OutputKind::LLVMIR)
                      .Case(".bc", OutputKind::Bitcode)
                      .Case(".c", OutputKind::C)
                      .Case(".mlir", OutputKind::MLIR)
                      .Default(std::nullopt);
  if (command.stopAfter && command.emit && *command.emit != OutputKind::MLIR) {
    session.fail("--stop-after makes MLIR; leave --emit out, or say "
                 "--emit=mlir");
    return false;
  }
  if (command.stopAfter && !command.emit && bySuffix &&
      *bySuffix != OutputKind::MLIR) {
    session.fail("--stop-after makes MLIR, but '" + output +
                 "' names something else; say -o FILE.mlir");
    return false;
  }
  if (command.emit)
    kind = *command.emit;
  else if (command.stopAfter)
    kind = OutputKind::MLIR;
  else if (bySuffix)
    kind = *bySuffix;
  else if (output.empty())
    kind = OutputKind::Object;
  else {
    session.fail("'" + output +
                 "' does not say what to make; use --emit=obj, lib, exe, asm, "
                 "llvm-ir, bitcode, c or mlir");
    return false;
  }
  if (output.empty()) {
    if (!isText()) {
      session.fail("no output given; say -o " + session.getModelName() +
                   (kind == OutputKind::Library      ? ".a"
                    : kind == OutputKind::Bitcode    ? ".bc"
                    : kind == OutputKind::Executable ? ""
                                                     : ".o"));
      return false;
    }
    output = "-";
  }
  if (kind == OutputKind::MLIR && !command.header.empty()) {
    session.fail("--header describes code; MLIR has none yet");
    return false;
  }
  if (output == "-" && kind == OutputKind::Executable) {
    session.fail("a program is not written to standard output; say -o FILE");
    return false;
  }
  if (output == "-" && command.header == "-") {
    session.fail("output and header cannot both be standard output; say "
                 "--header=FILE");
    return false;
  }
  if (output == "-" && !isText() &&
      llvm::sys::Process::StandardOutIsDisplayed()) {
    session.fail("binary output is not written to a terminal; say -o FILE");
    return false;
  }
  return session.checkNotOverwritten({output, headerPath()}, {});
}

std::string Compilation::headerPath() const {
  if (!command.header.empty())
    return command.header;
  // Bitcode and LLVM IR are not code yet: how much stack it takes is unknown.
  bool isCode = kind == OutputKind::Object || kind == OutputKind::Library ||
                kind == OutputKind::Assembly || kind == OutputKind::C;
  if (!isCode || output == "-")
    return "";
  StringRef stem = llvm::sys::path::stem(output);
  if (stem.size() > 3)
    stem.consume_front("lib");
  SmallString<256> path(output);
  llvm::sys::path::remove_filename(path);
  llvm::sys::path::append(path, stem + ".h");
  return path.str().str();
}

llvm::Error Compilation::link(StringRef object, const ModelABI &abi,
                              const TargetDescription &target) {
  llvm::Expected<std::string> share = findShareDirectory(command.programPath);
  if (!share)
    return share.takeError();
  LinkOptions options;
  options.shareDirectory = *share;
  options.clang = command.clang;
  return linkProgram(object, abi, target, output, options);
}

int Compilation::emit(ModuleOp module, const CodeOptions &options) {
  ModelABI abi;
  CodeOptions code = options;
  // The name that C code includes; that on standard output has none yet.
  if (headerPath() != "-")
    code.header = llvm::sys::path::filename(headerPath()).str();
  FailureOr<std::string> contents =
      generateOutput(module, kind, command.stopAfter.value_or(Stage::LLVM),
                     code, session.observe(), abi);
  if (failed(contents))
    return 1;
  std::string header = headerPath();
  auto writeHeaderFile = [&]() -> llvm::Error {
    if (header.empty())
      return llvm::Error::success();
    return writeFileAtomically(header, writeHeader(abi));
  };
  if (kind == OutputKind::Executable) {
    llvm::Error error = link(*contents, abi, code.target);
    if (!error)
      error = writeHeaderFile();
    return error ? session.fail(std::move(error)) : 0;
  }
  // The header appears when all of the output is on the disk, and before it
  // gets its name: who sees the output finds the header that fits, and a
  // failure leaves both as they were.
  if (llvm::Error error =
          writeFileAtomically(output, [&](llvm::raw_fd_ostream &stream) {
            stream << *contents;
            stream.flush();
            // A full disk is the stream's error, which names the output.
            return stream.has_error() ? llvm::Error::success()
                                      : writeHeaderFile();
          }))
    return session.fail(std::move(error));
  return 0;
}

int Compilation::run() {
  if (!decide())
    return 1;
  FailureOr<CodeOptions> code = session.resolve();
  if (failed(code))
    return 1;
  if (!command.name.empty()) {
    if (makeCIdentifier(command.name) != command.name)
      return session.fail("--name=" + command.name + ": is no C identifier; '" +
                          makeCIdentifier(command.name) + "' would be one");
    code->name = command.name;
  } else {
    code->name = output == "-" ? makeCIdentifier(session.getModelName())
                               : cPrefixForOutput(output);
  }
  OwningOpRef<ModuleOp> module = session.load();
  if (!module)
    return 1;
  // Which machine, where the user left it to us and it makes a difference.
  bool forTarget = kind != OutputKind::MLIR || !command.stopAfter ||
                   *command.stopAfter >= Stage::Select;
  if (forTarget && command.request.triple.empty() &&
      command.request.cpu.empty() && !command.verbose)
    session.tellTarget(*code);
  return emit(*module, *code);
}

} // namespace

int runCompile(const CompileCommand &command) {
  return Compilation(command).run();
}

} // namespace qcc
