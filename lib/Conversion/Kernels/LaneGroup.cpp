// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Unpacking and packing within 16 bytes. See the header.

#include "LaneGroup.h"

#include "DotForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {
namespace {

/// Two vectors narrowed to half the width with saturation and packed within 16
/// bytes; `toUnsigned`: to [0, 255].
Value packX86(LayerEmitter &e, Value a, Value b, bool toUnsigned) {
  int64_t lanes = LayerEmitter::lanesIn(a.getType());
  int64_t bits = getElementTypeOrSelf(a.getType()).getIntOrFloatBitWidth();
  StringRef suffix = bits == 32   ? "packssdw"
                     : toUnsigned ? "packuswb"
                                  : "packsswb";
  int64_t width = lanes * bits;
  std::string name = width == 512 ? ("llvm.x86.avx512." + suffix + ".512").str()
                     : width == 256
                         ? ("llvm.x86.avx2." + suffix).str()
                         : ("llvm.x86.sse2." + suffix + ".128").str();
  return callIntrinsic(
      e, name, VectorType::get({2 * lanes}, e.b.getIntegerType(bits / 2)),
      {a, b});
}

/// One vector narrowed to half the width with saturation.
Value narrowAArch64(LayerEmitter &e, Value a, bool toUnsigned) {
  int64_t lanes = LayerEmitter::lanesIn(a.getType());
  int64_t bits = getElementTypeOrSelf(a.getType()).getIntOrFloatBitWidth();
  std::string name =
      toUnsigned ? "llvm.aarch64.neon.sqxtun" : "llvm.aarch64.neon.sqxtn";
  return callIntrinsic(
      e, name, VectorType::get({lanes}, e.b.getIntegerType(bits / 2)), a);
}

} // namespace

bool hasLaneGroups(const TargetFacts &facts) {
  return packsLaneGroups(facts) ||
         (facts.isa == IsaFamily::AArch64 && facts.vectorBits >= 128);
}

bool packsLaneGroups(const TargetFacts &facts) {
  return facts.isa == IsaFamily::X86 && facts.vectorBits >= 128;
}

Value unpackLanes(LayerEmitter &e, Value a, Value b, bool high) {
  auto type = cast<VectorType>(a.getType());
  int64_t count = type.getDimSize(0);
  int64_t perLane = 128 / type.getElementTypeBitWidth();
  SmallVector<int64_t> mask;
  for (int64_t lane = 0; lane < count; lane += perLane)
    for (int64_t i = 0; i < perLane / 2; ++i) {
      int64_t at = lane + (high ? perLane / 2 : 0) + i;
      mask.push_back(at);
      mask.push_back(count + at);
    }
  return vector::ShuffleOp::create(e.b, a, b, mask);
}

Value narrowGroup(LayerEmitter &e, ArrayRef<Value> four, int64_t lo,
                  int64_t hi) {
  auto &b = e.b;
  bool toUnsigned = lo >= 0;
  Value bytes;
  if (e.facts.isa == IsaFamily::X86) {
    bytes = packX86(e, packX86(e, four[0], four[1], false),
                    packX86(e, four[2], four[3], false), toUnsigned);
  } else {
    auto words = [&](Value low, Value high) {
      return e.concat(
          {narrowAArch64(e, low, false), narrowAArch64(e, high, false)});
    };
    bytes = e.concat({narrowAArch64(e, words(four[0], four[1]), toUnsigned),
                      narrowAArch64(e, words(four[2], four[3]), toUnsigned)});
  }
  Type type = bytes.getType();
  if (toUnsigned) {
    if (lo > 0)
      bytes = mlir::arith::MaxUIOp::create(b, bytes, e.constant(type, lo));
    if (hi < 255)
      bytes = mlir::arith::MinUIOp::create(b, bytes, e.constant(type, hi));
    return bytes;
  }
  if (lo > -128)
    bytes = mlir::arith::MaxSIOp::create(b, bytes, e.constant(type, lo));
  if (hi < 127)
    bytes = mlir::arith::MinSIOp::create(b, bytes, e.constant(type, hi));
  return bytes;
}

} // namespace qcc
