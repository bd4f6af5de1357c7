// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qcc diff: runs a model two ways on the same input and finds the first layer
// whose result is not the same.

#include "Session.h"
#include "Table.h"

#include "qcc/Driver/TensorFiles.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cmath>

using namespace mlir;

namespace qcc {
namespace {

/// Results of one way, by the file name that a dump of them has.
using Tensors =
    llvm::MapVector<std::string, TensorDump, llvm::StringMap<unsigned>>;

/// How far two tensors are apart.
struct Difference {
  int64_t differing = 0, first = -1, elements = 0;
  double greatest = 0;
  std::string firstValues;
};

std::string valueOf(const NpyArray &array, int64_t index) {
  if (isFloatNpyType(array.type))
    return formatFixed(array.getFloat(index), 6);
  return std::to_string(array.getInteger(index));
}

/// Integers must be equal; floats within 1e-4 · max(1, |b|).
Difference compare(const NpyArray &a, const NpyArray &b) {
  Difference result;
  // Dumps of several samples begin with the first, which the other may hold
  // alone.
  result.elements = std::min(a.getNumElements(), b.getNumElements());
  for (int64_t i = 0; i < result.elements; ++i) {
    double error = std::fabs(a.getFloat(i) - b.getFloat(i));
    bool same =
        isFloatNpyType(a.type)
            ? error <= 1e-4 * std::fmax(1, std::fabs(b.getFloat(i))) ||
                  a.getFloat(i) == b.getFloat(i) ||
                  (std::isnan(a.getFloat(i)) && std::isnan(b.getFloat(i)))
            : a.getInteger(i) == b.getInteger(i);
    if (same)
      continue;
    if (result.differing++ == 0) {
      result.first = i;
      result.firstValues = valueOf(a, i) + " and " + valueOf(b, i);
    }
    result.greatest =
        std::isnan(error) ? error : std::fmax(result.greatest, error);
  }
  return result;
}

/// "[0, 3, 1, 2]" of element `index`.
std::string positionOf(int64_t index, ArrayRef<int64_t> shape) {
  SmallVector<int64_t> position(shape.size());
  for (size_t d = shape.size(); d-- > 0;) {
    position[d] = index % shape[d];
    index /= shape[d];
  }
  return formatShape(position);
}

class Differ {
public:
  explicit Differ(const DiffCommand &diffCommand)
      : command(diffCommand), session(diffCommand) {}

  int run();

private:
  /// The results of one way; nothing after a diagnostic.
  std::optional<Tensors> collect(const std::string &way);
  std::optional<Tensors> readDirectory(const std::string &directory);
  llvm::Error loadInputs(const ModelABI &abi);

  const DiffCommand &command;
  Session session;
  std::optional<std::vector<NpyArray>> inputs;
};

llvm::Error Differ::loadInputs(const ModelABI &abi) {
  if (inputs)
    return llvm::Error::success();
  if (command.inputs.empty()) {
    // Tensors of one input differ from those of any other.
    for (const std::string &way : {command.first, command.second})
      if (!abi.inputs.empty() && llvm::sys::fs::is_directory(way))
        return llvm::createStringError(
            llvm::inconvertibleErrorCode(),
            "'" + way + "' holds results of an input; say which by --input=");
    inputs = makeRandomInputs(abi.inputs, 1).get(abi.inputs, 0);
    return llvm::Error::success();
  }
  auto paths = assignFiles(command.inputs, abi.inputs, "input");
  if (!paths)
    return paths.takeError();
  auto samples = readInputs(*paths, abi.inputs, command.floatIO);
  if (!samples)
    return samples.takeError();
  inputs = samples->get(abi.inputs, 0);
  return llvm::Error::success();
}

std::optional<Tensors> Differ::readDirectory(const std::string &directory) {
  Tensors tensors;
  std::error_code code;
  std::vector<std::string> paths;
  for (llvm::sys::fs::directory_iterator it(directory, code), end;
       it != end && !code; it.increment(code))
    if (StringRef(it->path()).ends_with(".npy"))
      paths.push_back(it->path());
  if (code)
    return session.fail("'" + directory +
                        "' cannot be read: " + code.message()),
           std::nullopt;
  if (paths.empty())
    return session.fail("'" + directory +
                        "' holds no .npy files; write them by qcc run "
                        "--dump-tensors=" +
                        directory),
           std::nullopt;
  llvm::sort(paths);
  for (const std::string &path : paths) {
    llvm::Expected<NpyArray> array = readNpy(path);
    if (!array)
      return session.fail(array.takeError()), std::nullopt;
    TensorDump dump;
    std::string name = llvm::sys::path::filename(path).str();
    dump.name = llvm::sys::path::stem(path).str();
    (void)StringRef(dump.name).split('_').first.getAsInteger(10, dump.op);
    dump.value = std::move(*array);
    tensors[name] = std::move(dump);
  }
  return tensors;
}

std::optional<Tensors> Differ::collect(const std::string &way) {
  if (llvm::sys::fs::is_directory(way))
    return readDirectory(way);
  OwningOpRef<ModuleOp> module = session.load();
  if (!module)
    return std::nullopt;
  std::unique_ptr<ModelRunner> runner;
  if (way == "interpret") {
    FailureOr<std::unique_ptr<ModelRunner>> interpreter =
        createInterpreterRunner(std::move(module));
    if (failed(interpreter))
      return std::nullopt;
    runner = std::move(*interpreter);
  } else {
    StringRef interpret = "interpret";
    if (std::string hint = suggestNames(way, interpret); !hint.empty())
      return session.fail(
                 llvm::createStringError(llvm::inconvertibleErrorCode(),
                                         "unknown way '" + way + "'" + hint)),
             std::nullopt;
    // What looks like a path is not a misspelt CPU.
    if (StringRef(way).contains('/') || llvm::sys::fs::exists(way))
      return session.fail("'" + way + "' is no directory of tensors"),
             std::nullopt;
    FailureOr<CodeOptions> code = session.resolve(way);
    if (failed(code))
      return std::nullopt;
    runner = CompiledRunner::create(std::move(module), *code, session.observe(),
                                    CompiledRunner::Guard::Yes);
    if (!runner)
      return std::nullopt;
  }
  const ModelABI &abi = runner->getInterface();
  if (llvm::Error error = loadInputs(abi))
    return session.fail(std::move(error)), std::nullopt;
  Tensors tensors;
  auto outputs = runner->run(*inputs, [&](TensorDump dump) {
    std::string name =
        getDumpFileName(dump.op, dump.name.empty() ? dump.layer : dump.name);
    tensors[name] = std::move(dump);
  });
  if (failed(outputs))
    return std::nullopt;
  for (auto [tensor, output] : llvm::zip(abi.outputs, *outputs)) {
    TensorDump dump;
    dump.name = "output '" + tensor.name + "'";
    dump.value = std::move(output);
    tensors[dump.name] = std::move(dump);
  }
  return tensors;
}

int Differ::run() {
  std::optional<Tensors> first = collect(command.first);
  std::optional<Tensors> second =
      first ? collect(command.second) : std::nullopt;
  if (!first || !second)
    return 1;
  int64_t compared = 0, differing = 0;
  for (auto &[name, a] : *first) {
    auto found = second->find(name);
    if (found == second->end())
      continue;
    NpyArray &b = found->second.value;
    // One may hold more samples than the other: what both hold is compared.
    int64_t few = std::min(a.value.getNumElements(), b.getNumElements());
    int64_t many = std::max(a.value.getNumElements(), b.getNumElements());
    if (b.type != a.value.type || few == 0 || many % few != 0) {
      llvm::outs() << name << ": " << getNpyTypeName(a.value.type) << " "
                   << formatShape(a.value.shape) << " in " << command.first
                   << ", but " << getNpyTypeName(b.type) << " "
                   << formatShape(b.shape) << " in " << command.second << "\n";
      return 1;
    }
    ++compared;
    Difference difference = compare(a.value, b);
    if (!difference.differing)
      continue;
    if (differing++)
      continue;
    llvm::outs() << "first difference: "
                 << (a.op >= 0 ? "operator " + std::to_string(a.op) +
                                     ", tensor '" + a.name + "'"
                               : a.name);
    const std::string &layer =
        found->second.layer.empty() ? a.layer : found->second.layer;
    if (!layer.empty())
      llvm::outs() << ", layer '" << layer << "'";
    llvm::outs() << "\n  " << difference.differing << " of "
                 << difference.elements << " elements differ, by up to "
                 << (isFloatNpyType(a.value.type)
                         ? formatFixed(difference.greatest, 6)
                         : formatFixed(difference.greatest, 0))
                 << "\n  the first at "
                 << positionOf(difference.first, a.value.shape) << ": "
                 << difference.firstValues << " (" << command.first << " and "
                 << command.second << ")\n";
  }
  if (compared == 0)
    return session.fail("'" + command.first + "' and '" + command.second +
                        "' have no tensor in common");
  if (differing) {
    llvm::outs() << differing << " of " << compared << " tensors differ\n";
    return 1;
  }
  llvm::outs() << "no difference in " << compared << " tensors between "
               << command.first << " and " << command.second << "\n";
  return 0;
}

} // namespace

int runDiff(const DiffCommand &command) { return Differ(command).run(); }

} // namespace qcc
