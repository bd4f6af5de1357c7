// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The families that populateElementwiseKernels is made of.

#ifndef QCC_LIB_CONVERSION_KERNELS_ELEMENTWISEKERNELS_H
#define QCC_LIB_CONVERSION_KERNELS_ELEMENTWISEKERNELS_H

#include "qcc/Conversion/Kernel.h"

namespace qcc {

void populateAddKernels(KernelSet &kernels);
void populateTableKernels(KernelSet &kernels);
void populateInterpolatedKernels(KernelSet &kernels);
void populatePointwiseKernels(KernelSet &kernels);

/// round(x) of an f32 (lane-wise) that an i32 holds, half-way cases away from
/// zero, as an i32.
mlir::Value emitRoundHalfAway(LayerEmitter &e, mlir::Value x);

/// 1/(1 + exp(−x)) of an f32 (lane-wise).
mlir::Value emitLogistic(LayerEmitter &e, mlir::Value x);

/// exp(x) of an f32 (lane-wise), to about 1e-7 relative; 0 below -87.
mlir::Value emitExp(LayerEmitter &e, mlir::Value x);

/// C's powf (lane-wise), to 1e-5 relative: exp(y·log|x|), negated for odd y and
/// negative x, NaN for negative x where y is no integer.
mlir::Value emitPower(LayerEmitter &e, mlir::Value x, mlir::Value y);

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_ELEMENTWISEKERNELS_H
