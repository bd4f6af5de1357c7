// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled code behind the interface of all runners: memory for its arguments,
// and a look at each layer's result the moment it is there.

#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Driver/ModelRunner.h"

#include "qcc-rt/threads.h"
#include "llvm/Support/MemAlloc.h"
#include "llvm/Support/Threading.h"

#include <cstring>

using namespace mlir;

namespace qcc {

/// More than any kernel asks for.
static constexpr size_t bufferAlign = 64;

struct CompiledRunner::Threads {
  qcc_pool pool;
  bool isRunning = false;

  ~Threads() {
    if (isRunning)
      qcc_pool_stop(&pool);
  }
};

CompiledRunner::CompiledRunner() = default;
CompiledRunner::~CompiledRunner() = default;

uint32_t CompiledRunner::getNumThreads() const {
  return threads ? threads->pool.parallel.num_threads : 1;
}

std::unique_ptr<CompiledRunner>
CompiledRunner::create(OwningOpRef<ModuleOp> module, const CodeOptions &options,
                       const StageObserver &observer, Guard guard) {
  std::unique_ptr<CompiledRunner> runner(new CompiledRunner());
  // Refused before minutes of work rather than after.
  if (llvm::Error error = checkRunsOnHost(options.target)) {
    module->emitError(llvm::toString(std::move(error)));
    return nullptr;
  }
  if (failed(fuseQuantizers(*module)))
    return nullptr;
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

  const qcc_parallel *parallel = nullptr;
  if (runner->abi.isParallel() && guard == Guard::No) {
    auto threads = std::make_unique<Threads>();
    // More threads than cores would wait for each other.
    int64_t cores = llvm::hardware_concurrency().compute_thread_count();
    if (int error = qcc_pool_start(&threads->pool,
                                   static_cast<uint32_t>(std::min<int64_t>(
                                       {runner->abi.threads, cores,
                                        int64_t(QCC_POOL_MAX_THREADS)})))) {
      module->emitError("no threads can be started: ") << std::strerror(error);
      return nullptr;
    }
    threads->isRunning = true;
    runner->threads = std::move(threads);
    parallel = &runner->threads->pool.parallel;
  }

  using Placement = GuardedMemory::Placement;
  SmallVector<std::optional<Placement>, 2> placements = {std::nullopt};
  if (guard == Guard::Yes)
    placements = {Placement::High, Placement::Low};
  for (std::optional<Placement> placement : placements) {
    Memory &memory = runner->memory.emplace_back();
    if (placement)
      memory.guard = std::make_unique<GuardedMemory>(*placement);
    if (llvm::Error error = memory.place(runner->abi, parallel)) {
      module->emitError(llvm::toString(std::move(error)));
      return nullptr;
    }
  }
  runner->location = module->getLoc();
  runner->reset();
  return runner;
}

CompiledRunner::Memory::~Memory() {
  for (auto [pointer, bytes] : allocations)
    llvm::deallocate_buffer(pointer, bytes, bufferAlign);
}

llvm::Expected<void *> CompiledRunner::Memory::allocate(std::string what,
                                                        uint64_t bytes,
                                                        uint64_t align) {
  if (guard)
    return guard->allocate(std::move(what), bytes, align);
  bytes = std::max<uint64_t>(bytes, 1);
  void *pointer = llvm::allocate_buffer(bytes, bufferAlign);
  // Code must not count on zeros: what is read before it is written shows.
  std::memset(pointer, 0xa5, bytes);
  allocations.emplace_back(pointer, bytes);
  return pointer;
}

llvm::Error CompiledRunner::Memory::place(const ModelABI &abi,
                                          const qcc_parallel *parallel) {
  llvm::Error problems = llvm::Error::success();
  auto make = [&](const Twine &what, uint64_t bytes, uint64_t align) -> void * {
    llvm::Expected<void *> pointer = allocate(what.str(), bytes, align);
    if (pointer)
      return *pointer;
    problems = llvm::joinErrors(std::move(problems), pointer.takeError());
    return nullptr;
  };
  arena = make("arena", abi.arenaBytes, abi.arenaAlign);
  auto placeAll = [&](ArrayRef<TensorABI> tensors, StringRef what,
                      std::vector<void *> &pointers) {
    for (const TensorABI &tensor : tensors) {
      if (abi.ioInArena) {
        pointers.push_back(static_cast<char *>(arena) + tensor.arenaOffset);
        continue;
      }
      pointers.push_back(make(what + " '" + tensor.name + "'", tensor.bytes(),
                              elementBytes(tensor.type)));
      arguments.push_back(pointers.back());
    }
  };
  placeAll(abi.inputs, "input", inputs);
  placeAll(abi.outputs, "output", outputs);
  if (abi.stateBytes) {
    state = make("state", abi.stateBytes, abi.stateAlign);
    arguments.push_back(state);
  }
  arguments.push_back(arena);
  if (problems || !abi.isParallel())
    return problems;
  if (guard) {
    std::vector<std::pair<char *, size_t>> regions = {
        {static_cast<char *>(arena), abi.arenaBytes}};
    if (!abi.ioInArena)
      for (auto [tensor, pointer] : llvm::zip(abi.outputs, outputs))
        regions.emplace_back(static_cast<char *>(pointer), tensor.bytes());
    if (state)
      regions.emplace_back(static_cast<char *>(state), abi.stateBytes);
    parts = std::make_unique<IsolatedParts>(std::move(regions));
    parallel = &parts->get();
  }
  arguments.push_back(const_cast<qcc_parallel *>(parallel));
  return problems;
}

void CompiledRunner::reset() {
  for (Memory &each : memory)
    if (each.state)
      (void)model->reset(each.state);
}

void CompiledRunner::Memory::setInputs(ArrayRef<NpyArray> values) {
  for (auto [value, pointer] : llvm::zip(values, inputs))
    std::memcpy(pointer, value.data.data(), value.data.size());
}

void CompiledRunner::setInputs(ArrayRef<NpyArray> inputs) {
  memory[0].setInputs(inputs);
}

int64_t CompiledRunner::findLayer(int32_t index) const {
  StringRef symbol = model->getLayers()[index];
  symbol.consume_front(abi.name + ".");
  for (auto [position, layer] : llvm::enumerate(layers))
    if (layer.name == symbol)
      return position;
  return -1;
}

/// What lies as bit-planes at `base`, one element at a time.
static void unpackPlanes(const char *base, const LayerTensor &tensor,
                         ArrayRef<int64_t> pad, NpyArray &value) {
  qnn::BitCode code = *qnn::bitCodeOf(tensor.type);
  int64_t zero = qnn::zeroPointOf(tensor.type),
          pixelBytes = qnn::pixelBytes(tensor.type, code.bits);
  ArrayRef<int64_t> shape = tensor.type.getShape();
  int64_t channels = shape.back();
  for (int64_t i = 0; i < tensor.type.getNumElements(); ++i) {
    int64_t pixel = i / channels, c = i % channels;
    if (!pad.empty()) {
      int64_t x = pixel % shape[2], y = pixel / shape[2] % shape[1],
              n = pixel / shape[2] / shape[1];
      pixel = (n * (shape[1] + pad[0] + pad[1]) + y + pad[0]) *
                  (shape[2] + pad[2] + pad[3]) +
              x + pad[2];
    }
    int64_t q = zero + code.base;
    for (int64_t n = 0; n < code.bits; ++n) {
      auto byte = static_cast<uint8_t>(
          base[pixel * pixelBytes + (c / 32 * code.bits + n) * 4 + c % 32 / 8]);
      q += (byte >> (c % 8) & 1) * code.weight(n);
    }
    value.setInteger(i, q);
  }
}

/// What lies in packed rows at `base`.
static void unpackRows(const char *base, const LayerTensor &tensor,
                       NpyArray &value) {
  qnn::RowCode code = *qnn::rowCodeOf(tensor.type);
  ArrayRef<int64_t> shape = tensor.type.getShape();
  int64_t count = shape[2] * shape[3];
  for (int64_t i = 0; i < tensor.type.getNumElements(); ++i)
    value.setInteger(i, code.read(base + i / count * code.rowBytes(count),
                                  count, i % count));
}

/// A layer's result from where it lies, without its padding.
NpyArray CompiledRunner::readTensor(const LayerTensor &tensor) const {
  qnn::BufferAttr buffer = *tensor.buffer;
  TensorABI description = describeTensor(tensor.name, tensor.type);
  NpyArray value(getNpyType(description.type), description.shape);
  const Memory &where = memory[0];
  const char *base = nullptr;
  switch (buffer.getSpace()) {
  case qnn::MemorySpace::Arena:
    base = static_cast<const char *>(where.arena);
    break;
  case qnn::MemorySpace::Input:
    base = static_cast<const char *>(where.inputs[buffer.getIndex()]);
    break;
  case qnn::MemorySpace::Output:
    base = static_cast<const char *>(where.outputs[buffer.getIndex()]);
    break;
  case qnn::MemorySpace::State:
    base = static_cast<const char *>(where.state);
    break;
  }
  base += buffer.getOffset();
  ArrayRef<int64_t> pad = buffer.getPad(), shape = description.shape;
  if (buffer.getPlanes() > 0) {
    unpackPlanes(base, tensor, pad, value);
    return value;
  }
  if (buffer.getRowBits() > 0) {
    unpackRows(base, tensor, value);
    return value;
  }
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

void CompiledRunner::tellSink(const Sink &sink, int32_t index) const {
  int64_t position = findLayer(index);
  if (position < 0)
    return;
  const LayerInfo &layer = layers[position];
  // Layers that the compiler put in make no tensor that the model has.
  if (layer.operation == "copy")
    return;
  for (const LayerTensor &tensor : layer.results) {
    if (!tensor.buffer || tensor.name.empty())
      continue;
    // What a pass left under that name may be another tensor.
    RankedTensorType type = modelTypes.lookup(tensor.name);
    if (!type || type.getNumElements() != tensor.type.getNumElements() ||
        qnn::isQuantized(type.getElementType()) !=
            qnn::isQuantized(tensor.type.getElementType()) ||
        isa<FloatType>(type.getElementType()) !=
            isa<FloatType>(tensor.type.getElementType()))
      continue;
    if (std::optional<NpyArray> value = inModelLayout(
            restoreType(readTensor(tensor), tensor, type), tensor.layout))
      sink({layer.op, tensor.name, layer.name, std::move(*value)});
  }
}

/// Runs once between guards, where the inputs may be read only.
llvm::Error CompiledRunner::runGuarded(Memory &where, Sink sink) {
  if (!abi.ioInArena)
    for (void *input : where.inputs)
      where.guard->protect(input, /*readOnly=*/true);
  // Counts the layers that have ended, to name the one that strays.
  volatile int32_t ended = 0;
  int status = 0;
  llvm::Error error = where.guard->call(
      [&] {
        status = model->runObserved(where.arguments, [&](int32_t index) {
          ended = index + 1;
          if (sink)
            tellSink(sink, index);
        });
      },
      [&] {
        ArrayRef<std::string> names = model->getLayers();
        size_t index = static_cast<size_t>(ended);
        return index < names.size() ? "layer '" + names[index] + "'"
                                    : std::string("the code");
      });
  for (void *input : where.inputs)
    where.guard->protect(input, /*readOnly=*/false);
  if (!error && status != 0)
    return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                   "the code refuses its arguments");
  if (!error && where.parts && where.parts->sawConflict())
    return llvm::createStringError(
        llvm::inconvertibleErrorCode(),
        "two threads would write the same byte of a layer's result");
  return error;
}

FailureOr<std::vector<NpyArray>>
CompiledRunner::runIn(Memory &where, ArrayRef<NpyArray> inputs, Sink sink) {
  where.setInputs(inputs);
  if (where.guard) {
    if (llvm::Error error = runGuarded(where, sink))
      return emitError(*location, llvm::toString(std::move(error)));
  } else {
    int status =
        sink ? model->runObserved(where.arguments,
                                  [&](int32_t index) { tellSink(sink, index); })
             : model->run(where.arguments);
    // The only errors are bad pointers, and these are ours.
    if (status != 0)
      llvm::report_fatal_error("compiled code refused its arguments");
  }
  std::vector<NpyArray> outputs;
  for (auto [tensor, pointer] : llvm::zip(abi.outputs, where.outputs)) {
    NpyArray output(getNpyType(tensor.type), tensor.shape);
    std::memcpy(output.data.data(), pointer, output.data.size());
    outputs.push_back(std::move(output));
  }
  return outputs;
}

FailureOr<std::vector<NpyArray>> CompiledRunner::run(ArrayRef<NpyArray> inputs,
                                                     Sink sink) {
  FailureOr<std::vector<NpyArray>> outputs = runIn(memory[0], inputs, sink);
  if (failed(outputs))
    return failure();
  for (Memory &other : llvm::drop_begin(memory)) {
    FailureOr<std::vector<NpyArray>> again = runIn(other, inputs, nullptr);
    if (failed(again))
      return failure();
    for (auto [tensor, first, second] :
         llvm::zip(abi.outputs, *outputs, *again))
      if (first.data != second.data)
        return emitError(*location)
               << "output '" << tensor.name
               << "' depends on where buffers lie and what they held before";
  }
  return outputs;
}

} // namespace qcc
