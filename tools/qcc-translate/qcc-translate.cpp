// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Translations between model files and MLIR, for MLIR developers: what
// mlir-translate is upstream.

#include "qcc/Import/TFLite.h"
#include "qcc/Target/CEmitter.h"
#include "qcc/Target/LowerToLLVM.h"

#include "mlir/InitAllTranslations.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/Support/SourceMgr.h"

int main(int argc, char **argv) {
  mlir::registerAllTranslations();
  mlir::TranslateToMLIRRegistration fromTFLite(
      "tflite-to-qnn", "import a .tflite model into the qnn dialect",
      [](llvm::SourceMgr &sources, mlir::MLIRContext *context) {
        const llvm::MemoryBuffer *file =
            sources.getMemoryBuffer(sources.getMainFileID());
        return qcc::importTFLite(context, file->getMemBufferRef());
      },
      [](mlir::DialectRegistry &registry) {
        registry.insert<mlir::func::FuncDialect, qcc::qnn::QNNDialect>();
      });
  mlir::TranslateFromMLIRRegistration toC(
      "loops-to-c",
      "print the layers of a loops-stage module, after qcc-expand-math, as C",
      [](mlir::ModuleOp module, llvm::raw_ostream &out) -> llvm::LogicalResult {
        qcc::ModelABI abi;
        abi.name = "net";
        mlir::FailureOr<std::string> text =
            qcc::emitC(module, abi, {"net.h", /*section=*/""});
        if (mlir::failed(text))
          return mlir::failure();
        out << *text;
        return mlir::success();
      },
      [](mlir::DialectRegistry &registry) {
        registry.insert<qcc::qnn::QNNDialect>();
        qcc::registerTargetDialects(registry);
      });
  return mlir::failed(
      mlir::mlirTranslateMain(argc, argv, "qcc's translation driver\n"));
}
