// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the schedule adds: layers.

#ifndef QCC_DIALECT_QNN_IR_QNNSCHEDULEOPS_TD
#define QCC_DIALECT_QNN_IR_QNNSCHEDULEOPS_TD

include "qcc/Dialect/QNN/IR/QNNBase.td"

def QNN_LayerOp : Op<QNN_Dialect, "layer", [IsolatedFromAbove, SingleBlockImplicitTerminator<"::qcc::qnn::YieldOp">]> {
  let summary = "operations that become one function of the generated code";
  let description = [{
    Made by the schedule: the region holds the anchor and what is fused into it, still with value semantics, so that
    the interpreter runs a scheduled module as it runs any other. Constants live inside the region. `kernel` is the
    choice of kernel selection, `buffers` says where each result lives (see `#qnn.buffer`).
    - (C1) block arguments have the operands' types, yielded values the results' types
    - (C2) `buffers`, if present, has one `#qnn.buffer` per result

    ```mlir
    %y = qnn.layer "clip_0" (%a = %x) : (tensor<4xf32>) -> tensor<4xf32> {
      %0 = qnn.clip %a {clamp = #qnn.clamp<0.0, inf>} : (tensor<4xf32>) -> tensor<4xf32>
      qnn.yield %0 : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins StrAttr:$layer_name, Variadic<QNN_Tensor>:$inputs, OptionalAttr<QNN_KernelAttr>:$kernel,
    OptionalAttr<TypedArrayAttrBase<QNN_BufferAttr, "array of buffers">>:$buffers);
  let results = (outs Variadic<QNN_Tensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

def QNN_ShareEndOp : Op<QNN_Dialect, "share_end", [Pure]> {
  let summary = "where a run of shares ends";
  let description = [{
    A layer that threads divide is a `scf.parallel` over equal shares of its work, 0, 1, … Its body is written for all shares
    from its induction variable `first` up to this, which `scf.parallel` itself makes one: whoever runs it may take
    neighbouring shares together.

    ```mlir
    scf.parallel (%first) = (%c0) to (%c16) step (%c1) {
      %end = qnn.share_end %first
      ...
    }
    ```
  }];
  let arguments = (ins Index:$first);
  let results = (outs Index:$end);
  let assemblyFormat = "$first attr-dict";
}

def QNN_YieldOp : Op<QNN_Dialect, "yield", [Pure, Terminator, ReturnLike, HasParent<"LayerOp">]> {
  let summary = "results of a `qnn.layer`";
  let description = "See `qnn.layer`.";
  let arguments = (ins Variadic<QNN_Tensor>:$values);
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange{}); }]>];
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

#endif
