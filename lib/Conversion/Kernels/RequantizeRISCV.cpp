// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Requantization in the instructions of RISC-V V: the high half of a product
// and narrowing shifts.

#include "RequantizeTrial.h"
#include "VectorRISCV.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace qcc;
namespace ar = qcc::arith;
namespace ir = mlir::arith;

/// All channels or none: `multiplies` here, not the kernel.
Requantizer::Trial Requantizer::tryHighWord(int accShift, bool wantsTwo,
                                            bool multiplies) const {
  Trial trial;
  trial.method = Method::HighWord;
  trial.accShift = accShift;
  trial.split = wantsTwo;
  trial.multiplies = multiplies;
  // One shift for all channels: the least of theirs.
  trial.shift = 31;
  for (const std::optional<ar::ChannelSpec> &channel : spec)
    if (channel)
      trial.shift =
          std::min(trial.shift, ar::highWordShift(channel->exact, accShift));
  bool fits = true;
  fitAll(trial, trial.highWords,
         [&](const ar::ChannelSpec &channel, const ar::StepFunction &function) {
           auto form = fits ? ar::fitHighWord(channel, function, accShift,
                                              trial.shift, wantsTwo)
                            : std::nullopt;
           fits &= form.has_value();
           return form;
         });
  if (trial.slowVectors != 0)
    trial.slowVectors = std::numeric_limits<int64_t>::max();
  return trial;
}

/// RISC-V V's high half of a product and its narrowing shift: a fourth of the
/// 64-bit product. The fewer bits the accumulators leave for the shift, the
/// coarser its rounding constant.
void Requantizer::addHighWordTrials(std::vector<Trial> &trials,
                                    int maxAccShift) const {
  for (bool wantsTwo : {false, true})
    for (int shift = std::max(maxAccShift, 16);
         shift > 0 && (trials.empty() || trials.back().slowVectors != 0);
         --shift)
      if (shift <= maxAccShift || (wantsTwo && shift > 8))
        trials.push_back(tryHighWord(shift, wantsTwo, shift > maxAccShift));
}

void Requantizer::makeHighWordTables(StringRef prefix, const Trial &trial) {
  std::vector<int32_t> multiplier(spec.size(), 0);
  auto name = [&](StringRef suffix) { return (prefix + "." + suffix).str(); };
  int32_t factor = (trial.split ? -1 : 1) * (1 << trial.accShift);
  if (trial.multiplies)
    ownFactor = factor;
  else
    factorOfAcc = factor;
  highShift = trial.shift;
  std::vector<int32_t> below(spec.size(), 0);
  for (size_t slot = 0; slot < spec.size(); ++slot)
    if (const std::optional<ar::HighWordForm> &form = trial.highWords[slot]) {
      multiplier[slot] = form->m, accOffsets[slot] = form->accOffset;
      below[slot] = form->below;
    }
  if (trial.split)
    belowTable = e.table(name("below"), ArrayRef<int32_t>(below));
  multiplierTable = e.table(name("factor"), ArrayRef<int32_t>(multiplier));
  if (trial.multiplies) {
    accOffsetTable = e.table(name("offset"), ArrayRef<int32_t>(accOffsets));
    accOffsets.assign(spec.size(), 0);
  }
}

/// The accumulator comes multiplied and with its offset. Narrowed in two steps,
/// each of which saturates.
Value Requantizer::emitHighWord(Value acc, Value slot, Type element) {
  auto &b = e.b;
  if (ownFactor) {
    Value factor = e.constant(b.getI32Type(), *ownFactor),
          offset = lanesAt(accOffsetTable, slot, acc);
    acc =
        e.lanesIn(acc.getType()) == 1
            ? ir::AddIOp::create(b, ir::MulIOp::create(b, acc, factor), offset)
            : emitMultiplyAdd(e, acc, factor, offset);
  }
  if (belowTable) {
    Value sign = ir::ShRSIOp::create(b, acc, e.constant(acc.getType(), 31));
    acc = ir::AddIOp::create(
        b, acc, ir::MulIOp::create(b, sign, lanesAt(belowTable, slot, acc)));
  }
  int64_t zero = belowTable ? common.zeroPoint : 0;
  Value m = lanesAt(multiplierTable, slot, acc);
  auto addZero = [&](Value q) {
    return zero == 0
               ? q
               : Value(ir::AddIOp::create(b, q, e.constant(q.getType(), zero)));
  };
  if (e.lanesIn(acc.getType()) == 1) {
    Type i64 = b.getI64Type();
    Value product =
        ir::MulIOp::create(b, e.extend(acc, i64, true), e.extend(m, i64, true));
    Value q = ir::TruncIOp::create(
        b, acc.getType(),
        ir::ShRSIOp::create(b, product, e.constant(i64, 32 + highShift)));
    return e.clampAndNarrow(addZero(q), common.lo, common.hi, element);
  }
  Value q = addZero(emitNarrowingClip(e, emitHighHalf(e, acc, m), highShift));
  bool isSigned = common.lo < 0;
  if (common.lo > (isSigned ? INT8_MIN : INT16_MIN))
    q = ir::MaxSIOp::create(b, q, e.constant(q.getType(), common.lo));
  if (common.hi < (isSigned ? INT8_MAX : UINT8_MAX))
    q = ir::MinSIOp::create(b, q, e.constant(q.getType(), common.hi));
  return emitNarrowingClip(e, q, 0, isSigned);
}
