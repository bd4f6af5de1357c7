// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Convolution of floats with an int8 filter (dynamic-range quantization): the
// range of each sample is found first, then every value is rounded to 8 bits
// where it is read. A tile of neighbouring pixels by a few vectors of output
// channels stays in registers while the taps stream by. Sums of products are
// integers and exact, in float32 where they stay below 2^24, so that the result
// equals the interpreter's on every bit.

#include "ElementwiseKernels.h"
#include "KernelSupport.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace qcc {

namespace {

/// The largest magnitude of a rounded input.
constexpr int64_t inputLimit = 127;

DenseElementsAttr getConstant(Value value) {
  auto constant = value ? value.getDefiningOp<qnn::ConstantOp>() : nullptr;
  return constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : nullptr;
}

class HybridConvEmitter {
public:
  HybridConvEmitter(LayerEmitter &emitter, qnn::Conv2DOp conv)
      : e(emitter), op(conv), in(emitter.inputs[0]), out(emitter.outputs[0]),
        filter(op.getFilter().getType().getShape()),
        lanes(emitter.getConfig("lanes")), vectors(emitter.getConfig("nv")),
        pixels(emitter.getConfig("mr")) {
    int64_t depth = filter[1] * filter[2] * filter[3];
    isExactInFloat = depth * inputLimit * 128 < (int64_t(1) << 24);
    makeTables();
  }

  void emit() {
    Type f32 = e.b.getF32Type();
    auto filterScale =
        static_cast<float>(qnn::scaleOf(op.getFilter().getType()));
    e.loop(in.shape()[0], [&](Value n) {
      Value range = emitRange(e.add(e.mul(n, in.strides[0]), in.base));
      Value limit = e.constantFloat(f32, inputLimit);
      Value isZero = mlir::arith::CmpFOp::create(
          e.b, mlir::arith::CmpFPredicate::OEQ, range, e.constantFloat(f32, 0));
      factor = mlir::arith::SelectOp::create(
          e.b, isZero, e.constantFloat(f32, 1),
          mlir::arith::DivFOp::create(e.b, range, limit));
      factor = mlir::arith::MulFOp::create(e.b, factor,
                                           e.constantFloat(f32, filterScale));
      inverse = mlir::arith::SelectOp::create(
          e.b, isZero, e.constantFloat(f32, 0),
          mlir::arith::DivFOp::create(e.b, limit, range));
      emitSample(n);
    });
  }

private:
  /// Weights as [tap][input channel][output channel], so that a vector of
  /// output channels is one load.
  void makeTables() {
    DenseElementsAttr values = getConstant(op.getFilter());
    int64_t channels = filter[0], depth = values.getNumElements() / channels;
    std::vector<int8_t> weights(values.getNumElements());
    int64_t at = 0;
    for (const APInt &value : values.getValues<APInt>()) {
      weights[at % depth * channels + at / depth] =
          static_cast<int8_t>(value.getSExtValue());
      ++at;
    }
    weightTable = e.table("weights", ArrayRef<int8_t>(weights));
    std::vector<float> bias(channels, 0.0f);
    if (op.getBias())
      llvm::copy(getConstant(op.getBias()).getValues<float>(), bias.begin());
    biasTable = e.table("bias", ArrayRef<float>(bias));
  }

  /// max |x| of the sample whose first element is at `first`; NaN is ignored.
  Value emitRange(Value first) {
    Value zero = e.constantFloat(e.b.getF32Type(), 0);
    auto nest = [&](auto &self, int64_t axis, Value at,
                    ValueRange carried) -> SmallVector<Value> {
      if (axis == 4) {
        Value x = math::AbsFOp::create(e.b, e.load(in.memref, at, 1));
        return {maxFloat(e, carried[0], x)};
      }
      return e.loop(in.shape()[axis], carried, [&](Value iv, ValueRange inner) {
        return self(self, axis + 1, e.add(at, e.mul(iv, in.strides[axis])),
                    inner);
      });
    };
    return nest(nest, 1, first, zero)[0];
  }

  void emitSample(Value n) {
    ArrayRef<int64_t> pad = op.getPadding(), strides = op.getStrides();
    int64_t origin = in.base - pad[0] * in.strides[1] - pad[2] * in.strides[2];
    auto emitChannels = [&](Value channel, int64_t count, int64_t width) {
      e.loop(out.shape()[1], [&](Value y) {
        Value inRow = e.add(e.add(e.mul(n, in.strides[0]),
                                  e.mul(y, in.strides[1] * strides[0])),
                            origin);
        Value outRow =
            e.add(e.add(e.mul(n, out.strides[0]), e.mul(y, out.strides[1])),
                  out.base);
        auto emitAt = [&](Value x, int64_t tile) {
          emitTile(e.add(inRow, e.mul(x, in.strides[2] * strides[1])),
                   e.add(e.add(outRow, e.mul(x, out.strides[2])), channel),
                   channel, tile, count, width);
        };
        int64_t full = out.shape()[2] / pixels;
        e.loop(full, [&](Value t) { emitAt(e.mul(t, pixels), pixels); });
        if (int64_t rest = out.shape()[2] % pixels)
          emitAt(e.index(full * pixels), rest);
      });
    };
    int64_t channels = filter[0], block = lanes * vectors;
    e.loop(channels / block,
           [&](Value b) { emitChannels(e.mul(b, block), vectors, lanes); });
    int64_t done = channels / block * block;
    if (int64_t whole = (channels - done) / lanes) {
      emitChannels(e.index(done), whole, lanes);
      done += whole * lanes;
    }
    for (int64_t width = lanes / 2; width >= 1; width /= 2)
      if (channels - done >= width) {
        emitChannels(e.index(done), 1, width);
        done += width;
      }
  }

  /// clamp(round_half_away(x * inverse), -127, 127) of a scalar, as an integer
  /// or an integral float. Bounds are integers, so that the clamp may come
  /// first; NaN becomes -127.
  Value emitRound(Value x) {
    Type f32 = e.b.getF32Type();
    Value scaled = mlir::arith::MulFOp::create(e.b, x, inverse);
    Value low = e.constantFloat(f32, -inputLimit);
    Value above = mlir::arith::CmpFOp::create(
        e.b, mlir::arith::CmpFPredicate::OGT, scaled, low);
    scaled = mlir::arith::SelectOp::create(e.b, above, scaled, low);
    scaled = minFloat(e, scaled, e.constantFloat(f32, inputLimit));
    Value rounded = emitRoundHalfAway(e, scaled);
    if (!isExactInFloat)
      return rounded;
    return mlir::arith::SIToFPOp::create(e.b, f32, rounded);
  }

  Value multiplyAdd(Value sum, Value x, Value weight) {
    if (!isExactInFloat)
      return mlir::arith::AddIOp::create(
          e.b, sum, mlir::arith::MulIOp::create(e.b, x, weight));
    if (e.facts.hasFMA)
      return math::FmaOp::create(e.b, x, weight, sum);
    return mlir::arith::AddFOp::create(
        e.b, sum, mlir::arith::MulFOp::create(e.b, x, weight));
  }

  /// `tile` pixels of `count` vectors of `width` channels.
  void emitTile(Value inAt, Value outAt, Value channel, int64_t tile,
                int64_t count, int64_t width) {
    Type i32 = LayerEmitter::lanesOf(e.b.getI32Type(), width);
    Type f32 = LayerEmitter::lanesOf(e.b.getF32Type(), width);
    Value zero = isExactInFloat ? e.constantFloat(f32, 0) : e.constant(i32, 0);
    SmallVector<Value> sums(tile * count, zero);
    ArrayRef<int64_t> dilations = op.getDilations();
    int64_t pixelStride = in.strides[2] * op.getStrides()[1];
    auto reduce = [&](Value at, Value weightAt, ValueRange state) {
      SmallVector<Value> next(state);
      SmallVector<Value> weights;
      for (int64_t v = 0; v < count; ++v) {
        Value w = e.load(weightTable, e.add(weightAt, v * width), width);
        w = e.extend(w, e.b.getI32Type(), /*isSigned=*/true);
        weights.push_back(
            isExactInFloat ? Value(mlir::arith::SIToFPOp::create(e.b, f32, w))
                           : w);
      }
      for (int64_t p = 0; p < tile; ++p) {
        Value x = e.load(in.memref, e.add(at, p * pixelStride), 1);
        x = e.splat(emitRound(x), width);
        for (int64_t v = 0; v < count; ++v)
          next[p * count + v] = multiplyAdd(next[p * count + v], x, weights[v]);
      }
      return next;
    };
    int64_t channels = filter[0], depth = filter[3];
    sums = e.loop(filter[1], sums, [&](Value i, ValueRange rows) {
      Value rowAt = e.add(inAt, e.mul(i, in.strides[1] * dilations[0]));
      Value rowWeights = e.add(channel, e.mul(i, filter[2] * depth * channels));
      return e.loop(filter[2], rows, [&](Value j, ValueRange columns) {
        Value tapAt = e.add(rowAt, e.mul(j, in.strides[2] * dilations[1]));
        Value tapWeights = e.add(rowWeights, e.mul(j, depth * channels));
        return e.loop(depth, columns, [&](Value c, ValueRange state) {
          return reduce(e.add(tapAt, c), e.add(tapWeights, e.mul(c, channels)),
                        state);
        });
      });
    });
    auto [lo, hi] = qnn::floatClamp(op.getClampAttr());
    for (int64_t p = 0; p < tile; ++p)
      for (int64_t v = 0; v < count; ++v) {
        Value sum = sums[p * count + v];
        if (!isExactInFloat)
          sum = mlir::arith::SIToFPOp::create(e.b, f32, sum);
        // Not fused: the interpreter rounds the product.
        Value result =
            mlir::arith::MulFOp::create(e.b, sum, e.splat(factor, width));
        result = mlir::arith::AddFOp::create(
            e.b, result, e.load(biasTable, e.add(channel, v * width), width));
        e.store(clampFloat(e, result, lo, hi), out.memref,
                e.add(outAt, p * out.strides[2] + v * width));
      }
  }

  LayerEmitter &e;
  qnn::Conv2DOp op;
  const TensorView &in, &out;
  /// [output channels, height, width, input channels]
  ArrayRef<int64_t> filter;
  int64_t lanes, vectors, pixels;
  bool isExactInFloat;
  Value weightTable, biasTable;
  /// Of the sample at hand: what a sum is multiplied with, and 127 / range.
  Value factor, inverse;
};

class HybridConvKernel : public Kernel {
public:
  StringRef getName() const override { return "conv2d.hybrid"; }
  StringRef getAnchor() const override { return "qnn.conv2d"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    auto op = cast<qnn::Conv2DOp>(getAnchorOp(layer));
    if (!qnn::isFloat(op.getInput().getType()) ||
        !qnn::isQuantized(op.getFilter().getType())) {
      why = "not a float input with a quantized filter";
      return failure();
    }
    if (!isSingleOp(layer, why) || !hasFloats(facts, why))
      return failure();
    if (op.getGroups() != 1) {
      why = "groups other than 1";
      return failure();
    }
    if (!getConstant(op.getFilter()) ||
        (op.getBias() && !getConstant(op.getBias()))) {
      why = "filter and bias must be constants";
      return failure();
    }
    int64_t channels = op.getFilter().getType().getShape()[0];
    int64_t lanes = lanesFor(facts, 4, /*isFloat=*/true);
    while (lanes > channels)
      lanes /= 2;
    int64_t vectors = std::min<int64_t>(channels / lanes, lanes > 1 ? 4 : 2);
    int64_t pixels = std::min<int64_t>(op.getType().getShape()[2],
                                       facts.numVectorRegisters >= 32 ? 4 : 2);
    Builder b(layer.getContext());
    KernelChoice choice;
    auto macs = static_cast<double>(op.getMacs());
    choice.cycles = macs / static_cast<double>(lanes) +
                    10 * macs / static_cast<double>(lanes * vectors);
    choice.config = {b.getNamedAttr("mr", b.getI64IntegerAttr(pixels)),
                     b.getNamedAttr("nv", b.getI64IntegerAttr(vectors)),
                     b.getNamedAttr("lanes", b.getI64IntegerAttr(lanes))};
    choice.inputs.resize(layer.getInputs().size());
    choice.inputs[0].acceptsPadding = true;
    llvm::copy(op.getPadding(), choice.inputs[0].padding.begin());
    choice.producesPadding = true;
    return choice;
  }

  LogicalResult emit(LayerEmitter &e) const override {
    HybridConvEmitter(e, cast<qnn::Conv2DOp>(getAnchorOp(e.layer))).emit();
    return success();
  }
};

} // namespace

void populateHybridConvKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<HybridConvKernel>());
}

} // namespace qcc
