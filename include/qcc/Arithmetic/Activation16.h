// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The 16-bit fixed-point logistic function and hyperbolic tangent of TFLite's
// integer LSTM (gemmlowp's, on int16). A value in Qn.m has n integer bits, m
// fractional bits and a sign: n + m = 15.
//
// Each is written once, over an `Ops` that says what a value is: an int32 for
// the definition, lanes of i32 for generated code. `Ops` has
//
//   Value constant(int32_t), add(a, b), sub(a, b), mul(a, b), min(a, b),
//   max(a, b), shl(a, bits), shr(a, bits), bitAnd(a, mask),
//   selectZero(x, ifZero, otherwise), selectNegative(x, ifNegative, otherwise)
//
// on 32-bit integers. Intermediate values fit into 16 bits, so that what the
// origin computes modulo 2^16 is computed without wrapping here, and a product
// of two fits into 32.

#ifndef QCC_ARITHMETIC_ACTIVATION16_H
#define QCC_ARITHMETIC_ACTIVATION16_H

#include <algorithm>
#include <cstdint>

namespace qcc::arith {

template <typename Ops> class Activation16 {
public:
  using Value = typename Ops::Value;
  explicit Activation16(Ops &operations) : ops(operations) {}

  /// 1/(1 + exp(−x)) as Q0.15 of x in Q`integerBits`.
  Value logistic(Value x, int integerBits) {
    Value zero = ops.constant(0);
    Value negated = ops.sub(zero, x);
    // −|x|, which 16 bits hold for every x.
    Value negative = ops.min(x, negated);
    Value positive = oneOverOnePlus(expOnNegative(negative, integerBits),
                                    /*minusOne=*/false);
    Value result =
        ops.selectNegative(x, ops.sub(ops.constant(one), positive), positive);
    return ops.selectZero(x, ops.constant(1 << 14), result);
  }

  /// tanh(x) as Q0.15 of x in Q`integerBits`.
  Value tanh(Value x, int integerBits) {
    Value zero = ops.constant(0);
    Value negative = ops.min(x, ops.sub(zero, x));
    // The same bits with one more before the point are 2x.
    Value magnitude = oneOverOnePlus(expOnNegative(negative, integerBits + 1),
                                     /*minusOne=*/true);
    Value result = ops.selectNegative(x, ops.sub(zero, magnitude), magnitude);
    return ops.selectZero(x, zero, result);
  }

  /// round(x / 2^bits), half away from zero, of |x| + 2^(bits − 1) < 2^31.
  Value divideByPOT(Value x, int bits) {
    if (bits == 0)
      return x;
    Value biased = ops.add(ops.add(x, ops.shr(x, 31)),
                           ops.constant(int32_t{1} << (bits - 1)));
    return ops.shr(biased, bits);
  }

  /// x cut to 16 bits.
  Value saturate(Value x) {
    return ops.min(ops.max(x, ops.constant(-32768)), ops.constant(32767));
  }

private:
  static constexpr int32_t one = 32767;

  /// round(a · b / 2^15), half up; not for −2^15 · −2^15.
  Value multiply(Value a, Value b) {
    return ops.shr(ops.add(ops.mul(a, b), ops.constant(1 << 14)), 15);
  }

  /// exp(a) for a Q0.15 argument in [−1/4, 0): a Taylor polynomial of the
  /// fourth order about −1/8.
  Value expBelowZero(Value a) {
    Value constantTerm = ops.constant(28918); // exp(−1/8)
    Value third = ops.constant(10923);
    Value x = ops.add(a, ops.constant(1 << 12));
    Value x2 = multiply(x, x);
    Value x3 = multiply(x2, x);
    Value x4 = multiply(x2, x2);
    Value sum = ops.add(multiply(ops.add(divideByPOT(x4, 2), x3), third), x2);
    Value polynomial = ops.add(x, divideByPOT(sum, 1));
    return saturate(ops.add(constantTerm, multiply(constantTerm, polynomial)));
  }

  /// exp(a) as Q0.15 for a <= 0 in Q`integerBits`.
  Value expOnNegative(Value a, int integerBits) {
    int fraction = 15 - integerBits;
    int32_t quarter = int32_t{1} << (fraction - 2);
    Value reduced = ops.sub(ops.bitAnd(a, quarter - 1), ops.constant(quarter));
    Value result = expBelowZero(ops.shl(reduced, integerBits));
    Value remainder = ops.sub(reduced, a);
    // exp(−2^k) as Q0.15, k = −2 … 4.
    constexpr int32_t factors[] = {25520, 19875, 12055, 4435, 600, 11, 0};
    for (int k = -2; k < integerBits && k <= 4; ++k)
      result = ops.selectZero(
          ops.bitAnd(remainder, int32_t{1} << (fraction + k)), result,
          multiply(result, ops.constant(factors[k + 2])));
    if (integerBits > 5) {
      // Below −32 it is 0.
      Value above =
          ops.sub(a, ops.constant(-(int32_t{1} << (20 - integerBits))));
      result = ops.selectNegative(above, ops.constant(0), result);
    }
    return ops.selectZero(a, ops.constant(one), result);
  }

  /// 1/(1 + a), or (1 − a)/(1 + a), as Q0.15 of a >= 0 in Q0.15: three
  /// Newton-Raphson steps from 48/17 − 32/17·d in Q2.13, d = (1 + a)/2.
  Value oneOverOnePlus(Value a, bool minusOne) {
    Value half = ops.shr(ops.add(a, ops.constant(one + 1)), 1);
    Value x =
        ops.add(ops.constant(23130), multiply(half, ops.constant(-15420)));
    for (int step = 0; step < 3; ++step) {
      Value rest = ops.sub(ops.constant(1 << 13), multiply(half, x));
      x = ops.add(x, saturate(ops.shl(multiply(x, rest), 2)));
    }
    return minusOne ? saturate(ops.shl(ops.sub(x, ops.constant(1 << 13)), 2))
                    : saturate(ops.shl(x, 1));
  }

  Ops &ops;
};

/// The definition: plain integers.
struct IntegerOps {
  using Value = int32_t;
  Value constant(int32_t c) { return c; }
  Value add(Value a, Value b) { return a + b; }
  Value sub(Value a, Value b) { return a - b; }
  Value mul(Value a, Value b) { return a * b; }
  Value min(Value a, Value b) { return std::min(a, b); }
  Value max(Value a, Value b) { return std::max(a, b); }
  Value shl(Value a, int bits) { return a * (int32_t{1} << bits); }
  Value shr(Value a, int bits) { return a >> bits; }
  Value bitAnd(Value a, int32_t mask) { return a & mask; }
  Value selectZero(Value x, Value a, Value b) { return x == 0 ? a : b; }
  Value selectNegative(Value x, Value a, Value b) { return x < 0 ? a : b; }
};

} // namespace qcc::arith

#endif // QCC_ARITHMETIC_ACTIVATION16_H
