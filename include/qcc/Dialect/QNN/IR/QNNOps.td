// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations of the `qnn` dialect. Each names its numbered constraints (C1, C2, …); the verifier and the tests in
// test/Dialect/QNN cite the same numbers. The constraint "result shape is the inferred one" is common to all.

#ifndef QCC_DIALECT_QNN_IR_QNNOPS_TD
#define QCC_DIALECT_QNN_IR_QNNOPS_TD

include "qcc/Dialect/QNN/IR/QNNAttributes.td"
include "qcc/Dialect/QNN/IR/QNNInterfaces.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def QNN_Quantized : Type<CPred<"::llvm::isa<::mlir::quant::UniformQuantizedType, "
  "::mlir::quant::UniformQuantizedPerAxisType, ::mlir::quant::UniformQuantizedSubChannelType>($_self)">, "uniform quantized type">;
def QNN_Element : AnyTypeOf<[QNN_Quantized, AnySignlessInteger, F32]>;
def QNN_Tensor : StaticShapeTensorOf<[QNN_Element]>;
def QNN_Tensor4D : Type<And<[QNN_Tensor.predicate, HasAnyRankOfPred<[4]>]>, "static 4-D tensor", "::mlir::RankedTensorType">;

class QNN_Op<string mnemonic, list<Trait> traits = []> :
    Op<QNN_Dialect, mnemonic, !listconcat(traits, [
      Pure, DeclareOpInterfaceMethods<QNN_ShapeOpInterface>, QNN_CostOpInterface])> {
  let hasVerifier = 1;
}
class QNN_MacOp<string mnemonic, list<Trait> traits = []> :
    Op<QNN_Dialect, mnemonic, !listconcat(traits, [
      Pure, DeclareOpInterfaceMethods<QNN_ShapeOpInterface>,
      DeclareOpInterfaceMethods<QNN_CostOpInterface, ["getMacs"]>])> {
  let hasVerifier = 1;
}
class QNN_ElementwiseOp<string mnemonic, list<Trait> traits = []> :
    QNN_Op<mnemonic, !listconcat(traits, [DeclareOpInterfaceMethods<QNN_InPlaceOpInterface, ["mayRunInPlace"]>])>;

defvar DefaultRounding = "::qcc::qnn::Rounding::TfliteDouble";

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Multiply-accumulate
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Element-wise
//===----------------------------------------------------------------------===//

def QNN_AddOp : QNN_ElementwiseOp<"add"> {
  let summary = "sum with broadcasting";
  let description = [{
    Quantized: TFLite's fixed-point addition: both operands, less their zero points, shifted left by 20, scaled by
    s/(2·max(s_lhs, s_rhs)), summed, and scaled back by 2·max(s_lhs, s_rhs)/(2^20·s_out).
    - (C1) shapes broadcast under NumPy's rules to the result's shape
    - (C2) operands and result are all quantized, all integer, or all float
    - (C3) s_out > max(s_lhs, s_rhs)/2^19

    ```mlir
    %y = qnn.add %a, %b : (tensor<1x4x!quant.uniform<i8:f32, 0.5>>, tensor<1x4x!quant.uniform<i8:f32, 0.25>>)
      -> tensor<1x4x!quant.uniform<i8:f32, 0.75>>
    ```
  }];
  let arguments = (ins QNN_Tensor:$lhs, QNN_Tensor:$rhs, OptionalAttr<QNN_ClampAttr>:$clamp,
    DefaultValuedAttr<QNN_RoundingAttr, DefaultRounding>:$rounding);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, $result)";
}

class QNN_UnaryOp<string mnemonic> : QNN_ElementwiseOp<mnemonic> {
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
}

def QNN_LogisticOp : QNN_UnaryOp<"logistic"> {
  let summary = "1/(1 + exp(−x)), element-wise";
  let description = [{
    Quantized: a function of the stored value alone (256 entries for 8 bits), rounded as the origin does.
    - (C1) operand and result are both quantized, or both float

    ```mlir
    %y = qnn.logistic %x : (tensor<4x!quant.uniform<i8:f32, 0.1>>) -> tensor<4x!quant.uniform<i8:f32, 0.00390625:-128>>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
}

def QNN_TanhOp : QNN_UnaryOp<"tanh"> {
  let summary = "tanh, element-wise";
  let description = [{
    - (C1) operand and result are both quantized, or both float

    ```mlir
    %y = qnn.tanh %x : (tensor<4x!quant.uniform<i8:f32, 0.1>>) -> tensor<4x!quant.uniform<i8:f32, 0.0078125>>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
}

def QNN_ClipOp : QNN_UnaryOp<"clip"> {
  let summary = "clamp of floats or integers, element-wise";
  let description = [{
    The float forms of TFLite's RELU family; the quantized forms are `qnn.requantize` with a clamp.
    - (C1) operand and result have the same type

    ```mlir
    %y = qnn.clip %x {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, QNN_ClampAttr:$clamp);
}

def QNN_RequantizeOp : QNN_UnaryOp<"requantize"> {
  let summary = "from one quantized type to another";
  let description = [{
    result = clamp(z_out + round((q − z_in) · s_in/s_out)) under `rounding`. With equal scales it only moves the zero
    point and is exact. `single_scale_quotient`: s_in/s_out is rounded to float32 first, as TFLite does in its RELU
    family but not in QUANTIZE.
    - (C1) operand and result are quantized
    - (C2) s_in/s_out < 2^31

    ```mlir
    %y = qnn.requantize %x : (tensor<4x!quant.uniform<u8:f32, 0.5:128>>) -> tensor<4x!quant.uniform<i8:f32, 0.5>>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, OptionalAttr<QNN_ClampAttr>:$clamp,
    DefaultValuedAttr<QNN_RoundingAttr, DefaultRounding>:$rounding, UnitAttr:$single_scale_quotient);
  let hasFolder = 1;
}

def QNN_QuantizeOp : QNN_UnaryOp<"quantize"> {
  let summary = "from float to a quantized type";
  let description = [{
    result = clamp(z + round_half_away(x / s)), TFLite's AffineQuantize; half to even under `half_even_float`.
    - (C1) operand is f32, result is quantized

    ```mlir
    %y = qnn.quantize %x : (tensor<4xf32>) -> tensor<4x!quant.uniform<i8:f32, 0.5>>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, DefaultValuedAttr<QNN_RoundingAttr, DefaultRounding>:$rounding);
}

def QNN_DequantizeOp : QNN_UnaryOp<"dequantize"> {
  let summary = "from a quantized type to float";
  let description = [{
    result = s · (q − z), in float32.
    - (C1) operand is quantized, result is f32

    ```mlir
    %y = qnn.dequantize %x : (tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
  let hasFolder = 1;
}

//===----------------------------------------------------------------------===//
// Pooling and reductions
//===----------------------------------------------------------------------===//

class QNN_PoolOp<string mnemonic> : QNN_Op<mnemonic> {
  let arguments = (ins QNN_Tensor4D:$input, DenseI64ArrayAttr:$kernel,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0, 0, 0}">:$padding,
    OptionalAttr<QNN_ClampAttr>:$clamp);
  let results = (outs QNN_Tensor4D:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
}

def QNN_AvgPool2DOp : QNN_PoolOp<"avg_pool2d"> {
  let summary = "average over windows, NHWC";
  let description = [{
    Padding does not count: each window is divided by the number of elements inside the input. Integers: the sum of stored values,
    divided, rounded half away from zero, clamped (scale and zero point are not used).
    - (C1) kernel and strides are 2 positive numbers [h, w], padding is 4 non-negative numbers, each less than the kernel
    - (C2) operand and result have the same element type

    ```mlir
    %y = qnn.avg_pool2d %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>}
      : (tensor<1x4x4x8x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x2x2x8x!quant.uniform<i8:f32, 0.5>>
    ```
  }];
}

def QNN_MaxPool2DOp : QNN_PoolOp<"max_pool2d"> {
  let summary = "maximum over windows, NHWC";
  let description = [{
    Padding does not count.
    - (C1) kernel and strides are 2 positive numbers, padding is 4 non-negative numbers, each less than the kernel
    - (C2) operand and result have the same element type

    ```mlir
    %y = qnn.max_pool2d %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>}
      : (tensor<1x4x4x8x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x2x2x8x!quant.uniform<i8:f32, 0.5>>
    ```
  }];
}

def QNN_MeanOp : QNN_Op<"mean"> {
  let summary = "arithmetic mean over axes";
  let description = [{
    - (C1) axes are distinct, in [0, rank)
    - (C2) operand and result are both quantized, or have the same element type
    - (C3) s_in/s_out < 2^31

    ```mlir
    %y = qnn.mean %x {axes = array<i64: 1, 2>, keep_dims}
      : (tensor<1x4x4x8x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x1x1x8x!quant.uniform<i8:f32, 0.25>>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, DenseI64ArrayAttr:$axes, UnitAttr:$keep_dims,
    DefaultValuedAttr<QNN_RoundingAttr, DefaultRounding>:$rounding);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
}

def QNN_SoftmaxOp : QNN_Op<"softmax"> {
  let summary = "softmax over the last axis";
  let description = [{
    softmax(beta · x). Quantized: TFLite's fixed-point softmax.
    - (C1) operand and result are both quantized with 8-bit storage, or both float
    - (C2) operand and result have the same shape

    ```mlir
    %y = qnn.softmax %x : (tensor<1x4x!quant.uniform<i8:f32, 0.1>>) -> tensor<1x4x!quant.uniform<i8:f32, 0.00390625:-128>>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, DefaultValuedAttr<F32Attr, "1.0f">:$beta);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
}

//===----------------------------------------------------------------------===//
// Shapes and data movement
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Scheduling
//===----------------------------------------------------------------------===//

def QNN_LayerOp : Op<QNN_Dialect, "layer", [IsolatedFromAbove, SingleBlockImplicitTerminator<"::qcc::qnn::YieldOp">]> {
  let summary = "operations that become one function of the generated code";
  let description = [{
    Made by the schedule: the region holds the anchor and what is fused into it, still with value semantics, so that
    the interpreter runs a scheduled module as it runs any other. Constants live inside the region. `kernel` is the
    choice of kernel selection, `buffers` says where each result lives (see `#qnn.buffer`).
    - (C1) block arguments have the operands' types, yielded values the results' types
    - (C2) `buffers`, if present, has one `#qnn.buffer` per result

    ```mlir
    %y = qnn.layer "clip_0" (%a = %x) : (tensor<4xf32>) -> tensor<4xf32> {
      %0 = qnn.clip %a {clamp = #qnn.clamp<0.0, inf>} : (tensor<4xf32>) -> tensor<4xf32>
      qnn.yield %0 : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins StrAttr:$layer_name, Variadic<QNN_Tensor>:$inputs, OptionalAttr<QNN_KernelAttr>:$kernel,
    OptionalAttr<TypedArrayAttrBase<QNN_BufferAttr, "array of buffers">>:$buffers);
  let results = (outs Variadic<QNN_Tensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

def QNN_YieldOp : Op<QNN_Dialect, "yield", [Pure, Terminator, ReturnLike, HasParent<"LayerOp">]> {
  let summary = "results of a `qnn.layer`";
  let description = "See `qnn.layer`.";
  let arguments = (ins Variadic<QNN_Tensor>:$values);
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange{}); }]>];
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

#endif
