// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions in 32-bit fixed point that TFLite's reference kernels evaluate at
// run time, written once over an arithmetic `Ops`: plain integers (Int32Ops)
// give the interpreter's definition, values of the code under construction give
// the kernel. Qn.m means n integer bits, m fractional bits and a sign in an
// int32.
//
// Ops has a type `Value` for an int32 and a type `Condition`, and:
//   constant(int32_t)            the value
//   add, sub(a, b)               modulo 2^32
//   highMul(a, b)                saturatingRoundingDoublingHighMul
//   shiftLeft(a, n)              a * 2^n modulo 2^32, 0 <= n <= 31
//   shiftRight(a, n)             floor(a / 2^n), 0 <= n <= 31
//   shiftRightLogical(a, n)      the same of the unsigned integer
//   min, max(a, b)               signed
//   countLeadingZeros(a)         a > 0
//   isGreater(a, b)              signed
//   select(condition, a, b)

#ifndef QCC_ARITHMETIC_FIXEDPOINTFUNCTIONS_H
#define QCC_ARITHMETIC_FIXEDPOINTFUNCTIONS_H

#include "qcc/Arithmetic/FixedPoint.h"

#include <algorithm>

namespace qcc::arith {

/// The arithmetic itself.
struct Int32Ops {
  using Value = int32_t;
  using Condition = bool;

  static Value constant(int32_t c) { return c; }
  static Value add(Value a, Value b) {
    return static_cast<int32_t>(static_cast<uint32_t>(a) +
                                static_cast<uint32_t>(b));
  }
  static Value sub(Value a, Value b) {
    return static_cast<int32_t>(static_cast<uint32_t>(a) -
                                static_cast<uint32_t>(b));
  }
  static Value highMul(Value a, Value b) {
    return saturatingRoundingDoublingHighMul(a, b);
  }
  static Value shiftLeft(Value a, Value n) { return wrappingShiftLeft(a, n); }
  static Value shiftRight(Value a, Value n) { return a >> n; }
  static Value shiftRightLogical(Value a, Value n) {
    return static_cast<int32_t>(static_cast<uint32_t>(a) >> n);
  }
  static Value min(Value a, Value b) { return std::min(a, b); }
  static Value max(Value a, Value b) { return std::max(a, b); }
  static Value countLeadingZeros(Value a) {
    int n = 0;
    while (n < 31 && !(static_cast<uint32_t>(a) >> (31 - n) & 1))
      ++n;
    return n;
  }
  static Condition isGreater(Value a, Value b) { return a > b; }
  static Value select(Condition c, Value a, Value b) { return c ? a : b; }
};

/// \name Pieces of gemmlowp's fixed-point arithmetic
/// @{

/// min(a * 2^n, INT32_MAX) of a >= 0, 0 <= n <= 31.
template <typename Ops>
typename Ops::Value saturatingShiftLeftPositive(Ops &ops, typename Ops::Value a,
                                                typename Ops::Value n) {
  auto largest = ops.constant(std::numeric_limits<int32_t>::max());
  return ops.select(ops.isGreater(a, ops.shiftRight(largest, n)), largest,
                    ops.shiftLeft(a, n));
}

/// a * 2^n held to int32, for any a and a constant 0 <= n <= 31.
template <typename Ops>
typename Ops::Value saturatingShiftLeft(Ops &ops, typename Ops::Value a,
                                        int n) {
  constexpr int32_t largest = std::numeric_limits<int32_t>::max();
  constexpr int32_t least = std::numeric_limits<int32_t>::min();
  auto held =
      ops.max(ops.min(a, ops.constant(largest >> n)), ops.constant(least >> n));
  auto result = ops.shiftLeft(held, ops.constant(n));
  return ops.select(ops.isGreater(a, ops.constant(largest >> n)),
                    ops.constant(largest), result);
}

/// round(a / 2^n), half-way cases away from zero; 0 <= n <= 30 and no overflow:
/// |a| + 2^(n-1) < 2^31.
template <typename Ops>
typename Ops::Value roundingShiftRight(Ops &ops, typename Ops::Value a,
                                       typename Ops::Value n) {
  auto zero = ops.constant(0), one = ops.constant(1);
  auto half = ops.shiftRight(ops.shiftLeft(one, n), one);
  auto negative = ops.shiftRight(a, ops.constant(31));
  auto bias = ops.add(half, ops.max(negative, ops.sub(zero, ops.min(n, one))));
  return ops.shiftRight(ops.add(a, bias), n);
}

/// @}

/// 1 / (1 + a) of a Q0.31 0 <= a < 1, as Q0.31: three Newton-Raphson steps from
/// 48/17 − 32/17 d on d = (1 + a)/2, with x ~ 2/d in Q2.29.
template <typename Ops>
typename Ops::Value oneOverOnePlus(Ops &ops, typename Ops::Value a) {
  // (a + 2^31) / 2, exact in 32 bits without a sign.
  auto halfDenominator = ops.shiftRightLogical(
      ops.add(a, ops.constant(std::numeric_limits<int32_t>::min())),
      ops.constant(1));
  constexpr int32_t c48over17 = 1515870810;     // round(2^29 · 48/17)
  constexpr int32_t cNeg32over17 = -1010580540; // round(2^29 · −32/17)
  auto x = ops.add(ops.constant(c48over17),
                   ops.highMul(halfDenominator, ops.constant(cNeg32over17)));
  for (int step = 0; step < 3; ++step) {
    auto error =
        ops.sub(ops.constant(1 << 29), ops.highMul(halfDenominator, x));
    x = ops.add(x, saturatingShiftLeft(ops, ops.highMul(x, error), 2));
  }
  return saturatingShiftLeft(ops, x, 1);
}

/// x > 0 as 2^bits / scale: Q0.31 `scale` = 2^(bits)/x with the integer bits by
/// which x exceeds one, x having `integerBits` of them.
template <typename Ops> struct Reciprocal {
  typename Ops::Value scale, bitsOverUnit;
};

template <typename Ops>
Reciprocal<Ops> reciprocal(Ops &ops, typename Ops::Value x, int integerBits) {
  auto zeros = ops.countLeadingZeros(x);
  auto fraction = ops.sub(ops.shiftLeft(x, zeros),
                          ops.constant(std::numeric_limits<int32_t>::min()));
  return {oneOverOnePlus(ops, fraction),
          ops.sub(ops.constant(integerBits), zeros)};
}

/// ln(x) of a Q12.19 x >= 1, as Q5.26. The argument is brought to r in
/// [2^-1/4 …) about 2^-1/4, whose logarithm is a rational approximation.
template <typename Ops>
typename Ops::Value naturalLog(Ops &ops, typename Ops::Value x) {
  constexpr int inputBits = 12, accumulatorBits = 6;
  auto c = [&](int32_t value) { return ops.constant(value); };
  auto mul = [&](auto a, auto b) { return ops.highMul(a, b); };
  auto one = c(1);
  auto ln2 = c(1488522236);
  auto fourthRootOfHalf = c(1805811301), rootOfHalf = c(1518500250);
  auto alphaN = c(117049297);  // 11/240 · 2^1/4
  auto alphaD = c(127690142);  // 1/20 · 2^1/4
  auto alphaI = c(1057819769); // 2/2^1/4 − 2^1/4
  auto alphaF = c(638450708);  // 1/4 · 2^1/4
  auto quarter = c((1 << (31 - accumulatorBits)) >> 2);
  auto exponent = [&](auto zeros) {
    return ops.shiftLeft(ops.sub(c(inputBits), zeros), c(31 - accumulatorBits));
  };

  auto zerosA = ops.countLeadingZeros(x);
  auto normalized = ops.shiftLeft(x, ops.sub(zerosA, one));
  auto rA = saturatingShiftLeftPositive(ops, mul(normalized, rootOfHalf), one);
  auto powerA = ops.add(exponent(zerosA), quarter);

  auto zerosB = ops.sub(ops.countLeadingZeros(mul(x, rootOfHalf)), one);
  auto rB = saturatingShiftLeftPositive(ops, x, zerosB);
  auto powerB = ops.sub(exponent(zerosB), quarter);

  auto r = ops.min(rA, rB);
  auto power = ops.max(powerA, powerB);
  auto p =
      ops.shiftRightLogical(ops.add(ops.add(r, fourthRootOfHalf), one), one);
  auto q = ops.sub(r, fourthRootOfHalf);
  q = ops.add(q, q);
  auto square = mul(q, q);
  auto numerator = ops.add(mul(q, r), mul(mul(q, square), alphaN));
  auto denominator = ops.add(
      mul(p, ops.add(ops.add(alphaI, q), mul(alphaD, square))), mul(alphaF, q));
  auto fraction = mul(roundingShiftRight(ops, numerator, c(accumulatorBits)),
                      oneOverOnePlus(ops, denominator));
  return saturatingShiftLeft(ops, ops.add(mul(power, ln2), fraction), 1);
}

/// 1/√x of an integer x >= 0 as multiplier · 2^(−31 − rightShift), 0 counting
/// as 1: five Newton-Raphson steps from 1 in Q3.28 on x · 2^(2k) in
/// [2^27, 2^29).
template <typename Ops> struct InverseSquareRoot {
  typename Ops::Value multiplier, rightShift;
};

template <typename Ops>
InverseSquareRoot<Ops> inverseSquareRoot(Ops &ops, typename Ops::Value x) {
  auto c = [&](int32_t value) { return ops.constant(value); };
  auto one = c(1);
  auto isLarge = ops.isGreater(x, c((1 << 29) - 1));
  auto input = ops.max(ops.select(isLarge, ops.shiftRight(x, c(2)), x), one);
  auto pairs = ops.sub(
      ops.shiftRight(ops.sub(ops.countLeadingZeros(input), one), one), one);
  auto shift = ops.sub(ops.select(isLarge, c(12), c(11)), pairs);
  auto scaled =
      ops.shiftRight(ops.shiftLeft(input, ops.add(pairs, pairs)), one);
  auto half = roundingShiftRight(ops, scaled, one);
  auto y = c(1 << 28);
  for (int step = 0; step < 5; ++step) {
    auto cube = saturatingShiftLeft(ops, ops.highMul(ops.highMul(y, y), y), 6);
    y = saturatingShiftLeft(ops,
                            ops.sub(ops.highMul(c((1 << 28) + (1 << 27)), y),
                                    ops.highMul(half, cube)),
                            3);
  }
  y = ops.highMul(y, c(1518500250)); // √½
  auto zero = c(0);
  y = ops.shiftLeft(y, ops.max(ops.sub(zero, shift), zero));
  auto isTiny = ops.isGreater(c(2), x);
  return {ops.select(isTiny, c(std::numeric_limits<int32_t>::max()), y),
          ops.select(isTiny, zero, ops.max(shift, zero))};
}

} // namespace qcc::arith

#endif // QCC_ARITHMETIC_FIXEDPOINTFUNCTIONS_H
