// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Recurrent layers. They have value semantics: states are operands, their next values results.

#ifndef QCC_DIALECT_QNN_IR_QNNRECURRENTOPS_TD
#define QCC_DIALECT_QNN_IR_QNNRECURRENTOPS_TD

include "qcc/Dialect/QNN/IR/QNNBase.td"

def QNN_LstmOp : QNN_MacOp<"lstm", [AttrSizedOperandSegments]> {
  let summary = "long short-term memory over a sequence";
  let description = [{
    For each time step: i, f, o = sigmoid and g = tanh of W·x + R·h + bias; c = f·c + i·g, clipped to ±`cell_clip` if that is
    positive; h = o·tanh(c). The result holds h of each step. Groups of operands are in the order input gate, forget
    gate, cell, output gate; where the groups have three, the input gate is 1 − f (CIFG).

    Quantized (TFLite's 8x8_16): weights are int8 with zero point 0, c is int16 of a power of two, gates are Q3.12, and
    their functions Q0.15 as gemmlowp computes them; h is quantized by the scale and zero point of `hidden`.
    - (C1) input is [batch, time, features], or [time, batch, features] with `time_major`
    - (C2) input_weights [cells, features], recurrent_weights [cells, cells], biases [cells]: three or four of each
    - (C3) output_state and cell_state have batch·cells elements, and are followed by results of their types
    - (C4) all float, or input and output_state int8, cell_state int16 of scale 2^-15 … 2^-9 and zero point 0, weights int8
      per tensor with zero point 0, biases int32
    - (C5) quantized: `hidden` is an int8 type

    ```mlir
    %y, %h1, %c1 = qnn.lstm %x, %h, %c, (%wf, %wg, %wo), (%rf, %rg, %ro), (%bf, %bg, %bo)
      : (tensor<1x3x2xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>,
         tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
      -> (tensor<1x3x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>)
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, QNN_Tensor:$output_state, QNN_Tensor:$cell_state,
    Variadic<QNN_Tensor>:$input_weights, Variadic<QNN_Tensor>:$recurrent_weights, Variadic<QNN_Tensor>:$biases,
    UnitAttr:$time_major, DefaultValuedAttr<F32Attr, "0.0f">:$cell_clip, OptionalAttr<TypeAttrOf<QNN_Quantized>>:$hidden);
  let results = (outs QNN_Tensor:$result, QNN_Tensor:$next_output_state, QNN_Tensor:$next_cell_state);
  let assemblyFormat = [{
    $input `,` $output_state `,` $cell_state `,` `(` $input_weights `)` `,` `(` $recurrent_weights `)` `,`
    `(` $biases `)` attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    bool isQuantized() { return static_cast<bool>(getHiddenAttr()); }
    /// No weights of the input gate: it is 1 - the forget gate.
    bool isCoupled() { return getInputWeights().size() == 3; }
    int64_t getBatch() { return getInputType().getDimSize(getTimeMajor() ? 1 : 0); }
    int64_t getTime() { return getInputType().getDimSize(getTimeMajor() ? 0 : 1); }
    int64_t getFeatures() { return getInputType().getDimSize(2); }
    int64_t getCells() {
      return ::llvm::cast<::mlir::RankedTensorType>(getBiases().front().getType()).getDimSize(0);
    }
    /// log2 of the cell state's scale; quantized only.
    int64_t getCellExponent();
    ::mlir::RankedTensorType getInputType() {
      return ::llvm::cast<::mlir::RankedTensorType>(getInput().getType());
    }
  }];
}

#endif
