// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Floats in 16 bits. See the header.

#include "PackedScales.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/bit.h"

using namespace mlir;

namespace qcc {

constexpr uint32_t signBit = uint32_t(1) << 31;

PackedScales::Code PackedScales::find(ArrayRef<float> scales) {
  Code code;
  uint32_t used = 0, least = ~uint32_t(0), most = 0;
  for (float scale : scales) {
    auto bits = llvm::bit_cast<uint32_t>(scale);
    code.hasSign |= (bits & signBit) != 0;
    bits &= ~signBit;
    used |= bits;
    least = std::min(least, bits);
    most = std::max(most, bits);
  }
  if (used == 0)
    return code;
  code.shift = static_cast<uint32_t>(llvm::countr_zero(used));
  code.first = least >> code.shift;
  code.fits =
      (most >> code.shift) - code.first < (code.hasSign ? 1u << 15 : 1u << 16);
  return code;
}

int64_t PackedScales::bytesEach(ArrayRef<float> scales) {
  return find(scales).fits ? 2 : 4;
}

PackedScales::PackedScales(LayerEmitter &e, StringRef name,
                           ArrayRef<float> scales)
    : code(find(scales)) {
  if (!code.fits) {
    table = e.table(name, scales);
    return;
  }
  std::vector<int16_t> codes;
  codes.reserve(scales.size());
  for (float scale : scales) {
    auto bits = llvm::bit_cast<uint32_t>(scale);
    uint32_t value = ((bits & ~signBit) >> code.shift) - code.first;
    if (bits & signBit)
      value |= 1u << 15;
    codes.push_back(static_cast<int16_t>(value));
  }
  table = e.table(name, ArrayRef<int16_t>(codes));
}

Value PackedScales::load(LayerEmitter &e, Value offset, int64_t lanes) const {
  Value value = e.load(table, offset, lanes);
  if (!code.fits)
    return value;
  Type i32 = e.b.getI32Type(), f32 = e.b.getF32Type();
  Value bits = e.extend(value, i32, code.hasSign), sign;
  auto number = [&](uint32_t n) {
    return e.constant(bits.getType(), static_cast<int32_t>(n));
  };
  if (code.hasSign) {
    sign = mlir::arith::AndIOp::create(e.b, bits, number(signBit));
    bits = mlir::arith::AndIOp::create(e.b, bits, number((1u << 15) - 1));
  }
  bits = mlir::arith::AddIOp::create(e.b, bits, number(code.first));
  bits = mlir::arith::ShLIOp::create(e.b, bits, number(code.shift));
  if (sign)
    bits = mlir::arith::OrIOp::create(e.b, bits, sign);
  return mlir::arith::BitcastOp::create(e.b, LayerEmitter::lanesOf(f32, lanes),
                                        bits);
}

} // namespace qcc
