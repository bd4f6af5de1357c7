// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled code behind the interface of all runners: memory for its arguments,
// and a look at each layer's result the moment it is there.

#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Driver/ModelRunner.h"

#include "llvm/Support/MemAlloc.h"

#include <cstring>

using namespace mlir;

namespace qcc {

/// More than any kernel asks for.
static constexpr size_t bufferAlign = 64;

std::unique_ptr<CompiledRunner>
CompiledRunner::create(OwningOpRef<ModuleOp> module, const CodeOptions &options,
                       const StageObserver &observer) {
  std::unique_ptr<CompiledRunner> runner(new CompiledRunner());
  // Refused before minutes of work rather than after.
  if (llvm::Error error = checkRunsOnHost(options.target)) {
    module->emitError(llvm::toString(std::move(error)));
    return nullptr;
  }
  for (const LayerInfo &layer : collectLayers(*module))
    for (const LayerTensor &tensor : layer.results)
      runner->modelTypes[tensor.name] = tensor.type;
  if (failed(runStages(*module, Stage::Import, Stage::Schedule, options,
                       observer, &runner->abi)))
    return nullptr;
  runner->layers = collectLayers(*module);
  if (failed(
          runStages(*module, Stage::Schedule, Stage::LLVM, options, observer)))
    return nullptr;
  if (observer.enter)
    observer.enter("code generation");
  FailureOr<std::unique_ptr<JitModel>> model =
      JitModel::create(*module, options.target, runner->abi, options.codegen);
  if (failed(model))
    return nullptr;
  runner->model = std::move(*model);

  const ModelABI &abi = runner->abi;
  runner->arena = runner->allocate(abi.arenaBytes);
  auto place = [&](ArrayRef<TensorABI> tensors, std::vector<void *> &pointers) {
    for (const TensorABI &tensor : tensors) {
      if (abi.ioInArena) {
        pointers.push_back(static_cast<char *>(runner->arena) +
                           tensor.arenaOffset);
        continue;
      }
      pointers.push_back(runner->allocate(tensor.bytes()));
      runner->arguments.push_back(pointers.back());
    }
  };
  place(abi.inputs, runner->inputPointers);
  place(abi.outputs, runner->outputPointers);
  if (abi.stateBytes) {
    runner->state = runner->allocate(abi.stateBytes);
    runner->arguments.push_back(runner->state);
  }
  runner->arguments.push_back(runner->arena);
  runner->reset();
  return runner;
}

CompiledRunner::~CompiledRunner() {
  for (auto [pointer, bytes] : allocations)
    llvm::deallocate_buffer(pointer, bytes, bufferAlign);
}

void *CompiledRunner::allocate(uint64_t bytes) {
  bytes = std::max<uint64_t>(bytes, 1);
  void *pointer = llvm::allocate_buffer(bytes, bufferAlign);
  // Code must not count on zeros: what is read before it is written shows.
  std::memset(pointer, 0xa5, bytes);
  allocations.emplace_back(pointer, bytes);
  return pointer;
}

void CompiledRunner::reset() {
  if (state)
    (void)model->reset(state);
}

void CompiledRunner::setInputs(ArrayRef<NpyArray> inputs) {
  for (auto [input, pointer] : llvm::zip(inputs, inputPointers))
    std::memcpy(pointer, input.data.data(), input.data.size());
}

int64_t CompiledRunner::findLayer(int32_t index) const {
  StringRef symbol = model->getLayers()[index];
  symbol.consume_front(abi.name + ".");
  for (auto [position, layer] : llvm::enumerate(layers))
    if (layer.name == symbol)
      return position;
  return -1;
}

/// A layer's result from where it lies, without its padding.
NpyArray CompiledRunner::readTensor(const LayerTensor &tensor) const {
  qnn::BufferAttr buffer = *tensor.buffer;
  TensorABI description = describeTensor(tensor.name, tensor.type);
  NpyArray value(getNpyType(description.type), description.shape);
  const char *base = nullptr;
  switch (buffer.getSpace()) {
  case qnn::MemorySpace::Arena:
    base = static_cast<const char *>(arena);
    break;
  case qnn::MemorySpace::Input:
    base = static_cast<const char *>(inputPointers[buffer.getIndex()]);
    break;
  case qnn::MemorySpace::Output:
    base = static_cast<const char *>(outputPointers[buffer.getIndex()]);
    break;
  case qnn::MemorySpace::State:
    base = static_cast<const char *>(state);
    break;
  }
  base += buffer.getOffset();
  ArrayRef<int64_t> pad = buffer.getPad(), shape = description.shape;
  if (pad.empty()) {
    std::memcpy(value.data.data(), base, value.data.size());
    return value;
  }
  int64_t elementSize = elementBytes(description.type);
  int64_t row = shape[2] * shape[3] * elementSize;
  int64_t paddedRow = (shape[2] + pad[2] + pad[3]) * shape[3] * elementSize;
  int64_t paddedHeight = shape[1] + pad[0] + pad[1];
  char *out = value.data.data();
  for (int64_t n = 0; n < shape[0]; ++n)
    for (int64_t y = 0; y < shape[1]; ++y, out += row)
      std::memcpy(out,
                  base + (n * paddedHeight + y + pad[0]) * paddedRow +
                      pad[2] * shape[3] * elementSize,
                  row);
  return value;
}

/// A tensor whose zero point was moved, back in the model's own type.
static NpyArray restoreType(NpyArray value, const LayerTensor &tensor,
                            RankedTensorType modelType) {
  if (!modelType || modelType == tensor.type ||
      !qnn::isQuantized(modelType.getElementType()) ||
      !qnn::isQuantized(tensor.type.getElementType()) ||
      qnn::scaleOf(modelType.getElementType()) !=
          qnn::scaleOf(tensor.type.getElementType()))
    return value;
  int64_t shift = qnn::zeroPointOf(modelType.getElementType()) -
                  qnn::zeroPointOf(tensor.type.getElementType());
  NpyArray restored(getNpyType(getElementType(modelType)), value.shape);
  for (int64_t i = 0, e = value.getNumElements(); i < e; ++i)
    restored.setInteger(i, value.getInteger(i) + shift);
  return restored;
}

FailureOr<std::vector<NpyArray>> CompiledRunner::run(ArrayRef<NpyArray> inputs,
                                                     Sink sink) {
  setInputs(inputs);
  int status = 0;
  if (sink) {
    status = model->runObserved(arguments, [&](int32_t index) {
      int64_t position = findLayer(index);
      if (position < 0)
        return;
      const LayerInfo &layer = layers[position];
      // Layers that the compiler put in make no tensor that the model has.
      if (layer.operation == "copy")
        return;
      for (const LayerTensor &tensor : layer.results)
        if (tensor.buffer && modelTypes.contains(tensor.name))
          sink({layer.op, tensor.name, layer.name,
                restoreType(readTensor(tensor), tensor,
                            modelTypes.lookup(tensor.name))});
    });
  } else {
    status = model->run(arguments);
  }
  // The only errors are bad pointers, and these are ours.
  if (status != 0)
    llvm::report_fatal_error("compiled code refused its arguments");
  std::vector<NpyArray> outputs;
  for (auto [tensor, pointer] : llvm::zip(abi.outputs, outputPointers)) {
    NpyArray output(getNpyType(tensor.type), tensor.shape);
    std::memcpy(output.data.data(), pointer, output.data.size());
    outputs.push_back(std::move(output));
  }
  return outputs;
}

} // namespace qcc
