// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qcc's subcommands as functions of plain structs: what the command line says
// is the tool's business, what happens is here.

#ifndef QCC_DRIVER_COMMANDS_H
#define QCC_DRIVER_COMMANDS_H

#include "qcc/Dialect/QNN/IR/QNN.h"
#include "qcc/Driver/Compiler.h"
#include "qcc/Pipelines/Pipelines.h"
#include "qcc/Target/CodeGen.h"
#include "qcc/Target/TargetDescription.h"

#include <optional>
#include <string>
#include <vector>

namespace qcc {

/// What every subcommand knows.
struct CommonOptions {
  /// The model file; "-": standard input.
  std::string model;
  qnn::Rounding rounding = qnn::Rounding::TfliteDouble;
  /// "NAME=x.npy" and "NAME=1,49,10,1", as given.
  std::vector<std::string> bindings, inputShapes;
  TargetRequest request;
  bool ioInArena = false;
  /// See CodeOptions.
  bool strict = false;
  /// As ImportOptions has them.
  bool roundActivations = false, hasNHWCInterface = false;
  int64_t threads = 1;
  std::string kernel = "auto", goal = "time", packActivations;
  std::string section;
  OptimizationLevel optimization = OptimizationLevel::Clean;

  bool verbose = false;
  bool remarks = false;
  bool printPipeline = false;
  bool printAfterAll = false;
  bool timePasses = false;
};

struct CompileCommand : CommonOptions {
  /// Unset: by the suffix of `output`.
  std::optional<OutputKind> emit;
  /// With MLIR: the last stage to run; unset: the last that MLIR has.
  std::optional<Stage> stopAfter;
  /// Path, or "-"; empty: standard output for texts, an error for the rest.
  std::string output;
  /// C prefix; empty: from `output`.
  std::string name;
  /// Empty: beside the output.
  std::string header;
  /// Where this program lies, which the files around an executable are found
  /// from (see findShareDirectory), and the C compiler that links it.
  std::string programPath;
  std::string clang = "clang-22";
};

struct RunCommand : CommonOptions {
  /// "x.npy" in order or "NAME=x.npy".
  std::vector<std::string> inputs, outputs;
  bool interpret = false;
  /// Run compiled code between guard pages (see CompiledRunner).
  bool guard = false;
  bool floatIO = false;
  bool resetEach = false;
  /// Directory for every layer's result; empty: none.
  std::string dumpTensors;
};

struct BenchCommand : CommonOptions {
  /// At least 100; 0: 100, and more while a second is not over.
  unsigned runs = 0;
  bool json = false;
  bool layers = false;
};

struct InfoCommand : CommonOptions {
  bool json = false;
};

struct DiffCommand : CommonOptions {
  /// Ways of running the model: "interpret", a CPU's name, or a directory of
  /// tensors that `run --dump-tensors` wrote.
  std::string first = "interpret", second = "native";
  std::vector<std::string> inputs;
  bool floatIO = false;
};

/// Each returns the exit status: 0, or 1 after a diagnostic on stderr.
int runCompile(const CompileCommand &command);
int runModel(const RunCommand &command);
int runBench(const BenchCommand &command);
int runInfo(const InfoCommand &command);
/// 1 also when the two ways differ.
int runDiff(const DiffCommand &command);
/// --target=help, and --mcpu=help and --mattr=help for `request.triple`: lists
/// on stdout.
int listTargets();
int listCPUs(const TargetRequest &request);
int listFeatures(const TargetRequest &request);

} // namespace qcc

#endif // QCC_DRIVER_COMMANDS_H
