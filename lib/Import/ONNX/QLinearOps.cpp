// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operators whose operands are integers with scales and zero points beside
// them: ONNX's QLinearConv and QLinearMatMul, and those of com.microsoft that
// ONNX Runtime's quantizer writes. Each is a float operation between quantizers
// here; passes know the integer operations, and tables of functions.

#include "OpTable.h"
#include "Quantizer.h"
#include "Window.h"

#include <numeric>

using namespace mlir;
using namespace qcc;
using namespace qcc::onnximport;

namespace {

constexpr Range int32Range = {32, true, INT32_MIN, INT32_MAX};

/// Operand `at` with its scale and zero point behind it, as floats; `axis` is
/// that of several scales, all of which are taken `factor` times.
Value readQuantized(NodeImport &op, unsigned at, unsigned scaleAt, int64_t axis,
                    Parameters &p, double factor = 1) {
  Value x = op.in(at);
  std::optional<Range> range = rangeOf(x);
  if (!range) {
    op.error() << "input " << at << " is " << op.typeOf(x)
               << ", but must be integers of up to 32 bits";
    return {};
  }
  if (!readParameters(op, scaleAt, axis, p))
    return {};
  if (!fitsType(op, p, x)) {
    op.error() << "the scale and zero point of input " << at
               << " must be known when the model is read, and one or one per "
                  "channel";
    return {};
  }
  for (double &scale : p.known->scales)
    scale *= factor;
  p.range = *range;
  Type type = quantizedType(op, *range, *p.known);
  return type ? dequantize(op, x, type) : Value();
}

/// The result's type, from scale and zero point at `at`; without one it is 0,
/// of the integers of `otherwise`.
Type readResultType(NodeImport &op, unsigned at, const Range &otherwise) {
  Parameters p;
  if (!readParameters(op, at, 0, p))
    return {};
  std::optional<Range> range =
      p.zeroPoint ? rangeOf(p.zeroPoint) : std::optional<Range>(otherwise);
  if (!range || !p.known || p.known->isPerAxis()) {
    op.error() << "the scale and zero point of the result must be known when "
                  "the model is read, and one";
    return {};
  }
  return quantizedType(op, *range, *p.known);
}

/// Operand `at` as a bias of `outputs` channels: int32, of the scale of the
/// products, which a double holds. Null after an error.
Value readBias(NodeImport &op, unsigned at, const Parameters &input,
               const Parameters &filter, int64_t outputs) {
  Scales scales;
  for (double scale : filter.known->scales) {
    scales.scales.push_back(scale * input.known->scales.front());
    scales.zeroPoints.push_back(0);
  }
  Value stored = op.in(at);
  if (!op.elementOf(stored).isInteger(32)) {
    op.error() << "the bias must be int32";
    return {};
  }
  if (op.typeOf(stored).getNumElements() != outputs ||
      (scales.isPerAxis() &&
       outputs != static_cast<int64_t>(scales.scales.size()))) {
    op.error() << "the bias " << op.typeOf(stored) << " does not fit "
               << outputs << " outputs";
    return {};
  }
  Type type = quantizedType(op, int32Range, scales);
  return type ? dequantize(op, op.reshape(stored, {outputs}), type) : Value();
}

/// A function of the first operand's floats, quantized as the scale and the
/// zero point at 3 say.
template <typename Function>
LogicalResult importFunction(NodeImport &op, Function function) {
  Parameters input;
  Value x = readQuantized(op, 0, 1, 0, input);
  Type type = x ? readResultType(op, 3, input.range) : Type();
  Value result = type ? function(x) : Value();
  return result ? op.setResult(quantize(op, result, type)) : failure();
}

/// A function of images whose channels the node has first or last.
template <typename Function>
LogicalResult importImageFunction(NodeImport &op, Function function) {
  bool isLast = op.integer("channels_last", 0) != 0;
  if (!op.requireRank(op.in(0), 3, 4, "the input"))
    return failure();
  return importFunction(op, [&](Value x) -> Value {
    Value result = function(isLast ? toChannelsFirst(op, x) : x);
    return result && isLast ? toChannelsLast(op, result) : result;
  });
}

/// `function` of two operands.
template <Value (NodeImport::*function)(Value, Value)>
LogicalResult importBinary(NodeImport &op) {
  Parameters lhs, rhs;
  Value a = readQuantized(op, 0, 1, 0, lhs);
  Value b = a ? readQuantized(op, 3, 4, 0, rhs) : Value();
  Type type = b ? readResultType(op, 6, lhs.range) : Type();
  return type ? op.setResult(quantize(op, (op.*function)(a, b), type))
              : failure();
}

} // namespace

LogicalResult qcc::onnximport::importQLinearConv(NodeImport &op) {
  bool isLast = op.integer("channels_last", 0) != 0;
  Parameters input, filter;
  if (!op.requireRank(op.in(0), 3, 4, "the input"))
    return failure();
  Value x = readQuantized(op, 0, 1, 0, input);
  Value w = x ? readQuantized(op, 3, 4, 0, filter) : Value();
  Type type = w ? readResultType(op, 6, input.range) : Type();
  if (!type)
    return failure();
  Value bias;
  if (op.has(8) &&
      !(bias = readBias(op, 8, input, filter, op.extent(op.in(3), 0))))
    return failure();
  Value result = convolve(op, isLast ? toChannelsFirst(op, x) : x, w, bias);
  if (!result)
    return failure();
  if (isLast)
    result = toChannelsLast(op, result);
  return op.setResult(quantize(op, result, type));
}

LogicalResult qcc::onnximport::importQLinearMatMul(NodeImport &op) {
  Parameters lhs, rhs;
  Value a = readQuantized(op, 0, 1, 0, lhs);
  Value b = a ? readQuantized(op, 3, 4, 1, rhs) : Value();
  Type type = b ? readResultType(op, 6, lhs.range) : Type();
  Value product = type ? multiply(op, a, b) : Value();
  return product ? op.setResult(quantize(op, product, type)) : failure();
}

LogicalResult qcc::onnximport::importQGemm(NodeImport &op) {
  if (!op.requireRank(op.in(0), 2, 2) || !op.requireRank(op.in(3), 2, 2))
    return failure();
  bool isTransposed = op.integer("transB", 0) != 0;
  // The scale of the products is alpha times theirs, which the filter's says.
  Parameters input, filter;
  Value a = readQuantized(op, 0, 1, 0, input);
  Value b = a ? readQuantized(op, 3, 4, isTransposed ? 0 : 1, filter,
                              static_cast<double>(op.real("alpha", 1.0f)))
              : Value();
  if (!b)
    return failure();
  if (op.integer("transA", 0) != 0)
    a = op.transpose(a, {1, 0});
  if (!isTransposed)
    b = op.transpose(b, {1, 0});
  int64_t rows = op.extent(a, 0), columns = op.extent(b, 0);
  if (op.extent(a, 1) != op.extent(b, 1))
    return op.error() << op.typeOf(op.in(0)) << " and " << op.typeOf(op.in(3))
                      << " do not fit each other";
  Value bias;
  if (op.has(6) && !(bias = readBias(op, 6, input, filter, columns)))
    return failure();
  Value result = op.makeTyped<qnn::FullyConnectedOp>(
      RankedTensorType::get({rows, columns}, op.f32()), a, b, bias,
      qnn::FilterLayout::OI, qnn::ClampAttr(), qnn::Rounding::Onnx, false,
      false);
  // Without a scale the result is floats.
  if (!op.has(7))
    return op.setResult(result);
  Type type = readResultType(op, 7, input.range);
  return type ? op.setResult(quantize(op, result, type)) : failure();
}

LogicalResult qcc::onnximport::importQLinearAdd(NodeImport &op) {
  return importBinary<&NodeImport::add>(op);
}

LogicalResult qcc::onnximport::importQLinearMul(NodeImport &op) {
  return importBinary<&NodeImport::mul>(op);
}

LogicalResult qcc::onnximport::importQLinearSigmoid(NodeImport &op) {
  return importFunction(
      op, [&](Value x) { return op.make<qnn::LogisticOp>(op.f32(), x); });
}

LogicalResult qcc::onnximport::importQLinearLeakyRelu(NodeImport &op) {
  return importFunction(op, [&](Value x) { return leakyRelu(op, x); });
}

LogicalResult qcc::onnximport::importQLinearSoftmax(NodeImport &op) {
  return importFunction(
      op, [&](Value x) { return softmax(op, x, op.integer("opset", 13)); });
}

LogicalResult qcc::onnximport::importQLinearAveragePool(NodeImport &op) {
  return importImageFunction(op, [&](Value x) { return averagePool(op, x); });
}

LogicalResult qcc::onnximport::importQLinearGlobalAveragePool(NodeImport &op) {
  return importImageFunction(op, [&](Value x) {
    Numbers axes(op.rankOf(x) - 2);
    std::iota(axes.begin(), axes.end(), 2);
    return op.mean(x, axes, true);
  });
}

LogicalResult qcc::onnximport::importQLinearConcat(NodeImport &op) {
  if (op.numInputs() % 3 != 2)
    return op.error() << "has " << op.numInputs()
                      << " inputs, but takes two and three for each part";
  SmallVector<Value> parts;
  Type type;
  for (unsigned at = 2; at < op.numInputs(); at += 3) {
    Parameters input;
    Value x = readQuantized(op, at, at + 1, 0, input);
    if (x && !type)
      type = readResultType(op, 0, input.range);
    if (!x || !type)
      return failure();
    parts.push_back(quantize(op, x, type));
    op.namePart(parts.back(), "part" + std::to_string(parts.size() - 1));
  }
  int64_t axis = op.axis(op.integer("axis", 1), op.rankOf(parts.front()));
  return op.setResult(op.concat(parts, axis));
}

LogicalResult qcc::onnximport::importQLinearWhere(NodeImport &op) {
  Parameters first, second;
  Value a = readQuantized(op, 1, 2, 0, first);
  Value b = a ? readQuantized(op, 4, 5, 0, second) : Value();
  Type type = b ? readResultType(op, 7, first.range) : Type();
  if (!type)
    return failure();
  return op.setResult(op.make<qnn::SelectOp>(
      type, op.in(0), quantize(op, a, type), quantize(op, b, type)));
}
