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
    getOperation().walk([&](qnn::LayerOp layer) {
      if (layer.getKernel())
        return;
      if (failed(selectKernel(layer, *facts, *kernels, preference)))
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
                                const KernelPreference &preference) {
  Operation *anchor = getAnchorOp(layer);
  if (!anchor)
    return layer.emitOpError() << "has no operation to choose a kernel for";
  struct Candidate {
    const Kernel *kernel;
    KernelChoice choice;
  };
  SmallVector<Candidate, 4> candidates;
  // Why no kernel fits, and none of the family that is asked for.
  std::string reasons, misfits;
  auto addTo = [](std::string &text, const Kernel &kernel, StringRef why) {
    text +=
        (Twine(text.empty() ? "" : "; ") + kernel.getName() + ": " + why).str();
  };
  for (const Kernel *kernel :
       kernels.lookup(anchor->getName().getStringRef())) {
    std::string why;
    FailureOr<KernelChoice> choice = kernel->match(layer, facts, why);
    if (succeeded(choice))
      candidates.push_back({kernel, std::move(*choice)});
    else
      addTo(reasons, *kernel, why);
    if (failed(choice) && kernel->getFamily() == preference.family)
      addTo(misfits, *kernel, why);
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
  auto timeOf = [&](const Candidate &candidate) {
    return candidate.choice.cycles +
           static_cast<double>(bytesOf(candidate)) * preference.cyclesPerByte;
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

std::unique_ptr<Pass>
qcc::createSelectKernels(SelectKernelsOptions options,
                         std::shared_ptr<const KernelSet> kernels) {
  auto pass = std::make_unique<SelectKernelsPass>(std::move(options));
  pass->kernels = std::move(kernels);
  return pass;
}
