// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-forward-state: models read and assign variables wherever they like; after
// this pass each is read at most once, before it is assigned at most once,
// which is all that a run does to memory that outlives it.

#include "qcc/Dialect/QNN/IR/QNN.h"
#include "qcc/Dialect/QNN/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

#include "llvm/ADT/MapVector.h"

namespace qcc::qnn {
#define GEN_PASS_DEF_FORWARDSTATE
#include "qcc/Dialect/QNN/Transforms/Passes.h.inc"
} // namespace qcc::qnn

using namespace mlir;
using namespace qcc::qnn;

namespace {

/// What one function does to one variable.
struct Access {
  ReadVariableOp read;
  AssignVariableOp assign;
};

struct ForwardStatePass : qcc::qnn::impl::ForwardStateBase<ForwardStatePass> {
  void runOnOperation() override {
    DenseSet<StringAttr> read, assigned;
    SmallVector<Access> accesses;
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (!func.isExternal() && func.getBody().hasOneBlock())
        for (auto &[name, access] : forward(func.getBody().front())) {
          if (access.read)
            read.insert(name);
          if (access.assign)
            assigned.insert(name);
          accesses.push_back(access);
        }
    SymbolTable symbols(getOperation());
    for (Access access : accesses) {
      if (access.assign &&
          !read.contains(access.assign.getVariableAttr().getAttr()))
        access.assign.erase();
      if (!access.read ||
          assigned.contains(access.read.getVariableAttr().getAttr()))
        continue;
      // Never assigned: it holds its first value for ever.
      auto variable = symbols.lookup<VariableOp>(access.read.getVariable());
      OpBuilder builder(access.read);
      access.read.replaceAllUsesWith(
          ConstantOp::create(builder, access.read.getLoc(),
                             access.read.getType(), variable.getValue())
              .getResult());
      access.read.erase();
    }
    for (auto variable :
         llvm::make_early_inc_range(getOperation().getOps<VariableOp>())) {
      StringAttr name = variable.getSymNameAttr();
      if (read.contains(name) && assigned.contains(name))
        continue;
      variable.erase();
      ++numErased;
    }
  }

private:
  llvm::MapVector<StringAttr, Access> forward(Block &block) {
    llvm::MapVector<StringAttr, Access> accesses;
    DenseMap<StringAttr, Value> current;
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (auto read = dyn_cast<ReadVariableOp>(op)) {
        StringAttr name = read.getVariableAttr().getAttr();
        if (Value value = current.lookup(name)) {
          read.replaceAllUsesWith(value);
          read.erase();
          ++numForwarded;
        } else if (read.use_empty()) {
          read.erase();
        } else {
          current[name] = read;
          accesses[name].read = read;
        }
      } else if (auto assign = dyn_cast<AssignVariableOp>(op)) {
        Access &access = accesses[assign.getVariableAttr().getAttr()];
        if (access.assign)
          access.assign.erase();
        access.assign = assign;
        current[assign.getVariableAttr().getAttr()] = assign.getValue();
      }
    }
    // An assignment of what was read changes nothing.
    for (auto &[name, access] : accesses)
      if (access.assign && access.read &&
          access.assign.getValue() == access.read.getResult()) {
        access.assign.erase();
        access.assign = nullptr;
        if (access.read.use_empty()) {
          access.read.erase();
          access.read = nullptr;
        }
      }
    return accesses;
  }
};

} // namespace
