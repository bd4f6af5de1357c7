// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-verify-plan: the contract of a planned module, checked without any of the
// planner's own reasoning: lifetimes are read off the block, and every two
// tensors that are live together must lie apart.

#include "PackedRows.h"

#include "qcc/Conversion/Passes.h"
#include "qcc/Conversion/TargetAttr.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include "llvm/ADT/MapVector.h"

namespace qcc {
#define GEN_PASS_DEF_VERIFYPLAN
#include "qcc/Conversion/Passes.h.inc"
} // namespace qcc

using namespace mlir;
using namespace qcc;
using qnn::BufferAttr;
using qnn::MemorySpace;

namespace {

/// A stretch of memory with a lifetime in layers, both ends inclusive.
struct Extent {
  Value value; ///< Null for scratch memory.
  /// Who writes it; null for an argument or a variable that is read.
  qnn::LayerOp layer;
  BufferAttr buffer;
  int64_t bytes = 0, begin = 0, end = 0;
};

std::string describe(Extent extent) {
  if (extent.value)
    if (auto read = extent.value.getDefiningOp<qnn::ReadVariableOp>())
      return "variable '" + read.getVariable().str() + "'";
  if (auto argument = dyn_cast_if_present<BlockArgument>(extent.value))
    return "argument " + std::to_string(argument.getArgNumber());
  std::string name = "layer '" + extent.layer.getLayerName().str() + "'";
  return (extent.value ? "the result of " : "the scratch memory of ") + name;
}

class PlanVerifier {
public:
  PlanVerifier(func::FuncOp func, int64_t align) : func(func), align(align) {}

  LogicalResult run() {
    if (!func.getBody().hasOneBlock())
      return func.emitOpError() << "must have one block";
    auto arena = func->getAttrOfType<IntegerAttr>(attr::arenaBytes);
    if (!arena)
      return func.emitOpError() << "has no '" << attr::arenaBytes
                                << "'; run 'qnn-plan-memory' first";
    arenaBytes = arena.getInt();
    if (auto state = func->getAttrOfType<IntegerAttr>(attr::stateBytes))
      stateBytes = state.getInt();
    return failure(failed(collect()) || failed(checkEach()) ||
                   failed(checkReturned()) || failed(checkVariables()) ||
                   failed(checkPairs()));
  }

private:
  InFlightDiagnostic error(Extent extent) {
    return extent.layer ? extent.layer.emitOpError() : func.emitOpError();
  }

  LogicalResult collect() {
    for (BlockArgument argument : func.getArguments()) {
      auto buffer = func.getArgAttrOfType<BufferAttr>(argument.getArgNumber(),
                                                      attr::buffer);
      if (!buffer)
        return func.emitOpError() << "argument " << argument.getArgNumber()
                                  << " has no '" << attr::buffer << "'";
      if (failed(add({argument, {}, buffer, 0, -1, -1})))
        return failure();
    }
    int64_t step = 0;
    for (Operation &op : func.getBody().front()) {
      if (auto reshape = dyn_cast<qnn::ReshapeOp>(op)) {
        storage[reshape] = storage.lookup(reshape.getInput());
        BufferAttr buffer = extents[storage.lookup(reshape)].buffer;
        if (!buffer.getPad().empty() || buffer.getRowBits() > 0)
          return reshape.emitOpError()
                 << "shows a buffer that is padded or whose rows lie packed";
        auto channels = [](Value v) {
          return cast<RankedTensorType>(v.getType()).getShape().back();
        };
        if (buffer.getPlanes() > 0 &&
            (reshape.getType().getRank() == 0 ||
             (channels(reshape) != channels(reshape.getInput()) &&
              (channels(reshape) % 32 != 0 ||
               channels(reshape.getInput()) % 32 != 0))))
          return reshape.emitOpError() << "shows parts of words of bit-planes";
        continue;
      }
      if (auto read = dyn_cast<qnn::ReadVariableOp>(op)) {
        FailureOr<BufferAttr> buffer = placeOf(read, read.getVariableAttr());
        if (failed(buffer) || failed(add({read, {}, *buffer, 0, -1, -1})))
          return failure();
        reads[read.getVariableAttr().getAttr()] = storage.lookup(read);
        continue;
      }
      for (Value operand : op.getOperands())
        if (!storage.contains(operand))
          return op.emitOpError() << "uses a value that has no buffer";
      if (auto layer = dyn_cast<qnn::LayerOp>(op)) {
        if (failed(collect(layer, step++)))
          return failure();
      } else if (auto assign = dyn_cast<qnn::AssignVariableOp>(op)) {
        assigns.push_back(assign);
      } else if (auto returnOp = dyn_cast<func::ReturnOp>(op)) {
        for (Value operand : returnOp.getOperands())
          extents[storage.lookup(operand)].end = step;
        // What the next run reads lives beyond this one.
        DenseSet<StringAttr> assigned;
        for (qnn::AssignVariableOp assign : assigns) {
          assigned.insert(assign.getVariableAttr().getAttr());
          extents[storage.lookup(assign.getValue())].end = step;
        }
        for (auto &[name, extent] : reads)
          if (!assigned.contains(name))
            extents[extent].end = step;
      } else {
        return op.emitOpError() << "stands outside a layer";
      }
    }
    return success();
  }

  LogicalResult collect(qnn::LayerOp layer, int64_t step) {
    if (!layer.getKernel() || !layer.getBuffers())
      return layer.emitOpError() << "has no kernel or no buffers";
    KernelChoice choice = readKernelAttr(*layer.getKernel());
    if (choice.inputs.size() != layer.getInputs().size())
      return layer.emitOpError()
             << "has a kernel for " << choice.inputs.size() << " operands";
    for (auto [i, operand] : llvm::enumerate(layer.getInputs())) {
      Extent &extent = extents[storage.lookup(operand)];
      extent.end = step;
      ArrayRef<int64_t> pad = extent.buffer.getPad();
      const InputRequirement &want = choice.inputs[i];
      bool isWanting =
          llvm::any_of(want.padding, [](int64_t p) { return p != 0; });
      if (!pad.empty() && !want.acceptsPadding && !isWanting)
        return layer.emitOpError()
               << "reads operand " << i << " densely, but its buffer is padded";
      bool isPlanes = extent.buffer.getPlanes() > 0;
      bool wasPlanes =
          !layer.getBuffersAttr().empty() &&
          cast<BufferAttr>(layer.getBuffersAttr()[0]).getPlanes() > 0;
      if ((want.planes == Planes::Never && isPlanes) ||
          (want.planes == Planes::Always && !isPlanes) ||
          (want.planes == Planes::AsResult && isPlanes != wasPlanes))
        return layer.emitOpError()
               << "does not read operand " << i << " as "
               << (isPlanes ? "bit-planes" : "bytes") << ", as it lies";
      if (extent.buffer.getRowBits() > 0) {
        const RowWalk *walk = findWalk(choice, static_cast<int64_t>(i));
        if (!walk || walk->rows < 1 || walk->count < 1 || walk->stride < 0)
          return layer.emitOpError() << "reads operand " << i
                                     << " otherwise than by rows, but its "
                                        "rows lie packed";
        continue;
      }
      for (size_t side = 0; isWanting && side < 4; ++side)
        if (pad.size() != 4 || pad[side] < want.padding[side])
          return layer.emitOpError()
                 << "wants padding [" << ArrayRef<int64_t>(want.padding)
                 << "] of operand " << i << ", but its buffer has [" << pad
                 << "]";
    }
    for (auto [result, buffer] :
         llvm::zip(layer.getResults(),
                   layer.getBuffersAttr().getAsRange<BufferAttr>())) {
      if (!buffer.getPad().empty() && !choice.producesPadding)
        return layer.emitOpError()
               << "writes densely, but its result's buffer is padded";
      if (buffer.getPlanes() > 0 && !choice.producesPlanes)
        return layer.emitOpError()
               << "writes bytes, but its result's buffer is of bit-planes";
      if (buffer.getRowBits() > 0 &&
          (choice.walks.empty() || choice.walks[0].rows < 1 ||
           layer.getNumResults() != 1))
        return layer.emitOpError()
               << "writes otherwise than by rows, but its result's rows are to "
                  "lie packed";
      if (failed(add({result, layer, buffer, 0, step, step})))
        return failure();
    }
    auto scratch = layer->getAttrOfType<IntegerAttr>(attr::scratchOffset);
    int64_t scratchBytes = scratchBytesOf(layer);
    if (scratchBytes > 0 && !scratch)
      return layer.emitOpError() << "has no '" << attr::scratchOffset
                                 << "' for " << scratchBytes << " bytes";
    if (scratchBytes > 0)
      extents.push_back({{},
                         layer,
                         BufferAttr::get(func.getContext(), MemorySpace::Arena,
                                         0, scratch.getInt(), {}),
                         scratchBytes,
                         step,
                         step});
    return success();
  }

  LogicalResult add(Extent extent) {
    auto type = cast<RankedTensorType>(extent.value.getType());
    ArrayRef<int64_t> pad = extent.buffer.getPad();
    if (!pad.empty() && (pad.size() != 4 || type.getRank() != 4))
      return error(extent) << "has padding [" << pad << "] on " << type;
    int64_t planes = extent.buffer.getPlanes();
    std::optional<qnn::BitCode> code = qnn::bitCodeOf(type);
    if (planes != 0 && (!code || planes != code->bits || type.getRank() == 0))
      return error(extent) << "has " << planes << " bit-planes of " << type;
    if (int64_t bits = extent.buffer.getRowBits()) {
      if (!extent.layer || planes != 0 || !pad.empty() || !canPackRows(type) ||
          qnn::rowCodeOf(type)->bits != bits)
        return error(extent)
               << "has rows of " << type << " packed at " << bits << " bits"
               << (planes != 0 || !pad.empty() ? " beside planes or padding"
                                               : "");
      extent.bytes = type.getDimSize(1) * qnn::packedRowBytes(type);
      storage[extent.value] = extents.size();
      extents.push_back(extent);
      return success();
    }
    extent.bytes = planes == 0 || type.getNumElements() == 0
                       ? qnn::bytesOf(type)
                       : type.getNumElements() / type.getShape().back() *
                             qnn::pixelBytes(type, planes);
    if (!pad.empty() && type.getNumElements() != 0)
      extent.bytes = extent.bytes / (type.getDimSize(1) * type.getDimSize(2)) *
                     (type.getDimSize(1) + pad[0] + pad[1]) *
                     (type.getDimSize(2) + pad[2] + pad[3]);
    storage[extent.value] = extents.size();
    extents.push_back(extent);
    return success();
  }

  /// Where the variable that `op` names lies.
  FailureOr<BufferAttr> placeOf(Operation *op, FlatSymbolRefAttr symbol) {
    auto variable =
        SymbolTable::lookupNearestSymbolFrom<qnn::VariableOp>(op, symbol);
    auto buffer =
        variable ? variable->getAttrOfType<BufferAttr>(attr::buffer) : nullptr;
    if (!buffer || buffer.getSpace() != MemorySpace::State ||
        !buffer.getPad().empty())
      return op->emitOpError() << "names " << symbol
                               << ", which has no dense buffer in the state";
    return buffer;
  }

  /// Every variable has a place of its own, and the value that it is assigned
  /// lies there.
  LogicalResult checkVariables() {
    SmallVector<qnn::VariableOp> variables;
    for (auto variable :
         func->getParentOfType<ModuleOp>().getOps<qnn::VariableOp>()) {
      auto buffer = variable->getAttrOfType<BufferAttr>(attr::buffer);
      if (!buffer)
        return variable.emitOpError() << "has no '" << attr::buffer
                                      << "'; run 'qnn-plan-memory' first";
      int64_t end = buffer.getOffset() + qnn::bytesOf(variable.getType());
      if (buffer.getOffset() < 0 || end > stateBytes ||
          buffer.getOffset() % align != 0)
        return variable.emitOpError()
               << "lies in bytes [" << buffer.getOffset() << ", " << end
               << ") of a state of " << stateBytes << " aligned to " << align;
      for (qnn::VariableOp other : variables) {
        auto place = other->getAttrOfType<BufferAttr>(attr::buffer);
        if (place.getOffset() < end &&
            buffer.getOffset() <
                place.getOffset() + qnn::bytesOf(other.getType()))
          return variable.emitOpError() << "lies in " << buffer << ", where '"
                                        << other.getSymName() << "' lies too";
      }
      variables.push_back(variable);
    }
    for (qnn::AssignVariableOp assign : assigns) {
      FailureOr<BufferAttr> place = placeOf(assign, assign.getVariableAttr());
      if (failed(place))
        return failure();
      const Extent &extent = extents[storage.lookup(assign.getValue())];
      if (extent.buffer != *place)
        return assign.emitOpError() << "takes a value in " << extent.buffer
                                    << ", but the variable lies in " << *place;
      if (!extent.layer)
        return assign.emitOpError() << "takes a value that no layer makes";
    }
    return success();
  }

  /// Bounds, alignment and ownership.
  LogicalResult checkEach() {
    for (const Extent &extent : extents) {
      int64_t offset = extent.buffer.getOffset();
      switch (extent.buffer.getSpace()) {
      case MemorySpace::Arena:
        if (offset < 0 || offset + extent.bytes > arenaBytes)
          return error(extent) << "has " << describe(extent) << " in bytes ["
                               << offset << ", " << offset + extent.bytes
                               << ") of an arena of " << arenaBytes;
        if (offset % align != 0)
          return error(extent)
                 << "has " << describe(extent) << " at offset " << offset
                 << ", which is no multiple of " << align;
        break;
      case MemorySpace::Input:
        if (extent.layer)
          return error(extent) << "writes its result into the caller's input";
        [[fallthrough]];
      case MemorySpace::Output:
        if (offset != 0 || !extent.buffer.getPad().empty() ||
            extent.buffer.getPlanes() > 0 || extent.buffer.getRowBits() > 0)
          return error(extent)
                 << "has " << describe(extent)
                 << " padded, packed or displaced in the caller's memory";
        break;
      case MemorySpace::State:
        if (extent.buffer.getIndex() != 0 || !extent.buffer.getPad().empty() ||
            extent.buffer.getRowBits() > 0)
          return error(extent)
                 << "has " << describe(extent) << " padded in the state";
        // In the place of the variable that it is assigned to, and no other.
        if (extent.layer && llvm::none_of(assigns, [&](auto assign) {
              return extents[storage.lookup(assign.getValue())].value ==
                     extent.value;
            }))
          return error(extent)
                 << "has " << describe(extent)
                 << " in the state, but no variable is assigned it";
      }
      if (auto argument = dyn_cast_if_present<BlockArgument>(extent.value))
        if (!isPlaceOf(extent.buffer, MemorySpace::Input,
                       argument.getArgNumber()))
          return error(extent) << "argument " << argument.getArgNumber()
                               << " must lie in the arena or in input "
                               << argument.getArgNumber() << ", but lies in "
                               << extent.buffer;
    }
    return success();
  }

  static bool isPlaceOf(BufferAttr buffer, MemorySpace space, int64_t index) {
    return buffer.getSpace() == MemorySpace::Arena ||
           (buffer.getSpace() == space && buffer.getIndex() == index);
  }

  LogicalResult checkReturned() {
    for (auto [i, operand] : llvm::enumerate(
             func.getBody().front().getTerminator()->getOperands())) {
      const Extent &extent = extents[storage.lookup(operand)];
      if (!isPlaceOf(extent.buffer, MemorySpace::Output, i) ||
          !extent.buffer.getPad().empty() || extent.buffer.getRowBits() > 0)
        return func.emitOpError()
               << "result " << i << " must lie dense in the arena or in output "
               << i << ", but lies in " << extent.buffer;
      if (func.getResultAttr(i, attr::buffer) != extent.buffer)
        return func.emitOpError() << "result " << i << " has '" << attr::buffer
                                  << "' " << func.getResultAttr(i, attr::buffer)
                                  << ", but lies in " << extent.buffer;
    }
    return success();
  }

  /// Whether the writer of `to` may overwrite `from`, which it reads last.
  bool isInPlace(Extent from, Extent to) {
    if (!to.layer || !from.value || !to.value || from.end != to.begin ||
        from.buffer != to.buffer || from.bytes != to.bytes)
      return false;
    KernelChoice choice = readKernelAttr(*to.layer.getKernel());
    int64_t result = cast<OpResult>(to.value).getResultNumber();
    bool isOperand = false;
    for (auto [i, operand] : llvm::enumerate(to.layer.getInputs()))
      if (extents[storage.lookup(operand)].value == from.value) {
        isOperand = true;
        if (!mayTakeOver(choice, result, static_cast<int64_t>(i)))
          return false;
      }
    return isOperand;
  }

  /// Bytes [begin, end) from the start of a buffer.
  struct Stretch {
    int64_t begin = 0, end = 0;
  };

  /// Rows [first, last) of axis 1, with the spare elements beside them, as far
  /// as the buffer has them.
  static Stretch rowsOf(Extent extent, RankedTensorType type, int64_t first,
                        int64_t last) {
    ArrayRef<int64_t> pad = extent.buffer.getPad();
    int64_t top = pad.empty() ? 0 : pad[0],
            rows = type.getDimSize(1) + (pad.empty() ? 0 : pad[0] + pad[1]);
    int64_t row = extent.bytes / rows;
    auto at = [&](int64_t y) {
      return std::clamp<int64_t>(y + top, 0, rows) * row;
    };
    return {at(first), at(last)};
  }

  /// Whether the writer of `to` may lie over `from`, which it reads last:
  /// played through step by step, nothing is written that this or a later step
  /// reads.
  bool isBehindReader(Extent from, Extent to) {
    if (!to.layer || !from.value || !to.value || from.end != to.begin ||
        to.layer.getNumResults() != 1)
      return false;
    KernelChoice choice = readKernelAttr(*to.layer.getKernel());
    std::optional<int64_t> operand;
    for (auto [i, value] : llvm::enumerate(to.layer.getInputs()))
      if (extents[storage.lookup(value)].value == from.value) {
        if (operand)
          return false;
        operand = static_cast<int64_t>(i);
      }
    const RowWalk *walk = llvm::find_if(
        choice.walks, [&](const RowWalk &w) { return w.input == operand; });
    if (!operand || walk == choice.walks.end())
      return false;
    auto in = cast<RankedTensorType>(to.layer.getInputs()[*operand].getType()),
         out = cast<RankedTensorType>(to.value.getType());
    if (in.getRank() != 4 || out.getRank() != 4 || in.getDimSize(0) != 1 ||
        out.getDimSize(0) != 1 || from.bytes == 0 || to.bytes == 0)
      return false;
    // What each step reads and writes, in the order of the steps.
    SmallVector<std::pair<Stretch, Stretch>> steps;
    bool joined = walk->pixels > 0 && from.buffer.getRowBits() == 0 &&
                  to.buffer.getRowBits() == 0 && from.buffer.getPad().empty() &&
                  to.buffer.getPad().empty();
    if (joined) {
      int64_t pixels = out.getDimSize(1) * out.getDimSize(2);
      if (in.getDimSize(1) * in.getDimSize(2) != pixels)
        return false;
      for (int64_t p = 0; p < pixels; p += walk->pixels) {
        int64_t end = std::min(p + walk->pixels, pixels);
        auto part = [&](const Extent &extent) {
          return Stretch{extent.bytes / pixels * p,
                         extent.bytes / pixels * end};
        };
        steps.push_back({part(from), part(to)});
      }
    } else {
      if (walk->rows < 1 || walk->count < 1 || walk->stride < 0)
        return false;
      for (int64_t y = 0; y < out.getDimSize(1); y += walk->rows) {
        int64_t end = std::min(y + walk->rows, out.getDimSize(1));
        steps.push_back(
            {rowsOf(from, in, walk->stride * y + walk->first,
                    walk->stride * (end - 1) + walk->first + walk->count),
             rowsOf(to, out, y, end)});
      }
    }
    if (to.layer->hasAttr(attr::descending))
      std::reverse(steps.begin(), steps.end());
    int64_t shift = to.buffer.getOffset() - from.buffer.getOffset();
    Stretch unread = {from.bytes, 0};
    for (const auto &[read, written] : llvm::reverse(steps)) {
      unread.begin = std::min(unread.begin, read.begin);
      unread.end = std::max(unread.end, read.end);
      if (written.begin + shift < unread.end &&
          unread.begin < written.end + shift)
        return false;
    }
    // The spare rows on the side where it starts come first.
    Stretch spare = to.layer->hasAttr(attr::descending)
                        ? rowsOf(to, out, out.getDimSize(1), INT32_MAX)
                        : rowsOf(to, out, INT32_MIN, 0);
    return spare.begin == spare.end || spare.begin + shift >= unread.end ||
           spare.end + shift <= unread.begin;
  }

  LogicalResult checkPairs() {
    for (size_t i = 0; i < extents.size(); ++i)
      for (size_t k = 0; k < i; ++k) {
        const Extent &a = extents[k], &b = extents[i];
        bool meet = a.buffer.getSpace() == b.buffer.getSpace() &&
                    a.buffer.getIndex() == b.buffer.getIndex() &&
                    a.buffer.getOffset() < b.buffer.getOffset() + b.bytes &&
                    b.buffer.getOffset() < a.buffer.getOffset() + a.bytes;
        if (!meet || a.end < b.begin || b.end < a.begin || isInPlace(a, b) ||
            isInPlace(b, a) || isBehindReader(a, b) || isBehindReader(b, a))
          continue;
        return error(b) << "has " << describe(b) << " in " << b.buffer
                        << ", where " << describe(a) << " is still live";
      }
    return success();
  }

  func::FuncOp func;
  int64_t align, arenaBytes = 0, stateBytes = 0;
  std::vector<Extent> extents;
  SmallVector<qnn::AssignVariableOp> assigns;
  /// Extents of variables that are read.
  llvm::MapVector<StringAttr, size_t> reads;
  /// Values to their extent; reshapes to that of their source.
  DenseMap<Value, size_t> storage;
};

struct VerifyPlanPass : qcc::impl::VerifyPlanBase<VerifyPlanPass> {
  void runOnOperation() override {
    if (failed(verifyPlannedModule(getOperation())))
      signalPassFailure();
    markAllAnalysesPreserved();
  }
};

} // namespace

LogicalResult qcc::verifyPlannedModule(ModuleOp module) {
  FailureOr<TargetFacts> facts = readTargetFacts(module);
  if (failed(facts))
    return failure();
  for (auto func : module.getOps<func::FuncOp>())
    if (func.isPublic() && !func.isExternal())
      if (failed(PlanVerifier(func, arenaAlign(*facts)).run()))
        return failure();
  return success();
}
