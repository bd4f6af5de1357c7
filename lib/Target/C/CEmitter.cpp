// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The file around the functions: what it asks of the compiler, tables,
// signatures, the entry with its checks, and the interface as data.

#include "qcc/Target/CEmitter.h"
#include "CFunction.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Transforms/Passes.h"
#include "qcc-rt/qcc.h"
#include "qcc/Conversion/Passes.h"
#include "qcc/Target/ModelInfo.h"
#include "qcc/Target/Passes.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace qcc {
namespace {

using c::Pointer;

class FileWriter {
public:
  FileWriter(ModuleOp moduleOp, const ModelABI &modelABI,
             const CEmitOptions &emitOptions)
      : module(moduleOp), abi(modelABI), options(emitOptions), ranges(moduleOp),
        file{ranges, modelABI.name, {}, {}, {}, {}} {}

  FailureOr<std::string> write();

private:
  std::string uniqueName(StringRef symbol);
  LogicalResult collectNames();
  /// The tables that `func` is the first to use.
  LogicalResult writeTables(func::FuncOp func);
  LogicalResult writeLayer(func::FuncOp func);
  LogicalResult writeTable(memref::GlobalOp table);
  LogicalResult writeEntry(func::FuncOp func);
  void writeLayerComment(func::FuncOp func);
  void writePreamble(llvm::raw_ostream &stream);
  void writeInfo(llvm::raw_ostream &stream);

  ModuleOp module;
  const ModelABI &abi;
  const CEmitOptions &options;
  c::Ranges ranges;
  c::FileScope file;
  llvm::StringSet<> taken;
  std::string body;
  llvm::raw_string_ostream out{body};
  bool hasFloats = false;
};

std::string FileWriter::uniqueName(StringRef symbol) {
  std::string base = makeCIdentifier(symbol), name = base;
  for (unsigned n = 2; !taken.insert(name).second; ++n)
    name = base + "_" + std::to_string(n);
  return name;
}

LogicalResult FileWriter::collectNames() {
  for (StringRef suffix : {"run", "reset", "info", "quantize", "assumptions"})
    taken.insert(abi.name + "_" + suffix.str());
  for (StringRef suffix : c::allHelpers())
    taken.insert(abi.name + "_" + suffix.str());
  for (auto func : module.getOps<func::FuncOp>()) {
    file.names[func.getName()] =
        func.isPublic() ? func.getName().str() : uniqueName(func.getName());
    SmallVector<Pointer> &parameters = file.parameters[func.getName()];
    for (BlockArgument argument : func.getArguments()) {
      auto type = dyn_cast<MemRefType>(argument.getType());
      if (!type || !type.hasStaticShape())
        return func.emitError("argument ")
               << argument.getArgNumber() << " of '" << func.getName()
               << "' is " << argument.getType() << ", which has no form in C";
      parameters.push_back({c::Expression(),
                            c::pickElementType(argument, ranges),
                            !c::isWritten(argument), false});
    }
  }
  module.walk([&](memref::GetGlobalOp op) {
    c::Type type = c::pickElementType(op, ranges);
    auto [entry, isNew] = file.tableTypes.try_emplace(op.getName(), type);
    // Read in two ways: the signed one is as good.
    if (!isNew && entry->second != type)
      entry->second = c::storageType(c::bitsOf(type), /*isSigned=*/true);
  });
  module.walk([&](Operation *op) {
    hasFloats |= llvm::any_of(op->getResultTypes(),
                              [](Type type) { return isa<FloatType>(type); });
  });
  return success();
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

/// An element of a table: plain, since an initializer converts by value.
std::string tableElement(const APInt &value, bool isUnsigned) {
  if (isUnsigned)
    return llvm::utostr(value.getZExtValue()) +
           (value.getBitWidth() > 16 ? "u" : "");
  if (value.isMinSignedValue() && value.getBitWidth() >= 32)
    return value.getBitWidth() == 32 ? "INT32_MIN" : "INT64_MIN";
  return llvm::itostr(value.getSExtValue());
}

LogicalResult FileWriter::writeTable(memref::GlobalOp table) {
  auto type = cast<MemRefType>(table.getType());
  auto values =
      dyn_cast_if_present<DenseElementsAttr>(table.getInitialValueAttr());
  if (!values || !table.getConstant())
    return table.emitOpError()
           << "is memory that is not constant: it has no form in C";
  c::Type element = file.tableTypes.lookup(table.getSymName());
  // Static, so that the model's name says nothing.
  StringRef symbol = table.getSymName();
  symbol.consume_front(abi.name + ".");
  std::string name = uniqueName(symbol);
  file.names[table.getSymName()] = name;
  out << "static const ";
  if (!options.section.empty())
    out << StringRef(abi.name).upper() << "_SECTION ";
  out << c::spell(element) << " " << name << "[" << type.getNumElements()
      << "] = {\n";
  std::string line = "   ";
  auto add = [&](StringRef text) {
    if (line.size() + text.size() + 2 > c::lineWidth) {
      out << line << "\n";
      line = "   ";
    }
    line += (" " + text + ",").str();
  };
  if (isa<FloatType>(type.getElementType())) {
    for (const APFloat &value : values.getValues<APFloat>()) {
      if (!value.isFinite())
        return table.emitOpError()
               << "holds a value that is not finite: it has no form in C";
      double number = element == c::Type::F32 ? value.convertToFloat()
                                              : value.convertToDouble();
      add(c::floatLiteral(number, element).text);
    }
  } else {
    bool isUnsigned = c::isUnsigned(element);
    for (const APInt &value : values.getValues<APInt>())
      add(tableElement(value, isUnsigned));
  }
  // No comma after the last: C++03 and old preprocessors mind.
  line.pop_back();
  out << line << "\n};\n\n";
  return success();
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

void FileWriter::writeLayerComment(func::FuncOp func) {
  std::string text = "/* ";
  if (auto summary = func->getAttrOfType<StringAttr>(attr::layerSummary))
    text += inComment(summary.getValue());
  else
    text += inComment(func.getName());
  c::writeWrapped(out, text + " */", 0, " * ");
}

/// `const int8_t *restrict in`.
std::string declareParameter(const Pointer &parameter, bool isRestrict,
                             StringRef name) {
  return (Twine(parameter.isConst ? "const " : "") +
          c::spell(parameter.element) + " *" + (isRestrict ? "restrict " : "") +
          name)
      .str();
}

LogicalResult FileWriter::writeTables(func::FuncOp func) {
  SetVector<StringRef> tables;
  func.walk([&](memref::GetGlobalOp op) { tables.insert(op.getName()); });
  for (StringRef name : tables) {
    if (file.names.count(name))
      continue;
    auto table = module.lookupSymbol<memref::GlobalOp>(name);
    if (!table)
      return func.emitError("uses the table '") << name
                                                << "', which is not "
                                                   "there";
    if (failed(writeTable(table)))
      return failure();
  }
  return success();
}

LogicalResult FileWriter::writeLayer(func::FuncOp func) {
  writeLayerComment(func);
  if (failed(writeTables(func)))
    return failure();

  unsigned numInputs = func.getNumArguments();
  if (auto count = func->getAttrOfType<IntegerAttr>(attr::layerInputs))
    numInputs = std::min<int64_t>(numInputs, count.getInt());
  unsigned numOutputs = func.getNumArguments() - numInputs;
  if (auto count = func->getAttrOfType<IntegerAttr>(attr::layerOutputs))
    numOutputs = std::min<int64_t>(numOutputs, count.getInt());
  c::FunctionPrinter printer(file, out);
  SmallVector<std::string> declarations, unused;
  for (BlockArgument argument : func.getArguments()) {
    unsigned index = argument.getArgNumber();
    auto numbered = [&](StringRef base, unsigned at, unsigned count) {
      return base.str() + (count > 1 ? std::to_string(at) : "");
    };
    std::string name = index < numInputs ? numbered("in", index, numInputs)
                       : index < numInputs + numOutputs
                           ? numbered("out", index - numInputs, numOutputs)
                           : "scratch";
    Pointer pointer = file.parameters[func.getName()][index];
    pointer.expression = c::atom(name, pointer.element);
    bool isRestrict = static_cast<bool>(
        func.getArgAttr(index, LLVM::LLVMDialect::getNoAliasAttrName()));
    declarations.push_back(declareParameter(pointer, isRestrict, name));
    if (argument.use_empty())
      unused.push_back(name);
    printer.reserve(name);
    printer.bindArgument(argument, pointer);
  }
  std::string signature = "static void " + file.names.lookup(func.getName()) +
                          "(" + llvm::join(declarations, ", ") + ") {";
  c::writeWrapped(out, signature, 0);
  for (StringRef name : unused)
    out << "  (void)" << name << ";\n";
  if (failed(printer.printBody(func)))
    return failure();
  out << "}\n\n";
  return success();
}

LogicalResult FileWriter::writeEntry(func::FuncOp func) {
  SmallVector<ParameterABI> parameters;
  if (func.getName() == abi.name + "_run")
    parameters = describeRunParameters(abi);
  else if (func.getName() == abi.name + "_reset")
    parameters = describeResetParameters(abi);
  else
    return func.emitError("public function '")
           << func.getName() << "' is not part of the interface";
  if (parameters.size() != func.getNumArguments())
    return func.emitError("function '")
           << func.getName() << "' takes " << func.getNumArguments()
           << " arguments, but the interface has " << parameters.size();

  // The first values of variables.
  if (failed(writeTables(func)))
    return failure();
  c::FunctionPrinter printer(file, out);
  SmallVector<std::string> declarations, nulls, misaligned, memories;
  SmallVector<Pointer> bound;
  for (auto [argument, parameter] :
       llvm::zip(func.getArguments(), parameters)) {
    declarations.push_back(parameter.cType + parameter.name);
    nulls.push_back(parameter.name + " == 0");
    if (parameter.align > 1)
      misaligned.push_back("((uintptr_t)" + parameter.name + " & " +
                           llvm::utostr(parameter.align - 1) + "u) != 0");
    printer.reserve(parameter.name);
    Type type = cast<MemRefType>(argument.getType()).getElementType();
    Pointer pointer;
    if (parameter.element) {
      pointer.element =
          isa<FloatType>(type)
              ? c::Type::F32
              : c::storageType(type.getIntOrFloatBitWidth(),
                               *parameter.element != ElementType::UInt8 &&
                                   *parameter.element != ElementType::Bool &&
                                   *parameter.element != ElementType::UInt16 &&
                                   *parameter.element != ElementType::UInt32);
      pointer.isConst = parameter.isConst;
      pointer.expression = c::atom(parameter.name, pointer.element);
    } else {
      // Untyped memory is taken apart as bytes.
      std::string name = parameter.name + "_bytes";
      printer.reserve(name);
      pointer.expression = c::atom(name, c::Type::I8);
      if (!argument.use_empty())
        memories.push_back("  int8_t *const " + name + " = (int8_t *)" +
                           parameter.name + ";\n");
    }
    printer.bindArgument(argument, pointer);
  }
  out << "/* See " << options.header << ". */\n";
  c::writeWrapped(out,
                  "int " + func.getName().str() + "(" +
                      llvm::join(declarations, ", ") + ") {",
                  0);
  for (StringRef memory : memories)
    out << memory;
  c::writeWrapped(out, "if (" + llvm::join(nulls, " || ") + ")", 2);
  out << "    return " << QCC_ERROR_NULL << ";\n";
  if (!misaligned.empty()) {
    c::writeWrapped(out, "if (" + llvm::join(misaligned, " || ") + ")", 2);
    out << "    return " << QCC_ERROR_ALIGNMENT << ";\n";
  }
  if (failed(printer.printBody(func)))
    return failure();
  out << "}\n\n";
  return success();
}

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

void FileWriter::writePreamble(llvm::raw_ostream &stream) {
  std::string title = "/* " + abi.name;
  if (!abi.origin.empty())
    title += ": compiled from " + inComment(abi.origin);
  stream << title
         << "\n * Generated by qcc; belongs to whoever compiled it. */\n"
         << "#include \"" << options.header << "\"\n"
         << (hasFloats ? "#include <float.h>\n" : "")
         << "#include <limits.h>\n\n"
         << "/* What is taken for granted of the compiler: int has 32 bits, "
            "conversions to signed types\n"
            " * wrap, and negative numbers are shifted to the right with their "
            "sign. */\n"
            "#if CHAR_BIT != 8 || INT_MAX != 2147483647\n"
            "#error \"this code needs chars of 8 bits and ints of 32\"\n"
            "#endif\n"
         << "typedef char " << abi.name
         << "_assumptions[(int32_t)0xffffffffu == -1 && (-2 >> 1) == -1 &&\n"
            "    ((int64_t)-2 >> 1) == -1 ? 1 : -1];\n\n";
  if (hasFloats)
    stream
        << "/* Floats: every operation rounds to its type, once, to nearest. "
           "*/\n"
           "#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0 && "
           "FLT_EVAL_METHOD != 16 /* no excess */\n"
           "#error \"float arithmetic must not have excess precision: on x86 "
           "use -msse2 -mfpmath=sse\"\n"
           "#endif\n"
           "#ifdef __FAST_MATH__\n"
           "#error \"compile without -ffast-math: results would change\"\n"
           "#endif\n"
           "#if defined(__GNUC__) && !defined(__clang__)\n"
           "#if !defined(__STRICT_ANSI__) || defined(__cplusplus)\n"
           "#pragma GCC optimize(\"fp-contract=off\")\n"
           "#endif\n"
           "#else\n"
           "#pragma STDC FP_CONTRACT OFF\n"
           "#endif\n\n";
  stream << "#ifdef __cplusplus\n#define restrict __restrict\n#endif\n\n";
  if (!options.section.empty()) {
    std::string macro = StringRef(abi.name).upper() + "_SECTION";
    stream << "/* Where the constants go; compilers unlike GNU's may be given "
              "another spelling. */\n#ifndef "
           << macro << "\n#define " << macro << " __attribute__((section(\""
           << options.section << "\")))\n#endif\n\n";
  }
  std::set<std::string> wanted = file.helpers;
  SmallVector<StringRef> all = c::allHelpers();
  for (StringRef suffix : llvm::reverse(all))
    if (wanted.count(suffix.str()))
      for (StringRef callee : c::helperCallees(suffix))
        wanted.insert(callee.str());
  for (StringRef suffix : all)
    if (wanted.count(suffix.str()))
      stream << c::helperDefinition(suffix, abi.name) << "\n";
}

void FileWriter::writeInfo(llvm::raw_ostream &stream) {
  SmallVector<ModelInfoPart> parts = describeModelInfo(abi);
  stream << "/* Names, shapes, types, scales, laid out as struct "
            "qcc_model_info of qcc-rt/qcc.h. */\nstruct qcc_model_info {\n";
  for (auto [i, part] : llvm::enumerate(parts)) {
    StringRef type = part.kind == ModelInfoPart::Kind::Words    ? "uint32_t"
                     : part.kind == ModelInfoPart::Kind::Floats ? "float"
                                                                : "char";
    stream << "  " << type << " part" << i << "[" << part.size() << "];\n";
  }
  stream << "};\nconst struct qcc_model_info " << abi.name << "_info = {\n";
  for (auto [i, part] : llvm::enumerate(parts)) {
    std::string text = "{";
    llvm::ListSeparator comma(", ");
    for (uint32_t word : part.words)
      text += (StringRef(comma) + llvm::utostr(word) + "u").str();
    for (float number : part.floats)
      text +=
          (StringRef(comma) + c::floatLiteral(number, c::Type::F32).text).str();
    for (char byte : part.text) {
      text += StringRef(comma);
      bool isPlain = llvm::isPrint(byte) && byte != '\'' && byte != '\\';
      text += isPlain ? (Twine("'") + Twine(byte) + "'").str()
                      : std::to_string(static_cast<signed char>(byte));
    }
    c::writeWrapped(stream, text + (i + 1 < parts.size() ? "}," : "}"), 2, " ");
  }
  stream << "};\n";
}

FailureOr<std::string> FileWriter::write() {
  if (abi.isParallel())
    return module.emitError("code for several threads is not written as C; "
                            "compile it with --threads=1, or to an object"),
           failure();
  if (failed(collectNames()))
    return failure();
  for (auto func : module.getOps<func::FuncOp>())
    if (!func.isPublic() && failed(writeLayer(func)))
      return failure();
  for (auto func : module.getOps<func::FuncOp>())
    if (func.isPublic() && failed(writeEntry(func)))
      return failure();
  std::string text;
  llvm::raw_string_ostream stream(text);
  writePreamble(stream);
  stream << body;
  writeInfo(stream);
  return text;
}

} // namespace

void buildLowerLoopsToCPipeline(OpPassManager &pm) {
  ExpandMathOptions mathOptions;
  mathOptions.fma = false;
  mathOptions.rounding = false;
  pm.addPass(createExpandMath(mathOptions));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

FailureOr<std::string> emitC(ModuleOp module, const ModelABI &abi,
                             const CEmitOptions &options) {
  // What kernels hide from LLVM's optimizer is for that alone.
  SmallVector<LLVM::InlineAsmOp> all;
  module.walk([&](LLVM::InlineAsmOp hidden) {
    if (hidden.getAsmString().empty())
      all.push_back(hidden);
  });
  for (LLVM::InlineAsmOp hidden : all) {
    OperandRange values = hidden.getOperands();
    // Several come out as a structure.
    for (Operation *user :
         llvm::make_early_inc_range(hidden.getRes().getUsers()))
      if (auto part = dyn_cast<LLVM::ExtractValueOp>(user)) {
        part.replaceAllUsesWith(
            values[static_cast<unsigned>(part.getPosition()[0])]);
        part.erase();
      }
    if (values.size() == 1)
      hidden.replaceAllUsesWith(values);
    hidden.erase();
  }
  return FileWriter(module, abi, options).write();
}

} // namespace qcc
