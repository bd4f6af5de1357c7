// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Convolutions and fully connected layers by lookup: tables of the sums of four
// activations, in which the bits of weights of up to 4 bits choose. See
// SumTables.h. Tables are made once of each pixel, of as many rows as a window
// has, and looked up by all windows and output channels.

#include "KernelSupport.h"
#include "MacEnds.h"
#include "SumTables.h"
#include "WeightTable.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {
namespace {

/// Accumulators that become results together.
constexpr int64_t endLanes = 16;
/// More rows have tables made for them than a cache holds.
constexpr int64_t mostRows = 8;

/// A fully connected layer is a row of pixels with windows of one.
struct LutShape {
  int64_t pixels, outputs, depth, groups;
  /// Pixels of a row of input, with its padding, and rows that have tables at a
  /// time, of which so many are new in each row of output.
  int64_t columns, rows, newRows;
  /// Runs of consecutive chunks of activations that a window has.
  int64_t runsPerRow, chunksPerRun;
  int64_t chunks;

  LutShape(const MacLayer &mac, const SumTables &tables)
      : pixels(mac.isMatrix ? mac.batch * mac.outWidth : mac.outWidth),
        outputs(mac.outChannels), depth(mac.depth()),
        groups(
            static_cast<int64_t>(llvm::divideCeil(outputs, tables.outputs()))),
        columns((pixels - 1) * mac.strideWidth +
                (mac.kernelWidth - 1) * mac.dilationWidth + 1),
        rows((mac.kernelHeight - 1) * mac.dilationHeight + 1),
        newRows(std::min(mac.strideHeight, rows)),
        runsPerRow(mac.dilationWidth == 1 ? 1 : mac.kernelWidth),
        chunksPerRun(mac.kernelWidth / runsPerRow * mac.inChannels /
                     SumTables::chunkDepth),
        chunks(depth / SumTables::chunkDepth) {}

  /// Of a row of input of `channels`.
  int64_t tableBytes(int64_t channels) const {
    return static_cast<int64_t>(
        llvm::alignTo(SumTables::bytesFor(columns * channels), 64));
  }
  /// Sums of the activations of each window in a row.
  int64_t sumsAt(int64_t channels) const { return rows * tableBytes(channels); }
  int64_t scratchBytes(int64_t channels) const {
    return sumsAt(channels) + pixels * 4;
  }
};

class LutEmitter {
public:
  LutEmitter(LayerEmitter &e, MacLayer macLayer)
      : e(e), mac(std::move(macLayer)),
        packing(*WeightPacking::find(mac, /*needsZero=*/false)),
        tables(e.facts, packing.bits(), mac.outChannels), shape(mac, tables),
        ends(e, mac) {
    makeTables();
  }

  void emit() {
    Type i32 = e.b.getI32Type();
    sums = memref::ViewOp::create(
        e.b, MemRefType::get({shape.pixels}, i32), e.scratch,
        e.index(shape.sumsAt(mac.inChannels)), ValueRange());
    if (mac.isMatrix)
      return emitRow(e.index(0), e.index(0));
    e.loop(mac.batch, [&](Value n) {
      // The first row of output finds what it does not make itself.
      e.loop(shape.rows - shape.newRows, [&](Value r) { buildRow(n, r); });
      e.loop(mac.outHeight, [&](Value y) { emitRow(n, y); });
    });
  }

private:
  /// Where the windows' first row `r` of sample `n` begins, with its padding.
  Value rowOf(Value n, Value r) const {
    const TensorView &in = ends.getInput();
    if (mac.isMatrix)
      return e.index(in.base);
    int64_t origin = in.base - mac.padding[0] * in.strides[1] -
                     mac.padding[2] * in.strides[2];
    return e.add(e.add(e.mul(n, in.strides[0]), e.mul(r, in.strides[1])),
                 origin);
  }
  int64_t pixelStride() const {
    return mac.isMatrix ? mac.inChannels : ends.getInput().strides[2];
  }
  /// Where row `r` has its tables.
  Value tablesOf(Value r) const {
    if (shape.rows == 1)
      return e.index(0);
    return e.mul(mlir::arith::RemUIOp::create(e.b, r, e.index(shape.rows)),
                 shape.tableBytes(mac.inChannels));
  }

  void buildRow(Value n, Value r) {
    Value from = rowOf(n, r), to = tablesOf(r);
    Value memref = ends.getInput().memref;
    if (pixelStride() == mac.inChannels)
      return tables.build(e, memref, from, to, shape.columns * mac.inChannels,
                          mac.inputSigned);
    e.loop(shape.columns, [&](Value x) {
      tables.build(e, memref, e.add(from, e.mul(x, pixelStride())),
                   e.add(to, SumTables::placeOf(e, e.mul(x, mac.inChannels))),
                   mac.inChannels, mac.inputSigned);
    });
  }

  /// Row `y` of output.
  void emitRow(Value n, Value y) {
    Value top = e.mul(y, mac.strideHeight);
    e.loop(shape.newRows, [&](Value r) {
      buildRow(n, e.add(top, e.add(r, shape.rows - shape.newRows)));
    });
    if (packing.firstValue() != 0)
      e.loop(shape.pixels,
             [&](Value x) { e.store(sumWindow(n, top, x), sums, x); });
    int64_t full = shape.outputs / tables.outputs();
    e.inParallel([&] {
      e.splitLoop(full, [&](Value g) {
        e.once([&] { emitOutputs(n, y, g, tables.outputs()); });
      });
      if (int64_t rest = shape.outputs % tables.outputs())
        e.once([&] { emitOutputs(n, y, e.index(full), rest); });
    });
  }

  /// Adds up over the runs of a window: `body(row, column, number, sum)`.
  Value
  overRuns(Value start,
           function_ref<Value(Value row, Value column, Value number, Value sum)>
               body) {
    return e.loop(mac.kernelHeight, start, [&](Value i, ValueRange outer) {
      return SmallVector<Value>{
          e.loop(shape.runsPerRow, outer[0], [&](Value j, ValueRange inner) {
            Value number = e.add(e.mul(i, shape.runsPerRow), j);
            return SmallVector<Value>{body(e.mul(i, mac.dilationHeight),
                                           e.mul(j, mac.dilationWidth), number,
                                           inner[0])};
          })[0]};
    })[0];
  }

  Value sumWindow(Value n, Value top, Value x) {
    Type i32 = e.b.getI32Type();
    constexpr int64_t lanes = SumTables::chunkDepth;
    int64_t perPixel = mac.inChannels / lanes;
    Value left = e.mul(x, mac.strideWidth);
    Value sum = overRuns(
        e.constant(LayerEmitter::lanesOf(i32, lanes), 0),
        [&](Value row, Value column, Value, Value sofar) {
          Value from = e.add(rowOf(n, e.add(top, row)),
                             e.mul(e.add(left, column), pixelStride()));
          return e.loop(
              shape.chunksPerRun / perPixel, sofar,
              [&](Value pixel, ValueRange outer) {
                Value at = e.add(from, e.mul(pixel, pixelStride()));
                return e.loop(
                    perPixel, outer[0], [&](Value c, ValueRange carried) {
                      Value v = e.load(ends.getInput().memref,
                                       e.add(at, e.mul(c, lanes)), lanes);
                      return SmallVector<Value>{mlir::arith::AddIOp::create(
                          e.b, carried[0], e.extend(v, i32, mac.inputSigned))};
                    });
              })[0];
        });
    return vector::ReductionOp::create(e.b, vector::CombiningKind::ADD, sum);
  }

  void makeTables() {
    std::vector<int8_t> codes;
    for (int64_t n = 0; n < shape.groups; ++n)
      for (int64_t c = 0; c < shape.chunks; ++c)
        tables.pack(
            [&](int64_t lane, int64_t k) {
              int64_t o = channelOf(n * tables.outputs() + lane),
                      at = c * SumTables::chunkDepth + k;
              return static_cast<uint8_t>(packing.codeOf(
                  packing.valueOf(o, mac.weight(o, at) - mac.weightZeros[o])));
            },
            codes);
    codeTable = e.table("weights", ArrayRef<int8_t>(codes));
    int64_t slots = shape.groups * tables.outputs();
    SmallVector<int64_t> channels;
    for (int64_t slot = 0; slot < slots; ++slot)
      channels.push_back(channelOf(slot));
    ends.makeEpilogue(channels, endLanes);
    std::vector<int32_t> bias, factors, firsts;
    for (int64_t slot = 0; slot < slots; ++slot) {
      int64_t o = channels[slot], sum = 0, step = packing.stepOf(o);
      for (int64_t k = 0; k < shape.depth; ++k)
        sum += mac.weight(o, k) - mac.weightZeros[o];
      bias.push_back(addWrapping(static_cast<int32_t>(static_cast<uint64_t>(
                                     mac.biases[o] - mac.inputZero * sum)),
                                 ends.accOffset(slot)));
      factors.push_back(static_cast<int32_t>(step * packing.perCode()));
      firsts.push_back(static_cast<int32_t>(step * packing.firstValue()));
    }
    biasTable = e.table("bias", ArrayRef<int32_t>(bias));
    if (llvm::any_of(factors, [](int32_t factor) { return factor != 1; }))
      factorTable = e.table("factors", ArrayRef<int32_t>(factors));
    if (packing.firstValue() != 0)
      firstTable = e.table("firsts", ArrayRef<int32_t>(firsts));
  }

  /// Places beyond the last channel repeat it.
  int64_t channelOf(int64_t slot) const {
    return std::min(slot, shape.outputs - 1);
  }

  /// Group `group` of outputs of a row, of which `valid` are channels.
  void emitOutputs(Value n, Value y, Value group, int64_t valid) {
    constexpr int64_t fewBytes = 1 << 18;
    bool ahead =
        cast<MemRefType>(codeTable.getType()).getNumElements() >= fewBytes;
    const TensorView &out = e.outputs[0];
    Value codes = e.mul(group, shape.chunks * tables.chunkBytes()),
          first = e.mul(group, tables.outputs()),
          top = e.mul(y, mac.strideHeight), outRow = e.index(out.base);
    int64_t outStride = mac.outChannels;
    if (!mac.isMatrix) {
      outRow = e.add(e.add(e.mul(n, out.strides[0]), e.mul(y, out.strides[1])),
                     out.base);
      outStride = out.strides[2];
    }
    auto wide = VectorType::get({tables.outputs()}, e.b.getI32Type());
    e.loop(shape.pixels, [&](Value x) {
      Value left = e.mul(x, mac.strideWidth);
      auto sumRun = [&](Value row, Value column, Value number) {
        Value place =
            SumTables::placeOf(e, e.mul(e.add(left, column), mac.inChannels));
        return tables.sum(e, codeTable,
                          e.add(codes, e.mul(number, shape.chunksPerRun *
                                                         tables.chunkBytes())),
                          e.add(tablesOf(e.add(top, row)), place),
                          shape.chunksPerRun, mac.inputSigned, ahead);
      };
      Value zero = e.index(0);
      Value sum =
          shape.chunks == shape.chunksPerRun
              ? sumRun(zero, zero, zero)
              : overRuns(e.constant(wide, 0), [&](Value row, Value column,
                                                  Value number, Value sofar) {
                  return Value(mlir::arith::AddIOp::create(
                      e.b, sofar, sumRun(row, column, number)));
                });
      for (int64_t at = 0; at < valid; at += endLanes) {
        Value slot = e.add(first, at);
        auto constants = [&](Value table) {
          return e.load(table, slot, endLanes, endLanes * 4);
        };
        Value acc = vector::ExtractStridedSliceOp::create(
            e.b, sum, ArrayRef<int64_t>{at}, ArrayRef<int64_t>{endLanes},
            ArrayRef<int64_t>{1});
        if (factorTable)
          acc = mlir::arith::MulIOp::create(e.b, acc, constants(factorTable));
        if (firstTable)
          acc = mlir::arith::AddIOp::create(
              e.b, acc,
              mlir::arith::MulIOp::create(
                  e.b, constants(firstTable),
                  e.splat(e.load(sums, x, 1), endLanes)));
        acc = mlir::arith::AddIOp::create(e.b, acc, constants(biasTable));
        e.store(e.firstLanes(ends.finish(acc, slot, x),
                             std::min(endLanes, valid - at)),
                out.memref, e.add(e.add(outRow, e.mul(x, outStride)), slot));
      }
    });
  }

  LayerEmitter &e;
  MacLayer mac;
  WeightPacking packing;
  SumTables tables;
  LutShape shape;
  MacEnds ends;
  Value codeTable, biasTable, factorTable, firstTable, sums;
};

class LutKernel final : public Kernel {
public:
  LutKernel(StringRef kernelName, StringRef anchorName)
      : kernelName(kernelName), anchorName(anchorName) {}
  StringRef getName() const override { return kernelName; }
  StringRef getAnchor() const override { return anchorName; }
  KernelFamily getFamily() const override { return KernelFamily::Lut; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    if (!SumTables::isPossible(facts)) {
      why = "no lookup of bytes in registers";
      return failure();
    }
    FailureOr<MacLayer> mac = MacLayer::read(layer, why);
    if (failed(mac) || !mac->isPlain(why) ||
        (mac->needsFloats() && !hasFloats(facts, why)))
      return failure();
    if (mac->isFloat || mac->inputBits != 8 || mac->depthwise ||
        mac->groups != 1 || mac->inChannels % SumTables::chunkDepth != 0) {
      why = "no channels of 8-bit activations by eights";
      return failure();
    }
    std::optional<WeightPacking> packing =
        WeightPacking::find(*mac, /*needsZero=*/false);
    if (!packing || packing->bits() > SumTables::mostPlanes) {
      why = "weights have more than 4 bits";
      return failure();
    }
    SumTables tables(facts, packing->bits(), mac->outChannels);
    LutShape shape(*mac, tables);
    if (mac->isMatrix && shape.pixels > mostRows) {
      why = "more than 8 rows";
      return failure();
    }
    if (!mac->isMatrix && facts.threads > 1) {
      why = "rows of tables are of one thread";
      return failure();
    }
    KernelChoice choice;
    auto rows =
        static_cast<double>(mac->isMatrix ? 1 : mac->batch * mac->outHeight);
    // Each run of a window ends in sums of 32 bits.
    int64_t runs = shape.chunks / shape.chunksPerRun;
    double made = static_cast<double>(shape.newRows * shape.columns *
                                      mac->inChannels / SumTables::chunkDepth) *
                  2 * SumTables::tableCycles;
    choice.cycles =
        rows * (made + static_cast<double>(shape.pixels) *
                           (static_cast<double>(shape.chunks * shape.groups) *
                                tables.chunkCycles(facts) +
                            static_cast<double>(shape.outputs * runs)));
    // With sdot the matrix kernel takes less than it estimates.
    if (facts.hasDotProd)
      choice.cycles *= 1.6;
    choice.inputs.resize(layer.getInputs().size());
    choice.inputs[0].acceptsPadding = !mac->isMatrix;
    choice.inputs[0].padding = mac->padding;
    choice.producesPadding = !mac->isMatrix;
    choice.scratchBytes = shape.scratchBytes(mac->inChannels);
    choice.weightBytes = shape.groups * shape.chunks * tables.chunkBytes();
    choice.plainWeightBytes = shape.outputs * shape.depth;
    return choice;
  }

  LogicalResult emit(LayerEmitter &e) const override {
    std::string why;
    FailureOr<MacLayer> mac = MacLayer::read(e.layer, why);
    if (failed(mac))
      return e.layer.emitOpError() << why;
    LutEmitter(e, std::move(*mac)).emit();
    return success();
  }

private:
  StringRef kernelName, anchorName;
};

} // namespace

void populateLutKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<LutKernel>("conv2d.lut", "qnn.conv2d"));
  kernels.add(std::make_unique<LutKernel>("fully_connected.lut",
                                          "qnn.fully_connected"));
}

} // namespace qcc
