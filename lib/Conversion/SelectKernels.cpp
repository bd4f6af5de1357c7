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

/// What of the model's own inputs and outputs the layer reads and makes as
/// floats; empty if nothing.
std::string floatEnds(qnn::LayerOp layer) {
  auto isFloat = [](Value value) {
    auto type = dyn_cast<ShapedType>(value.getType());
    return type && isa<FloatType>(type.getElementType());
  };
  for (Value input : layer.getInputs())
    if (isFloat(input) && isa<BlockArgument>(input))
      return "takes floats";
  for (Value result : layer->getResults())
    if (isFloat(result) && llvm::any_of(result.getUsers(), [](Operation *user) {
          return user->hasTrait<OpTrait::IsTerminator>();
        }))
      return "returns floats";
  return "";
}

struct SelectKernelsPass : qcc::impl::SelectKernelsBase<SelectKernelsPass> {
  using SelectKernelsBase::SelectKernelsBase;
  std::shared_ptr<const KernelSet> kernels;
  std::optional<KernelFamily> forced;

  /// Kernels tabulate functions by their definitions.
  void getDependentDialects(DialectRegistry &registry) const override {
    SelectKernelsBase::getDependentDialects(registry);
    reference::registerReferenceInterfaces(registry);
  }

  LogicalResult initialize(MLIRContext *context) override {
    if (!kernels)
      kernels = makeKernelSet();
    forced = parseKernelFamily(family);
    if (!forced && family != "auto")
      return emitError(UnknownLoc::get(context), "family is '")
             << family << "', expected auto, int8, container, bitserial or lut";
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
      if (failed(selectKernel(layer, *facts, *kernels, forced)))
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
                                const KernelSet &kernels,
                                std::optional<KernelFamily> family) {
  Operation *anchor = getAnchorOp(layer);
  if (!anchor)
    return layer.emitOpError() << "has no operation to choose a kernel for";
  struct Candidate {
    const Kernel *kernel;
    KernelChoice choice;
  };
  SmallVector<Candidate, 4> candidates;
  std::string reasons;
  for (const Kernel *kernel :
       kernels.lookup(anchor->getName().getStringRef())) {
    std::string why;
    FailureOr<KernelChoice> choice = kernel->match(layer, facts, why);
    if (succeeded(choice))
      candidates.push_back({kernel, std::move(*choice)});
    else
      reasons +=
          (Twine(reasons.empty() ? "" : "; ") + kernel->getName() + ": " + why)
              .str();
  }
  if (candidates.empty()) {
    InFlightDiagnostic error = anchor->emitOpError()
                               << "has no kernel for this target"
                               << (reasons.empty() ? "" : " (" + reasons + ")");
    if (std::string ends = floatEnds(layer);
        !ends.empty() && (!facts.hasFloat || facts.integerOnly))
      error.attachNote() << "the model " << ends
                         << "; with a quantized input and output it may be "
                            "integers throughout";
    return error;
  }
  auto isWanted = [&](const Candidate &candidate) {
    return candidate.kernel->getFamily() == family;
  };
  if (family && llvm::any_of(candidates, isWanted))
    llvm::erase_if(candidates, std::not_fn(isWanted));
  // Containers are asked for their size.
  auto isPacked = [](const Candidate &candidate) {
    return candidate.choice.weightBytes > 0;
  };
  if (family == KernelFamily::Container && llvm::any_of(candidates, isPacked))
    llvm::erase_if(candidates, std::not_fn(isPacked));
  // A cycle in fifty is less than estimates tell.
  const Candidate *best = &candidates.front();
  for (const Candidate &candidate : candidates)
    if (candidate.choice.cycles < best->choice.cycles)
      best = &candidate;
  double most = best->choice.cycles * 1.02;
  auto savedBy = [](const Candidate &candidate) {
    return candidate.choice.plainWeightBytes - candidate.choice.weightBytes;
  };
  for (const Candidate &candidate : candidates)
    if (candidate.choice.cycles <= most && savedBy(candidate) > savedBy(*best))
      best = &candidate;
  layer.setKernelAttr(buildKernelAttr(layer.getContext(),
                                      best->kernel->getName(), best->choice));
  std::string text;
  llvm::raw_string_ostream os(text);
  os << layer.getLayerName() << ": " << best->kernel->getName() << " (est. "
     << inKilocycles(best->choice.cycles) << " cycles)";
  if (best->choice.plainWeightBytes)
    os << ", weights in " << best->choice.weightBytes << " of "
       << best->choice.plainWeightBytes << " bytes";
  for (const Candidate &candidate : candidates)
    if (&candidate != best)
      os << ", over " << candidate.kernel->getName() << " ("
         << inKilocycles(candidate.choice.cycles) << ")";
  remark::passed(layer.getLoc(), remark::RemarkOpts::name("kernel").category(
                                     "qnn-select-kernels"))
      << text;
  return success();
}

std::unique_ptr<Pass>
qcc::createSelectKernels(SelectKernelsOptions options,
                         std::shared_ptr<const KernelSet> kernels) {
  auto pass = std::make_unique<SelectKernelsPass>(std::move(options));
  pass->kernels = std::move(kernels);
  return pass;
}
