// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations that take or make indices, and resizing.

#ifndef QCC_DIALECT_QNN_IR_QNNINDEXOPS_TD
#define QCC_DIALECT_QNN_IR_QNNINDEXOPS_TD

include "qcc/Dialect/QNN/IR/QNNBase.td"

class QNN_ArgOp<string mnemonic> : QNN_Op<mnemonic> {
  let arguments = (ins QNN_Tensor:$input, I64Attr:$axis);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
}

def QNN_ArgMaxOp : QNN_ArgOp<"arg_max"> {
  let summary = "where the largest element along an axis lies";
  let description = [{
    The least index of equal ones; an element that is a NaN is never larger than another, and none than it.
    - (C1) `axis` in [0, rank); the result has the other axes
    - (C2) the result's elements are i32 or i64

    ```mlir
    %y = qnn.arg_max %x {axis = 1 : i64} : (tensor<2x10xf32>) -> tensor<2xi32>
    ```
  }];
}

def QNN_ArgMinOp : QNN_ArgOp<"arg_min"> {
  let summary = "where the smallest element along an axis lies";
  let description = [{
    The least index of equal ones; an element that is a NaN is never smaller than another, and none than it.
    - (C1) `axis` in [0, rank); the result has the other axes
    - (C2) the result's elements are i32 or i64

    ```mlir
    %y = qnn.arg_min %x {axis = 1 : i64} : (tensor<2x10xf32>) -> tensor<2xi32>
    ```
  }];
}

def QNN_CumsumOp : QNN_Op<"cumsum"> {
  let summary = "running sum along an axis";
  let description = [{
    Element i is the sum of elements 0 … i, or, if `exclusive`, of 0 … i − 1; `reverse` counts from the end. Integers
    wrap; floats are summed in that order from 0.
    - (C1) `axis` in [0, rank)
    - (C2) operand and result have the same element type, a plain signed integer or a float

    ```mlir
    %y = qnn.cumsum %x {axis = 1 : i64, exclusive} : (tensor<2x4xf32>) -> tensor<2x4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, I64Attr:$axis, UnitAttr:$exclusive, UnitAttr:$reverse);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
}

def QNN_DynamicUpdateSliceOp : QNN_Op<"dynamic_update_slice"> {
  let summary = "the operand with a box of it replaced";
  let description = [{
    The box begins at `starts`, which are moved so that it lies inside.
    - (C1) operand and update have the same rank; the update is nowhere larger
    - (C2) `starts` are plain signed integers, one per axis
    - (C3) operand, update and result have the same element type

    ```mlir
    %y = qnn.dynamic_update_slice %x, %u, %i : (tensor<4x8xf32>, tensor<1x8xf32>, tensor<2xi32>) -> tensor<4x8xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, QNN_Tensor:$update, QNN_Tensor:$starts);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$input `,` $update `,` $starts attr-dict `:` functional-type(operands, $result)";
}

def QNN_GatherOp : QNN_Op<"gather"> {
  let summary = "slices along an axis, chosen by indices";
  let description = [{
    result[b…, o…, n…, i…] = input[b…, o…, indices[b…, n…], i…] with `batch_dims` axes b and the chosen axis `axis`. An
    index outside the axis, which the origin reports when it runs, takes the nearest element inside.
    - (C1) 0 <= batch_dims <= axis < rank of the input; batch_dims <= rank of the indices
    - (C2) the indices are plain signed integers; their first `batch_dims` extents are the input's
    - (C3) input and result have the same element type

    ```mlir
    %y = qnn.gather %x, %i {axis = 1 : i64} : (tensor<2x10x4xf32>, tensor<3xi32>) -> tensor<2x3x4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, QNN_Tensor:$indices, I64Attr:$axis, DefaultValuedAttr<I64Attr, "0">:$batch_dims);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$input `,` $indices attr-dict `:` functional-type(operands, $result)";
}

def QNN_GatherNDOp : QNN_Op<"gather_nd"> {
  let summary = "slices chosen by tuples of indices";
  let description = [{
    result[n…, i…] = input[indices[n…, 0], …, indices[n…, K − 1], i…]. An index outside its axis takes the nearest
    element inside.
    - (C1) the last extent K of the indices is at most the rank of the input
    - (C2) the indices are plain signed integers of rank 1 or more
    - (C3) input and result have the same element type

    ```mlir
    %y = qnn.gather_nd %x, %i : (tensor<2x10x4xf32>, tensor<3x2xi32>) -> tensor<3x4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, QNN_Tensor:$indices);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$input `,` $indices attr-dict `:` functional-type(operands, $result)";
}

def QNN_OneHotOp : QNN_Op<"one_hot"> {
  let summary = "a new axis that is `on` at an index and `off` elsewhere";
  let description = [{
    result[o…, d, i…] = indices[o…, i…] == d ? on : off, d < `depth` being the new axis `axis`.
    - (C1) `axis` in [0, rank of the indices]; `depth` is positive
    - (C2) the indices are plain signed integers
    - (C3) `on` and `off` have one element each, of the result's element type

    ```mlir
    %y = qnn.one_hot %i, %on, %off {axis = 1 : i64, depth = 4 : i64} : (tensor<3xi32>, tensor<f32>, tensor<f32>) -> tensor<3x4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$indices, QNN_Tensor:$on, QNN_Tensor:$off, I64Attr:$axis, I64Attr:$depth);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$indices `,` $on `,` $off attr-dict `:` functional-type(operands, $result)";
}

def QNN_TopKOp : QNN_Op<"top_k"> {
  let summary = "where the largest elements along the last axis lie";
  let description = [{
    The indices of the `k` largest elements, the largest first; of equal ones the lesser index first. A NaN is larger
    than nothing; where there are too few other elements, the index is 0.
    - (C1) `k` in [1, extent of the last axis]
    - (C2) the result's elements are i32

    ```mlir
    %y = qnn.top_k %x {k = 3 : i64} : (tensor<2x10xf32>) -> tensor<2x3xi32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, I64Attr:$k);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
}

class QNN_ResizeOp<string mnemonic> : QNN_Op<mnemonic> {
  let arguments = (ins QNN_Tensor4D:$input, DenseI64ArrayAttr:$size, UnitAttr:$align_corners,
    UnitAttr:$half_pixel_centers);
  let results = (outs QNN_Tensor4D:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
}

def QNN_ResizeBilinearOp : QNN_ResizeOp<"resize_bilinear"> {
  let summary = "bilinear interpolation to another height and width, NHWC";
  let description = [{
    Signed integers: TFLite's fixed point, positions and weights with 10 fractional bits, rounded half away from zero.
    Unsigned ones: interpolated in float32, plus 1/2, truncated. Both work on stored values.
    - (C1) `size` is 2 positive numbers [h, w], extents and sizes are at most 2^20; not both `align_corners` and
      `half_pixel_centers`
    - (C2) operand and result have the same element type: f32, or quantized with 8-bit or signed 16-bit storage

    ```mlir
    %y = qnn.resize_bilinear %x {size = array<i64: 8, 8>, half_pixel_centers}
      : (tensor<1x4x4x3x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x8x8x3x!quant.uniform<i8:f32, 0.5>>
    ```
  }];
}

def QNN_ResizeNearestOp : QNN_ResizeOp<"resize_nearest"> {
  let summary = "the nearest element at another height and width, NHWC";
  let description = [{
    - (C1) `size` is 2 positive numbers [h, w], extents and sizes are at most 2^20
    - (C2) operand and result have the same element type

    ```mlir
    %y = qnn.resize_nearest %x {size = array<i64: 8, 8>} : (tensor<1x4x4x3xf32>) -> tensor<1x8x8x3xf32>
    ```
  }];
}

#endif
