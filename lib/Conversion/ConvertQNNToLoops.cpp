// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// convert-qnn-to-loops: planned layers become private functions over flat
// memrefs, and the model's function becomes the C entry `<name>_run`, which
// carves the arena and calls the layers in order.

#include "PackedRows.h"

#include "qcc/Conversion/LayerEmitter.h"
#include "qcc/Conversion/Passes.h"
#include "qcc/Conversion/TargetAttr.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Reference/Interpreter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

#include <algorithm>

namespace qcc {
#define GEN_PASS_DEF_CONVERTQNNTOLOOPS
#include "qcc/Conversion/Passes.h.inc"
} // namespace qcc

using namespace mlir;
using namespace qcc;
using qnn::BufferAttr;
using qnn::MemorySpace;

namespace {

Type memoryElement(Type tensorType) {
  Type storage = qnn::storageTypeOf(tensorType);
  return storage.isInteger()
             ? IntegerType::get(storage.getContext(),
                                qnn::bytesPerElement(tensorType) * 8)
             : storage;
}

/// Spare elements [top, bottom, left, right], or empty.
ArrayRef<int64_t> paddingOf(BufferAttr buffer) { return buffer.getPad(); }

/// Strides, base and extent of a tensor in its (padded) buffer.
struct Geometry {
  SmallVector<int64_t> strides;
  int64_t base = 0, elements = 0;

  /// In words of 32 bits where the buffer holds bit-planes.
  Geometry(RankedTensorType type, BufferAttr buffer) {
    SmallVector<int64_t> padded(type.getShape());
    if (buffer.getPlanes() > 0 && !padded.empty())
      padded.back() = qnn::planeWords(type, buffer.getPlanes());
    // In bytes.
    if (buffer.getRowBits() > 0)
      padded = {type.getDimSize(1), qnn::packedRowBytes(type)};
    ArrayRef<int64_t> pad = paddingOf(buffer);
    if (!pad.empty()) {
      padded[1] += pad[0] + pad[1];
      padded[2] += pad[2] + pad[3];
    }
    strides.assign(padded.size(), 1);
    elements = 1;
    for (int64_t axis = static_cast<int64_t>(padded.size()) - 1; axis >= 0;
         --axis) {
      strides[axis] = elements;
      elements *= padded[axis];
    }
    if (!pad.empty())
      base = pad[0] * strides[1] + pad[2] * strides[2];
  }
};

/// Bytes that `value` takes in `buffer`.
int64_t bytesIn(BufferAttr buffer, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return Geometry(type, buffer).elements *
         (buffer.getPlanes() > 0 ? 4 : qnn::bytesPerElement(type));
}

bool overlap(BufferAttr a, int64_t bytesA, BufferAttr b, int64_t bytesB) {
  return a.getSpace() == b.getSpace() && a.getIndex() == b.getIndex() &&
         a.getOffset() < b.getOffset() + bytesB &&
         b.getOffset() < a.getOffset() + bytesA;
}

struct ConvertQNNToLoopsPass
    : qcc::impl::ConvertQNNToLoopsBase<ConvertQNNToLoopsPass> {
  using ConvertQNNToLoopsBase::ConvertQNNToLoopsBase;
  std::shared_ptr<const KernelSet> kernels;
  TargetFacts facts;
  DenseMap<Value, BufferAttr> buffers;
  /// Of all layers' constants, as they are stored in the module.
  bool areWeightsFar = false;

  /// Kernels tabulate functions by their definitions.
  void getDependentDialects(DialectRegistry &registry) const override {
    ConvertQNNToLoopsBase::getDependentDialects(registry);
    reference::registerReferenceInterfaces(registry);
  }

  LogicalResult initialize(MLIRContext *) override {
    if (!kernels)
      kernels = makeKernelSet();
    return success();
  }

  void runOnOperation() override {
    FailureOr<TargetFacts> read = readTargetFacts(getOperation());
    if (failed(read))
      return signalPassFailure();
    facts = *read;
    for (auto variable : getOperation().getOps<qnn::VariableOp>())
      if (!isa<DenseElementsAttr>(variable.getValue())) {
        variable.emitOpError() << "has a value that is not dense";
        return signalPassFailure();
      }
    if (hasPackedRows() && failed(verifyPlannedModule(getOperation())))
      return signalPassFailure();
    for (auto func :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (func.isPublic() && failed(convert(func)))
        return signalPassFailure();
    for (auto variable :
         llvm::make_early_inc_range(getOperation().getOps<qnn::VariableOp>()))
      variable.erase();
  }

  /// What is said of rows may come from a file.
  bool hasPackedRows() {
    AttrTypeWalker walker;
    walker.addWalk([](BufferAttr buffer) {
      return buffer.getRowBits() != 0 ? WalkResult::interrupt()
                                      : WalkResult::advance();
    });
    return getOperation()
        .walk(
            [&](Operation *op) { return walker.walk(op->getAttrDictionary()); })
        .wasInterrupted();
  }

  LogicalResult collectBuffers(func::FuncOp func) {
    buffers.clear();
    for (BlockArgument argument : func.getArguments()) {
      auto buffer = func.getArgAttrOfType<BufferAttr>(argument.getArgNumber(),
                                                      attr::buffer);
      if (!buffer)
        return func.emitOpError()
               << "argument " << argument.getArgNumber() << " has no '"
               << attr::buffer << "'; run 'qnn-plan-memory' first";
      buffers[argument] = buffer;
    }
    for (Operation &op : func.getBody().getOps()) {
      if (auto layer = dyn_cast<qnn::LayerOp>(op)) {
        if (!layer.getBuffers() || !layer.getKernel())
          return layer.emitOpError()
                 << "has no "
                 << (layer.getKernel() ? "buffers; run 'qnn-plan-memory'"
                                       : "kernel; run 'qnn-select-kernels'")
                 << " first";
        for (auto [result, buffer] :
             llvm::zip(layer.getResults(),
                       layer.getBuffersAttr().getAsRange<BufferAttr>()))
          buffers[result] = buffer;
      } else if (auto reshape = dyn_cast<qnn::ReshapeOp>(op)) {
        buffers[reshape] = buffers.lookup(reshape.getInput());
      } else if (auto read = dyn_cast<qnn::ReadVariableOp>(op)) {
        FailureOr<BufferAttr> buffer = bufferOf(read, read.getVariableAttr());
        if (failed(buffer))
          return failure();
        buffers[read] = *buffer;
      } else if (auto assign = dyn_cast<qnn::AssignVariableOp>(op)) {
        FailureOr<BufferAttr> buffer =
            bufferOf(assign, assign.getVariableAttr());
        if (failed(buffer))
          return failure();
        if (buffers.lookup(assign.getValue()) != *buffer)
          return assign.emitOpError() << "takes a value that does not lie in "
                                         "the variable's memory; run "
                                         "'qnn-plan-memory' first";
      } else if (!isa<func::ReturnOp>(op)) {
        return op.emitOpError()
               << "stands outside a layer; run 'qnn-form-layers' first";
      }
    }
    return success();
  }

  /// Where the variable that `op` names lies.
  FailureOr<BufferAttr> bufferOf(Operation *op, FlatSymbolRefAttr symbol) {
    auto variable =
        SymbolTable::lookupNearestSymbolFrom<qnn::VariableOp>(op, symbol);
    auto buffer =
        variable ? variable->getAttrOfType<BufferAttr>(attr::buffer) : nullptr;
    if (!buffer)
      return op->emitOpError()
             << "names " << symbol << ", which has no '" << attr::buffer
             << "'; run 'qnn-plan-memory' first";
    return buffer;
  }

  /// `<name>_reset(state) -> i32`, which writes every variable's first value.
  void emitReset(OpBuilder &builder, Location loc, int64_t stateBytes) {
    Type byte = builder.getI8Type();
    auto reset = func::FuncOp::create(
        builder, loc, name + "_reset",
        builder.getFunctionType({MemRefType::get({stateBytes}, byte)},
                                builder.getI32Type()));
    OpBuilder body = OpBuilder::atBlockBegin(reset.addEntryBlock());
    Value state = reset.getArgument(0);
    unsigned number = 0;
    for (auto variable : getOperation().getOps<qnn::VariableOp>()) {
      auto buffer = variable->getAttrOfType<BufferAttr>(attr::buffer);
      RankedTensorType type = variable.getTensorType();
      auto memory =
          MemRefType::get({type.getNumElements()}, memoryElement(type));
      Value view = memref::ViewOp::create(
          body, loc, memory, state,
          arith::ConstantIndexOp::create(body, loc, buffer.getOffset()),
          ValueRange());
      DenseElementsAttr value = storedElements(variable);
      Value table;
      if (!value.isSplat()) {
        std::string symbol = name + ".initial_" + std::to_string(number++);
        memref::GlobalOp::create(builder, loc, symbol,
                                 builder.getStringAttr("private"), memory,
                                 value, /*constant=*/true, IntegerAttr());
        table = memref::GetGlobalOp::create(body, loc, memory, symbol);
      }
      Value zero = arith::ConstantIndexOp::create(body, loc, 0);
      Value one = arith::ConstantIndexOp::create(body, loc, 1);
      Value count =
          arith::ConstantIndexOp::create(body, loc, type.getNumElements());
      auto loop = scf::ForOp::create(body, loc, zero, count, one);
      OpBuilder inner = OpBuilder::atBlockBegin(loop.getBody());
      Value at = loop.getInductionVar();
      Value element =
          table ? memref::LoadOp::create(inner, loc, table, at).getResult()
                : arith::ConstantOp::create(inner, loc,
                                            value.getSplatValue<TypedAttr>())
                      .getResult();
      memref::StoreOp::create(inner, loc, element, view, at);
    }
    func::ReturnOp::create(body, loc,
                           ValueRange(arith::ConstantOp::create(
                               body, loc, body.getI32IntegerAttr(0))));
  }

  /// The variable's first value in one dimension, as it lies in memory.
  static DenseElementsAttr storedElements(qnn::VariableOp variable) {
    RankedTensorType type = variable.getTensorType();
    Type element = memoryElement(type);
    auto flat = RankedTensorType::get({type.getNumElements()}, element);
    auto value = cast<DenseElementsAttr>(variable.getValue());
    if (value.getElementType() == element)
      return value.reshape(flat);
    // Sub-byte values one per byte.
    bool isSigned = qnn::isSignedStorage(type);
    unsigned bits = element.getIntOrFloatBitWidth();
    return value
        .mapValues(element,
                   [&](const APInt &v) {
                     return isSigned ? v.sext(bits) : v.zext(bits);
                   })
        .reshape(flat);
  }

  LogicalResult convert(func::FuncOp func) {
    if (!func.getBody().hasOneBlock())
      return func.emitOpError() << "must have one block";
    if (failed(collectBuffers(func)))
      return failure();
    OpBuilder builder(func);
    Location loc = func.getLoc();
    auto arenaBytes = func->getAttrOfType<IntegerAttr>(attr::arenaBytes);
    if (!arenaBytes)
      return func.emitOpError() << "has no '" << attr::arenaBytes
                                << "'; run 'qnn-plan-memory' first";
    auto returnOp =
        cast<func::ReturnOp>(func.getBody().front().getTerminator());

    // Parameters: what lies in the caller's memory, the state if there is any,
    // the arena.
    areWeightsFar =
        countConstantBytes(func) > TargetFacts::secondCacheConstants;
    SmallVector<Type> types;
    SmallVector<Value> callerOwned;
    DenseMap<std::pair<int, int64_t>, unsigned> parameterOf;
    auto addParameter = [&](Value value) {
      BufferAttr buffer = buffers.lookup(value);
      if (!buffer || buffer.getSpace() == MemorySpace::Arena)
        return;
      parameterOf[{static_cast<int>(buffer.getSpace()), buffer.getIndex()}] =
          types.size();
      types.push_back(memRefOf(value));
      callerOwned.push_back(value);
    };
    for (Value argument : func.getArguments())
      addParameter(argument);
    for (Value result : returnOp.getOperands()) {
      if (!buffers.contains(result))
        return returnOp.emitOpError() << "returns a value without a buffer; "
                                         "run 'qnn-plan-memory' first";
      addParameter(result);
    }
    int64_t stateBytes = 0;
    if (auto bytes = func->getAttrOfType<IntegerAttr>(attr::stateBytes))
      stateBytes = bytes.getInt();
    unsigned stateIndex = types.size();
    if (stateBytes > 0)
      types.push_back(MemRefType::get({stateBytes}, builder.getI8Type()));
    unsigned arenaIndex = types.size();
    types.push_back(MemRefType::get({std::max<int64_t>(arenaBytes.getInt(), 1)},
                                    builder.getI8Type()));
    if (facts.threads > 1)
      types.push_back(parallelType());

    auto run = func::FuncOp::create(
        builder, loc, name + "_run",
        builder.getFunctionType(types, builder.getI32Type()));
    for (unsigned i = 0; i <= arenaIndex; ++i)
      run.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                     builder.getUnitAttr());
    if (facts.threads > 1)
      run.setArgAttr(arenaIndex + 1, attr::parallel, builder.getUnitAttr());
    Block *entry = run.addEntryBlock();
    OpBuilder body = OpBuilder::atBlockBegin(entry);

    auto viewOf = [&](Value value) -> Value {
      BufferAttr buffer = buffers.lookup(value);
      auto type = memRefOf(value);
      bool isState = buffer.getSpace() == MemorySpace::State;
      if (isState || buffer.getSpace() == MemorySpace::Arena)
        return memref::ViewOp::create(
            body, loc, type,
            entry->getArgument(isState ? stateIndex : arenaIndex),
            arith::ConstantIndexOp::create(body, loc, buffer.getOffset()),
            ValueRange());
      Value argument = entry->getArgument(parameterOf[{
          static_cast<int>(buffer.getSpace()), buffer.getIndex()}]);
      // A reshape shows the same memory under another type, but flat memrefs of
      // equal length are equal.
      return argument;
    };

    for (Operation &op : func.getBody().getOps()) {
      auto layer = dyn_cast<qnn::LayerOp>(op);
      if (!layer)
        continue;
      FailureOr<func::FuncOp> callee = emitLayer(layer, run);
      if (failed(callee))
        return failure();
      SmallVector<Value> operands;
      for (Value input : layer.getInputs())
        operands.push_back(viewOf(input));
      for (Value output : layer.getResults())
        operands.push_back(viewOf(output));
      if (auto offset =
              layer->getAttrOfType<IntegerAttr>(attr::scratchOffset)) {
        int64_t bytes = scratchBytesOf(layer);
        operands.push_back(memref::ViewOp::create(
            body, layer.getLoc(), MemRefType::get({bytes}, body.getI8Type()),
            entry->getArgument(arenaIndex),
            arith::ConstantIndexOp::create(body, loc, offset.getInt()),
            ValueRange()));
      }
      if (callee->getNumArguments() > operands.size())
        operands.push_back(entry->getArguments().back());
      func::CallOp::create(body, layer.getLoc(), *callee, operands);
    }
    Value ok = arith::ConstantOp::create(body, loc, body.getI32IntegerAttr(0));
    func::ReturnOp::create(body, loc, ok);
    if (stateBytes > 0)
      emitReset(builder, loc, stateBytes);
    func.erase();
    return success();
  }

  MemRefType memRefOf(Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    BufferAttr buffer = buffers.lookup(value);
    return MemRefType::get({Geometry(type, buffer).elements},
                           buffer.getPlanes() > 0
                               ? IntegerType::get(&getContext(), 32)
                               : memoryElement(type));
  }

  /// A `#qnn.kernel` may come from a file: it must name a kernel of the layer's
  /// operation that fits the layer, with the parameters that the kernel reads.
  LogicalResult verifyKernel(qnn::LayerOp layer, const Kernel &kernel) {
    Operation *anchor = getAnchorOp(layer);
    bool isForAny = kernel.getAnchor() == qnn::LayerOp::getOperationName();
    if (!anchor ||
        !(isForAny ? hasSeveralOps(layer)
                   : anchor->getName().getStringRef() == kernel.getAnchor()))
      return layer.emitOpError()
             << "names kernel '" << kernel.getName() << "' of '"
             << kernel.getAnchor() << "', but holds '"
             << (anchor ? anchor->getName().getStringRef() : "nothing") << "'";
    std::string why;
    FailureOr<KernelChoice> fresh = kernel.match(layer, facts, why);
    if (failed(fresh))
      return layer.emitOpError() << "names kernel '" << kernel.getName()
                                 << "', which does not fit: " << why;
    DictionaryAttr config = layer.getKernel()->getConfig();
    for (NamedAttribute wanted : fresh->config) {
      Attribute given = config.get(wanted.getName());
      auto number = dyn_cast_if_present<IntegerAttr>(given);
      auto usual = dyn_cast<IntegerAttr>(wanted.getValue());
      bool sameKind =
          given && given.getTypeID() == wanted.getValue().getTypeID();
      // Sizes of tiles: what is chosen is below 64.
      bool inRange = !number || !usual || number == usual ||
                     (number.getType() == usual.getType() &&
                      number.getInt() > 0 && number.getInt() <= 64);
      if (!sameKind || !inRange)
        return layer.emitOpError()
               << "kernel '" << kernel.getName() << "' needs '"
               << wanted.getName().getValue() << "', such as "
               << wanted.getValue() << "; run 'qnn-select-kernels' again";
    }
    int64_t scratch = scratchBytesOf(layer, *fresh);
    if (scratchBytesOf(layer) != scratch)
      return layer.emitOpError()
             << "kernel '" << kernel.getName() << "' needs " << scratch
             << " bytes of scratch; run 'qnn-select-kernels' again";
    if (KernelChoice given = readKernelAttr(*layer.getKernel());
        !given.walks.empty() && given.walks != fresh->walks)
      return layer.emitOpError()
             << "kernel '" << kernel.getName()
             << "' reads other rows than its 'row_walks' say; run "
                "'qnn-select-kernels' again";
    return success();
  }

  FailureOr<func::FuncOp> emitLayer(qnn::LayerOp layer, func::FuncOp run) {
    const Kernel *kernel =
        kernels->find(layer.getKernel()->getKernelName().getValue());
    if (!kernel)
      return layer.emitOpError() << "names the unknown kernel "
                                 << layer.getKernel()->getKernelName();
    if (failed(verifyKernel(layer, *kernel)))
      return failure();
    OpBuilder builder(run);
    SmallVector<Value> tensors(layer.getInputs());
    tensors.append(layer.getResults().begin(), layer.getResults().end());
    SmallVector<Type> types;
    for (Value tensor : tensors)
      types.push_back(memRefOf(tensor));
    if (layer->hasAttr(attr::scratchOffset))
      types.push_back(
          MemRefType::get({scratchBytesOf(layer)}, builder.getI8Type()));
    std::string symbol = (name + "." + layer.getLayerName()).str();
    auto func = func::FuncOp::create(builder, layer.getLoc(), symbol,
                                     builder.getFunctionType(types, {}));
    func.setPrivate();
    func->setAttr("passthrough", builder.getStrArrayAttr({"noinline"}));
    func->setAttr(attr::layerSummary,
                  builder.getStringAttr(summarize(layer, *kernel)));
    func->setAttr(attr::layerInputs,
                  builder.getI64IntegerAttr(layer.getInputs().size()));
    func->setAttr(attr::layerOutputs,
                  builder.getI64IntegerAttr(layer->getNumResults()));
    for (unsigned i = 0; i < types.size(); ++i)
      if (!isAliased(i, tensors, layer.getInputs().size()))
        func.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                        builder.getUnitAttr());

    Block *entry = func.addEntryBlock();
    OpBuilder body = OpBuilder::atBlockBegin(entry);
    LayerEmitter emitter(body, layer, facts, getOperation(), symbol);
    for (auto [i, tensor] : llvm::enumerate(tensors)) {
      auto type = cast<RankedTensorType>(tensor.getType());
      BufferAttr buffer = buffers.lookup(tensor);
      Geometry geometry(type, buffer);
      TensorView view{entry->getArgument(i),
                      type,
                      geometry.strides,
                      geometry.base,
                      SmallVector<int64_t, 4>(paddingOf(buffer)),
                      buffer.getPlanes()};
      (i < layer.getInputs().size() ? emitter.inputs : emitter.outputs)
          .push_back(std::move(view));
    }
    if (entry->getNumArguments() > tensors.size())
      emitter.scratch = entry->getArguments().back();
    emitter.isRowWise = liesOverInput(layer);
    openWindows(emitter);
    emitter.isDescending = layer->hasAttr(attr::descending);
    emitter.weightsComeFromAfar = areWeightsFar;
    emitter.parts = partsOf(layer);
    emitter.shares = sharesOf(layer, emitter.parts);
    emitter.fillBorders();
    if (failed(kernel->emit(emitter)))
      return layer.emitOpError()
             << "kernel " << kernel->getName() << " failed to emit";
    if (!emitter.refusal.empty())
      return layer.emitOpError() << emitter.refusal;
    if (failed(closeWindows(emitter)))
      return layer.emitOpError() << "kernel " << kernel->getName()
                                 << " reads or writes packed rows beside the "
                                    "steps of its 'row_walks'";
    emitter.finishBorders();
    if (emitter.storedInAllParts())
      return layer.emitOpError()
             << "kernel " << kernel->getName() << " stores in all parts";
    func::ReturnOp::create(emitter.b);
    if (!func.getBody().getOps<scf::ParallelOp>().empty())
      if (failed(func.insertArgument(
              func.getNumArguments(), parallelType(),
              builder.getDictionaryAttr(
                  builder.getNamedAttr(attr::parallel, builder.getUnitAttr())),
              layer.getLoc())))
        return failure();
    return func;
  }

  /// Shows the kernel bytes where rows lie packed.
  void openWindows(LayerEmitter &e) {
    KernelChoice choice = e.getChoice();
    int64_t offset = windowsOffset(choice.scratchFor(planesOfResult(e.layer)));
    auto add = [&](TensorView &view, const RowWindow &window,
                   const RowWalk *walk, const Padding &pad) {
      auto rows =
          std::make_shared<PackedRows>(e, view, window, offset, walk, pad);
      offset += window.bytes();
      e.isRowWise = true;
      return rows;
    };
    for (auto [i, input] : llvm::enumerate(e.layer.getInputs()))
      if (buffers.lookup(input).getRowBits() > 0) {
        const RowWalk *walk = findWalk(choice, static_cast<int64_t>(i));
        e.packedInputs.push_back(add(e.inputs[i],
                                     windowOfInput(e.layer, choice, *walk),
                                     walk, choice.inputs[i].padding));
      }
    if (buffers.lookup(e.layer.getResult(0)).getRowBits() > 0)
      e.packedResult =
          add(e.outputs[0], windowOfResult(e.layer, choice), nullptr, {});
  }

  /// Whether the kernel kept to them.
  static LogicalResult closeWindows(LayerEmitter &e) {
    SmallVector<std::shared_ptr<PackedRows>> all(e.packedInputs);
    if (e.packedResult)
      all.push_back(e.packedResult);
    for (const auto &rows : all) {
      if (!rows->isRedirected())
        return failure();
      rows->erasePlaceholder();
    }
    return success();
  }

  Type parallelType() { return LLVM::LLVMPointerType::get(&getContext()); }

  /// Parts of so many cycles that `layer` can be divided into. Rows that must
  /// be finished in order are not divided.
  int64_t countParts(qnn::LayerOp layer, double cyclesOfPart) {
    if (facts.threads <= 1 || liesOverInput(layer))
      return 1;
    double cycles = readKernelAttr(*layer.getKernel()).cycles;
    double parts = std::min(cycles / std::max(cyclesOfPart, 1.0), 1e6);
    return std::clamp<int64_t>(static_cast<int64_t>(parts), 1, facts.threads);
  }

  /// What a layer's work is divided into: parts worth the trouble of meeting
  /// again, and of moving data from core to core. Where the data is with
  /// several cores before, and is wanted there behind, less is worth it.
  int64_t partsOf(qnn::LayerOp layer) {
    auto cyclesOfPart = static_cast<double>(partCycles);
    int64_t parts = countParts(layer, cyclesOfPart);
    auto isDivided = [&](Operation *op) {
      auto other = dyn_cast_or_null<qnn::LayerOp>(op);
      return other && countParts(other, cyclesOfPart) > 1;
    };
    if (parts == 1 &&
        llvm::any_of(layer.getInputs(),
                     [&](Value v) { return isDivided(v.getDefiningOp()); }) &&
        llvm::any_of(layer->getUsers(), isDivided))
      return countParts(layer, cyclesOfPart / 2);
    return parts;
  }

  /// Shares that `parts` parts are handed out in: as many as may keep cores of
  /// different speed busy to the end, and worth the call.
  int64_t sharesOf(qnn::LayerOp layer, int64_t parts) {
    constexpr double cyclesOfShare = 3000;
    constexpr int64_t most = 16;
    double cycles = readKernelAttr(*layer.getKernel()).cycles;
    int64_t perPart = 1;
    while (perPart < most &&
           cyclesOfShare * static_cast<double>(2 * perPart * parts) <= cycles)
      perPart *= 2;
    return perPart * parts;
  }

  /// "conv2d_3: i8 1x49x10x1 -> i8 1x25x5x64, by conv2d.gemm".
  static std::string summarize(qnn::LayerOp layer, const Kernel &kernel) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    auto list = [&](TypeRange types) {
      llvm::interleaveComma(types, stream, [&](Type type) {
        auto tensor = cast<RankedTensorType>(type);
        stream << memoryElement(tensor) << " ";
        llvm::interleave(tensor.getShape(), stream, "x");
      });
    };
    stream << layer.getLayerName() << ": ";
    list(layer.getInputs().getTypes());
    stream << " -> ";
    list(layer.getResultTypes());
    stream << ", by " << kernel.getName();
    return text;
  }

  /// Whether the result shares bytes with an input without taking over its
  /// buffer whole.
  bool liesOverInput(qnn::LayerOp layer) {
    KernelChoice choice = readKernelAttr(*layer.getKernel());
    auto bytes = [&](Value v) { return bytesIn(buffers.lookup(v), v); };
    return llvm::any_of(choice.walks, [&](const RowWalk &walk) {
      Value input = layer.getInputs()[walk.input], result = layer.getResult(0);
      bool isInPlace = mayTakeOver(choice, 0, walk.input) &&
                       buffers.lookup(input) == buffers.lookup(result);
      return !isInPlace && overlap(buffers.lookup(input), bytes(input),
                                   buffers.lookup(result), bytes(result));
    });
  }

  /// Whether tensor `i` of a layer (inputs, then results) shares memory with
  /// another where one of the two is a result.
  bool isAliased(unsigned i, ArrayRef<Value> tensors, unsigned numInputs) {
    if (i >= tensors.size())
      return false;
    auto bytes = [&](Value v) { return bytesIn(buffers.lookup(v), v); };
    for (unsigned k = 0; k < tensors.size(); ++k)
      if (k != i && (k >= numInputs || i >= numInputs) &&
          overlap(buffers.lookup(tensors[i]), bytes(tensors[i]),
                  buffers.lookup(tensors[k]), bytes(tensors[k])))
        return true;
    return false;
  }
};

} // namespace

int64_t qcc::arenaAlign(const TargetFacts &facts) {
  return facts.vectorBits == 0 ? 8 : 64;
}

std::unique_ptr<Pass>
qcc::createConvertQNNToLoops(ConvertQNNToLoopsOptions options,
                             std::shared_ptr<const KernelSet> kernels) {
  auto pass = std::make_unique<ConvertQNNToLoopsPass>(std::move(options));
  pass->kernels = std::move(kernels);
  return pass;
}
