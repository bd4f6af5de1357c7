// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the subcommands have in common: a context with its diagnostics, the
// model, the target, and somebody who watches.

#ifndef QCC_LIB_DRIVER_SESSION_H
#define QCC_LIB_DRIVER_SESSION_H

#include "Progress.h"
#include "qcc/Driver/Commands.h"
#include "qcc/Driver/Compiler.h"
#include "qcc/Driver/Diagnostics.h"
#include "qcc/Driver/ModelRunner.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Support/Timing.h"

namespace qcc {

class Session {
public:
  explicit Session(const CommonOptions &options);

  /// Reads and imports the model. Null after a diagnostic.
  mlir::OwningOpRef<mlir::ModuleOp> load();

  /// Resolves the target; `cpu` overrides the user's. Fails after a diagnostic.
  mlir::FailureOr<CodeOptions> resolve(llvm::StringRef cpu = {});
  /// Says on stderr which machine the code is for.
  void tellTarget(const CodeOptions &code);

  /// False after a diagnostic when one of the files `written` is the model, one
  /// of `read` or one that comes before it. Empty names and "-" do not count.
  bool checkNotOverwritten(llvm::ArrayRef<std::string> written,
                           std::vector<std::string> read);

  StageObserver observe();

  /// Prints `error` as a diagnostic of qcc; the exit status.
  int fail(llvm::Error error);
  int fail(const llvm::Twine &message);

  mlir::MLIRContext &getContext() { return context; }
  /// The model's file name without directories and suffix.
  std::string getModelName() const;

private:
  const CommonOptions &options;
  mlir::MLIRContext context;
  Progress progress;
  DiagnosticPrinter printer;
  mlir::DefaultTimingManager timing;
  mlir::TimingScope timingRoot;
};

/// A file name for tensor `name` made by operator `op`: "003_conv1_Relu.npy".
std::string getDumpFileName(int64_t op, llvm::StringRef name);

} // namespace qcc

#endif // QCC_LIB_DRIVER_SESSION_H
