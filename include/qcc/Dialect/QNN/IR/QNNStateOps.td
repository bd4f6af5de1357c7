// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// State: what lives from one run of the model to the next.

#ifndef QCC_DIALECT_QNN_IR_QNNSTATEOPS_TD
#define QCC_DIALECT_QNN_IR_QNNSTATEOPS_TD

include "qcc/Dialect/QNN/IR/QNNBase.td"
include "mlir/IR/SymbolInterfaces.td"

/// What reads and assignments touch: CSE merges two reads only when no assignment stands between them.
def QNN_StateResource : Resource<"::qcc::qnn::StateResource">;

def QNN_VariableOp : Op<QNN_Dialect, "variable", [Symbol, HasParent<"::mlir::ModuleOp">]> {
  let summary = "a tensor that lives from one run to the next";
  let description = [{
    `value` is what it holds before the first run, in stored integers (or floats).
    - (C1) shape of `value` = shape of `type`
    - (C2) element type of `value` = storage type of `type`

    ```mlir
    qnn.variable @frames dense<-128> : tensor<1x2x40xi8> as tensor<1x2x40x!quant.uniform<i8:f32, 0.1:-128>>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, ElementsAttr:$value, TypeAttrOf<QNN_Tensor>:$type,
    OptionalAttr<StrAttr>:$sym_visibility);
  let assemblyFormat = "$sym_name $value `as` $type attr-dict";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::RankedTensorType getTensorType() { return ::llvm::cast<::mlir::RankedTensorType>(getType()); }
  }];
}

class QNN_StateOp<string mnemonic, list<Trait> traits> :
    Op<QNN_Dialect, mnemonic, !listconcat(traits, [DeclareOpInterfaceMethods<SymbolUserOpInterface>])>;

def QNN_ReadVariableOp : QNN_StateOp<"read_variable", [MemoryEffects<[MemRead<QNN_StateResource>]>]> {
  let summary = "the value of a variable";
  let description = [{
    The value last assigned in this run or an earlier one, or the initial one.
    - (C1) the variable exists and has the result's type

    ```mlir
    qnn.variable @frames dense<-128> : tensor<1x2x40xi8> as tensor<1x2x40x!quant.uniform<i8:f32, 0.1:-128>>
    %old = qnn.read_variable @frames : tensor<1x2x40x!quant.uniform<i8:f32, 0.1:-128>>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$variable);
  let results = (outs QNN_Tensor:$result);
  let assemblyFormat = "$variable attr-dict `:` type($result)";
}

def QNN_AssignVariableOp : QNN_StateOp<"assign_variable", [MemoryEffects<[MemWrite<QNN_StateResource>]>]> {
  let summary = "a new value for a variable";
  let description = [{
    - (C1) the variable exists and has the operand's type

    ```mlir
    qnn.variable @count dense<0> : tensor<1xi32> as tensor<1xi32>
    %old = qnn.read_variable @count : tensor<1xi32>
    qnn.assign_variable @count, %old : tensor<1xi32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$variable, QNN_Tensor:$value);
  let assemblyFormat = "$variable `,` $value attr-dict `:` type($value)";
}

#endif
