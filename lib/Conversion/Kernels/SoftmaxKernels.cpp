// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Softmax over the last axis. Quantized: the exponential depends on the
// difference to the row's maximum alone, of which there are 256, so it is a
// table; the reciprocal of the sum is computed once a row in 32-bit integers.

#include "ElementwiseKernels.h"
#include "FixedPoint.h"
#include "KernelSupport.h"

#include "qcc/Arithmetic/Softmax.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {

namespace {

/// Calls `body` with the offsets of each row of input and output.
void forEachRow(LayerEmitter &e, const TensorView &in, const TensorView &out,
                llvm::function_ref<void(Value from, Value to)> body) {
  std::function<void(size_t, Value, Value)> nest = [&](size_t axis, Value from,
                                                       Value to) {
    if (axis + 1 >= in.shape().size())
      return body(from, to);
    e.loop(in.shape()[axis], [&](Value iv) {
      nest(axis + 1, e.add(e.mul(iv, in.strides[axis]), from),
           e.add(e.mul(iv, out.strides[axis]), to));
    });
  };
  nest(0, e.index(in.base), e.index(out.base));
}

int64_t depthOf(qnn::SoftmaxOp op) {
  ArrayRef<int64_t> shape =
      cast<RankedTensorType>(op.getInput().getType()).getShape();
  return shape.empty() ? 1 : shape.back();
}

/// Folds the elements [0, count) from `from` on: `combine` two accumulators or
/// an accumulator and `prepare`d elements, lane by lane and then across lanes.
Value reduceRow(LayerEmitter &e, Value memref, Value from, int64_t count,
                int64_t lanes, vector::CombiningKind kind,
                llvm::function_ref<Value(Value)> prepare,
                llvm::function_ref<Value(Value, Value)> combine) {
  Value total;
  auto take = [&](Value part) { total = total ? combine(total, part) : part; };
  int64_t full = count / lanes;
  if (full > 0 && lanes > 1) {
    Value first = prepare(e.load(memref, from, lanes));
    Value acc =
        e.loop(full - 1, ValueRange{first}, [&](Value iv, ValueRange carried) {
          Value at = e.add(e.add(e.mul(iv, lanes), from), lanes);
          return SmallVector<Value>{
              combine(carried[0], prepare(e.load(memref, at, lanes)))};
        })[0];
    take(vector::ReductionOp::create(e.b, kind, acc));
  }
  int64_t done = lanes > 1 ? full * lanes : 0;
  if (done == count)
    return total;
  if (!total) {
    total = prepare(e.load(memref, e.add(from, done), 1));
    ++done;
  }
  return e.loop(count - done, ValueRange{total},
                [&](Value iv, ValueRange carried) {
                  Value at = e.add(e.add(iv, from), done);
                  return SmallVector<Value>{
                      combine(carried[0], prepare(e.load(memref, at, 1)))};
                })[0];
}

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
    int64_t depth = depthOf(op);
    std::vector<int32_t> exponentials = tabulate(*getScaling(op)), terms;
    for (int32_t value : exponentials)
      terms.push_back(arith::roundingDivideByPOT(value, sumIntegerBits));
    Value table = e.table("exp", ArrayRef<int32_t>(exponentials));
    Value termTable = e.table("terms", ArrayRef<int32_t>(terms));
    Type i32 = e.b.getI32Type();

    forEachRow(e, in, out, [&](Value from, Value to) {
      Value max = reduceRow(
          e, in.memref, from, depth, lanesFor(e.facts, 1),
          isSigned ? vector::CombiningKind::MAXSI
                   : vector::CombiningKind::MAXUI,
          [](Value x) { return x; },
          [&](Value a, Value b) -> Value {
            if (isSigned)
              return mlir::arith::MaxSIOp::create(e.b, a, b);
            return mlir::arith::MaxUIOp::create(e.b, a, b);
          });
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
      std::pair<Value, Value> inverse = emitReciprocal(e, sum);
      Value scale = inverse.first, shift = inverse.second;
      Value half = mlir::arith::ShLIOp::create(
          e.b, e.constant(i32, 1),
          mlir::arith::SubIOp::create(e.b, shift, e.constant(i32, 1)));
      e.loop(depth, [&](Value iv) {
        // Products are not negative: a rounding shift is one addition, without
        // sign, and one logical shift.
        Value product = highMul(e, scale, lookUp(table, iv));
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

  /// Saturating rounding doubling high multiply of operands that are not both
  /// INT32_MIN.
  static Value highMul(LayerEmitter &e, Value a, Value b) {
    Type i64 = e.b.getI64Type();
    Value product = mlir::arith::MulIOp::create(e.b, e.extend(a, i64, true),
                                                e.extend(b, i64, true));
    product = mlir::arith::AddIOp::create(e.b, product,
                                          e.constant(i64, int64_t{1} << 30));
    product = mlir::arith::ShRUIOp::create(e.b, product, e.constant(i64, 31));
    return resizeInteger(e, product, e.b.getI32Type(), true);
  }

  /// x · 2^amount, saturating.
  static Value saturatingShiftLeft(LayerEmitter &e, Value x, int amount) {
    Type i64 = e.b.getI64Type();
    Value wide = mlir::arith::ShLIOp::create(e.b, e.extend(x, i64, true),
                                             e.constant(i64, amount));
    wide = clampInteger(e, wide, INT32_MIN, INT32_MAX, INT64_MIN, INT64_MAX);
    return resizeInteger(e, wide, e.b.getI32Type(), true);
  }

  /// Q0.31 scale and right shift of exponentials by the sum: arith's softmaxRow
  /// and oneOverOnePlusX, step by step.
  static std::pair<Value, Value> emitReciprocal(LayerEmitter &e, Value sum) {
    Type i32 = e.b.getI32Type(), i64 = e.b.getI64Type();
    auto constant = [&](int64_t c) { return e.constant(i32, c); };
    Value zeros = mlir::arith::MinUIOp::create(
        e.b, math::CountLeadingZerosOp::create(e.b, sum), constant(31));
    // The sum without its leading one, as a fraction of 2^31.
    Value fraction = mlir::arith::XOrIOp::create(
        e.b, mlir::arith::ShLIOp::create(e.b, sum, zeros), constant(INT32_MIN));

    // (fraction + 2^31) / 2; the fraction is not negative.
    Value wide = mlir::arith::AddIOp::create(e.b, e.extend(fraction, i64, true),
                                             e.constant(i64, int64_t{1} << 31));
    Value halfDenominator = resizeInteger(
        e, mlir::arith::ShRUIOp::create(e.b, wide, e.constant(i64, 1)), i32,
        true);
    constexpr int32_t c48over17 = 1515870810;     // round(2^29 * 48 / 17)
    constexpr int32_t cNeg32over17 = -1010580540; // round(2^29 * -32 / 17)
    Value x = mlir::arith::AddIOp::create(
        e.b, constant(c48over17),
        highMul(e, halfDenominator, constant(cNeg32over17)));
    for (int step = 0; step < 3; ++step) {
      Value error = mlir::arith::SubIOp::create(e.b, constant(1 << 29),
                                                highMul(e, halfDenominator, x));
      x = mlir::arith::AddIOp::create(
          e.b, x, saturatingShiftLeft(e, highMul(e, x, error), 2));
    }
    Value scale = saturatingShiftLeft(e, x, 1);
    constexpr int outputBits = 8;
    Value shift = mlir::arith::MinSIOp::create(
        e.b,
        mlir::arith::SubIOp::create(
            e.b, constant(sumIntegerBits + 31 - outputBits), zeros),
        constant(31));
    return {scale, shift};
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
    int64_t depth = depthOf(op), lanes = lanesFor(e.facts, 4, true);
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
