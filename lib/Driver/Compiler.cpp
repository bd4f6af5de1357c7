// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs the stages of the compiler, one pass manager each, so that every stage
// can be watched, timed and stopped after.

#include "qcc/Driver/Compiler.h"

#include "qcc/Conversion/Passes.h"
#include "qcc/Dialect/QNN/Transforms/Passes.h"
#include "qcc/Reference/Interpreter.h"
#include "qcc/Reference/Passes.h"
#include "qcc/Target/CEmitter.h"
#include "qcc/Target/HeaderWriter.h"
#include "qcc/Target/LowerToLLVM.h"
#include "qcc/Target/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace qcc {

void registerDriverDialects(DialectRegistry &registry) {
  registry.insert<func::FuncDialect, quant::QuantDialect, qnn::QNNDialect>();
  reference::registerReferenceInterfaces(registry);
  registerTargetDialects(registry);
}

void registerDriverPasses() {
  qnn::registerQNNTransformsPasses();
  reference::registerReferencePasses();
  registerConversionPasses();
  registerTargetPasses();
  registerPipelines();
}

static void buildStage(OpPassManager &pm, Stage stage,
                       const CodeOptions &options, bool isONNX) {
  switch (stage) {
  case Stage::Import:
    return;
  case Stage::Optimize: {
    OptimizeOptions optimize;
    if (isONNX)
      optimize.unfused = options.strict ? "error" : "warn";
    return buildOptimizePipeline(pm, optimize);
  }
  case Stage::Select: {
    SelectOptions select;
    // The resolved names: a pipeline that is printed runs anywhere the same.
    select.triple = options.target.triple.str();
    select.mcpu = options.target.cpu;
    select.mattr = options.target.features;
    select.scalarC = options.isC;
    select.threads = static_cast<unsigned>(options.threads);
    select.kernel = options.kernel;
    select.goal = options.goal;
    select.integerOnly = options.target.facts.integerOnly ? "true" : "false";
    return buildSelectPipeline(pm, select, options.kernels);
  }
  case Stage::Schedule: {
    ScheduleOptions schedule;
    schedule.ioInArena = options.ioInArena;
    schedule.packRows = !options.packActivations.empty()
                            ? options.packActivations
                        : options.goal == "size" ? "smaller"
                                                 : "auto";
    return buildSchedulePipeline(pm, schedule, options.kernels);
  }
  case Stage::Loops: {
    LoopsOptions loops;
    loops.name = options.name;
    return buildLoopsPipeline(pm, loops, options.kernels);
  }
  case Stage::LLVM:
    return buildLLVMPipeline(pm);
  }
}

LogicalResult runStages(ModuleOp module, Stage from, Stage to,
                        const CodeOptions &options,
                        const StageObserver &observer, ModelABI *abi) {
  for (int i = static_cast<int>(from) + 1; i <= static_cast<int>(to); ++i) {
    auto stage = static_cast<Stage>(i);
    if (observer.enter)
      observer.enter(stringifyStage(stage));
    PassManager pm(module.getContext(), ModuleOp::getOperationName());
    if (observer.printAfterAll)
      pm.enableIRPrinting(
          [](Pass *, Operation *) { return false; },
          [](Pass *, Operation *) { return true; }, /*printModuleScope=*/true,
          /*printAfterOnlyOnChange=*/true, /*printAfterOnlyOnFailure=*/false);
    TimingScope scope;
    if (observer.timing) {
      scope = observer.timing->nest(stringifyStage(stage));
      pm.enableTiming(scope);
    }
    auto origin = module->getAttrOfType<StringAttr>("qnn.origin");
    buildStage(pm, stage, options, origin && origin.getValue() == "onnx");
    if (observer.printPipelines) {
      llvm::errs() << stringifyStage(stage) << ": ";
      pm.printAsTextualPipeline(llvm::errs());
      llvm::errs() << "\n";
    }
    if (failed(pm.run(module)))
      return failure();
    if (stage == Stage::Schedule && abi) {
      FailureOr<ModelABI> described = describeInterface(module, options);
      if (failed(described))
        return failure();
      *abi = std::move(*described);
    }
  }
  return success();
}

LogicalResult fuseQuantizers(ModuleOp module) {
  auto origin = module->getAttrOfType<StringAttr>("qnn.origin");
  if (!origin || origin.getValue() != "onnx")
    return success();
  PassManager pm(module.getContext(), ModuleOp::getOperationName());
  buildFuseQuantizersPipeline(pm);
  return pm.run(module);
}

FailureOr<SmallVector<char, 0>>
generateModelCode(ModuleOp module, EmitKind kind, const CodeOptions &options,
                  const StageObserver &observer, ModelABI &abi) {
  if (failed(runStages(module, Stage::Import, Stage::LLVM, options, observer,
                       &abi)))
    return failure();
  if (observer.enter)
    observer.enter("code generation");
  TimingScope scope;
  if (observer.timing)
    scope = observer.timing->nest("code generation");
  return compileModule(module, options.target, kind, abi, options.codegen);
}

std::optional<qnn::Rounding> parseRounding(StringRef name) {
  return llvm::StringSwitch<std::optional<qnn::Rounding>>(name)
      .Case("tflite", qnn::Rounding::TfliteDouble)
      .Case("tflite-single", qnn::Rounding::TfliteSingle)
      .Case("xnnpack", qnn::Rounding::HalfEvenFloat)
      .Default(std::nullopt);
}

std::optional<OutputKind> parseOutputKind(StringRef name) {
  return llvm::StringSwitch<std::optional<OutputKind>>(name)
      .Case("obj", OutputKind::Object)
      .Case("lib", OutputKind::Library)
      .Case("exe", OutputKind::Executable)
      .Case("asm", OutputKind::Assembly)
      .Case("llvm-ir", OutputKind::LLVMIR)
      .Case("bitcode", OutputKind::Bitcode)
      .Case("c", OutputKind::C)
      .Case("mlir", OutputKind::MLIR)
      .Default(std::nullopt);
}

TargetRequest getRequestFor(OutputKind kind, TargetRequest request) {
  if (kind == OutputKind::C && request.triple.empty())
    request.triple = "generic";
  return request;
}

bool isMachineCode(OutputKind kind) {
  switch (kind) {
  case OutputKind::Object:
  case OutputKind::Library:
  case OutputKind::Executable:
  case OutputKind::Assembly:
    return true;
  case OutputKind::LLVMIR:
  case OutputKind::Bitcode:
  case OutputKind::C:
  case OutputKind::MLIR:
    return false;
  }
  llvm_unreachable("covered switch");
}

/// The text of a C source, for a scalar target.
static FailureOr<std::string> generateC(ModuleOp module,
                                        const CodeOptions &options,
                                        const StageObserver &observer,
                                        ModelABI &abi) {
  const TargetFacts &facts = options.target.facts;
  if (facts.vectorBits || facts.hasDSP)
    return module.emitError("--emit=c writes code without vector or DSP "
                            "instructions, which target '")
           << options.target.triple.str() << "', cpu '" << options.target.cpu
           << "' has; leave --target out for portable C, or name a target "
              "without them";
  CodeOptions scalar = options;
  scalar.isC = true;
  if (failed(runStages(module, Stage::Import, Stage::Loops, scalar, observer,
                       &abi)))
    return failure();
  if (observer.enter)
    observer.enter("C");
  PassManager pm(module.getContext(), ModuleOp::getOperationName());
  TimingScope scope;
  if (observer.timing) {
    scope = observer.timing->nest("C");
    pm.enableTiming(scope);
  }
  buildLowerLoopsToCPipeline(pm);
  if (failed(pm.run(module)))
    return failure();
  std::string header =
      options.header.empty() ? options.name + ".h" : options.header;
  return emitC(module, abi, {header, options.codegen.section});
}

/// Fails for what assemblers and C compilers do not take as it stands.
static LogicalResult checkSection(ModuleOp module, StringRef section) {
  bool isPlain = llvm::all_of(section, [](char c) {
    return llvm::isAlnum(c) || StringRef("._$-").contains(c);
  });
  if (isPlain)
    return success();
  return module.emitError("section name '")
         << section
         << "' has other characters than letters, digits, '.', '_', "
            "'$' and '-'";
}

FailureOr<std::string> generateOutput(ModuleOp module, OutputKind kind,
                                      Stage stopAfter,
                                      const CodeOptions &options,
                                      const StageObserver &observer,
                                      ModelABI &abi) {
  if (failed(checkSection(module, options.codegen.section)))
    return failure();
  if (kind == OutputKind::MLIR) {
    if (failed(runStages(module, Stage::Import, stopAfter, options, observer,
                         &abi)))
      return failure();
    std::string text;
    llvm::raw_string_ostream stream(text);
    module.print(stream, OpPrintingFlags().enableDebugInfo());
    stream << "\n";
    return text;
  }
  if (kind == OutputKind::C)
    return generateC(module, options, observer, abi);
  EmitKind emit = kind == OutputKind::Assembly  ? EmitKind::Assembly
                  : kind == OutputKind::LLVMIR  ? EmitKind::LLVMIR
                  : kind == OutputKind::Bitcode ? EmitKind::Bitcode
                                                : EmitKind::Object;
  FailureOr<SmallVector<char, 0>> bytes =
      generateModelCode(module, emit, options, observer, abi);
  if (failed(bytes))
    return failure();
  StringRef contents(bytes->data(), bytes->size());
  if (kind != OutputKind::Library)
    return contents.str();
  auto archive = makeArchive(contents, abi.name + ".o");
  if (!archive)
    return module.emitError(llvm::toString(archive.takeError()));
  return (*archive)->getBuffer().str();
}

} // namespace qcc
