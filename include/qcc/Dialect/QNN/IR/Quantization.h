// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one place that answers what a quantized element type means: storage,
// scales, zero points, ranges, and the effective scale of a requantization.
// Encodings that `!quant.uniform` cannot say will be answered here too.

#ifndef QCC_DIALECT_QNN_IR_QUANTIZATION_H
#define QCC_DIALECT_QNN_IR_QUANTIZATION_H

#include "qcc/Dialect/QNN/IR/QNN.h"

#include <cstdint>
#include <optional>
#include <utility>

namespace qcc::qnn {

/// The element type of `type` if it is a shaped type, else `type`.
mlir::Type elementTypeOf(mlir::Type type);

/// The uniform type that says how quantized elements are stored, or null.
mlir::quant::QuantizedType quantizedTypeOf(mlir::Type type);

/// How the elements of a type of few values are said in bits: value less zero
/// point = base + Σ weight(n) · bit n, where a whole tensor's spare bits are 0.
struct BitCode {
  int64_t base = 0;
  /// Weight of bit 0; each further one weighs twice as much.
  int64_t unit = 1;
  int64_t bits = 1;
  /// The last bit's weight is negative.
  bool isTwosComplement = false;

  int64_t weight(int64_t n) const {
    int64_t size = unit << n;
    return isTwosComplement && n == bits - 1 ? -size : size;
  }
  /// The bits of `value` (less the zero point), which the code can say.
  int64_t encode(int64_t value) const {
    return ((value - base) / unit) & ((int64_t(1) << bits) - 1);
  }
};

/// The code of a per-tensor type of at most 3 bits; nothing for others. Bits of
/// 0 are the zero point, but for bipolar types and those whose zero point lies
/// so that this would take one bit more.
std::optional<BitCode> bitCodeOf(mlir::Type type);

/// How rows of values of 1 to 7 bits are packed: a value less `lo`, the
/// smallest that the type stores, is a code of `bits` bits, which are divided
/// into fields of 4, 2 and 1 bit, the first at the code's low end. Of a row of
/// n values a field of f bits has segments of S·f / s bytes, where s is the
/// smallest field's bits and S is ⌈n·s / 8⌉ rounded up to words of 32 bits:
/// value v's field lies in byte v % (S·f / s), at bit f·⌊v / (S·f / s)⌋. So a
/// shift and a mask make neighbouring bytes of neighbouring bytes.
struct RowCode {
  int64_t lo = 0, bits = 0;

  /// Bits of each field, largest first.
  llvm::SmallVector<int64_t, 3> fields() const;
  /// Segments of the smallest field: values that share its bytes.
  int64_t segments() const { return 8 / fields().back(); }
  /// Bytes of a segment of the smallest field of `count` values (S).
  int64_t segmentBytes(int64_t count) const;
  int64_t rowBytes(int64_t count) const {
    return segmentBytes(count) * bits / fields().back();
  }
  /// Value `v` of the row of `count` values at `row`.
  int64_t read(const char *row, int64_t count, int64_t v) const;
};

/// The code of a type of 1 to 7 bits that is stored in bytes; nothing for
/// others, and for bipolar ones.
std::optional<RowCode> rowCodeOf(mlir::Type type);

/// Bytes of a row (axis 1) of a tensor with four axes, packed as `rowCodeOf`.
int64_t packedRowBytes(mlir::RankedTensorType type);

/// Values that cannot be 0.
bool isBipolar(mlir::Type type);

/// Words of 32 bits of a pixel (all indices but the last) in `planes` planes.
int64_t planeWords(mlir::RankedTensorType type, int64_t planes);

/// Bytes of one pixel of a tensor in a buffer of `planes` planes; 0: in bytes.
int64_t pixelBytes(mlir::RankedTensorType type, int64_t planes);

bool isQuantized(mlir::Type type);
bool isFloat(mlir::Type type);

/// How elements are stored: a signless iN for a quantized or integer type, else
/// the type itself.
mlir::Type storageTypeOf(mlir::Type type);

/// Bytes that one element takes where tensors lie in bytes, not in bit-planes.
int64_t bytesPerElement(mlir::Type type);

/// Bytes of all elements of a static tensor.
int64_t bytesOf(mlir::Type tensorType);

/// True when stored integers are signed. Plain integers are, but for uiN and
/// for i1, which is 0 or 1.
bool isSignedStorage(mlir::Type type);

/// Smallest and largest stored integer of a quantized or integer type (at most
/// 64 bits).
std::pair<int64_t, int64_t> storageRange(mlir::Type type);

/// Scale of channel `channel`; per-tensor types answer the same for every
/// channel.
double scaleOf(mlir::Type type, int64_t channel = 0);

/// Zero point of channel `channel`; 0 for types that are not quantized.
int64_t zeroPointOf(mlir::Type type, int64_t channel = 0);

/// The quantized axis, or nothing for per-tensor (and unquantized) types.
std::optional<int64_t> quantizedAxisOf(mlir::Type type);

/// Bounds of a result in stored integers: `clamp` within the storage range of
/// `type`.
std::pair<int64_t, int64_t> integerClamp(ClampAttr clamp, mlir::Type type);

/// Bounds of a float result: `clamp`, or −inf and inf.
std::pair<float, float> floatClamp(ClampAttr clamp);

/// s_in · s_w[channel] / s_out in double, as TFLite's
/// PopulateConvolutionQuantizationParams computes it; with `singleProduct` the
/// product s_in · s_w is rounded to float32 first, as
/// GetQuantizedConvolutionMultipler does.
double effectiveScale(mlir::Type input, mlir::Type filter, mlir::Type result,
                      int64_t channel, bool singleProduct);

/// `op` multiplies and accumulates in 64 bits: its bias, if any, has 64. Its
/// zero points must stay 0.
bool hasWideAccumulator(mlir::Operation *op);

/// s_in / s_out in double, as TFLite's QUANTIZE computes it; with
/// `singleQuotient` the quotient is rounded to float32, as its RELU family
/// does.
double requantizeScale(double inScale, double outScale, bool singleQuotient);

/// s_lhs · s_rhs / s_result in float32, as TFLite's MUL and PRELU compute it.
double productScale(mlir::Type lhs, mlir::Type rhs, mlir::Type result);

/// s_lhs / (s_rhs · s_result) in float32, as TFLite's DIV computes it.
double quotientScale(mlir::Type lhs, mlir::Type rhs, mlir::Type result);

/// Bits that TFLite's addition shifts its operands left by: 20, or 15 for a
/// result of more than 8 bits.
int sumLeftShift(mlir::Type result);

/// The type of a tensor.
inline mlir::RankedTensorType typeOf(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType());
}

/// The same tensor type with another shape.
mlir::RankedTensorType withShape(mlir::RankedTensorType type,
                                 llvm::ArrayRef<int64_t> shape);

} // namespace qcc::qnn

#endif // QCC_DIALECT_QNN_IR_QUANTIZATION_H
