// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions of two operands, element by element, with broadcasting.

#ifndef QCC_DIALECT_QNN_IR_QNNBINARYOPS_TD
#define QCC_DIALECT_QNN_IR_QNNBINARYOPS_TD

include "qcc/Dialect/QNN/IR/QNNBase.td"

// (C1) of all of them: shapes broadcast under NumPy's rules to the result's shape.
class QNN_BinaryOp<string mnemonic, dag attributes = (ins)> : QNN_ElementwiseOp<mnemonic> {
  let arguments = !con((ins QNN_Tensor:$lhs, QNN_Tensor:$rhs), attributes);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, $result)";
}
class QNN_ArithmeticOp<string mnemonic, dag more = (ins)> :
    QNN_BinaryOp<mnemonic, !con((ins OptionalAttr<QNN_ClampAttr>:$clamp,
      DefaultValuedAttr<QNN_RoundingAttr, DefaultRounding>:$rounding), more)>;

def QNN_AddOp : QNN_ArithmeticOp<"add", (ins UnitAttr:$power_of_two)> {
  let summary = "sum with broadcasting";
  let description = [{
    Quantized: TFLite's fixed-point addition: both operands, less their zero points, shifted left by L, scaled by
    s/(2·max(s_lhs, s_rhs)), summed, and scaled back by 2·max(s_lhs, s_rhs)/(2^L·s_out). L is 20, and 15 where the
    result has more than 8 bits.
    Under `onnx`: ((q_lhs − z_lhs)·s_lhs + (q_rhs − z_rhs)·s_rhs)/s_out exactly, rounded once, half to even.
    `power_of_two`: TFLite's older form for 16 bits: the operand of the smaller scale is shifted right, rounding half away
    from zero, and added with saturation. Plain integers wrap.
    - (C1) shapes broadcast under NumPy's rules to the result's shape
    - (C2) operands and result are all quantized, all integer of one type, or all float
    - (C3) s_out > max(s_lhs, s_rhs)/2^(L−1)
    - (C4) with `power_of_two`, storage is i16, zero points are 0, and one operand's scale is the result's, the other's
      a power of two of it that is not greater

    ```mlir
    %y = qnn.add %a, %b : (tensor<1x4x!quant.uniform<i8:f32, 0.5>>, tensor<1x4x!quant.uniform<i8:f32, 0.25>>)
      -> tensor<1x4x!quant.uniform<i8:f32, 0.75>>
    ```
  }];
}

def QNN_SubOp : QNN_ArithmeticOp<"sub", (ins UnitAttr:$power_of_two)> {
  let summary = "difference with broadcasting";
  let description = [{
    Quantized: `qnn.add` of the negated difference of the second operand and its zero point. Plain integers wrap.
    - (C1) to (C4) as `qnn.add`

    ```mlir
    %y = qnn.sub %a, %b : (tensor<1x4x!quant.uniform<i8:f32, 0.5>>, tensor<4x!quant.uniform<i8:f32, 0.25>>)
      -> tensor<1x4x!quant.uniform<i8:f32, 0.75>>
    ```
  }];
}

def QNN_MulOp : QNN_ArithmeticOp<"mul"> {
  let summary = "product with broadcasting";
  let description = [{
    Quantized: (q_lhs − z_lhs)·(q_rhs − z_rhs), requantized by s_lhs·s_rhs/s_out computed in float32. Plain integers wrap.
    - (C1) shapes broadcast under NumPy's rules to the result's shape
    - (C2) operands and result are all quantized with at most 16 bits, all integer of one type, or all float
    - (C3) s_lhs·s_rhs/s_out < 2^31

    ```mlir
    %y = qnn.mul %a, %b {clamp = #qnn.clamp<0, 127>} : (tensor<2x4x!quant.uniform<i8:f32, 0.5:3>>,
      tensor<1x!quant.uniform<i8:f32, 0.25>>) -> tensor<2x4x!quant.uniform<i8:f32, 0.75>>
    ```
  }];
}

def QNN_DivOp : QNN_ArithmeticOp<"div"> {
  let summary = "quotient with broadcasting";
  let description = [{
    Quantized: TFLite's division by a reciprocal of 31 bits. Plain integers are truncated towards zero. Where TFLite stops
    the program, at a divisor of 0, the result is 0 (the zero point).
    - (C1) shapes broadcast under NumPy's rules to the result's shape
    - (C2) operands and result are all quantized with 8 bits, all integer of one type, or all float

    ```mlir
    %y = qnn.div %a, %b : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
    ```
  }];
}

def QNN_SquaredDifferenceOp : QNN_ArithmeticOp<"squared_difference"> {
  let summary = "square of the difference, with broadcasting";
  let description = [{
    Quantized: both operands, less their zero points, shifted left by 7 and brought to the scale 2·max(s_lhs, s_rhs)/2^7,
    subtracted, squared, and scaled by (2·max(s_lhs, s_rhs))²/(2^14·s_out). Plain integers wrap.
    - (C1) shapes broadcast under NumPy's rules to the result's shape
    - (C2) operands and result are all quantized with 8 bits, all integer of one type, or all float
    - (C3) (2·max(s_lhs, s_rhs))² < 2^14·s_out

    ```mlir
    %y = qnn.squared_difference %a, %b : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
    ```
  }];
}

def QNN_MinimumOp : QNN_BinaryOp<"minimum"> {
  let summary = "the lesser, with broadcasting";
  let description = [{
    Of stored values; for floats b < a ? b : a.
    - (C1) shapes broadcast under NumPy's rules to the result's shape
    - (C2) operands and result have the same element type

    ```mlir
    %y = qnn.minimum %a, %b : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
    ```
  }];
}

def QNN_MaximumOp : QNN_BinaryOp<"maximum"> {
  let summary = "the greater, with broadcasting";
  let description = [{
    Of stored values; for floats a < b ? b : a.
    - (C1) shapes broadcast under NumPy's rules to the result's shape
    - (C2) operands and result have the same element type

    ```mlir
    %y = qnn.maximum %a, %b : (tensor<4x!quant.uniform<i8:f32, 0.5>>, tensor<1x!quant.uniform<i8:f32, 0.5>>)
      -> tensor<4x!quant.uniform<i8:f32, 0.5>>
    ```
  }];
}

def QNN_FloorDivOp : QNN_BinaryOp<"floor_div"> {
  let summary = "quotient rounded down, with broadcasting";
  let description = [{
    Where TFLite stops the program, at an integer divisor of 0, the result is 0.
    - (C1) shapes broadcast under NumPy's rules to the result's shape
    - (C2) operands and result have the same element type, integer or float

    ```mlir
    %y = qnn.floor_div %a, %b : (tensor<4xi32>, tensor<1xi32>) -> tensor<4xi32>
    ```
  }];
}

def QNN_FloorModOp : QNN_BinaryOp<"floor_mod"> {
  let summary = "remainder of the quotient rounded down, with broadcasting";
  let description = [{
    It has the sign of the divisor. Where TFLite stops the program, at an integer divisor of 0, the result is 0.
    - (C1) shapes broadcast under NumPy's rules to the result's shape
    - (C2) operands and result have the same element type, integer or float

    ```mlir
    %y = qnn.floor_mod %a, %b : (tensor<4xi32>, tensor<1xi32>) -> tensor<4xi32>
    ```
  }];
}

def QNN_PowOp : QNN_BinaryOp<"pow"> {
  let summary = "power, with broadcasting";
  let description = [{
    C's powf, to 1e-4 relative; integers by repeated squaring, wrapping. Where TFLite stops the program, at a negative
    integer exponent, the result is 1, as for exponent 0.
    - (C1) shapes broadcast under NumPy's rules to the result's shape
    - (C2) operands and result have the same element type, i32 or f32

    ```mlir
    %y = qnn.pow %a, %b : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
    ```
  }];
}

def QNN_PreluOp : QNN_BinaryOp<"prelu", (ins DefaultValuedAttr<QNN_RoundingAttr, DefaultRounding>:$rounding)> {
  let summary = "x where it is not negative, else x times the second operand";
  let description = [{
    Quantized: q_lhs − z_lhs requantized by s_lhs/s_out, or (q_lhs − z_lhs)·(q_rhs − z_rhs) by s_lhs·s_rhs/s_out, both
    computed in float32.
    - (C1) the second operand broadcasts under NumPy's rules to the first
    - (C2) operands and result are all quantized with 8 bits, or all float
    - (C3) s_lhs/s_out and s_lhs·s_rhs/s_out < 2^31

    ```mlir
    %y = qnn.prelu %x, %slope : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
    ```
  }];
}

#endif
