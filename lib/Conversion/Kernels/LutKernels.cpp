// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Fully connected layers by lookup: tables of the sums of four activations, in
// which the bits of weights of up to 4 bits choose. See SumTables.h.

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

struct LutShape {
  int64_t rows, outputs, depth, chunks, groups;

  LutShape(const MacLayer &mac, const SumTables &tables)
      : rows(mac.batch * mac.outWidth), outputs(mac.outChannels),
        depth(mac.depth()), chunks(depth / SumTables::chunkDepth),
        groups(
            static_cast<int64_t>(llvm::divideCeil(outputs, tables.outputs()))) {
  }

  int64_t tableBytes() const {
    return static_cast<int64_t>(llvm::alignTo(SumTables::bytesFor(depth), 64));
  }
  /// Sums of the activations of each row.
  int64_t sumsAt() const { return rows * tableBytes(); }
  int64_t scratchBytes() const { return sumsAt() + rows * 4; }
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
    const TensorView &in = ends.getInput();
    Type i32 = e.b.getI32Type();
    sums = memref::ViewOp::create(e.b, MemRefType::get({shape.rows}, i32),
                                  e.scratch, e.index(shape.sumsAt()),
                                  ValueRange());
    e.loop(shape.rows, [&](Value m) {
      Value row = e.add(e.mul(m, shape.depth), in.base);
      tables.build(e, in.memref, row, e.mul(m, shape.tableBytes()), shape.depth,
                   mac.inputSigned);
      if (packing.firstValue() != 0)
        e.store(sumRow(in.memref, row), sums, m);
    });
    int64_t full = shape.outputs / tables.outputs();
    e.inParallel([&] {
      e.splitLoop(full, [&](Value n) {
        e.once([&] { emitOutputs(n, tables.outputs()); });
      });
      if (int64_t rest = shape.outputs % tables.outputs())
        e.once([&] { emitOutputs(e.index(full), rest); });
    });
  }

private:
  Value sumRow(Value memref, Value row) {
    Type i32 = e.b.getI32Type();
    constexpr int64_t lanes = SumTables::chunkDepth;
    Value sum =
        e.loop(shape.chunks, e.constant(LayerEmitter::lanesOf(i32, lanes), 0),
               [&](Value c, ValueRange carried) {
                 Value x = e.load(memref, e.add(row, e.mul(c, lanes)), lanes);
                 return SmallVector<Value>{mlir::arith::AddIOp::create(
                     e.b, carried[0], e.extend(x, i32, mac.inputSigned))};
               })[0];
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

  /// Group `n` of outputs, of which `valid` are channels.
  void emitOutputs(Value n, int64_t valid) {
    constexpr int64_t fewBytes = 1 << 18;
    bool ahead =
        cast<MemRefType>(codeTable.getType()).getNumElements() >= fewBytes;
    const TensorView &out = e.outputs[0];
    e.loop(shape.rows, [&](Value m) {
      Value sum = tables.sum(
          e, codeTable, e.mul(n, shape.chunks * tables.chunkBytes()),
          e.mul(m, shape.tableBytes()), shape.chunks, mac.inputSigned, ahead);
      Value first = e.mul(n, tables.outputs());
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
                  e.splat(e.load(sums, m, 1), endLanes)));
        acc = mlir::arith::AddIOp::create(e.b, acc, constants(biasTable));
        e.store(e.firstLanes(ends.finish(acc, slot, m),
                             std::min(endLanes, valid - at)),
                out.memref,
                e.add(e.add(e.mul(m, shape.outputs), slot), out.base));
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
  StringRef getName() const override { return "fully_connected.lut"; }
  StringRef getAnchor() const override { return "qnn.fully_connected"; }
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
    if (!mac->isMatrix || mac->isFloat || mac->inputBits != 8 ||
        mac->groups != 1 || mac->depth() % SumTables::chunkDepth != 0) {
      why = "no matrix of 8-bit activations by eights";
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
    if (shape.rows > mostRows) {
      why = "more than 8 rows";
      return failure();
    }
    KernelChoice choice;
    auto rows = static_cast<double>(shape.rows);
    auto chunks = static_cast<double>(shape.chunks);
    choice.cycles = rows * (chunks * (static_cast<double>(shape.groups) *
                                          tables.chunkCycles(facts) +
                                      2 * SumTables::tableCycles) +
                            static_cast<double>(shape.outputs));
    // With sdot the matrix kernel takes less than it estimates.
    if (facts.hasDotProd)
      choice.cycles *= 1.6;
    choice.inputs.resize(layer.getInputs().size());
    choice.scratchBytes = shape.scratchBytes();
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
};

} // namespace

void populateLutKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<LutKernel>());
}

} // namespace qcc
