// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-fold-constants: weights that a graph dequantizes, requantizes, pads or
// reshapes are known before it runs.

#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Reference/InterpretableOpInterface.h"
#include "qcc/Reference/Interpreter.h"
#include "qcc/Reference/Passes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"

namespace qcc::reference {
#define GEN_PASS_DEF_FOLDCONSTANTS
#include "qcc/Reference/Passes.h.inc"
} // namespace qcc::reference

using namespace mlir;
using namespace qcc;
using namespace qcc::reference;

namespace {

/// A constant may be this many times larger than what it is computed from, and
/// is never too large below the second number of elements.
constexpr int64_t kMostGrowth = 4, kAlwaysSmall = 1024;

/// A pass may look at this many times as many elements as the constants that it
/// finds hold, and never at too few below the second number. A small file can
/// ask for any amount of work, and constants that grow one from the other for
/// any amount of memory.
constexpr double kMostWork = 16, kAlwaysCheap = 1 << 24;

/// The elements that a constant holds: a splat is one.
int64_t heldElements(qnn::ConstantOp op) {
  auto dense = dyn_cast<DenseElementsAttr>(op.getValue());
  return dense && dense.isSplat() ? 1 : op.getType().getNumElements();
}

/// Elements that the interpreter looks at: of operands, results and windows. A
/// double, since no size is beyond it.
double workOf(Operation *op) {
  double work = 0, results = 0, window = 1;
  for (Type type : op->getOperandTypes())
    work += static_cast<double>(cast<ShapedType>(type).getNumElements());
  for (Type type : op->getResultTypes())
    results += static_cast<double>(cast<ShapedType>(type).getNumElements());
  if (auto cost = dyn_cast<qnn::CostOpInterface>(op))
    work += static_cast<double>(cost.getMacs());
  if (auto kernel = op->getAttrOfType<DenseI64ArrayAttr>("kernel"))
    for (int64_t extent : kernel.asArrayRef())
      window *= static_cast<double>(extent);
  return work + results * window;
}

DenseElementsAttr toAttr(const RefTensor &tensor) {
  Type storage = qnn::storageTypeOf(tensor.getElementType());
  auto type = RankedTensorType::get(tensor.getShape(), storage);
  if (tensor.isFloat())
    return DenseElementsAttr::get(type, tensor.floats());
  unsigned bits = storage.getIntOrFloatBitWidth();
  SmallVector<APInt> values;
  values.reserve(tensor.ints().size());
  for (int64_t v : tensor.ints())
    values.push_back(APInt(bits, static_cast<uint64_t>(v), /*isSigned=*/true,
                           /*implicitTrunc=*/true));
  return DenseElementsAttr::get(type, values);
}

struct FoldConstantsPass
    : qcc::reference::impl::FoldConstantsBase<FoldConstantsPass> {
  void getDependentDialects(DialectRegistry &registry) const override {
    FoldConstantsBase::getDependentDialects(registry);
    registerReferenceInterfaces(registry);
  }

  void runOnOperation() override {
    int64_t held = 0;
    getOperation()->walk(
        [&](qnn::ConstantOp constant) { held += heldElements(constant); });
    workLeft = std::max(kMostWork * static_cast<double>(held), kAlwaysCheap);
    // In the order of each block, so that a chain folds in one walk.
    getOperation()->walk([&](Operation *op) {
      if (auto interpretable = dyn_cast<InterpretableOpInterface>(op))
        numFolded += succeeded(fold(interpretable));
    });
  }

  double workLeft = 0;

  LogicalResult fold(InterpretableOpInterface op) {
    if (op->getNumOperands() == 0 || op->getNumRegions() != 0 ||
        isa<qnn::CopyOp>(op))
      return failure();
    SmallVector<RefTensor> operands, results;
    int64_t elements = 0, resultElements = 0;
    for (Value operand : op->getOperands())
      if (!operand.getDefiningOp<qnn::ConstantOp>())
        return failure();
      else
        elements += cast<ShapedType>(operand.getType()).getNumElements();
    for (Type type : op->getResultTypes()) {
      resultElements += cast<ShapedType>(type).getNumElements();
      if (resultElements > std::max(kMostGrowth * elements, kAlwaysSmall))
        return failure();
      results.emplace_back(cast<RankedTensorType>(type));
    }
    double work = workOf(op);
    if (work > workLeft)
      return failure();
    workLeft -= work;
    for (Value operand : op->getOperands()) {
      auto constant = operand.getDefiningOp<qnn::ConstantOp>();
      std::optional<RefTensor> tensor = RefTensor::fromAttr(
          constant.getValue(), cast<RankedTensorType>(constant.getType()));
      if (!tensor)
        return failure();
      operands.push_back(std::move(*tensor));
    }
    {
      // What is not defined stays in the program; whoever compiles it will say
      // so.
      ScopedDiagnosticHandler quiet(op->getContext(),
                                    [](Diagnostic &) { return success(); });
      if (failed(op.interpret(operands, results)))
        return failure();
    }
    OpBuilder builder(op);
    for (auto [old, tensor] : llvm::zip(op->getResults(), results))
      old.replaceAllUsesWith(
          qnn::ConstantOp::create(builder, op->getLoc(), old.getType(),
                                  cast<ElementsAttr>(toAttr(tensor))));
    op->erase();
    return success();
  }
};

} // namespace
