// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which passes a stage consists of, in which order.

#include "qcc/Pipelines/Pipelines.h"

#include "qcc/Conversion/Kernel.h"
#include "qcc/Conversion/Passes.h"
#include "qcc/Target/LowerToLLVM.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace qcc {

StringRef stringifyStage(Stage stage) {
  switch (stage) {
  case Stage::Import:
    return "import";
  case Stage::Optimize:
    return "optimize";
  case Stage::Select:
    return "select";
  case Stage::Schedule:
    return "schedule";
  case Stage::Loops:
    return "loops";
  case Stage::LLVM:
    return "llvm";
  }
  llvm_unreachable("covered switch");
}

std::optional<Stage> parseStage(StringRef name) {
  return llvm::StringSwitch<std::optional<Stage>>(name)
      .Case("import", Stage::Import)
      .Case("optimize", Stage::Optimize)
      .Case("select", Stage::Select)
      .Case("schedule", Stage::Schedule)
      .Case("loops", Stage::Loops)
      .Case("llvm", Stage::LLVM)
      .Default(std::nullopt);
}

std::string listStages() {
  return "import, optimize, select, schedule, loops, llvm";
}

static void verifyAfter(OpPassManager &pm, Stage stage) {
  pm.addPass(createVerifyStage({stringifyStage(stage).str()}));
}

void buildOptimizePipeline(OpPassManager &pm, const OptimizeOptions &options) {
  buildOptimizePasses(pm, options);
  verifyAfter(pm, Stage::Optimize);
}

void buildSelectPipeline(OpPassManager &pm, const SelectOptions &options,
                         Kernels kernels) {
  pm.addPass(createAttachTarget({options.triple, options.mcpu, options.mattr,
                                 options.integerOnly, options.scalarC,
                                 options.threads}));
  // Who asks for packed weights means their true size.
  std::string goal =
      parseKernelFamily(options.kernel) == KernelFamily::Container
          ? "size"
          : options.goal.getValue();
  pm.addPass(createSliceWeights({options.kernel, goal}));
  pm.addPass(createSetActivationSign());
  pm.addPass(createFormLayers());
  pm.addPass(createSelectKernels({options.kernel, goal}, kernels));
  pm.addPass(createFuseLayers(std::move(kernels)));
  verifyAfter(pm, Stage::Select);
}

void buildSchedulePipeline(OpPassManager &pm, const ScheduleOptions &options,
                           Kernels kernels) {
  pm.addPass(createPlanMemory({options.ioInArena, options.packRows},
                              std::move(kernels)));
  pm.addPass(createVerifyPlan());
  verifyAfter(pm, Stage::Schedule);
}

void buildLoopsPipeline(OpPassManager &pm, const LoopsOptions &options,
                        Kernels kernels) {
  pm.addPass(createConvertQNNToLoops({options.name}, std::move(kernels)));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  verifyAfter(pm, Stage::Loops);
}

void buildLLVMPipeline(OpPassManager &pm) {
  buildLowerLoopsToLLVMPipeline(pm);
  verifyAfter(pm, Stage::LLVM);
}

void registerPipelines() {
  registerPipelinesPasses();
  PassPipelineRegistration<OptimizeOptions>(
      "qcc-optimize", "from imported to optimized qnn", buildOptimizePipeline);
  PassPipelineRegistration<SelectOptions>(
      "qcc-select", "layers with kernels for a target",
      [](OpPassManager &pm, const SelectOptions &options) {
        buildSelectPipeline(pm, options);
      });
  PassPipelineRegistration<ScheduleOptions>(
      "qcc-schedule", "layouts and places in memory",
      [](OpPassManager &pm, const ScheduleOptions &options) {
        buildSchedulePipeline(pm, options);
      });
  PassPipelineRegistration<LoopsOptions>(
      "qcc-loops", "from scheduled qnn to loops over vectors",
      [](OpPassManager &pm, const LoopsOptions &options) {
        buildLoopsPipeline(pm, options);
      });
  PassPipelineRegistration<>("qcc-llvm", "from loops to the LLVM dialect",
                             buildLLVMPipeline);
}

} // namespace qcc
