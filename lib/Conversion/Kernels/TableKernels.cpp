// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions of one stored 8-bit value: logistic, tanh, requantize, dequantize,
// and operations on one such tensor and constants of one element.
// The function is tabulated at compile time by its definition; the generated
// code looks it up, or computes a cheaper formula that agrees on all 256
// values.

#include "ElementwiseKernels.h"
#include "FixedPoint.h"
#include "KernelSupport.h"
#include "VectorTable.h"

#include "qcc/Dialect/QNN/IR/ExactScales.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace qcc {

namespace {

/// Any function, by a table of 256 results.
class TableKernel : public UnaryKernel {
public:
  explicit TableKernel(StringRef op) : UnaryKernel(op, "table") {}

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    Operation *op = getAnchorOp(layer);
    if (!isSingleOp(layer, why))
      return failure();
    std::optional<unsigned> varying = getTabulatedOperand(op);
    if (!varying) {
      why = "not one operand of 256 values, beside constants of one element";
      return failure();
    }
    if (op->getOperand(*varying).getType() != op->getResult(0).getType() &&
        cast<RankedTensorType>(op->getOperand(*varying).getType()).getShape() !=
            cast<RankedTensorType>(op->getResult(0).getType()).getShape()) {
      why = "the operand is broadcast";
      return failure();
    }
    if (!tabulateUnary(op)) {
      why = "the operation has no definition for these types";
      return failure();
    }
    if (int64_t lanes = getLanes(op, facts); lanes > 1)
      return makeRowwiseChoice(layer, facts, lanes, lanes == 64 ? 6 : 16);
    return makeRowwiseChoice(layer, facts, 1, facts.vectorBits ? 1.5 : 6);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    Operation *op = getAnchorOp(e.layer);
    std::optional<UnaryTable> results = tabulateUnary(op);
    if (!results)
      return op->emitOpError("has no definition for these types");
    unsigned varying = *getTabulatedOperand(op);
    bool isSigned = qnn::isSignedStorage(op->getOperand(varying).getType());
    Value table = makeTable(e, *results, op->getResult(0).getType(), isSigned);
    int64_t lanes = getLanes(op, e.facts);
    std::optional<VectorTable> inRegisters;
    if (lanes > 1)
      inRegisters.emplace(e, table);
    emitUnary(e, lanes, varying, [&](Value value) -> Value {
      if (isa<VectorType>(value.getType()))
        return inRegisters->lookUp(value);
      Value index =
          mlir::arith::IndexCastUIOp::create(e.b, e.b.getIndexType(), value);
      return e.load(table, index, 1);
    });
    return success();
  }

private:
  /// Elements looked up at once: 1 unless bytes are looked up, enough of them.
  static int64_t getLanes(Operation *op, const TargetFacts &facts) {
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    if (qnn::bytesPerElement(type) != 1 || type.getNumElements() < 64)
      return 1;
    return std::max<int64_t>(1, VectorTable::lanesFor(facts));
  }

  /// In the order of the operand's bytes read without sign.
  static Value makeTable(LayerEmitter &e, const UnaryTable &results, Type type,
                         bool isSigned) {
    Type memory = memoryTypeOf(type);
    auto tableType = RankedTensorType::get({256}, memory);
    auto entry = [&](size_t byte) { return isSigned ? byte ^ 128 : byte; };
    if (!results.floats.empty()) {
      SmallVector<float> floats(256);
      for (size_t byte = 0; byte < 256; ++byte)
        floats[byte] = results.floats[entry(byte)];
      return e.table(
          "table", DenseElementsAttr::get(tableType, ArrayRef<float>(floats)));
    }
    SmallVector<APInt> integers;
    for (size_t byte = 0; byte < 256; ++byte)
      integers.emplace_back(
          memory.getIntOrFloatBitWidth(),
          static_cast<uint64_t>(results.integers[entry(byte)]),
          /*isSigned=*/true, /*implicitTrunc=*/true);
    return e.table("table", DenseElementsAttr::get(tableType, integers));
  }
};

/// f(q) = clamp((q · factor + offset) >> shift, lo, hi), which is q + offset
/// for factor 1 and shift 0. No intermediate leaves 32 bits.
struct AffineForm {
  int64_t factor = 1, offset = 0;
  int shift = 0;
  int64_t lo = 0, hi = 0;
};

/// An affine form with slope `ratio` equal to `table` on [first, last] of the
/// 256 values from `origin` on, or nothing. The offsets that agree with every
/// entry are an interval for each (factor, shift): each entry bounds it from
/// below, above, or, where the result is clamped, on one side only.
std::optional<AffineForm> fitAffine(ArrayRef<int64_t> table, int64_t origin,
                                    int64_t first, int64_t last, double ratio) {
  AffineForm form;
  form.lo = *llvm::min_element(table);
  form.hi = *llvm::max_element(table);
  auto fits = [&](int64_t factor, int shift) {
    int64_t least = INT32_MIN, greatest = INT32_MAX;
    for (int64_t q = first; q <= last; ++q) {
      int64_t f = table[static_cast<size_t>(q - origin)];
      if (f > form.lo || form.lo == form.hi)
        least = std::max(least, f * (int64_t{1} << shift) - q * factor);
      if (f < form.hi || form.lo == form.hi)
        greatest = std::min(greatest,
                            (f + 1) * (int64_t{1} << shift) - 1 - q * factor);
    }
    if (least > greatest)
      return false;
    form.factor = factor;
    form.shift = shift;
    form.offset = least + (greatest - least) / 2;
    for (int64_t q : {first, last}) {
      int64_t sum = q * factor + form.offset;
      if (q * factor != static_cast<int32_t>(q * factor) ||
          sum != static_cast<int32_t>(sum))
        return false;
    }
    return true;
  };
  if (fits(1, 0))
    return form;
  for (int shift = 22; shift >= 8; --shift) {
    auto factor = std::llround(std::ldexp(ratio, shift));
    for (int64_t delta : {0, -1, 1, -2, 2})
      if (fits(factor + delta, shift))
        return form;
  }
  return std::nullopt;
}

std::optional<AffineForm> fitRequantize(qnn::RequantizeOp op,
                                        std::string &why) {
  Type from = op.getInput().getType(), to = op.getType();
  if (qnn::bytesPerElement(from) != 1 || qnn::bytesPerElement(to) != 1) {
    why = "operand or result is wider than 8 bits";
    return std::nullopt;
  }
  std::optional<UnaryTable> table = tabulateUnary(op);
  if (!table) {
    why = "the operation has no definition for these types";
    return std::nullopt;
  }
  auto [first, last] = qnn::storageRange(from);
  std::optional<AffineForm> form =
      fitAffine(table->integers, qnn::isSignedStorage(from) ? -128 : 0, first,
                last, qnn::scaleOf(from) / qnn::scaleOf(to));
  if (!form)
    why = "no affine form agrees with all values";
  return form;
}

/// Requantization of 8-bit values by a proved affine form; by one addition of
/// bytes where the scales are equal and nothing saturates.
class RequantizeAffineKernel : public UnaryKernel {
public:
  RequantizeAffineKernel() : UnaryKernel("requantize", "affine") {}

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    auto op = cast<qnn::RequantizeOp>(getAnchorOp(layer));
    if (!isSingleOp(layer, why))
      return failure();
    std::optional<AffineForm> form = fitRequantize(op, why);
    if (!form)
      return failure();
    int64_t bytes = bytesOf(*form, op);
    return makeRowwiseChoice(layer, facts, lanesFor(facts, bytes),
                             bytes == 1   ? 1.5
                             : bytes == 2 ? 5
                                          : 7);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::RequantizeOp>(getAnchorOp(e.layer));
    std::string why;
    std::optional<AffineForm> form = fitRequantize(op, why);
    if (!form)
      return op.emitOpError(why);
    int64_t bytes = bytesOf(*form, op);
    Type element = e.b.getIntegerType(static_cast<unsigned>(bytes) * 8);
    bool isSigned = qnn::isSignedStorage(op.getInput().getType());
    auto [first, last] = qnn::storageRange(op.getInput().getType());
    int64_t knownLo = (first * form->factor + form->offset) >> form->shift;
    int64_t knownHi = (last * form->factor + form->offset) >> form->shift;
    emitUnary(e, lanesFor(e.facts, bytes), [&](Value value) -> Value {
      Value x = e.extend(value, element, isSigned);
      auto constant = [&](int64_t c) { return e.constant(x.getType(), c); };
      if (form->factor != 1)
        x = mlir::arith::MulIOp::create(e.b, x, constant(form->factor));
      if (form->offset != 0)
        x = mlir::arith::AddIOp::create(
            e.b, x,
            constant(bytes == 1 ? static_cast<int8_t>(form->offset)
                                : form->offset));
      if (form->shift != 0)
        x = mlir::arith::ShRSIOp::create(e.b, x, constant(form->shift));
      if (bytes > 1)
        x = clampInteger(e, x, form->lo, form->hi, knownLo, knownHi);
      return resizeInteger(e, x, memoryTypeOf(op.getType()), true);
    });
    return success();
  }

private:
  /// Bytes of the lanes to compute in.
  static int64_t bytesOf(const AffineForm &form, qnn::RequantizeOp op) {
    if (form.factor != 1 || form.shift != 0)
      return 4;
    auto [first, last] = qnn::storageRange(op.getInput().getType());
    bool saturates =
        first + form.offset < form.lo || last + form.offset > form.hi;
    return saturates ? 2 : 1;
  }
};

/// Requantization of storage up to 32 bits by the definition's arithmetic.
class RequantizeFixedPointKernel : public UnaryKernel {
public:
  RequantizeFixedPointKernel() : UnaryKernel("requantize", "fixedpoint") {}

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    auto op = cast<qnn::RequantizeOp>(getAnchorOp(layer));
    if (!isSingleOp(layer, why))
      return failure();
    bool isFloat = op.getRounding() == qnn::Rounding::HalfEvenFloat;
    if (isFloat && !hasFloats(facts, why))
      return failure();
    if (op.getFloatAffine()) {
      why = "the definition computes in floats";
      return failure();
    }
    // The centred value and the difference of a bound and the zero point must
    // fit 32 bits, in float exactly.
    for (Type type : {Type(op.getInput().getType()), Type(op.getType())})
      if (qnn::bytesPerElement(type) > 4 ||
          (qnn::bytesPerElement(type) > 2 &&
           (isFloat || qnn::zeroPointOf(type) != 0))) {
        why = "storage wider than 16 bits, with a zero point or rounded in "
              "floats";
        return failure();
      }
    int64_t zero = qnn::zeroPointOf(op.getInput().getType());
    auto [lo, hi] = qnn::storageRange(op.getInput().getType());
    if (op.getRounding() == qnn::Rounding::Onnx &&
        !isHalfEvenExact(ratioOf(op), {lo - zero, hi - zero}, why))
      return failure();
    return makeRowwiseChoice(layer, facts, lanesFor(facts, 4, isFloat), 14);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::RequantizeOp>(getAnchorOp(e.layer));
    Type from = op.getInput().getType(), to = op.getType();
    double inScale = qnn::scaleOf(from), outScale = qnn::scaleOf(to);
    arith::Requantization requantize;
    requantize.rounding = toArith(op.getRounding());
    requantize.multiplier = arith::quantizeMultiplier(
        qnn::requantizeScale(inScale, outScale, op.getSingleScaleQuotient()),
        requantize.rounding);
    requantize.scale =
        static_cast<float>(inScale) / static_cast<float>(outScale);
    requantize.ratio = ratioOf(op);
    requantize.zeroPoint = static_cast<int32_t>(qnn::zeroPointOf(to));
    auto [lo, hi] = qnn::integerClamp(op.getClampAttr(), to);
    requantize.lo = static_cast<int32_t>(lo);
    requantize.hi = static_cast<int32_t>(hi);
    int64_t zero = qnn::zeroPointOf(from);
    auto [first, last] = qnn::storageRange(from);
    arith::IntRange range = {first - zero, last - zero};
    bool isFloat = requantize.rounding == arith::Rounding::HalfEvenFloat;
    emitUnary(e, lanesFor(e.facts, 4, isFloat), [&](Value value) {
      Value x = e.extend(value, e.b.getI32Type(), qnn::isSignedStorage(from));
      if (zero != 0)
        x = mlir::arith::SubIOp::create(e.b, x, e.constant(x.getType(), zero));
      return emitRequantize(e, {x, range}, requantize, memoryTypeOf(to));
    });
    return success();
  }

private:
  static arith::ExactScale ratioOf(qnn::RequantizeOp op) {
    return qnn::exactScale(qnn::scaleOf(op.getInput().getType()),
                           qnn::scaleOf(op.getType()));
  }
};

} // namespace

void populateTableKernels(KernelSet &kernels) {
  for (StringRef op : {"abs",
                       "add",
                       "cast",
                       "compare",
                       "dequantize",
                       "div",
                       "elu",
                       "exp",
                       "gelu",
                       "hard_swish",
                       "leaky_relu",
                       "logistic",
                       "mul",
                       "prelu",
                       "requantize",
                       "rsqrt",
                       "squared_difference",
                       "sub",
                       "table",
                       "tanh"})
    kernels.add(std::make_unique<TableKernel>(op));
  kernels.add(std::make_unique<RequantizeAffineKernel>());
  kernels.add(std::make_unique<RequantizeFixedPointKernel>());
}

} // namespace qcc
