// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Collects frame sizes from the machine functions themselves rather than from
// the object's .stack_sizes: those leave out the return address, the padding of
// over-aligned frames and RISC-V's vector spills, whose size depends on VLEN.

#include "StackBound.h"
#include "llvm/CodeGen/MachineFrameInfo.h"
#include "llvm/CodeGen/MachineFunction.h"
#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/TargetFrameLowering.h"
#include "llvm/CodeGen/TargetSubtargetInfo.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Target/TargetMachine.h"

using namespace llvm;

namespace qcc {
namespace {

/// Bits of a vector register that scalable stack objects are measured in (one
/// vscale): a register of VLEN bits takes VLEN / 64 times 8 bytes.
constexpr unsigned bitsPerVscale = 64;

uint64_t frameBytes(const MachineFunction &function, unsigned maxVlenBits) {
  const MachineFrameInfo &frame = function.getFrameInfo();
  const TargetFrameLowering &lowering =
      *function.getSubtarget().getFrameLowering();
  uint64_t bytes = frame.getStackSize();
  // Outgoing arguments pushed around a call rather than kept in the frame.
  if (!lowering.hasReservedCallFrame(function))
    bytes += frame.getMaxCallFrameSize();
  if (frame.getMaxAlign() > lowering.getStackAlign())
    bytes += frame.getMaxAlign().value();
  // x86 pushes the return address; others save it in the frame.
  if (function.getTarget().getTargetTriple().isX86())
    bytes += 8;
  uint64_t scalable = 0;
  for (int i = frame.getObjectIndexBegin(); i < frame.getObjectIndexEnd(); ++i)
    if (!frame.isDeadObjectIndex(i) && frame.hasScalableStackID(i))
      scalable += alignTo(frame.getObjectSize(i), 8);
  bytes += alignTo(scalable, 16) * (maxVlenBits / bitsPerVscale);
  return bytes;
}

class CollectStackFrames : public MachineFunctionPass {
public:
  static char ID;
  CollectStackFrames(StackFrames &result, unsigned maxVlen,
                     std::function<void(Module &)> whenFinished)
      : MachineFunctionPass(ID), frames(result), maxVlenBits(maxVlen),
        finished(std::move(whenFinished)) {}

  StringRef getPassName() const override { return "qcc stack frames"; }

  void getAnalysisUsage(AnalysisUsage &usage) const override {
    usage.setPreservesAll();
    MachineFunctionPass::getAnalysisUsage(usage);
  }

  bool doInitialization(Module &module) override {
    remaining =
        count_if(module, [](const Function &f) { return !f.isDeclaration(); });
    return false;
  }

  bool runOnMachineFunction(MachineFunction &function) override {
    Function &ir = function.getFunction();
    frames.bytes[ir.getName()] = frameBytes(function, maxVlenBits);
    if (function.getFrameInfo().hasVarSizedObjects())
      frames.unbounded.push_back(ir.getName().str());
    if (--remaining == 0)
      finished(*ir.getParent());
    return false;
  }

private:
  StackFrames &frames;
  unsigned maxVlenBits;
  std::function<void(Module &)> finished;
  size_t remaining = 0;
};

char CollectStackFrames::ID = 0;

/// Depth-first search for the deepest path.
class BoundSearch {
public:
  BoundSearch(const Module &irModule, const StackFrames &stackFrames)
      : module(irModule), frames(stackFrames) {}

  Expected<uint64_t> bound(const Function &function) {
    auto known = done.find(&function);
    if (known != done.end())
      return known->second;
    if (!active.insert(&function).second)
      return fail("is recursive", function);
    if (is_contained(frames.unbounded, function.getName()))
      return fail("has a frame of no static size", function);
    uint64_t deepest = 0;
    for (const Instruction &instruction : instructions(function)) {
      auto *call = dyn_cast<CallBase>(&instruction);
      if (!call)
        continue;
      Expected<uint64_t> callee = boundOfCall(*call);
      if (!callee)
        return callee;
      deepest = std::max(deepest, *callee);
    }
    active.erase(&function);
    auto frame = frames.bytes.find(function.getName());
    if (frame == frames.bytes.end())
      return fail("was not compiled", function);
    return done[&function] = frame->second + deepest;
  }

private:
  Expected<uint64_t> boundOfCall(const CallBase &call) {
    // What hides values from optimizers is no call.
    if (call.isInlineAsm())
      return 0;
    const Function *callee = call.getCalledFunction();
    if (!callee)
      return boundOfIndirectCall();
    if (!callee->isDeclaration())
      return bound(*callee);
    // Intrinsics are instructions, but for those that may become memcpy.
    if (callee->isIntrinsic() && !isa<MemIntrinsic>(call))
      return 0;
    return libraryAllowance;
  }

  Expected<uint64_t> boundOfIndirectCall() {
    uint64_t deepest = libraryAllowance;
    for (const Function &function : module)
      if (!function.isDeclaration() && function.hasAddressTaken()) {
        Expected<uint64_t> bytes = bound(function);
        if (!bytes)
          return bytes;
        deepest = std::max(deepest, *bytes);
      }
    return deepest;
  }

  static Error fail(const Twine &what, const Function &function) {
    return createStringError(inconvertibleErrorCode(),
                             "no stack bound: function '" + function.getName() +
                                 "' " + what);
  }

  const Module &module;
  const StackFrames &frames;
  DenseMap<const Function *, uint64_t> done;
  SmallPtrSet<const Function *, 8> active;
};

} // namespace

FunctionPass *
createCollectStackFramesPass(StackFrames &frames, unsigned maxVlenBits,
                             std::function<void(Module &)> finished) {
  return new CollectStackFrames(frames, maxVlenBits, std::move(finished));
}

Expected<uint64_t> computeStackBound(const Module &module, StringRef entry,
                                     const StackFrames &frames) {
  const Function *function = module.getFunction(entry);
  if (!function || function->isDeclaration())
    return createStringError(inconvertibleErrorCode(),
                             "no stack bound: no function '" + entry + "'");
  return BoundSearch(module, frames).bound(*function);
}

} // namespace qcc
