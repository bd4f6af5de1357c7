// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Constant weights of matrix products, read back as integers with a scale for
// each block of the reduction.

#ifndef QCC_LIB_IMPORT_ONNX_BLOCKWEIGHTS_H
#define QCC_LIB_IMPORT_ONNX_BLOCKWEIGHTS_H

#include "NodeImport.h"

namespace qcc::onnximport {

/// Weights (codes − zero) · scale of a filter [outputs, depth]; scales and
/// zeros by output, then by block.
struct BlockWeights {
  int64_t outputs = 0, depth = 0, block = 0;
  std::vector<uint8_t> codes;
  /// Codes are signed bytes.
  bool isSigned = false;
  std::vector<float> scales;
  /// One for all, or one for each scale.
  Numbers zeros = {0};

  int64_t blocks() const { return (depth + block - 1) / block; }
};

/// Of `filter`, [outputs, depth] or, if `isTransposed`, [depth, outputs], which
/// DequantizeLinear made of a constant of 8 bits at most; nothing where it is
/// anything else, with the reason in `why` if it was dequantized.
std::optional<BlockWeights> findBlockWeights(NodeImport &op, Value filter,
                                             bool isTransposed,
                                             std::string &why);
/// Tells that `weights` in blocks become floats, and how they would not.
void warnOfFloats(NodeImport &op, int64_t weights);

/// The weights of a product of `depth` activations of `x` each, if these are to
/// be rounded, which they are not where a quantizer says how. Tells of weights
/// in blocks where it finds none.
std::optional<BlockWeights> weightsToRoundFor(NodeImport &op, Value x,
                                              int64_t depth, Value filter,
                                              bool isTransposed);

/// x · weights^T + bias with activations of 8 bits. `shape`: the result's.
Value multiplyBlocks(NodeImport &op, Value x, const BlockWeights &weights,
                     Value bias, llvm::ArrayRef<int64_t> shape);

} // namespace qcc::onnximport

#endif // QCC_LIB_IMPORT_ONNX_BLOCKWEIGHTS_H
