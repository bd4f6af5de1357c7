// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RISC-V V: a scalar activation times a vector of 16-bit weights into 32-bit
// accumulators of up to four registers (vwmacc.vx).

#include "DotForm.h"
#include "VectorRISCV.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace qcc {
namespace {

class VwmaccInstructions final : public DotInstructions {
public:
  bool subtractsWeightZero() const override { return true; }
  int64_t weightBits() const override { return 16; }

  SmallVector<Value, 2> prepare(LayerEmitter &e, const DotForm &form,
                                Value memref, Value offset, int64_t valid,
                                bool isSigned) const override {
    return {e.extend(e.load(memref, offset, 1), e.b.getI16Type(), isSigned)};
  }

  Value step(LayerEmitter &e, const DotForm &form, Value acc,
             ArrayRef<Value> activations, ArrayRef<Value> weights,
             bool isSigned) const override {
    return emitWideningMacc(e, acc, activations[0], weights[0]);
  }
};

} // namespace

std::optional<DotForm> chooseRISCVForm(const TargetFacts &facts) {
  static const VwmaccInstructions vwmacc;
  if (!facts.hasRVV)
    return std::nullopt;
  DotForm form;
  form.instructions = &vwmacc;
  form.memoryBytes = 4;
  // Long vectors need few instructions; the multiplier and the shift of the
  // epilogue want registers beside the accumulators, and so do two loads of
  // weights.
  int64_t registerLanes = facts.vectorBits / 32;
  form.registerLanes = registerLanes;
  form.lanes = registerLanes * 4;
  form.minLanes = std::min<int64_t>(registerLanes, 4);
  form.accumulators = 6;
  form.stepCycles = 8;
  return form;
}

} // namespace qcc
