// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qcc run: a model on the samples of .npy files.

#include "Session.h"

#include "qcc/Driver/TensorFiles.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace qcc {
namespace {

/// Every layer's results over all samples, by file name, in the order of
/// layers.
class DumpCollector {
public:
  void add(int64_t sample, TensorDump dump) {
    std::string name =
        getDumpFileName(dump.op, dump.name.empty() ? dump.layer : dump.name);
    std::vector<NpyArray> &samples = tensors[name];
    // Several operations may come from one operator: the last makes its result.
    samples.resize(sample + 1);
    samples.back() = std::move(dump.value);
  }

  llvm::Error write(StringRef directory) {
    if (std::error_code code = llvm::sys::fs::create_directories(directory))
      return llvm::createStringError(
          code, "'" + directory + "' cannot be made: " + code.message());
    for (auto &[name, samples] : tensors) {
      SmallString<256> path(directory);
      llvm::sys::path::append(path, name);
      if (llvm::Error error =
              writeNpy(path, joinSamples(samples, samples[0].shape)))
        return error;
    }
    return llvm::Error::success();
  }

private:
  llvm::MapVector<std::string, std::vector<NpyArray>, llvm::StringMap<unsigned>>
      tensors;
};

void printOutput(const TensorABI &tensor, const NpyArray &array) {
  llvm::outs() << tensor.name << " " << getNpyTypeName(array.type) << " "
               << formatShape(array.shape) << ":";
  int64_t count = array.getNumElements();
  for (int64_t i = 0, e = std::min<int64_t>(count, 32); i < e; ++i) {
    if (isFloatNpyType(array.type))
      llvm::outs() << llvm::format(" %.6g", array.getFloat(i));
    else
      llvm::outs() << " " << array.getInteger(i);
  }
  llvm::outs() << (count > 32 ? " …\n" : "\n");
}

} // namespace

int runModel(const RunCommand &command) {
  Session session(command);
  OwningOpRef<ModuleOp> module = session.load();
  if (!module)
    return 1;
  std::unique_ptr<ModelRunner> runner;
  if (command.interpret) {
    FailureOr<std::unique_ptr<ModelRunner>> interpreter =
        createInterpreterRunner(std::move(module));
    if (failed(interpreter))
      return 1;
    runner = std::move(*interpreter);
  } else {
    FailureOr<CodeOptions> code = session.resolve();
    if (failed(code))
      return 1;
    runner = CompiledRunner::create(std::move(module), *code, session.observe(),
                                    command.guard ? CompiledRunner::Guard::Yes
                                                  : CompiledRunner::Guard::No);
    if (!runner)
      return 1;
  }

  const ModelABI &abi = runner->getInterface();
  auto inputPaths = assignFiles(command.inputs, abi.inputs, "input");
  if (!inputPaths)
    return session.fail(inputPaths.takeError());
  auto outputPaths = assignFiles(command.outputs, abi.outputs, "output");
  if (!outputPaths)
    return session.fail(outputPaths.takeError());
  if (!session.checkNotOverwritten(*outputPaths, *inputPaths))
    return 1;
  auto samples = readInputs(*inputPaths, abi.inputs, command.floatIO);
  if (!samples)
    return session.fail(samples.takeError());

  std::vector<std::vector<NpyArray>> results(abi.outputs.size());
  DumpCollector dumps;
  StageObserver observer = session.observe();
  for (int64_t i = 0; i < samples->count; ++i) {
    if (i == 0 || command.resetEach)
      runner->reset();
    if (i % 16 == 0)
      observer.enter("sample " + std::to_string(i + 1) + " of " +
                     std::to_string(samples->count));
    std::vector<NpyArray> inputs = samples->get(abi.inputs, i);
    auto outputs = command.dumpTensors.empty()
                       ? runner->run(inputs)
                       : runner->run(inputs, [&](TensorDump dump) {
                           dumps.add(i, std::move(dump));
                         });
    if (failed(outputs))
      return 1;
    for (auto [all, output] : llvm::zip(results, *outputs))
      all.push_back(std::move(output));
  }

  if (!command.dumpTensors.empty())
    if (llvm::Error error = dumps.write(command.dumpTensors))
      return session.fail(std::move(error));
  for (auto [index, tensor] : llvm::enumerate(abi.outputs)) {
    NpyArray array = joinSamples(results[index], tensor.shape);
    if (command.floatIO)
      array = dequantize(array, tensor);
    const std::string &path = (*outputPaths)[index];
    if (path.empty())
      printOutput(tensor, array);
    else if (llvm::Error error = writeNpy(path, array))
      return session.fail(std::move(error));
  }
  return 0;
}

} // namespace qcc
