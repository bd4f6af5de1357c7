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

def QNN_SvdfOp : QNN_MacOp<"svdf"> {
  let summary = "a low-rank layer with a memory of its last inputs";
  let description = [{
    Each of units·`rank` filters remembers its last features: state row f is moved by one, its last element becomes
    feature[f]·x. result[u] = bias[u] + Σ over the filters u·rank … and the memory of state·time_weights.

    Quantized (TFLite's): input, feature weights and result int8, state and time weights int16, bias int32; the feature is
    requantized by s_feature·s_input/s_state, the result by s_state·s_time/s_result, products and quotients in float32.
    - (C1) input is [batch, depth], feature_weights [filters, depth], time_weights [filters, memory], bias [filters/rank]
    - (C2) state has batch·filters·memory elements and is followed by a result of its type
    - (C3) `rank` is at least 1 and divides filters
    - (C4) all float, or quantized per tensor as above, weights and state with zero point 0

    ```mlir
    %y, %s1 = qnn.svdf %x, %s, %f, %t {rank = 1 : i64} : (tensor<1x3xf32>, tensor<1x8xf32>, tensor<2x3xf32>, tensor<2x4xf32>)
      -> (tensor<1x2xf32>, tensor<1x8xf32>)
    ```
  }];
  let arguments = (ins QNN_Tensor:$input, QNN_Tensor:$state, QNN_Tensor:$feature_weights, QNN_Tensor:$time_weights,
    Optional<QNN_Tensor>:$bias, I64Attr:$rank, OptionalAttr<QNN_ClampAttr>:$clamp);
  let results = (outs QNN_Tensor:$result, QNN_Tensor:$next_state);
  let assemblyFormat = [{
    $input `,` $state `,` $feature_weights `,` $time_weights (`bias` $bias^)? attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    bool isQuantized() { return !::llvm::cast<::mlir::RankedTensorType>(getInput().getType()).getElementType().isF32(); }
    int64_t getExtent(::mlir::Value value, unsigned axis) {
      return ::llvm::cast<::mlir::RankedTensorType>(value.getType()).getDimSize(axis);
    }
    int64_t getBatch() { return getExtent(getInput(), 0); }
    int64_t getDepth() { return getExtent(getInput(), 1); }
    int64_t getFilters() { return getExtent(getFeatureWeights(), 0); }
    int64_t getMemory() { return getExtent(getTimeWeights(), 1); }
    int64_t getUnits() { return getFilters() / static_cast<int64_t>(getRank()); }
  }];
}

#endif
