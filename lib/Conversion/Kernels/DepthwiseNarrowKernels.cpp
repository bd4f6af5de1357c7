// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Depthwise convolution with 8-bit products: the taps are divided into as few
// groups as the weights prove to fit 16 bits, each group is summed up there
// (smull, smlal), and its sum is added to 32-bit accumulators (saddw): less
// than half the instructions of 16-bit products.

#include "DepthwiseKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <map>

using namespace mlir;
using namespace qcc;

namespace {

/// Channels to a vector of bytes, and the least that are worth one.
constexpr int64_t byteLanes = 16, leastLanes = 8;
/// Taps that are straight-line code.
constexpr int64_t mostTaps = 32;

bool isByte(int64_t weight) { return weight >= INT8_MIN && weight <= INT8_MAX; }

/// Accumulates the reach of one 16-bit sum, whatever the activations are.
struct SumReach {
  int64_t lo = 0, hi = 0;
  void add(int64_t weight) {
    lo += std::min(weight * INT8_MIN, weight * INT8_MAX);
    hi += std::max(weight * INT8_MIN, weight * INT8_MAX);
  }
  bool fits() const { return lo >= INT16_MIN && hi <= INT16_MAX; }
};

/// Divides taps into groups whose sums fit 16 bits in every channel: the fewest
/// for windows of up to nine taps (dynamic programming over subsets, 3^9
/// steps), else as many taps in a row as fit.
class TapGroups {
public:
  using Group = SmallVector<int64_t>;

  explicit TapGroups(const MacLayer &mac) : mac(mac) {}

  SmallVector<Group> divide() const {
    return mac.taps() <= 9 ? divideBest() : divideInOrder();
  }

private:
  int64_t weight(int64_t o, int64_t t) const {
    return mac.weight(o, t) - mac.weightZeros[o];
  }

  SmallVector<Group> divideInOrder() const {
    SmallVector<Group> groups;
    std::vector<SumReach> sums(mac.outChannels);
    for (int64_t t = 0; t < mac.taps(); ++t) {
      bool fits = !groups.empty();
      for (int64_t o = 0; o < mac.outChannels; ++o) {
        sums[o].add(weight(o, t));
        fits &= sums[o].fits();
      }
      if (!fits) {
        groups.emplace_back();
        sums.assign(mac.outChannels, {});
        for (int64_t o = 0; o < mac.outChannels; ++o)
          sums[o].add(weight(o, t));
      }
      groups.back().push_back(t);
    }
    return groups;
  }

  SmallVector<Group> divideBest() const {
    size_t subsets = size_t(1) << mac.taps();
    std::vector<bool> fits(subsets, true);
    std::vector<SumReach> sums(subsets);
    for (int64_t o = 0; o < mac.outChannels; ++o)
      for (size_t subset = 1; subset < subsets; ++subset) {
        sums[subset] = sums[subset & (subset - 1)];
        sums[subset].add(weight(o, llvm::countr_zero(subset)));
        fits[subset] = fits[subset] && sums[subset].fits();
      }
    // The fewest groups of each subset, and one of them.
    std::vector<int64_t> count(subsets, 0);
    std::vector<size_t> first(subsets, 0);
    for (size_t subset = 1; subset < subsets; ++subset) {
      count[subset] = INT64_MAX;
      size_t least = subset & (~subset + 1);
      for (size_t part = subset; part; part = (part - 1) & subset)
        if ((part & least) && fits[part] &&
            count[subset ^ part] + 1 < count[subset])
          count[subset] = count[subset ^ part] + 1, first[subset] = part;
    }
    SmallVector<Group> groups;
    for (size_t rest = subsets - 1; rest; rest ^= first[rest]) {
      groups.emplace_back();
      for (int64_t t = 0; t < mac.taps(); ++t)
        if (first[rest] >> t & 1)
          groups.back().push_back(t);
    }
    return groups;
  }

  const MacLayer &mac;
};

class DepthwiseNarrowEmitter {
public:
  DepthwiseNarrowEmitter(LayerEmitter &e, MacLayer macLayer)
      : e(e), mac(std::move(macLayer)), ends(e, mac),
        groups(TapGroups(mac).divide()), pixels(e.getConfig("mr")) {
    makeTables();
  }

  void emit() {
    const TensorView &in = ends.getInput(), &out = e.outputs[0];
    int64_t origin = in.base - mac.padding[0] * in.strides[1] -
                     mac.padding[2] * in.strides[2];
    auto emitRow = [&](Value n, Value y, Value channel, int64_t width) {
      Value inRow = e.add(e.add(e.mul(n, in.strides[0]),
                                e.mul(y, in.strides[1] * mac.strideHeight)),
                          origin);
      Value outRow = e.add(
          e.add(e.mul(n, out.strides[0]), e.mul(y, out.strides[1])), out.base);
      auto tile = [&](Value x, int64_t count) {
        emitTile(e.add(e.add(inRow, e.mul(x, in.strides[2] * mac.strideWidth)),
                       channel),
                 e.add(e.add(outRow, e.mul(x, out.strides[2])), channel),
                 channel, count, width);
      };
      int64_t full = mac.outWidth / pixels;
      e.loop(full, [&](Value t) { tile(e.mul(t, pixels), pixels); });
      if (int64_t rest = mac.outWidth % pixels)
        tile(e.index(full * pixels), rest);
    };
    bool byChannels =
        e.splitsOuter(mac.outChannels / byteLanes, mac.outHeight * mac.batch);
    e.inParallel([&] {
      e.forEachVector(
          mac.outChannels, byteLanes,
          [&](Value channel, int64_t width) {
            e.splitLoop(mac.batch, [&](Value n) {
              sample = n;
              e.splitLoop(mac.outHeight, [&](Value y) {
                e.once([&] { emitRow(n, y, channel, width); });
              });
            });
          },
          byChannels);
    });
  }

private:
  void makeTables() {
    int64_t taps = mac.taps();
    std::vector<int8_t> weights(taps * mac.outChannels);
    std::vector<int32_t> bias(mac.outChannels);
    ends.makeEpilogue(llvm::to_vector(llvm::seq<int64_t>(0, mac.outChannels)),
                      byteLanes);
    for (int64_t o = 0; o < mac.outChannels; ++o) {
      int64_t sum = 0;
      for (int64_t t = 0; t < taps; ++t) {
        int64_t w = mac.weight(o, t) - mac.weightZeros[o];
        weights[t * mac.outChannels + o] = static_cast<int8_t>(w);
        sum += w;
      }
      bias[o] = addWrapping(static_cast<int32_t>(static_cast<uint64_t>(
                                mac.biases[o] - mac.inputZero * sum)),
                            ends.accOffset(o));
    }
    weightTable = e.table("weights", ArrayRef<int8_t>(weights));
    biasTable = e.table("bias", ArrayRef<int32_t>(bias));
  }

  /// `count` pixels of `width` channels; `in` is the first tap of the first
  /// pixel.
  void emitTile(Value in, Value out, Value channel, int64_t count,
                int64_t width) {
    Type i16 = e.b.getI16Type(), i32 = e.b.getI32Type();
    const TensorView &view = ends.getInput(), &result = e.outputs[0];
    // Windows of neighbours share columns.
    std::map<int64_t, Value> loaded;
    auto activations = [&](int64_t p, int64_t t) {
      int64_t row = t / mac.kernelWidth * mac.dilationHeight,
              column =
                  p * mac.strideWidth + t % mac.kernelWidth * mac.dilationWidth;
      int64_t at = row * view.strides[1] + column * view.strides[2];
      Value &value = loaded[at];
      if (!value)
        value = e.extend(e.load(view.memref, e.add(in, at), width), i16, true);
      return value;
    };
    SmallVector<Value> weights;
    for (int64_t t = 0; t < mac.taps(); ++t)
      weights.push_back(e.extend(
          e.load(weightTable, e.add(channel, t * mac.outChannels), width), i16,
          true));
    Value bias = e.load(biasTable, channel, width, width * 4);
    SmallVector<Value> accs(count, bias);
    for (const TapGroups::Group &group : groups)
      for (int64_t p = 0; p < count; ++p) {
        Value sum;
        for (int64_t t : group) {
          Value product =
              mlir::arith::MulIOp::create(e.b, activations(p, t), weights[t]);
          sum = sum ? Value(mlir::arith::AddIOp::create(e.b, sum, product))
                    : product;
        }
        accs[p] =
            mlir::arith::AddIOp::create(e.b, accs[p], e.extend(sum, i32, true));
      }
    SmallVector<Value> results;
    for (Value acc : accs)
      results.push_back(ends.finish(acc, channel, sample));
    for (int64_t p = 0; p < count; ++p)
      e.store(results[p], result.memref, e.add(out, p * result.strides[2]));
  }

  LayerEmitter &e;
  MacLayer mac;
  MacEnds ends;
  SmallVector<TapGroups::Group> groups;
  int64_t pixels = 1;
  Value weightTable, biasTable;
  /// Number of the image at hand.
  Value sample;
};

class DepthwiseNarrowKernel final : public DepthwiseKernel {
public:
  StringRef getName() const override { return "depthwise_conv2d.narrow"; }

protected:
  bool fits(const TargetFacts &facts, std::string &why) const override {
    why = "the target has no NEON";
    return facts.hasNEON && facts.vectorBits != 0;
  }
  bool wantsWeights() const override { return true; }
  bool choose(const MacLayer &mac, const TargetFacts &facts,
              KernelChoice &choice, SetConfig setConfig,
              std::string &why) const override {
    if (mac.isFloat || mac.outChannels != mac.inChannels ||
        mac.outChannels < leastLanes || mac.taps() > mostTaps) {
      why = "takes one integer result for each of " +
            std::to_string(leastLanes) + " channels or more, and " +
            std::to_string(mostTaps) + " taps at most";
      return false;
    }
    if (!mac.inputSigned) {
      why = "activations are unsigned";
      return false;
    }
    for (int64_t o = 0; o < mac.outChannels; ++o)
      for (int64_t t = 0; t < mac.taps(); ++t)
        if (!isByte(mac.weight(o, t) - mac.weightZeros[o])) {
          why = "weights less their zero point take more than 8 bits";
          return false;
        }
    // Less than the generic kernel's, which takes 1.5 a tap for 8 channels.
    double vectors =
        static_cast<double>(llvm::divideCeil(mac.outChannels, byteLanes));
    // Where dot products compete the count is of a real core of theirs, whose
    // 8-bit products take one of its two pipes.
    auto taps = static_cast<double>(mac.taps());
    choice.cycles =
        static_cast<double>(mac.batch * mac.outHeight * mac.outWidth) *
        vectors * (facts.hasDotProd ? taps * 3 + 11 : taps * 1.5 + 4);
    setConfig("mr", std::min<int64_t>(mac.outWidth,
                                      facts.numVectorRegisters >= 32 ? 4 : 2));
    return true;
  }

  void emitLayer(LayerEmitter &e, MacLayer mac) const override {
    DepthwiseNarrowEmitter(e, std::move(mac)).emit();
  }
};

} // namespace

void qcc::populateDepthwiseNarrowKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<DepthwiseNarrowKernel>());
}
