// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which passes the Optimize stage consists of, in which order.

#include "qcc/Pipelines/OptimizePipeline.h"

#include "qcc/Dialect/QNN/Transforms/Passes.h"
#include "qcc/Reference/Passes.h"

#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace qcc {

void buildFuseQuantizersPipeline(OpPassManager &pm,
                                 const OptimizeOptions &options) {
  // Before anything folds constants: these want to see what is dequantized.
  pm.addPass(qnn::createMoveTransposes());
  pm.addPass(qnn::createFuseBias());
  pm.addPass(qnn::createFuseQuantizers());
  pm.addPass(reference::createFuseThresholds());
  pm.addPass(qnn::createFuseQuantizers());
  pm.addPass(reference::createFuseFunctions());
  pm.addPass(qnn::createSumIntegers({options.unfused}));
}

void buildOptimizePasses(OpPassManager &pm, const OptimizeOptions &options) {
  pm.addPass(qnn::createForwardState());
  buildFuseQuantizersPipeline(pm, options);
  pm.addPass(createCanonicalizerPass());
  pm.addPass(reference::createFoldConstants());
  pm.addPass(qnn::createFoldPad());
  pm.addPass(qnn::createFuseClamp());
  // Moves requantizations out of the way of pads, which then fold.
  pm.addPass(qnn::createFuseRequantize());
  pm.addPass(qnn::createFoldPad());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

} // namespace qcc
