// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From scf.parallel to calls of the parallel-for that the caller gives: its
// body becomes a function, and what the body uses travels through a struct on
// the stack. The two passes stand before and behind the conversion to LLVM, so
// that functions of memrefs and their calls are converted like all others.

#include "qcc/Conversion/Passes.h"
#include "qcc/Dialect/QNN/IR/QNN.h"
#include "qcc/Target/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;

namespace qcc {

#define GEN_PASS_DEF_OUTLINEPARALLEL
#define GEN_PASS_DEF_LOWERPARALLELCALLS
#include "qcc/Target/Passes.h.inc"

namespace {

/// On a call: how many shares it is divided into.
constexpr llvm::StringLiteral kShares = "qcc.shares";

class OutlineParallelPass
    : public impl::OutlineParallelBase<OutlineParallelPass> {
public:
  using OutlineParallelBase::OutlineParallelBase;

  void runOnOperation() override {
    for (auto func :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
      SmallVector<scf::ParallelOp> loops;
      func.walk([&](scf::ParallelOp op) { loops.push_back(op); });
      for (auto [number, op] : llvm::enumerate(loops))
        if (failed(outline(func, op, number)))
          return signalPassFailure();
    }
  }

private:
  LogicalResult outline(func::FuncOp func, scf::ParallelOp op, size_t number) {
    std::optional<int64_t> shares;
    if (op.getNumLoops() == 1 && op.getInitVals().empty() &&
        isConstantIntValue(op.getLowerBound()[0], 0) &&
        isConstantIntValue(op.getStep()[0], 1))
      shares = getConstantIntValue(op.getUpperBound()[0]);
    unsigned arguments = func.getNumArguments();
    if (!shares || op->getParentOp() != func || arguments == 0 ||
        !func.getArgAttr(arguments - 1, attr::parallel))
      return op.emitOpError()
             << "cannot be divided: expected one dimension from 0 by 1 with a "
                "constant end, in the body of a function whose last argument "
                "is marked '"
             << attr::parallel << "'";

    // Constants and tables are cheaper to make again than to pass on.
    SetVector<Value> used;
    getUsedValuesDefinedAbove(op.getRegion(), used);
    SmallVector<Value> captured;
    SmallVector<Operation *> remade;
    for (Value value : used) {
      Operation *definition = value.getDefiningOp();
      if (definition && (definition->hasTrait<OpTrait::ConstantLike>() ||
                         isa<memref::GetGlobalOp>(definition)))
        remade.push_back(definition);
      else
        captured.push_back(value);
    }

    OpBuilder builder(func);
    SmallVector<Type> types = llvm::map_to_vector(
        captured, [](Value value) { return value.getType(); });
    types.append(2, builder.getIndexType());
    auto part = func::FuncOp::create(
        builder, op.getLoc(), (func.getName() + ".part" + Twine(number)).str(),
        builder.getFunctionType(types, {}));
    part.setPrivate();
    for (auto [i, value] : llvm::enumerate(captured))
      if (auto argument = dyn_cast<BlockArgument>(value))
        if (Attribute noAlias =
                func.getArgAttr(argument.getArgNumber(),
                                LLVM::LLVMDialect::getNoAliasAttrName()))
          part.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(), noAlias);

    Block *entry = part.addEntryBlock();
    IRMapping map;
    for (auto [value, argument] : llvm::zip(captured, entry->getArguments()))
      map.map(value, argument);
    Value first = entry->getArguments().drop_back().back();
    map.map(op.getInductionVars()[0], first);
    OpBuilder body = OpBuilder::atBlockEnd(entry);
    for (Operation *definition : remade)
      body.clone(*definition, map);
    for (Operation &inner : op.getBody()->without_terminator())
      body.clone(inner, map);
    func::ReturnOp::create(body, op.getLoc());
    bool hasEnd = false;
    for (auto end :
         llvm::make_early_inc_range(part.getBody().getOps<qnn::ShareEndOp>())) {
      if (end.getFirst() != first)
        return end.emitOpError("is of other shares than those of the loop");
      end.replaceAllUsesWith(entry->getArguments().back());
      end.erase();
      hasEnd = true;
    }
    if (!hasEnd)
      return op.emitOpError() << "is written for one share at a time: it has "
                                 "no 'qnn.share_end'";

    builder.setInsertionPoint(op);
    captured.push_back(op.getLowerBound()[0]);
    captured.push_back(op.getUpperBound()[0]);
    auto call = func::CallOp::create(builder, op.getLoc(), part, captured);
    call->setAttr(kShares,
                  builder.getI32IntegerAttr(static_cast<int32_t>(*shares)));
    op.erase();
    return success();
  }
};

class LowerParallelCallsPass
    : public impl::LowerParallelCallsBase<LowerParallelCallsPass> {
public:
  using LowerParallelCallsBase::LowerParallelCallsBase;

  void runOnOperation() override {
    SmallVector<LLVM::CallOp> calls;
    getOperation().walk([&](LLVM::CallOp call) {
      if (call->hasAttr(kShares))
        calls.push_back(call);
    });
    for (LLVM::CallOp call : calls)
      if (failed(lower(call)))
        return signalPassFailure();
    // It has done its work, and LLVM does not know it.
    for (auto func : getOperation().getOps<LLVM::LLVMFuncOp>())
      if (unsigned count = func.getNumArguments())
        func.removeArgAttr(count - 1, attr::parallel);
  }

private:
  LogicalResult lower(LLVM::CallOp call) {
    auto func = call->getParentOfType<LLVM::LLVMFuncOp>();
    auto part =
        call.getCallee()
            ? getOperation().lookupSymbol<LLVM::LLVMFuncOp>(*call.getCallee())
            : nullptr;
    auto shares = call->getAttrOfType<IntegerAttr>(kShares);
    if (!part || !shares || call->getNumOperands() < 2 ||
        func.getNumArguments() == 0 ||
        !func.getArgAttr(func.getNumArguments() - 1, attr::parallel))
      return call.emitOpError("is no call of a part in a function that is "
                              "given a parallel-for");

    Location loc = call.getLoc();
    MLIRContext *context = &getContext();
    auto pointer = LLVM::LLVMPointerType::get(context);
    Type i32 = IntegerType::get(context, 32);
    ValueRange operands = call.getArgOperands().drop_back(2);
    auto packed = LLVM::LLVMStructType::getLiteral(
        context, llvm::to_vector(operands.getTypes()));
    auto field = [&](OpBuilder &b, Value base, size_t i) -> Value {
      return LLVM::GEPOp::create(
          b, loc, pointer, packed, base,
          ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(i)});
    };

    // What `run` calls: it unpacks the operands.
    OpBuilder builder(part);
    auto body = LLVM::LLVMFuncOp::create(
        builder, loc, (part.getName() + ".body").str(),
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(context),
                                    {pointer, i32, i32}),
        LLVM::Linkage::Internal);
    OpBuilder inner = OpBuilder::atBlockBegin(body.addEntryBlock(builder));
    SmallVector<Value> arguments;
    for (auto [i, type] : llvm::enumerate(packed.getBody()))
      arguments.push_back(LLVM::LoadOp::create(
          inner, loc, type, field(inner, body.getArgument(0), i)));
    for (Value bound : body.getArguments().drop_front()) {
      if (Type index = call.getArgOperands().back().getType(); index != i32)
        bound = LLVM::ZExtOp::create(inner, loc, index, bound);
      arguments.push_back(bound);
    }
    LLVM::CallOp::create(inner, loc, part, arguments);
    LLVM::ReturnOp::create(inner, loc, ValueRange());

    OpBuilder entry = OpBuilder::atBlockBegin(&func.getBody().front());
    Value one = LLVM::ConstantOp::create(entry, loc, i32, 1);
    Value space = LLVM::AllocaOp::create(entry, loc, pointer, packed, one);
    OpBuilder b(call);
    for (auto [i, value] : llvm::enumerate(operands))
      LLVM::StoreOp::create(b, loc, value, field(b, space, i));
    // Its first field is `run`.
    Value parallel = func.getArgument(func.getNumArguments() - 1);
    Value run = LLVM::LoadOp::create(b, loc, pointer, parallel);
    Value address = LLVM::AddressOfOp::create(b, loc, body);
    Value count = LLVM::ConstantOp::create(b, loc, shares);
    LLVM::CallOp::create(
        b, loc,
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(context),
                                    {pointer, pointer, pointer, i32}),
        ValueRange{run, parallel, address, space, count});
    call.erase();
    return success();
  }
};

} // namespace
} // namespace qcc
