// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-plan-memory: padding, in-place results and arena offsets for a module
// whose layers have kernels.
//
// The pass works on storages: a layer's result, or an argument, with all
// reshapes of it. Three decisions follow each other. Copies: every storage gets
// one geometry and one owner, and where a value needs two (dense for the
// caller, padded for a convolution) a copying layer is inserted. Merging: a
// result takes over the memory of an operand that dies in its layer, when the
// kernel allows it and the geometries agree or can be made to. Offsets:
// planArena, which may lay a result over the rows of an input that its kernel
// has done with.
//
// A variable has a place in the persistent state for itself. Reading it is a
// view of that place, and the layer that makes its next value writes there
// directly if nothing reads the old value any more; otherwise a copy does so
// after the last reader.

#include "FunctionPlanner.h"
#include "PackedRows.h"

#include "qcc/Conversion/TargetAttr.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Remarks.h"

#include "llvm/ADT/SmallSet.h"
#include "llvm/ADT/StringSwitch.h"

namespace qcc {
#define GEN_PASS_DEF_PLANMEMORY
#include "qcc/Conversion/Passes.h.inc"
} // namespace qcc

using namespace mlir;
using namespace qcc;
using qnn::BufferAttr;
using qnn::MemorySpace;

//===----------------------------------------------------------------------===//
// What the pass is given
//===----------------------------------------------------------------------===//

LogicalResult FunctionPlanner::check() {
  if (!func.getBody().hasOneBlock())
    return func.emitOpError() << "must have one block to be planned";
  terminator = dyn_cast<func::ReturnOp>(func.getBody().front().getTerminator());
  if (!terminator)
    return func.emitOpError() << "must end in a return to be planned";
  for (Operation &op : func.getBody().getOps()) {
    if (auto layer = dyn_cast<qnn::LayerOp>(op)) {
      if (!layer.getKernel())
        return layer.emitOpError()
               << "has no kernel; run 'qnn-select-kernels' first";
      if (choiceOf(layer).inputs.size() != layer.getInputs().size())
        return layer.emitOpError() << "has " << layer.getInputs().size()
                                   << " operands, but its kernel describes "
                                   << choiceOf(layer).inputs.size();
      for (Value input : layer.getInputs())
        if (storageOf(input).getDefiningOp<qnn::ConstantOp>())
          return layer.emitOpError() << "takes a constant from outside; run "
                                        "'qnn-form-layers' first";
    } else if (isa<qnn::ReadVariableOp, qnn::AssignVariableOp>(op)) {
      if (failed(checkState(op)))
        return failure();
    } else if (!isa<qnn::ReshapeOp, qnn::ConstantOp, func::ReturnOp>(op)) {
      return op.emitOpError()
             << "stands outside a layer; run 'qnn-form-layers' first";
    }
  }
  return success();
}

/// Each variable is read once at most, before it is assigned once at most.
LogicalResult FunctionPlanner::checkState(Operation &op) {
  auto symbol = op.getAttrOfType<FlatSymbolRefAttr>("variable");
  Access &access = accesses[symbol.getAttr()];
  access.variable =
      SymbolTable::lookupNearestSymbolFrom<qnn::VariableOp>(&op, symbol);
  if (!access.variable)
    return op.emitOpError() << "names " << symbol << ", which is no variable";
  auto read = dyn_cast<qnn::ReadVariableOp>(op);
  if (access.assign || (read && access.read))
    return op.emitOpError()
           << (read ? "reads " : "assigns ") << symbol << ", which has been "
           << (access.assign ? "assigned" : "read")
           << " already; run 'qnn-forward-state' first";
  if (read)
    access.read = read;
  else
    access.assign = cast<qnn::AssignVariableOp>(op);
  return success();
}

const KernelChoice &FunctionPlanner::choiceOf(qnn::LayerOp layer) {
  std::unique_ptr<KernelChoice> &choice = choices[layer];
  if (!choice)
    choice = std::make_unique<KernelChoice>(readKernelAttr(*layer.getKernel()));
  return *choice;
}

InputRequirement FunctionPlanner::requirementOf(const Use &use) {
  InputRequirement requirement = choiceOf(use.layer()).inputs[use.index()];
  requirement.acceptsPadding |= !isZero(requirement.padding);
  return requirement;
}

SmallVector<Use> FunctionPlanner::usesOf(Value storage) {
  SmallVector<Use> uses;
  for (OpOperand &operand : storage.getUses())
    if (isa<qnn::LayerOp>(operand.getOwner()))
      uses.push_back({&operand});
    else if (auto reshape = dyn_cast<qnn::ReshapeOp>(operand.getOwner()))
      llvm::append_range(uses, usesOf(reshape));
  return uses;
}

bool FunctionPlanner::hasReshape(Value storage) {
  return llvm::any_of(storage.getUsers(), [](Operation *user) {
    return isa<qnn::ReshapeOp>(user);
  });
}

/// Whether the storage may have spare elements around H and W.
bool FunctionPlanner::isPaddable(Value storage) {
  auto layer = storage.getDefiningOp<qnn::LayerOp>();
  return layer && choiceOf(layer).producesPadding &&
         cast<RankedTensorType>(storage.getType()).getRank() == 4 &&
         !hasReshape(storage) && !isReturned(storage) && !isAssigned(storage) &&
         llvm::all_of(usesOf(storage), [&](const Use &use) {
           return requirementOf(use).acceptsPadding;
         });
}

//===----------------------------------------------------------------------===//
// Sharing and offsets
//===----------------------------------------------------------------------===//

/// Lets result 0 of `layer` take over the memory of an operand that dies there.
void FunctionPlanner::mergeInPlace(Plan &plan, qnn::LayerOp layer, int64_t step,
                                   Widen widen) {
  const KernelChoice &choice = choiceOf(layer);
  if (layer.getNumResults() == 0)
    return;
  Value result = layer.getResult(0);
  unsigned resultGroup = plan.groupOf.lookup(result);
  // The place of a variable holds the old value until its last reader is done.
  if (plan.groups[resultGroup].space == MemorySpace::State)
    return;
  auto bestCost = std::pair(std::numeric_limits<int64_t>::max(),
                            std::numeric_limits<int64_t>::max());
  Padding bestPad{};
  std::optional<unsigned> best;
  for (int64_t index : choice.inPlaceInputs) {
    if (index < 0 || index >= static_cast<int64_t>(layer.getInputs().size()))
      continue;
    Value operand = storageOf(layer.getInputs()[index]);
    unsigned number = plan.groupOf.lookup(operand);
    const Group &group = plan.groups[number];
    if (group.lastUse != step || group.space != MemorySpace::Arena)
      continue;
    // Another operand in the same memory must allow it too.
    bool isShared = false;
    for (auto [other, value] : llvm::enumerate(layer.getInputs()))
      isShared |= plan.groupOf.lookup(storageOf(value)) == number &&
                  !llvm::is_contained(choice.inPlaceInputs,
                                      static_cast<int64_t>(other));
    if (isShared ||
        qnn::bytesPerElement(operand.getType()) !=
            qnn::bytesPerElement(result.getType()) ||
        planesOf(operand) != planesOf(result) || rowBitsOf(operand) > 0 ||
        rowBitsOf(result) > 0)
      continue;
    Padding pad = plan.pads.lookup(operand),
            resultPad = plan.pads.lookup(result),
            common = maxOf(pad, resultPad);
    if (!isZero(common) &&
        (cast<ShapedType>(layer.getInputs()[index].getType()).getShape() !=
         cast<ShapedType>(result.getType()).getShape()))
      continue;
    if (pad != common &&
        (widen == Widen::Never ||
         !llvm::all_of(group.members, [&](Value v) { return isPaddable(v); })))
      continue;
    if (resultPad != common && (widen == Widen::Never || !isPaddable(result)))
      continue;
    auto cost =
        std::pair(paddedBytes(operand, common) - paddedBytes(operand, pad),
                  paddedBytes(result, common) - paddedBytes(result, resultPad));
    if (widen == Widen::Operand)
      std::swap(cost.first, cost.second);
    if (paddedBytes(operand, common) != paddedBytes(result, common) ||
        cost >= bestCost)
      continue;
    best = number;
    bestCost = cost;
    bestPad = common;
  }
  if (!best)
    return;
  Group &from = plan.groups[*best], &to = plan.groups[resultGroup];
  to.firstUse = from.firstUse;
  llvm::append_range(to.members, from.members);
  for (Value member : from.members)
    plan.groupOf[member] = resultGroup;
  from.members.clear();
  for (Value member : to.members)
    plan.pads[member] = bestPad;
}

/// Which inputs that die in `layer` its only result may lie over, and how.
void FunctionPlanner::findOverlaps(const Plan &plan, qnn::LayerOp layer,
                                   int64_t step,
                                   SmallVectorImpl<Overlap> &overlaps) {
  const KernelChoice &choice = choiceOf(layer);
  if (choice.walks.empty() || layer.getNumResults() != 1)
    return;
  Value result = layer.getResult(0);
  unsigned resultGroup = plan.groupOf.lookup(result);
  const Group &to = plan.groups[resultGroup];
  if (to.space != MemorySpace::Arena || to.firstUse != step)
    return;
  SmallVector<Overlap> found;
  for (const RowWalk &walk : choice.walks) {
    if (walk.input < 0 ||
        walk.input >= static_cast<int64_t>(layer.getInputs().size()))
      continue;
    Value operand = layer.getInputs()[walk.input];
    unsigned number = plan.groupOf.lookup(storageOf(operand));
    const Group &from = plan.groups[number];
    std::optional<OverlapDistance> distance = getOverlapDistance(
        walk, padded(operand, plan.pads.lookup(storageOf(operand))),
        padded(result, plan.pads.lookup(result)));
    // Other operands in the same memory would each have their own window.
    auto isThere = [&](Value value) {
      return plan.groupOf.lookup(storageOf(value)) == number;
    };
    if (!distance || from.space != MemorySpace::Arena || from.lastUse != step ||
        llvm::count_if(layer.getInputs(), isThere) != 1)
      continue;
    found.push_back({layer, resultGroup, number, *distance});
  }
  // Over two inputs, both would have to agree on a direction.
  if (found.size() > 1)
    for (Overlap &overlap : found)
      overlap.distance.behind = std::numeric_limits<int64_t>::max();
  llvm::append_range(overlaps, found);
}

//===----------------------------------------------------------------------===//
// Packed rows
//===----------------------------------------------------------------------===//

int64_t FunctionPlanner::scratchBytesOf(qnn::LayerOp layer) {
  const KernelChoice &choice = choiceOf(layer);
  return scratchWithWindows(layer, choice,
                            choice.scratchFor(planesOf(layer.getResult(0))),
                            [&](Value value) { return rowBitsOf(value) > 0; });
}

/// Whether all that touch the value go by rows, and it is theirs alone.
bool FunctionPlanner::mayPackRows(Value value) {
  auto layer = value.getDefiningOp<qnn::LayerOp>();
  if (!layer || layer.getNumResults() != 1 || packed.contains(value) ||
      !canPackRows(cast<RankedTensorType>(value.getType())) ||
      choiceOf(layer).walks.empty() || isReturned(value) || isAssigned(value))
    return false;
  return !value.use_empty() &&
         llvm::all_of(value.getUses(), [&](OpOperand &operand) {
           auto reader = dyn_cast<qnn::LayerOp>(operand.getOwner());
           if (!reader || llvm::count(reader.getInputs(), value) != 1)
             return false;
           const RowWalk *walk =
               findWalk(choiceOf(reader), operand.getOperandNumber());
           auto result = cast<RankedTensorType>(reader.getResult(0).getType());
           return walk && walk->rows >= 1 && walk->stride >= 1 &&
                  result.getRank() == 4 && result.getDimSize(0) == 1;
         });
}

/// What packing the value costs, of which an eighth of the layers that touch it
/// is the most: RAM is what these machines have least of.
double FunctionPlanner::cyclesToPackRows(Value value) {
  auto producer = value.getDefiningOp<qnn::LayerOp>();
  double cycles = cyclesToPack(producer);
  for (OpOperand &operand : value.getUses()) {
    auto reader = cast<qnn::LayerOp>(operand.getOwner());
    cycles += cyclesToUnpack(
        reader, *findWalk(choiceOf(reader), operand.getOperandNumber()));
  }
  return cycles;
}

void FunctionPlanner::choosePackedRows() {
  if (facts.threads > 1 || packRows == PackRows::Never)
    return;
  SmallVector<Value> candidates;
  for (auto layer : func.getBody().getOps<qnn::LayerOp>()) {
    Value value = layer.getResult(0);
    if (!mayPackRows(value))
      continue;
    double work = choiceOf(layer).cycles;
    for (Operation *reader : value.getUsers())
      work += choiceOf(cast<qnn::LayerOp>(reader)).cycles;
    if (cyclesToPackRows(value) * 8 <= work || packRows != PackRows::Auto)
      candidates.push_back(value);
  }
  if (candidates.empty())
    return;
  int64_t inBytes = makeQuickPlan().arena.total;
  packedRows.insert_range(candidates);
  if (packRows == PackRows::Always)
    return;
  int64_t least = makeQuickPlan().arena.total;
  if (least >= inBytes)
    return packedRows.clear();
  // The dearest stay in bytes first, where that takes no more.
  SmallVector<std::pair<double, size_t>> order;
  for (auto [i, value] : llvm::enumerate(candidates))
    order.emplace_back(-cyclesToPackRows(value), i);
  llvm::sort(order);
  for (auto [cycles, i] : order) {
    Value value = candidates[i];
    packedRows.erase(value);
    if (int64_t total = makeQuickPlan().arena.total; total <= least)
      least = total;
    else
      packedRows.insert(value);
  }
}

FunctionPlanner::Plan FunctionPlanner::makePlan(Widen widen, int64_t limit) {
  Plan plan;
  SmallVector<qnn::LayerOp> layers(func.getBody().getOps<qnn::LayerOp>());
  DenseMap<Operation *, int64_t> stepOf;
  for (auto [step, layer] : llvm::enumerate(layers))
    stepOf[layer] = static_cast<int64_t>(step);
  int64_t end = static_cast<int64_t>(layers.size());

  auto addStorage = [&](Value value, int64_t definition) -> Group & {
    Group group;
    group.members = {value};
    group.firstUse = group.lastUse = definition;
    Padding pad{};
    SmallVector<Use> uses = usesOf(value);
    for (const Use &use : uses)
      group.lastUse = std::max(group.lastUse, stepOf.lookup(use.layer()));
    if (isPaddable(value) && rowBitsOf(value) == 0)
      for (const Use &use : uses)
        pad = maxOf(pad, requirementOf(use).padding);
    plan.pads[value] = pad;
    plan.groupOf[value] = plan.groups.size();
    return plan.groups.emplace_back(std::move(group));
  };
  for (BlockArgument argument : func.getArguments()) {
    Group &group = addStorage(argument, -1);
    if (!ioInArena) {
      group.space = MemorySpace::Input;
      group.index = argument.getArgNumber();
    }
  }
  for (qnn::LayerOp layer : layers)
    for (Value result : layer.getResults())
      addStorage(result, stepOf.lookup(layer));
  for (auto [index, value] : llvm::enumerate(terminator.getOperands())) {
    Group &group = plan.groups[plan.groupOf.lookup(storageOf(value))];
    group.lastUse = end;
    if (!ioInArena) {
      group.space = MemorySpace::Output;
      group.index = static_cast<int64_t>(index);
    }
  }
  for (auto &entry : accesses) {
    Access &access = entry.second;
    auto place = [&](Group &group) {
      group.space = MemorySpace::State;
      group.index = 0;
      group.offset = access.offset;
    };
    if (access.read) {
      Group &group = addStorage(access.read, -1);
      place(group);
      if (!access.assign)
        group.lastUse = end;
    }
    if (access.assign) {
      Value storage = storageOf(access.assign.getValue());
      Group &group = plan.groups[plan.groupOf.lookup(storage)];
      place(group);
      group.lastUse = end;
    }
  }
  for (qnn::LayerOp layer : layers)
    mergeInPlace(plan, layer, stepOf.lookup(layer), widen);

  int64_t align = arenaAlign(facts);
  std::vector<ArenaBuffer> buffers;
  std::vector<Group *> owners;
  SmallVector<Operation *> scratchOwners;
  for (Group &group : plan.groups) {
    if (group.members.empty())
      continue;
    group.bytes = paddedBytes(group.members.front(),
                              plan.pads.lookup(group.members.front()));
    if (group.space != MemorySpace::Arena)
      continue;
    buffers.push_back({group.bytes, align, group.firstUse, group.lastUse});
    owners.push_back(&group);
  }
  for (qnn::LayerOp layer : layers)
    if (int64_t bytes = scratchBytesOf(layer)) {
      buffers.push_back(
          {bytes, align, stepOf.lookup(layer), stepOf.lookup(layer)});
      scratchOwners.push_back(layer);
    }
  DenseMap<unsigned, size_t> bufferOf;
  for (auto [index, owner] : llvm::enumerate(owners))
    bufferOf[owner - plan.groups.data()] = index;
  SmallVector<Overlap> overlaps;
  for (qnn::LayerOp layer : layers)
    findOverlaps(plan, layer, stepOf.lookup(layer), overlaps);
  std::vector<ArenaOverlap> mayOverlap;
  for (const Overlap &overlap : overlaps)
    mayOverlap.push_back({bufferOf.lookup(overlap.result),
                          bufferOf.lookup(overlap.input),
                          overlap.distance.before, overlap.distance.behind});
  // A gap below the alignment, and what cannot beat `limit`, need no search.
  plan.arena = planArena(buffers, mayOverlap, /*workBudget=*/0);
  if (plan.arena.total - plan.arena.lowerBound >= align &&
      plan.arena.lowerBound < limit && facts.threads == 1)
    plan.arena = planArena(buffers, mayOverlap);
  separateForFree(buffers, mayOverlap, plan.arena);
  if (facts.threads > 1)
    plan.arena = planCentred(buffers);
  for (auto [group, offset] : llvm::zip(owners, plan.arena.offsets))
    group->offset = offset;
  for (auto [index, layer] : llvm::enumerate(scratchOwners))
    plan.scratchOffsets[layer] = plan.arena.offsets[owners.size() + index];
  for (const Overlap &overlap : overlaps) {
    Group &to = plan.groups[overlap.result], &from = plan.groups[overlap.input];
    if (to.offset < from.offset + from.bytes &&
        from.offset < to.offset + to.bytes &&
        from.offset - to.offset < overlap.distance.before)
      plan.descending.insert(overlap.layer);
  }
  return plan;
}

//===----------------------------------------------------------------------===//
// Result
//===----------------------------------------------------------------------===//

void FunctionPlanner::write(const Plan &plan) {
  Builder builder(func.getContext());
  auto bufferOf = [&](Value value) {
    Value storage = storageOf(value);
    const Group &group = plan.groups[plan.groupOf.lookup(storage)];
    Padding pad = plan.pads.lookup(storage);
    return BufferAttr::get(
        func.getContext(), group.space, group.index, group.offset,
        isZero(pad) ? ArrayRef<int64_t>() : ArrayRef<int64_t>(pad),
        planesOf(value), rowBitsOf(value));
  };
  for (auto layer : func.getBody().getOps<qnn::LayerOp>()) {
    SmallVector<Attribute> buffers;
    for (Value result : layer.getResults())
      buffers.push_back(bufferOf(result));
    layer.setBuffersAttr(builder.getArrayAttr(buffers));
    if (auto it = plan.scratchOffsets.find(layer);
        it != plan.scratchOffsets.end())
      layer->setAttr(attr::scratchOffset,
                     builder.getI64IntegerAttr(it->second));
    else
      layer->removeAttr(attr::scratchOffset);
    if (plan.descending.contains(layer))
      layer->setAttr(attr::descending, builder.getUnitAttr());
    else
      layer->removeAttr(attr::descending);
  }
  for (BlockArgument argument : func.getArguments())
    func.setArgAttr(argument.getArgNumber(), attr::buffer, bufferOf(argument));
  for (auto [index, value] : llvm::enumerate(terminator.getOperands()))
    func.setResultAttr(index, attr::buffer, bufferOf(value));
  func->setAttr(attr::arenaBytes, builder.getI64IntegerAttr(plan.arena.total));
  for (auto &[name, access] : accesses)
    access.variable->setAttr(
        attr::buffer, BufferAttr::get(func.getContext(), MemorySpace::State, 0,
                                      access.offset, {}));
  if (stateBytes > 0)
    func->setAttr(attr::stateBytes, builder.getI64IntegerAttr(stateBytes));
  else
    func->removeAttr(attr::stateBytes);
  remark::passed(func.getLoc(),
                 remark::RemarkOpts::name("arena").category("qnn-plan-memory"))
      << (func.getSymName() + ": arena of " + std::to_string(plan.arena.total) +
          " bytes, " +
          (plan.arena.optimal
               ? std::string("the least for these lifetimes")
               : std::to_string(plan.arena.total - plan.arena.lowerBound) +
                     " above the lower bound " +
                     std::to_string(plan.arena.lowerBound)) +
          (stateBytes > 0
               ? "; state of " + std::to_string(stateBytes) + " bytes"
               : std::string()))
             .str();
}

/// One after the other: all of them live all the time.
void FunctionPlanner::placeVariables() {
  for (auto &[name, access] : accesses) {
    access.offset = llvm::alignTo(stateBytes, arenaAlign(facts));
    stateBytes = access.offset + qnn::bytesOf(access.variable.getType());
  }
}

/// Fails when the machine has no addresses for what is planned.
LogicalResult FunctionPlanner::checkSizes(const Plan &plan) {
  int64_t most = facts.indexBits == 32 ? std::numeric_limits<int32_t>::max()
                                       : kMostBytes - 1;
  auto check = [&](int64_t bytes, StringRef what) -> LogicalResult {
    if (bytes <= most)
      return success();
    return func.emitError("the ")
           << what << (bytes < kMostBytes ? " takes " : " takes at least ")
           << bytes << " bytes, more than the " << most
           << " that the target addresses";
  };
  for (Type type : func.getArgumentTypes())
    if (failed(check(qnn::bytesOf(type), "input")))
      return failure();
  for (Type type : func.getResultTypes())
    if (failed(check(qnn::bytesOf(type), "output")))
      return failure();
  if (failed(check(stateBytes, "state")))
    return failure();
  return check(plan.arena.total, "arena");
}

LogicalResult FunctionPlanner::run() {
  if (failed(check()) || failed(separateReturned()) ||
      failed(separateAssigned()) || failed(insertPackingCopies()) ||
      failed(insertPaddingCopies()))
    return failure();
  placeVariables();
  choosePackedRows();
  Plan best = makePlan(Widen::Never, std::numeric_limits<int64_t>::max());
  for (Widen widen : {Widen::Result, Widen::Operand}) {
    Plan plan = makePlan(widen, best.arena.total);
    if (plan.arena.total < best.arena.total)
      best = std::move(plan);
  }
  if (failed(checkSizes(best)))
    return failure();
  write(best);
  return success();
}

//===----------------------------------------------------------------------===//
// Pass
//===----------------------------------------------------------------------===//

namespace {

struct PlanMemoryPass : qcc::impl::PlanMemoryBase<PlanMemoryPass> {
  using PlanMemoryBase::PlanMemoryBase;
  std::shared_ptr<const KernelSet> kernels;

  std::optional<PackRows> whenToPack;

  LogicalResult initialize(MLIRContext *context) override {
    if (!kernels)
      kernels = makeKernelSet();
    whenToPack = llvm::StringSwitch<std::optional<PackRows>>(packRows)
                     .Case("auto", PackRows::Auto)
                     .Case("smaller", PackRows::Smaller)
                     .Case("always", PackRows::Always)
                     .Case("never", PackRows::Never)
                     .Default(std::nullopt);
    if (!whenToPack)
      return emitError(UnknownLoc::get(context), "pack-rows is '")
             << packRows << "', expected auto, smaller, always or never";
    return success();
  }

  void runOnOperation() override {
    FailureOr<TargetFacts> facts = readTargetFacts(getOperation());
    if (failed(facts))
      return signalPassFailure();
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      if (!func.isPublic() || func.isExternal())
        continue;
      FunctionPlanner planner(func, *facts, *kernels, ioInArena, *whenToPack);
      if (failed(planner.run()))
        return signalPassFailure();
      numCopies += planner.numCopies;
    }
  }
};

} // namespace

std::unique_ptr<Pass>
qcc::createPlanMemory(PlanMemoryOptions options,
                      std::shared_ptr<const KernelSet> kernels) {
  auto pass = std::make_unique<PlanMemoryPass>(std::move(options));
  pass->kernels = std::move(kernels);
  return pass;
}
