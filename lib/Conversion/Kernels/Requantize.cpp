// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Choice and emission of requantization forms. See the header.

#include "RequantizeTrial.h"

#include "DotForm.h"
#include "FixedPoint.h"
#include "LaneGroup.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace qcc;
namespace ar = qcc::arith;
namespace ir = mlir::arith;

//===----------------------------------------------------------------------===//
// Choice
//===----------------------------------------------------------------------===//

Requantizer::Requantizer(LayerEmitter &emitter, StringRef prefix,
                         RequantSpec wanted, int64_t widest, bool isWide,
                         int maxAccShift)
    : e(emitter), spec(std::move(wanted)), lanes(widest),
      accOffsets(spec.size(), 0), slow(spec.size(), 0) {
  for (const std::optional<ar::ChannelSpec> &channel : spec) {
    // The proofs take time by the number of results: worth it for 8 bits.
    bool isByte = channel && !isWide &&
                  int64_t(channel->exact.hi) - channel->exact.lo < 256;
    steps.push_back(isByte ? ar::StepFunction::of(*channel) : std::nullopt);
    if (channel)
      common = channel->exact;
  }
  if (isWide) {
    method = Method::Wide;
    makeWideTables(prefix);
    return;
  }
  const TargetFacts &facts = e.facts;
  // The definition itself is three instructions, fewer than any other form.
  if (lanes > 1 && facts.isa == IsaFamily::AArch64 && facts.hasNEON &&
      common.rounding == ar::Rounding::TfliteDouble) {
    method = Method::Neon;
    makeNeonTables(prefix);
    remark({});
    return;
  }
  std::vector<Trial> trials;
  // A widening multiply and a narrowing shift are as cheap as floats on
  // scalars, on RISC-V V and on 32-bit NEON, and always proved.
  bool hasWideMultiply = lanes == 1 || facts.hasRVV;
  if (!facts.integerOnly && !hasWideMultiply && facts.hasVectorFloat) {
    for (const ar::FloatVariant &candidate :
         ar::getFloatVariants(common, facts.hasFMA)) {
      trials.push_back(tryFloat(candidate));
      if (trials.back().slowVectors == 0)
        break;
    }
    // Two roundings to float leave too few bits for some channels; doubles cost
    // twice the registers, not exactness.
    if (!facts.hasFMA && facts.hasDouble &&
        (trials.empty() || trials.back().slowVectors != 0))
      trials.push_back(tryDouble());
  }
  if (facts.hasRVV && lanes > 1)
    addHighWordTrials(trials, maxAccShift);
  // On 32-bit NEON the exact formula is the cheapest: its product is one
  // instruction, and 64-bit lanes have no multiplication.
  bool isNeon32 = lanes > 1 && facts.isARM32() && facts.hasNEON &&
                  common.rounding == ar::Rounding::TfliteDouble;
  if ((hasWideMultiply || facts.integerOnly || facts.isARM32()) && !isNeon32)
    trials.push_back(lanes == 1 ? tryCompact() : tryFixed());
  const Trial *best = nullptr;
  for (const Trial &trial : trials)
    if (!best || std::make_pair(trial.slowVectors, -trial.numProved()) <
                     std::make_pair(best->slowVectors, -best->numProved()))
      best = &trial;
  int64_t vectors = static_cast<int64_t>(
      llvm::divideCeil(spec.size(), static_cast<uint64_t>(lanes)));
  Trial none;
  none.proved.assign(spec.size(), false);
  none.slowVectors = vectors;
  if (!best || best->slowVectors >= vectors)
    best = &none;

  method = best->method;
  variant = best->variant;
  for (size_t slot = 0; slot < spec.size(); ++slot)
    for (size_t k = slot; k < std::min(spec.size(), slot + lanes); ++k)
      slow[slot] |= spec[k] && !best->proved[k];
  anySlow = llvm::is_contained(slow, 1);
  if (method != Method::Exact)
    makeTables(prefix, *best);
  if (method == Method::Exact || anySlow)
    makeExactTables(prefix);
  remark(*best);
}

Requantizer::Trial
Requantizer::tryFloat(const ar::FloatVariant &candidate) const {
  Trial trial;
  trial.method = Method::Float;
  trial.variant = candidate;
  fitAll(trial, trial.floats,
         [&](const ar::ChannelSpec &channel, const ar::StepFunction &function) {
           return ar::fitFloat(channel, function, candidate);
         });
  return trial;
}

Requantizer::Trial Requantizer::tryDouble() const {
  Trial trial;
  trial.method = Method::Double;
  fitAll(trial, trial.doubles,
         [&](const ar::ChannelSpec &channel, const ar::StepFunction &function) {
           return ar::fitDouble(channel, function, common.zeroPoint);
         });
  return trial;
}

Requantizer::Trial Requantizer::tryFixed() const {
  Trial trial;
  trial.method = Method::Fixed;
  fitAll(trial, trial.fixed, ar::fitFixed);
  return trial;
}

/// A constant of 32 bits has the 9 of a result with its zero point, and so many
/// of the fraction that the shift drops.
constexpr int kFractionBits = 23;

/// The same in half the memory, by one shift for all channels; nothing gained
/// where scales differ too much for that.
Requantizer::Trial Requantizer::tryCompact() const {
  Trial own = tryFixed(), trial;
  int shift = 54;
  for (size_t slot = 0; slot < spec.size(); ++slot)
    if (spec[slot] && steps[slot] && !steps[slot]->getSteps().empty())
      shift = std::min(shift, 31 - spec[slot]->exact.multiplier.shift);
  if (shift < 32)
    return own;
  trial.method = Method::Fixed;
  trial.sharedShift = shift;
  fitAll(trial, trial.fixed,
         [&](const ar::ChannelSpec &channel, const ar::StepFunction &function) {
           return ar::fitFixedAt(channel, function, shift,
                                 shift - kFractionBits);
         });
  return trial.numProved() < own.numProved() ? own : trial;
}

void Requantizer::remark(const Trial &trial) {
  int64_t channels = llvm::count_if(
      spec, [](const auto &channel) { return channel.has_value(); });
  std::string form = "the exact formula";
  if (method == Method::Neon) {
    remark::analysis(
        e.layer.getLoc(),
        remark::RemarkOpts::name("requantize").category("convert-qnn-to-loops"))
        << (e.layer.getLayerName() +
            ": requantization by sqrdmulh and srshl, the exact formula")
               .str();
    return;
  }
  if (method == Method::Float)
    form = std::string(variant.fused ? "fma" : "multiply-add") +
           (variant.twoTerms ? " of two terms" : "") +
           (variant.convert == ar::Convert::NearestEven ? ", to nearest"
                                                        : ", truncated") +
           (split ? ", two constants" : "");
  else if (method == Method::Double)
    form = std::string("multiply-add in double") +
           (split ? ", two constants" : "");
  else if (method == Method::Fixed)
    form = std::string("one 64-bit product") +
           (sharedShift ? ", one shift" : "") +
           (split ? ", two constants" : "");
  else if (method == Method::HighWord)
    form = std::string("the high half of a product") +
           (belowTable ? ", two constants" : "");
  int64_t vectors = static_cast<int64_t>(
      llvm::divideCeil(spec.size(), static_cast<uint64_t>(lanes)));
  remark::analysis(
      e.layer.getLoc(),
      remark::RemarkOpts::name("requantize").category("convert-qnn-to-loops"))
      << (e.layer.getLayerName() + ": requantization by " + form +
          " proved for " + Twine(trial.numProved()) + " of " + Twine(channels) +
          " channels; " + Twine(trial.slowVectors) + " of " + Twine(vectors) +
          " vectors take the exact formula")
             .str();
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

void Requantizer::makeTables(StringRef prefix, const Trial &trial) {
  constexpr int32_t none = std::numeric_limits<int32_t>::min();
  size_t count = spec.size();
  std::vector<int32_t> threshold(count, none), multiplier(count, 0),
      shift(count, 32);
  auto name = [&](StringRef suffix) { return (prefix + "." + suffix).str(); };
  if (anySlow)
    slowTable = e.table(name("slow"), ArrayRef<uint8_t>(slow));
  if (method == Method::Float) {
    std::vector<float> scale(count, 0), low(count, 0), constant(count, 0),
        below(count, 0);
    for (size_t slot = 0; slot < count; ++slot)
      if (const std::optional<ar::FloatForm> &form = trial.floats[slot]) {
        scale[slot] = form->s, low[slot] = form->sLow, constant[slot] = form->c;
        below[slot] = form->isSplit() ? form->cBelow : form->c;
        threshold[slot] = form->threshold, accOffsets[slot] = form->accOffset;
        split |= form->isSplit();
        hasAccOffset |= form->accOffset != 0;
      }
    scaleTable = e.table(name("scale"), ArrayRef<float>(scale));
    constantTable = e.table(name("constant"), ArrayRef<float>(constant));
    if (variant.twoTerms)
      scaleLowTable = e.table(name("scale_low"), ArrayRef<float>(low));
    if (split)
      belowTable = e.table(name("below"), ArrayRef<float>(below));
  } else if (method == Method::Double) {
    std::vector<double> scale(count, 0), constant(count, 0), below(count, 0);
    std::vector<int32_t> offset(count, 0);
    for (size_t slot = 0; slot < count; ++slot)
      if (const std::optional<ar::DoubleForm> &form = trial.doubles[slot]) {
        scale[slot] = form->s, constant[slot] = form->c,
        offset[slot] = form->outOffset;
        below[slot] = form->isSplit() ? form->cBelow : form->c;
        threshold[slot] = form->threshold;
        split |= form->isSplit();
      }
    scaleTable = e.table(name("scale"), ArrayRef<double>(scale));
    constantTable = e.table(name("constant"), ArrayRef<double>(constant));
    if (split)
      belowTable = e.table(name("below"), ArrayRef<double>(below));
    if (llvm::any_of(offset, [](int32_t v) { return v != 0; }))
      outOffsetTable = e.table(name("out_offset"), ArrayRef<int32_t>(offset));
  } else if (method == Method::HighWord) {
    makeHighWordTables(prefix, trial);
  } else {
    std::vector<int64_t> constant(count, 0), below(count, 0);
    wideShift = true;
    for (size_t slot = 0; slot < count; ++slot)
      if (const std::optional<ar::FixedForm> &form = trial.fixed[slot]) {
        multiplier[slot] = form->m, shift[slot] = form->shift,
        constant[slot] = form->r;
        below[slot] = form->isSplit() ? form->rBelow : form->r;
        threshold[slot] = form->threshold;
        split |= form->isSplit();
        wideShift &= form->shift >= 32;
      }
    if ((sharedShift = trial.sharedShift)) {
      int zeroBits = sharedShift - kFractionBits;
      std::vector<int32_t> parts;
      for (size_t slot = 0; slot < count; ++slot) {
        parts.push_back(multiplier[slot]);
        parts.push_back(static_cast<int32_t>(constant[slot] >> zeroBits));
        if (split)
          parts.push_back(static_cast<int32_t>(below[slot] >> zeroBits));
      }
      multiplierTable = e.table(name("factors"), ArrayRef<int32_t>(parts));
      return;
    }
    if (wideShift)
      for (int32_t &amount : shift)
        amount -= 32;
    multiplierTable = e.table(name("factor"), ArrayRef<int32_t>(multiplier));
    shiftTable = e.table(name("shift"), ArrayRef<int32_t>(shift));
    constantTable = e.table(name("constant"), ArrayRef<int64_t>(constant));
    if (split)
      belowTable = e.table(name("below"), ArrayRef<int64_t>(below));
  }
  splitsAtZero =
      llvm::all_of(threshold, [](int32_t t) { return t == 0 || t == none; });
  if (split)
    thresholdTable = e.table(name("threshold"), ArrayRef<int32_t>(threshold));
  if (hasAccOffset && anySlow)
    accOffsetTable = e.table(name("acc_offset"), ArrayRef<int32_t>(accOffsets));
}

void Requantizer::makeWideTables(StringRef prefix) {
  std::vector<int32_t> multiplier(spec.size(), 0);
  std::vector<int64_t> shift(spec.size(), 1), half(spec.size(), 0);
  for (size_t slot = 0; slot < spec.size(); ++slot)
    if (spec[slot]) {
      ar::WideMultiplier m = ar::reduceMultiplier(spec[slot]->exact.multiplier);
      multiplier[slot] = m.multiplier;
      shift[slot] = m.shift;
      half[slot] = int64_t(1) << (m.shift - 1);
    }
  auto name = [&](StringRef suffix) { return (prefix + "." + suffix).str(); };
  multiplierTable = e.table(name("factor"), ArrayRef<int32_t>(multiplier));
  shiftTable = e.table(name("shift"), ArrayRef<int64_t>(shift));
  constantTable = e.table(name("constant"), ArrayRef<int64_t>(half));
}

void Requantizer::makeExactTables(StringRef prefix) {
  std::vector<int32_t> multiplier(spec.size(), 0), left(spec.size(), 0),
      right(spec.size(), 0);
  if (common.rounding == ar::Rounding::Onnx) {
    makeHalfEvenTables(prefix);
    return;
  }
  std::vector<float> scale(spec.size(), 0);
  for (size_t slot = 0; slot < spec.size(); ++slot)
    if (spec[slot]) {
      const ar::Requantization &exact = spec[slot]->exact;
      multiplier[slot] = exact.multiplier.multiplier;
      left[slot] = std::max(exact.multiplier.shift, 0);
      right[slot] = std::max(-exact.multiplier.shift, 0);
      scale[slot] = exact.scale;
      hasLeftShift |= exact.multiplier.shift > 0;
    }
  auto name = [&](StringRef suffix) {
    return (prefix + ".exact_" + suffix).str();
  };
  if (common.rounding == ar::Rounding::HalfEvenFloat) {
    rightTable = e.table(name("scale"), ArrayRef<float>(scale));
    return;
  }
  leftTable =
      hasLeftShift ? e.table(name("left"), ArrayRef<int32_t>(left)) : Value();
  rightTable = e.table(name("right"), ArrayRef<int32_t>(right));
  // Fixed forms have a table of multipliers already; the exact ones need their
  // own.
  exactMultiplierTable =
      e.table(name("multiplier"), ArrayRef<int32_t>(multiplier));
}

void Requantizer::makeHalfEvenTables(StringRef prefix) {
  std::vector<int64_t> p(spec.size(), 0), q(spec.size(), 1), m(spec.size(), 0),
      shift(spec.size(), 31);
  for (size_t slot = 0; slot < spec.size(); ++slot) {
    if (!spec[slot])
      continue;
    const ar::Requantization &exact = spec[slot]->exact;
    std::optional<ar::HalfEvenForm> form = ar::makeHalfEven(exact.ratio);
    if (!form ||
        (!form->isScale &&
         !(steps[slot] && ar::prove(*form, *steps[slot], exact.zeroPoint)))) {
      // What wants it takes the definition's own arithmetic: there is none of
      // 64 bits here.
      if (slow[slot] || method == Method::Exact)
        e.refusal = "the scales of a channel have too many bits for an exact "
                    "requantization in 64";
      continue;
    }
    p[slot] = form->p, q[slot] = form->q, m[slot] = form->m,
    shift[slot] = form->shift;
  }
  auto name = [&](StringRef suffix) {
    return (prefix + ".exact_" + suffix).str();
  };
  numeratorTable = e.table(name("numerator"), ArrayRef<int64_t>(p));
  denominatorTable = e.table(name("denominator"), ArrayRef<int64_t>(q));
  exactMultiplierTable = e.table(name("multiplier"), ArrayRef<int64_t>(m));
  rightTable = e.table(name("right"), ArrayRef<int64_t>(shift));
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

Value Requantizer::lanesAt(Value table, Value slot, Value like) {
  int64_t count = e.lanesIn(like.getType());
  int64_t bytes =
      cast<MemRefType>(table.getType()).getElementTypeBitWidth() / 8;
  return e.load(table, slot, count, std::min<int64_t>(count * bytes, 64));
}

Value Requantizer::emit(Value acc, Value slot, Type element) {
  if (method == Method::Neon)
    return emitNeon(acc, slot, element);
  if (method == Method::HighWord)
    return emitHighWord(acc, slot, element);
  return e.clampAndNarrow(requantize(acc, slot), common.lo, common.hi, element);
}

Value Requantizer::emitGroup(ArrayRef<Value> accs, ArrayRef<Value> slots) {
  // Vectors of four are in memory's order.
  if (method == Method::Neon)
    return emitNeon(e.concat(accs), slots.front(), e.b.getI8Type());
  SmallVector<Value> four;
  for (auto [acc, slot] : llvm::zip_equal(accs, slots))
    four.push_back(requantize(acc, slot));
  return narrowGroup(e, four, common.lo, common.hi);
}

Value Requantizer::requantize(Value acc, Value slot) {
  if (method == Method::Wide)
    return emitWide(acc, slot);
  if (method == Method::Exact)
    return emitExact(acc, slot);
  if (!anySlow)
    return emitFast(acc, slot);
  APInt known;
  if (matchPattern(slot, m_ConstantInt(&known)))
    return slow[known.getZExtValue()] ? emitExact(acc, slot)
                                      : emitFast(acc, slot);
  auto &b = e.b;
  Value flag = e.load(slowTable, slot, 1);
  Value isSlow = ir::CmpIOp::create(b, ir::CmpIPredicate::ne, flag,
                                    e.constant(b.getI8Type(), 0));
  Type type = e.withElement(acc.getType(), b.getI32Type());
  auto branch =
      scf::IfOp::create(b, TypeRange(type), isSlow, /*withElse=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(b, emitExact(acc, slot));
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, emitFast(acc, slot));
  return branch.getResult(0);
}

Value Requantizer::emitFast(Value acc, Value slot) {
  switch (method) {
  case Method::Float:
    return emitFloat(acc, slot);
  case Method::Double:
    return emitDouble(acc, slot);
  case Method::Fixed:
    return emitFixed(acc, slot);
  case Method::HighWord:
  case Method::Wide:
  case Method::Neon:
  case Method::Exact:
    break;
  }
  llvm_unreachable("the exact formula has its own path");
}

/// \p constantTable's lanes, or where the accumulator is below its threshold
/// those of \p belowTable.
Value Requantizer::emitConstant(Value acc, Value slot, Value x) {
  Value constant = lanesAt(constantTable, slot, acc);
  if (!split)
    return constant;
  Value isBelow;
  if (x && splitsAtZero && e.facts.hasAVX512BW &&
      e.lanesIn(acc.getType()) == 16) {
    // Signs of integers would come by the port that converts them, where this
    // form has its bottleneck; those of floats by the other.
    constexpr int64_t lessThan = 1, currentRounding = 4;
    Type i32 = e.b.getI32Type(), mask = VectorType::get({16}, e.b.getI1Type());
    isBelow = callIntrinsic(e, "llvm.x86.avx512.mask.cmp.ps.512", mask,
                            {x, e.constantFloat(x.getType(), 0),
                             e.constant(i32, lessThan), e.constant(mask, 1),
                             e.constant(i32, currentRounding)});
  } else {
    isBelow = ir::CmpIOp::create(e.b, ir::CmpIPredicate::slt, acc,
                                 lanesAt(thresholdTable, slot, acc));
  }
  return ir::SelectOp::create(e.b, isBelow, lanesAt(belowTable, slot, acc),
                              constant);
}

Value Requantizer::emitDouble(Value acc, Value slot) {
  auto &b = e.b;
  Value x = ir::SIToFPOp::create(
      b, e.withElement(acc.getType(), b.getF64Type()), acc);
  Value y = ir::AddFOp::create(
      b, ir::MulFOp::create(b, x, lanesAt(scaleTable, slot, acc)),
      emitConstant(acc, slot));
  Value q = ir::FPToSIOp::create(b, acc.getType(), y);
  return outOffsetTable ? Value(ir::AddIOp::create(
                              b, q, lanesAt(outOffsetTable, slot, acc)))
                        : q;
}

Value Requantizer::emitFloat(Value acc, Value slot) {
  auto &b = e.b;
  Type f32 = e.withElement(acc.getType(), b.getF32Type());
  Value x = ir::SIToFPOp::create(b, f32, acc);
  Value constant = emitConstant(acc, slot, x),
        scale = lanesAt(scaleTable, slot, acc);
  Value y;
  if (variant.fused) {
    if (variant.twoTerms)
      constant = math::FmaOp::create(b, x, lanesAt(scaleLowTable, slot, acc),
                                     constant);
    y = math::FmaOp::create(b, x, scale, constant);
  } else {
    y = ir::AddFOp::create(b, ir::MulFOp::create(b, x, scale), constant);
  }
  Value q = variant.convert == ar::Convert::NearestEven
                ? emitRoundHalfEven(e, y)
                : Value(ir::FPToSIOp::create(b, acc.getType(), y));
  if (variant.outOffset != 0)
    q = ir::AddIOp::create(b, q, e.constant(q.getType(), variant.outOffset));
  return q;
}

/// Multiplier and constants side by side; two constants are split by the sign.
Value Requantizer::emitCompact(Value acc, Value slot) {
  auto &b = e.b;
  Type i32 = b.getI32Type(), i64 = b.getI64Type();
  Value first = e.mul(slot, split ? 3 : 2);
  auto part = [&](int64_t number) {
    return e.load(multiplierTable, e.add(first, number), 1, 4);
  };
  Value product = ir::MulIOp::create(b, e.extend(acc, i64, true),
                                     e.extend(part(0), i64, true));
  Value constant = part(1);
  if (split) {
    Value isBelow =
        ir::CmpIOp::create(b, ir::CmpIPredicate::slt, acc, e.constant(i32, 0));
    constant = ir::SelectOp::create(b, isBelow, part(2), constant);
  }
  constant = ir::ShLIOp::create(b, e.extend(constant, i64, true),
                                e.constant(i64, sharedShift - kFractionBits));
  Value sum = ir::AddIOp::create(b, product, constant);
  return ir::TruncIOp::create(
      b, i32, ir::ShRSIOp::create(b, sum, e.constant(i64, sharedShift)));
}

Value Requantizer::emitFixed(Value acc, Value slot) {
  if (sharedShift)
    return emitCompact(acc, slot);
  auto &b = e.b;
  Type i64 = b.getI64Type();
  Value constant = emitConstant(acc, slot),
        shift = lanesAt(shiftTable, slot, acc);
  Value product = ir::MulIOp::create(
      b, e.extend(acc, i64, true),
      e.extend(lanesAt(multiplierTable, slot, acc), i64, true));
  Value sum = ir::AddIOp::create(b, product, constant);
  if (wideShift) {
    Value high = ir::TruncIOp::create(
        b, acc.getType(),
        ir::ShRSIOp::create(b, sum, e.constant(sum.getType(), 32)));
    return ir::ShRSIOp::create(b, high, shift);
  }
  return ir::TruncIOp::create(
      b, acc.getType(),
      ir::ShRSIOp::create(b, sum, e.extend(shift, i64, true)));
}

/// One product with a multiplier of 16 bits, rounded half up, as an i32; the
/// zero point is 0.
Value Requantizer::emitWide(Value acc, Value slot) {
  auto &b = e.b;
  Type i64 = b.getI64Type();
  Value product = ir::MulIOp::create(
      b, e.extend(acc, i64, true),
      e.extend(lanesAt(multiplierTable, slot, acc), i64, true));
  Value sum = ir::AddIOp::create(b, product, lanesAt(constantTable, slot, acc));
  Value q = ir::ShRSIOp::create(b, sum, lanesAt(shiftTable, slot, acc));
  return ir::TruncIOp::create(b, e.withElement(q.getType(), b.getI32Type()), q);
}

/// XNNPACK's formula, clamped before the conversion so that no float is out of
/// int32's range.
Value Requantizer::emitExactFloat(Value acc, Value slot) {
  auto &b = e.b;
  Type f32 = e.withElement(acc.getType(), b.getF32Type());
  Value scaled = ir::MulFOp::create(b, ir::SIToFPOp::create(b, f32, acc),
                                    lanesAt(rightTable, slot, acc));
  scaled = ir::MaxNumFOp::create(
      b, scaled, e.constantFloat(f32, common.lo - common.zeroPoint));
  scaled = ir::MinNumFOp::create(
      b, scaled, e.constantFloat(f32, common.hi - common.zeroPoint));
  return emitRoundHalfEven(e, scaled);
}

/// The defining formula: saturating rounding doubling high multiply, then a
/// rounding shift (half away from zero); or, for single rounding, one 64-bit
/// product with one rounding.
Value Requantizer::emitExact(Value acc, Value slot) {
  auto &b = e.b;
  if (accOffsetTable)
    acc = ir::SubIOp::create(b, acc, lanesAt(accOffsetTable, slot, acc));
  auto addZeroPoint = [&](Value q) {
    return common.zeroPoint == 0
               ? q
               : Value(ir::AddIOp::create(
                     b, q, e.constant(q.getType(), common.zeroPoint)));
  };
  if (common.rounding == ar::Rounding::HalfEvenFloat)
    return addZeroPoint(emitExactFloat(acc, slot));
  if (common.rounding == ar::Rounding::Onnx)
    return addZeroPoint(emitHalfEven(e, acc,
                                     {lanesAt(numeratorTable, slot, acc),
                                      lanesAt(denominatorTable, slot, acc),
                                      lanesAt(exactMultiplierTable, slot, acc),
                                      lanesAt(rightTable, slot, acc)}));
  Type i32 = acc.getType(), i64 = e.withElement(i32, b.getI64Type());
  auto extend64 = [&](Value v) { return e.extend(v, b.getI64Type(), true); };
  Value multiplier = lanesAt(exactMultiplierTable, slot, acc),
        right = lanesAt(rightTable, slot, acc);
  Value left = leftTable ? lanesAt(leftTable, slot, acc) : Value();
  if (common.rounding == ar::Rounding::TfliteSingle) {
    Value product = ir::MulIOp::create(b, extend64(acc), extend64(multiplier));
    Value shift = ir::AddIOp::create(b, right, e.constant(i32, 31));
    if (left)
      shift = ir::SubIOp::create(b, shift, left);
    shift = extend64(shift);
    Value half =
        ir::ShLIOp::create(b, e.constant(i64, 1),
                           ir::SubIOp::create(b, shift, e.constant(i64, 1)));
    Value q =
        ir::ShRSIOp::create(b, ir::AddIOp::create(b, product, half), shift);
    // Saturate before narrowing: a scale above 1 may leave int32.
    q = ir::MaxSIOp::create(
        b, q, e.constant(i64, std::numeric_limits<int32_t>::min() / 2));
    q = ir::MinSIOp::create(
        b, q, e.constant(i64, std::numeric_limits<int32_t>::max() / 2));
    return addZeroPoint(ir::TruncIOp::create(b, i32, q));
  }
  if (left)
    acc = ir::ShLIOp::create(b, acc, left);
  Value high = emitHighMul(e, acc, multiplier);
  // Rounding shift: the remainder against half, one more for negatives.
  Value one = e.constant(i32, 1), zero = e.constant(i32, 0);
  Value mask = ir::SubIOp::create(b, ir::ShLIOp::create(b, one, right), one);
  Value remainder = ir::AndIOp::create(b, high, mask);
  Value negative =
      e.extend(ir::CmpIOp::create(b, ir::CmpIPredicate::slt, high, zero),
               b.getI32Type(), false);
  Value threshold =
      ir::AddIOp::create(b, ir::ShRSIOp::create(b, mask, one), negative);
  Value up = e.extend(
      ir::CmpIOp::create(b, ir::CmpIPredicate::sgt, remainder, threshold),
      b.getI32Type(), false);
  Value q = ir::AddIOp::create(b, ir::ShRSIOp::create(b, high, right), up);
  if (hasLeftShift) {
    // With a scale above 1 the result may come near int32's ends; keep room for
    // the zero point.
    q = ir::MaxSIOp::create(
        b, q, e.constant(i32, std::numeric_limits<int32_t>::min() / 2));
    q = ir::MinSIOp::create(
        b, q, e.constant(i32, std::numeric_limits<int32_t>::max() / 2));
  }
  return addZeroPoint(q);
}
