// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A whole compilation in one call: a model in memory in, code in memory out.
// For programs that embed qcc; who wants to look between the stages takes
// Compiler.h. Each call has a context of its own and shares nothing with
// others, so that any number of threads may compile at once. The same input
// gives the same bytes, those that the command line writes.

#ifndef QCC_DRIVER_COMPILEMODEL_H
#define QCC_DRIVER_COMPILEMODEL_H

#include "qcc/Driver/Compiler.h"
#include "qcc/Driver/Diagnostics.h"

#include <functional>
#include <optional>
#include <string>

namespace qcc {

/// What a call of compileModel makes.
struct CompileOptions {
  OutputKind output = OutputKind::Object;
  /// With OutputKind::MLIR: the last stage to run.
  Stage stopAfter = Stage::LLVM;
  /// C prefix, a C identifier (see makeCIdentifier).
  std::string name = "model";
  /// All empty: this very machine.
  TargetRequest target;
  ImportOptions import;
  bool ioInArena = false;
  /// See CodeOptions; 1 … mostThreads.
  int64_t threads = 1;
  /// See CodeOptions, all three.
  std::string kernel = "auto", goal = "time", packActivations;
  CodeGenOptions codegen;

  /// For operations that qcc does not have: registers their dialects (see
  /// ImportOptions::customOps), and the kernels for them (null: qcc's own).
  std::function<void(mlir::DialectRegistry &)> registerDialects;
  Kernels kernels;

  /// Let passes use a thread pool; the bytes are the same.
  bool multithreaded = false;
};

struct CompiledModel {
  /// Of the kind that was asked for.
  std::string output;
  /// Text of the C header; empty for bitcode, LLVM IR and MLIR, of which the
  /// stack is not known yet.
  std::string header;
  /// The same as data; only what is known after the last stage.
  ModelABI abi;
};

/// Called for each message, in the thread that compiles.
using MessageHandler = std::function<void(const Message &message)>;

/// Compiles `model`: .tflite, or MLIR in text or bytecode. Its buffer
/// identifier names it in messages and in the header. Programs
/// (OutputKind::Executable) need files and a linker, and are refused. Nothing
/// after an error, which `handler` was told.
std::optional<CompiledModel> compileModel(llvm::MemoryBufferRef model,
                                          const CompileOptions &options,
                                          const MessageHandler &handler);

} // namespace qcc

#endif // QCC_DRIVER_COMPILEMODEL_H
