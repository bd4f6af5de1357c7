// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes from optimized `qnn` to loops.

#ifndef QCC_CONVERSION_PASSES_TD
#define QCC_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def FormLayers : Pass<"qnn-form-layers", "::mlir::ModuleOp"> {
  let summary = "wrap each operation into a qnn.layer";
  let description = [{
    Bit-exact. Every operation that computes becomes the anchor of a `qnn.layer` that owns copies of its constants;
    reshapes stay outside as views. Layers are named by op and index (`conv2d_3`).
  }];
  let dependentDialects = ["::qcc::qnn::QNNDialect"];
  let statistics = [Statistic<"numLayers", "layers", "layers formed">];
}

def SliceWeights : Pass<"qnn-slice-weights", "::mlir::ModuleOp"> {
  let summary = "output channels whose weights need fewer bits become layers of their own";
  let description = [{
    Bit-exact. A convolution or matrix product packs its constant weights at the bits that the widest of its channels
    needs. Up to four slices of whole vectors of channels that need fewer become products of their own, joined by
    `qnn.concat`: for the goal `size` where that saves an eighth of the bits, for `time` where weights come from so far
    (see TargetFacts) that it takes less time. Only where kernels that pack may be chosen.
  }];
  let dependentDialects = ["::qcc::qnn::QNNDialect"];
  let options = [
    Option<"family", "family", "std::string", "\"auto\"", "kernels to choose from, as qnn-select-kernels has it">,
    Option<"goal", "goal", "std::string", "\"time\"", "what to make small: time or size">
  ];
  let statistics = [Statistic<"numSliced", "sliced", "products sliced">];
}

def SetActivationSign : Pass<"qnn-set-activation-sign", "::mlir::ModuleOp"> {
  let summary = "store activations in the sign that the target's dot instruction wants";
  let description = [{
    Bit-exact. Unsigned for x86 VNNI, signed for AArch64 dotprod, no change elsewhere. Types of 8-bit tensors inside the
    model change by 128 in storage and zero point, together with the clamps of their producers, where all operations
    that touch them depend on the difference of the two alone. Inputs and outputs of the model keep their types.
    Runs before qnn-form-layers.
  }];
  let dependentDialects = ["::qcc::qnn::QNNDialect"];
  let statistics = [
    Statistic<"numFlipped", "flipped", "tensors whose sign changed">,
    Statistic<"numShifted", "shifted", "inputs copied with another sign">
  ];
}

def SelectKernels : Pass<"qnn-select-kernels", "::mlir::ModuleOp"> {
  let summary = "choose a kernel for every qnn.layer";
  let description = [{
    Bit-exact. Asks each kernel of the layer's anchor for its cost on the module's target (`qnn.target`, see
    TargetAttr.h), takes the cheapest, and explains it in a remark. A layer that no kernel fits is an error that lists
    each kernel's reason. A family other than `auto` leaves those of other families only what none of its own fits.
    What weights, and scratch memory in their place, take to come from caches and memory is part of the time; within 2 %
    of the least, less scratch memory and fewer bytes of weights decide.
  }];
  let dependentDialects = ["::qcc::qnn::QNNDialect"];
  let options = [
    Option<"family", "family", "std::string", "\"auto\"",
           "kernels to choose from: auto, int8, narrow, container, bitserial, lut">,
    Option<"goal", "goal", "std::string", "\"time\"",
           "what to make small: time, or size (the fewest bytes of weights within 1.5 of the least time)">
  ];
  let statistics = [Statistic<"numSelected", "selected", "kernels selected">];
}

def FuseLayers : Pass<"qnn-fuse-layers", "::mlir::ModuleOp"> {
  let summary = "element-wise layers that only one other reads become part of it";
  let description = [{
    Bit-exact. Runs after qnn-select-kernels. Of two element-wise layers the second of which alone reads the first, one
    with both operations is made where a kernel for several takes no more time than their two: elements then stay in
    registers between them, and what the first made needs no memory. A layer moves to a later one's place only where
    nothing runs between them or what it reads is no larger than what it makes.
  }];
  let dependentDialects = ["::qcc::qnn::QNNDialect"];
  let statistics = [Statistic<"numFused", "fused", "layers that became part of another">];
}

def PlanMemory : Pass<"qnn-plan-memory", "::mlir::ModuleOp"> {
  let summary = "give every tensor of a selected module its place in memory";
  let description = [{
    Bit-exact. Decides padding (a producer writes into the interior of its consumer's padded buffer; a copying layer is
    inserted where that cannot be), in-place results, and offsets in the arena: the optimum where a bounded
    branch-and-bound search proves it, else the best found, with the gap in a remark. With several threads the middles of
    tensors lie on few addresses instead, so that each thread finds in its cache what it wrote. Where kernels go by rows
    (on machines without vectors), tensors of 1 to 7 bits lie in packed rows if that makes the arena smaller and costs at
    most an eighth of the time of the layers that touch them. Sets `buffers` on layers and `qnn.arena_bytes` on the
    function.
  }];
  let dependentDialects = ["::qcc::qnn::QNNDialect"];
  let options = [
    Option<"ioInArena", "io-in-arena", "bool", "false", "inputs and outputs lie in the arena">,
    Option<"packRows", "pack-rows", "std::string", "\"auto\"",
           "tensors of 1 to 7 bits lie in packed rows: auto, smaller (wherever the arena gets smaller), always where "
           "kernels go by rows, never">
  ];
  let statistics = [Statistic<"numCopies", "copies", "copying layers inserted">];
}

def VerifyPlan : Pass<"qnn-verify-plan", "::mlir::ModuleOp"> {
  let summary = "check the contract of a planned module";
  let description = [{
    Changes nothing. Every value has a buffer; buffers lie inside the arena or the caller's memory and have the padding
    that kernels ask for; no two that are live together overlap, unless a result takes over an operand in place.
  }];
}

def ConvertQNNToLoops : Pass<"convert-qnn-to-loops", "::mlir::ModuleOp"> {
  let summary = "lower planned layers to functions over vector, arith, memref and scf";
  let description = [{
    Bit-exact. Each layer becomes a private function `<name>.<layer>` over flat memrefs, the model's function becomes
    `<name>_run(inputs…, outputs…, arena) -> i32`, which calls them in order. With several threads layers of enough work
    divide it by a `scf.parallel` of at most so many parts; the caller's parallel-for is then the last argument of these
    layers and of `<name>_run`, an `!llvm.ptr` marked `qnn.parallel`.
  }];
  let dependentDialects = ["::qcc::qnn::QNNDialect", "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect", "::mlir::math::MathDialect", "::mlir::LLVM::LLVMDialect"];
  let options = [
    Option<"name", "name", "std::string", "\"model\"", "prefix of the generated symbols">,
    Option<"partCycles", "part-cycles", "int64_t", "16000",
           "with several threads: estimated cycles that each part of a layer must have; half between divided layers">
  ];
}

#endif
