// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Small unsigned integers in memory at their true size, in the order in which a
// kernel reads them, and unpacked again in registers.

#ifndef QCC_LIB_CONVERSION_KERNELS_PACKEDCODES_H
#define QCC_LIB_CONVERSION_KERNELS_PACKEDCODES_H

#include "CodeDot.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <vector>

namespace qcc {

/// Chunks of `steps` steps' codes. The bits of a code are divided into planes
/// of 8, 4, 2 or 1 bits, the widest of them its lowest bits; a vector of bytes
/// holds the plane of as many steps as there is room for, so that a shift and a
/// mask give any of them: no code straddles two bytes, and no byte has a gap.
class PackedCodes {
public:
  PackedCodes(const CodeDot &codeDot, int codeBits);

  int64_t bits = 8;
  /// Steps of a chunk, and the bytes that it takes.
  int64_t steps = 1, chunkBytes = 1;
  /// So many places, `bits` bits apart, may codes be left in: those of step i
  /// then are times 2^(bits · (i mod places)).
  int64_t places() const {
    int64_t room = bits == 1 ? dot.bitPlaces : dot.codePlaces;
    return planes.size() == 1 ? std::max<int64_t>(1, room / bits) : 1;
  }

  /// Appends a chunk; `code(step, lane, k)`.
  void pack(llvm::function_ref<uint8_t(int64_t, int64_t, int64_t)> code,
            std::vector<int8_t> &out) const;
  /// The vectors of the chunk at `offset` of `table`.
  llvm::SmallVector<mlir::Value> load(LayerEmitter &e, mlir::Value table,
                                      mlir::Value offset) const;
  /// The codes of step `step`, left in `places` places.
  mlir::Value unpack(LayerEmitter &e, llvm::ArrayRef<mlir::Value> vectors,
                     int64_t step, int64_t places) const;

private:
  struct Plane {
    /// Its width, its lowest bit in a code, its first vector in a chunk.
    int64_t width, lowest, firstVector;
    int64_t stepsPerVector() const { return 8 / width; }
  };
  mlir::Value shift(LayerEmitter &e, mlir::Value bytes, int64_t right) const;

  const CodeDot &dot;
  llvm::SmallVector<Plane, 3> planes;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_PACKEDCODES_H
