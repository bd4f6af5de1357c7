// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Packed codes. See the header.

#include "PackedCodes.h"

#include "DotForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace qcc {

PackedCodes::PackedCodes(const CodeDot &codeDot, int codeBits)
    : bits(codeBits), dot(codeDot) {
  int64_t lowest = 0;
  for (int64_t width : {8, 4, 2, 1})
    if (bits & width) {
      planes.push_back({width, lowest, 0});
      lowest += width;
    }
  steps = planes.back().stepsPerVector();
  int64_t vectors = 0;
  for (Plane &plane : planes) {
    plane.firstVector = vectors;
    vectors += steps / plane.stepsPerVector();
  }
  chunkBytes = vectors * dot.lanes * dot.group;
}

void PackedCodes::pack(function_ref<uint8_t(int64_t, int64_t, int64_t)> code,
                       std::vector<int8_t> &out) const {
  int64_t bytes = dot.lanes * dot.group;
  size_t first = out.size();
  out.resize(first + static_cast<size_t>(chunkBytes));
  for (int64_t step = 0; step < steps; ++step)
    for (int64_t i = 0; i < bytes; ++i) {
      uint8_t value = code(step, i / dot.group, i % dot.group);
      for (const Plane &plane : planes) {
        int64_t vector = plane.firstVector + step / plane.stepsPerVector();
        int field = value >> plane.lowest & ((1 << plane.width) - 1);
        int8_t &to = out[first + static_cast<size_t>(vector * bytes + i)];
        to = static_cast<int8_t>(to | field << step % plane.stepsPerVector() *
                                                   plane.width);
      }
    }
}

SmallVector<Value> PackedCodes::load(LayerEmitter &e, Value table,
                                     Value offset) const {
  int64_t bytes = dot.lanes * dot.group;
  SmallVector<Value> vectors;
  for (int64_t at = 0; at < chunkBytes; at += bytes)
    vectors.push_back(e.load(table, e.add(offset, at), bytes,
                             std::min<int64_t>(bytes & -bytes, 64)));
  return vectors;
}

/// Bits of neighbouring bytes come along; masks take them away.
Value PackedCodes::shift(LayerEmitter &e, Value bytes, int64_t right) const {
  if (right == 0)
    return bytes;
  Value wide = bytes;
  int64_t lanes = LayerEmitter::lanesIn(bytes.getType());
  if (dot.shiftBits > 8)
    wide = bitcastLanes(e, bytes, lanes * 8 / dot.shiftBits,
                        e.b.getIntegerType(dot.shiftBits));
  Value amount = e.constant(wide.getType(), std::abs(right));
  wide = right > 0 ? Value(mlir::arith::ShRUIOp::create(e.b, wide, amount))
                   : Value(mlir::arith::ShLIOp::create(e.b, wide, amount));
  return dot.shiftBits > 8 ? bitcastLanes(e, wide, lanes, e.b.getI8Type())
                           : wide;
}

Value PackedCodes::unpack(LayerEmitter &e, ArrayRef<Value> vectors,
                          int64_t step, int64_t places) const {
  Value code;
  for (const Plane &plane : planes) {
    Value bytes = vectors[plane.firstVector + step / plane.stepsPerVector()];
    int64_t place = step % plane.stepsPerVector() * plane.width;
    int64_t mask = (1 << plane.width) - 1;
    // Several planes have one place: codes are put together at the lowest bits.
    int64_t left = places > 1 ? step % places * bits : plane.lowest;
    bytes = shift(e, bytes, place - left);
    mask <<= left;
    if (plane.width < 8)
      bytes = mlir::arith::AndIOp::create(
          e.b, bytes, e.constant(bytes.getType(), static_cast<int8_t>(mask)));
    code = code ? Value(mlir::arith::OrIOp::create(e.b, code, bytes)) : bytes;
  }
  return code;
}

} // namespace qcc
