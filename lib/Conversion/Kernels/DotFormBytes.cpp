// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operands so small that their products add up in bytes: NEON's mla and RISC-V
// V's vmacc on whole registers of them, half an instruction or less for what
// widening products take. As many as prove to fit go into a byte, whose sums of
// 16 bits hold all of a layer. Bytes wrap, so that activations may have either
// sign.

#include "DotForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <numeric>

using namespace mlir;

namespace qcc {
namespace {

class ByteSums final : public DotInstructions {
public:
  bool subtractsWeightZero() const override { return true; }
  bool hasNarrowSums() const override { return true; }
  bool addsBiasesLast() const override { return true; }

  /// Few additions in bytes are not worth their end: three take a fifth more
  /// than products of 16 bits on Cortex-A53, four a twentieth less.
  bool suits(const DotForm &form, int64_t channels) const override {
    int64_t leastGroups = form.group > 1 ? 4 : 3;
    return mostGroups(form) >= leastGroups && form.greatestSum <= INT16_MAX;
  }

  double groupCycles(const DotForm &form, int64_t pixels,
                     int64_t vectors) const override {
    auto sums = static_cast<double>(pixels * vectors);
    auto groups = static_cast<double>(std::min(mostGroups(form), form.chunk));
    double loads = static_cast<double>(pixels) * form.activationCycles +
                   static_cast<double>(vectors) * form.weightCycles;
    // Whatever is added to must wait.
    return std::max(sums, 6.0) * form.stepCycles * (1 + 2 / groups) + loads;
  }

  SmallVector<Value, 2> prepare(LayerEmitter &e, const DotForm &form,
                                Value memref, Value offset, int64_t valid,
                                bool isSigned) const override {
    return {loadActivations(e, form, memref, offset, valid)};
  }

  Value step(LayerEmitter &e, const DotForm &form, Value acc,
             ArrayRef<Value> activations, ArrayRef<Value> weights,
             bool isSigned) const override {
    return widen(e, form, acc, multiply(e, activations[0], weights[0]));
  }

  SmallVector<Value> beginTile(LayerEmitter &e, const DotForm &form,
                               const DotTile &tile,
                               ArrayRef<Value> biases) const override {
    auto type = VectorType::get({form.lanes}, e.b.getI16Type());
    return SmallVector<Value>(static_cast<size_t>(tile.accumulators()),
                              e.constant(type, 0));
  }

  void reduceTile(LayerEmitter &e, const DotForm &form, const DotTile &tile,
                  MutableArrayRef<Value> state,
                  const DotOperands &operands) const override {
    auto groups =
        static_cast<int64_t>(llvm::divideCeil(operands.count, form.group));
    // Of several pixels on RISC-V V, longer sums would be spilled or take loops
    // of their own.
    bool areShort = form.group == 1 && tile.pixels > 1;
    int64_t most = areShort ? 4 : groups;
    for (int64_t first = 0, end; first < groups; first = end) {
      end = first + 1;
      while (end < groups && end - first < most &&
             !(form.sumEnds >> (end - 1) & 1))
        ++end;
      SmallVector<Value> sums(static_cast<size_t>(tile.accumulators()));
      // Long stretches of code would tempt schedulers to spill.
      int64_t perTrip = tripGroups(form, tile, operands),
              trips = (end - first) / perTrip;
      if (trips > 1 && !areShort) {
        auto type = VectorType::get({form.weightsPerStep()}, e.b.getI8Type());
        sums.assign(sums.size(), e.constant(type, 0));
        int64_t perGroup = tile.vectors * form.weightsPerStep();
        WeightPlace weights = operands.weights + first * perGroup;
        sums = e.loop(trips, sums, [&](Value t, ValueRange carried) {
          SmallVector<Value> next(carried);
          WeightPlace from(
              e.add(weights.base,
                    e.mul(t, operands.table.elementsOf(perTrip * perGroup))),
              weights.number);
          Value k = e.add(e.mul(t, perTrip * form.group), first * form.group);
          for (int64_t g = 0; g < perTrip; ++g)
            addGroup(e, form, tile, next, operands, e.add(k, g * form.group),
                     from + g * perGroup, form.group);
          return next;
        });
        first += trips * perTrip;
      }
      for (; first < end; ++first)
        addGroup(e, form, tile, sums, operands, e.index(first * form.group),
                 operands.weights +
                     first * tile.vectors * form.weightsPerStep(),
                 operands.count - first * form.group);
      for (auto [acc, sum] : llvm::zip(state, sums))
        acc = widen(e, form, acc, sum);
    }
  }

  /// Ends sums of bytes where further products could leave them.
  void prove(DotForm &form,
             ArrayRef<SmallVector<int16_t>> chunks) const override {
    int64_t groups = mostGroups(form);
    form.sumEnds = 0;
    for (int64_t end = groups; end < form.chunk; end += groups)
      form.sumEnds |= uint32_t(1) << (end - 1);
  }

private:
  static constexpr int64_t fewGroups = 2;
  static bool hasFewRegisters(const DotForm &form) {
    constexpr int64_t fewAccumulators = 8;
    return form.group > 1 && form.accumulators <= fewAccumulators;
  }

  /// Groups of a trip of a loop: few where it has a length of its own, or what
  /// schedulers spill is much.
  static int64_t tripGroups(const DotForm &form, const DotTile &tile,
                            const DotOperands &operands) {
    if (form.group > 1 && !hasFewRegisters(form))
      return form.chunk;
    int64_t unit = operands.table.stepsPerUnit();
    return std::lcm(fewGroups, unit / std::gcd(unit, tile.vectors));
  }

  /// Adds the products of up to `valid` values of the reduction from number `k`
  /// on to sums of bytes, which may be none yet.
  static void addGroup(LayerEmitter &e, const DotForm &form,
                       const DotTile &tile, MutableArrayRef<Value> sums,
                       const DotOperands &operands, Value k,
                       WeightPlace weightAt, int64_t valid) {
    int64_t bytes = form.weightsPerStep();
    SmallVector<Value> weights;
    for (int64_t v = 0; v < tile.vectors; ++v)
      weights.push_back(
          operands.table.load(e, weightAt + v * bytes, bytes, bytes));
    for (int64_t p = 0; p < tile.pixels; ++p) {
      Value x = loadActivations(e, form, operands.memref,
                                e.add(operands.pixels[p], k), valid);
      for (int64_t v = 0; v < tile.vectors; ++v) {
        Value &sum = sums[p * tile.vectors + v];
        Value products = multiply(e, x, weights[v]);
        sum = sum ? Value(mlir::arith::AddIOp::create(e.b, sum, products))
                  : products;
      }
    }
  }

  /// A group's activations for each lane.
  static Value loadActivations(LayerEmitter &e, const DotForm &form,
                               Value memref, Value offset, int64_t valid) {
    int64_t bytes = form.weightsPerStep();
    if (form.group == 1 || valid == 1)
      return e.splat(e.load(memref, offset, 1), bytes);
    Value pair =
        bitcastLanes(e, e.load(memref, offset, 2), 1, e.b.getI16Type());
    pair = vector::ExtractOp::create(e.b, pair, ArrayRef<int64_t>{0});
    return bitcastLanes(e, e.splat(pair, bytes / 2), bytes, e.b.getI8Type());
  }

  /// Groups of which a byte holds the products in any case; whole trips.
  static int64_t mostGroups(const DotForm &form) {
    int64_t most = INT8_MAX / std::max<int64_t>(1, form.greatestActivation *
                                                       form.greatestWeight);
    return hasFewRegisters(form) ? most / fewGroups * fewGroups : most;
  }
  static Value multiply(LayerEmitter &e, Value x, Value w) {
    return mlir::arith::MulIOp::create(e.b, x, w);
  }
  /// Adds bytes, or neighbouring ones (sadalp), to sums of 16 bits.
  static Value widen(LayerEmitter &e, const DotForm &form, Value acc,
                     Value sum) {
    if (form.group == 1)
      return mlir::arith::AddIOp::create(
          e.b, acc, e.extend(sum, e.b.getI16Type(), /*isSigned=*/true));
    return addPairs(e, acc, sum);
  }
};

} // namespace

std::optional<DotForm> chooseByteForm(const TargetFacts &facts, bool is16Bit) {
  static const ByteSums bytes;
  if (is16Bit || facts.vectorBits == 0)
    return std::nullopt;
  DotForm form;
  form.instructions = &bytes;
  form.memoryBytes = 4;
  if (facts.hasRVV) {
    form.lanes = facts.vectorBits / 8;
    form.minLanes = std::min<int64_t>(facts.vectorBits / 32, 4);
    // Each with its sums of 16 bits: three registers.
    form.accumulators = 8;
    form.chunk = 32;
    form.stepCycles = 3;
    form.activationCycles = 0.35, form.weightCycles = 1.1;
    return form;
  }
  // Other cores begin half as many multiplications as additions in a cycle.
  if (!facts.hasNEON || facts.hasDotProd || !facts.issuesInOrder)
    return std::nullopt;
  form.lanes = 8;
  form.minLanes = 4;
  form.group = 2;
  form.chunk = 16;
  form.accumulators = facts.numVectorRegisters >= 32 ? 16 : 6;
  form.knowsTiles = true;
  form.stepCycles = facts.isARM32() ? 0.42 : 0.5;
  form.activationCycles = 1.2, form.weightCycles = 0.65;
  return form;
}

} // namespace qcc
