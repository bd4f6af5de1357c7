// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Depthwise convolution on RISC-V V: bytes multiplied into 16-bit sums (vwmul,
// vwmacc) over as many taps as the weights prove to fit, a segment, then added
// up in 32 bits. Twice the products of a cycle, and nothing is extended before
// it is multiplied. Where a pixel has few channels and the filter moves by one,
// a vector holds several pixels, which lie next to each other, and the
// constants repeat.

#include "DepthwiseKernel.h"
#include "DotForm.h"
#include "VectorRISCV.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace qcc;

namespace {

/// One product of every output: a tap, or what a byte leaves of its weights.
struct Term {
  int64_t row = 0, column = 0;
  /// Per channel.
  std::vector<int8_t> weights;
};

/// Terms whose sum fits 16 bits in every channel.
using Segment = std::vector<Term>;

/// Weights less their zero point may take 9 bits: a second term has the rest.
std::vector<Term> findTerms(const MacLayer &mac) {
  std::vector<Term> terms;
  for (int64_t t = 0; t < mac.taps(); ++t) {
    std::vector<int64_t> left(mac.outChannels);
    for (int64_t o = 0; o < mac.outChannels; ++o)
      left[o] = mac.weight(o, t) - mac.weightZeros[o];
    do {
      Term term{t / mac.kernelWidth, t % mac.kernelWidth, {}};
      for (int64_t &w : left) {
        auto part = static_cast<int8_t>(std::clamp<int64_t>(w, -128, 127));
        term.weights.push_back(part);
        w -= part;
      }
      terms.push_back(std::move(term));
    } while (llvm::any_of(left, [](int64_t w) { return w != 0; }));
  }
  return terms;
}

/// The terms in few segments: the heaviest first, each into the first that has
/// room for it.
std::vector<Segment> findSegments(const MacLayer &mac) {
  std::vector<Term> terms = findTerms(mac);
  auto weightOf = [](const Term &term) {
    int64_t sum = 0;
    for (int64_t w : term.weights)
      sum += std::abs(w);
    return sum;
  };
  llvm::sort(terms, [&](const Term &a, const Term &b) {
    return std::make_tuple(-weightOf(a), a.row, a.column) <
           std::make_tuple(-weightOf(b), b.row, b.column);
  });
  int64_t least = mac.inputSigned ? -128 : 0, most = least + 255;
  struct Range {
    int64_t lo = 0, hi = 0;
  };
  std::vector<Segment> segments;
  std::vector<std::vector<Range>> ranges;
  auto add = [&](std::vector<Range> sums, const Term &term) {
    for (auto [sum, w] : llvm::zip(sums, term.weights)) {
      sum.lo += std::min(w * least, w * most);
      sum.hi += std::max(w * least, w * most);
    }
    return sums;
  };
  auto fits = [](const std::vector<Range> &sums) {
    return llvm::all_of(sums, [](Range sum) {
      return sum.lo >= INT16_MIN && sum.hi <= INT16_MAX;
    });
  };
  for (Term &term : terms) {
    size_t at = 0;
    while (at < segments.size() && !fits(add(ranges[at], term)))
      ++at;
    if (at == segments.size()) {
      segments.emplace_back();
      ranges.emplace_back(mac.outChannels);
    }
    ranges[at] = add(std::move(ranges[at]), term);
    segments[at].push_back(std::move(term));
  }
  return segments;
}

/// Lanes of bytes whose products fill two registers and whose sums four.
int64_t widestLanes(const TargetFacts &facts) { return facts.vectorBits / 8; }

/// Neighbouring pixels in one vector; 1 where that does not apply.
int64_t pixelsPerVector(const MacLayer &mac, const TargetFacts &facts) {
  int64_t lanes = widestLanes(facts);
  if (mac.strideWidth != 1 || mac.outChannels >= lanes ||
      !llvm::isPowerOf2_64(static_cast<uint64_t>(mac.outChannels)))
    return 1;
  int64_t most = lanes / mac.outChannels;
  while (most > mac.outWidth)
    most /= 2;
  return most;
}

class Emitter {
public:
  Emitter(LayerEmitter &e, MacLayer macLayer)
      : e(e), mac(std::move(macLayer)), ends(e, mac),
        segments(findSegments(mac)) {
    pixels = e.getConfig("mr");
    perVector = e.getConfig("pixels");
    period = mac.outChannels * perVector;
    makeTables();
  }

  void emit() {
    const TensorView &in = ends.getInput(), &out = e.outputs[0];
    int64_t origin = in.base - mac.padding[0] * in.strides[1] -
                     mac.padding[2] * in.strides[2];
    struct Axis {
      int64_t count, inStep, outStep;
    };
    Axis outer = {mac.outHeight, in.strides[1] * mac.strideHeight,
                  out.strides[1]};
    Axis inner = {mac.outWidth, in.strides[2] * mac.strideWidth,
                  out.strides[2]};
    // Tiles need neighbours.
    if (mac.outWidth == 1)
      std::swap(inner, outer);
    auto rows = [&](Value channel, int64_t width, int64_t together) {
      e.splitLoop(mac.batch, [&](Value n) {
        sample = n;
        e.splitLoop(outer.count, [&](Value y) {
          Value inRow =
              e.add(e.add(e.mul(n, in.strides[0]), e.mul(y, outer.inStep)),
                    e.add(channel, origin));
          Value outRow =
              e.add(e.add(e.mul(n, out.strides[0]), e.mul(y, outer.outStep)),
                    e.add(channel, out.base));
          // Tiles of vectors of `together` pixels from pixel `first`.
          auto cover = [&](int64_t first, int64_t count, int64_t lanes,
                           int64_t together) {
            auto tile = [&](Value x, int64_t vectors) {
              e.once([&] {
                emitTile(e.add(inRow, e.mul(x, inner.inStep)),
                         e.add(outRow, e.mul(x, inner.outStep)), channel,
                         vectors, lanes, together * inner.inStep,
                         together * inner.outStep);
              });
            };
            int64_t step = pixels * together, full = count / step;
            e.loop(full, [&](Value t) {
              tile(e.add(e.mul(t, step), first), pixels);
            });
            if (int64_t rest = count % step / together)
              tile(e.index(first + full * step), rest);
          };
          int64_t joined = inner.count / together * together;
          cover(0, joined, width, together);
          if (joined != inner.count)
            cover(joined, inner.count - joined, width / together, 1);
        });
      });
    };
    e.inParallel([&] {
      if (perVector > 1)
        return rows(e.index(0), period, perVector);
      e.forEachVector(
          mac.outChannels, widestLanes(e.facts),
          [&](Value channel, int64_t width) { rows(channel, width, 1); },
          e.splitsOuter(mac.outChannels / widestLanes(e.facts),
                        outer.count * mac.batch));
    });
  }

private:
  void makeTables() {
    std::vector<int8_t> weights;
    for (const Segment &segment : segments)
      for (const Term &term : segment)
        for (int64_t slot = 0; slot < period; ++slot)
          weights.push_back(term.weights[slot % mac.outChannels]);
    weightTable = e.table("weights", ArrayRef<int8_t>(weights));
    std::vector<int64_t> channels;
    for (int64_t slot = 0; slot < period; ++slot)
      channels.push_back(slot % mac.outChannels);
    ends.makeEpilogue(channels, widestLanes(e.facts), /*maxAccShift=*/16);
    std::vector<int32_t> bias(period);
    for (int64_t slot = 0; slot < period; ++slot) {
      int64_t o = slot % mac.outChannels, sum = 0;
      for (int64_t t = 0; t < mac.taps(); ++t)
        sum += mac.weight(o, t) - mac.weightZeros[o];
      auto value = static_cast<uint32_t>(mac.biases[o] - mac.inputZero * sum);
      bias[slot] = addWrapping(
          static_cast<int32_t>(value * static_cast<uint32_t>(ends.accFactor())),
          ends.accOffset(slot));
    }
    biasTable = e.table("bias", ArrayRef<int32_t>(bias));
  }

  /// `count` vectors of `lanes` outputs; `in` is the first tap of the first.
  void emitTile(Value in, Value out, Value channel, int64_t count,
                int64_t lanes, int64_t inStep, int64_t outStep) {
    const TensorView &view = ends.getInput(), &result = e.outputs[0];
    auto &b = e.b;
    Type i32 = b.getI32Type();
    // Of each vector: the sum of a segment, of the first one, of all.
    SmallVector<Value> narrow(count), first(count), sums(count);
    int64_t at = 0;
    for (const Segment &segment : segments) {
      for (const Term &term : segment) {
        Value w = e.load(weightTable, e.add(channel, at++ * period), lanes);
        int64_t tap = term.row * mac.dilationHeight * view.strides[1] +
                      term.column * mac.dilationWidth * view.strides[2];
        for (int64_t p = 0; p < count; ++p) {
          Value x = e.load(view.memref, e.add(in, tap + p * inStep), lanes);
          narrow[p] = multiplyAdd(narrow[p], x, w);
        }
      }
      // The first two segments meet in one widening addition.
      for (int64_t p = 0; p < count; ++p) {
        Value sum = std::exchange(narrow[p], Value());
        if (!sums[p] && !first[p])
          first[p] = sum;
        else
          sums[p] = mlir::arith::AddIOp::create(
              b, sums[p] ? sums[p] : e.extend(first[p], i32, true),
              e.extend(sum, i32, true));
      }
    }
    Value bias = e.load(biasTable, channel, lanes, lanes * 4);
    Value scale = e.constant(i32, ends.accFactor());
    for (int64_t p = 0; p < count; ++p) {
      Value sum = sums[p] ? sums[p] : e.extend(first[p], i32, true);
      sums[p] = lanes == 1
                    ? mlir::arith::AddIOp::create(
                          b, mlir::arith::MulIOp::create(b, sum, scale), bias)
                    : emitMultiplyAdd(e, sum, scale, bias);
    }
    for (int64_t p = 0; p < count; ++p)
      e.store(ends.finish(sums[p], channel, sample), result.memref,
              e.add(out, p * outStep));
  }

  /// sum + x·w in 16 bits; the product alone without a sum.
  Value multiplyAdd(Value sum, Value x, Value w) {
    if (isa<VectorType>(x.getType()))
      return sum ? emitWideningMacc(e, sum, x, w, mac.inputSigned, true)
                 : emitWideningMul(e, x, w, mac.inputSigned, true);
    Type i16 = e.b.getI16Type();
    Value product = mlir::arith::MulIOp::create(
        e.b, e.extend(x, i16, mac.inputSigned), e.extend(w, i16, true));
    return sum ? mlir::arith::AddIOp::create(e.b, sum, product) : product;
  }

  LayerEmitter &e;
  MacLayer mac;
  MacEnds ends;
  std::vector<Segment> segments;
  /// Vectors of a tile, pixels of a vector, slots of the tables.
  int64_t pixels = 1, perVector = 1, period = 1;
  Value weightTable, biasTable;
  /// Number of the image at hand.
  Value sample;
};

class DepthwiseRISCVKernel final : public DepthwiseKernel {
public:
  StringRef getName() const override { return "depthwise_conv2d.bytes"; }

protected:
  bool fits(const TargetFacts &facts, std::string &why) const override {
    why = "no RISC-V V";
    return facts.hasRVV;
  }
  bool wantsWeights() const override { return true; }
  bool choose(const MacLayer &mac, const TargetFacts &facts,
              KernelChoice &choice, SetConfig setConfig,
              std::string &why) const override {
    if (mac.isFloat || mac.outChannels != mac.inChannels || mac.taps() > 32) {
      why = "floats, a depth multiplier or more than 32 taps";
      return false;
    }
    std::vector<Segment> segments = findSegments(mac);
    size_t terms = 0;
    for (const Segment &segment : segments)
      terms += segment.size();
    int64_t perVector = pixelsPerVector(mac, facts);
    int64_t lanes = std::min(widestLanes(facts), mac.outChannels * perVector);
    // Two pixels hide each other's latencies; more would not leave the weights
    // in registers.
    int64_t neighbours = mac.outWidth == 1 ? mac.outHeight : mac.outWidth;
    int64_t pixels =
        std::min<int64_t>(2, llvm::divideCeil(neighbours, perVector));
    double outputs = static_cast<double>(mac.macs() / mac.depth());
    double perOutput =
        static_cast<double>(2 * terms + 8 * segments.size() + 32);
    choice.cycles = outputs * perOutput / static_cast<double>(lanes);
    setConfig("mr", pixels);
    setConfig("pixels", perVector);
    return true;
  }

  void emitLayer(LayerEmitter &e, MacLayer mac) const override {
    Emitter(e, std::move(mac)).emit();
  }
};

} // namespace

void qcc::populateDepthwiseRISCVKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<DepthwiseRISCVKernel>());
}
