// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Positive floats in 16 bits where few of their bits are used: those of float16
// or bfloat16, though no one says so, nor has the machine to know them.

#ifndef QCC_LIB_CONVERSION_KERNELS_PACKEDSCALES_H
#define QCC_LIB_CONVERSION_KERNELS_PACKEDSCALES_H

#include "qcc/Conversion/LayerEmitter.h"

namespace qcc {

/// A float's bits without its sign are (code + first) << shift.
class PackedScales {
public:
  /// A table of `scales` in their order, called `name`.
  PackedScales(LayerEmitter &e, llvm::StringRef name,
               llvm::ArrayRef<float> scales);

  /// `lanes` floats from `offset` on.
  mlir::Value load(LayerEmitter &e, mlir::Value offset, int64_t lanes) const;

  /// Bytes of each of `scales`.
  static int64_t bytesEach(llvm::ArrayRef<float> scales);

private:
  struct Code {
    uint32_t first = 0, shift = 0;
    /// The highest bit is the sign.
    bool hasSign = false, fits = false;
  };
  static Code find(llvm::ArrayRef<float> scales);

  Code code;
  mlir::Value table;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_PACKEDSCALES_H
