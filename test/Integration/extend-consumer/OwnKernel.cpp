// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The kernel of `own.shift`: loops over vectors as wide as the target's.

#include "OwnDialect.h"

#include "qcc/Conversion/LayerEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace qcc;

namespace {

struct ShiftKernel : Kernel {
  llvm::StringRef getName() const override { return "own.shift.lanes"; }
  llvm::StringRef getAnchor() const override { return "own.shift"; }

  static int64_t lanesOf(const TargetFacts &facts) {
    return std::max<int64_t>(1, facts.vectorBits / 8);
  }

  mlir::FailureOr<KernelChoice> match(qnn::LayerOp layer,
                                      const TargetFacts &facts,
                                      std::string &why) const override {
    auto type = mlir::cast<mlir::RankedTensorType>(layer.getResultTypes()[0]);
    auto element =
        mlir::dyn_cast<mlir::quant::QuantizedType>(type.getElementType());
    if (!element || !element.isSigned() ||
        element.getStorageTypeIntegralWidth() != 8) {
      why = "takes int8";
      return mlir::failure();
    }
    KernelChoice choice;
    choice.cycles = static_cast<double>(type.getNumElements()) /
                    static_cast<double>(lanesOf(facts));
    choice.inputs.resize(layer.getInputs().size());
    choice.inPlaceInputs = {0};
    return choice;
  }

  mlir::LogicalResult emit(LayerEmitter &e) const override {
    auto shift = mlir::cast<own::ShiftOp>(getAnchorOp(e.layer));
    const TensorView &in = e.inputs[0], &out = e.outputs[0];
    e.forEachRun(
        {&in, &out}, [&](llvm::ArrayRef<mlir::Value> at, int64_t count) {
          e.forEachVector(
              count, lanesOf(e.facts), [&](mlir::Value offset, int64_t lanes) {
                mlir::Value x = e.load(in.memref, e.add(at[0], offset), lanes);
                mlir::Value by = e.constant(x.getType(), shift.getBy());
                mlir::Value y = mlir::arith::ShRSIOp::create(e.b, x, by);
                e.store(y, out.memref, e.add(at[1], offset));
              });
        });
    return mlir::success();
  }
};

} // namespace

std::unique_ptr<Kernel> own::makeShiftKernel() {
  return std::make_unique<ShiftKernel>();
}
