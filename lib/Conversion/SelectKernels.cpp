// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-select-kernels: the cheapest kernel that fits each layer on the module's
// target, with the reasons as a remark.

#include "qcc/Conversion/Passes.h"
#include "qcc/Conversion/TargetAttr.h"
#include "qcc/Reference/Interpreter.h"

#include "mlir/IR/Remarks.h"
#include "llvm/Support/Format.h"

namespace qcc {
#define GEN_PASS_DEF_SELECTKERNELS
#include "qcc/Conversion/Passes.h.inc"
} // namespace qcc

using namespace mlir;
using namespace qcc;

namespace {

std::string inKilocycles(double cycles) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.1fk", cycles / 1000);
  return text;
}

struct SelectKernelsPass : qcc::impl::SelectKernelsBase<SelectKernelsPass> {
  using SelectKernelsBase::SelectKernelsBase;
  std::shared_ptr<const KernelSet> kernels;

  /// Kernels tabulate functions by their definitions.
  void getDependentDialects(DialectRegistry &registry) const override {
    SelectKernelsBase::getDependentDialects(registry);
    reference::registerReferenceInterfaces(registry);
  }

  LogicalResult initialize(MLIRContext *) override {
    if (!kernels)
      kernels = makeKernelSet();
    return success();
  }

  void runOnOperation() override {
    FailureOr<TargetFacts> facts = readTargetFacts(getOperation());
    if (failed(facts))
      return signalPassFailure();
    bool failedAny = false;
    getOperation().walk([&](qnn::LayerOp layer) {
      if (layer.getKernel())
        return;
      if (failed(selectKernel(layer, *facts, *kernels)))
        failedAny = true;
      else
        ++numSelected;
    });
    if (failedAny)
      signalPassFailure();
  }
};

} // namespace

LogicalResult qcc::selectKernel(qnn::LayerOp layer, const TargetFacts &facts,
                                const KernelSet &kernels) {
  Operation *anchor = getAnchorOp(layer);
  if (!anchor)
    return layer.emitOpError() << "has no operation to choose a kernel for";
  const Kernel *best = nullptr;
  KernelChoice bestChoice;
  std::string reasons, others;
  for (const Kernel *kernel :
       kernels.lookup(anchor->getName().getStringRef())) {
    std::string why;
    FailureOr<KernelChoice> choice = kernel->match(layer, facts, why);
    if (failed(choice)) {
      reasons +=
          (Twine(reasons.empty() ? "" : "; ") + kernel->getName() + ": " + why)
              .str();
      continue;
    }
    if (best && choice->cycles >= bestChoice.cycles) {
      others += (Twine(", over ") + kernel->getName() + " (" +
                 inKilocycles(choice->cycles) + ")")
                    .str();
      continue;
    }
    if (best)
      others += (Twine(", over ") + best->getName() + " (" +
                 inKilocycles(bestChoice.cycles) + ")")
                    .str();
    best = kernel;
    bestChoice = *choice;
  }
  if (!best)
    return anchor->emitOpError()
           << "has no kernel for this target"
           << (reasons.empty() ? "" : " (" + reasons + ")");
  layer.setKernelAttr(
      buildKernelAttr(layer.getContext(), best->getName(), bestChoice));
  remark::passed(layer.getLoc(), remark::RemarkOpts::name("kernel").category(
                                     "qnn-select-kernels"))
      << (layer.getLayerName() + ": " + best->getName() + " (est. " +
          inKilocycles(bestChoice.cycles) + " cycles)" + others)
             .str();
  return success();
}

std::unique_ptr<Pass>
qcc::createSelectKernels(std::shared_ptr<const KernelSet> kernels) {
  auto pass = std::make_unique<SelectKernelsPass>();
  pass->kernels = std::move(kernels);
  return pass;
}
