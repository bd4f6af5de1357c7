// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rounding samples to 8 bits by their own range, and back. See the header. The
// definition is the interpreter's, operation for operation; but a range is the
// same in any order, and where a stretch is no multiple of a vector, the last
// vector takes some elements once more.

#include "HybridSample.h"

#include "ElementwiseKernels.h"
#include "KernelSupport.h"
#include "LaneGroup.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {
namespace {

/// Rows, columns and channels of one sample.
std::array<int64_t, 3> sampleShape(const MacLayer &mac) {
  if (mac.isMatrix)
    return {1, 1, mac.inChannels};
  return {mac.inHeight, mac.inWidth, mac.inChannels};
}
int64_t numSamples(const MacLayer &mac) {
  return mac.isMatrix ? mac.inWidth : mac.batch;
}

/// The greatest power of two up to `most` and `length`.
int64_t lanesWithin(int64_t most, int64_t length) {
  int64_t lanes = 1;
  while (2 * lanes <= most && 2 * lanes <= length)
    lanes *= 2;
  return lanes;
}

/// Vectors of floats; several registers of RISC-V V are one.
int64_t floatLanes(const TargetFacts &facts) {
  int64_t lanes = lanesFor(facts, 4, /*isFloat=*/true);
  return facts.hasRVV && lanes > 1 ? 4 * lanes : lanes;
}

} // namespace

//===----------------------------------------------------------------------===//
// HybridSamples
//===----------------------------------------------------------------------===//

HybridSamples::HybridSamples(LayerEmitter &e, const MacLayer &mac,
                             std::array<int64_t, 4> padding, bool isSigned)
    : e(e), mac(mac), padding(padding), isSigned(isSigned),
      rows(sampleShape(mac)[0]), columns(sampleShape(mac)[1]),
      channels(sampleShape(mac)[2]) {}

bool HybridSamples::isPossible(const MacLayer &mac, const TargetFacts &facts,
                               std::string &why) {
  if (!mac.isAsymmetric || facts.hasDouble)
    return true;
  why = "the zero points of asymmetric inputs are computed in double "
        "precision, which the target does not have";
  return false;
}

int64_t HybridSamples::sampleBytes(const MacLayer &mac,
                                   const std::array<int64_t, 4> &padding) {
  auto [rows, columns, channels] = sampleShape(mac);
  return (rows + padding[0] + padding[1]) *
         (columns + padding[2] + padding[3]) * channels;
}

int64_t HybridSamples::layerBytes(const MacLayer &mac,
                                  const std::array<int64_t, 4> &padding) {
  int64_t samples = numSamples(mac);
  return static_cast<int64_t>(
             llvm::alignTo(samples * sampleBytes(mac, padding), 4)) +
         samples * (mac.isAsymmetric ? 8 : 4);
}

double HybridSamples::cycles(const MacLayer &mac, const TargetFacts &facts) {
  auto [rows, columns, channels] = sampleShape(mac);
  auto elements =
      static_cast<double>(numSamples(mac) * rows * columns * channels);
  auto lanes = static_cast<double>(lanesFor(facts, 4, /*isFloat=*/true));
  return elements * 6 / lanes + 40 * static_cast<double>(numSamples(mac));
}

HybridSamples::Strides HybridSamples::roundedStrides() const {
  return {(columns + padding[2] + padding[3]) * channels, channels, 1};
}

int64_t HybridSamples::roundedOrigin() const {
  return padding[0] * roundedStrides().row + padding[2] * channels;
}

SampleScale HybridSamples::round(Value memref, Value from, Strides strides,
                                 Value to) {
  SmallVector<Value> range = emitRange(memref, from, strides);
  SampleScale scale = mac.isAsymmetric ? emitAsymmetric(range[0], range[1])
                                       : emitSymmetric(range[0]);
  fillPadding(scale.zero, to);
  forEachRun(findRun(strides, /*both=*/true), strides, from,
             e.add(to, roundedOrigin()), {},
             [&](Value at, Value place, ValueRange) {
               roundRun(memref, at, strides.channel, place,
                        findRun(strides, /*both=*/true).length);
               return SmallVector<Value>();
             });
  return scale;
}

TensorView HybridSamples::roundAll(const TensorView &input) {
  int64_t bytes = sampleBytes(mac, padding);
  Strides strides;
  int64_t next = channels;
  if (!mac.isMatrix) {
    strides.row = input.strides[1], strides.column = input.strides[2];
    next = input.strides[0];
  }
  Value factors = scaleTable(false);
  Value zeros = mac.isAsymmetric ? scaleTable(true) : Value();
  e.loop(numSamples(mac), [&](Value n) {
    SampleScale scale = round(input.memref, e.add(e.mul(n, next), input.base),
                              strides, e.mul(n, bytes));
    e.store(scale.factor, factors, n);
    if (zeros)
      e.store(scale.zero, zeros, n);
  });
  TensorView view = input;
  view.memref = e.scratch;
  view.base = roundedOrigin();
  if (!mac.isMatrix) {
    Strides rounded = roundedStrides();
    view.strides = {bytes, rounded.row, rounded.column, 1};
    view.pad.clear();
    if (llvm::any_of(padding, [](int64_t p) { return p != 0; }))
      view.pad.assign(padding.begin(), padding.end());
  }
  return view;
}

Value HybridSamples::scaleTable(bool ofZeros) {
  int64_t samples = numSamples(mac);
  auto offset = static_cast<int64_t>(
      llvm::alignTo(samples * sampleBytes(mac, padding), 4));
  Type element = ofZeros ? Type(e.b.getI32Type()) : Type(e.b.getF32Type());
  return memref::ViewOp::create(
      e.b, MemRefType::get({samples}, element), e.scratch,
      e.index(offset + (ofZeros ? 4 * samples : 0)), ValueRange());
}

SampleScale HybridSamples::scaleOf(Value sample) {
  return {e.load(scaleTable(false), sample, 1),
          mac.isAsymmetric ? e.load(scaleTable(true), sample, 1) : Value()};
}

//===--- walking over a sample --------------------------------------------===//

HybridSamples::Run HybridSamples::findRun(Strides strides, bool both) const {
  Run run{rows, columns, channels};
  Strides to = both ? roundedStrides() : strides;
  if (strides.channel != 1 && channels != 1)
    return run;
  if (columns == 1 || (strides.column == channels && to.column == channels))
    run.length *= columns, run.columns = 1;
  if (run.columns == 1 &&
      (rows == 1 || (strides.row == run.length && to.row == run.length)))
    run.length *= rows, run.rows = 1;
  return run;
}

SmallVector<Value> HybridSamples::forEachRun(const Run &run, Strides strides,
                                             Value from, Value to,
                                             ValueRange init, LoopBody body) {
  Strides rounded = roundedStrides();
  return e.loop(run.rows, init, [&](Value y, ValueRange state) {
    Value rowFrom = e.add(from, e.mul(y, strides.row));
    Value rowTo = e.add(to, e.mul(y, rounded.row));
    return e.loop(run.columns, state, [&](Value x, ValueRange inner) {
      return body(e.add(rowFrom, e.mul(x, strides.column)),
                  e.add(rowTo, e.mul(x, rounded.column)), inner);
    });
  });
}

/// The greatest magnitude; or the least and the greatest of 0 and the sample.
/// NaN is ignored.
SmallVector<Value> HybridSamples::emitRange(Value memref, Value from,
                                            Strides strides) {
  Run run = findRun(strides, /*both=*/false);
  bool isContiguous = strides.channel == 1 || run.length == 1;
  int64_t lanes =
      isContiguous ? lanesWithin(floatLanes(e.facts), run.length) : 1;
  // Independent accumulators hide the latency of comparisons.
  int64_t parts =
      lanes == 1 ? 1 : std::min<int64_t>(4, lanesWithin(4, run.length / lanes));
  auto combine = [&](SmallVector<Value> &state, size_t at, ArrayRef<Value> x) {
    if (!mac.isAsymmetric) {
      state[at] = maxFloat(e, state[at], x[0]);
      return;
    }
    state[at] = minFloat(e, state[at], x[0]);
    state[at + 1] = maxFloat(e, state[at + 1], x[1]);
  };
  size_t perPart = mac.isAsymmetric ? 2 : 1;
  auto take = [&](SmallVector<Value> &state, int64_t part, Value at,
                  int64_t index) {
    Value x = e.load(memref, e.add(at, index * strides.channel), lanes);
    if (!mac.isAsymmetric)
      x = math::AbsFOp::create(e.b, x);
    combine(state, static_cast<size_t>(part) * perPart, {x, x});
  };
  Value zero =
      e.constantFloat(LayerEmitter::lanesOf(e.b.getF32Type(), lanes), 0);
  SmallVector<Value> init(static_cast<size_t>(parts) * perPart, zero);
  SmallVector<Value> range = forEachRun(
      run, strides, from, from, init, [&](Value at, Value, ValueRange carried) {
        int64_t step = lanes * parts;
        SmallVector<Value> state =
            e.loop(run.length / step, carried, [&](Value i, ValueRange values) {
              SmallVector<Value> next(values);
              Value first = e.add(at, e.mul(i, step * strides.channel));
              for (int64_t part = 0; part < parts; ++part)
                take(next, part, first, part * lanes);
              return next;
            });
        int64_t done = run.length / step * step;
        for (int64_t part = 0; done < run.length; ++part, done += lanes)
          take(state, part, at, std::min(done, run.length - lanes));
        return state;
      });
  for (; range.size() > perPart; range.truncate(range.size() - perPart))
    combine(range, 0, ArrayRef<Value>(range).take_back(perPart));
  for (; lanes > 1; lanes /= 2) {
    SmallVector<Value> upper;
    for (Value &value : range) {
      upper.push_back(
          lanes == 2
              ? Value(
                    vector::ExtractOp::create(e.b, value, ArrayRef<int64_t>{1}))
              : Value(vector::ShuffleOp::create(
                    e.b, value, value,
                    llvm::to_vector(llvm::seq<int64_t>(lanes / 2, lanes)))));
      value = e.firstLanes(value, lanes / 2);
    }
    combine(range, 0, upper);
  }
  return range;
}

//===--- scales -----------------------------------------------------------===//

static Value divide(LayerEmitter &e, Value a, Value b) {
  return mlir::arith::DivFOp::create(e.b, a, b);
}
static Value isEqual(LayerEmitter &e, Value a, Value b) {
  return mlir::arith::CmpFOp::create(e.b, mlir::arith::CmpFPredicate::OEQ, a,
                                     b);
}
static Value isAbove(LayerEmitter &e, Value a, Value b) {
  return mlir::arith::CmpFOp::create(e.b, mlir::arith::CmpFPredicate::OGT, a,
                                     b);
}
static Value select(LayerEmitter &e, Value condition, Value a, Value b) {
  return mlir::arith::SelectOp::create(e.b, condition, a, b);
}

SampleScale HybridSamples::emitSymmetric(Value range) {
  Type f32 = e.b.getF32Type();
  Value zero = e.constantFloat(f32, 0), limit = e.constantFloat(f32, 127);
  Value isZero = isEqual(e, range, zero);
  Value factor =
      select(e, isZero, e.constantFloat(f32, 1), divide(e, range, limit));
  inverse = select(e, isZero, zero, divide(e, limit, range));
  least = e.constantFloat(f32, -127);
  return {factor, Value()};
}

/// In doubles, as the origin.
SampleScale HybridSamples::emitAsymmetric(Value low, Value high) {
  Type f32 = e.b.getF32Type(), f64 = e.b.getF64Type();
  auto constant = [&](double value) { return e.constantFloat(f64, value); };
  auto widenFloat = [&](Value v) {
    return Value(mlir::arith::ExtFOp::create(e.b, f64, v));
  };
  auto subtract = [&](Value a, Value b) {
    return Value(mlir::arith::SubFOp::create(e.b, a, b));
  };
  Value isEmpty = isEqual(e, low, high);
  Value lo = widenFloat(low), hi = widenFloat(high);
  Value scale = select(e, isEmpty, constant(1),
                       divide(e, subtract(hi, lo), constant(255)));
  Value lowSteps = divide(e, lo, scale), highSteps = divide(e, hi, scale);
  // lowSteps is not above 0, highSteps not below: no absolute values needed.
  Value fromLow = subtract(constant(-128), lowSteps);
  Value fromHigh = subtract(constant(127), highSteps);
  Value nearer = mlir::arith::CmpFOp::create(
      e.b, mlir::arith::CmpFPredicate::OLT, subtract(constant(128), lowSteps),
      mlir::arith::AddFOp::create(e.b, constant(127), highSteps));
  Value zero = select(e, nearer, fromLow, fromHigh);
  // NaN, of an infinite sample, becomes the least.
  zero = select(e, isAbove(e, zero, constant(-128)), zero, constant(-128));
  zero = minFloat(e, zero, constant(127));
  zero = select(e, isEmpty, constant(0), roundHalfAwayDouble(zero));
  Value stored = mlir::arith::FPToSIOp::create(e.b, e.b.getI32Type(), zero);
  zeroFloat = mlir::arith::SIToFPOp::create(e.b, f32, stored);
  Value factor = mlir::arith::TruncFOp::create(e.b, f32, scale);
  inverse = divide(e, e.constantFloat(f32, 1), factor);
  // Where there are only zeros and NaN all are 0.
  least =
      select(e, isEmpty, e.constantFloat(f32, 0), e.constantFloat(f32, -128));
  return {factor, stored};
}

/// |value| < 2^31: its integral part, and one more where the rest is a half.
Value HybridSamples::roundHalfAwayDouble(Value value) {
  Type i32 = e.b.getI32Type(), f64 = value.getType();
  Value whole = mlir::arith::SIToFPOp::create(
      e.b, f64, mlir::arith::FPToSIOp::create(e.b, i32, value));
  Value rest = mlir::arith::SubFOp::create(e.b, value, whole);
  auto beyond = [&](mlir::arith::CmpFPredicate predicate, double bound,
                    double step) {
    Value is = mlir::arith::CmpFOp::create(e.b, predicate, rest,
                                           e.constantFloat(f64, bound));
    return select(e, is, e.constantFloat(f64, step), e.constantFloat(f64, 0));
  };
  whole = mlir::arith::AddFOp::create(
      e.b, whole, beyond(mlir::arith::CmpFPredicate::OGE, 0.5, 1));
  return mlir::arith::AddFOp::create(
      e.b, whole, beyond(mlir::arith::CmpFPredicate::OLE, -0.5, -1));
}

//===--- rounding ---------------------------------------------------------===//

/// The zero point around the sample at `to`.
void HybridSamples::fillPadding(Value zero, Value to) {
  if (llvm::all_of(padding, [](int64_t p) { return p == 0; }))
    return;
  Type i8 = e.b.getI8Type();
  Value byte = e.constant(i8, isSigned ? 0 : -128);
  if (zero) {
    byte = mlir::arith::TruncIOp::create(e.b, i8, zero);
    if (!isSigned)
      byte = mlir::arith::XOrIOp::create(e.b, byte, e.constant(i8, -128));
  }
  auto fill = [&](Value from, int64_t count) {
    e.forEachVector(count, lanesFor(e.facts, 1), [&](Value at, int64_t lanes) {
      e.store(e.splat(byte, lanes), e.scratch, e.add(from, at));
    });
  };
  // Above with the left margin of the first row, between rows, below.
  int64_t row = roundedStrides().row, used = columns * channels;
  fill(to, roundedOrigin());
  if (row != used)
    e.loop(rows - 1, [&](Value y) {
      fill(e.add(e.add(to, e.mul(y, row)), roundedOrigin() + used), row - used);
    });
  fill(e.add(to, roundedOrigin() + (rows - 1) * row + used),
       padding[3] * channels + padding[1] * row);
}

/// An input rounded to 8 bits, as i32. Bounds are integers, so that the clamp
/// may come first; NaN becomes the least value.
Value HybridSamples::emitRound(Value x) {
  int64_t lanes = LayerEmitter::lanesIn(x.getType());
  Value scaled = mlir::arith::MulFOp::create(e.b, x, e.splat(inverse, lanes));
  if (mac.isAsymmetric)
    scaled =
        mlir::arith::AddFOp::create(e.b, e.splat(zeroFloat, lanes), scaled);
  Value low = e.splat(least, lanes);
  scaled = select(e, isAbove(e, scaled, low), scaled, low);
  scaled = minFloat(e, scaled, e.constantFloat(x.getType(), 127));
  return emitRoundHalfAway(e, scaled);
}

void HybridSamples::roundRun(Value memref, Value at, int64_t channelStride,
                             Value to, int64_t length) {
  Type i8 = e.b.getI8Type();
  bool isContiguous = channelStride == 1 || length == 1;
  int64_t lanes = isContiguous ? lanesWithin(floatLanes(e.facts), length) : 1;
  // Four vectors are packed together where one instruction does that.
  int64_t parts = 1;
  if (hasLaneGroups(e.facts) && lanes >= 4 && length >= 16)
    parts = 4, lanes = lanesWithin(lanes, length / 4);
  int64_t step = lanes * parts;
  auto roundAt = [&](Value first) {
    SmallVector<Value> rounded;
    for (int64_t part = 0; part < parts; ++part)
      rounded.push_back(emitRound(e.load(
          memref, e.add(e.add(at, e.mul(first, channelStride)), part * lanes),
          lanes)));
    Value bytes;
    if (parts == 4) {
      bytes = narrowGroup(e, rounded, INT8_MIN, INT8_MAX);
      SmallVector<int64_t> order;
      for (int64_t part = 0; part < 4; ++part)
        for (int64_t lane = 0; lane < lanes; ++lane)
          order.push_back(valueInGroup(part, lane));
      bytes = vector::ShuffleOp::create(e.b, bytes, bytes, order);
    } else {
      bytes = mlir::arith::TruncIOp::create(
          e.b, LayerEmitter::lanesOf(i8, lanes), rounded[0]);
    }
    if (!isSigned)
      bytes = mlir::arith::XOrIOp::create(e.b, bytes,
                                          e.constant(bytes.getType(), -128));
    e.store(bytes, e.scratch, e.add(to, first));
  };
  e.loop(length / step, [&](Value i) { roundAt(e.mul(i, step)); });
  if (length % step)
    roundAt(e.index(length - step));
}

//===----------------------------------------------------------------------===//
// HybridEpilogue
//===----------------------------------------------------------------------===//

HybridEpilogue::HybridEpilogue(LayerEmitter &e, const MacLayer &mac,
                               ArrayRef<int64_t> channels)
    : e(e), lo(mac.clampLo), hi(mac.clampHi) {
  std::vector<float> bias(channels.size(), 0), scale(channels.size(), 0);
  // The input's zero point is known at run time: it multiplies these.
  std::vector<int32_t> sums(channels.size(), 0);
  bool sumsWeights = mac.isAsymmetric && mac.hasConstantFilter;
  for (auto [slot, channel] : llvm::enumerate(channels)) {
    if (channel < 0)
      continue;
    bias[slot] = mac.floatBias[static_cast<size_t>(channel)];
    scale[slot] = mac.weightScales[static_cast<size_t>(channel)];
    for (int64_t k = 0; sumsWeights && k < mac.depth(); ++k)
      sums[slot] += mac.weight(channel, k);
  }
  biases = e.table("float_bias", ArrayRef<float>(bias));
  scales = e.table("scales", ArrayRef<float>(scale));
  if (sumsWeights)
    sumTable = e.table("weight_sums", ArrayRef<int32_t>(sums));
}

Value HybridEpilogue::finish(Value acc, Value slot, const SampleScale &scale,
                             Value bias, Value sum) const {
  int64_t lanes = LayerEmitter::lanesIn(acc.getType());
  if (scale.zero) {
    if (!sum)
      sum = e.load(sumTable, slot, lanes);
    acc = mlir::arith::SubIOp::create(
        e.b, acc,
        mlir::arith::MulIOp::create(e.b, sum, e.splat(scale.zero, lanes)));
  }
  Value value = mlir::arith::SIToFPOp::create(
      e.b, LayerEmitter::lanesOf(e.b.getF32Type(), lanes), acc);
  Value factor = e.load(scales, slot, lanes);
  if (scale.factor)
    factor =
        mlir::arith::MulFOp::create(e.b, e.splat(scale.factor, lanes), factor);
  value = mlir::arith::MulFOp::create(e.b, value, factor);
  if (!bias)
    bias = e.load(biases, slot, lanes);
  value = mlir::arith::AddFOp::create(e.b, value, bias);
  return clampFloat(e, value, lo, hi);
}

} // namespace qcc
