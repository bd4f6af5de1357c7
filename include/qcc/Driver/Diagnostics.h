// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the user reads when something goes wrong: diagnostics of MLIR with the
// model's own words (file, operator, tensor, layer) for a place, and errors of
// files and options in the same form.

#ifndef QCC_DRIVER_DIAGNOSTICS_H
#define QCC_DRIVER_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"
#include "qcc/Dialect/QNN/IR/Layout.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <functional>
#include <string>

namespace qcc {

/// Where an operation comes from, read from a location as importers write it:
/// NameLoc(tensor, FileLineColLoc(file, operator index, 0)).
struct OpOrigin {
  std::string file;
  std::string tensor;
  /// How the model's tensor comes of the operation's; nothing: it is that.
  std::optional<qnn::Layout> layout;
  /// Index of the operator in the model; -1: unknown.
  int64_t op = -1;
  /// For text formats: line and column, 1-based; 0: none.
  unsigned line = 0, column = 0;
};

/// Of fused locations the operator with the greatest index is taken: its result
/// is what the fused operation computes.
OpOrigin getOpOrigin(mlir::Location location);

/// A diagnostic in words for a user.
struct Message {
  mlir::DiagnosticSeverity severity = mlir::DiagnosticSeverity::Error;
  /// "model.tflite: error: operator 3 (tensor 'x'): message", or for formats of
  /// text "net.mlir:4:8: error: message"; no line break at the end.
  std::string text;
  /// What it speaks of.
  OpOrigin origin;
};

/// `diagnostic` without its notes.
Message describeDiagnostic(const mlir::Diagnostic &diagnostic);
/// "qcc: error: message".
Message makeErrorMessage(llvm::StringRef message);

/// Prints the diagnostics of a context while it lives, each followed by its
/// notes.
class DiagnosticPrinter {
public:
  /// `beforePrint`, if given, is called before each line: something else may be
  /// on the screen.
  DiagnosticPrinter(mlir::MLIRContext *context, llvm::raw_ostream &stream,
                    bool showRemarks, std::function<void()> beforePrint = {});

  /// Prints `error` as "qcc: error: message", each message on its own line.
  static void print(llvm::raw_ostream &stream, llvm::Error error);

private:
  void print(mlir::Diagnostic &diagnostic);

  llvm::raw_ostream &stream;
  bool showRemarks;
  std::function<void()> beforePrint;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace qcc

#endif // QCC_DRIVER_DIAGNOSTICS_H
