// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From a loops-stage module to bytes: lowering, translation to LLVM IR, the
// public entry points, optimization, and code generation with a bound on the
// stack.

#ifndef QCC_TARGET_CODEGEN_H
#define QCC_TARGET_CODEGEN_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/LLVM.h"
#include "qcc/Target/ModelABI.h"
#include "qcc/Target/TargetDescription.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include <memory>

namespace qcc {

/// How much LLVM does to the IR before it selects instructions. The kernels
/// come out of MLIR tiled, unrolled and vectorized; what is left is cleaning
/// up.
enum class OptimizationLevel {
  None,  ///< Nothing: for looking at what MLIR produced.
  Clean, ///< Combine, simplify, hoist; no unrolling, no vectorization.
  O2,    ///< LLVM's generic pipeline.
};

struct CodeGenOptions {
  /// Section for the model's constants (--section); empty: .rodata.
  std::string section;
  OptimizationLevel optimization = OptimizationLevel::Clean;
  /// Add the entries that JitModel calls: `<name>.call`, which takes its
  /// arguments from an array, and `<name>.call_timed`, which calls back after
  /// each layer.
  bool jitEntries = false;
};

enum class EmitKind { Object, Assembly, Bitcode, LLVMIR };

/// An LLVM module and the context it lives in.
struct LLVMModule {
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
  /// With CodeGenOptions::jitEntries: the layers, in the order of their
  /// indices.
  std::vector<std::string> layers;
};

/// Lowers the loops-stage `module` (in place; an LLVM-dialect module is taken
/// as it is) and translates it. Contract: one public function `<abi.name>_run`
/// of bare-pointer arguments in the order of the C prototype, returning i32;
/// with state, also `<abi.name>_reset`.
///
/// Each public function F becomes internal under the name with '_' as '.'
/// (`kws.run`), and a new F checks the pointers for null and alignment before
/// it calls it. All else is internal: two models link into one program. Adds
/// the constant `<abi.name>_info`. Diagnoses on `module`.
mlir::FailureOr<LLVMModule> translateToLLVM(mlir::ModuleOp module,
                                            const TargetDescription &target,
                                            const ModelABI &abi,
                                            const CodeGenOptions &options);

/// Optimizes `module`, once, before generateCode.
llvm::Error optimizeModule(LLVMModule &module, const TargetDescription &target,
                           OptimizationLevel level);

/// Generates code of an optimized module. Objects and assembly set
/// `abi.stackBytes`, and `<name>_info` carries it; bitcode and LLVM IR cannot
/// know it. May be called once per module.
llvm::Expected<llvm::SmallVector<char, 0>>
generateCode(LLVMModule &module, const TargetDescription &target, EmitKind kind,
             ModelABI &abi);

/// All three: the bytes of `module` compiled for `target`. An object is checked
/// by verifyObject. Diagnoses on `module`.
mlir::FailureOr<llvm::SmallVector<char, 0>>
compileModule(mlir::ModuleOp module, const TargetDescription &target,
              EmitKind kind, ModelABI &abi, const CodeGenOptions &options);

} // namespace qcc

#endif // QCC_TARGET_CODEGEN_H
