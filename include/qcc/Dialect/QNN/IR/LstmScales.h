// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The fixed-point numbers of a quantized `qnn.lstm`: the interpreter and the
// kernel compute with the same.

#ifndef QCC_DIALECT_QNN_IR_LSTMSCALES_H
#define QCC_DIALECT_QNN_IR_LSTMSCALES_H

#include "qcc/Arithmetic/Lstm.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

namespace qcc::qnn {

inline arith::LstmScales lstmScales(LstmOp op) {
  arith::LstmScales scales;
  for (mlir::Value weights : op.getInputWeights())
    scales.input.push_back(arith::lstmGateMultiplier(
        scaleOf(weights.getType()), scaleOf(op.getInput().getType())));
  for (mlir::Value weights : op.getRecurrentWeights())
    scales.output.push_back(arith::lstmGateMultiplier(
        scaleOf(weights.getType()), scaleOf(op.getOutputState().getType())));
  scales.hidden.multiplier =
      arith::lstmHiddenMultiplier(scaleOf(*op.getHidden()));
  scales.hidden.zeroPoint = static_cast<int32_t>(zeroPointOf(*op.getHidden()));
  scales.cellExponent = static_cast<int>(op.getCellExponent());
  scales.cellClip = arith::lstmCellClip(op.getCellClip().convertToFloat(),
                                        scaleOf(op.getCellState().getType()));
  return scales;
}

} // namespace qcc::qnn

#endif // QCC_DIALECT_QNN_IR_LSTMSCALES_H
