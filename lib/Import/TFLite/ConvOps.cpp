// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// BATCH_MATMUL, CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, TRANSPOSE_CONV.
//
// The scale of the product differs between TFLite's kernels: per channel (int8
// convolutions) it is float64(s_in) * float64(s_w), in
// PopulateConvolutionQuantizationParams; for uint8 convolutions and for fully
// connected layers with one weight scale it is rounded to float32 first, in
// GetQuantizedConvolutionMultipler. `single_scale_product` says so.

#include "OpTable.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::tflite;

namespace {

constexpr KindSet macKinds = {ElementKind::Float32, ElementKind::Int8,
                              ElementKind::UInt8, ElementKind::Int16};

struct MacOperands {
  const TensorInfo *input, *filter;
  Value inputValue, filterValue, biasValue;
};

/// What one operator takes beyond the common.
struct MacForms {
  unsigned filterRank = 4;
  /// The filter's axis of output channels.
  unsigned axis = 0;
  /// A float32 input may meet an integer filter, as dynamic-range quantization
  /// makes them.
  bool hybrid = true;
  bool int4 = true;
  /// Beside int16 inputs: a bias may have 32 bits; without one the accumulator
  /// has 64.
  bool bias32 = true, wideWithoutBias = true;
  unsigned inputAt = 0, filterAt = 1, biasAt = 2;
};

/// The constant `filter` of uint8 read as int8, as the origin reads old hybrid
/// models: the bytes are signed, whatever their type says.
FailureOr<Value> readBytesAsSigned(OpImport &op, const TensorInfo &filter) {
  if (!filter.data)
    return op.error() << "the uint8 filter " << quoted(filter.name)
                      << " beside a float32 input must be a constant";
  Builder &builder = op.builder();
  auto element = quant::UniformQuantizedType::get(
      quant::QuantizationFlags::Signed, builder.getIntegerType(8),
      builder.getF32Type(), filter.scale(), 0, -128, 127);
  auto storage = RankedTensorType::get(filter.shape, builder.getIntegerType(8));
  auto data = DenseElementsAttr::getFromRawBuffer(
      storage,
      llvm::ArrayRef<char>(reinterpret_cast<const char *>(filter.data->data()),
                           filter.data->size()));
  return Value(qnn::ConstantOp::create(
      op.builder(), op.loc(), RankedTensorType::get(filter.shape, element),
      data));
}

/// The element types of input, filter and result go together.
LogicalResult checkFilterKind(OpImport &op, const TensorInfo &filter,
                              const MacForms &forms) {
  KindSet allowed = op.result().kind;
  switch (op.result().kind) {
  case ElementKind::Float32:
    if (forms.hybrid)
      allowed = allowed | ElementKind::Int8 | ElementKind::UInt8;
    if (forms.hybrid && forms.int4)
      allowed = allowed | ElementKind::Int4;
    break;
  case ElementKind::Int8:
    if (forms.int4)
      allowed = allowed | ElementKind::Int4;
    break;
  case ElementKind::Int16:
    allowed = ElementKind::Int8;
    break;
  default:
    break;
  }
  if (allowed.contains(filter.kind))
    return success();
  return op.error() << "the filter " << quoted(filter.name) << " is "
                    << filter.typeText << ", but beside a result of "
                    << op.result().typeText << " must be " << allowed.text();
}

/// Scales of the filter: along its output channels, and zero points.
LogicalResult checkFilterScales(OpImport &op, const TensorInfo &filter,
                                const MacForms &forms) {
  if (filter.kind == ElementKind::Float32)
    return success();
  bool isHybrid = op.result().kind == ElementKind::Float32;
  if (filter.isPerAxis()) {
    auto type = cast<quant::UniformQuantizedPerAxisType>(filter.elementType);
    if (filter.kind == ElementKind::UInt8)
      return op.error() << "scales per channel are for int8 and int4, but "
                        << quoted(filter.name) << " is " << filter.typeText;
    if (type.getQuantizedDimension() != static_cast<int32_t>(forms.axis))
      return op.error() << quoted(filter.name)
                        << " must be quantized along its output channels, axis "
                        << forms.axis << ", but is along axis "
                        << type.getQuantizedDimension();
    for (int64_t zeroPoint : type.getZeroPoints())
      if (zeroPoint != 0)
        return op.error() << quoted(filter.name) << " has the zero point "
                          << zeroPoint
                          << ", but scales per channel go with zero point 0";
    return success();
  }
  bool mayHaveZero =
      filter.kind == ElementKind::UInt8 || (!isHybrid && forms.filterRank == 2);
  if (!mayHaveZero && filter.zeroPoint() != 0)
    return op.error() << "the " << filter.typeText << " filter "
                      << quoted(filter.name) << " has the zero point "
                      << filter.zeroPoint() << ", but must have 0";
  return success();
}

/// The bias, if there is one. Without one, int16 inputs may get zeros of 64
/// bits, which say that the accumulator has 64.
FailureOr<Value> readBias(OpImport &op, int64_t channels,
                          const MacForms &forms) {
  bool isInt16 = op.result().kind == ElementKind::Int16;
  if (!op.hasInput(forms.biasAt)) {
    if (!isInt16 || !forms.wideWithoutBias)
      return Value();
    Builder &builder = op.builder();
    auto type = RankedTensorType::get(channels, builder.getIntegerType(64));
    return Value(
        qnn::ConstantOp::create(op.builder(), op.loc(), type,
                                DenseElementsAttr::get(type, APInt(64, 0))));
  }
  FailureOr<const TensorInfo *> found = op.input(forms.biasAt);
  if (failed(found))
    return failure();
  const TensorInfo &bias = **found;
  KindSet wanted =
      op.result().kind == ElementKind::Float32 ? KindSet(ElementKind::Float32)
      : isInt16 ? KindSet(ElementKind::Int64)
                : KindSet{ElementKind::Int32, ElementKind::QuantizedInt32};
  if (isInt16 && forms.bias32)
    wanted = wanted | ElementKind::Int32 | ElementKind::QuantizedInt32;
  if (!wanted.contains(bias.kind) ||
      bias.shape != llvm::ArrayRef<int64_t>(channels))
    return op.error() << "the bias " << quoted(bias.name) << " must be "
                      << (op.result().kind == ElementKind::Float32 ? "float32"
                          : !isInt16                               ? "int32"
                          : forms.bias32 ? "int64 or int32"
                                         : "int64")
                      << " of shape " << shapeText(channels) << ", but is "
                      << bias.typeText << " of shape " << shapeText(bias.shape);
  if (auto type = dyn_cast<quant::UniformQuantizedType>(bias.elementType);
      type && type.getZeroPoint() != 0)
    return op.error() << "the bias " << quoted(bias.name)
                      << " has the zero point " << type.getZeroPoint()
                      << ", but must have 0";
  return op.value(forms.biasAt);
}

/// Reads input, filter and optional bias, and checks their element types.
FailureOr<MacOperands> readOperands(OpImport &op, const MacForms &forms) {
  FailureOr<const TensorInfo *> input = op.input(forms.inputAt);
  if (failed(input))
    return failure();
  FailureOr<const TensorInfo *> filter = op.input(forms.filterAt);
  if (failed(filter))
    return failure();
  if (failed(op.requireOneKind(*input, macKinds)) ||
      failed(checkFilterKind(op, **filter, forms)) ||
      failed(op.requireRank(**filter, forms.filterRank)) ||
      failed(checkFilterScales(op, **filter, forms)) ||
      failed(op.requireSymmetricInt16(*input)))
    return failure();
  MacOperands operands{*input, *filter, {}, {}, {}};
  FailureOr<Value> inputValue = op.value(forms.inputAt);
  if (failed(inputValue))
    return failure();
  bool readsBytes = op.result().kind == ElementKind::Float32 &&
                    (*filter)->kind == ElementKind::UInt8;
  FailureOr<Value> filterValue =
      readsBytes ? readBytesAsSigned(op, **filter) : op.value(forms.filterAt);
  if (failed(filterValue))
    return failure();
  FailureOr<Value> biasValue =
      readBias(op, (*filter)->shape[forms.axis], forms);
  if (failed(biasValue))
    return failure();
  operands.inputValue = *inputValue;
  operands.filterValue = *filterValue;
  operands.biasValue = *biasValue;
  return operands;
}

/// A float32 result of an integer filter.
bool isHybrid(const OpImport &op, const MacOperands &operands) {
  return op.result().kind == ElementKind::Float32 &&
         operands.filter->kind != ElementKind::Float32;
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
  FailureOr<MacOperands> operands = readOperands(op, {});
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
      op.result().kind == ElementKind::UInt8,
      // Scales per channel go with zero points of the inputs.
      isHybrid(op, *operands) && operands->filter->isPerAxis()));
}

LogicalResult qcc::tflite::importDepthwiseConv2D(OpImport &op) {
  const auto *options = op.options<DepthwiseConv2DOptions>();
  if (!options)
    return failure();
  MacForms forms;
  forms.axis = 3;
  forms.bias32 = false;
  FailureOr<MacOperands> operands = readOperands(op, forms);
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
      window->clamp, op.rounding(), op.result().kind == ElementKind::UInt8,
      isHybrid(op, *operands)));
}

LogicalResult qcc::tflite::importFullyConnected(OpImport &op) {
  const auto *options = op.options<FullyConnectedOptions>();
  if (!options)
    return failure();
  MacForms forms;
  forms.filterRank = 2;
  forms.wideWithoutBias = false;
  FailureOr<MacOperands> operands = readOperands(op, forms);
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
      op.rounding(), singleProduct,
      isHybrid(op, *operands) && options->asymmetric_quantize_inputs()));
}

LogicalResult qcc::tflite::importTransposeConv(OpImport &op) {
  const auto *options = op.options<TransposeConvOptions>();
  if (!options)
    return failure();
  FailureOr<llvm::SmallVector<int64_t>> shape =
      op.integers(0, "the result's shape");
  if (failed(shape))
    return failure();
  if (shape->size() != 4)
    return op.error() << "the result's shape has " << shape->size()
                      << " numbers, but must have 4";
  MacForms forms;
  forms.hybrid = forms.int4 = forms.wideWithoutBias = false;
  forms.inputAt = 2, forms.filterAt = 1, forms.biasAt = 3;
  FailureOr<MacOperands> operands = readOperands(op, forms);
  if (failed(operands) || failed(op.requireRank(*operands->input, 4)) ||
      failed(op.checkShape(*shape)))
    return failure();
  Numbers strides = {options->stride_h(), options->stride_w()};
  if (failed(op.requirePositive(strides, "strides [h, w]")) ||
      failed(op.requirePositive(*shape, "the result's shape")))
    return failure();
  // The padding of the convolution that would make the input of the result.
  auto extents = [](llvm::ArrayRef<int64_t> whole) {
    return whole.slice(1, 2);
  };
  FailureOr<Numbers> padding =
      op.paddingFor(options->padding(), extents(*shape),
                    extents(operands->filter->shape), strides, {1, 1});
  if (failed(padding))
    return failure();
  FailureOr<qnn::ClampAttr> clamp =
      op.clampFor(options->fused_activation_function());
  if (failed(clamp))
    return failure();
  return op.setResult(qnn::TransposeConv2DOp::create(
      op.builder(), op.loc(), op.resultType(), operands->inputValue,
      operands->filterValue, operands->biasValue, strides,
      Numbers{(*padding)[0], (*padding)[2]}, qnn::FilterLayout::OHWI, *clamp,
      op.rounding(), op.result().kind == ElementKind::UInt8));
}

LogicalResult qcc::tflite::importBatchMatMul(OpImport &op) {
  const auto *options = op.options<BatchMatMulOptions>();
  if (!options)
    return failure();
  FailureOr<const TensorInfo *> lhs = op.input(0);
  if (failed(lhs))
    return failure();
  FailureOr<const TensorInfo *> rhs = op.input(1);
  if (failed(rhs))
    return failure();
  constexpr KindSet kinds = {ElementKind::Float32, ElementKind::Int8,
                             ElementKind::Int16};
  bool isHybrid = op.result().kind == ElementKind::Float32 &&
                  (*rhs)->kind == ElementKind::Int8;
  if (failed(isHybrid ? op.requireOneKind(*lhs, kinds)
                      : op.requireOneKind({*lhs, *rhs}, kinds)) ||
      failed(op.requireSymmetricInt16({*lhs, *rhs})))
    return failure();
  if ((*rhs)->isPerAxis())
    return op.error() << quoted((*rhs)->name)
                      << " has a scale per channel, which is not supported "
                         "here";
  if (isHybrid && (*rhs)->zeroPoint() != 0)
    return op.error() << "the int8 operand " << quoted((*rhs)->name)
                      << " has the zero point " << (*rhs)->zeroPoint()
                      << ", but beside a float32 operand must have 0";
  FailureOr<Value> lhsValue = op.value(0);
  if (failed(lhsValue))
    return failure();
  FailureOr<Value> rhsValue = op.value(1);
  if (failed(rhsValue))
    return failure();
  return op.setResult(qnn::BatchMatMulOp::create(
      op.builder(), op.loc(), op.resultType(), *lhsValue, *rhsValue,
      options->adj_x(), options->adj_y(), qnn::ClampAttr(), op.rounding(),
      /*single_scale_product=*/op.result().kind != ElementKind::Float32,
      isHybrid && options->asymmetric_quantize_inputs(),
      op.result().kind == ElementKind::Int16));
}
