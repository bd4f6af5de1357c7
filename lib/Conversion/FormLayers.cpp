// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-form-layers: every operation that computes becomes a `qnn.layer` with
// constants of its own. Layers are the unit of kernel selection, memory
// planning and generated functions; fusion makes fewer, larger ones.

#include "qcc/Conversion/Passes.h"
#include "qcc/Reference/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

#include "llvm/ADT/SetVector.h"

namespace qcc {
#define GEN_PASS_DEF_FORMLAYERS
#include "qcc/Conversion/Passes.h.inc"
} // namespace qcc

using namespace mlir;
using namespace qcc;

namespace {

struct FormLayersPass : qcc::impl::FormLayersBase<FormLayersPass> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      unsigned count = 0;
      SmallVector<Operation *> ops;
      for (Operation &op : func.getBody().getOps())
        if (reference::isGraphOp(&op) &&
            !isa<qnn::ConstantOp, qnn::ReshapeOp, qnn::LayerOp,
                 qnn::ReadVariableOp, qnn::AssignVariableOp>(op))
          ops.push_back(&op);
      for (Operation *op : ops)
        wrap(op, count++);
      numLayers += count;
      // Constants now live inside the layers.
      for (auto constant :
           llvm::make_early_inc_range(func.getBody().getOps<qnn::ConstantOp>()))
        if (constant->use_empty())
          constant.erase();
    }
  }

  static void wrap(Operation *op, unsigned number) {
    OpBuilder builder(op);
    SetVector<Value> inputs;
    for (Value operand : op->getOperands())
      if (!operand.getDefiningOp<qnn::ConstantOp>())
        inputs.insert(operand);
    std::string name =
        (op->getName().stripDialect() + "_" + Twine(number)).str();
    auto layer = qnn::LayerOp::create(
        builder, op->getLoc(), op->getResultTypes(), name, inputs.getArrayRef(),
        qnn::KernelAttr(), ArrayAttr());
    Block *body = builder.createBlock(&layer.getBody());
    IRMapping mapping;
    for (Value input : inputs)
      mapping.map(input, body->addArgument(input.getType(), input.getLoc()));
    for (Value operand : op->getOperands())
      if (auto constant = operand.getDefiningOp<qnn::ConstantOp>();
          constant && !mapping.contains(operand))
        builder.clone(*constant, mapping);
    Operation *clone = builder.clone(*op, mapping);
    qnn::YieldOp::create(builder, op->getLoc(), clone->getResults());
    op->replaceAllUsesWith(layer.getResults());
    op->erase();
  }
};

} // namespace
