// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Access to one operator of the file, and what several operators compute from
// it: activation bounds and explicit padding, as TFLite defines them.

#include "OpImport.h"

#include "GraphImporter.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/IR/Verifier.h"
#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace qcc;
using namespace qcc::tflite;
using llvm::ArrayRef;
using llvm::StringRef;

OpImport::OpImport(GraphImporter &graph, const Operator &op,
                   BuiltinOperator code, unsigned index,
                   ArrayRef<TensorInfo *> results)
    : graph(graph), op(op), code(code), index(index), resultInfos(results) {}

Location OpImport::loc(unsigned i) const {
  return NameLoc::get(result(i).name, graph.locationOf(index));
}

OpBuilder &OpImport::builder() { return graph.builder; }

qnn::Rounding OpImport::rounding() const { return graph.options.rounding; }

InFlightDiagnostic OpImport::error() const {
  InFlightDiagnostic diag = emitError(graph.locationOf(index));
  diag << "operator " << index << " (" << graph.describe(code, op) << "): ";
  return diag;
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

bool OpImport::hasInput(unsigned i) const {
  return i < numInputs() && op.inputs()->Get(i) != -1;
}

FailureOr<const TensorInfo *> OpImport::input(unsigned i) const {
  if (!hasInput(i))
    return error() << "operand " << i << " is missing";
  FailureOr<TensorInfo *> info =
      graph.tensors.get(op.inputs()->Get(i), [&] { return error(); });
  if (failed(info))
    return failure();
  return static_cast<const TensorInfo *>(*info);
}

FailureOr<const TensorInfo *> OpImport::intermediate(unsigned i) const {
  if (!op.intermediates() || i >= op.intermediates()->size())
    return error() << "intermediate tensor " << i << " is missing";
  FailureOr<TensorInfo *> info =
      graph.tensors.get(op.intermediates()->Get(i), [&] { return error(); });
  if (failed(info))
    return failure();
  return static_cast<const TensorInfo *>(*info);
}

FailureOr<Value> OpImport::value(unsigned i) const {
  FailureOr<const TensorInfo *> info = input(i);
  if (failed(info))
    return failure();
  Value value = graph.valueOf(**info, index, [&] { return error(); });
  if (!value)
    return failure();
  return value;
}

FailureOr<llvm::SmallVector<int64_t>> OpImport::integers(unsigned i,
                                                         StringRef what) const {
  FailureOr<const TensorInfo *> found = input(i);
  if (failed(found))
    return failure();
  const TensorInfo &info = **found;
  ElementType type = info.raw->type();
  if (type != ElementType::INT32 && type != ElementType::INT64)
    return error() << what << " must be int32 or int64, but "
                   << quoted(info.name) << " is " << info.typeText;
  if (llvm::is_contained(info.shape, 0))
    return llvm::SmallVector<int64_t>();
  constexpr int64_t limit = 64;
  if (info.elements() > limit)
    return error() << what << " has " << info.elements() << " numbers, at most "
                   << limit << " are supported";
  std::optional<reference::RefTensor> tensor = evaluate(i);
  if (!tensor)
    return error() << what << " must be known at compile time, but "
                   << quoted(info.name)
                   << (graph.values[info.index] ? " is computed at run time"
                                                : " carries no data");
  return llvm::SmallVector<int64_t>(tensor->ints());
}

std::optional<reference::RefTensor> OpImport::evaluate(unsigned i) const {
  FailureOr<const TensorInfo *> found = input(i);
  if (failed(found))
    return std::nullopt;
  const TensorInfo &info = **found;
  if (Value known = graph.values[info.index])
    return graph.evaluate(known, 0);
  if (!info.data || !info.elementType || llvm::is_contained(info.shape, 0))
    return std::nullopt;
  auto type = RankedTensorType::get(info.shape, info.elementType);
  if (!GraphImporter::isSmall(type))
    return std::nullopt;
  return reference::RefTensor::fromAttr(GraphImporter::dataOf(info, type),
                                        type);
}

FailureOr<llvm::SmallVector<int64_t>> OpImport::axes(ArrayRef<int64_t> raw,
                                                     int64_t rank) const {
  llvm::SmallVector<int64_t> axes;
  for (int64_t axis : raw) {
    if (axis < -rank || axis >= rank)
      return error() << "axis " << axis << " lies outside a tensor of rank "
                     << rank;
    axes.push_back(axis < 0 ? axis + rank : axis);
  }
  llvm::sort(axes);
  axes.erase(llvm::unique(axes), axes.end());
  return axes;
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

RankedTensorType OpImport::resultType(unsigned i) const {
  return RankedTensorType::get(result(i).shape, result(i).elementType);
}

LogicalResult OpImport::checkShape(ArrayRef<int64_t> shape, unsigned i) {
  TensorInfo &resultInfo = *resultInfos[i];
  if (shape == ArrayRef<int64_t>(resultInfo.shape))
    return success();
  uint64_t limit = graph.options.maxTensorBytes / sizeof(int64_t), count = 1;
  for (int64_t extent : shape) {
    if (extent <= 0 || count > limit / extent)
      return error() << "the operands give the result the shape "
                     << shapeText(shape) << ", which is empty or too large";
    count *= extent;
  }
  bool mayChange = resultInfo.unknownRank || !graph.options.inputShapes.empty();
  if (!mayChange && shape.size() == resultInfo.shape.size()) {
    mayChange = true;
    for (size_t k = 0; k < shape.size(); ++k)
      mayChange &= resultInfo.isFree[k] || shape[k] == resultInfo.shape[k];
  }
  if (!mayChange)
    return error() << "the operands give the result the shape "
                   << shapeText(shape) << ", but the file says "
                   << shapeText(resultInfo.shape);
  resultInfo.shape.assign(shape.begin(), shape.end());
  resultInfo.isFree.assign(shape.size(), false);
  return success();
}

LogicalResult
OpImport::guarded(llvm::function_ref<LogicalResult()> check) const {
  std::string message = "its operands do not fit together";
  bool isFirst = true;
  LogicalResult outcome = failure();
  {
    ScopedDiagnosticHandler handler(graph.context, [&](Diagnostic &diag) {
      if (diag.getSeverity() == DiagnosticSeverity::Error && isFirst) {
        message = diag.str();
        isFirst = false;
      }
      return success();
    });
    outcome = check();
  }
  if (succeeded(outcome))
    return success();
  // "'qnn.add' op shapes …": the file's operator has been named already.
  StringRef complaint = message;
  if (complaint.consume_front("'qnn."))
    complaint = complaint.split("' op ").second;
  return error() << complaint;
}

LogicalResult OpImport::setResult(unsigned i, Operation *made) {
  FailureOr<llvm::SmallVector<int64_t>> shape;
  if (failed(guarded([&] {
        shape = cast<qnn::ShapeOpInterface>(made).inferShape();
        return LogicalResult(shape);
      })) ||
      failed(checkShape(*shape, i)))
    return failure();
  made->getResult(0).setType(resultType(i));
  if (failed(guarded([&] { return verify(made); })))
    return failure();
  return setValue(i, made->getResult(0));
}

LogicalResult OpImport::setValue(unsigned i, Value value) {
  graph.values[result(i).index] = value;
  // Now, while what it is made of is near; most values are not known.
  constexpr unsigned opsOfOneOperator = 8;
  graph.evaluate(value, opsOfOneOperator);
  return success();
}

//===----------------------------------------------------------------------===//
// Checks and attributes
//===----------------------------------------------------------------------===//

LogicalResult OpImport::requireRank(const TensorInfo &tensor,
                                    unsigned rank) const {
  if (tensor.shape.size() == rank)
    return success();
  return error() << quoted(tensor.name) << " must have rank " << rank
                 << ", but has shape " << shapeText(tensor.shape);
}

LogicalResult OpImport::requireOneKind(ArrayRef<const TensorInfo *> tensors,
                                       KindSet kinds) const {
  for (const TensorInfo *tensor : tensors)
    if (!kinds.contains(tensor->kind) || tensor->kind != result().kind)
      return error() << quoted(tensor->name) << " is " << tensor->typeText
                     << " and the result " << result().typeText
                     << ": supported are " << kinds.text() << " throughout";
  return success();
}

LogicalResult OpImport::requireKind(const TensorInfo &tensor,
                                    KindSet kinds) const {
  if (kinds.contains(tensor.kind))
    return success();
  bool isResult = &tensor == &result();
  return error() << (isResult ? "the result " : "") << quoted(tensor.name)
                 << " is " << tensor.typeText << ": supported are "
                 << kinds.text();
}

LogicalResult
OpImport::requireSymmetricInt16(ArrayRef<const TensorInfo *> tensors) const {
  llvm::SmallVector<const TensorInfo *> all(tensors);
  all.push_back(&result());
  for (const TensorInfo *tensor : all)
    if (tensor->kind == ElementKind::Int16 && tensor->zeroPoint() != 0)
      return error() << quoted(tensor->name) << " is int16 with the zero point "
                     << tensor->zeroPoint() << ", but must have 0";
  return success();
}

LogicalResult OpImport::requireSameElements(const TensorInfo &tensor,
                                            unsigned i) const {
  if (tensor.elementType && tensor.elementType == result(i).elementType)
    return success();
  InFlightDiagnostic diag = error();
  diag << quoted(tensor.name) << " and the result must have the same element "
       << "type and quantization, but have ";
  auto describe = [&](const TensorInfo &info) {
    if (info.elementType)
      diag << info.elementType;
    else
      diag << info.typeText;
  };
  describe(tensor);
  diag << " and ";
  describe(result(i));
  return diag;
}

FailureOr<qnn::ClampAttr> OpImport::clampFor(Activation activation) const {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  switch (activation) {
  case Activation::NONE:
    return qnn::ClampAttr();
  case Activation::RELU:
    return clampFor(0, infinity);
  case Activation::RELU6:
    return clampFor(0, 6);
  case Activation::RELU_N1_TO_1:
    return clampFor(-1, 1);
  default:
    break;
  }
  StringRef name = EnumNameActivation(activation);
  return error() << "the fused activation "
                 << (name.empty() ? std::to_string(static_cast<int>(activation))
                                  : name.str())
                 << " is not supported; supported are NONE, RELU, RELU6, "
                    "RELU_N1_TO_1";
}

FailureOr<qnn::ClampAttr> OpImport::clampFor(float lo, float hi) const {
  if (result().kind == ElementKind::Float32)
    return qnn::ClampAttr::get(graph.context, lo, hi);
  // Integers without scale are clamped to the bounds themselves.
  if (!quantizedKinds.contains(result().kind))
    return qnn::ClampAttr::get(graph.context, lo, hi);
  auto [least, most] = qnn::storageRange(result().elementType);
  int64_t bounds[] = {least, most};
  float reals[] = {lo, hi};
  for (int i = 0; i < 2; ++i) {
    if (std::isinf(reals[i]))
      continue;
    float steps = std::round(reals[i] / result().scale());
    if (!(std::abs(steps) < 2147483648.0f))
      return error() << "the activation bound " << numberText(reals[i])
                     << " is out of range at the result's scale "
                     << numberText(result().scale());
    int64_t bound = result().zeroPoint() + static_cast<int64_t>(steps);
    bounds[i] = std::clamp(bound, least, most);
  }
  if (bounds[0] == least && bounds[1] == most)
    return qnn::ClampAttr();
  return qnn::ClampAttr::get(graph.context, static_cast<double>(bounds[0]),
                             static_cast<double>(bounds[1]));
}

FailureOr<Numbers> OpImport::paddingFor(Padding padding, ArrayRef<int64_t> in,
                                        ArrayRef<int64_t> kernel,
                                        ArrayRef<int64_t> strides,
                                        ArrayRef<int64_t> dilations) const {
  if (padding == Padding::VALID)
    return Numbers{0, 0, 0, 0};
  if (padding != Padding::SAME)
    return error() << "the padding " << static_cast<int>(padding)
                   << " is unknown; SAME is 0, VALID 1";
  Numbers numbers;
  for (int i = 0; i < 2; ++i) {
    int64_t extent = (kernel[i] - 1) * dilations[i] + 1;
    int64_t outputs = (in[i] - 1) / strides[i] + 1;
    int64_t total =
        std::max<int64_t>(0, (outputs - 1) * strides[i] + extent - in[i]);
    numbers.push_back(total / 2);
    numbers.push_back(total - total / 2);
  }
  return numbers;
}

LogicalResult OpImport::requirePositive(ArrayRef<int64_t> values,
                                        StringRef what) const {
  for (int64_t value : values)
    if (value < 1)
      return error() << what << " must be positive, but are "
                     << shapeText(values);
  return success();
}
