// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums of products of few bits by looking them up: for a few neighbouring
// channels of a pixel there are no more sums of products than combinations of
// so many weights, and they fit into a vector register as bytes. Such a table
// is made once for each pixel, from tables for the bits of each plane, and
// every window that has the pixel looks up what the weights of its output
// channels say, one channel to a lane. That takes as long for activations of
// three bits as of one; bits are counted (BitPlanes.h) for each plane anew.
//
// Either a tile of windows looks up in tables that are kept of some rows, or,
// where registers hold the tables of a pixel and the indices of all weights
// are few (BitScatter.cpp), each pixel adds to the sums of the windows around
// it, so that no table is stored, none made twice, and every index is a byte.
//
// Activations of few bits have few tables, all of which are constant. Of rows
// only is kept then which they are.

#ifndef QCC_LIB_CONVERSION_KERNELS_BITTABLES_H
#define QCC_LIB_CONVERSION_KERNELS_BITTABLES_H

#include "BitLayer.h"

namespace qcc {

/// What an instruction set looks up with.
struct ByteLookup {
  /// Bytes of a table.
  int64_t entries = 16;
  /// Indices looked up at once.
  int64_t lanes = 32;
  /// Lookups whose indices lie in common bytes, and how many bytes those take.
  int64_t together = 2, bytesTogether = 1;
  /// Estimated cycles of a lookup with its addition, and of making a table
  /// beside what each plane takes.
  double cycles = 1, cyclesPerTable = 1, cyclesPerPlane = 0.5;

  /// None where vectors are not looked up in others.
  static std::optional<ByteLookup> choose(const TargetFacts &facts);

  /// The indices of `count` lookups, from their bytes on.
  llvm::SmallVector<mlir::Value> indices(LayerEmitter &e, mlir::Value memref,
                                         mlir::Value offset,
                                         int64_t count) const;
  /// Bytes per lane of `count` lookups that lie together.
  int64_t bytesOf(int64_t count) const {
    return count == together ? bytesTogether : count;
  }
  mlir::Value lookUp(LayerEmitter &e, mlir::Value table,
                     mlir::Value index) const;
  /// Adds what was looked up to a sum of bytes that has room for it.
  mlir::Value add(LayerEmitter &e, mlir::Value sum, mlir::Value entries) const;
};

/// One layer by lookups. D of BitPlanes.h is a sum of entries and a constant
/// per channel.
class BitTables {
public:
  /// Nothing where it does not fit, or scratch memory would be too large.
  static std::optional<BitTables> of(const BitLayer &bits,
                                     const TargetFacts &facts);

  /// Output channels in a vector.
  int64_t lanes() const { return lookup.lanes; }
  /// Output pixels whose sums of bytes fit into registers, for so many vectors
  /// of channels, and those of a strip of the image, whose tables are in the
  /// first cache while it is gone through from top to bottom.
  int64_t tilePixels = 1, tileVectors = 1, stripPixels = 1;
  double cycles() const;
  int64_t scratchBytes() const {
    return scatters() ? sumBytes() + indexBytes() : rows * rowBytes();
  }
  /// Rows of tables that are kept: those of a window, one over the other, or,
  /// for threads, all.
  bool keepsAll() const { return keepsAllRows; }
  /// D of channel `o` less its sum of entries.
  int64_t offset(int64_t o) const {
    return o < static_cast<int64_t>(offsets.size()) ? offsets[o] : 0;
  }

  /// Sums are below the greatest number of 16 bits with their sign, so that
  /// they may be compared as such.
  bool fitsHalves() const;
  /// Makes the constants of the layer's function. Sums will be of 16 bits
  /// (`halves`) or 32.
  void begin(LayerEmitter &e, bool halves);
  /// What the layer does before all else.
  void prepare(LayerEmitter &e) const;
  /// Tables for row `row` (spare ones included) of the input's batch `n`, which
  /// `count` output pixels from `column` on want.
  void makeRow(LayerEmitter &e, mlir::Value n, mlir::Value row,
               mlir::Value column, int64_t count) const;
  /// Of them, those that output row `y` wants and no row above it did.
  void makeNewRows(LayerEmitter &e, mlir::Value n, mlir::Value y,
                   mlir::Value column, int64_t count) const;
  /// Those that row 0 shares with the next.
  void makeFirstRows(LayerEmitter &e, mlir::Value n, mlir::Value column,
                     int64_t count) const;
  int64_t allRows() const;

  /// Sums of entries for the output pixels `columns` (of the strip) of row `y`,
  /// of the channels of `vectors` vectors from `firstChannel` on,
  /// [pixel][vector of sums].
  llvm::SmallVector<mlir::Value> reduce(LayerEmitter &e, mlir::Value y,
                                        llvm::ArrayRef<mlir::Value> columns,
                                        mlir::Value firstChannel,
                                        int64_t vectors) const;

private:
  BitTables(const BitLayer &bits, const ByteLookup &lookup)
      : bits(bits), mac(bits.mac), lookup(lookup) {}
  /// Entries, and codes of weights as indices; false if bytes cannot hold them.
  bool makeEntries();
  bool chooseBlock();
  std::vector<int8_t> packIndices() const;
  uint8_t indexOf(int64_t o, int64_t tap, int64_t number) const {
    return indexTable[(o * mac.taps() + tap) * perPixel + number];
  }
  /// Input pixels of a row that `count` output pixels want.
  int64_t windowPixels(int64_t count) const {
    return (count - 1) * mac.strideWidth +
           (mac.kernelWidth - 1) * mac.dilationWidth + 1;
  }
  /// A table of a pixel in scratch memory, in elements: bytes, or where it is
  /// one of the entries' table, one or two bytes that say where there.
  int64_t slot() const { return isConstant ? 1 : lookup.entries; }
  int64_t slotBits() const { return isConstant && fewEntries() > 256 ? 16 : 8; }
  int64_t rowSlots() const {
    return windowPixels(stripPixels) * perPixel * slot();
  }
  int64_t rowBytes() const { return rowSlots() * slotBits() / 8; }
  mlir::Value slots(LayerEmitter &e) const;
  /// Bytes of the tables of all that activations of few bits may be.
  int64_t fewEntries() const {
    return (int64_t(1) << (channels * bits.in.bits)) * lookup.entries;
  }
  int64_t windowRows() const {
    return (mac.kernelHeight - 1) * mac.dilationHeight + 1;
  }
  /// Bytes per lane of the weights of `count` lookups in a row.
  int64_t weightBytes(int64_t count) const {
    return count / lookup.together * lookup.bytesTogether +
           lookup.bytesOf(count % lookup.together);
  }
  /// Vectors of sums of a vector of channels.
  int64_t sumVectors() const { return givesHalves ? 2 : 4; }
  mlir::Value rowPlace(LayerEmitter &e, mlir::Value row) const;
  void makePixel(LayerEmitter &e, mlir::Value from, mlir::Value to) const;
  void makeNibbles(LayerEmitter &e, mlir::Value from, mlir::Value to) const;
  /// `words` words of all planes from element `from` of the input on, and the
  /// table for bit number `first` of them and the next.
  llvm::SmallVector<mlir::Value> loadWords(LayerEmitter &e, mlir::Value from,
                                           int64_t words) const;
  mlir::Value makeTable(LayerEmitter &e, llvm::ArrayRef<mlir::Value> words,
                        int64_t first) const;
  /// The same bits of plane `plane`, as i32.
  mlir::Value bitsOf(LayerEmitter &e, llvm::ArrayRef<mlir::Value> words,
                     int64_t plane, int64_t first) const;
  /// Of constant tables: where in the entries' table theirs lies, as i32.
  mlir::Value constantPlace(LayerEmitter &e, llvm::ArrayRef<mlir::Value> words,
                            int64_t first) const;
  mlir::Value loadTable(LayerEmitter &e, mlir::Value slot) const;
  /// Of vectors of sums: all of 16 bits, and what their odd bytes add up to.
  void appendSums(LayerEmitter &e, mlir::Value all, mlir::Value odd,
                  llvm::SmallVectorImpl<mlir::Value> &result) const;

  //===--- pixels to windows, rather than windows to pixels
  //---------------------===//

  bool scatters() const { return held > 0; }
  void chooseScatter();
  int64_t vectorsOfAll() const {
    return static_cast<int64_t>(
        llvm::divideCeil(mac.outChannels, lookup.lanes));
  }
  /// Sums of a pixel's channels, of a strip for each row of taps.
  int64_t pixelSumBytes() const { return vectorsOfAll() * lookup.lanes * 2; }
  int64_t sumBytes() const {
    return mac.kernelHeight * stripPixels * pixelSumBytes();
  }
  int64_t indexBytes() const {
    return vectorsOfAll() * mac.taps() * perPixel * lookup.lanes;
  }
  /// Where the sums of row `y` and pixel `x` of a strip lie.
  mlir::Value sumPlace(LayerEmitter &e, mlir::Value y, mlir::Value x) const;
  void clearSums(LayerEmitter &e) const;
  void unpackIndices(LayerEmitter &e) const;
  /// Adds what the pixels of row `row` from element `from` on are to windows.
  void scatterRow(LayerEmitter &e, mlir::Value from, mlir::Value row,
                  int64_t count) const;
  llvm::SmallVector<mlir::Value> takeSums(LayerEmitter &e, mlir::Value y,
                                          llvm::ArrayRef<mlir::Value> columns,
                                          mlir::Value firstChannel,
                                          int64_t vectors) const;

  const BitLayer &bits;
  const MacLayer &mac;
  ByteLookup lookup;
  /// Channels that a table serves, tables of a pixel, lookups of a run (taps
  /// whose tables follow each other) and runs of a row of taps, lookups that
  /// sums of bytes have room for.
  int64_t channels = 1, perPixel = 1, run = 1, runs = 1, block = 1;
  /// Tables of a pixel that registers hold while all windows that have it look
  /// up; none where tables are kept.
  int64_t held = 0;
  /// Rows that tables are kept of.
  int64_t rows = 1;
  bool keepsAllRows = false, givesHalves = false;
  /// There is a table for each combination of the bits of all planes, so that
  /// none is made.
  bool isConstant = false;
  /// The most that a sum may be.
  int64_t mostSum = 0;
  /// [plane][bits of the plane][index], or if constant [bits of all][index].
  std::vector<int8_t> entries;
  /// Of an index, the most that its entry may be.
  std::vector<int64_t> most;
  std::vector<uint8_t> indexTable;
  std::vector<int64_t> offsets;
  mlir::Value weightTable, entryTable;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_BITTABLES_H
