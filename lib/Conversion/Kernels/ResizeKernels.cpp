// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Resizing, with channels in the lanes. Which elements a row or column of the
// result is made of, and with which weights, are tables made at compile time.

#include "KernelSupport.h"

#include "qcc/Arithmetic/Resize.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace qcc {

namespace {

template <typename OpTy> arith::ResizeAxis axisOf(OpTy op, int64_t axis) {
  return {op.getInput().getType().getShape()[axis], op.getSize()[axis - 1],
          op.getAlignCorners(), op.getHalfPixelCenters()};
}

/// Calls `body(from, to, y, x)` for every pixel of the result, of whose batch
/// the operand's first element is `from`.
void forEachPixel(LayerEmitter &e, const TensorView &in, const TensorView &out,
                  function_ref<void(Value, Value, Value, Value)> body) {
  ArrayRef<int64_t> shape = out.shape();
  e.loop(shape[0], [&](Value n) {
    Value image = e.add(e.mul(n, in.strides[0]), in.base),
          result = e.add(e.mul(n, out.strides[0]), out.base);
    e.loop(shape[1], [&](Value y) {
      Value row = e.add(result, e.mul(y, out.strides[1]));
      e.loop(shape[2], [&](Value x) {
        body(image, e.add(row, e.mul(x, out.strides[2])), y, x);
      });
    });
  });
}

Value loadOffset(LayerEmitter &e, Value table, Value at) {
  return mlir::arith::IndexCastOp::create(e.b, e.b.getIndexType(),
                                          e.load(table, at, 1));
}

Value makeOffsets(LayerEmitter &e, StringRef suffix, ArrayRef<int64_t> elements,
                  int64_t stride) {
  SmallVector<int32_t> offsets;
  for (int64_t element : elements)
    offsets.push_back(static_cast<int32_t>(element * stride));
  return e.table(suffix, ArrayRef<int32_t>(offsets));
}

KernelChoice makeResizeChoice(qnn::LayerOp layer, int64_t lanes,
                              double cyclesPerVector) {
  KernelChoice choice = makeElementwiseChoice(layer, lanes, cyclesPerVector);
  choice.inPlaceInputs.clear();
  return choice;
}

/// Offsets are tables of 32-bit numbers.
bool fitsOffsets(Type type, std::string &why) {
  if (cast<ShapedType>(type).getNumElements() < INT32_MAX / 4)
    return true;
  why = "the operand is too large";
  return false;
}

class NearestKernel : public UnaryKernel {
public:
  NearestKernel() : UnaryKernel("resize_nearest", "copy") {}

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    Type type = getAnchorOp(layer)->getOperand(0).getType();
    if (!isSingleOp(layer, why) || !fitsOffsets(type, why))
      return failure();
    return makeResizeChoice(
        layer, lanesFor(facts, qnn::bytesPerElement(type), qnn::isFloat(type)),
        2);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::ResizeNearestOp>(getAnchorOp(e.layer));
    TensorView in = viewOperand(e, op.getInput(), "input");
    const TensorView &out = e.outputs[0];
    Value rows = makeOffsets(e, "rows", arith::findNearest(axisOf(op, 1)),
                             in.strides[1]),
          columns = makeOffsets(e, "columns", arith::findNearest(axisOf(op, 2)),
                                in.strides[2]);
    int64_t lanes =
        lanesFor(e.facts, qnn::bytesPerElement(in.type), qnn::isFloat(in.type));
    forEachPixel(e, in, out, [&](Value image, Value to, Value y, Value x) {
      Value from = e.add(e.add(image, loadOffset(e, rows, y)),
                         loadOffset(e, columns, x));
      e.forEachVector(out.shape()[3], lanes, [&](Value c, int64_t width) {
        e.store(e.load(in.memref, e.add(from, c), width), out.memref,
                e.add(to, c));
      });
    });
    return success();
  }
};

/// Two offsets and two weights per row or column.
struct Samples {
  Value lower, upper, fraction, rest;
};

template <typename T>
Samples makeSamples(LayerEmitter &e, StringRef name,
                    ArrayRef<arith::ResizeSample<T>> samples, int64_t stride,
                    T one) {
  SmallVector<int64_t> lower, upper;
  SmallVector<T> fraction, rest;
  for (const arith::ResizeSample<T> &sample : samples) {
    lower.push_back(sample.lower);
    upper.push_back(sample.upper);
    fraction.push_back(sample.fraction);
    rest.push_back(one - sample.fraction);
  }
  std::string prefix = name.str();
  return {makeOffsets(e, prefix + ".lower", lower, stride),
          makeOffsets(e, prefix + ".upper", upper, stride),
          e.table(prefix + ".fraction", ArrayRef<T>(fraction)),
          e.table(prefix + ".rest", ArrayRef<T>(rest))};
}

Value addI(LayerEmitter &e, Value a, Value b) {
  return mlir::arith::AddIOp::create(e.b, a, b);
}
Value mulI(LayerEmitter &e, Value a, Value b) {
  return mlir::arith::MulIOp::create(e.b, a, b);
}
Value addF(LayerEmitter &e, Value a, Value b) {
  return mlir::arith::AddFOp::create(e.b, a, b);
}
Value mulF(LayerEmitter &e, Value a, Value b) {
  return mlir::arith::MulFOp::create(e.b, a, b);
}

class BilinearKernel : public UnaryKernel {
public:
  BilinearKernel() : UnaryKernel("resize_bilinear", "tables") {}

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    Type type = getAnchorOp(layer)->getOperand(0).getType();
    if (!isSingleOp(layer, why) || !fitsOffsets(type, why) ||
        (isReal(type) && !hasFloats(facts, why)))
      return failure();
    return makeResizeChoice(layer, lanesFor(facts, 4, isReal(type)), 16);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::ResizeBilinearOp>(getAnchorOp(e.layer));
    TensorView in = viewOperand(e, op.getInput(), "input");
    const TensorView &out = e.outputs[0];
    arith::ResizeAxis height = axisOf(op, 1), width = axisOf(op, 2);
    bool real = isReal(in.type);
    constexpr int32_t one = 1 << arith::kResizeBits;
    Samples rows, columns;
    if (real) {
      rows = makeSamples<float>(e, "rows", arith::interpolateFloat(height),
                                in.strides[1], 1);
      columns = makeSamples<float>(e, "columns", arith::interpolateFloat(width),
                                   in.strides[2], 1);
    } else {
      rows = makeSamples<int32_t>(e, "rows", arith::interpolateFixed(height),
                                  in.strides[1], one);
      columns = makeSamples<int32_t>(
          e, "columns", arith::interpolateFixed(width), in.strides[2], one);
    }
    int64_t lanes = lanesFor(e.facts, 4, real);
    forEachPixel(e, in, out, [&](Value image, Value to, Value y, Value x) {
      Value top = e.add(image, loadOffset(e, rows.lower, y)),
            bottom = e.add(image, loadOffset(e, rows.upper, y)),
            left = loadOffset(e, columns.lower, x),
            right = loadOffset(e, columns.upper, x);
      Value weights[] = {e.load(rows.rest, y, 1), e.load(rows.fraction, y, 1),
                         e.load(columns.rest, x, 1),
                         e.load(columns.fraction, x, 1)};
      // In the order of the definition's sum.
      Value corners[] = {e.add(top, left), e.add(bottom, left),
                         e.add(top, right), e.add(bottom, right)};
      e.forEachVector(out.shape()[3], lanes, [&](Value c, int64_t count) {
        Value q[4], w[4];
        for (int i = 0; i < 4; ++i) {
          q[i] = e.load(in.memref, e.add(corners[i], c), count);
          w[i] = e.splat(weights[i], count);
        }
        Value result = real ? interpolateReal(e, in.type, q, w)
                            : interpolateInteger(e, in.type, q, w);
        e.store(result, out.memref, e.add(to, c));
      });
    });
    return success();
  }

private:
  /// Interpolated in float32, as floats and, in TFLite, unsigned integers are.
  static bool isReal(Type type) {
    return qnn::isFloat(type) || !qnn::isSignedStorage(type);
  }

  /// w: rest and fraction of the rows, then of the columns.
  static Value interpolateReal(LayerEmitter &e, Type type, Value *q, Value *w) {
    Type integer = e.b.getI32Type();
    Type real = LayerEmitter::withElement(q[0].getType(), e.b.getF32Type());
    auto term = [&](int i, Value row, Value column) {
      Value x = q[i];
      if (!qnn::isFloat(type))
        x = mlir::arith::SIToFPOp::create(
            e.b, real, e.extend(x, integer, /*isSigned=*/false));
      return mulF(e, mulF(e, x, row), column);
    };
    Value sum = addF(e, term(0, w[0], w[2]), term(1, w[1], w[2]));
    sum = addF(e, sum, term(2, w[0], w[3]));
    sum = addF(e, sum, term(3, w[1], w[3]));
    if (qnn::isFloat(type))
      return sum;
    sum = addF(e, sum, e.constantFloat(real, 0.5));
    Value rounded = mlir::arith::FPToSIOp::create(
        e.b, LayerEmitter::withElement(real, integer), sum);
    return resizeInteger(e, rounded, memoryTypeOf(type), /*isSigned=*/false);
  }

  /// Σ q · weights, in 32 bits: the weights add up to 2^20.
  static Value sumOf(LayerEmitter &e, ArrayRef<Value> q, Value *w) {
    Value left = addI(e, mulI(e, q[0], w[0]), mulI(e, q[1], w[1])),
          right = addI(e, mulI(e, q[2], w[0]), mulI(e, q[3], w[1]));
    return addI(e, mulI(e, left, w[2]), mulI(e, right, w[3]));
  }

  /// The sum s over 2^20, rounded half away from zero: ⌊(s + 2^19 − (s ≤ 0)) /
  /// 2^20⌋. 16-bit values need 36 bits: their upper and lower bytes are summed
  /// apart, s = 256·c + d with 0 ≤ d < 256, and only whether d is 0 matters.
  static Value interpolateInteger(LayerEmitter &e, Type type, Value *q,
                                  Value *w) {
    using namespace mlir::arith;
    Type i32 = LayerEmitter::withElement(q[0].getType(), e.b.getI32Type());
    auto constant = [&](int64_t value) { return e.constant(i32, value); };
    auto isZeroOrLess = [&](Value x) -> Value {
      return CmpIOp::create(e.b, CmpIPredicate::sle, x, constant(0));
    };
    Value wide[4], sum, correction;
    for (int i = 0; i < 4; ++i)
      wide[i] = e.extend(q[i], e.b.getI32Type(), /*isSigned=*/true);
    int shift = 2 * qcc::arith::kResizeBits;
    if (qnn::bytesPerElement(type) == 1) {
      sum = sumOf(e, wide, w);
      correction = isZeroOrLess(sum);
    } else {
      Value upper[4], lower[4];
      for (int i = 0; i < 4; ++i) {
        upper[i] = ShRSIOp::create(e.b, wide[i], constant(8));
        lower[i] = AndIOp::create(e.b, wide[i], constant(255));
      }
      Value low = sumOf(e, lower, w);
      sum = addI(e, sumOf(e, upper, w), ShRUIOp::create(e.b, low, constant(8)));
      Value rest = AndIOp::create(e.b, low, constant(255));
      Value isWhole = CmpIOp::create(e.b, CmpIPredicate::eq, rest, constant(0));
      correction = AndIOp::create(e.b, isZeroOrLess(sum), isWhole);
      shift -= 8;
    }
    int64_t half = int64_t(1) << (shift - 1);
    sum = addI(
        e, sum,
        SelectOp::create(e.b, correction, constant(half - 1), constant(half)));
    sum = ShRSIOp::create(e.b, sum, constant(shift));
    return resizeInteger(e, sum, memoryTypeOf(type), /*isSigned=*/true);
  }
};

} // namespace

void populateResizeKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<BilinearKernel>());
  kernels.add(std::make_unique<NearestKernel>());
}

} // namespace qcc
