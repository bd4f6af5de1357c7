// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Packing, counting and looking up. See the header.

#include "BitReduction.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace qcc;

BitReduction::BitReduction(LayerEmitter &emitter, BitLayer layer)
    : e(emitter), bits(std::move(layer)), mac(bits.mac),
      counter(BitCounter::choose(e.facts)) {
  tile = {e.getConfig("mr"), e.getConfig("nv")};
  if (e.hasConfig("tables"))
    tables.emplace(*BitTables::of(bits, e.facts));
  lanes = counter->lanes;
  indexBits = counter->indexBits(bits.in.bits);
  if (comparesHalves())
    lanes = tables->lanes() / 2;
  vectorsAtOnce = kWord / lanes;
  if (tile.pixels > 1 && tile.groups == 1)
    vectorsAtOnce = std::min(vectorsAtOnce, counter->vectorsAtOnce);
  slots = llvm::alignTo(mac.outChannels, kWord);
  // A row of taps whose pixels follow each other is one run.
  columns = mac.kernelWidth;
  columnStride = stride(e.inputs[0], 2) * mac.dilationWidth;
  runWords = bits.words();
  if (columns > 1 && columnStride == bits.words() * bits.in.bits)
    runWords *= columns, columns = 1;
  packWeights();
  isNarrow = totalWords() * ((int64_t(1) << bits.in.bits) - 1) *
                 ((int64_t(1) << bits.weights.bits) - 1) <=
             counter->mostWeights;
  if (counter->looksUp)
    makeTables();
}

bool BitReduction::comparesHalves() const {
  return tables && tables->fitsHalves() && e.outputs[0].planes > 0;
}

bool BitReduction::leavesRowsOut() const {
  // Of windows that all have one constant, zeros count as well.
  return !tables && !mac.isMatrix && mac.dilationHeight == 1 &&
         (mac.padding[0] > 0 || mac.padding[1] > 0) &&
         (bits.in.base != 0 || !bits.weights.isXor);
}

void BitReduction::setWindow(Value row) {
  if (!leavesRowsOut())
    return;
  auto minus = [&](int64_t from) -> Value {
    return mlir::arith::SubIOp::create(e.b, e.index(from), row);
  };
  firstTaps =
      mlir::arith::MaxSIOp::create(e.b, minus(mac.padding[0]), e.index(0));
  endTaps = mlir::arith::MinSIOp::create(
      e.b, minus(mac.padding[0] + mac.inHeight), e.index(mac.kernelHeight));
}

int64_t BitReduction::groupWeights() const {
  return bits.weights.bits * totalWords() * kWord *
         (counter->looksUp ? wordBytes() : 1);
}

int64_t BitReduction::wordBytes() const {
  return static_cast<int64_t>(llvm::divideCeil(kWord, bitsPerByte()));
}

int64_t BitReduction::stride(const TensorView &view, size_t axis) const {
  if (!mac.isMatrix)
    return view.strides[axis];
  if (axis < 2)
    return 0;
  if (&view == &e.inputs[0])
    return bits.words() * bits.in.bits;
  return view.planes > 0 ? slots / kWord * view.planes : mac.outChannels;
}

uint32_t BitReduction::weightWord(int64_t o, int64_t j, int64_t tap,
                                  int64_t word) const {
  uint32_t value = 0;
  int64_t begin = word * kWord, end = std::min(begin + kWord, mac.inChannels);
  for (int64_t c = begin; c < end && o < mac.outChannels; ++c)
    value |= static_cast<uint32_t>(
                 bits.weightCode(o, tap * mac.inChannels + c) >> j & 1)
             << (c - begin);
  return value;
}

void BitReduction::packWeights() {
  const WeightPlanes &weights = bits.weights;
  std::vector<int32_t> packed;
  std::vector<int8_t> bytes;
  ones.assign(slots * mac.kernelHeight * weights.bits, 0);
  int64_t most = lanes == 1 ? 1 : tile.groups * vectorsAtOnce * lanes;
  int64_t whole = slots / most * most;
  auto forWords = [&](function_ref<void(int64_t tap, int64_t word)> body) {
    for (int64_t tap = 0; tap < mac.taps(); ++tap)
      for (int64_t word = 0; word < bits.words(); ++word)
        body(tap, word);
  };
  for (int64_t first = 0, block = 0; first < slots; first += block) {
    block = first < whole ? most : slots - whole;
    for (int64_t j = 0; j < weights.bits; ++j)
      forWords([&](int64_t tap, int64_t word) {
        for (int64_t o = first; o < first + block; ++o) {
          uint32_t value = weightWord(o, j, tap, word);
          ones[(o * mac.kernelHeight + tap / mac.kernelWidth) * weights.bits +
               j] += llvm::popcount(value);
          packed.push_back(static_cast<int32_t>(value));
        }
      });
    if (!counter->looksUp)
      continue;
    const int32_t *own = packed.data() + packed.size() -
                         weights.bits * mac.taps() * bits.words() * block;
    for (int64_t k = 0; k < mac.taps() * bits.words(); ++k)
      for (int64_t byte = 0; byte < wordBytes(); ++byte)
        for (int64_t j = 0; j < weights.bits; ++j)
          for (int64_t o = 0; o < block; ++o)
            bytes.push_back(static_cast<int8_t>(
                static_cast<uint32_t>(
                    own[(j * mac.taps() * bits.words() + k) * block + o]) >>
                    (bitsPerByte() * byte) &
                ((1U << bitsPerByte()) - 1)));
  }
  if (tables)
    return tables->begin(e, comparesHalves());
  weightTable = counter->looksUp
                    ? e.table("weights", ArrayRef<int8_t>(bytes))
                    : e.table("weights", ArrayRef<int32_t>(packed));
}

void BitReduction::makeTables() {
  for (int64_t i = 0; i < bits.in.bits; i += terms.back().planes) {
    bool isNegative = bits.in.weight(i) < 0;
    int64_t planes =
        i + 1 < bits.in.bits && isNegative == (bits.in.weight(i + 1) < 0) ? 2
                                                                          : 1;
    terms.push_back({i, planes, isNegative});
    if (!countTables[planes - 1])
      countTables[planes - 1] =
          makeCountTables(e, planes, indexBits, bits.weights.isXor);
  }
}

SmallVector<Value> BitReduction::reduce(ArrayRef<Value> starts, Value weights,
                                        int64_t vectors) {
  SmallVector<Value> sums = counter->looksUp
                                ? reduceByTables(starts, weights, vectors)
                                : reduceByPairs(starts, weights, vectors);
  if (isNarrow)
    for (Value &sum : sums)
      sum = counter->widen(e, sum);
  return sums;
}

void BitReduction::shiftSums(MutableArrayRef<Value> sums, int64_t places) {
  for (Value &sum : sums)
    sum = mlir::arith::ShLIOp::create(e.b, sum,
                                      e.constant(sum.getType(), places));
}

void BitReduction::addCounts(SmallVector<Value> &sums, ArrayRef<Value> counts,
                             bool isNegative) {
  if (sums.empty() && !isNegative) {
    llvm::append_range(sums, counts);
    return;
  }
  if (sums.empty())
    sums.assign(counts.size(), e.constant(counts[0].getType(), 0));
  for (auto [sum, count] : llvm::zip(sums, counts))
    sum = isNegative ? Value(mlir::arith::SubIOp::create(e.b, sum, count))
                     : Value(mlir::arith::AddIOp::create(e.b, sum, count));
}

SmallVector<Value> BitReduction::reduceByPairs(ArrayRef<Value> starts,
                                               Value weights, int64_t vectors) {
  SmallVector<Value> sums;
  int64_t planeWeights = totalWords() * vectors * lanes;
  for (int64_t exponent = bits.in.bits + bits.weights.bits - 2; exponent >= 0;
       --exponent) {
    shiftSums(sums, 1);
    for (int64_t i = 0; i < bits.in.bits; ++i) {
      int64_t j = exponent - i;
      if (j < 0 || j >= bits.weights.bits)
        continue;
      bool isNegative = (bits.in.weight(i) < 0) != bits.weights.isNegative(j);
      Value from = e.add(weights, j * planeWeights);
      addCounts(sums,
                countAll(starts.size() * vectors, vectors * lanes,
                         counter->mostWords, from,
                         [&](MutableArrayRef<Value> states, Value inAt,
                             Value weightAt, int64_t count) {
                           countWords(states, starts, e.add(inAt, i), weightAt,
                                      vectors, count);
                         }),
                isNegative);
    }
  }
  return sums;
}

SmallVector<Value> BitReduction::reduceByTables(ArrayRef<Value> starts,
                                                Value weights,
                                                int64_t vectors) {
  SmallVector<Value> sums;
  int64_t planes = bits.weights.bits,
          size = static_cast<int64_t>(starts.size()) * vectors;
  for (const Term &term : llvm::reverse(terms)) {
    // [plane][pixel][vector]
    SmallVector<Value> counts = countAll(
        planes * size, planes * vectors * lanes * wordBytes(),
        counter->mostWords / ((int64_t(1) << term.planes) - 1), weights,
        [&](MutableArrayRef<Value> states, Value inAt, Value weightAt,
            int64_t) {
          lookUpWord(states, starts, e.add(inAt, term.in), weightAt, vectors,
                     term.planes);
        });
    SmallVector<Value> own;
    for (int64_t j = planes - 1; j >= 0; --j) {
      shiftSums(own, 1);
      addCounts(own, ArrayRef<Value>(counts).slice(j * size, size),
                bits.weights.isNegative(j));
    }
    shiftSums(sums, term.planes);
    addCounts(sums, own, term.isNegative);
  }
  return sums;
}

void BitReduction::countWords(MutableArrayRef<Value> states,
                              ArrayRef<Value> starts, Value inAt,
                              Value weightAt, int64_t vectors, int64_t count) {
  int64_t perWord = vectors * lanes, inWord = bits.in.bits;
  size_t stateSize = states.size() / (starts.size() * vectors);
  SmallVector<Value> words;
  for (Value start : starts)
    for (int64_t k = 0; k < count; ++k)
      words.push_back(e.splat(
          e.load(e.inputs[0].memref, e.add(e.add(start, inAt), k * inWord), 1),
          lanes));
  for (int64_t v = 0; v < vectors; ++v) {
    SmallVector<Value> weights;
    for (int64_t k = 0; k < count; ++k)
      weights.push_back(e.load(weightTable,
                               e.add(weightAt, k * perWord + v * lanes), lanes,
                               lanes == 1 ? 4 : lanes * 4));
    for (size_t p = 0; p < starts.size(); ++p) {
      SmallVector<Value> combined;
      for (int64_t k = 0; k < count; ++k) {
        Value word = words[p * count + k], weight = weights[k];
        combined.push_back(
            bits.weights.isXor
                ? Value(mlir::arith::XOrIOp::create(e.b, word, weight))
                : Value(mlir::arith::AndIOp::create(e.b, word, weight)));
      }
      counter->count(e, states.slice((p * vectors + v) * stateSize, stateSize),
                     combined);
    }
  }
}

void BitReduction::lookUpWord(MutableArrayRef<Value> states,
                              ArrayRef<Value> starts, Value inAt,
                              Value weightAt, int64_t vectors, int64_t planes) {
  int64_t entries = int64_t(1) << indexBits;
  auto bytes = VectorType::get({lanes}, e.b.getI8Type());
  Type i32 = e.b.getI32Type();
  int64_t perByte = bits.weights.bits * vectors * lanes;
  auto size = static_cast<int64_t>(starts.size());
  SmallVector<Value> carried(states);
  for (Value start : starts)
    for (int64_t i = 0; i < planes; ++i)
      carried.push_back(
          e.load(e.inputs[0].memref, e.add(e.add(start, inAt), i), 1));
  // What the bits from number `first` on of each plane point to.
  auto tableOf = [&](ValueRange words, int64_t first) {
    Value at;
    for (auto [i, word] : llvm::enumerate(words)) {
      int64_t places = static_cast<int64_t>(i + 1) * indexBits - first;
      Value moved = word;
      if (places > 0)
        moved = mlir::arith::ShLIOp::create(e.b, word, e.constant(i32, places));
      moved = mlir::arith::AndIOp::create(
          e.b, moved, e.constant(i32, (entries - 1) << (places + first)));
      at = at ? Value(mlir::arith::OrIOp::create(e.b, at, moved)) : moved;
    }
    at = mlir::arith::IndexCastUIOp::create(e.b, e.b.getIndexType(), at);
    return e.load(countTables[planes - 1], at, lanes, entries);
  };
  carried = e.loop(wordBytes(), carried, [&](Value k, ValueRange before) {
    SmallVector<Value> next(before);
    MutableArrayRef<Value> sums =
                               MutableArrayRef(next).take_front(states.size()),
                           words =
                               MutableArrayRef(next).drop_front(states.size());
    Value row = e.add(weightAt, e.mul(k, perByte));
    SmallVector<Value> pairs;
    for (int64_t n = 0; n < bits.weights.bits * vectors; ++n)
      pairs.push_back(e.load(weightTable, e.add(row, n * lanes), lanes, lanes));
    for (int64_t first = 0; first < bitsPerByte(); first += indexBits) {
      SmallVector<Value> indices;
      for (Value pair : pairs)
        indices.push_back(bitsPerByte() == indexBits ? pair
                          : first == 0
                              ? Value(mlir::arith::AndIOp::create(
                                    e.b, pair, e.constant(bytes, entries - 1)))
                              : Value(mlir::arith::ShRUIOp::create(
                                    e.b, pair, e.constant(bytes, indexBits))));
      // Like with like: cores that go in order would wait for each.
      SmallVector<Value> tables, counts;
      for (int64_t p = 0; p < size; ++p)
        tables.push_back(tableOf(words.slice(p * planes, planes), first));
      for (Value table : tables)
        for (Value index : indices)
          counts.push_back(counter->lookUp(e, table, index));
      for (auto [i, count] : llvm::enumerate(counts)) {
        auto n = static_cast<int64_t>(i % indices.size()),
             p = static_cast<int64_t>(i / indices.size());
        Value &sum = sums[(n / vectors * size + p) * vectors + n % vectors];
        sum = mlir::arith::AddIOp::create(e.b, sum, count);
      }
    }
    for (Value &word : words)
      word = mlir::arith::ShRUIOp::create(e.b, word,
                                          e.constant(i32, bitsPerByte()));
    return next;
  });
  llvm::copy(ArrayRef<Value>(carried).take_front(states.size()),
             states.begin());
}

SmallVector<Value> BitReduction::countAll(int64_t size, int64_t perWord,
                                          int64_t mostWords, Value weights,
                                          CountStep countStep) {
  int64_t inWord = bits.in.bits;
  size_t stateSize = 0;
  auto begin = [&] {
    SmallVector<Value> states;
    for (int64_t i = 0; i < size; ++i) {
      SmallVector<Value> state = counter->begin(e);
      stateSize = state.size();
      llvm::append_range(states, state);
    }
    return states;
  };
  auto flush = [&](ArrayRef<Value> states) {
    SmallVector<Value> sums;
    for (int64_t i = 0; i < size; ++i) {
      Value sum = counter->flush(e, states.slice(i * stateSize, stateSize));
      sums.push_back(isNarrow ? sum : counter->widen(e, sum));
    }
    return sums;
  };
  auto addFlushed = [&](ValueRange sums, ArrayRef<Value> states) {
    SmallVector<Value> result;
    for (auto [sum, count] : llvm::zip(sums, flush(states)))
      result.push_back(mlir::arith::AddIOp::create(e.b, sum, count));
    return result;
  };
  auto zeros = [&] {
    SmallVector<Value> sums = flush(begin());
    for (Value &sum : sums)
      sum = e.constant(sum.getType(), 0);
    return sums;
  };
  // Some words of each pixel, that are counted together.
  auto step = [&](SmallVector<Value> states, Value inAt, Value weightAt,
                  int64_t count) {
    countStep(states, inAt, weightAt, count);
    return states;
  };
  int64_t unroll = counter->unroll;
  auto run = [&](SmallVector<Value> counts, Value inAt, Value weightAt,
                 int64_t count) {
    int64_t trips = count / unroll;
    auto several = [&](SmallVector<Value> state, Value at, Value weight,
                       int64_t number) {
      for (int64_t k = 0; k < number; k += counter->together)
        state = step(std::move(state), e.add(at, k * inWord),
                     e.add(weight, k * perWord),
                     std::min(counter->together, number - k));
      return state;
    };
    counts = e.loop(trips, counts, [&](Value t, ValueRange carried) {
      return several(SmallVector<Value>(carried),
                     e.add(inAt, e.mul(t, unroll * inWord)),
                     e.add(weightAt, e.mul(t, unroll * perWord)), unroll);
    });
    return several(std::move(counts), e.add(inAt, trips * unroll * inWord),
                   e.add(weightAt, trips * unroll * perWord),
                   count - trips * unroll);
  };
  int64_t inRow = stride(e.inputs[0], 1) * mac.dilationHeight;
  int64_t perRow = columns * runWords;
  auto forRuns =
      [&](SmallVector<Value> state,
          function_ref<SmallVector<Value>(SmallVector<Value>, Value, Value)>
              body) {
        return e.loop(columns, state, [&](Value x, ValueRange carried) {
          return body(SmallVector<Value>(carried), e.mul(x, columnStride),
                      e.mul(x, runWords * perWord));
        });
      };
  auto forRows =
      [&](SmallVector<Value> state,
          function_ref<SmallVector<Value>(SmallVector<Value>, Value, Value)>
              body) {
        auto row = [&](Value y, ValueRange carried) {
          return body(SmallVector<Value>(carried), e.mul(y, inRow),
                      e.mul(y, perRow * perWord));
        };
        if (firstTaps)
          return e.loop(firstTaps, endTaps, state, row);
        return e.loop(mac.kernelHeight, state, row);
      };
  auto rowOf = [&](SmallVector<Value> counts, Value rowIn, Value rowWeights) {
    return forRuns(std::move(counts), [&](SmallVector<Value> state, Value in,
                                          Value weight) {
      return run(std::move(state), e.add(rowIn, in),
                 e.add(e.add(weights, rowWeights), weight), runWords);
    });
  };
  // What is gathered holds so many words: of the window, a row of it, or
  // some of a run.
  if (totalWords() <= mostWords)
    return flush(forRows(begin(), rowOf));
  if (perRow <= mostWords)
    return forRows(zeros(),
                   [&](SmallVector<Value> sums, Value rowIn, Value rowWeights) {
                     return addFlushed(sums, rowOf(begin(), rowIn, rowWeights));
                   });
  int64_t most = mostWords / unroll * unroll;
  return forRows(zeros(), [&](SmallVector<Value> rowSums, Value rowIn,
                              Value rowWeights) {
    return forRuns(std::move(rowSums), [&](SmallVector<Value> sums, Value in,
                                           Value weight) {
      Value inAt = e.add(rowIn, in),
            weightAt = e.add(e.add(weights, rowWeights), weight);
      int64_t trips = runWords / most;
      sums = e.loop(trips, sums, [&](Value t, ValueRange carried) {
        return addFlushed(carried,
                          run(begin(), e.add(inAt, e.mul(t, most * inWord)),
                              e.add(weightAt, e.mul(t, most * perWord)), most));
      });
      if (runWords % most)
        sums = addFlushed(sums, run(begin(), e.add(inAt, trips * most * inWord),
                                    e.add(weightAt, trips * most * perWord),
                                    runWords % most));
      return sums;
    });
  });
}
