// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of floats with weights that are quantized in blocks. Rows of floats
// are rounded to 8 bits first; then weights go by once, as one stream of bits
// without gaps: `lanes` outputs, by block, by step. Of a block's integer sum a
// lane has its output's, so that scales are vectors too.

#include "HybridSample.h"
#include "KernelSupport.h"
#include "MatrixVector.h"
#include "PackedCodes.h"
#include "PackedScales.h"

#include "qcc/Arithmetic/WeightCodes.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {
namespace {

/// w = first + stride · code.
struct BlockWeights {
  std::vector<int16_t> values;
  arith::Progression codes;

  explicit BlockWeights(qnn::BlockFullyConnectedOp op) {
    DenseElementsAttr filter = constantOf(op.getFilter());
    int64_t zero = qnn::zeroPointOf(op.getFilter().getType());
    bool isSigned = qnn::isSignedStorage(op.getFilter().getType());
    values.reserve(static_cast<size_t>(filter.getNumElements()));
    for (const APInt &v : filter.getValues<APInt>())
      values.push_back(static_cast<int16_t>(
          (isSigned ? v.getSExtValue()
                    : static_cast<int64_t>(v.getZExtValue())) -
          zero));
    auto found = arith::WeightCodes::of(values.data(), 1, values.size());
    codes = found.progression();
    codes.first *= found.steps.front();
    codes.stride *= found.steps.front();
  }
};

/// Extents, and where things lie in scratch memory.
struct BlockShape {
  int64_t rows, outputs, depth, block, blocks;
  /// Activations of a block in whole chunks, and whether blocks then follow
  /// each other without gaps.
  int64_t paddedBlock, chunks;
  bool isDense;

  BlockShape(qnn::BlockFullyConnectedOp op, const CodeDot &dot,
             const PackedCodes &packed) {
    auto filter = cast<RankedTensorType>(op.getFilter().getType());
    outputs = filter.getDimSize(0);
    depth = filter.getDimSize(1);
    rows = cast<ShapedType>(op.getType()).getNumElements() / outputs;
    block = std::min(static_cast<int64_t>(op.getBlock()), depth);
    blocks = static_cast<int64_t>(llvm::divideCeil(depth, block));
    int64_t chunk = packed.steps * dot.group;
    chunks = static_cast<int64_t>(llvm::divideCeil(block, chunk));
    paddedBlock = chunks * chunk;
    isDense = paddedBlock == block || blocks == 1;
  }

  static int64_t align(int64_t bytes) {
    return static_cast<int64_t>(llvm::alignTo(bytes, 64));
  }
  /// Rounded activations of one row.
  int64_t rowBytes() const { return align(blocks * paddedBlock); }
  /// A row before its blocks are moved apart.
  int64_t looseAt() const { return rows * rowBytes(); }
  int64_t sumsAt() const { return looseAt() + (isDense ? 0 : align(depth)); }
  int64_t factorsAt() const { return sumsAt() + align(rows * blocks * 4); }
  int64_t scratchBytes() const { return factorsAt() + align(rows * 4); }
};

class BlockMatrixEmitter {
public:
  BlockMatrixEmitter(LayerEmitter &emitter, qnn::BlockFullyConnectedOp matrix)
      : e(emitter), op(matrix), dot(CodeDot::choose(e.facts)), weights(op),
        packed(dot, static_cast<int>(e.getConfig("bits"))),
        shape(op, dot, packed) {
    isSigned = packed.bits == 8 && dot.signedBytes;
    codeZero = isSigned ? 128 : 0;
    offset = weights.codes.first + weights.codes.stride * codeZero;
  }

  void emit() {
    roundRows();
    packTables();
    auto groups = static_cast<int64_t>(shape.outputs / dot.lanes);
    e.inParallel([&] {
      e.splitLoop(groups,
                  [&](Value n) { e.once([&] { emitOutputs(n, dot.lanes); }); });
      if (int64_t rest = shape.outputs % dot.lanes)
        e.once([&] { emitOutputs(e.index(groups), rest); });
    });
  }

private:
  Value view(int64_t at, int64_t count, Type element) {
    return memref::ViewOp::create(e.b, MemRefType::get({count}, element),
                                  e.scratch, e.index(at), ValueRange());
  }

  //===--- activations ----------------------------------------------------===//

  void roundRows() {
    MacLayer mac;
    mac.isMatrix = mac.isHybrid = true;
    mac.inChannels = shape.depth;
    mac.inWidth = shape.rows;
    HybridSamples samples(e, mac, {0, 0, 0, 0}, /*isSigned=*/true);
    TensorView x = viewOperand(e, op.getInput(), "input");
    factors = view(shape.factorsAt(), shape.rows, e.b.getF32Type());
    sums = view(shape.sumsAt(), shape.rows * shape.blocks, e.b.getI32Type());
    e.loop(shape.rows, [&](Value m) {
      Value row = e.mul(m, shape.rowBytes());
      Value to = shape.isDense ? row : e.index(shape.looseAt());
      SampleScale scale =
          samples.round(x.memref, e.add(e.mul(m, shape.depth), x.base), {}, to);
      e.store(scale.factor, factors, m);
      if (!shape.isDense)
        spreadBlocks(row);
      else
        fill(e.add(row, shape.depth),
             shape.blocks * shape.paddedBlock - shape.depth);
      if (offset != 0 || op.getZeroPoints())
        e.loop(shape.blocks, [&](Value g) {
          e.store(sumBlock(e.add(row, e.mul(g, shape.paddedBlock))), sums,
                  e.add(e.mul(m, shape.blocks), g));
        });
    });
  }

  void fill(Value to, int64_t count) {
    Value zero = e.constant(e.b.getI8Type(), 0);
    e.forEachVector(count, lanesFor(e.facts, 1), [&](Value at, int64_t lanes) {
      e.store(e.splat(zero, lanes), e.scratch, e.add(to, at));
    });
  }

  void copy(Value from, Value to, int64_t count) {
    e.forEachVector(count, lanesFor(e.facts, 1), [&](Value at, int64_t lanes) {
      e.store(e.load(e.scratch, e.add(from, at), lanes), e.scratch,
              e.add(to, at));
    });
  }

  /// Zeros fill up blocks to whole chunks.
  void spreadBlocks(Value row) {
    auto spread = [&](Value g, int64_t count) {
      Value to = e.add(row, e.mul(g, shape.paddedBlock));
      copy(e.add(e.mul(g, shape.block), shape.looseAt()), to, count);
      fill(e.add(to, count), shape.paddedBlock - count);
    };
    int64_t full = shape.depth / shape.block;
    e.loop(full, [&](Value g) { spread(g, shape.block); });
    if (full < shape.blocks)
      spread(e.index(full), shape.depth - full * shape.block);
  }

  /// Of a block's activations; times the offset of codes where that is all that
  /// it is for.
  Value sumBlock(Value from) {
    Type i32 = e.b.getI32Type();
    int64_t lanes = std::min<int64_t>(lanesFor(e.facts, 4), 16);
    while (shape.paddedBlock % lanes)
      lanes /= 2;
    Type type = LayerEmitter::lanesOf(i32, lanes);
    Value sum = e.loop(shape.paddedBlock / lanes, e.constant(type, 0),
                       [&](Value i, ValueRange carried) {
                         Value x = e.load(e.scratch,
                                          e.add(from, e.mul(i, lanes)), lanes);
                         return SmallVector<Value>{mlir::arith::AddIOp::create(
                             e.b, carried[0], e.extend(x, i32, true))};
                       })[0];
    if (lanes > 1)
      sum = vector::ReductionOp::create(e.b, vector::CombiningKind::ADD, sum);
    if (op.getZeroPoints() || offset == 1)
      return sum;
    return mlir::arith::MulIOp::create(e.b, sum, e.constant(i32, offset));
  }

  //===--- tables ---------------------------------------------------------===//

  void packTables() {
    int64_t groups = llvm::divideCeil(shape.outputs, dot.lanes);
    auto forEachSlot = [&](auto next) {
      for (int64_t n = 0; n < groups; ++n)
        for (int64_t g = 0; g < shape.blocks; ++g)
          for (int64_t lane = 0; lane < dot.lanes; ++lane)
            next(std::min(n * dot.lanes + lane, shape.outputs - 1), g);
    };
    std::vector<int8_t> bytes;
    bytes.reserve(static_cast<size_t>(groups * shape.blocks * shape.chunks *
                                      packed.chunkBytes));
    for (int64_t n = 0; n < groups; ++n)
      for (int64_t g = 0; g < shape.blocks; ++g)
        for (int64_t c = 0; c < shape.chunks; ++c)
          packed.pack(
              [&](int64_t step, int64_t lane, int64_t i) {
                int64_t inBlock = (c * packed.steps + step) * dot.group + i;
                int64_t k = g * shape.block + inBlock;
                int64_t output =
                    std::min(n * dot.lanes + lane, shape.outputs - 1);
                return inBlock < shape.block && k < shape.depth
                           ? codeOf(output, k)
                           : uint8_t(0);
              },
              bytes);
    table = e.table("weights", ArrayRef<int8_t>(bytes));

    DenseElementsAttr scaleAttr = constantOf(op.getScales());
    std::vector<float> all(scaleAttr.getValues<float>().begin(),
                           scaleAttr.getValues<float>().end()),
        ordered;
    forEachSlot([&](int64_t n, int64_t g) {
      ordered.push_back(all[static_cast<size_t>(n * shape.blocks + g)]);
    });
    scales.emplace(e, "scales", ordered);

    if (op.getZeroPoints()) {
      DenseElementsAttr attr = constantOf(op.getZeroPoints());
      bool isSignedZero = qnn::isSignedStorage(op.getZeroPoints().getType());
      std::vector<int16_t> each, slots;
      for (const APInt &v : attr.getValues<APInt>())
        each.push_back(static_cast<int16_t>(
            (isSignedZero ? v.getSExtValue()
                          : static_cast<int64_t>(v.getZExtValue())) -
            offset));
      forEachSlot([&](int64_t n, int64_t g) {
        slots.push_back(each[static_cast<size_t>(n * shape.blocks + g)]);
      });
      zeros = e.table("zero_points", ArrayRef<int16_t>(slots));
    }
    if (op.getBias()) {
      DenseElementsAttr attr = constantOf(op.getBias());
      std::vector<float> bias(attr.getValues<float>().begin(),
                              attr.getValues<float>().end());
      bias.resize(static_cast<size_t>(groups * dot.lanes));
      biases = e.table("bias", ArrayRef<float>(bias));
    }
  }

  uint8_t codeOf(int64_t n, int64_t k) const {
    int64_t w = weights.values[static_cast<size_t>(n * shape.depth + k)];
    return static_cast<uint8_t>(
        (w - weights.codes.first) / weights.codes.stride - codeZero);
  }

  //===--- products -------------------------------------------------------===//

  /// Outputs `n` · lanes and on, `valid` of them.
  void emitOutputs(Value n, int64_t valid) {
    int64_t perTile = std::min(dot.rows, shape.rows);
    e.loop(shape.rows / perTile,
           [&](Value t) { emitTile(n, valid, e.mul(t, perTile), perTile); });
    int64_t done = shape.rows / perTile * perTile;
    if (done < shape.rows)
      emitTile(n, valid, e.index(done), shape.rows - done);
  }

  void emitTile(Value n, int64_t valid, Value firstRow, int64_t rows) {
    Type f32 = LayerEmitter::lanesOf(e.b.getF32Type(), dot.lanes);
    SmallVector<Value> totals(rows, e.constantFloat(f32, 0));
    totals = e.loop(shape.blocks, totals, [&](Value g, ValueRange carried) {
      Value slot = e.add(e.mul(n, shape.blocks), g);
      Value at = e.mul(slot, shape.chunks * packed.chunkBytes);
      Value lanesAt = e.mul(slot, dot.lanes);
      SmallVector<Value> x, next;
      for (int64_t r = 0; r < rows; ++r)
        x.push_back(e.add(e.mul(e.add(firstRow, r), shape.rowBytes()),
                          e.mul(g, shape.paddedBlock)));
      SmallVector<Value> products = sumProducts(at, x);
      Value scale = scales->load(e, lanesAt, dot.lanes);
      for (int64_t r = 0; r < rows; ++r) {
        Value sum = correct(products[r], e.add(firstRow, r), g, lanesAt);
        Value scaled = mlir::arith::MulFOp::create(
            e.b, mlir::arith::SIToFPOp::create(e.b, f32, sum), scale);
        next.push_back(mlir::arith::AddFOp::create(e.b, carried[r], scaled));
      }
      return next;
    });
    auto [lo, hi] = qnn::floatClamp(op.getClampAttr());
    Value first = e.mul(n, dot.lanes);
    for (int64_t r = 0; r < rows; ++r) {
      Value row = e.add(firstRow, r);
      Value value = mlir::arith::MulFOp::create(
          e.b, totals[r], e.splat(e.load(factors, row, 1), dot.lanes));
      if (biases)
        value = mlir::arith::AddFOp::create(e.b, value,
                                            e.load(biases, first, dot.lanes));
      storeValid(
          clampFloat(e, value, lo, hi),
          e.add(e.add(e.mul(row, shape.outputs), first), e.outputs[0].base),
          valid);
    }
  }

  void storeValid(Value value, Value to, int64_t valid) {
    for (int64_t done = 0; done < valid;) {
      int64_t lanes = llvm::bit_floor(static_cast<uint64_t>(valid - done));
      Value part = value;
      if (lanes == 1 && dot.lanes > 1)
        part = vector::ExtractOp::create(e.b, value, ArrayRef<int64_t>{done});
      else if (lanes < dot.lanes)
        part = vector::ShuffleOp::create(
            e.b, value, value,
            llvm::to_vector(llvm::seq<int64_t>(done, done + lanes)));
      e.store(part, e.outputs[0].memref, e.add(to, done));
      done += lanes;
    }
  }

  /// stride · Σ q·code + (first − zero point) · Σ q.
  Value correct(Value sum, Value row, Value g, Value lanesAt) {
    if (weights.codes.stride != 1)
      sum = mlir::arith::MulIOp::create(
          e.b, sum, e.constant(sum.getType(), weights.codes.stride));
    if (offset == 0 && !zeros)
      return sum;
    Value ofRow =
        e.splat(e.load(sums, e.add(e.mul(row, shape.blocks), g), 1), dot.lanes);
    if (!zeros)
      return mlir::arith::AddIOp::create(e.b, sum, ofRow);
    Value zero =
        e.extend(e.load(zeros, lanesAt, dot.lanes), e.b.getI32Type(), true);
    return mlir::arith::SubIOp::create(
        e.b, sum, mlir::arith::MulIOp::create(e.b, ofRow, zero));
  }

  /// What comes some time after the chunk at `from`, where weights come from
  /// memory: what hardware foresees ends with a page.
  void prefetch(Value from) {
    constexpr int64_t ahead = 4096, lineBytes = 64, fewBytes = 1 << 18;
    if (e.facts.prefersSmallMemory() ||
        cast<MemRefType>(table.getType()).getNumElements() < fewBytes)
      return;
    for (int64_t at = 0; at < packed.chunkBytes; at += lineBytes)
      memref::PrefetchOp::create(e.b, table,
                                 ValueRange{e.add(from, ahead + at)},
                                 /*isWrite=*/false, /*localityHint=*/3,
                                 /*isDataCache=*/true);
  }

  /// Σ q·code of one block for each row whose activations begin at `x`.
  SmallVector<Value> sumProducts(Value at, ArrayRef<Value> x) {
    auto rows = static_cast<int64_t>(x.size());
    int64_t places = rows == 1 ? packed.places() : 1;
    int64_t chains = std::max(rows > 1 ? 1 : dot.chains, places);
    int64_t greatest = isSigned ? 128 : (int64_t(1) << packed.bits) - 1;
    int64_t most =
        chains * dot.mostSteps(greatest << (places - 1) * packed.bits);
    // Codes that were left in different places are summed up apart.
    auto join = [&](ArrayRef<Value> sums) {
      Value total;
      for (auto [c, sum] : llvm::enumerate(sums)) {
        if (!sum)
          continue;
        Value part = sum;
        if (int64_t place = static_cast<int64_t>(c) % places * packed.bits)
          part = mlir::arith::ShRSIOp::create(e.b, sum,
                                              e.constant(sum.getType(), place));
        total =
            total ? Value(mlir::arith::AddIOp::create(e.b, total, part)) : part;
      }
      return total;
    };
    // Narrow sums are joined before they are widened.
    int64_t wide = most ? 1 : chains;

    // As many chunks in straight line as make some 32 products.
    int64_t straight = 1;
    if (!e.facts.prefersSmallMemory())
      for (int64_t c = 1; c <= shape.chunks; ++c)
        if (shape.chunks % c == 0 && c * packed.steps * rows <= 64)
          straight = c;
    bool loops = straight < shape.chunks;

    auto run = [&](Value first, SmallVector<Value> accs) {
      SmallVector<Value> partial(rows * chains);
      if (!most)
        partial.swap(accs);
      int64_t summed = 0;
      auto flush = [&] {
        for (int64_t r = 0; r < rows; ++r)
          if (Value sum =
                  join(ArrayRef<Value>(partial).slice(r * chains, chains)))
            accs[r] = dot.finish(e, accs[r], sum);
        partial.assign(partial.size(), Value());
        summed = 0;
      };
      for (int64_t c = 0; c < straight; ++c) {
        Value chunk = e.add(first, c);
        Value from = e.add(at, e.mul(chunk, packed.chunkBytes));
        SmallVector<Value> vectors = packed.load(e, table, from);
        prefetch(from);
        for (int64_t s = 0; s < packed.steps; ++s) {
          Value codes = packed.unpack(e, vectors, s, places);
          for (int64_t r = 0; r < rows; ++r) {
            Value activations = dot.activations(
                e, e.scratch,
                e.add(e.add(x[r], e.mul(chunk, packed.steps * dot.group)),
                      s * dot.group));
            Value &sum = partial[r * chains + (c * packed.steps + s) % chains];
            sum = dot.step(e, sum, codes, activations, isSigned);
          }
          if (++summed == most)
            flush();
        }
      }
      if (!most)
        return partial;
      flush();
      return accs;
    };

    SmallVector<Value> accs(rows * wide);
    if (loops) {
      auto type = LayerEmitter::lanesOf(e.b.getI32Type(), dot.lanes);
      accs.assign(rows * wide, e.constant(type, 0));
      accs = e.loop(
          shape.chunks / straight, accs, [&](Value i, ValueRange carried) {
            return run(e.mul(i, straight), SmallVector<Value>(carried));
          });
    } else {
      accs = run(e.index(0), accs);
    }
    SmallVector<Value> results;
    for (int64_t r = 0; r < rows; ++r)
      results.push_back(
          most ? accs[r] : join(ArrayRef<Value>(accs).slice(r * wide, wide)));
    return results;
  }

  LayerEmitter &e;
  qnn::BlockFullyConnectedOp op;
  const CodeDot &dot;
  BlockWeights weights;
  PackedCodes packed;
  BlockShape shape;
  bool isSigned = false;
  /// Stored codes are less by this; a stored code of 0 stands for `offset`.
  int64_t codeZero = 0, offset = 0;
  Value table, zeros, biases, sums, factors;
  std::optional<PackedScales> scales;
};

class BlockMatrixKernel : public Kernel {
public:
  StringRef getName() const override {
    return "block_fully_connected.container";
  }
  StringRef getAnchor() const override { return "qnn.block_fully_connected"; }

  KernelFamily getFamily() const override { return KernelFamily::Container; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    auto op = cast<qnn::BlockFullyConnectedOp>(getAnchorOp(layer));
    if (!isSingleOp(layer, why) || !hasFloats(facts, why))
      return failure();
    for (Value operand :
         {op.getFilter(), op.getScales(), op.getZeroPoints(), op.getBias()})
      if (operand && !constantOf(operand)) {
        why = "weights, scales, zero points and bias must be constants";
        return failure();
      }
    int bits = BlockWeights(op).codes.bits();
    const CodeDot &dot = CodeDot::choose(facts);
    PackedCodes packed(dot, bits);
    BlockShape shape(op, dot, packed);
    KernelChoice choice;
    auto steps =
        static_cast<double>(llvm::divideCeil(shape.outputs, dot.lanes) *
                            shape.blocks * shape.paddedBlock / dot.group);
    choice.cycles = steps * (dot.unpackCycles +
                             dot.stepCycles * static_cast<double>(shape.rows)) +
                    static_cast<double>(shape.rows * shape.depth);
    Builder b(layer.getContext());
    choice.config.push_back(b.getNamedAttr("bits", b.getI64IntegerAttr(bits)));
    choice.inputs.resize(layer.getInputs().size());
    choice.scratchBytes = shape.scratchBytes();
    auto numChunks =
        static_cast<int64_t>(llvm::divideCeil(shape.outputs, dot.lanes)) *
        shape.blocks * shape.chunks;
    choice.weightBytes = numChunks * packed.chunkBytes;
    choice.plainWeightBytes = numChunks * packed.steps * dot.lanes * dot.group;
    return choice;
  }

  LogicalResult emit(LayerEmitter &e) const override {
    BlockMatrixEmitter(e,
                       cast<qnn::BlockFullyConnectedOp>(getAnchorOp(e.layer)))
        .emit();
    return success();
  }
};

} // namespace

void populateBlockMatrixKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<BlockMatrixKernel>());
}

} // namespace qcc
