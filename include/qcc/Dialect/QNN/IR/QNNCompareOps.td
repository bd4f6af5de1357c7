// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Comparisons, logic and selection, element by element, with broadcasting.

#ifndef QCC_DIALECT_QNN_IR_QNNCOMPAREOPS_TD
#define QCC_DIALECT_QNN_IR_QNNCOMPAREOPS_TD

include "qcc/Dialect/QNN/IR/QNNBinaryOps.td"

def QNN_Predicate : I32EnumAttr<"Predicate", "a relation of two numbers", [
  I32EnumAttrCase<"Equal", 0, "equal">,
  I32EnumAttrCase<"NotEqual", 1, "not_equal">,
  I32EnumAttrCase<"Less", 2, "less">,
  I32EnumAttrCase<"LessEqual", 3, "less_equal">,
  I32EnumAttrCase<"Greater", 4, "greater">,
  I32EnumAttrCase<"GreaterEqual", 5, "greater_equal">
]> {
  let cppNamespace = "::qcc::qnn";
  let genSpecializedAttr = 0;
}
def QNN_PredicateAttr : EnumAttr<QNN_Dialect, QNN_Predicate, "predicate"> {
  let assemblyFormat = "`<` $value `>`";
}

def QNN_CompareOp : QNN_BinaryOp<"compare", (ins QNN_PredicateAttr:$predicate)> {
  let summary = "whether a relation holds, with broadcasting";
  let description = [{
    Quantized with 8 bits: both operands, less their zero points, times 2^8, are brought to real scale by TFLite's
    fixed-point multiplication (`tflite_double`) and compared there. Other stored values are compared as they are; of
    floats, nothing but `not_equal` holds with a NaN.
    - (C1) shapes broadcast under NumPy's rules to the result's shape
    - (C2) operands are both quantized with 8 bits, or have the same element type; the result's is i1
    - (C3) 8-bit scales are less than 1

    ```mlir
    %y = qnn.compare %a, %b {predicate = #qnn.predicate<less>} : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xi1>
    ```
  }];
}

def QNN_LogicalAndOp : QNN_BinaryOp<"logical_and"> {
  let summary = "both, with broadcasting";
  let description = [{
    - (C1) shapes broadcast under NumPy's rules to the result's shape
    - (C2) operands and result are of i1

    ```mlir
    %y = qnn.logical_and %a, %b : (tensor<4xi1>, tensor<1xi1>) -> tensor<4xi1>
    ```
  }];
}

def QNN_LogicalOrOp : QNN_BinaryOp<"logical_or"> {
  let summary = "at least one, with broadcasting";
  let description = [{
    - (C1) shapes broadcast under NumPy's rules to the result's shape
    - (C2) operands and result are of i1

    ```mlir
    %y = qnn.logical_or %a, %b : (tensor<4xi1>, tensor<1xi1>) -> tensor<4xi1>
    ```
  }];
}

def QNN_SelectOp : QNN_ElementwiseOp<"select"> {
  let summary = "elements of one operand or the other, with broadcasting";
  let description = [{
    - (C1) shapes broadcast under NumPy's rules to the result's shape
    - (C2) the condition is of i1; the other operands and the result have the same element type

    ```mlir
    %y = qnn.select %c, %a, %b : (tensor<4xi1>, tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins QNN_Tensor:$condition, QNN_Tensor:$lhs, QNN_Tensor:$rhs);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$condition `,` $lhs `,` $rhs attr-dict `:` functional-type(operands, $result)";
}

#endif
