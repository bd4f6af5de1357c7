// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compiler as a library: the bytes of a model in; a module at any stage, or
// bytes of code and the description of its C interface, out. qcc is a thin
// shell around this, and so may other programs be. There is no global state:
// each call works on the context it is given, and reports through that
// context's diagnostic engine.

#ifndef QCC_DRIVER_COMPILER_H
#define QCC_DRIVER_COMPILER_H

#include "qcc/Dialect/QNN/IR/QNN.h"
#include "qcc/Import/TFLite.h"
#include "qcc/Pipelines/Pipelines.h"
#include "qcc/Support/Npy.h"
#include "qcc/Target/CodeGen.h"
#include "qcc/Target/ModelABI.h"
#include "qcc/Target/TargetDescription.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Support/Timing.h"
#include "llvm/Support/MemoryBufferRef.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace qcc {

/// Registers every dialect, interface and translation that the stages need.
void registerDriverDialects(mlir::DialectRegistry &registry);

/// Registers every pass and named pipeline in MLIR's registry of this process,
/// for tools that take pipelines as text; compiling needs none of it. May be
/// called again.
void registerDriverPasses();

/// How a model is read.
struct ImportOptions {
  qnn::Rounding rounding = qnn::Rounding::TfliteDouble;
  /// Shapes for inputs with free axes, by name.
  std::vector<std::pair<std::string, std::vector<int64_t>>> inputShapes;
  /// Custom operators of .tflite files that the caller lowers, by name.
  std::map<std::string, TFLiteCustomOpImporter> customOps;
  /// Of .onnx files: activations of matrix products with weights of 8 bits or
  /// less are rounded to 8 bits while the code runs.
  bool roundActivations = false;
  /// See ONNXImportOptions.
  bool strict = false;
  /// Of .onnx files: inputs and outputs of four axes have their channels last.
  bool hasNHWCInterface = false;
  /// Inputs that become constants, by name.
  std::vector<std::pair<std::string, NpyArray>> bindings;
};

/// "tflite", "tflite-single" or "xnnpack": whose rounding it is; else nothing.
std::optional<qnn::Rounding> parseRounding(llvm::StringRef name);

/// "NAME=1,49,10,1" as an entry of ImportOptions::inputShapes.
llvm::Expected<std::pair<std::string, std::vector<int64_t>>>
parseInputShape(llvm::StringRef text);

/// A module of the Import stage from a .tflite or .onnx file, or from MLIR in
/// text or bytecode, told apart by their first bytes. Null after a diagnostic.
mlir::OwningOpRef<mlir::ModuleOp> importModel(mlir::MLIRContext *context,
                                              llvm::MemoryBufferRef buffer,
                                              const ImportOptions &options);

/// Whom to tell about the stages; all optional.
struct StageObserver {
  /// Called before each stage with its name.
  std::function<void(llvm::StringRef)> enter;
  /// Print the module after each pass that changed it, to stderr.
  bool printAfterAll = false;
  /// Print each stage's pipeline, in the form of --pass-pipeline, to stderr.
  bool printPipelines = false;
  /// The scope that collects the passes' times.
  mlir::TimingScope *timing = nullptr;
};

/// What is generated.
struct CodeOptions {
  /// C prefix; a valid identifier.
  std::string name = "model";
  /// What the user asked for, and what it resolves to (see resolveTarget).
  TargetRequest request;
  TargetDescription target;
  /// The model's name for the header's first comment.
  std::string origin;
  bool ioInArena = false;
  /// Products of quantized operands that no integer operation equals are an
  /// error, not a warning (.onnx).
  bool strict = false;
  /// Threads of the caller that the code may be divided among, 1 …
  /// `mostThreads`; 1: it takes no parallel-for.
  int64_t threads = 1;
  /// The family of kernels to choose from where any of it fits (see
  /// KernelFamily); "auto": all.
  std::string kernel = "auto";
  /// What kernels are to make small: "time" or "size" (see KernelGoal).
  std::string goal = "time";
  /// When tensors of 1 to 7 bits lie in packed rows: auto, smaller, always,
  /// never; empty: as small as the goal says.
  std::string packActivations;
  /// The code becomes C.
  bool isC = false;
  /// C: the file that the source includes; empty: `<name>.h`.
  std::string header;
  CodeGenOptions codegen;
  /// To choose from; null: qcc's own.
  Kernels kernels;
};

/// Runs the stages after `from` up to and including `to`. When the Schedule
/// stage is among them, `abi` (if given) is filled from what it leaves.
mlir::LogicalResult runStages(mlir::ModuleOp module, Stage from, Stage to,
                              const CodeOptions &options,
                              const StageObserver &observer,
                              ModelABI *abi = nullptr);

/// What an imported .onnx model computes: the integer operations that float
/// ones between its quantizers mean. Other models are left as they are.
mlir::LogicalResult fuseQuantizers(mlir::ModuleOp module);

/// The C interface of a scheduled module; everything but the stack bound.
mlir::FailureOr<ModelABI> describeInterface(mlir::ModuleOp module,
                                            const CodeOptions &options);

/// What a compilation makes.
enum class OutputKind {
  Object,
  Library,
  Executable,
  Assembly,
  LLVMIR,
  Bitcode,
  C,
  MLIR
};

/// By their names on the command line: "obj", "lib", "exe", "asm", "llvm-ir",
/// "bitcode", "c" and "mlir"; else nothing.
std::optional<OutputKind> parseOutputKind(llvm::StringRef name);

/// `request`, or for C without a target the generic one: C is for no machine
/// in particular.
TargetRequest getRequestFor(OutputKind kind, TargetRequest request);

/// Code of the target, whose use of the stack is known, so that a header can
/// describe it: objects, libraries, programs and assembly.
bool isMachineCode(OutputKind kind);

/// From a module of the Import stage to the contents of an output file; with
/// MLIR, what the stage `stopAfter` leaves. Of a program the object is made,
/// which linkProgram takes.
mlir::FailureOr<std::string> generateOutput(mlir::ModuleOp module,
                                            OutputKind kind, Stage stopAfter,
                                            const CodeOptions &options,
                                            const StageObserver &observer,
                                            ModelABI &abi);

/// From a module of the Import stage to bytes of code, which `abi` describes.
mlir::FailureOr<llvm::SmallVector<char, 0>>
generateModelCode(mlir::ModuleOp module, EmitKind kind,
                  const CodeOptions &options, const StageObserver &observer,
                  ModelABI &abi);

/// The module's one public function, or null after a diagnostic.
mlir::func::FuncOp getModelFunction(mlir::ModuleOp module);

/// Name of argument or result `index`: its `qnn.name`, else "input0",
/// "output0", ….
std::string getArgumentName(mlir::func::FuncOp func, unsigned index);
std::string getResultName(mlir::func::FuncOp func, unsigned index);

} // namespace qcc

#endif // QCC_DRIVER_COMPILER_H
