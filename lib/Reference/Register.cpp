// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Attaches every family's definitions when the dialect is loaded.

#include "OpModels.h"
#include "qcc/Reference/Interpreter.h"

using namespace mlir;

namespace qcc::reference {

void registerReferenceInterfaces(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, qnn::QNNDialect *) {
    attachBinaryModels(context);
    attachBlockMatrixModels(context);
    attachCompareModels(context);
    attachConvModels(context);
    attachElementwiseModels(context);
    attachIndexModels(context);
    attachPoolModels(context);
    attachReduceModels(context);
    attachQuantizeModels(context);
    attachRecurrentModels(context);
    attachShapeModels(context);
    attachSoftmaxModels(context);
    attachUnaryModels(context);
  });
}

arith::Rounding toArithmetic(qnn::Rounding rounding) {
  switch (rounding) {
  case qnn::Rounding::TfliteDouble:
    return arith::Rounding::TfliteDouble;
  case qnn::Rounding::TfliteSingle:
    return arith::Rounding::TfliteSingle;
  case qnn::Rounding::HalfEvenFloat:
    return arith::Rounding::HalfEvenFloat;
  case qnn::Rounding::Onnx:
    return arith::Rounding::Onnx;
  }
  llvm_unreachable("unknown rounding");
}

int32_t scaleInteger(int32_t x, arith::QuantizedMultiplier multiplier,
                     arith::Rounding rounding) {
  assert(rounding != arith::Rounding::HalfEvenFloat &&
         rounding != arith::Rounding::Onnx && "has no integer multiplier");
  return rounding == arith::Rounding::TfliteSingle
             ? arith::multiplyByQuantizedMultiplierSingle(x, multiplier)
             : arith::multiplyByQuantizedMultiplier(x, multiplier);
}

} // namespace qcc::reference
