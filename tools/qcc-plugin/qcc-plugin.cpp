// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qcc inside somebody else's MLIR tool:
//
//   mlir-opt --load-dialect-plugin=QCCPlugin.so
//       --pass-pipeline='builtin.module(qcc-optimize,qcc-select)' model.mlir
//
// The dialect plugin brings dialects, interfaces, passes and pipelines: that
// one option is enough. The pass plugin is for tools that load passes only;
// giving both is harmless. Nothing happens when the library is loaded: all is
// registered by the two entry points.

#include "qcc/Driver/Compiler.h"

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "llvm/Support/Compiler.h"

extern "C" LLVM_ATTRIBUTE_VISIBILITY_DEFAULT
    LLVM_ATTRIBUTE_WEAK mlir::DialectPluginLibraryInfo
    mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "QCC", QCC_VERSION,
          [](mlir::DialectRegistry *registry) {
            qcc::registerDriverDialects(*registry);
            qcc::registerDriverPasses();
          }};
}

extern "C" LLVM_ATTRIBUTE_VISIBILITY_DEFAULT
    LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo
    mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "QCC", QCC_VERSION,
          [] { qcc::registerDriverPasses(); }};
}
