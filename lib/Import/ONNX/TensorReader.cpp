// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads TensorProto messages. See the header.

#include "TensorReader.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>

using namespace mlir;
using namespace qcc;
using namespace qcc::onnximport;
using onnx::TensorProto;

std::string qcc::onnximport::quoted(StringRef name) {
  constexpr size_t limit = 100;
  std::string text = "'";
  for (char c : name.take_front(limit))
    text += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  return text + (name.size() > limit ? "…'" : "'");
}

std::string qcc::onnximport::shapeText(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "[";
  llvm::interleaveComma(shape, os);
  os << "]";
  return text;
}

std::string qcc::onnximport::elementText(int32_t type) {
  static constexpr const char *names[] = {
      "UNDEFINED",      "FLOAT",      "UINT8",
      "INT8",           "UINT16",     "INT16",
      "INT32",          "INT64",      "STRING",
      "BOOL",           "FLOAT16",    "DOUBLE",
      "UINT32",         "UINT64",     "COMPLEX64",
      "COMPLEX128",     "BFLOAT16",   "FLOAT8E4M3FN",
      "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ",
      "UINT4",          "INT4",       "FLOAT4E2M1",
      "FLOAT8E8M0",     "UINT2",      "INT2"};
  if (type >= 0 && static_cast<size_t>(type) < std::size(names))
    return names[type];
  return "element type " + std::to_string(type);
}

Type qcc::onnximport::elementTypeFor(MLIRContext *context, int32_t type) {
  Builder b(context);
  auto small = [&](unsigned bits, bool isSigned) -> Type {
    int64_t lo = isSigned ? -(int64_t(1) << (bits - 1)) : 0;
    int64_t hi = (int64_t(1) << (isSigned ? bits - 1 : bits)) - 1;
    return quant::UniformQuantizedType::get(
        isSigned ? quant::QuantizationFlags::Signed : 0, b.getIntegerType(bits),
        b.getF32Type(), 1.0, 0, lo, hi);
  };
  switch (type) {
  case TensorProto::FLOAT:
  case TensorProto::FLOAT16:
  case TensorProto::BFLOAT16:
  case TensorProto::DOUBLE:
    return b.getF32Type();
  case TensorProto::INT8:
    return b.getIntegerType(8);
  case TensorProto::INT16:
    return b.getIntegerType(16);
  case TensorProto::INT32:
    return b.getIntegerType(32);
  case TensorProto::INT64:
    return b.getIntegerType(64);
  case TensorProto::UINT8:
    return b.getIntegerType(8, /*isSigned=*/false);
  case TensorProto::UINT16:
    return b.getIntegerType(16, /*isSigned=*/false);
  case TensorProto::UINT32:
    return b.getIntegerType(32, /*isSigned=*/false);
  case TensorProto::BOOL:
    return b.getIntegerType(1);
  case TensorProto::INT4:
    return small(4, true);
  case TensorProto::UINT4:
    return small(4, false);
  case TensorProto::INT2:
    return small(2, true);
  case TensorProto::UINT2:
    return small(2, false);
  default:
    return {};
  }
}

LogicalResult TensorReader::charge(uint64_t bytes, EmitError emitError) {
  if (bytes > budget)
    return emitError() << "the constants of the model take more memory than a "
                          "file of its size may";
  budget -= bytes;
  return success();
}

FailureOr<ArrayRef<char>> TensorReader::externalData(const TensorProto &tensor,
                                                     EmitError emitError) {
  StringRef location;
  uint64_t offset = 0, length = 0;
  bool hasLength = false;
  for (const auto &entry : tensor.external_data()) {
    if (entry.key() == "location")
      location = entry.value();
    uint64_t *number = entry.key() == "offset"   ? &offset
                       : entry.key() == "length" ? &length
                                                 : nullptr;
    if (number && StringRef(entry.value()).getAsInteger(10, *number))
      return emitError() << "its external data has the " << entry.key() << " "
                         << quoted(entry.value()) << ", which is no number";
    hasLength |= number == &length;
  }
  namespace path = llvm::sys::path;
  // Nothing but a file below the model's directory, whatever links say.
  bool isInside = !location.empty() && !path::is_absolute(location) &&
                  !location.contains('\\') && !location.contains('\0');
  for (StringRef part :
       llvm::make_range(path::begin(location), path::end(location)))
    isInside &= part != "..";
  SmallString<256> full(directory.empty() ? "." : directory), real, root;
  path::append(full, location);
  if (isInside && !llvm::sys::fs::real_path(full, real) &&
      !llvm::sys::fs::real_path(directory.empty() ? "." : directory, root)) {
    root += "/";
    isInside = StringRef(real).starts_with(root) &&
               llvm::sys::fs::is_regular_file(real);
  }
  if (!isInside)
    return emitError() << "its external data lies in " << quoted(location)
                       << ", which is no file below the model's directory";
  std::unique_ptr<llvm::MemoryBuffer> &file = files[location];
  if (!file) {
    auto opened = llvm::MemoryBuffer::getFile(full, /*IsText=*/false,
                                              /*RequiresNullTerminator=*/false);
    if (!opened)
      return emitError() << "its external data cannot be read from "
                         << quoted(location) << ": "
                         << opened.getError().message();
    file = std::move(*opened);
    // What lies there counts as part of the model.
    budget += file->getBufferSize() * 4;
  }
  uint64_t size = file->getBufferSize();
  if (offset > size || (hasLength && length > size - offset))
    return emitError() << "its external data reaches beyond the " << size
                       << " bytes of " << quoted(location);
  return ArrayRef<char>(file->getBufferStart() + offset,
                        hasLength ? length : size - offset);
}

namespace {

/// Elements as they lie in memory, little-endian, 4-bit ones two to a byte.
struct Stored {
  ArrayRef<char> bytes;
  std::vector<char> own;
};

/// The elements that a typed field holds, as the bytes that raw data would have
/// for them.
template <typename To, typename Field>
void packInto(std::vector<char> &bytes, const Field &field) {
  bytes.resize(field.size() * sizeof(To));
  size_t at = 0;
  for (auto element : field) {
    To narrow = static_cast<To>(element);
    std::memcpy(bytes.data() + at, &narrow, sizeof(To));
    at += sizeof(To);
  }
}

void packTyped(std::vector<char> &bytes, const TensorProto &t) {
  switch (t.data_type()) {
  case TensorProto::FLOAT:
    return packInto<float>(bytes, t.float_data());
  case TensorProto::DOUBLE:
    return packInto<double>(bytes, t.double_data());
  case TensorProto::INT64:
    return packInto<int64_t>(bytes, t.int64_data());
  case TensorProto::INT32:
    return packInto<int32_t>(bytes, t.int32_data());
  case TensorProto::UINT32:
    return packInto<uint32_t>(bytes, t.uint64_data());
  case TensorProto::INT16:
  case TensorProto::UINT16:
  case TensorProto::FLOAT16:
  case TensorProto::BFLOAT16:
    return packInto<uint16_t>(bytes, t.int32_data());
  default:
    return packInto<uint8_t>(bytes, t.int32_data());
  }
}

unsigned bitsOf(int32_t type) {
  switch (type) {
  case TensorProto::INT2:
  case TensorProto::UINT2:
    return 2;
  case TensorProto::INT4:
  case TensorProto::UINT4:
    return 4;
  case TensorProto::FLOAT16:
  case TensorProto::BFLOAT16:
  case TensorProto::INT16:
  case TensorProto::UINT16:
    return 16;
  case TensorProto::FLOAT:
  case TensorProto::INT32:
  case TensorProto::UINT32:
    return 32;
  case TensorProto::DOUBLE:
  case TensorProto::INT64:
    return 64;
  default:
    return 8;
  }
}

/// Floats of other widths as float32.
std::vector<float> toFloats(ArrayRef<char> bytes, int32_t type, int64_t count) {
  std::vector<float> floats;
  floats.reserve(count);
  for (int64_t i = 0; i < count; ++i) {
    if (type == TensorProto::DOUBLE) {
      double x;
      std::memcpy(&x, bytes.data() + i * 8, 8);
      floats.push_back(static_cast<float>(x));
      continue;
    }
    uint16_t half;
    std::memcpy(&half, bytes.data() + i * 2, 2);
    const llvm::fltSemantics &semantics = type == TensorProto::FLOAT16
                                              ? llvm::APFloat::IEEEhalf()
                                              : llvm::APFloat::BFloat();
    floats.push_back(
        llvm::APFloat(semantics, APInt(16, half)).convertToFloat());
  }
  return floats;
}

} // namespace

FailureOr<TensorReader::Constant> TensorReader::read(const TensorProto &tensor,
                                                     EmitError emitError) {
  int32_t kind = tensor.data_type();
  Type element = elementTypeFor(context, kind);
  if (!element)
    return emitError() << "is " << elementText(kind)
                       << ", an element type that is not supported";
  constexpr int maxRank = 16;
  if (tensor.dims_size() > maxRank)
    return emitError() << "has " << tensor.dims_size()
                       << " axes, supported are " << maxRank;
  SmallVector<int64_t> shape(tensor.dims().begin(), tensor.dims().end());
  unsigned bits = bitsOf(kind);
  uint64_t count = 1;
  for (int64_t extent : shape) {
    if (extent < 0)
      return emitError() << "has the shape " << shapeText(shape);
    if (extent != 0 && count > options.maxTensorBytes * 8 / bits /
                                   static_cast<uint64_t>(extent))
      return emitError() << "of shape " << shapeText(shape)
                         << " is larger than " << options.maxTensorBytes
                         << " bytes";
    count *= static_cast<uint64_t>(extent);
  }
  uint64_t wanted = llvm::divideCeil(count * bits, 8);
  Stored stored;
  if (tensor.data_location() == TensorProto::EXTERNAL) {
    FailureOr<ArrayRef<char>> data = externalData(tensor, emitError);
    if (failed(data))
      return failure();
    stored.bytes = *data;
  } else if (tensor.has_raw_data()) {
    stored.bytes = {tensor.raw_data().data(), tensor.raw_data().size()};
  } else {
    packTyped(stored.own, tensor);
    stored.bytes = stored.own;
  }
  if (stored.bytes.size() != wanted)
    return emitError() << "of " << elementText(kind) << " and shape "
                       << shapeText(shape) << " takes " << wanted
                       << " bytes, but its data has " << stored.bytes.size();
  if (failed(charge(count * std::max(bits / 8, 1u), emitError)))
    return failure();
  auto type = RankedTensorType::get(shape, element);
  auto storage = RankedTensorType::get(shape, qnn::storageTypeOf(element));
  auto number = static_cast<int64_t>(count);
  if (count == 0) {
    // No elements: what shapes and axes may have.
    return Constant{type,
                    DenseElementsAttr::get(storage, ArrayRef<Attribute>())};
  }
  if (kind == TensorProto::DOUBLE || kind == TensorProto::FLOAT16 ||
      kind == TensorProto::BFLOAT16) {
    std::vector<float> floats = toFloats(stored.bytes, kind, number);
    return Constant{type,
                    DenseElementsAttr::get(storage, ArrayRef<float>(floats))};
  }
  if (kind == TensorProto::BOOL) {
    SmallVector<bool> truths;
    for (char byte : stored.bytes)
      truths.push_back(byte != 0);
    return Constant{type, DenseElementsAttr::get(storage, truths)};
  }
  if (bits < 8) {
    SmallVector<APInt> values;
    unsigned perByte = 8 / bits;
    for (uint64_t i = 0; i < count; ++i)
      values.emplace_back(bits,
                          static_cast<uint8_t>(stored.bytes[i / perByte]) >>
                              (i % perByte * bits),
                          /*isSigned=*/false, /*implicitTrunc=*/true);
    return Constant{type, DenseElementsAttr::get(storage, values)};
  }
  return Constant{type,
                  DenseElementsAttr::getFromRawBuffer(storage, stored.bytes)};
}
