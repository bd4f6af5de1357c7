// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The intrinsics take scalable vectors: a fixed one lies in the registers of
// the scalable one that LLVM would choose as its container, so that going from
// one to the other costs nothing.

#include "VectorRISCV.h"

#include "DotForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {
namespace {

/// LLVM's container of `type`: as many lanes as a register of the least length
/// holds, per 64 bits of it.
VectorType containerOf(LayerEmitter &e, VectorType type) {
  int64_t lanes =
      std::max<int64_t>(1, type.getNumElements() * 64 / e.facts.vectorBits);
  return VectorType::get({lanes}, type.getElementType(), {true});
}

/// The intrinsic `name` on `operands`, vectors of as many lanes as `result`
/// (or scalars); behind them the number of lanes and, for those that add to
/// their first operand, the policy.
Value callVector(LayerEmitter &e, StringRef name, VectorType result,
                 ArrayRef<Value> operands, std::optional<int64_t> rounding,
                 bool accumulates) {
  auto &b = e.b;
  Type xlen = b.getIntegerType(e.facts.indexBits);
  auto constant = [&](int64_t value) -> Value {
    return LLVM::ConstantOp::create(b, xlen, b.getIntegerAttr(xlen, value));
  };
  VectorType wide = containerOf(e, result);
  SmallVector<Value> arguments;
  // Lanes beyond ours are of no interest.
  if (!accumulates)
    arguments.push_back(LLVM::PoisonOp::create(b, wide));
  for (Value operand : operands) {
    if (auto type = dyn_cast<VectorType>(operand.getType())) {
      VectorType container = containerOf(e, type);
      operand = vector::ScalableInsertOp::create(
          b, operand, LLVM::PoisonOp::create(b, container), 0);
    }
    arguments.push_back(operand);
  }
  if (rounding)
    arguments.push_back(constant(*rounding));
  arguments.push_back(constant(result.getNumElements()));
  if (accumulates)
    arguments.push_back(constant(3));
  Value value = callIntrinsic(e, name, wide, arguments);
  return vector::ScalableExtractOp::create(b, result, value, 0);
}

VectorType withBits(LayerEmitter &e, Value like, unsigned bits) {
  return VectorType::get(cast<VectorType>(like.getType()).getShape(),
                         e.b.getIntegerType(bits));
}

unsigned bitsOf(Value value) {
  return getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth();
}

} // namespace

Value emitWideningMacc(LayerEmitter &e, Value acc, Value x, Value w,
                       bool xSigned, bool wSigned) {
  auto result = cast<VectorType>(acc.getType());
  if (xSigned == wSigned)
    return callVector(e, xSigned ? "llvm.riscv.vwmacc" : "llvm.riscv.vwmaccu",
                      result, {acc, x, w}, std::nullopt, true);
  // Signed times unsigned, in this order; of a scalar and a vector either.
  if (xSigned)
    return callVector(e, "llvm.riscv.vwmaccsu", result, {acc, x, w},
                      std::nullopt, true);
  if (isa<VectorType>(x.getType()))
    return callVector(e, "llvm.riscv.vwmaccsu", result, {acc, w, x},
                      std::nullopt, true);
  return callVector(e, "llvm.riscv.vwmaccus", result, {acc, x, w}, std::nullopt,
                    true);
}

Value emitWideningMul(LayerEmitter &e, Value x, Value w, bool xSigned,
                      bool wSigned) {
  VectorType result = withBits(e, x, bitsOf(x) * 2);
  if (xSigned == wSigned)
    return callVector(e, xSigned ? "llvm.riscv.vwmul" : "llvm.riscv.vwmulu",
                      result, {x, w}, std::nullopt, false);
  if (wSigned)
    std::swap(x, w);
  return callVector(e, "llvm.riscv.vwmulsu", result, {x, w}, std::nullopt,
                    false);
}

Value emitMultiplyAdd(LayerEmitter &e, Value a, Value factor, Value c) {
  return callVector(e, "llvm.riscv.vmadd", cast<VectorType>(a.getType()),
                    {a, factor, c}, std::nullopt, true);
}

Value emitHighHalf(LayerEmitter &e, Value a, Value b) {
  return callVector(e, "llvm.riscv.vmulh", cast<VectorType>(a.getType()),
                    {a, b}, std::nullopt, false);
}

Value emitNarrowingClip(LayerEmitter &e, Value a, int64_t shift,
                        bool isSigned) {
  Type xlen = e.b.getIntegerType(e.facts.indexBits);
  Value amount =
      LLVM::ConstantOp::create(e.b, xlen, e.b.getIntegerAttr(xlen, shift));
  constexpr int64_t down = 2; // vxrm's rdn: a floor
  return callVector(e, isSigned ? "llvm.riscv.vnclip" : "llvm.riscv.vnclipu",
                    withBits(e, a, bitsOf(a) / 2), {a, amount}, down, false);
}

Value emitGather(LayerEmitter &e, Value table, Value indices) {
  return callVector(e, "llvm.riscv.vrgather.vv",
                    cast<VectorType>(table.getType()), {table, indices},
                    std::nullopt, false);
}

} // namespace qcc
