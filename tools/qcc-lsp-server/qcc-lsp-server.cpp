// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The language server for .mlir files with qcc's dialects: editors show its
// diagnostics, definitions and types.

#include "qcc/Driver/Compiler.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  qcc::registerDriverDialects(registry);
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}
