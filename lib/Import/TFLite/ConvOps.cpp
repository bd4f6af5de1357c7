// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED.
//
// The scale of the product differs between TFLite's kernels: per channel (int8
// convolutions) it is float64(s_in) * float64(s_w), in
// PopulateConvolutionQuantizationParams; for uint8 convolutions and for fully
// connected layers with one weight scale it is rounded to float32 first, in
// GetQuantizedConvolutionMultipler. `single_scale_product` says so.

#include "OpTable.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::tflite;

namespace {

struct MacOperands {
  const TensorInfo *input, *filter;
  Value inputValue, filterValue, biasValue;
};

/// Reads input, filter and optional bias, and checks their element types.
/// `axis` is the filter's axis of output channels. `allowHybrid`: a float32
/// input may meet an int8 filter, as dynamic-range quantization makes them.
FailureOr<MacOperands> readOperands(OpImport &op, unsigned filterRank,
                                    unsigned axis, bool allowHybrid = false) {
  FailureOr<const TensorInfo *> input = op.input(0);
  if (failed(input))
    return failure();
  FailureOr<const TensorInfo *> filter = op.input(1);
  if (failed(filter))
    return failure();
  bool isHybrid = op.result().kind == ElementKind::Float32 &&
                  (*filter)->kind == ElementKind::Int8 && allowHybrid;
  if (failed(isHybrid ? op.requireOneKind({*input})
                      : op.requireOneKind({*input, *filter})) ||
      failed(op.requireRank(**filter, filterRank)))
    return failure();
  if (isHybrid && ((*filter)->isPerAxis() || (*filter)->zeroPoint() != 0))
    return op.error() << "the filter " << quoted((*filter)->name) << " is "
                      << (*filter)->typeText
                      << ", but beside a float32 input it must have one scale "
                         "and the zero point 0";
  MacOperands operands{*input, *filter, {}, {}, {}};

  bool isInt8 = op.result().kind == ElementKind::Int8;
  if ((*filter)->isPerAxis()) {
    auto type =
        cast<quant::UniformQuantizedPerAxisType>((*filter)->elementType);
    if (!isInt8)
      return op.error() << "scales per channel are for int8 alone, but "
                        << quoted((*filter)->name) << " is "
                        << (*filter)->typeText;
    if (type.getQuantizedDimension() != static_cast<int32_t>(axis))
      return op.error() << quoted((*filter)->name)
                        << " must be quantized along its output channels, axis "
                        << axis << ", but is along axis "
                        << type.getQuantizedDimension();
    for (int64_t zeroPoint : type.getZeroPoints())
      if (zeroPoint != 0)
        return op.error() << quoted((*filter)->name) << " has the zero point "
                          << zeroPoint
                          << ", but scales per channel go with zero point 0";
  } else if (isInt8 && filterRank == 4 && (*filter)->zeroPoint() != 0) {
    return op.error() << "the int8 filter " << quoted((*filter)->name)
                      << " has the zero point " << (*filter)->zeroPoint()
                      << ", but int8 convolutions need zero point 0";
  }

  FailureOr<Value> inputValue = op.value(0);
  if (failed(inputValue))
    return failure();
  FailureOr<Value> filterValue = op.value(1);
  if (failed(filterValue))
    return failure();
  operands.inputValue = *inputValue;
  operands.filterValue = *filterValue;
  if (!op.hasInput(2))
    return operands;

  FailureOr<const TensorInfo *> bias = op.input(2);
  if (failed(bias))
    return failure();
  int64_t channels = (*filter)->shape[axis];
  ElementType wanted = op.result().kind == ElementKind::Float32
                           ? ElementType::FLOAT32
                           : ElementType::INT32;
  if ((*bias)->raw->type() != wanted ||
      (*bias)->shape != llvm::ArrayRef<int64_t>(channels))
    return op.error() << "the bias " << quoted((*bias)->name) << " must be "
                      << llvm::StringRef(EnumNameElementType(wanted)).lower()
                      << " of shape " << shapeText(channels) << ", but is "
                      << (*bias)->typeText << " of shape "
                      << shapeText((*bias)->shape);
  if (auto type = dyn_cast<quant::UniformQuantizedType>((*bias)->elementType);
      type && type.getZeroPoint() != 0)
    return op.error() << "the bias " << quoted((*bias)->name)
                      << " has the zero point " << type.getZeroPoint()
                      << ", but must have 0";
  FailureOr<Value> biasValue = op.value(2);
  if (failed(biasValue))
    return failure();
  operands.biasValue = *biasValue;
  return operands;
}

/// Strides, dilations, padding and clamp of both kinds of convolution.
struct Window {
  Numbers strides, dilations, padding;
  qnn::ClampAttr clamp;
};

template <typename Options>
FailureOr<Window> readWindow(OpImport &op, const Options &options,
                             const MacOperands &operands) {
  if (failed(op.requireRank(*operands.input, 4)))
    return failure();
  Window window;
  window.strides = {options.stride_h(), options.stride_w()};
  window.dilations = {options.dilation_h_factor(), options.dilation_w_factor()};
  if (failed(op.requirePositive(window.strides, "strides [h, w]")) ||
      failed(op.requirePositive(window.dilations, "dilations [h, w]")))
    return failure();
  auto extents = [](const TensorInfo &info) {
    return llvm::ArrayRef<int64_t>(info.shape).slice(1, 2);
  };
  FailureOr<Numbers> padding = op.paddingFor(
      options.padding(), extents(*operands.input), extents(*operands.filter),
      window.strides, window.dilations);
  if (failed(padding))
    return failure();
  window.padding = *padding;
  FailureOr<qnn::ClampAttr> clamp =
      op.clampFor(options.fused_activation_function());
  if (failed(clamp))
    return failure();
  window.clamp = *clamp;
  return window;
}

} // namespace

LogicalResult qcc::tflite::importConv2D(OpImport &op) {
  const auto *options = op.options<Conv2DOptions>();
  if (!options)
    return failure();
  FailureOr<MacOperands> operands =
      readOperands(op, 4, 0, /*allowHybrid=*/true);
  if (failed(operands))
    return failure();
  FailureOr<Window> window = readWindow(op, *options, *operands);
  if (failed(window) || failed(op.requireRank(op.result(), 4)))
    return failure();
  int64_t channels = operands->input->shape[3];
  int64_t filterChannels = operands->filter->shape[3];
  if (filterChannels == 0 || channels % filterChannels != 0)
    return op.error() << "the input has " << channels
                      << " channels, which is no multiple of the filter's "
                      << filterChannels;
  return op.setResult(qnn::Conv2DOp::create(
      op.builder(), op.loc(), op.resultType(), operands->inputValue,
      operands->filterValue, operands->biasValue, window->strides,
      window->padding, window->dilations, channels / filterChannels,
      qnn::FilterLayout::OHWI, window->clamp, op.rounding(),
      op.result().kind == ElementKind::UInt8));
}

LogicalResult qcc::tflite::importDepthwiseConv2D(OpImport &op) {
  const auto *options = op.options<DepthwiseConv2DOptions>();
  if (!options)
    return failure();
  FailureOr<MacOperands> operands = readOperands(op, 4, 3);
  if (failed(operands))
    return failure();
  FailureOr<Window> window = readWindow(op, *options, *operands);
  if (failed(window) || failed(op.requireRank(op.result(), 4)))
    return failure();
  // The multiplier of the options is redundant and ignored by TFLite, but a
  // file where it contradicts the shapes is damaged. 0 is found in old files.
  int64_t channels = operands->input->shape[3];
  int64_t outputs = operands->filter->shape[3];
  int64_t multiplier = options->depth_multiplier();
  if (multiplier != 0 && multiplier * channels != outputs)
    return op.error() << "the depth multiplier " << multiplier
                      << " does not make the filter's " << outputs
                      << " channels out of " << channels;
  return op.setResult(qnn::DepthwiseConv2DOp::create(
      op.builder(), op.loc(), op.resultType(), operands->inputValue,
      operands->filterValue, operands->biasValue, window->strides,
      window->padding, window->dilations, qnn::FilterLayout::IHWO,
      window->clamp, op.rounding(), op.result().kind == ElementKind::UInt8));
}

LogicalResult qcc::tflite::importFullyConnected(OpImport &op) {
  const auto *options = op.options<FullyConnectedOptions>();
  if (!options)
    return failure();
  FailureOr<MacOperands> operands = readOperands(op, 2, 0);
  if (failed(operands))
    return failure();
  if (options->weights_format() != WeightsFormat::DEFAULT)
    return op.error() << "the weights format "
                      << static_cast<int>(options->weights_format())
                      << " is not supported, only DEFAULT (0) is";
  FailureOr<qnn::ClampAttr> clamp =
      op.clampFor(options->fused_activation_function());
  if (failed(clamp))
    return failure();

  const TensorInfo &input = *operands->input, &filter = *operands->filter;
  int64_t outputs = filter.shape[0], depth = filter.shape[1];
  bool keepsAxes = options->keep_num_dims();
  // A row of the filter takes whole trailing axes: never elements of two
  // samples.
  int64_t trailing = 1;
  for (size_t i = input.shape.size(); i > 0 && trailing < depth; --i)
    trailing *= input.shape[i - 1];
  if (keepsAxes ? input.shape.empty() || input.shape.back() != depth
                : trailing != depth)
    return op.error() << quoted(input.name) << " of shape "
                      << shapeText(input.shape) << " does not fit the filter's "
                      << depth << " columns";
  llvm::SmallVector<int64_t> shape(input.shape);
  if (keepsAxes)
    shape.back() = outputs;
  else
    shape = {input.elements() / depth, outputs};
  if (failed(op.checkShape(shape)))
    return failure();
  bool singleProduct =
      op.result().kind != ElementKind::Float32 && !filter.isPerAxis();
  return op.setResult(qnn::FullyConnectedOp::create(
      op.builder(), op.loc(), op.resultType(), operands->inputValue,
      operands->filterValue, operands->biasValue, qnn::FilterLayout::OI, *clamp,
      op.rounding(), singleProduct));
}
