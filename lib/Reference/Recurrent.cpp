// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Recurrent layers, step by step.

#include "OpModels.h"
#include "qcc/Arithmetic/Activation16.h"
#include "qcc/Dialect/QNN/IR/RecurrentScales.h"

#include <cmath>

using namespace mlir;

namespace qcc::reference {

namespace {

/// Where the parts of a step lie in the sequence.
struct StepPlace {
  int64_t input, output, state;
};

/// Calls `step` for each batch and time, in an order that each batch keeps.
void forEachStep(qnn::LstmOp op, function_ref<void(StepPlace)> step) {
  for (int64_t b = 0; b < op.getBatch(); ++b)
    for (int64_t t = 0; t < op.getTime(); ++t) {
      int64_t row =
          op.getTimeMajor() ? t * op.getBatch() + b : b * op.getTime() + t;
      step({row * op.getFeatures(), row * op.getCells(), b * op.getCells()});
    }
}

int32_t saturate16(int64_t x) {
  return static_cast<int32_t>(std::clamp<int64_t>(x, -32768, 32767));
}

void runInteger(qnn::LstmOp op, ArrayRef<RefTensor> operands,
                MutableArrayRef<RefTensor> results) {
  size_t gates = op.getBiases().size();
  arith::LstmScales scales = qnn::lstmScales(op);
  int64_t cells = op.getCells(), features = op.getFeatures();
  auto weights = [&](size_t group, size_t gate) {
    return operands[3 + group * gates + gate].ints();
  };
  int64_t inputZero = qnn::zeroPointOf(op.getInput().getType());
  int64_t outputZero = qnn::zeroPointOf(op.getOutputState().getType());
  arith::IntegerOps ops;
  arith::Activation16<arith::IntegerOps> functions(ops);
  std::vector<int64_t> hidden(operands[1].ints().begin(),
                              operands[1].ints().end());
  std::vector<int64_t> cell(operands[2].ints().begin(),
                            operands[2].ints().end());
  forEachStep(op, [&](StepPlace place) {
    std::vector<int64_t> next(static_cast<size_t>(cells));
    for (int64_t u = 0; u < cells; ++u) {
      // The argument of each gate, in Q3.12.
      auto gateOf = [&](size_t gate) {
        int64_t fromInput = weights(2, gate)[u], fromOutput = 0;
        for (int64_t k = 0; k < features; ++k)
          fromInput += weights(0, gate)[u * features + k] *
                       (operands[0].ints()[place.input + k] - inputZero);
        for (int64_t k = 0; k < cells; ++k)
          fromOutput += weights(1, gate)[u * cells + k] *
                        (hidden[place.state + k] - outputZero);
        int32_t sum = saturate16(arith::multiplyByQuantizedMultiplier(
            wrapToInt32(fromInput), scales.input[gate]));
        return saturate16(int64_t{sum} +
                          arith::multiplyByQuantizedMultiplier(
                              wrapToInt32(fromOutput), scales.output[gate]));
      };
      size_t gate = op.isCoupled() ? 0 : 1;
      int32_t forget = functions.logistic(gateOf(gate), 3);
      int32_t input =
          op.isCoupled() ? 32767 - forget : functions.logistic(gateOf(0), 3);
      int32_t update = functions.tanh(gateOf(gate + 1), 3);
      int32_t out = functions.logistic(gateOf(gate + 2), 3);
      int64_t &c = cell[place.state + u];
      int32_t kept =
          functions.divideByPOT(forget * static_cast<int32_t>(c), 15);
      int32_t added =
          functions.divideByPOT(input * update, 30 + scales.cellExponent);
      int32_t sum = saturate16(kept + added);
      if (scales.cellClip > 0)
        sum = std::clamp(sum, -scales.cellClip, scales.cellClip);
      c = sum;
      int32_t product = out * functions.tanh(sum, 15 + scales.cellExponent);
      next[u] = scales.hidden(product);
    }
    for (int64_t u = 0; u < cells; ++u)
      results[0].ints()[place.output + u] = hidden[place.state + u] = next[u];
  });
  llvm::copy(hidden, results[1].ints().begin());
  llvm::copy(cell, results[2].ints().begin());
}

/// As TFLite's float kernels define it, exp(x) below -9 included.
float logistic(float x) {
  if (x < -9)
    return std::exp(x);
  return 1 / (1 + std::exp(-x));
}

void runFloat(qnn::LstmOp op, ArrayRef<RefTensor> operands,
              MutableArrayRef<RefTensor> results) {
  size_t gates = op.getBiases().size();
  int64_t cells = op.getCells(), features = op.getFeatures();
  float clip = op.getCellClip().convertToFloat();
  auto weights = [&](size_t group, size_t gate) {
    return operands[3 + group * gates + gate].floats();
  };
  std::vector<float> hidden(operands[1].floats().begin(),
                            operands[1].floats().end());
  std::vector<float> cell(operands[2].floats().begin(),
                          operands[2].floats().end());
  forEachStep(op, [&](StepPlace place) {
    std::vector<float> next(static_cast<size_t>(cells));
    for (int64_t u = 0; u < cells; ++u) {
      auto gateOf = [&](size_t gate) {
        float fromInput = 0, fromOutput = 0;
        for (int64_t k = 0; k < features; ++k)
          fromInput += weights(0, gate)[u * features + k] *
                       operands[0].floats()[place.input + k];
        for (int64_t k = 0; k < cells; ++k)
          fromOutput +=
              weights(1, gate)[u * cells + k] * hidden[place.state + k];
        return weights(2, gate)[u] + fromInput + fromOutput;
      };
      size_t gate = op.isCoupled() ? 0 : 1;
      float forget = logistic(gateOf(gate));
      float input = op.isCoupled() ? 1 - forget : logistic(gateOf(0));
      float update = std::tanh(gateOf(gate + 1));
      float out = logistic(gateOf(gate + 2));
      float c = forget * cell[place.state + u] + update * input;
      if (clip > 0)
        c = std::clamp(c, -clip, clip);
      cell[place.state + u] = c;
      next[u] = out * std::tanh(c);
    }
    for (int64_t u = 0; u < cells; ++u)
      results[0].floats()[place.output + u] = hidden[place.state + u] = next[u];
  });
  llvm::copy(hidden, results[1].floats().begin());
  llvm::copy(cell, results[2].floats().begin());
}

LogicalResult interpretLstm(qnn::LstmOp op, ArrayRef<RefTensor> operands,
                            MutableArrayRef<RefTensor> results) {
  if (op.isQuantized())
    runInteger(op, operands, results);
  else
    runFloat(op, operands, results);
  return success();
}

void runIntegerSvdf(qnn::SvdfOp op, ArrayRef<RefTensor> operands,
                    MutableArrayRef<RefTensor> results) {
  arith::SvdfScales scales = qnn::svdfScales(op);
  int64_t depth = op.getDepth(), filters = op.getFilters(),
          memory = op.getMemory(), units = op.getUnits();
  int64_t zero = qnn::zeroPointOf(op.getInput().getType());
  ArrayRef<int64_t> input = operands[0].ints(), old = operands[1].ints(),
                    feature = operands[2].ints(), time = operands[3].ints();
  MutableArrayRef<int64_t> state = results[1].ints();
  for (int64_t b = 0; b < op.getBatch(); ++b) {
    for (int64_t f = 0; f < filters; ++f) {
      int64_t row = (b * filters + f) * memory, acc = 0;
      for (int64_t m = 0; m + 1 < memory; ++m)
        state[row + m] = old[row + m + 1];
      for (int64_t k = 0; k < depth; ++k)
        acc += feature[f * depth + k] * (input[b * depth + k] - zero);
      state[row + memory - 1] = saturate16(arith::multiplyByQuantizedMultiplier(
          wrapToInt32(acc), scales.feature));
    }
    int64_t perUnit = filters / units * memory;
    for (int64_t u = 0; u < units; ++u) {
      int64_t acc = op.getBias() ? operands[4].ints()[u] : 0;
      for (int64_t k = 0; k < perUnit; ++k)
        acc += state[b * filters * memory + u * perUnit + k] *
               time[u * perUnit + k];
      results[0].ints()[b * units + u] = scales.result(wrapToInt32(acc));
    }
  }
}

void runFloatSvdf(qnn::SvdfOp op, ArrayRef<RefTensor> operands,
                  MutableArrayRef<RefTensor> results) {
  int64_t depth = op.getDepth(), filters = op.getFilters(),
          memory = op.getMemory(), units = op.getUnits(),
          rank = filters / units;
  ArrayRef<float> input = operands[0].floats(), old = operands[1].floats(),
                  feature = operands[2].floats(), time = operands[3].floats();
  MutableArrayRef<float> state = results[1].floats();
  auto [lo, hi] = qnn::floatClamp(op.getClampAttr());
  for (int64_t b = 0; b < op.getBatch(); ++b) {
    for (int64_t f = 0; f < filters; ++f) {
      int64_t row = (b * filters + f) * memory;
      float acc = 0;
      for (int64_t m = 0; m + 1 < memory; ++m)
        state[row + m] = old[row + m + 1];
      for (int64_t k = 0; k < depth; ++k)
        acc += feature[f * depth + k] * input[b * depth + k];
      state[row + memory - 1] = acc;
    }
    for (int64_t u = 0; u < units; ++u) {
      float sum = op.getBias() ? operands[4].floats()[u] : 0;
      for (int64_t f = u * rank; f < (u + 1) * rank; ++f) {
        float acc = 0;
        for (int64_t m = 0; m < memory; ++m)
          acc += time[f * memory + m] * state[(b * filters + f) * memory + m];
        sum += acc;
      }
      results[0].floats()[b * units + u] = std::min(std::max(sum, lo), hi);
    }
  }
}

LogicalResult interpretSvdf(qnn::SvdfOp op, ArrayRef<RefTensor> operands,
                            MutableArrayRef<RefTensor> results) {
  if (op.isQuantized())
    runIntegerSvdf(op, operands, results);
  else
    runFloatSvdf(op, operands, results);
  return success();
}

} // namespace

void attachRecurrentModels(MLIRContext *context) {
  attach<qnn::LstmOp, interpretLstm>(context);
  attach<qnn::SvdfOp, interpretSvdf>(context);
}

} // namespace qcc::reference
