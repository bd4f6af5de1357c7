// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The loops of element-wise operations. See the header.

#include "PointwiseKernel.h"

#include "ElementwiseKernels.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <limits>

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

namespace {

/// One operation of a layer and what it computes.
struct PointwiseStep {
  Operation *op;
  PointwiseBody body;

  /// What the operation makes of `value`, an element of operand `k`.
  Value prepare(size_t k, Value value) const {
    return k < body.prepare.size() && body.prepare[k] ? body.prepare[k](value)
                                                      : value;
  }
};

/// The loops around `steps`, of which the last makes the layer's result and the
/// others make operands of later ones.
void emitSteps(LayerEmitter &e, ArrayRef<PointwiseStep> steps, int64_t lanes) {
  const TensorView &out = e.outputs[0];
  llvm::SmallDenseSet<Value> made;
  for (const PointwiseStep &step : steps)
    made.insert(step.op->getResult(0));
  // Each operand that is read, at each of its places.
  struct Read {
    TensorView view;
    Value repeated;
  };
  SmallVector<SmallVector<std::optional<Read>, 3>, 2> reads(steps.size());
  SmallVector<const TensorView *, 4> views = {&out};
  unsigned number = 0;
  for (auto [step, places] : llvm::zip(steps, reads))
    for (Value operand : step.op->getOperands()) {
      places.emplace_back();
      if (made.contains(operand))
        continue;
      std::string suffix = "operand" + std::to_string(number++);
      places.back() =
          Read{broadcastView(viewOperand(e, operand, suffix), out.type), {}};
    }
  for (auto &places : reads)
    for (std::optional<Read> &read : places)
      if (read)
        views.push_back(&read->view);
  forEachBroadcastRun(
      e, views,
      [&](ArrayRef<Value> at, ArrayRef<bool> isRepeated, int64_t count) {
        size_t view = 0;
        for (auto [step, places] : llvm::zip(steps, reads))
          for (auto [k, read] : llvm::enumerate(places))
            if (read && isRepeated[++view])
              read->repeated =
                  step.prepare(k, e.load(read->view.memref, at[view], 1));
        e.forEachVector(count, lanes, [&](Value offset, int64_t width) {
          llvm::SmallDenseMap<Value, Value> results;
          Value last;
          size_t at1 = 0;
          for (auto [step, places] : llvm::zip(steps, reads)) {
            SmallVector<Value, 3> values;
            for (auto [k, read] : llvm::enumerate(places)) {
              if (!read) {
                values.push_back(
                    step.prepare(k, results.at(step.op->getOperand(k))));
                continue;
              }
              Value start = at[++at1];
              values.push_back(
                  isRepeated[at1]
                      ? e.splat(read->repeated, width)
                      : step.prepare(k, e.load(read->view.memref,
                                               e.add(start, offset), width)));
            }
            last = step.body.combine(values);
            results[step.op->getResult(0)] = last;
          }
          e.store(last, out.memref, e.add(at[0], offset));
        });
      });
}

/// The rule that computes `op` on `facts` in the fewest cycles, and its choice.
struct MatchedRule {
  const PointwiseRule *rule;
  PointwiseChoice choice;
};

std::optional<MatchedRule> findRule(Operation *op, const TargetFacts &facts) {
  StringRef name = op->getName().stripDialect();
  auto cycles = [](const PointwiseChoice &choice) {
    return choice.cyclesPerVector / static_cast<double>(choice.lanes);
  };
  std::optional<MatchedRule> best;
  std::string why;
  for (ArrayRef<PointwiseRule> rules :
       {fixedPointRules(), plainRules(), quantizeRules()})
    for (const PointwiseRule &rule : rules)
      if (rule.op == name)
        if (auto choice = rule.match(op, facts, why);
            choice && (!best || cycles(*choice) < cycles(best->choice)))
          best = {&rule, *choice};
  return best;
}

/// Several operations, each of which some rule computes, on elements that stay
/// in registers from the first to the last.
class FusedPointwiseKernel : public Kernel {
public:
  StringRef getName() const override { return "fused.pointwise"; }
  StringRef getAnchor() const override {
    return qnn::LayerOp::getOperationName();
  }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    SmallVector<Operation *> ops = getOps(layer);
    auto type = cast<RankedTensorType>(layer.getResult(0).getType());
    if (layer->getNumResults() != 1 || ops.empty() ||
        layer.getBody().front().getTerminator()->getOperand(0) !=
            ops.back()->getResult(0)) {
      why = "the layer does not yield the last operation's result alone";
      return failure();
    }
    // What one operation stores and the next one loads again is saved.
    double cycles = kCyclesOfCopy;
    int64_t lanes = std::numeric_limits<int64_t>::max();
    for (Operation *op : ops) {
      if (op->getNumResults() != 1 ||
          cast<RankedTensorType>(op->getResult(0).getType()).getShape() !=
              type.getShape()) {
        why = "the operations' results are not of one shape";
        return failure();
      }
      std::optional<MatchedRule> matched = findRule(op, facts);
      if (!matched) {
        why = (op->getName().getStringRef() + " is not computed by elements")
                  .str();
        return failure();
      }
      lanes = std::min(lanes, matched->choice.lanes);
      cycles += std::max(matched->choice.cyclesPerVector - kCyclesOfCopy, 0.0);
    }
    return makeRowwiseChoice(layer, facts, lanes, cycles);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    SmallVector<PointwiseStep, 4> steps;
    int64_t lanes = std::numeric_limits<int64_t>::max();
    for (Operation *op : getOps(e.layer)) {
      std::optional<MatchedRule> matched = findRule(op, e.facts);
      if (!matched)
        return op->emitOpError("is not computed by elements");
      lanes = std::min(lanes, matched->choice.lanes);
      steps.push_back({op, matched->rule->emit(e, op)});
    }
    emitSteps(e, steps, lanes);
    return success();
  }

private:
  static SmallVector<Operation *> getOps(qnn::LayerOp layer) {
    SmallVector<Operation *> ops;
    for (Operation &op : layer.getBody().front())
      if (!isa<qnn::ConstantOp, qnn::YieldOp>(op))
        ops.push_back(&op);
    return ops;
  }
};

} // namespace

LogicalResult PointwiseKernel::emit(LayerEmitter &e) const {
  Operation *op = getAnchorOp(e.layer);
  std::string why;
  std::optional<PointwiseChoice> choice = rule.match(op, e.facts, why);
  if (!choice)
    return op->emitOpError(why);
  emitSteps(e, {{op, rule.emit(e, op)}}, choice->lanes);
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
  for (ArrayRef<PointwiseRule> rules :
       {fixedPointRules(), plainRules(), quantizeRules()})
    for (const PointwiseRule &rule : rules)
      kernels.add(std::make_unique<PointwiseKernel>(rule));
  kernels.add(std::make_unique<FusedPointwiseKernel>());
}

} // namespace qcc
