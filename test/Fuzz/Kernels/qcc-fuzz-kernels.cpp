// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled code against the reference interpreter on random small models. On
// this machine each model runs for several levels of x86-64 and, through
// imagined facts, as the portable code of other targets; for other machines
// --emit writes objects and a C program with the expected results.
//
//   qcc-fuzz-kernels --seed=1 --count=200 [--ops=conv2d,add] [--ways=native]
//   qcc-fuzz-kernels --seed=7 --count=1 --print
//   qcc-fuzz-kernels --count=50 --emit=DIR --triple=aarch64-linux-gnu
//
// Or, with --tiles, on a table of models for the remainders of each kernel:
//
//   qcc-fuzz-kernels --tiles [--slice=8] [--list] [--ways=native]
//   qcc-fuzz-kernels --tiles --seed=17 --count=1 --print
//
// There every kernel of the compiler has to be chosen for some model, but for
// those that `isKernelFor` knows not to be for a machine.
//
// Exit status: 0 when all agree, 1 when a result differs or a stage fails.

#include "GuardedBuffer.h"
#include "RandomModel.h"
#include "TileModels.h"
#include "WantedKernels.h"

#include "qcc/Conversion/Passes.h"
#include "qcc/Conversion/TargetAttr.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Pipelines/OptimizePipeline.h"
#include "qcc/Reference/Interpreter.h"
#include "qcc/Reference/Passes.h"
#include "qcc/Target/CEmitter.h"
#include "qcc/Target/HeaderWriter.h"
#include "qcc/Target/IsolatedParts.h"
#include "qcc/Target/JitModel.h"
#include "qcc/Target/LowerToLLVM.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"

#include <cmath>
#include <cstring>
#include <map>
#include <random>
#include <set>

using namespace mlir;
using namespace qcc;
using reference::RefTensor;

namespace {

namespace cl = llvm::cl;
cl::opt<uint64_t> seedOption("seed", cl::desc("first seed"), cl::init(1));
cl::opt<uint64_t> countOption("count",
                              cl::desc("models (default: 100, or the table)"),
                              cl::init(0));
cl::opt<bool> tilesOption("tiles",
                          cl::desc("models for the remainders of kernels"));
cl::opt<int64_t> sliceOption("slice",
                             cl::desc("with --tiles: every n-th of a family"),
                             cl::init(1));
cl::opt<std::string>
    namedOption("named",
                cl::desc("with --tiles: models whose names begin so alone"));
cl::opt<bool> listOption("list",
                         cl::desc("the kernels that each model is run by"));
cl::list<std::string> opsOption("ops", cl::CommaSeparated,
                                cl::desc("operations to begin with"));
cl::list<std::string> waysOption("ways", cl::CommaSeparated,
                                 cl::desc("ways to compile (default: all)"));
cl::opt<int> lengthOption("max-length", cl::desc("most operations in a row"),
                          cl::init(4));
cl::opt<bool> graphOption("graph",
                          cl::desc("graphs with several results, optimized, "
                                   "half of them with --io=arena"));
cl::opt<bool> floatOption("float", cl::desc("inputs are floats"));
cl::opt<bool> fewBitsOption("few-bits",
                            cl::desc("weights have 1 + seed modulo 7 bits"));
cl::opt<std::string> kernelOption("kernel",
                                  cl::desc("family to choose kernels from; "
                                           "each: another with every seed; or "
                                           "what is behind the dot of a "
                                           "kernel's name: that one alone"),
                                  cl::init("auto"));
cl::opt<bool> lowBitOption("low-bit",
                           cl::desc("products of weights and activations of 1 "
                                    "to 8 bits, as ONNX has them"));
cl::opt<bool> printOption("print", cl::desc("print each model"));
cl::opt<std::string> emitOption("emit", cl::desc("directory for objects"));
cl::opt<std::string> tripleOption("triple", cl::desc("with --emit: triple"));
cl::opt<std::string> cpuOption("mcpu", cl::desc("with --emit: CPU"));
cl::opt<std::string> attrOption("mattr", cl::desc("with --emit: features"));
cl::opt<bool> integerOnlyOption("integer-only",
                                cl::desc("with --emit: no floats"));

/// A way to compile: a target, and whether activations change their sign.
struct Way {
  std::string name;
  TargetDescription target;
  /// Portable C, not objects.
  bool isC = false;
};

/// Facts of machines that this one can imitate with portable code.
TargetFacts imagine(IsaFamily isa, unsigned vectorBits, bool integerOnly) {
  TargetFacts facts;
  facts.isa = isa;
  facts.vectorBits = vectorBits;
  facts.numVectorRegisters = vectorBits ? 32 : 0;
  facts.numScalarRegisters = 14;
  facts.hasFloat = !integerOnly;
  facts.hasDouble = !integerOnly;
  facts.hasVectorFloat = vectorBits != 0 && !integerOnly;
  facts.integerOnly = integerOnly;
  return facts;
}

std::vector<Way> getNativeWays() {
  std::vector<Way> ways;
  auto wanted = [](StringRef name) {
    return waysOption.empty() || llvm::is_contained(waysOption, name);
  };
  // AVX-VNNI is vpdpbusd on 16 registers of 256 bits.
  for (StringRef cpu :
       {"x86-64-v2", "x86-64-v3", "x86-64-v3+avxvnni", "x86-64-v4", "native"}) {
    TargetRequest request;
    request.cpu = cpu.split('+').first.str();
    if (cpu.contains('+'))
      request.features = "+avxvnni";
    llvm::Expected<TargetDescription> target = resolveTarget(request);
    if (!target) {
      llvm::errs() << "way " << cpu
                   << ": SKIPPED: " << llvm::toString(target.takeError())
                   << "\n";
      continue;
    }
    if (llvm::Error error = checkRunsOnHost(*target)) {
      llvm::errs() << "way " << cpu
                   << ": SKIPPED: " << llvm::toString(std::move(error)) << "\n";
      continue;
    }
    if (wanted(cpu))
      ways.push_back({cpu.str(), *target});
    if (cpu != "x86-64-v2")
      continue;
    auto add = [&](StringRef name, TargetFacts facts) {
      Way way{name.str(), *target};
      way.target.facts = facts;
      if (wanted(name))
        ways.push_back(way);
    };
    add("portable-128", imagine(IsaFamily::RISCV64, 128, false));
    add("portable-scalar", imagine(IsaFamily::RISCV64, 0, false));
    add("portable-integer", imagine(IsaFamily::RISCV64, 0, true));
    add("portable-integer-128", imagine(IsaFamily::RISCV64, 128, true));
  }
  return ways;
}

/// How a tensor lies in memory: interface type and bytes.
TensorABI describe(RankedTensorType type) {
  TensorABI tensor;
  tensor.name = "t";
  tensor.shape.assign(type.getShape().begin(), type.getShape().end());
  if (qnn::isFloat(type)) {
    tensor.type = ElementType::Float32;
    return tensor;
  }
  bool isSigned = qnn::isSignedStorage(type);
  switch (qnn::bytesPerElement(type)) {
  case 1:
    tensor.type = isSigned ? ElementType::Int8 : ElementType::UInt8;
    break;
  case 2:
    tensor.type = isSigned ? ElementType::Int16 : ElementType::UInt16;
    break;
  case 8:
    tensor.type = ElementType::Int64;
    break;
  default:
    tensor.type = ElementType::Int32;
  }
  std::tie(tensor.storageMin, tensor.storageMax) = qnn::storageRange(type);
  return tensor;
}

void writeTensor(const RefTensor &tensor, char *out) {
  if (tensor.isFloat()) {
    std::memcpy(out, tensor.floats().data(), tensor.floats().size() * 4);
    return;
  }
  auto bytes = static_cast<size_t>(qnn::bytesPerElement(tensor.getType()));
  for (int64_t value : tensor.ints()) {
    std::memcpy(out, &value, bytes);
    out += bytes;
  }
}

RefTensor readTensor(RankedTensorType type, const char *in) {
  RefTensor tensor(type);
  if (tensor.isFloat()) {
    std::memcpy(tensor.floats().data(), in, tensor.floats().size() * 4);
    return tensor;
  }
  auto bytes = static_cast<size_t>(qnn::bytesPerElement(type));
  for (int64_t &value : tensor.ints()) {
    uint64_t raw = 0;
    std::memcpy(&raw, in, bytes);
    value = qnn::isSignedStorage(type)
                ? llvm::SignExtend64(raw, static_cast<unsigned>(bytes) * 8)
                : static_cast<int64_t>(raw);
    in += bytes;
  }
  return tensor;
}

/// Inputs of run `run`: uniform; then the ends of the range alone; then near
/// the zero point.
RefTensor makeInput(RankedTensorType type, std::mt19937_64 &rng, int run) {
  RefTensor tensor(type);
  auto pick = [&](int64_t lo, int64_t hi) {
    uint64_t count = static_cast<uint64_t>(hi) - static_cast<uint64_t>(lo) + 1;
    return static_cast<int64_t>(static_cast<uint64_t>(lo) +
                                (count ? rng() % count : rng()));
  };
  if (tensor.isFloat()) {
    for (float &value : tensor.floats()) {
      double unit = static_cast<double>(rng() >> 11) * 0x1p-53 * 2 - 1;
      double range = run == 0 ? 4 : run == 1 ? 20 : 0.01;
      value = static_cast<float>(unit * range);
    }
    return tensor;
  }
  auto [lo, hi] = qnn::storageRange(type);
  int64_t zero = qnn::zeroPointOf(type);
  for (int64_t &value : tensor.ints())
    value = run == 0 && !qnn::isBipolar(type) ? pick(lo, hi)
            : run == 1 || qnn::isBipolar(type)
                ? (rng() & 1 ? lo : hi)
                : std::clamp(zero + pick(-3, 3), lo, hi);
  return tensor;
}

/// The first element that differs, as text; empty when all agree.
std::string compare(const RefTensor &expected, const RefTensor &actual,
                    fuzz::Tolerance tolerance) {
  std::string text;
  llvm::raw_string_ostream out(text);
  for (int64_t i = 0; i < expected.getNumElements(); ++i) {
    auto at = static_cast<size_t>(i);
    if (expected.isFloat()) {
      float want = expected.floats()[at], have = actual.floats()[at];
      // Signed zeros are equal; NaN equals NaN.
      bool same = want == have || (std::isnan(want) && std::isnan(have));
      double bound = std::max(tolerance.relative * std::abs(double(want)),
                              tolerance.absolute);
      if (!same && !(std::abs(double(want) - have) <= bound)) {
        out << "element " << i << " is " << have << ", expected " << want;
        break;
      }
    } else if (expected.ints()[at] != actual.ints()[at]) {
      out << "element " << i << " is " << actual.ints()[at] << ", expected "
          << expected.ints()[at];
      break;
    }
  }
  return text;
}

/// One random model: its text, and inputs with the interpreter's results.
struct Case {
  uint64_t seed;
  fuzz::RandomModel model;
  SmallVector<RankedTensorType> inputTypes, outputTypes;
  static constexpr int runs = 3;
  SmallVector<SmallVector<RefTensor>> inputs, expected;
};

class Fuzzer {
public:
  Fuzzer() {
    DialectRegistry registry;
    registry.insert<qnn::QNNDialect>();
    registerTargetDialects(registry);
    reference::registerReferenceInterfaces(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    populateKernels(allKernels);
    context.getDiagEngine().registerHandler([&](Diagnostic &diagnostic) {
      if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
        errors += diagnostic.str() + "\n";
      return success();
    });
  }

  /// Leaves operations that have a kernel `method` no other one. False where
  /// none has.
  bool force(StringRef method) {
    forcedKernels = fuzz::forceKernels(allKernels, method);
    return forcedKernels != nullptr;
  }
  int runAll();

private:
  std::optional<Case> prepare(uint64_t seed);
  OwningOpRef<ModuleOp> parse(StringRef text) {
    return parseSourceString<ModuleOp>(text, &context);
  }
  /// From qnn to loops. Failure leaves the reason in `errors`.
  LogicalResult lower(ModuleOp module, const Case &test, const Way &way,
                      StringRef name, bool setSign, ModelABI &abi);
  void runNative(const Case &test, const Way &way);
  bool emitCase(const Case &test, const Way &way, std::string &declarations,
                std::string &calls);
  int emitAll();
  void fail(const Case &test, StringRef way, const Twine &what) {
    ++failures;
    llvm::outs() << "seed " << test.seed << " (" << test.model.description
                 << ") " << way << ": " << what << "\n";
  }

  MLIRContext context{MLIRContext::Threading::DISABLED};
  std::string errors;
  uint64_t getCount() const {
    if (countOption)
      return countOption;
    return tilesOption ? tiles.size() : 100;
  }
  /// Kernels that no model chose, though they are for the machine of `way`.
  void checkKernels(const Way &way);
  /// All of the compiler's, and what is left of them where some are forced.
  KernelSet allKernels;
  std::shared_ptr<const KernelSet> forcedKernels;

  /// With --tiles, the table.
  std::vector<fuzz::TileCase> tiles;
  unsigned failures = 0, compared = 0;
  size_t divided = 0;
  /// Layers without a kernel, by message.
  std::map<std::string, unsigned> refused;
  std::map<std::string, unsigned> kernelsRun;
  /// Products that were compared, by the bits of their operands.
  std::map<std::string, unsigned> pairs;
  void countPairs(const Case &test) {
    for (const std::string &pair : test.model.pairs)
      ++pairs[pair];
  }
  /// The same for each way.
  std::map<std::string, std::set<std::string>> kernelsOfWay;
};

void Fuzzer::checkKernels(const Way &way) {
  for (StringRef name : allKernels.getNames())
    if ((forcedKernels ? fuzz::isOfMethod(name, kernelOption)
                       : fuzz::isKernelFor(name, way.target.facts)) &&
        !kernelsOfWay[way.name].count(name.str())) {
      ++failures;
      llvm::outs() << way.name << ": no model of the table is run by kernel "
                   << name << "\n";
    }
}

std::optional<Case> Fuzzer::prepare(uint64_t seed) {
  fuzz::ModelOptions options;
  options.ops.assign(opsOption.begin(), opsOption.end());
  options.maxLength = lengthOption;
  options.isGraph = graphOption;
  options.hasFloatInputs = floatOption;
  if (fewBitsOption)
    options.weightBits = 1 + static_cast<int64_t>(seed % 7);
  options.isLowBit = lowBitOption;
  Case test;
  test.seed = seed;
  if (tilesOption) {
    if (seed >= tiles.size())
      return std::nullopt;
    const fuzz::TileCase &tile = tiles[seed];
    test.model = fuzz::makeTileModel(tile, seed);
    if (test.model.text.empty()) {
      ++refused["generator: there is no such model: " + tile.name];
      return std::nullopt;
    }
  } else {
    test.model = fuzz::makeRandomModel(seed, options);
  }
  if (printOption)
    llvm::outs() << test.model.text;
  errors.clear();
  OwningOpRef<ModuleOp> module = parse(test.model.text);
  if (!module) {
    fail(test, "generator", errors + test.model.text);
    return std::nullopt;
  }
  auto func = *module->getOps<func::FuncOp>().begin();
  for (Type type : func.getArgumentTypes())
    test.inputTypes.push_back(cast<RankedTensorType>(type));
  for (Type type : func.getResultTypes())
    test.outputTypes.push_back(cast<RankedTensorType>(type));
  reference::Interpreter interpreter(func);
  std::mt19937_64 rng(seed);
  for (int run = 0; run < Case::runs; ++run) {
    SmallVector<RefTensor> inputs;
    for (RankedTensorType type : test.inputTypes)
      inputs.push_back(makeInput(type, rng, run));
    auto results = interpreter.run(inputs);
    if (failed(results)) {
      // What no origin defines is not to be compiled either.
      ++refused["interpreter: " + errors];
      return std::nullopt;
    }
    test.inputs.push_back(inputs);
    test.expected.push_back(*results);
  }
  return test;
}

LogicalResult Fuzzer::lower(ModuleOp module, const Case &test, const Way &way,
                            StringRef name, bool setSign, ModelABI &abi) {
  auto func = *module.getOps<func::FuncOp>().begin();
  abi.name = name.str();
  for (Type type : func.getArgumentTypes())
    abi.inputs.push_back(describe(cast<RankedTensorType>(type)));
  for (Type type : func.getResultTypes())
    abi.outputs.push_back(describe(cast<RankedTensorType>(type)));
  TargetFacts facts = way.target.facts;
  facts.threads = static_cast<unsigned>(abi.threads);
  attachTargetFacts(module, facts);

  PassManager schedule(&context);
  if (graphOption)
    buildOptimizePasses(schedule);
  if (setSign)
    schedule.addPass(createSetActivationSign());
  schedule.addPass(createFormLayers());
  static constexpr const char *families[] = {"auto", "bitserial", "container",
                                             "lut",  "int8",      "narrow"};
  std::string family = kernelOption;
  if (family == "each")
    family = families[test.seed % std::size(families)];
  schedule.addPass(
      createSelectKernels({forcedKernels ? "auto" : family}, forcedKernels));
  if (test.seed % 4 != 0)
    schedule.addPass(createFuseLayers());
  schedule.addPass(createPlanMemory(
      {abi.ioInArena, test.seed % 3 == 0 ? "auto" : "always"}));
  schedule.addPass(createVerifyPlan());
  if (failed(schedule.run(module)))
    return failure();
  module.walk([&](qnn::LayerOp layer) {
    std::string kernel = layer.getKernel()->getKernelName().getValue().str();
    ++kernelsRun[kernel];
    kernelsOfWay[way.name].insert(kernel);
    if (int64_t bits = rowBitsOf(layer.getResult(0)))
      ++kernelsRun["rows packed at " + std::to_string(bits) + " bits"];
    if (listOption)
      llvm::outs() << way.name << ": " << kernel << ": "
                   << test.model.description << "\n";
  });
  auto arena = func->getAttrOfType<IntegerAttr>(attr::arenaBytes);
  abi.arenaBytes = static_cast<uint64_t>(std::max<int64_t>(arena.getInt(), 1));
  abi.arenaAlign = static_cast<uint64_t>(arenaAlign(way.target.facts));
  for (auto [i, tensor] : llvm::enumerate(abi.inputs))
    tensor.arenaOffset = static_cast<uint64_t>(
        func.getArgAttrOfType<qnn::BufferAttr>(i, attr::buffer).getOffset());
  for (auto [i, tensor] : llvm::enumerate(abi.outputs))
    tensor.arenaOffset = static_cast<uint64_t>(
        cast<qnn::BufferAttr>(func.getResultAttr(i, attr::buffer)).getOffset());
  PassManager loops(&context);
  ConvertQNNToLoopsOptions options;
  options.name = name.str();
  options.partCycles = 1; // Layers are small here.
  loops.addPass(createConvertQNNToLoops(options));
  return loops.run(module);
}

void Fuzzer::runNative(const Case &test, const Way &way) {
  errors.clear();
  OwningOpRef<ModuleOp> module = parse(test.model.text);
  ModelABI abi;
  bool setSign = test.seed % 2 == 0;
  abi.ioInArena = graphOption && test.seed / 2 % 2 == 0;
  // Half of the cases for one thread.
  abi.threads = std::array<int64_t, 4>{1, 2, 1, 3}[test.seed / 4 % 4];
  if (failed(lower(*module, test, way, "model", setSign, abi))) {
    if (StringRef(errors).contains("has no kernel for this target")) {
      ++refused[errors];
      return;
    }
    return fail(test, way.name, errors);
  }
  FailureOr<std::unique_ptr<JitModel>> jit =
      JitModel::create(*module, way.target, abi);
  if (failed(jit))
    return fail(test, way.name, errors);
  for (int run = 0; run < Case::runs; ++run) {
    std::vector<std::unique_ptr<fuzz::GuardedBuffer>> buffers;
    SmallVector<void *> arguments;
    auto allocate = [&](uint64_t size, size_t alignment) {
      buffers.push_back(std::make_unique<fuzz::GuardedBuffer>(size, alignment));
      arguments.push_back(buffers.back()->data());
    };
    if (!abi.ioInArena)
      for (const auto *tensors : {&abi.inputs, &abi.outputs})
        for (const TensorABI &tensor : *tensors)
          allocate(tensor.bytes(), elementBytes(tensor.type));
    allocate(abi.arenaBytes, abi.arenaAlign);
    std::vector<std::pair<char *, size_t>> written = {
        {buffers.back()->data(), abi.arenaBytes}};
    if (!abi.ioInArena)
      for (auto [i, tensor] : llvm::enumerate(abi.outputs))
        written.emplace_back(buffers[abi.inputs.size() + i]->data(),
                             tensor.bytes());
    IsolatedParts parts(std::move(written));
    if (abi.isParallel())
      arguments.push_back(const_cast<qcc_parallel *>(&parts.get()));
    // Where input or output `number` lies, the outputs behind the inputs.
    auto place = [&](size_t number) {
      size_t inputs = abi.inputs.size();
      const TensorABI &tensor =
          number < inputs ? abi.inputs[number] : abi.outputs[number - inputs];
      return abi.ioInArena ? buffers.back()->data() + tensor.arenaOffset
                           : buffers[number]->data();
    };
    ArrayRef<RefTensor> inputs = test.inputs[static_cast<size_t>(run)];
    for (auto [i, value] : llvm::enumerate(inputs))
      writeTensor(value, place(i));
    int status = (*jit)->run(arguments);
    if (status != 0)
      return fail(test, way.name, "run returned " + Twine(status));
    if (parts.sawConflict())
      return fail(test, way.name, "two parts wrote the same byte");
    divided += parts.getNumCalls();
    for (size_t i = 0; i < buffers.size(); ++i)
      if (!buffers[i]->isFrontIntact())
        return fail(test, way.name, "wrote in front of argument " + Twine(i));
    for (auto [i, expected] :
         llvm::enumerate(test.expected[static_cast<size_t>(run)])) {
      RefTensor actual =
          readTensor(test.outputTypes[i], place(abi.inputs.size() + i));
      std::string difference = compare(expected, actual, test.model.tolerance);
      if (!difference.empty())
        return fail(test, way.name,
                    "run " + Twine(run) + ", result " + Twine(i) + ": " +
                        difference);
    }
    for (auto [i, input] : llvm::enumerate(inputs)) {
      if (abi.ioInArena)
        break;
      RefTensor after = readTensor(test.inputTypes[i], place(i));
      if (!compare(input, after, fuzz::Tolerance()).empty())
        return fail(test, way.name, "wrote to input " + Twine(i));
    }
  }
  ++compared;
}

/// Bytes as the elements of a C array.
std::string printBytes(const RefTensor &tensor) {
  std::vector<char> bytes(static_cast<size_t>(qnn::bytesOf(tensor.getType())));
  writeTensor(tensor, bytes.data());
  std::string text;
  for (char byte : bytes)
    text += std::to_string(static_cast<unsigned char>(byte)) + ",";
  return text;
}

bool Fuzzer::emitCase(const Case &test, const Way &way,
                      std::string &declarations, std::string &calls) {
  errors.clear();
  OwningOpRef<ModuleOp> module = parse(test.model.text);
  ModelABI abi;
  std::string name = "case_" + std::to_string(test.seed);
  bool setSign = test.seed % 2 == 0;
  if (failed(lower(*module, test, way, name, setSign, abi))) {
    if (StringRef(errors).contains("has no kernel for this target"))
      ++refused[errors];
    else
      fail(test, way.name, errors);
    return false;
  }
  auto write = [&](StringRef suffix, StringRef bytes) {
    llvm::SmallString<128> path(emitOption);
    llvm::sys::path::append(path, name + suffix);
    std::error_code error;
    llvm::raw_fd_ostream(path, error) << bytes;
    if (error)
      fail(test, way.name, "cannot write " + path + ": " + error.message());
    return !error;
  };
  if (way.isC) {
    PassManager pm(&context);
    buildLowerLoopsToCPipeline(pm);
    FailureOr<std::string> source = failure();
    if (succeeded(pm.run(*module)))
      source = emitC(*module, abi, {name + ".h", ""});
    if (failed(source)) {
      fail(test, way.name, errors);
      return false;
    }
    if (!write(".c", *source) || !write(".h", writeHeader(abi)))
      return false;
  } else {
    auto object = compileModule(*module, way.target, EmitKind::Object, abi,
                                CodeGenOptions());
    if (failed(object)) {
      fail(test, way.name, errors);
      return false;
    }
    if (!write(".o", {object->data(), object->size()}))
      return false;
  }
  size_t pointers = abi.inputs.size() + abi.outputs.size() + 1;
  declarations += "int " + name + "_run(";
  for (size_t i = 0; i < pointers; ++i)
    declarations += i ? ", void *" : "void *";
  declarations += ");\n";
  llvm::raw_string_ostream out(calls);
  out << "  if (isTurnOf(" << test.seed << ")) {\n    static char arena["
      << abi.arenaBytes << "] __attribute__((aligned(64)));\n";
  for (int run = 0; run < Case::runs; ++run) {
    auto at = static_cast<size_t>(run);
    std::string arguments;
    for (auto [i, input] : llvm::enumerate(test.inputs[at])) {
      std::string id = "in" + std::to_string(run) + "_" + std::to_string(i);
      out << "    static unsigned char " << id
          << "[] __attribute__((aligned(8))) = {" << printBytes(input)
          << "};\n";
      arguments += id + ", ";
    }
    std::string checks;
    llvm::raw_string_ostream check(checks);
    for (auto [i, type] : llvm::enumerate(test.outputTypes)) {
      std::string id = std::to_string(run) + "_" + std::to_string(i);
      auto bytes = qnn::bytesOf(type);
      out << "    static unsigned char out" << id << "[" << bytes
          << "] __attribute__((aligned(8)));\n"
             "    static const unsigned char want"
          << id << "[] __attribute__((aligned(8))) = {"
          << printBytes(test.expected[at][i]) << "};\n";
      arguments += "out" + id + ", ";
      check << " ||\n        !"
            << (type.getElementType().isF32() ? "sameFloats" : "sameBytes")
            << "(out" << id << ", want" << id << ", " << bytes << ", "
            << llvm::format("%g, %g", test.model.tolerance.relative,
                            test.model.tolerance.absolute)
            << ")";
    }
    out << "    if (" << name << "_run(" << arguments << "arena) != 0" << checks
        << ") {\n      printf(\"seed " << test.seed << " ("
        << test.model.description << ") run " << run
        << " differs\\n\");\n      ++failures;\n    }\n";
  }
  out << "  }\n";
  ++compared;
  return true;
}

int Fuzzer::emitAll() {
  TargetRequest request;
  request.triple = tripleOption;
  request.cpu = cpuOption;
  request.features = attrOption;
  if (integerOnlyOption)
    request.integerOnly = true;
  llvm::Expected<TargetDescription> target = resolveTarget(request);
  if (!target) {
    llvm::errs() << llvm::toString(target.takeError()) << "\n";
    return 1;
  }
  Way way{describeTarget(*target), *target, tripleOption == "generic"};
  if (std::error_code error = llvm::sys::fs::create_directories(emitOption)) {
    llvm::errs() << emitOption << ": " << error.message() << "\n";
    return 1;
  }
  std::string declarations, calls;
  for (uint64_t i = 0; i < getCount(); ++i)
    if (std::optional<Case> test = prepare(seedOption + i))
      if (emitCase(*test, way, declarations, calls))
        countPairs(*test);
  if (tilesOption && !countOption && (forcedKernels || namedOption.empty()))
    checkKernels(way);
  llvm::SmallString<128> path(emitOption);
  llvm::sys::path::append(path, "main.c");
  std::error_code error;
  llvm::raw_fd_ostream out(path, error);
  if (error) {
    llvm::errs() << path << ": " << error.message() << "\n";
    return 1;
  }
  out << "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
      << declarations << R"(
static int sameBytes(const void *a, const void *b, unsigned long n,
                     double relative, double absolute) {
  (void)relative, (void)absolute;
  return memcmp(a, b, n) == 0;
}
static int sameFloats(const void *a, const void *b, unsigned long n,
                      double relative, double absolute) {
  const float *have = a, *want = b;
  for (unsigned long i = 0; i < n / 4; ++i) {
    double difference = (double)have[i] - want[i];
    double size = want[i] < 0 ? -want[i] : want[i];
    double bound = relative * size > absolute ? relative * size : absolute;
    if (have[i] != have[i] && want[i] != want[i])
      continue;
    if (!(difference <= bound && difference >= -bound) && have[i] != want[i])
      return 0;
  }
  return 1;
}
/* The argument is the first seed to run; the log says how far it came. */
static unsigned long long first;
static int isTurnOf(unsigned long long seed) {
  if (seed < first)
    return 0;
  fprintf(stderr, "at %llu\n", seed);
  return 1;
}
int main(int argc, char **argv) {
  int failures = 0;
  setvbuf(stdout, 0, _IONBF, 0);
  if (argc > 1)
    first = strtoull(argv[1], 0, 10);
)" << calls
      << "  printf(\"%d differ\\n\", failures);\n  return failures != 0;\n}\n";
  return failures != 0;
}

int Fuzzer::runAll() {
  int status = 0;
  if (tilesOption) {
    tiles = fuzz::makeTileCases(sliceOption);
    llvm::erase_if(tiles, [](const fuzz::TileCase &tile) {
      return !StringRef(tile.name).starts_with(namedOption);
    });
    // Cases are numbered from 0.
    if (!seedOption.getNumOccurrences())
      seedOption = 0;
  }
  if (!emitOption.empty()) {
    status = emitAll();
  } else {
    std::vector<Way> ways = getNativeWays();
    if (ways.empty()) {
      llvm::errs() << "no way to compile is left\n";
      return 1;
    }
    for (uint64_t i = 0; i < getCount(); ++i)
      if (std::optional<Case> test = prepare(seedOption + i)) {
        unsigned before = compared;
        for (const Way &way : ways)
          runNative(*test, way);
        if (compared != before)
          countPairs(*test);
      }
    if (tilesOption && !countOption && (forcedKernels || namedOption.empty()))
      for (const Way &way : ways)
        checkKernels(way);
  }
  llvm::outs() << compared << " compiled, " << failures << " failed, "
               << divided << " calls divided among threads\n";
  for (const auto &[name, count] : kernelsRun)
    llvm::outs() << "  " << name << ": " << count << "\n";
  for (const auto &[pair, count] : pairs)
    llvm::outs() << "  product " << pair << ": " << count << "\n";
  for (const auto &[reason, count] : refused)
    llvm::outs() << "  refused " << count << ": " << reason
                 << (StringRef(reason).ends_with("\n") ? "" : "\n");
  return status || failures != 0 || compared == 0;
}

} // namespace

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv,
                              "compiled code against the interpreter\n");
  for (const std::string &op : opsOption)
    if (!llvm::is_contained(fuzz::getKnownOps(), op)) {
      llvm::errs() << "unknown operation '" << op << "'; known are "
                   << llvm::join(fuzz::getKnownOps(), ", ") << "\n";
      return 1;
    }
  Fuzzer fuzzer;
  if (kernelOption != "auto" && kernelOption != "each" &&
      !parseKernelFamily(kernelOption) && !fuzzer.force(kernelOption)) {
    llvm::errs() << "no kernel and no family is called '" << kernelOption
                 << "'\n";
    return 1;
  }
  return fuzzer.runAll();
}
