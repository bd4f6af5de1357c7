// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of floats, rounded to 8 bits, with weights that are quantized in
// blocks.

#include "OpModels.h"
#include "RoundedSample.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

using namespace mlir;

namespace qcc::reference {

namespace {

LogicalResult interpretBlockFullyConnected(qnn::BlockFullyConnectedOp op,
                                           ArrayRef<RefTensor> operands,
                                           MutableArrayRef<RefTensor> results) {
  const RefTensor &filter = operands[1], &scales = operands[2];
  size_t next = 3;
  ArrayRef<int64_t> zeros, weights = filter.ints();
  ArrayRef<float> bias, input = operands[0].floats();
  if (op.getZeroPoints())
    zeros = operands[next++].ints();
  if (op.getBias())
    bias = operands[next++].floats();
  int64_t outputs = filter.getShape()[0], depth = filter.getShape()[1];
  int64_t blocks = scales.getShape()[1];
  auto block = static_cast<int64_t>(op.getBlock());
  int64_t zero = qnn::zeroPointOf(filter.getType());
  auto [lo, hi] = qnn::floatClamp(op.getClampAttr());
  MutableArrayRef<float> result = results[0].floats();
  auto rows = static_cast<int64_t>(input.size()) / depth;
  for (int64_t m = 0; m < rows; ++m) {
    RoundedSample sample = roundSymmetric(input.slice(m * depth, depth));
    for (int64_t n = 0; n < outputs; ++n) {
      float total = 0;
      for (int64_t g = 0; g < blocks; ++g) {
        int64_t z = zero + (zeros.empty() ? 0 : zeros[n * blocks + g]);
        // Of at most 2^15 products below 2^16: 32 bits hold it.
        int64_t sum = 0;
        for (int64_t k = g * block; k < std::min(depth, (g + 1) * block); ++k)
          sum += sample.values[k] * (weights[n * depth + k] - z);
        float scaled =
            static_cast<float>(sum) * scales.floats()[n * blocks + g];
        total = total + scaled;
      }
      float value = total * sample.factor;
      if (!bias.empty())
        value = value + bias[n];
      result[m * outputs + n] = std::min(std::max(value, lo), hi);
    }
  }
  return success();
}

} // namespace

void attachBlockMatrixModels(MLIRContext *context) {
  attach<qnn::BlockFullyConnectedOp, interpretBlockFullyConnected>(context);
}

} // namespace qcc::reference
