// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The copies that qnn-plan-memory inserts: every storage gets one geometry and
// one owner, and where a value needs two a copying layer makes the other. What
// bit-serial layers read lies as bit-planes where its producer can make them.

#include "FunctionPlanner.h"

using namespace mlir;
using namespace qcc;

namespace {

/// Whether both shapes have the same words of bit-planes in the same order.
bool keepsWords(Value from, Value to) {
  auto last = [](Value v) {
    ArrayRef<int64_t> shape = cast<RankedTensorType>(v.getType()).getShape();
    return shape.empty() ? 1 : shape.back();
  };
  return last(from) == last(to) || (last(from) % 32 == 0 && last(to) % 32 == 0);
}

} // namespace

/// A layer before `before` that copies `source`, which may be a constant.
FailureOr<Value> FunctionPlanner::insertCopy(Value source, Operation *before,
                                             bool toPlanes) {
  OpBuilder builder(before);
  Location loc = source.getLoc();
  auto constant = source.getDefiningOp<qnn::ConstantOp>();
  SmallVector<Value> inputs;
  if (!constant)
    inputs.push_back(source);
  auto isLayer = [](Operation &op) { return isa<qnn::LayerOp>(op); };
  std::string name =
      "copy_" +
      std::to_string(llvm::count_if(func.getBody().getOps(), isLayer));
  auto layer =
      qnn::LayerOp::create(builder, loc, TypeRange(source.getType()), name,
                           inputs, qnn::KernelAttr(), ArrayAttr());
  Block *body = builder.createBlock(&layer.getBody());
  Value inner = constant ? Value(builder.clone(*constant)->getResult(0))
                         : Value(body->addArgument(source.getType(), loc));
  Value copy = qnn::CopyOp::create(builder, loc, source.getType(), inner);
  qnn::YieldOp::create(builder, loc, copy);
  if (toPlanes || planesOf(source) > 0) {
    std::string why = "there is no such kernel";
    const Kernel *kernel = kernels.find(kPlaneCopyKernel);
    FailureOr<KernelChoice> choice = kernel
                                         ? kernel->match(layer, facts, why)
                                         : FailureOr<KernelChoice>(failure());
    if (failed(choice))
      return layer.emitOpError()
             << "cannot be a '" << kPlaneCopyKernel << "': " << why;
    layer.setKernelAttr(
        buildKernelAttr(layer.getContext(), kPlaneCopyKernel, *choice));
    packed.insert(layer.getResult(0));
  } else if (failed(selectKernel(layer, facts, kernels))) {
    return failure();
  }
  ++numCopies;
  return layer.getResult(0);
}

bool FunctionPlanner::reshapesKeepWords(Value storage) {
  return llvm::all_of(storage.getUsers(), [&](Operation *user) {
    auto reshape = dyn_cast<qnn::ReshapeOp>(user);
    return !reshape || (keepsWords(reshape.getInput(), reshape) &&
                        reshapesKeepWords(reshape));
  });
}

/// Storages that a kernel can write as bit-planes and all others can read so.
void FunctionPlanner::findPacked() {
  for (auto layer : func.getBody().getOps<qnn::LayerOp>()) {
    if (!choiceOf(layer).producesPlanes)
      continue;
    Value value = layer.getResult(0);
    if (qnn::bitCodeOf(value.getType()) && !isReturned(value) &&
        !isAssigned(value) && reshapesKeepWords(value) &&
        llvm::all_of(usesOf(value), [&](const Use &use) {
          return requirementOf(use).planes != Planes::Never;
        }))
      packed.insert(value);
  }
  // Kernels that read as they write do either on both sides.
  for (bool changed = true; std::exchange(changed, false);)
    for (auto layer : func.getBody().getOps<qnn::LayerOp>())
      for (OpOperand &operand : layer->getOpOperands()) {
        if (requirementOf({&operand}).planes != Planes::AsResult)
          continue;
        Value from = storageOf(operand.get()), to = layer.getResult(0);
        if (packed.contains(from) != packed.contains(to)) {
          packed.erase(from);
          packed.erase(to);
          changed = true;
        }
      }
}

/// Where consumers want bit-planes of what lies as bytes, they read a copy.
LogicalResult FunctionPlanner::insertPackingCopies() {
  findPacked();
  SmallVector<qnn::LayerOp> layers(func.getBody().getOps<qnn::LayerOp>());
  DenseMap<Value, Value> copies;
  for (qnn::LayerOp layer : layers)
    for (OpOperand &operand : layer->getOpOperands()) {
      Value value = operand.get();
      if (requirementOf({&operand}).planes != Planes::Always ||
          planesOf(value) > 0)
        continue;
      Value &copy = copies[value];
      if (!copy) {
        FailureOr<Value> made = insertCopy(value, layer, /*toPlanes=*/true);
        if (failed(made))
          return failure();
        copy = *made;
      }
      operand.set(copy);
    }
  return success();
}

/// Gives every returned value a storage of its own, made by a layer.
LogicalResult FunctionPlanner::separateReturned() {
  DenseSet<Value> seen;
  for (OpOperand &operand : terminator->getOpOperands()) {
    Value storage = storageOf(operand.get());
    if (storage.getDefiningOp<qnn::LayerOp>() && seen.insert(storage).second)
      continue;
    FailureOr<Value> copy = insertCopy(storage, terminator);
    if (failed(copy))
      return failure();
    seen.insert(*copy);
    Value returned = *copy;
    if (returned.getType() != operand.get().getType()) {
      OpBuilder builder(terminator);
      returned = qnn::ReshapeOp::create(builder, returned.getLoc(),
                                        operand.get().getType(), returned);
    }
    operand.set(returned);
  }
  // What only the return used.
  for (Operation &op :
       llvm::make_early_inc_range(llvm::reverse(func.getBody().front())))
    if (isa<qnn::ConstantOp, qnn::ReshapeOp>(op) && op.use_empty())
      op.erase();
  return success();
}

bool FunctionPlanner::isAssigned(Value storage) {
  return llvm::any_of(accesses, [&](const auto &entry) {
    qnn::AssignVariableOp assign = entry.second.assign;
    return assign && storageOf(assign.getValue()) == storage;
  });
}

Operation *FunctionPlanner::lastReader(Value storage) {
  Operation *last = nullptr;
  for (const Use &use : usesOf(storage))
    if (!last || last->isBeforeInBlock(use.layer()))
      last = use.layer();
  return last;
}

/// Whether the layer that makes `result` may write it where `oldValue` lies:
/// every reader of that comes before, or is the layer itself and allows it.
bool FunctionPlanner::mayWriteInPlace(OpResult result, Value oldValue) {
  auto layer = cast<qnn::LayerOp>(result.getOwner());
  return llvm::all_of(usesOf(oldValue), [&](const Use &use) {
    if (use.layer() != layer)
      return use.layer()->isBeforeInBlock(layer);
    return mayTakeOver(choiceOf(layer), result.getResultNumber(),
                       use.index()) &&
           qnn::bytesOf(result.getType()) == qnn::bytesOf(oldValue.getType()) &&
           isZero(requirementOf(use).padding);
  });
}

LogicalResult FunctionPlanner::separateAssigned() {
  // First a layer for each value, then copies where the layer comes too early:
  // in this order two variables may exchange their values.
  DenseSet<Value> seen;
  for (auto &[name, access] : accesses) {
    if (!access.assign)
      continue;
    Value storage = storageOf(access.assign.getValue());
    if (storage.getDefiningOp<qnn::LayerOp>() && !isReturned(storage) &&
        seen.insert(storage).second)
      continue;
    auto producer = storage.getDefiningOp<qnn::LayerOp>();
    FailureOr<Value> copy =
        insertCopy(storage, producer ? producer->getNextNode() : terminator);
    if (failed(copy))
      return failure();
    seen.insert(*copy);
    access.assign->moveBefore(terminator);
    access.assign.getValueMutable().assign(*copy);
  }
  for (auto &[name, access] : accesses) {
    if (!access.assign)
      continue;
    access.assign->moveBefore(terminator);
    Value value = access.assign.getValue();
    auto result = cast<OpResult>(storageOf(value));
    if (!access.read || mayWriteInPlace(result, access.read))
      continue;
    Operation *after = lastReader(access.read);
    if (after->isBeforeInBlock(result.getOwner()))
      after = result.getOwner();
    FailureOr<Value> copy = insertCopy(result, after->getNextNode());
    if (failed(copy))
      return failure();
    access.assign.getValueMutable().assign(*copy);
  }
  // Reshapes give the assigned values the variables' types; copies have the
  // types of storages.
  for (auto &[name, access] : accesses) {
    if (!access.assign)
      continue;
    Type wanted = access.variable.getType();
    if (access.assign.getValue().getType() == wanted)
      continue;
    OpBuilder builder(access.assign);
    access.assign.getValueMutable().assign(
        qnn::ReshapeOp::create(builder, access.assign.getLoc(), wanted,
                               access.assign.getValue())
            .getResult());
  }
  return success();
}

/// Where consumers want padding that the value cannot have, they read a padded
/// copy.
LogicalResult FunctionPlanner::insertPaddingCopies() {
  SmallVector<Value> values(func.getArguments());
  for (auto layer : func.getBody().getOps<qnn::LayerOp>())
    llvm::append_range(values, layer.getResults());
  for (Operation &op : func.getBody().getOps())
    if (isa<qnn::ReshapeOp, qnn::ReadVariableOp>(op))
      values.push_back(op.getResult(0));
  for (Value value : values) {
    SmallVector<OpOperand *> wanting;
    Operation *first = nullptr;
    for (OpOperand &operand : value.getUses()) {
      if (!isa<qnn::LayerOp>(operand.getOwner()) ||
          isZero(requirementOf({&operand}).padding))
        continue;
      wanting.push_back(&operand);
      if (!first || operand.getOwner()->isBeforeInBlock(first))
        first = operand.getOwner();
    }
    bool isStorage = storageOf(value) == value;
    if (wanting.empty() || (isStorage && isPaddable(value)))
      continue;
    FailureOr<Value> copy = insertCopy(value, first);
    if (failed(copy))
      return failure();
    for (OpOperand *operand : wanting)
      operand->set(*copy);
    if (!isPaddable(*copy))
      return first->emitOpError()
             << "wants padding of operand "
             << wanting.front()->getOperandNumber()
             << ", but neither the operand's producer nor a copy can make it";
  }
  return success();
}
