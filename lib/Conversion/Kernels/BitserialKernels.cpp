// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bit-serial kernel: convolutions and matrix products of few bits as xor or
// and of bit-planes and counts of bits (BitPlanes.h says why that is exact). A
// register tile is `mr` pixels by `nv` times 32 output channels, one channel to
// a lane; a word of 32 activations is repeated in all lanes and meets the same
// 32 of every channel's weights. Results of few bits are compared with
// thresholds per channel, which were found from the exact requantization, and
// what the comparisons give are the bits of the result's planes.
//
// Spare bits of activations are 0, which is −1 in a bipolar tensor and not the
// 0 that padding means: thresholds and biases then depend on which taps lie
// outside, of which there are few cases along each axis.

#include "BitLayer.h"
#include "KernelSupport.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace qcc;

namespace {

struct BitTile {
  int64_t pixels = 1, groups = 1;
};

class BitserialKernel final : public Kernel {
public:
  BitserialKernel(StringRef kernelName, StringRef anchorName)
      : kernelName(kernelName), anchorName(anchorName) {}
  StringRef getName() const override { return kernelName; }
  StringRef getAnchor() const override { return anchorName; }
  KernelFamily getFamily() const override { return KernelFamily::BitSerial; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    FailureOr<BitLayer> bits = BitLayer::read(layer, why);
    if (failed(bits))
      return failure();
    const MacLayer &mac = bits->mac;
    if (mac.needsFloats() && !hasFloats(facts, why))
      return failure();
    auto counter = BitCounter::choose(facts);
    int64_t groups =
        static_cast<int64_t>(llvm::divideCeil(mac.outChannels, kWord));
    BitTile tile;
    if (counter->lanes == 1) {
      tile.pixels = std::min(mac.outWidth, counter->mostAccumulators);
    } else {
      int64_t perGroup = kWord / counter->lanes;
      tile.groups = std::clamp<int64_t>(
          std::min<int64_t>(groups, counter->mostAccumulators / perGroup), 1,
          2);
      if (groups % tile.groups != 0)
        tile.groups = 1;
      tile.pixels = std::clamp<int64_t>(counter->mostAccumulators /
                                            (perGroup * tile.groups),
                                        1, mac.outWidth);
    }
    Builder b(layer.getContext());
    KernelChoice choice;
    auto pixels = static_cast<double>(mac.batch * mac.outHeight * mac.outWidth),
         vectors = static_cast<double>(counter->lanes == 1
                                           ? mac.outChannels
                                           : groups * kWord / counter->lanes),
         words = static_cast<double>(mac.taps() * bits->words());
    double loads = 0.5 / static_cast<double>(tile.pixels) +
                   0.5 * static_cast<double>(counter->lanes) /
                       static_cast<double>(tile.groups * kWord);
    auto flushes =
        std::max(1.0, words / static_cast<double>(counter->mostWords));
    double perVector = static_cast<double>(bits->pairs()) *
                           (words * (counter->cyclesPerWord + loads) +
                            flushes * counter->cyclesPerFlush) +
                       4;
    // What reads bytes is packed first.
    choice.cycles =
        pixels * vectors * perVector +
        static_cast<double>(
            cast<ShapedType>(mac.input.getType()).getNumElements()) /
            16;
    choice.config = {b.getNamedAttr("mr", b.getI64IntegerAttr(tile.pixels)),
                     b.getNamedAttr("nv", b.getI64IntegerAttr(tile.groups))};
    choice.inputs.resize(layer.getInputs().size());
    choice.inputs[0].acceptsPadding = !mac.isMatrix;
    choice.inputs[0].padding = mac.padding;
    choice.inputs[0].planes = Planes::Always;
    choice.producesPadding = !mac.isMatrix;
    choice.producesPlanes = bits->out.has_value();
    choice.walks = mac.rowWalks(facts);
    return choice;
  }

  LogicalResult emit(LayerEmitter &e) const override;

private:
  StringRef kernelName, anchorName;
};

/// The emission of one layer.
class BitserialEmitter {
public:
  BitserialEmitter(LayerEmitter &e, BitLayer layer)
      : e(e), bits(std::move(layer)), mac(bits.mac),
        counter(BitCounter::choose(e.facts)),
        rowClasses(mac.outHeight, mac.inHeight, mac.strideHeight,
                   mac.dilationHeight, mac.kernelHeight, mac.padding[0]),
        columnClasses(mac.outWidth, mac.inWidth, mac.strideWidth,
                      mac.dilationWidth, mac.kernelWidth, mac.padding[2]) {
    tile = {e.getConfig("mr"), e.getConfig("nv")};
    lanes = counter->lanes;
    planesOut = e.outputs[0].planes;
    slots = llvm::alignTo(mac.outChannels, kWord);
    hasBorders = bits.in.base != 0 && !mac.isMatrix &&
                 llvm::any_of(mac.padding, [](int64_t p) { return p != 0; });
    if (hasBorders)
      numClasses = rowClasses.count() * columnClasses.count();
    pixelWords = bits.words() * bits.in.bits;
    // A row of taps whose pixels follow each other is one run.
    columns = mac.kernelWidth;
    columnStride = stride(e.inputs[0], 2) * mac.dilationWidth;
    runWords = bits.words();
    if (columns > 1 && columnStride == pixelWords)
      runWords *= columns, columns = 1;
    packWeights();
    makeEnds();
  }

  void emit() {
    KernelChoice choice = e.getChoice();
    int64_t groups = slots / kWord, whole = groups / tile.groups,
            rest = groups % tile.groups;
    auto forBlocks = [&](function_ref<void(Value group, int64_t count)> body) {
      e.loop(whole, [&](Value i) { body(e.mul(i, tile.groups), tile.groups); });
      if (rest)
        body(e.index(whole * tile.groups), rest);
    };
    if (!choice.walks.empty())
      return e.forEachStep(
          mac.outHeight, choice.walks[0].rows, [&](Value first, Value rows) {
            forBlocks([&](Value group, int64_t count) {
              e.loop(rows, [&](Value y) {
                emitRow(group, count, e.index(0), e.add(first, y));
              });
            });
          });
    e.inParallel([&] {
      forBlocks([&](Value group, int64_t count) {
        e.splitLoop(mac.batch, [&](Value n) {
          e.splitLoop(mac.outHeight,
                      [&](Value y) { emitRow(group, count, n, y); });
        });
      });
    });
  }

private:
  /// Elements (words of planes) from one batch, row or pixel to the next.
  int64_t stride(const TensorView &view, size_t axis) const {
    if (!mac.isMatrix)
      return view.strides[axis];
    if (axis < 2)
      return 0;
    if (&view == &e.inputs[0])
      return bits.words() * bits.in.bits;
    return view.planes > 0 ? slots / kWord * view.planes : mac.outChannels;
  }

  int64_t totalWords() const { return mac.kernelHeight * columns * runWords; }

  /// The value of a weight in steps.
  int64_t valueOf(int64_t o, int64_t k) const {
    int64_t step = bits.weights.steps[o];
    return step == 0 ? 0 : (mac.weight(o, k) - mac.weightZeros[o]) / step;
  }

  /// [block of channels][plane][row][column][word][vector][lane].
  void packWeights() {
    const WeightPlanes &weights = bits.weights;
    std::vector<int32_t> packed;
    ones.assign(slots * weights.bits, 0);
    int64_t most = lanes == 1 ? 1 : tile.groups * kWord;
    int64_t whole = slots / most * most;
    for (int64_t first = 0, block = 0; first < slots; first += block) {
      block = first < whole ? most : slots - whole;
      for (int64_t j = 0; j < weights.bits; ++j)
        for (int64_t tap = 0; tap < mac.taps(); ++tap)
          for (int64_t word = 0; word < bits.words(); ++word)
            for (int64_t o = first; o < first + block; ++o) {
              uint32_t value = 0;
              int64_t begin = word * kWord,
                      end = std::min(begin + kWord, mac.inChannels);
              for (int64_t c = begin;
                   c < end && o < mac.outChannels && weights.steps[o]; ++c)
                value |=
                    static_cast<uint32_t>(
                        weights.encode(valueOf(o, tap * mac.inChannels + c)) >>
                            j &
                        1)
                    << (c - begin);
              ones[o * weights.bits + j] += llvm::popcount(value);
              packed.push_back(static_cast<int32_t>(value));
            }
    }
    weightTable = e.table("weights", ArrayRef<int32_t>(packed));
  }

  /// What a channel's sum is beside its steps times D, for each class of
  /// border.
  int64_t constantOf(int64_t o, int64_t number) const {
    std::pair<int64_t, int64_t> rows = {0, mac.kernelHeight},
                                columns = {0, mac.kernelWidth};
    if (hasBorders) {
      rows = rowClasses.taps[number / columnClasses.count()];
      columns = columnClasses.taps[number % columnClasses.count()];
    }
    int64_t inside = 0;
    for (int64_t y = rows.first; bits.in.base && y < rows.second; ++y)
      for (int64_t x = columns.first; x < columns.second; ++x)
        for (int64_t c = 0; c < mac.inChannels; ++c)
          inside += valueOf(o, (y * mac.kernelWidth + x) * mac.inChannels + c);
    int64_t sum = bits.in.base * inside;
    const WeightPlanes &weights = bits.weights;
    for (int64_t i = 0; weights.isXor && i < bits.in.bits; ++i)
      for (int64_t j = 0; j < weights.bits; ++j)
        sum +=
            bits.in.weight(i) * (int64_t(1) << j) * ones[o * weights.bits + j];
    return mac.biases[o] + weights.steps[o] * sum;
  }

  /// Tables of what makes results of D: thresholds, or factors and biases.
  void makeEnds() {
    auto factorOf = [&](int64_t o) {
      return bits.weights.steps[o] * bits.in.unit;
    };
    if (planesOut == 0) {
      std::vector<int32_t> bias(numClasses * slots, 0), factors(slots, 0);
      RequantSpec spec(slots);
      for (int64_t o = 0; o < mac.outChannels; ++o) {
        spec[o] = mac.requant[o];
        int64_t factor = factorOf(o);
        factors[o] =
            static_cast<int32_t>(bits.weights.isXor ? -factor : factor);
      }
      for (int64_t o = mac.outChannels; o < slots; ++o)
        factors[o] = factors[0];
      requantizer.emplace(e, "requant", std::move(spec), lanes);
      for (int64_t number = 0; number < numClasses; ++number)
        for (int64_t o = 0; o < mac.outChannels; ++o)
          bias[number * slots + o] =
              addWrapping(static_cast<int32_t>(constantOf(o, number)),
                          requantizer->accOffset(o));
      biasTable = e.table("bias", ArrayRef<int32_t>(bias));
      if (llvm::all_equal(factors))
        commonFactor = factors.front();
      else
        factorTable = e.table("factors", ArrayRef<int32_t>(factors));
    } else {
      std::vector<int32_t> thresholds;
      for (int64_t m = valueStep(); m <= bits.hi - bits.lo; m += valueStep())
        for (int64_t number = 0; number < numClasses; ++number)
          for (int64_t o = 0; o < slots; ++o)
            thresholds.push_back(thresholdOf(o, number, m, factorOf));
      thresholdTable = e.table("thresholds", ArrayRef<int32_t>(thresholds));
    }
    if (numClasses == 1)
      return;
    auto offsets = [&](const BorderClasses &classes, int64_t unit) {
      std::vector<int32_t> values;
      for (int64_t number : classes.classOf)
        values.push_back(static_cast<int32_t>(number * unit));
      return values;
    };
    rowTable = e.table(
        "row_classes",
        ArrayRef<int32_t>(offsets(rowClasses, columnClasses.count() * slots)));
    columnTable = e.table("column_classes",
                          ArrayRef<int32_t>(offsets(columnClasses, slots)));
  }

  /// From one value of a result of few bits to the next: a bipolar one is never
  /// between.
  int64_t valueStep() const { return bits.out->unit; }

  /// What D is compared with for a result of `lo` + m and more: it must be
  /// below the threshold where words are combined by xor, else above it.
  int32_t thresholdOf(int64_t o, int64_t number, int64_t m,
                      function_ref<int64_t(int64_t)> factorOf) const {
    int32_t always = bits.weights.isXor ? INT32_MAX : INT32_MIN,
            never = bits.weights.isXor ? INT32_MIN : INT32_MAX;
    // Bits without a channel are 0.
    if (o >= mac.outChannels)
      return bits.lo + m <= bits.outZero + bits.out->base ? always : never;
    auto steps = *qcc::arith::StepFunction::of(mac.requant[o]);
    if (steps.firstValue() >= bits.lo + m)
      return always;
    auto step = llvm::find_if(steps.getSteps(), [&](const auto &s) {
      return s.value >= bits.lo + m;
    });
    if (step == steps.getSteps().end())
      return never;
    int64_t missing = step->at - constantOf(o, number), factor = factorOf(o);
    if (factor == 0)
      return missing <= 0 ? always : never;
    int64_t threshold = bits.weights.isXor
                            ? llvm::divideFloorSigned(-missing, factor) + 1
                            : llvm::divideCeilSigned(missing, factor) - 1;
    return static_cast<int32_t>(std::clamp<int64_t>(
        threshold, int64_t(INT32_MIN) + 1, int64_t(INT32_MAX) - 1));
  }

  void emitRow(Value group, int64_t groups, Value n, Value y) {
    const TensorView &in = e.inputs[0], &out = e.outputs[0];
    int64_t origin = in.base;
    if (!mac.isMatrix)
      origin -= mac.padding[0] * stride(in, 1) + mac.padding[2] * stride(in, 2);
    Value inRow = e.add(e.add(e.mul(n, stride(in, 0)),
                              e.mul(y, stride(in, 1) * mac.strideHeight)),
                        origin);
    Value outRow = e.add(
        e.add(e.mul(n, stride(out, 0)), e.mul(y, stride(out, 1))), out.base);
    int64_t full = mac.outWidth / tile.pixels,
            rest = mac.outWidth % tile.pixels;
    auto at = [&](Value x, int64_t pixels) {
      e.once([&] {
        SmallVector<Value> starts, classes;
        for (int64_t p = 0; p < pixels; ++p) {
          Value column = e.add(x, p);
          starts.push_back(
              e.add(inRow, e.mul(column, stride(in, 2) * mac.strideWidth)));
          classes.push_back(classAt(y, column));
        }
        emitTile(group, groups, starts, e.add(outRow, e.mul(x, stride(out, 2))),
                 classes);
      });
    };
    e.splitLoop(full, [&](Value t) { at(e.mul(t, tile.pixels), tile.pixels); });
    if (rest)
      at(e.index(full * tile.pixels), rest);
  }

  /// Where the constants of the border class of a pixel begin.
  Value classAt(Value y, Value x) {
    if (numClasses == 1)
      return e.index(0);
    Value sum = mlir::arith::AddIOp::create(e.b, e.load(rowTable, y, 1),
                                            e.load(columnTable, x, 1));
    return mlir::arith::IndexCastOp::create(e.b, e.b.getIndexType(), sum);
  }

  /// D of `vectors` vectors of channels of each pixel, [pixel][vector].
  SmallVector<Value> reduce(ArrayRef<Value> starts, Value weights,
                            int64_t vectors) {
    Type type = LayerEmitter::lanesOf(e.b.getI32Type(), lanes);
    SmallVector<Value> sums;
    int64_t planeWeights = totalWords() * vectors * lanes;
    for (int64_t exponent = bits.in.bits + bits.weights.bits - 2; exponent >= 0;
         --exponent) {
      for (Value &sum : sums)
        sum = mlir::arith::ShLIOp::create(e.b, sum, e.constant(type, 1));
      for (int64_t i = 0; i < bits.in.bits; ++i) {
        int64_t j = exponent - i;
        if (j < 0 || j >= bits.weights.bits)
          continue;
        bool isNegative = (bits.in.weight(i) < 0) != bits.weights.isNegative(j);
        SmallVector<Value> from;
        for (Value start : starts)
          from.push_back(e.add(start, i));
        SmallVector<Value> counts =
            countPlanes(from, e.add(weights, j * planeWeights), vectors);
        if (sums.empty() && !isNegative) {
          sums = counts;
          continue;
        }
        if (sums.empty())
          sums.assign(counts.size(), e.constant(type, 0));
        for (auto [sum, count] : llvm::zip(sums, counts))
          sum = isNegative
                    ? Value(mlir::arith::SubIOp::create(e.b, sum, count))
                    : Value(mlir::arith::AddIOp::create(e.b, sum, count));
      }
    }
    return sums;
  }

  /// Bits that one plane of activations and one of weights have together.
  SmallVector<Value> countPlanes(ArrayRef<Value> starts, Value weights,
                                 int64_t vectors) {
    size_t size = starts.size() * static_cast<size_t>(vectors);
    int64_t perWord = vectors * lanes, inWord = bits.in.bits;
    size_t stateSize = 0;
    auto begin = [&] {
      SmallVector<Value> states;
      for (size_t i = 0; i < size; ++i) {
        SmallVector<Value> state = counter->begin(e);
        stateSize = state.size();
        llvm::append_range(states, state);
      }
      return states;
    };
    auto flush = [&](ArrayRef<Value> states) {
      SmallVector<Value> sums;
      for (size_t i = 0; i < size; ++i)
        sums.push_back(
            counter->flush(e, states.slice(i * stateSize, stateSize)));
      return sums;
    };
    auto addFlushed = [&](ValueRange sums, ArrayRef<Value> states) {
      SmallVector<Value> result;
      for (auto [sum, count] : llvm::zip(sums, flush(states)))
        result.push_back(mlir::arith::AddIOp::create(e.b, sum, count));
      return result;
    };
    auto zeros = [&] {
      Type type = LayerEmitter::lanesOf(e.b.getI32Type(), lanes);
      return SmallVector<Value>(size, e.constant(type, 0));
    };
    // Some words of each pixel, that are counted together.
    auto step = [&](SmallVector<Value> states, Value inAt, Value weightAt,
                    int64_t count) {
      SmallVector<Value> words;
      for (Value start : starts)
        for (int64_t k = 0; k < count; ++k)
          words.push_back(
              e.splat(e.load(e.inputs[0].memref,
                             e.add(e.add(start, inAt), k * inWord), 1),
                      lanes));
      for (int64_t v = 0; v < vectors; ++v) {
        SmallVector<Value> weights;
        for (int64_t k = 0; k < count; ++k)
          weights.push_back(e.load(weightTable,
                                   e.add(weightAt, k * perWord + v * lanes),
                                   lanes, lanes == 1 ? 4 : lanes * 4));
        for (size_t p = 0; p < starts.size(); ++p) {
          SmallVector<Value> combined;
          for (int64_t k = 0; k < count; ++k) {
            Value word = words[p * count + k], weight = weights[k];
            combined.push_back(
                bits.weights.isXor
                    ? Value(mlir::arith::XOrIOp::create(e.b, word, weight))
                    : Value(mlir::arith::AndIOp::create(e.b, word, weight)));
          }
          counter->count(e,
                         MutableArrayRef(states).slice(
                             (p * vectors + v) * stateSize, stateSize),
                         combined);
        }
      }
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
          return e.loop(
              mac.kernelHeight, state, [&](Value y, ValueRange carried) {
                return body(SmallVector<Value>(carried), e.mul(y, inRow),
                            e.mul(y, perRow * perWord));
              });
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
    if (totalWords() <= counter->mostWords)
      return flush(forRows(begin(), rowOf));
    if (perRow <= counter->mostWords)
      return forRows(
          zeros(), [&](SmallVector<Value> sums, Value rowIn, Value rowWeights) {
            return addFlushed(sums, rowOf(begin(), rowIn, rowWeights));
          });
    int64_t most = counter->mostWords / unroll * unroll;
    return forRows(zeros(), [&](SmallVector<Value> rowSums, Value rowIn,
                                Value rowWeights) {
      return forRuns(std::move(rowSums), [&](SmallVector<Value> sums, Value in,
                                             Value weight) {
        Value inAt = e.add(rowIn, in),
              weightAt = e.add(e.add(weights, rowWeights), weight);
        int64_t trips = runWords / most;
        sums = e.loop(trips, sums, [&](Value t, ValueRange carried) {
          return addFlushed(
              carried, run(begin(), e.add(inAt, e.mul(t, most * inWord)),
                           e.add(weightAt, e.mul(t, most * perWord)), most));
        });
        if (runWords % most)
          sums =
              addFlushed(sums, run(begin(), e.add(inAt, trips * most * inWord),
                                   e.add(weightAt, trips * most * perWord),
                                   runWords % most));
        return sums;
      });
    });
  }

  /// The bits of the result's planes from the comparisons of D with each
  /// threshold, i1 or vectors of it.
  SmallVector<Value> planesFrom(function_ref<Value(int64_t m)> reaches) {
    const qnn::BitCode &code = *bits.out;
    SmallVector<Value> planes(planesOut);
    auto codeOf = [&](int64_t q) { return code.encode(q - bits.outZero); };
    int64_t stepSize = valueStep();
    auto flip = [&](Value &plane, Value by) {
      plane = plane ? Value(mlir::arith::XOrIOp::create(e.b, plane, by)) : by;
    };
    for (int64_t m = stepSize; m <= bits.hi - bits.lo; m += stepSize) {
      int64_t changed = codeOf(bits.lo + m) ^ codeOf(bits.lo + m - stepSize);
      Value reached = reaches(m);
      for (int64_t n = 0; n < planesOut; ++n)
        if (changed >> n & 1)
          flip(planes[n], reached);
    }
    for (int64_t n = 0; n < planesOut; ++n)
      if (codeOf(bits.lo) >> n & 1)
        flip(planes[n], e.constant(planes[n].getType(), 1));
    return planes;
  }

  Value compare(Value sum, Value slot, Value classOffset, int64_t m) {
    Value at = e.add(e.add(slot, classOffset),
                     (m / valueStep() - 1) * numClasses * slots);
    return mlir::arith::CmpIOp::create(
        e.b,
        bits.weights.isXor ? mlir::arith::CmpIPredicate::slt
                           : mlir::arith::CmpIPredicate::sgt,
        sum, e.load(thresholdTable, at, lanes, lanes == 1 ? 4 : lanes * 4));
  }

  /// One register tile: the pixels whose windows begin at `starts`, to element
  /// `out`, of `groups` groups of 32 channels from number `group` on.
  void emitTile(Value group, int64_t groups, ArrayRef<Value> starts, Value out,
                ArrayRef<Value> classes) {
    int64_t pixelStride = stride(e.outputs[0], 2);
    int64_t groupWeights = bits.weights.bits * totalWords() * kWord;
    if (lanes == 1)
      return emitScalarTile(group, groups, starts, out, classes);
    int64_t perGroup = kWord / lanes, vectors = perGroup * groups;
    Value slot = e.mul(group, kWord);
    SmallVector<Value> sums =
        reduce(starts, e.mul(group, groupWeights), vectors);
    for (size_t p = 0; p < starts.size(); ++p) {
      Value to = e.add(out, static_cast<int64_t>(p) * pixelStride);
      ArrayRef<Value> own = ArrayRef<Value>(sums).slice(p * vectors, vectors);
      for (int64_t g = 0; g < groups; ++g) {
        auto some = own.slice(g * perGroup, perGroup);
        Value firstSlot = e.add(slot, g * kWord);
        if (planesOut > 0)
          storePlanes(some, firstSlot, classes[p],
                      e.add(to, e.mul(e.add(group, g), planesOut)));
        else
          storeBytes(some, firstSlot, classes[p], to);
      }
    }
  }

  void storePlanes(ArrayRef<Value> sums, Value slot, Value classOffset,
                   Value to) {
    auto compareAt = [&](size_t v, int64_t m) {
      return compare(sums[v], e.add(slot, static_cast<int64_t>(v) * lanes),
                     classOffset, m);
    };
    SmallVector<Value> words;
    if (e.facts.isa == IsaFamily::X86) {
      SmallVector<Value> planes = planesFrom([&](int64_t m) {
        SmallVector<Value> parts;
        for (size_t v = 0; v < sums.size(); ++v)
          parts.push_back(compareAt(v, m));
        return e.concat(parts);
      });
      for (Value plane : planes)
        words.push_back(wordOf(e, plane));
    } else {
      words = wordsFromLanes(sums.size(), [&](size_t v) {
        return planesFrom([&](int64_t m) { return compareAt(v, m); });
      });
    }
    for (auto [n, word] : llvm::enumerate(words))
      e.store(word, e.outputs[0].memref, e.add(to, static_cast<int64_t>(n)));
  }

  /// Words of planes where comparisons fill lanes rather than bits: each lane
  /// keeps its own bit, and all are joined.
  SmallVector<Value>
  wordsFromLanes(size_t vectors,
                 function_ref<SmallVector<Value>(size_t v)> planesAt) {
    auto type = VectorType::get({lanes}, e.b.getI32Type());
    SmallVector<Value> joined;
    for (size_t v = 0; v < vectors; ++v) {
      SmallVector<int32_t> own;
      for (int64_t lane = 0; lane < lanes; ++lane)
        own.push_back(static_cast<int32_t>(
            uint32_t(1) << (static_cast<int64_t>(v) * lanes + lane)));
      Value bit = mlir::arith::ConstantOp::create(
          e.b, DenseElementsAttr::get(type, ArrayRef<int32_t>(own)));
      for (auto [n, plane] : llvm::enumerate(planesAt(v))) {
        Value some =
            mlir::arith::SelectOp::create(e.b, plane, bit, e.constant(type, 0));
        if (v == 0)
          joined.push_back(some);
        else
          joined[n] = mlir::arith::OrIOp::create(e.b, joined[n], some);
      }
    }
    for (Value &word : joined)
      word = vector::ReductionOp::create(e.b, vector::CombiningKind::ADD, word);
    return joined;
  }

  /// Sums as accumulators of the definition.
  Value accumulator(Value sum, Value slot, Value classOffset) {
    int64_t align = lanes == 1 ? 4 : lanes * 4;
    Value bias = e.load(biasTable, e.add(slot, classOffset), lanes, align);
    if (commonFactor == 1)
      return mlir::arith::AddIOp::create(e.b, bias, sum);
    if (commonFactor == -1)
      return mlir::arith::SubIOp::create(e.b, bias, sum);
    Value factor = commonFactor ? e.constant(sum.getType(), *commonFactor)
                                : e.load(factorTable, slot, lanes, align);
    return mlir::arith::AddIOp::create(
        e.b, bias, mlir::arith::MulIOp::create(e.b, sum, factor));
  }

  void storeBytes(ArrayRef<Value> sums, Value slot, Value classOffset,
                  Value to) {
    Type element =
        cast<MemRefType>(e.outputs[0].memref.getType()).getElementType();
    // The last group may have fewer channels than lanes, in code of its own.
    bool isWhole = mac.outChannels % kWord == 0;
    auto storeAll = [&](int64_t channels) {
      for (auto [v, sum] : llvm::enumerate(sums)) {
        int64_t first = static_cast<int64_t>(v) * lanes,
                valid = std::min(lanes, channels - first);
        if (valid <= 0)
          return;
        Value own = e.add(slot, first);
        Value bytes =
            requantizer->emit(accumulator(sum, own, classOffset), own, element);
        e.store(e.firstLanes(bytes, valid), e.outputs[0].memref,
                e.add(to, own));
      }
    };
    if (isWhole)
      return storeAll(kWord);
    int64_t last = slots - kWord;
    if (last == 0)
      return storeAll(mac.outChannels);
    Value isLast = mlir::arith::CmpIOp::create(
        e.b, mlir::arith::CmpIPredicate::eq, slot, e.index(last));
    auto op = scf::IfOp::create(e.b, isLast, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(e.b);
    e.b.setInsertionPointToStart(op.thenBlock());
    storeAll(mac.outChannels - last);
    e.b.setInsertionPointToStart(op.elseBlock());
    storeAll(kWord);
  }

  /// Channel by channel; words of planes are filled from the top.
  void emitScalarTile(Value group, int64_t groups, ArrayRef<Value> starts,
                      Value out, ArrayRef<Value> classes) {
    int64_t pixelStride = stride(e.outputs[0], 2);
    int64_t channelWeights = bits.weights.bits * totalWords();
    Type i32 = e.b.getI32Type();
    Type element =
        cast<MemRefType>(e.outputs[0].memref.getType()).getElementType();
    auto reduceAt = [&](Value slot) {
      return reduce(starts, e.mul(slot, channelWeights), 1);
    };
    if (planesOut == 0) {
      Value first = e.mul(group, kWord);
      Value end = e.index(mac.outChannels);
      end =
          mlir::arith::MinSIOp::create(e.b, end, e.add(first, groups * kWord));
      e.loop(first, end, ValueRange(), [&](Value slot, ValueRange) {
        SmallVector<Value> sums = reduceAt(slot);
        for (size_t p = 0; p < starts.size(); ++p)
          e.store(
              requantizer->emit(accumulator(sums[p], slot, classes[p]), slot,
                                element),
              e.outputs[0].memref,
              e.add(e.add(out, static_cast<int64_t>(p) * pixelStride), slot));
        return SmallVector<Value>();
      });
      return;
    }
    for (int64_t g = 0; g < groups; ++g) {
      Value number = e.add(group, g);
      SmallVector<Value> words(starts.size() * planesOut, e.constant(i32, 0));
      words = e.loop(
          e.index(0), e.index(kWord), words, [&](Value c, ValueRange carried) {
            Value slot = e.add(e.mul(number, kWord), c);
            SmallVector<Value> sums = reduceAt(slot), next(carried);
            for (size_t p = 0; p < starts.size(); ++p) {
              SmallVector<Value> planes = planesFrom([&](int64_t m) {
                return compare(sums[p], slot, classes[p], m);
              });
              for (auto [n, plane] : llvm::enumerate(planes)) {
                Value &word = next[p * planesOut + n];
                Value bit = mlir::arith::ShLIOp::create(
                    e.b, e.extend(plane, i32, false),
                    e.constant(i32, kWord - 1));
                word = mlir::arith::OrIOp::create(
                    e.b,
                    mlir::arith::ShRUIOp::create(e.b, word, e.constant(i32, 1)),
                    bit);
              }
            }
            return next;
          });
      for (size_t p = 0; p < starts.size(); ++p)
        for (int64_t n = 0; n < planesOut; ++n)
          e.store(words[p * planesOut + n], e.outputs[0].memref,
                  e.add(e.add(out, static_cast<int64_t>(p) * pixelStride + n),
                        e.mul(number, planesOut)));
    }
  }

  LayerEmitter &e;
  BitLayer bits;
  const MacLayer &mac;
  std::shared_ptr<const BitCounter> counter;
  /// Taps outside count for something other than 0.
  bool hasBorders = false;
  BorderClasses rowClasses, columnClasses;
  BitTile tile;
  int64_t lanes = 1, planesOut = 0, slots = 0, numClasses = 1;
  int64_t pixelWords = 1, runWords = 1, columns = 1, columnStride = 0;
  /// Bits of each channel's planes of weights that are 1.
  std::vector<int64_t> ones;
  std::optional<int32_t> commonFactor;
  Value weightTable, thresholdTable, biasTable, factorTable, rowTable,
      columnTable;
  std::optional<Requantizer> requantizer;
};

LogicalResult BitserialKernel::emit(LayerEmitter &e) const {
  std::string why;
  FailureOr<BitLayer> bits = BitLayer::read(e.layer, why);
  if (failed(bits))
    return e.layer.emitOpError() << why;
  if (e.inputs[0].planes != bits->in.bits)
    return e.layer.emitOpError()
           << "reads bit-planes, but operand 0 has " << e.inputs[0].planes;
  BitserialEmitter(e, std::move(*bits)).emit();
  return success();
}

} // namespace

void qcc::populateBitserialKernels(KernelSet &kernels) {
  kernels.add(
      std::make_unique<BitserialKernel>("conv2d.bitserial", "qnn.conv2d"));
  kernels.add(std::make_unique<BitserialKernel>("fully_connected.bitserial",
                                                "qnn.fully_connected"));
}
