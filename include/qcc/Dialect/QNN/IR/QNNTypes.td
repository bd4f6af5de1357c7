// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Element types of the `qnn` dialect: encodings that `!quant.uniform` cannot say.

#ifndef QCC_DIALECT_QNN_IR_QNNTYPES_TD
#define QCC_DIALECT_QNN_IR_QNNTYPES_TD

include "qcc/Dialect/QNN/IR/QNNDialect.td"
include "mlir/IR/AttrTypeBase.td"

def QNN_BipolarType : TypeDef<QNN_Dialect, "Bipolar"> {
  let mnemonic = "bipolar";
  let summary = "one of two values, −scale or +scale, and never 0";
  let description = [{
    `stored` says how values lie where they are not packed into bits, and what scale they have: a per-tensor uniform
    type of 8 bits whose storage range is its zero point ± 1. The zero point itself is no value of the type, which is
    what one bit per value rests on.
    - (C1) `stored` is per tensor, of 8 bits, and has the storage range [zero point − 1, zero point + 1]

    Example: `!qnn.bipolar<!quant.uniform<i8<-1:1>:f32, 0.5>>`.
  }];
  let parameters = (ins "::mlir::quant::UniformQuantizedType":$stored);
  let builders = [TypeBuilderWithInferredContext<(ins "::mlir::quant::UniformQuantizedType":$stored), [{
    return $_get(stored.getContext(), stored);
  }]>];
  let assemblyFormat = "`<` $stored `>`";
  let genVerifyDecl = 1;
}

#endif
