// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-fuse-layers: a layer that only one other reads becomes part of it, where
// a kernel for several operations takes no more time than theirs.

#include "qcc/Conversion/Passes.h"
#include "qcc/Conversion/TargetAttr.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Reference/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

#include "llvm/ADT/SetVector.h"

namespace qcc {
#define GEN_PASS_DEF_FUSELAYERS
#include "qcc/Conversion/Passes.h.inc"
} // namespace qcc

using namespace mlir;
using namespace qcc;

namespace {

/// Longer layers are left in parts: what they hold in registers has an end.
constexpr size_t kMostOperations = 32;

int64_t bytesOf(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.getNumElements() * qnn::bytesPerElement(type);
}

bool isWork(Operation &op) { return !isa<qnn::ConstantOp, qnn::YieldOp>(op); }

/// A layer with a kernel whose operations go element by element.
bool goesByElements(qnn::LayerOp layer) {
  return layer.getKernel() && layer->getNumResults() == 1 &&
         llvm::all_of(layer.getBody().front(), [](Operation &op) {
           return !isWork(op) || isa<qnn::InPlaceOpInterface>(op);
         });
}

/// Whether memory does not grow when `producer` runs where `consumer` does:
/// nothing runs between them, or what it reads is no larger than what it makes.
/// What a variable holds may have to be copied then before the next is written.
bool mayMove(qnn::LayerOp producer, qnn::LayerOp consumer) {
  int64_t bytes = 0;
  bool readsState = false;
  for (Value input : producer.getInputs()) {
    bytes += bytesOf(input);
    readsState |= input.getDefiningOp<qnn::ReadVariableOp>() != nullptr;
  }
  if (!readsState && bytes <= bytesOf(producer.getResult(0)))
    return true;
  for (Operation *op = producer->getNextNode(); op != consumer;
       op = op->getNextNode())
    if (isa<qnn::LayerOp, qnn::AssignVariableOp>(op))
      return false;
  return true;
}

struct FuseLayersPass : qcc::impl::FuseLayersBase<FuseLayersPass> {
  using FuseLayersBase::FuseLayersBase;
  std::shared_ptr<const KernelSet> kernels;

  /// Kernels tabulate functions by their definitions.
  void getDependentDialects(DialectRegistry &registry) const override {
    FuseLayersBase::getDependentDialects(registry);
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
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      // From the last, so that a layer has taken in all that it can when others
      // look at it.
      SmallVector<qnn::LayerOp> layers(func.getOps<qnn::LayerOp>());
      llvm::SmallPtrSet<Operation *, 16> gone;
      for (qnn::LayerOp layer : llvm::reverse(layers))
        if (!gone.contains(layer))
          while (std::optional<qnn::LayerOp> fused =
                     fuseOneInto(layer, *facts, gone))
            layer = *fused;
    }
  }

  /// `consumer` with one of its producers, or nothing.
  std::optional<qnn::LayerOp>
  fuseOneInto(qnn::LayerOp consumer, const TargetFacts &facts,
              llvm::SmallPtrSetImpl<Operation *> &gone) {
    if (!goesByElements(consumer))
      return std::nullopt;
    for (Value input : consumer.getInputs()) {
      auto producer = input.getDefiningOp<qnn::LayerOp>();
      auto isConsumer = [&](Operation *user) { return user == consumer; };
      if (!producer || !goesByElements(producer) ||
          !llvm::all_of(input.getUsers(), isConsumer) ||
          !mayMove(producer, consumer))
        continue;
      if (std::optional<qnn::LayerOp> fused = fuse(producer, consumer, facts)) {
        gone.insert(producer);
        producer.erase();
        ++numFused;
        return fused;
      }
    }
    return std::nullopt;
  }

  /// Both in one layer in `consumer`'s place, with the fastest kernel for it;
  /// nothing where that takes more time than the two.
  std::optional<qnn::LayerOp> fuse(qnn::LayerOp producer, qnn::LayerOp consumer,
                                   const TargetFacts &facts) {
    size_t operations = 0;
    llvm::SetVector<Value> inputs;
    for (qnn::LayerOp layer : {producer, consumer}) {
      operations +=
          static_cast<size_t>(llvm::count_if(layer.getBody().front(), isWork));
      inputs.insert(layer.getInputs().begin(), layer.getInputs().end());
    }
    inputs.remove(producer.getResult(0));
    if (operations > kMostOperations)
      return std::nullopt;
    OpBuilder b(consumer);
    auto fused =
        qnn::LayerOp::create(b, consumer.getLoc(), consumer->getResultTypes(),
                             consumer.getLayerName(), inputs.getArrayRef(),
                             qnn::KernelAttr(), ArrayAttr());
    Block *body = b.createBlock(&fused.getBody());
    IRMapping outside;
    for (Value input : inputs)
      outside.map(input, body->addArgument(input.getType(), input.getLoc()));
    for (qnn::LayerOp layer : {producer, consumer}) {
      Block &from = layer.getBody().front();
      IRMapping mapping;
      for (auto [argument, input] :
           llvm::zip(from.getArguments(), layer.getInputs()))
        mapping.map(argument, outside.lookup(input));
      for (Operation &op : from.without_terminator())
        b.clone(op, mapping);
      outside.map(layer.getResult(0),
                  mapping.lookup(from.getTerminator()->getOperand(0)));
    }
    qnn::YieldOp::create(b, consumer.getLoc(),
                         outside.lookup(consumer.getResult(0)));
    std::string why;
    const Kernel *best = nullptr;
    KernelChoice choice;
    for (const Kernel *kernel :
         kernels->lookup(qnn::LayerOp::getOperationName()))
      if (FailureOr<KernelChoice> found = kernel->match(fused, facts, why);
          succeeded(found) && (!best || found->cycles < choice.cycles)) {
        best = kernel;
        choice = std::move(*found);
      }
    auto cyclesOf = [](qnn::LayerOp layer) {
      return readKernelAttr(*layer.getKernel()).cycles;
    };
    if (!best || choice.cycles > cyclesOf(producer) + cyclesOf(consumer)) {
      fused.erase();
      return std::nullopt;
    }
    fused.setKernelAttr(
        buildKernelAttr(&getContext(), best->getName(), choice));
    consumer.getResult(0).replaceAllUsesWith(fused.getResult(0));
    consumer.erase();
    return fused;
  }
};

} // namespace

std::unique_ptr<Pass>
qcc::createFuseLayers(std::shared_ptr<const KernelSet> kernels) {
  auto pass = std::make_unique<FuseLayersPass>();
  pass->kernels = std::move(kernels);
  return pass;
}
