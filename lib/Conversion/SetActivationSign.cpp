// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-set-activation-sign: dot instructions want one sign of activations
// (vpdpbusd unsigned, sdot signed). A stored value q with zero point z and q ±
// 128 with z ± 128 are the same real number, so tensors inside the model change
// their type to the wanted sign where every operation that touches them depends
// on q − z alone. What either sign can say, as it can small values, is not
// shifted.

#include "qcc/Conversion/Passes.h"
#include "qcc/Conversion/TargetAttr.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"

#include "llvm/ADT/EquivalenceClasses.h"

#include "Kernels/DotForm.h"

namespace qcc {
#define GEN_PASS_DEF_SETACTIVATIONSIGN
#include "qcc/Conversion/Passes.h.inc"
} // namespace qcc

using namespace mlir;
using namespace qcc;

namespace {

/// The 8-bit per-tensor element type of \p type, or null when it has none.
quant::UniformQuantizedType byteOf(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  auto q = tensor ? dyn_cast_or_null<quant::UniformQuantizedType>(
                        qnn::quantizedTypeOf(tensor))
                  : nullptr;
  return q && q.getStorageTypeIntegralWidth() == 8 ? q : nullptr;
}

/// What stored values of \p q change by with its sign: nothing where either
/// sign has all of them.
int64_t shiftOf(quant::UniformQuantizedType q) {
  int64_t zero = q.getZeroPoint();
  if (q.isSigned())
    return std::min(q.getStorageTypeMin(), zero) >= 0 ? 0 : 128;
  return std::max(q.getStorageTypeMax(), zero) <= INT8_MAX ? 0 : -128;
}

/// The same 8-bit per-tensor type with the other sign, or null when \p type is
/// none.
RankedTensorType flipped(Type type) {
  quant::UniformQuantizedType q = byteOf(type);
  if (!q)
    return {};
  auto tensor = cast<RankedTensorType>(type);
  int64_t shift = shiftOf(q);
  unsigned flags = q.isSigned() ? 0 : quant::QuantizationFlags::Signed;
  Type element = quant::UniformQuantizedType::get(
      flags, q.getStorageType(), q.getExpressedType(), q.getScale(),
      q.getZeroPoint() + shift, q.getStorageTypeMin() + shift,
      q.getStorageTypeMax() + shift);
  if (qnn::isBipolar(tensor))
    element = qnn::BipolarType::get(cast<quant::UniformQuantizedType>(element));
  return RankedTensorType::get(tensor.getShape(), element);
}

/// Multiplies activations by weights with a dot instruction.
bool isMac(Operation *op) {
  return isa<qnn::Conv2DOp, qnn::FullyConnectedOp>(op) &&
         !qnn::hasWideAccumulator(op);
}

/// A cast whose operand and result shift together.
bool keepsBytes(Operation *op) {
  if (!isa<qnn::CastOp>(op))
    return false;
  auto from = byteOf(op->getOperand(0).getType()),
       to = byteOf(op->getResult(0).getType());
  return from && to && from.isSigned() == to.isSigned() &&
         shiftOf(from) == shiftOf(to);
}

/// Depends on q − z alone. Average pooling does not: it rounds the mean of
/// stored values half away from zero.
bool isShiftInvariant(Operation *op) {
  if (auto move = dyn_cast<qnn::MoveOpInterface>(op))
    return !move.getFill();
  if (qnn::hasWideAccumulator(op))
    return false;
  if (isa<qnn::CastOp>(op))
    return keepsBytes(op);
  if (auto requantize = dyn_cast<qnn::RequantizeOp>(op))
    return !requantize.getFloatAffine();
  return isMac(op) ||
         isa<qnn::AbsOp, qnn::AddOp, qnn::ArgMaxOp, qnn::ArgMinOp,
             qnn::BatchMatMulOp, qnn::CompareOp, qnn::DepthwiseConv2DOp,
             qnn::DequantizeOp, qnn::EluOp, qnn::GatherOp, qnn::GatherNDOp,
             qnn::GeluOp, qnn::HardSwishOp, qnn::LeakyReluOp, qnn::LogSoftmaxOp,
             qnn::LogisticOp, qnn::MaxPool2DOp, qnn::MaximumOp, qnn::MeanOp,
             qnn::MinimumOp, qnn::MulOp, qnn::PreluOp, qnn::QuantizeOp,
             qnn::ReduceMaxOp, qnn::ReduceMinOp, qnn::ReshapeOp,
             qnn::ResizeNearestOp, qnn::SoftmaxOp, qnn::SquaredDifferenceOp,
             qnn::SubOp, qnn::SumOp, qnn::TableOp, qnn::TanhOp, qnn::TopKOp,
             qnn::TransposeConv2DOp>(op);
}

/// Operand and result have the same element type, or stored values in common,
/// so they flip together or not at all.
bool tiesTypes(Operation *op) {
  return keepsBytes(op) ||
         isa<qnn::GatherOp, qnn::GatherNDOp, qnn::MaxPool2DOp, qnn::MaximumOp,
             qnn::MinimumOp, qnn::ReduceMaxOp, qnn::ReduceMinOp, qnn::ReshapeOp,
             qnn::ResizeNearestOp, qnn::MoveOpInterface>(op);
}

/// What the weights of `op` less their zero points are at most in magnitude;
/// nothing where they are no constant.
std::optional<int64_t> greatestWeight(Operation *op) {
  DenseIntElementsAttr weights;
  if (!matchPattern(op->getOperand(1), m_Constant(&weights)))
    return std::nullopt;
  Type type = op->getOperand(1).getType();
  auto channels = cast<RankedTensorType>(op->getResult(0).getType());
  int64_t leastZero = INT64_MAX, mostZero = INT64_MIN, greatest = 0;
  for (int64_t o = 0; o < channels.getShape().back(); ++o) {
    leastZero = std::min(leastZero, qnn::zeroPointOf(type, o));
    mostZero = std::max(mostZero, qnn::zeroPointOf(type, o));
  }
  bool isSigned = qnn::isSignedStorage(type);
  for (const APInt &weight : weights) {
    int64_t w = isSigned ? weight.getSExtValue()
                         : static_cast<int64_t>(weight.getZExtValue());
    greatest = std::max({greatest, w - leastZero, mostZero - w});
  }
  return greatest;
}

/// The form that most products of `func` are for: that of narrow sums where
/// their weights are small enough.
DotForm chooseForm(func::FuncOp func, const TargetFacts &facts) {
  DotForm best = DotForm::choose(facts, /*isFloat=*/false);
  for (DotForm &form : DotForm::getCandidates(facts, false, false)) {
    if (!form.instructions->hasNarrowSums())
      continue;
    int64_t narrow = 0, all = 0;
    func.walk([&](Operation *op) {
      if (!isMac(op))
        return;
      int64_t macs = cast<qnn::CostOpInterface>(op).getMacs();
      all += macs;
      std::optional<int64_t> greatest = greatestWeight(op);
      form.greatestWeight = greatest.value_or(0);
      if (greatest && form.instructions->suits(form, 0))
        narrow += macs;
    });
    if (2 * narrow > all)
      best = form;
  }
  return best;
}

struct SetActivationSignPass
    : qcc::impl::SetActivationSignBase<SetActivationSignPass> {
  void runOnOperation() override {
    FailureOr<TargetFacts> facts = readTargetFacts(getOperation());
    if (failed(facts))
      return signalPassFailure();
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      DotForm form = chooseForm(func, *facts);
      if (!form.flipsSign(false) && !form.flipsSign(true) &&
          !form.prefersUnsigned)
        continue;
      wantSigned = form.flipsSign(/*activationsSigned=*/false);
      run(func);
    }
  }

  bool isWrongSign(Value value) {
    return flipped(value.getType()) &&
           qnn::isSignedStorage(value.getType()) != wantSigned;
  }

  void run(func::FuncOp func) {
    llvm::EquivalenceClasses<void *> tied;
    DenseSet<void *> fixed;
    SmallVector<Value> values;
    auto consider = [&](Value value) {
      if (!isWrongSign(value))
        return;
      values.push_back(value);
      tied.insert(value.getAsOpaquePointer());
      Operation *producer = value.getDefiningOp();
      bool free = producer && isShiftInvariant(producer) &&
                  llvm::all_of(value.getUsers(), isShiftInvariant);
      if (!free)
        fixed.insert(value.getAsOpaquePointer());
      if (producer && tiesTypes(producer))
        for (Value operand : producer->getOperands())
          tied.unionSets(operand.getAsOpaquePointer(),
                         value.getAsOpaquePointer());
    };
    // The caller's tensors keep their type; what multiplies them reads a
    // shifted copy, unless they may be read as bits, which have no sign.
    OpBuilder builder(func.getBody());
    for (BlockArgument argument : func.getArguments())
      if (isWrongSign(argument) && !qnn::bitCodeOf(argument.getType()) &&
          llvm::any_of(argument.getUsers(), isMac)) {
        auto copy = qnn::RequantizeOp::create(
            builder, argument.getLoc(), flipped(argument.getType()), argument);
        argument.replaceUsesWithIf(
            copy, [](OpOperand &use) { return isMac(use.getOwner()); });
        ++numShifted;
      }
    for (BlockArgument argument : func.getArguments())
      consider(argument);
    func.walk([&](Operation *op) {
      for (Value result : op->getResults())
        if (isa_and_nonnull<qnn::QNNDialect>(op->getDialect()))
          consider(result);
    });
    DenseSet<void *> fixedLeaders;
    for (void *value : fixed)
      fixedLeaders.insert(tied.getLeaderValue(value));
    for (Value value : values)
      if (!fixedLeaders.contains(
              tied.getLeaderValue(value.getAsOpaquePointer())))
        flip(value);
  }

  void flip(Value value) {
    int64_t shift = shiftOf(byteOf(value.getType()));
    value.setType(flipped(value.getType()));
    Operation *op = value.getDefiningOp();
    if (auto clamp = op->getAttrOfType<qnn::ClampAttr>("clamp"))
      op->setAttr("clamp",
                  qnn::ClampAttr::get(
                      &getContext(), clamp.getLo() + static_cast<double>(shift),
                      clamp.getHi() + static_cast<double>(shift)));
    // Tables count from the least byte of a sign, where the stored values are
    // the same under either.
    if (shift == 0) {
      if (auto table = dyn_cast<qnn::TableOp>(op))
        changeTable(table, /*ofResult=*/true);
      for (OpOperand &use : value.getUses())
        if (auto table = dyn_cast<qnn::TableOp>(use.getOwner()))
          changeTable(table, /*ofResult=*/false);
    }
    ++numFlipped;
  }

  /// The same function where its results, or what it is of, change sign alone.
  static void changeTable(qnn::TableOp op, bool ofResult) {
    auto table = cast<DenseIntElementsAttr>(op.getTable());
    auto entries = llvm::to_vector(table.getValues<APInt>());
    SmallVector<APInt> changed;
    for (size_t i = 0, e = entries.size(); i < e; ++i)
      changed.push_back(ofResult ? entries[i] ^ 128 : entries[i ^ 128]);
    op.setTableAttr(DenseIntElementsAttr::get(table.getType(), changed));
  }

  bool wantSigned = true;
};

} // namespace
