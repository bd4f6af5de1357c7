// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes that need the definition of an operation's arithmetic.

#ifndef QCC_REFERENCE_PASSES_TD
#define QCC_REFERENCE_PASSES_TD

include "mlir/Pass/PassBase.td"

def FoldConstants : Pass<"qnn-fold-constants"> {
  let summary = "evaluate operations on constants with the reference interpreter";
  let description = [{
    Bit-exact: the interpreter is the definition. An operation whose operands are all constants becomes a constant,
    unless that would be much larger than they are (a pad of a splat, say), or much work for what the model's constants
    hold. What the interpreter refuses stays.
  }];
  let dependentDialects = ["::qcc::qnn::QNNDialect"];
  let statistics = [Statistic<"numFolded", "folded", "operations evaluated">];
}

#endif
