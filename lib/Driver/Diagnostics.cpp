// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Diagnostics in the words of the model: which file, which operator, which
// tensor, rather than the locations of a compiler's intermediate program.

#include "qcc/Driver/Diagnostics.h"

#include "mlir/IR/Location.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace qcc {

OpOrigin getOpOrigin(Location location) {
  OpOrigin origin;
  if (auto file = dyn_cast<FileLineColLoc>(location)) {
    origin.file = file.getFilename().str();
    // Importers of binary formats write the operator's index and no column.
    if (file.getColumn() == 0)
      origin.op = file.getLine();
    origin.line = file.getLine();
    origin.column = file.getColumn();
  } else if (auto name = dyn_cast<NameLoc>(location)) {
    origin = getOpOrigin(name.getChildLoc());
    origin.tensor = name.getName().str();
  } else if (auto fused = dyn_cast<FusedLoc>(location)) {
    for (Location part : fused.getLocations()) {
      OpOrigin other = getOpOrigin(part);
      if (origin.file.empty() || other.op > origin.op)
        origin = other;
    }
    if (std::optional<qnn::Layout> layout = qnn::layoutOf(location))
      origin.layout = layout;
  } else if (auto call = dyn_cast<CallSiteLoc>(location)) {
    origin = getOpOrigin(call.getCallee());
  }
  return origin;
}

static StringRef severityOf(const Diagnostic &diagnostic) {
  switch (diagnostic.getSeverity()) {
  case DiagnosticSeverity::Error:
    return "error";
  case DiagnosticSeverity::Warning:
    return "warning";
  case DiagnosticSeverity::Note:
    return "note";
  case DiagnosticSeverity::Remark:
    return "remark";
  }
  llvm_unreachable("covered switch");
}

/// Names come from files of strangers: no escape sequences for the terminal.
static std::string withoutControls(StringRef text) {
  std::string clean;
  for (char c : text) {
    unsigned char byte = c;
    if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f)
      clean += "\\x" + llvm::utohexstr(byte, /*LowerCase=*/true, /*Width=*/2);
    else
      clean += c;
  }
  return clean;
}

Message describeDiagnostic(const Diagnostic &diagnostic) {
  Message result{diagnostic.getSeverity(), "",
                 getOpOrigin(diagnostic.getLocation())};
  const OpOrigin &origin = result.origin;
  std::string message = diagnostic.str();
  std::string text;
  llvm::raw_string_ostream line(text);
  line << (origin.file.empty() ? "qcc" : origin.file);
  if (origin.column)
    line << ":" << origin.line << ":" << origin.column;
  line << ": " << severityOf(diagnostic) << ": ";
  // Some messages already begin with the operator or the layer they speak of.
  bool named = StringRef(message).starts_with("operator ") ||
               StringRef(message).starts_with("layer ");
  if (!named && origin.op >= 0 && !origin.tensor.empty())
    line << "operator " << origin.op << " (tensor '" << origin.tensor << "'): ";
  else if (!named && !origin.tensor.empty())
    line << "tensor '" << origin.tensor << "': ";
  line << message;
  result.text = withoutControls(text);
  return result;
}

Message makeErrorMessage(StringRef message) {
  return {DiagnosticSeverity::Error, "qcc: error: " + withoutControls(message),
          OpOrigin()};
}

DiagnosticPrinter::DiagnosticPrinter(MLIRContext *context,
                                     raw_ostream &outputStream, bool remarks,
                                     std::function<void()> before)
    : stream(outputStream), showRemarks(remarks),
      beforePrint(std::move(before)),
      handler(context, [this](Diagnostic &diagnostic) {
        print(diagnostic);
        return success();
      }) {}

void DiagnosticPrinter::print(Diagnostic &diagnostic) {
  if (diagnostic.getSeverity() == DiagnosticSeverity::Remark && !showRemarks)
    return;
  std::string text = describeDiagnostic(diagnostic).text + "\n";
  if (beforePrint)
    beforePrint();
  // One write: messages of two threads do not mix.
  stream << text;
  for (Diagnostic &note : diagnostic.getNotes())
    print(note);
}

void DiagnosticPrinter::print(raw_ostream &stream, llvm::Error error) {
  llvm::handleAllErrors(std::move(error), [&](const llvm::ErrorInfoBase &info) {
    stream << makeErrorMessage(info.message()).text << "\n";
  });
}

} // namespace qcc
