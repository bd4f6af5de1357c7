// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Softmax over the last axis, and its logarithm.

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

/// Calls body(input row, output row) for each row, as int32.
template <typename Body>
void forEachRow(const RefTensor &operand, RefTensor &result, Body body) {
  int64_t depth = result.getShape().back();
  std::vector<int32_t> in(static_cast<size_t>(depth)), out(in.size());
  for (int64_t at = 0; at < result.getNumElements(); at += depth) {
    llvm::transform(operand.ints().slice(at, depth), in.begin(), wrapToInt32);
    body(ArrayRef<int32_t>(in), MutableArrayRef<int32_t>(out));
    llvm::copy(out, result.ints().slice(at, depth).begin());
  }
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

LogicalResult interpretSoftmax16(qnn::SoftmaxOp op, const RefTensor &operand,
                                 RefTensor &result) {
  Type from = operand.getElementType(), to = result.getElementType();
  if (qnn::scaleOf(to) != 1.0 / 32768 || qnn::zeroPointOf(to) != 0 ||
      qnn::zeroPointOf(from) != 0 || !qnn::isSignedStorage(from) ||
      !qnn::isSignedStorage(to))
    return op.emitOpError("of 16 bits is defined for signed types with zero "
                          "point 0 and a result of scale 1/32768, but got ")
           << from << " and " << to;
  arith::QuantizedMultiplier multiplier = arith::getSoftmax16Multiplier(
      op.getBeta().convertToFloat(), qnn::scaleOf(from));
  forEachRow(operand, result,
             [&](ArrayRef<int32_t> in, MutableArrayRef<int32_t> out) {
               arith::softmaxRow16(multiplier, in.data(), out.data(),
                                   static_cast<int64_t>(in.size()));
             });
  return success();
}

/// Under half_even_float, of 8 bits: in floats. Only differences count, and
/// results above the least value.
void softmaxRowsInFloats(qnn::SoftmaxOp op, const RefTensor &operand,
                         RefTensor &result, int64_t zero) {
  std::array<float, 256> terms = arith::getSoftmaxFloatTerms(
      op.getBeta().convertToFloat(),
      static_cast<float>(qnn::scaleOf(operand.getElementType())));
  forEachRow(operand, result,
             [&](ArrayRef<int32_t> in, MutableArrayRef<int32_t> out) {
               int32_t max = *llvm::max_element(in);
               float sum = 0;
               for (int32_t value : in)
                 sum += terms[max - value];
               float inverse = arith::getSoftmaxFloatInverse(sum);
               for (auto [to, value] : llvm::zip_equal(out, in))
                 to = static_cast<int32_t>(zero) +
                      arith::getSoftmaxFloatResult(terms[max - value], inverse);
             });
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
    if (qnn::quantizedAxisOf(type))
      return op.emitOpError("is defined for types per tensor, but got ")
             << type;
  if (qnn::bytesPerElement(to) == 2)
    return interpretSoftmax16(op, operands[0], results[0]);
  bool isSigned = qnn::isSignedStorage(to);
  int64_t expectedZero = isSigned ? -128 : 0;
  int64_t shift = expectedZero - (qnn::isSignedStorage(from) ? -128 : 0);
  if (qnn::scaleOf(to) != 1.0 / 256 || qnn::zeroPointOf(to) != expectedZero)
    return op.emitOpError("is defined for a result of scale 1/256 and zero "
                          "point ")
           << expectedZero << ", but got scale " << qnn::scaleOf(to)
           << " and zero point " << qnn::zeroPointOf(to);
  if (op.getRounding() == qnn::Rounding::HalfEvenFloat) {
    softmaxRowsInFloats(op, operands[0], results[0], expectedZero);
    return success();
  }
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

LogicalResult interpretLogSoftmax(qnn::LogSoftmaxOp op,
                                  ArrayRef<RefTensor> operands,
                                  MutableArrayRef<RefTensor> results) {
  RefTensor &result = results[0];
  if (result.getNumElements() == 0)
    return success();
  if (result.isFloat()) {
    int64_t depth = result.getShape().back();
    for (int64_t at = 0; at < result.getNumElements(); at += depth) {
      ArrayRef<float> in = operands[0].floats().slice(at, depth);
      float max = std::numeric_limits<float>::lowest(), sum = 0;
      for (float x : in)
        max = std::max(max, x);
      for (float x : in)
        sum += std::exp(x - max);
      float logOfSum = std::log(sum);
      for (auto [to, x] : llvm::zip_equal(result.floats().slice(at, depth), in))
        to = x - max - logOfSum;
    }
    return success();
  }
  Type from = operands[0].getElementType(), to = result.getElementType();
  if (qnn::quantizedAxisOf(from))
    return op.emitOpError("is defined for types per tensor, but got ") << from;
  std::optional<arith::LogSoftmaxScaling> scaling =
      arith::preprocessLogSoftmaxScaling(qnn::scaleOf(from));
  if (!scaling)
    return op.emitOpError("has the input scale ")
           << qnn::scaleOf(from) << ", expected more than 2^-26";
  auto [lo, hi] = qnn::storageRange(to);
  forEachRow(operands[0], result,
             [&, lo = lo, hi = hi](ArrayRef<int32_t> in,
                                   MutableArrayRef<int32_t> out) {
               arith::logSoftmaxRow(*scaling, in.data(), out.data(),
                                    static_cast<int64_t>(in.size()),
                                    wrapToInt32(lo), wrapToInt32(hi));
             });
  return success();
}

} // namespace

void attachSoftmaxModels(MLIRContext *context) {
  attach<qnn::LogSoftmaxOp, interpretLogSoftmax>(context);
  attach<qnn::SoftmaxOp, interpretSoftmax>(context);
}

} // namespace qcc::reference
