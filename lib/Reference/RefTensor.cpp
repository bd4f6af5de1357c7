// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Literal tensors and their conversion from attributes and to and from .npy.

#include "qcc/Reference/RefTensor.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace qcc;
using namespace qcc::reference;

RefTensor::RefTensor(RankedTensorType tensorType) : type(tensorType) {
  size_t count = static_cast<size_t>(type.getNumElements());
  if (isFloat())
    reals = std::make_shared<std::vector<float>>(count, 0.0f);
  else
    integers = std::make_shared<std::vector<int64_t>>(count, 0);
}

/// The elements of a resource blob: little-endian, sub-byte values one per
/// byte.
static bool readBlob(ArrayRef<char> bytes, unsigned width, bool isSigned,
                     MutableArrayRef<int64_t> out) {
  unsigned elementBytes = llvm::divideCeil(width, 8);
  if (bytes.size() != out.size() * elementBytes)
    return false;
  for (size_t i = 0; i < out.size(); ++i) {
    uint64_t raw = 0;
    std::memcpy(&raw, bytes.data() + i * elementBytes, elementBytes);
    raw &= llvm::maskTrailingOnes<uint64_t>(width);
    out[i] =
        isSigned ? llvm::SignExtend64(raw, width) : static_cast<int64_t>(raw);
  }
  return true;
}

std::optional<RefTensor> RefTensor::fromAttr(ElementsAttr attr,
                                             RankedTensorType tensorType) {
  RefTensor tensor(tensorType);
  if (attr.getNumElements() != tensor.getNumElements())
    return std::nullopt;
  Type storage = attr.getElementType();
  auto resource = dyn_cast<DenseResourceElementsAttr>(attr);
  AsmResourceBlob *blob =
      resource ? resource.getRawHandle().getBlob() : nullptr;
  if (resource && !blob)
    return std::nullopt;

  if (tensor.isFloat()) {
    if (!storage.isF32())
      return std::nullopt;
    MutableArrayRef<float> out = tensor.floats();
    if (blob) {
      if (blob->getData().size() != out.size() * sizeof(float))
        return std::nullopt;
      std::memcpy(out.data(), blob->getData().data(), blob->getData().size());
      return tensor;
    }
    auto values = attr.tryGetValues<float>();
    if (!values)
      return std::nullopt;
    llvm::copy(*values, out.begin());
    return tensor;
  }

  if (!storage.isIntOrIndex() || storage.isIndex() ||
      storage.getIntOrFloatBitWidth() > 64)
    return std::nullopt;
  unsigned width = storage.getIntOrFloatBitWidth();
  bool isSigned = qnn::isSignedStorage(tensor.getElementType());
  MutableArrayRef<int64_t> out = tensor.ints();
  if (blob) {
    if (!readBlob(blob->getData(), width, isSigned, out))
      return std::nullopt;
    return tensor;
  }
  auto values = attr.tryGetValues<APInt>();
  if (!values)
    return std::nullopt;
  for (auto [to, value] : llvm::zip_equal(out, *values))
    to = isSigned ? value.getSExtValue()
                  : static_cast<int64_t>(value.getZExtValue());
  return tensor;
}

llvm::Expected<RefTensor> RefTensor::fromNpy(const NpyArray &array,
                                             RankedTensorType tensorType,
                                             int64_t first) {
  auto fail = [](const Twine &what) {
    return llvm::createStringError(llvm::inconvertibleErrorCode(), what);
  };
  NpyType expected = getNpyTypeFor(tensorType.getElementType());
  if (array.type != expected)
    return fail("has elements of type " + getNpyTypeName(array.type) +
                ", expected " + getNpyTypeName(expected));
  RefTensor tensor(tensorType);
  int64_t count = tensor.getNumElements();
  if (first < 0 || first > array.getNumElements() ||
      array.getNumElements() - first < count)
    return fail("has " + Twine(array.getNumElements()) +
                " elements, expected " + Twine(count) + " from element " +
                Twine(first));
  if (tensor.isFloat()) {
    llvm::copy(array.as<float>().slice(first, count), tensor.floats().begin());
    return tensor;
  }
  auto [lo, hi] = qnn::storageRange(tensor.getElementType());
  MutableArrayRef<int64_t> out = tensor.ints();
  for (int64_t i = 0; i < count; ++i) {
    out[i] = array.getInteger(first + i);
    if (out[i] < lo || out[i] > hi)
      return fail("has " + Twine(out[i]) + " at element " + Twine(first + i) +
                  ", expected values from " + Twine(lo) + " to " + Twine(hi));
    if (qnn::isBipolar(tensorType) && out[i] == lo + 1)
      return fail("has " + Twine(out[i]) + " at element " + Twine(first + i) +
                  ", expected " + Twine(lo) + " or " + Twine(hi));
  }
  return tensor;
}

NpyArray RefTensor::toNpy() const {
  NpyArray array(getNpyTypeFor(getElementType()), getShape());
  if (isFloat()) {
    llvm::copy(floats(), array.as<float>().begin());
    return array;
  }
  for (auto [index, value] : llvm::enumerate(ints()))
    array.setInteger(static_cast<int64_t>(index), value);
  return array;
}

RefTensor RefTensor::withType(RankedTensorType newType) const {
  assert(newType.getNumElements() == getNumElements() &&
         newType.getElementType().isF32() == isFloat());
  RefTensor tensor = *this;
  tensor.type = newType;
  return tensor;
}

NpyType qcc::reference::getNpyTypeFor(Type elementType) {
  if (elementType.isF32())
    return NpyType::Float32;
  if (elementType.isInteger(1))
    return NpyType::Bool;
  unsigned width = qnn::storageTypeOf(elementType).getIntOrFloatBitWidth();
  bool isSigned = qnn::isSignedStorage(elementType);
  if (width <= 8)
    return isSigned ? NpyType::Int8 : NpyType::UInt8;
  if (width <= 16)
    return isSigned ? NpyType::Int16 : NpyType::UInt16;
  if (width <= 32)
    return isSigned ? NpyType::Int32 : NpyType::UInt32;
  return isSigned ? NpyType::Int64 : NpyType::UInt64;
}
