// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions of 16-bit values by the small tables that the definitions
// interpolate: exp by 513 entries of its own, logistic and tanh by 256 of the
// logistic function. One element at a time, since two entries are looked up.

#include "ElementwiseKernels.h"
#include "KernelSupport.h"

#include "qcc/Arithmetic/Functions.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;

namespace qcc {

namespace {

namespace A = mlir::arith;

/// Shorthand for scalar 32-bit integers.
class Words {
public:
  explicit Words(LayerEmitter &emitter) : e(emitter) {}
  Value c(int64_t value) { return e.constant(e.b.getI32Type(), value); }
  Value add(Value a, Value b) { return A::AddIOp::create(e.b, a, b); }
  Value sub(Value a, Value b) { return A::SubIOp::create(e.b, a, b); }
  Value mul(Value a, Value b) { return A::MulIOp::create(e.b, a, b); }
  Value shl(Value a, int64_t by) { return A::ShLIOp::create(e.b, a, c(by)); }
  Value ashr(Value a, int64_t by) { return A::ShRSIOp::create(e.b, a, c(by)); }
  Value lshr(Value a, int64_t by) { return A::ShRUIOp::create(e.b, a, c(by)); }
  Value mask(Value a, int64_t bits) {
    return A::AndIOp::create(e.b, a, c(bits));
  }
  Value select(A::CmpIPredicate predicate, Value a, Value b, Value yes,
               Value no) {
    Value condition = A::CmpIOp::create(e.b, predicate, a, b);
    return A::SelectOp::create(e.b, condition, yes, no);
  }
  /// Entry `index` of a table as i32.
  Value entry(Value table, Value index, bool isSigned) {
    Value at = A::IndexCastUIOp::create(e.b, e.b.getIndexType(), index);
    return e.extend(e.load(table, at, 1), e.b.getI32Type(), isSigned);
  }
  Value narrow(Value a) {
    return A::TruncIOp::create(e.b, e.b.getI16Type(), a);
  }

private:
  LayerEmitter &e;
};

class InterpolatedKernel : public UnaryKernel {
public:
  explicit InterpolatedKernel(StringRef op) : UnaryKernel(op, "interpolated") {}

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &,
                                std::string &why) const override {
    Operation *op = getAnchorOp(layer);
    if (!isSingleOp(layer, why))
      return failure();
    for (Type type : {op->getOperand(0).getType(), op->getResult(0).getType()})
      if (!qnn::isQuantized(type) || qnn::bytesPerElement(type) != 2 ||
          !qnn::isSignedStorage(type)) {
        why = "operand and result are not quantized with signed 16 bits";
        return failure();
      }
    return makeElementwiseChoice(layer, 1, 12);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    Operation *op = getAnchorOp(e.layer);
    Type from = op->getOperand(0).getType(), to = op->getResult(0).getType();
    auto scale = static_cast<float>(qnn::scaleOf(from));
    if (isa<qnn::ExpOp>(op)) {
      arith::InterpolatedTable table(
          [](float x) { return std::exp(x); }, scale,
          static_cast<int32_t>(qnn::zeroPointOf(from)),
          static_cast<float>(qnn::scaleOf(to)),
          static_cast<int32_t>(qnn::zeroPointOf(to)));
      Value entries = e.table("table", ArrayRef<int16_t>(table.values));
      emitUnary(e, 1, [&](Value x) { return emitLinear(e, entries, x); });
      return success();
    }
    arith::SigmoidTable table(scale, isa<qnn::TanhOp>(op));
    SmallVector<int16_t> values;
    for (uint16_t value : arith::SigmoidTable::values())
      values.push_back(static_cast<int16_t>(value));
    Value entries = e.table("table", ArrayRef<int16_t>(values));
    emitUnary(e, 1, [&](Value x) { return emitSigmoid(e, table, entries, x); });
    return success();
  }

private:
  /// InterpolatedTable's operator().
  static Value emitLinear(LayerEmitter &e, Value table, Value stored) {
    Words w(e);
    Value x = e.extend(stored, e.b.getI32Type(), /*isSigned=*/true);
    Value index =
        w.add(w.ashr(x, 7), w.c(arith::InterpolatedTable::intervals / 2));
    Value base = w.entry(table, index, true);
    Value slope =
        w.narrow(w.sub(w.entry(table, w.add(index, w.c(1)), true), base));
    slope = e.extend(slope, e.b.getI32Type(), /*isSigned=*/true);
    Value rise = w.add(w.mul(slope, w.mask(x, 127)), w.c(64));
    return w.narrow(w.add(base, w.ashr(rise, 7)));
  }

  /// SigmoidTable's operator().
  static Value emitSigmoid(LayerEmitter &e, const arith::SigmoidTable &f,
                           Value table, Value stored) {
    using P = A::CmpIPredicate;
    Words w(e);
    Value x = w.mul(e.extend(stored, e.b.getI32Type(), /*isSigned=*/true),
                    w.c(f.multiplier));
    if (f.shift > 0)
      x = w.ashr(w.add(x, w.c(int64_t{1} << (f.shift - 1))), f.shift);
    Value zero = w.c(0);
    Value magnitude = w.select(P::sge, x, zero, x, w.sub(zero, x));
    int64_t fraction = f.isTanh ? 8 : 9;
    Value index = w.lshr(magnitude, fraction);
    Value inside = w.select(P::ult, index, w.c(254), index, w.c(254));
    Value low = w.entry(table, inside, false);
    Value high = w.entry(table, w.add(inside, w.c(1)), false);
    Value part =
        w.mul(w.mask(magnitude, (1 << fraction) - 1), w.sub(high, low));
    Value value = w.add(w.shl(low, fraction), part);
    Value most = w.c(f.isTanh ? 0xffff << 8 : 0x7fff << 10);
    value = w.select(P::ult, index, w.c(255), value, most);
    if (f.isTanh) {
      Value positive = w.add(value, w.c(-(1 << 23) + (1 << 7)));
      Value negative = w.sub(w.c((1 << 23) + (1 << 7) - 1), value);
      return w.narrow(w.ashr(w.select(P::sge, x, zero, positive, negative), 8));
    }
    Value positive = w.add(value, w.c(1 << 9));
    Value negative = w.sub(w.c((1 << 25) + (1 << 9) - 1), value);
    return w.narrow(w.lshr(w.select(P::sge, x, zero, positive, negative), 10));
  }
};

} // namespace

void populateInterpolatedKernels(KernelSet &kernels) {
  for (StringRef op : {"exp", "logistic", "tanh"})
    kernels.add(std::make_unique<InterpolatedKernel>(op));
}

} // namespace qcc
