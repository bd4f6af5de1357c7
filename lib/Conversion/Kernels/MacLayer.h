// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What convolutions, depthwise convolutions and matrix products have in common
// once their constants are read: window geometry, weights less their zero
// points, reachable accumulators, requantization.

#ifndef QCC_LIB_CONVERSION_KERNELS_MACLAYER_H
#define QCC_LIB_CONVERSION_KERNELS_MACLAYER_H

#include "Requantize.h"

namespace qcc {

/// One multiply-accumulate layer in the terms of a convolution over NHWC; a
/// matrix product [M, K]·[N, K] is a 1×1 convolution of M pixels in one row.
struct MacLayer {
  int64_t batch = 1, inHeight = 1, inWidth = 1, inChannels = 1;
  int64_t outHeight = 1, outWidth = 1, outChannels = 1;
  int64_t kernelHeight = 1, kernelWidth = 1;
  int64_t strideHeight = 1, strideWidth = 1, dilationHeight = 1,
          dilationWidth = 1;
  /// [top, bottom, left, right]
  std::array<int64_t, 4> padding = {0, 0, 0, 0};
  /// Each output channel reads one input channel.
  bool depthwise = false;
  bool isMatrix = false;
  bool isFloat = false;

  bool inputSigned = true, weightsSigned = true;
  int64_t inputZero = 0;
  /// Stored weights [o][i][j][c] (depthwise: [o][i][j]) and their zero points
  /// per output channel.
  std::vector<int16_t> weights;
  std::vector<int64_t> weightZeros;
  std::vector<int32_t> bias;
  std::vector<float> floatWeights, floatBias;
  float clampLo = 0, clampHi = 0;
  /// One per output channel, with every accumulator that it can reach.
  std::vector<arith::ChannelSpec> requant;

  /// Reads the anchor of `layer`; failure with the reason in `why` for what no
  /// kernel handles.
  static mlir::FailureOr<MacLayer> read(qnn::LayerOp layer, std::string &why);

  /// Computes in floats, or rounds in them.
  bool needsFloats() const {
    return isFloat || (!requant.empty() && requant.front().exact.rounding ==
                                               arith::Rounding::HalfEvenFloat);
  }
  int64_t taps() const { return kernelHeight * kernelWidth; }
  /// Reduction length per output.
  int64_t depth() const { return taps() * (depthwise ? 1 : inChannels); }
  int64_t macs() const {
    return batch * outHeight * outWidth * outChannels * depth();
  }
  int16_t weight(int64_t o, int64_t k) const {
    return weights[o * depth() + k];
  }
  bool hasWeightZeros() const {
    return llvm::any_of(weightZeros, [](int64_t z) { return z != 0; });
  }
};

/// a + b as the accumulator computes it.
inline int32_t addWrapping(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) +
                              static_cast<uint32_t>(b));
}

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_MACLAYER_H
