// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations that multiply and accumulate: convolutions, fully connected layers.

#ifndef QCC_DIALECT_QNN_IR_QNNMACOPS_TD
#define QCC_DIALECT_QNN_IR_QNNMACOPS_TD

include "qcc/Dialect/QNN/IR/QNNBase.td"

def QNN_Conv2DOp : QNN_MacOp<"conv2d"> {
  let summary = "2-D convolution, NHWC";
  let description = [{
    acc[n,y,x,o] = bias[o] + Σ_{i,j,c} (input[n, y·sy + i·dy − top, x·sx + j·dx − left, c] − z_in) · (filter[o,i,j,c] − z_w[o]);
    outside the input the stored value is the zero point. The accumulator (32 bits, wrapping) is requantized by
    s_in·s_w[o]/s_out under `rounding`, the zero point is added, and the result clamped to `clamp` (default: the storage
    range). `single_scale_product`: s_in·s_w is rounded to float32 first, as TFLite does for per-tensor uint8.
    A bias of 64 bits makes the accumulator one of 64 bits, which is requantized by a multiplier of 16 bits with one
    rounding, half up, whatever `rounding` says: TFLite's int16 activations.
    Float operands give a float convolution.
    A float input and result with a quantized filter are TFLite's hybrid form: each sample n is rounded to 8 bits by its
    own range, q = clamp(round_half_away(x · (127/max|x|)), −127, 127), and result = float(Σ q·filter) · (max|x|/127 ·
    s_w) + bias in float32. `asymmetric_inputs`: to the least interval of [−128, 127] steps that holds 0 and the sample,
    with a zero point; the sum is of (q − z)·filter.
    Quantized operands may have a float result: float(Σ (input − z_in)·(filter − z_w)) · float(s_in·s_w) + bias in
    float32, the sum in 32 bits, wrapping.
    - (C1) input and result are 4-D NHWC, filter is 4-D in the order of `filter_layout` (ohwi)
    - (C2) input channels = filter input channels · groups, output channels divisible by groups
    - (C3) strides and dilations are 2 positive numbers [h, w], padding is 4 non-negative numbers [top, bottom, left, right]
    - (C4) bias: one i32 or i64 (beside a float result f32) element, plain or quantized, per output channel
    - (C5) a per-axis filter is quantized along its output channels
    - (C6) input, filter and result are all quantized, or all float, or the result alone is float; or the filter alone
      is quantized, with signed storage of at most 8 bits and zero point 0; `asymmetric_inputs` goes with such a filter alone
    - (C7) s_in·s_w[o]/s_out < 2^31; beside a bias of 64 bits < 2^14, and zero points of input and result are 0

    ```mlir
    %y = qnn.conv2d %x, %w bias %b {strides = array<i64: 1, 1>, padding = array<i64: 1, 1, 1, 1>}
      : (tensor<1x8x8x3x!quant.uniform<i8:f32, 0.5>>, tensor<4x3x3x3x!quant.uniform<i8:f32, 0.25>>, tensor<4xi32>)
      -> tensor<1x8x8x4x!quant.uniform<i8:f32, 2.0:-3>>
    ```
  }];
  let arguments = (ins QNN_Tensor4D:$input, QNN_Tensor4D:$filter, Optional<QNN_Tensor>:$bias,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0, 0, 0}">:$padding,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$dilations,
    DefaultValuedAttr<I64Attr, "1">:$groups,
    DefaultValuedAttr<QNN_FilterLayoutAttr, "::qcc::qnn::FilterLayout::OHWI">:$filter_layout,
    OptionalAttr<QNN_ClampAttr>:$clamp,
    DefaultValuedAttr<QNN_RoundingAttr, DefaultRounding>:$rounding,
    UnitAttr:$single_scale_product, UnitAttr:$asymmetric_inputs);
  let results = (outs QNN_Tensor4D:$result);
  let assemblyFormat = [{
    $input `,` $filter (`bias` $bias^)? attr-dict `:` `(` type($input) `,` type($filter) (`,` type($bias)^)? `)` `->` type($result)
  }];
}

def QNN_DepthwiseConv2DOp : QNN_MacOp<"depthwise_conv2d"> {
  let summary = "depthwise 2-D convolution, NHWC";
  let description = [{
    As `qnn.conv2d`, but output channel c·m + k reads input channel c alone, m being the depth multiplier.
    - (C1) input and result are 4-D NHWC, filter is [1, H, W, C·m] (`filter_layout` ihwo)
    - (C2) output channels are a multiple of the input channels
    - (C3) strides and dilations are 2 positive numbers, padding is 4 non-negative numbers
    - (C4) bias: one element per output channel
    - (C5) a per-axis filter is quantized along axis 3
    - (C6) as C6 of `qnn.conv2d`
    - (C7) as C7 of `qnn.conv2d`

    ```mlir
    %y = qnn.depthwise_conv2d %x, %w {strides = array<i64: 2, 2>}
      : (tensor<1x5x5x8x!quant.uniform<i8:f32, 0.5>>, tensor<1x3x3x8x!quant.uniform<i8:f32, 0.25>>)
      -> tensor<1x2x2x8x!quant.uniform<i8:f32, 2.0:-3>>
    ```
  }];
  let arguments = (ins QNN_Tensor4D:$input, QNN_Tensor4D:$filter, Optional<QNN_Tensor>:$bias,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0, 0, 0}">:$padding,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$dilations,
    DefaultValuedAttr<QNN_FilterLayoutAttr, "::qcc::qnn::FilterLayout::IHWO">:$filter_layout,
    OptionalAttr<QNN_ClampAttr>:$clamp,
    DefaultValuedAttr<QNN_RoundingAttr, DefaultRounding>:$rounding,
    UnitAttr:$single_scale_product, UnitAttr:$asymmetric_inputs);
  let results = (outs QNN_Tensor4D:$result);
  let assemblyFormat = [{
    $input `,` $filter (`bias` $bias^)? attr-dict `:` `(` type($input) `,` type($filter) (`,` type($bias)^)? `)` `->` type($result)
  }];
}

def QNN_FullyConnectedOp : QNN_MacOp<"fully_connected"> {
  let summary = "matrix product with a constant-shaped filter";
  let description = [{
    The input is read as a matrix [M, K] in row-major order, whatever its rank; result[m, n] = requantize(bias[n] + Σ_k
    (input[m, k] − z_in)(filter[n, k] − z_w[n])). Bias and hybrid form are those of `qnn.conv2d`, each row m being a sample.
    - (C1) filter is 2-D [N, K] (`filter_layout` oi)
    - (C2) input elements are a multiple of K; the result has M·N elements and last dimension N
    - (C3) bias: one element per output
    - (C4) a per-axis filter is quantized along axis 0
    - (C5) as C6 of `qnn.conv2d`
    - (C6) as C7 of `qnn.conv2d`

    ```mlir
    %y = qnn.fully_connected %x, %w : (tensor<1x4x!quant.uniform<i8:f32, 0.5>>,
      tensor<3x4x!quant.uniform<i8:f32, 0.25>>) -> tensor<1x3x!quant.uniform<i8:f32, 1.0>>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, QNN_Tensor:$filter, Optional<QNN_Tensor>:$bias,
    DefaultValuedAttr<QNN_FilterLayoutAttr, "::qcc::qnn::FilterLayout::OI">:$filter_layout,
    OptionalAttr<QNN_ClampAttr>:$clamp,
    DefaultValuedAttr<QNN_RoundingAttr, DefaultRounding>:$rounding,
    UnitAttr:$single_scale_product, UnitAttr:$asymmetric_inputs);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = [{
    $input `,` $filter (`bias` $bias^)? attr-dict `:` `(` type($input) `,` type($filter) (`,` type($bias)^)? `)` `->` type($result)
  }];
}

def QNN_BlockFullyConnectedOp : QNN_MacOp<"block_fully_connected", [AttrSizedOperandSegments]> {
  let summary = "product of floats with weights that are quantized in blocks";
  let description = [{
    The input is read as a matrix [M, K] of floats. Each row m is rounded to 8 bits by its own range, as in the hybrid form
    of `qnn.conv2d`: q = clamp(round_half_away(x · (127/max|x|)), −127, 127). A row n of the filter is in blocks of
    `block` weights, the last one maybe shorter; of block g the sum S = Σ_k q·(filter[n,k] − z − zero_points[n,g]) is an
    integer, z being the zero point of the filter's type, which has the scale 1. In float32, each operation rounded, in the
    order of the blocks: t = 0, then t = t + float(S)·scales[n,g]; result[m,n] = clamp(t · (max|x|/127) + bias[n]).
    - (C1) filter is 2-D [N, K] of integers of at most 8 bits, plain or quantized per tensor with the scale 1
    - (C2) input elements are a multiple of K; the result has M·N elements and last dimension N
    - (C3) 0 < block ≤ 32768; scales are f32 and zero_points integers of at most 8 bits, of shape [N, ⌈K/block⌉]
    - (C4) input and result are f32, and bias has one f32 per output

    ```mlir
    %y = qnn.block_fully_connected %x, %w scales %s {block = 32}
      : (tensor<1x64xf32>, tensor<3x64xi4>, tensor<3x2xf32>) -> tensor<1x3xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, QNN_Tensor:$filter, QNN_Tensor:$scales,
    Optional<QNN_Tensor>:$zero_points, Optional<QNN_Tensor>:$bias,
    I64Attr:$block, OptionalAttr<QNN_ClampAttr>:$clamp);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = [{
    $input `,` $filter `scales` $scales (`zero_points` $zero_points^)? (`bias` $bias^)? attr-dict `:` `(` type($input) `,`
    type($filter) `,` type($scales) (`zero_points` type($zero_points)^)? (`bias` type($bias)^)? `)` `->` type($result)
  }];
}

def QNN_BatchMatMulOp : QNN_MacOp<"batch_matmul"> {
  let summary = "products of two stacks of matrices";
  let description = [{
    result[…, m, n] = requantize(Σ_k (lhs[…, m, k] − z_lhs)(rhs[…, k, n] − z_rhs)), the axes before the last two
    broadcast under NumPy's rules. `transpose_lhs`, `transpose_rhs`: the operand's last two axes are exchanged first.
    With `wide` the accumulator has 64 bits and is requantized as beside a 64-bit bias of `qnn.conv2d`. A float lhs and
    result with a quantized rhs are the hybrid form of `qnn.fully_connected`, each row of the lhs being a sample.
    - (C1) operands are at least 2-D, their reductions are of one length, their other axes broadcast
    - (C2) lhs, rhs and result are all quantized per tensor, or all float, or the result alone is float; or the rhs
      alone is quantized, as C6 of `qnn.conv2d` says; `asymmetric_inputs` goes with such an rhs alone
    - (C3) s_lhs·s_rhs/s_out < 2^31; with `wide` < 2^14, the operands are quantized and all zero points are 0

    ```mlir
    %y = qnn.batch_matmul %a, %b {transpose_rhs} : (tensor<2x1x4x!quant.uniform<i8:f32, 0.5>>,
      tensor<3x4x!quant.uniform<i8:f32, 0.25>>) -> tensor<2x1x3x!quant.uniform<i8:f32, 1.0>>
    ```
  }];
  let arguments = (ins QNN_Tensor:$lhs, QNN_Tensor:$rhs, UnitAttr:$transpose_lhs, UnitAttr:$transpose_rhs,
    OptionalAttr<QNN_ClampAttr>:$clamp,
    DefaultValuedAttr<QNN_RoundingAttr, DefaultRounding>:$rounding,
    UnitAttr:$single_scale_product, UnitAttr:$asymmetric_inputs, UnitAttr:$wide);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, $result)";
}

def QNN_TransposeConv2DOp : QNN_MacOp<"transpose_conv2d"> {
  let summary = "transposed 2-D convolution, NHWC";
  let description = [{
    Every input element times the filter is added to the window of the result that begins at its place times the
    stride: acc[n,Y,X,o] = bias[o] + Σ (input[n,y,x,c] − z_in) · (filter[o,i,j,c] − z_w[o]) over all y, x, i, j, c with
    Y = y·sy + i − top and X = x·sx + j − left. What falls outside the result is dropped. Requantization and the float
    form are those of `qnn.conv2d`.
    - (C1) input and result are 4-D NHWC, filter is 4-D in the order of `filter_layout` (ohwi)
    - (C2) input channels = filter input channels, result channels = filter output channels; the result's height and
      width are what they are
    - (C3) strides are 2 positive numbers [h, w], padding is 2 non-negative numbers [top, left]
    - (C4) bias: one i32 or i64 (or f32) element, plain or quantized, per output channel
    - (C5) a per-axis filter is quantized along its output channels
    - (C6) input, filter and result are all quantized, or all float, or the result alone is float
    - (C7) as C7 of `qnn.conv2d`

    ```mlir
    %y = qnn.transpose_conv2d %x, %w {strides = array<i64: 2, 2>}
      : (tensor<1x3x3x8x!quant.uniform<i8:f32, 0.5>>, tensor<4x2x2x8x!quant.uniform<i8:f32, 0.25>>)
      -> tensor<1x6x6x4x!quant.uniform<i8:f32, 2.0:-3>>
    ```
  }];
  let arguments = (ins QNN_Tensor4D:$input, QNN_Tensor4D:$filter, Optional<QNN_Tensor>:$bias,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0}">:$padding,
    DefaultValuedAttr<QNN_FilterLayoutAttr, "::qcc::qnn::FilterLayout::OHWI">:$filter_layout,
    OptionalAttr<QNN_ClampAttr>:$clamp,
    DefaultValuedAttr<QNN_RoundingAttr, DefaultRounding>:$rounding,
    UnitAttr:$single_scale_product);
  let results = (outs QNN_Tensor4D:$result);
  let assemblyFormat = [{
    $input `,` $filter (`bias` $bias^)? attr-dict `:` `(` type($input) `,` type($filter) (`,` type($bias)^)? `)` `->` type($result)
  }];
}

#endif
