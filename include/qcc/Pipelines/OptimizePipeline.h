// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The passes of the Optimize stage. They need the dialect and its interpreter
// alone, no kernels and no target, and so does whoever links them.

#ifndef QCC_PIPELINES_OPTIMIZEPIPELINE_H
#define QCC_PIPELINES_OPTIMIZEPIPELINE_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

#include <string>

namespace qcc {

struct OptimizeOptions : mlir::PassPipelineOptions<OptimizeOptions> {
  Option<std::string> unfused{
      *this, "unfused",
      llvm::cl::desc("what to do about products of quantized operands that "
                     "stay in floats: ignore, warn, error"),
      llvm::cl::init("ignore")};
};

/// The first part of the Optimize stage: the integer operations that float ones
/// between ONNX's quantizers mean.
void buildFuseQuantizersPipeline(mlir::OpPassManager &pm,
                                 const OptimizeOptions &options = {});

/// All of the stage but the check of its contract.
void buildOptimizePasses(mlir::OpPassManager &pm,
                         const OptimizeOptions &options = {});

} // namespace qcc

#endif // QCC_PIPELINES_OPTIMIZEPIPELINE_H
