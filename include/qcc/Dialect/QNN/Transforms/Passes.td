// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rewrites from qnn to qnn. All of them are bit-exact: what cannot be is left alone.

#ifndef QCC_DIALECT_QNN_TRANSFORMS_PASSES_TD
#define QCC_DIALECT_QNN_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def FoldPad : Pass<"qnn-fold-pad"> {
  let summary = "fold qnn.pad into the padding of convolutions";
  let description = [{
    Bit-exact. A `qnn.pad` of H and W pads with the zero point, which is what a convolution sees outside its input, so
    the two paddings add up; pads of pads become one. Pooling is left alone: there, padding does not count.
  }];
  let statistics = [Statistic<"numFolded", "folded", "pads folded">];
}

def ForwardState : Pass<"qnn-forward-state", "::mlir::ModuleOp"> {
  let summary = "reads of variables first, one last assignment each";
  let description = [{
    Bit-exact. A read behind an assignment becomes the assigned value, so that what is left reads the value of the run
    before; only the last assignment to each variable stays. Variables that nothing reads, and assignments of what the
    variable holds already, go away; what is never assigned becomes a constant. The memory planner asks for this form.
  }];
  let dependentDialects = ["::qcc::qnn::QNNDialect"];
  let statistics = [
    Statistic<"numForwarded", "forwarded", "reads replaced by assigned values">,
    Statistic<"numErased", "erased", "variables erased">
  ];
}

def FuseClamp : Pass<"qnn-fuse-clamp"> {
  let summary = "fuse clamps into the operation that makes the value";
  let description = [{
    Bit-exact. A `qnn.clip`, or a `qnn.requantize` between equal types (the quantized RELU family), that is the only
    use of a result narrows the `clamp` of the operation that made it.
  }];
  let statistics = [Statistic<"numFused", "fused", "clamps fused">];
}

def FuseRequantize : Pass<"qnn-fuse-requantize"> {
  let summary = "fuse requantizations that only move the zero point";
  let description = [{
    Bit-exact. With equal scales and storage widths (int8 to uint8, say) a `qnn.requantize` adds a number and clamps.
    Where it is the only use of a result, the operation that made the result makes the new type at once. Where it cannot
    saturate and its users depend on stored value minus zero point alone, these read the old type. Average pooling rounds
    stored values: it is left alone.
  }];
  let statistics = [
    Statistic<"numIntoProducer", "into-producer", "requantizations fused into the producer">,
    Statistic<"numIntoUsers", "into-users", "requantizations fused into the users">
  ];
}

#endif
