// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Element types of the C interface, and C identifiers from arbitrary names.

#include "qcc/Target/ModelABI.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace qcc {

unsigned elementBytes(ElementType type) {
  switch (type) {
  case ElementType::Int8:
  case ElementType::UInt8:
  case ElementType::Bool:
    return 1;
  case ElementType::Int16:
  case ElementType::UInt16:
    return 2;
  case ElementType::Int32:
  case ElementType::UInt32:
  case ElementType::Float32:
    return 4;
  case ElementType::Int64:
    return 8;
  }
  llvm_unreachable("covered switch");
}

StringRef elementCType(ElementType type) {
  switch (type) {
  case ElementType::Int8:
    return "int8_t";
  case ElementType::UInt8:
  case ElementType::Bool: // C++'s bool and C99's differ in headers needed.
    return "uint8_t";
  case ElementType::Int16:
    return "int16_t";
  case ElementType::UInt16:
    return "uint16_t";
  case ElementType::Int32:
    return "int32_t";
  case ElementType::UInt32:
    return "uint32_t";
  case ElementType::Int64:
    return "int64_t";
  case ElementType::Float32:
    return "float";
  }
  llvm_unreachable("covered switch");
}

uint64_t TensorABI::numElements() const {
  uint64_t count = 1;
  for (int64_t extent : shape)
    count *= static_cast<uint64_t>(extent);
  return count;
}

static ParameterABI describeState(const ModelABI &abi) {
  return {"state",           "void *",       std::nullopt,
          /*isConst=*/false, abi.stateAlign, abi.stateBytes};
}

SmallVector<ParameterABI> describeRunParameters(const ModelABI &abi) {
  SmallVector<ParameterABI> parameters;
  auto addTensors = [&](ArrayRef<TensorABI> tensors, StringRef kind,
                        bool isConst) {
    for (auto [i, tensor] : enumerate(tensors))
      parameters.push_back(
          {(kind + Twine(i)).str(),
           (Twine(isConst ? "const " : "") + elementCType(tensor.type) + " *")
               .str(),
           tensor.type, isConst, elementBytes(tensor.type), tensor.bytes()});
  };
  if (!abi.ioInArena) {
    addTensors(abi.inputs, "in", /*isConst=*/true);
    addTensors(abi.outputs, "out", /*isConst=*/false);
  }
  if (abi.stateBytes)
    parameters.push_back(describeState(abi));
  parameters.push_back({"arena", "void *", std::nullopt, /*isConst=*/false,
                        abi.arenaAlign, abi.arenaBytes});
  if (abi.isParallel())
    parameters.push_back({"parallel", "const struct qcc_parallel *",
                          std::nullopt, /*isConst=*/true,
                          ParameterABI::alignOfPointer, 1});
  return parameters;
}

SmallVector<ParameterABI> describeResetParameters(const ModelABI &abi) {
  return {describeState(abi)};
}

/// Words that a prefix must not be on its own, in C99 or C++17.
static bool isKeyword(StringRef word) {
  return StringSwitch<bool>(word)
      .Cases({"auto", "break", "case", "char", "const", "continue", "default"},
             true)
      .Cases({"do", "double", "else", "enum", "extern", "float", "for"}, true)
      .Cases({"goto", "if", "inline", "int", "long", "register", "restrict"},
             true)
      .Cases({"return", "short", "signed", "sizeof", "static", "struct"}, true)
      .Cases({"switch", "typedef", "union", "unsigned", "void", "volatile"},
             true)
      .Cases({"while", "class", "new", "delete", "this", "template"}, true)
      .Cases({"namespace", "operator", "private", "public", "virtual"}, true)
      .Cases({"bool", "true", "false", "try", "catch", "throw", "using"}, true)
      .Default(false);
}

std::string makeCIdentifier(StringRef text) {
  std::string name;
  for (char c : text)
    name += isAlnum(c) || c == '_' ? c : '_';
  if (name.empty())
    return "model";
  if (isDigit(name.front()) || isKeyword(name))
    name.insert(name.begin(), '_');
  return name;
}

std::string inComment(StringRef text) {
  std::string result;
  for (char c : text)
    result += isPrint(c) || (c & 0x80) ? c : ' ';
  for (size_t at; (at = result.find("*/")) != std::string::npos;)
    result.replace(at, 2, "* /");
  for (size_t at; (at = result.find("/*")) != std::string::npos;)
    result.replace(at, 2, "/ *");
  return result;
}

std::string cPrefixForOutput(StringRef outputPath) {
  StringRef stem = sys::path::stem(outputPath);
  // A library's file name starts with lib; a model called "lib" keeps its name.
  if (sys::path::extension(outputPath) == ".a" && stem.size() > 3)
    stem.consume_front("lib");
  return makeCIdentifier(stem);
}

} // namespace qcc
