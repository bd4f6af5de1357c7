// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The back end's own passes on loops-stage modules.

#ifndef QCC_TARGET_PASSES
#define QCC_TARGET_PASSES

include "mlir/Pass/PassBase.td"

def ExpandMath : Pass<"qcc-expand-math"> {
  let summary = "expand math operations that a target has no instruction for";
  let description = [{
    After this pass no `math` operation is left that would become a call into
    the C library.

    - Transcendental functions (exp, tanh, erf, …) on f32 become polynomial
      approximations: *bounded*, a few units in the last place.
    - Without `rounding`, roundeven, floor, ceil, trunc and round become
      additions and comparisons, for scalars and vectors: *bit-exact*, signed
      zeros, infinities and NaN included, in the round-to-nearest mode that the C
      ABI promises.
    - Without `fma`, the fused multiply-adds of the approximations become
      multiplications and additions. One that was in the input is an error,
      since its result could not be kept. `vector.fma`, which contractions turn
      into, is one operation where there is an instruction and two where not.
  }];
  let dependentDialects = ["mlir::arith::ArithDialect",
                           "mlir::math::MathDialect",
                           "mlir::vector::VectorDialect"];
  let options = [
    Option<"fma", "fma", "bool", /*default=*/"true",
           "the target has a fused multiply-add instruction">,
    Option<"rounding", "rounding", "bool", /*default=*/"true",
           "the target has rounding instructions">,
    Option<"fromTarget", "from-target", "bool", /*default=*/"false",
           "take both from the module's qnn.target">,
  ];
}

def OutlineParallel : Pass<"qcc-outline-parallel", "mlir::ModuleOp"> {
  let summary = "move the parts of divided layers into functions";
  let description = [{
    The body of each `scf.parallel` of one dimension, from 0 by 1, becomes a
    private function `<layer>.part<k>` of what it uses, of the first share and
    of their end (what `qnn.share_end` stood for); a call of it with the
    attribute `qcc.shares` stands for all of them, until
    `qcc-lower-parallel-calls`. Constants and tables are made again inside.
    *Bit-exact*.
  }];
  let dependentDialects = ["mlir::arith::ArithDialect",
                           "mlir::func::FuncDialect"];
}

def LowerParallelCalls : Pass<"qcc-lower-parallel-calls", "mlir::ModuleOp"> {
  let summary = "call the caller's parallel-for for all parts";
  let description = [{
    A call with `qcc.shares` packs its operands into a struct on the stack, and
    calls `run` of the `struct qcc_parallel` (qcc-rt/qcc.h) that the enclosing
    function's last argument points to with a function that unpacks them.
    *Bit-exact*.
  }];
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
}

def LowerVectors : Pass<"qcc-lower-vectors"> {
  let summary = "break vector operations down to those LLVM has";
  let description = [{
    Contractions, transposes, shape casts, gathers, masks, interleavings and
    transfers of one dimension become loads, stores, shuffles and element-wise
    operations. *Bit-exact* but for the order of floating-point contractions.
  }];
  let dependentDialects = ["mlir::arith::ArithDialect",
                           "mlir::memref::MemRefDialect",
                           "mlir::scf::SCFDialect",
                           "mlir::vector::VectorDialect"];
}

def ConvertLoopsToLLVM : Pass<"qcc-convert-to-llvm", "mlir::ModuleOp"> {
  let summary = "convert everything to the LLVM dialect at once";
  let description = [{
    One conversion for all dialects, with one index width. Upstream's sequence of
    passes cannot do that on 32-bit targets: `convert-vector-to-llvm` has no option
    for the index width and leaves casts behind. Memref arguments become bare
    pointers. *Bit-exact*.
  }];
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
  let options = [
    Option<"indexBits", "index-bitwidth", "unsigned", /*default=*/"64",
           "bits of an index: 32 or 64">,
    Option<"fromTarget", "from-target", "bool", /*default=*/"false",
           "take them from the module's qnn.target">,
  ];
}

#endif // QCC_TARGET_PASSES
