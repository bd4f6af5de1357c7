// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tensors of a subgraph, checked when they are first used: shape, element
// type, quantization and data. A tensor that no operator uses may hold
// anything.

#ifndef QCC_LIB_IMPORT_TFLITE_TENSORTABLE_H
#define QCC_LIB_IMPORT_TFLITE_TENSORTABLE_H

#include "qcc/Import/TFLite.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"
#include "tflite/tflite_generated.h"

#include <optional>

namespace qcc::tflite {

/// `text` for a message: quoted, unprintable bytes escaped, cut at 100 bytes.
std::string quoted(llvm::StringRef text);

/// "[1, 49, 10, 1]".
std::string shapeText(llvm::ArrayRef<int64_t> shape);

/// As printf's %g: to read, not to read back.
std::string numberText(double number);

/// How a tensor's elements take part in arithmetic. Int8, UInt8 and Int16 have
/// a scale, as most operators want it; without one they are the plain kinds.
/// Integers of 32 bits are plain, but for QuantizedInt32, a bias or the operand
/// of a conversion. An int64 or bool is plain whatever scale the file gives it.
enum class ElementKind {
  Float32,
  /// Weights alone: two per byte in the file, one per byte in memory.
  Int4,
  Int8,
  UInt8,
  Int16,
  QuantizedInt32,
  PlainInt8,
  PlainUInt8,
  PlainInt16,
  UInt16,
  Int32,
  UInt32,
  Int64,
  Bool,
  /// What no operation takes.
  Other
};

/// "int8", "int8 without scale".
llvm::StringRef kindText(ElementKind kind);

/// The kinds that an operator, or one operand of it, may have.
class KindSet {
public:
  constexpr KindSet(std::initializer_list<ElementKind> kinds) {
    for (ElementKind kind : kinds)
      bits |= bitOf(kind);
  }
  constexpr KindSet(ElementKind kind) : bits(bitOf(kind)) {}
  constexpr bool contains(ElementKind kind) const {
    return kind != ElementKind::Other && (bits & bitOf(kind)) != 0;
  }
  constexpr KindSet operator|(KindSet other) const {
    KindSet all(*this);
    all.bits |= other.bits;
    return all;
  }
  /// "float32, int8 and uint8".
  std::string text() const;

private:
  static constexpr uint32_t bitOf(ElementKind kind) {
    return uint32_t(1) << static_cast<unsigned>(kind);
  }
  uint32_t bits = 0;
};

/// What every operator of arithmetic takes.
inline constexpr KindSet floatOrBytes = {ElementKind::Float32,
                                         ElementKind::Int8, ElementKind::UInt8};
/// Those with scale and zero point.
inline constexpr KindSet quantizedKinds = {
    ElementKind::Int8, ElementKind::UInt8, ElementKind::Int16,
    ElementKind::QuantizedInt32};
/// Integers without scale, bool among them.
inline constexpr KindSet plainIntegers = {
    ElementKind::PlainInt8, ElementKind::PlainUInt8, ElementKind::PlainInt16,
    ElementKind::UInt16,    ElementKind::Int32,      ElementKind::UInt32,
    ElementKind::Int64,     ElementKind::Bool};
/// What moves as it is.
inline constexpr KindSet allKinds =
    floatOrBytes | quantizedKinds | plainIntegers;

/// One tensor of the file, after its shape and type were found to be sound.
struct TensorInfo {
  unsigned index = 0;
  mlir::StringAttr name;
  const Tensor *raw = nullptr;
  llvm::SmallVector<int64_t> shape;
  /// Null when the element type is one that no operation of qnn takes.
  mlir::Type elementType;
  ElementKind kind = ElementKind::Other;
  /// "int8", "int8 without scale": what messages call the element type.
  std::string typeText;
  /// By axis: free in the file (-1), so that operands may decide its extent.
  llvm::SmallVector<bool> isFree;
  /// The file does not even give a rank.
  bool unknownRank = false;
  /// Row-major data, when the tensor is a constant.
  std::optional<llvm::ArrayRef<uint8_t>> data;

  int64_t elements() const;
  bool hasFreeAxes() const;
  /// Per-tensor scale and zero point; only for quantizedKinds of one scale.
  float scale() const;
  int64_t zeroPoint() const;
  bool isPerAxis() const;
};

/// Gives access to tensors by index and reports what is wrong with them.
class TensorTable {
public:
  using EmitError = llvm::function_ref<mlir::InFlightDiagnostic()>;

  TensorTable(mlir::MLIRContext *context, const Model &model,
              const SubGraph &graph, llvm::ArrayRef<uint8_t> file,
              uint64_t maxTensorBytes);

  unsigned size() const { return tensors.size(); }

  /// The tensor's name quoted for a message, "tensor 7" where the file has
  /// none, "none" for a negative index.
  std::string describe(int64_t index) const;

  /// The checked tensor `index`, or failure after an error. The pointer is
  /// valid as long as the table.
  mlir::FailureOr<TensorInfo *> get(int64_t index, EmitError emitError);

  /// Accounts for `bytes` of the file being copied or walked. Tables of a
  /// FlatBuffer may share what they point to, so a small file can ask for
  /// terabytes; what asks for many times its own size is refused.
  mlir::LogicalResult charge(uint64_t bytes, EmitError emitError);

  /// The bytes of buffer `index`; empty for none.
  mlir::FailureOr<llvm::ArrayRef<uint8_t>> bufferData(uint32_t index,
                                                      EmitError emitError);

private:
  mlir::LogicalResult readShape(TensorInfo &info, EmitError emitError);
  mlir::LogicalResult readElementType(TensorInfo &info, EmitError emitError);
  mlir::LogicalResult readQuantization(TensorInfo &info, unsigned bits,
                                       bool isSigned, EmitError emitError);
  mlir::LogicalResult readData(TensorInfo &info, unsigned elementBits,
                               EmitError emitError);

  mlir::MLIRContext *context;
  const Model &model;
  const SubGraph &graph;
  llvm::ArrayRef<uint8_t> file;
  uint64_t maxTensorBytes;
  uint64_t budget;
  std::vector<std::unique_ptr<TensorInfo>> tensors;
};

} // namespace qcc::tflite

#endif // QCC_LIB_IMPORT_TFLITE_TENSORTABLE_H
