// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A compiled model in this very process: what `qcc run` and `qcc bench` call.
// It links the object that `--emit=obj` would write, so what is run here is
// what is shipped.

#ifndef QCC_TARGET_JITMODEL_H
#define QCC_TARGET_JITMODEL_H

#include "qcc/Target/CodeGen.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <memory>

struct qcc_model_info;

namespace qcc {

/// Fails, naming the instructions missing, unless code for `target` can run on
/// this machine.
llvm::Error checkRunsOnHost(const TargetDescription &target);

/// One model, loaded. Thread-safe: run() may be called from several threads,
/// each with its own buffers.
class JitModel {
public:
  /// Compiles the loops-stage `module` (consumed: it is lowered in place) and
  /// loads it. Diagnoses on `module`. Sets `abi.stackBytes`.
  static mlir::FailureOr<std::unique_ptr<JitModel>>
  create(mlir::ModuleOp module, const TargetDescription &target, ModelABI &abi,
         CodeGenOptions options = {});
  ~JitModel();

  /// Calls `<name>_run`. `arguments` are all its pointers in the order of the C
  /// prototype: inputs, outputs (neither with --io=arena), state if any, arena,
  /// the struct qcc_parallel if any. Returns what it returns.
  int run(llvm::ArrayRef<void *> arguments) const;
  /// Calls `<name>_reset`; 0 for models without state.
  int reset(void *state) const;

  /// Functions that `run` calls, one per layer, in the order of first call.
  llvm::ArrayRef<std::string> getLayers() const { return layers; }
  /// Runs once and adds to `nanoseconds[i]` the time of layer i. What lies
  /// between two layers counts to the later; reading the clock costs some 25 ns
  /// a layer.
  int runTimed(llvm::ArrayRef<void *> arguments,
               llvm::MutableArrayRef<uint64_t> nanoseconds) const;
  /// Runs once and calls `observe(i)` after each call of layer i, when its
  /// results lie in memory and no later layer has touched them.
  int runObserved(llvm::ArrayRef<void *> arguments,
                  llvm::function_ref<void(int32_t layer)> observe) const;

  /// The constant `<name>_info` of the loaded object.
  const qcc_model_info &getInfo() const { return *info; }
  const ModelABI &getABI() const { return abi; }
  /// Bytes of code and of constants of the object.
  uint64_t getCodeBytes() const { return codeBytes; }
  uint64_t getConstantBytes() const { return constantBytes; }

private:
  JitModel();
  struct Engine;
  std::unique_ptr<Engine> engine;
  ModelABI abi;
  std::vector<std::string> layers;
  const qcc_model_info *info = nullptr;
  uint64_t codeBytes = 0, constantBytes = 0;
  int (*call)(void *const *arguments) = nullptr;
  int (*callTimed)(void *const *arguments, void (*tick)(void *, int32_t),
                   void *context) = nullptr;
  int (*resetState)(void *state) = nullptr;
};

/// Bytes of code (executable sections) and of constants (read-only allocated
/// ones) of an object: its share of flash.
struct ObjectSizes {
  uint64_t code = 0, constants = 0;
};
llvm::Expected<ObjectSizes> measureObject(llvm::StringRef object);

} // namespace qcc

#endif // QCC_TARGET_JITMODEL_H
