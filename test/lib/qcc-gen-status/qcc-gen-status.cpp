// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes docs/Status.md: what each operation can do, asked of the code itself.
// Its input are the examples of the operations' documentation, in an int8 and a
// float32 form (test/lib/doc_examples.py --variants): an example that verifies
// is tried for a kernel on every target.

#include "qcc/Conversion/Passes.h"
#include "qcc/Conversion/TargetAttr.h"
#include "qcc/Dialect/QNN/IR/QNN.h"
#include "qcc/Import/ONNX.h"
#include "qcc/Import/TFLite.h"
#include "qcc/Reference/InterpretableOpInterface.h"
#include "qcc/Reference/Interpreter.h"
#include "qcc/Target/TargetDescription.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/MemoryBuffer.h"

#include <map>

using namespace mlir;

namespace {

struct Target {
  const char *title, *triple, *cpu, *features;
};
constexpr Target targets[] = {
    {"x86-64-v2", "x86_64-linux-gnu", "x86-64-v2", ""},
    {"x86-64-v3", "x86_64-linux-gnu", "x86-64-v3", ""},
    {"x86-64-v4", "x86_64-linux-gnu", "x86-64-v4", ""},
    {"AArch64", "aarch64-linux-gnu", "cortex-a53", ""},
    {"AArch64 +dotprod", "aarch64-linux-gnu", "", "+dotprod"},
    {"ARMv7 NEON", "armv7-linux-gnueabihf", "cortex-a9", ""},
    {"RISC-V 64", "riscv64-linux-gnu", "", ""},
    {"RISC-V 64 +v", "riscv64-linux-gnu", "", "+v"},
    {"RISC-V 32", "riscv32-unknown-elf", "", ""},
    {"Cortex-M0+", "thumbv6m-none-eabi", "", ""},
    {"Cortex-M3", "thumbv7m-none-eabi", "", ""},
    {"Cortex-M4", "thumbv7em-none-eabihf", "cortex-m4", ""},
    {"Cortex-M7", "thumbv7em-none-eabihf", "cortex-m7", ""},
    {"Cortex-M33", "thumbv8m.main-none-eabihf", "", ""},
    {"Cortex-M55", "thumbv8.1m.main-none-eabihf", "", ""},
};

/// What each .tflite operator becomes whose operation has another name.
/// Complete: the program fails when an operator is neither here nor an
/// operation's name.
const std::multimap<StringRef, StringRef> tfliteOperators = {
    {"AVERAGE_POOL_2D", "avg_pool2d"},
    {"BATCH_TO_SPACE_ND", "transpose"},
    {"BATCH_TO_SPACE_ND", "slice"},
    {"BROADCAST_ARGS", "constant"},
    {"BROADCAST_TO", "broadcast"},
    {"CALL_ONCE", "variable"},
    {"CONCATENATION", "concat"},
    {"CONV_2D", "conv2d"},
    {"DEPTHWISE_CONV_2D", "depthwise_conv2d"},
    {"DEPTH_TO_SPACE", "transpose"},
    {"EMBEDDING_LOOKUP", "gather"},
    {"EQUAL", "compare"},
    {"EXPAND_DIMS", "reshape"},
    {"FILL", "broadcast"},
    {"GREATER", "compare"},
    {"GREATER_EQUAL", "compare"},
    {"L2_NORMALIZATION", "l2_normalize"},
    {"L2_POOL_2D", "l2_pool2d"},
    {"LESS", "compare"},
    {"LESS_EQUAL", "compare"},
    {"MAX_POOL_2D", "max_pool2d"},
    {"NOT_EQUAL", "compare"},
    {"PACK", "concat"},
    {"PADV2", "pad"},
    {"QUANTIZE", "quantize"},
    {"QUANTIZE", "requantize"},
    {"RANGE", "constant"},
    {"RANK", "constant"},
    {"RELU", "clip"},
    {"RELU6", "clip"},
    {"RELU_0_TO_1", "clip"},
    {"RELU_N1_TO_1", "clip"},
    {"RESIZE_NEAREST_NEIGHBOR", "resize_nearest"},
    {"REVERSE_V2", "slice"},
    {"SELECT_V2", "select"},
    {"SHAPE", "constant"},
    {"SPACE_TO_BATCH_ND", "pad"},
    {"SPACE_TO_BATCH_ND", "transpose"},
    {"SPACE_TO_DEPTH", "transpose"},
    {"SPLIT", "slice"},
    {"SPLIT_V", "slice"},
    {"SQUEEZE", "reshape"},
    {"STRIDED_SLICE", "slice"},
    {"TILE", "broadcast"},
    {"TOPK_V2", "top_k"},
    {"TRANSPOSE_CONV", "transpose_conv2d"},
    {"UNIDIRECTIONAL_SEQUENCE_LSTM", "lstm"},
    {"UNPACK", "slice"},
    {"VAR_HANDLE", "variable"},
    {"ZEROS_LIKE", "constant"},
};

/// Operations that no layer computes: they become data or views.
bool needsNoKernel(StringRef op) {
  return op == "constant" || op == "layer" || op == "yield" ||
         op == "reshape" || op == "variable" || op == "read_variable" ||
         op == "assign_variable";
}

struct Row {
  std::string imports;
  bool interpreted = false;
  /// Per target: the forms ("i8", "f32") that have a kernel.
  SmallVector<std::string> forms{std::size(targets)};
};

/// Whether `example` gets a kernel on `target`.
bool hasKernel(ModuleOp example, const qcc::TargetDescription &target) {
  OwningOpRef<ModuleOp> module = example.clone();
  qcc::attachTargetFacts(*module, target.facts);
  PassManager passes(module->getContext());
  passes.addPass(qcc::createFormLayers());
  passes.addPass(qcc::createSelectKernels());
  return succeeded(passes.run(*module));
}

llvm::ExitOnError exitOnError("qcc-gen-status: error: ");

} // namespace

int main(int argc, char **argv) {
  if (argc != 2)
    exitOnError(llvm::createStringError("usage: qcc-gen-status examples.mlir"));
  DialectRegistry registry;
  registry.insert<func::FuncDialect, qcc::qnn::QNNDialect>();
  qcc::reference::registerReferenceInterfaces(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  // Examples that do not verify in one of the forms, and layers without
  // kernels.
  context.getDiagEngine().registerHandler([](Diagnostic &) {});

  std::map<StringRef, Row> rows;
  for (RegisteredOperationName op : context.getRegisteredOperations()) {
    StringRef name = op.getStringRef();
    if (name.consume_front("qnn."))
      rows[name].interpreted =
          op.hasInterface<qcc::reference::InterpretableOpInterface>();
  }
  for (StringRef op : qcc::supportedTFLiteOperators()) {
    auto addTo = [&](StringRef name) {
      auto row = rows.find(name);
      if (row == rows.end())
        exitOnError(llvm::createStringError(
            "say in qcc-gen-status.cpp what the operator " + op +
            " becomes: there is no qnn." + name));
      std::string &imports = row->second.imports;
      imports += ((imports.empty() ? "" : ", ") + op).str();
    };
    auto [first, last] = tfliteOperators.equal_range(op);
    for (const auto &entry : llvm::make_range(first, last))
      addTo(entry.second);
    if (first == last)
      addTo(op.lower());
  }

  std::vector<qcc::TargetDescription> resolved;
  for (const Target &target : targets)
    resolved.push_back(exitOnError(qcc::resolveTarget(
        {target.triple, target.cpu, target.features, std::nullopt})));
  auto file =
      exitOnError(errorOrToExpected(llvm::MemoryBuffer::getFile(argv[1])));
  SmallVector<StringRef> examples;
  file->getBuffer().split(examples, "// -----", -1, false);
  for (StringRef text : examples) {
    auto module = parseSourceString<ModuleOp>(text.str(), &context);
    if (!module || module->getBody()->empty())
      continue;
    auto function = cast<func::FuncOp>(module->getBody()->front());
    auto [op, form] = function.getName().split("__");
    for (auto [index, target] : llvm::enumerate(resolved))
      if (rows.count(op) && !needsNoKernel(op) && hasKernel(*module, target)) {
        std::string &forms = rows[op].forms[index];
        forms += ((forms.empty() ? "" : " ") + form).str();
      }
  }

  raw_ostream &out = llvm::outs();
  out << "<!-- Written by utils/gen-status from the code; do not edit. -->\n"
         "# Status\n\n"
         "What each operation of the `qnn` dialect can do. *From .tflite*: the "
         "operators that the importer turns into it.\n*Interpreter*: the "
         "reference interpreter defines it. A target's column says for which "
         "element types its documented\nexample gets a kernel; — means none, "
         "and a model that needs one is refused; · means that a view or a "
         "constant needs "
         "none.\nThat whole networks compute the right thing is shown by the "
         "execution tests.\n\n| operation | from .tflite | interpreter |";
  for (const Target &target : targets)
    out << " " << target.title << " |";
  out << "\n|---|---|---|";
  for (size_t i = 0; i < std::size(targets); ++i)
    out << "---|";
  for (auto &[op, row] : rows) {
    if (op == "yield" || op == "layer")
      continue;
    out << "\n| `qnn." << op << "` | "
        << (row.imports.empty() ? "—" : row.imports) << " | "
        << (row.interpreted || op == "constant" ? "yes" : "—") << " |";
    for (const std::string &forms : row.forms)
      out << " "
          << (needsNoKernel(op) ? "·"
              : forms.empty()   ? "—"
                                : forms)
          << " |";
  }
  out << "\n\n## Operators of .onnx\n\nEach becomes one or several of the "
         "operations above.\n\n";
  llvm::interleave(
      qcc::supportedONNXOperators(), out,
      [&](const std::string &name) { out << "`" << name << "`"; }, ", ");
  out << "\n";
  return 0;
}
