// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The fixed-point numbers of quantized recurrent layers: the interpreter and
// the kernels compute with the same.

#ifndef QCC_DIALECT_QNN_IR_RECURRENTSCALES_H
#define QCC_DIALECT_QNN_IR_RECURRENTSCALES_H

#include "qcc/Arithmetic/Recurrent.h"
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

inline arith::SvdfScales svdfScales(SvdfOp op) {
  double state = scaleOf(op.getState().getType());
  double result = scaleOf(op.getResult().getType());
  arith::SvdfScales scales;
  scales.feature =
      arith::svdfMultiplier(scaleOf(op.getInput().getType()),
                            scaleOf(op.getFeatureWeights().getType()), state);
  scales.result.multiplier = arith::svdfMultiplier(
      state, scaleOf(op.getTimeWeights().getType()), result);
  scales.result.zeroPoint =
      static_cast<int32_t>(zeroPointOf(op.getResult().getType()));
  auto [lo, hi] = integerClamp(op.getClampAttr(), op.getResult().getType());
  scales.result.lo = static_cast<int32_t>(lo);
  scales.result.hi = static_cast<int32_t>(hi);
  return scales;
}

} // namespace qcc::qnn

#endif // QCC_DIALECT_QNN_IR_RECURRENTSCALES_H
