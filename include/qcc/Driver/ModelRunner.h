// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One way of running a model on this machine: the reference interpreter, or
// compiled code. Commands run, compare and time models through this interface
// alone.

#ifndef QCC_DRIVER_MODELRUNNER_H
#define QCC_DRIVER_MODELRUNNER_H

#include "qcc/Driver/Compiler.h"
#include "qcc/Driver/GuardedMemory.h"
#include "qcc/Driver/Layers.h"
#include "qcc/Support/Npy.h"
#include "qcc/Target/IsolatedParts.h"
#include "qcc/Target/JitModel.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"

#include <memory>
#include <optional>

namespace qcc {

/// A tensor that a layer made, while the model ran.
struct TensorDump {
  /// Index of the operator in the model (-1: none) and name of the tensor.
  int64_t op = -1;
  std::string name;
  /// The layer in the generated code; empty in the interpreter.
  std::string layer;
  NpyArray value;
};

class ModelRunner {
public:
  virtual ~ModelRunner() = default;

  /// Inputs and outputs: names, types, shapes, quantization.
  const ModelABI &getInterface() const { return abi; }

  using Sink = llvm::function_ref<void(TensorDump dump)>;

  /// One inference. `inputs` have the types and element counts of the
  /// interface; so have the outputs. `sink`, if given, gets every layer's
  /// results in order. Failure after a diagnostic.
  virtual mlir::FailureOr<std::vector<NpyArray>>
  run(llvm::ArrayRef<NpyArray> inputs, Sink sink = nullptr) = 0;

  /// Back to the state before the first inference.
  virtual void reset() {}

protected:
  ModelABI abi;
};

/// Runs `module` (of any stage up to Schedule) in the reference interpreter.
mlir::FailureOr<std::unique_ptr<ModelRunner>>
createInterpreterRunner(mlir::OwningOpRef<mlir::ModuleOp> module);

/// Compiled code in this process.
class CompiledRunner : public ModelRunner {
public:
  /// Whether the code runs between guard pages: twice for each sample, in
  /// buffers that begin at a page and in ones that end at a page. Every access
  /// beside them, and every difference between the two, is an error.
  enum class Guard { No, Yes };

  /// Compiles `module` of the Import stage for `options.target`, which must be
  /// this machine's. Null after a diagnostic.
  static std::unique_ptr<CompiledRunner>
  create(mlir::OwningOpRef<mlir::ModuleOp> module, const CodeOptions &options,
         const StageObserver &observer, Guard guard = Guard::No);
  ~CompiledRunner() override;

  mlir::FailureOr<std::vector<NpyArray>> run(llvm::ArrayRef<NpyArray> inputs,
                                             Sink sink = nullptr) override;
  void reset() override;

  /// Copies the inputs to where the code reads them, for getModel().run.
  void setInputs(llvm::ArrayRef<NpyArray> inputs);
  /// How many run a layer: what was asked for, or as many as there are cores.
  uint32_t getNumThreads() const;
  const JitModel &getModel() const { return *model; }
  llvm::ArrayRef<void *> getArguments() const { return memory[0].arguments; }
  /// Of the scheduled module, in order.
  llvm::ArrayRef<LayerInfo> getLayers() const { return layers; }
  /// Index in getLayers() of layer `index` of getModel(); -1: none.
  int64_t findLayer(int32_t index) const;

private:
  /// What the code works on, and who owns it.
  struct Memory {
    std::vector<void *> arguments, inputs, outputs;
    void *arena = nullptr, *state = nullptr;
    /// Null: plain memory, `allocations`.
    std::unique_ptr<GuardedMemory> guard;
    std::vector<std::pair<void *, uint64_t>> allocations;
    /// With guards and --threads: runs the parts of a layer apart.
    std::unique_ptr<IsolatedParts> parts;

    Memory() = default;
    Memory(Memory &&) = default;
    ~Memory();
    llvm::Expected<void *> allocate(std::string what, uint64_t bytes,
                                    uint64_t align);
    llvm::Error place(const ModelABI &abi, const qcc_parallel *parallel);
    void setInputs(llvm::ArrayRef<NpyArray> values);
  };

  /// The threads of code that takes some.
  struct Threads;

  CompiledRunner();
  NpyArray readTensor(const LayerTensor &tensor) const;
  mlir::FailureOr<std::vector<NpyArray>>
  runIn(Memory &memory, llvm::ArrayRef<NpyArray> inputs, Sink sink);
  llvm::Error runGuarded(Memory &memory, Sink sink);
  void tellSink(const Sink &sink, int32_t layer) const;

  std::unique_ptr<Threads> threads;
  std::unique_ptr<JitModel> model;
  std::vector<LayerInfo> layers;
  /// Types that the model gives its tensors, by name; passes may have moved a
  /// zero point since.
  llvm::StringMap<mlir::RankedTensorType> modelTypes;
  /// One, or with guards one for each placement.
  std::vector<Memory> memory;
  /// The model's, for errors.
  std::optional<mlir::Location> location;
};

/// The .npy type in which a tensor of the interface travels.
NpyType getNpyType(ElementType type);
/// The element type of the interface for `type`; sub-byte types take a byte.
ElementType getElementType(mlir::Type type);

/// Fills a description of one input or output from its type.
TensorABI describeTensor(llvm::StringRef name, mlir::RankedTensorType type);

} // namespace qcc

#endif // QCC_DRIVER_MODELRUNNER_H
