// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pooling, reductions, softmax.

#ifndef QCC_DIALECT_QNN_IR_QNNREDUCTIONOPS_TD
#define QCC_DIALECT_QNN_IR_QNNREDUCTIONOPS_TD

include "qcc/Dialect/QNN/IR/QNNBase.td"

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

def QNN_L2Pool2DOp : QNN_PoolOp<"l2_pool2d"> {
  let summary = "root of the mean square over windows, NHWC";
  let description = [{
    sqrt(Σ x² / count) in float32; padding does not count.
    - (C1) kernel and strides are 2 positive numbers, padding is 4 non-negative numbers, each less than the kernel
    - (C2) operand and result are float and have the same element type

    ```mlir
    %y = qnn.l2_pool2d %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>}
      : (tensor<1x4x4x8xf32>) -> tensor<1x2x2x8xf32>
    ```
  }];
}

class QNN_ReductionOp<string mnemonic> : QNN_Op<mnemonic> {
  let arguments = (ins QNN_Tensor:$input, DenseI64ArrayAttr:$axes, UnitAttr:$keep_dims);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
}
class QNN_RoundingReductionOp<string mnemonic> : QNN_ReductionOp<mnemonic> {
  let arguments = (ins QNN_Tensor:$input, DenseI64ArrayAttr:$axes, UnitAttr:$keep_dims,
    DefaultValuedAttr<QNN_RoundingAttr, DefaultRounding>:$rounding);
}

def QNN_MeanOp : QNN_RoundingReductionOp<"mean"> {
  let summary = "arithmetic mean over axes";
  let description = [{
    Quantized: the sum of q − z_in, requantized by s_in/(n·s_out). Plain integers: the sum, divided, rounded towards zero.
    - (C1) axes are distinct, in [0, rank)
    - (C2) operand and result are both quantized, or have the same element type
    - (C3) s_in/s_out < 2^31

    ```mlir
    %y = qnn.mean %x {axes = array<i64: 1, 2>, keep_dims}
      : (tensor<1x4x4x8x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x1x1x8x!quant.uniform<i8:f32, 0.25>>
    ```
  }];
}

def QNN_SumOp : QNN_RoundingReductionOp<"sum"> {
  let summary = "sum over axes";
  let description = [{
    Quantized with 8 bits: the sum of q − z_in, requantized by s_in/s_out. Quantized with 16 bits (one scale, zero point 0)
    and plain integers: the sum of stored values, modulo 2^width.
    - (C1) axes are distinct, in [0, rank)
    - (C2) operand and result have the same element type, or are both quantized with 8-bit storage
    - (C3) s_in/s_out < 2^31

    ```mlir
    %y = qnn.sum %x {axes = array<i64: 1>}
      : (tensor<2x4x!quant.uniform<i8:f32, 0.5>>) -> tensor<2x!quant.uniform<i8:f32, 1.5>>
    ```
  }];
}

def QNN_ReduceMaxOp : QNN_ReductionOp<"reduce_max"> {
  let summary = "maximum over axes";
  let description = [{
    - (C1) axes are distinct, in [0, rank), and hold at least one element
    - (C2) operand and result have the same element type

    ```mlir
    %y = qnn.reduce_max %x {axes = array<i64: 1>}
      : (tensor<2x4x!quant.uniform<i8:f32, 0.5>>) -> tensor<2x!quant.uniform<i8:f32, 0.5>>
    ```
  }];
}

def QNN_ReduceMinOp : QNN_ReductionOp<"reduce_min"> {
  let summary = "minimum over axes";
  let description = [{
    - (C1) axes are distinct, in [0, rank), and hold at least one element
    - (C2) operand and result have the same element type

    ```mlir
    %y = qnn.reduce_min %x {axes = array<i64: 1>}
      : (tensor<2x4x!quant.uniform<i8:f32, 0.5>>) -> tensor<2x!quant.uniform<i8:f32, 0.5>>
    ```
  }];
}

def QNN_ReduceProdOp : QNN_ReductionOp<"reduce_prod"> {
  let summary = "product over axes";
  let description = [{
    Integers: modulo 2^width.
    - (C1) axes are distinct, in [0, rank)
    - (C2) operand and result have the same element type, which is not quantized

    ```mlir
    %y = qnn.reduce_prod %x {axes = array<i64: 1>} : (tensor<2x4xf32>) -> tensor<2xf32>
    ```
  }];
}

def QNN_ReduceAnyOp : QNN_ReductionOp<"reduce_any"> {
  let summary = "logical or over axes";
  let description = [{
    - (C1) axes are distinct, in [0, rank)
    - (C2) operand and result have elements of type i1

    ```mlir
    %y = qnn.reduce_any %x {axes = array<i64: 1>} : (tensor<2x4xi1>) -> tensor<2xi1>
    ```
  }];
}

def QNN_ReduceAllOp : QNN_ReductionOp<"reduce_all"> {
  let summary = "logical and over axes";
  let description = [{
    - (C1) axes are distinct, in [0, rank)
    - (C2) operand and result have elements of type i1

    ```mlir
    %y = qnn.reduce_all %x {axes = array<i64: 1>} : (tensor<2x4xi1>) -> tensor<2xi1>
    ```
  }];
}

def QNN_SoftmaxOp : QNN_Op<"softmax"> {
  let summary = "softmax over the last axis";
  let description = [{
    softmax(beta · x). Quantized: TFLite's fixed-point softmax of 8 bits (result scale 1/256 from the least value on) or
    16 bits (result scale 1/32768, zero points 0). Of 8 bits under the rounding `half_even_float`: TFLite's
    softmax in floats, which LiteRT has beside XNNPACK; half is rounded away from zero there.
    - (C1) operand and result are both quantized with 8-bit storage, both with 16-bit storage, or both float
    - (C2) operand and result have the same shape

    ```mlir
    %y = qnn.softmax %x : (tensor<1x4x!quant.uniform<i8:f32, 0.1>>) -> tensor<1x4x!quant.uniform<i8:f32, 0.00390625:-128>>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, DefaultValuedAttr<F32Attr, "1.0f">:$beta,
    DefaultValuedAttr<QNN_RoundingAttr, DefaultRounding>:$rounding);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
}

def QNN_LogSoftmaxOp : QNN_Op<"log_softmax"> {
  let summary = "logarithm of the softmax over the last axis";
  let description = [{
    x − max − ln Σ exp(x − max). Quantized: in 32-bit fixed point as TFLite computes it; differences to the maximum of more
    than about 16 give the least value.
    - (C1) operand and result are both quantized with 8-bit storage, or both float
    - (C2) operand and result have the same shape
    - (C3) a quantized result has the scale 1/16 and its greatest stored value as zero point

    ```mlir
    %y = qnn.log_softmax %x : (tensor<1x4x!quant.uniform<i8:f32, 0.1>>) -> tensor<1x4x!quant.uniform<i8:f32, 0.0625:127>>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
}

def QNN_L2NormalizeOp : QNN_Op<"l2_normalize"> {
  let summary = "division by the Euclidean norm over the last axis";
  let description = [{
    x / max(√Σx², 10⁻⁶). Quantized: in 32-bit fixed point as TFLite computes it; a zero norm counts as one.
    - (C1) operand and result are both quantized with 8-bit storage, or both float
    - (C2) operand and result have the same shape
    - (C3) a quantized result has the scale 1/128 and the middle of its storage range (0 or 128) as zero point

    ```mlir
    %y = qnn.l2_normalize %x
      : (tensor<1x4x!quant.uniform<i8:f32, 0.1>>) -> tensor<1x4x!quant.uniform<i8:f32, 0.0078125>>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
}

#endif
