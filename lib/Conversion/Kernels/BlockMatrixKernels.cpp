// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of floats with weights that are quantized in blocks. Rows of floats
// are rounded to 8 bits first; then weights go by once, as one stream of bits
// without gaps: `lanes` outputs, by block, by step. Of a block's integer sum a
// lane has its output's, so that scales are vectors too. How a block's sum is
// made is BlockProducts' matter: two kernels.

#include "BlockProducts.h"
#include "HybridSample.h"
#include "KernelSupport.h"
#include "MatrixVector.h"
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

  BlockShape(qnn::BlockFullyConnectedOp op, const BlockProducts &products) {
    auto filter = cast<RankedTensorType>(op.getFilter().getType());
    outputs = filter.getDimSize(0);
    depth = filter.getDimSize(1);
    rows = cast<ShapedType>(op.getType()).getNumElements() / outputs;
    block = std::min(static_cast<int64_t>(op.getBlock()), depth);
    blocks = static_cast<int64_t>(llvm::divideCeil(depth, block));
    int64_t chunk = products.chunkDepth;
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
  /// What products want for themselves.
  int64_t productsAt() const { return factorsAt() + align(rows * 4); }
};

class BlockMatrixEmitter {
public:
  BlockMatrixEmitter(LayerEmitter &emitter, qnn::BlockFullyConnectedOp matrix,
                     BlockProducts &blockProducts)
      : e(emitter), op(matrix), products(blockProducts), weights(op),
        shape(op, products),
        floatLanes(e.facts.hasVectorFloat ? products.lanes : 1) {
    codeZero = products.isSigned ? 128 : 0;
    offset = weights.codes.first + weights.codes.stride * codeZero;
  }

  void emit() {
    roundRows();
    products.prepare(e, shape.rows * shape.rowBytes(), shape.productsAt());
    packTables();
    auto groups = static_cast<int64_t>(shape.outputs / products.lanes);
    e.inParallel([&] {
      e.splitLoop(groups, [&](Value n) {
        e.once([&] { emitOutputs(n, products.lanes); });
      });
      if (int64_t rest = shape.outputs % products.lanes)
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
    int64_t groups = llvm::divideCeil(shape.outputs, products.lanes);
    auto forEachSlot = [&](auto next) {
      for (int64_t n = 0; n < groups; ++n)
        for (int64_t g = 0; g < shape.blocks; ++g)
          for (int64_t lane = 0; lane < products.lanes; ++lane)
            next(std::min(n * products.lanes + lane, shape.outputs - 1), g);
    };
    std::vector<int8_t> bytes;
    bytes.reserve(static_cast<size_t>(groups * shape.blocks * shape.chunks *
                                      products.chunkBytes));
    for (int64_t n = 0; n < groups; ++n)
      for (int64_t g = 0; g < shape.blocks; ++g)
        for (int64_t c = 0; c < shape.chunks; ++c)
          products.pack(
              [&](int64_t lane, int64_t i) {
                int64_t inBlock = c * products.chunkDepth + i;
                int64_t k = g * shape.block + inBlock;
                int64_t output =
                    std::min(n * products.lanes + lane, shape.outputs - 1);
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
      bias.resize(static_cast<size_t>(groups * products.lanes));
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
    int64_t perTile = std::min(products.rows, shape.rows);
    e.loop(shape.rows / perTile,
           [&](Value t) { emitTile(n, valid, e.mul(t, perTile), perTile); });
    int64_t done = shape.rows / perTile * perTile;
    if (done < shape.rows)
      emitTile(n, valid, e.index(done), shape.rows - done);
  }

  void emitTile(Value n, int64_t valid, Value firstRow, int64_t rows) {
    Type f32 = LayerEmitter::lanesOf(e.b.getF32Type(), floatLanes);
    int64_t parts = products.lanes / floatLanes;
    SmallVector<Value> totals(rows * parts, e.constantFloat(f32, 0));
    totals = e.loop(shape.blocks, totals, [&](Value g, ValueRange carried) {
      Value slot = e.add(e.mul(n, shape.blocks), g);
      Value at = e.mul(slot, shape.chunks * products.chunkBytes);
      Value lanesAt = e.mul(slot, products.lanes);
      SmallVector<Value> x, next;
      for (int64_t r = 0; r < rows; ++r)
        x.push_back(e.add(e.mul(e.add(firstRow, r), shape.rowBytes()),
                          e.mul(g, shape.paddedBlock)));
      SmallVector<Value> ofBlock = products.sum(e, table, at, x, shape.chunks);
      SmallVector<Value> scale;
      for (int64_t part = 0; part < parts; ++part)
        scale.push_back(
            scales->load(e, e.add(lanesAt, part * floatLanes), floatLanes));
      for (int64_t r = 0; r < rows; ++r) {
        Value sum = correct(ofBlock[r], e.add(firstRow, r), g, lanesAt);
        for (int64_t part = 0; part < parts; ++part) {
          Value scaled = mlir::arith::MulFOp::create(
              e.b, mlir::arith::SIToFPOp::create(e.b, f32, partOf(sum, part)),
              scale[part]);
          next.push_back(mlir::arith::AddFOp::create(
              e.b, carried[r * parts + part], scaled));
        }
      }
      return next;
    });
    auto [lo, hi] = qnn::floatClamp(op.getClampAttr());
    Value first = e.mul(n, products.lanes);
    for (int64_t r = 0; r < rows; ++r) {
      Value row = e.add(firstRow, r),
            factor = e.splat(e.load(factors, row, 1), floatLanes),
            to = e.add(e.add(e.mul(row, shape.outputs), first),
                       e.outputs[0].base);
      for (int64_t at = 0; at < valid; at += floatLanes) {
        Value value = mlir::arith::MulFOp::create(
            e.b, totals[r * parts + at / floatLanes], factor);
        if (biases)
          value = mlir::arith::AddFOp::create(
              e.b, value, e.load(biases, e.add(first, at), floatLanes));
        storeValid(clampFloat(e, value, lo, hi), e.add(to, at),
                   std::min(floatLanes, valid - at));
      }
    }
  }

  /// The sums that are made floats together.
  Value partOf(Value sum, int64_t part) const {
    if (floatLanes == products.lanes)
      return sum;
    return vector::ExtractOp::create(e.b, sum, ArrayRef<int64_t>{part});
  }

  void storeValid(Value value, Value to, int64_t valid) {
    for (int64_t done = 0; done < valid;) {
      int64_t lanes = llvm::bit_floor(static_cast<uint64_t>(valid - done));
      Value part = value;
      if (lanes == 1 && floatLanes > 1)
        part = vector::ExtractOp::create(e.b, value, ArrayRef<int64_t>{done});
      else if (lanes < floatLanes)
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
    Value ofRow = e.splat(e.load(sums, e.add(e.mul(row, shape.blocks), g), 1),
                          products.lanes);
    if (!zeros)
      return mlir::arith::AddIOp::create(e.b, sum, ofRow);
    Value zero = e.extend(e.load(zeros, lanesAt, products.lanes),
                          e.b.getI32Type(), true);
    return mlir::arith::SubIOp::create(
        e.b, sum, mlir::arith::MulIOp::create(e.b, ofRow, zero));
  }

  LayerEmitter &e;
  qnn::BlockFullyConnectedOp op;
  BlockProducts &products;
  BlockWeights weights;
  BlockShape shape;
  /// Sums that are floats in a register: all, or where vectors have none one.
  int64_t floatLanes;
  /// Stored codes are less by this; a stored code of 0 stands for `offset`.
  int64_t codeZero = 0, offset = 0;
  Value table, zeros, biases, sums, factors;
  std::optional<PackedScales> scales;
};

class BlockMatrixKernel final : public Kernel {
public:
  /// `usesTables`: looks sums of activations up.
  explicit BlockMatrixKernel(bool usesTables) : usesTables(usesTables) {}

  StringRef getName() const override {
    return usesTables ? "block_fully_connected.lut"
                      : "block_fully_connected.container";
  }
  StringRef getAnchor() const override { return "qnn.block_fully_connected"; }

  KernelFamily getFamily() const override {
    return usesTables ? KernelFamily::Lut : KernelFamily::Container;
  }

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
    std::unique_ptr<BlockProducts> products =
        makeProducts(op, facts, bits, why);
    if (!products)
      return failure();
    BlockShape shape(op, *products);
    KernelChoice choice;
    auto numChunks =
        static_cast<int64_t>(llvm::divideCeil(shape.outputs, products->lanes)) *
        shape.blocks * shape.chunks;
    auto rows = static_cast<double>(shape.rows);
    choice.cycles = static_cast<double>(numChunks) *
                        (products->codeCycles + products->chunkCycles * rows) +
                    rows * static_cast<double>(shape.depth) +
                    rows * static_cast<double>(shape.blocks * shape.chunks) *
                        products->readyCycles;
    Builder b(layer.getContext());
    choice.config.push_back(b.getNamedAttr("bits", b.getI64IntegerAttr(bits)));
    choice.inputs.resize(layer.getInputs().size());
    int64_t activations = shape.rows * shape.rowBytes();
    choice.scratchBytes =
        shape.productsAt() + products->scratchBytes(activations);
    choice.weightBytes = numChunks * products->chunkBytes;
    choice.plainWeightBytes =
        numChunks * products->chunkDepth * products->lanes;
    return choice;
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::BlockFullyConnectedOp>(getAnchorOp(e.layer));
    std::string why;
    std::unique_ptr<BlockProducts> products =
        makeProducts(op, e.facts, static_cast<int>(e.getConfig("bits")), why);
    if (!products)
      return e.layer.emitOpError() << why;
    BlockMatrixEmitter(e, op, *products).emit();
    return success();
  }

private:
  std::unique_ptr<BlockProducts> makeProducts(qnn::BlockFullyConnectedOp op,
                                              const TargetFacts &facts,
                                              int bits,
                                              std::string &why) const {
    int64_t outputs = cast<ShapedType>(op.getFilter().getType()).getDimSize(0);
    // Totals that are scalars should all have registers.
    constexpr int64_t mostScalars = 16;
    if (!facts.hasVectorFloat)
      outputs = std::min(outputs, mostScalars);
    return usesTables ? BlockProducts::ofTables(facts, bits, outputs, why)
                      : BlockProducts::ofCodes(facts, bits);
  }

  bool usesTables;
};

} // namespace

void populateBlockMatrixKernels(KernelSet &kernels) {
  for (bool usesTables : {false, true})
    kernels.add(std::make_unique<BlockMatrixKernel>(usesTables));
}

} // namespace qcc
