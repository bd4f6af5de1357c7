// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The contracts between the stages, as checks: what a later stage may take for
// granted is named here, so that a pass of somebody else's in between is told
// what it broke.

#include "qcc/Conversion/Passes.h"
#include "qcc/Conversion/TargetAttr.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Pipelines/Pipelines.h"
#include "qcc/Reference/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/SymbolTable.h"

namespace qcc {
#define GEN_PASS_DEF_VERIFYSTAGE
#include "qcc/Pipelines/Passes.h.inc"
} // namespace qcc

using namespace mlir;

namespace qcc {
namespace {

LogicalResult verifyFunctionTypes(func::FuncOp func) {
  for (auto [index, type] : llvm::enumerate(func.getArgumentTypes()))
    if (!isa<RankedTensorType>(type) ||
        !cast<RankedTensorType>(type).hasStaticShape())
      return func.emitError("argument ")
             << index << " is " << type << ", expected a static tensor";
  for (auto [index, type] : llvm::enumerate(func.getResultTypes()))
    if (!isa<RankedTensorType>(type) ||
        !cast<RankedTensorType>(type).hasStaticShape())
      return func.emitError("result ")
             << index << " is " << type << ", expected a static tensor";
  return success();
}

/// As large as a .tflite file's may be: sizes in bytes are counted without
/// overflow everywhere after this.
LogicalResult verifySizes(Operation &op, TypeRange types) {
  constexpr double most = 2147483648.0;
  for (Type type : types) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !tensor.hasStaticShape())
      continue;
    Type storage = qnn::storageTypeOf(tensor.getElementType());
    double bytes =
        storage.isIntOrFloat() ? (storage.getIntOrFloatBitWidth() + 7) / 8 : 8;
    for (int64_t extent : tensor.getShape())
      bytes *= static_cast<double>(extent);
    if (bytes > most)
      return op.emitError("a tensor of type ")
             << type << " is larger than 2147483648 bytes";
  }
  return success();
}

/// Functions with bodies of `qnn` operations that return.
LogicalResult verifyImport(ModuleOp module) {
  for (Operation &op : *module.getBody())
    if (auto func = dyn_cast<func::FuncOp>(op);
        func ? func.isDeclaration() : !isa<qnn::VariableOp>(op))
      return op.emitError("a model's module holds functions with bodies, not '")
             << op.getName() << "'; of the stages, those to schedule are read";
  for (Operation &op : *module.getBody()) {
    auto func = dyn_cast<func::FuncOp>(op);
    if (!func) {
      if (failed(verifySizes(op, cast<qnn::VariableOp>(op).getType())))
        return failure();
      continue;
    }
    if (failed(verifyFunctionTypes(func)) ||
        failed(verifySizes(op, func.getArgumentTypes())))
      return failure();
    for (Operation &inner : func.getBody().getOps()) {
      if (failed(verifySizes(inner, inner.getResultTypes())))
        return failure();
      if (!reference::isGraphOp(&inner) && !isa<func::ReturnOp>(inner))
        return inner.emitError("operation '")
               << inner.getName()
               << "' is not of the qnn dialect, and does not say what it "
                  "computes";
    }
  }
  return success();
}

LogicalResult verifyOptimize(ModuleOp module) {
  if (failed(verifyImport(module)))
    return failure();
  WalkResult result = module.walk([](qnn::ConstantOp constant) {
    if (!constant->use_empty())
      return WalkResult::advance();
    constant.emitError("a constant without a use is left after optimization");
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

LogicalResult verifySelect(ModuleOp module) {
  if (failed(verifyImport(module)) || failed(readTargetFacts(module)))
    return failure();
  for (auto func : module.getOps<func::FuncOp>())
    for (Operation &op : func.getBody().getOps()) {
      auto layer = dyn_cast<qnn::LayerOp>(op);
      if (layer && !layer.getKernel())
        return layer.emitError("layer '")
               << layer.getLayerName() << "' has no kernel";
      if (!layer && !isa<qnn::ConstantOp, qnn::ReshapeOp, qnn::ReadVariableOp,
                         qnn::AssignVariableOp, func::ReturnOp>(op))
        return op.emitError("operation '")
               << op.getName() << "' is in no layer after kernel selection";
    }
  return success();
}

/// Bytes that `buffer` reaches to from the start of its space.
int64_t endOf(qnn::BufferAttr buffer, RankedTensorType type) {
  if (buffer.getRowBits() > 0 && type.getRank() == 4 && qnn::rowCodeOf(type))
    return buffer.getOffset() + type.getDimSize(1) * qnn::packedRowBytes(type);
  int64_t pixels = 1;
  for (int64_t extent :
       type.getRank() == 0 ? ArrayRef<int64_t>() : type.getShape().drop_back())
    pixels *= extent;
  ArrayRef<int64_t> pad = buffer.getPad();
  if (pad.size() == 4 && type.getRank() == 4)
    pixels = type.getDimSize(0) * (type.getDimSize(1) + pad[0] + pad[1]) *
             (type.getDimSize(2) + pad[2] + pad[3]);
  return buffer.getOffset() +
         pixels * qnn::pixelBytes(type, buffer.getPlanes());
}

LogicalResult verifyBuffer(Operation *op, Attribute attribute, Type type,
                           int64_t arenaBytes, int64_t stateBytes,
                           const Twine &what) {
  auto buffer = dyn_cast_or_null<qnn::BufferAttr>(attribute);
  if (!buffer)
    return op->emitError() << what << " has no buffer after scheduling";
  int64_t end = endOf(buffer, cast<RankedTensorType>(type));
  bool isState = buffer.getSpace() == qnn::MemorySpace::State;
  int64_t bytes = isState ? stateBytes : arenaBytes;
  if (buffer.getOffset() < 0 ||
      ((isState || buffer.getSpace() == qnn::MemorySpace::Arena) &&
       end > bytes))
    return op->emitError() << what << " lies at bytes " << buffer.getOffset()
                           << " to " << end << " of "
                           << (isState ? "a state of " : "an arena of ")
                           << bytes;
  return success();
}

LogicalResult verifySchedule(ModuleOp module) {
  if (failed(verifySelect(module)))
    return failure();
  for (auto func : module.getOps<func::FuncOp>()) {
    auto bytes = func->getAttrOfType<IntegerAttr>(attr::arenaBytes);
    if (!bytes || bytes.getInt() < 0)
      return func.emitError("'") << attr::arenaBytes << "' is missing";
    int64_t arena = bytes.getInt(), state = 0;
    if (auto stateBytes = func->getAttrOfType<IntegerAttr>(attr::stateBytes))
      state = stateBytes.getInt();
    for (auto variable : module.getOps<qnn::VariableOp>())
      if (failed(verifyBuffer(variable, variable->getAttr(attr::buffer),
                              variable.getType(), arena, state,
                              "variable '" + variable.getSymName() + "'")))
        return failure();
    for (auto [index, type] : llvm::enumerate(func.getArgumentTypes()))
      if (failed(verifyBuffer(func, func.getArgAttr(index, attr::buffer), type,
                              arena, state, "argument " + Twine(index))))
        return failure();
    for (auto [index, type] : llvm::enumerate(func.getResultTypes()))
      if (failed(verifyBuffer(func, func.getResultAttr(index, attr::buffer),
                              type, arena, state, "result " + Twine(index))))
        return failure();
    for (auto layer : func.getOps<qnn::LayerOp>())
      for (OpResult result : layer->getResults())
        if (failed(verifyBuffer(
                layer,
                layer.getBuffers()
                    ? (*layer.getBuffers())[result.getResultNumber()]
                    : Attribute(),
                result.getType(), arena, state,
                "layer '" + Twine(layer.getLayerName()) + "'")))
          return failure();
  }
  return success();
}

LogicalResult verifyLoops(ModuleOp module) {
  SymbolTable symbols(module);
  WalkResult result = module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa_and_nonnull<qnn::QNNDialect>(op->getDialect()) &&
        !isa<qnn::ShareEndOp>(op)) {
      op->emitError("operation '")
          << op->getName() << "' is left after the lowering to loops";
      return WalkResult::interrupt();
    }
    for (Type type : op->getResultTypes())
      if (isa<TensorType>(type)) {
        op->emitError("a tensor is left after the lowering to loops");
        return WalkResult::interrupt();
      }
    if (auto call = dyn_cast<func::CallOp>(op);
        call && !symbols.lookup(call.getCallee())) {
      op->emitError("calls '") << call.getCallee() << "', which is not there";
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

LogicalResult verifyLLVM(ModuleOp module) {
  WalkResult result = module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op == module || isa_and_nonnull<LLVM::LLVMDialect>(op->getDialect()))
      return WalkResult::advance();
    op->emitError("operation '")
        << op->getName() << "' is left after the lowering to LLVM";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

struct VerifyStagePass : impl::VerifyStageBase<VerifyStagePass> {
  using VerifyStageBase::VerifyStageBase;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    std::optional<Stage> parsed = parseStage(stage);
    if (!parsed) {
      getOperation().emitError("unknown stage '")
          << stage << "'; known: " << listStages();
      return signalPassFailure();
    }
    if (failed(verifyStage(getOperation(), *parsed)))
      signalPassFailure();
  }
};

} // namespace

LogicalResult verifyStage(ModuleOp module, Stage stage) {
  switch (stage) {
  case Stage::Import:
    return verifyImport(module);
  case Stage::Optimize:
    return verifyOptimize(module);
  case Stage::Select:
    return verifySelect(module);
  case Stage::Schedule:
    return verifySchedule(module);
  case Stage::Loops:
    return verifyLoops(module);
  case Stage::LLVM:
    return verifyLLVM(module);
  }
  llvm_unreachable("covered switch");
}

} // namespace qcc
