// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Element-wise functions of several operands that broadcast to the result.

#ifndef QCC_LIB_REFERENCE_BROADCAST_H
#define QCC_LIB_REFERENCE_BROADCAST_H

#include "qcc/Reference/RefTensor.h"

#include <array>

namespace qcc::reference {

/// Calls body(result index, operand indices) for every element of a result to
/// whose shape all operands broadcast under NumPy's rules.
template <size_t count, typename Body>
void forEachBroadcast(llvm::ArrayRef<int64_t> result,
                      std::array<llvm::ArrayRef<int64_t>, count> shapes,
                      Body body) {
  size_t rank = result.size();
  // Strides along the result's axes: 0 where an operand is repeated.
  std::array<llvm::SmallVector<int64_t>, count> strides;
  for (size_t k = 0; k < count; ++k) {
    strides[k].assign(rank, 0);
    int64_t stride = 1;
    for (size_t axis = shapes[k].size(); axis-- > 0;) {
      if (shapes[k][axis] != 1)
        strides[k][axis + rank - shapes[k].size()] = stride;
      stride *= shapes[k][axis];
    }
  }
  llvm::SmallVector<int64_t> index(rank, 0);
  std::array<int64_t, count> from = {};
  int64_t elements = mlir::ShapedType::getNumElements(result);
  for (int64_t at = 0; at < elements; ++at) {
    body(at, from);
    for (size_t axis = rank; axis-- > 0;) {
      bool isDone = ++index[axis] < result[axis];
      for (size_t k = 0; k < count; ++k)
        from[k] +=
            isDone ? strides[k][axis] : strides[k][axis] * (1 - result[axis]);
      if (isDone)
        break;
      index[axis] = 0;
    }
  }
}

/// result = function(lhs, rhs) on stored integers, and on floats.
template <typename Function>
void mapIntegers(llvm::ArrayRef<RefTensor> operands, RefTensor &result,
                 Function function) {
  llvm::ArrayRef<int64_t> lhs = operands[0].ints(), rhs = operands[1].ints();
  llvm::MutableArrayRef<int64_t> out = result.ints();
  forEachBroadcast<2>(result.getShape(),
                      {operands[0].getShape(), operands[1].getShape()},
                      [&](int64_t at, std::array<int64_t, 2> from) {
                        out[at] = function(lhs[from[0]], rhs[from[1]]);
                      });
}

template <typename Function>
void mapFloats(llvm::ArrayRef<RefTensor> operands, RefTensor &result,
               Function function) {
  llvm::ArrayRef<float> lhs = operands[0].floats(), rhs = operands[1].floats();
  llvm::MutableArrayRef<float> out = result.floats();
  forEachBroadcast<2>(result.getShape(),
                      {operands[0].getShape(), operands[1].getShape()},
                      [&](int64_t at, std::array<int64_t, 2> from) {
                        out[at] = function(lhs[from[0]], rhs[from[1]]);
                      });
}

} // namespace qcc::reference

#endif // QCC_LIB_REFERENCE_BROADCAST_H
