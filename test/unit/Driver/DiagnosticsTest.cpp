// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Diagnostics in the model's words.

#include "qcc/Driver/Diagnostics.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace qcc;

namespace {

struct Printed {
  MLIRContext context;
  std::string text;
  llvm::raw_string_ostream stream{text};
  DiagnosticPrinter printer{&context, stream, /*showRemarks=*/false};

  Location tensor(StringRef name, unsigned op) {
    return NameLoc::get(StringAttr::get(&context, name),
                        FileLineColLoc::get(&context, "m.tflite", op, 0));
  }
};

TEST(Diagnostics, NamesOperatorAndTensor) {
  Printed printed;
  emitError(printed.tensor("conv1", 3)) << "no good";
  EXPECT_EQ(printed.text,
            "m.tflite: error: operator 3 (tensor 'conv1'): no good\n");
}

TEST(Diagnostics, TextHasLineAndColumn) {
  Printed printed;
  InFlightDiagnostic diagnostic =
      emitError(FileLineColLoc::get(&printed.context, "n.mlir", 4, 8), "bad");
  diagnostic.attachNote(printed.tensor("y", 1)) << "see";
  diagnostic.report();
  EXPECT_EQ(printed.text, "n.mlir:4:8: error: bad\n"
                          "m.tflite: note: operator 1 (tensor 'y'): see\n");
}

TEST(Diagnostics, RemarksOnlyWhenAskedFor) {
  Printed printed;
  emitRemark(printed.tensor("x", 0)) << "by the way";
  EXPECT_EQ(printed.text, "");
}

TEST(Diagnostics, HostileNamesDoNotReachTheTerminal) {
  Printed printed;
  emitError(printed.tensor("\x1b[2J", 0)) << "no good";
  EXPECT_EQ(printed.text,
            "m.tflite: error: operator 0 (tensor '\\x1b[2J'): no good\n");
}

TEST(Diagnostics, FusedOperationsAreTheLastOne) {
  Printed printed;
  Location fused = FusedLoc::get(
      &printed.context, {printed.tensor("conv", 1), printed.tensor("relu", 2)});
  OpOrigin origin = getOpOrigin(fused);
  EXPECT_EQ(origin.op, 2);
  EXPECT_EQ(origin.tensor, "relu");
}

} // namespace
