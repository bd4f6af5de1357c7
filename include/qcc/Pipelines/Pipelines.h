// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compiler's stages as named pass pipelines, each with its options and a
// check of its contract at the end. qcc runs them in order; qcc-opt and
// embedders know them as qcc-optimize, qcc-select, qcc-schedule, qcc-loops and
// qcc-llvm.

#ifndef QCC_PIPELINES_PIPELINES_H
#define QCC_PIPELINES_PIPELINES_H

#include "qcc/Conversion/Kernel.h"
#include "qcc/Pipelines/OptimizePipeline.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassOptions.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace qcc {

#define GEN_PASS_DECL
#include "qcc/Pipelines/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "qcc/Pipelines/Passes.h.inc"

/// The stages in their order; each takes what the one before leaves.
enum class Stage { Import, Optimize, Select, Schedule, Loops, LLVM };

/// "import", "optimize", "select", "schedule", "loops", "llvm".
llvm::StringRef stringifyStage(Stage stage);
std::optional<Stage> parseStage(llvm::StringRef name);
/// All names, separated by ", ", for messages.
std::string listStages();

/// Checks the contract of `stage` (see qcc-verify-stage); errors are
/// diagnostics on the offending operations.
mlir::LogicalResult verifyStage(mlir::ModuleOp module, Stage stage);

struct SelectOptions : mlir::PassPipelineOptions<SelectOptions> {
  Option<std::string> triple{*this, "triple",
                             llvm::cl::desc("LLVM triple; empty: this host")};
  Option<std::string> mcpu{*this, "mcpu", llvm::cl::desc("CPU")};
  Option<std::string> mattr{*this, "mattr", llvm::cl::desc("features: +a,-b")};
  Option<std::string> integerOnly{
      *this, "integer-only",
      llvm::cl::desc("forbid floating point: auto, true, false"),
      llvm::cl::init("auto")};
  Option<bool> scalarC{
      *this, "scalar-c",
      llvm::cl::desc("leave out the instructions that C has no words for"),
      llvm::cl::init(false)};
  Option<unsigned> threads{
      *this, "threads",
      llvm::cl::desc("threads of the caller that layers may be divided among"),
      llvm::cl::init(1)};
  Option<std::string> kernel{
      *this, "kernel",
      llvm::cl::desc("kernels to choose from where any of them fits: auto, "
                     "int8, narrow, container, bitserial, lut"),
      llvm::cl::init("auto")};
  Option<std::string> goal{
      *this, "goal",
      llvm::cl::desc("what kernels are to make small: time or size"),
      llvm::cl::init("time")};
};

struct ScheduleOptions : mlir::PassPipelineOptions<ScheduleOptions> {
  Option<bool> ioInArena{*this, "io-in-arena",
                         llvm::cl::desc("inputs and outputs in the arena"),
                         llvm::cl::init(false)};
  Option<std::string> packRows{
      *this, "pack-rows",
      llvm::cl::desc("tensors of 1 to 7 bits in packed rows: auto, smaller "
                     "(wherever the arena gets smaller), always where kernels "
                     "go by rows, never"),
      llvm::cl::init("auto")};
};

struct LoopsOptions : mlir::PassPipelineOptions<LoopsOptions> {
  Option<std::string> name{*this, "name",
                           llvm::cl::desc("prefix of the generated symbols"),
                           llvm::cl::init("model")};
};

/// The kernels of a compilation; null: qcc's own (see makeKernelSet).
using Kernels = std::shared_ptr<const KernelSet>;

/// Fill `pm` (on builtin.module). Each ends with the check of its contract.
void buildOptimizePipeline(mlir::OpPassManager &pm, const OptimizeOptions &);
void buildSelectPipeline(mlir::OpPassManager &pm, const SelectOptions &options,
                         Kernels kernels = nullptr);
void buildSchedulePipeline(mlir::OpPassManager &pm,
                           const ScheduleOptions &options,
                           Kernels kernels = nullptr);
void buildLoopsPipeline(mlir::OpPassManager &pm, const LoopsOptions &options,
                        Kernels kernels = nullptr);
void buildLLVMPipeline(mlir::OpPassManager &pm);

/// Registers the pipelines above under their names, with the passes of this
/// library.
void registerPipelines();

} // namespace qcc

#endif // QCC_PIPELINES_PIPELINES_H
