// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qcc's optimizer driver for MLIR developers: every dialect, pass and pipeline
// of qcc beside upstream's.

#include "qcc/Conversion/Passes.h"
#include "qcc/Dialect/QNN/IR/QNN.h"
#include "qcc/Dialect/QNN/Transforms/Passes.h"
#include "qcc/Driver/Compiler.h"
#include "qcc/Pipelines/Pipelines.h"
#include "qcc/Reference/Passes.h"
#include "qcc/Target/Passes.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::registerAllPasses();
  qcc::qnn::registerQNNTransformsPasses();
  qcc::reference::registerReferencePasses();
  qcc::registerConversionPasses();
  qcc::registerTargetPasses();
  qcc::registerPipelines();
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  qcc::registerDriverDialects(registry);
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "qcc optimizer driver\n", registry));
}
