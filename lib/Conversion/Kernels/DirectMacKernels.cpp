// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The direct kernel of everything that multiplies and accumulates: any groups,
// strides, dilations and element types, constant or run-time filters, 32- or
// 64-bit accumulators, the hybrid form. A tile of pixels by vectors of output
// channels stays in registers while the taps stream by. It fits always; the
// matrix and the depthwise kernel are cheaper where they fit.

#include "HybridSample.h"
#include "KernelSupport.h"
#include "MacWindow.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace qcc {

namespace {

/// Where elements lie: offsets in elements of `memref`.
struct InputPlace {
  Value memref;
  int64_t base = 0, row = 0, column = 0, channel = 1;
};
struct FilterPlace {
  Value memref;
  int64_t base = 0, output = 0, row = 0, column = 0, channel = 0;
};

/// A loop around the whole: samples, or the stack of matrix products.
struct OuterLoop {
  int64_t count = 1, input = 0, filter = 0, result = 0;
};

class DirectMacEmitter {
public:
  DirectMacEmitter(LayerEmitter &emitter, MacLayer layer)
      : e(emitter), mac(std::move(layer)), anchor(getAnchorOp(e.layer)),
        window(MacWindow::of(anchor, mac)), out(e.outputs[0]),
        lanes(e.getConfig("lanes")), vectors(e.getConfig("nv")),
        pixels(e.getConfig("mr")) {
    // One channel per group: vectors of channels meet vectors of inputs.
    isChannelwise =
        mac.groupInputs() == 1 && mac.groupOutputs() == 1 && mac.groups > 1;
    channelsPerLoop = isChannelwise ? mac.outChannels : mac.groupOutputs();
    slotsPerLoop =
        static_cast<int64_t>(llvm::divideCeil(channelsPerLoop, lanes)) * lanes;
    isWide =
        mac.isWide && (mac.reach.lo < INT32_MIN || mac.reach.hi > INT32_MAX);
    placeOperands();
    makeTables();
    if (mac.isHybrid)
      placeSample();
  }

  void emit() {
    nest(0, e.index(in.base), e.index(filter.base), e.index(out.base));
  }

private:
  //===--- operands -------------------------------------------------------===//

  bool addsFloats() const { return mac.isFloat; }
  int64_t slotOf(int64_t channel) const {
    return channel / channelsPerLoop * slotsPerLoop + channel % channelsPerLoop;
  }
  int64_t numSlots() const {
    return mac.outChannels / channelsPerLoop * slotsPerLoop;
  }

  int64_t numPhases() const {
    return static_cast<int64_t>(window.rows.size() * window.columns.size());
  }
  /// The phase that a tap belongs to: the taps of a phase are `tapStep` apart.
  /// Negative for none, where the result is narrower than the stride.
  int64_t phaseOf(int64_t tap) const {
    auto find = [](ArrayRef<MacAxis> axes, int64_t number) {
      for (auto [i, axis] : llvm::enumerate(axes))
        if (axis.taps > 0 && (axis.firstTap - number) % axis.tapStep == 0)
          return static_cast<int64_t>(i);
      return int64_t(-1);
    };
    int64_t row = find(window.rows, tap / mac.kernelWidth);
    int64_t column = find(window.columns, tap % mac.kernelWidth);
    return row < 0 || column < 0
               ? -1
               : row * static_cast<int64_t>(window.columns.size()) + column;
  }

  void placeOperands() {
    TensorView view = viewOperand(e, mac.input, "input");
    in.memref = view.memref;
    in.base = view.base;
    resultRow = mac.isMatrix ? 0 : out.strides[1];
    resultColumn = mac.isMatrix ? mac.outChannels : out.strides[2];
    if (auto matmul = dyn_cast<qnn::BatchMatMulOp>(anchor)) {
      placeMatrices(matmul, view);
    } else if (mac.isMatrix) {
      in.column = mac.inChannels;
    } else {
      in.row = view.strides[1], in.column = view.strides[2];
      outer.push_back({mac.batch, view.strides[0], 0, out.strides[0]});
    }
    // In the hybrid form each row of a matrix is a sample of its own.
    if (mac.isHybrid && mac.isMatrix) {
      outer.push_back({mac.outWidth, in.column, 0, resultColumn});
      in.column = 0;
      window.columns = {windowAxis(1, 1, 1, 0, 1)};
      mac.inWidth = mac.outWidth = 1;
    }
    if (mac.hasConstantFilter)
      return;
    if (isa<qnn::BatchMatMulOp>(anchor))
      return;
    filter.memref = viewOperand(e, mac.filter, "filter").memref;
    int64_t depth = mac.groupInputs();
    if (mac.depthwise) {
      filter.output = 1, filter.channel = mac.outChannels;
    } else {
      filter.channel = 1, filter.output = mac.depth();
    }
    filter.column = mac.depthwise ? mac.outChannels : depth;
    filter.row = filter.column * mac.kernelWidth;
  }

  void placeMatrices(qnn::BatchMatMulOp matmul, const TensorView &lhs) {
    TensorView rhs = viewOperand(e, mac.filter, "rhs");
    filter.memref = rhs.memref;
    bool exchangeLhs = matmul.getTransposeLhs(),
         exchangeRhs = matmul.getTransposeRhs();
    in.column = exchangeLhs ? 1 : mac.inChannels;
    in.channel = exchangeLhs ? mac.outWidth : 1;
    filter.output = exchangeRhs ? mac.inChannels : 1;
    filter.channel = exchangeRhs ? 1 : mac.outChannels;
    // The axes before the last two, those of extent 1 repeated.
    ArrayRef<int64_t> shape = out.shape();
    auto strideOf = [&](const TensorView &view, size_t axis) -> int64_t {
      size_t missing = shape.size() - view.shape().size();
      if (axis < missing || view.shape()[axis - missing] == 1)
        return 0;
      int64_t stride = 1;
      for (int64_t extent : view.shape().drop_front(axis - missing + 1))
        stride *= extent;
      return stride;
    };
    for (size_t axis = 0; axis + 2 < shape.size(); ++axis)
      outer.push_back({shape[axis], strideOf(lhs, axis), strideOf(rhs, axis),
                       strideOf(out, axis)});
  }

  /// Constant filters as [tap][input channel of the group][output channel], so
  /// that a vector of output channels is one load; biases with what the zero
  /// points of constant filters add.
  void makeTables() {
    int64_t depth = mac.depth(), outputs = mac.outChannels;
    // Every phase of a transposed convolution has taps of its own.
    std::vector<int64_t> sums(numPhases() * numSlots(), 0);
    if (mac.hasConstantFilter) {
      filter.output = 1, filter.channel = outputs;
      filter.column = mac.groupInputs() * outputs;
      filter.row = filter.column * mac.kernelWidth;
      if (mac.isFloat) {
        std::vector<float> weights(depth * outputs);
        for (int64_t o = 0; o < outputs; ++o)
          for (int64_t k = 0; k < depth; ++k)
            weights[k * outputs + o] = mac.floatWeights[o * depth + k];
        filter.memref = e.table("weights", ArrayRef<float>(weights));
      } else {
        std::vector<int16_t> weights(depth * outputs);
        for (int64_t o = 0; o < outputs; ++o)
          for (int64_t k = 0; k < depth; ++k) {
            int64_t w = mac.weight(o, k) - mac.weightZeros[o];
            weights[k * outputs + o] = static_cast<int16_t>(w);
            if (int64_t phase = phaseOf(k / mac.groupInputs()); phase >= 0)
              sums[phase * numSlots() + slotOf(o)] += w;
          }
        if (llvm::all_of(weights,
                         [](int16_t w) { return w >= -128 && w <= 127; }))
          filter.memref =
              e.table("weights", ArrayRef<int8_t>(std::vector<int8_t>(
                                     weights.begin(), weights.end())));
        else
          filter.memref = e.table("weights", ArrayRef<int16_t>(weights));
      }
    }
    if (mac.bias && isa<BlockArgument>(mac.bias))
      biasMemref = viewOperand(e, mac.bias, "bias").memref;
    if (mac.isFloat || mac.sumsToFloats)
      makeFloatTables();
    if (mac.isFloat || mac.isHybrid)
      return;
    std::vector<int64_t> bias(numPhases() * numSlots(), 0);
    for (int64_t phase = 0; phase < numPhases(); ++phase)
      for (int64_t o = 0; o < outputs; ++o) {
        int64_t at = phase * numSlots() + slotOf(o);
        bias[at] = static_cast<int64_t>(
            static_cast<uint64_t>(mac.biases[o]) -
            static_cast<uint64_t>(mac.inputZero * sums[at]));
      }
    if (!mac.sumsToFloats) {
      RequantSpec spec(numSlots());
      for (int64_t o = 0; o < outputs; ++o)
        spec[slotOf(o)] = mac.requant[o];
      requantizer.emplace(e, "requant", std::move(spec), lanes, mac.isWide);
    }
    if (isWide) {
      biasTable = e.table("bias", ArrayRef<int64_t>(bias));
      return;
    }
    std::vector<int32_t> narrow(bias.size());
    for (size_t at = 0; at < bias.size(); ++at)
      narrow[at] = addWrapping(
          static_cast<int32_t>(static_cast<uint64_t>(bias[at])),
          requantizer
              ? requantizer->accOffset(static_cast<int64_t>(at) % numSlots())
              : 0);
    biasTable = e.table("bias", ArrayRef<int32_t>(narrow));
  }

  void makeFloatTables() {
    std::vector<int64_t> channels(numSlots(), -1);
    std::vector<float> bias(numSlots(), 0);
    for (int64_t o = 0; o < mac.outChannels; ++o) {
      channels[slotOf(o)] = o;
      bias[slotOf(o)] = mac.floatBias[o];
    }
    if (mac.sumsToFloats)
      epilogue.emplace(e, mac, channels);
    else
      biasTable = e.table("bias", ArrayRef<float>(bias));
  }

  /// In the hybrid form what is multiplied is a sample in scratch memory.
  void placeSample() {
    samples.emplace(e, mac, window.padding(mac), /*isSigned=*/true);
    HybridSamples::Strides strides = samples->roundedStrides();
    original = in;
    in.memref = e.scratch;
    in.channel = 1;
    in.column = mac.isMatrix ? 0 : strides.column;
    in.row = mac.isMatrix ? 0 : strides.row;
  }

  //===--- loops ----------------------------------------------------------===//

  void nest(size_t depth, Value inAt, Value filterAt, Value outAt) {
    if (depth == outer.size()) {
      if (mac.isHybrid) {
        sampleScale = samples->round(
            original.memref, inAt,
            {original.row, original.column, original.channel}, e.index(0));
        inAt = e.index(samples->roundedOrigin());
      }
      return emitSample(inAt, filterAt, outAt);
    }
    const OuterLoop &loop = outer[depth];
    e.loop(loop.count, [&](Value i) {
      nest(depth + 1, e.add(inAt, e.mul(i, loop.input)),
           e.add(filterAt, e.mul(i, loop.filter)),
           e.add(outAt, e.mul(i, loop.result)));
    });
  }

  void emitSample(Value inAt, Value filterAt, Value outAt) {
    e.loop(mac.outChannels / channelsPerLoop, [&](Value group) {
      Value groupIn = e.add(
          inAt,
          e.mul(group, isChannelwise ? 0 : mac.groupInputs() * in.channel));
      auto emitBlock = [&](Value local, int64_t count, int64_t width) {
        Block block;
        block.channel = e.add(e.mul(group, channelsPerLoop), local);
        block.slot = e.add(e.mul(group, slotsPerLoop), local);
        block.count = count, block.width = width;
        Value blockIn = isChannelwise ? e.add(groupIn, local) : groupIn;
        int64_t phase = 0;
        for (const MacAxis &rows : window.rows)
          for (const MacAxis &columns : window.columns) {
            block.biasSlot = e.add(block.slot, phase++ * numSlots());
            emitPhase(block, rows, columns, blockIn,
                      e.add(filterAt, e.mul(block.channel, filter.output)),
                      e.add(outAt, block.channel));
          }
      };
      int64_t whole = lanes * vectors;
      e.loop(channelsPerLoop / whole,
             [&](Value b) { emitBlock(e.mul(b, whole), vectors, lanes); });
      int64_t done = channelsPerLoop / whole * whole;
      if (int64_t rest = (channelsPerLoop - done) / lanes) {
        emitBlock(e.index(done), rest, lanes);
        done += rest * lanes;
      }
      for (int64_t width = lanes / 2; width >= 1; width /= 2)
        if (channelsPerLoop - done >= width) {
          emitBlock(e.index(done), 1, width);
          done += width;
        }
    });
  }

  /// Output channels in registers: `count` vectors of `width`.
  struct Block {
    Value channel, slot, biasSlot;
    int64_t count = 1, width = 1;
  };

  void emitPhase(const Block &block, const MacAxis &rows,
                 const MacAxis &columns, Value inAt, Value filterAt,
                 Value outAt) {
    inAt =
        e.add(inAt, rows.firstInput * in.row + columns.firstInput * in.column);
    filterAt = e.add(filterAt, rows.firstTap * filter.row +
                                   columns.firstTap * filter.column);
    outAt = e.add(outAt, rows.firstOutput * resultRow +
                             columns.firstOutput * resultColumn);
    e.loop(rows.outputs, [&](Value y) {
      Value inRow = e.add(inAt, e.mul(y, rows.inputStep * in.row));
      Value outRow = e.add(outAt, e.mul(y, rows.outputStep * resultRow));
      auto emitAt = [&](Value x, int64_t tile) {
        emitTile(block, rows, columns, tile,
                 e.add(inRow, e.mul(x, columns.inputStep * in.column)),
                 filterAt,
                 e.add(outRow, e.mul(x, columns.outputStep * resultColumn)));
      };
      int64_t full = columns.outputs / pixels;
      e.loop(full, [&](Value t) { emitAt(e.mul(t, pixels), pixels); });
      if (int64_t rest = columns.outputs % pixels)
        emitAt(e.index(full * pixels), rest);
    });
  }

  void emitTile(const Block &block, const MacAxis &rows, const MacAxis &columns,
                int64_t tile, Value inAt, Value filterAt, Value outAt) {
    SmallVector<Value> state;
    for (int64_t p = 0; p < tile; ++p)
      for (int64_t v = 0; v < block.count; ++v)
        state.push_back(initial(block, v));
    // A run-time filter of the hybrid form is summed up on the way.
    bool sumsFilter =
        mac.isHybrid && mac.isAsymmetric && !mac.hasConstantFilter;
    if (sumsFilter)
      for (int64_t v = 0; v < block.count; ++v)
        state.push_back(e.constant(
            LayerEmitter::lanesOf(e.b.getI32Type(), block.width), 0));
    int64_t pixelStride = columns.inputStep * in.column;
    auto reduce = [&](Value at, Value weightAt, ValueRange values) {
      SmallVector<Value> next(values), weights;
      for (int64_t v = 0; v < block.count; ++v)
        weights.push_back(loadWeights(weightAt, v, block.width));
      for (int64_t p = 0; p < tile; ++p) {
        Value x;
        if (!isChannelwise)
          x = e.splat(
              prepareInput(e.load(in.memref, e.add(at, p * pixelStride), 1)),
              block.width);
        for (int64_t v = 0; v < block.count; ++v) {
          if (isChannelwise)
            x = prepareInput(
                e.load(in.memref, e.add(at, p * pixelStride + v * block.width),
                       block.width));
          Value &acc = next[p * block.count + v];
          acc = multiplyAdd(acc, x, weights[v]);
        }
      }
      if (sumsFilter)
        for (int64_t v = 0; v < block.count; ++v) {
          Value &sum = next[tile * block.count + v];
          sum = mlir::arith::AddIOp::create(e.b, sum, weights[v]);
        }
      return next;
    };
    state = e.loop(rows.taps, state, [&](Value i, ValueRange outerState) {
      Value rowIn = e.add(inAt, e.mul(i, rows.inputPerTap * in.row));
      Value rowFilter = e.add(filterAt, e.mul(i, rows.tapStep * filter.row));
      return e.loop(
          columns.taps, outerState, [&](Value j, ValueRange columnState) {
            Value tapIn =
                e.add(rowIn, e.mul(j, columns.inputPerTap * in.column));
            Value tapFilter =
                e.add(rowFilter, e.mul(j, columns.tapStep * filter.column));
            return e.loop(
                mac.groupInputs(), columnState, [&](Value c, ValueRange inner) {
                  return reduce(e.add(tapIn, e.mul(c, in.channel)),
                                e.add(tapFilter, e.mul(c, filter.channel)),
                                inner);
                });
          });
    });
    for (int64_t p = 0; p < tile; ++p)
      for (int64_t v = 0; v < block.count; ++v) {
        Value acc = state[p * block.count + v];
        Value sum = sumsFilter ? state[tile * block.count + v] : Value();
        e.store(finish(acc, block, v, sum), out.memref,
                e.add(outAt,
                      p * columns.outputStep * resultColumn + v * block.width));
      }
  }

  //===--- arithmetic -----------------------------------------------------===//

  Value atSlot(Value table, const Block &block, int64_t v) {
    return e.load(table, e.add(block.slot, v * block.width), block.width);
  }

  /// What the sum begins with: the bias, but for floats, where it comes last.
  Value initial(const Block &block, int64_t v) {
    Type i32 = LayerEmitter::lanesOf(e.b.getI32Type(), block.width);
    if (mac.isFloat)
      return e.constantFloat(
          LayerEmitter::lanesOf(e.b.getF32Type(), block.width), 0);
    if (mac.isHybrid)
      return e.constant(i32, 0);
    Value bias =
        e.load(biasTable, e.add(block.biasSlot, v * block.width), block.width);
    if (!biasMemref || mac.sumsToFloats)
      return bias;
    Value more =
        e.load(biasMemref, e.add(block.channel, v * block.width), block.width);
    Type element = getElementTypeOrSelf(bias.getType());
    return mlir::arith::AddIOp::create(
        e.b, bias, resizeInteger(e, more, element, /*isSigned=*/true));
  }

  /// An integer of memory as i32, less `zero`. By way of 16 bits, from which
  /// machines multiply.
  Value widen(Value x, bool isSigned, int64_t zero) {
    Type i16 = e.b.getI16Type(), i32 = e.b.getI32Type();
    if (getElementTypeOrSelf(x.getType()).getIntOrFloatBitWidth() == 8) {
      x = e.extend(x, i16, isSigned);
      if (zero != 0)
        x = mlir::arith::SubIOp::create(e.b, x, e.constant(x.getType(), zero));
      return e.extend(x, i32, true);
    }
    x = e.extend(x, i32, isSigned);
    if (zero != 0)
      x = mlir::arith::SubIOp::create(e.b, x, e.constant(x.getType(), zero));
    return x;
  }

  Value prepareInput(Value x) {
    if (mac.isFloat)
      return x;
    // Constant filters have the zero point in the bias.
    return widen(x, mac.inputSigned, mac.hasConstantFilter ? 0 : mac.inputZero);
  }

  Value loadWeights(Value at, int64_t v, int64_t width) {
    Value w =
        e.load(filter.memref, e.add(at, v * width * filter.output), width);
    if (mac.isFloat)
      return w;
    if (mac.hasConstantFilter)
      return widen(w, /*isSigned=*/true, 0);
    return widen(w, mac.weightsSigned, mac.weightZeros[0]);
  }

  Value multiplyAdd(Value acc, Value x, Value w) {
    // Not fused: equal to the interpreter on every bit, which hybrid layers
    // behind it need, since they round to 8 bits.
    if (mac.isFloat)
      return mlir::arith::AddFOp::create(
          e.b, acc, mlir::arith::MulFOp::create(e.b, x, w));
    Value product = mlir::arith::MulIOp::create(e.b, x, w);
    return mlir::arith::AddIOp::create(
        e.b, acc, e.extend(product, getElementTypeOrSelf(acc.getType()), true));
  }

  /// `sum`: of a run-time filter's weights, for asymmetric samples.
  Value finish(Value acc, const Block &block, int64_t v, Value sum) {
    Value slot = e.add(block.slot, v * block.width), bias;
    if (mac.isFloat || mac.sumsToFloats) {
      if (biasMemref)
        bias = e.load(biasMemref, e.add(block.channel, v * block.width),
                      block.width);
      if (mac.sumsToFloats)
        return epilogue->finish(acc, slot, sampleScale, bias, sum);
      if (!bias)
        bias = atSlot(biasTable, block, v);
      acc = mlir::arith::AddFOp::create(e.b, acc, bias);
      return clampFloat(e, acc, mac.clampLo, mac.clampHi);
    }
    Type element = cast<MemRefType>(out.memref.getType()).getElementType();
    return requantizer->emit(acc, slot, element);
  }

  LayerEmitter &e;
  MacLayer mac;
  Operation *anchor;
  MacWindow window;
  const TensorView &out;
  int64_t lanes, vectors, pixels;
  bool isChannelwise = false, isWide = false;
  /// Output channels of one group, and their places in tables of constants.
  int64_t channelsPerLoop = 1, slotsPerLoop = 1;
  int64_t resultRow = 0, resultColumn = 0;
  InputPlace in, original;
  FilterPlace filter;
  SmallVector<OuterLoop> outer;
  Value biasMemref, biasTable;
  std::optional<Requantizer> requantizer;

  /// Rounds a sample; how the one at hand is to be multiplied.
  std::optional<HybridSamples> samples;
  std::optional<HybridEpilogue> epilogue;
  SampleScale sampleScale;
};

class DirectMacKernel : public Kernel {
public:
  DirectMacKernel(StringRef op)
      : name((op + ".direct_mac").str()), anchorName(("qnn." + op).str()) {}
  StringRef getName() const override { return name; }
  StringRef getAnchor() const override { return anchorName; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    FailureOr<MacLayer> mac =
        MacLayer::read(layer, why, /*withConstants=*/false);
    if (failed(mac) || !isSingleOp(layer, why) ||
        (mac->needsFloats() && !hasFloats(facts, why)))
      return failure();
    if (!HybridSamples::isPossible(*mac, facts, why))
      return failure();
    MacWindow window = MacWindow::of(getAnchorOp(layer), *mac);
    std::array<int64_t, 4> padding = window.padding(*mac);
    auto input = dyn_cast<BlockArgument>(mac->input);
    bool readsPadding = llvm::any_of(padding, [](int64_t p) { return p != 0; });
    if (!input && readsPadding && !mac->isHybrid) {
      why = "the input is a constant without the padding that is read";
      return failure();
    }

    Builder b(layer.getContext());
    KernelChoice choice;
    bool isChannelwise =
        mac->groupInputs() == 1 && mac->groupOutputs() == 1 && mac->groups > 1;
    int64_t channels = isChannelwise ? mac->outChannels : mac->groupOutputs();
    int64_t lanes = hasContiguousOutputs(layer, *mac)
                        ? lanesFor(facts, 4, mac->isFloat || mac->sumsToFloats)
                        : 1;
    while (lanes > 1 && lanes > channels)
      lanes /= 2;
    int64_t vectors =
        isChannelwise
            ? 1
            : std::min<int64_t>(std::max<int64_t>(channels / lanes, 1),
                                lanes > 1 ? 4 : 2);
    int64_t widest = 1;
    for (const MacAxis &axis : window.columns)
      widest = std::max(widest, axis.outputs);
    int64_t pixels =
        std::min<int64_t>(mac->isHybrid && mac->isMatrix ? 1 : widest,
                          facts.numVectorRegisters >= 32 ? 4 : 2);
    auto macs = static_cast<double>(mac->macs());
    choice.cycles = macs * 4 / static_cast<double>(lanes) +
                    16 * macs / static_cast<double>(mac->depth() * lanes);
    choice.config = {b.getNamedAttr("mr", b.getI64IntegerAttr(pixels)),
                     b.getNamedAttr("nv", b.getI64IntegerAttr(vectors)),
                     b.getNamedAttr("lanes", b.getI64IntegerAttr(lanes))};
    choice.inputs.resize(layer.getInputs().size());
    if (input && !mac->isMatrix) {
      InputRequirement &wanted = choice.inputs[input.getArgNumber()];
      wanted.acceptsPadding = mac->input != mac->filter;
      if (!mac->isHybrid)
        wanted.padding = padding;
    }
    choice.producesPadding = !mac->isMatrix;
    if (mac->isHybrid) {
      choice.scratchBytes = HybridSamples::sampleBytes(*mac, padding);
      choice.cycles += HybridSamples::cycles(*mac, facts);
    }
    return choice;
  }

  LogicalResult emit(LayerEmitter &e) const override {
    std::string why;
    FailureOr<MacLayer> mac = MacLayer::read(e.layer, why);
    if (failed(mac))
      return e.layer.emitOpError() << why;
    DirectMacEmitter(e, std::move(*mac)).emit();
    return success();
  }

private:
  /// Vectors of output channels are one load of the filter.
  static bool hasContiguousOutputs(qnn::LayerOp layer, const MacLayer &mac) {
    if (auto matmul = dyn_cast<qnn::BatchMatMulOp>(getAnchorOp(layer)))
      return !matmul.getTransposeRhs();
    return mac.hasConstantFilter || mac.depthwise;
  }

  std::string name, anchorName;
};

} // namespace

void populateDirectMacKernels(KernelSet &kernels) {
  for (StringRef op : {"batch_matmul", "conv2d", "depthwise_conv2d",
                       "fully_connected", "transpose_conv2d"})
    kernels.add(std::make_unique<DirectMacKernel>(op));
}

} // namespace qcc
