// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instructions of RISC-V V by name, on vectors of a fixed number of lanes. LLVM
// finds most of them in plain operations, but not where an extended operand has
// other uses too, and never with a shift and a saturation in one.

#ifndef QCC_LIB_CONVERSION_KERNELS_VECTORRISCV_H
#define QCC_LIB_CONVERSION_KERNELS_VECTORRISCV_H

#include "qcc/Conversion/LayerEmitter.h"

namespace qcc {

/// acc + x·w per lane (vwmacc), of operands half as wide; `x` may be a scalar.
/// The signs of `x` and of `w` may differ.
mlir::Value emitWideningMacc(LayerEmitter &e, mlir::Value acc, mlir::Value x,
                             mlir::Value w, bool xSigned = true,
                             bool wSigned = true);
/// x·w per lane, twice as wide (vwmul). `w` may be a scalar.
mlir::Value emitWideningMul(LayerEmitter &e, mlir::Value x, mlir::Value w,
                            bool xSigned = true, bool wSigned = true);
/// a·factor + c per lane, with a scalar factor (vmadd).
mlir::Value emitMultiplyAdd(LayerEmitter &e, mlir::Value a, mlir::Value factor,
                            mlir::Value c);
/// The high half of a·b per lane, signed (vmulh).
mlir::Value emitHighHalf(LayerEmitter &e, mlir::Value a, mlir::Value b);
/// a >> shift, saturated to half its width, signed (vnclip) or from and to
/// unsigned values (vnclipu).
mlir::Value emitNarrowingClip(LayerEmitter &e, mlir::Value a, int64_t shift,
                              bool isSigned = true);
/// Per lane the entry of `table`, which has as many lanes, that `indices` says
/// (vrgather).
mlir::Value emitGather(LayerEmitter &e, mlir::Value table, mlir::Value indices);

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_VECTORRISCV_H
