// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The element-wise kernels together, and transcendental functions of floats.

#include "ElementwiseKernels.h"
#include "KernelSupport.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;

namespace qcc {

/// 1/(1 + exp(−x)), from exp of a non-positive argument alone so that nothing
/// overflows: with z = exp(−|x|) it is 1/(1 + z) for x ≥ 0 and z/(1 + z) below.
/// Below −9 TFLite, and so the definition, takes exp(x).
Value emitLogistic(LayerEmitter &e, Value x) {
  Value z = emitExp(
      e, mlir::arith::NegFOp::create(e.b, math::AbsFOp::create(e.b, x)));
  Value one = e.constantFloat(x.getType(), 1);
  auto select = [&](mlir::arith::CmpFPredicate predicate, double bound,
                    Value yes, Value no) -> Value {
    Value condition = mlir::arith::CmpFOp::create(
        e.b, predicate, x, e.constantFloat(x.getType(), bound));
    return mlir::arith::SelectOp::create(e.b, condition, yes, no);
  };
  Value numerator = select(mlir::arith::CmpFPredicate::OGE, 0, one, z);
  Value denominator = select(mlir::arith::CmpFPredicate::OLT, -9, one,
                             mlir::arith::AddFOp::create(e.b, one, z));
  return mlir::arith::DivFOp::create(e.b, numerator, denominator);
}

Value emitExp(LayerEmitter &e, Value x) { return math::ExpOp::create(e.b, x); }

Value emitPower(LayerEmitter &e, Value x, Value y) {
  using P = mlir::arith::CmpFPredicate;
  Type type = x.getType();
  auto constant = [&](double c) { return e.constantFloat(type, c); };
  auto compare = [&](P predicate, Value a, Value b) -> Value {
    return mlir::arith::CmpFOp::create(e.b, predicate, a, b);
  };
  auto select = [&](Value condition, Value yes, Value no) -> Value {
    return mlir::arith::SelectOp::create(e.b, condition, yes, no);
  };
  auto both = [&](Value a, Value b) -> Value {
    return mlir::arith::AndIOp::create(e.b, a, b);
  };
  Value magnitude = math::AbsFOp::create(e.b, x);
  Value power = emitExp(e, mlir::arith::MulFOp::create(
                               e.b, y, math::LogOp::create(e.b, magnitude)));
  // Above 2^24 every float is an even integer.
  Value isInteger = compare(P::OEQ, math::TruncOp::create(e.b, y), y);
  Value half = mlir::arith::MulFOp::create(e.b, y, constant(0.5));
  Value isOdd =
      both(isInteger, compare(P::UNE, math::TruncOp::create(e.b, half), half));
  Value negated = mlir::arith::NegFOp::create(e.b, power);
  Value ofNegative = select(isInteger, select(isOdd, negated, power),
                            constant(std::numeric_limits<double>::quiet_NaN()));
  Value zero = constant(0), one = constant(1);
  Value result = select(compare(P::OLT, x, zero), ofNegative, power);
  // 0 to a positive, negative, and no power; and what is 1 whatever the other.
  Value ofZero = select(compare(P::OGT, y, zero), zero,
                        constant(std::numeric_limits<double>::infinity()));
  result = select(compare(P::OEQ, x, zero), ofZero, result);
  result = select(compare(P::OEQ, x, one), one, result);
  return select(compare(P::OEQ, y, zero), one, result);
}

void populateElementwiseKernels(KernelSet &kernels) {
  populateAddKernels(kernels);
  populateTableKernels(kernels);
  populateInterpolatedKernels(kernels);
  populatePointwiseKernels(kernels);
}

} // namespace qcc
