// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What convolutions and pools have in common: windows that slide over the
// spatial axes, and NHWC inside.

#ifndef QCC_LIB_IMPORT_ONNX_WINDOW_H
#define QCC_LIB_IMPORT_ONNX_WINDOW_H

#include "NodeImport.h"

namespace qcc::onnximport {

/// A window over two spatial axes; of one axis the first is trivial.
struct Window {
  Numbers kernel, strides, dilations;
  /// [top, bottom, left, right], as qnn has them.
  Numbers padding;
  /// How much of the padding below and on the right is there because the number
  /// of results is rounded up.
  Numbers excess = {0, 0};
};

/// Reads the node's attributes for input `x` [N, C, (H,) W] and a kernel of
/// `kernel`; false after an error.
bool readWindow(NodeImport &op, Value x, llvm::ArrayRef<int64_t> kernel,
                Window &window);

/// From [N, C, (H,) W] to [N, H, W, C], and back to `rank` axes.
Value toNHWC(NodeImport &op, Value x);
Value fromNHWC(NodeImport &op, Value x, int64_t rank);

/// A convolution in NCHW of floats: `filter` [O, C / groups, (H,) W], `bias`
/// [O] or null. Null after an error.
Value convolve(NodeImport &op, Value x, Value filter, Value bias);

/// The node's pool of `x` in NCHW. Null after an error.
Value maxPool(NodeImport &op, Value x);

/// The node's average pool of floats in NCHW. Null after an error.
Value averagePool(NodeImport &op, Value x);

/// From [N, (H,) W, C] to [N, C, (H,) W], of filters too, and back.
Value toChannelsFirst(NodeImport &op, Value x);
Value toChannelsLast(NodeImport &op, Value x);

/// Softmax of floats along the node's axis, as operator set `version` has it.
/// Null after an error.
Value softmax(NodeImport &op, Value x, int64_t version);

/// The node's normalization of its operand, whose channels are axis `axis`.
/// Null after an error.
Value batchNormalize(NodeImport &op, int64_t axis);

} // namespace qcc::onnximport

#endif // QCC_LIB_IMPORT_ONNX_WINDOW_H
