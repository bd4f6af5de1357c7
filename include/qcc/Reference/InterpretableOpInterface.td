// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How an operation is evaluated on literal tensors. The dialect does not know
// this interface: lib/Reference attaches it to each operation from outside.

#ifndef QCC_REFERENCE_INTERPRETABLEOPINTERFACE_TD
#define QCC_REFERENCE_INTERPRETABLEOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def InterpretableOpInterface : OpInterface<"InterpretableOpInterface"> {
  let cppNamespace = "::qcc::reference";
  let description = [{
    The definition of an operation's arithmetic, as a function of literal tensors.
  }];
  let methods = [
    InterfaceMethod<[{
      Computes every result. `operands` are the present operands in order, with
      the types of the IR; `results` hold zeros of the results' types and are to
      be filled in or replaced. Failure only after a diagnostic on the operation,
      for what the verifier allows and no origin defines.
    }], "::llvm::LogicalResult", "interpret",
      (ins "::llvm::ArrayRef<::qcc::reference::RefTensor>":$operands,
           "::llvm::MutableArrayRef<::qcc::reference::RefTensor>":$results)>
  ];
}

#endif
