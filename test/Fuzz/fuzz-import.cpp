// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Feeds damaged .tflite and .onnx files to the importer, the verifier and the
// interpreter, each in a process of its own with limits on time and memory.
// What is allowed is a verified module, or a refusal with exactly one error.

#include "ImportMutant.h"
#include "Mutator.h"

#include "qcc/Support/File.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace qcc;
using namespace qcc::fuzz;

namespace {

llvm::cl::list<std::string>
    models(llvm::cl::Positional, llvm::cl::OneOrMore,
           llvm::cl::desc("<model.tflite or .onnx> ..."));
llvm::cl::opt<unsigned> count("count", llvm::cl::init(1200),
                              llvm::cl::desc("how many damaged files"));
llvm::cl::opt<uint64_t> seed("seed", llvm::cl::init(1),
                             llvm::cl::desc("of the random numbers"));
llvm::cl::opt<unsigned> seconds("seconds", llvm::cl::init(10),
                                llvm::cl::desc("limit for one file"));
llvm::cl::opt<unsigned> megabytes("megabytes", llvm::cl::init(1024),
                                  llvm::cl::desc("limit for one file"));
llvm::cl::opt<std::string>
    save("save", llvm::cl::init("."),
         llvm::cl::desc("directory for files that fail"));
llvm::cl::opt<std::string>
    keep("keep", llvm::cl::desc("directory for files that are imported after "
                                "all, to feed them to the compiler"));
llvm::cl::opt<bool> verbose("v", llvm::cl::desc("print every file's outcome"));

/// What became of one file in its own process.
struct Report {
  int status = 0;
  double secondsTaken = 0;
  long kilobytes = 0;
  std::string message;
};

Report run(llvm::ArrayRef<uint8_t> bytes, Format format) {
  Report report;
  int pipeEnds[2];
  if (pipe(pipeEnds) != 0)
    llvm::report_fatal_error("no pipe");
  llvm::outs().flush();
  pid_t child = fork();
  if (child == 0) {
    close(pipeEnds[0]);
    alarm(seconds);
    std::string message;
    Outcome outcome = importMutant(bytes, format, message);
    message.resize(std::min<size_t>(message.size(), 400));
    (void)!write(pipeEnds[1], message.data(), message.size());
    _exit(outcome);
  }
  close(pipeEnds[1]);
  char buffer[400];
  ssize_t got = read(pipeEnds[0], buffer, sizeof(buffer));
  close(pipeEnds[0]);
  if (got > 0)
    report.message.assign(buffer, got);
  struct rusage usage;
  wait4(child, &report.status, 0, &usage);
  report.kilobytes = usage.ru_maxrss;
  report.secondsTaken = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
                        (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  return report;
}

std::string complaintOf(const Report &report) {
  if (WIFSIGNALED(report.status))
    return WTERMSIG(report.status) == SIGALRM
               ? "takes longer than " + std::to_string(seconds) + " s"
               : "is killed by signal " +
                     std::to_string(WTERMSIG(report.status));
  int status = WEXITSTATUS(report.status);
  if (status == WrongErrors)
    return "is not refused with one error";
  if (status != Imported && status != Refused)
    return "ends with status " + std::to_string(status) + " (a sanitizer's)";
  if (report.kilobytes > long(megabytes) * 1024)
    return "needs " + std::to_string(report.kilobytes / 1024) + " MB";
  return "";
}

} // namespace

int main(int argc, char **argv) {
  llvm::cl::ParseCommandLineOptions(argc, argv,
                                    "feeds damaged models to the importer\n");
  std::vector<std::unique_ptr<llvm::MemoryBuffer>> files;
  std::vector<std::unique_ptr<Mutator>> mutators;
  for (const std::string &path : models) {
    auto file = readFile(path);
    if (!file) {
      llvm::errs() << toString(file.takeError()) << "\n";
      return 1;
    }
    llvm::StringRef bytes = (*file)->getBuffer();
    mutators.push_back(createMutator(
        formatOf(path),
        {reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()}));
    files.push_back(std::move(*file));
  }

  unsigned imported = 0, damaged = 0, failures = 0, changes = 0, structural = 0;
  double slowest = 0;
  long largest = 0;
  for (unsigned i = 0; i < count; ++i) {
    // Each file from its own seed, so that one can be made again alone.
    fuzz::Random random(seed * 1000003 + i);
    size_t model = i % mutators.size();
    Format format = formatOf(models[model]);
    fuzz::Mutant mutant = mutators[model]->mutate(random);
    Report report = run(mutant.bytes, format);
    changes += mutant.changes;
    structural += mutant.structural;
    slowest = std::max(slowest, report.secondsTaken);
    largest = std::max(largest, report.kilobytes);
    std::string complaint = complaintOf(report);
    imported += complaint.empty() && WEXITSTATUS(report.status) == Imported;
    damaged += llvm::StringRef(report.message).contains("tables reach outside");
    if (verbose)
      llvm::outs() << i << ": " << models[model] << ": " << mutant.description
                   << ": "
                   << (report.message.empty() ? "imported" : report.message)
                   << "\n";
    bool isImported =
        complaint.empty() && WEXITSTATUS(report.status) == Imported;
    if (complaint.empty() && (!isImported || keep.empty()))
      continue;
    std::string path = (isImported ? keep : save) + "/fuzz-" +
                       std::to_string(seed) + "-" + std::to_string(i) +
                       (format == Format::ONNX ? ".onnx" : ".tflite");
    llvm::consumeError(writeFileAtomically(
        path, llvm::StringRef(reinterpret_cast<char *>(mutant.bytes.data()),
                              mutant.bytes.size())));
    if (isImported)
      continue;
    ++failures;
    llvm::outs() << "FAILED: " << path << " " << complaint << "; made from "
                 << models[model] << ": " << mutant.description << "\n";
  }
  llvm::outs() << count << " damaged files of " << mutators.size()
               << " models, " << structural << " of " << changes
               << " changes in tables, offsets, lengths and enums: " << imported
               << " imported, " << count - imported - failures
               << " refused with one error (" << damaged
               << " by the tables' bounds), " << failures << " failed; at most "
               << llvm::format("%.2f", slowest) << " s and " << largest / 1024
               << " MB\n";
  if (structural * 2 < changes) {
    llvm::outs() << "fewer than half of the changes are structural\n";
    return 1;
  }
  return failures != 0;
}
