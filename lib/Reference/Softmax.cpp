// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Softmax over the last axis.

#include "qcc/Arithmetic/Softmax.h"
#include "OpModels.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include <cmath>

using namespace mlir;

namespace qcc::reference {

namespace {

/// As TFLite's float kernel: exp(beta·(x − max)), summed in order, divided.
void softmaxRow(float beta, ArrayRef<float> in, MutableArrayRef<float> out) {
  float max = std::numeric_limits<float>::lowest();
  for (float value : in)
    max = std::max(max, value);
  float sum = 0;
  for (auto [to, value] : llvm::zip_equal(out, in)) {
    to = std::exp((value - max) * beta);
    sum += to;
  }
  for (float &value : out)
    value /= sum;
}

/// `shift` takes the input to the result's signedness: only differences count.
template <typename T>
void softmaxRows(const arith::SoftmaxScaling &scaling, int64_t depth,
                 ArrayRef<int64_t> in, int64_t shift,
                 MutableArrayRef<int64_t> out) {
  std::vector<T> from, to(in.size());
  for (int64_t value : in)
    from.push_back(static_cast<T>(value + shift));
  for (size_t at = 0; at < in.size(); at += static_cast<size_t>(depth))
    arith::softmaxRow(scaling, from.data() + at, to.data() + at, depth);
  llvm::copy(to, out.begin());
}

LogicalResult interpretSoftmax(qnn::SoftmaxOp op, ArrayRef<RefTensor> operands,
                               MutableArrayRef<RefTensor> results) {
  if (results[0].getNumElements() == 0)
    return success();
  ArrayRef<int64_t> shape = results[0].getShape();
  int64_t depth = shape.empty() ? 1 : shape.back();
  float beta = op.getBeta().convertToFloat();
  if (results[0].isFloat()) {
    ArrayRef<float> in = operands[0].floats();
    MutableArrayRef<float> out = results[0].floats();
    for (int64_t at = 0; at < results[0].getNumElements(); at += depth)
      softmaxRow(beta, in.slice(at, depth), out.slice(at, depth));
    return success();
  }

  Type from = operands[0].getElementType(), to = results[0].getElementType();
  for (Type type : {from, to})
    if (qnn::quantizedAxisOf(type) ||
        qnn::storageTypeOf(type).getIntOrFloatBitWidth() != 8)
      return op.emitOpError("is defined for 8-bit types per tensor, but got ")
             << type;
  bool isSigned = qnn::isSignedStorage(to);
  int64_t expectedZero = isSigned ? -128 : 0;
  int64_t shift = expectedZero - (qnn::isSignedStorage(from) ? -128 : 0);
  if (qnn::scaleOf(to) != 1.0 / 256 || qnn::zeroPointOf(to) != expectedZero)
    return op.emitOpError("is defined for a result of scale 1/256 and zero "
                          "point ")
           << expectedZero << ", but got scale " << qnn::scaleOf(to)
           << " and zero point " << qnn::zeroPointOf(to);
  std::optional<arith::SoftmaxScaling> scaling =
      arith::preprocessSoftmaxScaling(beta, qnn::scaleOf(from));
  if (!scaling)
    return op.emitOpError("has beta · input scale = ")
           << beta * qnn::scaleOf(from) << ", expected more than 2^-26";
  if (isSigned)
    softmaxRows<int8_t>(*scaling, depth, operands[0].ints(), shift,
                        results[0].ints());
  else
    softmaxRows<uint8_t>(*scaling, depth, operands[0].ints(), shift,
                         results[0].ints());
  return success();
}

} // namespace

void attachSoftmaxModels(MLIRContext *context) {
  attach<qnn::SoftmaxOp, interpretSoftmax>(context);
}

} // namespace qcc::reference
