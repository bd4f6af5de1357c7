// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A layer as the bit-serial kernel reads it: codes of activations, planes of
// weights, and which taps lie outside where.

#ifndef QCC_LIB_CONVERSION_KERNELS_BITLAYER_H
#define QCC_LIB_CONVERSION_KERNELS_BITLAYER_H

#include "BitPlanes.h"

namespace qcc {

/// `count` in equal pieces of at most `most`.
inline int64_t balanced(int64_t count, int64_t most) {
  auto pieces = static_cast<int64_t>(llvm::divideCeil(count, most));
  return static_cast<int64_t>(llvm::divideCeil(count, pieces));
}

/// Which taps lie outside, along one axis: `classOf[y]` of each output, and
/// for each class the first and behind the last tap inside.
struct BorderClasses {
  llvm::SmallVector<int64_t> classOf;
  llvm::SmallVector<std::pair<int64_t, int64_t>> taps;

  BorderClasses(int64_t outputs, int64_t inputs, int64_t stride,
                int64_t dilation, int64_t kernel, int64_t padding);
  int64_t count() const { return static_cast<int64_t>(taps.size()); }
};

/// Everything about a layer that does not depend on the target.
struct BitLayer {
  MacLayer mac;
  qnn::BitCode in;
  WeightPlanes weights;
  /// Of a result of few bits.
  std::optional<qnn::BitCode> out;
  int64_t lo = 0, hi = 0, outZero = 0;

  int64_t words() const {
    return static_cast<int64_t>(llvm::divideCeil(mac.inChannels, kWord));
  }
  int64_t pairs() const { return in.bits * weights.bits; }
  /// A weight in steps, and its bits.
  int64_t weightValue(int64_t o, int64_t k) const {
    int64_t step = weights.steps[o];
    return step == 0 ? 0 : (mac.weight(o, k) - mac.weightZeros[o]) / step;
  }
  int64_t weightCode(int64_t o, int64_t k) const {
    return weights.steps[o] == 0 ? 0 : weights.encode(weightValue(o, k));
  }

  /// Failure with the reason in `why` for what is not of few bits.
  static mlir::FailureOr<BitLayer> read(qnn::LayerOp layer, std::string &why);
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_BITLAYER_H
