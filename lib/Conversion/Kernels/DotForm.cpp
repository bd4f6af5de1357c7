// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What all instruction sets share, and the forms that name no instruction:
// widening products and floats, on vectors or scalars.

#include "DotForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {
namespace {

/// Any vector unit or none: 16-bit weights less their zero point, one value of
/// the reduction at a time.
class WideningInstructions final : public DotInstructions {
public:
  bool subtractsWeightZero() const override { return true; }
  int64_t weightBits() const override { return 16; }

  SmallVector<Value, 2> prepare(LayerEmitter &e, const DotForm &form,
                                Value memref, Value offset, int64_t valid,
                                bool isSigned) const override {
    return {
        e.splat(e.extend(e.load(memref, offset, 1), e.b.getI16Type(), isSigned),
                form.lanes)};
  }

  Value step(LayerEmitter &e, const DotForm &form, Value acc,
             ArrayRef<Value> activations, ArrayRef<Value> weights,
             bool isSigned) const override {
    Type i32 = e.b.getI32Type();
    Value product =
        mlir::arith::MulIOp::create(e.b, e.extend(activations[0], i32, true),
                                    e.extend(weights[0], i32, true));
    return mlir::arith::AddIOp::create(e.b, acc, product);
  }
};

/// float32, one value of the reduction at a time.
template <bool isFused> class FloatInstructions final : public DotInstructions {
public:
  int64_t weightBits() const override { return 32; }

  SmallVector<Value, 2> prepare(LayerEmitter &e, const DotForm &form,
                                Value memref, Value offset, int64_t valid,
                                bool isSigned) const override {
    return {e.splat(e.load(memref, offset, 1), form.lanes)};
  }

  Value step(LayerEmitter &e, const DotForm &form, Value acc,
             ArrayRef<Value> activations, ArrayRef<Value> weights,
             bool isSigned) const override {
    if (isFused)
      return math::FmaOp::create(e.b, activations[0], weights[0], acc);
    return mlir::arith::AddFOp::create(
        e.b, acc, mlir::arith::MulFOp::create(e.b, activations[0], weights[0]));
  }
};

DotForm chooseFloatForm(const TargetFacts &facts) {
  static const FloatInstructions<true> fused;
  static const FloatInstructions<false> separate;
  DotForm form;
  if (facts.hasFMA)
    form.instructions = &fused;
  else
    form.instructions = &separate;
  form.lanes =
      facts.hasVectorFloat && facts.vectorBits ? facts.vectorBits / 32 : 1;
  form.minLanes = form.lanes == 1 ? 1 : std::min<int64_t>(form.lanes, 4);
  form.accumulators = form.lanes == 1                  ? 6
                      : facts.numVectorRegisters >= 32 ? 24
                                                       : 12;
  return form;
}

DotForm chooseWideningForm(const TargetFacts &facts) {
  static const WideningInstructions widening;
  DotForm form;
  form.instructions = &widening;
  if (facts.vectorBits) {
    // Twice the width of a register: the widening multiply reads one register
    // of 16-bit operands.
    form.lanes = facts.vectorBits / 16;
    form.minLanes = std::min<int64_t>(form.lanes, 4);
    form.accumulators = facts.numVectorRegisters >= 32 ? 10 : 5;
    form.stepCycles = 2;
  } else {
    form.accumulators = facts.numScalarRegisters >= 28 ? 8 : 4;
  }
  return form;
}

} // namespace

//===----------------------------------------------------------------------===//
// DotForm
//===----------------------------------------------------------------------===//

DotForm DotForm::choose(const TargetFacts &facts, bool isFloat, bool is16Bit) {
  if (isFloat)
    return chooseFloatForm(facts);
  if (std::optional<DotForm> form = chooseX86Form(facts, is16Bit))
    return *form;
  if (std::optional<DotForm> form = chooseAArch64Form(facts, is16Bit))
    return *form;
  if (std::optional<DotForm> form = chooseArmForm(facts, is16Bit))
    return *form;
  if (std::optional<DotForm> form = chooseNeonForm(facts, is16Bit))
    return *form;
  if (std::optional<DotForm> form = chooseRISCVForm(facts))
    return *form;
  return chooseWideningForm(facts);
}

SmallVector<DotForm, 2> DotForm::getCandidates(const TargetFacts &facts,
                                               bool isFloat, bool is16Bit) {
  SmallVector<DotForm, 2> forms = {choose(facts, isFloat, is16Bit)};
  if (isFloat)
    return forms;
  for (auto *chooseOther : {chooseAArch64MatrixForm, chooseX86PairForm,
                            chooseX86NarrowForm, chooseByteForm})
    if (std::optional<DotForm> form = chooseOther(facts, is16Bit))
      forms.push_back(*form);
  return forms;
}

DotForm DotForm::withLanes(int64_t count) const {
  DotForm form = *this;
  form.lanes = count;
  if (registerLanes && count < lanes) {
    int64_t fewer = lanes / std::max(count, *registerLanes);
    form.accumulators *= fewer;
    form.stepCycles /= static_cast<double>(fewer);
  }
  return form;
}

DotForm DotForm::withPacking(const WeightPacking &packing,
                             const TargetFacts &facts) const {
  DotForm form = *this;
  form.packedBits = packing.bits();
  int64_t operations = packing.operations();
  if (lanes == 1) {
    form.unpackCycles = static_cast<double>(operations);
    return form;
  }
  // Two a cycle, but on 32-bit NEON one, and where weights are multiplied as 16
  // bits two more for each register.
  double registers = std::max(1.0, static_cast<double>(weightsPerStep()) /
                                       facts.vectorBytes());
  form.unpackCycles =
      registers * static_cast<double>(operations + (weightBits() > 8 ? 2 : 0)) /
      (facts.isARM32() ? 1 : 2);
  return form;
}

int64_t DotForm::fitLanes(int64_t channels) const {
  int64_t fit = lanes;
  while (fit / 2 >= minLanes && fit / 2 >= channels)
    fit /= 2;
  return fit;
}

//===----------------------------------------------------------------------===//
// DotInstructions
//===----------------------------------------------------------------------===//

bool DotInstructions::fits(const DotForm &form, int64_t pixels,
                           int64_t vectors) const {
  return pixels * vectors <= form.accumulators;
}

double DotInstructions::groupCycles(const DotForm &form, int64_t pixels,
                                    int64_t vectors) const {
  double dots = static_cast<double>(pixels * vectors) * form.stepCycles;
  double loads = static_cast<double>(pixels) * form.activationCycles +
                 static_cast<double>(vectors) * form.weightCycles;
  // A short tile cannot hide the latency of dependent steps.
  return std::max(dots * 0.5 + loads * 0.5, 4.0);
}

void DotInstructions::forEachWeight(
    const DotForm &form, function_ref<void(int64_t, int64_t)> next) const {
  for (int64_t lane = 0; lane < form.lanes; ++lane)
    for (int64_t k = 0; k < form.group; ++k)
      next(lane, k);
}

SmallVector<Value, 2> DotInstructions::loadWeights(LayerEmitter &e,
                                                   const DotForm &form,
                                                   const WeightTable &table,
                                                   WeightPlace at) const {
  int64_t count = form.weightsPerStep();
  return {table.load(e, at, count, count * weightBits() / 8)};
}

SmallVector<Value, 2> DotInstructions::ones(LayerEmitter &e,
                                            const DotForm &form,
                                            int64_t valid) const {
  llvm_unreachable("sums are wanted only where weights keep their zero point");
}

SmallVector<Value> DotInstructions::beginTile(LayerEmitter &e,
                                              const DotForm &form,
                                              const DotTile &tile,
                                              ArrayRef<Value> biases) const {
  SmallVector<Value> state(biases);
  if (tile.sumsActivations)
    state.append(tile.pixels, e.constant(biases[0].getType(), 0));
  return state;
}

void DotInstructions::reduceTile(LayerEmitter &e, const DotForm &form,
                                 const DotTile &tile,
                                 MutableArrayRef<Value> state,
                                 const DotOperands &operands) const {
  for (int64_t k = 0; k < operands.count; k += form.group) {
    int64_t valid = std::min(form.group, operands.count - k);
    SmallVector<SmallVector<Value, 2>> weights;
    for (int64_t v = 0; v < tile.vectors; ++v)
      weights.push_back(
          loadWeights(e, form, operands.table,
                      operands.weights + (k / form.group * tile.vectors + v) *
                                             form.weightsPerStep()));
    for (int64_t p = 0; p < tile.pixels; ++p) {
      SmallVector<Value, 2> x =
          prepare(e, form, operands.memref, e.add(operands.pixels[p], k), valid,
                  operands.isSigned);
      for (int64_t v = 0; v < tile.vectors; ++v) {
        Value &acc = state[p * tile.vectors + v];
        acc = step(e, form, acc, x, weights[v], operands.isSigned);
      }
      if (tile.sumsActivations) {
        Value &sum = state[tile.accumulators() + p];
        sum = step(e, form, sum, x, ones(e, form, valid), operands.isSigned);
      }
    }
    if (form.lanes == 1 && e.facts.isRISCV() && state[0].getType().isInteger())
      llvm::copy(e.settle(state), state.begin());
  }
}

SmallVector<Value> DotInstructions::endTile(LayerEmitter &e,
                                            const DotForm &form,
                                            const DotTile &tile,
                                            ArrayRef<Value> biases,
                                            ArrayRef<Value> state) const {
  return SmallVector<Value>(state);
}

SmallVector<Value> DotInstructions::endJoined(LayerEmitter &e,
                                              const DotForm &form,
                                              ArrayRef<Value> state) const {
  llvm_unreachable("vectors come out as they are");
}

//===----------------------------------------------------------------------===//
// For the instruction sets' files
//===----------------------------------------------------------------------===//

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

Value loadPair(LayerEmitter &e, Value memref, Value offset, int64_t valid) {
  Type i32 = e.b.getI32Type();
  if (valid == 1)
    return e.extend(e.load(memref, offset, 1), i32, /*isSigned=*/false);
  Value pair = vector::BitCastOp::create(e.b, VectorType::get({1}, i32),
                                         e.load(memref, offset, 2));
  return vector::ExtractOp::create(e.b, pair, ArrayRef<int64_t>{0});
}

Value callIntrinsic(LayerEmitter &e, StringRef name, Type result,
                    ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(e.b, result, e.b.getStringAttr(name),
                                       operands)
      ->getResult(0);
}

Value bitcastLanes(LayerEmitter &e, Value value, int64_t lanes, Type element) {
  return vector::BitCastOp::create(e.b, VectorType::get({lanes}, element),
                                   value);
}

Value multiplyBytes(LayerEmitter &e, Value x, Value y) {
  // By the intrinsics. On AArch64 halves of registers that were taken outside
  // of a loop are taken where they are multiplied only for that; on ARM an
  // operand of which the sign is known would be extended first.
  return callIntrinsic(
      e, e.facts.isARM32() ? "llvm.arm.neon.vmulls" : "llvm.aarch64.neon.smull",
      LayerEmitter::withElement(x.getType(), e.b.getI16Type()), {x, y});
}

Value addPairs(LayerEmitter &e, Value acc, Value sum) {
  if (e.facts.isARM32())
    return callIntrinsic(e, "llvm.arm.neon.vpadals", acc.getType(), {acc, sum});
  return mlir::arith::AddIOp::create(
      e.b, acc,
      callIntrinsic(e, "llvm.aarch64.neon.saddlp", acc.getType(), sum));
}

Value splatWord(LayerEmitter &e, const DotForm &form, Value word,
                bool isSigned) {
  word = e.splat(word, form.lanes);
  if (form.flipsSign(isSigned))
    word = mlir::arith::XOrIOp::create(
        e.b, word,
        e.constant(word.getType(), static_cast<int32_t>(0x80808080)));
  return bitcastLanes(e, word, form.lanes * 4, e.b.getI8Type());
}

Value onesOfBytes(LayerEmitter &e, const DotForm &form, int64_t valid) {
  SmallVector<int8_t> pattern;
  for (int64_t lane = 0; lane < form.lanes; ++lane)
    for (int64_t k = 0; k < form.group; ++k)
      pattern.push_back(k < valid ? 1 : 0);
  auto type = VectorType::get({form.lanes * form.group}, e.b.getI8Type());
  return mlir::arith::ConstantOp::create(
      e.b, DenseElementsAttr::get(type, ArrayRef<int8_t>(pattern)));
}

} // namespace qcc
