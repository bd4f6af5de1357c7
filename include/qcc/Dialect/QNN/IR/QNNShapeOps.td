// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shapes and data movement: results hold elements of the operands, or a constant.

#ifndef QCC_DIALECT_QNN_IR_QNNSHAPEOPS_TD
#define QCC_DIALECT_QNN_IR_QNNSHAPEOPS_TD

include "qcc/Dialect/QNN/IR/QNNBase.td"

def QNN_PadOp : QNN_Op<"pad"> {
  let summary = "pad with the zero point";
  let description = [{
    Elements outside the input are the zero point (0 for plain integers and floats).
    - (C1) low and high have one non-negative number per axis
    - (C2) operand and result have the same element type

    ```mlir
    %y = qnn.pad %x {low = array<i64: 0, 1>, high = array<i64: 0, 2>}
      : (tensor<2x3x!quant.uniform<i8:f32, 0.5:7>>) -> tensor<2x6x!quant.uniform<i8:f32, 0.5:7>>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
  let hasFolder = 1;
}

def QNN_ReshapeOp : QNN_Op<"reshape", [DeclareOpInterfaceMethods<QNN_InPlaceOpInterface, ["mayRunInPlace"]>]> {
  let summary = "same elements in row-major order, another shape";
  let description = [{
    - (C1) operand and result have the same number of elements
    - (C2) operand and result have the same element type

    ```mlir
    %y = qnn.reshape %x : (tensor<1x2x2x8xf32>) -> tensor<1x32xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def QNN_ConcatOp : QNN_Op<"concat"> {
  let summary = "concatenation along an axis";
  let description = [{
    - (C1) at least one operand; `axis` in [0, rank)
    - (C2) operands and result have the same element type
    - (C3) operands agree in every axis but `axis`

    ```mlir
    %y = qnn.concat %a, %b {axis = 1 : i64} : (tensor<1x2xf32>, tensor<1x3xf32>) -> tensor<1x5xf32>
    ```
  }];
  let arguments = (ins Variadic<QNN_Tensor>:$inputs, I64Attr:$axis);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, $result)";
  let hasFolder = 1;
}

def QNN_CopyOp : QNN_Op<"copy"> {
  let summary = "the same tensor in a buffer of its own";
  let description = [{
    The memory planner inserts it where one value must lie in two places: a dense and a padded buffer, the caller's
    input and an output. It has no folder, so that nothing takes it away again.
    - (C1) operand and result have the same type

    ```mlir
    %y = qnn.copy %x : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
}

#endif
