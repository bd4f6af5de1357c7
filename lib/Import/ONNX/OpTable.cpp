// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The table of operators. To add one: a line in OpTable.def and a function in
// the file of its family.

#include "OpTable.h"

#include "llvm/ADT/STLExtras.h"

#include <set>

using namespace qcc;
using namespace qcc::onnximport;

namespace {

constexpr unsigned many = ~0u;
constexpr const char *microsoft = "com.microsoft";
constexpr const char *qonnx = "qonnx";
constexpr const char *channelsLast = "qonnx.custom_op.channels_last";

constexpr OpEntry table[] = {
#define ONNX_OP(name, fewest, most, function)                                  \
  {#name, fewest, most, import##function},
#define ONNX_OP_OF(domain, name, fewest, most, function)                       \
  {#name, fewest, most, import##function, domain},
#define ONNX_OP_OF_LISTS(name, fewest, most, function)                         \
  {#name, fewest, most, import##function, "", true},
#include "OpTable.def"
};

/// QONNX's operators have been written in several domains, ONNX's own too.
bool isQonnx(llvm::StringRef domain) {
  return domain == "qonnx.custom_op.general" ||
         domain == "finn.custom_op.general" || domain == "onnx.brevitas" ||
         domain == "qonnx" || domain == "finn" || domain == "brevitas" ||
         domain.empty();
}

const OpEntry *findIn(llvm::StringRef domain, llvm::StringRef name) {
  const OpEntry *entry = llvm::find_if(table, [&](const OpEntry &e) {
    return domain == e.domain && name == e.name;
  });
  return entry == std::end(table) ? nullptr : entry;
}

} // namespace

const OpEntry *qcc::onnximport::findOp(llvm::StringRef domain,
                                       llvm::StringRef name) {
  if (const OpEntry *entry = findIn(domain, name))
    return entry;
  return isQonnx(domain) ? findIn(qonnx, name) : nullptr;
}

std::vector<std::string> qcc::supportedONNXOperators() {
  std::set<std::string> names;
  for (const OpEntry &entry : table) {
    llvm::StringRef domain = entry.domain;
    names.insert((domain.empty() ? "" : domain.str() + ":") + entry.name);
  }
  return {names.begin(), names.end()};
}
