// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Several matrices times one vector. See the header.

#include "MatrixVector.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

using namespace mlir;

namespace qcc {

DenseElementsAttr constantOf(Value value) {
  auto constant = value.getDefiningOp<qnn::ConstantOp>();
  return constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : nullptr;
}

DotForm MatrixVector::formFor(const TargetFacts &facts, bool isFloat,
                              int64_t rows) {
  DotForm form = DotForm::choose(facts, isFloat);
  return form.withLanes(form.fitLanes(rows));
}

MatrixVector::MatrixVector(LayerEmitter &emitter, const DotForm &dotForm,
                           StringRef name, ValueRange weights,
                           ValueRange biases, int64_t zeroPoint)
    : e(emitter), form(dotForm), count(static_cast<int64_t>(weights.size())) {
  auto shape = cast<RankedTensorType>(weights.front().getType()).getShape();
  rows = shape[0];
  depth = shape[1];
  blocks = llvm::divideCeil(rows, form.lanes);
  if (isa<FloatType>(
          cast<RankedTensorType>(weights.front().getType()).getElementType()))
    packFloats(name, weights, biases);
  else
    packIntegers(name, weights, biases, zeroPoint);
}

/// By block of rows, group of the reduction, matrix.
template <typename T>
std::vector<T>
MatrixVector::pack(const std::vector<std::vector<T>> &values) const {
  std::vector<T> packed;
  int64_t groups = llvm::divideCeil(depth, form.group);
  for (int64_t block = 0; block < blocks; ++block)
    for (int64_t group = 0; group < groups; ++group)
      for (const std::vector<T> &of : values)
        form.pack<T>(
            [&](int64_t lane, int64_t k) -> T {
              int64_t row = block * form.lanes + lane;
              int64_t at = group * form.group + k;
              return row < rows && at < depth ? of[row * depth + at] : T(0);
            },
            packed);
  return packed;
}

void MatrixVector::packFloats(StringRef name, ValueRange weights,
                              ValueRange biases) {
  std::vector<std::vector<float>> values;
  for (Value weight : weights) {
    auto range = constantOf(weight).getValues<float>();
    values.emplace_back(range.begin(), range.end());
  }
  table = e.table((name + "_weights").str(), ArrayRef<float>(pack(values)));
  std::vector<float> all;
  for (Value bias : biases) {
    auto range = constantOf(bias).getValues<float>();
    all.insert(all.end(), range.begin(), range.end());
    all.resize(all.size() + static_cast<size_t>(paddedRows() - rows));
  }
  all.resize(static_cast<size_t>(count * paddedRows()));
  biasTable = e.table((name + "_biases").str(), ArrayRef<float>(all));
}

void MatrixVector::packIntegers(StringRef name, ValueRange weights,
                                ValueRange biases, int64_t zeroPoint) {
  std::vector<std::vector<int16_t>> values;
  std::vector<int32_t> starts;
  // Σ w·(x − z) = Σ w·x' − (z + flip)·Σ w, where x' is what the instruction
  // reads.
  int64_t shift =
      zeroPoint + (form.flipsSign(/*activationsSigned=*/true) ? 128 : 0);
  for (auto [i, weight] : llvm::enumerate(weights)) {
    std::vector<int16_t> of;
    for (const APInt &v : constantOf(weight).getValues<APInt>())
      of.push_back(static_cast<int16_t>(v.getSExtValue()));
    SmallVector<int64_t> bias(static_cast<size_t>(rows), 0);
    if (!biases.empty())
      for (auto [row, v] :
           llvm::enumerate(constantOf(biases[i]).getValues<APInt>()))
        bias[row] = v.getSExtValue();
    arith::IntRange range;
    for (int64_t row = 0; row < rows; ++row) {
      int64_t sum = 0, lo = bias[row], hi = bias[row];
      for (int64_t k = 0; k < depth; ++k) {
        int64_t w = of[row * depth + k];
        sum += w;
        lo += std::min(w * (-128 - zeroPoint), w * (127 - zeroPoint));
        hi += std::max(w * (-128 - zeroPoint), w * (127 - zeroPoint));
      }
      // Modulo 2^32, as the accumulator.
      starts.push_back(
          static_cast<int32_t>(static_cast<uint32_t>(bias[row] - shift * sum)));
      range = {std::min(range.lo, lo), std::max(range.hi, hi)};
    }
    starts.resize(starts.size() + static_cast<size_t>(paddedRows() - rows));
    // A sum that leaves 32 bits wraps, here and at the origin.
    constexpr int64_t least = std::numeric_limits<int32_t>::min();
    constexpr int64_t most = std::numeric_limits<int32_t>::max();
    if (range.lo < least || range.hi > most)
      range = {least, most};
    reach.push_back(range);
    values.push_back(std::move(of));
  }
  std::vector<int16_t> packed = pack(values);
  std::string weightName = (name + "_weights").str();
  if (form.weightBits() == 16) {
    table = e.table(weightName, ArrayRef<int16_t>(packed));
  } else {
    std::vector<int8_t> narrow(packed.begin(), packed.end());
    table = e.table(weightName, ArrayRef<int8_t>(narrow));
  }
  biasTable = e.table((name + "_biases").str(), ArrayRef<int32_t>(starts));
}

SmallVector<Value> MatrixVector::start(Value block) const {
  SmallVector<Value> accs;
  Value first = e.mul(block, form.lanes);
  for (int64_t i = 0; i < count; ++i)
    accs.push_back(e.load(biasTable, e.add(first, i * paddedRows()), form.lanes,
                          4 * form.lanes));
  return accs;
}

SmallVector<Value> MatrixVector::multiply(Value block, Value memref,
                                          Value first,
                                          SmallVector<Value> accs) const {
  int64_t perGroup = count * form.weightsPerStep();
  int64_t full = depth / form.group, rest = depth % form.group;
  Value base = e.mul(block, perGroup * llvm::divideCeil(depth, form.group));
  auto step = [&](Value group, int64_t valid, ValueRange carried) {
    SmallVector<Value, 2> x =
        form.prepare(e, memref, e.add(first, e.mul(group, form.group)), valid,
                     /*isSigned=*/true);
    Value at = e.add(base, e.mul(group, perGroup));
    SmallVector<Value> next;
    for (auto [i, acc] : llvm::enumerate(carried)) {
      SmallVector<Value, 2> w = form.loadWeights(
          e, table, e.add(at, static_cast<int64_t>(i) * form.weightsPerStep()));
      next.push_back(form.step(e, acc, x, w, /*isSigned=*/true));
    }
    return next;
  };
  if (full)
    accs = e.loop(full, accs, [&](Value group, ValueRange carried) {
      return step(group, form.group, carried);
    });
  if (rest)
    accs = step(e.index(full), rest, accs);
  return accs;
}

} // namespace qcc
