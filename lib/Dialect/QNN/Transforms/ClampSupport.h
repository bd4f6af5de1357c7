// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the fusing passes share: operations with a clamp, and clamps one after
// the other.

#ifndef QCC_LIB_DIALECT_QNN_TRANSFORMS_CLAMPSUPPORT_H
#define QCC_LIB_DIALECT_QNN_TRANSFORMS_CLAMPSUPPORT_H

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include <algorithm>

namespace qcc::qnn {

inline constexpr llvm::StringLiteral kClamp = "clamp";

/// The operation computes a result and clamps it last.
inline bool hasClamp(mlir::Operation *op) {
  return op &&
         llvm::isa<Conv2DOp, DepthwiseConv2DOp, FullyConnectedOp,
                   BlockFullyConnectedOp, BatchMatMulOp, TransposeConv2DOp,
                   AddOp, ClipOp, DivOp, MulOp, RequantizeOp, AvgPool2DOp,
                   L2Pool2DOp, MaxPool2DOp, SquaredDifferenceOp, SubOp>(op);
}

/// clamp(clamp(x, first), second) = clamp(x, compose(first, second)).
template <typename T>
std::pair<T, T> compose(std::pair<T, T> first, std::pair<T, T> second) {
  return {std::clamp(first.first, second.first, second.second),
          std::clamp(first.second, second.first, second.second)};
}

/// The clamp attribute for stored integers in `range` of `type`; null where it
/// says nothing, unless `isRequired`.
inline ClampAttr makeIntegerClamp(std::pair<int64_t, int64_t> range,
                                  mlir::Type type, bool isRequired) {
  if (!isRequired && range == storageRange(type))
    return {};
  return ClampAttr::get(type.getContext(), static_cast<double>(range.first),
                        static_cast<double>(range.second));
}

} // namespace qcc::qnn

#endif // QCC_LIB_DIALECT_QNN_TRANSFORMS_CLAMPSUPPORT_H
