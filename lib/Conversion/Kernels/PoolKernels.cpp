// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Average and maximum over windows, with channels in the lanes. Which elements
// of a window lie inside the input is known for every output row and column, so
// each class of outputs with equally clipped windows has a loop nest of its
// own: no bounds are tested, and each average divides by a constant.

#include "BitPlanes.h"
#include "KernelSupport.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <limits>

using namespace mlir;

namespace qcc {

namespace {

/// Consecutive outputs along one axis whose windows are clipped alike.
struct OutputRange {
  int64_t first, count; ///< Outputs.
  int64_t start;        ///< Input position of the first output's window.
  int64_t taps;         ///< Elements of each window inside the input.
};

/// Splits an axis (padding is less than the kernel, so no window is empty):
/// outputs with the whole window inside form one range, each other output its
/// own, for its window starts elsewhere.
SmallVector<OutputRange> splitAxis(int64_t outputs, int64_t inputs,
                                   int64_t kernel, int64_t stride,
                                   int64_t padding) {
  SmallVector<OutputRange> ranges;
  bool wasWhole = false;
  for (int64_t out = 0; out < outputs; ++out) {
    int64_t start = out * stride - padding;
    int64_t first = std::max<int64_t>(start, 0);
    int64_t taps =
        std::max<int64_t>(std::min(start + kernel, inputs) - first, 0);
    bool isWhole = start >= 0 && taps == kernel;
    if (isWhole && wasWhole)
      ++ranges.back().count;
    else
      ranges.push_back({out, 1, first, taps});
    wasWhole = isWhole;
  }
  return ranges;
}

template <typename OpTy>
std::pair<SmallVector<OutputRange>, SmallVector<OutputRange>>
splitWindows(OpTy op) {
  ArrayRef<int64_t> in = op.getInput().getType().getShape();
  ArrayRef<int64_t> out = op.getType().getShape();
  ArrayRef<int64_t> kernel = op.getKernel(), strides = op.getStrides();
  ArrayRef<int64_t> padding = op.getPadding();
  return {splitAxis(out[1], in[1], kernel[0], strides[0], padding[0]),
          splitAxis(out[2], in[2], kernel[1], strides[1], padding[2])};
}

/// Emits all windows (`pixelElements`: what a pixel has in memory, where that
/// is not its channels): `start(lanes)` is the initial accumulator, `tap` takes
/// an element into it, `finish` makes the result of it and the number of taps.
template <typename OpTy>
void emitWindows(LayerEmitter &e, OpTy op, int64_t lanes,
                 llvm::function_ref<Value(int64_t lanes)> start,
                 llvm::function_ref<Value(Value acc, Value element)> tap,
                 llvm::function_ref<Value(Value acc, int64_t taps)> finish,
                 std::optional<int64_t> pixelElements = std::nullopt) {
  TensorView in = viewOperand(e, op.getInput(), "input");
  const TensorView &out = e.outputs[0];
  auto split = splitWindows(op);
  ArrayRef<int64_t> strides = op.getStrides();
  int64_t channels = pixelElements.value_or(op.getType().getShape()[3]);

  auto emitColumns = [&](Value inRow, Value outRow, const OutputRange &row,
                         const OutputRange &column) {
    int64_t taps = row.taps * column.taps;
    // Small windows are straight-line code.
    bool unrollColumns = column.taps <= 8, unrollRows = taps <= 16;
    e.splitLoop(column.count, [&](Value x) {
      Value corner =
          e.add(e.add(e.mul(x, strides[1] * in.strides[2]), inRow),
                row.start * in.strides[1] + column.start * in.strides[2]);
      Value to =
          e.add(e.add(e.mul(x, out.strides[2]), outRow),
                row.first * out.strides[1] + column.first * out.strides[2]);
      e.forEachVector(channels, lanes, [&](Value channel, int64_t width) {
        Value first = e.add(corner, channel);
        SmallVector<Value> acc = e.loop(
            row.taps, ValueRange{start(width)},
            [&](Value i, ValueRange outer) {
              Value line = e.add(e.mul(i, in.strides[1]), first);
              return e.loop(
                  column.taps, outer,
                  [&](Value j, ValueRange inner) {
                    Value at = e.add(e.mul(j, in.strides[2]), line);
                    return SmallVector<Value>{
                        tap(inner[0], e.load(in.memref, at, width))};
                  },
                  unrollColumns);
            },
            unrollRows);
        e.store(finish(acc[0], taps), out.memref, e.add(to, channel));
      });
    });
  };

  e.inParallel([&] {
    e.splitLoop(op.getType().getShape()[0], [&](Value n) {
      Value image = e.add(e.mul(n, in.strides[0]), in.base);
      Value outImage = e.add(e.mul(n, out.strides[0]), out.base);
      for (const OutputRange &row : split.first) {
        // Whole rows, of which the next may lie over what this one reads.
        auto emitRow = [&](Value y) {
          for (const OutputRange &column : split.second)
            emitColumns(e.add(e.mul(y, strides[0] * in.strides[1]), image),
                        e.add(e.mul(y, out.strides[1]), outImage), row, column);
        };
        e.isRowWise ? e.forEachRow(row.count, emitRow)
                    : e.splitLoop(row.count, emitRow);
      }
    });
  });
}

/// Where all rows of windows are whole, they may go one after the other.
template <typename OpTy>
void addRowWalk(OpTy op, const TargetFacts &facts, KernelChoice &choice) {
  auto input = dyn_cast<BlockArgument>(op.getInput());
  auto rows = splitWindows(op).first;
  if (facts.prefersSmallMemory() && input && rows.size() == 1 &&
      op.getType().getShape()[0] == 1)
    choice.walks.push_back({input.getArgNumber(), op.getStrides()[0],
                            rows[0].start, rows[0].taps});
}

/// What average and maximum have in common: the choice.
template <typename OpTy>
FailureOr<KernelChoice> matchPool(qnn::LayerOp layer, const TargetFacts &facts,
                                  int64_t lanes, std::string &why) {
  auto op = cast<OpTy>(getAnchorOp(layer));
  if (!isSingleOp(layer, why))
    return failure();
  if (qnn::isFloat(op.getType()) && !hasFloats(facts, why))
    return failure();
  int64_t taps = op.getKernel()[0] * op.getKernel()[1];
  KernelChoice choice =
      makeElementwiseChoice(layer, lanes, 6 + 2.0 * static_cast<double>(taps));
  addRowWalk(op, facts, choice);
  return choice;
}

/// Averages: sums in the narrowest lanes that hold every sum with its rounding.
class AvgPoolKernel : public Kernel {
public:
  StringRef getName() const override { return "avg_pool2d.direct"; }
  StringRef getAnchor() const override { return "qnn.avg_pool2d"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    auto op = cast<qnn::AvgPool2DOp>(getAnchorOp(layer));
    int64_t bytes = accumulatorBytes(op);
    if (bytes > 4 && facts.indexBits < 64) {
      why = "the sums need 64-bit division";
      return failure();
    }
    return matchPool<qnn::AvgPool2DOp>(
        layer, facts, lanesFor(facts, bytes, qnn::isFloat(op.getType())), why);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::AvgPool2DOp>(getAnchorOp(e.layer));
    if (qnn::isFloat(op.getType()))
      emitFloat(e, op);
    else
      emitInteger(e, op);
    return success();
  }

private:
  static int64_t accumulatorBytes(qnn::AvgPool2DOp op) {
    if (qnn::isFloat(op.getType()))
      return 4;
    auto [lo, hi] = qnn::storageRange(op.getType());
    int64_t taps = op.getKernel()[0] * op.getKernel()[1];
    if (qnn::bytesPerElement(op.getType()) > 2)
      return 8;
    int64_t largest = std::max(-lo, hi) * taps + taps / 2;
    return largest <= INT16_MAX ? 2 : largest <= INT32_MAX ? 4 : 8;
  }

  static void emitFloat(LayerEmitter &e, qnn::AvgPool2DOp op) {
    auto [lo, hi] = qnn::floatClamp(op.getClampAttr());
    emitWindows(
        e, op, lanesFor(e.facts, 4, true),
        [&](int64_t lanes) {
          return e.constantFloat(LayerEmitter::lanesOf(e.b.getF32Type(), lanes),
                                 0);
        },
        [&](Value acc, Value x) -> Value {
          return mlir::arith::AddFOp::create(e.b, acc, x);
        },
        [&, lo = lo, hi = hi](Value acc, int64_t taps) {
          Value count =
              e.constantFloat(acc.getType(), static_cast<double>(taps));
          return clampFloat(e, mlir::arith::DivFOp::create(e.b, acc, count), lo,
                            hi);
        });
  }

  static void emitInteger(LayerEmitter &e, qnn::AvgPool2DOp op) {
    int64_t bytes = accumulatorBytes(op);
    Type sum = e.b.getIntegerType(static_cast<unsigned>(bytes) * 8);
    bool isSigned = qnn::isSignedStorage(op.getType());
    auto [lo, hi] = qnn::integerClamp(op.getClampAttr(), op.getType());
    auto [least, greatest] = qnn::storageRange(op.getType());
    emitWindows(
        e, op, lanesFor(e.facts, bytes),
        [&](int64_t lanes) {
          return e.constant(LayerEmitter::lanesOf(sum, lanes), 0);
        },
        [&](Value acc, Value x) -> Value {
          return mlir::arith::AddIOp::create(e.b, acc,
                                             e.extend(x, sum, isSigned));
        },
        [&, lo = lo, hi = hi, least = least,
         greatest = greatest](Value acc, int64_t taps) {
          // An average of storable values is storable.
          Value average = divide(e, acc, taps, isSigned);
          average = clampInteger(e, average, lo, hi, least, greatest);
          return resizeInteger(e, average, memoryTypeOf(op.getType()), true);
        });
  }

  /// sum / taps, half away from zero; by the constant, which the back end turns
  /// into an exact multiplication.
  static Value divide(LayerEmitter &e, Value sum, int64_t taps, bool isSigned) {
    if (taps == 1)
      return sum;
    auto constant = [&](int64_t c) { return e.constant(sum.getType(), c); };
    if (!isSigned)
      return mlir::arith::DivUIOp::create(
          e.b, mlir::arith::AddIOp::create(e.b, sum, constant(taps / 2)),
          constant(taps));
    // sum > 0 ? sum + h : sum − h; at 0 either gives 0.
    unsigned bits = getElementTypeOrSelf(sum.getType()).getIntOrFloatBitWidth();
    Value sign = mlir::arith::ShRSIOp::create(e.b, sum, constant(bits - 1));
    Value half = mlir::arith::SubIOp::create(
        e.b, mlir::arith::XOrIOp::create(e.b, sign, constant(taps / 2)), sign);
    return mlir::arith::DivSIOp::create(
        e.b, mlir::arith::AddIOp::create(e.b, sum, half), constant(taps));
  }
};

class L2PoolKernel : public Kernel {
public:
  StringRef getName() const override { return "l2_pool2d.direct"; }
  StringRef getAnchor() const override { return "qnn.l2_pool2d"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    return matchPool<qnn::L2Pool2DOp>(layer, facts, lanesFor(facts, 4, true),
                                      why);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::L2Pool2DOp>(getAnchorOp(e.layer));
    auto [lo, hi] = qnn::floatClamp(op.getClampAttr());
    emitWindows(
        e, op, lanesFor(e.facts, 4, true),
        [&](int64_t lanes) {
          return e.constantFloat(LayerEmitter::lanesOf(e.b.getF32Type(), lanes),
                                 0);
        },
        [&](Value acc, Value x) -> Value {
          return mlir::arith::AddFOp::create(
              e.b, acc, mlir::arith::MulFOp::create(e.b, x, x));
        },
        [&, lo = lo, hi = hi](Value acc, int64_t taps) {
          Value count =
              e.constantFloat(acc.getType(), static_cast<double>(taps));
          Value mean = mlir::arith::DivFOp::create(e.b, acc, count);
          return clampFloat(e, math::SqrtOp::create(e.b, mean), lo, hi);
        });
    return success();
  }
};

class MaxPoolKernel : public Kernel {
public:
  StringRef getName() const override { return "max_pool2d.direct"; }
  StringRef getAnchor() const override { return "qnn.max_pool2d"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    auto op = cast<qnn::MaxPool2DOp>(getAnchorOp(layer));
    FailureOr<KernelChoice> choice =
        matchPool<qnn::MaxPool2DOp>(layer, facts, getLanes(facts, op), why);
    std::optional<qnn::BitCode> code = qnn::bitCodeOf(op.getType());
    // Several planes are compared side by side, for which C has no form.
    if (failed(choice) || choice->inputs.empty() || !code ||
        (code->bits > 1 && facts.isa == IsaFamily::Generic) ||
        qnn::integerClamp(op.getClampAttr(), op.getType()) !=
            qnn::storageRange(op.getType()))
      return choice;
    choice->inputs[0].planes = Planes::AsResult;
    choice->producesPlanes = true;
    return choice;
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::MaxPool2DOp>(getAnchorOp(e.layer));
    if (e.outputs[0].planes > 0) {
      emitPlanes(e, op);
      return success();
    }
    Type element = memoryTypeOf(op.getType());
    if (qnn::isFloat(op.getType())) {
      auto [lo, hi] = qnn::floatClamp(op.getClampAttr());
      emitWindows(
          e, op, getLanes(e.facts, op),
          [&](int64_t lanes) {
            return e.constantFloat(LayerEmitter::lanesOf(element, lanes),
                                   std::numeric_limits<float>::lowest());
          },
          [&](Value acc, Value x) { return maxFloat(e, acc, x); },
          [&, lo = lo, hi = hi](Value acc, int64_t) {
            return clampFloat(e, acc, lo, hi);
          });
      return success();
    }
    bool isSigned = qnn::isSignedStorage(op.getType());
    auto [lo, hi] = qnn::integerClamp(op.getClampAttr(), op.getType());
    auto [least, greatest] = qnn::storageRange(op.getType());
    emitWindows(
        e, op, getLanes(e.facts, op),
        [&, least = least](int64_t lanes) {
          return e.constant(LayerEmitter::lanesOf(element, lanes), least);
        },
        [&](Value acc, Value x) -> Value {
          if (isSigned)
            return mlir::arith::MaxSIOp::create(e.b, acc, x);
          return mlir::arith::MaxUIOp::create(e.b, acc, x);
        },
        [&, lo = lo, hi = hi, least = least, greatest = greatest](Value acc,
                                                                  int64_t) {
          return clampInteger(e, acc, lo, hi, least, greatest, isSigned);
        });
    return success();
  }

private:
  /// The greatest of codes: of one bit it is the or; else the highest bit in
  /// which two codes differ decides, for 32 channels at once.
  static void emitPlanes(LayerEmitter &e, qnn::MaxPool2DOp op) {
    qnn::BitCode code = *qnn::bitCodeOf(op.getType());
    Type i32 = e.b.getI32Type();
    int64_t least = code.encode(qnn::storageRange(op.getType()).first -
                                qnn::zeroPointOf(op.getType()));
    auto binary = [&](auto tag, Value a, Value b) -> Value {
      return decltype(tag)::create(e.b, a, b);
    };
    auto land = [&](Value a, Value b) {
      return binary(mlir::arith::AndIOp(), a, b);
    };
    auto lxor = [&](Value a, Value b) {
      return binary(mlir::arith::XOrIOp(), a, b);
    };
    auto planesOf = [&](Value v) {
      if (code.bits == 1)
        return SmallVector<Value>{v};
      SmallVector<Value> planes;
      for (int64_t n = 0; n < code.bits; ++n)
        planes.push_back(
            vector::ExtractOp::create(e.b, v, ArrayRef<int64_t>{n}));
      return planes;
    };
    emitWindows(
        e, op, code.bits == 1 ? lanesFor(e.facts, 4) : code.bits,
        [&](int64_t lanes) -> Value {
          if (code.bits == 1)
            return e.constant(LayerEmitter::lanesOf(i32, lanes), 0);
          SmallVector<int32_t> words;
          for (int64_t n = 0; n < code.bits; ++n)
            words.push_back(least >> n & 1 ? -1 : 0);
          return mlir::arith::ConstantOp::create(
              e.b, DenseElementsAttr::get(VectorType::get({code.bits}, i32),
                                          ArrayRef<int32_t>(words)));
        },
        [&](Value acc, Value x) -> Value {
          if (code.bits == 1)
            return binary(mlir::arith::OrIOp(), acc, x);
          SmallVector<Value> a = planesOf(acc), b = planesOf(x);
          // Where x is greater, by the bits from the highest down.
          Value greater = e.constant(i32, 0), equal = e.constant(i32, -1);
          for (int64_t n = code.bits - 1; n >= 0; --n) {
            Value differs = lxor(a[n], b[n]);
            bool isSign = code.isTwosComplement && n == code.bits - 1;
            greater = binary(mlir::arith::OrIOp(), greater,
                             land(land(equal, differs), isSign ? a[n] : b[n]));
            equal = land(equal, lxor(differs, e.constant(i32, -1)));
          }
          SmallVector<Value> planes;
          for (int64_t n = 0; n < code.bits; ++n)
            planes.push_back(lxor(a[n], land(greater, lxor(a[n], b[n]))));
          return vector::FromElementsOp::create(e.b, acc.getType(), planes);
        },
        [](Value acc, int64_t) { return acc; },
        qnn::planeWords(op.getType(), code.bits));
  }

  static int64_t getLanes(const TargetFacts &facts, qnn::MaxPool2DOp op) {
    return lanesFor(facts, qnn::bytesPerElement(op.getType()),
                    qnn::isFloat(op.getType()));
  }
};

} // namespace

void populatePoolKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<AvgPoolKernel>());
  kernels.add(std::make_unique<L2PoolKernel>());
  kernels.add(std::make_unique<MaxPoolKernel>());
}

} // namespace qcc
