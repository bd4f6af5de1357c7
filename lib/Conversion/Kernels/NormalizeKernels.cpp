// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions over the last axis beside the softmax of bytes: softmax of 16 bits,
// the logarithm of the softmax, division by the Euclidean norm. The integer
// ones are exact; what depends on one 8-bit difference is a table.

#include "ElementwiseKernels.h"
#include "FixedPoint.h"
#include "RowSupport.h"

#include "qcc/Arithmetic/Softmax.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace qcc {

namespace {

Value toIndex(LayerEmitter &e, Value x) {
  return mlir::arith::IndexCastUIOp::create(e.b, e.b.getIndexType(), x);
}

/// True for a layer of one operation on quantized tensors of `bytes` per
/// element, per tensor.
bool isQuantizedLayer(qnn::LayerOp layer, int64_t bytes, std::string &why) {
  if (!isSingleOp(layer, why))
    return false;
  Operation *anchor = getAnchorOp(layer);
  for (Type type :
       {anchor->getOperand(0).getType(), anchor->getResult(0).getType()}) {
    if (!qnn::isQuantized(type)) {
      why = "the operand is float";
      return false;
    }
    if (qnn::bytesPerElement(type) != bytes || qnn::quantizedAxisOf(type)) {
      why =
          "the types are not " + std::to_string(8 * bytes) + " bits per tensor";
      return false;
    }
  }
  return true;
}

bool isFloatLayer(qnn::LayerOp layer, const TargetFacts &facts,
                  std::string &why) {
  if (!isSingleOp(layer, why) || !hasFloats(facts, why))
    return false;
  if (qnn::isFloat(getAnchorOp(layer)->getResult(0).getType()))
    return true;
  why = "the operand is quantized";
  return false;
}

//===----------------------------------------------------------------------===//
// Softmax of 16 bits
//===----------------------------------------------------------------------===//

/// Exponentials by an interpolated table, kept in the result until their sum is
/// known: arith::softmaxRow16 step by step.
class Softmax16Kernel : public UnaryKernel {
public:
  Softmax16Kernel() : UnaryKernel("softmax", "table16") {}

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    if (!isQuantizedLayer(layer, 2, why))
      return failure();
    auto op = cast<qnn::SoftmaxOp>(getAnchorOp(layer));
    Type from = op.getInput().getType(), to = op.getType();
    if (qnn::scaleOf(to) != 1.0 / 32768 || qnn::zeroPointOf(to) != 0 ||
        qnn::zeroPointOf(from) != 0 || !qnn::isSignedStorage(from) ||
        !qnn::isSignedStorage(to)) {
      why =
          "the types are not signed with zero point 0 and the result of scale "
          "1/32768";
      return failure();
    }
    return makeElementwiseChoice(layer, 1, 20);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::SoftmaxOp>(getAnchorOp(e.layer));
    TensorView in = viewOperand(e, op.getInput(), "input");
    const TensorView &out = e.outputs[0];
    int64_t depth = in.shape().back();
    arith::QuantizedMultiplier multiplier = arith::getSoftmax16Multiplier(
        op.getBeta().convertToFloat(), qnn::scaleOf(op.getInput().getType()));
    Value exponentials = e.table(
        "exp",
        ArrayRef<int16_t>(arith::getSoftmax16Exponentials().data(), 513));
    Value reciprocals = e.table(
        "reciprocal",
        ArrayRef<int16_t>(arith::getSoftmax16Reciprocals().data(), 513));
    EmittedInt32Ops ops(e);
    Type i16 = e.b.getI16Type(), i32 = e.b.getI32Type();
    auto c = [&](int32_t value) { return ops.constant(value); };

    forEachRow(e, in, out, [&](Value from, Value to) {
      Value max =
          e.extend(emitRowMax(e, in.memref, from, depth, true), i32, true);
      Value sum = e.loop(
          depth, ValueRange{c(0)},
          [&](Value iv, ValueRange carried) -> SmallVector<Value> {
            Value x =
                e.extend(e.load(in.memref, e.add(from, iv), 1), i32, true);
            RangedValue scaled =
                emitMultiply(e, {ops.sub(x, max), {-65535, 0}}, multiplier,
                             arith::Rounding::TfliteDouble);
            // Held before the sum, which then stays in 32 bits.
            Value at = ops.add(ops.max(ops.min(scaled.value, c(0)), c(-65535)),
                               c(32767));
            Value term = lookUp(e, ops, exponentials, at);
            e.store(resizeInteger(e, term, i16, true), out.memref,
                    e.add(to, iv));
            return {ops.add(carried[0], term)};
          })[0];
      Value zeros = ops.countLeadingZeros(sum);
      // Without a sign 32 bits hold the rounded sum.
      Value normalized = ops.shiftRightLogical(
          ops.add(ops.shiftLeft(sum, ops.sub(zeros, c(1))), c(1 << 13)), c(14));
      Value at = ops.max(
          ops.min(ops.sub(normalized, c((1 << 15) + (1 << 16))), c(32767)),
          c(-32768));
      Value scale = lookUp(e, ops, reciprocals, at);
      Value right = ops.sub(c(31), zeros);
      Value half = ops.shiftLeft(c(1), ops.sub(right, c(1)));
      e.loop(depth, [&](Value iv) {
        Value term = e.extend(e.load(out.memref, e.add(to, iv), 1), i32, true);
        Value product = mlir::arith::MulIOp::create(e.b, term, scale);
        Value q = ops.shiftRight(ops.add(product, half), right);
        q = ops.max(ops.min(q, c(32767)), c(0));
        e.store(resizeInteger(e, q, i16, true), out.memref, e.add(to, iv));
      });
    });
    return success();
  }

private:
  /// arith::lookUp16.
  static Value lookUp(LayerEmitter &e, EmittedInt32Ops &ops, Value table,
                      Value x) {
    auto c = [&](int32_t value) { return ops.constant(value); };
    Type i32 = e.b.getI32Type();
    Value at = toIndex(e, ops.add(ops.shiftRight(x, c(7)), c(256)));
    Value base = e.extend(e.load(table, at, 1), i32, true);
    Value next = e.extend(e.load(table, e.add(at, 1), 1), i32, true);
    Value fraction = mlir::arith::AndIOp::create(e.b, x, c(127));
    Value step =
        mlir::arith::MulIOp::create(e.b, ops.sub(next, base), fraction);
    return ops.add(base, ops.shiftRight(ops.add(step, c(64)), c(7)));
  }
};

//===----------------------------------------------------------------------===//
// Logarithm of the softmax
//===----------------------------------------------------------------------===//

/// 8 bits: the summands and the scaled differences are tables over the 256
/// differences to the row's maximum.
class LogSoftmaxTableKernel : public UnaryKernel {
public:
  LogSoftmaxTableKernel() : UnaryKernel("log_softmax", "table") {}

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    if (!isQuantizedLayer(layer, 1, why))
      return failure();
    if (!getScaling(layer)) {
      why = "the input's scale is not more than 2^-26";
      return failure();
    }
    return makeElementwiseChoice(layer, 1, 12);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::LogSoftmaxOp>(getAnchorOp(e.layer));
    TensorView in = viewOperand(e, op.getInput(), "input");
    const TensorView &out = e.outputs[0];
    bool isSigned = qnn::isSignedStorage(op.getInput().getType());
    auto [lo, hi] = qnn::storageRange(op.getType());
    int64_t depth = in.shape().back();
    arith::LogSoftmaxScaling scaling = *getScaling(e.layer);
    std::vector<int32_t> terms, differences;
    for (int32_t difference = 0; difference < 256; ++difference) {
      terms.push_back(arith::getSoftmaxTerm(scaling.forward, -difference));
      differences.push_back(
          arith::scaleSoftmaxDifference(scaling.forward, -difference));
    }
    Value termTable = e.table("terms", ArrayRef<int32_t>(terms));
    Value differenceTable =
        e.table("differences", ArrayRef<int32_t>(differences));
    EmittedInt32Ops ops(e);
    Type i32 = e.b.getI32Type();
    auto c = [&](int64_t value) {
      return ops.constant(static_cast<int32_t>(value));
    };

    forEachRow(e, in, out, [&, lo = lo, hi = hi](Value from, Value to) {
      Value max = emitRowMax(e, in.memref, from, depth, isSigned);
      // The difference fits a byte without sign, whichever sign the values
      // have.
      auto difference = [&](Value offset) -> Value {
        return mlir::arith::SubIOp::create(
            e.b, max, e.load(in.memref, e.add(from, offset), 1));
      };
      Value sum = e.loop(
          depth, ValueRange{c(0)},
          [&](Value iv, ValueRange carried) -> SmallVector<Value> {
            return {ops.add(carried[0],
                            e.load(termTable, toIndex(e, difference(iv)), 1))};
          })[0];
      Value logOfSum = arith::naturalLog(ops, sum);
      Value bound = emitBound(e, ops, scaling, logOfSum);
      e.loop(depth, [&](Value iv) {
        Value d = difference(iv);
        Value scaled = e.load(differenceTable, toIndex(e, d), 1);
        Value q = arith::roundingShiftRight(ops, ops.sub(scaled, logOfSum),
                                            c(arith::logSoftmaxShift));
        q = ops.max(ops.min(ops.add(q, c(hi)), c(hi)), c(lo));
        Value isInside =
            ops.isGreater(ops.sub(c(0), e.extend(d, i32, false)), bound);
        q = ops.select(isInside, q, c(lo));
        e.store(resizeInteger(e, q, e.b.getI8Type(), true), out.memref,
                e.add(to, iv));
      });
    });
    return success();
  }

private:
  static std::optional<arith::LogSoftmaxScaling>
  getScaling(qnn::LayerOp layer) {
    return arith::preprocessLogSoftmaxScaling(
        qnn::scaleOf(getAnchorOp(layer)->getOperand(0).getType()));
  }

  /// arith::getLogSoftmaxBound.
  static Value emitBound(LayerEmitter &e, EmittedInt32Ops &ops,
                         const arith::LogSoftmaxScaling &scaling,
                         Value logOfSum) {
    Value shifted = ops.add(logOfSum, ops.constant(INT32_MIN));
    Value difference =
        emitMultiply(e, {shifted, {INT32_MIN, INT32_MAX}}, scaling.reverse,
                     arith::Rounding::TfliteDouble)
            .value;
    return ops.max(ops.constant(scaling.forward.diffMin - 1), difference);
  }
};

class LogSoftmaxFloatKernel : public UnaryKernel {
public:
  LogSoftmaxFloatKernel() : UnaryKernel("log_softmax", "float") {}

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    if (!isFloatLayer(layer, facts, why))
      return failure();
    return makeElementwiseChoice(layer, lanesFor(facts, 4, true), 40);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::LogSoftmaxOp>(getAnchorOp(e.layer));
    TensorView in = viewOperand(e, op.getInput(), "input");
    const TensorView &out = e.outputs[0];
    int64_t depth = in.shape().back(), lanes = lanesFor(e.facts, 4, true);
    forEachRow(e, in, out, [&](Value from, Value to) {
      Value max = reduceRow(
          e, in.memref, from, depth, lanes, vector::CombiningKind::MAXNUMF,
          [](Value x) { return x; },
          [&](Value a, Value b) { return maxFloat(e, a, b); });
      auto shifted = [&](Value x) -> Value {
        return mlir::arith::SubFOp::create(
            e.b, x, e.splat(max, LayerEmitter::lanesIn(x.getType())));
      };
      Value sum = reduceRow(
          e, in.memref, from, depth, lanes, vector::CombiningKind::ADD,
          [&](Value x) { return emitExp(e, shifted(x)); },
          [&](Value a, Value b) -> Value {
            return mlir::arith::AddFOp::create(e.b, a, b);
          });
      Value logOfSum = math::LogOp::create(e.b, sum);
      e.forEachVector(depth, lanes, [&](Value at, int64_t width) {
        Value x = shifted(e.load(in.memref, e.add(from, at), width));
        e.store(mlir::arith::SubFOp::create(e.b, x, e.splat(logOfSum, width)),
                out.memref, e.add(to, at));
      });
    });
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Division by the norm
//===----------------------------------------------------------------------===//

/// 8 bits, in fixed point: the definition in lib/Reference step by step.
class L2NormalizeKernel : public UnaryKernel {
public:
  L2NormalizeKernel() : UnaryKernel("l2_normalize", "fixed") {}

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    if (!isQuantizedLayer(layer, 1, why))
      return failure();
    auto type =
        cast<RankedTensorType>(getAnchorOp(layer)->getResult(0).getType());
    if (type.getShape().back() > INT32_MAX / (255 * 255)) {
      why = "the sum of squares leaves 32 bits";
      return failure();
    }
    return makeElementwiseChoice(layer, 1, 10);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::L2NormalizeOp>(getAnchorOp(e.layer));
    TensorView in = viewOperand(e, op.getInput(), "input");
    const TensorView &out = e.outputs[0];
    bool isSigned = qnn::isSignedStorage(op.getType());
    bool isInputSigned = qnn::isSignedStorage(op.getInput().getType());
    int64_t zeroIn = qnn::zeroPointOf(op.getInput().getType());
    int64_t zero = qnn::zeroPointOf(op.getType());
    auto [lo, hi] = qnn::storageRange(op.getType());
    int64_t depth = in.shape().back();
    EmittedInt32Ops ops(e);
    Type i32 = e.b.getI32Type();
    auto c = [&](int64_t value) {
      return ops.constant(static_cast<int32_t>(value));
    };
    auto toReal = [&](Value x) -> Value {
      x = e.extend(x, i32, isInputSigned);
      return mlir::arith::SubIOp::create(e.b, x,
                                         e.constant(x.getType(), zeroIn));
    };

    forEachRow(e, in, out, [&, lo = lo, hi = hi](Value from, Value to) {
      Value squares = reduceRow(
          e, in.memref, from, depth, lanesFor(e.facts, 4),
          vector::CombiningKind::ADD,
          [&](Value x) -> Value {
            x = toReal(x);
            return mlir::arith::MulIOp::create(e.b, x, x);
          },
          [&](Value a, Value b) -> Value {
            return mlir::arith::AddIOp::create(e.b, a, b);
          });
      auto inverse = arith::inverseSquareRoot(ops, squares);
      Value right = inverse.rightShift;
      Value left = isSigned ? ops.max(ops.sub(c(7), right), c(0)) : c(7);
      if (isSigned)
        right = ops.add(ops.sub(right, c(7)), left);
      e.loop(depth, [&](Value iv) {
        Value x = toReal(e.load(in.memref, e.add(from, iv), 1));
        Value q = arith::roundingShiftRight(
            ops, ops.highMul(ops.shiftLeft(x, left), inverse.multiplier),
            right);
        q = ops.max(ops.min(ops.add(q, c(zero)), c(hi)), c(lo));
        e.store(resizeInteger(e, q, e.b.getI8Type(), true), out.memref,
                e.add(to, iv));
      });
    });
    return success();
  }
};

class L2NormalizeFloatKernel : public UnaryKernel {
public:
  L2NormalizeFloatKernel() : UnaryKernel("l2_normalize", "float") {}

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    if (!isFloatLayer(layer, facts, why))
      return failure();
    return makeElementwiseChoice(layer, lanesFor(facts, 4, true), 8);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::L2NormalizeOp>(getAnchorOp(e.layer));
    TensorView in = viewOperand(e, op.getInput(), "input");
    const TensorView &out = e.outputs[0];
    int64_t depth = in.shape().back(), lanes = lanesFor(e.facts, 4, true);
    forEachRow(e, in, out, [&](Value from, Value to) {
      Value squares = reduceRow(
          e, in.memref, from, depth, lanes, vector::CombiningKind::ADD,
          [&](Value x) -> Value {
            return mlir::arith::MulFOp::create(e.b, x, x);
          },
          [&](Value a, Value b) -> Value {
            return mlir::arith::AddFOp::create(e.b, a, b);
          });
      Value norm = maxFloat(e, math::SqrtOp::create(e.b, squares),
                            e.constantFloat(e.b.getF32Type(), 1e-6f));
      e.forEachVector(depth, lanes, [&](Value at, int64_t width) {
        Value x = e.load(in.memref, e.add(from, at), width);
        e.store(mlir::arith::DivFOp::create(e.b, x, e.splat(norm, width)),
                out.memref, e.add(to, at));
      });
    });
    return success();
  }
};

} // namespace

void populateNormalizeKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<L2NormalizeKernel>());
  kernels.add(std::make_unique<L2NormalizeFloatKernel>());
  kernels.add(std::make_unique<LogSoftmaxTableKernel>());
  kernels.add(std::make_unique<LogSoftmaxFloatKernel>());
  kernels.add(std::make_unique<Softmax16Kernel>());
}

} // namespace qcc
