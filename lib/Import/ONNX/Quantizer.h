// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What ONNX's and QONNX's quantizers have in common: scales and zero points as
// numbers, the types that say them, and the operations for what no type says.

#ifndef QCC_LIB_IMPORT_ONNX_QUANTIZER_H
#define QCC_LIB_IMPORT_ONNX_QUANTIZER_H

#include "NodeImport.h"

namespace qcc::onnximport {

/// Stored integers: at most 16 bits of storage, of which [lo, hi] is used; or
/// int32, for biases.
struct Range {
  unsigned bits = 8;
  bool isSigned = true;
  int64_t lo = -128, hi = 127;
};

/// Scales and zero points: one of each, or one per index of axis `axis`.
struct Scales {
  std::vector<double> scales;
  Numbers zeroPoints;
  int64_t axis = 0;
  bool isPerAxis() const { return scales.size() > 1; }
};

/// Scales and zero points as operands, and as numbers where they are known.
struct Parameters {
  Value scale, zeroPoint;
  Range range;
  std::optional<Scales> known;
};

/// The integers that `v` holds, whatever scale they have.
std::optional<Range> rangeOf(Value v);

/// Reads scale `at` and zero point `at + 1`, of axis `axis` if they are
/// several; false after an error.
bool readParameters(NodeImport &op, unsigned at, int64_t axis, Parameters &p);

/// Whether a type of `x` can say the parameters.
bool fitsType(NodeImport &op, const Parameters &p, Value x);

/// The quantized element type; null, after an error, when there is none.
Type quantizedType(NodeImport &op, const Range &range, const Scales &scales);

/// Floats to stored integers, half to even, as value of `type`. Constants are
/// computed, per axis too; others have one scale.
Value quantize(NodeImport &op, Value x, Type type);
/// Stored integers (quantized or plain) as floats: of `type`.
Value dequantize(NodeImport &op, Value q, Type type);
/// `q` with its stored integers under another type.
Value reinterpret(NodeImport &op, Value q, Type type);

} // namespace qcc::onnximport

#endif // QCC_LIB_IMPORT_ONNX_QUANTIZER_H
