// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C interface: options as text on one side, compileModel on the other.

#include "qcc-c/qcc.h"

#include "qcc/Driver/CompileModel.h"

#include "llvm/ADT/StringSwitch.h"

#include <new>

using namespace qcc;
using llvm::StringRef;

struct QccCompiler {
  CompileOptions options;
  QccMessageHandler handler = nullptr;
  void *context = nullptr;
  std::optional<CompiledModel> result;

  void tell(const Message &message) const {
    if (!handler)
      return;
    QccSeverity severity = QccSeverityError;
    switch (message.severity) {
    case mlir::DiagnosticSeverity::Note:
      severity = QccSeverityNote;
      break;
    case mlir::DiagnosticSeverity::Remark:
      severity = QccSeverityRemark;
      break;
    case mlir::DiagnosticSeverity::Warning:
      severity = QccSeverityWarning;
      break;
    case mlir::DiagnosticSeverity::Error:
      severity = QccSeverityError;
      break;
    }
    handler(severity, message.text.c_str(), context);
  }

  QccStatus refuse(const llvm::Twine &text) const {
    tell(makeErrorMessage(text.str()));
    return QccStatusBadArgument;
  }
};

namespace {

/// Sets one option; false when it has no such value.
using Setter = bool (*)(CompileOptions &options, StringRef value);

template <typename T, typename Field>
bool assign(const std::optional<T> &value, Field &field) {
  if (value)
    field = *value;
  return value.has_value();
}

bool setEmit(CompileOptions &options, StringRef value) {
  // Programs are linked by qcc alone.
  std::optional<OutputKind> kind = parseOutputKind(value);
  return kind != OutputKind::Executable && assign(kind, options.output);
}

bool setIntegerOnly(CompileOptions &options, StringRef value) {
  options.target.integerOnly.reset();
  return value == "auto" ||
         assign(llvm::StringSwitch<std::optional<bool>>(value)
                    .Case("true", true)
                    .Case("false", false)
                    .Default(std::nullopt),
                options.target.integerOnly);
}

bool setRounding(CompileOptions &options, StringRef value) {
  return assign(parseRounding(value), options.import.rounding);
}

bool addInputShape(CompileOptions &options, StringRef value) {
  auto shape = parseInputShape(value);
  if (!shape) {
    llvm::consumeError(shape.takeError());
    return false;
  }
  options.import.inputShapes.push_back(std::move(*shape));
  return true;
}

struct OptionEntry {
  StringRef key;
  Setter set;
  /// What it takes, for errors.
  StringRef values;
};

const OptionEntry entries[] = {
    {"emit", setEmit, "obj, lib, asm, llvm-ir, bitcode, c or mlir"},
    {"input-shape", addInputShape, "NAME=N,N,... with positive numbers"},
    {"integer-only", setIntegerOnly, "auto, true or false"},
    {"io",
     [](CompileOptions &options, StringRef value) {
       options.ioInArena = value == "arena";
       return value == "arena" || value == "caller";
     },
     "caller or arena"},
    {"mattr",
     [](CompileOptions &options, StringRef value) {
       options.target.features = value.str();
       return true;
     },
     ""},
    {"mcpu",
     [](CompileOptions &options, StringRef value) {
       options.target.cpu = value.str();
       return true;
     },
     ""},
    {"name",
     [](CompileOptions &options, StringRef value) {
       options.name = value.str();
       return makeCIdentifier(value) == value;
     },
     "a C identifier"},
    {"pack-activations",
     [](CompileOptions &options, StringRef value) {
       options.packActivations = value.str();
       return value == "auto" || value == "always" || value == "never";
     },
     "auto, always or never"},
    {"rounding", setRounding, "tflite, tflite-single or xnnpack"},
    {"section",
     [](CompileOptions &options, StringRef value) {
       options.codegen.section = value.str();
       return true;
     },
     ""},
    {"stop-after",
     [](CompileOptions &options, StringRef value) {
       return assign(parseStage(value), options.stopAfter);
     },
     "import, optimize, select, schedule, loops or llvm"},
    {"target",
     [](CompileOptions &options, StringRef value) {
       options.target.triple = value.str();
       return true;
     },
     ""},
    {"threads",
     [](CompileOptions &options, StringRef value) {
       return !value.getAsInteger(10, options.threads) &&
              options.threads >= 1 && options.threads <= mostThreads;
     },
     "a number from 1 to 32"},
};

} // namespace

const char *qccGetVersion(void) { return QCC_VERSION; }

int qccGetApiVersion(void) { return QCC_C_API_VERSION; }

QccCompiler *qccCreate(void) { return new (std::nothrow) QccCompiler(); }

void qccDestroy(QccCompiler *compiler) { delete compiler; }

QccStatus qccSetMessageHandler(QccCompiler *compiler, QccMessageHandler handler,
                               void *context) {
  if (!compiler)
    return QccStatusBadArgument;
  compiler->handler = handler;
  compiler->context = context;
  return QccStatusOk;
}

QccStatus qccSetOption(QccCompiler *compiler, const char *key,
                       const char *value) {
  if (!compiler)
    return QccStatusBadArgument;
  if (!key || !value)
    return compiler->refuse("an option needs a key and a value");
  const auto *entry = llvm::find_if(
      entries, [&](const OptionEntry &each) { return each.key == key; });
  if (entry == std::end(entries)) {
    std::string known;
    for (const OptionEntry &each : entries)
      known += (known.empty() ? "" : ", ") + each.key.str();
    return compiler->refuse("unknown option '" + llvm::Twine(key) +
                            "'; known are " + known);
  }
  // A value that is refused leaves the option as it was.
  CompileOptions changed = compiler->options;
  if (!entry->set(changed, value))
    return compiler->refuse("option '" + llvm::Twine(key) + "' is '" + value +
                            "', expected " + entry->values);
  compiler->options = std::move(changed);
  return QccStatusOk;
}

QccStatus qccCompile(QccCompiler *compiler, const void *model, size_t bytes,
                     const char *file_name) {
  if (!compiler)
    return QccStatusBadArgument;
  compiler->result.reset();
  if (!model)
    return compiler->refuse("no model was given");
  compiler->result = compileModel(
      llvm::MemoryBufferRef(StringRef(static_cast<const char *>(model), bytes),
                            file_name ? file_name : "model"),
      compiler->options,
      [&](const Message &message) { compiler->tell(message); });
  return compiler->result ? QccStatusOk : QccStatusFailed;
}

const char *qccGetOutput(const QccCompiler *compiler, size_t *bytes) {
  bool made = compiler && compiler->result;
  if (bytes)
    *bytes = made ? compiler->result->output.size() : 0;
  return made ? compiler->result->output.c_str() : nullptr;
}

const char *qccGetHeader(const QccCompiler *compiler) {
  bool made = compiler && compiler->result && !compiler->result->header.empty();
  return made ? compiler->result->header.c_str() : nullptr;
}
