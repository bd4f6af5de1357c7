// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Byte tables by permutations. See the header.

#include "VectorTable.h"

#include "DotForm.h"
#include "VectorRISCV.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {

int64_t VectorTable::lanesFor(const TargetFacts &facts) {
  if (facts.hasAVX512VBMI && facts.vectorBytes() == 64)
    return 64;
  return facts.isa == IsaFamily::AArch64 && facts.hasNEON ? 16 : 0;
}

VectorTable::VectorTable(LayerEmitter &emitter, Value table) : e(emitter) {
  int64_t lanes = lanesFor(e.facts);
  for (int64_t first = 0; first < 256; first += lanes)
    parts.push_back(e.load(table, e.index(first), lanes, /*align=*/64));
}

Value VectorTable::call(StringRef intrinsic, Type type, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(e.b, type, e.b.getStringAttr(intrinsic),
                                       operands)
      .getResults();
}

Value VectorTable::lookUp(Value indices) {
  int64_t wanted = LayerEmitter::lanesIn(indices.getType());
  int64_t lanes = lanesFor(e.facts);
  if (wanted < lanes) {
    SmallVector<int64_t> mask(static_cast<size_t>(lanes), 0);
    for (int64_t lane = 0; lane < wanted; ++lane)
      mask[static_cast<size_t>(lane)] = lane;
    Value widened = vector::ShuffleOp::create(e.b, indices, indices, mask);
    return e.firstLanes(lookUp(widened), wanted);
  }
  Type type = indices.getType();
  if (lanes == 64) {
    // Each permutation takes the low 7 bits; the top bit chooses between two.
    auto permute = [&](Value low, Value high) {
      return call("llvm.x86.avx512.vpermi2var.qi.512", type,
                  {low, indices, high});
    };
    Value isHigh = mlir::arith::CmpIOp::create(
        e.b, mlir::arith::CmpIPredicate::slt, indices, e.constant(type, 0));
    return mlir::arith::SelectOp::create(
        e.b, isHigh, permute(parts[2], parts[3]), permute(parts[0], parts[1]));
  }
  // 64 entries at a time: tbl gives 0 beyond them, tbx what was there before.
  Value result = call("llvm.aarch64.neon.tbl4.v16i8", type,
                      {parts[0], parts[1], parts[2], parts[3], indices});
  for (size_t first = 4; first < 16; first += 4) {
    indices = mlir::arith::SubIOp::create(e.b, indices, e.constant(type, 64));
    result = call("llvm.aarch64.neon.tbx4.v16i8", type,
                  {result, parts[first], parts[first + 1], parts[first + 2],
                   parts[first + 3], indices});
  }
  return result;
}

bool hasByteLookups(const TargetFacts &facts) {
  if (facts.vectorBytes() < kBytesLookedUp)
    return false;
  return facts.isa == IsaFamily::X86 ? facts.hasSSE41
                                     : facts.hasNEON || facts.hasRVV;
}

Value permuteBytes(LayerEmitter &e, Value table, Value indices) {
  Type type = table.getType();
  int64_t lanes = LayerEmitter::lanesIn(type);
  if (e.facts.isa == IsaFamily::X86)
    return callIntrinsic(e,
                         lanes == 64   ? "llvm.x86.avx512.pshuf.b.512"
                         : lanes == 32 ? "llvm.x86.avx2.pshuf.b"
                                       : "llvm.x86.ssse3.pshuf.b.128",
                         type, {table, indices});
  if (e.facts.isa == IsaFamily::AArch64)
    return callIntrinsic(e, "llvm.aarch64.neon.tbl1", type, {table, indices});
  if (e.facts.isARM32()) {
    // Half a register at a time, in the two halves of the table.
    auto half = [&](Value value, int64_t first) {
      return vector::ExtractStridedSliceOp::create(
          e.b, value, ArrayRef<int64_t>{first}, ArrayRef<int64_t>{lanes / 2},
          ArrayRef<int64_t>{1});
    };
    SmallVector<Value> halves;
    for (int64_t first : {int64_t(0), lanes / 2})
      halves.push_back(callIntrinsic(
          e, "llvm.arm.neon.vtbl2", LayerEmitter::lanesOf(e.b.getI8Type(), 8),
          {half(table, 0), half(table, 8), half(indices, first)}));
    return e.concat(halves);
  }
  return emitGather(e, table, indices);
}

Value lookUpBytes(LayerEmitter &e, ArrayRef<int8_t> entries, Value indices) {
  int64_t lanes = LayerEmitter::lanesIn(indices.getType()),
          least = kBytesLookedUp,
          most = e.facts.isRISCV() ? std::max(lanes, least)
                                   : e.facts.vectorBytes();
  auto lanesFrom = [&](int64_t first, int64_t count) {
    SmallVector<int64_t> order;
    for (int64_t lane = 0; lane < count; ++lane)
      order.push_back((first + lane) % lanes);
    return Value(vector::ShuffleOp::create(e.b, indices, indices, order));
  };
  if (lanes < least)
    return e.firstLanes(lookUpBytes(e, entries, lanesFrom(0, least)), lanes);
  if (lanes > most) {
    SmallVector<Value> parts;
    for (int64_t first = 0; first < lanes; first += most)
      parts.push_back(lookUpBytes(
          e, entries, lanesFrom(first, std::min(most, lanes - first))));
    return e.concat(parts);
  }
  SmallVector<int8_t> table;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    size_t entry = static_cast<size_t>(lane) % kBytesLookedUp;
    table.push_back(entry < entries.size() ? entries[entry] : int8_t(0));
  }
  return permuteBytes(
      e,
      mlir::arith::ConstantOp::create(
          e.b, DenseElementsAttr::get(cast<VectorType>(indices.getType()),
                                      ArrayRef<int8_t>(table))),
      indices);
}

} // namespace qcc
