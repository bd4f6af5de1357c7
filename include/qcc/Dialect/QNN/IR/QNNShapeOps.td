// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shapes and data movement: results hold elements of the operands, or a constant.
// All but `qnn.reshape`, which is a view, say so through MoveOpInterface.

#ifndef QCC_DIALECT_QNN_IR_QNNSHAPEOPS_TD
#define QCC_DIALECT_QNN_IR_QNNSHAPEOPS_TD

include "qcc/Dialect/QNN/IR/QNNBase.td"

def QNN_BroadcastOp : QNN_MoveOp<"broadcast"> {
  let summary = "repetition along axes of extent 1";
  let description = [{
    - (C1) operand and result have the same rank and element type
    - (C2) each extent of the operand is 1 or the result's

    ```mlir
    %y = qnn.broadcast %x : (tensor<2x1x4xf32>) -> tensor<2x3x4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
  let hasFolder = 1;
}

def QNN_ConcatOp : QNN_MoveOp<"concat"> {
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
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, $result)";
  let hasFolder = 1;
}

def QNN_CopyOp : QNN_MoveOp<"copy"> {
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
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
}

def QNN_MirrorPadOp : QNN_MoveOp<"mirror_pad"> {
  let summary = "pad with the mirrored input";
  let description = [{
    `symmetric` repeats the edge (c b a | a b c | c b a), otherwise the mirror lies on it (c b | a b c | b a).
    - (C1) low and high have one non-negative number per axis, at most the extent, and less than it unless `symmetric`
    - (C2) operand and result have the same element type

    ```mlir
    %y = qnn.mirror_pad %x {low = array<i64: 0, 2>, high = array<i64: 0, 1>} : (tensor<2x3xf32>) -> tensor<2x6xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high, UnitAttr:$symmetric);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
}

def QNN_PadOp : QNN_Op<"pad", [DeclareOpInterfaceMethods<QNN_MoveOpInterface, ["getFill"]>]> {
  let summary = "pad with the zero point or a constant";
  let description = [{
    Elements outside the input are `value`, an integer as stored or a float; without it the zero point (0 for plain
    integers and floats).
    - (C1) low and high have one non-negative number per axis
    - (C2) operand and result have the same element type
    - (C3) `value` is f32 for floats, else an i64 in the storage range

    ```mlir
    %y = qnn.pad %x {low = array<i64: 0, 1>, high = array<i64: 0, 2>}
      : (tensor<2x3x!quant.uniform<i8:f32, 0.5:7>>) -> tensor<2x6x!quant.uniform<i8:f32, 0.5:7>>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high,
    OptionalAttr<AnyAttrOf<[F32Attr, I64Attr]>>:$value);
  let results = (outs QNN_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$input, "::llvm::ArrayRef<int64_t>":$low,
    "::llvm::ArrayRef<int64_t>":$high), [{
      build($_builder, $_state, result, input, low, high, ::mlir::Attribute());
    }]>];
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

def QNN_SliceOp : QNN_MoveOp<"slice"> {
  let summary = "every step-th element along each axis";
  let description = [{
    result[i0, i1, …] = input[starts[0] + i0·steps[0], …]; a negative step goes backwards.
    - (C1) starts, sizes and steps have one number per axis; sizes are positive
    - (C2) every element taken lies in the input
    - (C3) operand and result have the same element type

    ```mlir
    %y = qnn.slice %x {starts = array<i64: 1, 3>, sizes = array<i64: 1, 2>, steps = array<i64: 1, -2>}
      : (tensor<2x4xf32>) -> tensor<1x2xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, DenseI64ArrayAttr:$starts, DenseI64ArrayAttr:$sizes,
    DenseI64ArrayAttr:$steps);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
  let hasFolder = 1;
}

def QNN_TransposeOp : QNN_MoveOp<"transpose"> {
  let summary = "axes in another order";
  let description = [{
    Axis i of the result is axis permutation[i] of the operand.
    - (C1) permutation holds each of 0 … rank − 1 once
    - (C2) operand and result have the same element type

    ```mlir
    %y = qnn.transpose %x {permutation = array<i64: 1, 0>} : (tensor<2x4xf32>) -> tensor<4x2xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, DenseI64ArrayAttr:$permutation);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

#endif
