// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reductions over any axes. Kept axes are the outer loops, reduced axes the
// inner ones, which carry the accumulators in registers. The last axis fills
// the lanes: when it is kept, as in a global average over an image, each lane
// is a result; when it is reduced, each lane holds a part of one, unless the
// order of float additions is the definition.

#include "FixedPoint.h"
#include "RowSupport.h"

#include "qcc/Arithmetic/Mean.h"
#include "qcc/Dialect/QNN/IR/ExactScales.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace qcc {

namespace {

/// What the kernel needs to know of any of the reductions.
struct Reduction {
  enum class Kind { Mean, Sum, Max, Min, Prod, Any, All };
  Kind kind;
  Value input;
  ArrayRef<int64_t> axes;
  bool keepDims;
  RankedTensorType from, to;
  qnn::Rounding rounding = qnn::Rounding::TfliteDouble;

  bool isFloat() const { return qnn::isFloat(to); }
  /// Stored values are summed and the sum is brought to the result's scale.
  bool isRescaled() const {
    return (kind == Kind::Mean && qnn::isQuantized(to)) ||
           (kind == Kind::Sum && qnn::isQuantized(to) &&
            qnn::bytesPerElement(to) == 1);
  }
  /// Addends of one result.
  int64_t count() const {
    int64_t n = 1;
    for (int64_t axis : axes)
      n *= from.getShape()[axis];
    return n;
  }
  bool isLastAxisKept() const {
    return from.getRank() > 0 && !llvm::is_contained(axes, from.getRank() - 1);
  }
  /// The element type of accumulators.
  Type accumulator() const {
    if (isFloat())
      return to.getElementType();
    if (isRescaled())
      return IntegerType::get(to.getContext(), 32);
    if (kind == Kind::Mean)
      return IntegerType::get(to.getContext(),
                              qnn::bytesPerElement(to) > 2 ? 64 : 32);
    return memoryTypeOf(to);
  }
};

template <typename OpTy> Reduction describeAs(OpTy op, Reduction::Kind kind) {
  return {kind,
          op.getInput(),
          op.getAxes(),
          op.getKeepDims(),
          cast<RankedTensorType>(op.getInput().getType()),
          cast<RankedTensorType>(op.getType())};
}

Reduction describe(Operation *anchor) {
  using Kind = Reduction::Kind;
  return llvm::TypeSwitch<Operation *, Reduction>(anchor)
      .Case([](qnn::MeanOp op) {
        Reduction r = describeAs(op, Kind::Mean);
        r.rounding = op.getRounding();
        return r;
      })
      .Case([](qnn::SumOp op) {
        Reduction r = describeAs(op, Kind::Sum);
        r.rounding = op.getRounding();
        return r;
      })
      .Case([](qnn::ReduceMaxOp op) { return describeAs(op, Kind::Max); })
      .Case([](qnn::ReduceMinOp op) { return describeAs(op, Kind::Min); })
      .Case([](qnn::ReduceProdOp op) { return describeAs(op, Kind::Prod); })
      .Case([](qnn::ReduceAnyOp op) { return describeAs(op, Kind::Any); })
      .Case([](qnn::ReduceAllOp op) { return describeAs(op, Kind::All); });
}

/// An axis of the input: its extent and its strides in input and output.
struct Axis {
  int64_t extent, inStride, outStride;
};

class ReduceKernel : public UnaryKernel {
public:
  explicit ReduceKernel(StringRef op) : UnaryKernel(op, "direct") {}

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    Reduction r = describe(getAnchorOp(layer));
    if (!isSingleOp(layer, why))
      return failure();
    if (r.kind == Reduction::Kind::Mean && r.count() == 0) {
      why = "there are no elements to take the mean of";
      return failure();
    }
    if ((r.isFloat() ||
         (r.isRescaled() && r.rounding == qnn::Rounding::HalfEvenFloat)) &&
        !hasFloats(facts, why))
      return failure();
    if (r.isRescaled()) {
      if (qnn::quantizedAxisOf(r.from) || qnn::quantizedAxisOf(r.to)) {
        why = "a type is quantized per axis";
        return failure();
      }
      auto [lo, hi] = qnn::storageRange(r.from);
      if (qnn::bytesPerElement(r.from) > 2 ||
          std::max(-lo, hi) > INT32_MAX / std::max<int64_t>(r.count(), 1)) {
        why = "the sums leave 32 bits";
        return failure();
      }
      int64_t n = r.count(), zeros = qnn::zeroPointOf(r.from) * n;
      if (r.rounding == qnn::Rounding::Onnx &&
          !isHalfEvenExact(ratioOf(r), {lo * n - zeros, hi * n - zeros}, why))
        return failure();
    } else if (r.kind == Reduction::Kind::Mean && !r.isFloat() &&
               facts.indexBits < 64) {
      why = "the mean of plain integers divides, which is left to targets with "
            "64-bit registers";
      return failure();
    }
    int64_t lanes = getLanes(r, facts);
    KernelChoice choice = makeElementwiseChoice(layer, lanes, 12);
    choice.cycles += 2.0 * static_cast<double>(r.from.getNumElements()) /
                     static_cast<double>(lanes);
    return choice;
  }

  LogicalResult emit(LayerEmitter &e) const override {
    Reduction r = describe(getAnchorOp(e.layer));
    TensorView in = viewOperand(e, r.input, "input");
    const TensorView &out = e.outputs[0];
    SmallVector<Axis> kept, reduced;
    splitAxes(r, in, out, kept, reduced);
    // The last axis in the lanes, else single results.
    Axis inner = {1, 1, 1};
    bool lastKept = r.isLastAxisKept();
    if (lastKept)
      inner = kept.pop_back_val();
    int64_t lanes = lastKept ? getLanes(r, e.facts) : 1;

    forEachIndex(
        e, kept, e.index(in.base), e.index(out.base), 0,
        [&](Value from, Value to) {
          e.forEachVector(inner.extent, lanes, [&](Value at, int64_t width) {
            Value total = accumulate(e, r, in, reduced, 0, e.add(from, at),
                                     start(e, r, width));
            e.store(finish(e, r, total), out.memref, e.add(to, at));
          });
        });
    return success();
  }

private:
  static int64_t getLanes(const Reduction &r, const TargetFacts &facts) {
    bool ordered = r.isFloat() && r.kind != Reduction::Kind::Max &&
                   r.kind != Reduction::Kind::Min;
    if (!r.isLastAxisKept() && ordered)
      return 1;
    return lanesFor(facts, r.accumulator().getIntOrFloatBitWidth() / 8,
                    r.isFloat());
  }

  static void splitAxes(const Reduction &r, const TensorView &in,
                        const TensorView &out, SmallVector<Axis> &kept,
                        SmallVector<Axis> &reduced) {
    size_t next = 0;
    for (auto [axis, extent] : llvm::enumerate(in.shape())) {
      if (llvm::is_contained(r.axes, static_cast<int64_t>(axis))) {
        reduced.push_back({extent, in.strides[axis], 0});
        next += r.keepDims;
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

  /// The value of no elements.
  static Value start(LayerEmitter &e, const Reduction &r, int64_t lanes) {
    using Kind = Reduction::Kind;
    Type type = LayerEmitter::lanesOf(r.accumulator(), lanes);
    bool isMax = r.kind == Kind::Max, isMin = r.kind == Kind::Min;
    bool isOne = r.kind == Kind::Prod || r.kind == Kind::All;
    if (r.isFloat()) {
      double largest = std::numeric_limits<float>::max();
      return e.constantFloat(type, isMax   ? -largest
                                   : isMin ? largest
                                           : (isOne ? 1 : 0));
    }
    unsigned bits = r.accumulator().getIntOrFloatBitWidth();
    bool isSigned = qnn::isSignedStorage(r.from);
    int64_t least = isSigned ? llvm::minIntN(bits) : 0;
    int64_t largest = isSigned || bits == 64
                          ? llvm::maxIntN(bits)
                          : static_cast<int64_t>(llvm::maxUIntN(bits));
    return e.constant(type, isMax ? least : isMin ? largest : (isOne ? 1 : 0));
  }

  /// Loaded elements as accumulators.
  static Value prepare(LayerEmitter &e, const Reduction &r, Value x) {
    if (r.isFloat())
      return x;
    return e.extend(x, r.accumulator(), qnn::isSignedStorage(r.from));
  }

  static Value combine(LayerEmitter &e, const Reduction &r, Value a, Value b) {
    using Kind = Reduction::Kind;
    bool isSigned = qnn::isSignedStorage(r.from);
    switch (r.kind) {
    case Kind::Mean:
    case Kind::Sum:
      if (r.isFloat())
        return mlir::arith::AddFOp::create(e.b, a, b);
      return mlir::arith::AddIOp::create(e.b, a, b);
    case Kind::Max:
      if (r.isFloat())
        return maxFloat(e, a, b);
      if (isSigned)
        return mlir::arith::MaxSIOp::create(e.b, a, b);
      return mlir::arith::MaxUIOp::create(e.b, a, b);
    case Kind::Min:
      if (r.isFloat())
        return minFloat(e, a, b);
      if (isSigned)
        return mlir::arith::MinSIOp::create(e.b, a, b);
      return mlir::arith::MinUIOp::create(e.b, a, b);
    case Kind::Prod:
      if (r.isFloat())
        return mlir::arith::MulFOp::create(e.b, a, b);
      return mlir::arith::MulIOp::create(e.b, a, b);
    case Kind::Any:
      return mlir::arith::OrIOp::create(e.b, a, b);
    case Kind::All:
      return mlir::arith::AndIOp::create(e.b, a, b);
    }
    llvm_unreachable("unknown reduction");
  }

  /// How lanes are combined; only where the order is free.
  static vector::CombiningKind combiningKind(const Reduction &r) {
    using Kind = Reduction::Kind;
    using Combining = vector::CombiningKind;
    bool isSigned = qnn::isSignedStorage(r.from);
    switch (r.kind) {
    case Kind::Mean:
    case Kind::Sum:
      return Combining::ADD;
    case Kind::Max:
      return r.isFloat() ? Combining::MAXNUMF
             : isSigned  ? Combining::MAXSI
                         : Combining::MAXUI;
    case Kind::Min:
      return r.isFloat() ? Combining::MINNUMF
             : isSigned  ? Combining::MINSI
                         : Combining::MINUI;
    case Kind::Prod:
      return Combining::MUL;
    case Kind::Any:
      return Combining::OR;
    case Kind::All:
      return Combining::AND;
    }
    llvm_unreachable("unknown reduction");
  }

  static Value accumulate(LayerEmitter &e, const Reduction &r,
                          const TensorView &in, ArrayRef<Axis> axes,
                          size_t axis, Value from, Value carried) {
    if (axis == axes.size())
      return combine(e, r, carried,
                     prepare(e, r,
                             e.load(in.memref, from,
                                    LayerEmitter::lanesIn(carried.getType()))));
    // A reduced last axis is contiguous: lanes share one result.
    int64_t lanes = getLanes(r, e.facts);
    if (axis + 1 == axes.size() && !r.isLastAxisKept() && lanes > 1 &&
        axes[axis].extent >= lanes) {
      Value part = reduceRow(
          e, in.memref, from, axes[axis].extent, lanes, combiningKind(r),
          [&](Value x) { return prepare(e, r, x); },
          [&](Value a, Value b) { return combine(e, r, a, b); });
      return combine(e, r, carried, part);
    }
    return e.loop(axes[axis].extent, ValueRange{carried},
                  [&](Value iv, ValueRange acc) {
                    Value at = e.add(e.mul(iv, axes[axis].inStride), from);
                    return SmallVector<Value>{
                        accumulate(e, r, in, axes, axis + 1, at, acc[0])};
                  })[0];
  }

  /// The result of what was accumulated.
  static Value finish(LayerEmitter &e, const Reduction &r, Value total) {
    bool isMean = r.kind == Reduction::Kind::Mean;
    int64_t n = r.count();
    if (r.isFloat())
      return isMean ? Value(mlir::arith::DivFOp::create(
                          e.b, total,
                          e.constantFloat(total.getType(),
                                          static_cast<double>(n))))
                    : total;
    if (r.isRescaled())
      return rescale(e, r, total);
    if (isMean && n > 1)
      total = mlir::arith::DivSIOp::create(e.b, total,
                                           e.constant(total.getType(), n));
    return resizeInteger(e, total, memoryTypeOf(r.to), /*isSigned=*/true);
  }

  /// What sums are multiplied by under the rounding `onnx`.
  static arith::ExactScale ratioOf(const Reduction &r) {
    return qnn::exactScale(qnn::scaleOf(r.from), qnn::scaleOf(r.to),
                           r.kind == Reduction::Kind::Mean ? r.count() : 1);
  }

  static Value rescale(LayerEmitter &e, const Reduction &r, Value sum) {
    int64_t n = r.count();
    double scale = qnn::scaleOf(r.from) / qnn::scaleOf(r.to);
    arith::Requantization requantize;
    requantize.rounding = toArith(r.rounding);
    if (r.kind == Reduction::Kind::Mean) {
      requantize.multiplier =
          arith::getMeanMultiplier(scale, n, requantize.rounding);
      requantize.scale = static_cast<float>(
          qnn::scaleOf(r.from) / (qnn::scaleOf(r.to) * static_cast<double>(n)));
    } else {
      requantize.multiplier =
          arith::quantizeMultiplier(scale, requantize.rounding);
      requantize.scale = static_cast<float>(scale);
    }
    requantize.ratio = ratioOf(r);
    requantize.zeroPoint = static_cast<int32_t>(qnn::zeroPointOf(r.to));
    auto [lo, hi] = qnn::storageRange(r.to);
    requantize.lo = arith::saturateToInt32(lo);
    requantize.hi = arith::saturateToInt32(hi);
    int64_t zeros = qnn::zeroPointOf(r.from) * n;
    auto [least, greatest] = qnn::storageRange(r.from);
    if (zeros != 0)
      sum = mlir::arith::SubIOp::create(e.b, sum,
                                        e.constant(sum.getType(), zeros));
    return emitRequantize(e, {sum, {least * n - zeros, greatest * n - zeros}},
                          requantize, memoryTypeOf(r.to));
  }
};

} // namespace

void populateReduceKernels(KernelSet &kernels) {
  for (StringRef op : {"mean", "sum", "reduce_max", "reduce_min", "reduce_prod",
                       "reduce_any", "reduce_all"})
    kernels.add(std::make_unique<ReduceKernel>(op));
}

} // namespace qcc
