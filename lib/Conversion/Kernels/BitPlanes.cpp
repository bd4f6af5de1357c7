// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Planes of weights, and the ways to count bits. See the header.

#include "BitPlanes.h"

#include "qcc/Arithmetic/WeightCodes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {

std::optional<WeightPlanes> WeightPlanes::of(const MacLayer &mac,
                                             int64_t most) {
  WeightPlanes planes;
  planes.steps.assign(mac.outChannels, 0);
  // Channels of nothing but zeros say nothing about the others.
  std::vector<int16_t> weights;
  std::vector<int64_t> channels;
  auto depth = static_cast<size_t>(mac.depth());
  for (int64_t o = 0; o < mac.outChannels; ++o) {
    bool isZero = true;
    for (int64_t k = 0; k < mac.depth(); ++k)
      isZero &= mac.weight(o, k) == mac.weightZeros[o];
    if (isZero)
      continue;
    channels.push_back(o);
    for (int64_t k = 0; k < mac.depth(); ++k)
      weights.push_back(
          static_cast<int16_t>(mac.weight(o, k) - mac.weightZeros[o]));
  }
  if (channels.empty())
    return planes;
  auto codes =
      qcc::arith::WeightCodes::of(weights.data(), channels.size(), depth);
  // A common step that costs no bits may still leave a factor.
  int32_t factor = 0;
  for (int32_t v : codes.codebook)
    factor = std::gcd(factor, v);
  for (auto [i, o] : llvm::enumerate(channels))
    planes.steps[o] = codes.steps[i] * factor;
  int64_t lo = codes.codebook.front() / factor,
          hi = codes.codebook.back() / factor;
  planes.isXor = llvm::all_of(codes.codebook,
                              [&](int32_t v) { return v / factor % 2 != 0; });
  auto fits = [&] {
    int64_t count = int64_t(1) << planes.bits;
    if (planes.isXor)
      return -lo < count && hi < count;
    if (lo >= 0)
      return hi < count;
    planes.isTwosComplement = true;
    return -lo <= count / 2 && hi < count / 2;
  };
  while (!fits())
    if (++planes.bits > most)
      return std::nullopt;
  return planes;
}

//===----------------------------------------------------------------------===//
// Counting
//===----------------------------------------------------------------------===//

Value BitCounter::begin(LayerEmitter &e) const {
  return e.constant(LayerEmitter::lanesOf(e.b.getI32Type(), lanes), 0);
}

Value BitCounter::count(LayerEmitter &e, Value counts, Value word) const {
  return mlir::arith::AddIOp::create(e.b, counts,
                                     math::CtPopOp::create(e.b, word));
}

Value BitCounter::flush(LayerEmitter &, Value counts) const { return counts; }

namespace {

/// Counts of bytes, gathered as such: what vpshufb and cnt give.
class ByteCounter : public BitCounter {
public:
  ByteCounter() { mostWords = 31; }

  Value begin(LayerEmitter &e) const override {
    return e.constant(bytes(e), 0);
  }
  Value count(LayerEmitter &e, Value counts, Value word) const override {
    Value ones = math::CtPopOp::create(
        e.b, vector::BitCastOp::create(e.b, bytes(e), word));
    return mlir::arith::AddIOp::create(e.b, counts, ones);
  }
  Value flush(LayerEmitter &e, Value counts) const override {
    // Bytes, then halves, are added within their lane.
    auto halve = [&](Value narrow, Type wide, int64_t mask, int64_t shift) {
      Value v = vector::BitCastOp::create(e.b, wide, narrow);
      Value low = mlir::arith::AndIOp::create(e.b, v, e.constant(wide, mask));
      Value high =
          mlir::arith::ShRUIOp::create(e.b, v, e.constant(wide, shift));
      return Value(mlir::arith::AddIOp::create(e.b, low, high));
    };
    Value pairs =
        halve(counts, VectorType::get({lanes * 2}, e.b.getI16Type()), 0xff, 8);
    return halve(pairs, VectorType::get({lanes}, e.b.getI32Type()), 0xffff, 16);
  }

protected:
  VectorType bytes(LayerEmitter &e) const {
    return VectorType::get({lanes * 4}, e.b.getI8Type());
  }
};

/// Bit tricks without multiplication: fields of 4 bits of one word are added to
/// fields of 8.
class SwarCounter : public BitCounter {
public:
  SwarCounter() { mostWords = 31; }

  Value count(LayerEmitter &e, Value counts, Value word) const override {
    auto mask = [&](Value v, int64_t bits) -> Value {
      return mlir::arith::AndIOp::create(e.b, v, e.constant(v.getType(), bits));
    };
    auto right = [&](Value v, int64_t places) -> Value {
      return mlir::arith::ShRUIOp::create(e.b, v,
                                          e.constant(v.getType(), places));
    };
    auto sum = [&](Value a, Value b) -> Value {
      return mlir::arith::AddIOp::create(e.b, a, b);
    };
    Value pairs = mlir::arith::SubIOp::create(e.b, word,
                                              mask(right(word, 1), 0x55555555));
    Value fours =
        sum(mask(pairs, 0x33333333), mask(right(pairs, 2), 0x33333333));
    return sum(counts, mask(sum(fours, right(fours, 4)), 0x0f0f0f0f));
  }
  Value flush(LayerEmitter &e, Value counts) const override {
    auto halve = [&](Value v, int64_t bits, int64_t places) -> Value {
      Value low =
          mlir::arith::AndIOp::create(e.b, v, e.constant(v.getType(), bits));
      Value high =
          mlir::arith::ShRUIOp::create(e.b, v, e.constant(v.getType(), places));
      if (places < 16)
        high = mlir::arith::AndIOp::create(e.b, high,
                                           e.constant(v.getType(), bits));
      return mlir::arith::AddIOp::create(e.b, low, high);
    };
    return halve(halve(counts, 0x00ff00ff, 8), 0xffff, 16);
  }
};

} // namespace

std::shared_ptr<const BitCounter> BitCounter::choose(const TargetFacts &facts) {
  std::shared_ptr<BitCounter> counter;
  bool isX86 = facts.isa == IsaFamily::X86;
  if (isX86 && facts.hasAVX512VPOPCNTDQ && facts.vectorBits >= 512) {
    counter = std::make_shared<BitCounter>();
    counter->mostAccumulators = 24;
    counter->cyclesPerWord = 1.6;
  } else if (facts.vectorBits >= 128 && !facts.isRISCV()) {
    counter = std::make_shared<ByteCounter>();
    counter->mostAccumulators = facts.numVectorRegisters > 16 ? 16 : 8;
    counter->cyclesPerWord = isX86 ? 3 : 2;
    counter->cyclesPerFlush = 4;
  } else if (facts.vectorBits == 0 && facts.hasZbb) {
    counter = std::make_shared<BitCounter>();
    counter->mostAccumulators = 4;
  } else {
    counter = std::make_shared<SwarCounter>();
    counter->mostAccumulators = facts.vectorBits ? 8 : 2;
    counter->cyclesPerWord = 12;
    counter->cyclesPerFlush = 6;
  }
  counter->lanes = std::max<int64_t>(1, facts.vectorBits / 32);
  return counter;
}

Value wordOf(LayerEmitter &e, Value isSet) {
  Type word = VectorType::get({1}, e.b.getI32Type());
  return vector::ExtractOp::create(
      e.b, vector::BitCastOp::create(e.b, word, isSet), ArrayRef<int64_t>{0});
}

} // namespace qcc
