// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tables of sums of products. See the header.

#include "BitTables.h"
#include "DotForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace qcc;

/// Scratch memory beyond this is not in the second cache of any core, and of a
/// strip no more than this is to be, so that the first one has room for it.
constexpr int64_t kMostScratch = int64_t(1) << 20, kStripScratch = 24 << 10;
/// Sums of a tile: of pixels, or where it takes more to load tables also of
/// several vectors of channels, which then have each in common.
constexpr int64_t kMostSumsOfTile = 8, kMostPixelsOfConstant = 4;
/// Of whole registers that do not come from the first cache: what is kept
/// beyond which, and cycles that each costs.
constexpr int64_t kFirstCache = 48 << 10;
constexpr double kCyclesBeyond = 0.6;
/// Of a lookup and its addition where tables are in registers.
constexpr double kScatteredCycles = 1.25;
/// Bits that constant tables are chosen by: 4 kB of the largest.
constexpr int64_t kMostConstantBits = 6;

//===----------------------------------------------------------------------===//
// ByteLookup
//===----------------------------------------------------------------------===//

std::optional<ByteLookup> ByteLookup::choose(const TargetFacts &facts) {
  if (facts.isa != IsaFamily::X86 || facts.vectorBits < 256)
    return std::nullopt;
  ByteLookup lookup;
  lookup.lanes = facts.vectorBytes();
  if (lookup.lanes == 64 && facts.hasAVX512VBMI) {
    // vpermb reads the low 6 bits of a byte: the others of three are a fourth.
    lookup.entries = 64;
    lookup.together = 4, lookup.bytesTogether = 3;
    lookup.cycles = 1.4;
    lookup.cyclesPerTable = 1.5, lookup.cyclesPerPlane = 1.5;
  } else {
    lookup.cycles = lookup.lanes == 64 ? 1.4 : 0.95;
    lookup.cyclesPerTable = 1, lookup.cyclesPerPlane = 0.5;
  }
  return lookup;
}

SmallVector<Value> ByteLookup::indices(LayerEmitter &e, Value memref,
                                       Value offset, int64_t count) const {
  SmallVector<Value> loaded, result;
  for (int64_t i = 0; i < bytesOf(count); ++i)
    loaded.push_back(
        e.load(memref, e.add(offset, i * lanes), lanes, /*align=*/lanes));
  Type type = loaded[0].getType();
  auto masked = [&](Value v, int64_t mask) {
    return mlir::arith::AndIOp::create(e.b, v, e.constant(type, mask));
  };
  auto right = [&](Value v, int64_t places) {
    return mlir::arith::ShRUIOp::create(e.b, v, e.constant(type, places));
  };
  if (entries == 16) {
    result.push_back(masked(loaded[0], 15));
    if (count == 2)
      result.push_back(right(loaded[0], 4));
    return result;
  }
  result = loaded;
  if (count == together) {
    // Halves are shifted, which takes no constant: what comes from beside is
    // covered, or above the 6 bits.
    auto halves = VectorType::get({lanes / 2}, e.b.getI16Type());
    auto moved = [&](Value v, int64_t places) -> Value {
      v = vector::BitCastOp::create(e.b, halves, v);
      v = mlir::arith::ShRUIOp::create(e.b, v, e.constant(halves, places));
      return vector::BitCastOp::create(e.b, type, v);
    };
    auto cover = [&](Value low, Value high, int64_t mask) -> Value {
      return mlir::arith::OrIOp::create(e.b, masked(low, mask),
                                        masked(high, ~mask & 0xff));
    };
    result.push_back(cover(cover(moved(loaded[0], 6), moved(loaded[1], 4), 3),
                           moved(loaded[2], 2), 15));
  }
  return result;
}

Value ByteLookup::lookUp(LayerEmitter &e, Value table, Value index) const {
  Type type = index.getType();
  if (entries == 64)
    return callIntrinsic(e, "llvm.x86.avx512.permvar.qi.512", type,
                         {table, index});
  SmallVector<int64_t> repeated;
  for (int64_t lane = 0; lane < lanes; ++lane)
    repeated.push_back(lane % entries);
  table = vector::ShuffleOp::create(e.b, table, table, repeated);
  return callIntrinsic(
      e, lanes == 64 ? "llvm.x86.avx512.pshuf.b.512" : "llvm.x86.avx2.pshuf.b",
      type, {table, index});
}

Value ByteLookup::add(LayerEmitter &e, Value sum, Value entries) const {
  // No sum saturates; but of two ports for vectors this is kept off the one
  // that looks up.
  if (lanes == 64)
    return callIntrinsic(e, "llvm.uadd.sat", sum.getType(), {sum, entries});
  return mlir::arith::AddIOp::create(e.b, sum, entries);
}

//===----------------------------------------------------------------------===//
// Entries and indices
//===----------------------------------------------------------------------===//

std::optional<BitTables> BitTables::of(const BitLayer &bits,
                                       const TargetFacts &facts) {
  const MacLayer &mac = bits.mac;
  auto lookup = ByteLookup::choose(facts);
  if (!lookup)
    return std::nullopt;
  BitTables tables(bits, *lookup);
  tables.channels = llvm::Log2_64(lookup->entries) / bits.weights.bits;
  if (tables.channels == 0)
    return std::nullopt;
  tables.perPixel =
      static_cast<int64_t>(llvm::divideCeil(mac.inChannels, tables.channels));
  bool areNeighbours = mac.dilationWidth == 1;
  tables.run = tables.perPixel * (areNeighbours ? mac.kernelWidth : 1);
  tables.runs = areNeighbours ? 1 : mac.kernelWidth;
  // Two planes take longer to put together than their tables to add, which
  // counts where more than one window has them.
  tables.isConstant = tables.channels * bits.in.bits <= kMostConstantBits &&
                      (bits.in.bits == 1 || mac.isMatrix) &&
                      tables.vectorsOfAll() > 1;
  tables.keepsAllRows = facts.threads > 1;
  tables.rows = tables.keepsAllRows ? tables.allRows() : tables.windowRows();
  tables.tilePixels =
      balanced(mac.outWidth, tables.isConstant && tables.vectorsOfAll() > 1
                                 ? kMostPixelsOfConstant
                                 : kMostSumsOfTile);
  tables.stripPixels = mac.outWidth;
  if (!tables.keepsAllRows) {
    // As many whole tiles as there is room for, in strips of equal numbers.
    auto all =
        static_cast<int64_t>(llvm::divideCeil(mac.outWidth, tables.tilePixels));
    auto take = [&](int64_t tiles) {
      tables.stripPixels =
          std::min(balanced(all, tiles) * tables.tilePixels, mac.outWidth);
      return tables.scratchBytes() <= kStripScratch;
    };
    int64_t tiles = all;
    while (!take(tiles) && tiles > 1)
      --tiles;
  }
  if (!tables.makeEntries() || !tables.chooseBlock())
    return std::nullopt;
  tables.chooseScatter();
  if (tables.isConstant && !tables.scatters())
    tables.tileVectors =
        std::min(tables.vectorsOfAll(), kMostSumsOfTile / tables.tilePixels);
  if (tables.scratchBytes() > kMostScratch ||
      (tables.keepsAllRows && mac.batch > 1))
    return std::nullopt;
  return tables;
}

int64_t BitTables::allRows() const {
  return (mac.outHeight - 1) * mac.strideHeight + windowRows();
}

bool BitTables::makeEntries() {
  const WeightPlanes &weights = bits.weights;
  indexTable.assign(mac.outChannels * mac.taps() * perPixel, 0);
  std::vector<bool> isUsed(lookup.entries, false);
  isUsed[0] = true;
  auto *next = indexTable.data();
  for (int64_t o = 0; o < mac.outChannels; ++o)
    for (int64_t tap = 0; tap < mac.taps(); ++tap)
      for (int64_t first = 0; first < mac.inChannels; first += channels) {
        uint8_t index = 0;
        for (int64_t c = first; c < std::min(first + channels, mac.inChannels);
             ++c)
          for (int64_t j = 0; j < weights.bits; ++j)
            index |= (bits.weightCode(o, tap * mac.inChannels + c) >> j & 1)
                     << (j * channels + c - first);
        isUsed[index] = true;
        *next++ = index;
      }
  // Of one plane's bits x and an index: its part of D.
  auto part = [&](int64_t i, int64_t x, int64_t index) {
    int64_t sum = 0;
    for (int64_t j = 0; j < weights.bits; ++j) {
      int64_t y = index >> (j * channels) & ((int64_t(1) << channels) - 1);
      int64_t count =
          llvm::popcount(static_cast<uint64_t>(weights.isXor ? x ^ y : x & y))
          << (i + j);
      sum += (bits.in.weight(i) < 0) != weights.isNegative(j) ? -count : count;
    }
    return sum;
  };
  int64_t combinations = int64_t(1) << channels;
  entries.assign(bits.in.bits * combinations * lookup.entries, 0);
  most.assign(lookup.entries, 0);
  std::vector<int64_t> least(lookup.entries, 0);
  for (int64_t index = 0; index < lookup.entries; ++index) {
    if (!isUsed[index])
      continue;
    for (int64_t i = 0; i < bits.in.bits; ++i) {
      int64_t lo = INT64_MAX, hi = INT64_MIN;
      for (int64_t x = 0; x < combinations; ++x) {
        lo = std::min(lo, part(i, x, index));
        hi = std::max(hi, part(i, x, index));
      }
      least[index] += lo;
      most[index] += hi - lo;
      for (int64_t x = 0; x < combinations; ++x)
        entries[(i * combinations + x) * lookup.entries + index] =
            static_cast<int8_t>(part(i, x, index) - lo);
    }
    if (most[index] > UINT8_MAX)
      return false;
  }
  if (isConstant) {
    std::vector<int8_t> planes = std::move(entries);
    entries.assign(fewEntries(), 0);
    for (int64_t at = 0; at < fewEntries(); ++at)
      for (int64_t i = 0; i < bits.in.bits; ++i) {
        int64_t x = at / lookup.entries >> (i * channels) & (combinations - 1);
        entries[at] = static_cast<int8_t>(
            entries[at] + planes[(i * combinations + x) * lookup.entries +
                                 at % lookup.entries]);
      }
  }
  // Sums of all are kept in 16 bits.
  offsets.assign(mac.outChannels, 0);
  int64_t perChannel = mac.taps() * perPixel;
  for (int64_t o = 0; o < mac.outChannels; ++o) {
    int64_t sum = 0;
    for (int64_t i = 0; i < perChannel; ++i) {
      sum += most[indexTable[o * perChannel + i]];
      offsets[o] += least[indexTable[o * perChannel + i]];
    }
    mostSum = std::max(mostSum, sum);
  }
  return mostSum <= UINT16_MAX;
}

bool BitTables::fitsHalves() const { return mostSum < INT16_MAX; }

/// As few blocks of each run as the weights prove to be safe.
bool BitTables::chooseBlock() {
  int64_t perRun = run;
  auto isSafe = [&] {
    for (int64_t first = 0; first < static_cast<int64_t>(indexTable.size());
         first += perRun)
      for (int64_t at = 0; at < perRun; at += block) {
        int64_t sum = 0;
        for (int64_t i = at; i < std::min(at + block, perRun); ++i)
          sum += most[indexTable[first + i]];
        if (sum > UINT8_MAX)
          return false;
      }
    return true;
  };
  for (int64_t blocks = 1;; ++blocks) {
    block = static_cast<int64_t>(
        llvm::alignTo(llvm::divideCeil(run, blocks), lookup.together));
    if (isSafe())
      return true;
    if (block == lookup.together)
      return false;
  }
}

/// [vector][row of taps][run][lookup][lane]. The sums of a vector are widened
/// once or twice by even and odd places: byte 2 q + r, or 4 q + r, is lane q of
/// vector r.
std::vector<int8_t> BitTables::packIndices() const {
  std::vector<int8_t> packed;
  int64_t pieces = sumVectors(), piece = lookup.lanes / pieces;
  auto slots = static_cast<int64_t>(
      llvm::alignTo(mac.outChannels, std::max(lookup.lanes, kWord)));
  for (int64_t first = 0; first < slots; first += lookup.lanes)
    for (int64_t at = 0; at < mac.taps() * perPixel; at += run)
      for (int64_t i = 0; i < run; i += lookup.together) {
        int64_t count = std::min(lookup.together, run - i);
        std::vector<uint8_t> bytes(lookup.bytesOf(count) * lookup.lanes, 0);
        for (int64_t lane = 0; lane < lookup.lanes; ++lane) {
          int64_t o = first + lane % pieces * piece + lane / pieces;
          if (o >= mac.outChannels)
            continue;
          const uint8_t *own = &indexTable[o * mac.taps() * perPixel + at + i];
          auto byte = [&](int64_t number) -> uint8_t & {
            return bytes[number * lookup.lanes + lane];
          };
          if (lookup.entries == 16) {
            byte(0) = own[0] | (count > 1 ? own[1] << 4 : 0);
            continue;
          }
          for (int64_t k = 0; k < lookup.bytesOf(count); ++k)
            byte(k) = own[k];
          for (int64_t k = 0; count == lookup.together && k < 3; ++k)
            byte(k) |= (own[3] >> (2 * k) & 3) << 6;
        }
        packed.insert(packed.end(), bytes.begin(), bytes.end());
      }
  return packed;
}

double BitTables::cycles() const {
  auto outputs = static_cast<double>(mac.batch * mac.outHeight * mac.outWidth),
       vectors =
           static_cast<double>(llvm::divideCeil(mac.outChannels, lookup.lanes)),
       lookups = static_cast<double>(mac.taps() * perPixel),
       flushes = lookups / static_cast<double>(run) *
                 static_cast<double>(llvm::divideCeil(run, block));
  auto made = static_cast<double>(
      mac.batch * allRows() * perPixel *
      (mac.outWidth / stripPixels * windowPixels(stripPixels) +
       (mac.outWidth % stripPixels ? windowPixels(mac.outWidth % stripPixels)
                                   : 0)));
  if (scatters())
    return outputs * vectors *
               (lookups * kScatteredCycles +
                lookups / static_cast<double>(held) * 1.5 + 12) +
           made * (lookup.cyclesPerTable +
                   lookup.cyclesPerPlane * static_cast<double>(bits.in.bits));
  double perLookup = lookup.cycles;
  if (lookup.entries == 64 && scratchBytes() > kFirstCache)
    perLookup += kCyclesBeyond;
  return outputs * vectors * (lookups * perLookup + flushes * 2 + 12) +
         made * (lookup.cyclesPerTable +
                 lookup.cyclesPerPlane * static_cast<double>(bits.in.bits));
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

void BitTables::begin(LayerEmitter &e, bool halves) {
  givesHalves = halves;
  weightTable = e.table("weights", ArrayRef<int8_t>(packIndices()));
  entryTable = e.table("entries", ArrayRef<int8_t>(entries));
}

void BitTables::prepare(LayerEmitter &e) const {
  if (scatters())
    unpackIndices(e);
}

/// Where the tables of `row` lie.
Value BitTables::rowPlace(LayerEmitter &e, Value row) const {
  if (!keepsAllRows)
    row = mlir::arith::RemUIOp::create(e.b, row, e.index(rows));
  return e.mul(row, rowSlots());
}

void BitTables::makeRow(LayerEmitter &e, Value n, Value row, Value column,
                        int64_t count) const {
  const TensorView &in = e.inputs[0];
  int64_t pixelWords = bits.words() * bits.in.bits;
  int64_t base = in.base, batchStride = 0, rowStride = 0;
  if (!mac.isMatrix) {
    batchStride = in.strides[0], rowStride = in.strides[1];
    base -= mac.padding[0] * rowStride + mac.padding[2] * in.strides[2];
    pixelWords = in.strides[2];
  }
  Value from = e.add(e.add(e.mul(n, batchStride), e.mul(row, rowStride)), base);
  from = e.add(from, e.mul(column, mac.strideWidth * pixelWords));
  if (scatters())
    return scatterRow(e, from, row, count);
  Value to = rowPlace(e, row);
  e.splitLoop(windowPixels(count), [&](Value x) {
    e.once([&] {
      makePixel(e, e.add(from, e.mul(x, pixelWords)),
                e.add(to, e.mul(x, perPixel * slot())));
    });
  });
}

SmallVector<Value> BitTables::loadWords(LayerEmitter &e, Value from,
                                        int64_t words) const {
  SmallVector<Value> loaded;
  for (int64_t w = 0; w < words * bits.in.bits; ++w)
    loaded.push_back(e.load(e.inputs[0].memref, e.add(from, w), 1));
  return loaded;
}

Value BitTables::bitsOf(LayerEmitter &e, ArrayRef<Value> words, int64_t plane,
                        int64_t first) const {
  Type i32 = e.b.getI32Type();
  auto constant = [&](int64_t v) { return e.constant(i32, v); };
  int64_t planes = bits.in.bits, word = first / kWord, at = first % kWord;
  Value value = words[word * planes + plane];
  if (at > 0)
    value = mlir::arith::ShRUIOp::create(e.b, value, constant(at));
  auto next = static_cast<size_t>((word + 1) * planes + plane);
  if (at + channels > kWord && next < words.size())
    value = mlir::arith::OrIOp::create(
        e.b, value,
        mlir::arith::ShLIOp::create(e.b, words[next], constant(kWord - at)));
  return mlir::arith::AndIOp::create(e.b, value,
                                     constant((int64_t(1) << channels) - 1));
}

Value BitTables::constantPlace(LayerEmitter &e, ArrayRef<Value> words,
                               int64_t first) const {
  Type i32 = e.b.getI32Type();
  Value all;
  for (int64_t i = 0; i < bits.in.bits; ++i) {
    Value own = mlir::arith::ShLIOp::create(
        e.b, bitsOf(e, words, i, first),
        e.constant(i32, i * channels + llvm::Log2_64(lookup.entries)));
    all = all ? Value(mlir::arith::OrIOp::create(e.b, all, own)) : own;
  }
  return all;
}

Value BitTables::makeTable(LayerEmitter &e, ArrayRef<Value> words,
                           int64_t first) const {
  auto asIndex = [&](Value v) -> Value {
    return mlir::arith::IndexCastUIOp::create(e.b, e.b.getIndexType(), v);
  };
  int64_t size = lookup.entries;
  if (isConstant)
    return e.load(entryTable, asIndex(constantPlace(e, words, first)), size,
                  size);
  Value table;
  for (int64_t i = 0; i < bits.in.bits; ++i) {
    Value place = e.add(e.mul(asIndex(bitsOf(e, words, i, first)), size),
                        i * (size << channels));
    Value own = e.load(entryTable, place, size, size);
    table = table ? Value(mlir::arith::AddIOp::create(e.b, table, own)) : own;
  }
  return table;
}

Value BitTables::slots(LayerEmitter &e) const {
  return slotBits() == 8 ? e.scratch : e.viewAs(e.scratch, e.b.getI16Type());
}

Value BitTables::loadTable(LayerEmitter &e, Value slot) const {
  int64_t size = lookup.entries;
  if (!isConstant)
    return e.load(e.scratch, slot, size, size);
  Value place = mlir::arith::IndexCastUIOp::create(e.b, e.b.getIndexType(),
                                                   e.load(slots(e), slot, 1));
  return e.load(entryTable, place, size, size);
}

void BitTables::makePixel(LayerEmitter &e, Value from, Value to) const {
  int64_t planes = bits.in.bits;
  if (isConstant && planes == 1 && channels == 4 && mac.inChannels % kWord == 0)
    return makeNibbles(e, from, to);
  // Tables and words meet again after so many of them.
  int64_t periodBits = kWord / std::gcd(kWord, channels) * channels;
  int64_t periodWords = periodBits / kWord,
          periodTables = periodBits / channels;
  auto make = [&](Value firstWord, Value firstTable, int64_t words,
                  int64_t count) {
    SmallVector<Value> loaded = loadWords(e, firstWord, words);
    for (int64_t t = 0; t < count; ++t) {
      Value own = isConstant ? Value(mlir::arith::TruncIOp::create(
                                   e.b, e.b.getIntegerType(slotBits()),
                                   constantPlace(e, loaded, t * channels)))
                             : makeTable(e, loaded, t * channels);
      e.store(own, slots(e), e.add(firstTable, t * slot()));
    }
  };
  int64_t whole = perPixel / periodTables, rest = perPixel % periodTables;
  e.loop(whole, [&](Value t) {
    make(e.add(from, e.mul(t, periodWords * planes)),
         e.add(to, e.mul(t, periodTables * slot())), periodWords, periodTables);
  });
  if (rest)
    make(e.add(from, whole * periodWords * planes),
         e.add(to, whole * periodTables * slot()),
         bits.words() - whole * periodWords, rest);
}

/// Slots of tables of 4 channels each: 16 times a nibble.
void BitTables::makeNibbles(LayerEmitter &e, Value from, Value to) const {
  constexpr int64_t perWord = kWord / 8, most = 8;
  auto each = [&](Value word, int64_t words) {
    Value loaded = e.load(e.inputs[0].memref, e.add(from, word), words);
    if (words == 1)
      loaded = vector::BroadcastOp::create(
          e.b, VectorType::get({1}, e.b.getI32Type()), loaded);
    auto type = VectorType::get({words * perWord}, e.b.getI8Type());
    loaded = vector::BitCastOp::create(e.b, type, loaded);
    Value low = mlir::arith::ShLIOp::create(e.b, loaded, e.constant(type, 4)),
          high =
              mlir::arith::AndIOp::create(e.b, loaded, e.constant(type, 0xf0));
    SmallVector<int64_t> both;
    for (int64_t i = 0; i < words * perWord; ++i)
      both.append({i, words * perWord + i});
    e.store(vector::ShuffleOp::create(e.b, low, high, both), e.scratch,
            e.add(to, e.mul(word, 2 * perWord)));
  };
  e.forEachVector(
      bits.words(),
      std::min<int64_t>(
          most, int64_t(llvm::bit_floor(static_cast<uint64_t>(bits.words())))),
      each,
      /*isDivided=*/false);
}

void BitTables::makeFirstRows(LayerEmitter &e, Value n, Value column,
                              int64_t count) const {
  if (scatters())
    clearSums(e);
  e.loop(std::max<int64_t>(windowRows() - mac.strideHeight, 0),
         [&](Value row) { makeRow(e, n, row, column, count); });
}

void BitTables::makeNewRows(LayerEmitter &e, Value n, Value y, Value column,
                            int64_t count) const {
  Value first = e.add(e.mul(y, mac.strideHeight),
                      std::max<int64_t>(windowRows() - mac.strideHeight, 0));
  e.loop(std::min(windowRows(), mac.strideHeight),
         [&](Value row) { makeRow(e, n, e.add(first, row), column, count); });
}

SmallVector<Value> BitTables::reduce(LayerEmitter &e, Value y,
                                     ArrayRef<Value> columns,
                                     Value firstChannel,
                                     int64_t vectors) const {
  if (scatters())
    return takeSums(e, y, columns, firstChannel, vectors);
  int64_t lanes = lookup.lanes, size = slot();
  auto bytes = VectorType::get({lanes}, e.b.getI8Type()),
       halves = VectorType::get({lanes / 2}, e.b.getI16Type());
  size_t sums = columns.size() * static_cast<size_t>(vectors);
  int64_t runBytes = weightBytes(run) * lanes,
          vectorBytes = runBytes * runs * mac.kernelHeight;
  Value weights = e.mul(firstChannel, vectorBytes / lanes);
  SmallVector<Value> starts;
  for (Value column : columns)
    starts.push_back(e.mul(column, mac.strideWidth * perPixel * size));

  // Some lookups from the tables and the weights at the places given.
  auto step = [&](SmallVector<Value> state, Value tableAt, Value weightAt,
                  int64_t count) {
    SmallVector<SmallVector<Value>> indices;
    for (int64_t v = 0; v < vectors; ++v)
      indices.push_back(lookup.indices(
          e, weightTable, e.add(weightAt, v * vectorBytes), count));
    for (size_t k = 0; k < indices[0].size(); ++k)
      for (auto [p, start] : llvm::enumerate(starts)) {
        Value table = loadTable(
            e, e.add(e.add(start, tableAt), static_cast<int64_t>(k) * size));
        for (int64_t v = 0; v < vectors; ++v) {
          Value &sum = state[p * vectors + v];
          sum = lookup.add(e, sum, lookup.lookUp(e, table, indices[v][k]));
        }
      }
    return state;
  };
  // Bytes at even places are what is left of halves without the odd ones, in
  // the end: state has all and the odd ones.
  auto addBlock = [&](ValueRange state, Value tableAt, Value weightAt,
                      int64_t count) {
    SmallVector<Value> all(sums, e.constant(bytes, 0));
    int64_t trips = count / lookup.together;
    all = e.loop(trips, all, [&](Value t, ValueRange carried) {
      return step(SmallVector<Value>(carried),
                  e.add(tableAt, e.mul(t, lookup.together * size)),
                  e.add(weightAt, e.mul(t, lookup.bytesTogether * lanes)),
                  lookup.together);
    });
    if (int64_t rest = count % lookup.together)
      all = step(all, e.add(tableAt, trips * lookup.together * size),
                 e.add(weightAt, trips * lookup.bytesTogether * lanes), rest);
    SmallVector<Value> next(state);
    for (size_t i = 0; i < sums; ++i) {
      Value both = vector::BitCastOp::create(e.b, halves, all[i]);
      Value odd =
          mlir::arith::ShRUIOp::create(e.b, both, e.constant(halves, 8));
      next[2 * i] = mlir::arith::AddIOp::create(e.b, next[2 * i], both);
      next[2 * i + 1] = mlir::arith::AddIOp::create(e.b, next[2 * i + 1], odd);
    }
    return next;
  };
  Value firstRow = e.mul(y, mac.strideHeight);
  SmallVector<Value> state(2 * sums, e.constant(halves, 0));
  state = e.loop(mac.kernelHeight, state, [&](Value ky, ValueRange rowState) {
    Value rowAt = rowPlace(e, e.add(firstRow, e.mul(ky, mac.dilationHeight)));
    Value rowWeights = e.add(weights, e.mul(ky, runs * runBytes));
    return e.loop(
        runs, SmallVector<Value>(rowState), [&](Value kx, ValueRange runState) {
          Value tableAt =
              e.add(rowAt, e.mul(kx, mac.dilationWidth * perPixel * size));
          Value weightAt = e.add(rowWeights, e.mul(kx, runBytes));
          int64_t whole = run / block, rest = run % block;
          SmallVector<Value> own = e.loop(
              whole, SmallVector<Value>(runState),
              [&](Value t, ValueRange carried) {
                return addBlock(
                    carried, e.add(tableAt, e.mul(t, block * size)),
                    e.add(weightAt, e.mul(t, weightBytes(block) * lanes)),
                    block);
              });
          if (rest)
            own = addBlock(own, e.add(tableAt, whole * block * size),
                           e.add(weightAt, whole * weightBytes(block) * lanes),
                           rest);
          return own;
        });
  });
  SmallVector<Value> result;
  for (size_t i = 0; i < sums; ++i)
    appendSums(e, state[2 * i], state[2 * i + 1], result);
  return result;
}

void BitTables::appendSums(LayerEmitter &e, Value all, Value odd,
                           SmallVectorImpl<Value> &result) const {
  Type halves = all.getType();
  auto wholes = VectorType::get({lookup.lanes / 4}, e.b.getI32Type());
  Value even = mlir::arith::SubIOp::create(
      e.b, all, mlir::arith::ShLIOp::create(e.b, odd, e.constant(halves, 8)));
  if (givesHalves) {
    result.append({even, odd});
    return;
  }
  even = vector::BitCastOp::create(e.b, wholes, even);
  odd = vector::BitCastOp::create(e.b, wholes, odd);
  auto low = [&](Value v) {
    return mlir::arith::AndIOp::create(e.b, v, e.constant(wholes, 0xffff));
  };
  auto high = [&](Value v) {
    return mlir::arith::ShRUIOp::create(e.b, v, e.constant(wholes, 16));
  };
  result.append({low(even), low(odd), high(even), high(odd)});
}
