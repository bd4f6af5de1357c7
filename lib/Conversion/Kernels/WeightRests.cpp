// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where weights exceed bytes, and what is done about it. See the header.

#include "WeightRests.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace qcc {
namespace {

/// More of them are a loop.
constexpr size_t straightRests = 8;

int64_t restOf(const MacLayer &mac, int64_t o, int64_t k) {
  int64_t weight = mac.weight(o, k) - mac.weightZeros[o];
  return weight - WeightRests::byteOf(weight);
}

} // namespace

std::optional<WeightRests> WeightRests::find(const MacLayer &mac,
                                             ArrayRef<ChannelBlock> blocks,
                                             const Runs &runs) {
  int64_t group = blocks.front().form.group, steps = 0, replaced = 0;
  WeightRests result;
  result.blocks.assign(blocks.begin(), blocks.end());
  result.runs = runs;
  result.length = std::min(runs.length, group);
  for (const ChannelBlock &block : blocks)
    for (int64_t i = 0; i < block.count; ++i) {
      int64_t first = block.firstChannel + i * block.lanes(),
              end = std::min(first + block.lanes(),
                             block.firstChannel + block.channels);
      bool fit = true;
      SmallVector<Rest, 2> &rests = result.rests.emplace_back();
      result.cover(
          [&](int64_t k) {
            bool exceeds = false;
            for (int64_t o = first; o < end; ++o) {
              int64_t rest = restOf(mac, o, k);
              exceeds |= rest != 0;
              fit &= rest == byteOf(rest);
            }
            return exceeds;
          },
          rests);
      if (!fit)
        return std::nullopt;
      steps += static_cast<int64_t>(rests.size()) * block.vectors;
      replaced += runs.count() * runs.groups(group);
    }
  // A sum of activations takes a step for each group.
  if (2 * steps > replaced)
    return std::nullopt;
  return result;
}

void WeightRests::cover(function_ref<bool(int64_t)> exceeds,
                        SmallVectorImpl<Rest> &rests) const {
  for (int64_t run = 0; run < runs.count(); ++run)
    for (int64_t k = 0; k < runs.length; ++k)
      if (exceeds(run * runs.length + k)) {
        rests.push_back({run, std::min(k, runs.length - length), k, {}});
        // What the rest of the stretch has is in it.
        k = rests.back().begin + length - 1;
      }
}

void WeightRests::pack(LayerEmitter &e, const MacLayer &mac,
                       SmallVectorImpl<SmallVector<int16_t>> &chunks) {
  std::vector<int8_t> bytes;
  std::vector<int32_t> windows, numbers;
  auto start = [&] {
    starts.push_back({static_cast<int64_t>(windows.size()),
                      static_cast<int64_t>(bytes.size())});
  };
  for (const ChannelBlock &block : blocks) {
    start();
    for (int64_t i = 0; i < block.count; ++i) {
      numbers.push_back(static_cast<int32_t>(windows.size()));
      for (Rest &rest : rests[block.firstNumber + i]) {
        windows.push_back(static_cast<int32_t>(windowOf(rest)));
        for (int64_t v = 0; v < block.vectors; ++v) {
          std::vector<int16_t> packed;
          block.form.pack<int16_t>(
              [&](int64_t lane, int64_t k) {
                int64_t c = block.channelOf(i, v, lane), at = rest.begin + k;
                return c < block.channels && k < length && at >= rest.from
                           ? static_cast<int16_t>(
                                 restOf(mac, block.firstChannel + c,
                                        rest.run * runs.length + at))
                           : int16_t(0);
              },
              packed);
          bytes.insert(bytes.end(), packed.begin(), packed.end());
          chunks.emplace_back(packed.begin(), packed.end());
          if (llvm::any_of(packed, [](int16_t w) { return w != 0; }))
            rest.vectors.push_back(v);
        }
      }
    }
  }
  start();
  if (windows.empty())
    return;
  numbers.push_back(static_cast<int32_t>(windows.size()));
  weights = e.table("rest_weights", ArrayRef<int8_t>(bytes));
  offsets = e.table("rest_offsets", ArrayRef<int32_t>(windows));
  firsts = e.table("rest_firsts", ArrayRef<int32_t>(numbers));
}

SmallVector<Value> WeightRests::emit(LayerEmitter &e, size_t number,
                                     Value index, ArrayRef<Value> state,
                                     Reduce reduce) const {
  if (starts[number].rest == starts[number + 1].rest)
    return SmallVector<Value>(state);
  const ChannelBlock &block = blocks[number];
  int64_t first = starts[number].rest, firstByte = starts[number].byte,
          step = block.form.weightsPerStep();
  if (block.count > 1 || rests[block.firstNumber].size() > straightRests) {
    auto numberOf = [&](int64_t next) -> Value {
      return mlir::arith::IndexCastOp::create(
          e.b, e.b.getIndexType(),
          e.load(firsts, e.add(index, block.firstNumber + next), 1));
    };
    auto each = [&](Value i, ValueRange values) {
      SmallVector<Value> next(values);
      Value window = mlir::arith::IndexCastOp::create(e.b, e.b.getIndexType(),
                                                      e.load(offsets, i, 1));
      Value at =
          e.add(e.mul(e.add(i, -first), block.vectors * step), firstByte);
      reduce(next, block.vectors, window, weights, at, length);
      return next;
    };
    return e.loop(numberOf(0), numberOf(1), state, each);
  }
  // One block of a few: which vectors have rests is known. The state is by
  // pixel (or two), then by vector.
  SmallVector<Value> next(state);
  int64_t each = block.form.instructions->pairsPixels() ? 2 : 1,
          row = each * block.vectors, byte = firstByte;
  for (const Rest &rest : rests[block.firstNumber]) {
    for (int64_t v : rest.vectors) {
      SmallVector<Value> part;
      for (size_t at = v * each; at < next.size(); at += row)
        llvm::append_range(part, ArrayRef(next).slice(at, each));
      reduce(part, 1, e.index(windowOf(rest)), weights,
             e.index(byte + v * step), length);
      for (size_t at = v * each, from = 0; at < next.size();
           at += row, from += each)
        llvm::copy(ArrayRef(part).slice(from, each), next.begin() + at);
    }
    byte += block.vectors * step;
  }
  return next;
}

} // namespace qcc
