// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Four vectors of i32 that together stand for as many bytes as one register
// holds, in the order in which vector units unpack and pack: within each 16
// bytes. Vector q has, of every 16 consecutive values, numbers 4q … 4q + 3.
// Unpacking bytes twice gives this order, packing twice with saturation
// undoes it, and no value crosses a 16-byte lane.

#ifndef QCC_LIB_CONVERSION_KERNELS_LANEGROUP_H
#define QCC_LIB_CONVERSION_KERNELS_LANEGROUP_H

#include "qcc/Conversion/LayerEmitter.h"

namespace qcc {

/// Which of the 4 · `lanes` values lane `lane` of vector `vector` has.
inline int64_t valueInGroup(int64_t vector, int64_t lane) {
  return lane / 4 * 16 + vector * 4 + lane % 4;
}

/// Whether vectors of 4, or of a power of two above, i32 pack and unpack in
/// this order on `facts`.
bool hasLaneGroups(const TargetFacts &facts);

/// Whether packing within 16 bytes with saturation is one instruction, so that
/// it pays to put any four accumulators together. Elsewhere vectors narrow one
/// by one.
bool packsLaneGroups(const TargetFacts &facts);

/// The low (or high) halves of each 16 bytes of `a` and `b`, element by element
/// in turn. Both are vectors of one type.
mlir::Value unpackLanes(LayerEmitter &e, mlir::Value a, mlir::Value b,
                        bool high);

/// `four` vectors of i32, in the group's order, clamped to [lo, hi] and
/// narrowed to one vector of i8 in memory's order. [lo, hi] is within int8 or
/// uint8.
mlir::Value narrowGroup(LayerEmitter &e, llvm::ArrayRef<mlir::Value> four,
                        int64_t lo, int64_t hi);

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_LANEGROUP_H
