// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Planes of weights, and the ways to count bits. See the header.

#include "BitPlanes.h"

#include "DotForm.h"
#include "KernelSupport.h"
#include "VectorRISCV.h"

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

SmallVector<Value> BitCounter::begin(LayerEmitter &e) const {
  return {e.constant(LayerEmitter::lanesOf(e.b.getI32Type(), lanes), 0)};
}

void BitCounter::count(LayerEmitter &e, MutableArrayRef<Value> state,
                       ArrayRef<Value> words) const {
  for (Value word : words)
    state[0] = mlir::arith::AddIOp::create(e.b, state[0],
                                           math::CtPopOp::create(e.b, word));
}

Value BitCounter::flush(LayerEmitter &, ArrayRef<Value> state) const {
  return state[0];
}

Value BitCounter::widen(LayerEmitter &, Value sums) const { return sums; }

Value BitCounter::lookUp(LayerEmitter &, Value, Value) const { return {}; }

Value makeCountTables(LayerEmitter &e, int64_t planes, int64_t bits,
                      bool isXor) {
  // Whole registers are loaded.
  constexpr size_t spare = 16;
  int64_t entries = int64_t(1) << bits;
  std::vector<int8_t> counts;
  for (int64_t x = 0; x < int64_t(1) << (bits * planes); ++x)
    for (int64_t w = 0; w < entries; ++w) {
      int count = 0;
      for (int64_t i = 0; i < planes; ++i) {
        auto activation =
                 static_cast<uint32_t>(x >> (bits * i) & (entries - 1)),
             weight = static_cast<uint32_t>(w);
        count +=
            llvm::popcount(isXor ? activation ^ weight : activation & weight)
            << i;
      }
      counts.push_back(static_cast<int8_t>(count));
    }
  counts.insert(counts.end(), spare, 0);
  return e.table("counts" + std::to_string(planes), ArrayRef<int8_t>(counts));
}

namespace {

Value logicAnd(LayerEmitter &e, Value a, Value b) {
  return mlir::arith::AndIOp::create(e.b, a, b);
}
Value logicXor(LayerEmitter &e, Value a, Value b) {
  return mlir::arith::XOrIOp::create(e.b, a, b);
}
Value sum(LayerEmitter &e, Value a, Value b) {
  return mlir::arith::AddIOp::create(e.b, a, b);
}
Value masked(LayerEmitter &e, Value v, int64_t mask) {
  return logicAnd(e, v, e.constant(v.getType(), mask));
}
Value right(LayerEmitter &e, Value v, int64_t places) {
  return mlir::arith::ShRUIOp::create(e.b, v, e.constant(v.getType(), places));
}

/// Counts of bytes, gathered as such: what vpshufb and cnt give.
class ByteCounter : public BitCounter {
public:
  ByteCounter() { mostWords = 31; }

  SmallVector<Value> begin(LayerEmitter &e) const override {
    return {e.constant(bytes(e), 0)};
  }
  void count(LayerEmitter &e, MutableArrayRef<Value> state,
             ArrayRef<Value> words) const override {
    for (Value word : words)
      state[0] = sum(e, state[0],
                     math::CtPopOp::create(
                         e.b, vector::BitCastOp::create(e.b, bytes(e), word)));
  }
  Value flush(LayerEmitter &e, ArrayRef<Value> state) const override {
    // Bytes, then halves, are added within their lane.
    auto halve = [&](Value narrow, Type wide, int64_t mask, int64_t places) {
      Value v = vector::BitCastOp::create(e.b, wide, narrow);
      return sum(e, masked(e, v, mask), right(e, v, places));
    };
    Value pairs = halve(
        state[0], VectorType::get({lanes * 2}, e.b.getI16Type()), 0xff, 8);
    return halve(pairs, VectorType::get({lanes}, e.b.getI32Type()), 0xffff, 16);
  }

private:
  VectorType bytes(LayerEmitter &e) const {
    return VectorType::get({lanes * 4}, e.b.getI8Type());
  }
};

/// The same on NEON, whose pairwise additions leave sums in halves of lanes.
class NeonCounter final : public ByteCounter {
public:
  NeonCounter() { mostWeights = INT16_MAX / 16; }

  Value flush(LayerEmitter &e, ArrayRef<Value> state) const override {
    return addPairs(e, state[0], /*isSigned=*/false);
  }
  Value widen(LayerEmitter &e, Value sums) const override {
    return addPairs(e, sums, /*isSigned=*/true);
  }

private:
  static Value addPairs(LayerEmitter &e, Value narrow, bool isSigned) {
    auto from = cast<VectorType>(narrow.getType());
    auto to =
        VectorType::get({from.getNumElements() / 2},
                        e.b.getIntegerType(from.getElementTypeBitWidth() * 2));
    if (e.facts.isa == IsaFamily::AArch64)
      return callIntrinsic(
          e, isSigned ? "llvm.aarch64.neon.saddlp" : "llvm.aarch64.neon.uaddlp",
          to, narrow);
    return callIntrinsic(
        e, isSigned ? "llvm.arm.neon.vpaddls" : "llvm.arm.neon.vpaddlu", to,
        narrow);
  }
};

/// Counts of bytes from tables, a byte to a channel, and sums of 16 bits:
/// RISC-V V, which cannot count.
class TableCounter final : public BitCounter {
public:
  TableCounter() {
    looksUp = true;
    mostWords = 7, unroll = 1;
    mostWeights = INT16_MAX / 32;
  }

  SmallVector<Value> begin(LayerEmitter &e) const override {
    return {e.constant(VectorType::get({lanes}, e.b.getI8Type()), 0)};
  }
  Value flush(LayerEmitter &e, ArrayRef<Value> state) const override {
    return e.extend(state[0], e.b.getI16Type(), /*isSigned=*/false);
  }
  Value widen(LayerEmitter &e, Value sums) const override {
    return e.extend(sums, e.b.getI32Type(), /*isSigned=*/true);
  }
  Value lookUp(LayerEmitter &e, Value table, Value indices) const override {
    return emitGather(e, table, indices);
  }
};

/// Bit tricks without multiplication: fields of 1, 2 and 4 bits are added, the
/// latter of three words, which they hold, and then of 8.
class FieldCounter : public BitCounter {
public:
  FieldCounter() { mostWords = 30, together = 3, unroll = 6; }

  void count(LayerEmitter &e, MutableArrayRef<Value> state,
             ArrayRef<Value> words) const override {
    Value fours;
    if (words.size() == 3) {
      fours = countThree(e, words);
    } else {
      for (Value word : words) {
        Value own = countInFours(e, word);
        fours = fours ? sum(e, fours, own) : own;
      }
    }
    state[0] = sum(e, state[0], addFours(e, fours));
  }
  Value flush(LayerEmitter &e, ArrayRef<Value> state) const override {
    // Differences from 0, added up.
    if (e.facts.hasDSP && lanes == 1)
      return callIntrinsic(e, "llvm.arm.usad8", state[0].getType(),
                           {state[0], e.constant(state[0].getType(), 0)});
    return addHalves(e, addBytes(e, state[0]));
  }

protected:
  static Value countInFours(LayerEmitter &e, Value word) {
    Value pairs = mlir::arith::SubIOp::create(
        e.b, word, masked(e, right(e, word, 1), 0x55555555));
    return sum(e, masked(e, pairs, 0x33333333),
               masked(e, right(e, pairs, 2), 0x33333333));
  }
  /// Fields of 2 bits hold three: the third word fills up those of the others.
  static Value countThree(LayerEmitter &e, ArrayRef<Value> words) {
    auto withOthers = [&](Value word, Value others) {
      Value pairs = mlir::arith::SubIOp::create(
          e.b, word, masked(e, right(e, word, 1), 0x55555555));
      return sum(e, pairs, others);
    };
    auto twice = [&](Value pairs) {
      return sum(e, masked(e, pairs, 0x33333333),
                 masked(e, right(e, pairs, 2), 0x33333333));
    };
    return sum(e, twice(withOthers(words[0], masked(e, words[2], 0x55555555))),
               twice(withOthers(words[1],
                                masked(e, right(e, words[2], 1), 0x55555555))));
  }
  /// Fields of 4 to fields of 8, these to 16, and these to 32.
  static Value addFours(LayerEmitter &e, Value fours) {
    return sum(e, masked(e, fours, 0x0f0f0f0f),
               masked(e, right(e, fours, 4), 0x0f0f0f0f));
  }
  static Value addBytes(LayerEmitter &e, Value bytes) {
    return sum(e, masked(e, bytes, 0x00ff00ff),
               masked(e, right(e, bytes, 8), 0x00ff00ff));
  }
  static Value addHalves(LayerEmitter &e, Value halves) {
    return sum(e, masked(e, halves, 0xffff), right(e, halves, 16));
  }
};

/// Two words at a time are added to what is left of those before, and the bits
/// of the carry counted: with vpternlogd that is, together with what combines
/// activations and weights, five instructions for two words rather than six.
/// State: counts of what weighs 2, and bits that weigh 1.
class TernaryCounter final : public BitCounter {
public:
  TernaryCounter() {
    together = 2;
    // Counts of carries fit into 16 bits with their sign.
    mostWords = 2 * INT16_MAX / kWord;
  }

  SmallVector<Value> begin(LayerEmitter &e) const override {
    return SmallVector<Value>(
        2, e.constant(LayerEmitter::lanesOf(e.b.getI32Type(), lanes), 0));
  }
  void count(LayerEmitter &e, MutableArrayRef<Value> state,
             ArrayRef<Value> words) const override {
    Value before = state[1], half = logicXor(e, before, words[0]);
    if (words.size() == 1) {
      Value carry = logicAnd(e, before, words[0]);
      state[0] = sum(e, state[0], math::CtPopOp::create(e.b, carry));
      state[1] = half;
      return;
    }
    state[1] = logicXor(e, half, words[1]);
    // Where one of two bits was set, the third decides: half ? !sum : before.
    Value carry = callIntrinsic(
        e, "llvm.x86.avx512.pternlog.d.512", before.getType(),
        {before, half, state[1], e.constant(e.b.getI32Type(), 0x74)});
    state[0] = sum(e, state[0], math::CtPopOp::create(e.b, carry));
  }
  Value flush(LayerEmitter &e, ArrayRef<Value> state) const override {
    Value halves = math::CtPopOp::create(e.b, state[1]);
    if (!e.facts.hasAVX512VNNI)
      return sum(e, sum(e, state[0], state[0]), halves);
    // Twice and added at once.
    auto pairs = VectorType::get({2 * lanes}, e.b.getI16Type());
    return callIntrinsic(
        e, "llvm.x86.avx512.vpdpwssd.512", halves.getType(),
        {halves, vector::BitCastOp::create(e.b, pairs, state[0]),
         vector::BitCastOp::create(e.b, pairs,
                                   e.constant(halves.getType(), 2))});
  }
};

} // namespace

std::shared_ptr<const BitCounter> BitCounter::choose(const TargetFacts &facts) {
  std::shared_ptr<BitCounter> counter;
  bool isX86 = facts.isa == IsaFamily::X86;
  if (isX86 && facts.hasAVX512VPOPCNTDQ && facts.vectorBits >= 512) {
    counter = std::make_shared<TernaryCounter>();
    counter->mostAccumulators = 7;
    counter->unroll = 4;
    counter->vectorsAtOnce = 1;
    counter->mostGroups = 1;
    counter->balances = true;
    counter->cyclesPerWord = 1.3;
    counter->cyclesPerFlush = 2;
  } else if (facts.vectorBits > 0 && facts.hasRVV) {
    counter = std::make_shared<TableCounter>();
    counter->mostAccumulators = 10;
    counter->cyclesPerWord = 70;
    counter->cyclesPerFlush = 4;
  } else if (facts.vectorBits >= 128) {
    counter =
        facts.hasNEON
            ? std::shared_ptr<ByteCounter>(std::make_shared<NeonCounter>())
            : std::make_shared<ByteCounter>();
    counter->mostAccumulators = isX86 ? 8 : 16;
    counter->cyclesPerWord = isX86 ? 2.4 : facts.isARM32() ? 2.6 : 2.2;
    counter->cyclesPerFlush = isX86 ? 4 : 2;
    if (!isX86)
      counter->vectorsAtOnce = 4;
  } else if (facts.hasZbb) {
    counter = std::make_shared<BitCounter>();
    counter->mostAccumulators = 4;
  } else {
    // Cycles as those of the matrix kernel are estimated: scalars take twice
    // as many in truth.
    counter = std::make_shared<FieldCounter>();
    counter->mostAccumulators = 3;
    // What a C compiler makes of it, gcc 12 for Cortex-M4 and x86-64: a fifth
    // less beside the bytes of that compiler.
    counter->cyclesPerWord = facts.isa == IsaFamily::Generic ? 3.7 : 4.5;
    counter->cyclesPerFlush = 3;
  }
  counter->lanes = std::max<int64_t>(1, facts.vectorBits / 32);
  if (counter->looksUp)
    counter->lanes = std::min<int64_t>(kWord, facts.vectorBits / 8);
  return counter;
}

SmallVector<Value> planesOf(LayerEmitter &e, Value bytes,
                            const qnn::BitCode &code, int64_t zero) {
  Value codes = mlir::arith::SubIOp::create(
      e.b, bytes, e.constant(bytes.getType(), zero + code.base));
  SmallVector<Value> planes;
  for (int64_t n = 0; n < code.bits; ++n)
    planes.push_back(mlir::arith::CmpIOp::create(
        e.b, mlir::arith::CmpIPredicate::ne, masked(e, codes, code.unit << n),
        e.constant(codes.getType(), 0)));
  return planes;
}

SmallVector<Value> planesFrom(LayerEmitter &e, const qnn::BitCode &code,
                              int64_t lo, int64_t hi,
                              function_ref<Value(int64_t m)> reaches) {
  SmallVector<Value> planes(code.bits);
  auto flip = [&](Value &plane, Value by) {
    plane = plane ? logicXor(e, plane, by) : by;
  };
  for (int64_t m = code.unit; m <= hi - lo; m += code.unit) {
    int64_t changed = code.encode(lo + m) ^ code.encode(lo + m - code.unit);
    Value reached = reaches(m);
    for (int64_t n = 0; n < code.bits; ++n)
      if (changed >> n & 1)
        flip(planes[n], reached);
  }
  for (int64_t n = 0; n < code.bits; ++n)
    if (code.encode(lo) >> n & 1)
      flip(planes[n], e.constant(planes[n].getType(), 1));
  return planes;
}

namespace {

/// Packs bytes to words of planes, a pixel's channels at a time.
class PlanePacker {
public:
  PlanePacker(LayerEmitter &e, const TensorView &from, const TensorView &to)
      : e(e), from(from), to(to), code(*qnn::bitCodeOf(to.type)),
        zero(qnn::zeroPointOf(to.type)) {}

  void pack(size_t axis, Value in, Value out) {
    ArrayRef<int64_t> shape = from.shape();
    if (axis + 1 >= shape.size())
      return e.once([&] { packPixel(in, out); });
    e.splitLoop(shape[axis], [&](Value i) {
      pack(axis + 1, e.add(e.mul(i, from.strides[axis]), in),
           e.add(e.mul(i, to.strides[axis]), out));
    });
  }

private:
  void packPixel(Value in, Value out) {
    int64_t channels = from.shape().back(), whole = channels / kWord;
    e.loop(whole, [&](Value w) {
      packWord(e.add(in, e.mul(w, kWord)), e.add(out, e.mul(w, to.planes)),
               kWord);
    });
    if (channels % kWord)
      packWord(e.add(in, whole * kWord), e.add(out, whole * to.planes),
               channels % kWord);
  }

  /// One word of each plane from `count` bytes at `in`.
  void packWord(Value in, Value out, int64_t count) {
    SmallVector<Value> words;
    if (lanesFor(e.facts, 1) > 1 && count == kWord)
      for (Value bits : planesOf(e, e.load(from.memref, in, kWord), code, zero))
        words.push_back(wordOf(e, bits));
    else
      words = gatherWords(in, count);
    for (auto [n, word] : llvm::enumerate(words))
      e.store(word, to.memref, e.add(out, static_cast<int64_t>(n)));
  }

  /// Bits of four bytes at a time: with the others masked out, a multiplication
  /// moves them next to each other.
  SmallVector<Value> gatherByFours(Value in) {
    Type i32 = e.b.getI32Type();
    auto number = [&](uint32_t v) { return e.constant(i32, int32_t(v)); };
    constexpr uint32_t ones = 0x01010101, highs = 0x80808080,
                       moves = 0x10204080;
    // Only the lowest bits matter; the high ones keep borrows within bytes.
    auto base = static_cast<uint32_t>((zero + code.base) & 15);
    SmallVector<Value> words(code.bits, number(0));
    return e.loop(
        e.index(0), e.index(kWord / 4), words,
        [&](Value i, ValueRange carried) {
          // One load where the machine has it.
          Value four;
          for (int64_t byte = 0; byte < 4; ++byte) {
            Value at = e.add(e.add(in, e.mul(i, 4)), byte);
            Value part = mlir::arith::ShLIOp::create(
                e.b, e.extend(e.load(from.memref, at, 1), i32, false),
                e.constant(i32, 8 * byte));
            four = byte == 0
                       ? part
                       : Value(mlir::arith::OrIOp::create(e.b, four, part));
          }
          if (base != 0)
            four = mlir::arith::SubIOp::create(
                e.b, mlir::arith::OrIOp::create(e.b, four, number(highs)),
                number(base * ones));
          SmallVector<Value> next;
          for (auto [n, word] : llvm::enumerate(carried)) {
            auto place = llvm::Log2_64(static_cast<uint64_t>(code.unit)) + n;
            Value bits =
                masked(e, right(e, four, static_cast<int64_t>(place)), ones);
            bits = mlir::arith::MulIOp::create(e.b, bits, number(moves));
            next.push_back(mlir::arith::OrIOp::create(
                e.b, right(e, word, 4), masked(e, bits, int32_t(0xF0000000))));
          }
          return next;
        });
  }

  SmallVector<Value> gatherWords(Value in, int64_t count) {
    if (count == kWord && llvm::isPowerOf2_64(code.unit) && code.unit <= 2)
      return gatherByFours(in);
    Type i32 = e.b.getI32Type();
    // From the top: each bit moves those before it down.
    SmallVector<Value> words(code.bits, e.constant(i32, 0));
    words = e.loop(
        e.index(0), e.index(count), words, [&](Value c, ValueRange carried) {
          SmallVector<Value> next;
          Value byte = e.load(from.memref, e.add(in, c), 1);
          for (auto [word, bit] :
               llvm::zip(carried, planesOf(e, byte, code, zero)))
            next.push_back(mlir::arith::OrIOp::create(
                e.b, right(e, word, 1),
                mlir::arith::ShLIOp::create(e.b, e.extend(bit, i32, false),
                                            e.constant(i32, kWord - 1))));
          return next;
        });
    if (count < kWord)
      for (Value &word : words)
        word = right(e, word, kWord - count);
    return words;
  }

  LayerEmitter &e;
  TensorView from, to;
  qnn::BitCode code;
  int64_t zero;
};

} // namespace

void packPlanes(LayerEmitter &e, const TensorView &from, const TensorView &to,
                Value fromAt, Value toAt) {
  PlanePacker(e, from, to)
      .pack(0, e.add(fromAt, from.base), e.add(toAt, to.base));
}

void storePlanes(LayerEmitter &e, Value bytes, Value pixel, Value channel) {
  const TensorView &view = e.outputs[0];
  Value word = mlir::arith::DivUIOp::create(e.b, channel, e.index(kWord));
  Value to = e.add(pixel, e.mul(word, view.planes));
  for (auto [n, plane] : llvm::enumerate(planesOf(
           e, bytes, *qnn::bitCodeOf(view.type), qnn::zeroPointOf(view.type))))
    e.store(wordVectorOf(e, plane), view.memref,
            e.add(to, static_cast<int64_t>(n)));
}

Value wordVectorOf(LayerEmitter &e, Value isSet) {
  auto lanes = static_cast<unsigned>(LayerEmitter::lanesIn(isSet.getType()));
  return vector::BitCastOp::create(
      e.b, VectorType::get({1}, e.b.getIntegerType(lanes)), isSet);
}

Value wordOf(LayerEmitter &e, Value isSet) {
  return vector::ExtractOp::create(e.b, wordVectorOf(e, isSet),
                                   ArrayRef<int64_t>{0});
}

} // namespace qcc
