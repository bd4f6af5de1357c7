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

def FuseThresholds : Pass<"qnn-fuse-thresholds"> {
  let summary = "what follows a product, up to its quantizer, becomes its requantization";
  let description = [{
    Exact: batch normalization, activations, comparisons and a quantizer under the rounding `onnx` that follow a product
    of stored integers, element by element and with constants per channel, are a function of the integer sum. It is
    evaluated for every sum that a channel can reach. Where it rises or falls, and one multiplication, addition and
    rounding under `onnx` has the same values everywhere, the product becomes an integer operation with weights that
    are multiples of what they were. Chains with too many sums to evaluate, or without such a line, stay.
  }];
  let dependentDialects = ["::qcc::qnn::QNNDialect"];
  let statistics = [Statistic<"numFused", "fused", "products that became integer operations">];
}

def FuseFunctions : Pass<"qnn-fuse-functions"> {
  let summary = "float functions between quantizers become tables of stored bytes";
  let description = [{
    Exact: what lies between the dequantizers of one tensor of bytes and a quantizer of bytes under the rounding `onnx`,
    element by element and with constants of one element, is a function of 256 values, which the interpreter evaluates.
    Sums and products of a tensor with a function of itself belong to it (x · sigmoid(x)). What else reads something on
    the way keeps its own copy. A requantization alone stays one.
  }];
  let dependentDialects = ["::qcc::qnn::QNNDialect"];
  let statistics = [Statistic<"numFused", "fused", "quantizers whose values come of a table">];
}

#endif
