// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Element-wise operators but for ADD's family of activations
// (ElementwiseOps.cpp): arithmetic with broadcasting, comparisons, logic,
// selection, functions of one operand, CAST. Each takes the element types that
// TFLite's reference kernels take.

#include "OpTable.h"

#include "qcc/Arithmetic/Functions.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

#include <cmath>

using namespace mlir;
using namespace qcc;
using namespace qcc::tflite;

namespace {

using Kind = ElementKind;

/// Ranks that TFLite's kernels broadcast, and a little more.
constexpr size_t maxBroadcastRank = 6;

struct Operands {
  llvm::SmallVector<const TensorInfo *> infos;
  llvm::SmallVector<Value> values;
};

/// All operands, whose shapes are equal or broadcast at a sensible rank.
FailureOr<Operands> readOperands(OpImport &op) {
  Operands operands;
  for (unsigned i = 0; i < op.numInputs(); ++i) {
    FailureOr<const TensorInfo *> info = op.input(i);
    if (failed(info))
      return failure();
    operands.infos.push_back(*info);
  }
  bool isBroadcast = llvm::any_of(operands.infos, [&](const TensorInfo *info) {
    return info->shape != operands.infos[0]->shape;
  });
  for (const TensorInfo *info : operands.infos)
    if (isBroadcast && info->shape.size() > maxBroadcastRank)
      return op.error() << quoted(info->name) << " has rank "
                        << info->shape.size() << ", but at most "
                        << maxBroadcastRank << " can be broadcast";
  return operands;
}

LogicalResult readValues(OpImport &op, Operands &operands) {
  for (unsigned i = 0; i < op.numInputs(); ++i) {
    FailureOr<Value> value = op.value(i);
    if (failed(value))
      return failure();
    operands.values.push_back(*value);
  }
  return success();
}

/// Operands of one of `kinds`, the result's.
FailureOr<Operands> readOneKind(OpImport &op, KindSet kinds) {
  FailureOr<Operands> operands = readOperands(op);
  if (failed(operands) || failed(op.requireOneKind(operands->infos, kinds)) ||
      failed(readValues(op, *operands)))
    return failure();
  return operands;
}

/// An integer divisor that is known must not be 0, where TFLite stops.
LogicalResult requireDivisor(OpImport &op, const TensorInfo &divisor) {
  if (!divisor.data || divisor.kind == Kind::Float32)
    return success();
  int64_t zero =
      quantizedKinds.contains(divisor.kind) ? divisor.zeroPoint() : 0;
  size_t bytes = divisor.data->size() / divisor.elements();
  for (int64_t i = 0, e = divisor.elements(); i < e; ++i) {
    int64_t value = 0;
    for (size_t k = 0; k < bytes; ++k)
      value |= int64_t((*divisor.data)[i * bytes + k]) << (8 * k);
    if (value == zero)
      return op.error() << "the divisor " << quoted(divisor.name) << " is 0 at "
                        << "element " << i;
  }
  return success();
}

/// The fused activation in options of type `Options`, none where they are left
/// out.
template <typename Options> FailureOr<qnn::ClampAttr> readClamp(OpImport &op) {
  if (!op.hasOptions())
    return op.clampFor(Activation::NONE);
  const auto *options = op.options<Options>();
  if (!options)
    return failure();
  return op.clampFor(options->fused_activation_function());
}

template <typename OpTy, typename Options>
LogicalResult importArithmetic(OpImport &op, KindSet kinds) {
  FailureOr<Operands> operands = readOneKind(op, kinds);
  if (failed(operands))
    return failure();
  FailureOr<qnn::ClampAttr> clamp = readClamp<Options>(op);
  if (failed(clamp))
    return failure();
  return op.setResult(OpTy::create(op.builder(), op.loc(), op.resultType(),
                                   operands->values[0], operands->values[1],
                                   *clamp, op.rounding()));
}

/// ADD and SUB. Their 16-bit kernels have an older form for scales that are
/// powers of two, which files ask for unless they say otherwise.
template <typename OpTy, typename Options>
LogicalResult importAddition(OpImport &op) {
  FailureOr<Operands> operands = readOneKind(
      op, floatOrBytes | KindSet{Kind::Int16, Kind::Int32, Kind::Int64});
  if (failed(operands))
    return failure();
  FailureOr<qnn::ClampAttr> clamp = readClamp<Options>(op);
  if (failed(clamp))
    return failure();
  bool isPowerOfTwo = false;
  if (op.result().kind == Kind::Int16 && op.hasOptions()) {
    isPowerOfTwo = op.options<Options>()->pot_scale_int16();
    bool isExact = true;
    const TensorInfo *tensors[] = {operands->infos[0], operands->infos[1],
                                   &op.result()};
    for (const TensorInfo *tensor : tensors) {
      std::optional<int> exponent = qcc::arith::nearPowerOfTwo(tensor->scale());
      isPowerOfTwo &= exponent && tensor->zeroPoint() == 0;
      isExact &= exponent && std::ldexp(1.0f, *exponent) == tensor->scale();
    }
    if (isPowerOfTwo && !isExact)
      return op.error() << "has scales that are almost powers of two, which "
                           "the origin rounds: not supported";
    if (isPowerOfTwo && operands->infos[0]->shape != operands->infos[1]->shape)
      return op.error() << "'pot_scale_int16' with scales that are powers of "
                           "two does not broadcast";
  }
  return op.setResult(OpTy::create(op.builder(), op.loc(), op.resultType(),
                                   operands->values[0], operands->values[1],
                                   *clamp, op.rounding(), isPowerOfTwo));
}

/// The lesser or greater of stored values: scales must agree.
template <typename OpTy> LogicalResult importExtremum(OpImport &op) {
  FailureOr<Operands> operands = readOneKind(
      op, floatOrBytes | KindSet{Kind::Int16, Kind::PlainInt8, Kind::PlainUInt8,
                                 Kind::PlainInt16, Kind::Int32, Kind::Int64});
  if (failed(operands) || failed(op.requireSameElements(*operands->infos[0])) ||
      failed(op.requireSameElements(*operands->infos[1])))
    return failure();
  return op.setResult(OpTy::create(op.builder(), op.loc(), op.resultType(),
                                   operands->values[0], operands->values[1]));
}

template <typename OpTy>
LogicalResult importPlainBinary(OpImport &op, KindSet kinds, bool isDivision) {
  FailureOr<Operands> operands = readOneKind(op, kinds);
  if (failed(operands) ||
      (isDivision && failed(requireDivisor(op, *operands->infos[1]))))
    return failure();
  return op.setResult(OpTy::create(op.builder(), op.loc(), op.resultType(),
                                   operands->values[0], operands->values[1]));
}

LogicalResult importCompare(OpImport &op, qnn::Predicate predicate,
                            KindSet kinds) {
  FailureOr<Operands> operands = readOperands(op);
  if (failed(operands) || failed(op.requireKind(op.result(), Kind::Bool)))
    return failure();
  const TensorInfo &lhs = *operands->infos[0], &rhs = *operands->infos[1];
  if (failed(op.requireKind(lhs, kinds)) || failed(op.requireKind(rhs, kinds)))
    return failure();
  if (lhs.kind != rhs.kind)
    return op.error() << "compares " << quoted(lhs.name) << " of "
                      << lhs.typeText << " with " << quoted(rhs.name) << " of "
                      << rhs.typeText;
  if (failed(readValues(op, *operands)))
    return failure();
  return op.setResult(qnn::CompareOp::create(
      op.builder(), op.loc(), op.resultType(), operands->values[0],
      operands->values[1], predicate));
}

constexpr KindSet comparedKinds =
    floatOrBytes | KindSet{Kind::Int32, Kind::Int64};
/// Some comparisons take 16 bits, as they are stored.
constexpr KindSet comparedKinds16 =
    comparedKinds | KindSet{Kind::Int16, Kind::PlainInt16};

template <typename OpTy>
LogicalResult importFunction(OpImport &op, KindSet kinds) {
  FailureOr<Operands> operands = readOneKind(op, kinds);
  if (failed(operands))
    return failure();
  return op.setResult(OpTy::create(op.builder(), op.loc(), op.resultType(),
                                   operands->values[0]));
}

/// The same for operations that round.
template <typename OpTy>
LogicalResult importRoundedFunction(OpImport &op, KindSet kinds) {
  FailureOr<Operands> operands = readOneKind(op, kinds);
  if (failed(operands) || failed(op.requireSymmetricInt16(operands->infos)))
    return failure();
  return op.setResult(OpTy::create(op.builder(), op.loc(), op.resultType(),
                                   operands->values[0], op.rounding()));
}

} // namespace

LogicalResult qcc::tflite::importAdd(OpImport &op) {
  return importAddition<qnn::AddOp, AddOptions>(op);
}
LogicalResult qcc::tflite::importSub(OpImport &op) {
  return importAddition<qnn::SubOp, SubOptions>(op);
}
LogicalResult qcc::tflite::importMul(OpImport &op) {
  return importArithmetic<qnn::MulOp, MulOptions>(
      op, floatOrBytes |
              KindSet{Kind::Int16, Kind::Int32, Kind::UInt32, Kind::Int64});
}
LogicalResult qcc::tflite::importDiv(OpImport &op) {
  FailureOr<const TensorInfo *> divisor = op.input(1);
  if (failed(divisor) || failed(requireDivisor(op, **divisor)))
    return failure();
  return importArithmetic<qnn::DivOp, DivOptions>(
      op, {Kind::Float32, Kind::UInt8, Kind::Int32});
}
LogicalResult qcc::tflite::importSquaredDifference(OpImport &op) {
  FailureOr<Operands> operands =
      readOneKind(op, {Kind::Float32, Kind::Int8, Kind::Int32});
  if (failed(operands))
    return failure();
  return op.setResult(qnn::SquaredDifferenceOp::create(
      op.builder(), op.loc(), op.resultType(), operands->values[0],
      operands->values[1], qnn::ClampAttr(), op.rounding()));
}
LogicalResult qcc::tflite::importMinimum(OpImport &op) {
  return importExtremum<qnn::MinimumOp>(op);
}
LogicalResult qcc::tflite::importMaximum(OpImport &op) {
  return importExtremum<qnn::MaximumOp>(op);
}
LogicalResult qcc::tflite::importPow(OpImport &op) {
  return importPlainBinary<qnn::PowOp>(op, {Kind::Float32, Kind::Int32}, false);
}
LogicalResult qcc::tflite::importFloorDiv(OpImport &op) {
  return importPlainBinary<qnn::FloorDivOp>(
      op, {Kind::Float32, Kind::PlainInt8, Kind::PlainInt16, Kind::Int32},
      true);
}
LogicalResult qcc::tflite::importFloorMod(OpImport &op) {
  return importPlainBinary<qnn::FloorModOp>(op,
                                            {Kind::Float32, Kind::PlainInt8,
                                             Kind::PlainInt16, Kind::Int32,
                                             Kind::Int64},
                                            true);
}
LogicalResult qcc::tflite::importPrelu(OpImport &op) {
  FailureOr<Operands> operands = readOneKind(op, floatOrBytes);
  if (failed(operands))
    return failure();
  return op.setResult(qnn::PreluOp::create(op.builder(), op.loc(),
                                           op.resultType(), operands->values[0],
                                           operands->values[1], op.rounding()));
}

LogicalResult qcc::tflite::importEqual(OpImport &op) {
  return importCompare(op, qnn::Predicate::Equal, comparedKinds16 | Kind::Bool);
}
LogicalResult qcc::tflite::importNotEqual(OpImport &op) {
  return importCompare(op, qnn::Predicate::NotEqual,
                       comparedKinds | Kind::Bool);
}
LogicalResult qcc::tflite::importLess(OpImport &op) {
  return importCompare(op, qnn::Predicate::Less, comparedKinds16);
}
LogicalResult qcc::tflite::importLessEqual(OpImport &op) {
  return importCompare(op, qnn::Predicate::LessEqual, comparedKinds);
}
LogicalResult qcc::tflite::importGreater(OpImport &op) {
  return importCompare(op, qnn::Predicate::Greater, comparedKinds);
}
LogicalResult qcc::tflite::importGreaterEqual(OpImport &op) {
  return importCompare(op, qnn::Predicate::GreaterEqual, comparedKinds16);
}

LogicalResult qcc::tflite::importLogicalAnd(OpImport &op) {
  return importPlainBinary<qnn::LogicalAndOp>(op, Kind::Bool, false);
}
LogicalResult qcc::tflite::importLogicalOr(OpImport &op) {
  return importPlainBinary<qnn::LogicalOrOp>(op, Kind::Bool, false);
}
LogicalResult qcc::tflite::importLogicalNot(OpImport &op) {
  return importFunction<qnn::LogicalNotOp>(op, Kind::Bool);
}

/// SELECT_V2 broadcasts all three operands.
LogicalResult qcc::tflite::importSelectV2(OpImport &op) {
  FailureOr<Operands> operands = readOperands(op);
  if (failed(operands) ||
      failed(op.requireKind(*operands->infos[0], Kind::Bool)) ||
      failed(op.requireKind(op.result(), allKinds)) ||
      failed(op.requireSameElements(*operands->infos[1])) ||
      failed(op.requireSameElements(*operands->infos[2])) ||
      failed(readValues(op, *operands)))
    return failure();
  return op.setResult(qnn::SelectOp::create(
      op.builder(), op.loc(), op.resultType(), operands->values[0],
      operands->values[1], operands->values[2]));
}

/// SELECT: one condition for all, one for each element, or, if it has rank 1,
/// one for each index of the first axis.
LogicalResult qcc::tflite::importSelect(OpImport &op) {
  FailureOr<Operands> operands = readOperands(op);
  if (failed(operands))
    return failure();
  const TensorInfo &condition = *operands->infos[0];
  llvm::ArrayRef<int64_t> shape = operands->infos[1]->shape;
  bool isRows = condition.shape.size() == 1 && !shape.empty() &&
                condition.shape[0] == shape[0];
  if (operands->infos[2]->shape != shape ||
      (!condition.shape.empty() && condition.shape != shape && !isRows))
    return op.error() << "the shapes " << shapeText(condition.shape) << ", "
                      << shapeText(shape) << " and "
                      << shapeText(operands->infos[2]->shape)
                      << " do not fit together";
  if (condition.shape.empty() || condition.shape == shape)
    return importSelectV2(op);
  if (failed(op.requireKind(condition, Kind::Bool)) ||
      failed(op.requireKind(op.result(), allKinds)) ||
      failed(op.requireSameElements(*operands->infos[1])) ||
      failed(op.requireSameElements(*operands->infos[2])) ||
      failed(readValues(op, *operands)))
    return failure();
  llvm::SmallVector<int64_t> rows(shape.size(), 1);
  rows[0] = shape[0];
  auto spread = qnn::ReshapeOp::create(
      op.builder(), op.loc(),
      RankedTensorType::get(rows, condition.elementType), operands->values[0]);
  return op.setResult(
      qnn::SelectOp::create(op.builder(), op.loc(), op.resultType(), spread,
                            operands->values[1], operands->values[2]));
}

LogicalResult qcc::tflite::importAbs(OpImport &op) {
  return importRoundedFunction<qnn::AbsOp>(
      op,
      {Kind::Float32, Kind::Int8, Kind::Int16, Kind::PlainInt16, Kind::Int32});
}
LogicalResult qcc::tflite::importNeg(OpImport &op) {
  return importFunction<qnn::NegOp>(op,
                                    {Kind::Float32, Kind::Int32, Kind::Int64});
}
LogicalResult qcc::tflite::importSign(OpImport &op) {
  return importFunction<qnn::SignOp>(op, {Kind::Float32, Kind::Int32});
}
LogicalResult qcc::tflite::importSquare(OpImport &op) {
  return importFunction<qnn::SquareOp>(op, Kind::Float32);
}
LogicalResult qcc::tflite::importSqrt(OpImport &op) {
  return importFunction<qnn::SqrtOp>(op, Kind::Float32);
}
LogicalResult qcc::tflite::importRsqrt(OpImport &op) {
  return importRoundedFunction<qnn::RsqrtOp>(op, {Kind::Float32, Kind::Int8});
}
LogicalResult qcc::tflite::importExp(OpImport &op) {
  FailureOr<const TensorInfo *> input = op.input(0);
  if (failed(input) ||
      failed(op.requireKind(**input, {Kind::Float32, Kind::Int8, Kind::Int16})))
    return failure();
  return importFunction<qnn::ExpOp>(op,
                                    {Kind::Float32, Kind::Int8, Kind::Int16});
}
LogicalResult qcc::tflite::importLog(OpImport &op) {
  return importFunction<qnn::LogOp>(op, Kind::Float32);
}
LogicalResult qcc::tflite::importSin(OpImport &op) {
  return importFunction<qnn::SinOp>(op, Kind::Float32);
}
LogicalResult qcc::tflite::importCos(OpImport &op) {
  return importFunction<qnn::CosOp>(op, Kind::Float32);
}
LogicalResult qcc::tflite::importFloor(OpImport &op) {
  return importFunction<qnn::FloorOp>(op, Kind::Float32);
}
LogicalResult qcc::tflite::importCeil(OpImport &op) {
  return importFunction<qnn::CeilOp>(op, Kind::Float32);
}
LogicalResult qcc::tflite::importRound(OpImport &op) {
  return importFunction<qnn::RoundOp>(op, Kind::Float32);
}
LogicalResult qcc::tflite::importElu(OpImport &op) {
  return importFunction<qnn::EluOp>(op, {Kind::Float32, Kind::Int8});
}
LogicalResult qcc::tflite::importHardSwish(OpImport &op) {
  return importFunction<qnn::HardSwishOp>(op, floatOrBytes);
}

LogicalResult qcc::tflite::importGelu(OpImport &op) {
  bool isApproximate = false;
  if (op.hasOptions()) {
    const auto *options = op.options<GeluOptions>();
    if (!options)
      return failure();
    isApproximate = options->approximate();
  }
  FailureOr<Operands> operands = readOneKind(op, floatOrBytes);
  if (failed(operands))
    return failure();
  return op.setResult(qnn::GeluOp::create(op.builder(), op.loc(),
                                          op.resultType(), operands->values[0],
                                          isApproximate));
}

LogicalResult qcc::tflite::importLeakyRelu(OpImport &op) {
  const auto *options = op.options<LeakyReluOptions>();
  if (!options)
    return failure();
  FailureOr<Operands> operands = readOneKind(op, floatOrBytes | Kind::Int16);
  if (failed(operands))
    return failure();
  if (!std::isfinite(options->alpha()))
    return op.error() << "alpha is " << numberText(options->alpha())
                      << ", but must be finite";
  return op.setResult(qnn::LeakyReluOp::create(
      op.builder(), op.loc(), op.resultType(), operands->values[0],
      llvm::APFloat(options->alpha()), op.rounding()));
}

LogicalResult qcc::tflite::importCast(OpImport &op) {
  FailureOr<Operands> operands = readOperands(op);
  if (failed(operands) ||
      failed(op.requireKind(*operands->infos[0], allKinds)) ||
      failed(op.requireKind(op.result(), allKinds)) ||
      failed(readValues(op, *operands)))
    return failure();
  return op.setResult(qnn::CastOp::create(
      op.builder(), op.loc(), op.resultType(), operands->values[0]));
}
