// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qcc diff: runs a model two ways on the same inputs, sample by sample, and
// finds the first layer whose result is not the same.

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

/// How far a tensor is apart, over all samples.
struct Difference {
  int64_t differing = 0, first = -1, elements = 0, sample = 0;
  double greatest = 0;
  bool isFloat = false;
  std::string firstValues;
  SmallVector<int64_t, 4> shape;
  /// Where it comes from.
  int64_t op = -1;
  std::string name, layer;
};

std::string valueOf(const NpyArray &array, int64_t index) {
  if (isFloatNpyType(array.type))
    return formatFixed(array.getFloat(index), 6);
  return std::to_string(array.getInteger(index));
}

/// Adds to `result` the elements of sample `sample`, `count` from `beginA` and
/// `beginB` on. Integers must be equal; floats within 1e-4 · max(1, |b|).
void compare(const NpyArray &a, int64_t beginA, const NpyArray &b,
             int64_t beginB, int64_t count, int64_t sample,
             Difference &result) {
  result.elements += count;
  for (int64_t n = 0; n < count; ++n) {
    int64_t i = beginA + n, j = beginB + n;
    double error = std::fabs(a.getFloat(i) - b.getFloat(j));
    bool same =
        isFloatNpyType(a.type)
            ? error <= 1e-4 * std::fmax(1, std::fabs(b.getFloat(j))) ||
                  a.getFloat(i) == b.getFloat(j) ||
                  (std::isnan(a.getFloat(i)) && std::isnan(b.getFloat(j)))
            : a.getInteger(i) == b.getInteger(j);
    if (same)
      continue;
    if (result.differing++ == 0) {
      result.first = n;
      result.sample = sample;
      result.firstValues = valueOf(a, i) + " and " + valueOf(b, j);
    }
    result.greatest =
        std::isnan(error) ? error : std::fmax(result.greatest, error);
  }
}

/// Whether `count` elements are equal in this sense.
bool isSame(const NpyArray &a, int64_t beginA, const NpyArray &b,
            int64_t beginB, int64_t count) {
  Difference difference;
  compare(a, beginA, b, beginB, count, 0, difference);
  return difference.differing == 0;
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
  /// One way: what runs the model, or the results of such a run.
  struct Way {
    std::unique_ptr<ModelRunner> runner;
    Tensors tensors;
    /// What operations made before under the same names: parts of nodes, each
    /// of which may be the last that is left after fusion.
    llvm::StringMap<std::vector<NpyArray>> parts;
  };

  /// Nothing after a diagnostic.
  std::optional<Way> prepare(const std::string &way);
  std::optional<Tensors> readDirectory(const std::string &directory);
  llvm::Error loadInputs(const ModelABI &abi);
  /// The results of sample `sample`, of a directory all that it holds.
  LogicalResult collect(Way &way, int64_t sample);
  /// Whether `way` made the `count` elements of `value` from `begin` on under
  /// the name `name`, before it made the tensor that it compares.
  static bool hasPart(const Way &way, StringRef name, const NpyArray &value,
                      int64_t begin, int64_t count);
  LogicalResult compareSample(const Way &first, const Way &second,
                              int64_t sample);
  int report();

  const DiffCommand &command;
  Session session;
  std::optional<InputSamples> inputs;
  llvm::MapVector<std::string, Difference, llvm::StringMap<unsigned>>
      differences;
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
    inputs = makeRandomInputs(abi.inputs, 1);
    return llvm::Error::success();
  }
  auto paths = assignFiles(command.inputs, abi.inputs, "input");
  if (!paths)
    return paths.takeError();
  auto samples = readInputs(*paths, abi.inputs, command.floatIO);
  if (!samples)
    return samples.takeError();
  inputs = std::move(*samples);
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

std::optional<Differ::Way> Differ::prepare(const std::string &way) {
  Way result;
  if (llvm::sys::fs::is_directory(way)) {
    std::optional<Tensors> tensors = readDirectory(way);
    if (!tensors)
      return std::nullopt;
    result.tensors = std::move(*tensors);
    return result;
  }
  OwningOpRef<ModuleOp> module = session.load();
  if (!module)
    return std::nullopt;
  if (way == "interpret") {
    FailureOr<std::unique_ptr<ModelRunner>> interpreter =
        createInterpreterRunner(std::move(module));
    if (failed(interpreter))
      return std::nullopt;
    result.runner = std::move(*interpreter);
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
    result.runner =
        CompiledRunner::create(std::move(module), *code, session.observe(),
                               CompiledRunner::Guard::Yes);
    if (!result.runner)
      return std::nullopt;
  }
  if (llvm::Error error = loadInputs(result.runner->getInterface()))
    return session.fail(std::move(error)), std::nullopt;
  return result;
}

LogicalResult Differ::collect(Way &way, int64_t sample) {
  if (!way.runner)
    return success();
  const ModelABI &abi = way.runner->getInterface();
  way.tensors.clear();
  way.parts.clear();
  auto outputs =
      way.runner->run(inputs->get(abi.inputs, sample), [&](TensorDump dump) {
        std::string name = getDumpFileName(
            dump.op, dump.name.empty() ? dump.layer : dump.name);
        TensorDump &last = way.tensors[name];
        if (last.value.getNumElements() > 0)
          way.parts[name].push_back(std::move(last.value));
        last = std::move(dump);
      });
  if (failed(outputs))
    return failure();
  for (auto [tensor, output] : llvm::zip(abi.outputs, *outputs)) {
    TensorDump dump;
    dump.name = "output '" + tensor.name + "'";
    dump.value = std::move(output);
    way.tensors[dump.name] = std::move(dump);
  }
  return success();
}

bool Differ::hasPart(const Way &way, StringRef name, const NpyArray &value,
                     int64_t begin, int64_t count) {
  auto found = way.parts.find(name);
  return found != way.parts.end() &&
         llvm::any_of(found->second, [&](const NpyArray &part) {
           return part.type == value.type && part.getNumElements() == count &&
                  isSame(value, begin, part, 0, count);
         });
}

LogicalResult Differ::compareSample(const Way &first, const Way &second,
                                    int64_t sample) {
  for (const auto &[name, a] : first.tensors) {
    auto found = second.tensors.find(name);
    if (found == second.tensors.end())
      continue;
    const TensorDump &b = found->second;
    // A directory holds all its samples at once, of which it may have fewer.
    int64_t countA = a.value.getNumElements(),
            countB = b.value.getNumElements(), few = std::min(countA, countB),
            many = std::max(countA, countB);
    bool areAlike = b.value.type == a.value.type && few != 0 && many % few == 0;
    if (!areAlike && (hasPart(second, name, a.value, 0, countA) ||
                      hasPart(first, name, b.value, 0, countB)))
      continue;
    if (!areAlike) {
      llvm::outs() << name << ": " << getNpyTypeName(a.value.type) << " "
                   << formatShape(a.value.shape) << " in " << command.first
                   << ", but " << getNpyTypeName(b.value.type) << " "
                   << formatShape(b.value.shape) << " in " << command.second
                   << "\n";
      return failure();
    }
    int64_t beginA = first.runner ? 0 : sample * few,
            beginB = second.runner ? 0 : sample * few;
    if (beginA + few > countA || beginB + few > countB)
      continue;
    if (!isSame(a.value, beginA, b.value, beginB, few) &&
        (hasPart(second, name, a.value, beginA, few) ||
         hasPart(first, name, b.value, beginB, few)))
      continue;
    Difference &difference = differences[name];
    if (difference.name.empty()) {
      difference.op = a.op;
      difference.name = a.name;
      difference.layer = b.layer.empty() ? a.layer : b.layer;
      difference.isFloat = isFloatNpyType(a.value.type);
      difference.shape = countA == few ? a.value.shape : b.value.shape;
    }
    compare(a.value, beginA, b.value, beginB, few, sample, difference);
  }
  return success();
}

int Differ::run() {
  std::optional<Way> first = prepare(command.first);
  std::optional<Way> second = first ? prepare(command.second) : std::nullopt;
  if (!first || !second)
    return 1;
  int64_t count = inputs ? inputs->count : 1;
  for (int64_t i = 0; i < count; ++i)
    if (failed(collect(*first, i)) || failed(collect(*second, i)) ||
        failed(compareSample(*first, *second, i)))
      return 1;
  return report();
}

int Differ::report() {
  if (differences.empty())
    return session.fail("'" + command.first + "' and '" + command.second +
                        "' have no tensor in common");
  int64_t differing = 0, count = inputs ? inputs->count : 1;
  for (const auto &[name, difference] : differences) {
    if (!difference.differing || differing++)
      continue;
    llvm::outs() << "first difference: "
                 << (difference.op >= 0
                         ? "operator " + std::to_string(difference.op) +
                               ", tensor '" + difference.name + "'"
                         : difference.name);
    if (!difference.layer.empty())
      llvm::outs() << ", layer '" << difference.layer << "'";
    llvm::outs() << "\n  " << difference.differing << " of "
                 << difference.elements << " elements differ, by up to "
                 << formatFixed(difference.greatest, difference.isFloat ? 6 : 0)
                 << "\n  the first "
                 << (count > 1 ? "in sample " +
                                     std::to_string(difference.sample) + " "
                               : "")
                 << "at " << positionOf(difference.first, difference.shape)
                 << ": " << difference.firstValues << " (" << command.first
                 << " and " << command.second << ")\n";
  }
  if (differing) {
    llvm::outs() << differing << " of " << differences.size()
                 << " tensors differ\n";
    return 1;
  }
  llvm::outs() << "no difference in " << differences.size()
               << " tensors between " << command.first << " and "
               << command.second;
  if (count > 1)
    llvm::outs() << " on " << count << " samples";
  llvm::outs() << "\n";
  return 0;
}

} // namespace

int runDiff(const DiffCommand &command) { return Differ(command).run(); }

} // namespace qcc
