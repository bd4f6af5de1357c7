// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lookups from pixels to windows (BitTables.h). The tables of a pixel are made
// in registers; each tap of each window that has the pixel looks up in all of
// them, which fits a byte, and adds to the window's sums of 16 bits in scratch
// memory. Against tables in memory that unpacks no index and no table is made
// again for the next strip: of two ports for vectors, which are all busy with
// lookups and additions, it takes an eighth less.

#include "BitTables.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace qcc;

/// Beside tables, registers hold a sum, indices and what was looked up.
constexpr int64_t kMostHeld = 24;
/// Indices beyond that leave no room for others in the first cache, nor do the
/// sums of a strip.
constexpr int64_t kMostIndices = 8 << 10, kMostSums = 12 << 10;

void BitTables::chooseScatter() {
  bool reachesNext = mac.strideHeight == 1 && mac.strideWidth == 1 &&
                     mac.dilationHeight == 1 && mac.dilationWidth == 1 &&
                     mac.taps() > 1;
  if (lookup.entries != 64 || keepsAllRows || !reachesNext ||
      indexBytes() > kMostIndices)
    return;
  // As many tables as bytes have room for the sums of, whatever the weights.
  int64_t groups = 1, size = perPixel;
  auto isSafe = [&] {
    for (size_t pixel = 0; pixel < indexTable.size(); pixel += perPixel)
      for (int64_t first = 0; first < perPixel; first += size) {
        int64_t sum = 0;
        for (int64_t t = first; t < std::min(first + size, perPixel); ++t)
          sum += most[indexTable[pixel + t]];
        if (sum > UINT8_MAX)
          return false;
      }
    return true;
  };
  while (size > kMostHeld || !isSafe())
    size = static_cast<int64_t>(llvm::divideCeil(perPixel, ++groups));
  held = size;
  // Strips of equal size, as wide as there is room for.
  int64_t strips = 1;
  auto divide = [&] {
    stripPixels = static_cast<int64_t>(llvm::divideCeil(mac.outWidth, strips));
    return sumBytes() <= kMostSums || stripPixels == 1;
  };
  while (!divide())
    ++strips;
  tilePixels = balanced(stripPixels, tilePixels);
}

/// [vector][tap][number], a byte each.
void BitTables::unpackIndices(LayerEmitter &e) const {
  int64_t lanes = lookup.lanes, together = lookup.together;
  auto unpack = [&](Value from, Value to, int64_t count) {
    for (auto [i, index] :
         llvm::enumerate(lookup.indices(e, weightTable, from, count)))
      e.store(index, e.scratch,
              e.add(to, sumBytes() + static_cast<int64_t>(i) * lanes));
  };
  e.loop(vectorsOfAll() * mac.kernelHeight, [&](Value row) {
    Value from = e.mul(row, weightBytes(run) * lanes),
          to = e.mul(row, run * lanes);
    int64_t trips = run / together, rest = run % together;
    e.loop(trips, [&](Value t) {
      unpack(e.add(from, e.mul(t, lookup.bytesTogether * lanes)),
             e.add(to, e.mul(t, together * lanes)), together);
    });
    if (rest)
      unpack(e.add(from, trips * lookup.bytesTogether * lanes),
             e.add(to, trips * together * lanes), rest);
  });
}

Value BitTables::sumPlace(LayerEmitter &e, Value y, Value x) const {
  Value row = mlir::arith::RemUIOp::create(e.b, y, e.index(mac.kernelHeight));
  return e.add(e.mul(row, stripPixels * pixelSumBytes()),
               e.mul(x, pixelSumBytes()));
}

void BitTables::clearSums(LayerEmitter &e) const {
  auto bytes = VectorType::get({lookup.lanes}, e.b.getI8Type());
  e.loop(sumBytes() / lookup.lanes, [&](Value i) {
    e.store(e.constant(bytes, 0), e.scratch, e.mul(i, lookup.lanes));
  });
}

void BitTables::scatterRow(LayerEmitter &e, Value from, Value row,
                           int64_t count) const {
  int64_t lanes = lookup.lanes, pixelWords = e.inputs[0].strides[2];
  auto halves = VectorType::get({lanes / 2}, e.b.getI16Type());
  auto minus = [&](Value a, Value b) -> Value {
    return mlir::arith::SubIOp::create(e.b, a, b);
  };
  // Of an input's row or pixel: the taps whose outputs there are.
  auto firstTap = [&](Value at, int64_t outputs) -> Value {
    return mlir::arith::MaxSIOp::create(e.b, e.add(at, 1 - outputs),
                                        e.index(0));
  };
  auto endTap = [&](Value at, int64_t taps) -> Value {
    return mlir::arith::MinSIOp::create(e.b, e.add(at, 1), e.index(taps));
  };
  auto addTo = [&](Value at, Value what) {
    Value sum = e.load(e.scratch, at, lanes, lanes);
    sum = vector::BitCastOp::create(e.b, halves, sum);
    sum = mlir::arith::AddIOp::create(e.b, sum, what);
    e.store(vector::BitCastOp::create(
                e.b, VectorType::get({lanes}, e.b.getI8Type()), sum),
            e.scratch, at);
  };
  Value firstRow = firstTap(row, mac.outHeight),
        endRow = endTap(row, mac.kernelHeight);
  e.loop(windowPixels(count), [&](Value x) {
    Value firstColumn = firstTap(x, count),
          endColumn = endTap(x, mac.kernelWidth);
    for (int64_t first = 0; first < perPixel; first += held) {
      int64_t tables = std::min(held, perPixel - first),
              word = first * channels / kWord,
              begin = first * channels - word * kWord,
              words = std::min(static_cast<int64_t>(llvm::divideCeil(
                                   begin + tables * channels, kWord)),
                               bits.words() - word);
      SmallVector<Value> loaded = loadWords(
          e, e.add(e.add(from, e.mul(x, pixelWords)), word * bits.in.bits),
          words);
      SmallVector<Value> own;
      for (int64_t t = 0; t < tables; ++t)
        own.push_back(makeTable(e, loaded, begin + t * channels));
      e.loop(vectorsOfAll(), [&](Value v) {
        e.loop(firstRow, endRow, ValueRange(), [&](Value ky, ValueRange) {
          Value weights =
              e.add(e.mul(v, mac.kernelHeight * run * lanes),
                    e.add(e.mul(ky, run * lanes), sumBytes() + first * lanes));
          Value sums =
              e.add(sumPlace(e, minus(row, ky), x), e.mul(v, lanes * 2));
          e.loop(
              firstColumn, endColumn, ValueRange(), [&](Value kx, ValueRange) {
                Value indices = e.add(weights, e.mul(kx, perPixel * lanes));
                Value sum;
                for (auto [t, table] : llvm::enumerate(own)) {
                  Value index =
                      e.load(e.scratch,
                             e.add(indices, static_cast<int64_t>(t) * lanes),
                             lanes, lanes);
                  Value entries = lookup.lookUp(e, table, index);
                  sum = sum ? lookup.add(e, sum, entries) : entries;
                }
                Value at = minus(sums, e.mul(kx, pixelSumBytes()));
                Value both = vector::BitCastOp::create(e.b, halves, sum);
                addTo(at, both);
                addTo(e.add(at, lanes), mlir::arith::ShRUIOp::create(
                                            e.b, both, e.constant(halves, 8)));
                return SmallVector<Value>();
              });
          return SmallVector<Value>();
        });
      });
    }
  });
}

/// The sums of windows, where those of others begin then.
SmallVector<Value> BitTables::takeSums(LayerEmitter &e, Value y,
                                       ArrayRef<Value> columns,
                                       Value firstChannel,
                                       int64_t vectors) const {
  int64_t lanes = lookup.lanes;
  auto bytes = VectorType::get({lanes}, e.b.getI8Type()),
       halves = VectorType::get({lanes / 2}, e.b.getI16Type());
  SmallVector<Value> result;
  for (Value column : columns)
    for (int64_t v = 0; v < vectors; ++v) {
      Value at = e.add(e.add(sumPlace(e, y, column), e.mul(firstChannel, 2)),
                       v * lanes * 2);
      auto take = [&](Value at) {
        Value sum = vector::BitCastOp::create(
            e.b, halves, e.load(e.scratch, at, lanes, lanes));
        e.store(e.constant(bytes, 0), e.scratch, at);
        return sum;
      };
      Value all = take(at);
      appendSums(e, all, take(e.add(at, lanes)), result);
    }
  return result;
}
