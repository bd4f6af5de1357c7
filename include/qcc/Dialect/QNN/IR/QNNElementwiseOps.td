// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Element-wise operations, conversions between types among them.

#ifndef QCC_DIALECT_QNN_IR_QNNELEMENTWISEOPS_TD
#define QCC_DIALECT_QNN_IR_QNNELEMENTWISEOPS_TD

include "qcc/Dialect/QNN/IR/QNNBase.td"

class QNN_UnaryOp<string mnemonic> : QNN_ElementwiseOp<mnemonic> {
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, $result)";
}

def QNN_LogisticOp : QNN_UnaryOp<"logistic"> {
  let summary = "1/(1 + exp(−x)), element-wise";
  let description = [{
    Quantized: a function of the stored value alone (256 entries for 8 bits), rounded as the origin does; 16 bits by
    TFLite's interpolated table of 256 values.
    - (C1) operand and result are both quantized, or both float
    - (C2) with 16 bits, zero points are 0, the result's scale is 2^-15 and the operand's is less than 8/3

    ```mlir
    %y = qnn.logistic %x : (tensor<4x!quant.uniform<i8:f32, 0.1>>) -> tensor<4x!quant.uniform<i8:f32, 0.00390625:-128>>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
}

def QNN_TanhOp : QNN_UnaryOp<"tanh"> {
  let summary = "tanh, element-wise";
  let description = [{
    Quantized: as `qnn.logistic`.
    - (C1) operand and result are both quantized, or both float
    - (C2) with 16 bits, zero points are 0, the result's scale is 2^-15 and the operand's is less than 8/3

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
    family but not in QUANTIZE. `float_affine`: clamp(z_out + round(q·r − z_in·r)) with r = s_in·(1/s_out), all in float32
    and half away from zero, as TFLite's CONCATENATION of uint8 does.
    - (C1) operand and result are quantized
    - (C2) s_in/s_out < 2^31
    - (C3) with `float_affine`, storage is of 8 bits

    ```mlir
    %y = qnn.requantize %x : (tensor<4x!quant.uniform<u8:f32, 0.5:128>>) -> tensor<4x!quant.uniform<i8:f32, 0.5>>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, OptionalAttr<QNN_ClampAttr>:$clamp,
    DefaultValuedAttr<QNN_RoundingAttr, DefaultRounding>:$rounding, UnitAttr:$single_scale_quotient, UnitAttr:$float_affine);
  let hasFolder = 1;
}

def QNN_QuantizeOp : QNN_UnaryOp<"quantize"> {
  let summary = "from float to a quantized type";
  let description = [{
    result = clamp(z + round_half_away(x / s)), TFLite's AffineQuantize; half to even under `half_even_float` and `onnx`.
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

#endif
