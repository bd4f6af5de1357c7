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

#endif
