// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-select-kernels: the cheapest kernel that fits each layer on the module's
// target, with the reasons as a remark.

#include "qcc/Conversion/Passes.h"
#include "qcc/Conversion/TargetAttr.h"
#include "qcc/Reference/Interpreter.h"

#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
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

bool isAnyFloat(TypeRange types) {
  return llvm::any_of(types, [](Type type) {
    auto shaped = dyn_cast<ShapedType>(type);
    return shaped && isa<FloatType>(shaped.getElementType());
  });
}

/// What the model takes and returns as floats; empty if nothing.
std::string floatEnds(qnn::LayerOp layer) {
  auto function = layer->getParentOfType<FunctionOpInterface>();
  bool takes = isAnyFloat(function.getArgumentTypes());
  bool returns = isAnyFloat(function.getResultTypes());
  if (takes && returns)
    return "takes and returns floats";
  return takes ? "takes floats" : returns ? "returns floats" : "";
}

/// Whether some kernel fits the layer where the target's code may be floats.
bool fitsWithFloats(qnn::LayerOp layer, TargetFacts facts,
                    const KernelSet &kernels) {
  Operation *anchor = getAnchorOp(layer);
  if (!anchor || (facts.hasFloat && !facts.integerOnly))
    return false;
  facts.hasFloat = true;
  facts.integerOnly = false;
  StringRef name = anchor->getName().getStringRef();
  return llvm::any_of(kernels.lookup(name), [&](const Kernel *kernel) {
    std::string why;
    return succeeded(kernel->match(layer, facts, why));
  });
}

/// One error for all layers that only want floats: the first, the last, and
/// what to do.
void emitFloatsError(ArrayRef<qnn::LayerOp> layers, const TargetFacts &facts) {
  InFlightDiagnostic error =
      getAnchorOp(layers.front())->emitOpError()
      << "has no kernel for this target: it computes in floats, "
      << (facts.hasFloat ? "but code is to be integer-only; "
                           "--integer-only=false allows floats"
                         : "but the target has no floating-point unit");
  if (layers.size() > 1)
    error.attachNote(getAnchorOp(layers.back())->getLoc())
        << "the last of " << layers.size() << " layers that do so";
  if (std::string ends = floatEnds(layers.front()); !ends.empty())
    error.attachNote() << "the model " << ends
                       << "; with a quantized input and output it may be "
                          "integers throughout";
}

/// Sets the layer's kernel; if none fits, only the `reasons` of each.
LogicalResult chooseKernel(qnn::LayerOp layer, const TargetFacts &facts,
                           const KernelSet &kernels,
                           const KernelPreference &preference,
                           std::string &reasons) {
  Operation *anchor = getAnchorOp(layer);
  if (!anchor)
    return failure();
  struct Candidate {
    const Kernel *kernel;
    KernelChoice choice;
  };
  SmallVector<Candidate, 4> candidates;
  // Why none of the family that is asked for fits.
  std::string misfits;
  auto addTo = [](std::string &text, const Kernel &kernel, StringRef why) {
    text +=
        (Twine(text.empty() ? "" : "; ") + kernel.getName() + ": " + why).str();
  };
  SmallVector<const Kernel *> known(
      kernels.lookup(anchor->getName().getStringRef()));
  if (hasSeveralOps(layer))
    llvm::append_range(known, kernels.lookup(qnn::LayerOp::getOperationName()));
  for (const Kernel *kernel : known) {
    std::string why;
    FailureOr<KernelChoice> choice = kernel->match(layer, facts, why);
    if (succeeded(choice))
      candidates.push_back({kernel, std::move(*choice)});
    else
      addTo(reasons, *kernel, why);
    if (failed(choice) && kernel->getFamily() == preference.family)
      addTo(misfits, *kernel, why);
  }
  if (candidates.empty())
    return failure();
  auto isWanted = [&](const Candidate &candidate) {
    return candidate.kernel->getFamily() == preference.family;
  };
  if (preference.family && llvm::any_of(candidates, isWanted))
    llvm::erase_if(candidates, std::not_fn(isWanted));
  // Kernels that do not tell have no less than the others' plain bytes.
  int64_t mostBytes = 0;
  for (const Candidate &candidate : candidates)
    mostBytes = std::max(mostBytes, candidate.choice.plainWeightBytes);
  auto bytesOf = [&](const Candidate &candidate) {
    return candidate.choice.plainWeightBytes ? candidate.choice.weightBytes
                                             : mostBytes;
  };
  // Scratch memory takes the place of weights in the caches, from which they
  // come in the next inference.
  auto timeOf = [&](const Candidate &candidate) {
    return candidate.choice.cycles +
           static_cast<double>(bytesOf(candidate) +
                               candidate.choice.scratchBytes) *
               preference.cyclesPerByte;
  };
  bool isForSize = preference.goal == KernelGoal::Size;
  auto rankOf = [&](const Candidate &candidate) {
    return std::tuple(isForSize ? 0 : candidate.choice.scratchBytes,
                      bytesOf(candidate), timeOf(candidate));
  };
  double leastTime = timeOf(candidates.front());
  for (const Candidate &candidate : candidates)
    leastTime = std::min(leastTime, timeOf(candidate));
  // A family that is asked for may cost what it likes.
  double most = !isForSize          ? 1.02
                : preference.family ? std::numeric_limits<double>::infinity()
                                    : 1.5;
  const Candidate *best = nullptr;
  for (const Candidate &candidate : candidates)
    if (timeOf(candidate) <= leastTime * most &&
        (!best || rankOf(candidate) < rankOf(*best)))
      best = &candidate;
  layer.setKernelAttr(buildKernelAttr(layer.getContext(),
                                      best->kernel->getName(), best->choice));
  std::string text;
  llvm::raw_string_ostream os(text);
  os << layer.getLayerName() << ": " << best->kernel->getName() << " (est. "
     << inKilocycles(best->choice.cycles) << " cycles)";
  if (best->choice.weightBytes < best->choice.plainWeightBytes)
    os << ", weights in " << best->choice.weightBytes << " of "
       << best->choice.plainWeightBytes << " bytes";
  for (const Candidate &candidate : candidates)
    if (&candidate != best)
      os << ", over " << candidate.kernel->getName() << " ("
         << inKilocycles(candidate.choice.cycles) << ")";
  if (!misfits.empty() && best->kernel->getFamily() != preference.family)
    os << ", for want of another: " << misfits;
  remark::passed(layer.getLoc(), remark::RemarkOpts::name("kernel").category(
                                     "qnn-select-kernels"))
      << text;
  return success();
}

LogicalResult emitMisfit(qnn::LayerOp layer, StringRef reasons) {
  Operation *anchor = getAnchorOp(layer);
  if (!anchor)
    return layer.emitOpError() << "has no operation to choose a kernel for";
  InFlightDiagnostic error = anchor->emitOpError()
                             << "has no kernel for this target";
  if (!reasons.empty())
    error << " (" << reasons << ")";
  return error;
}

struct SelectKernelsPass : qcc::impl::SelectKernelsBase<SelectKernelsPass> {
  using SelectKernelsBase::SelectKernelsBase;
  std::shared_ptr<const KernelSet> kernels;
  KernelPreference preference;

  /// Kernels tabulate functions by their definitions.
  void getDependentDialects(DialectRegistry &registry) const override {
    SelectKernelsBase::getDependentDialects(registry);
    reference::registerReferenceInterfaces(registry);
  }

  LogicalResult initialize(MLIRContext *context) override {
    if (!kernels)
      kernels = makeKernelSet();
    preference.family = parseKernelFamily(family);
    if (!preference.family && family != "auto")
      return emitError(UnknownLoc::get(context), "family is '")
             << family << "', expected " << kKernelFamilies;
    std::optional<KernelGoal> wanted = parseKernelGoal(goal);
    if (!wanted)
      return emitError(UnknownLoc::get(context), "goal is '")
             << goal << "', expected " << kKernelGoals;
    preference.goal = *wanted;
    return success();
  }

  void runOnOperation() override {
    FailureOr<TargetFacts> facts = readTargetFacts(getOperation());
    if (failed(facts))
      return signalPassFailure();
    preference.cyclesPerByte =
        facts->cyclesPerByte(countConstantBytes(getOperation()));
    bool failedAny = false;
    SmallVector<qnn::LayerOp> floatLayers;
    getOperation().walk([&](qnn::LayerOp layer) {
      if (layer.getKernel())
        return;
      std::string reasons;
      if (succeeded(chooseKernel(layer, *facts, *kernels, preference, reasons)))
        ++numSelected;
      else if (fitsWithFloats(layer, *facts, *kernels))
        floatLayers.push_back(layer);
      else
        failedAny |= failed(emitMisfit(layer, reasons));
    });
    if (!floatLayers.empty())
      emitFloatsError(floatLayers, *facts);
    if (failedAny || !floatLayers.empty())
      signalPassFailure();
  }
};

} // namespace

LogicalResult qcc::selectKernel(qnn::LayerOp layer, const TargetFacts &facts,
                                const KernelSet &kernels,
                                const KernelPreference &preference) {
  std::string reasons;
  if (succeeded(chooseKernel(layer, facts, kernels, preference, reasons)))
    return success();
  return emitMisfit(layer, reasons);
}

std::unique_ptr<Pass>
qcc::createSelectKernels(SelectKernelsOptions options,
                         std::shared_ptr<const KernelSet> kernels) {
  auto pass = std::make_unique<SelectKernelsPass>(std::move(options));
  pass->kernels = std::move(kernels);
  return pass;
}
