// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Checks and translates the tensors of a .tflite file. FlatBuffers' verifier
// has proved that tables and vectors lie inside the file; that their numbers
// make sense together is proved here: extents, sizes against buffers,
// quantization parameters against shapes.

#include "TensorTable.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace mlir;
using namespace qcc::tflite;
using llvm::ArrayRef;
using llvm::StringRef;

namespace {

/// No network has tensors of a higher rank; what has is damaged.
constexpr unsigned maxRank = 8;

/// Bits of one element, 0 for types that have no fixed size.
unsigned bitsOf(ElementType type) {
  switch (type) {
  case ElementType::INT4:
    return 4;
  case ElementType::BOOL:
  case ElementType::INT8:
  case ElementType::UINT8:
    return 8;
  case ElementType::FLOAT16:
  case ElementType::BFLOAT16:
  case ElementType::INT16:
  case ElementType::UINT16:
    return 16;
  case ElementType::FLOAT32:
  case ElementType::INT32:
  case ElementType::UINT32:
    return 32;
  case ElementType::FLOAT64:
  case ElementType::INT64:
  case ElementType::UINT64:
  case ElementType::COMPLEX64:
    return 64;
  case ElementType::COMPLEX128:
    return 128;
  case ElementType::STRING:
  case ElementType::RESOURCE:
  case ElementType::VARIANT:
    return 0;
  }
  return 0;
}

} // namespace

std::string qcc::tflite::quoted(StringRef text) {
  constexpr size_t limit = 100;
  std::string out = "'";
  llvm::raw_string_ostream os(out);
  llvm::printEscapedString(text.take_front(limit), os);
  return out + (text.size() > limit ? "...'" : "'");
}

std::string qcc::tflite::shapeText(ArrayRef<int64_t> shape) {
  std::string out = "[";
  llvm::raw_string_ostream os(out);
  llvm::interleaveComma(shape, os);
  return out + "]";
}

std::string qcc::tflite::numberText(double number) {
  std::string out;
  llvm::raw_string_ostream(out) << llvm::format("%g", number);
  return out;
}

StringRef qcc::tflite::kindText(ElementKind kind) {
  switch (kind) {
  case ElementKind::Float32:
    return "float32";
  case ElementKind::Int4:
    return "int4";
  case ElementKind::Int8:
    return "int8";
  case ElementKind::UInt8:
    return "uint8";
  case ElementKind::Int16:
    return "int16";
  case ElementKind::QuantizedInt32:
    return "int32 with scale";
  case ElementKind::PlainInt8:
    return "int8 without scale";
  case ElementKind::PlainUInt8:
    return "uint8 without scale";
  case ElementKind::PlainInt16:
    return "int16 without scale";
  case ElementKind::UInt16:
    return "uint16";
  case ElementKind::Int32:
    return "int32";
  case ElementKind::UInt32:
    return "uint32";
  case ElementKind::Int64:
    return "int64";
  case ElementKind::Bool:
    return "bool";
  case ElementKind::Other:
    break;
  }
  return "other";
}

std::string KindSet::text() const {
  llvm::SmallVector<StringRef> names;
  for (unsigned i = 0; i < static_cast<unsigned>(ElementKind::Other); ++i)
    if (contains(static_cast<ElementKind>(i)))
      names.push_back(kindText(static_cast<ElementKind>(i)));
  if (names.size() < 2)
    return names.empty() ? "none" : names.front().str();
  StringRef last = names.pop_back_val();
  return llvm::join(names, ", ") + " and " + last.str();
}

int64_t TensorInfo::elements() const {
  int64_t product = 1;
  for (int64_t extent : shape)
    product *= extent;
  return product;
}

bool TensorInfo::hasFreeAxes() const {
  return llvm::is_contained(isFree, true);
}

float TensorInfo::scale() const {
  return static_cast<float>(
      cast<quant::UniformQuantizedType>(elementType).getScale());
}

int64_t TensorInfo::zeroPoint() const {
  return cast<quant::UniformQuantizedType>(elementType).getZeroPoint();
}

bool TensorInfo::isPerAxis() const {
  return isa_and_present<quant::UniformQuantizedPerAxisType>(elementType);
}

TensorTable::TensorTable(MLIRContext *context, const Model &model,
                         const SubGraph &graph, ArrayRef<uint8_t> file,
                         uint64_t maxTensorBytes)
    : context(context), model(model), graph(graph), file(file),
      maxTensorBytes(maxTensorBytes),
      budget(file.size() * 8 + (uint64_t(64) << 20)),
      tensors(graph.tensors() ? graph.tensors()->size() : 0) {}

std::string TensorTable::describe(int64_t index) const {
  if (index < 0)
    return "none";
  if (index < static_cast<int64_t>(size())) {
    const flatbuffers::String *name =
        graph.tensors()->Get(static_cast<unsigned>(index))->name();
    if (name && name->size() != 0)
      return quoted(StringRef(name->c_str(), name->size()));
  }
  return "tensor " + std::to_string(index);
}

LogicalResult TensorTable::charge(uint64_t bytes, EmitError emitError) {
  if (bytes > budget)
    return emitError() << "uses the same bytes of the file too many times";
  budget -= bytes;
  return success();
}

FailureOr<TensorInfo *> TensorTable::get(int64_t index, EmitError emitError) {
  if (index < 0 || index >= static_cast<int64_t>(tensors.size()))
    return emitError() << "names tensor " << index << ", but the file has "
                       << tensors.size() << " tensors";
  if (tensors[index])
    return tensors[index].get();

  auto info = std::make_unique<TensorInfo>();
  info->index = static_cast<unsigned>(index);
  info->raw = graph.tensors()->Get(info->index);
  auto tensorError = [&]() -> InFlightDiagnostic {
    InFlightDiagnostic diag = emitError();
    diag << "tensor " << index << " " << describe(index) << " ";
    return diag;
  };
  const flatbuffers::String *name = info->raw->name();
  if (failed(charge(name ? name->size() : 0, tensorError)))
    return failure();
  info->name =
      name && name->size() != 0
          ? StringAttr::get(context, StringRef(name->c_str(), name->size()))
          : StringAttr::get(context, "tensor_" + llvm::Twine(index));
  if (info->raw->sparsity())
    return tensorError() << "is stored sparsely, which is not supported: "
                            "convert the model with dense weights";
  if (failed(readShape(*info, tensorError)) ||
      failed(readElementType(*info, tensorError)))
    return failure();
  if (info->raw->is_variable() && info->data)
    return tensorError() << "is a variable, but carries data";
  tensors[index] = std::move(info);
  return tensors[index].get();
}

LogicalResult TensorTable::readShape(TensorInfo &info, EmitError emitError) {
  const auto *shape = info.raw->shape();
  const auto *signature = info.raw->shape_signature();
  unsigned rank = shape ? shape->size() : 0;
  if (rank > maxRank)
    return emitError() << "has rank " << rank << ", at most " << maxRank
                       << " is supported";
  if (signature && signature->size() != 0 && signature->size() != rank)
    return emitError() << "has rank " << rank
                       << ", but a shape signature of rank "
                       << signature->size();
  info.unknownRank = rank == 0 && !info.raw->has_rank();
  for (unsigned i = 0; i < rank; ++i) {
    int64_t extent = shape->Get(i);
    int64_t free = signature && signature->size() != 0 ? signature->Get(i) : 0;
    if (extent < -1 || free < -1)
      return emitError() << "has the negative extent " << std::min(extent, free)
                         << " on axis " << i;
    info.isFree.push_back(extent == -1 || free == -1);
    info.shape.push_back(extent == -1 ? 1 : extent);
  }
  return success();
}

LogicalResult TensorTable::readElementType(TensorInfo &info,
                                           EmitError emitError) {
  ElementType type = info.raw->type();
  StringRef name = EnumNameElementType(type);
  if (name.empty())
    return emitError() << "has the unknown element type "
                       << static_cast<int>(type);
  info.typeText = name.lower();
  unsigned bits = bitsOf(type);

  // The size first: everything after it may rely on the product of the shape.
  uint64_t limit = maxTensorBytes * 8 / std::max(bits, 8u);
  uint64_t count = 1;
  for (int64_t extent : info.shape) {
    if (extent != 0 && count > limit / extent)
      return emitError() << "of shape " << shapeText(info.shape)
                         << " is larger than " << maxTensorBytes << " bytes";
    count *= extent;
  }

  const QuantizationParameters *quantization = info.raw->quantization();
  bool isQuantized = quantization && quantization->scale() &&
                     quantization->scale()->size() != 0;
  if (failed(readData(info, bits, emitError)))
    return failure();
  auto setKind = [&](ElementKind quantizedKind, ElementKind plainKind,
                     bool isSigned) {
    info.kind = isQuantized ? quantizedKind : plainKind;
    info.typeText = kindText(info.kind);
    if (quantizedKinds.contains(info.kind))
      return readQuantization(info, bits, isSigned, emitError);
    info.elementType = IntegerType::get(
        context, info.kind == ElementKind::Bool ? 1 : bits,
        isSigned ? IntegerType::Signless : IntegerType::Unsigned);
    return success();
  };
  switch (type) {
  case ElementType::FLOAT32:
    info.elementType = Float32Type::get(context);
    info.kind = ElementKind::Float32;
    return success();
  case ElementType::INT4:
    if (!isQuantized)
      return success();
    info.kind = ElementKind::Int4;
    info.typeText = kindText(info.kind);
    return readQuantization(info, bits, /*isSigned=*/true, emitError);
  case ElementType::INT8:
    return setKind(ElementKind::Int8, ElementKind::PlainInt8, true);
  case ElementType::UINT8:
    return setKind(ElementKind::UInt8, ElementKind::PlainUInt8, false);
  case ElementType::INT16:
    return setKind(ElementKind::Int16, ElementKind::PlainInt16, true);
  case ElementType::INT32:
    return setKind(ElementKind::QuantizedInt32, ElementKind::Int32, true);
  case ElementType::UINT16:
    return setKind(ElementKind::UInt16, ElementKind::UInt16, false);
  case ElementType::UINT32:
    return setKind(ElementKind::UInt32, ElementKind::UInt32, false);
  case ElementType::INT64:
    return setKind(ElementKind::Int64, ElementKind::Int64, true);
  case ElementType::BOOL:
    return setKind(ElementKind::Bool, ElementKind::Bool, true);
  default:
    return success();
  }
}

LogicalResult TensorTable::readQuantization(TensorInfo &info, unsigned bits,
                                            bool isSigned,
                                            EmitError emitError) {
  const QuantizationParameters &params = *info.raw->quantization();
  if (params.details_type() != QuantizationDetails::NONE)
    return emitError() << "has custom quantization, which is not supported";
  unsigned count = params.scale()->size();
  unsigned zeroPointCount =
      params.zero_point() ? params.zero_point()->size() : 0;
  if (zeroPointCount != count)
    return emitError() << "has " << count << " scales, but " << zeroPointCount
                       << " zero points";
  // One scale is per tensor, whatever axis is named: so does TFLite take it.
  int32_t axis = params.quantized_dimension();
  if (count > 1) {
    int64_t rank = info.shape.size();
    if (axis < 0 || axis >= rank || info.shape[axis] != count)
      return emitError() << "of shape " << shapeText(info.shape) << " has "
                         << count << " scales along axis " << axis;
    if (!info.data)
      return emitError() << "has " << count
                         << " scales, but only constants may have more than 1";
  }

  if (failed(charge(count * (sizeof(float) + sizeof(int64_t)), emitError)))
    return failure();
  int64_t lo = isSigned ? -(int64_t(1) << (bits - 1)) : 0;
  int64_t hi = isSigned ? -lo - 1 : (int64_t(1) << bits) - 1;
  llvm::SmallVector<double> scales;
  llvm::SmallVector<int64_t> zeroPoints;
  for (unsigned i = 0; i < count; ++i) {
    float scale = params.scale()->Get(i);
    // The length in front is aligned, its 8-byte elements need not be.
    auto zeroPoint = static_cast<int64_t>(llvm::support::endian::read64le(
        params.zero_point()->Data() + i * sizeof(int64_t)));
    if (!std::isfinite(scale) || scale <= 0)
      return emitError() << "has the scale " << numberText(scale)
                         << ", but scales are finite and positive";
    if (zeroPoint < lo || zeroPoint > hi)
      return emitError() << "has the zero point " << zeroPoint
                         << ", but its type holds [" << lo << ", " << hi << "]";
    scales.push_back(scale);
    zeroPoints.push_back(zeroPoint);
  }
  unsigned flags = isSigned ? quant::QuantizationFlags::Signed : 0;
  Type storage = IntegerType::get(context, bits);
  Type expressed = Float32Type::get(context);
  if (count == 1)
    info.elementType = quant::UniformQuantizedType::getChecked(
        emitError, flags, storage, expressed, scales[0], zeroPoints[0], lo, hi);
  else
    info.elementType = quant::UniformQuantizedPerAxisType::getChecked(
        emitError, flags, storage, expressed, scales, zeroPoints, axis, lo, hi);
  return success(static_cast<bool>(info.elementType));
}

LogicalResult TensorTable::readData(TensorInfo &info, unsigned elementBits,
                                    EmitError emitError) {
  FailureOr<ArrayRef<uint8_t>> data = bufferData(info.raw->buffer(), emitError);
  if (failed(data))
    return failure();
  if (data->empty())
    return success();
  uint64_t expected =
      (static_cast<uint64_t>(info.elements()) * elementBits + 7) / 8;
  if (elementBits != 0 && data->size() != expected)
    return emitError() << "of shape " << shapeText(info.shape) << " and type "
                       << info.typeText << " needs " << expected
                       << " bytes, but its buffer " << info.raw->buffer()
                       << " has " << data->size();
  info.data = *data;
  return success();
}

FailureOr<ArrayRef<uint8_t>> TensorTable::bufferData(uint32_t index,
                                                     EmitError emitError) {
  unsigned count = model.buffers() ? model.buffers()->size() : 0;
  if (index == 0)
    return ArrayRef<uint8_t>();
  if (index >= count)
    return emitError() << "names buffer " << index << ", but the file has "
                       << count << " buffers";
  const Buffer *buffer = model.buffers()->Get(index);
  // Files over 2 GB keep data behind the tables, at an offset from the start.
  if (buffer->offset() > 1) {
    uint64_t offset = buffer->offset(), size = buffer->size();
    if (offset > file.size() || size > file.size() - offset)
      return emitError() << "names buffer " << index << " of " << size
                         << " bytes at offset " << offset
                         << ", but the file has " << file.size() << " bytes";
    return file.slice(offset, size);
  }
  if (!buffer->data())
    return ArrayRef<uint8_t>();
  return ArrayRef<uint8_t>(buffer->data()->data(), buffer->data()->size());
}
