// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The code of the matrix kernel. No im2col: NHWC rows are read where they lie,
// a filter row of consecutive pixels being one run. The tables that it reads
// are made in MatrixPacking.cpp.

#include "MatrixLayer.h"
#include "KernelSupport.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {
namespace {

class GemmEmitter final : MatrixLayer {
public:
  GemmEmitter(LayerEmitter &e, MacLayer mac, bool isPacked)
      : MatrixLayer(e, std::move(mac), isPacked) {}

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
    auto forTiles =
        [&](Value n, Value y, Value first, Value tiles,
            function_ref<void(int64_t pixels, Value in, Value out)> body) {
          Value inRow = e.add(e.add(e.mul(n, inStrides[0]),
                                    e.mul(y, inStrides[1] * mac.strideHeight)),
                              origin);
          Value outRow =
              e.add(e.add(e.mul(n, outStrides[0]), e.mul(y, outStrides[1])),
                    out.base);
          auto at = [&](Value x, int64_t pixels) {
            sample = mac.isMatrix ? x : n;
            firstPixel = e.add(e.mul(y, width), x);
            e.once([&] {
              body(pixels,
                   e.add(inRow, e.mul(x, inStrides[2] * mac.strideWidth)),
                   e.add(outRow, e.mul(x, outStrides[2])));
            });
          };
          if (!tiles)
            return at(e.index(full * tile.pixels), rest);
          e.loop(tiles, [&](Value t) {
            at(e.mul(e.add(first, t), tile.pixels), tile.pixels);
          });
        };
    auto emitTiles = [&](const ChannelBlock &block, Value blockIndex, Value n,
                         Value y, Value first, Value tiles) {
      forTiles(n, y, first, tiles, [&](int64_t pixels, Value from, Value to) {
        emitPixels(block, blockIndex, pixels, from, to,
                   inStrides[2] * mac.strideWidth, outStrides[2]);
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
    // Of all blocks.
    bool sumsWindows = zeroTable && base.lanes == 1 && e.parts == 1;
    auto emitAllTiles = [&](Value n, Value y, Value first, Value tiles) {
      if (sumsWindows)
        return forTiles(
            n, y, first, tiles, [&](int64_t pixels, Value from, Value to) {
              int64_t stride = inStrides[2] * mac.strideWidth;
              windowSums = sumWindows(pixels, from, stride);
              forBlocks([&](const ChannelBlock &block, Value blockIndex) {
                emitPixels(block, blockIndex, pixels, from, to, stride,
                           outStrides[2]);
              });
            });
      forBlocks([&](const ChannelBlock &block, Value blockIndex) {
        emitTiles(block, blockIndex, n, y, first, tiles);
      });
    };
    auto emitAllOfRow = [&](Value n, Value y) {
      emitAllTiles(n, y, zero, e.index(full));
      if (rest)
        emitAllTiles(n, y, Value(), Value());
    };
    if (planeRows) {
      if (unpacksFirst)
        unpackBlock(blocks[0], e.index(0));
      return planeRows->emit(emitAllOfRow);
    }
    if (choice.walks.empty()) {
      if (e.parts > 1)
        return emitMatrixParts(e, mac, blocks, tile, in, height, full,
                               emitTiles);
      if (sumsWindows)
        return (void)e.loop(mac.batch, [&](Value n) {
          e.loop(height, [&](Value y) { emitAllOfRow(n, y); });
        });
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
            if (sumsWindows)
              return (void)e.loop(
                  rows, [&](Value y) { emitAllOfRow(zero, e.add(first, y)); });
            forBlocks([&](const ChannelBlock &block, Value blockIndex) {
              e.loop(rows, [&](Value y) {
                emitRow(block, blockIndex, zero, e.add(first, y));
              });
            });
          });
    auto emitRest = [&] {
      if (rest)
        emitAllTiles(zero, zero, Value(), Value());
    };
    if (e.isDescending)
      emitRest();
    e.forEachStep(full, choice.walks[0].pixels / tile.pixels,
                  [&](Value first, Value tiles) {
                    emitAllTiles(zero, zero, first, tiles);
                  });
    if (!e.isDescending)
      emitRest();
  }

private:
  void unpackBlock(const ChannelBlock &block, Value index) {
    packedTableOf(block).unpackTo(e, unpackedTable(block),
                                  packedWeights(block, index),
                                  runs.count() * runWeights(block));
  }

  /// The sums of what each of `pixels` pixels reads.
  SmallVector<Value> sumWindows(int64_t pixels, Value in, int64_t pixelStride) {
    const DotForm &form = base;
    SmallVector<Value> sums(static_cast<size_t>(pixels),
                            e.constant(e.b.getI32Type(), 0));
    auto addGroup = [&](SmallVector<Value> state, Value at, int64_t valid) {
      for (auto [p, sum] : llvm::enumerate(state))
        sum = form.step(
            e, sum,
            form.prepare(e, input.memref,
                         e.add(at, static_cast<int64_t>(p) * pixelStride),
                         valid, mac.inputSigned),
            form.instructions->ones(e, form, valid), mac.inputSigned);
      return state;
    };
    int64_t tail = runs.length % form.group, whole = runs.length - tail;
    return e.loop(runs.rows, sums, [&](Value row, ValueRange outer) {
      Value inRow = e.add(in, e.mul(row, runs.rowStride));
      return e.loop(runs.columns, outer, [&](Value column, ValueRange inner) {
        Value at = e.add(inRow, e.mul(column, runs.columnStride));
        SmallVector<Value> state = e.loop(
            whole / form.group, inner, [&](Value group, ValueRange carried) {
              return addGroup(SmallVector<Value>(carried),
                              e.add(at, e.mul(group, form.group)), form.group);
            });
        return tail ? addGroup(state, e.add(at, whole), tail) : state;
      });
    });
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
    bool sumsUp = zeroTable && (!packing || block.codeUse != CodeUse::Values);
    DotTile dotTile{pixels, block.vectors, sumsUp && windowSums.empty()};
    // Sums that are to be multiplied get their biases behind that.
    bool addsBiases =
        stepTable || block.codeUse == CodeUse::InPlace || dot.addsBiasesLast();
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
        int64_t place = packing ? packing->placeOf(v, block.codeUse) : 0;
        for (int64_t i = v; i < dotTile.accumulators(); i += block.vectors)
          sums[i] = addBias(e, sums[i], place, steps, commonStep, bias);
      }
    if (sumsUp)
      for (int64_t v = 0; v < block.vectors; ++v) {
        Value zero = e.load(zeroTable, slotOf[v], lanes, lanes * 4);
        for (int64_t p = 0; p < pixels; ++p) {
          Value &a = sums[p * block.vectors + v],
                all = windowSums.empty() ? sums[dotTile.accumulators() + p]
                                         : windowSums[p];
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
          if (zeroTable)
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

  /// The sample that the tile at hand reads, or the first of them; its first
  /// pixel in that.
  Value sample, firstPixel;
  /// What its pixels' windows sum up to, where that is made once for all
  /// channels.
  SmallVector<Value> windowSums;
};

} // namespace

void emitMatrixLayer(LayerEmitter &e, MacLayer mac, bool isPacked) {
  GemmEmitter(e, std::move(mac), isPacked).emit();
}

} // namespace qcc
