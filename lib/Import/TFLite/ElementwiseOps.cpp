// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LOGISTIC, TANH, the RELU family, QUANTIZE and DEQUANTIZE.

#include "OpTable.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/Support/Endian.h"

#include <limits>

using namespace mlir;
using namespace qcc;
using namespace qcc::tflite;

namespace {

/// The only operand of a unary operator.
struct Unary {
  const TensorInfo *info;
  Value value;
};

FailureOr<Unary> readUnary(OpImport &op) {
  FailureOr<const TensorInfo *> info = op.input(0);
  if (failed(info))
    return failure();
  FailureOr<Value> value = op.value(0);
  if (failed(value))
    return failure();
  return Unary{*info, *value};
}

FailureOr<Unary> readUnaryOfOneKind(OpImport &op, KindSet kinds) {
  FailureOr<const TensorInfo *> info = op.input(0);
  if (failed(info) || failed(op.requireOneKind(*info, kinds)) ||
      failed(op.requireSymmetricInt16(*info)))
    return failure();
  return readUnary(op);
}

/// An activation of its own: a clamp of floats; for integers also a change of
/// scale. TFLite's ReluPrepare divides the scales in float32.
LogicalResult importClamp(OpImport &op, float lo, float hi,
                          KindSet kinds = floatOrBytes) {
  FailureOr<Unary> input = readUnaryOfOneKind(op, kinds);
  if (failed(input))
    return failure();
  FailureOr<qnn::ClampAttr> clamp = op.clampFor(lo, hi);
  if (failed(clamp))
    return failure();
  if (op.result().kind == ElementKind::Float32)
    return op.setResult(qnn::ClipOp::create(
        op.builder(), op.loc(), op.resultType(), input->value, *clamp));
  return op.setResult(qnn::RequantizeOp::create(
      op.builder(), op.loc(), op.resultType(), input->value, *clamp,
      op.rounding(), /*single_scale_quotient=*/true));
}

} // namespace

LogicalResult qcc::tflite::importLogistic(OpImport &op) {
  FailureOr<Unary> input =
      readUnaryOfOneKind(op, floatOrBytes | ElementKind::Int16);
  if (failed(input))
    return failure();
  return op.setResult(qnn::LogisticOp::create(op.builder(), op.loc(),
                                              op.resultType(), input->value));
}

LogicalResult qcc::tflite::importTanh(OpImport &op) {
  FailureOr<Unary> input =
      readUnaryOfOneKind(op, floatOrBytes | ElementKind::Int16);
  if (failed(input))
    return failure();
  return op.setResult(qnn::TanhOp::create(op.builder(), op.loc(),
                                          op.resultType(), input->value));
}

LogicalResult qcc::tflite::importRelu(OpImport &op) {
  return importClamp(op, 0, std::numeric_limits<float>::infinity(),
                     floatOrBytes | ElementKind::Int16);
}

LogicalResult qcc::tflite::importRelu6(OpImport &op) {
  return importClamp(op, 0, 6, floatOrBytes | ElementKind::Int16);
}

LogicalResult qcc::tflite::importReluN1To1(OpImport &op) {
  return importClamp(op, -1, 1);
}

LogicalResult qcc::tflite::importRelu0To1(OpImport &op) {
  return importClamp(op, 0, 1);
}

LogicalResult qcc::tflite::importQuantize(OpImport &op) {
  FailureOr<Unary> input = readUnary(op);
  if (failed(input))
    return failure();
  using Kind = ElementKind;
  Kind from = input->info->kind, to = op.result().kind;
  constexpr KindSet bytes = {Kind::Int8, Kind::UInt8};
  KindSet results = from == Kind::Float32  ? bytes | Kind::Int16
                    : bytes.contains(from) ? bytes
                    : from == Kind::Int16
                        ? KindSet{Kind::Int8, Kind::Int16, Kind::QuantizedInt32}
                    : from == Kind::QuantizedInt32
                        ? KindSet{Kind::Int8, Kind::Int16}
                        : KindSet{};
  if (!results.contains(to) || input->info->isPerAxis())
    return op.error() << quoted(input->info->name) << " is "
                      << input->info->typeText
                      << (input->info->isPerAxis() ? " per axis" : "")
                      << " and the result " << op.result().typeText
                      << ": supported are float32 to int8, uint8 or int16, "
                         "int8 and uint8 to each other, and among int8, int16 "
                         "and int32 with scale from int16 and int32";
  for (const TensorInfo *tensor : {input->info, &op.result()})
    if ((tensor->kind == Kind::Int16 || tensor->kind == Kind::QuantizedInt32) &&
        tensor->zeroPoint() != 0)
      return op.error() << quoted(tensor->name) << " is " << tensor->typeText
                        << " with the zero point " << tensor->zeroPoint()
                        << ", but must have 0";
  if (from == ElementKind::Float32)
    return op.setResult(qnn::QuantizeOp::create(
        op.builder(), op.loc(), op.resultType(), input->value, op.rounding()));
  return op.setResult(
      qnn::RequantizeOp::create(op.builder(), op.loc(), op.resultType(),
                                input->value, qnn::ClampAttr(), op.rounding()));
}

LogicalResult qcc::tflite::importDequantize(OpImport &op) {
  FailureOr<const TensorInfo *> info = op.input(0);
  if (failed(info))
    return failure();
  const TensorInfo &input = **info;
  if (op.result().kind != ElementKind::Float32)
    return op.error() << "the result is " << op.result().typeText
                      << ", but must be float32";
  // Half-precision weights are stored so and widened by the graph: exact.
  if (input.raw->type() == ElementType::FLOAT16 && input.data) {
    if (failed(op.checkShape(input.shape)) || input.elements() == 0)
      return failure();
    llvm::SmallVector<float> wide;
    for (int64_t i = 0, e = input.elements(); i < e; ++i) {
      uint16_t bits = llvm::support::endian::read16le(input.data->data() +
                                                      i * sizeof(uint16_t));
      llvm::APFloat half(llvm::APFloat::IEEEhalf(), llvm::APInt(16, bits));
      wide.push_back(half.convertToFloat());
    }
    RankedTensorType type = op.resultType();
    return op.setValue(qnn::ConstantOp::create(
                           op.builder(), op.loc(), type,
                           DenseElementsAttr::get(type, llvm::ArrayRef(wide)))
                           .getResult());
  }
  if (input.kind != ElementKind::Int8 && input.kind != ElementKind::UInt8 &&
      input.kind != ElementKind::Int16)
    return op.error()
           << quoted(input.name) << " is " << input.typeText
           << (input.raw->type() == ElementType::FLOAT16 ? " and no constant"
                                                         : "")
           << ": supported are int8, uint8, int16 and float16 constants";
  FailureOr<Value> value = op.value(0);
  if (failed(value))
    return failure();
  return op.setResult(qnn::DequantizeOp::create(op.builder(), op.loc(),
                                                op.resultType(), *value));
}
