// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Comparisons, logic and selection with broadcasting.

#include "Broadcast.h"
#include "OpModels.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

using namespace mlir;

namespace qcc::reference {

namespace {

template <typename T> bool holds(qnn::Predicate predicate, T a, T b) {
  switch (predicate) {
  case qnn::Predicate::Equal:
    return a == b;
  case qnn::Predicate::NotEqual:
    return a != b;
  case qnn::Predicate::Less:
    return a < b;
  case qnn::Predicate::LessEqual:
    return a <= b;
  case qnn::Predicate::Greater:
    return a > b;
  case qnn::Predicate::GreaterEqual:
    return a >= b;
  }
  return false;
}

LogicalResult interpretCompare(qnn::CompareOp op, ArrayRef<RefTensor> operands,
                               MutableArrayRef<RefTensor> results) {
  RefTensor &result = results[0];
  qnn::Predicate predicate = op.getPredicate();
  if (operands[0].isFloat()) {
    ArrayRef<float> lhs = operands[0].floats(), rhs = operands[1].floats();
    forEachBroadcast<2>(
        result.getShape(), {operands[0].getShape(), operands[1].getShape()},
        [&](int64_t at, std::array<int64_t, 2> from) {
          result.ints()[at] = holds(predicate, lhs[from[0]], rhs[from[1]]);
        });
    return success();
  }
  Type lhs = op.getLhs().getType(), rhs = op.getRhs().getType();
  if (!qnn::isQuantized(lhs) || qnn::bytesPerElement(lhs) != 1) {
    mapIntegers(operands, result, [&](int64_t a, int64_t b) -> int64_t {
      return holds(predicate, a, b);
    });
    return success();
  }
  // TFLite brings both to the scale 1, with 8 bits after the point.
  constexpr int leftShift = 8;
  auto scale = [&](Type type) {
    return [m = arith::quantizeMultiplier(qnn::scaleOf(type)),
            zero = qnn::zeroPointOf(type)](int64_t x) {
      return arith::multiplyByQuantizedMultiplier(
          wrapToInt32((x - zero) * (1 << leftShift)), m);
    };
  };
  auto scaleLhs = scale(lhs), scaleRhs = scale(rhs);
  mapIntegers(operands, result, [&](int64_t a, int64_t b) -> int64_t {
    return holds(predicate, scaleLhs(a), scaleRhs(b));
  });
  return success();
}

LogicalResult interpretAnd(qnn::LogicalAndOp, ArrayRef<RefTensor> operands,
                           MutableArrayRef<RefTensor> results) {
  mapIntegers(operands, results[0], [](int64_t a, int64_t b) { return a & b; });
  return success();
}

LogicalResult interpretOr(qnn::LogicalOrOp, ArrayRef<RefTensor> operands,
                          MutableArrayRef<RefTensor> results) {
  mapIntegers(operands, results[0], [](int64_t a, int64_t b) { return a | b; });
  return success();
}

LogicalResult interpretSelect(qnn::SelectOp, ArrayRef<RefTensor> operands,
                              MutableArrayRef<RefTensor> results) {
  RefTensor &result = results[0];
  ArrayRef<int64_t> condition = operands[0].ints();
  auto select = [&](auto lhs, auto rhs, auto out) {
    forEachBroadcast<3>(result.getShape(),
                        {operands[0].getShape(), operands[1].getShape(),
                         operands[2].getShape()},
                        [&](int64_t at, std::array<int64_t, 3> from) {
                          out[at] =
                              condition[from[0]] ? lhs[from[1]] : rhs[from[2]];
                        });
  };
  if (result.isFloat())
    select(operands[1].floats(), operands[2].floats(), result.floats());
  else
    select(operands[1].ints(), operands[2].ints(), result.ints());
  return success();
}

} // namespace

void attachCompareModels(MLIRContext *context) {
  attach<qnn::CompareOp, interpretCompare>(context);
  attach<qnn::LogicalAndOp, interpretAnd>(context);
  attach<qnn::LogicalOrOp, interpretOr>(context);
  attach<qnn::SelectOp, interpretSelect>(context);
}

} // namespace qcc::reference
