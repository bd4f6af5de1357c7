// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compiler in one call, around a context that lives as long as the call.

#include "qcc/Driver/CompileModel.h"

#include "qcc/Target/HeaderWriter.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace qcc {

std::optional<CompiledModel> compileModel(llvm::MemoryBufferRef model,
                                          const CompileOptions &options,
                                          const MessageHandler &handler) {
  auto tell = [&](const Message &message) {
    if (handler)
      handler(message);
  };
  auto fail = [&](const Twine &text) {
    tell(makeErrorMessage(text.str()));
    return std::nullopt;
  };
  if (options.output == OutputKind::Executable)
    return fail("programs are not made in memory");
  if (options.threads < 1 || options.threads > mostThreads)
    return fail(Twine(options.threads) +
                " threads are asked for; expected 1 to " + Twine(mostThreads));
  if (makeCIdentifier(options.name) != options.name)
    return fail("the name '" + Twine(options.name) + "' is no C identifier; '" +
                makeCIdentifier(options.name) + "' would be one");

  DialectRegistry registry;
  registerDriverDialects(registry);
  if (options.registerDialects)
    options.registerDialects(registry);
  MLIRContext context(registry, options.multithreaded
                                    ? MLIRContext::Threading::ENABLED
                                    : MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  context.printOpOnDiagnostic(false);
  ScopedDiagnosticHandler diagnostics(&context, [&](Diagnostic &diagnostic) {
    tell(describeDiagnostic(diagnostic));
    for (Diagnostic &note : diagnostic.getNotes())
      tell(describeDiagnostic(note));
    return success();
  });

  CodeOptions code;
  code.name = options.name;
  code.request = getRequestFor(options.output, options.target);
  llvm::Expected<TargetDescription> target = resolveTarget(code.request);
  if (!target)
    return fail(llvm::toString(target.takeError()));
  code.target = std::move(*target);
  code.origin = llvm::sys::path::filename(model.getBufferIdentifier()).str();
  code.ioInArena = options.ioInArena;
  code.threads = options.threads;
  code.kernel = options.kernel;
  code.goal = options.goal;
  code.packActivations = options.packActivations;
  code.codegen = options.codegen;
  code.kernels = options.kernels;

  OwningOpRef<ModuleOp> module = importModel(&context, model, options.import);
  if (!module)
    return std::nullopt;
  CompiledModel result;
  FailureOr<std::string> output =
      generateOutput(*module, options.output, options.stopAfter, code,
                     StageObserver(), result.abi);
  if (failed(output))
    return std::nullopt;
  result.output = std::move(*output);
  if (isMachineCode(options.output) || options.output == OutputKind::C)
    result.header = writeHeader(result.abi);
  return result;
}

} // namespace qcc
