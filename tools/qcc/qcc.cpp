// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The command line of qcc: words become the structs that lib/Driver acts on.

#include "qcc/Driver/Commands.h"
#include "qcc/Driver/Diagnostics.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Option/Arg.h"
#include "llvm/Option/ArgList.h"
#include "llvm/Option/OptTable.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>

using namespace llvm;
using namespace qcc;

namespace {

#define OPTTABLE_STR_TABLE_CODE
#include "Options.inc"
#undef OPTTABLE_STR_TABLE_CODE

#define OPTTABLE_PREFIXES_TABLE_CODE
#include "Options.inc"
#undef OPTTABLE_PREFIXES_TABLE_CODE

enum OptionVisibility {
#define OPTTABLE_VISIBILITY_CODE
  CompileVis = 1 << 1,
  RunVis = 1 << 2,
  BenchVis = 1 << 3,
  InfoVis = 1 << 4,
  DiffVis = 1 << 5,
};
using opt::DefaultVis;
using opt::HelpHidden;

enum OptionID {
  OPT_INVALID,
#define OPTION(...) LLVM_MAKE_OPT_ID(__VA_ARGS__),
#include "Options.inc"
#undef OPTION
};

constexpr opt::OptTable::Info optionInfos[] = {
#define OPTION(...) LLVM_CONSTRUCT_OPT_INFO(__VA_ARGS__),
#include "Options.inc"
#undef OPTION
};

class QCCOptions : public opt::GenericOptTable {
public:
  QCCOptions()
      : GenericOptTable(OptionStrTable, OptionPrefixesTable, optionInfos) {}
};

struct Subcommand {
  StringRef name;
  unsigned visibility;
  const char *usage;
  const char *title;
};

constexpr Subcommand subcommands[] = {
    {"", CompileVis, "qcc MODEL [options] -o FILE",
     "qcc compiles a quantized neural network (.tflite, .onnx, or MLIR) to "
     "code "
     "that needs no interpreter,\nno heap and no library.\n\n"
     "  qcc model.tflite -o model.o             object and model.h, for this "
     "machine\n"
     "  qcc model.tflite --target=thumbv7em-none-eabihf --mcpu=cortex-m4 -o "
     "libmodel.a\n"
     "  qcc model.tflite --emit=asm -o -        the code, to read\n\n"
     "Other commands; each has its own --help:\n"
     "  qcc run     run a model on .npy files\n"
     "  qcc bench   measure its latency\n"
     "  qcc info    show its layers and what they cost\n"
     "  qcc diff    find the first layer in which two ways of running it "
     "differ"},
    {"run", RunVis, "qcc run MODEL --input=x.npy --output=y.npy [options]",
     "Compiles a model for this machine and runs it on the samples of .npy "
     "files.\n\n"
     "Quantized tensors are raw integers. A first axis of N times the model's "
     "batch runs N samples; otherwise\nany shape with the right number of "
     "elements is taken."},
    {"bench", BenchVis, "qcc bench MODEL [options]",
     "Compiles a model for this machine and measures its latency: median, "
     "minimum and 99th percentile."},
    {"info", InfoVis, "qcc info MODEL [options]",
     "Shows a model's operations with types, shapes, multiply-accumulates "
     "(MACs) and bytes, and the memory\nthat its code needs."},
    {"diff", DiffVis, "qcc diff MODEL [WAY [WAY]] [options]",
     "Runs a model two ways on the same input (random if none is given) and "
     "shows the first layer whose results\ndiffer, and by how much. A WAY is "
     "'interpret', a CPU ('native', 'x86-64-v2', …), or a directory that\n"
     "'qcc run --dump-tensors' wrote. Default: interpret and native. Exit "
     "status 1 when they differ."},
};

/// Prints \p text in lines of at most 100 columns, from \p column on.
void printWrapped(StringRef text, size_t column) {
  size_t used = column;
  SmallVector<StringRef> words;
  text.split(words, ' ');
  for (StringRef word : words) {
    if (used > column && used + 1 + word.size() > 100) {
      outs() << "\n" << std::string(column, ' ');
      used = column;
    }
    outs() << (used > column ? " " : "") << word;
    used += word.size() + (used > column);
  }
  outs() << "\n";
}

/// Usage, and the options that \p subcommand knows, what matters most first.
void printHelp(const QCCOptions &options, const Subcommand &subcommand) {
  outs() << "usage: " << subcommand.usage << "\n\n" << subcommand.title << "\n";
  const std::pair<unsigned, StringRef> groups[] = {
      {OPT_OutputGroup, "Output"},       {OPT_RunGroup, "Running"},
      {OPT_ModelGroup, "Model"},         {OPT_TargetGroup, "Target"},
      {OPT_LookGroup, "Looking inside"}, {OPT_INVALID, "Help"}};
  for (auto [group, heading] : groups) {
    bool first = true;
    for (const opt::OptTable::Info &info : optionInfos) {
      if (!(info.Visibility & subcommand.visibility) || !info.HelpText ||
          info.GroupID != group || info.Kind == opt::Option::GroupClass)
        continue;
      if (first)
        outs() << "\n" << heading << ":\n";
      first = false;
      std::string name = options.getOptionPrefixedName(info.ID).str();
      if (info.Kind == opt::Option::JoinedOrSeparateClass)
        name += " ";
      if (info.MetaVar)
        name += info.MetaVar;
      outs() << "  " << name;
      size_t column = 27;
      if (name.size() + 4 > column)
        outs() << "\n" << std::string(column, ' ');
      else
        outs() << std::string(column - 2 - name.size(), ' ');
      printWrapped(info.HelpText, column);
    }
  }
}

/// Prints an error about the command line; the exit status.
int complain(const Twine &message) {
  errs() << "qcc: error: " << message << "\n";
  return 1;
}

/// Turns the parsed arguments into structs; errors are printed at once.
class CommandLine {
public:
  CommandLine(const Subcommand &parsedSubcommand, const opt::InputArgList &list,
              std::string path)
      : subcommand(parsedSubcommand), args(list), program(std::move(path)) {}

  int run();

private:
  bool readCommon(CommonOptions &common);
  bool readCompile(CompileCommand &command);
  /// The one positional argument, the model.
  bool readModel(CommonOptions &common, size_t most);
  bool fail(const Twine &message) {
    complain(message);
    return false;
  }
  /// Reports that `arg` has a value that is none of `known`.
  bool badValue(OptionID id, StringRef known) {
    const opt::Arg *arg = args.getLastArg(id);
    return fail(arg->getAsString(args) + ": expected " + known);
  }

  const Subcommand &subcommand;
  const opt::InputArgList &args;
  std::string program;
};

bool CommandLine::readModel(CommonOptions &common, size_t most) {
  std::vector<std::string> inputs = args.getAllArgValues(OPT_INPUT);
  if (inputs.empty())
    return fail("no model given; usage: " + Twine(subcommand.usage) +
                " (more by --help)");
  if (inputs.size() > most && subcommand.name.empty())
    for (const Subcommand &other : subcommands)
      if (StringRef(inputs[0]).edit_distance(other.name) <= 2 &&
          !other.name.empty() && inputs[0].size() > 2)
        return fail("unknown command '" + inputs[0] + "'; did you mean '" +
                    other.name + "'?");
  if (inputs.size() > most)
    return fail("'" + inputs[most] +
                "' is one argument too many; usage: " + subcommand.usage);
  common.model = inputs[0];
  return true;
}

bool CommandLine::readCommon(CommonOptions &common) {
  common.request.triple = args.getLastArgValue(OPT_target).str();
  common.request.cpu = args.getLastArgValue(OPT_mcpu).str();
  common.request.features = args.getLastArgValue(OPT_mattr).str();
  if (const opt::Arg *arg =
          args.getLastArg(OPT_integer_only, OPT_integer_only_EQ)) {
    StringRef value = arg->getNumValues() ? arg->getValue() : "true";
    if (value != "true" && value != "false")
      return badValue(OPT_integer_only_EQ, "true or false");
    common.request.integerOnly = value == "true";
  }
  StringRef io = args.getLastArgValue(OPT_io, "caller");
  if (io != "caller" && io != "arena")
    return badValue(OPT_io, "caller or arena");
  common.ioInArena = io == "arena";
  common.strict = args.hasArg(OPT_strict);
  StringRef activations =
      args.getLastArgValue(OPT_dynamic_activations, "float");
  if (activations != "float" && activations != "int8")
    return badValue(OPT_dynamic_activations, "float or int8");
  common.roundActivations = activations == "int8";
  common.hasNHWCInterface = args.hasArg(OPT_nhwc_io);
  if (args.hasArg(OPT_threads) &&
      (args.getLastArgValue(OPT_threads).getAsInteger(10, common.threads) ||
       common.threads < 1 || common.threads > mostThreads))
    return badValue(OPT_threads, "a number from 1 to 32");
  common.kernel = args.getLastArgValue(OPT_kernel, "auto").str();
  if (common.kernel != "auto" && !parseKernelFamily(common.kernel))
    return badValue(OPT_kernel, kKernelFamilies);
  common.goal = args.getLastArgValue(OPT_goal, "time").str();
  if (!parseKernelGoal(common.goal))
    return badValue(OPT_goal, kKernelGoals);
  common.packActivations = args.getLastArgValue(OPT_pack_activations).str();
  if (args.hasArg(OPT_pack_activations) &&
      !llvm::is_contained({"auto", "always", "never"}, common.packActivations))
    return badValue(OPT_pack_activations, "auto, always or never");
  std::optional<qnn::Rounding> rounding =
      parseRounding(args.getLastArgValue(OPT_rounding, "tflite"));
  if (!rounding)
    return badValue(OPT_rounding, "tflite, tflite-single or xnnpack");
  common.rounding = *rounding;
  auto level = StringSwitch<std::optional<OptimizationLevel>>(
                   args.getLastArgValue(OPT_optimize, "1"))
                   .Case("0", OptimizationLevel::None)
                   .Case("1", OptimizationLevel::Clean)
                   .Case("2", OptimizationLevel::O2)
                   .Default(std::nullopt);
  if (!level)
    return badValue(OPT_optimize, "0, 1 or 2");
  common.optimization = *level;
  common.bindings = args.getAllArgValues(OPT_bind);
  common.inputShapes = args.getAllArgValues(OPT_input_shape);
  common.section = args.getLastArgValue(OPT_section).str();
  common.verbose = args.hasArg(OPT_verbose);
  common.remarks = args.hasArg(OPT_remarks);
  common.printPipeline = args.hasArg(OPT_print_pipeline);
  common.printAfterAll = args.hasArg(OPT_print_ir);
  common.timePasses = args.hasArg(OPT_time_passes);
  return true;
}

bool CommandLine::readCompile(CompileCommand &command) {
  command.output = args.getLastArgValue(OPT_output).str();
  command.name = args.getLastArgValue(OPT_name).str();
  command.header = args.getLastArgValue(OPT_header).str();
  command.programPath = program;
  if (args.hasArg(OPT_emit)) {
    command.emit = parseOutputKind(args.getLastArgValue(OPT_emit));
    if (!command.emit)
      return badValue(OPT_emit,
                      "obj, lib, exe, asm, llvm-ir, bitcode, c or mlir");
  }
  if (args.hasArg(OPT_stop_after)) {
    command.stopAfter = parseStage(args.getLastArgValue(OPT_stop_after));
    if (!command.stopAfter)
      return badValue(OPT_stop_after, listStages());
  }
  return true;
}

int CommandLine::run() {
  switch (subcommand.visibility) {
  case CompileVis: {
    CompileCommand command;
    return readModel(command, 1) && readCommon(command) && readCompile(command)
               ? runCompile(command)
               : 1;
  }
  case RunVis: {
    RunCommand command;
    if (!readModel(command, 1) || !readCommon(command))
      return 1;
    command.inputs = args.getAllArgValues(OPT_input);
    command.outputs = args.getAllArgValues(OPT_run_output);
    command.interpret = args.hasArg(OPT_interpret);
    command.guard = args.hasArg(OPT_guard);
    command.floatIO = args.hasArg(OPT_float_io);
    command.resetEach = args.hasArg(OPT_reset_each);
    command.dumpTensors = args.getLastArgValue(OPT_dump_tensors).str();
    return runModel(command);
  }
  case BenchVis: {
    BenchCommand command;
    if (!readModel(command, 1) || !readCommon(command))
      return 1;
    if (args.hasArg(OPT_runs) &&
        (args.getLastArgValue(OPT_runs).getAsInteger(10, command.runs) ||
         command.runs < 100))
      return badValue(OPT_runs, "a number, 100 or more"), 1;
    command.json = args.hasArg(OPT_json);
    command.layers = args.hasArg(OPT_layers);
    return runBench(command);
  }
  case InfoVis: {
    InfoCommand command;
    if (!readModel(command, 1) || !readCommon(command))
      return 1;
    command.json = args.hasArg(OPT_json);
    return runInfo(command);
  }
  case DiffVis: {
    DiffCommand command;
    if (!readModel(command, 3) || !readCommon(command))
      return 1;
    std::vector<std::string> words = args.getAllArgValues(OPT_INPUT);
    // One WAY is compared with the definition.
    if (words.size() == 2)
      command.second = words[1];
    if (words.size() == 3) {
      command.first = words[1];
      command.second = words[2];
    }
    command.inputs = args.getAllArgValues(OPT_input);
    command.floatIO = args.hasArg(OPT_float_io);
    return runDiff(command);
  }
  }
  llvm_unreachable("every subcommand is handled");
}

} // namespace

/// LLVM's last resort, for what it cannot select or encode, is abort(): here it
/// is a diagnostic like any other, and temporary files go away.
static void reportFatalError(void *, const char *reason, bool) {
  errs() << "qcc: error: code generation failed: " << reason << "\n";
  sys::RunInterruptHandlers();
  std::_Exit(1);
}

static int runCommandLine(int argc, char **argv) {
  QCCOptions options;
  ArrayRef<const char *> words(argv + 1, argv + argc);
  const Subcommand *subcommand = &subcommands[0];
  if (!words.empty())
    for (const Subcommand &candidate : subcommands)
      if (!candidate.name.empty() && candidate.name == words[0]) {
        subcommand = &candidate;
        words = words.drop_front();
        break;
      }

  opt::Visibility visibility(subcommand->visibility);
  unsigned missingIndex = 0, missingCount = 0;
  opt::InputArgList args =
      options.ParseArgs(words, missingIndex, missingCount, visibility);
  if (args.hasArg(OPT_help)) {
    printHelp(options, *subcommand);
    return 0;
  }
  if (args.hasArg(OPT_version)) {
    outs() << "qcc " << QCC_VERSION << "\n";
    return 0;
  }
  if (missingCount)
    return complain(Twine(args.getArgString(missingIndex)) + " needs a value");
  for (const opt::Arg *arg : args.filtered(OPT_UNKNOWN)) {
    std::string text = arg->getAsString(args), nearest;
    bool close = options.findNearest(text, nearest, visibility) <= 2;
    return complain("unknown option '" + text + "'" +
                    (close ? "; did you mean '" + nearest + "'?"
                           : "; see qcc " + subcommand->name.str() +
                                 (subcommand->name.empty() ? "" : " ") +
                                 "--help"));
  }
  // An empty value is a variable of a script that was not set.
  for (const opt::Arg *arg : args)
    if (!arg->getOption().matches(OPT_INPUT) &&
        !arg->getOption().matches(OPT_mattr) && arg->getNumValues() == 1 &&
        arg->getValue()[0] == 0)
      return complain(arg->getSpelling() + " needs a value");
  // Asking what is known needs no model.
  TargetRequest asked;
  asked.triple = args.getLastArgValue(OPT_target).str();
  if (asked.triple == "help")
    return listTargets();
  if (args.getLastArgValue(OPT_mcpu) == "help")
    return listCPUs(asked);
  if (args.getLastArgValue(OPT_mattr) == "help")
    return listFeatures(asked);
  std::string program =
      sys::fs::getMainExecutable(argv[0], reinterpret_cast<void *>(&complain));
  return CommandLine(*subcommand, args, program).run();
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  install_fatal_error_handler(reportFatalError);
  int status = runCommandLine(argc, argv);
  outs().flush();
  if (std::error_code error = outs().error()) {
    outs().clear_error();
    return complain("standard output: " + error.message());
  }
  return status;
}
