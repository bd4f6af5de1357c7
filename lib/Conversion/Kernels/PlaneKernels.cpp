// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Copies to bit-planes: of bytes, whose bits are compared out 32 channels at a
// time, or of planes into a padded buffer. The memory planner asks for them by
// name.

#include "BitPlanes.h"
#include "KernelSupport.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {

namespace {

class PlaneCopyKernel final : public Kernel {
public:
  StringRef getName() const override { return kPlaneCopyKernel; }
  StringRef getAnchor() const override { return "qnn.copy"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    if (!isSingleOp(layer, why))
      return failure();
    Value result = getAnchorOp(layer)->getResult(0);
    auto type = cast<RankedTensorType>(result.getType());
    if (!qnn::bitCodeOf(type) || type.getRank() == 0 ||
        layer.getInputs().empty()) {
      why = "not a tensor of few bits";
      return failure();
    }
    // Dearer than a plain copy, which wins where it will do.
    KernelChoice choice =
        makeElementwiseChoice(layer, lanesFor(facts, 1),
                              8 + 8 / static_cast<double>(lanesFor(facts, 1)));
    choice.inPlaceInputs.clear();
    choice.inputs[0].planes = Planes::Either;
    choice.producesPlanes = true;
    return choice;
  }

  LogicalResult emit(LayerEmitter &e) const override {
    const TensorView &out = e.outputs[0];
    if (out.planes == 0)
      return e.layer.emitOpError() << "writes bit-planes, not bytes";
    if (e.inputs[0].planes > 0)
      copyWords(e);
    else
      e.inParallel(
          [&] { packPlanes(e, e.inputs[0], out, e.index(0), e.index(0)); });
    return success();
  }

private:
  /// The same with words as elements.
  static TensorView wordsOf(const TensorView &view) {
    TensorView words = view;
    SmallVector<int64_t> shape(view.shape());
    shape.back() = qnn::planeWords(view.type, view.planes);
    words.type = qnn::withShape(view.type, shape);
    return words;
  }

  static void copyWords(LayerEmitter &e) {
    TensorView in = wordsOf(e.inputs[0]), out = wordsOf(e.outputs[0]);
    e.inParallel([&] {
      e.forEachRun({&in, &out}, [&](ArrayRef<Value> at, int64_t count) {
        e.forEachVector(
            count, lanesFor(e.facts, 4), [&](Value offset, int64_t lanes) {
              e.store(e.load(in.memref, e.add(at[0], offset), lanes),
                      out.memref, e.add(at[1], offset));
            });
      });
    });
  }
};

} // namespace

void populatePlaneKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<PlaneCopyKernel>());
}

} // namespace qcc
