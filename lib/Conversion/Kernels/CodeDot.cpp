// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Dot products with unpacked codes. See the header.

#include "CodeDot.h"

#include "DotForm.h"
#include "VectorRISCV.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {
namespace {

constexpr int64_t greatestActivation = 127;

Value addTo(LayerEmitter &e, Value sum, Value products) {
  return sum ? Value(mlir::arith::AddIOp::create(e.b, sum, products))
             : products;
}

/// Four activations in the bytes of every lane.
class WordDot : public CodeDot {
public:
  Value activations(LayerEmitter &e, Value memref,
                    Value offset) const override {
    Value word = e.splat(loadWord(e, memref, offset, 4), lanes);
    return bitcastLanes(e, word, 4 * lanes, e.b.getI8Type());
  }

protected:
  ~WordDot() = default;
};

/// vpdpbusd: u8 codes, s8 activations, which may come from memory.
class VnniDot final : public WordDot {
public:
  explicit VnniDot(int64_t numLanes) {
    lanes = numLanes;
    group = 4;
    signedBytes = false;
    bitPlaces = codePlaces = 8;
    shiftBits = 16;
    chains = 4;
    rows = numLanes > 8 ? 4 : 2;
    stepCycles = numLanes > 8 ? 0.75 : 0.6;
    unpackCycles = 0.5;
  }

  Value step(LayerEmitter &e, Value sum, Value codes, Value x,
             bool isSigned) const override {
    auto type = VectorType::get({lanes}, e.b.getI32Type());
    if (!sum)
      sum = e.constant(type, 0);
    return callIntrinsic(e,
                         lanes == 16 ? "llvm.x86.avx512.vpdpbusd.512"
                                     : "llvm.x86.avx512.vpdpbusd.256",
                         type, {sum, codes, x});
  }
};

/// pmaddubsw: u8 codes, s8 activations, sums of 16 bits. Where a code may have
/// the sign of a byte, it gives that to the activation.
class MaddUbsDot final : public WordDot {
public:
  explicit MaddUbsDot(int64_t numLanes) {
    lanes = numLanes;
    group = 4;
    bitPlaces = 4;
    shiftBits = 16;
    rows = numLanes > 8 ? 4 : 2;
    stepCycles = numLanes > 8 ? 1 : 0.7;
    unpackCycles = 0.7;
  }

  Value step(LayerEmitter &e, Value sum, Value codes, Value x,
             bool isSigned) const override {
    auto type = VectorType::get({2 * lanes}, e.b.getI16Type());
    if (isSigned) {
      x = withSign(e, x, codes);
      codes = math::AbsIOp::create(e.b, codes);
    }
    return addTo(e, sum,
                 callIntrinsic(e,
                               lanes == 16  ? "llvm.x86.avx512.pmaddubs.w.512"
                               : lanes == 8 ? "llvm.x86.avx2.pmadd.ub.sw"
                                            : "llvm.x86.ssse3.pmadd.ub.sw.128",
                               type, {codes, x}));
  }

  int64_t mostSteps(int64_t greatest) const override {
    return std::max<int64_t>(1,
                             INT16_MAX / (2 * greatest * greatestActivation));
  }

  Value finish(LayerEmitter &e, Value acc, Value sum) const override {
    auto type = VectorType::get({lanes}, e.b.getI32Type());
    return addTo(e, acc,
                 callIntrinsic(e,
                               lanes == 16  ? "llvm.x86.avx512.pmaddw.d.512"
                               : lanes == 8 ? "llvm.x86.avx2.pmadd.wd"
                                            : "llvm.x86.sse2.pmadd.wd",
                               type, {sum, e.constant(sum.getType(), 1)}));
  }

private:
  /// x, negated where `sign` is below 0; anything where it is 0.
  Value withSign(LayerEmitter &e, Value x, Value sign) const {
    if (lanes < 16)
      return callIntrinsic(e,
                           lanes == 8 ? "llvm.x86.avx2.psign.b"
                                      : "llvm.x86.ssse3.psign.b.128",
                           x.getType(), {x, sign});
    Value zero = e.constant(x.getType(), 0);
    return mlir::arith::SelectOp::create(
        e.b,
        mlir::arith::CmpIOp::create(e.b, mlir::arith::CmpIPredicate::slt, sign,
                                    zero),
        mlir::arith::SubIOp::create(e.b, zero, x), x);
  }
};

/// pmaddwd: 16 bits, on what x86 there is.
class MaddWdDot final : public CodeDot {
public:
  MaddWdDot() {
    lanes = 4;
    group = 2;
    stepCycles = 2;
  }

  Value activations(LayerEmitter &e, Value memref,
                    Value offset) const override {
    Value pair = e.extend(e.load(memref, offset, 2), e.b.getI16Type(), true);
    Value word = vector::ExtractOp::create(
        e.b, bitcastLanes(e, pair, 1, e.b.getI32Type()), ArrayRef<int64_t>{0});
    return bitcastLanes(e, e.splat(word, lanes), 2 * lanes, e.b.getI16Type());
  }
  Value step(LayerEmitter &e, Value sum, Value codes, Value x,
             bool isSigned) const override {
    auto type = VectorType::get({lanes}, e.b.getI32Type());
    Value wide = e.extend(codes, e.b.getI16Type(), true);
    return addTo(e, sum,
                 callIntrinsic(e, "llvm.x86.sse2.pmadd.wd", type, {wide, x}));
  }
};

/// sdot.
class SdotDot final : public WordDot {
public:
  SdotDot() {
    lanes = 4;
    group = 4;
    bitPlaces = codePlaces = 4;
    chains = 4;
    rows = 4;
    stepCycles = 0.7;
  }

  Value step(LayerEmitter &e, Value sum, Value codes, Value x,
             bool isSigned) const override {
    auto type = VectorType::get({lanes}, e.b.getI32Type());
    if (!sum)
      sum = e.constant(type, 0);
    return callIntrinsic(e, "llvm.aarch64.neon.sdot", type, {sum, codes, x});
  }
};

/// smull and sadalp: two activations in every 16 bits, sums of 16 bits of
/// eight outputs.
class SmullDot final : public CodeDot {
public:
  SmullDot() {
    lanes = 8;
    group = 2;
    bitPlaces = 4;
    rows = 2;
    stepCycles = 3;
  }

  Value activations(LayerEmitter &e, Value memref,
                    Value offset) const override {
    Type i16 = e.b.getI16Type();
    Value pair = vector::ExtractOp::create(
        e.b, bitcastLanes(e, e.load(memref, offset, 2), 1, i16),
        ArrayRef<int64_t>{0});
    return bitcastLanes(e, e.splat(pair, lanes), 2 * lanes, e.b.getI8Type());
  }
  Value step(LayerEmitter &e, Value sum, Value codes, Value x,
             bool isSigned) const override {
    SmallVector<Value> products;
    for (int64_t first : {int64_t(0), lanes})
      products.push_back(
          multiplyBytes(e, half(e, codes, first), half(e, x, first)));
    return addTo(e, sum, e.concat(products));
  }
  int64_t mostSteps(int64_t greatest) const override {
    return std::max<int64_t>(1, INT16_MAX / (greatest * greatestActivation));
  }
  Value finish(LayerEmitter &e, Value acc, Value sum) const override {
    auto type = VectorType::get({lanes / 2}, e.b.getI32Type());
    SmallVector<Value> halves;
    for (int64_t first : {int64_t(0), lanes})
      halves.push_back(callIntrinsic(e,
                                     e.facts.isARM32()
                                         ? "llvm.arm.neon.vpaddls"
                                         : "llvm.aarch64.neon.saddlp",
                                     type, half(e, sum, first)));
    return addTo(e, acc, e.concat(halves));
  }

private:
  /// Registers, which instructions take, of what is two of them.
  Value half(LayerEmitter &e, Value value, int64_t first) const {
    return vector::ShuffleOp::create(
        e.b, value, value,
        llvm::to_vector(llvm::seq<int64_t>(first, first + lanes)));
  }
};

/// vwmacc.vx.
class VwmaccDot final : public CodeDot {
public:
  explicit VwmaccDot(int64_t numLanes) {
    lanes = numLanes;
    stepCycles = 8;
  }

  Value activations(LayerEmitter &e, Value memref,
                    Value offset) const override {
    return e.extend(e.load(memref, offset, 1), e.b.getI16Type(), true);
  }
  Value step(LayerEmitter &e, Value sum, Value codes, Value x,
             bool isSigned) const override {
    if (!sum)
      sum = e.constant(VectorType::get({lanes}, e.b.getI32Type()), 0);
    return emitWideningMacc(e, sum, x, e.extend(codes, e.b.getI16Type(), true));
  }
};

class ScalarDot final : public CodeDot {
public:
  Value activations(LayerEmitter &e, Value memref,
                    Value offset) const override {
    return e.extend(e.load(memref, offset, 1), e.b.getI32Type(), true);
  }
  Value step(LayerEmitter &e, Value sum, Value codes, Value x,
             bool isSigned) const override {
    Value wide = e.extend(codes, e.b.getI32Type(), true);
    return addTo(e, sum, mlir::arith::MulIOp::create(e.b, wide, x));
  }
};

} // namespace

Value CodeDot::finish(LayerEmitter &e, Value acc, Value sum) const {
  return addTo(e, acc, sum);
}

const CodeDot &CodeDot::choose(const TargetFacts &facts) {
  static const VnniDot vnni512(16), vnni256(8);
  static const MaddUbsDot maddUbs512(16), maddUbs256(8), maddUbs128(4);
  static const MaddWdDot maddWd;
  static const SdotDot sdot;
  static const SmullDot smull;
  static const VwmaccDot vwmacc128(16), vwmacc256(32), vwmacc512(64);
  static const ScalarDot scalar;
  if (facts.vectorBits < 128)
    return scalar;
  if (facts.isa == IsaFamily::X86) {
    bool is512 = facts.vectorBits >= 512, is256 = facts.vectorBits >= 256;
    if (is512 && facts.hasAVX512VNNI)
      return vnni512;
    if (is256 &&
        (facts.hasAVXVNNI || (facts.hasAVX512VNNI && facts.hasAVX512VL)))
      return vnni256;
    if (is512 && facts.hasAVX512BW)
      return maddUbs512;
    if (is256 && facts.hasAVX2)
      return maddUbs256;
    return facts.hasSSE41 ? static_cast<const CodeDot &>(maddUbs128) : maddWd;
  }
  if (facts.hasNEON)
    return facts.hasDotProd ? static_cast<const CodeDot &>(sdot) : smull;
  if (facts.hasRVV)
    return facts.vectorBits >= 512   ? vwmacc512
           : facts.vectorBits >= 256 ? vwmacc256
                                     : vwmacc128;
  return scalar;
}

} // namespace qcc
