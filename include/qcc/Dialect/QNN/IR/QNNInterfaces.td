// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a `qnn` operation says of itself. How it is interpreted (lib/Reference) and which kernels it has
// (lib/Conversion) are interfaces that those libraries define and attach, so that the dialect depends on neither.

#ifndef QCC_DIALECT_QNN_IR_QNNINTERFACES_TD
#define QCC_DIALECT_QNN_IR_QNNINTERFACES_TD

include "mlir/IR/OpBase.td"

def QNN_ShapeOpInterface : OpInterface<"ShapeOpInterface"> {
  let cppNamespace = "::qcc::qnn";
  let description = "The shape of the only result, from operands and attributes; checked by the op's verifier.";
  let methods = [
    InterfaceMethod<[{
      The shape that result 0 must have, or failure after a diagnostic that says which operand or attribute is wrong.
      Called by verifiers on unchecked IR, so it must survive anything the ODS constraints allow.
    }], "::mlir::FailureOr<::llvm::SmallVector<int64_t>>", "inferShape", (ins)>
  ];
}

def QNN_CostOpInterface : OpInterface<"CostOpInterface"> {
  let cppNamespace = "::qcc::qnn";
  let description = "What an operation costs, counted from its shapes alone.";
  let methods = [
    InterfaceMethod<"Multiply-accumulates of one inference; 0 for data movement and element-wise work.",
      "int64_t", "getMacs", (ins), [{}], [{ return 0; }]>
  ];
}

def QNN_InPlaceOpInterface : OpInterface<"InPlaceOpInterface"> {
  let cppNamespace = "::qcc::qnn";
  let description = "Whether an operation may overwrite an operand with its result.";
  let methods = [
    InterfaceMethod<[{
      True when element i of the result depends on no element of operand `operand` but i (in row-major order), and
      element sizes are equal, so that the result may occupy the operand's memory.
    }], "bool", "mayRunInPlace", (ins "unsigned":$operand), [{}], [{ return false; }]>
  ];
}

def QNN_MoveOpInterface : OpInterface<"MoveOpInterface"> {
  let cppNamespace = "::qcc::qnn";
  let description = [{
    An operation whose result holds elements of its operands, unchanged, or one constant. The interpreter and the kernel
    that moves elements know no more of it than this.
  }];
  let methods = [
    InterfaceMethod<"Boxes that cover the result, each element once; some may be empty.",
      "::std::vector<::qcc::qnn::Move>", "getMoves", (ins)>,
    InterfaceMethod<[{
      The element of boxes without an operand: an integer as stored or a float, null for the zero point (0 for plain
      integers and floats).
    }], "::mlir::TypedAttr", "getFill", (ins), [{}], [{ return {}; }]>
  ];
}

#endif
