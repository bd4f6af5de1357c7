// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One kernel for all element-wise operations with broadcasting, and for layers
// of several: loops over runs of the result, in which each operand is
// contiguous or one repeated element, around what rules compute in registers.

#ifndef QCC_LIB_CONVERSION_KERNELS_POINTWISEKERNEL_H
#define QCC_LIB_CONVERSION_KERNELS_POINTWISEKERNEL_H

#include "FixedPoint.h"
#include "KernelSupport.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace qcc {

/// Of a vector that is loaded and stored as it is.
inline constexpr double kCyclesOfCopy = 1.5;

/// How many elements are computed at once, and what they cost.
struct PointwiseChoice {
  int64_t lanes = 1;
  double cyclesPerVector = 2;
};

/// What is computed, emitted for any number of lanes.
struct PointwiseBody {
  /// What becomes of operand k's elements as they are read; nothing: they stay.
  /// Done once for an element that a run repeats.
  llvm::SmallVector<std::function<mlir::Value(mlir::Value)>, 3> prepare;
  /// The result's elements, as they are stored.
  std::function<mlir::Value(llvm::ArrayRef<mlir::Value>)> combine;
};

struct PointwiseRule {
  llvm::StringRef op, method;
  /// Nothing, with the reason in `why`, where the rule does not apply.
  std::optional<PointwiseChoice> (*match)(mlir::Operation *op,
                                          const TargetFacts &facts,
                                          std::string &why);
  PointwiseBody (*emit)(LayerEmitter &e, mlir::Operation *op);
};

class PointwiseKernel : public UnaryKernel {
public:
  explicit PointwiseKernel(const PointwiseRule &pointwiseRule)
      : UnaryKernel(pointwiseRule.op, pointwiseRule.method),
        rule(pointwiseRule) {}
  mlir::FailureOr<KernelChoice> match(qnn::LayerOp layer,
                                      const TargetFacts &facts,
                                      std::string &why) const override;
  mlir::LogicalResult emit(LayerEmitter &emitter) const override;

private:
  PointwiseRule rule;
};

/// \name Pieces of rules
/// @{
/// A stored value less its zero point as i32, and its range.
RangedValue emitCentred(LayerEmitter &e, mlir::Value stored, mlir::Type type);
arith::IntRange centredRange(mlir::Type type);
/// z + x clamped to the bounds of `clamp` and `type`, as it is stored.
mlir::Value emitFinish(LayerEmitter &e, RangedValue x, mlir::Type type,
                       qnn::ClampAttr clamp = {});
/// a `predicate` b ? yes : no.
mlir::Value emitSelect(LayerEmitter &e, mlir::Value condition, mlir::Value yes,
                       mlir::Value no);
/// Whether `op` rounds as TFLite's fixed point; else false with the reason.
bool roundsInFixedPoint(mlir::Operation *op, std::string &why);
/// The predicate of integers.
mlir::arith::CmpIPredicate integerPredicate(qnn::Predicate predicate,
                                            bool isSigned);
/// @}

llvm::ArrayRef<PointwiseRule> fixedPointRules();
llvm::ArrayRef<PointwiseRule> plainRules();
llvm::ArrayRef<PointwiseRule> quantizeRules();

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_POINTWISEKERNEL_H
