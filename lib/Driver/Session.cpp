// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loading and resolving, the same for every subcommand.

#include "Session.h"

#include "qcc/Driver/TensorFiles.h"
#include "qcc/Support/File.h"

#include "mlir/IR/Remarks.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace qcc {

static DialectRegistry makeRegistry() {
  DialectRegistry registry;
  registerDriverDialects(registry);
  return registry;
}

namespace {
/// Prints remarks as one sentence each, like the diagnostics they stand
/// between.
struct RemarkPrinter : remark::detail::MLIRRemarkStreamerBase {
  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    std::string text = getOpOrigin(remark.getLocation()).file + ": remark: ";
    for (const remark::detail::Remark::Arg &argument : remark.getArgs())
      text += argument.val;
    llvm::errs() << text << "\n";
  }
};
} // namespace

Session::Session(const CommonOptions &commonOptions)
    : options(commonOptions),
      context(makeRegistry(), MLIRContext::Threading::DISABLED),
      progress(llvm::sys::path::filename(options.model)),
      printer(&context, llvm::errs(), options.remarks || options.verbose,
              [this] { progress.pause(); }) {
  context.loadAllAvailableDialects();
  // A person asked about a model, not for a dump of our program.
  context.printOpOnDiagnostic(false);
  if (options.remarks) {
    remark::RemarkCategories all{std::nullopt, ".*", ".*", ".*", ".*"};
    if (failed(remark::enableOptimizationRemarks(
            context, std::make_unique<RemarkPrinter>(),
            std::make_unique<remark::RemarkEmittingPolicyAll>(), all,
            /*printAsEmitRemarks=*/false)))
      llvm::errs() << "qcc: warning: remarks cannot be shown\n";
  }
  timing.setEnabled(options.timePasses);
  timingRoot = timing.getRootScope();
}

std::string Session::getModelName() const {
  return llvm::sys::path::stem(options.model).str();
}

int Session::fail(llvm::Error error) {
  progress.pause();
  DiagnosticPrinter::print(llvm::errs(), std::move(error));
  return 1;
}

int Session::fail(const Twine &message) {
  return fail(llvm::createStringError(llvm::inconvertibleErrorCode(), message));
}

OwningOpRef<ModuleOp> Session::load() {
  progress.enter("import");
  ImportOptions importOptions;
  importOptions.rounding = options.rounding;
  importOptions.roundActivations = options.roundActivations;
  importOptions.strict = options.strict;
  importOptions.hasNHWCInterface = options.hasNHWCInterface;
  for (const std::string &text : options.inputShapes) {
    auto shape = parseInputShape(text);
    if (!shape)
      return fail("--input-shape=" + text + ": " +
                  llvm::toString(shape.takeError())),
             nullptr;
    importOptions.inputShapes.push_back(std::move(*shape));
  }
  for (const std::string &text : options.bindings) {
    auto [name, path] = StringRef(text).rsplit('=');
    if (name.empty() || path.empty() || name.size() == text.size())
      return fail("--bind=" + text + ": expected NAME=x.npy"), nullptr;
    llvm::Expected<NpyArray> array = readNpy(path);
    if (!array)
      return fail(array.takeError()), nullptr;
    importOptions.bindings.emplace_back(name.str(), std::move(*array));
  }
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> file =
      readModelFile(options.model);
  if (!file)
    return fail(file.takeError()), nullptr;
  TimingScope scope = timingRoot.nest("import");
  return importModel(&context, (*file)->getMemBufferRef(), importOptions);
}

FailureOr<CodeOptions> Session::resolve(StringRef cpu) {
  TargetRequest request = options.request;
  if (!cpu.empty())
    request.cpu = cpu.str();
  llvm::Expected<TargetDescription> target = resolveTarget(request);
  if (!target)
    return fail(target.takeError()), failure();
  CodeOptions code;
  code.name = "model";
  code.request = request;
  code.target = std::move(*target);
  code.origin = llvm::sys::path::filename(options.model).str();
  code.ioInArena = options.ioInArena;
  code.strict = options.strict;
  code.threads = options.threads;
  code.kernel = options.kernel;
  code.goal = options.goal;
  code.packActivations = options.packActivations;
  code.codegen.section = options.section;
  code.codegen.optimization = options.optimization;
  if (options.verbose)
    tellTarget(code);
  return code;
}

/// Whether two names are of one file, which need not exist. What is written to
/// a device is not there to be lost.
static bool isSameFile(StringRef a, StringRef b) {
  namespace fs = llvm::sys::fs;
  if (fs::exists(a) && !fs::is_regular_file(a))
    return false;
  if (fs::equivalent(a, b))
    return true;
  SmallString<256> first(a), second(b);
  for (SmallString<256> *path : {&first, &second}) {
    (void)fs::make_absolute(*path);
    llvm::sys::path::remove_dots(*path);
  }
  return first == second;
}

bool Session::checkNotOverwritten(ArrayRef<std::string> written,
                                  std::vector<std::string> read) {
  read.push_back(options.model);
  for (StringRef binding : options.bindings)
    read.push_back(binding.rsplit('=').second.str());
  auto isFile = [](StringRef path) { return !path.empty() && path != "-"; };
  for (auto [index, path] : llvm::enumerate(written)) {
    if (!isFile(path))
      continue;
    for (const std::string &other : read)
      if (isFile(other) && isSameFile(path, other))
        return fail("'" + path +
                    "' would be overwritten, but it is read: name "
                    "another output"),
               false;
    for (const std::string &other : written.take_front(index))
      if (isFile(other) && isSameFile(path, other))
        return fail("'" + path +
                    "' would be written twice: name another "
                    "output"),
               false;
  }
  return true;
}

void Session::tellTarget(const CodeOptions &code) {
  progress.pause();
  llvm::errs() << "qcc: code for "
               << (code.target.isNative ? "this machine (--mcpu=native): " : "")
               << describeTarget(code.target) << "\n";
}

StageObserver Session::observe() {
  StageObserver observer;
  observer.enter = [this](StringRef step) {
    if (options.verbose)
      llvm::errs() << "qcc: " << step << "\n";
    progress.enter(step);
  };
  observer.printAfterAll = options.printAfterAll;
  observer.printPipelines = options.printPipeline;
  if (options.timePasses)
    observer.timing = &timingRoot;
  return observer;
}

std::string getDumpFileName(int64_t op, StringRef name) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (op >= 0)
    stream << llvm::format("%03lld", static_cast<long long>(op)) << "_";
  // File systems take 255 bytes, and tensor names go far beyond.
  for (char c : name.take_front(150))
    stream << (llvm::isAlnum(c) || c == '-' || c == '.' ? c : '_');
  stream << ".npy";
  return text;
}

} // namespace qcc
