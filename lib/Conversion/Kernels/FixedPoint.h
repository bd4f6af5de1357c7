// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Emits the exact fixed-point arithmetic of qcc/Arithmetic/FixedPoint.h on
// scalars or vectors, formula by formula, with the saturations and wide sums
// left out where the known range of the operand shows them idle. For layers
// whose cost does not lie here; convolutions search for cheaper proved forms.

#ifndef QCC_LIB_CONVERSION_KERNELS_FIXEDPOINT_H
#define QCC_LIB_CONVERSION_KERNELS_FIXEDPOINT_H

#include "Requantize.h"
#include "qcc/Arithmetic/FixedPointFunctions.h"
#include "qcc/Conversion/LayerEmitter.h"

namespace qcc {

/// An i32 (lane-wise) and the interval it is known to lie in.
struct RangedValue {
  mlir::Value value;
  arith::IntRange range;
};

/// `x` times `m` under a TFLite rounding. `m.multiplier` must not be negative.
/// Equals arith::multiplyByQuantizedMultiplier[Single] on every bit.
RangedValue emitMultiply(LayerEmitter &e, RangedValue x,
                         arith::QuantizedMultiplier m,
                         arith::Rounding rounding);

/// Saturating rounding doubling high multiply of i32 operands (lane-wise) that
/// are not both INT32_MIN.
mlir::Value emitHighMul(LayerEmitter &e, mlir::Value a, mlir::Value b);

/// Whether emitHighMul on values like `value` is an instruction; elsewhere it
/// is a 64-bit product.
bool hasHighMulInstruction(const LayerEmitter &e, mlir::Value value);

/// The `Ops` of qcc/Arithmetic/FixedPointFunctions.h on i32, in lanes or
/// scalar, of the code under construction. Constants are folded by the
/// builder's passes later on.
class EmittedInt32Ops {
public:
  using Value = mlir::Value;
  using Condition = mlir::Value;

  explicit EmittedInt32Ops(LayerEmitter &emitter, int64_t lanes = 1);

  Value constant(int32_t c);
  Value add(Value a, Value b);
  Value sub(Value a, Value b);
  Value highMul(Value a, Value b) { return emitHighMul(e, a, b); }
  Value shiftLeft(Value a, Value n);
  Value shiftRight(Value a, Value n);
  Value shiftRightLogical(Value a, Value n);
  Value min(Value a, Value b);
  Value max(Value a, Value b);
  Value countLeadingZeros(Value a);
  Condition isGreater(Value a, Value b);
  Value select(Condition condition, Value a, Value b);

protected:
  LayerEmitter &e;
  mlir::Type type;
};

/// The constants of an arith::HalfEvenForm, as i64 in as many lanes as the
/// accumulators.
struct HalfEvenConstants {
  mlir::Value p, q, m, shift;
};

/// The i32 `acc` times a scale, rounded half to even; within half of int32's
/// range, beyond which it saturates.
mlir::Value emitHalfEven(LayerEmitter &e, mlir::Value acc,
                         const HalfEvenConstants &constants);

/// Whether `emitRequantize` can be exact for this scale under the rounding
/// `onnx`, for all accumulators in `range`; else the reason is in `why`.
bool isHalfEvenExact(const arith::ExactScale &scale, arith::IntRange range,
                     std::string &why);

/// Requantizes `acc`, clamps, and narrows to `element`: arith::Requantization.
mlir::Value emitRequantize(LayerEmitter &e, RangedValue acc,
                           const arith::Requantization &requantization,
                           mlir::Type element);

/// An intrinsic from floats to integers, such as llvm.lrint, on vectors.
mlir::Value emitVectorRounding(LayerEmitter &e, llvm::StringRef intrinsic,
                               mlir::Value value);

/// `value` to the nearest integer, ties to even, as i32. |value| < 2^31.
mlir::Value emitRoundHalfEven(LayerEmitter &e, mlir::Value value);

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_FIXEDPOINT_H
