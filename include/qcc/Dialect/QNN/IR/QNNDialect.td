// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The `qnn` dialect: quantized neural networks as value-semantics operations on ranked, static tensors.

#ifndef QCC_DIALECT_QNN_IR_QNNDIALECT_TD
#define QCC_DIALECT_QNN_IR_QNNDIALECT_TD

include "mlir/IR/OpBase.td"

def QNN_Dialect : Dialect {
  let name = "qnn";
  let cppNamespace = "::qcc::qnn";
  let summary = "quantized neural networks";
  let description = [{
    Tensors are ranked and static. An element type is an upstream `!quant.uniform` type (per tensor, per axis or per
    block; storage of 1 to 32 bits), a plain integer, or a float. A real value r and its stored integer q obey
    r = scale * (q - zero_point). The arithmetic of every operation is the one of its origin, selected by the
    `rounding` attribute, and defined by the reference interpreter in lib/Reference.

    Encodings that `!quant.uniform` cannot say are types of this dialect: `!qnn.bipolar`, and in time codebook, learned
    basis, binary-coded, elastic significant bits, vertical. Every place that asks for a scale goes through
    `qcc/Dialect/QNN/IR/Quantization.h` so that such a type has one place to answer.
  }];
  let dependentDialects = ["::mlir::quant::QuantDialect", "::mlir::func::FuncDialect"];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let hasOperationAttrVerify = 0;
}

#endif
