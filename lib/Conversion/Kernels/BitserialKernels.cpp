// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bit-serial kernel: convolutions and matrix products of few bits as xor or
// and of bit-planes and counts of bits (BitPlanes.h says why that is exact). A
// register tile is `mr` pixels by `nv` times 32 output channels, or a part of
// them after the other, one channel to a lane; a word of 32 activations is
// repeated in all lanes and meets the same 32 of every channel's weights.
// Results of few bits are compared with thresholds per channel, which were
// found from the exact requantization, and what the comparisons give are the
// bits of the result's planes.
//
// Spare bits of activations are 0, which is −1 in a bipolar tensor and not the
// 0 that padding means: thresholds and biases then depend on which taps lie
// outside, of which there are few cases along each axis.

#include "BitReduction.h"
#include "KernelSupport.h"
#include "MacEnds.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace qcc;

namespace {

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
    BitTile tile = tileOf(*bits, *counter);
    Builder b(layer.getContext());
    KernelChoice choice;
    choice.cycles = estimateCounting(*bits, *counter, tile);
    auto tables = BitTables::of(*bits, facts);
    if (tables && tables->cycles() < choice.cycles) {
      choice.cycles = tables->cycles();
      choice.scratchBytes = tables->scratchBytes();
      choice.config.push_back(b.getNamedAttr("tables", b.getI64IntegerAttr(1)));
      tile = {tables->tilePixels,
              tables->tileVectors *
                  std::max<int64_t>(tables->lanes() / kWord, 1)};
    }
    // What reads bytes is packed first.
    choice.cycles +=
        static_cast<double>(
            cast<ShapedType>(mac.input.getType()).getNumElements()) /
        16;
    choice.config.append(
        {b.getNamedAttr("mr", b.getI64IntegerAttr(tile.pixels)),
         b.getNamedAttr("nv", b.getI64IntegerAttr(tile.groups))});
    // Planes are as packed as any codes, and not to be traded for those.
    choice.weightBytes = groupsOf(mac) * kWord * mac.taps() * bits->words() *
                         (kWord / 8) * bits->weights.bits;
    choice.plainWeightBytes = mac.outChannels * mac.depth();
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
  static int64_t groupsOf(const MacLayer &mac) {
    return static_cast<int64_t>(llvm::divideCeil(mac.outChannels, kWord));
  }

  static BitTile tileOf(const BitLayer &bits, const BitCounter &counter) {
    const MacLayer &mac = bits.mac;
    BitTile tile;
    if (counter.lanes == 1) {
      tile.pixels = std::min(mac.outWidth, counter.mostAccumulators);
      return tile;
    }
    int64_t groups = groupsOf(mac), perGroup = kWord / counter.lanes;
    int64_t atOnce = std::min(perGroup, counter.vectorsAtOnce);
    // Tables keep sums of all planes of weights.
    int64_t most = counter.looksUp
                       ? counter.mostAccumulators / bits.weights.bits
                       : counter.mostAccumulators;
    if (atOnce == perGroup)
      tile.groups = std::clamp<int64_t>(
          std::min<int64_t>(groups, most / perGroup), 1, counter.mostGroups);
    if (groups % tile.groups != 0)
      tile.groups = 1;
    tile.pixels =
        std::clamp<int64_t>(most / (atOnce * tile.groups), 1, mac.outWidth);
    if (counter.balances)
      tile.pixels = balanced(mac.outWidth, tile.pixels);
    return tile;
  }

  static double estimateCounting(const BitLayer &bits,
                                 const BitCounter &counter,
                                 const BitTile &tile) {
    const MacLayer &mac = bits.mac;
    auto pixels = static_cast<double>(mac.batch * mac.outHeight * mac.outWidth),
         vectors = static_cast<double>(
             counter.lanes == 1 ? mac.outChannels
                                : groupsOf(mac) * kWord / counter.lanes),
         words = static_cast<double>(mac.taps() * bits.words());
    double loads = 0.5 / static_cast<double>(tile.pixels) +
                   0.5 * static_cast<double>(counter.lanes) /
                       static_cast<double>(tile.groups * kWord);
    auto flushes =
        std::max(1.0, words / static_cast<double>(counter.mostWords));
    // Two planes of activations are looked up at once.
    int64_t pairs =
        counter.looksUp
            ? static_cast<int64_t>(llvm::divideCeil(bits.in.bits, 2)) *
                  bits.weights.bits
            : bits.pairs();
    double perWord = counter.cyclesPerWord;
    if (counter.looksUp && counter.indexBits(bits.in.bits) == 5)
      perWord *= 0.8;
    double perVector =
        static_cast<double>(pairs) *
            (words * (perWord + loads) + flushes * counter.cyclesPerFlush) +
        4;
    return pixels * vectors * perVector;
  }

  StringRef kernelName, anchorName;
};

/// The emission of one layer.
class BitserialEmitter : BitReduction {
public:
  BitserialEmitter(LayerEmitter &e, BitLayer layer)
      : BitReduction(e, std::move(layer)),
        rowClasses(mac.outHeight, mac.inHeight, mac.strideHeight,
                   mac.dilationHeight, mac.kernelHeight, mac.padding[0]),
        columnClasses(mac.outWidth, mac.inWidth, mac.strideWidth,
                      mac.dilationWidth, mac.kernelWidth, mac.padding[2]) {
    planesOut = e.outputs[0].planes;
    hasBorders = bits.in.base != 0 && !mac.isMatrix &&
                 llvm::any_of(mac.padding, [](int64_t p) { return p != 0; });
    if (hasBorders)
      numClasses = rowClasses.count() * columnClasses.count();
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
    if (tables)
      return emitWithTables(forBlocks);
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
  /// Threads share tables of all rows; one alone has them made just before they
  /// are wanted, where those of rows above lay.
  void emitWithTables(
      function_ref<void(function_ref<void(Value group, int64_t count)>)>
          forBlocks) {
    tables->prepare(e);
    if (tables->keepsAll()) {
      e.inParallel([&] {
        e.splitLoop(tables->allRows(), [&](Value row) {
          tables->makeRow(e, e.index(0), row, e.index(0), mac.outWidth);
        });
      });
      return e.inParallel([&] {
        forBlocks([&](Value group, int64_t count) {
          e.splitLoop(mac.outHeight,
                      [&](Value y) { emitRow(group, count, e.index(0), y); });
        });
      });
    }
    auto strip = [&](Value n, Value column, int64_t pixels) {
      tables->makeFirstRows(e, n, column, pixels);
      e.loop(mac.outHeight, [&](Value y) {
        tables->makeNewRows(e, n, y, column, pixels);
        forBlocks([&](Value group, int64_t count) {
          emitPixels(group, count, n, y, column, pixels);
        });
      });
    };
    int64_t pixels = tables->stripPixels, whole = mac.outWidth / pixels;
    e.loop(mac.batch, [&](Value n) {
      e.loop(whole, [&](Value i) { strip(n, e.mul(i, pixels), pixels); });
      if (int64_t rest = mac.outWidth % pixels)
        strip(n, e.index(whole * pixels), rest);
    });
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
          inside += bits.weightValue(
              o, (y * mac.kernelWidth + x) * mac.inChannels + c);
    int64_t sum = bits.in.base * inside;
    const WeightPlanes &weights = bits.weights;
    if (!leavesRowsOut())
      rows = {0, mac.kernelHeight};
    for (int64_t y = rows.first; weights.isXor && y < rows.second; ++y)
      for (int64_t i = 0; i < bits.in.bits; ++i)
        for (int64_t j = 0; j < weights.bits; ++j)
          sum += bits.in.weight(i) * (int64_t(1) << j) *
                 ones[(o * mac.kernelHeight + y) * weights.bits + j];
    // What is compared or multiplied is D less this.
    if (tables)
      sum += (weights.isXor ? -1 : 1) * bits.in.unit * tables->offset(o);
    return mac.biases[o] + weights.steps[o] * sum;
  }

  /// Tables of what makes results of D: thresholds, or factors and biases.
  void makeEnds() {
    auto factorOf = [&](int64_t o) {
      return bits.weights.steps[o] * bits.in.unit;
    };
    // More comparisons take longer than the requantization.
    constexpr int64_t mostCompared = 3;
    if (planesOut == 0 &&
        (!bits.out || bits.hi - bits.lo > mostCompared * valueStep())) {
      std::vector<int32_t> bias(numClasses * slots, 0), factors(slots, 0);
      SmallVector<int64_t> channels(slots, 0);
      for (int64_t o = 0; o < mac.outChannels; ++o) {
        channels[o] = o;
        int64_t factor = factorOf(o);
        factors[o] =
            static_cast<int32_t>(bits.weights.isXor ? -factor : factor);
      }
      for (int64_t o = mac.outChannels; o < slots; ++o)
        factors[o] = factors[0];
      ends.emplace(e, bits.mac);
      ends->makeEpilogue(channels, lanes);
      for (int64_t number = 0; number < numClasses; ++number)
        for (int64_t o = 0; o < mac.outChannels; ++o)
          bias[number * slots + o] = addWrapping(
              static_cast<int32_t>(constantOf(o, number)), ends->accOffset(o));
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
      std::vector<int16_t> halves;
      for (int32_t threshold : thresholds)
        halves.push_back(static_cast<int16_t>(
            std::clamp<int32_t>(threshold, INT16_MIN, INT16_MAX)));
      thresholdTable =
          comparesHalves()
              ? e.table("thresholds", ArrayRef<int16_t>(halves))
              : e.table("thresholds", ArrayRef<int32_t>(thresholds));
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
    emitPixels(group, groups, n, y, e.index(0), mac.outWidth);
  }

  /// `count` pixels of a row from `first` on.
  void emitPixels(Value group, int64_t groups, Value n, Value y, Value first,
                  int64_t count) {
    const TensorView &in = e.inputs[0], &out = e.outputs[0];
    int64_t origin = in.base;
    if (!mac.isMatrix)
      origin -= mac.padding[0] * stride(in, 1) + mac.padding[2] * stride(in, 2);
    setWindow(e.mul(y, mac.strideHeight));
    Value inRow = e.add(e.add(e.mul(n, stride(in, 0)),
                              e.mul(y, stride(in, 1) * mac.strideHeight)),
                        origin);
    Value outRow = e.add(
        e.add(e.mul(n, stride(out, 0)), e.mul(y, stride(out, 1))), out.base);
    int64_t full = count / tile.pixels, rest = count % tile.pixels;
    auto at = [&](Value offset, int64_t pixels) {
      e.once([&] {
        SmallVector<Value> starts, classes;
        Value x = e.add(first, offset);
        for (int64_t p = 0; p < pixels; ++p) {
          Value column = e.add(x, p);
          starts.push_back(
              tables ? e.add(offset, p)
                     : e.add(inRow,
                             e.mul(column, stride(in, 2) * mac.strideWidth)));
          classes.push_back(classAt(y, column));
        }
        emitTile(group, groups, y, starts,
                 e.add(outRow, e.mul(x, stride(out, 2))), classes);
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

  /// The bits of the result's planes from the comparisons of D with each
  /// threshold, i1 or vectors of it.
  SmallVector<Value> planesFrom(function_ref<Value(int64_t m)> reaches) {
    return qcc::planesFrom(e, *bits.out, bits.lo - bits.outZero,
                           bits.hi - bits.outZero, reaches);
  }

  Value compare(Value sum, Value slot, Value classOffset, int64_t m) {
    Value at = e.add(e.add(slot, classOffset),
                     (m / valueStep() - 1) * numClasses * slots);
    return mlir::arith::CmpIOp::create(e.b,
                                       bits.weights.isXor
                                           ? mlir::arith::CmpIPredicate::slt
                                           : mlir::arith::CmpIPredicate::sgt,
                                       sum,
                                       e.load(thresholdTable, at, lanes,
                                              lanes == 1         ? 4
                                              : comparesHalves() ? lanes * 2
                                                                 : lanes * 4));
  }

  /// `vectors` vectors of sums for each pixel, of the channels from `slot` on.
  SmallVector<Value> lookUpSums(Value y, ArrayRef<Value> columns, Value slot,
                                int64_t vectors) {
    int64_t perVector = tables->lanes() / lanes;
    auto wide = static_cast<int64_t>(llvm::divideCeil(vectors, perVector));
    SmallVector<Value> all = tables->reduce(e, y, columns, slot, wide), sums;
    // The last channels may be fewer than there are lanes.
    for (size_t p = 0; p < columns.size(); ++p)
      llvm::append_range(
          sums, ArrayRef<Value>(all).slice(p * wide * perVector, vectors));
    return sums;
  }

  /// One register tile: the pixels whose windows begin at `starts` (of row `y`
  /// and these columns of a strip, with tables), to element `out`, of `groups`
  /// groups of 32 channels from number `group` on.
  void emitTile(Value group, int64_t groups, Value y, ArrayRef<Value> starts,
                Value out, ArrayRef<Value> classes) {
    int64_t pixelStride = stride(e.outputs[0], 2);
    if (lanes == 1)
      return emitScalarTile(group, groups, starts, out, classes);
    Value slot = e.mul(group, kWord);
    Value weights = e.mul(group, groupWeights());
    // Of each pixel: planes of lanes that have their own bit.
    SmallVector<SmallVector<Value>> joined(starts.size());
    for (int64_t first = 0; first < perGroup(); first += vectorsAtOnce) {
      int64_t vectors = vectorsAtOnce * groups;
      SmallVector<Value> sums =
          tables ? lookUpSums(y, starts, slot, vectors)
                 : reduce(starts,
                          e.add(weights, first * groupWeights() / perGroup()),
                          vectors);
      bool isLast = first + vectorsAtOnce >= perGroup();
      for (size_t p = 0; p < starts.size(); ++p) {
        Value to = e.add(out, static_cast<int64_t>(p) * pixelStride);
        ArrayRef<Value> own = ArrayRef<Value>(sums).slice(p * vectors, vectors);
        for (int64_t g = 0; g < groups; ++g) {
          auto some = own.slice(g * vectorsAtOnce, vectorsAtOnce);
          Value firstSlot = e.add(slot, g * kWord);
          if (planesOut == 0) {
            storeBytes(some, first * lanes, firstSlot, classes[p], to);
            continue;
          }
          joinPlanes(joined[p], some, first, firstSlot, classes[p]);
          if (isLast || comparesToBits())
            storePlanes(std::exchange(joined[p], {}),
                        e.add(to, e.mul(e.add(group, g), planesOut)), first);
        }
      }
    }
  }

  /// Vectors of a word's channels.
  int64_t perGroup() const { return kWord / lanes; }

  /// Whether comparisons of all channels of a word, or a part, are its bits.
  bool comparesToBits() const {
    return e.facts.isa == IsaFamily::X86 ||
           (e.facts.isRISCV() && lanes == kWord);
  }

  /// The planes of the channels of `sums`, which are vectors from number
  /// `first` of those of the word at `slot` on. Where comparisons fill lanes
  /// rather than bits each lane keeps its own bit, and all are joined.
  void joinPlanes(SmallVector<Value> &joined, ArrayRef<Value> sums,
                  int64_t first, Value slot, Value classOffset) {
    auto compareAt = [&](size_t v, int64_t m) {
      return compare(sums[v],
                     e.add(slot, (first + static_cast<int64_t>(v)) * lanes),
                     classOffset, m);
    };
    if (comparesToBits()) {
      joined = planesFrom([&](int64_t m) {
        SmallVector<Value> parts;
        for (size_t v = 0; v < sums.size(); ++v)
          parts.push_back(compareAt(v, m));
        return e.concat(parts);
      });
      return;
    }
    auto type = VectorType::get({lanes}, e.b.getI32Type());
    for (size_t v = 0; v < sums.size(); ++v) {
      SmallVector<int32_t> own;
      for (int64_t lane = 0; lane < lanes; ++lane)
        own.push_back(static_cast<int32_t>(
            uint32_t(1) << ((first + static_cast<int64_t>(v)) * lanes + lane)));
      Value bit = mlir::arith::ConstantOp::create(
          e.b, DenseElementsAttr::get(type, ArrayRef<int32_t>(own)));
      SmallVector<Value> planes =
          planesFrom([&](int64_t m) { return compareAt(v, m); });
      joined.resize(planes.size());
      for (auto [all, plane] : llvm::zip(joined, planes)) {
        Value some =
            mlir::arith::SelectOp::create(e.b, plane, bit, e.constant(type, 0));
        all = all ? Value(mlir::arith::OrIOp::create(e.b, all, some)) : some;
      }
    }
  }

  /// Stores words of planes at `to`, or of each that part whose channels begin
  /// with vector number `first` of them.
  void storePlanes(ArrayRef<Value> joined, Value to, int64_t first) {
    Value memory = e.outputs[0].memref;
    for (auto [n, plane] : llvm::enumerate(joined)) {
      Value at = e.add(to, static_cast<int64_t>(n));
      if (!comparesToBits()) {
        e.store(
            vector::ReductionOp::create(e.b, vector::CombiningKind::ADD, plane),
            memory, at);
        continue;
      }
      Value part = wordVectorOf(e, plane);
      if (int64_t parts = perGroup() / vectorsAtOnce; parts > 1)
        e.store(part, e.viewAs(memory, getElementTypeOrSelf(part.getType())),
                e.add(e.mul(at, parts), first / vectorsAtOnce));
      else
        e.store(part, memory, at);
    }
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

  /// Stored results of sums.
  Value resultOf(Value sum, Value slot, Value classOffset, Type element) {
    if (ends)
      return ends->finish(accumulator(sum, slot, classOffset), slot,
                          e.index(0));
    Value result = e.constant(sum.getType(), bits.lo);
    for (int64_t m = valueStep(); m <= bits.hi - bits.lo; m += valueStep())
      result = mlir::arith::SelectOp::create(
          e.b, compare(sum, slot, classOffset, m),
          e.constant(sum.getType(), bits.lo + m), result);
    return mlir::arith::TruncIOp::create(
        e.b, LayerEmitter::withElement(sum.getType(), element), result);
  }

  /// `sums`: of the channels from number `begin` on of those from `slot` on.
  void storeBytes(ArrayRef<Value> sums, int64_t begin, Value slot,
                  Value classOffset, Value to) {
    Type element =
        cast<MemRefType>(e.outputs[0].memref.getType()).getElementType();
    // The last group may have fewer channels than lanes, in code of its own.
    bool isWhole = mac.outChannels % kWord == 0;
    auto storeAll = [&](int64_t channels) {
      for (auto [v, sum] : llvm::enumerate(sums)) {
        int64_t first = begin + static_cast<int64_t>(v) * lanes,
                valid = std::min(lanes, channels - first);
        if (valid <= 0)
          return;
        Value own = e.add(slot, first);
        Value bytes = resultOf(sum, own, classOffset, element);
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
              resultOf(sums[p], slot, classes[p], element), e.outputs[0].memref,
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

  /// Taps outside count for something other than 0.
  bool hasBorders = false;
  BorderClasses rowClasses, columnClasses;
  int64_t planesOut = 0, numClasses = 1;
  std::optional<int32_t> commonFactor;
  Value thresholdTable, biasTable, factorTable, rowTable, columnTable;
  /// Unless thresholds say all.
  std::optional<MacEnds> ends;
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
