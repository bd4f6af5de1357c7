// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations of the `qnn` dialect. Each names its numbered constraints (C1, C2, …); the verifier and the tests in
// test/Dialect/QNN cite the same numbers. The constraint "result shape is the inferred one" is common to all.

#ifndef QCC_DIALECT_QNN_IR_QNNOPS_TD
#define QCC_DIALECT_QNN_IR_QNNOPS_TD

include "qcc/Dialect/QNN/IR/QNNBase.td"
include "qcc/Dialect/QNN/IR/QNNBinaryOps.td"
include "qcc/Dialect/QNN/IR/QNNCompareOps.td"
include "qcc/Dialect/QNN/IR/QNNElementwiseOps.td"
include "qcc/Dialect/QNN/IR/QNNIndexOps.td"
include "qcc/Dialect/QNN/IR/QNNMacOps.td"
include "qcc/Dialect/QNN/IR/QNNRecurrentOps.td"
include "qcc/Dialect/QNN/IR/QNNReductionOps.td"
include "qcc/Dialect/QNN/IR/QNNScheduleOps.td"
include "qcc/Dialect/QNN/IR/QNNShapeOps.td"
include "qcc/Dialect/QNN/IR/QNNUnaryOps.td"
include "qcc/Dialect/QNN/IR/QNNStateOps.td"

def QNN_ConstantOp : Op<QNN_Dialect, "constant", [Pure, ConstantLike]> {
  let summary = "a tensor known at compile time";
  let description = [{
    `value` holds the stored integers (or floats); its element type is the storage type of the result's element type.
    - (C1) shape of `value` = shape of the result
    - (C2) element type of `value` = storage type of the result
    - (C3) every integer lies in the storage range of the quantized type

    ```mlir
    %w = qnn.constant dense<[[1, -2]]> : tensor<1x2xi8> as tensor<1x2x!quant.uniform<i8:f32, 0.5>>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs QNN_Tensor:$result);
  let hasFolder = 1;
  let hasVerifier = 1;
  let assemblyFormat = "$value `as` type($result) attr-dict";
}

#endif
