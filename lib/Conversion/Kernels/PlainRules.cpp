// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Element-wise operations on floats and on stored integers as they are:
// arithmetic, comparisons, logic, selection, casts, functions of floats.

#include "PointwiseKernel.h"

#include "ElementwiseKernels.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;

namespace qcc {

namespace {

namespace A = mlir::arith;

Type typeOf(Operation *op, unsigned operand) {
  return op->getOperand(operand).getType();
}
Type resultOf(Operation *op) { return op->getResult(0).getType(); }
qnn::ClampAttr clampOf(Operation *op) {
  return op->getAttrOfType<qnn::ClampAttr>("clamp");
}

int64_t widestBytes(Operation *op) {
  int64_t bytes = 1;
  for (Type type :
       llvm::concat<const Type>(op->getOperandTypes(), op->getResultTypes()))
    bytes = std::max(bytes, qnn::bytesPerElement(type));
  return bytes;
}

bool fillsItsMemory(Type type) {
  return qnn::storageTypeOf(type).getIntOrFloatBitWidth() ==
         qnn::bytesPerElement(type) * 8;
}

/// Floats and integers without scale. `cycles` for a vector of floats.
template <int cycles>
std::optional<PointwiseChoice>
matchPlain(Operation *op, const TargetFacts &facts, std::string &why) {
  Type type = typeOf(op, 0);
  if (qnn::isQuantized(type)) {
    why = "the operands are quantized";
    return std::nullopt;
  }
  bool isFloat = qnn::isFloat(type);
  if (isFloat && !hasFloats(facts, why))
    return std::nullopt;
  if (!isFloat && !fillsItsMemory(type)) {
    why = "integers narrower than their memory wrap earlier";
    return std::nullopt;
  }
  return PointwiseChoice{lanesFor(facts, widestBytes(op), isFloat),
                         isFloat ? double(cycles) : 2.0};
}

template <int cycles>
std::optional<PointwiseChoice>
matchFloat(Operation *op, const TargetFacts &facts, std::string &why) {
  if (!qnn::isFloat(typeOf(op, 0))) {
    why = "the operand is no float";
    return std::nullopt;
  }
  return matchPlain<cycles>(op, facts, why);
}

/// Stored values, moved or compared as they are.
std::optional<PointwiseChoice>
matchStored(Operation *op, const TargetFacts &facts, std::string &why) {
  bool isFloat = llvm::any_of(op->getOperandTypes(),
                              [](Type type) { return qnn::isFloat(type); });
  if (isFloat && !hasFloats(facts, why))
    return std::nullopt;
  return PointwiseChoice{lanesFor(facts, widestBytes(op), isFloat), 2};
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

/// Floats by `onFloats`, integers by `onIntegers`, then the clamp.
template <typename OnFloats, typename OnIntegers>
PointwiseBody emitArithmetic(LayerEmitter &e, Operation *op, OnFloats onFloats,
                             OnIntegers onIntegers) {
  Type out = resultOf(op);
  PointwiseBody body;
  if (qnn::isFloat(out)) {
    auto [lo, hi] = qnn::floatClamp(clampOf(op));
    body.combine = [=, &e, lo = lo, hi = hi](ArrayRef<Value> values) {
      return clampFloat(e, onFloats(e, values), lo, hi);
    };
    return body;
  }
  auto [lo, hi] = qnn::integerClamp(clampOf(op), out);
  auto [least, most] = qnn::storageRange(out);
  body.combine = [=, &e, lo = lo, hi = hi, least = least,
                  most = most](ArrayRef<Value> values) {
    return clampInteger(e, onIntegers(e, values), lo, hi, least, most,
                        qnn::isSignedStorage(out));
  };
  return body;
}

PointwiseBody emitAdd(LayerEmitter &e, Operation *op) {
  return emitArithmetic(
      e, op,
      [](LayerEmitter &e, ArrayRef<Value> v) -> Value {
        return A::AddFOp::create(e.b, v[0], v[1]);
      },
      [](LayerEmitter &e, ArrayRef<Value> v) -> Value {
        return A::AddIOp::create(e.b, v[0], v[1]);
      });
}

PointwiseBody emitSub(LayerEmitter &e, Operation *op) {
  return emitArithmetic(
      e, op,
      [](LayerEmitter &e, ArrayRef<Value> v) -> Value {
        return A::SubFOp::create(e.b, v[0], v[1]);
      },
      [](LayerEmitter &e, ArrayRef<Value> v) -> Value {
        return A::SubIOp::create(e.b, v[0], v[1]);
      });
}

PointwiseBody emitMul(LayerEmitter &e, Operation *op) {
  return emitArithmetic(
      e, op,
      [](LayerEmitter &e, ArrayRef<Value> v) -> Value {
        return A::MulFOp::create(e.b, v[0], v[1]);
      },
      [](LayerEmitter &e, ArrayRef<Value> v) -> Value {
        return A::MulIOp::create(e.b, v[0], v[1]);
      });
}

PointwiseBody emitSquaredDifference(LayerEmitter &e, Operation *op) {
  return emitArithmetic(
      e, op,
      [](LayerEmitter &e, ArrayRef<Value> v) -> Value {
        Value d = A::SubFOp::create(e.b, v[0], v[1]);
        return A::MulFOp::create(e.b, d, d);
      },
      [](LayerEmitter &e, ArrayRef<Value> v) -> Value {
        Value d = A::SubIOp::create(e.b, v[0], v[1]);
        return A::MulIOp::create(e.b, d, d);
      });
}

/// Integer quotients one by one: no vector unit divides.
template <int cycles>
std::optional<PointwiseChoice>
matchDivision(Operation *op, const TargetFacts &facts, std::string &why) {
  auto choice = matchPlain<cycles>(op, facts, why);
  if (!choice || qnn::isFloat(typeOf(op, 0)))
    return choice;
  if (widestBytes(op) > 4 && facts.indexBits < 64) {
    why = "division of 64 bits needs a run-time library on this target";
    return std::nullopt;
  }
  return PointwiseChoice{1, 30};
}

struct Division {
  Value quotient, remainder;
};

/// a / b towards zero and its remainder, in at least 32 bits; 0 and a for b = 0
/// (what is asked for then is selected afterwards), −a for b = −1.
Division emitDivision(LayerEmitter &e, Value a, Value b) {
  Type type = a.getType();
  auto is = [&](Value x, int64_t c) -> Value {
    return A::CmpIOp::create(e.b, A::CmpIPredicate::eq, x, e.constant(type, c));
  };
  Value zero = e.constant(type, 0);
  Value isZero = is(b, 0), isMinusOne = is(b, -1);
  // Neither traps then.
  Value safe = emitSelect(e, isZero, e.constant(type, 1), b);
  safe = emitSelect(e, isMinusOne, e.constant(type, 1), safe);
  Value quotient = A::DivSIOp::create(e.b, a, safe);
  quotient = emitSelect(e, isMinusOne, A::SubIOp::create(e.b, zero, quotient),
                        quotient);
  quotient = emitSelect(e, isZero, zero, quotient);
  Value remainder =
      A::SubIOp::create(e.b, a, A::MulIOp::create(e.b, quotient, b));
  return {quotient, emitSelect(e, isZero, zero, remainder)};
}

/// The same rounded down.
Division emitFloorDivision(LayerEmitter &e, Value a, Value b) {
  Division d = emitDivision(e, a, b);
  Value zero = e.constant(a.getType(), 0);
  Value hasRest =
      A::CmpIOp::create(e.b, A::CmpIPredicate::ne, d.remainder, zero);
  Value signs = A::XOrIOp::create(e.b, d.remainder, b);
  Value differ = A::CmpIOp::create(e.b, A::CmpIPredicate::slt, signs, zero);
  Value down = A::AndIOp::create(e.b, hasRest, differ);
  Value one = e.constant(a.getType(), 1);
  return {
      emitSelect(e, down, A::SubIOp::create(e.b, d.quotient, one), d.quotient),
      emitSelect(e, down, A::AddIOp::create(e.b, d.remainder, b), d.remainder)};
}

/// On integers of at least 32 bits, narrowed afterwards.
template <typename Function> auto inWords(Operation *op, Function function) {
  Type out = resultOf(op);
  return [out, function](LayerEmitter &e, ArrayRef<Value> v) -> Value {
    Type memory = memoryTypeOf(out);
    Type word =
        memory.getIntOrFloatBitWidth() < 32 ? Type(e.b.getI32Type()) : memory;
    bool isSigned = qnn::isSignedStorage(out);
    return resizeInteger(e,
                         function(e, e.extend(v[0], word, isSigned),
                                  e.extend(v[1], word, isSigned)),
                         memory, isSigned);
  };
}

PointwiseBody emitDiv(LayerEmitter &e, Operation *op) {
  return emitArithmetic(
      e, op,
      [](LayerEmitter &e, ArrayRef<Value> v) -> Value {
        return A::DivFOp::create(e.b, v[0], v[1]);
      },
      inWords(op, [](LayerEmitter &e, Value a, Value b) {
        return emitDivision(e, a, b).quotient;
      }));
}

PointwiseBody emitFloorDiv(LayerEmitter &e, Operation *op) {
  return emitArithmetic(
      e, op,
      [](LayerEmitter &e, ArrayRef<Value> v) -> Value {
        return math::FloorOp::create(e.b, A::DivFOp::create(e.b, v[0], v[1]));
      },
      inWords(op, [](LayerEmitter &e, Value a, Value b) {
        return emitFloorDivision(e, a, b).quotient;
      }));
}

std::optional<PointwiseChoice>
matchFloorMod(Operation *op, const TargetFacts &facts, std::string &why) {
  if (qnn::isFloat(typeOf(op, 0)) && !facts.hasFMA && !facts.hasDouble) {
    why = "the remainder of floats needs a fused multiply-add or doubles";
    return std::nullopt;
  }
  return matchDivision<200>(op, facts, why);
}

/// a − q·b without a rounding of the product.
Value emitExactStep(LayerEmitter &e, Value a, Value q, Value b) {
  if (e.facts.hasFMA)
    return math::FmaOp::create(e.b, A::NegFOp::create(e.b, q), b, a);
  Type wide = LayerEmitter::withElement(a.getType(), e.b.getF64Type());
  auto widen = [&](Value x) -> Value {
    return A::ExtFOp::create(e.b, wide, x);
  };
  Value product = A::MulFOp::create(e.b, widen(q), widen(b));
  return A::TruncFOp::create(e.b, a.getType(),
                             A::SubFOp::create(e.b, widen(a), product));
}

/// The difference of a and the next multiple of b is a float, whatever the
/// quotient's rounding: each step takes 22 bits of the quotient or more off,
/// and the last may leave the other sign than fmod's, which is put right
/// together with the divisor's.
Value emitFloatFloorMod(LayerEmitter &e, Value a, Value b) {
  // Quotients have at most 277 bits before the point.
  constexpr int64_t steps = 13;
  Type type = a.getType();
  Value zero = e.constantFloat(type, 0);
  auto compare = [&](A::CmpFPredicate predicate, Value x, Value y) -> Value {
    return A::CmpFOp::create(e.b, predicate, x, y);
  };
  SmallVector<Value> state =
      e.loop(steps, {a}, [&](Value, ValueRange carried) -> SmallVector<Value> {
        Value rest = carried[0];
        Value q = math::TruncOp::create(e.b, A::DivFOp::create(e.b, rest, b));
        // An infinite divisor leaves what is there.
        return {emitSelect(e, compare(A::CmpFPredicate::OEQ, q, zero), rest,
                           emitExactStep(e, rest, q, b))};
      });
  Value rest = state[0];
  Value differ =
      A::XOrIOp::create(e.b, compare(A::CmpFPredicate::OLT, rest, zero),
                        compare(A::CmpFPredicate::OLT, b, zero));
  Value isRest = compare(A::CmpFPredicate::UNE, rest, zero);
  return emitSelect(e, A::AndIOp::create(e.b, differ, isRest),
                    A::AddFOp::create(e.b, rest, b), rest);
}

PointwiseBody emitFloorMod(LayerEmitter &e, Operation *op) {
  return emitArithmetic(
      e, op,
      [](LayerEmitter &e, ArrayRef<Value> v) {
        return emitFloatFloorMod(e, v[0], v[1]);
      },
      inWords(op, [](LayerEmitter &e, Value a, Value b) {
        return emitFloorDivision(e, a, b).remainder;
      }));
}

/// By repeated squaring, bit by bit of the exponent: 31 steps.
Value emitIntegerPower(LayerEmitter &e, Value base, Value exponent) {
  Type type = base.getType();
  Value zero = e.constant(type, 0), one = e.constant(type, 1);
  Value rest = A::MaxSIOp::create(e.b, exponent, zero);
  SmallVector<Value> state =
      e.loop(31, {one, base, rest},
             [&](Value, ValueRange carried) -> SmallVector<Value> {
               Value bit = A::AndIOp::create(e.b, carried[2], one);
               Value isSet =
                   A::CmpIOp::create(e.b, A::CmpIPredicate::ne, bit, zero);
               Value factor = emitSelect(e, isSet, carried[1], one);
               return {A::MulIOp::create(e.b, carried[0], factor),
                       A::MulIOp::create(e.b, carried[1], carried[1]),
                       A::ShRUIOp::create(e.b, carried[2], one)};
             });
  return state[0];
}

PointwiseBody emitPow(LayerEmitter &e, Operation *op) {
  return emitArithmetic(
      e, op,
      [](LayerEmitter &e, ArrayRef<Value> v) {
        return emitPower(e, v[0], v[1]);
      },
      [](LayerEmitter &e, ArrayRef<Value> v) {
        return emitIntegerPower(e, v[0], v[1]);
      });
}

PointwiseBody emitPrelu(LayerEmitter &e, Operation *) {
  PointwiseBody body;
  body.combine = [&e](ArrayRef<Value> v) -> Value {
    Value isPositive = A::CmpFOp::create(e.b, A::CmpFPredicate::OGE, v[0],
                                         e.constantFloat(v[0].getType(), 0));
    return emitSelect(e, isPositive, v[0], A::MulFOp::create(e.b, v[0], v[1]));
  };
  return body;
}

//===----------------------------------------------------------------------===//
// Stored values
//===----------------------------------------------------------------------===//

template <bool isMinimum>
PointwiseBody emitExtremum(LayerEmitter &e, Operation *op) {
  Type type = resultOf(op);
  PointwiseBody body;
  body.combine = [&e, type](ArrayRef<Value> v) -> Value {
    if (qnn::isFloat(type))
      return isMinimum ? minFloat(e, v[0], v[1]) : maxFloat(e, v[0], v[1]);
    if (qnn::isSignedStorage(type))
      return isMinimum ? Value(A::MinSIOp::create(e.b, v[0], v[1]))
                       : Value(A::MaxSIOp::create(e.b, v[0], v[1]));
    return isMinimum ? Value(A::MinUIOp::create(e.b, v[0], v[1]))
                     : Value(A::MaxUIOp::create(e.b, v[0], v[1]));
  };
  return body;
}

std::optional<PointwiseChoice>
matchCompare(Operation *op, const TargetFacts &facts, std::string &why) {
  if (qnn::isQuantized(typeOf(op, 0)) &&
      qnn::bytesPerElement(typeOf(op, 0)) == 1) {
    why = "the operands are quantized with 8 bits";
    return std::nullopt;
  }
  return matchStored(op, facts, why);
}

PointwiseBody emitCompare(LayerEmitter &e, Operation *op) {
  Type type = typeOf(op, 0);
  auto predicate = cast<qnn::CompareOp>(op).getPredicate();
  PointwiseBody body;
  body.combine = [=, &e](ArrayRef<Value> v) {
    Value holds;
    if (qnn::isFloat(type)) {
      constexpr A::CmpFPredicate predicates[] = {
          A::CmpFPredicate::OEQ, A::CmpFPredicate::UNE, A::CmpFPredicate::OLT,
          A::CmpFPredicate::OLE, A::CmpFPredicate::OGT, A::CmpFPredicate::OGE};
      holds = A::CmpFOp::create(
          e.b, predicates[static_cast<unsigned>(predicate)], v[0], v[1]);
    } else {
      holds = A::CmpIOp::create(
          e.b, integerPredicate(predicate, qnn::isSignedStorage(type)), v[0],
          v[1]);
    }
    return e.extend(holds, e.b.getI8Type(), /*isSigned=*/false);
  };
  return body;
}

PointwiseBody emitAnd(LayerEmitter &e, Operation *) {
  PointwiseBody body;
  body.combine = [&e](ArrayRef<Value> v) -> Value {
    return A::AndIOp::create(e.b, v[0], v[1]);
  };
  return body;
}

PointwiseBody emitOr(LayerEmitter &e, Operation *) {
  PointwiseBody body;
  body.combine = [&e](ArrayRef<Value> v) -> Value {
    return A::OrIOp::create(e.b, v[0], v[1]);
  };
  return body;
}

PointwiseBody emitNot(LayerEmitter &e, Operation *) {
  PointwiseBody body;
  body.combine = [&e](ArrayRef<Value> v) -> Value {
    return A::XOrIOp::create(e.b, v[0], e.constant(v[0].getType(), 1));
  };
  return body;
}

Value isNotZero(LayerEmitter &e, Value x) {
  return A::CmpIOp::create(e.b, A::CmpIPredicate::ne, x,
                           e.constant(x.getType(), 0));
}

PointwiseBody emitSelection(LayerEmitter &e, Operation *) {
  PointwiseBody body;
  body.combine = [&e](ArrayRef<Value> v) {
    return emitSelect(e, isNotZero(e, v[0]), v[1], v[2]);
  };
  return body;
}

//===----------------------------------------------------------------------===//
// Casts
//===----------------------------------------------------------------------===//

std::optional<PointwiseChoice>
matchCast(Operation *op, const TargetFacts &facts, std::string &why) {
  Type from = typeOf(op, 0), to = resultOf(op);
  bool isFloat = qnn::isFloat(from) || qnn::isFloat(to);
  if (isFloat && !hasFloats(facts, why))
    return std::nullopt;
  bool isWide = isFloat && widestBytes(op) == 8;
  if (isWide && facts.indexBits < 64) {
    why = "conversions between floats and 64 bits need a run-time library on "
          "this target";
    return std::nullopt;
  }
  for (Type type : {from, to})
    if (!qnn::isFloat(type) && !fillsItsMemory(type) &&
        !qnn::storageTypeOf(type).isInteger(1)) {
      why = "integers narrower than their memory";
      return std::nullopt;
    }
  // What keeps its bits is copied, or nothing where it stays in registers.
  bool keepsBits = qnn::storageTypeOf(from) == qnn::storageTypeOf(to);
  return PointwiseChoice{
      isWide ? 1 : lanesFor(facts, isFloat ? 4 : widestBytes(op), isFloat),
      keepsBits ? kCyclesOfCopy : 3};
}

/// Truncated, held to [lo, hi], NaN 0. Bounds of 64 bits are not floats, and
/// what reaches them is selected.
Value emitFloatToInteger(LayerEmitter &e, Value x, Type type) {
  auto [lo, hi] = qnn::storageRange(type);
  bool isUnsigned = lo == 0;
  Type memory = memoryTypeOf(type);
  unsigned bits = memory.getIntOrFloatBitWidth();
  Type word = bits < 32 ? Type(e.b.getI32Type()) : memory;
  Value low = e.constantFloat(x.getType(), static_cast<double>(lo));
  // The greatest float that converts; beyond it the result is hi.
  auto top = static_cast<float>(hi);
  float last = static_cast<double>(top) > static_cast<double>(hi) ||
                       hi == std::numeric_limits<int64_t>::max()
                   ? std::nextafterf(top, 0)
                   : top;
  Value high = e.constantFloat(x.getType(), static_cast<double>(last));
  Value isNumber = A::CmpFOp::create(e.b, A::CmpFPredicate::ORD, x, x);
  Value held = emitSelect(e, isNumber, x, e.constantFloat(x.getType(), 0));
  held = maxFloat(e, held, low);
  Value isAbove = A::CmpFOp::create(e.b, A::CmpFPredicate::OGT, held, high);
  held = emitSelect(e, isAbove, high, held);
  Type lanes = LayerEmitter::withElement(x.getType(), word);
  Value integer = isUnsigned && bits >= 32
                      ? Value(A::FPToUIOp::create(e.b, lanes, held))
                      : Value(A::FPToSIOp::create(e.b, lanes, held));
  integer = emitSelect(e, isAbove, e.constant(lanes, hi), integer);
  return resizeInteger(e, integer, memory, !isUnsigned);
}

PointwiseBody emitCast(LayerEmitter &e, Operation *op) {
  Type from = typeOf(op, 0), to = resultOf(op);
  bool toBool = qnn::storageTypeOf(to).isInteger(1);
  PointwiseBody body;
  body.combine = [=, &e](ArrayRef<Value> v) -> Value {
    Value x = v[0];
    if (qnn::isFloat(from) && qnn::isFloat(to))
      return x;
    if (toBool) {
      Value holds =
          qnn::isFloat(from)
              ? Value(A::CmpFOp::create(e.b, A::CmpFPredicate::UNE, x,
                                        e.constantFloat(x.getType(), 0)))
              : isNotZero(e, x);
      return e.extend(holds, e.b.getI8Type(), /*isSigned=*/false);
    }
    if (qnn::isFloat(from))
      return emitFloatToInteger(e, x, to);
    bool isSigned = qnn::isSignedStorage(from);
    if (!qnn::isFloat(to))
      return resizeInteger(e, x, memoryTypeOf(to), isSigned);
    if (memoryTypeOf(from).getIntOrFloatBitWidth() < 32) {
      x = e.extend(x, e.b.getI32Type(), isSigned);
      isSigned = true;
    }
    Type type = LayerEmitter::withElement(x.getType(), e.b.getF32Type());
    return isSigned ? Value(A::SIToFPOp::create(e.b, type, x))
                    : Value(A::UIToFPOp::create(e.b, type, x));
  };
  return body;
}

//===----------------------------------------------------------------------===//
// Functions of one operand
//===----------------------------------------------------------------------===//

PointwiseBody emitAbs(LayerEmitter &e, Operation *op) {
  return emitArithmetic(
      e, op,
      [](LayerEmitter &e, ArrayRef<Value> v) -> Value {
        return math::AbsFOp::create(e.b, v[0]);
      },
      [](LayerEmitter &e, ArrayRef<Value> v) -> Value {
        Value negative =
            A::SubIOp::create(e.b, e.constant(v[0].getType(), 0), v[0]);
        return A::MaxSIOp::create(e.b, v[0], negative);
      });
}

PointwiseBody emitNeg(LayerEmitter &e, Operation *op) {
  return emitArithmetic(
      e, op,
      [](LayerEmitter &e, ArrayRef<Value> v) -> Value {
        return A::NegFOp::create(e.b, v[0]);
      },
      [](LayerEmitter &e, ArrayRef<Value> v) -> Value {
        return A::SubIOp::create(e.b, e.constant(v[0].getType(), 0), v[0]);
      });
}

PointwiseBody emitSign(LayerEmitter &e, Operation *op) {
  return emitArithmetic(
      e, op,
      [](LayerEmitter &e, ArrayRef<Value> v) -> Value {
        Type type = v[0].getType();
        Value zero = e.constantFloat(type, 0);
        auto is = [&](A::CmpFPredicate predicate) -> Value {
          return A::CmpFOp::create(e.b, predicate, v[0], zero);
        };
        Value positive = emitSelect(e, is(A::CmpFPredicate::OGT),
                                    e.constantFloat(type, 1), zero);
        return emitSelect(e, is(A::CmpFPredicate::OLT),
                          e.constantFloat(type, -1), positive);
      },
      [](LayerEmitter &e, ArrayRef<Value> v) -> Value {
        Type type = v[0].getType();
        Value atMostOne = A::MinSIOp::create(e.b, v[0], e.constant(type, 1));
        return A::MaxSIOp::create(e.b, atMostOne, e.constant(type, -1));
      });
}

using FloatFunction = Value (*)(LayerEmitter &, Operation *, Value);

template <FloatFunction function>
PointwiseBody emitFunction(LayerEmitter &e, Operation *op) {
  PointwiseBody body;
  body.combine = [&e, op](ArrayRef<Value> v) { return function(e, op, v[0]); };
  return body;
}

template <typename MathOp>
Value emitMath(LayerEmitter &e, Operation *, Value x) {
  return MathOp::create(e.b, x);
}

/// x less the nearest multiple k of 2π, in three parts of which the first two
/// have so few bits that k < 2^13 times them is exact (Cody and Waite): sine
/// and cosine are then good to 1e-6 for |x| < 50000.
template <typename MathOp>
Value emitPeriodic(LayerEmitter &e, Operation *, Value x) {
  constexpr double high = 6.28125, middle = 2029 * 0x1p-20,
                   low = 6.283185307179586477 - high - middle;
  auto constant = [&](double c) { return e.constantFloat(x.getType(), c); };
  Value turns = A::MulFOp::create(e.b, x, constant(0.159154943091895336));
  Value k = math::RoundEvenOp::create(e.b, turns);
  for (double part : {high, middle, low})
    x = A::SubFOp::create(e.b, x, A::MulFOp::create(e.b, k, constant(part)));
  return MathOp::create(e.b, x);
}

Value emitSquare(LayerEmitter &e, Operation *, Value x) {
  return A::MulFOp::create(e.b, x, x);
}

Value emitRsqrt(LayerEmitter &e, Operation *, Value x) {
  return A::DivFOp::create(e.b, e.constantFloat(x.getType(), 1),
                           math::SqrtOp::create(e.b, x));
}

Value emitExponential(LayerEmitter &e, Operation *, Value x) {
  return emitExp(e, x);
}

Value emitSigmoid(LayerEmitter &e, Operation *, Value x) {
  return emitLogistic(e, x);
}

Value emitLeakyRelu(LayerEmitter &e, Operation *op, Value x) {
  double alpha = cast<qnn::LeakyReluOp>(op).getAlpha().convertToFloat();
  Value isPositive = A::CmpFOp::create(e.b, A::CmpFPredicate::OGT, x,
                                       e.constantFloat(x.getType(), 0));
  Value scaled = A::MulFOp::create(e.b, x, e.constantFloat(x.getType(), alpha));
  return emitSelect(e, isPositive, x, scaled);
}

Value emitHardSwish(LayerEmitter &e, Operation *, Value x) {
  auto constant = [&](double c) { return e.constantFloat(x.getType(), c); };
  Value relu = maxFloat(e, constant(0), A::AddFOp::create(e.b, x, constant(3)));
  relu = minFloat(e, constant(6), relu);
  return A::DivFOp::create(e.b, A::MulFOp::create(e.b, x, relu), constant(6));
}

/// exp(x) − 1 below 0: the difference loses digits near 0, where the bound of
/// floats is absolute.
Value emitElu(LayerEmitter &e, Operation *, Value x) {
  Value zero = e.constantFloat(x.getType(), 0);
  Value isNegative = A::CmpFOp::create(e.b, A::CmpFPredicate::OLT, x, zero);
  Value below = A::SubFOp::create(e.b, emitExp(e, minFloat(e, x, zero)),
                                  e.constantFloat(x.getType(), 1));
  return emitSelect(e, isNegative, below, x);
}

Value emitGelu(LayerEmitter &e, Operation *op, Value x) {
  auto constant = [&](double c) { return e.constantFloat(x.getType(), c); };
  auto mul = [&](Value a, Value b) -> Value {
    return A::MulFOp::create(e.b, a, b);
  };
  auto add = [&](Value a, Value b) -> Value {
    return A::AddFOp::create(e.b, a, b);
  };
  Value inner;
  if (cast<qnn::GeluOp>(op).getApproximate()) {
    Value cube = mul(mul(mul(constant(0.044715), x), x), x);
    inner = math::TanhOp::create(
        e.b, mul(constant(0.79788456080286535588), add(x, cube)));
  } else {
    inner = math::ErfOp::create(e.b, mul(x, constant(0.70710678118654752440)));
  }
  return mul(mul(constant(0.5), x), add(constant(1), inner));
}

constexpr PointwiseRule rules[] = {
    {"abs", "direct", matchPlain<2>, emitAbs},
    {"add", "plain", matchPlain<2>, emitAdd},
    {"cast", "direct", matchCast, emitCast},
    {"ceil", "float", matchFloat<4>, emitFunction<emitMath<math::CeilOp>>},
    {"compare", "direct", matchCompare, emitCompare},
    {"cos", "float", matchFloat<50>, emitFunction<emitPeriodic<math::CosOp>>},
    {"div", "direct", matchDivision<8>, emitDiv},
    {"elu", "float", matchFloat<30>, emitFunction<emitElu>},
    {"exp", "float", matchFloat<30>, emitFunction<emitExponential>},
    {"floor", "float", matchFloat<4>, emitFunction<emitMath<math::FloorOp>>},
    {"floor_div", "direct", matchDivision<10>, emitFloorDiv},
    {"floor_mod", "direct", matchFloorMod, emitFloorMod},
    {"gelu", "float", matchFloat<40>, emitFunction<emitGelu>},
    {"hard_swish", "float", matchFloat<8>, emitFunction<emitHardSwish>},
    {"leaky_relu", "float", matchFloat<3>, emitFunction<emitLeakyRelu>},
    {"log", "float", matchFloat<30>, emitFunction<emitMath<math::LogOp>>},
    {"logical_and", "direct", matchStored, emitAnd},
    {"logical_not", "direct", matchStored, emitNot},
    {"logical_or", "direct", matchStored, emitOr},
    {"logistic", "float", matchFloat<30>, emitFunction<emitSigmoid>},
    {"maximum", "direct", matchStored, emitExtremum<false>},
    {"minimum", "direct", matchStored, emitExtremum<true>},
    {"mul", "direct", matchPlain<2>, emitMul},
    {"neg", "direct", matchPlain<2>, emitNeg},
    {"pow", "direct", matchPlain<80>, emitPow},
    {"prelu", "float", matchFloat<3>, emitPrelu},
    {"round", "float", matchFloat<4>,
     emitFunction<emitMath<math::RoundEvenOp>>},
    {"rsqrt", "float", matchFloat<20>, emitFunction<emitRsqrt>},
    {"select", "direct", matchStored, emitSelection},
    {"sign", "direct", matchPlain<4>, emitSign},
    {"sin", "float", matchFloat<50>, emitFunction<emitPeriodic<math::SinOp>>},
    {"sqrt", "float", matchFloat<12>, emitFunction<emitMath<math::SqrtOp>>},
    {"square", "float", matchFloat<2>, emitFunction<emitSquare>},
    {"squared_difference", "direct", matchPlain<2>, emitSquaredDifference},
    {"sub", "direct", matchPlain<2>, emitSub},
    {"tanh", "float", matchFloat<30>, emitFunction<emitMath<math::TanhOp>>},
};

} // namespace

ArrayRef<PointwiseRule> plainRules() { return rules; }

} // namespace qcc
