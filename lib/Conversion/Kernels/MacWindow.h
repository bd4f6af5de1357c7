// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rows and columns that the windows of a multiply-accumulate layer visit.

#ifndef QCC_LIB_CONVERSION_KERNELS_MACWINDOW_H
#define QCC_LIB_CONVERSION_KERNELS_MACWINDOW_H

#include "MacLayer.h"

#include <algorithm>
#include <array>

namespace qcc {

/// The axis of a window with strides.
inline MacAxis windowAxis(int64_t outputs, int64_t taps, int64_t stride,
                          int64_t padding, int64_t dilation) {
  MacAxis axis;
  axis.outputs = outputs, axis.taps = taps;
  axis.firstInput = -padding, axis.inputStep = stride;
  axis.inputPerTap = dilation;
  return axis;
}

/// A transposed convolution is as many ordinary ones as its stride: every
/// stride-th result meets every stride-th tap. Taps are counted from the last,
/// so that the input is read forwards, in the order of the definition.
inline llvm::SmallVector<MacAxis>
transposedAxes(int64_t outputs, int64_t taps, int64_t stride, int64_t padding) {
  llvm::SmallVector<MacAxis> axes;
  for (int64_t phase = 0; phase < std::min(stride, outputs); ++phase) {
    MacAxis axis;
    axis.outputs = (outputs - phase + stride - 1) / stride;
    axis.firstOutput = phase, axis.outputStep = stride;
    int64_t first = (phase + padding) % stride;
    axis.taps = first < taps ? (taps - first + stride - 1) / stride : 0;
    axis.firstTap = first + std::max<int64_t>(axis.taps - 1, 0) * stride;
    axis.tapStep = -stride;
    // Tap `first` reads the input at (phase + padding − first) / stride.
    axis.firstInput = (phase + padding - first) / stride -
                      std::max<int64_t>(axis.taps - 1, 0);
    axes.push_back(axis);
  }
  return axes;
}

/// The rows and columns of windows, each a list of phases.
struct MacWindow {
  llvm::SmallVector<MacAxis> rows, columns;

  static MacWindow of(mlir::Operation *anchor, const MacLayer &mac) {
    if (auto conv = llvm::dyn_cast<qnn::TransposeConv2DOp>(anchor))
      return {transposedAxes(mac.outHeight, mac.kernelHeight,
                             conv.getStrides()[0], conv.getPadding()[0]),
              transposedAxes(mac.outWidth, mac.kernelWidth,
                             conv.getStrides()[1], conv.getPadding()[1])};
    return {{windowAxis(mac.outHeight, mac.kernelHeight, mac.strideHeight,
                        mac.padding[0], mac.dilationHeight)},
            {windowAxis(mac.outWidth, mac.kernelWidth, mac.strideWidth,
                        mac.padding[2], mac.dilationWidth)}};
  }

  /// Spare elements [top, bottom, left, right] that are read.
  std::array<int64_t, 4> padding(const MacLayer &mac) const {
    std::array<int64_t, 4> pad = {0, 0, 0, 0};
    for (const MacAxis &axis : rows) {
      auto [low, high] = axis.padding(mac.inHeight);
      pad[0] = std::max(pad[0], low), pad[1] = std::max(pad[1], high);
    }
    for (const MacAxis &axis : columns) {
      auto [low, high] = axis.padding(mac.inWidth);
      pad[2] = std::max(pad[2], low), pad[3] = std::max(pad[3], high);
    }
    return pad;
  }
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_MACWINDOW_H
