// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What tiles of the matrix kernel cost, and how threads share them. See the
// header.

#include "MatrixBlocks.h"

#include "HybridSample.h"
#include "VectorRISCV.h"
#include "VectorTable.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace qcc {

SmallVector<ChannelBlock> divideChannels(int64_t channels, const DotForm &form,
                                         Tile tile) {
  SmallVector<ChannelBlock> blocks;
  int64_t channel = 0, slot = 0, number = 0;
  auto add = [&](const DotForm &blockForm, int64_t vectors, int64_t count,
                 int64_t those) {
    if (those == 0)
      return;
    ChannelBlock block{blockForm, vectors, count, channel, those, slot, number};
    channel += those;
    slot += block.slots();
    number += count;
    blocks.push_back(block);
  };
  int64_t whole = channels / (form.lanes * tile.vectors);
  add(form, tile.vectors, whole, whole * form.lanes * tile.vectors);
  int64_t vectors = (channels - channel) / form.lanes;
  add(form, vectors, 1, vectors * form.lanes);
  if (int64_t rest = channels - channel)
    add(form.withLanes(form.fitLanes(rest)), 1, 1, rest);
  return blocks;
}

Runs findRuns(const MacLayer &mac, int64_t rowStride, int64_t columnStride) {
  Runs runs;
  runs.length = mac.depthwise ? 1 : mac.inChannels;
  runs.columns = mac.kernelWidth,
  runs.columnStride = columnStride * mac.dilationWidth;
  runs.rows = mac.kernelHeight, runs.rowStride = rowStride * mac.dilationHeight;
  if (runs.columns == 1 || runs.columnStride == runs.length)
    runs.length *= runs.columns, runs.columns = 1;
  if (runs.columns == 1 && (runs.rows == 1 || runs.rowStride == runs.length))
    runs.length *= runs.rows, runs.rows = 1;
  return runs;
}

int64_t Runs::valueAt(int64_t index, int64_t k, int64_t group,
                      bool gathersTails, bool overlapsTails) const {
  int64_t perRun = groups(group, gathersTails);
  int64_t run = index / perRun, g = index % perRun;
  if (run == count()) {
    int64_t tail = length % group;
    return k < tail * count() ? (k / tail + 1) * length - tail + k % tail : -1;
  }
  int64_t at = groupBegin(g, group, overlapsTails) + k;
  return at >= g * group && at < length ? run * length + at : -1;
}

SmallVector<int64_t> Runs::tails(int64_t tail) const {
  SmallVector<int64_t> result;
  for (int64_t run = 0; run < count(); ++run)
    result.push_back(run / columns * rowStride + run % columns * columnStride +
                     length - tail);
  return result;
}

SmallVector<Value> loadStarts(LayerEmitter &e, const ChannelBlock &block,
                              Value biasTable, Value slot, const DotTile &tile,
                              bool areZero) {
  int64_t width = block.form.lanes, pixels = tile.pixels, twice = 1;
  if (block.form.instructions->pairsPixels()) {
    pixels = static_cast<int64_t>(llvm::divideCeil(pixels, 2));
    width *= 2, twice = 2;
  }
  Type i32 = e.b.getI32Type();
  if (areZero)
    return SmallVector<Value>(
        static_cast<size_t>(pixels * tile.vectors),
        e.constant(width == 1 ? i32 : VectorType::get({width}, i32), 0));
  SmallVector<Value> starts;
  for (int64_t p = 0; p < pixels; ++p) {
    Value at = e.mul(slot, twice);
    if (block.form.loadsStarts)
      at = e.hide(at);
    for (int64_t v = 0; v < tile.vectors; ++v)
      starts.push_back(
          p > 0 && !block.form.loadsStarts
              ? starts[static_cast<size_t>(v)]
              : e.load(biasTable, e.add(at, v * width), width, width * 4));
  }
  return starts;
}

Value addBias(LayerEmitter &e, Value sum, int64_t place, Value steps,
              int16_t step, Value bias) {
  bool isNarrow = getElementTypeOrSelf(sum.getType()).isInteger(16);
  if (isNarrow && place == 0 && !steps && e.facts.hasRVV &&
      e.lanesIn(sum.getType()) > 1)
    return emitWideningMacc(e, bias, e.constant(e.b.getI16Type(), step), sum);
  sum = e.extend(sum, e.b.getI32Type(), /*isSigned=*/true);
  if (place != 0)
    sum = mlir::arith::ShRSIOp::create(e.b, sum,
                                       e.constant(sum.getType(), place));
  if (steps)
    sum = mlir::arith::MulIOp::create(e.b, sum, steps);
  if (step != 1)
    sum =
        mlir::arith::MulIOp::create(e.b, sum, e.constant(sum.getType(), step));
  return mlir::arith::AddIOp::create(e.b, bias, sum);
}

std::vector<int32_t> twiceByTwos(ArrayRef<int32_t> values) {
  std::vector<int32_t> twice;
  for (; !values.empty(); values = values.drop_front(2))
    for (int times = 0; times < 2; ++times)
      twice.insert(twice.end(), values.begin(), values.begin() + 2);
  return twice;
}

double estimateRow(const MacLayer &mac, const DotForm &form, Tile tile,
                   int64_t pixels, int64_t channels) {
  double steps = static_cast<double>(llvm::divideCeil(mac.depth(), form.group));
  // Rows of the filter are apart, its columns only where it is dilated.
  if (int64_t run = mac.inChannels * mac.kernelWidth;
      form.knowsTiles && mac.dilationWidth == 1)
    steps = form.gathers(mac.kernelHeight, run)
                ? static_cast<double>(mac.kernelHeight * (run / form.group) + 1)
                : static_cast<double>(mac.kernelHeight *
                                      llvm::divideCeil(run, form.group));
  auto vectors = static_cast<int64_t>(llvm::divideCeil(channels, form.lanes));
  // One pixel streams the weights through: there the last vectors tell, too.
  bool countsTiles = form.knowsTiles || (pixels == 1 && form.streamBytes > 0);
  auto cost = [&](int64_t rows, int64_t columns) {
    // Weights that the first-level cache does not hold come slower.
    double bytes = static_cast<double>(form.weightsPerStep() *
                                       form.storedBits() * columns) /
                   8;
    double stream = form.streamBytes > 0 && bytes * steps > 24 * 1024
                        ? bytes / form.streamBytes
                        : 0;
    double groups =
        std::max(form.instructions->groupCycles(form, rows, columns) +
                     form.unpackCycles * static_cast<double>(columns),
                 stream) *
        steps;
    if (!countsTiles)
      return groups;
    // The loop around it; requantization, cheapest on four vectors at a time.
    auto stores = static_cast<double>(
        columns / 4 + llvm::popcount(static_cast<uint64_t>(columns % 4)));
    // Short reductions keep their weights in registers, and more than half of
    // those leave them too few.
    bool spillsWeights =
        rows * columns > 16 && steps <= 4 && form.instructions->pairsPixels();
    double spills = spillsWeights ? static_cast<double>(rows * columns) : 0;
    return groups + 12 + spills +
           static_cast<double>(rows) *
               (2.5 * static_cast<double>(columns) + 2.5 * stores);
  };
  auto perColumn = [&](int64_t columns) {
    double cycles =
        static_cast<double>(pixels / tile.pixels) * cost(tile.pixels, columns);
    return pixels % tile.pixels ? cycles + cost(pixels % tile.pixels, columns)
                                : cycles;
  };
  if (!countsTiles)
    return perColumn(tile.vectors) * static_cast<double>(vectors) /
           static_cast<double>(tile.vectors);
  double cycles =
      static_cast<double>(vectors / tile.vectors) * perColumn(tile.vectors);
  return vectors % tile.vectors ? cycles + perColumn(vectors % tile.vectors)
                                : cycles;
}

double estimateStream(const MacLayer &mac, const DotForm &form,
                      int64_t bitsInMemory) {
  auto bytes =
      static_cast<double>(mac.outChannels * mac.depth() * bitsInMemory) / 8;
  return form.memoryBytes > 0 && bytes > (1 << 20) ? bytes / form.memoryBytes
                                                   : 0;
}

std::optional<WeightPacking> findMatrixPacking(const MacLayer &mac,
                                               const DotForm &form,
                                               const TargetFacts &facts) {
  return WeightPacking::find(mac, mac.inChannels % form.group != 0,
                             form.lanes > 1 && hasByteLookups(facts));
}

DotForm withRanges(DotForm form, const MacLayer &mac,
                   const std::optional<WeightPacking> &packing) {
  if (!form.instructions->hasNarrowSums())
    return form;
  int64_t lo = -UINT8_MAX, hi = UINT8_MAX;
  if (!mac.isHybrid) {
    int64_t flip = form.flipsSign(mac.inputSigned) ? 128 : 0;
    if (flip)
      form.activationCycles += 1;
    // Zero points are where there is padding.
    std::tie(lo, hi) = qnn::storageRange(mac.input.getType());
    lo = std::min(lo, mac.inputZero) + flip;
    hi = std::max(hi, mac.inputZero) + flip;
  }
  form.greatestActivation = std::max(std::abs(lo), std::abs(hi));
  form.greatestWeight = form.greatestSum = 0;
  for (int64_t o = 0; o < mac.outChannels; ++o) {
    int64_t least = 0, most = 0;
    for (int64_t k = 0; k < mac.depth(); ++k) {
      int64_t w = mac.weight(o, k) - mac.weightZeros[o];
      if (packing)
        w = packing->valueOf(o, w);
      // What is no byte suits nothing, however small activations are.
      bool isByte = w >= INT8_MIN && w <= INT8_MAX;
      form.greatestWeight = std::max(form.greatestWeight,
                                     isByte ? std::abs(w) : int64_t{INT16_MAX});
      least += std::min({w * lo, w * hi, int64_t(0)});
      most += std::max({w * lo, w * hi, int64_t(0)});
    }
    form.greatestSum = std::max({form.greatestSum, -least, most});
  }
  return form;
}

CodeUse codeUseOf(const WeightPacking &packing, const MacLayer &mac,
                  const DotForm &form, int64_t vectors) {
  if (mac.inChannels % form.group != 0)
    return CodeUse::Values;
  if (form.instructions->takesCodes())
    return CodeUse::Codes;
  return form.instructions->takesAnyBytes() &&
                 packing.mayStayInPlace(vectors, mac.depth())
             ? CodeUse::InPlace
             : CodeUse::Values;
}

int64_t unpackedAt(const MacLayer &mac) {
  return mac.isHybrid ? static_cast<int64_t>(llvm::alignTo(
                            HybridSamples::layerBytes(mac, mac.padding), 64))
                      : 0;
}

Value viewUnpacked(LayerEmitter &e, const MacLayer &mac, int64_t count,
                   int64_t bits) {
  auto type =
      MemRefType::get({count}, e.b.getIntegerType(static_cast<unsigned>(bits)));
  return memref::ViewOp::create(e.b, type, e.scratch, e.index(unpackedAt(mac)),
                                ValueRange());
}

int64_t unpackedBytes(const MacLayer &mac, const DotForm &form, int64_t vectors,
                      const WeightPacking &packing) {
  auto groups =
      static_cast<int64_t>(llvm::divideCeil(mac.inChannels, form.group));
  auto steps = static_cast<int64_t>(
      llvm::alignTo(groups * vectors, packing.stepsPerUnit()));
  return mac.taps() * steps * form.weightsPerStep() * form.weightBits() / 8;
}

Value placeOfNext(LayerEmitter &e, const ChannelBlock &block, int64_t weights,
                  Value firstPixel, int64_t pixels) {
  // Longer ones are followed by the machine's own prefetchers, and would push
  // out what the block at hand reads again.
  constexpr int64_t mostBytes = 128 * 1024;
  if (!e.weightsComeFromAfar || block.form.streamBytes <= 0 ||
      weights * block.form.weightBits() / 8 > mostBytes)
    return {};
  Value tile = mlir::arith::DivUIOp::create(e.b, firstPixel, e.index(pixels)),
        vector =
            mlir::arith::RemUIOp::create(e.b, tile, e.index(block.vectors));
  return e.add(e.mul(vector, block.form.weightsPerStep()), weights);
}

void emitMatrixParts(LayerEmitter &e, const MacLayer &mac,
                     ArrayRef<ChannelBlock> blocks, Tile tile,
                     const TensorView &input, int64_t height, int64_t full,
                     EmitTiles emitTiles) {
  int64_t rows = height * mac.batch;
  int64_t pixels = mac.outHeight * mac.outWidth * mac.batch;
  Value zero = e.index(0);
  auto emitAll = [&](const ChannelBlock &block, Value index, Value n, Value y) {
    emitTiles(block, index, n, y, zero, e.index(full));
    if (full * tile.pixels * rows != pixels)
      emitTiles(block, index, n, y, Value(), Value());
  };
  // All pixels of a block, of which parts are rows or tiles.
  auto emitByPixels = [&](const ChannelBlock &block, Value index) {
    if (rows > 1)
      return e.splitLoop(mac.batch, [&](Value n) {
        e.splitLoop(height, [&](Value y) { emitAll(block, index, n, y); });
      });
    e.splitLoop(full / e.parts * e.parts, [&](Value t) {
      emitTiles(block, index, zero, zero, t, e.index(1));
    });
  };
  // What that leaves of a single row.
  auto emitLeft = [&](const ChannelBlock &block, Value index) {
    int64_t shared = full / e.parts * e.parts;
    if (rows > 1)
      return;
    if (shared != full)
      emitTiles(block, index, zero, zero, e.index(shared),
                e.index(full - shared));
    if (full * tile.pixels != pixels)
      emitTiles(block, index, zero, zero, Value(), Value());
  };
  // Where channels are divided each thread reads all that the others have made,
  // which costs more than weights that both read.
  bool hasManyWeights =
      pixels < kFewPixels && mac.outChannels * mac.depth() >
                                 pixels * (mac.inChannels + mac.outChannels);
  bool byChannels =
      blocks.front().count >= e.parts &&
      (hasManyWeights ||
       e.splitsOuter(blocks.front().count,
                     std::max<int64_t>(rows > 1 ? rows : full, 1)));
  auto emit = [&] {
    // Each thread reads what all have made.
    if (byChannels && rows == 1)
      e.prefetch(input, e.index(input.base), pixels * mac.inChannels);
    for (const ChannelBlock &block : blocks) {
      int64_t even = block.count / e.parts * e.parts;
      if (byChannels)
        e.splitLoop(even, [&](Value index) {
          e.loop(mac.batch, [&](Value n) {
            e.loop(height, [&](Value y) { emitAll(block, index, n, y); });
          });
        });
      else
        e.loop(even, [&](Value index) { emitByPixels(block, index); });
      e.loop(block.count - even,
             [&](Value i) { emitByPixels(block, e.add(i, even)); });
    }
    for (const ChannelBlock &block : blocks) {
      int64_t even = block.count / e.parts * e.parts;
      if (!byChannels)
        e.splitLoop(even, [&](Value index) { emitLeft(block, index); });
      e.loop(block.count - even,
             [&](Value i) { emitLeft(block, e.add(i, even)); });
    }
  };
  Division division;
  if (byChannels)
    division = {blocks.front().count / e.parts * e.parts,
                blocks.front().lanes()};
  else
    division.iterations = rows > 1 ? rows : full / e.parts * e.parts;
  e.inParallel(emit, division);
}

} // namespace qcc
