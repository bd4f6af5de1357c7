// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The loops of element-wise operations. See the header.

#include "PointwiseKernel.h"

#include "ElementwiseKernels.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace qcc {

FailureOr<KernelChoice> PointwiseKernel::match(qnn::LayerOp layer,
                                               const TargetFacts &facts,
                                               std::string &why) const {
  if (!isSingleOp(layer, why))
    return failure();
  std::optional<PointwiseChoice> choice =
      rule.match(getAnchorOp(layer), facts, why);
  if (!choice)
    return failure();
  return makeRowwiseChoice(layer, facts, choice->lanes,
                           choice->cyclesPerVector);
}

LogicalResult PointwiseKernel::emit(LayerEmitter &e) const {
  Operation *op = getAnchorOp(e.layer);
  std::string why;
  std::optional<PointwiseChoice> choice = rule.match(op, e.facts, why);
  if (!choice)
    return op->emitOpError(why);
  PointwiseBody body = rule.emit(e, op);
  const TensorView &out = e.outputs[0];
  SmallVector<TensorView, 3> operands;
  for (auto [k, operand] : llvm::enumerate(op->getOperands()))
    operands.push_back(broadcastView(
        viewOperand(e, operand, "operand" + std::to_string(k)), out.type));
  SmallVector<const TensorView *, 4> views = {&out};
  for (const TensorView &operand : operands)
    views.push_back(&operand);
  auto prepare = [&](size_t k, Value value) {
    return k < body.prepare.size() && body.prepare[k] ? body.prepare[k](value)
                                                      : value;
  };
  forEachBroadcastRun(
      e, views,
      [&](ArrayRef<Value> at, ArrayRef<bool> isRepeated, int64_t count) {
        SmallVector<Value, 3> repeated(operands.size());
        for (size_t k = 0; k < operands.size(); ++k)
          if (isRepeated[k + 1])
            repeated[k] = prepare(k, e.load(operands[k].memref, at[k + 1], 1));
        e.forEachVector(count, choice->lanes, [&](Value offset, int64_t width) {
          SmallVector<Value, 3> values;
          for (size_t k = 0; k < operands.size(); ++k)
            values.push_back(
                repeated[k]
                    ? e.splat(repeated[k], width)
                    : prepare(k, e.load(operands[k].memref,
                                        e.add(at[k + 1], offset), width)));
          e.store(body.combine(values), out.memref, e.add(at[0], offset));
        });
      });
  return success();
}

arith::IntRange centredRange(Type type) {
  auto [lo, hi] = qnn::storageRange(type);
  int64_t zero = qnn::zeroPointOf(type);
  return {lo - zero, hi - zero};
}

RangedValue emitCentred(LayerEmitter &e, Value stored, Type type) {
  int64_t zero = qnn::zeroPointOf(type);
  Value wide = e.extend(stored, e.b.getI32Type(), qnn::isSignedStorage(type));
  if (zero != 0)
    wide = mlir::arith::SubIOp::create(e.b, wide,
                                       e.constant(wide.getType(), zero));
  return {wide, centredRange(type)};
}

Value emitFinish(LayerEmitter &e, RangedValue x, Type type,
                 qnn::ClampAttr clamp) {
  auto [lo, hi] = qnn::integerClamp(clamp, type);
  int64_t zero = qnn::zeroPointOf(type);
  Value result =
      clampInteger(e, x.value, lo - zero, hi - zero, x.range.lo, x.range.hi);
  if (zero != 0)
    result = mlir::arith::AddIOp::create(e.b, result,
                                         e.constant(result.getType(), zero));
  return resizeInteger(e, result, memoryTypeOf(type), /*isSigned=*/true);
}

Value emitSelect(LayerEmitter &e, Value condition, Value yes, Value no) {
  return mlir::arith::SelectOp::create(e.b, condition, yes, no);
}

bool roundsInFixedPoint(Operation *op, std::string &why) {
  auto rounding = op->getAttrOfType<qnn::RoundingAttr>("rounding");
  if (!rounding || (rounding.getValue() != qnn::Rounding::HalfEvenFloat &&
                    rounding.getValue() != qnn::Rounding::Onnx))
    return true;
  why = (qnn::stringifyRounding(rounding.getValue()) + " is not defined for it")
            .str();
  return false;
}

void populatePointwiseKernels(KernelSet &kernels) {
  for (ArrayRef<PointwiseRule> rules : {fixedPointRules(), plainRules()})
    for (const PointwiseRule &rule : rules)
      kernels.add(std::make_unique<PointwiseKernel>(rule));
}

} // namespace qcc
