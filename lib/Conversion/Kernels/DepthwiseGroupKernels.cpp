// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Depthwise convolution by dot instructions: a register of bytes holds 16, 32
// or 64 neighbouring channels of a pixel. Two or four such registers from the
// rows of a window are unpacked into each other, so that every 32-bit lane has
// the vertical neighbours of one channel, which one dot step multiplies with a
// piece of that channel's filter column. An unpacked column serves all windows
// that it lies in, to the right as well as below. Where pixels do not fill
// registers, neighbouring pixels do: to them the filter is the same. With
// stride 1 a row is so many bytes, whatever pixels they are of; with another
// the pieces of the pixels that one tap meets are put together.

#include "DepthwiseKernel.h"
#include "DotForm.h"
#include "LaneGroup.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <map>
#include <numeric>

using namespace mlir;
using namespace qcc;

namespace {

/// The dot step of the target: bytes in fours, or 16-bit values in pairs.
std::optional<DotForm> chooseForm(const TargetFacts &facts) {
  // NEON without dot products takes pairs, not groups.
  if (!hasLaneGroups(facts) || (facts.hasNEON && !facts.hasDotProd))
    return std::nullopt;
  DotForm form = DotForm::choose(facts, /*isFloat=*/false);
  if (form.group == 4 && form.weightBits() == 8)
    return form;
  form = DotForm::choose(facts, /*isFloat=*/false, /*is16Bit=*/true);
  if (form.group == 2 && form.lanes >= 4)
    return form;
  return std::nullopt;
}

/// `count` registers of `4 · lanes` values: channels of one pixel; or a row's
/// bytes, of which they take `pixels` pixels; or each a piece of `pixels`
/// pixels.
struct Block {
  int64_t lanes = 4, pixels = 1;
  /// Bytes of a register that lie together in memory; the next register of the
  /// row begins behind them.
  int64_t piece = 16;
  int64_t firstChannel = 0, count = 1, firstSlot = 0;
  int64_t width() const { return 4 * lanes; }
  int64_t pieces() const { return width() / piece; }
  /// Whether one shuffle of two registers takes every other pixel. Pieces of 16
  /// bytes are inserted from memory, which takes no shuffle.
  bool isEveryOther(const MacLayer &mac) const {
    return piece == 8 && mac.outChannels == 8 && mac.strideWidth == 2;
  }
};

/// How registers cover a row: of `lanes` lanes at most, and of pieces of so
/// many channels; 0: channels of one pixel each.
struct Cover {
  int64_t lanes = 4, piece = 0;
};

/// More registers in a row than this would be more weights than they are worth.
constexpr int64_t maxPeriod = 8;

SmallVector<Block> makeBlocks(const MacLayer &mac, const Cover &cover) {
  int64_t channels = mac.outChannels, width = 4 * cover.lanes;
  if (cover.piece == width) {
    int64_t bytes = std::lcm(channels, width);
    return {{cover.lanes, bytes / channels, width, 0, bytes / width, 0}};
  }
  SmallVector<Block> blocks;
  int64_t channel = 0, slot = 0;
  auto add = [&](Block block) {
    block.firstSlot = slot;
    channel = block.firstChannel + block.count * block.piece;
    slot += block.count * block.width();
    blocks.push_back(block);
  };
  // What is left is less than a register; some channels are computed twice.
  if (int64_t piece = cover.piece) {
    add({cover.lanes, width / piece, piece, 0, channels / piece});
    if (channel < channels)
      add({cover.lanes, width / piece, piece, channels - piece, 1});
    return blocks;
  }
  for (int64_t lanes = cover.lanes; lanes >= 4; lanes /= 2)
    if (int64_t count = (channels - channel) / (4 * lanes))
      add({lanes, 1, 4 * lanes, channel, count});
  if (channel < channels)
    add({4, 1, 16, channels - 16, 1});
  return blocks;
}

/// The ways to cover rows of `mac`; none where registers are too long for them.
SmallVector<Cover> getCovers(const MacLayer &mac, const DotForm &form,
                             const TargetFacts &facts) {
  SmallVector<Cover> covers;
  int64_t channels = mac.outChannels;
  for (int64_t lanes = form.lanes; lanes >= 4; lanes /= 2) {
    int64_t width = 4 * lanes, period = std::lcm(channels, width);
    // AArch64 hands columns on from pixel to pixel instead.
    bool fits =
        packsLaneGroups(facts) ? period / width <= maxPeriod : period == width;
    if (mac.strideWidth == 1 && fits && period / channels <= mac.outWidth)
      covers.push_back({lanes, width});
    if (mac.strideWidth == 1 || !packsLaneGroups(facts))
      continue;
    for (int64_t piece = width / 2; piece >= 8; piece /= 2)
      if (piece <= channels && width / piece <= mac.outWidth)
        covers.push_back({lanes, piece});
  }
  if (channels >= 16)
    covers.push_back({form.lanes, 0});
  return covers;
}

/// Windows that are computed together: `rows` below each other, `registers`
/// side by side.
struct WindowTile {
  int64_t rows = 1, registers = 1;
};

/// The input rows of `rows` windows below each other: how many there are, and
/// which filter row they meet.
struct RowSet {
  int64_t count, step, windowStep;
  RowSet(const MacLayer &mac, int64_t rows) {
    bool dense = mac.dilationHeight == 1;
    count = mac.kernelHeight + (rows - 1) * mac.strideHeight;
    step = dense ? 1 : mac.dilationHeight;
    windowStep = mac.strideHeight;
    assert((dense || rows == 1) && "dilated windows do not share rows");
  }
  int64_t sets(const DotForm &form) const {
    return static_cast<int64_t>(llvm::divideCeil(count, form.group));
  }
};

/// Estimated cycles of a tile and of the whole layer.
double estimateTile(const MacLayer &mac, const DotForm &form,
                    const TargetFacts &facts, const Block &block,
                    WindowTile tile) {
  RowSet rows(mac, tile.rows);
  int64_t columns =
      block.pixels > 1
          ? tile.registers * mac.kernelWidth
          : std::min(tile.registers * mac.kernelWidth,
                     (tile.registers - 1) * mac.strideWidth +
                         (mac.kernelWidth - 1) * mac.dilationWidth + 1);
  double unpacks = form.group == 4 ? 8.0 * rows.sets(form)
                                   : 2.0 * rows.count + 4.0 * rows.sets(form);
  double steps = static_cast<double>(tile.registers * tile.rows *
                                     mac.kernelWidth * rows.sets(form)) *
                 (form.group == 4 ? 4 : 8);
  double finish = 22.0 * static_cast<double>(tile.registers * tile.rows);
  if (int64_t more = block.pieces() - 1) {
    if (block.isEveryOther(mac))
      unpacks += static_cast<double>(rows.count);
    else
      (block.piece < 16 ? unpacks : steps) +=
          static_cast<double>(rows.count * more);
    if (block.piece != mac.outChannels)
      finish += static_cast<double>(tile.registers * tile.rows * more);
  }
  // Two vector operations a cycle, of which one may be a shuffle; one more of
  // each where registers are no wider than 256 bits and there are three ports.
  bool threePorts = facts.isa == IsaFamily::X86 && block.lanes < 16;
  double shuffles = static_cast<double>(columns) * unpacks;
  return std::max((shuffles + steps + finish) / (threePorts ? 3 : 2),
                  shuffles / (threePorts ? 2 : 1)) +
         4;
}

double estimate(const MacLayer &mac, const DotForm &form,
                const TargetFacts &facts, ArrayRef<Block> blocks,
                WindowTile tile) {
  double cycles = 0;
  for (const Block &block : blocks) {
    int64_t registers = llvm::divideCeil(mac.outWidth, block.pixels);
    auto row = [&](int64_t rows) {
      double cost =
          static_cast<double>(registers / tile.registers) *
          estimateTile(mac, form, facts, block, {rows, tile.registers});
      if (int64_t rest = registers % tile.registers)
        cost += estimateTile(mac, form, facts, block, {rows, rest});
      return cost;
    };
    double all =
        static_cast<double>(mac.outHeight / tile.rows) * row(tile.rows);
    if (int64_t rest = mac.outHeight % tile.rows)
      all += row(rest);
    cycles += all * static_cast<double>(mac.batch * block.count);
  }
  return cycles;
}

class DepthwiseGroupEmitter {
public:
  DepthwiseGroupEmitter(LayerEmitter &e, MacLayer macLayer)
      : e(e), mac(std::move(macLayer)), form(*chooseForm(e.facts)),
        ends(e, mac, /*isSigned=*/!form.flipsSign(true)),
        tile{e.getConfig("rows"), e.getConfig("registers")},
        blocks(makeBlocks(mac, {e.getConfig("lanes"), e.getConfig("piece")})) {
    packTables();
  }

  void emit() {
    // `count` rows from `first` of a block.
    auto emitRange = [&](size_t b, Value number, Value n, Value first,
                         int64_t count) {
      int64_t full = count / tile.rows, rest = count % tile.rows;
      e.loop(full, [&](Value y) {
        emitRows(b, number, n, e.add(first, e.mul(y, tile.rows)), tile.rows);
      });
      if (rest)
        emitRows(b, number, n, e.add(first, full * tile.rows), rest);
    };
    if (!splitsRows())
      return e.inParallel([&] {
        for (size_t b = 0; b < blocks.size(); ++b)
          e.splitLoop(blocks[b].count, [&](Value number) {
            e.loop(mac.batch, [&](Value n) {
              e.once(
                  [&] { emitRange(b, number, n, e.index(0), mac.outHeight); });
            });
          });
      });
    // Rows outermost: what another thread has made of the rows beside a share
    // is read as it lies, which prefetchers follow. Blocks within, so that
    // shares are equal where rows are few.
    int64_t full = mac.outHeight / tile.rows, rest = mac.outHeight % tile.rows;
    auto emitSteps = [&](Value n, int64_t first, int64_t count, int64_t rows) {
      int64_t inBlock = blocks.size() == 1 ? blocks.front().count : 1;
      auto each = [&](Value step) {
        Value y = step, number = e.index(0);
        if (inBlock > 1) {
          y = mlir::arith::DivUIOp::create(e.b, step, e.index(inBlock));
          number = mlir::arith::SubIOp::create(e.b, step, e.mul(y, inBlock));
        }
        y = e.add(e.mul(y, rows), first);
        for (size_t b = 0; b < blocks.size(); ++b)
          e.loop(blocks.size() == 1 ? 1 : blocks[b].count,
                 [&](Value k) { emitRows(b, e.add(number, k), n, y, rows); });
      };
      e.splitLoop(count * inBlock,
                  [&](Value step) { e.once([&] { each(step); }); });
    };
    e.inParallel([&] {
      e.splitLoop(mac.batch, [&](Value n) {
        if (full)
          emitSteps(n, 0, full, tile.rows);
        if (rest)
          emitSteps(n, full * tile.rows, 1, rest);
      });
    });
  }

private:
  /// Parts are of rows rather than of channels. Of few pixels the layers
  /// around divide the channels (see GemmEmitter::emitParts).
  bool splitsRows() const {
    int64_t count = blocks.front().count;
    bool isSmall =
        mac.outHeight * mac.outWidth < kFewPixels && count >= 2 * e.parts;
    return e.parts > 1 && !isSmall &&
           !e.splitsOuter(count, mac.outHeight * mac.batch);
  }

  /// The filter of channel `o` at row `i`, less the weights' zero point.
  int64_t weight(int64_t o, int64_t i, int64_t j) const {
    return mac.weight(o, i * mac.kernelWidth + j) - mac.weightZeros[o];
  }

  int64_t channelOf(const Block &block, int64_t number, int64_t q,
                    int64_t lane) const {
    return (block.firstChannel + number * block.piece +
            valueInGroup(q, lane) % block.piece) %
           mac.outChannels;
  }

  /// Steps of a block's register: for each number of rows, filter columns, row
  /// sets, rows and the four vectors of a group.
  int64_t stepsOf(int64_t rows) const {
    return mac.kernelWidth * RowSet(mac, rows).sets(form) * rows * 4;
  }

  void packTables() {
    for (int64_t rows : {tile.rows, mac.outHeight % tile.rows}) {
      if (rows == 0 || rows > mac.outHeight || weights.count(rows))
        continue;
      Weights &table = weights[rows];
      RowSet set(mac, rows);
      std::vector<int16_t> packed;
      for (const Block &block : blocks) {
        table.offsets.push_back(static_cast<int64_t>(packed.size()));
        for (int64_t number = 0; number < block.count; ++number)
          for (int64_t j = 0; j < mac.kernelWidth; ++j)
            for (int64_t s = 0; s < set.sets(form); ++s)
              for (int64_t r = 0; r < rows; ++r)
                for (int64_t q = 0; q < 4; ++q) {
                  DotForm step = form.withLanes(block.lanes);
                  step.pack<int16_t>(
                      [&](int64_t lane, int64_t k) -> int16_t {
                        int64_t i = s * form.group + k - r * set.windowStep;
                        if (i < 0 || i >= mac.kernelHeight)
                          return 0;
                        return static_cast<int16_t>(
                            weight(channelOf(block, number, q, lane), i, j));
                      },
                      packed);
                }
      }
      std::string name = rows == tile.rows ? "weights" : "weights_last";
      if (form.weightBits() == 16) {
        table.parts.push_back(
            {e.table(name, ArrayRef<int16_t>(packed)), packed});
        continue;
      }
      // Weights less their zero point have up to 9 bits: a sum of 8-bit parts,
      // of which all but the first are mostly 0.
      while (llvm::any_of(packed, [](int16_t w) { return w != 0; }) ||
             table.parts.empty()) {
        std::vector<int16_t> part;
        for (int16_t &w : packed) {
          part.push_back(std::clamp<int16_t>(w, INT8_MIN, INT8_MAX));
          w = static_cast<int16_t>(w - part.back());
        }
        std::vector<int8_t> bytes(part.begin(), part.end());
        table.parts.push_back(
            {e.table(name + std::to_string(table.parts.size()),
                     ArrayRef<int8_t>(bytes)),
             std::move(part)});
      }
    }
    packBiases();
  }

  void packBiases() {
    int64_t slots =
        blocks.back().firstSlot + blocks.back().count * blocks.back().width();
    std::vector<int64_t> channels(slots);
    std::vector<int32_t> bias(slots, 0);
    int64_t zero = mac.inputZero;
    if (form.flipsSign(mac.inputSigned))
      zero += mac.inputSigned ? 128 : -128;
    for (const Block &block : blocks)
      for (int64_t number = 0; number < block.count; ++number)
        for (int64_t q = 0; q < 4; ++q)
          for (int64_t lane = 0; lane < block.lanes; ++lane) {
            int64_t o = channelOf(block, number, q, lane);
            int64_t slot = block.firstSlot + number * block.width() +
                           q * block.lanes + lane;
            int64_t sum = 0;
            for (int64_t i = 0; i < mac.kernelHeight; ++i)
              for (int64_t j = 0; j < mac.kernelWidth; ++j)
                sum += weight(o, i, j);
            bias[slot] = static_cast<int32_t>(
                static_cast<uint64_t>(mac.biases[o] - zero * sum));
            channels[slot] = o;
          }
    ends.makeEpilogue(channels, blocks.front().lanes);
    for (int64_t slot = 0; slot < slots; ++slot)
      bias[slot] = addWrapping(bias[slot], ends.accOffset(slot));
    biasTable = e.table("bias", ArrayRef<int32_t>(bias));
  }

  /// `rows` rows of windows from `y`.
  void emitRows(size_t b, Value number, Value n, Value y, int64_t rows) {
    const TensorView &in = ends.getInput(), &out = e.outputs[0];
    sample = n;
    const Block &block = blocks[b];
    Value channel = e.add(e.mul(number, block.piece), block.firstChannel);
    int64_t origin = in.base - mac.padding[0] * in.strides[1] -
                     mac.padding[2] * in.strides[2];
    Value inRow = e.add(e.add(e.add(e.mul(n, in.strides[0]),
                                    e.mul(y, in.strides[1] * mac.strideHeight)),
                              channel),
                        origin);
    Value outRow =
        e.add(e.add(e.add(e.mul(n, out.strides[0]), e.mul(y, out.strides[1])),
                    channel),
              out.base);
    auto emitAt = [&](Value x, int64_t registers) {
      emitTile(b, number, rows, registers,
               e.add(inRow, e.mul(x, in.strides[2] * mac.strideWidth)),
               e.add(outRow, e.mul(x, out.strides[2])));
    };
    int64_t whole = mac.outWidth / block.pixels;
    int64_t full = whole / tile.registers;
    if (int64_t shared = handedOn(block, rows)) {
      SmallVector<Value> columns;
      for (int64_t c = 0; c < shared; ++c)
        llvm::append_range(columns, loadColumn(e.add(inRow, c * in.strides[2]),
                                               RowSet(mac, 1), /*s=*/0, block));
      auto slide = [&](Value x, int64_t registers, ValueRange from) {
        return emitSliding(
            b, number, registers,
            e.add(inRow, e.mul(x, in.strides[2] * mac.strideWidth)),
            e.add(outRow, e.mul(x, out.strides[2])), SmallVector<Value>(from));
      };
      columns = e.loop(full, columns, [&](Value t, ValueRange carried) {
        return slide(e.mul(t, tile.registers), tile.registers, carried);
      });
      if (int64_t rest = whole % tile.registers)
        slide(e.index(full * tile.registers), rest, columns);
      return;
    }
    e.loop(full, [&](Value t) {
      emitAt(e.mul(t, tile.registers * block.pixels), tile.registers);
    });
    if (int64_t rest = whole % tile.registers)
      emitAt(e.index(full * tile.registers * block.pixels), rest);
    // The last register overlaps the one before.
    if (mac.outWidth % block.pixels)
      emitAt(e.index(mac.outWidth - block.pixels), 1);
  }

  /// The dot operands of input rows from `in`: `group` rows unpacked into each
  /// other; four vectors.
  SmallVector<Value> unpackRows(ArrayRef<Value> rows, int64_t width) {
    auto &b = e.b;
    auto words = [&](Value bytes) {
      return bitcastLanes(e, bytes, width / 2, b.getI16Type());
    };
    SmallVector<Value> result;
    if (form.group == 4) {
      for (bool high : {false, true}) {
        Value top = words(unpackLanes(e, rows[0], rows[1], high));
        Value bottom = words(unpackLanes(e, rows[2], rows[3], high));
        for (bool higher : {false, true})
          result.push_back(bitcastLanes(e, unpackLanes(e, top, bottom, higher),
                                        width, b.getI8Type()));
      }
      return result;
    }
    Value zero = e.constant(rows[0].getType(), 0);
    for (bool high : {false, true}) {
      SmallVector<Value> wide;
      for (Value row : rows) {
        if (!mac.inputSigned) {
          wide.push_back(words(unpackLanes(e, row, zero, high)));
          continue;
        }
        Value shifted = words(unpackLanes(e, zero, row, high));
        wide.push_back(mlir::arith::ShRSIOp::create(
            b, shifted, e.constant(shifted.getType(), 8)));
      }
      for (bool higher : {false, true})
        result.push_back(unpackLanes(e, wide[0], wide[1], higher));
    }
    return result;
  }

  /// A register of input; of pixels a stride apart where it has several pieces.
  Value loadBlock(Value offset, const Block &block) {
    Value memory = ends.getInput().memref;
    if (block.pieces() == 1)
      return e.load(memory, offset, block.width());
    if (block.isEveryOther(mac)) {
      // The second half ends with the last pixel: what is behind may be no
      // one's.
      int64_t words = block.width() / 8;
      auto load = [&](int64_t skipped) {
        return bitcastLanes(
            e,
            e.load(memory, e.add(offset, skipped * block.piece), block.width()),
            words, e.b.getI64Type());
      };
      SmallVector<int64_t> mask;
      for (int64_t p = 0; p < block.pieces(); ++p) {
        bool second = 2 * p >= block.pieces();
        mask.push_back(2 * p + (second ? 1 : 0));
      }
      return bitcastLanes(e,
                          vector::ShuffleOp::create(
                              e.b, load(0), load(block.pieces() - 1), mask),
                          block.width(), e.b.getI8Type());
    }
    SmallVector<Value> pieces;
    for (int64_t p = 0; p < block.pieces(); ++p)
      pieces.push_back(e.load(
          memory,
          e.add(offset, p * mac.strideWidth * ends.getInput().strides[2]),
          block.piece));
    return e.concat(pieces);
  }

  void storeBlock(Value value, Value offset, const Block &block) {
    const TensorView &result = e.outputs[0];
    if (block.pieces() == 1 || block.piece == mac.outChannels)
      return e.store(value, result.memref, offset);
    for (int64_t p = 0; p < block.pieces(); ++p)
      e.store(vector::ShuffleOp::create(
                  e.b, value, value,
                  llvm::to_vector(llvm::seq<int64_t>(p * block.piece,
                                                     (p + 1) * block.piece))),
              result.memref, e.add(offset, p * result.strides[2]));
  }

  Value loadRow(Value offset, const Block &block) {
    Value row = loadBlock(offset, block);
    if (!form.flipsSign(mac.inputSigned))
      return row;
    return mlir::arith::XOrIOp::create(e.b, row,
                                       e.constant(row.getType(), -128));
  }

  /// The dot operands of a column of input: of the rows of row set `s`.
  SmallVector<Value> loadColumn(Value in, const RowSet &set, int64_t s,
                                const Block &block) {
    SmallVector<Value> loaded;
    for (int64_t k = 0; k < form.group; ++k) {
      int64_t row = s * form.group + k;
      // Beyond the last row weights are 0.
      loaded.push_back(
          row >= set.count
              ? loaded.back()
              : loadRow(e.add(in, row * set.step * ends.getInput().strides[1]),
                        block));
    }
    return unpackRows(loaded, block.width());
  }

  /// The accumulators of a window begin with the biases.
  void loadStarts(Value slot, const DotForm &dot, SmallVector<Value> &acc) {
    if (dot.loadsStarts)
      slot = e.hide(slot);
    for (int64_t q = 0; q < 4; ++q)
      acc.push_back(e.load(biasTable, e.add(slot, q * dot.lanes), dot.lanes,
                           dot.lanes * 4));
  }

  /// Columns that a window shares with the next, which are handed on from tile
  /// to tile where there are several in a row, and the accumulators of single
  /// windows leave them registers.
  int64_t handedOn(const Block &block, int64_t rows) const {
    bool slides = e.facts.isa == IsaFamily::AArch64 && block.pixels == 1 &&
                  rows == 1 && mac.dilationWidth == 1 &&
                  mac.outWidth >= 2 * tile.registers &&
                  RowSet(mac, rows).sets(form) == 1;
    return slides ? std::max<int64_t>(mac.kernelWidth - mac.strideWidth, 0) : 0;
  }

  /// `registers` windows side by side, one by one. `columns`: the operands of
  /// the first columns; of those behind the tile in the end.
  SmallVector<Value> emitSliding(size_t b, Value number, int64_t registers,
                                 Value in, Value out,
                                 SmallVector<Value> columns) {
    const Block &block = blocks[b];
    const Weights &table = weights.at(1);
    RowSet set(mac, 1);
    DotForm dot = form.withLanes(block.lanes);
    Value slot = e.add(e.mul(number, block.width()), block.firstSlot);
    Value firstWeight = e.add(e.mul(number, stepsOf(1) * dot.weightsPerStep()),
                              table.offsets[b]);
    SmallVector<Value> slots;
    for (int64_t q = 0; q < 4; ++q)
      slots.push_back(e.add(slot, q * block.lanes));
    for (int64_t t = 0; t < registers; ++t) {
      int64_t first = t * mac.strideWidth;
      SmallVector<Value> acc;
      loadStarts(slot, dot, acc);
      for (int64_t j = 0; j < mac.kernelWidth; ++j) {
        if (static_cast<int64_t>(columns.size()) == (first + j) * 4)
          llvm::append_range(
              columns,
              loadColumn(e.add(in, (first + j) * ends.getInput().strides[2]),
                         set,
                         /*s=*/0, block));
        for (int64_t q = 0; q < 4; ++q) {
          int64_t step = j * 4 + q;
          Value &a = acc[static_cast<size_t>(q)];
          for (const Part &part : table.parts)
            if (matters(table, part, b, /*rows=*/1, step))
              a = dot.step(e, a,
                           {columns[static_cast<size_t>((first + j) * 4 + q)]},
                           dot.loadWeights(
                               e, part.table,
                               e.add(firstWeight, step * dot.weightsPerStep())),
                           mac.inputSigned);
        }
      }
      e.store(ends.finishGroup(acc, slots, sample), e.outputs[0].memref,
              e.add(out, t * e.outputs[0].strides[2]));
    }
    columns.erase(columns.begin(),
                  columns.begin() + registers * mac.strideWidth * 4);
    return columns;
  }

  void emitTile(size_t b, Value number, int64_t rows, int64_t registers,
                Value in, Value out) {
    const TensorView &view = ends.getInput(), &result = e.outputs[0];
    const Block &block = blocks[b];
    const Weights &table = weights.at(rows);
    RowSet set(mac, rows);
    int64_t sets = set.sets(form);
    DotForm dot = form.withLanes(block.lanes);
    Value slot = e.add(e.mul(number, block.width()), block.firstSlot);
    Value firstWeight = e.add(
        e.mul(number, stepsOf(rows) * dot.weightsPerStep()), table.offsets[b]);

    SmallVector<Value> acc;
    for (int64_t i = 0; i < registers * rows; ++i)
      loadStarts(slot, dot, acc);
    // By input column, so that each is unpacked once.
    std::map<int64_t, SmallVector<std::pair<int64_t, int64_t>>> columns;
    for (int64_t t = 0; t < registers; ++t)
      for (int64_t j = 0; j < mac.kernelWidth; ++j)
        columns[t * block.pixels * mac.strideWidth + j * mac.dilationWidth]
            .emplace_back(t, j);
    for (auto &[column, windows] : columns)
      for (int64_t s = 0; s < sets; ++s) {
        SmallVector<Value> x =
            loadColumn(e.add(in, column * view.strides[2]), set, s, block);
        for (auto [t, j] : windows)
          for (int64_t r = 0; r < rows; ++r)
            for (int64_t q = 0; q < 4; ++q) {
              int64_t step = ((j * sets + s) * rows + r) * 4 + q;
              Value at = e.add(firstWeight, step * dot.weightsPerStep());
              Value &a = acc[(t * rows + r) * 4 + q];
              for (const Part &part : table.parts)
                if (matters(table, part, b, rows, step))
                  a = dot.step(e, a, {x[q]}, dot.loadWeights(e, part.table, at),
                               mac.inputSigned);
            }
      }
    SmallVector<Value> slots;
    for (int64_t q = 0; q < 4; ++q)
      slots.push_back(e.add(slot, q * block.lanes));
    for (int64_t t = 0; t < registers; ++t)
      for (int64_t r = 0; r < rows; ++r)
        storeBlock(
            ends.finishGroup(ArrayRef<Value>(acc).slice((t * rows + r) * 4, 4),
                             slots, sample),
            e.add(out,
                  t * block.pixels * result.strides[2] + r * result.strides[1]),
            block);
  }

  /// Weights as they are multiplied, and as they were packed.
  struct Part {
    Value table;
    std::vector<int16_t> values;
  };
  /// Packed for a number of rows of windows; the sum of the parts is the
  /// weight.
  struct Weights {
    SmallVector<Part> parts;
    /// Where each block begins.
    SmallVector<int64_t> offsets;
  };

  /// Whether any register of block `b` has a weight in step `step` of `part`.
  bool matters(const Weights &table, const Part &part, size_t b, int64_t rows,
               int64_t step) const {
    int64_t size = form.withLanes(blocks[b].lanes).weightsPerStep();
    for (int64_t number = 0; number < blocks[b].count; ++number) {
      auto from = part.values.begin() + table.offsets[b] +
                  (number * stepsOf(rows) + step) * size;
      if (std::any_of(from, from + size, [](int16_t w) { return w != 0; }))
        return true;
    }
    return false;
  }

  LayerEmitter &e;
  MacLayer mac;
  DotForm form;
  MacEnds ends;
  WindowTile tile;
  SmallVector<Block> blocks;
  std::map<int64_t, Weights> weights;
  Value biasTable;
  /// Number of the image at hand.
  Value sample;
};

class DepthwiseGroupKernel final : public DepthwiseKernel {
public:
  StringRef getName() const override { return "depthwise_conv2d.columns"; }

protected:
  bool fits(const TargetFacts &facts, std::string &why) const override {
    if (chooseForm(facts))
      return true;
    why = "the target has no dot instructions on vectors of bytes";
    return false;
  }
  bool choose(const MacLayer &mac, const TargetFacts &facts,
              KernelChoice &choice, SetConfig setConfig,
              std::string &why) const override {
    if (mac.isFloat || (mac.resultBits != 8 && !mac.sumsToFloats) ||
        mac.outChannels != mac.inChannels) {
      why =
          "takes one result for each channel, of 8 bits or in the hybrid form";
      return false;
    }
    std::optional<DotForm> form = chooseForm(facts);
    SmallVector<Cover> covers = getCovers(mac, *form, facts);
    if (covers.empty()) {
      why = "rows have fewer bytes than a register";
      return false;
    }
    Cover bestCover;
    WindowTile best;
    double bestCost = 0;
    int64_t maxRows = std::min<int64_t>(
        mac.outHeight, mac.dilationHeight > 1
                           ? 1
                           : (llvm::alignTo(mac.kernelHeight, form->group) -
                              mac.kernelHeight) /
                                     mac.strideHeight +
                                 1);
    // The weights of two rows of windows leave AArch64's registers no room.
    if (facts.isa == IsaFamily::AArch64)
      maxRows = 1;
    for (const Cover &cover : covers) {
      SmallVector<Block> blocks = makeBlocks(mac, cover);
      int64_t maxRegisters = llvm::divideCeil(mac.outWidth, blocks[0].pixels);
      // Registers of several pixels share no columns: more of them would only
      // take registers from each other.
      if (blocks[0].pixels > 1 && packsLaneGroups(facts))
        maxRegisters = std::min<int64_t>(maxRegisters, 2);
      for (int64_t rows = 1; rows <= maxRows; ++rows)
        for (int64_t registers = 1;
             registers <= maxRegisters &&
             (rows * registers == 1 ||
              rows * registers * 4 <= form->accumulators);
             ++registers) {
          double cost = estimate(mac, *form, facts, blocks, {rows, registers});
          if (bestCost == 0 || cost < bestCost)
            bestCover = cover, best = {rows, registers}, bestCost = cost;
        }
    }
    choice.cycles = bestCost;
    setConfig("lanes", bestCover.lanes);
    setConfig("piece", bestCover.piece);
    setConfig("rows", best.rows);
    setConfig("registers", best.registers);
    return true;
  }

  void emitLayer(LayerEmitter &e, MacLayer mac) const override {
    DepthwiseGroupEmitter(e, std::move(mac)).emit();
  }
};

} // namespace

void qcc::populateDepthwiseGroupKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<DepthwiseGroupKernel>());
}
