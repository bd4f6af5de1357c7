// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The scales of requantizations under the rounding `onnx`: products and
// quotients of float32 scales without any rounding.

#ifndef QCC_DIALECT_QNN_IR_EXACTSCALES_H
#define QCC_DIALECT_QNN_IR_EXACTSCALES_H

#include "qcc/Arithmetic/FixedPoint.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

namespace qcc::qnn {

/// s_lhs · s_rhs[channel] / s_result.
inline arith::ExactScale exactScale(mlir::Type lhs, mlir::Type rhs,
                                    mlir::Type result, int64_t channel) {
  return arith::ExactScale::of(static_cast<float>(scaleOf(lhs)),
                               static_cast<float>(scaleOf(rhs, channel)),
                               static_cast<float>(scaleOf(result)));
}

/// s_in / (s_out · count).
inline arith::ExactScale exactScale(double in, double out, int64_t count = 1) {
  return arith::ExactScale::of(static_cast<float>(in), 1.0f,
                               static_cast<float>(out), count);
}

} // namespace qcc::qnn

#endif // QCC_DIALECT_QNN_IR_EXACTSCALES_H
