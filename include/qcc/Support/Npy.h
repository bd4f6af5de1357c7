// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NumPy's .npy format (versions 1.0, 2.0 and 3.0), the only form in which
// tensors travel into and out of qcc's programs. Source of the format: the
// documentation of numpy.lib.format.
#ifndef QCC_SUPPORT_NPY_H
#define QCC_SUPPORT_NPY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cassert>
#include <cstdint>
#include <string>
#include <vector>

namespace qcc {

/// The element types that are read and written, all little-endian.
enum class NpyType {
  Bool,
  Int8,
  UInt8,
  Int16,
  UInt16,
  Int32,
  UInt32,
  Int64,
  UInt64,
  Float32,
  Float64
};

/// Bytes of one element.
unsigned getNpyTypeBytes(NpyType type);
/// NumPy's name of the type: "int8", "float32", ….
llvm::StringRef getNpyTypeName(NpyType type);
/// True for float32 and float64.
bool isFloatNpyType(NpyType type);

/// An array in C order. `data` holds getNumElements() elements, aligned for any
/// element type.
struct NpyArray {
  NpyType type = NpyType::UInt8;
  llvm::SmallVector<int64_t, 4> shape;
  std::vector<char> data;

  NpyArray() = default;
  /// An array of zeros; the byte count must fit into memory.
  NpyArray(NpyType elementType, llvm::ArrayRef<int64_t> dims);

  int64_t getNumElements() const;

  /// The elements as T, whose size must be the element type's.
  template <typename T> llvm::ArrayRef<T> as() const {
    assert(sizeof(T) == getNpyTypeBytes(type));
    return {reinterpret_cast<const T *>(data.data()), data.size() / sizeof(T)};
  }
  template <typename T> llvm::MutableArrayRef<T> as() {
    assert(sizeof(T) == getNpyTypeBytes(type));
    return {reinterpret_cast<T *>(data.data()), data.size() / sizeof(T)};
  }

  /// Element `index` of an integer or bool array; uint64 wraps.
  int64_t getInteger(int64_t index) const;
  /// Element `index` of any array as a double; 64-bit integers are rounded.
  double getFloat(int64_t index) const;
  /// Stores into element `index` of an integer or bool array, modulo its width.
  void setInteger(int64_t index, int64_t value);
  /// Stores into element `index` of a float array.
  void setFloat(int64_t index, double value);
};

/// Parses a whole .npy file that lies in memory. Fortran order is brought into
/// C order. Errors say what is wrong, without a file name: not a .npy file, an
/// unknown version, header or element type, big-endian data, a byte count other
/// than what shape and type imply (hostile sizes included).
llvm::Expected<NpyArray> parseNpy(llvm::StringRef bytes);

/// Reads the .npy file `path`; errors name the path.
llvm::Expected<NpyArray> readNpy(llvm::StringRef path);

/// The bytes of a .npy file, version 1.0, as NumPy itself writes it.
std::string serializeNpy(const NpyArray &array);

/// Writes the .npy file `path` atomically (see File.h); errors name the path.
llvm::Error writeNpy(llvm::StringRef path, const NpyArray &array);

} // namespace qcc

#endif // QCC_SUPPORT_NPY_H
