// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One damaged file. See the header.

#include "ImportMutant.h"

#include "qcc/Import/ONNX.h"
#include "qcc/Import/TFLite.h"
#include "qcc/Pipelines/OptimizePipeline.h"
#include "qcc/Reference/Interpreter.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::fuzz;

// The defaults that make sense beside a shared libMLIR that is not
// instrumented.
extern "C" const char *__asan_default_options();
extern "C" const char *__asan_default_options() {
  return "allow_user_poisoning=0:detect_container_overflow=0:detect_leaks=0:"
         "hard_rss_limit_mb=1024:max_allocation_size_mb=1024:"
         "quarantine_size_mb=32";
}

namespace {

/// What the interpreter may spend on one file; sound models need far more, but
/// the damaged small ones fit.
constexpr int64_t maxInterpretedWork = 3000000;

void interpret(ModuleOp module) {
  int64_t work = 0;
  module.walk([&](Operation *op) {
    if (auto cost = dyn_cast<qnn::CostOpInterface>(op))
      work += cost.getMacs();
    for (Value result : op->getResults())
      work += cast<ShapedType>(result.getType()).getNumElements();
  });
  auto function = module.lookupSymbol<func::FuncOp>("main");
  std::vector<reference::RefTensor> inputs;
  for (Type type : function.getArgumentTypes()) {
    work += cast<ShapedType>(type).getNumElements();
    if (work > maxInterpretedWork)
      return;
    inputs.emplace_back(cast<RankedTensorType>(type));
  }
  if (work <= maxInterpretedWork)
    (void)reference::Interpreter(function).run(inputs);
}

} // namespace

Outcome qcc::fuzz::importMutant(llvm::ArrayRef<uint8_t> bytes, Format format,
                                std::string &message) {
  DialectRegistry registry;
  registry.insert<func::FuncDialect, quant::QuantDialect, qnn::QNNDialect>();
  reference::registerReferenceInterfaces(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  unsigned errors = 0;
  context.getDiagEngine().registerHandler([&](Diagnostic &diag) {
    if (diag.getSeverity() != DiagnosticSeverity::Error)
      return;
    ++errors;
    message = diag.str();
  });
  llvm::StringRef text(reinterpret_cast<const char *>(bytes.data()),
                       bytes.size());
  OwningOpRef<ModuleOp> module =
      format == Format::ONNX
          ? importONNX(&context, llvm::MemoryBufferRef(text, "mutant.onnx"))
          : importTFLite(&context,
                         llvm::MemoryBufferRef(text, "mutant.tflite"));
  if (errors != (module ? 0 : 1))
    return WrongErrors;
  if (!module)
    return Refused;
  if (failed(verify(*module)))
    return WrongErrors;
  interpret(*module);
  PassManager passes(&context);
  buildOptimizePasses(passes);
  bool isRefused = failed(passes.run(*module));
  if (errors != (isRefused ? 1 : 0))
    return WrongErrors;
  return isRefused ? Refused : Imported;
}
