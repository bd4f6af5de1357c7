// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-fuse-functions: float operations between dequantizers of one tensor of
// bytes and a quantizer are a function of 256 values. The interpreter evaluates
// them for all, and the results are a table.

#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Reference/Interpreter.h"
#include "qcc/Reference/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/SetVector.h"

namespace qcc::reference {
#define GEN_PASS_DEF_FUSEFUNCTIONS
#include "qcc/Reference/Passes.h.inc"
} // namespace qcc::reference

using namespace mlir;
using namespace qcc;
using namespace qcc::reference;
using qnn::typeOf;

namespace {

/// Stored in a byte, with one scale.
bool isByte(Value v) {
  return isa_and_nonnull<quant::UniformQuantizedType>(
             qnn::quantizedTypeOf(v.getType())) &&
         !qnn::isBipolar(v.getType()) &&
         qnn::storageTypeOf(v.getType()).getIntOrFloatBitWidth() <= 8;
}

/// The first of the casts that give `v`'s operand the same type; `v` where it
/// is no cast.
Value firstLike(Value v) {
  auto cast = v.getDefiningOp<qnn::CastOp>();
  if (!cast)
    return v;
  for (Operation *user : cast.getInput().getUsers())
    if (auto other = dyn_cast<qnn::CastOp>(user);
        other && other.getType() == v.getType() &&
        other->getBlock() == cast->getBlock() && other->isBeforeInBlock(cast))
      cast = other;
  return cast;
}

/// An operation on bytes or floats whose result's elements depend on the same
/// elements of its operands, or on constants of one element.
bool isElementwise(Operation *op) {
  return isa_and_nonnull<qnn::InPlaceOpInterface>(op) &&
         op->getNumResults() == 1 && op->getNumOperands() != 0;
}

/// The function that a value of bytes is of another.
struct Function {
  Operation *last;
  /// In the order of the block, constants of one element among them.
  SmallVector<Operation *> ops;
  Value input;
};

/// The function that ends in `last`; nothing where it is none of one tensor of
/// bytes, or where it is a requantization.
std::optional<Function> findFunction(Operation *last) {
  auto rounding = last->getAttrOfType<qnn::RoundingAttr>("rounding");
  if (!isa<qnn::QuantizeOp, qnn::AddOp, qnn::MulOp>(last) || !rounding ||
      rounding.getValue() != qnn::Rounding::Onnx || !isByte(last->getResult(0)))
    return std::nullopt;
  constexpr size_t most = 64;
  int64_t elements = typeOf(last->getResult(0)).getNumElements();
  Function function{last, {}, {}};
  llvm::SetVector<Operation *> found;
  SmallVector<Operation *> open = {last};
  // The tensors of bytes that the function reads, and tables on the way from
  // one of them to another.
  llvm::SetVector<Value> inputs;
  while (!open.empty()) {
    Operation *op = open.pop_back_val();
    if (!found.insert(op))
      continue;
    if (found.size() > most)
      return std::nullopt;
    for (Value operand : op->getOperands()) {
      Operation *producer = operand.getDefiningOp();
      int64_t count = typeOf(operand).getNumElements();
      if (isa_and_nonnull<qnn::ConstantOp>(producer)) {
        if (count != 1)
          return std::nullopt;
        found.insert(producer);
        continue;
      }
      bool isConstant = count == 1 && elements != 1;
      if (isConstant ? !isa_and_nonnull<qnn::DequantizeOp>(producer)
                     : count != elements)
        return std::nullopt;
      if (!isConstant && isByte(operand))
        inputs.insert(firstLike(operand));
      else if (isElementwise(producer))
        open.push_back(producer);
      else
        return std::nullopt;
    }
  }
  // A function of a tensor and a table of it is one of the tensor; and so is
  // one of a table alone that nothing else reads.
  for (Value input : llvm::to_vector(inputs)) {
    auto table = input.getDefiningOp<qnn::TableOp>();
    auto isInside = [&](Operation *user) { return found.contains(user); };
    if (!table ||
        !(inputs.size() == 1 ? llvm::all_of(table->getUsers(), isInside)
                             : inputs.contains(firstLike(table.getInput()))))
      continue;
    found.insert(table);
    inputs.remove(input);
    inputs.insert(firstLike(table.getInput()));
  }
  // One operation, or one between two scales, is cheaper as it is.
  auto converts = [](Operation *op) {
    return isa<qnn::ConstantOp, qnn::DequantizeOp, qnn::QuantizeOp>(op);
  };
  auto computes = [](Operation *op) { return !isa<qnn::ConstantOp>(op); };
  if (inputs.size() != 1 || llvm::all_of(found, converts) ||
      llvm::count_if(found, computes) == 1)
    return std::nullopt;
  function.input = inputs.front();
  for (Operation &each : *last->getBlock())
    if (found.contains(&each))
      function.ops.push_back(&each);
  return function;
}

/// Its results for all values that the bytes may have, in their order; those
/// that the type leaves out are the nearest ones'.
std::optional<SmallVector<uint8_t>> evaluate(const Function &function) {
  Location loc = function.last->getLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  OpBuilder b(module->getBodyRegion());
  constexpr int64_t count = 256;
  auto all = [](Type type, int64_t n) {
    return RankedTensorType::get({n}, qnn::elementTypeOf(type));
  };
  RankedTensorType inputType = all(function.input.getType(), count);
  auto func = func::FuncOp::create(
      b, loc, "function",
      b.getFunctionType({inputType},
                        {all(function.last->getResult(0).getType(), count)}));
  Block *block = b.createBlock(&func.getBody());
  IRMapping mapping;
  mapping.map(function.input, block->addArgument(inputType, loc));
  auto lookUp = [&](Value v) { return mapping.lookup(firstLike(v)); };
  for (Operation *op : function.ops) {
    Value old = op->getResult(0);
    if (isa<qnn::ReshapeOp>(op)) {
      mapping.map(old, lookUp(op->getOperand(0)));
      continue;
    }
    if (auto constant = dyn_cast<qnn::ConstantOp>(op)) {
      auto value = dyn_cast<DenseElementsAttr>(constant.getValue());
      if (!value)
        return std::nullopt;
      mapping.map(old, qnn::ConstantOp::create(
                           b, loc, all(old.getType(), 1),
                           value.reshape(RankedTensorType::get(
                               {1}, qnn::storageTypeOf(old.getType()))))
                           .getResult());
      continue;
    }
    OperationState state(loc, op->getName());
    int64_t n = 1;
    for (Value operand : op->getOperands()) {
      state.operands.push_back(lookUp(operand));
      n = std::max(n, typeOf(state.operands.back()).getNumElements());
    }
    state.addAttributes(op->getAttrs());
    state.addTypes(all(old.getType(), n));
    mapping.map(old, b.create(state)->getResult(0));
  }
  func::ReturnOp::create(b, loc, mapping.lookup(function.last->getResult(0)));
  ScopedDiagnosticHandler quiet(module->getContext(),
                                [](Diagnostic &) { return success(); });
  if (failed(verify(*module)))
    return std::nullopt;
  RefTensor input(inputType);
  auto first = [](Type type) -> int64_t {
    return qnn::isSignedStorage(type) ? INT8_MIN : 0;
  };
  auto [lo, hi] = qnn::storageRange(inputType);
  for (int64_t i = 0; i < count; ++i)
    input.ints()[i] = std::clamp(first(inputType) + i, lo, hi);
  Interpreter interpreter(func);
  FailureOr<SmallVector<RefTensor>> results = interpreter.run({input});
  if (failed(results))
    return std::nullopt;
  SmallVector<uint8_t> table;
  for (int64_t v : results->front().ints())
    table.push_back(
        static_cast<uint8_t>(v - first(function.last->getResult(0).getType())));
  return table;
}

struct FuseFunctionsPass
    : qcc::reference::impl::FuseFunctionsBase<FuseFunctionsPass> {
  void getDependentDialects(DialectRegistry &registry) const override {
    FuseFunctionsBase::getDependentDialects(registry);
    registerReferenceInterfaces(registry);
    registry.insert<func::FuncDialect>();
  }

  void runOnOperation() override {
    SmallVector<Operation *> last;
    getOperation()->walk([&](Operation *op) {
      if (isa<qnn::QuantizeOp, qnn::AddOp, qnn::MulOp>(op))
        last.push_back(op);
    });
    // In the order of each block: tables become part of what reads them.
    for (Operation *op : last)
      if (std::optional<Function> function = findFunction(op))
        fuse(*function);
  }

  void fuse(const Function &function) {
    std::optional<SmallVector<uint8_t>> table = evaluate(function);
    if (!table)
      return;
    Operation *last = function.last;
    OpBuilder b(last);
    auto type = typeOf(last->getResult(0));
    Value input = function.input;
    if (typeOf(input).getShape() != type.getShape())
      input = qnn::ReshapeOp::create(
          b, last->getLoc(),
          RankedTensorType::get(type.getShape(),
                                qnn::elementTypeOf(input.getType())),
          input);
    auto entries = RankedTensorType::get({static_cast<int64_t>(table->size())},
                                         b.getIntegerType(8, false));
    last->getResult(0).replaceAllUsesWith(qnn::TableOp::create(
        b, last->getLoc(), type, input,
        DenseElementsAttr::get(entries, ArrayRef<uint8_t>(*table))));
    // And what nothing reads any more, from the last.
    for (Operation *op : llvm::reverse(function.ops))
      if (op->use_empty())
        op->erase();
    ++numFused;
  }
};

} // namespace
