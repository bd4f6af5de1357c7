// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What convolutions, depthwise convolutions and matrix products have in common
// once their constants are read: window geometry, weights less their zero
// points, reachable accumulators, requantization.

#ifndef QCC_LIB_CONVERSION_KERNELS_MACLAYER_H
#define QCC_LIB_CONVERSION_KERNELS_MACLAYER_H

#include "Requantize.h"

#include <array>

namespace qcc {

/// One axis of a window that slides over the input: which input element meets
/// which tap at which output. Output number y of the range is the result's
/// `firstOutput + y · outputStep`; its tap number t is the filter's `firstTap +
/// t · tapStep` and reads the input's `firstInput + y · inputStep + t ·
/// inputPerTap`.
struct MacAxis {
  int64_t outputs = 1, firstOutput = 0, outputStep = 1;
  int64_t firstInput = 0, inputStep = 1, inputPerTap = 1;
  int64_t taps = 1, firstTap = 0, tapStep = 1;

  /// Elements read before the first and behind the last of `extent`.
  std::array<int64_t, 2> padding(int64_t extent) const;
};

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
  /// Each group of output channels reads its own group of input channels.
  int64_t groups = 1;
  /// Each output channel reads one input channel: as many groups as inputs.
  bool depthwise = false;
  bool isMatrix = false;
  bool isFloat = false;
  /// A float input, rounded to 8 bits by its own range, and quantized weights.
  bool isHybrid = false, isAsymmetric = false;
  /// Sums of integers leave as floats: the hybrid form, or quantized operands
  /// of a float result.
  bool sumsToFloats = false;
  /// 64-bit accumulators, multiplied by 16 bits.
  bool isWide = false;

  mlir::Value input, filter, bias;
  bool hasConstantFilter = false;
  int64_t inputBits = 8, weightBits = 8, resultBits = 8;
  bool inputSigned = true, weightsSigned = true;
  int64_t inputZero = 0;
  /// Zero points of the weights, and per output channel what a sum is times
  /// where it leaves as a float: the weights' scale, in the hybrid form times
  /// that of the sample.
  std::vector<int64_t> weightZeros;
  std::vector<float> weightScales;
  /// Of a constant filter: stored weights [o][i][j][c] (depthwise: [o][i][j]).
  std::vector<int16_t> weights;
  std::vector<float> floatWeights;
  /// Zeros where there is none or it is no constant.
  std::vector<int64_t> biases;
  std::vector<float> floatBias;
  float clampLo = 0, clampHi = 0;
  /// One per output channel, with every accumulator that it can reach, of 32
  /// bits at most.
  std::vector<arith::ChannelSpec> requant;
  /// Of all channels, without any wrapping.
  arith::IntRange reach;

  /// Reads the anchor of `layer`; failure with the reason in `why` for what no
  /// kernel handles. `withConstants`: weights, biases and what depends on them.
  static mlir::FailureOr<MacLayer> read(qnn::LayerOp layer, std::string &why,
                                        bool withConstants = true);

  /// Multiplies constants of 8 bits with activations of 8 (or 16) and adds up
  /// in 32 bits, in one group unless it is depthwise: what the matrix and the
  /// depthwise kernel do; else false with the reason in `why`.
  bool isPlain(std::string &why, bool allow16Bit = false,
               bool allowHybrid = false) const;

  /// Computes in floats, or rounds in them.
  bool needsFloats() const {
    return isFloat || sumsToFloats ||
           (!isWide && !requant.empty() &&
            requant.front().exact.rounding == arith::Rounding::HalfEvenFloat);
  }
  /// How a kernel that takes rows outermost uses its input, with enough of them
  /// a step that what a channel loads serves several pixels; none where memory
  /// is no matter, and the order of loops is free.
  static constexpr int64_t pixelsPerStep = 8;
  llvm::SmallVector<RowWalk> rowWalks(const TargetFacts &facts) const;
  int64_t taps() const { return kernelHeight * kernelWidth; }
  /// Input channels that one output channel reads.
  int64_t groupInputs() const { return inChannels / groups; }
  int64_t groupOutputs() const { return outChannels / groups; }
  /// Reduction length per output.
  int64_t depth() const { return taps() * groupInputs(); }
  int64_t macs() const {
    return batch * outHeight * outWidth * outChannels * depth();
  }
  int16_t weight(int64_t o, int64_t k) const {
    return weights[o * depth() + k];
  }
};

/// a + b as the accumulator computes it.
inline int32_t addWrapping(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) +
                              static_cast<uint32_t>(b));
}

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_MACLAYER_H
