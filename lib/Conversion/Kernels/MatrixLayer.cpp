// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The code of the matrix kernel. No im2col: NHWC rows are read where they lie,
// a filter row of consecutive pixels being one run. Weights are packed in the
// order the tile reads them; zero points are folded into the bias.

#include "HybridSample.h"
#include "KernelSupport.h"
#include "MatrixBlocks.h"
#include "PlaneEnds.h"
#include "WeightRests.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {
namespace {

class GemmEmitter {
public:
  GemmEmitter(LayerEmitter &e, MacLayer macLayer, bool isPacked)
      : e(e), mac(std::move(macLayer)) {
    SmallVector<DotForm, 2> forms =
        DotForm::getCandidates(e.facts, mac.isFloat, mac.inputBits == 16);
    base = forms[forms.size() > 1 ? e.getConfig("form") : 0];
    base = base.withLanes(e.getConfig("lanes"));
    if (isPacked) {
      packing = findMatrixPacking(mac, base);
      packing = packing->withBits(e.getConfig("weight_bits"));
      unpacksFirst = e.hasConfig("unpacks_first");
    }
    base = withRanges(base, mac, packing);
    tile = {e.getConfig("mr"), e.getConfig("nv")};
    if (e.hasConfig("packs_rows") && e.outputs[0].planes > 0)
      planeRows.emplace(e);
    input = e.inputs[0];
    if (mac.isHybrid)
      prepareSamples();
    SmallVector<int64_t> strides = spatialStrides(input);
    runs = findRuns(mac, strides[1], strides[2]);
    makeBlocks();
    if (!mac.isFloat && !packing && base.weightBits() == 8 &&
        !base.subtractsWeightZero())
      rests = WeightRests::find(mac, blocks, runs);
    joinPixels();
    packWeights();
  }

  void emit() {
    const TensorView &in = input, &out = e.outputs[0];
    SmallVector<int64_t> inStrides = spatialStrides(in),
                         outStrides = spatialStrides(out);
    int64_t height = mac.outHeight, width = mac.outWidth;
    // Where rows follow each other without gaps on both sides, all pixels are
    // one row.
    bool joins = mac.taps() == 1 && mac.strideHeight == 1 &&
                 mac.strideWidth == 1 && in.isDense() && out.isDense() &&
                 !planeRows;
    if (joins)
      width *= height, height = 1;
    int64_t origin = in.base;
    if (!mac.isMatrix)
      origin -= mac.padding[0] * inStrides[1] + mac.padding[2] * inStrides[2];
    int64_t full = width / tile.pixels, rest = width % tile.pixels;
    // `tiles` full tiles of row y from tile `first`, or (`tiles` null) what is
    // left of the row.
    auto emitTiles = [&](const ChannelBlock &block, Value blockIndex, Value n,
                         Value y, Value first, Value tiles) {
      Value inRow = e.add(e.add(e.mul(n, inStrides[0]),
                                e.mul(y, inStrides[1] * mac.strideHeight)),
                          origin);
      Value outRow = e.add(
          e.add(e.mul(n, outStrides[0]), e.mul(y, outStrides[1])), out.base);
      auto at = [&](Value x, int64_t pixels) {
        sample = mac.isMatrix ? x : n;
        firstPixel = e.add(e.mul(y, width), x);
        e.once([&] {
          emitPixels(block, blockIndex, pixels,
                     e.add(inRow, e.mul(x, inStrides[2] * mac.strideWidth)),
                     e.add(outRow, e.mul(x, outStrides[2])),
                     inStrides[2] * mac.strideWidth, outStrides[2]);
        });
      };
      if (!tiles)
        return at(e.index(full * tile.pixels), rest);
      e.loop(tiles, [&](Value t) {
        at(e.mul(e.add(first, t), tile.pixels), tile.pixels);
      });
    };
    auto forBlocks = [&](function_ref<void(const ChannelBlock &, Value)> body) {
      for (const ChannelBlock &block : blocks)
        e.loop(block.count, [&](Value blockIndex) { body(block, blockIndex); });
    };
    Value zero = e.index(0);
    KernelChoice choice = e.getChoice();
    auto emitRow = [&](const ChannelBlock &block, Value blockIndex, Value n,
                       Value y) {
      emitTiles(block, blockIndex, n, y, zero, e.index(full));
      if (rest)
        emitTiles(block, blockIndex, n, y, Value(), Value());
    };
    if (planeRows)
      return planeRows->emit([&](Value n, Value y) {
        forBlocks([&](const ChannelBlock &block, Value blockIndex) {
          emitRow(block, blockIndex, n, y);
        });
      });
    if (choice.walks.empty()) {
      if (e.parts > 1)
        return emitMatrixParts(e, mac, blocks, tile, in, height, full,
                               emitTiles);
      // Each block keeps its weights in the cache.
      forBlocks([&](const ChannelBlock &block, Value blockIndex) {
        if (unpacksFirst)
          unpackBlock(block, blockIndex);
        e.loop(mac.batch, [&](Value n) {
          e.loop(height, [&](Value y) { emitRow(block, blockIndex, n, y); });
        });
      });
      return;
    }
    if (!joins)
      return e.forEachStep(
          height, choice.walks[0].rows, [&](Value first, Value rows) {
            forBlocks([&](const ChannelBlock &block, Value blockIndex) {
              e.loop(rows, [&](Value y) {
                emitRow(block, blockIndex, zero, e.add(first, y));
              });
            });
          });
    auto emitRest = [&] {
      if (rest)
        forBlocks([&](const ChannelBlock &block, Value blockIndex) {
          emitTiles(block, blockIndex, zero, zero, Value(), Value());
        });
    };
    if (e.isDescending)
      emitRest();
    e.forEachStep(full, choice.walks[0].pixels / tile.pixels,
                  [&](Value first, Value tiles) {
                    forBlocks([&](const ChannelBlock &block, Value blockIndex) {
                      emitTiles(block, blockIndex, zero, zero, first, tiles);
                    });
                  });
    if (!e.isDescending)
      emitRest();
  }

private:
  SmallVector<int64_t> spatialStrides(const TensorView &view) const {
    if (!mac.isMatrix)
      return {view.strides[0], view.strides[1], view.strides[2]};
    int64_t row = &view == &input ? mac.inChannels : mac.outChannels;
    return {0, 0, row};
  }

  /// Rounds the samples of a hybrid layer, with the sign that is wanted: from
  /// here on they are activations of 8 bits.
  void prepareSamples() {
    mac.inputSigned = !base.flipsSign(/*activationsSigned=*/true);
    mac.inputZero = mac.inputSigned ? 0 : 128;
    samples.emplace(e, mac, mac.padding, mac.inputSigned);
    input = samples->roundAll(e.inputs[0]);
  }

  void makeBlocks() {
    blocks = divideChannels(mac.outChannels, base, tile);
    slots = blocks.back().firstSlot + blocks.back().slots();
    for (ChannelBlock &block : blocks) {
      block.firstElement = block.firstSlot * totalGroups() * base.group;
      block.isGrouped = packs() && block.vectors % 4 == 0 &&
                        !block.form.instructions->joinsVectors();
      block.isInPlace = packing && !unpacksFirst &&
                        staysInPlace(*packing, mac, block.form, block.vectors);
    }
  }

  /// Where all channels are one block of whole vectors that come out joined,
  /// and pixels follow each other, results of several leave together.
  void joinPixels() {
    ChannelBlock &block = blocks.front();
    block.isStream = base.instructions->joinsVectors() && packs() &&
                     block.lanes() == mac.outChannels && !keepsWeightZeros() &&
                     spatialStrides(e.outputs[0])[2] == mac.outChannels;
    if (block.isStream)
      slots = block.slots();
  }

  /// Results are packed from vectors of accumulators by four.
  bool packs() const {
    return !mac.isFloat && mac.resultBits == 8 && base.lanes >= 4 &&
           e.outputs[0].planes == 0 && packsLaneGroups(e.facts);
  }

  /// Runs share a last group.
  bool gathersTails() const {
    return !packing && base.gathers(runs.count(), runs.length);
  }
  int64_t groupsPerRun() const {
    return runs.groups(base.group, gathersTails());
  }
  int64_t totalGroups() const {
    return groupsPerRun() * runs.count() + int64_t(gathersTails());
  }

  /// Less than a group at the end of a run is read with what lies before it, by
  /// weights of 0, where nobody sums the activations.
  bool overlapsTails() const {
    return base.overlapsTails && runs.length >= base.group &&
           !keepsWeightZeros();
  }
  /// Weight (less 128 for unsigned weights of signed instructions, or less its
  /// zero point, rests and all) of a channel.
  int64_t storedWeight(int64_t o, int64_t k) const {
    int64_t w = mac.weight(o, k);
    if (subtractsWeightZeros())
      return w - mac.weightZeros[o];
    return mac.weightsSigned ? w : w - 128;
  }
  bool subtractsWeightZeros() const {
    return rests || packing || base.subtractsWeightZero();
  }
  int64_t storedWeightZero(int64_t o) const {
    if (subtractsWeightZeros())
      return 0;
    return mac.weightsSigned ? mac.weightZeros[o] : mac.weightZeros[o] - 128;
  }

  bool keepsWeightZeros() const {
    return llvm::any_of(llvm::seq<int64_t>(0, mac.outChannels),
                        [&](int64_t o) { return storedWeightZero(o) != 0; });
  }

  /// Binary places that 16-bit weights have to spare.
  int maxAccShift() const {
    if (!e.facts.hasRVV || base.lanes == 1 || mac.isWide || mac.inputBits != 8)
      return 0;
    int64_t largest = 1;
    for (int64_t at = 0; at < mac.outChannels * mac.depth(); ++at)
      largest = std::max(
          largest, std::abs(storedWeight(at / mac.depth(), at % mac.depth())));
    return std::min<int>(llvm::Log2_64(INT16_MAX / largest), 8);
  }

  void packWeights() {
    std::vector<int16_t> packed;
    std::vector<float> packedFloat;
    std::vector<int32_t> bias(slots, 0), zeros(slots, 0), steps(slots, 1);
    std::vector<float> floatBias(slots, 0);
    std::vector<int64_t> channels(slots, -1);
    RequantSpec spec(slots);
    int64_t flip =
        base.flipsSign(mac.inputSigned) ? (mac.inputSigned ? 128 : -128) : 0;
    for (const ChannelBlock &block : blocks)
      for (int64_t at = 0; at < block.slots(); ++at) {
        int64_t c = block.channelAt(at);
        if (c >= block.channels)
          continue;
        int64_t o = block.firstChannel + c, slot = block.firstSlot + at;
        if (mac.isFloat) {
          floatBias[slot] = mac.floatBias[o];
          continue;
        }
        int64_t zx = mac.inputZero + flip, zw = storedWeightZero(o), sum = 0;
        for (int64_t k = 0; k < mac.depth(); ++k)
          sum += storedWeight(o, k);
        bias[slot] = static_cast<int32_t>(static_cast<uint64_t>(
            mac.biases[o] - zx * sum + mac.depth() * zx * zw));
        zeros[slot] = static_cast<int32_t>(zw);
        hasZeros |= zw != 0;
        channels[slot] = o;
        if (packing)
          steps[slot] = static_cast<int32_t>(packing->stepOf(o));
        if (block.isInPlace) {
          zeros[slot] = static_cast<int32_t>(
              -steps[slot] *
              packing->offsetInPlace(at / block.form.lanes % block.vectors));
          steps[slot] *= static_cast<int32_t>(packing->factorInPlace());
          hasZeros |= zeros[slot] != 0;
        }
        if (!mac.sumsToFloats)
          spec[slot] = mac.requant[o];
      }
    if (e.outputs[0].planes > 0 && !mac.isWide &&
        PlaneEnds::fits(mac.requant, e.outputs[0].type))
      planeEnds.emplace(e, spec);
    int maxShift = mac.isFloat || mac.sumsToFloats ? 0 : maxAccShift();
    int32_t factor = 1;
    auto makeRequantizer = [&] {
      // Joined vectors by twos, where they begin at multiples of two.
      int64_t lanes = 2 * base.lanes;
      if (!base.instructions->joinsVectors() ||
          llvm::any_of(blocks, [&](const ChannelBlock &block) {
            return block.firstSlot % lanes != 0 ||
                   (block.count > 1 && block.lanes() % lanes != 0);
          }))
        lanes = base.lanes;
      requantizer.emplace(e, "requant", std::move(spec), lanes, mac.isWide,
                          maxShift);
      factor = requantizer->accFactor();
      for (int64_t slot = 0; slot < slots; ++slot)
        bias[slot] =
            addWrapping(static_cast<int32_t>(static_cast<uint32_t>(bias[slot]) *
                                             static_cast<uint32_t>(factor)),
                        requantizer->accOffset(slot));
    };
    // Weights that are to be multiplied wait for what the requantization wants;
    // else they come first, as they are read.
    if (maxShift)
      makeRequantizer();
    bool addsBiasesLast = base.instructions->addsBiasesLast();
    int32_t weightFactor = addsBiasesLast ? 1 : factor;
    bool gathers = gathersTails(), overlaps = overlapsTails();
    for (const ChannelBlock &block : blocks)
      for (int64_t i = 0; i < block.count; ++i)
        for (int64_t group = 0; group < totalGroups(); ++group)
          for (int64_t v = 0; v < block.vectors; ++v) {
            auto channelOf = [&](int64_t lane) {
              return block.channelOf(i, v, lane);
            };
            auto at = [&](int64_t k) {
              return runs.valueAt(group, k, base.group, gathers, overlaps);
            };
            auto inside = [&](int64_t lane, int64_t k) {
              return channelOf(lane) < block.channels && at(k) >= 0;
            };
            if (mac.isFloat)
              block.form.pack<float>(
                  [&](int64_t lane, int64_t k) {
                    if (!inside(lane, k))
                      return 0.0f;
                    int64_t o = block.firstChannel + channelOf(lane);
                    return mac.floatWeights[o * mac.depth() + at(k)];
                  },
                  packedFloat);
            else
              block.form.pack<int16_t>(
                  [&](int64_t lane, int64_t k) {
                    if (!inside(lane, k))
                      return int16_t(0);
                    int64_t o = block.firstChannel + channelOf(lane),
                            w = storedWeight(o, at(k));
                    if (packing)
                      return static_cast<int16_t>(packing->valueOf(o, w));
                    return static_cast<int16_t>(
                        (rests ? WeightRests::byteOf(w) : w) * weightFactor);
                  },
                  packed);
          }
    if (mac.isFloat) {
      weightTable = e.table("weights", ArrayRef<float>(packedFloat));
      biasTable = e.table("bias", ArrayRef<float>(floatBias));
      return;
    }
    // One channel at a time widens a weight for nothing: bytes halve the flash.
    // Pairs are read as they are multiplied.
    bool fitBytes = llvm::all_of(
        packed, [](int16_t w) { return w >= INT8_MIN && w <= INT8_MAX; });
    if (packing) {
      packUnits(packed);
    } else if (base.weightBits() == 16 &&
               !(base.lanes == 1 && base.group == 1 && fitBytes)) {
      weightTable = e.table("weights", ArrayRef<int16_t>(packed));
    } else {
      std::vector<int8_t> bytes(packed.begin(), packed.end());
      weightTable = e.table("weights", ArrayRef<int8_t>(bytes));
    }
    proveSums(packed);
    // Sums of packed values are multiplied by what they are less than weights.
    if ((packing || addsBiasesLast) && factor != 1)
      for (std::vector<int32_t> *constants : {&steps, &zeros})
        for (int32_t &constant : *constants)
          constant *= factor;
    if (addsBiasesLast && llvm::all_equal(steps))
      commonStep = static_cast<int16_t>(steps.front());
    else if (llvm::any_of(steps, [](int32_t step) { return step != 1; }))
      stepTable = e.table("steps", ArrayRef<int32_t>(steps));
    if (mac.sumsToFloats)
      epilogue.emplace(e, mac, channels);
    else if (!maxShift && !planeEnds)
      makeRequantizer();
    bool pairs = base.instructions->pairsPixels() && !stepTable;
    biasTable =
        e.table("bias", ArrayRef<int32_t>(pairs ? twiceByTwos(bias) : bias));
    if (hasZeros)
      zeroTable = e.table("weight_zeros", ArrayRef<int32_t>(zeros));
  }

  /// Weights of one run of a block, with what fills the last unit.
  int64_t runWeights(const ChannelBlock &block) const {
    return block.weightsOf(groupsPerRun(),
                           packing ? packing->stepsPerUnit() : 1);
  }

  /// Makes a table of runs that are whole units.
  void packUnits(ArrayRef<int16_t> packed) {
    std::vector<int8_t> bytes;
    for (ChannelBlock &block : blocks) {
      int64_t perStep = block.form.weightsPerStep(),
              perRun = groupsPerRun() * block.vectors * perStep;
      block.firstElement = static_cast<int64_t>(bytes.size());
      for (int64_t run = 0; run < block.count * runs.count(); ++run) {
        SmallVector<int16_t> values(packed.take_front(perRun));
        values.resize(runWeights(block), 0);
        packing->pack(values, perStep, block.isInPlace, bytes);
        packed = packed.drop_front(perRun);
      }
    }
    weightTable = e.table("weights", ArrayRef<int8_t>(bytes));
  }

  WeightTable packedTableOf(const ChannelBlock &block) const {
    if (!packing)
      return weightTable;
    return {weightTable, *packing, block.form.weightsPerStep(),
            base.lanes == 1 && base.group == 1 ? 8 : base.weightBits(),
            block.isInPlace};
  }

  /// Where the weights of the `index`th of a block's begin in the packed table.
  Value packedWeights(const ChannelBlock &block, Value index) const {
    int64_t elements =
        runs.count() * packedTableOf(block).elementsOf(runWeights(block));
    if (gathersTails())
      elements += block.weightsOf(1, 1);
    return e.add(e.mul(index, elements), block.firstElement);
  }

  /// Unpacked weights of one block, in scratch memory.
  Value unpackedTable(const ChannelBlock &block) const {
    return viewUnpacked(e, mac, runs.count() * runWeights(block),
                        base.weightBits());
  }

  void unpackBlock(const ChannelBlock &block, Value index) {
    packedTableOf(block).unpackTo(e, unpackedTable(block),
                                  packedWeights(block, index),
                                  runs.count() * runWeights(block));
  }

  /// Shows the form the weights of each vector by the chunks that a tile
  /// reduces together: whole groups of a run from its start, then its tail;
  /// and rests.
  void proveSums(ArrayRef<int16_t> packed) {
    SmallVector<SmallVector<int16_t>> chunks;
    int64_t wholeGroups = runs.length / base.group;
    for (const ChannelBlock &block :
         gathersTails() ? ArrayRef<ChannelBlock>() : ArrayRef(blocks)) {
      int64_t step = block.form.weightsPerStep();
      for (int64_t run = 0; run < block.count * runs.rows * runs.columns; ++run)
        for (int64_t g = 0; g < groupsPerRun(); ++g) {
          if (g % base.chunk == 0 || g == wholeGroups)
            chunks.append(block.vectors, {});
          for (SmallVector<int16_t> &chunk :
               MutableArrayRef(chunks).take_back(block.vectors)) {
            llvm::append_range(chunk, packed.take_front(step));
            packed = packed.drop_front(step);
          }
        }
    }
    if (rests)
      rests->pack(e, mac, chunks);
    base.instructions->prove(base, chunks);
    for (ChannelBlock &block : blocks)
      block.form.sumEnds = base.sumEnds;
  }

  /// One register tile: `pixels` pixels from element `in`, to element `out`.
  void emitPixels(const ChannelBlock &block, Value blockIndex, int64_t pixels,
                  Value in, Value out, int64_t inPixelStride,
                  int64_t outPixelStride) {
    Value slot = e.add(e.mul(blockIndex, block.lanes()), block.firstSlot);
    int64_t lanes = block.form.lanes, step = block.form.weightsPerStep();
    WeightTable table =
        unpacksFirst ? WeightTable(unpackedTable(block)) : packedTableOf(block);
    // What comes from memory is asked for before it is wanted.
    if (estimateStream(mac, base,
                       packing ? packing->bits() : base.weightBits()) > 0 &&
        mac.outHeight * mac.outWidth <= pixels && !unpacksFirst)
      table = table.ahead();
    int64_t perRun = table.elementsOf(runWeights(block));
    Value next;
    if (!packing && pixels == tile.pixels)
      next = placeOfNext(e, block, runs.count() * perRun, firstPixel, pixels);
    Value weights =
        unpacksFirst ? e.index(0) : packedWeights(block, blockIndex);

    const DotInstructions &dot = *block.form.instructions;
    bool sumsUp = hasZeros && (!packing || block.isInPlace);
    DotTile dotTile{pixels, block.vectors, sumsUp};
    // Sums that are to be multiplied get their biases behind that.
    bool addsBiases = stepTable || block.isInPlace || dot.addsBiasesLast();
    SmallVector<Value> starts =
        loadStarts(e, block, biasTable, slot, dotTile, addsBiases);
    SmallVector<Value> carried = dot.beginTile(e, block.form, dotTile, starts);

    int64_t wholeGroups = runs.length / base.group,
            tail = gathersTails() ? 0 : runs.length % base.group;
    auto reduceFrom = [&](const WeightTable &from, MutableArrayRef<Value> state,
                          const DotTile &part, Value inAt, WeightPlace weightAt,
                          int64_t count, ArrayRef<int64_t> pieces = {}) {
      SmallVector<Value> firsts;
      for (int64_t p = 0; p < pixels; ++p)
        firsts.push_back(e.add(inAt, p * inPixelStride));
      dot.reduceTile(e, block.form, part, state,
                     {input.memref, firsts, mac.inputSigned, from, weightAt,
                      count, pieces});
    };
    auto reduce = [&](SmallVector<Value> state, Value inAt,
                      WeightPlace weightAt, int64_t count) {
      reduceFrom(table, state, dotTile, inAt, weightAt, count);
      return state;
    };
    if (rests)
      carried = rests->emit(e, &block - blocks.data(), blockIndex, carried,
                            [&](MutableArrayRef<Value> state, int64_t vectors,
                                Value window, Value rest, Value weightAt,
                                int64_t count) {
                              reduceFrom(rest, state, {pixels, vectors},
                                         e.add(in, window), weightAt, count);
                            });
    // Short reductions are straight-line; long ones loop over `unroll` groups
    // at a time.
    int64_t perGroup = block.vectors * step;
    int64_t unroll = std::max<int64_t>(
        1, std::min<int64_t>(
               wholeGroups, 32 / std::max<int64_t>(1, pixels * block.vectors)));
    unroll = llvm::alignTo(std::min<int64_t>(unroll, 4), base.chunk);
    // A trip reads whole units.
    if (packing && !unpacksFirst)
      unroll = std::lcm(unroll,
                        packing->stepsPerUnit() /
                            std::gcd(packing->stepsPerUnit(), block.vectors));
    // Whole groups, a chunk of them at a time.
    auto reduceGroups = [&](SmallVector<Value> state, Value inAt,
                            WeightPlace weightAt, int64_t groups) {
      for (int64_t g = 0; g < groups; g += base.chunk)
        state =
            reduce(state, e.add(inAt, g * base.group), weightAt + g * perGroup,
                   std::min(base.chunk, groups - g) * base.group);
      for (int64_t g = 0; next && g < groups; ++g)
        table.prefetch(e, e.add(weightAt.base, next),
                       weightAt.number + g * perGroup, /*locality=*/2);
      return state;
    };
    auto reduceRun = [&](SmallVector<Value> state, Value inAt, Value weightAt) {
      int64_t trips = wholeGroups / unroll, looped = trips * unroll;
      state = e.loop(trips, state, [&](Value t, ValueRange values) {
        return reduceGroups(
            SmallVector<Value>(values),
            e.add(inAt, e.mul(t, unroll * base.group)),
            e.add(weightAt, e.mul(t, table.elementsOf(unroll * perGroup))),
            unroll);
      });
      state = reduceGroups(state, e.add(inAt, looped * base.group),
                           WeightPlace(weightAt) + looped * perGroup,
                           wholeGroups - looped);
      if (tail)
        state = reduce(state,
                       e.add(inAt, runs.groupBegin(wholeGroups, base.group,
                                                   overlapsTails())),
                       WeightPlace(weightAt) + wholeGroups * perGroup,
                       overlapsTails() ? base.group : tail);
      return state;
    };
    bool small = totalGroups() * pixels * block.vectors <= 48;
    carried = e.loop(
        runs.rows, carried,
        [&](Value row, ValueRange values) {
          Value inRow = e.add(in, e.mul(row, runs.rowStride));
          Value weightRow = e.add(weights, e.mul(row, runs.columns * perRun));
          return e.loop(
              runs.columns, values,
              [&](Value column, ValueRange inner) {
                return reduceRun(SmallVector<Value>(inner),
                                 e.add(inRow, e.mul(column, runs.columnStride)),
                                 e.add(weightRow, e.mul(column, perRun)));
              },
              small);
        },
        small);
    if (int64_t rest = runs.length % base.group; gathersTails())
      reduceFrom(table, carried, dotTile, in,
                 WeightPlace(weights) + runs.count() * perRun,
                 rest * runs.count(), runs.tails(rest));

    if (dot.pairsPixels() && mac.resultBits == 8 && requantizer->takesPairs())
      return finishPairs(block, blockIndex, slot, pixels, carried, out,
                         outPixelStride);
    if (block.isStream)
      return finishStream(block, dot.endJoined(e, block.form, carried), out,
                          dotTile.accumulators() * lanes);
    SmallVector<Value> sums =
        dot.endTile(e, block.form, dotTile, starts, carried);
    SmallVector<Value> slotOf;
    for (int64_t v = 0; v < block.vectors; ++v)
      slotOf.push_back(e.add(slot, v * lanes));
    if (addsBiases)
      for (int64_t v = 0; v < block.vectors; ++v) {
        Value bias = e.load(biasTable, slotOf[v], lanes, lanes * 4);
        Value steps = stepTable ? e.load(stepTable, slotOf[v], lanes, lanes * 4)
                                : Value();
        int64_t place = block.isInPlace ? packing->placeOf(v) : 0;
        for (int64_t i = v; i < dotTile.accumulators(); i += block.vectors)
          sums[i] = addBias(e, sums[i], place, steps, commonStep, bias);
      }
    if (sumsUp)
      for (int64_t v = 0; v < block.vectors; ++v) {
        Value zero = e.load(zeroTable, slotOf[v], lanes, lanes * 4);
        for (int64_t p = 0; p < pixels; ++p) {
          Value &a = sums[p * block.vectors + v],
                all = sums[dotTile.accumulators() + p];
          a = mlir::arith::SubIOp::create(
              e.b, a, mlir::arith::MulIOp::create(e.b, zero, all));
        }
      }
    Value channel = e.add(e.mul(blockIndex, block.lanes()), block.firstChannel);
    auto store = [&](Value vector, int64_t p, int64_t v) {
      if (e.outputs[0].planes > 0)
        return storePlanes(e, vector, e.add(out, p * outPixelStride),
                           e.add(channel, v * lanes));
      int64_t size = e.lanesIn(vector.getType());
      int64_t valid =
          block.count > 1 ? size : std::min(size, block.channels - v * lanes);
      e.store(e.firstLanes(vector, valid), e.outputs[0].memref,
              e.add(e.add(out, p * outPixelStride), e.add(channel, v * lanes)));
    };
    if (block.isGrouped) {
      for (int64_t p = 0; p < pixels; ++p)
        for (int64_t v = 0; v < block.vectors; v += 4)
          store(requantizer->emitGroup(
                    ArrayRef<Value>(sums).slice(p * block.vectors + v, 4),
                    ArrayRef<Value>(slotOf).slice(v, 4)),
                p, v);
      return;
    }
    // Four pixels at a time are packed together and taken apart as bytes.
    int64_t packed = packs() && lanes >= 4 ? pixels / 4 * 4 : 0;
    for (int64_t v = 0; v < block.vectors; ++v)
      for (int64_t p = 0; p < packed; p += 4) {
        SmallVector<Value> four;
        for (int64_t i = 0; i < 4; ++i)
          four.push_back(sums[(p + i) * block.vectors + v]);
        Value bytes =
            requantizer->emitGroup(four, SmallVector<Value>(4, slotOf[v]));
        for (int64_t i = 0; i < 4; ++i) {
          SmallVector<int64_t> lanesOfPixel;
          for (int64_t lane = 0; lane < lanes; ++lane)
            lanesOfPixel.push_back(valueInGroup(i, lane));
          store(vector::ShuffleOp::create(e.b, bytes, bytes, lanesOfPixel),
                p + i, v);
        }
      }
    for (int64_t p = packed; p < pixels; ++p)
      for (int64_t v = 0, count = 0; v < block.vectors; v += count) {
        // As many vectors together as the epilogue likes.
        for (count = 1; 2 * count <= block.vectors - v &&
                        2 * count * lanes <= preferredLanes();)
          count *= 2;
        Value some =
            e.concat(ArrayRef<Value>(sums).slice(p * block.vectors + v, count));
        if (planeEnds)
          planeEnds->store(some, slotOf[v], e.add(out, p * outPixelStride),
                           e.add(channel, v * lanes));
        else
          store(finish(some, slotOf[v], p), p, v);
      }
  }

  /// The end of a tile whose `count` results lie without a gap in memory, from
  /// joined sums. Four vectors at a time are packed together.
  void finishStream(const ChannelBlock &block, SmallVector<Value> sums,
                    Value out, int64_t count) {
    int64_t lanes = 2 * block.form.lanes;
    SmallVector<Value> slots;
    for (auto [v, sum] : llvm::enumerate(sums)) {
      slots.push_back(e.index(block.firstSlot +
                              static_cast<int64_t>(v) * lanes % block.slots()));
      if (stepTable)
        sum = mlir::arith::MulIOp::create(
            e.b, sum, e.load(stepTable, slots.back(), lanes, lanes * 4));
      sum = mlir::arith::AddIOp::create(
          e.b, sum, e.load(biasTable, slots.back(), lanes, lanes * 4));
    }
    for (size_t v = 0, together; v < sums.size(); v += together) {
      together = v + 4 <= sums.size() ? 4 : 1;
      auto some = ArrayRef(sums).slice(v, together),
           at = ArrayRef(slots).slice(v, together);
      Value bytes = together == 4
                        ? requantizer->emitGroup(some, at)
                        : requantizer->emit(some[0], at[0], e.b.getI8Type());
      SmallVector<int64_t> order(together * lanes);
      for (int64_t i = 0; i < static_cast<int64_t>(together); ++i)
        for (int64_t lane = 0; lane < lanes; ++lane)
          order[i * lanes + base.instructions->joinedValue(base, lane)] =
              together == 4 ? valueInGroup(i, lane) : lane;
      int64_t first = static_cast<int64_t>(v) * lanes;
      order.resize(std::min(static_cast<int64_t>(order.size()), count - first));
      e.store(vector::ShuffleOp::create(e.b, bytes, bytes, order),
              e.outputs[0].memref, e.add(out, first));
    }
  }

  /// The end of a tile whose state pairs pixels: two of them at a time, of up
  /// to 16 channels.
  void finishPairs(const ChannelBlock &block, Value blockIndex, Value slot,
                   int64_t pixels, ArrayRef<Value> state, Value out,
                   int64_t outPixelStride) {
    Value channel = e.add(e.mul(blockIndex, block.lanes()), block.firstChannel);
    int64_t perPair = block.vectors * 2, pairs = llvm::divideCeil(pixels, 2);
    for (int64_t pair = 0; pair < pairs; ++pair)
      for (int64_t c = 0, count = 0; c < perPair; c += count) {
        for (count = 2; 2 * count <= std::min<int64_t>(perPair - c, 8);)
          count *= 2;
        SmallVector<Value> accs(state.slice(pair * perPair + c, count));
        for (auto [i, acc] : llvm::enumerate(accs)) {
          Value place = e.add(slot, 2 * (c + static_cast<int64_t>(i)));
          // Constants of two channels, for two pixels.
          auto constants = [&](Value from) -> Value {
            Value two = e.load(from, place, 2);
            return vector::ShuffleOp::create(e.b, two, two,
                                             ArrayRef<int64_t>{0, 1, 0, 1});
          };
          if (hasZeros)
            acc = mlir::arith::SubIOp::create(
                e.b, acc,
                mlir::arith::MulIOp::create(e.b, constants(zeroTable),
                                            state[pairs * perPair + pair]));
          if (stepTable)
            acc = mlir::arith::AddIOp::create(
                e.b, constants(biasTable),
                mlir::arith::MulIOp::create(e.b, acc, constants(stepTable)));
        }
        auto bytes = requantizer->emitPairs(accs, e.add(slot, 2 * c));
        int64_t valid = block.count > 1
                            ? 2 * count
                            : std::min(2 * count, block.channels - 2 * c);
        for (int64_t p = 2 * pair; p < std::min(pixels, 2 * pair + 2); ++p)
          e.store(e.firstLanes(bytes[static_cast<size_t>(p % 2)], valid),
                  e.outputs[0].memref,
                  e.add(e.add(out, p * outPixelStride), e.add(channel, 2 * c)));
      }
  }

  int64_t preferredLanes() const {
    int64_t own = requantizer ? requantizer->preferredLanes() : 1;
    return e.outputs[0].planes > 0 ? kWord : own;
  }

  /// The results of accumulators of pixel `p` of the tile.
  Value finish(Value acc, Value slot, int64_t p) {
    if (mac.sumsToFloats && !samples)
      return epilogue->finish(acc, slot, {});
    if (samples)
      return epilogue->finish(
          acc, slot,
          samples->scaleOf(mac.isMatrix ? e.add(sample, p) : sample));
    if (mac.isFloat)
      return clampFloat(e, acc, mac.clampLo, mac.clampHi);
    return requantizer->emit(acc, slot,
                             e.b.getIntegerType(mac.resultBits > 8 ? 16 : 8));
  }

  LayerEmitter &e;
  MacLayer mac;
  DotForm base;
  Tile tile;
  Runs runs;
  SmallVector<ChannelBlock> blocks;
  int64_t slots = 0;
  /// Weights are stored as bytes less their zero point.
  std::optional<WeightRests> rests;
  bool hasZeros = false;
  /// What all sums are multiplied by, unless each has a step of its own.
  int16_t commonStep = 1;
  std::optional<WeightPacking> packing;
  bool unpacksFirst = false;
  Value weightTable, biasTable, zeroTable, stepTable;
  std::optional<Requantizer> requantizer;
  std::optional<PlaneEnds> planeEnds;
  std::optional<PlaneRows> planeRows;
  /// What is multiplied: the layer's input, or its rounded samples.
  TensorView input;
  std::optional<HybridSamples> samples;
  std::optional<HybridEpilogue> epilogue;
  /// The sample that the tile at hand reads, or the first of them; its first
  /// pixel in that.
  Value sample, firstPixel;
};

} // namespace

void emitMatrixLayer(LayerEmitter &e, MacLayer mac, bool isPacked) {
  GemmEmitter(e, std::move(mac), isPacked).emit();
}

} // namespace qcc
