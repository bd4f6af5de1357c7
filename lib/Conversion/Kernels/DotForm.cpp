// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The multiply-accumulate instructions of each instruction set, and the order
// of weights that they want.

#include "DotForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace qcc;

DotForm DotForm::choose(const TargetFacts &facts, bool isFloat, bool is16Bit) {
  DotForm form;
  int64_t registers = facts.numVectorRegisters;
  form.hasFMA = facts.hasFMA;
  if (isFloat) {
    form.kind = Kind::Float;
    form.lanes =
        facts.hasVectorFloat && facts.vectorBits ? facts.vectorBits / 32 : 1;
    form.minLanes = form.lanes == 1 ? 1 : std::min<int64_t>(form.lanes, 4);
    form.accumulators = form.lanes == 1 ? 6 : registers >= 32 ? 24 : 12;
    return form;
  }
  if (is16Bit && facts.isa == IsaFamily::X86 && facts.vectorBits >= 128) {
    form.kind = Kind::Words;
    form.lanes = facts.hasAVX512BW && facts.vectorBits >= 512 ? 16
                 : facts.hasAVX2 && facts.vectorBits >= 256   ? 8
                                                              : 4;
    form.minLanes = 4;
    form.group = 2;
    form.accumulators = registers >= 32 ? 24 : 8;
    form.isX86 = true;
    return form;
  }
  if (is16Bit && facts.isARM32() && facts.hasDSP && facts.vectorBits == 0) {
    form.kind = Kind::Words;
    form.group = 2;
    form.accumulators = 4;
    form.stepCycles = 2;
    return form;
  }
  if (!is16Bit && facts.isa == IsaFamily::X86 &&
      (facts.hasAVX512VNNI || facts.hasAVXVNNI)) {
    form.kind = Kind::Vnni;
    form.lanes = facts.hasAVX512VNNI && facts.vectorBits >= 512 ? 16 : 8;
    form.minLanes = facts.hasAVX512VL || facts.hasAVXVNNI ? 4 : 16;
    form.group = 4;
    form.accumulators = registers >= 32 ? 24 : 12;
    return form;
  }
  if (!is16Bit && facts.isa == IsaFamily::X86 && facts.vectorBits >= 128) {
    form.kind = Kind::Pmaddwd;
    form.lanes = facts.hasAVX512BW && facts.vectorBits >= 512 ? 16
                 : facts.hasAVX2 && facts.vectorBits >= 256   ? 8
                                                              : 4;
    form.minLanes = 4;
    form.group = 4;
    form.accumulators = registers >= 32 ? 24 : 8;
    form.stepCycles = 2;
    return form;
  }
  if (!is16Bit && facts.isa == IsaFamily::AArch64 && facts.hasDotProd) {
    form.kind = Kind::Sdot;
    form.lanes = form.minLanes = 4;
    form.group = 4;
    form.accumulators = 16;
    return form;
  }
  if (!is16Bit && facts.isARM32() && facts.hasDSP && facts.vectorBits == 0) {
    form.kind = Kind::Smlad;
    form.group = 4;
    form.accumulators = 4;
    form.stepCycles = 4;
    return form;
  }
  form.kind = Kind::Widening;
  if (facts.vectorBits) {
    // Twice the width of a register: the widening multiply reads one register
    // of 16-bit operands.
    form.lanes = facts.vectorBits / 16;
    form.minLanes = std::min<int64_t>(form.lanes, 4);
    form.accumulators = registers >= 32 ? 10 : 5;
    form.stepCycles = 2;
  } else {
    form.accumulators = facts.numScalarRegisters >= 28 ? 8 : 4;
  }
  return form;
}

DotForm DotForm::withLanes(int64_t count) const {
  DotForm form = *this;
  form.lanes = count;
  return form;
}

int64_t DotForm::fitLanes(int64_t channels) const {
  int64_t fit = lanes;
  while (fit / 2 >= minLanes && fit / 2 >= channels)
    fit /= 2;
  return fit;
}

int64_t DotForm::weightBits() const {
  return kind == Kind::Float ? 32 : subtractsWeightZero() ? 16 : 8;
}

template <typename T>
void DotForm::pack(function_ref<T(int64_t, int64_t)> weight,
                   std::vector<T> &out) const {
  if (kind == Kind::Pmaddwd) {
    // The even and the odd bytes of a group of 4, widened to 16 bits: (k0, k2)
    // and (k1, k3).
    for (int64_t half = 0; half < 2; ++half)
      for (int64_t lane = 0; lane < lanes; ++lane) {
        out.push_back(weight(lane, half));
        out.push_back(weight(lane, half + 2));
      }
    return;
  }
  for (int64_t lane = 0; lane < lanes; ++lane)
    for (int64_t k = 0; k < group; ++k)
      out.push_back(weight(lane, k));
}
template void DotForm::pack(function_ref<int16_t(int64_t, int64_t)>,
                            std::vector<int16_t> &) const;
template void DotForm::pack(function_ref<float(int64_t, int64_t)>,
                            std::vector<float> &) const;

namespace {

/// `valid` consecutive bytes as a little-endian i32; the bytes beyond are 0.
/// Never reads beyond them.
Value loadWord(LayerEmitter &e, Value memref, Value offset, int64_t valid) {
  Type i32 = e.b.getI32Type();
  if (valid == 4) {
    Value bytes = e.load(memref, offset, 4);
    Value word =
        vector::BitCastOp::create(e.b, VectorType::get({1}, i32), bytes);
    return vector::ExtractOp::create(e.b, word, ArrayRef<int64_t>{0});
  }
  Value word;
  for (int64_t k = 0; k < valid; ++k) {
    Value byte =
        e.extend(e.load(memref, e.add(offset, k), 1), i32, /*isSigned=*/false);
    if (k > 0)
      byte = mlir::arith::ShLIOp::create(e.b, byte, e.constant(i32, 8 * k));
    word = word ? Value(mlir::arith::OrIOp::create(e.b, word, byte)) : byte;
  }
  return word;
}

/// One or two consecutive 16-bit values as an i32; a missing second one is 0.
Value loadPair(LayerEmitter &e, Value memref, Value offset, int64_t valid) {
  Type i32 = e.b.getI32Type();
  if (valid == 1)
    return e.extend(e.load(memref, offset, 1), i32, /*isSigned=*/false);
  Value pair = vector::BitCastOp::create(e.b, VectorType::get({1}, i32),
                                         e.load(memref, offset, 2));
  return vector::ExtractOp::create(e.b, pair, ArrayRef<int64_t>{0});
}

Value intrinsic(LayerEmitter &e, StringRef name, Type result,
                ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(e.b, result, e.b.getStringAttr(name),
                                       operands)
      ->getResult(0);
}

Value bitcast(LayerEmitter &e, Value value, int64_t lanes, Type element) {
  return vector::BitCastOp::create(e.b, VectorType::get({lanes}, element),
                                   value);
}

/// The bytes 0 and 2 of an i32 widened to two 16-bit halves (Armv7E-M sxtb16,
/// uxtb16).
Value extendBytes16(LayerEmitter &e, Value word, bool isSigned) {
  return intrinsic(e, isSigned ? "llvm.arm.sxtb16" : "llvm.arm.uxtb16",
                   e.b.getI32Type(), word);
}

Value rotateRight8(LayerEmitter &e, Value word) {
  return intrinsic(e, "llvm.fshr", word.getType(),
                   {word, word, e.constant(word.getType(), 8)});
}

} // namespace

SmallVector<Value, 2> DotForm::prepare(LayerEmitter &e, Value memref,
                                       Value offset, int64_t valid,
                                       bool isSigned) const {
  Type i8 = e.b.getI8Type(), i16 = e.b.getI16Type();
  switch (kind) {
  case Kind::Float:
    return {e.splat(e.load(memref, offset, 1), lanes)};
  case Kind::Widening:
    return {e.splat(e.extend(e.load(memref, offset, 1), i16, isSigned), lanes)};
  case Kind::Vnni:
  case Kind::Sdot: {
    Value word = e.splat(loadWord(e, memref, offset, valid), lanes);
    if (flipsSign(isSigned))
      word = mlir::arith::XOrIOp::create(
          e.b, word,
          e.constant(word.getType(), static_cast<int32_t>(0x80808080)));
    return {bitcast(e, word, lanes * 4, i8)};
  }
  case Kind::Pmaddwd: {
    Value halves = bitcast(
        e, e.splat(loadWord(e, memref, offset, valid), lanes), lanes * 2, i16);
    Value eight = e.constant(halves.getType(), 8);
    if (isSigned) {
      Value low = mlir::arith::ShRSIOp::create(
          e.b, mlir::arith::ShLIOp::create(e.b, halves, eight), eight);
      return {low, mlir::arith::ShRSIOp::create(e.b, halves, eight)};
    }
    Value low = mlir::arith::AndIOp::create(e.b, halves,
                                            e.constant(halves.getType(), 0xff));
    return {low, mlir::arith::ShRUIOp::create(e.b, halves, eight)};
  }
  case Kind::Words: {
    Value pair = loadPair(e, memref, offset, valid);
    if (!isX86)
      return {pair};
    return {bitcast(e, e.splat(pair, lanes), lanes * 2, i16)};
  }
  case Kind::Smlad: {
    Value word = loadWord(e, memref, offset, valid);
    return {extendBytes16(e, word, isSigned),
            extendBytes16(e, rotateRight8(e, word), isSigned)};
  }
  }
  llvm_unreachable("unknown dot form");
}

SmallVector<Value, 2> DotForm::loadWeights(LayerEmitter &e, Value table,
                                           Value offset) const {
  switch (kind) {
  case Kind::Words:
    if (!isX86)
      return {loadPair(e, table, offset, 2)};
    return {e.load(table, offset, lanes * 2, lanes * 4)};
  case Kind::Pmaddwd:
    return {e.load(table, offset, lanes * 2, lanes * 4),
            e.load(table, e.add(offset, lanes * 2), lanes * 2, lanes * 4)};
  case Kind::Smlad: {
    Value word = loadWord(e, table, offset, 4);
    return {extendBytes16(e, word, true),
            extendBytes16(e, rotateRight8(e, word), true)};
  }
  default:
    return {e.load(table, offset, weightsPerStep(),
                   weightsPerStep() * weightBits() / 8)};
  }
}

Value DotForm::step(LayerEmitter &e, Value acc, ArrayRef<Value> activations,
                    ArrayRef<Value> weights, bool isSigned) const {
  switch (kind) {
  case Kind::Float:
    if (hasFMA)
      return math::FmaOp::create(e.b, activations[0], weights[0], acc);
    return mlir::arith::AddFOp::create(
        e.b, acc, mlir::arith::MulFOp::create(e.b, activations[0], weights[0]));
  case Kind::Widening: {
    Type i32 = e.b.getI32Type();
    Value product =
        mlir::arith::MulIOp::create(e.b, e.extend(activations[0], i32, true),
                                    e.extend(weights[0], i32, true));
    return mlir::arith::AddIOp::create(e.b, acc, product);
  }
  case Kind::Vnni: {
    StringRef name = lanes == 16  ? "llvm.x86.avx512.vpdpbusd.512"
                     : lanes == 8 ? "llvm.x86.avx512.vpdpbusd.256"
                                  : "llvm.x86.avx512.vpdpbusd.128";
    return intrinsic(e, name, acc.getType(), {acc, activations[0], weights[0]});
  }
  case Kind::Sdot:
    return intrinsic(e, "llvm.aarch64.neon.sdot", acc.getType(),
                     {acc, activations[0], weights[0]});
  case Kind::Words:
    if (!isX86)
      return intrinsic(e, "llvm.arm.smlad", acc.getType(),
                       {activations[0], weights[0], acc});
    [[fallthrough]];
  case Kind::Pmaddwd: {
    StringRef name = lanes == 16  ? "llvm.x86.avx512.pmaddw.d.512"
                     : lanes == 8 ? "llvm.x86.avx2.pmadd.wd"
                                  : "llvm.x86.sse2.pmadd.wd";
    for (auto [x, w] : llvm::zip(activations, weights))
      acc = mlir::arith::AddIOp::create(
          e.b, acc, intrinsic(e, name, acc.getType(), {x, w}));
    return acc;
  }
  case Kind::Smlad:
    for (auto [x, w] : llvm::zip(activations, weights))
      acc = intrinsic(e, "llvm.arm.smlad", acc.getType(), {x, w, acc});
    return acc;
  }
  llvm_unreachable("unknown dot form");
}

SmallVector<Value, 2> DotForm::ones(LayerEmitter &e, int64_t valid) const {
  Type i8 = e.b.getI8Type(), i32 = e.b.getI32Type();
  assert(!subtractsWeightZero() && kind != Kind::Float &&
         "sums are wanted only where weights keep their zero point");
  if (kind == Kind::Smlad)
    return {e.constant(i32, valid > 2 ? 0x00010001 : 1),
            e.constant(i32, valid > 3   ? 0x00010001
                            : valid > 1 ? 1
                                        : 0)};
  SmallVector<int8_t> pattern;
  for (int64_t lane = 0; lane < lanes; ++lane)
    for (int64_t k = 0; k < group; ++k)
      pattern.push_back(k < valid ? 1 : 0);
  auto type = VectorType::get({lanes * group}, i8);
  return {mlir::arith::ConstantOp::create(
      e.b, DenseElementsAttr::get(type, ArrayRef<int8_t>(pattern)))};
}
