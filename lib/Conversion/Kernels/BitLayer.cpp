// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reading a layer of few bits. See the header.

#include "BitLayer.h"

using namespace mlir;
using namespace qcc;

/// Bits of weights, at most.
constexpr int64_t kMostBits = 4;

static int64_t lastExtent(Value value) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(value.getType()).getShape();
  return shape.empty() ? 1 : shape.back();
}

BorderClasses::BorderClasses(int64_t outputs, int64_t inputs, int64_t stride,
                             int64_t dilation, int64_t kernel,
                             int64_t padding) {
  for (int64_t y = 0; y < outputs; ++y) {
    std::pair<int64_t, int64_t> inside = {kernel, 0};
    for (int64_t t = 0; t < kernel; ++t) {
      int64_t at = y * stride + t * dilation - padding;
      if (at >= 0 && at < inputs)
        inside = {std::min(inside.first, t), t + 1};
    }
    auto *known = llvm::find(taps, inside);
    classOf.push_back(known - taps.begin());
    if (known == taps.end())
      taps.push_back(inside);
  }
}

FailureOr<BitLayer> BitLayer::read(qnn::LayerOp layer, std::string &why) {
  Operation *anchor = getAnchorOp(layer);
  BitLayer bits;
  std::optional<qnn::BitCode> code =
      qnn::bitCodeOf(anchor->getOperand(0).getType());
  if (!code) {
    why = "activations are of more than 3 bits";
    return failure();
  }
  bits.in = *code;
  FailureOr<MacLayer> mac = MacLayer::read(layer, why);
  if (failed(mac) || !mac->isPlain(why))
    return failure();
  bits.mac = std::move(*mac);
  const MacLayer &m = bits.mac;
  if (m.depthwise || m.groups != 1 || m.isFloat || m.isHybrid || m.isWide) {
    why = "not a product of bytes in one group";
    return failure();
  }
  if (m.reach.lo < INT32_MIN || m.reach.hi > INT32_MAX) {
    why = "sums may wrap";
    return failure();
  }
  if (lastExtent(m.input) != m.inChannels &&
      (lastExtent(m.input) % kWord != 0 || m.inChannels % kWord != 0)) {
    why = "pixels are no whole words";
    return failure();
  }
  std::optional<WeightPlanes> weights = WeightPlanes::of(m, kMostBits);
  if (!weights) {
    why = "weights are of more than 4 bits";
    return failure();
  }
  bits.weights = std::move(*weights);
  Type result = anchor->getResult(0).getType();
  if (m.sumsToFloats)
    return bits;
  std::tie(bits.lo, bits.hi) = qnn::storageRange(result);
  bits.outZero = qnn::zeroPointOf(result);
  if (lastExtent(anchor->getResult(0)) == m.outChannels ||
      (lastExtent(anchor->getResult(0)) % kWord == 0 &&
       m.outChannels % kWord == 0))
    bits.out = qnn::bitCodeOf(result);
  // Thresholds say all of a result that is monotone.
  for (const qcc::arith::ChannelSpec &spec : m.requant)
    if (bits.out && !qcc::arith::StepFunction::of(spec))
      bits.out.reset();
  return bits;
}
