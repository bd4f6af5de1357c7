// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-attach-target: what the user typed becomes what the passes know.

#include "qcc/Conversion/TargetAttr.h"
#include "qcc/Pipelines/Pipelines.h"
#include "qcc/Target/TargetDescription.h"

namespace qcc {
#define GEN_PASS_DEF_ATTACHTARGET
#include "qcc/Pipelines/Passes.h.inc"
} // namespace qcc

using namespace mlir;

namespace {

struct AttachTargetPass : qcc::impl::AttachTargetBase<AttachTargetPass> {
  using AttachTargetBase::AttachTargetBase;

  void runOnOperation() override {
    qcc::TargetRequest request;
    request.triple = triple;
    request.cpu = mcpu;
    request.features = mattr;
    if (integerOnly == "true" || integerOnly == "false") {
      request.integerOnly = integerOnly == "true";
    } else if (integerOnly != "auto") {
      getOperation().emitError("integer-only is '")
          << integerOnly << "', expected auto, true or false";
      return signalPassFailure();
    }
    llvm::Expected<qcc::TargetDescription> target = qcc::resolveTarget(request);
    if (!target) {
      getOperation().emitError(llvm::toString(target.takeError()));
      return signalPassFailure();
    }
    // Products and sums in C round twice, and rounding is a call of its
    // library.
    if (scalarC)
      target->facts.hasFMA = target->facts.hasRounding = false;
    if (threads < 1 || threads > qcc::mostThreads) {
      getOperation().emitError("threads is ")
          << threads.getValue() << ", expected 1 to " << qcc::mostThreads;
      return signalPassFailure();
    }
    target->facts.threads = threads;
    qcc::attachTargetFacts(getOperation(), target->facts);
  }
};

} // namespace
