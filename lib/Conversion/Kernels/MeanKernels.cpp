// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn.mean over any axes. Kept axes are the outer loops, reduced axes the inner
// ones, which carry the sums in registers; the last axis fills the lanes when
// it is kept, as in a global average over an image.

#include "FixedPoint.h"
#include "KernelSupport.h"

#include "qcc/Arithmetic/Mean.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include "llvm/Support/MathExtras.h"

#include <functional>

using namespace mlir;

namespace qcc {

void populateMeanKernels(KernelSet &kernels);

namespace {

/// An axis of the input: its extent and its strides in input and output.
struct Axis {
  int64_t extent, inStride, outStride;
};

class MeanKernel : public Kernel {
public:
  StringRef getName() const override { return "mean.direct"; }
  StringRef getAnchor() const override { return "qnn.mean"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    auto op = cast<qnn::MeanOp>(getAnchorOp(layer));
    if (!isSingleOp(layer, why))
      return failure();
    int64_t n = countReduced(op);
    if (n == 0) {
      why = "there are no elements to take the mean of";
      return failure();
    }
    Type from = op.getInput().getType(), to = op.getType();
    bool isFloat = qnn::isFloat(to);
    if ((isFloat || op.getRounding() == qnn::Rounding::HalfEvenFloat) &&
        !hasFloats(facts, why))
      return failure();
    if (qnn::quantizedAxisOf(from) || qnn::quantizedAxisOf(to)) {
      why = "a type is quantized per axis";
      return failure();
    }
    if (!isFloat && qnn::bytesPerElement(from) > 2) {
      why = "storage wider than 16 bits";
      return failure();
    }
    auto [lo, hi] = qnn::storageRange(isFloat ? op.getType() : from);
    if (!isFloat && std::max(-lo, hi) * n > INT32_MAX) {
      why = "the sums leave 32 bits";
      return failure();
    }
    int64_t lanes = getLanes(op, facts);
    KernelChoice choice = makeElementwiseChoice(layer, lanes, 12);
    choice.cycles +=
        2.0 *
        static_cast<double>(cast<RankedTensorType>(from).getNumElements()) /
        static_cast<double>(lanes);
    return choice;
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::MeanOp>(getAnchorOp(e.layer));
    TensorView in = viewOperand(e, op.getInput(), "input");
    const TensorView &out = e.outputs[0];
    SmallVector<Axis> kept, reduced;
    splitAxes(op, in, out, kept, reduced);
    // The last axis in the lanes, else single elements.
    Axis inner = {1, 1, 1};
    bool vectorize = isLastAxisKept(op);
    if (vectorize)
      inner = kept.pop_back_val();
    int64_t lanes = vectorize ? getLanes(op, e.facts) : 1;

    forEachIndex(
        e, kept, e.index(in.base), e.index(out.base), 0,
        [&](Value from, Value to) {
          e.forEachVector(inner.extent, lanes, [&](Value at, int64_t width) {
            Value sum = emitSum(e, op, in, reduced, 0, e.add(from, at),
                                start(e, op, width));
            e.store(finish(e, op, sum), out.memref, e.add(to, at));
          });
        });
    return success();
  }

private:
  static int64_t countReduced(qnn::MeanOp op) {
    int64_t n = 1;
    for (int64_t axis : op.getAxes())
      n *= cast<RankedTensorType>(op.getInput().getType()).getShape()[axis];
    return n;
  }

  static bool isLastAxisKept(qnn::MeanOp op) {
    int64_t rank = cast<RankedTensorType>(op.getInput().getType()).getRank();
    return rank > 0 && !llvm::is_contained(op.getAxes(), rank - 1);
  }

  static int64_t getLanes(qnn::MeanOp op, const TargetFacts &facts) {
    return isLastAxisKept(op) ? lanesFor(facts, 4, qnn::isFloat(op.getType()))
                              : 1;
  }

  static void splitAxes(qnn::MeanOp op, const TensorView &in,
                        const TensorView &out, SmallVector<Axis> &kept,
                        SmallVector<Axis> &reduced) {
    size_t next = 0;
    for (auto [axis, extent] : llvm::enumerate(in.shape())) {
      bool isReduced =
          llvm::is_contained(op.getAxes(), static_cast<int64_t>(axis));
      if (isReduced) {
        reduced.push_back({extent, in.strides[axis], 0});
        next += op.getKeepDims();
      } else {
        kept.push_back({extent, in.strides[axis], out.strides[next++]});
      }
    }
  }

  static void forEachIndex(LayerEmitter &e, ArrayRef<Axis> axes, Value from,
                           Value to, size_t axis,
                           llvm::function_ref<void(Value, Value)> body) {
    if (axis == axes.size())
      return body(from, to);
    e.loop(axes[axis].extent, [&](Value iv) {
      forEachIndex(e, axes, e.add(e.mul(iv, axes[axis].inStride), from),
                   e.add(e.mul(iv, axes[axis].outStride), to), axis + 1, body);
    });
  }

  static Value start(LayerEmitter &e, qnn::MeanOp op, int64_t lanes) {
    if (qnn::isFloat(op.getType()))
      return e.constantFloat(LayerEmitter::lanesOf(e.b.getF32Type(), lanes), 0);
    return e.constant(LayerEmitter::lanesOf(e.b.getI32Type(), lanes), 0);
  }

  static Value emitSum(LayerEmitter &e, qnn::MeanOp op, const TensorView &in,
                       ArrayRef<Axis> axes, size_t axis, Value from,
                       Value carried) {
    if (axis == axes.size()) {
      Value x =
          e.load(in.memref, from, LayerEmitter::lanesIn(carried.getType()));
      if (qnn::isFloat(op.getType()))
        return mlir::arith::AddFOp::create(e.b, carried, x);
      bool isSigned = qnn::isSignedStorage(op.getInput().getType());
      return mlir::arith::AddIOp::create(
          e.b, carried, e.extend(x, e.b.getI32Type(), isSigned));
    }
    return e.loop(axes[axis].extent, ValueRange{carried},
                  [&](Value iv, ValueRange acc) {
                    Value at = e.add(e.mul(iv, axes[axis].inStride), from);
                    return SmallVector<Value>{
                        emitSum(e, op, in, axes, axis + 1, at, acc[0])};
                  })[0];
  }

  static Value finish(LayerEmitter &e, qnn::MeanOp op, Value sum) {
    int64_t n = countReduced(op);
    Type from = op.getInput().getType(), to = op.getType();
    if (qnn::isFloat(to))
      return mlir::arith::DivFOp::create(
          e.b, sum, e.constantFloat(sum.getType(), static_cast<double>(n)));
    Type element = memoryTypeOf(to);
    if (!qnn::isQuantized(to)) {
      Value mean = n == 1 ? sum
                          : Value(mlir::arith::DivSIOp::create(
                                e.b, sum, e.constant(sum.getType(), n)));
      return resizeInteger(e, mean, element, /*isSigned=*/true);
    }
    arith::Requantization requantize;
    requantize.rounding = toArith(op.getRounding());
    requantize.multiplier = arith::getMeanMultiplier(
        qnn::scaleOf(from) / qnn::scaleOf(to), n, requantize.rounding);
    requantize.scale = static_cast<float>(
        qnn::scaleOf(from) / (qnn::scaleOf(to) * static_cast<double>(n)));
    requantize.zeroPoint = static_cast<int32_t>(qnn::zeroPointOf(to));
    auto [lo, hi] = qnn::storageRange(to);
    requantize.lo = arith::saturateToInt32(lo);
    requantize.hi = arith::saturateToInt32(hi);
    int64_t zeros = qnn::zeroPointOf(from) * n;
    auto [least, greatest] = qnn::storageRange(from);
    if (zeros != 0)
      sum = mlir::arith::SubIOp::create(e.b, sum,
                                        e.constant(sum.getType(), zeros));
    return emitRequantize(e, {sum, {least * n - zeros, greatest * n - zeros}},
                          requantize, element);
  }
};

} // namespace

void populateMeanKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<MeanKernel>());
}

} // namespace qcc
