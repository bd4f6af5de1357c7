// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes that the pipelines are made of and that belong to no stage: the target, and the stages' contracts.

#ifndef QCC_PIPELINES_PASSES_TD
#define QCC_PIPELINES_PASSES_TD

include "mlir/Pass/PassBase.td"

def AttachTarget : Pass<"qnn-attach-target", "::mlir::ModuleOp"> {
  let summary = "resolve a target and write what is known of it to the module";
  let description = [{
    Resolves triple, CPU and features as qcc's --target, --mcpu and --mattr are, and sets the module's `qnn.target`
    attribute, from which later passes know the machine. All empty: this very machine.
  }];
  let options = [
    Option<"triple", "triple", "std::string", "", "LLVM triple">,
    Option<"mcpu", "mcpu", "std::string", "", "CPU">,
    Option<"mattr", "mattr", "std::string", "", "features: +a,-b">,
    Option<"integerOnly", "integer-only", "std::string", "\"auto\"",
           "forbid floating-point instructions: auto, true, false">,
    Option<"scalarC", "scalar-c", "bool", "false",
           "leave out the instructions that C has no words for">,
    Option<"threads", "threads", "unsigned", "1", "threads of the caller that layers may be divided among">
  ];
}

def VerifyStage : Pass<"qcc-verify-stage", "::mlir::ModuleOp"> {
  let summary = "check what the module must be after a stage of the compiler";
  let description = [{
    Changes nothing. Each stage names a contract that the next one relies on:

    - `import`: public functions of `qnn` operations on static tensors
    - `optimize`: as after import, and no constant without a use
    - `select`: functions of `qnn.layer`, constants and reshapes alone; each layer has a kernel; the target is attached
    - `schedule`: besides, each layer result, argument and function result has a buffer, those of the arena within its
      bytes
    - `loops`: no `qnn` operation and no tensor is left; every call has its callee
    - `llvm`: the LLVM dialect alone
  }];
  let options = [Option<"stage", "stage", "std::string", "\"import\"", "the stage that has just ended">];
}

#endif
