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
    Float operands give a float convolution.
    A float input and result with a quantized filter are TFLite's hybrid form: each sample is rounded to 8 bits by its
    own range, q = clamp(round_half_away(x · (127/max|x|)), −127, 127), and result = float(Σ q·filter) · (max|x|/127 ·
    s_w) + bias in float32.
    - (C1) input and result are 4-D NHWC, filter is 4-D in the order of `filter_layout` (ohwi)
    - (C2) input channels = filter input channels · groups, output channels divisible by groups
    - (C3) strides and dilations are 2 positive numbers [h, w], padding is 4 non-negative numbers [top, bottom, left, right]
    - (C4) bias: one i32 (or f32) element, plain or quantized, per output channel
    - (C5) a per-axis filter is quantized along its output channels
    - (C6) input, filter and result are all quantized, or all float; or the filter alone is quantized, per tensor with
      8-bit signed storage and zero point 0
    - (C7) s_in·s_w[o]/s_out < 2^31

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
    UnitAttr:$single_scale_product);
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
    - (C6) input, filter and result are all quantized, or all float
    - (C7) s_in·s_w[o]/s_out < 2^31

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
    UnitAttr:$single_scale_product);
  let results = (outs QNN_Tensor4D:$result);
  let assemblyFormat = [{
    $input `,` $filter (`bias` $bias^)? attr-dict `:` `(` type($input) `,` type($filter) (`,` type($bias)^)? `)` `->` type($result)
  }];
}

def QNN_FullyConnectedOp : QNN_MacOp<"fully_connected"> {
  let summary = "matrix product with a constant-shaped filter";
  let description = [{
    The input is read as a matrix [M, K] in row-major order, whatever its rank; result[m, n] = requantize(bias[n] + Σ_k
    (input[m, k] − z_in)(filter[n, k] − z_w[n])).
    - (C1) filter is 2-D [N, K] (`filter_layout` oi)
    - (C2) input elements are a multiple of K; the result has M·N elements and last dimension N
    - (C3) bias: one element per output
    - (C4) a per-axis filter is quantized along axis 0
    - (C5) input, filter and result are all quantized, or all float
    - (C6) s_in·s_w/s_out < 2^31

    ```mlir
    %y = qnn.fully_connected %x, %w : (tensor<1x4x!quant.uniform<i8:f32, 0.5>>,
      tensor<3x4x!quant.uniform<i8:f32, 0.25>>) -> tensor<1x3x!quant.uniform<i8:f32, 1.0>>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, QNN_Tensor:$filter, Optional<QNN_Tensor>:$bias,
    DefaultValuedAttr<QNN_FilterLayoutAttr, "::qcc::qnn::FilterLayout::OI">:$filter_layout,
    OptionalAttr<QNN_ClampAttr>:$clamp,
    DefaultValuedAttr<QNN_RoundingAttr, DefaultRounding>:$rounding,
    UnitAttr:$single_scale_product);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = [{
    $input `,` $filter (`bias` $bias^)? attr-dict `:` `(` type($input) `,` type($filter) (`,` type($bias)^)? `)` `->` type($result)
  }];
}

#endif
