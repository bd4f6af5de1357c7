// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Conv, ConvTranspose, Gemm, MatMul, and what windows are.

#include "BlockWeights.h"
#include "OpTable.h"
#include "Window.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::onnximport;

bool qcc::onnximport::readWindow(NodeImport &op, Value x,
                                 ArrayRef<int64_t> kernel, Window &window) {
  size_t axes = op.rankOf(x) - 2;
  auto read = [&](StringRef name, size_t count,
                  int64_t otherwise) -> std::optional<Numbers> {
    Numbers values = op.integerList(name).value_or(Numbers(count, otherwise));
    bool good = values.size() == count;
    for (int64_t v : values)
      good &= v >= otherwise && v <= INT32_MAX / 4;
    if (good)
      return values;
    op.error() << "the attribute " << name << " is " << shapeText(values)
               << ", but must have " << count << " numbers from " << otherwise;
    return std::nullopt;
  };
  std::optional<Numbers> strides = read("strides", axes, 1);
  std::optional<Numbers> dilations =
      strides ? read("dilations", axes, 1) : std::nullopt;
  std::optional<Numbers> pads =
      dilations ? read("pads", 2 * axes, 0) : std::nullopt;
  if (!pads)
    return false;
  std::string autoPad = op.string("auto_pad", "NOTSET");
  bool isCeil = op.integer("ceil_mode", 0) != 0;
  for (size_t i = 0; i < axes; ++i) {
    int64_t extent = op.extent(x, static_cast<int64_t>(i) + 2);
    int64_t reach = (kernel[i] - 1) * (*dilations)[i] + 1;
    int64_t stride = (*strides)[i];
    int64_t &low = (*pads)[i], &high = (*pads)[i + axes];
    if (autoPad == "SAME_UPPER" || autoPad == "SAME_LOWER") {
      int64_t count = (extent + stride - 1) / stride;
      int64_t total =
          std::max<int64_t>((count - 1) * stride + reach - extent, 0);
      low = autoPad == "SAME_UPPER" ? total / 2 : total - total / 2;
      high = total - low;
    } else if (autoPad == "VALID") {
      low = high = 0;
    } else if (autoPad != "NOTSET") {
      op.error() << "auto_pad is " << quoted(autoPad)
                 << ", which is not supported";
      return false;
    }
    if (isCeil) {
      int64_t room = extent + low + high - reach;
      int64_t count = room < 0 ? 1 : (room + stride - 1) / stride + 1;
      // No window begins in the padding behind the input.
      if ((count - 1) * stride >= extent + low)
        --count;
      int64_t more = (count - 1) * stride - room;
      if (more > 0) {
        high += more;
        window.excess[i + 2 - axes] = more;
      }
    }
  }
  auto twice = [&](ArrayRef<int64_t> values, int64_t otherwise) {
    Numbers two(2 - axes, otherwise);
    llvm::append_range(two, values);
    return two;
  };
  window.kernel = twice(kernel, 1);
  window.strides = twice(*strides, 1);
  window.dilations = twice(*dilations, 1);
  if (axes == 1)
    window.padding = {0, 0, (*pads)[0], (*pads)[1]};
  else
    window.padding = {(*pads)[0], (*pads)[2], (*pads)[1], (*pads)[3]};
  return true;
}

Value qcc::onnximport::toNHWC(NodeImport &op, Value x) {
  if (op.rankOf(x) == 3)
    x = op.reshape(x, {op.extent(x, 0), op.extent(x, 1), 1, op.extent(x, 2)});
  return op.transpose(x, {0, 2, 3, 1});
}

Value qcc::onnximport::fromNHWC(NodeImport &op, Value x, int64_t rank) {
  x = op.transpose(x, {0, 3, 1, 2});
  if (rank == 3)
    x = op.reshape(x, {op.extent(x, 0), op.extent(x, 1), op.extent(x, 3)});
  return x;
}

Value qcc::onnximport::toChannelsFirst(NodeImport &op, Value x) {
  return op.transpose(x, op.rankOf(x) == 4 ? ArrayRef<int64_t>({0, 3, 1, 2})
                                           : ArrayRef<int64_t>({0, 2, 1}));
}

Value qcc::onnximport::toChannelsLast(NodeImport &op, Value x) {
  return op.transpose(x, op.rankOf(x) == 4 ? ArrayRef<int64_t>({0, 2, 3, 1})
                                           : ArrayRef<int64_t>({0, 2, 1}));
}

/// A bias of one dimension, or null for none.
static bool readBias(NodeImport &op, Value &bias, int64_t channels) {
  if (!bias)
    return true;
  if (op.typeOf(bias).getNumElements() != channels) {
    op.error() << "the bias " << op.typeOf(bias) << " must have " << channels
               << " elements";
    return false;
  }
  bias = op.reshape(bias, {channels});
  return op.requireFloat(bias, "the bias");
}

Value qcc::onnximport::convolve(NodeImport &op, Value x, Value filter,
                                Value bias) {
  int64_t rank = op.rankOf(x);
  if (!op.requireRank(x, 3, 4, "the input") ||
      !op.requireRank(filter, rank, rank, "the filter"))
    return {};
  Numbers kernel(op.shapeOf(filter).drop_front(2));
  std::optional<Numbers> given = op.integerList("kernel_shape");
  if (given && !given->empty() && *given != kernel) {
    op.error() << "the kernel_shape " << shapeText(*given)
               << " is not that of the filter " << op.typeOf(filter);
    return {};
  }
  Window window;
  if (!readWindow(op, x, kernel, window))
    return {};
  int64_t channels = op.extent(x, 1), groups = op.integer("group", 1);
  int64_t outputs = op.extent(filter, 0), depth = op.extent(filter, 1);
  if (groups < 1 || groups > channels || depth * groups != channels ||
      outputs % groups != 0) {
    op.error() << "the filter " << op.typeOf(filter) << " does not fit "
               << channels << " channels in " << groups << " groups";
    return {};
  }
  if (!readBias(op, bias, outputs))
    return {};
  Value input = toNHWC(op, x);
  if (rank == 3)
    filter = op.reshape(filter, {outputs, depth, 1, kernel[0]});
  Value result;
  if (groups == channels && groups > 1) {
    filter = op.transpose(filter, {1, 2, 3, 0});
    result = op.make<qnn::DepthwiseConv2DOp>(
        op.f32(), input, filter, bias, window.strides, window.padding,
        window.dilations, qnn::FilterLayout::IHWO, qnn::ClampAttr(),
        qnn::Rounding::Onnx, false, false);
  } else {
    filter = op.transpose(filter, {0, 2, 3, 1});
    result = op.make<qnn::Conv2DOp>(
        op.f32(), input, filter, bias, window.strides, window.padding,
        window.dilations, groups, qnn::FilterLayout::OHWI, qnn::ClampAttr(),
        qnn::Rounding::Onnx, false, false);
  }
  return fromNHWC(op, result, rank);
}

/// A convolution whose windows are single pixels as a product of weights in
/// blocks or with a scale for each output; null where it is none.
static Value multiplyPixels(NodeImport &op) {
  Value x = op.in(0), filter = op.in(1), bias = op.has(2) ? op.in(2) : Value();
  int64_t rank = op.rankOf(x);
  if ((rank != 3 && rank != 4) || op.rankOf(filter) != rank ||
      !(op.blocksOf(filter) || op.roundsActivations()))
    return {};
  Window window;
  int64_t outputs = op.extent(filter, 0);
  Numbers kernel(op.shapeOf(filter).drop_front(2));
  bool isOne = llvm::all_of(kernel, [](int64_t extent) { return extent == 1; });
  if (!isOne || op.integer("group", 1) != 1 ||
      op.extent(filter, 1) != op.extent(x, 1) ||
      !readWindow(op, x, kernel, window) ||
      window.padding != Numbers({0, 0, 0, 0})) {
    if (!op.hasFailed() && op.blocksOf(filter))
      op.complaint() << "quantized weights in blocks become floats: windows "
                        "are not single pixels";
    return {};
  }
  std::optional<BlockWeights> weights = weightsToRoundFor(
      op, x, op.extent(x, 1), op.reshape(filter, {outputs, op.extent(x, 1)}),
      /*isTransposed=*/false);
  if (!weights || !readBias(op, bias, outputs))
    return {};
  Value input = toNHWC(op, x);
  Numbers shape(op.shapeOf(input)),
      steps = {1, window.strides[0], window.strides[1], 1};
  for (int64_t i = 1; i < 3; ++i)
    shape[i] = (shape[i] - 1) / steps[i] + 1;
  input = op.slice(input, {0, 0, 0, 0}, shape, steps);
  shape.back() = outputs;
  return fromNHWC(op, multiplyBlocks(op, input, *weights, bias, shape), rank);
}

LogicalResult qcc::onnximport::importConv(NodeImport &op) {
  if (!op.requireFloat(op.in(0), "the input") ||
      !op.requireFloat(op.in(1), "the filter"))
    return failure();
  if (Value product = multiplyPixels(op))
    return op.setResult(product);
  if (op.hasFailed())
    return failure();
  Value result =
      convolve(op, op.in(0), op.in(1), op.has(2) ? op.in(2) : Value());
  return result ? op.setResult(result) : failure();
}

LogicalResult qcc::onnximport::importConvTranspose(NodeImport &op) {
  Value x = op.in(0), filter = op.in(1), bias = op.has(2) ? op.in(2) : Value();
  if (!op.requireFloat(x) || !op.requireFloat(filter, "the filter") ||
      !op.requireRank(x, 4, 4) || !op.requireRank(filter, 4, 4, "the filter"))
    return failure();
  Window window;
  Numbers kernel(op.shapeOf(filter).drop_front(2));
  if (!readWindow(op, x, kernel, window))
    return failure();
  Numbers more = op.integerList("output_padding").value_or(Numbers{0, 0});
  if (op.integer("group", 1) != 1 || op.hasAttribute("output_shape") ||
      op.string("auto_pad", "NOTSET") != "NOTSET" || more.size() != 2 ||
      window.dilations != Numbers({1, 1}))
    return op.error() << "is supported in one group, with explicit pads and "
                         "without dilations only";
  int64_t outputs = op.extent(filter, 1);
  if (op.extent(filter, 0) != op.extent(x, 1))
    return op.error() << "the filter " << op.typeOf(filter)
                      << " does not fit the input " << op.typeOf(x);
  if (!readBias(op, bias, outputs))
    return failure();
  Numbers shape = {op.extent(x, 0), 0, 0, outputs};
  for (int64_t i = 0; i < 2; ++i) {
    shape[i + 1] = (op.extent(x, i + 2) - 1) * window.strides[i] + kernel[i] -
                   window.padding[2 * i] - window.padding[2 * i + 1] + more[i];
    if (shape[i + 1] <= 0)
      return op.error() << "makes no elements";
  }
  Value result = op.makeTyped<qnn::TransposeConv2DOp>(
      RankedTensorType::get(shape, op.f32()), toNHWC(op, x),
      op.transpose(filter, {1, 2, 3, 0}), bias, window.strides,
      Numbers{window.padding[0], window.padding[2]}, qnn::FilterLayout::OHWI,
      qnn::ClampAttr(), qnn::Rounding::Onnx, false);
  return op.setResult(fromNHWC(op, result, 4));
}

/// Whether `v` is known when code is generated: its elements, or integers that
/// are dequantized.
static bool isKnown(Value v) {
  if (auto dequantize = v.getDefiningOp<qnn::DequantizeOp>())
    v = dequantize.getInput();
  return v.getDefiningOp<qnn::ConstantOp>() != nullptr;
}

Value qcc::onnximport::multiply(NodeImport &op, Value a, Value b) {
  int64_t rankA = op.rankOf(a), rankB = op.rankOf(b);
  if (rankA == 0 || rankB == 0) {
    op.error() << "the operands " << op.typeOf(a) << " and " << op.typeOf(b)
               << " must have an axis";
    return {};
  }
  if (op.extent(a, rankA - 1) !=
      op.extent(b, std::max<int64_t>(rankB - 2, 0))) {
    op.error() << op.typeOf(a) << " and " << op.typeOf(b)
               << " do not fit each other";
    return {};
  }
  Numbers shape(op.shapeOf(a).drop_back());
  if (rankB == 2 && isKnown(b)) {
    shape.push_back(op.extent(b, 1));
    return op.makeTyped<qnn::FullyConnectedOp>(
        RankedTensorType::get(shape, op.f32()), a, op.transpose(b, {1, 0}),
        Value(), qnn::FilterLayout::OI, qnn::ClampAttr(), qnn::Rounding::Onnx,
        false, false);
  }
  // Vectors are matrices of one row or column.
  if (rankA == 1)
    a = op.reshape(a, {1, op.extent(a, 0)});
  if (rankB == 1)
    b = op.reshape(b, {op.extent(b, 0), 1});
  Value result = op.make<qnn::BatchMatMulOp>(
      op.f32(), a, b, false, false, qnn::ClampAttr(), qnn::Rounding::Onnx,
      false, false, false);
  shape.assign(op.shapeOf(result).begin(), op.shapeOf(result).end());
  if (op.hasFailed())
    return {};
  if (rankB == 1)
    shape.pop_back();
  if (rankA == 1)
    shape.erase(shape.end() - (rankB == 1 ? 1 : 2));
  return op.reshape(result, shape);
}

LogicalResult qcc::onnximport::importMatMul(NodeImport &op) {
  if (!op.requireFloat(op.in(0)) || !op.requireFloat(op.in(1)))
    return failure();
  Value result;
  int64_t depth = op.extent(op.in(0), op.rankOf(op.in(0)) - 1);
  if (std::optional<BlockWeights> weights = weightsToRoundFor(
          op, op.in(0), depth, op.in(1), /*isTransposed=*/true)) {
    Numbers shape(op.shapeOf(op.in(0)).drop_back());
    shape.push_back(weights->outputs);
    result = multiplyBlocks(op, op.in(0), *weights, Value(), shape);
  } else {
    result = multiply(op, op.in(0), op.in(1));
  }
  return result ? op.setResult(result) : failure();
}

LogicalResult qcc::onnximport::importGemm(NodeImport &op) {
  Value a = op.in(0), b = op.in(1), c = op.has(2) ? op.in(2) : Value();
  if (!op.requireFloat(a) || !op.requireFloat(b) ||
      (c && !op.requireFloat(c, "the bias")) || !op.requireRank(a, 2, 2) ||
      !op.requireRank(b, 2, 2))
    return failure();
  if (op.integer("transA", 0) != 0)
    a = op.transpose(a, {1, 0});
  bool isTransposed = op.integer("transB", 0) != 0;
  if (op.extent(a, 1) != op.extent(b, isTransposed ? 1 : 0))
    return op.error() << op.typeOf(a) << " and " << op.typeOf(b)
                      << " do not fit each other";
  Value filter = isTransposed ? b : op.transpose(b, {1, 0});
  int64_t rows = op.extent(a, 0), columns = op.extent(filter, 0);
  float alpha = op.real("alpha", 1.0f), beta = op.real("beta", 1.0f);
  if (beta == 0.0f)
    c = {};
  if (c && beta != 1.0f)
    c = op.mul(c, op.constantFloat(beta));
  bool isBias = c && alpha == 1.0f && op.rankOf(c) <= 2 &&
                op.extent(c, op.rankOf(c) - 1) == columns &&
                op.typeOf(c).getNumElements() == columns;
  Value bias = isBias ? op.reshape(c, {columns}) : Value(), result;
  if (std::optional<BlockWeights> weights =
          weightsToRoundFor(op, a, op.extent(a, 1), b, !isTransposed))
    result = multiplyBlocks(op, a, *weights, bias, {rows, columns});
  else
    result = op.makeTyped<qnn::FullyConnectedOp>(
        RankedTensorType::get({rows, columns}, op.f32()), a, filter, bias,
        qnn::FilterLayout::OI, qnn::ClampAttr(), qnn::Rounding::Onnx, false,
        false);
  if (!result)
    return failure();
  if (alpha != 1.0f)
    result = op.mul(result, op.constantFloat(alpha));
  if (c && !isBias)
    result = op.add(result, c);
  if (!op.hasFailed() &&
      op.shapeOf(result) != ArrayRef<int64_t>({rows, columns}))
    return op.error() << "the bias " << op.typeOf(c)
                      << " does not broadcast to "
                      << shapeText({rows, columns});
  return op.setResult(result);
}
