// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The literal tensors that the reference interpreter computes with: one stored
// integer per int64, or one float per float32, in row-major order, whatever the
// bit width of the element type. Plain rather than fast.
#ifndef QCC_REFERENCE_REFTENSOR_H
#define QCC_REFERENCE_REFTENSOR_H

#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/IR/BuiltinTypes.h"
#include "qcc/Support/Npy.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <optional>
#include <vector>

namespace qcc::reference {

/// A typed tensor of stored integers (quantized and integer element types) or
/// of floats (f32). Copies share their elements: a copy is a second handle.
class RefTensor {
public:
  /// No tensor; only for containers to begin with.
  RefTensor() = default;
  /// Zeros (stored integers 0, not zero points) of a static type.
  explicit RefTensor(mlir::RankedTensorType tensorType);

  /// The elements of a constant. `attr` has the storage type and the shape of
  /// `tensorType`; nothing when it is in a form that cannot be read (elided or
  /// sparse data, another element type).
  static std::optional<RefTensor> fromAttr(mlir::ElementsAttr attr,
                                           mlir::RankedTensorType tensorType);

  /// The elements [first, first + N) of an array, N being those of
  /// `tensorType`. Errors, without a file name: element type other than
  /// getNpyTypeFor's, too few elements, a value outside the storage range.
  static llvm::Expected<RefTensor> fromNpy(const NpyArray &array,
                                           mlir::RankedTensorType tensorType,
                                           int64_t first = 0);

  /// The elements as an array of getNpyTypeFor's type.
  NpyArray toNpy() const;

  mlir::RankedTensorType getType() const { return type; }
  mlir::Type getElementType() const { return type.getElementType(); }
  llvm::ArrayRef<int64_t> getShape() const { return type.getShape(); }
  int64_t getNumElements() const { return type.getNumElements(); }
  bool isFloat() const { return type.getElementType().isF32(); }

  /// Stored integers; only of a tensor that is not float.
  llvm::ArrayRef<int64_t> ints() const { return *integers; }
  llvm::MutableArrayRef<int64_t> ints() { return *integers; }
  /// Values of a float tensor.
  llvm::ArrayRef<float> floats() const { return *reals; }
  llvm::MutableArrayRef<float> floats() { return *reals; }

  /// The same elements under another type of as many elements of the same kind.
  RefTensor withType(mlir::RankedTensorType newType) const;

private:
  mlir::RankedTensorType type;
  std::shared_ptr<std::vector<int64_t>> integers;
  std::shared_ptr<std::vector<float>> reals;
};

/// How a tensor of this element type travels in a .npy file: f32 as float32,
/// integers by signedness in the next of 8, 16, 32, 64 bits (sub-byte values
/// one per byte), plain i1 as bool.
NpyType getNpyTypeFor(mlir::Type elementType);

} // namespace qcc::reference

#endif // QCC_REFERENCE_REFTENSOR_H
