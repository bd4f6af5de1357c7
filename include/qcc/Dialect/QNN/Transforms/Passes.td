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

def FuseQuantizers : Pass<"qnn-fuse-quantizers"> {
  let summary = "operations between dequantize and quantize become integer operations";
  let description = [{
    Exact where the definition is: a float operation whose operands are dequantized and whose result is quantized under
    the rounding `onnx` becomes the same operation on stored integers, rounded once, as real numbers would be. Float32
    evaluation of the same graph may differ where its own error reaches a half-way point.
    What only moves or compares elements is done on stored integers wherever that is exact. A filter of floats that
    are multiples of one number by −127 … 127, beside a quantized input, is one of integers.
  }];
  let statistics = [
    Statistic<"numFused", "fused", "operations that became integer operations">,
    Statistic<"numMoved", "moved", "quantizers moved past operations that move elements">
  ];
}

def FuseBias : Pass<"qnn-fuse-bias"> {
  let summary = "additions of a constant per channel become biases";
  let description = [{
    Bit-exact: a float convolution or matrix product without a bias adds 0 to its sums; the only use of its result may
    as well be that.
  }];
  let statistics = [Statistic<"numFused", "fused", "additions that became biases">];
}

def SumIntegers : Pass<"qnn-sum-integers"> {
  let summary = "products of dequantized operands are sums of integers";
  let description = [{
    Exact up to the last places of a float: under the rounding `onnx` a convolution or matrix product whose operands are
    dequantized and whose result stays float becomes the same operation on stored integers with a float result. Factors
    and addends per channel that follow it become part of its scales and its bias; a negative factor negates weights.
  }];
  let options = [Option<"unfused", "unfused", "std::string", "\"ignore\"",
    "what to do about products with a quantized input that stay in floats: ignore, warn, error">];
  let statistics = [
    Statistic<"numSums", "sums", "products of floats that became sums of integers">,
    Statistic<"numAbsorbed", "absorbed", "factors and addends that became scales and biases">
  ];
}

def MoveTransposes : Pass<"qnn-move-transposes"> {
  let summary = "transposes move towards the results, and cancel";
  let description = [{
    Bit-exact. Element-wise operations, quantizers, pads, slices, concatenations and reductions of a transposed tensor
    are done before the transpose. Two transposes in a row become one, or none; one that moves axes of extent 1 alone is
    a reshape; one before a fully connected layer becomes another order of its constant filter.
  }];
  let statistics = [Statistic<"numMoved", "moved", "transposes moved past an operation">];
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
