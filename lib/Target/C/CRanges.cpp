// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Upstream's integer range analysis, which knows loops and conversions, and
// what it does not know: the values in constant tables.

#include "CRanges.h"
#include "mlir/Analysis/DataFlow/ConstantPropagationAnalysis.h"
#include "mlir/Analysis/DataFlow/DeadCodeAnalysis.h"
#include "mlir/Analysis/DataFlow/IntegerRangeAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace mlir::dataflow;

namespace qcc::c {
namespace {

class TableRangeAnalysis : public IntegerRangeAnalysis {
public:
  using IntegerRangeAnalysis::IntegerRangeAnalysis;

  LogicalResult
  visitOperation(Operation *op,
                 ArrayRef<const IntegerValueRangeLattice *> operands,
                 ArrayRef<IntegerValueRangeLattice *> results) override {
    auto load = dyn_cast<memref::LoadOp>(op);
    auto table = load ? load.getMemRef().getDefiningOp<memref::GetGlobalOp>()
                      : memref::GetGlobalOp();
    const ConstantIntRanges *range = table ? rangeOf(table) : nullptr;
    if (!range)
      return IntegerRangeAnalysis::visitOperation(op, operands, results);
    propagateIfChanged(results[0], results[0]->join(IntegerValueRange(*range)));
    return success();
  }

private:
  /// Bounds of all values in a constant table, or null.
  const ConstantIntRanges *rangeOf(memref::GetGlobalOp op) {
    auto [entry, isNew] = ranges.try_emplace(op.getNameAttr());
    if (!isNew)
      return entry->second ? &*entry->second : nullptr;
    auto global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
        op, op.getNameAttr());
    auto values = global && global.getConstant()
                      ? dyn_cast_if_present<DenseIntElementsAttr>(
                            global.getInitialValueAttr())
                      : DenseIntElementsAttr();
    if (!values || values.empty())
      return nullptr;
    APInt lo = *values.begin(), hi = lo;
    for (const APInt &value : values) {
      lo = value.slt(lo) ? value : lo;
      hi = value.sgt(hi) ? value : hi;
    }
    entry->second = ConstantIntRanges::fromSigned(lo, hi);
    return &*entry->second;
  }

  DenseMap<Attribute, std::optional<ConstantIntRanges>> ranges;
};

} // namespace

unsigned widthOf(Type type) {
  return type.isIndex() ? 32 : type.getIntOrFloatBitWidth();
}

Ranges::Ranges(ModuleOp module) {
  for (auto func : module.getOps<func::FuncOp>()) {
    if (func.isDeclaration())
      continue;
    auto solver = std::make_unique<DataFlowSolver>();
    solver->load<DeadCodeAnalysis>();
    solver->load<SparseConstantPropagation>();
    solver->load<TableRangeAnalysis>();
    // Without a result every interval is its type's.
    if (succeeded(solver->initializeAndRun(func)))
      solvers[func] = std::move(solver);
  }
}

Ranges::Interval Ranges::of(Value value) const {
  unsigned width = widthOf(value.getType());
  Interval whole = {llvm::minIntN(width), llvm::maxIntN(width)};
  auto solver =
      solvers.find(value.getParentRegion()->getParentOfType<func::FuncOp>());
  if (solver == solvers.end())
    return whole;
  const auto *state =
      solver->second->lookupState<IntegerValueRangeLattice>(value);
  if (!state || state->getValue().isUninitialized())
    return whole;
  const ConstantIntRanges &range = state->getValue().getValue();
  if (range.smin().getBitWidth() > 64)
    return whole;
  Interval found = {range.smin().getSExtValue(), range.smax().getSExtValue()};
  // An index beyond 32 bits wraps.
  bool fits = found.lo >= whole.lo && found.hi <= whole.hi;
  return fits ? found : whole;
}

bool Ranges::mayOverflow(Operation *op) const {
  auto flags = dyn_cast<arith::ArithIntegerOverflowFlagsInterface>(op);
  if (flags && flags.hasNoSignedWrap())
    return false;
  using Wide = __int128;
  Interval a = of(op->getOperand(0)), b = of(op->getOperand(1));
  Wide lo, hi;
  if (isa<arith::AddIOp>(op)) {
    lo = Wide(a.lo) + b.lo, hi = Wide(a.hi) + b.hi;
  } else if (isa<arith::SubIOp>(op)) {
    lo = Wide(a.lo) - b.hi, hi = Wide(a.hi) - b.lo;
  } else {
    // A shift multiplies by a power of two.
    if (isa<arith::ShLIOp>(op)) {
      if (b.lo < 0 || b.hi > 62)
        return true;
      b = {int64_t{1} << b.lo, int64_t{1} << b.hi};
    }
    Wide corners[] = {Wide(a.lo) * b.lo, Wide(a.lo) * b.hi, Wide(a.hi) * b.lo,
                      Wide(a.hi) * b.hi};
    lo = *std::min_element(corners, corners + 4);
    hi = *std::max_element(corners, corners + 4);
  }
  unsigned width = widthOf(op->getResult(0).getType());
  return lo < llvm::minIntN(width) || hi > llvm::maxIntN(width);
}

} // namespace qcc::c
