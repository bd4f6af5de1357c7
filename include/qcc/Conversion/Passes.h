// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes from optimized `qnn` to loops, in their order: qnn-form-layers,
// qnn-select-kernels, qnn-fuse-layers, qnn-plan-memory (checked by
// qnn-verify-plan), convert-qnn-to-loops. See Passes.td.

#ifndef QCC_CONVERSION_PASSES_H
#define QCC_CONVERSION_PASSES_H

#include "qcc/Conversion/Kernel.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace qcc {

#define GEN_PASS_DECL
#include "qcc/Conversion/Passes.h.inc"

/// The same passes with kernels of the caller's own; `kernels` must outlive the
/// pass.
std::unique_ptr<mlir::Pass>
createSelectKernels(SelectKernelsOptions options,
                    std::shared_ptr<const KernelSet> kernels);
std::unique_ptr<mlir::Pass>
createFuseLayers(std::shared_ptr<const KernelSet> kernels);
std::unique_ptr<mlir::Pass>
createPlanMemory(PlanMemoryOptions options,
                 std::shared_ptr<const KernelSet> kernels);
std::unique_ptr<mlir::Pass>
createConvertQNNToLoops(ConvertQNNToLoopsOptions options,
                        std::shared_ptr<const KernelSet> kernels);

/// Alignment in bytes that the arena must have on a target.
int64_t arenaAlign(const TargetFacts &facts);

/// The contract of a planned module, as `qnn-verify-plan` checks it: every
/// value has a buffer, buffers lie inside their space and have the padding that
/// kernels ask for, and no two that are live together overlap, unless a result
/// takes over an operand in place. Failure after a diagnostic.
mlir::LogicalResult verifyPlannedModule(mlir::ModuleOp module);

#define GEN_PASS_REGISTRATION
#include "qcc/Conversion/Passes.h.inc"

/// Names of the attributes by which the stages talk to each other.
namespace attr {
/// On the module: TargetFacts, see TargetAttr.h.
inline constexpr llvm::StringLiteral target = "qnn.target";
/// On the function: bytes of the arena, set by qnn-plan-memory.
inline constexpr llvm::StringLiteral arenaBytes = "qnn.arena_bytes";
/// On the function: bytes of the state, set by qnn-plan-memory when the model
/// has variables.
inline constexpr llvm::StringLiteral stateBytes = "qnn.state_bytes";
/// On function arguments and results: the tensor's name in the model.
inline constexpr llvm::StringLiteral name = "qnn.name";
/// On function arguments and results, and on variables, once planned: their
/// `#qnn.buffer`.
inline constexpr llvm::StringLiteral buffer = "qnn.buffer";
/// On layers: bytes offset of the scratch buffer in the arena.
inline constexpr llvm::StringLiteral scratchOffset = "qnn.scratch_offset";
/// On layers, a unit: the kernel takes the rows of its result downwards.
inline constexpr llvm::StringLiteral descending = "qnn.descending";
/// On a layer's function: what it computes, for people, and how many of its
/// arguments are inputs and how many outputs (then there may be scratch).
inline constexpr llvm::StringLiteral layerSummary = "qnn.summary";
inline constexpr llvm::StringLiteral layerInputs = "qnn.inputs";
inline constexpr llvm::StringLiteral layerOutputs = "qnn.outputs";
/// On the last argument of functions in the loops stage: it points to the
/// caller's parallel-for.
inline constexpr llvm::StringLiteral parallel = "qnn.parallel";
} // namespace attr

} // namespace qcc

#endif // QCC_CONVERSION_PASSES_H
