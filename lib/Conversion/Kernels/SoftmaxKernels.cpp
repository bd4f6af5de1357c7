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

/// 8-bit values, bit-exact.
class SoftmaxTableKernel : public Kernel {
public:
  StringRef getName() const override { return "softmax.table"; }
  StringRef getAnchor() const override { return "qnn.softmax"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    auto op = cast<qnn::SoftmaxOp>(getAnchorOp(layer));
    if (!isSingleOp(layer, why))
      return failure();
    if (qnn::isFloat(op.getType())) {
      why = "the operand is float";
      return failure();
    }
    Type from = op.getInput().getType(), to = op.getType();
    for (Type type : {from, to})
      if (qnn::quantizedAxisOf(type) ||
          qnn::storageTypeOf(type).getIntOrFloatBitWidth() != 8) {
        why = "the types are not 8 bits per tensor";
        return failure();
      }
    if (qnn::scaleOf(to) != 1.0 / 256 ||
        qnn::zeroPointOf(to) != (qnn::isSignedStorage(to) ? -128 : 0)) {
      why = "the result's scale is not 1/256 from its least value on";
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
    const TensorView &out = e.outputs[0];
    bool isSigned = qnn::isSignedStorage(op.getInput().getType());
    bool isResultSigned = qnn::isSignedStorage(op.getType());
    int64_t depth = in.shape().back();
    std::vector<int32_t> exponentials = tabulate(*getScaling(op)), terms;
    for (int32_t value : exponentials)
      terms.push_back(arith::roundingDivideByPOT(value, sumIntegerBits));
    Value table = e.table("exp", ArrayRef<int32_t>(exponentials));
    Value termTable = e.table("terms", ArrayRef<int32_t>(terms));
    Type i32 = e.b.getI32Type();

    forEachRow(e, in, out, [&](Value from, Value to) {
      Value max = emitRowMax(e, in.memref, from, depth, isSigned);
      // The difference fits a byte without sign, whichever sign the values
      // have.
      auto lookUp = [&](Value where, Value offset) {
        Value x = e.load(in.memref, e.add(from, offset), 1);
        Value difference = mlir::arith::SubIOp::create(e.b, max, x);
        return e.load(where,
                      mlir::arith::IndexCastUIOp::create(
                          e.b, e.b.getIndexType(), difference),
                      1);
      };
      Value sum =
          e.loop(depth, ValueRange{e.constant(i32, 0)},
                 [&](Value iv, ValueRange carried) -> SmallVector<Value> {
                   return {mlir::arith::AddIOp::create(e.b, carried[0],
                                                       lookUp(termTable, iv))};
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
        Value product = emitHighMul(e, inverse.scale, lookUp(table, iv));
        Value q = mlir::arith::ShRUIOp::create(
            e.b, mlir::arith::AddIOp::create(e.b, product, half), shift);
        q = mlir::arith::MinUIOp::create(e.b, q, e.constant(i32, 255));
        if (isResultSigned)
          q = mlir::arith::SubIOp::create(e.b, q, e.constant(i32, 128));
        e.store(resizeInteger(e, q, e.b.getI8Type(), true), out.memref,
                e.add(to, iv));
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
  kernels.add(std::make_unique<SoftmaxFloatKernel>());
}

} // namespace qcc
