// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The two ends of a layer that multiplies 8-bit activations: what it reads, the
// layer's input or in the hybrid form its rounded samples, and what becomes of
// the sums, quantized results or floats. With these a kernel for the one is a
// kernel for the other.

#ifndef QCC_LIB_CONVERSION_KERNELS_MACENDS_H
#define QCC_LIB_CONVERSION_KERNELS_MACENDS_H

#include "HybridSample.h"

#include <optional>

namespace qcc {

class MacEnds {
public:
  /// Rounds the samples of a hybrid layer; from there on `mac` says that it has
  /// activations of 8 bits, signed only if `isSigned`. `mac` outlives this.
  MacEnds(LayerEmitter &e, MacLayer &mac, bool isSigned = true);

  const TensorView &getInput() const { return input; }

  /// The epilogue, of slots that have a channel each, on vectors of `lanes`.
  void makeEpilogue(llvm::ArrayRef<int64_t> channels, int64_t lanes,
                    int maxAccShift = 0);
  /// As Requantizer has them.
  int32_t accOffset(int64_t slot) const;
  int32_t accFactor() const;

  /// Results of the accumulators from `slot` on, of sample number `sample`.
  mlir::Value finish(mlir::Value acc, mlir::Value slot, mlir::Value sample);
  /// Of four vectors in the order of a lane group, in the order of memory.
  mlir::Value finishGroup(llvm::ArrayRef<mlir::Value> accs,
                          llvm::ArrayRef<mlir::Value> slots,
                          mlir::Value sample);

private:
  LayerEmitter &e;
  const MacLayer &mac;
  TensorView input;
  std::optional<HybridSamples> samples;
  std::optional<HybridEpilogue> epilogue;
  std::optional<Requantizer> requantizer;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_MACENDS_H
