// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Softmax over the last axis. Quantized: the exponential depends on the
// difference to the row's maximum alone, of which there are 256, so it is a
// table; the reciprocal of the sum is computed once a row in 32-bit integers.

#include "ElementwiseKernels.h"
#include "FixedPoint.h"
#include "RowSupport.h"

#include "qcc/Arithmetic/Softmax.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {

namespace {

/// Of 8 bits per tensor, with the result's scale that the origin has: else
/// false with the reason.
bool isByteSoftmax(qnn::LayerOp layer, std::string &why) {
  auto op = cast<qnn::SoftmaxOp>(getAnchorOp(layer));
  if (!isSingleOp(layer, why))
    return false;
  if (qnn::isFloat(op.getType())) {
    why = "the operand is float";
    return false;
  }
  Type from = op.getInput().getType(), to = op.getType();
  for (Type type : {from, to})
    if (qnn::quantizedAxisOf(type) ||
        qnn::storageTypeOf(type).getIntOrFloatBitWidth() != 8) {
      why = "the types are not 8 bits per tensor";
      return false;
    }
  if (qnn::scaleOf(to) != 1.0 / 256 ||
      qnn::zeroPointOf(to) != (qnn::isSignedStorage(to) ? -128 : 0)) {
    why = "the result's scale is not 1/256 from its least value on";
    return false;
  }
  return true;
}

/// A row of 8-bit values as differences to its maximum, which fit a byte
/// without sign, whichever sign the values have.
class RowDifferences {
public:
  RowDifferences(LayerEmitter &e, const TensorView &in, Value from)
      : e(e), in(in), from(from),
        max(emitRowMax(e, in.memref, from, in.shape().back(),
                       qnn::isSignedStorage(in.type))) {}

  /// The entry of `table` for element `offset`.
  Value lookUp(Value table, Value offset) const {
    Value x = e.load(in.memref, e.add(from, offset), 1);
    Value difference = mlir::arith::SubIOp::create(e.b, max, x);
    return e.load(
        table,
        mlir::arith::IndexCastUIOp::create(e.b, e.b.getIndexType(), difference),
        1);
  }

private:
  LayerEmitter &e;
  const TensorView &in;
  Value from, max;
};

/// Stores `q`, from 0 to 255, as the result `at`.
void storeByte(LayerEmitter &e, Value q, Value at) {
  auto op = cast<qnn::SoftmaxOp>(getAnchorOp(e.layer));
  if (qnn::isSignedStorage(op.getType()))
    q = mlir::arith::SubIOp::create(e.b, q, e.constant(q.getType(), 128));
  e.store(resizeInteger(e, q, e.b.getI8Type(), true), e.outputs[0].memref, at);
}

/// 8-bit values, bit-exact.
class SoftmaxTableKernel : public Kernel {
public:
  StringRef getName() const override { return "softmax.table"; }
  StringRef getAnchor() const override { return "qnn.softmax"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    if (!isByteSoftmax(layer, why))
      return failure();
    auto op = cast<qnn::SoftmaxOp>(getAnchorOp(layer));
    if (op.getRounding() == qnn::Rounding::HalfEvenFloat) {
      why = "the rounding is half_even_float";
      return failure();
    }
    if (!getScaling(op)) {
      why = "beta times the input's scale is not more than 2^-26";
      return failure();
    }
    return makeElementwiseChoice(layer, 1, 12);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::SoftmaxOp>(getAnchorOp(e.layer));
    TensorView in = viewOperand(e, op.getInput(), "input");
    int64_t depth = in.shape().back();
    std::vector<int32_t> exponentials = tabulate(*getScaling(op)), terms;
    for (int32_t value : exponentials)
      terms.push_back(arith::roundingDivideByPOT(value, sumIntegerBits));
    Value table = e.table("exp", ArrayRef<int32_t>(exponentials));
    Value termTable = e.table("terms", ArrayRef<int32_t>(terms));
    Type i32 = e.b.getI32Type();

    forEachRow(e, in, e.outputs[0], [&](Value from, Value to) {
      RowDifferences row(e, in, from);
      Value sum =
          e.loop(depth, ValueRange{e.constant(i32, 0)},
                 [&](Value iv, ValueRange carried) -> SmallVector<Value> {
                   return {mlir::arith::AddIOp::create(
                       e.b, carried[0], row.lookUp(termTable, iv))};
                 })[0];
      EmittedInt32Ops ops(e);
      arith::Reciprocal<EmittedInt32Ops> inverse =
          arith::reciprocal(ops, sum, sumIntegerBits);
      constexpr int outputBits = 8;
      Value shift =
          ops.min(ops.add(inverse.bitsOverUnit, ops.constant(31 - outputBits)),
                  ops.constant(31));
      Value half = mlir::arith::ShLIOp::create(
          e.b, e.constant(i32, 1),
          mlir::arith::SubIOp::create(e.b, shift, e.constant(i32, 1)));
      e.loop(depth, [&](Value iv) {
        // Products are not negative: a rounding shift is one addition, without
        // sign, and one logical shift.
        Value product = emitHighMul(e, inverse.scale, row.lookUp(table, iv));
        Value q = mlir::arith::ShRUIOp::create(
            e.b, mlir::arith::AddIOp::create(e.b, product, half), shift);
        q = mlir::arith::MinUIOp::create(e.b, q, e.constant(i32, 255));
        storeByte(e, q, e.add(to, iv));
      });
    });
    return success();
  }

private:
  /// Integer bits of the sum of exponentials.
  static constexpr int sumIntegerBits = 12;

  static std::optional<arith::SoftmaxScaling> getScaling(qnn::SoftmaxOp op) {
    return arith::preprocessSoftmaxScaling(
        op.getBeta().convertToFloat(), qnn::scaleOf(op.getInput().getType()));
  }

  /// exp(−difference · scale) as Q0.31 for each difference to the maximum.
  static std::vector<int32_t> tabulate(const arith::SoftmaxScaling &scaling) {
    std::vector<int32_t> table;
    for (int32_t difference = 0; difference < 256; ++difference)
      table.push_back(-difference < scaling.diffMin
                          ? 0
                          : arith::expOnNegativeValues(
                                arith::saturatingRoundingDoublingHighMul(
                                    arith::wrappingShiftLeft(-difference,
                                                             scaling.leftShift),
                                    scaling.multiplier)));
    return table;
  }
};

/// 8-bit values in floats, bit-exact: terms are summed up in order.
class SoftmaxFloatTableKernel : public Kernel {
public:
  StringRef getName() const override { return "softmax.float_table"; }
  StringRef getAnchor() const override { return "qnn.softmax"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    if (!isByteSoftmax(layer, why))
      return failure();
    auto op = cast<qnn::SoftmaxOp>(getAnchorOp(layer));
    if (op.getRounding() != qnn::Rounding::HalfEvenFloat) {
      why = "the rounding is not half_even_float";
      return failure();
    }
    if (!hasFloats(facts, why))
      return failure();
    return makeElementwiseChoice(layer, 1, 12);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::SoftmaxOp>(getAnchorOp(e.layer));
    TensorView in = viewOperand(e, op.getInput(), "input");
    int64_t depth = in.shape().back();
    std::array<float, 256> terms = arith::getSoftmaxFloatTerms(
        op.getBeta().convertToFloat(),
        static_cast<float>(qnn::scaleOf(op.getInput().getType())));
    Value table = e.table("terms", ArrayRef<float>(terms));
    Type f32 = e.b.getF32Type(), i32 = e.b.getI32Type();
    forEachRow(e, in, e.outputs[0], [&](Value from, Value to) {
      RowDifferences row(e, in, from);
      Value sum =
          e.loop(depth, ValueRange{e.constantFloat(f32, 0)},
                 [&](Value iv, ValueRange carried) -> SmallVector<Value> {
                   return {mlir::arith::AddFOp::create(e.b, carried[0],
                                                       row.lookUp(table, iv))};
                 })[0];
      Value inverse = mlir::arith::DivFOp::create(
          e.b, e.constantFloat(f32, 1),
          mlir::arith::MulFOp::create(e.b, sum,
                                      e.constantFloat(f32, 1.0 / 256)));
      e.loop(depth, [&](Value iv) {
        Value scaled =
            mlir::arith::MulFOp::create(e.b, row.lookUp(table, iv), inverse);
        Value q = mlir::arith::MinUIOp::create(
            e.b, emitRoundHalfAway(e, scaled), e.constant(i32, 255));
        storeByte(e, q, e.add(to, iv));
      });
    });
    return success();
  }
};

/// Floats: exp(beta · (x − max)), divided by the sum.
class SoftmaxFloatKernel : public Kernel {
public:
  StringRef getName() const override { return "softmax.float"; }
  StringRef getAnchor() const override { return "qnn.softmax"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    if (!isSingleOp(layer, why) || !hasFloats(facts, why))
      return failure();
    if (!qnn::isFloat(getAnchorOp(layer)->getResult(0).getType())) {
      why = "the operand is quantized";
      return failure();
    }
    return makeElementwiseChoice(layer, lanesFor(facts, 4, true), 40);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::SoftmaxOp>(getAnchorOp(e.layer));
    TensorView in = viewOperand(e, op.getInput(), "input");
    const TensorView &out = e.outputs[0];
    int64_t depth = in.shape().back(), lanes = lanesFor(e.facts, 4, true);
    double beta = op.getBeta().convertToDouble();
    auto same = [](Value x) { return x; };
    forEachRow(e, in, out, [&](Value from, Value to) {
      Value max = reduceRow(
          e, in.memref, from, depth, lanes, vector::CombiningKind::MAXNUMF,
          same, [&](Value a, Value b) { return maxFloat(e, a, b); });
      e.forEachVector(depth, lanes, [&](Value at, int64_t width) {
        Value x = e.load(in.memref, e.add(from, at), width);
        x = mlir::arith::SubFOp::create(e.b, x, e.splat(max, width));
        if (beta != 1)
          x = mlir::arith::MulFOp::create(e.b, x,
                                          e.constantFloat(x.getType(), beta));
        e.store(emitExp(e, x), out.memref, e.add(to, at));
      });
      Value sum =
          reduceRow(e, out.memref, to, depth, lanes, vector::CombiningKind::ADD,
                    same, [&](Value a, Value b) -> Value {
                      return mlir::arith::AddFOp::create(e.b, a, b);
                    });
      e.forEachVector(depth, lanes, [&](Value at, int64_t width) {
        Value x = e.load(out.memref, e.add(to, at), width);
        e.store(mlir::arith::DivFOp::create(e.b, x, e.splat(sum, width)),
                out.memref, e.add(to, at));
      });
    });
    return success();
  }
};

} // namespace

void populateSoftmaxKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<SoftmaxTableKernel>());
  kernels.add(std::make_unique<SoftmaxFloatTableKernel>());
  kernels.add(std::make_unique<SoftmaxFloatKernel>());
}

} // namespace qcc
