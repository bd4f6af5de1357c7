// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Depthwise convolution with channels in lanes: a tile of neighbouring pixels
// by one vector of channels stays in registers while the taps stream by. A
// depth multiplier above 1 falls back to one channel at a time.

#include "DepthwiseKernel.h"
#include "DotForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace qcc;

namespace {

class DepthwiseEmitter {
public:
  DepthwiseEmitter(LayerEmitter &e, MacLayer macLayer)
      : e(e), mac(std::move(macLayer)), ends(e, mac) {
    lanes = e.getConfig("lanes");
    pixels = e.getConfig("mr");
    makeTables();
  }

  void emit() {
    const TensorView &in = ends.getInput(), &out = e.outputs[0];
    int64_t origin = in.base - mac.padding[0] * in.strides[1] -
                     mac.padding[2] * in.strides[2];
    int64_t multiplier = mac.outChannels / mac.inChannels;
    // Calls `body` with each vector of channels, of the input and the output.
    auto forChannels = [&](function_ref<void(Value, Value, int64_t)> body) {
      if (multiplier == 1)
        return e.forEachVector(
            mac.outChannels, lanes,
            [&](Value channel, int64_t width) {
              body(channel, channel, width);
            },
            e.splitsOuter(mac.outChannels / lanes, mac.outHeight * mac.batch));
      e.loop(mac.inChannels, [&](Value c) {
        e.loop(multiplier,
               [&](Value k) { body(c, e.add(e.mul(c, multiplier), k), 1); });
      });
    };
    auto emitRow = [&](Value n, Value y, Value inChannel, Value outChannel,
                       int64_t width) {
      Value inRow = e.add(e.add(e.mul(n, in.strides[0]),
                                e.mul(y, in.strides[1] * mac.strideHeight)),
                          origin);
      Value outRow = e.add(
          e.add(e.mul(n, out.strides[0]), e.mul(y, out.strides[1])), out.base);
      sample = n;
      auto tile = [&](Value x, int64_t count) {
        e.once([&] {
          emitTile(
              e.add(e.add(inRow, e.mul(x, in.strides[2] * mac.strideWidth)),
                    inChannel),
              e.add(e.add(outRow, e.mul(x, out.strides[2])), outChannel),
              outChannel, count, width);
        });
      };
      int64_t full = mac.outWidth / pixels;
      e.loop(full, [&](Value t) { tile(e.mul(t, pixels), pixels); });
      if (int64_t rest = mac.outWidth % pixels)
        tile(e.index(full * pixels), rest);
    };
    if (KernelChoice choice = e.getChoice(); !choice.walks.empty())
      return e.forEachStep(
          mac.outHeight, choice.walks[0].rows, [&](Value first, Value rows) {
            forChannels([&](Value inChannel, Value outChannel, int64_t width) {
              e.loop(rows, [&](Value y) {
                emitRow(e.index(0), e.add(first, y), inChannel, outChannel,
                        width);
              });
            });
          });
    e.inParallel([&] {
      forChannels([&](Value inChannel, Value outChannel, int64_t width) {
        e.splitLoop(mac.batch, [&](Value n) {
          e.splitLoop(mac.outHeight, [&](Value y) {
            emitRow(n, y, inChannel, outChannel, width);
          });
        });
      });
    });
  }

private:
  void makeTables() {
    int64_t taps = mac.taps();
    if (mac.isFloat) {
      std::vector<float> weights(taps * mac.outChannels);
      for (int64_t t = 0; t < taps; ++t)
        for (int64_t o = 0; o < mac.outChannels; ++o)
          weights[t * mac.outChannels + o] = mac.floatWeights[o * taps + t];
      weightTable = e.table("weights", ArrayRef<float>(weights));
      biasTable = e.table("bias", ArrayRef<float>(mac.floatBias));
      return;
    }
    std::vector<int16_t> weights(taps * mac.outChannels);
    std::vector<int32_t> bias(mac.outChannels);
    for (int64_t o = 0; o < mac.outChannels; ++o) {
      int64_t sum = 0;
      for (int64_t t = 0; t < taps; ++t) {
        int64_t w = mac.weight(o, t) - mac.weightZeros[o];
        weights[t * mac.outChannels + o] = static_cast<int16_t>(w);
        sum += w;
      }
      bias[o] = static_cast<int32_t>(
          static_cast<uint64_t>(mac.biases[o] - mac.inputZero * sum));
    }
    if (llvm::all_of(weights,
                     [](int16_t w) { return w >= -128 && w <= 127; })) {
      std::vector<int8_t> bytes(weights.begin(), weights.end());
      weightTable = e.table("weights", ArrayRef<int8_t>(bytes));
    } else {
      weightTable = e.table("weights", ArrayRef<int16_t>(weights));
    }
    ends.makeEpilogue(llvm::to_vector(llvm::seq<int64_t>(0, mac.outChannels)),
                      lanes);
    for (int64_t o = 0; o < mac.outChannels; ++o)
      bias[o] = addWrapping(bias[o], ends.accOffset(o));
    biasTable = e.table("bias", ArrayRef<int32_t>(bias));
  }

  Value multiplyAdd(Value acc, Value x, Value w) {
    auto &b = e.b;
    // Not fused, and the bias last: equal to the interpreter on every bit,
    // which hybrid convolutions behind it need, since they round to 8 bits.
    if (mac.isFloat)
      return mlir::arith::AddFOp::create(b, acc,
                                         mlir::arith::MulFOp::create(b, x, w));
    Type i16 = b.getI16Type(), i32 = b.getI32Type();
    x = e.extend(e.extend(x, i16, mac.inputSigned), i32, true);
    w = e.extend(e.extend(w, i16, true), i32, true);
    return mlir::arith::AddIOp::create(b, acc,
                                       mlir::arith::MulIOp::create(b, x, w));
  }

  /// `count` pixels of `width` channels; `in` is the first tap of the first
  /// pixel.
  void emitTile(Value in, Value out, Value channel, int64_t count,
                int64_t width) {
    const TensorView &view = ends.getInput();
    Value bias = e.load(biasTable, channel, width, width * 4);
    SmallVector<Value> acc(
        count, mac.isFloat ? e.constantFloat(bias.getType(), 0) : bias);
    bool unrollRows = mac.taps() * count <= 64;
    acc = e.loop(
        mac.kernelHeight, acc,
        [&](Value i, ValueRange rowState) {
          Value rowIn =
              e.add(in, e.mul(i, view.strides[1] * mac.dilationHeight));
          Value rowWeights =
              e.add(e.mul(i, mac.kernelWidth * mac.outChannels), channel);
          return e.loop(
              mac.kernelWidth, rowState,
              [&](Value j, ValueRange state) {
                Value tapIn =
                    e.add(rowIn, e.mul(j, view.strides[2] * mac.dilationWidth));
                Value w =
                    e.load(weightTable,
                           e.add(rowWeights, e.mul(j, mac.outChannels)), width);
                SmallVector<Value> next;
                for (int64_t p = 0; p < count; ++p) {
                  Value x = e.load(
                      view.memref,
                      e.add(tapIn, p * view.strides[2] * mac.strideWidth),
                      width);
                  next.push_back(multiplyAdd(state[p], x, w));
                }
                return next;
              },
              mac.kernelWidth * count <= 64);
        },
        unrollRows);
    const TensorView &result = e.outputs[0];
    for (int64_t p = 0; p < count; ++p)
      e.store(finish(acc[p], channel), result.memref,
              e.add(out, p * result.strides[2]));
  }

  Value finish(Value acc, Value channel) {
    if (!mac.isFloat)
      return ends.finish(acc, channel, sample);
    acc = mlir::arith::AddFOp::create(
        e.b, acc,
        e.load(biasTable, channel, LayerEmitter::lanesIn(acc.getType()),
               LayerEmitter::lanesIn(acc.getType()) * 4));
    return clampFloat(e, acc, mac.clampLo, mac.clampHi);
  }

  LayerEmitter &e;
  MacLayer mac;
  MacEnds ends;
  int64_t lanes = 1, pixels = 1;
  Value weightTable, biasTable;
  /// Number of the image at hand.
  Value sample;
};

class DirectDepthwiseKernel final : public DepthwiseKernel {
public:
  StringRef getName() const override { return "depthwise_conv2d.direct"; }

protected:
  bool choose(const MacLayer &mac, const TargetFacts &facts,
              KernelChoice &choice, SetConfig setConfig,
              std::string &why) const override {
    bool vectors = facts.vectorBits && (!mac.isFloat || facts.hasVectorFloat) &&
                   mac.outChannels == mac.inChannels;
    int64_t lanes = !vectors ? 1
                    : facts.isa == IsaFamily::X86 || mac.isFloat
                        ? facts.vectorBits / 32
                        : facts.vectorBits / 16;
    int64_t pixels = std::min<int64_t>(
        mac.outWidth, facts.numVectorRegisters >= 32 || lanes == 1 ? 4 : 2);
    // RISC-V V extends both factors over again.
    double perTap = facts.hasRVV && !mac.isFloat ? 8 : 1.5;
    choice.cycles =
        static_cast<double>(mac.macs()) * perTap / static_cast<double>(lanes) +
        static_cast<double>(mac.macs() / mac.depth()) * 4 /
            static_cast<double>(lanes);
    setConfig("mr", pixels);
    setConfig("lanes", lanes);
    choice.walks = mac.rowWalks(facts);
    return true;
  }

  void emitLayer(LayerEmitter &e, MacLayer mac) const override {
    DepthwiseEmitter(e, std::move(mac)).emit();
  }
};

} // namespace

void qcc::populateDepthwiseKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<DirectDepthwiseKernel>());
}
