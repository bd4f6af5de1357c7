// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions of one operand, element by element. Quantized with 8 bits each is a function of 256 stored values.

#ifndef QCC_DIALECT_QNN_IR_QNNUNARYOPS_TD
#define QCC_DIALECT_QNN_IR_QNNUNARYOPS_TD

include "qcc/Dialect/QNN/IR/QNNElementwiseOps.td"

def QNN_AbsOp : QNN_UnaryOp<"abs"> {
  let summary = "absolute value";
  let description = [{
    Quantized: |q − z| requantized by s_in/s_out, computed in float32; moved to the result's zero point alone where the
    scales are equal. Plain integers wrap.
    - (C1) operand and result are both quantized with at most 16 bits, or of the same integer or float type
    - (C2) s_in/s_out < 2^31

    ```mlir
    %y = qnn.abs %x : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, DefaultValuedAttr<QNN_RoundingAttr, DefaultRounding>:$rounding);
}

def QNN_NegOp : QNN_UnaryOp<"neg"> {
  let summary = "negation";
  let description = [{
    Plain integers wrap.
    - (C1) operand and result have the same type, integer or float

    ```mlir
    %y = qnn.neg %x : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
}

def QNN_SquareOp : QNN_UnaryOp<"square"> {
  let summary = "square";
  let description = [{
    - (C1) operand and result are float

    ```mlir
    %y = qnn.square %x : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
}

def QNN_SqrtOp : QNN_UnaryOp<"sqrt"> {
  let summary = "square root";
  let description = [{
    - (C1) operand and result are float

    ```mlir
    %y = qnn.sqrt %x : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
}

def QNN_RsqrtOp : QNN_UnaryOp<"rsqrt"> {
  let summary = "1/sqrt(x)";
  let description = [{
    Quantized: TFLite's fixed-point inverse square root of q − z. Where TFLite stops the program, below the zero point,
    the result is the greatest value, as at it.
    - (C1) operand and result are both quantized with 8 bits, or both float

    ```mlir
    %y = qnn.rsqrt %x : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, DefaultValuedAttr<QNN_RoundingAttr, DefaultRounding>:$rounding);
}

def QNN_ExpOp : QNN_UnaryOp<"exp"> {
  let summary = "exponential";
  let description = [{
    Quantized: the function of the real value, rounded half away from zero, for 8 bits; TFLite's table of 513 values with
    linear interpolation for 16.
    - (C1) operand and result are both quantized with 8 or both with 16 bits, or both float

    ```mlir
    %y = qnn.exp %x : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
}

def QNN_LogOp : QNN_UnaryOp<"log"> {
  let summary = "natural logarithm";
  let description = [{
    −inf at 0, NaN below.
    - (C1) operand and result are float

    ```mlir
    %y = qnn.log %x : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
}

def QNN_SinOp : QNN_UnaryOp<"sin"> {
  let summary = "sine";
  let description = [{
    - (C1) operand and result are float

    ```mlir
    %y = qnn.sin %x : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
}

def QNN_CosOp : QNN_UnaryOp<"cos"> {
  let summary = "cosine";
  let description = [{
    - (C1) operand and result are float

    ```mlir
    %y = qnn.cos %x : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
}

def QNN_FloorOp : QNN_UnaryOp<"floor"> {
  let summary = "the next integer that is not greater";
  let description = [{
    - (C1) operand and result are float

    ```mlir
    %y = qnn.floor %x : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
}

def QNN_CeilOp : QNN_UnaryOp<"ceil"> {
  let summary = "the next integer that is not less";
  let description = [{
    - (C1) operand and result are float

    ```mlir
    %y = qnn.ceil %x : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
}

def QNN_RoundOp : QNN_UnaryOp<"round"> {
  let summary = "the nearest integer, half to even";
  let description = [{
    - (C1) operand and result are float

    ```mlir
    %y = qnn.round %x : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
}

def QNN_SignOp : QNN_UnaryOp<"sign"> {
  let summary = "−1, 0 or 1";
  let description = [{
    x < 0 ? −1 : x > 0 ? 1 : 0, which is 0 for a NaN.
    - (C1) operand and result have the same type, integer or float

    ```mlir
    %y = qnn.sign %x : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
}

def QNN_LeakyReluOp : QNN_UnaryOp<"leaky_relu"> {
  let summary = "x where it is not negative, else alpha·x";
  let description = [{
    Quantized: q − z requantized by s_in/s_out, or by s_in·alpha/s_out, both computed in float32.
    - (C1) operand and result are both quantized with at most 16 bits, or both float
    - (C2) s_in/s_out and s_in·|alpha|/s_out < 2^31

    ```mlir
    %y = qnn.leaky_relu %x {alpha = 0.1 : f32} : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, F32Attr:$alpha, DefaultValuedAttr<QNN_RoundingAttr, DefaultRounding>:$rounding);
}

def QNN_HardSwishOp : QNN_UnaryOp<"hard_swish"> {
  let summary = "x·min(6, max(0, x + 3))/6";
  let description = [{
    Quantized: TFLite's arithmetic of 16 bits.
    - (C1) operand and result are both quantized with 8 bits, or both float
    - (C2) s_in/s_out < 128

    ```mlir
    %y = qnn.hard_swish %x : (tensor<4x!quant.uniform<i8:f32, 0.1>>) -> tensor<4x!quant.uniform<i8:f32, 0.05>>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
}

def QNN_EluOp : QNN_UnaryOp<"elu"> {
  let summary = "x where it is not negative, else exp(x) − 1";
  let description = [{
    Quantized: the function of the real value, rounded half away from zero.
    - (C1) operand and result are both quantized with 8 bits, or both float

    ```mlir
    %y = qnn.elu %x : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
}

def QNN_GeluOp : QNN_UnaryOp<"gelu"> {
  let summary = "x times the normal distribution's function of x";
  let description = [{
    x/2·(1 + erf(x/√2)), or `approximate`: x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))). Quantized: rounded half away
    from zero.
    - (C1) operand and result are both quantized with 8 bits, or both float

    ```mlir
    %y = qnn.gelu %x {approximate} : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, UnitAttr:$approximate);
}

def QNN_LogicalNotOp : QNN_UnaryOp<"logical_not"> {
  let summary = "negation of a truth value";
  let description = [{
    - (C1) operand and result are of i1

    ```mlir
    %y = qnn.logical_not %x : (tensor<4xi1>) -> tensor<4xi1>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
}

def QNN_TableOp : QNN_UnaryOp<"table"> {
  let summary = "function of a stored byte, by its table";
  let description = [{
    With q counted from the least byte of its storage (−128 or 0), and the result likewise: result = table[q]. What is
    added to both stored values and zero points does not change it. Made where functions of floats lie between quantizers.
    - (C1) operand and result are quantized per tensor, with 8 bits of storage at most
    - (C2) the table has 256 bytes, each of them a value that the result can hold

    ```mlir
    %y = qnn.table %x {table = dense<7> : tensor<256xui8>} : (tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4x!quant.uniform<u8:f32, 0.25>>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, ElementsAttr:$table);
}

def QNN_CastOp : QNN_UnaryOp<"cast"> {
  let summary = "stored values as another type";
  let description = [{
    Scales and zero points play no part: q becomes the number q. Integers wrap to the result's width; floats lose their
    fraction, and what the result does not hold becomes its least or greatest value, NaN 0 (C leaves both open). To i1:
    whether it is not 0.
    - (C1) operand and result have element types of at most 64 bits

    ```mlir
    %y = qnn.cast %x : (tensor<4xui8>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$input);
}

#endif
